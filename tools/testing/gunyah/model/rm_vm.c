// SPDX-License-Identifier: GPL-2.0-only
/*
 * RM's books about VMs: who exists, who knows whom, in which state.
 */
#include "state.h"

#define RMV_DYNAMIC_FIRST	0x80
#define RMV_DYNAMIC_LAST	0xbe
#define RMV_STATIC_FIRST	4
#define RMV_STATIC_LAST		31
#define RMV_NOTIFY_STATUS	0x56100008

static bool rmv_is_static(unsigned int vmid)
{
	return vmid >= RMV_STATIC_FIRST && vmid <= RMV_STATIC_LAST;
}

static u64 rmv_cap_rand(struct gm *m)
{
	u64 rand;

	if (m->plain_caps)
		return 0;
	/* No id may look like a small number or be the invalid one. */
	do {
		rand = gm_random(m);
	} while (!(rand >> 32) || rand >> 32 == 0xffffffff);
	return rand;
}

struct gm_vm *gm_vm_new(struct gm *m, unsigned int vmid, unsigned int owner, const char *name)
{
	struct gm_vm *vm = NULL, *owner_vm;
	u32 i;

	for (i = 0; i < GM_MAX_VMS && !vm; i++)
		if (!m->vms[i].used)
			vm = &m->vms[i];
	if (!vm)
		return NULL;
	if (i > m->nr_vms)
		m->nr_vms = i;
	memset(vm, 0, sizeof(*vm));
	vm->used = 1;
	vm->state = GM_VM_LOAD;
	vm->link = 0xff;
	vm->vmid = (u16)vmid;
	vm->owner = (u16)owner;
	vm->cap_rand = rmv_cap_rand(m);
	for (i = 0; name && name[i] && i < GM_NAME_MAX; i++)
		vm->name[i] = name[i];
	vm->name_size = (u8)i;
	if (!name)
		vm->name_size = 0;

	owner_vm = owner == GM_VMID_RM ? NULL : gm_vm_find(m, owner);
	if (owner_vm)
		gm_vm_add_peers(vm, owner_vm);
	return vm;
}

static void rmv_drop_peer(struct gm_vm *vm, unsigned int vmid)
{
	u32 i, kept = 0;

	for (i = 0; i < vm->nr_peers; i++)
		if (vm->peers[i] != vmid)
			vm->peers[kept++] = vm->peers[i];
	vm->nr_peers = (u8)kept;
}

void gm_vm_free(struct gm *m, struct gm_vm *vm)
{
	u32 i;

	for (i = 0; i < m->nr_vms; i++)
		if (m->vms[i].used)
			rmv_drop_peer(&m->vms[i], vm->vmid);
	vm->used = 0;
}

void gm_vm_add_peers(struct gm_vm *a, struct gm_vm *b)
{
	u32 i;

	for (i = 0; i < a->nr_peers; i++)
		if (a->peers[i] == b->vmid)
			return;
	if (a->nr_peers == GM_MAX_VMS || b->nr_peers == GM_MAX_VMS)
		return;
	a->peers[a->nr_peers++] = b->vmid;
	b->peers[b->nr_peers++] = a->vmid;
}

/* May VM @vmid ask about @vm? */
bool gm_vm_is_peer(const struct gm_vm *vm, unsigned int vmid)
{
	u32 i;

	if (vm->vmid == vmid || vm->owner == vmid)
		return true;
	for (i = 0; i < vm->nr_peers; i++)
		if (vm->peers[i] == vmid)
			return true;
	return false;
}

/* Tells all peers that are running and have an RM link. */
void gm_vm_send_state(struct gm *m, struct gm_vm *vm)
{
	u8 msg[8] = { 0 };
	u32 i;

	gm_put16(msg, vm->vmid);
	msg[4] = vm->state;
	msg[5] = vm->os_state;
	gm_put16(msg + 6, vm->app_status);
	for (i = 0; i < vm->nr_peers; i++) {
		struct gm_link *l = gm_link_find(m, vm->peers[i]);
		struct gm_vm *peer = gm_vm_find(m, vm->peers[i]);

		if (l && peer && peer->state == GM_VM_RUNNING)
			gm_rpc_notify(m, l, RMV_NOTIFY_STATUS, msg, sizeof(msg));
	}
}

struct gm_resource *gm_resource_add(struct gm *m, unsigned int vmid, unsigned int of_vmid,
				    unsigned int type)
{
	u32 i;

	for (i = 0; i < GM_MAX_RESOURCES; i++) {
		struct gm_resource *res = &m->resources[i];

		if (res->used)
			continue;
		memset(res, 0, sizeof(*res));
		res->used = 1;
		res->type = (u8)type;
		res->vmid = (u16)vmid;
		res->of_vmid = (u16)of_vmid;
		res->partner = (u16)of_vmid;
		return res;
	}
	return NULL;
}

u32 gm_rm_vm_allocate(struct gm *m, struct gm_rm_req *r)
{
	u32 vmid = gm_get16(r->data);
	bool pick = !vmid;
	struct gm_vm *vm;

	if (r->vm->vmid != GM_VMID_PRIMARY)
		return GM_ST_DENIED;
	if (pick) {
		for (vmid = RMV_DYNAMIC_FIRST; vmid <= RMV_DYNAMIC_LAST; vmid++)
			if (!gm_vm_find(m, vmid))
				break;
		if (vmid > RMV_DYNAMIC_LAST)
			return GM_ST_NORESOURCE;
	} else if (!rmv_is_static(vmid) || gm_vm_find(m, vmid)) {
		return GM_ST_NORESOURCE;
	}
	if (!gm_heap_take(m, GM_HEAP_VM))
		return GM_ST_NOMEM;
	vm = gm_vm_new(m, vmid, r->vm->vmid, NULL);
	if (!vm) {
		gm_heap_give(m, GM_HEAP_VM);
		return GM_ST_NOMEM;
	}
	if (m->alloc_notify)
		gm_vm_send_state(m, vm);
	if (pick) {
		gm_put32(r->out, vmid);
		r->out_size = 4;
	}
	return GM_ST_OK;
}

u32 gm_rm_vm_deallocate(struct gm *m, struct gm_rm_req *r)
{
	struct gm_vm *vm = gm_vm_find(m, gm_get16(r->data));

	if (!vm) {
		if (!m->rm_lives)
			gm_rm_die(m, "VM_DEALLOCATE of an unknown vmid");
		return GM_ST_VMID_INVALID;
	}
	if (vm->owner != r->vm->vmid)
		return GM_ST_DENIED;
	if (vm->state != GM_VM_LOAD && vm->state != GM_VM_RESET)
		return GM_ST_VM_STATE;
	gm_vm_free(m, vm);
	gm_heap_give(m, GM_HEAP_VM);
	return GM_ST_OK;
}

/* No VM gets beyond LOAD yet, and there a reset is deadly. */
u32 gm_rm_vm_reset(struct gm *m, struct gm_rm_req *r)
{
	struct gm_vm *vm = gm_vm_find(m, gm_get16(r->data));

	if (!vm || vm->owner != r->vm->vmid)
		return GM_ST_VMID_INVALID;
	if (!vm->has_config && !m->rm_lives)
		gm_rm_die(m, "VM_RESET without a configuration");
	return GM_ST_VM_STATE;
}

/* The length is judged after the right to ask. */
u32 gm_rm_set_status(struct gm *m, struct gm_rm_req *r)
{
	if (!rmv_is_static(r->vm->vmid))
		return GM_ST_DENIED;
	if (r->size != 4)
		return GM_ST_MSG_INVALID;
	if (r->data[1] > 7)
		return GM_ST_ARGUMENT_INVALID;
	if (r->data[1])
		r->vm->os_state = r->data[1];
	r->vm->app_status = gm_get16(r->data + 2);
	gm_vm_send_state(m, r->vm);
	return GM_ST_OK;
}
