// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of a VM's states, of how it ends, of what user space may configure, and
 * of the runs its memory is kept in. There is no hypervisor, nor any RM.
 */
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/gunyah_rm.h>
#include <linux/jiffies.h>
#include <linux/kconfig.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uidgid.h>
#include <linux/workqueue.h>

#include "../vm.h"
#include "../vm_mem.h"

static struct gunyah_vm *vm_of(struct kunit *test)
{
	return test->priv;
}

static int vm_test_init(struct kunit *test)
{
	struct gunyah_vm *vm = kunit_kzalloc(test, sizeof(*vm), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, vm);
	gunyah_vm_init(vm);
	test->priv = vm;

	return 0;
}

static void vm_test_exit(struct kunit *test)
{
	cancel_delayed_work_sync(&vm_of(test)->exit_work);
	gunyah_vm_functions_remove(vm_of(test));
}

/* States */

#define NEW		BIT(GUNYAH_VM_NEW)
#define STARTING	BIT(GUNYAH_VM_STARTING)
#define RUNNING		BIT(GUNYAH_VM_RUNNING)
#define EXITED		BIT(GUNYAH_VM_EXITED)
#define LOAD_FAILED	BIT(GUNYAH_VM_LOAD_FAILED)
#define CLOSING		BIT(GUNYAH_VM_CLOSING)
#define CLOSED		BIT(GUNYAH_VM_CLOSED)

/* Where a VM gets from each state, written a second time. */
static const unsigned long legal[] = {
	STARTING | CLOSING, NEW | RUNNING | LOAD_FAILED, EXITED | CLOSING, CLOSING, CLOSING,
	CLOSED, 0,
};

static_assert(ARRAY_SIZE(legal) == GUNYAH_VM_NR_STATES);

static void states_table(struct kunit *test)
{
	struct gunyah_vm *vm = vm_of(test);
	unsigned int from, to;
	bool ok;

	for (from = 0; from < GUNYAH_VM_NR_STATES; from++) {
		/* One more than there are: a number that is no state. */
		for (to = 0; to <= GUNYAH_VM_NR_STATES; to++) {
			vm->state = from;
			ok = gunyah_vm_set_state(vm, to);
			KUNIT_EXPECT_EQ_MSG(test, ok, !!(legal[from] & BIT(to)), "%u to %u",
					    from, to);
			KUNIT_EXPECT_EQ_MSG(test, vm->state, ok ? to : from, "%u to %u", from, to);
			KUNIT_EXPECT_EQ(test, gunyah_vm_ended(vm), vm->state >= GUNYAH_VM_EXITED);
		}
	}
}

static const struct gunyah_vm_exit power_off = {
	.status = GUNYAH_VM_STATUS_EXITED,
	.info = { .type = GUNYAH_VM_EXIT_PSCI_OFF, .reason_size = 2, .reason = { 1, 2 } },
};

static const struct gunyah_vm_exit crash = { .status = GUNYAH_VM_STATUS_CRASHED };

static void expect_exit(struct kunit *test, const struct gunyah_vm_exit *exit)
{
	KUNIT_EXPECT_EQ(test, gunyah_vm_state(vm_of(test)), GUNYAH_VM_EXITED);
	KUNIT_EXPECT_MEMEQ(test, &vm_of(test)->exit, exit, sizeof(*exit));
}

/* Nobody is asked to stop what was never started. */
static void exit_switched_off(struct kunit *test)
{
	struct gunyah_vm *vm = vm_of(test);

	gunyah_vm_switch_off(vm, &power_off);
	KUNIT_EXPECT_EQ(test, gunyah_vm_state(vm), GUNYAH_VM_NEW);
	KUNIT_EXPECT_EQ(test, vm->exit.status, 0);

	/* RM is about to say how it has ended. */
	vm->state = GUNYAH_VM_RUNNING;
	vm->exit_pending = true;
	gunyah_vm_switch_off(vm, &power_off);
	KUNIT_EXPECT_EQ(test, gunyah_vm_state(vm), GUNYAH_VM_RUNNING);

	vm->exit_pending = false;
	gunyah_vm_switch_off(vm, &power_off);
	expect_exit(test, &power_off);
	KUNIT_EXPECT_EQ(test, vm->looking, 0);

	/* What RM says of being stopped comes too late. */
	gunyah_vm_end(vm, &crash);
	gunyah_vm_switch_off(vm, &crash);
	expect_exit(test, &power_off);
}

static void exit_first_counts(struct kunit *test)
{
	struct gunyah_vm *vm = vm_of(test);

	vm->state = GUNYAH_VM_RUNNING;
	gunyah_vm_end(vm, &power_off);
	expect_exit(test, &power_off);
	gunyah_vm_end(vm, &crash);
	expect_exit(test, &power_off);
}

static void exit_while_starting(struct kunit *test)
{
	struct gunyah_vm *vm = vm_of(test);

	vm->state = GUNYAH_VM_STARTING;
	gunyah_vm_end(vm, &power_off);
	KUNIT_EXPECT_EQ(test, gunyah_vm_state(vm), GUNYAH_VM_STARTING);
	gunyah_vm_set_started(vm);
	expect_exit(test, &power_off);
}

static void exit_of_none(struct kunit *test)
{
	static const enum gunyah_vm_state states[] = {
		GUNYAH_VM_NEW, GUNYAH_VM_LOAD_FAILED, GUNYAH_VM_CLOSING, GUNYAH_VM_CLOSED,
	};
	struct gunyah_vm *vm = vm_of(test);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		vm->state = states[i];
		gunyah_vm_end(vm, &power_off);
		gunyah_vm_rm_status(vm, GUNYAH_RM_VM_EXITED);
		KUNIT_EXPECT_EQ(test, vm->state, states[i]);
		KUNIT_EXPECT_EQ(test, vm->exit.status, 0);
		KUNIT_EXPECT_FALSE(test, vm->exit_pending);
	}
}

/* VM_STATUS, then VM_EXITED: the reason is waited for. */
static void exit_with_reason(struct kunit *test)
{
	struct gunyah_vm *vm = vm_of(test);

	vm->state = GUNYAH_VM_RUNNING;
	gunyah_vm_rm_status(vm, GUNYAH_RM_VM_EXITED);
	KUNIT_EXPECT_TRUE(test, vm->exit_pending);
	KUNIT_EXPECT_EQ(test, gunyah_vm_state(vm), GUNYAH_VM_RUNNING);

	gunyah_vm_end(vm, &power_off);
	expect_exit(test, &power_off);
	flush_delayed_work(&vm->exit_work);
	expect_exit(test, &power_off);
}

/* VM_EXITED does not come. */
static void exit_without_reason(struct kunit *test)
{
	static const struct gunyah_vm_exit unknown = { .status = GUNYAH_VM_STATUS_EXITED };
	struct gunyah_vm *vm = vm_of(test);

	vm->state = GUNYAH_VM_RUNNING;
	gunyah_vm_rm_status(vm, GUNYAH_RM_VM_EXITED);
	gunyah_vm_rm_status(vm, GUNYAH_RM_VM_EXITED);
	flush_delayed_work(&vm->exit_work);
	expect_exit(test, &unknown);
}

static void exit_by_status(struct kunit *test)
{
	static const u8 no_end[] = { GUNYAH_RM_VM_RUNNING, GUNYAH_RM_VM_PAUSED };
	static const u8 end[] = {
		GUNYAH_RM_VM_NONE, GUNYAH_RM_VM_INIT_FAILED, GUNYAH_RM_VM_RESETTING,
		GUNYAH_RM_VM_RESET, U8_MAX,
	};
	struct gunyah_vm *vm = vm_of(test);
	size_t i;

	vm->state = GUNYAH_VM_RUNNING;
	for (i = 0; i < ARRAY_SIZE(no_end); i++) {
		gunyah_vm_rm_status(vm, no_end[i]);
		KUNIT_EXPECT_EQ(test, gunyah_vm_state(vm), GUNYAH_VM_RUNNING);
	}

	for (i = 0; i < ARRAY_SIZE(end); i++) {
		vm->state = GUNYAH_VM_STARTING;
		vm->exit = (struct gunyah_vm_exit) { };
		gunyah_vm_rm_status(vm, end[i]);
		KUNIT_EXPECT_EQ(test, gunyah_vm_state(vm), GUNYAH_VM_STARTING);
		KUNIT_EXPECT_EQ(test, vm->exit.status, 0);

		vm->state = GUNYAH_VM_RUNNING;
		gunyah_vm_rm_status(vm, end[i]);
		expect_exit(test, &crash);
	}
}

/* In the place of RM: what it says when it is asked, and how often it was. */
static struct {
	u8 state;
	unsigned int nr;
} answer;

static int query_answer(struct gunyah_vm *vm)
{
	answer.nr++;
	gunyah_vm_rm_status(vm, answer.state);

	return 0;
}

/* A notification from before the VM ran is delivered when it does. */
static void exit_not_by_old_news(struct kunit *test)
{
	static const u8 old[] = {
		GUNYAH_RM_VM_NONE, GUNYAH_RM_VM_LOAD, GUNYAH_RM_VM_AUTH, GUNYAH_RM_VM_INIT,
		GUNYAH_RM_VM_READY, GUNYAH_RM_VM_RESET,
	};
	struct gunyah_vm *vm = vm_of(test);
	size_t i;

	kunit_activate_static_stub(test, gunyah_vm_query_exit, query_answer);
	answer.nr = 0;
	answer.state = GUNYAH_RM_VM_RUNNING;
	vm->state = GUNYAH_VM_STARTING;
	gunyah_vm_rm_told(vm, GUNYAH_RM_VM_READY);
	KUNIT_EXPECT_EQ(test, answer.nr, 0);

	vm->state = GUNYAH_VM_RUNNING;
	for (i = 0; i < ARRAY_SIZE(old); i++) {
		gunyah_vm_rm_told(vm, old[i]);
		KUNIT_EXPECT_EQ_MSG(test, gunyah_vm_state(vm), GUNYAH_VM_RUNNING, "%u", old[i]);
		KUNIT_EXPECT_EQ(test, answer.nr, i + 1);
	}

	/* Unless it is so. */
	answer.state = GUNYAH_RM_VM_RESET;
	gunyah_vm_rm_told(vm, GUNYAH_RM_VM_RESET);
	expect_exit(test, &crash);
}

/* What RM said of an attempt to start is forgotten with the attempt. */
static void exit_of_last_attempt(struct kunit *test)
{
	struct gunyah_vm *vm = vm_of(test);

	vm->state = GUNYAH_VM_STARTING;
	gunyah_vm_end(vm, &power_off);
	KUNIT_EXPECT_TRUE(test, gunyah_vm_set_state(vm, GUNYAH_VM_NEW));
	KUNIT_EXPECT_TRUE(test, gunyah_vm_set_state(vm, GUNYAH_VM_STARTING));
	vm->started = true;
	gunyah_vm_rm_told(vm, GUNYAH_RM_VM_EXITED);
	KUNIT_EXPECT_TRUE(test, vm->exit_pending);
	KUNIT_EXPECT_TRUE(test, gunyah_vm_set_state(vm, GUNYAH_VM_NEW));
	KUNIT_EXPECT_FALSE(test, vm->exit_pending);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&vm->exit_work));

	KUNIT_EXPECT_TRUE(test, gunyah_vm_set_state(vm, GUNYAH_VM_STARTING));
	gunyah_vm_set_started(vm);
	KUNIT_EXPECT_EQ(test, gunyah_vm_state(vm), GUNYAH_VM_RUNNING);
	gunyah_vm_end(vm, &crash);
	expect_exit(test, &crash);
}

/* The VM before this one had the same vmid; what RM told of it comes late. */
static void exit_of_predecessor(struct kunit *test)
{
	struct gunyah_vm *vm = vm_of(test);

	vm->state = GUNYAH_VM_STARTING;
	gunyah_vm_rm_told(vm, GUNYAH_RM_VM_EXITED);
	KUNIT_EXPECT_FALSE(test, vm->exit_pending);
	gunyah_vm_rm_exited(vm, &power_off.info);
	KUNIT_EXPECT_EQ(test, vm->exit.status, 0);
	KUNIT_EXPECT_EQ(test, vm->rm_state, GUNYAH_RM_VM_NONE);

	/* It can end before VM_START is answered. */
	vm->started = true;
	gunyah_vm_rm_told(vm, GUNYAH_RM_VM_EXITED);
	KUNIT_EXPECT_TRUE(test, vm->exit_pending);
	gunyah_vm_rm_exited(vm, &power_off.info);
	KUNIT_EXPECT_EQ(test, vm->rm_state, GUNYAH_RM_VM_EXITED);
	gunyah_vm_set_started(vm);
	expect_exit(test, &power_off);
}

static void load_failed(struct kunit *test)
{
	struct gunyah_vm *vm = vm_of(test);

	vm->state = GUNYAH_VM_STARTING;
	gunyah_vm_end(vm, &power_off);
	gunyah_vm_set_load_failed(vm);
	KUNIT_EXPECT_EQ(test, gunyah_vm_state(vm), GUNYAH_VM_LOAD_FAILED);
	KUNIT_EXPECT_EQ(test, vm->exit.status, GUNYAH_VM_STATUS_LOAD_FAILED);
	KUNIT_EXPECT_EQ(test, vm->exit.info.type, 0);
}

/* The system goes down: VMs end, whoever has them, and take no more functions. */
static void down_all(struct kunit *test)
{
	static const enum gunyah_vm_state from[] = {
		GUNYAH_VM_RUNNING, GUNYAH_VM_EXITED, GUNYAH_VM_LOAD_FAILED,
	};
	struct gunyah_vm *vm = vm_of(test);
	size_t i;

	if (gunyah_vm_any_known())
		kunit_skip(test, "there are VMs that would go");

	for (i = 0; i < ARRAY_SIZE(from); i++) {
		kref_init(&vm->ref);
		vm->state = from[i];
		vm->exit = (struct gunyah_vm_exit) { };
		vm->step = GUNYAH_VM_DOWN_FUNCTIONS;
		vm->going_down = false;
		gunyah_vm_down_track(vm);
		gunyah_vm_down_all();
		KUNIT_EXPECT_EQ_MSG(test, gunyah_vm_state(vm), GUNYAH_VM_CLOSED, "%zu", i);
		KUNIT_EXPECT_EQ(test, vm->step, GUNYAH_VM_DOWN_DONE);
		/* Its files' reference is there, so that close() frees nothing. */
		KUNIT_EXPECT_EQ(test, kref_read(&vm->ref), 2);
		if (from[i] == GUNYAH_VM_RUNNING)
			KUNIT_EXPECT_EQ(test, vm->exit.info.type, GUNYAH_VM_EXIT_FORCED);
		gunyah_vm_down_all();
		KUNIT_EXPECT_EQ(test, kref_read(&vm->ref), 2);
		flush_delayed_work(&vm->down_work);
		list_del(&vm->all_node);
	}

	/* RM does not know it. */
	vm->state = GUNYAH_VM_NEW;
	gunyah_vm_down_track(vm);
	gunyah_vm_down_all();
	KUNIT_EXPECT_EQ(test, gunyah_vm_state(vm), GUNYAH_VM_NEW);
	list_del(&vm->all_node);
}

/* While RM knows a VM there is memory that nobody may read. */
static void any_known(struct kunit *test)
{
	struct gunyah_vm *vm = vm_of(test);
	unsigned int state;

	if (gunyah_vm_any_known())
		kunit_skip(test, "there are others");

	gunyah_vm_down_track(vm);
	for (state = 0; state < GUNYAH_VM_NR_STATES; state++) {
		vm->state = state;
		KUNIT_EXPECT_EQ_MSG(test, gunyah_vm_any_known(),
				    state != GUNYAH_VM_NEW && state != GUNYAH_VM_CLOSED, "%u",
				    state);
	}
	list_del(&vm->all_node);
}

struct look {
	struct gunyah_vm *vm;
	struct delayed_work work;
};

static void look_end(struct work_struct *work)
{
	struct look *look = container_of(to_delayed_work(work), struct look, work);

	scoped_guard(spinlock_irqsave, &look->vm->state_lock)
		look->vm->looking = 0;
}

/*
 * Who is looking for resources while that happens is waited for, and a teardown
 * that has failed for long is tried at once, and soon again.
 */
static void down_all_looking(struct kunit *test)
{
	struct gunyah_vm *vm = vm_of(test);
	struct look look = { .vm = vm };
	bool no_start = gunyah_vm_no_start;

	if (gunyah_vm_any_known())
		kunit_skip(test, "there are VMs that would go");

	vm->looking = 1;
	gunyah_vm_down_track(vm);
	vm->state = GUNYAH_VM_CLOSING;
	vm->going_down = true;
	vm->step = GUNYAH_VM_DOWN_RESOURCES;
	vm->attempts = 14;
	mod_delayed_work(system_wq, &vm->down_work, 0);
	flush_delayed_work(&vm->down_work);
	KUNIT_EXPECT_EQ(test, vm->step, GUNYAH_VM_DOWN_RESOURCES);

	INIT_DELAYED_WORK_ONSTACK(&look.work, look_end);
	schedule_delayed_work(&look.work, HZ / 2);
	WRITE_ONCE(gunyah_vm_no_start, true);
	gunyah_vm_down_all();
	WRITE_ONCE(gunyah_vm_no_start, no_start);
	KUNIT_EXPECT_EQ(test, gunyah_vm_state(vm), GUNYAH_VM_CLOSED);
	flush_delayed_work(&look.work);
	destroy_delayed_work_on_stack(&look.work);
	cancel_delayed_work_sync(&vm->down_work);
	list_del(&vm->all_node);
}

/* In the place of RM: what it says of a VM's parcels, and then has none left. */
static int reclaim_answer;

static int reclaim_answers(struct gunyah_vm *vm)
{
	struct gunyah_vm_region *region;

	if (reclaim_answer == -EBADFD)
		list_for_each_entry(region, &vm->regions, node)
			region->handle = GUNYAH_RM_NO_HANDLE;

	return reclaim_answer;
}

static bool raw_held;

static bool raw_is_held(struct gunyah_rm *rm)
{
	return raw_held;
}

static void add_region(struct kunit *test, u32 handle, u32 unsure)
{
	struct gunyah_vm_region *region = kzalloc(sizeof(*region), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, region);
	region->handle = handle;
	region->unsure = unsure;
	list_add_tail(&region->node, &vm_of(test)->regions);
}

/*
 * A parcel RM keeps, and another one that it never names. The vmid is the second
 * one's, whichever comes to its end first.
 */
static void down_lost_and_kept(struct kunit *test)
{
	struct gunyah_vm *vm = vm_of(test);
	bool lost = gunyah_vm_memory_lost, no_start = gunyah_vm_no_start;

	add_region(test, 7, 0);
	add_region(test, GUNYAH_RM_NO_HANDLE, 1);
	vm->state = GUNYAH_VM_CLOSING;
	vm->going_down = true;
	vm->vmid = 45;
	vm->step = GUNYAH_VM_DOWN_RECLAIM;
	kunit_activate_static_stub(test, gunyah_vm_mem_reclaim, reclaim_answers);
	kunit_activate_static_stub(test, gunyah_rm_raw_held, raw_is_held);

	/* On this thread, where the stub is. What raw mode refuses is no attempt. */
	reclaim_answer = -EBUSY;
	for (int i = !IS_ENABLED(CONFIG_DEBUG_FS); i < 2; i++) {
		vm->attempts = 100;
		raw_held = !i;
		vm->down_work.work.func(&vm->down_work.work);
		cancel_delayed_work_sync(&vm->down_work);
		KUNIT_EXPECT_EQ(test, vm->step, GUNYAH_VM_DOWN_RECLAIM);
		KUNIT_EXPECT_EQ(test, list_count_nodes(&vm->regions), 2);
		KUNIT_EXPECT_FALSE(test, vm->haunted);
		KUNIT_EXPECT_EQ(test, vm->reported, i);
	}

	/* Nor is memory given up in a hurry. */
	reclaim_answer = -EBADFD;
	WRITE_ONCE(gunyah_vm_no_start, true);
	vm->down_work.work.func(&vm->down_work.work);
	WRITE_ONCE(gunyah_vm_no_start, no_start);
	cancel_delayed_work_sync(&vm->down_work);
	KUNIT_EXPECT_EQ(test, vm->step, GUNYAH_VM_DOWN_RECLAIM);
	KUNIT_EXPECT_EQ(test, list_count_nodes(&vm->regions), 1);
	KUNIT_EXPECT_FALSE(test, vm->haunted);

	vm->down_work.work.func(&vm->down_work.work);
	KUNIT_EXPECT_EQ(test, gunyah_vm_state(vm), GUNYAH_VM_CLOSED);
	KUNIT_EXPECT_TRUE(test, list_empty(&vm->regions));
	KUNIT_EXPECT_TRUE(test, vm->haunted);

	/* There is no VM any more, but memory that nobody may read. */
	KUNIT_EXPECT_TRUE(test, gunyah_vm_any_known());
	gunyah_vm_memory_lost = lost;
}

/* Does who wants something for @vm wait until the time is over? */
static bool waits(const struct gunyah_vm *vm, bool locked)
{
	struct gunyah_vm_patience patience;

	gunyah_vm_patience_init(&patience, vm, locked);
	/* Longer than this task may be kept from a CPU: who need not wait is soon back. */
	patience.left = HZ / 2;

	return !gunyah_vm_patience_wait(&patience) && !patience.left;
}

/* VMs of the same user are waited for, or for locked memory those of the process. */
static void patience_whose(struct kunit *test)
{
	struct gunyah_vm *new = kunit_kzalloc(test, sizeof(*new), GFP_KERNEL);
	struct gunyah_vm *vm = vm_of(test);
	struct gunyah_vm_patience patience;

	KUNIT_ASSERT_NOT_NULL(test, new);
	if (gunyah_vm_any_known())
		kunit_skip(test, "there are others");

	vm->state = GUNYAH_VM_CLOSING;
	gunyah_vm_down_track(vm);

	/* Two processes: the pointers are only compared. */
	vm->mm = (struct mm_struct *)vm;
	new->mm = (struct mm_struct *)new;
	KUNIT_EXPECT_TRUE(test, waits(new, false));
	KUNIT_EXPECT_FALSE(test, waits(new, true));
	new->uid = KUIDT_INIT(4711);
	KUNIT_EXPECT_FALSE(test, waits(new, false));
	new->mm = vm->mm;
	KUNIT_EXPECT_TRUE(test, waits(new, true));
	vm->reported = true;
	KUNIT_EXPECT_FALSE(test, waits(new, true));
	vm->reported = false;

	/* However many end meanwhile, the time is over at some time. */
	gunyah_vm_patience_init(&patience, new, true);
	patience.seen--;
	KUNIT_EXPECT_TRUE(test, gunyah_vm_patience_wait(&patience));
	patience.seen--;
	patience.left = 0;
	KUNIT_EXPECT_FALSE(test, gunyah_vm_patience_wait(&patience));

	list_del(&vm->all_node);
}

/* Configuration */

static void config_dtb(struct kunit *test)
{
	static const struct {
		struct gunyah_vm_dtb_config dtb;
		int ret;
		u64 size;
	} rows[] = {
		{ { 0, SZ_4K }, 0, SZ_4K },
		{ { SZ_4K, 1 }, 0, SZ_4K },
		{ { SZ_4K, SZ_4K + 1 }, 0, SZ_8K },
		{ { SZ_4K, 0 }, -EINVAL },
		{ { SZ_2K, SZ_4K }, -EINVAL },
		{ { U64_MAX, 1 }, -EOVERFLOW },
		{ { -SZ_4K, SZ_4K }, -EOVERFLOW },
		{ { SZ_4K, U64_MAX }, -EOVERFLOW },
		{ { 0, U64_MAX }, -EOVERFLOW },
		{ { -SZ_8K, 1 }, 0, SZ_4K },
	};
	struct gunyah_vm *vm = vm_of(test);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		vm->config.dtb = (struct gunyah_rm_range) { };
		KUNIT_EXPECT_EQ_MSG(test, gunyah_vm_set_dtb(vm, &rows[i].dtb), rows[i].ret,
				    "row %zu", i);
		KUNIT_EXPECT_EQ_MSG(test, vm->config.dtb.size, rows[i].size, "row %zu", i);
	}
}

static void config_boot_context(struct kunit *test)
{
	struct gunyah_vm *vm = vm_of(test);
	struct gunyah_vm_boot_context context = { .value = U64_MAX };
	unsigned int good = 0;

	for (context.reg = 0; context.reg < 0x10000; context.reg++)
		good += !gunyah_vm_set_boot_context(vm, &context);

	KUNIT_EXPECT_EQ(test, good, GUNYAH_VM_NR_REGS);
	KUNIT_EXPECT_EQ(test, vm->config.regs_set, GENMASK_ULL(GUNYAH_VM_NR_REGS - 1, 0));
	KUNIT_EXPECT_EQ(test, vm->config.regs[GUNYAH_VM_NR_REGS - 1], U64_MAX);

	context.reg = BIT(16);
	KUNIT_EXPECT_EQ(test, gunyah_vm_set_boot_context(vm, &context), -EINVAL);
	context.reg = U32_MAX;
	KUNIT_EXPECT_EQ(test, gunyah_vm_set_boot_context(vm, &context), -EINVAL);
}

static void config_states(struct kunit *test)
{
	static const int dtb_ret[] = { 0, -EBUSY, -EBUSY, -ENODEV, -ENODEV, -ENODEV, -ENODEV };
	struct gunyah_vm_boot_context context = { .reg = 3 };
	struct gunyah_vm_dtb_config dtb = { .size = SZ_4K };
	struct gunyah_vm_firmware_config fw = { .size = SZ_4K };
	struct gunyah_auth_desc auth = { .type = GUNYAH_AUTH_ANDROID_PVM };
	struct gunyah_vm *vm = vm_of(test);
	unsigned int state;

	static_assert(ARRAY_SIZE(dtb_ret) == GUNYAH_VM_NR_STATES);

	for (state = 0; state < GUNYAH_VM_NR_STATES; state++) {
		vm->state = state;
		KUNIT_EXPECT_EQ(test, gunyah_vm_set_dtb(vm, &dtb), dtb_ret[state]);
		KUNIT_EXPECT_EQ(test, gunyah_vm_set_firmware(vm, &fw), dtb_ret[state]);
		KUNIT_EXPECT_EQ(test, gunyah_vm_set_auth(vm, &auth), dtb_ret[state]);
		KUNIT_EXPECT_EQ(test, gunyah_vm_set_boot_context(vm, &context),
				dtb_ret[state] ? -EINVAL : 0);
	}
}

/* Runs */

static void runs_coalesce(struct kunit *test)
{
	struct gunyah_vm_runs runs = { };

	KUNIT_EXPECT_EQ(test, gunyah_vm_runs_add(&runs, SZ_1M, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, gunyah_vm_runs_add(&runs, SZ_1M + SZ_4K, SZ_8K), 0);
	KUNIT_EXPECT_EQ(test, runs.nr, 1);
	KUNIT_EXPECT_EQ(test, runs.entries[0].size, SZ_4K + SZ_8K);

	/* Before, again, and with a hole: none continues the last one. */
	KUNIT_EXPECT_EQ(test, gunyah_vm_runs_add(&runs, SZ_1M - SZ_4K, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, gunyah_vm_runs_add(&runs, SZ_1M - SZ_4K, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, gunyah_vm_runs_add(&runs, SZ_1M + SZ_4K, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, runs.nr, 4);
	KUNIT_EXPECT_EQ(test, runs.entries[0].base, SZ_1M);

	gunyah_vm_runs_free(&runs);
	KUNIT_EXPECT_EQ(test, runs.nr, 0);
}

/* Scattered: one entry per page, in order, and room for all of them. */
static void runs_scattered(struct kunit *test)
{
	struct gunyah_vm_runs runs = { };
	u64 total = 0;
	size_t i;

	for (i = 0; i < 5000; i++)
		KUNIT_ASSERT_EQ(test, gunyah_vm_runs_add(&runs, i * SZ_8K, SZ_4K), 0);

	KUNIT_EXPECT_EQ(test, runs.nr, 5000);
	KUNIT_EXPECT_GE(test, runs.max, runs.nr);
	KUNIT_EXPECT_LT(test, runs.max, 2 * runs.nr);
	for (i = 0; i < runs.nr; i++) {
		KUNIT_ASSERT_EQ(test, runs.entries[i].base, i * SZ_8K);
		total += runs.entries[i].size;
	}
	KUNIT_EXPECT_EQ(test, total, 5000 * SZ_4K);

	gunyah_vm_runs_free(&runs);
}

/* 1 GiB in pages that are neighbours is one entry, in no more memory than that. */
static void runs_contiguous(struct kunit *test)
{
	struct gunyah_vm_runs runs = { };
	u64 base;

	for (base = 0; base < SZ_1G; base += SZ_4K)
		KUNIT_ASSERT_EQ(test, gunyah_vm_runs_add(&runs, base, SZ_4K), 0);

	KUNIT_EXPECT_EQ(test, runs.nr, 1);
	KUNIT_EXPECT_EQ(test, runs.max, 16);
	KUNIT_EXPECT_EQ(test, runs.entries[0].size, SZ_1G);

	gunyah_vm_runs_free(&runs);
}

static struct kunit_case vm_cases[] = {
	KUNIT_CASE(states_table),
	KUNIT_CASE(exit_first_counts),
	KUNIT_CASE(exit_switched_off),
	KUNIT_CASE(exit_while_starting),
	KUNIT_CASE(exit_of_none),
	KUNIT_CASE(exit_with_reason),
	KUNIT_CASE(exit_without_reason),
	KUNIT_CASE(exit_by_status),
	KUNIT_CASE(exit_not_by_old_news),
	KUNIT_CASE(exit_of_last_attempt),
	KUNIT_CASE(exit_of_predecessor),
	KUNIT_CASE(load_failed),
	KUNIT_CASE(down_all),
	KUNIT_CASE(down_all_looking),
	KUNIT_CASE(down_lost_and_kept),
	KUNIT_CASE(any_known),
	KUNIT_CASE(patience_whose),
	KUNIT_CASE(config_dtb),
	KUNIT_CASE(config_boot_context),
	KUNIT_CASE(config_states),
	KUNIT_CASE(runs_coalesce),
	KUNIT_CASE(runs_scattered),
	KUNIT_CASE(runs_contiguous),
	{ }
};

static struct kunit_suite vm_suite = {
	.name = "gunyah_vm",
	.init = vm_test_init,
	.exit = vm_test_exit,
	.test_cases = vm_cases,
};

kunit_test_suite(vm_suite);

MODULE_DESCRIPTION("KUnit tests for Gunyah virtual machines");
MODULE_LICENSE("GPL");
MODULE_INFO(import_ns, "EXPORTED_FOR_KUNIT_TESTING");
