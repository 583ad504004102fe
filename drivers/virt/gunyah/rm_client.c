// SPDX-License-Identifier: GPL-2.0-only
/*
 * The driver of the resource-manager (RM) client device.
 *
 * The device is a sibling of the queue pair to RM and linked to it as its
 * consumer: the driver core probes this driver when the mailbox controller is
 * there and unbinds it before the controller goes. What the driver starts and
 * stops is in rm_core.c.
 */
#include <linux/auxiliary_bus.h>
#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sysfs.h>

#include "rm.h"
#include "rm_irq.h"
#include "rm_resource.h"

/* Protects rm_instance. A leaf. */
static DEFINE_MUTEX(rm_instance_lock);
/* The bound client; a VM has one RM. */
static struct gunyah_rm *rm_instance;

/**
 * gunyah_rm_find() - the resource manager of this VM
 *
 * Context: may sleep.
 * Return: the client with a reference for the caller, to be given back with
 * gunyah_rm_put(), or ERR_PTR(-ENODEV).
 */
struct gunyah_rm *gunyah_rm_find(void)
{
	guard(mutex)(&rm_instance_lock);

	return rm_instance ? gunyah_rm_get(rm_instance) : ERR_PTR(-ENODEV);
}
EXPORT_SYMBOL_GPL(gunyah_rm_find);

static ssize_t vmid_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct gunyah_rm *rm = dev_get_drvdata(dev);
	u16 vmid;
	int ret;

	ret = gunyah_rm_get_vmid(rm, &vmid);
	if (ret)
		return ret;

	return sysfs_emit(buf, "%u\n", vmid);
}
static DEVICE_ATTR_RO(vmid);

static struct attribute *rm_client_attrs[] = {
	&dev_attr_vmid.attr,
	NULL
};
ATTRIBUTE_GROUPS(rm_client);

/*
 * Tie this device to its queue pair. The link outlives the driver, so that from
 * the second time on the driver core does the ordering by itself.
 */
static int rm_client_link(struct device *dev, struct device *msgq)
{
	struct device_link *link;

	link = device_link_add(dev, msgq, DL_FLAG_AUTOPROBE_CONSUMER);
	if (!link)
		return -EINVAL;

	/* Otherwise the queue pair has no driver, or is losing it just now. */
	return READ_ONCE(link->status) == DL_STATE_CONSUMER_PROBE ? 0 : -EPROBE_DEFER;
}

static int rm_client_probe(struct auxiliary_device *adev, const struct auxiliary_device_id *id)
{
	struct gunyah_rm_client_device *client =
		container_of(adev, struct gunyah_rm_client_device, adev);
	struct device *dev = &adev->dev;
	struct irq_domain *virqs;
	struct mbox_chan *chan;
	struct gunyah_rm *rm;
	int ret;

	ret = rm_client_link(dev, &client->msgq->adev.dev);
	if (ret)
		return dev_err_probe(dev, ret, "no link to the message queues\n");

	chan = gunyah_msgq_chan(client->msgq);
	if (IS_ERR(chan))
		return dev_err_probe(dev, PTR_ERR(chan), "no mailbox channel\n");

	/* Only resources with an interrupt need it, and not every VM has any. */
	virqs = gunyah_rm_irq_domain_create(dev->parent->of_node);
	if (IS_ERR(virqs)) {
		dev_dbg(dev, "no domain for virqs: %pe\n", virqs);
		virqs = NULL;
	}

	rm = gunyah_rm_create(dev, chan);
	if (IS_ERR(rm)) {
		gunyah_rm_irq_domain_remove(virqs);
		return dev_err_probe(dev, PTR_ERR(rm), "cannot open the mailbox channel\n");
	}

	rm->virqs = virqs;
	auxiliary_set_drvdata(adev, rm);

	scoped_guard(mutex, &rm_instance_lock) {
		if (!rm_instance)
			rm_instance = rm;
	}

	ret = device_add_groups(dev, rm_client_groups);
	if (ret)
		dev_warn(dev, "no attributes: %d\n", ret);
	gunyah_rm_debugfs_add(rm);
	rm->peers = gunyah_rm_peers_start(rm);
	rm->console = gunyah_rm_console_start(rm);

	return 0;
}

static void rm_client_remove(struct auxiliary_device *adev)
{
	struct gunyah_rm *rm = gunyah_rm_get(auxiliary_get_drvdata(adev));

	scoped_guard(mutex, &rm_instance_lock) {
		if (rm_instance == rm)
			rm_instance = NULL;
	}

	/* Its driver has things to close. */
	gunyah_rm_console_stop(rm->console);

	/* First cancel calls, then wait for the readers who made them. */
	gunyah_rm_destroy(rm);
	device_remove_groups(&adev->dev, rm_client_groups);
	gunyah_rm_debugfs_remove(rm);
	gunyah_rm_peers_stop(rm->peers);
	gunyah_rm_resources_stop(rm);
	gunyah_rm_irq_domain_remove(rm->virqs);
	gunyah_rm_put(rm);
}

static const struct auxiliary_device_id rm_client_ids[] = {
	{ .name = "gunyah_rm.client" },
	{ }
};
MODULE_DEVICE_TABLE(auxiliary, rm_client_ids);

struct auxiliary_driver gunyah_rm_client_driver = {
	.name = "client",
	.probe = rm_client_probe,
	.remove = rm_client_remove,
	.id_table = rm_client_ids,
};
