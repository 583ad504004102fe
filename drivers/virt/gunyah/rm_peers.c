// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resources shared with VMs that this one has not made.
 *
 * Some VMs are there from the start, or are made by others; what this VM shares
 * with them becomes devices without anybody asking for it, and goes when such a
 * VM goes. The VMs this one has made are left alone: whoever made one adds the
 * resources when it is time to.
 *
 * The peers are looked at in a work item, since RM calls may take long, and
 * when RM notifies that one has changed its state. RM lists a VM that has ended
 * among the peers, and its resources, until it has been reset, so each is asked
 * for its state. That does not tell one that has ended and come back meanwhile:
 * its end is remembered from the notification. A look that fails for want of time
 * or memory is repeated, as no notification need follow.
 */
#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/gunyah_resource.h>
#include <linux/gunyah_rm.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <kunit/visibility.h>

#include "rm.h"
#include "rm_resource.h"

static bool peers = true;
module_param(peers, bool, 0444);
MODULE_PARM_DESC(peers, "make devices of resources shared with VMs that others have made");

/**
 * struct gunyah_rm_peers - what is shared with other VMs
 * @rm: client
 * @sub: to VM_STATUS of all VMs
 * @work: looks at all peers
 * @retries: how often it has come back because it failed
 * @lock: Protects @sets; held across RM calls
 * @sets: set of resources by vmid
 * @gone: VMs that ended since @work ran; atomic bits
 */
struct gunyah_rm_peers {
	struct gunyah_rm *rm;
	struct gunyah_rm_subscriber sub;
	struct delayed_work work;
	atomic_t retries;
	struct mutex lock; /* see above */
	struct xarray sets;
	DECLARE_BITMAP(gone, GUNYAH_VMID_ANY);
};

/*
 * Was it allocated here? One that is being deallocated goes from the first to
 * the second, and perhaps back.
 */
static bool vmid_is_ours(struct gunyah_rm *rm, u16 vmid)
{
	return test_bit_acquire(vmid, rm->vmids) || test_bit_acquire(vmid, rm->vmids_leaving) ||
	       test_bit_acquire(vmid, rm->vmids);
}

static void peer_gone_locked(struct gunyah_rm_peers *p, u16 vmid)
{
	struct gunyah_rm_resource_set *set;

	lockdep_assert_held(&p->lock);

	set = xa_erase(&p->sets, vmid);
	if (set)
		gunyah_rm_resources_del(set);
}

/*
 * Is it there to talk to? Where RM does not say, its resources have to. Return: 1,
 * 0, or an error if RM may say so later.
 */
static int peer_is_up(struct gunyah_rm_peers *p, u16 vmid)
{
	struct gunyah_rm_vm_status status;
	int ret;

	ret = gunyah_rm_get_state(p->rm, vmid, &status);
	if (ret)
		return gunyah_rm_error_passes(ret) ? ret : 1;

	return status.vm_state == GUNYAH_RM_VM_READY ||
	       status.vm_state == GUNYAH_RM_VM_RUNNING ||
	       status.vm_state == GUNYAH_RM_VM_PAUSED;
}

static int peer_devices_locked(struct gunyah_rm_peers *p, u16 vmid)
{
	struct gunyah_rm_resource_set *set = xa_load(&p->sets, vmid);
	int ret;

	lockdep_assert_held(&p->lock);

	if (set)
		return gunyah_rm_resources_refresh(set);

	set = gunyah_rm_resources_add(p->rm, vmid);
	if (IS_ERR(set)) {
		/* Most often it is not yet initialised; a notification follows. */
		dev_dbg(p->rm->dev, "no resources of VM %u: %pe\n", vmid, set);
		return PTR_ERR(set);
	}

	ret = xa_err(xa_store(&p->sets, vmid, set, GFP_KERNEL));
	if (ret)
		gunyah_rm_resources_del(set);

	return ret;
}

/* Return: 0 or an error; -ETIMEDOUT if RM would not answer for others either. */
static int peer_look_locked(struct gunyah_rm_peers *p, u16 vmid)
{
	int ret;

	lockdep_assert_held(&p->lock);

	if (vmid == GUNYAH_VMID_RM || vmid_is_ours(p->rm, vmid))
		return 0;

	ret = peer_is_up(p, vmid);
	if (ret < 0)
		return ret;
	if (!ret) {
		peer_gone_locked(p, vmid);
		return 0;
	}

	/* This reply is long: RM may have no room for it, and for others it has. */
	ret = peer_devices_locked(p, vmid);

	return ret == -ETIMEDOUT ? -EBUSY : ret;
}

static bool vmids_have(const struct gunyah_rm_vmids *list, u16 vmid)
{
	u32 i;

	for (i = 0; i < list->nr; i++)
		if (list->vmids[i] == vmid)
			return true;

	return false;
}

/* Return: true if it is to be repeated. */
static bool peers_look(struct gunyah_rm_peers *p)
{
	struct gunyah_rm_vmids *list __free(kvfree) = NULL;
	struct gunyah_rm_resource_set *set;
	unsigned long index;
	unsigned int vmid;
	bool again = false;
	int ret;
	u32 i;

	guard(mutex)(&p->lock);

	for_each_set_bit(vmid, p->gone, GUNYAH_VMID_ANY)
		if (test_and_clear_bit(vmid, p->gone))
			peer_gone_locked(p, vmid);

	ret = gunyah_rm_get_peers(p->rm, &list);
	if (ret)
		return gunyah_rm_error_passes(ret);

	/* That one has gone may have been said by a notification that was lost. */
	xa_for_each(&p->sets, index, set)
		if (!vmids_have(list, index) || vmid_is_ours(p->rm, index))
			peer_gone_locked(p, index);

	for (i = 0, ret = 0; i < list->nr && ret != -ETIMEDOUT; i++) {
		ret = peer_look_locked(p, list->vmids[i]);
		again |= gunyah_rm_error_passes(ret);
	}

	return again;
}

static void peers_work(struct work_struct *work)
{
	struct gunyah_rm_peers *p = container_of(to_delayed_work(work), struct gunyah_rm_peers,
						 work);

	if (peers_look(p))
		queue_delayed_work(system_long_wq, &p->work,
				   gunyah_rm_retry_delay(&p->retries));
	else
		atomic_set(&p->retries, 0);
}

/* There is news, so how often there was none does not count any more. */
static void peers_look_now(struct gunyah_rm_peers *p)
{
	atomic_set(&p->retries, 0);
	mod_delayed_work(system_long_wq, &p->work, 0);
}

/*
 * Devices come and go in the work item: their drivers may wait for work that
 * the thread of the notifications must not wait for.
 */
static void peers_notify(struct gunyah_rm_subscriber *sub, const struct gunyah_rm_notification *n)
{
	struct gunyah_rm_peers *p = container_of(sub, struct gunyah_rm_peers, sub);

	/* Not worth a call: nothing would be done about it. */
	if (vmid_is_ours(p->rm, n->vmid))
		return;

	switch (n->status.vm_state) {
	case GUNYAH_RM_VM_EXITED:
	case GUNYAH_RM_VM_RESETTING:
	case GUNYAH_RM_VM_RESET:
	case GUNYAH_RM_VM_RESET_FAILED:
		if (n->vmid != GUNYAH_VMID_ANY)
			set_bit(n->vmid, p->gone);
		break;
	case GUNYAH_RM_VM_READY:
	case GUNYAH_RM_VM_RUNNING:
		break;
	default:
		return;
	}

	peers_look_now(p);
}

static void peers_lost(struct gunyah_rm_subscriber *sub)
{
	peers_look_now(container_of(sub, struct gunyah_rm_peers, sub));
}

/**
 * gunyah_rm_peers_start() - have devices of what is shared with other VMs
 * @rm: client
 *
 * Context: may sleep.
 * Return: for gunyah_rm_peers_stop(): NULL if it is not wanted, or cannot be.
 */
struct gunyah_rm_peers *gunyah_rm_peers_start(struct gunyah_rm *rm)
{
	struct gunyah_rm_peers *p;

	if (!peers)
		return NULL;

	p = kvzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return NULL;

	p->rm = rm;
	mutex_init(&p->lock);
	xa_init(&p->sets);
	INIT_DELAYED_WORK(&p->work, peers_work);
	p->sub.id = GUNYAH_RM_NOTIF_VM_STATUS;
	p->sub.vmid = GUNYAH_VMID_ANY;
	p->sub.notify = peers_notify;
	p->sub.lost = peers_lost;

	/* First subscribe, then look: so no change is missed. */
	if (gunyah_rm_subscribe(rm, &p->sub)) {
		kvfree(p);
		return NULL;
	}
	peers_look_now(p);

	return p;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_peers_start);

/**
 * gunyah_rm_peers_stop() - remove the devices again
 * @p: result of gunyah_rm_peers_start()
 *
 * When calls have been cancelled, so that it does not wait for one.
 *
 * Context: may sleep.
 */
void gunyah_rm_peers_stop(struct gunyah_rm_peers *p)
{
	struct gunyah_rm_resource_set *set;
	unsigned long vmid;

	if (!p)
		return;

	gunyah_rm_unsubscribe(p->rm, &p->sub);
	cancel_delayed_work_sync(&p->work);

	xa_for_each(&p->sets, vmid, set)
		gunyah_rm_resources_del(set);
	xa_destroy(&p->sets);
	mutex_destroy(&p->lock);
	kvfree(p);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_peers_stop);
