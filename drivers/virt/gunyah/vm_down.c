// SPDX-License-Identifier: GPL-2.0-only
/*
 * Taking a VM apart, when its last file is closed.
 *
 * A work item goes through the steps of enum gunyah_vm_down_step in order. Each
 * can be repeated: it does what is left of it. One that fails, or has to wait
 * for the resource manager (RM), is tried again later, so that close() never
 * waits and a VM never holds up another one. There is no last attempt for
 * memory: as long as RM does not give it back, a guest may reach it, and its
 * pages stay pinned (quarantine). That is reported once, and lasts for ever if
 * the RM driver is unbound meanwhile. Memory of a parcel that RM was asked for
 * and did not name is waited for, too, but not for ever: it is lost then, and the
 * vmid with it.
 *
 * VM_START and the memory ioctls, when they meet a limit, wait here until other
 * VMs of the same user are gone, or of the same process if it is a limit of that.
 *
 * When the system goes down, all VMs are taken apart although files of them are
 * open: a kernel that is booted by kexec would take what they have for its own.
 */
#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <kunit/static_stub.h>
#include <kunit/visibility.h>

#include "vm.h"
#include "vm_trace.h"

/* How often a step is tried again: 1 ms later, 2 ms, 4 ms, up to 2^15 ms. */
#define MAX_BACKOFF_SHIFT	15
/* RM says when it is done with a reset. Ask if it does not. */
#define RESET_TIME_MS		100
/* Failed attempts after which it is reported. */
#define REPORT_ATTEMPTS		10
/* Failed attempts after which a vmid is given up. Nothing but it is lost. */
#define MAX_VMID_ATTEMPTS	12
/* The same for an answer with a parcel's handle: in all some 16 s. Then pages are. */
#define MAX_UNSURE_ATTEMPTS	14
/* Others than these do not count while RM has time left, or has not been asked. */
#define PENDING_ATTEMPTS	7
/* How long others wait for a teardown. */
#define PATIENCE		(5 * HZ)
/* How long a system that goes down waits for all of them, and how often it looks. */
#define SHUTDOWN_TIME		(10 * HZ)
#define SHUTDOWN_LOOK_MS	10

/* There is memory that some guest may have, and no VM any more that it is of. */
VISIBLE_IF_KUNIT bool gunyah_vm_memory_lost;
EXPORT_SYMBOL_IF_KUNIT(gunyah_vm_memory_lost);

/* Protects all_vms. gunyah_vm.state_lock is taken inside it. */
static DEFINE_MUTEX(all_lock);
static LIST_HEAD(all_vms);

/* Teardowns that have ended, and who waits for it. */
static atomic_long_t nr_down = ATOMIC_LONG_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(down_wait);

static const char *const step_names[] = {
	[GUNYAH_VM_DOWN_FUNCTIONS]	= "functions",
	[GUNYAH_VM_DOWN_STOP]		= "stop",
	[GUNYAH_VM_DOWN_RESOURCES]	= "resources",
	[GUNYAH_VM_DOWN_RESET]		= "reset",
	[GUNYAH_VM_DOWN_RESETTING]	= "resetting",
	[GUNYAH_VM_DOWN_RECLAIM]	= "reclaim",
	[GUNYAH_VM_DOWN_VMID]		= "vmid",
};

/* Somebody has RM for himself. */
static bool was_not_tried(struct gunyah_vm *vm, int ret)
{
	return ret == -EBUSY && gunyah_rm_raw_held(vm->rm);
}

static int rm_state_read(struct gunyah_vm *vm)
{
	struct gunyah_rm_vm_status status;
	int ret;

	ret = gunyah_rm_get_state(vm->rm, vm->vmid, &status);
	if (ret)
		return ret;

	WRITE_ONCE(vm->rm_state, status.vm_state);

	return status.vm_state;
}

static int down_functions(struct gunyah_vm *vm)
{
	cancel_delayed_work_sync(&vm->exit_work);
	gunyah_vm_functions_remove(vm);

	return 0;
}

/*
 * A guest that is ending by itself is for a moment neither RUNNING nor to be
 * stopped, and RM refuses.
 */
static int down_stop(struct gunyah_vm *vm)
{
	int ret;

	if (!vm->started || READ_ONCE(vm->rm_state) == GUNYAH_RM_VM_EXITED)
		return 0;

	ret = gunyah_rm_vm_stop(vm->rm, vm->vmid, true, GUNYAH_RM_STOP_FORCED,
				GUNYAH_RM_NO_PROMISE);
	if (!ret)
		return 0;

	switch (rm_state_read(vm)) {
	case GUNYAH_RM_VM_EXITED:
	case GUNYAH_RM_VM_READY:
	case GUNYAH_RM_VM_INIT_FAILED:
	case GUNYAH_RM_VM_RESETTING:
	case GUNYAH_RM_VM_RESET:
		return 0;
	default:
		return ret;
	}
}

/**
 * gunyah_vm_switch_off() - end a VM that has ended without RM noticing
 * @vm: the VM; the caller has a reference
 * @exit: how it has ended
 *
 * It has for user space, before RM hears of it: RM would only say that it was
 * stopped. Where RM has seen the end meanwhile, it is RM who says how. If RM
 * cannot stop the VM now, the teardown does.
 *
 * Context: may sleep, makes RM calls.
 */
void gunyah_vm_switch_off(struct gunyah_vm *vm, const struct gunyah_vm_exit *exit)
{
	KUNIT_STATIC_STUB_REDIRECT(gunyah_vm_switch_off, vm, exit);

	/* A teardown keeps the vmid meanwhile. */
	scoped_guard(spinlock_irqsave, &vm->state_lock) {
		if (vm->state != GUNYAH_VM_RUNNING || vm->exit_pending)
			return;
		vm->looking++;
	}

	trace_gunyah_vm_down(vm->serial, vm->vmid, "all vCPUs off", exit->info.type);
	gunyah_vm_end(vm, exit);
	down_stop(vm);

	scoped_guard(spinlock_irqsave, &vm->state_lock)
		vm->looking--;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_vm_switch_off);

static int down_resources(struct gunyah_vm *vm)
{
	/* Only when the system goes down: otherwise nobody is left. */
	scoped_guard(spinlock_irqsave, &vm->state_lock)
		if (vm->looking)
			return -EAGAIN;

	if (vm->set)
		gunyah_rm_resources_del(vm->set);
	vm->set = NULL;

	return 0;
}

/* A VM between its image and READY can only go on: to READY, or to fail. */
static int init_finish(struct gunyah_vm *vm, u8 rm_state)
{
	if (rm_state == GUNYAH_RM_VM_AUTH)
		gunyah_rm_vm_auth_image(vm->rm, vm->vmid, NULL, 0);
	else
		gunyah_rm_vm_init(vm->rm, vm->vmid);

	return -EAGAIN;
}

static int down_reset(struct gunyah_vm *vm)
{
	int ret, state;

	if (!vm->loaded)
		return 0;

	ret = gunyah_rm_vm_reset(vm->rm, vm->vmid);
	if (!ret)
		return 0;

	state = rm_state_read(vm);
	switch (state) {
	case GUNYAH_RM_VM_LOAD:
	case GUNYAH_RM_VM_RESETTING:
	case GUNYAH_RM_VM_RESET:
		return 0;
	case GUNYAH_RM_VM_INIT_FAILED:
		/* Without a configuration it stays so; its memory comes back. */
		return ret == -EINVAL ? 0 : ret;
	case GUNYAH_RM_VM_AUTH:
	case GUNYAH_RM_VM_INIT:
		return init_finish(vm, state);
	case GUNYAH_RM_VM_RUNNING:
	case GUNYAH_RM_VM_PAUSED:
		WRITE_ONCE(vm->started, true);
		/* No step back, which would forget how often this was tried. */
		down_stop(vm);
		return -EAGAIN;
	default:
		return ret;
	}
}

/* What was told is only a hint: it may be of an earlier VM of this vmid. */
static int down_resetting(struct gunyah_vm *vm)
{
	int state;

	if (!vm->loaded)
		return 0;

	state = rm_state_read(vm);
	if (state < 0)
		return state;

	return state == GUNYAH_RM_VM_RESETTING ? -EINPROGRESS : 0;
}

static int down_reclaim(struct gunyah_vm *vm)
{
	int ret = gunyah_vm_mem_reclaim(vm);
	bool last;

	/* What RM will never name is not waited for; what it has named is. */
	if (ret == -EINPROGRESS)
		vm->attempts = min(vm->attempts, PENDING_ATTEMPTS);
	/* A system that goes down has a limit of its own, and says so. */
	last = ret == -EBADFD && vm->attempts >= MAX_UNSURE_ATTEMPTS &&
	       !READ_ONCE(gunyah_vm_no_start);

	gunyah_vm_mem_free(vm, last);
	if (!last)
		return ret;

	vm->haunted = true;
	WRITE_ONCE(gunyah_vm_memory_lost, true);

	return 0;
}

/**
 * gunyah_vm_give_up_vmid() - give the vmid of a VM back
 * @vm: VM that RM does not run; without a vmid nothing is done
 *
 * Context: may sleep, makes an RM call.
 * Return: 0 or one of the errors in gunyah_rm.h.
 */
int gunyah_vm_give_up_vmid(struct gunyah_vm *vm)
{
	int ret;

	if (!vm->vmid)
		return 0;

	/* The next owner of the vmid is not to be mistaken for this one. */
	gunyah_vm_unsubscribe(vm);

	if (vm->vmid_unsure)
		ret = gunyah_rm_dealloc_vmid_again(vm->rm, vm->vmid);
	else
		ret = gunyah_rm_dealloc_vmid(vm->rm, vm->vmid);
	if (!ret)
		WRITE_ONCE(vm->vmid, 0);
	vm->vmid_unsure |= ret && ret != -EINVAL && ret != -EPERM;

	return ret;
}

static int down_vmid(struct gunyah_vm *vm)
{
	int ret;

	/* Whose it is next would find the memory of this VM's user in its guest. */
	if (vm->haunted) {
		pr_warn("gunyah: vmid %u is not given back: it may have memory\n", vm->vmid);
		return 0;
	}

	ret = gunyah_vm_give_up_vmid(vm);
	if (!ret || vm->attempts < MAX_VMID_ATTEMPTS || was_not_tried(vm, ret))
		return ret;

	pr_warn("gunyah: the resource manager keeps vmid %u (%d)\n", vm->vmid, ret);

	return 0;
}

static int (*const down_steps[])(struct gunyah_vm *vm) = {
	[GUNYAH_VM_DOWN_FUNCTIONS]	= down_functions,
	[GUNYAH_VM_DOWN_STOP]		= down_stop,
	[GUNYAH_VM_DOWN_RESOURCES]	= down_resources,
	[GUNYAH_VM_DOWN_RESET]		= down_reset,
	[GUNYAH_VM_DOWN_RESETTING]	= down_resetting,
	[GUNYAH_VM_DOWN_RECLAIM]	= down_reclaim,
	[GUNYAH_VM_DOWN_VMID]		= down_vmid,
};

static void down_report(struct gunyah_vm *vm, int ret)
{
	/* Nothing fails if RM says that it is at it, but that has to end, too. */
	unsigned int attempts = ret == -EINPROGRESS ? MAX_BACKOFF_SHIFT : REPORT_ATTEMPTS;

	if (vm->reported || vm->attempts < attempts)
		return;

	WRITE_ONCE(vm->reported, true);
	pr_warn("gunyah: VM %u (vmid %u) cannot be taken apart: %s failed (%d); %lu pages stay pinned\n",
		vm->serial, vm->vmid, step_names[vm->step], ret, gunyah_vm_mem_pages(vm));
}

static unsigned long down_delay(struct gunyah_vm *vm, int ret)
{
	/* When the system goes down there is not much time. */
	unsigned int max = READ_ONCE(gunyah_vm_no_start) ? PENDING_ATTEMPTS : MAX_BACKOFF_SHIFT;
	unsigned int delay = 1U << min(vm->attempts, max);

	return msecs_to_jiffies(ret == -EINPROGRESS ? max(delay, RESET_TIME_MS) : delay);
}

/* The end. Without a vmid or with one that is lost, RM does not call any more. */
static void down_done(struct gunyah_vm *vm)
{
	gunyah_vm_unsubscribe(vm);
	WARN_ON_ONCE(!gunyah_vm_set_state(vm, GUNYAH_VM_CLOSED));
	/* From here on nobody queues it, see down_hurry(). */
	cancel_delayed_work(&vm->down_work);
	/* Its files are open, and nobody will ever close them. */
	if (vm->going_down)
		return;

	scoped_guard(mutex, &all_lock)
		list_del(&vm->all_node);
	mmdrop(vm->mm);
	gunyah_rm_put(vm->rm);
	mutex_destroy(&vm->lock);
	mutex_destroy(&vm->fn_lock);
	kfree(vm);

	atomic_long_inc(&nr_down);
	wake_up_all(&down_wait);
	module_put(THIS_MODULE);
}

static void down_work(struct work_struct *work)
{
	struct gunyah_vm *vm = container_of(to_delayed_work(work), struct gunyah_vm, down_work);
	int ret;

	while (vm->step != GUNYAH_VM_DOWN_DONE) {
		ret = down_steps[vm->step](vm);
		trace_gunyah_vm_down(vm->serial, vm->vmid, step_names[vm->step], ret);
		if (ret) {
			if (was_not_tried(vm, ret))
				vm->attempts = min(vm->attempts, PENDING_ATTEMPTS);
			down_report(vm, ret);
			queue_delayed_work(gunyah_vm_wq, &vm->down_work, down_delay(vm, ret));
			vm->attempts++;
			return;
		}

		vm->step++;
		vm->attempts = 0;
		WRITE_ONCE(vm->reported, false);
	}

	down_done(vm);
}

/**
 * gunyah_vm_down_init() - set up what takes a VM apart
 * @vm: VM that is being made
 */
void gunyah_vm_down_init(struct gunyah_vm *vm)
{
	INIT_DELAYED_WORK(&vm->down_work, down_work);
}

/**
 * gunyah_vm_down_track() - others may wait for this VM
 * @vm: VM that is being made, with its user
 *
 * Context: may sleep.
 */
void gunyah_vm_down_track(struct gunyah_vm *vm)
{
	guard(mutex)(&all_lock);

	list_add_tail(&vm->all_node, &all_vms);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_vm_down_track);

/* Does what close() does, if nobody has. Not while somebody starts it. */
static void down_force_locked(struct gunyah_vm *vm)
{
	static const struct gunyah_vm_exit exit = {
		.status = GUNYAH_VM_STATUS_EXITED,
		.info.type = GUNYAH_VM_EXIT_FORCED,
	};

	lockdep_assert_held(&all_lock);

	/* This reference is not given back, so that close() finds the VM. */
	if (!kref_get_unless_zero(&vm->ref))
		return;

	/* First: what RM tells of a VM that is closing has @down_work look at it. */
	vm->going_down = true;
	gunyah_vm_end(vm, &exit);
	if (!gunyah_vm_set_state(vm, GUNYAH_VM_CLOSING)) {
		vm->going_down = false;
		gunyah_vm_put(vm);
		return;
	}

	mod_delayed_work(gunyah_vm_wq, &vm->down_work, 0);
}

/* With the lock: a start that was let through is seen, see set_state_locked(). */
static bool is_new(struct gunyah_vm *vm)
{
	guard(spinlock_irqsave)(&vm->state_lock);

	return vm->state == GUNYAH_VM_NEW;
}

/* Return: true if nothing is left of any VM but what is new, which RM does not know. */
static bool down_all(void)
{
	struct gunyah_vm *vm;
	bool done = true;

	guard(mutex)(&all_lock);

	list_for_each_entry(vm, &all_vms, all_node) {
		if (is_new(vm))
			continue;
		if (gunyah_vm_state(vm) < GUNYAH_VM_CLOSING)
			down_force_locked(vm);
		done &= gunyah_vm_state(vm) == GUNYAH_VM_CLOSED;
	}

	return done;
}

/* What was to be tried again later has no time for that. */
static void down_hurry(void)
{
	struct gunyah_vm *vm;

	guard(mutex)(&all_lock);

	list_for_each_entry(vm, &all_vms, all_node) {
		guard(spinlock_irqsave)(&vm->state_lock);
		if (vm->state == GUNYAH_VM_CLOSING)
			mod_delayed_work(gunyah_vm_wq, &vm->down_work, 0);
	}
}

/**
 * gunyah_vm_any_known() - is there a VM that RM knows?
 *
 * One that may have memory, that is, or had some that is lost. No other becomes
 * one if gunyah_vm_no_start is set.
 *
 * Context: may sleep.
 * Return: true if there is.
 */
bool gunyah_vm_any_known(void)
{
	struct gunyah_vm *vm;

	if (READ_ONCE(gunyah_vm_memory_lost))
		return true;

	guard(mutex)(&all_lock);

	list_for_each_entry(vm, &all_vms, all_node)
		if (!is_new(vm) && gunyah_vm_state(vm) != GUNYAH_VM_CLOSED)
			return true;

	return false;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_vm_any_known);

/**
 * gunyah_vm_down_all() - take all VMs apart, since the system goes down
 *
 * They stay where they are, closed, for those who have files of them. No VM is
 * started any more if gunyah_vm_no_start is set.
 *
 * Context: may sleep, for at most 10 seconds.
 */
void gunyah_vm_down_all(void)
{
	unsigned long end = jiffies + SHUTDOWN_TIME;

	down_hurry();
	while (!down_all()) {
		if (time_after(jiffies, end)) {
			pr_warn("gunyah: VMs are left behind, with memory of this system\n");
			return;
		}
		msleep(SHUTDOWN_LOOK_MS);
	}
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_vm_down_all);

static bool is_waited_for(const struct gunyah_vm_patience *patience, const struct gunyah_vm *vm)
{
	/* What hangs is not worth waiting for. */
	if (gunyah_vm_state(vm) != GUNYAH_VM_CLOSING || READ_ONCE(vm->reported))
		return false;

	return patience->mm ? vm->mm == patience->mm : uid_eq(vm->uid, patience->uid);
}

static bool teardown_pending(const struct gunyah_vm_patience *patience)
{
	struct gunyah_vm *vm;

	guard(mutex)(&all_lock);

	list_for_each_entry(vm, &all_vms, all_node)
		if (is_waited_for(patience, vm))
			return true;

	return false;
}

/**
 * gunyah_vm_patience_init() - before the first attempt
 * @patience: what is set up
 * @vm: VM that wants something
 * @locked: what it wants is locked memory, of which each process has its own
 *
 * Context: any.
 */
void gunyah_vm_patience_init(struct gunyah_vm_patience *patience, const struct gunyah_vm *vm,
			     bool locked)
{
	patience->uid = vm->uid;
	patience->mm = locked ? vm->mm : NULL;
	patience->seen = atomic_long_read(&nr_down);
	patience->left = PATIENCE;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_vm_patience_init);

/**
 * gunyah_vm_patience_wait() - after an attempt that met a limit
 * @patience: set up before the first attempt
 *
 * Context: may sleep, killably.
 * Return: true if another attempt is worth it, because a teardown has ended;
 * false if there is none, the time is over, or a fatal signal came.
 */
bool gunyah_vm_patience_wait(struct gunyah_vm_patience *patience)
{
	unsigned long seen = patience->seen;

	if (patience->left <= 0)
		return false;
	/* Whoever else comes and goes: there are not attempts without end. */
	patience->left--;

	/* One that ended since the attempt does not show up as pending. */
	patience->seen = atomic_long_read(&nr_down);
	if (patience->seen != seen)
		return true;
	if (!teardown_pending(patience))
		return atomic_long_read(&nr_down) != seen;

	patience->left = wait_event_killable_timeout(down_wait, atomic_long_read(&nr_down) != seen,
						     patience->left);
	patience->seen = atomic_long_read(&nr_down);

	return patience->left > 0;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_vm_patience_wait);
