// SPDX-License-Identifier: GPL-2.0-only
/* irqfds and ioeventfds of a VM that runs. */
#include <sys/eventfd.h>

#include "counters.h"
#include "running.h"

#define HERE	0x8000ULL
#define EDGE	1		/* labels and SPIs */
#define LEVEL	2

static const struct gunyah_bell bells[] = {
	{ .label = EDGE, .spi = EDGE },
	{ .label = LEVEL, .spi = LEVEL, .level = true },
};

FIXTURE(events)
{
	struct guest guest;
	int event;
};

FIXTURE_SETUP(events)
{
	const struct guest_options options = { .lend = true, .bells = bells, .nr_bells = 2 };
	int ret;

	self->guest.vm = -1;
	self->event = -1;
	ret = guest_needed();
	if (ret > 0)
		SKIP(return, NO_GUESTS);
	ASSERT_EQ(ret, 0);
	self->event = eventfd(0, EFD_NONBLOCK);
	ASSERT_GE(self->event, 0);
	ASSERT_EQ(guest_make(&self->guest, &options), 0);
}

FIXTURE_TEARDOWN(events)
{
	guest_end(&self->guest);
	close(self->event);
}

static int signal_event(int event)
{
	const uint64_t one = 1;

	return write(event, &one, sizeof(one)) == sizeof(one) ? 0 : -errno;
}

/* How often it was signalled since the last time */
static uint64_t signals(int event)
{
	uint64_t count = 0;

	return read(event, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

/* The interrupt the guest waits for comes when it is rung for. */
TEST_F_TIMEOUT(events, edge, SLOW)
{
	struct guest *guest = &self->guest;
	struct runner runner;
	int i;

	ASSERT_EQ(gunyah_add_irqfd(guest->vm, self->event, EDGE, false), 0);
	ASSERT_EQ(gunyah_start(guest->vm), 0);
	ASSERT_EQ(guest_spi_on(guest, 0, EDGE, false), GUEST_DONE);
	for (i = 0; i < 3; i++) {
		guest_set(guest, 0, PUPPET_WAIT, 0, 0, 0);
		ASSERT_EQ(runner_start(&runner, guest, 0), 0);
		usleep(i * 100000);
		EXPECT_EQ(signal_event(self->event), 0);
		ASSERT_EQ(runner_join(&runner), GUEST_DONE);
		EXPECT_EQ(runner.result, EDGE + 32);
		/* It is the kernel's to count down. */
		EXPECT_EQ(signals(self->event), 0);
	}
}

/* Write another name into the device tree, as long as the one there. */
static bool rename_property(struct guest *guest, const char *from, const char *to)
{
	char *at = (char *)guest->ram.host + (guest->dtb - GUNYAH_DT_MEMORY);
	char *end = (char *)guest->ram.host + GUEST_RAM;

	for (; at + strlen(from) < end; at++)
		if (!memcmp(at, from, strlen(from) + 1))
			return memcpy(at, to, strlen(to));
	return false;
}

TEST_F_TIMEOUT(events, level, SLOW)
{
	struct guest *guest = &self->guest;
	uint64_t result = 0;
	int i;

	ASSERT_EQ(gunyah_add_irqfd(guest->vm, self->event, LEVEL, true), 0);
	ASSERT_EQ(gunyah_start(guest->vm), 0);
	EXPECT_TRUE(fd_says(guest->vm, "irqfd:\tlabel=2 level signals="));
	ASSERT_EQ(guest_spi_on(guest, 0, LEVEL, true), GUEST_DONE);
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(signal_event(self->event), 0);
		ASSERT_EQ(guest_call(guest, 0, PUPPET_WAIT, 0, 0, 0, &result), GUEST_DONE);
		EXPECT_EQ(result, LEVEL + 32);
	}
}

/* One client misspells the property: nobody here may lower the level (error 53). */
TEST_F_TIMEOUT(events, level_as_edge, SLOW)
{
	struct guest *guest = &self->guest;
	uint64_t result = 0;
	int i;

	ASSERT_TRUE(rename_property(guest, "source-can-clear", "source-can-clean"));
	ASSERT_EQ(gunyah_add_irqfd(guest->vm, self->event, LEVEL, true), 0);
	EXPECT_TRUE(fd_says(guest->vm, "irqfd:\tlabel=2 level signals="));
	ASSERT_EQ(gunyah_start(guest->vm), 0);
	EXPECT_TRUE(fd_says(guest->vm, "irqfd:\tlabel=2 level-as-edge signals="));
	ASSERT_EQ(guest_spi_on(guest, 0, LEVEL, true), GUEST_DONE);
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(signal_event(self->event), 0);
		ASSERT_EQ(guest_call(guest, 0, PUPPET_WAIT, 0, 0, 0, &result), GUEST_DONE);
		EXPECT_EQ(result, LEVEL + 32);
	}
	EXPECT_EQ(signals(self->event), 0);
}

/* Rung before there is a bell: kept, and rung once then. */
TEST_F_TIMEOUT(events, before_start, SLOW)
{
	struct guest *guest = &self->guest;
	uint64_t result = 0;

	EXPECT_EQ(signal_event(self->event), 0);
	ASSERT_EQ(gunyah_add_irqfd(guest->vm, self->event, EDGE, false), 0);
	EXPECT_EQ(signal_event(self->event), 0);
	ASSERT_EQ(gunyah_start(guest->vm), 0);
	ASSERT_EQ(guest_spi_on(guest, 0, EDGE, false), GUEST_DONE);
	ASSERT_EQ(guest_call(guest, 0, PUPPET_WAIT, 0, 0, 0, &result), GUEST_DONE);
	EXPECT_EQ(result, EDGE + 32);
}

/* Added to a running VM; and one without a bell hurts nobody. */
TEST_F_TIMEOUT(events, after_start, SLOW)
{
	struct guest *guest = &self->guest;
	uint64_t result = 0;

	ASSERT_EQ(gunyah_start(guest->vm), 0);
	ASSERT_EQ(gunyah_add_irqfd(guest->vm, self->event, 999, false), 0);
	EXPECT_EQ(signal_event(self->event), 0);
	EXPECT_EQ(gunyah_remove_irqfd(guest->vm, 999), 0);
	signals(self->event);
	ASSERT_EQ(guest_spi_on(guest, 0, EDGE, false), GUEST_DONE);
	ASSERT_EQ(gunyah_add_irqfd(guest->vm, self->event, EDGE, false), 0);
	EXPECT_EQ(signal_event(self->event), 0);
	ASSERT_EQ(guest_call(guest, 0, PUPPET_WAIT, 0, 0, 0, &result), GUEST_DONE);
	EXPECT_EQ(result, EDGE + 32);
}

/* Any write to the address, of any size, and no exit of its own */
TEST_F_TIMEOUT(events, any_write, SLOW)
{
	struct guest *guest = &self->guest;
	unsigned int size;

	ASSERT_EQ(gunyah_add_ioeventfd(guest->vm, self->event, HERE), 0);
	ASSERT_EQ(gunyah_start(guest->vm), 0);
	for (size = 1; size <= 8; size *= 2) {
		ASSERT_EQ(guest_call(guest, 0, PUPPET_STORE, HERE, size, 3, NULL), GUEST_DONE);
		EXPECT_EQ(signals(self->event), 1);
	}
	/* A read is no write, and the next address another. */
	ASSERT_EQ(guest_call(guest, 0, PUPPET_LOAD, HERE, 4, 0, NULL), GUEST_MMIO);
	ASSERT_EQ(guest_continue(guest, 0, NULL), GUEST_DONE);
	ASSERT_EQ(guest_call(guest, 0, PUPPET_STORE, HERE + 8, 4, 0, NULL), GUEST_MMIO);
	ASSERT_EQ(guest_continue(guest, 0, NULL), GUEST_DONE);
	EXPECT_EQ(signals(self->event), 0);
	/* Removed under the running guest */
	EXPECT_EQ(gunyah_remove_ioeventfd(guest->vm, HERE), 0);
	ASSERT_EQ(guest_call(guest, 0, PUPPET_STORE, HERE, 4, 0, NULL), GUEST_MMIO);
	EXPECT_EQ(signals(self->event), 0);
}

/* One event per value; what matches none is an exit with the value to see. */
TEST_F_TIMEOUT(events, matching_writes, SLOW)
{
	struct guest *guest = &self->guest;
	int event[3], i, j;

	for (i = 0; i < 3; i++) {
		event[i] = eventfd(0, EFD_NONBLOCK);
		ASSERT_EQ(gunyah_add_ioeventfd_match(guest->vm, event[i], HERE, 4, i), 0);
	}
	ASSERT_EQ(gunyah_start(guest->vm), 0);
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(guest_call(guest, 0, PUPPET_STORE, HERE, 4, i, NULL), GUEST_DONE);
		for (j = 0; j < 3; j++)
			EXPECT_EQ(signals(event[j]), i == j);
	}
	ASSERT_EQ(guest_call(guest, 0, PUPPET_STORE, HERE, 4, 3, NULL), GUEST_MMIO);
	EXPECT_EQ(guest->vcpu[0].run->mmio.is_write, 1);
	EXPECT_EQ(guest_mmio_value(guest->vcpu[0].run), 3);
	ASSERT_EQ(guest_continue(guest, 0, NULL), GUEST_DONE);
	/* The value alone is not enough. */
	ASSERT_EQ(guest_call(guest, 0, PUPPET_STORE, HERE, 8, 1, NULL), GUEST_MMIO);
	ASSERT_EQ(guest_continue(guest, 0, NULL), GUEST_DONE);
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(signals(event[i]), 0);
		close(event[i]);
	}
}

TEST_HARNESS_MAIN
