// SPDX-License-Identifier: GPL-2.0-only
/*
 * vCPUs as user space has them: a file to run them with, and a page.
 *
 * Responsible for GUNYAH_VCPU_RUN: what becomes of each reason to stop, and what
 * the page says. Not for the hypercall, wake-ups and guest time (vcpu_dev.c).
 *
 * The ideas to know. The page is user space's to scribble on: what is in it is
 * output, but for three things that are read once each, immediate_exit, the
 * answer to the last exit and what shall become of it. All else is remembered
 * here.
 *
 * An exit can not be had a second time, so one that was recorded is delivered
 * whatever else happens, and its answer is kept until a hypercall has taken it.
 *
 * A VM that is switched off looks like one whose vCPU is off. RM knows, and
 * tells; as wake-ups and messages do get lost, it is asked after a while.
 *
 * There is a hypervisor whose RM is sometimes never told of a PSCI SYSTEM_OFF,
 * see vcpu.rst. But only a vCPU of a VM can power on another one, so a VM has come
 * to its end when all of them are off. To know that, all have to be off at a time,
 * and each says it at another one. So gunyah_vm.offs counts how often one went off
 * that had been on: a vCPU that says "off" in a run that began after the last of
 * them was not powered on by any of these. One that user space has never run is run
 * once for it, and what it stops for, if it is on, kept until user space does.
 *
 * Locks: vcpu.lock, which is held while the vCPU runs, then gunyah_vm.fn_lock.
 * Of another vCPU only by mutex_trylock().
 */
#include <linux/align.h>
#include <linux/anon_inodes.h>
#include <linux/array_size.h>
#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/container_of.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/gunyah.h>
#include <linux/gunyah_vcpu.h>
#include <linux/jiffies.h>
#include <linux/kref.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/nospec.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/stddef.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <asm/byteorder.h>
#include <kunit/static_stub.h>
#include <kunit/visibility.h>

#include "vm.h"
#include "vm_io.h"

#define CREATE_TRACE_POINTS
#include "trace_vcpu.h"

/* The loop goes on: neither 0, which is an exit, nor an errno. */
#define GO_ON		1

/* A wake-up that was lost makes a guest late by no more than this. */
#define WFI_TIMEOUT	HZ
/* How long until RM is asked about a vCPU that is off: it doubles each time. */
#define OFF_TIMEOUT_MIN	gunyah_vcpu_off_timeout
#define OFF_TIMEOUT_MAX	(16 * HZ)
/* How long after RM was asked it may take until the VM has ended. */
#define ASKED_TIMEOUT	(2 * HZ)
/* So often RM may say that a VM runs all of whose vCPUs are off. */
#define OFF_ASKS	3
/* ... or that has ended, but who knows how has not come to say so. About a minute. */
#define OVER_ASKS	9
/* So often it is tried at once when the hypervisor says "not now". */
#define RETRIES_AT_ONCE	4
/* From then on it takes longer and longer, and RM is asked each so many times. */
#define RETRY_SHIFT_MAX	5
#define RETRIES_PER_ASK	8
/* So long a vCPU may be busy, and nothing else, while RM says that the VM runs. */
#define BUSY_TIMEOUT	gunyah_vcpu_busy_timeout

/* A test has no time. */
VISIBLE_IF_KUNIT long gunyah_vcpu_off_timeout = HZ / 4;
EXPORT_SYMBOL_IF_KUNIT(gunyah_vcpu_off_timeout);
VISIBLE_IF_KUNIT long gunyah_vcpu_busy_timeout = 30 * HZ;
EXPORT_SYMBOL_IF_KUNIT(gunyah_vcpu_busy_timeout);

/* What is waited for, however often a signal comes in between. */
enum vcpu_wait {
	WAIT_NOTHING,
	WAIT_BUSY,		/* until it is not busy any more */
	WAIT_REFUSED,		/* until RM has told why it was refused */
	WAIT_OFF,		/* until it is powered on */
	WAIT_UNSCHEDULED,	/* until the VM has ended */
};

/* What the last exit wants to know from user space. */
enum vcpu_due {
	DUE_NOTHING,
	DUE_READ,
	DUE_WRITE,
	DUE_PAGE_FAULT,
};

/**
 * struct vcpu - a vCPU of a VM
 * @fn: the function, alive until it is removed
 * @ref: one reference of the function, one of the file
 * @vm: the VM, with a reference that belongs to the file
 * @id: index of the vCPU
 * @page: what is shared with user space
 * @run: the page
 * @file: until it is published
 * @fd: for that file
 * @hw: the vCPU behind it, NULL until it is bound; then constant
 * @removed: it was removed from the VM
 * @lock: Protects all that follows; held while it runs
 * @due: what is missing to resume
 * @len: DUE_READ: bytes
 * @resume: what the hypervisor is told next
 * @retries: how often it said "not now", one after the other
 * @wait: what is waited for
 * @wait_end: when that has taken too long, in jiffies
 * @ran: user space has run it; read by others, too
 * @off_timeout: how long to wait the next time the vCPU is off
 * @off_seen: gunyah_vm.offs as of the start of the last run
 * @off_at: 0: it is on, or may be. Else what gunyah_vm.offs was when it was off.
 *	Read by others, too, as is @off_type
 * @off_type: how it went off, enum gunyah_vm_exit_type; 0: it is on
 * @gone: it never runs again, says the hypervisor. Read by others, too
 * @off_asked: how often RM said that the VM runs, since @off_at
 * @probed_at: what gunyah_vm.offs was when another one ran it; read by others, too
 * @is_kept: it stopped then, and nobody has seen why
 * @kept: why
 * @mmio: exits to user space
 * @events: writes that became events
 */
struct vcpu {
	struct gunyah_vm_function fn;
	struct kref ref;
	struct gunyah_vm *vm;
	u32 id;
	struct page *page;
	struct gunyah_vcpu_run *run;
	struct file *file;
	int fd;
	struct gunyah_vcpu *hw;
	bool removed;

	struct mutex lock; /* see above */
	enum vcpu_due due;
	u32 len;
	struct gunyah_vcpu_resume resume;
	unsigned int retries;
	enum vcpu_wait wait;
	unsigned long wait_end;
	bool ran;
	long off_timeout;
	long off_seen;
	long off_at;
	u16 off_type;
	bool gone;
	unsigned int off_asked;
	long probed_at;
	bool is_kept;
	struct gunyah_vcpu_exit kept;
	u64 mmio;
	u64 events;
};

static struct vcpu *to_vcpu(const struct gunyah_vm_function *fn)
{
	return container_of(fn, struct vcpu, fn);
}

static void vcpu_release(struct kref *ref)
{
	struct vcpu *vcpu = container_of(ref, struct vcpu, ref);

	gunyah_vcpu_put(vcpu->hw);
	__free_page(vcpu->page);
	mutex_destroy(&vcpu->lock);
	kfree(vcpu);
}

static void vcpu_put(struct vcpu *vcpu)
{
	kref_put(&vcpu->ref, vcpu_release);
}

/* Is there a reason not to run it? As the argument of a wait, too. */
static bool vcpu_stop(void *data)
{
	struct vcpu *vcpu = data;

	return READ_ONCE(vcpu->removed) || gunyah_vm_state(vcpu->vm) != GUNYAH_VM_RUNNING;
}

/**
 * gunyah_vcpu_crash() - a VM can not go on, and nobody else will say so
 * @vm: the VM
 *
 * Context: any.
 */
VISIBLE_IF_KUNIT void gunyah_vcpu_crash(struct gunyah_vm *vm)
{
	static const struct gunyah_vm_exit crash = { .status = GUNYAH_VM_STATUS_CRASHED };

	KUNIT_STATIC_STUB_REDIRECT(gunyah_vcpu_crash, vm);

	gunyah_vm_end(vm, &crash);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_vcpu_crash);

static int vcpu_crash(struct vcpu *vcpu)
{
	gunyah_vcpu_crash(vcpu->vm);

	return GO_ON;
}

/* What is left of a timeout that began when this was waited for first; or 0. */
static long vcpu_wait_left(struct vcpu *vcpu, enum vcpu_wait wait, long timeout)
{
	unsigned long now = jiffies;

	if (vcpu->wait != wait) {
		vcpu->wait = wait;
		vcpu->wait_end = now + timeout;
	}

	return max((long)(vcpu->wait_end - now), 0L);
}

/* Waits for anything but the vCPU's own interrupt. */
static int vcpu_pause(struct vcpu *vcpu, long timeout)
{
	long ret = wait_event_interruptible_timeout(vcpu->vm->wait, vcpu_stop(vcpu), timeout);

	return ret < 0 ? ret : GO_ON;
}

/**
 * gunyah_vcpu_ask() - ask RM whether a VM is still there
 * @vm: the VM; if it is not, the next look at it says so
 *
 * Context: may sleep, makes an RM call.
 * Return: true if RM has answered that it runs.
 */
VISIBLE_IF_KUNIT bool gunyah_vcpu_ask(struct gunyah_vm *vm)
{
	KUNIT_STATIC_STUB_REDIRECT(gunyah_vcpu_ask, vm);

	return !gunyah_vm_query_exit(vm) && READ_ONCE(vm->rm_state) == GUNYAH_RM_VM_RUNNING;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_vcpu_ask);

/*
 * "Not now": it is being moved, taken apart or blocked in the hypervisor. Nobody
 * moves one for as long as @hopeless: there is a hypervisor that leaves a vCPU
 * busy for ever when it could not be moved.
 */
static int vcpu_retry(struct vcpu *vcpu, bool hopeless)
{
	unsigned int n = vcpu->retries++;

	if (n < RETRIES_AT_ONCE)
		return GO_ON;

	n -= RETRIES_AT_ONCE;
	if (n % RETRIES_PER_ASK == RETRIES_PER_ASK - 1 && gunyah_vcpu_ask(vcpu->vm) && hopeless) {
		pr_warn_ratelimited("gunyah: vCPU %u of VM %u stays busy\n", vcpu->id,
				    vcpu->vm->serial);
		return vcpu_crash(vcpu);
	}

	return vcpu_pause(vcpu, 1L << min(n, RETRY_SHIFT_MAX));
}

/* The hypervisor did not run it; what it was to be told is still due. */
static int vcpu_refused(struct vcpu *vcpu, int err)
{
	int ret;

	switch (err) {
	case -EBUSY:
		return vcpu_retry(vcpu, !vcpu_wait_left(vcpu, WAIT_BUSY, BUSY_TIMEOUT));
	case -EAGAIN:
		vcpu->wait = WAIT_NOTHING;
		return vcpu_retry(vcpu, false);
	default:
		/* What is gone goes with its VM, and RM may not have told yet. */
		gunyah_vcpu_ask(vcpu->vm);
		ret = vcpu_pause(vcpu, vcpu_wait_left(vcpu, WAIT_REFUSED, ASKED_TIMEOUT));
		if (ret != GO_ON || vcpu_stop(vcpu))
			return ret;
		pr_warn_ratelimited("gunyah: vCPU %u of VM %u cannot be run: %d\n", vcpu->id,
				    vcpu->vm->serial, err);
		return vcpu_crash(vcpu);
	}
}

static int vcpu_sleep(struct vcpu *vcpu)
{
	int ret = gunyah_vcpu_wait(vcpu->hw, true, WFI_TIMEOUT, vcpu_stop, vcpu);

	return ret == -ERESTARTSYS ? ret : GO_ON;
}

/* It runs, or is about to. */
static void vcpu_is_on(struct vcpu *vcpu)
{
	WRITE_ONCE(vcpu->off_at, 0);
	WRITE_ONCE(vcpu->off_type, 0);
}

/* It says that it is off; if it was on before, it may have powered on others. */
static void vcpu_is_off(struct vcpu *vcpu, const struct gunyah_vcpu_exit *exit)
{
	u16 type = vcpu->off_type ?: GUNYAH_VM_EXIT_PSCI_OFF;
	long at = vcpu->off_seen;

	/* It is told once, and from then on it is off like any other. */
	if (exit->state == GUNYAH_VCPU_STATE_SYSTEM_RESET)
		type = exit->reset.type & GUNYAH_VCPU_RESET_SYSTEM_RESET ?
		       GUNYAH_VM_EXIT_PSCI_RESET : GUNYAH_VM_EXIT_PSCI_RESET2;
	else
		WRITE_ONCE(vcpu->gone, exit->off.flags & GUNYAH_VCPU_OFF_EXITED);
	WRITE_ONCE(vcpu->off_type, type);

	if (!vcpu->off_at)
		at = atomic_long_inc_return(&vcpu->vm->offs);
	if (at != vcpu->off_at) {
		vcpu->off_asked = 0;
		vcpu->off_timeout = OFF_TIMEOUT_MIN;
		vcpu->wait = WAIT_NOTHING;
	}
	WRITE_ONCE(vcpu->off_at, at);
}

/* Into the guest and back, or what another one has brought back. */
static int vcpu_enter(struct vcpu *vcpu, struct gunyah_vcpu *hw, struct gunyah_vcpu_exit *exit)
{
	int ret;

	lockdep_assert_held(&vcpu->lock);

	if (vcpu->is_kept) {
		*exit = vcpu->kept;
		vcpu->is_kept = false;
		return 0;
	}

	trace_gunyah_vcpu_entry(vcpu->vm->serial, vcpu->id, vcpu->resume.value,
				vcpu->resume.action);
	vcpu->off_seen = atomic_long_read(&vcpu->vm->offs);
	ret = gunyah_vcpu_run(hw, &vcpu->resume, exit);
	trace_gunyah_vcpu_exit(vcpu->vm->serial, vcpu->id, ret, exit->state, exit->data);
	/* The answer was taken. */
	if (!ret)
		vcpu->resume = (struct gunyah_vcpu_resume){};

	return ret;
}

/*
 * Run it until it says something: one that was killed may be on its way, and be
 * blocked or pre-empted there, until it is off.
 */
static bool vcpu_says(struct vcpu *vcpu, struct gunyah_vcpu *hw, struct gunyah_vcpu_exit *exit)
{
	for (unsigned int i = 0; i < RETRIES_AT_ONCE && !vcpu_stop(vcpu); i++) {
		if (!vcpu_enter(vcpu, hw, exit) && exit->state != GUNYAH_VCPU_STATE_READY &&
		    exit->state != GUNYAH_VCPU_STATE_BLOCKED)
			return true;
		schedule_timeout_interruptible(1);
	}

	return false;
}

static bool vcpu_probe_locked(struct vcpu *vcpu)
{
	/* Pairs with vcpu_bind(). */
	struct gunyah_vcpu *hw = smp_load_acquire(&vcpu->hw);
	struct gunyah_vcpu_exit exit = {};

	lockdep_assert_held(&vcpu->lock);

	/* One that user space does run may be stopped on purpose. */
	if (vcpu->ran || vcpu->is_kept || READ_ONCE(vcpu->run->immediate_exit))
		return false;
	if (!hw || !gunyah_vcpu_is_proxy(hw) || !vcpu_says(vcpu, hw, &exit))
		return false;

	WRITE_ONCE(vcpu->probed_at, vcpu->off_seen);
	switch (exit.state) {
	case GUNYAH_VCPU_STATE_POWERED_OFF:
	case GUNYAH_VCPU_STATE_SYSTEM_RESET:
		vcpu_is_off(vcpu, &exit);
		break;
	case GUNYAH_VCPU_STATE_FAULT:
		vcpu_crash(vcpu);
		break;
	default:
		vcpu->kept = exit;
		vcpu->is_kept = true;
	}

	return true;
}

/* Run a vCPU nobody runs, to know whether it is off. Return: false if unknown. */
static bool vcpu_probe(struct vcpu *vcpu)
{
	bool known;

	/* Somebody runs it, and sees for himself. */
	if (!mutex_trylock(&vcpu->lock))
		return false;
	known = vcpu_probe_locked(vcpu);
	mutex_unlock(&vcpu->lock);

	return known;
}

/*
 * How a VM ended all of whose vCPUs are off, or 0 if not all are; then also one
 * that may be off, behind the first @skip of them, with a reference. One that is
 * off for ever, or was reset, does not leave the others on; but how it ended may
 * be for one to say that runs. Those that user space has not added, or has
 * removed, do not run and do not count.
 */
static u16 vcpus_all_off(struct vcpu *asks, unsigned int skip, struct vcpu **unknown)
{
	long offs = atomic_long_read(&asks->vm->offs);
	bool over = false, all = true, silent = false;
	u16 type = GUNYAH_VM_EXIT_PSCI_OFF;
	struct gunyah_vm_function *fn;

	*unknown = NULL;

	guard(mutex)(&asks->vm->fn_lock);

	list_for_each_entry(fn, &asks->vm->functions, node) {
		struct vcpu *vcpu = to_vcpu(fn);

		if (fn->ops != &gunyah_vcpu_fn_ops || !fn->bound)
			continue;
		type = max(type, READ_ONCE(vcpu->off_type));
		over |= READ_ONCE(vcpu->gone);
		silent |= READ_ONCE(vcpu->ran) && !READ_ONCE(vcpu->off_at);
		if (READ_ONCE(vcpu->off_at) == offs)
			continue;
		all = false;
		if (READ_ONCE(vcpu->probed_at) != offs && !skip--) {
			kref_get(&vcpu->ref);
			*unknown = vcpu;
		}
	}

	over &= !silent || asks->off_asked >= OVER_ASKS;

	return all || over || type != GUNYAH_VM_EXIT_PSCI_OFF ? type : 0;
}

/* The same, when those that nobody has ever run have been looked at. */
static u16 vcpus_probe_off(struct vcpu *asks)
{
	unsigned int skip = 0;
	struct vcpu *unknown;
	u16 type;

	do {
		type = vcpus_all_off(asks, skip, &unknown);
		if (!unknown)
			break;
		if (!type && !vcpu_probe(unknown))
			skip++;
		vcpu_put(unknown);
	} while (!type);

	return type;
}

/* Off: until the guest powers it on, or the VM has ended. */
static int vcpu_off(struct vcpu *vcpu)
{
	long left = vcpu_wait_left(vcpu, WAIT_OFF, vcpu->off_timeout);
	struct gunyah_vm_exit exit = { .status = GUNYAH_VM_STATUS_EXITED };
	int ret = -ETIMEDOUT;

	if (left)
		ret = gunyah_vcpu_wait(vcpu->hw, false, left, vcpu_stop, vcpu);
	if (ret == -ERESTARTSYS)
		return ret;

	vcpu->wait = WAIT_NOTHING;
	if (ret != -ETIMEDOUT) {
		vcpu_is_on(vcpu);
		return GO_ON;
	}

	vcpu->off_timeout = min(vcpu->off_timeout * 2, OFF_TIMEOUT_MAX);
	if (!gunyah_vcpu_ask(vcpu->vm) || ++vcpu->off_asked < OFF_ASKS)
		return GO_ON;

	exit.info.type = vcpus_probe_off(vcpu);
	if (exit.info.type)
		gunyah_vm_switch_off(vcpu->vm, &exit);

	return GO_ON;
}

/* The bits of an access of @len bytes */
static u64 mmio_mask(u32 len)
{
	return GENMASK_ULL(len * BITS_PER_BYTE - 1, 0);
}

/*
 * A register is in the page as bytes, the lowest first, whatever the order of
 * this CPU, and written and read at once.
 */
static_assert(sizeof_field(struct gunyah_vcpu_run, mmio.data) == sizeof(__le64));
static_assert(IS_ALIGNED(offsetof(struct gunyah_vcpu_run, mmio.data), sizeof(__le64)));

static void mmio_bytes_write(u8 *data, u64 value)
{
	*(__le64 *)data = cpu_to_le64(value);
}

static u64 mmio_bytes_read(const u8 *data)
{
	return le64_to_cpu(READ_ONCE(*(const __le64 *)data));
}

static void run_page_mmio(struct gunyah_vcpu_run *run, const struct gunyah_vcpu_exit *exit,
			  bool is_write)
{
	run->mmio.phys_addr = exit->mmio.gpa;
	mmio_bytes_write(run->mmio.data, is_write ? exit->mmio.value : 0);
	run->mmio.len = exit->mmio.size;
	run->mmio.is_write = is_write;
	/* Older clients leave this as it is. */
	run->mmio.resume_action = GUNYAH_VCPU_RESUME_HANDLED;
	WRITE_ONCE(run->exit_reason, GUNYAH_VCPU_EXIT_MMIO);
}

static int vcpu_mmio(struct vcpu *vcpu, struct gunyah_vcpu_exit *exit, bool is_write)
{
	/* User space indexes with it. */
	if (!gunyah_mmio_size_valid(exit->mmio.size)) {
		pr_warn_ratelimited("gunyah: access of %llu bytes\n", exit->mmio.size);
		return vcpu_crash(vcpu);
	}

	if (is_write) {
		/* The register came as it is. */
		exit->mmio.value &= mmio_mask(exit->mmio.size);
		if (gunyah_ioeventfd_write(vcpu->vm, exit->mmio.gpa, exit->mmio.size,
					   exit->mmio.value)) {
			vcpu->events++;
			return GO_ON;
		}
	}

	trace_gunyah_vcpu_mmio(vcpu->vm->serial, vcpu->id, is_write, exit->mmio.gpa,
			       exit->mmio.size, is_write ? exit->mmio.value : 0);
	run_page_mmio(vcpu->run, exit, is_write);
	vcpu->due = is_write ? DUE_WRITE : DUE_READ;
	vcpu->len = exit->mmio.size;
	vcpu->mmio++;

	return 0;
}

/* There is nothing here that could give the guest memory while it runs. */
static int vcpu_page_fault(struct vcpu *vcpu, const struct gunyah_vcpu_exit *exit)
{
	struct gunyah_vcpu_run *run = vcpu->run;

	run->page_fault.phys_addr = exit->fault.gpa;
	run->page_fault.attempt = -ENOENT;
	run->page_fault.resume_action = GUNYAH_VCPU_RESUME_FAULT;
	WRITE_ONCE(run->exit_reason, GUNYAH_VCPU_EXIT_PAGE_FAULT);
	vcpu->due = DUE_PAGE_FAULT;

	return 0;
}

static int vcpu_status(struct vcpu *vcpu)
{
	struct gunyah_vcpu_run *run = vcpu->run;

	run->status.status = vcpu->vm->exit.status;
	run->status.exit_info = vcpu->vm->exit.info;
	WRITE_ONCE(run->exit_reason, GUNYAH_VCPU_EXIT_STATUS);
	vcpu->due = DUE_NOTHING;

	return 0;
}

/* Returns GO_ON, 0 for an exit to user space, or an errno. */
static int vcpu_exited(struct vcpu *vcpu, struct gunyah_vcpu_exit *exit)
{
	if (exit->state != GUNYAH_VCPU_STATE_BLOCKED)
		vcpu->retries = 0;
	if (exit->state != GUNYAH_VCPU_STATE_POWERED_OFF &&
	    exit->state != GUNYAH_VCPU_STATE_SYSTEM_RESET) {
		vcpu->wait = WAIT_NOTHING;
		vcpu_is_on(vcpu);
	}

	switch (exit->state) {
	case GUNYAH_VCPU_STATE_READY:
		return GO_ON;
	case GUNYAH_VCPU_STATE_EXPECTS_WAKEUP:
		return vcpu_sleep(vcpu);
	case GUNYAH_VCPU_STATE_POWERED_OFF:
	case GUNYAH_VCPU_STATE_SYSTEM_RESET:
		vcpu_is_off(vcpu, exit);
		return vcpu_off(vcpu);
	case GUNYAH_VCPU_STATE_BLOCKED:
		return vcpu_retry(vcpu, false);
	case GUNYAH_VCPU_STATE_VMMIO_READ:
		return vcpu_mmio(vcpu, exit, false);
	case GUNYAH_VCPU_STATE_VMMIO_WRITE:
		return vcpu_mmio(vcpu, exit, true);
	case GUNYAH_VCPU_STATE_PAGE_FAULT:
		return vcpu_page_fault(vcpu, exit);
	case GUNYAH_VCPU_STATE_FAULT:
		return vcpu_crash(vcpu);
	}

	pr_warn_ratelimited("gunyah: vCPU %u of VM %u stopped for an unknown reason: %#x\n",
			    vcpu->id, vcpu->vm->serial, exit->state);

	return vcpu_crash(vcpu);
}

/* It runs without us: all there is to tell is how it ends. */
static int vcpu_unscheduled(struct vcpu *vcpu)
{
	long left = vcpu_wait_left(vcpu, WAIT_UNSCHEDULED, OFF_TIMEOUT_MAX);
	int ret = vcpu_pause(vcpu, left);

	if (ret != GO_ON || vcpu_stop(vcpu))
		return ret;

	vcpu->wait = WAIT_NOTHING;
	gunyah_vcpu_ask(vcpu->vm);

	return GO_ON;
}

/* One round: into the guest and back. */
static int vcpu_round(struct vcpu *vcpu, struct gunyah_vcpu *hw)
{
	struct gunyah_vcpu_exit exit = {};
	int ret;

	ret = gunyah_vcpu_entry_work();
	if (ret)
		return ret;

	if (!gunyah_vcpu_is_proxy(hw))
		return vcpu_unscheduled(vcpu);

	WRITE_ONCE(vcpu->ran, true);
	ret = vcpu_enter(vcpu, hw, &exit);

	return ret ? vcpu_refused(vcpu, ret) : vcpu_exited(vcpu, &exit);
}

/* Takes user space's answer to the last exit, once. */
static int vcpu_take_answer(struct vcpu *vcpu)
{
	static const enum gunyah_vcpu_action actions[] = {
		[GUNYAH_VCPU_RESUME_HANDLED]	= GUNYAH_VCPU_ACTION_EMULATE,
		[GUNYAH_VCPU_RESUME_FAULT]	= GUNYAH_VCPU_ACTION_FAULT,
		[GUNYAH_VCPU_RESUME_RETRY]	= GUNYAH_VCPU_ACTION_RETRY,
	};
	struct gunyah_vcpu_run *run = vcpu->run;
	u64 value = 0;
	u8 action;

	if (vcpu->due == DUE_NOTHING)
		return 0;

	if (vcpu->due == DUE_PAGE_FAULT)
		action = READ_ONCE(run->page_fault.resume_action);
	else
		action = READ_ONCE(run->mmio.resume_action);
	if (action >= ARRAY_SIZE(actions))
		return -EINVAL;

	/* The hypervisor does not mask it. */
	if (vcpu->due == DUE_READ && action == GUNYAH_VCPU_RESUME_HANDLED)
		value = mmio_bytes_read(run->mmio.data) & mmio_mask(vcpu->len);

	/* A hypervisor that tells page faults is known to take one answer: once more. */
	if (vcpu->due != DUE_PAGE_FAULT)
		vcpu->resume.action = actions[array_index_nospec(action, ARRAY_SIZE(actions))];
	vcpu->resume.value = value;
	vcpu->due = DUE_NOTHING;

	return 0;
}

static int vcpu_run_locked(struct vcpu *vcpu)
{
	struct gunyah_vcpu *hw;
	int ret;

	lockdep_assert_held(&vcpu->lock);

	ret = vcpu_take_answer(vcpu);
	if (ret)
		return ret;

	do {
		if (READ_ONCE(vcpu->removed))
			return -ENODEV;
		if (READ_ONCE(vcpu->run->immediate_exit))
			return -EINTR;
		if (gunyah_vm_state(vcpu->vm) != GUNYAH_VM_RUNNING)
			return gunyah_vm_ended(vcpu->vm) ? vcpu_status(vcpu) : -ENODEV;
		/* Pairs with vcpu_bind(). */
		hw = smp_load_acquire(&vcpu->hw);
		if (!hw)
			return -ENODEV;

		ret = vcpu_round(vcpu, hw);
	} while (ret == GO_ON);

	return ret;
}

static long vcpu_ioctl_run(struct vcpu *vcpu)
{
	int ret;

	if (current->mm != vcpu->vm->mm)
		return -EPERM;

	if (gunyah_vm_state(vcpu->vm) != GUNYAH_VM_RUNNING) {
		ret = gunyah_vm_wait_started(vcpu->vm);
		if (ret)
			return ret;
	}

	if (mutex_lock_interruptible(&vcpu->lock))
		return -ERESTARTSYS;
	ret = vcpu_run_locked(vcpu);
	mutex_unlock(&vcpu->lock);

	return ret;
}

/* The file */

static long vcpu_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case GUNYAH_VCPU_RUN:
		return vcpu_ioctl_run(file->private_data);
	case GUNYAH_VCPU_MMAP_SIZE:
		return PAGE_SIZE;
	default:
		return -ENOTTY;
	}
}

static vm_fault_t vcpu_fault(struct vm_fault *vmf)
{
	struct vcpu *vcpu = vmf->vma->vm_file->private_data;

	if (vmf->pgoff)
		return VM_FAULT_SIGBUS;

	get_page(vcpu->page);
	vmf->page = vcpu->page;

	return 0;
}

static const struct vm_operations_struct vcpu_vm_ops = {
	.fault = vcpu_fault,
};

/* A private mapping would get a copy, and never see an exit. */
static int vcpu_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;

	vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_ops = &vcpu_vm_ops;

	return 0;
}

static int vcpu_file_release(struct inode *inode, struct file *file)
{
	struct vcpu *vcpu = file->private_data;
	struct gunyah_vm *vm = vcpu->vm;

	vcpu_put(vcpu);
	gunyah_vm_put(vm);

	return 0;
}

static const struct file_operations vcpu_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = vcpu_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = vcpu_mmap,
	.release = vcpu_file_release,
	.llseek = noop_llseek,
};

/* The function */

static bool vcpu_is(const struct gunyah_vm_function *fn, const void *data)
{
	const struct gunyah_fn_vcpu_arg *arg = data;

	return to_vcpu(fn)->id == arg->id;
}

static int vcpu_open(struct vcpu *vcpu, struct gunyah_vm *vm)
{
	char name[sizeof("gh-vcpu:") + 10];
	int fd;

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;

	snprintf(name, sizeof(name), "gh-vcpu:%u", vcpu->id);
	vcpu->file = anon_inode_getfile(name, &vcpu_fops, vcpu, O_RDWR);
	if (IS_ERR(vcpu->file)) {
		put_unused_fd(fd);
		return PTR_ERR(vcpu->file);
	}

	/* The file has its references from here on. */
	kref_get(&vcpu->ref);
	gunyah_vm_get(vm);
	vcpu->fd = fd;

	return 0;
}

static struct gunyah_vm_function *vcpu_create(struct gunyah_vm *vm, const void *data)
{
	const struct gunyah_fn_vcpu_arg *arg = data;
	struct vcpu *vcpu;
	int ret;

	vcpu = kzalloc(sizeof(*vcpu), GFP_KERNEL_ACCOUNT);
	if (!vcpu)
		return ERR_PTR(-ENOMEM);

	vcpu->page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!vcpu->page) {
		kfree(vcpu);
		return ERR_PTR(-ENOMEM);
	}

	kref_init(&vcpu->ref);
	mutex_init(&vcpu->lock);
	vcpu->vm = vm;
	vcpu->id = arg->id;
	vcpu->run = page_address(vcpu->page);
	vcpu->fn.claims = true;
	vcpu->fn.kind = GUNYAH_RESOURCE_VCPU;
	vcpu->fn.label = arg->id;

	ret = vcpu_open(vcpu, vm);
	if (ret) {
		vcpu_put(vcpu);
		return ERR_PTR(ret);
	}

	return &vcpu->fn;
}

static int vcpu_publish(struct gunyah_vm_function *fn)
{
	struct vcpu *vcpu = to_vcpu(fn);
	int fd = vcpu->fd;

	fd_install(fd, vcpu->file);
	vcpu->file = NULL;

	return fd;
}

static int vcpu_bind(struct gunyah_vm_function *fn, struct auxiliary_device *adev)
{
	struct gunyah_vcpu *hw = gunyah_vcpu_get(adev);

	if (IS_ERR(hw))
		return PTR_ERR(hw);

	/* Pairs with vcpu_run_locked(). */
	smp_store_release(&to_vcpu(fn)->hw, hw);

	return 0;
}

/* Whoever runs it or sleeps in it has to look at the state. */
static void vcpu_kick(struct gunyah_vm_function *fn)
{
	struct vcpu *vcpu = to_vcpu(fn);

	if (vcpu->hw)
		gunyah_vcpu_kick(vcpu->hw);
	wake_up_all(&vcpu->vm->wait);
}

/* Who runs it keeps it, and leaves soon. */
static void vcpu_remove(struct gunyah_vm_function *fn)
{
	struct vcpu *vcpu = to_vcpu(fn);

	WRITE_ONCE(vcpu->removed, true);
	if (vcpu->file) {
		put_unused_fd(vcpu->fd);
		fput(vcpu->file);
	}
	vcpu_kick(fn);
	vcpu_put(vcpu);
}

static void vcpu_show(const struct gunyah_vm_function *fn, struct seq_file *m)
{
	const struct vcpu *vcpu = to_vcpu(fn);
	struct gunyah_vcpu_stats stats = {};

	if (vcpu->hw)
		gunyah_vcpu_get_stats(vcpu->hw, &stats);
	seq_printf(m, "vcpu:\tid=%u runs=%llu guest_ns=%llu wakeups=%llu sleeps=%llu polled=%llu",
		   vcpu->id, stats.runs, stats.guest_ns, stats.wakeups, stats.sleeps,
		   stats.polled);
	seq_printf(m, " mmio=%llu events=%llu%s\n", READ_ONCE(vcpu->mmio),
		   READ_ONCE(vcpu->events), vcpu->hw ? "" : " unbound");
}

const struct gunyah_vm_function_ops gunyah_vcpu_fn_ops = {
	.type = GUNYAH_FN_VCPU,
	.name = "vcpu",
	.arg_size = sizeof(struct gunyah_fn_vcpu_arg),
	.conflicts = vcpu_is,
	.matches = vcpu_is,
	.create = vcpu_create,
	.publish = vcpu_publish,
	.bind = vcpu_bind,
	.remove = vcpu_remove,
	.ended = vcpu_kick,
	.show = vcpu_show,
};
EXPORT_SYMBOL_IF_KUNIT(gunyah_vcpu_fn_ops);

/**
 * gunyah_vcpu_file() - what a test, which has no user space, has of a vCPU
 * @fn: a vCPU that is not published
 *
 * Return: its file
 */
VISIBLE_IF_KUNIT __maybe_unused struct file *gunyah_vcpu_file(const struct gunyah_vm_function *fn)
{
	return to_vcpu(fn)->file;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_vcpu_file);

/**
 * gunyah_vcpu_page() - the same: its page
 * @fn: a vCPU
 *
 * Return: what user space would have mapped
 */
VISIBLE_IF_KUNIT __maybe_unused struct gunyah_vcpu_run *
gunyah_vcpu_page(const struct gunyah_vm_function *fn)
{
	return to_vcpu(fn)->run;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_vcpu_page);
