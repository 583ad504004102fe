// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signals while a guest runs, at each of its exits: an exit is told once, its
 * answer is taken once, and no event is lost, whenever a signal comes.
 */
#include <stdlib.h>
#include <sys/eventfd.h>

#include "running.h"

#define HERE	0x6000ULL
#define NOTIFY	0x8000ULL
#define BELL	1
#define ROUNDS	400

/* How often the rain has hit */
static unsigned int hits;

static void rain_handler(int signal)
{
	__atomic_fetch_add(&hits, 1, __ATOMIC_SEQ_CST);
}

static unsigned int nr_hits(void)
{
	return __atomic_load_n(&hits, __ATOMIC_SEQ_CST);
}

/**
 * struct rain - a thread that sends signals to another one, one after the other
 * @thread: itself
 * @target: the other
 * @stop: it is to end
 */
struct rain {
	pthread_t thread, target;
	bool stop;
};

static bool rain_stops(struct rain *rain)
{
	return __atomic_load_n(&rain->stop, __ATOMIC_SEQ_CST);
}

/* Slower where one exit takes long: the next comes when the last has come. */
static void *rain_main(void *data)
{
	struct rain *rain = data;
	unsigned int seed = 1, before;

	while (!rain_stops(rain)) {
		before = nr_hits();
		pthread_kill(rain->target, SIGUSR1);
		while (nr_hits() == before && !rain_stops(rain))
			usleep(50);
		usleep(rand_r(&seed) % 500);
	}
	return NULL;
}

FIXTURE(signals)
{
	struct guest guest;
	struct rain rain;
	int event, bell;
	unsigned int interrupted;
};

FIXTURE_SETUP(signals)
{
	static const struct gunyah_bell bell = { .label = BELL, .spi = BELL };
	const struct guest_options options = { .lend = true, .bells = &bell, .nr_bells = 1 };
	struct sigaction action = { .sa_handler = rain_handler };
	int ret;

	self->guest.vm = -1;
	self->rain.stop = true;
	ret = guest_needed();
	if (ret > 0)
		SKIP(return, NO_GUESTS);
	ASSERT_EQ(ret, 0);
	self->event = eventfd(0, EFD_NONBLOCK);
	self->bell = eventfd(0, EFD_NONBLOCK);
	ASSERT_EQ(guest_make(&self->guest, &options), 0);
	ASSERT_EQ(gunyah_add_ioeventfd(self->guest.vm, self->event, NOTIFY), 0);
	ASSERT_EQ(gunyah_add_irqfd(self->guest.vm, self->bell, BELL, false), 0);
	ASSERT_EQ(gunyah_start(self->guest.vm), 0);
	ASSERT_EQ(guest_spi_on(&self->guest, 0, BELL, false), GUEST_DONE);
	sigaction(SIGUSR1, &action, NULL);
	self->interrupted = 0;
	self->rain.target = pthread_self();
	self->rain.stop = false;
	ASSERT_EQ(pthread_create(&self->rain.thread, NULL, rain_main, &self->rain), 0);
}

FIXTURE_TEARDOWN(signals)
{
	if (self->guest.vm < 0)
		return;
	__atomic_store_n(&self->rain.stop, true, __ATOMIC_SEQ_CST);
	pthread_join(self->rain.thread, NULL);
	TH_LOG("%u of %u signals ended a run", self->interrupted, nr_hits());
	EXPECT_GT(self->interrupted, 0);
	guest_end(&self->guest);
	close(self->event);
	close(self->bell);
}

/* The end of a command, or an exit that is not a signal */
static int go_on(struct guest *guest, uint64_t *result, unsigned int *interrupted)
{
	int ret;

	do {
		ret = guest_continue(guest, 0, result);
		*interrupted += ret == -EINTR;
	} while (ret == -EINTR);
	return ret;
}

static int command(struct guest *guest, uint64_t what, uint64_t arg0, uint64_t arg1,
		   uint64_t arg2, uint64_t *result, unsigned int *interrupted)
{
	guest_set(guest, 0, what, arg0, arg1, arg2);
	return go_on(guest, result, interrupted);
}

TEST_F_TIMEOUT(signals, write, SLOW)
{
	struct guest *guest = &self->guest;
	unsigned int *n = &self->interrupted;
	uint64_t i;

	for (i = 0; i < ROUNDS; i++) {
		ASSERT_EQ(command(guest, PUPPET_STORE, HERE, 8, i, NULL, n), GUEST_MMIO);
		ASSERT_EQ(guest_mmio_value(guest->vcpu[0].run), i);
		ASSERT_EQ(go_on(guest, NULL, n), GUEST_DONE);
	}
}

TEST_F_TIMEOUT(signals, read, SLOW)
{
	struct guest *guest = &self->guest;
	unsigned int *n = &self->interrupted;
	uint64_t i, result = 0;

	for (i = 0; i < ROUNDS; i++) {
		ASSERT_EQ(command(guest, PUPPET_LOAD, HERE + 8 * i, 8, 0, NULL, n), GUEST_MMIO);
		ASSERT_EQ(guest->vcpu[0].run->mmio.phys_addr, HERE + 8 * i);
		guest_mmio_answer(guest->vcpu[0].run, 1000 + i);
		ASSERT_EQ(go_on(guest, &result, n), GUEST_DONE);
		ASSERT_EQ(result, 1000 + i);
	}
}

TEST_F_TIMEOUT(signals, event, SLOW)
{
	uint64_t i, count = 0;

	for (i = 0; i < ROUNDS; i++)
		ASSERT_EQ(command(&self->guest, PUPPET_STORE, NOTIFY, 4, i, NULL,
				  &self->interrupted), GUEST_DONE);
	ASSERT_EQ(read(self->event, &count, sizeof(count)), 8);
	EXPECT_EQ(count, ROUNDS);
}

/* It waits for an interrupt, which may come before, at or after a signal. */
TEST_F_TIMEOUT(signals, sleep, SLOW)
{
	struct guest *guest = &self->guest;
	const uint64_t one = 1;
	uint64_t i, result = 0;
	int ret;

	/* Each takes a signal at least, and the way to a sleeping vCPU and back. */
	for (i = 0; i < ROUNDS / 10; i++) {
		guest_set(guest, 0, PUPPET_WAIT, 0, 0, 0);
		ret = guest_continue(guest, 0, &result);
		ASSERT_EQ(ret, -EINTR);
		self->interrupted++;
		ASSERT_EQ(write(self->bell, &one, sizeof(one)), 8);
		ASSERT_EQ(go_on(guest, &result, &self->interrupted), GUEST_DONE);
		ASSERT_EQ(result, BELL + 32);
	}
}

TEST_F_TIMEOUT(signals, preempted, SLOW)
{
	uint64_t i, result = 0;

	for (i = 0; i < ROUNDS / 4; i++)
		ASSERT_EQ(command(&self->guest, PUPPET_SPIN, 500000, 0, 0, &result,
				  &self->interrupted), GUEST_DONE);
}

/* The end is told to whoever comes, again and again. */
TEST_F_TIMEOUT(signals, end, SLOW)
{
	struct guest *guest = &self->guest;
	struct gunyah_vcpu_run *run = guest->vcpu[0].run;
	unsigned int i;

	/* At least one of them before it runs */
	guest_set(guest, 0, PUPPET_SPIN, 0, 0, 0);
	ASSERT_EQ(guest_continue(guest, 0, NULL), -EINTR);
	self->interrupted++;
	guest_end(guest);
	ASSERT_EQ(guest_make(guest, &(struct guest_options){ .lend = true }), 0);
	ASSERT_EQ(gunyah_start(guest->vm), 0);
	run = guest->vcpu[0].run;
	ASSERT_EQ(command(guest, PUPPET_HVC, PSCI_OFF, 0, 0, NULL, &self->interrupted),
		  GUEST_STATUS);
	for (i = 0; i < ROUNDS; i++) {
		memset(run, 0, sizeof(*run));
		ASSERT_EQ(go_on(guest, NULL, &self->interrupted), GUEST_STATUS);
		ASSERT_EQ(run->status.status, GUNYAH_VM_STATUS_EXITED);
		ASSERT_EQ(run->status.exit_info.type, GUNYAH_VM_EXIT_PSCI_OFF);
	}
}

TEST_HARNESS_MAIN
