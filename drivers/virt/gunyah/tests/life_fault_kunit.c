// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VM's life with one allocation of ours failing after the other: nothing is
 * left behind by a call that fails, and it can be made again. The same for the
 * probe of the client, for that of the device everything hangs on, and for what is
 * shared with other VMs.
 */
#include <linux/bits.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/gunyah_rm_vm.h>
#include <linux/jiffies.h>
#include <linux/platform_device.h>
#include <linux/string.h>

#include <kunit/test.h>

#include "../rm.h"
#include "fault.h"
#include "life.h"
#include "live.h"

/* So many nodes the stand-in has at most. */
#define MAX_NODES	32

static void need_faults(struct kunit *test)
{
	if (!fault_possible())
		kunit_skip(test, "allocations that may wait do not fail here");
}

/* Undo a step that went well in spite of a fault. Returns false if that cannot be. */
static bool step_back(struct life_vm *vm, enum life_step step)
{
	switch (step) {
	case LIFE_ALLOC:
		return !life_vm_step(vm, LIFE_DEALLOC);
	case LIFE_LEND:
		return !life_vm_step(vm, LIFE_RECLAIM);
	case LIFE_RESOURCES:
		life_vm_forget_devices(vm);
		return true;
	default:
		return false;
	}
}

/*
 * A step, with a fault at every place in turn, until there is none left. Returns
 * how many there were.
 */
static unsigned int step_with_faults(struct kunit *test, struct life_vm *vm, enum life_step step)
{
	unsigned int nth, endured = 0;
	bool fault;
	int ret;

	for (nth = 1; nth < MAX_FAULTS; nth++) {
		fault_arm(nth);
		ret = life_vm_step(vm, step);
		fault = fault_disarm(nth);
		if (!fault)
			break;

		endured += !ret;
		/* One that there is no way back from is over. */
		if (!ret && !step_back(vm, step))
			break;
		/* Having devices, it does not find those it has no memory for. */
		KUNIT_EXPECT_TRUE_MSG(test, !ret || ret == -ENOMEM || step == LIFE_RESOURCES,
				      "%s: %d", life_step_names[step], ret);
		life_vm_forget_devices(vm);
	}
	KUNIT_EXPECT_EQ_MSG(test, ret, 0, "%s", life_step_names[step]);
	kunit_info(test, "%s: %u faults, %u of them endured\n", life_step_names[step], nth - 1,
		   endured);

	return nth - 1;
}

static void life_faults(struct kunit *test)
{
	struct live *live = test->priv;
	struct life_books before;
	unsigned int nr;
	struct life_vm *vm;

	need_faults(test);
	life_books_read(live, &before);
	vm = life_vm_create(live->rm, &life_small);
	KUNIT_ASSERT_FALSE(test, IS_ERR(vm));
	for (enum life_step step = 0; step < LIFE_NR_STEPS; step++) {
		nr = step_with_faults(test, vm, step);
		/* A request and a record of the parcel; a list and devices. */
		if (step == LIFE_LEND || step == LIFE_RESOURCES)
			KUNIT_EXPECT_GT_MSG(test, nr, 0, "%s", life_step_names[step]);
	}
	KUNIT_EXPECT_EQ(test, life_vm_end(vm), 0);
	KUNIT_EXPECT_TRUE(test, life_vm_free(vm));
	life_books_expect(test, &before, LONG_MAX);
}

/* Unbound, the client is probed with a fault at every place in turn. */
static void life_probe_faults(struct kunit *test)
{
	struct live *live = test->priv;
	struct device *dev;
	unsigned int nth;
	bool fault = true;
	int ret;

	need_faults(test);
	dev = get_device(live->rm->dev);
	for (nth = 1; nth < MAX_FAULTS && fault; nth++) {
		device_release_driver(dev);
		KUNIT_EXPECT_TRUE(test, IS_ERR(gunyah_rm_find()));
		fault_arm(nth);
		ret = device_attach(dev);
		fault = fault_disarm(nth);
	}
	kunit_info(test, "%u faults\n", nth - 2);
	KUNIT_EXPECT_GT(test, nth, 2);
	KUNIT_EXPECT_EQ(test, ret, 1);

	/* The client is another one. */
	gunyah_rm_put(live->rm);
	live->rm = gunyah_rm_find();
	put_device(dev);
	KUNIT_ASSERT_FALSE(test, IS_ERR(live->rm));
}

static int count_child(struct device *dev, void *data)
{
	unsigned int *nr = data;

	/* Not those of attributes' own making, as there are on a wake-up source. */
	*nr += dev->bus && !strcmp(dev->bus->name, "auxiliary");

	return 0;
}

static unsigned int nr_children(struct device *dev)
{
	unsigned int nr = 0;

	device_for_each_child(dev, &nr, count_child);

	return nr;
}

/* The client, as soon as it is bound; it may have to wait for its queue. */
static struct gunyah_rm *find_soon(void)
{
	unsigned long end = jiffies + 20 * HZ;
	struct gunyah_rm *rm = gunyah_rm_find();

	while (IS_ERR(rm) && time_before(jiffies, end)) {
		msleep(20);
		rm = gunyah_rm_find();
	}

	return rm;
}

/*
 * The platform device is probed with a fault at every place in turn, and with it
 * the devices it makes, the queue and the client. Whatever of that fails, nothing
 * is left when it is unbound.
 */
static void life_platform_faults(struct kunit *test)
{
	unsigned int nth, bound = 0, children;
	struct live *live = test->priv;
	struct device *dev;
	bool fault = true;

	need_faults(test);
	dev = get_device(live->rm->dev->parent);
	children = nr_children(dev);
	for (nth = 1; nth < MAX_FAULTS && fault; nth++) {
		device_release_driver(dev);
		KUNIT_EXPECT_TRUE(test, IS_ERR(gunyah_rm_find()));
		KUNIT_EXPECT_EQ_MSG(test, nr_children(dev), 0, "after fault %u", nth - 1);
		fault_arm(nth);
		bound += device_attach(dev) == 1;
		fault = fault_disarm(nth);
		if (!dev->driver)
			KUNIT_EXPECT_EQ_MSG(test, nr_children(dev), 0, "fault %u", nth);
	}
	kunit_info(test, "%u faults, bound in spite of %u of them\n", nth - 2, bound - 1);
	KUNIT_EXPECT_FALSE(test, fault);
	KUNIT_EXPECT_GT(test, nth, 2);
	KUNIT_EXPECT_NOT_NULL(test, dev->driver);

	/* The client is another one. */
	gunyah_rm_put(live->rm);
	live->rm = find_soon();
	KUNIT_EXPECT_EQ(test, nr_children(dev), children);
	put_device(dev);
	KUNIT_ASSERT_FALSE(test, IS_ERR(live->rm));
}

/**
 * struct nodes - devices that are nodes of this VM's own device tree
 * @nr: how many
 * @dev: the devices, each with a reference
 */
struct nodes {
	unsigned int nr;
	struct device *dev[MAX_NODES];
};

static int node_collect(struct device *dev, void *data)
{
	struct nodes *nodes = data;

	if (nodes->nr < MAX_NODES)
		nodes->dev[nodes->nr++] = get_device(dev);

	return 0;
}

static void node_faults(struct kunit *test, struct device *dev)
{
	bool fault = true;
	unsigned int nth;
	int ret = 0;

	for (nth = 1; nth < MAX_FAULTS && fault; nth++) {
		device_release_driver(dev);
		KUNIT_EXPECT_EQ_MSG(test, nr_children(dev), 0, "%s, after fault %u",
				    dev_name(dev), nth - 1);
		fault_arm(nth);
		ret = device_attach(dev);
		fault = fault_disarm(nth);
		KUNIT_EXPECT_EQ_MSG(test, nr_children(dev), ret == 1, "%s, fault %u",
				    dev_name(dev), nth);
	}
	KUNIT_EXPECT_GT_MSG(test, nth, 2, "%s", dev_name(dev));
	KUNIT_EXPECT_EQ_MSG(test, ret, 1, "%s", dev_name(dev));
	kunit_info(test, "%s: %u faults\n", dev_name(dev), nth - 2);
}

/* The same for the nodes of what this VM shares with others, where it has any. */
static void life_node_faults(struct kunit *test)
{
	struct device_driver *drv = driver_find("gunyah-resource", &platform_bus_type);
	struct nodes nodes = {};

	need_faults(test);
	KUNIT_ASSERT_NOT_NULL(test, drv);
	KUNIT_EXPECT_EQ(test, driver_for_each_device(drv, NULL, &nodes, node_collect), 0);
	if (!nodes.nr)
		kunit_skip(test, "there are no such nodes in this machine's device tree");
	for (unsigned int i = 0; i < nodes.nr; i++) {
		node_faults(test, nodes.dev[i]);
		put_device(nodes.dev[i]);
	}
	kunit_info(test, "%u nodes\n", nodes.nr);
}

/* A VM with devices of each kind, on the stand-in. */
static int fault_init(struct kunit *test)
{
	int ret = life_init(test);
	struct live *live = test->priv;
	struct live_reply reply;

	if (ret || !live || !live->debug)
		return ret;

	live_debug(&reply, GM_DBG_VM_CONFIG, GM_DBG_VMCFG_BELLS_RX, 1);
	live_debug(&reply, GM_DBG_VM_CONFIG, GM_DBG_VMCFG_QUEUES, 1);

	return 0;
}

static void fault_exit(struct kunit *test)
{
	struct live *live = test->priv;
	struct live_reply reply;

	if (live && live->debug) {
		live_debug(&reply, GM_DBG_VM_CONFIG, GM_DBG_VMCFG_BELLS_RX, 0);
		live_debug(&reply, GM_DBG_VM_CONFIG, GM_DBG_VMCFG_QUEUES, 0);
	}
	live_exit(test);
}

static struct kunit_case life_fault_cases[] = {
	KUNIT_CASE(life_faults),
	KUNIT_CASE(life_probe_faults),
	KUNIT_CASE_SLOW(life_platform_faults),
	KUNIT_CASE_SLOW(life_node_faults),
	{}
};

struct kunit_suite life_fault_suite = {
	.name = "gunyah-life-fault",
	.init = fault_init,
	.exit = fault_exit,
	.test_cases = life_fault_cases,
};
