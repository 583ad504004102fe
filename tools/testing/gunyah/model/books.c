// SPDX-License-Identifier: GPL-2.0-only
/*
 * What there is at this moment, for tests that compare before and after: whose
 * each page is, and digests of everything that must be as it was when the last
 * VM is gone. Handles and other numbers that only ever rise are not in them.
 */
#include "state.h"

#define BK_BASIS	0xcbf29ce484222325ull
#define BK_PRIME	0x100000001b3ull

/* FNV-1a over the bytes of a word. */
static u64 bk_add(u64 digest, u64 word)
{
	u32 i;

	for (i = 0; i < 8; i++, word >>= 8)
		digest = (digest ^ (word & 0xff)) * BK_PRIME;
	return digest;
}

/* The range that is not simply the primary VM's with the lowest address >= @from. */
static const struct gm_region *bk_region(struct gm *m, u64 from)
{
	const struct gm_region *best = NULL;
	u32 i;

	for (i = 0; i < m->nr_regions; i++) {
		const struct gm_region *r = &m->regions[i];

		if (r->parcel && r->ipa >= from && (!best || r->ipa < best->ipa))
			best = r;
	}
	return best;
}

/* Whose it is: who gave it how, how many VMs have accepted it, and the first. */
static u64 bk_owner(struct gm *m, const struct gm_region *r)
{
	const struct gm_parcel *mp;
	u64 borrower = 0;
	u32 i;

	if (r->parcel == GM_REGION_GONE)
		return GM_DBG_OWNER_GONE;
	mp = &m->parcels[r->parcel - 1];
	for (i = 0; i < mp->nr_shares; i++)
		if (mp->shares[i].shared && !borrower)
			borrower = mp->shares[i].vmid;
	return mp->owner | (u64)mp->trans << 16 | (u64)mp->nr_accepted << 24 | borrower << 32;
}

static u64 bk_memory(struct gm *m)
{
	const struct gm_region *r = bk_region(m, 0);
	u64 digest = BK_BASIS;

	for (; r; r = bk_region(m, r->ipa + 1)) {
		digest = bk_add(digest, r->ipa);
		digest = bk_add(digest, r->size);
		digest = bk_add(digest, bk_owner(m, r));
	}
	return digest;
}

static u64 bk_caps(struct gm *m)
{
	u64 digest = BK_BASIS;
	u32 v, i;

	for (v = 0; v < m->nr_vms; v++) {
		const struct gm_vm *vm = &m->vms[v];

		for (i = 0; vm->used && i < GM_MAX_CAPS; i++) {
			const struct gm_cap *cap = &vm->caps[i];

			if (cap->state != GM_CAP_VALID)
				continue;
			digest = bk_add(digest, (u64)vm->vmid << 32 | i);
			digest = bk_add(digest, cap->rights | (u64)cap->type << 32 |
						(u64)cap->object << 40);
		}
	}
	return digest;
}

static u64 bk_vms(struct gm *m)
{
	u64 digest = BK_BASIS;
	u32 v;

	for (v = 0; v < m->nr_vms; v++)
		if (m->vms[v].used)
			digest = bk_add(digest, m->vms[v].vmid | (u64)m->vms[v].state << 16 |
						(u64)m->vms[v].owner << 32);
	return digest;
}

static u64 bk_virqs(struct gm *m)
{
	u64 digest = BK_BASIS;
	u32 i;

	for (i = 0; i < sizeof(m->virq_used); i++)
		digest = bk_add(digest, m->virq_used[i]);
	return digest;
}

s32 gm_books_owner(struct gm *m, u64 *x)
{
	const struct gm_region *r = bk_region(m, x[2]);

	if (!r)
		return GM_E_ARGUMENT_INVALID;
	x[1] = r->ipa;
	x[2] = r->size;
	x[3] = bk_owner(m, r);
	return GM_E_OK;
}

s32 gm_books_digest(struct gm *m, u64 *x)
{
	x[1] = bk_memory(m);
	x[2] = bk_caps(m);
	x[3] = bk_vms(m);
	x[4] = bk_virqs(m);
	return GM_E_OK;
}

s32 gm_books_count(struct gm *m, u64 *x)
{
	u32 i, v;

	for (i = 1; i <= 10; i++)
		x[i] = 0;
	for (i = 0; i < GM_MAX_PARCELS; i++)
		x[1] += m->parcels[i].used;
	for (i = 0; i < m->nr_regions; i++)
		x[2] += m->regions[i].parcel != 0;
	for (i = 0; i < GM_MAX_LENDINGS; i++)
		x[3] += m->lendings[i].used;
	for (i = 0; i < m->virq_count && i < GM_MAX_VIRQS; i++)
		x[4] += !(m->virq_used[i / 8] & 1u << i % 8);
	for (i = 0; i < GM_MAX_OBJECTS; i++)
		x[6] += m->objects[i].state != GM_OBJ_FREE;
	for (v = 0; v < m->nr_vms; v++) {
		x[5] += m->vms[v].used;
		for (i = 0; m->vms[v].used && i < GM_MAX_CAPS; i++)
			x[7] += m->vms[v].caps[i].state == GM_CAP_VALID;
	}
	for (i = 0; i < m->nr_regions; i++) {
		u16 map = m->regions[i].parcel ? m->regions[i].first_map : 0;

		for (; map; map = m->maps[map - 1].next)
			x[8]++;
	}
	for (i = 0; i < GM_MAX_VDEVS; i++)
		x[9] += m->vdevs[i].used;
	x[10] = m->heap_used;
	return GM_E_OK;
}

/* Lets a pool run dry at @limit, ~0: as large as it is; -1 for a wrong one. */
int gm_pool_set(struct gm *m, u64 what, u64 limit)
{
	if (what >= GM_DBG_POOL_NR)
		return -1;
	m->pools[what] = limit > 0xffffffff ? 0xffffffff : (u32)limit;
	return 0;
}
