/* SPDX-License-Identifier: GPL-2.0-only */
/* The part of limits.h that libfdt needs: the compiler's own wants a libc. */
#ifndef STANDIN_LIBC_LIMITS_H
#define STANDIN_LIBC_LIMITS_H

#define INT_MAX		__INT_MAX__
#define INT_MIN		(-__INT_MAX__ - 1)
#define UINT_MAX	(__INT_MAX__ * 2U + 1U)

#endif /* STANDIN_LIBC_LIMITS_H */
