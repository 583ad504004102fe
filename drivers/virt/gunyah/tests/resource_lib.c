// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists of resources that a test writes itself, over the model.
 *
 * The doorbells and queues are the model's, so that hypercalls and interrupts
 * are real; the list that names them is the test's, so that it can say anything.
 */
#include <linux/err.h>
#include <linux/kref.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <kunit/device.h>
#include <kunit/resource.h>
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <kunit/test-bug.h>
#include <kunit/visibility.h>

#include "../rm.h"
#include "../rm_irq.h"
#include "../rm_resource.h"
#include "resource_test.h"

/* In the place of a call of the resource manager, in the test's own thread. */
static int rt_list(struct gunyah_rm *rm, u16 vmid, struct gunyah_rm_resources **list)
{
	struct rt *rt = kunit_get_current_test()->priv;
	struct gunyah_rm_resources *copy;
	size_t size = struct_size(copy, entries, rt->list->nr);

	if (rt->error)
		return rt->error;

	copy = kvzalloc(size, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	copy->nr = rt->list->nr;
	memcpy(copy->entries, rt->list->entries, size - sizeof(*copy));
	*list = copy;

	return 0;
}

static void rt_remove_domain(void *domain)
{
	struct fwnode_handle *fwnode = ((struct irq_domain *)domain)->fwnode;

	irq_domain_remove(domain);
	irq_domain_free_fwnode(fwnode);
}

static struct irq_domain *rt_domain(struct rt *rt)
{
	struct fwnode_handle *fwnode = irq_domain_alloc_named_fwnode("gunyah-resource-kunit");
	struct irq_domain *domain;

	KUNIT_ASSERT_NOT_NULL(rt->test, fwnode);
	domain = gunyah_rm_irq_domain_create_above(rt->host->domain, fwnode);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(rt->test, domain);
	KUNIT_ASSERT_EQ(rt->test, kunit_add_action_or_reset(rt->test, rt_remove_domain, domain),
			0);

	return domain;
}

static void rt_free_rm(void *rm)
{
	kvfree(rm);
}

/* For a suite's .init; @options for the model. */
int rt_init(struct kunit *test, const char *options)
{
	struct rt *rt = kunit_kzalloc(test, sizeof(*rt), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rt);
	test->priv = rt;
	rt->test = test;
	rt->host = gunyah_model_start(test, options);
	gunyah_model_set_manual(rt->host, true);
	rt->dev = kunit_device_register(test, "gunyah-resource-kunit");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, rt->dev);

	rt->rm = kvzalloc(sizeof(*rt->rm), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, rt->rm);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, rt_free_rm, rt->rm), 0);
	kref_init(&rt->rm->ref);
	rt->rm->dev = rt->dev;
	rt->rm->virqs = rt_domain(rt);

	rt->list = kunit_kzalloc(test, struct_size(rt->list, entries, RT_MAX_ENTRIES),
				 GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, rt->list);
	kunit_activate_static_stub(test, gunyah_rm_resources_list, rt_list);

	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(rt_init);

/* For a suite's .exit. */
void rt_exit(struct kunit *test)
{
	struct rt *rt = test->priv;

	/* A test that was skipped may not have come so far. */
	if (!rt || !rt->rm)
		return;

	rt_del(rt);
	KUNIT_EXPECT_EQ(test, kref_read(&rt->rm->ref), 1);
}
EXPORT_SYMBOL_IF_KUNIT(rt_exit);

struct rt_bell rt_bell_new(struct rt *rt)
{
	u64 r[6];

	KUNIT_ASSERT_EQ(rt->test, gunyah_model_debug(rt->host, GM_DBG_DOORBELL_CREATE, 0, 0, 0, 0,
						     r), 0);

	return (struct rt_bell){ .tx_cap = r[0], .rx_cap = r[1], .rx_virq = r[2] };
}
EXPORT_SYMBOL_IF_KUNIT(rt_bell_new);

void rt_bell_info(struct rt *rt, u64 cap, u64 *flags, u64 *enable, u64 *ack)
{
	u64 r[6] = {};

	KUNIT_EXPECT_EQ(rt->test, gunyah_model_debug(rt->host, GM_DBG_DOORBELL_INFO, cap, 0, 0, 0,
						     r), 0);
	if (flags)
		*flags = r[0];
	if (enable)
		*enable = r[1];
	if (ack)
		*ack = r[2];
}
EXPORT_SYMBOL_IF_KUNIT(rt_bell_info);

/* The peer rings; callable from any thread. Returns the flags before. */
u64 rt_bell_ring(struct rt *rt, u64 rx_cap, u64 flags)
{
	u64 r[6] = {};

	gunyah_model_debug(rt->host, GM_DBG_DOORBELL_RING, rx_cap, flags, 0, 0, r);

	return r[0];
}
EXPORT_SYMBOL_IF_KUNIT(rt_bell_ring);

/* Appends an entry; the partner is the VM itself. */
struct gunyah_rm_resource *rt_entry(struct rt *rt, u8 type, u32 label, u64 capid, u32 virq)
{
	struct gunyah_rm_resource *entry = &rt->list->entries[rt->list->nr];

	KUNIT_ASSERT_LT(rt->test, rt->list->nr, RT_MAX_ENTRIES);
	rt->list->nr++;
	*entry = (struct gunyah_rm_resource){
		.type = type,
		.partner = RT_VMID,
		.label = label,
		.capid = capid,
		.virq = virq,
	};

	return entry;
}
EXPORT_SYMBOL_IF_KUNIT(rt_entry);

void rt_add(struct rt *rt)
{
	struct gunyah_rm_resource_set *set = gunyah_rm_resources_add(rt->rm, RT_VMID);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(rt->test, set);
	rt->set = set;
}
EXPORT_SYMBOL_IF_KUNIT(rt_add);

void rt_del(struct rt *rt)
{
	if (rt->set)
		gunyah_rm_resources_del(rt->set);
	rt->set = NULL;
}
EXPORT_SYMBOL_IF_KUNIT(rt_del);

static void rt_put_device(void *dev)
{
	put_device(dev);
}

/* The device, which stays in memory until the test ends. */
struct auxiliary_device *rt_find(struct rt *rt, enum gunyah_resource_kind kind, u32 label)
{
	struct auxiliary_device *adev = gunyah_resource_find(RT_VMID, kind, label);

	KUNIT_ASSERT_NOT_NULL(rt->test, adev);
	KUNIT_ASSERT_EQ(rt->test, kunit_add_action_or_reset(rt->test, rt_put_device, &adev->dev),
			0);

	return adev;
}
EXPORT_SYMBOL_IF_KUNIT(rt_find);

bool rt_has(enum gunyah_resource_kind kind, u32 label)
{
	struct auxiliary_device *adev = gunyah_resource_find(RT_VMID, kind, label);

	if (adev)
		put_device(&adev->dev);

	return adev;
}
EXPORT_SYMBOL_IF_KUNIT(rt_has);

void rt_expect_stats(struct rt *rt, u64 devices, u64 late, u64 doubled, u64 malformed,
		     u64 unknown)
{
	struct gunyah_rm_resource_stats stats;

	gunyah_rm_resources_stats(rt->set, &stats);
	KUNIT_EXPECT_EQ(rt->test, stats.devices, devices);
	KUNIT_EXPECT_EQ(rt->test, stats.late, late);
	KUNIT_EXPECT_EQ(rt->test, stats.doubled, doubled);
	KUNIT_EXPECT_EQ(rt->test, stats.malformed, malformed);
	KUNIT_EXPECT_EQ(rt->test, stats.unknown, unknown);
}
EXPORT_SYMBOL_IF_KUNIT(rt_expect_stats);

MODULE_DESCRIPTION("Lists of resources for KUnit tests of Gunyah");
MODULE_LICENSE("GPL");
MODULE_INFO(import_ns, "EXPORTED_FOR_KUNIT_TESTING");
