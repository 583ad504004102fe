// SPDX-License-Identifier: GPL-2.0-only
/* What the bare test needs of the GIC and the counter: nothing is ever taken. */
#include "bare.h"

#define GICD_CTLR		(PLAT_GICD_BASE + 0x0000)
#define GICD_ISPENDR(n)		(PLAT_GICD_BASE + 0x0200 + 4 * (n))
#define GICD_ICPENDR(n)		(PLAT_GICD_BASE + 0x0280 + 4 * (n))
#define GICR_WAKER		(PLAT_GICR_BASE + 0x0014)
#define GICR_IGROUPR0		(PLAT_GICR_BASE + 0x10080)
#define WAIT_MS			2000

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
 * gic_init() - switch the GIC on for this CPU, the first one
 */
void gic_init(void)
{
	mmio_write32(GICD_CTLR, 2);
	mmio_write32(GICR_WAKER, 0);
	mmio_write32(GICR_IGROUPR0, ~0U);
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
 * gic_wait() - wait until it does, but not for ever
 * @intid: which
 *
 * Return: true if it came.
 */
bool gic_wait(u32 intid)
{
	u64 end = now() + WAIT_MS * ticks_per_ms();

	while (now() < end) {
		if (gic_take(intid))
			return true;
	}
	return false;
}
