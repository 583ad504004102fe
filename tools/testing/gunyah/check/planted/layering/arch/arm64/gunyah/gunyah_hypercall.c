// SPDX-License-Identifier: GPL-2.0-only
/* Planted fault: a wrapper that logs. The HVC is in its place. */
void planted_hvc(void)
{
	arm_smccc_1_2_hvc(&args, &res);
	pr_err("planted\n");
}
