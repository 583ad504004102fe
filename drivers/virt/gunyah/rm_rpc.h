/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files that know what messages of the resource manager mean share. */
#ifndef __GUNYAH_RM_RPC_H
#define __GUNYAH_RM_RPC_H

#include <linux/align.h>
#include <linux/list.h>
#include <linux/types.h>
#include <linux/gunyah_rm_vm.h>

struct gunyah_rm;
struct gunyah_rm_xfer;

/* Message ids of requests */
#define RM_MEM_DONATE			0x51000010
#define RM_MEM_ACCEPT			0x51000011
#define RM_MEM_LEND			0x51000012
#define RM_MEM_SHARE			0x51000013
#define RM_MEM_RELEASE			0x51000014
#define RM_MEM_RECLAIM			0x51000015
#define RM_MEM_NOTIFY			0x51000017
#define RM_MEM_APPEND			0x51000018
#define RM_MEM_QCOM_LOOKUP_SGL		0x5100001a
#define RM_FW_MILESTONE			0x51000020
#define RM_FW_SET_VM_FIRMWARE		0x51000021
#define RM_VM_ALLOCATE			0x56000001
#define RM_VM_DEALLOCATE		0x56000002
#define RM_VM_START			0x56000004
#define RM_VM_STOP			0x56000005
#define RM_VM_RESET			0x56000006
#define RM_VM_CONFIG_IMAGE		0x56000009
#define RM_VM_AUTH_IMAGE		0x5600000a
#define RM_VM_INIT			0x5600000b
#define RM_VM_GET_ID			0x56000010
#define RM_VM_LOOKUP_URI		0x56000011
#define RM_VM_LOOKUP_GUID		0x56000012
#define RM_VM_LOOKUP_NAME		0x56000013
#define RM_VM_GET_OWNER			0x56000015
#define RM_VM_GET_STATE			0x56000017
#define RM_VM_GET_CRASH_MSG		0x56000019
#define RM_VM_GET_HYP_RESOURCES		0x56000020
#define RM_VM_GET_VMID			0x56000024
#define RM_VM_GET_PEERS			0x56000025
#define RM_VM_SET_TIME_BASE		0x56000030
#define RM_VM_SET_BOOT_CONTEXT		0x56000031
#define RM_VM_SET_FIRMWARE_MEM		0x56000032
#define RM_VM_SET_DEMAND_PAGING		0x56000033
#define RM_VM_SET_ADDRESS_LAYOUT	0x56000034
#define RM_VM_IRQ_ACCEPT		0x56000050
#define RM_VM_IRQ_LEND			0x56000051
#define RM_VM_IRQ_RELEASE		0x56000052
#define RM_VM_IRQ_RECLAIM		0x56000053
#define RM_VM_IRQ_NOTIFY		0x56000054
#define RM_VM_SET_STATUS		0x56000080
#define RM_VM_CONSOLE_OPEN		0x56000081
#define RM_VM_CONSOLE_CLOSE		0x56000082
#define RM_VM_CONSOLE_WRITE		0x56000083
#define RM_VM_CONSOLE_FLUSH		0x56000084
#define RM_VM_EXIT			0x56000085
#define RM_VM_SET_CRASH_MSG		0x56000086
#define RM_VM_HOST_GET_TYPE		0x560000a0
#define RM_IPA_RESERVE			0x560000b0

/* Addresses and sizes RM deals with are multiples of this, whatever ours are. */
#define RM_PAGE_SIZE			0x1000

/* Data of variable length is padded to this. */
#define RM_DATA_ALIGN			4

struct rm_vmid_req {
	__le16 vmid;
	__le16 reserved;
} __packed;

struct rm_range_entry {
	__le64 base;
	__le64 size;
} __packed;

/* A list begins with this, and is followed by its entries. */
struct rm_list {
	__le16 nr;
	__le16 other;
} __packed;

struct rm_acl_entry {
	__le16 vmid;
	u8 rights;
	u8 reserved;
} __packed;

struct rm_attr_entry {
	__le16 attr;
	__le16 vmid;
} __packed;

/* A crash message, both ways. In a reply it follows the status. */
struct rm_crash_msg {
	__le16 size;
	__le16 reserved;
	u8 data[ALIGN(GUNYAH_RM_MAX_CRASH_MSG, RM_DATA_ALIGN)];
} __packed;

/**
 * enum rm_parcel_state - what is known of a parcel
 * @RM_PARCEL_UNSURE: whether it is there is not known
 * @RM_PARCEL_OURS: it is there, and its maker knows it
 * @RM_PARCEL_LATE: it is there, its maker does not know it: to be reclaimed
 * @RM_PARCEL_BUSY: is being reclaimed
 * @RM_PARCEL_STUCK: could not be reclaimed
 * @RM_PARCEL_GONE: it is not there; its maker may want to know
 *
 * UNSURE -> OURS, or UNSURE -> LATE -> BUSY -> GONE; from BUSY also to STUCK and
 * back to LATE, from UNSURE also to GONE.
 */
enum rm_parcel_state {
	RM_PARCEL_UNSURE,
	RM_PARCEL_OURS,
	RM_PARCEL_LATE,
	RM_PARCEL_BUSY,
	RM_PARCEL_STUCK,
	RM_PARCEL_GONE,
};

/**
 * struct rm_parcel - a parcel that uses up RM's heap
 * @node: in gunyah_rm.parcels
 * @token: number that is never another's, for who has no handle
 * @handle: its handle
 * @nr: entries of its list of addresses
 * @state: what is known of it
 * @asked: RM was asked to reclaim it, and may have without saying so
 */
struct rm_parcel {
	struct list_head node;
	u32 token;
	u32 handle;
	size_t nr;
	enum rm_parcel_state state;
	bool asked;
};

/* rm_rpc_vm.c */
bool gunyah_rm_is_refused(const struct gunyah_rm_xfer *xfer, int ret);

/* rm_rpc_parcel.c */
struct rm_parcel *gunyah_rm_parcel_count(struct gunyah_rm *rm, size_t nr);
void gunyah_rm_parcel_made(struct gunyah_rm *rm, struct rm_parcel *parcel, u32 handle);
void gunyah_rm_parcel_drop(struct gunyah_rm *rm, struct rm_parcel *parcel);
void gunyah_rm_parcel_reclaimed(struct gunyah_rm *rm, u32 handle);
void gunyah_rm_parcel_asked(struct gunyah_rm *rm, u32 handle);
bool gunyah_rm_parcel_was_asked(struct gunyah_rm *rm, u32 handle);
void gunyah_rm_parcel_late(struct gunyah_rm *rm, u32 token, u32 handle);
void gunyah_rm_parcel_refused(struct gunyah_rm *rm, u32 token);
void gunyah_rm_parcels_reclaim(struct gunyah_rm *rm, u32 only);

/* rm_rpc_call.c */
int gunyah_rm_call(struct gunyah_rm *rm, struct gunyah_rm_xfer *xfer);
int gunyah_rm_call_empty(struct gunyah_rm *rm, struct gunyah_rm_xfer *xfer);
int gunyah_rm_call_status(struct gunyah_rm *rm, u32 id, const void *req, size_t req_size);
int gunyah_rm_call_vmid(struct gunyah_rm *rm, u32 id, u16 vmid);
int gunyah_rm_call_for_word(struct gunyah_rm *rm, struct gunyah_rm_xfer *xfer, u32 *word);
int gunyah_rm_call_word(struct gunyah_rm *rm, u32 id, const void *req, size_t req_size, u32 *word);

bool gunyah_rm_range_ok(const struct gunyah_rm_range *range);

#endif
