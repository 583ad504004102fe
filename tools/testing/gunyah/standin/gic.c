// SPDX-License-Identifier: GPL-2.0-only
/*
 * The GIC belongs to Linux. The stand-in uses some things of it:
 *
 *  - GICD_ISPENDR, to make an SPI pending that no device uses: such an
 *    interrupt is taken by EL1 like any other, and stays latched while Linux
 *    has it disabled. Only edges can be made this way.
 *  - The hidden CPU's own redistributor and CPU interface, for the SGI that
 *    wakes the RM core and for its EL2 timer. They are in group 1 as
 *    everything is on this machine, so they are held up while Linux has
 *    group 1 off in GICD_CTLR: before its GIC driver is up nobody can use RM.
 *  - ICC_SGI1R, from the other CPUs, to send that SGI.
 *  - While a CPU runs a guest, that SGI and four PPIs there, see vcpu.c. They
 *    have the group and priority Linux gives all of them, and nothing of them
 *    is acknowledged: levels that are gone, and the SGI cleared while pending.
 */
#include "standin.h"

#define GICD_TYPER		(PLAT_GICD_BASE + 0x0004)
#define GICD_ICENABLER(n)	(PLAT_GICD_BASE + 0x0180 + 4 * (n))
#define GICD_ISPENDR(n)		(PLAT_GICD_BASE + 0x0200 + 4 * (n))
#define GICR_TYPER		0x0008
#define GICR_TYPER_VLPIS	BIT(1)
#define GICR_TYPER_LAST		BIT(4)
#define GICR_TYPER_AFF(typer)	((typer) >> 32)
#define GICR_WAKER		0x0014
#define GICR_WAKER_SLEEP	BIT(1)
#define GICR_WAKER_ASLEEP	BIT(2)
#define GICR_FRAME		0x10000
#define GICR_IGROUPR0		(GICR_FRAME + 0x0080)
#define GICR_ISENABLER0		(GICR_FRAME + 0x0100)
#define GICR_ICENABLER0		(GICR_FRAME + 0x0180)
#define GICR_ICPENDR0		(GICR_FRAME + 0x0280)
#define GICR_ISACTIVER0		(GICR_FRAME + 0x0300)
#define GICR_ICACTIVER0		(GICR_FRAME + 0x0380)
#define GICR_IPRIORITYR(n)	(GICR_FRAME + 0x0400 + (n))
#define ICC_CTLR_EOIMODE	BIT(1)

#define INTID_SPI		32
#define INTID_SPECIAL		1020
#define PRIORITY		0x80
#define PRIORITY_ANY		0xff

/**
 * gic_nr_intids() - how many INTIDs up to the last SPI
 *
 * Return: a number that no SPI has any more.
 */
unsigned int gic_nr_intids(void)
{
	unsigned int nr = 32 * (field(mmio_read32(GICD_TYPER), 4, 0) + 1);

	return nr < INTID_SPECIAL ? nr : INTID_SPECIAL;
}

/**
 * gic_raise_spi() - make an SPI pending
 * @intid: its number
 */
void gic_raise_spi(u32 intid)
{
	/* What the interrupt announces has to be seen by who takes it. */
	dsb(ish);
	mmio_write32(GICD_ISPENDR(intid / 32), 1U << intid % 32);
}

/* MPIDR as GICR_TYPER has it: Aff3 follows Aff2. */
static u32 packed_affinity(u64 mpidr)
{
	return (mpidr & 0xffffff) | field(mpidr, 39, 32) << 24;
}

/**
 * gic_find_gicr() - find a CPU's redistributor
 * @mpidr: affinity of the CPU
 * @size: filled with the size of its frames
 *
 * Return: address, 0 if there is none.
 */
u64 gic_find_gicr(u64 mpidr, size_t *size)
{
	u64 gicr = PLAT_GICR_BASE;
	u64 typer;

	do {
		typer = mmio_read64(gicr + GICR_TYPER);
		*size = (typer & GICR_TYPER_VLPIS) ? 4 * GICR_FRAME : 2 * GICR_FRAME;
		if (GICR_TYPER_AFF(typer) == packed_affinity(mpidr))
			return gicr;
		gicr += *size;
	} while (!(typer & GICR_TYPER_LAST) && gicr < PLAT_GICR_END);

	return 0;
}

/**
 * gic_wake_init() - let this CPU, the RM core, be woken
 * @gicr: its redistributor
 */
void gic_wake_init(u64 gicr)
{
	write_sysreg(read_sysreg(ICC_SRE_EL2) | 0xf, ICC_SRE_EL2);
	isb();

	mmio_write32(gicr + GICR_WAKER, mmio_read32(gicr + GICR_WAKER) & ~GICR_WAKER_SLEEP);
	while (mmio_read32(gicr + GICR_WAKER) & GICR_WAKER_ASLEEP)
		;
	mmio_write32(gicr + GICR_IGROUPR0, ~0U);
	mmio_write8(gicr + GICR_IPRIORITYR(INTID_KICK), PRIORITY);
	mmio_write8(gicr + GICR_IPRIORITYR(INTID_CNTHP), PRIORITY);
	mmio_write32(gicr + GICR_ISENABLER0, 1U << INTID_KICK | 1U << INTID_CNTHP);
	dsb(sy);

	write_sysreg(read_sysreg(ICC_CTLR_EL1) & ~ICC_CTLR_EOIMODE, ICC_CTLR_EL1);
	write_sysreg(PRIORITY_ANY, ICC_PMR_EL1);
	write_sysreg(1, ICC_IGRPEN1_EL1);
	isb();
}

/**
 * gic_wake() - make another CPU look what is new
 * @mpidr: its affinity
 *
 * Wakes the RM core; on another CPU it ends the run of a guest, and stays
 * pending (it is disabled) if none runs there any more.
 */
void gic_wake(u64 mpidr)
{
	u64 aff0 = field(mpidr, 7, 0);
	u64 val = field(mpidr, 39, 32) << 48 | field(mpidr, 23, 16) << 32 |
		  field(mpidr, 15, 8) << 16 | (aff0 / 16) << 44 | BIT(aff0 % 16) |
		  (u64)INTID_KICK << 24;

	/* What the CPU is woken for has to be seen by it. */
	dsb(ishst);
	write_sysreg(val, ICC_SGI1R_EL1);
	isb();
}

/**
 * gic_wake_ack() - take what woke this CPU, the RM core
 *
 * An SPI comes here only if Linux sent it to a CPU that does not exist for
 * it: it is switched off, or it would keep the RM core awake for ever.
 */
void gic_wake_ack(void)
{
	u32 intid;

	for (;;) {
		intid = read_sysreg(ICC_IAR1_EL1);
		dsb(sy);
		if (intid >= INTID_SPECIAL)
			return;
		if (intid >= INTID_SPI) {
			say("interrupt %u was sent to the hidden CPU: disabled", intid);
			mmio_write32(GICD_ICENABLER(intid / 32), 1U << intid % 32);
			dsb(sy);
		}
		write_sysreg(intid, ICC_EOIR1_EL1);
		isb();
	}
}

/**
 * gic_pending() - the most urgent physical interrupt of this CPU
 *
 * Return: its INTID, INTID_NONE if there is none.
 */
u32 gic_pending(void)
{
	return field(read_sysreg(ICC_HPPIR1_EL1), 23, 0);
}

static u64 gicr_of(struct cpu *cpu)
{
	size_t size;

	if (!cpu->gicr)
		cpu->gicr = gic_find_gicr(cpu->mpidr, &size);
	if (!cpu->gicr)
		panic("CPU %#lx has no redistributor", cpu->mpidr);
	return cpu->gicr;
}

/**
 * gic_forget_kick() - the SGI of gic_wake() has done its work
 * @cpu: this CPU
 */
void gic_forget_kick(struct cpu *cpu)
{
	mmio_write32(gicr_of(cpu) + GICR_ICPENDR0, 1U << INTID_KICK);
	dsb(sy);
}

/**
 * gic_enabled() - which SGIs and PPIs are enabled
 * @cpu: this CPU
 *
 * Return: bit per INTID.
 */
u32 gic_enabled(struct cpu *cpu)
{
	return mmio_read32(gicr_of(cpu) + GICR_ISENABLER0);
}

/**
 * gic_active() - which SGIs and PPIs are active
 * @cpu: this CPU
 *
 * Return: bit per INTID.
 */
u32 gic_active(struct cpu *cpu)
{
	return mmio_read32(gicr_of(cpu) + GICR_ISACTIVER0);
}

/**
 * gic_set_enabled() - enable or disable SGIs and PPIs
 * @cpu: this CPU
 * @mask: bit per INTID
 * @set: which
 */
void gic_set_enabled(struct cpu *cpu, u32 mask, bool set)
{
	mmio_write32(gicr_of(cpu) + (set ? GICR_ISENABLER0 : GICR_ICENABLER0), mask);
	dsb(sy);
}

/**
 * gic_set_active() - make PPIs active or inactive
 * @cpu: this CPU
 * @mask: bit per INTID
 * @set: which
 */
void gic_set_active(struct cpu *cpu, u32 mask, bool set)
{
	mmio_write32(gicr_of(cpu) + (set ? GICR_ISACTIVER0 : GICR_ICACTIVER0), mask);
	dsb(sy);
}
