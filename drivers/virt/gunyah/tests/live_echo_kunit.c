// SPDX-License-Identifier: GPL-2.0-only
/*
 * A client of a queue pair that RM lists at run time, bound to its mailbox
 * channel by mbox_bind_client(): messages of every size there can be, to a peer
 * of the stand-in that returns each.
 */
#include <linux/atomic.h>
#include <linux/auxiliary_bus.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/gunyah_msgq.h>
#include <linux/gunyah_resource.h>
#include <linux/gunyah_rm.h>
#include <linux/jiffies.h>
#include <linux/mailbox_client.h>
#include <linux/semaphore.h>

#include <kunit/resource.h>
#include <kunit/test.h>

#include "../rm.h"
#include "live.h"

#define ECHO_DEPTH	4
/* In the mailbox core at a time; more than the queue takes. */
#define ECHO_NR_MSGS	12
#define ECHO_PATIENCE	(60 * HZ)

/**
 * struct echo - the client
 * @cl: its end of the channel
 * @chan: channel while it is bound
 * @caps: capabilities of the two queues
 * @set: what RM lists
 * @adev: the queue device
 * @msgs: messages, used in turn
 * @bytes: their contents
 * @room: how many of them are free
 * @refused: messages that were completed with an error
 * @received: messages that came back
 * @expect: size of the next one
 * @step: how sizes change
 * @wrong: messages of another size or with other bytes
 */
struct echo {
	struct mbox_client cl;
	struct mbox_chan *chan;
	u64 caps[2];
	struct gunyah_rm_resource_set *set;
	struct auxiliary_device *adev;
	struct gunyah_msgq_msg msgs[ECHO_NR_MSGS];
	u8 bytes[ECHO_NR_MSGS][GUNYAH_MSGQ_MAX_MSG_SIZE + 1];
	struct semaphore room;
	atomic_t refused;
	atomic_t received;
	size_t expect;
	int step;
	atomic_t wrong;
};

static u8 echo_byte(size_t size, size_t i)
{
	return size * 31 + i * 7 + (i >> 8);
}

static void echo_done(struct mbox_client *cl, void *mssg, int error)
{
	struct echo *echo = container_of(cl, struct echo, cl);
	const struct gunyah_msgq_msg *msg = mssg;

	if (msg->status)
		atomic_inc(&echo->refused);
	up(&echo->room);
}

static void echo_rx(struct mbox_client *cl, void *mssg)
{
	struct echo *echo = container_of(cl, struct echo, cl);
	const struct gunyah_msgq_msg *msg = mssg;
	const u8 *data = msg->data;
	bool wrong = msg->size != echo->expect;
	size_t i;

	for (i = 0; i < msg->size && !wrong; i++)
		wrong = data[i] != echo_byte(msg->size, i);
	if (wrong)
		atomic_inc(&echo->wrong);
	echo->expect += echo->step;
	atomic_inc(&echo->received);
}

static void echo_end(void *data)
{
	struct echo *echo = data;
	struct live_reply reply;
	unsigned int i;

	if (echo->chan)
		mbox_free_channel(echo->chan);
	if (echo->adev)
		put_device(&echo->adev->dev);
	if (!IS_ERR_OR_NULL(echo->set))
		gunyah_rm_resources_del(echo->set);
	for (i = 0; i < ARRAY_SIZE(echo->caps); i++)
		live_debug(&reply, GM_DBG_QUEUE_DESTROY, echo->caps[i]);
}

/* A queue pair with an echo behind it, listed by RM and bound to a client. */
static struct echo *echo_new(struct kunit *test)
{
	struct echo *echo = kunit_kzalloc(test, sizeof(*echo), GFP_KERNEL);
	u64 shape = ECHO_DEPTH | GUNYAH_MSGQ_MAX_MSG_SIZE << 16;
	struct gunyah_rm_queue_size size;
	struct live *live = test->priv;
	struct live_reply reply;

	KUNIT_ASSERT_NOT_NULL(test, echo);
	KUNIT_ASSERT_EQ(test, live_debug(&reply, GM_DBG_QUEUE_CREATE, GM_DBG_QUEUE_ECHO |
					 GM_DBG_QUEUE_TX | GM_DBG_QUEUE_RX, shape, shape), 0);
	echo->caps[0] = reply.x[1];
	echo->caps[1] = reply.x[3];
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, echo_end, echo), 0);

	size.label = reply.x[6];
	size.msg_size = GUNYAH_MSGQ_MAX_MSG_SIZE;
	echo->set = gunyah_rm_resources_add_sized(live->rm, reply.x[5], &size, 1);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, echo->set);
	echo->adev = gunyah_resource_find(reply.x[5], GUNYAH_RESOURCE_MSGQ, size.label);
	KUNIT_ASSERT_NOT_NULL(test, echo->adev);

	sema_init(&echo->room, ECHO_NR_MSGS);
	echo->cl.dev = &echo->adev->dev;
	echo->cl.tx_done = echo_done;
	echo->cl.rx_callback = echo_rx;
	echo->chan = gunyah_msgq_chan(to_gunyah_msgq_device(echo->adev));
	if (IS_ERR(echo->chan) || mbox_bind_client(echo->chan, &echo->cl)) {
		echo->chan = NULL;
		KUNIT_FAIL_AND_ABORT(test, "no channel");
	}

	return echo;
}

static void echo_send(struct kunit *test, struct echo *echo, unsigned int n, size_t size)
{
	struct gunyah_msgq_msg *msg = &echo->msgs[n % ECHO_NR_MSGS];
	u8 *bytes = echo->bytes[n % ECHO_NR_MSGS];
	size_t i;

	KUNIT_ASSERT_EQ(test, down_timeout(&echo->room, ECHO_PATIENCE), 0);
	for (i = 0; i < size; i++)
		bytes[i] = echo_byte(size, i);
	*msg = (struct gunyah_msgq_msg){ .data = bytes, .size = size };
	KUNIT_ASSERT_GE(test, mbox_send_message(echo->chan, msg), 0);
}

static void echo_await(struct kunit *test, struct echo *echo, int nr)
{
	unsigned long end = jiffies + ECHO_PATIENCE;

	while (atomic_read(&echo->received) < nr && time_before(jiffies, end))
		msleep(20);
	KUNIT_EXPECT_EQ(test, atomic_read(&echo->received), nr);
	KUNIT_EXPECT_EQ(test, atomic_read(&echo->wrong), 0);
}

/* Up and down again, as fast as the queue takes them. */
static void live_every_size(struct kunit *test)
{
	unsigned int n = 0;
	struct echo *echo;
	size_t size;

	live_need_debug(test);
	echo = echo_new(test);

	echo->expect = 1;
	echo->step = 1;
	for (size = 1; size <= GUNYAH_MSGQ_MAX_MSG_SIZE; size++)
		echo_send(test, echo, n++, size);
	echo_await(test, echo, n);

	echo->expect = GUNYAH_MSGQ_MAX_MSG_SIZE;
	echo->step = -1;
	for (size = GUNYAH_MSGQ_MAX_MSG_SIZE; size; size--)
		echo_send(test, echo, n++, size);
	echo_await(test, echo, n);
	KUNIT_EXPECT_EQ(test, atomic_read(&echo->refused), 0);

	/* No queue takes these, and none is in the way of the next. */
	echo_send(test, echo, n++, 0);
	echo_send(test, echo, n++, GUNYAH_MSGQ_MAX_MSG_SIZE + 1);
	echo->expect = 17;
	echo_send(test, echo, n++, 17);
	echo_await(test, echo, n - 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&echo->refused), 2);
}

static struct kunit_case echo_cases[] = {
	KUNIT_CASE_SLOW(live_every_size),
	{ }
};

static struct kunit_suite echo_suite = {
	.name = "gunyah-live-echo",
	.init = live_init,
	.exit = live_exit,
	.test_cases = echo_cases,
};

kunit_test_suite(echo_suite);
