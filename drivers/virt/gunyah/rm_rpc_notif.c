// SPDX-License-Identifier: GPL-2.0-only
/*
 * The resource-manager (RM) client: what notifications mean.
 *
 * As rm_rpc.c does for calls: CPU byte order outside, the layout on the wire
 * only here. A notification may be longer than is known, and its id may not be
 * known at all.
 */
#include <linux/array_size.h>
#include <linux/export.h>
#include <linux/stddef.h>
#include <linux/types.h>
#include <linux/unaligned.h>
#include <kunit/visibility.h>

#include "rm.h"

/**
 * struct rm_notif_desc - what is known of a notification
 * @id: message id
 * @min: bytes it has at least; a receiver must accept more
 * @vmid: offset of the VM id, 16 bits wide, or RM_NO_VMID
 */
struct rm_notif_desc {
	u32 id;
	u16 min;
	u16 vmid;
};

#define RM_NO_VMID	U16_MAX

struct rm_vm_exited {
	__le16 vmid;
	__le16 type;
	__le32 reason_size;
	u8 reason[];
} __packed;

struct rm_vm_status {
	__le16 vmid;
	__le16 reserved;
	u8 vm_state;
	u8 os_state;
	__le16 app_status;
} __packed;

struct rm_irq_lent {
	__le16 vmid;
	__le16 reserved;
	__le32 handle;
	__le32 label;
} __packed;

struct rm_mem_done {
	__le32 handle;
	__le16 vmid;
	__le16 reserved;
	__le32 tag;
} __packed;

struct rm_mem_shared {
	__le32 handle;
	u8 mem_type;
	u8 trans_type;
	u8 flags;
	u8 reserved;
	__le16 vmid;
	__le16 reserved2;
	__le32 label;
	__le32 tag;
} __packed;

static const struct rm_notif_desc notif_descs[] = {
	{ GUNYAH_RM_NOTIF_VM_EXITED, sizeof(struct rm_vm_exited),
	  offsetof(struct rm_vm_exited, vmid) },
	{ GUNYAH_RM_NOTIF_VM_SHUTDOWN, sizeof(__le32), RM_NO_VMID },
	{ GUNYAH_RM_NOTIF_VM_STATUS, sizeof(struct rm_vm_status),
	  offsetof(struct rm_vm_status, vmid) },
	{ GUNYAH_RM_NOTIF_IRQ_LENT, sizeof(struct rm_irq_lent),
	  offsetof(struct rm_irq_lent, vmid) },
	{ GUNYAH_RM_NOTIF_IRQ_RELEASED, sizeof(__le32), RM_NO_VMID },
	{ GUNYAH_RM_NOTIF_IRQ_ACCEPTED, sizeof(__le32), RM_NO_VMID },
	{ GUNYAH_RM_NOTIF_CONSOLE_CHARS, sizeof(__le16) * 2, 0 },
	{ GUNYAH_RM_NOTIF_MEM_SHARED, sizeof(struct rm_mem_shared),
	  offsetof(struct rm_mem_shared, vmid) },
	{ GUNYAH_RM_NOTIF_MEM_RELEASED, sizeof(struct rm_mem_done),
	  offsetof(struct rm_mem_done, vmid) },
	{ GUNYAH_RM_NOTIF_MEM_ACCEPTED, sizeof(struct rm_mem_done),
	  offsetof(struct rm_mem_done, vmid) },
	{ GUNYAH_RM_NOTIF_MEM_RECALL, sizeof(__le32) * 2, RM_NO_VMID },
};

static const struct rm_notif_desc *notif_desc(u32 id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(notif_descs); i++)
		if (notif_descs[i].id == id)
			return &notif_descs[i];

	return NULL;
}

/**
 * gunyah_rm_notif_known() - is this a notification that is known here?
 * @id: message id
 *
 * Return: true if it is.
 */
bool gunyah_rm_notif_known(u32 id)
{
	return notif_desc(id);
}

static bool exited_decode(struct gunyah_rm_notification *n)
{
	const struct rm_vm_exited *msg = n->data;
	u32 size = le32_to_cpu(msg->reason_size);
	u32 word = 0;

	if (size > n->size - sizeof(*msg))
		return false;

	if (size >= sizeof(word))
		word = get_unaligned_le32(msg->reason);

	n->exit.type = le16_to_cpu(msg->type);
	n->exit.flags = word;
	n->exit.code = word >> 16;
	n->exit.reason_size = size;
	n->exit.reason = msg->reason;

	return true;
}

static void status_decode(struct gunyah_rm_notification *n)
{
	const struct rm_vm_status *msg = n->data;

	n->status.vm_state = msg->vm_state;
	n->status.os_state = msg->os_state;
	n->status.app_status = le16_to_cpu(msg->app_status);
}

/**
 * gunyah_rm_notif_decode() - read a notification
 * @n: notification whose id, data and size are filled in; the rest is result
 *
 * Return: false if it is shorter than its id demands. One with an id that is
 * not known is as it should be.
 */
bool gunyah_rm_notif_decode(struct gunyah_rm_notification *n)
{
	const struct rm_notif_desc *desc = notif_desc(n->id);
	const u8 *data = n->data;

	n->vmid = GUNYAH_VMID_ANY;
	if (!desc)
		return true;
	if (n->size < desc->min)
		return false;
	if (desc->vmid != RM_NO_VMID)
		n->vmid = get_unaligned_le16(data + desc->vmid);

	switch (n->id) {
	case GUNYAH_RM_NOTIF_VM_EXITED:
		return exited_decode(n);
	case GUNYAH_RM_NOTIF_VM_STATUS:
		status_decode(n);
		break;
	case GUNYAH_RM_NOTIF_VM_SHUTDOWN:
		n->reason = get_unaligned_le32(data);
		break;
	case GUNYAH_RM_NOTIF_IRQ_LENT:
		n->handle = get_unaligned_le32(data + offsetof(struct rm_irq_lent, handle));
		break;
	default:
		n->handle = get_unaligned_le32(data);
		break;
	}

	return true;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_notif_decode);
