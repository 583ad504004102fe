// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the driver of vCPUs. The device comes from the list of a test,
 * the wake-up interrupt from the model, and what the hypervisor answers to a
 * run is the test's: every state, every error, and wake-ups at every moment.
 */
#include <linux/array_size.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/gunyah.h>
#include <linux/gunyah_vcpu.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/thread_info.h>

#include <asm/gunyah.h>

#include <kunit/resource.h>
#include <kunit/test.h>

#include "../vcpu_dev.h"
#include "resource_test.h"

#define VCPU		3
#define CAPID		0x5eed00000003ULL
/* An INTID the model does not use by itself in these tests. */
#define VIRQ		200
/* Nothing takes as long; a test that waits for it has failed. */
#define PATIENCE	(20 * HZ)

/**
 * struct vt - a vCPU and the hypervisor that runs it
 * @rt: what is below
 * @vcpu: the vCPU
 * @runs: hypercalls so far
 * @args: registers of the last one
 * @error: what it answers in X0
 * @state: in X1
 * @data: in X2 to X4
 * @in_guest: callers that are in the hypercall
 * @overlap: there were two at a time
 * @flags: of the task, as seen in the hypercall
 * @irqs_off: interrupts were disabled
 * @wake_inside: raise the wake-up interrupt in the hypercall
 * @entered: completed in the hypercall, if @hold
 * @release: which then waits for this
 * @hold: do so
 * @stopped: what vt_stop() says
 */
struct vt {
	struct rt *rt;
	struct gunyah_vcpu *vcpu;
	unsigned int runs;
	struct arm_smccc_1_2_regs args;
	u64 error;
	u64 state;
	u64 data[3];
	atomic_t in_guest;
	bool overlap;
	unsigned int flags;
	bool irqs_off;
	bool wake_inside;
	struct completion entered;
	struct completion release;
	bool hold;
	bool stopped;
};

/* The one of the test that runs; its conduit has no argument for it. */
static struct vt *running;
static gunyah_conduit_t *model_conduit;

static void vt_conduit(const struct arm_smccc_1_2_regs *args, struct arm_smccc_1_2_regs *res)
{
	struct vt *vt = running;

	if (args->a0 != GUNYAH_HYPERCALL_VCPU_RUN) {
		model_conduit(args, res);
		return;
	}

	if (atomic_inc_return(&vt->in_guest) != 1)
		vt->overlap = true;
	vt->runs++;
	vt->args = *args;
	vt->flags = current->flags;
	vt->irqs_off = irqs_disabled();

	if (vt->wake_inside) {
		gunyah_model_raise(vt->rt->host, VIRQ);
		gunyah_model_settle(vt->rt->host);
	}
	if (vt->hold) {
		complete(&vt->entered);
		wait_for_completion(&vt->release);
	}

	memset(res, 0, sizeof(*res));
	res->a0 = vt->error;
	res->a1 = vt->state;
	res->a2 = vt->data[0];
	res->a3 = vt->data[1];
	res->a4 = vt->data[2];
	atomic_dec(&vt->in_guest);
}

static bool vt_stop(void *data)
{
	struct vt *vt = data;

	return READ_ONCE(vt->stopped);
}

static void vt_put(void *data)
{
	struct vt *vt = data;

	gunyah_vcpu_put(vt->vcpu);
	gunyah_conduit_set(model_conduit);
}

static struct vt *vt_new(struct kunit *test, u32 virq)
{
	struct vt *vt = kunit_kzalloc(test, sizeof(*vt), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, vt);
	vt->rt = test->priv;
	init_completion(&vt->entered);
	init_completion(&vt->release);
	running = vt;
	model_conduit = gunyah_conduit_set(vt_conduit);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, vt_put, vt), 0);

	rt_entry(vt->rt, GUNYAH_RM_RES_VCPU, VCPU, CAPID, virq);
	rt_add(vt->rt);
	vt->vcpu = gunyah_vcpu_get(rt_find(vt->rt, GUNYAH_RESOURCE_VCPU, VCPU));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, vt->vcpu);

	return vt;
}

static int vt_run(struct vt *vt)
{
	const struct gunyah_vcpu_resume resume = {};
	struct gunyah_vcpu_exit exit;

	return gunyah_vcpu_run(vt->vcpu, &resume, &exit);
}

static int vt_wait(struct vt *vt, long timeout)
{
	return gunyah_vcpu_wait(vt->vcpu, false, timeout, vt_stop, vt);
}

static void vt_wake(struct vt *vt)
{
	gunyah_model_raise(vt->rt->host, VIRQ);
	gunyah_model_settle(vt->rt->host);
}

/* Something done in a thread of its own, whose result is waited for. */
struct vt_thread {
	struct vt *vt;
	int (*fn)(struct vt *vt);
	int ret;
	struct completion started;
	struct completion done;
	struct task_struct *task;
};

static int vt_thread_run(void *data)
{
	struct vt_thread *thread = data;

	allow_signal(SIGUSR1);
	complete(&thread->started);
	thread->ret = thread->fn(thread->vt);
	flush_signals(current);
	complete(&thread->done);

	return 0;
}

static void vt_thread_start(struct kunit *test, struct vt_thread *thread, struct vt *vt,
			    int (*fn)(struct vt *vt))
{
	*thread = (struct vt_thread){ .vt = vt, .fn = fn };
	init_completion(&thread->started);
	init_completion(&thread->done);
	thread->task = kthread_create(vt_thread_run, thread, "gunyah-vcpu-kunit");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, thread->task);
	get_task_struct(thread->task);
	wake_up_process(thread->task);
}

static int vt_thread_join(struct kunit *test, struct vt_thread *thread)
{
	KUNIT_EXPECT_GT(test, wait_for_completion_timeout(&thread->done, PATIENCE), 0);
	kthread_stop_put(thread->task);

	return thread->ret;
}

static int vt_sleep(struct vt *vt)
{
	return gunyah_vcpu_wait(vt->vcpu, true, PATIENCE, vt_stop, vt);
}

/* Until a thread sleeps, which is the one thing it can do without an end. */
static void vt_thread_settle(struct vt_thread *thread)
{
	wait_for_completion(&thread->started);
	do {
		usleep_range(100, 200);
	} while (task_is_running(thread->task) && !completion_done(&thread->done));
	complete(&thread->started);
}

/* Results and arguments */

struct run_row {
	const char *name;
	struct gunyah_vcpu_resume resume;
	u64 state;
	u64 data[3];
};

static const struct run_row run_rows[] = {
	{ "ready", {}, GUNYAH_VCPU_STATE_READY, {} },
	{ "WFI", {}, GUNYAH_VCPU_STATE_EXPECTS_WAKEUP, { 0, 1 } },
	{ "CPU_SUSPEND", {}, GUNYAH_VCPU_STATE_EXPECTS_WAKEUP, { 0x40000003, 2 } },
	{ "off", {}, GUNYAH_VCPU_STATE_POWERED_OFF, {} },
	{ "exited", {}, GUNYAH_VCPU_STATE_POWERED_OFF, { GUNYAH_VCPU_OFF_EXITED } },
	{ "blocked", {}, GUNYAH_VCPU_STATE_BLOCKED, {} },
	{ "read, after nothing", {}, GUNYAH_VCPU_STATE_VMMIO_READ, { 0x9000018, 4 } },
	{ "ready, after a read", { U64_MAX }, GUNYAH_VCPU_STATE_READY, {} },
	{ "write, after a fault", { 0, GUNYAH_VCPU_ACTION_FAULT },
	  GUNYAH_VCPU_STATE_VMMIO_WRITE, { 0x3ffffff8, 8, U64_MAX } },
	{ "write, after a retry", { 0, GUNYAH_VCPU_ACTION_RETRY },
	  GUNYAH_VCPU_STATE_VMMIO_WRITE, { 0, 1, 0x1234 } },
	{ "fault", {}, GUNYAH_VCPU_STATE_FAULT, {} },
	{ "page fault", {}, GUNYAH_VCPU_STATE_PAGE_FAULT, { 0x80001234, 1 } },
	{ "reset", {}, GUNYAH_VCPU_STATE_SYSTEM_RESET, { GUNYAH_VCPU_RESET_SYSTEM_RESET } },
	{ "reset2", {}, GUNYAH_VCPU_STATE_SYSTEM_RESET,
	  { GUNYAH_VCPU_RESET_64BIT | 0x80000000, 0xc00c1e } },
	{ "unknown state", {}, 0x1ff, { 1, 2, 3 } },
};

static void run_desc(const struct run_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(run, run_rows, run_desc);

static void vcpu_run_test(struct kunit *test)
{
	const struct run_row *row = test->param_value;
	struct vt *vt = vt_new(test, VIRQ);
	struct gunyah_vcpu_exit exit = {};
	struct gunyah_vcpu_stats stats;

	KUNIT_EXPECT_TRUE(test, gunyah_vcpu_is_proxy(vt->vcpu));
	vt->state = row->state;
	memcpy(vt->data, row->data, sizeof(vt->data));
	KUNIT_EXPECT_EQ(test, gunyah_vcpu_run(vt->vcpu, &row->resume, &exit), 0);

	KUNIT_EXPECT_EQ(test, vt->args.a1, CAPID);
	KUNIT_EXPECT_EQ(test, vt->args.a2, row->resume.value);
	KUNIT_EXPECT_EQ(test, vt->args.a3, row->resume.action);
	KUNIT_EXPECT_EQ(test, vt->args.a4, 0);
	KUNIT_EXPECT_EQ(test, vt->args.a5, 0);
	KUNIT_EXPECT_EQ(test, (u64)exit.state, row->state);
	KUNIT_EXPECT_MEMEQ(test, exit.data, row->data, sizeof(row->data));

	/* Where the time goes. */
	KUNIT_EXPECT_TRUE(test, vt->flags & PF_VCPU);
	KUNIT_EXPECT_FALSE(test, current->flags & PF_VCPU);
	KUNIT_EXPECT_FALSE(test, vt->irqs_off);
	KUNIT_EXPECT_FALSE(test, irqs_disabled());
	gunyah_vcpu_get_stats(vt->vcpu, &stats);
	KUNIT_EXPECT_EQ(test, stats.runs, 1);
	KUNIT_EXPECT_EQ(test, vt->runs, 1);
}

struct error_row {
	enum gunyah_error gh_err;
	int ret;
};

static const struct error_row error_rows[] = {
	{ GUNYAH_ERROR_BUSY, -EBUSY },
	{ GUNYAH_ERROR_RETRY, -EAGAIN },
	{ GUNYAH_ERROR_UNIMPLEMENTED, -EOPNOTSUPP },
	{ GUNYAH_ERROR_ARGUMENT_INVALID, -EINVAL },
	{ GUNYAH_ERROR_CSPACE_CAP_NULL, -EACCES },
	{ GUNYAH_ERROR_CSPACE_CAP_REVOKED, -EACCES },
	{ GUNYAH_ERROR_CSPACE_INSUFFICIENT_RIGHTS, -EACCES },
	{ GUNYAH_ERROR_OBJECT_STATE, -EINVAL },
	{ GUNYAH_ERROR_DENIED, -EPERM },
	{ (enum gunyah_error)4711, -EIO },
};

static void error_desc(const struct error_row *row, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%d", row->gh_err);
}

KUNIT_ARRAY_PARAM(error, error_rows, error_desc);

/* What is not a state is not shown as one, and the vCPU can be run again. */
static void vcpu_error_test(struct kunit *test)
{
	const struct gunyah_vcpu_resume resume = { .value = 5 };
	const struct error_row *row = test->param_value;
	struct gunyah_vcpu_exit exit = { .state = 77 };
	struct vt *vt = vt_new(test, VIRQ);

	vt->error = (s64)row->gh_err;
	vt->state = GUNYAH_VCPU_STATE_FAULT;
	KUNIT_EXPECT_EQ(test, gunyah_vcpu_run(vt->vcpu, &resume, &exit), row->ret);
	KUNIT_EXPECT_EQ(test, (u64)exit.state, 77);
	KUNIT_EXPECT_FALSE(test, current->flags & PF_VCPU);

	vt->error = 0;
	KUNIT_EXPECT_EQ(test, gunyah_vcpu_run(vt->vcpu, &resume, &exit), 0);
	KUNIT_EXPECT_EQ(test, vt->args.a2, 5);
	KUNIT_EXPECT_EQ(test, (u64)exit.state, GUNYAH_VCPU_STATE_FAULT);
}

static void vcpu_no_proxy_test(struct kunit *test)
{
	struct vt *vt = vt_new(test, 0);

	KUNIT_EXPECT_FALSE(test, gunyah_vcpu_is_proxy(vt->vcpu));
	KUNIT_EXPECT_EQ(test, vt_run(vt), -ENODEV);
	KUNIT_EXPECT_EQ(test, vt->runs, 0);
}

/* Wake-ups */

static void vcpu_wake_race_test(struct kunit *test)
{
	struct vt *vt = vt_new(test, VIRQ);
	struct gunyah_vcpu_stats stats;

	/* Before the run: the run has seen what it was about. */
	vt_wake(vt);
	KUNIT_EXPECT_EQ(test, vt_run(vt), 0);
	KUNIT_EXPECT_EQ(test, vt_wait(vt, 1), -ETIMEDOUT);

	/* After it, before anybody waits: as often as anybody asks. */
	vt_wake(vt);
	KUNIT_EXPECT_EQ(test, vt_wait(vt, PATIENCE), 0);
	KUNIT_EXPECT_EQ(test, vt_wait(vt, PATIENCE), 0);
	KUNIT_EXPECT_EQ(test, vt_run(vt), 0);
	KUNIT_EXPECT_EQ(test, vt_wait(vt, 1), -ETIMEDOUT);

	/* While the hypercall is on its way back. */
	vt->wake_inside = true;
	KUNIT_EXPECT_EQ(test, vt_run(vt), 0);
	KUNIT_EXPECT_EQ(test, vt_wait(vt, PATIENCE), 0);
	vt->wake_inside = false;

	/* A run that failed has not seen anything, but nothing is lost either. */
	vt->error = GUNYAH_ERROR_BUSY;
	vt_wake(vt);
	KUNIT_EXPECT_EQ(test, vt_run(vt), -EBUSY);
	vt->error = 0;
	KUNIT_EXPECT_EQ(test, vt_run(vt), 0);

	gunyah_vcpu_get_stats(vt->vcpu, &stats);
	KUNIT_EXPECT_EQ(test, stats.wakeups, 4);
	KUNIT_EXPECT_EQ(test, stats.runs, 5);
}

static void vcpu_sleep_test(struct kunit *test)
{
	struct vt *vt = vt_new(test, VIRQ);
	struct vt_thread thread;

	KUNIT_EXPECT_EQ(test, vt_run(vt), 0);
	vt_thread_start(test, &thread, vt, vt_sleep);
	vt_thread_settle(&thread);
	vt_wake(vt);
	KUNIT_EXPECT_EQ(test, vt_thread_join(test, &thread), 0);

	/* Kicked for nothing it goes on sleeping, kicked for a reason it does not. */
	KUNIT_EXPECT_EQ(test, vt_run(vt), 0);
	vt_thread_start(test, &thread, vt, vt_sleep);
	vt_thread_settle(&thread);
	gunyah_vcpu_kick(vt->vcpu);
	vt_thread_settle(&thread);
	KUNIT_EXPECT_FALSE(test, completion_done(&thread.done));
	WRITE_ONCE(vt->stopped, true);
	gunyah_vcpu_kick(vt->vcpu);
	KUNIT_EXPECT_EQ(test, vt_thread_join(test, &thread), 0);
	WRITE_ONCE(vt->stopped, false);

	vt_thread_start(test, &thread, vt, vt_sleep);
	vt_thread_settle(&thread);
	send_sig(SIGUSR1, thread.task, 1);
	KUNIT_EXPECT_EQ(test, vt_thread_join(test, &thread), -ERESTARTSYS);
}

static int vt_entry_signalled(struct vt *vt)
{
	int ret = gunyah_vcpu_entry_work();

	if (ret)
		return ret;
	send_sig(SIGUSR1, current, 1);

	return gunyah_vcpu_entry_work() == -ERESTARTSYS ? 0 : -EINVAL;
}

/* Work that only the way to user space does sends the task there. */
static int vt_entry_work(struct vt *vt)
{
	bool notified;
	int ret;

	set_thread_flag(TIF_NOTIFY_RESUME);
	ret = gunyah_vcpu_entry_work();
	notified = test_thread_flag(TIF_NOTIFY_SIGNAL);
	clear_thread_flag(TIF_NOTIFY_RESUME);
	clear_thread_flag(TIF_NOTIFY_SIGNAL);

	return ret == -ERESTARTSYS && notified ? gunyah_vcpu_entry_work() : -EINVAL;
}

static void vcpu_entry_test(struct kunit *test)
{
	struct vt *vt = vt_new(test, VIRQ);
	struct vt_thread thread;

	vt_thread_start(test, &thread, vt, vt_entry_signalled);
	KUNIT_EXPECT_EQ(test, vt_thread_join(test, &thread), 0);
	vt_thread_start(test, &thread, vt, vt_entry_work);
	KUNIT_EXPECT_EQ(test, vt_thread_join(test, &thread), 0);
}

/* While one runs it, nobody else can. */
static void vcpu_serial_test(struct kunit *test)
{
	struct vt *vt = vt_new(test, VIRQ);
	struct vt_thread thread;

	vt->hold = true;
	vt_thread_start(test, &thread, vt, vt_run);
	wait_for_completion(&vt->entered);
	KUNIT_EXPECT_EQ(test, vt_run(vt), -EBUSY);
	KUNIT_EXPECT_EQ(test, vt->runs, 1);
	gunyah_vcpu_kick(vt->vcpu);

	complete(&vt->release);
	KUNIT_EXPECT_EQ(test, vt_thread_join(test, &thread), 0);
	vt->hold = false;
	KUNIT_EXPECT_EQ(test, vt_run(vt), 0);
	KUNIT_EXPECT_EQ(test, vt->runs, 2);
	KUNIT_EXPECT_FALSE(test, vt->overlap);
}

/* Removal */

static int vt_remove(struct vt *vt)
{
	rt_del(vt->rt);

	return vt->in_guest.counter;
}

static void vcpu_removal_test(struct kunit *test)
{
	struct vt *vt = vt_new(test, VIRQ);
	struct vt_thread sleeper, runner, remover;
	struct gunyah_vcpu_stats stats;

	KUNIT_EXPECT_EQ(test, vt_run(vt), 0);
	vt_thread_start(test, &sleeper, vt, vt_sleep);
	vt_thread_settle(&sleeper);
	vt->hold = true;
	vt_thread_start(test, &runner, vt, vt_run);
	wait_for_completion(&vt->entered);

	/* It waits for the guest, and tells whoever sleeps. */
	vt_thread_start(test, &remover, vt, vt_remove);
	KUNIT_EXPECT_EQ(test, vt_thread_join(test, &sleeper), -ENODEV);
	KUNIT_EXPECT_FALSE(test, completion_done(&remover.done));
	complete(&vt->release);
	KUNIT_EXPECT_EQ(test, vt_thread_join(test, &runner), 0);
	KUNIT_EXPECT_EQ(test, vt_thread_join(test, &remover), 0);

	vt->hold = false;
	KUNIT_EXPECT_EQ(test, vt_run(vt), -ENODEV);
	KUNIT_EXPECT_EQ(test, vt_wait(vt, PATIENCE), -ENODEV);
	KUNIT_EXPECT_EQ(test, vt->runs, 2);
	gunyah_vcpu_kick(vt->vcpu);
	gunyah_vcpu_get_stats(vt->vcpu, &stats);
	KUNIT_EXPECT_EQ(test, stats.runs, 2);
	KUNIT_EXPECT_FALSE(test, rt_has(GUNYAH_RESOURCE_VCPU, VCPU));
}

static void vcpu_get_test(struct kunit *test)
{
	struct vt *vt = vt_new(test, VIRQ);
	struct auxiliary_device *adev = rt_find(vt->rt, GUNYAH_RESOURCE_VCPU, VCPU);
	struct gunyah_vcpu *again = gunyah_vcpu_get(adev);

	KUNIT_EXPECT_PTR_EQ(test, again, vt->vcpu);
	gunyah_vcpu_put(again);

	rt_del(vt->rt);
	KUNIT_EXPECT_PTR_EQ(test, gunyah_vcpu_get(adev), ERR_PTR(-EPROBE_DEFER));
	gunyah_vcpu_put(NULL);
	gunyah_vcpu_put(ERR_PTR(-EPROBE_DEFER));
}

/* Polling */

struct poll_row {
	unsigned int poll_ns;
	u64 waited_ns;
	unsigned int max_ns;
	unsigned int next;
};

static const struct poll_row poll_rows[] = {
	{ 0, 50000, 200000, 10000 },		/* it starts small, */
	{ 10000, 50000, 200000, 20000 },	/* grows by doubling, */
	{ 160000, 190000, 200000, 200000 },	/* to a limit, */
	{ 200000, 200000, 200000, 200000 },	/* stays where it is enough, */
	{ 20000, 15000, 200000, 20000 },
	{ 20000, 200001, 200000, 0 },		/* and ends where it is not. */
	{ 20000, U64_MAX, 200000, 0 },
	{ 200000, 10000, 50000, 50000 },	/* The limit was lowered. */
	{ 0, 1, 0, 0 },				/* Polling is off. */
	{ 0, 0, 0, 0 },
	{ 0, 3000, 4000, 4000 },		/* Less than the first step. */
	{ UINT_MAX, 5, UINT_MAX, UINT_MAX },
	{ UINT_MAX / 2 + 1, UINT_MAX, UINT_MAX, UINT_MAX - 1 },
};

static void vcpu_poll_test(struct kunit *test)
{
	for (size_t i = 0; i < ARRAY_SIZE(poll_rows); i++) {
		const struct poll_row *row = &poll_rows[i];

		KUNIT_EXPECT_EQ_MSG(test, gunyah_vcpu_poll_next(row->poll_ns, row->waited_ns,
								row->max_ns),
				    row->next, "row %zu", i);
	}
}

/*
 * What happens when gunyah_vcpu_wait() asks whether to stop, which it does while it
 * polls, once at least, and then before it sleeps. What is done while it polls is done
 * the first time: later ones may be on its way to sleep.
 */

static struct {
	unsigned int calls;
	unsigned int delay_us;
	unsigned int signal_at;
	unsigned int wake_at;
	unsigned int stop_at;
} asks;

static bool vt_poll_stop(void *data)
{
	struct vt *vt = data;

	asks.calls++;
	mdelay(asks.delay_us / 1000);
	udelay(asks.delay_us % 1000);
	if (asks.calls == asks.signal_at)
		send_sig(SIGUSR1, current, 1);
	if (asks.calls == asks.wake_at)
		vt_wake(vt);

	return asks.stop_at && asks.calls >= asks.stop_at;
}

static int vt_poll_wait(struct vt *vt)
{
	asks.calls = 0;

	return gunyah_vcpu_wait(vt->vcpu, true, PATIENCE, vt_poll_stop, vt);
}

/* The driver's module parameter, or NULL where it is not a module */
static unsigned int *vt_poll_max(struct vt *vt)
{
#ifdef MODULE
	struct auxiliary_device *adev = rt_find(vt->rt, GUNYAH_RESOURCE_VCPU, VCPU);
	struct module *owner = adev->dev.driver->owner;

	for (unsigned int i = 0; owner && i < owner->num_kp; i++)
		if (!strcmp(owner->kp[i].name, "poll_max_ns"))
			return owner->kp[i].arg;
#endif
	return NULL;
}

static u64 vt_polled(struct vt *vt)
{
	struct gunyah_vcpu_stats stats;

	gunyah_vcpu_get_stats(vt->vcpu, &stats);

	return stats.polled;
}

/* It sleeps for short times, so that the next time it polls: for 40 ms at last. */
static void vt_poll_grow(struct kunit *test, struct vt *vt)
{
	memset(&asks, 0, sizeof(asks));
	asks.stop_at = 1;
	for (asks.delay_us = 20; asks.delay_us < 100000; asks.delay_us *= 2)
		KUNIT_EXPECT_EQ(test, vt_poll_wait(vt), 0);
	asks = (typeof(asks)){ };
}

/* Is polling enough? Not if somebody else wants the CPU meanwhile, so try again. */
static bool vt_poll_is_enough(struct kunit *test, struct vt *vt, unsigned int calls)
{
	u64 polled = vt_polled(vt);

	for (unsigned int i = 0; i < 50; i++) {
		KUNIT_EXPECT_EQ(test, vt_run(vt), 0);
		KUNIT_EXPECT_EQ(test, vt_poll_wait(vt), 0);
		KUNIT_EXPECT_GE(test, asks.calls, calls);
		if (vt_polled(vt) == polled + 1)
			return true;
	}

	return false;
}

static void vt_poll_cases(struct kunit *test, struct vt *vt, unsigned int *max)
{
	u64 polled;

	/* A wake-up while it polls is enough, and so is a reason to stop. */
	vt_poll_grow(test, vt);
	asks.wake_at = 1;
	KUNIT_EXPECT_TRUE(test, vt_poll_is_enough(test, vt, 1));
	asks = (typeof(asks)){ .stop_at = 2 };
	KUNIT_EXPECT_TRUE(test, vt_poll_is_enough(test, vt, 2));
	polled = vt_polled(vt);

	/* A signal ends it: what asks from there on is the sleep that is none. */
	asks = (typeof(asks)){ .signal_at = 1 };
	KUNIT_EXPECT_EQ(test, vt_poll_wait(vt), -ERESTARTSYS);
	KUNIT_EXPECT_LE(test, asks.calls, 4);
	KUNIT_EXPECT_EQ(test, vt_polled(vt), polled);
	flush_signals(current);

	/* Who may not poll does not, however well it went before. */
	WRITE_ONCE(*max, 0);
	vt_wake(vt);
	for (unsigned int i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, vt_poll_wait(vt), 0);
	KUNIT_EXPECT_EQ(test, vt_polled(vt), polled);
	WRITE_ONCE(*max, UINT_MAX);
	KUNIT_EXPECT_EQ(test, vt_wait(vt, PATIENCE), 0);
	KUNIT_EXPECT_EQ(test, vt_polled(vt), polled);
}

static void vcpu_polling_test(struct kunit *test)
{
	struct vt *vt = vt_new(test, VIRQ);
	unsigned int *max = vt_poll_max(vt), before;

	if (!max)
		kunit_skip(test, "the driver is built in, and its parameter out of reach");

	allow_signal(SIGUSR1);
	before = *max;
	/* However long this task is kept from a CPU, the wait was a short one. */
	WRITE_ONCE(*max, UINT_MAX);
	KUNIT_EXPECT_EQ(test, vt_run(vt), 0);
	vt_poll_cases(test, vt, max);
	WRITE_ONCE(*max, before);
}

static int vcpu_init(struct kunit *test)
{
	return rt_init(test, NULL);
}

static struct kunit_case vcpu_cases[] = {
	KUNIT_CASE_PARAM(vcpu_run_test, run_gen_params),
	KUNIT_CASE_PARAM(vcpu_error_test, error_gen_params),
	KUNIT_CASE(vcpu_no_proxy_test),
	KUNIT_CASE(vcpu_wake_race_test),
	KUNIT_CASE(vcpu_sleep_test),
	KUNIT_CASE(vcpu_entry_test),
	KUNIT_CASE(vcpu_serial_test),
	KUNIT_CASE(vcpu_removal_test),
	KUNIT_CASE(vcpu_get_test),
	KUNIT_CASE(vcpu_poll_test),
	KUNIT_CASE(vcpu_polling_test),
	{ }
};

static struct kunit_suite vcpu_suite = {
	.name = "gunyah-vcpu",
	.init = vcpu_init,
	.exit = rt_exit,
	.test_cases = vcpu_cases,
};

kunit_test_suite(vcpu_suite);

MODULE_DESCRIPTION("KUnit tests for Gunyah vCPUs");
MODULE_LICENSE("GPL");
MODULE_INFO(import_ns, "EXPORTED_FOR_KUNIT_TESTING");
