/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HARNESS_LINUX_ERRNO_H
#define HARNESS_LINUX_ERRNO_H

/* Not <errno.h>, which comes here for them. */
#include <asm/errno.h>

#endif
