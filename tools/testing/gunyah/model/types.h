/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Basic types of the model in its three hosts: the kernel (KUnit), the EL2
 * program (freestanding) and user space. Nothing else of a host is used.
 */
#ifndef GM_TYPES_H
#define GM_TYPES_H

#ifdef __KERNEL__

#include <linux/types.h>
#include <linux/stddef.h>
#include <linux/string.h>

#else /* !__KERNEL__ */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;

/* A freestanding host brings these three, and no more of libc. */
#if __STDC_HOSTED__
#include <string.h>
#else
void *memcpy(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
#endif

#endif /* !__KERNEL__ */

#endif /* GM_TYPES_H */
