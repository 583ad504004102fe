// SPDX-License-Identifier: GPL-2.0-only
/*
 * The resource-manager (RM) client: what notifications mean.
 *
 * As rm_rpc.c does for calls: CPU byte order outside, the layout on the wire
 * only here. A notification may be longer than is known, and its id may not be
 * known at all.
 */
#include <linux/array_size.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/stddef.h>
#include <linux/types.h>
#include <linux/unaligned.h>
#include <kunit/visibility.h>

#include "rm.h"
#include "rm_rpc.h"

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

struct rm_mem_recall {
	__le32 handle;
	__le32 tag;
} __packed;

struct rm_chars {
	__le16 vmid;
	__le16 size;
} __packed;

/* The access list, the sizes and the attributes follow. */

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
	u8 lists[];
} __packed;

static_assert(sizeof(struct rm_mem_shared) == 20);
static_assert(sizeof(struct rm_mem_done) == 12);

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
	{ GUNYAH_RM_NOTIF_CONSOLE_CHARS, sizeof(struct rm_chars),
	  offsetof(struct rm_chars, vmid) },
	{ GUNYAH_RM_NOTIF_MEM_SHARED, sizeof(struct rm_mem_shared),
	  offsetof(struct rm_mem_shared, vmid) },
	{ GUNYAH_RM_NOTIF_MEM_RELEASED, sizeof(struct rm_mem_done),
	  offsetof(struct rm_mem_done, vmid) },
	{ GUNYAH_RM_NOTIF_MEM_ACCEPTED, sizeof(struct rm_mem_done),
	  offsetof(struct rm_mem_done, vmid) },
	{ GUNYAH_RM_NOTIF_MEM_RECALL, sizeof(struct rm_mem_recall), RM_NO_VMID },
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

static bool status_decode(struct gunyah_rm_notification *n)
{
	const struct rm_vm_status *msg = n->data;

	n->status.vm_state = msg->vm_state;
	n->status.os_state = msg->os_state;
	n->status.app_status = le16_to_cpu(msg->app_status);

	return true;
}

static bool irq_lent_decode(struct gunyah_rm_notification *n)
{
	const struct rm_irq_lent *msg = n->data;

	n->handle = le32_to_cpu(msg->handle);
	n->label = le32_to_cpu(msg->label);

	return true;
}

static bool mem_done_decode(struct gunyah_rm_notification *n)
{
	const struct rm_mem_done *msg = n->data;

	n->handle = le32_to_cpu(msg->handle);
	n->tag = le32_to_cpu(msg->tag);

	return true;
}

static bool mem_recall_decode(struct gunyah_rm_notification *n)
{
	const struct rm_mem_recall *msg = n->data;

	n->handle = le32_to_cpu(msg->handle);
	n->tag = le32_to_cpu(msg->tag);

	return true;
}

static bool chars_decode(const struct gunyah_rm_notification *n)
{
	const struct rm_chars *msg = n->data;

	return le16_to_cpu(msg->size) <= n->size - sizeof(*msg);
}

/* The rest of a message that consists of lists */
struct rm_lists {
	const u8 *pos;
	size_t left;
};

/*
 * The next list. RM may leave out the last ones if they are empty.
 * Return: its entries, NULL if the message is too short for them.
 */
static const void *list_next(struct rm_lists *lists, size_t entry_size, u16 *nr)
{
	const u8 *entries = lists->pos;
	size_t size;

	*nr = 0;
	if (!lists->left)
		return entries;
	if (lists->left < sizeof(struct rm_list))
		return NULL;

	*nr = le16_to_cpu(((const struct rm_list *)entries)->nr);
	entries += sizeof(struct rm_list);
	size = sizeof(struct rm_list) + *nr * entry_size;
	if (size > lists->left)
		return NULL;

	lists->pos += size;
	lists->left -= size;

	return entries;
}

/* The lists of MEM_SHARED, in the message. All entries are multiples of 4 bytes. */
struct rm_shared_lists {
	const struct rm_acl_entry *acl;
	const __le64 *sizes;
	const struct rm_attr_entry *attrs;
};

static bool mem_shared_lists(const struct gunyah_rm_notification *n,
			     struct gunyah_rm_mem_shared *shared, struct rm_shared_lists *wire)
{
	const struct rm_mem_shared *msg = n->data;
	struct rm_lists lists = { .pos = msg->lists, .left = n->size - sizeof(*msg) };

	wire->acl = list_next(&lists, sizeof(*wire->acl), &shared->nr_acl);
	if (!wire->acl)
		return false;

	wire->sizes = list_next(&lists, sizeof(*wire->sizes), &shared->nr_sizes);
	if (!wire->sizes)
		return false;

	wire->attrs = list_next(&lists, sizeof(*wire->attrs), &shared->nr_attrs);

	return wire->attrs;
}

static bool mem_shared_decode(struct gunyah_rm_notification *n)
{
	const struct rm_mem_shared *msg = n->data;
	struct rm_shared_lists lists;

	n->handle = le32_to_cpu(msg->handle);
	n->shared.type = msg->mem_type;
	n->shared.trans = msg->trans_type;
	n->shared.flags = msg->flags;
	n->shared.label = le32_to_cpu(msg->label);
	n->shared.tag = le32_to_cpu(msg->tag);

	return mem_shared_lists(n, &n->shared, &lists);
}

/**
 * gunyah_rm_mem_offer() - all that MEM_SHARED says
 * @n: a notification with id GUNYAH_RM_NOTIF_MEM_SHARED
 * @offer: result, to be freed with kvfree(); not changed on failure
 *
 * Context: may sleep; in the callback that got @n.
 * Return: 0, -EINVAL for another notification, or -ENOMEM.
 */
int gunyah_rm_mem_offer(const struct gunyah_rm_notification *n,
			struct gunyah_rm_mem_offer **offer)
{
	const struct gunyah_rm_mem_shared *shared = &n->shared;
	struct gunyah_rm_mem_shared nr;
	struct gunyah_rm_mem_offer *o;
	struct gunyah_rm_mem_attr *attrs;
	struct gunyah_rm_mem_acl *acl;
	struct rm_shared_lists lists;
	size_t size, i;
	u64 *sizes;

	if (n->id != GUNYAH_RM_NOTIF_MEM_SHARED || !mem_shared_lists(n, &nr, &lists))
		return -EINVAL;

	/* In the order of their alignment */
	size = size_add(sizeof(*o), array_size(shared->nr_sizes, sizeof(*sizes)));
	size = size_add(size, array_size(shared->nr_attrs, sizeof(*attrs)));
	size = size_add(size, array_size(shared->nr_acl, sizeof(*acl)));
	o = kvzalloc(size, GFP_KERNEL);
	if (!o)
		return -ENOMEM;

	sizes = (u64 *)(o + 1);
	attrs = (struct gunyah_rm_mem_attr *)(sizes + shared->nr_sizes);
	acl = (struct gunyah_rm_mem_acl *)(attrs + shared->nr_attrs);
	for (i = 0; i < shared->nr_sizes; i++)
		sizes[i] = get_unaligned_le64(&lists.sizes[i]);
	for (i = 0; i < shared->nr_attrs; i++) {
		attrs[i].vmid = le16_to_cpu(lists.attrs[i].vmid);
		attrs[i].cache = le16_to_cpu(lists.attrs[i].attr);
	}
	for (i = 0; i < shared->nr_acl; i++) {
		acl[i].vmid = le16_to_cpu(lists.acl[i].vmid);
		acl[i].rights = lists.acl[i].rights;
	}

	o->owner = n->vmid;
	o->handle = n->handle;
	o->shared = *shared;
	o->sizes = sizes;
	o->attrs = attrs;
	o->acl = acl;
	*offer = o;

	return 0;
}
EXPORT_SYMBOL_GPL(gunyah_rm_mem_offer);

/* What there is besides the VM. The notification has the bytes of its id. */
static bool notif_decode(struct gunyah_rm_notification *n)
{
	switch (n->id) {
	case GUNYAH_RM_NOTIF_VM_EXITED:
		return exited_decode(n);
	case GUNYAH_RM_NOTIF_VM_STATUS:
		return status_decode(n);
	case GUNYAH_RM_NOTIF_VM_SHUTDOWN:
		n->reason = get_unaligned_le32(n->data);
		return true;
	case GUNYAH_RM_NOTIF_IRQ_LENT:
		return irq_lent_decode(n);
	case GUNYAH_RM_NOTIF_MEM_SHARED:
		return mem_shared_decode(n);
	case GUNYAH_RM_NOTIF_MEM_RELEASED:
	case GUNYAH_RM_NOTIF_MEM_ACCEPTED:
		return mem_done_decode(n);
	case GUNYAH_RM_NOTIF_MEM_RECALL:
		return mem_recall_decode(n);
	case GUNYAH_RM_NOTIF_CONSOLE_CHARS:
		return chars_decode(n);
	default:
		/* IRQ_RELEASED, IRQ_ACCEPTED */
		n->handle = get_unaligned_le32(n->data);
		return true;
	}
}

/**
 * gunyah_rm_notif_decode() - read a notification
 * @n: notification whose id, data and size are filled in; the rest is result
 *
 * Return: false if it is shorter than its id, or a count in it, demands. One
 * with an id that is not known is as it should be.
 */
bool gunyah_rm_notif_decode(struct gunyah_rm_notification *n)
{
	const struct rm_notif_desc *desc = notif_desc(n->id);
	const u8 *data = n->data;

	n->vmid = GUNYAH_VMID_ANY;
	n->handle = 0;
	if (!desc)
		return true;
	if (n->size < desc->min)
		return false;
	if (desc->vmid != RM_NO_VMID)
		n->vmid = get_unaligned_le16(data + desc->vmid);

	return notif_decode(n);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_notif_decode);
