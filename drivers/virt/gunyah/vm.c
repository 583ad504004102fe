// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VM object: its references, its states, and how it ends.
 *
 * Not for what user space configures (vm_config.c), for starting it
 * (vm_start.c), its memory (vm_mem.c), its functions (vm_fn.c), nor for taking
 * it apart (vm_down.c).
 *
 * A VM has the state in enum gunyah_vm_state, which is ours, and another one in
 * the resource manager (RM), which is remembered as RM tells it. Ours is
 * changed by one function only.
 *
 * How a VM ends: RM says VM_STATUS with EXITED, and then VM_EXITED with the
 * reason. Either can be lost or, with some ways to die, never be sent, so a
 * vCPU that has nothing to do asks, and VM_EXITED is not waited for forever.
 * The VM is EXITED as soon as its reason is known or is not to be expected any
 * more; from then on nothing about it changes.
 */
#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <kunit/static_stub.h>
#include <kunit/visibility.h>

#include "vm.h"

#define CREATE_TRACE_POINTS
#include "vm_trace.h"

/* Time RM has to say how a VM exited once it has said that it did. */
#define EXIT_REASON_TIME	msecs_to_jiffies(500)

static atomic_t next_serial = ATOMIC_INIT(0);

static const char *const state_names[GUNYAH_VM_NR_STATES] = {
	[GUNYAH_VM_NEW]		= "new",
	[GUNYAH_VM_STARTING]	= "starting",
	[GUNYAH_VM_RUNNING]	= "running",
	[GUNYAH_VM_EXITED]	= "exited",
	[GUNYAH_VM_LOAD_FAILED]	= "load-failed",
	[GUNYAH_VM_CLOSING]	= "closing",
	[GUNYAH_VM_CLOSED]	= "closed",
};

/* Where each state can be left to. */
static const unsigned long state_next[GUNYAH_VM_NR_STATES] = {
	[GUNYAH_VM_NEW]		= BIT(GUNYAH_VM_STARTING) | BIT(GUNYAH_VM_CLOSING),
	[GUNYAH_VM_STARTING]	= BIT(GUNYAH_VM_NEW) | BIT(GUNYAH_VM_RUNNING) |
				  BIT(GUNYAH_VM_LOAD_FAILED),
	[GUNYAH_VM_RUNNING]	= BIT(GUNYAH_VM_EXITED) | BIT(GUNYAH_VM_CLOSING),
	[GUNYAH_VM_EXITED]	= BIT(GUNYAH_VM_CLOSING),
	[GUNYAH_VM_LOAD_FAILED]	= BIT(GUNYAH_VM_CLOSING),
	[GUNYAH_VM_CLOSING]	= BIT(GUNYAH_VM_CLOSED),
};

/**
 * gunyah_vm_state_name() - name of a state
 * @state: the state
 *
 * Context: any.
 * Return: its name.
 */
const char *gunyah_vm_state_name(enum gunyah_vm_state state)
{
	return state < GUNYAH_VM_NR_STATES ? state_names[state] : "?";
}

static bool set_state_locked(struct gunyah_vm *vm, enum gunyah_vm_state state)
{
	enum gunyah_vm_state old = vm->state;

	lockdep_assert_held(&vm->state_lock);

	if (state >= GUNYAH_VM_NR_STATES || !(state_next[old] & BIT(state)))
		return false;
	if (state == GUNYAH_VM_STARTING && READ_ONCE(gunyah_vm_no_start))
		return false;

	/* What RM said of one attempt to start it is not about the next one. */
	if (state == GUNYAH_VM_NEW) {
		vm->exit = (struct gunyah_vm_exit) { };
		vm->exit_pending = false;
		cancel_delayed_work(&vm->exit_work);
	}

	/* Publishes what is valid in the new state, see gunyah_vm_state(). */
	smp_store_release(&vm->state, state);
	trace_gunyah_vm_state(vm->serial, vm->vmid, state_names[old], state_names[state]);
	wake_up_all(&vm->wait);
	if (state == GUNYAH_VM_EXITED || state == GUNYAH_VM_LOAD_FAILED)
		queue_work(gunyah_vm_wq, &vm->fn_work);

	return true;
}

/**
 * gunyah_vm_set_state() - have a VM change its state
 * @vm: the VM
 * @state: the new state
 *
 * Context: any.
 * Return: false if it cannot get there from where it is; nothing has changed.
 */
bool gunyah_vm_set_state(struct gunyah_vm *vm, enum gunyah_vm_state state)
{
	guard(spinlock_irqsave)(&vm->state_lock);

	return set_state_locked(vm, state);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_vm_set_state);

/**
 * gunyah_vm_wait_started() - wait until nobody is starting a VM
 * @vm: the VM
 *
 * Context: may sleep, until a signal comes.
 * Return: 0 if it is running or has ended, -ENODEV if it is new, -ERESTARTSYS.
 */
int gunyah_vm_wait_started(struct gunyah_vm *vm)
{
	int ret;

	ret = wait_event_interruptible(vm->wait, gunyah_vm_state(vm) != GUNYAH_VM_STARTING);
	if (ret)
		return ret;

	return gunyah_vm_state(vm) == GUNYAH_VM_NEW ? -ENODEV : 0;
}

/* How a VM ends is said once. A VM that is starting ends when it is started. */
static void end_locked(struct gunyah_vm *vm, const struct gunyah_vm_exit *exit)
{
	lockdep_assert_held(&vm->state_lock);

	if (vm->exit.status ||
	    (vm->state != GUNYAH_VM_STARTING && vm->state != GUNYAH_VM_RUNNING))
		return;

	vm->exit = *exit;
	vm->exit_pending = false;
	if (vm->state == GUNYAH_VM_RUNNING)
		set_state_locked(vm, GUNYAH_VM_EXITED);
}

/**
 * gunyah_vm_end() - a VM has ended
 * @vm: the VM
 * @exit: how
 *
 * The first one who says so is believed; does nothing for a VM that does not
 * run. The VM is still to be stopped in RM, which is done when it is closed.
 *
 * Context: any.
 */
void gunyah_vm_end(struct gunyah_vm *vm, const struct gunyah_vm_exit *exit)
{
	guard(spinlock_irqsave)(&vm->state_lock);

	end_locked(vm, exit);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_vm_end);

/**
 * gunyah_vm_set_started() - a VM that was starting runs
 * @vm: the VM
 *
 * It may have ended meanwhile.
 *
 * Context: any.
 */
void gunyah_vm_set_started(struct gunyah_vm *vm)
{
	guard(spinlock_irqsave)(&vm->state_lock);

	if (set_state_locked(vm, GUNYAH_VM_RUNNING) && vm->exit.status)
		set_state_locked(vm, GUNYAH_VM_EXITED);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_vm_set_started);

/**
 * gunyah_vm_set_load_failed() - a VM that was starting could not be loaded
 * @vm: the VM
 *
 * Context: any.
 */
void gunyah_vm_set_load_failed(struct gunyah_vm *vm)
{
	guard(spinlock_irqsave)(&vm->state_lock);

	vm->exit = (struct gunyah_vm_exit) { .status = GUNYAH_VM_STATUS_LOAD_FAILED };
	set_state_locked(vm, GUNYAH_VM_LOAD_FAILED);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_vm_set_load_failed);

static void exit_work(struct work_struct *work)
{
	struct gunyah_vm *vm = container_of(to_delayed_work(work), struct gunyah_vm, exit_work);
	struct gunyah_vm_exit exit = { .status = GUNYAH_VM_STATUS_EXITED };

	guard(spinlock_irqsave)(&vm->state_lock);

	if (vm->exit_pending)
		end_locked(vm, &exit);
}

/* RM says that it has exited; how should come soon. */
static void exit_expect(struct gunyah_vm *vm)
{
	guard(spinlock_irqsave)(&vm->state_lock);

	if (vm->exit_pending || vm->exit.status ||
	    (vm->state != GUNYAH_VM_STARTING && vm->state != GUNYAH_VM_RUNNING))
		return;

	vm->exit_pending = true;
	queue_delayed_work(gunyah_vm_wq, &vm->exit_work, EXIT_REASON_TIME);
}

/**
 * gunyah_vm_rm_status() - RM has said what the state of a VM is
 * @vm: the VM
 * @rm_state: what it said, enum gunyah_rm_vm_state
 *
 * Context: may sleep.
 */
void gunyah_vm_rm_status(struct gunyah_vm *vm, u8 rm_state)
{
	static const struct gunyah_vm_exit crash = { .status = GUNYAH_VM_STATUS_CRASHED };

	WRITE_ONCE(vm->rm_state, rm_state);

	switch (rm_state) {
	case GUNYAH_RM_VM_RUNNING:
	case GUNYAH_RM_VM_PAUSED:
		return;
	case GUNYAH_RM_VM_EXITED:
		exit_expect(vm);
		return;
	default:
		/* On the way to RUNNING all the others are as they should be. */
		if (gunyah_vm_state(vm) == GUNYAH_VM_RUNNING)
			gunyah_vm_end(vm, &crash);
	}
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_vm_rm_status);

/**
 * gunyah_vm_query_exit() - ask RM whether a VM has exited
 * @vm: VM that was started
 *
 * For a vCPU that has left the guest and does not know why. If RM says so, the
 * VM is EXITED soon after, so that the vCPU should sleep until it is.
 *
 * Context: may sleep, makes an RM call.
 * Return: 0 if RM has answered, or one of the errors in gunyah_rm.h.
 */
int gunyah_vm_query_exit(struct gunyah_vm *vm)
{
	struct gunyah_rm_vm_status status;
	int ret;

	KUNIT_STATIC_STUB_REDIRECT(gunyah_vm_query_exit, vm);

	ret = gunyah_rm_get_state(vm->rm, vm->vmid, &status);
	if (!ret)
		gunyah_vm_rm_status(vm, status.vm_state);

	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_vm_query_exit);

/*
 * If RM was not asked to start it, then it was the VM before this one with the
 * same vmid that has exited: what RM tells is overtaken by what it answers.
 */
static bool may_have_exited(const struct gunyah_vm *vm)
{
	return READ_ONCE(vm->started);
}

/**
 * gunyah_vm_rm_told() - RM has notified the state of a VM
 * @vm: the VM
 * @rm_state: what it told, enum gunyah_rm_vm_state
 *
 * Notifications are delivered after the answers that were sent behind them: one
 * that says READY can come when the VM runs already. Where it matters what is
 * true now, RM is asked.
 *
 * Context: may sleep, may make an RM call.
 */
void gunyah_vm_rm_told(struct gunyah_vm *vm, u8 rm_state)
{
	if (rm_state == GUNYAH_RM_VM_EXITED && !may_have_exited(vm))
		return;

	switch (rm_state) {
	case GUNYAH_RM_VM_RUNNING:
	case GUNYAH_RM_VM_PAUSED:
	case GUNYAH_RM_VM_EXITED:
		gunyah_vm_rm_status(vm, rm_state);
		return;
	default:
		WRITE_ONCE(vm->rm_state, rm_state);
		/* If RM does not answer, then the vCPUs ask again. */
		if (gunyah_vm_state(vm) == GUNYAH_VM_RUNNING)
			gunyah_vm_query_exit(vm);
	}
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_vm_rm_told);

static void status_notify(struct gunyah_rm_subscriber *sub, const struct gunyah_rm_notification *n)
{
	struct gunyah_vm *vm = container_of(sub, struct gunyah_vm, status_sub);

	gunyah_vm_rm_told(vm, n->status.vm_state);
	if (gunyah_vm_state(vm) == GUNYAH_VM_CLOSING)
		mod_delayed_work(gunyah_vm_wq, &vm->down_work, 0);
}

/* Notifications were lost, perhaps one that matters. */
static void status_lost(struct gunyah_rm_subscriber *sub)
{
	struct gunyah_vm *vm = container_of(sub, struct gunyah_vm, status_sub);

	/* If RM does not answer, then the vCPUs and the teardown ask again. */
	if (gunyah_vm_state(vm) == GUNYAH_VM_RUNNING)
		gunyah_vm_query_exit(vm);
}

/**
 * gunyah_vm_rm_exited() - RM has notified how a VM has exited
 * @vm: the VM
 * @info: what it told
 *
 * Context: any.
 */
void gunyah_vm_rm_exited(struct gunyah_vm *vm, const struct gunyah_vm_exit_info *info)
{
	struct gunyah_vm_exit exit = { .status = GUNYAH_VM_STATUS_EXITED, .info = *info };

	if (!may_have_exited(vm))
		return;

	WRITE_ONCE(vm->rm_state, GUNYAH_RM_VM_EXITED);
	gunyah_vm_end(vm, &exit);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_vm_rm_exited);

static void exited_notify(struct gunyah_rm_subscriber *sub, const struct gunyah_rm_notification *n)
{
	struct gunyah_vm *vm = container_of(sub, struct gunyah_vm, exited_sub);
	struct gunyah_vm_exit_info info = {
		.type = n->exit.type,
		.reason_size = min_t(u32, n->exit.reason_size, GUNYAH_VM_MAX_EXIT_REASON_SIZE),
	};

	memcpy(info.reason, n->exit.reason, info.reason_size);
	gunyah_vm_rm_exited(vm, &info);
}

/**
 * gunyah_vm_subscribe() - be told what RM says of a VM
 * @vm: VM with a vmid
 *
 * Context: may sleep.
 * Return: 0 or -ENODEV.
 */
int gunyah_vm_subscribe(struct gunyah_vm *vm)
{
	int ret;

	vm->status_sub = (struct gunyah_rm_subscriber) {
		.id = GUNYAH_RM_NOTIF_VM_STATUS,
		.vmid = vm->vmid,
		.notify = status_notify,
		.lost = status_lost,
	};
	vm->exited_sub = (struct gunyah_rm_subscriber) {
		.id = GUNYAH_RM_NOTIF_VM_EXITED,
		.vmid = vm->vmid,
		.notify = exited_notify,
	};

	ret = gunyah_rm_subscribe(vm->rm, &vm->status_sub);
	if (ret)
		return ret;

	ret = gunyah_rm_subscribe(vm->rm, &vm->exited_sub);
	if (ret) {
		gunyah_rm_unsubscribe(vm->rm, &vm->status_sub);
		return ret;
	}

	vm->subscribed = true;

	return 0;
}

/**
 * gunyah_vm_unsubscribe() - undo gunyah_vm_subscribe()
 * @vm: the VM, subscribed or not
 *
 * Context: may sleep.
 */
void gunyah_vm_unsubscribe(struct gunyah_vm *vm)
{
	if (!vm->subscribed)
		return;

	gunyah_rm_unsubscribe(vm->rm, &vm->exited_sub);
	gunyah_rm_unsubscribe(vm->rm, &vm->status_sub);
	vm->subscribed = false;
}

/**
 * gunyah_vm_init() - set up the memory of a VM
 * @vm: zeroed memory
 *
 * Without what needs RM and a process, so that a test can have one.
 */
void gunyah_vm_init(struct gunyah_vm *vm)
{
	kref_init(&vm->ref);
	INIT_LIST_HEAD(&vm->all_node);
	vm->serial = atomic_inc_return(&next_serial);
	init_waitqueue_head(&vm->wait);
	spin_lock_init(&vm->state_lock);
	vm->state = GUNYAH_VM_NEW;
	INIT_DELAYED_WORK(&vm->exit_work, exit_work);
	gunyah_vm_functions_init(vm);
	mutex_init(&vm->lock);
	INIT_LIST_HEAD(&vm->regions);
	gunyah_vm_down_init(vm);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_vm_init);

/**
 * gunyah_vm_create() - make a VM for this process
 *
 * Context: may sleep.
 * Return: a VM with a reference for the caller, who has a reference of this
 * module, or an ERR_PTR: -ENODEV without RM, -ENOMEM.
 */
struct gunyah_vm *gunyah_vm_create(void)
{
	struct gunyah_vm *vm;
	struct gunyah_rm *rm;

	rm = gunyah_rm_find();
	if (IS_ERR(rm))
		return ERR_CAST(rm);

	vm = kzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);
	if (!vm) {
		gunyah_rm_put(rm);
		return ERR_PTR(-ENOMEM);
	}

	gunyah_vm_init(vm);
	vm->rm = rm;
	vm->mm = current->mm;
	mmgrab(vm->mm);
	vm->uid = current_euid();
	gunyah_vm_down_track(vm);
	/* Given back by the teardown, which can end long after the files. */
	__module_get(THIS_MODULE);

	return vm;
}

/**
 * gunyah_vm_get() - take a reference
 * @vm: VM the caller has a reference of
 *
 * Context: any.
 * Return: @vm.
 */
struct gunyah_vm *gunyah_vm_get(struct gunyah_vm *vm)
{
	kref_get(&vm->ref);

	return vm;
}

/* Nobody else can start it or end it now, and nothing is waited for here. */
static void vm_release(struct kref *ref)
{
	struct gunyah_vm *vm = container_of(ref, struct gunyah_vm, ref);

	/* Once it is CLOSING others may have it taken apart, and it is gone then. */
	guard(spinlock_irqsave)(&vm->state_lock);

	WARN_ON_ONCE(!set_state_locked(vm, GUNYAH_VM_CLOSING));
	mod_delayed_work(gunyah_vm_wq, &vm->down_work, 0);
}

/**
 * gunyah_vm_put() - give a reference back
 * @vm: the VM
 *
 * The last one has the VM taken apart in the background.
 *
 * Context: any.
 */
void gunyah_vm_put(struct gunyah_vm *vm)
{
	kref_put(&vm->ref, vm_release);
}
