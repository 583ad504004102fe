/* SPDX-License-Identifier: GPL-2.0-only */
/* vCPUs, irqfds and ioeventfds: what they and the table of functions share. */
#ifndef __GUNYAH_VM_IO_H
#define __GUNYAH_VM_IO_H

#include <linux/kconfig.h>
#include <linux/types.h>

struct file;
struct gunyah_vcpu_run;
struct gunyah_vm;
struct gunyah_vm_function;
struct gunyah_vm_function_ops;

/* The three kinds of functions. */
extern const struct gunyah_vm_function_ops gunyah_vcpu_fn_ops;
extern const struct gunyah_vm_function_ops gunyah_irqfd_ops;
extern const struct gunyah_vm_function_ops gunyah_ioeventfd_ops;

/**
 * gunyah_mmio_size_valid() - can an access have so many bytes?
 * @size: bytes
 *
 * Context: any.
 * Return: true if it can.
 */
static inline bool gunyah_mmio_size_valid(u64 size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

/* ioeventfd.c */
bool gunyah_ioeventfd_write(struct gunyah_vm *vm, u64 addr, u32 len, u64 value);

/* vcpu.c */
#if IS_ENABLED(CONFIG_KUNIT)
extern long gunyah_vcpu_off_timeout;
extern long gunyah_vcpu_busy_timeout;
bool gunyah_vcpu_ask(struct gunyah_vm *vm);
void gunyah_vcpu_crash(struct gunyah_vm *vm);
struct file *gunyah_vcpu_file(const struct gunyah_vm_function *fn);
struct gunyah_vcpu_run *gunyah_vcpu_page(const struct gunyah_vm_function *fn);
#endif

#endif
