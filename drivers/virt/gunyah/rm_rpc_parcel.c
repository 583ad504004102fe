// SPDX-License-Identifier: GPL-2.0-only
/*
 * The resource-manager (RM) client: which memory parcels there are.
 *
 * RM's heap is small and is used up by long lists, and when it is, RM drops
 * requests without an answer or exits. So the entries of the parcels there are
 * get counted, and no more are made than a module parameter allows.
 *
 * A call for a parcel may time out, and then there is one or not. If the answer
 * comes after all, what it made is reclaimed here; whose memory it is asks with
 * gunyah_rm_mem_settle().
 */
#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/moduleparam.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/gunyah_rm_vm.h>
#include <kunit/visibility.h>

#include "rm.h"
#include "rm_rpc.h"

/*
 * The heap of the public RM, some 200 KiB, is full with a parcel of 6,100
 * entries. It also needs it for messages, device trees and what is in them.
 */
#define MAX_ENTRIES_DEFAULT	4096

static unsigned int max_parcel_entries = MAX_ENTRIES_DEFAULT;
module_param(max_parcel_entries, uint, 0644);
MODULE_PARM_DESC(max_parcel_entries,
		 "Address ranges that all memory parcels can have together before the resource manager runs out of memory (default 4096, 0: no limit)");

/**
 * gunyah_rm_mem_init() - set the count of a new client up
 * @rm: client
 */
void gunyah_rm_mem_init(struct gunyah_rm *rm)
{
	spin_lock_init(&rm->parcel_lock);
	INIT_LIST_HEAD(&rm->parcels);
}

/**
 * gunyah_rm_mem_free() - forget what a client has counted
 * @rm: client that nobody uses
 */
void gunyah_rm_mem_free(struct gunyah_rm *rm)
{
	struct rm_parcel *parcel, *next;

	list_for_each_entry_safe(parcel, next, &rm->parcels, node)
		kfree(parcel);
}

static struct rm_parcel *handle_find_locked(struct gunyah_rm *rm, u32 handle)
{
	struct rm_parcel *parcel;

	lockdep_assert_held(&rm->parcel_lock);

	list_for_each_entry(parcel, &rm->parcels, node)
		if (parcel->handle == handle)
			return parcel;

	return NULL;
}

static struct rm_parcel *token_find_locked(struct gunyah_rm *rm, u32 token)
{
	struct rm_parcel *parcel;

	lockdep_assert_held(&rm->parcel_lock);

	list_for_each_entry(parcel, &rm->parcels, node)
		if (parcel->token == token)
			return parcel;

	return NULL;
}

static int parcel_count_locked(struct gunyah_rm *rm, struct rm_parcel *parcel)
{
	size_t max = rm->max_entries ?: READ_ONCE(max_parcel_entries);
	size_t sum;

	lockdep_assert_held(&rm->parcel_lock);

	if (check_add_overflow(rm->nr_entries, parcel->nr, &sum) || (max && sum > max))
		return -EDQUOT;

	rm->nr_entries = sum;
	/* 0 means that nothing is unsure. */
	parcel->token = ++rm->nr_parcels ?: ++rm->nr_parcels;
	list_add(&parcel->node, &rm->parcels);

	return 0;
}

/* RM has it no more, or never had. Its memory is whose it was. */
static void parcel_uncount_locked(struct gunyah_rm *rm, struct rm_parcel *parcel)
{
	lockdep_assert_held(&rm->parcel_lock);

	rm->nr_entries -= parcel->nr;
	parcel->nr = 0;
	parcel->handle = GUNYAH_RM_NO_HANDLE;
	parcel->state = RM_PARCEL_GONE;
}

static void parcel_free_locked(struct gunyah_rm *rm, struct rm_parcel *parcel)
{
	lockdep_assert_held(&rm->parcel_lock);

	parcel_uncount_locked(rm, parcel);
	list_del(&parcel->node);
	kfree(parcel);
}

/**
 * gunyah_rm_parcel_count() - count a parcel that is going to be made
 * @rm: client
 * @nr: entries of its list of addresses
 *
 * Return: the parcel, -ENOMEM, or -EDQUOT if RM could run out of memory.
 */
struct rm_parcel *gunyah_rm_parcel_count(struct gunyah_rm *rm, size_t nr)
{
	struct rm_parcel *parcel __free(kfree) = kzalloc(sizeof(*parcel), GFP_KERNEL_ACCOUNT);
	int ret = 0;

	if (!parcel)
		return ERR_PTR(-ENOMEM);

	parcel->handle = GUNYAH_RM_NO_HANDLE;
	parcel->nr = nr;
	scoped_guard(spinlock_irqsave, &rm->parcel_lock)
		ret = parcel_count_locked(rm, parcel);

	return ret ? ERR_PTR(ret) : no_free_ptr(parcel);
}

/**
 * gunyah_rm_parcel_made() - RM has made it
 * @rm: client
 * @parcel: the parcel
 * @handle: its handle
 */
void gunyah_rm_parcel_made(struct gunyah_rm *rm, struct rm_parcel *parcel, u32 handle)
{
	guard(spinlock_irqsave)(&rm->parcel_lock);

	parcel->handle = handle;
	parcel->state = RM_PARCEL_OURS;
}

/**
 * gunyah_rm_parcel_drop() - it was not made, or is another's
 * @rm: client
 * @parcel: the parcel; is freed
 */
void gunyah_rm_parcel_drop(struct gunyah_rm *rm, struct rm_parcel *parcel)
{
	scoped_guard(spinlock_irqsave, &rm->parcel_lock)
		parcel_free_locked(rm, parcel);
}

/**
 * gunyah_rm_parcel_reclaimed() - RM has it no more
 * @rm: client
 * @handle: its handle; one that was not made here is not known
 */
void gunyah_rm_parcel_reclaimed(struct gunyah_rm *rm, u32 handle)
{
	struct rm_parcel *parcel;

	guard(spinlock_irqsave)(&rm->parcel_lock);

	parcel = handle_find_locked(rm, handle);
	if (!parcel)
		return;

	/* Of one that was late somebody is going to ask what has become of it. */
	if (parcel->state == RM_PARCEL_OURS)
		parcel_free_locked(rm, parcel);
	else
		parcel_uncount_locked(rm, parcel);
}

/**
 * gunyah_rm_parcel_asked() - RM may have reclaimed it without saying so
 * @rm: client
 * @handle: its handle
 */
void gunyah_rm_parcel_asked(struct gunyah_rm *rm, u32 handle)
{
	struct rm_parcel *parcel;

	guard(spinlock_irqsave)(&rm->parcel_lock);

	parcel = handle_find_locked(rm, handle);
	if (parcel)
		parcel->asked = true;
}

/**
 * gunyah_rm_parcel_was_asked() - may RM have reclaimed it without saying so?
 * @rm: client
 * @handle: its handle
 *
 * Return: true if it may.
 */
bool gunyah_rm_parcel_was_asked(struct gunyah_rm *rm, u32 handle)
{
	struct rm_parcel *parcel;

	guard(spinlock_irqsave)(&rm->parcel_lock);

	parcel = handle_find_locked(rm, handle);

	return parcel && parcel->asked;
}

/* Answers that come too late */

/**
 * gunyah_rm_parcel_late() - it was made after all
 * @rm: client
 * @token: number of the parcel
 * @handle: its handle. If that is another's, or none, nobody can be helped
 *
 * Context: any, with gunyah_rm.lock.
 */
void gunyah_rm_parcel_late(struct gunyah_rm *rm, u32 token, u32 handle)
{
	struct rm_parcel *parcel;

	guard(spinlock_irqsave)(&rm->parcel_lock);

	parcel = token_find_locked(rm, token);
	if (!parcel || parcel->state != RM_PARCEL_UNSURE || handle == GUNYAH_RM_NO_HANDLE ||
	    handle_find_locked(rm, handle))
		return;

	parcel->handle = handle;
	parcel->state = RM_PARCEL_LATE;
	gunyah_rm_strays_now(rm);
}

/**
 * gunyah_rm_parcel_refused() - it was not made
 * @rm: client
 * @token: number of the parcel
 *
 * Context: any, with gunyah_rm.lock.
 */
void gunyah_rm_parcel_refused(struct gunyah_rm *rm, u32 token)
{
	struct rm_parcel *parcel;

	guard(spinlock_irqsave)(&rm->parcel_lock);

	parcel = token_find_locked(rm, token);
	if (parcel && parcel->state == RM_PARCEL_UNSURE)
		parcel_uncount_locked(rm, parcel);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_parcel_refused);

/* @parcel is to be reclaimed; nobody else does so meanwhile. */
static void late_take_locked(struct gunyah_rm *rm, struct rm_parcel *parcel, u32 *token,
			     u32 *handle)
{
	lockdep_assert_held(&rm->parcel_lock);

	parcel->state = RM_PARCEL_BUSY;
	*token = parcel->token;
	*handle = parcel->handle;
}

/* @only: its number, 0 for the next one there is. */
static bool late_take(struct gunyah_rm *rm, u32 only, u32 *token, u32 *handle)
{
	struct rm_parcel *parcel;

	guard(spinlock_irqsave)(&rm->parcel_lock);

	list_for_each_entry(parcel, &rm->parcels, node) {
		if (parcel->state != RM_PARCEL_LATE || (only && parcel->token != only))
			continue;
		late_take_locked(rm, parcel, token, handle);
		return true;
	}

	return false;
}

/* Unless it is gone it stays, whatever RM said: the handle may be a lie. */
static void late_put(struct gunyah_rm *rm, u32 token)
{
	struct rm_parcel *parcel;

	guard(spinlock_irqsave)(&rm->parcel_lock);

	parcel = token_find_locked(rm, token);
	if (parcel && parcel->state == RM_PARCEL_BUSY)
		parcel->state = RM_PARCEL_STUCK;
}

/**
 * gunyah_rm_parcels_reclaim() - reclaim what was made too late
 * @rm: client
 * @only: number of the parcel, 0 for all of them
 *
 * Each is tried once.
 *
 * Context: may sleep, makes RM calls.
 */
void gunyah_rm_parcels_reclaim(struct gunyah_rm *rm, u32 only)
{
	u32 token, handle;
	int ret;

	while (late_take(rm, only, &token, &handle)) {
		ret = gunyah_rm_mem_reclaim(rm, handle, false);
		if (ret)
			dev_warn_ratelimited(rm->dev, "a parcel that came too late stays: %d\n",
					     ret);
		late_put(rm, token);
	}
}

/* Has it come to an end? Then it is forgotten. */
static int parcel_settle(struct gunyah_rm *rm, u32 token)
{
	struct rm_parcel *parcel;

	guard(spinlock_irqsave)(&rm->parcel_lock);

	parcel = token_find_locked(rm, token);
	if (!parcel)
		return -EINVAL;

	switch (parcel->state) {
	case RM_PARCEL_GONE:
		parcel_free_locked(rm, parcel);
		return 0;
	case RM_PARCEL_UNSURE:
		return -EAGAIN;
	case RM_PARCEL_STUCK:
		/* It was tried before; another time it may work. */
		parcel->state = RM_PARCEL_LATE;
		fallthrough;
	default:
		return -EBUSY;
	}
}

/**
 * gunyah_rm_mem_settle() - what has become of a parcel that may have been made?
 * @rm: client
 * @unsure: number of it, &gunyah_rm_parcel.unsure of a call that failed
 *
 * A parcel whose handle comes too late is reclaimed. To be asked again unless it
 * says 0 or -EINVAL.
 *
 * Context: may sleep, makes RM calls.
 * Return: 0 if there is no such parcel and its memory can be used; then the
 * number is no more. -EINPROGRESS while RM has time to answer, whose caller was
 * killed; -EAGAIN if that is over, which is the answer for ever if RM's never
 * comes or has no handle; -EBUSY if it is known and not reclaimed yet; -EINVAL if
 * there is no such number.
 */
noinline int gunyah_rm_mem_settle(struct gunyah_rm *rm, u32 unsure)
{
	int ret = parcel_settle(rm, unsure);

	if (ret == -EAGAIN && gunyah_rm_late_pending(rm, gunyah_rm_parcel_late, unsure))
		return -EINPROGRESS;
	if (ret != -EBUSY)
		return ret;

	gunyah_rm_parcels_reclaim(rm, unsure);

	return parcel_settle(rm, unsure);
}
EXPORT_SYMBOL_GPL(gunyah_rm_mem_settle);
