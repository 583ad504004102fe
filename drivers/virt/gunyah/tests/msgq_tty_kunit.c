// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of byte streams over queue pairs. The queues are the model's; the
 * tty is opened from the kernel, and what it receives is taken at the port, so
 * that no line discipline hides a loss.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/platform_device.h>
#include <linux/serial.h>
#include <linux/sizes.h>
#include <linux/tty.h>
#include <linux/tty_driver.h>
#include <linux/tty_flip.h>
#include <linux/tty_port.h>

#include <kunit/resource.h>
#include <kunit/test.h>

#include "../msgq_tty.h"
#include "../rm_resource.h"
#include "resource_test.h"

#define TT_LABEL	7
#define TT_DEPTH	4
#define TT_SIZE		240
#define NUM_SEND	0x1b
/* Nothing takes as long; a test that waits for it has failed. */
#define TT_PATIENCE	(20 * HZ)

/**
 * struct tt - a stream under test
 * @rt: queues and devices
 * @queue: the pair
 * @pdev: gunyah-tty device
 * @client: takes what the tty receives
 * @port: its port
 * @tty: the tty while it is open
 * @hold: take nothing of what is received
 * @received: bytes received; byte k is k, modulo 256
 * @wrong: bytes that were something else
 * @written: bytes written so far, of the same pattern
 */
struct tt {
	struct rt *rt;
	struct gunyah_model_queue queue;
	struct platform_device *pdev;
	struct tty_port_client_operations client;
	struct tty_port *port;
	struct tty_struct *tty;
	bool hold;
	size_t received;
	size_t wrong;
	size_t written;
};

/* A test's stream; the port has no room for a pointer of ours. */
static struct tt *tt_current;

/* As the model's peer sends them; a lost message shifts them by 240. */
static u8 tt_byte(size_t n)
{
	return n;
}

static size_t tt_receive(struct tty_port *port, const u8 *buf, const u8 *flags, size_t size)
{
	struct tt *tt = tt_current;
	size_t i;

	if (READ_ONCE(tt->hold))
		return 0;

	for (i = 0; i < size; i++)
		tt->wrong += buf[i] != tt_byte(tt->received + i);
	WRITE_ONCE(tt->received, tt->received + size);

	return size;
}

static void tt_wakeup(struct tty_port *port)
{
}

static void tt_remove(void *data)
{
	platform_device_unregister(data);
}

static struct platform_device *tt_device(struct kunit *test, u16 vmid, u32 label)
{
	struct gunyah_tty_pair pair = { .vmid = vmid, .label = label };
	struct platform_device *pdev =
		platform_device_register_data(NULL, GUNYAH_TTY_DEVICE_NAME, PLATFORM_DEVID_AUTO,
					      &pair, sizeof(pair));

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pdev);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, tt_remove, pdev), 0);

	return pdev;
}

/* A queue pair with entries in the list, whose other end is as @flags say. */
static void tt_queue(struct rt *rt, struct gunyah_model_queue *queue, u64 flags)
{
	KUNIT_ASSERT_EQ(rt->test,
			gunyah_model_queue_create(rt->host, GM_DBG_QUEUE_TX | GM_DBG_QUEUE_RX |
						  flags, TT_DEPTH, TT_SIZE, queue), 0);
	rt_entry(rt, GUNYAH_RM_RES_MSGQ_TX, TT_LABEL, queue->tx_cap, queue->tx_virq);
	rt_entry(rt, GUNYAH_RM_RES_MSGQ_RX, TT_LABEL, queue->rx_cap, queue->rx_virq);
}

/* The driver core probes again by itself what had to wait for its queue. */
static void tt_bound(struct tt *tt)
{
	unsigned long end = jiffies + TT_PATIENCE;
	dev_t devt;

	while (!(tt->port = gunyah_tty_port(tt->pdev, &devt)) && time_before(jiffies, end))
		msleep(20);
	KUNIT_ASSERT_NOT_NULL(tt->rt->test, tt->port);
	tt->client = (struct tty_port_client_operations){
		.receive_buf = tt_receive,
		.write_wakeup = tt_wakeup,
	};
	tt->port->client_ops = &tt->client;
}

static int tt_open(struct tt *tt)
{
	struct tty_struct *tty;
	dev_t devt;
	int ret;

	KUNIT_ASSERT_NOT_NULL(tt->rt->test, gunyah_tty_port(tt->pdev, &devt));
	tty = tty_kopen_exclusive(devt);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(tt->rt->test, tty);
	ret = tty->ops->open(tty, NULL);
	tty_unlock(tty);
	if (ret)
		tty_kclose(tty);
	else
		tt->tty = tty;

	return ret;
}

static void tt_close(struct tt *tt)
{
	struct tty_struct *tty = tt->tty;

	if (!tty)
		return;

	tt->tty = NULL;
	if (!test_bit(TTY_HUPPED, &tty->flags)) {
		tty_lock(tty);
		tty->ops->close(tty, NULL);
		tty_unlock(tty);
	}
	tty_kclose(tty);
}

static void tt_end(void *data)
{
	tt_close(data);
}

/* The device first, then the pair that it waits for. Open when this returns. */
static struct tt *tt_new(struct kunit *test, u64 flags)
{
	struct tt *tt = kunit_kzalloc(test, sizeof(*tt), GFP_KERNEL);
	dev_t devt;

	KUNIT_ASSERT_NOT_NULL(test, tt);
	tt_current = tt;
	tt->rt = test->priv;
	gunyah_model_set_manual(tt->rt->host, false);
	tt_queue(tt->rt, &tt->queue, flags);
	tt->pdev = tt_device(test, RT_VMID, TT_LABEL);
	KUNIT_EXPECT_NULL(test, gunyah_tty_port(tt->pdev, &devt));

	rt_add(tt->rt);
	wait_for_device_probe();
	tt_bound(tt);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, tt_end, tt), 0);
	KUNIT_ASSERT_EQ(test, tt_open(tt), 0);

	return tt;
}

/* Write what fits of @size bytes. Returns how many did. */
static size_t tt_write(struct tt *tt, size_t size)
{
	u8 buf[512];
	size_t i, n = min(size, sizeof(buf));
	ssize_t ret;

	for (i = 0; i < n; i++)
		buf[i] = tt_byte(tt->written + i);
	ret = tt->tty->ops->write(tt->tty, buf, n);
	KUNIT_EXPECT_GE(tt->rt->test, ret, 0);
	if (ret > 0)
		tt->written += ret;

	return max(ret, 0);
}

static bool tt_await(struct tt *tt, size_t received)
{
	unsigned long end = jiffies + TT_PATIENCE;

	while (READ_ONCE(tt->received) < received && time_before(jiffies, end))
		usleep_range(200, 500);

	return READ_ONCE(tt->received) == received;
}

/* Wait until @cap's queue has @count messages. */
static bool tt_await_queue(struct tt *tt, u64 cap, u64 count)
{
	unsigned long end = jiffies + TT_PATIENCE;
	u64 r[6] = {};

	do {
		gunyah_model_debug(tt->rt->host, GM_DBG_QUEUE_INFO, cap, 0, 0, 0, r);
		if (r[0] == count)
			return true;
		usleep_range(200, 500);
	} while (time_before(jiffies, end));

	return false;
}

/* The peer sends a message. Returns 0 if the queue is full. */
static u32 tt_peer_send(struct tt *tt, u8 first)
{
	return gunyah_model_peer_send(tt->rt->host, tt->queue.rx_cap, TT_SIZE, 1, first);
}

/* 100,000 bytes in pieces of all sizes come back in order. */
static void tty_echo_test(struct kunit *test)
{
	struct tt *tt = tt_new(test, GM_DBG_QUEUE_ECHO);
	struct serial_icounter_struct icount = {};
	unsigned long end = jiffies + TT_PATIENCE;
	size_t piece = 1;

	while (tt->written < 100000 && time_before(jiffies, end)) {
		if (!tt_write(tt, piece))
			usleep_range(100, 200);
		piece = piece % 512 + 1;
	}
	KUNIT_EXPECT_TRUE(test, tt_await(tt, tt->written));
	KUNIT_EXPECT_GE(test, tt->received, 100000);
	KUNIT_EXPECT_EQ(test, tt->wrong, 0);

	KUNIT_EXPECT_EQ(test, tt->tty->ops->get_icount(tt->tty, &icount), 0);
	KUNIT_EXPECT_EQ(test, icount.tx, tt->written);
	KUNIT_EXPECT_EQ(test, icount.rx, tt->received);
	KUNIT_EXPECT_EQ(test, tt->tty->ops->chars_in_buffer(tt->tty), 0);
}

/* A peer that reads nothing stops the writer; then all of it goes. */
static void tty_full_test(struct kunit *test)
{
	struct tt *tt = tt_new(test, GM_DBG_QUEUE_STUCK);
	unsigned long end = jiffies + TT_PATIENCE;
	struct serial_icounter_struct icount = {};
	unsigned int left;

	while (tt_write(tt, 512))
		;
	KUNIT_EXPECT_EQ(test, tt->tty->ops->write_room(tt->tty), 0);
	KUNIT_EXPECT_TRUE(test, tt_await_queue(tt, tt->queue.tx_cap, TT_DEPTH));
	/* All that was written and is not in the queue. */
	tt->tty->ops->get_icount(tt->tty, &icount);
	left = tt->tty->ops->chars_in_buffer(tt->tty);
	KUNIT_EXPECT_GT(test, left, 0);
	KUNIT_EXPECT_EQ(test, left + icount.tx, tt->written);

	while (tt->tty->ops->chars_in_buffer(tt->tty) && time_before(jiffies, end)) {
		gunyah_model_peer_recv(tt->rt->host, tt->queue.tx_cap, 1);
		gunyah_model_settle(tt->rt->host);
	}
	tt->tty->ops->get_icount(tt->tty, &icount);
	KUNIT_EXPECT_EQ(test, icount.tx, tt->written);
	KUNIT_EXPECT_EQ(test, tt->tty->ops->chars_in_buffer(tt->tty), 0);
	KUNIT_EXPECT_GT(test, tt->tty->ops->write_room(tt->tty), 0);
	KUNIT_EXPECT_GT(test, tt_write(tt, 1), 0);

	/* What is not in a message can be taken back. */
	while (tt_write(tt, 512))
		;
	left = tt->tty->ops->chars_in_buffer(tt->tty);
	tt->tty->ops->flush_buffer(tt->tty);
	KUNIT_EXPECT_LT(test, tt->tty->ops->chars_in_buffer(tt->tty), left);
	KUNIT_EXPECT_GT(test, tt->tty->ops->write_room(tt->tty), 0);
}

/* A reader that takes nothing stops the peer; then all of it comes. */
static void tty_slow_test(struct kunit *test)
{
	struct tt *tt = tt_new(test, GM_DBG_QUEUE_STUCK);
	unsigned long end = jiffies + TT_PATIENCE;
	unsigned int idle = 0;
	size_t sent = 0;

	KUNIT_EXPECT_EQ(test, tty_buffer_set_limit(tt->port, SZ_4K), 0);
	WRITE_ONCE(tt->hold, true);
	/* Until the queue stays full: tty buffers, fifo and queue are. */
	while ((sent < SZ_8K || idle < 20) && time_before(jiffies, end)) {
		if (tt_peer_send(tt, tt_byte(sent))) {
			sent += TT_SIZE;
			idle = 0;
		} else {
			idle++;
			msleep(20);
		}
		gunyah_model_settle(tt->rt->host);
	}
	KUNIT_EXPECT_GT(test, sent, SZ_8K);
	KUNIT_EXPECT_LT(test, sent, SZ_32K);
	KUNIT_EXPECT_TRUE(test, tt_await_queue(tt, tt->queue.rx_cap, TT_DEPTH));
	KUNIT_EXPECT_EQ(test, tt->received, 0);
	kunit_info(test, "%zu bytes on their way\n", sent);

	WRITE_ONCE(tt->hold, false);
	tty_flip_buffer_push(tt->port);
	KUNIT_EXPECT_TRUE(test, tt_await(tt, sent));
	KUNIT_EXPECT_EQ(test, tt->wrong, 0);
}

/* Closed or throttled, it keeps what comes. */
static void tty_closed_test(struct kunit *test)
{
	struct tt *tt = tt_new(test, GM_DBG_QUEUE_STUCK);

	tt->tty->ops->throttle(tt->tty);
	KUNIT_EXPECT_EQ(test, tt_peer_send(tt, 0), 1);
	KUNIT_EXPECT_TRUE(test, tt_await_queue(tt, tt->queue.rx_cap, 0));
	msleep(20);
	KUNIT_EXPECT_EQ(test, tt->received, 0);
	tt->tty->ops->unthrottle(tt->tty);
	KUNIT_EXPECT_TRUE(test, tt_await(tt, TT_SIZE));
	KUNIT_EXPECT_EQ(test, tt->wrong, 0);

	tt_close(tt);
	KUNIT_EXPECT_EQ(test, tt_peer_send(tt, tt_byte(TT_SIZE)), 1);
	KUNIT_EXPECT_TRUE(test, tt_await_queue(tt, tt->queue.rx_cap, 0));
	msleep(20);
	KUNIT_EXPECT_EQ(test, tt->received, TT_SIZE);
	KUNIT_ASSERT_EQ(test, tt_open(tt), 0);
	KUNIT_EXPECT_TRUE(test, tt_await(tt, 2 * TT_SIZE));
}

/* The pair goes under an open tty with bytes on their way, and comes again. */
static void tty_hangup_test(struct kunit *test)
{
	struct tt *tt = tt_new(test, GM_DBG_QUEUE_STUCK);
	struct rt *rt = tt->rt;
	dev_t devt;
	u8 byte = 0;

	while (tt_write(tt, 512))
		;
	rt_del(rt);
	KUNIT_EXPECT_TRUE(test, test_bit(TTY_HUPPED, &tt->tty->flags));
	KUNIT_EXPECT_NULL(test, gunyah_tty_port(tt->pdev, &devt));
	KUNIT_EXPECT_EQ(test, tt->tty->ops->write(tt->tty, &byte, 1), -EIO);
	KUNIT_EXPECT_EQ(test, tt->tty->ops->write_room(tt->tty), 0);
	KUNIT_EXPECT_EQ(test, tt->tty->ops->chars_in_buffer(tt->tty), 0);
	/* The line discipline may still do so. */
	tt->tty->ops->unthrottle(tt->tty);
	tt_close(tt);

	kunit_release_action(test, tt_remove, tt->pdev);
	rt_add(rt);
	tt->pdev = tt_device(test, RT_VMID, TT_LABEL);
	tt_bound(tt);
	KUNIT_ASSERT_EQ(test, tt_open(tt), 0);
	gunyah_model_peer_recv(rt->host, tt->queue.tx_cap, TT_DEPTH);
	tt->written = 0;
	KUNIT_EXPECT_EQ(test, tt_write(tt, 100), 100);
	KUNIT_EXPECT_TRUE(test, tt_await_queue(tt, tt->queue.tx_cap, 1));
}

/* A message that is refused would leave a hole: it hangs up instead. */
static void tty_refused_test(struct kunit *test)
{
	struct tt *tt = tt_new(test, GM_DBG_QUEUE_STUCK);
	unsigned long end = jiffies + TT_PATIENCE;
	u8 byte = 0;

	gunyah_model_debug(tt->rt->host, GM_DBG_FAIL_CALL, NUM_SEND, 30, 1, 0, NULL);
	KUNIT_EXPECT_EQ(test, tt_write(tt, 10), 10);
	while (!test_bit(TTY_HUPPED, &tt->tty->flags) && time_before(jiffies, end))
		usleep_range(200, 500);
	KUNIT_EXPECT_TRUE(test, test_bit(TTY_HUPPED, &tt->tty->flags));
	KUNIT_EXPECT_EQ(test, tt->tty->ops->write(tt->tty, &byte, 1), -EIO);
	tt_close(tt);
	KUNIT_EXPECT_EQ(test, tt_open(tt), -ENODEV);
}

/* One queue is no line; two lines over one pair are one too many. */
static void tty_probe_test(struct kunit *test)
{
	struct rt *rt = test->priv;
	struct platform_device *first, *second, *half;
	struct gunyah_model_queue queue, other;
	dev_t devt;

	tt_queue(rt, &queue, GM_DBG_QUEUE_STUCK);
	KUNIT_ASSERT_EQ(test, gunyah_model_queue_create(rt->host, GM_DBG_QUEUE_TX, 4, 64, &other),
			0);
	rt_entry(rt, GUNYAH_RM_RES_MSGQ_TX, TT_LABEL + 1, other.tx_cap, other.tx_virq);
	rt_add(rt);

	half = tt_device(test, RT_VMID, TT_LABEL + 1);
	KUNIT_EXPECT_NULL(test, gunyah_tty_port(half, &devt));
	first = tt_device(test, RT_VMID, TT_LABEL);
	KUNIT_EXPECT_NOT_NULL(test, gunyah_tty_port(first, &devt));
	second = tt_device(test, RT_VMID, TT_LABEL);
	KUNIT_EXPECT_NULL(test, gunyah_tty_port(second, &devt));
	KUNIT_EXPECT_NOT_NULL(test, gunyah_tty_port(first, &devt));
}

static int tty_test_init(struct kunit *test)
{
	return rt_init(test, NULL);
}

static struct kunit_case tty_cases[] = {
	KUNIT_CASE_SLOW(tty_echo_test),
	KUNIT_CASE(tty_full_test),
	KUNIT_CASE_SLOW(tty_slow_test),
	KUNIT_CASE(tty_closed_test),
	KUNIT_CASE(tty_hangup_test),
	KUNIT_CASE(tty_refused_test),
	KUNIT_CASE(tty_probe_test),
	{ }
};

static struct kunit_suite tty_suite = {
	.name = "gunyah-tty",
	.init = tty_test_init,
	.exit = rt_exit,
	.test_cases = tty_cases,
};

kunit_test_suite(tty_suite);
