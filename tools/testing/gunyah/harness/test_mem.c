// SPDX-License-Identifier: GPL-2.0-only
/* Memory parcels: each row of the error table, ownership, limits, receivers. */
#include <stdio.h>

#include "rmwire.h"
#include "tap.h"

#define VM		0x80	/* the first VM that is allocated */
#define OTHER		0x81

static struct rm_reply reply;

struct entry {
	u16 vmid;
	u8 rights;
};

struct create {
	const char *name;
	u32 id;
	u8 type;
	u8 flags;
	struct entry acl[3];
	u64 sgl[2][2];
	u16 attr[3][2];		/* attribute, vmid */
	u32 nr_attr;
	u32 status;
};

#define ONE		{ { VM, MEM_RWX } }
#define PAGE		{ { RAM, 0x1000 } }

/* Good requests come first, then each row of the table. */
static const struct create creates[] = {
	{ "lend", RM_LEND, 0, 0, ONE, PAGE, {}, 0, RM_OK },
	{ "lend to two", RM_LEND, 0, 0, { { VM, 4 }, { OTHER, 6 } }, PAGE, {}, 0, RM_OK },
	{ "lend io", RM_LEND, 1, 0, { { VM, 6 } }, { { IO, 0x1000 } }, {}, 0, RM_OK },
	{ "share", RM_SHARE, 0, 0, { { VM, 4 }, { 3, 6 } }, PAGE, {}, 0, RM_OK },
	{ "donate", RM_DONATE, 0, 0, ONE, PAGE, {}, 0, RM_OK },
	{ "donate io", RM_DONATE, 1, 0, { { VM, 6 } }, { { IO, 0x1000 } }, {}, 0, RM_OK },
	{ "two ranges", RM_LEND, 0, 1, ONE, { { RAM, 0x1000 }, { RAM + 0x4000, 0x2000 } }, {}, 0,
	  RM_OK },
	{ "attributes", RM_LEND, 0, 0, ONE, PAGE, { { 2, VM } }, 1, RM_OK },
	{ "io is device", RM_LEND, 1, 0, { { VM, 6 } }, { { IO, 0x1000 } }, { { 1, VM } }, 1,
	  RM_OK },
	{ "no acl", RM_LEND, 0, 0, {}, PAGE, {}, 0, RM_ARGUMENT_INVALID },
	{ "no sgl", RM_LEND, 0, 0, ONE, {}, { { 0, VM } }, 1, RM_ARGUMENT_INVALID },
	{ "no sgl, append", RM_LEND, 0, 2, ONE, {}, { { 0, VM } }, 1, RM_ARGUMENT_INVALID },
	{ "no rights", RM_LEND, 0, 0, { { VM, 0 } }, PAGE, {}, 0, RM_ARGUMENT_INVALID },
	{ "write only", RM_LEND, 0, 0, { { VM, 2 } }, PAGE, {}, 0, RM_ARGUMENT_INVALID },
	{ "rights above", RM_LEND, 0, 0, { { VM, 0xf } }, PAGE, {}, 0, RM_ARGUMENT_INVALID },
	{ "io executable", RM_LEND, 1, 0, ONE, { { IO, 0x1000 } }, {}, 0, RM_ARGUMENT_INVALID },
	{ "share without owner", RM_SHARE, 0, 0, ONE, PAGE, {}, 0, RM_ARGUMENT_INVALID },
	{ "lend with owner", RM_LEND, 0, 0, { { VM, 7 }, { 3, 7 } }, PAGE, {}, 0,
	  RM_ARGUMENT_INVALID },
	{ "donate to owner", RM_DONATE, 0, 0, { { 3, 7 } }, PAGE, {}, 0, RM_ARGUMENT_INVALID },
	{ "donate to two", RM_DONATE, 0, 0, { { VM, 7 }, { OTHER, 7 } }, PAGE, {}, 0,
	  RM_ARGUMENT_INVALID },
	{ "donate read-only", RM_DONATE, 0, 0, { { VM, 4 } }, PAGE, {}, 0, RM_DENIED },
	{ "donate io read-only", RM_DONATE, 1, 0, { { VM, 4 } }, { { IO, 0x1000 } }, {}, 0,
	  RM_DENIED },
	{ "vmid twice", RM_LEND, 0, 0, { { VM, 7 }, { VM, 7 } }, PAGE, {}, 0,
	  RM_ARGUMENT_INVALID },
	{ "vmid nobody has", RM_LEND, 0, 0, { { 0x40, 7 } }, PAGE, {}, 0, RM_ARGUMENT_INVALID },
	{ "vmid 0xbf", RM_LEND, 0, 0, { { 0xbf, 7 } }, PAGE, {}, 0, RM_ARGUMENT_INVALID },
	{ "attribute 4", RM_LEND, 0, 0, ONE, PAGE, { { 4, VM } }, 1, RM_ARGUMENT_INVALID },
	{ "memory as device", RM_LEND, 0, 0, ONE, PAGE, { { 1, VM } }, 1, RM_ARGUMENT_INVALID },
	{ "io not device", RM_LEND, 1, 0, { { VM, 6 } }, { { IO, 0x1000 } }, { { 2, VM } }, 1,
	  RM_ARGUMENT_INVALID },
	{ "donate uncached", RM_DONATE, 0, 0, ONE, PAGE, { { 2, VM } }, 1, RM_ARGUMENT_INVALID },
	{ "attribute twice", RM_LEND, 0, 0, ONE, PAGE, { { 2, VM }, { 2, VM } }, 2,
	  RM_ARGUMENT_INVALID },
	{ "attribute's vmid", RM_LEND, 0, 0, ONE, PAGE, { { 2, OTHER } }, 1, RM_VMID_INVALID },
	{ "sanitize io", RM_LEND, 1, 1, { { VM, 6 } }, { { IO, 0x1000 } }, {}, 0,
	  RM_ARGUMENT_INVALID },
	{ "address unaligned", RM_LEND, 0, 0, ONE, { { RAM + 0x800, 0x1000 } }, {}, 0,
	  RM_ARGUMENT_INVALID },
	{ "size unaligned", RM_LEND, 0, 0, ONE, { { RAM, 0x1800 } }, {}, 0, RM_ARGUMENT_INVALID },
	{ "address 2^44", RM_LEND, 0, 0, ONE, { { 1ull << 44, 0x1000 } }, {}, 0,
	  RM_ARGUMENT_INVALID },
	{ "size 2^44", RM_LEND, 0, 0, ONE, { { RAM, 1ull << 44 } }, {}, 0, RM_ARGUMENT_INVALID },
	{ "not memory", RM_LEND, 0, 0, ONE, { { IO, 0x1000 } }, {}, 0, RM_MEM_INVALID },
	{ "over the end", RM_LEND, 0, 0, ONE, { { RAM + RAM_SIZE - 0x1000, 0x2000 } }, {}, 0,
	  RM_MEM_INVALID },
	{ "memory as io", RM_LEND, 1, 0, { { VM, 6 } }, PAGE, {}, 0, RM_MEM_INVALID },
	{ "range twice", RM_LEND, 0, 0, ONE, { { RAM, 0x2000 }, { RAM + 0x1000, 0x1000 } }, {}, 0,
	  RM_MEM_INVALID },
};

static void put_create(struct wire *w, const struct create *c)
{
	u32 i, at;

	wire_begin_create(w, c->type, c->flags, 0x77);
	at = wire_list(w);
	for (i = 0; c->acl[i].vmid; i++)
		wire_acl(w, c->acl[i].vmid, c->acl[i].rights);
	wire_count(w, at, i);
	at = wire_list(w);
	for (i = 0; i < 2 && c->sgl[i][1]; i++)
		wire_sgl(w, c->sgl[i][0], c->sgl[i][1]);
	wire_count(w, at, i);
	at = wire_list(w);
	for (i = 0; i < c->nr_attr; i++)
		wire_put32(w, c->attr[i][0] | (u32)c->attr[i][1] << 16);
	wire_count(w, at, i);
}

static u64 books(struct host *h, unsigned int what)
{
	EQ(host_debug(h, GM_DBG_BOOKS, 0, 0, 0, 0), 0);
	return h->x[what];
}

static u64 reclaim(struct host *h, u32 handle)
{
	u32 req[2] = { handle, 0 };

	return rm_call(h, &reply, RM_RECLAIM, req, 8);
}

/* Each row; what is refused takes nothing, what is given comes back whole. */
static void create_table(void)
{
	static struct wire w;
	struct host h;
	size_t i;

	EQ(wire_host(&h, "debug"), 0);
	wire_allocate(&h);
	wire_allocate(&h);
	for (i = 0; i < GM_ARRAY_SIZE(creates); i++) {
		const struct create *c = &creates[i];
		u64 status;

		put_create(&w, c);
		status = wire_call(&h, &reply, c->id, &w);
		if (status != c->status)
			printf("# %s\n", c->name);
		EQ(status, c->status);
		EQ(reply.size, status ? 4 : 8);
		EQ(books(&h, 1), !status);
		if (!status) {
			OK(wire_mapped(&h, c->sgl[0][0]) == (c->id == RM_SHARE ? MEM_RW : 0));
			EQ(reclaim(&h, rm_word(&reply, 1)), RM_OK);
		}
		EQ(books(&h, 1), 0);
		EQ(books(&h, 2), 0);
		EQ(wire_unmapped(&h), 0);
	}
	EQ(h.m->heap_used, 2 * GM_HEAP_VM);
	host_exit(&h);
}

/* Lengths: below the least, cut off, lists too long, and bytes too many. */
static void create_lengths(void)
{
	static struct wire w;
	struct host h;
	u32 full, n;

	EQ(wire_host(&h, "debug"), 0);
	put_create(&w, &creates[0]);
	full = w.size;
	EQ(full, 8 + 8 + 20 + 4);
	for (n = 0; n < full; n++) {
		w.size = n;
		/* Without the empty attribute list it is complete as well. */
		if (n == full - 4) {
			EQ(wire_call(&h, &reply, RM_LEND, &w), RM_OK);
			EQ(reclaim(&h, rm_word(&reply, 1)), RM_OK);
			continue;
		}
		EQ(wire_call(&h, &reply, RM_LEND, &w), RM_MSG_INVALID);
	}
	w.size = full + 4;
	EQ(wire_call(&h, &reply, RM_LEND, &w), RM_MSG_INVALID);
	wire_begin_create(&w, 0, 0, 0);
	wire_count(&w, wire_list(&w), 513);
	wire_list(&w);
	wire_list(&w);
	EQ(wire_call(&h, &reply, RM_LEND, &w), RM_NORESOURCE);
	wire_lend(&w, VM, RAM, 0x1000, 512, 0x1000);
	EQ(wire_call(&h, &reply, RM_LEND, &w), RM_OK);
	EQ(books(&h, 2), 512);
	EQ(reclaim(&h, rm_word(&reply, 1)), RM_OK);
	wire_lend(&w, VM, RAM, 0x1000, 513, 0x1000);
	EQ(wire_call(&h, &reply, RM_LEND, &w), RM_NORESOURCE);
	EQ(books(&h, 2), 0);
	host_exit(&h);
}

/* Handles count from 0, a refused request may use one up; 64 parcels at most. */
static void limits(void)
{
	static struct wire w;
	struct host h;
	u32 i;

	EQ(wire_host(&h, "debug"), 0);
	for (i = 0; i < 64; i++) {
		wire_lend(&w, VM, RAM + i * 0x2000, 0x1000, 1, 0);
		EQ(wire_call(&h, &reply, RM_LEND, &w), RM_OK);
		EQ(rm_word(&reply, 1), i);
	}
	wire_lend(&w, VM, RAM + i * 0x2000, 0x1000, 1, 0);
	EQ(wire_call(&h, &reply, RM_LEND, &w), RM_DENIED);
	EQ(reclaim(&h, 17), RM_OK);
	EQ(reclaim(&h, 17), RM_HANDLE_INVALID);
	EQ(wire_call(&h, &reply, RM_LEND, &w), RM_OK);
	EQ(rm_word(&reply, 1), 64);
	for (i = 0; i <= 64; i++)
		EQ(reclaim(&h, i), i == 17 ? RM_HANDLE_INVALID : RM_OK);
	EQ(books(&h, 1), 0);
	EQ(h.m->heap_used, 0);
	/* What a parcel holds cannot be given again, by whatever call. */
	wire_lend(&w, VM, RAM + 0x3000, 0x1000, 3, 0x1000);
	EQ(wire_call(&h, &reply, RM_LEND, &w), RM_OK);
	wire_lend(&w, VM, RAM, 0x8000, 1, 0);
	EQ(wire_call(&h, &reply, RM_LEND, &w), RM_MEM_INVALID);
	EQ(wire_call(&h, &reply, RM_DONATE, &w), RM_MEM_INVALID);
	wire_lend(&w, VM, RAM + 0x6000, 0x1000, 1, 0);
	EQ(wire_call(&h, &reply, RM_LEND, &w), RM_OK);
	host_exit(&h);
}

/* Long lists by APPEND until RM's heap is out: no answer, nothing lost. */
static void heap(void)
{
	static struct wire w;
	struct host h;
	u32 handle, nr, i;
	u64 status = RM_OK;

	EQ(wire_host(&h, "debug"), 0);
	wire_begin_create(&w, 0, 2, 0);
	i = wire_list(&w);
	wire_acl(&w, VM, MEM_RWX);
	wire_count(&w, i, 1);
	i = wire_list(&w);
	wire_sgl(&w, RAM, 0x1000);
	wire_count(&w, i, 1);
	EQ(wire_call(&h, &reply, RM_LEND, &w), RM_OK);
	handle = rm_word(&reply, 1);
	for (nr = 1; !status; nr += 512) {
		wire_append(&w, handle, 0, RAM + (u64)nr * 0x2000, 512, 0x2000);
		status = wire_call(&h, &reply, RM_MEM_APPEND, &w);
	}
	EQ(status, ~0ull);
	EQ(reply.replies, 0);
	OK(nr > 5500 && nr < 7000);
	OK(gm_counter(h.m, GM_CTR_RM_NOHEAP) > 0);
	EQ(books(&h, 2), nr - 512);
	EQ(reclaim(&h, handle), RM_OK);
	EQ(h.m->heap_used, 0);
	EQ(wire_unmapped(&h), 0);
	EQ(books(&h, 2), 0);
	host_exit(&h);
}

static void append_table(void)
{
	static struct wire w;
	struct host h;

	EQ(wire_host(&h, "debug"), 0);
	wire_allocate(&h);
	wire_lend(&w, VM, RAM, 0x1000, 1, 0);
	EQ(wire_call(&h, &reply, RM_LEND, &w), RM_OK);
	wire_append(&w, 0, 1, RAM + 0x8000, 1, 0);
	EQ(wire_call(&h, &reply, RM_MEM_APPEND, &w), RM_DENIED);	/* complete */
	wire_append(&w, 5, 1, RAM + 0x8000, 1, 0);
	EQ(wire_call(&h, &reply, RM_MEM_APPEND, &w), RM_HANDLE_INVALID);
	wire_lend(&w, VM, RAM + 0x2000, 0x1000, 1, 0);
	w.data[2] = 2;
	EQ(wire_call(&h, &reply, RM_LEND, &w), RM_OK);
	EQ(rm_word(&reply, 1), 1);
	wire_append(&w, 1, 1, RAM + 0x8000, 0, 0);
	EQ(wire_call(&h, &reply, RM_MEM_APPEND, &w), RM_ARGUMENT_INVALID);	/* empty */
	wire_append(&w, 1, 1, RAM + 0x8000, 1, 0);
	EQ(rm_as(&h, VM, RM_MEM_APPEND, w.data, w.size), RM_DENIED);	/* not the owner */
	w.size = 11;
	EQ(wire_call(&h, &reply, RM_MEM_APPEND, &w), RM_MSG_INVALID);
	w.size = 24;
	EQ(wire_call(&h, &reply, RM_MEM_APPEND, &w), RM_MSG_INVALID);
	w.size = 28;
	wire_put32(&w, 0);
	EQ(wire_call(&h, &reply, RM_MEM_APPEND, &w), RM_MSG_INVALID);
	/* Three good ones and one that is taken: nothing of it stays. */
	wire_append(&w, 1, 1, RAM + 0x8000, 3, 0x1000);
	wire_sgl(&w, RAM, 0x1000);
	w.data[8] = 4;
	EQ(wire_call(&h, &reply, RM_MEM_APPEND, &w), RM_MEM_INVALID);
	EQ(books(&h, 2), 2);
	wire_append(&w, 1, 1, RAM + 0x8000, 3, 0x1000);
	EQ(wire_call(&h, &reply, RM_MEM_APPEND, &w), RM_OK);
	EQ(wire_call(&h, &reply, RM_MEM_APPEND, &w), RM_DENIED);	/* closed */
	EQ(books(&h, 2), 5);
	EQ(reclaim(&h, 0), RM_OK);
	EQ(reclaim(&h, 1), RM_OK);
	EQ(wire_unmapped(&h), 0);
	host_exit(&h);
}

/* A host that cannot change stage 2. */
static void map_failures(void)
{
	static struct wire w;
	struct host h;

	EQ(wire_host(&h, "debug"), 0);
	wire_fail_map(&h, 1);
	put_create(&w, &creates[3]);
	EQ(wire_call(&h, &reply, RM_SHARE, &w), RM_MAP_FAILED);
	put_create(&w, &creates[6]);
	wire_fail_map(&h, 2);
	EQ(wire_call(&h, &reply, RM_LEND, &w), RM_MEM_INVALID);
	EQ(wire_unmapped(&h), 0);
	EQ(books(&h, 2), 0);
	host_exit(&h);
}

const struct tap_test parcel_tests[] = {
	{ "DONATE, LEND, SHARE: each rule", create_table },
	{ "lengths of requests and lists", create_lengths },
	{ "64 parcels, handles, ownership", limits },
	{ "RM's heap", heap },
	{ "APPEND", append_table },
	{ "stage 2 that fails", map_failures },
	{}
};
