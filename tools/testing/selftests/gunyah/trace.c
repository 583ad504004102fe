// SPDX-License-Identifier: GPL-2.0-only
/*
 * What can be seen from outside: each trace event of a VM's life with what it
 * tells, and the statistics, which take no root to read.
 */
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "counters.h"
#include "running.h"

#define TRACING	"/sys/kernel/tracing/"
#define NOBODY	65534
#define HERE	0x6000ULL
#define NOTIFY	0x8000ULL
#define BELL	1
#define ROOM	0x100000

static const char *const systems[] = { "gunyah", "gunyah_vm" };

static int write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	if (!file)
		return -errno;
	fputs(text, file);
	return fclose(file) ? -errno : 0;
}

static int trace_switch(const char *value)
{
	char path[96];
	unsigned int i;
	int ret = 0;

	for (i = 0; i < ARRAY_SIZE(systems) && !ret; i++) {
		snprintf(path, sizeof(path), TRACING "events/%s/enable", systems[i]);
		ret = write_file(path, value);
	}
	return ret;
}

/* All events so far; room for ROOM bytes of them */
static int trace_read(char *text)
{
	FILE *file = fopen(TRACING "trace", "r");
	size_t size;

	if (!file)
		return -errno;
	size = fread(text, 1, ROOM - 1, file);
	text[size] = '\0';
	fclose(file);
	return 0;
}

/* Is there a line with the event's name and, behind it, all these words? */
static bool traced(const char *text, const char *event, const char *const words[4])
{
	const char *line, *end;
	char one[512];
	int i;

	for (line = strstr(text, event); line; line = strstr(line + 1, event)) {
		end = strchr(line, '\n');
		snprintf(one, sizeof(one), "%.*s", end ? (int)(end - line) : 0, line);
		for (i = 0; i < 4 && words[i] && strstr(one, words[i]); i++)
			;
		if (i == 4 || !words[i])
			return true;
	}
	return false;
}

FIXTURE(trace)
{
	struct guest guest;
	int event;
	char *text;
};

FIXTURE_SETUP(trace)
{
	int ret;

	self->guest.vm = -1;
	self->event = -1;
	self->text = malloc(ROOM);
	ASSERT_NE(self->text, NULL);
	ret = guest_needed();
	if (ret > 0)
		SKIP(return, NO_GUESTS);
	ASSERT_EQ(ret, 0);
	self->event = eventfd(0, EFD_NONBLOCK);
	ASSERT_GE(self->event, 0);
	write_file(TRACING "trace", "");
	if (trace_switch("1"))
		SKIP(return, "no tracing");
}

FIXTURE_TEARDOWN(trace)
{
	guest_end(&self->guest);
	trace_switch("0");
	close(self->event);
	free(self->text);
}

static const struct expected {
	const char *event;
	const char *words[4];
} life[] = {
	{ "gunyah_vm_state:", { "from=new", "to=starting" } },
	{ "gunyah_vm_state:", { "from=starting", "to=running" } },
	{ "gunyah_vm_state:", { "from=running", "to=exited" } },
	{ "gunyah_vm_state:", { "from=exited", "to=closing" } },
	{ "gunyah_vm_state:", { "from=closing", "to=closed" } },
	{ "gunyah_vm_parcel:", { " lend ", "label=0", "size=4194304", "ret=0" } },
	{ "gunyah_vm_parcel:", { " share ", "label=7", "size=8192", "ret=0" } },
	{ "gunyah_vm_parcel:", { " reclaim ", "label=0", "size=4194304", "ret=0" } },
	{ "gunyah_vm_parcel:", { " reclaim ", "label=7", "size=8192", "ret=0" } },
	{ "gunyah_vm_down:", { "step=reset" } },
	{ "gunyah_vcpu_entry:", { "vcpu=0", "value=0x1267" } },
	{ "gunyah_vcpu_exit:", { "vcpu=0", "ret=0", "state=read", "data=0x6000,0x8," } },
	{ "gunyah_vcpu_exit:", { "vcpu=0", "ret=0", "state=write", "data=0x6008,0x4," } },
	{ "gunyah_vcpu_exit:", { "vcpu=0", "ret=0", "state=wakeup" } },
	{ "gunyah_irqfd:", { "label=1", "ret=0" } },
	{ "gunyah_ioeventfd:", { "addr=0x8000", "len=2", "value=0x11" } },
};

TEST_F_TIMEOUT(trace, life, SLOW)
{
	static const struct gunyah_bell bell = { .label = BELL, .spi = BELL };
	const struct guest_options options = {
		.lend = true, .shared = 0x2000, .bells = &bell, .nr_bells = 1,
	};
	struct guest *guest = &self->guest;
	const uint64_t one = 1;
	struct runner runner;
	unsigned int i;
	bool closed;

	ASSERT_EQ(guest_make(guest, &options), 0);
	ASSERT_EQ(gunyah_add_irqfd(guest->vm, self->event, BELL, false), 0);
	ASSERT_EQ(gunyah_add_ioeventfd(guest->vm, eventfd(0, 0), NOTIFY), 0);
	ASSERT_EQ(gunyah_start(guest->vm), 0);
	EXPECT_EQ(guest_call(guest, 0, PUPPET_STORE, NOTIFY, 2, 0x11, NULL), GUEST_DONE);
	EXPECT_EQ(guest_call(guest, 0, PUPPET_LOAD, HERE, 8, 0, NULL), GUEST_MMIO);
	guest_mmio_answer(guest->vcpu[0].run, 4711);
	EXPECT_EQ(guest_continue(guest, 0, NULL), GUEST_DONE);
	EXPECT_EQ(guest_call(guest, 0, PUPPET_STORE, HERE + 8, 4, 1, NULL), GUEST_MMIO);
	EXPECT_EQ(guest_continue(guest, 0, NULL), GUEST_DONE);
	EXPECT_EQ(guest_spi_on(guest, 0, BELL, false), GUEST_DONE);
	guest_set(guest, 0, PUPPET_WAIT, 0, 0, 0);
	ASSERT_EQ(runner_start(&runner, guest, 0), 0);
	usleep(200000);
	EXPECT_EQ(write(self->event, &one, sizeof(one)), 8);
	EXPECT_EQ(runner_join(&runner), GUEST_DONE);
	EXPECT_EQ(guest_call(guest, 0, PUPPET_HVC, PSCI_OFF, 0, 0, NULL), GUEST_STATUS);
	guest_end(guest);

	/* It is taken apart at leisure. */
	for (i = 0, closed = false; i < 1000 && !closed; i++) {
		usleep(10000);
		ASSERT_EQ(trace_read(self->text), 0);
		closed = traced(self->text, life[4].event, life[4].words);
	}
	for (i = 0; i < ARRAY_SIZE(life); i++) {
		EXPECT_TRUE(traced(self->text, life[i].event, life[i].words)) {
			TH_LOG("%s %s %s %s", life[i].event, life[i].words[0],
			       life[i].words[1] ?: "", life[i].words[2] ?: "");
		}
	}
}

/* A VM that does not start says why, in its fdinfo and here. */
TEST_F_TIMEOUT(trace, start_failed, SLOW)
{
	static const char *const no_tree[4] = { "ret=-22", "why=\"no device tree\"" };
	static const char *const bad_tree[4] = { "ret=-22", "RM does not like the device tree" };
	static const char *const base[4] = { "ret=-22", "base-address" };
	static const char *const state[4] = { "from=starting", "to=load-failed" };
	const struct guest_options options = { .lend = true };
	struct guest *guest = &self->guest;
	int dev = gunyah_open(NULL), vm = gunyah_create_vm(dev);

	EXPECT_EQ(gunyah_start(vm), -EINVAL);
	close(vm);
	close(dev);
	ASSERT_EQ(trace_read(self->text), 0);
	EXPECT_TRUE(traced(self->text, "gunyah_vm_start_failed:", no_tree));
	EXPECT_FALSE(traced(self->text, "gunyah_vm_start_failed:", bad_tree));

	ASSERT_EQ(guest_make(guest, &options), 0);
	memset((char *)guest->ram.host + (guest->dtb - GUNYAH_DT_MEMORY), 0, 64);
	EXPECT_EQ(gunyah_start(guest->vm), -EINVAL);
	ASSERT_EQ(trace_read(self->text), 0);
	EXPECT_TRUE(traced(self->text, "gunyah_vm_start_failed:", bad_tree));
	EXPECT_TRUE(traced(self->text, "gunyah_vm_start_failed:", base));
	EXPECT_TRUE(traced(self->text, "gunyah_vm_state:", state));
}

/* Whoever has the descriptor reads them, and is nobody. */
TEST_F_TIMEOUT(trace, statistics_by_nobody, SLOW)
{
	static const char *const words[] = {
		"state:\trunning\n", "\nvmid:\t", "\npages:\t1024\n", "region:\tlent label 0",
		"vcpu:\tid=0 runs=", "guest_ns=", "wakeups=", "sleeps=", "mmio=5 ",
		"irqfd:\tlabel=1 edge signals=0 errors=0", "ioeventfd:\taddr=0x8000 hits=0",
	};
	const struct guest_options options = { .lend = true };
	struct guest *guest = &self->guest;
	unsigned int i;
	int status;
	pid_t pid;

	ASSERT_EQ(guest_make(guest, &options), 0);
	ASSERT_EQ(gunyah_add_irqfd(guest->vm, self->event, BELL, false), 0);
	ASSERT_EQ(gunyah_add_ioeventfd(guest->vm, self->event, NOTIFY), 0);
	ASSERT_EQ(gunyah_start(guest->vm), 0);
	ASSERT_EQ(guest_call(guest, 0, PUPPET_NOTHING, 0, 0, 0, NULL), GUEST_DONE);
	pid = fork();
	if (!pid) {
		if (setgid(NOBODY) || setuid(NOBODY) || prctl(PR_SET_DUMPABLE, 1))
			_exit(100);
		fd_info(guest->vm, self->text, ROOM);
		for (i = 0; i < ARRAY_SIZE(words); i++)
			if (!strstr(self->text, words[i]))
				_exit(1 + i);
		_exit(0);
	}
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_HARNESS_MAIN
