/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Allocations of a test's own task that fail, one after the other.
 *
 * Needs a kernel with failslab, told not to spare those who may wait
 * (ignore-gfp-wait in debugfs); elsewhere fault_possible() says no.
 */
#ifndef __GUNYAH_TESTS_FAULT_H
#define __GUNYAH_TESTS_FAULT_H

#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/types.h>

/* No call makes as many allocations. */
#define MAX_FAULTS	2000

#ifdef CONFIG_FAULT_INJECTION

/* The @nth allocation from now on fails; 0: none. */
static inline void fault_arm(unsigned int nth)
{
	WRITE_ONCE(current->fail_nth, nth);
}

/* Returns true if there was a fault. */
static inline bool fault_disarm(unsigned int nth)
{
	unsigned int left = READ_ONCE(current->fail_nth);

	WRITE_ONCE(current->fail_nth, 0);

	return nth && !left;
}

#else

static inline void fault_arm(unsigned int nth) { }
static inline bool fault_disarm(unsigned int nth) { return false; }

#endif

static inline bool fault_possible(void)
{
	void *probe;

	fault_arm(1);
	probe = kmalloc(sizeof(u64), GFP_KERNEL);
	fault_disarm(1);
	kfree(probe);

	return !probe;
}

#endif
