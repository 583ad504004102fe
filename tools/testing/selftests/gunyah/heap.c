// SPDX-License-Identifier: GPL-2.0-only
/*
 * RM's heap runs dry while a VM starts: it drops the request and says nothing,
 * as the public one does. Needs the stand-in, which is told to by a message that
 * only it knows.
 */
#include <poll.h>
#include <time.h>

#include "counters.h"
#include "raw.h"
#include "running.h"

#define TIMEOUT		"/sys/module/gunyah_rm/parameters/timeout_ms"
#define NOHEAP		10

/* Which requests: those of one fragment, and the others */
enum { SINGLE, MULTI };

#define LEND_RUNS 13	/* of 16 bytes, that fit into a message of 232 after 24 */

FIXTURE(heap)
{
	long before, timeout;
};

FIXTURE_VARIANT(heap)
{
	uint32_t id;
	bool as_new;	/* it can be started again */
	bool lost;	/* nobody knows who has the memory */
};

FIXTURE_VARIANT_ADD(heap, VM_ALLOCATE) { .id = 0x56000001, .as_new = true };
FIXTURE_VARIANT_ADD(heap, VM_CONFIG_IMAGE) { .id = 0x56000009 };
FIXTURE_VARIANT_ADD(heap, VM_INIT) { .id = 0x5600000b };
FIXTURE_VARIANT_ADD(heap, VM_GET_HYP_RESOURCES) { .id = 0x56000020 };
FIXTURE_VARIANT_ADD(heap, VM_START) { .id = 0x56000004 };
/*
 * It may have been lent all the same, and who has it cannot be asked. The last,
 * as others find nothing pinned before them.
 */
FIXTURE_VARIANT_ADD(heap, MEM_LEND) { .id = 0x51000012, .lost = true };

static int set_timeout(long ms)
{
	FILE *file = fopen(TIMEOUT, "w");
	int ret;

	if (!file)
		return -errno;
	ret = fprintf(file, "%ld\n", ms) < 0;
	return fclose(file) || ret ? -EIO : 0;
}

static long read_timeout(void)
{
	FILE *file = fopen(TIMEOUT, "r");
	long ms = -1;

	if (file && fscanf(file, "%ld", &ms) != 1)
		ms = -1;
	if (file)
		fclose(file);
	return ms;
}

/* The next request of that id is dropped. */
static int64_t drop(uint32_t id, uint32_t kind)
{
	uint64_t rule[RM_DEBUG_WORDS] = { RM_DEBUG_MISBEHAVE, NOHEAP, kind, 1, 0, id };

	return rm_debug(rule);
}

/* The bound of a call is made shorter, where RM can be told to miss it. */
static void setup(struct __test_metadata *_metadata, long *before, long *timeout, long ms)
{
	int ret;

	*timeout = -1;
	ret = guest_needed();
	if (ret > 0)
		SKIP(return, NO_GUESTS);
	ASSERT_EQ(ret, 0);
	*before = pinned_soon(0);
	if (drop(~0, SINGLE))
		SKIP(return, "this RM does not run dry at will");
	*timeout = read_timeout();
	ASSERT_GT(*timeout, 0);
	ASSERT_EQ(set_timeout(ms), 0);
}

FIXTURE_SETUP(heap)
{
	setup(_metadata, &self->before, &self->timeout, 2000);
}

FIXTURE_TEARDOWN(heap)
{
	if (self->timeout > 0)
		EXPECT_EQ(set_timeout(self->timeout), 0);
}

TEST_F_TIMEOUT(heap, start, SLOW)
{
	static const struct guest_options options = { .lend = true };
	const long lost = variant->lost ? GUEST_RAM / PAGE : 0;
	struct pollfd poll_vm = { };
	struct guest guest;
	long vmid, runs;

	ASSERT_EQ(guest_make(&guest, &options), 0);
	/* Of the calls here only MEM_LEND can be longer than a message. */
	runs = variant->lost ? fd_number(guest.vm, " runs ") : 0;
	ASSERT_EQ(drop(variant->id, runs > LEND_RUNS ? MULTI : SINGLE), 0);
	EXPECT_EQ(gunyah_start(guest.vm), -ETIMEDOUT);
	poll_vm.fd = guest.vm;
	EXPECT_EQ(poll(&poll_vm, 1, 0), !variant->as_new);
	EXPECT_EQ(gunyah_start(guest.vm), variant->as_new ? 0 : -ENODEV);
	vmid = fd_number(guest.vm, "vmid:\t");
	guest_end(&guest);
	EXPECT_EQ(pinned_soon(self->before + lost), self->before + lost);
	/* RM gets some time to say what it has done. */
	if (variant->lost)
		charged_soon(0);
	EXPECT_EQ(charged_soon(0), 0);
	/* There is nothing wrong with the next one. */
	ASSERT_EQ(guest_make(&guest, &options), 0);
	EXPECT_EQ(gunyah_start(guest.vm), 0);
	EXPECT_EQ(guest_call(&guest, 0, PUPPET_NOTHING, 0, 0, 0, NULL), GUEST_DONE);
	/* RM gives the lowest that is free, and what is lost may be its memory. */
	EXPECT_TRUE(!variant->lost || fd_number(guest.vm, "vmid:\t") != vmid);
	guest_end(&guest);
	EXPECT_EQ(pinned_soon(self->before + lost), self->before + lost);
}

FIXTURE(closing)
{
	long before, timeout;
};

FIXTURE_SETUP(closing)
{
	setup(_metadata, &self->before, &self->timeout, 5000);
}

FIXTURE_TEARDOWN(closing)
{
	if (self->timeout > 0)
		EXPECT_EQ(set_timeout(self->timeout), 0);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* close() does not wait for an RM that says nothing; the memory comes back when it does. */
TEST_F_TIMEOUT(closing, does_not_wait, SLOW)
{
	static const struct guest_options options = { .lend = true };
	static const uint32_t ids[] = { 0x56000005, 0x56000006, 0x51000015, 0x56000002 };
	struct guest guest;
	unsigned int i;
	double begin;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		ASSERT_EQ(guest_make(&guest, &options), 0);
		ASSERT_EQ(gunyah_start(guest.vm), 0);
		ASSERT_EQ(drop(ids[i], SINGLE), 0);
		begin = seconds();
		guest_end(&guest);
		EXPECT_LT(seconds() - begin, 2);
		EXPECT_EQ(pinned_soon(self->before), self->before);
		/* The last call is without memory: the next VM shows that it was made. */
		EXPECT_EQ(guest_possible(), 0);
	}
}

TEST_HARNESS_MAIN
