// SPDX-License-Identifier: GPL-2.0-only
/*
 * Gunyah hypercalls: the only HVC of the driver set, and one function per call.
 *
 * Responsible for registers: which argument goes where, which result comes
 * from where. Not for policy, retries, locks or logging.
 *
 * Calls are made in the SMCCC form. The hypervisor answers SMCCC_VERSION with
 * 1.3, and calls with more than four results need the 1.2 primitive. Its
 * conduit is HVC whatever PSCI's is, so the conduit of the SMCCC core is not
 * asked. Registers X1 to X17 that a call does not use are zero: newer firmware
 * insists on it for some calls. Reserved arguments that have to be all-ones
 * are written out.
 *
 * A message buffer is passed as the kernel virtual address it has. The
 * hypervisor translates it in the caller's context, page by page, so linear
 * map, vmalloc and stack addresses are all fine as long as they stay mapped
 * for the call.
 *
 * No call may be made before a device-tree node has said that there is a
 * Gunyah: elsewhere HVC can be an undefined instruction.
 */
#include <linux/array_size.h>
#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/gunyah.h>
#include <linux/module.h>
#include <linux/string.h>

#include <asm/gunyah.h>

#include <kunit/visibility.h>

/* A reserved argument of this kind is all-ones. */
#define RES1			U64_MAX
/* The only hold-off the hypervisor knows: none. A 32-bit argument. */
#define MSGQ_NO_HOLDOFF		U32_MAX

struct error_row {
	enum gunyah_error gh_err;
	int err;
	const char *name;
};

#define ERROR_ROW(code, errno) { GUNYAH_ERROR_##code, errno, #code }

static const struct error_row error_rows[] = {
	ERROR_ROW(OK, 0),
	ERROR_ROW(UNIMPLEMENTED, -EOPNOTSUPP),
	ERROR_ROW(RETRY, -EAGAIN),
	ERROR_ROW(ARGUMENT_INVALID, -EINVAL),
	ERROR_ROW(ARGUMENT_SIZE, -EINVAL),
	ERROR_ROW(ARGUMENT_ALIGNMENT, -EINVAL),
	ERROR_ROW(NOMEM, -ENOMEM),
	ERROR_ROW(NORESOURCES, -ENODEV),
	ERROR_ROW(ADDR_OVERFLOW, -EOVERFLOW),
	ERROR_ROW(ADDR_UNDERFLOW, -EOVERFLOW),
	ERROR_ROW(ADDR_INVALID, -EINVAL),
	ERROR_ROW(DENIED, -EPERM),
	ERROR_ROW(BUSY, -EBUSY),
	ERROR_ROW(IDLE, -ENODATA),
	ERROR_ROW(OBJECT_STATE, -EINVAL),
	ERROR_ROW(OBJECT_CONFIG, -EINVAL),
	ERROR_ROW(OBJECT_CONFIGURED, -EINVAL),
	ERROR_ROW(FAILURE, -EIO),
	ERROR_ROW(VIRQ_BOUND, -EBUSY),
	ERROR_ROW(VIRQ_NOT_BOUND, -EIO),
	ERROR_ROW(CSPACE_CAP_NULL, -EACCES),
	ERROR_ROW(CSPACE_CAP_REVOKED, -EACCES),
	ERROR_ROW(CSPACE_WRONG_OBJECT_TYPE, -EACCES),
	ERROR_ROW(CSPACE_INSUFFICIENT_RIGHTS, -EACCES),
	ERROR_ROW(CSPACE_FULL, -EACCES),
	ERROR_ROW(MSGQUEUE_EMPTY, -ENODATA),
	ERROR_ROW(MSGQUEUE_FULL, -EBUSY),
	ERROR_ROW(MEMDB_NOT_OWNER, -EIO),
	ERROR_ROW(MEMEXTENT_MAPPINGS_FULL, -EIO),
	ERROR_ROW(MEMEXTENT_TYPE, -EIO),
	ERROR_ROW(EXISTING_MAPPING, -EIO),
};

static const struct error_row *error_find(enum gunyah_error gh_err)
{
	for (size_t i = 0; i < ARRAY_SIZE(error_rows); i++)
		if (error_rows[i].gh_err == gh_err)
			return &error_rows[i];

	return NULL;
}

/**
 * gunyah_error_to_errno() - the errno that stands for a hypercall's answer
 * @gh_err: what the hypercall returned
 *
 * Context: Any.
 * Return: 0 for GUNYAH_ERROR_OK, else a negative errno; -EIO for a code that
 * has none of its own or is not known.
 */
int gunyah_error_to_errno(enum gunyah_error gh_err)
{
	const struct error_row *row = error_find(gh_err);

	return row ? row->err : -EIO;
}
EXPORT_SYMBOL_GPL(gunyah_error_to_errno);

/**
 * gunyah_error_name() - the name of a hypercall's answer
 * @gh_err: what the hypercall returned
 *
 * Context: Any.
 * Return: the name as the hypervisor's document has it, "unknown" for a code
 * that is not known.
 */
const char *gunyah_error_name(enum gunyah_error gh_err)
{
	const struct error_row *row = error_find(gh_err);

	return row ? row->name : "unknown";
}
EXPORT_SYMBOL_GPL(gunyah_error_name);

/* NULL: the hypervisor. Written by tests only, read in any context. */
static gunyah_conduit_t *conduit;

/**
 * gunyah_conduit_set() - put something else in the hypervisor's place
 * @fn: carries every call from now on; NULL for the hypervisor
 *
 * For tests. Calls under way on other CPUs may still be in the previous
 * conduit when this returns; the test has to see to it that there are none.
 *
 * Context: Any.
 * Return: the conduit so far, NULL for the hypervisor.
 */
VISIBLE_IF_KUNIT __maybe_unused gunyah_conduit_t *
gunyah_conduit_set(gunyah_conduit_t *fn)
{
	return xchg(&conduit, fn);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_conduit_set);

/**
 * gunyah_conduit_call() - make a call whose registers the caller has laid out
 * @args: X0..X17 on entry
 * @res: X0..X17 on return; may be the same object as @args
 *
 * Exported to tests, for calls that have no wrapper.
 *
 * Context: Any.
 */
VISIBLE_IF_KUNIT void
gunyah_conduit_call(const struct arm_smccc_1_2_regs *args, struct arm_smccc_1_2_regs *res)
{
	gunyah_conduit_t *fn = READ_ONCE(conduit);

	if (unlikely(fn))
		fn(args, res);
	else
		arm_smccc_1_2_hvc(args, res);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_conduit_call);

/* Calls with @regs in place; the error is the low 32 bits of X0, signed. */
static enum gunyah_error hypercall(struct arm_smccc_1_2_regs *regs)
{
	gunyah_conduit_call(regs, regs);

	return (enum gunyah_error)(int)regs->a0;
}

/* The calls that have no result besides the error. */
static enum gunyah_error hypercall5(unsigned long id, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = id,
		.a1 = a1,
		.a2 = a2,
		.a3 = a3,
		.a4 = a4,
		.a5 = a5,
	};

	return hypercall(&regs);
}

static enum gunyah_error hypercall4(unsigned long id, u64 a1, u64 a2, u64 a3, u64 a4)
{
	return hypercall5(id, a1, a2, a3, a4, 0);
}

/**
 * gunyah_hypercall_identify() - version and features
 * @info: filled in; there is no error
 *
 * Source: HYP_IDENTIFY of the API document, feature bits from the code.
 *
 * Context: Any, on a Gunyah hypervisor only.
 */
void gunyah_hypercall_identify(struct gunyah_hyp_info *info)
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = GUNYAH_HYPERCALL_HYP_IDENTIFY,
	};

	gunyah_conduit_call(&regs, &regs);
	info->api_info = regs.a0;
	info->flags[0] = regs.a1;
	info->flags[1] = regs.a2;
	info->flags[2] = regs.a3;
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_identify);

/**
 * gunyah_hypervisor_detect() - is this a Gunyah whose calls are known?
 * @info: filled in on success
 *
 * Compares the UUID, 32 bits a register, and the version of the call
 * interface, but not the variant: builds disagree about it.
 *
 * Context: Any, but only after a device-tree node has matched.
 * Return: 0, -ENODEV if the hypervisor is not Gunyah, -EPROTO if its call
 * interface is not version 1.
 */
int gunyah_hypervisor_detect(struct gunyah_hyp_info *info)
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = GUNYAH_SERVICE_CALL_UID,
	};
	struct gunyah_hyp_info found;

	gunyah_conduit_call(&regs, &regs);
	if ((u32)regs.a0 != GUNYAH_UUID_0 || (u32)regs.a1 != GUNYAH_UUID_1 ||
	    (u32)regs.a2 != GUNYAH_UUID_2 || (u32)regs.a3 != GUNYAH_UUID_3)
		return -ENODEV;

	gunyah_hypercall_identify(&found);
	if (gunyah_hyp_api_version(&found) != GUNYAH_API_V1)
		return -EPROTO;

	*info = found;
	return 0;
}
EXPORT_SYMBOL_GPL(gunyah_hypervisor_detect);

/**
 * gunyah_hypercall_doorbell_send() - set flags of a doorbell
 * @capid: doorbell, with the SEND right
 * @new_flags: bits to set, may be 0 for a bare edge
 * @old_flags: the flags before, written on success
 *
 * Source: doorbell_send, 0x12.
 *
 * Context: Any.
 * Return: OK or an error of the capability.
 */
enum gunyah_error gunyah_hypercall_doorbell_send(u64 capid, u64 new_flags, u64 *old_flags)
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = GUNYAH_HYPERCALL_DOORBELL_SEND,
		.a1 = capid,
		.a2 = new_flags,
	};
	enum gunyah_error gh_err = hypercall(&regs);

	if (gh_err == GUNYAH_ERROR_OK)
		*old_flags = regs.a1;

	return gh_err;
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_doorbell_send);

/**
 * gunyah_hypercall_doorbell_recv() - read and clear flags of a doorbell
 * @capid: doorbell, with the RECEIVE right
 * @clear_flags: bits to clear; 0 is refused with ARGUMENT_INVALID
 * @old_flags: the flags before, written on success
 *
 * Source: doorbell_receive, 0x13. The document says that the bits are set;
 * the code clears them.
 *
 * Context: Any.
 * Return: OK, ARGUMENT_INVALID or an error of the capability.
 */
enum gunyah_error gunyah_hypercall_doorbell_recv(u64 capid, u64 clear_flags, u64 *old_flags)
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = GUNYAH_HYPERCALL_DOORBELL_RECV,
		.a1 = capid,
		.a2 = clear_flags,
	};
	enum gunyah_error gh_err = hypercall(&regs);

	if (gh_err == GUNYAH_ERROR_OK)
		*old_flags = regs.a1;

	return gh_err;
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_doorbell_recv);

/**
 * gunyah_hypercall_doorbell_reset() - clear a doorbell and its masks
 * @capid: doorbell, with the RECEIVE right
 *
 * Flags and ack mask become 0, the enable mask all-ones, and the interrupt is
 * withdrawn. Source: doorbell_reset, 0x14.
 *
 * Context: Any.
 * Return: OK or an error of the capability.
 */
enum gunyah_error gunyah_hypercall_doorbell_reset(u64 capid)
{
	return hypercall4(GUNYAH_HYPERCALL_DOORBELL_RESET, capid, 0, 0, 0);
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_doorbell_reset);

/**
 * gunyah_hypercall_doorbell_mask() - choose which flags interrupt
 * @capid: doorbell, with the RECEIVE right
 * @enable_mask: flags that raise the interrupt
 * @ack_mask: flags that are cleared when it is raised
 *
 * Takes effect on flags that are set already. Source: doorbell_mask, 0x15.
 *
 * Context: Any.
 * Return: OK or an error of the capability.
 */
enum gunyah_error gunyah_hypercall_doorbell_mask(u64 capid, u64 enable_mask, u64 ack_mask)
{
	return hypercall4(GUNYAH_HYPERCALL_DOORBELL_MASK, capid, enable_mask, ack_mask, 0);
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_doorbell_mask);

/**
 * gunyah_hypercall_msgq_send() - put a message into a queue
 * @capid: queue, with the SEND right
 * @size: bytes, 1 to the queue's message size
 * @buf: the message; any mapped kernel address
 * @flags: 0 or GUNYAH_MSGQ_SEND_PUSH
 * @not_full: written on success; false if the queue took its last message
 *
 * The caller checks @size and @buf: the public hypervisor answers a message
 * it cannot read, or that is too long, with OK and drops it. Source:
 * msgqueue_send, 0x1b.
 *
 * Context: Any.
 * Return: OK, MSGQUEUE_FULL or an error of the capability.
 */
enum gunyah_error gunyah_hypercall_msgq_send(u64 capid, size_t size, void *buf,
					     u64 flags, bool *not_full)
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = GUNYAH_HYPERCALL_MSGQ_SEND,
		.a1 = capid,
		.a2 = size,
		.a3 = (uintptr_t)buf,
		.a4 = flags,
	};
	enum gunyah_error gh_err = hypercall(&regs);

	if (gh_err == GUNYAH_ERROR_OK)
		*not_full = regs.a1;

	return gh_err;
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_msgq_send);

/**
 * gunyah_hypercall_msgq_recv() - take a message out of a queue
 * @capid: queue, with the RECEIVE right
 * @buf: where to put it; any mapped kernel address
 * @size: bytes at @buf
 * @recv_size: bytes received, written on success
 * @not_empty: written on success; there are more
 *
 * The public hypervisor answers a buffer it cannot write, or that is too
 * small, with OK, size 0 and the message still at the head of the queue: do
 * not loop on @not_empty alone. Source: msgqueue_receive, 0x1c.
 *
 * Context: Any.
 * Return: OK, MSGQUEUE_EMPTY or an error of the capability.
 */
enum gunyah_error gunyah_hypercall_msgq_recv(u64 capid, void *buf, size_t size,
					     size_t *recv_size, bool *not_empty)
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = GUNYAH_HYPERCALL_MSGQ_RECV,
		.a1 = capid,
		.a2 = (uintptr_t)buf,
		.a3 = size,
	};
	enum gunyah_error gh_err = hypercall(&regs);

	if (gh_err == GUNYAH_ERROR_OK) {
		*recv_size = regs.a1;
		*not_empty = regs.a2;
	}

	return gh_err;
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_msgq_recv);

/**
 * gunyah_hypercall_msgq_flush() - drop every message of a queue
 * @capid: queue, with the RECEIVE right
 *
 * Raises the sender's interrupt if the queue was not empty (the document says
 * the contrary). Source: msgqueue_flush, 0x1d.
 *
 * Context: Any.
 * Return: OK or an error of the capability.
 */
enum gunyah_error gunyah_hypercall_msgq_flush(u64 capid)
{
	return hypercall4(GUNYAH_HYPERCALL_MSGQ_FLUSH, capid, 0, 0, 0);
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_msgq_flush);

/**
 * gunyah_hypercall_msgq_configure_send() - when to interrupt the sender
 * @capid: queue, with the SEND right
 * @threshold: interrupt when a receive leaves exactly so many messages: 0 to
 *	       depth - 1, or GUNYAH_MSGQ_THRESHOLD_KEEP
 *
 * It is raised at once if there are no more than that, else withdrawn, unless
 * the threshold is kept. The hold-off time is not implemented by the public hypervisor and always
 * left alone. Source: msgqueue_configure_send, 0x1f.
 *
 * Context: Any.
 * Return: OK, ARGUMENT_INVALID or an error of the capability.
 */
enum gunyah_error gunyah_hypercall_msgq_configure_send(u64 capid, u32 threshold)
{
	return hypercall4(GUNYAH_HYPERCALL_MSGQ_CONFIGURE_SEND,
			  capid, threshold, MSGQ_NO_HOLDOFF, RES1);
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_msgq_configure_send);

/**
 * gunyah_hypercall_msgq_configure_recv() - when to interrupt the receiver
 * @capid: queue, with the RECEIVE right
 * @threshold: interrupt when a send brings the queue to exactly so many
 *	       messages: 1 to depth, GUNYAH_MSGQ_THRESHOLD_FULL or
 *	       GUNYAH_MSGQ_THRESHOLD_KEEP
 *
 * It is raised at once if there are as many, else withdrawn; not so for
 * GUNYAH_MSGQ_THRESHOLD_FULL, nor if the threshold is kept. The hold-off time is
 * left alone. Source: msgqueue_configure_receive, 0x20.
 *
 * Context: Any.
 * Return: OK, ARGUMENT_INVALID or an error of the capability.
 */
enum gunyah_error gunyah_hypercall_msgq_configure_recv(u64 capid, u32 threshold)
{
	return hypercall4(GUNYAH_HYPERCALL_MSGQ_CONFIGURE_RECV,
			  capid, threshold, MSGQ_NO_HOLDOFF, RES1);
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_msgq_configure_recv);

/**
 * gunyah_hypercall_vcpu_run() - let a vCPU run until it stops
 * @capid: vCPU, with the AFFINITY and YIELD_TO rights
 * @resume: the answer to the last exit, all zero if none is wanted
 * @exit: written on success
 *
 * The answer belongs to the state that the last successful call returned; an
 * error leaves it due. The result of an exit cannot be had a second time.
 * Source: vcpu_run, 0x65; states 7 and the action are newer firmware's.
 *
 * Context: Preemptible with interrupts enabled, or else the vCPU keeps the CPU
 * until its time slice ends. May take as long as that.
 * Return: OK, BUSY if the vCPU is being run already or is not run by this
 * call, or an error of the capability.
 */
enum gunyah_error
gunyah_hypercall_vcpu_run(u64 capid, const struct gunyah_vcpu_resume *resume,
			  struct gunyah_vcpu_exit *exit)
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = GUNYAH_HYPERCALL_VCPU_RUN,
		.a1 = capid,
		.a2 = resume->value,
		.a3 = resume->action,
	};
	enum gunyah_error gh_err = hypercall(&regs);

	if (gh_err == GUNYAH_ERROR_OK) {
		exit->state = regs.a1;
		exit->data[0] = regs.a2;
		exit->data[1] = regs.a3;
		exit->data[2] = regs.a4;
	}

	return gh_err;
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_vcpu_run);

/**
 * gunyah_hypercall_vcpu_poweron() - start a vCPU
 * @capid: vCPU, with the POWER right
 * @entry: where to begin, an intermediate physical address
 * @context: its X0
 * @flags: GUNYAH_VCPU_POWERON_* bits
 *
 * Source: vcpu_poweron, 0x38.
 *
 * Context: Any.
 * Return: OK, BUSY if it is not powered off, FAILURE if it is being killed,
 * ARGUMENT_INVALID or an error of the capability.
 */
enum gunyah_error gunyah_hypercall_vcpu_poweron(u64 capid, u64 entry, u64 context, u64 flags)
{
	return hypercall4(GUNYAH_HYPERCALL_VCPU_POWERON, capid, entry, context, flags);
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_vcpu_poweron);

/**
 * gunyah_hypercall_vcpu_poweroff() - stop the calling vCPU
 * @capid: the calling vCPU, with the POWER right
 * @flags: 0 or GUNYAH_VCPU_POWEROFF_LAST
 *
 * Source: vcpu_poweroff, 0x39.
 *
 * Context: The vCPU that is to stop, with interrupts disabled.
 * Return: only on failure: ARGUMENT_INVALID if @capid is not the caller,
 * DENIED if GUNYAH_VCPU_POWEROFF_LAST does not agree with the VM's state, or
 * an error of the capability.
 */
enum gunyah_error gunyah_hypercall_vcpu_poweroff(u64 capid, u64 flags)
{
	return hypercall4(GUNYAH_HYPERCALL_VCPU_POWEROFF, capid, flags, 0, 0);
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_vcpu_poweroff);

/**
 * gunyah_hypercall_vcpu_set_affinity() - choose a vCPU's physical CPU
 * @capid: vCPU, with the AFFINITY right, and DISABLE for none
 * @cpu: the hypervisor's index of the CPU, or GUNYAH_VCPU_AFFINITY_NONE
 *
 * Source: vcpu_set_affinity, 0x3d.
 *
 * Context: Any.
 * Return: OK, ARGUMENT_INVALID if there is no such CPU, DENIED if the vCPU is
 * pinned, OBJECT_STATE or an error of the capability.
 */
enum gunyah_error gunyah_hypercall_vcpu_set_affinity(u64 capid, u32 cpu)
{
	return hypercall4(GUNYAH_HYPERCALL_VCPU_SET_AFFINITY, capid, cpu, RES1, 0);
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_vcpu_set_affinity);

/**
 * gunyah_hypercall_scheduler_yield() - give up the physical CPU
 * @control: GUNYAH_SCHEDULER_YIELD or GUNYAH_SCHEDULER_YIELD_TO_THREAD
 * @arg: with the latter, a thread with the YIELD_TO right; else 0
 *
 * Source: scheduler_yield, 0x3b. The document's hint 2 is not implemented.
 *
 * Context: Any.
 * Return: OK, ARGUMENT_INVALID or an error of the capability.
 */
enum gunyah_error gunyah_hypercall_scheduler_yield(u64 control, u64 arg)
{
	return hypercall4(GUNYAH_HYPERCALL_SCHEDULER_YIELD, control, arg, 0, 0);
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_scheduler_yield);

/**
 * gunyah_hypercall_vpm_group_get_state() - power state of a group of vCPUs
 * @capid: VPM group, with the QUERY right
 * @state: one of GUNYAH_VPM_STATE_*, written on success
 *
 * Source: vpm_group_get_state, 0x45.
 *
 * Context: Any.
 * Return: OK or an error of the capability.
 */
enum gunyah_error gunyah_hypercall_vpm_group_get_state(u64 capid, u64 *state)
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = GUNYAH_HYPERCALL_VPM_GROUP_GET_STATE,
		.a1 = capid,
	};
	enum gunyah_error gh_err = hypercall(&regs);

	if (gh_err == GUNYAH_ERROR_OK)
		*state = regs.a1;

	return gh_err;
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_vpm_group_get_state);

/**
 * gunyah_hypercall_virtio_assert_virq() - interrupt the guest's driver
 * @capid: virtio-mmio device, with the ASSERT_VIRQ right
 * @status: ORed into the device's InterruptStatus
 *
 * Source: virtio_mmio_backend_assert_virq, 0x4e.
 *
 * Context: Any.
 * Return: OK, DENIED while the device needs a reset, or an error of the
 * capability.
 */
enum gunyah_error gunyah_hypercall_virtio_assert_virq(u64 capid, u32 status)
{
	return hypercall4(GUNYAH_HYPERCALL_VIRTIO_ASSERT_VIRQ, capid, status, 0, 0);
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_virtio_assert_virq);

/**
 * gunyah_hypercall_virtio_set_dev_features() - offer features to the guest
 * @capid: virtio-mmio device, with the CONFIG right
 * @sel: 0 or 1, which 32 of the bits
 * @features: the bits; word 1 needs VERSION_1 and ACCESS_PLATFORM
 *
 * Source: virtio_mmio_backend_set_dev_features, 0x4f.
 *
 * Context: Any.
 * Return: OK, ARGUMENT_INVALID, DENIED or an error of the capability.
 */
enum gunyah_error gunyah_hypercall_virtio_set_dev_features(u64 capid, u32 sel, u32 features)
{
	return hypercall4(GUNYAH_HYPERCALL_VIRTIO_SET_DEV_FEATURES, capid, sel, features, 0);
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_virtio_set_dev_features);

/**
 * gunyah_hypercall_virtio_set_queue_num_max() - limit the size of a queue
 * @capid: virtio-mmio device, with the CONFIG right
 * @queue: index of the queue
 * @num_max: most descriptors the guest may choose
 *
 * Source: virtio_mmio_backend_set_queue_num_max, 0x50.
 *
 * Context: Any.
 * Return: OK, ARGUMENT_INVALID or an error of the capability.
 */
enum gunyah_error gunyah_hypercall_virtio_set_queue_num_max(u64 capid, u32 queue, u32 num_max)
{
	return hypercall4(GUNYAH_HYPERCALL_VIRTIO_SET_QUEUE_NUM_MAX, capid, queue, num_max, 0);
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_virtio_set_queue_num_max);

/**
 * gunyah_hypercall_virtio_get_drv_features() - what the guest accepted
 * @capid: virtio-mmio device, with the CONFIG right
 * @sel: 0 or 1, which 32 of the bits
 * @features: the bits, written on success
 *
 * Source: virtio_mmio_backend_get_drv_features, 0x51.
 *
 * Context: Any.
 * Return: OK, ARGUMENT_INVALID or an error of the capability.
 */
enum gunyah_error gunyah_hypercall_virtio_get_drv_features(u64 capid, u32 sel, u32 *features)
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = GUNYAH_HYPERCALL_VIRTIO_GET_DRV_FEATURES,
		.a1 = capid,
		.a2 = sel,
	};
	enum gunyah_error gh_err = hypercall(&regs);

	if (gh_err == GUNYAH_ERROR_OK)
		*features = regs.a1;

	return gh_err;
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_virtio_get_drv_features);

/**
 * gunyah_hypercall_virtio_get_queue_info() - how the guest set up a queue
 * @capid: virtio-mmio device, with the CONFIG right
 * @queue: index of the queue
 * @info: written on success
 *
 * Source: virtio_mmio_backend_get_queue_info, 0x52; six results.
 *
 * Context: Any.
 * Return: OK, ARGUMENT_INVALID or an error of the capability.
 */
enum gunyah_error
gunyah_hypercall_virtio_get_queue_info(u64 capid, u32 queue, struct gunyah_virtio_queue_info *info)
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = GUNYAH_HYPERCALL_VIRTIO_GET_QUEUE_INFO,
		.a1 = capid,
		.a2 = queue,
	};
	enum gunyah_error gh_err = hypercall(&regs);

	if (gh_err == GUNYAH_ERROR_OK) {
		info->num = regs.a1;
		info->ready = regs.a2;
		info->desc = regs.a3;
		info->driver = regs.a4;
		info->device = regs.a5;
	}

	return gh_err;
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_virtio_get_queue_info);

/**
 * gunyah_hypercall_virtio_get_notification() - what the guest wants
 * @capid: virtio-mmio device, with the CONFIG right
 * @queues: bitmap of the queues notified, written on success
 * @reason: GUNYAH_VIRTIO_* bits, written on success
 *
 * Both are cleared by reading; both are 0 if an earlier call took them.
 * Source: virtio_mmio_backend_get_notification, 0x53.
 *
 * Context: Any.
 * Return: OK or an error of the capability.
 */
enum gunyah_error gunyah_hypercall_virtio_get_notification(u64 capid, u64 *queues, u64 *reason)
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = GUNYAH_HYPERCALL_VIRTIO_GET_NOTIFICATION,
		.a1 = capid,
	};
	enum gunyah_error gh_err = hypercall(&regs);

	if (gh_err == GUNYAH_ERROR_OK) {
		*queues = regs.a1;
		*reason = regs.a2;
	}

	return gh_err;
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_virtio_get_notification);

/**
 * gunyah_hypercall_virtio_acknowledge_reset() - finish a reset
 * @capid: virtio-mmio device, with the CONFIG right
 *
 * Sets the status register to 0 and nothing else. Source:
 * virtio_mmio_backend_acknowledge_reset, 0x54.
 *
 * Context: Any.
 * Return: OK or an error of the capability.
 */
enum gunyah_error gunyah_hypercall_virtio_acknowledge_reset(u64 capid)
{
	return hypercall4(GUNYAH_HYPERCALL_VIRTIO_ACKNOWLEDGE_RESET, capid, 0, 0, 0);
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_virtio_acknowledge_reset);

/**
 * gunyah_hypercall_virtio_update_status() - set bits of the status register
 * @capid: virtio-mmio device, with the CONFIG right
 * @value: ORed in; bits cannot be cleared this way
 *
 * Source: virtio_mmio_backend_update_status, 0x55.
 *
 * Context: Any.
 * Return: OK or an error of the capability.
 */
enum gunyah_error gunyah_hypercall_virtio_update_status(u64 capid, u32 value)
{
	return hypercall4(GUNYAH_HYPERCALL_VIRTIO_UPDATE_STATUS, capid, value, 0, 0);
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_virtio_update_status);

/**
 * gunyah_hypercall_virtio_input_configure() - describe an input device
 * @capid: virtio-mmio device of type input (18), with the CONFIG right
 * @devids: bus, vendor, product and version, 16 bits each, the first lowest
 * @prop_bits: properties of the device
 * @num_evtypes: how many types of events it will be given the codes of
 * @num_absaxes: how many absolute axes it will be given
 *
 * Once for each device, and before gunyah_hypercall_virtio_input_set_data().
 * Source: virtio_input_configure, 0x5e.
 *
 * Context: Any.
 * Return: OK, OBJECT_CONFIG, ARGUMENT_INVALID, NOMEM, BUSY or an error of the
 * capability.
 */
enum gunyah_error gunyah_hypercall_virtio_input_configure(u64 capid, u64 devids, u32 prop_bits,
							  u32 num_evtypes, u32 num_absaxes)
{
	return hypercall5(GUNYAH_HYPERCALL_VIRTIO_INPUT_CONFIGURE, capid, devids, prop_bits,
			  num_evtypes, num_absaxes);
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_virtio_input_configure);

/**
 * gunyah_hypercall_virtio_input_set_data() - what the driver of an input device reads
 * @capid: virtio-mmio device of type input, configured, with the CONFIG right
 * @sel: as the driver selects it
 * @subsel: the same
 * @size: bytes
 * @data: mapped kernel address, of any alignment
 *
 * Source: virtio_input_set_data, 0x5f.
 *
 * Context: Any.
 * Return: OK, CSPACE_WRONG_OBJECT_TYPE, ARGUMENT_INVALID, ARGUMENT_SIZE or
 * another error of the capability.
 */
enum gunyah_error gunyah_hypercall_virtio_input_set_data(u64 capid, u32 sel, u32 subsel, u32 size,
							 const void *data)
{
	return hypercall5(GUNYAH_HYPERCALL_VIRTIO_INPUT_SET_DATA, capid, sel, subsel, size,
			  (unsigned long)data);
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_virtio_input_set_data);

/**
 * gunyah_hypercall_prng_get_entropy() - random bytes
 * @size: 4, 8, 12 or 16
 * @words: GUNYAH_PRNG_MAX_BYTES, one 32-bit word a result register; written on
 *	   success, 0 beyond @size
 *
 * Source: prng_get_entropy, 0x57; the multiple of 4 is in the code only.
 *
 * Context: Any.
 * Return: OK, ARGUMENT_SIZE, ARGUMENT_ALIGNMENT, BUSY after four calls of this
 * vCPU within 33 ms, or an error of the hardware.
 */
enum gunyah_error gunyah_hypercall_prng_get_entropy(size_t size, u32 words[4])
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = GUNYAH_HYPERCALL_PRNG_GET_ENTROPY,
		.a1 = size,
	};
	enum gunyah_error gh_err = hypercall(&regs);

	if (gh_err == GUNYAH_ERROR_OK) {
		words[0] = regs.a1;
		words[1] = regs.a2;
		words[2] = regs.a3;
		words[3] = regs.a4;
	}
	memzero_explicit(&regs, sizeof(regs));

	return gh_err;
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_prng_get_entropy);

/**
 * gunyah_hypercall_trace_update_class_flags() - what the hypervisor traces
 * @set: class bits to set
 * @clear: class bits to clear
 * @flags: the bits afterwards, written on success
 *
 * Source: trace_update_class_flags, 0x3f.
 *
 * Context: Any.
 * Return: OK, or DENIED if the platform's security state forbids debugging.
 */
enum gunyah_error gunyah_hypercall_trace_update_class_flags(u64 set, u64 clear, u64 *flags)
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = GUNYAH_HYPERCALL_TRACE_UPDATE_CLASS_FLAGS,
		.a1 = set,
		.a2 = clear,
	};
	enum gunyah_error gh_err = hypercall(&regs);

	if (gh_err == GUNYAH_ERROR_OK)
		*flags = regs.a1;

	return gh_err;
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_trace_update_class_flags);

/**
 * gunyah_hypercall_watchdog_manage() - freeze or unfreeze a watchdog
 * @capid: watchdog
 * @operation: GUNYAH_WATCHDOG_*
 *
 * Source: watchdog_manage, 0x63, in the document; the public code has no
 * watchdog.
 *
 * Context: Any.
 * Return: OK, UNIMPLEMENTED on the public hypervisor, or an error of the
 * capability.
 */
enum gunyah_error gunyah_hypercall_watchdog_manage(u64 capid, u64 operation)
{
	return hypercall4(GUNYAH_HYPERCALL_WATCHDOG_MANAGE, capid, operation, 0, 0);
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_watchdog_manage);

/**
 * gunyah_hypercall_memextent_donate() - move memory between two extents
 * @d: which, from where to where
 *
 * Source: memextent_donate, 0x61 (the document prints 0x33); the kinds to and
 * from protected are newer firmware's.
 *
 * Context: Any.
 * Return: OK, ARGUMENT_INVALID, ARGUMENT_SIZE, ARGUMENT_ALIGNMENT, DENIED,
 * MEMDB_NOT_OWNER or an error of the capabilities.
 */
enum gunyah_error gunyah_hypercall_memextent_donate(const struct gunyah_memextent_donation *d)
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = GUNYAH_HYPERCALL_MEMEXTENT_DONATE,
		.a1 = d->options,
		.a2 = d->from,
		.a3 = d->to,
		.a4 = d->offset,
		.a5 = d->size,
	};

	return hypercall(&regs);
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_memextent_donate);

/**
 * gunyah_hypercall_addrspace_map() - map an extent into an address space
 * @map: what, where and how
 *
 * Source: addrspace_map, 0x2b. Newer firmware wants X8 to be 0 as well, which
 * every call of this file sees to.
 *
 * Context: Any.
 * Return: OK, ARGUMENT_*, ADDR_*, DENIED, NOMEM, MEMEXTENT_MAPPINGS_FULL,
 * EXISTING_MAPPING or an error of the capabilities.
 */
enum gunyah_error gunyah_hypercall_addrspace_map(const struct gunyah_addrspace_mapping *map)
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = GUNYAH_HYPERCALL_ADDRSPACE_MAP,
		.a1 = map->addrspace,
		.a2 = map->memextent,
		.a3 = map->gpa,
		.a4 = map->attrs,
		.a5 = map->flags,
		.a6 = map->offset,
		.a7 = map->size,
	};

	return hypercall(&regs);
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_addrspace_map);

/**
 * gunyah_hypercall_addrspace_unmap() - undo gunyah_hypercall_addrspace_map()
 * @map: what and where; attrs are not used
 *
 * Source: addrspace_unmap, 0x2c.
 *
 * Context: Any.
 * Return: OK, ARGUMENT_*, ADDR_INVALID, DENIED or an error of the
 * capabilities.
 */
enum gunyah_error gunyah_hypercall_addrspace_unmap(const struct gunyah_addrspace_mapping *map)
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = GUNYAH_HYPERCALL_ADDRSPACE_UNMAP,
		.a1 = map->addrspace,
		.a2 = map->memextent,
		.a3 = map->gpa,
		.a4 = map->flags,
		.a5 = map->offset,
		.a6 = map->size,
	};

	return hypercall(&regs);
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_addrspace_unmap);

/**
 * gunyah_hypercall_addrspace_find_info_area() - where is the information area?
 * @ipa: its intermediate physical address, written on success
 * @size: its size in bytes, written on success
 *
 * Newer firmware only: a harmless test for it. Source: addrspace_find_info_area,
 * 0x6a.
 *
 * Context: Any.
 * Return: OK, or UNIMPLEMENTED on the public hypervisor.
 */
enum gunyah_error gunyah_hypercall_addrspace_find_info_area(u64 *ipa, u64 *size)
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = GUNYAH_HYPERCALL_ADDRSPACE_FIND_INFO_AREA,
	};
	enum gunyah_error gh_err = hypercall(&regs);

	if (gh_err == GUNYAH_ERROR_OK) {
		*ipa = regs.a1;
		*size = regs.a2;
	}

	return gh_err;
}
EXPORT_SYMBOL_GPL(gunyah_hypercall_addrspace_find_info_area);

MODULE_DESCRIPTION("Gunyah hypercalls");
MODULE_LICENSE("GPL");
