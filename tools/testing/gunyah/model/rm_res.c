// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a VM gets at VM_INIT: vCPUs, doorbells and message-queue pairs.
 *
 * As the real one RM reads the device tree in the image parcel (rm_dt.c). When
 * the host gives it no memory to read, or an option "vm-" or the debug call was
 * used, these say what there is instead, the same for every VM: labels rise from
 * the first, doorbells the owner rings before those the VM rings, then queue
 * pairs, whose other end returns each message. vCPU n has label n.
 */
#include "state.h"

#define RES_NO_VIRQ	0xffffffffu

void gm_thread_free(struct gm *m, unsigned int index)
{
	gm_object_free(m, m->threads[index].object);
	memset(&m->threads[index], 0, sizeof(m->threads[index]));
}

/* Gives the records that carry the automatic label @from the wanted one. */
static void res_relabel(struct gm *m, struct gm_vm *vm, u32 from, u32 to)
{
	u32 i;

	for (i = 0; i < GM_MAX_RESOURCES; i++) {
		struct gm_resource *res = &m->resources[i];

		if (res->used && res->of_vmid == vm->vmid && res->type != GM_RES_VCPU &&
		    res->label == from)
			res->label = to;
	}
}

/*
 * A vCPU: with a wake-up interrupt if its owner runs it. Others would be run by
 * the hypervisor's scheduler, which there is none of here: they never run.
 */
static int res_vcpu(struct gm *m, struct gm_vm *vm, u32 index)
{
	u32 rights = GM_RIGHT_THREAD_AFFINITY | GM_RIGHT_THREAD_YIELD_TO, i, virq, used = 0;
	struct gm_vm *owner = gm_vm_find(m, vm->owner);
	struct gm_resource *res;
	struct gm_thread *t;
	int obj;

	/* Object 0 is a queue of the primary VM. */
	for (i = 0; i < GM_MAX_THREADS; i++)
		used += m->threads[i].object && m->threads[i].vmid != GM_VMID_RM;
	for (i = 0; i < GM_MAX_THREADS && m->threads[i].object; i++)
		;
	if (!owner || i == GM_MAX_THREADS || used >= m->pools[GM_DBG_POOL_VCPUS])
		return -1;
	obj = gm_object_new(m, GM_T_THREAD, i);
	virq = vm->proxy ? gm_virq_alloc(m) : RES_NO_VIRQ;
	res = obj < 0 || !virq ? NULL :
	      gm_resource_add(m, owner->vmid, vm->vmid, GM_RES_VCPU);
	if (!res || gm_cap_new(m, owner, (unsigned int)obj, rights, &res->cap)) {
		if (res)
			res->used = 0;
		if (virq && vm->proxy)
			gm_virq_free(m, virq);
		if (obj >= 0)
			gm_object_free(m, (unsigned int)obj);
		return -1;
	}
	t = &m->threads[i];
	memset(t, 0, sizeof(*t));
	t->object = (u16)obj;
	t->vmid = vm->vmid;
	t->index = (u16)index;
	t->proxy = vm->proxy;
	t->boot = vm->boot_vcpus >> index & 1;
	if (vm->proxy)
		t->wake = (struct gm_line){ owner->vmid, virq };
	res->partner = 0;
	res->label = vm->proxy ? index : vm->affinity[index];
	res->virq = virq;
	return 0;
}

/* Changes what VMs get from now on; -1 for a wrong value. */
int gm_vmcfg_set(struct gm *m, u64 what, u64 value)
{
	struct gm_vmcfg *c = &m->vmcfg;

	if (value > (what == GM_DBG_VMCFG_LABEL ? 0xffffff00ull : 512))
		return -1;
	c->given |= what < GM_DBG_VMCFG_IMAGE_SHARED;
	switch (what) {
	case GM_DBG_VMCFG_VCPUS:
		c->vcpus = (u32)value;
		return 0;
	case GM_DBG_VMCFG_BELLS:
		c->bells_tx = (u32)value;
		return 0;
	case GM_DBG_VMCFG_BELLS_RX:
		c->bells_rx = (u32)value;
		return 0;
	case GM_DBG_VMCFG_QUEUES:
		c->queues = (u32)value;
		return 0;
	case GM_DBG_VMCFG_LABEL:
		c->label = (u32)value;
		return 0;
	case GM_DBG_VMCFG_RPC:
		c->rpc = value != 0;
		return 0;
	case GM_DBG_VMCFG_CONSOLE:
		c->console = value != 0;
		return 0;
	case GM_DBG_VMCFG_IMAGE_SHARED:
		c->image_shared = value != 0;
		return 0;
	default:
		return -1;
	}
}

/* What the options say. */
static u32 res_by_options(struct gm *m, struct gm_vm *vm)
{
	const struct gm_vmcfg *c = &m->vmcfg;
	struct gm_peer_queue pq = {
		.flags = GM_DBG_QUEUE_TX | GM_DBG_QUEUE_RX | GM_DBG_QUEUE_ECHO,
		.tx_depth = GM_RPC_DEPTH, .tx_size = GM_RPC_SIZE,
		.rx_depth = GM_RPC_DEPTH, .rx_size = GM_RPC_SIZE,
	};
	u32 label = c->label, i, virq, got;
	u64 cap;

	for (i = 0; i < c->bells_tx + c->bells_rx; i++) {
		if (gm_peer_doorbell_new(m, vm, i < c->bells_tx, &cap, &virq, &got))
			return GM_ST_NORESOURCE;
		res_relabel(m, vm, got, label++);
	}
	for (i = 0; i < c->queues; i++) {
		if (gm_peer_queue_new(m, vm, &pq))
			return GM_ST_NORESOURCE;
		res_relabel(m, vm, pq.label, label++);
	}
	vm->has_rpc = c->rpc || c->console;
	vm->has_console = c->console;
	return GM_ST_OK;
}

static int res_create(struct gm *m, struct gm_vm *vm)
{
	struct gm_vm_setup setup = {
		.nr_vcpus = vm->nr_vcpus, .psci = vm->psci, .gicd_base = vm->gicd,
		.gicr_base = vm->gicr, .gicr_stride = vm->gicr_stride,
	};

	if (vm->auth != GM_AUTH_PLATFORM)
		setup.vmmio_size = GM_VMMIO_SIZE;
	if (m->ops->vm_create && m->ops->vm_create(m->host, vm->vmid, &setup))
		return -1;
	vm->created = 1;
	return 0;
}

/* Partly made ones are destroyed by the reset that has to follow. */
u32 gm_vm_resources_new(struct gm *m, struct gm_vm *vm)
{
	u32 status, i;

	vm->has_dt = m->ops->mem_read && !m->vmcfg.given;
	if (vm->has_dt) {
		status = gm_dt_read(m, vm);
		if (status)
			return status;
	} else {
		if (!m->vmcfg.vcpus || m->vmcfg.vcpus > m->nr_cpus)
			return GM_ST_MEM_INVALID;	/* a parse error */
		vm->nr_vcpus = m->vmcfg.vcpus;
		vm->boot_vcpus = 1;
		vm->proxy = 1;
		vm->psci = 1;
	}
	if (vm->has_dt && res_create(m, vm))
		return GM_ST_NORESOURCE;
	for (i = 0; i < vm->nr_vcpus; i++)
		if (res_vcpu(m, vm, i))
			return GM_ST_NORESOURCE;
	return vm->has_dt ? gm_vdevs_make(m, vm) : res_by_options(m, vm);
}
