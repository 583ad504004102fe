// SPDX-License-Identifier: GPL-2.0-only
/*
 * The primary VM's second stage: identity. It has all devices and all memory
 * except the stand-in's own and what it has lent away, so that an access to
 * either faults to traps.c. The GIC redistributor of the RM core is there to be
 * looked at (the driver walks over all of them) but not to be changed.
 *
 * What this does not stop is a device: without an SMMU, DMA reaches every
 * address.
 */
#include "mmu.h"
#include "model.h"
#include "standin.h"

static struct stage2 primary;
static u64 ram_end;

static void map(u64 start, u64 end, unsigned int rights, bool io)
{
	if (!stage2_set(&primary, start, start, end - start, rights, io))
		panic("no pages for the primary VM's tables");
}

/**
 * primary_init() - make its tables
 * @machine: where its memory ends
 * @hidden_gicr: redistributor of the RM core
 * @hidden_size: its size
 */
void primary_init(const struct machine *machine, u64 hidden_gicr, size_t hidden_size)
{
	ram_end = machine->ram_end;
	if (!stage2_init(&primary, GM_VMID_PRIMARY))
		panic("no page for the primary VM's tables");
	map(0, PLAT_RAM_BASE, GM_MEM_RW, true);
	map(hidden_gicr, hidden_gicr + hidden_size, GM_MEM_R, true);
	map(PLAT_OWN_END, ram_end, GM_MEM_RWX, false);
	primary.merges = true;
}

/**
 * primary_is_ram() - is this its memory, lent or not?
 * @pa: first byte
 * @size: bytes
 *
 * Return: true if all of it is.
 */
bool primary_is_ram(u64 pa, u64 size)
{
	return pa >= PLAT_OWN_END && pa < ram_end && size <= ram_end - pa;
}

static bool is_device(u64 pa, u64 size)
{
	return pa < PLAT_RAM_BASE && size <= PLAT_RAM_BASE - pa;
}

/**
 * primary_may_give() - is this something a secondary VM can have?
 * @pa: first byte
 * @size: bytes
 * @io: device memory
 *
 * Return: true for its memory, and for devices other than the GIC.
 */
bool primary_may_give(u64 pa, u64 size, bool io)
{
	bool gic = pa < PLAT_GICR_END && PLAT_GICD_BASE < pa + size;

	return io ? is_device(pa, size) && !gic : primary_is_ram(pa, size);
}

/**
 * primary_set() - what it may do with a range from now on
 * @pa: address
 * @size: bytes
 * @rights: GM_MEM_*, 0: nothing
 * @io: device memory
 *
 * Return: false if it is not its to have, or there are no pages for tables.
 */
bool primary_set(u64 pa, u64 size, unsigned int rights, bool io)
{
	if (!(io ? is_device(pa, size) : primary_is_ram(pa, size)))
		return false;
	return stage2_set(&primary, pa, pa, size, rights, io);
}

/**
 * primary_maps() - does it have an address, now that all is settled?
 * @ipa: address
 *
 * Return: true if so.
 */
bool primary_maps(u64 ipa)
{
	return stage2_maps(&primary, ipa);
}

/**
 * primary_load() - use its tables on this CPU
 */
void primary_load(void)
{
	write_sysreg(primary.vttbr, vttbr_el2);
}

/* The tables do what they are for; checked on each CPU before Linux runs. */
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
 * primary_enable() - use the tables on this CPU for the first time
 *
 * Context: before the guest runs here, EL1's MMU off.
 */
void primary_enable(void)
{
	write_sysreg(MMU_VTCR_EL2, vtcr_el2);
	primary_load();
	isb();
	asm volatile("tlbi alle1" : : : "memory");
	dsb(nsh);
	isb();
	self_check();
}
