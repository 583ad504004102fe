// SPDX-License-Identifier: GPL-2.0-only
/*
 * The platform driver of the resource-manager (RM) node.
 *
 * The node says which two message queues lead to RM. This driver checks that a
 * Gunyah hypervisor is there, reads the node and creates two devices: the queue
 * pair, for the mailbox controller, and the client, which waits for it. It does
 * nothing else, so that it never has to wait and never has to be undone in
 * parts.
 *
 * The client is a sibling of the queue pair: a device link, which the client
 * makes, orders the two, and there can be none between a device and one of its
 * ancestors.
 */
#include <linux/auxiliary_bus.h>
#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_platform.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "rm.h"
#include "rm_resource.h"

/**
 * struct rm_platform - a bound RM node
 * @info: the hypervisor
 * @msgq: the queue pair
 * @client: the client
 */
struct rm_platform {
	struct gunyah_hyp_info info;
	struct gunyah_msgq_device *msgq;
	struct gunyah_rm_client_device *client;
};

static ssize_t api_version_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct rm_platform *rmp = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%u\n", gunyah_hyp_api_version(&rmp->info));
}
static DEVICE_ATTR_RO(api_version);

static ssize_t variant_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct rm_platform *rmp = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%#x\n", gunyah_hyp_variant(&rmp->info));
}
static DEVICE_ATTR_RO(variant);

static ssize_t features_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct rm_platform *rmp = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%#llx\n", rmp->info.flags[0]);
}
static DEVICE_ATTR_RO(features);

static struct attribute *hypervisor_attrs[] = {
	&dev_attr_api_version.attr,
	&dev_attr_variant.attr,
	&dev_attr_features.attr,
	NULL
};

static const struct attribute_group hypervisor_group = {
	.name = "hypervisor",
	.attrs = hypervisor_attrs,
};

static const struct attribute_group *rm_platform_groups[] = {
	&hypervisor_group,
	NULL
};

static int node_read(struct platform_device *pdev, struct gunyah_msgq_device *msgq)
{
	u64 caps[2];
	int ret;

	/* Two capability ids; neither is an address and there is no size. */
	ret = of_property_read_variable_u64_array(pdev->dev.of_node, "reg", caps, 2, 2);
	if (ret < 0)
		return dev_err_probe(&pdev->dev, ret, "reg is not two 64-bit numbers\n");

	return gunyah_dt_read_pair(pdev, caps, GUNYAH_RM_FRAG_SIZE, msgq);
}

static void msgq_release(struct device *dev)
{
	kfree(to_gunyah_msgq_device(to_auxiliary_dev(dev)));
}

/* The queue pair, initialised but not added. From here on put_device() frees it. */
static struct gunyah_msgq_device *msgq_create(struct platform_device *pdev)
{
	struct gunyah_msgq_device *msgq;
	int ret;

	msgq = kzalloc(sizeof(*msgq), GFP_KERNEL);
	if (!msgq)
		return ERR_PTR(-ENOMEM);

	ret = node_read(pdev, msgq);

	msgq->adev.name = "msgq";
	msgq->adev.dev.parent = &pdev->dev;
	msgq->adev.dev.release = msgq_release;
	if (!ret)
		ret = auxiliary_device_init(&msgq->adev);
	if (ret) {
		kfree(msgq);
		return ERR_PTR(ret);
	}

	return msgq;
}

static void client_release(struct device *dev)
{
	struct gunyah_rm_client_device *client =
		container_of(to_auxiliary_dev(dev), struct gunyah_rm_client_device, adev);

	put_device(&client->msgq->adev.dev);
	kfree(client);
}

/* The client, initialised but not added. From here on put_device() frees it. */
static struct gunyah_rm_client_device *client_create(struct platform_device *pdev,
						     struct gunyah_msgq_device *msgq)
{
	struct gunyah_rm_client_device *client;
	int ret;

	client = kzalloc(sizeof(*client), GFP_KERNEL);
	if (!client)
		return ERR_PTR(-ENOMEM);

	client->adev.name = "client";
	client->adev.dev.parent = &pdev->dev;
	client->adev.dev.release = client_release;
	ret = auxiliary_device_init(&client->adev);
	if (ret) {
		kfree(client);
		return ERR_PTR(ret);
	}

	get_device(&msgq->adev.dev);
	client->msgq = msgq;

	return client;
}

static void auxiliary_destroy(struct auxiliary_device *adev)
{
	auxiliary_device_delete(adev);
	auxiliary_device_uninit(adev);
}

static int rm_platform_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct rm_platform *rmp;
	int ret;

	rmp = devm_kzalloc(dev, sizeof(*rmp), GFP_KERNEL);
	if (!rmp)
		return -ENOMEM;

	/* Only now that a node has matched: elsewhere HVC is undefined. */
	ret = gunyah_hypervisor_detect(&rmp->info);
	if (ret)
		return dev_err_probe(dev, ret, ret == -EPROTO ?
				     "the hypervisor has another call interface\n" :
				     "there is no Gunyah hypervisor\n");

	platform_set_drvdata(pdev, rmp);

	rmp->msgq = msgq_create(pdev);
	if (IS_ERR(rmp->msgq))
		return PTR_ERR(rmp->msgq);

	rmp->client = client_create(pdev, rmp->msgq);
	if (IS_ERR(rmp->client)) {
		ret = PTR_ERR(rmp->client);
		goto err_msgq;
	}

	ret = auxiliary_device_add(&rmp->msgq->adev);
	if (ret)
		goto err_client;

	ret = auxiliary_device_add(&rmp->client->adev);
	if (ret)
		goto err_msgq_added;

	gunyah_rm_debugfs_hypervisor(&rmp->info);

	return 0;

err_msgq_added:
	auxiliary_device_delete(&rmp->msgq->adev);
err_client:
	auxiliary_device_uninit(&rmp->client->adev);
err_msgq:
	auxiliary_device_uninit(&rmp->msgq->adev);
	return dev_err_probe(dev, ret, "cannot add the devices behind the node\n");
}

static void rm_platform_remove(struct platform_device *pdev)
{
	struct rm_platform *rmp = platform_get_drvdata(pdev);

	gunyah_rm_debugfs_hypervisor(NULL);
	auxiliary_destroy(&rmp->client->adev);
	auxiliary_destroy(&rmp->msgq->adev);
}

static const struct of_device_id rm_platform_ids[] = {
	{ .compatible = "gunyah-resource-manager" },
	{ }
};
MODULE_DEVICE_TABLE(of, rm_platform_ids);

/*
 * The node is inside the hypervisor's, of which its binding does not make a bus:
 * where firmware has not added "simple-bus" nobody else makes devices of what is
 * in it. The outer node's own device has this module loaded.
 */
MODULE_ALIAS("of:N*T*Cgunyah-hypervisor");
MODULE_ALIAS("of:N*T*Cgunyah-hypervisorC*");

/* The outer node's device, with a reference, if it was made a bus here. */
static struct device *rm_bus;

static void rm_bus_populate(void)
{
	struct device_node *node __free(device_node) =
		of_find_compatible_node(NULL, NULL, rm_platform_ids[0].compatible);
	struct device_node *outer __free(device_node) = of_get_parent(node);
	struct platform_device *pdev;
	int ret;

	if (!outer || of_node_check_flag(outer, OF_POPULATED_BUS))
		return;

	pdev = of_find_device_by_node(outer);
	if (!pdev)
		return;

	rm_bus = &pdev->dev;
	ret = of_platform_populate(outer, NULL, NULL, rm_bus);
	if (ret)
		dev_warn(rm_bus, "no devices of the nodes in it: %d\n", ret);
}

static void rm_bus_depopulate(void)
{
	if (!rm_bus)
		return;

	of_platform_depopulate(rm_bus);
	put_device(rm_bus);
	rm_bus = NULL;
}

static struct platform_driver rm_platform_driver = {
	.probe = rm_platform_probe,
	.remove = rm_platform_remove,
	.driver = {
		.name = "gunyah-rm",
		.of_match_table = rm_platform_ids,
		.dev_groups = rm_platform_groups,
	},
};

static int __init gunyah_rm_init(void)
{
	int ret;

	gunyah_rm_debugfs_init();

	ret = auxiliary_driver_register(&gunyah_rm_client_driver);
	if (ret)
		goto err_debugfs;

	/* Before RM is asked: what its lists have as well is in the tree already. */
	ret = gunyah_dt_resource_init();
	if (ret)
		goto err_client;

	ret = platform_driver_register(&rm_platform_driver);
	if (ret)
		goto err_dt_resource;

	rm_bus_populate();

	return 0;

err_dt_resource:
	gunyah_dt_resource_exit();
err_client:
	auxiliary_driver_unregister(&gunyah_rm_client_driver);
err_debugfs:
	gunyah_rm_debugfs_exit();
	return ret;
}
module_init(gunyah_rm_init);

static void __exit gunyah_rm_exit(void)
{
	rm_bus_depopulate();
	platform_driver_unregister(&rm_platform_driver);
	gunyah_dt_resource_exit();
	auxiliary_driver_unregister(&gunyah_rm_client_driver);
	/* A work item puts the link's references, which calls our release(). */
	device_link_wait_removal();
	gunyah_rm_debugfs_exit();
}
module_exit(gunyah_rm_exit);

MODULE_DESCRIPTION("Gunyah resource manager");
MODULE_LICENSE("GPL");
