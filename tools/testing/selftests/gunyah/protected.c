// SPDX-License-Identifier: GPL-2.0-only
/*
 * Protected VMs: where a firmware may be, what it and the guest find when they
 * start, what is left in the memory, and what fails. RM has to have a firmware,
 * and copies that. The one of the model notes in its second page what it was
 * started with, and starts the image: the puppet.
 */
#include <sys/ioctl.h>

#include "counters.h"
#include "running.h"

#define NO_FIRMWARE	"the resource manager has no firmware"
#define SIZE		0x10000		/* of the room for it */
#define INSIDE		0x200000	/* where that is in the image */
#define NOTES		0x1000		/* X0 to X2, and where the firmware is */
#define FILL		0x5a
#define HERE		0x10100000	/* nothing is there */

static const struct guest_options lent = { .lend = true };
static const struct guest_options apart = { .lend = true, .firmware = SIZE };
static const struct guest_options two = { .cpus = 2, .lend = true, .firmware = SIZE };

/* With something in it that is neither a firmware nor wiped */
static int make(struct guest *guest, const struct guest_options *options)
{
	int ret = guest_make(guest, options);

	if (ret)
		return ret;
	memset((char *)guest->ram.host + INSIDE, FILL, SIZE);
	if (guest->firmware.host)
		memset(guest->firmware.host, FILL, SIZE);
	return 0;
}

/* Close all files; the memory stays, to be looked at. */
static long leave(struct guest *guest)
{
	unsigned int i;

	for (i = 0; i < guest->cpus; i++)
		gunyah_vcpu_close(&guest->vcpu[i]);
	close(guest->vm);
	guest->vm = -1;
	return pinned_soon(0);
}

static bool all_are(const void *data, size_t size, unsigned char value)
{
	const unsigned char *byte = data;

	while (size && byte[size - 1] == value)
		size--;
	return !size;
}

static bool is_wiped(const struct gunyah_memory *memory)
{
	return all_are(memory->host, memory->size, 0);
}

static bool is_kept(const struct gunyah_memory *memory)
{
	return all_are(memory->host, memory->size, FILL);
}

/* 0, 1 if RM has no firmware, or a negative errno */
static int firmware_needed(void)
{
	struct guest guest;
	int ret;

	ret = make(&guest, &apart);
	if (!ret)
		ret = gunyah_set_firmware(guest.vm, GUEST_FIRMWARE, SIZE);
	if (!ret)
		ret = gunyah_start(guest.vm) == -EPERM;
	guest_end(&guest);
	return ret;
}

static const char *why_not(int *ret)
{
	*ret = guest_needed();
	if (*ret > 0)
		return NO_GUESTS;
	if (!*ret)
		*ret = firmware_needed();
	return *ret > 0 ? NO_FIRMWARE : NULL;
}

FIXTURE(protected)
{
	struct guest guest;
	uint64_t firmware;
	struct gunyah_memory *memory;	/* that it is in */
};

FIXTURE_VARIANT(protected)
{
	bool inside;
};

FIXTURE_VARIANT_ADD(protected, apart) { };
FIXTURE_VARIANT_ADD(protected, inside) { .inside = true };

FIXTURE_SETUP(protected)
{
	struct guest *guest = &self->guest;
	const char *why;
	int ret;

	guest->vm = -1;
	why = why_not(&ret);
	if (why)
		SKIP(return, "%s", why);
	ASSERT_EQ(ret, 0);
	ASSERT_EQ(make(guest, variant->inside ? &lent : &apart), 0);
	self->memory = variant->inside ? &guest->ram : &guest->firmware;
	self->firmware = variant->inside ? GUNYAH_DT_MEMORY + INSIDE : GUEST_FIRMWARE;
	ASSERT_EQ(gunyah_set_firmware(guest->vm, self->firmware, SIZE), 0);
}

FIXTURE_TEARDOWN(protected)
{
	guest_end(&self->guest);
}

static uint64_t word_at(struct guest *guest, uint64_t address)
{
	uint64_t result = -1;

	return guest_call(guest, 0, PUPPET_LOAD, address, 8, 0, &result) == GUEST_DONE ?
	       result : -1;
}

/* What the firmware was told is what the owner has said of the image. */
static void expect_told(struct __test_metadata *_metadata, struct guest *guest, uint64_t firmware)
{
	EXPECT_EQ(word_at(guest, firmware + NOTES), guest->dtb);
	EXPECT_EQ(word_at(guest, firmware + NOTES + 8), GUNYAH_DT_MEMORY);
	EXPECT_EQ(word_at(guest, firmware + NOTES + 16), GUEST_RAM);
	EXPECT_EQ(word_at(guest, firmware + NOTES + 24), firmware);
}

/* A life, from the firmware to the end, of which nothing is left. */
TEST_F_TIMEOUT(protected, life, SLOW)
{
	struct guest *guest = &self->guest;
	struct gunyah_vcpu_run *run = guest->vcpu[0].run;
	uint64_t result = 0;

	ASSERT_EQ(gunyah_start(guest->vm), 0);
	ASSERT_EQ(guest_call(guest, 0, PUPPET_SELF, 0, 0, 0, &result), GUEST_DONE);
	EXPECT_EQ(result, guest->dtb);
	expect_told(_metadata, guest, self->firmware);
	/* What the owner had there is gone, and RM's firmware is shorter. */
	ASSERT_EQ(guest_call(guest, 0, PUPPET_SUM, self->firmware + 2 * NOTES,
			     SIZE - 2 * NOTES, 0, &result), GUEST_DONE);
	EXPECT_EQ(result, 0);

	ASSERT_EQ(guest_call(guest, 0, PUPPET_STORE, HERE, 8, 0x1234, NULL), GUEST_MMIO);
	EXPECT_EQ(run->mmio.phys_addr, HERE);
	EXPECT_EQ(guest_mmio_value(run), 0x1234);
	ASSERT_EQ(guest_continue(guest, 0, NULL), GUEST_DONE);
	ASSERT_EQ(guest_call(guest, 0, PUPPET_LOAD, HERE, 8, 0, NULL), GUEST_MMIO);
	guest_mmio_answer(run, 0x5678);
	ASSERT_EQ(guest_continue(guest, 0, &result), GUEST_DONE);
	EXPECT_EQ(result, 0x5678);

	ASSERT_EQ(guest_call(guest, 0, PUPPET_HVC, PSCI_OFF, 0, 0, NULL), GUEST_STATUS);
	EXPECT_EQ(run->status.status, GUNYAH_VM_STATUS_EXITED);
	EXPECT_EQ(run->status.exit_info.type, GUNYAH_VM_EXIT_PSCI_OFF);
	EXPECT_EQ(leave(guest), 0);
	EXPECT_TRUE(is_wiped(&guest->ram));
	EXPECT_TRUE(is_wiped(self->memory));
}

/* Nor if it is closed while it runs */
TEST_F_TIMEOUT(protected, closed, SLOW)
{
	struct guest *guest = &self->guest;

	ASSERT_EQ(gunyah_start(guest->vm), 0);
	ASSERT_EQ(guest_call(guest, 0, PUPPET_FILL, self->firmware, SIZE, 4711, NULL),
		  GUEST_DONE);
	ASSERT_EQ(guest_call(guest, 0, PUPPET_FILL, GUNYAH_DT_MEMORY + 0x100000, 0x1000, 1, NULL),
		  GUEST_DONE);
	EXPECT_EQ(leave(guest), 0);
	EXPECT_TRUE(is_wiped(&guest->ram));
	EXPECT_TRUE(is_wiped(self->memory));
}

/* There, nothing is set: it would not be refused where RM cannot set it. */
TEST_F_TIMEOUT(protected, boot_context, SLOW)
{
	struct guest *guest = &self->guest;
	uint64_t result = 0;

	EXPECT_EQ(gunyah_set_boot_context(guest->vm, 0x100, GUNYAH_DT_MEMORY + 0x100000), 0);
	EXPECT_EQ(gunyah_set_boot_context(guest->vm, 0, 4711), 0);
	EXPECT_EQ(gunyah_set_boot_context(guest->vm, 2, 4712), 0);
	ASSERT_EQ(gunyah_start(guest->vm), 0);
	ASSERT_EQ(guest_call(guest, 0, PUPPET_SELF, 0, 0, 0, &result), GUEST_DONE);
	EXPECT_EQ(result, guest->dtb);
	expect_told(_metadata, guest, self->firmware);
}

/* The last call counts; what it says has to be in one region, all of it. */
TEST_F_TIMEOUT(protected, place, SLOW)
{
	const uint64_t end = GUNYAH_DT_MEMORY + GUEST_RAM;
	const uint64_t bad[][2] = {
		{ 0x70000000, SIZE },
		{ end - SIZE, 2 * SIZE },
		{ end, SIZE },
		{ GUEST_FIRMWARE - SIZE, 2 * SIZE },
		{ GUEST_FIRMWARE, end - GUEST_FIRMWARE },
	};
	struct guest *guest = &self->guest;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(gunyah_set_firmware(guest->vm, bad[i][0], bad[i][1]), 0);
		EXPECT_EQ(gunyah_start(guest->vm), -EINVAL);
		/* It is new, and what it has is still ours. */
		EXPECT_TRUE(all_are((char *)guest->ram.host + INSIDE, SIZE, FILL));
	}
	EXPECT_EQ(gunyah_set_firmware(guest->vm, self->firmware, SIZE), 0);
	ASSERT_EQ(gunyah_start(guest->vm), 0);
	expect_told(_metadata, guest, self->firmware);
}

/* What was lent before something else failed comes back as it was. */
TEST_F_TIMEOUT(protected, not_started, SLOW)
{
	struct gunyah_create_mem_args create = { .size = PAGE };
	struct gunyah_map_mem_args map = {
		.guest_addr = HERE, .flags = GUNYAH_MAP_MEM_ALLOW_READ, .size = PAGE,
	};
	struct guest *guest = &self->guest;
	int dev = gunyah_open(NULL);

	ASSERT_GE(dev, 0);
	map.guest_mem_fd = ioctl(dev, GUNYAH_CREATE_GUEST_MEM, &create);
	ASSERT_EQ(ioctl(guest->vm, GUNYAH_VM_MAP_MEM, &map), 0);
	/* It was long enough when it was mapped. */
	ASSERT_EQ(ftruncate(map.guest_mem_fd, 0), 0);
	EXPECT_EQ(gunyah_start(guest->vm), -EINVAL);
	EXPECT_TRUE(fd_says(guest->vm, "state:\tnew"));
	EXPECT_TRUE(fd_says(guest->vm, "could not be pinned"));
	EXPECT_TRUE(all_are((char *)guest->ram.host + INSIDE, SIZE, FILL));

	map.flags |= GUNYAH_MAP_MEM_UNMAP;
	ASSERT_EQ(ioctl(guest->vm, GUNYAH_VM_MAP_MEM, &map), 0);
	ASSERT_EQ(gunyah_start(guest->vm), 0);
	expect_told(_metadata, guest, self->firmware);
	close(map.guest_mem_fd);
	close(dev);
}

FIXTURE(firmware)
{
	struct guest guest;
};

FIXTURE_SETUP(firmware)
{
	const char *why;
	int ret;

	self->guest.vm = -1;
	why = why_not(&ret);
	if (why)
		SKIP(return, "%s", why);
	ASSERT_EQ(ret, 0);
}

FIXTURE_TEARDOWN(firmware)
{
	guest_end(&self->guest);
}

/* To be protected is not enough; and it can be said in any order. */
TEST_F_TIMEOUT(firmware, missing, SLOW)
{
	struct gunyah_auth_desc pvm = { .type = GUNYAH_AUTH_ANDROID_PVM };
	struct guest *guest = &self->guest;

	ASSERT_EQ(make(guest, &apart), 0);
	ASSERT_EQ(ioctl(guest->vm, GUNYAH_VM_ANDROID_SET_AUTH_TYPE, &pvm), 0);
	EXPECT_EQ(gunyah_start(guest->vm), -EINVAL);
	EXPECT_TRUE(is_kept(&guest->firmware));
	ASSERT_EQ(gunyah_set_firmware(guest->vm, GUEST_FIRMWARE, SIZE), 0);
	ASSERT_EQ(ioctl(guest->vm, GUNYAH_VM_ANDROID_SET_AUTH_TYPE, &pvm), 0);
	ASSERT_EQ(gunyah_start(guest->vm), 0);
	expect_told(_metadata, guest, GUEST_FIRMWARE);
}

/* The firmware starts one vCPU; others begin where that one says, without it. */
TEST_F_TIMEOUT(firmware, other_vcpu, SLOW)
{
	struct guest *guest = &self->guest;
	uint64_t result = 0;

	ASSERT_EQ(make(guest, &two), 0);
	ASSERT_EQ(gunyah_set_firmware(guest->vm, GUEST_FIRMWARE, SIZE), 0);
	ASSERT_EQ(gunyah_start(guest->vm), 0);
	ASSERT_EQ(guest_cpu_on(guest, 1), 0);
	ASSERT_EQ(guest_call(guest, 1, PUPPET_SELF, 1, 0, 0, &result), GUEST_DONE);
	EXPECT_EQ(result & 0xff, 1);
	expect_told(_metadata, guest, GUEST_FIRMWARE);
}

/*
 * RM does not like it, and says so only when it has all: that is the end. What it
 * was lent is wiped, whether the VM has had it or not.
 */
static void expect_lost(struct __test_metadata *_metadata, struct guest *guest)
{
	EXPECT_EQ(gunyah_start(guest->vm), -ENODEV);
	EXPECT_EQ(gunyah_vcpu_run(guest->vcpu[0].fd), 0);
	EXPECT_EQ(guest->vcpu[0].run->exit_reason, GUNYAH_VCPU_EXIT_STATUS);
	EXPECT_EQ(guest->vcpu[0].run->status.status, GUNYAH_VM_STATUS_LOAD_FAILED);
	EXPECT_EQ(leave(guest), 0);
}

/* Room for less than the firmware that RM has */
TEST_F_TIMEOUT(firmware, too_small, SLOW)
{
	struct guest *guest = &self->guest;

	ASSERT_EQ(make(guest, &lent), 0);
	ASSERT_EQ(gunyah_set_firmware(guest->vm, GUNYAH_DT_MEMORY + INSIDE, PAGE), 0);
	EXPECT_EQ(gunyah_start(guest->vm), -EINVAL);
	expect_lost(_metadata, guest);
	EXPECT_TRUE(is_wiped(&guest->ram));
}

/* A part of a region of its own, which RM does not take in parts */
TEST_F_TIMEOUT(firmware, part_of_a_region, SLOW)
{
	struct guest *guest = &self->guest;

	ASSERT_EQ(make(guest, &apart), 0);
	ASSERT_EQ(gunyah_set_firmware(guest->vm, GUEST_FIRMWARE, SIZE / 2), 0);
	EXPECT_EQ(gunyah_start(guest->vm), -ENODEV);
	expect_lost(_metadata, guest);
	EXPECT_TRUE(is_wiped(&guest->ram));
	EXPECT_TRUE(is_wiped(&guest->firmware));
}

/* What is shared would be no protection. */
TEST_F_TIMEOUT(firmware, shared_region, SLOW)
{
	struct gunyah_address_range range = { GUEST_FIRMWARE, SIZE };
	struct guest *guest = &self->guest;

	ASSERT_EQ(make(guest, &apart), 0);
	ASSERT_EQ(ioctl(guest->vm, GUNYAH_VM_RECLAIM_REGION, &range), 0);
	ASSERT_EQ(gunyah_memory_share(guest->vm, &guest->firmware, 7), 0);
	ASSERT_EQ(gunyah_set_firmware(guest->vm, GUEST_FIRMWARE, SIZE), 0);
	EXPECT_EQ(gunyah_start(guest->vm), -ENODEV);
	expect_lost(_metadata, guest);
	EXPECT_TRUE(is_kept(&guest->firmware));
}

/* The tree has to say where it goes. */
TEST_F_TIMEOUT(firmware, not_in_the_tree, SLOW)
{
	struct guest *guest = &self->guest;

	ASSERT_EQ(make(guest, &lent), 0);
	ASSERT_EQ(gunyah_memory_alloc(&guest->firmware, SIZE, false), 0);
	guest->firmware.gpa = GUEST_FIRMWARE;
	guest->firmware.label = GUEST_LABEL;
	memset(guest->firmware.host, FILL, SIZE);
	ASSERT_EQ(gunyah_memory_lend(guest->vm, &guest->firmware, 7), 0);
	ASSERT_EQ(gunyah_set_firmware(guest->vm, GUEST_FIRMWARE, SIZE), 0);
	EXPECT_EQ(gunyah_start(guest->vm), -EINVAL);
	expect_lost(_metadata, guest);
	EXPECT_TRUE(is_wiped(&guest->firmware));
}

TEST_HARNESS_MAIN
