// SPDX-License-Identifier: GPL-2.0-only
/*
 * The resource-manager (RM) client: sequence numbers, and calls whose caller has
 * gone.
 *
 * A call whose caller was killed is an orphan: it keeps the wire until RM has
 * answered or its time is over.
 *
 * A reply that comes later is dropped. But some calls make something that nobody
 * else can get rid of, as its name is in the reply alone. Their wrapper gives a
 * function along that is told the name when the reply comes after all. The last
 * few calls of that kind are remembered; an RM that is later than that keeps what
 * it has made.
 */
#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "rm.h"
#include "rm_rpc.h"

/* A status and a word. */
#define LATE_WORD_SIZE	8

/**
 * gunyah_rm_seq_alloc_locked() - sequence number for a call
 * @rm: client
 *
 * Numbers ascend, so that it takes a full turn until one comes again, and those
 * that a late reply may still carry are left out. After some 65,000 unanswered
 * calls there is none left; then the old ones count as forgotten.
 *
 * Context: any, with gunyah_rm.lock.
 * Return: the number.
 */
u16 gunyah_rm_seq_alloc_locked(struct gunyah_rm *rm)
{
	unsigned long seq;

	lockdep_assert_held(&rm->lock);

	seq = find_next_zero_bit(rm->given_up, RM_NR_SEQS, rm->next_seq);
	if (seq >= RM_NR_SEQS)
		seq = find_first_zero_bit(rm->given_up, RM_NR_SEQS);
	if (seq >= RM_NR_SEQS) {
		bitmap_zero(rm->given_up, RM_NR_SEQS);
		memset(rm->late_calls, 0, sizeof(rm->late_calls));
		seq = rm->next_seq;
	}

	rm->next_seq = seq + 1;

	return seq;
}

/**
 * gunyah_rm_late_expect_locked() - a call is given up, its reply may still come
 * @rm: client
 * @call: the call
 *
 * Context: any, with gunyah_rm.lock.
 */
void gunyah_rm_late_expect_locked(struct gunyah_rm *rm, const struct rm_call *call)
{
	struct rm_late_call *late;

	lockdep_assert_held(&rm->lock);

	__set_bit(call->seq, rm->given_up);
	if (!call->late.made)
		return;

	late = &rm->late_calls[rm->nr_late++ % RM_NR_LATE];
	late->id = call->id;
	late->seq = call->seq;
	late->late = call->late;
	late->resp_min = call->resp_min;
}

/* @min: bytes that a good reply has. One that is shorter says nothing. */
static void late_tell(struct gunyah_rm *rm, const struct gunyah_rm_late *late,
		      const struct gunyah_rm_frag *frag, size_t min)
{
	if (!late->made || frag->follow || frag->size < RM_STATUS_SIZE)
		return;

	/* What a refused call has made is nothing. */
	if (gunyah_rm_msg_status(frag->data) != RM_STATUS_OK) {
		if (late->refused)
			late->refused(rm, late->arg);
		return;
	}
	if (frag->size < min)
		return;

	late->made(rm, late->arg,
		   frag->size >= LATE_WORD_SIZE ?
		   gunyah_rm_msg_status(frag->data + RM_STATUS_SIZE) : 0);
}

/**
 * gunyah_rm_late_reply_locked() - was this the reply to a call given up?
 * @rm: client
 * @frag: first fragment of a reply that no call waits for
 *
 * Context: any, with gunyah_rm.lock.
 * Return: true if it was. It is not waited for any more.
 */
bool gunyah_rm_late_reply_locked(struct gunyah_rm *rm, const struct gunyah_rm_frag *frag)
{
	unsigned int i;

	lockdep_assert_held(&rm->lock);

	if (!__test_and_clear_bit(frag->seq, rm->given_up))
		return false;

	for (i = 0; i < RM_NR_LATE; i++) {
		struct rm_late_call *late = &rm->late_calls[i];

		if (late->late.made && late->seq == frag->seq) {
			if (late->id == frag->id)
				late_tell(rm, &late->late, frag, late->resp_min);
			late->late.made = NULL;
		}
	}

	return true;
}

/**
 * gunyah_rm_late_begin_locked() - the reply to a call begins
 * @rm: client
 * @call: the call, which has the wire; its caller may have gone
 * @frag: first fragment of the reply
 *
 * Context: any, with gunyah_rm.lock.
 */
void gunyah_rm_late_begin_locked(struct gunyah_rm *rm, const struct rm_call *call,
				 const struct gunyah_rm_frag *frag)
{
	struct gunyah_rm_late late = call->late;

	lockdep_assert_held(&rm->lock);

	/* Whoever waits sees for himself, but perhaps not before the next reply. */
	if (call->state != RM_CALL_ORPHAN) {
		late.made = late.got;
		late.refused = NULL;
	}
	late_tell(rm, &late, frag, call->resp_min);
}

/**
 * gunyah_rm_late_pending() - is RM at a call whose caller has gone?
 * @rm: client
 * @made: &gunyah_rm_late.made of the call
 * @arg: &gunyah_rm_late.arg of the call
 *
 * Context: any.
 * Return: true if it has the wire, and time left.
 */
bool gunyah_rm_late_pending(struct gunyah_rm *rm,
			    void (*made)(struct gunyah_rm *rm, u32 arg, u32 word), u32 arg)
{
	guard(spinlock_irqsave)(&rm->lock);

	return rm->wire && rm->wire->late.made == made && rm->wire->late.arg == arg;
}

/* Orphans */

/*
 * End a call that has got no reply. A late one is possible if the request is
 * complete, and not if a part of it is missing: RM drops an incomplete message
 * when the next one begins.
 */
static void call_expire_locked(struct rm_call *call, int why)
{
	struct gunyah_rm *rm = call->rm;

	lockdep_assert_held(&rm->lock);

	if (rm->rx_call == call)
		gunyah_rm_drop_locked(rm, GUNYAH_RM_DROP_REPLY_LATE, call->id, call->seq);
	else if (gunyah_rm_call_sent(call))
		gunyah_rm_late_expect_locked(rm, call);

	gunyah_rm_call_complete_locked(call, why);
}

/* Until its time is over somebody has to look for a lost interrupt now and then. */
static void orphan_watch_locked(struct gunyah_rm *rm, long left)
{
	lockdep_assert_held(&rm->lock);

	schedule_delayed_work(&rm->orphan_work, clamp(left, 0L, (long)RM_PEEK_TIME));
}

/**
 * gunyah_rm_call_leave_locked() - the caller goes without a result
 * @call: the call, which has the wire
 * @why: -ETIMEDOUT if its time is over, else it may become an orphan
 *
 * Context: any, with gunyah_rm.lock.
 */
void gunyah_rm_call_leave_locked(struct rm_call *call, int why)
{
	struct gunyah_rm *rm = call->rm;
	long left = call->deadline - jiffies;

	lockdep_assert_held(&rm->lock);

	if (why == -ETIMEDOUT || !gunyah_rm_call_sent(call)) {
		call_expire_locked(call, why);
		return;
	}

	call->state = RM_CALL_ORPHAN;
	call->req = NULL;
	call->resp = NULL;
	if (rm->rx_call == call)
		rm->rx.dst = NULL;

	/* It may be pending for an earlier orphan, with a later deadline. */
	cancel_delayed_work(&rm->orphan_work);
	orphan_watch_locked(rm, left);
}

static void orphan_expire_locked(struct gunyah_rm *rm)
{
	struct rm_call *call = rm->wire;
	long left;

	lockdep_assert_held(&rm->lock);

	if (!call || call->state != RM_CALL_ORPHAN)
		return;

	left = call->deadline - jiffies;
	if (left > 0)
		orphan_watch_locked(rm, left);
	else
		call_expire_locked(call, -ETIMEDOUT);
}

static void orphan_work_fn(struct work_struct *work)
{
	struct gunyah_rm *rm = container_of(to_delayed_work(work), struct gunyah_rm, orphan_work);

	/* As a caller that waits does. The channel is there: see gunyah_rm_destroy(). */
	mbox_client_peek_data(rm->chan);
	scoped_guard(spinlock_irqsave, &rm->lock)
		orphan_expire_locked(rm);
}

/**
 * gunyah_rm_orphans_init() - get ready for callers that are killed
 * @rm: new client
 */
void gunyah_rm_orphans_init(struct gunyah_rm *rm)
{
	INIT_DELAYED_WORK(&rm->orphan_work, orphan_work_fn);
}

/**
 * gunyah_rm_orphans_stop() - no more callers come
 * @rm: client without callers
 *
 * Context: may sleep.
 */
void gunyah_rm_orphans_stop(struct gunyah_rm *rm)
{
	cancel_delayed_work_sync(&rm->orphan_work);
}

/* Strays */

/* Return: true if it is to be tried again. */
static bool stray_dealloc(struct gunyah_rm *rm, u16 vmid)
{
	bool stray, unsure, again;
	int ret;

	/* Both are of one VM: a reply in between may make them the next one's. */
	scoped_guard(spinlock_irqsave, &rm->lock) {
		stray = test_and_clear_bit(vmid, rm->strays);
		unsure = test_bit(vmid, rm->vmids_unsure);
	}
	if (!stray)
		return false;

	set_bit(vmid, rm->vmids);
	ret = unsure ? gunyah_rm_dealloc_vmid_again(rm, vmid) : gunyah_rm_dealloc_vmid(rm, vmid);
	if (!ret)
		return false;

	/* If RM has given the id to somebody meanwhile, it is his. */
	scoped_guard(spinlock_irqsave, &rm->lock) {
		unsure = test_bit(vmid, rm->vmids_unsure);
		again = unsure && gunyah_rm_error_passes(ret);
		if (again)
			set_bit(vmid, rm->strays);
		else if (unsure)
			clear_bit(vmid, rm->vmids);
	}
	if (!again)
		dev_warn_ratelimited(rm->dev, "VM %u, which nobody has, stays: %d\n", vmid, ret);

	return again;
}

/* VMs that were allocated for a caller that had gone are given back, and parcels. */
static void strays_work_fn(struct work_struct *work)
{
	struct gunyah_rm *rm = container_of(to_delayed_work(work), struct gunyah_rm, stray_work);
	unsigned int vmid;
	bool again = false;

	for_each_set_bit(vmid, rm->strays, U16_MAX + 1)
		again |= stray_dealloc(rm, vmid);

	gunyah_rm_parcels_reclaim(rm, 0);

	if (again)
		queue_delayed_work(system_long_wq, &rm->stray_work,
				   gunyah_rm_retry_delay(&rm->stray_retries));
	else
		atomic_set(&rm->stray_retries, 0);
}

/**
 * gunyah_rm_strays_init() - get ready for VMs that nobody has
 * @rm: new client
 */
void gunyah_rm_strays_init(struct gunyah_rm *rm)
{
	INIT_DELAYED_WORK(&rm->stray_work, strays_work_fn);
}

/**
 * gunyah_rm_strays_stop() - no more replies come
 * @rm: client that makes no more calls
 *
 * Context: may sleep.
 */
void gunyah_rm_strays_stop(struct gunyah_rm *rm)
{
	cancel_delayed_work_sync(&rm->stray_work);
}

/**
 * gunyah_rm_strays_now() - there is one more VM, or parcel, that nobody has
 * @rm: client
 *
 * In the background, as it may take as long as RM takes to answer. How often
 * others could not be given back does not count any more.
 *
 * Context: any; not after gunyah_rm_strays_stop().
 */
void gunyah_rm_strays_now(struct gunyah_rm *rm)
{
	atomic_set(&rm->stray_retries, 0);
	mod_delayed_work(system_long_wq, &rm->stray_work, 0);
}

/**
 * gunyah_rm_abandon_vmid() - give a VM back in the background
 * @rm: client
 * @vmid: result of gunyah_rm_alloc_vmid(), which nobody uses any more
 *
 * For who cannot call gunyah_rm_dealloc_vmid() because he is being killed.
 *
 * Context: any.
 */
void gunyah_rm_abandon_vmid(struct gunyah_rm *rm, u16 vmid)
{
	guard(spinlock_irqsave)(&rm->lock);

	/* After gunyah_rm_strays_stop() nothing may be queued. */
	if (rm->dead)
		return;

	set_bit(vmid, rm->strays);
	gunyah_rm_strays_now(rm);
}
EXPORT_SYMBOL_GPL(gunyah_rm_abandon_vmid);
