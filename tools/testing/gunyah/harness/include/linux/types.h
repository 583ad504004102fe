/* SPDX-License-Identifier: GPL-2.0-only */
/* What rm_msg.c needs of the kernel's header, for user space. */
#ifndef HARNESS_LINUX_TYPES_H
#define HARNESS_LINUX_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The model's types.h has the same ones, for the files that include both. */
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int32_t s32;
typedef int64_t s64;

typedef uint16_t __le16;
typedef uint32_t __le32;
typedef uint64_t __le64;

#define __packed	__attribute__((__packed__))
#define __user
#define __force

#endif
