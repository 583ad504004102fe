// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the client of the resource manager: answers whose caller has
 * gone, and what is done about them.
 */
#include <kunit/test.h>
#include <linux/bitops.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "rm_fake.h"
#include "rm_kunit.h"

#define VMID		0x0181
#define ALLOCATE	0x56000001
#define DEALLOCATE	0x56000002
#define GET_STATE	0x56000017

/* A call that is to time out, and one that is not. */
#define SHORT_MS	40
#define LONG_MS		20000

static const u8 picked[] = { 0x81, 0x01, 0, 0 };

static struct fake_req *request(struct kunit *test)
{
	struct fake_req *req = kunit_kzalloc(test, sizeof(*req), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, req);

	return req;
}

/* The next request is @id and about VMID; it is answered with @status. */
static void serve(struct kunit *test, struct fake *fake, u32 id, u32 status)
{
	static const u8 about[] = { 0x81, 0x01, 0, 0 };
	struct fake_req *req = request(test);

	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	KUNIT_EXPECT_EQ(test, req->id, id);
	KUNIT_EXPECT_MEMEQ(test, req->data, about, sizeof(about));
	fake_reply(fake, req, status, NULL, 0);
}

/* Nobody has the VM, so it is given back. */
static void late_vmid_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct fake_req *req = request(test);

	fake->rm->timeout_ms = SHORT_MS;
	KUNIT_EXPECT_EQ(test, gunyah_rm_alloc_vmid(fake->rm, 0), -ETIMEDOUT);
	fake->rm->timeout_ms = LONG_MS;
	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	KUNIT_EXPECT_EQ(test, req->id, ALLOCATE);
	fake_reply(fake, req, 0, picked, sizeof(picked));

	serve(test, fake, DEALLOCATE, 0);
	flush_work(&fake->rm->stray_work);
	KUNIT_EXPECT_FALSE(test, test_bit(VMID, fake->rm->vmids));
	KUNIT_EXPECT_EQ(test, fake_drops(fake, GUNYAH_RM_DROP_REPLY_LATE), 1);

	/* Once: the same answer a second time is nobody's. */
	fake_reply(fake, req, 0, picked, sizeof(picked));
	flush_work(&fake->rm->stray_work);
	KUNIT_EXPECT_EQ(test, fake_pending(fake), 0);
}

/* The answer to a call for a certain VM does not name it. */
static void late_vmid_asked_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct fake_req *req = request(test);

	fake->rm->timeout_ms = SHORT_MS;
	KUNIT_EXPECT_EQ(test, gunyah_rm_alloc_vmid(fake->rm, VMID), -ETIMEDOUT);
	fake->rm->timeout_ms = LONG_MS;
	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	fake_reply(fake, req, 0, NULL, 0);
	serve(test, fake, DEALLOCATE, 0);
	flush_work(&fake->rm->stray_work);
	KUNIT_EXPECT_FALSE(test, test_bit(VMID, fake->rm->vmids));
}

/* A refusal, another call's answer, one without the word: there is no VM. */
static void late_nothing_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct fake_req *req = request(test);

	for (unsigned int i = 0; i < 3; i++) {
		fake->rm->timeout_ms = SHORT_MS;
		KUNIT_EXPECT_EQ(test, gunyah_rm_alloc_vmid(fake->rm, 0), -ETIMEDOUT);
		fake->rm->timeout_ms = LONG_MS;
		KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
		if (i == 1)
			req->id++;
		fake_reply(fake, req, i ? 0 : 2, picked, i == 2 ? 0 : sizeof(picked));
		flush_work(&fake->rm->stray_work);
		KUNIT_EXPECT_EQ(test, fake_pending(fake), 0);
	}
	KUNIT_EXPECT_EQ(test, fake_drops(fake, GUNYAH_RM_DROP_REPLY_LATE), 3);
}

static u32 made_arg, made_word;

static void made(struct gunyah_rm *rm, u32 arg, u32 word)
{
	made_arg = arg;
	made_word = word;
}

/* The caller is killed, and the answer comes while its call still has the wire. */
static void late_orphan_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct fake_req *req = request(test);
	struct fake_call *call = fake_call_alloc(fake, ALLOCATE, NULL, 0, 8);

	made_arg = 0;
	made_word = 0;
	call->xfer.late.made = made;
	call->xfer.late.arg = 5;
	fake_call_run(fake, call);
	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	fake_call_kill(call);
	KUNIT_EXPECT_EQ(test, fake_call_end(fake, call), -EINTR);
	fake_reply(fake, req, 0, picked, sizeof(picked));
	KUNIT_EXPECT_EQ(test, made_arg, 5);
	KUNIT_EXPECT_EQ(test, made_word, VMID);
}

/* As many are remembered as there is room for, the last ones. */
static void late_many_test(struct kunit *test)
{
	struct fake_req *reqs = kunit_kcalloc(test, RM_NR_LATE + 1, sizeof(*reqs), GFP_KERNEL);
	struct fake *fake = fake_create(test);

	KUNIT_ASSERT_NOT_NULL(test, reqs);
	fake->rm->timeout_ms = SHORT_MS;
	for (unsigned int i = 0; i <= RM_NR_LATE; i++) {
		KUNIT_EXPECT_EQ(test, gunyah_rm_alloc_vmid(fake->rm, 0), -ETIMEDOUT);
		KUNIT_ASSERT_TRUE(test, fake_req_get(fake, &reqs[i]));
	}
	fake->rm->timeout_ms = LONG_MS;

	fake_reply(fake, &reqs[0], 0, picked, sizeof(picked));
	flush_work(&fake->rm->stray_work);
	KUNIT_EXPECT_EQ(test, fake_pending(fake), 0);
	fake_reply(fake, &reqs[1], 0, picked, sizeof(picked));
	serve(test, fake, DEALLOCATE, 0);
	flush_work(&fake->rm->stray_work);
}

/*
 * A deallocation without an answer: RM is asked first whether the VM is there,
 * as it would die of being told to deallocate one that is not.
 */
static void late_dealloc_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct fake_req *req = request(test);
	struct gunyah_rm *rm = fake->rm;
	int ret;

	for (unsigned int i = 0; i < 2; i++) {
		set_bit(VMID, rm->vmids);
		clear_bit(VMID, rm->vmids_unsure);
		rm->timeout_ms = SHORT_MS;
		KUNIT_EXPECT_EQ(test, gunyah_rm_dealloc_vmid(rm, VMID), -ETIMEDOUT);
		KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
		KUNIT_EXPECT_EQ(test, req->id, DEALLOCATE);

		/* No answer to the question either: nothing else is sent. */
		KUNIT_EXPECT_EQ(test, gunyah_rm_dealloc_vmid(rm, VMID), -ETIMEDOUT);
		KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
		KUNIT_EXPECT_EQ(test, req->id, GET_STATE);
		KUNIT_EXPECT_EQ(test, fake_pending(fake), 0);
		rm->timeout_ms = LONG_MS;

		/* NORESOURCE: it is gone. DENIED: who knows. */
		fake->answer = i ? (const u8 []){ 3, 0, 0, 0 } : (const u8 []){ 2, 0, 0, 0 };
		fake->answer_size = 4;
		fake->serve = fake_serve_canned;
		ret = gunyah_rm_dealloc_vmid(rm, VMID);
		KUNIT_EXPECT_EQ(test, ret, i ? -EPERM : 0);
		KUNIT_EXPECT_EQ(test, test_bit(VMID, rm->vmids), i);
		KUNIT_EXPECT_EQ(test, fake->last.id, GET_STATE);
		/* It may still be looking for more to answer. */
		flush_work(&fake->work);
		fake->serve = NULL;
	}
}

/* Its owner was killed before it could give it back: somebody else does. */
static void late_abandon_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct gunyah_rm *rm = gunyah_rm_get(fake->rm);

	set_bit(VMID, rm->vmids);
	gunyah_rm_abandon_vmid(rm, VMID);
	serve(test, fake, DEALLOCATE, 0);
	flush_work(&rm->stray_work);
	KUNIT_EXPECT_FALSE(test, test_bit(VMID, rm->vmids));
	KUNIT_EXPECT_EQ(test, fake_pending(fake), 0);

	/* Where there is no driver any more, there is nothing to be done. */
	fake_destroy_client(fake);
	gunyah_rm_abandon_vmid(rm, VMID);
	KUNIT_EXPECT_FALSE(test, work_pending(&rm->stray_work));
	gunyah_rm_put(rm);
}

static struct kunit_case late_cases[] = {
	KUNIT_CASE(late_vmid_test),
	KUNIT_CASE(late_vmid_asked_test),
	KUNIT_CASE(late_nothing_test),
	KUNIT_CASE(late_orphan_test),
	KUNIT_CASE(late_many_test),
	KUNIT_CASE(late_dealloc_test),
	KUNIT_CASE(late_abandon_test),
	{}
};

struct kunit_suite gunyah_rm_late_suite = {
	.name = "gunyah-rm-late",
	.test_cases = late_cases,
};
