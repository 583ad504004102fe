// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VM's life when the resource manager (RM) misbehaves: one test per call,
 * with each misbehaviour, on the stand-in. A parcel with a list that does not fit
 * in a message is made by two calls, and each of them is one.
 *
 * What each misbehaviour does is in the table at the top of the model's
 * misbehave.c. Here the call that is spoiled ends with the errno in the table
 * below, the VM can be got rid of all the same, and nothing is left behind but
 * what nobody can know of: a VM or a parcel whose name was in an answer that
 * never came. Those are taken away behind the driver's back, and the books have
 * to be right then.
 */
#include <linux/array_size.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/gunyah_rm_vm.h>
#include <linux/jiffies.h>
#include <linux/sizes.h>
#include <linux/time64.h>
#include <linux/unaligned.h>

#include <kunit/test.h>

#include "../rm.h"
#include "../rm_rpc.h"
#include "life.h"
#include "live.h"

/*
 * The bound of a call that is to time out. Its answer comes when the test lets
 * it: that much later it would come by itself.
 */
#define BOUND_MS	50
/*
 * The same where it takes time to send it, or calls before and after it have to
 * work. A list of 512 entries gets five times as much.
 */
#define LONG_BOUND_MS	200
#define LATE_MS		(60 * 60 * MSEC_PER_SEC)

#define ERROR_BUSY	31
#define PRIMARY_VMID	3
/* Handles ascend from 0; so many parcels are not made in a run. */
#define MAX_HANDLE	4096

/**
 * struct spoil - a misbehaviour
 * @name: its name
 * @what: GM_MIS_*
 * @arg: its argument
 * @expect: how the call ends
 * @done: RM has done what it was asked to
 * @late: and says so, if much later
 */
struct spoil {
	const char *name;
	u8 what;
	u32 arg;
	int expect;
	bool done;
	bool late;
};

static const struct spoil spoils[] = {
	{ "refuse", GM_MIS_REFUSE, 0, -EPERM, false, false },
	{ "refuse-send", GM_MIS_REFUSE, ERROR_BUSY, -EIO, false, false },
	{ "delay", GM_MIS_DELAY, LATE_MS, -ETIMEDOUT, true, true },
	{ "drop-irq", GM_MIS_DROP_IRQ, 0, 0, true, false },
	{ "double-irq", GM_MIS_DOUBLE_IRQ, 0, 0, true, false },
	{ "reorder", GM_MIS_REORDER, LATE_MS, -ETIMEDOUT, true, true },
	{ "truncate", GM_MIS_TRUNCATE, 0, -EBADMSG, true, false },
	{ "corrupt-header", GM_MIS_CORRUPT, 0, -ETIMEDOUT, true, false },
	{ "corrupt-type", GM_MIS_CORRUPT, 1, -ETIMEDOUT, true, false },
	{ "corrupt-status", GM_MIS_CORRUPT, 3, -EOPNOTSUPP, true, false },
	{ "duplicate", GM_MIS_DUPLICATE, 0, 0, true, false },
	{ "foreign-seq", GM_MIS_FOREIGN, 0, -ETIMEDOUT, true, false },
	{ "foreign-id", GM_MIS_FOREIGN, 1, -ETIMEDOUT, true, false },
	{ "silent", GM_MIS_SILENT, 0, -ETIMEDOUT, true, false },
	{ "noheap", GM_MIS_NOHEAP, 0, -ETIMEDOUT, false, false },
};

/* So many ranges that each of the two messages has dozens of fragments. */
static const struct life_shape listed = { .nr_blocks = 1, .entry_size = SZ_4K };

/**
 * struct target - a call that is spoiled
 * @name: its name
 * @step: the step that makes it
 * @id: its message id. After a loss others look again at what they know: theirs
 *	are not spoiled
 * @kind: GM_KIND_*
 * @shape: the VM
 * @bound_ms: time for a call of @step when this one is to time out
 */
struct target {
	const char *name;
	enum life_step step;
	u32 id;
	u8 kind;
	const struct life_shape *shape;
	unsigned int bound_ms;
};

#define TARGET(_name, _step, _id) \
	{ _name, LIFE_##_step, RM_##_id, GM_KIND_SINGLE, &life_small, BOUND_MS }

static const struct target targets[] = {
	TARGET("alloc", ALLOC, VM_ALLOCATE),
	TARGET("lend", LEND, MEM_LEND),
	TARGET("configure", CONFIGURE, VM_CONFIG_IMAGE),
	TARGET("init", INIT, VM_INIT),
	TARGET("resources", RESOURCES, VM_GET_HYP_RESOURCES),
	TARGET("start", START, VM_START),
	TARGET("stop", STOP, VM_STOP),
	TARGET("reset", RESET, VM_RESET),
	TARGET("reclaim", RECLAIM, MEM_RECLAIM),
	TARGET("dealloc", DEALLOC, VM_DEALLOCATE),
	/* Of a parcel in two messages, the first and the second. */
	{ "lend-list", LIFE_LEND, RM_MEM_LEND, GM_KIND_MULTI_REQUEST, &listed, LONG_BOUND_MS },
	{ "append-list", LIFE_LEND, RM_MEM_APPEND, GM_KIND_MULTI_REQUEST, &listed, LONG_BOUND_MS },
};

static void target_desc(const struct target *target, char *desc)
{
	strscpy(desc, target->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(target, targets, target_desc);

/* RM does a thing for the primary VM of which its client does not know. */
static u32 behind(u32 id, u32 size, u64 first, u64 second)
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = GM_DBG_CALL,
		.a1 = GM_DBG_RM_AS,
		.a2 = PRIMARY_VMID,
		.a3 = id,
		.a4 = size,
		.a5 = first | second << 32,
	};

	gunyah_conduit_call(&regs, &regs);

	return regs.a0 ? U32_MAX : regs.a1;
}

/* A VM that RM has allocated and of which nobody was told: the only one. */
static void take_vm_away(struct kunit *test, struct gunyah_rm *rm)
{
	/* The number that RM picks next is the one behind it. */
	int vmid = gunyah_rm_alloc_vmid(rm, 0);

	KUNIT_ASSERT_GT(test, vmid, 1);
	KUNIT_EXPECT_EQ(test, gunyah_rm_dealloc_vmid(rm, vmid), 0);
	KUNIT_EXPECT_EQ(test, behind(RM_VM_DEALLOCATE, 4, vmid - 1, 0), 0);
}

/* A parcel that RM has made and of which nobody was told. */
static void take_parcel_away(struct kunit *test, struct life_vm *vm, const struct spoil *spoil)
{
	unsigned int found = 0;

	for (u32 handle = 0; handle < MAX_HANDLE; handle++)
		found += !behind(RM_MEM_RECLAIM, 8, handle, 0);
	KUNIT_EXPECT_EQ(test, found, spoil->done);

	/* Now it is known what became of it. */
	gunyah_rm_parcel_refused(vm->rm, vm->parcel.unsure);
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_settle(vm->rm, vm->parcel.unsure), 0);
	vm->parcel.unsure = 0;
}

/* What the client gives back by itself, once it has heard of it. */
static void wait_for_stray(struct live *live, const struct life_books *before)
{
	unsigned long end = jiffies + 60 * HZ;
	struct life_books now;

	do {
		msleep(20);
		flush_delayed_work(&live->rm->stray_work);
		life_books_read(live, &now);
	} while (memcmp(now.model, before->model, sizeof(now.model)) &&
		 time_before(jiffies, end));
}

static int spoiled_step(struct kunit *test, struct life_vm *vm, const struct target *target,
			const struct spoil *spoil)
{
	struct live *live = test->priv;
	struct live_reply reply;
	u64 hits;
	int ret;

	live_debug(&reply, GM_DBG_MISBEHAVE_HITS, spoil->what, target->kind);
	hits = reply.x[1];
	live_debug(&reply, GM_DBG_MISBEHAVE, spoil->what, target->kind, 1, spoil->arg, target->id);
	if (spoil->expect == -ETIMEDOUT)
		live->rm->timeout_ms = target->bound_ms;
	ret = life_vm_step(vm, target->step);
	live->rm->timeout_ms = 0;
	live_debug(&reply, GM_DBG_MISBEHAVE_HITS, spoil->what, target->kind);
	KUNIT_EXPECT_EQ_MSG(test, reply.x[1], hits + 1, "%s was not spoiled", target->name);
	live_debug(&reply, GM_DBG_MISBEHAVE_CLEAR);

	return ret;
}

/*
 * A status that is wrong can not be told from one that is right. So RM has the
 * memory, and the driver says that it has not: nothing but trouble.
 */
static bool is_hopeless(const struct target *target, const struct spoil *spoil)
{
	return spoil->expect == -EOPNOTSUPP &&
	       (target->id == RM_VM_ALLOCATE || target->id == RM_MEM_LEND);
}

static void spoil_call(struct kunit *test, const struct target *target, const struct spoil *spoil)
{
	struct live *live = test->priv;
	struct life_vm *vm = life_vm_create(live->rm, target->shape);
	bool alloc = target->step == LIFE_ALLOC;
	struct life_books before;

	KUNIT_ASSERT_FALSE(test, IS_ERR(vm));
	life_books_read(live, &before);
	for (enum life_step step = 0; step < target->step; step++)
		KUNIT_EXPECT_EQ_MSG(test, life_vm_step(vm, step), 0, "%s, before %s",
				    life_step_names[step], spoil->name);
	KUNIT_EXPECT_EQ_MSG(test, spoiled_step(test, vm, target, spoil), spoil->expect, "%s",
			    spoil->name);

	KUNIT_EXPECT_EQ_MSG(test, life_vm_end(vm), 0, "end after %s", spoil->name);
	if (vm->parcel.unsure && spoil->late)
		KUNIT_EXPECT_EQ(test, life_vm_settle(vm), 0);
	else if (vm->parcel.unsure)
		take_parcel_away(test, vm, spoil);
	if (alloc && spoil->late)
		wait_for_stray(live, &before);
	else if (alloc && spoil->expect && spoil->done)
		take_vm_away(test, live->rm);
	life_books_expect(test, &before, LONG_MAX);
	KUNIT_EXPECT_TRUE(test, life_vm_free(vm));
}

static void life_spoiled(struct kunit *test)
{
	const struct target *target = test->param_value;

	live_need_debug(test);
	for (size_t i = 0; i < ARRAY_SIZE(spoils); i++)
		if (!is_hopeless(target, &spoils[i]))
			spoil_call(test, target, &spoils[i]);
}

/* Notifications are spoiled as well, and nobody needs more than one of them. */
static const struct spoil note_spoils[] = {
	{ "refuse", GM_MIS_REFUSE },
	{ "delay", GM_MIS_DELAY, 20 },
	{ "drop-irq", GM_MIS_DROP_IRQ },
	{ "double-irq", GM_MIS_DOUBLE_IRQ },
	{ "reorder", GM_MIS_REORDER, 20 },
	{ "truncate", GM_MIS_TRUNCATE },
	{ "corrupt-header", GM_MIS_CORRUPT, 0 },
	{ "corrupt-count", GM_MIS_CORRUPT, 2 },
	{ "duplicate", GM_MIS_DUPLICATE },
	{ "foreign", GM_MIS_FOREIGN },
	{ "silent", GM_MIS_SILENT },
	{ "noheap", GM_MIS_NOHEAP },
};

static void note_desc(const struct spoil *spoil, char *desc)
{
	strscpy(desc, spoil->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(note, note_spoils, note_desc);

static void life_spoiled_notes(struct kunit *test)
{
	const struct spoil *spoil = test->param_value;
	struct live *live = test->priv;
	struct life_books before;
	struct live_reply reply;
	struct life_vm *vm;

	live_need_debug(test);
	life_books_read(live, &before);
	vm = life_vm_create(live->rm, &life_small);
	KUNIT_ASSERT_FALSE(test, IS_ERR(vm));
	live_debug(&reply, GM_DBG_MISBEHAVE, spoil->what, GM_KIND_NOTIFICATION, ~0ull,
		   spoil->arg);
	for (enum life_step step = 0; step < LIFE_NR_STEPS; step++)
		KUNIT_EXPECT_EQ_MSG(test, life_vm_step(vm, step), 0, "%s",
				    life_step_names[step]);
	live_debug(&reply, GM_DBG_MISBEHAVE_CLEAR);
	KUNIT_EXPECT_EQ(test, life_vm_end(vm), 0);
	KUNIT_EXPECT_TRUE(test, life_vm_free(vm));
	life_books_expect(test, &before, LONG_MAX);
}

/* Every call of a client whose RM is dead, and how often that is reported. */
static void life_rm_death(struct kunit *test)
{
	struct live *live = test->priv;
	struct gunyah_rm *rm = live->rm;
	struct gunyah_rm_vm_status status;
	struct rm_late_call *late;
	struct life_books before;
	struct live_reply reply;
	struct life_vm *vm;

	live_need_debug(test);
	life_books_read(live, &before);
	vm = life_vm_create(rm, &life_small);
	KUNIT_ASSERT_FALSE(test, IS_ERR(vm));
	for (enum life_step step = 0; step <= LIFE_START; step++)
		KUNIT_EXPECT_EQ(test, life_vm_step(vm, step), 0);

	KUNIT_ASSERT_EQ(test, live_debug(&reply, GM_DBG_RM, GM_RM_DEAD), 0);
	rm->timeout_ms = BOUND_MS;
	for (enum life_step step = LIFE_CONFIGURE; step <= LIFE_DEALLOC; step++)
		if (step != LIFE_GONE && step != LIFE_RESOURCES)
			KUNIT_EXPECT_EQ_MSG(test, life_vm_step(vm, step), -ETIMEDOUT, "%s",
					    life_step_names[step]);
	KUNIT_EXPECT_EQ(test, gunyah_rm_get_state(rm, vm->vmid, &status), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, gunyah_rm_alloc_vmid(rm, 0), -ETIMEDOUT);
	/*
	 * RM, with room for one answer that it can not get rid of, drops all but
	 * the last: so the one that matters comes last.
	 */
	late = life_last_late(rm);
	/* It says so once. */
	KUNIT_EXPECT_TRUE(test, READ_ONCE(rm->silent));
	rm->timeout_ms = 0;

	KUNIT_ASSERT_EQ(test, live_debug(&reply, GM_DBG_RM, GM_RM_ALIVE), 0);
	KUNIT_EXPECT_TRUE(test, life_wait_for_late(late));
	KUNIT_EXPECT_EQ(test, life_vm_end(vm), 0);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(rm->silent));
	KUNIT_EXPECT_TRUE(test, life_vm_free(vm));
	wait_for_stray(live, &before);
	life_books_expect(test, &before, LONG_MAX);
}

static struct kunit_case life_matrix_cases[] = {
	KUNIT_CASE_PARAM(life_spoiled, target_gen_params),
	KUNIT_CASE_PARAM(life_spoiled_notes, note_gen_params),
	KUNIT_CASE_SLOW(life_rm_death),
	{}
};

struct kunit_suite life_matrix_suite = {
	.name = "gunyah-life-matrix",
	.init = life_init,
	.exit = live_exit,
	.test_cases = life_matrix_cases,
};
