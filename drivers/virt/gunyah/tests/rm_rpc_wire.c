// SPDX-License-Identifier: GPL-2.0-only
/*
 * A resource manager that keeps the requests it gets, and answers with bytes of
 * the test.
 */
#include <kunit/device.h>
#include <kunit/test.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "rm_rpc_wire.h"

/* Nothing takes as long; a test that waits for it has failed. */
#define PATIENCE_MS	20000

const u8 wire_ok[4] = { 0, 0, 0, 0 };
const u8 wire_state[4] = { 0x14, 0, 0, 0 };
const u8 wire_nomem[4] = { 1, 0, 0, 0 };
const u8 wire_handle[8] = { 0, 0, 0, 0, 4, 3, 2, 1 };

static struct wire *chan_to_wire(struct mbox_chan *chan)
{
	return container_of(chan, struct wire, chan);
}

/* One caller at a time, and the next after the answer: nothing to lock. */
static int wire_send_data(struct mbox_chan *chan, void *data)
{
	struct wire *wire = chan_to_wire(chan);
	const struct gunyah_msgq_msg *msg = data;
	struct gunyah_rm_frag frag = {};
	struct wire_req *req;

	wire->done = true;
	if (wire->nr >= WIRE_NR || gunyah_rm_msg_decode(msg->data, msg->size, &frag)) {
		KUNIT_FAIL(wire->test, "too many requests, or a bad one");
		return 0;
	}

	req = &wire->reqs[wire->nr];
	if (frag.type == GUNYAH_RM_REQUEST) {
		req->id = frag.id;
		req->seq = frag.seq;
		req->ms = jiffies_to_msecs(wire->rm->wire->deadline - jiffies);
		req->nr_frags = 0;
		req->size = 0;
	}
	memcpy(req->data + req->size, frag.data, frag.size);
	req->size += frag.size;
	req->nr_frags++;
	if (req->nr_frags == frag.follow + 1) {
		wire->nr++;
		schedule_work(&wire->work);
	}

	return 0;
}

static int wire_flush(struct mbox_chan *chan, unsigned long timeout)
{
	struct wire *wire = chan_to_wire(chan);

	while (wire->done) {
		wire->done = false;
		mbox_chan_txdone(chan, 0);
	}

	return 0;
}

static void wire_work(struct work_struct *work)
{
	struct wire *wire = container_of(work, struct wire, work);
	const struct wire_req *req = wire_last(wire);
	unsigned int nr = min(wire->nr, wire->nr_answers), i;
	struct gunyah_msgq_msg msg;
	u8 buf[GUNYAH_RM_FRAG_SIZE];

	if (!nr || !wire->answers[nr - 1].data)
		return;

	msg.data = buf;
	for (i = 0; i < gunyah_rm_msg_nr_frags(wire->answers[nr - 1].size); i++) {
		msg.size = gunyah_rm_msg_encode(buf, GUNYAH_RM_REPLY, req->id, req->seq,
						wire->answers[nr - 1].data,
						wire->answers[nr - 1].size, i);
		mbox_chan_received_data(&wire->chan, &msg);
	}
}

/* A client that refused the first fragment may be gone before the last. */
static void wire_shutdown(struct mbox_chan *chan)
{
	cancel_work_sync(&chan_to_wire(chan)->work);
}

static const struct mbox_chan_ops wire_ops = {
	.send_data = wire_send_data,
	.flush = wire_flush,
	.shutdown = wire_shutdown,
};

static void wire_release(void *data)
{
	struct wire *wire = data;

	if (wire->rm)
		gunyah_rm_destroy(wire->rm);
	mbox_controller_unregister(&wire->mbox);
	kvfree(wire);
}

/**
 * wire_create() - a controller with a client on it
 * @test: test, at whose end both go
 *
 * Return: the wire; calls have 20 s.
 */
struct wire *wire_create(struct kunit *test)
{
	struct device_driver *drv;
	struct device *dev = NULL;
	struct wire *wire;
	int ret;

	/* The core takes a reference on the driver's module. */
	drv = kunit_driver_create(test, "gunyah-rm-wire");
	if (!IS_ERR(drv))
		dev = kunit_device_register_with_driver(test, "gunyah-rm-wire", drv);
	if (IS_ERR_OR_NULL(dev))
		KUNIT_FAIL_AND_ABORT(test, "no device");

	wire = kvzalloc(sizeof(*wire), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, wire);

	wire->test = test;
	INIT_WORK(&wire->work, wire_work);
	wire->mbox.dev = dev;
	wire->mbox.ops = &wire_ops;
	wire->mbox.chans = &wire->chan;
	wire->mbox.num_chans = 1;
	wire->mbox.txdone_irq = true;
	ret = mbox_controller_register(&wire->mbox);
	if (ret) {
		kvfree(wire);
		KUNIT_FAIL_AND_ABORT(test, "no controller");
	}
	ret = kunit_add_action_or_reset(test, wire_release, wire);
	KUNIT_ASSERT_EQ(test, ret, 0);

	wire->rm = gunyah_rm_create(dev, &wire->chan);
	if (IS_ERR(wire->rm)) {
		wire->rm = NULL;
		KUNIT_FAIL_AND_ABORT(test, "no client");
	}
	wire->rm->timeout_ms = PATIENCE_MS;

	return wire;
}

/* Forget what was, and answer everything with this. */
void wire_answer(struct wire *wire, const void *data, size_t size)
{
	wire->nr = 0;
	wire->nr_answers = 0;
	wire_answer_next(wire, data, size);
}

/* Answer what comes after what there are answers for already. */
void wire_answer_next(struct wire *wire, const void *data, size_t size)
{
	wire->answers[wire->nr_answers].data = data;
	wire->answers[wire->nr_answers].size = size;
	wire->nr_answers++;
}

/* The last request; one without an id if there was none. */
const struct wire_req *wire_last(struct wire *wire)
{
	static const struct wire_req none;

	return wire->nr ? &wire->reqs[wire->nr - 1] : &none;
}

/* Request number @i since wire_answer() was this. */
void wire_expect(struct wire *wire, unsigned int i, u32 id, const u8 *bytes, size_t size)
{
	KUNIT_ASSERT_GT(wire->test, wire->nr, i);
	KUNIT_EXPECT_EQ(wire->test, wire->reqs[i].id, id);
	KUNIT_ASSERT_EQ(wire->test, wire->reqs[i].size, size);
	KUNIT_EXPECT_MEMEQ(wire->test, wire->reqs[i].data, bytes, size);
}
