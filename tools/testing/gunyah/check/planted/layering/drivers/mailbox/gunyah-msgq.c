// SPDX-License-Identifier: GPL-2.0-only
/* Planted fault: the mailbox controller knows who uses it. */
#include <linux/gunyah_rm.h>
