// SPDX-License-Identifier: GPL-2.0-only
/*
 * Answers that come when their caller has gone, on whatever hypervisor there is:
 * the bound of the call is made so short that the resource manager (RM) misses it
 * if it has anything to do. What it made all the same is in the late answer only,
 * and has to be given back: RM has 63 VMs and 64 parcels to give.
 *
 * A call that takes RM longer keeps it from the next, if that is a short one. How
 * often RM is late is a matter of the machine. That nothing is lost is not.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/gunyah_rm_vm.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include <kunit/test.h>

#include "../rm.h"
#include "life.h"
#include "live.h"

/* The shortest there is: it ends with the next tick. */
#define BOUND_MS	1

/* A list in one message of a few fragments, and one in two messages. */
static const struct life_shape few = { .nr_blocks = 1, .entry_size = SZ_64K };
static const struct life_shape many = { .nr_blocks = 1, .entry_size = SZ_4K };

/**
 * struct haste - a step that is given too little time
 * @name: its name
 * @step: the step
 * @shape: the VM
 * @tries: how often
 * @busy: RM has something else to do when it is taken
 */
struct haste {
	const char *name;
	enum life_step step;
	const struct life_shape *shape;
	unsigned int tries;
	bool busy;
};

static const struct haste hastes[] = {
	{ "alloc", LIFE_ALLOC, &life_small, 80, true },
	{ "lend", LIFE_LEND, &few, 80, false },
	{ "lend-list", LIFE_LEND, &many, 10, false },
};

static void haste_desc(const struct haste *haste, char *desc)
{
	strscpy(desc, haste->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(haste, hastes, haste_desc);

/* A VM on its way to @step, or NULL for none. */
static struct life_vm *on_the_way(struct kunit *test, const struct life_shape *shape,
				  enum life_step step)
{
	struct live *live = test->priv;
	struct life_vm *vm = life_vm_create(live->rm, shape);

	if (IS_ERR(vm)) {
		KUNIT_FAIL(test, "no VM: %pe", vm);
		return NULL;
	}
	for (enum life_step i = 0; i < step; i++)
		KUNIT_EXPECT_EQ(test, life_vm_step(vm, i), 0);

	return vm;
}

/* A step with too little time. Returns whether RM was late. */
static bool hurry(struct kunit *test, struct life_vm *vm, enum life_step step)
{
	int ret;

	vm->rm->timeout_ms = BOUND_MS;
	ret = life_vm_step(vm, step);
	vm->rm->timeout_ms = 0;
	KUNIT_EXPECT_TRUE_MSG(test, !ret || ret == -ETIMEDOUT, "%d", ret);

	return ret;
}

static void finish(struct kunit *test, struct life_vm *vm)
{
	if (!vm)
		return;
	if (vm->parcel.unsure)
		KUNIT_EXPECT_EQ(test, life_vm_settle(vm), 0);
	KUNIT_EXPECT_EQ(test, life_vm_end(vm), 0);
	KUNIT_EXPECT_TRUE(test, life_vm_free(vm));
}

/* Returns whether RM was late. */
static bool try(struct kunit *test, const struct haste *haste)
{
	struct life_vm *other = haste->busy ? on_the_way(test, &few, LIFE_LEND) : NULL;
	struct life_vm *vm = on_the_way(test, haste->shape, haste->step);
	struct live *live = test->priv;
	bool late = false;

	if (other)
		hurry(test, other, LIFE_LEND);
	if (vm)
		late = hurry(test, vm, haste->step);
	if (late && haste->step == LIFE_ALLOC)
		KUNIT_EXPECT_TRUE(test, life_wait_for_late(life_last_late(live->rm)));
	flush_delayed_work(&live->rm->stray_work);
	finish(test, vm);
	finish(test, other);

	return late;
}

static void life_late(struct kunit *test)
{
	const struct haste *haste = test->param_value;
	struct live *live = test->priv;
	struct life_books before;
	unsigned int late = 0;

	life_books_read(live, &before);
	for (unsigned int i = 0; i < haste->tries; i++)
		late += try(test, haste);
	life_books_expect(test, &before, LONG_MAX);
	kunit_info(test, "%u of %u answers were late\n", late, haste->tries);
	if (!late)
		kunit_skip(test, "RM was never late");
}

static struct kunit_case life_late_cases[] = {
	KUNIT_CASE_PARAM_ATTR(life_late, haste_gen_params, { .speed = KUNIT_SPEED_SLOW }),
	{}
};

struct kunit_suite life_late_suite = {
	.name = "gunyah-life-late",
	.init = life_init,
	.exit = live_exit,
	.test_cases = life_late_cases,
};
