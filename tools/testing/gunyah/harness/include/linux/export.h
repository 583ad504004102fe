/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HARNESS_LINUX_EXPORT_H
#define HARNESS_LINUX_EXPORT_H

/* Nothing is exported; <kunit/visibility.h> has what sources use. */

#endif
