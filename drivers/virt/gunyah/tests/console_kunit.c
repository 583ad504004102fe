// SPDX-License-Identifier: GPL-2.0-only
/*
 * Consoles at the resource manager (RM) with both ends in use, on the real
 * hypervisor and on the stand-in: one end is hvc_gunyah here, the other the
 * program of console_guest.S in a VM of its own, which says hello and then what it
 * hears. Without a hypervisor everything skips.
 *
 * A module of its own, as hvc_gunyah makes calls whenever a VM changes, and other
 * suites count theirs.
 */
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/gunyah_console.h>
#include <linux/gunyah_resource.h>
#include <linux/gunyah_rm_vm.h>
#include <linux/gunyah_vcpu.h>
#include <linux/jiffies.h>
#include <linux/kdev_t.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/tty.h>
#include <linux/tty_driver.h>
#include <linux/tty_port.h>

#include <kunit/test.h>

#include "../rm.h"
#include "console_guest.h"
#include "life.h"
#include "live.h"

/* Of all hvc ttys, wherever their bytes come from. */
#define HVC_MAJOR	229

#define PATIENCE	(60 * HZ)
/* How long a vCPU that waits is let wait. */
#define NAP		(HZ / 50)

/* What the guest says first, and what it is told. Each line of a notification. */
#define HELLO		"hello\n"
#define NR_LINES	64
#define NR_BYTES	4096

/**
 * struct con - a VM with a console and this end of it
 * @vm: the VM
 * @vcpu: its vCPU
 * @error: why it does not run any more
 * @client: takes what the tty receives
 * @tty: the tty while it is open
 * @received: what it received, in order
 * @nr_received: bytes of it
 * @expected: what it should
 * @nr_expected: bytes of it
 */
struct con {
	struct life_vm *vm;
	struct gunyah_vcpu *vcpu;
	int error;
	struct tty_port_client_operations client;
	struct tty_struct *tty;
	u8 received[NR_BYTES];
	size_t nr_received;
	u8 expected[NR_BYTES];
	size_t nr_expected;
};

/* The port has no room for a pointer. */
static struct con *con;

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

static bool never(void *data)
{
	return false;
}

/* Let the guest run for a while. */
static void guest_turn(void)
{
	struct gunyah_vcpu_resume resume = {};
	struct gunyah_vcpu_exit exit = {};
	int ret;

	if (!con->vcpu || con->error)
		return;

	ret = gunyah_vcpu_run(con->vcpu, &resume, &exit);
	if (ret && ret != -EAGAIN && ret != -EBUSY)
		con->error = ret;
	else if (!ret && exit.state == GUNYAH_VCPU_STATE_EXPECTS_WAKEUP)
		gunyah_vcpu_wait(con->vcpu, false, NAP, never, NULL);
	else if (!ret && exit.state != GUNYAH_VCPU_STATE_READY &&
		 exit.state != GUNYAH_VCPU_STATE_BLOCKED)
		con->error = -ENOTRECOVERABLE;
}

static bool await(bool (*condition)(void))
{
	unsigned long end = jiffies + PATIENCE;

	while (!condition() && !con->error && time_before(jiffies, end)) {
		guest_turn();
		schedule_timeout_uninterruptible(1);
	}

	return condition();
}

static bool has_tty(void)
{
	return gunyah_hvc_index(con->vm->vmid) >= 0;
}

static bool has_no_tty(void)
{
	return !has_tty();
}

static bool was_received(void)
{
	return READ_ONCE(con->nr_received) >= con->nr_expected;
}

static void expect_bytes(const void *bytes, size_t size)
{
	memcpy(con->expected + con->nr_expected, bytes, size);
	con->nr_expected += size;
}

static void steps(struct kunit *test, enum life_step first, enum life_step last)
{
	for (enum life_step step = first; step <= last; step++)
		KUNIT_EXPECT_EQ_MSG(test, life_vm_step(con->vm, step), 0, "%s",
				    life_step_names[step]);
}

static void con_open(struct kunit *test)
{
	int index = gunyah_hvc_index(con->vm->vmid);
	struct tty_struct *tty;
	int ret;

	tty = tty_kopen_exclusive(MKDEV(HVC_MAJOR, index));
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

/* The vCPU of the VM, as whoever runs VMs finds it. */
static void vcpu_find(struct kunit *test)
{
	struct auxiliary_device *adev = gunyah_resource_find(con->vm->vmid,
							     GUNYAH_RESOURCE_VCPU, LIFE_VCPU);
	struct gunyah_vcpu *vcpu;

	KUNIT_ASSERT_NOT_NULL(test, adev);
	vcpu = gunyah_vcpu_get(adev);
	put_device(&adev->dev);
	KUNIT_ASSERT_FALSE(test, IS_ERR(vcpu));
	con->vcpu = vcpu;
}

static void vcpu_forget(void)
{
	if (con->vcpu)
		gunyah_vcpu_put(con->vcpu);
	con->vcpu = NULL;
}

/* The calls, with both ends in each state. hvc_gunyah has opened this one. */
static void console_calls(struct kunit *test)
{
	struct gunyah_rm *rm = con->vm->rm;
	u16 vmid = con->vm->vmid;

	/* Nobody listens yet: dropped. */
	KUNIT_EXPECT_EQ(test, gunyah_rm_console_write(rm, vmid, "lost", 4), 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_console_flush(rm, vmid), 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_console_open(rm, vmid), 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_console_close(rm, vmid), 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_console_write(rm, vmid, "no", 2), -EPERM);
	KUNIT_EXPECT_EQ(test, gunyah_rm_console_flush(rm, vmid), -EPERM);
	KUNIT_EXPECT_EQ(test, gunyah_rm_console_close(rm, vmid), 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_console_open(rm, vmid), 0);

	/* The primary VM has none of its own, and there is no VM 4. */
	KUNIT_EXPECT_EQ(test, gunyah_rm_console_open(rm, GUNYAH_VMID_SELF), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_rm_console_write(rm, GUNYAH_VMID_SELF, "no", 2), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_rm_console_open(rm, 4), -EINVAL);
}

static void console_talk(struct kunit *test)
{
	char line[64];

	expect_bytes(HELLO, strlen(HELLO));
	KUNIT_ASSERT_TRUE(test, await(was_received));

	for (int i = 0; i < NR_LINES; i++) {
		int size = scnprintf(line, sizeof(line), "this is line %d of %d\n", i, NR_LINES);
		ssize_t written = con->tty->ops->write(con->tty, line, size);

		KUNIT_ASSERT_EQ(test, written, size);
		expect_bytes(line, size);
		/* One at a time, and the rest without waiting for an echo. */
		if (i < NR_LINES / 2)
			KUNIT_ASSERT_TRUE(test, await(was_received));
	}
	KUNIT_ASSERT_TRUE(test, await(was_received));
	KUNIT_ASSERT_EQ(test, con->nr_received, con->nr_expected);
	KUNIT_EXPECT_MEMEQ(test, con->received, con->expected, con->nr_expected);
}

static void console_life(struct kunit *test)
{
	steps(test, LIFE_ALLOC, LIFE_RESOURCES);
	KUNIT_ASSERT_TRUE(test, await(has_tty));
	vcpu_find(test);
	console_calls(test);
	steps(test, LIFE_START, LIFE_START);
	con_open(test);
	console_talk(test);
	steps(test, LIFE_STOP, LIFE_RESET);
	vcpu_forget();
	steps(test, LIFE_GONE, LIFE_GONE);
	/* It hangs up as the VM goes. */
	KUNIT_EXPECT_TRUE(test, await(has_no_tty));
	KUNIT_EXPECT_TRUE(test, test_bit(TTY_HUPPED, &con->tty->flags));
	con_close();
	steps(test, LIFE_RECLAIM, LIFE_DEALLOC);
}

static const unsigned int lives[] = { 1, 2, 3 };

static void life_desc(const unsigned int *life, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "life %u", *life);
}

KUNIT_ARRAY_PARAM(life, lives, life_desc);

/* More than once: what there was of the last one has to be gone. */
static void console_test(struct kunit *test)
{
	struct live *live = test->priv;
	struct life_shape shape = life_small;
	struct life_books before;

	life_books_read(live, &before);
	shape.console = true;
	shape.code = console_guest;
	shape.code_size = console_guest_end - console_guest;
	con->vm = life_vm_create(live->rm, &shape);
	KUNIT_ASSERT_FALSE(test, IS_ERR(con->vm));
	console_life(test);
	KUNIT_EXPECT_EQ(test, con->error, 0);
	life_books_expect(test, &before, LONG_MAX);
}

/* A VM without one: nothing is opened for it, and RM says so. */
static void console_none_test(struct kunit *test)
{
	struct live *live = test->priv;

	con->vm = life_vm_create(live->rm, &life_small);
	KUNIT_ASSERT_FALSE(test, IS_ERR(con->vm));
	steps(test, LIFE_ALLOC, LIFE_INIT);
	KUNIT_EXPECT_EQ(test, gunyah_rm_console_open(live->rm, con->vm->vmid), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_rm_console_write(live->rm, con->vm->vmid, "no", 2), -EINVAL);
	KUNIT_EXPECT_TRUE(test, has_no_tty());
}

static int console_init(struct kunit *test)
{
	int ret = live_init(test);

	/* It finds a device tree, so the stand-in is not told anything else. */
	if (!ret && test->priv) {
		con = kzalloc(sizeof(*con), GFP_KERNEL);
		if (!con)
			ret = -ENOMEM;
	}

	return ret;
}

static void console_exit(struct kunit *test)
{
	if (con) {
		con_close();
		vcpu_forget();
		if (!IS_ERR_OR_NULL(con->vm)) {
			KUNIT_EXPECT_EQ(test, life_vm_end(con->vm), 0);
			KUNIT_EXPECT_TRUE(test, life_vm_free(con->vm));
		}
	}
	kfree(con);
	con = NULL;
	live_exit(test);
}

static struct kunit_case console_cases[] = {
	KUNIT_CASE_PARAM(console_test, life_gen_params),
	KUNIT_CASE(console_none_test),
	{}
};

static struct kunit_suite console_suite = {
	.name = "gunyah-console",
	.init = console_init,
	.exit = console_exit,
	.test_cases = console_cases,
};

kunit_test_suite(console_suite);

MODULE_INFO(import_ns, "EXPORTED_FOR_KUNIT_TESTING");
MODULE_DESCRIPTION("Gunyah tests of consoles with both ends in use");
MODULE_LICENSE("GPL");
