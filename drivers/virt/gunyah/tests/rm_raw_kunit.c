// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the raw mode of the resource-manager client. The other end of
 * the mailbox channel is the test itself (rm_fake.c).
 */
#include <linux/cleanup.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/string.h>

#include <kunit/test.h>

#include "../rm_raw.h"
#include "rm_fake.h"

#define ID	0x56000024
#define SEQ	0x4321

/* As many fragments as are kept for the reader. */
#define NR_KEPT	256

/* Also where a test ends early. */
static void raw_end(void *raw)
{
	gunyah_rm_raw_end(raw);
}

static struct gunyah_rm_raw *raw_begin(struct kunit *test, struct fake *fake)
{
	struct gunyah_rm_raw *raw = gunyah_rm_raw_begin(fake->rm);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, raw);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, raw_end, raw), 0);

	return raw;
}

static int call_now(struct fake *fake)
{
	return fake_call_end(fake, fake_call_start(fake, ID, NULL, 0, 8));
}

static void expect_working(struct kunit *test, struct fake *fake)
{
	struct fake_req *req = kunit_kzalloc(test, sizeof(*req), GFP_KERNEL);
	struct fake_call *call = fake_call_start(fake, ID, NULL, 0, 8);

	KUNIT_ASSERT_NOT_NULL(test, req);
	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	fake_reply(fake, req, RM_STATUS_OK, NULL, 0);
	KUNIT_EXPECT_EQ(test, fake_call_end(fake, call), 0);
}

static u64 all_drops(struct fake *fake)
{
	u64 sum = 0;
	unsigned int i;

	for (i = 0; i < GUNYAH_RM_NR_DROPS; i++)
		sum += fake_drops(fake, i);

	return sum;
}

/* What is written goes out as it is, what RM sends comes in as it is. */
static void raw_round_trip_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct gunyah_rm_raw *raw = raw_begin(test, fake);
	u8 out[GUNYAH_RM_FRAG_SIZE], in[GUNYAH_RM_FRAG_SIZE];
	struct gunyah_rm_frag frag = {};
	struct fake_frag sent;
	size_t size;

	KUNIT_EXPECT_EQ(test, gunyah_rm_raw_recv(raw, in, sizeof(in)), -EAGAIN);

	size = gunyah_rm_msg_encode(out, GUNYAH_RM_REQUEST, ID, SEQ, "abc", 3, 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_raw_send(raw, out, size), 0);
	KUNIT_ASSERT_TRUE(test, fake_frag_get(fake, &sent));
	KUNIT_ASSERT_EQ(test, sent.size, size);
	KUNIT_EXPECT_MEMEQ(test, sent.data, out, size);
	KUNIT_EXPECT_TRUE(test, sent.push);

	/* A reply of two fragments; nobody counts it as foreign. */
	fake_send(fake, GUNYAH_RM_REPLY, ID, SEQ, fake, GUNYAH_RM_CONTENT_SIZE + 5);
	KUNIT_EXPECT_EQ(test, gunyah_rm_raw_recv(raw, in, sizeof(in)), GUNYAH_RM_FRAG_SIZE);
	KUNIT_ASSERT_EQ(test, gunyah_rm_msg_decode(in, GUNYAH_RM_FRAG_SIZE, &frag), 0);
	KUNIT_EXPECT_EQ(test, frag.type, GUNYAH_RM_REPLY);
	KUNIT_EXPECT_EQ(test, frag.seq, SEQ);
	KUNIT_EXPECT_EQ(test, gunyah_rm_raw_recv(raw, in, sizeof(in)), GUNYAH_RM_HDR_SIZE + 5);
	KUNIT_EXPECT_EQ(test, gunyah_rm_raw_recv(raw, in, sizeof(in)), -EAGAIN);
	KUNIT_EXPECT_EQ(test, all_drops(fake), 0);

	/* A notification is the subscribers' as well. */
	fake_notify(fake, ID, out, 4);
	KUNIT_EXPECT_EQ(test, gunyah_rm_raw_recv(raw, in, sizeof(in)), GUNYAH_RM_HDR_SIZE + 4);
	KUNIT_EXPECT_EQ(test, fake_counter(fake, RM_CTR_NOTIFICATIONS), 1);

	/* Nonsense of RM's is seen here, and counted as ever. */
	fake_recv(fake, "x", 1);
	KUNIT_EXPECT_EQ(test, gunyah_rm_raw_recv(raw, in, sizeof(in)), 1);
	KUNIT_EXPECT_EQ(test, in[0], 'x');
	KUNIT_EXPECT_EQ(test, all_drops(fake), 1);

	kunit_release_action(test, raw_end, raw);
	fake_send(fake, GUNYAH_RM_REPLY, ID, SEQ, fake, 8);
	KUNIT_EXPECT_EQ(test, fake_drops(fake, GUNYAH_RM_DROP_REPLY_FOREIGN), 1);
	expect_working(test, fake);
}

static void raw_exclusive_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct gunyah_rm_raw *raw = raw_begin(test, fake);

	KUNIT_EXPECT_PTR_EQ(test, gunyah_rm_raw_begin(fake->rm), ERR_PTR(-EBUSY));
	KUNIT_EXPECT_EQ(test, call_now(fake), -EBUSY);
	KUNIT_EXPECT_EQ(test, fake_pending(fake), 0);
	kunit_release_action(test, raw_end, raw);

	expect_working(test, fake);
	raw = raw_begin(test, fake);
	KUNIT_EXPECT_EQ(test, call_now(fake), -EBUSY);
}

static void raw_sizes_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct gunyah_rm_raw *raw = raw_begin(test, fake);
	u8 buf[GUNYAH_RM_FRAG_SIZE + 1];
	struct fake_frag sent;
	size_t size, i;

	for (i = 0; i < sizeof(buf); i++)
		buf[i] = i * 5 + 1;

	KUNIT_EXPECT_EQ(test, gunyah_rm_raw_send(raw, buf, 0), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, gunyah_rm_raw_send(raw, buf, sizeof(buf)), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, fake_pending(fake), 0);

	for (size = 1; size <= GUNYAH_RM_FRAG_SIZE; size++) {
		KUNIT_ASSERT_EQ(test, gunyah_rm_raw_send(raw, buf, size), 0);
		KUNIT_ASSERT_TRUE(test, fake_frag_get(fake, &sent));
		KUNIT_EXPECT_EQ(test, sent.size, size);
		KUNIT_EXPECT_EQ(test, memcmp(sent.data, buf, size), 0);
	}

	/* A reader without room loses nothing. */
	fake_recv(fake, buf, 100);
	KUNIT_EXPECT_EQ(test, gunyah_rm_raw_recv(raw, buf, 99), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, gunyah_rm_raw_recv(raw, buf, 100), 100);
}

static void raw_overflow_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct gunyah_rm_raw *raw = raw_begin(test, fake);
	u8 buf[16] = {};
	unsigned int i;

	for (i = 0; i < NR_KEPT + 3; i++) {
		buf[0] = i;
		fake_recv(fake, buf, sizeof(buf));
	}
	for (i = 0; i < NR_KEPT; i++) {
		KUNIT_EXPECT_EQ(test, gunyah_rm_raw_recv(raw, buf, sizeof(buf)), sizeof(buf));
		KUNIT_EXPECT_EQ(test, buf[0], (u8)i);
	}
	KUNIT_EXPECT_EQ(test, gunyah_rm_raw_recv(raw, buf, sizeof(buf)), -EOVERFLOW);
	KUNIT_EXPECT_EQ(test, gunyah_rm_raw_recv(raw, buf, sizeof(buf)), -EAGAIN);
	fake_recv(fake, buf, 7);
	KUNIT_EXPECT_EQ(test, gunyah_rm_raw_recv(raw, buf, sizeof(buf)), 7);
}

/* RM takes nothing: the writer is told so, and nothing is lost. */
static void raw_full_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct gunyah_rm_raw *raw = raw_begin(test, fake);
	struct fake_frag sent;
	unsigned int i;
	u8 byte;

	fake_room_set(fake, 0);
	for (i = 0; i < RM_NR_SLOTS; i++) {
		byte = i;
		KUNIT_EXPECT_EQ(test, gunyah_rm_raw_send(raw, &byte, 1), 0);
	}
	KUNIT_EXPECT_EQ(test, gunyah_rm_raw_send(raw, &byte, 1), -EAGAIN);

	fake_room_set(fake, UINT_MAX);
	KUNIT_ASSERT_TRUE(test, fake_wait_frags(fake, RM_NR_SLOTS));
	for (i = 0; i < RM_NR_SLOTS; i++) {
		KUNIT_ASSERT_TRUE(test, fake_frag_get(fake, &sent));
		KUNIT_EXPECT_EQ(test, sent.data[0], i);
	}
	KUNIT_EXPECT_TRUE(test, fake_wait_slots(fake, 0));
	KUNIT_EXPECT_EQ(test, gunyah_rm_raw_send(raw, &byte, 1), 0);
}

/* An interrupt gets lost, and nothing else comes: it is looked for. */
static void raw_lost_irq_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct gunyah_rm_raw *raw = raw_begin(test, fake);
	u8 buf[GUNYAH_RM_FRAG_SIZE];

	fake_recv_later(fake, "lost", 4);
	KUNIT_EXPECT_EQ(test, gunyah_rm_raw_wait(raw), 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_raw_recv(raw, buf, sizeof(buf)), 4);
	KUNIT_EXPECT_EQ(test, gunyah_rm_raw_recv(raw, buf, sizeof(buf)), -EAGAIN);

	/* Not after the channel has gone. */
	fake_destroy_client(fake);
	KUNIT_EXPECT_EQ(test, gunyah_rm_raw_wait(raw), 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_raw_recv(raw, buf, sizeof(buf)), -ENODEV);
}

/**
 * struct beginner - a task that enters raw mode
 * @rm: client
 * @raw: what it got
 * @done: completed then
 */
struct beginner {
	struct gunyah_rm *rm;
	struct gunyah_rm_raw *raw;
	struct completion done;
};

static int begin_thread(void *data)
{
	struct beginner *beginner = data;

	beginner->raw = gunyah_rm_raw_begin(beginner->rm);
	complete(&beginner->done);

	return 0;
}

static bool claimed(struct fake *fake)
{
	guard(spinlock_irqsave)(&fake->rm->lock);

	return fake->rm->raw;
}

/* Starts a task that has to wait for what @fake has on the wire. */
static struct beginner *begin_later(struct kunit *test, struct fake *fake)
{
	struct beginner *beginner = kunit_kzalloc(test, sizeof(*beginner), GFP_KERNEL);
	unsigned long end = jiffies + FAKE_PATIENCE;

	KUNIT_ASSERT_NOT_NULL(test, beginner);
	beginner->rm = fake->rm;
	init_completion(&beginner->done);
	KUNIT_ASSERT_FALSE(test, IS_ERR(kthread_run(begin_thread, beginner, "rm-raw")));
	while (!claimed(fake) && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	KUNIT_EXPECT_FALSE(test, completion_done(&beginner->done));

	return beginner;
}

static void expect_begun(struct kunit *test, struct beginner *beginner)
{
	KUNIT_ASSERT_TRUE(test, wait_for_completion_timeout(&beginner->done, FAKE_PATIENCE));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, beginner->raw);
	gunyah_rm_raw_end(beginner->raw);
}

/* It waits for the call under way, which gets its reply; later ones do not wait. */
static void raw_wait_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct fake_req *req = kunit_kzalloc(test, sizeof(*req), GFP_KERNEL);
	struct beginner *beginner;
	struct fake_call *call;

	KUNIT_ASSERT_NOT_NULL(test, req);
	call = fake_call_start(fake, ID, NULL, 0, 8);
	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	beginner = begin_later(test, fake);
	KUNIT_EXPECT_EQ(test, call_now(fake), -EBUSY);
	fake_reply(fake, req, RM_STATUS_OK, NULL, 0);
	KUNIT_EXPECT_EQ(test, fake_call_end(fake, call), 0);
	expect_begun(test, beginner);
	expect_working(test, fake);
}

/* The same where the caller was killed and its call still has the wire. */
static void raw_orphan_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct fake_req *req = kunit_kzalloc(test, sizeof(*req), GFP_KERNEL);
	struct beginner *beginner;
	struct fake_call *call;

	KUNIT_ASSERT_NOT_NULL(test, req);
	call = fake_call_start(fake, ID, NULL, 0, 8);
	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	fake_call_kill(call);
	KUNIT_EXPECT_EQ(test, fake_call_end(fake, call), -EINTR);
	beginner = begin_later(test, fake);
	fake_reply(fake, req, RM_STATUS_OK, NULL, 0);
	expect_begun(test, beginner);
	expect_working(test, fake);
}

static void raw_unbind_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct gunyah_rm_raw *raw = raw_begin(test, fake);
	struct gunyah_rm *rm = gunyah_rm_get(fake->rm);
	u8 buf[8] = {};

	fake_recv(fake, buf, sizeof(buf));
	fake_destroy_client(fake);
	/* What has come can still be read. */
	KUNIT_EXPECT_EQ(test, gunyah_rm_raw_recv(raw, buf, sizeof(buf)), sizeof(buf));
	KUNIT_EXPECT_EQ(test, gunyah_rm_raw_recv(raw, buf, sizeof(buf)), -ENODEV);
	KUNIT_EXPECT_EQ(test, gunyah_rm_raw_send(raw, buf, 1), -ENODEV);
	kunit_release_action(test, raw_end, raw);
	KUNIT_EXPECT_PTR_EQ(test, gunyah_rm_raw_begin(rm), ERR_PTR(-ENODEV));
	gunyah_rm_put(rm);
}

/* The system goes down: calls are made again, and raw mode is over for good. */
static void raw_revoke_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct gunyah_rm_raw *raw = raw_begin(test, fake);
	u8 buf[8] = {};

	KUNIT_EXPECT_TRUE(test, gunyah_rm_raw_held(fake->rm));
	fake_recv(fake, buf, sizeof(buf));
	gunyah_rm_raw_revoke(fake->rm);
	KUNIT_EXPECT_FALSE(test, gunyah_rm_raw_held(fake->rm));
	expect_working(test, fake);

	/* What had come before can still be read, the reply to that call not. */
	KUNIT_EXPECT_EQ(test, gunyah_rm_raw_recv(raw, buf, sizeof(buf)), sizeof(buf));
	KUNIT_EXPECT_EQ(test, gunyah_rm_raw_wait(raw), 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_raw_recv(raw, buf, sizeof(buf)), -ENODEV);
	KUNIT_EXPECT_EQ(test, gunyah_rm_raw_send(raw, buf, 1), -ENODEV);
	KUNIT_EXPECT_EQ(test, fake_pending(fake), 0);
	KUNIT_EXPECT_PTR_EQ(test, gunyah_rm_raw_begin(fake->rm), ERR_PTR(-ENODEV));

	kunit_release_action(test, raw_end, raw);
	expect_working(test, fake);
}

/* The same while it is waited for: the call under way gets its reply. */
static void raw_revoke_wait_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct fake_req *req = kunit_kzalloc(test, sizeof(*req), GFP_KERNEL);
	struct beginner *beginner;
	struct fake_call *call;

	KUNIT_ASSERT_NOT_NULL(test, req);
	call = fake_call_start(fake, ID, NULL, 0, 8);
	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	beginner = begin_later(test, fake);
	gunyah_rm_raw_revoke(fake->rm);
	KUNIT_EXPECT_TRUE(test, wait_for_completion_timeout(&beginner->done, FAKE_PATIENCE));
	KUNIT_EXPECT_PTR_EQ(test, beginner->raw, ERR_PTR(-ENODEV));
	fake_reply(fake, req, RM_STATUS_OK, NULL, 0);
	KUNIT_EXPECT_EQ(test, fake_call_end(fake, call), 0);
	expect_working(test, fake);
}

static struct kunit_case raw_cases[] = {
	KUNIT_CASE(raw_round_trip_test),
	KUNIT_CASE(raw_exclusive_test),
	KUNIT_CASE(raw_sizes_test),
	KUNIT_CASE(raw_overflow_test),
	KUNIT_CASE(raw_full_test),
	KUNIT_CASE(raw_lost_irq_test),
	KUNIT_CASE(raw_wait_test),
	KUNIT_CASE(raw_orphan_test),
	KUNIT_CASE(raw_unbind_test),
	KUNIT_CASE(raw_revoke_test),
	KUNIT_CASE(raw_revoke_wait_test),
	{ }
};

static struct kunit_suite raw_suite = {
	.name = "gunyah_rm_raw",
	.test_cases = raw_cases,
};

kunit_test_suite(raw_suite);
