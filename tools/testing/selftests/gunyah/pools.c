// SPDX-License-Identifier: GPL-2.0-only
/*
 * What RM and the hypervisor have only so many of: what VM_START says when it is
 * used up, that nothing is lost by it, and that what is given back can be had.
 *
 * The pools of the stand-in are made small by a message that only it knows.
 */
#include <poll.h>

#include "counters.h"
#include "raw.h"
#include "running.h"

#define ALL		(~0ULL)
#define MAX_VMS		40

/* Which pool, as the stand-in counts them */
enum { VCPUS, VIRQS, PARCELS, VMS };

static int64_t set_pool(uint64_t pool, uint64_t limit)
{
	uint64_t words[RM_DEBUG_WORDS] = { RM_DEBUG_POOL, pool, limit };

	return rm_debug(words);
}

/* VMs that are closed are taken apart at leisure. */
static bool same_digests_soon(const uint64_t expected[RM_NR_DIGESTS])
{
	uint64_t digests[RM_NR_DIGESTS];
	int i;

	for (i = 0; i < 1000; i++) {
		if (rm_digests(digests) && !memcmp(digests, expected, sizeof(digests)))
			return true;
		usleep(10000);
	}
	return false;
}

/* Until the VM that was tried first is gone */
static bool read_quiet_digests(uint64_t digests[RM_NR_DIGESTS])
{
	int i;

	for (i = 0; i < 20 && rm_digests(digests); i++) {
		usleep(500000);
		if (same_digests_soon(digests))
			return true;
	}
	return false;
}

FIXTURE(pools)
{
	long before;
	uint64_t digests[RM_NR_DIGESTS];
};

FIXTURE_VARIANT(pools)
{
	uint64_t pool, limit;
	int error;
	const char *why;
	bool as_new;	/* RM has not seen the image: it can be started again */
};

/* RM's queue pair has two interrupts. */
FIXTURE_VARIANT_ADD(pools, vcpus) {
	.pool = VCPUS, .limit = 0, .error = -ENODEV, .why = "base-address",
};

FIXTURE_VARIANT_ADD(pools, virqs) {
	.pool = VIRQS, .limit = 2, .error = -ENODEV, .why = "base-address",
};

FIXTURE_VARIANT_ADD(pools, parcels) {
	.pool = PARCELS, .limit = 0, .error = -ENOMEM, .why = "could not be lent",
	.as_new = true,
};

FIXTURE_VARIANT_ADD(pools, vms) {
	.pool = VMS, .limit = 0, .error = -ENODEV, .why = "no VM id", .as_new = true,
};

FIXTURE_SETUP(pools)
{
	int ret;

	ret = guest_needed();
	if (ret > 0)
		SKIP(return, NO_GUESTS);
	ASSERT_EQ(ret, 0);
	if (set_pool(VMS, ALL))
		SKIP(return, "these pools do not run dry at will");
	self->before = pinned_soon(0);
	ASSERT_TRUE(read_quiet_digests(self->digests));
}

FIXTURE_TEARDOWN(pools)
{
	EXPECT_EQ(pinned_soon(self->before), self->before);
	EXPECT_EQ(charged_soon(0), 0);
}

TEST_F_TIMEOUT(pools, dry, SLOW)
{
	const struct guest_options options = { .lend = true };
	struct pollfd poll_vm = { };
	struct guest guest;

	ASSERT_EQ(guest_make(&guest, &options), 0);
	ASSERT_EQ(set_pool(variant->pool, variant->limit), 0);
	EXPECT_EQ(gunyah_start(guest.vm), variant->error);
	EXPECT_TRUE(fd_says(guest.vm, variant->why));
	ASSERT_EQ(set_pool(variant->pool, ALL), 0);
	poll_vm.fd = guest.vm;
	EXPECT_EQ(poll(&poll_vm, 1, 0), !variant->as_new);
	EXPECT_EQ(gunyah_start(guest.vm), variant->as_new ? 0 : -ENODEV);
	guest_end(&guest);
	EXPECT_TRUE(same_digests_soon(self->digests));
	EXPECT_EQ(guest_possible(), 0);
}

FIXTURE(vcpus)
{
	struct guest *guests;
};

FIXTURE_SETUP(vcpus)
{
	int ret;

	self->guests = NULL;
	ret = guest_needed();
	if (ret > 0)
		SKIP(return, NO_GUESTS);
	ASSERT_EQ(ret, 0);
	self->guests = calloc(MAX_VMS, sizeof(*self->guests));
	ASSERT_NE(self->guests, NULL);
}

FIXTURE_TEARDOWN(vcpus)
{
	free(self->guests);
}

/* Each vCPU has an interrupt of ours, of which there are some 170. */
TEST_F_TIMEOUT(vcpus, as_many_as_interrupts, 3 * SLOW)
{
	const long cpus = sysconf(_SC_NPROCESSORS_CONF);
	const struct guest_options options = {
		.lend = true, .cpus = cpus < GUEST_CPUS ? cpus : GUEST_CPUS,
	};
	uint64_t before[RM_NR_DIGESTS];
	bool books = read_quiet_digests(before);
	unsigned int i, n, ret = 0;
	uint64_t result;

	if (cpus < GUEST_CPUS)
		SKIP(return, "8 CPUs are needed");
	for (n = 0; n < MAX_VMS && !ret; n += !ret) {
		ASSERT_EQ(guest_make(&self->guests[n], &options), 0);
		ret = -gunyah_start(self->guests[n].vm);
	}
	TH_LOG("%u VMs of %u vCPUs, then %u", n, options.cpus, ret);
	EXPECT_EQ(ret, ENODEV);
	ASSERT_GT(n * options.cpus, 150);
	EXPECT_TRUE(fd_says(self->guests[n].vm, "base-address"));
	/* Those that were started run. */
	for (i = 0; i < n; i += n - 1)
		EXPECT_EQ(guest_call(&self->guests[i], 0, PUPPET_SELF, 0, 0, 0, &result),
			  GUEST_DONE);
	for (i = 0; i <= n; i++)
		guest_end(&self->guests[i]);
	EXPECT_TRUE(!books || same_digests_soon(before));
	EXPECT_EQ(guest_possible(), 0);
}

TEST_HARNESS_MAIN
