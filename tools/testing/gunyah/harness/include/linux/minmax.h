/* SPDX-License-Identifier: GPL-2.0-only */
/* What rm_msg.c needs of the kernel's header, for user space. */
#ifndef HARNESS_LINUX_MINMAX_H
#define HARNESS_LINUX_MINMAX_H

#define min_t(type, a, b) \
	({ type __min_a = (a); type __min_b = (b); __min_a < __min_b ? __min_a : __min_b; })
#define max_t(type, a, b) \
	({ type __max_a = (a); type __max_b = (b); __max_a > __max_b ? __max_a : __max_b; })
#define min(a, b)	min_t(__typeof__(a), a, b)
#define max(a, b)	max_t(__typeof__(a), a, b)
#define clamp(x, lo, hi)	min(max(x, lo), hi)

#endif
