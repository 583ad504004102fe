// SPDX-License-Identifier: GPL-2.0-only
/*
 * The edges of a message-queue channel's life: probing, binding, what an
 * earlier owner left behind, lost interrupts, suspend, and removal while there
 * is traffic.
 */
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/mailbox_controller.h>
#include <linux/minmax.h>
#include <linux/pm.h>
#include <linux/pm_wakeup.h>
#include <linux/preempt.h>
#include <linux/workqueue.h>

#include <kunit/resource.h>
#include <kunit/test.h>

#include "msgq_test.h"

#define PAIR	(GM_DBG_QUEUE_TX | GM_DBG_QUEUE_RX)

/* Start */

static void start_test_thresholds(struct kunit *test)
{
	static const u32 depths[] = { 1, 2, 3, 8, 254, 255 };

	for (int n = 0; n < ARRAY_SIZE(depths); n++) {
		struct mq *mq = mq_new_bound(test, PAIR, depths[n], 240);

		KUNIT_EXPECT_EQ(test, mq_info(mq, mq->queue.tx_cap).not_full,
				depths[n] / 2);
		KUNIT_EXPECT_EQ(test, mq_info(mq, mq->queue.rx_cap).not_empty,
				1);
		mq_remove_device(mq);
		gunyah_model_stop(mq->host);
	}
}

static void start_test_depths(struct kunit *test)
{
	static const u32 depths[] = { 1, 2, 3, 8, 254, 255 };

	for (int n = 0; n < ARRAY_SIZE(depths); n++) {
		struct mq *mq = mq_new_bound(test, PAIR, depths[n], 240);

		/*
		 * All the queue takes, and some that have to wait. In steps:
		 * the core has room for 20, and where BHs are threads it may
		 * take a while until it knows that one is complete.
		 */
		mq->flush = true;
		for (u32 sent = 0; sent < depths[n]; sent += 8) {
			mq_send(mq, min(depths[n] - sent, 8));
			mq_settle(mq);
		}
		mq_send(mq, 16);
		mq_settle(mq);
		KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), depths[n]);
		for (int turn = 0; turn < 40; turn++) {
			gunyah_model_peer_recv(mq->host, mq->queue.tx_cap, 255);
			mq_settle(mq);
		}
		KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), depths[n] + 16);
		mq_peer_send(mq, depths[n]);
		mq_settle(mq);
		KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), depths[n]);
		mq_expect_clean(mq);
		mq_remove_device(mq);
		gunyah_model_stop(mq->host);
	}
}

/* 255 messages and an edge that came before anyone listened. */
static void start_test_leftovers(struct kunit *test)
{
	struct gunyah_model_host *host = gunyah_model_start(test, NULL);
	struct mq *mq;

	gunyah_model_set_manual(host, true);
	mq = mq_new(test, host, PAIR, 255, 240);
	mq_peer_send(mq, 255);
	gunyah_model_raise(host, mq->queue.tx_virq);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 0);

	KUNIT_ASSERT_EQ(test, mq_bind(mq), 0);
	for (int n = 0; n < 20; n++)
		mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 255);
	KUNIT_EXPECT_EQ(test, mq_calls(mq, NUM_SEND), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), 0);
	/* Not one hypercall more than there were messages. */
	KUNIT_EXPECT_LE(test, mq_calls(mq, NUM_RECV), 255 + 2);
	mq_expect_clean(mq);
}

/* The same without the edge. */
static void start_test_no_edge(struct kunit *test)
{
	struct gunyah_model_host *host = gunyah_model_start(test, NULL);
	struct mq *mq;

	gunyah_model_set_manual(host, true);
	mq = mq_new(test, host, PAIR, 8, 240);
	gunyah_model_drop_irqs(host, mq->queue.rx_virq, 100);
	mq_peer_send(mq, 5);
	KUNIT_ASSERT_EQ(test, mq_bind(mq), 0);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 5);
	gunyah_model_drop_irqs(host, mq->queue.rx_virq, 0);
	mq_peer_send(mq, 1);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 6);
	mq_expect_clean(mq);
}

static void start_test_configure_fails(struct kunit *test)
{
	static const unsigned int calls[] = {
		NUM_CONFIGURE_SEND, NUM_CONFIGURE_RECV,
	};
	struct gunyah_model_host *host = gunyah_model_start(test, NULL);
	struct mq *mq = mq_new(test, host, PAIR, 8, 240);

	for (int n = 0; n < ARRAY_SIZE(calls); n++) {
		gunyah_model_debug(host, GM_DBG_FAIL_CALL, calls[n], 53, 1, 0,
				   NULL);
		KUNIT_EXPECT_EQ(test, mq_bind(mq), -EACCES);
		WRITE_ONCE(mq->live, false);
		mq_peer_send(mq, 1);
		mq_settle(mq);
		KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 0);
		/* The interrupts must be off as often as they were. */
		KUNIT_ASSERT_EQ(test, mq_bind(mq), 0);
		mq_settle(mq);
		KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 1);
		mq_free(mq);
		atomic_set(&mq->received, 0);
	}
	mq_expect_clean(mq);
}

static void start_test_tx_block(struct kunit *test)
{
	struct gunyah_model_host *host = gunyah_model_start(test, NULL);
	struct mq *mq = mq_new(test, host, PAIR, 8, 240);

	mq->cl.tx_block = true;
	KUNIT_EXPECT_EQ(test, mq_bind(mq), -EINVAL);
	mq->cl.tx_block = false;
	KUNIT_EXPECT_EQ(test, mq_bind(mq), 0);
}

struct end_case {
	const char *name;
	struct gunyah_msgq_end tx, rx;
};

#define END(size, deep) { .present = true, .msg_size = size, .depth = deep }

static const struct end_case bad_ends[] = {
	{ "neither" },
	{ "tx size 0", END(0, 8) },
	{ "tx size 1024", END(1024, 8) },
	{ "tx depth 0", END(240, 0) },
	{ "tx depth 256", END(240, 256) },
	{ "rx size 0", END(240, 8), END(0, 8) },
	{ "rx size 1024", END(240, 8), END(1024, 8) },
	{ "rx depth 0", END(240, 8), END(240, 0) },
	{ "rx depth 256", END(240, 8), END(240, 256) },
};

static void start_test_bad_device(struct kunit *test)
{
	struct gunyah_model_host *host = gunyah_model_start(test, NULL);
	struct mq *mq = mq_new(test, host, PAIR, 8, 240);

	for (int n = 0; n < ARRAY_SIZE(bad_ends); n++) {
		struct gunyah_msgq_device like = {
			.tx = bad_ends[n].tx,
			.rx = bad_ends[n].rx,
		};

		mq_remove_device(mq);
		KUNIT_ASSERT_EQ(test, mq_add_device(mq, &like), 0);
		KUNIT_EXPECT_NULL_MSG(test, mq->chan, "%s", bad_ends[n].name);
		KUNIT_EXPECT_EQ(test, PTR_ERR(gunyah_msgq_chan(mq->mdev)),
				-EPROBE_DEFER);
	}
}

/* One end only */

static void end_test_tx_only(struct kunit *test)
{
	struct mq *mq = mq_new_bound(test, GM_DBG_QUEUE_TX, 4, 1023);

	KUNIT_EXPECT_EQ(test, mq_calls(mq, NUM_CONFIGURE_RECV), 0);
	KUNIT_EXPECT_GE(test, mq_send_sized(mq, 1023), 0);
	mq_send(mq, 9);
	for (int n = 0; n < 5; n++) {
		mq_settle(mq);
		gunyah_model_peer_recv(mq->host, mq->queue.tx_cap, 4);
	}
	mbox_client_peek_data(mq->chan);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), 10);
	KUNIT_EXPECT_EQ(test, mq_calls(mq, NUM_RECV), 0);
	KUNIT_EXPECT_FALSE(test, device_can_wakeup(&mq->mdev->adev.dev));
	mq_expect_clean(mq);
}

static void end_test_rx_only(struct kunit *test)
{
	struct mq *mq = mq_new_bound(test, GM_DBG_QUEUE_RX, 4, 240);

	KUNIT_EXPECT_EQ(test, mq_calls(mq, NUM_CONFIGURE_SEND), 0);
	mq_peer_send(mq, 4);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 4);

	/* There is nowhere to send to: said so, and blocking nothing. */
	mq_send(mq, 2);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), 2);
	KUNIT_EXPECT_EQ(test, mq->done_status, -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, mbox_flush(mq->chan, 0), 0);
	KUNIT_EXPECT_EQ(test, mq_calls(mq, NUM_SEND), 0);
	mq_expect_clean(mq);
}

/* Lost interrupts */

static void lost_test_rx(struct kunit *test)
{
	struct mq *mq = mq_new_bound(test, PAIR, 8, 240);

	gunyah_model_drop_irqs(mq->host, mq->queue.rx_virq, 1);
	mq_peer_send(mq, 1);
	mq_settle(mq);
	/* Nothing comes of the next one either: it is the second, no edge. */
	mq_peer_send(mq, 1);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 0);

	KUNIT_EXPECT_TRUE(test, mbox_client_peek_data(mq->chan));
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 2);
	mq_peer_send(mq, 1);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 3);
	mq_expect_clean(mq);
}

static void lost_test_tx(struct kunit *test)
{
	struct mq *mq = mq_new_bound(test, PAIR, 4, 240);

	gunyah_model_drop_irqs(mq->host, mq->queue.tx_virq, 1);
	mq_send(mq, 6);
	mq_settle(mq);
	gunyah_model_peer_recv(mq->host, mq->queue.tx_cap, 4);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), 4);

	KUNIT_EXPECT_TRUE(test, mbox_client_peek_data(mq->chan));
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), 6);
	mq_expect_clean(mq);
}

/* The same where nobody sends again, or looks; the third time nothing is received. */
static void lost_test_tx_alone(struct kunit *test)
{
	for (int n = 0; n < 3; n++) {
		struct mq *mq = mq_new_bound(test, PAIR, 4, 240);
		unsigned long start = jiffies;

		mq->flush = n == 1;
		if (n == 2) {
			gunyah_model_debug(mq->host, GM_DBG_FAIL_CALL, NUM_RECV,
					   30, 1000, 0, NULL);
			mq_peer_send(mq, 1);
			mq_settle(mq);
		}
		gunyah_model_drop_irqs(mq->host, mq->queue.tx_virq, 1);
		mq_send(mq, 6);
		mq_settle(mq);
		gunyah_model_peer_recv(mq->host, mq->queue.tx_cap, 4);
		mq_wait(mq, &mq->done, 6);
		KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), 6);
		KUNIT_EXPECT_LT(test, jiffies - start, 5 * HZ);
		mq_expect_clean(mq);
		mq_remove_device(mq);
		gunyah_model_stop(mq->host);
	}
}

/* Nor does who sends later wait for an interrupt that was lost long ago. */
static void lost_test_tx_later(struct kunit *test)
{
	struct mq *mq = mq_new_bound(test, PAIR, 4, 240);

	gunyah_model_drop_irqs(mq->host, mq->queue.tx_virq, 1);
	mq_send(mq, 4);
	mq_settle(mq);
	gunyah_model_peer_recv(mq->host, mq->queue.tx_cap, 4);
	msleep(1500);
	mq_send(mq, 1);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), 5);
	mq_expect_clean(mq);
}

/* A queue that stays full costs little: one look, unless a message waits. */
static void lost_test_tx_cost(struct kunit *test)
{
	struct mq *mq = mq_new_bound(test, PAIR, 4, 240);

	mq_send(mq, 4);
	mq_settle(mq);
	for (int waiting = 0; waiting < 2; waiting++) {
		u64 sends = mq_calls(mq, NUM_SEND);
		u64 recvs = mq_calls(mq, NUM_RECV);
		unsigned long start = jiffies;
		u64 most;

		if (waiting)
			mq_send(mq, 10);
		msleep(2200);
		mq_settle(mq);
		most = waiting ? (jiffies - start) / HZ : 1;
		KUNIT_EXPECT_LE(test, mq_calls(mq, NUM_SEND) - sends, waiting * (most + 1));
		KUNIT_EXPECT_LE(test, mq_calls(mq, NUM_RECV) - recvs, most);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), 4);
	mq_expect_clean(mq);
}

/* More interrupts than there are reasons. */
static void lost_test_spurious(struct kunit *test)
{
	struct mq *mq = mq_new_bound(test, PAIR, 8, 240);
	u64 calls = mq_calls(mq, NUM_RECV);

	mq_send(mq, 2);
	for (int n = 0; n < 50; n++) {
		gunyah_model_raise(mq->host, mq->queue.tx_virq);
		gunyah_model_raise(mq->host, mq->queue.rx_virq);
		mq_settle(mq);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 0);
	KUNIT_EXPECT_EQ(test, mq_calls(mq, NUM_SEND), 2);
	KUNIT_EXPECT_LE(test, mq_calls(mq, NUM_RECV) - calls, 50);
	mq_expect_clean(mq);
}

/* Suspend */

#ifdef CONFIG_PM_SLEEP
static int wake_count(struct mq *mq, u32 virq)
{
	return atomic_read(&mq->host->wake[virq]);
}

/*
 * The core disables interrupts between the two calls; edges that come then are
 * latched, unless the power goes and they are lost.
 */
static void suspend_cycle(struct mq *mq, bool lose)
{
	struct device *dev = &mq->mdev->adev.dev;
	int received = atomic_read(&mq->received);
	int done = atomic_read(&mq->done);

	mq_send(mq, 6);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(mq->test, pm_generic_suspend(dev), 0);
	KUNIT_EXPECT_EQ(mq->test, wake_count(mq, mq->queue.rx_virq),
			device_may_wakeup(dev));
	KUNIT_EXPECT_EQ(mq->test, wake_count(mq, mq->queue.tx_virq), 0);
	disable_irq(mq->mdev->tx.irq);
	disable_irq(mq->mdev->rx.irq);

	gunyah_model_drop_irqs(mq->host, mq->queue.tx_virq, lose ? 100 : 0);
	gunyah_model_drop_irqs(mq->host, mq->queue.rx_virq, lose ? 100 : 0);
	mq_peer_send(mq, 3);
	gunyah_model_peer_recv(mq->host, mq->queue.tx_cap, 4);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(mq->test, atomic_read(&mq->received), received);
	KUNIT_EXPECT_EQ(mq->test, atomic_read(&mq->done), done + 4);
	gunyah_model_drop_irqs(mq->host, mq->queue.tx_virq, 0);
	gunyah_model_drop_irqs(mq->host, mq->queue.rx_virq, 0);

	enable_irq(mq->mdev->rx.irq);
	enable_irq(mq->mdev->tx.irq);
	KUNIT_EXPECT_EQ(mq->test, pm_generic_resume(dev), 0);
	KUNIT_EXPECT_EQ(mq->test, wake_count(mq, mq->queue.rx_virq), 0);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(mq->test, atomic_read(&mq->received), received + 3);
	KUNIT_EXPECT_EQ(mq->test, atomic_read(&mq->done), done + 6);
	gunyah_model_peer_recv(mq->host, mq->queue.tx_cap, 4);
	mq_settle(mq);
}

static void suspend_test_pending(struct kunit *test)
{
	struct mq *mq = mq_new_bound(test, PAIR, 4, 240);

	suspend_cycle(mq, false);
	suspend_cycle(mq, true);
	mq_expect_clean(mq);
}

static void suspend_test_wake(struct kunit *test)
{
	struct mq *mq = mq_new_bound(test, PAIR, 4, 240);
	struct device *dev = &mq->mdev->adev.dev;

	KUNIT_EXPECT_TRUE(test, device_can_wakeup(dev));
	KUNIT_EXPECT_FALSE(test, device_may_wakeup(dev));
	KUNIT_ASSERT_EQ(test, device_wakeup_enable(dev), 0);
	suspend_cycle(mq, false);
	suspend_cycle(mq, true);

	/* Nobody on the channel: nothing to wake up for. */
	mq_free(mq);
	KUNIT_EXPECT_EQ(test, pm_generic_suspend(dev), 0);
	KUNIT_EXPECT_EQ(test, wake_count(mq, mq->queue.rx_virq), 0);
	KUNIT_EXPECT_EQ(test, pm_generic_resume(dev), 0);
	KUNIT_EXPECT_EQ(test, wake_count(mq, mq->queue.rx_virq), 0);
	mq_expect_clean(mq);
}

/* What is to be looked at again waits for resume, and that does not forget. */
static void suspend_test_fault(struct kunit *test)
{
	struct mq *mq = mq_new_bound(test, PAIR, 4, 240);
	struct device *dev = &mq->mdev->adev.dev;

	atomic_set(&mq->host->fail_copies, 1000);
	mq_peer_send(mq, 3);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, pm_generic_suspend(dev), 0);
	atomic_set(&mq->host->fail_copies, 0);
	msleep(300);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 0);

	atomic_set(&mq->host->fail_copies, 3);
	KUNIT_EXPECT_EQ(test, pm_generic_resume(dev), 0);
	mq_wait(mq, &mq->received, 3);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 3);
	mq_expect_clean(mq);
}
#endif

/* End */

/* The core forgets what it holds, and so does the next start. */
static void end_test_in_flight(struct kunit *test)
{
	struct mq *mq = mq_new_bound(test, PAIR, 4, 240);

	mq_send(mq, 10);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), 4);
	mq_free(mq);
	KUNIT_EXPECT_EQ(test, mq->msgs[4].status, 1);

	/* All of this is for nobody, the interrupts included. */
	gunyah_model_drop_irqs(mq->host, mq->queue.tx_virq, 100);
	gunyah_model_drop_irqs(mq->host, mq->queue.rx_virq, 100);
	gunyah_model_peer_recv(mq->host, mq->queue.tx_cap, 4);
	mq_peer_send(mq, 8 / 2);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), 4);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 0);

	mq->sent = 4;
	KUNIT_ASSERT_EQ(test, mq_bind(mq), 0);
	mq_send(mq, 3);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), 7);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 4);
	mq_expect_clean(mq);
}

/* Freed between acceptance and completion: the work item must not come late. */
static void end_test_before_work(struct kunit *test)
{
	struct mq *mq = mq_new_bound(test, PAIR, 8, 240);

	for (int n = 0; n < 200; n++) {
		mq_send(mq, 1);
		mq_free(mq);
		mq->sent = atomic_read(&mq->done);
		gunyah_model_peer_recv(mq->host, mq->queue.tx_cap, 8);
		KUNIT_ASSERT_EQ(test, mq_bind(mq), 0);
	}
	mq_settle(mq);
	mq_expect_clean(mq);
}

/* Freed, and the device removed, while it is to be looked at again. */
static void end_test_fault(struct kunit *test)
{
	struct mq *mq = mq_new_bound(test, PAIR, 4, 240);
	u64 calls;

	for (int n = 0; n < 2; n++) {
		atomic_set(&mq->host->fail_copies, 1000);
		mq_peer_send(mq, 2);
		mq_settle(mq);
		mq_free(mq);
		atomic_set(&mq->host->fail_copies, 0);
		if (n)
			mq_remove_device(mq);

		calls = mq_calls(mq, NUM_RECV);
		msleep(300);
		KUNIT_EXPECT_EQ(test, mq_calls(mq, NUM_RECV), calls);
		if (n)
			KUNIT_ASSERT_EQ(test, mq_add_device(mq, NULL), 0);
		KUNIT_ASSERT_EQ(test, mq_bind(mq), 0);
		mq_settle(mq);
		KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 2 * (n + 1));
	}
	mq_expect_clean(mq);
}

struct traffic {
	struct mq *mq;
	struct workqueue_struct *wq;
	struct work_struct work;
	bool stop;
	u8 next;
};

/* Until the test is about to free the channel, and for a while then. */
static void slow_callback(struct mq *mq)
{
	for (int n = 0; n < 1000 && READ_ONCE(mq->hold); n++)
		mdelay(1);
	mdelay(5);
}

static void peek_work(struct work_struct *work)
{
	struct traffic *t = container_of(work, struct traffic, work);

	mbox_client_peek_data(t->mq->chan);
}

/*
 * Freed while a callback runs on another CPU, out of BH work or out of the
 * interrupt: it has to be waited for.
 */
static void end_test_in_callback(struct kunit *test)
{
	struct mq *mq = mq_new_bound(test, PAIR, 8, 240);
	struct traffic t = { .mq = mq };

	if (mq_other_cpu() < 0)
		kunit_skip(test, "needs two CPUs");

	mq->on_rx = slow_callback;
	INIT_WORK_ONSTACK(&t.work, peek_work);
	for (int n = 0; n < 20; n++) {
		unsigned long end = jiffies + 5 * HZ;
		int cpu;

		WRITE_ONCE(mq->hold, true);
		migrate_disable();
		cpu = mq_other_cpu();
		if (n & 1) {
			mq->host->irq_cpu = cpu;
			mq_peer_send(mq, 1);
		} else {
			gunyah_model_drop_irqs(mq->host, mq->queue.rx_virq, 1);
			mq_peer_send(mq, 1);
			schedule_work_on(cpu, &t.work);
		}
		while (!atomic_read(&mq->in_rx) && time_before(jiffies, end))
			cpu_relax();
		KUNIT_EXPECT_EQ(test, atomic_read(&mq->in_rx), 1);
		WRITE_ONCE(mq->hold, false);
		mq_free(mq);
		KUNIT_EXPECT_EQ(test, atomic_read(&mq->in_rx), 0);
		migrate_enable();

		flush_work(&t.work);
		KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), n + 1);
		KUNIT_ASSERT_EQ(test, mq_bind(mq), 0);
		mq_settle(mq);
	}
	destroy_work_on_stack(&t.work);
	mq_expect_clean(mq);
}

/* Sends to and receives from the client without end, on another CPU. */
static void traffic_work(struct work_struct *work)
{
	struct traffic *t = container_of(work, struct traffic, work);
	struct mq *mq = t->mq;

	while (!READ_ONCE(t->stop)) {
		t->next += gunyah_model_peer_send(mq->host, mq->queue.rx_cap,
						  16, 3, t->next);
		gunyah_model_peer_recv(mq->host, mq->queue.tx_cap, 3);
		gunyah_model_raise(mq->host, mq->queue.tx_virq);
		cond_resched();
	}
}

static void traffic_stop(void *data)
{
	struct traffic *t = data;

	WRITE_ONCE(t->stop, true);
	destroy_workqueue(t->wq);
}

static struct traffic *traffic_start(struct mq *mq)
{
	struct kunit *test = mq->test;
	struct traffic *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->mq = mq;
	t->wq = alloc_workqueue("gunyah_traffic", WQ_UNBOUND, 0);
	KUNIT_ASSERT_NOT_NULL(test, t->wq);
	INIT_WORK(&t->work, traffic_work);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, traffic_stop, t),
			0);
	queue_work(t->wq, &t->work);
	return t;
}

static void end_test_traffic(struct kunit *test)
{
	struct mq *mq = mq_new_bound(test, PAIR, 8, 240);
	struct traffic *t = traffic_start(mq);
	int received = 0;

	for (int n = 0; n < 100; n++) {
		unsigned long end = jiffies + 5 * HZ;

		mq->flush = n & 1;
		for (int k = 0; k < 10; k++)
			mq_send_sized(mq, 16);
		while (atomic_read(&mq->received) == received &&
		       time_before(jiffies, end))
			cond_resched();
		mq_free(mq);
		KUNIT_ASSERT_GT(test, atomic_read(&mq->received), received);
		received = atomic_read(&mq->received);
		mq->sent = atomic_read(&mq->done);
		/* Every few rounds the driver goes as well. */
		if (n % 4 == 3) {
			mq_remove_device(mq);
			KUNIT_ASSERT_EQ(test, mq_add_device(mq, NULL), 0);
		}
		KUNIT_ASSERT_EQ(test, mq_bind(mq), 0);
	}
	kunit_release_action(test, traffic_stop, t);
	mq_free(mq);
	mq_expect_clean(mq);
}

/* The device goes although the client is still there. */
static void end_test_device_first(struct kunit *test)
{
	struct mq *mq = mq_new_bound(test, PAIR, 8, 240);
	struct traffic *t = traffic_start(mq);

	for (int n = 0; n < 20; n++) {
		mq_send(mq, 3);
		device_release_driver(&mq->mdev->adev.dev);
		WRITE_ONCE(mq->live, false);
		mq->bound = false;
		mq->sent = atomic_read(&mq->done);
		KUNIT_EXPECT_EQ(test, PTR_ERR(gunyah_msgq_chan(mq->mdev)),
				-EPROBE_DEFER);
		KUNIT_ASSERT_GE(test, device_attach(&mq->mdev->adev.dev), 0);
		mq->chan = gunyah_msgq_chan(mq->mdev);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mq->chan);
		KUNIT_ASSERT_EQ(test, mq_bind(mq), 0);
	}
	kunit_release_action(test, traffic_stop, t);
	mq_free(mq);
	mq_expect_clean(mq);
}

/* Both directions at once for a while; nothing lost, nothing doubled. */
static void end_test_flood(struct kunit *test)
{
	struct gunyah_model_host *host = gunyah_model_start(test, NULL);
	struct mq *mq = mq_new(test, host, PAIR | GM_DBG_QUEUE_ECHO, 8, 240);
	const int total = 20000;

	KUNIT_ASSERT_EQ(test, mq_bind(mq), 0);
	for (int flush = 0; flush < 2; flush++) {
		unsigned long end = jiffies + 60 * HZ;

		mq->flush = flush;
		while (mq->sent < total * (flush + 1) &&
		       time_before(jiffies, end)) {
			if (mq->sent - atomic_read(&mq->done) < 12)
				mq_send_sized(mq, 1 + mq->sent % 240);
			else
				cond_resched();
		}
		while (atomic_read(&mq->received) < total * (flush + 1) &&
		       time_before(jiffies, end))
			cond_resched();
		KUNIT_ASSERT_EQ(test, atomic_read(&mq->done),
				total * (flush + 1));
		KUNIT_ASSERT_EQ(test, atomic_read(&mq->received),
				total * (flush + 1));
	}
	mq_expect_clean(mq);
}

static struct kunit_case msgq_life_test_cases[] = {
	KUNIT_CASE(start_test_thresholds),
	KUNIT_CASE(start_test_depths),
	KUNIT_CASE(start_test_leftovers),
	KUNIT_CASE(start_test_no_edge),
	KUNIT_CASE(start_test_configure_fails),
	KUNIT_CASE(start_test_tx_block),
	KUNIT_CASE(start_test_bad_device),
	KUNIT_CASE(end_test_tx_only),
	KUNIT_CASE(end_test_rx_only),
	KUNIT_CASE(lost_test_rx),
	KUNIT_CASE(lost_test_tx),
	KUNIT_CASE_SLOW(lost_test_tx_alone),
	KUNIT_CASE_SLOW(lost_test_tx_later),
	KUNIT_CASE_SLOW(lost_test_tx_cost),
	KUNIT_CASE(lost_test_spurious),
#ifdef CONFIG_PM_SLEEP
	KUNIT_CASE(suspend_test_pending),
	KUNIT_CASE(suspend_test_wake),
	KUNIT_CASE(suspend_test_fault),
#endif
	KUNIT_CASE(end_test_in_flight),
	KUNIT_CASE(end_test_before_work),
	KUNIT_CASE(end_test_fault),
	KUNIT_CASE(end_test_in_callback),
	KUNIT_CASE_SLOW(end_test_traffic),
	KUNIT_CASE(end_test_device_first),
	KUNIT_CASE_SLOW(end_test_flood),
	{}
};

static struct kunit_suite msgq_life_test_suite = {
	.name = "gunyah_msgq_life",
	.test_cases = msgq_life_test_cases,
};

kunit_test_suite(msgq_life_test_suite);
