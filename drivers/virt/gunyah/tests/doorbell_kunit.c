// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of doorbells, over the model: its peers ring, its interrupts are
 * real. Nothing depends on how fast something is.
 */
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/gunyah_doorbell.h>
#include <linux/hardirq.h>
#include <linux/interrupt.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/pm_wakeup.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include <kunit/resource.h>
#include <kunit/test.h>

#include "resource_test.h"

#define LABEL		1
#define NR_FLAGS	64
#define NR_SENDERS	4
#define NR_ROUNDS	300
#define WAIT_MS		20000

/**
 * struct bt - a doorbell each way and a consumer
 * @rt: what is below
 * @bell: the model's view
 * @source: the end this VM rings
 * @doorbell: the end that rings in this VM
 * @calls: calls of a handler
 * @bad_context: of these, how many in the wrong context
 * @seen: flags that the flags handler took, all together
 * @taken: flags to take
 * @wrote: rings per flag, written before the ring
 * @read: @wrote as of the last time the handler saw the flag
 * @refused: rings answered with -ENODEV
 */
struct bt {
	struct rt *rt;
	struct rt_bell bell;
	struct gunyah_doorbell_source *source;
	struct gunyah_doorbell *doorbell;
	atomic_t calls;
	atomic_t bad_context;
	u64 seen;
	u64 taken;
	unsigned int wrote[NR_FLAGS];
	unsigned int read[NR_FLAGS];
	atomic_t refused;
};

static void bt_put(void *data)
{
	struct bt *bt = data;

	gunyah_doorbell_put(bt->doorbell);
	gunyah_doorbell_source_put(bt->source);
	bt->doorbell = NULL;
	bt->source = NULL;
}

static void bt_open(struct kunit *test, struct bt *bt)
{
	struct rt *rt = bt->rt;

	rt_add(rt);
	bt->source = gunyah_doorbell_source_get(rt_find(rt, GUNYAH_RESOURCE_DOORBELL_SOURCE,
							LABEL));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bt->source);
	bt->doorbell = gunyah_doorbell_get(rt_find(rt, GUNYAH_RESOURCE_DOORBELL, LABEL));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bt->doorbell);
}

static struct bt *bt_new(struct kunit *test)
{
	struct bt *bt = kunit_kzalloc(test, sizeof(*bt), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, bt);
	bt->rt = test->priv;
	bt->taken = U64_MAX;
	bt->bell = rt_bell_new(bt->rt);
	rt_entry(bt->rt, GUNYAH_RM_RES_BELL_TX, LABEL, bt->bell.tx_cap, 0);
	rt_entry(bt->rt, GUNYAH_RM_RES_BELL_RX, LABEL, bt->bell.rx_cap, bt->bell.rx_virq);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, bt_put, bt), 0);
	bt_open(test, bt);

	return bt;
}

static void plain_rang(void *data)
{
	struct bt *bt = data;

	if (!in_hardirq())
		atomic_inc(&bt->bad_context);
	atomic_inc(&bt->calls);
}

static void flags_rang(void *data)
{
	struct bt *bt = data;
	unsigned int flag;
	u64 flags = 0;

	if (!in_task())
		atomic_inc(&bt->bad_context);
	if (gunyah_doorbell_recv(bt->doorbell, bt->taken, &flags))
		return;

	flags &= bt->taken;
	for (flag = 0; flag < NR_FLAGS; flag++)
		if (flags & BIT_ULL(flag))
			WRITE_ONCE(bt->read[flag], READ_ONCE(bt->wrote[flag]));
	WRITE_ONCE(bt->seen, bt->seen | flags);
	atomic_inc(&bt->calls);
}

/* Lets interrupts and the handler's thread come to rest. */
static void bt_settle(struct bt *bt)
{
	struct auxiliary_device *adev = gunyah_resource_find(RT_VMID, GUNYAH_RESOURCE_DOORBELL,
							     LABEL);

	gunyah_model_settle(bt->rt->host);
	if (!adev)
		return;

	synchronize_irq(to_gunyah_resource_device(adev)->irq);
	put_device(&adev->dev);
}

static void bt_peer_rings(struct bt *bt, u64 flags)
{
	rt_bell_ring(bt->rt, bt->bell.rx_cap, flags);
	bt_settle(bt);
}

/* Plain mode: one hypercall for a ring, none to receive it. */
static void bell_plain_test(struct kunit *test)
{
	struct bt *bt = bt_new(test);
	struct gunyah_model_host *host = bt->rt->host;
	unsigned long irqflags;
	u64 flags, masks, sent, calls;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, gunyah_doorbell_start_plain(bt->doorbell, plain_rang, bt), 0);
	masks = gunyah_model_calls(host, NUM_BELL_MASK);
	for (i = 1; i <= 20; i++) {
		bt_peer_rings(bt, 1);
		KUNIT_EXPECT_EQ(test, atomic_read(&bt->calls), i);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&bt->bad_context), 0);
	KUNIT_EXPECT_EQ(test, gunyah_model_calls(host, NUM_BELL_RECV), 0);
	KUNIT_EXPECT_EQ(test, gunyah_model_calls(host, NUM_BELL_MASK), masks);

	/* Any context, for example without interrupts. */
	sent = gunyah_model_calls(host, NUM_BELL_SEND);
	calls = gunyah_model_counter(host, GM_CTR_CALLS);
	local_irq_save(irqflags);
	KUNIT_EXPECT_EQ(test, gunyah_doorbell_ring(bt->source), 0);
	local_irq_restore(irqflags);
	KUNIT_EXPECT_EQ(test, gunyah_model_calls(host, NUM_BELL_SEND), sent + 1);
	KUNIT_EXPECT_EQ(test, gunyah_model_counter(host, GM_CTR_CALLS), calls + 1);
	rt_bell_info(bt->rt, bt->bell.tx_cap, &flags, NULL, NULL);
	KUNIT_EXPECT_EQ(test, flags, GUNYAH_DOORBELL_PLAIN_FLAG);

	gunyah_doorbell_stop(bt->doorbell);
}

static void bell_flags_test(struct kunit *test)
{
	struct bt *bt = bt_new(test);
	unsigned int flag;
	u64 flags = 0, old;

	/* The end this VM rings: old flags, none is lost. */
	for (flag = 0; flag < NR_FLAGS; flag++) {
		KUNIT_EXPECT_EQ(test, gunyah_doorbell_send(bt->source, BIT_ULL(flag), &old), 0);
		KUNIT_EXPECT_EQ(test, old, flags);
		flags |= BIT_ULL(flag);
	}

	KUNIT_ASSERT_EQ(test, gunyah_doorbell_start_flags(bt->doorbell, flags_rang, bt, U64_MAX,
							  0), 0);
	for (flag = 0; flag < NR_FLAGS; flag++) {
		bt->seen = 0;
		bt_peer_rings(bt, BIT_ULL(flag));
		KUNIT_EXPECT_EQ(test, bt->seen, BIT_ULL(flag));
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&bt->bad_context), 0);
	rt_bell_info(bt->rt, bt->bell.rx_cap, &flags, NULL, NULL);
	KUNIT_EXPECT_EQ(test, flags, 0);
	gunyah_doorbell_stop(bt->doorbell);

	KUNIT_EXPECT_EQ(test, gunyah_doorbell_recv(bt->doorbell, 0, &old), -EINVAL);
}

/* A thread of the peer that rings its own share of the flags. */
struct bell_sender {
	struct bt *bt;
	unsigned int first;
	struct completion done;
	struct task_struct *task;
};

static int bell_sender_run(void *data)
{
	struct bell_sender *sender = data;
	struct bt *bt = sender->bt;
	unsigned int round, flag;

	for (round = 0; round < NR_ROUNDS; round++) {
		for (flag = sender->first; flag < NR_FLAGS; flag += NR_SENDERS) {
			WRITE_ONCE(bt->wrote[flag], bt->wrote[flag] + 1);
			rt_bell_ring(bt->rt, bt->bell.rx_cap, BIT_ULL(flag));
		}
		cond_resched();
	}
	complete(&sender->done);

	return 0;
}

/* Rings of one flag collapse, but the last one of each flag is never lost. */
static void bell_many_senders_test(struct kunit *test)
{
	struct bt *bt = bt_new(test);
	struct bell_sender senders[NR_SENDERS] = {};
	unsigned int i;

	KUNIT_ASSERT_EQ(test, gunyah_doorbell_start_flags(bt->doorbell, flags_rang, bt, U64_MAX,
							  0), 0);
	for (i = 0; i < NR_SENDERS; i++) {
		senders[i].bt = bt;
		senders[i].first = i;
		init_completion(&senders[i].done);
		senders[i].task = kthread_create(bell_sender_run, &senders[i], "bell-sender");
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, senders[i].task);
		get_task_struct(senders[i].task);
		wake_up_process(senders[i].task);
	}
	for (i = 0; i < NR_SENDERS; i++) {
		wait_for_completion(&senders[i].done);
		kthread_stop_put(senders[i].task);
	}
	bt_settle(bt);
	bt_settle(bt);

	for (i = 0; i < NR_FLAGS; i++)
		KUNIT_EXPECT_EQ_MSG(test, bt->read[i], bt->wrote[i], "flag %u", i);
	KUNIT_EXPECT_EQ(test, bt->seen, U64_MAX);
	KUNIT_EXPECT_GT(test, atomic_read(&bt->calls), 0);
	gunyah_doorbell_stop(bt->doorbell);
}

static void bell_masks_test(struct kunit *test)
{
	const u64 enabled = BIT_ULL(0) | BIT_ULL(5), acked = BIT_ULL(5);
	struct bt *bt = bt_new(test);
	u64 flags, enable, ack, old;

	KUNIT_ASSERT_EQ(test, gunyah_doorbell_start_flags(bt->doorbell, flags_rang, bt, enabled,
							  acked), 0);
	rt_bell_info(bt->rt, bt->bell.rx_cap, NULL, &enable, &ack);
	KUNIT_EXPECT_EQ(test, enable, enabled);
	KUNIT_EXPECT_EQ(test, ack, acked);
	bt->taken = enabled;

	/* One that is not enabled stays. */
	bt_peer_rings(bt, BIT_ULL(63));
	KUNIT_EXPECT_EQ(test, bt->seen, 0);
	rt_bell_info(bt->rt, bt->bell.rx_cap, &flags, NULL, NULL);
	KUNIT_EXPECT_EQ(test, flags, BIT_ULL(63));

	/* One that clears itself has done so before the handler looks. */
	bt_peer_rings(bt, BIT_ULL(5) | BIT_ULL(0));
	KUNIT_EXPECT_EQ(test, bt->seen, BIT_ULL(0));
	rt_bell_info(bt->rt, bt->bell.rx_cap, &flags, NULL, NULL);
	KUNIT_EXPECT_EQ(test, flags, BIT_ULL(63));

	/* Enabling it raises what has been waiting. */
	bt->seen = 0;
	bt->taken = U64_MAX;
	KUNIT_EXPECT_EQ(test, gunyah_doorbell_set_masks(bt->doorbell, BIT_ULL(63), 0), 0);
	bt_settle(bt);
	KUNIT_EXPECT_EQ(test, bt->seen, BIT_ULL(63));

	/* Reset: no flag, all enabled, none clears itself. */
	bt->taken = BIT_ULL(1);
	bt_peer_rings(bt, BIT_ULL(40));
	KUNIT_EXPECT_EQ(test, gunyah_doorbell_reset(bt->doorbell), 0);
	rt_bell_info(bt->rt, bt->bell.rx_cap, &flags, &enable, &ack);
	KUNIT_EXPECT_EQ(test, flags, 0);
	KUNIT_EXPECT_EQ(test, enable, U64_MAX);
	KUNIT_EXPECT_EQ(test, ack, 0);
	KUNIT_EXPECT_EQ(test, gunyah_doorbell_recv(bt->doorbell, U64_MAX, &old), 0);
	KUNIT_EXPECT_EQ(test, old, 0);
	gunyah_doorbell_stop(bt->doorbell);
}

/* Rings while nobody listens are kept. */
static void bell_stopped_test(struct kunit *test)
{
	struct bt *bt = bt_new(test);
	int calls;

	bt_peer_rings(bt, BIT_ULL(7));
	KUNIT_ASSERT_EQ(test, gunyah_doorbell_start_flags(bt->doorbell, flags_rang, bt, U64_MAX,
							  0), 0);
	bt_settle(bt);
	KUNIT_EXPECT_EQ(test, bt->seen, BIT_ULL(7));
	KUNIT_EXPECT_EQ(test, gunyah_doorbell_start_flags(bt->doorbell, flags_rang, bt, U64_MAX,
							  0), -EBUSY);
	KUNIT_EXPECT_EQ(test, gunyah_doorbell_start_plain(bt->doorbell, plain_rang, bt), -EBUSY);

	gunyah_doorbell_stop(bt->doorbell);
	gunyah_doorbell_stop(bt->doorbell);
	calls = atomic_read(&bt->calls);
	bt_peer_rings(bt, BIT_ULL(9));
	KUNIT_EXPECT_EQ(test, atomic_read(&bt->calls), calls);

	/* Also if the other mode listens next. */
	KUNIT_ASSERT_EQ(test, gunyah_doorbell_start_plain(bt->doorbell, plain_rang, bt), 0);
	bt_settle(bt);
	KUNIT_EXPECT_GT(test, atomic_read(&bt->calls), calls);
	gunyah_doorbell_stop(bt->doorbell);
}

static void bell_errors_test(struct kunit *test)
{
	struct bt *bt = bt_new(test);
	struct rt *rt = bt->rt;
	struct auxiliary_device *adev;

	/* The wrong end, and the right that most sources lack. */
	adev = rt_find(rt, GUNYAH_RESOURCE_DOORBELL, LABEL);
	KUNIT_EXPECT_PTR_EQ(test, gunyah_doorbell_source_get(adev), ERR_PTR(-EPROBE_DEFER));
	adev = rt_find(rt, GUNYAH_RESOURCE_DOORBELL_SOURCE, LABEL);
	KUNIT_EXPECT_PTR_EQ(test, gunyah_doorbell_get(adev), ERR_PTR(-EPROBE_DEFER));
	KUNIT_EXPECT_EQ(test, gunyah_doorbell_source_set_masks(bt->source, 1, 1), -EACCES);

	/* A start that fails has not happened. */
	gunyah_model_debug(rt->host, GM_DBG_FAIL_CALL, NUM_BELL_MASK, 1, 1, 0, NULL);
	KUNIT_EXPECT_EQ(test, gunyah_doorbell_start_plain(bt->doorbell, plain_rang, bt), -EINVAL);
	gunyah_model_debug(rt->host, GM_DBG_FAIL_CALL, NUM_BELL_MASK, 1, 1, 1, NULL);
	KUNIT_EXPECT_EQ(test, gunyah_doorbell_start_plain(bt->doorbell, plain_rang, bt), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_doorbell_start_plain(bt->doorbell, plain_rang, bt), 0);
	gunyah_doorbell_stop(bt->doorbell);

	/* The capability is withdrawn under a running doorbell. */
	KUNIT_EXPECT_EQ(test, gunyah_doorbell_start_plain(bt->doorbell, plain_rang, bt), 0);
	gunyah_model_debug(rt->host, GM_DBG_CAP, bt->bell.rx_cap, GM_DBG_CAP_REVOKE, 0, 0, NULL);
	KUNIT_EXPECT_EQ(test, gunyah_doorbell_reset(bt->doorbell), -EACCES);
	gunyah_doorbell_stop(bt->doorbell);

	gunyah_doorbell_put(NULL);
	gunyah_doorbell_put(ERR_PTR(-EPROBE_DEFER));
	gunyah_doorbell_source_put(ERR_PTR(-EPROBE_DEFER));
}

static void bell_wake_test(struct kunit *test)
{
	struct bt *bt = bt_new(test);
	struct auxiliary_device *adev = rt_find(bt->rt, GUNYAH_RESOURCE_DOORBELL, LABEL);
	const struct dev_pm_ops *pm = adev->dev.driver->pm;
	atomic_t *wake = &bt->rt->host->wake[bt->bell.rx_virq];

	if (!pm || !pm->suspend)
		kunit_skip(test, "this kernel cannot suspend");

	KUNIT_EXPECT_TRUE(test, device_can_wakeup(&adev->dev));
	KUNIT_EXPECT_FALSE(test, device_may_wakeup(&adev->dev));
	KUNIT_ASSERT_EQ(test, gunyah_doorbell_start_plain(bt->doorbell, plain_rang, bt), 0);

	KUNIT_EXPECT_EQ(test, pm->suspend(&adev->dev), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(wake), 0);
	KUNIT_EXPECT_EQ(test, pm->resume(&adev->dev), 0);

	KUNIT_EXPECT_EQ(test, gunyah_doorbell_set_wake(bt->doorbell, true), 0);
	KUNIT_EXPECT_EQ(test, pm->suspend(&adev->dev), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(wake), 1);
	KUNIT_EXPECT_EQ(test, pm->resume(&adev->dev), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(wake), 0);

	gunyah_doorbell_stop(bt->doorbell);
	KUNIT_EXPECT_EQ(test, pm->suspend(&adev->dev), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(wake), 0);
	KUNIT_EXPECT_EQ(test, pm->resume(&adev->dev), 0);
}

static irqreturn_t bell_device_interrupt(int irq, void *data)
{
	atomic_inc(&((struct bt *)data)->calls);

	return IRQ_HANDLED;
}

/* A VMM's doorbell is the interrupt of a device: that comes first. */
static void bell_of_device_test(struct kunit *test)
{
	struct bt *bt = bt_new(test);
	struct auxiliary_device *adev = rt_find(bt->rt, GUNYAH_RESOURCE_DOORBELL, LABEL);
	unsigned int irq = to_gunyah_resource_device(adev)->irq;

	KUNIT_ASSERT_EQ(test, request_irq(irq, bell_device_interrupt, 0, "device", bt), 0);
	KUNIT_EXPECT_EQ(test, gunyah_doorbell_start_plain(bt->doorbell, plain_rang, bt), -EBUSY);
	KUNIT_EXPECT_EQ(test, gunyah_doorbell_start_flags(bt->doorbell, flags_rang, bt, U64_MAX,
							  0), -EBUSY);
	rt_bell_ring(bt->rt, bt->bell.rx_cap, 1);
	bt_settle(bt);
	KUNIT_EXPECT_EQ(test, atomic_read(&bt->calls), 1);
	free_irq(irq, bt);

	gunyah_doorbell_recv(bt->doorbell, U64_MAX, NULL);
	KUNIT_EXPECT_EQ(test, gunyah_doorbell_start_plain(bt->doorbell, plain_rang, bt), 0);
	rt_bell_ring(bt->rt, bt->bell.rx_cap, 1);
	bt_settle(bt);
	KUNIT_EXPECT_EQ(test, atomic_read(&bt->calls), 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&bt->bad_context), 0);
	gunyah_doorbell_stop(bt->doorbell);
}

/* Both directions, until told to stop. */
static int bell_storm_run(void *data)
{
	struct bt *bt = data;
	int ret;

	while (!kthread_should_stop()) {
		rt_bell_ring(bt->rt, bt->bell.rx_cap, BIT_ULL(3));
		ret = gunyah_doorbell_ring(bt->source);
		if (ret == -ENODEV)
			atomic_inc(&bt->refused);
		cond_resched();
	}

	return 0;
}

static bool bt_wait_calls(struct bt *bt, int calls)
{
	unsigned long end = jiffies + msecs_to_jiffies(WAIT_MS);

	while (atomic_read(&bt->calls) < calls && time_before(jiffies, end))
		usleep_range(100, 1000);

	return atomic_read(&bt->calls) >= calls;
}

static void expect_gone(struct kunit *test, struct bt *bt)
{
	u64 old;

	KUNIT_EXPECT_EQ(test, gunyah_doorbell_ring(bt->source), -ENODEV);
	KUNIT_EXPECT_EQ(test, gunyah_doorbell_send(bt->source, 1, &old), -ENODEV);
	KUNIT_EXPECT_EQ(test, gunyah_doorbell_source_set_masks(bt->source, 1, 1), -ENODEV);
	KUNIT_EXPECT_EQ(test, gunyah_doorbell_recv(bt->doorbell, 1, &old), -ENODEV);
	KUNIT_EXPECT_EQ(test, gunyah_doorbell_set_masks(bt->doorbell, 1, 1), -ENODEV);
	KUNIT_EXPECT_EQ(test, gunyah_doorbell_reset(bt->doorbell), -ENODEV);
	KUNIT_EXPECT_EQ(test, gunyah_doorbell_set_wake(bt->doorbell, true), -ENODEV);
	KUNIT_EXPECT_EQ(test, gunyah_doorbell_start_plain(bt->doorbell, plain_rang, bt), -ENODEV);
	gunyah_doorbell_stop(bt->doorbell);
}

/* The devices go while it rings both ways; the user does not know yet. */
static void bell_removal_test(struct kunit *test)
{
	struct bt *bt = bt_new(test);
	struct task_struct *task;
	unsigned int round;
	int calls;

	for (round = 0; round < 20; round++) {
		if (round % 2)
			KUNIT_ASSERT_EQ(test, gunyah_doorbell_start_plain(bt->doorbell,
									  plain_rang, bt), 0);
		else
			KUNIT_ASSERT_EQ(test, gunyah_doorbell_start_flags(bt->doorbell,
									  flags_rang, bt,
									  U64_MAX, 0), 0);
		task = kthread_create(bell_storm_run, bt, "bell-storm");
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
		get_task_struct(task);
		wake_up_process(task);
		KUNIT_EXPECT_TRUE(test, bt_wait_calls(bt, atomic_read(&bt->calls) + 3));

		rt_del(bt->rt);
		calls = atomic_read(&bt->calls);
		usleep_range(1000, 2000);
		kthread_stop_put(task);
		gunyah_model_settle(bt->rt->host);
		KUNIT_EXPECT_EQ(test, atomic_read(&bt->calls), calls);
		expect_gone(test, bt);
		bt_put(bt);
		bt_open(test, bt);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&bt->bad_context), 0);
}

static int bell_init(struct kunit *test)
{
	return rt_init(test, NULL);
}

static struct kunit_case bell_cases[] = {
	KUNIT_CASE(bell_plain_test),
	KUNIT_CASE(bell_flags_test),
	KUNIT_CASE_SLOW(bell_many_senders_test),
	KUNIT_CASE(bell_masks_test),
	KUNIT_CASE(bell_stopped_test),
	KUNIT_CASE(bell_errors_test),
	KUNIT_CASE(bell_wake_test),
	KUNIT_CASE(bell_of_device_test),
	KUNIT_CASE_SLOW(bell_removal_test),
	{ }
};

static struct kunit_suite bell_suite = {
	.name = "gunyah-doorbell",
	.init = bell_init,
	.exit = rt_exit,
	.test_cases = bell_cases,
};

kunit_test_suite(bell_suite);
