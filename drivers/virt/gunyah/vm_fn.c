// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions of a VM: adding and removing them, and finding their resources.
 *
 * A function is a vCPU, an irqfd or an ioeventfd; what each of them does is in
 * its own file and reached through a const table. This file keeps the list,
 * and has each function bound to the resource it claims: when it is added if RM
 * has reported the resource, else when the VM starts.
 *
 * The VM's list owns its functions. They are removed when user space says so,
 * when they hang up, and at last when the VM is taken apart.
 */
#include <linux/array_size.h>
#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>
#include <kunit/visibility.h>

#include "vm.h"
#include "vm_io.h"

/* One row for each enum gunyah_fn_type. */
static const struct gunyah_vm_function_ops *const function_kinds[] = {
	&gunyah_vcpu_fn_ops,
	&gunyah_irqfd_ops,
	&gunyah_ioeventfd_ops,
};

static const struct gunyah_vm_function_ops *ops_find(u32 type)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(function_kinds); i++)
		if (function_kinds[i]->type == type)
			return function_kinds[i];

	return NULL;
}

/* The argument of a function, and what kind of function it is of. */
struct fn_arg {
	const struct gunyah_vm_function_ops *ops;
	u64 data[GUNYAH_FN_MAX_ARG_SIZE / sizeof(u64)];
};

static int arg_read(struct fn_arg *arg, const struct gunyah_fn_desc *desc)
{
	if (desc->arg_size > GUNYAH_FN_MAX_ARG_SIZE)
		return -EINVAL;

	arg->ops = ops_find(desc->type);
	if (!arg->ops)
		return -ENOENT;
	if (desc->arg_size != arg->ops->arg_size)
		return -EINVAL;

	return copy_from_user(arg->data, u64_to_user_ptr(desc->arg), desc->arg_size) ? -EFAULT : 0;
}

/*
 * Try to bind a function; where it fails it stays unbound, to be tried again.
 * Returns -ENOMEM if there was no memory for the resource's driver.
 */
static int fn_bind_locked(struct gunyah_vm_function *fn)
{
	struct auxiliary_device *adev;
	u16 vmid = READ_ONCE(fn->vm->vmid);
	int ret;

	lockdep_assert_held(&fn->vm->fn_lock);

	if (!fn->claims || fn->bound || !vmid)
		return 0;

	adev = gunyah_resource_find(vmid, fn->kind, fn->label);
	if (!adev)
		return 0;

	ret = fn->ops->bind(fn, adev);
	fn->bound = !ret;
	put_device(&adev->dev);

	/* This module needs the device's driver: it is loaded, and failed to probe. */
	return ret == -EPROBE_DEFER ? -ENOMEM : 0;
}

static bool fn_conflict_locked(struct gunyah_vm *vm, const struct fn_arg *arg)
{
	struct gunyah_vm_function *fn;

	lockdep_assert_held(&vm->fn_lock);

	list_for_each_entry(fn, &vm->functions, node)
		if (fn->ops == arg->ops && !READ_ONCE(fn->hangup) &&
		    fn->ops->conflicts(fn, arg->data))
			return true;

	return false;
}

/* The result of ops->publish(); @unbound: it claims what has not been found. */
static int fn_add_locked(struct gunyah_vm *vm, const struct fn_arg *arg, bool *unbound)
{
	struct gunyah_vm_function *fn;

	lockdep_assert_held(&vm->fn_lock);

	/* Only when the system goes down: the others have been removed. */
	if (gunyah_vm_state(vm) >= GUNYAH_VM_CLOSING)
		return -ENODEV;
	if (fn_conflict_locked(vm, arg))
		return -EEXIST;

	fn = arg->ops->create(vm, arg->data);
	if (IS_ERR(fn))
		return PTR_ERR(fn);

	fn->ops = arg->ops;
	fn->vm = vm;
	fn->hangup = false;
	fn->bound = false;
	list_add_tail(&fn->node, &vm->functions);
	fn_bind_locked(fn);
	*unbound = fn->claims && !fn->bound;

	return fn->ops->publish(fn);
}

/* The VM's resources stay until the end of the look. */
static bool look_begin(struct gunyah_vm *vm)
{
	guard(spinlock_irqsave)(&vm->state_lock);

	if (vm->state != GUNYAH_VM_RUNNING)
		return false;
	vm->looking++;

	return true;
}

static void look_end(struct gunyah_vm *vm)
{
	guard(spinlock_irqsave)(&vm->state_lock);

	vm->looking--;
}

/* RM does not tell when a resource appears: look for it. */
static void resources_look_again(struct gunyah_vm *vm)
{
	if (!look_begin(vm))
		return;

	/* What it does not find now it may find at the next function. */
	if (!gunyah_rm_resources_refresh(vm->set))
		gunyah_vm_functions_bind(vm);
	look_end(vm);
}

/**
 * gunyah_vm_function_add() - GUNYAH_VM_ADD_FUNCTION
 * @vm: the VM; the caller has a reference
 * @desc: the function
 *
 * Context: may sleep, makes an RM call if the VM runs and the function's
 * resource is not known.
 * Return: 0, a file descriptor, or one of the errors of the ioctl.
 */
int gunyah_vm_function_add(struct gunyah_vm *vm, const struct gunyah_fn_desc *desc)
{
	struct fn_arg arg = { };
	bool unbound = false;
	int ret;

	ret = arg_read(&arg, desc);
	if (!ret && arg.ops->check)
		ret = arg.ops->check(arg.data);
	if (ret)
		return ret;

	scoped_guard(mutex, &vm->fn_lock)
		ret = fn_add_locked(vm, &arg, &unbound);
	if (ret >= 0 && unbound)
		resources_look_again(vm);

	return ret;
}

static void fn_remove_locked(struct gunyah_vm_function *fn)
{
	lockdep_assert_held(&fn->vm->fn_lock);

	list_del(&fn->node);
	fn->ops->remove(fn);
}

/**
 * gunyah_vm_function_remove() - GUNYAH_VM_REMOVE_FUNCTION
 * @vm: the VM
 * @desc: which function
 *
 * Context: may sleep.
 * Return: 0, -ENOENT, or one of the errors of the ioctl.
 */
int gunyah_vm_function_remove(struct gunyah_vm *vm, const struct gunyah_fn_desc *desc)
{
	struct gunyah_vm_function *fn, *next;
	struct fn_arg arg = { };
	int ret;

	ret = arg_read(&arg, desc);
	if (ret)
		return ret;

	guard(mutex)(&vm->fn_lock);

	ret = -ENOENT;
	list_for_each_entry_safe(fn, next, &vm->functions, node) {
		if (fn->ops == arg.ops && fn->ops->matches(fn, arg.data)) {
			fn_remove_locked(fn);
			ret = 0;
		}
	}

	return ret;
}

/**
 * gunyah_vm_function_hangup() - have a function removed soon
 * @fn: function that is hooked up; ops->remove() waits for the caller
 *
 * For one whose eventfd is closed.
 *
 * Context: any.
 */
void gunyah_vm_function_hangup(struct gunyah_vm_function *fn)
{
	WRITE_ONCE(fn->hangup, true);
	queue_work(gunyah_vm_wq, &fn->vm->fn_work);
}

static void fn_work(struct work_struct *work)
{
	struct gunyah_vm *vm = container_of(work, struct gunyah_vm, fn_work);
	struct gunyah_vm_function *fn, *next;
	bool ended = gunyah_vm_ended(vm);

	guard(mutex)(&vm->fn_lock);

	list_for_each_entry_safe(fn, next, &vm->functions, node) {
		if (READ_ONCE(fn->hangup))
			fn_remove_locked(fn);
		else if (ended && fn->ops->ended)
			fn->ops->ended(fn);
	}
}

/**
 * gunyah_vm_functions_init() - set up what a VM has functions in
 * @vm: VM that is being made
 */
void gunyah_vm_functions_init(struct gunyah_vm *vm)
{
	mutex_init(&vm->fn_lock);
	INIT_LIST_HEAD(&vm->functions);
	hash_init(vm->ioeventfds);
	INIT_WORK(&vm->fn_work, fn_work);
}

/**
 * gunyah_vm_functions_bind() - bind all functions whose resource is there now
 * @vm: the VM
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM if a resource is there and could not be bound.
 */
int gunyah_vm_functions_bind(struct gunyah_vm *vm)
{
	struct gunyah_vm_function *fn;
	int ret = 0;

	guard(mutex)(&vm->fn_lock);

	list_for_each_entry(fn, &vm->functions, node)
		ret = fn_bind_locked(fn) ?: ret;

	return ret;
}

/**
 * gunyah_vm_functions_remove() - remove all functions
 * @vm: VM that is being taken apart
 *
 * Context: may sleep.
 */
void gunyah_vm_functions_remove(struct gunyah_vm *vm)
{
	struct gunyah_vm_function *fn, *next;

	scoped_guard(mutex, &vm->fn_lock)
		list_for_each_entry_safe(fn, next, &vm->functions, node)
			fn_remove_locked(fn);

	/* Nobody is left who queues it. */
	cancel_work_sync(&vm->fn_work);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_vm_functions_remove);

/**
 * gunyah_vm_functions_show() - functions of a VM, for its fdinfo
 * @vm: the VM
 * @m: where to
 *
 * Context: may sleep.
 */
void gunyah_vm_functions_show(struct gunyah_vm *vm, struct seq_file *m)
{
	struct gunyah_vm_function *fn;

	guard(mutex)(&vm->fn_lock);

	list_for_each_entry(fn, &vm->functions, node) {
		seq_printf(m, "function:\t%s", fn->ops->name);
		if (fn->claims)
			seq_printf(m, " label %u %s", fn->label, fn->bound ? "bound" : "unbound");
		seq_putc(m, '\n');
		if (fn->ops->show)
			fn->ops->show(fn, m);
	}
}
