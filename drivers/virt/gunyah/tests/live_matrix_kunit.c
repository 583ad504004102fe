// SPDX-License-Identifier: GPL-2.0-only
/*
 * What becomes of a call or a notification when RM misbehaves: one test per
 * pair of (misbehaviour, kind of message), on the stand-in.
 *
 * What each misbehaviour does is in the table at the top of the model's
 * misbehave.c. The table below says how it has to end. In every cell the call
 * ends within its bound, and the next call works.
 */
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/gunyah_rm.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/time64.h>

#include <kunit/test.h>

#include "../rm.h"
#include "live.h"

/*
 * The bound of a call that has to end by it, and of one that has not to: a
 * machine under load may stand still for a while. With neither bound it would
 * be ten seconds.
 */
#define BOUND_MS	100
#define PATIENT_MS	4000
#define SLACK_MS	5000
/* An answer that comes when the test lets it, not by itself. */
#define LATE_MS		(60 * 60 * MSEC_PER_SEC)

#define NOTE_ID		0x56107778
#define NOTE_SIZE	24
#define ERROR_BUSY	31

struct cell {
	u8 what;
	u8 kind;
	u32 arg;
	/* Calls: result. Notifications: how many arrive undamaged of two sent. */
	int expect;
};

#define CELL(_what, _kind, _arg, _expect) \
	{ GM_MIS_##_what, GM_KIND_##_kind, _arg, _expect }

static const struct cell cells[] = {
	/* Not done, says RM; not even sent, says the hypervisor. */
	CELL(REFUSE, SINGLE, 0, -EPERM),
	CELL(REFUSE, MULTI_REQUEST, 0, -EPERM),
	CELL(REFUSE, MULTI_REPLY, 0, -EPERM),
	CELL(REFUSE, NOTIFICATION, 0, 1),
	CELL(REFUSE, SINGLE, ERROR_BUSY, -EIO),
	CELL(REFUSE, MULTI_REQUEST, ERROR_BUSY, -EIO),
	/* A receive that fails once is tried again. */
	CELL(REFUSE, MULTI_REPLY, ERROR_BUSY, 0),
	CELL(REFUSE, NOTIFICATION, ERROR_BUSY, 2),

	/* Later than the bound; the late reply is dropped. */
	CELL(DELAY, SINGLE, LATE_MS, -ETIMEDOUT),
	CELL(DELAY, MULTI_REQUEST, LATE_MS, -ETIMEDOUT),
	CELL(DELAY, MULTI_REPLY, LATE_MS, -ETIMEDOUT),
	CELL(DELAY, NOTIFICATION, LATE_MS, 2),

	/* A lost interrupt costs time, and nothing else. */
	CELL(DROP_IRQ, SINGLE, 0, 0),
	CELL(DROP_IRQ, MULTI_REQUEST, 0, 0),
	CELL(DROP_IRQ, MULTI_REPLY, 0, 0),
	CELL(DROP_IRQ, NOTIFICATION, 0, 2),
	CELL(DROP_IRQ, MULTI_REQUEST, 1, 0),

	CELL(DOUBLE_IRQ, SINGLE, 0, 0),
	CELL(DOUBLE_IRQ, MULTI_REQUEST, 0, 0),
	CELL(DOUBLE_IRQ, MULTI_REPLY, 0, 0),
	CELL(DOUBLE_IRQ, NOTIFICATION, 0, 2),

	/* Overtaken by the next answer, which is not waited for. */
	CELL(REORDER, SINGLE, LATE_MS, -ETIMEDOUT),
	CELL(REORDER, MULTI_REQUEST, LATE_MS, -ETIMEDOUT),
	/* Fragments swapped: the first one begins a message that has no end. */
	CELL(REORDER, MULTI_REPLY, 0, -ETIMEDOUT),
	CELL(REORDER, NOTIFICATION, 0, 2),

	/* Shorter than the status; without its end; with half of its end. */
	CELL(TRUNCATE, SINGLE, 0, -EBADMSG),
	CELL(TRUNCATE, MULTI_REQUEST, 0, -EBADMSG),
	CELL(TRUNCATE, MULTI_REPLY, 0, -ETIMEDOUT),
	CELL(TRUNCATE, MULTI_REPLY, 1, -EBADMSG),
	CELL(TRUNCATE, NOTIFICATION, 0, 1),

	/*
	 * Header, type, fragment count, a word of the payload. An inverted
	 * status is a status: UNIMPLEMENTED.
	 */
	CELL(CORRUPT, SINGLE, 0, -ETIMEDOUT),
	CELL(CORRUPT, SINGLE, 1, -ETIMEDOUT),
	CELL(CORRUPT, SINGLE, 2, -ETIMEDOUT),
	CELL(CORRUPT, SINGLE, 3, -EOPNOTSUPP),
	CELL(CORRUPT, SINGLE, 4, -EBADE),
	CELL(CORRUPT, MULTI_REQUEST, 0, -ETIMEDOUT),
	CELL(CORRUPT, MULTI_REPLY, 0, -ETIMEDOUT),
	CELL(CORRUPT, MULTI_REPLY, 1, -ETIMEDOUT),
	CELL(CORRUPT, MULTI_REPLY, 2, -ETIMEDOUT),
	CELL(CORRUPT, NOTIFICATION, 0, 1),
	CELL(CORRUPT, NOTIFICATION, 2, 1),

	CELL(DUPLICATE, SINGLE, 0, 0),
	CELL(DUPLICATE, MULTI_REQUEST, 0, 0),
	CELL(DUPLICATE, MULTI_REPLY, 0, 0),
	/* RM is free to say a thing twice. */
	CELL(DUPLICATE, NOTIFICATION, 0, 3),

	/* Another sequence number; another message id. */
	CELL(FOREIGN, SINGLE, 0, -ETIMEDOUT),
	CELL(FOREIGN, SINGLE, 1, -ETIMEDOUT),
	CELL(FOREIGN, MULTI_REQUEST, 0, -ETIMEDOUT),
	CELL(FOREIGN, MULTI_REPLY, 0, -ETIMEDOUT),
	CELL(FOREIGN, MULTI_REPLY, 1, -ETIMEDOUT),
	CELL(FOREIGN, NOTIFICATION, 0, 1),

	CELL(SILENT, SINGLE, 0, -ETIMEDOUT),
	CELL(SILENT, MULTI_REQUEST, 0, -ETIMEDOUT),
	CELL(SILENT, MULTI_REPLY, 0, -ETIMEDOUT),
	CELL(SILENT, NOTIFICATION, 0, 1),

	CELL(NOHEAP, SINGLE, 0, -ETIMEDOUT),
	CELL(NOHEAP, MULTI_REQUEST, 0, -ETIMEDOUT),
	CELL(NOHEAP, MULTI_REPLY, 0, -ETIMEDOUT),
	CELL(NOHEAP, NOTIFICATION, 0, 1),
};

static const char * const what_names[GM_MIS_NR] = {
	"refuse", "delay", "drop-irq", "double-irq", "reorder", "truncate",
	"corrupt", "duplicate", "foreign", "silent", "noheap",
};

static const char * const kind_names[GM_KIND_NR] = {
	"single", "multi-request", "multi-reply", "notification",
};

static void cell_desc(const struct cell *cell, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s %s %u", what_names[cell->what],
		 kind_names[cell->kind], cell->arg);
}

KUNIT_ARRAY_PARAM(cell, cells, cell_desc);

/**
 * struct note - a subscriber that counts notifications without damage
 * @sub: subscription
 * @nr: how many came
 */
struct note {
	struct gunyah_rm_subscriber sub;
	atomic_t nr;
};

static void note_notify(struct gunyah_rm_subscriber *sub, const struct gunyah_rm_notification *n)
{
	if (n->size == NOTE_SIZE)
		atomic_inc(&container_of(sub, struct note, sub)->nr);
}

static u64 hits(const struct cell *cell)
{
	struct live_reply reply;

	return live_debug(&reply, GM_DBG_MISBEHAVE_HITS, cell->what, cell->kind) ? 0 : reply.x[1];
}

/* Others have calls and notifications, too, and theirs are not to be spoiled. */
static u32 id_of_kind(u8 kind)
{
	switch (kind) {
	case GM_KIND_SINGLE:
		return GM_RM_ECHO;
	case GM_KIND_MULTI_REQUEST:
		return GM_RM_SINK;
	case GM_KIND_MULTI_REPLY:
		return GM_RM_BLOB;
	default:
		return NOTE_ID;
	}
}

static int call_of_kind(struct live *live, u8 kind)
{
	switch (kind) {
	case GM_KIND_SINGLE:
		return live_echo(live, 16, 3);
	case GM_KIND_MULTI_REQUEST:
		return live_sink(live, 5000, 5);
	default:
		return live_blob(live, 5000, 7);
	}
}

static void check_call(struct kunit *test, struct live *live, const struct cell *cell)
{
	ktime_t start = ktime_get();
	struct live_reply reply;

	if (cell->expect == -ETIMEDOUT)
		live->rm->timeout_ms = BOUND_MS;
	KUNIT_EXPECT_EQ(test, call_of_kind(live, cell->kind), cell->expect);
	live->rm->timeout_ms = PATIENT_MS;
	KUNIT_EXPECT_LE(test, ktime_ms_delta(ktime_get(), start), SLACK_MS);

	/* RM does nothing else until its late answer is out. */
	if (cell->what == GM_MIS_DELAY)
		live_debug(&reply, GM_DBG_MISBEHAVE_CLEAR);
}

/* The spoiled one and a good one behind it; a call fetches what lies there. */
static void check_notifications(struct kunit *test, struct live *live, const struct cell *cell)
{
	struct note note = {
		.sub = {
			.id = NOTE_ID,
			.vmid = GUNYAH_VMID_ANY,
			.notify = note_notify,
		},
	};
	unsigned long end = jiffies + 20 * HZ;
	struct live_reply reply;

	KUNIT_ASSERT_EQ(test, gunyah_rm_subscribe(live->rm, &note.sub), 0);
	KUNIT_EXPECT_EQ(test, live_debug(&reply, GM_DBG_NOTIFY, NOTE_ID, 2, NOTE_SIZE,
					 10 * NSEC_PER_MSEC), 0);
	msleep(50);
	KUNIT_EXPECT_EQ(test, live_echo(live, 16, 1), 0);
	if (cell->what == GM_MIS_DELAY) {
		KUNIT_EXPECT_EQ(test, atomic_read(&note.nr), 0);
		live_debug(&reply, GM_DBG_MISBEHAVE_CLEAR);
	}
	while (atomic_read(&note.nr) < cell->expect && time_before(jiffies, end))
		msleep(20);
	/* One that should not be there has had its time as well. */
	msleep(50);
	gunyah_rm_unsubscribe(live->rm, &note.sub);

	KUNIT_EXPECT_EQ(test, atomic_read(&note.nr), cell->expect);
}

static void live_matrix(struct kunit *test)
{
	const struct cell *cell = test->param_value;
	struct live *live = test->priv;
	struct live_reply reply;
	u64 before;

	live_need_debug(test);

	before = hits(cell);
	KUNIT_ASSERT_EQ(test, live_debug(&reply, GM_DBG_MISBEHAVE, cell->what, cell->kind, 1,
					 cell->arg, id_of_kind(cell->kind)), 0);
	if (cell->kind == GM_KIND_NOTIFICATION)
		check_notifications(test, live, cell);
	else
		check_call(test, live, cell);
	KUNIT_EXPECT_EQ(test, hits(cell), before + 1);

	/* The next call works, even before all is forgotten. */
	KUNIT_EXPECT_EQ(test, live_echo(live, 16, 9), 0);
	live_debug(&reply, GM_DBG_MISBEHAVE_CLEAR);
	KUNIT_EXPECT_EQ(test, live_blob(live, 1000, 9), 0);
}

/* RM dies and comes back: no reload, no stale answer. */
static void live_rm_death(struct kunit *test)
{
	struct live *live = test->priv;
	struct live_reply reply;

	live_need_debug(test);
	KUNIT_ASSERT_EQ(test, live_debug(&reply, GM_DBG_RM, GM_RM_DEAD), 0);
	live->rm->timeout_ms = BOUND_MS;
	for (int i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, live_echo(live, 16, i), -ETIMEDOUT);
	/* More than the queue holds. */
	KUNIT_EXPECT_EQ(test, live_sink(live, 14000, 1), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, live_sink(live, 14000, 2), -ETIMEDOUT);
	live->rm->timeout_ms = PATIENT_MS;
	KUNIT_ASSERT_EQ(test, live_debug(&reply, GM_DBG_RM, GM_RM_ALIVE), 0);
	for (int i = 0; i < 20; i++)
		KUNIT_EXPECT_EQ(test, live_echo(live, 16, i), 0);
	KUNIT_EXPECT_EQ(test, live_sink(live, 14000, 3), 0);
}

static int matrix_init(struct kunit *test)
{
	int ret = live_init(test);
	struct live *live = test->priv;

	if (!ret && live)
		live->rm->timeout_ms = PATIENT_MS;

	return ret;
}

static void matrix_exit(struct kunit *test)
{
	struct live *live = test->priv;

	if (live)
		live->rm->timeout_ms = 0;
	live_exit(test);
}

static struct kunit_case matrix_cases[] = {
	KUNIT_CASE_PARAM(live_matrix, cell_gen_params),
	KUNIT_CASE_SLOW(live_rm_death),
	{}
};

static struct kunit_suite matrix_suite = {
	.name = "gunyah-live-matrix",
	.init = matrix_init,
	.exit = matrix_exit,
	.test_cases = matrix_cases,
};

kunit_test_suite(matrix_suite);
