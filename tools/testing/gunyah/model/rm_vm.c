// SPDX-License-Identifier: GPL-2.0-only
/*
 * RM's books about VMs: who exists, who knows whom, in which state.
 *
 * Parcels are not modelled yet: VM_CONFIG_IMAGE never finds one, so no VM gets
 * beyond INIT_FAILED by itself. Peers (peer.c) are running VMs from the start
 * and can be stopped, reset and deallocated like any other.
 */
#include "state.h"

#define RMV_DYNAMIC_FIRST	0x80
#define RMV_DYNAMIC_LAST	0xbe
#define RMV_STATIC_FIRST	4
#define RMV_STATIC_LAST		31
#define RMV_NOTIFY_EXITED	0x56100001
#define RMV_NOTIFY_SHUTDOWN	0x56100002
#define RMV_NOTIFY_STATUS	0x56100008
#define RMV_EXIT_FORCED		7
#define RMV_STOP_FORCE		1

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

/* The VM named first in the request, if the caller owns it; else a status. */
static u32 rmv_owned(struct gm *m, struct gm_rm_req *r, u32 not_owner, struct gm_vm **vm)
{
	*vm = gm_vm_find(m, gm_get16(r->data));
	if (!*vm)
		return GM_ST_VMID_INVALID;
	return (*vm)->owner == r->vm->vmid ? GM_ST_OK : not_owner;
}

static void rmv_set_state(struct gm *m, struct gm_vm *vm, u8 state)
{
	vm->state = state;
	gm_vm_send_state(m, vm);
}

u32 gm_rm_vm_config(struct gm *m, struct gm_rm_req *r)
{
	struct gm_vm *vm;
	u32 status;

	status = rmv_owned(m, r, GM_ST_DENIED, &vm);
	if (status)
		return status;
	if (vm->state != GM_VM_LOAD && vm->state != GM_VM_RESET)
		return GM_ST_VM_STATE;
	rmv_set_state(m, vm, GM_VM_INIT_FAILED);
	return GM_ST_MEM_INVALID;
}

u32 gm_rm_vm_auth(struct gm *m, struct gm_rm_req *r)
{
	struct gm_vm *vm;
	u32 status;

	if (r->size != 4 + 8u * gm_get16(r->data + 2))
		return GM_ST_MSG_INVALID;
	status = rmv_owned(m, r, GM_ST_DENIED, &vm);
	if (status)
		return status;
	if (vm->state != GM_VM_AUTH)
		return GM_ST_VM_STATE;
	rmv_set_state(m, vm, GM_VM_INIT);
	return GM_ST_OK;
}

u32 gm_rm_vm_init(struct gm *m, struct gm_rm_req *r)
{
	struct gm_vm *vm;
	u32 status;

	if (gm_get16(r->data + 2))
		return GM_ST_MSG_INVALID;
	status = rmv_owned(m, r, GM_ST_DENIED, &vm);
	if (status)
		return status;
	if (vm->state != GM_VM_INIT)
		return GM_ST_VM_STATE;
	vm->has_config = 1;
	rmv_set_state(m, vm, GM_VM_READY);
	return GM_ST_OK;
}

u32 gm_rm_vm_start(struct gm *m, struct gm_rm_req *r)
{
	struct gm_vm *vm;
	u32 status;

	status = rmv_owned(m, r, GM_ST_DENIED, &vm);
	if (status)
		return status;
	if (vm->state != GM_VM_READY)
		return GM_ST_VM_STATE;
	rmv_set_state(m, vm, GM_VM_RUNNING);
	return GM_ST_OK;
}

static void rmv_notify_exited(struct gm *m, struct gm_vm *vm, u16 type)
{
	struct gm_link *l = gm_link_find(m, vm->owner);
	u8 msg[12] = { 0 };

	gm_put16(msg, vm->vmid);
	gm_put16(msg + 2, type);
	gm_put32(msg + 4, 4);
	if (l)
		gm_rpc_notify(m, l, RMV_NOTIFY_EXITED, msg, sizeof(msg));
}

/* Both notifications go out before the reply. */
u32 gm_rm_vm_stop(struct gm *m, struct gm_rm_req *r)
{
	struct gm_link *l;
	struct gm_vm *vm;
	u32 status;

	status = rmv_owned(m, r, GM_ST_VMID_INVALID, &vm);
	if (status)
		return status;
	if (vm->state != GM_VM_RUNNING && vm->state != GM_VM_PAUSED)
		return GM_ST_VM_STATE;
	if (r->data[2] & RMV_STOP_FORCE) {
		gm_peer_stop(m, vm);
		rmv_set_state(m, vm, GM_VM_EXITED);
		rmv_notify_exited(m, vm, RMV_EXIT_FORCED);
		return GM_ST_OK;
	}
	l = gm_link_find(m, vm->vmid);
	if (l) {
		gm_rpc_notify(m, l, RMV_NOTIFY_SHUTDOWN, r->data + 4, 4);
		return GM_ST_OK;
	}
	if (!m->rm_lives)
		gm_rm_die(m, "VM_STOP of a VM without RM link");
	return GM_ST_VM_STATE;
}

/* The answer comes first, the end of the reset (state RESET) later. */
u32 gm_rm_vm_reset(struct gm *m, struct gm_rm_req *r)
{
	struct gm_vm *vm;
	u32 status;

	status = rmv_owned(m, r, GM_ST_VMID_INVALID, &vm);
	if (status)
		return status;
	if (!vm->has_config) {
		if (!m->rm_lives)
			gm_rm_die(m, "VM_RESET without a configuration");
		return GM_ST_VM_STATE;
	}
	if (vm->state != GM_VM_EXITED && vm->state != GM_VM_READY &&
	    vm->state != GM_VM_INIT_FAILED)
		return GM_ST_VM_STATE;
	vm->reset_stage = 0;
	rmv_set_state(m, vm, GM_VM_RESETTING);
	return GM_ST_OK;
}

/* A stage of each reset that is under way; false if there is none. */
bool gm_vm_reset_run(struct gm *m)
{
	bool progress = false;
	u32 i;

	for (i = 0; i < m->nr_vms; i++) {
		struct gm_vm *vm = &m->vms[i];

		if (!vm->used || vm->state != GM_VM_RESETTING)
			continue;
		progress = true;
		if (!vm->reset_stage++) {
			gm_peer_destroy(m, vm);
			continue;
		}
		vm->has_config = 0;
		vm->name_size = 0;
		rmv_set_state(m, vm, GM_VM_RESET);
		while (vm->nr_peers) {
			struct gm_vm *peer = gm_vm_find(m, vm->peers[--vm->nr_peers]);

			if (peer)
				rmv_drop_peer(peer, vm->vmid);
		}
	}
	return progress;
}

/* No interrupt can be lent yet; an empty request is deadly. */
u32 gm_rm_irq(struct gm *m, struct gm_rm_req *r)
{
	if (r->size)
		return r->id == GM_RM_IRQ_LEND ? GM_ST_IRQ_INVALID : GM_ST_HANDLE_INVALID;
	if (!m->rm_lives)
		gm_rm_die(m, "empty VM_IRQ request");
	return GM_ST_MSG_INVALID;
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
