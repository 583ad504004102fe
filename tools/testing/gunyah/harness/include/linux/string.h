/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HARNESS_LINUX_STRING_H
#define HARNESS_LINUX_STRING_H

#include <string.h>

#endif
