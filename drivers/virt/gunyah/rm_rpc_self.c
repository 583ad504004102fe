// SPDX-License-Identifier: GPL-2.0-only
/*
 * The resource-manager (RM) client: what a VM says of itself, and its own
 * addresses. As in rm_rpc.c: CPU byte order outside, the layout on the wire only
 * here.
 */
#include <linux/align.h>
#include <linux/build_bug.h>
#include <linux/cleanup.h>
#include <linux/error-injection.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/log2.h>
#include <linux/slab.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/gunyah_rm_vm.h>

#include "rm.h"
#include "rm_rpc.h"

/* What a VM says of itself */

struct rm_status_req {
	u8 reserved;
	u8 os_state;
	__le16 app_status;
} __packed;

/**
 * gunyah_rm_set_status() - say what this VM is doing
 * @rm: client
 * @os_state: what
 * @app_status: free for its use
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -EPERM for a VM whose id was
 * not chosen by who made it.
 */
noinline int gunyah_rm_set_status(struct gunyah_rm *rm, enum gunyah_rm_os_state os_state,
				  u16 app_status)
{
	struct rm_status_req req = {
		.os_state = os_state,
		.app_status = cpu_to_le16(app_status),
	};

	if ((unsigned int)os_state > GUNYAH_RM_OS_CRASHED)
		return -EINVAL;

	return gunyah_rm_call_status(rm, RM_VM_SET_STATUS, &req, sizeof(req));
}
EXPORT_SYMBOL_GPL(gunyah_rm_set_status);
ALLOW_ERROR_INJECTION(gunyah_rm_set_status, ERRNO);

/**
 * gunyah_rm_set_crash_msg() - leave a message behind
 * @rm: client
 * @data: whatever this VM's owner shall get
 * @size: bytes of it, 1 to GUNYAH_RM_MAX_CRASH_MSG
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -EINVAL for a size of 0,
 * -E2BIG for one above the maximum.
 */
noinline int gunyah_rm_set_crash_msg(struct gunyah_rm *rm, const void *data, size_t size)
{
	struct rm_crash_msg req = {};

	if (!size)
		return -EINVAL;
	if (size > GUNYAH_RM_MAX_CRASH_MSG)
		return -E2BIG;

	req.size = cpu_to_le16(size);
	memcpy(req.data, data, size);

	return gunyah_rm_call_status(rm, RM_VM_SET_CRASH_MSG, &req,
				     offsetof(struct rm_crash_msg, data) +
				     ALIGN(size, RM_DATA_ALIGN));
}
EXPORT_SYMBOL_GPL(gunyah_rm_set_crash_msg);
ALLOW_ERROR_INJECTION(gunyah_rm_set_crash_msg, ERRNO);

struct rm_exit_req {
	__le16 flags;
	u8 code;
	u8 reserved;
} __packed;

/**
 * gunyah_rm_exit() - end this VM
 * @rm: client
 * @flags: GUNYAH_RM_EXIT_FLAG_*
 * @code: GUNYAH_RM_EXIT_NORMAL, _SOFTWARE, _BUS, _DEVICE, or what a newer RM
 *	takes
 *
 * Return: if it returns, one of the errors in gunyah_rm.h, or 0 when RM has
 * answered before it ended the VM.
 */
noinline int gunyah_rm_exit(struct gunyah_rm *rm, u16 flags, u8 code)
{
	struct rm_exit_req req = {
		.flags = cpu_to_le16(flags),
		.code = code,
	};

	if (code > GUNYAH_RM_EXIT_DEVICE)
		return -EINVAL;

	return gunyah_rm_call_status(rm, RM_VM_EXIT, &req, sizeof(req));
}
EXPORT_SYMBOL_GPL(gunyah_rm_exit);
ALLOW_ERROR_INJECTION(gunyah_rm_exit, ERRNO);

/* Addresses of this VM */

enum rm_ipa_kind {
	RM_IPA_FIXED	= 0,
	RM_IPA_ALLOC	= 1,
};

struct rm_ipa_head {
	u8 kind;
	u8 reserved[3];
	__le32 generic;
	__le32 platform;
	__le16 nr;
	__le16 reserved2;
} __packed;

static_assert(sizeof(struct rm_ipa_head) == 16);

struct rm_ipa_fixed_req {
	struct rm_ipa_head head;
	struct rm_range_entry entry;
} __packed;

struct rm_ipa_alloc_entry {
	struct rm_range_entry region;
	__le64 size;
	__le64 align;
} __packed;

struct rm_ipa_alloc_req {
	struct rm_ipa_head head;
	struct rm_ipa_alloc_entry entries[GUNYAH_RM_MAX_IPA];
} __packed;

struct rm_ipa_alloc_resp {
	__le32 status;
	__le32 nr;
	__le64 bases[GUNYAH_RM_MAX_IPA];
} __packed;

static void ipa_head(struct rm_ipa_head *head, enum rm_ipa_kind kind, size_t nr,
		     const struct gunyah_rm_ipa_constraints *constraints)
{
	head->kind = kind;
	head->generic = cpu_to_le32(constraints->generic);
	head->platform = cpu_to_le32(constraints->platform);
	head->nr = cpu_to_le16(nr);
}

/**
 * gunyah_rm_ipa_reserve() - reserve addresses of this VM
 * @rm: client
 * @constraints: what they have to be good for
 * @ranges: the addresses
 * @nr: 1
 *
 * The public RM never comes back from a list whose second or later entry it can
 * not reserve, so there is to be one only.
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -EPERM if RM does not manage
 * this VM's addresses, -EINVAL also for another @nr or a range that can not be.
 */
noinline int gunyah_rm_ipa_reserve(struct gunyah_rm *rm,
				   const struct gunyah_rm_ipa_constraints *constraints,
				   const struct gunyah_rm_range *ranges, size_t nr)
{
	struct rm_ipa_fixed_req req = {};

	if (nr != 1 || !gunyah_rm_range_ok(&ranges[0]))
		return -EINVAL;

	ipa_head(&req.head, RM_IPA_FIXED, nr, constraints);
	req.entry.base = cpu_to_le64(ranges[0].base);
	req.entry.size = cpu_to_le64(ranges[0].size);

	return gunyah_rm_call_status(rm, RM_IPA_RESERVE, &req, sizeof(req));
}
EXPORT_SYMBOL_GPL(gunyah_rm_ipa_reserve);
ALLOW_ERROR_INJECTION(gunyah_rm_ipa_reserve, ERRNO);

static bool ipa_request_ok(const struct gunyah_rm_ipa_request *request)
{
	struct gunyah_rm_range wanted = { .size = request->size };

	return gunyah_rm_range_ok(&request->region) && gunyah_rm_range_ok(&wanted) &&
	       request->size <= request->region.size && is_power_of_2(request->align);
}

static int ipa_alloc_decode(const struct gunyah_rm_xfer *xfer, size_t nr, u64 *bases)
{
	const struct rm_ipa_alloc_resp *resp = xfer->resp;
	size_t i;

	if (le32_to_cpu(resp->nr) != nr)
		return -EBADMSG;

	for (i = 0; i < nr; i++)
		bases[i] = le64_to_cpu(resp->bases[i]);

	return 0;
}

/**
 * gunyah_rm_ipa_alloc() - have RM choose addresses of this VM
 * @rm: client
 * @constraints: what they have to be good for
 * @requests: how many, and where
 * @nr: number of requests, 1 to GUNYAH_RM_MAX_IPA
 * @bases: result: @nr addresses; not changed on failure
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -EPERM if RM does not manage
 * this VM's addresses, -EINVAL also for requests that can not be fulfilled,
 * -E2BIG for too many.
 */
noinline int gunyah_rm_ipa_alloc(struct gunyah_rm *rm,
				 const struct gunyah_rm_ipa_constraints *constraints,
				 const struct gunyah_rm_ipa_request *requests, size_t nr,
				 u64 *bases)
{
	struct rm_ipa_alloc_resp resp;
	struct gunyah_rm_xfer xfer = { .id = RM_IPA_RESERVE, .resp = &resp };
	size_t i;
	int ret;

	if (!nr)
		return -EINVAL;
	if (nr > GUNYAH_RM_MAX_IPA)
		return -E2BIG;

	struct rm_ipa_alloc_req *req __free(kfree) = kzalloc(sizeof(*req), GFP_KERNEL);
	if (!req)
		return -ENOMEM;

	ipa_head(&req->head, RM_IPA_ALLOC, nr, constraints);
	for (i = 0; i < nr; i++) {
		if (!ipa_request_ok(&requests[i]))
			return -EINVAL;
		req->entries[i].region.base = cpu_to_le64(requests[i].region.base);
		req->entries[i].region.size = cpu_to_le64(requests[i].region.size);
		req->entries[i].size = cpu_to_le64(requests[i].size);
		req->entries[i].align = cpu_to_le64(requests[i].align);
	}

	xfer.req = req;
	xfer.req_size = offsetof(struct rm_ipa_alloc_req, entries[nr]);
	xfer.resp_min = offsetof(struct rm_ipa_alloc_resp, bases[nr]);
	xfer.resp_max = xfer.resp_min;
	ret = gunyah_rm_call(rm, &xfer);
	if (ret)
		return ret;

	return ipa_alloc_decode(&xfer, nr, bases);
}
EXPORT_SYMBOL_GPL(gunyah_rm_ipa_alloc);
ALLOW_ERROR_INJECTION(gunyah_rm_ipa_alloc, ERRNO);
