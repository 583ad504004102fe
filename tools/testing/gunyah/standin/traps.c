// SPDX-License-Identifier: GPL-2.0-only
/*
 * What comes from the primary VM: calls, and things it should not have done.
 * Those are answered with an exception at EL1 and never end the stand-in.
 */
#include "model.h"
#include "standin.h"

#define MAX_REPORTS	8

static void call_smccc(struct frame *frame)
{
	if (psci_call(frame->x))
		return;
	if (!gm_hypercall(model, GM_VMID_PRIMARY, frame->x))
		frame->x[0] = SMCCC_NOT_SUPPORTED;
}

static void trap_hvc(struct frame *frame)
{
	u32 imm16 = ESR_IMM16(frame->esr);

	if (imm16)
		gm_hypercall_native(model, GM_VMID_PRIMARY, imm16, frame->x);
	else
		call_smccc(frame);
}

static void trap_smc(struct frame *frame)
{
	/* A trapped SMC is reported before it executes, unlike HVC. */
	frame->elr += 4;
	if (ESR_IMM16(frame->esr))
		frame->x[0] = SMCCC_NOT_SUPPORTED;
	else
		call_smccc(frame);
}

/* Translation fault of any level on what is mapped by now: see stage2.c. */
static bool is_stale(const struct frame *frame)
{
	u64 hpfar = read_sysreg(hpfar_el2);

	return ESR_FSC_TRANSLATION(frame->esr) && primary_maps(HPFAR_IPA(hpfar));
}

/* features.c left something trapped: say so a few times, the guest cannot. */
static void report_trap(const struct frame *frame)
{
	static u32 reports;

	if (__atomic_load_n(&reports, __ATOMIC_RELAXED) >= MAX_REPORTS)
		return;
	__atomic_fetch_add(&reports, 1, __ATOMIC_RELAXED);
	say("unexpected trap ESR %#lx at %#lx", frame->esr, frame->elr);
}

/**
 * trap_guest() - synchronous exception from the primary VM
 * @frame: its registers
 */
void trap_guest(struct frame *frame)
{
	switch (ESR_EC(frame->esr)) {
	case EC_HVC64:
		trap_hvc(frame);
		break;
	case EC_SMC64:
		trap_smc(frame);
		break;
	case EC_DABT_LOW:
	case EC_IABT_LOW:
		if (!is_stale(frame))
			inject_external_abort(frame);
		break;
	default:
		report_trap(frame);
		inject_undefined(frame);
	}
	rmcore_call_done();
}

/**
 * trap_el2() - synchronous exception from EL2 itself
 * @frame: its registers
 */
void trap_el2(struct frame *frame)
{
	if (ESR_EC(frame->esr) == EC_DABT_CUR && frame->elr >= (u64)guest_translate &&
	    frame->elr < (u64)guest_translate_abort) {
		frame->elr = (u64)guest_translate_abort;
		return;
	}
	panic_frame(frame, "exception in EL2");
}

/**
 * trap_unexpected() - any other exception
 * @frame: registers
 * @vector: which one
 */
void trap_unexpected(struct frame *frame, unsigned int vector)
{
	panic_frame(frame, "unexpected exception, vector %u", vector);
}
