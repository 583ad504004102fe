// SPDX-License-Identifier: GPL-2.0-only
/*
 * Second translation stages: tables of 4 KiB pages and 2 MiB blocks for 36 bit
 * addresses, starting at level 1, one set per VM. The VMID is the low byte of
 * the model's vmid.
 *
 * A block is split when a part of it changes; a table whose pages make up a
 * block of the primary VM again goes back to the pool. What was taken from the
 * primary VM can always be given back: the table of a block that has a hole
 * stays until the hole is gone, and a block that was taken as a whole comes
 * back as a whole (a parcel's ranges come back as they went).
 *
 * An entry is never changed from valid to valid (break before make), so a VM
 * that runs may take a fault on an address that is mapped: who handles faults
 * asks stage2_allows() first, which waits for the change to be finished.
 *
 * All tables are changed and read by software under one lock; VMs are changed
 * one at a time anyway, under the model's lock.
 */
#include <string.h>

#include "mmu.h"
#include "model.h"
#include "standin.h"

#define PTE_VALID		BIT(0)
#define PTE_NOT_BLOCK		BIT(1)
#define PTE_ADDR		0x0000fffffffff000UL
#define S2_W			BIT(7)
#define GIB			0x40000000UL

static struct spinlock stage2_lock;	/* Leaf but for the pool's; see above */

static struct pt *table_of(u64 pte)
{
	return (struct pt *)(pte & PTE_ADDR);
}

static bool is_table(u64 pte)
{
	return (pte & (PTE_VALID | PTE_NOT_BLOCK)) == PTE_TABLE;
}

/*
 * No CPU uses what is no longer in the tables of @s2. The operation is for the
 * VMID in VTTBR_EL2; at EL2 that register does nothing else.
 */
static void flush(const struct stage2 *s2)
{
	u64 vttbr = read_sysreg(vttbr_el2);

	dsb(ish);
	write_sysreg(s2->vttbr, vttbr_el2);
	isb();
	asm volatile("tlbi vmalls12e1is" : : : "memory");
	dsb(ish);
	isb();
	write_sysreg(vttbr, vttbr_el2);
	isb();
}

static u64 attrs_of(unsigned int rights, bool io)
{
	u64 attrs = io ? S2_DEVICE | S2_XN : S2_NORMAL;

	if (rights & GM_MEM_R)
		attrs |= S2_RO;
	if (rights & GM_MEM_W)
		attrs |= S2_W;
	if (!(rights & GM_MEM_X))
		attrs |= S2_XN;
	return attrs;
}

/* Break before make. */
static void set_pte(struct stage2 *s2, u64 *pte, u64 val)
{
	if (*pte == val)
		return;
	s2->changed = true;
	if ((*pte & PTE_VALID) && val) {
		mmio_write64((u64)pte, 0);
		flush(s2);
	}
	mmio_write64((u64)pte, val);
}

/* The level 2 entry for @ipa; NULL if there is none and none can be made. */
static u64 *block_entry(struct stage2 *s2, u64 ipa, bool make)
{
	u64 *l1 = &s2->l1->pte[ipa / GIB];
	struct pt *l2;

	if (!*l1) {
		l2 = make ? page_alloc() : NULL;
		if (!l2)
			return NULL;
		mmio_write64((u64)l1, (u64)l2 | PTE_TABLE);
	}
	return &table_of(*l1)->pte[ipa % GIB / MMU_BLOCK_SIZE];
}

/* The level 3 table under @entry, made from what the entry maps. */
static struct pt *page_table(struct stage2 *s2, u64 *entry)
{
	u64 old = *entry;
	struct pt *l3;
	unsigned int i;

	if (is_table(old))
		return table_of(old);
	l3 = page_alloc();
	if (!l3)
		return NULL;
	for (i = 0; i < PTES_PER_TABLE && old; i++)
		l3->pte[i] = (old + i * MMU_PAGE_SIZE) | PTE_PAGE;
	set_pte(s2, entry, (u64)l3 | PTE_TABLE);
	return l3;
}

/* The block that the pages of a table make up, or 0. */
static u64 whole_block(const struct pt *l3)
{
	u64 first = l3->pte[0];
	unsigned int i;

	if (!(first & PTE_VALID) || (first & PTE_ADDR) % MMU_BLOCK_SIZE)
		return 0;
	for (i = 1; i < PTES_PER_TABLE; i++) {
		if (l3->pte[i] != first + i * MMU_PAGE_SIZE)
			return 0;
	}
	return first & ~PTE_NOT_BLOCK;
}

static void merge(struct stage2 *s2, u64 *entry)
{
	struct pt *l3 = table_of(*entry);
	u64 block = whole_block(l3);

	if (!block)
		return;
	set_pte(s2, entry, block);
	page_free(l3);
}

/* Change @size bytes inside one block's range; @attrs 0: unmap. */
static bool change_pages(struct stage2 *s2, u64 *entry, u64 ipa, u64 pa, u64 size, u64 attrs)
{
	struct pt *l3;
	u64 *pte;

	if (!*entry && !attrs)
		return true;
	l3 = page_table(s2, entry);
	if (!l3)
		return false;
	pte = &l3->pte[ipa % MMU_BLOCK_SIZE / MMU_PAGE_SIZE];
	for (; size; size -= MMU_PAGE_SIZE, pa += MMU_PAGE_SIZE, pte++)
		set_pte(s2, pte, attrs ? pa | attrs | PTE_PAGE : 0);
	if (s2->merges && attrs)
		merge(s2, entry);
	return true;
}

/* The same for what is inside one block's range, or all of it. */
static bool change_chunk(struct stage2 *s2, u64 ipa, u64 pa, u64 size, u64 attrs)
{
	u64 *entry = block_entry(s2, ipa, attrs);
	bool whole = size == MMU_BLOCK_SIZE && !(pa % MMU_BLOCK_SIZE);

	if (!entry)
		return !attrs;
	if (*entry == (attrs ? (pa - ipa % MMU_BLOCK_SIZE) | attrs | PTE_BLOCK : 0))
		return true;
	if (whole && !is_table(*entry)) {
		set_pte(s2, entry, attrs ? pa | attrs | PTE_BLOCK : 0);
		return true;
	}
	if (change_pages(s2, entry, ipa, pa, size, attrs))
		return true;
	if (attrs || s2->merges)
		return false;
	/* To take away must not fail: then the VM loses more than that. */
	set_pte(s2, entry, 0);
	return true;
}

static bool change(struct stage2 *s2, u64 ipa, u64 pa, u64 size, u64 attrs)
{
	u64 chunk;

	for (; size; size -= chunk, ipa += chunk, pa += chunk) {
		chunk = MMU_BLOCK_SIZE - ipa % MMU_BLOCK_SIZE;
		if (chunk > size)
			chunk = size;
		if (!change_chunk(s2, ipa, pa, chunk, attrs))
			return false;
	}
	return true;
}

/**
 * stage2_set() - what a VM may do with a range from now on
 * @s2: its second stage
 * @ipa: its address
 * @pa: physical address
 * @size: bytes; all three are multiples of 4 KiB
 * @rights: GM_MEM_*, 0: nothing
 * @io: device memory
 *
 * When it returns, no CPU uses an old translation any more.
 *
 * Return: false if there are no pages for tables: nothing has changed then for
 * a range that was wholly mapped or wholly unmapped before. Never for what gives
 * a range back to the primary VM as it was taken, nor for @rights 0 of another
 * VM.
 */
bool stage2_set(struct stage2 *s2, u64 ipa, u64 pa, u64 size, unsigned int rights, bool io)
{
	u64 attrs = rights ? attrs_of(rights, io) : 0;
	bool ret;

	if (ipa >= STAGE2_IPA_END || size > STAGE2_IPA_END - ipa)
		return false;

	spin_lock(&stage2_lock);
	s2->changed = false;
	ret = change(s2, ipa, pa, size, attrs);
	if (!ret)
		change(s2, ipa, pa, size, attrs ? 0 : attrs_of(GM_MEM_RWX, io));
	if (s2->changed)
		flush(s2);
	spin_unlock(&stage2_lock);
	return ret;
}

static u64 lookup(struct stage2 *s2, u64 ipa)
{
	u64 *entry;

	if (ipa >= STAGE2_IPA_END)
		return 0;
	entry = block_entry(s2, ipa, false);
	if (!entry)
		return 0;
	return is_table(*entry) ?
	       table_of(*entry)->pte[ipa % MMU_BLOCK_SIZE / MMU_PAGE_SIZE] : *entry;
}

/**
 * stage2_maps() - is there anything at this address of a VM?
 * @s2: its second stage
 * @ipa: the address
 *
 * Return: true if so, false after all changes going on are finished.
 */
bool stage2_maps(struct stage2 *s2, u64 ipa)
{
	u64 pte;

	spin_lock(&stage2_lock);
	pte = lookup(s2, ipa);
	spin_unlock(&stage2_lock);
	return pte & PTE_VALID;
}

/**
 * stage2_init() - an empty second stage
 * @s2: filled in
 * @vmid: of the VM
 *
 * Return: false if there is no page for it.
 */
bool stage2_init(struct stage2 *s2, unsigned int vmid)
{
	s2->l1 = page_alloc();
	if (!s2->l1)
		return false;
	s2->vttbr = (u64)(vmid & 0xff) << 48 | (u64)s2->l1;
	s2->merges = false;
	return true;
}

static void free_l2(struct pt *l2)
{
	unsigned int i;

	for (i = 0; i < PTES_PER_TABLE; i++) {
		if (is_table(l2->pte[i]))
			page_free(table_of(l2->pte[i]));
	}
	page_free(l2);
}

/**
 * stage2_free() - all tables back to the pool
 * @s2: second stage of a VM that runs nowhere
 */
void stage2_free(struct stage2 *s2)
{
	unsigned int i;

	spin_lock(&stage2_lock);
	for (i = 0; i < PTES_PER_TABLE; i++) {
		if (s2->l1->pte[i])
			free_l2(table_of(s2->l1->pte[i]));
	}
	memset(s2->l1, 0, sizeof(*s2->l1));
	flush(s2);
	page_free(s2->l1);
	s2->l1 = NULL;
	spin_unlock(&stage2_lock);
}
