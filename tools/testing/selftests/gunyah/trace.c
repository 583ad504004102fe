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
#include "tracefs.h"

#define NOBODY	65534
#define HERE	0x6000ULL
#define NOTIFY	0x8000ULL
#define BELL	1

static const char *const systems[] = { "gunyah", "gunyah_vm" };

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

/* An event, and words that are all in its line */
struct expected {
	const char *event;
	const char *words[4];
};

static bool is_line_of(const char *line, const struct expected *expected)
{
	unsigned int i;

	if (!strstr(line, expected->event))
		return false;
	for (i = 0; i < ARRAY_SIZE(expected->words) && expected->words[i]; i++)
		if (!strstr(line, expected->words[i]))
			return false;
	return true;
}

/* Which of these are among the events so far? Returns whether all are. */
static bool traced(const struct expected *list, unsigned int nr, bool *found)
{
	FILE *file = fopen(TRACING "trace", "r");
	unsigned int i, missing = nr;
	char line[1024];

	memset(found, 0, nr * sizeof(*found));
	while (file && missing && fgets(line, sizeof(line), file)) {
		for (i = 0; i < nr; i++) {
			if (found[i] || !is_line_of(line, &list[i]))
				continue;
			found[i] = true;
			missing--;
		}
	}
	if (file)
		fclose(file);
	return !missing;
}

FIXTURE(trace)
{
	struct guest guest;
	int event;
};

FIXTURE_SETUP(trace)
{
	int ret;

	self->guest.vm = -1;
	self->event = -1;
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
}

static const struct expected life[] = {
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
	bool found[ARRAY_SIZE(life)];
	unsigned int i;

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
	for (i = 0; i < 100 && !traced(life, ARRAY_SIZE(life), found); i++)
		usleep(100000);
	for (i = 0; i < ARRAY_SIZE(life); i++) {
		EXPECT_TRUE(found[i]) {
			TH_LOG("%s %s %s %s", life[i].event, life[i].words[0],
			       life[i].words[1] ?: "", life[i].words[2] ?: "");
		}
	}
}

/* A VM that does not start says why, in its fdinfo and here. */
TEST_F_TIMEOUT(trace, start_failed, SLOW)
{
	static const struct expected no_tree = {
		"gunyah_vm_start_failed:", { "ret=-22", "why=\"no device tree\"" }
	};
	static const struct expected bad_tree[] = {
		{ "gunyah_vm_start_failed:", { "ret=-22", "does not like the device tree",
					       "base-address" } },
		{ "gunyah_vm_state:", { "from=starting", "to=load-failed" } },
	};
	const struct guest_options options = { .lend = true };
	struct guest *guest = &self->guest;
	int dev = gunyah_open(NULL), vm = gunyah_create_vm(dev);
	bool found[ARRAY_SIZE(bad_tree)];

	EXPECT_EQ(gunyah_start(vm), -EINVAL);
	close(vm);
	close(dev);
	EXPECT_TRUE(traced(&no_tree, 1, found));
	EXPECT_FALSE(traced(bad_tree, 1, found));

	ASSERT_EQ(guest_make(guest, &options), 0);
	memset((char *)guest->ram.host + (guest->dtb - GUNYAH_DT_MEMORY), 0, 64);
	EXPECT_EQ(gunyah_start(guest->vm), -EINVAL);
	EXPECT_TRUE(traced(bad_tree, ARRAY_SIZE(bad_tree), found));
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
	char text[FD_INFO];
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
		fd_info(guest->vm, text, sizeof(text));
		for (i = 0; i < ARRAY_SIZE(words); i++)
			if (!strstr(text, words[i]))
				_exit(1 + i);
		_exit(0);
	}
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	/* Neither an exit nor a signal */
	EXPECT_EQ(status, 0);
}

TEST_HARNESS_MAIN
