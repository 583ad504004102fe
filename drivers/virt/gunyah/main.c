// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/gunyah: the device, its ioctls and those of a VM's file.
 *
 * Each ioctl is a row of a table and has a handler of its own, which gets the
 * argument in kernel memory. What user space can rely on is in
 * <uapi/linux/gunyah.h>, and the layout of it is asserted here.
 */
#include <linux/anon_inodes.h>
#include <linux/array_size.h>
#include <linux/build_bug.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/gunyah.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/poll.h>
#include <linux/reboot.h>
#include <linux/seq_file.h>
#include <linux/stddef.h>
#include <linux/suspend.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>
#include <kunit/visibility.h>

#include "vm.h"

/*
 * Work of all VMs. What is on it may cancel other work on it and wait until that
 * has come back, but does not wait for what that would have done.
 */
struct workqueue_struct *gunyah_vm_wq;

/* No VM is started any more. */
bool gunyah_vm_no_start;
EXPORT_SYMBOL_IF_KUNIT(gunyah_vm_no_start);

/* Largest argument of an ioctl. */
#define MAX_ARG_SIZE	sizeof(struct gunyah_create_mem_args)

/**
 * struct ioctl_row - one ioctl
 * @cmd: its number, which says the size of the argument
 * @handle: does it. @vm: the VM, NULL on the device. @arg: the argument in
 *	kernel memory, or NULL. @value: the argument itself
 */
struct ioctl_row {
	unsigned int cmd;
	long (*handle)(struct gunyah_vm *vm, const void *arg, unsigned long value);
};

/* The user ABI */

#define ASSERT_IOCTL(_name, _word)	static_assert((_name) == (_word))
#define ASSERT_SIZE(_type, _size)	static_assert(sizeof(_type) == (_size))
#define ASSERT_AT(_type, _field, _at)	static_assert(offsetof(_type, _field) == (_at))

ASSERT_IOCTL(GUNYAH_CREATE_VM, 0x4700);
ASSERT_IOCTL(GUNYAH_VM_SET_USER_MEM_REGION, 0x40204701);
ASSERT_IOCTL(GUNYAH_VM_SET_DTB_CONFIG, 0x40104702);
ASSERT_IOCTL(GUNYAH_VM_START, 0x4703);
ASSERT_IOCTL(GUNYAH_VM_ADD_FUNCTION, 0x40104704);
ASSERT_IOCTL(GUNYAH_VCPU_RUN, 0x4705);
ASSERT_IOCTL(GUNYAH_VCPU_MMAP_SIZE, 0x4706);
ASSERT_IOCTL(GUNYAH_VM_REMOVE_FUNCTION, 0x40104707);
ASSERT_IOCTL(GUNYAH_CREATE_GUEST_MEM, 0x40404708);
ASSERT_IOCTL(GUNYAH_VM_MAP_MEM, 0x40204709);
ASSERT_IOCTL(GUNYAH_VM_SET_BOOT_CONTEXT, 0x4010470a);
ASSERT_IOCTL(GUNYAH_VM_ANDROID_LEND_USER_MEM, 0x40204111);
ASSERT_IOCTL(GUNYAH_VM_ANDROID_SET_FW_CONFIG, 0x40104112);
ASSERT_IOCTL(GUNYAH_VM_RECLAIM_REGION, 0x40104113);
ASSERT_IOCTL(GUNYAH_VM_ANDROID_SET_AUTH_TYPE, 0x40104116);
ASSERT_IOCTL(GUNYAH_VM_CHECK_EXTENSION, 0x4117);

ASSERT_AT(struct gunyah_userspace_memory_region, flags, 4);
ASSERT_AT(struct gunyah_userspace_memory_region, guest_phys_addr, 8);
ASSERT_AT(struct gunyah_userspace_memory_region, memory_size, 16);
ASSERT_AT(struct gunyah_userspace_memory_region, userspace_addr, 24);
ASSERT_AT(struct gunyah_vm_dtb_config, size, 8);
ASSERT_AT(struct gunyah_vm_firmware_config, size, 8);
ASSERT_AT(struct gunyah_address_range, size, 8);
ASSERT_AT(struct gunyah_fn_desc, arg_size, 4);
ASSERT_AT(struct gunyah_fn_desc, arg, 8);
ASSERT_SIZE(struct gunyah_fn_vcpu_arg, 4);
ASSERT_SIZE(struct gunyah_fn_irqfd_arg, 16);
ASSERT_AT(struct gunyah_fn_irqfd_arg, label, 4);
ASSERT_AT(struct gunyah_fn_irqfd_arg, flags, 8);
ASSERT_SIZE(struct gunyah_fn_ioeventfd_arg, 32);
ASSERT_AT(struct gunyah_fn_ioeventfd_arg, addr, 8);
ASSERT_AT(struct gunyah_fn_ioeventfd_arg, len, 16);
ASSERT_AT(struct gunyah_fn_ioeventfd_arg, fd, 20);
ASSERT_AT(struct gunyah_fn_ioeventfd_arg, flags, 24);
ASSERT_AT(struct gunyah_create_mem_args, size, 8);
ASSERT_AT(struct gunyah_create_mem_args, reserved, 16);
ASSERT_AT(struct gunyah_map_mem_args, flags, 8);
ASSERT_AT(struct gunyah_map_mem_args, guest_mem_fd, 12);
ASSERT_AT(struct gunyah_map_mem_args, offset, 16);
ASSERT_AT(struct gunyah_map_mem_args, size, 24);
ASSERT_AT(struct gunyah_vm_boot_context, value, 8);
ASSERT_AT(struct gunyah_auth_desc, arg_size, 4);
ASSERT_AT(struct gunyah_auth_desc, arg, 8);
ASSERT_SIZE(struct gunyah_auth_qtvm_arg, 24);
ASSERT_AT(struct gunyah_auth_qtvm_arg, peripheral_id, 4);
ASSERT_AT(struct gunyah_auth_qtvm_arg, guest_phys_addr, 8);
ASSERT_AT(struct gunyah_auth_qtvm_arg, size, 16);
ASSERT_SIZE(struct gunyah_vm_exit_info, 16);
ASSERT_AT(struct gunyah_vm_exit_info, reason_size, 4);
ASSERT_AT(struct gunyah_vm_exit_info, reason, 8);
ASSERT_SIZE(struct gunyah_vcpu_run, 40);
ASSERT_AT(struct gunyah_vcpu_run, exit_reason, 8);
ASSERT_AT(struct gunyah_vcpu_run, mmio.phys_addr, 16);
ASSERT_AT(struct gunyah_vcpu_run, mmio.data, 24);
ASSERT_AT(struct gunyah_vcpu_run, mmio.len, 32);
ASSERT_AT(struct gunyah_vcpu_run, mmio.is_write, 36);
ASSERT_AT(struct gunyah_vcpu_run, mmio.resume_action, 37);
ASSERT_AT(struct gunyah_vcpu_run, status.status, 16);
ASSERT_AT(struct gunyah_vcpu_run, status.exit_info, 20);
ASSERT_AT(struct gunyah_vcpu_run, page_fault.phys_addr, 16);
ASSERT_AT(struct gunyah_vcpu_run, page_fault.attempt, 24);
ASSERT_AT(struct gunyah_vcpu_run, page_fault.resume_action, 28);

static long ioctl_dispatch(const struct ioctl_row *rows, size_t nr, struct gunyah_vm *vm,
			   unsigned int cmd, unsigned long value)
{
	u64 arg[MAX_ARG_SIZE / sizeof(u64)];
	size_t i;

	for (i = 0; i < nr; i++)
		if (rows[i].cmd == cmd)
			break;
	if (i == nr)
		return -ENOTTY;

	if (!_IOC_SIZE(cmd))
		return rows[i].handle(vm, NULL, value);
	if (copy_from_user(arg, (void __user *)value, _IOC_SIZE(cmd)))
		return -EFAULT;

	return rows[i].handle(vm, arg, value);
}

static long boot_context_ask(struct gunyah_vm *vm)
{
	struct gunyah_rm *rm = vm ? gunyah_rm_get(vm->rm) : gunyah_rm_find();
	int ret;

	if (IS_ERR(rm))
		return 0;

	ret = gunyah_vm_has_boot_context(rm);
	gunyah_rm_put(rm);

	return ret < 0 && ret != -EINTR ? 0 : ret;
}

static bool vcpu_run_there(void)
{
	struct gunyah_rm *rm = gunyah_rm_find();
	struct gunyah_hyp_info info;

	/* Without Gunyah a hypercall is an undefined instruction. */
	if (IS_ERR(rm))
		return false;

	gunyah_rm_put(rm);
	if (gunyah_hypervisor_detect(&info))
		return false;

	return gunyah_hyp_has(&info, GUNYAH_FEATURE_VCPU_RUN);
}

static long handle_check_extension(struct gunyah_vm *vm, const void *arg, unsigned long value)
{
	switch (value) {
	case GUNYAH_EXT_POLL:
	case GUNYAH_EXT_MEM_PARCELS:
	case GUNYAH_EXT_GUEST_MEM:
		return 1;
	case GUNYAH_EXT_BOOT_CONTEXT:
		return boot_context_ask(vm);
	case GUNYAH_EXT_VCPU_RUN:
		return vcpu_run_there();
	default:
		return 0;
	}
}

/* VM */

static long handle_mem_share(struct gunyah_vm *vm, const void *arg, unsigned long value)
{
	return gunyah_vm_mem_add(vm, arg, false);
}

static long handle_mem_lend(struct gunyah_vm *vm, const void *arg, unsigned long value)
{
	return gunyah_vm_mem_add(vm, arg, true);
}

static long handle_dtb(struct gunyah_vm *vm, const void *arg, unsigned long value)
{
	return gunyah_vm_set_dtb(vm, arg);
}

static long handle_start(struct gunyah_vm *vm, const void *arg, unsigned long value)
{
	return gunyah_vm_start(vm);
}

static long handle_add_function(struct gunyah_vm *vm, const void *arg, unsigned long value)
{
	return gunyah_vm_function_add(vm, arg);
}

static long handle_remove_function(struct gunyah_vm *vm, const void *arg, unsigned long value)
{
	return gunyah_vm_function_remove(vm, arg);
}

static long handle_map_mem(struct gunyah_vm *vm, const void *arg, unsigned long value)
{
	return gunyah_vm_gmem_map(vm, arg);
}

static long handle_boot_context(struct gunyah_vm *vm, const void *arg, unsigned long value)
{
	return gunyah_vm_set_boot_context(vm, arg);
}

static long handle_firmware(struct gunyah_vm *vm, const void *arg, unsigned long value)
{
	return gunyah_vm_set_firmware(vm, arg);
}

static long handle_reclaim(struct gunyah_vm *vm, const void *arg, unsigned long value)
{
	return gunyah_vm_mem_remove(vm, arg);
}

static long handle_auth(struct gunyah_vm *vm, const void *arg, unsigned long value)
{
	return gunyah_vm_set_auth(vm, arg);
}

static const struct ioctl_row vm_rows[] = {
	{ GUNYAH_VM_SET_USER_MEM_REGION,	handle_mem_share },
	{ GUNYAH_VM_SET_DTB_CONFIG,		handle_dtb },
	{ GUNYAH_VM_START,			handle_start },
	{ GUNYAH_VM_ADD_FUNCTION,		handle_add_function },
	{ GUNYAH_VM_REMOVE_FUNCTION,		handle_remove_function },
	{ GUNYAH_VM_MAP_MEM,			handle_map_mem },
	{ GUNYAH_VM_SET_BOOT_CONTEXT,		handle_boot_context },
	{ GUNYAH_VM_ANDROID_LEND_USER_MEM,	handle_mem_lend },
	{ GUNYAH_VM_ANDROID_SET_FW_CONFIG,	handle_firmware },
	{ GUNYAH_VM_RECLAIM_REGION,		handle_reclaim },
	{ GUNYAH_VM_ANDROID_SET_AUTH_TYPE,	handle_auth },
	{ GUNYAH_VM_CHECK_EXTENSION,		handle_check_extension },
};

static long vm_ioctl(struct file *file, unsigned int cmd, unsigned long value)
{
	return ioctl_dispatch(vm_rows, ARRAY_SIZE(vm_rows), file->private_data, cmd, value);
}

static __poll_t vm_poll(struct file *file, poll_table *wait)
{
	struct gunyah_vm *vm = file->private_data;

	poll_wait(file, &vm->wait, wait);

	return gunyah_vm_ended(vm) ? EPOLLHUP : 0;
}

static void vm_show_fdinfo(struct seq_file *m, struct file *file)
{
	gunyah_vm_show(file->private_data, m);
}

static int vm_release(struct inode *inode, struct file *file)
{
	gunyah_vm_put(file->private_data);

	return 0;
}

static const struct file_operations vm_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = vm_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.poll = vm_poll,
	.show_fdinfo = vm_show_fdinfo,
	.release = vm_release,
	.llseek = noop_llseek,
};

/* Device */

static long handle_create_vm(struct gunyah_vm *none, const void *arg, unsigned long value)
{
	struct gunyah_vm *vm;
	int fd;

	if (value)
		return -EINVAL;

	vm = gunyah_vm_create();
	if (IS_ERR(vm))
		return PTR_ERR(vm);

	fd = anon_inode_getfd("[gunyah-vm]", &vm_fops, vm, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		gunyah_vm_put(vm);

	return fd;
}

static long handle_create_guest_mem(struct gunyah_vm *none, const void *arg, unsigned long value)
{
	return gunyah_vm_gmem_create(arg);
}

static const struct ioctl_row device_rows[] = {
	{ GUNYAH_CREATE_VM,			handle_create_vm },
	{ GUNYAH_CREATE_GUEST_MEM,		handle_create_guest_mem },
	{ GUNYAH_VM_CHECK_EXTENSION,		handle_check_extension },
};

static long device_ioctl(struct file *file, unsigned int cmd, unsigned long value)
{
	return ioctl_dispatch(device_rows, ARRAY_SIZE(device_rows), NULL, cmd, value);
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice gunyah_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "gunyah",
	.fops = &device_fops,
	.mode = 0600,
};

/* Before the devices are shut down, RM's among them. */
static int system_goes_down(struct notifier_block *nb, unsigned long action, void *data)
{
	struct gunyah_rm *rm = gunyah_rm_find();

	WRITE_ONCE(gunyah_vm_no_start, true);
	/* VMs cannot be taken apart while somebody has RM for himself. */
	if (!IS_ERR(rm)) {
		gunyah_rm_raw_revoke(rm);
		gunyah_rm_put(rm);
	}
	gunyah_vm_down_all();

	return NOTIFY_DONE;
}

static struct notifier_block system_notifier = {
	.notifier_call = system_goes_down,
};

/*
 * What is lent can not be read, so that there would be no image of it; nor can
 * it be written, by an image that is restored in the place of this system.
 */
static int system_hibernates(struct notifier_block *nb, unsigned long action, void *data)
{
	bool known;

	switch (action) {
	case PM_HIBERNATION_PREPARE:
	case PM_RESTORE_PREPARE:
		WRITE_ONCE(gunyah_vm_no_start, true);
		known = gunyah_vm_any_known();
		if (known)
			WRITE_ONCE(gunyah_vm_no_start, false);
		return known ? notifier_from_errno(-EBUSY) : NOTIFY_OK;
	case PM_POST_HIBERNATION:
	case PM_POST_RESTORE:
		WRITE_ONCE(gunyah_vm_no_start, false);
		return NOTIFY_OK;
	default:
		return NOTIFY_DONE;
	}
}

static struct notifier_block hibernation_notifier = {
	.notifier_call = system_hibernates,
};

static int __init gunyah_vm_module_init(void)
{
	int ret;

	/* A VM's work may wait for RM, and is not to hold up another VM's. */
	gunyah_vm_wq = alloc_workqueue("gunyah_vm", WQ_UNBOUND, 0);
	if (!gunyah_vm_wq)
		return -ENOMEM;

	register_reboot_notifier(&system_notifier);
	register_pm_notifier(&hibernation_notifier);

	ret = misc_register(&gunyah_misc);
	if (ret) {
		unregister_pm_notifier(&hibernation_notifier);
		unregister_reboot_notifier(&system_notifier);
		destroy_workqueue(gunyah_vm_wq);
	}

	return ret;
}
module_init(gunyah_vm_module_init);

static void __exit gunyah_vm_module_exit(void)
{
	misc_deregister(&gunyah_misc);
	unregister_pm_notifier(&hibernation_notifier);
	unregister_reboot_notifier(&system_notifier);
	/* Waits for the end of the teardown that let go of this module. */
	destroy_workqueue(gunyah_vm_wq);
}
module_exit(gunyah_vm_module_exit);

/* The device is wanted wherever there is a resource manager. */
MODULE_ALIAS("auxiliary:gunyah_rm.client");
MODULE_SOFTDEP("pre: gunyah_doorbell gunyah_vcpu");
MODULE_DESCRIPTION("Gunyah virtual machines");
MODULE_LICENSE("GPL");
