// SPDX-License-Identifier: GPL-2.0-only
/*
 * The other end of the client's mailbox channel, played by a test.
 */
#include <kunit/device.h>
#include <kunit/test.h>
#include <linux/bitops.h>
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/mailbox_client.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "rm_fake.h"

/* Of the fake's own replies. */
#define NOTIFICATION_SEQ	0x7777

static struct fake *chan_to_fake(struct mbox_chan *chan)
{
	return container_of(chan, struct fake, chan);
}

static int accept_locked(struct fake *fake, struct gunyah_msgq_msg *msg)
{
	struct fake_frag *frag = &fake->frags[fake->head % FAKE_NR_FRAGS];

	lockdep_assert_held(&fake->lock);

	if (!fake->room || fake->head - fake->tail == FAKE_NR_FRAGS) {
		fake->refused = true;
		return -EBUSY;
	}

	fake->room--;
	fake->refused = false;
	fake->done = true;
	msg->status = fake->error;
	frag->push = msg->push;
	frag->size = min(msg->size, sizeof(frag->data));
	memcpy(frag->data, msg->data, frag->size);
	fake->head++;

	return 0;
}

static int fake_send_data(struct mbox_chan *chan, void *data)
{
	struct fake *fake = chan_to_fake(chan);
	int ret = 0;

	scoped_guard(spinlock_irqsave, &fake->lock)
		ret = accept_locked(fake, data);
	if (ret)
		return ret;

	wake_up_all(&fake->wq);
	if (fake->serve)
		schedule_work(&fake->work);

	return 0;
}

static bool tick_begin_locked(struct fake *fake, bool first, int *error)
{
	lockdep_assert_held(&fake->lock);

	if (first && fake->ticking)
		return false;

	fake->ticking = fake->done || (first && fake->refused && fake->room);
	/* It is for a fragment that was accepted, not for room. */
	if (fake->done) {
		*error = fake->error;
		fake->error = 0;
	}
	fake->done = false;

	return fake->ticking;
}

/* Tell the core that fragments are complete, one context at a time. */
static void fake_tick(struct fake *fake)
{
	bool first = true, more = true;

	while (more) {
		int error = 0;

		scoped_guard(spinlock_irqsave, &fake->lock)
			more = tick_begin_locked(fake, first, &error);
		first = false;
		if (more)
			mbox_chan_txdone(&fake->chan, error);
	}
}

static int fake_flush(struct mbox_chan *chan, unsigned long timeout)
{
	fake_tick(chan_to_fake(chan));

	return 0;
}

static bool fake_peek_data(struct mbox_chan *chan)
{
	struct fake *fake = chan_to_fake(chan);
	u8 lost[GUNYAH_RM_FRAG_SIZE];
	size_t size = 0;

	scoped_guard(spinlock_irqsave, &fake->lock) {
		fake->peeks++;
		swap(size, fake->lost_size);
		memcpy(lost, fake->lost, size);
	}
	if (size)
		fake_recv(fake, lost, size);

	return size;
}

static const struct mbox_chan_ops fake_ops = {
	.send_data = fake_send_data,
	.flush = fake_flush,
	.peek_data = fake_peek_data,
};

static void fake_work(struct work_struct *work)
{
	struct fake *fake = container_of(work, struct fake, work);

	fake->serve(fake);
}

/* Stop the client, as unbinding does. */
void fake_destroy_client(struct fake *fake)
{
	if (fake->rm)
		gunyah_rm_destroy(fake->rm);
	fake->rm = NULL;
}

static void fake_release(void *data)
{
	struct fake *fake = data;

	fake_destroy_client(fake);
	mbox_controller_unregister(&fake->mbox);
	cancel_work_sync(&fake->work);
	kvfree(fake);
}

/**
 * fake_create() - a controller with a client on it
 * @test: test, at whose end both go
 *
 * Return: the fake, with room for every fragment; calls have 20 s.
 */
struct fake *fake_create(struct kunit *test)
{
	struct device_driver *drv;
	struct fake *fake;
	int ret;

	fake = kvzalloc(sizeof(*fake), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fake);

	fake->test = test;
	fake->room = UINT_MAX;
	spin_lock_init(&fake->lock);
	mutex_init(&fake->recv_lock);
	init_waitqueue_head(&fake->wq);
	INIT_WORK(&fake->work, fake_work);

	fake->mbox.ops = &fake_ops;
	fake->mbox.chans = &fake->chan;
	fake->mbox.num_chans = 1;
	fake->mbox.txdone_irq = true;

	/* The core takes a reference on the driver's module. */
	drv = kunit_driver_create(test, "gunyah-rm-fake");
	if (!IS_ERR(drv))
		fake->dev = kunit_device_register_with_driver(test, "gunyah-rm-fake", drv);
	if (IS_ERR_OR_NULL(fake->dev)) {
		kvfree(fake);
		KUNIT_FAIL_AND_ABORT(test, "no device");
	}

	fake->mbox.dev = fake->dev;
	ret = mbox_controller_register(&fake->mbox);
	KUNIT_ASSERT_EQ(test, ret, 0);
	ret = kunit_add_action_or_reset(test, fake_release, fake);
	KUNIT_ASSERT_EQ(test, ret, 0);

	fake->rm = gunyah_rm_create(fake->dev, &fake->chan);
	if (IS_ERR(fake->rm)) {
		fake->rm = NULL;
		KUNIT_FAIL_AND_ABORT(test, "no client");
	}
	fake->rm->timeout_ms = jiffies_to_msecs(FAKE_PATIENCE);

	return fake;
}

/* Sending, seen from the other end */

static unsigned int pending_locked(struct fake *fake)
{
	lockdep_assert_held(&fake->lock);

	return fake->head - fake->tail;
}

/* Fragments sent and not looked at. */
unsigned int fake_pending(struct fake *fake)
{
	unsigned int nr = 0;

	scoped_guard(spinlock_irqsave, &fake->lock)
		nr = pending_locked(fake);

	return nr;
}

/* Wait until so many fragments are there to be looked at. */
bool fake_wait_frags(struct fake *fake, unsigned int nr)
{
	return wait_event_timeout(fake->wq, fake_pending(fake) >= nr, FAKE_PATIENCE);
}

static bool frag_get_locked(struct fake *fake, struct fake_frag *frag)
{
	if (!pending_locked(fake))
		return false;

	*frag = fake->frags[fake->tail++ % FAKE_NR_FRAGS];

	return true;
}

/* Look at the next fragment, if there is one. */
bool fake_frag_get(struct fake *fake, struct fake_frag *frag)
{
	bool got = false;

	scoped_guard(spinlock_irqsave, &fake->lock)
		got = frag_get_locked(fake, frag);

	return got;
}

/* Whether the first fragment there is begins a request that is all there. */
static bool req_complete(struct fake *fake)
{
	struct gunyah_rm_frag frag = {};
	struct fake_frag *first;
	bool complete = false;

	scoped_guard(spinlock_irqsave, &fake->lock) {
		first = &fake->frags[fake->tail % FAKE_NR_FRAGS];
		if (pending_locked(fake) &&
		    !gunyah_rm_msg_decode(first->data, first->size, &frag))
			complete = pending_locked(fake) > frag.follow;
	}

	return complete;
}

/* Take one request, if one is all there, and is as it should be. */
bool fake_req_get_now(struct fake *fake, struct fake_req *req)
{
	struct gunyah_rm_frag frag = {};
	struct fake_frag raw;
	unsigned int i;

	if (!req_complete(fake))
		return false;

	req->size = 0;
	req->nr_frags = 1;
	for (i = 0; i < req->nr_frags; i++) {
		if (!fake_frag_get(fake, &raw) || gunyah_rm_msg_decode(raw.data, raw.size, &frag))
			return false;
		if (!i) {
			req->id = frag.id;
			req->seq = frag.seq;
			req->nr_frags = frag.follow + 1;
		}
		if (frag.type != (i ? GUNYAH_RM_CONTINUATION : GUNYAH_RM_REQUEST) ||
		    frag.id != req->id || frag.seq != req->seq ||
		    raw.push != (i == req->nr_frags - 1))
			return false;
		memcpy(req->data + req->size, frag.data, frag.size);
		req->size += frag.size;
	}

	return true;
}

/* Wait for a request and take it. */
bool fake_req_get(struct fake *fake, struct fake_req *req)
{
	wait_event_timeout(fake->wq, req_complete(fake), FAKE_PATIENCE);

	return fake_req_get_now(fake, req);
}

static size_t waiters(struct fake *fake)
{
	size_t nr = 0;

	scoped_guard(spinlock_irqsave, &fake->rm->lock)
		nr = list_count_nodes(&fake->rm->waiters);

	return nr;
}

static size_t slots(struct fake *fake)
{
	return hweight_long(READ_ONCE(fake->rm->slots_used));
}

/* Nothing wakes a test when these change, so they are looked at again. */
static bool poll_until(struct fake *fake, size_t (*look)(struct fake *fake), size_t min)
{
	unsigned long end = jiffies + FAKE_PATIENCE;

	while (look(fake) < min && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);

	return look(fake) >= min;
}

/* Wait until so many callers wait for the wire. */
bool fake_wait_waiters(struct fake *fake, unsigned int nr)
{
	return poll_until(fake, waiters, nr);
}

/* Wait until so many fragments are with the mailbox core. */
bool fake_wait_slots(struct fake *fake, unsigned int nr)
{
	return poll_until(fake, slots, nr);
}

/* How many more fragments are accepted; the interrupt comes if that is news. */
void fake_room_set(struct fake *fake, unsigned int room)
{
	scoped_guard(spinlock_irqsave, &fake->lock)
		fake->room = room;

	fake_tick(fake);
}

/* Receiving, seen from the other end */

/* Bytes to the client, as one message. */
void fake_recv(struct fake *fake, const void *data, size_t size)
{
	struct gunyah_msgq_msg msg = { .data = (void *)data, .size = size };

	guard(mutex)(&fake->recv_lock);

	mbox_chan_received_data(&fake->chan, &msg);
}

/* The same, and the interrupt gets lost. */
void fake_recv_later(struct fake *fake, const void *data, size_t size)
{
	guard(spinlock_irqsave)(&fake->lock);

	memcpy(fake->lost, data, size);
	fake->lost_size = size;
}

/* A message to the client, in as many fragments as it needs. */
void fake_send(struct fake *fake, enum gunyah_rm_msg_type type, u32 id, u16 seq,
	       const void *payload, size_t size)
{
	unsigned int nr = gunyah_rm_msg_nr_frags(size), i;
	struct gunyah_msgq_msg msg;
	u8 buf[GUNYAH_RM_FRAG_SIZE];

	guard(mutex)(&fake->recv_lock);

	for (i = 0; i < nr; i++) {
		msg.data = buf;
		msg.size = gunyah_rm_msg_encode(buf, type, id, seq, payload, size, i);
		mbox_chan_received_data(&fake->chan, &msg);
	}
}

/* The answer to a request: status and data. */
void fake_reply(struct fake *fake, const struct fake_req *req, u32 status, const void *data,
		size_t size)
{
	u8 *payload = kvmalloc(sizeof(status) + size, GFP_KERNEL);

	if (!payload) {
		KUNIT_FAIL(fake->test, "no memory");
		return;
	}

	/* The kernel is little-endian here, as RM is. */
	memcpy(payload, &status, sizeof(status));
	if (size)
		memcpy(payload + sizeof(status), data, size);
	fake_send(fake, GUNYAH_RM_REPLY, req->id, req->seq, payload, sizeof(status) + size);
	kvfree(payload);
}

/* A notification. */
void fake_notify(struct fake *fake, u32 id, const void *payload, size_t size)
{
	fake_send(fake, GUNYAH_RM_NOTIFICATION, id, NOTIFICATION_SEQ, payload, size);
}

/* Gives every request the same answer. */
void fake_serve_canned(struct fake *fake)
{
	while (fake_req_get_now(fake, &fake->last))
		fake_send(fake, GUNYAH_RM_REPLY, fake->last.id, fake->last.seq, fake->answer,
			  fake->answer_size);
}

u64 fake_counter(struct fake *fake, enum rm_counter counter)
{
	u64 val = 0;

	scoped_guard(spinlock_irqsave, &fake->rm->lock)
		val = fake->rm->counters[counter];

	return val;
}

u64 fake_drops(struct fake *fake, enum gunyah_rm_drop drop)
{
	u64 val = 0;

	scoped_guard(spinlock_irqsave, &fake->rm->lock)
		val = fake->rm->drops[drop];

	return val;
}

/* Calls */

static int fake_call_thread(void *data)
{
	struct fake_call *call = data;

	allow_signal(SIGKILL);
	call->ret = gunyah_rm_xfer(call->rm, &call->xfer);
	complete(&call->done);

	/* kthread_stop() wants a task that is still there. */
	set_current_state(TASK_IDLE);
	while (!kthread_should_stop()) {
		schedule();
		set_current_state(TASK_IDLE);
	}
	__set_current_state(TASK_RUNNING);

	return 0;
}

static void fake_call_release(void *data)
{
	struct fake_call *call = data;

	if (call->task) {
		kthread_stop(call->task);
		put_task_struct(call->task);
	}
	gunyah_rm_put(call->rm);
	kvfree(call->resp);
	kfree(call);
}

/**
 * fake_call_alloc() - prepare a call in another task
 * @fake: fake
 * @id: message id
 * @req: payload, valid until the call has ended
 * @req_size: bytes of it
 * @resp_max: most bytes of the reply; the least is 4
 *
 * Return: the call; ended with the test at the latest.
 */
struct fake_call *fake_call_alloc(struct fake *fake, u32 id, const void *req, size_t req_size,
				  size_t resp_max)
{
	struct kunit *test = fake->test;
	struct fake_call *call;
	int ret;

	call = kzalloc(sizeof(*call), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, call);
	call->rm = gunyah_rm_get(fake->rm);
	call->resp = kvzalloc(GUNYAH_RM_MAX_PAYLOAD, GFP_KERNEL);
	init_completion(&call->done);
	ret = kunit_add_action_or_reset(test, fake_call_release, call);
	KUNIT_ASSERT_EQ(test, ret, 0);
	KUNIT_ASSERT_NOT_NULL(test, call->resp);

	call->xfer.id = id;
	call->xfer.req = req;
	call->xfer.req_size = req_size;
	call->xfer.resp = call->resp;
	call->xfer.resp_min = RM_STATUS_SIZE;
	call->xfer.resp_max = resp_max;

	return call;
}

/* Make a prepared call. */
void fake_call_run(struct fake *fake, struct fake_call *call)
{
	struct task_struct *task;

	task = kthread_create(fake_call_thread, call, "rm-fake-call");
	KUNIT_ASSERT_FALSE(fake->test, IS_ERR(task));
	call->task = get_task_struct(task);
	wake_up_process(task);
}

/* Prepare and make a call. */
struct fake_call *fake_call_start(struct fake *fake, u32 id, const void *req, size_t req_size,
				  size_t resp_max)
{
	struct fake_call *call = fake_call_alloc(fake, id, req, req_size, resp_max);

	fake_call_run(fake, call);

	return call;
}

/* Wait for a call and return its result; -EINPROGRESS if it does not end. */
int fake_call_end(struct fake *fake, struct fake_call *call)
{
	if (!wait_for_completion_timeout(&call->done, FAKE_PATIENCE * 2))
		return -EINPROGRESS;

	return call->ret;
}

/* Kill the task of a call. */
void fake_call_kill(struct fake_call *call)
{
	send_sig(SIGKILL, call->task, 1);
}
