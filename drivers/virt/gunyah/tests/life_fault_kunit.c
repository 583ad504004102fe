// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VM's life with one allocation of ours failing after the other: nothing is
 * left behind by a call that fails, and it can be made again.
 *
 * Needs a kernel with failslab, told not to spare those who may wait
 * (ignore-gfp-wait in debugfs); elsewhere the tests skip.
 */
#include <linux/bits.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/gunyah_rm_vm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include <kunit/test.h>

#include "../rm.h"
#include "life.h"
#include "live.h"

/* No call makes as many allocations. */
#define MAX_FAULTS	2000

#ifdef CONFIG_FAULT_INJECTION

static void fault_arm(unsigned int nth)
{
	WRITE_ONCE(current->fail_nth, nth);
}

/* Returns true if there was a fault. */
static bool fault_disarm(unsigned int nth)
{
	unsigned int left = READ_ONCE(current->fail_nth);

	WRITE_ONCE(current->fail_nth, 0);

	return nth && !left;
}

#else

static void fault_arm(unsigned int nth) { }
static bool fault_disarm(unsigned int nth) { return false; }

#endif

static void need_faults(struct kunit *test)
{
	void *probe;

	fault_arm(1);
	probe = kmalloc(sizeof(u64), GFP_KERNEL);
	fault_disarm(1);
	if (probe)
		kunit_skip(test, "allocations that may wait do not fail here");
	kfree(probe);
}

/* A step, with a fault at every place in turn. Returns how many there were. */
static unsigned int step_with_faults(struct kunit *test, struct life_vm *vm, enum life_step step)
{
	unsigned int nth;
	bool fault;
	int ret;

	for (nth = 1; nth < MAX_FAULTS; nth++) {
		fault_arm(nth);
		ret = life_vm_step(vm, step);
		fault = fault_disarm(nth);
		if (!ret)
			break;

		/* Having devices, it does not find those it has no memory for. */
		KUNIT_EXPECT_TRUE_MSG(test, fault, "%s: %d without a fault",
				      life_step_names[step], ret);
		KUNIT_EXPECT_TRUE_MSG(test, ret == -ENOMEM || step == LIFE_RESOURCES,
				      "%s: %d", life_step_names[step], ret);
		life_vm_forget_devices(vm);
		if (!fault)
			break;
	}
	KUNIT_EXPECT_EQ_MSG(test, ret, 0, "%s", life_step_names[step]);

	return nth - 1;
}

static void life_faults(struct kunit *test)
{
	struct live *live = test->priv;
	struct life_books before;
	unsigned int nr = 0, all = 0;
	struct life_vm *vm;

	need_faults(test);
	life_books_read(live, &before);
	vm = life_vm_create(live->rm, &life_small);
	KUNIT_ASSERT_FALSE(test, IS_ERR(vm));
	for (enum life_step step = 0; step < LIFE_NR_STEPS; step++) {
		nr = step_with_faults(test, vm, step);
		kunit_info(test, "%s: %u faults\n", life_step_names[step], nr);
		all += nr;
	}
	KUNIT_EXPECT_GT(test, all, 0);
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

static struct kunit_case life_fault_cases[] = {
	KUNIT_CASE(life_faults),
	KUNIT_CASE(life_probe_faults),
	{}
};

struct kunit_suite life_fault_suite = {
	.name = "gunyah-life-fault",
	.init = life_init,
	.exit = live_exit,
	.test_cases = life_fault_cases,
};
