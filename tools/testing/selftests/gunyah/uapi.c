// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bytes of the ABI: request numbers, sizes and offsets as every client has
 * them compiled in. Needs no hypervisor.
 */
#include <stddef.h>
#include <sys/ioctl.h>

#include <linux/gunyah.h>

#include "kselftest_harness.h"

#define AT(type, field, offset) EXPECT_EQ(offsetof(struct type, field), offset)
#define SIZE(type, size) EXPECT_EQ(sizeof(struct type), size)

TEST(requests)
{
	EXPECT_EQ(GUNYAH_CREATE_VM, 0x4700);
	EXPECT_EQ(GUNYAH_VM_SET_USER_MEM_REGION, 0x40204701);
	EXPECT_EQ(GUNYAH_VM_SET_DTB_CONFIG, 0x40104702);
	EXPECT_EQ(GUNYAH_VM_START, 0x4703);
	EXPECT_EQ(GUNYAH_VM_ADD_FUNCTION, 0x40104704);
	EXPECT_EQ(GUNYAH_VCPU_RUN, 0x4705);
	EXPECT_EQ(GUNYAH_VCPU_MMAP_SIZE, 0x4706);
	EXPECT_EQ(GUNYAH_VM_REMOVE_FUNCTION, 0x40104707);
	EXPECT_EQ(GUNYAH_CREATE_GUEST_MEM, 0x40404708);
	EXPECT_EQ(GUNYAH_VM_MAP_MEM, 0x40204709);
	EXPECT_EQ(GUNYAH_VM_SET_BOOT_CONTEXT, 0x4010470a);
	EXPECT_EQ(GUNYAH_VM_ANDROID_LEND_USER_MEM, 0x40204111);
	EXPECT_EQ(GUNYAH_VM_ANDROID_SET_FW_CONFIG, 0x40104112);
	EXPECT_EQ(GUNYAH_VM_RECLAIM_REGION, 0x40104113);
	EXPECT_EQ(GUNYAH_VM_ANDROID_SET_AUTH_TYPE, 0x40104116);
	EXPECT_EQ(GUNYAH_VM_CHECK_EXTENSION, 0x4117);
}

TEST(region)
{
	SIZE(gunyah_userspace_memory_region, 32);
	AT(gunyah_userspace_memory_region, label, 0);
	AT(gunyah_userspace_memory_region, flags, 4);
	AT(gunyah_userspace_memory_region, guest_phys_addr, 8);
	AT(gunyah_userspace_memory_region, memory_size, 16);
	AT(gunyah_userspace_memory_region, userspace_addr, 24);
	EXPECT_EQ(GUNYAH_MEM_ALLOW_READ, 1);
	EXPECT_EQ(GUNYAH_MEM_ALLOW_WRITE, 2);
	EXPECT_EQ(GUNYAH_MEM_ALLOW_EXEC, 4);
}

TEST(places)
{
	SIZE(gunyah_vm_dtb_config, 16);
	AT(gunyah_vm_dtb_config, size, 8);
	SIZE(gunyah_vm_firmware_config, 16);
	AT(gunyah_vm_firmware_config, size, 8);
	SIZE(gunyah_address_range, 16);
	AT(gunyah_address_range, size, 8);
	SIZE(gunyah_vm_boot_context, 16);
	AT(gunyah_vm_boot_context, reg, 0);
	AT(gunyah_vm_boot_context, value, 8);
}

TEST(functions)
{
	SIZE(gunyah_fn_desc, 16);
	AT(gunyah_fn_desc, type, 0);
	AT(gunyah_fn_desc, arg_size, 4);
	AT(gunyah_fn_desc, arg, 8);
	EXPECT_EQ(GUNYAH_FN_VCPU, 1);
	EXPECT_EQ(GUNYAH_FN_IRQFD, 2);
	EXPECT_EQ(GUNYAH_FN_IOEVENTFD, 3);
	SIZE(gunyah_fn_vcpu_arg, 4);
	SIZE(gunyah_fn_irqfd_arg, 16);
	AT(gunyah_fn_irqfd_arg, fd, 0);
	AT(gunyah_fn_irqfd_arg, label, 4);
	AT(gunyah_fn_irqfd_arg, flags, 8);
	EXPECT_EQ(GUNYAH_IRQFD_FLAGS_LEVEL, 1);
	SIZE(gunyah_fn_ioeventfd_arg, 32);
	AT(gunyah_fn_ioeventfd_arg, datamatch, 0);
	AT(gunyah_fn_ioeventfd_arg, addr, 8);
	AT(gunyah_fn_ioeventfd_arg, len, 16);
	AT(gunyah_fn_ioeventfd_arg, fd, 20);
	AT(gunyah_fn_ioeventfd_arg, flags, 24);
	EXPECT_EQ(GUNYAH_IOEVENTFD_FLAGS_DATAMATCH, 1);
}

TEST(run_page)
{
	SIZE(gunyah_vcpu_run, 40);
	AT(gunyah_vcpu_run, immediate_exit, 0);
	AT(gunyah_vcpu_run, exit_reason, 8);
	AT(gunyah_vcpu_run, mmio.phys_addr, 16);
	AT(gunyah_vcpu_run, mmio.data, 24);
	AT(gunyah_vcpu_run, mmio.len, 32);
	AT(gunyah_vcpu_run, mmio.is_write, 36);
	AT(gunyah_vcpu_run, mmio.resume_action, 37);
	AT(gunyah_vcpu_run, status.status, 16);
	AT(gunyah_vcpu_run, status.exit_info.type, 20);
	AT(gunyah_vcpu_run, status.exit_info.reason_size, 24);
	AT(gunyah_vcpu_run, status.exit_info.reason, 28);
	AT(gunyah_vcpu_run, page_fault.phys_addr, 16);
	AT(gunyah_vcpu_run, page_fault.attempt, 24);
	AT(gunyah_vcpu_run, page_fault.resume_action, 28);
	EXPECT_EQ(GUNYAH_VCPU_EXIT_MMIO, 1);
	EXPECT_EQ(GUNYAH_VCPU_EXIT_STATUS, 2);
	EXPECT_EQ(GUNYAH_VCPU_EXIT_PAGE_FAULT, 3);
	EXPECT_EQ(GUNYAH_VCPU_RESUME_HANDLED, 0);
	EXPECT_EQ(GUNYAH_VCPU_RESUME_FAULT, 1);
	EXPECT_EQ(GUNYAH_VCPU_RESUME_RETRY, 2);
	EXPECT_EQ(GUNYAH_VM_STATUS_LOAD_FAILED, 1);
	EXPECT_EQ(GUNYAH_VM_STATUS_EXITED, 2);
	EXPECT_EQ(GUNYAH_VM_STATUS_CRASHED, 3);
}

TEST(guest_memory)
{
	SIZE(gunyah_create_mem_args, 64);
	AT(gunyah_create_mem_args, size, 8);
	AT(gunyah_create_mem_args, reserved, 16);
	SIZE(gunyah_map_mem_args, 32);
	AT(gunyah_map_mem_args, flags, 8);
	AT(gunyah_map_mem_args, guest_mem_fd, 12);
	AT(gunyah_map_mem_args, offset, 16);
	AT(gunyah_map_mem_args, size, 24);
	/* Not the Android header's, which nobody uses with this request */
	EXPECT_EQ(GUNYAH_MAP_MEM_FORCE_LEND, 1);
	EXPECT_EQ(GUNYAH_MAP_MEM_FORCE_SHARE, 2);
	EXPECT_EQ(GUNYAH_MAP_MEM_ALLOW_READ, 0x10);
	EXPECT_EQ(GUNYAH_MAP_MEM_ALLOW_WRITE, 0x20);
	EXPECT_EQ(GUNYAH_MAP_MEM_ALLOW_EXEC, 0x40);
	EXPECT_EQ(GUNYAH_MAP_MEM_UNMAP, 0x100);
}

TEST(authentication)
{
	SIZE(gunyah_auth_desc, 16);
	AT(gunyah_auth_desc, arg_size, 4);
	AT(gunyah_auth_desc, arg, 8);
	SIZE(gunyah_auth_qtvm_arg, 24);
	AT(gunyah_auth_qtvm_arg, peripheral_id, 4);
	AT(gunyah_auth_qtvm_arg, guest_phys_addr, 8);
	AT(gunyah_auth_qtvm_arg, size, 16);
}

TEST_HARNESS_MAIN
