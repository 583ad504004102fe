// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is refused before a VM is started, and with which errno; and what is
 * taken although it looks odd, because clients do it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <libgunyah.h>

#include "kselftest_harness.h"

#define PAGE 4096
#define RWX 7
#define VENDOR_CREATE_VM 0xb201

FIXTURE(args)
{
	int dev, vm;
	char *memory;
};

FIXTURE_SETUP(args)
{
	self->vm = -1;
	self->memory = MAP_FAILED;
	self->dev = gunyah_open(NULL);
	if (self->dev == -ENOENT)
		SKIP(return, "there is no /dev/gunyah");
	ASSERT_GE(self->dev, 0);
	self->vm = gunyah_create_vm(self->dev);
	ASSERT_GE(self->vm, 0);
	self->memory = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(self->memory, MAP_FAILED);
}

FIXTURE_TEARDOWN(args)
{
	if (self->memory != MAP_FAILED)
		munmap(self->memory, 8 * PAGE);
	close(self->vm);
	close(self->dev);
}

/* The errno of an ioctl, or 0 */
static int error(int fd, unsigned long request, const void *arg)
{
	return ioctl(fd, request, arg) < 0 ? errno : 0;
}

static int region(int vm, bool lend, uint32_t label, uint32_t flags, uint64_t gpa, uint64_t size,
		  const void *host)
{
	struct gunyah_userspace_memory_region region = {
		.label = label, .flags = flags, .guest_phys_addr = gpa,
		.memory_size = size, .userspace_addr = (uintptr_t)host,
	};

	return error(vm, lend ? GUNYAH_VM_ANDROID_LEND_USER_MEM : GUNYAH_VM_SET_USER_MEM_REGION,
		     &region);
}

TEST_F(args, create_vm)
{
	int vm = gunyah_create_vm(self->dev);

	ASSERT_GE(vm, 0);
	EXPECT_EQ(fcntl(vm, F_GETFD), FD_CLOEXEC);
	close(vm);
	EXPECT_EQ(error(self->dev, GUNYAH_CREATE_VM, (void *)1), EINVAL);
}

TEST_F(args, unknown_requests)
{
	EXPECT_EQ(error(self->dev, _IO('G', 0x7f), NULL), ENOTTY);
	EXPECT_EQ(error(self->vm, _IO('G', 0x7f), NULL), ENOTTY);
	/* The vendor's own generation has to be told from this one. */
	EXPECT_EQ(error(self->dev, VENDOR_CREATE_VM, NULL), ENOTTY);
	/* Memory from a pool of its own is not offered. */
	EXPECT_EQ(error(self->dev, _IO('A', 0x14), NULL), ENOTTY);
	EXPECT_EQ(error(self->vm, _IOC(_IOC_WRITE, 'A', 0x15, 40), self->memory), ENOTTY);
	/* Each on the file it is not for */
	EXPECT_EQ(error(self->vm, GUNYAH_CREATE_VM, NULL), ENOTTY);
	EXPECT_EQ(error(self->dev, GUNYAH_VM_START, NULL), ENOTTY);
	EXPECT_EQ(error(self->vm, GUNYAH_VCPU_RUN, NULL), ENOTTY);
}

/* The size is in the number: what is larger or smaller is another request. */
TEST_F(args, other_sizes)
{
	static const unsigned int vm[] = {
		GUNYAH_VM_SET_USER_MEM_REGION, GUNYAH_VM_SET_DTB_CONFIG, GUNYAH_VM_START,
		GUNYAH_VM_ADD_FUNCTION, GUNYAH_VM_REMOVE_FUNCTION, GUNYAH_VM_MAP_MEM,
		GUNYAH_VM_SET_BOOT_CONTEXT, GUNYAH_VM_ANDROID_LEND_USER_MEM,
		GUNYAH_VM_ANDROID_SET_FW_CONFIG, GUNYAH_VM_RECLAIM_REGION,
		GUNYAH_VM_ANDROID_SET_AUTH_TYPE, GUNYAH_VM_CHECK_EXTENSION,
	};
	static const unsigned int device[] = {
		GUNYAH_CREATE_VM, GUNYAH_CREATE_GUEST_MEM, GUNYAH_VM_CHECK_EXTENSION,
	};
	static const unsigned int vcpu[] = { GUNYAH_VCPU_RUN, GUNYAH_VCPU_MMAP_SIZE };
	const struct {
		int fd;
		const unsigned int *requests;
		unsigned int nr;
	} files[] = {
		{ self->vm, vm, ARRAY_SIZE(vm) },
		{ self->dev, device, ARRAY_SIZE(device) },
		{ gunyah_add_vcpu(self->vm, 0), vcpu, ARRAY_SIZE(vcpu) },
	};
	static const int more[] = { -1, 1, 8, 4096 };
	unsigned int i, j, k, number;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		for (j = 0; j < files[i].nr; j++) {
			for (k = 0; k < ARRAY_SIZE(more); k++) {
				number = files[i].requests[j];
				if (!_IOC_SIZE(number) && more[k] < 0)
					continue;
				number = _IOC(_IOC_WRITE, _IOC_TYPE(number), _IOC_NR(number),
					      _IOC_SIZE(number) + more[k]);
				EXPECT_EQ(error(files[i].fd, number, self->memory), ENOTTY);
			}
		}
	}
	close(files[2].fd);
}

/* With a hypervisor that has VMs; without one see absent.c. */
TEST_F(args, extensions)
{
	static const unsigned long unknown[] = { 1, 0x7fff, 0x8006, 0xffff, ~0UL };
	static const struct {
		unsigned long number;
		int answer;
	} known[] = {
		{ GUNYAH_EXT_VCPU_TIMER_WAKEUP, 0 },
		{ GUNYAH_EXT_POLL, 1 },
		{ GUNYAH_EXT_MEM_PARCELS, 1 },
		{ GUNYAH_EXT_MEM_DEMAND, 0 },
		{ GUNYAH_EXT_GUEST_MEM, 1 },
		{ GUNYAH_EXT_VCPU_RUN, 1 },
	};
	unsigned int i;
	int answer;

	for (i = 0; i < ARRAY_SIZE(unknown); i++) {
		EXPECT_EQ(gunyah_check_extension(self->dev, unknown[i]), 0);
		EXPECT_EQ(gunyah_check_extension(self->vm, unknown[i]), 0);
	}
	for (i = 0; i < ARRAY_SIZE(known); i++) {
		EXPECT_EQ(gunyah_check_extension(self->dev, known[i].number), known[i].answer) {
			TH_LOG("extension %#lx", known[i].number);
		}
		EXPECT_EQ(gunyah_check_extension(self->vm, known[i].number), known[i].answer);
	}
	/* RM knows; whether it is true is seen when a VM starts: life, boot_context_*. */
	answer = gunyah_check_extension(self->dev, GUNYAH_EXT_BOOT_CONTEXT);
	EXPECT_TRUE(answer == 0 || answer == 1);
	EXPECT_EQ(gunyah_check_extension(self->vm, GUNYAH_EXT_BOOT_CONTEXT), answer);
}

TEST_F(args, region_values)
{
	char *host = self->memory;
	bool lend;
	int i;

	for (i = 0; i < 2; i++) {
		lend = i;
		EXPECT_EQ(region(self->vm, lend, 0, 0, 0, PAGE, host), EINVAL);
		EXPECT_EQ(region(self->vm, lend, 0, RWX | 8, 0, PAGE, host), EINVAL);
		EXPECT_EQ(region(self->vm, lend, 0, 1U << 31 | 1, 0, PAGE, host), EINVAL);
		EXPECT_EQ(region(self->vm, lend, 0, RWX, 0, 0, host), EINVAL);
		EXPECT_EQ(region(self->vm, lend, 0, RWX, 0, PAGE + 1, host), EINVAL);
		EXPECT_EQ(region(self->vm, lend, 0, RWX, 1, PAGE, host), EINVAL);
		EXPECT_EQ(region(self->vm, lend, 0, RWX, 0, PAGE, host + 1), EINVAL);
		EXPECT_EQ(region(self->vm, lend, 0, RWX, -(uint64_t)PAGE, 2 * PAGE, host),
			  EINVAL);
		EXPECT_EQ(region(self->vm, lend, 0, RWX, 0, -(uint64_t)PAGE, host), EINVAL);
	}
	EXPECT_EQ(error(self->vm, GUNYAH_VM_SET_USER_MEM_REGION, (void *)8), EFAULT);
	EXPECT_EQ(error(self->vm, GUNYAH_VM_ANDROID_LEND_USER_MEM, (void *)8), EFAULT);
}

TEST_F(args, region_mappings)
{
	char *host = self->memory;

	ASSERT_EQ(munmap(host + PAGE, PAGE), 0);
	EXPECT_EQ(region(self->vm, false, 0, RWX, 0, 2 * PAGE, host), EFAULT);
	EXPECT_EQ(region(self->vm, false, 0, RWX, 0, PAGE, host + PAGE), EFAULT);
	ASSERT_EQ(mprotect(host + 2 * PAGE, PAGE, PROT_READ), 0);
	EXPECT_EQ(region(self->vm, true, 0, RWX, 0, PAGE, host + 2 * PAGE), EFAULT);
	/* Nothing of it is left: the label and the range can be had. */
	EXPECT_EQ(region(self->vm, false, 0, RWX, 0, PAGE, host), 0);
}

TEST_F(args, region_overlaps)
{
	char *host = self->memory;

	EXPECT_EQ(region(self->vm, false, 1, RWX, 4 * PAGE, 2 * PAGE, host), 0);
	EXPECT_EQ(region(self->vm, false, 1, RWX, 0, PAGE, host), EEXIST);
	EXPECT_EQ(region(self->vm, true, 1, RWX, 0, PAGE, host), EEXIST);
	EXPECT_EQ(region(self->vm, false, 2, RWX, 5 * PAGE, PAGE, host), EEXIST);
	EXPECT_EQ(region(self->vm, true, 2, RWX, 3 * PAGE, 2 * PAGE, host), EEXIST);
	EXPECT_EQ(region(self->vm, true, 2, RWX, 0, 8 * PAGE, host), EEXIST);
	/* Neighbours, in any order, of any label */
	EXPECT_EQ(region(self->vm, true, ~0U, 1, 6 * PAGE, PAGE, host + 4 * PAGE), 0);
	EXPECT_EQ(region(self->vm, false, 0, 5, 3 * PAGE, PAGE, host + 5 * PAGE), 0);
}

TEST_F(args, reclaim)
{
	struct gunyah_address_range range = { .guest_phys_addr = 4 * PAGE, .size = 2 * PAGE };
	char *host = self->memory;

	EXPECT_EQ(error(self->vm, GUNYAH_VM_RECLAIM_REGION, &range), ENOENT);
	EXPECT_EQ(region(self->vm, true, 1, RWX, 4 * PAGE, 2 * PAGE, host), 0);
	range.size = PAGE;
	EXPECT_EQ(error(self->vm, GUNYAH_VM_RECLAIM_REGION, &range), EINVAL);
	range.size = 0;
	EXPECT_EQ(error(self->vm, GUNYAH_VM_RECLAIM_REGION, &range), EINVAL);
	range.size = -(uint64_t)PAGE;
	EXPECT_EQ(error(self->vm, GUNYAH_VM_RECLAIM_REGION, &range), EINVAL);
	range.size = 2 * PAGE;
	EXPECT_EQ(error(self->vm, GUNYAH_VM_RECLAIM_REGION, &range), 0);
	EXPECT_EQ(region(self->vm, false, 1, RWX, 4 * PAGE, 2 * PAGE, host), 0);
}

TEST_F(args, dtb)
{
	/* Before there is memory, of an odd size, larger than any, and again */
	EXPECT_EQ(gunyah_set_dtb(self->vm, 0, PAGE), 0);
	EXPECT_EQ(gunyah_set_dtb(self->vm, 0x845f0000, 0x48), 0);
	EXPECT_EQ(gunyah_set_dtb(self->vm, 0x863fe000, 0x200000), 0);
	EXPECT_EQ(gunyah_set_dtb(self->vm, 0, 0), -EINVAL);
	EXPECT_EQ(gunyah_set_dtb(self->vm, 8, PAGE), -EINVAL);
	EXPECT_EQ(gunyah_set_dtb(self->vm, -(uint64_t)PAGE, 2 * PAGE), -EOVERFLOW);
	EXPECT_EQ(gunyah_set_dtb(self->vm, PAGE, ~0ULL), -EOVERFLOW);
	EXPECT_EQ(error(self->vm, GUNYAH_VM_SET_DTB_CONFIG, NULL), EFAULT);
}

TEST_F(args, firmware)
{
	EXPECT_EQ(gunyah_set_firmware(self->vm, 0x7fc00000, 0), -EINVAL);
	EXPECT_EQ(gunyah_set_firmware(self->vm, 0x7fc00001, PAGE), -EINVAL);
	EXPECT_EQ(gunyah_set_firmware(self->vm, 0x7fc00000, 100), -EINVAL);
	EXPECT_EQ(gunyah_set_firmware(self->vm, -(uint64_t)PAGE, 2 * PAGE), -EOVERFLOW);
	EXPECT_EQ(gunyah_set_firmware(self->vm, 0x7fc00000, 0x400000), 0);
	EXPECT_EQ(error(self->vm, GUNYAH_VM_ANDROID_SET_FW_CONFIG, NULL), EFAULT);
}

TEST_F(args, authentication)
{
	struct gunyah_auth_qtvm_arg qtvm = { .vm_id = 45, .peripheral_id = 1, .size = PAGE };
	struct gunyah_auth_desc desc = { .type = 2 };

	EXPECT_EQ(error(self->vm, GUNYAH_VM_ANDROID_SET_AUTH_TYPE, &desc), EINVAL);
	desc.type = GUNYAH_AUTH_ANDROID_PVM;
	desc.arg_size = 4;
	desc.arg = (uintptr_t)&qtvm;
	EXPECT_EQ(error(self->vm, GUNYAH_VM_ANDROID_SET_AUTH_TYPE, &desc), EINVAL);
	desc.type = GUNYAH_AUTH_QCOM_TRUSTED_VM;
	EXPECT_EQ(error(self->vm, GUNYAH_VM_ANDROID_SET_AUTH_TYPE, &desc), EINVAL);
	desc.arg_size = sizeof(qtvm);
	desc.arg = 8;
	EXPECT_EQ(error(self->vm, GUNYAH_VM_ANDROID_SET_AUTH_TYPE, &desc), EFAULT);
	desc.arg = (uintptr_t)&qtvm;
	EXPECT_EQ(error(self->vm, GUNYAH_VM_ANDROID_SET_AUTH_TYPE, &desc), 0);
}

TEST_F(args, boot_context)
{
	uint32_t i;

	for (i = 0; i < 32; i++)
		EXPECT_EQ(gunyah_set_boot_context(self->vm, i, ~0ULL), 0);
	EXPECT_EQ(gunyah_set_boot_context(self->vm, 32, 0), -EINVAL);
	EXPECT_EQ(gunyah_set_boot_context(self->vm, 0xff, 0), -EINVAL);
	EXPECT_EQ(gunyah_set_boot_context(self->vm, 0x100, 0x80000000), 0);
	EXPECT_EQ(gunyah_set_boot_context(self->vm, 0x100, 0x80200000), 0);
	EXPECT_EQ(gunyah_set_boot_context(self->vm, 0x101, 0), -EINVAL);
	EXPECT_EQ(gunyah_set_boot_context(self->vm, 0x200, 0), 0);
	EXPECT_EQ(gunyah_set_boot_context(self->vm, 0x201, 0), 0);
	EXPECT_EQ(gunyah_set_boot_context(self->vm, 0x203, 0), -EINVAL);
	EXPECT_EQ(gunyah_set_boot_context(self->vm, 0x300, 0), -EINVAL);
	EXPECT_EQ(gunyah_set_boot_context(self->vm, 0x10000, 0), -EINVAL);
	EXPECT_EQ(gunyah_set_boot_context(self->vm, ~0U, 0), -EINVAL);
	EXPECT_EQ(error(self->vm, GUNYAH_VM_SET_BOOT_CONTEXT, NULL), EFAULT);
}

TEST_F(args, functions)
{
	static const unsigned long both[] = {
		GUNYAH_VM_ADD_FUNCTION, GUNYAH_VM_REMOVE_FUNCTION,
	};
	static const uint32_t sizes[] = { 0, 3, 5, 15, 17, 31, 33, 256, 257, 0x7fffffff, ~0U };
	char arg[256] = "";
	struct gunyah_fn_desc desc = { .arg = (uintptr_t)arg };
	unsigned int i, j;

	for (i = 0; i < 2; i++) {
		for (desc.type = 1; desc.type <= 3; desc.type++) {
			for (j = 0; j < ARRAY_SIZE(sizes); j++) {
				desc.arg_size = sizes[j];
				EXPECT_EQ(error(self->vm, both[i], &desc), EINVAL);
			}
		}
		desc.type = 0;
		desc.arg_size = 4;
		EXPECT_EQ(error(self->vm, both[i], &desc), ENOENT);
		desc.type = 4;
		EXPECT_EQ(error(self->vm, both[i], &desc), ENOENT);
		desc.type = ~0U;
		EXPECT_EQ(error(self->vm, both[i], &desc), ENOENT);
		desc.type = GUNYAH_FN_VCPU;
		desc.arg = 8;
		EXPECT_EQ(error(self->vm, both[i], &desc), EFAULT);
		desc.arg = (uintptr_t)arg;
		EXPECT_EQ(error(self->vm, both[i], NULL), EFAULT);
	}
}

/* A failed start changes nothing: it fails again, and memory can be added. */
TEST_F(args, start_without)
{
	EXPECT_EQ(gunyah_start(self->vm), -EINVAL);
	EXPECT_EQ(gunyah_set_dtb(self->vm, 0x80000000, PAGE), 0);
	EXPECT_EQ(gunyah_start(self->vm), -EINVAL);
	EXPECT_EQ(region(self->vm, true, 1, RWX, 0x90000000, PAGE, self->memory), 0);
	EXPECT_EQ(gunyah_start(self->vm), -EINVAL);
	/* Half in a region is not in it. */
	EXPECT_EQ(gunyah_set_dtb(self->vm, 0x90000000, 2 * PAGE), 0);
	EXPECT_EQ(gunyah_start(self->vm), -EINVAL);
}

TEST_F(args, guest_memory)
{
	struct gunyah_create_mem_args args = { .size = 4 * PAGE };
	int fd;

	args.flags = 8;
	EXPECT_EQ(error(self->dev, GUNYAH_CREATE_GUEST_MEM, &args), EINVAL);
	args.flags = 0;
	args.size = 100;
	EXPECT_EQ(error(self->dev, GUNYAH_CREATE_GUEST_MEM, &args), EINVAL);
	args.size = PAGE;
	args.reserved[5] = 1;
	EXPECT_EQ(error(self->dev, GUNYAH_CREATE_GUEST_MEM, &args), EINVAL);
	args.reserved[5] = 0;
	fd = ioctl(self->dev, GUNYAH_CREATE_GUEST_MEM, &args);
	if (fd < 0 && errno == ENOTTY)
		SKIP(return, "no guest memory files");
	ASSERT_GE(fd, 0);
	EXPECT_EQ(fcntl(fd, F_GETFD), 0);
	close(fd);
	args.flags = GUNYAH_GUEST_MEM_CLOEXEC;
	fd = ioctl(self->dev, GUNYAH_CREATE_GUEST_MEM, &args);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
}

TEST_HARNESS_MAIN
