// SPDX-License-Identifier: GPL-2.0-only
/* Planted faults: wire byte order taken for the CPU's; a user pointer read. */
#include <linux/module.h>

u32 planted_length(const __le32 *wire);
u32 planted_length(const __le32 *wire)
{
	return *wire + 8;
}

int planted_user(const int __user *value);
int planted_user(const int __user *value)
{
	return *value;
}

MODULE_DESCRIPTION("Planted fault");
MODULE_LICENSE("GPL");
