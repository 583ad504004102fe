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
#define MEM_RECLAIM	0x51000015

/* What RM does to a request, as the stand-in counts it */
enum { REFUSE = 0, TRUNCATE = 5, CORRUPT = 6, NOHEAP = 10 };

/* Which requests: those of one fragment, and the others */
enum { SINGLE, MULTI };

#define LEND_RUNS 13	/* of 16 bytes, that fit into a message of 232 after 24 */

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

/* The next @count requests of that id are spoiled. */
static int64_t spoil(uint64_t what, uint32_t id, uint32_t kind, uint64_t count, uint64_t arg)
{
	uint64_t rule[RM_DEBUG_WORDS] = { RM_DEBUG_MISBEHAVE, what, kind, count, arg, id };

	return rm_debug(rule);
}

/* The next request of that id is dropped. */
static int64_t drop(uint32_t id, uint32_t kind)
{
	return spoil(NOHEAP, id, kind, 1, 0);
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

/* What the kernel has to say; from now on, and a line at a time */
static int log_open(void)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);

	if (log >= 0)
		lseek(log, 0, SEEK_END);
	return log;
}

static unsigned int log_lines_with(int log, const char *words)
{
	unsigned int n = 0;
	char line[1024];
	ssize_t size;

	while ((size = read(log, line, sizeof(line) - 1)) > 0) {
		line[size] = '\0';
		n += !!strstr(line, words);
	}
	return n;
}

/*
 * RM refuses to give memory back, so often, and then gives in: meanwhile nobody gets
 * it, and after ten attempts, which is after a second, the log says so, once.
 */
TEST_F_TIMEOUT(closing, reclaim_refused, SLOW)
{
	static const struct guest_options options = { .lend = true };
	static const char report[] = "reclaim failed (-1); 1024 pages stay pinned";
	const long pages = GUEST_RAM / PAGE;
	unsigned int refusals, seconds, lines = 0;
	uint64_t before[RM_NR_DIGESTS], after[RM_NR_DIGESTS];
	int log = log_open(), i;
	struct guest guest;

	ASSERT_GE(log, 0);
	ASSERT_TRUE(rm_digests(before));
	for (refusals = 9; refusals <= 12; refusals += 3) {
		ASSERT_EQ(guest_make(&guest, &options), 0);
		ASSERT_EQ(gunyah_start(guest.vm), 0);
		ASSERT_EQ(spoil(REFUSE, MEM_RECLAIM, SINGLE, refusals, 0), 0);
		guest_end(&guest);
		/* 1 + 2 + 4 + ... ms: 0.5 s and 4 s */
		for (seconds = 0; refusals == 12 && seconds < 2; seconds++) {
			usleep(1000000);
			EXPECT_EQ(pinned(), self->before + pages);
			EXPECT_EQ(charged(), pages);
		}
		EXPECT_EQ(pinned_soon(self->before), self->before);
		EXPECT_EQ(charged_soon(0), 0);
		lines += log_lines_with(log, report);
		EXPECT_EQ(lines, refusals == 12);
	}
	close(log);
	EXPECT_EQ(guest_possible(), 0);
	for (i = 0; i < 100 && rm_digests(after) && memcmp(before, after, sizeof(after)); i++)
		usleep(100000);
	EXPECT_EQ(memcmp(before, after, sizeof(after)), 0);
}

FIXTURE(spoiled)
{
	long before, timeout;
};

FIXTURE_VARIANT(spoiled)
{
	uint64_t what, arg;
	int error;
};

/* The hypervisor does not take the request; the reply ends too early */
FIXTURE_VARIANT_ADD(spoiled, send_refused) { .what = REFUSE, .arg = 31, .error = -EIO };
FIXTURE_VARIANT_ADD(spoiled, refused) { .what = REFUSE, .error = -EPERM };
FIXTURE_VARIANT_ADD(spoiled, truncated) { .what = TRUNCATE, .error = -EBADMSG };

FIXTURE_SETUP(spoiled)
{
	setup(_metadata, &self->before, &self->timeout, 5000);
}

FIXTURE_TEARDOWN(spoiled)
{
	if (self->timeout > 0)
		EXPECT_EQ(set_timeout(self->timeout), 0);
}

/* Each call of VM_START: what it says is what VM_START says, and nothing is left. */
TEST_F_TIMEOUT(spoiled, start, SLOW)
{
	static const struct guest_options options = { .lend = true };
	static const uint32_t ids[] = { 0x56000009, 0x5600000b, 0x56000020, 0x56000004 };
	struct gunyah_vcpu_run *run;
	struct guest guest;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		ASSERT_EQ(guest_make(&guest, &options), 0);
		ASSERT_EQ(spoil(variant->what, ids[i], SINGLE, 1, variant->arg), 0);
		EXPECT_EQ(gunyah_start(guest.vm), variant->error) {
			TH_LOG("call %#x", ids[i]);
		}
		EXPECT_EQ(gunyah_start(guest.vm), -ENODEV);
		run = guest.vcpu[0].run;
		EXPECT_EQ(gunyah_vcpu_run(guest.vcpu[0].fd), 0);
		EXPECT_EQ(run->status.status, GUNYAH_VM_STATUS_LOAD_FAILED);
		guest_end(&guest);
		EXPECT_EQ(pinned_soon(self->before), self->before);
		EXPECT_EQ(guest_possible(), 0);
	}
}

/* An image that is shared: RM refuses it with a bare number, and the VM says why. */
TEST(shared_image)
{
	static const struct guest_options shared = { };
	struct guest guest;
	int ret = guest_needed();

	if (ret > 0)
		SKIP(return, NO_GUESTS);
	ASSERT_EQ(ret, 0);
	ASSERT_EQ(guest_make(&guest, &shared), 0);
	EXPECT_EQ(gunyah_start(guest.vm), -ENODEV);
	EXPECT_TRUE(fd_says(guest.vm, "; lend the region of the device tree"));
	guest_end(&guest);
}

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
 * It may have been lent all the same, and who has it cannot be asked. The last of
 * all, as others wait until nothing is pinned before them.
 */
FIXTURE_VARIANT_ADD(heap, MEM_LEND) { .id = 0x51000012, .lost = true };

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

TEST_HARNESS_MAIN
