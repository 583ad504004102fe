// SPDX-License-Identifier: GPL-2.0-only
/*
 * RM's books about VMs: who exists, who knows whom, in which state.
 *
 * What a VM does when it runs is the host's (vcpu.c); a host that runs none has
 * VMs that only wait. Peers (peer.c) are running VMs from the start and can be
 * stopped, reset and deallocated like any other.
 *
 * RM does one thing after the other. The end of a VM and VM_RESET take several
 * steps, and between two of them everybody else goes on.
 */
#include "state.h"

#define RMV_NOTIFY_EXITED	0x56100001
#define RMV_NOTIFY_SHUTDOWN	0x56100002
#define RMV_NOTIFY_STATUS	0x56100008
#define RMV_EXIT_64BIT		0x8000	/* flag of GM_EXIT_RESET2 */
#define RMV_PAGE		4096
#define RMV_STOP_FORCE		1

static bool rmv_is_static(unsigned int vmid)
{
	return vmid >= GM_VMID_STATIC_FIRST && vmid <= GM_VMID_STATIC_LAST;
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

/*
 * Tells a VM something. One with an rm-rpc node but no queues here only keeps
 * the last notification; one without kills the real RM (false).
 */
bool gm_vm_notify(struct gm *m, unsigned int vmid, u32 id, const u8 *data, u32 size)
{
	struct gm_link *l = gm_link_find(m, vmid);
	struct gm_vm *vm = gm_vm_find(m, vmid);

	if (l) {
		gm_rpc_notify(m, l, id, data, size);
		return true;
	}
	if (vm && vm->has_rpc) {
		vm->notes++;
		vm->note_id = id;
		vm->note_size = size;
		memcpy(vm->note, data, size < GM_NOTE_KEPT ? size : GM_NOTE_KEPT);
		return true;
	}
	if (!m->rm_lives)
		gm_rm_die(m, "notification to a VM without RM link");
	return false;
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
	u32 i, used = 0;
	struct gm_vm *vm;

	if (r->vm->vmid != GM_VMID_PRIMARY)
		return GM_ST_DENIED;
	if (pick) {
		for (vmid = GM_VMID_DYNAMIC_FIRST; vmid <= GM_VMID_DYNAMIC_LAST; vmid++)
			if (!gm_vm_find(m, vmid))
				break;
		if (vmid > GM_VMID_DYNAMIC_LAST)
			return GM_ST_NORESOURCE;
	} else if (!rmv_is_static(vmid) || gm_vm_find(m, vmid)) {
		return GM_ST_NORESOURCE;
	}
	for (i = 0; i < m->nr_vms; i++)
		used += m->vms[i].used && m->vms[i].vmid != GM_VMID_RM &&
			m->vms[i].vmid != GM_VMID_PRIMARY;
	if (used >= m->pools[GM_DBG_POOL_VMS])
		return GM_ST_NORESOURCE;
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

static bool rmv_in_parcel(const struct gm_parcel *mp, u64 offset, u64 size)
{
	return offset + size >= offset && offset + size <= mp->size;
}

/*
 * From the first failure that leaves a configuration behind VM_RESET works; a
 * wrong authentication type leaves half of one.
 */
static u32 rmv_config(struct gm *m, struct gm_vm *vm, struct gm_rm_req *r)
{
	struct gm_parcel *mp = gm_parcel_find(m, gm_get32(r->data + 4));
	u16 auth = gm_get16(r->data + 2);

	if (!mp || !gm_parcel_share(mp, vm->vmid))
		return GM_ST_MEM_INVALID;
	vm->image_handle = mp->handle;
	vm->image_offset = gm_get64(r->data + 8);
	vm->image_size = gm_get64(r->data + 16);
	vm->dt_offset = gm_get64(r->data + 24);
	vm->dt_size = gm_get64(r->data + 32);
	if (!rmv_in_parcel(mp, vm->image_offset, vm->image_size) ||
	    !rmv_in_parcel(mp, vm->dt_offset, vm->dt_size))
		return GM_ST_ARGUMENT_INVALID;
	vm->has_config = 1;
	vm->base = GM_BASE_DEFAULT;
	vm->fw_base = GM_BASE_DEFAULT;
	if (auth > GM_AUTH_ANDROID) {
		vm->broken_config = 1;
		return GM_ST_ARGUMENT_INVALID;
	}
	vm->auth = (u8)auth;
	/* A reset has forgotten the owner. */
	if (gm_vm_find(m, vm->owner))
		gm_vm_add_peers(vm, gm_vm_find(m, vm->owner));
	return GM_ST_OK;
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
	status = rmv_config(m, vm, r);
	if (status)
		rmv_set_state(m, vm, GM_VM_INIT_FAILED);
	else
		rmv_set_state(m, vm, vm->auth == GM_AUTH_PLATFORM ? GM_VM_AUTH : GM_VM_INIT);
	return status;
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
	rmv_set_state(m, vm, GM_VM_INIT);	/* this platform always agrees */
	return GM_ST_OK;
}

/* Can RM map the device tree? The parcel may have been reclaimed meanwhile. */
static bool rmv_dt_valid(struct gm *m, const struct gm_vm *vm)
{
	struct gm_parcel *mp = gm_parcel_find(m, vm->image_handle);

	if (!mp || !gm_parcel_share(mp, vm->vmid) || mp->mem_type != GM_MEM_NORMAL)
		return false;
	return vm->dt_size && !((vm->dt_offset | vm->dt_size) % RMV_PAGE) &&
	       rmv_in_parcel(mp, vm->dt_offset, vm->dt_size);
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
	status = rmv_dt_valid(m, vm) ? gm_vm_resources_new(m, vm) : GM_ST_MEM_INVALID;
	if (m->rm_state == GM_RM_ALIVE)
		rmv_set_state(m, vm, status ? GM_VM_INIT_FAILED : GM_VM_READY);
	return status;
}

static u32 rmv_start(struct gm *m, struct gm_vm *vm)
{
	bool tree = vm->has_dt && m->ops->mem_write;
	struct gm_fdt f;
	u32 status;

	if (tree && gm_dt_load(m, vm, &f))
		return GM_ST_NORESOURCE;
	status = gm_parcels_start(m, vm, tree ? &f : NULL);
	if (!status && tree)
		status = gm_dt_overlay(m, vm, &f);
	return status ? status : gm_fw_start(m, vm);
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
	status = rmv_start(m, vm);
	rmv_set_state(m, vm, status ? GM_VM_INIT_FAILED : GM_VM_RUNNING);
	if (!status)
		gm_vcpus_start(m, vm);
	return status;
}

/* It has ended: its state, then why. */
static void rmv_exited(struct gm *m, struct gm_vm *vm)
{
	const struct gm_end_of_vm *end = &vm->end;
	u8 msg[24] = { 0 };
	u32 i;

	gm_peer_stop(m, vm);
	rmv_set_state(m, vm, GM_VM_EXITED);
	gm_put16(msg, vm->vmid);
	gm_put16(msg + 2, end->type);
	gm_put32(msg + 4, 4 + 4u * end->nr_words);
	gm_put16(msg + 8, end->flags);
	gm_put16(msg + 10, end->code);
	for (i = 0; i < end->nr_words; i++)
		gm_put32(msg + 12 + 4 * i, end->words[i]);
	(void)gm_vm_notify(m, vm->owner, RMV_NOTIFY_EXITED, msg, 12 + 4u * end->nr_words);
}

/* Goes on ending a VM; true when it has ended. */
bool gm_vm_end_run(struct gm *m, struct gm_vm *vm)
{
	if (vm->state != GM_VM_RUNNING && vm->state != GM_VM_PAUSED)
		return true;
	if (!gm_vcpus_end(m, vm))
		return false;
	vm->end.due = 0;
	rmv_exited(m, vm);
	return true;
}

/* RM ends a VM; false if that takes longer, because a vCPU is running. */
bool gm_vm_end(struct gm *m, struct gm_vm *vm, u16 type, u16 flags, u16 code)
{
	memset(&vm->end, 0, sizeof(vm->end));
	vm->end.due = 1;
	vm->end.type = type;
	vm->end.flags = flags;
	vm->end.code = code;
	return gm_vm_end_run(m, vm);
}

/* The VMs that ended by themselves: one step of one of them. */
bool gm_vms_end_run(struct gm *m)
{
	u32 i;

	for (i = 0; i < m->nr_vms; i++) {
		struct gm_vm *vm = &m->vms[i];

		if (!vm->used || !vm->end.due || !gm_vm_end_run(m, vm))
			continue;
		vm->end.due = 0;
		m->staged = 1;
		return true;
	}
	return false;
}

void gm_vm_exit(struct gm *m, unsigned int vmid, unsigned int type, u64 data0, u64 data1)
{
	struct gm_end_of_vm end = { .due = 1, .type = (u16)type };
	struct gm_vm *vm;

	if (type == GM_EXIT_RESET2) {
		end.flags = data0 & GM_RESET_64BIT ? RMV_EXIT_64BIT : 0;
		end.nr_words = 3;
		end.words[0] = (u32)data0;
		end.words[1] = (u32)data1;
		end.words[2] = (u32)(data1 >> 32);
	}
	gm_enter(m);
	vm = gm_vm_find(m, vmid);
	if (vm && vmid != GM_VMID_PRIMARY && vm->state == GM_VM_RUNNING && !vm->end.due) {
		if (m->deaf) {
			gm_vcpus_leave(m, vm);
		} else {
			vm->end = end;
			gm_kick(m);
		}
	}
	gm_leave(m);
}

u32 gm_rm_vm_exit(struct gm *m, struct gm_rm_req *r)
{
	u8 code = r->data[2];

	if (code > 4 || code == 2 || r->data[3])
		return GM_ST_MSG_INVALID;
	/* Nobody else can call, and the primary VM is not to end. */
	if (r->vm->state != GM_VM_RUNNING || r->vm->vmid == GM_VMID_PRIMARY) {
		if (!m->rm_lives)
			gm_rm_die(m, "VM_EXIT of the primary VM");
		return GM_ST_VM_STATE;
	}
	(void)gm_vm_end(m, r->vm, GM_EXIT_RPC, gm_get16(r->data), code);
	return GM_ST_OK;
}

/*
 * Both notifications go out before the reply, which waits for the last vCPU to
 * leave; RM does nothing else meanwhile.
 */
u32 gm_rm_vm_stop(struct gm *m, struct gm_rm_req *r)
{
	struct gm_vm *vm;
	u32 status;

	status = rmv_owned(m, r, GM_ST_VMID_INVALID, &vm);
	if (status)
		return status;
	if ((vm->state != GM_VM_RUNNING && vm->state != GM_VM_PAUSED) || vm->no_shutdown)
		return GM_ST_VM_STATE;
	if (r->data[2] & RMV_STOP_FORCE)
		return gm_vm_end(m, vm, GM_EXIT_FORCED, 0, 0) ? GM_ST_OK : GM_ST_LATER;
	return gm_vm_notify(m, vm->vmid, RMV_NOTIFY_SHUTDOWN, r->data + 4, 4) ?
	       GM_ST_OK : GM_ST_VM_STATE;
}

/* The answer comes first, the end of the reset (state RESET) later. */
u32 gm_rm_vm_reset(struct gm *m, struct gm_rm_req *r)
{
	struct gm_vm *vm;
	u32 status;

	status = rmv_owned(m, r, GM_ST_VMID_INVALID, &vm);
	if (status)
		return status;
	if (!vm->has_config || vm->broken_config) {
		if (!m->rm_lives)
			gm_rm_die(m, "VM_RESET without a configuration");
		return GM_ST_VM_STATE;
	}
	if (vm->no_reset)
		return GM_ST_DENIED;
	if (vm->state != GM_VM_EXITED && vm->state != GM_VM_READY &&
	    vm->state != GM_VM_INIT_FAILED)
		return GM_ST_VM_STATE;
	vm->reset_stage = 0;
	rmv_set_state(m, vm, GM_VM_RESETTING);
	return GM_ST_OK;
}

/* Vdevices, one parcel after the other, interrupts, then the VM itself. */
static bool rmv_reset_stage(struct gm *m, struct gm_vm *vm)
{
	if (!vm->reset_stage) {
		/* It was never started, but a look at a vCPU may take a while. */
		if (gm_vcpus_running(m, vm))
			return false;
		gm_vdevs_destroy(m, vm);
		gm_peer_destroy(m, vm);
		vm->reset_stage++;
		return true;
	}
	if (gm_parcel_release_one(m, vm))
		return true;
	gm_irqs_release(m, vm);
	if (vm->created && m->ops->vm_destroy)
		m->ops->vm_destroy(m->host, vm->vmid);
	vm->created = 0;
	memset(&vm->boot, 0, sizeof(vm->boot));
	vm->over = 0;
	vm->no_shutdown = 0;
	vm->no_reset = 0;
	vm->has_config = 0;
	vm->has_rpc = 0;
	vm->has_console = 0;
	vm->console_self = 0;
	vm->console_owner = 0;
	vm->auth = GM_AUTH_NONE;
	vm->fw_size = 0;
	vm->name_size = 0;
	vm->uri_size = 0;
	memset(vm->guid, 0, sizeof(vm->guid));
	vm->os_state = 0;
	vm->app_status = 0;
	vm->crash_size = 0;
	rmv_set_state(m, vm, GM_VM_RESET);
	while (vm->nr_peers) {
		struct gm_vm *peer = gm_vm_find(m, vm->peers[--vm->nr_peers]);

		if (peer)
			rmv_drop_peer(peer, vm->vmid);
	}	return true;
}

/* A stage of each reset that is under way; false if there is none. */
bool gm_vm_reset_run(struct gm *m)
{
	u32 i;

	for (i = 0; i < m->nr_vms; i++) {
		struct gm_vm *vm = &m->vms[i];

		if (!vm->used || vm->state != GM_VM_RESETTING)
			continue;
		m->staged |= rmv_reset_stage(m, vm);
	}
	return m->staged;
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
