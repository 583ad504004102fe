// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the client of the resource manager (RM): memory parcels, whose
 * lists may need several messages, and what is left when one of these fails.
 */
#include <kunit/test.h>
#include <linux/array_size.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "rm_rpc_wire.h"

#define MEM_LEND	0x51000012
#define MEM_RECLAIM	0x51000015
#define MEM_APPEND	0x51000018

static const struct gunyah_rm_mem_acl acl = { .vmid = 0x0102, .rights = GUNYAH_RM_MEM_RWX };

static const u8 reclaim_bytes[] = { 4, 3, 2, 1, 0, 0, 0, 0 };

/* A parcel of @nr ranges, each different, and every other page. */
static struct gunyah_rm_parcel *parcel_create(struct kunit *test, size_t nr)
{
	struct gunyah_rm_parcel *parcel = kunit_kzalloc(test, sizeof(*parcel), GFP_KERNEL);
	struct gunyah_rm_range *sgl = kunit_kcalloc(test, nr, sizeof(*sgl), GFP_KERNEL);
	size_t i;

	KUNIT_ASSERT_NOT_NULL(test, parcel);
	KUNIT_ASSERT_NOT_NULL(test, sgl);
	for (i = 0; i < nr; i++) {
		sgl[i].base = 0x0000040000000000 + i * 0x2000;
		sgl[i].size = 0x1000;
	}
	parcel->desc.label = 0x21222324;
	parcel->desc.nr_acl = 1;
	parcel->desc.acl = &acl;
	parcel->desc.nr_sgl = nr;
	parcel->desc.sgl = sgl;
	parcel->handle = GUNYAH_RM_NO_HANDLE;

	return parcel;
}

/* The entries of a message are those of the parcel from @from on. */
static void expect_entries(struct kunit *test, const u8 *bytes, size_t from, size_t nr)
{
	size_t i, wrong = 0;

	for (i = 0; i < nr; i++, bytes += 16)
		if (get_unaligned_le64(bytes) != 0x0000040000000000 + (from + i) * 0x2000 ||
		    get_unaligned_le64(bytes + 8) != 0x1000)
			wrong++;
	KUNIT_EXPECT_EQ(test, wrong, 0);
}

/* The message that makes the parcel. */
static void expect_begin(struct kunit *test, struct wire *wire, size_t nr, bool more)
{
	const struct wire_req *req = &wire->reqs[0];
	const u8 head[] = {
		0, 0, more ? 2 : 0, 0, 0x24, 0x23, 0x22, 0x21,
		1, 0, 0, 0, 0x02, 0x01, 7, 0, nr & 0xff, nr >> 8, 0, 0,
	};

	KUNIT_ASSERT_GE(test, wire->nr, 1);
	KUNIT_EXPECT_EQ(test, req->id, MEM_LEND);
	KUNIT_ASSERT_EQ(test, req->size, sizeof(head) + nr * 16 + 4);
	KUNIT_EXPECT_MEMEQ(test, req->data, head, sizeof(head));
	expect_entries(test, req->data + sizeof(head), 0, nr);
	KUNIT_EXPECT_EQ(test, get_unaligned_le32(req->data + req->size - 4), 0);
}

/* Message @i, which appends. */
static void expect_append(struct kunit *test, struct wire *wire, unsigned int i, size_t from,
			  size_t nr, bool last)
{
	const struct wire_req *req = &wire->reqs[i];
	const u8 head[] = { 4, 3, 2, 1, last, 0, 0, 0, nr & 0xff, nr >> 8, 0, 0 };

	KUNIT_ASSERT_GT(test, wire->nr, i);
	KUNIT_EXPECT_EQ(test, req->id, MEM_APPEND);
	KUNIT_ASSERT_EQ(test, req->size, sizeof(head) + nr * 16);
	KUNIT_EXPECT_MEMEQ(test, req->data, head, sizeof(head));
	expect_entries(test, req->data + sizeof(head), from, nr);
}

/* Around the number of entries a message has. */
static const size_t split_sizes[] = { 1, 511, 512, 513, 1023, 1024, 1025, 2048, 2049, 4096 };

static void split_desc(const size_t *nr, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%zu entries", *nr);
}

KUNIT_ARRAY_PARAM(split, split_sizes, split_desc);

static void mem_split_test(struct kunit *test)
{
	size_t nr = *(const size_t *)test->param_value, from, i;
	struct gunyah_rm_parcel *parcel = parcel_create(test, nr);
	struct wire *wire = wire_create(test);

	wire_answer(wire, wire_handle, sizeof(wire_handle));
	wire_answer_next(wire, wire_ok, sizeof(wire_ok));
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_lend(wire->rm, parcel), 0);
	KUNIT_EXPECT_EQ(test, parcel->handle, WIRE_HANDLE);
	KUNIT_EXPECT_FALSE(test, parcel->unsure);
	KUNIT_EXPECT_EQ(test, wire->nr, DIV_ROUND_UP(nr, 512));
	KUNIT_EXPECT_EQ(test, wire->rm->nr_entries, nr);

	expect_begin(test, wire, min(nr, 512), nr > 512);
	for (i = 1, from = 512; from < nr; i++, from += 512)
		expect_append(test, wire, i, from, min(nr - from, 512), from + 512 >= nr);

	wire_answer(wire, wire_ok, sizeof(wire_ok));
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_reclaim(wire->rm, parcel->handle, false), 0);
	wire_expect(wire, 0, MEM_RECLAIM, reclaim_bytes, sizeof(reclaim_bytes));
	KUNIT_EXPECT_EQ(test, wire->rm->nr_entries, 0);
}

/* A long list has more time than a short one; that much no machine loses here. */
static void mem_time_test(struct kunit *test)
{
	static const struct {
		size_t nr;
		unsigned int eighths;
	} rows[] = { { 1, 8 }, { 13, 8 }, { 14, 9 }, { 185, 20 }, { 512, 43 } };
	const unsigned int ms = 800000;
	struct wire *wire = wire_create(test);

	wire_answer(wire, wire_handle, sizeof(wire_handle));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		wire->nr = 0;
		wire->rm->timeout_ms = ms;
		KUNIT_EXPECT_EQ(test, gunyah_rm_mem_lend(wire->rm,
							 parcel_create(test, rows[i].nr)), 0);
		KUNIT_EXPECT_LE(test, wire->reqs[0].ms, ms / 8 * rows[i].eighths);
		KUNIT_EXPECT_GT(test, wire->reqs[0].ms, ms / 8 * (rows[i].eighths - 1));
	}
}

/* Handle 0 is one like any other. */
static void mem_zero_handle_test(struct kunit *test)
{
	static const u8 zero[] = { 0, 0, 0, 0, 0, 0, 0, 0 };
	struct gunyah_rm_parcel *parcel = parcel_create(test, 513);
	struct wire *wire = wire_create(test);

	wire_answer(wire, zero, sizeof(zero));
	wire_answer_next(wire, wire_nomem, sizeof(wire_nomem));
	wire_answer_next(wire, wire_ok, sizeof(wire_ok));
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_lend(wire->rm, parcel), -ENOMEM);
	KUNIT_EXPECT_EQ(test, parcel->handle, GUNYAH_RM_NO_HANDLE);
	wire_expect(wire, 2, MEM_RECLAIM, zero, sizeof(zero));

	wire_answer(wire, zero, sizeof(zero));
	wire_answer_next(wire, wire_ok, sizeof(wire_ok));
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_lend(wire->rm, parcel), 0);
	KUNIT_EXPECT_EQ(test, parcel->handle, 0);
	KUNIT_EXPECT_EQ(test, wire->rm->nr_entries, 513);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_reclaim(wire->rm, 0, false), 0);
	KUNIT_EXPECT_EQ(test, wire->rm->nr_entries, 0);
}

/* A part of the list is refused: what was made is taken back. */
static void mem_append_fails_test(struct kunit *test)
{
	struct gunyah_rm_parcel *parcel = parcel_create(test, 1500);
	struct wire *wire = wire_create(test);

	wire_answer(wire, wire_handle, sizeof(wire_handle));
	wire_answer_next(wire, wire_ok, sizeof(wire_ok));
	wire_answer_next(wire, wire_nomem, sizeof(wire_nomem));
	wire_answer_next(wire, wire_ok, sizeof(wire_ok));
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_lend(wire->rm, parcel), -ENOMEM);
	KUNIT_EXPECT_EQ(test, wire->nr, 4);
	wire_expect(wire, 3, MEM_RECLAIM, reclaim_bytes, sizeof(reclaim_bytes));
	KUNIT_EXPECT_EQ(test, parcel->handle, GUNYAH_RM_NO_HANDLE);
	KUNIT_EXPECT_FALSE(test, parcel->unsure);
	KUNIT_EXPECT_EQ(test, wire->rm->nr_entries, 0);
}

/* It can not be taken back now, and is later. */
static void mem_leftover_test(struct kunit *test)
{
	static const u8 busy[] = { 11, 0, 0, 0 };
	struct gunyah_rm_parcel *parcel = parcel_create(test, 513);
	struct wire *wire = wire_create(test);

	wire_answer(wire, wire_handle, sizeof(wire_handle));
	wire_answer_next(wire, wire_nomem, sizeof(wire_nomem));
	wire_answer_next(wire, busy, sizeof(busy));
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_lend(wire->rm, parcel), -ENOMEM);
	KUNIT_EXPECT_EQ(test, parcel->handle, WIRE_HANDLE);
	KUNIT_EXPECT_FALSE(test, parcel->unsure);
	KUNIT_EXPECT_EQ(test, wire->rm->nr_entries, 513);

	wire_answer(wire, wire_ok, sizeof(wire_ok));
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_reclaim(wire->rm, parcel->handle, false), 0);
	KUNIT_EXPECT_EQ(test, wire->rm->nr_entries, 0);
}

/* No answer: there may be a parcel that nobody can take back. */
static void mem_unsure_test(struct kunit *test)
{
	struct gunyah_rm_parcel *parcel = parcel_create(test, 3);
	struct wire *wire = wire_create(test);

	wire->rm->timeout_ms = 20;
	wire_answer(wire, NULL, 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_lend(wire->rm, parcel), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, parcel->handle, GUNYAH_RM_NO_HANDLE);
	KUNIT_EXPECT_TRUE(test, parcel->unsure);
	KUNIT_EXPECT_EQ(test, wire->rm->nr_entries, 3);

	/* A status that is not known is an answer all the same. */
	wire->rm->timeout_ms = 20000;
	wire_answer(wire, (const u8 []){ 0, 0, 0, 1 }, 4);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_lend(wire->rm, parcel), -EBADMSG);
	KUNIT_EXPECT_FALSE(test, parcel->unsure);
	KUNIT_EXPECT_EQ(test, wire->rm->nr_entries, 3);
}

/* "No such handle" is good news of a parcel that was to be reclaimed before. */
static void mem_reclaim_again_test(struct kunit *test)
{
	static const u8 no_handle[] = { 7, 0, 0, 0 }, in_use[] = { 11, 0, 0, 0 };
	struct gunyah_rm_parcel *parcel = parcel_create(test, 3);
	struct wire *wire = wire_create(test);

	wire_answer(wire, wire_handle, sizeof(wire_handle));
	KUNIT_ASSERT_EQ(test, gunyah_rm_mem_lend(wire->rm, parcel), 0);

	wire->rm->timeout_ms = 20;
	wire_answer(wire, NULL, 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_reclaim(wire->rm, parcel->handle, false), -ETIMEDOUT);
	wire->rm->timeout_ms = 20000;
	KUNIT_EXPECT_EQ(test, wire->rm->nr_entries, 3);
	wire_answer(wire, no_handle, sizeof(no_handle));
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_reclaim(wire->rm, parcel->handle, false), 0);
	KUNIT_EXPECT_EQ(test, wire->rm->nr_entries, 0);

	/* Of another one it is bad news. */
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_reclaim(wire->rm, parcel->handle, false), -EINVAL);
	wire_answer(wire, wire_handle, sizeof(wire_handle));
	KUNIT_ASSERT_EQ(test, gunyah_rm_mem_lend(wire->rm, parcel), 0);
	wire_answer(wire, no_handle, sizeof(no_handle));
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_reclaim(wire->rm, parcel->handle, false), -EINVAL);
	KUNIT_EXPECT_EQ(test, wire->rm->nr_entries, 3);

	/* It does not get better by being asked again, or by another refusal. */
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_reclaim(wire->rm, parcel->handle, false), -EINVAL);
	wire_answer(wire, in_use, sizeof(in_use));
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_reclaim(wire->rm, parcel->handle, false), -EBUSY);
	wire_answer(wire, no_handle, sizeof(no_handle));
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_reclaim(wire->rm, parcel->handle, false), -EINVAL);
	KUNIT_EXPECT_EQ(test, wire->rm->nr_entries, 3);

	/* An answer that cannot be understood may have meant that it was done. */
	wire_answer(wire, (const u8 []){ 0, 0, 0, 1 }, 4);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_reclaim(wire->rm, parcel->handle, false), -EBADMSG);
	wire_answer(wire, no_handle, sizeof(no_handle));
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_reclaim(wire->rm, parcel->handle, false), 0);
	KUNIT_EXPECT_EQ(test, wire->rm->nr_entries, 0);
}

/* Nothing was sent, so nothing is unsure. */
static void mem_unbound_test(struct kunit *test)
{
	struct gunyah_rm_parcel *parcel = parcel_create(test, 3);
	struct wire *wire = wire_create(test);
	struct gunyah_rm *rm = gunyah_rm_get(wire->rm);

	gunyah_rm_destroy(wire->rm);
	wire->rm = NULL;
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_lend(rm, parcel), -ENODEV);
	KUNIT_EXPECT_FALSE(test, parcel->unsure);
	KUNIT_EXPECT_EQ(test, rm->nr_entries, 0);
	gunyah_rm_put(rm);
}

/* The limit is for what there is at a time. */
static void mem_limit_test(struct kunit *test)
{
	struct gunyah_rm_parcel *parcel = parcel_create(test, 4097);
	struct wire *wire = wire_create(test);
	struct gunyah_rm *rm = wire->rm;

	wire_answer(wire, wire_handle, sizeof(wire_handle));
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_lend(rm, parcel), -EDQUOT);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_share(rm, parcel), -EDQUOT);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_donate(rm, parcel), -EDQUOT);
	KUNIT_EXPECT_EQ(test, wire->nr, 0);

	rm->max_entries = 10;
	parcel->desc.nr_sgl = 6;
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_lend(rm, parcel), 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_lend(rm, parcel), -EDQUOT);
	KUNIT_EXPECT_EQ(test, parcel->handle, GUNYAH_RM_NO_HANDLE);
	KUNIT_EXPECT_FALSE(test, parcel->unsure);
	parcel->desc.nr_sgl = 4;
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_donate(rm, parcel), 0);
	KUNIT_EXPECT_EQ(test, rm->nr_entries, 6);
	KUNIT_EXPECT_EQ(test, wire->nr, 2);

	/* RM's own refusal is another error. */
	wire_answer(wire, wire_nomem, sizeof(wire_nomem));
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_lend(rm, parcel), -ENOMEM);
	KUNIT_EXPECT_EQ(test, rm->nr_entries, 6);

	/* Somebody else's, and one that is not given back, change nothing. */
	wire_answer(wire, wire_ok, sizeof(wire_ok));
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_reclaim(rm, WIRE_HANDLE + 1, false), 0);
	KUNIT_EXPECT_EQ(test, rm->nr_entries, 6);
	wire_answer(wire, wire_state, sizeof(wire_state));
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_reclaim(rm, WIRE_HANDLE, false), -EINVAL);
	KUNIT_EXPECT_EQ(test, rm->nr_entries, 6);
	wire_answer(wire, wire_ok, sizeof(wire_ok));
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_reclaim(rm, WIRE_HANDLE, false), 0);
	KUNIT_EXPECT_EQ(test, rm->nr_entries, 0);
}

/* The longest lists there can be still fit into one message. */
static void mem_longest_test(struct kunit *test)
{
	struct gunyah_rm_mem_attr *attrs = kunit_kcalloc(test, 513, sizeof(*attrs), GFP_KERNEL);
	struct gunyah_rm_mem_acl *acls = kunit_kcalloc(test, 513, sizeof(*acls), GFP_KERNEL);
	struct gunyah_rm_parcel *parcel = parcel_create(test, 512);
	struct wire *wire = wire_create(test);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, attrs);
	KUNIT_ASSERT_NOT_NULL(test, acls);
	for (i = 0; i < 513; i++) {
		acls[i] = (struct gunyah_rm_mem_acl){ .vmid = i + 1, .rights = 4 };
		attrs[i] = (struct gunyah_rm_mem_attr){ .vmid = i + 1, .cache = 3 };
	}
	parcel->desc.acl = acls;
	parcel->desc.attrs = attrs;
	parcel->desc.nr_acl = 512;
	parcel->desc.nr_attrs = 512;

	wire_answer(wire, wire_handle, sizeof(wire_handle));
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_share(wire->rm, parcel), 0);
	KUNIT_EXPECT_EQ(test, wire_last(wire)->size, 8 + 3 * 4 + 512 * (4 + 16 + 4));

	parcel->desc.nr_acl = 513;
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_share(wire->rm, parcel), -E2BIG);
	parcel->desc.nr_acl = 512;
	parcel->desc.nr_attrs = 513;
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_share(wire->rm, parcel), -E2BIG);
	parcel->desc.nr_acl = SIZE_MAX;
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_share(wire->rm, parcel), -E2BIG);
	KUNIT_EXPECT_EQ(test, wire->nr, 1);
}

/* What a parcel cannot be. */

#define RANGE(_base, _size)	{ .base = (_base), .size = (_size) }

static const struct bad_parcel {
	const char *name;
	u32 type;
	bool sanitize;
	u8 nr_acl;
	struct gunyah_rm_mem_acl acl[2];
	u8 nr_sgl;
	struct gunyah_rm_range sgl[2];
	u8 nr_attrs;
	struct { u16 vmid; u32 cache; } attrs[2];
} bad_parcels[] = {
	{ "type", 2, false, 1, { { 1, 7 } }, 1, { RANGE(0, 0x1000) } },
	{ "no access list", 0, false, 0, { }, 1, { RANGE(0, 0x1000) } },
	{ "no addresses", 0, false, 1, { { 1, 7 } }, 0 },
	{ "no rights", 0, false, 1, { { 1, 0 } }, 1, { RANGE(0, 0x1000) } },
	{ "execute only", 0, false, 1, { { 1, 1 } }, 1, { RANGE(0, 0x1000) } },
	{ "write only", 0, false, 1, { { 1, 2 } }, 1, { RANGE(0, 0x1000) } },
	{ "write and execute", 0, false, 1, { { 1, 3 } }, 1, { RANGE(0, 0x1000) } },
	{ "unknown right", 0, false, 1, { { 1, 12 } }, 1, { RANGE(0, 0x1000) } },
	{ "execute I/O", 1, false, 1, { { 1, 5 } }, 1, { RANGE(0, 0x1000) } },
	{ "sanitize I/O", 1, true, 1, { { 1, 6 } }, 1, { RANGE(0, 0x1000) } },
	{ "a VM twice", 0, false, 2, { { 1, 7 }, { 1, 4 } }, 1, { RANGE(0, 0x1000) } },
	{ "size 0", 0, false, 1, { { 1, 7 } }, 1, { RANGE(0x1000, 0) } },
	{ "size of half a page", 0, false, 1, { { 1, 7 } }, 1, { RANGE(0x1000, 0x800) } },
	{ "address in a page", 0, false, 1, { { 1, 7 } }, 1, { RANGE(0x1001, 0x1000) } },
	{ "address too high", 0, false, 1, { { 1, 7 } }, 1, { RANGE(1ULL << 44, 0x1000) } },
	{ "end too high", 0, false, 1, { { 1, 7 } }, 1, { RANGE((1ULL << 44) - 0x1000, 0x2000) } },
	{ "overflow", 0, false, 1, { { 1, 7 } }, 1, { RANGE(0x1000, U64_MAX - 0xfff) } },
	{ "second range", 0, false, 1, { { 1, 7 } }, 2, { RANGE(0, 0x1000), RANGE(0, 1) } },
	{ "unknown attribute", 0, false, 1, { { 1, 7 } }, 1, { RANGE(0, 0x1000) },
	  1, { { 1, 4 } } },
	{ "attribute of another VM", 0, false, 1, { { 1, 7 } }, 1, { RANGE(0, 0x1000) },
	  1, { { 2, 3 } } },
	{ "attribute twice", 0, false, 1, { { 1, 7 } }, 1, { RANGE(0, 0x1000) },
	  2, { { 1, 3 }, { 1, 3 } } },
	{ "cached I/O", 1, false, 1, { { 1, 6 } }, 1, { RANGE(0, 0x1000) }, 1, { { 1, 3 } } },
};

static void bad_parcel_desc(const struct bad_parcel *bad, char *desc)
{
	strscpy(desc, bad->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(bad_parcel, bad_parcels, bad_parcel_desc);

static void mem_bad_parcel_test(struct kunit *test)
{
	const struct bad_parcel *bad = test->param_value;
	struct gunyah_rm_mem_accept accept = { .handle = 1 };
	struct gunyah_rm_mem_attr attrs[2] = {};
	struct gunyah_rm_parcel parcel = {};
	struct gunyah_rm_mem_map *map = NULL;
	struct wire *wire = wire_create(test);
	unsigned int i;
	u32 handle;

	for (i = 0; i < 2; i++) {
		attrs[i].vmid = bad->attrs[i].vmid;
		attrs[i].cache = bad->attrs[i].cache;
	}
	parcel.sanitize = bad->sanitize;
	parcel.desc = (struct gunyah_rm_mem_desc){
		.type = bad->type,
		.nr_acl = bad->nr_acl, .acl = bad->acl,
		.nr_sgl = bad->nr_sgl, .sgl = bad->sgl,
		.nr_attrs = bad->nr_attrs, .attrs = attrs,
	};
	accept.desc = parcel.desc;

	wire_answer(wire, wire_handle, sizeof(wire_handle));
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_lend(wire->rm, &parcel), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_share(wire->rm, &parcel), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_donate(wire->rm, &parcel), -EINVAL);
	if (!bad->sanitize && bad->nr_sgl)
		KUNIT_EXPECT_EQ(test, gunyah_rm_mem_accept(wire->rm, &accept, &map), -EINVAL);
	if (!bad->sanitize)
		KUNIT_EXPECT_EQ(test, gunyah_rm_mem_qcom_lookup_sgl(wire->rm, &parcel.desc,
								    &handle), -EINVAL);
	KUNIT_EXPECT_EQ(test, wire->nr, 0);
	KUNIT_EXPECT_EQ(test, wire->rm->nr_entries, 0);
}

/* A gift has one receiver, with all rights and without conditions. */
static void mem_bad_donation_test(struct kunit *test)
{
	static const struct gunyah_rm_mem_acl acls[] = { { 1, 7 }, { 2, 7 } };
	static const struct gunyah_rm_mem_acl few = { 1, 6 };
	static const struct gunyah_rm_mem_attr attr = { 1, GUNYAH_RM_MEM_CACHED };
	struct gunyah_rm_parcel *parcel = parcel_create(test, 1);
	struct wire *wire = wire_create(test);

	wire_answer(wire, wire_handle, sizeof(wire_handle));
	parcel->desc.acl = acls;
	parcel->desc.nr_acl = 2;
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_donate(wire->rm, parcel), -EINVAL);
	parcel->desc.nr_acl = 1;
	parcel->desc.nr_attrs = 1;
	parcel->desc.attrs = &attr;
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_donate(wire->rm, parcel), -EINVAL);
	parcel->desc.nr_attrs = 0;
	parcel->desc.acl = &few;
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_donate(wire->rm, parcel), -EINVAL);
	KUNIT_EXPECT_EQ(test, wire->nr, 0);
	parcel->desc.acl = acls;
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_donate(wire->rm, parcel), 0);
}

/* The other calls. */
static void mem_limits_test(struct kunit *test)
{
	static const u16 vmids[513];
	struct gunyah_rm_parcel *parcel = parcel_create(test, 513);
	struct gunyah_rm_mem_accept accept = { .handle = 1, .desc = parcel->desc };
	struct gunyah_rm_mem_notify notify = { .handle = 1, .event = 1, .vmids = vmids };
	struct wire *wire = wire_create(test);
	struct gunyah_rm *rm = wire->rm;
	unsigned int event;
	u32 handle;

	wire_answer(wire, wire_ok, sizeof(wire_ok));
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_accept(rm, &accept, NULL), -E2BIG);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_qcom_lookup_sgl(rm, &accept.desc, &handle), -E2BIG);
	accept.desc.nr_sgl = 1;
	accept.flags = 8;
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_accept(rm, &accept, NULL), -EINVAL);
	accept.flags = 0;
	accept.trans = 3;
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_accept(rm, &accept, NULL), -EINVAL);
	accept.trans = 0;
	accept.handle = GUNYAH_RM_NO_HANDLE;
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_accept(rm, &accept, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_release(rm, ~0U, false), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_reclaim(rm, ~0U, false), -EINVAL);

	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_notify(rm, &notify, GUNYAH_RM_HAS_RM_RPC), -EINVAL);
	notify.nr_vmids = 513;
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_notify(rm, &notify, GUNYAH_RM_HAS_RM_RPC), -E2BIG);
	notify.nr_vmids = 1;
	for (event = 0; event < 32; event++) {
		notify.event = event;
		if (event != 1 && event != 8)
			KUNIT_EXPECT_EQ(test, gunyah_rm_mem_notify(rm, &notify,
								   GUNYAH_RM_HAS_RM_RPC), -EINVAL);
	}
	notify.event = 1;
	notify.handle = GUNYAH_RM_NO_HANDLE;
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_notify(rm, &notify, GUNYAH_RM_HAS_RM_RPC), -EINVAL);
	KUNIT_EXPECT_EQ(test, wire->nr, 0);

	notify.handle = 0;
	notify.nr_vmids = 512;
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_notify(rm, &notify, GUNYAH_RM_HAS_RM_RPC), 0);
	KUNIT_EXPECT_EQ(test, wire_last(wire)->size, 12 + 4 + 512 * 4);
}

/* The longest map a reply can have. */
static void mem_longest_map_test(struct kunit *test)
{
	u8 *reply = kunit_kzalloc(test, 8 + 512 * 16, GFP_KERNEL);
	struct gunyah_rm_parcel *parcel = parcel_create(test, 1);
	struct gunyah_rm_mem_accept accept = { .handle = 0, .desc = parcel->desc };
	struct gunyah_rm_mem_map *map = NULL;
	struct wire *wire = wire_create(test);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, reply);
	reply[5] = 2;
	for (i = 0; i < 512; i++)
		reply[8 + i * 16 + 9] = 0x10;
	accept.desc.nr_sgl = 0;

	wire_answer(wire, reply, 8 + 512 * 16);
	KUNIT_ASSERT_EQ(test, gunyah_rm_mem_accept(wire->rm, &accept, &map), 0);
	KUNIT_EXPECT_EQ(test, map->nr, 512);
	KUNIT_EXPECT_FALSE(test, map->incomplete);
	KUNIT_EXPECT_EQ(test, map->entries[511].size, 0x1000);
	kvfree(map);
}

static struct kunit_case mem_cases[] = {
	KUNIT_CASE_PARAM(mem_split_test, split_gen_params),
	KUNIT_CASE(mem_time_test),
	KUNIT_CASE(mem_zero_handle_test),
	KUNIT_CASE(mem_append_fails_test),
	KUNIT_CASE(mem_leftover_test),
	KUNIT_CASE(mem_reclaim_again_test),
	KUNIT_CASE(mem_unsure_test),
	KUNIT_CASE(mem_unbound_test),
	KUNIT_CASE(mem_limit_test),
	KUNIT_CASE(mem_longest_test),
	KUNIT_CASE_PARAM(mem_bad_parcel_test, bad_parcel_gen_params),
	KUNIT_CASE(mem_bad_donation_test),
	KUNIT_CASE(mem_limits_test),
	KUNIT_CASE(mem_longest_map_test),
	{ }
};

struct kunit_suite gunyah_rm_rpc_mem_suite = {
	.name = "gunyah_rm_rpc_mem",
	.test_cases = mem_cases,
};
