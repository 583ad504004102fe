/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers in messages. */
#ifndef GM_BYTES_H
#define GM_BYTES_H

#include "types.h"

/* Little-endian words at any address. */
static inline u16 gm_get16(const u8 *p)
{
	return (u16)(p[0] | p[1] << 8);
}

static inline u32 gm_get32(const u8 *p)
{
	return gm_get16(p) | (u32)gm_get16(p + 2) << 16;
}

static inline u64 gm_get64(const u8 *p)
{
	return gm_get32(p) | (u64)gm_get32(p + 4) << 32;
}

static inline void gm_put16(u8 *p, u16 v)
{
	p[0] = (u8)(v & 0xff);
	p[1] = (u8)(v >> 8);
}

static inline void gm_put32(u8 *p, u32 v)
{
	gm_put16(p, (u16)(v & 0xffff));
	gm_put16(p + 2, (u16)(v >> 16));
}

static inline void gm_put64(u8 *p, u64 v)
{
	gm_put32(p, (u32)(v & 0xffffffff));
	gm_put32(p + 4, (u32)(v >> 32));
}

#endif /* GM_BYTES_H */
