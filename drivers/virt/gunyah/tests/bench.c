// SPDX-License-Identifier: GPL-2.0-only
/*
 * What hypercalls cost when nothing is around them, for the bench in
 * tools/testing/gunyah/bench: loops of raw calls on objects that a VM of user
 * space has, on a queue of the stand-in, and of calls to the resource manager
 * (RM).
 *
 * One line is written to the file gunyah-bench in debugfs, "what a b c", and
 * what came of it is read there: name=value ... Time is in ns, which are
 * instructions on a machine whose clock counts them.
 */
#include <linux/auxiliary_bus.h>
#include <linux/cleanup.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/gunyah.h>
#include <linux/gunyah_resource.h>
#include <linux/gunyah_rm.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "../rm.h"
#include "live.h"

#define LINE_MAX	256

/* The queue that is sent to and received from: as RM's, but deeper. */
#define QUEUE_DEPTH	64
#define QUEUE_SIZE	240
/* A notification that no RM sends, and how long all of them may take to come. */
#define NOTE_ID		0x56ffff01
#define NOTE_WAITS	1000

/**
 * struct bench - one open file
 * @live: client of RM
 * @args: the numbers of the line
 * @ns: how long the loop took
 * @line: what was written, then what is to be read
 * @message: a message of a queue
 */
struct bench {
	struct live live;
	u64 args[3];
	u64 ns;
	char line[LINE_MAX];
	u8 message[QUEUE_SIZE];
};

/* One loop at a time: they count calls of the whole machine. */
static DEFINE_MUTEX(bench_lock);

static int find_capid(struct bench *bench, enum gunyah_resource_kind kind, u64 *capid)
{
	struct auxiliary_device *adev = gunyah_resource_find(bench->args[0], kind, bench->args[1]);

	if (!adev)
		return -ENOENT;
	*capid = to_gunyah_resource_device(adev)->capid;
	put_device(&adev->dev);

	return 0;
}

/* vcpu VMID ID N: run it until N accesses have been emulated; reads read 0. */
static int bench_vcpu(struct bench *bench)
{
	const struct gunyah_vcpu_resume resume = {};
	struct gunyah_vcpu_exit exit = {};
	u64 capid, start, left = bench->args[2];
	enum gunyah_error gh_err;
	int ret;

	ret = find_capid(bench, GUNYAH_RESOURCE_VCPU, &capid);
	if (ret)
		return ret;

	start = ktime_get_ns();
	while (left) {
		gh_err = gunyah_hypercall_vcpu_run(capid, &resume, &exit);
		if (gh_err != GUNYAH_ERROR_OK)
			return gunyah_error_to_errno(gh_err);
		if (exit.state == GUNYAH_VCPU_STATE_VMMIO_READ ||
		    exit.state == GUNYAH_VCPU_STATE_VMMIO_WRITE)
			left--;
		else if (exit.state != GUNYAH_VCPU_STATE_READY)
			return -EPROTO;
	}
	bench->ns = ktime_get_ns() - start;

	return 0;
}

/* bell VMID LABEL N: ring it N times. */
static int bench_bell(struct bench *bench)
{
	u64 capid, old, start, i;
	enum gunyah_error gh_err;
	int ret;

	ret = find_capid(bench, GUNYAH_RESOURCE_DOORBELL_SOURCE, &capid);
	if (ret)
		return ret;

	start = ktime_get_ns();
	for (i = 0; i < bench->args[2]; i++) {
		gh_err = gunyah_hypercall_doorbell_send(capid, 1, &old);
		if (gh_err != GUNYAH_ERROR_OK)
			return gunyah_error_to_errno(gh_err);
	}
	bench->ns = ktime_get_ns() - start;

	return 0;
}

static int send_some(struct bench *bench, u64 capid, u64 nr)
{
	u64 start = ktime_get_ns(), i;
	enum gunyah_error gh_err;
	bool not_full;

	for (i = 0; i < nr; i++) {
		gh_err = gunyah_hypercall_msgq_send(capid, QUEUE_SIZE, bench->message,
						    GUNYAH_MSGQ_SEND_PUSH, &not_full);
		if (gh_err != GUNYAH_ERROR_OK)
			return gunyah_error_to_errno(gh_err);
	}
	bench->ns += ktime_get_ns() - start;

	return 0;
}

static int recv_some(struct bench *bench, u64 capid, u64 nr)
{
	u64 start = ktime_get_ns(), i;
	enum gunyah_error gh_err;
	bool not_empty;
	size_t size;

	for (i = 0; i < nr; i++) {
		gh_err = gunyah_hypercall_msgq_recv(capid, bench->message, QUEUE_SIZE, &size,
						    &not_empty);
		if (gh_err != GUNYAH_ERROR_OK)
			return gunyah_error_to_errno(gh_err);
	}
	bench->ns += ktime_get_ns() - start;

	return 0;
}

/* A queue pair whose other end does nothing by itself. */
static int bench_queue(struct bench *bench, bool send)
{
	const u64 shape = QUEUE_DEPTH | QUEUE_SIZE << 16;
	u64 caps[2], left, nr;
	struct live_reply reply;
	int ret = 0;

	if (live_debug(&reply, GM_DBG_QUEUE_CREATE, GM_DBG_QUEUE_TX | GM_DBG_QUEUE_RX, shape,
		       shape))
		return -EOPNOTSUPP;
	caps[0] = reply.x[1];
	caps[1] = reply.x[3];

	for (left = bench->args[0]; left && !ret; left -= nr) {
		nr = min_t(u64, left, QUEUE_DEPTH);
		if (send) {
			ret = send_some(bench, caps[0], nr);
			live_debug(&reply, GM_DBG_QUEUE_PEER_RECV, caps[0], nr);
		} else {
			live_debug(&reply, GM_DBG_QUEUE_PEER_SEND, caps[1], QUEUE_SIZE, nr);
			ret = recv_some(bench, caps[1], nr);
		}
	}
	live_debug(&reply, GM_DBG_QUEUE_DESTROY, caps[0]);
	live_debug(&reply, GM_DBG_QUEUE_DESTROY, caps[1]);

	return ret;
}

/* send N: send N messages as large as RM's. */
static int bench_send(struct bench *bench)
{
	return bench_queue(bench, true);
}

/* receive N: the same */
static int bench_receive(struct bench *bench)
{
	return bench_queue(bench, false);
}

/* call N: N calls to RM, a fragment each way */
static int bench_call(struct bench *bench)
{
	u64 start = ktime_get_ns(), i;
	int ret = 0;
	u16 owner;

	for (i = 0; i < bench->args[0] && !ret; i++)
		ret = gunyah_rm_get_owner(bench->live.rm, &owner);
	bench->ns = ktime_get_ns() - start;

	return ret;
}

/* sink N SIZE: N calls to RM with that much to say */
static int bench_sink(struct bench *bench)
{
	int ret = 0;
	u64 i;

	for (i = 0; i < bench->args[0] && !ret; i++)
		ret = live_sink(&bench->live, bench->args[1], i);

	return ret;
}

/* blob N SIZE: N calls to RM with that much of an answer, after the status */
static int bench_blob(struct bench *bench)
{
	int ret = 0;
	u64 i;

	for (i = 0; i < bench->args[0] && !ret; i++)
		ret = live_blob(&bench->live, bench->args[1], i);

	return ret;
}

static u64 notes_come(struct gunyah_rm *rm)
{
	u64 nr = 0;

	scoped_guard(spinlock_irqsave, &rm->lock)
		nr = rm->counters[RM_CTR_NOTIFICATIONS];

	return nr;
}

/* notify N SIZE: N notifications */
static int bench_notify(struct bench *bench)
{
	struct gunyah_rm *rm = bench->live.rm;
	u64 before = notes_come(rm);
	struct live_reply reply;
	unsigned int i;

	if (live_debug(&reply, GM_DBG_NOTIFY, NOTE_ID, bench->args[0], bench->args[1]))
		return -EOPNOTSUPP;
	for (i = 0; i < NOTE_WAITS && notes_come(rm) - before < bench->args[0]; i++)
		msleep(20);

	return notes_come(rm) - before == bench->args[0] ? 0 : -ETIME;
}

/* calls: how many there were, of all kinds and of those that matter here */
static int bench_calls(struct bench *bench)
{
	static const struct {
		const char *name;
		u32 num;
	} kinds[] = {
		{ "doorbell_send", 0x12 }, { "msgqueue_send", 0x1b },
		{ "msgqueue_receive", 0x1c }, { "vcpu_run", 0x65 },
	};
	struct live_reply reply;
	int length;

	length = scnprintf(bench->line, LINE_MAX, "all=%llu", live_counter(GM_CTR_CALLS));
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (live_debug(&reply, GM_DBG_CALL_COUNT, kinds[i].num))
			return -EOPNOTSUPP;
		length += scnprintf(bench->line + length, LINE_MAX - length, " %s=%llu",
				    kinds[i].name, reply.x[1]);
	}

	return 0;
}

static const struct {
	const char *what;
	int (*run)(struct bench *bench);
} commands[] = {
	{ "vcpu", bench_vcpu },
	{ "bell", bench_bell },
	{ "send", bench_send },
	{ "receive", bench_receive },
	{ "call", bench_call },
	{ "sink", bench_sink },
	{ "blob", bench_blob },
	{ "notify", bench_notify },
	{ "calls", bench_calls },
};

static int bench_run(struct bench *bench)
{
	char what[16];
	int ret;

	memset(bench->args, 0, sizeof(bench->args));
	bench->ns = 0;
	if (sscanf(bench->line, "%15s %llu %llu %llu", what, &bench->args[0], &bench->args[1],
		   &bench->args[2]) < 1)
		return -EINVAL;

	bench->line[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(what, commands[i].what))
			continue;
		ret = commands[i].run(bench);
		if (!ret && !bench->line[0])
			scnprintf(bench->line, LINE_MAX, "ns=%llu", bench->ns);
		return ret;
	}

	return -EINVAL;
}

static ssize_t bench_write(struct file *file, const char __user *buf, size_t size, loff_t *pos)
{
	struct bench *bench = file->private_data;
	int ret;

	if (size >= LINE_MAX)
		return -EINVAL;

	guard(mutex)(&bench_lock);

	if (copy_from_user(bench->line, buf, size))
		return -EFAULT;
	bench->line[size] = '\0';
	ret = bench_run(bench);

	return ret ?: size;
}

static ssize_t bench_read(struct file *file, char __user *buf, size_t size, loff_t *pos)
{
	struct bench *bench = file->private_data;

	guard(mutex)(&bench_lock);

	return simple_read_from_buffer(buf, size, pos, bench->line, strlen(bench->line));
}

static int bench_open(struct inode *inode, struct file *file)
{
	struct bench *bench = kzalloc(sizeof(*bench), GFP_KERNEL);
	struct live_reply reply;
	int ret;

	if (!bench)
		return -ENOMEM;

	bench->live.rm = gunyah_rm_find();
	if (IS_ERR(bench->live.rm)) {
		ret = PTR_ERR(bench->live.rm);
		kfree(bench);
		return ret;
	}
	bench->live.debug = !live_debug(&reply, GM_DBG_PRESENT) && reply.x[1] == GM_DBG_MAGIC;
	file->private_data = bench;

	return 0;
}

static int bench_release(struct inode *inode, struct file *file)
{
	struct bench *bench = file->private_data;

	gunyah_rm_put(bench->live.rm);
	kfree(bench);

	return 0;
}

static const struct file_operations bench_fops = {
	.owner = THIS_MODULE,
	.open = bench_open,
	.release = bench_release,
	.read = bench_read,
	.write = bench_write,
	.llseek = default_llseek,
};

static struct dentry *bench_file;

static int __init bench_init(void)
{
	bench_file = debugfs_create_file("gunyah-bench", 0600, NULL, NULL, &bench_fops);

	return 0;
}
module_init(bench_init);

static void __exit bench_exit(void)
{
	debugfs_remove(bench_file);
}
module_exit(bench_exit);

MODULE_INFO(import_ns, "EXPORTED_FOR_KUNIT_TESTING");
MODULE_DESCRIPTION("Gunyah hypercalls by themselves, for a bench");
MODULE_LICENSE("GPL");
