// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages at addresses that the hypervisor cannot use. It answers OK: one that
 * is sent is lost, one that is to be received stays at the head of its queue
 * (msgqueue_common.c of the public hypervisor). The driver gives no such address.
 *
 * The queues are RM's, as the real hypervisor has no others for a test. No message
 * of the client's is lost, and one that stays reaches it later.
 */
#include <linux/auxiliary_bus.h>
#include <linux/bits.h>
#include <linux/completion.h>
#include <linux/container_of.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/gunyah.h>
#include <linux/gunyah_msgq.h>
#include <linux/gunyah_rm.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/irqflags.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include <asm/barrier.h>
#include <asm/sysreg.h>

#include <kunit/resource.h>
#include <kunit/test.h>

#include "../rm.h"
#include "live.h"

#define COPY_SIZE	16
/* Of RM's queues, so that it is not for want of room that it fails. */
#define COPY_RX_SIZE	240
#define NR_LOOKS	10000
/* Above the last bit of any address of 64-bit kernels, and below any tag. */
#define NOT_CANONICAL	BIT(55)
/* On QEMU's virt machine: a hole among the devices. */
#define NO_DEVICE	0x0c000000
/* There the stand-in is. */
#define STANDIN_MEMORY	0x40000000
/* Below all that a user may map, so that no TLB has it. */
#define LOW_VA		0x1000

/**
 * struct copy - what a test of this suite works with
 * @msgq: RM's queues
 * @page: a page of vmalloc(); what comes behind it is never mapped
 * @lost: messages that the stand-in had lost before
 * @stuck: and those that it could not hand over
 */
struct copy {
	struct gunyah_msgq_device *msgq;
	u8 *page;
	u64 lost;
	u64 stuck;
};

/**
 * struct caller - a thread that makes one call
 * @live: where
 * @ret: what became of it
 * @done: completed at the end
 */
struct caller {
	struct live *live;
	int ret;
	struct completion done;
};

KUNIT_DEFINE_ACTION_WRAPPER(page_free, vfree, const void *);

static struct copy *copy_create(struct kunit *test)
{
	struct live *live = test->priv;
	struct copy *copy = kunit_kzalloc(test, sizeof(*copy), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	copy->msgq = container_of(to_auxiliary_dev(live->rm->dev), struct gunyah_rm_client_device,
				  adev)->msgq;
	copy->page = vmalloc(PAGE_SIZE);
	KUNIT_ASSERT_NOT_NULL(test, copy->page);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, page_free, copy->page), 0);
	copy->lost = live_counter(GM_CTR_MSGQ_LOST);
	copy->stuck = live_counter(GM_CTR_MSGQ_RECV_STUCK);

	return copy;
}

/* Where it can be asked: so many messages were lost, or stayed. */
static void expect_counts(struct kunit *test, struct copy *copy, u64 lost, u64 stuck)
{
	struct live *live = test->priv;

	if (!live->debug)
		return;

	KUNIT_EXPECT_EQ(test, live_counter(GM_CTR_MSGQ_LOST) - copy->lost, lost);
	KUNIT_EXPECT_EQ(test, live_counter(GM_CTR_MSGQ_RECV_STUCK) - copy->stuck, stuck);
}

/* Send what is at @buf: that is said to be done, and nobody gets it. */
static void expect_lost(struct kunit *test, struct copy *copy, void *buf, const char *what)
{
	enum gunyah_error gh_err;
	bool not_full = false;

	gh_err = gunyah_hypercall_msgq_send(copy->msgq->tx.capid, COPY_SIZE, buf, 0, &not_full);
	KUNIT_EXPECT_EQ_MSG(test, gh_err, GUNYAH_ERROR_OK, "%s", what);
	KUNIT_EXPECT_TRUE_MSG(test, not_full, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, live_unknown(test->priv, 1), -EOPNOTSUPP, "%s", what);
}

static void live_copy_send(struct kunit *test)
{
	struct copy *copy = copy_create(test);

	expect_lost(test, copy, (void *)NOT_CANONICAL, "an address that is not canonical");
	expect_lost(test, copy, copy->page + PAGE_SIZE, "a page that is not mapped");
	expect_lost(test, copy, copy->page + PAGE_SIZE - COPY_SIZE / 2,
		    "half in a page that is not mapped");
	expect_counts(test, copy, 3, 0);
}

static int call_thread(void *data)
{
	struct caller *caller = data;

	caller->ret = live_unknown(caller->live, 1);
	kthread_complete_and_exit(&caller->done, 0);
}

/* Receive to @buf, until there is something to be received. */
static enum gunyah_error recv_something(u64 capid, void *buf, size_t *size, bool *more)
{
	enum gunyah_error gh_err = GUNYAH_ERROR_MSGQUEUE_EMPTY;

	for (int i = 0; gh_err == GUNYAH_ERROR_MSGQUEUE_EMPTY && i < NR_LOOKS; i++) {
		gh_err = gunyah_hypercall_msgq_recv(capid, buf, COPY_RX_SIZE, size, more);
		if (gh_err == GUNYAH_ERROR_MSGQUEUE_EMPTY)
			usleep_range(50, 100);
	}

	return gh_err;
}

/*
 * The interrupt is off while RM answers a call, so that the answer is there when
 * it is received to @buf. It comes to nothing, and afterwards to the caller.
 */
static void expect_stuck(struct kunit *test, struct copy *copy, void *buf, const char *what)
{
	struct caller caller = { .live = test->priv, .ret = 1 };
	enum gunyah_error gh_err;
	struct task_struct *task;
	size_t size = 1;
	bool more = false;

	init_completion(&caller.done);
	disable_irq(copy->msgq->rx.irq);
	task = kthread_run(call_thread, &caller, "gunyah-caller");
	if (IS_ERR(task))
		complete(&caller.done);
	gh_err = recv_something(copy->msgq->rx.capid, buf, &size, &more);
	enable_irq(copy->msgq->rx.irq);
	wait_for_completion(&caller.done);

	KUNIT_EXPECT_EQ_MSG(test, gh_err, GUNYAH_ERROR_OK, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, size, 0, "%s", what);
	KUNIT_EXPECT_TRUE_MSG(test, more, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, caller.ret, -EOPNOTSUPP, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, live_unknown(test->priv, 1), -EOPNOTSUPP, "%s", what);
}

/* Constants of the kernel are that only once it has started. */
static void expect_readonly_stuck(struct kunit *test, struct copy *copy)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	void *readonly = page ? vmap(&page, 1, VM_MAP, PAGE_KERNEL_RO) : NULL;

	if (readonly) {
		expect_stuck(test, copy, readonly, "a page that is not to be written");
		KUNIT_EXPECT_EQ(test, *(u8 *)page_address(page), 0);
		vunmap(readonly);
	} else {
		KUNIT_FAIL(test, "no memory");
	}
	if (page)
		__free_page(page);
}

static void live_copy_recv(struct kunit *test)
{
	struct copy *copy = copy_create(test);

	expect_stuck(test, copy, (void *)NOT_CANONICAL, "an address that is not canonical");
	expect_stuck(test, copy, copy->page + PAGE_SIZE, "a page that is not mapped");
	/* No fragment is shorter than its header of 8 bytes. */
	expect_stuck(test, copy, copy->page + PAGE_SIZE - 4, "a page that is mapped, and none");
	expect_readonly_stuck(test, copy);
	expect_counts(test, copy, 0, 4);
}

/*
 * The translation is fine, and leads to no memory. Not for the real one, which
 * would read what is there.
 */
static void live_copy_device(struct kunit *test)
{
	struct copy *copy;
	void *device;

	live_need_debug(test);
	copy = copy_create(test);
	device = (void __force *)ioremap(NO_DEVICE, PAGE_SIZE);
	KUNIT_ASSERT_NOT_NULL(test, device);
	expect_lost(test, copy, device, "a device to be read");
	expect_stuck(test, copy, device, "a device to be written");
	iounmap((void __iomem __force *)device);
	expect_counts(test, copy, 1, 1);
}

/* Send while the translation table of low addresses is at @table. */
static enum gunyah_error send_by_table(struct copy *copy, phys_addr_t table, bool *not_full)
{
	enum gunyah_error gh_err;
	unsigned long flags;
	u64 ttbr0;

	local_irq_save(flags);
	ttbr0 = read_sysreg(ttbr0_el1);
	write_sysreg(table, ttbr0_el1);
	isb();
	gh_err = gunyah_hypercall_msgq_send(copy->msgq->tx.capid, COPY_SIZE, (void *)LOW_VA, 0,
					    not_full);
	write_sysreg(ttbr0, ttbr0_el1);
	isb();
	local_irq_restore(flags);

	return gh_err;
}

/*
 * The table itself cannot be read: the stand-in does not let this VM, or nothing
 * answers. The latter is no result of AT but an exception at EL2.
 */
static void live_copy_table(struct kunit *test)
{
	static const phys_addr_t tables[] = { STANDIN_MEMORY, NO_DEVICE };
	struct copy *copy;

	live_need_debug(test);
	copy = copy_create(test);
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		bool not_full = false;

		KUNIT_EXPECT_EQ(test, send_by_table(copy, tables[i], &not_full), GUNYAH_ERROR_OK);
		KUNIT_EXPECT_TRUE(test, not_full);
		KUNIT_EXPECT_EQ(test, live_unknown(test->priv, 1), -EOPNOTSUPP);
	}
	expect_counts(test, copy, ARRAY_SIZE(tables), 0);
}

static struct kunit_case live_copy_cases[] = {
	KUNIT_CASE(live_copy_send),
	KUNIT_CASE(live_copy_recv),
	KUNIT_CASE(live_copy_device),
	KUNIT_CASE(live_copy_table),
	{}
};

static struct kunit_suite live_copy_suite = {
	.name = "gunyah-live-copy",
	.init = live_init,
	.exit = live_exit,
	.test_cases = live_copy_cases,
};

kunit_test_suite(live_copy_suite);
