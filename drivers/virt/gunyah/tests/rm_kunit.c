// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the client of the resource manager: calls.
 *
 * The other end of the mailbox channel is the test itself (rm_fake.c), which
 * sends what no well-behaved manager would. Nothing here depends on how fast
 * something is: a test waits for an event, or for a bound that it has set low.
 */
#include <kunit/test.h>
#include <linux/array_size.h>
#include <linux/bitmap.h>
#include <linux/cleanup.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "rm_fake.h"
#include "rm_kunit.h"

#define ID	0x56000024

/* A bound for calls that are meant to reach it. */
#define SHORT_MS	40

static struct fake_req *req_alloc(struct kunit *test)
{
	struct fake_req *req = kunit_kzalloc(test, sizeof(*req), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, req);

	return req;
}

static u8 *payload_alloc(struct kunit *test, size_t size)
{
	u8 *buf = kunit_kzalloc(test, size ?: 1, GFP_KERNEL);
	size_t i;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	for (i = 0; i < size; i++)
		buf[i] = i * 7 + (i >> 8) + 1;

	return buf;
}

/* A call that goes well, to show that the client is in order. */
static void expect_working(struct kunit *test, struct fake *fake)
{
	static const u8 data[] = { 3, 0, 0, 0 };
	struct fake_req *req = req_alloc(test);
	struct fake_call *call;

	call = fake_call_start(fake, ID, NULL, 0, 8);
	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	KUNIT_EXPECT_EQ(test, req->id, ID);
	KUNIT_EXPECT_EQ(test, req->size, 0);
	fake_reply(fake, req, RM_STATUS_OK, data, sizeof(data));

	KUNIT_EXPECT_EQ(test, fake_call_end(fake, call), 0);
	KUNIT_EXPECT_EQ(test, call->xfer.status, RM_STATUS_OK);
	KUNIT_EXPECT_EQ(test, call->xfer.resp_size, 8);
	KUNIT_EXPECT_MEMEQ(test, call->resp + 4, data, sizeof(data));
	kunit_kfree(test, req);
}

static void rm_round_trip_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);

	expect_working(test, fake);
	expect_working(test, fake);
	KUNIT_EXPECT_EQ(test, fake_counter(fake, RM_CTR_CALLS), 2);
	KUNIT_EXPECT_EQ(test, fake_counter(fake, RM_CTR_REPLIES), 2);
	KUNIT_EXPECT_EQ(test, fake_counter(fake, RM_CTR_TX_FRAGMENTS), 2);
	KUNIT_EXPECT_EQ(test, fake_counter(fake, RM_CTR_RX_FRAGMENTS), 2);
}

/* Numbers ascend by one and wrap. */
static void rm_sequence_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct fake_req *req = req_alloc(test);
	struct fake_call *call;
	unsigned int i;

	fake->rm->next_seq = U16_MAX;
	for (i = 0; i < 3; i++) {
		call = fake_call_start(fake, ID, NULL, 0, 8);
		KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
		KUNIT_EXPECT_EQ(test, req->seq, (u16)(U16_MAX + i));
		fake_reply(fake, req, RM_STATUS_OK, NULL, 0);
		KUNIT_EXPECT_EQ(test, fake_call_end(fake, call), 0);
	}
}

/* Requests of every length in fragments, the last one full or almost empty. */
static void rm_request_fragments_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct fake_req *req = req_alloc(test);
	u8 *payload = payload_alloc(test, GUNYAH_RM_MAX_REQUEST);
	struct fake_call *call;
	unsigned int nr;

	for (nr = 1; nr <= GUNYAH_RM_MAX_FOLLOW; nr++) {
		size_t size = nr * GUNYAH_RM_CONTENT_SIZE;

		if (nr & 1)
			size -= GUNYAH_RM_CONTENT_SIZE - 1;
		call = fake_call_start(fake, ID + nr, payload, size, 8);
		KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
		fake_reply(fake, req, RM_STATUS_OK, NULL, 0);
		KUNIT_ASSERT_EQ(test, fake_call_end(fake, call), 0);

		KUNIT_ASSERT_EQ(test, req->nr_frags, nr);
		KUNIT_ASSERT_EQ(test, req->size, size);
		KUNIT_ASSERT_EQ(test, memcmp(req->data, payload, size), 0);
	}
}

/* The queue takes three fragments at a time, and never more than 16 wait. */
static void rm_request_backpressure_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct fake_req *req = req_alloc(test);
	u8 *payload = payload_alloc(test, GUNYAH_RM_MAX_REQUEST);
	struct fake_call *call;
	unsigned int nr;

	fake_room_set(fake, 3);
	call = fake_call_start(fake, ID, payload, GUNYAH_RM_MAX_REQUEST, 8);

	for (nr = 3; nr < GUNYAH_RM_MAX_FOLLOW; nr += 3) {
		KUNIT_ASSERT_TRUE(test, fake_wait_frags(fake, nr));
		KUNIT_EXPECT_LE(test, fake_counter(fake, RM_CTR_TX_FRAGMENTS), nr + RM_NR_SLOTS);
		fake_room_set(fake, 3);
	}

	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	KUNIT_EXPECT_EQ(test, req->size, GUNYAH_RM_MAX_REQUEST);
	KUNIT_EXPECT_EQ(test, memcmp(req->data, payload, req->size), 0);
	fake_reply(fake, req, RM_STATUS_OK, NULL, 0);
	KUNIT_EXPECT_EQ(test, fake_call_end(fake, call), 0);
}

/* Replies of every length in fragments, up to the very last byte. */
static void rm_reply_fragments_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct fake_req *req = req_alloc(test);
	u8 *data = payload_alloc(test, GUNYAH_RM_MAX_PAYLOAD);
	struct fake_call *call;
	unsigned int nr;

	for (nr = 1; nr <= GUNYAH_RM_MAX_FOLLOW + 1; nr++) {
		size_t size = nr * GUNYAH_RM_CONTENT_SIZE - RM_STATUS_SIZE;

		call = fake_call_start(fake, ID, NULL, 0, GUNYAH_RM_MAX_PAYLOAD);
		KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
		fake_reply(fake, req, RM_STATUS_OK, data, size);
		KUNIT_ASSERT_EQ(test, fake_call_end(fake, call), 0);
		KUNIT_ASSERT_EQ(test, call->xfer.resp_size, size + RM_STATUS_SIZE);
		KUNIT_ASSERT_EQ(test, memcmp(call->resp + RM_STATUS_SIZE, data, size), 0);
	}
}

/* How a reply is too short or too long, and what the caller then gets. */
struct length_case {
	const char *name;
	size_t size;
	u32 status;
	size_t resp_min;
	size_t resp_max;
	int ret;
	enum gunyah_rm_drop drop;
};

static const struct length_case length_cases[] = {
	{ "empty", 0, 0, 4, 4, -EBADMSG, GUNYAH_RM_DROP_REPLY_SHORT },
	{ "part of a status", 3, 0, 4, 4, -EBADMSG, GUNYAH_RM_DROP_REPLY_SHORT },
	{ "status", 4, 0, 4, 4, 0, GUNYAH_RM_DROP_NONE },
	{ "status without data", 4, 0, 8, 8, -EBADMSG, GUNYAH_RM_DROP_REPLY_SHORT },
	{ "data a byte short", 7, 0, 8, 8, -EBADMSG, GUNYAH_RM_DROP_REPLY_SHORT },
	{ "data", 8, 0, 8, 8, 0, GUNYAH_RM_DROP_NONE },
	{ "data a byte long", 9, 0, 8, 8, -EBADMSG, GUNYAH_RM_DROP_REPLY_LONG },
	{ "a full fragment for a status", 232, 0, 4, 4, -EBADMSG, GUNYAH_RM_DROP_REPLY_LONG },
	{ "two fragments for a status", 233, 0, 4, 4, -EBADMSG, GUNYAH_RM_DROP_SUM },
	{ "list a byte long", 501, 0, 8, 500, -EBADMSG, GUNYAH_RM_DROP_SUM },
	{ "list in a call for more", 500, 0, 8, 500, 0, GUNYAH_RM_DROP_NONE },
	{ "refusal without data", 4, 6, 8, 8, 0, GUNYAH_RM_DROP_NONE },
	{ "refusal with a word more", 8, 6, 4, 4, 0, GUNYAH_RM_DROP_NONE },
	{ "part of a refusal", 2, 6, 4, 4, -EBADMSG, GUNYAH_RM_DROP_REPLY_SHORT },
};

static void length_case_desc(const struct length_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(length, length_cases, length_case_desc);

static void rm_reply_length_test(struct kunit *test)
{
	const struct length_case *c = test->param_value;
	struct fake *fake = fake_create(test);
	struct fake_req *req = req_alloc(test);
	u8 *payload = payload_alloc(test, 512);
	struct fake_call *call;

	memcpy(payload, &c->status, sizeof(c->status));
	call = fake_call_alloc(fake, ID, NULL, 0, c->resp_max);
	call->xfer.resp_min = c->resp_min;
	fake_call_run(fake, call);
	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	fake_send(fake, GUNYAH_RM_REPLY, req->id, req->seq, payload, c->size);

	KUNIT_EXPECT_EQ(test, fake_call_end(fake, call), c->ret);
	if (c->drop)
		KUNIT_EXPECT_EQ(test, fake_drops(fake, c->drop), 1);
	if (!c->ret) {
		KUNIT_EXPECT_EQ(test, call->xfer.status, c->status);
		KUNIT_EXPECT_LE(test, call->xfer.resp_size, c->resp_max);
	}
	expect_working(test, fake);
}

/* A reply that comes after its call has been given up. */
static void rm_reply_late_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct fake_req *req = req_alloc(test);
	unsigned int bound = fake->rm->timeout_ms;
	struct fake_call *call;

	fake->rm->timeout_ms = SHORT_MS;
	call = fake_call_start(fake, ID, NULL, 0, 8);
	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	KUNIT_EXPECT_EQ(test, fake_call_end(fake, call), -ETIMEDOUT);
	KUNIT_EXPECT_TRUE(test, test_bit(req->seq, fake->rm->given_up));
	fake->rm->timeout_ms = bound;

	/* It must not answer another call, whatever that one's number. */
	fake->rm->next_seq = req->seq;
	call = fake_call_start(fake, ID, NULL, 0, 8);
	KUNIT_ASSERT_TRUE(test, fake_wait_frags(fake, 1));
	fake_reply(fake, req, RM_STATUS_OK, NULL, 0);
	KUNIT_EXPECT_FALSE(test, completion_done(&call->done));
	KUNIT_EXPECT_EQ(test, fake_drops(fake, GUNYAH_RM_DROP_REPLY_LATE), 1);

	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	fake_reply(fake, req, RM_STATUS_OK, NULL, 0);
	KUNIT_EXPECT_EQ(test, fake_call_end(fake, call), 0);
	KUNIT_EXPECT_EQ(test, fake_counter(fake, RM_CTR_TIMEOUTS), 1);
}

/* Both halves of a late reply: one before, one after the call is given up. */
static void rm_reply_late_half_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct fake_req *req = req_alloc(test);
	u8 *payload = payload_alloc(test, 233);
	unsigned int bound = fake->rm->timeout_ms;
	u8 buf[GUNYAH_RM_FRAG_SIZE];
	struct fake_call *call;
	size_t size;

	fake->rm->timeout_ms = SHORT_MS;
	call = fake_call_start(fake, ID, NULL, 0, 300);
	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	size = gunyah_rm_msg_encode(buf, GUNYAH_RM_REPLY, ID, req->seq, payload, 233, 0);
	fake_recv(fake, buf, size);
	KUNIT_EXPECT_EQ(test, fake_call_end(fake, call), -ETIMEDOUT);
	fake->rm->timeout_ms = bound;

	/* The caller's memory is poison for the client now. */
	memset(call->resp, 0x5a, 300);
	size = gunyah_rm_msg_encode(buf, GUNYAH_RM_REPLY, ID, req->seq, payload, 233, 1);
	fake_recv(fake, buf, size);
	KUNIT_EXPECT_EQ(test, call->resp[232], 0x5a);
	KUNIT_EXPECT_EQ(test, fake_drops(fake, GUNYAH_RM_DROP_REPLY_LATE), 1);
	KUNIT_EXPECT_EQ(test, fake_drops(fake, GUNYAH_RM_DROP_STRAY), 0);
	expect_working(test, fake);
}

/* Twice, of nobody's, and of another message with the right number. */
static void rm_reply_foreign_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct fake_req *req = req_alloc(test);
	static const u8 status[4];
	struct fake_call *call;

	call = fake_call_start(fake, ID, NULL, 0, 8);
	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));

	fake_send(fake, GUNYAH_RM_REPLY, ID, req->seq + 1, status, sizeof(status));
	KUNIT_EXPECT_EQ(test, fake_drops(fake, GUNYAH_RM_DROP_REPLY_FOREIGN), 1);
	fake_send(fake, GUNYAH_RM_REPLY, ID + 1, req->seq, status, sizeof(status));
	KUNIT_EXPECT_EQ(test, fake_drops(fake, GUNYAH_RM_DROP_REPLY_ID), 1);
	fake_send(fake, GUNYAH_RM_REQUEST, ID, req->seq, status, sizeof(status));
	KUNIT_EXPECT_EQ(test, fake_drops(fake, GUNYAH_RM_DROP_TYPE), 1);
	KUNIT_EXPECT_FALSE(test, completion_done(&call->done));

	fake_reply(fake, req, RM_STATUS_OK, NULL, 0);
	KUNIT_EXPECT_EQ(test, fake_call_end(fake, call), 0);

	fake_reply(fake, req, RM_STATUS_OK, NULL, 0);
	KUNIT_EXPECT_EQ(test, fake_drops(fake, GUNYAH_RM_DROP_REPLY_TWICE), 1);
	expect_working(test, fake);
}

/* A reply of a request of which not all has been sent is nobody's. */
static void rm_reply_early_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	u8 *payload = payload_alloc(test, 20 * GUNYAH_RM_CONTENT_SIZE);
	struct fake_req *req = req_alloc(test);
	struct fake_frag first;
	struct gunyah_rm_frag frag = {};
	struct fake_call *call;

	fake_room_set(fake, 1);
	call = fake_call_start(fake, ID, payload, 20 * GUNYAH_RM_CONTENT_SIZE, 8);
	KUNIT_ASSERT_TRUE(test, fake_wait_frags(fake, 1));
	scoped_guard(spinlock_irqsave, &fake->lock)
		first = fake->frags[0];
	gunyah_rm_msg_decode(first.data, first.size, &frag);
	fake_send(fake, GUNYAH_RM_REPLY, ID, frag.seq, payload, 4);
	KUNIT_EXPECT_EQ(test, fake_drops(fake, GUNYAH_RM_DROP_REPLY_FOREIGN), 1);

	fake_room_set(fake, UINT_MAX);
	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	fake_reply(fake, req, RM_STATUS_OK, NULL, 0);
	KUNIT_EXPECT_EQ(test, fake_call_end(fake, call), 0);
}

/* What comes in the place of the second fragment of a reply of three. */
enum damage {
	DAMAGE_ID,
	DAMAGE_SEQ,
	DAMAGE_COUNT,
	DAMAGE_VERSION,
	DAMAGE_SHORT,
	DAMAGE_REPLY,
	DAMAGE_NOTIFICATION,
	DAMAGE_REQUEST,
};

struct damage_case {
	const char *name;
	enum damage damage;
	enum gunyah_rm_drop drop;
};

static const struct damage_case damage_cases[] = {
	{ "other id", DAMAGE_ID, GUNYAH_RM_DROP_CONT_ID },
	{ "other sequence number", DAMAGE_SEQ, GUNYAH_RM_DROP_CONT_SEQ },
	{ "other count", DAMAGE_COUNT, GUNYAH_RM_DROP_CONT_COUNT },
	{ "other version", DAMAGE_VERSION, GUNYAH_RM_DROP_VERSION },
	{ "seven bytes", DAMAGE_SHORT, GUNYAH_RM_DROP_SHORT },
	{ "another reply", DAMAGE_REPLY, GUNYAH_RM_DROP_CUT },
	{ "a notification", DAMAGE_NOTIFICATION, GUNYAH_RM_DROP_CUT },
	{ "a request", DAMAGE_REQUEST, GUNYAH_RM_DROP_CUT },
};

static void damage_case_desc(const struct damage_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(damage, damage_cases, damage_case_desc);

static size_t damage_encode(enum damage damage, u8 *buf, u16 seq, const u8 *payload)
{
	size_t size = gunyah_rm_msg_encode(buf, GUNYAH_RM_REPLY, ID, seq, payload, 500, 1);

	switch (damage) {
	case DAMAGE_ID:
		buf[4] ^= 1;
		break;
	case DAMAGE_SEQ:
		buf[3] ^= 0x80;
		break;
	case DAMAGE_COUNT:
		buf[1] += 1 << 2;
		break;
	case DAMAGE_VERSION:
		buf[0]++;
		break;
	case DAMAGE_SHORT:
		size = 7;
		break;
	case DAMAGE_REPLY:
		size = gunyah_rm_msg_encode(buf, GUNYAH_RM_REPLY, ID, seq + 1, payload, 4, 0);
		break;
	case DAMAGE_NOTIFICATION:
		size = gunyah_rm_msg_encode(buf, GUNYAH_RM_NOTIFICATION, ID, seq, payload, 4, 0);
		break;
	case DAMAGE_REQUEST:
		size = gunyah_rm_msg_encode(buf, GUNYAH_RM_REQUEST, ID, seq, payload, 4, 0);
		break;
	}

	return size;
}

/* The call ends at once: its bound is far away. */
static void rm_reply_damaged_test(struct kunit *test)
{
	const struct damage_case *c = test->param_value;
	struct fake *fake = fake_create(test);
	struct fake_req *req = req_alloc(test);
	u8 *payload = payload_alloc(test, 500);
	u8 buf[GUNYAH_RM_FRAG_SIZE];
	struct fake_call *call;
	size_t size;

	call = fake_call_start(fake, ID, NULL, 0, 500);
	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	size = gunyah_rm_msg_encode(buf, GUNYAH_RM_REPLY, ID, req->seq, payload, 500, 0);
	fake_recv(fake, buf, size);
	size = damage_encode(c->damage, buf, req->seq, payload);
	fake_recv(fake, buf, size);

	KUNIT_EXPECT_EQ(test, fake_call_end(fake, call), -EBADMSG);
	KUNIT_EXPECT_EQ(test, fake_drops(fake, c->drop), 1);

	/* What is left of it is nobody's, and does no harm. */
	size = gunyah_rm_msg_encode(buf, GUNYAH_RM_REPLY, ID, req->seq, payload, 500, 2);
	fake_recv(fake, buf, size);
	KUNIT_EXPECT_EQ(test, fake_drops(fake, GUNYAH_RM_DROP_STRAY), 1);
	expect_working(test, fake);
}

/* A reply that nobody wants and that has several fragments is one drop. */
static void rm_reply_follow_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	u8 *payload = payload_alloc(test, 1000);

	fake_send(fake, GUNYAH_RM_REPLY, ID, 1, payload, 1000);
	KUNIT_EXPECT_EQ(test, fake_drops(fake, GUNYAH_RM_DROP_REPLY_FOREIGN), 1);
	KUNIT_EXPECT_EQ(test, fake_drops(fake, GUNYAH_RM_DROP_STRAY), 0);
	expect_working(test, fake);
}

/* Silence: each caller has its bound, it is noticed once, and it can end. */
static void rm_silence_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct fake_req *req = req_alloc(test);
	unsigned int bound = fake->rm->timeout_ms;
	struct fake_call *calls[3];
	unsigned int i;

	fake->rm->timeout_ms = SHORT_MS;
	for (i = 0; i < ARRAY_SIZE(calls); i++)
		calls[i] = fake_call_start(fake, ID, NULL, 0, 8);
	for (i = 0; i < ARRAY_SIZE(calls); i++)
		KUNIT_EXPECT_EQ(test, fake_call_end(fake, calls[i]), -ETIMEDOUT);

	KUNIT_EXPECT_EQ(test, fake_counter(fake, RM_CTR_TIMEOUTS), ARRAY_SIZE(calls));
	KUNIT_EXPECT_TRUE(test, fake->rm->silent);
	KUNIT_EXPECT_GE(test, fake->peeks, ARRAY_SIZE(calls));

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		KUNIT_EXPECT_TRUE(test, fake_req_get(fake, req));
	fake->rm->timeout_ms = bound;
	expect_working(test, fake);
	KUNIT_EXPECT_FALSE(test, fake->rm->silent);
}

/* Nothing can be sent: each caller has its bound all the same. */
static void rm_stuck_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct fake_req *req = req_alloc(test);
	u8 *payload = payload_alloc(test, GUNYAH_RM_MAX_REQUEST);
	unsigned int bound = fake->rm->timeout_ms;
	struct fake_call *calls[4];
	struct fake_frag raw;
	unsigned int i, nr = 0;

	fake_room_set(fake, 0);
	fake->rm->timeout_ms = SHORT_MS;
	for (i = 0; i < ARRAY_SIZE(calls); i++)
		calls[i] = fake_call_start(fake, ID + i, payload, GUNYAH_RM_MAX_REQUEST, 8);
	for (i = 0; i < ARRAY_SIZE(calls); i++)
		KUNIT_EXPECT_EQ(test, fake_call_end(fake, calls[i]), -ETIMEDOUT);

	/* More would not fit into the core, and their calls are gone. */
	KUNIT_EXPECT_EQ(test, fake_counter(fake, RM_CTR_TX_FRAGMENTS), RM_NR_SLOTS);
	KUNIT_EXPECT_EQ(test, fake_counter(fake, RM_CTR_TX_ERRORS), 0);
	fake->rm->timeout_ms = bound;

	/* What was in the core comes out, then a request that is whole. */
	fake_room_set(fake, UINT_MAX);
	KUNIT_ASSERT_TRUE(test, fake_wait_frags(fake, RM_NR_SLOTS));
	while (fake_frag_get(fake, &raw))
		nr++;
	KUNIT_EXPECT_EQ(test, nr, RM_NR_SLOTS);
	expect_working(test, fake);
	KUNIT_EXPECT_FALSE(test, fake_req_get_now(fake, req));
}

/* A request that is given up halfway does not mix with the next one. */
static void rm_abort_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct gunyah_rm_frag frag = {};
	u8 *payload = payload_alloc(test, GUNYAH_RM_MAX_REQUEST);
	unsigned int bound = fake->rm->timeout_ms;
	struct fake_call *call;
	struct fake_req *req = req_alloc(test);
	struct fake_frag raw;
	unsigned int i;

	fake_room_set(fake, 2);
	fake->rm->timeout_ms = SHORT_MS;
	call = fake_call_start(fake, ID + 1, payload, GUNYAH_RM_MAX_REQUEST, 8);
	KUNIT_EXPECT_EQ(test, fake_call_end(fake, call), -ETIMEDOUT);
	fake->rm->timeout_ms = bound;

	call = fake_call_start(fake, ID + 2, payload, 700, 8);
	fake_room_set(fake, UINT_MAX);

	/* Two that were sent and 16 from the core; then nothing but the other. */
	for (i = 0; i < 2 + RM_NR_SLOTS; i++) {
		KUNIT_ASSERT_TRUE(test, fake_wait_frags(fake, 1));
		KUNIT_ASSERT_TRUE(test, fake_frag_get(fake, &raw));
		KUNIT_ASSERT_EQ(test, gunyah_rm_msg_decode(raw.data, raw.size, &frag),
				GUNYAH_RM_DROP_NONE);
		KUNIT_EXPECT_EQ(test, frag.id, ID + 1);
		KUNIT_EXPECT_EQ(test, frag.type, i ? GUNYAH_RM_CONTINUATION : GUNYAH_RM_REQUEST);
	}
	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	KUNIT_EXPECT_EQ(test, req->id, ID + 2);
	KUNIT_EXPECT_EQ(test, req->size, 700);
	fake_reply(fake, req, RM_STATUS_OK, NULL, 0);
	KUNIT_EXPECT_EQ(test, fake_call_end(fake, call), 0);

	/* A reply to the torso cannot come, so its number is free. */
	KUNIT_EXPECT_TRUE(test, bitmap_empty(fake->rm->given_up, RM_NR_SEQS));
}

/* The mailbox says that a fragment went wrong. */
static void rm_send_error_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct fake_call *call;
	struct fake_frag raw;

	fake->error = -EACCES;
	call = fake_call_start(fake, ID, NULL, 0, 8);
	KUNIT_EXPECT_EQ(test, fake_call_end(fake, call), -EIO);
	KUNIT_EXPECT_EQ(test, fake_counter(fake, RM_CTR_TX_ERRORS), 1);
	KUNIT_EXPECT_TRUE(test, fake_frag_get(fake, &raw));
	expect_working(test, fake);
}

/* Killed while RM works: RM is left alone until it has answered. */
static void rm_kill_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct fake_req *req = req_alloc(test);
	struct fake_call *killed, *next;

	killed = fake_call_start(fake, ID, NULL, 0, 300);
	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	next = fake_call_start(fake, ID, NULL, 0, 8);
	fake_call_kill(killed);
	KUNIT_EXPECT_EQ(test, fake_call_end(fake, killed), -EINTR);
	KUNIT_EXPECT_EQ(test, fake_pending(fake), 0);

	fake_reply(fake, req, RM_STATUS_OK, NULL, 0);
	KUNIT_EXPECT_EQ(test, fake_drops(fake, GUNYAH_RM_DROP_REPLY_LATE), 1);
	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	fake_reply(fake, req, RM_STATUS_OK, NULL, 0);
	KUNIT_EXPECT_EQ(test, fake_call_end(fake, next), 0);
	KUNIT_EXPECT_EQ(test, fake_counter(fake, RM_CTR_KILLED), 1);
	expect_working(test, fake);
}

/* The same, and RM never answers: the orphan's time ends. */
static void rm_kill_silent_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct fake_req *req = req_alloc(test);
	unsigned int bound = fake->rm->timeout_ms;
	struct fake_call *killed;

	fake->rm->timeout_ms = 10 * SHORT_MS;
	killed = fake_call_start(fake, ID, NULL, 0, 8);
	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	fake_call_kill(killed);
	KUNIT_EXPECT_NE(test, fake_call_end(fake, killed), 0);
	fake->rm->timeout_ms = bound;

	expect_working(test, fake);
	KUNIT_EXPECT_TRUE(test, test_bit(req->seq, fake->rm->given_up));
}

/* The answer is there and its interrupt got lost: the others need not wait for it. */
static void rm_kill_lost_irq_test(struct kunit *test)
{
	static const u8 status[RM_STATUS_SIZE];
	struct fake *fake = fake_create(test);
	struct fake_req *req = req_alloc(test);
	u8 buf[GUNYAH_RM_FRAG_SIZE];
	struct fake_call *killed;
	size_t size;

	fake->rm->timeout_ms = 3 * jiffies_to_msecs(FAKE_PATIENCE);
	killed = fake_call_start(fake, ID, NULL, 0, 8);
	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	fake_call_kill(killed);
	KUNIT_EXPECT_EQ(test, fake_call_end(fake, killed), -EINTR);
	size = gunyah_rm_msg_encode(buf, GUNYAH_RM_REPLY, req->id, req->seq, status,
				    sizeof(status), 0);
	fake_recv_later(fake, buf, size);

	expect_working(test, fake);
	KUNIT_EXPECT_EQ(test, fake_drops(fake, GUNYAH_RM_DROP_REPLY_LATE), 1);
}

/* Killed in the queue: the one behind moves up, and nothing was sent. */
static void rm_kill_queued_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct fake_req *req = req_alloc(test);
	struct fake_call *first, *killed, *last;

	first = fake_call_start(fake, ID + 1, NULL, 0, 8);
	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	killed = fake_call_start(fake, ID + 2, NULL, 0, 8);
	KUNIT_ASSERT_TRUE(test, fake_wait_waiters(fake, 1));
	last = fake_call_start(fake, ID + 3, NULL, 0, 8);
	KUNIT_ASSERT_TRUE(test, fake_wait_waiters(fake, 2));
	fake_call_kill(killed);
	KUNIT_EXPECT_EQ(test, fake_call_end(fake, killed), -EINTR);

	fake_reply(fake, req, RM_STATUS_OK, NULL, 0);
	KUNIT_EXPECT_EQ(test, fake_call_end(fake, first), 0);
	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	KUNIT_EXPECT_EQ(test, req->id, ID + 3);
	fake_reply(fake, req, RM_STATUS_OK, NULL, 0);
	KUNIT_EXPECT_EQ(test, fake_call_end(fake, last), 0);
}

/* Callers get the wire in the order in which they came. */
static void rm_order_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct fake_req *req = req_alloc(test);
	struct fake_call *calls[RM_NR_CALLS + 4];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		calls[i] = fake_call_start(fake, ID + i, NULL, 0, 8);
		KUNIT_ASSERT_TRUE(test, i ? fake_wait_waiters(fake, i) : fake_wait_frags(fake, 1));
	}

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
		KUNIT_EXPECT_EQ(test, req->id, ID + i);
		KUNIT_EXPECT_EQ(test, fake_pending(fake), 0);
		fake_reply(fake, req, RM_STATUS_OK, NULL, 0);
		KUNIT_EXPECT_EQ(test, fake_call_end(fake, calls[i]), 0);
	}
}

/* Unbound while one call is at RM, one waits, and a reply is half here. */
static void rm_unbind_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct gunyah_rm *rm = gunyah_rm_get(fake->rm);
	struct fake_req *req = req_alloc(test);
	u8 *payload = payload_alloc(test, 500);
	struct fake_call *sent, *queued;
	u8 buf[GUNYAH_RM_FRAG_SIZE];
	struct gunyah_rm_xfer xfer;
	size_t size;

	sent = fake_call_start(fake, ID, NULL, 0, 500);
	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	queued = fake_call_start(fake, ID, NULL, 0, 8);
	KUNIT_ASSERT_TRUE(test, fake_wait_waiters(fake, 1));
	size = gunyah_rm_msg_encode(buf, GUNYAH_RM_REPLY, ID, req->seq, payload, 500, 0);
	fake_recv(fake, buf, size);

	fake_destroy_client(fake);
	KUNIT_EXPECT_EQ(test, fake_call_end(fake, sent), -ECANCELED);
	KUNIT_EXPECT_EQ(test, fake_call_end(fake, queued), -ECANCELED);

	xfer = sent->xfer;
	KUNIT_EXPECT_EQ(test, gunyah_rm_xfer(rm, &xfer), -ENODEV);
	gunyah_rm_put(rm);
}

/* Unbound while the core holds fragments and an orphan has the wire. */
static void rm_unbind_orphan_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct fake_call *killed;

	fake_room_set(fake, 0);
	killed = fake_call_start(fake, ID, NULL, 0, 8);
	KUNIT_ASSERT_TRUE(test, fake_wait_slots(fake, 1));
	fake_call_kill(killed);
	KUNIT_EXPECT_EQ(test, fake_call_end(fake, killed), -EINTR);
	fake_destroy_client(fake);
}

/* Answers each request with its payload. */
static void serve_echo(struct fake *fake)
{
	struct fake_req *req = kvmalloc(sizeof(*req), GFP_KERNEL);

	while (req && fake_req_get_now(fake, req))
		fake_reply(fake, req, RM_STATUS_OK, req->data, req->size);
	kvfree(req);
}

#define NR_THREADS	4
#define NR_ROUNDS	250
#define NR_BURST	100	/* notifications at a time */

struct traffic {
	struct fake *fake;
	unsigned int number;
	unsigned int failed;
	unsigned int rounds;
	struct completion done;
};

/* Each thread has its own payloads, so that a mixed-up reply shows. */
static int traffic_thread(void *data)
{
	struct traffic *t = data;
	unsigned int i;
	u32 *req = kvmalloc(2000, GFP_KERNEL), *resp = kvmalloc(2004, GFP_KERNEL);

	for (i = 0; req && resp && i < NR_ROUNDS; i++) {
		size_t size = i % 5 ? 8 : 2000;
		struct gunyah_rm_xfer xfer = {
			.id = ID + t->number,
			.req = req,
			.req_size = size,
			.resp = resp,
			.resp_min = size + RM_STATUS_SIZE,
			.resp_max = size + RM_STATUS_SIZE,
		};

		memset(req, t->number, size);
		req[0] = i;
		if (gunyah_rm_xfer(t->fake->rm, &xfer) || memcmp(req, resp + 1, size))
			t->failed++;
		t->rounds++;
	}

	kvfree(req);
	kvfree(resp);
	kthread_complete_and_exit(&t->done, 0);
}

/* Four callers and a flood of notifications: none lost, none doubled. */
static void rm_traffic_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct traffic *threads;
	unsigned int i, n;

	threads = kunit_kcalloc(test, NR_THREADS, sizeof(*threads), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, threads);
	fake->serve = serve_echo;

	for (i = 0; i < NR_THREADS; i++) {
		struct task_struct *task;

		threads[i].fake = fake;
		threads[i].number = i + 1;
		init_completion(&threads[i].done);
		task = kthread_run(traffic_thread, &threads[i], "rm-traffic");
		if (IS_ERR(task))
			complete(&threads[i].done);
	}

	for (i = 0; i < NR_THREADS; i++) {
		while (!wait_for_completion_timeout(&threads[i].done, 1))
			for (n = 0; n < NR_BURST; n++)
				fake_notify(fake, ID, threads, 8);
		KUNIT_EXPECT_EQ(test, threads[i].rounds, NR_ROUNDS);
		KUNIT_EXPECT_EQ(test, threads[i].failed, 0);
	}

	KUNIT_EXPECT_EQ(test, fake_counter(fake, RM_CTR_CALLS), NR_THREADS * NR_ROUNDS);
	KUNIT_EXPECT_EQ(test, fake_counter(fake, RM_CTR_REPLIES), NR_THREADS * NR_ROUNDS);
	KUNIT_EXPECT_EQ(test, fake_counter(fake, RM_CTR_TIMEOUTS), 0);
	for (i = 1; i < GUNYAH_RM_DROP_NOTIF_FULL; i++)
		KUNIT_EXPECT_EQ_MSG(test, fake_drops(fake, i), 0, "%s", gunyah_rm_drop_name(i));
}

static struct kunit_case rm_call_cases[] = {
	KUNIT_CASE(rm_round_trip_test),
	KUNIT_CASE(rm_sequence_test),
	KUNIT_CASE(rm_request_fragments_test),
	KUNIT_CASE(rm_request_backpressure_test),
	KUNIT_CASE(rm_reply_fragments_test),
	KUNIT_CASE_PARAM(rm_reply_length_test, length_gen_params),
	KUNIT_CASE(rm_reply_late_test),
	KUNIT_CASE(rm_reply_late_half_test),
	KUNIT_CASE(rm_reply_foreign_test),
	KUNIT_CASE(rm_reply_early_test),
	KUNIT_CASE_PARAM(rm_reply_damaged_test, damage_gen_params),
	KUNIT_CASE(rm_reply_follow_test),
	KUNIT_CASE(rm_silence_test),
	KUNIT_CASE(rm_stuck_test),
	KUNIT_CASE(rm_abort_test),
	KUNIT_CASE(rm_send_error_test),
	KUNIT_CASE(rm_kill_test),
	KUNIT_CASE(rm_kill_silent_test),
	KUNIT_CASE(rm_kill_lost_irq_test),
	KUNIT_CASE(rm_kill_queued_test),
	KUNIT_CASE(rm_order_test),
	KUNIT_CASE(rm_unbind_test),
	KUNIT_CASE(rm_unbind_orphan_test),
	KUNIT_CASE(rm_traffic_test),
	{ }
};

static struct kunit_suite rm_call_suite = {
	.name = "gunyah_rm_call",
	.test_cases = rm_call_cases,
};

kunit_test_suites(&rm_call_suite, &gunyah_rm_late_suite, &gunyah_rm_notify_suite,
		  &gunyah_rm_rpc_suite);

MODULE_DESCRIPTION("KUnit tests of the Gunyah resource-manager client");
MODULE_LICENSE("GPL");
MODULE_INFO(import_ns, "EXPORTED_FOR_KUNIT_TESTING");
