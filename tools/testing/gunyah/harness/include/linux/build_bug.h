/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HARNESS_LINUX_BUILD_BUG_H
#define HARNESS_LINUX_BUILD_BUG_H

/* static_assert() with its message left out, as the kernel has it. */
#define static_assert(...)		harness_static_assert(__VA_ARGS__, "", "")
#define harness_static_assert(expr, msg, ...)	_Static_assert(expr, msg)

#endif
