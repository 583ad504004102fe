// SPDX-License-Identifier: GPL-2.0-only
/* Planted fault: an unused constant, where only consoles find their header. */
#include <linux/module.h>

#include "hvc_console.h"

static const int planted_unused = HVC_ALLOC_TTY_ADAPTERS;

MODULE_DESCRIPTION("Planted fault");
MODULE_LICENSE("GPL");
