// SPDX-License-Identifier: GPL-2.0-only
/*
 * The resource-manager (RM) client: calls.
 *
 * A call is a request and the reply to it. This file matches the two, bounds
 * the wait and survives whatever RM sends or fails to send. How a message is
 * cut into fragments is in rm_msg.c, what it means in rm_rpc.c, what RM sends
 * unasked in rm_notify.c. Documentation/virt/gunyah/resource-manager.rst has
 * the whole picture.
 *
 * Glossary:
 *  caller	a task inside gunyah_rm_xfer()
 *  call	an object from a fixed pool that a reply is matched with. The
 *		caller and the wire have a reference each, so either may go first
 *  wire	the right to have a request at RM; one call has it. RM keeps one
 *		unsent reply per VM and drops the older one when its queue is
 *		full, so a second request could cost the first its reply
 *  orphan	a call that has the wire and whose caller has been killed
 *
 * The hard idea is who may touch a caller's memory. The request is copied from
 * it fragment by fragment, a large reply is assembled in it. Both happen only
 * under gunyah_rm.lock and only while the call points there, and a caller
 * takes the pointers away under that lock before it leaves.
 */
#include <linux/bitmap.h>
#include <linux/bottom_half.h>
#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <kunit/visibility.h>

#include "rm.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

/*
 * VM_INIT and VM_START take RM seconds. Less than the minimum makes sense
 * neither on hardware nor in a test, more than the maximum is no bound.
 */
#define TIMEOUT_DEFAULT_MS	10000
#define TIMEOUT_MIN_MS		10
#define TIMEOUT_MAX_MS		(60 * 60 * 1000)

/*
 * A long request is a list of memory, each entry of which takes RM time: for so
 * many fragments after the first it has as long once more.
 */
#define FRAGS_PER_TIMEOUT	8

/* How often a caller looks for a lost interrupt while it waits. */
#define RM_NR_SLICES		4

static unsigned int timeout_ms = TIMEOUT_DEFAULT_MS;

static int timeout_param_set(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, TIMEOUT_MIN_MS, TIMEOUT_MAX_MS);
}

static const struct kernel_param_ops timeout_param_ops = {
	.set = timeout_param_set,
	.get = param_get_uint,
};

module_param_cb(timeout_ms, &timeout_param_ops, &timeout_ms, 0644);
MODULE_PARM_DESC(timeout_ms, "Time the resource manager has to answer a short call (default 10000)");

/**
 * struct rm_waiter - a caller that waits for the wire; on its stack
 * @node: in gunyah_rm.waiters until it gets the wire or an error
 * @xfer: what it wants to send
 * @call: the call object, once it has the wire
 * @error: why it will never get it
 * @granted: completed when one of the two is set
 */
struct rm_waiter {
	struct list_head node;
	struct gunyah_rm_xfer *xfer;
	struct rm_call *call;
	int error;
	struct completion granted;
};

/**
 * gunyah_rm_drop_locked() - count a message that is of no use
 * @rm: client
 * @drop: why
 * @id: its message id
 * @seq: its sequence number
 *
 * Context: any, with gunyah_rm.lock.
 */
void gunyah_rm_drop_locked(struct gunyah_rm *rm, enum gunyah_rm_drop drop, u32 id, u16 seq)
{
	lockdep_assert_held(&rm->lock);

	rm->drops[drop]++;
	trace_gunyah_rm_drop(gunyah_rm_drop_name(drop), id, seq);
}

/* Life of a call object. */

static void call_start_locked(struct rm_call *call, const struct gunyah_rm_xfer *xfer)
{
	struct gunyah_rm *rm = call->rm;
	unsigned int ms = rm->timeout_ms ?: READ_ONCE(timeout_ms);

	lockdep_assert_held(&rm->lock);

	call->state = RM_CALL_WIRE;
	call->id = xfer->id;
	call->seq = gunyah_rm_seq_alloc_locked(rm);
	call->req = xfer->req;
	call->req_size = xfer->req_size;
	call->nr_frags = gunyah_rm_msg_nr_frags(xfer->req_size);
	call->next_frag = 0;
	call->rx_frags = 0;

	if (xfer->resp_max > sizeof(call->small)) {
		call->resp = xfer->resp;
		call->resp_cap = xfer->resp_max;
	} else {
		call->resp = call->small;
		call->resp_cap = sizeof(call->small);
	}
	call->resp_min = xfer->resp_min;
	call->resp_max = xfer->resp_max;
	call->late = xfer->late;
	call->resp_size = 0;
	call->status = 0;
	call->result = 0;

	call->start = ktime_get();
	ms += ms / FRAGS_PER_TIMEOUT * (call->nr_frags - 1);
	call->deadline = jiffies + msecs_to_jiffies(ms);
	reinit_completion(&call->done);
	rm->counters[RM_CTR_CALLS]++;
}

/* Give the wire to the first who waits, if it is free. */
static void wire_grant_locked(struct gunyah_rm *rm)
{
	struct rm_waiter *waiter;
	struct rm_call *call;

	lockdep_assert_held(&rm->lock);

	if (rm->wire || list_empty(&rm->waiters) || list_empty(&rm->pool))
		return;

	waiter = list_first_entry(&rm->waiters, struct rm_waiter, node);
	list_del_init(&waiter->node);
	call = list_first_entry(&rm->pool, struct rm_call, node);
	list_del_init(&call->node);

	call_start_locked(call, waiter->xfer);
	kref_init(&call->ref);	/* the wire's */
	kref_get(&call->ref);	/* the caller's */
	rm->wire = call;

	waiter->call = call;
	complete(&waiter->granted);
}

static void call_release_locked(struct kref *ref)
{
	struct rm_call *call = container_of(ref, struct rm_call, ref);
	struct gunyah_rm *rm = call->rm;

	lockdep_assert_held(&rm->lock);

	call->state = RM_CALL_FREE;
	list_add_tail(&call->node, &rm->pool);
	wire_grant_locked(rm);
}

static void call_put_locked(struct rm_call *call)
{
	lockdep_assert_held(&call->rm->lock);

	kref_put(&call->ref, call_release_locked);
}

/**
 * gunyah_rm_call_complete_locked() - end a call that has the wire
 * @call: the call
 * @result: 0 or an error
 *
 * The only way off the wire.
 *
 * Context: any, with gunyah_rm.lock.
 */
void gunyah_rm_call_complete_locked(struct rm_call *call, int result)
{
	struct gunyah_rm *rm = call->rm;

	lockdep_assert_held(&rm->lock);

	if (WARN_ON_ONCE(rm->wire != call))
		return;

	if (rm->rx_call == call) {
		rm->rx_call = NULL;
		rm->rx.dst = NULL;
	}

	call->req = NULL;
	call->resp = NULL;
	call->result = result;
	call->state = RM_CALL_DONE;
	complete(&call->done);

	rm->wire = NULL;
	call_put_locked(call);
	wire_grant_locked(rm);

	/* An orphan: nobody else would tell raw mode. */
	if (!rm->users)
		wake_up_all(&rm->gone);
}

/* Sending */

static void slot_free_locked(struct gunyah_rm *rm, struct rm_slot *slot)
{
	lockdep_assert_held(&rm->lock);

	__clear_bit(slot - rm->slots, &rm->slots_used);
}

/*
 * A fragment will not reach RM, so its call will not be answered. Why is for
 * the mailbox to count: its errors would read like answers of RM.
 */
static void slot_fail_locked(struct gunyah_rm *rm, struct rm_slot *slot)
{
	struct rm_call *call = rm->wire;

	lockdep_assert_held(&rm->lock);

	rm->counters[RM_CTR_TX_ERRORS]++;
	if (!call || call->seq != slot->seq)
		return;

	/* Who waits sees for himself. */
	if (call->state == RM_CALL_ORPHAN && call->late.refused)
		call->late.refused(rm, call->late.arg);
	gunyah_rm_call_complete_locked(call, -EIO);
}

/* The next fragment to send, or NULL: then nobody is feeding any more. */
static struct rm_slot *tx_next_locked(struct gunyah_rm *rm)
{
	struct rm_call *call = rm->wire;
	struct rm_slot *slot;
	unsigned int i;

	lockdep_assert_held(&rm->lock);

	i = find_first_zero_bit(&rm->slots_used, RM_NR_SLOTS);
	if (rm->dead || !call || gunyah_rm_call_sent(call) || i >= RM_NR_SLOTS) {
		rm->feeding = false;
		return NULL;
	}

	slot = &rm->slots[i];
	__set_bit(i, &rm->slots_used);
	slot->seq = call->seq;
	slot->msg.data = slot->data;
	slot->msg.status = 0;
	slot->msg.size = gunyah_rm_msg_encode(slot->data, GUNYAH_RM_REQUEST, call->id, call->seq,
					      call->req, call->req_size, call->next_frag);
	call->next_frag++;
	slot->msg.push = gunyah_rm_call_sent(call);
	rm->counters[RM_CTR_TX_FRAGMENTS]++;

	return slot;
}

/* Become the one who feeds, if there is none. */
static bool tx_begin_locked(struct gunyah_rm *rm)
{
	lockdep_assert_held(&rm->lock);

	if (rm->feeding)
		return false;

	rm->feeding = true;

	return true;
}

static void tx_send(struct gunyah_rm *rm, struct rm_slot *slot)
{
	int ret;

	ret = mbox_send_message(rm->chan, &slot->msg);
	if (ret < 0) {
		scoped_guard(spinlock_irqsave, &rm->lock) {
			slot_fail_locked(rm, slot);
			slot_free_locked(rm, slot);
		}
		return;
	}

	/*
	 * An accepted message is complete, and only flush() may say so: without
	 * it the next one would wait for an interrupt. That a full queue leaves
	 * something behind is no error.
	 */
	if (mbox_flush(rm->chan, 0) > 0) {
		scoped_guard(spinlock_irqsave, &rm->lock)
			rm->counters[RM_CTR_TX_RETRIES]++;
	}
}

/*
 * Give fragments to the mailbox core as long as there are some and it has room.
 * Two tasks must not do so at the same time, or fragments would overtake each
 * other; whoever finds another at it can go, since that one looks for more
 * before it stops.
 *
 * Context: any, without gunyah_rm.lock.
 */
static void tx_feed(struct gunyah_rm *rm)
{
	struct rm_slot *slot = NULL;

	scoped_guard(spinlock_irqsave, &rm->lock) {
		if (tx_begin_locked(rm))
			slot = tx_next_locked(rm);
	}

	while (slot) {
		tx_send(rm, slot);
		scoped_guard(spinlock_irqsave, &rm->lock)
			slot = tx_next_locked(rm);
	}
}

static void tx_done(struct mbox_client *cl, void *mssg, int error)
{
	struct gunyah_rm *rm = container_of(cl, struct gunyah_rm, cl);
	struct rm_slot *slot = container_of(mssg, struct rm_slot, msg);

	scoped_guard(spinlock_irqsave, &rm->lock) {
		/* @error may be another message's, see gunyah_msgq.h. */
		if (slot->msg.status < 0)
			slot_fail_locked(rm, slot);
		slot_free_locked(rm, slot);
	}

	tx_feed(rm);
}

/* Receiving */

/* The message being received is damaged. */
static void rx_abort_locked(struct gunyah_rm *rm)
{
	struct rm_call *call = rm->rx_call;

	lockdep_assert_held(&rm->lock);

	if (rm->rx.active && rm->rx.type == GUNYAH_RM_NOTIFICATION && rm->rx.dst)
		gunyah_rm_notify_lost_locked(rm);

	gunyah_rm_rx_forget(&rm->rx);

	/* No other reply will come; the caller need not wait for it. */
	if (call)
		gunyah_rm_call_complete_locked(call, -EBADMSG);
}

/* The call that a reply answers, or NULL and the cause to drop it. */
static struct rm_call *reply_find_locked(struct gunyah_rm *rm, const struct gunyah_rm_frag *frag,
					 enum gunyah_rm_drop *drop)
{
	struct rm_call *call = rm->wire;

	lockdep_assert_held(&rm->lock);

	if (call && call->seq == frag->seq && gunyah_rm_call_sent(call)) {
		if (call->id == frag->id)
			return call;
		*drop = GUNYAH_RM_DROP_REPLY_ID;
	} else if (gunyah_rm_late_reply_locked(rm, frag)) {
		*drop = GUNYAH_RM_DROP_REPLY_LATE;
	} else if (rm->last_seq == frag->seq && rm->last_id == frag->id) {
		*drop = GUNYAH_RM_DROP_REPLY_TWICE;
	} else if (!rm->raw) {
		*drop = GUNYAH_RM_DROP_REPLY_FOREIGN;
	}

	return NULL;
}

/*
 * A message begins. One that nobody wants is followed to its end all the same,
 * or each of its continuations would look like an error of its own.
 */
static enum gunyah_rm_drop rx_begin_locked(struct gunyah_rm *rm, const struct gunyah_rm_frag *frag)
{
	enum gunyah_rm_drop drop = GUNYAH_RM_DROP_NONE;
	struct rm_call *call = NULL;
	size_t cap = 0;
	u8 *dst = NULL;

	lockdep_assert_held(&rm->lock);

	if (rm->rx.active) {
		gunyah_rm_drop_locked(rm, GUNYAH_RM_DROP_CUT, rm->rx.id, rm->rx.seq);
		rx_abort_locked(rm);
	}

	if (frag->type == GUNYAH_RM_REPLY) {
		call = reply_find_locked(rm, frag, &drop);
		if (call) {
			dst = call->resp;
			cap = call->resp_cap;
			gunyah_rm_late_begin_locked(rm, call, frag);
		}
	} else if (frag->type == GUNYAH_RM_NOTIFICATION) {
		cap = (frag->follow + 1) * GUNYAH_RM_CONTENT_SIZE;
		dst = gunyah_rm_notify_reserve_locked(rm, cap);
		if (!dst) {
			drop = GUNYAH_RM_DROP_NOTIF_FULL;
			gunyah_rm_notify_lost_locked(rm);
		}
	}

	if (drop)
		gunyah_rm_drop_locked(rm, drop, frag->id, frag->seq);

	rm->rx_call = call;

	return gunyah_rm_rx_first(&rm->rx, frag, dst, cap);
}

/* A reply is complete: is it one its call can live with? */
static void reply_done_locked(struct gunyah_rm *rm, struct rm_call *call)
{
	enum gunyah_rm_drop drop = GUNYAH_RM_DROP_NONE;
	size_t size = rm->rx.size;

	lockdep_assert_held(&rm->lock);

	rm->last_seq = call->seq;
	rm->last_id = call->id;

	if (call->state == RM_CALL_ORPHAN) {
		gunyah_rm_drop_locked(rm, GUNYAH_RM_DROP_REPLY_LATE, call->id, call->seq);
		gunyah_rm_call_complete_locked(call, -EINTR);
		return;
	}

	call->resp_size = size;
	if (size < RM_STATUS_SIZE)
		drop = GUNYAH_RM_DROP_REPLY_SHORT;
	else
		call->status = gunyah_rm_msg_status(call->resp);

	/* A refusal has the status and sometimes a word of explanation. */
	if (!drop && call->status == RM_STATUS_OK && size < call->resp_min)
		drop = GUNYAH_RM_DROP_REPLY_SHORT;
	if (!drop && call->status == RM_STATUS_OK && size > call->resp_max)
		drop = GUNYAH_RM_DROP_REPLY_LONG;

	if (drop) {
		gunyah_rm_drop_locked(rm, drop, call->id, call->seq);
		gunyah_rm_call_complete_locked(call, -EBADMSG);
		return;
	}

	rm->counters[RM_CTR_REPLIES]++;
	gunyah_rm_call_complete_locked(call, 0);
}

static void rx_done_locked(struct gunyah_rm *rm)
{
	lockdep_assert_held(&rm->lock);

	if (rm->rx.type == GUNYAH_RM_NOTIFICATION) {
		rm->counters[RM_CTR_NOTIFICATIONS]++;
		trace_gunyah_rm_notification(rm->rx.id, rm->rx.seq, rm->rx.size);
		if (rm->rx.dst)
			gunyah_rm_notify_commit_locked(rm, rm->rx.id, rm->rx.size);
	} else if (rm->rx_call) {
		reply_done_locked(rm, rm->rx_call);
	}

	gunyah_rm_rx_forget(&rm->rx);
}

static void rx_fragment_locked(struct gunyah_rm *rm, const struct gunyah_msgq_msg *msg)
{
	struct gunyah_rm_frag frag = {};
	enum gunyah_rm_drop drop;

	lockdep_assert_held(&rm->lock);

	rm->counters[RM_CTR_RX_FRAGMENTS]++;

	drop = gunyah_rm_msg_decode(msg->data, msg->size, &frag);
	if (!drop && frag.type == GUNYAH_RM_CONTINUATION)
		drop = gunyah_rm_rx_next(&rm->rx, &frag);
	else if (!drop)
		drop = rx_begin_locked(rm, &frag);

	if (drop) {
		gunyah_rm_drop_locked(rm, drop, frag.id, frag.seq);
		/* Who knows what it was: it may have been a notification. */
		if (!rm->rx.active && drop != GUNYAH_RM_DROP_STRAY)
			gunyah_rm_notify_lost_locked(rm);
		rx_abort_locked(rm);
		return;
	}

	rm->silent = false;
	if (rm->rx_call)
		rm->rx_call->rx_frags++;
	if (gunyah_rm_rx_complete(&rm->rx))
		rx_done_locked(rm);
}

/* Context: any; the controller calls it for one message at a time. */
static void rx_callback(struct mbox_client *cl, void *mssg)
{
	struct gunyah_rm *rm = container_of(cl, struct gunyah_rm, cl);

	scoped_guard(spinlock_irqsave, &rm->lock) {
		gunyah_rm_raw_rx_locked(rm, mssg);
		rx_fragment_locked(rm, mssg);
	}
}

/* Calling */

static int xfer_check(const struct gunyah_rm_xfer *xfer)
{
	if (xfer->req_size > GUNYAH_RM_MAX_REQUEST || (xfer->req_size && !xfer->req) ||
	    !xfer->resp || xfer->resp_min < RM_STATUS_SIZE ||
	    xfer->resp_max < xfer->resp_min || xfer->resp_max > GUNYAH_RM_MAX_PAYLOAD)
		return -EINVAL;

	return 0;
}

static int waiter_add_locked(struct gunyah_rm *rm, struct rm_waiter *waiter)
{
	lockdep_assert_held(&rm->lock);

	if (rm->dead)
		return -ENODEV;
	if (rm->raw)
		return -EBUSY;

	rm->users++;
	list_add_tail(&waiter->node, &rm->waiters);
	wire_grant_locked(rm);

	return 0;
}

static void user_leave_locked(struct gunyah_rm *rm)
{
	lockdep_assert_held(&rm->lock);

	if (!--rm->users)
		wake_up_all(&rm->gone);
}

/*
 * The end of a wait for the wire: an error, or 0 if it has come. It can come
 * together with a signal, and the call may even be answered; then the answer
 * counts, as there may be something in it that must not be lost.
 */
static int waiter_remove_locked(struct gunyah_rm *rm, struct rm_waiter *waiter, bool killed)
{
	lockdep_assert_held(&rm->lock);

	if (waiter->call && (!killed || waiter->call->state == RM_CALL_DONE))
		return 0;

	if (waiter->call) {
		/* What was sent meanwhile, by whomever, was sent. */
		waiter->xfer->unsure = gunyah_rm_call_sent(waiter->call);
		gunyah_rm_call_leave_locked(waiter->call, -EINTR);
		call_put_locked(waiter->call);
	} else if (!waiter->error) {
		list_del(&waiter->node);
	}

	if (killed)
		rm->counters[RM_CTR_KILLED]++;
	user_leave_locked(rm);

	return killed ? -EINTR : waiter->error;
}

/* Wait for the wire. Bounded by the time of the calls ahead. */
static struct rm_call *wire_wait(struct gunyah_rm *rm, struct gunyah_rm_xfer *xfer)
{
	struct rm_waiter waiter = {
		.xfer = xfer,
		.granted = COMPLETION_INITIALIZER_ONSTACK(waiter.granted),
	};
	int killed, ret = 0;

	scoped_guard(spinlock_irqsave, &rm->lock)
		ret = waiter_add_locked(rm, &waiter);
	if (ret)
		return ERR_PTR(ret);

	killed = wait_for_completion_killable(&waiter.granted);

	scoped_guard(spinlock_irqsave, &rm->lock)
		ret = waiter_remove_locked(rm, &waiter, killed);

	return ret ? ERR_PTR(ret) : waiter.call;
}

static void call_log_locked(struct rm_call *call, int ret, u64 latency_us)
{
	struct gunyah_rm *rm = call->rm;
	struct rm_log_entry *entry = &rm->log[rm->nr_logged++ % RM_NR_LOG];

	lockdep_assert_held(&rm->lock);

	entry->id = call->id;
	entry->seq = call->seq;
	entry->tx_frags = call->next_frag;
	entry->rx_frags = call->rx_frags;
	entry->status = call->status;
	entry->result = ret;
	entry->latency_us = latency_us;
}

/* The result of @call, or the reason to leave without. */
static int call_result_locked(struct rm_call *call, long waited)
{
	struct gunyah_rm *rm = call->rm;

	lockdep_assert_held(&rm->lock);

	if (call->state == RM_CALL_DONE)
		return call->result;

	if (waited < 0) {
		rm->counters[RM_CTR_KILLED]++;
		gunyah_rm_call_leave_locked(call, -EINTR);
		return -EINTR;
	}

	rm->counters[RM_CTR_TIMEOUTS]++;
	gunyah_rm_call_leave_locked(call, -ETIMEDOUT);

	return -ETIMEDOUT;
}

/* Should silence be reported? Once, until something is heard again. */
static bool silence_begins_locked(struct gunyah_rm *rm, int ret)
{
	lockdep_assert_held(&rm->lock);

	if (ret != -ETIMEDOUT || rm->silent)
		return false;

	rm->silent = true;

	return true;
}

/* Fetch the result of @call, or leave without. Puts the caller's reference. */
static int call_finish(struct rm_call *call, struct gunyah_rm_xfer *xfer, long waited)
{
	u64 latency_us = ktime_us_delta(ktime_get(), call->start);
	struct gunyah_rm *rm = call->rm;
	u32 id = call->id;
	u16 seq = call->seq;
	bool report = false;
	int ret = 0;

	scoped_guard(spinlock_irqsave, &rm->lock) {
		ret = call_result_locked(call, waited);
		report = silence_begins_locked(rm, ret);
		/* RM does nothing with a part, nor with what the mailbox refused. */
		xfer->unsure = ret && ret != -EIO && gunyah_rm_call_sent(call);

		xfer->status = call->status;
		xfer->resp_size = min(call->resp_size, xfer->resp_max);
		if (!ret && xfer->resp_max <= sizeof(call->small))
			memcpy(xfer->resp, call->small, xfer->resp_size);

		call_log_locked(call, ret, latency_us);
		call_put_locked(call);
		user_leave_locked(rm);
	}

	trace_gunyah_rm_call(id, seq, xfer->req_size, xfer->resp_size, xfer->status, ret,
			     latency_us);
	if (report)
		dev_warn(rm->dev, "resource manager does not answer call %#010x\n", id);

	return ret;
}

/*
 * Wait for the result. An interrupt that got lost would be missed for ever, as
 * no other comes while a queue is above its threshold: look now and then.
 */
static long result_wait(struct gunyah_rm *rm, struct rm_call *call)
{
	long slice = max((long)(call->deadline - jiffies) / RM_NR_SLICES, 1L);
	long left, ret;

	do {
		left = max((long)(call->deadline - jiffies), 0L);
		ret = wait_for_completion_killable_timeout(&call->done, min(left, slice));
		if (ret)
			return ret;
		mbox_client_peek_data(rm->chan);
	} while (left > slice);

	return 0;
}

/**
 * gunyah_rm_xfer() - make a call
 * @rm: client
 * @xfer: the call
 *
 * Callers queue in order. Each waits, killably, for at most the time of those
 * ahead of it and its own. After an error @xfer->resp may have been written to,
 * and nobody writes to it any more.
 *
 * Context: may sleep; callable from a notification callback.
 * Return: 0 if RM answered, whatever its status; -EINVAL for a @xfer that
 * cannot be, -ENODEV, -EBUSY, -ECANCELED, -EINTR, -ETIMEDOUT, -EBADMSG as
 * described in gunyah_rm.h, or an error of the mailbox.
 */
int gunyah_rm_xfer(struct gunyah_rm *rm, struct gunyah_rm_xfer *xfer)
{
	struct rm_call *call;
	int ret;

	might_sleep();

	ret = xfer_check(xfer);
	if (WARN_ON_ONCE(ret))
		return ret;

	xfer->resp_size = 0;
	xfer->status = 0;
	xfer->unsure = false;

	call = wire_wait(rm, xfer);
	if (IS_ERR(call))
		return PTR_ERR(call);

	/*
	 * Whoever feeds does so for later callers, too, and must not be kept
	 * from it by a busy CPU.
	 */
	local_bh_disable();
	tx_feed(rm);
	local_bh_enable();

	return call_finish(call, xfer, result_wait(rm, call));
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_xfer);

/* Life of the client. */

static void rm_release(struct kref *ref)
{
	struct gunyah_rm *rm = container_of(ref, struct gunyah_rm, ref);

	gunyah_rm_notify_free(rm);
	gunyah_rm_mem_free(rm);
	put_device(rm->dev);
	kvfree(rm);
}

/**
 * gunyah_rm_get() - take a reference
 * @rm: client
 *
 * Context: any.
 * Return: @rm
 */
struct gunyah_rm *gunyah_rm_get(struct gunyah_rm *rm)
{
	kref_get(&rm->ref);

	return rm;
}
EXPORT_SYMBOL_GPL(gunyah_rm_get);

/**
 * gunyah_rm_put() - give a reference back
 * @rm: client, may be NULL
 *
 * A reference keeps the memory, not the driver: once it is unbound, calls
 * return -ENODEV.
 *
 * Context: may sleep.
 */
void gunyah_rm_put(struct gunyah_rm *rm)
{
	if (rm)
		kref_put(&rm->ref, rm_release);
}
EXPORT_SYMBOL_GPL(gunyah_rm_put);

/**
 * gunyah_rm_create() - start a client on a mailbox channel
 * @dev: device for messages
 * @chan: channel to RM, not bound to a client
 *
 * Context: may sleep.
 * Return: the client with one reference, which gunyah_rm_destroy() takes, or an
 * ERR_PTR.
 */
struct gunyah_rm *gunyah_rm_create(struct device *dev, struct mbox_chan *chan)
{
	struct gunyah_rm *rm;
	unsigned int i;
	int ret;

	rm = kvzalloc(sizeof(*rm), GFP_KERNEL);
	if (!rm)
		return ERR_PTR(-ENOMEM);

	kref_init(&rm->ref);
	rm->dev = get_device(dev);
	rm->chan = chan;
	spin_lock_init(&rm->lock);
	init_waitqueue_head(&rm->gone);
	INIT_LIST_HEAD(&rm->pool);
	INIT_LIST_HEAD(&rm->waiters);
	gunyah_rm_orphans_init(rm);
	rm->own_vmid = GUNYAH_VMID_ANY;
	gunyah_rm_mem_init(rm);
	gunyah_rm_strays_init(rm);

	for (i = 0; i < RM_NR_CALLS; i++) {
		rm->calls[i].rm = rm;
		init_completion(&rm->calls[i].done);
		list_add_tail(&rm->calls[i].node, &rm->pool);
	}

	/* A late reply to an earlier instance must not look like one to us. */
	rm->next_seq = get_random_u16();
	rm->last_seq = rm->next_seq - 1;

	ret = gunyah_rm_notify_init(rm);
	if (ret) {
		gunyah_rm_put(rm);
		return ERR_PTR(ret);
	}

	rm->cl.dev = dev;
	rm->cl.rx_callback = rx_callback;
	rm->cl.tx_done = tx_done;
	ret = mbox_bind_client(chan, &rm->cl);
	if (ret) {
		gunyah_rm_notify_stop(rm);
		gunyah_rm_put(rm);
		return ERR_PTR(ret);
	}

	return rm;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_create);

static bool users_gone(struct gunyah_rm *rm)
{
	bool gone = false;

	scoped_guard(spinlock_irqsave, &rm->lock)
		gone = !rm->users;

	return gone;
}

/**
 * gunyah_rm_destroy() - stop a client and give its first reference back
 * @rm: client
 *
 * Callers that wait get -ECANCELED, later ones -ENODEV. When this returns, no
 * caller, no callback and no message of this client is left; subscribers that
 * have not unsubscribed may do so later.
 *
 * Context: may sleep; not from a notification callback.
 */
void gunyah_rm_destroy(struct gunyah_rm *rm)
{
	struct rm_waiter *waiter, *next;

	scoped_guard(spinlock_irqsave, &rm->lock) {
		WRITE_ONCE(rm->dead, true);
		gunyah_rm_raw_dead_locked(rm);

		list_for_each_entry_safe(waiter, next, &rm->waiters, node) {
			list_del_init(&waiter->node);
			waiter->error = -ECANCELED;
			complete(&waiter->granted);
		}

		if (rm->wire)
			gunyah_rm_call_complete_locked(rm->wire, -ECANCELED);
	}

	/* They only have to notice, and are the last to touch the channel. */
	wait_event(rm->gone, users_gone(rm));
	gunyah_rm_orphans_stop(rm);

	/*
	 * From here on the controller calls neither rx_callback() nor tx_done().
	 * What is left in the core is forgotten there; the slots are ours.
	 */
	mbox_free_channel(rm->chan);
	gunyah_rm_strays_stop(rm);
	gunyah_rm_notify_stop(rm);
	gunyah_rm_put(rm);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_destroy);
