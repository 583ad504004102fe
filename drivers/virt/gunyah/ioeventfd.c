// SPDX-License-Identifier: GPL-2.0-only
/*
 * ioeventfds: events for a guest's writes.
 *
 * Responsible for which writes are meant, and for signalling. Not for the list
 * of functions (vm_fn.c), nor for how a write gets here (vcpu.c).
 *
 * The idea to know: each VM has its own table by address, which vCPUs read
 * under RCU and nothing else. What is at an address is either one event for all
 * writes or one for each length and value; that the addresses of accesses could
 * overlap is nobody's business.
 */
#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/eventfd.h>
#include <linux/hashtable.h>
#include <linux/overflow.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "trace_vcpu.h"
#include "vm.h"
#include "vm_io.h"

/**
 * struct ioeventfd - an event for writes
 * @fn: the function, owns it
 * @node: in &gunyah_vm.ioeventfds
 * @ctx: what is signalled
 * @addr: address that is written
 * @match: only writes of @len bytes with the value @datamatch
 * @len: see @match
 * @datamatch: see @match
 * @hits: writes, roughly
 *
 * All but @hits is constant while it is in the table.
 */
struct ioeventfd {
	struct gunyah_vm_function fn;
	struct hlist_node node;
	struct eventfd_ctx *ctx;
	u64 addr;
	bool match;
	u32 len;
	u64 datamatch;
	u64 hits;
};

static struct ioeventfd *to_ioeventfd(const struct gunyah_vm_function *fn)
{
	return container_of(fn, struct ioeventfd, fn);
}

static bool arg_has_match(const struct gunyah_fn_ioeventfd_arg *arg)
{
	return arg->flags & GUNYAH_IOEVENTFD_FLAGS_DATAMATCH;
}

static bool ioeventfd_is(const struct ioeventfd *io, const struct gunyah_fn_ioeventfd_arg *arg)
{
	return io->len == arg->len && io->datamatch == arg->datamatch;
}

static int ioeventfd_check(const void *data)
{
	const struct gunyah_fn_ioeventfd_arg *arg = data;
	u64 end;

	if (arg->flags & ~GUNYAH_IOEVENTFD_FLAGS_DATAMATCH)
		return -EINVAL;
	if (arg->len && !gunyah_mmio_size_valid(arg->len))
		return -EINVAL;
	if (arg_has_match(arg) && !arg->len)
		return -EINVAL;
	if (check_add_overflow(arg->addr, (u64)arg->len, &end))
		return -EINVAL;

	return 0;
}

static bool ioeventfd_conflicts(const struct gunyah_vm_function *fn, const void *data)
{
	const struct gunyah_fn_ioeventfd_arg *arg = data;
	const struct ioeventfd *io = to_ioeventfd(fn);

	if (io->addr != arg->addr)
		return false;

	return !io->match || !arg_has_match(arg) || ioeventfd_is(io, arg);
}

/* One client fills in nothing but the address of one it had added without flag. */
static bool ioeventfd_matches(const struct gunyah_vm_function *fn, const void *data)
{
	const struct gunyah_fn_ioeventfd_arg *arg = data;
	const struct ioeventfd *io = to_ioeventfd(fn);

	if (io->addr != arg->addr || io->match != arg_has_match(arg))
		return false;

	return !io->match || ioeventfd_is(io, arg);
}

static struct gunyah_vm_function *ioeventfd_create(struct gunyah_vm *vm, const void *data)
{
	const struct gunyah_fn_ioeventfd_arg *arg = data;
	struct ioeventfd *io;

	io = kzalloc(sizeof(*io), GFP_KERNEL_ACCOUNT);
	if (!io)
		return ERR_PTR(-ENOMEM);

	io->ctx = eventfd_ctx_fdget(arg->fd);
	if (IS_ERR(io->ctx)) {
		int ret = PTR_ERR(io->ctx);

		kfree(io);
		return ERR_PTR(ret);
	}

	INIT_HLIST_NODE(&io->node);
	io->addr = arg->addr;
	io->match = arg_has_match(arg);
	io->len = arg->len;
	io->datamatch = arg->datamatch;

	return &io->fn;
}

static int ioeventfd_publish(struct gunyah_vm_function *fn)
{
	struct ioeventfd *io = to_ioeventfd(fn);

	hash_add_rcu(fn->vm->ioeventfds, &io->node, io->addr);

	return 0;
}

static void ioeventfd_remove(struct gunyah_vm_function *fn)
{
	struct ioeventfd *io = to_ioeventfd(fn);

	/* Not there if it was not published. */
	if (hash_hashed(&io->node)) {
		hash_del_rcu(&io->node);
		synchronize_rcu_expedited();
	}

	eventfd_ctx_put(io->ctx);
	kfree(io);
}

static void ioeventfd_show(const struct gunyah_vm_function *fn, struct seq_file *m)
{
	const struct ioeventfd *io = to_ioeventfd(fn);

	seq_printf(m, "ioeventfd:\taddr=%#llx", io->addr);
	if (io->match)
		seq_printf(m, " len=%u value=%#llx", io->len, io->datamatch);
	seq_printf(m, " hits=%llu\n", READ_ONCE(io->hits));
}

const struct gunyah_vm_function_ops gunyah_ioeventfd_ops = {
	.type = GUNYAH_FN_IOEVENTFD,
	.name = "ioeventfd",
	.arg_size = sizeof(struct gunyah_fn_ioeventfd_arg),
	.check = ioeventfd_check,
	.conflicts = ioeventfd_conflicts,
	.matches = ioeventfd_matches,
	.create = ioeventfd_create,
	.publish = ioeventfd_publish,
	.remove = ioeventfd_remove,
	.show = ioeventfd_show,
};

/**
 * gunyah_ioeventfd_write() - a guest writes to an address without memory
 * @vm: the VM
 * @addr: the address
 * @len: bytes
 * @value: what it writes, the other bytes 0
 *
 * Context: any but hard interrupts.
 * Return: true if there was an event for it, which has been signalled.
 */
bool gunyah_ioeventfd_write(struct gunyah_vm *vm, u64 addr, u32 len, u64 value)
{
	struct ioeventfd *io;

	guard(rcu)();

	hash_for_each_possible_rcu(vm->ioeventfds, io, node, addr) {
		if (io->addr != addr)
			continue;
		if (io->match && (io->len != len || io->datamatch != value))
			continue;

		eventfd_signal(io->ctx);
		WRITE_ONCE(io->hits, io->hits + 1);
		trace_gunyah_ioeventfd(vm->serial, addr, len, value);
		return true;
	}

	return false;
}
