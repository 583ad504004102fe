// SPDX-License-Identifier: GPL-2.0-only
/* Planted faults: one for each rule of the script that the RM client can break. */
#include <linux/arm-smccc.h>
#include "vm.h"

/* What stands in a comment is no breach: arm_smccc_1_1_hvc(1), __le32. */
void planted_call(__le32 wire)
{
	struct arm_smccc_res res;

	arm_smccc_1_1_hvc(le32_to_cpu(wire), &res);
	BUG_ON(res.a0);
}

#if LINUX_VERSION_CODE < 0x060d00
#endif

#ifdef CONFIG_GUNYAH_RM_KUNIT_TEST
#endif
