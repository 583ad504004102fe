// SPDX-License-Identifier: GPL-2.0-only
/* What the bare test needs of the GIC and the counter: nothing is ever taken. */
#include "bare.h"

#define GICD_CTLR		(PLAT_GICD_BASE + 0x0000)
#define GICD_IGROUPR(n)		(PLAT_GICD_BASE + 0x0080 + 4 * (n))
#define GICD_ISENABLER(n)	(PLAT_GICD_BASE + 0x0100 + 4 * (n))
#define GICD_ICENABLER(n)	(PLAT_GICD_BASE + 0x0180 + 4 * (n))
#define GICD_ISPENDR(n)		(PLAT_GICD_BASE + 0x0200 + 4 * (n))
#define GICD_ICPENDR(n)		(PLAT_GICD_BASE + 0x0280 + 4 * (n))
#define GICR(cpu)		(PLAT_GICR_BASE + 0x20000UL * (cpu))
#define GICR_WAKER		0x0014
#define GICR_IGROUPR0		0x10080

/**
 * now() - the counter
 *
 * Return: its value.
 */
u64 now(void)
{
	isb();
	return read_sysreg(cntvct_el0);
}

/**
 * ticks_per_ms() - how fast it is
 *
 * Return: ticks in a millisecond.
 */
u64 ticks_per_ms(void)
{
	return read_sysreg(cntfrq_el0) / 1000;
}

/**
 * gic_init() - switch the GIC on for this CPU
 * @cpu: its number
 */
void gic_init(unsigned int cpu)
{
	mmio_write32(GICD_CTLR, 2);
	mmio_write32(GICR(cpu) + GICR_WAKER, 0);
	mmio_write32(GICR(cpu) + GICR_IGROUPR0, ~0U);
	write_sysreg(0xff, ICC_PMR_EL1);
	write_sysreg(1, ICC_IGRPEN1_EL1);
	isb();
}

/**
 * gic_take() - has an SPI become pending?
 * @intid: which
 *
 * Return: true if so; it is pending no more.
 */
bool gic_take(u32 intid)
{
	if (!(mmio_read32(GICD_ISPENDR(intid / 32)) & 1U << intid % 32))
		return false;
	mmio_write32(GICD_ICPENDR(intid / 32), 1U << intid % 32);
	return true;
}

/**
 * gic_wait() - sleep until it does
 * @intid: which
 *
 * A primary VM that polls would keep the resource manager from running where
 * one host thread has all CPUs. If the interrupt never comes the runner's time
 * limit ends the test.
 */
void gic_wait(u32 intid)
{
	u32 bit = 1U << intid % 32;

	mmio_write32(GICD_IGROUPR(intid / 32), ~0U);
	mmio_write32(GICD_ISENABLER(intid / 32), bit);
	while (!gic_take(intid))
		wfi();
	mmio_write32(GICD_ICENABLER(intid / 32), bit);
}
