// SPDX-License-Identifier: GPL-2.0-only
/*
 * What VCPU_RUN and the run page do: exits of each size, how they are answered,
 * signals, waiting, several vCPUs.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "counters.h"
#include "raw.h"
#include "running.h"

#define HERE	0x6000ULL	/* where nothing is */
#define NOWHERE	0x60000000ULL	/* the same, and no exit either */

FIXTURE(vcpu)
{
	struct guest guest;
};

FIXTURE_VARIANT(vcpu)
{
	bool lend;
};

FIXTURE_VARIANT_ADD(vcpu, lent) { .lend = true };
FIXTURE_VARIANT_ADD(vcpu, shared) { .lend = false };

FIXTURE_SETUP(vcpu)
{
	struct guest_options options = { .lend = variant->lend };
	int ret;

	self->guest.vm = -1;
	ret = guest_needed();
	if (ret > 0)
		SKIP(return, NO_GUESTS);
	ASSERT_EQ(ret, 0);
	ASSERT_EQ(guest_make(&self->guest, &options), 0);
	ASSERT_EQ(gunyah_start(self->guest.vm), 0);
}

FIXTURE_TEARDOWN(vcpu)
{
	guest_end(&self->guest);
}

static const uint64_t mask[] = { 0, 0xff, 0xffff, 0, 0xffffffff, 0, 0, 0, ~0ULL };

TEST_F_TIMEOUT(vcpu, mmio_write, SLOW)
{
	struct gunyah_vcpu_run *run = self->guest.vcpu[0].run;
	const uint64_t value = 0x8877665544332211;
	unsigned int size;

	for (size = 1; size <= 8; size *= 2) {
		ASSERT_EQ(guest_call(&self->guest, 0, PUPPET_STORE, HERE, size, value, NULL),
			  GUEST_MMIO);
		EXPECT_EQ(run->mmio.phys_addr, HERE);
		EXPECT_EQ(run->mmio.len, size);
		EXPECT_EQ(run->mmio.is_write, 1);
		EXPECT_EQ(run->mmio.resume_action, GUNYAH_VCPU_RESUME_HANDLED);
		EXPECT_EQ(guest_mmio_value(run), value & mask[size]);
		ASSERT_EQ(guest_continue(&self->guest, 0, NULL), GUEST_DONE);
	}
}

TEST_F_TIMEOUT(vcpu, mmio_read, SLOW)
{
	struct gunyah_vcpu_run *run = self->guest.vcpu[0].run;
	const uint64_t value = 0xf8e7d6c5b4a39281;
	uint64_t result = 0;
	unsigned int size;

	for (size = 1; size <= 8; size *= 2) {
		ASSERT_EQ(guest_call(&self->guest, 0, PUPPET_LOAD, HERE + 8, size, 0, &result),
			  GUEST_MMIO);
		EXPECT_EQ(run->mmio.phys_addr, HERE + 8);
		EXPECT_EQ(run->mmio.len, size);
		EXPECT_EQ(run->mmio.is_write, 0);
		/* More than was asked for does not arrive. */
		guest_mmio_answer(run, value);
		ASSERT_EQ(guest_continue(&self->guest, 0, &result), GUEST_DONE);
		EXPECT_EQ(result, value & mask[size]);
	}
}

/* What is the kernel's is not read back from the page. */
TEST_F_TIMEOUT(vcpu, page_scribbled_over, SLOW)
{
	struct gunyah_vcpu_run *run = self->guest.vcpu[0].run;
	uint64_t result = 0;

	ASSERT_EQ(guest_call(&self->guest, 0, PUPPET_LOAD, HERE, 4, 0, &result), GUEST_MMIO);
	guest_mmio_answer(run, 0x1234567890abcdef);
	run->exit_reason = GUNYAH_VCPU_EXIT_STATUS;
	run->mmio.phys_addr = ~0ULL;
	run->mmio.len = 4096;
	run->mmio.is_write = 1;
	memset(run->padding, 0xff, sizeof(run->padding));
	ASSERT_EQ(guest_continue(&self->guest, 0, &result), GUEST_DONE);
	EXPECT_EQ(result, 0x90abcdef);
}

TEST_F_TIMEOUT(vcpu, resume_action, SLOW)
{
	struct gunyah_vcpu_run *run = self->guest.vcpu[0].run;
	uint64_t result = 0;
	unsigned int action;

	ASSERT_EQ(guest_call(&self->guest, 0, PUPPET_LOAD, HERE, 8, 0, &result), GUEST_MMIO);
	/* A mistake can be mended. */
	for (action = 3; action < 256; action += 84) {
		run->mmio.resume_action = action;
		EXPECT_EQ(gunyah_vcpu_run(self->guest.vcpu[0].fd), -EINVAL);
		EXPECT_EQ(run->exit_reason, GUNYAH_VCPU_EXIT_MMIO);
		EXPECT_EQ(run->mmio.phys_addr, HERE);
	}
	run->mmio.resume_action = GUNYAH_VCPU_RESUME_HANDLED;
	guest_mmio_answer(run, 42);
	ASSERT_EQ(guest_continue(&self->guest, 0, &result), GUEST_DONE);
	EXPECT_EQ(result, 42);
}

/* Set before: the guest does not run, and is told nothing twice. */
TEST_F_TIMEOUT(vcpu, immediate_exit, SLOW)
{
	struct gunyah_vcpu_run *run = self->guest.vcpu[0].run;
	uint64_t result = 0;
	int i;

	ASSERT_EQ(guest_call(&self->guest, 0, PUPPET_LOAD, HERE, 8, 0, &result), GUEST_MMIO);
	guest_mmio_answer(run, 4711);
	run->immediate_exit = 1;
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(gunyah_vcpu_run(self->guest.vcpu[0].fd), -EINTR);
		/* The answer was taken the first time. */
		guest_mmio_answer(run, i);
	}
	EXPECT_EQ(run->immediate_exit, 1);
	run->immediate_exit = 0;
	ASSERT_EQ(guest_continue(&self->guest, 0, &result), GUEST_DONE);
	EXPECT_EQ(result, 4711);
}

/* No exit may be lost or come twice when signals rain on the thread. */
TEST_F_TIMEOUT(vcpu, signals, SLOW)
{
	struct guest *guest = &self->guest;
	struct runner runner;
	unsigned int interrupted = 0;
	uint64_t i, result;
	int ret;

	for (i = 0; i < 20; i++) {
		guest_set(guest, 0, PUPPET_STORE, HERE, 8, i);
		do {
			ASSERT_EQ(runner_start(&runner, guest, 0), 0);
			pthread_kill(runner.thread, SIGUSR1);
			ret = runner_join(&runner);
			interrupted += ret == -EINTR;
		} while (ret == -EINTR);
		ASSERT_EQ(ret, GUEST_MMIO);
		EXPECT_EQ(guest_mmio_value(guest->vcpu[0].run), i);
		do {
			ret = guest_continue(guest, 0, &result);
		} while (ret == -EINTR);
		ASSERT_EQ(ret, GUEST_DONE);
	}
	TH_LOG("%u interrupted", interrupted);
}

/* A guest that never leaves is left by a signal. */
TEST_F_TIMEOUT(vcpu, signal_hung_guest, SLOW)
{
	struct runner runner;
	int i;

	guest_set(&self->guest, 0, PUPPET_SPIN, 0, 0, 0);
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(runner_start(&runner, &self->guest, 0), 0);
		usleep(200000);
		pthread_kill(runner.thread, SIGUSR1);
		EXPECT_EQ(runner_join(&runner), -EINTR);
	}
}

/* One that waits for ever, too; and when its function is removed. */
TEST_F_TIMEOUT(vcpu, leave_waiting_guest, SLOW)
{
	const uint64_t gicr = GUNYAH_DT_GICD - GUNYAH_DT_GICR_STRIDE;
	struct guest *guest = &self->guest;
	struct runner runner;

	/* Without its group the public hypervisor traps ICC_IAR1_EL1, and faults. */
	ASSERT_EQ(guest_call(guest, 0, PUPPET_GIC, 0, 0, 0, NULL), GUEST_DONE);
	ASSERT_EQ(guest_call(guest, 0, PUPPET_STORE, gicr + 0x14, 4, 0, NULL), GUEST_DONE);
	ASSERT_EQ(guest_call(guest, 0, PUPPET_STORE, GUNYAH_DT_GICD, 4, 0x12, NULL), GUEST_DONE);
	guest_set(guest, 0, PUPPET_WAIT, 0, 0, 0);
	ASSERT_EQ(runner_start(&runner, guest, 0), 0);
	usleep(300000);
	pthread_kill(runner.thread, SIGUSR1);
	EXPECT_EQ(runner_join(&runner), -EINTR);

	ASSERT_EQ(runner_start(&runner, guest, 0), 0);
	usleep(300000);
	EXPECT_EQ(gunyah_remove_vcpu(guest->vm, 0), 0);
	EXPECT_EQ(runner_join(&runner), -ENODEV);
}

/* The hypervisor wakes it for its timer: nobody rings. */
TEST_F_TIMEOUT(vcpu, timer, SLOW)
{
	const uint64_t gicr = GUNYAH_DT_GICD - GUNYAH_DT_GICR_STRIDE;
	struct guest *guest = &self->guest;
	uint64_t result = 0;
	int i;

	ASSERT_EQ(guest_call(guest, 0, PUPPET_GIC, 0, 0, 0, NULL), GUEST_DONE);
	/* Awake; PPI 27 in group 1, enabled; the distributor's group 1, too */
	ASSERT_EQ(guest_call(guest, 0, PUPPET_STORE, gicr + 0x14, 4, 0, NULL), GUEST_DONE);
	ASSERT_EQ(guest_call(guest, 0, PUPPET_STORE, gicr + 0x10080, 4, 1 << 27, NULL),
		  GUEST_DONE);
	ASSERT_EQ(guest_call(guest, 0, PUPPET_STORE, gicr + 0x10100, 4, 1 << 27, NULL),
		  GUEST_DONE);
	ASSERT_EQ(guest_call(guest, 0, PUPPET_STORE, GUNYAH_DT_GICD, 4, 0x12, NULL), GUEST_DONE);
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(guest_call(guest, 0, PUPPET_TIMER, 1000000, 0, 0, NULL), GUEST_DONE);
		ASSERT_EQ(guest_call(guest, 0, PUPPET_WAIT, 0, 0, 0, &result), GUEST_DONE);
		EXPECT_EQ(result, 27);
	}
}

/* Each command is five exits: four reads, and the write of the result. */
TEST_F_TIMEOUT(vcpu, statistics, SLOW)
{
	struct guest *guest = &self->guest;
	uint64_t time;
	int i;

	EXPECT_EQ(fd_number(guest->vm, "mmio="), 0);
	EXPECT_EQ(fd_number(guest->vm, "runs="), 0);
	for (i = 0; i < 10; i++)
		ASSERT_EQ(guest_call(guest, 0, PUPPET_NOTHING, 0, 0, 0, NULL), GUEST_DONE);
	EXPECT_EQ(fd_number(guest->vm, "mmio="), 50);
	EXPECT_GE(fd_number(guest->vm, "runs="), 50);
	time = fd_number(guest->vm, "guest_ns=");
	EXPECT_GT(time, 0);
	ASSERT_EQ(guest_call(guest, 0, PUPPET_SPIN, 100000, 0, 0, NULL), GUEST_DONE);
	EXPECT_GT(fd_number(guest->vm, "guest_ns="), time);
}

/* Time of guests this process has had, in ticks */
static unsigned long guest_ticks(void)
{
	unsigned long ticks = 0;
	char line[1024], *at;
	FILE *stat = fopen("/proc/self/stat", "r");
	int field;

	if (stat && fgets(line, sizeof(line), stat)) {
		/* Behind the name, which is the second and ends with a bracket */
		at = strrchr(line, ')');
		for (field = 2; at && field < 43; field++)
			at = strchr(at + 1, ' ');
		ticks = at ? strtoul(at, NULL, 10) : 0;
	}
	if (stat)
		fclose(stat);
	return ticks;
}

/* A guest's time is a guest's, for whoever reads what the process has used. */
TEST_F_TIMEOUT(vcpu, guest_time, SLOW)
{
	const unsigned long before = guest_ticks();
	struct runner runner;
	unsigned int i;

	guest_set(&self->guest, 0, PUPPET_SPIN, 0, 0, 0);
	ASSERT_EQ(runner_start(&runner, &self->guest, 0), 0);
	for (i = 0; i < 100 && guest_ticks() < before + 10; i++)
		usleep(100000);
	EXPECT_GE(guest_ticks(), before + 10);
	pthread_kill(runner.thread, SIGUSR1);
	EXPECT_EQ(runner_join(&runner), -EINTR);
}

/*
 * What is done for a task on its way to user space is done for one that does not get
 * there, too, as its guest never needs it; and it does not notice. Here it is a timer of
 * the time its thread uses: that it has expired is found out by the thread itself.
 */
TEST_F_TIMEOUT(vcpu, entry_work, SLOW)
{
	const struct itimerspec in_100_ms = { .it_value.tv_nsec = 100000000 };
	const struct timespec patience = { .tv_sec = 20 };
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR2, ._sigev_un._tid = gettid(),
	};
	struct runner runner;
	clockid_t clock;
	timer_t timer;
	sigset_t set;
	int i;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	ASSERT_EQ(pthread_sigmask(SIG_BLOCK, &set, NULL), 0);
	guest_set(&self->guest, 0, PUPPET_SPIN, 0, 0, 0);
	ASSERT_EQ(runner_start(&runner, &self->guest, 0), 0);
	while (fd_number(self->guest.vm, "mmio=") < 4)
		usleep(10000);
	ASSERT_EQ(pthread_getcpuclockid(runner.thread, &clock), 0);
	ASSERT_EQ(timer_create(clock, &event, &timer), 0);
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(timer_settime(timer, 0, &in_100_ms, NULL), 0);
		EXPECT_EQ(sigtimedwait(&set, NULL, &patience), SIGUSR2);
	}
	EXPECT_EQ(timer_delete(timer), 0);
	EXPECT_EQ(pthread_tryjoin_np(runner.thread, NULL), EBUSY);
	EXPECT_EQ(fd_number(self->guest.vm, "mmio="), 4);
	pthread_kill(runner.thread, SIGUSR1);
	EXPECT_EQ(runner_join(&runner), -EINTR);
}

FIXTURE(smp)
{
	struct guest guest;
};

FIXTURE_SETUP(smp)
{
	int ret;

	self->guest.vm = -1;
	ret = guest_needed();
	if (ret > 0)
		SKIP(return, NO_GUESTS);
	ASSERT_EQ(ret, 0);
}

FIXTURE_TEARDOWN(smp)
{
	guest_end(&self->guest);
}

/* vCPUs that wait to be switched on, then all work, then all are told. */
TEST_F_TIMEOUT(smp, all_of_them, 2 * SLOW)
{
	/* RM makes no more vCPUs than the machine has CPUs. */
	const long cpus = sysconf(_SC_NPROCESSORS_CONF) < 4 ? sysconf(_SC_NPROCESSORS_CONF) : 4;
	struct guest_options options = { .cpus = cpus, .lend = true };
	struct guest *guest = &self->guest;
	struct runner runner[4];
	uint64_t result = 0;
	unsigned int cpu;

	if (cpus < 2)
		SKIP(return, "one CPU");
	ASSERT_EQ(guest_make(guest, &options), 0);
	ASSERT_EQ(gunyah_start(guest->vm), 0);
	for (cpu = 1; cpu < cpus; cpu++) {
		guest_set(guest, cpu, PUPPET_SELF, 1, 0, 0);
		ASSERT_EQ(runner_start(&runner[cpu], guest, cpu), 0);
	}
	for (cpu = 1; cpu < cpus; cpu++)
		EXPECT_EQ(guest_cpu_on(guest, cpu), 0);
	for (cpu = 1; cpu < cpus; cpu++) {
		ASSERT_EQ(runner_join(&runner[cpu]), GUEST_DONE);
		EXPECT_EQ(runner[cpu].result & 0xff, cpu);
	}
	for (cpu = 1; cpu < cpus; cpu++) {
		guest_set(guest, cpu, PUPPET_SPIN, 0, 0, 0);
		ASSERT_EQ(runner_start(&runner[cpu], guest, cpu), 0);
	}
	EXPECT_EQ(guest_call(guest, 0, PUPPET_HVC, PSCI_OFF, 0, 0, &result), GUEST_STATUS);
	for (cpu = 1; cpu < cpus; cpu++)
		EXPECT_EQ(runner_join(&runner[cpu]), GUEST_STATUS);
}

/* A vCPU nobody runs does not keep the VM from its end. */
TEST_F_TIMEOUT(smp, never_run, SLOW)
{
	struct guest_options options = { .cpus = 2, .lend = true };
	struct guest *guest = &self->guest;

	ASSERT_EQ(guest_make(guest, &options), 0);
	ASSERT_EQ(gunyah_start(guest->vm), 0);
	EXPECT_EQ(guest_call(guest, 0, PUPPET_HVC, PSCI_OFF, 0, 0, NULL), GUEST_STATUS);
	EXPECT_EQ(gunyah_vcpu_run(guest->vcpu[1].fd), 0);
	EXPECT_EQ(guest->vcpu[1].run->exit_reason, GUNYAH_VCPU_EXIT_STATUS);
}

/*
 * The public RM wants idle states of a VM that it schedules. The puppet has none, and
 * without anybody who pulls it would have a CPU of this machine for ever.
 */
#define NO_SCHEDULER "this RM takes no VM like this to schedule"

/*
 * vCPUs that are somebody else's to run: from here they are waited for. Where
 * there is a scheduler the puppet runs, and may be at its end when nobody pulls.
 */
TEST_F_TIMEOUT(smp, unscheduled, SLOW)
{
	struct guest_options options = { .unscheduled = true, .lend = true };
	struct guest *guest = &self->guest;
	struct gunyah_vcpu_run *run;
	struct runner runner;
	int ret;

	ASSERT_EQ(guest_make(guest, &options), 0);
	run = guest->vcpu[0].run;
	ret = gunyah_start(guest->vm);
	if (ret == -EINVAL)
		SKIP(return, NO_SCHEDULER);
	ASSERT_EQ(ret, 0);
	ASSERT_EQ(runner_start(&runner, guest, 0), 0);
	usleep(300000);
	pthread_kill(runner.thread, SIGUSR1);
	ret = runner_join(&runner);
	EXPECT_EQ(fd_number(guest->vm, "runs="), 0);
	if (ret == GUEST_STATUS)
		SKIP(return, "it has run, and ended");
	EXPECT_EQ(ret, -EINTR);
	EXPECT_EQ(run->exit_reason, GUNYAH_VCPU_EXIT_UNKNOWN);
	run->immediate_exit = 1;
	EXPECT_EQ(gunyah_vcpu_run(guest->vcpu[0].fd), -EINTR);
	run->immediate_exit = 0;

	ASSERT_EQ(runner_start(&runner, guest, 0), 0);
	usleep(300000);
	EXPECT_EQ(rm_stop_by_force(fd_number(guest->vm, "vmid:\t")), 0);
	EXPECT_EQ(runner_join(&runner), GUEST_STATUS);
	EXPECT_EQ(run->status.status, GUNYAH_VM_STATUS_EXITED);
	EXPECT_EQ(run->status.exit_info.type, GUNYAH_VM_EXIT_FORCED);
	EXPECT_EQ(fd_number(guest->vm, "runs="), 0);
	EXPECT_EQ(fd_number(guest->vm, "mmio="), 0);
}

/* The function is removed under the sleeper. */
TEST_F_TIMEOUT(smp, unscheduled_removed, SLOW)
{
	struct guest_options options = { .unscheduled = true, .lend = true };
	struct guest *guest = &self->guest;
	struct runner runner;
	int ret;

	ASSERT_EQ(guest_make(guest, &options), 0);
	ret = gunyah_start(guest->vm);
	if (ret == -EINVAL)
		SKIP(return, NO_SCHEDULER);
	ASSERT_EQ(ret, 0);
	ASSERT_EQ(runner_start(&runner, guest, 0), 0);
	usleep(300000);
	EXPECT_EQ(gunyah_remove_vcpu(guest->vm, 0), 0);
	ret = runner_join(&runner);
	EXPECT_TRUE(ret == -ENODEV || ret == GUEST_STATUS);
}

/*
 * A guest that can not go on: all vCPUs are told, again and again, and whoever polls.
 * RM may not have heard of it, and stops the VM when it is closed.
 */
TEST_F_TIMEOUT(smp, crash, SLOW)
{
	struct guest_options options = { .cpus = 2, .lend = true };
	struct guest *guest = &self->guest;
	struct pollfd poll_vm = { .events = POLLIN };
	struct runner crashes, spins;
	unsigned int cpu, i;
	int state;

	ASSERT_EQ(pinned_soon(0), 0);
	ASSERT_EQ(guest_make(guest, &options), 0);
	ASSERT_EQ(gunyah_start(guest->vm), 0);
	guest_set(guest, 1, PUPPET_SPIN, 0, 0, 0);
	ASSERT_EQ(runner_start(&spins, guest, 1), 0);
	ASSERT_EQ(guest_cpu_on(guest, 1), 0);
	guest_set(guest, 0, PUPPET_CRASH, NOWHERE, 0, 0);
	ASSERT_EQ(runner_start(&crashes, guest, 0), 0);
	poll_vm.fd = guest->vm;
	EXPECT_EQ(poll(&poll_vm, 1, 10000), 1) {
		/* As a runner that goes on for ever is not joined */
		pthread_kill(crashes.thread, SIGUSR1);
		pthread_kill(spins.thread, SIGUSR1);
	}
	EXPECT_EQ(poll_vm.revents, POLLHUP);
	EXPECT_EQ(runner_join(&crashes), GUEST_STATUS);
	EXPECT_EQ(runner_join(&spins), GUEST_STATUS);
	for (cpu = 0; cpu < 2; cpu++) {
		struct gunyah_vcpu_run *run = guest->vcpu[cpu].run;

		for (i = 0; i < 3; i++) {
			EXPECT_EQ(run->exit_reason, GUNYAH_VCPU_EXIT_STATUS);
			/* Or the public RM has heard of it, and was faster. */
			if (run->status.status != GUNYAH_VM_STATUS_EXITED) {
				EXPECT_EQ(run->status.status, GUNYAH_VM_STATUS_CRASHED);
				EXPECT_EQ(run->status.exit_info.type, 0);
				EXPECT_EQ(run->status.exit_info.reason_size, 0);
			}
			memset(run, 0, sizeof(*run));
			EXPECT_EQ(gunyah_vcpu_run(guest->vcpu[cpu].fd), 0);
		}
	}
	/* The public RM hears of it somewhat later. */
	state = rm_state(fd_number(guest->vm, "vmid:\t"));
	EXPECT_TRUE(state == RM_STATE_RUNNING || state == RM_STATE_EXITED);
	EXPECT_EQ(gunyah_start(guest->vm), -ENODEV);
	guest_end(guest);
	EXPECT_EQ(pinned_soon(0), 0);
	EXPECT_EQ(charged_soon(0), 0);
	EXPECT_EQ(guest_possible(), 0);
}

/* With all vCPUs off nobody is left to power one on, and RM is told by nobody. */
TEST_F_TIMEOUT(smp, nobody_on, SLOW)
{
	struct guest_options options = { .cpus = 2, .lend = true };
	struct guest *guest = &self->guest;
	uint64_t result = 0;
	struct runner runner;
	bool refused;
	int end;

	ASSERT_EQ(guest_make(guest, &options), 0);
	ASSERT_EQ(gunyah_start(guest->vm), 0);
	guest_set(guest, 1, PUPPET_HVC, PSCI_CPU_OFF, 0, 0);
	ASSERT_EQ(runner_start(&runner, guest, 1), 0);
	EXPECT_EQ(guest_cpu_on(guest, 1), 0);
	end = guest_call(guest, 0, PUPPET_HVC, PSCI_CPU_OFF, 0, 0, &result);
	refused = end == GUEST_DONE;
	if (refused)
		end = guest_call(guest, 0, PUPPET_HVC, PSCI_OFF, 0, 0, &result);
	EXPECT_EQ(end, GUEST_STATUS);
	EXPECT_EQ(runner_join(&runner), GUEST_STATUS);
	if (refused)
		SKIP(return, "the last vCPU cannot be switched off");
	EXPECT_EQ(guest->vcpu[0].run->status.status, GUNYAH_VM_STATUS_EXITED);
	EXPECT_EQ(guest->vcpu[0].run->status.exit_info.type, GUNYAH_VM_EXIT_PSCI_OFF);
	EXPECT_EQ(guest->vcpu[1].run->status.exit_info.type, GUNYAH_VM_EXIT_PSCI_OFF);
}

/* Memory both have: what one writes the other reads. */
TEST_F_TIMEOUT(smp, shared_memory, SLOW)
{
	struct guest_options options = { .lend = true, .shared = 0x10000 };
	struct guest *guest = &self->guest;
	uint64_t sum = 0, result = 0, *word;
	unsigned int i;

	ASSERT_EQ(guest_make(guest, &options), 0);
	ASSERT_EQ(gunyah_start(guest->vm), 0);
	word = guest->shared.host;
	for (i = 0; i < 0x10000 / 8; i++) {
		word[i] = i * 0x9e3779b97f4a7c15;
		sum += word[i];
	}
	ASSERT_EQ(guest_call(guest, 0, PUPPET_SUM, GUEST_SHARED, 0x10000, 0, &result),
		  GUEST_DONE);
	EXPECT_EQ(result, sum);
	ASSERT_EQ(guest_call(guest, 0, PUPPET_FILL, GUEST_SHARED, 0x10000, 0x5555, NULL),
		  GUEST_DONE);
	for (i = 0; i < 0x10000 / 8; i++)
		ASSERT_EQ(word[i], (GUEST_SHARED + 8 * i) ^ 0x5555);
}

TEST_HARNESS_MAIN
