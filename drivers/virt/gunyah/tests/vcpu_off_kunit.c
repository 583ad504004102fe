// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of vCPUs that are off: RM is asked, and a VM has ended when all of
 * them are, also when RM does not say so.
 */
#include <linux/array_size.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/gunyah_vcpu.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include <kunit/resource.h>
#include <kunit/test.h>
#include <kunit/test-bug.h>

#include "../vm_io.h"
#include "vcpu_run_test.h"

/* Off, and RM says nothing: it is asked, the second time it knows. */
static void off_test(struct kunit *test)
{
	struct xt *xt = xt_new_bound(test);

	xt_step(xt, GUNYAH_VCPU_STATE_POWERED_OFF, 0, 0, 0);
	xt->ends_at = 2;
	xt_expect_status(test, xt, GUNYAH_VM_STATUS_EXITED, GUNYAH_VM_EXIT_PSCI_OFF);
	KUNIT_EXPECT_EQ(test, xt->asked, 2);
	KUNIT_EXPECT_EQ(test, xt->runs, 2);
}

/* A signal ends the wait of one that is off, and RM is not asked for it. */
static void off_signal_test(struct kunit *test)
{
	struct xt *xt = xt_new_bound(test);

	allow_signal(SIGUSR1);
	gunyah_vcpu_off_timeout = 60 * HZ;
	xt_step(xt, GUNYAH_VCPU_STATE_POWERED_OFF, 0, 0, 0)->act = act_signal;
	KUNIT_EXPECT_EQ(test, xt_run(xt), -ERESTARTSYS);
	KUNIT_EXPECT_EQ(test, xt->runs, 1);
	KUNIT_EXPECT_EQ(test, xt->asked, 0);
	flush_signals(current);
}

/* As the table of functions has it; it knows of more vCPUs than one. */
static void xt_list(struct xt *xt, struct gunyah_vm_function *fn)
{
	fn->ops = &gunyah_vcpu_fn_ops;
	fn->bound = true;
	list_add_tail(&fn->node, &xt->vm.functions);
}

static void xt_unlist(void *data)
{
	struct gunyah_vm_function *fn = data;

	list_del(&fn->node);
	gunyah_vcpu_fn_ops.remove(fn);
}

/* A bound vCPU beside the one that runs; it does nothing of itself. */
static struct gunyah_vm_function *xt_other(struct kunit *test, struct xt *xt)
{
	struct gunyah_fn_vcpu_arg arg = { .id = VCPU + 1 };
	struct gunyah_vm_function *fn;

	fn = gunyah_vcpu_fn_ops.create(&xt->vm, &arg);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, fn);
	fn->vm = &xt->vm;
	xt_list(xt, fn);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, xt_unlist, fn), 0);

	return fn;
}

/* One signal after the other does not put it off that RM is asked. */
static void off_signals_test(struct kunit *test)
{
	struct xt *xt = xt_new_bound(test);

	allow_signal(SIGUSR1);
	gunyah_vcpu_off_timeout = HZ / 10;
	xt_step(xt, GUNYAH_VCPU_STATE_POWERED_OFF, 0, 0, 0)->act = act_signal;
	xt->ends_at = 1;
	for (unsigned int i = 0; i < 50 && !xt->asked; i++) {
		xt_run(xt);
		flush_signals(current);
		msleep(20);
	}
	KUNIT_EXPECT_EQ(test, xt->asked, 1);
	KUNIT_EXPECT_GT(test, xt->runs, 2);
}

/* Off, and RM says that it runs: so often, and how it ended is what it did. */
static void off_unnoticed_test(struct kunit *test)
{
	static const struct {
		u64 state;
		u64 data;
		u16 type;
	} rows[] = {
		{ GUNYAH_VCPU_STATE_POWERED_OFF, 0, GUNYAH_VM_EXIT_PSCI_OFF },
		{ GUNYAH_VCPU_STATE_SYSTEM_RESET, GUNYAH_VCPU_RESET_SYSTEM_RESET,
		  GUNYAH_VM_EXIT_PSCI_RESET },
		{ GUNYAH_VCPU_STATE_SYSTEM_RESET, 1, GUNYAH_VM_EXIT_PSCI_RESET2 },
	};
	struct xt *xt = xt_new_bound(test);

	xt_list(xt, xt->fn);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		xt_steps_clear(xt);
		xt->asked = 0;
		xt->switched_off = 0;
		xt->vm.state = GUNYAH_VM_RUNNING;
		xt_step(xt, GUNYAH_VCPU_STATE_READY, 0, 0, 0);
		xt_step(xt, rows[i].state, rows[i].data, 0, 0);
		/* A reset is told once. */
		xt_step(xt, GUNYAH_VCPU_STATE_POWERED_OFF, 0, 0, 0);
		xt->ends_at = 6;
		xt_expect_status(test, xt, GUNYAH_VM_STATUS_EXITED, rows[i].type);
		KUNIT_EXPECT_EQ(test, xt->asked, 3);
		KUNIT_EXPECT_EQ(test, xt->switched_off, 1);
	}
}

/* Woken in between it was on, and one that does not answer says nothing. */
static void off_woken_test(struct kunit *test)
{
	struct xt *xt = xt_new_bound(test);

	xt_list(xt, xt->fn);
	xt_step(xt, GUNYAH_VCPU_STATE_POWERED_OFF, 0, 0, 0);
	xt_step(xt, GUNYAH_VCPU_STATE_POWERED_OFF, 0, 0, 0);
	xt_step(xt, GUNYAH_VCPU_STATE_POWERED_OFF, 0, 0, 0)->act = act_wake;
	xt_step(xt, GUNYAH_VCPU_STATE_POWERED_OFF, 0, 0, 0);
	xt->ends_at = 8;
	xt_expect_status(test, xt, GUNYAH_VM_STATUS_EXITED, GUNYAH_VM_EXIT_PSCI_OFF);
	KUNIT_EXPECT_EQ(test, xt->asked, 5);
	KUNIT_EXPECT_EQ(test, xt->switched_off, 1);

	xt_steps_clear(xt);
	xt_step(xt, GUNYAH_VCPU_STATE_READY, 0, 0, 0);
	xt_step(xt, GUNYAH_VCPU_STATE_POWERED_OFF, 0, 0, 0);
	xt->vm.state = GUNYAH_VM_RUNNING;
	xt->asked = 0;
	xt->ends_at = 6;
	xt->mute = true;
	xt_expect_status(test, xt, GUNYAH_VM_STATUS_EXITED, GUNYAH_VM_EXIT_PSCI_OFF);
	KUNIT_EXPECT_EQ(test, xt->asked, 6);
	KUNIT_EXPECT_EQ(test, xt->switched_off, 1);
}

/* Another one that is on can power this one on. */
static void off_other_test(struct kunit *test)
{
	struct xt *xt = xt_new_bound(test);
	struct gunyah_vm_function *other = xt_other(test, xt);

	xt_list(xt, xt->fn);
	xt_step(xt, GUNYAH_VCPU_STATE_POWERED_OFF, 0, 0, 0);
	xt->ends_at = 6;
	xt_expect_status(test, xt, GUNYAH_VM_STATUS_EXITED, GUNYAH_VM_EXIT_PSCI_OFF);
	KUNIT_EXPECT_EQ(test, xt->asked, 6);
	KUNIT_EXPECT_EQ(test, xt->switched_off, 0);

	/* It is not bound, so that nobody runs it. */
	other->bound = false;
	xt_steps_clear(xt);
	xt_step(xt, GUNYAH_VCPU_STATE_READY, 0, 0, 0);
	xt_step(xt, GUNYAH_VCPU_STATE_POWERED_OFF, 0, 0, 0);
	xt->vm.state = GUNYAH_VM_RUNNING;
	xt->asked = 0;
	xt_expect_status(test, xt, GUNYAH_VM_STATUS_EXITED, GUNYAH_VM_EXIT_PSCI_OFF);
	KUNIT_EXPECT_LT(test, xt->asked, 6);
	KUNIT_EXPECT_EQ(test, xt->switched_off, 1);
	other->bound = true;

	/* A reset is one of all. */
	xt_steps_clear(xt);
	xt_step(xt, GUNYAH_VCPU_STATE_READY, 0, 0, 0);
	xt_step(xt, GUNYAH_VCPU_STATE_SYSTEM_RESET, GUNYAH_VCPU_RESET_SYSTEM_RESET, 0, 0);
	xt_step(xt, GUNYAH_VCPU_STATE_POWERED_OFF, 0, 0, 0);
	xt->vm.state = GUNYAH_VM_RUNNING;
	xt->asked = 0;
	xt_expect_status(test, xt, GUNYAH_VM_STATUS_EXITED, GUNYAH_VM_EXIT_PSCI_RESET);
	KUNIT_EXPECT_EQ(test, xt->asked, 3);
	KUNIT_EXPECT_EQ(test, xt->switched_off, 2);
}

/* A run of another vCPU, by a thread of its own, that a signal ends */

static struct xt_other_run {
	struct gunyah_vm_function *fn;
	long ret;
	struct completion done;
} other_run;

static int other_run_thread(void *data)
{
	struct file *file = gunyah_vcpu_file(other_run.fn);

	allow_signal(SIGUSR1);
	other_run.ret = file->f_op->unlocked_ioctl(file, GUNYAH_VCPU_RUN, 0);
	complete(&other_run.done);

	return 0;
}

static void act_signal_once(void)
{
	xt_running->steps[0].act = NULL;
	act_signal();
}

/* It says once more what the first step is. */
static void other_says(struct kunit *test, struct xt *xt)
{
	struct task_struct *task;

	xt->steps[0].act = act_signal_once;
	xt->runs = 0;
	init_completion(&other_run.done);
	task = kthread_run(other_run_thread, NULL, "gunyah-vcpu-kunit");
	/* Not in the middle of a run of the other one. */
	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, task);
	if (IS_ERR(task))
		return;
	wait_for_completion(&other_run.done);
	KUNIT_EXPECT_EQ(test, other_run.ret, -ERESTARTSYS);
	KUNIT_EXPECT_EQ(test, xt->runs, 1);
}

/* A vCPU that can be run, beside the one that is. */
static struct gunyah_vm_function *xt_other_bound(struct kunit *test, struct xt *xt)
{
	struct gunyah_vm_function *fn = xt_other(test, xt);
	struct auxiliary_device *adev = rt_find(xt->rt, GUNYAH_RESOURCE_VCPU, VCPU);

	KUNIT_EXPECT_EQ(test, gunyah_vcpu_fn_ops.bind(fn, adev), 0);
	xt_list(xt, xt->fn);

	return fn;
}

/* So many answers, all the same. */
static void xt_steps(struct xt *xt, unsigned int nr, u64 state, u64 data0)
{
	while (nr--)
		xt_step(xt, state, data0, 0, 0);
}

static void other_says_at_four(struct xt *xt)
{
	if (xt->asked == 4)
		other_says(kunit_get_current_test(), xt);
}

/*
 * What another one has said before this one went off may not be true any more,
 * until it says so again. As user space runs it, nobody else does.
 */
static void off_stale_test(struct kunit *test)
{
	struct xt *xt = xt_new_bound(test);

	other_run.fn = xt_other_bound(test, xt);
	xt_steps(xt, 1, GUNYAH_VCPU_STATE_POWERED_OFF, 0);
	other_says(test, xt);

	xt->at_ask = other_says_at_four;
	xt->ends_at = 8;
	xt_expect_status(test, xt, GUNYAH_VM_STATUS_EXITED, GUNYAH_VM_EXIT_PSCI_OFF);
	KUNIT_EXPECT_EQ(test, xt->asked, 4);
	KUNIT_EXPECT_EQ(test, xt->switched_off, 1);
}

struct unrun_row {
	const char *name;
	u64 state;
	u64 flags;
	unsigned int before;
	u64 before_state;
	unsigned int asked;
	unsigned int runs;
};

/*
 * User space never runs the other one. It was killed; after a while, being on its
 * way; or it never was on, when the first one has to say once more that it is off.
 */
static const struct unrun_row unrun_rows[] = {
	{ "killed", GUNYAH_VCPU_STATE_POWERED_OFF, GUNYAH_VCPU_OFF_EXITED, 0, 0, 3, 4 },
	{ "killed-slowly", GUNYAH_VCPU_STATE_POWERED_OFF, GUNYAH_VCPU_OFF_EXITED,
	  3, GUNYAH_VCPU_STATE_BLOCKED, 3, 7 },
	{ "killed-later", GUNYAH_VCPU_STATE_POWERED_OFF, GUNYAH_VCPU_OFF_EXITED,
	  4, GUNYAH_VCPU_STATE_BLOCKED, 4, 9 },
	{ "never-on", GUNYAH_VCPU_STATE_POWERED_OFF, 0, 0, 0, 6, 7 },
};

KUNIT_ARRAY_PARAM_DESC(unrun, unrun_rows, name);

static void off_unrun_test(struct kunit *test)
{
	const struct unrun_row *row = test->param_value;
	struct xt *xt = xt_new_bound(test);

	xt_other_bound(test, xt);
	xt_steps(xt, 3, GUNYAH_VCPU_STATE_POWERED_OFF, 0);
	xt_steps(xt, row->before, row->before_state, 0);
	/* The first one is run in between. */
	if (row->before == 4)
		xt_steps(xt, 1, GUNYAH_VCPU_STATE_POWERED_OFF, 0);
	xt_steps(xt, 1, row->state, row->flags);
	xt_steps(xt, 1, GUNYAH_VCPU_STATE_POWERED_OFF, 0);
	xt->ends_at = 10;
	xt_expect_status(test, xt, GUNYAH_VM_STATUS_EXITED, GUNYAH_VM_EXIT_PSCI_OFF);
	KUNIT_EXPECT_EQ(test, xt->asked, row->asked);
	KUNIT_EXPECT_EQ(test, xt->runs, row->runs);
	KUNIT_EXPECT_EQ(test, xt->switched_off, 1);
}

/* Nobody will ever run it, but it cannot go on either. */
static void off_unrun_fault_test(struct kunit *test)
{
	struct xt *xt = xt_new_bound(test);

	xt_other_bound(test, xt);
	xt_steps(xt, 3, GUNYAH_VCPU_STATE_POWERED_OFF, 0);
	xt_steps(xt, 1, GUNYAH_VCPU_STATE_FAULT, 0);
	xt_steps(xt, 1, GUNYAH_VCPU_STATE_POWERED_OFF, 0);
	xt->ends_at = 8;
	xt_expect_status(test, xt, GUNYAH_VM_STATUS_CRASHED, 0);
	KUNIT_EXPECT_EQ(test, xt->crashed, 1);
}

/* It is on. It is run once for that, and user space gets what it stopped for. */
static void off_unrun_on_test(struct kunit *test)
{
	struct xt *xt = xt_new_bound(test);
	struct gunyah_vm_function *other = xt_other_bound(test, xt);
	struct gunyah_vcpu_run *page = gunyah_vcpu_page(other);
	struct file *file = gunyah_vcpu_file(other);

	allow_signal(SIGUSR1);
	xt_steps(xt, 3, GUNYAH_VCPU_STATE_POWERED_OFF, 0);
	xt_step(xt, GUNYAH_VCPU_STATE_VMMIO_WRITE, GPA, 4, 0x1234);
	xt_steps(xt, 1, GUNYAH_VCPU_STATE_POWERED_OFF, 0);
	xt_step(xt, GUNYAH_VCPU_STATE_POWERED_OFF, 0, 0, 0)->act = act_signal;
	KUNIT_EXPECT_EQ(test, xt_run(xt), -ERESTARTSYS);
	KUNIT_EXPECT_EQ(test, xt->runs, 6);
	KUNIT_EXPECT_EQ(test, xt->switched_off, 0);
	flush_signals(current);

	KUNIT_EXPECT_EQ(test, file->f_op->unlocked_ioctl(file, GUNYAH_VCPU_RUN, 0), 0);
	KUNIT_EXPECT_EQ(test, xt->runs, 6);
	KUNIT_EXPECT_EQ(test, page->exit_reason, GUNYAH_VCPU_EXIT_MMIO);
	KUNIT_EXPECT_EQ(test, page->mmio.phys_addr, GPA);
	KUNIT_EXPECT_EQ(test, page->mmio.len, 4);
	KUNIT_EXPECT_EQ(test, page->mmio.is_write, 1);

	/* Without the answer it is on, and not to be run by anybody else. */
	xt_steps_clear(xt);
	xt_steps(xt, 1, GUNYAH_VCPU_STATE_POWERED_OFF, 0);
	xt->asked = 0;
	xt->ends_at = 2;
	xt_expect_status(test, xt, GUNYAH_VM_STATUS_EXITED, GUNYAH_VM_EXIT_PSCI_OFF);
	KUNIT_EXPECT_EQ(test, xt->switched_off, 0);
	KUNIT_EXPECT_EQ(test, xt->runs, 2);
}

struct kept_row {
	const char *name;
	u64 state;
	u64 data0;
	u64 data1;
};

static const struct kept_row kept_rows[] = {
	{ "read", GUNYAH_VCPU_STATE_VMMIO_READ, GPA, 8 },
	{ "sleep", GUNYAH_VCPU_STATE_EXPECTS_WAKEUP, 0, 1 },
};

KUNIT_ARRAY_PARAM_DESC(kept, kept_rows, name);

/* It is on, and goes on when it is run: behind the answer, or a sleep. */
static void off_unrun_kept_test(struct kunit *test)
{
	const struct kept_row *row = test->param_value;
	struct xt *xt = xt_new_bound(test);
	struct gunyah_vm_function *other = xt_other_bound(test, xt);
	struct gunyah_vcpu_run *page = gunyah_vcpu_page(other);
	struct file *file = gunyah_vcpu_file(other);

	allow_signal(SIGUSR1);
	xt_steps(xt, 3, GUNYAH_VCPU_STATE_POWERED_OFF, 0);
	xt_step(xt, row->state, row->data0, row->data1, 0);
	xt_step(xt, GUNYAH_VCPU_STATE_POWERED_OFF, 0, 0, 0)->act = act_signal;
	KUNIT_EXPECT_EQ(test, xt_run(xt), -ERESTARTSYS);
	KUNIT_EXPECT_EQ(test, xt->runs, 5);
	flush_signals(current);

	xt_steps_clear(xt);
	xt_step(xt, GUNYAH_VCPU_STATE_VMMIO_READ, GPA, 8, 0);
	KUNIT_EXPECT_EQ(test, file->f_op->unlocked_ioctl(file, GUNYAH_VCPU_RUN, 0), 0);
	KUNIT_EXPECT_EQ(test, xt->runs, row->state == GUNYAH_VCPU_STATE_EXPECTS_WAKEUP);
	KUNIT_EXPECT_EQ(test, page->exit_reason, GUNYAH_VCPU_EXIT_MMIO);
	KUNIT_EXPECT_EQ(test, page->mmio.is_write, 0);
	memset(page->mmio.data, 0x81, 8);
	KUNIT_EXPECT_EQ(test, file->f_op->unlocked_ioctl(file, GUNYAH_VCPU_RUN, 0), 0);
	KUNIT_EXPECT_EQ(test, xt->value, 0x8181818181818181);
}

/* It was killed, but one that runs, and may know how it ended, has not said so. */
static void off_over_test(struct kunit *test)
{
	struct xt *xt = xt_new_bound(test);
	struct gunyah_vm_function *other = xt_other_bound(test, xt);
	struct file *file = gunyah_vcpu_file(other);

	xt_step(xt, GUNYAH_VCPU_STATE_VMMIO_WRITE, GPA, 4, 0);
	KUNIT_EXPECT_EQ(test, file->f_op->unlocked_ioctl(file, GUNYAH_VCPU_RUN, 0), 0);

	xt_steps_clear(xt);
	xt_steps(xt, 1, GUNYAH_VCPU_STATE_POWERED_OFF, GUNYAH_VCPU_OFF_EXITED);
	xt->ends_at = 12;
	xt_expect_status(test, xt, GUNYAH_VM_STATUS_EXITED, GUNYAH_VM_EXIT_PSCI_OFF);
	KUNIT_EXPECT_EQ(test, xt->asked, 9);
	KUNIT_EXPECT_EQ(test, xt->switched_off, 1);
}

static int off_init(struct kunit *test)
{
	return rt_init(test, NULL);
}

static struct kunit_case off_cases[] = {
	KUNIT_CASE(off_test),
	KUNIT_CASE(off_signal_test),
	KUNIT_CASE(off_signals_test),
	KUNIT_CASE(off_unnoticed_test),
	KUNIT_CASE(off_woken_test),
	KUNIT_CASE(off_other_test),
	KUNIT_CASE(off_stale_test),
	KUNIT_CASE_PARAM(off_unrun_test, unrun_gen_params),
	KUNIT_CASE(off_unrun_fault_test),
	KUNIT_CASE(off_unrun_on_test),
	KUNIT_CASE_PARAM(off_unrun_kept_test, kept_gen_params),
	KUNIT_CASE_SLOW(off_over_test),
	{ }
};

struct kunit_suite gunyah_vcpu_off_suite = {
	.name = "gunyah-vcpu-off",
	.init = off_init,
	.exit = rt_exit,
	.test_cases = off_cases,
};
