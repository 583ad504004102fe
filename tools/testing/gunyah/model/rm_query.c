// SPDX-License-Identifier: GPL-2.0-only
/*
 * RM's answers about identity: ids, names, owners, peers, states, resources.
 * The order of the tests, and so the status for a request that is wrong twice,
 * is the real RM's.
 */
#include "state.h"

#define RMQ_HOST_TYPE	0x01000164u
#define RMQ_RESOURCE	44	/* bytes of a record */

#define RMQ_ID_GUID	0
#define RMQ_ID_URI	1
#define RMQ_ID_NAME	2
#define RMQ_ID_SIGN	3

/* The VM a query names; 0 is the caller. */
static struct gm_vm *rmq_vm(struct gm *m, struct gm_rm_req *r)
{
	u16 vmid = gm_get16(r->data);

	return vmid ? gm_vm_find(m, vmid) : r->vm;
}

static void rmq_put_id(struct gm_rm_req *r, u8 type, const void *data, u32 size)
{
	u8 *p = r->out + r->out_size;

	p[0] = type;
	p[1] = 0;
	gm_put16(p + 2, (u16)size);
	memset(p + 4, 0, gm_align4(size));
	memcpy(p + 4, data, size);
	r->out_size += 4 + gm_align4(size);
	gm_put32(r->out, gm_get32(r->out) + 1);
}

u32 gm_rm_get_id(struct gm *m, struct gm_rm_req *r)
{
	struct gm_vm *vm = rmq_vm(m, r);
	const char *sign;

	if (!vm)
		return GM_ST_NORESOURCE;
	if (vm->state != GM_VM_READY && vm->state != GM_VM_RUNNING && vm->state != GM_VM_PAUSED)
		return GM_ST_VM_STATE;
	if (!gm_vm_is_peer(vm, r->vm->vmid))
		return GM_ST_NORESOURCE;

	gm_put32(r->out, 0);
	r->out_size = 4;
	rmq_put_id(r, RMQ_ID_GUID, vm->guid, GM_GUID_SIZE);
	if (vm->name_size)
		rmq_put_id(r, RMQ_ID_NAME, vm->name, vm->name_size);
	if (vm->uri_size)
		rmq_put_id(r, RMQ_ID_URI, vm->uri, vm->uri_size);
	sign = vm->unauthorised ? "None" : "N/A";
	rmq_put_id(r, RMQ_ID_SIGN, sign, vm->unauthorised ? 4 : 3);
	return GM_ST_OK;
}

static bool rmq_matches(const struct gm_vm *vm, unsigned int type, const u8 *id, u32 size)
{
	switch (type) {
	case RMQ_ID_GUID:
		return !memcmp(vm->guid, id, GM_GUID_SIZE);
	case RMQ_ID_URI:
		return vm->uri_size == size && !memcmp(vm->uri, id, size);
	default:
		return vm->name_size == size && !memcmp(vm->name, id, size);
	}
}

/* Lists the matching VMs that the caller may ask about, by rising vmid. */
static u32 rmq_lookup(struct gm *m, struct gm_rm_req *r, unsigned int type, const u8 *id, u32 size)
{
	u32 count = 0, vmid, i;

	for (vmid = 1; vmid <= GM_VMID_RM; vmid++) {
		for (i = 0; i < m->nr_vms; i++) {
			const struct gm_vm *vm = &m->vms[i];

			if (!vm->used || vm->vmid != vmid || !gm_vm_is_peer(vm, r->vm->vmid) ||
			    !rmq_matches(vm, type, id, size))
				continue;
			gm_put32(r->out + 4 + 4 * count++, vmid);
		}
	}
	gm_put32(r->out, count);
	r->out_size = 4 + 4 * count;
	return GM_ST_OK;
}

static u32 rmq_lookup_string(struct gm *m, struct gm_rm_req *r, unsigned int type)
{
	u32 size, i;

	if (!r->size)
		return GM_ST_ARGUMENT_INVALID;
	if (r->size < 4)
		return GM_ST_MSG_INVALID;
	size = gm_get16(r->data);
	if (size > GM_NAME_MAX)
		return GM_ST_ARGUMENT_INVALID;
	if (4 + gm_align4(size) != r->size)
		return GM_ST_MSG_INVALID;
	for (i = 4 + size; i < r->size; i++)
		if (r->data[i])
			return GM_ST_MSG_INVALID;
	return rmq_lookup(m, r, type, r->data + 4, size);
}

u32 gm_rm_lookup_uri(struct gm *m, struct gm_rm_req *r)
{
	return rmq_lookup_string(m, r, RMQ_ID_URI);
}

u32 gm_rm_lookup_name(struct gm *m, struct gm_rm_req *r)
{
	return rmq_lookup_string(m, r, RMQ_ID_NAME);
}

u32 gm_rm_lookup_guid(struct gm *m, struct gm_rm_req *r)
{
	if (!r->size)
		return GM_ST_ARGUMENT_INVALID;
	if (r->size != GM_GUID_SIZE)
		return GM_ST_MSG_INVALID;
	return rmq_lookup(m, r, RMQ_ID_GUID, r->data, GM_GUID_SIZE);
}

u32 gm_rm_get_owner(struct gm *m, struct gm_rm_req *r)
{
	(void)m;
	gm_put32(r->out, r->vm->owner);
	r->out_size = 4;
	return GM_ST_OK;
}

u32 gm_rm_get_state(struct gm *m, struct gm_rm_req *r)
{
	struct gm_vm *vm = rmq_vm(m, r);

	if (!vm)
		return GM_ST_NORESOURCE;
	if (!gm_vm_is_peer(vm, r->vm->vmid))
		return GM_ST_DENIED;
	gm_put32(r->out, vm->state | (u32)vm->os_state << 8 | (u32)vm->app_status << 16);
	r->out_size = 4;
	return GM_ST_OK;
}

/* Here 0 does not mean the caller. */
u32 gm_rm_get_crash_msg(struct gm *m, struct gm_rm_req *r)
{
	struct gm_vm *vm = gm_vm_find(m, gm_get16(r->data));

	if (!vm || vm->owner != r->vm->vmid)
		return GM_ST_VMID_INVALID;
	gm_put32(r->out, vm->crash_size);
	memset(r->out + 4, 0, gm_align4(vm->crash_size));
	memcpy(r->out + 4, vm->crash, vm->crash_size);
	r->out_size = 4 + gm_align4(vm->crash_size);
	return GM_ST_OK;
}

static void rmq_put_resource(u8 *p, const struct gm_resource *res)
{
	memset(p, 0, RMQ_RESOURCE);
	p[0] = res->type;
	gm_put16(p + 2, res->partner);
	gm_put32(p + 8, res->label);
	gm_put64(p + 12, res->cap);
	gm_put32(p + 24, res->virq);
	gm_put64(p + 28, res->base);
	gm_put64(p + 36, res->size);
}

/* Nor here. */
u32 gm_rm_get_resources(struct gm *m, struct gm_rm_req *r)
{
	u16 vmid = gm_get16(r->data);
	struct gm_vm *vm = gm_vm_find(m, vmid);
	u32 count = 0, i;

	if (!vm)
		return GM_ST_ARGUMENT_INVALID;
	if (!vm->has_config)
		return GM_ST_NORESOURCE;
	for (i = 0; i < GM_MAX_RESOURCES; i++) {
		const struct gm_resource *res = &m->resources[i];

		if (!res->used || res->vmid != r->vm->vmid || res->of_vmid != vmid)
			continue;
		if (4 + (count + 1) * RMQ_RESOURCE > r->out_max)
			return GM_ST_NOMEM;
		rmq_put_resource(r->out + 4 + count++ * RMQ_RESOURCE, res);
	}
	gm_put32(r->out, count);
	r->out_size = 4 + count * RMQ_RESOURCE;
	return GM_ST_OK;
}

u32 gm_rm_get_vmid(struct gm *m, struct gm_rm_req *r)
{
	(void)m;
	gm_put32(r->out, r->vm->vmid);
	r->out_size = 4;
	return GM_ST_OK;
}

u32 gm_rm_get_peers(struct gm *m, struct gm_rm_req *r)
{
	u32 i;

	(void)m;
	gm_put32(r->out, r->vm->nr_peers);
	for (i = 0; i < r->vm->nr_peers; i++)
		gm_put32(r->out + 4 + 4 * i, r->vm->peers[i]);
	r->out_size = 4 + 4u * r->vm->nr_peers;
	return GM_ST_OK;
}

u32 gm_rm_get_type(struct gm *m, struct gm_rm_req *r)
{
	(void)m;
	gm_put32(r->out, RMQ_HOST_TYPE);
	r->out_size = 4;
	return GM_ST_OK;
}

u32 gm_rm_set_crash_msg(struct gm *m, struct gm_rm_req *r)
{
	u32 size = gm_get16(r->data), i;

	(void)m;
	if (4 + gm_align4(size) != r->size)
		return GM_ST_MSG_INVALID;
	for (i = 4 + size; i < r->size; i++)
		if (r->data[i])
			return GM_ST_MSG_INVALID;
	if (size > GM_CRASH_MAX)
		size = GM_CRASH_MAX;
	memcpy(r->vm->crash, r->data + 4, size);
	r->vm->crash_size = (u16)size;
	return GM_ST_OK;
}
