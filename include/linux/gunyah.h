/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Gunyah hypercalls: the types, and one function per call.
 *
 * The functions are thin: they put arguments into registers, take results out
 * of them, and decide nothing. Which calls a VM may make depends on the
 * capabilities the resource manager gave it. Numbers, rights and the sign
 * rules are those of the public hypervisor (12/2023); where its document and
 * its code differ, the code is followed. Calls that only newer firmware has
 * answer GUNYAH_ERROR_UNIMPLEMENTED on the public one.
 *
 * A capability id is a 64-bit opaque number that is valid in this VM only. It
 * may be 0, and it is never truncated.
 */
#ifndef __LINUX_GUNYAH_H
#define __LINUX_GUNYAH_H

#include <linux/arm-smccc.h>
#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/kconfig.h>
#include <linux/types.h>

/* The capability id that names nothing. */
#define GUNYAH_CAPID_INVALID	U64_MAX

/**
 * enum gunyah_error - what a hypercall answers in X0
 * @GUNYAH_ERROR_OK: success
 * @GUNYAH_ERROR_UNIMPLEMENTED: call, option or operation is not there
 * @GUNYAH_ERROR_RETRY: transient, call again
 * @GUNYAH_ERROR_ARGUMENT_INVALID: bad argument or undecodable capability id
 * @GUNYAH_ERROR_ARGUMENT_SIZE: size out of range
 * @GUNYAH_ERROR_ARGUMENT_ALIGNMENT: wrong alignment
 * @GUNYAH_ERROR_NOMEM: the hypervisor's heap is exhausted
 * @GUNYAH_ERROR_NORESOURCES: a table of fixed size is full
 * @GUNYAH_ERROR_ADDR_OVERFLOW: address plus size wraps
 * @GUNYAH_ERROR_ADDR_UNDERFLOW: address is below its range
 * @GUNYAH_ERROR_ADDR_INVALID: address is not mapped or not valid
 * @GUNYAH_ERROR_DENIED: not allowed in this state or by policy
 * @GUNYAH_ERROR_BUSY: in use, running or rate limited
 * @GUNYAH_ERROR_IDLE: nothing to do
 * @GUNYAH_ERROR_OBJECT_STATE: object is in the wrong state of its life
 * @GUNYAH_ERROR_OBJECT_CONFIG: object is not configured
 * @GUNYAH_ERROR_OBJECT_CONFIGURED: object is configured already
 * @GUNYAH_ERROR_FAILURE: any other failure
 * @GUNYAH_ERROR_VIRQ_BOUND: interrupt source is bound already
 * @GUNYAH_ERROR_VIRQ_NOT_BOUND: interrupt source is not bound
 * @GUNYAH_ERROR_CSPACE_CAP_NULL: the capability slot is empty
 * @GUNYAH_ERROR_CSPACE_CAP_REVOKED: the capability was revoked
 * @GUNYAH_ERROR_CSPACE_WRONG_OBJECT_TYPE: the capability names something else
 * @GUNYAH_ERROR_CSPACE_INSUFFICIENT_RIGHTS: the capability lacks a right
 * @GUNYAH_ERROR_CSPACE_FULL: no free capability slot
 * @GUNYAH_ERROR_MSGQUEUE_EMPTY: nothing to receive, not a failure
 * @GUNYAH_ERROR_MSGQUEUE_FULL: no room to send, not a failure
 * @GUNYAH_ERROR_MEMDB_NOT_OWNER: the object does not own the physical range
 * @GUNYAH_ERROR_MEMEXTENT_MAPPINGS_FULL: the extent has no free mapping slot
 * @GUNYAH_ERROR_MEMEXTENT_TYPE: not for this type of memory extent
 * @GUNYAH_ERROR_EXISTING_MAPPING: the address is mapped already
 *
 * The hypervisor's error is a signed 32-bit number, sign-extended in X0. Codes
 * that are not listed are possible and are kept as they are.
 */
enum gunyah_error {
	GUNYAH_ERROR_OK				= 0,
	GUNYAH_ERROR_UNIMPLEMENTED		= -1,
	GUNYAH_ERROR_RETRY			= -2,

	GUNYAH_ERROR_ARGUMENT_INVALID		= 1,
	GUNYAH_ERROR_ARGUMENT_SIZE		= 2,
	GUNYAH_ERROR_ARGUMENT_ALIGNMENT		= 3,

	GUNYAH_ERROR_NOMEM			= 10,
	GUNYAH_ERROR_NORESOURCES		= 11,

	GUNYAH_ERROR_ADDR_OVERFLOW		= 20,
	GUNYAH_ERROR_ADDR_UNDERFLOW		= 21,
	GUNYAH_ERROR_ADDR_INVALID		= 22,

	GUNYAH_ERROR_DENIED			= 30,
	GUNYAH_ERROR_BUSY			= 31,
	GUNYAH_ERROR_IDLE			= 32,
	GUNYAH_ERROR_OBJECT_STATE		= 33,
	GUNYAH_ERROR_OBJECT_CONFIG		= 34,
	GUNYAH_ERROR_OBJECT_CONFIGURED		= 35,
	GUNYAH_ERROR_FAILURE			= 36,

	GUNYAH_ERROR_VIRQ_BOUND			= 40,
	GUNYAH_ERROR_VIRQ_NOT_BOUND		= 41,

	GUNYAH_ERROR_CSPACE_CAP_NULL		= 50,
	GUNYAH_ERROR_CSPACE_CAP_REVOKED		= 51,
	GUNYAH_ERROR_CSPACE_WRONG_OBJECT_TYPE	= 52,
	GUNYAH_ERROR_CSPACE_INSUFFICIENT_RIGHTS	= 53,
	GUNYAH_ERROR_CSPACE_FULL		= 54,

	GUNYAH_ERROR_MSGQUEUE_EMPTY		= 60,
	GUNYAH_ERROR_MSGQUEUE_FULL		= 61,

	GUNYAH_ERROR_MEMDB_NOT_OWNER		= 111,
	GUNYAH_ERROR_MEMEXTENT_MAPPINGS_FULL	= 120,
	GUNYAH_ERROR_MEMEXTENT_TYPE		= 121,
	GUNYAH_ERROR_EXISTING_MAPPING		= 200,
};

int gunyah_error_to_errno(enum gunyah_error gh_err);
const char *gunyah_error_name(enum gunyah_error gh_err);

/**
 * struct gunyah_hyp_info - what the hypervisor says about itself
 * @api_info: version and variant, to be read with the accessors below
 * @flags: feature words, GUNYAH_FEATURE_* in the first one
 */
struct gunyah_hyp_info {
	u64 api_info;
	u64 flags[3];
};

#define GUNYAH_API_VERSION_MASK		GENMASK_ULL(13, 0)
#define GUNYAH_API_BIG_ENDIAN		BIT_ULL(14)
#define GUNYAH_API_64BIT		BIT_ULL(15)
#define GUNYAH_API_VARIANT_MASK		GENMASK_ULL(63, 56)

/* The only version of the call interface there is. */
#define GUNYAH_API_V1			1

#define GUNYAH_VARIANT_UNKNOWN		0x00
#define GUNYAH_VARIANT_GUNYAH		0x48
#define GUNYAH_VARIANT_QUALCOMM		0x51

#define GUNYAH_FEATURE_CSPACE		BIT_ULL(0)
#define GUNYAH_FEATURE_DOORBELL		BIT_ULL(1)
#define GUNYAH_FEATURE_MSGQUEUE		BIT_ULL(2)
#define GUNYAH_FEATURE_VIC		BIT_ULL(3)
#define GUNYAH_FEATURE_VPM		BIT_ULL(4)
#define GUNYAH_FEATURE_VCPU		BIT_ULL(5)
#define GUNYAH_FEATURE_MEMEXTENT	BIT_ULL(6)
#define GUNYAH_FEATURE_TRACE_CTRL	BIT_ULL(7)
#define GUNYAH_FEATURE_WATCHDOG		BIT_ULL(8)
#define GUNYAH_FEATURE_VIRTIO_MMIO	BIT_ULL(9)
#define GUNYAH_FEATURE_PRNG		BIT_ULL(10)
#define GUNYAH_FEATURE_VCPU_RUN		BIT_ULL(11)
#define GUNYAH_FEATURE_SCHEDULER_MASK	GENMASK_ULL(31, 28)

/**
 * gunyah_hyp_api_version() - version of the call interface
 * @info: as filled in by gunyah_hypervisor_detect()
 *
 * Context: Any.
 * Return: the version number; only GUNYAH_API_V1 is known.
 */
static inline unsigned int
gunyah_hyp_api_version(const struct gunyah_hyp_info *info)
{
	return FIELD_GET(GUNYAH_API_VERSION_MASK, info->api_info);
}

/**
 * gunyah_hyp_variant() - who built the hypervisor
 * @info: as filled in by gunyah_hypervisor_detect()
 *
 * For display only: the public source says Qualcomm although its document
 * knows Gunyah alone.
 *
 * Context: Any.
 * Return: one of GUNYAH_VARIANT_*, or another value.
 */
static inline unsigned int
gunyah_hyp_variant(const struct gunyah_hyp_info *info)
{
	return FIELD_GET(GUNYAH_API_VARIANT_MASK, info->api_info);
}

/**
 * gunyah_hyp_has() - does the hypervisor have all of these features?
 * @info: as filled in by gunyah_hypervisor_detect()
 * @features: GUNYAH_FEATURE_* bits
 *
 * Context: Any.
 * Return: true if every bit of @features is set.
 */
static inline bool gunyah_hyp_has(const struct gunyah_hyp_info *info,
				  u64 features)
{
	return (info->flags[0] & features) == features;
}

int gunyah_hypervisor_detect(struct gunyah_hyp_info *info);
void gunyah_hypercall_identify(struct gunyah_hyp_info *info);

/* Doorbells */

enum gunyah_error gunyah_hypercall_doorbell_send(u64 capid, u64 new_flags,
						 u64 *old_flags);
enum gunyah_error gunyah_hypercall_doorbell_recv(u64 capid, u64 clear_flags,
						 u64 *old_flags);
enum gunyah_error gunyah_hypercall_doorbell_reset(u64 capid);
enum gunyah_error gunyah_hypercall_doorbell_mask(u64 capid, u64 enable_mask,
						 u64 ack_mask);

/* Message queues */

/* Send flag: raise the receiver's interrupt now, whatever its threshold. */
#define GUNYAH_MSGQ_SEND_PUSH		BIT_ULL(0)

/* Thresholds: leave as it is; receive only: interrupt when full or pushed. */
#define GUNYAH_MSGQ_THRESHOLD_KEEP	U32_MAX
#define GUNYAH_MSGQ_THRESHOLD_FULL	(U32_MAX - 1)

enum gunyah_error gunyah_hypercall_msgq_send(u64 capid, size_t size, void *buf,
					     u64 flags, bool *not_full);
enum gunyah_error gunyah_hypercall_msgq_recv(u64 capid, void *buf, size_t size,
					     size_t *recv_size,
					     bool *not_empty);
enum gunyah_error gunyah_hypercall_msgq_flush(u64 capid);
enum gunyah_error gunyah_hypercall_msgq_configure_send(u64 capid,
						       u32 threshold);
enum gunyah_error gunyah_hypercall_msgq_configure_recv(u64 capid,
						       u32 threshold);

/* vCPUs */

/**
 * enum gunyah_vcpu_state - why gunyah_hypercall_vcpu_run() came back
 * @GUNYAH_VCPU_STATE_READY: pre-empted, run again
 * @GUNYAH_VCPU_STATE_EXPECTS_WAKEUP: wait for the wake-up interrupt
 * @GUNYAH_VCPU_STATE_POWERED_OFF: wait for the wake-up interrupt, or gone
 * @GUNYAH_VCPU_STATE_BLOCKED: blocked in the hypervisor for a moment
 * @GUNYAH_VCPU_STATE_VMMIO_READ: the guest reads emulated memory
 * @GUNYAH_VCPU_STATE_VMMIO_WRITE: the guest writes emulated memory
 * @GUNYAH_VCPU_STATE_FAULT: a fault the vCPU cannot recover from
 * @GUNYAH_VCPU_STATE_PAGE_FAULT: newer firmware: a page is to be provided
 * @GUNYAH_VCPU_STATE_SYSTEM_RESET: the VM asked for a reset
 */
enum gunyah_vcpu_state {
	GUNYAH_VCPU_STATE_READY			= 0,
	GUNYAH_VCPU_STATE_EXPECTS_WAKEUP	= 1,
	GUNYAH_VCPU_STATE_POWERED_OFF		= 2,
	GUNYAH_VCPU_STATE_BLOCKED		= 3,
	GUNYAH_VCPU_STATE_VMMIO_READ		= 4,
	GUNYAH_VCPU_STATE_VMMIO_WRITE		= 5,
	GUNYAH_VCPU_STATE_FAULT			= 6,
	GUNYAH_VCPU_STATE_PAGE_FAULT		= 7,
	GUNYAH_VCPU_STATE_SYSTEM_RESET		= 0x100,
};

/**
 * enum gunyah_vcpu_action - what becomes of an emulated access on resume
 * @GUNYAH_VCPU_ACTION_EMULATE: it is done; a read takes the value given
 * @GUNYAH_VCPU_ACTION_RETRY: newer firmware: execute it again
 * @GUNYAH_VCPU_ACTION_FAULT: newer firmware: external abort into the guest
 */
enum gunyah_vcpu_action {
	GUNYAH_VCPU_ACTION_EMULATE		= 0,
	GUNYAH_VCPU_ACTION_RETRY		= 1,
	GUNYAH_VCPU_ACTION_FAULT		= 2,
};

/**
 * struct gunyah_vcpu_resume - what vcpu_run is told about the last exit
 * @value: after VMMIO_READ the value read, masked to the access size by the
 *	   caller; otherwise 0
 * @action: after VMMIO_READ and VMMIO_WRITE; otherwise EMULATE, which is 0
 */
struct gunyah_vcpu_resume {
	u64 value;
	enum gunyah_vcpu_action action;
};

/* Bit 0 of off.flags: the vCPU has exited for ever. */
#define GUNYAH_VCPU_OFF_EXITED		BIT_ULL(0)
/* reset.type: SYSTEM_RESET; else SYSTEM_RESET2, bit 62 its 64-bit form. */
#define GUNYAH_VCPU_RESET_SYSTEM_RESET	BIT_ULL(63)
#define GUNYAH_VCPU_RESET_64BIT		BIT_ULL(62)
#define GUNYAH_VCPU_RESET_TYPE_MASK	GENMASK_ULL(31, 0)

/**
 * struct gunyah_vcpu_exit - the results of vcpu_run
 * @state: why the vCPU stopped, selects the member of the union
 * @data: the three result words as they came
 * @wakeup: EXPECTS_WAKEUP
 * @wakeup.power_state: PSCI power state, 0 for WFI
 * @wakeup.source: 0 unspecified, 1 WFI, 2 CPU_SUSPEND, 3 SYSTEM_SUSPEND
 * @off: POWERED_OFF
 * @off.flags: GUNYAH_VCPU_OFF_EXITED
 * @mmio: VMMIO_READ, VMMIO_WRITE
 * @mmio.gpa: guest physical address
 * @mmio.size: 1, 2, 4 or 8 bytes
 * @mmio.value: VMMIO_WRITE: source register, not truncated to the size
 * @fault: PAGE_FAULT
 * @fault.gpa: guest physical address, not page aligned
 * @fault.write: not 0 for a write
 * @reset: SYSTEM_RESET
 * @reset.type: GUNYAH_VCPU_RESET_* bits
 * @reset.cookie: cookie of SYSTEM_RESET2
 */
struct gunyah_vcpu_exit {
	enum gunyah_vcpu_state state;
	union {
		u64 data[3];
		struct {
			u64 power_state;
			u64 source;
		} wakeup;
		struct {
			u64 flags;
		} off;
		struct {
			u64 gpa;
			u64 size;
			u64 value;
		} mmio;
		struct {
			u64 gpa;
			u64 write;
		} fault;
		struct {
			u64 type;
			u64 cookie;
		} reset;
	};
};

/* Power-on flags: keep the entry point, keep the context. */
#define GUNYAH_VCPU_POWERON_KEEP_ENTRY		BIT_ULL(0)
#define GUNYAH_VCPU_POWERON_KEEP_CONTEXT	BIT_ULL(1)
/* Power-off flag: this is the last vCPU of the VM. */
#define GUNYAH_VCPU_POWEROFF_LAST		BIT_ULL(0)
/* Affinity: no physical CPU at all. */
#define GUNYAH_VCPU_AFFINITY_NONE		U32_MAX

enum gunyah_error
gunyah_hypercall_vcpu_run(u64 capid, const struct gunyah_vcpu_resume *resume,
			  struct gunyah_vcpu_exit *exit);
enum gunyah_error gunyah_hypercall_vcpu_poweron(u64 capid, u64 entry,
						u64 context, u64 flags);
enum gunyah_error gunyah_hypercall_vcpu_poweroff(u64 capid, u64 flags);
enum gunyah_error gunyah_hypercall_vcpu_set_affinity(u64 capid, u32 cpu);

/* Yield hints: let others run; let the thread with this capability run. */
#define GUNYAH_SCHEDULER_YIELD			0
#define GUNYAH_SCHEDULER_YIELD_TO_THREAD	1

enum gunyah_error gunyah_hypercall_scheduler_yield(u64 control, u64 arg);

/* States of a VPM group. */
#define GUNYAH_VPM_STATE_NONE			0
#define GUNYAH_VPM_STATE_RUNNING		1
#define GUNYAH_VPM_STATE_CPUS_SUSPENDED		2
#define GUNYAH_VPM_STATE_SYSTEM_SUSPENDED	3

enum gunyah_error gunyah_hypercall_vpm_group_get_state(u64 capid, u64 *state);

/* Virtio-mmio back end */

/**
 * struct gunyah_virtio_queue_info - what the guest's driver set up
 * @num: number of descriptors
 * @ready: the queue is in use
 * @desc: guest physical address of the descriptor table
 * @driver: guest physical address of the driver (available) ring
 * @device: guest physical address of the device (used) ring
 */
struct gunyah_virtio_queue_info {
	u32 num;
	bool ready;
	u64 desc;
	u64 driver;
	u64 device;
};

/* Reasons of a notification. */
#define GUNYAH_VIRTIO_NEW_BUFFER		BIT_ULL(0)
#define GUNYAH_VIRTIO_RESET_REQUESTED		BIT_ULL(1)
#define GUNYAH_VIRTIO_DRIVER_OK			BIT_ULL(3)
#define GUNYAH_VIRTIO_FAILED			BIT_ULL(4)

enum gunyah_error gunyah_hypercall_virtio_assert_virq(u64 capid, u32 status);
enum gunyah_error gunyah_hypercall_virtio_set_dev_features(u64 capid, u32 sel,
							   u32 features);
enum gunyah_error gunyah_hypercall_virtio_set_queue_num_max(u64 capid,
							    u32 queue,
							    u32 num_max);
enum gunyah_error gunyah_hypercall_virtio_get_drv_features(u64 capid, u32 sel,
							   u32 *features);
enum gunyah_error
gunyah_hypercall_virtio_get_queue_info(u64 capid, u32 queue,
				       struct gunyah_virtio_queue_info *info);
enum gunyah_error gunyah_hypercall_virtio_get_notification(u64 capid,
							   u64 *queues,
							   u64 *reason);
enum gunyah_error gunyah_hypercall_virtio_acknowledge_reset(u64 capid);
enum gunyah_error gunyah_hypercall_virtio_update_status(u64 capid, u32 value);
enum gunyah_error gunyah_hypercall_virtio_input_configure(u64 capid, u64 devids, u32 prop_bits,
							  u32 num_evtypes, u32 num_absaxes);
enum gunyah_error gunyah_hypercall_virtio_input_set_data(u64 capid, u32 sel, u32 subsel, u32 size,
							 const void *data);

/* Random numbers, trace, watchdog */

/* The most bytes one call returns; less must be a multiple of 4. */
#define GUNYAH_PRNG_MAX_BYTES		16

enum gunyah_error gunyah_hypercall_prng_get_entropy(size_t size, u32 words[4]);
enum gunyah_error gunyah_hypercall_trace_update_class_flags(u64 set, u64 clear,
							    u64 *flags);

#define GUNYAH_WATCHDOG_FREEZE		0
#define GUNYAH_WATCHDOG_FREEZE_RESET	1
#define GUNYAH_WATCHDOG_UNFREEZE	2

enum gunyah_error gunyah_hypercall_watchdog_manage(u64 capid, u64 operation);

/* Memory, newer firmware */

#define GUNYAH_MEMEXTENT_DONATE_TO_CHILD	0
#define GUNYAH_MEMEXTENT_DONATE_TO_PARENT	1
#define GUNYAH_MEMEXTENT_DONATE_TO_SIBLING	2
#define GUNYAH_MEMEXTENT_DONATE_TO_PROTECTED	3
#define GUNYAH_MEMEXTENT_DONATE_FROM_PROTECTED	4
#define GUNYAH_MEMEXTENT_NO_SYNC		BIT_ULL(31)

/**
 * struct gunyah_memextent_donation - arguments of memextent_donate
 * @options: GUNYAH_MEMEXTENT_DONATE_*, and GUNYAH_MEMEXTENT_NO_SYNC
 * @from: capability id of the extent that loses the memory
 * @to: capability id of the extent that gets it
 * @offset: first byte; for the resource manager's extents the physical address
 * @size: bytes; offset and size are multiples of 4 KiB
 */
struct gunyah_memextent_donation {
	u64 options;
	u64 from;
	u64 to;
	u64 offset;
	u64 size;
};

#define GUNYAH_ADDRSPACE_MAP_PARTIAL	BIT_ULL(0)
#define GUNYAH_ADDRSPACE_MAP_PRIVATE	BIT_ULL(1)
#define GUNYAH_ADDRSPACE_MAP_VMMIO	BIT_ULL(2)
#define GUNYAH_ADDRSPACE_MAP_NO_SYNC	BIT_ULL(31)

#define GUNYAH_ADDRSPACE_ATTR_USER	GENMASK_ULL(2, 0)
#define GUNYAH_ADDRSPACE_ATTR_KERNEL	GENMASK_ULL(6, 4)
#define GUNYAH_ADDRSPACE_ATTR_MEMTYPE	GENMASK_ULL(23, 16)

#define GUNYAH_ACCESS_X			1
#define GUNYAH_ACCESS_W			2
#define GUNYAH_ACCESS_R			4
#define GUNYAH_MEMTYPE_NORMAL_WB	0xf

/**
 * struct gunyah_addrspace_mapping - arguments of addrspace_map and _unmap
 * @addrspace: capability id of the guest's address space
 * @memextent: capability id of the memory extent
 * @gpa: guest physical address
 * @attrs: GUNYAH_ADDRSPACE_ATTR_* fields, not used by unmap
 * @flags: GUNYAH_ADDRSPACE_MAP_* bits
 * @offset: offset in the extent, with GUNYAH_ADDRSPACE_MAP_PARTIAL
 * @size: bytes, with GUNYAH_ADDRSPACE_MAP_PARTIAL
 */
struct gunyah_addrspace_mapping {
	u64 addrspace;
	u64 memextent;
	u64 gpa;
	u64 attrs;
	u64 flags;
	u64 offset;
	u64 size;
};

enum gunyah_error
gunyah_hypercall_memextent_donate(const struct gunyah_memextent_donation *d);
enum gunyah_error
gunyah_hypercall_addrspace_map(const struct gunyah_addrspace_mapping *map);
enum gunyah_error
gunyah_hypercall_addrspace_unmap(const struct gunyah_addrspace_mapping *map);
enum gunyah_error gunyah_hypercall_addrspace_find_info_area(u64 *ipa,
							    u64 *size);

/**
 * typedef gunyah_conduit_t - what carries a call to a hypervisor, or to a model
 * @args: X0..X17 on entry
 * @res: X0..X17 on return; may be the same object as @args
 *
 * Context: Any, including hard interrupt; must not sleep.
 */
typedef void gunyah_conduit_t(const struct arm_smccc_1_2_regs *args,
			       struct arm_smccc_1_2_regs *res);

#if IS_ENABLED(CONFIG_KUNIT)
gunyah_conduit_t *gunyah_conduit_set(gunyah_conduit_t *fn);
void gunyah_conduit_call(const struct arm_smccc_1_2_regs *args,
			 struct arm_smccc_1_2_regs *res);
#endif

#endif /* __LINUX_GUNYAH_H */
