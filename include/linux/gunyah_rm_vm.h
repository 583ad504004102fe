/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Gunyah resource manager (RM): making virtual machines, and what they have in
 * common: memory, interrupts, consoles.
 *
 * What is said in gunyah_rm.h of contexts, waiting and results is true here
 * too. Vmids, handles and addresses of guests are RM's business: it refuses
 * those that do not fit. What kills the public RM is refused before it is sent,
 * as is what it could not but refuse.
 */
#ifndef __LINUX_GUNYAH_RM_VM_H
#define __LINUX_GUNYAH_RM_VM_H

#include <linux/bits.h>
#include <linux/gunyah_rm.h>
#include <linux/types.h>

/* No handle of a memory parcel or an interrupt. 0 is one. */
#define GUNYAH_RM_NO_HANDLE	0xffffffff

/**
 * enum gunyah_rm_promise - what a caller knows of the target of a call
 * @GUNYAH_RM_NO_PROMISE: nothing
 * @GUNYAH_RM_HAS_RM_RPC: it has a link to RM, that is an rm-rpc node in its
 *	device tree
 *
 * The public RM terminates, and the machine with it, when it has to notify a
 * VM without a link. It can not be asked which VM has one, so that somebody who
 * wrote the VM's device tree must say so.
 */
enum gunyah_rm_promise {
	GUNYAH_RM_NO_PROMISE,
	GUNYAH_RM_HAS_RM_RPC,
};

/* VM life cycle */

/**
 * enum gunyah_rm_auth - how a VM's image is authenticated
 * @GUNYAH_RM_AUTH_NONE: it is not
 * @GUNYAH_RM_AUTH_PLATFORM: by the platform, with gunyah_rm_vm_auth_image()
 * @GUNYAH_RM_AUTH_ANDROID: by the firmware for Android's protected VMs
 */
enum gunyah_rm_auth {
	GUNYAH_RM_AUTH_NONE	= 0,
	GUNYAH_RM_AUTH_PLATFORM	= 1,
	GUNYAH_RM_AUTH_ANDROID	= 2,
};

/**
 * struct gunyah_rm_vm_config - where a VM's image is
 * @auth: how it is authenticated
 * @handle: parcel the VM gets its image in
 * @image_offset: where in it the image begins
 * @image_size: bytes of it, can be 0
 * @dt_offset: where in it the device tree is
 * @dt_size: bytes there are for it
 */
struct gunyah_rm_vm_config {
	enum gunyah_rm_auth auth;
	u32 handle;
	u64 image_offset;
	u64 image_size;
	u64 dt_offset;
	u64 dt_size;
};

/**
 * struct gunyah_rm_auth_param - a parameter of a platform's authentication
 * @type: 0 = id of the peripheral image; others are the platform's
 * @value: the parameter
 */
struct gunyah_rm_auth_param {
	u32 type;
	u32 value;
};

/**
 * enum gunyah_rm_reg_set - a set of registers of the boot vCPU
 * @GUNYAH_RM_REG_X: X0 to X31, where the driver leaves the last one to RM
 * @GUNYAH_RM_REG_PC: the program counter, index 0
 * @GUNYAH_RM_REG_SP: SP_EL0, SP_EL1
 */
enum gunyah_rm_reg_set {
	GUNYAH_RM_REG_X		= 0,
	GUNYAH_RM_REG_PC	= 1,
	GUNYAH_RM_REG_SP	= 2,
};

/**
 * enum gunyah_rm_range_id - which of a VM's ranges
 * @GUNYAH_RM_RANGE_IMAGE: the parcel of gunyah_rm_vm_configure()
 * @GUNYAH_RM_RANGE_FIRMWARE: the firmware
 */
enum gunyah_rm_range_id {
	GUNYAH_RM_RANGE_IMAGE		= 0,
	GUNYAH_RM_RANGE_FIRMWARE	= 1,
};

/**
 * struct gunyah_rm_range - a range of addresses
 * @base: the first, a multiple of 4 KiB
 * @size: bytes, a multiple of 4 KiB and not 0
 */
struct gunyah_rm_range {
	u64 base;
	u64 size;
};

/**
 * enum gunyah_rm_stop_reason - why a VM is stopped
 * @GUNYAH_RM_STOP_SHUTDOWN: it shall shut down
 * @GUNYAH_RM_STOP_RESTART: it shall restart
 * @GUNYAH_RM_STOP_CRASH: it is to crash
 * @GUNYAH_RM_STOP_FORCED: it is not asked
 */
enum gunyah_rm_stop_reason {
	GUNYAH_RM_STOP_SHUTDOWN	= 0,
	GUNYAH_RM_STOP_RESTART	= 1,
	GUNYAH_RM_STOP_CRASH	= 2,
	GUNYAH_RM_STOP_FORCED	= 3,
};

/* Longest message a VM can leave behind. */
#define GUNYAH_RM_MAX_CRASH_MSG	192

/**
 * struct gunyah_rm_crash_msg - what a VM left behind
 * @size: bytes of it
 * @data: not terminated, and whatever the VM put there
 */
struct gunyah_rm_crash_msg {
	u16 size;
	u8 data[GUNYAH_RM_MAX_CRASH_MSG];
};

int gunyah_rm_vm_configure(struct gunyah_rm *rm, u16 vmid,
			   const struct gunyah_rm_vm_config *config);
int gunyah_rm_vm_auth_image(struct gunyah_rm *rm, u16 vmid,
			    const struct gunyah_rm_auth_param *params, size_t nr);
int gunyah_rm_vm_init(struct gunyah_rm *rm, u16 vmid);
int gunyah_rm_vm_set_time_base(struct gunyah_rm *rm, u16 vmid, u64 time_base, u64 timer_ref);
int gunyah_rm_vm_set_boot_context(struct gunyah_rm *rm, u16 vmid, enum gunyah_rm_reg_set set,
				  u8 index, u64 value);
int gunyah_rm_vm_set_firmware_mem(struct gunyah_rm *rm, u16 vmid, u32 handle, u64 offset,
				  u64 size);
int gunyah_rm_vm_set_demand_paging(struct gunyah_rm *rm, u16 vmid,
				   const struct gunyah_rm_range *ranges, size_t nr);
int gunyah_rm_vm_set_address_layout(struct gunyah_rm *rm, u16 vmid, enum gunyah_rm_range_id id,
				    const struct gunyah_rm_range *range);
int gunyah_rm_vm_start(struct gunyah_rm *rm, u16 vmid);
int gunyah_rm_vm_stop(struct gunyah_rm *rm, u16 vmid, bool force,
		      enum gunyah_rm_stop_reason reason, enum gunyah_rm_promise promise);
int gunyah_rm_vm_reset(struct gunyah_rm *rm, u16 vmid);
int gunyah_rm_vm_get_crash_msg(struct gunyah_rm *rm, u16 vmid, struct gunyah_rm_crash_msg *msg);

/* Firmware of protected VMs */
int gunyah_rm_fw_set_vm_firmware(struct gunyah_rm *rm, enum gunyah_rm_auth auth, u32 handle,
				 u64 size);
int gunyah_rm_fw_milestone(struct gunyah_rm *rm);

/* What a VM says of itself */

/**
 * enum gunyah_rm_os_state - what a VM is doing
 * @GUNYAH_RM_OS_NONE: nothing was said
 * @GUNYAH_RM_OS_EARLY_BOOT: it has begun to boot
 * @GUNYAH_RM_OS_BOOT: it boots
 * @GUNYAH_RM_OS_INIT: it starts its services
 * @GUNYAH_RM_OS_RUN: it runs
 * @GUNYAH_RM_OS_SHUTDOWN: it shuts down
 * @GUNYAH_RM_OS_HALTED: it has halted
 * @GUNYAH_RM_OS_CRASHED: it has crashed
 */
enum gunyah_rm_os_state {
	GUNYAH_RM_OS_NONE	= 0,
	GUNYAH_RM_OS_EARLY_BOOT	= 1,
	GUNYAH_RM_OS_BOOT	= 2,
	GUNYAH_RM_OS_INIT	= 3,
	GUNYAH_RM_OS_RUN	= 4,
	GUNYAH_RM_OS_SHUTDOWN	= 5,
	GUNYAH_RM_OS_HALTED	= 6,
	GUNYAH_RM_OS_CRASHED	= 7,
};

/* gunyah_rm_exit(): restart this VM. */
#define GUNYAH_RM_EXIT_FLAG_RESTART	BIT(0)

/* gunyah_rm_exit(): codes mean this to the public RM, others to newer ones. */
#define GUNYAH_RM_EXIT_NORMAL		0
#define GUNYAH_RM_EXIT_SOFTWARE		1
#define GUNYAH_RM_EXIT_BUS		3
#define GUNYAH_RM_EXIT_DEVICE		4

/* Constraints on addresses */
#define GUNYAH_RM_IPA_ECC		BIT(0)
#define GUNYAH_RM_IPA_TAGGED		BIT(1)
#define GUNYAH_RM_IPA_NORMAL		BIT(2)
#define GUNYAH_RM_IPA_IO		BIT(3)
#define GUNYAH_RM_IPA_OWNER_VISIBLE	BIT(4)
#define GUNYAH_RM_IPA_EXTERNAL_BUS	BIT(5)
#define GUNYAH_RM_IPA_LIKE_BASE		BIT(6)

/* Most entries of a list of addresses. */
#define GUNYAH_RM_MAX_IPA		30

/**
 * struct gunyah_rm_ipa_constraints - what addresses have to be good for
 * @generic: GUNYAH_RM_IPA_*
 * @platform: the platform's own
 */
struct gunyah_rm_ipa_constraints {
	u32 generic;
	u32 platform;
};

/**
 * struct gunyah_rm_ipa_request - addresses that are wanted
 * @region: where they may be
 * @size: bytes, a multiple of 4 KiB and not 0
 * @align: a power of two the first address has to be a multiple of
 */
struct gunyah_rm_ipa_request {
	struct gunyah_rm_range region;
	u64 size;
	u64 align;
};

int gunyah_rm_set_status(struct gunyah_rm *rm, enum gunyah_rm_os_state os_state, u16 app_status);
int gunyah_rm_set_crash_msg(struct gunyah_rm *rm, const void *data, size_t size);
int gunyah_rm_exit(struct gunyah_rm *rm, u16 flags, u8 code);
int gunyah_rm_ipa_reserve(struct gunyah_rm *rm,
			  const struct gunyah_rm_ipa_constraints *constraints,
			  const struct gunyah_rm_range *ranges, size_t nr);
int gunyah_rm_ipa_alloc(struct gunyah_rm *rm, const struct gunyah_rm_ipa_constraints *constraints,
			const struct gunyah_rm_ipa_request *requests, size_t nr, u64 *bases);

/* Memory parcels */

/**
 * enum gunyah_rm_mem_type - kind of memory
 * @GUNYAH_RM_MEM_NORMAL: memory
 * @GUNYAH_RM_MEM_IO: registers of a device
 */
enum gunyah_rm_mem_type {
	GUNYAH_RM_MEM_NORMAL	= 0,
	GUNYAH_RM_MEM_IO	= 1,
};

/* Rights of a VM to a parcel: one of these. */
#define GUNYAH_RM_MEM_X		BIT(0)
#define GUNYAH_RM_MEM_W		BIT(1)
#define GUNYAH_RM_MEM_R		BIT(2)
#define GUNYAH_RM_MEM_RX	(GUNYAH_RM_MEM_R | GUNYAH_RM_MEM_X)
#define GUNYAH_RM_MEM_RW	(GUNYAH_RM_MEM_R | GUNYAH_RM_MEM_W)
#define GUNYAH_RM_MEM_RWX	(GUNYAH_RM_MEM_R | GUNYAH_RM_MEM_W | GUNYAH_RM_MEM_X)

/**
 * struct gunyah_rm_mem_acl - what a VM may do with a parcel
 * @vmid: the VM
 * @rights: GUNYAH_RM_MEM_R, _RX, _RW or _RWX
 */
struct gunyah_rm_mem_acl {
	u16 vmid;
	u8 rights;
};

/**
 * enum gunyah_rm_mem_cache - how a VM maps a parcel
 * @GUNYAH_RM_MEM_DEFAULT: as it likes
 * @GUNYAH_RM_MEM_DEVICE: as a device
 * @GUNYAH_RM_MEM_UNCACHED: normal, not cached
 * @GUNYAH_RM_MEM_CACHED: normal, cached
 */
enum gunyah_rm_mem_cache {
	GUNYAH_RM_MEM_DEFAULT	= 0,
	GUNYAH_RM_MEM_DEVICE	= 1,
	GUNYAH_RM_MEM_UNCACHED	= 2,
	GUNYAH_RM_MEM_CACHED	= 3,
};

/**
 * struct gunyah_rm_mem_attr - how a VM has to map a parcel
 * @vmid: the VM, which has to be in the access list
 * @cache: how
 */
struct gunyah_rm_mem_attr {
	u16 vmid;
	enum gunyah_rm_mem_cache cache;
};

/* Most entries of an access list, and of one of attributes. */
#define GUNYAH_RM_MAX_ACL	512

/**
 * struct gunyah_rm_mem_desc - what a parcel is
 * @type: kind of memory
 * @label: number the receiver knows it by
 * @nr_acl: entries of @acl
 * @acl: who may do what, each VM once
 * @nr_sgl: entries of @sgl
 * @sgl: addresses in the asking VM
 * @nr_attrs: entries of @attrs, can be 0
 * @attrs: how it has to be mapped, each VM once
 */
struct gunyah_rm_mem_desc {
	enum gunyah_rm_mem_type type;
	u32 label;
	size_t nr_acl;
	const struct gunyah_rm_mem_acl *acl;
	size_t nr_sgl;
	const struct gunyah_rm_range *sgl;
	size_t nr_attrs;
	const struct gunyah_rm_mem_attr *attrs;
};

/**
 * struct gunyah_rm_parcel - a parcel that is made
 * @desc: what it shall be. @desc.sgl can have more entries than a message
 * @sanitize: it is to be wiped now
 * @handle: result. To be GUNYAH_RM_NO_HANDLE before. If it is another after a
 *	failure, then an incomplete parcel has been left behind, which is to be
 *	reclaimed before its memory is used again
 * @unsure: result, to be 0 before. If it is not after a failure, then RM may have
 *	made a parcel whose handle nobody knows. Its memory can not be used until
 *	gunyah_rm_mem_settle() says so of this number
 */
struct gunyah_rm_parcel {
	struct gunyah_rm_mem_desc desc;
	bool sanitize;
	u32 handle;
	u32 unsure;
};

/**
 * enum gunyah_rm_mem_trans - how a parcel was made
 * @GUNYAH_RM_MEM_TRANS_DONATE: gunyah_rm_mem_donate()
 * @GUNYAH_RM_MEM_TRANS_LEND: gunyah_rm_mem_lend()
 * @GUNYAH_RM_MEM_TRANS_SHARE: gunyah_rm_mem_share()
 */
enum gunyah_rm_mem_trans {
	GUNYAH_RM_MEM_TRANS_DONATE	= 0,
	GUNYAH_RM_MEM_TRANS_LEND	= 1,
	GUNYAH_RM_MEM_TRANS_SHARE	= 2,
};

/* gunyah_rm_mem_accept() */
#define GUNYAH_RM_MEM_CHECK_SANITIZED		BIT(0)
#define GUNYAH_RM_MEM_CHECK_ACL			BIT(1)
#define GUNYAH_RM_MEM_CHECK_LABEL		BIT(2)
#define GUNYAH_RM_MEM_CONTIGUOUS		BIT(4)
#define GUNYAH_RM_MEM_SANITIZE_ON_RELEASE	BIT(5)
#define GUNYAH_RM_MEM_DONE			BIT(7)

/**
 * struct gunyah_rm_mem_accept - a parcel that is received
 * @handle: the parcel
 * @trans: how it was made
 * @flags: GUNYAH_RM_MEM_CHECK_* and so on
 * @desc: what it is believed to be. @desc.sgl: where it shall be, or empty
 */
struct gunyah_rm_mem_accept {
	u32 handle;
	enum gunyah_rm_mem_trans trans;
	u8 flags;
	struct gunyah_rm_mem_desc desc;
};

/**
 * struct gunyah_rm_mem_offer - a parcel that another VM has made for this one
 * @owner: that VM
 * @handle: the parcel
 * @shared: what there is besides the lists, and how long they are
 * @acl: who may do what
 * @sizes: bytes of each of its address ranges, in order
 * @attrs: how it has to be mapped
 *
 * @acl and @attrs are as struct gunyah_rm_mem_desc wants them.
 */
struct gunyah_rm_mem_offer {
	u16 owner;
	u32 handle;
	struct gunyah_rm_mem_shared shared;
	const struct gunyah_rm_mem_acl *acl;
	const u64 *sizes;
	const struct gunyah_rm_mem_attr *attrs;
};

/**
 * struct gunyah_rm_mem_map - where RM has put a parcel
 * @incomplete: there are more entries than fit into a message
 * @nr: number of entries
 * @entries: addresses
 */
struct gunyah_rm_mem_map {
	bool incomplete;
	u32 nr;
	struct gunyah_rm_range entries[] __counted_by(nr);
};

/**
 * enum gunyah_rm_mem_event - what somebody is told of a parcel
 * @GUNYAH_RM_MEM_SHARED: receivers: there is one
 * @GUNYAH_RM_MEM_RELEASED: the owner: it has been released
 * @GUNYAH_RM_MEM_ACCEPTED: the owner: it has been accepted
 * @GUNYAH_RM_MEM_RECALL: receivers: the owner wants it back
 */
enum gunyah_rm_mem_event {
	GUNYAH_RM_MEM_SHARED	= BIT(0),
	GUNYAH_RM_MEM_RELEASED	= BIT(1),
	GUNYAH_RM_MEM_ACCEPTED	= BIT(2),
	GUNYAH_RM_MEM_RECALL	= BIT(3),
};

/**
 * struct gunyah_rm_mem_notify - what is told of a parcel
 * @handle: the parcel
 * @event: what happened
 * @tag: number that is passed on
 * @nr_vmids: SHARED, RECALL: entries of @vmids; else 0
 * @vmids: who is told
 */
struct gunyah_rm_mem_notify {
	u32 handle;
	enum gunyah_rm_mem_event event;
	u32 tag;
	size_t nr_vmids;
	const u16 *vmids;
};

int gunyah_rm_mem_donate(struct gunyah_rm *rm, struct gunyah_rm_parcel *parcel);
int gunyah_rm_mem_lend(struct gunyah_rm *rm, struct gunyah_rm_parcel *parcel);
int gunyah_rm_mem_share(struct gunyah_rm *rm, struct gunyah_rm_parcel *parcel);
int gunyah_rm_mem_offer(const struct gunyah_rm_notification *n,
			struct gunyah_rm_mem_offer **offer);
int gunyah_rm_mem_accept(struct gunyah_rm *rm, const struct gunyah_rm_mem_accept *accept,
			 struct gunyah_rm_mem_map **map);
int gunyah_rm_mem_release(struct gunyah_rm *rm, u32 handle, bool sanitize);
int gunyah_rm_mem_reclaim(struct gunyah_rm *rm, u32 handle, bool sanitize);
int gunyah_rm_mem_settle(struct gunyah_rm *rm, u32 unsure);
int gunyah_rm_mem_notify(struct gunyah_rm *rm, const struct gunyah_rm_mem_notify *notify,
			 enum gunyah_rm_promise promise);
int gunyah_rm_mem_qcom_lookup_sgl(struct gunyah_rm *rm, const struct gunyah_rm_mem_desc *desc,
				  u32 *handle);

/* Interrupts of hardware */

/* gunyah_rm_irq_accept(): whichever is free. */
#define GUNYAH_RM_VIRQ_ANY	0xffffffff

/**
 * enum gunyah_rm_irq_event - what somebody is told of a lent interrupt
 * @GUNYAH_RM_IRQ_LENT: the borrower: there is one
 * @GUNYAH_RM_IRQ_RELEASED: the owner: it has been released
 * @GUNYAH_RM_IRQ_ACCEPTED: the owner: it has been accepted
 */
enum gunyah_rm_irq_event {
	GUNYAH_RM_IRQ_LENT	= BIT(0),
	GUNYAH_RM_IRQ_RELEASED	= BIT(1),
	GUNYAH_RM_IRQ_ACCEPTED	= BIT(2),
};

int gunyah_rm_irq_lend(struct gunyah_rm *rm, u16 borrower, u32 virq, u32 label, u32 *handle);
int gunyah_rm_irq_accept(struct gunyah_rm *rm, u32 handle, u32 wanted, u32 *virq);
int gunyah_rm_irq_release(struct gunyah_rm *rm, u32 handle);
int gunyah_rm_irq_reclaim(struct gunyah_rm *rm, u32 handle);
int gunyah_rm_irq_notify(struct gunyah_rm *rm, u32 handle, enum gunyah_rm_irq_event event,
			 u16 borrower, enum gunyah_rm_promise promise);

/* Consoles. The VM in question is GUNYAH_VMID_SELF, or one this VM owns. */

/* Most bytes of one gunyah_rm_console_write(). */
#define GUNYAH_RM_MAX_CONSOLE	14380

int gunyah_rm_console_open(struct gunyah_rm *rm, u16 vmid);
int gunyah_rm_console_close(struct gunyah_rm *rm, u16 vmid);
int gunyah_rm_console_write(struct gunyah_rm *rm, u16 vmid, const void *data, size_t size);
int gunyah_rm_console_flush(struct gunyah_rm *rm, u16 vmid);
const void *gunyah_rm_console_chars(const struct gunyah_rm_notification *n, size_t *size);

#endif
