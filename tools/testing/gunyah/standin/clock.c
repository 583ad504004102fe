// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stand-in's clock is the physical counter, in nanoseconds since the
 * machine was started. All CPUs see the same.
 */
#include "standin.h"

#define NSEC_PER_SEC	1000000000UL

/**
 * clock_ticks_to_ns() - ticks of the counter to nanoseconds
 * @ticks: ticks
 *
 * Return: nanoseconds.
 */
u64 clock_ticks_to_ns(u64 ticks)
{
	u64 freq = read_sysreg(cntfrq_el0);

	/* In two parts, so that nothing overflows. */
	return ticks / freq * NSEC_PER_SEC + ticks % freq * NSEC_PER_SEC / freq;
}

/**
 * clock_ns_to_ticks() - nanoseconds to ticks, rounded up
 * @ns: nanoseconds
 *
 * Return: ticks.
 */
u64 clock_ns_to_ticks(u64 ns)
{
	u64 freq = read_sysreg(cntfrq_el0);

	return ns / NSEC_PER_SEC * freq +
	       (ns % NSEC_PER_SEC * freq + NSEC_PER_SEC - 1) / NSEC_PER_SEC;
}

/**
 * clock_now_ns() - the time
 *
 * Return: nanoseconds since the machine was started.
 */
u64 clock_now_ns(void)
{
	isb();
	return clock_ticks_to_ns(read_sysreg(cntpct_el0));
}
