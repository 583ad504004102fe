// SPDX-License-Identifier: GPL-2.0-only
/*
 * The whole life of a VM, by the calls of the resource manager (RM): allocate,
 * lend, configure, initialise, find the devices, start, stop, reset, reclaim,
 * deallocate. On the real hypervisor and on the stand-in; without one of them
 * everything skips.
 */
#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/err.h>
#include <linux/gunyah_rm_vm.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include <kunit/test.h>

#include "../rm.h"
#include "life.h"
#include "live.h"

/* In one boot. KUnit gives a test 300 s, and the real hypervisor may need them. */
#define NR_CYCLES	200
#define BATCH		10

/* A page every few cycles would be a leak; some are for the kernel itself. */
#define PAGE_NOISE	(NR_CYCLES / 4)

/* States of which RM notifies on the way; LOAD and NONE it keeps to itself. */
#define STATES_ON_THE_WAY						\
	(BIT(GUNYAH_RM_VM_INIT) | BIT(GUNYAH_RM_VM_READY) |		\
	 BIT(GUNYAH_RM_VM_RUNNING) | BIT(GUNYAH_RM_VM_EXITED) |		\
	 BIT(GUNYAH_RM_VM_RESETTING) | BIT(GUNYAH_RM_VM_RESET))

/* 64 MiB in one request, and in one and another that is appended. */
static const struct life_shape whole = { .nr_blocks = 16, .entry_size = LIFE_BLOCK_SIZE };
/* The hypervisor may need seconds for the second, so it is the rarer one. */
static const struct life_shape appended = { .nr_blocks = 16, .entry_size = SZ_8K };

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
	/* RM has told of all states; so shall have we. */
	flush_workqueue(rm->notify.wq);
	virq = vm->virq;
	states = vm->states;
	KUNIT_EXPECT_TRUE(test, life_vm_free(vm));
	if (ret)
		return 0;
	KUNIT_EXPECT_EQ(test, states & STATES_ON_THE_WAY, STATES_ON_THE_WAY);

	return virq;
}

/* Before the first batch, with which the last one is compared, too. */
static struct life_books at_start;
static u32 virq_at_start;

static void life_cycles(struct kunit *test)
{
	const unsigned int *end = test->param_value;
	struct live *live = test->priv;
	u64 notes;
	u32 virq;

	if (*end == BATCH) {
		/* What is allocated once and for all is allocated now. */
		virq_at_start = cycle(test, live->rm, &whole);
		life_books_read(live, &at_start);
		memset(step_us, 0, sizeof(step_us));
	}
	KUNIT_ASSERT_NE(test, virq_at_start, 0);

	notes = notes_of(live->rm);
	for (unsigned int i = 0; i < BATCH; i++) {
		virq = cycle(test, live->rm, i == BATCH / 2 ? &appended : &whole);
		KUNIT_ASSERT_EQ(test, virq, virq_at_start);
		cond_resched();
	}
	/* Six states, the exit, and the memory that is released. */
	KUNIT_EXPECT_GE(test, notes_of(live->rm) - notes, 8 * BATCH);
	life_books_expect(test, &at_start, PAGE_NOISE);
	if (*end < NR_CYCLES)
		return;

	for (enum life_step step = 0; step < LIFE_NR_STEPS; step++)
		kunit_info(test, "%s: %llu us\n", life_step_names[step],
			   div_u64(step_us[step], NR_CYCLES));
}

static void cycles_desc(const unsigned int *end, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u cycles", *end);
}

static const unsigned int cycle_ends[] = {
	10, 20, 30, 40, 50, 60, 70, 80, 90, 100,
	110, 120, 130, 140, 150, 160, 170, 180, 190, NR_CYCLES,
};

static_assert(ARRAY_SIZE(cycle_ends) == NR_CYCLES / BATCH);

KUNIT_ARRAY_PARAM(cycles, cycle_ends, cycles_desc);

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
	KUNIT_CASE_PARAM_ATTR(life_cycles, cycles_gen_params, { .speed = KUNIT_SPEED_SLOW }),
	{}
};

static struct kunit_suite life_suite = {
	.name = "gunyah-life",
	.init = life_init,
	.exit = live_exit,
	.test_cases = life_cases,
};

kunit_test_suites(&life_suite, &life_state_suite, &life_matrix_suite, &life_late_suite,
		  &life_fault_suite, &life_touch_suite);

MODULE_INFO(import_ns, "EXPORTED_FOR_KUNIT_TESTING");
MODULE_DESCRIPTION("Gunyah tests of a VM's life on a running hypervisor");
MODULE_LICENSE("GPL");
