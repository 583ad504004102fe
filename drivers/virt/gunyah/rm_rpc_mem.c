// SPDX-License-Identifier: GPL-2.0-only
/*
 * The resource-manager (RM) client: memory parcels.
 *
 * A parcel is a list of address ranges and of VMs that may have them. A list of
 * addresses that is too long for a message is sent in several: the first makes
 * the parcel, the others append to it. This file sends all or nothing: when a
 * message fails, what was made is reclaimed.
 *
 * Which parcels there are is in rm_rpc_parcel.c.
 *
 * As in rm_rpc.c: CPU byte order outside, the layout on the wire only here.
 */
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/error-injection.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/types.h>
#include <linux/gunyah_rm_vm.h>

#include "rm.h"
#include "rm_rpc.h"

/* Entries of one list of addresses in one message. */
#define RM_MAX_SGL		512

/* Addresses and sizes end here. */
#define RM_IPA_END		BIT_ULL(44)

struct rm_mem_req {
	u8 type;
	u8 reserved;
	u8 flags;
	u8 reserved2;
	__le32 label;
	u8 lists[];
} __packed;

static_assert(sizeof(struct rm_mem_req) == 8);

#define MEM_SANITIZE	BIT(0)
#define MEM_APPEND	BIT(1)

struct rm_append_req {
	__le32 handle;
	u8 flags;
	u8 reserved[3];
	u8 lists[];
} __packed;

static_assert(sizeof(struct rm_append_req) == 8);

#define APPEND_LAST	BIT(0)

struct rm_accept_req {
	__le32 handle;
	u8 type;
	u8 trans;
	u8 flags;
	u8 reserved;
	__le32 label;
	u8 lists[];
} __packed;

static_assert(sizeof(struct rm_accept_req) == 12);

#define ACCEPT_FLAGS	(GUNYAH_RM_MEM_CHECK_SANITIZED | GUNYAH_RM_MEM_CHECK_ACL |	\
			 GUNYAH_RM_MEM_CHECK_LABEL | GUNYAH_RM_MEM_CONTIGUOUS |		\
			 GUNYAH_RM_MEM_SANITIZE_ON_RELEASE | GUNYAH_RM_MEM_DONE)

struct rm_lookup_req {
	u8 type;
	u8 reserved[3];
	__le32 label;
	u8 lists[];
} __packed;

struct rm_handle_req {
	__le32 handle;
	u8 flags;
	u8 reserved[3];
} __packed;

#define HANDLE_SANITIZE	BIT(0)

struct rm_notify_req {
	__le32 handle;
	u8 flags;
	u8 reserved[3];
	__le32 tag;
	u8 lists[];
} __packed;

static_assert(sizeof(struct rm_notify_req) == 12);

struct rm_vmid_entry {
	__le16 vmid;
	__le16 reserved;
} __packed;

/* Lists on their way out. */

static u8 *put_list(u8 *pos, size_t nr)
{
	struct rm_list *list = (struct rm_list *)pos;

	list->nr = cpu_to_le16(nr);
	list->other = 0;

	return pos + sizeof(*list);
}

static u8 *put_acl(u8 *pos, const struct gunyah_rm_mem_acl *acl, size_t nr)
{
	struct rm_acl_entry *entry = (struct rm_acl_entry *)put_list(pos, nr);
	size_t i;

	for (i = 0; i < nr; i++, entry++) {
		entry->vmid = cpu_to_le16(acl[i].vmid);
		entry->rights = acl[i].rights;
		entry->reserved = 0;
	}

	return (u8 *)entry;
}

static u8 *put_sgl(u8 *pos, const struct gunyah_rm_range *sgl, size_t nr)
{
	struct rm_range_entry *entry = (struct rm_range_entry *)put_list(pos, nr);
	size_t i;

	for (i = 0; i < nr; i++, entry++) {
		entry->base = cpu_to_le64(sgl[i].base);
		entry->size = cpu_to_le64(sgl[i].size);
	}

	return (u8 *)entry;
}

static u8 *put_attrs(u8 *pos, const struct gunyah_rm_mem_attr *attrs, size_t nr)
{
	struct rm_attr_entry *entry = (struct rm_attr_entry *)put_list(pos, nr);
	size_t i;

	for (i = 0; i < nr; i++, entry++) {
		entry->attr = cpu_to_le16(attrs[i].cache);
		entry->vmid = cpu_to_le16(attrs[i].vmid);
	}

	return (u8 *)entry;
}

static u8 *put_vmids(u8 *pos, const u16 *vmids, size_t nr)
{
	struct rm_vmid_entry *entry = (struct rm_vmid_entry *)put_list(pos, nr);
	size_t i;

	for (i = 0; i < nr; i++, entry++) {
		entry->vmid = cpu_to_le16(vmids[i]);
		entry->reserved = 0;
	}

	return (u8 *)entry;
}

/* Bytes of a list of @nr entries, SIZE_MAX if they are too many for anything. */
static size_t list_size(size_t nr, size_t entry_size)
{
	return size_add(sizeof(struct rm_list), array_size(nr, entry_size));
}

/* Bytes of a message with the lists of a parcel. */
static size_t desc_size(size_t head, const struct gunyah_rm_mem_desc *desc, size_t nr_sgl)
{
	size_t acl = list_size(desc->nr_acl, sizeof(struct rm_acl_entry));
	size_t sgl = list_size(nr_sgl, sizeof(struct rm_range_entry));
	size_t attrs = list_size(desc->nr_attrs, sizeof(struct rm_attr_entry));

	return size_add(head, size_add(acl, size_add(sgl, attrs)));
}

static void put_desc(u8 *pos, const struct gunyah_rm_mem_desc *desc, size_t nr_sgl)
{
	pos = put_acl(pos, desc->acl, desc->nr_acl);
	pos = put_sgl(pos, desc->sgl, nr_sgl);
	put_attrs(pos, desc->attrs, desc->nr_attrs);
}

/* What RM could not but refuse. */

static int acl_check(const struct gunyah_rm_mem_desc *desc)
{
	size_t i, j;

	if (!desc->nr_acl)
		return -EINVAL;
	if (desc->nr_acl > GUNYAH_RM_MAX_ACL)
		return -E2BIG;

	for (i = 0; i < desc->nr_acl; i++) {
		u8 rights = desc->acl[i].rights;

		if (rights & ~GUNYAH_RM_MEM_RWX || !(rights & GUNYAH_RM_MEM_R))
			return -EINVAL;
		if (desc->type == GUNYAH_RM_MEM_IO && rights & GUNYAH_RM_MEM_X)
			return -EINVAL;
		for (j = 0; j < i; j++)
			if (desc->acl[j].vmid == desc->acl[i].vmid)
				return -EINVAL;
	}

	return 0;
}

static bool acl_has(const struct gunyah_rm_mem_desc *desc, u16 vmid)
{
	size_t i;

	for (i = 0; i < desc->nr_acl; i++)
		if (desc->acl[i].vmid == vmid)
			return true;

	return false;
}

static int attrs_check(const struct gunyah_rm_mem_desc *desc)
{
	size_t i, j;

	if (desc->nr_attrs > GUNYAH_RM_MAX_ACL)
		return -E2BIG;

	for (i = 0; i < desc->nr_attrs; i++) {
		const struct gunyah_rm_mem_attr *attr = &desc->attrs[i];

		if ((unsigned int)attr->cache > GUNYAH_RM_MEM_CACHED || !acl_has(desc, attr->vmid))
			return -EINVAL;
		if (desc->type == GUNYAH_RM_MEM_IO && attr->cache != GUNYAH_RM_MEM_DEVICE)
			return -EINVAL;
		for (j = 0; j < i; j++)
			if (desc->attrs[j].vmid == attr->vmid)
				return -EINVAL;
	}

	return 0;
}

static bool sgl_entry_ok(const struct gunyah_rm_range *range)
{
	return gunyah_rm_range_ok(range) && range->base + range->size <= RM_IPA_END;
}

static int sgl_check(const struct gunyah_rm_mem_desc *desc)
{
	size_t i;

	for (i = 0; i < desc->nr_sgl; i++)
		if (!sgl_entry_ok(&desc->sgl[i]))
			return -EINVAL;

	return 0;
}

static int desc_check(const struct gunyah_rm_mem_desc *desc)
{
	int ret;

	if ((unsigned int)desc->type > GUNYAH_RM_MEM_IO)
		return -EINVAL;

	ret = acl_check(desc);
	if (ret)
		return ret;

	ret = attrs_check(desc);
	if (ret)
		return ret;

	return sgl_check(desc);
}

static int donate_check(const struct gunyah_rm_mem_desc *desc)
{
	u8 rights = desc->type == GUNYAH_RM_MEM_IO ? GUNYAH_RM_MEM_RW : GUNYAH_RM_MEM_RWX;
	size_t i;

	if (desc->nr_acl != 1 || desc->acl[0].rights != rights)
		return -EINVAL;

	for (i = 0; i < desc->nr_attrs; i++)
		if (desc->attrs[i].cache != GUNYAH_RM_MEM_DEFAULT)
			return -EINVAL;

	return 0;
}

/* Making parcels */

/* A call whose answer is a handle. */
static int call_handle(struct gunyah_rm *rm, struct gunyah_rm_xfer *xfer, u32 *handle)
{
	u32 word;
	int ret;

	ret = gunyah_rm_call_for_word(rm, xfer, &word);
	if (ret)
		return ret;

	/* It is there, and there is no way to get rid of it. */
	if (word == GUNYAH_RM_NO_HANDLE) {
		xfer->unsure = true;
		return -EBADMSG;
	}

	*handle = word;

	return 0;
}

/*
 * The first message, which makes the parcel. If the caller leaves without the
 * handle, because it is killed or RM is late, it is the late answer that has it.
 */
static int parcel_begin(struct gunyah_rm *rm, u32 id, struct gunyah_rm_parcel *parcel,
			u32 token)
{
	const struct gunyah_rm_mem_desc *desc = &parcel->desc;
	size_t nr = min_t(size_t, desc->nr_sgl, RM_MAX_SGL);
	size_t size = desc_size(sizeof(struct rm_mem_req), desc, nr);
	struct gunyah_rm_xfer xfer = {
		.id = id,
		.req_size = size,
		.late = {
			.made = gunyah_rm_parcel_late,
			.refused = gunyah_rm_parcel_refused,
			.arg = token,
		},
	};
	int ret;

	struct rm_mem_req *req __free(kvfree) = kvzalloc(size, GFP_KERNEL);
	if (!req)
		return -ENOMEM;

	req->type = desc->type;
	req->label = cpu_to_le32(desc->label);
	if (parcel->sanitize)
		req->flags |= MEM_SANITIZE;
	if (nr < desc->nr_sgl)
		req->flags |= MEM_APPEND;
	put_desc(req->lists, desc, nr);

	xfer.req = req;
	ret = call_handle(rm, &xfer, &parcel->handle);
	parcel->unsure = xfer.unsure ? token : 0;

	return ret;
}

/* One of the other messages. @req has room for the longest. */
static int parcel_append(struct gunyah_rm *rm, struct rm_append_req *req,
			 const struct gunyah_rm_parcel *parcel, size_t from)
{
	const struct gunyah_rm_mem_desc *desc = &parcel->desc;
	size_t nr = min_t(size_t, desc->nr_sgl - from, RM_MAX_SGL);
	size_t size = struct_size(req, lists, list_size(nr, sizeof(struct rm_range_entry)));

	req->handle = cpu_to_le32(parcel->handle);
	req->flags = from + nr == desc->nr_sgl ? APPEND_LAST : 0;
	put_sgl(req->lists, desc->sgl + from, nr);

	return gunyah_rm_call_status(rm, RM_MEM_APPEND, req, size);
}

static int parcel_rest(struct gunyah_rm *rm, const struct gunyah_rm_parcel *parcel)
{
	size_t from;
	int ret;

	if (parcel->desc.nr_sgl <= RM_MAX_SGL)
		return 0;

	struct rm_append_req *req __free(kvfree) =
		kvzalloc(struct_size(req, lists,
				     list_size(RM_MAX_SGL, sizeof(struct rm_range_entry))),
			 GFP_KERNEL);
	if (!req)
		return -ENOMEM;

	for (from = RM_MAX_SGL; from < parcel->desc.nr_sgl; from += RM_MAX_SGL) {
		ret = parcel_append(rm, req, parcel, from);
		if (ret)
			return ret;
	}

	return 0;
}

static int call_of_handle(struct gunyah_rm *rm, u32 id, u32 handle, bool sanitize)
{
	struct rm_handle_req req = {
		.handle = cpu_to_le32(handle),
		.flags = sanitize ? HANDLE_SANITIZE : 0,
	};

	return gunyah_rm_call_status(rm, id, &req, sizeof(req));
}

/*
 * A handle that RM does not know is that of a parcel it has reclaimed, if it
 * was asked to before and the answer got lost. Without that it is a wrong one,
 * however often it is tried: the memory may be in a VM.
 */
static int parcel_reclaim(struct gunyah_rm *rm, u32 handle, bool sanitize)
{
	struct rm_handle_req req = {
		.handle = cpu_to_le32(handle),
		.flags = sanitize ? HANDLE_SANITIZE : 0,
	};
	struct gunyah_rm_xfer xfer = {
		.id = RM_MEM_RECLAIM,
		.req = &req,
		.req_size = sizeof(req),
	};
	int ret;

	ret = gunyah_rm_call_empty(rm, &xfer);
	if (ret && !gunyah_rm_is_refused(&xfer, ret))
		gunyah_rm_parcel_asked(rm, handle);
	else if (gunyah_rm_status_is_no_handle(xfer.status) &&
		 gunyah_rm_parcel_was_asked(rm, handle))
		ret = 0;
	if (!ret)
		gunyah_rm_parcel_reclaimed(rm, handle);

	return ret;
}

/* All messages of a parcel, which is counted as long as RM has it. */
static int parcel_send(struct gunyah_rm *rm, u32 id, struct gunyah_rm_parcel *parcel)
{
	struct rm_parcel *count;
	int ret;

	count = gunyah_rm_parcel_count(rm, parcel->desc.nr_sgl);
	if (IS_ERR(count))
		return PTR_ERR(count);

	ret = parcel_begin(rm, id, parcel, count->token);
	if (ret) {
		if (!parcel->unsure)
			gunyah_rm_parcel_drop(rm, count);
		return ret;
	}
	gunyah_rm_parcel_made(rm, count, parcel->handle);

	ret = parcel_rest(rm, parcel);
	if (ret && !parcel_reclaim(rm, parcel->handle, false))
		parcel->handle = GUNYAH_RM_NO_HANDLE;

	/* It is gone when the receiver accepts it, and nobody tells. */
	if (!ret && id == RM_MEM_DONATE)
		gunyah_rm_parcel_drop(rm, count);

	return ret;
}

static int parcel_make(struct gunyah_rm *rm, u32 id, struct gunyah_rm_parcel *parcel)
{
	const struct gunyah_rm_mem_desc *desc = &parcel->desc;
	int ret;

	parcel->handle = GUNYAH_RM_NO_HANDLE;
	parcel->unsure = 0;

	if (!desc->nr_sgl || (parcel->sanitize && desc->type == GUNYAH_RM_MEM_IO))
		return -EINVAL;

	ret = desc_check(desc);
	if (ret)
		return ret;

	return parcel_send(rm, id, parcel);
}

/**
 * gunyah_rm_mem_donate() - give memory away
 * @rm: client
 * @parcel: what, and result; one VM, with all rights the memory can have
 *
 * The memory is not there any more for this VM when this returns. It can be
 * reclaimed as long as the receiver has not accepted it. The limit of
 * gunyah_rm_mem_lend() is for the list alone.
 *
 * Return: as gunyah_rm_mem_lend().
 */
noinline int gunyah_rm_mem_donate(struct gunyah_rm *rm, struct gunyah_rm_parcel *parcel)
{
	int ret;

	ret = donate_check(&parcel->desc);
	if (ret)
		return ret;

	return parcel_make(rm, RM_MEM_DONATE, parcel);
}
EXPORT_SYMBOL_GPL(gunyah_rm_mem_donate);
ALLOW_ERROR_INJECTION(gunyah_rm_mem_donate, ERRNO);

/**
 * gunyah_rm_mem_lend() - lend memory
 * @rm: client
 * @parcel: what, and result; this VM is not in the access list
 *
 * The memory is not there any more for this VM when this returns, until the
 * parcel is reclaimed. Nothing may touch it, not even by speculation or DMA. A
 * list of addresses of any length is sent, up to the limit below; if a part of
 * it fails, what was made is reclaimed.
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -EINVAL also for what RM could
 * not but refuse: addresses or sizes that are no multiples of 4 KiB or end
 * above 2^44, a size of 0, empty lists, a VM twice, rights that do not exist;
 * -E2BIG if the access list or the attributes are too long; -EDQUOT, which has
 * no other cause, if the list of addresses and those of the parcels there are
 * have more entries together than module parameter max_parcel_entries of
 * gunyah_rm allows, so that RM could run out of memory. After an error look at
 * @parcel->handle and @parcel->unsure: the memory is usable as before only if
 * there is no handle and nothing unsure.
 */
noinline int gunyah_rm_mem_lend(struct gunyah_rm *rm, struct gunyah_rm_parcel *parcel)
{
	return parcel_make(rm, RM_MEM_LEND, parcel);
}
EXPORT_SYMBOL_GPL(gunyah_rm_mem_lend);
ALLOW_ERROR_INJECTION(gunyah_rm_mem_lend, ERRNO);

/**
 * gunyah_rm_mem_share() - share memory
 * @rm: client
 * @parcel: what, and result; this VM is in the access list
 *
 * As gunyah_rm_mem_lend(), but this VM keeps the memory as well, with the
 * rights it gives itself.
 *
 * Return: as gunyah_rm_mem_lend().
 */
noinline int gunyah_rm_mem_share(struct gunyah_rm *rm, struct gunyah_rm_parcel *parcel)
{
	return parcel_make(rm, RM_MEM_SHARE, parcel);
}
EXPORT_SYMBOL_GPL(gunyah_rm_mem_share);
ALLOW_ERROR_INJECTION(gunyah_rm_mem_share, ERRNO);

/**
 * gunyah_rm_mem_reclaim() - take a parcel back
 * @rm: client
 * @handle: the parcel, which was made by this VM
 * @sanitize: wipe it
 *
 * A call that failed can be made again. If RM had reclaimed the parcel and only
 * the answer got lost, the second call says so.
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -EBUSY while a VM has it
 * accepted. After an error the memory can not be used.
 */
noinline int gunyah_rm_mem_reclaim(struct gunyah_rm *rm, u32 handle, bool sanitize)
{
	if (handle == GUNYAH_RM_NO_HANDLE)
		return -EINVAL;

	return parcel_reclaim(rm, handle, sanitize);
}
EXPORT_SYMBOL_GPL(gunyah_rm_mem_reclaim);
ALLOW_ERROR_INJECTION(gunyah_rm_mem_reclaim, ERRNO);

/* Receiving parcels */

struct rm_map_resp {
	__le32 status;
	__le16 nr;
	u8 flags;
	u8 reserved;
	struct rm_range_entry entries[];
} __packed;

#define MAP_INCOMPLETE	BIT(0)

static int map_decode(const struct rm_map_resp *resp, size_t resp_size,
		      struct gunyah_rm_mem_map **result)
{
	u32 nr = le16_to_cpu(resp->nr);
	u32 i;

	if (struct_size(resp, entries, nr) != resp_size)
		return -EBADMSG;

	struct gunyah_rm_mem_map *map __free(kvfree) =
		kvzalloc(struct_size(map, entries, nr), GFP_KERNEL);
	if (!map)
		return -ENOMEM;

	map->incomplete = resp->flags & MAP_INCOMPLETE;
	map->nr = nr;
	for (i = 0; i < nr; i++) {
		map->entries[i].base = le64_to_cpu(resp->entries[i].base);
		map->entries[i].size = le64_to_cpu(resp->entries[i].size);
		if (!sgl_entry_ok(&map->entries[i]))
			return -EBADMSG;
	}

	*result = no_free_ptr(map);

	return 0;
}

/* RM chooses where, and says so. */
static int accept_anywhere(struct gunyah_rm *rm, u32 handle, const void *req, size_t req_size,
			   struct gunyah_rm_mem_map **map)
{
	struct rm_map_resp *resp __free(kvfree) = kvmalloc(GUNYAH_RM_MAX_PAYLOAD, GFP_KERNEL);
	struct gunyah_rm_xfer xfer = {
		.id = RM_MEM_ACCEPT,
		.req = req,
		.req_size = req_size,
		.resp = resp,
		.resp_min = sizeof(*resp),
		.resp_max = GUNYAH_RM_MAX_PAYLOAD,
	};
	int ret;

	if (!resp)
		return -ENOMEM;

	ret = gunyah_rm_call(rm, &xfer);
	if (ret)
		return ret;

	/* What the caller does not learn of it can not give back. */
	ret = map_decode(resp, xfer.resp_size, map);
	if (ret)
		call_of_handle(rm, RM_MEM_RELEASE, handle, false);

	return ret;
}

static int accept_check(const struct gunyah_rm_mem_accept *accept)
{
	if (accept->handle == GUNYAH_RM_NO_HANDLE || accept->flags & ~ACCEPT_FLAGS ||
	    (unsigned int)accept->trans > GUNYAH_RM_MEM_TRANS_SHARE)
		return -EINVAL;
	if (accept->desc.nr_sgl > RM_MAX_SGL)
		return -E2BIG;

	return desc_check(&accept->desc);
}

/**
 * gunyah_rm_mem_accept() - map a parcel another VM has made for this one
 * @rm: client
 * @accept: which, and what it shall be
 * @map: result if @accept->desc.sgl is empty: where it is, to be freed with
 *	kvfree(); not changed on failure. Else not used
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -EINVAL also if the parcel is
 * not what was said or what was said can not be, -E2BIG for lists that are too
 * long for a message.
 */
noinline int gunyah_rm_mem_accept(struct gunyah_rm *rm, const struct gunyah_rm_mem_accept *accept,
				  struct gunyah_rm_mem_map **map)
{
	const struct gunyah_rm_mem_desc *desc = &accept->desc;
	size_t size;
	int ret;

	ret = accept_check(accept);
	if (ret)
		return ret;

	size = desc_size(sizeof(struct rm_accept_req), desc, desc->nr_sgl);
	struct rm_accept_req *req __free(kvfree) = kvzalloc(size, GFP_KERNEL);
	if (!req)
		return -ENOMEM;

	req->handle = cpu_to_le32(accept->handle);
	req->type = desc->type;
	req->trans = accept->trans;
	req->flags = accept->flags;
	req->label = cpu_to_le32(desc->label);
	put_desc(req->lists, desc, desc->nr_sgl);

	if (desc->nr_sgl)
		return gunyah_rm_call_status(rm, RM_MEM_ACCEPT, req, size);

	return accept_anywhere(rm, accept->handle, req, size, map);
}
EXPORT_SYMBOL_GPL(gunyah_rm_mem_accept);
ALLOW_ERROR_INJECTION(gunyah_rm_mem_accept, ERRNO);

/**
 * gunyah_rm_mem_release() - give an accepted parcel back
 * @rm: client
 * @handle: the parcel
 * @sanitize: wipe it
 *
 * Return: 0 or one of the errors in gunyah_rm.h.
 */
noinline int gunyah_rm_mem_release(struct gunyah_rm *rm, u32 handle, bool sanitize)
{
	if (handle == GUNYAH_RM_NO_HANDLE)
		return -EINVAL;

	return call_of_handle(rm, RM_MEM_RELEASE, handle, sanitize);
}
EXPORT_SYMBOL_GPL(gunyah_rm_mem_release);
ALLOW_ERROR_INJECTION(gunyah_rm_mem_release, ERRNO);

static int notify_check(const struct gunyah_rm_mem_notify *notify)
{
	if (notify->handle == GUNYAH_RM_NO_HANDLE)
		return -EINVAL;

	switch (notify->event) {
	case GUNYAH_RM_MEM_SHARED:
	case GUNYAH_RM_MEM_RECALL:
		if (!notify->nr_vmids)
			return -EINVAL;
		return notify->nr_vmids > GUNYAH_RM_MAX_ACL ? -E2BIG : 0;
	case GUNYAH_RM_MEM_RELEASED:
	case GUNYAH_RM_MEM_ACCEPTED:
		return notify->nr_vmids ? -EINVAL : 0;
	default:
		return -EINVAL;
	}
}

/**
 * gunyah_rm_mem_notify() - tell others about a parcel
 * @rm: client
 * @notify: what, and whom
 * @promise: what is known of all of them; for RELEASED and ACCEPTED of the
 *	parcel's owner
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -EOPNOTSUPP without a promise,
 * see enum gunyah_rm_promise; -E2BIG for more than GUNYAH_RM_MAX_ACL VMs.
 */
noinline int gunyah_rm_mem_notify(struct gunyah_rm *rm, const struct gunyah_rm_mem_notify *notify,
				  enum gunyah_rm_promise promise)
{
	size_t nr = notify->nr_vmids, size = sizeof(struct rm_notify_req);
	int ret;

	if (promise != GUNYAH_RM_HAS_RM_RPC)
		return -EOPNOTSUPP;

	ret = notify_check(notify);
	if (ret)
		return ret;

	if (nr)
		size = size_add(size, list_size(nr, sizeof(struct rm_vmid_entry)));
	struct rm_notify_req *req __free(kfree) = kzalloc(size, GFP_KERNEL);
	if (!req)
		return -ENOMEM;

	req->handle = cpu_to_le32(notify->handle);
	req->flags = notify->event;
	req->tag = cpu_to_le32(notify->tag);
	if (nr)
		put_vmids(req->lists, notify->vmids, nr);

	return gunyah_rm_call_status(rm, RM_MEM_NOTIFY, req, size);
}
EXPORT_SYMBOL_GPL(gunyah_rm_mem_notify);
ALLOW_ERROR_INJECTION(gunyah_rm_mem_notify, ERRNO);

/**
 * gunyah_rm_mem_qcom_lookup_sgl() - find a parcel the platform has made
 * @rm: client
 * @desc: what it is
 * @handle: result; not changed on failure
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -EINVAL also for a @desc that
 * can not be, -E2BIG for lists that are too long for a message.
 */
noinline int gunyah_rm_mem_qcom_lookup_sgl(struct gunyah_rm *rm,
					   const struct gunyah_rm_mem_desc *desc, u32 *handle)
{
	struct gunyah_rm_xfer xfer = { .id = RM_MEM_QCOM_LOOKUP_SGL };
	size_t size;
	int ret;

	if (!desc->nr_sgl)
		return -EINVAL;
	if (desc->nr_sgl > RM_MAX_SGL)
		return -E2BIG;

	ret = desc_check(desc);
	if (ret)
		return ret;

	size = desc_size(sizeof(struct rm_lookup_req), desc, desc->nr_sgl);
	struct rm_lookup_req *req __free(kvfree) = kvzalloc(size, GFP_KERNEL);
	if (!req)
		return -ENOMEM;

	req->type = desc->type;
	req->label = cpu_to_le32(desc->label);
	put_desc(req->lists, desc, desc->nr_sgl);

	xfer.req = req;
	xfer.req_size = size;

	return call_handle(rm, &xfer, handle);
}
EXPORT_SYMBOL_GPL(gunyah_rm_mem_qcom_lookup_sgl);
ALLOW_ERROR_INJECTION(gunyah_rm_mem_qcom_lookup_sgl, ERRNO);
