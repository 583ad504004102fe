// SPDX-License-Identifier: GPL-2.0-only
/*
 * The whole life of a VM, by the calls of the resource manager (RM): allocate,
 * lend, configure, initialise, find the devices, start, stop, reset, reclaim,
 * deallocate. On the real hypervisor and on the stand-in; without one of them
 * everything skips.
 */
#include <linux/bits.h>
#include <linux/err.h>
#include <linux/gunyah_rm_vm.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/sched.h>

#include <kunit/test.h>

#include "../rm.h"
#include "life.h"
#include "live.h"

static unsigned int cycles = 200;
module_param(cycles, uint, 0444);
MODULE_PARM_DESC(cycles, "VMs that are made and taken apart (default 200)");

/*
 * A page for each cycle would be a leak; some of the free ones are on lists of
 * a CPU, where they are not counted.
 */
#define PAGE_NOISE	100

/* States of which RM notifies on the way; LOAD and NONE it keeps to itself. */
#define STATES_ON_THE_WAY						\
	(BIT(GUNYAH_RM_VM_INIT) | BIT(GUNYAH_RM_VM_READY) |		\
	 BIT(GUNYAH_RM_VM_RUNNING) | BIT(GUNYAH_RM_VM_EXITED) |		\
	 BIT(GUNYAH_RM_VM_RESETTING) | BIT(GUNYAH_RM_VM_RESET))

/* 64 MiB in one request, and in one and another that is appended. */
static const struct life_shape whole = { .nr_blocks = 16, .entry_size = LIFE_BLOCK_SIZE };
static const struct life_shape appended = { .nr_blocks = 16, .entry_size = SZ_8K };

/* Every so many have the second shape: the hypervisor needs seconds for it. */
#define APPENDED_EVERY	10

static const struct life_shape *shape_of(unsigned int nr)
{
	return nr % APPENDED_EVERY == APPENDED_EVERY / 2 ? &appended : &whole;
}

static u64 notes_of(struct gunyah_rm *rm)
{
	return READ_ONCE(rm->counters[RM_CTR_NOTIFICATIONS]);
}

/* Time that the steps took together, for those who wait. */
static u64 step_us[LIFE_NR_STEPS];

static int timed_step(struct life_vm *vm, enum life_step step)
{
	ktime_t start = ktime_get();
	int ret = life_vm_step(vm, step);

	step_us[step] += ktime_us_delta(ktime_get(), start);

	return ret;
}

/* One life. Returns its vCPU's interrupt, 0 after a failure. */
static u32 cycle(struct kunit *test, struct gunyah_rm *rm, const struct life_shape *shape)
{
	struct life_vm *vm = life_vm_create(rm, shape);
	enum life_step step;
	unsigned long states;
	int ret = 0, end;
	u32 virq;

	if (IS_ERR(vm)) {
		KUNIT_FAIL(test, "no memory: %pe", vm);
		return 0;
	}

	for (step = 0; step < LIFE_NR_STEPS; step++) {
		ret = timed_step(vm, step);
		if (ret)
			break;
	}
	if (ret)
		KUNIT_FAIL(test, "%s: %d", life_step_names[step], ret);

	end = life_vm_end(vm);
	if (end)
		KUNIT_FAIL(test, "end: %d", end);
	virq = vm->virq;
	states = vm->states;
	KUNIT_EXPECT_TRUE(test, life_vm_free(vm));
	if (ret)
		return 0;
	KUNIT_EXPECT_EQ(test, states & STATES_ON_THE_WAY, STATES_ON_THE_WAY);

	return virq;
}

static void life_cycles(struct kunit *test)
{
	struct live *live = test->priv;
	struct life_books before;
	u32 virq, first = 0;
	unsigned int nr;
	u64 notes;

	/* What is allocated once and for all is allocated now. */
	first = cycle(test, live->rm, &whole);
	KUNIT_ASSERT_NE(test, first, 0);

	notes = notes_of(live->rm);
	life_books_read(live, &before);
	memset(step_us, 0, sizeof(step_us));
	for (nr = 0; nr < cycles; nr++) {
		virq = cycle(test, live->rm, shape_of(nr));
		if (!virq)
			break;
		KUNIT_EXPECT_EQ(test, virq, first);
		cond_resched();
	}
	life_books_expect(test, &before, PAGE_NOISE);
	for (enum life_step step = 0; step < LIFE_NR_STEPS; step++)
		kunit_info(test, "%s: %llu us\n", life_step_names[step],
			   div_u64(step_us[step], nr));
	kunit_info(test, "%llu notifications\n", notes_of(live->rm) - notes);
}

static void step_desc(const enum life_step *step, char *desc)
{
	strscpy(desc, life_step_names[*step], KUNIT_PARAM_DESC_SIZE);
}

static const enum life_step last_steps[] = {
	LIFE_ALLOC, LIFE_LEND, LIFE_CONFIGURE, LIFE_INIT, LIFE_RESOURCES, LIFE_START,
	LIFE_STOP, LIFE_RESET, LIFE_GONE, LIFE_RECLAIM, LIFE_DEALLOC,
};

KUNIT_ARRAY_PARAM(step, last_steps, step_desc);

/* It can be got rid of after any step. */
static void life_cut(struct kunit *test)
{
	const enum life_step *last = test->param_value;
	struct live *live = test->priv;
	struct life_books before;
	struct life_vm *vm;

	life_books_read(live, &before);
	vm = life_vm_create(live->rm, &life_small);
	KUNIT_ASSERT_FALSE(test, IS_ERR(vm));
	for (enum life_step step = 0; step <= *last; step++)
		KUNIT_EXPECT_EQ_MSG(test, life_vm_step(vm, step), 0, "%s",
				    life_step_names[step]);
	KUNIT_EXPECT_EQ(test, life_vm_end(vm), 0);
	KUNIT_EXPECT_TRUE(test, life_vm_free(vm));
	life_books_expect(test, &before, LONG_MAX);
}

static struct kunit_case life_cases[] = {
	KUNIT_CASE_PARAM(life_cut, step_gen_params),
	KUNIT_CASE_SLOW(life_cycles),
	{}
};

static struct kunit_suite life_suite = {
	.name = "gunyah-life",
	.init = life_init,
	.exit = live_exit,
	.test_cases = life_cases,
};

kunit_test_suite(life_suite);

MODULE_INFO(import_ns, "EXPORTED_FOR_KUNIT_TESTING");
MODULE_DESCRIPTION("Gunyah tests of a VM's life on a running hypervisor");
MODULE_LICENSE("GPL");
