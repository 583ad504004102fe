// SPDX-License-Identifier: GPL-2.0-only
/*
 * EL2's control registers for a CPU that runs the primary VM: what the CPU
 * advertises in its ID registers must work at EL1, so whatever could trap to
 * EL2 is opened, feature by feature, and only where the feature is there (the
 * register may not exist otherwise). What stays trapped is SMC.
 *
 * The primary VM never shares a CPU with another VM here, so none of the
 * state opened up has to be saved. A stand-in that runs a second VM has to.
 */
#include "standin.h"

/* CPTR_EL2 with HCR_EL2.E2H = 0: RES1 without SVE (bit 8) and SME (bit 12) */
#define CPTR_RES1		0x33ffUL
#define CPTR_TZ			BIT(8)
#define CPTR_TSM		BIT(12)
#define VECTOR_LEN_MAX		0xfUL
#define SMCR_EZT0		BIT(30)
#define SMCR_FA64		BIT(31)

#define MDCR_E2PB_EL1		(3UL << 12)
#define MDCR_E2TB_EL1		(3UL << 24)
#define CNTHCTL_EL1PCTEN	BIT(0)
#define CNTHCTL_EL1PCEN		BIT(1)
#define ICC_SRE_ALL		0xfUL

/**
 * struct feature - an extension EL2 has to let through
 * @value: the ID register
 * @shift: of its field there
 * @min: smallest value that means "there"
 * @hcr: bits of HCR_EL2
 * @hcrx: bits of HCRX_EL2
 * @hfgrw: bits of HFGRTR_EL2 and HFGWTR_EL2
 * @hfgi: bits of HFGITR_EL2
 * @hdfgr: bits of HDFGRTR_EL2
 * @hdfgw: bits of HDFGWTR_EL2
 */
struct feature {
	u64 value;
	unsigned int shift;
	unsigned int min;
	u64 hcr;
	u64 hcrx;
	u64 hfgrw;
	u64 hfgi;
	u64 hdfgr;
	u64 hdfgw;
};

struct controls {
	u64 hcr;
	u64 hcrx;
	u64 hfgrw;
	u64 hfgi;
	u64 hdfgr;
	u64 hdfgw;
};

static void collect_controls(struct controls *c)
{
	const u64 isar1 = read_sysreg(id_aa64isar1_el1);
	const u64 isar2 = read_sysreg(ID_AA64ISAR2_EL1);
	const u64 mmfr3 = read_sysreg(ID_AA64MMFR3_EL1);
	const u64 pfr0 = read_sysreg(id_aa64pfr0_el1);
	const u64 pfr1 = read_sysreg(id_aa64pfr1_el1);
	const u64 pfr2 = read_sysreg(ID_AA64PFR2_EL1);
	const u64 dfr0 = read_sysreg(id_aa64dfr0_el1);
	const struct feature features[] = {
		{ pfr0, 56, 2, .hcr = HCR_ENSCXT },			/* CSV2_2 */
		{ pfr1, 8, 2, .hcr = HCR_ATA },				/* MTE2 */
		{ isar1, 60, 1, .hcrx = BIT(1) },			/* LS64 */
		{ isar1, 60, 2, .hcrx = BIT(2) },			/* LS64_V */
		{ isar1, 60, 3, .hcrx = BIT(0), .hfgrw = BIT(50) },	/* LS64_ACCDATA */
		{ isar2, 16, 1, .hcrx = BIT(11) },			/* MOPS */
		{ mmfr3, 0, 1, .hcrx = BIT(14) },			/* TCR2 */
		{ mmfr3, 4, 1, .hcrx = BIT(15) },			/* SCTLR2 */
		{ mmfr3, 8, 1, .hfgrw = BIT(57) | BIT(58) },		/* S1PIE */
		{ mmfr3, 16, 1, .hfgrw = BIT(59) | BIT(60) },		/* S1POE */
		{ mmfr3, 24, 1, .hfgrw = BIT(62) | BIT(63) },		/* AIE */
		{ mmfr3, 32, 1, .hcrx = BIT(17) },			/* D128 */
		{ pfr1, 24, 1, .hfgrw = BIT(54) | BIT(55) },		/* SME */
		{ pfr1, 44, 1, .hcrx = BIT(22), .hfgrw = BIT(52) | BIT(53),
		  .hfgi = BIT(57) | BIT(58) | BIT(59) },		/* GCS */
		{ pfr1, 48, 1, .hfgrw = BIT(56) },			/* THE */
		{ pfr2, 32, 1, .hcrx = BIT(23) },			/* FPMR */
		{ dfr0, 52, 1, .hfgi = BIT(55) | BIT(56),
		  .hdfgr = BIT(59) | BIT(60) | BIT(61),
		  .hdfgw = BIT(60) | BIT(61) },				/* BRBE */
		{ dfr0, 32, 3, .hdfgr = BIT(62), .hdfgw = BIT(62) },	/* SPE 1.2 */
	};
	unsigned int i;

	*c = (struct controls){ .hcr = HCR_RW | HCR_TSC | HCR_VM | HCR_API | HCR_APK };
	for (i = 0; i < ARRAY_SIZE(features); i++) {
		const struct feature *f = &features[i];

		if (field(f->value, f->shift + 3, f->shift) < f->min)
			continue;
		c->hcr |= f->hcr;
		c->hcrx |= f->hcrx;
		c->hfgrw |= f->hfgrw;
		c->hfgi |= f->hfgi;
		c->hdfgr |= f->hdfgr;
		c->hdfgw |= f->hdfgw;
	}
}

static void init_traps(void)
{
	u64 mmfr1 = read_sysreg(id_aa64mmfr1_el1);
	u64 fgt = field(read_sysreg(id_aa64mmfr0_el1), 59, 56);
	u64 pfr0 = read_sysreg(id_aa64pfr0_el1);
	struct controls c;

	collect_controls(&c);
	write_sysreg(c.hcr, hcr_el2);
	write_sysreg(0, hstr_el2);
	if (field(mmfr1, 43, 40))
		write_sysreg(c.hcrx, HCRX_EL2);
	if (fgt) {
		write_sysreg(c.hfgrw, HFGRTR_EL2);
		write_sysreg(c.hfgrw, HFGWTR_EL2);
		write_sysreg(c.hfgi, HFGITR_EL2);
		write_sysreg(c.hdfgr, HDFGRTR_EL2);
		write_sysreg(c.hdfgw, HDFGWTR_EL2);
		if (field(pfr0, 47, 44))
			write_sysreg(0, HAFGRTR_EL2);
	}
	if (fgt >= 2) {
		/* Here a 1 is "do not trap" throughout, but for HFGITR2. */
		write_sysreg(~0UL, HFGRTR2_EL2);
		write_sysreg(~0UL, HFGWTR2_EL2);
		write_sysreg(~0UL, HDFGRTR2_EL2);
		write_sysreg(~0UL, HDFGWTR2_EL2);
		write_sysreg(0, HFGITR2_EL2);
	}
	if (field(pfr0, 43, 40)) {
		write_sysreg(0, MPAM2_EL2);
		if (read_sysreg(S3_0_C10_C4_4) & BIT(17))	/* MPAMIDR_EL1.HAS_HCR */
			write_sysreg(0, MPAMHCR_EL2);
	}
}

static void init_vectors_and_fp(void)
{
	u64 pfr0 = read_sysreg(id_aa64pfr0_el1);
	u64 pfr1 = read_sysreg(id_aa64pfr1_el1);
	bool sve = field(pfr0, 35, 32);
	bool sme = field(pfr1, 27, 24);
	u64 cptr = CPTR_RES1;

	if (sve)
		cptr &= ~CPTR_TZ;
	if (sme)
		cptr &= ~CPTR_TSM;
	write_sysreg(cptr, cptr_el2);
	isb();

	if (sve)
		write_sysreg(VECTOR_LEN_MAX, ZCR_EL2);
	if (sme) {
		u64 smfr0 = read_sysreg(ID_AA64SMFR0_EL1);
		u64 smcr = VECTOR_LEN_MAX;

		if (field(smfr0, 63, 63))
			smcr |= SMCR_FA64;
		if (field(smfr0, 59, 56))
			smcr |= SMCR_EZT0;
		write_sysreg(smcr, SMCR_EL2);
	}
}

static void init_debug(void)
{
	u64 dfr0 = read_sysreg(id_aa64dfr0_el1);
	u64 pmu = field(dfr0, 11, 8);
	u64 mdcr = 0;

	/* All counters are EL1's; 0xf is a PMU that is not Arm's. */
	if (pmu && pmu != 0xf)
		mdcr |= field(read_sysreg(pmcr_el0), 15, 11);
	if (field(dfr0, 35, 32))
		mdcr |= MDCR_E2PB_EL1;
	if (field(dfr0, 47, 44))
		mdcr |= MDCR_E2TB_EL1;
	write_sysreg(mdcr, mdcr_el2);
}

/**
 * features_init() - set this CPU up for the primary VM
 *
 * Stage 2 is switched on here, its tables are set by stage2_enable().
 */
void features_init(void)
{
	init_traps();
	init_vectors_and_fp();
	init_debug();

	write_sysreg(CNTHCTL_EL1PCTEN | CNTHCTL_EL1PCEN, cnthctl_el2);
	write_sysreg(0, cntvoff_el2);
	write_sysreg(read_sysreg(midr_el1), vpidr_el2);
	write_sysreg(read_sysreg(mpidr_el1), vmpidr_el2);
	write_sysreg(ICC_SRE_ALL, ICC_SRE_EL2);
	isb();
	write_sysreg(0, ICH_HCR_EL2);
	write_sysreg(SCTLR_EL1_RESET, sctlr_el1);
	isb();
}
