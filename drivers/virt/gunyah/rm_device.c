// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resource devices on the auxiliary bus.
 *
 * Responsible for the life of such a device, its attributes and finding it
 * again. Not for where resources come from (rm_resource.c, dt_resource.c) and
 * not for what they do (their drivers).
 *
 * Memory is freed by the release function only, whoever holds the last
 * reference. Interrupts are unmapped earlier, as soon as the driver has been
 * unbound and has given its handler back.
 */
#include <linux/auxiliary_bus.h>
#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/gunyah_rm.h>
#include <linux/idr.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "rm_irq.h"
#include "rm_resource.h"

static const char * const kind_names[GUNYAH_RESOURCE_NR_KINDS] = {
	[GUNYAH_RESOURCE_DOORBELL_SOURCE]	= "doorbell-source",
	[GUNYAH_RESOURCE_DOORBELL]		= "doorbell",
	[GUNYAH_RESOURCE_MSGQ]			= "msgq",
	[GUNYAH_RESOURCE_VCPU]			= "vcpu",
};

/* Ids of all kinds. 0 is that of the queue pair to the resource manager. */
static DEFINE_IDA(resource_ida);
#define RESOURCE_ID_MIN	1

/* Protects all_resources. A leaf. */
static DEFINE_MUTEX(all_resources_lock);
static LIST_HEAD(all_resources);

static struct gunyah_resource *dev_to_resource(struct device *dev)
{
	return container_of(to_auxiliary_dev(dev), struct gunyah_resource, adev);
}

static ssize_t kind_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", kind_names[dev_to_resource(dev)->info.kind]);
}
static DEVICE_ATTR_RO(kind);

static ssize_t label_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", dev_to_resource(dev)->info.label);
}
static DEVICE_ATTR_RO(label);

static ssize_t vmid_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", dev_to_resource(dev)->info.vmid);
}
static DEVICE_ATTR_RO(vmid);

static ssize_t partner_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", dev_to_resource(dev)->info.partner);
}
static DEVICE_ATTR_RO(partner);

static ssize_t irq_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", dev_to_resource(dev)->res.irq);
}
static DEVICE_ATTR_RO(irq);

static ssize_t tx_irq_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", dev_to_resource(dev)->msgq.tx.irq);
}
static DEVICE_ATTR_RO(tx_irq);

static ssize_t rx_irq_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", dev_to_resource(dev)->msgq.rx.irq);
}
static DEVICE_ATTR_RO(rx_irq);

static struct attribute *resource_attrs[] = {
	&dev_attr_kind.attr,
	&dev_attr_label.attr,
	&dev_attr_vmid.attr,
	&dev_attr_partner.attr,
	&dev_attr_irq.attr,
	&dev_attr_tx_irq.attr,
	&dev_attr_rx_irq.attr,
	NULL
};

/* An attribute is there if it has something to say. */
static umode_t resource_attr_is_visible(struct kobject *kobj, struct attribute *attr, int n)
{
	const struct gunyah_resource *resource = dev_to_resource(kobj_to_dev(kobj));
	bool queue = resource->info.kind == GUNYAH_RESOURCE_MSGQ;
	bool visible = true;

	if (attr == &dev_attr_partner.attr)
		visible = resource->info.partner != GUNYAH_VMID_ANY;
	else if (attr == &dev_attr_irq.attr)
		visible = !queue && resource->res.irq;
	else if (attr == &dev_attr_tx_irq.attr)
		visible = queue && resource->msgq.tx.irq;
	else if (attr == &dev_attr_rx_irq.attr)
		visible = queue && resource->msgq.rx.irq;

	return visible ? attr->mode : 0;
}

static const struct attribute_group resource_group = {
	.attrs = resource_attrs,
	.is_visible = resource_attr_is_visible,
};

static const struct attribute_group *resource_groups[] = {
	&resource_group,
	NULL
};

static void resource_release(struct device *dev)
{
	struct gunyah_resource *resource = dev_to_resource(dev);

	ida_free(&resource_ida, resource->adev.id);
	kfree(resource);
}

/**
 * gunyah_resource_create() - a resource device that is not on the bus yet
 * @info: which resource it is
 * @parent: its parent, which has to outlive gunyah_resource_remove()
 *
 * The caller fills in @res or @msgq of the result, and @virqs.
 *
 * Context: may sleep.
 * Return: the resource, for gunyah_resource_add() and in any case for
 * gunyah_resource_remove(), or an ERR_PTR.
 */
struct gunyah_resource *gunyah_resource_create(const struct gunyah_resource_info *info,
					       struct device *parent)
{
	struct gunyah_resource *resource;
	int ret;

	resource = kzalloc(sizeof(*resource), GFP_KERNEL_ACCOUNT);
	if (!resource)
		return ERR_PTR(-ENOMEM);

	ret = ida_alloc_min(&resource_ida, RESOURCE_ID_MIN, GFP_KERNEL);
	if (ret < 0) {
		kfree(resource);
		return ERR_PTR(ret);
	}

	resource->info = *info;
	INIT_LIST_HEAD(&resource->all_node);
	INIT_LIST_HEAD(&resource->set_node);
	resource->adev.id = ret;
	resource->adev.name = kind_names[info->kind];
	resource->adev.dev.parent = parent;
	resource->adev.dev.groups = resource_groups;
	resource->adev.dev.release = resource_release;

	ret = auxiliary_device_init(&resource->adev);
	if (ret) {
		ida_free(&resource_ida, resource->adev.id);
		kfree(resource);
		return ERR_PTR(ret);
	}

	return resource;
}

/**
 * gunyah_resource_add() - put a resource device on the bus
 * @resource: filled in
 *
 * If there is a driver for it, it is bound on return. On failure the caller
 * still has to call gunyah_resource_remove().
 *
 * Context: may sleep.
 * Return: 0 or an error of the driver core.
 */
int gunyah_resource_add(struct gunyah_resource *resource)
{
	int ret;

	/*
	 * It is found before it is bound: a consumer that looks for it when the
	 * binding has it probed again would not be asked a third time.
	 */
	scoped_guard(mutex, &all_resources_lock)
		list_add_tail(&resource->all_node, &all_resources);

	ret = auxiliary_device_add(&resource->adev);
	resource->added = !ret;
	if (ret) {
		scoped_guard(mutex, &all_resources_lock)
			list_del(&resource->all_node);
	}

	return ret;
}

/**
 * gunyah_resource_remove() - undo gunyah_resource_create() and _add()
 * @resource: result of gunyah_resource_create()
 *
 * Unbinds the driver and drops the creator's reference.
 *
 * Context: may sleep, without a lock that a driver of the device may take.
 */
void gunyah_resource_remove(struct gunyah_resource *resource)
{
	if (resource->added) {
		scoped_guard(mutex, &all_resources_lock)
			list_del(&resource->all_node);
		auxiliary_device_delete(&resource->adev);
	}

	gunyah_rm_irq_unmap(resource->virqs[RESOURCE_TX]);
	gunyah_rm_irq_unmap(resource->virqs[RESOURCE_RX]);
	auxiliary_device_uninit(&resource->adev);
}

/**
 * gunyah_resource_find() - find a resource device
 * @vmid: the VM it was listed for, GUNYAH_VMID_SELF for this VM's device tree
 * @kind: what it is
 * @label: its label; of a vCPU, its index
 *
 * Context: may sleep.
 * Return: the device with a reference for the caller, to be given back with
 * put_device(&adev->dev), or NULL. The reference keeps the memory; the driver
 * may be unbound at any time.
 */
struct auxiliary_device *gunyah_resource_find(u16 vmid, enum gunyah_resource_kind kind,
					      u32 label)
{
	struct gunyah_resource *resource;

	guard(mutex)(&all_resources_lock);

	list_for_each_entry(resource, &all_resources, all_node) {
		const struct gunyah_resource_info *info = &resource->info;

		if (info->vmid == vmid && info->kind == kind && info->label == label) {
			get_device(&resource->adev.dev);
			return &resource->adev;
		}
	}

	return NULL;
}
EXPORT_SYMBOL_GPL(gunyah_resource_find);

static bool resource_has_cap(const struct gunyah_resource *resource, u64 capid)
{
	const struct gunyah_msgq_device *msgq = &resource->msgq;

	if (resource->info.kind != GUNYAH_RESOURCE_MSGQ)
		return resource->res.capid == capid;

	return (msgq->tx.present && msgq->tx.capid == capid) ||
	       (msgq->rx.present && msgq->rx.capid == capid);
}

/**
 * gunyah_resource_in_tree() - is a resource described by this VM's device tree?
 * @capid: its capability id
 *
 * Context: may sleep.
 * Return: true if there is a device of it.
 */
bool gunyah_resource_in_tree(u64 capid)
{
	struct gunyah_resource *resource;

	guard(mutex)(&all_resources_lock);

	list_for_each_entry(resource, &all_resources, all_node)
		if (resource->info.vmid == GUNYAH_VMID_SELF && resource_has_cap(resource, capid))
			return true;

	return false;
}

/**
 * gunyah_resource_info() - which resource a device is
 * @adev: device of any kind; the caller holds a reference
 *
 * Context: any.
 * Return: valid as long as the reference, or NULL if @adev is no resource: the
 * queue pair to the resource manager is none.
 */
const struct gunyah_resource_info *gunyah_resource_info(struct auxiliary_device *adev)
{
	if (adev->dev.release != resource_release)
		return NULL;

	return &dev_to_resource(&adev->dev)->info;
}
EXPORT_SYMBOL_GPL(gunyah_resource_info);
