// SPDX-License-Identifier: GPL-2.0-only
/*
 * From this VM's own device tree to resource devices.
 *
 * A VM that another one has made gets its doorbells and queues as nodes below
 * /hypervisor. Each becomes the same device that an entry of the resource
 * manager's lists would, and has the same drivers. Their vmid is
 * GUNYAH_VMID_SELF.
 *
 * The node of the resource manager has the compatible of a queue as well; it
 * is not for this driver, but its queues are read here.
 */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/gunyah.h>
#include <linux/gunyah_msgq.h>
#include <linux/gunyah_rm.h>
#include <linux/irq.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/platform_device.h>
#include <linux/property.h>

#include "rm_resource.h"

/* What a node without the properties means. */
#define DT_MSG_SIZE_DEFAULT	240
#define DT_DEPTH_DEFAULT	8

/**
 * struct dt_end - where in a node an end of a queue is
 * @capid: its capability
 * @index: of its interrupt
 * @size_name: property with the size of a message
 * @depth_name: property with the depth
 * @min_size: bytes that a message has to be able to have
 */
struct dt_end {
	u64 capid;
	unsigned int index;
	const char *size_name;
	const char *depth_name;
	u16 min_size;
};

/* Read a number that may be absent and has to be in a range. */
static int node_read_u16(struct device *dev, const char *name, u16 fallback, u16 min, u16 max,
			 u16 *result)
{
	u32 val = fallback;
	int ret;

	ret = of_property_read_u32(dev->of_node, name, &val);
	if (ret && ret != -EINVAL)
		return dev_err_probe(dev, ret, "bad property %s\n", name);
	if (val < min || val > max)
		return dev_err_probe(dev, -EINVAL, "%s is %u, not in %u..%u\n", name, val, min,
				     max);

	*result = val;

	return 0;
}

static int dt_read_end(struct platform_device *pdev, const struct dt_end *desc,
		       struct gunyah_msgq_end *end)
{
	struct device *dev = &pdev->dev;
	int irq, ret;

	ret = node_read_u16(dev, desc->size_name, DT_MSG_SIZE_DEFAULT, desc->min_size,
			    GUNYAH_MSGQ_MAX_MSG_SIZE, &end->msg_size);
	if (ret)
		return ret;

	ret = node_read_u16(dev, desc->depth_name, DT_DEPTH_DEFAULT, 1, GUNYAH_MSGQ_MAX_DEPTH,
			    &end->depth);
	if (ret)
		return ret;

	irq = platform_get_irq(pdev, desc->index);
	if (irq < 0)
		return irq;	/* which has been reported */

	/*
	 * A level line would be held raised for ever: that of a sender by a
	 * queue that has room, that of a receiver by a client that has none.
	 */
	if (irq_get_trigger_type(irq) & IRQ_TYPE_LEVEL_MASK)
		return dev_err_probe(dev, -EINVAL, "interrupt %u is not an edge\n", irq);

	end->present = true;
	end->capid = desc->capid;
	end->irq = irq;

	return 0;
}

/**
 * gunyah_dt_read_pair() - read a pair of queues from a node
 * @pdev: device of the node
 * @caps: their capabilities, that of the sending one first
 * @min_size: bytes that a message has to be able to have
 * @msgq: result
 *
 * Context: may sleep.
 * Return: 0 or an error, which has been reported.
 */
int gunyah_dt_read_pair(struct platform_device *pdev, const u64 caps[2], u16 min_size,
			struct gunyah_msgq_device *msgq)
{
	const struct dt_end tx = { caps[RESOURCE_TX], RESOURCE_TX, "qcom,tx-message-size",
				   "qcom,tx-queue-depth", min_size };
	const struct dt_end rx = { caps[RESOURCE_RX], RESOURCE_RX, "qcom,rx-message-size",
				   "qcom,rx-queue-depth", min_size };
	int ret;

	ret = dt_read_end(pdev, &tx, &msgq->tx);

	return ret ?: dt_read_end(pdev, &rx, &msgq->rx);
}

/* A pair has two capabilities, and its properties a dash where others have a bar. */
static int node_read_msgq(struct platform_device *pdev, const u64 *caps, int nr_caps,
			  struct gunyah_msgq_device *msgq)
{
	const struct dt_end one = { caps[0], 0, "tx_message_size", "tx_queue_depth", 1 };
	struct device_node *np = pdev->dev.of_node;
	bool sender = of_property_read_bool(np, "is-sender");

	if (nr_caps == 2)
		return gunyah_dt_read_pair(pdev, caps, 1, msgq);

	if (sender == of_property_read_bool(np, "is-receiver"))
		return dev_err_probe(&pdev->dev, -EINVAL, "not one of sender and receiver\n");

	return dt_read_end(pdev, &one, sender ? &msgq->tx : &msgq->rx);
}

static int node_read(struct platform_device *pdev, struct gunyah_resource *resource)
{
	bool queue = resource->info.kind == GUNYAH_RESOURCE_MSGQ;
	int irq, nr_caps;
	u64 caps[2];

	/* Capability ids, which are no addresses; there is no size. */
	nr_caps = of_property_read_variable_u64_array(pdev->dev.of_node, "reg", caps, 1,
						      queue ? 2 : 1);
	if (nr_caps < 0)
		return dev_err_probe(&pdev->dev, nr_caps, "reg is not one or two 64-bit numbers\n");

	if (queue)
		return node_read_msgq(pdev, caps, nr_caps, &resource->msgq);

	resource->res.capid = caps[0];
	if (resource->info.kind == GUNYAH_RESOURCE_DOORBELL_SOURCE)
		return 0;

	irq = platform_get_irq(pdev, 0);
	if (irq < 0)
		return irq;
	resource->res.irq = irq;

	return 0;
}

static int dt_resource_probe(struct platform_device *pdev)
{
	struct gunyah_resource_info info = {
		.kind = (uintptr_t)device_get_match_data(&pdev->dev),
		.vmid = GUNYAH_VMID_SELF,
		.partner = GUNYAH_VMID_ANY,
	};
	struct device_node *np = pdev->dev.of_node;
	struct gunyah_resource *resource;
	struct gunyah_hyp_info hyp;
	u32 peer;
	int ret;

	if (of_device_is_compatible(np, "gunyah-resource-manager"))
		return -ENODEV;

	/* Only now that a node has matched: elsewhere HVC is undefined. */
	ret = gunyah_hypervisor_detect(&hyp);
	if (ret)
		return dev_err_probe(&pdev->dev, ret, "there is no Gunyah hypervisor\n");

	if (of_property_read_u32(np, "qcom,label", &info.label))
		of_property_read_u32(np, "label", &info.label);
	if (!of_property_read_u32(np, "qcom,peer-vmid", &peer) && peer < GUNYAH_VMID_ANY)
		info.partner = peer;

	resource = gunyah_resource_create(&info, &pdev->dev);
	if (IS_ERR(resource))
		return PTR_ERR(resource);

	ret = node_read(pdev, resource);
	if (!ret)
		ret = gunyah_resource_add(resource);
	if (ret) {
		gunyah_resource_remove(resource);
		return ret;
	}

	platform_set_drvdata(pdev, resource);

	return 0;
}

static void dt_resource_remove(struct platform_device *pdev)
{
	gunyah_resource_remove(platform_get_drvdata(pdev));
}

static const struct of_device_id dt_resource_ids[] = {
	{
		.compatible = "qcom,gunyah-doorbell-source",
		.data = (void *)GUNYAH_RESOURCE_DOORBELL_SOURCE,
	},
	{ .compatible = "qcom,gunyah-doorbell", .data = (void *)GUNYAH_RESOURCE_DOORBELL },
	{ .compatible = "qcom,gunyah-message-queue", .data = (void *)GUNYAH_RESOURCE_MSGQ },
	{ }
};
MODULE_DEVICE_TABLE(of, dt_resource_ids);

static struct platform_driver dt_resource_driver = {
	.probe = dt_resource_probe,
	.remove = dt_resource_remove,
	.driver = {
		.name = "gunyah-resource",
		.of_match_table = dt_resource_ids,
	},
};

/**
 * gunyah_dt_resource_init() - register the driver of resource nodes
 *
 * Context: may sleep.
 * Return: 0 or an error of the driver core.
 */
int __init gunyah_dt_resource_init(void)
{
	return platform_driver_register(&dt_resource_driver);
}

/**
 * gunyah_dt_resource_exit() - unregister the driver of resource nodes
 *
 * Context: may sleep.
 */
void gunyah_dt_resource_exit(void)
{
	platform_driver_unregister(&dt_resource_driver);
}
