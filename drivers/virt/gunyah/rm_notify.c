// SPDX-License-Identifier: GPL-2.0-only
/*
 * Notifications of the resource manager (RM).
 *
 * RM sends them unasked, in bursts, and an interrupt receives them; those who
 * want to know may need to sleep and to call RM. Between the two is a ring of
 * bytes: a notification is assembled in it, and a work item on an ordered
 * queue hands each to its subscribers and then frees its place. Nothing is
 * allocated, and a subscriber that is slow delays only other notifications.
 *
 * A record is a header and the payload, padded to the size of the header, and
 * never wraps around the end of the ring: there, a record without payload says
 * to go on at the beginning.
 *
 * When notifications are lost, because the ring was full or RM's message was
 * damaged, subscribers are told so at that place of the sequence, and have to
 * read again the state they follow.
 */
#include <linux/align.h>
#include <linux/build_bug.h>
#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/export.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "rm.h"

/* RM keeps up to 256 for a VM; as many of one fragment have to fit here. */
#define RM_RING_SIZE	SZ_128K

/**
 * struct rm_record - header of a record in the ring
 * @id: message id
 * @kind: what it is
 * @size: bytes of payload that follow
 */
struct rm_record {
	u32 id;
	u16 kind;
	u16 size;
};

enum {
	RECORD_NOTIFICATION,
	RECORD_WRAP,		/* go on at the beginning of the ring */
	RECORD_LOST,		/* here something is missing */
};

/* Positions run freely and are masked. */
static_assert((RM_RING_SIZE & (RM_RING_SIZE - 1)) == 0);
static_assert(GUNYAH_RM_MAX_PAYLOAD <= U16_MAX);

static struct rm_record *ring_at(struct rm_notify *n, u32 pos)
{
	return (struct rm_record *)(n->ring + (pos & (RM_RING_SIZE - 1)));
}

static u32 record_size(size_t size)
{
	return sizeof(struct rm_record) + ALIGN(size, sizeof(struct rm_record));
}

static u32 ring_room(const struct rm_notify *n)
{
	return RM_RING_SIZE - (n->head - n->tail);
}

static u32 ring_room_to_end(const struct rm_notify *n)
{
	return RM_RING_SIZE - (n->head & (RM_RING_SIZE - 1));
}

static void ring_mark(struct rm_notify *n, u16 kind, u32 advance)
{
	*ring_at(n, n->head) = (struct rm_record){ .kind = kind };
	n->head += advance;
}

/**
 * gunyah_rm_notify_reserve_locked() - room for a notification
 * @rm: client
 * @size: most bytes its payload can have
 *
 * A reservation that is not committed needs no undoing; the next one replaces
 * it.
 *
 * Context: any, with gunyah_rm.lock.
 * Return: where its payload goes, NULL if there is no room.
 */
void *gunyah_rm_notify_reserve_locked(struct gunyah_rm *rm, size_t size)
{
	struct rm_notify *n = &rm->notify;
	u32 lost = n->lost ? sizeof(struct rm_record) : 0;
	u32 need = record_size(size);
	u32 wrap;

	lockdep_assert_held(&rm->lock);

	wrap = ring_room_to_end(n);
	if (wrap >= lost + need)
		wrap = 0;
	if (ring_room(n) < wrap + lost + need)
		return NULL;

	if (wrap)
		ring_mark(n, RECORD_WRAP, wrap);
	if (lost) {
		ring_mark(n, RECORD_LOST, lost);
		n->lost = false;
	}

	return ring_at(n, n->head) + 1;
}

/**
 * gunyah_rm_notify_commit_locked() - a notification is complete
 * @rm: client
 * @id: message id
 * @size: bytes at the place last reserved, at most as many as were asked for
 *
 * Context: any, with gunyah_rm.lock.
 */
void gunyah_rm_notify_commit_locked(struct gunyah_rm *rm, u32 id, size_t size)
{
	struct rm_notify *n = &rm->notify;

	lockdep_assert_held(&rm->lock);

	*ring_at(n, n->head) = (struct rm_record){
		.id = id,
		.kind = RECORD_NOTIFICATION,
		.size = size,
	};
	n->head += record_size(size);
	n->nr_come++;
	queue_work(n->wq, &n->work);
}

/**
 * gunyah_rm_notify_lost_locked() - a notification is lost
 * @rm: client
 *
 * Context: any, with gunyah_rm.lock.
 */
void gunyah_rm_notify_lost_locked(struct gunyah_rm *rm)
{
	struct rm_notify *n = &rm->notify;

	lockdep_assert_held(&rm->lock);

	rm->counters[RM_CTR_NOTIF_LOST]++;
	n->lost = true;
	queue_work(n->wq, &n->work);
}

/*
 * The next record, which stays in the ring until it is freed. Where the ring
 * ends with a loss, there is a record that is not in the ring.
 */
static const struct rm_record *record_next_locked(struct gunyah_rm *rm)
{
	static const struct rm_record lost = { .kind = RECORD_LOST };
	struct rm_notify *n = &rm->notify;

	lockdep_assert_held(&rm->lock);

	if (n->tail != n->head && ring_at(n, n->tail)->kind == RECORD_WRAP)
		n->tail = ALIGN(n->tail + 1, RM_RING_SIZE);

	if (n->tail != n->head)
		return ring_at(n, n->tail);

	if (n->lost) {
		n->lost = false;
		return &lost;
	}

	return NULL;
}

static void record_free_locked(struct gunyah_rm *rm, const struct rm_record *rec)
{
	struct rm_notify *n = &rm->notify;

	lockdep_assert_held(&rm->lock);

	if (rec->kind == RECORD_NOTIFICATION)
		n->nr_gone++;
	if (n->tail != n->head && rec == ring_at(n, n->tail))
		n->tail += record_size(rec->size);
}

static void count(struct gunyah_rm *rm, enum rm_counter counter)
{
	scoped_guard(spinlock_irqsave, &rm->lock)
		rm->counters[counter]++;
}

/* Where in the list of subscribers a delivery is. */
struct rm_place {
	u64 nr;		/* of the notification */
	u64 order;	/* of the last one that was called */
	u64 end;	/* of the last one that was there when it began */
};

/*
 * @notif is NULL for a loss, which is everybody's. What came before somebody
 * subscribed may be about the VM that had the id before.
 */
static bool subscriber_wants(const struct gunyah_rm_subscriber *sub,
			     const struct rm_place *place,
			     const struct gunyah_rm_notification *notif)
{
	if (!notif)
		return sub->lost;
	if (place->nr < sub->since)
		return false;
	if (sub->id != GUNYAH_RM_NOTIF_ANY && sub->id != notif->id)
		return false;

	return sub->vmid == GUNYAH_VMID_ANY || notif->vmid == GUNYAH_VMID_ANY ||
	       sub->vmid == notif->vmid;
}

static void place_init(struct gunyah_rm *rm, struct rm_place *place)
{
	struct rm_notify *n = &rm->notify;

	scoped_guard(spinlock_irqsave, &rm->lock)
		place->nr = n->nr_gone;

	guard(mutex)(&n->lock);

	place->order = 0;
	place->end = n->next_order;
}

/*
 * The next subscriber that wants it; marked as running. The list may change
 * while a callback runs, so the place in it is kept as a number. Who has come
 * meanwhile does not get what is being delivered: it may have left and come
 * back, and have got it before.
 */
static struct gunyah_rm_subscriber *
subscriber_next(struct rm_notify *n, struct rm_place *place,
		const struct gunyah_rm_notification *notif)
{
	struct gunyah_rm_subscriber *sub;

	guard(mutex)(&n->lock);

	list_for_each_entry(sub, &n->subs, node) {
		if (sub->order > place->end)
			break;
		if (sub->order > place->order && subscriber_wants(sub, place, notif)) {
			place->order = sub->order;
			n->running = sub;
			n->task = current;
			return sub;
		}
	}

	return NULL;
}

static void subscriber_ran(struct rm_notify *n)
{
	guard(mutex)(&n->lock);

	n->running = NULL;
	n->task = NULL;
	wake_up_all(&n->idle);
}

/* Return: number of subscribers that wanted it. */
static unsigned int deliver(struct gunyah_rm *rm, const struct gunyah_rm_notification *notif)
{
	struct rm_notify *n = &rm->notify;
	struct gunyah_rm_subscriber *sub;
	struct rm_place place;
	unsigned int nr = 0;

	place_init(rm, &place);

	/* A subscriber may be freed by the time its callback returns. */
	while ((sub = subscriber_next(n, &place, notif))) {
		nr++;
		if (notif)
			sub->notify(sub, notif);
		else
			sub->lost(sub);

		subscriber_ran(n);
		if (notif)
			count(rm, RM_CTR_NOTIF_DELIVERED);
	}

	return nr;
}

static void deliver_record(struct gunyah_rm *rm, const struct rm_record *rec)
{
	struct gunyah_rm_notification notif = {
		.id = rec->id,
		.vmid = GUNYAH_VMID_ANY,
		.data = rec + 1,
		.size = rec->size,
	};

	if (!gunyah_rm_notif_decode(&notif)) {
		scoped_guard(spinlock_irqsave, &rm->lock)
			rm->drops[GUNYAH_RM_DROP_NOTIF_SHORT]++;
		dev_warn_ratelimited(rm->dev, "notification %#010x of %zu bytes is too short\n",
				     notif.id, notif.size);
		/* It said something, and nobody will ever know what. */
		count(rm, RM_CTR_NOTIF_LOST);
		deliver(rm, NULL);
		return;
	}

	if (!gunyah_rm_notif_known(notif.id))
		count(rm, RM_CTR_NOTIF_UNKNOWN);
	if (!deliver(rm, &notif))
		count(rm, RM_CTR_NOTIF_UNCLAIMED);
}

static void notify_work_fn(struct work_struct *work)
{
	struct gunyah_rm *rm = container_of(work, struct gunyah_rm, notify.work);
	const struct rm_record *rec = NULL;

	scoped_guard(spinlock_irqsave, &rm->lock)
		rec = record_next_locked(rm);

	while (rec) {
		if (rec->kind == RECORD_LOST) {
			dev_warn_ratelimited(rm->dev, "notifications were lost\n");
			deliver(rm, NULL);
		} else {
			deliver_record(rm, rec);
		}
		/* RM may be as fast as this loop. */
		cond_resched();

		scoped_guard(spinlock_irqsave, &rm->lock) {
			record_free_locked(rm, rec);
			rec = record_next_locked(rm);
		}
	}
}

/**
 * gunyah_rm_subscribe() - be told about notifications
 * @rm: client
 * @sub: subscriber; belongs to the RM driver until gunyah_rm_unsubscribe()
 *
 * Subscribe first and read the state afterwards, then no change is missed: one
 * that came before is in the state, one that comes later is notified. It may
 * be both. What has come but was not delivered yet is before.
 *
 * Context: may sleep; also from a callback.
 * Return: 0, -EINVAL without a callback, -ENODEV if the driver is unbound.
 */
int gunyah_rm_subscribe(struct gunyah_rm *rm, struct gunyah_rm_subscriber *sub)
{
	struct rm_notify *n = &rm->notify;

	if (WARN_ON_ONCE(!sub->notify))
		return -EINVAL;
	if (READ_ONCE(rm->dead))
		return -ENODEV;

	gunyah_rm_get(rm);

	scoped_guard(spinlock_irqsave, &rm->lock)
		sub->since = n->nr_come;

	guard(mutex)(&n->lock);
	sub->order = ++n->next_order;
	list_add_tail(&sub->node, &n->subs);

	return 0;
}
EXPORT_SYMBOL_GPL(gunyah_rm_subscribe);

/**
 * gunyah_rm_unsubscribe() - do not be told any more
 * @rm: client
 * @sub: subscriber, subscribed to @rm
 *
 * When this returns, no callback of @sub runs or will run, and it may be freed.
 * A callback may unsubscribe its own @sub, and free it, as the last thing it
 * does with it. Do not hold a lock that a callback of @sub takes.
 *
 * Context: may sleep, until a running callback of @sub has returned.
 */
void gunyah_rm_unsubscribe(struct gunyah_rm *rm, struct gunyah_rm_subscriber *sub)
{
	struct rm_notify *n = &rm->notify;

	mutex_lock(&n->lock);
	list_del_init(&sub->node);

	while (n->running == sub && n->task != current) {
		mutex_unlock(&n->lock);
		wait_event(n->idle, READ_ONCE(n->running) != sub);
		mutex_lock(&n->lock);
	}
	mutex_unlock(&n->lock);

	gunyah_rm_put(rm);
}
EXPORT_SYMBOL_GPL(gunyah_rm_unsubscribe);

/**
 * gunyah_rm_notify_init() - set notifications of a new client up
 * @rm: client, not yet bound to its channel
 *
 * Return: 0 or -ENOMEM; gunyah_rm_notify_free() is right in both cases.
 */
int gunyah_rm_notify_init(struct gunyah_rm *rm)
{
	struct rm_notify *n = &rm->notify;

	mutex_init(&n->lock);
	INIT_LIST_HEAD(&n->subs);
	init_waitqueue_head(&n->idle);
	INIT_WORK(&n->work, notify_work_fn);

	n->ring = kvmalloc(RM_RING_SIZE, GFP_KERNEL);
	if (!n->ring)
		return -ENOMEM;

	/* Taking a VM apart, which frees its memory, waits for notifications. */
	n->wq = alloc_ordered_workqueue("gunyah_rm", WQ_MEM_RECLAIM);
	if (!n->wq)
		return -ENOMEM;

	return 0;
}

/**
 * gunyah_rm_notify_stop() - deliver what has come, and nothing more
 * @rm: client that is not bound to its channel any more
 *
 * Context: may sleep, until all callbacks have returned.
 */
void gunyah_rm_notify_stop(struct gunyah_rm *rm)
{
	destroy_workqueue(rm->notify.wq);
	rm->notify.wq = NULL;
}

/**
 * gunyah_rm_notify_free() - free what gunyah_rm_notify_init() has allocated
 * @rm: client without users
 */
void gunyah_rm_notify_free(struct gunyah_rm *rm)
{
	WARN_ON_ONCE(!list_empty(&rm->notify.subs));
	kvfree(rm->notify.ring);
	mutex_destroy(&rm->notify.lock);
}
