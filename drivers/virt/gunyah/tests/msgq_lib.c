// SPDX-License-Identifier: GPL-2.0-only
/*
 * A queue device with a client on its channel.
 *
 * The client checks what can be checked in any context (order, contents,
 * overlap, calls that come too late) and counts what is wrong; the test looks
 * at the counts. Message k has bytes k, k + 1, ..., both ways.
 */
#include <linux/auxiliary_bus.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/idr.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/slab.h>
#include <linux/smp.h>

#include <kunit/device.h>
#include <kunit/resource.h>
#include <kunit/test.h>

#include "msgq_test.h"

/* Above those of a real resource manager. */
#define MQ_FIRST_ID	1000

static DEFINE_IDA(mq_ids);

static void mq_tx_done(struct mbox_client *cl, void *mssg, int r)
{
	struct mq *mq = container_of(cl, struct mq, cl);
	struct gunyah_msgq_msg *msg = mssg;
	unsigned int n = atomic_read(&mq->done);

	if (!READ_ONCE(mq->live))
		atomic_inc(&mq->late);
	if (msg != &mq->msgs[n % MQ_NR_MSGS] || r != msg->status ||
	    mq->in_done++)
		atomic_inc(&mq->done_errors);
	if (in_task())
		atomic_inc(&mq->done_in_task);
	mq->done_status = msg->status;
	atomic_inc(&mq->done);
	if (mq->on_done)
		mq->on_done(mq);
	mq->in_done--;
}

static void mq_rx_callback(struct mbox_client *cl, void *mssg)
{
	struct mq *mq = container_of(cl, struct mq, cl);
	const struct gunyah_msgq_msg *msg = mssg;
	const u8 *data = msg->data;

	if (!READ_ONCE(mq->live))
		atomic_inc(&mq->late);
	if (atomic_inc_return(&mq->in_rx) != 1)
		atomic_inc(&mq->rx_errors);
	for (size_t n = 0; n < msg->size; n++) {
		if (data[n] != (u8)(mq->rx_next + n)) {
			atomic_inc(&mq->rx_errors);
			break;
		}
	}
	mq->rx_next++;
	mq->rx_size = msg->size;
	atomic_inc(&mq->received);
	if (mq->on_rx)
		mq->on_rx(mq);
	atomic_dec(&mq->in_rx);
}

static void mq_release(struct device *dev)
{
	struct gunyah_msgq_device *mdev =
		to_gunyah_msgq_device(to_auxiliary_dev(dev));

	ida_free(&mq_ids, mdev->adev.id);
	kfree(mdev);
}

/* What the device says of a queue, unless the test wants it to lie. */
static int mq_fill(struct mq *mq, struct gunyah_msgq_device *mdev)
{
	struct mq_queue_info info;
	int irq;

	if (mq->queue.tx_virq) {
		info = mq_info(mq, mq->queue.tx_cap);
		irq = gunyah_model_irq(mq->host, mq->queue.tx_virq);
		if (irq < 0)
			return irq;
		mdev->tx = (struct gunyah_msgq_end) {
			.present = true, .capid = mq->queue.tx_cap, .irq = irq,
			.msg_size = info.size, .depth = info.depth,
		};
	}
	if (mq->queue.rx_virq) {
		info = mq_info(mq, mq->queue.rx_cap);
		irq = gunyah_model_irq(mq->host, mq->queue.rx_virq);
		if (irq < 0)
			return irq;
		mdev->rx = (struct gunyah_msgq_end) {
			.present = true, .capid = mq->queue.rx_cap, .irq = irq,
			.msg_size = info.size, .depth = info.depth,
		};
	}

	return 0;
}

/* Adds the device, described by @like or by the model if that is NULL. */
int mq_add_device(struct mq *mq, const struct gunyah_msgq_device *like)
{
	struct gunyah_msgq_device *mdev;
	struct mbox_chan *chan;
	int ret;

	mdev = kzalloc(sizeof(*mdev), GFP_KERNEL);
	if (!mdev)
		return -ENOMEM;
	if (like) {
		mdev->tx = like->tx;
		mdev->rx = like->rx;
	} else {
		ret = mq_fill(mq, mdev);
		if (ret) {
			kfree(mdev);
			return ret;
		}
	}

	ret = ida_alloc_min(&mq_ids, MQ_FIRST_ID, GFP_KERNEL);
	if (ret < 0) {
		kfree(mdev);
		return ret;
	}
	mdev->adev.id = ret;
	mdev->adev.name = "msgq";
	mdev->adev.dev.parent = mq->cl.dev;
	mdev->adev.dev.release = mq_release;
	ret = auxiliary_device_init(&mdev->adev);
	if (ret) {
		ida_free(&mq_ids, mdev->adev.id);
		kfree(mdev);
		return ret;
	}
	ret = __auxiliary_device_add(&mdev->adev, "gunyah_rm");
	if (ret) {
		auxiliary_device_uninit(&mdev->adev);
		return ret;
	}

	mq->mdev = mdev;
	chan = gunyah_msgq_chan(mdev);
	mq->chan = IS_ERR(chan) ? NULL : chan;
	return 0;
}

void mq_remove_device(struct mq *mq)
{
	struct gunyah_msgq_device *mdev = mq->mdev;

	mq_free(mq);
	mq->mdev = NULL;
	mq->chan = NULL;
	if (!mdev)
		return;

	auxiliary_device_delete(&mdev->adev);
	auxiliary_device_uninit(&mdev->adev);
}

int mq_bind(struct mq *mq)
{
	int ret;

	WRITE_ONCE(mq->live, true);
	ret = mbox_bind_client(mq->chan, &mq->cl);
	mq->bound = !ret;
	return ret;
}

/* From the moment this returns, a callback is one too many. */
void mq_free(struct mq *mq)
{
	if (!mq->bound)
		return;

	mq->bound = false;
	mbox_free_channel(mq->chan);
	WRITE_ONCE(mq->live, false);
}

static void mq_cleanup(void *data)
{
	mq_remove_device(data);
}

/* A queue pair with a device, nobody on the channel yet. */
struct mq *mq_new(struct kunit *test, struct gunyah_model_host *host,
		  u64 flags, u32 depth, u32 size)
{
	struct mq *mq = kunit_kzalloc(test, sizeof(*mq), GFP_KERNEL);
	static atomic_t nr_parents;
	char name[32];

	KUNIT_ASSERT_NOT_NULL(test, mq);
	snprintf(name, sizeof(name), "gunyah-msgq-kunit.%d",
		 atomic_inc_return(&nr_parents));
	mq->cl.dev = kunit_device_register(test, name);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mq->cl.dev);
	mq->test = test;
	mq->host = host;
	mq->cl.tx_done = mq_tx_done;
	mq->cl.rx_callback = mq_rx_callback;
	for (unsigned int n = 0; n < sizeof(mq->bytes); n++)
		mq->bytes[n] = n;

	KUNIT_ASSERT_EQ(test, gunyah_model_queue_create(host, flags, depth,
							size, &mq->queue), 0);
	if (!(flags & GM_DBG_QUEUE_TX))
		mq->queue.tx_virq = 0;
	if (!(flags & GM_DBG_QUEUE_RX))
		mq->queue.rx_virq = 0;
	KUNIT_ASSERT_EQ(test, mq_add_device(mq, NULL), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, mq_cleanup, mq),
			0);
	KUNIT_ASSERT_NOT_NULL(test, mq->chan);
	return mq;
}

/* The same on a model of its own, which runs RM by hand, with a client. */
struct mq *mq_new_bound(struct kunit *test, u64 flags, u32 depth, u32 size)
{
	struct gunyah_model_host *host = gunyah_model_start(test, NULL);
	struct mq *mq;

	gunyah_model_set_manual(host, true);
	mq = mq_new(test, host, flags, depth, size);
	KUNIT_ASSERT_EQ(test, mq_bind(mq), 0);
	mq_settle(mq);
	return mq;
}

int mq_send_sized(struct mq *mq, size_t size)
{
	unsigned int n = mq->sent++;
	struct gunyah_msgq_msg *msg = &mq->msgs[n % MQ_NR_MSGS];
	int ret;

	*msg = (struct gunyah_msgq_msg) {
		.data = &mq->bytes[n & 0xff],
		.size = size,
		.status = 1,
	};
	ret = mbox_send_message(mq->chan, msg);
	if (mq->flush)
		mq->flushed = mbox_flush(mq->chan, 0);

	return ret;
}

/* Messages of 16 bytes. */
void mq_send(struct mq *mq, unsigned int count)
{
	for (unsigned int n = 0; n < count; n++)
		KUNIT_EXPECT_GE(mq->test, mq_send_sized(mq, 16), 0);
}

void mq_settle(struct mq *mq)
{
	gunyah_model_settle(mq->host);
}

/* For what has to come by itself, after some time: until it has. */
void mq_wait(struct mq *mq, const atomic_t *count, int least)
{
	unsigned long end = jiffies + 5 * HZ;

	while (atomic_read(count) < least && time_before(jiffies, end))
		msleep(20);
	mq_settle(mq);
}

/* The peer goes on where it stopped; 16 bytes each. */
void mq_peer_send(struct mq *mq, u32 count)
{
	struct mq_queue_info info = mq_info(mq, mq->queue.rx_cap);
	u8 first = mq->rx_next + info.count;

	KUNIT_EXPECT_EQ(mq->test,
			gunyah_model_peer_send(mq->host, mq->queue.rx_cap, 16,
					       count, first), count);
}

struct mq_queue_info mq_info(struct mq *mq, u64 cap)
{
	u64 r[6] = {};

	gunyah_model_debug(mq->host, GM_DBG_QUEUE_INFO, cap, 0, 0, 0, r);
	return (struct mq_queue_info) { r[0], r[1], r[2], r[3], r[4] };
}

u64 mq_calls(struct mq *mq, unsigned int num)
{
	return gunyah_model_calls(mq->host, num);
}

/* A CPU that the caller is not on, -1 if there is none. */
int mq_other_cpu(void)
{
	int cpu;

	for_each_online_cpu(cpu)
		if (cpu != raw_smp_processor_id())
			return cpu;

	return -1;
}

void mq_expect_clean(struct mq *mq)
{
	KUNIT_EXPECT_EQ(mq->test, atomic_read(&mq->done_errors), 0);
	KUNIT_EXPECT_EQ(mq->test, atomic_read(&mq->rx_errors), 0);
	KUNIT_EXPECT_EQ(mq->test, atomic_read(&mq->late), 0);
}
