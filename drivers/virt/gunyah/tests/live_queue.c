// SPDX-License-Identifier: GPL-2.0-only
/*
 * A queue pair of the stand-in, as a mailbox channel with a client of the
 * test's own: real queue, real interrupts, unmodified gunyah-msgq driver.
 */
#include <linux/auxiliary_bus.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/gunyah_msgq.h>
#include <linux/mailbox_client.h>
#include <linux/slab.h>

#include <kunit/test.h>

#include "../rm.h"
#include "../rm_irq.h"
#include "live.h"

/* The queue driver binds to devices of the RM driver, so bear its name. */
#define QUEUE_CREATOR	"gunyah_rm"

/* Far from the ids that driver uses. */
static atomic_t next_id = ATOMIC_INIT(0x1000);

static void queue_tx_done(struct mbox_client *cl, void *mssg, int r)
{
	struct live_queue *queue = container_of(cl, struct live_queue, cl);

	atomic_inc(r ? &queue->failed : &queue->sent);
}

static void queue_rx(struct mbox_client *cl, void *mssg)
{
	atomic_inc(&container_of(cl, struct live_queue, cl)->received);
}

static void queue_device_release(struct device *dev)
{
	kfree(to_gunyah_msgq_device(to_auxiliary_dev(dev)));
}

static void queue_destroy(void *data)
{
	struct live_queue *queue = data;
	struct live_reply reply;

	if (queue->chan)
		mbox_free_channel(queue->chan);
	if (queue->msgq) {
		auxiliary_device_delete(&queue->msgq->adev);
		auxiliary_device_uninit(&queue->msgq->adev);
	}
	for (int i = 0; i < 2; i++) {
		gunyah_rm_irq_unmap(queue->irqs[i]);
		live_debug(&reply, GM_DBG_QUEUE_DESTROY, queue->caps[i]);
	}
}

static int queue_map_irqs(struct live_queue *queue, struct gunyah_rm *rm,
			  const struct live_reply *reply)
{
	for (int i = 0; i < 2; i++) {
		int irq = gunyah_rm_irq_map(rm->virqs, reply->x[2 + 2 * i]);

		if (irq < 0)
			return irq;
		queue->irqs[i] = irq;
	}

	return 0;
}

static int queue_add_device(struct live_queue *queue, struct gunyah_rm *rm, u16 depth, u16 size)
{
	struct gunyah_msgq_device *msgq = kzalloc(sizeof(*msgq), GFP_KERNEL);
	struct gunyah_msgq_end end = { .present = true, .msg_size = size, .depth = depth };
	int ret;

	if (!msgq)
		return -ENOMEM;

	msgq->tx = end;
	msgq->tx.capid = queue->caps[0];
	msgq->tx.irq = queue->irqs[0];
	msgq->rx = end;
	msgq->rx.capid = queue->caps[1];
	msgq->rx.irq = queue->irqs[1];
	msgq->adev.name = "msgq";
	msgq->adev.id = atomic_inc_return(&next_id);
	msgq->adev.dev.parent = rm->dev->parent;
	msgq->adev.dev.release = queue_device_release;

	ret = auxiliary_device_init(&msgq->adev);
	if (ret) {
		kfree(msgq);
		return ret;
	}

	ret = __auxiliary_device_add(&msgq->adev, QUEUE_CREATOR);
	if (ret) {
		auxiliary_device_uninit(&msgq->adev);
		return ret;
	}

	queue->msgq = msgq;
	return 0;
}

/*
 * Create a queue pair with a peer as @flags (GM_DBG_QUEUE_*) say, @depth
 * messages of @size bytes each way, and bind a client to it. Ends with @test.
 */
struct live_queue *live_queue_create(struct kunit *test, u64 flags, u16 depth, u16 size)
{
	struct live *live = test->priv;
	struct live_queue *queue = kunit_kzalloc(test, sizeof(*queue), GFP_KERNEL);
	u64 shape = depth | (u64)size << 16;
	struct live_reply reply;
	struct mbox_chan *chan;

	if (!queue || live_debug(&reply, GM_DBG_QUEUE_CREATE,
				 flags | GM_DBG_QUEUE_TX | GM_DBG_QUEUE_RX, shape, shape))
		return NULL;

	queue->caps[0] = reply.x[1];
	queue->caps[1] = reply.x[3];
	if (kunit_add_action_or_reset(test, queue_destroy, queue) ||
	    queue_map_irqs(queue, live->rm, &reply) ||
	    queue_add_device(queue, live->rm, depth, size))
		return NULL;

	chan = gunyah_msgq_chan(queue->msgq);
	if (IS_ERR(chan))
		return NULL;

	queue->cl.dev = &queue->msgq->adev.dev;
	queue->cl.tx_done = queue_tx_done;
	queue->cl.rx_callback = queue_rx;
	if (mbox_bind_client(chan, &queue->cl))
		return NULL;
	queue->chan = chan;

	return queue;
}
