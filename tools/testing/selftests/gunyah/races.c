// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads that get into each other's way, with the list of what may come of
 * it. Whatever comes, the next VM can be made.
 */
#include <sys/eventfd.h>
#include <sys/ioctl.h>

#include "running.h"

#define ROUNDS 10

FIXTURE(races)
{
	struct guest guest;
};

FIXTURE_SETUP(races)
{
	int ret;

	self->guest.vm = -1;
	ret = guest_needed();
	if (ret > 0)
		SKIP(return, NO_GUESTS);
	ASSERT_EQ(ret, 0);
}

FIXTURE_TEARDOWN(races)
{
	guest_end(&self->guest);
	EXPECT_EQ(guest_possible(), 0);
}

static void *start_thread(void *data)
{
	const struct guest *guest = data;

	return (void *)(long)gunyah_start(guest->vm);
}

/* Two starts, and a vCPU that is run at the same time */
TEST_F_TIMEOUT(races, start_and_run, SLOW)
{
	const struct guest_options options = { .lend = true };
	struct guest *guest = &self->guest;
	struct runner runner;
	pthread_t threads[2];
	void *result;
	int i, j, ret;

	for (i = 0; i < ROUNDS; i++) {
		ASSERT_EQ(guest_make(guest, &options), 0);
		guest_set(guest, 0, PUPPET_SELF, 0, 0, 0);
		for (j = 0; j < 2; j++)
			ASSERT_EQ(pthread_create(&threads[j], NULL, start_thread, guest), 0);
		ASSERT_EQ(runner_start(&runner, guest, 0), 0);
		for (j = 0; j < 2; j++) {
			ASSERT_EQ(pthread_join(threads[j], &result), 0);
			EXPECT_EQ((long)result, 0);
		}
		ret = runner_join(&runner);
		EXPECT_TRUE(ret == -ENODEV || ret == GUEST_DONE);
		guest_end(guest);
	}
}

static void *remove_thread(void *data)
{
	const struct guest *guest = data;

	return (void *)(long)gunyah_remove_vcpu(guest->vm, 0);
}

/* A vCPU that is removed while the guest switches itself off */
TEST_F_TIMEOUT(races, remove_and_off, SLOW)
{
	const struct guest_options options = { .lend = true };
	struct guest *guest = &self->guest;
	struct runner runner;
	pthread_t thread;
	void *result;
	int i, ret;

	for (i = 0; i < ROUNDS; i++) {
		ASSERT_EQ(guest_make(guest, &options), 0);
		ASSERT_EQ(gunyah_start(guest->vm), 0);
		guest_set(guest, 0, PUPPET_HVC, PSCI_OFF, 0, 0);
		ASSERT_EQ(runner_start(&runner, guest, 0), 0);
		usleep(i * 5000);
		ASSERT_EQ(pthread_create(&thread, NULL, remove_thread, guest), 0);
		ASSERT_EQ(pthread_join(thread, &result), 0);
		EXPECT_EQ((long)result, 0);
		ret = runner_join(&runner);
		EXPECT_TRUE(ret == -ENODEV || ret == GUEST_STATUS);
		guest_end(guest);
	}
}

static void *ring_thread(void *data)
{
	const uint64_t one = 1;
	const int *event = data;
	int i;

	for (i = 0; i < 2000; i++)
		if (write(*event, &one, sizeof(one)) < 0 && errno != EAGAIN)
			return (void *)1;
	return NULL;
}

/* A bell that is rung while it is taken off and put on, and the VM ends */
TEST_F_TIMEOUT(races, ring_and_remove, SLOW)
{
	static const struct gunyah_bell bell = { .label = 1, .spi = 1 };
	const struct guest_options options = { .lend = true, .bells = &bell, .nr_bells = 1 };
	struct guest *guest = &self->guest;
	int i, event = eventfd(0, EFD_NONBLOCK);
	pthread_t thread;
	void *result;

	ASSERT_EQ(guest_make(guest, &options), 0);
	ASSERT_EQ(gunyah_start(guest->vm), 0);
	ASSERT_EQ(pthread_create(&thread, NULL, ring_thread, &event), 0);
	for (i = 0; i < 50; i++) {
		EXPECT_EQ(gunyah_add_irqfd(guest->vm, event, 1, i & 1), 0);
		EXPECT_EQ(gunyah_remove_irqfd(guest->vm, 1), 0);
	}
	EXPECT_EQ(gunyah_add_irqfd(guest->vm, event, 1, false), 0);
	EXPECT_EQ(guest_call(guest, 0, PUPPET_HVC, PSCI_OFF, 0, 0, NULL), GUEST_STATUS);
	guest_end(guest);
	ASSERT_EQ(pthread_join(thread, &result), 0);
	EXPECT_EQ(result, NULL);
	close(event);
}

/**
 * struct toggler - a thread that adds and removes an ioeventfd
 * @guest: where
 * @event: of it
 * @stop: it is to end
 * @errors: how often it could not
 * @times: how often it could
 */
struct toggler {
	struct guest *guest;
	int event;
	bool stop;
	unsigned int errors, times;
};

static void *toggle_thread(void *data)
{
	struct toggler *toggler = data;

	while (!__atomic_load_n(&toggler->stop, __ATOMIC_SEQ_CST)) {
		toggler->errors += !!gunyah_add_ioeventfd(toggler->guest->vm, toggler->event,
							  0x8000);
		usleep(1000);
		toggler->errors += !!gunyah_remove_ioeventfd(toggler->guest->vm, 0x8000);
		usleep(1000);
		toggler->times++;
	}
	return NULL;
}

#define ID	7		/* of a vCPU the guest does not have */
#define LABEL	8		/* of memory it does not have */

/* What one of two threads does, and the list of what may come of it */
struct contender {
	const char *name;
	int (*call)(struct guest *guest, struct gunyah_memory *more);
	int allowed[3];
};

static int race_start(struct guest *guest, struct gunyah_memory *more)
{
	return gunyah_start(guest->vm);
}

static int race_share(struct guest *guest, struct gunyah_memory *more)
{
	return gunyah_memory_share(guest->vm, more, 3);
}

static int race_reclaim(struct guest *guest, struct gunyah_memory *more)
{
	struct gunyah_address_range range = { guest->shared.gpa, guest->shared.size };

	return ioctl(guest->vm, GUNYAH_VM_RECLAIM_REGION, &range) ? -errno : 0;
}

static int race_tree(struct guest *guest, struct gunyah_memory *more)
{
	return gunyah_set_dtb(guest->vm, guest->dtb, 0x10000);
}

static int race_context(struct guest *guest, struct gunyah_memory *more)
{
	return gunyah_set_boot_context(guest->vm, 0x100, GUNYAH_DT_MEMORY);
}

static int race_add(struct guest *guest, struct gunyah_memory *more)
{
	int fd = gunyah_add_vcpu(guest->vm, ID);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int race_remove(struct guest *guest, struct gunyah_memory *more)
{
	return gunyah_remove_vcpu(guest->vm, 0);
}

static int race_unmap(struct guest *guest, struct gunyah_memory *more)
{
	gunyah_memory_free(&guest->ram);
	return 0;
}

/* Whoever runs a vCPU of a VM that is starting waits for that. */
static int race_run(struct guest *guest, struct gunyah_memory *more)
{
	return gunyah_vcpu_run(guest->vcpu[0].fd);
}

static const struct pair {
	struct contender one, two;
} pairs[] = {
	{ { "start", race_start, { 0 } }, { "share", race_share, { 0, -EOPNOTSUPP } } },
	/* Its device tree wants that memory. */
	{ { "start", race_start, { 0, -ENODEV } }, { "reclaim", race_reclaim, { 0, -EBUSY } } },
	{ { "start", race_start, { 0 } }, { "device tree", race_tree, { 0, -EBUSY } } },
	{ { "start", race_start, { 0 } }, { "context", race_context, { 0, -EINVAL } } },
	{ { "start", race_start, { 0 } }, { "add", race_add, { 0 } } },
	{ { "start", race_start, { 0 } }, { "remove", race_remove, { 0 } } },
	{ { "start", race_start, { 0 } }, { "unmap", race_unmap, { 0 } } },
	{ { "start", race_start, { 0 } }, { "run", race_run, { 0, -ENODEV } } },
	{ { "run", race_run, { -ENODEV } }, { "remove", race_remove, { 0 } } },
	{ { "share", race_share, { 0, -EEXIST } }, { "share", race_share, { 0, -EEXIST } } },
	{ { "reclaim", race_reclaim, { 0, -ENOENT } }, { "reclaim", race_reclaim,
							  { 0, -ENOENT } } },
	{ { "add", race_add, { 0, -EEXIST } }, { "add", race_add, { 0, -EEXIST } } },
	{ { "remove", race_remove, { 0, -ENOENT } }, { "remove", race_remove,
							{ 0, -ENOENT } } },
};

/**
 * struct racer - one of two threads
 * @contender: what it does
 * @guest: to whom
 * @more: memory the guest does not have
 * @barrier: where both start
 * @us: how long it waits then
 * @ret: what came of it
 */
struct racer {
	const struct contender *contender;
	struct guest *guest;
	struct gunyah_memory *more;
	pthread_barrier_t *barrier;
	unsigned int us;
	int ret;
};

static void *race_thread(void *data)
{
	struct racer *racer = data;

	pthread_barrier_wait(racer->barrier);
	usleep(racer->us);
	racer->ret = racer->contender->call(racer->guest, racer->more);
	return NULL;
}

static bool is_allowed(const struct racer *racer)
{
	unsigned int i;

	/* 0 comes first, if at all: behind that it is the end of the list. */
	for (i = 0; i < ARRAY_SIZE(racer->contender->allowed); i++)
		if (racer->ret == racer->contender->allowed[i] &&
		    (racer->ret || !i))
			return true;
	return false;
}

/* Returns whether what came of it is allowed. */
static bool run_pair(struct __test_metadata *_metadata, struct guest *guest,
		     struct gunyah_memory *more, const struct pair *pair, unsigned int round)
{
	pthread_barrier_t barrier;
	struct racer racers[2] = {
		{ &pair->one, guest, more, &barrier, 0, 0 },
		{ &pair->two, guest, more, &barrier, round * round * 400, 0 },
	};
	pthread_t thread;

	pthread_barrier_init(&barrier, NULL, 2);
	if (pthread_create(&thread, NULL, race_thread, &racers[0]))
		return false;
	race_thread(&racers[1]);
	pthread_join(thread, NULL);
	pthread_barrier_destroy(&barrier);
	TH_LOG("%s and %s: %d, %d", pair->one.name, pair->two.name, racers[0].ret, racers[1].ret);
	/* Of two that do the same one does it. */
	if (pair->one.call == pair->two.call && !racers[0].ret == !racers[1].ret)
		return false;
	return is_allowed(&racers[0]) && is_allowed(&racers[1]);
}

TEST_F_TIMEOUT(races, pairs, 2 * SLOW)
{
	const struct guest_options options = { .lend = true, .shared = 0x2000 };
	struct gunyah_memory more;
	unsigned int i, round;

	ASSERT_EQ(gunyah_memory_alloc(&more, 0x2000, false), 0);
	more.gpa = 0xa0000000;
	more.label = LABEL;
	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		for (round = 0; round < 5; round++) {
			ASSERT_EQ(guest_make(&self->guest, &options), 0);
			EXPECT_TRUE(run_pair(_metadata, &self->guest, &more, &pairs[i], round));
			guest_end(&self->guest);
		}
	}
	gunyah_memory_free(&more);
}

/* Again and again, as the first may come before it runs. */
static void runner_interrupt(struct runner *runner)
{
	int i;

	for (i = 0; i < 200 && !runner->ret && !pthread_kill(runner->thread, SIGUSR1); i++)
		usleep(50000);
}

/* A second thread waits for the vCPU, and leaves by a signal as the first does. */
TEST_F_TIMEOUT(races, two_runners, SLOW)
{
	const struct guest_options options = { .lend = true };
	struct guest *guest = &self->guest;
	struct runner runners[2];
	int i;

	ASSERT_EQ(guest_make(guest, &options), 0);
	ASSERT_EQ(gunyah_start(guest->vm), 0);
	guest_set(guest, 0, PUPPET_SPIN, 0, 0, 0);
	ASSERT_EQ(runner_start(&runners[0], guest, 0), 0);
	usleep(300000);
	ASSERT_EQ(runner_start(&runners[1], guest, 0), 0);
	usleep(100000);
	/* The one that waits first, then the one that runs */
	for (i = 1; i >= 0; i--) {
		runner_interrupt(&runners[i]);
		EXPECT_EQ(runner_join(&runners[i]), -EINTR);
	}
}

/* The vCPU is taken away and given out again while it runs: the new file runs it. */
TEST_F_TIMEOUT(races, successor, SLOW)
{
	const struct guest_options options = { .lend = true };
	struct guest guests[ROUNDS + 1];
	struct runner runners[2];
	unsigned int i;

	ASSERT_EQ(guest_make(&self->guest, &options), 0);
	ASSERT_EQ(gunyah_start(self->guest.vm), 0);
	guest_set(&self->guest, 0, PUPPET_SPIN, 0, 0, 0);
	guests[0] = self->guest;
	ASSERT_EQ(runner_start(&runners[0], &guests[0], 0), 0);
	usleep(300000);
	for (i = 0; i < ROUNDS; i++) {
		guests[i + 1] = guests[i];
		ASSERT_EQ(gunyah_remove_vcpu(self->guest.vm, 0), 0);
		ASSERT_EQ(gunyah_vcpu_open(&guests[i + 1].vcpu[0], self->guest.vm, 0), 0);
		ASSERT_EQ(runner_start(&runners[(i + 1) % 2], &guests[i + 1], 0), 0);
		EXPECT_EQ(runner_join(&runners[i % 2]), -ENODEV);
		gunyah_vcpu_close(&guests[i].vcpu[0]);
	}
	self->guest = guests[ROUNDS];
	runner_interrupt(&runners[ROUNDS % 2]);
	EXPECT_EQ(runner_join(&runners[ROUNDS % 2]), -EINTR);
}

/* A write is an event or an exit, and never both or neither. */
TEST_F_TIMEOUT(races, write_and_remove, SLOW)
{
	const struct guest_options options = { .lend = true };
	const uint64_t here = 0x8000;
	struct guest *guest = &self->guest;
	uint64_t events = 0, count;
	int event = eventfd(0, EFD_NONBLOCK);
	unsigned int i, exits = 0;
	pthread_t thread;
	struct toggler toggler = { .guest = guest, .event = event };

	ASSERT_EQ(guest_make(guest, &options), 0);
	ASSERT_EQ(gunyah_start(guest->vm), 0);
	ASSERT_EQ(pthread_create(&thread, NULL, toggle_thread, &toggler), 0);
	for (i = 0; i < 300; i++) {
		int ret = guest_call(guest, 0, PUPPET_STORE, here, 4, i, NULL);

		if (ret == GUEST_MMIO) {
			exits++;
			EXPECT_EQ(guest_mmio_value(guest->vcpu[0].run), i);
			ret = guest_continue(guest, 0, NULL);
		}
		ASSERT_EQ(ret, GUEST_DONE);
	}
	__atomic_store_n(&toggler.stop, true, __ATOMIC_SEQ_CST);
	pthread_join(thread, NULL);
	if (read(event, &count, sizeof(count)) == sizeof(count))
		events = count;
	EXPECT_EQ(events + exits, 300);
	EXPECT_EQ(toggler.errors, 0);
	TH_LOG("%u exits, %llu events, changed %u times", exits, (unsigned long long)events,
	       toggler.times);
	close(event);
}

TEST_HARNESS_MAIN
