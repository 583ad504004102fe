// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads that get into each other's way, with the list of what may come of
 * it. Whatever comes, the next VM can be made.
 */
#include <sys/eventfd.h>

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

TEST_HARNESS_MAIN
