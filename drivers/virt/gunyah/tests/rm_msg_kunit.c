// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the framing of resource-manager messages: every way in which a
 * message can be right, and every way in which it can be wrong.
 */
#include <kunit/test.h>
#include <linux/array_size.h>
#include <linux/module.h>
#include <linux/string.h>

#include "../rm_msg.h"

#define ID	0x56000024
#define SEQ	0x1234

/* A guard behind the destination, to see a byte too many. */
#define CANARY	0xa5

static u8 pattern(size_t i)
{
	return i * 7 + (i >> 8);
}

static u8 *pattern_alloc(struct kunit *test, size_t size)
{
	u8 *buf = kunit_kzalloc(test, size + 1, GFP_KERNEL);
	size_t i;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	for (i = 0; i < size; i++)
		buf[i] = pattern(i);

	return buf;
}

/* The layout, byte by byte: not what encode and decode agree on. */
static void rm_msg_layout_test(struct kunit *test)
{
	static const u8 expected[] = {
		0x21, 0x01, 0x34, 0x12, 0x24, 0x00, 0x00, 0x56, 0xaa, 0xbb,
	};
	static const u8 payload[] = { 0xaa, 0xbb };
	u8 buf[GUNYAH_RM_FRAG_SIZE];
	size_t size;

	size = gunyah_rm_msg_encode(buf, GUNYAH_RM_REQUEST, ID, SEQ, payload, sizeof(payload), 0);
	KUNIT_EXPECT_EQ(test, size, sizeof(expected));
	KUNIT_EXPECT_MEMEQ(test, buf, expected, sizeof(expected));
}

static void rm_msg_layout_fragments_test(struct kunit *test)
{
	u8 *payload = pattern_alloc(test, 233);
	u8 buf[GUNYAH_RM_FRAG_SIZE];

	KUNIT_EXPECT_EQ(test, gunyah_rm_msg_encode(buf, GUNYAH_RM_REPLY, ID, SEQ, payload, 233, 0),
			240);
	KUNIT_EXPECT_EQ(test, buf[1], 1 << 2 | 2);
	KUNIT_EXPECT_EQ(test, gunyah_rm_msg_encode(buf, GUNYAH_RM_REPLY, ID, SEQ, payload, 233, 1),
			9);
	KUNIT_EXPECT_EQ(test, buf[1], 1 << 2);
	KUNIT_EXPECT_EQ(test, buf[8], pattern(232));
	KUNIT_EXPECT_EQ(test, gunyah_rm_msg_encode(buf, GUNYAH_RM_REPLY, ID, SEQ, payload, 233, 2),
			0);
}

static void rm_msg_limits_test(struct kunit *test)
{
	u8 buf[GUNYAH_RM_FRAG_SIZE];

	KUNIT_EXPECT_EQ(test, GUNYAH_RM_MAX_PAYLOAD, 14616);
	KUNIT_EXPECT_EQ(test, GUNYAH_RM_MAX_REQUEST, 14384);
	KUNIT_EXPECT_EQ(test, gunyah_rm_msg_nr_frags(0), 1);
	KUNIT_EXPECT_EQ(test, gunyah_rm_msg_nr_frags(1), 1);
	KUNIT_EXPECT_EQ(test, gunyah_rm_msg_nr_frags(232), 1);
	KUNIT_EXPECT_EQ(test, gunyah_rm_msg_nr_frags(233), 2);
	KUNIT_EXPECT_EQ(test, gunyah_rm_msg_nr_frags(GUNYAH_RM_MAX_REQUEST), 62);
	KUNIT_EXPECT_EQ(test, gunyah_rm_msg_nr_frags(GUNYAH_RM_MAX_PAYLOAD), 63);
	KUNIT_EXPECT_EQ(test, gunyah_rm_msg_encode(buf, GUNYAH_RM_REQUEST, ID, SEQ, buf,
						   GUNYAH_RM_MAX_PAYLOAD + 1, 0), 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_msg_encode(buf, GUNYAH_RM_REQUEST, ID, SEQ, NULL, 0, 1), 0);
}

static void rm_msg_drop_names_test(struct kunit *test)
{
	unsigned int i, j;

	for (i = 0; i < GUNYAH_RM_NR_DROPS; i++) {
		KUNIT_ASSERT_NOT_NULL(test, gunyah_rm_drop_name(i));
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, gunyah_rm_drop_name(i), gunyah_rm_drop_name(j));
	}
	KUNIT_EXPECT_STREQ(test, gunyah_rm_drop_name(GUNYAH_RM_NR_DROPS), "unknown");
}

/* Every header byte that can be wrong. */
struct header_case {
	const char *name;
	size_t size;
	u8 api;
	u8 type;
	enum gunyah_rm_drop drop;
};

static const struct header_case header_cases[] = {
	{ "empty", 0, 0x21, 0x02, GUNYAH_RM_DROP_SHORT },
	{ "one byte", 1, 0x21, 0x02, GUNYAH_RM_DROP_SHORT },
	{ "seven bytes", 7, 0x21, 0x02, GUNYAH_RM_DROP_SHORT },
	{ "header alone", 8, 0x21, 0x02, GUNYAH_RM_DROP_NONE },
	{ "full", 240, 0x21, 0x02, GUNYAH_RM_DROP_NONE },
	{ "241 bytes", 241, 0x21, 0x02, GUNYAH_RM_DROP_LONG },
	{ "version 0", 16, 0x20, 0x02, GUNYAH_RM_DROP_VERSION },
	{ "version 2", 16, 0x22, 0x02, GUNYAH_RM_DROP_VERSION },
	{ "version 15", 16, 0x2f, 0x02, GUNYAH_RM_DROP_VERSION },
	{ "header of no words", 16, 0x01, 0x02, GUNYAH_RM_DROP_HDR_SIZE },
	{ "header of one word", 16, 0x11, 0x02, GUNYAH_RM_DROP_HDR_SIZE },
	{ "header of three words", 16, 0x31, 0x02, GUNYAH_RM_DROP_HDR_SIZE },
	{ "62 follow", 16, 0x21, 62 << 2 | 2, GUNYAH_RM_DROP_NONE },
	{ "63 follow", 16, 0x21, 63 << 2 | 2, GUNYAH_RM_DROP_FRAGMENTS },
};

static void header_case_desc(const struct header_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(header, header_cases, header_case_desc);

static void rm_msg_header_test(struct kunit *test)
{
	const struct header_case *c = test->param_value;
	struct gunyah_rm_frag frag = {};
	/* Exactly as large, so that KASAN sees a read behind the end. */
	u8 *buf = kunit_kzalloc(test, c->size ?: 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, buf);
	if (c->size > 1)
		buf[1] = c->type;
	if (c->size > 0)
		buf[0] = c->api;

	KUNIT_EXPECT_EQ(test, gunyah_rm_msg_decode(buf, c->size, &frag), c->drop);
	if (c->drop)
		return;

	KUNIT_EXPECT_EQ(test, frag.type, GUNYAH_RM_REPLY);
	KUNIT_EXPECT_EQ(test, frag.follow, c->type >> 2);
	KUNIT_EXPECT_EQ(test, frag.size, c->size - 8);
}

/* A stranger's fragment in the place of fragment 1 of a reply with three. */
struct cont_case {
	const char *name;
	enum gunyah_rm_msg_type type;
	u8 follow;
	u16 seq;
	u32 id;
	enum gunyah_rm_drop drop;
};

static const struct cont_case cont_cases[] = {
	{ "right", GUNYAH_RM_CONTINUATION, 2, SEQ, ID, GUNYAH_RM_DROP_NONE },
	{ "other id", GUNYAH_RM_CONTINUATION, 2, SEQ, ID ^ 0x01000000, GUNYAH_RM_DROP_CONT_ID },
	{ "other sequence number", GUNYAH_RM_CONTINUATION, 2, SEQ ^ 0x100, ID,
	  GUNYAH_RM_DROP_CONT_SEQ },
	{ "smaller count", GUNYAH_RM_CONTINUATION, 1, SEQ, ID, GUNYAH_RM_DROP_CONT_COUNT },
	{ "larger count", GUNYAH_RM_CONTINUATION, 3, SEQ, ID, GUNYAH_RM_DROP_CONT_COUNT },
	{ "other id and number", GUNYAH_RM_CONTINUATION, 2, SEQ + 1, ID + 1,
	  GUNYAH_RM_DROP_CONT_ID },
};

static void cont_case_desc(const struct cont_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(cont, cont_cases, cont_case_desc);

static void rm_msg_continuation_test(struct kunit *test)
{
	const struct cont_case *c = test->param_value;
	static const u8 content[4] = { 1, 2, 3, 4 };
	struct gunyah_rm_frag first = {
		.type = GUNYAH_RM_REPLY,
		.follow = 2,
		.seq = SEQ,
		.id = ID,
		.data = content,
		.size = sizeof(content),
	};
	struct gunyah_rm_frag next = {
		.type = c->type,
		.follow = c->follow,
		.seq = c->seq,
		.id = c->id,
		.data = content,
		.size = sizeof(content),
	};
	struct gunyah_rm_rx rx = {};
	u8 dst[16] = {};

	KUNIT_ASSERT_EQ(test, gunyah_rm_rx_first(&rx, &first, dst, sizeof(dst)),
			GUNYAH_RM_DROP_NONE);
	KUNIT_EXPECT_EQ(test, gunyah_rm_rx_next(&rx, &next), c->drop);
	KUNIT_EXPECT_EQ(test, rx.left, c->drop ? 2 : 1);
	KUNIT_EXPECT_EQ(test, rx.size, c->drop ? 4 : 8);
	KUNIT_EXPECT_FALSE(test, gunyah_rm_rx_complete(&rx));
}

static void rm_msg_stray_test(struct kunit *test)
{
	struct gunyah_rm_frag frag = { .type = GUNYAH_RM_REPLY, .seq = SEQ, .id = ID };
	struct gunyah_rm_rx rx = {};

	frag.type = GUNYAH_RM_CONTINUATION;
	KUNIT_EXPECT_EQ(test, gunyah_rm_rx_next(&rx, &frag), GUNYAH_RM_DROP_STRAY);
	KUNIT_EXPECT_EQ(test, gunyah_rm_rx_first(&rx, &frag, NULL, 0), GUNYAH_RM_DROP_TYPE);

	/* One more than announced. */
	frag.type = GUNYAH_RM_REPLY;
	KUNIT_EXPECT_EQ(test, gunyah_rm_rx_first(&rx, &frag, NULL, 0), GUNYAH_RM_DROP_NONE);
	KUNIT_EXPECT_TRUE(test, gunyah_rm_rx_complete(&rx));
	frag.type = GUNYAH_RM_CONTINUATION;
	KUNIT_EXPECT_EQ(test, gunyah_rm_rx_next(&rx, &frag), GUNYAH_RM_DROP_STRAY);
}

static void rm_msg_first_type_test(struct kunit *test)
{
	struct gunyah_rm_frag frag = { .seq = SEQ, .id = ID };
	struct gunyah_rm_rx rx = {};

	frag.type = GUNYAH_RM_REQUEST;
	KUNIT_EXPECT_EQ(test, gunyah_rm_rx_first(&rx, &frag, NULL, 0), GUNYAH_RM_DROP_TYPE);
	KUNIT_EXPECT_FALSE(test, gunyah_rm_rx_complete(&rx));

	frag.type = GUNYAH_RM_NOTIFICATION;
	KUNIT_EXPECT_EQ(test, gunyah_rm_rx_first(&rx, &frag, NULL, 0), GUNYAH_RM_DROP_NONE);
	KUNIT_EXPECT_TRUE(test, gunyah_rm_rx_complete(&rx));

	gunyah_rm_rx_forget(&rx);
	KUNIT_EXPECT_FALSE(test, gunyah_rm_rx_complete(&rx));
}

/* More content than there is room for, in the first and in a later fragment. */
static void rm_msg_sum_test(struct kunit *test)
{
	static const u8 content[8] = {};
	struct gunyah_rm_frag frag = {
		.type = GUNYAH_RM_REPLY,
		.follow = 1,
		.seq = SEQ,
		.id = ID,
		.data = content,
		.size = sizeof(content),
	};
	struct gunyah_rm_rx rx = {};
	u8 dst[12];

	memset(dst, CANARY, sizeof(dst));
	KUNIT_EXPECT_EQ(test, gunyah_rm_rx_first(&rx, &frag, dst, 7), GUNYAH_RM_DROP_SUM);
	KUNIT_EXPECT_EQ(test, dst[0], CANARY);

	KUNIT_EXPECT_EQ(test, gunyah_rm_rx_first(&rx, &frag, dst, 11), GUNYAH_RM_DROP_NONE);
	frag.type = GUNYAH_RM_CONTINUATION;
	KUNIT_EXPECT_EQ(test, gunyah_rm_rx_next(&rx, &frag), GUNYAH_RM_DROP_SUM);
	KUNIT_EXPECT_EQ(test, dst[8], CANARY);

	/* Followed, but not kept: nothing can be too much. */
	frag.type = GUNYAH_RM_REPLY;
	KUNIT_EXPECT_EQ(test, gunyah_rm_rx_first(&rx, &frag, NULL, 0), GUNYAH_RM_DROP_NONE);
	frag.type = GUNYAH_RM_CONTINUATION;
	KUNIT_EXPECT_EQ(test, gunyah_rm_rx_next(&rx, &frag), GUNYAH_RM_DROP_NONE);
	KUNIT_EXPECT_TRUE(test, gunyah_rm_rx_complete(&rx));
}

static void round_trip(struct kunit *test, const u8 *payload, u8 *dst, size_t size)
{
	unsigned int nr = gunyah_rm_msg_nr_frags(size), i;
	u8 buf[GUNYAH_RM_FRAG_SIZE];
	struct gunyah_rm_rx rx = {};

	dst[size] = CANARY;

	for (i = 0; i < nr; i++) {
		struct gunyah_rm_frag frag;
		size_t len;

		KUNIT_ASSERT_FALSE(test, gunyah_rm_rx_complete(&rx));
		len = gunyah_rm_msg_encode(buf, GUNYAH_RM_REPLY, ID, SEQ, payload, size, i);
		KUNIT_ASSERT_EQ(test, gunyah_rm_msg_decode(buf, len, &frag), GUNYAH_RM_DROP_NONE);
		KUNIT_ASSERT_EQ(test, frag.type, i ? GUNYAH_RM_CONTINUATION : GUNYAH_RM_REPLY);
		if (i)
			KUNIT_ASSERT_EQ(test, gunyah_rm_rx_next(&rx, &frag), GUNYAH_RM_DROP_NONE);
		else
			KUNIT_ASSERT_EQ(test, gunyah_rm_rx_first(&rx, &frag, dst, size),
					GUNYAH_RM_DROP_NONE);
	}

	KUNIT_EXPECT_TRUE(test, gunyah_rm_rx_complete(&rx));
	KUNIT_EXPECT_EQ(test, rx.size, size);
	KUNIT_EXPECT_MEMEQ(test, dst, payload, size);
	KUNIT_EXPECT_EQ(test, dst[size], CANARY);
}

/* Every number of fragments, with the last one empty but for a byte, and full. */
static void rm_msg_round_trip_test(struct kunit *test)
{
	u8 *payload = pattern_alloc(test, GUNYAH_RM_MAX_PAYLOAD);
	u8 *dst = kunit_kzalloc(test, GUNYAH_RM_MAX_PAYLOAD + 1, GFP_KERNEL);
	unsigned int nr;

	KUNIT_ASSERT_NOT_NULL(test, dst);

	round_trip(test, payload, dst, 0);
	for (nr = 1; nr <= GUNYAH_RM_MAX_FOLLOW + 1; nr++) {
		round_trip(test, payload, dst, (nr - 1) * GUNYAH_RM_CONTENT_SIZE + 1);
		round_trip(test, payload, dst, nr * GUNYAH_RM_CONTENT_SIZE);
	}
}

/* A sender may fill its fragments as it likes; only the sum counts. */
static void rm_msg_uneven_test(struct kunit *test)
{
	static const size_t sizes[] = { 0, 3, 0, 232, 1 };
	u8 *payload = pattern_alloc(test, 236);
	struct gunyah_rm_frag frag = { .follow = 4, .seq = SEQ, .id = ID };
	u8 *dst = kunit_kzalloc(test, 236, GFP_KERNEL);
	struct gunyah_rm_rx rx = {};
	size_t offset = 0, i;

	KUNIT_ASSERT_NOT_NULL(test, dst);

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		frag.type = i ? GUNYAH_RM_CONTINUATION : GUNYAH_RM_NOTIFICATION;
		frag.data = payload + offset;
		frag.size = sizes[i];
		offset += sizes[i];
		if (i)
			KUNIT_EXPECT_EQ(test, gunyah_rm_rx_next(&rx, &frag), GUNYAH_RM_DROP_NONE);
		else
			KUNIT_EXPECT_EQ(test, gunyah_rm_rx_first(&rx, &frag, dst, 236),
					GUNYAH_RM_DROP_NONE);
	}

	KUNIT_EXPECT_TRUE(test, gunyah_rm_rx_complete(&rx));
	KUNIT_EXPECT_EQ(test, rx.size, 236);
	KUNIT_EXPECT_MEMEQ(test, dst, payload, 236);
}

static struct kunit_case rm_msg_cases[] = {
	KUNIT_CASE(rm_msg_layout_test),
	KUNIT_CASE(rm_msg_layout_fragments_test),
	KUNIT_CASE(rm_msg_limits_test),
	KUNIT_CASE(rm_msg_drop_names_test),
	KUNIT_CASE_PARAM(rm_msg_header_test, header_gen_params),
	KUNIT_CASE_PARAM(rm_msg_continuation_test, cont_gen_params),
	KUNIT_CASE(rm_msg_stray_test),
	KUNIT_CASE(rm_msg_first_type_test),
	KUNIT_CASE(rm_msg_sum_test),
	KUNIT_CASE(rm_msg_round_trip_test),
	KUNIT_CASE(rm_msg_uneven_test),
	{ }
};

static struct kunit_suite rm_msg_suite = {
	.name = "gunyah_rm_msg",
	.test_cases = rm_msg_cases,
};

kunit_test_suite(rm_msg_suite);

MODULE_DESCRIPTION("KUnit tests of Gunyah resource-manager framing");
MODULE_LICENSE("GPL");
MODULE_INFO(import_ns, "EXPORTED_FOR_KUNIT_TESTING");
