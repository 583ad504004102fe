// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest does that ends up at EL2, with its registers loaded on this CPU.
 * Each handler says whether the run of the vCPU ends with it. What a guest does
 * wrong is answered as a CPU would: with an exception to the guest.
 */
#include "vm.h"

#define REG_ZERO	31
#define SYS_ICC_SGI1R	ISS_SYS_REG(3, 0, 12, 11, 5)
#define SYS_ICC_ASGI1R	ISS_SYS_REG(3, 0, 12, 11, 6)
#define SYS_ICC_SGI0R	ISS_SYS_REG(3, 0, 12, 11, 7)
#define SYS_OP0(iss)	field(iss, 21, 20)
#define SYS_OP0_DEBUG	2
#define WFX_TI(esr)	field(esr, 1, 0)

static u64 get_reg(const struct vcpu *vcpu, unsigned int n)
{
	return n == REG_ZERO ? 0 : vcpu->frame.x[n];
}

static void set_reg(struct vcpu *vcpu, unsigned int n, u64 val)
{
	if (n != REG_ZERO)
		vcpu->frame.x[n] = val;
}

static void skip_instruction(struct vcpu *vcpu)
{
	vcpu->frame.elr += (vcpu->frame.esr & ESR_IL) ? 4 : 2;
}

/**
 * guest_dies() - a vCPU that cannot go on
 * @vcpu: the vCPU
 * @exit: filled in
 */
void guest_dies(struct vcpu *vcpu, struct gm_vcpu_exit *exit)
{
	vcpu->dead = true;
	*exit = (struct gm_vcpu_exit){ .state = GM_VCPU_FAULT };
}

/*
 * An abort back to the guest. If its handler cannot be fetched either, it
 * would get no further.
 */
static bool give_abort(struct vcpu *vcpu, struct gm_vcpu_exit *exit)
{
	struct frame *frame = &vcpu->frame;

	if (ESR_EC(frame->esr) == EC_IABT_LOW && frame->elr == vcpu->last_vector) {
		guest_dies(vcpu, exit);
		return true;
	}
	inject_external_abort(frame);
	vcpu->last_vector = frame->elr;
	return false;
}

static bool in_vmmio(const struct vm *vm, u64 ipa)
{
	return ipa >= vm->setup.vmmio_base && ipa - vm->setup.vmmio_base < vm->setup.vmmio_size;
}

static u64 extend(u64 esr, u64 val)
{
	unsigned int bits = 8U << ISS_SAS(esr);

	if ((esr & ISS_SSE) && bits < 64)
		val = (u64)((s64)(val << (64 - bits)) >> (64 - bits));
	return (esr & ISS_SF) ? val : (u32)val;
}

/**
 * guest_finish_read() - the load a vCPU was left in gets its value
 * @vcpu: the vCPU
 * @val: the value
 */
void guest_finish_read(struct vcpu *vcpu, u64 val)
{
	u64 esr = vcpu->frame.esr;

	set_reg(vcpu, ISS_SRT(esr), extend(esr, val));
	skip_instruction(vcpu);
}

/* A GIC register; returns false if it is none. */
static bool gic_access(struct vcpu *vcpu, u64 ipa)
{
	u64 esr = vcpu->frame.esr;
	bool write = esr & ISS_WNR;
	u64 val = write ? get_reg(vcpu, ISS_SRT(esr)) : 0;
	u32 mask = 0;
	bool ret;

	if (ipa % (1U << ISS_SAS(esr)))
		return false;
	spin_lock(&vm_lock);
	ret = vgic_mmio(vcpu, ipa, 1U << ISS_SAS(esr), write, &val);
	if (ret && write)
		mask = vm_notify(vcpu->vm);
	spin_unlock(&vm_lock);
	if (!ret)
		return false;
	vm_wake(vcpu->vm->vmid, mask);
	if (write)
		skip_instruction(vcpu);
	else
		guest_finish_read(vcpu, val);
	return true;
}

static bool vmmio_access(struct vcpu *vcpu, u64 ipa, struct gm_vcpu_exit *exit)
{
	u64 esr = vcpu->frame.esr;

	exit->data[0] = ipa;
	exit->data[1] = 1U << ISS_SAS(esr);
	if (esr & ISS_WNR) {
		exit->state = GM_VCPU_VMMIO_WRITE;
		exit->data[2] = get_reg(vcpu, ISS_SRT(esr));
		skip_instruction(vcpu);
	} else {
		exit->state = GM_VCPU_VMMIO_READ;
		exit->data[2] = 0;
		vcpu->resume = RESUME_READ;
	}
	return true;
}

static bool abort_trap(struct vcpu *vcpu, struct gm_vcpu_exit *exit)
{
	u64 esr = vcpu->frame.esr;
	u64 ipa = HPFAR_IPA(read_sysreg(hpfar_el2)) | (read_sysreg(far_el2) & 0xfff);
	bool data = ESR_EC(esr) == EC_DABT_LOW;

	if (!ESR_FSC_TRANSLATION(esr))
		return give_abort(vcpu, exit);
	/* The mapping was being changed: see stage2.c. */
	if (stage2_maps(&vcpu->vm->stage2, ipa))
		return false;
	if (!data || !(esr & ISS_ISV) || (esr & ISS_S1PTW))
		return give_abort(vcpu, exit);
	if (gic_access(vcpu, ipa))
		return false;
	if (in_vmmio(vcpu->vm, ipa))
		return vmmio_access(vcpu, ipa, exit);
	return give_abort(vcpu, exit);
}

static bool call_trap(struct vcpu *vcpu, struct gm_vcpu_exit *exit)
{
	struct frame *frame = &vcpu->frame;
	u32 imm16 = ESR_IMM16(frame->esr);
	bool leave = false;

	/* A trapped SMC is reported before it executes, unlike HVC. */
	if (ESR_EC(frame->esr) == EC_SMC64) {
		frame->elr += 4;
		if (imm16) {
			frame->x[0] = SMCCC_NOT_SUPPORTED;
			return false;
		}
	}
	if (imm16)
		gm_hypercall_native(model, vcpu->vm->vmid, imm16, frame->x);
	else if (!vpsci_call(vcpu, exit, &leave) &&
		 !gm_hypercall(model, vcpu->vm->vmid, frame->x))
		frame->x[0] = SMCCC_NOT_SUPPORTED;
	rmcore_call_done();
	return leave;
}

static bool wait_trap(struct vcpu *vcpu, struct gm_vcpu_exit *exit)
{
	(void)exit;
	skip_instruction(vcpu);
	/* Only WFI waits here; whether it really has to is seen in the end. */
	if (WFX_TI(vcpu->frame.esr) == 1)
		return false;
	spin_lock(&vm_lock);
	if (!vgic_has_interrupt(vcpu))
		vcpu->wait = WAIT_WFI;
	spin_unlock(&vm_lock);
	return vcpu->wait == WAIT_WFI;
}

static void send_sgi(struct vcpu *vcpu, u64 val)
{
	u32 mask;

	spin_lock(&vm_lock);
	vgic_sgi(vcpu, val);
	mask = vm_notify(vcpu->vm);
	spin_unlock(&vm_lock);
	vm_wake(vcpu->vm->vmid, mask);
}

/* Returns false if there is no such register for a guest. */
static bool system_register(struct vcpu *vcpu)
{
	u32 iss = vcpu->frame.esr;
	unsigned int rt = ISS_SYS_RT(iss);
	bool read = iss & ISS_SYS_READ;
	u64 val = 0;

	switch (iss & ISS_SYS_REG_MASK) {
	case SYS_ICC_SGI1R:
	case SYS_ICC_ASGI1R:
	case SYS_ICC_SGI0R:
		if (read)
			return false;
		send_sgi(vcpu, get_reg(vcpu, rt));
		return true;
	}
	/* Debug registers are there and do nothing. */
	if (SYS_OP0(iss) != SYS_OP0_DEBUG && (!read || !guest_id_register(iss, &val)))
		return false;
	if (read)
		set_reg(vcpu, rt, val);
	return true;
}

/**
 * guest_trap() - handle a synchronous exception of a guest
 * @vcpu: the vCPU, its registers loaded, its interrupts synced
 * @exit: filled in if the run ends
 *
 * Return: true if the run ends.
 */
bool guest_trap(struct vcpu *vcpu, struct gm_vcpu_exit *exit)
{
	switch (ESR_EC(vcpu->frame.esr)) {
	case EC_DABT_LOW:
	case EC_IABT_LOW:
		return abort_trap(vcpu, exit);
	case EC_HVC64:
	case EC_SMC64:
		return call_trap(vcpu, exit);
	case EC_WFX:
		return wait_trap(vcpu, exit);
	case EC_SYS64:
		if (!system_register(vcpu))
			break;
		skip_instruction(vcpu);
		return false;
	}
	inject_undefined(&vcpu->frame);
	return false;
}
