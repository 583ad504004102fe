// SPDX-License-Identifier: GPL-2.0-only
/*
 * The resource-manager (RM) client: what requests, replies and notifications
 * mean.
 *
 * One function per call, CPU byte order outside, the layout on the wire only in
 * this file. A wrapper says how many bytes a good reply has at least and at
 * most; a reply outside of that never gets here, so a fixed reply can be read
 * as it is. Each count inside a reply is compared with the bytes that came.
 */
#include <linux/align.h>
#include <linux/bitmap.h>
#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/error-injection.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/unaligned.h>
#include <linux/wait_bit.h>
#include <kunit/visibility.h>

#include "rm.h"
#include "rm_rpc.h"

/* Parts that several messages have in common */

/* A reply with a list. */
struct rm_list_resp {
	__le32 status;
	__le32 nr;
	u8 entries[];
} __packed;

/*
 * A call that is answered by a list, for which any length the wire allows has
 * to be provided. On success xfer->resp is the reply, to be freed by kvfree().
 */
static int rpc_call_list(struct gunyah_rm *rm, struct gunyah_rm_xfer *xfer)
{
	void *resp __free(kvfree) = kvmalloc(GUNYAH_RM_MAX_PAYLOAD, GFP_KERNEL);
	int ret;

	if (!resp)
		return -ENOMEM;

	xfer->resp = resp;
	xfer->resp_min = sizeof(struct rm_list_resp);
	xfer->resp_max = GUNYAH_RM_MAX_PAYLOAD;

	ret = gunyah_rm_call(rm, xfer);
	if (ret)
		return ret;

	xfer->resp = no_free_ptr(resp);

	return 0;
}

/* Does the reply have exactly the entries it says it has? */
static bool list_fits(const struct gunyah_rm_xfer *xfer, u32 nr, size_t entry_size)
{
	return size_add(sizeof(struct rm_list_resp), size_mul(nr, entry_size)) == xfer->resp_size;
}

/* A VM id in a 32-bit field. */
static int vmid_from_word(u32 word, u16 *vmid)
{
	if (word > U16_MAX)
		return -EBADMSG;

	*vmid = word;

	return 0;
}

/* VM life cycle */

/* Which VM was allocated; @asked is 0 if RM picked. 0: none that there can be. */
static u16 vmid_allocated(u32 asked, u32 picked)
{
	u32 vmid = asked ?: picked;

	return vmid > U16_MAX ? 0 : vmid;
}

/* A VM has been allocated for somebody who has gone. With gunyah_rm.lock. */
static void vmid_made(struct gunyah_rm *rm, u32 asked, u32 picked)
{
	u16 vmid = vmid_allocated(asked, picked);

	if (!vmid)
		return;

	clear_bit(vmid, rm->vmids_unsure);
	set_bit(vmid, rm->strays);
	gunyah_rm_strays_now(rm);
}

/*
 * Somebody gets a VM. He may be late to know himself, but who has it no longer
 * must know at once: RM gives no id out twice. With gunyah_rm.lock.
 */
static void vmid_got(struct gunyah_rm *rm, u32 asked, u32 picked)
{
	u16 vmid = vmid_allocated(asked, picked);

	if (!vmid)
		return;

	clear_bit(vmid, rm->strays);
	clear_bit(vmid, rm->vmids_unsure);
}

/**
 * gunyah_rm_alloc_vmid() - allocate a VM
 * @rm: client
 * @vmid: the VM id wanted, or 0 to have RM pick one
 *
 * The VM is in state LOAD and belongs to this VM until it is given back with
 * gunyah_rm_dealloc_vmid(). Subscribers of VM_STATUS are told. If RM answers
 * only after the caller has left with -EINTR or -ETIMEDOUT, the VM is given
 * back.
 *
 * Return: the VM id, or one of the errors in gunyah_rm.h; -ENODEV if @vmid is
 * taken or none is left. After -EBADMSG RM may keep a VM that nobody has.
 */
noinline int gunyah_rm_alloc_vmid(struct gunyah_rm *rm, u16 vmid)
{
	struct rm_vmid_req req = { .vmid = cpu_to_le16(vmid) };
	struct gunyah_rm_xfer xfer = {
		.id = RM_VM_ALLOCATE,
		.req = &req,
		.req_size = sizeof(req),
		.late = { .got = vmid_got, .made = vmid_made, .arg = vmid },
	};
	u32 word = vmid;
	int ret;

	/* An answer that only repeats the question is left out by RM. */
	if (vmid)
		ret = gunyah_rm_call_empty(rm, &xfer);
	else
		ret = gunyah_rm_call_for_word(rm, &xfer, &word);
	if (ret)
		return ret;

	ret = vmid_from_word(word, &vmid);
	if (ret || !vmid)
		return -EBADMSG;

	clear_bit(vmid, rm->configured);
	clear_bit(vmid, rm->config_unsure);
	set_bit(vmid, rm->vmids);

	return vmid;
}
EXPORT_SYMBOL_GPL(gunyah_rm_alloc_vmid);
ALLOW_ERROR_INJECTION(gunyah_rm_alloc_vmid, ERRNO);

/*
 * An earlier VM_DEALLOCATE was not answered. RM takes requests in their order,
 * so what it says now is true. Returns 1 if the VM is gone.
 */
static int vmid_is_gone(struct gunyah_rm *rm, u16 vmid)
{
	struct gunyah_rm_vm_status status;
	int ret;

	ret = gunyah_rm_get_state(rm, vmid, &status);
	/* This is not that VM, but the next one with its id: see vmid_got(). */
	if (!test_bit(vmid, rm->vmids_unsure))
		return -EINVAL;
	if (!ret)
		return status.vm_state == GUNYAH_RM_VM_NONE;

	/* "No such VM" and "no RM driver" are one errno. */
	return ret == -ENODEV && !READ_ONCE(rm->dead) ? 1 : ret;
}

static int vmid_dealloc(struct gunyah_rm *rm, u16 vmid, bool unsure)
{
	struct rm_vmid_req req = { .vmid = cpu_to_le16(vmid) };
	struct gunyah_rm_xfer xfer = {
		.id = RM_VM_DEALLOCATE,
		.req = &req,
		.req_size = sizeof(req),
	};
	int ret;

	ret = unsure ? vmid_is_gone(rm, vmid) : 0;
	if (ret)
		return ret > 0 ? 0 : ret;

	/* Before it can be gone: whoever gets its id next takes this back, see vmid_got(). */
	set_bit(vmid, rm->vmids_unsure);
	ret = gunyah_rm_call_empty(rm, &xfer);

	/* It is gone, or RM says a thing that it says before that. */
	if (!unsure && (!ret || ret == -EINVAL || ret == -EPERM))
		clear_bit(vmid, rm->vmids_unsure);

	return ret;
}

static int vmid_leave(struct gunyah_rm *rm, u16 vmid, bool unsure)
{
	int ret;

	if (!test_bit(vmid, rm->vmids))
		return -EINVAL;

	/* One at a time. He before us may still have to return, his VM being gone. */
	if (wait_on_bit_lock(rm->vmids_leaving, vmid, TASK_KILLABLE))
		return -EINVAL;

	ret = -EINVAL;
	if (test_and_clear_bit(vmid, rm->vmids)) {
		ret = vmid_dealloc(rm, vmid, unsure);
		if (ret)
			set_bit(vmid, rm->vmids);
	}
	clear_and_wake_up_bit(vmid, rm->vmids_leaving);

	return ret;
}

/**
 * gunyah_rm_dealloc_vmid() - give a VM back
 * @rm: client
 * @vmid: result of gunyah_rm_alloc_vmid(), in state LOAD or RESET
 *
 * The public RM dies of a VM id that it does not know, so one that was not
 * allocated here is not sent to it, and one that it may have deallocated
 * without saying so is asked about first. After -EINVAL and -EPERM the VM is
 * still the caller's, and the call can be made again. After another error that
 * is not known, and the next call is to be gunyah_rm_dealloc_vmid_again().
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -EINVAL for a VM id that was
 * not allocated here or a VM in another state.
 */
noinline int gunyah_rm_dealloc_vmid(struct gunyah_rm *rm, u16 vmid)
{
	return vmid_leave(rm, vmid, test_bit(vmid, rm->vmids_unsure));
}
EXPORT_SYMBOL_GPL(gunyah_rm_dealloc_vmid);
ALLOW_ERROR_INJECTION(gunyah_rm_dealloc_vmid, ERRNO);

/**
 * gunyah_rm_dealloc_vmid_again() - give a VM back that may be gone
 * @rm: client
 * @vmid: VM of which the caller's last attempt did not say what became of it
 *
 * If it is gone, somebody else may have got its id by now, and keeps it.
 *
 * Return: 0 if it is not the caller's any more, or one of the errors of
 * gunyah_rm_dealloc_vmid().
 */
int gunyah_rm_dealloc_vmid_again(struct gunyah_rm *rm, u16 vmid)
{
	int ret = 0;

	if (test_bit(vmid, rm->vmids_unsure))
		ret = vmid_leave(rm, vmid, true);

	return test_bit(vmid, rm->vmids_unsure) ? ret : 0;
}
EXPORT_SYMBOL_GPL(gunyah_rm_dealloc_vmid_again);

/* Queries */

/**
 * gunyah_rm_get_vmid() - this VM's id
 * @rm: client
 * @vmid: result
 *
 * RM is asked once.
 *
 * Return: 0 or one of the errors in gunyah_rm.h.
 */
noinline int gunyah_rm_get_vmid(struct gunyah_rm *rm, u16 *vmid)
{
	u16 own = READ_ONCE(rm->own_vmid);
	u32 word;
	int ret;

	if (own == GUNYAH_VMID_ANY) {
		ret = gunyah_rm_call_word(rm, RM_VM_GET_VMID, NULL, 0, &word);
		if (ret)
			return ret;

		ret = vmid_from_word(word, &own);
		if (ret)
			return ret;

		WRITE_ONCE(rm->own_vmid, own);
	}

	*vmid = own;

	return 0;
}
EXPORT_SYMBOL_GPL(gunyah_rm_get_vmid);
ALLOW_ERROR_INJECTION(gunyah_rm_get_vmid, ERRNO);

/**
 * gunyah_rm_get_owner() - the VM that owns this one
 * @rm: client
 * @vmid: result
 *
 * Return: 0 or one of the errors in gunyah_rm.h.
 */
noinline int gunyah_rm_get_owner(struct gunyah_rm *rm, u16 *vmid)
{
	u32 word;
	int ret;

	ret = gunyah_rm_call_word(rm, RM_VM_GET_OWNER, NULL, 0, &word);
	if (ret)
		return ret;

	return vmid_from_word(word, vmid);
}
EXPORT_SYMBOL_GPL(gunyah_rm_get_owner);
ALLOW_ERROR_INJECTION(gunyah_rm_get_owner, ERRNO);

/**
 * gunyah_rm_get_host_type() - what RM says this machine is
 * @rm: client
 * @type: result
 *
 * Return: 0 or one of the errors in gunyah_rm.h.
 */
noinline int gunyah_rm_get_host_type(struct gunyah_rm *rm, u32 *type)
{
	return gunyah_rm_call_word(rm, RM_VM_HOST_GET_TYPE, NULL, 0, type);
}
EXPORT_SYMBOL_GPL(gunyah_rm_get_host_type);
ALLOW_ERROR_INJECTION(gunyah_rm_get_host_type, ERRNO);

#define STATE_VM	GENMASK(7, 0)
#define STATE_OS	GENMASK(15, 8)
#define STATE_APP	GENMASK(31, 16)

/**
 * gunyah_rm_get_state() - state of a VM
 * @rm: client
 * @vmid: VM, or GUNYAH_VMID_SELF
 * @status: result
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -ENODEV if there is no such
 * VM, -EPERM if this VM has nothing to do with it.
 */
noinline int gunyah_rm_get_state(struct gunyah_rm *rm, u16 vmid,
				 struct gunyah_rm_vm_status *status)
{
	struct rm_vmid_req req = { .vmid = cpu_to_le16(vmid) };
	u32 word;
	int ret;

	ret = gunyah_rm_call_word(rm, RM_VM_GET_STATE, &req, sizeof(req), &word);
	if (ret)
		return ret;

	status->vm_state = FIELD_GET(STATE_VM, word);
	status->os_state = FIELD_GET(STATE_OS, word);
	status->app_status = FIELD_GET(STATE_APP, word);

	return 0;
}
EXPORT_SYMBOL_GPL(gunyah_rm_get_state);
ALLOW_ERROR_INJECTION(gunyah_rm_get_state, ERRNO);

enum rm_id_type {
	RM_ID_GUID	= 0,
	RM_ID_URI	= 1,
	RM_ID_NAME	= 2,
	RM_ID_SIGN_AUTH	= 3,
};

struct rm_id_entry {
	u8 type;
	u8 reserved;
	__le16 size;
	u8 data[];
} __packed;

/* Entries of VM_GET_ID are padded to this. */
#define RM_ID_ALIGN	4

static int id_string(char *dst, const u8 *data, size_t size)
{
	/* RM counts the NUL or does not; a NUL inside would hide the rest. */
	size = strnlen((const char *)data, size);
	if (size > GUNYAH_RM_MAX_NAME)
		return -EBADMSG;

	memcpy(dst, data, size);
	dst[size] = '\0';

	return 0;
}

static int id_entry(struct gunyah_rm_vm_id *id, u8 type, const u8 *data, size_t size)
{
	switch (type) {
	case RM_ID_GUID:
		if (size != sizeof(id->guid))
			return -EBADMSG;
		memcpy(id->guid, data, size);
		id->has_guid = true;
		return 0;
	case RM_ID_URI:
		return id_string(id->uri, data, size);
	case RM_ID_NAME:
		return id_string(id->name, data, size);
	case RM_ID_SIGN_AUTH:
		id->sign_auth_size = size;
		return 0;
	default:
		/* What newer firmware adds. */
		return 0;
	}
}

static int id_decode(struct gunyah_rm_vm_id *id, const struct rm_list_resp *resp, size_t resp_size)
{
	size_t left = resp_size - sizeof(*resp);
	const u8 *pos = resp->entries;
	u32 nr = le32_to_cpu(resp->nr);

	for (; nr; nr--) {
		const struct rm_id_entry *entry = (const struct rm_id_entry *)pos;
		size_t size;
		int ret;

		if (left < sizeof(*entry))
			return -EBADMSG;

		size = le16_to_cpu(entry->size);
		if (left < sizeof(*entry) + ALIGN(size, RM_ID_ALIGN))
			return -EBADMSG;

		ret = id_entry(id, entry->type, entry->data, size);
		if (ret)
			return ret;

		pos += sizeof(*entry) + ALIGN(size, RM_ID_ALIGN);
		left -= sizeof(*entry) + ALIGN(size, RM_ID_ALIGN);
	}

	return left ? -EBADMSG : 0;
}

/**
 * gunyah_rm_get_id() - name, URI and GUID of a VM
 * @rm: client
 * @vmid: VM, or GUNYAH_VMID_SELF
 * @id: result
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -ENODEV if there is no such
 * VM or this VM has nothing to do with it, -EINVAL if it is not yet ready.
 */
noinline int gunyah_rm_get_id(struct gunyah_rm *rm, u16 vmid, struct gunyah_rm_vm_id *id)
{
	struct rm_vmid_req req = { .vmid = cpu_to_le16(vmid) };
	struct gunyah_rm_xfer xfer = {
		.id = RM_VM_GET_ID,
		.req = &req,
		.req_size = sizeof(req),
	};
	int ret;

	ret = rpc_call_list(rm, &xfer);
	if (ret)
		return ret;

	const struct rm_list_resp *resp __free(kvfree) = xfer.resp;

	memset(id, 0, sizeof(*id));

	return id_decode(id, resp, xfer.resp_size);
}
EXPORT_SYMBOL_GPL(gunyah_rm_get_id);
ALLOW_ERROR_INJECTION(gunyah_rm_get_id, ERRNO);

/*
 * Lists of VMs. Both kinds have entries of four bytes with the VM id in the
 * lower half: {u16 vmid, u16 0} from a lookup, u32 vmid from VM_GET_PEERS.
 */
static int rpc_call_vmids(struct gunyah_rm *rm, struct gunyah_rm_xfer *xfer,
			  struct gunyah_rm_vmids **result)
{
	u32 nr, i;
	int ret;

	ret = rpc_call_list(rm, xfer);
	if (ret)
		return ret;

	const struct rm_list_resp *resp __free(kvfree) = xfer->resp;

	nr = le32_to_cpu(resp->nr);
	if (!list_fits(xfer, nr, sizeof(__le32)))
		return -EBADMSG;

	struct gunyah_rm_vmids *vms __free(kvfree) =
		kvzalloc(struct_size(vms, vmids, nr), GFP_KERNEL);
	if (!vms)
		return -ENOMEM;

	vms->nr = nr;
	for (i = 0; i < nr; i++) {
		u32 word = get_unaligned_le32(resp->entries + i * sizeof(__le32));

		ret = vmid_from_word(word, &vms->vmids[i]);
		if (ret)
			return ret;
	}

	*result = no_free_ptr(vms);

	return 0;
}

/**
 * gunyah_rm_get_peers() - the VMs this one has to do with
 * @rm: client
 * @peers: result, to be freed with kvfree(); not changed on failure
 *
 * Return: 0 or one of the errors in gunyah_rm.h.
 */
noinline int gunyah_rm_get_peers(struct gunyah_rm *rm, struct gunyah_rm_vmids **peers)
{
	struct gunyah_rm_xfer xfer = { .id = RM_VM_GET_PEERS };

	return rpc_call_vmids(rm, &xfer, peers);
}
EXPORT_SYMBOL_GPL(gunyah_rm_get_peers);
ALLOW_ERROR_INJECTION(gunyah_rm_get_peers, ERRNO);

/* The text is padded to this. */
#define RM_TEXT_ALIGN	4

struct rm_text_req {
	__le16 size;
	__le16 reserved;
	char text[ALIGN(GUNYAH_RM_MAX_NAME, RM_TEXT_ALIGN)];
} __packed;

static int lookup_text(struct gunyah_rm *rm, u32 id, const char *text,
		       struct gunyah_rm_vmids **vms)
{
	struct rm_text_req req = {};
	struct gunyah_rm_xfer xfer = { .id = id, .req = &req };
	size_t size = strnlen(text, GUNYAH_RM_MAX_NAME + 1);

	if (!size || size > GUNYAH_RM_MAX_NAME)
		return -EINVAL;

	req.size = cpu_to_le16(size);
	memcpy(req.text, text, size);
	xfer.req_size = offsetof(struct rm_text_req, text) + ALIGN(size, RM_TEXT_ALIGN);

	return rpc_call_vmids(rm, &xfer, vms);
}

/**
 * gunyah_rm_lookup_name() - find VMs by name
 * @rm: client
 * @name: 1..GUNYAH_RM_MAX_NAME bytes and a NUL
 * @vms: result, to be freed with kvfree(); not changed on failure
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -ENODEV if there is none.
 */
noinline int gunyah_rm_lookup_name(struct gunyah_rm *rm, const char *name,
				   struct gunyah_rm_vmids **vms)
{
	return lookup_text(rm, RM_VM_LOOKUP_NAME, name, vms);
}
EXPORT_SYMBOL_GPL(gunyah_rm_lookup_name);
ALLOW_ERROR_INJECTION(gunyah_rm_lookup_name, ERRNO);

/**
 * gunyah_rm_lookup_uri() - find VMs by URI
 * @rm: client
 * @uri: 1..GUNYAH_RM_MAX_NAME bytes and a NUL
 * @vms: result, to be freed with kvfree(); not changed on failure
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -ENODEV if there is none.
 */
noinline int gunyah_rm_lookup_uri(struct gunyah_rm *rm, const char *uri,
				  struct gunyah_rm_vmids **vms)
{
	return lookup_text(rm, RM_VM_LOOKUP_URI, uri, vms);
}
EXPORT_SYMBOL_GPL(gunyah_rm_lookup_uri);
ALLOW_ERROR_INJECTION(gunyah_rm_lookup_uri, ERRNO);

/**
 * gunyah_rm_lookup_guid() - find VMs by GUID
 * @rm: client
 * @guid: the GUID, in the order of gunyah_rm_get_id()
 * @vms: result, to be freed with kvfree(); not changed on failure
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -ENODEV if there is none.
 */
noinline int gunyah_rm_lookup_guid(struct gunyah_rm *rm, const u8 guid[GUNYAH_RM_GUID_SIZE],
				   struct gunyah_rm_vmids **vms)
{
	struct gunyah_rm_xfer xfer = {
		.id = RM_VM_LOOKUP_GUID,
		.req = guid,
		.req_size = GUNYAH_RM_GUID_SIZE,
	};

	return rpc_call_vmids(rm, &xfer, vms);
}
EXPORT_SYMBOL_GPL(gunyah_rm_lookup_guid);
ALLOW_ERROR_INJECTION(gunyah_rm_lookup_guid, ERRNO);

struct rm_resource_entry {
	u8 type;
	u8 reserved;
	__le16 partner;
	__le32 handle;
	__le32 label;
	__le64 capid;
	__le32 virq_handle;
	__le32 virq;
	__le64 base;
	__le64 size;
} __packed;

static_assert(sizeof(struct rm_resource_entry) == 44);

static void resource_decode(struct gunyah_rm_resource *res, const struct rm_resource_entry *entry)
{
	res->type = entry->type;
	res->partner = le16_to_cpu(entry->partner);
	res->handle = le32_to_cpu(entry->handle);
	res->label = le32_to_cpu(entry->label);
	res->capid = le64_to_cpu(entry->capid);
	res->virq_handle = le32_to_cpu(entry->virq_handle);
	res->virq = le32_to_cpu(entry->virq);
	res->base = le64_to_cpu(entry->base);
	res->size = le64_to_cpu(entry->size);
}

/**
 * gunyah_rm_get_hyp_resources() - the resources between this VM and another
 * @rm: client
 * @vmid: the other VM, which has to be initialised; GUNYAH_VMID_RM works also
 * @resources: result, to be freed with kvfree(); not changed on failure
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -EINVAL if there is no such
 * VM, -ENODEV if it is not yet configured.
 */
noinline int gunyah_rm_get_hyp_resources(struct gunyah_rm *rm, u16 vmid,
					 struct gunyah_rm_resources **resources)
{
	struct rm_vmid_req req = { .vmid = cpu_to_le16(vmid) };
	struct gunyah_rm_xfer xfer = {
		.id = RM_VM_GET_HYP_RESOURCES,
		.req = &req,
		.req_size = sizeof(req),
	};
	const struct rm_resource_entry *entries;
	u32 nr, i;
	int ret;

	ret = rpc_call_list(rm, &xfer);
	if (ret)
		return ret;

	const struct rm_list_resp *resp __free(kvfree) = xfer.resp;

	nr = le32_to_cpu(resp->nr);
	if (!list_fits(&xfer, nr, sizeof(*entries)))
		return -EBADMSG;

	struct gunyah_rm_resources *list __free(kvfree) =
		kvzalloc(struct_size(list, entries, nr), GFP_KERNEL);
	if (!list)
		return -ENOMEM;

	list->nr = nr;
	entries = (const struct rm_resource_entry *)resp->entries;
	for (i = 0; i < nr; i++)
		resource_decode(&list->entries[i], &entries[i]);

	*resources = no_free_ptr(list);

	return 0;
}
EXPORT_SYMBOL_GPL(gunyah_rm_get_hyp_resources);
ALLOW_ERROR_INJECTION(gunyah_rm_get_hyp_resources, ERRNO);
