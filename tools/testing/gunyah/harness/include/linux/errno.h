/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HARNESS_LINUX_ERRNO_H
#define HARNESS_LINUX_ERRNO_H

#include <errno.h>

#endif
