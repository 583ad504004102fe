// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the resource manager's (RM) lists to devices.
 *
 * RM lists the resources that this VM shares with another one: a set. This file
 * asks for the list, judges each entry and makes a device of those that are
 * good; two queues of opposite direction with one label are a pair, one device.
 * Entries that are not good are counted and skipped, the others work. Not for
 * the devices themselves (rm_device.c), nor for what their drivers do.
 *
 * A set belongs to whoever asked for it and goes when its owner says so. When
 * the RM driver is unbound before that, the devices go and the empty set stays.
 *
 * Locks: gunyah_rm_resource_set.lock is held across RM calls and while devices
 * are added and removed, so a driver of such a device must not wait for it.
 * virqs_lock is taken inside it, sets_lock is a leaf.
 */
#include <linux/array_size.h>
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/gunyah.h>
#include <linux/gunyah_msgq.h>
#include <linux/gunyah_rm.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <kunit/static_stub.h>
#include <kunit/visibility.h>

#include "rm.h"
#include "rm_irq.h"
#include "rm_resource.h"

/* Message size of a queue of whose size nobody said anything. */
#define QUEUE_SIZE_DEFAULT	240

/* Have the drivers there when the devices come. */
MODULE_SOFTDEP("pre: gunyah_doorbell");

static unsigned int queue_size = QUEUE_SIZE_DEFAULT;
module_param(queue_size, uint, 0644);
MODULE_PARM_DESC(queue_size, "message size of queues to other VMs, where it is not known otherwise");

enum set_ctr {
	SET_CTR_DEVICES,
	SET_CTR_LATE,
	SET_CTR_DOUBLED,
	SET_CTR_MALFORMED,
	SET_CTR_UNKNOWN,
	SET_NR_CTRS,
};

/**
 * struct gunyah_rm_resource_set - the resources between this VM and another
 * @ref: one reference of the owner, one of whoever stops it meanwhile
 * @node: in the list of sets
 * @rm: where it comes from
 * @vmid: the other VM
 * @lock: Protects all that follows
 * @stopped: the devices are gone, there will be none any more
 * @listed: a list has been read
 * @resources: the devices, those that came last at the end
 * @ctrs: what became of the entries
 * @nr_sizes: elements of @sizes
 * @sizes: message sizes of queues; constant
 */
struct gunyah_rm_resource_set {
	struct kref ref;
	struct list_head node;
	struct gunyah_rm *rm;
	u16 vmid;

	struct mutex lock; /* see above */
	bool stopped;
	bool listed;
	struct list_head resources;
	u64 ctrs[SET_NR_CTRS];

	unsigned int nr_sizes;
	struct gunyah_rm_queue_size sizes[] __counted_by(nr_sizes);
};

/* Protects sets. A leaf. */
static DEFINE_MUTEX(sets_lock);
static LIST_HEAD(sets);

/* Serialises gunyah_rm_irq_map(), which wants it so. */
static DEFINE_MUTEX(virqs_lock);

/* Sums over all sets, also those that are gone. */
static atomic64_t totals[SET_NR_CTRS];

static void set_count(struct gunyah_rm_resource_set *set, enum set_ctr ctr, int n)
{
	lockdep_assert_held(&set->lock);

	set->ctrs[ctr] += n;
	atomic64_add(n, &totals[ctr]);
}

static void set_release(struct kref *ref)
{
	struct gunyah_rm_resource_set *set =
		container_of(ref, struct gunyah_rm_resource_set, ref);

	gunyah_rm_put(set->rm);
	mutex_destroy(&set->lock);
	kfree(set);
}

/* Judging an entry. */

static int entry_kind(const struct gunyah_rm_resource *entry)
{
	switch (entry->type) {
	case GUNYAH_RM_RES_BELL_TX:
		return GUNYAH_RESOURCE_DOORBELL_SOURCE;
	case GUNYAH_RM_RES_BELL_RX:
		return GUNYAH_RESOURCE_DOORBELL;
	case GUNYAH_RM_RES_MSGQ_TX:
	case GUNYAH_RM_RES_MSGQ_RX:
		return GUNYAH_RESOURCE_MSGQ;
	case GUNYAH_RM_RES_VCPU:
		return GUNYAH_RESOURCE_VCPU;
	default:
		return -EOPNOTSUPP;
	}
}

/* A queue or doorbell without its interrupt is of no use. */
static bool entry_wants_virq(const struct gunyah_rm_resource *entry)
{
	return entry->type != GUNYAH_RM_RES_BELL_TX && entry->type != GUNYAH_RM_RES_VCPU;
}

static bool entry_has_virq(const struct gunyah_rm_resource *entry)
{
	return entry->virq != GUNYAH_VIRQ_NONE && entry->virq != GUNYAH_VIRQ_NONE_ALT;
}

static bool entry_is_malformed(const struct gunyah_rm_resource *entry)
{
	return entry->capid == GUNYAH_CAPID_INVALID ||
	       (entry_wants_virq(entry) && !entry_has_virq(entry));
}

static struct gunyah_msgq_end *entry_end(const struct gunyah_rm_resource *entry,
					 struct gunyah_resource *resource)
{
	return entry->type == GUNYAH_RM_RES_MSGQ_TX ? &resource->msgq.tx : &resource->msgq.rx;
}

static bool info_matches(const struct gunyah_resource_info *a,
			 const struct gunyah_resource_info *b)
{
	return a->kind == b->kind && a->label == b->label && a->partner == b->partner;
}

/* The device that @entry is, or is the double of. */
static struct gunyah_resource *resource_of(struct list_head *resources,
					   const struct gunyah_resource_info *info,
					   const struct gunyah_rm_resource *entry)
{
	struct gunyah_resource *resource;

	list_for_each_entry(resource, resources, set_node) {
		if (!info_matches(&resource->info, info))
			continue;
		if (info->kind != GUNYAH_RESOURCE_MSGQ || entry_end(entry, resource)->present)
			return resource;
	}

	return NULL;
}

/* The queue that lacks @entry to be a pair. */
static struct gunyah_resource *resource_half_of(struct list_head *resources,
						const struct gunyah_resource_info *info,
						const struct gunyah_rm_resource *entry)
{
	struct gunyah_resource *resource;

	if (info->kind != GUNYAH_RESOURCE_MSGQ)
		return NULL;

	list_for_each_entry(resource, resources, set_node)
		if (info_matches(&resource->info, info) && !entry_end(entry, resource)->present)
			return resource;

	return NULL;
}

static bool resource_is_same(struct gunyah_resource *resource,
			     const struct gunyah_rm_resource *entry)
{
	if (resource->info.kind == GUNYAH_RESOURCE_MSGQ)
		return entry_end(entry, resource)->capid == entry->capid;

	return resource->res.capid == entry->capid;
}

/* Queues: what RM does not say. */

static u16 queue_msg_size(struct gunyah_rm_resource_set *set, u32 label)
{
	unsigned int i;

	for (i = 0; i < set->nr_sizes; i++)
		if (set->sizes[i].label == label)
			return set->sizes[i].msg_size;

	return clamp(READ_ONCE(queue_size), 1U, GUNYAH_MSGQ_MAX_MSG_SIZE);
}

/* Does a queue of this direction take @depth messages? */
static bool queue_takes(const struct gunyah_rm_resource *entry, u32 depth)
{
	enum gunyah_error gh_err;

	/* The largest threshold of a sender is depth - 1, of a receiver depth. */
	if (entry->type == GUNYAH_RM_RES_MSGQ_TX)
		gh_err = gunyah_hypercall_msgq_configure_send(entry->capid, depth - 1);
	else
		gh_err = gunyah_hypercall_msgq_configure_recv(entry->capid, depth);

	return gh_err == GUNYAH_ERROR_OK;
}

/*
 * Find the depth of a queue by the largest threshold that the hypervisor
 * accepts for it. The driver sets the threshold anew when it starts. Returns 0
 * if there is no such queue.
 */
static u16 queue_depth(const struct gunyah_rm_resource *entry)
{
	u32 good = 1, bad = GUNYAH_MSGQ_MAX_DEPTH + 1;

	if (!queue_takes(entry, good))
		return 0;

	while (good + 1 < bad) {
		u32 depth = (good + bad) / 2;

		if (queue_takes(entry, depth))
			good = depth;
		else
			bad = depth;
	}

	return good;
}

/* Making a device. */

/* Returns an interrupt, 0 for none, or an error. */
static int entry_map(struct gunyah_rm_resource_set *set, const struct gunyah_rm_resource *entry)
{
	if (entry->type == GUNYAH_RM_RES_BELL_TX || !entry_has_virq(entry))
		return 0;

	guard(mutex)(&virqs_lock);

	return gunyah_rm_irq_map(set->rm->virqs, entry->virq);
}

static void resource_fill(struct gunyah_rm_resource_set *set, struct gunyah_resource *resource,
			  const struct gunyah_rm_resource *entry, unsigned int irq, u16 depth)
{
	struct gunyah_msgq_end *end;

	if (resource->info.kind != GUNYAH_RESOURCE_MSGQ) {
		resource->res.capid = entry->capid;
		resource->res.irq = irq;
		resource->virqs[0] = irq;
		return;
	}

	end = entry_end(entry, resource);
	end->present = true;
	end->capid = entry->capid;
	end->irq = irq;
	end->msg_size = queue_msg_size(set, entry->label);
	end->depth = depth;
	resource->virqs[entry->type == GUNYAH_RM_RES_MSGQ_TX ? RESOURCE_TX : RESOURCE_RX] = irq;
}

/* Which counter an error of the interrupt's mapping goes to; none: no counter. */
static enum set_ctr map_error_ctr(int ret)
{
	switch (ret) {
	case -EBUSY:
		return SET_CTR_DOUBLED;
	case -ENOMEM:
		return SET_NR_CTRS;
	default:
		return SET_CTR_MALFORMED;
	}
}

/* Make @entry a device of @fresh, or part of one. */
static int entry_accept(struct gunyah_rm_resource_set *set, struct list_head *fresh,
			const struct gunyah_resource_info *info,
			const struct gunyah_rm_resource *entry)
{
	struct gunyah_resource *resource;
	u16 depth = 0;
	int irq;

	if (info->kind == GUNYAH_RESOURCE_MSGQ) {
		depth = queue_depth(entry);
		if (!depth) {
			set_count(set, SET_CTR_MALFORMED, 1);
			return 0;
		}
	}

	irq = entry_map(set, entry);
	if (irq < 0) {
		enum set_ctr ctr = map_error_ctr(irq);

		if (ctr == SET_NR_CTRS)
			return irq;
		set_count(set, ctr, 1);
		return 0;
	}

	resource = resource_half_of(fresh, info, entry);
	if (!resource) {
		resource = gunyah_resource_create(info, set->rm->dev);
		if (IS_ERR(resource)) {
			gunyah_rm_irq_unmap(irq);
			return PTR_ERR(resource);
		}
		list_add_tail(&resource->set_node, fresh);
	}

	resource_fill(set, resource, entry, irq, depth);
	if (set->listed)
		set_count(set, SET_CTR_LATE, 1);

	return 0;
}

static int entry_judge(struct gunyah_rm_resource_set *set, struct list_head *fresh,
		       const struct gunyah_rm_resource *entry)
{
	struct gunyah_resource_info info = {
		.vmid = set->vmid,
		.partner = entry->partner,
		.label = entry->label,
	};
	struct gunyah_resource *known;
	int kind = entry_kind(entry);

	if (kind < 0) {
		set_count(set, SET_CTR_UNKNOWN, 1);
		return 0;
	}
	info.kind = kind;

	/* In a list that is read again most entries are old acquaintances. */
	known = resource_of(&set->resources, &info, entry);
	if (known && resource_is_same(known, entry))
		return 0;

	/* In a VM that another one has made, RM lists what the tree has as well. */
	if (gunyah_resource_in_tree(entry->capid))
		return 0;

	if (known || resource_of(fresh, &info, entry)) {
		set_count(set, SET_CTR_DOUBLED, 1);
		return 0;
	}

	if (entry_is_malformed(entry)) {
		set_count(set, SET_CTR_MALFORMED, 1);
		return 0;
	}

	return entry_accept(set, fresh, &info, entry);
}

/* Removes the devices of a list, the last first. */
static void resources_remove(struct list_head *resources)
{
	struct gunyah_resource *resource, *next;

	list_for_each_entry_safe_reverse(resource, next, resources, set_node) {
		list_del(&resource->set_node);
		gunyah_resource_remove(resource);
	}
}

/**
 * gunyah_rm_resources_list() - ask RM for the resources of a VM
 * @rm: client
 * @vmid: the VM
 * @list: result, to be freed
 *
 * Tests have lists of their own.
 *
 * Context: may sleep, killably.
 * Return: 0 or one of the errors in gunyah_rm.h.
 */
VISIBLE_IF_KUNIT int gunyah_rm_resources_list(struct gunyah_rm *rm, u16 vmid,
					      struct gunyah_rm_resources **list)
{
	KUNIT_STATIC_STUB_REDIRECT(gunyah_rm_resources_list, rm, vmid, list);

	return gunyah_rm_get_hyp_resources(rm, vmid, list);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_resources_list);

static int set_read_locked(struct gunyah_rm_resource_set *set)
{
	struct gunyah_rm_resources *list __free(kvfree) = NULL;
	struct gunyah_resource *resource;
	LIST_HEAD(fresh);
	int nr = 0, ret;
	u32 i;

	lockdep_assert_held(&set->lock);

	if (set->stopped)
		return -ENODEV;

	ret = gunyah_rm_resources_list(set->rm, set->vmid, &list);
	if (ret)
		return ret;

	for (i = 0; i < list->nr && !ret; i++)
		ret = entry_judge(set, &fresh, &list->entries[i]);

	list_for_each_entry(resource, &fresh, set_node) {
		if (!ret)
			ret = gunyah_resource_add(resource);
		nr++;
	}

	if (ret) {
		resources_remove(&fresh);
		return ret;
	}

	list_splice_tail(&fresh, &set->resources);
	set_count(set, SET_CTR_DEVICES, nr);
	set->listed = true;

	return 0;
}

/* Two may do so at a time: neither returns before the devices are gone. */
static void set_stop(struct gunyah_rm_resource_set *set)
{
	guard(mutex)(&set->lock);

	resources_remove(&set->resources);
	set_count(set, SET_CTR_DEVICES, -(int)set->ctrs[SET_CTR_DEVICES]);
	WRITE_ONCE(set->stopped, true);
}

/**
 * gunyah_rm_resources_add_sized() - make devices of the resources of a VM
 * @rm: client
 * @vmid: the VM, which has to be initialised (READY)
 * @sizes: message sizes of queues; the module parameter queue_size for those
 *	that are not named
 * @nr_sizes: elements of @sizes
 *
 * Entries that cannot become a device are counted and skipped. A device has its
 * driver on return, if that is loaded.
 *
 * Context: may sleep, makes RM calls.
 * Return: the set, to be given to gunyah_rm_resources_del(), or an ERR_PTR: one
 * of the errors in gunyah_rm.h, -EINVAL also for a size that no queue has.
 */
struct gunyah_rm_resource_set *
gunyah_rm_resources_add_sized(struct gunyah_rm *rm, u16 vmid,
			      const struct gunyah_rm_queue_size *sizes, unsigned int nr_sizes)
{
	struct gunyah_rm_resource_set *set;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < nr_sizes; i++)
		if (!sizes[i].msg_size || sizes[i].msg_size > GUNYAH_MSGQ_MAX_MSG_SIZE)
			return ERR_PTR(-EINVAL);

	set = kzalloc(struct_size(set, sizes, nr_sizes), GFP_KERNEL_ACCOUNT);
	if (!set)
		return ERR_PTR(-ENOMEM);

	kref_init(&set->ref);
	set->rm = gunyah_rm_get(rm);
	set->vmid = vmid;
	mutex_init(&set->lock);
	INIT_LIST_HEAD(&set->resources);
	set->nr_sizes = nr_sizes;
	if (nr_sizes)
		memcpy(set->sizes, sizes, array_size(nr_sizes, sizeof(*sizes)));

	/* Seen by gunyah_rm_resources_stop() before there is a device. */
	scoped_guard(mutex, &sets_lock)
		list_add_tail(&set->node, &sets);

	scoped_guard(mutex, &set->lock)
		ret = set_read_locked(set);
	if (ret) {
		gunyah_rm_resources_del(set);
		return ERR_PTR(ret);
	}

	return set;
}
EXPORT_SYMBOL_GPL(gunyah_rm_resources_add_sized);

/**
 * gunyah_rm_resources_add() - make devices of the resources of a VM
 * @rm: client
 * @vmid: the VM, which has to be initialised (READY)
 *
 * As gunyah_rm_resources_add_sized() without sizes.
 *
 * Context: may sleep, makes RM calls.
 * Return: the set, or an ERR_PTR.
 */
struct gunyah_rm_resource_set *gunyah_rm_resources_add(struct gunyah_rm *rm, u16 vmid)
{
	return gunyah_rm_resources_add_sized(rm, vmid, NULL, 0);
}
EXPORT_SYMBOL_GPL(gunyah_rm_resources_add);

/**
 * gunyah_rm_resources_refresh() - look for resources that appeared meanwhile
 * @set: result of gunyah_rm_resources_add()
 *
 * New entries become devices. Devices whose entry is gone stay: RM withdraws
 * nothing from a VM that runs.
 *
 * Context: may sleep, killably; makes RM calls. Not from a driver of one of the
 * devices.
 * Return: 0 or one of the errors in gunyah_rm.h; the devices there were stay.
 */
int gunyah_rm_resources_refresh(struct gunyah_rm_resource_set *set)
{
	int ret;

	/* Others may be ahead, and RM slow. */
	if (mutex_lock_killable(&set->lock))
		return -EINTR;
	ret = set_read_locked(set);
	mutex_unlock(&set->lock);

	return ret;
}
EXPORT_SYMBOL_GPL(gunyah_rm_resources_refresh);

/**
 * gunyah_rm_resources_del() - remove the devices of a set, and the set
 * @set: result of gunyah_rm_resources_add(); not to be used any more
 *
 * Drivers are unbound, and with them the consumers linked to the devices. Who
 * got something from a driver and does not notice is told so by errors.
 *
 * Context: may sleep. Not from a driver of one of the devices.
 */
void gunyah_rm_resources_del(struct gunyah_rm_resource_set *set)
{
	/* As long as there are devices gunyah_rm_resources_stop() has to see it. */
	set_stop(set);
	scoped_guard(mutex, &sets_lock)
		list_del(&set->node);
	kref_put(&set->ref, set_release);
}
EXPORT_SYMBOL_GPL(gunyah_rm_resources_del);

/**
 * gunyah_rm_resources_stats() - what became of the entries of a set
 * @set: result of gunyah_rm_resources_add()
 * @stats: result
 *
 * Context: may sleep.
 */
void gunyah_rm_resources_stats(struct gunyah_rm_resource_set *set,
			       struct gunyah_rm_resource_stats *stats)
{
	guard(mutex)(&set->lock);

	stats->devices = set->ctrs[SET_CTR_DEVICES];
	stats->late = set->ctrs[SET_CTR_LATE];
	stats->doubled = set->ctrs[SET_CTR_DOUBLED];
	stats->malformed = set->ctrs[SET_CTR_MALFORMED];
	stats->unknown = set->ctrs[SET_CTR_UNKNOWN];
}
EXPORT_SYMBOL_GPL(gunyah_rm_resources_stats);

/**
 * gunyah_rm_resources_total() - what became of the entries of all sets
 * @stats: result, since the module was loaded; @devices: now
 *
 * Context: any.
 */
void gunyah_rm_resources_total(struct gunyah_rm_resource_stats *stats)
{
	stats->devices = atomic64_read(&totals[SET_CTR_DEVICES]);
	stats->late = atomic64_read(&totals[SET_CTR_LATE]);
	stats->doubled = atomic64_read(&totals[SET_CTR_DOUBLED]);
	stats->malformed = atomic64_read(&totals[SET_CTR_MALFORMED]);
	stats->unknown = atomic64_read(&totals[SET_CTR_UNKNOWN]);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_resources_total);

static struct gunyah_rm_resource_set *set_get_running(struct gunyah_rm *rm)
{
	struct gunyah_rm_resource_set *set;

	guard(mutex)(&sets_lock);

	list_for_each_entry(set, &sets, node) {
		if (set->rm == rm && !READ_ONCE(set->stopped)) {
			kref_get(&set->ref);
			return set;
		}
	}

	return NULL;
}

/**
 * gunyah_rm_resources_stop() - remove the devices of all sets
 * @rm: client, which does not make calls any more
 *
 * For the RM driver when it is unbound, before the domain of the interrupts
 * goes. The sets themselves are left to their owners.
 *
 * Context: may sleep.
 */
void gunyah_rm_resources_stop(struct gunyah_rm *rm)
{
	struct gunyah_rm_resource_set *set;

	while ((set = set_get_running(rm))) {
		set_stop(set);
		kref_put(&set->ref, set_release);
	}
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_resources_stop);
