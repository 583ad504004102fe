// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of GUNYAH_VCPU_RUN: what becomes of each reason to stop, what the
 * page says, and what the hypervisor is told next. The VM is a bare object, the
 * hypervisor's answers are the test's.
 */
#include <linux/array_size.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/gunyah.h>
#include <linux/gunyah_vcpu.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include <kunit/test.h>

#include "../vm_io.h"
#include "vcpu_run_test.h"

static void run_read_test(struct kunit *test)
{
	struct xt *xt = xt_new_bound(test);

	for (unsigned int size = 1; size <= 8; size *= 2) {
		xt_steps_clear(xt);
		xt_step(xt, GUNYAH_VCPU_STATE_VMMIO_READ, GPA, size, 0x5555);
		memset(xt->page, 0xff, sizeof(*xt->page));
		xt->page->immediate_exit = 0;
		xt->page->mmio.resume_action = GUNYAH_VCPU_RESUME_HANDLED;
		KUNIT_EXPECT_EQ(test, xt_run(xt), 0);
		KUNIT_EXPECT_EQ(test, xt->page->exit_reason, GUNYAH_VCPU_EXIT_MMIO);
		KUNIT_EXPECT_EQ(test, xt->page->mmio.phys_addr, GPA);
		KUNIT_EXPECT_EQ(test, xt->page->mmio.len, size);
		KUNIT_EXPECT_EQ(test, xt->page->mmio.is_write, 0);
		KUNIT_EXPECT_EQ(test, xt->page->mmio.resume_action, GUNYAH_VCPU_RESUME_HANDLED);

		/* All but the data and the action is for reading only. */
		memset(xt->page->mmio.data, 0x81, 8);
		xt->page->mmio.len = 1000;
		xt->page->mmio.is_write = 1;
		xt->page->mmio.phys_addr = 0;
		xt->page->exit_reason = 77;
		KUNIT_EXPECT_EQ(test, xt_run(xt), 0);
		KUNIT_EXPECT_EQ(test, xt->value, 0x8181818181818181 >> (64 - 8 * size));
		KUNIT_EXPECT_EQ(test, xt->action, GUNYAH_VCPU_ACTION_EMULATE);
		KUNIT_EXPECT_EQ(test, xt->runs, 2);
	}
}

static void run_write_test(struct kunit *test)
{
	struct xt *xt = xt_new_bound(test);
	static const u8 bytes[8] = { 0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01 };

	for (unsigned int size = 1; size <= 8; size *= 2) {
		u8 data[8] = {};

		xt_steps_clear(xt);
		xt_step(xt, GUNYAH_VCPU_STATE_VMMIO_WRITE, GPA, size, 0x0102030405060708);
		memset(xt->page, 0, sizeof(*xt->page));
		KUNIT_EXPECT_EQ(test, xt_run(xt), 0);
		memcpy(data, bytes, size);
		KUNIT_EXPECT_EQ(test, xt->page->exit_reason, GUNYAH_VCPU_EXIT_MMIO);
		KUNIT_EXPECT_MEMEQ(test, xt->page->mmio.data, data, sizeof(data));
		KUNIT_EXPECT_EQ(test, xt->page->mmio.len, size);
		KUNIT_EXPECT_EQ(test, xt->page->mmio.is_write, 1);

		/* What a write leaves there is no answer. */
		KUNIT_EXPECT_EQ(test, xt_run(xt), 0);
		KUNIT_EXPECT_EQ(test, xt->value, 0);
		KUNIT_EXPECT_EQ(test, xt->action, GUNYAH_VCPU_ACTION_EMULATE);
	}
}

struct action_row {
	u64 state;
	u8 action;
	int ret;
	u64 value;
	u64 told;
};

static const struct action_row action_rows[] = {
	{ GUNYAH_VCPU_STATE_VMMIO_READ, 0, 0, 0x77, GUNYAH_VCPU_ACTION_EMULATE },
	{ GUNYAH_VCPU_STATE_VMMIO_READ, 1, 0, 0, GUNYAH_VCPU_ACTION_FAULT },
	{ GUNYAH_VCPU_STATE_VMMIO_READ, 2, 0, 0, GUNYAH_VCPU_ACTION_RETRY },
	{ GUNYAH_VCPU_STATE_VMMIO_READ, 3, -EINVAL, 0x77, GUNYAH_VCPU_ACTION_EMULATE },
	{ GUNYAH_VCPU_STATE_VMMIO_READ, 255, -EINVAL, 0x77, GUNYAH_VCPU_ACTION_EMULATE },
	{ GUNYAH_VCPU_STATE_VMMIO_WRITE, 0, 0, 0, GUNYAH_VCPU_ACTION_EMULATE },
	{ GUNYAH_VCPU_STATE_VMMIO_WRITE, 1, 0, 0, GUNYAH_VCPU_ACTION_FAULT },
	{ GUNYAH_VCPU_STATE_VMMIO_WRITE, 2, 0, 0, GUNYAH_VCPU_ACTION_RETRY },
	{ GUNYAH_VCPU_STATE_VMMIO_WRITE, 128, -EINVAL, 0, GUNYAH_VCPU_ACTION_EMULATE },
};

/* A wrong action changes nothing and can be corrected. */
static void run_action_test(struct kunit *test)
{
	struct xt *xt = xt_new_bound(test);

	for (size_t i = 0; i < ARRAY_SIZE(action_rows); i++) {
		const struct action_row *row = &action_rows[i];

		xt_steps_clear(xt);
		xt_step(xt, row->state, GPA, 1, 0x77);
		xt_step(xt, GUNYAH_VCPU_STATE_VMMIO_WRITE, GPA, 1, 0);
		KUNIT_EXPECT_EQ(test, xt_run(xt), 0);
		xt->page->mmio.data[0] = 0x77;
		xt->page->mmio.resume_action = row->action;
		KUNIT_EXPECT_EQ_MSG(test, xt_run(xt), row->ret, "row %zu", i);
		if (row->ret) {
			KUNIT_EXPECT_EQ(test, xt->runs, 1);
			xt->page->mmio.resume_action = GUNYAH_VCPU_RESUME_HANDLED;
			KUNIT_EXPECT_EQ(test, xt_run(xt), 0);
		}
		KUNIT_EXPECT_EQ_MSG(test, xt->value, row->value, "row %zu", i);
		KUNIT_EXPECT_EQ_MSG(test, xt->action, row->told, "row %zu", i);
		/* The answer to the write that came last, for the next row. */
		xt->page->mmio.resume_action = GUNYAH_VCPU_RESUME_HANDLED;
	}
}

static void run_immediate_test(struct kunit *test)
{
	struct xt *xt = xt_new_bound(test);

	/* Before it has ever run. */
	xt_step(xt, GUNYAH_VCPU_STATE_VMMIO_READ, GPA, 4, 0);
	xt->page->immediate_exit = 1;
	KUNIT_EXPECT_EQ(test, xt_run(xt), -EINTR);
	KUNIT_EXPECT_EQ(test, xt->runs, 0);
	KUNIT_EXPECT_EQ(test, xt->page->immediate_exit, 1);
	xt->page->immediate_exit = 0;
	KUNIT_EXPECT_EQ(test, xt_run(xt), 0);

	/* The answer is taken once, and given once. */
	memset(xt->page->mmio.data, 0x11, 8);
	xt->page->immediate_exit = 255;
	KUNIT_EXPECT_EQ(test, xt_run(xt), -EINTR);
	memset(xt->page->mmio.data, 0x22, 8);
	KUNIT_EXPECT_EQ(test, xt_run(xt), -EINTR);
	xt->page->immediate_exit = 0;
	KUNIT_EXPECT_EQ(test, xt_run(xt), 0);
	KUNIT_EXPECT_EQ(test, xt->runs, 2);
	KUNIT_EXPECT_EQ(test, xt->value, 0x11111111);
}

/* A signal neither takes away an exit nor an answer. */
static void run_signal_test(struct kunit *test)
{
	static const u64 states[] = {
		GUNYAH_VCPU_STATE_VMMIO_READ, GUNYAH_VCPU_STATE_VMMIO_WRITE,
		GUNYAH_VCPU_STATE_PAGE_FAULT,
	};
	struct xt *xt = xt_new_bound(test);

	allow_signal(SIGUSR1);
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		xt_steps_clear(xt);
		xt_step(xt, states[i], GPA, 2, 0)->act = act_signal;
		xt_step(xt, GUNYAH_VCPU_STATE_VMMIO_WRITE, GPA, 2, 0);
		KUNIT_EXPECT_EQ(test, xt_run(xt), 0);
		KUNIT_EXPECT_NE(test, xt->page->exit_reason, GUNYAH_VCPU_EXIT_UNKNOWN);
		if (states[i] == GUNYAH_VCPU_STATE_VMMIO_READ)
			xt->page->mmio.data[0] = 0x42;
		KUNIT_EXPECT_EQ(test, xt_run(xt), -ERESTARTSYS);
		KUNIT_EXPECT_EQ(test, xt->runs, 1);
		flush_signals(current);
		xt->page->mmio.data[0] = 0;
		KUNIT_EXPECT_EQ(test, xt_run(xt), 0);
		KUNIT_EXPECT_EQ(test, xt->value,
				states[i] == GUNYAH_VCPU_STATE_VMMIO_READ ? 0x42 : 0);
	}

	/* One that comes while it has nothing to do ends the wait. */
	xt_steps_clear(xt);
	xt_step(xt, GUNYAH_VCPU_STATE_EXPECTS_WAKEUP, 0, 1, 0)->act = act_signal;
	KUNIT_EXPECT_EQ(test, xt_run(xt), -ERESTARTSYS);
	flush_signals(current);
	xt_steps_clear(xt);
	xt_step(xt, GUNYAH_VCPU_STATE_READY, 0, 0, 0)->act = act_signal;
	KUNIT_EXPECT_EQ(test, xt_run(xt), -ERESTARTSYS);
	flush_signals(current);
}

static void run_again_test(struct kunit *test)
{
	struct xt *xt = xt_new_bound(test);

	xt_step(xt, GUNYAH_VCPU_STATE_VMMIO_READ, GPA, 8, 0);
	KUNIT_EXPECT_EQ(test, xt_run(xt), 0);
	xt->page->mmio.data[7] = 0x99;

	/* Refused, it is told again; once run, no more. */
	xt_steps_clear(xt);
	xt_step(xt, 0, 0, 0, 0)->error = GUNYAH_ERROR_BUSY;
	xt_step(xt, 0, 0, 0, 0)->error = GUNYAH_ERROR_RETRY;
	xt_step(xt, GUNYAH_VCPU_STATE_VMMIO_WRITE, GPA, 8, 0);
	KUNIT_EXPECT_EQ(test, xt_run(xt), 0);
	KUNIT_EXPECT_EQ(test, xt->runs, 3);
	KUNIT_EXPECT_EQ(test, xt->value, 0x9900000000000000);

	xt_steps_clear(xt);
	xt_step(xt, GUNYAH_VCPU_STATE_READY, 0, 0, 0);
	xt_step(xt, GUNYAH_VCPU_STATE_BLOCKED, 0, 0, 0);
	xt_step(xt, GUNYAH_VCPU_STATE_READY, 0, 0, 0);
	xt_step(xt, GUNYAH_VCPU_STATE_VMMIO_WRITE, GPA, 8, 0);
	KUNIT_EXPECT_EQ(test, xt_run(xt), 0);
	KUNIT_EXPECT_EQ(test, xt->runs, 4);
	KUNIT_EXPECT_EQ(test, xt->value, 0);
	KUNIT_EXPECT_EQ(test, xt->asked, 0);
}

/* Busy for ever: RM knows why. */
static void run_busy_test(struct kunit *test)
{
	struct xt *xt = xt_new_bound(test);

	xt_step(xt, 0, 0, 0, 0)->error = GUNYAH_ERROR_BUSY;
	xt->ends_at = 1;
	xt_expect_status(test, xt, GUNYAH_VM_STATUS_EXITED, GUNYAH_VM_EXIT_PSCI_OFF);
	KUNIT_EXPECT_EQ(test, xt->asked, 1);
	KUNIT_EXPECT_EQ(test, xt->crashed, 0);
	KUNIT_EXPECT_GT(test, xt->runs, 4);
	KUNIT_EXPECT_LT(test, xt->runs, 20);
}

/* Busy for ever, and RM says that the VM runs: nobody will help it. */
static void run_busy_for_ever_test(struct kunit *test)
{
	struct xt *xt = xt_new_bound(test);

	gunyah_vcpu_busy_timeout = 1;
	xt_step(xt, 0, 0, 0, 0)->error = GUNYAH_ERROR_BUSY;
	xt_expect_status(test, xt, GUNYAH_VM_STATUS_CRASHED, 0);
	KUNIT_EXPECT_EQ(test, xt->asked, 1);
	KUNIT_EXPECT_EQ(test, xt->crashed, 1);
	KUNIT_EXPECT_EQ(test, xt->runs, 12);
}

/* Blocked it may be as long as it likes, and busy now and then. */
static void run_blocked_test(struct kunit *test)
{
	struct xt *xt = xt_new_bound(test);
	unsigned int i;

	gunyah_vcpu_busy_timeout = 1;
	for (i = 0; i < 11; i++)
		xt_step(xt, GUNYAH_VCPU_STATE_BLOCKED, 0, 0, 0);
	/* When RM is asked. */
	xt_step(xt, 0, 0, 0, 0)->error = GUNYAH_ERROR_BUSY;
	xt_step(xt, GUNYAH_VCPU_STATE_BLOCKED, 0, 0, 0);
	xt->ends_at = 3;
	xt_expect_status(test, xt, GUNYAH_VM_STATUS_EXITED, GUNYAH_VM_EXIT_PSCI_OFF);
	KUNIT_EXPECT_EQ(test, xt->crashed, 0);
	KUNIT_EXPECT_GT(test, xt->runs, 20);
}

static void run_sleep_test(struct kunit *test)
{
	struct xt *xt = xt_new_bound(test);

	/* Woken before it has begun to sleep, by each that sleeps. */
	xt_step(xt, GUNYAH_VCPU_STATE_EXPECTS_WAKEUP, 0, 1, 0)->act = act_wake;
	xt_step(xt, GUNYAH_VCPU_STATE_POWERED_OFF, 0, 0, 0)->act = act_wake;
	xt_step(xt, GUNYAH_VCPU_STATE_SYSTEM_RESET, 0, 0, 0)->act = act_wake;
	xt_step(xt, GUNYAH_VCPU_STATE_VMMIO_WRITE, GPA, 1, 0);
	KUNIT_EXPECT_EQ(test, xt_run(xt), 0);
	KUNIT_EXPECT_EQ(test, xt->runs, 4);
	KUNIT_EXPECT_EQ(test, xt->asked, 0);

	/* A wake-up that was lost does not stop it for ever. */
	xt_steps_clear(xt);
	xt_step(xt, GUNYAH_VCPU_STATE_EXPECTS_WAKEUP, 0, 1, 0);
	xt_step(xt, GUNYAH_VCPU_STATE_VMMIO_WRITE, GPA, 1, 0);
	KUNIT_EXPECT_EQ(test, xt_run(xt), 0);
	KUNIT_EXPECT_EQ(test, xt->runs, 2);
}

struct fatal_row {
	enum gunyah_error error;
	u64 state;
	u64 data1;
	bool asks;
};

static const struct fatal_row fatal_rows[] = {
	{ 0, GUNYAH_VCPU_STATE_FAULT, 0, false },
	{ 0, 8, 0, false },
	{ 0, 0x1ff, 0, false },
	{ 0, GUNYAH_VCPU_STATE_VMMIO_READ, 0, false },
	{ 0, GUNYAH_VCPU_STATE_VMMIO_READ, 3, false },
	{ 0, GUNYAH_VCPU_STATE_VMMIO_WRITE, 16, false },
	{ 0, GUNYAH_VCPU_STATE_VMMIO_WRITE, U64_MAX, false },
	{ GUNYAH_ERROR_CSPACE_CAP_REVOKED, 0, 0, true },
	{ GUNYAH_ERROR_ARGUMENT_INVALID, 0, 0, true },
	{ GUNYAH_ERROR_UNIMPLEMENTED, 0, 0, true },
	{ (enum gunyah_error)4711, 0, 0, true },
};

static void fatal_desc(const struct fatal_row *row, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "error %d state %#llx data1 %llu", row->error,
		 row->state, row->data1);
}

KUNIT_ARRAY_PARAM(fatal, fatal_rows, fatal_desc);

/* The VM ends, with one hypercall and no spinning. */
static void run_fatal_test(struct kunit *test)
{
	const struct fatal_row *row = test->param_value;
	struct xt *xt = xt_new_bound(test);

	xt_step(xt, row->state, GPA, row->data1, 0)->error = row->error;
	xt_expect_status(test, xt, GUNYAH_VM_STATUS_CRASHED, 0);
	KUNIT_EXPECT_EQ(test, xt->runs, 1);
	KUNIT_EXPECT_EQ(test, xt->crashed, 1);
	KUNIT_EXPECT_EQ(test, xt->asked, row->asks ? 1 : 0);
}

/* Refused, and one signal after the other: RM has two seconds all the same. */
static void run_refused_signals_test(struct kunit *test)
{
	struct xt *xt = xt_new_bound(test);
	struct step *step = xt_step(xt, 0, 0, 0, 0);

	allow_signal(SIGUSR1);
	step->error = GUNYAH_ERROR_DENIED;
	step->act = act_signal;
	for (unsigned int i = 0; i < 100 && !xt->crashed; i++) {
		xt_run(xt);
		flush_signals(current);
		msleep(40);
	}
	KUNIT_EXPECT_EQ(test, xt->crashed, 1);
	KUNIT_EXPECT_GT(test, xt->runs, 2);
}

static void run_page_fault_test(struct kunit *test)
{
	struct xt *xt = xt_new_bound(test);

	xt_step(xt, GUNYAH_VCPU_STATE_PAGE_FAULT, 0x80001234, 1, 0);
	KUNIT_EXPECT_EQ(test, xt_run(xt), 0);
	KUNIT_EXPECT_EQ(test, xt->page->exit_reason, GUNYAH_VCPU_EXIT_PAGE_FAULT);
	KUNIT_EXPECT_EQ(test, xt->page->page_fault.phys_addr, 0x80001234);
	KUNIT_EXPECT_EQ(test, xt->page->page_fault.attempt, -ENOENT);
	KUNIT_EXPECT_EQ(test, xt->page->page_fault.resume_action, GUNYAH_VCPU_RESUME_FAULT);
	KUNIT_EXPECT_EQ(test, xt_run(xt), 0);
	KUNIT_EXPECT_EQ(test, xt->action, GUNYAH_VCPU_ACTION_EMULATE);
	xt->page->page_fault.resume_action = GUNYAH_VCPU_RESUME_RETRY;
	KUNIT_EXPECT_EQ(test, xt_run(xt), 0);
	KUNIT_EXPECT_EQ(test, xt->action, GUNYAH_VCPU_ACTION_EMULATE);
	KUNIT_EXPECT_EQ(test, xt->value, 0);
}

static void run_states_test(struct kunit *test)
{
	struct xt *xt = xt_new(test);
	struct file *file = gunyah_vcpu_file(xt->fn);

	/* A fresh page is all zeros. */
	KUNIT_EXPECT_NULL(test, memchr_inv(xt->page, 0, PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, file->f_op->unlocked_ioctl(file, GUNYAH_VCPU_MMAP_SIZE, 1),
			PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, file->f_op->unlocked_ioctl(file, GUNYAH_VM_START, 0), -ENOTTY);

	/* Not in the VM's device tree. */
	KUNIT_EXPECT_EQ(test, xt_run(xt), -ENODEV);

	xt_bind(test, xt, VIRQ);
	xt->vm.state = GUNYAH_VM_NEW;
	KUNIT_EXPECT_EQ(test, xt_run(xt), -ENODEV);
	KUNIT_EXPECT_EQ(test, xt->runs, 0);

	/* Another process. */
	xt->vm.state = GUNYAH_VM_RUNNING;
	xt->vm.mm = (struct mm_struct *)1;
	KUNIT_EXPECT_EQ(test, xt_run(xt), -EPERM);
	xt->vm.mm = NULL;

	xt->vm.state = GUNYAH_VM_LOAD_FAILED;
	xt->vm.exit.status = GUNYAH_VM_STATUS_LOAD_FAILED;
	xt_expect_status(test, xt, GUNYAH_VM_STATUS_LOAD_FAILED, 0);
	KUNIT_EXPECT_EQ(test, xt->runs, 0);
}

/* The device goes with the driver of the resource manager: nobody can run the VM. */
static void run_gone_test(struct kunit *test)
{
	struct xt *xt = xt_new_bound(test);

	xt_step(xt, GUNYAH_VCPU_STATE_VMMIO_WRITE, GPA, 4, 0);
	KUNIT_EXPECT_EQ(test, xt_run(xt), 0);
	rt_del(xt->rt);
	xt_expect_status(test, xt, GUNYAH_VM_STATUS_CRASHED, 0);
	KUNIT_EXPECT_EQ(test, xt->runs, 1);
	KUNIT_EXPECT_EQ(test, xt->crashed, 1);
}

/* Threads, which sleep until something is done to the vCPU */

struct xt_thread {
	struct xt *xt;
	long ret;
	struct completion done;
	struct task_struct *task;
};

static int xt_thread_run(void *data)
{
	struct xt_thread *thread = data;

	allow_signal(SIGUSR1);
	thread->ret = xt_run(thread->xt);
	flush_signals(current);
	complete(&thread->done);

	return 0;
}

static void xt_thread_start(struct kunit *test, struct xt_thread *thread, struct xt *xt)
{
	*thread = (struct xt_thread){ .xt = xt };
	init_completion(&thread->done);
	thread->task = kthread_create(xt_thread_run, thread, "gunyah-vcpu-kunit");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, thread->task);
	get_task_struct(thread->task);
	wake_up_process(thread->task);
}

static long xt_thread_join(struct xt_thread *thread)
{
	wait_for_completion(&thread->done);
	kthread_stop_put(thread->task);

	return thread->ret;
}

static void run_ended_asleep_test(struct kunit *test)
{
	struct xt *xt = xt_new_bound(test);
	struct xt_thread thread;

	xt_step(xt, GUNYAH_VCPU_STATE_EXPECTS_WAKEUP, 0, 1, 0);
	xt_thread_start(test, &thread, xt);
	while (!READ_ONCE(xt->runs))
		usleep_range(100, 200);
	KUNIT_EXPECT_FALSE(test, completion_done(&thread.done));
	xt_end(xt, GUNYAH_VM_STATUS_EXITED, GUNYAH_VM_EXIT_PSCI_RESET);
	KUNIT_EXPECT_EQ(test, xt_thread_join(&thread), 0);
	KUNIT_EXPECT_EQ(test, xt->page->exit_reason, GUNYAH_VCPU_EXIT_STATUS);
	KUNIT_EXPECT_EQ(test, xt->page->status.exit_info.type, GUNYAH_VM_EXIT_PSCI_RESET);
}

/* One that runs by itself is never run, and ends with the VM. */
static void run_no_proxy_test(struct kunit *test)
{
	struct xt *xt = xt_new(test);
	struct xt_thread thread;

	xt_bind(test, xt, 0);
	xt_step(xt, GUNYAH_VCPU_STATE_READY, 0, 0, 0);
	xt_thread_start(test, &thread, xt);
	while (task_is_running(thread.task))
		usleep_range(100, 200);
	KUNIT_EXPECT_FALSE(test, completion_done(&thread.done));
	xt_end(xt, GUNYAH_VM_STATUS_EXITED, GUNYAH_VM_EXIT_VM_EXIT);
	KUNIT_EXPECT_EQ(test, xt_thread_join(&thread), 0);
	KUNIT_EXPECT_EQ(test, xt->page->exit_reason, GUNYAH_VCPU_EXIT_STATUS);
	KUNIT_EXPECT_EQ(test, xt->runs, 0);
}

/* Whoever comes while it is being started waits for that, or for a signal. */
static void run_starting_test(struct kunit *test)
{
	struct xt *xt = xt_new_bound(test);
	struct xt_thread thread;

	xt_step(xt, GUNYAH_VCPU_STATE_VMMIO_WRITE, GPA, 1, 0);
	for (unsigned int i = 0; i < 3; i++) {
		xt->vm.state = GUNYAH_VM_STARTING;
		xt_thread_start(test, &thread, xt);
		/* It sleeps before it is running, too. */
		msleep(20);
		KUNIT_EXPECT_FALSE(test, completion_done(&thread.done));
		KUNIT_EXPECT_EQ(test, xt->runs, 0);
		if (i == 0)
			send_sig(SIGUSR1, thread.task, 1);
		else /* Pairs with gunyah_vm_state(). */
			smp_store_release(&xt->vm.state,
					  i == 1 ? GUNYAH_VM_NEW : GUNYAH_VM_RUNNING);
		wake_up_all(&xt->vm.wait);
		KUNIT_EXPECT_EQ(test, xt_thread_join(&thread),
				i == 0 ? -ERESTARTSYS : i == 1 ? -ENODEV : 0);
	}
	KUNIT_EXPECT_EQ(test, xt->runs, 1);
}

static int xt_init(struct kunit *test)
{
	return rt_init(test, NULL);
}

static struct kunit_case run_cases[] = {
	KUNIT_CASE(run_read_test),
	KUNIT_CASE(run_write_test),
	KUNIT_CASE(run_action_test),
	KUNIT_CASE(run_immediate_test),
	KUNIT_CASE(run_signal_test),
	KUNIT_CASE(run_again_test),
	KUNIT_CASE(run_busy_test),
	KUNIT_CASE(run_busy_for_ever_test),
	KUNIT_CASE(run_blocked_test),
	KUNIT_CASE(run_sleep_test),
	KUNIT_CASE_PARAM(run_fatal_test, fatal_gen_params),
	KUNIT_CASE(run_refused_signals_test),
	KUNIT_CASE(run_page_fault_test),
	KUNIT_CASE(run_states_test),
	KUNIT_CASE(run_gone_test),
	KUNIT_CASE(run_ended_asleep_test),
	KUNIT_CASE(run_no_proxy_test),
	KUNIT_CASE(run_starting_test),
	{ }
};

static struct kunit_suite run_suite = {
	.name = "gunyah-vcpu-run",
	.init = xt_init,
	.exit = rt_exit,
	.test_cases = run_cases,
};

kunit_test_suites(&run_suite, &gunyah_vcpu_off_suite);

MODULE_DESCRIPTION("KUnit tests for running Gunyah vCPUs");
MODULE_LICENSE("GPL");
MODULE_INFO(import_ns, "EXPORTED_FOR_KUNIT_TESTING");
