// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ID registers a guest reads (HCR_EL2.TID3 traps them): the CPU's own, less
 * what would need something of EL2 (world.c). Each register is given with the
 * fields that are passed on; a field not named reads as "not there".
 */
#include "vm.h"

#define F(lo)		(0xfUL << (lo))
#define PARANGE_36BIT	1
#define PFR0_NO_FP	(F(16) | F(20))

/* Fields that stay, from the lowest bit on. */
#define PFR0_FIELDS	(F(0) | F(4) | PFR0_NO_FP | F(24) | F(48) | F(60))
#define PFR1_FIELDS	(F(0) | F(4))				/* BT, SSBS */
#define ISAR0_FIELDS	(~0UL & ~F(24))				/* not TME */
#define ISAR1_FIELDS	(F(0) | F(12) | F(16) | F(20) | F(32) | F(36) | F(40) | F(44) | \
			 F(48) | F(52))				/* no PAuth, LS64, XS */
#define ISAR2_FIELDS	(F(4) | F(20) | F(24))			/* RPRES, BC */
#define MMFR0_FIELDS	(~0UL & ~(F(56) | F(60)))		/* not FGT, ECV */
#define MMFR1_FIELDS	(F(0) | F(4) | F(12) | F(20) | F(24) | F(28) | F(36) | F(44) | F(52))
#define MMFR2_FIELDS	(~0UL & ~(F(24) | F(56)))		/* not NV, EVT */
#define DFR0_VALUE	(6UL | 1UL << 12 | 1UL << 20)		/* Armv8 debug, the least of it */

static u64 pfr0(void)
{
	u64 val = read_sysreg(id_aa64pfr0_el1) & PFR0_FIELDS;

	/* EL2 and EL3 are not there, CSV2 needs no context number. */
	val |= (u64)(field(read_sysreg(id_aa64pfr0_el1), 59, 56) != 0) << 56;
	return val | 1UL << 24;
}

static u64 mmfr0(void)
{
	u64 val = read_sysreg(id_aa64mmfr0_el1) & MMFR0_FIELDS;

	if (field(val, 3, 0) > PARANGE_36BIT)
		val = (val & ~F(0)) | PARANGE_36BIT;
	return val;
}

/**
 * guest_id_register() - what a guest reads from a trapped ID register
 * @iss: which
 * @val: filled in
 *
 * Return: false if it is none of them.
 */
bool guest_id_register(u32 iss, u64 *val)
{
	u32 reg = iss & ISS_SYS_REG_MASK;

	/* Op0 3, op1 0, CRn 0, CRm 1 to 7 */
	if ((reg & ISS_SYS_REG(3, 7, 15, 8, 0)) != ISS_SYS_REG(3, 0, 0, 0, 0) ||
	    !(reg & ISS_SYS_REG(0, 0, 0, 7, 0)))
		return false;

	switch (reg) {
	case ISS_SYS_REG(3, 0, 0, 4, 0):
		*val = pfr0();
		break;
	case ISS_SYS_REG(3, 0, 0, 4, 1):
		*val = read_sysreg(id_aa64pfr1_el1) & PFR1_FIELDS;
		break;
	case ISS_SYS_REG(3, 0, 0, 5, 0):
		*val = DFR0_VALUE;
		break;
	case ISS_SYS_REG(3, 0, 0, 6, 0):
		*val = read_sysreg(id_aa64isar0_el1) & ISAR0_FIELDS;
		break;
	case ISS_SYS_REG(3, 0, 0, 6, 1):
		*val = read_sysreg(id_aa64isar1_el1) & ISAR1_FIELDS;
		break;
	case ISS_SYS_REG(3, 0, 0, 6, 2):
		*val = read_sysreg(ID_AA64ISAR2_EL1) & ISAR2_FIELDS;
		break;
	case ISS_SYS_REG(3, 0, 0, 7, 0):
		*val = mmfr0();
		break;
	case ISS_SYS_REG(3, 0, 0, 7, 1):
		*val = read_sysreg(id_aa64mmfr1_el1) & MMFR1_FIELDS;
		break;
	case ISS_SYS_REG(3, 0, 0, 7, 2):
		*val = read_sysreg(ID_AA64MMFR2_EL1) & MMFR2_FIELDS;
		break;
	default:
		*val = 0;	/* AArch32's, and what is not there */
	}
	return true;
}
