/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Gunyah resource manager (RM): what other kernel code can ask it.
 *
 * RM is the VM that owns the machine's resources and creates other VMs. A call
 * is one request and one reply; notifications come unasked. All numbers here
 * are in CPU byte order, and what RM sent has been checked before it gets here.
 *
 * Unless said otherwise a function may sleep, waits killably and for a bounded
 * time (module parameter timeout_ms of gunyah_rm, for each call that is ahead
 * and for the call itself), and returns 0 or one of
 *
 *  -EOPNOTSUPP	RM does not have this call
 *  -ENOMEM	no memory, here or in RM
 *  -ENODEV	RM has no such resource, or the RM driver has been unbound
 *  -EPERM	RM does not allow it to this VM
 *  -EBUSY	in use; or somebody has the client in raw mode (debugfs)
 *  -EINVAL	RM refuses the arguments
 *  -EBADMSG	the reply is malformed, or its status is not known
 *  -EIO	the message queue to RM refuses the request
 *  -ETIMEDOUT	RM does not answer, or does not take the request; it may still
 *		do its part later
 *  -EINTR	a fatal signal came; RM may have done its part or not
 *  -ECANCELED	the RM driver was unbound during the call
 */
#ifndef __LINUX_GUNYAH_RM_H
#define __LINUX_GUNYAH_RM_H

#include <linux/kconfig.h>
#include <linux/list.h>
#include <linux/types.h>

struct gunyah_rm;

struct gunyah_rm *gunyah_rm_find(void);
struct gunyah_rm *gunyah_rm_get(struct gunyah_rm *rm);
void gunyah_rm_put(struct gunyah_rm *rm);

/* For who makes a call again by himself */
bool gunyah_rm_error_passes(int error);
unsigned long gunyah_rm_retry_delay(atomic_t *retries);

/* Raw mode: somebody has RM for himself (debugfs) */
#if IS_ENABLED(CONFIG_DEBUG_FS)
bool gunyah_rm_raw_held(struct gunyah_rm *rm);
void gunyah_rm_raw_revoke(struct gunyah_rm *rm);
#else
static inline bool gunyah_rm_raw_held(struct gunyah_rm *rm)
{
	return false;
}

static inline void gunyah_rm_raw_revoke(struct gunyah_rm *rm) {}
#endif

/* VM ids with a meaning of their own. */
#define GUNYAH_VMID_SELF	0	/* in a query: the caller */
#define GUNYAH_VMID_RM		0xff
#define GUNYAH_VMID_ANY		0xffff	/* in a subscription: every VM */

/**
 * enum gunyah_rm_vm_state - what RM thinks of a VM
 * @GUNYAH_RM_VM_NONE: there is no such VM
 * @GUNYAH_RM_VM_INIT: has an image, is to be initialised
 * @GUNYAH_RM_VM_READY: initialised, can be started
 * @GUNYAH_RM_VM_RUNNING: started
 * @GUNYAH_RM_VM_PAUSED: stopped for a while
 * @GUNYAH_RM_VM_LOAD: allocated, without an image
 * @GUNYAH_RM_VM_AUTH: image is to be authenticated
 * @GUNYAH_RM_VM_INIT_FAILED: could not be set up, can only be reset
 * @GUNYAH_RM_VM_EXITED: has ended
 * @GUNYAH_RM_VM_RESETTING: is being taken apart
 * @GUNYAH_RM_VM_RESET: taken apart, its memory can be reclaimed
 * @GUNYAH_RM_VM_RESET_FAILED: newer firmware: could not be taken apart
 */
enum gunyah_rm_vm_state {
	GUNYAH_RM_VM_NONE		= 0,
	GUNYAH_RM_VM_INIT		= 1,
	GUNYAH_RM_VM_READY		= 2,
	GUNYAH_RM_VM_RUNNING		= 3,
	GUNYAH_RM_VM_PAUSED		= 4,
	GUNYAH_RM_VM_LOAD		= 5,
	GUNYAH_RM_VM_AUTH		= 6,
	GUNYAH_RM_VM_INIT_FAILED	= 8,
	GUNYAH_RM_VM_EXITED		= 9,
	GUNYAH_RM_VM_RESETTING		= 10,
	GUNYAH_RM_VM_RESET		= 11,
	GUNYAH_RM_VM_RESET_FAILED	= 12,
};

/**
 * struct gunyah_rm_vm_status - state of a VM
 * @vm_state: enum gunyah_rm_vm_state, or a number that newer firmware knows
 * @os_state: what its operating system said last, 0 = nothing
 * @app_status: free for its use
 */
struct gunyah_rm_vm_status {
	u8 vm_state;
	u8 os_state;
	u16 app_status;
};

/**
 * enum gunyah_rm_resource_type - kind of a resource
 * @GUNYAH_RM_RES_BELL_TX: doorbell that the asking VM rings
 * @GUNYAH_RM_RES_BELL_RX: doorbell that rings in the asking VM
 * @GUNYAH_RM_RES_MSGQ_TX: message queue the asking VM sends to
 * @GUNYAH_RM_RES_MSGQ_RX: message queue the asking VM receives from
 * @GUNYAH_RM_RES_VCPU: virtual CPU
 * @GUNYAH_RM_RES_VPM: power management group
 * @GUNYAH_RM_RES_VIRTIO_MMIO: back end of a virtio-mmio device
 * @GUNYAH_RM_RES_VRTC: real-time clock
 * @GUNYAH_RM_RES_WATCHDOG: watchdog
 * @GUNYAH_RM_RES_MEMEXTENT: newer firmware: memory extent
 * @GUNYAH_RM_RES_ADDRSPACE: newer firmware: address space
 */
enum gunyah_rm_resource_type {
	GUNYAH_RM_RES_BELL_TX		= 0,
	GUNYAH_RM_RES_BELL_RX		= 1,
	GUNYAH_RM_RES_MSGQ_TX		= 2,
	GUNYAH_RM_RES_MSGQ_RX		= 3,
	GUNYAH_RM_RES_VCPU		= 4,
	GUNYAH_RM_RES_VPM		= 5,
	GUNYAH_RM_RES_VIRTIO_MMIO	= 6,
	GUNYAH_RM_RES_VRTC		= 7,
	GUNYAH_RM_RES_WATCHDOG		= 8,
	GUNYAH_RM_RES_MEMEXTENT		= 9,
	GUNYAH_RM_RES_ADDRSPACE		= 10,
};

/**
 * struct gunyah_rm_resource - one resource between this VM and another
 * @type: enum gunyah_rm_resource_type, or a number that newer firmware knows
 * @partner: VM at the other end
 * @handle: RM's handle, 0 where it has none
 * @label: number given in the other VM's device tree; vCPU: its index
 * @capid: capability id in this VM
 * @virq_handle: RM's handle of the interrupt, 0 where it has none
 * @virq: INTID of the interrupt; 0 and U32_MAX: it has none
 * @base: address of memory that belongs to it, else 0
 * @size: size of that memory
 */
struct gunyah_rm_resource {
	u8 type;
	u16 partner;
	u32 handle;
	u32 label;
	u64 capid;
	u32 virq_handle;
	u32 virq;
	u64 base;
	u64 size;
};

/**
 * struct gunyah_rm_resources - result of gunyah_rm_get_hyp_resources()
 * @nr: number of entries
 * @entries: the resources
 */
struct gunyah_rm_resources {
	u32 nr;
	struct gunyah_rm_resource entries[] __counted_by(nr);
};

/**
 * struct gunyah_rm_vmids - a list of VMs
 * @nr: number of entries
 * @vmids: the VM ids
 */
struct gunyah_rm_vmids {
	u32 nr;
	u16 vmids[] __counted_by(nr);
};

/* Longest name and URI RM knows, without the NUL. */
#define GUNYAH_RM_MAX_NAME	79
#define GUNYAH_RM_GUID_SIZE	16

/**
 * struct gunyah_rm_vm_id - how a VM can be recognised
 * @has_guid: @guid is valid
 * @guid: 16 bytes in the order RM sends them
 * @uri: URI, "" if there is none
 * @name: name, "" if there is none
 * @sign_auth_size: bytes of a signer's id that RM sent, which are not kept
 */
struct gunyah_rm_vm_id {
	bool has_guid;
	u8 guid[GUNYAH_RM_GUID_SIZE];
	char uri[GUNYAH_RM_MAX_NAME + 1];
	char name[GUNYAH_RM_MAX_NAME + 1];
	u16 sign_auth_size;
};

/* VM life cycle */
int gunyah_rm_alloc_vmid(struct gunyah_rm *rm, u16 vmid);
int gunyah_rm_dealloc_vmid(struct gunyah_rm *rm, u16 vmid);
int gunyah_rm_dealloc_vmid_again(struct gunyah_rm *rm, u16 vmid);
void gunyah_rm_abandon_vmid(struct gunyah_rm *rm, u16 vmid);

/* Queries */
int gunyah_rm_get_vmid(struct gunyah_rm *rm, u16 *vmid);
int gunyah_rm_get_owner(struct gunyah_rm *rm, u16 *vmid);
int gunyah_rm_get_host_type(struct gunyah_rm *rm, u32 *type);
int gunyah_rm_get_state(struct gunyah_rm *rm, u16 vmid, struct gunyah_rm_vm_status *status);
int gunyah_rm_get_id(struct gunyah_rm *rm, u16 vmid, struct gunyah_rm_vm_id *id);
int gunyah_rm_get_peers(struct gunyah_rm *rm, struct gunyah_rm_vmids **peers);
int gunyah_rm_lookup_name(struct gunyah_rm *rm, const char *name, struct gunyah_rm_vmids **vms);
int gunyah_rm_lookup_uri(struct gunyah_rm *rm, const char *uri, struct gunyah_rm_vmids **vms);
int gunyah_rm_lookup_guid(struct gunyah_rm *rm, const u8 guid[GUNYAH_RM_GUID_SIZE],
			  struct gunyah_rm_vmids **vms);
int gunyah_rm_get_hyp_resources(struct gunyah_rm *rm, u16 vmid,
				struct gunyah_rm_resources **resources);

/* Notifications. An id that is not listed can be subscribed to as well. */
#define GUNYAH_RM_NOTIF_ANY		0	/* in a subscription: every id */
#define GUNYAH_RM_NOTIF_VM_EXITED	0x56100001
#define GUNYAH_RM_NOTIF_VM_SHUTDOWN	0x56100002
#define GUNYAH_RM_NOTIF_VM_STATUS	0x56100008
#define GUNYAH_RM_NOTIF_IRQ_LENT	0x56100011
#define GUNYAH_RM_NOTIF_IRQ_RELEASED	0x56100012
#define GUNYAH_RM_NOTIF_IRQ_ACCEPTED	0x56100013
#define GUNYAH_RM_NOTIF_CONSOLE_CHARS	0x56100080
#define GUNYAH_RM_NOTIF_MEM_SHARED	0x51100011
#define GUNYAH_RM_NOTIF_MEM_RELEASED	0x51100012
#define GUNYAH_RM_NOTIF_MEM_ACCEPTED	0x51100013
#define GUNYAH_RM_NOTIF_MEM_RECALL	0x51100014

/**
 * enum gunyah_rm_exit_type - how a VM ended
 * @GUNYAH_RM_EXIT_VM_EXIT: it told RM so
 * @GUNYAH_RM_EXIT_PSCI_OFF: PSCI SYSTEM_OFF
 * @GUNYAH_RM_EXIT_PSCI_RESET: PSCI SYSTEM_RESET
 * @GUNYAH_RM_EXIT_PSCI_RESET2: PSCI SYSTEM_RESET2
 * @GUNYAH_RM_EXIT_WATCHDOG: its watchdog bit
 * @GUNYAH_RM_EXIT_SOFTWARE_ERROR: software error
 * @GUNYAH_RM_EXIT_ASYNC_HW_ERROR: hardware error
 * @GUNYAH_RM_EXIT_FORCED: its owner stopped it
 */
enum gunyah_rm_exit_type {
	GUNYAH_RM_EXIT_VM_EXIT		= 0,
	GUNYAH_RM_EXIT_PSCI_OFF		= 1,
	GUNYAH_RM_EXIT_PSCI_RESET	= 2,
	GUNYAH_RM_EXIT_PSCI_RESET2	= 3,
	GUNYAH_RM_EXIT_WATCHDOG		= 4,
	GUNYAH_RM_EXIT_SOFTWARE_ERROR	= 5,
	GUNYAH_RM_EXIT_ASYNC_HW_ERROR	= 6,
	GUNYAH_RM_EXIT_FORCED		= 7,
};

/**
 * struct gunyah_rm_vm_exit - what VM_EXITED says
 * @type: enum gunyah_rm_exit_type, or a number that newer firmware knows
 * @flags: flags of the first reason word
 * @code: code of the first reason word
 * @reason_size: bytes of @reason RM sent
 * @reason: the reason as it came, first word included; inside the notification
 */
struct gunyah_rm_vm_exit {
	u16 type;
	u16 flags;
	u16 code;
	u32 reason_size;
	const u8 *reason;
};

/**
 * struct gunyah_rm_mem_shared - what MEM_SHARED says of a parcel
 * @type: enum gunyah_rm_mem_type, or a number that newer firmware knows
 * @trans: enum gunyah_rm_mem_trans, or a number that newer firmware knows
 * @flags: as RM sent them
 * @label: number this VM knows it by
 * @tag: number that its owner passed on
 * @nr_acl: VMs in its access list
 * @nr_sizes: address ranges it has
 * @nr_attrs: VMs whose mapping is laid down
 *
 * gunyah_rm_mem_offer() has the lists.
 */
struct gunyah_rm_mem_shared {
	u8 type;
	u8 trans;
	u8 flags;
	u32 label;
	u32 tag;
	u16 nr_acl;
	u16 nr_sizes;
	u16 nr_attrs;
};

/**
 * struct gunyah_rm_notification - one notification
 * @id: GUNYAH_RM_NOTIF_*, or an id that is not known here
 * @vmid: VM it is about, GUNYAH_VMID_ANY if it does not say
 * @size: bytes at @data; may be more than is known of this id
 * @data: the payload as it came
 * @handle: MEM_SHARED, MEM_RELEASED, MEM_ACCEPTED, MEM_RECALL, IRQ_LENT,
 *	IRQ_RELEASED, IRQ_ACCEPTED: the parcel's or interrupt's handle; else 0
 * @exit: VM_EXITED
 * @status: VM_STATUS
 * @reason: VM_SHUTDOWN: reason given to VM_STOP
 * @shared: MEM_SHARED
 * @tag: MEM_RELEASED, MEM_ACCEPTED, MEM_RECALL: number that was passed on
 * @label: IRQ_LENT: number this VM knows the interrupt by
 *
 * Valid during the callback only. gunyah_rm_console_chars() has what
 * CONSOLE_CHARS brings. A notification that is shorter than its id or one of its
 * counts demands is not delivered but counts as lost.
 */
struct gunyah_rm_notification {
	u32 id;
	u16 vmid;
	size_t size;
	const void *data;
	u32 handle;
	union {
		struct gunyah_rm_vm_exit exit;
		struct gunyah_rm_vm_status status;
		u32 reason;
		struct gunyah_rm_mem_shared shared;
		u32 tag;
		u32 label;
	};
};

/**
 * struct gunyah_rm_subscriber - somebody who wants to know
 * @id: GUNYAH_RM_NOTIF_*, or GUNYAH_RM_NOTIF_ANY
 * @vmid: VM it has to be about, or GUNYAH_VMID_ANY. A notification that names
 *	no VM goes to all subscribers of its id
 * @notify: called for each notification that comes from the subscription on, in
 *	the order RM sent them
 * @lost: notifications were lost: read the state again. May be NULL
 * @node: private to the RM driver
 * @order: private to the RM driver
 * @since: private to the RM driver
 *
 * The subscriber owns the memory and fills in the first four fields. Both
 * functions are called from a work item, one at a time, without a lock held;
 * they may make RM calls. While one runs, the notifications behind it wait.
 */
struct gunyah_rm_subscriber {
	u32 id;
	u16 vmid;
	void (*notify)(struct gunyah_rm_subscriber *sub, const struct gunyah_rm_notification *n);
	void (*lost)(struct gunyah_rm_subscriber *sub);

	struct list_head node;
	u64 order;
	u64 since;
};

int gunyah_rm_subscribe(struct gunyah_rm *rm, struct gunyah_rm_subscriber *sub);
void gunyah_rm_unsubscribe(struct gunyah_rm *rm, struct gunyah_rm_subscriber *sub);

#endif
