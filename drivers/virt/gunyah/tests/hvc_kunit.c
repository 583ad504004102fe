// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the consoles at the resource manager (RM). RM is the test
 * itself (rm_fake.c); the tty is opened from the kernel, and what it receives is
 * taken at the port.
 */
#include <linux/cleanup.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/gunyah_console.h>
#include <linux/gunyah_rm_vm.h>
#include <linux/jiffies.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/tty.h>
#include <linux/tty_driver.h>
#include <linux/tty_port.h>
#include <linux/unaligned.h>

#include <kunit/resource.h>
#include <kunit/test.h>

#include "rm_fake.h"

/* Of all hvc ttys, wherever their bytes come from. */
#define HVC_MAJOR	229

/* Message ids of the calls. */
#define CALL_OPEN	0x56000081
#define CALL_CLOSE	0x56000082
#define CALL_WRITE	0x56000083
#define CALL_STATE	0x56000017

#define ST_NORESOURCE		2
#define ST_BUSY			5
#define ST_ARGUMENT_INVALID	6
#define ST_OK			0

#define VMID		0x80
#define NR_BYTES	16384

/**
 * struct con - RM, as far as consoles go, and one tty
 * @fake: the other end
 * @console: device under test
 * @has_own: RM has a console of this VM
 * @has_vm: RM has one of VM @VMID
 * @refuse: RM refuses what is written
 * @hold: RM does not answer
 * @busy: so many requests are refused, as RM is busy
 * @opened: OPEN calls
 * @closed: CLOSE calls
 * @target: of the last WRITE
 * @written: what was written to RM, in order
 * @nr_written: bytes of it
 * @client: takes what the tty receives
 * @tty: the tty while it is open
 * @received: what it received, in order
 * @nr_received: bytes of it
 */
struct con {
	struct fake *fake;
	struct gunyah_console_device *console;
	bool has_own;
	bool has_vm;
	bool refuse;
	bool hold;
	unsigned int busy;
	unsigned int opened;
	unsigned int closed;
	u16 target;
	u8 written[NR_BYTES];
	size_t nr_written;
	struct tty_port_client_operations client;
	struct tty_struct *tty;
	u8 received[NR_BYTES];
	size_t nr_received;
};

/* A test's consoles; neither the fake nor the port has room for a pointer. */
static struct con *con;

static u32 serve_write(const struct fake_req *req)
{
	size_t size = get_unaligned_le16(req->data + 2);

	if (con->refuse || req->size != size + 4 || con->nr_written + size > NR_BYTES)
		return ST_ARGUMENT_INVALID;

	con->target = get_unaligned_le16(req->data);
	memcpy(con->written + con->nr_written, req->data + 4, size);
	WRITE_ONCE(con->nr_written, con->nr_written + size);

	return ST_OK;
}

static u32 serve_one(const struct fake_req *req)
{
	u16 target = get_unaligned_le16(req->data);

	if (con->busy) {
		con->busy--;
		return ST_BUSY;
	}

	switch (req->id) {
	case CALL_OPEN:
		WRITE_ONCE(con->opened, con->opened + 1);
		if (target == VMID ? con->has_vm : target == 0 && con->has_own)
			return ST_OK;
		return ST_ARGUMENT_INVALID;
	case CALL_CLOSE:
		WRITE_ONCE(con->closed, con->closed + 1);
		return ST_OK;
	case CALL_WRITE:
		return serve_write(req);
	case CALL_STATE:
		return con->has_vm ? ST_OK : ST_NORESOURCE;
	default:
		return U32_MAX;
	}
}

static void serve(struct fake *fake)
{
	static const u8 running[] = { GUNYAH_RM_VM_RUNNING, 0, 0, 0 };

	while (!READ_ONCE(con->hold) && fake_req_get_now(fake, &fake->last)) {
		u32 status = serve_one(&fake->last);
		bool state = fake->last.id == CALL_STATE && status == ST_OK;

		fake_reply(fake, &fake->last, status, running, state ? sizeof(running) : 0);
	}
}

static size_t con_receive(struct tty_port *port, const u8 *buf, const u8 *flags, size_t size)
{
	size = min(size, NR_BYTES - con->nr_received);
	memcpy(con->received + con->nr_received, buf, size);
	WRITE_ONCE(con->nr_received, con->nr_received + size);

	return size;
}

static void con_wakeup(struct tty_port *port)
{
}

static void con_close(void)
{
	struct tty_struct *tty = con->tty;

	if (!tty)
		return;

	con->tty = NULL;
	if (!test_bit(TTY_HUPPED, &tty->flags)) {
		tty_lock(tty);
		tty->ops->close(tty, NULL);
		tty_unlock(tty);
	}
	tty_kclose(tty);
}

static void con_end(void *data)
{
	WRITE_ONCE(con->hold, false);
	schedule_work(&con->fake->work);
	gunyah_rm_console_stop(con->console);
	con_close();
	/* No request comes any more; this is for those that have come. */
	cancel_work_sync(&con->fake->work);
	kvfree(con);
	con = NULL;
}

static bool await(bool (*condition)(size_t arg), size_t arg)
{
	unsigned long end = jiffies + FAKE_PATIENCE;

	while (!condition(arg) && time_before(jiffies, end))
		usleep_range(200, 500);

	return condition(arg);
}

static bool has_tty(size_t vmid)
{
	return gunyah_hvc_index(vmid) >= 0;
}

static bool has_no_tty(size_t vmid)
{
	return gunyah_hvc_index(vmid) < 0;
}

static bool was_opened(size_t times)
{
	return READ_ONCE(con->opened) >= times;
}

static bool was_closed(size_t times)
{
	return READ_ONCE(con->closed) >= times;
}

static bool was_written(size_t bytes)
{
	return READ_ONCE(con->nr_written) >= bytes;
}

static bool was_received(size_t bytes)
{
	return READ_ONCE(con->nr_received) >= bytes;
}

/* RM with or without a console of this VM, and the device that asks it. */
static void con_new(struct kunit *test, bool has_own)
{
	struct fake *fake = fake_create(test);

	con = kvzalloc(sizeof(*con), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, con);
	con->fake = fake;
	con->has_own = has_own;
	fake->serve = serve;
	con->console = gunyah_rm_console_start(fake->rm);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, con_end, NULL), 0);
	KUNIT_ASSERT_NOT_NULL(test, con->console);
	KUNIT_ASSERT_NOT_NULL(test, con->console->adev.dev.driver);
	KUNIT_ASSERT_TRUE(test, await(was_opened, 1));
	if (has_own)
		KUNIT_ASSERT_TRUE(test, await(has_tty, 0));
}

static void con_open(struct kunit *test, u16 vmid)
{
	struct tty_struct *tty = tty_kopen_exclusive(MKDEV(HVC_MAJOR, gunyah_hvc_index(vmid)));
	int ret;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, tty);
	con->client = (struct tty_port_client_operations){
		.receive_buf = con_receive,
		.write_wakeup = con_wakeup,
	};
	tty->port->client_ops = &con->client;
	ret = tty->ops->open(tty, NULL);
	tty_unlock(tty);
	con->tty = tty;
	KUNIT_ASSERT_EQ(test, ret, 0);
}

static void notify_chars(u16 from, u16 size, const u8 *data, size_t sent)
{
	u8 msg[512];

	put_unaligned_le16(from, msg);
	put_unaligned_le16(size, msg + 2);
	memcpy(msg + 4, data, sent);
	fake_notify(con->fake, GUNYAH_RM_NOTIF_CONSOLE_CHARS, msg, sent + 4);
}

static void notify_status(u16 vmid, u8 state)
{
	u8 msg[8] = {};

	put_unaligned_le16(vmid, msg);
	msg[4] = state;
	fake_notify(con->fake, GUNYAH_RM_NOTIF_VM_STATUS, msg, sizeof(msg));
}

/* This VM's own console: what comes before it is opened is kept. */
static void hvc_own_test(struct kunit *test)
{
	con_new(test, true);

	notify_chars(0, 5, "early", 5);
	con_open(test, 0);
	KUNIT_EXPECT_TRUE(test, await(was_received, 5));
	notify_chars(0, 5, " late", 5);
	KUNIT_EXPECT_TRUE(test, await(was_received, 10));
	KUNIT_EXPECT_MEMEQ(test, con->received, "early late", 10);

	KUNIT_EXPECT_EQ(test, con->tty->ops->write(con->tty, "hello", 5), 5);
	KUNIT_EXPECT_TRUE(test, await(was_written, 5));
	KUNIT_EXPECT_MEMEQ(test, con->written, "hello", 5);
	KUNIT_EXPECT_EQ(test, con->target, 0);

	/* Closing the tty closes nothing at RM. */
	con_close();
	KUNIT_EXPECT_EQ(test, con->closed, 0);
	gunyah_rm_console_stop(con->console);
	con->console = NULL;
	KUNIT_EXPECT_EQ(test, con->closed, 1);
	KUNIT_EXPECT_TRUE(test, has_no_tty(0));
}

/* Most VMs have none, the primary VM among them. */
static void hvc_none_test(struct kunit *test)
{
	con_new(test, false);

	notify_status(VMID, GUNYAH_RM_VM_RUNNING);
	KUNIT_EXPECT_TRUE(test, await(was_opened, 2));
	gunyah_rm_console_stop(con->console);
	con->console = NULL;
	KUNIT_EXPECT_EQ(test, con->closed, 0);
	KUNIT_EXPECT_TRUE(test, has_no_tty(0));
	KUNIT_EXPECT_TRUE(test, has_no_tty(VMID));
}

/* A VM that this one owns comes, talks, and goes with its tty open. */
static void hvc_vm_test(struct kunit *test)
{
	con_new(test, true);

	con->has_vm = true;
	notify_status(VMID, GUNYAH_RM_VM_READY);
	KUNIT_ASSERT_TRUE(test, await(has_tty, VMID));
	KUNIT_EXPECT_NE(test, gunyah_hvc_index(VMID), gunyah_hvc_index(0));
	con_open(test, VMID);

	/* Not that of the own console, nor of a VM nobody knows. */
	notify_chars(0, 3, "own", 3);
	notify_chars(VMID + 1, 3, "who", 3);
	notify_chars(VMID, 2, "vm", 2);
	KUNIT_EXPECT_TRUE(test, await(was_received, 2));
	KUNIT_EXPECT_MEMEQ(test, con->received, "vm", 2);
	KUNIT_EXPECT_EQ(test, con->tty->ops->write(con->tty, "x", 1), 1);
	KUNIT_EXPECT_TRUE(test, await(was_written, 1));
	KUNIT_EXPECT_EQ(test, con->target, VMID);

	/* Started: it may have to be opened again. Ended: it can still be read. */
	notify_status(VMID, GUNYAH_RM_VM_RUNNING);
	KUNIT_EXPECT_TRUE(test, await(was_opened, 3));
	notify_status(VMID, GUNYAH_RM_VM_EXITED);
	notify_chars(VMID, 3, "end", 3);
	KUNIT_EXPECT_TRUE(test, await(was_received, 5));
	KUNIT_EXPECT_MEMEQ(test, con->received, "vmend", 5);
	KUNIT_EXPECT_FALSE(test, test_bit(TTY_HUPPED, &con->tty->flags));

	notify_status(VMID, GUNYAH_RM_VM_RESET);
	KUNIT_EXPECT_TRUE(test, await(was_closed, 1));
	KUNIT_EXPECT_TRUE(test, await(has_no_tty, VMID));
	KUNIT_EXPECT_TRUE(test, test_bit(TTY_HUPPED, &con->tty->flags));
	KUNIT_EXPECT_TRUE(test, has_tty(0));
}

static void dropped(char *buf)
{
	struct device *dev = &con->console->adev.dev;
	struct device_attribute *attr = container_of(dev->driver->dev_groups[0]->attrs[0],
						     struct device_attribute, attr);

	attr->show(dev, attr, buf);
}

/* The bytes that RM did not take. */
static bool was_dropped(size_t bytes)
{
	char *buf __free(kfree) = kzalloc(PAGE_SIZE, GFP_KERNEL);
	char want[16];

	if (!buf)
		return false;
	dropped(buf);
	snprintf(want, sizeof(want), "tx %zu\n", bytes);

	return strstr(buf, want);
}

/* What lies is counted; what RM refuses is dropped, counted, and not repeated. */
static void hvc_bad_test(struct kunit *test)
{
	char *buf = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, buf);
	con_new(test, true);
	con_open(test, 0);

	notify_chars(0, 6, "lie", 3);
	notify_chars(0, 2, "ok", 2);
	KUNIT_EXPECT_TRUE(test, await(was_received, 2));
	KUNIT_EXPECT_MEMEQ(test, con->received, "ok", 2);

	con->refuse = true;
	KUNIT_EXPECT_EQ(test, con->tty->ops->write(con->tty, "abc", 3), 3);
	KUNIT_EXPECT_TRUE(test, await(was_dropped, 3));
	con->refuse = false;
	KUNIT_EXPECT_EQ(test, con->tty->ops->write(con->tty, "def", 3), 3);
	KUNIT_EXPECT_TRUE(test, await(was_written, 3));
	KUNIT_EXPECT_MEMEQ(test, con->written, "def", 3);
	dropped(buf);
	KUNIT_EXPECT_STREQ(test, buf, "rx 0\ntx 3\n");
	KUNIT_EXPECT_EQ(test, fake_drops(con->fake, GUNYAH_RM_DROP_NOTIF_SHORT), 1);
}

/* RM that answers nothing stops the writer; later all of it arrives, in order. */
static void hvc_slow_test(struct kunit *test)
{
	unsigned long end = jiffies + FAKE_PATIENCE;
	size_t written = 0, i, wrong = 0;
	ssize_t ret;
	u8 byte;

	con_new(test, true);
	con_open(test, 0);
	WRITE_ONCE(con->hold, true);
	do {
		byte = written * 7;
		ret = con->tty->ops->write(con->tty, &byte, 1);
		written += ret > 0;
	} while (ret > 0 && time_before(jiffies, end));
	KUNIT_EXPECT_EQ(test, ret, 0);
	KUNIT_EXPECT_EQ(test, con->tty->ops->write_room(con->tty), 0);
	KUNIT_EXPECT_GT(test, written, 8192);
	KUNIT_EXPECT_EQ(test, con->nr_written, 0);

	WRITE_ONCE(con->hold, false);
	schedule_work(&con->fake->work);
	KUNIT_EXPECT_TRUE(test, await(was_written, written));
	KUNIT_ASSERT_EQ(test, con->nr_written, written);
	for (i = 0; i < written; i++)
		wrong += con->written[i] != (u8)(i * 7);
	KUNIT_EXPECT_EQ(test, wrong, 0);
}

/* A closed tty keeps the first 8 KiB of what comes, and counts the rest. */
static void hvc_full_test(struct kunit *test)
{
	char *buf = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	u8 data[256];
	size_t i;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	con_new(test, true);
	memset(data, 'a', sizeof(data));
	for (i = 0; i < 8192 / sizeof(data); i++)
		notify_chars(0, sizeof(data), data, sizeof(data));
	notify_chars(0, 3, "bcd", 3);
	/* Behind it in the order of delivery. */
	notify_status(VMID, GUNYAH_RM_VM_RUNNING);
	KUNIT_EXPECT_TRUE(test, await(was_opened, 2));
	dropped(buf);
	KUNIT_EXPECT_STREQ(test, buf, "rx 3\ntx 0\n");

	con_open(test, 0);
	KUNIT_EXPECT_TRUE(test, await(was_received, 8192));
	KUNIT_EXPECT_EQ(test, con->received[0], 'a');
	KUNIT_EXPECT_EQ(test, con->received[8191], 'a');
}

/* The driver is unbound with an open tty and a writer's bytes on their way. */
static void hvc_unbind_test(struct kunit *test)
{
	con_new(test, true);
	con_open(test, 0);
	KUNIT_EXPECT_EQ(test, con->tty->ops->write(con->tty, "abc", 3), 3);
	gunyah_rm_console_stop(con->console);
	con->console = NULL;
	KUNIT_EXPECT_TRUE(test, test_bit(TTY_HUPPED, &con->tty->flags));
	KUNIT_EXPECT_EQ(test, con->closed, 1);
	con_close();

	/* And again, as if nothing had been. */
	con->console = gunyah_rm_console_start(con->fake->rm);
	KUNIT_ASSERT_NOT_NULL(test, con->console);
	KUNIT_ASSERT_TRUE(test, await(has_tty, 0));
	con->nr_received = 0;
	con_open(test, 0);
	notify_chars(0, 3, "new", 3);
	KUNIT_EXPECT_TRUE(test, await(was_received, 3));
	KUNIT_EXPECT_MEMEQ(test, con->received, "new", 3);
}

/* RM is dead, and there are 19 calls to make: a few time out, not each. */
static void hvc_dead_test(struct kunit *test)
{
	static const u8 line[256];
	unsigned int i;
	u64 timeouts;

	con_new(test, true);
	con_open(test, 0);
	timeouts = fake_counter(con->fake, RM_CTR_TIMEOUTS);
	WRITE_ONCE(con->hold, true);
	con->fake->rm->timeout_ms = 100;
	for (i = 0; i < 16; i++)
		con->tty->ops->write(con->tty, line, sizeof(line));

	/* Nor is what is written meanwhile worth more. At least closing is one, too. */
	gunyah_rm_console_stop(con->console);
	con->console = NULL;
	KUNIT_EXPECT_GT(test, fake_counter(con->fake, RM_CTR_TIMEOUTS), timeouts);
	KUNIT_EXPECT_LE(test, fake_counter(con->fake, RM_CTR_TIMEOUTS), timeouts + 10);
	con->fake->rm->timeout_ms = 0;
}

/* The end of a VM was not heard: its console goes when that is found out. */
static void hvc_lost_test(struct kunit *test)
{
	con_new(test, true);
	con->has_vm = true;
	notify_status(VMID, GUNYAH_RM_VM_READY);
	KUNIT_ASSERT_TRUE(test, await(has_tty, VMID));

	/* Nothing has happened yet. */
	fake_notify(con->fake, GUNYAH_RM_NOTIF_VM_STATUS, "", 1);
	KUNIT_EXPECT_TRUE(test, await(was_opened, 3));
	KUNIT_EXPECT_TRUE(test, has_tty(VMID));

	con->has_vm = false;
	fake_notify(con->fake, GUNYAH_RM_NOTIF_VM_STATUS, "", 1);
	KUNIT_EXPECT_TRUE(test, await(has_no_tty, VMID));
	KUNIT_EXPECT_TRUE(test, await(was_closed, 1));
	KUNIT_EXPECT_TRUE(test, has_tty(0));
}

/* RM is busy when it is asked who there is, and for a console: it is asked again. */
static void hvc_busy_test(struct kunit *test)
{
	con_new(test, false);
	con->has_own = true;
	con->busy = 2;
	fake_notify(con->fake, GUNYAH_RM_NOTIF_VM_STATUS, "", 1);
	KUNIT_EXPECT_TRUE(test, await(has_tty, 0));

	/* And so it is for the one of a VM, of which is told only once. */
	con->has_vm = true;
	con->busy = 1;
	notify_status(VMID, GUNYAH_RM_VM_READY);
	KUNIT_EXPECT_TRUE(test, await(has_tty, VMID));
}

static struct kunit_case hvc_cases[] = {
	KUNIT_CASE(hvc_own_test),
	KUNIT_CASE(hvc_none_test),
	KUNIT_CASE(hvc_vm_test),
	KUNIT_CASE(hvc_bad_test),
	KUNIT_CASE(hvc_slow_test),
	KUNIT_CASE(hvc_full_test),
	KUNIT_CASE(hvc_unbind_test),
	KUNIT_CASE(hvc_dead_test),
	KUNIT_CASE(hvc_lost_test),
	KUNIT_CASE_SLOW(hvc_busy_test),
	{ }
};

static struct kunit_suite hvc_suite = {
	.name = "gunyah-hvc",
	.test_cases = hvc_cases,
};

kunit_test_suite(hvc_suite);
