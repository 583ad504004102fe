// SPDX-License-Identifier: GPL-2.0-only
/*
 * Driver of the vCPUs that this VM schedules for others.
 *
 * Responsible for lending a vCPU the CPU, for its wake-up interrupt, and for
 * what the rest of the kernel has to know of either: guest time, work that is
 * due before the CPU is given away, polling before a sleep. Not for what a vCPU
 * stops for. What a user has to know is in <linux/gunyah_vcpu.h>.
 *
 * The idea to know: wake-ups are counted, and each run notes the count before
 * it starts. The interrupt may come before anybody has looked at the result
 * that says "wait for it"; then the count has moved on, and there is no wait.
 * The hypervisor raises it only while the vCPU is not being run, so one that
 * was counted before the run has nothing to say about the time after it.
 *
 * The interrupt that ends a run is any one of this VM's. A signal sends one; if
 * it comes between the last look at the signals and the hypercall, it is the
 * next tick, or the end of the vCPU's time slice, that ends the run. Masking
 * interrupts in between is not the way: then nothing ends it.
 *
 * There is no lock to take at each exit, only the name of who is in the guest:
 * nobody else gets in until he is out. The lock here is bound_lock, a leaf.
 */
#include <linux/auxiliary_bus.h>
#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/gunyah.h>
#include <linux/gunyah_resource.h>
#include <linux/gunyah_vcpu.h>
#include <linux/interrupt.h>
#include <linux/irqflags.h>
#include <linux/kref.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/thread_info.h>
#include <linux/time64.h>
#include <linux/timex.h>
#include <linux/vtime.h>
#include <linux/wait.h>

#include <asm/arch_timer.h>

#include <kunit/visibility.h>

#include "compat.h"
#include "vcpu_dev.h"

/* Polling starts with this much. */
#define POLL_START_NS		10000U

static unsigned int poll_max_ns = 200000;
module_param(poll_max_ns, uint, 0644);
MODULE_PARM_DESC(poll_max_ns, "longest time in ns to poll for a wake-up before sleeping, 0: never");

/**
 * struct gunyah_vcpu - a vCPU
 * @ref: one reference of the bound driver, one of each user
 * @capid: capability id
 * @irq: wake-up interrupt, 0 if it has none
 * @gone: the driver is unbound
 * @wq: who waits for @wakeups, for @gone or for @runner to come out; who kicks
 *	wakes them
 * @wakeups: wake-up interrupts so far, written by the handler only
 * @runner: the task that is in the guest; read inside RCU
 * @seen: @wakeups as of the start of the last run; as all that follows, written
 *	by who runs the vCPU, and by who waits when nobody does
 * @poll_ns: how long to poll before the next sleep
 * @guest_cycles: time in the guest, in ticks of the counter: a clock in ns would
 *	cost more at each exit than all the rest of the statistics
 * @stats: without the wake-ups and that time
 */
struct gunyah_vcpu {
	struct kref ref;
	u64 capid;
	unsigned int irq;
	bool gone;
	wait_queue_head_t wq;
	u64 wakeups;
	struct task_struct *runner;

	u64 seen;
	unsigned int poll_ns;
	cycles_t guest_cycles;
	struct gunyah_vcpu_stats stats;
};

/* Protects the driver data of all vCPU devices. A leaf. */
static DEFINE_MUTEX(bound_lock);

static void vcpu_release(struct kref *ref)
{
	struct gunyah_vcpu *vcpu = container_of(ref, struct gunyah_vcpu, ref);

	kfree(vcpu);
}

/**
 * gunyah_vcpu_put() - give a vCPU back
 * @vcpu: vCPU, or NULL or an ERR_PTR
 *
 * Context: any.
 */
void gunyah_vcpu_put(struct gunyah_vcpu *vcpu)
{
	if (!IS_ERR_OR_NULL(vcpu))
		kref_put(&vcpu->ref, vcpu_release);
}
EXPORT_SYMBOL_GPL(gunyah_vcpu_put);

/**
 * gunyah_vcpu_is_proxy() - is it this VM that schedules the vCPU?
 * @vcpu: vCPU
 *
 * One without a wake-up interrupt is scheduled by the hypervisor itself and can
 * not be run.
 *
 * Context: any.
 * Return: true if it can be run.
 */
bool gunyah_vcpu_is_proxy(const struct gunyah_vcpu *vcpu)
{
	return vcpu->irq;
}
EXPORT_SYMBOL_GPL(gunyah_vcpu_is_proxy);

/**
 * gunyah_vcpu_entry_work() - what is due before the CPU is given away
 *
 * To be called before each gunyah_vcpu_run(), as a task that runs guest after
 * guest does not come back to user space, where these things are done
 * otherwise: others get the CPU, and who has work queued for the task (task
 * work, restartable sequences) gets the task.
 *
 * That work can not be done here: what does it is not exported, and of its two
 * wrappers for hypervisors one wants a vCPU of KVM. So the task is sent to user
 * space and back: with TIF_NOTIFY_SIGNAL the return path does the work, finds
 * no signal, and restarts the system call, of which user space sees nothing.
 *
 * Context: may sleep. In a system call that can be restarted.
 * Return: 0, or -ERESTARTSYS.
 */
int gunyah_vcpu_entry_work(void)
{
	if (unlikely(gunyah_resched_lazy()))
		schedule();
	else
		cond_resched();

	if (unlikely(test_thread_flag(TIF_NOTIFY_RESUME)))
		set_thread_flag(TIF_NOTIFY_SIGNAL);

	return unlikely(signal_pending(current)) ? -ERESTARTSYS : 0;
}
EXPORT_SYMBOL_GPL(gunyah_vcpu_entry_work);

/*
 * From here to guest_exit() the task's time is a guest's, interrupts that end
 * it excepted. It can be pre-empted there, the scheduler knows how to account
 * for that.
 */
static void guest_enter(void)
{
	local_irq_disable();
	vtime_account_guest_enter();
	local_irq_enable();
}

static void guest_exit(void)
{
	local_irq_disable();
	vtime_account_guest_exit();
	local_irq_enable();
}

static void runner_leave(struct gunyah_vcpu *vcpu)
{
	/* Pairs with vcpu_remove(), after which there is no capability. */
	smp_store_release(&vcpu->runner, NULL);
	/* Pairs with it, too: it sees that nobody runs, or we wake it. */
	smp_mb();
	if (unlikely(READ_ONCE(vcpu->gone)))
		wake_up(&vcpu->wq);
}

/* Announces a run, unless there is one or the vCPU can not be run, or not any more. */
static int runner_enter(struct gunyah_vcpu *vcpu)
{
	/* Fully ordered. Pairs with vcpu_remove(): one of the two sees the other. */
	if (unlikely(cmpxchg(&vcpu->runner, NULL, current)))
		return -EBUSY;
	if (likely(vcpu->irq && !READ_ONCE(vcpu->gone)))
		return 0;

	runner_leave(vcpu);
	return -ENODEV;
}

/**
 * gunyah_vcpu_run() - run a vCPU once
 * @vcpu: vCPU, one for which gunyah_vcpu_is_proxy() is true
 * @resume: the answer to the last exit. An error leaves it due
 * @exit: result: why the vCPU stopped
 *
 * One hypercall. One caller at a time.
 *
 * Context: may sleep; interrupts have to be enabled.
 * Return: 0; -EBUSY if the vCPU is being moved or taken apart, or somebody else
 * runs it, who may be on his way out; -EAGAIN if the hypervisor wants to be asked
 * again; -ENODEV if the device is gone or has no wake-up interrupt; others see
 * gunyah_error_to_errno().
 */
int gunyah_vcpu_run(struct gunyah_vcpu *vcpu, const struct gunyah_vcpu_resume *resume,
		    struct gunyah_vcpu_exit *exit)
{
	enum gunyah_error gh_err;
	cycles_t start;
	int ret;

	ret = runner_enter(vcpu);
	if (ret)
		return ret;

	vcpu->seen = READ_ONCE(vcpu->wakeups);
	start = get_cycles();
	guest_enter();
	gh_err = gunyah_hypercall_vcpu_run(vcpu->capid, resume, exit);
	guest_exit();
	vcpu->guest_cycles += get_cycles() - start;
	vcpu->stats.runs++;
	runner_leave(vcpu);

	return likely(gh_err == GUNYAH_ERROR_OK) ? 0 : gunyah_error_to_errno(gh_err);
}
EXPORT_SYMBOL_GPL(gunyah_vcpu_run);

static bool vcpu_woken(struct gunyah_vcpu *vcpu, u64 seen, gunyah_vcpu_stop_fn *stop, void *data)
{
	return READ_ONCE(vcpu->wakeups) != seen || READ_ONCE(vcpu->gone) || stop(data);
}

/* Returns whether polling was enough. */
static bool vcpu_poll(struct gunyah_vcpu *vcpu, u64 seen, gunyah_vcpu_stop_fn *stop, void *data)
{
	u64 until = local_clock() + vcpu->poll_ns;

	do {
		if (vcpu_woken(vcpu, seen, stop, data))
			return true;
		cpu_relax();
	} while (local_clock() < until && !need_resched() && !gunyah_resched_lazy() &&
		 !signal_pending(current));

	return false;
}

/**
 * gunyah_vcpu_poll_next() - how long to poll the next time
 * @poll_ns: how long it was this time, whether in vain or not
 * @waited_ns: how long the wait was, polling included
 * @max_ns: how long it may be
 *
 * A wait that polling could have saved from sleeping makes it grow; one that it
 * could not makes it end, to start small again.
 *
 * Context: any.
 * Return: the time in ns, 0: not at all.
 */
VISIBLE_IF_KUNIT unsigned int gunyah_vcpu_poll_next(unsigned int poll_ns, u64 waited_ns,
						    unsigned int max_ns)
{
	if (waited_ns > max_ns)
		return 0;
	if (waited_ns <= poll_ns)
		return min(poll_ns, max_ns);

	return min(max(poll_ns, POLL_START_NS / 2), max_ns / 2) * 2;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_vcpu_poll_next);

/**
 * gunyah_vcpu_wait() - wait until a vCPU has something to do
 * @vcpu: vCPU
 * @poll: a wake-up may well be near, so that polling is worth it
 * @timeout: how long to wait at most, in jiffies, or MAX_SCHEDULE_TIMEOUT
 * @stop: tells whether there is another reason not to wait
 * @data: argument of @stop
 *
 * Returns at once if the wake-up interrupt came since the last run began. Can
 * return early for no reason.
 *
 * Context: may sleep. The caller is the one that runs the vCPU.
 * Return: 0 if the vCPU is to be run or @stop says so, -ETIMEDOUT,
 * -ERESTARTSYS because of a signal, -ENODEV if the device is gone.
 */
int gunyah_vcpu_wait(struct gunyah_vcpu *vcpu, bool poll, long timeout,
		     gunyah_vcpu_stop_fn *stop, void *data)
{
	unsigned int max_ns = READ_ONCE(poll_max_ns);
	u64 seen = vcpu->seen, start = local_clock();
	bool polled = false;
	long ret = 1;

	if (poll && max_ns && vcpu->poll_ns)
		polled = vcpu_poll(vcpu, seen, stop, data);

	if (!polled)
		ret = wait_event_interruptible_timeout(vcpu->wq,
						       vcpu_woken(vcpu, seen, stop, data),
						       timeout);

	/* A wait that was cut short says nothing about the guest. */
	if (poll && ret > 0)
		vcpu->poll_ns = gunyah_vcpu_poll_next(vcpu->poll_ns, local_clock() - start,
						      max_ns);
	if (polled)
		vcpu->stats.polled++;
	else
		vcpu->stats.sleeps++;

	if (ret < 0)
		return ret;
	if (READ_ONCE(vcpu->gone))
		return -ENODEV;

	return ret ? 0 : -ETIMEDOUT;
}
EXPORT_SYMBOL_GPL(gunyah_vcpu_wait);

/**
 * gunyah_vcpu_kick() - have whoever runs or waits look around
 * @vcpu: vCPU
 *
 * Ends a wait whose @stop has become true. Ends a run soon.
 *
 * Context: any.
 */
void gunyah_vcpu_kick(struct gunyah_vcpu *vcpu)
{
	struct task_struct *runner;

	wake_up(&vcpu->wq);

	/* A task's memory outlives an RCU read section that found it running. */
	guard(rcu)();
	runner = READ_ONCE(vcpu->runner);
	if (runner)
		kick_process(runner);
}
EXPORT_SYMBOL_GPL(gunyah_vcpu_kick);

/**
 * gunyah_vcpu_get_stats() - what a vCPU has done
 * @vcpu: vCPU
 * @stats: result; while the vCPU runs, its members may not fit together
 *
 * Context: any.
 */
void gunyah_vcpu_get_stats(const struct gunyah_vcpu *vcpu, struct gunyah_vcpu_stats *stats)
{
	stats->runs = READ_ONCE(vcpu->stats.runs);
	stats->guest_ns = mul_u64_u32_div(READ_ONCE(vcpu->guest_cycles), NSEC_PER_SEC,
					  arch_timer_get_cntfrq() ?: 1);
	stats->wakeups = READ_ONCE(vcpu->wakeups);
	stats->sleeps = READ_ONCE(vcpu->stats.sleeps);
	stats->polled = READ_ONCE(vcpu->stats.polled);
}
EXPORT_SYMBOL_GPL(gunyah_vcpu_get_stats);

static irqreturn_t vcpu_interrupt(int irq, void *data)
{
	struct gunyah_vcpu *vcpu = data;

	WRITE_ONCE(vcpu->wakeups, vcpu->wakeups + 1);
	wake_up(&vcpu->wq);

	return IRQ_HANDLED;
}

static int vcpu_probe(struct auxiliary_device *adev, const struct auxiliary_device_id *id)
{
	struct gunyah_resource_device *resource = to_gunyah_resource_device(adev);
	struct gunyah_vcpu *vcpu;
	int ret;

	vcpu = kzalloc(sizeof(*vcpu), GFP_KERNEL_ACCOUNT);
	if (!vcpu)
		return -ENOMEM;

	kref_init(&vcpu->ref);
	init_waitqueue_head(&vcpu->wq);
	vcpu->capid = resource->capid;

	if (resource->irq) {
		ret = request_irq(resource->irq, vcpu_interrupt, 0, dev_name(&adev->dev), vcpu);
		if (ret) {
			gunyah_vcpu_put(vcpu);
			return dev_err_probe(&adev->dev, ret, "no wake-up interrupt\n");
		}
	}
	vcpu->irq = resource->irq;

	guard(mutex)(&bound_lock);
	auxiliary_set_drvdata(adev, vcpu);

	return 0;
}

/* Comes back when the vCPU does not run and will not: its capability goes next. */
static void vcpu_remove(struct auxiliary_device *adev)
{
	struct gunyah_vcpu *vcpu = auxiliary_get_drvdata(adev);

	scoped_guard(mutex, &bound_lock)
		auxiliary_set_drvdata(adev, NULL);

	WRITE_ONCE(vcpu->gone, true);
	/* Pairs with runner_enter() and runner_leave(). */
	smp_mb();
	gunyah_vcpu_kick(vcpu);
	/* Pairs with runner_leave(). */
	wait_event(vcpu->wq, !smp_load_acquire(&vcpu->runner));

	if (vcpu->irq)
		free_irq(vcpu->irq, vcpu);
	gunyah_vcpu_put(vcpu);
}

static const struct auxiliary_device_id vcpu_ids[] = {
	{ .name = "gunyah_rm.vcpu" },
	{ }
};
MODULE_DEVICE_TABLE(auxiliary, vcpu_ids);

static struct auxiliary_driver vcpu_driver = {
	.name = "vcpu",
	.probe = vcpu_probe,
	.remove = vcpu_remove,
	.id_table = vcpu_ids,
};

/**
 * gunyah_vcpu_get() - the vCPU behind a device
 * @adev: device; the caller holds a reference
 *
 * Context: may sleep.
 * Return: the vCPU, to be given back with gunyah_vcpu_put(), or an ERR_PTR:
 * -EPROBE_DEFER while this driver is not bound to @adev.
 */
struct gunyah_vcpu *gunyah_vcpu_get(struct auxiliary_device *adev)
{
	struct gunyah_vcpu *vcpu;

	guard(mutex)(&bound_lock);

	if (READ_ONCE(adev->dev.driver) != &vcpu_driver.driver)
		return ERR_PTR(-EPROBE_DEFER);

	vcpu = auxiliary_get_drvdata(adev);
	if (!vcpu)
		return ERR_PTR(-EPROBE_DEFER);

	kref_get(&vcpu->ref);

	return vcpu;
}
EXPORT_SYMBOL_GPL(gunyah_vcpu_get);

module_auxiliary_driver(vcpu_driver);

MODULE_DESCRIPTION("Gunyah vCPUs");
MODULE_LICENSE("GPL");
