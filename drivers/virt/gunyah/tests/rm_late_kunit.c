// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the client of the resource manager: answers whose caller has
 * gone, and what is done about them.
 */
#include <kunit/test.h>
#include <linux/bitops.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/gunyah_rm_vm.h>
#include <linux/kthread.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>
#include <linux/workqueue.h>

#include "rm_fake.h"
#include "rm_kunit.h"

#define VMID		0x0181
#define LEND		0x51000012
#define RECLAIM		0x51000015
#define ALLOCATE	0x56000001
#define DEALLOCATE	0x56000002
#define GET_STATE	0x56000017

/* Statuses */
#define NORESOURCE	2
#define BUSY		5

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
	flush_delayed_work(&fake->rm->stray_work);
	KUNIT_EXPECT_FALSE(test, test_bit(VMID, fake->rm->vmids));
	KUNIT_EXPECT_EQ(test, fake_drops(fake, GUNYAH_RM_DROP_REPLY_LATE), 1);

	/* Once: the same answer a second time is nobody's. */
	fake_reply(fake, req, 0, picked, sizeof(picked));
	flush_delayed_work(&fake->rm->stray_work);
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
	flush_delayed_work(&fake->rm->stray_work);
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
		flush_delayed_work(&fake->rm->stray_work);
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
	flush_delayed_work(&fake->rm->stray_work);
	KUNIT_EXPECT_EQ(test, fake_pending(fake), 0);
	fake_reply(fake, &reqs[1], 0, picked, sizeof(picked));
	serve(test, fake, DEALLOCATE, 0);
	flush_delayed_work(&fake->rm->stray_work);
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
		KUNIT_EXPECT_EQ(test, gunyah_rm_dealloc_vmid_again(rm, VMID), -ETIMEDOUT);
		KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
		KUNIT_EXPECT_EQ(test, req->id, GET_STATE);
		KUNIT_EXPECT_EQ(test, fake_pending(fake), 0);
		rm->timeout_ms = LONG_MS;

		/* NORESOURCE: it is gone. DENIED: who knows. */
		fake->answer = i ? (const u8 []){ 3, 0, 0, 0 } : (const u8 []){ 2, 0, 0, 0 };
		fake->answer_size = 4;
		fake->serve = fake_serve_canned;
		ret = gunyah_rm_dealloc_vmid_again(rm, VMID);
		KUNIT_EXPECT_EQ(test, ret, i ? -EPERM : 0);
		KUNIT_EXPECT_EQ(test, test_bit(VMID, rm->vmids), i);
		KUNIT_EXPECT_EQ(test, fake->last.id, GET_STATE);
		/* It may still be looking for more to answer. */
		flush_work(&fake->work);
		fake->serve = NULL;
	}
}

/*
 * It was deallocated all the same, and RM has given the VM id to somebody else,
 * who alone may deallocate it now.
 */
static void late_dealloc_taken_test(struct kunit *test)
{
	static const u8 again[] = { 0, 0, 0, 0, 0x81, 0x01, 0, 0 };
	struct fake *fake = fake_create(test);
	struct fake_req *req = request(test);
	struct gunyah_rm *rm = fake->rm;
	u64 calls;

	set_bit(VMID, rm->vmids);
	rm->timeout_ms = SHORT_MS;
	KUNIT_EXPECT_EQ(test, gunyah_rm_dealloc_vmid(rm, VMID), -ETIMEDOUT);
	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	rm->timeout_ms = LONG_MS;

	fake->answer = again;
	fake->answer_size = sizeof(again);
	fake->serve = fake_serve_canned;
	KUNIT_EXPECT_EQ(test, gunyah_rm_alloc_vmid(rm, 0), VMID);
	calls = fake_counter(fake, RM_CTR_CALLS);
	KUNIT_EXPECT_EQ(test, gunyah_rm_dealloc_vmid_again(rm, VMID), 0);
	KUNIT_EXPECT_EQ(test, fake_counter(fake, RM_CTR_CALLS), calls);
	KUNIT_EXPECT_TRUE(test, test_bit(VMID, rm->vmids));

	fake->answer_size = 4;
	KUNIT_EXPECT_EQ(test, gunyah_rm_dealloc_vmid(rm, VMID), 0);
	KUNIT_EXPECT_EQ(test, fake->last.id, DEALLOCATE);
	/* It may still be looking for more to answer. */
	flush_work(&fake->work);
	fake->serve = NULL;
}

/* RM does what it is told and says nothing; somebody gets the VM id: see vmid_got(). */
static void serve_taken(struct fake *fake)
{
	while (fake_req_get_now(fake, &fake->last))
		clear_bit(VMID, fake->rm->vmids_unsure);
}

/* The same, before who was not answered has noticed that. */
static void late_dealloc_taken_at_once_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct gunyah_rm *rm = fake->rm;
	u64 calls;

	set_bit(VMID, rm->vmids);
	rm->timeout_ms = 10 * SHORT_MS;
	fake->serve = serve_taken;
	KUNIT_EXPECT_EQ(test, gunyah_rm_dealloc_vmid(rm, VMID), -ETIMEDOUT);
	flush_work(&fake->work);
	KUNIT_EXPECT_EQ(test, fake->last.id, DEALLOCATE);
	calls = fake_counter(fake, RM_CTR_CALLS);
	KUNIT_EXPECT_EQ(test, gunyah_rm_dealloc_vmid_again(rm, VMID), 0);
	KUNIT_EXPECT_EQ(test, fake_counter(fake, RM_CTR_CALLS), calls);
	KUNIT_EXPECT_TRUE(test, test_bit(VMID, rm->vmids));
	fake->serve = NULL;
}

/* Its owner was killed before it could give it back: somebody else does. */
static void late_abandon_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct gunyah_rm *rm = gunyah_rm_get(fake->rm);

	set_bit(VMID, rm->vmids);
	gunyah_rm_abandon_vmid(rm, VMID);
	serve(test, fake, DEALLOCATE, 0);
	flush_delayed_work(&rm->stray_work);
	KUNIT_EXPECT_FALSE(test, test_bit(VMID, rm->vmids));
	KUNIT_EXPECT_EQ(test, fake_pending(fake), 0);

	/* Where there is no driver any more, there is nothing to be done. */
	fake_destroy_client(fake);
	gunyah_rm_abandon_vmid(rm, VMID);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&rm->stray_work));
	gunyah_rm_put(rm);
}

/*
 * Whoever had the VM before has not returned from giving it back, when the next
 * one with its id is to be given back as well.
 */
static void late_abandon_again_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct gunyah_rm *rm = fake->rm;

	set_bit(VMID, rm->vmids_leaving);
	set_bit(VMID, rm->vmids);
	gunyah_rm_abandon_vmid(rm, VMID);
	msleep(20);
	KUNIT_EXPECT_EQ(test, fake_pending(fake), 0);
	KUNIT_EXPECT_TRUE(test, work_busy(&rm->stray_work.work));

	clear_and_wake_up_bit(VMID, rm->vmids_leaving);
	serve(test, fake, DEALLOCATE, 0);
	flush_delayed_work(&rm->stray_work);
	KUNIT_EXPECT_FALSE(test, test_bit(VMID, rm->vmids));
	KUNIT_EXPECT_FALSE(test, test_bit(VMID, rm->vmids_leaving));
}

/* RM is busy, then silent: it is asked again, and first whether the VM is there. */
static void late_abandon_retry_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct gunyah_rm *rm = gunyah_rm_get(fake->rm);
	struct fake_req *req = request(test);

	rm->timeout_ms = LONG_MS;
	set_bit(VMID, rm->vmids);
	gunyah_rm_abandon_vmid(rm, VMID);
	serve(test, fake, DEALLOCATE, BUSY);
	serve(test, fake, GET_STATE, NORESOURCE);
	flush_delayed_work(&rm->stray_work);
	KUNIT_EXPECT_FALSE(test, test_bit(VMID, rm->vmids));
	KUNIT_EXPECT_EQ(test, atomic_read(&rm->stray_retries), 0);

	set_bit(VMID, rm->vmids);
	clear_bit(VMID, rm->vmids_unsure);
	rm->timeout_ms = SHORT_MS;
	gunyah_rm_abandon_vmid(rm, VMID);
	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	KUNIT_EXPECT_EQ(test, req->id, DEALLOCATE);
	flush_work(&rm->stray_work.work);
	rm->timeout_ms = LONG_MS;
	serve(test, fake, GET_STATE, BUSY);

	/* Until there is no driver any more. */
	fake_destroy_client(fake);
	KUNIT_EXPECT_FALSE(test, work_busy(&rm->stray_work.work));
	KUNIT_EXPECT_EQ(test, fake_pending(fake), 0);
	gunyah_rm_put(rm);
}

static const u8 handle_7[] = { 7, 0, 0, 0 };

static const struct gunyah_rm_mem_acl acl = { .vmid = VMID, .rights = GUNYAH_RM_MEM_RWX };
static const struct gunyah_rm_range range = { .base = 0x80000000, .size = 0x1000 };
static const struct gunyah_rm_parcel one_page = {
	.desc.nr_acl = 1,
	.desc.acl = &acl,
	.desc.nr_sgl = 1,
	.desc.sgl = &range,
};

/* A parcel whose maker gets no answer; its request is in @req. */
static u32 lend_unsure(struct kunit *test, struct fake *fake, struct fake_req *req)
{
	struct gunyah_rm_parcel parcel = one_page;

	fake->rm->timeout_ms = SHORT_MS;
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_lend(fake->rm, &parcel), -ETIMEDOUT);
	fake->rm->timeout_ms = LONG_MS;
	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	KUNIT_EXPECT_EQ(test, req->id, LEND);
	KUNIT_EXPECT_EQ(test, parcel.handle, GUNYAH_RM_NO_HANDLE);
	KUNIT_EXPECT_NE(test, parcel.unsure, 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_settle(fake->rm, parcel.unsure), -EAGAIN);

	return parcel.unsure;
}

/* It is reclaimed by itself, and its maker can learn that it was. */
static void late_parcel_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct fake_req *req = request(test);
	u32 unsure = lend_unsure(test, fake, req);

	KUNIT_EXPECT_EQ(test, fake->rm->nr_entries, 1);
	fake_reply(fake, req, 0, handle_7, sizeof(handle_7));
	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	KUNIT_EXPECT_EQ(test, req->id, RECLAIM);
	KUNIT_EXPECT_MEMEQ(test, req->data, handle_7, sizeof(handle_7));
	/* Not before RM has said so. */
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_settle(fake->rm, unsure), -EBUSY);
	fake_reply(fake, req, 0, NULL, 0);
	flush_delayed_work(&fake->rm->stray_work);

	KUNIT_EXPECT_EQ(test, fake->rm->nr_entries, 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_settle(fake->rm, unsure), 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_settle(fake->rm, unsure), -EINVAL);
}

struct lender {
	struct gunyah_rm *rm;
	struct gunyah_rm_parcel parcel;
	struct completion done;
	struct task_struct *task;
	int ret;
};

static int lend_thread(void *data)
{
	struct lender *lender = data;

	allow_signal(SIGKILL);
	lender->ret = gunyah_rm_mem_lend(lender->rm, &lender->parcel);
	kthread_complete_and_exit(&lender->done, 0);
}

/* However the test ends, the thread does not go on. */
static void lend_end(void *data)
{
	struct lender *lender = data;

	send_sig(SIGKILL, lender->task, 1);
	wait_for_completion(&lender->done);
	put_task_struct(lender->task);
}

static struct lender *lend_start(struct kunit *test, struct fake *fake)
{
	struct lender *lender = kunit_kzalloc(test, sizeof(*lender), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, lender);
	lender->rm = fake->rm;
	lender->parcel = one_page;
	init_completion(&lender->done);
	lender->task = kthread_create(lend_thread, lender, "rm-fake-lend");
	KUNIT_ASSERT_FALSE(test, IS_ERR(lender->task));
	get_task_struct(lender->task);
	wake_up_process(lender->task);

	return lender;
}

/* Its maker is killed, does not wait, and RM makes it. */
static void late_parcel_killed_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct fake_req *req = request(test);
	struct lender *lender;
	u32 unsure;

	fake->rm->timeout_ms = LONG_MS;
	lender = lend_start(test, fake);
	if (fake_req_get(fake, req))
		KUNIT_EXPECT_EQ(test, req->id, LEND);
	lend_end(lender);
	KUNIT_EXPECT_EQ(test, lender->ret, -EINTR);
	KUNIT_EXPECT_EQ(test, lender->parcel.handle, GUNYAH_RM_NO_HANDLE);
	unsure = lender->parcel.unsure;
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_settle(fake->rm, unsure), -EINPROGRESS);

	fake_reply(fake, req, 0, handle_7, sizeof(handle_7));
	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	KUNIT_EXPECT_EQ(test, req->id, RECLAIM);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_settle(fake->rm, unsure), -EBUSY);
	fake_reply(fake, req, 0, NULL, 0);
	flush_delayed_work(&fake->rm->stray_work);
	KUNIT_EXPECT_EQ(test, fake->rm->nr_entries, 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_settle(fake->rm, unsure), 0);
}

/* The same, and RM refuses it. */
static void late_parcel_refused_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct fake_req *req = request(test);
	struct lender *lender;

	fake->rm->timeout_ms = LONG_MS;
	lender = lend_start(test, fake);
	KUNIT_EXPECT_TRUE(test, fake_req_get(fake, req));
	lend_end(lender);
	fake_reply(fake, req, 2, NULL, 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_settle(fake->rm, lender->parcel.unsure), 0);
	KUNIT_EXPECT_EQ(test, fake->rm->nr_entries, 0);
}

/* The same, but the hypervisor refuses the message: RM has never seen it. */
static void late_parcel_unsent_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct lender *lender;

	fake->rm->timeout_ms = LONG_MS;
	fake_room_set(fake, 0);
	lender = lend_start(test, fake);
	KUNIT_EXPECT_TRUE(test, fake_wait_slots(fake, 1));
	lend_end(lender);
	KUNIT_EXPECT_EQ(test, lender->ret, -EINTR);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_settle(fake->rm, lender->parcel.unsure),
			-EINPROGRESS);

	fake->error = -EACCES;
	fake_room_set(fake, UINT_MAX);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_settle(fake->rm, lender->parcel.unsure), 0);
	KUNIT_EXPECT_EQ(test, fake_counter(fake, RM_CTR_TX_ERRORS), 1);
	KUNIT_EXPECT_EQ(test, fake->rm->nr_entries, 0);
}

/* Calls of RM that are answered at once, all with the same. */
static void serve_all(struct fake *fake, const u8 *answer, size_t size)
{
	fake->answer = answer;
	fake->answer_size = size;
	fake->serve = fake_serve_canned;
}

static void serve_none(struct fake *fake)
{
	flush_work(&fake->work);
	fake->serve = NULL;
}

/* RM does not give it back at once, but when it is asked again. */
static void late_parcel_stuck_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct fake_req *req = request(test);
	u32 unsure = lend_unsure(test, fake, req);

	fake_reply(fake, req, 0, handle_7, sizeof(handle_7));
	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	fake_reply(fake, req, 11, NULL, 0);
	flush_delayed_work(&fake->rm->stray_work);
	KUNIT_EXPECT_EQ(test, fake->rm->nr_entries, 1);

	serve_all(fake, (const u8 []){ 0, 0, 0, 0 }, 4);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_settle(fake->rm, unsure), 0);
	KUNIT_EXPECT_EQ(test, fake->last.id, RECLAIM);
	serve_none(fake);
	KUNIT_EXPECT_EQ(test, fake->rm->nr_entries, 0);
}

/* Refused after all: nothing to reclaim. No handle in it: never known. */
static void late_parcel_nothing_test(struct kunit *test)
{
	static const u8 none[] = { 0xff, 0xff, 0xff, 0xff };
	struct fake *fake = fake_create(test);
	struct fake_req *req = request(test);
	u32 unsure = lend_unsure(test, fake, req);

	fake_reply(fake, req, 2, NULL, 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_settle(fake->rm, unsure), 0);

	for (unsigned int i = 1; i <= 2; i++) {
		unsure = lend_unsure(test, fake, req);
		fake_reply(fake, req, 0, none, i == 1 ? 0 : sizeof(none));
		flush_delayed_work(&fake->rm->stray_work);
		KUNIT_EXPECT_EQ(test, gunyah_rm_mem_settle(fake->rm, unsure), -EAGAIN);
		KUNIT_EXPECT_EQ(test, fake->rm->nr_entries, i);
	}
	KUNIT_EXPECT_EQ(test, fake_pending(fake), 0);
}

/* RM's queue is full, so it does not get all of the request, and makes nothing. */
static void late_parcel_part_test(struct kunit *test)
{
	struct gunyah_rm_range *ranges = kunit_kcalloc(test, 512, sizeof(*ranges), GFP_KERNEL);
	struct gunyah_rm_parcel parcel = one_page;
	struct fake *fake = fake_create(test);

	KUNIT_ASSERT_NOT_NULL(test, ranges);
	for (unsigned int i = 0; i < 512; i++)
		ranges[i] = range;
	parcel.desc.sgl = ranges;
	parcel.desc.nr_sgl = 512;

	fake_room_set(fake, 1);
	fake->rm->timeout_ms = SHORT_MS;
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_lend(fake->rm, &parcel), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, parcel.unsure, 0);
	KUNIT_EXPECT_EQ(test, fake->rm->nr_entries, 0);
	fake_room_set(fake, UINT_MAX);
}

/*
 * A handle that another parcel has: one of the two is a lie. Nothing is asked
 * of RM in the name of the late one, and the other is not touched.
 */
static void late_parcel_twin_test(struct kunit *test)
{
	struct gunyah_rm_parcel parcel = one_page;
	struct fake *fake = fake_create(test);
	struct fake_req *req = request(test);
	u32 unsure;

	serve_all(fake, (const u8 []){ 0, 0, 0, 0, 7, 0, 0, 0 }, 8);
	KUNIT_ASSERT_EQ(test, gunyah_rm_mem_share(fake->rm, &parcel), 0);
	KUNIT_EXPECT_EQ(test, parcel.handle, 7);
	serve_none(fake);

	unsure = lend_unsure(test, fake, req);
	fake_reply(fake, req, 0, handle_7, sizeof(handle_7));
	flush_delayed_work(&fake->rm->stray_work);
	KUNIT_EXPECT_EQ(test, fake_pending(fake), 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_settle(fake->rm, unsure), -EAGAIN);
	KUNIT_EXPECT_EQ(test, fake->rm->nr_entries, 2);

	serve_all(fake, (const u8 []){ 0, 0, 0, 0 }, 4);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_reclaim(fake->rm, 7, false), 0);
	serve_none(fake);
	KUNIT_EXPECT_EQ(test, fake->rm->nr_entries, 1);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_settle(fake->rm, unsure), -EAGAIN);
}

/*
 * The driver goes between the answer and the reclaim. Who asks then gets an
 * answer at once, and it is not that the memory is free.
 */
static void late_parcel_unbound_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct gunyah_rm *rm = gunyah_rm_get(fake->rm);
	struct fake_req *req = request(test);
	u32 unsure = lend_unsure(test, fake, req);

	fake_reply(fake, req, 0, handle_7, sizeof(handle_7));
	KUNIT_ASSERT_TRUE(test, fake_req_get(fake, req));
	KUNIT_EXPECT_EQ(test, req->id, RECLAIM);
	fake_destroy_client(fake);
	KUNIT_EXPECT_FALSE(test, work_busy(&rm->stray_work.work));
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_settle(rm, unsure), -EBUSY);
	KUNIT_EXPECT_EQ(test, rm->nr_entries, 1);
	gunyah_rm_put(rm);
}

static struct kunit_case late_cases[] = {
	KUNIT_CASE(late_vmid_test),
	KUNIT_CASE(late_vmid_asked_test),
	KUNIT_CASE(late_nothing_test),
	KUNIT_CASE(late_orphan_test),
	KUNIT_CASE(late_many_test),
	KUNIT_CASE(late_dealloc_test),
	KUNIT_CASE(late_dealloc_taken_test),
	KUNIT_CASE(late_dealloc_taken_at_once_test),
	KUNIT_CASE(late_parcel_test),
	KUNIT_CASE(late_parcel_killed_test),
	KUNIT_CASE(late_parcel_refused_test),
	KUNIT_CASE(late_parcel_unsent_test),
	KUNIT_CASE(late_parcel_stuck_test),
	KUNIT_CASE(late_parcel_nothing_test),
	KUNIT_CASE(late_parcel_part_test),
	KUNIT_CASE(late_parcel_twin_test),
	KUNIT_CASE(late_parcel_unbound_test),
	KUNIT_CASE(late_abandon_test),
	KUNIT_CASE(late_abandon_again_test),
	KUNIT_CASE_SLOW(late_abandon_retry_test),
	{}
};

struct kunit_suite gunyah_rm_late_suite = {
	.name = "gunyah-rm-late",
	.test_cases = late_cases,
};
