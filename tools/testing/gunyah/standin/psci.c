// SPDX-License-Identifier: GPL-2.0-only
/*
 * PSCI and the Arm architecture calls of the primary VM. PSCI goes on to
 * QEMU's by SMC, which is also the primary VM's conduit: HCR_EL2.TSC makes its
 * SMC trap here, where entry points are replaced and the RM core is left out.
 */
#include "standin.h"

#define SMCCC_VERSION		0x80000000
#define SMCCC_ARCH_FEATURES	0x80000001
#define SMCCC_1_3		0x10003

#define PSCI_VERSION		0x84000000
#define PSCI_CPU_SUSPEND32	0x84000001
#define PSCI_CPU_ON32		0x84000003
#define PSCI_AFFINITY_INFO32	0x84000004
#define PSCI_AFFINITY_INFO64	0xc4000004
#define PSCI_FEATURES		0x8400000a

#define SMCCC_SVE_HINT		BIT(16)		/* SMCCC 1.3: no live SVE state */
#define SMCCC_FN_MASK		0x3fffffff
#define PSCI_FN_BASE		0x04000000
#define PSCI_FN_LAST		0x0400001f

/* The real one answers queries about features in 32 bits. */
#define FEATURE_NOT_SUPPORTED	((u32)SMCCC_NOT_SUPPORTED)

static u64 psci_features(u32 fn)
{
	switch (fn) {
	case SMCCC_VERSION:
		/* Or Linux stays at SMCCC 1.0 and never looks for a hypervisor. */
		return 0;
	case PSCI_VERSION:
	case PSCI_CPU_SUSPEND32:
	case PSCI_CPU_SUSPEND64:
	case PSCI_CPU_OFF:
	case PSCI_CPU_ON32:
	case PSCI_CPU_ON64:
	case PSCI_AFFINITY_INFO32:
	case PSCI_AFFINITY_INFO64:
	case PSCI_SYSTEM_OFF:
	case PSCI_SYSTEM_RESET:
	case PSCI_FEATURES:
		return smc_call(PSCI_FEATURES, fn, 0, 0);
	default:
		return FEATURE_NOT_SUPPORTED;
	}
}

static u64 psci(u32 fn, const u64 *x)
{
	switch (fn) {
	case PSCI_VERSION:
		return smc_call(fn, 0, 0, 0);
	case PSCI_FEATURES:
		return psci_features(x[1]);
	case PSCI_CPU_ON32:
		return smp_cpu_on((u32)x[1], (u32)x[2], (u32)x[3]);
	case PSCI_CPU_ON64:
		return smp_cpu_on(x[1], x[2], x[3]);
	case PSCI_CPU_SUSPEND32:
		return smp_cpu_suspend(fn, (u32)x[1], (u32)x[2], (u32)x[3]);
	case PSCI_CPU_SUSPEND64:
		return smp_cpu_suspend(fn, x[1], x[2], x[3]);
	case PSCI_CPU_OFF:
		return smp_cpu_off();
	case PSCI_AFFINITY_INFO32:
	case PSCI_AFFINITY_INFO64:
		/* Levels above 0 are those of PSCI 0.2. */
		if (x[2] || !smp_is_guest_cpu(fn == PSCI_AFFINITY_INFO32 ? (u32)x[1] : x[1]))
			return PSCI_INVALID_PARAMETERS;
		return smc_call(fn, x[1], 0, 0);
	case PSCI_SYSTEM_OFF:
	case PSCI_SYSTEM_RESET:
		rmcore_print_counters();
		return smc_call(fn, 0, 0, 0);
	default:
		return SMCCC_NOT_SUPPORTED;
	}
}

/**
 * psci_call() - handle a call if it is PSCI's or the architecture's
 * @x: X0..X3; X0 gets the result
 *
 * Return: true if it was one.
 */
bool psci_call(u64 *x)
{
	u32 fn = x[0] & ~SMCCC_SVE_HINT;
	u32 base = fn & SMCCC_FN_MASK;

	if (fn == SMCCC_VERSION) {
		x[0] = SMCCC_1_3;
		return true;
	}
	if (fn == SMCCC_ARCH_FEATURES) {
		u32 asked = x[1];

		x[0] = asked == SMCCC_VERSION || asked == SMCCC_ARCH_FEATURES ? 0 :
			FEATURE_NOT_SUPPORTED;
		return true;
	}
	if ((fn & BIT(31)) && base >= PSCI_FN_BASE && base <= PSCI_FN_LAST) {
		x[0] = psci(fn, x);
		return true;
	}
	return false;
}
