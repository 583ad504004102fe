/* SPDX-License-Identifier: GPL-2.0-only */
/* The program of a VM that talks on its console: console_guest.S */
#ifndef __GUNYAH_TESTS_CONSOLE_GUEST_H
#define __GUNYAH_TESTS_CONSOLE_GUEST_H

#include <linux/types.h>

extern const u8 console_guest[], console_guest_end[];

#endif
