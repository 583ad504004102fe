// SPDX-License-Identifier: GPL-2.0-only
/*
 * EL2's own translation: identity, MMU and caches on, nothing both writable
 * and executable.
 *
 * mmu_make_tables() runs once with the MMU off, before the memory size is
 * known, and maps the devices and the stand-in's own memory. mmu_map_ram()
 * adds the primary VM's memory: entries only ever become valid, so no TLB
 * maintenance is needed.
 */
#include "mmu.h"
#include "standin.h"

#define NR_L1		4
#define GIB		0x40000000UL

struct pt el2_l1;
static struct pt el2_l2[NR_L1];
static struct pt el2_l3;

/* Attributes of one page of the stand-in's image; 0 = not mapped. */
static u64 image_page_attrs(u64 pa)
{
	u64 stacks = (u64)__stacks;

	if (pa < (u64)__text_start)
		return 0;
	if (pa < (u64)__rodata_start)
		return PTE_RO;
	if (pa < (u64)__data_start)
		return PTE_RO | PTE_XN;
	if (pa < stacks)
		return PTE_RW | PTE_XN;
	if (pa >= (u64)__bss_end)
		return 0;
	/* Each stack has its guard page at the bottom. */
	if ((pa - stacks) % (PLAT_GUARD_SIZE + PLAT_STACK_SIZE) < PLAT_GUARD_SIZE)
		return 0;
	return PTE_RW | PTE_XN;
}

static void map_block(u64 pa, u64 attrs)
{
	el2_l2[pa / GIB].pte[pa % GIB / MMU_BLOCK_SIZE] = pa | attrs | PTE_BLOCK;
}

/**
 * mmu_make_tables() - map devices and the stand-in's own memory
 *
 * Context: boot CPU, MMU off.
 */
void mmu_make_tables(void)
{
	unsigned int i;
	u64 pa;

	for (i = 0; i < NR_L1; i++)
		el2_l1.pte[i] = (u64)&el2_l2[i] | PTE_TABLE;

	for (pa = 0; pa < PLAT_RAM_BASE; pa += MMU_BLOCK_SIZE)
		map_block(pa, PTE_DEVICE | PTE_RW | PTE_XN);
	for (pa = PLAT_OWN_BASE; pa < PLAT_OWN_END; pa += MMU_BLOCK_SIZE)
		map_block(pa, PTE_NORMAL | PTE_RW | PTE_XN);

	for (i = 0; i < PTES_PER_TABLE; i++) {
		u64 attrs;

		pa = PLAT_LINK_BASE + i * MMU_PAGE_SIZE;
		attrs = image_page_attrs(pa);
		if (attrs)
			el2_l3.pte[i] = pa | attrs | PTE_NORMAL | PTE_PAGE;
	}
	el2_l2[PLAT_LINK_BASE / GIB].pte[PLAT_LINK_BASE % GIB / MMU_BLOCK_SIZE] =
		(u64)&el2_l3 | PTE_TABLE;

	/*
	 * The tables were written past the caches, the walks will look into
	 * them: no stale line may be there.
	 */
	dsb(sy);
	cache_clean((u64)__data_start, __bss_end - __data_start);
}

/**
 * mmu_map_ram() - map the primary VM's memory
 * @ram_end: end of the memory, a multiple of 2 MiB
 */
void mmu_map_ram(u64 ram_end)
{
	u64 pa;

	for (pa = PLAT_OWN_END; pa < ram_end; pa += MMU_BLOCK_SIZE)
		map_block(pa, PTE_NORMAL | PTE_RW | PTE_XN);
	dsb(ish);
	isb();
}

/**
 * cache_clean() - clean and invalidate data caches to the point of coherency
 * @start: first byte
 * @size: bytes
 *
 * For what is read by somebody whose MMU is off.
 */
void cache_clean(u64 start, size_t size)
{
	u64 line = 4UL << field(read_sysreg(ctr_el0), 19, 16);
	u64 end = start + size;
	u64 addr;

	for (addr = start & ~(line - 1); addr < end; addr += line)
		asm volatile("dc civac, %0" : : "r"(addr) : "memory");
	dsb(sy);
}
