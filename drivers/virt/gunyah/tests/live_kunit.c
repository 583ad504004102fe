// SPDX-License-Identifier: GPL-2.0-only
/*
 * Traffic with a running hypervisor: the real one or the stand-in.
 *
 * What needs no help from the other side runs on both. What needs it (a queue
 * whose peer sleeps, a flood of notifications) runs on the stand-in only and
 * says so by skipping. Without a hypervisor everything skips.
 */
#include <linux/atomic.h>
#include <linux/cleanup.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/gunyah.h>
#include <linux/gunyah_msgq.h>
#include <linux/gunyah_rm.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/mailbox_client.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include <kunit/test.h>

#include "../rm.h"
#include "live.h"

#define NR_THREADS	4
#define NR_ROUND_TRIPS	10000
/* RM keeps 256 notifications for a VM that is slow, and drops the oldest. */
#define NR_NOTES	100
#define NR_BURSTS	20
#define NOTE_ID		0x56107777
#define NOTE_SIZE	24
#define STUCK_DEPTH	4
#define NR_STUCK	(STUCK_DEPTH + 4)
#define ASYNC_SIZE	16
#define ASYNC_WINDOW_NS	(50 * NSEC_PER_USEC)

/* The primary VM of the open resource manager and of the stand-in. */
#define PRIMARY_VMID	3

static void live_identity(struct kunit *test)
{
	struct live *live = test->priv;
	struct gunyah_rm_vmids *peers __free(kvfree) = NULL;
	struct gunyah_rm_vm_status status;
	u16 vmid, owner;
	u32 type;

	KUNIT_ASSERT_EQ(test, gunyah_rm_get_vmid(live->rm, &vmid), 0);
	KUNIT_EXPECT_EQ(test, vmid, PRIMARY_VMID);
	KUNIT_EXPECT_EQ(test, gunyah_rm_get_owner(live->rm, &owner), 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_get_peers(live->rm, &peers), 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_get_host_type(live->rm, &type), 0);
	KUNIT_EXPECT_EQ(test, type, 0x01000164);
	KUNIT_EXPECT_EQ(test, gunyah_rm_get_state(live->rm, vmid, &status), 0);
	KUNIT_EXPECT_EQ(test, status.vm_state, GUNYAH_RM_VM_RUNNING);
}

static void live_rm_resources(struct kunit *test)
{
	struct live *live = test->priv;
	struct gunyah_rm_resources *res __free(kvfree) = NULL;

	KUNIT_ASSERT_EQ(test, gunyah_rm_get_hyp_resources(live->rm, GUNYAH_VMID_RM, &res), 0);
	KUNIT_ASSERT_EQ(test, res->nr, 1);
	KUNIT_EXPECT_EQ(test, res->entries[0].type, GUNYAH_RM_RES_VCPU);
	KUNIT_EXPECT_EQ(test, res->entries[0].virq, 0);
}

/* This VM's own resources are not listed under its own id. */
static void live_own_resources(struct kunit *test)
{
	struct live *live = test->priv;
	struct gunyah_rm_resources *res __free(kvfree) = NULL;

	KUNIT_ASSERT_EQ(test, gunyah_rm_get_hyp_resources(live->rm, PRIMARY_VMID, &res), 0);
	KUNIT_EXPECT_EQ(test, res->nr, 0);
}

static void live_lookups(struct kunit *test)
{
	struct live *live = test->priv;
	struct gunyah_rm_vmids *vms __free(kvfree) = NULL;
	int ret = gunyah_rm_lookup_name(live->rm, "no such VM", &vms);

	/* An empty list, or "no resource": which of the two is RM's to choose. */
	if (ret)
		KUNIT_EXPECT_EQ(test, ret, -ENODEV);
	else
		KUNIT_EXPECT_EQ(test, vms->nr, 0);
}

/* From one fragment to the 62 of the longest request, on any RM. */
static void live_request_sizes(struct kunit *test)
{
	static const size_t sizes[] = { 0, 1, 231, 232, 233, 464, 465, 2000, 14383, 14384 };
	struct live *live = test->priv;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		KUNIT_EXPECT_EQ_MSG(test, live_unknown(live, sizes[i]), -EOPNOTSUPP,
				    "request of %zu bytes", sizes[i]);
}

static void live_contents(struct kunit *test)
{
	static const size_t sizes[] = { 1, 100, 224, 228, 229, 460, 461, 5000, 14380 };
	struct live *live = test->priv;

	live_need_debug(test);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		KUNIT_EXPECT_EQ_MSG(test, live_echo(live, sizes[i], i), 0, "%zu", sizes[i]);
		KUNIT_EXPECT_EQ_MSG(test, live_sink(live, sizes[i], i), 0, "%zu", sizes[i]);
	}
	KUNIT_EXPECT_EQ(test, live_blob(live, 14612, 7), 0);
}

/**
 * struct note_count - what a subscriber saw of a flood
 * @sub: subscription
 * @nr: notifications of the flood, which comes in bursts of NR_NOTES
 * @bad: notifications that were damaged or out of order
 * @lost: how often it was told that some were lost
 * @flooded: completed when the last burst has arrived, or one has not
 */
struct note_count {
	struct gunyah_rm_subscriber sub;
	atomic_t nr;
	atomic_t bad;
	atomic_t lost;
	struct completion flooded;
};

static void note_count(struct gunyah_rm_subscriber *sub, const struct gunyah_rm_notification *n)
{
	struct note_count *count = container_of(sub, struct note_count, sub);
	const u8 *data = n->data;
	u8 k = atomic_read(&count->nr) % NR_NOTES;

	if (n->size != NOTE_SIZE) {
		atomic_inc(&count->bad);
	} else {
		for (size_t i = 0; i < NOTE_SIZE; i++) {
			if (data[i] == (u8)(k + i))
				continue;
			atomic_inc(&count->bad);
			break;
		}
	}
	atomic_inc(&count->nr);
}

static void note_lost(struct gunyah_rm_subscriber *sub)
{
	atomic_inc(&container_of(sub, struct note_count, sub)->lost);
}

static void vm_status_count(struct gunyah_rm_subscriber *sub,
			    const struct gunyah_rm_notification *n)
{
	struct note_count *count = container_of(sub, struct note_count, sub);

	if (n->status.vm_state == GUNYAH_RM_VM_LOAD)
		atomic_inc(&count->nr);
	else
		atomic_inc(&count->bad);
}

static bool wait_for_count(atomic_t *count, int nr)
{
	unsigned long end = jiffies + 20 * HZ;

	while (atomic_read(count) < nr && time_before(jiffies, end))
		msleep(20);

	return atomic_read(count) >= nr;
}

/*
 * An allocated VM is in state LOAD and can be given back. Whether the primary
 * VM is told of the state is RM's choice (it notifies the VM's peers); if it
 * is, then with that state.
 */
static void live_vmids(struct kunit *test)
{
	struct live *live = test->priv;
	struct note_count count = {
		.sub = {
			.id = GUNYAH_RM_NOTIF_VM_STATUS,
			.vmid = GUNYAH_VMID_ANY,
			.notify = vm_status_count,
			.lost = note_lost,
		},
	};
	struct gunyah_rm_vm_status status;
	int vmid;

	KUNIT_ASSERT_EQ(test, gunyah_rm_subscribe(live->rm, &count.sub), 0);
	for (int i = 0; i < 20; i++) {
		vmid = gunyah_rm_alloc_vmid(live->rm, 0);
		KUNIT_EXPECT_GT(test, vmid, 0);
		if (vmid <= 0)
			break;
		KUNIT_EXPECT_EQ(test, gunyah_rm_get_state(live->rm, vmid, &status), 0);
		KUNIT_EXPECT_EQ(test, status.vm_state, GUNYAH_RM_VM_LOAD);
		KUNIT_EXPECT_EQ(test, gunyah_rm_dealloc_vmid(live->rm, vmid), 0);
	}
	gunyah_rm_unsubscribe(live->rm, &count.sub);
	kunit_info(test, "%d notifications of state LOAD\n", atomic_read(&count.nr));
	KUNIT_EXPECT_EQ(test, atomic_read(&count.lost), 0);
}

/**
 * struct traffic - one thread that makes calls
 * @live: where
 * @seed: what makes its calls different from the others'
 * @errors: calls that did not give what they had to
 * @done: calls made
 * @finished: completed at the end
 */
struct traffic {
	struct live *live;
	unsigned int seed;
	unsigned int errors;
	unsigned int done;
	struct completion finished;
};

/* Each call has an answer of its own, so a reply to another one is noticed. */
static int traffic_call(struct traffic *t, unsigned int i)
{
	struct gunyah_rm_vm_status status;
	u16 vmid;
	int ret;

	if (t->live->debug && i % 2)
		return live_echo(t->live, (t->seed * 61 + i * 7) % 700, t->seed * 16 + i);

	switch ((t->seed + i) % 3) {
	case 0:
		return live_unknown(t->live, i % 300) == -EOPNOTSUPP ? 0 : -EBADE;
	case 1:
		return gunyah_rm_get_owner(t->live->rm, &vmid);
	default:
		ret = gunyah_rm_get_state(t->live->rm, PRIMARY_VMID, &status);
		return ret ?: status.vm_state == GUNYAH_RM_VM_RUNNING ? 0 : -EBADE;
	}
}

static int traffic_thread(void *data)
{
	struct traffic *t = data;

	for (unsigned int i = 0; i < NR_ROUND_TRIPS / NR_THREADS; i++) {
		if (traffic_call(t, i))
			t->errors++;
		t->done++;
		cond_resched();
	}
	complete(&t->finished);

	return 0;
}

static u64 replies_of(struct gunyah_rm *rm)
{
	return READ_ONCE(rm->counters[RM_CTR_REPLIES]);
}

static u64 drops_of(struct gunyah_rm *rm)
{
	u64 sum = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(rm->drops); i++)
		sum += READ_ONCE(rm->drops[i]);

	return sum;
}

/* Ten thousand calls from four threads: none lost, none doubled. */
static void run_traffic(struct kunit *test, struct live *live)
{
	u64 replies = replies_of(live->rm);
	u64 drops = drops_of(live->rm);
	struct traffic *threads;

	/* No assertion here: callers have to clean up behind this. */
	threads = kunit_kcalloc(test, NR_THREADS, sizeof(*threads), GFP_KERNEL);
	if (!threads) {
		KUNIT_FAIL(test, "no memory");
		return;
	}

	for (unsigned int i = 0; i < NR_THREADS; i++) {
		struct task_struct *task;

		threads[i].live = live;
		threads[i].seed = i;
		init_completion(&threads[i].finished);
		task = kthread_run(traffic_thread, &threads[i], "gunyah-traffic/%u", i);
		if (IS_ERR(task)) {
			KUNIT_FAIL(test, "no thread");
			complete(&threads[i].finished);
		}
	}

	for (unsigned int i = 0; i < NR_THREADS; i++) {
		wait_for_completion(&threads[i].finished);
		KUNIT_EXPECT_EQ(test, threads[i].errors, 0);
		KUNIT_EXPECT_EQ(test, threads[i].done, NR_ROUND_TRIPS / NR_THREADS);
	}

	KUNIT_EXPECT_EQ(test, replies_of(live->rm) - replies, NR_ROUND_TRIPS);
	KUNIT_EXPECT_EQ(test, drops_of(live->rm), drops);
}

static void live_round_trips(struct kunit *test)
{
	run_traffic(test, test->priv);
}

/* Burst after burst, each when the one before has arrived. */
static int flood_thread(void *data)
{
	struct note_count *count = data;
	struct live_reply reply;

	for (int i = 1; i <= NR_BURSTS; i++) {
		if (live_debug(&reply, GM_DBG_NOTIFY, NOTE_ID, NR_NOTES, NOTE_SIZE, 0) ||
		    !wait_for_count(&count->nr, i * NR_NOTES))
			break;
	}
	complete(&count->flooded);

	return 0;
}

/* The same while another queue is stuck and RM sends what nobody asked for. */
static void live_round_trips_disturbed(struct kunit *test)
{
	struct live *live = test->priv;
	struct note_count count = {
		.sub = {
			.id = NOTE_ID,
			.vmid = GUNYAH_VMID_ANY,
			.notify = note_count,
			.lost = note_lost,
		},
	};
	struct gunyah_msgq_msg *msgs;
	struct task_struct *flood;
	struct live_reply reply;
	struct live_queue *stuck;

	live_need_debug(test);
	/* Freed after the queue that may still hold them. */
	msgs = kunit_kcalloc(test, NR_STUCK, sizeof(*msgs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, msgs);
	stuck = live_queue_create(test, GM_DBG_QUEUE_STUCK, STUCK_DEPTH, 240);
	KUNIT_ASSERT_NOT_NULL(test, stuck);
	for (unsigned int i = 0; i < NR_STUCK; i++) {
		msgs[i] = (struct gunyah_msgq_msg){ .data = msgs, .size = 1 };
		KUNIT_ASSERT_GE(test, mbox_send_message(stuck->chan, &msgs[i]), 0);
	}

	init_completion(&count.flooded);
	KUNIT_ASSERT_EQ(test, gunyah_rm_subscribe(live->rm, &count.sub), 0);
	flood = kthread_run(flood_thread, &count, "gunyah-flood");
	if (IS_ERR(flood))
		complete(&count.flooded);
	run_traffic(test, live);
	wait_for_completion(&count.flooded);
	gunyah_rm_unsubscribe(live->rm, &count.sub);

	KUNIT_EXPECT_EQ(test, atomic_read(&count.nr), NR_BURSTS * NR_NOTES);
	KUNIT_EXPECT_EQ(test, atomic_read(&count.bad), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&count.lost), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&stuck->sent), STUCK_DEPTH);
	KUNIT_EXPECT_EQ(test, atomic_read(&stuck->failed), 0);

	/* Nothing of it is lost: once the peer reads, the rest follows. */
	KUNIT_EXPECT_EQ(test, live_debug(&reply, GM_DBG_QUEUE_PEER_RECV, stuck->caps[0],
					 STUCK_DEPTH), 0);
	KUNIT_EXPECT_TRUE(test, wait_for_count(&stuck->sent, NR_STUCK));
}

/* Send and look for the answer at once, with nothing in between. */
static bool send_and_look(struct kunit *test, u64 tx, u64 rx, u8 *data, size_t size,
			  enum gunyah_error *gh_err)
{
	u8 back[ASYNC_SIZE];
	size_t got;
	bool more;
	u64 start;

	guard(irqsave)();

	start = ktime_get_ns();
	KUNIT_EXPECT_EQ(test, gunyah_hypercall_msgq_send(tx, size, data, 0, &more),
			GUNYAH_ERROR_OK);
	*gh_err = gunyah_hypercall_msgq_recv(rx, back, sizeof(back), &got, &more);

	return ktime_get_ns() - start < ASYNC_WINDOW_NS;
}

/* Wait for the answer, for at most 100 ms. */
static bool look_again(u64 rx, const u8 *data, size_t size)
{
	enum gunyah_error gh_err = GUNYAH_ERROR_MSGQUEUE_EMPTY;
	u8 back[ASYNC_SIZE];
	size_t got = 0;
	bool more;

	for (unsigned int i = 0; gh_err == GUNYAH_ERROR_MSGQUEUE_EMPTY && i < 1000; i++) {
		usleep_range(50, 100);
		gh_err = gunyah_hypercall_msgq_recv(rx, back, sizeof(back), &got, &more);
	}

	return gh_err == GUNYAH_ERROR_OK && got == size && !memcmp(data, back, size);
}

/*
 * A send returns before its answer can be read: the other side is another CPU
 * that has to be woken. Asked of a queue that nothing else reads. A try during
 * which this CPU was stopped for long (QEMU's threads share the host's) says
 * nothing and is not one of the hundred.
 */
static void live_asynchronous(struct kunit *test)
{
	unsigned int tries = 0, voided = 0, early = 0;
	enum gunyah_error gh_err = GUNYAH_ERROR_OK;
	struct live_reply reply;
	u8 data[ASYNC_SIZE];
	bool valid;
	u64 tx, rx;

	live_need_debug(test);
	KUNIT_ASSERT_EQ(test, live_debug(&reply, GM_DBG_QUEUE_CREATE, GM_DBG_QUEUE_TX |
					 GM_DBG_QUEUE_RX | GM_DBG_QUEUE_ECHO,
					 8 | ASYNC_SIZE << 16, 8 | ASYNC_SIZE << 16), 0);
	tx = reply.x[1];
	rx = reply.x[3];

	while (tries < 100 && voided < 20000) {
		memset(data, tries, sizeof(data));
		valid = send_and_look(test, tx, rx, data, sizeof(data), &gh_err);
		if (gh_err == GUNYAH_ERROR_MSGQUEUE_EMPTY &&
		    !look_again(rx, data, sizeof(data)))
			break;
		if (!valid) {
			voided++;
			continue;
		}
		tries++;
		early += gh_err != GUNYAH_ERROR_MSGQUEUE_EMPTY;
	}

	kunit_info(test, "%u tries, %u voided\n", tries, voided);
	KUNIT_EXPECT_EQ(test, early, 0);
	KUNIT_EXPECT_EQ(test, tries, 100);
	live_debug(&reply, GM_DBG_QUEUE_DESTROY, tx);
	live_debug(&reply, GM_DBG_QUEUE_DESTROY, rx);
}

/* The entry of the stand-in's log that is @back before the newest. */
static bool log_entry(struct live_reply *reply, u64 back)
{
	if (live_debug(reply, GM_DBG_LOG_RANGE) || reply->x[1] < reply->x[2] + back + 1)
		return false;

	return live_debug(reply, GM_DBG_LOG_READ, reply->x[1] - back - 1) == 0;
}

/*
 * Each call is in the stand-in's log, with its arguments and what became of it.
 * Other CPUs call as well, so that ours has to be looked for.
 */
static void live_log(struct kunit *test)
{
	u64 word = GM_DBG_LOG_WORD(3ULL, 0ULL, 0x1bULL, 0ULL, 0ULL);
	u64 capid = 0xdeadULL << 32;
	struct live_reply reply;
	u8 data[8] = {};
	enum gunyah_error gh_err;
	bool more, found = false;

	live_need_debug(test);
	gh_err = gunyah_hypercall_msgq_send(capid, sizeof(data), data, 0, &more);
	KUNIT_EXPECT_NE(test, gh_err, GUNYAH_ERROR_OK);

	for (u64 back = 0; back < 64 && !found; back++)
		found = log_entry(&reply, back) && reply.x[4] == capid &&
			(reply.x[3] & GENMASK_ULL(31, 0)) == word;

	KUNIT_ASSERT_TRUE(test, found);
	KUNIT_EXPECT_EQ(test, reply.x[5], sizeof(data));
	KUNIT_EXPECT_EQ(test, reply.x[6], (u64)(unsigned long)data);
	KUNIT_EXPECT_EQ(test, reply.x[11], (u64)gh_err);
}

static struct kunit_case live_cases[] = {
	KUNIT_CASE(live_identity),
	KUNIT_CASE(live_rm_resources),
	KUNIT_CASE(live_own_resources),
	KUNIT_CASE(live_lookups),
	KUNIT_CASE(live_request_sizes),
	KUNIT_CASE(live_contents),
	KUNIT_CASE(live_vmids),
	KUNIT_CASE(live_asynchronous),
	KUNIT_CASE(live_log),
	KUNIT_CASE_SLOW(live_round_trips),
	KUNIT_CASE_SLOW(live_round_trips_disturbed),
	{}
};

static struct kunit_suite live_suite = {
	.name = "gunyah-live",
	.init = live_init,
	.exit = live_exit,
	.test_cases = live_cases,
};

kunit_test_suite(live_suite);

MODULE_INFO(import_ns, "EXPORTED_FOR_KUNIT_TESTING");
MODULE_DESCRIPTION("Gunyah tests on a running hypervisor");
MODULE_LICENSE("GPL");
