// SPDX-License-Identifier: GPL-2.0-only
/*
 * PSCI 1.1 and the Arm architecture calls of secondary VMs. A vCPU's affinity
 * is its number.
 */
#include "vm.h"

#define SMCCC_VERSION			0x80000000
#define SMCCC_ARCH_FEATURES		0x80000001
#define SMCCC_1_3			0x10003
#define SMCCC_SVE_HINT			BIT(16)

#define PSCI_VERSION			0x84000000
#define PSCI_CPU_SUSPEND32		0x84000001
#define PSCI_CPU_ON32			0x84000003
#define PSCI_AFFINITY_INFO32		0x84000004
#define PSCI_AFFINITY_INFO64		0xc4000004
#define PSCI_FEATURES			0x8400000a
#define PSCI_CPU_DEFAULT_SUSPEND32	0x8400000c
#define PSCI_CPU_DEFAULT_SUSPEND64	0xc400000c
#define PSCI_SYSTEM_RESET2_32		0x84000012
#define PSCI_SYSTEM_RESET2_64		0xc4000012

#define PSCI_1_1			0x10001
#define PSCI_FN_MASK			0x3fffffe0
#define PSCI_FN_BASE			0x04000000
#define PSCI_SUCCESS			0
#define PSCI_AFFINITY_ON		0
#define PSCI_AFFINITY_OFF		1
#define PSCI_AFFINITY_ON_PENDING	2
#define RESET2_VENDOR			BIT(31)

/* As the real one, queries about features are answered in 32 bits. */
#define FEATURE_NOT_SUPPORTED		((u32)SMCCC_NOT_SUPPORTED)

static u64 features(u32 fn)
{
	switch (fn) {
	case SMCCC_VERSION:
	case PSCI_VERSION:
	case PSCI_CPU_SUSPEND32:
	case PSCI_CPU_SUSPEND64:
	case PSCI_CPU_OFF:
	case PSCI_CPU_ON32:
	case PSCI_CPU_ON64:
	case PSCI_AFFINITY_INFO32:
	case PSCI_AFFINITY_INFO64:
	case PSCI_SYSTEM_OFF:
	case PSCI_SYSTEM_RESET:
	case PSCI_FEATURES:
	case PSCI_CPU_DEFAULT_SUSPEND32:
	case PSCI_CPU_DEFAULT_SUSPEND64:
	case PSCI_SYSTEM_RESET2_32:
	case PSCI_SYSTEM_RESET2_64:
		return PSCI_SUCCESS;
	default:
		return FEATURE_NOT_SUPPORTED;
	}
}

static struct vcpu *find_vcpu(const struct vm *vm, u64 mpidr)
{
	return mpidr < vm->setup.nr_vcpus ? vm->vcpus[mpidr] : NULL;
}

static u64 cpu_on(struct vm *vm, u64 mpidr, u64 entry, u64 context)
{
	struct vcpu *vcpu = find_vcpu(vm, mpidr);
	u64 ret = PSCI_SUCCESS;

	if (!vcpu)
		return PSCI_INVALID_PARAMETERS;
	if (!stage2_maps(&vm->stage2, entry))
		return PSCI_INVALID_ADDRESS;
	spin_lock(&vm_lock);
	if (vcpu->wait == WAIT_POWER)
		vcpu_power_on(vcpu, entry, context);
	else
		ret = vcpu->resume == RESUME_START ? PSCI_ON_PENDING : PSCI_ALREADY_ON;
	spin_unlock(&vm_lock);
	if (!ret)
		gm_vcpu_wake(model, vm->vmid, vcpu->index);
	return ret;
}

static u64 affinity_info(struct vm *vm, u64 mpidr, u64 level)
{
	const struct vcpu *vcpu = find_vcpu(vm, mpidr);
	u64 ret = PSCI_AFFINITY_ON;

	/* Levels above 0 are those of PSCI 0.2. */
	if (!vcpu || level)
		return PSCI_INVALID_PARAMETERS;
	spin_lock(&vm_lock);
	if (vcpu->wait == WAIT_POWER)
		ret = PSCI_AFFINITY_OFF;
	else if (vcpu->resume == RESUME_START)
		ret = PSCI_AFFINITY_ON_PENDING;
	spin_unlock(&vm_lock);
	return ret;
}

/* Always a standby state: the vCPU goes on behind the call. */
static bool suspend(struct vcpu *vcpu, u64 power_state)
{
	vcpu->frame.x[0] = PSCI_SUCCESS;
	spin_lock(&vm_lock);
	if (!vgic_has_interrupt(vcpu)) {
		vcpu->wait = WAIT_SUSPEND;
		vcpu->power_state = power_state;
	}
	spin_unlock(&vm_lock);
	return vcpu->wait == WAIT_SUSPEND;
}

static bool power_off(struct vcpu *vcpu, struct gm_vcpu_exit *exit, u64 state)
{
	spin_lock(&vm_lock);
	vcpu->wait = WAIT_POWER;
	spin_unlock(&vm_lock);
	*exit = (struct gm_vcpu_exit){ .state = state };
	return true;
}

static bool system_off(struct vcpu *vcpu, struct gm_vcpu_exit *exit)
{
	power_off(vcpu, exit, GM_VCPU_POWERED_OFF);
	gm_vm_exit(model, vcpu->vm->vmid, GM_EXIT_OFF, 0, 0);
	return true;
}

static bool system_reset(struct vcpu *vcpu, struct gm_vcpu_exit *exit)
{
	power_off(vcpu, exit, GM_VCPU_PSCI_RESET);
	exit->data[0] = GM_RESET_SYSTEM;
	gm_vm_exit(model, vcpu->vm->vmid, GM_EXIT_RESET, 0, 0);
	return true;
}

static bool system_reset2(struct vcpu *vcpu, struct gm_vcpu_exit *exit, bool wide)
{
	u64 *x = vcpu->frame.x;
	u32 type = x[1];

	/* Architectural types other than the warm reset are reserved. */
	if (type && !(type & RESET2_VENDOR)) {
		x[0] = PSCI_INVALID_PARAMETERS;
		return false;
	}
	power_off(vcpu, exit, GM_VCPU_PSCI_RESET);
	exit->data[0] = type | (wide ? GM_RESET_64BIT : 0);
	exit->data[1] = wide ? x[2] : (u32)x[2];
	gm_vm_exit(model, vcpu->vm->vmid, GM_EXIT_RESET2, exit->data[0], exit->data[1]);
	return true;
}

/* Returns true if the run of the vCPU ends. */
static bool psci(struct vcpu *vcpu, u32 fn, struct gm_vcpu_exit *exit)
{
	struct vm *vm = vcpu->vm;
	u64 *x = vcpu->frame.x;

	switch (fn) {
	case PSCI_VERSION:
		x[0] = PSCI_1_1;
		return false;
	case PSCI_FEATURES:
		x[0] = features(x[1]);
		return false;
	case PSCI_CPU_SUSPEND32:
	case PSCI_CPU_SUSPEND64:
		return suspend(vcpu, (u32)x[1]);
	case PSCI_CPU_DEFAULT_SUSPEND32:
	case PSCI_CPU_DEFAULT_SUSPEND64:
		return suspend(vcpu, 0);
	case PSCI_CPU_OFF:
		return power_off(vcpu, exit, GM_VCPU_POWERED_OFF);
	case PSCI_CPU_ON32:
		x[0] = cpu_on(vm, (u32)x[1], (u32)x[2], (u32)x[3]);
		return false;
	case PSCI_CPU_ON64:
		x[0] = cpu_on(vm, x[1], x[2], x[3]);
		return false;
	case PSCI_AFFINITY_INFO32:
		x[0] = affinity_info(vm, (u32)x[1], (u32)x[2]);
		return false;
	case PSCI_AFFINITY_INFO64:
		x[0] = affinity_info(vm, x[1], x[2]);
		return false;
	case PSCI_SYSTEM_OFF:
		return system_off(vcpu, exit);
	case PSCI_SYSTEM_RESET:
		return system_reset(vcpu, exit);
	case PSCI_SYSTEM_RESET2_32:
	case PSCI_SYSTEM_RESET2_64:
		return system_reset2(vcpu, exit, fn == PSCI_SYSTEM_RESET2_64);
	default:
		x[0] = SMCCC_NOT_SUPPORTED;
		return false;
	}
}

/**
 * vpsci_call() - handle a guest's call if it is PSCI's or the architecture's
 * @vcpu: the caller
 * @exit: filled in if its run ends
 * @leave: set if so
 *
 * Return: true if it was one.
 */
bool vpsci_call(struct vcpu *vcpu, struct gm_vcpu_exit *exit, bool *leave)
{
	u64 *x = vcpu->frame.x;
	u32 fn = x[0] & ~SMCCC_SVE_HINT;
	u32 asked = x[1];

	if (fn == SMCCC_VERSION) {
		x[0] = SMCCC_1_3;
		return true;
	}
	if (fn == SMCCC_ARCH_FEATURES) {
		x[0] = asked == SMCCC_VERSION || asked == SMCCC_ARCH_FEATURES ?
		       PSCI_SUCCESS : FEATURE_NOT_SUPPORTED;
		return true;
	}
	if (!(fn & BIT(31)) || (fn & PSCI_FN_MASK) != PSCI_FN_BASE)
		return false;
	if (vcpu->vm->setup.psci)
		*leave = psci(vcpu, fn, exit);
	else
		x[0] = SMCCC_NOT_SUPPORTED;
	return true;
}
