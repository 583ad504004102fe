// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the client of the resource manager: notifications.
 */
#include <kunit/test.h>
#include <linux/array_size.h>
#include <linux/completion.h>
#include <linux/container_of.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "rm_fake.h"
#include "rm_kunit.h"

/* An id that the client does not know. */
#define ID_UNKNOWN	0x56100099

/* Where the subscription of a listener ends by itself. */
#define NEVER		UINT_MAX

/**
 * struct listener - a subscriber that writes down what it hears
 * @sub: subscription
 * @fake: fake
 * @nr: notifications heard
 * @nr_lost: times it was told that some were lost
 * @last: first word of the last one
 * @disorder: words that did not ascend
 * @copy: the last one
 * @gate: if set, each callback waits for it
 * @entered: completed by each callback
 * @leave_at: unsubscribe from the callback after so many
 * @call_ret: result of a call made in the callback
 * @call: make one
 */
struct listener {
	struct gunyah_rm_subscriber sub;
	struct fake *fake;
	unsigned int nr;
	unsigned int nr_lost;
	u32 last;
	unsigned int disorder;
	struct gunyah_rm_notification copy;
	struct completion *gate;
	struct completion entered;
	unsigned int leave_at;
	int call_ret;
	bool call;
};

static void listener_notify(struct gunyah_rm_subscriber *sub,
			    const struct gunyah_rm_notification *n)
{
	struct listener *l = container_of(sub, struct listener, sub);
	u32 word = 0;

	if (n->size >= sizeof(word))
		memcpy(&word, n->data, sizeof(word));
	if (l->nr && word <= l->last)
		l->disorder++;
	l->last = word;
	l->copy = *n;
	complete(&l->entered);

	if (l->gate)
		wait_for_completion_timeout(l->gate, FAKE_PATIENCE);
	if (l->call) {
		u16 vmid;

		l->call_ret = gunyah_rm_get_owner(l->fake->rm, &vmid);
	}
	if (l->nr + 1 == l->leave_at)
		gunyah_rm_unsubscribe(l->fake->rm, &l->sub);
	WRITE_ONCE(l->nr, l->nr + 1);
}

static void listener_lost(struct gunyah_rm_subscriber *sub)
{
	struct listener *l = container_of(sub, struct listener, sub);

	WRITE_ONCE(l->nr_lost, l->nr_lost + 1);
}

static void listener_leave(void *data)
{
	struct listener *l = data;

	if (!list_empty(&l->sub.node))
		gunyah_rm_unsubscribe(l->fake->rm, &l->sub);
}

static struct listener *listener_create(struct fake *fake, u32 id, u16 vmid)
{
	struct kunit *test = fake->test;
	struct listener *l = kunit_kzalloc(test, sizeof(*l), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, l);
	l->fake = fake;
	l->sub.id = id;
	l->sub.vmid = vmid;
	l->sub.notify = listener_notify;
	l->sub.lost = listener_lost;
	l->leave_at = NEVER;
	init_completion(&l->entered);
	INIT_LIST_HEAD(&l->sub.node);
	KUNIT_ASSERT_EQ(test, gunyah_rm_subscribe(fake->rm, &l->sub), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, listener_leave, l), 0);

	return l;
}

static bool listener_heard(struct listener *l, unsigned int nr)
{
	unsigned long end = jiffies + FAKE_PATIENCE;

	while (READ_ONCE(l->nr) < nr && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);

	return READ_ONCE(l->nr) == nr;
}

static void settle(struct fake *fake)
{
	flush_work(&fake->rm->notify.work);
}

static const u8 status_running[] = { 0x80, 0x00, 0, 0, 3, 4, 0x34, 0x12 };

static void notify_match_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct listener *same = listener_create(fake, GUNYAH_RM_NOTIF_VM_STATUS, 0x80);
	struct listener *any = listener_create(fake, GUNYAH_RM_NOTIF_VM_STATUS, GUNYAH_VMID_ANY);
	struct listener *other = listener_create(fake, GUNYAH_RM_NOTIF_VM_STATUS, 0x81);
	struct listener *exited = listener_create(fake, GUNYAH_RM_NOTIF_VM_EXITED, 0x80);
	struct listener *all = listener_create(fake, GUNYAH_RM_NOTIF_ANY, GUNYAH_VMID_ANY);

	fake_notify(fake, GUNYAH_RM_NOTIF_VM_STATUS, status_running, sizeof(status_running));
	settle(fake);

	KUNIT_EXPECT_EQ(test, same->nr, 1);
	KUNIT_EXPECT_EQ(test, any->nr, 1);
	KUNIT_EXPECT_EQ(test, all->nr, 1);
	KUNIT_EXPECT_EQ(test, other->nr, 0);
	KUNIT_EXPECT_EQ(test, exited->nr, 0);
	KUNIT_EXPECT_EQ(test, same->copy.vmid, 0x80);
	KUNIT_EXPECT_EQ(test, same->copy.status.vm_state, GUNYAH_RM_VM_RUNNING);
	KUNIT_EXPECT_EQ(test, same->copy.status.os_state, 4);
	KUNIT_EXPECT_EQ(test, same->copy.status.app_status, 0x1234);
	KUNIT_EXPECT_EQ(test, fake_counter(fake, RM_CTR_NOTIF_DELIVERED), 3);
	KUNIT_EXPECT_EQ(test, fake_counter(fake, RM_CTR_NOTIF_UNCLAIMED), 0);

	gunyah_rm_unsubscribe(fake->rm, &same->sub);
	fake_notify(fake, GUNYAH_RM_NOTIF_VM_STATUS, status_running, sizeof(status_running));
	settle(fake);
	KUNIT_EXPECT_EQ(test, same->nr, 1);
	KUNIT_EXPECT_EQ(test, any->nr, 2);
}

/* An id that names no VM goes to everybody; one that is not known, too. */
static void notify_unknown_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct listener *l = listener_create(fake, ID_UNKNOWN, 0x80);

	fake_notify(fake, ID_UNKNOWN, NULL, 0);
	fake_notify(fake, ID_UNKNOWN + 1, status_running, 4);
	settle(fake);
	KUNIT_EXPECT_EQ(test, l->nr, 1);
	KUNIT_EXPECT_EQ(test, l->copy.size, 0);
	KUNIT_EXPECT_EQ(test, fake_counter(fake, RM_CTR_NOTIF_UNKNOWN), 2);
	KUNIT_EXPECT_EQ(test, fake_counter(fake, RM_CTR_NOTIF_UNCLAIMED), 1);
}

/* Shorter than its id demands, longer, and with a length inside that lies. */
static void notify_length_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct listener *l = listener_create(fake, GUNYAH_RM_NOTIF_ANY, GUNYAH_VMID_ANY);
	u8 exited[16] = { 0x80, 0, 7, 0, 4, 0, 0, 0, 1, 0, 2, 0 };

	fake_notify(fake, GUNYAH_RM_NOTIF_VM_STATUS, status_running, sizeof(status_running) - 1);
	fake_notify(fake, GUNYAH_RM_NOTIF_VM_STATUS, NULL, 0);
	settle(fake);
	KUNIT_EXPECT_EQ(test, l->nr, 0);
	KUNIT_EXPECT_EQ(test, fake_drops(fake, GUNYAH_RM_DROP_NOTIF_SHORT), 2);

	fake_notify(fake, GUNYAH_RM_NOTIF_VM_EXITED, exited, 12);
	settle(fake);
	KUNIT_EXPECT_EQ(test, l->nr, 1);
	KUNIT_EXPECT_EQ(test, l->copy.exit.type, GUNYAH_RM_EXIT_FORCED);
	KUNIT_EXPECT_EQ(test, l->copy.exit.flags, 1);
	KUNIT_EXPECT_EQ(test, l->copy.exit.code, 2);
	KUNIT_EXPECT_EQ(test, l->copy.exit.reason_size, 4);

	fake_notify(fake, GUNYAH_RM_NOTIF_VM_EXITED, exited, sizeof(exited));
	settle(fake);
	KUNIT_EXPECT_EQ(test, l->nr, 2);
	KUNIT_EXPECT_EQ(test, l->copy.exit.reason_size, 4);
	KUNIT_EXPECT_EQ(test, l->copy.size, sizeof(exited));

	exited[4] = 9;
	fake_notify(fake, GUNYAH_RM_NOTIF_VM_EXITED, exited, sizeof(exited));
	exited[7] = 0xff;
	fake_notify(fake, GUNYAH_RM_NOTIF_VM_EXITED, exited, sizeof(exited));
	settle(fake);
	KUNIT_EXPECT_EQ(test, l->nr, 2);
	KUNIT_EXPECT_EQ(test, fake_drops(fake, GUNYAH_RM_DROP_NOTIF_SHORT), 4);
}

/* The largest, again and again, around the end of the ring. */
static void notify_large_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct listener *l = listener_create(fake, ID_UNKNOWN, GUNYAH_VMID_ANY);
	u32 *payload = kunit_kzalloc(test, GUNYAH_RM_MAX_PAYLOAD, GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, payload);
	for (i = 1; i <= 40; i++) {
		size_t size = i % 3 ? GUNYAH_RM_MAX_PAYLOAD : 4 + i;

		payload[0] = i;
		fake_notify(fake, ID_UNKNOWN, payload, size);
		settle(fake);
		KUNIT_ASSERT_EQ(test, l->nr, i);
		KUNIT_ASSERT_EQ(test, l->copy.size, size);
		KUNIT_ASSERT_EQ(test, l->last, i);
	}
	KUNIT_EXPECT_EQ(test, l->disorder, 0);
	KUNIT_EXPECT_EQ(test, l->nr_lost, 0);
}

/* A callback may call RM; nobody else is needed for the answer. */
static void notify_call_test(struct kunit *test)
{
	static const u8 answer[] = { 0, 0, 0, 0, 3, 0, 0, 0 };
	struct fake *fake = fake_create(test);
	struct listener *l = listener_create(fake, ID_UNKNOWN, GUNYAH_VMID_ANY);

	fake->answer = answer;
	fake->answer_size = sizeof(answer);
	fake->serve = fake_serve_canned;
	l->call = true;
	l->call_ret = -EINPROGRESS;
	fake_notify(fake, ID_UNKNOWN, NULL, 0);
	KUNIT_EXPECT_TRUE(test, listener_heard(l, 1));
	KUNIT_EXPECT_EQ(test, l->call_ret, 0);
}

/* Unbinding ends the call of a callback. */
static void notify_unbind_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct gunyah_rm *rm = gunyah_rm_get(fake->rm);
	struct listener *l = listener_create(fake, ID_UNKNOWN, GUNYAH_VMID_ANY);

	l->call = true;
	fake_notify(fake, ID_UNKNOWN, NULL, 0);
	KUNIT_ASSERT_TRUE(test, fake_wait_frags(fake, 1));
	gunyah_rm_destroy(rm);
	KUNIT_EXPECT_EQ(test, l->nr, 1);
	KUNIT_EXPECT_EQ(test, l->call_ret, -ECANCELED);

	KUNIT_EXPECT_EQ(test, gunyah_rm_subscribe(rm, &l->sub), -ENODEV);
	gunyah_rm_unsubscribe(rm, &l->sub);
	fake->rm = NULL;
	gunyah_rm_put(rm);
}

/* The ring is full: order is kept, the loss is told at its place, it goes on. */
static void notify_overflow_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct listener *l = listener_create(fake, ID_UNKNOWN, GUNYAH_VMID_ANY);
	u32 *payload = kunit_kzalloc(test, GUNYAH_RM_MAX_PAYLOAD, GFP_KERNEL);
	struct completion gate;
	unsigned int i, nr;

	KUNIT_ASSERT_NOT_NULL(test, payload);
	init_completion(&gate);
	l->gate = &gate;

	for (i = 1; i <= 20; i++) {
		payload[0] = i;
		fake_notify(fake, ID_UNKNOWN, payload, GUNYAH_RM_MAX_PAYLOAD);
	}
	nr = fake_drops(fake, GUNYAH_RM_DROP_NOTIF_FULL);
	KUNIT_EXPECT_GT(test, nr, 0);
	KUNIT_EXPECT_EQ(test, fake_counter(fake, RM_CTR_NOTIF_LOST), nr);
	KUNIT_EXPECT_EQ(test, fake_drops(fake, GUNYAH_RM_DROP_STRAY), 0);

	complete_all(&gate);
	settle(fake);
	KUNIT_EXPECT_EQ(test, l->nr, 20 - nr);
	KUNIT_EXPECT_EQ(test, l->last, 20 - nr);
	KUNIT_EXPECT_EQ(test, l->nr_lost, 1);
	KUNIT_EXPECT_EQ(test, l->disorder, 0);

	payload[0] = 21;
	fake_notify(fake, ID_UNKNOWN, payload, 4);
	settle(fake);
	KUNIT_EXPECT_EQ(test, l->last, 21);
	KUNIT_EXPECT_EQ(test, l->nr_lost, 1);
}

/* A loss in between is told in between. */
static void notify_overflow_order_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct listener *l = listener_create(fake, ID_UNKNOWN, GUNYAH_VMID_ANY);
	u32 *payload = kunit_kzalloc(test, GUNYAH_RM_MAX_PAYLOAD, GFP_KERNEL);
	struct completion gate;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, payload);
	init_completion(&gate);
	l->gate = &gate;

	/* One is being delivered, the ring is full, two places become free. */
	for (i = 1; !fake_drops(fake, GUNYAH_RM_DROP_NOTIF_FULL); i++) {
		payload[0] = i;
		fake_notify(fake, ID_UNKNOWN, payload, GUNYAH_RM_MAX_PAYLOAD);
	}
	complete(&gate);
	complete(&gate);
	KUNIT_ASSERT_TRUE(test, listener_heard(l, 2));
	wait_for_completion_timeout(&l->entered, FAKE_PATIENCE);
	payload[0] = i;
	fake_notify(fake, ID_UNKNOWN, payload, 4);
	KUNIT_EXPECT_EQ(test, l->nr_lost, 0);

	complete_all(&gate);
	settle(fake);
	KUNIT_EXPECT_EQ(test, l->last, i);
	KUNIT_EXPECT_EQ(test, l->nr, i - 1);
	KUNIT_EXPECT_EQ(test, l->nr_lost, 1);
}

/* A notification that is damaged on the way is a loss as well. */
static void notify_damaged_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct listener *l = listener_create(fake, ID_UNKNOWN, GUNYAH_VMID_ANY);
	u8 *payload = kunit_kzalloc(test, 500, GFP_KERNEL);
	u8 buf[GUNYAH_RM_FRAG_SIZE];
	size_t size;

	KUNIT_ASSERT_NOT_NULL(test, payload);
	size = gunyah_rm_msg_encode(buf, GUNYAH_RM_NOTIFICATION, ID_UNKNOWN, 5, payload, 500, 0);
	fake_recv(fake, buf, size);
	payload[0] = 1;
	fake_notify(fake, ID_UNKNOWN, payload, 4);
	settle(fake);
	KUNIT_EXPECT_EQ(test, fake_drops(fake, GUNYAH_RM_DROP_CUT), 1);
	KUNIT_EXPECT_EQ(test, l->nr_lost, 1);
	KUNIT_EXPECT_EQ(test, l->nr, 1);
}

/* Unsubscribing waits for a callback that runs. */
static int leave_thread(void *data)
{
	struct listener *l = data;

	gunyah_rm_unsubscribe(l->fake->rm, &l->sub);
	/* From here on nothing may be heard. */
	WRITE_ONCE(l->leave_at, 0);
	kthread_complete_and_exit(&l->entered, 0);
}

static void notify_leave_waits_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct listener *l = listener_create(fake, ID_UNKNOWN, GUNYAH_VMID_ANY);
	struct completion gate;
	struct task_struct *task;

	init_completion(&gate);
	l->gate = &gate;
	fake_notify(fake, ID_UNKNOWN, NULL, 0);
	KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&l->entered, FAKE_PATIENCE), 0);

	task = kthread_run(leave_thread, l, "rm-leave");
	if (IS_ERR(task)) {
		complete_all(&gate);
		KUNIT_FAIL_AND_ABORT(test, "no thread");
	}
	schedule_timeout_uninterruptible(HZ / 20);
	KUNIT_EXPECT_EQ(test, READ_ONCE(l->leave_at), NEVER);
	KUNIT_EXPECT_EQ(test, l->nr, 0);

	complete_all(&gate);
	KUNIT_EXPECT_NE(test, wait_for_completion_timeout(&l->entered, FAKE_PATIENCE), 0);
	KUNIT_EXPECT_EQ(test, l->nr, 1);
}

/* A callback may leave, and the others still hear. */
static void notify_leave_self_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct listener *first = listener_create(fake, ID_UNKNOWN, GUNYAH_VMID_ANY);
	struct listener *second = listener_create(fake, ID_UNKNOWN, GUNYAH_VMID_ANY);
	u32 i;

	first->leave_at = 2;
	for (i = 1; i <= 4; i++)
		fake_notify(fake, ID_UNKNOWN, &i, sizeof(i));
	KUNIT_EXPECT_TRUE(test, listener_heard(second, 4));
	KUNIT_EXPECT_EQ(test, first->nr, 2);
	KUNIT_EXPECT_EQ(test, second->disorder, 0);
}

/* What has come before somebody subscribed is not delivered to him afterwards. */
static void notify_before_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct listener *first = listener_create(fake, ID_UNKNOWN, GUNYAH_VMID_ANY);
	struct completion gate;
	struct listener *late;
	u32 i;

	init_completion(&gate);
	first->gate = &gate;
	for (i = 1; i <= 3; i++)
		fake_notify(fake, ID_UNKNOWN, &i, sizeof(i));
	KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&first->entered, FAKE_PATIENCE), 0);
	late = listener_create(fake, ID_UNKNOWN, GUNYAH_VMID_ANY);
	fake_notify(fake, ID_UNKNOWN, &i, sizeof(i));

	complete_all(&gate);
	settle(fake);
	KUNIT_EXPECT_EQ(test, first->nr, 4);
	KUNIT_EXPECT_EQ(test, late->nr, 1);
	KUNIT_EXPECT_EQ(test, late->last, 4);
}

/* Coming and going during a flood: nothing is heard by who is not there. */
static void notify_race_test(struct kunit *test)
{
	struct fake *fake = fake_create(test);
	struct listener *stay = listener_create(fake, ID_UNKNOWN, GUNYAH_VMID_ANY);
	struct listener *l = listener_create(fake, ID_UNKNOWN, GUNYAH_VMID_ANY);
	unsigned int heard;
	u32 i;

	for (i = 1; i <= 2000; i++) {
		fake_notify(fake, ID_UNKNOWN, &i, sizeof(i));
		if (i % 5)
			continue;
		gunyah_rm_unsubscribe(fake->rm, &l->sub);
		heard = READ_ONCE(l->nr);
		cond_resched();
		KUNIT_ASSERT_EQ(test, READ_ONCE(l->nr), heard);
		memset(&l->sub.node, 0x6b, sizeof(l->sub.node));
		KUNIT_ASSERT_EQ(test, gunyah_rm_subscribe(fake->rm, &l->sub), 0);
	}
	settle(fake);
	KUNIT_EXPECT_EQ(test, stay->disorder, 0);
	KUNIT_EXPECT_EQ(test, stay->nr + fake_counter(fake, RM_CTR_NOTIF_LOST), 2000);
	KUNIT_EXPECT_EQ(test, l->disorder, 0);
}

static struct kunit_case notify_cases[] = {
	KUNIT_CASE(notify_match_test),
	KUNIT_CASE(notify_unknown_test),
	KUNIT_CASE(notify_length_test),
	KUNIT_CASE(notify_large_test),
	KUNIT_CASE(notify_call_test),
	KUNIT_CASE(notify_unbind_test),
	KUNIT_CASE(notify_overflow_test),
	KUNIT_CASE(notify_overflow_order_test),
	KUNIT_CASE(notify_damaged_test),
	KUNIT_CASE(notify_leave_waits_test),
	KUNIT_CASE(notify_leave_self_test),
	KUNIT_CASE(notify_before_test),
	KUNIT_CASE(notify_race_test),
	{ }
};

struct kunit_suite gunyah_rm_notify_suite = {
	.name = "gunyah_rm_notify",
	.test_cases = notify_cases,
};
