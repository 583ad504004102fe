// SPDX-License-Identifier: GPL-2.0-only
/* Planted fault: an unused constant, which only W=1 reports. */
#include <linux/module.h>

static const int planted_unused = 1;

MODULE_DESCRIPTION("Planted fault");
MODULE_LICENSE("GPL");
