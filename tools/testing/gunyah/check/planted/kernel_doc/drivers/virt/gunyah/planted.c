// SPDX-License-Identifier: GPL-2.0-only
/**
 * planted_sum() - planted faults: a parameter and the result are missing
 * @a: the first number
 */
int planted_sum(int a, int b)
{
	return a + b;
}

int planted_export(void)
{
	return 0;
}
EXPORT_SYMBOL_GPL(planted_export);
