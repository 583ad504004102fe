// SPDX-License-Identifier: GPL-2.0-only
/* What is not a macro of the kernel in user space; see kernel.h. */
#include <stdarg.h>
#include <stdio.h>

#include "kernel.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/allocator_interface.h>
#include <sanitizer/asan_interface.h>
#define HAVE_ASAN
#endif
#endif

/* More than this the kernel would not have either; a lie about a count is. */
#define ERESTARTSYS	512

#define MAX_ALLOC	(16u << 20)

#define NR_DELAYED	4

struct task_struct {
	int unused;
};

static struct task_struct only_task;
struct task_struct *current = &only_task;

unsigned long jiffies;
unsigned int kernel_spinlocks;

static long nr_allocs;
static struct workqueue_struct *workqueue;
static struct workqueue_struct long_wq;
struct workqueue_struct *system_long_wq = &long_wq;
static unsigned int sleepers, works;
static struct delayed_work *delayed[NR_DELAYED];

void *kernel_alloc(size_t size, bool zero)
{
	void *p = NULL;

	if (size <= MAX_ALLOC && !kernel_alloc_fails())
		p = zero ? calloc(1, size ? size : 1) : malloc(size ? size : 1);
	if (p)
		nr_allocs++;

	return p;
}

void kfree(const void *p)
{
	if (!p)
		return;

	nr_allocs--;
#ifdef HAVE_ASAN
	/* The fuzzer poisons what nobody has written. */
	if (__sanitizer_get_ownership(p))
		ASAN_UNPOISON_MEMORY_REGION(p, __sanitizer_get_allocated_size(p));
#endif
	free((void *)p);
}

bool queue_work(struct workqueue_struct *wq, struct work_struct *work)
{
	bool fresh = !work->pending;

	KERNEL_ASSERT(!wq->work || wq->work == work);
	wq->work = work;
	work->pending = true;

	return fresh;
}

static bool queue_run(struct workqueue_struct *wq)
{
	struct work_struct *work = wq ? wq->work : NULL;

	if (!work || !work->pending || wq->running)
		return false;

	wq->running = true;
	works++;
	work->pending = false;
	work->fn(work);
	works--;
	wq->running = false;

	return true;
}

/*
 * Run what is queued. Work that takes long waits for those who made calls
 * before it; there is one stack, so it cannot run on top of one of them.
 * Return: false if there was nothing.
 */
bool kernel_work_run(void)
{
	bool ran;

	KERNEL_ASSERT(!kernel_spinlocks);
	ran = queue_run(workqueue);

	return (!sleepers && queue_run(system_long_wq)) || ran;
}

bool cancel_work_sync(struct work_struct *work)
{
	bool pending = work->pending;

	might_sleep();
	KERNEL_ASSERT(!long_wq.running);
	work->pending = false;
	long_wq.work = NULL;

	return pending;
}

struct workqueue_struct *kernel_workqueue(void)
{
	workqueue = kernel_alloc(sizeof(*workqueue), true);

	return workqueue;
}

void destroy_workqueue(struct workqueue_struct *wq)
{
	while (queue_run(wq))
		;
	kfree(wq);
	workqueue = NULL;
}

bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *work,
			unsigned long delay)
{
	unsigned int i;

	if (work->pending || work->work.pending)
		return false;

	work->wq = wq;
	if (wq && !delay)
		return queue_work(wq, &work->work);

	for (i = 0; delayed[i]; i++)
		KERNEL_ASSERT(i < NR_DELAYED - 1);
	delayed[i] = work;
	work->pending = true;
	work->expires = jiffies + delay;

	return true;
}

bool cancel_delayed_work(struct delayed_work *work)
{
	unsigned int i;

	for (i = 0; i < NR_DELAYED; i++) {
		if (delayed[i] != work)
			continue;
		delayed[i] = NULL;
		work->pending = false;
		return true;
	}

	return false;
}

bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *work,
		      unsigned long delay)
{
	bool pending = cancel_delayed_work(work);

	queue_delayed_work(wq, work, delay);

	return pending;
}

bool cancel_delayed_work_sync(struct delayed_work *work)
{
	bool pending = cancel_delayed_work(work);

	return (work->wq && cancel_work_sync(&work->work)) || pending;
}

/* Time goes on, and what was to be done until then is done. */
void kernel_time_pass(unsigned long ticks)
{
	unsigned int i;

	jiffies += ticks;
	for (i = 0; i < NR_DELAYED; i++) {
		struct delayed_work *work = delayed[i];

		if (!work || (long)(work->expires - jiffies) > 0)
			continue;
		cancel_delayed_work(work);
		if (work->wq)
			queue_work(work->wq, &work->work);
		else
			work->work.fn(&work->work);
	}
}

/* What happened meanwhile; nobody kills a kernel thread. */
static enum kernel_event sleep(void)
{
	enum kernel_event event;

	might_sleep();
	sleepers++;
	event = kernel_sleep();
	sleepers--;

	return event == KERNEL_EVENT_KILL && works ? KERNEL_EVENT_SOME : event;
}

int wait_for_completion_killable(struct completion *c)
{
	might_sleep();
	while (!c->done) {
		switch (sleep()) {
		case KERNEL_EVENT_KILL:
			return -ERESTARTSYS;
		case KERNEL_EVENT_TIME:
			/* Whom it waits for has a bound, and it has waited so long. */
			kernel_time_pass(3600 * 1000);
			KERNEL_ASSERT(c->done);
			break;
		default:
			break;
		}
	}
	c->done--;

	return 0;
}

/* Whom a signal does not wake. */
long wait_for_completion_timeout(struct completion *c, unsigned long timeout)
{
	might_sleep();
	while (!c->done) {
		if (sleep() != KERNEL_EVENT_TIME)
			continue;
		kernel_time_pass(timeout);
		return 0;
	}
	c->done--;
	return 1;
}

long wait_for_completion_killable_timeout(struct completion *c, unsigned long timeout)
{
	might_sleep();
	while (!c->done) {
		switch (sleep()) {
		case KERNEL_EVENT_KILL:
			return -ERESTARTSYS;
		case KERNEL_EVENT_TIME:
			kernel_time_pass(timeout);
			return 0;
		default:
			break;
		}
	}
	c->done--;

	return timeout ? timeout : 1;
}

void dev_warn(const struct device *dev, const char *fmt, ...)
{
	char line[256];
	va_list args;

	KERNEL_ASSERT(dev);
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
}

int param_set_uint_minmax(const char *val, const struct kernel_param *kp, unsigned int min,
			  unsigned int max)
{
	unsigned long value = strtoul(val, NULL, 0);

	if (value < min || value > max)
		return -EINVAL;
	*(unsigned int *)kp->arg = value;

	return 0;
}

int param_get_uint(char *buf, const struct kernel_param *kp)
{
	return sprintf(buf, "%u\n", *(unsigned int *)kp->arg);
}

u16 get_random_u16(void)
{
	return kernel_random();
}

/* Before each input of the fuzzer. */
void kernel_reset(void)
{
	jiffies = 1000;
	kernel_spinlocks = 0;
	nr_allocs = 0;
	workqueue = NULL;
	memset(&long_wq, 0, sizeof(long_wq));
	memset(delayed, 0, sizeof(delayed));
}

/* Return: true if nothing is left: no memory, no lock, no work. */
bool kernel_clean(void)
{
	unsigned int i;

	for (i = 0; i < NR_DELAYED; i++)
		if (delayed[i])
			return false;

	return !nr_allocs && !kernel_spinlocks && !workqueue && !long_wq.work;
}
