// SPDX-License-Identifier: GPL-2.0-only
/* Planted faults: one for plain checkpatch, one that only --strict reports. */
static int planted(int a, int b)
{
	if(a)
		return b;

	planted_call(a,
		b);
	return 0;
}
