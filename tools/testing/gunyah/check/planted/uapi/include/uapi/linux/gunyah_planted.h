/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/* Planted faults: a type that comes from nowhere; a comment C90 does not have. */
#include <linux/types.h>

struct gunyah_planted {
	u32 size; // in bytes
};
