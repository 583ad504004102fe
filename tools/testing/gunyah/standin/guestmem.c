// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copies between the model and the memory of a caller, who gives a virtual
 * address of its own (EL1). As the real one does, each 4 KiB page is
 * translated in the caller's context; then the physical page is accessed
 * through EL2's mapping, if it is the primary VM's.
 *
 * Only for the CPU that is handling the caller's hypercall. The caller's other
 * CPUs may change its tables between translation and copy: the copy then goes
 * to a page that was its own a moment ago, and still is the primary VM's.
 */
#include <string.h>

#include "model.h"
#include "standin.h"

#define PAGE_SIZE	4096UL

/*
 * With top-byte-ignore on, a tag is not part of the address. It has to go
 * before the address of the next page is computed, or that may wrap.
 */
static u64 strip_tag(u64 va)
{
	u64 tcr = read_sysreg(tcr_el1);

	if (va & BIT(55))
		return (tcr & TCR_EL1_TBI1) ? va | 0xffUL << 56 : va;
	return (tcr & TCR_EL1_TBI0) ? va & ~(0xffUL << 56) : va;
}

static int translate(u64 va, size_t size, bool write, u64 *pa)
{
	u64 par = guest_translate(va, write);

	if (par & PAR_F) {
		if (!(par & PAR_S))
			return GM_COPY_STAGE1;
		return FST_PERMISSION(PAR_FST(par)) ? GM_COPY_PERMISSION : GM_COPY_STAGE2;
	}
	*pa = (par & PAR_PA) | (va & (PAGE_SIZE - 1));
	return primary_is_ram(*pa, size) ? 0 : GM_COPY_STAGE2;
}

static size_t chunk_size(u64 va, size_t left)
{
	size_t chunk = PAGE_SIZE - (va & (PAGE_SIZE - 1));

	return chunk < left ? chunk : left;
}

/**
 * guest_copy_in() - read the caller's memory
 * @dst: destination
 * @va: caller's address
 * @size: bytes
 *
 * Return: 0 or GM_COPY_*.
 */
int guest_copy_in(void *dst, u64 va, size_t size)
{
	size_t chunk;
	u64 pa;
	int ret;

	for (va = strip_tag(va); size; size -= chunk, va += chunk, dst = (u8 *)dst + chunk) {
		chunk = chunk_size(va, size);
		ret = translate(va, chunk, false, &pa);
		if (ret)
			return ret;
		memcpy(dst, (const void *)pa, chunk);
	}
	return 0;
}

/**
 * guest_copy_out() - write the caller's memory
 * @va: caller's address
 * @src: source
 * @size: bytes
 *
 * Return: 0 or GM_COPY_*. Pages before the one that failed are written.
 */
int guest_copy_out(u64 va, const void *src, size_t size)
{
	size_t chunk;
	u64 pa;
	int ret;

	for (va = strip_tag(va); size; size -= chunk, va += chunk, src = (const u8 *)src + chunk) {
		chunk = chunk_size(va, size);
		ret = translate(va, chunk, true, &pa);
		if (ret)
			return ret;
		memcpy((void *)pa, src, chunk);
	}
	return 0;
}
