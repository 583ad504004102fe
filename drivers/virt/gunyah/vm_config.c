// SPDX-License-Identifier: GPL-2.0-only
/*
 * What user space configures of a VM before it starts, and what it can read
 * about a VM. All the rules that need no more than the VM's state are here;
 * whether the parts fit together is judged when the VM starts (vm_start.c).
 */
#include <linux/bits.h>
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/nospec.h>
#include <linux/overflow.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/stdarg.h>
#include <linux/uaccess.h>
#include <kunit/visibility.h>

#include "vm.h"

/* RM's granule, whatever the kernel's pages are. */
#define GRANULE		SZ_4K

/**
 * gunyah_vm_lock_new() - lock a VM to configure it
 * @vm: the VM
 * @running: error if it is starting or running
 *
 * Context: may sleep, killably.
 * Return: 0 with @vm->lock held, @running, -ENODEV if it has ended, -EINTR.
 */
int gunyah_vm_lock_new(struct gunyah_vm *vm, int running)
{
	enum gunyah_vm_state state;

	if (mutex_lock_killable(&vm->lock))
		return -EINTR;

	state = gunyah_vm_state(vm);
	if (state == GUNYAH_VM_NEW)
		return 0;

	mutex_unlock(&vm->lock);

	return state < GUNYAH_VM_EXITED ? running : -ENODEV;
}

/**
 * gunyah_vm_why() - say why a VM could not be started
 * @vm: the VM
 * @fmt: as for printf()
 *
 * For its fdinfo; what was said before is forgotten.
 *
 * Context: may sleep.
 */
void gunyah_vm_why(struct gunyah_vm *vm, const char *fmt, ...)
{
	va_list args;

	guard(mutex)(&vm->lock);

	va_start(args, fmt);
	vscnprintf(vm->why, sizeof(vm->why), fmt, args);
	va_end(args);
}

/**
 * gunyah_vm_set_dtb() - GUNYAH_VM_SET_DTB_CONFIG
 * @vm: the VM
 * @dtb: where the device tree is
 *
 * Context: may sleep.
 * Return: 0 or one of the errors of the ioctl.
 */
int gunyah_vm_set_dtb(struct gunyah_vm *vm, const struct gunyah_vm_dtb_config *dtb)
{
	u64 end;
	int ret;

	/* The end is rounded up, which must not wrap either. */
	if (check_add_overflow(dtb->guest_phys_addr, dtb->size, &end) ||
	    check_add_overflow(end, GRANULE - 1, &end))
		return -EOVERFLOW;
	if (!dtb->size || !IS_ALIGNED(dtb->guest_phys_addr, GRANULE))
		return -EINVAL;

	ret = gunyah_vm_lock_new(vm, -EBUSY);
	if (ret)
		return ret;

	vm->config.dtb.base = dtb->guest_phys_addr;
	vm->config.dtb.size = ALIGN(dtb->size, GRANULE);
	mutex_unlock(&vm->lock);

	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_vm_set_dtb);

static int set_auth_locked(struct gunyah_vm *vm, enum gunyah_rm_auth type)
{
	lockdep_assert_held(&vm->lock);

	if (vm->config.auth.type != GUNYAH_RM_AUTH_NONE && vm->config.auth.type != type)
		return -EINVAL;

	vm->config.auth.type = type;

	return 0;
}

/**
 * gunyah_vm_set_firmware() - GUNYAH_VM_ANDROID_SET_FW_CONFIG
 * @vm: the VM
 * @fw: where the firmware is
 *
 * Context: may sleep.
 * Return: 0 or one of the errors of the ioctl.
 */
int gunyah_vm_set_firmware(struct gunyah_vm *vm, const struct gunyah_vm_firmware_config *fw)
{
	u64 end;
	int ret;

	if (check_add_overflow(fw->guest_phys_addr, fw->size, &end))
		return -EOVERFLOW;
	if (!fw->size || !IS_ALIGNED(fw->guest_phys_addr | fw->size, GRANULE))
		return -EINVAL;

	ret = gunyah_vm_lock_new(vm, -EBUSY);
	if (ret)
		return ret;

	ret = set_auth_locked(vm, GUNYAH_RM_AUTH_ANDROID);
	if (!ret) {
		vm->config.fw.base = fw->guest_phys_addr;
		vm->config.fw.size = fw->size;
	}
	mutex_unlock(&vm->lock);

	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_vm_set_firmware);

static int qtvm_read(struct gunyah_auth_qtvm_arg *qtvm, const struct gunyah_auth_desc *desc)
{
	u64 end;

	if (desc->arg_size != sizeof(*qtvm))
		return -EINVAL;
	if (copy_from_user(qtvm, u64_to_user_ptr(desc->arg), sizeof(*qtvm)))
		return -EFAULT;
	if (!qtvm->vm_id || !qtvm->size ||
	    check_add_overflow(qtvm->guest_phys_addr, qtvm->size, &end))
		return -EINVAL;

	return 0;
}

/**
 * gunyah_vm_set_auth() - GUNYAH_VM_ANDROID_SET_AUTH_TYPE
 * @vm: the VM
 * @desc: how it is authenticated
 *
 * Context: may sleep.
 * Return: 0 or one of the errors of the ioctl.
 */
int gunyah_vm_set_auth(struct gunyah_vm *vm, const struct gunyah_auth_desc *desc)
{
	struct gunyah_auth_qtvm_arg qtvm = { };
	enum gunyah_rm_auth type;
	int ret;

	switch (desc->type) {
	case GUNYAH_AUTH_ANDROID_PVM:
		type = GUNYAH_RM_AUTH_ANDROID;
		ret = desc->arg_size ? -EINVAL : 0;
		break;
	case GUNYAH_AUTH_QCOM_TRUSTED_VM:
		type = GUNYAH_RM_AUTH_PLATFORM;
		ret = qtvm_read(&qtvm, desc);
		break;
	default:
		return -EINVAL;
	}
	if (ret)
		return ret;

	ret = gunyah_vm_lock_new(vm, -EBUSY);
	if (ret)
		return ret;

	ret = set_auth_locked(vm, type);
	if (!ret)
		vm->config.auth.qtvm = qtvm;
	mutex_unlock(&vm->lock);

	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_vm_set_auth);

/* Index into gunyah_vm_config.regs, or GUNYAH_VM_NR_REGS. */
static unsigned int reg_index(u32 reg)
{
	unsigned int set = reg >> 8, index = reg & 0xff;

	switch (set) {
	case GUNYAH_BOOT_CONTEXT_REG_SET_X:
		return index < GUNYAH_VM_REG_PC ? index : GUNYAH_VM_NR_REGS;
	case GUNYAH_BOOT_CONTEXT_REG_SET_PC:
		return index < 1 ? GUNYAH_VM_REG_PC : GUNYAH_VM_NR_REGS;
	case GUNYAH_BOOT_CONTEXT_REG_SET_SP:
		return index < 2 ? GUNYAH_VM_REG_SP + index : GUNYAH_VM_NR_REGS;
	default:
		return GUNYAH_VM_NR_REGS;
	}
}

/**
 * gunyah_vm_set_boot_context() - GUNYAH_VM_SET_BOOT_CONTEXT
 * @vm: the VM
 * @context: a register
 *
 * Context: may sleep.
 * Return: 0 or one of the errors of the ioctl.
 */
int gunyah_vm_set_boot_context(struct gunyah_vm *vm, const struct gunyah_vm_boot_context *context)
{
	unsigned int index = reg_index(context->reg);
	int ret;

	if (index == GUNYAH_VM_NR_REGS)
		return -EINVAL;

	ret = gunyah_vm_lock_new(vm, -EINVAL);
	if (ret)
		return ret == -ENODEV ? -EINVAL : ret;

	index = array_index_nospec(index, GUNYAH_VM_NR_REGS);
	vm->config.regs[index] = context->value;
	vm->config.regs_set |= BIT_ULL(index);
	mutex_unlock(&vm->lock);

	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_vm_set_boot_context);

static void exit_show(struct gunyah_vm *vm, struct seq_file *m)
{
	if (!gunyah_vm_ended(vm))
		return;

	seq_printf(m, "status:\t%u\n", vm->exit.status);
	if (vm->exit.status == GUNYAH_VM_STATUS_EXITED)
		seq_printf(m, "exit:\t%u\n", vm->exit.info.type);
}

/**
 * gunyah_vm_show() - what user space can read of a VM
 * @vm: the VM
 * @m: its fdinfo
 *
 * Context: may sleep, killably; shows less then.
 */
void gunyah_vm_show(struct gunyah_vm *vm, struct seq_file *m)
{
	seq_printf(m, "vm:\t%u\nstate:\t%s\n", vm->serial,
		   gunyah_vm_state_name(gunyah_vm_state(vm)));
	if (READ_ONCE(vm->vmid))
		seq_printf(m, "vmid:\t%u\n", READ_ONCE(vm->vmid));
	exit_show(vm, m);

	/* It may be held by who waits for a page of user space's, for ever. */
	if (mutex_lock_killable(&vm->lock))
		return;
	if (vm->why[0])
		seq_printf(m, "why:\t%s\n", vm->why);
	/* The regions are the starter's, who does not take the lock. */
	if (gunyah_vm_state(vm) != GUNYAH_VM_STARTING)
		gunyah_vm_mem_show(vm, m);
	mutex_unlock(&vm->lock);

	gunyah_vm_functions_show(vm, m);
}
