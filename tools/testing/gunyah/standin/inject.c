// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exceptions given to the primary VM in answer to what it did wrong: EL1's
 * registers are set as the CPU sets them when it takes a synchronous exception
 * to EL1.
 */
#include "standin.h"

#define VECTOR_CURRENT_SP0	0x000
#define VECTOR_CURRENT_SPX	0x200
#define VECTOR_LOWER_64		0x400
#define VECTOR_LOWER_32		0x600

static u64 vector_offset(u64 spsr)
{
	if (spsr & PSR_MODE_32)
		return VECTOR_LOWER_32;
	switch (spsr & PSR_MODE_MASK) {
	case PSR_MODE_EL1H:
		return VECTOR_CURRENT_SPX;
	case PSR_MODE_EL1T:
		return VECTOR_CURRENT_SP0;
	default:
		return VECTOR_LOWER_64;
	}
}

/* PSTATE on entry of the handler: UAO, BTYPE, SS and IL become 0. */
static u64 handler_pstate(u64 spsr)
{
	u64 sctlr = read_sysreg(sctlr_el1);
	u64 pstate = PSR_DAIF | PSR_MODE_EL1H;

	pstate |= spsr & (PSR_PAN | PSR_DIT);
	if (!(spsr & PSR_MODE_32))
		pstate |= spsr & PSR_NZCV;
	if (field(read_sysreg(id_aa64mmfr1_el1), 23, 20) && !(sctlr & SCTLR_EL1_SPAN))
		pstate |= PSR_PAN;
	if (field(read_sysreg(id_aa64pfr1_el1), 7, 4) && (sctlr & SCTLR_EL1_DSSBS))
		pstate |= PSR_SSBS;
	if (field(read_sysreg(id_aa64pfr1_el1), 11, 8) >= 2)
		pstate |= PSR_TCO;
	return pstate;
}

static void inject(struct frame *frame, u64 esr)
{
	u64 spsr = frame->spsr;

	write_sysreg(frame->elr, elr_el1);
	write_sysreg(spsr, spsr_el1);
	write_sysreg(esr, esr_el1);
	frame->elr = read_sysreg(vbar_el1) + vector_offset(spsr);
	frame->spsr = handler_pstate(spsr);
}

static bool from_el0(const struct frame *frame)
{
	return (frame->spsr & PSR_MODE_32) || (frame->spsr & PSR_MODE_MASK) == PSR_MODE_EL0T;
}

/**
 * inject_external_abort() - answer a stage 2 abort
 * @frame: where it happened
 *
 * Context: nothing has changed FAR_EL2 since.
 */
void inject_external_abort(struct frame *frame)
{
	u64 ec = ESR_EC(frame->esr) == EC_IABT_LOW ? EC_IABT_LOW : EC_DABT_LOW;
	u64 esr = (frame->esr & (ESR_IL | ESR_FNV)) | ESR_FSC_EXTERNAL;

	if (!from_el0(frame))
		ec++;		/* EC_IABT_CUR, EC_DABT_CUR */
	write_sysreg(read_sysreg(far_el2), far_el1);
	inject(frame, ec << ESR_EC_SHIFT | esr);
}

/**
 * inject_undefined() - answer an instruction there is no other answer to
 * @frame: where it happened
 */
void inject_undefined(struct frame *frame)
{
	inject(frame, (u64)EC_UNKNOWN << ESR_EC_SHIFT | ESR_IL);
}
