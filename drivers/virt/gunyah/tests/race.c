// SPDX-License-Identifier: GPL-2.0-only
/*
 * A data race, to see that it is noticed: on a kernel with KCSAN loading this
 * has to end in a report. There is nothing else to it.
 */
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>

#define RACE_TIME	(5 * HZ)

/* Whoever increments it does so as if there were nobody else. */
static int race_count;

static void race_step(void)
{
	race_count++;
	barrier();
}

static int race_thread(void *data)
{
	while (!kthread_should_stop()) {
		race_step();
		cond_resched();
	}

	return 0;
}

static int __init race_init(void)
{
	unsigned long end = jiffies + RACE_TIME;
	struct task_struct *task;

	task = kthread_run(race_thread, NULL, "gunyah-race");
	if (IS_ERR(task))
		return PTR_ERR(task);

	while (time_before(jiffies, end)) {
		race_step();
		cond_resched();
	}

	return kthread_stop(task);
}
module_init(race_init);

static void __exit race_exit(void)
{
}
module_exit(race_exit);

MODULE_DESCRIPTION("A data race for KCSAN to find");
MODULE_LICENSE("GPL");
