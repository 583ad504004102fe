// SPDX-License-Identifier: GPL-2.0-only
/*
 * The switch of a physical CPU between the primary VM and a secondary one,
 * apart from X registers, timers and the GIC: EL1's registers, the vector
 * registers, and EL2's controls.
 *
 * A guest has what an Armv8.0 CPU has, and what else needs nothing from EL2:
 * idregs.c tells it so, and the controls here make the rest trap (SVE, SME,
 * pointer authentication, tags, debug, PMU, trace, error records). So what the
 * primary VM keeps in such registers needs no switching; only the vectors are
 * shared and saved in full.
 */
#include <string.h>

#include "vm.h"

#define HCR_GUEST	(HCR_RW | HCR_VM | HCR_FMO | HCR_IMO | HCR_AMO | HCR_FB | HCR_BSU_IS | \
			 HCR_TWI | HCR_TID3 | HCR_TSC | HCR_TIDCP | HCR_TACR | HCR_TLOR | HCR_TERR)
/* RES1 (SVE and SME trap), trace and activity monitors trap. */
#define CPTR_GUEST	(0x33ffUL | BIT(20) | BIT(30))
#define MDCR_TPMCR	BIT(5)
#define MDCR_TPM	BIT(6)
#define MDCR_TDA	BIT(9)
#define MDCR_TDOSA	BIT(10)
#define MDCR_TDRA	BIT(11)
#define MDCR_HPMN	0x1fUL
#define SVCR_SM		BIT(0)
#define MPIDR_RES1	BIT(31)
#define SVE_VECTORS	36	/* see fpsimd.S */
#define SVE_MAX_VL	256

/* EL2's controls that differ. */
struct controls {
	u64 hcr;
	u64 cptr;
	u64 mdcr;
	u64 hcrx;
	u64 vmpidr;
	u64 hfgrtr;
	u64 hfgwtr;
	u64 hfgitr;
	u64 hdfgrtr;
	u64 hdfgwtr;
};

/* What a physical CPU keeps of the primary VM while a guest runs. */
struct primary_context {
	struct el1_context el1;
	struct controls controls;
	u64 svcr;
	u8 vectors[SVE_VECTORS * SVE_MAX_VL + 16] __aligned(16);
};

static struct primary_context contexts[PLAT_MAX_CPUS];

static void save_el1(struct el1_context *c)
{
#define SAVE(reg) c->reg = read_sysreg(reg);
	EL1_REGISTERS(SAVE)
#undef SAVE
}

static void load_el1(const struct el1_context *c)
{
#define LOAD(reg) write_sysreg(c->reg, reg);
	EL1_REGISTERS(LOAD)
#undef LOAD
}

static bool has_fgt(void)
{
	return field(read_sysreg(id_aa64mmfr0_el1), 59, 56);
}

static bool has_hcrx(void)
{
	return field(read_sysreg(id_aa64mmfr1_el1), 43, 40);
}

static bool has_sve(void)
{
	return field(read_sysreg(id_aa64pfr0_el1), 35, 32);
}

static bool has_sme(void)
{
	return field(read_sysreg(id_aa64pfr1_el1), 27, 24);
}

static bool has_fa64(void)
{
	return field(read_sysreg(ID_AA64SMFR0_EL1), 63, 63);
}

static void save_controls(struct controls *c)
{
	c->hcr = read_sysreg(hcr_el2);
	c->cptr = read_sysreg(cptr_el2);
	c->mdcr = read_sysreg(mdcr_el2);
	c->vmpidr = read_sysreg(vmpidr_el2);
	if (has_hcrx())
		c->hcrx = read_sysreg(HCRX_EL2);
	if (!has_fgt())
		return;
	c->hfgrtr = read_sysreg(HFGRTR_EL2);
	c->hfgwtr = read_sysreg(HFGWTR_EL2);
	c->hfgitr = read_sysreg(HFGITR_EL2);
	c->hdfgrtr = read_sysreg(HDFGRTR_EL2);
	c->hdfgwtr = read_sysreg(HDFGWTR_EL2);
}

static void load_controls(const struct controls *c)
{
	write_sysreg(c->hcr, hcr_el2);
	write_sysreg(c->cptr, cptr_el2);
	write_sysreg(c->mdcr, mdcr_el2);
	write_sysreg(c->vmpidr, vmpidr_el2);
	if (has_hcrx())
		write_sysreg(c->hcrx, HCRX_EL2);
	if (!has_fgt())
		return;
	write_sysreg(c->hfgrtr, HFGRTR_EL2);
	write_sysreg(c->hfgwtr, HFGWTR_EL2);
	write_sysreg(c->hfgitr, HFGITR_EL2);
	write_sysreg(c->hdfgrtr, HDFGRTR_EL2);
	write_sysreg(c->hdfgwtr, HDFGWTR_EL2);
}

/* Fine-grained traps at 0: what is newer than Armv8.6 traps. */
static void make_guest_controls(struct controls *c, const struct vcpu *vcpu,
				const struct controls *primary)
{
	*c = (struct controls){
		.hcr = HCR_GUEST,
		.cptr = CPTR_GUEST,
		.mdcr = (primary->mdcr & MDCR_HPMN) | MDCR_TPMCR | MDCR_TPM | MDCR_TDA |
			MDCR_TDOSA | MDCR_TDRA,
		.vmpidr = MPIDR_RES1 | vcpu->index,
	};
}

/* All of the primary VM's vectors; in streaming mode those of that mode. */
static void save_vectors(struct primary_context *c)
{
	c->svcr = 0;
	if (!has_sve()) {
		fp_save(c->vectors);
		return;
	}
	if (has_sme())
		c->svcr = read_sysreg(SVCR) & SVCR_SM;
	sve_save(c->vectors, !c->svcr || has_fa64());
	if (c->svcr)
		sme_stop_streaming();
}

static void load_vectors(const struct primary_context *c)
{
	if (!has_sve()) {
		fp_load(c->vectors);
		return;
	}
	if (c->svcr)
		sme_start_streaming();
	sve_load(c->vectors, !c->svcr || has_fa64());
}

/* EL1's TLB entries carry no vCPU: another one of the VM ran here before. */
static void forget_other_vcpu(struct vcpu *vcpu)
{
	u8 *last = &vcpu->vm->last_vcpu[this_cpu()->index];

	if (*last == vcpu->index + 1)
		return;
	*last = vcpu->index + 1;
	asm volatile("tlbi vmalle1\n\tic iallu" : : : "memory");
	dsb(nsh);
}

/**
 * world_to_guest() - this CPU is a vCPU's from now on
 * @vcpu: the vCPU
 */
void world_to_guest(struct vcpu *vcpu)
{
	struct primary_context *c = &contexts[this_cpu()->index];
	struct controls controls;

	save_el1(&c->el1);
	save_controls(&c->controls);
	save_vectors(c);
	fp_load(vcpu->fp);
	make_guest_controls(&controls, vcpu, &c->controls);
	load_controls(&controls);
	load_el1(&vcpu->el1);
	write_sysreg(vcpu->vm->stage2.vttbr, vttbr_el2);
	isb();
	forget_other_vcpu(vcpu);
	isb();
}

/**
 * world_to_primary() - it is the primary VM's again
 * @vcpu: whose it was
 */
void world_to_primary(struct vcpu *vcpu)
{
	struct primary_context *c = &contexts[this_cpu()->index];

	save_el1(&vcpu->el1);
	fp_save(vcpu->fp);
	load_controls(&c->controls);
	isb();
	load_vectors(c);
	load_el1(&c->el1);
	primary_load();
	isb();
}

/**
 * world_reset_vcpu() - the registers of a CPU that comes out of reset
 * @vcpu: a vCPU that runs nowhere; vcpu_power_on() was called
 */
void world_reset_vcpu(struct vcpu *vcpu)
{
	vcpu->frame = (struct frame){
		.elr = vcpu->entry,
		.spsr = PSR_DAIF | PSR_MODE_EL1H,
	};
	memcpy(vcpu->frame.x, vcpu->x, sizeof(vcpu->x));
	vcpu->el1 = (struct el1_context){
		.sctlr_el1 = SCTLR_EL1_RESET,
		.sp_el0 = vcpu->sp[0],
		.sp_el1 = vcpu->sp[1],
	};
	vcpu->timers[0] = (struct timer){ 0 };
	vcpu->timers[1] = (struct timer){ 0 };
	vcpu->last_vector = 0;
}
