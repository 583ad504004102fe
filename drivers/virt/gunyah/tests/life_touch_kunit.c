// SPDX-License-Identifier: GPL-2.0-only
/*
 * What becomes of a task of the kernel that touches lent memory. The stand-in
 * answers with a synchronous external abort, like the real hypervisor, and arm64
 * has no way out of that, not even for copy_from_kernel_nofault(): it is an oops,
 * and the task is gone. All others go on, and so does the VM.
 *
 * An oops taints the kernel and fails whoever reads the log, so that the tests
 * skip unless the module parameter "touch" is set.
 */
#include <linux/completion.h>
#include <linux/container_of.h>
#include <linux/err.h>
#include <linux/kdebug.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/notifier.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <kunit/test.h>

#include "life.h"
#include "live.h"

static bool touch;
module_param(touch, bool, 0444);
MODULE_PARM_DESC(touch, "have the kernel touch lent memory, which is an oops");

/**
 * struct toucher - a task that touches memory
 * @block: tells of an oops
 * @access: how
 * @at: what
 * @value: what was read
 * @task: the task
 * @done: it has touched, or died of it
 * @str: what the kernel says it died of, NULL if it lives
 */
struct toucher {
	struct notifier_block block;
	void (*access)(struct toucher *toucher);
	u32 *at;
	u32 value;
	struct task_struct *task;
	struct completion done;
	const char *str;
};

static void access_read(struct toucher *toucher)
{
	toucher->value = READ_ONCE(*toucher->at);
}

static void access_write(struct toucher *toucher)
{
	WRITE_ONCE(*toucher->at, toucher->value);
}

static void access_nofault(struct toucher *toucher)
{
	if (copy_from_kernel_nofault(&toucher->value, toucher->at, sizeof(toucher->value)))
		toucher->value = 0;
}

/* In the task that dies, which does not come back from here. */
static int toucher_dies(struct notifier_block *block, unsigned long event, void *data)
{
	struct toucher *toucher = container_of(block, struct toucher, block);
	const struct die_args *args = data;

	if (event != DIE_OOPS || current != READ_ONCE(toucher->task))
		return NOTIFY_DONE;
	toucher->str = args->str;
	complete(&toucher->done);

	return NOTIFY_OK;
}

static int toucher_main(void *data)
{
	struct toucher *toucher = data;

	toucher->access(toucher);
	complete(&toucher->done);

	return 0;
}

/* Returns what the kernel says it died of, NULL if it lived, or an ERR_PTR. */
static const char *toucher_run(struct toucher *toucher)
{
	int ret;

	toucher->block.notifier_call = toucher_dies;
	toucher->str = NULL;
	init_completion(&toucher->done);
	toucher->task = kthread_create(toucher_main, toucher, "gunyah-toucher");
	if (IS_ERR(toucher->task))
		return ERR_CAST(toucher->task);
	/* The task may be gone before it is looked at again. */
	get_task_struct(toucher->task);
	ret = register_die_notifier(&toucher->block);
	if (ret) {
		kthread_stop(toucher->task);
		put_task_struct(toucher->task);
		return ERR_PTR(ret);
	}

	wake_up_process(toucher->task);
	wait_for_completion(&toucher->done);
	kthread_stop(toucher->task);
	put_task_struct(toucher->task);
	unregister_die_notifier(&toucher->block);

	return toucher->str;
}

static const struct touch_way {
	const char *name;
	void (*access)(struct toucher *toucher);
} touch_ways[] = {
	{ "read", access_read },
	{ "write", access_write },
	{ "copy_from_kernel_nofault", access_nofault },
};

static void way_desc(const struct touch_way *way, char *desc)
{
	strscpy(desc, way->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(way, touch_ways, way_desc);

/* Memory that the VM has, as its owner sees it. */
static void touch_lent(struct kunit *test, struct toucher *toucher)
{
	const char *str = toucher_run(toucher);

	KUNIT_ASSERT_FALSE(test, IS_ERR(str));
	KUNIT_EXPECT_STREQ(test, str ?: "(nothing)", "synchronous external abort");
	KUNIT_EXPECT_NE(test, toucher->value, 0x01010101);
}

static void life_touch(struct kunit *test)
{
	const struct touch_way *way = test->param_value;
	struct live *live = test->priv;
	struct toucher toucher = { .access = way->access };
	struct life_books before;
	enum life_step step;
	struct life_vm *vm;

	if (!touch)
		kunit_skip(test, "an oops; only with touch=1");
	/* The public one leaves what it should split a block for. */
	live_need_debug(test);
	life_books_read(live, &before);
	vm = life_vm_create(live->rm, &life_small);
	KUNIT_ASSERT_FALSE(test, IS_ERR(vm));
	toucher.at = page_address(vm->blocks[0]) + PAGE_SIZE - sizeof(u32);

	for (step = 0; step < LIFE_NR_STEPS; step++) {
		KUNIT_EXPECT_EQ_MSG(test, life_vm_step(vm, step), 0, "%s",
				    life_step_names[step]);
		if (step == LIFE_LEND || step == LIFE_START)
			touch_lent(test, &toucher);
	}

	/* What life_vm_step() found there again is there for everybody. */
	toucher.access = access_nofault;
	KUNIT_EXPECT_NULL(test, toucher_run(&toucher));
	KUNIT_EXPECT_EQ(test, toucher.value, 0x01010101);
	KUNIT_EXPECT_EQ(test, life_vm_end(vm), 0);
	KUNIT_EXPECT_TRUE(test, life_vm_free(vm));
	life_books_expect(test, &before, LONG_MAX);
}

static struct kunit_case life_touch_cases[] = {
	KUNIT_CASE_PARAM(life_touch, way_gen_params),
	{}
};

struct kunit_suite life_touch_suite = {
	.name = "gunyah-life-touch",
	.init = life_init,
	.exit = live_exit,
	.test_cases = life_touch_cases,
};
