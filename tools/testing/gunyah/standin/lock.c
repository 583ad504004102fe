// SPDX-License-Identifier: GPL-2.0-only
/*
 * Spin locks: exclusives, as they work on every CPU model. They need the MMU
 * on. EL2 runs with its interrupts masked, so a holder is never interrupted.
 */
#include "standin.h"

/**
 * spin_trylock() - take a lock if it is free
 * @lock: lock
 *
 * Return: true if it was free.
 */
bool spin_trylock(struct spinlock *lock)
{
	u32 val, fail;

	do {
		asm volatile("ldaxr %w0, [%1]" : "=&r"(val) : "r"(&lock->locked) : "memory");
		if (val) {
			asm volatile("clrex" : : : "memory");
			return false;
		}
		asm volatile("stxr %w0, %w2, [%1]"
			     : "=&r"(fail) : "r"(&lock->locked), "r"(1) : "memory");
	} while (fail);
	return true;
}

/**
 * spin_lock() - take a lock
 * @lock: lock
 */
void spin_lock(struct spinlock *lock)
{
	u32 val, fail;

	do {
		asm volatile("ldaxr %w0, [%1]" : "=&r"(val) : "r"(&lock->locked) : "memory");
		if (val) {
			/* The store that frees it clears the monitor: an event. */
			wfe();
			continue;
		}
		asm volatile("stxr %w0, %w2, [%1]"
			     : "=&r"(fail) : "r"(&lock->locked), "r"(1) : "memory");
		if (!fail)
			return;
	} while (true);
}

/**
 * spin_unlock() - release a lock
 * @lock: lock
 */
void spin_unlock(struct spinlock *lock)
{
	asm volatile("stlr wzr, [%0]" : : "r"(&lock->locked) : "memory");
}
