// SPDX-License-Identifier: GPL-2.0-only
/*
 * Secondary VMs: the model's calls to make, change and end them, and who is
 * told when something becomes pending. What runs a vCPU is in vcpu.c.
 */
#include <string.h>

#include "vm.h"

struct spinlock vm_lock;	/* See vm.h */
static struct vm *vms;

/**
 * vm_find() - find a VM
 * @vmid: the model's name for it
 *
 * Context: vm_lock.
 * Return: the VM, NULL if there is none.
 */
struct vm *vm_find(unsigned int vmid)
{
	struct vm *vm;

	for (vm = vms; vm; vm = vm->next) {
		if (vm->vmid == vmid)
			return vm;
	}
	return NULL;
}

/**
 * vm_first() - start of the list of all VMs
 *
 * Context: vm_lock.
 * Return: a VM, or NULL.
 */
struct vm *vm_first(void)
{
	return vms;
}

/**
 * vm_notify() - somebody may have got a new interrupt
 * @vm: the VM
 *
 * A vCPU that runs on another CPU is kicked here; whoever waits has to be woken
 * by vm_wake() when vm_lock is free.
 *
 * Context: vm_lock.
 * Return: mask of the vCPUs to be woken.
 */
u32 vm_notify(struct vm *vm)
{
	u32 mask = 0;
	unsigned int i;

	for (i = 0; i < vm->setup.nr_vcpus; i++) {
		struct vcpu *vcpu = vm->vcpus[i];

		if (vcpu->cpu == this_cpu() || !vgic_wants(vcpu))
			continue;
		if (vcpu->cpu) {
			gic_wake(vcpu->cpu->mpidr);
		} else if (!vcpu->woken &&
			   (vcpu->wait == WAIT_WFI || vcpu->wait == WAIT_SUSPEND)) {
			vcpu->woken = true;
			mask |= 1U << i;
		}
	}
	return mask;
}

/**
 * vm_wake() - tell the model whose wait is over
 * @vmid: VM
 * @mask: bit per vCPU
 *
 * Context: no locks.
 */
void vm_wake(unsigned int vmid, u32 mask)
{
	for (; mask; mask &= mask - 1)
		gm_vcpu_wake(model, vmid, __builtin_ctz(mask));
}

/**
 * vm_raise_virq() - an interrupt for a secondary VM
 * @vmid: VM; nothing happens if it is not there
 * @intid: an SPI
 *
 * Context: no locks.
 */
void vm_raise_virq(unsigned int vmid, u32 intid)
{
	struct vm *vm;
	u32 mask = 0;

	if (intid < VGIC_NR_PRIVATE || intid >= VGIC_NR_INTIDS)
		return;
	spin_lock(&vm_lock);
	vm = vm_find(vmid);
	if (vm) {
		vgic_latch(vm, 0, intid);
		mask = vm_notify(vm);
	}
	spin_unlock(&vm_lock);
	vm_wake(vmid, mask);
}

static struct vcpu *find_vcpu(unsigned int vmid, unsigned int index)
{
	struct vm *vm = vm_find(vmid);

	return vm && index < vm->setup.nr_vcpus ? vm->vcpus[index] : NULL;
}

/**
 * host_mem_map() - what a VM may do with its memory from now on
 * @host: not used
 * @vmid: VM
 * @ipa: its address
 * @pa: physical address
 * @size: bytes
 * @rights: GM_MEM_*
 * @io: device memory
 *
 * Context: the model's lock, which keeps the VM alive.
 * Return: 0, else -1.
 */
int host_mem_map(void *host, unsigned int vmid, u64 ipa, u64 pa, u64 size,
		 unsigned int rights, bool io)
{
	struct vm *vm;

	(void)host;
	if (vmid == GM_VMID_PRIMARY)
		return ipa == pa && primary_set(pa, size, rights, io) ? 0 : -1;

	spin_lock(&vm_lock);
	vm = vm_find(vmid);
	spin_unlock(&vm_lock);
	if (!vm)
		return rights ? -1 : 0;
	if (rights && !primary_may_give(pa, size, io))
		return -1;
	return stage2_set(&vm->stage2, ipa, pa, size, rights, io) ? 0 : -1;
}

static void free_vm(struct vm *vm)
{
	unsigned int i;

	for (i = 0; i < VM_MAX_VCPUS; i++)
		page_free(vm->vcpus[i]);
	page_free(vm->spis);
	if (vm->stage2.l1)
		stage2_free(&vm->stage2);
	page_free(vm);
}

static bool add_vcpu(struct vm *vm, unsigned int index)
{
	struct vcpu *vcpu = page_alloc();

	if (!vcpu)
		return false;
	vcpu->vm = vm;
	vcpu->index = index;
	vcpu->wait = WAIT_POWER;
	vcpu->wake_at = ~0UL;
	vgic_reset_vcpu(vcpu);
	vm->vcpus[index] = vcpu;
	return true;
}

static struct vm *make_vm(unsigned int vmid, const struct gm_vm_setup *setup)
{
	struct vm *vm = page_alloc();
	unsigned int i;

	if (!vm)
		return NULL;
	vm->vmid = vmid;
	vm->setup = *setup;
	vm->spis = page_alloc();
	if (!vm->spis || !stage2_init(&vm->stage2, vmid)) {
		free_vm(vm);
		return NULL;
	}
	for (i = 0; i < setup->nr_vcpus; i++) {
		if (!add_vcpu(vm, i)) {
			free_vm(vm);
			return NULL;
		}
	}
	return vm;
}

/**
 * host_vm_create() - make a VM
 * @host: not used
 * @vmid: the model's name for it, from which the VMID comes
 * @setup: what it looks like
 *
 * Context: the model's lock.
 * Return: 0, -1 if it is not possible or there are too few pages.
 */
int host_vm_create(void *host, unsigned int vmid, const struct gm_vm_setup *setup)
{
	struct vm *vm;

	(void)host;
	if (!setup->nr_vcpus || setup->nr_vcpus > VM_MAX_VCPUS || vmid > 0xff ||
	    setup->gicr_stride < 2 * 0x10000)
		return -1;
	vm = make_vm(vmid, setup);
	if (!vm)
		return -1;
	spin_lock(&vm_lock);
	vm->next = vms;
	vms = vm;
	spin_unlock(&vm_lock);
	return 0;
}

/**
 * host_vm_destroy() - forget a VM
 * @host: not used
 * @vmid: VM
 *
 * Context: the model's lock; no vCPU of it runs.
 */
void host_vm_destroy(void *host, unsigned int vmid)
{
	struct vm **link, *vm;

	(void)host;
	spin_lock(&vm_lock);
	for (link = &vms; *link && (*link)->vmid != vmid; link = &(*link)->next)
		;
	vm = *link;
	if (vm)
		*link = vm->next;
	spin_unlock(&vm_lock);
	if (vm)
		free_vm(vm);
}

/**
 * host_vcpu_start() - switch a vCPU on
 * @host: not used
 * @vmid: VM
 * @vcpu: vCPU
 * @entry: where it starts when it is run
 * @x0: its X0
 *
 * Context: the model's lock.
 */
void host_vcpu_start(void *host, unsigned int vmid, unsigned int vcpu, u64 entry, u64 x0)
{
	struct vcpu *v;

	(void)host;
	spin_lock(&vm_lock);
	v = find_vcpu(vmid, vcpu);
	if (v)
		vcpu_power_on(v, entry, x0);
	spin_unlock(&vm_lock);
}

/**
 * host_vcpu_set_reg() - a register of a vCPU that has been switched on
 * @host: not used
 * @vmid: VM
 * @vcpu: vCPU
 * @set: GM_REG_X or GM_REG_SP
 * @index: which of the set
 * @value: what it has when the vCPU starts
 *
 * Context: the model's lock.
 */
void host_vcpu_set_reg(void *host, unsigned int vmid, unsigned int vcpu, unsigned int set,
		       unsigned int index, u64 value)
{
	struct vcpu *v;

	(void)host;
	spin_lock(&vm_lock);
	v = find_vcpu(vmid, vcpu);
	if (v && set == GM_REG_X)
		v->x[index] = value;
	else if (v)
		v->sp[index] = value;
	spin_unlock(&vm_lock);
}

/**
 * host_vcpu_kick() - end the run of a vCPU
 * @host: not used
 * @vmid: VM
 * @vcpu: vCPU
 *
 * Context: the model's lock.
 */
void host_vcpu_kick(void *host, unsigned int vmid, unsigned int vcpu)
{
	struct vcpu *v;

	(void)host;
	spin_lock(&vm_lock);
	v = find_vcpu(vmid, vcpu);
	if (v) {
		v->kicked = true;
		if (v->cpu && v->cpu != this_cpu())
			gic_wake(v->cpu->mpidr);
	}
	spin_unlock(&vm_lock);
}
