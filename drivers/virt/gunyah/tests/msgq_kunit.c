// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mailbox controller of message queues over the model: sending,
 * receiving, and the state machine between the two interrupts. What happens at
 * the edges of a channel's life is in msgq_life_kunit.c.
 */
#include <linux/delay.h>
#include <linux/gunyah.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/mailbox_controller.h>
#include <linux/module.h>
#include <linux/preempt.h>

#include <kunit/test.h>

#include "msgq_test.h"

#define PAIR	(GM_DBG_QUEUE_TX | GM_DBG_QUEUE_RX)

/* Sending */

static void send_test_work(struct kunit *test)
{
	struct mq *mq = mq_new_bound(test, PAIR, 8, 240);

	mq_send(mq, 3);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), 3);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->done_in_task), 0);
	KUNIT_EXPECT_EQ(test, mq->done_status, 0);
	KUNIT_EXPECT_EQ(test, mq_info(mq, mq->queue.tx_cap).count, 3);
	KUNIT_EXPECT_EQ(test, mq_calls(mq, NUM_SEND), 3);
	mq_expect_clean(mq);
}

static void send_test_flush(struct kunit *test)
{
	struct mq *mq = mq_new_bound(test, PAIR, 8, 240);

	mq->flush = true;
	/* The first one is not known to be followed by a flush: either way. */
	mq_send(mq, 1);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), 1);
	atomic_set(&mq->done_in_task, 1);

	for (int n = 2; n <= 8; n++) {
		mq_send(mq, 1);
		KUNIT_EXPECT_EQ(test, mq->flushed, 0);
		KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), n);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->done_in_task), 8);
	KUNIT_EXPECT_EQ(test, mq_calls(mq, NUM_SEND), 8);
	mq_expect_clean(mq);
}

/* Held-back messages need no flush: whoever finds room completes them. */
static void send_test_full(struct kunit *test)
{
	for (int flush = 0; flush < 2; flush++) {
		struct mq *mq = mq_new_bound(test, PAIR, 4, 240);

		mq->flush = flush;
		mq_send(mq, 4);
		mq_settle(mq);
		KUNIT_EXPECT_EQ(test, mq_calls(mq, NUM_SEND), 4);
		KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), 4);

		/* Known to be full: no hypercall, however many come. */
		mq_send(mq, 10);
		mq_settle(mq);
		KUNIT_EXPECT_EQ(test, mq_calls(mq, NUM_SEND), 4);
		KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), 4);
		if (flush)
			KUNIT_EXPECT_EQ(test, mq->flushed, 1);

		/* Three left is above the threshold: no interrupt yet. */
		gunyah_model_peer_recv(mq->host, mq->queue.tx_cap, 1);
		mq_settle(mq);
		KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), 4);

		/* Half empty: two go, and then it is full again. */
		gunyah_model_peer_recv(mq->host, mq->queue.tx_cap, 1);
		mq_settle(mq);
		KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), 6);
		KUNIT_EXPECT_EQ(test, mq_calls(mq, NUM_SEND), 6);

		for (int n = 0; n < 4; n++) {
			gunyah_model_peer_recv(mq->host, mq->queue.tx_cap, 4);
			mq_settle(mq);
		}
		KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), 14);
		KUNIT_EXPECT_EQ(test, mq_calls(mq, NUM_SEND), 14);
		mq_expect_clean(mq);
		mq_remove_device(mq);
		gunyah_model_stop(mq->host);
	}
}

/* Another sender filled the queue: the start state is not "empty". */
static void send_test_refused(struct kunit *test)
{
	struct mq *mq = mq_new_bound(test, PAIR, 4, 240);
	static u8 data[16];
	bool not_full;

	for (int n = 0; n < 4; n++)
		KUNIT_ASSERT_EQ(test, GUNYAH_ERROR_OK,
				gunyah_hypercall_msgq_send(mq->queue.tx_cap,
							   sizeof(data), data,
							   0, &not_full));
	KUNIT_EXPECT_FALSE(test, not_full);

	/* One call finds out, and that is all. */
	mq_send(mq, 5);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, mq_calls(mq, NUM_SEND), 4 + 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), 0);

	gunyah_model_peer_recv(mq->host, mq->queue.tx_cap, 4);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), 4);
	gunyah_model_peer_recv(mq->host, mq->queue.tx_cap, 4);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), 5);
	mq_expect_clean(mq);
}

/* A wrong size reaches nobody, is told to the client, and blocks nothing. */
static void send_test_size(struct kunit *test)
{
	static const size_t bad[] = { 0, 241, 1023, 1024, SIZE_MAX };
	struct mq *mq = mq_new_bound(test, PAIR, 8, 240);

	for (int flush = 0; flush < 2; flush++) {
		mq->flush = flush;
		for (int n = 0; n < ARRAY_SIZE(bad); n++) {
			u64 calls = mq_calls(mq, NUM_SEND);

			KUNIT_EXPECT_GE(test, mq_send_sized(mq, bad[n]), 0);
			mq_settle(mq);
			KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), mq->sent);
			KUNIT_EXPECT_EQ(test, mq->done_status, -EMSGSIZE);
			KUNIT_EXPECT_EQ(test, mq_calls(mq, NUM_SEND), calls);
		}
		mq_send(mq, 1);
		mq_settle(mq);
		KUNIT_EXPECT_EQ(test, mq->done_status, 0);
	}
	KUNIT_EXPECT_EQ(test, gunyah_model_counter(mq->host, GM_CTR_MSGQ_LOST),
			0);
	mq_expect_clean(mq);
}

/* What the hypervisor refuses for another reason is an error, not a wait. */
static void send_test_error(struct kunit *test)
{
	static const struct {
		long code;
		int err;
	} errors[] = {
		{ -1, -EOPNOTSUPP }, { -2, -EAGAIN }, { 1, -EINVAL },
		{ 30, -EPERM }, { 33, -EINVAL }, { 51, -EACCES }, { 99, -EIO },
	};
	struct mq *mq = mq_new_bound(test, PAIR, 8, 240);

	for (int n = 0; n < ARRAY_SIZE(errors); n++) {
		gunyah_model_debug(mq->host, GM_DBG_FAIL_CALL, NUM_SEND,
				   errors[n].code, 1, 0, NULL);
		mq_send(mq, 2);
		mq_settle(mq);
		KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), mq->sent);
		KUNIT_EXPECT_EQ(test, mq->msgs[2 * n].status, errors[n].err);
		KUNIT_EXPECT_EQ(test, mq->msgs[2 * n + 1].status, 0);
		gunyah_model_peer_recv(mq->host, mq->queue.tx_cap, 8);
	}

	gunyah_model_debug(mq->host, GM_DBG_CAP, mq->queue.tx_cap,
			   GM_DBG_CAP_REVOKE, 0, 0, NULL);
	mq_send(mq, 3);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), mq->sent);
	KUNIT_EXPECT_EQ(test, mq->done_status, -EACCES);
	mq_expect_clean(mq);
}

/* With push the receiver is told although it waits for a full queue. */
static void send_test_push(struct kunit *test)
{
	struct mq *mq = mq_new_bound(test, PAIR, 8, 240);
	struct gm_log_entry entry = {};

	mq->msgs[0] = (struct gunyah_msgq_msg) {
		.data = mq->bytes, .size = 5, .push = true, .status = 1,
	};
	KUNIT_EXPECT_GE(test, mbox_send_message(mq->chan, &mq->msgs[0]), 0);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, mq->msgs[0].status, 0);

	for (u64 seq = 0; gunyah_model_log_read(mq->host, seq, &entry); seq++)
		if (entry.call == NUM_SEND)
			break;
	KUNIT_EXPECT_EQ(test, entry.call, NUM_SEND);
	KUNIT_EXPECT_EQ(test, entry.args[0], mq->queue.tx_cap);
	KUNIT_EXPECT_EQ(test, entry.args[1], 5);
	KUNIT_EXPECT_EQ(test, entry.args[2], (u64)(uintptr_t)mq->bytes);
	KUNIT_EXPECT_EQ(test, entry.args[3], 1);
	mq_expect_clean(mq);
}

static void chain_on_done(struct mq *mq)
{
	if (mq->sent < 300) {
		mq_send_sized(mq, 16);
		gunyah_model_peer_recv(mq->host, mq->queue.tx_cap, 8);
	}
}

/* A client that sends and flushes from tx_done() does not recurse. */
static void send_test_chain(struct kunit *test)
{
	for (int flush = 0; flush < 2; flush++) {
		struct mq *mq = mq_new_bound(test, PAIR, 8, 240);

		mq->on_done = chain_on_done;
		mq->flush = flush;
		mq_send(mq, 1);
		for (int n = 0; n < 100 && atomic_read(&mq->done) < 300; n++)
			mq_settle(mq);
		KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), 300);
		mq_expect_clean(mq);
		mq_remove_device(mq);
		gunyah_model_stop(mq->host);
	}
}

/* The state machine */

enum state { ROOM, FULL, FULL_WAITING, NR_STATES };

enum event {
	EV_SEND, EV_FLUSH, EV_TX_IRQ, EV_TX_IRQ_ROOM, EV_PEEK, EV_PEEK_ROOM,
	EV_LATE_SEND, EV_LATE_SEND_ROOM, NR_EVENTS,
};

/* Changes against before: send calls, completions; and what is left waiting. */
struct transition {
	u8 calls;
	u8 done;
	u8 waiting;
};

/*
 * Queue of depth 2, so that one more fills it. "_ROOM": the peer has emptied
 * the queue; otherwise it is as full as it was. "LATE": the interrupt was lost,
 * and a second goes by.
 */
static const struct transition transitions[NR_STATES][NR_EVENTS] = {
	[ROOM] = {
		[EV_SEND]		= { 1, 1, 0 },
		[EV_FLUSH]		= { 0, 0, 0 },
		[EV_TX_IRQ]		= { 0, 0, 0 },
		[EV_TX_IRQ_ROOM]	= { 0, 0, 0 },
		[EV_PEEK]		= { 0, 0, 0 },
		[EV_PEEK_ROOM]		= { 0, 0, 0 },
		[EV_LATE_SEND]		= { 1, 1, 0 },
		[EV_LATE_SEND_ROOM]	= { 1, 1, 0 },
	},
	[FULL] = {
		[EV_SEND]		= { 0, 0, 1 },
		[EV_FLUSH]		= { 0, 0, 0 },
		[EV_TX_IRQ]		= { 0, 0, 0 },
		[EV_TX_IRQ_ROOM]	= { 0, 0, 0 },
		[EV_PEEK]		= { 0, 0, 0 },
		[EV_PEEK_ROOM]		= { 0, 0, 0 },
		[EV_LATE_SEND]		= { 1, 0, 1 },
		[EV_LATE_SEND_ROOM]	= { 1, 1, 0 },
	},
	[FULL_WAITING] = {
		[EV_SEND]		= { 0, 0, 2 },
		[EV_FLUSH]		= { 0, 0, 1 },
		[EV_TX_IRQ]		= { 1, 0, 1 },
		[EV_TX_IRQ_ROOM]	= { 1, 1, 0 },
		[EV_PEEK]		= { 1, 0, 1 },
		[EV_PEEK_ROOM]		= { 1, 1, 0 },
		[EV_LATE_SEND]		= { 1, 0, 2 },
		[EV_LATE_SEND_ROOM]	= { 2, 2, 0 },
	},
};

static void state_enter(struct mq *mq, enum state state)
{
	mq_send(mq, state == ROOM ? 1 : state == FULL ? 2 : 3);
	mq_settle(mq);
	KUNIT_ASSERT_EQ(mq->test, mq_info(mq, mq->queue.tx_cap).count,
			state == ROOM ? 1 : 2);
}

/* Empties the queue and loses the interrupt that comes of it. */
static void state_empty(struct mq *mq)
{
	gunyah_model_drop_irqs(mq->host, mq->queue.tx_virq, 1);
	gunyah_model_peer_recv(mq->host, mq->queue.tx_cap, 2);
	gunyah_model_drop_irqs(mq->host, mq->queue.tx_virq, 0);
}

static void state_event(struct mq *mq, enum event event)
{
	switch (event) {
	case EV_TX_IRQ_ROOM:
	case EV_PEEK_ROOM:
	case EV_LATE_SEND_ROOM:
		state_empty(mq);
		break;
	default:
		break;
	}

	switch (event) {
	case EV_SEND:
		mq_send(mq, 1);
		break;
	case EV_LATE_SEND:
	case EV_LATE_SEND_ROOM:
		mq_send(mq, 1);
		msleep(1500);
		break;
	case EV_FLUSH:
		mq->flushed = mbox_flush(mq->chan, 100);
		break;
	case EV_TX_IRQ:
	case EV_TX_IRQ_ROOM:
		gunyah_model_raise(mq->host, mq->queue.tx_virq);
		break;
	case EV_PEEK:
	case EV_PEEK_ROOM:
		KUNIT_EXPECT_TRUE(mq->test, mbox_client_peek_data(mq->chan));
		break;
	case NR_EVENTS:
		break;
	}
	mq_settle(mq);
}

static void state_test_one(struct kunit *test, enum state state,
			   enum event event)
{
	const struct transition *t = &transitions[state][event];
	struct mq *mq = mq_new_bound(test, PAIR, 2, 240);
	u64 calls;
	int done;

	state_enter(mq, state);
	calls = mq_calls(mq, NUM_SEND);
	done = atomic_read(&mq->done);
	state_event(mq, event);

	KUNIT_EXPECT_EQ_MSG(test, mq_calls(mq, NUM_SEND) - calls, t->calls,
			    "calls in state %d, event %d", state, event);
	KUNIT_EXPECT_EQ_MSG(test, atomic_read(&mq->done) - done, t->done,
			    "done in state %d, event %d", state, event);
	KUNIT_EXPECT_EQ_MSG(test, mq->sent - atomic_read(&mq->done),
			    t->waiting, "waiting in state %d, event %d", state,
			    event);
	if (event == EV_FLUSH)
		KUNIT_EXPECT_EQ(test, mq->flushed, !!t->waiting);

	/* Whatever happened, a queue that empties gets all out. */
	for (int n = 0; n < 2; n++) {
		gunyah_model_peer_recv(mq->host, mq->queue.tx_cap, 2);
		gunyah_model_raise(mq->host, mq->queue.tx_virq);
		mq_settle(mq);
	}
	KUNIT_EXPECT_EQ_MSG(test, atomic_read(&mq->done), mq->sent,
			    "all after state %d, event %d", state, event);
	mq_expect_clean(mq);
	mq_remove_device(mq);
	gunyah_model_stop(mq->host);
}

static void state_test_table(struct kunit *test)
{
	for (enum state state = 0; state < NR_STATES; state++)
		for (enum event event = 0; event < NR_EVENTS; event++)
			state_test_one(test, state, event);
}

/* The peer empties the queue while the call that filled it is under way. */
static void overtake_after(struct gunyah_model_host *host, u64 *x)
{
	struct mq *mq = host->priv;

	if (x[0] || x[1] || mq_info(mq, mq->queue.tx_cap).count != 2)
		return;

	host->after = NULL;
	gunyah_model_peer_recv(host, mq->queue.tx_cap, 2);
	/* Long enough for the other CPU to come to the controller's lock. */
	mdelay(1);
}

static void state_test_overtake(struct kunit *test)
{
	struct mq *mq = mq_new_bound(test, PAIR, 2, 240);
	int overtaken = 0;

	/* Each message is to be submitted by its own mbox_send_message(). */
	mq->flush = true;
	mq_send(mq, 1);
	mq_settle(mq);
	gunyah_model_peer_recv(mq->host, mq->queue.tx_cap, 2);
	mq_settle(mq);

	for (int n = 0; n < 20; n++) {
		unsigned int sent;

		migrate_disable();
		mq->host->irq_cpu = mq_other_cpu();
		if (mq->host->irq_cpu < 0) {
			migrate_enable();
			kunit_skip(test, "needs two CPUs");
		}
		mq->host->priv = mq;
		mq->host->after = overtake_after;
		mq_send(mq, 2);
		overtaken += !mq->host->after;
		mq->host->after = NULL;
		migrate_enable();
		mq_settle(mq);

		/* The interrupt is over and nobody will send another one. */
		sent = mq->sent;
		mq_send(mq, 1);
		mq_settle(mq);
		KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), sent + 1);
		gunyah_model_peer_recv(mq->host, mq->queue.tx_cap, 2);
		mq_settle(mq);
	}
	KUNIT_EXPECT_EQ(test, overtaken, 20);
	mq_expect_clean(mq);
}

/* Receiving */

static void recv_test_order(struct kunit *test)
{
	struct mq *mq = mq_new_bound(test, PAIR, 8, 240);

	for (int n = 0; n < 100; n++) {
		mq_peer_send(mq, 1 + n % 8);
		mq_settle(mq);
		KUNIT_EXPECT_EQ(test, mq_info(mq, mq->queue.rx_cap).count, 0);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 12 * 36 + 10);
	KUNIT_EXPECT_EQ(test, mq->rx_size, 16);
	mq_expect_clean(mq);
}

static void again_on_rx(struct mq *mq)
{
	if (atomic_read(&mq->received) >= 200)
		return;

	/* Two, so that the interrupt comes once and is for the second too. */
	gunyah_model_peer_send(mq->host, mq->queue.rx_cap, 16, 2,
			       mq->rx_next +
			       mq_info(mq, mq->queue.rx_cap).count);
	gunyah_model_raise(mq->host, mq->queue.rx_virq);
}

/* Interrupts during a drain, here and on another CPU: one drain, in order. */
static void recv_test_again(struct kunit *test)
{
	for (int remote = 0; remote < 2; remote++) {
		struct mq *mq = mq_new_bound(test, PAIR, 255, 240);

		if (remote && mq_other_cpu() >= 0)
			mq->host->irq_cpu = mq_other_cpu();
		mq->on_rx = again_on_rx;
		mq_peer_send(mq, 1);
		for (int n = 0; n < 50; n++)
			mq_settle(mq);
		KUNIT_EXPECT_GE(test, atomic_read(&mq->received), 200);
		KUNIT_EXPECT_EQ(test, mq_info(mq, mq->queue.rx_cap).count, 0);
		mq_expect_clean(mq);
		mq_remove_device(mq);
		gunyah_model_stop(mq->host);
	}
}

static void pause_on_rx(struct mq *mq)
{
	if (mq->hold)
		gunyah_msgq_rx_pause(mq->chan);
}

/* A client without room gets nothing until it says so; nothing is lost. */
static void recv_test_pause(struct kunit *test)
{
	struct mq *mq = mq_new_bound(test, PAIR, 8, 240);

	mq->on_rx = pause_on_rx;
	mq->hold = true;
	mq_peer_send(mq, 3);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 1);

	/* Neither an interrupt nor somebody who looks changes that. */
	mq_peer_send(mq, 6);
	mbox_client_peek_data(mq->chan);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 1);
	KUNIT_EXPECT_EQ(test, mq_info(mq, mq->queue.rx_cap).count, 8);
	KUNIT_EXPECT_EQ(test, gunyah_model_peer_send(mq->host, mq->queue.rx_cap, 16, 1, 0), 0);

	/* One for each time there is room. */
	gunyah_msgq_rx_resume(mq->chan);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 2);
	mq->hold = false;
	gunyah_msgq_rx_resume(mq->chan);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 9);

	/* The other direction goes on, and so does the next client. */
	gunyah_msgq_rx_pause(mq->chan);
	mq_peer_send(mq, 2);
	mq_send(mq, 2);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 9);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), 2);
	mq_free(mq);
	KUNIT_ASSERT_EQ(test, mq_bind(mq), 0);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 11);
	mq_expect_clean(mq);
}

/* A message comes just after a drain found the queue empty. */
static void late_after(struct gunyah_model_host *host, u64 *x)
{
	struct mq *mq = host->priv;

	if (x[0] != GUNYAH_ERROR_MSGQUEUE_EMPTY)
		return;

	host->after = NULL;
	host->irq_cpu = mq_other_cpu();
	gunyah_model_peer_send(host, mq->queue.rx_cap, 16, 1, mq->rx_next);
	/* The interrupt comes, and sees that there is a drain. */
	mdelay(1);
}

static void recv_test_late(struct kunit *test)
{
	struct mq *mq = mq_new_bound(test, PAIR, 8, 240);

	if (mq_other_cpu() < 0)
		kunit_skip(test, "needs two CPUs");

	mq->host->priv = mq;
	for (int n = 1; n <= 20; n++) {
		mq->host->after = late_after;
		mbox_client_peek_data(mq->chan);
		mq_settle(mq);
		KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), n);
	}
	mq_expect_clean(mq);
}

/* Every size of a queue for the largest messages, there and back. */
static void recv_test_sizes(struct kunit *test)
{
	struct mq *mq = mq_new_bound(test, PAIR | GM_DBG_QUEUE_ECHO, 4, 1023);

	for (size_t size = 1; size <= 1023; size++) {
		KUNIT_ASSERT_GE(test, mq_send_sized(mq, size), 0);
		gunyah_model_run(mq->host);
		mq_settle(mq);
		KUNIT_ASSERT_EQ(test, atomic_read(&mq->received), size);
		KUNIT_ASSERT_EQ(test, mq->rx_size, size);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->done), 1023);
	mq_expect_clean(mq);
}

/* A device that says 240 of a queue that has larger messages. */
static void recv_test_larger(struct kunit *test)
{
	struct mq *mq = mq_new_bound(test, PAIR, 4, 1023);

	mq_free(mq);
	mq->mdev->rx.msg_size = 240;
	KUNIT_ASSERT_EQ(test, mq_bind(mq), 0);
	gunyah_model_peer_send(mq->host, mq->queue.rx_cap, 1023, 2, 0);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 2);
	KUNIT_EXPECT_EQ(test, mq->rx_size, 1023);
	mq_expect_clean(mq);
}

/*
 * How many receives it may take if all of them fail: a few for each of @events,
 * and for each tenth of a second since @start.
 */
static u64 most_attempts(unsigned long start, unsigned int events)
{
	return 4 * (events + (jiffies - start) / (HZ / 10));
}

/* The hypervisor cannot write the buffer and says OK, size 0, more to come. */
static void recv_test_fault(struct kunit *test)
{
	struct mq *mq = mq_new_bound(test, PAIR, 8, 240);
	unsigned long start = jiffies;
	u64 calls;

	atomic_set(&mq->host->fail_copies, 1000);
	calls = mq_calls(mq, NUM_RECV);
	mq_peer_send(mq, 4);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 0);
	/* One interrupt, a few attempts, and then it is left alone. */
	KUNIT_EXPECT_GE(test, mq_calls(mq, NUM_RECV) - calls, 1);
	KUNIT_EXPECT_LE(test, mq_calls(mq, NUM_RECV) - calls,
			most_attempts(start, 1));

	mbox_client_peek_data(mq->chan);
	mq_settle(mq);
	KUNIT_EXPECT_LE(test, mq_calls(mq, NUM_RECV) - calls,
			most_attempts(start, 2));

	/* Nothing is lost, and looking again finds it. */
	atomic_set(&mq->host->fail_copies, 0);
	mbox_client_peek_data(mq->chan);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 4);

	/* A fault that passes by itself is not noticed. */
	atomic_set(&mq->host->fail_copies, 2);
	mq_peer_send(mq, 3);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 7);
	mq_expect_clean(mq);
}

/* Nobody looks again, and no interrupt comes: it is noticed all the same. */
static void recv_test_fault_alone(struct kunit *test)
{
	struct mq *mq = mq_new_bound(test, PAIR, 8, 240);
	unsigned long start = jiffies;
	u64 calls = mq_calls(mq, NUM_RECV);

	atomic_set(&mq->host->fail_copies, 1000);
	mq_peer_send(mq, 4);
	msleep(500);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 0);
	KUNIT_EXPECT_LE(test, mq_calls(mq, NUM_RECV) - calls,
			most_attempts(start, 1));

	atomic_set(&mq->host->fail_copies, 0);
	mq_wait(mq, &mq->received, 4);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 4);

	/* Once that is over nobody looks any more. */
	calls = mq_calls(mq, NUM_RECV);
	msleep(300);
	KUNIT_EXPECT_EQ(test, mq_calls(mq, NUM_RECV), calls);
	mq_expect_clean(mq);
}

static void recv_test_error(struct kunit *test)
{
	static const long codes[] = { -1, -2, 1, 30, 33, 51, 99 };
	struct mq *mq = mq_new_bound(test, PAIR, 8, 240);

	for (int n = 0; n < ARRAY_SIZE(codes); n++) {
		u64 calls = mq_calls(mq, NUM_RECV);
		unsigned long start = jiffies;

		gunyah_model_debug(mq->host, GM_DBG_FAIL_CALL, NUM_RECV,
				   codes[n], 1000, 0, NULL);
		mq_peer_send(mq, 1);
		mq_settle(mq);
		KUNIT_EXPECT_LE(test, mq_calls(mq, NUM_RECV) - calls,
				most_attempts(start, 1));
		KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), n);

		gunyah_model_debug(mq->host, GM_DBG_MISBEHAVE_CLEAR, 0, 0, 0,
				   0, NULL);
		mbox_client_peek_data(mq->chan);
		mq_settle(mq);
		KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), n + 1);
	}
	mq_expect_clean(mq);
}

/* A lying hypervisor: more bytes than there is room for. */
static void oversize_after(struct gunyah_model_host *host, u64 *x)
{
	if (!x[0] && x[1] == 16)
		x[1] = 1024;
}

static void recv_test_oversize(struct kunit *test)
{
	struct mq *mq = mq_new_bound(test, PAIR, 8, 240);

	mq->host->after = oversize_after;
	mq_peer_send(mq, 1);
	mq_settle(mq);
	mq->host->after = NULL;
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 0);

	mq_peer_send(mq, 1);
	mq_settle(mq);
	KUNIT_EXPECT_EQ(test, atomic_read(&mq->received), 1);
	mq_expect_clean(mq);
}

/* Two queues */

static void two_test_stuck(struct kunit *test)
{
	struct gunyah_model_host *host = gunyah_model_start(test, NULL);
	struct mq *stuck = mq_new(test, host, PAIR | GM_DBG_QUEUE_STUCK, 8, 240);
	struct mq *echo = mq_new(test, host, PAIR | GM_DBG_QUEUE_ECHO, 8, 240);
	unsigned long start = jiffies;
	u64 calls;

	KUNIT_ASSERT_EQ(test, mq_bind(stuck), 0);
	KUNIT_ASSERT_EQ(test, mq_bind(echo), 0);
	stuck->flush = true;
	mq_send(stuck, 8 + 16);
	mq_settle(stuck);
	KUNIT_EXPECT_EQ(test, atomic_read(&stuck->done), 8);

	calls = mq_calls(echo, NUM_SEND);
	for (int n = 0; n < 500; n++) {
		unsigned long end = jiffies + 5 * HZ;

		mq_send(echo, 1);
		while (atomic_read(&echo->received) <= n &&
		       time_before(jiffies, end))
			mq_settle(echo);
		KUNIT_ASSERT_EQ(test, atomic_read(&echo->received), n + 1);
	}
	mq_settle(echo);
	KUNIT_EXPECT_EQ(test, atomic_read(&echo->done), 500);
	calls = mq_calls(echo, NUM_SEND) - calls;
	/* The stuck one is tried once a second. */
	KUNIT_EXPECT_GE(test, calls, 500);
	KUNIT_EXPECT_LE(test, calls, 500 + (jiffies - start) / HZ);
	KUNIT_EXPECT_EQ(test, atomic_read(&stuck->done), 8);
	KUNIT_EXPECT_EQ(test, mq_info(stuck, stuck->queue.tx_cap).count, 8);
	mq_expect_clean(stuck);
	mq_expect_clean(echo);
}

static struct kunit_case msgq_test_cases[] = {
	KUNIT_CASE(send_test_work),
	KUNIT_CASE(send_test_flush),
	KUNIT_CASE(send_test_full),
	KUNIT_CASE(send_test_refused),
	KUNIT_CASE(send_test_size),
	KUNIT_CASE(send_test_error),
	KUNIT_CASE(send_test_push),
	KUNIT_CASE(send_test_chain),
	KUNIT_CASE_SLOW(state_test_table),
	KUNIT_CASE(state_test_overtake),
	KUNIT_CASE(recv_test_order),
	KUNIT_CASE(recv_test_again),
	KUNIT_CASE(recv_test_pause),
	KUNIT_CASE(recv_test_late),
	KUNIT_CASE(recv_test_sizes),
	KUNIT_CASE(recv_test_larger),
	KUNIT_CASE(recv_test_fault),
	KUNIT_CASE(recv_test_fault_alone),
	KUNIT_CASE(recv_test_error),
	KUNIT_CASE(recv_test_oversize),
	KUNIT_CASE_SLOW(two_test_stuck),
	{}
};

static struct kunit_suite msgq_test_suite = {
	.name = "gunyah_msgq",
	.test_cases = msgq_test_cases,
};

kunit_test_suite(msgq_test_suite);

MODULE_DESCRIPTION("KUnit tests for Gunyah message queues");
MODULE_LICENSE("GPL");
MODULE_INFO(import_ns, "EXPORTED_FOR_KUNIT_TESTING");
