// SPDX-License-Identifier: GPL-2.0-only
/*
 * The primary VM's second translation stage: identity. It has all devices and
 * all memory except the stand-in's own, so that an access to that faults to
 * traps.c. The GIC redistributor of the RM core is there to be looked at (the
 * driver walks over all of them) but not to be changed.
 *
 * What this does not stop is a device: without an SMMU, DMA reaches every
 * address.
 */
#include "mmu.h"
#include "standin.h"

#define NR_L1		4
#define GIB		0x40000000UL
#define VMID		1UL
#define DEVICE_ATTRS	(S2_DEVICE | S2_XN)

static struct pt s2_l1;
static struct pt s2_l2[NR_L1];
static struct pt s2_l3;		/* the 2 MiB around the hidden redistributor */
static u64 s2_ram_end;

static void map_block(u64 pa, u64 attrs)
{
	s2_l2[pa / GIB].pte[pa % GIB / MMU_BLOCK_SIZE] = pa | attrs | PTE_BLOCK;
}

/* Map [start, start + size) read-only, by pages inside one block. */
static void make_read_only(u64 start, size_t size)
{
	u64 block = start & ~(MMU_BLOCK_SIZE - 1);
	unsigned int i;

	if (start + size > block + MMU_BLOCK_SIZE)
		panic("redistributor at %#lx crosses 2 MiB", start);

	for (i = 0; i < PTES_PER_TABLE; i++) {
		u64 pa = block + i * MMU_PAGE_SIZE;
		bool hidden = pa >= start && pa < start + size;

		s2_l3.pte[i] = pa | DEVICE_ATTRS | (hidden ? S2_RO : S2_RW) | PTE_PAGE;
	}
	s2_l2[block / GIB].pte[block % GIB / MMU_BLOCK_SIZE] = (u64)&s2_l3 | PTE_TABLE;
}

/**
 * stage2_init() - make the tables
 * @ram_end: end of the memory, a multiple of 2 MiB
 * @hidden_gicr: redistributor of the RM core
 * @hidden_size: its size
 */
void stage2_init(u64 ram_end, u64 hidden_gicr, size_t hidden_size)
{
	unsigned int i;
	u64 pa;

	s2_ram_end = ram_end;
	for (i = 0; i < NR_L1; i++)
		s2_l1.pte[i] = (u64)&s2_l2[i] | PTE_TABLE;
	for (pa = 0; pa < PLAT_RAM_BASE; pa += MMU_BLOCK_SIZE)
		map_block(pa, DEVICE_ATTRS | S2_RW);
	for (pa = PLAT_OWN_END; pa < ram_end; pa += MMU_BLOCK_SIZE)
		map_block(pa, S2_NORMAL | S2_RW);
	make_read_only(hidden_gicr, hidden_size);
	dsb(ish);
}

/**
 * stage2_is_ram() - is this the primary VM's memory?
 * @pa: first byte
 * @size: bytes
 *
 * Return: true if all of it is.
 */
bool stage2_is_ram(u64 pa, size_t size)
{
	return pa >= PLAT_OWN_END && pa < s2_ram_end && size <= s2_ram_end - pa;
}

/* The tables do what they are for; checked on each CPU before the guest runs. */
static void self_check(void)
{
	u64 par = guest_translate(PLAT_OWN_END, true);

	if ((par & PAR_F) || (par & PAR_PA) != PLAT_OWN_END)
		panic("stage 2 does not map the guest's memory (PAR %#lx)", par);
	if (!(guest_translate(PLAT_OWN_BASE, false) & PAR_F) ||
	    !(guest_translate(PLAT_OWN_END - 1, false) & PAR_F))
		panic("stage 2 maps the stand-in's own memory");
}

/**
 * stage2_enable() - use the tables on this CPU
 *
 * Context: before the guest runs here, EL1's MMU off.
 */
void stage2_enable(void)
{
	write_sysreg(MMU_VTCR_EL2, vtcr_el2);
	write_sysreg(VMID << 48 | (u64)&s2_l1, vttbr_el2);
	isb();
	asm volatile("tlbi alle1" : : : "memory");
	dsb(nsh);
	isb();
	self_check();
}
