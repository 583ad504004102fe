// SPDX-License-Identifier: GPL-2.0-only
/*
 * irqfds: eventfds that interrupt a guest.
 *
 * Responsible for ringing a doorbell when an eventfd is signalled. Not for the
 * list of functions (vm_fn.c), nor for doorbells (doorbell.c).
 *
 * The idea to know: all there is to an irqfd while it is hooked up is protected
 * by the lock of the eventfd's wait queue. Its callback is called with it: it
 * takes the signal, so that the counter does not tell of it once more to whoever
 * comes next, and makes one hypercall. It neither allocates nor frees nor takes
 * another lock.
 *
 * A signal that comes before the doorbell is latched and replayed when the
 * doorbell is bound. A signal from before the irqfd is seen when it is hooked.
 *
 * A level-triggered interrupt has to be withdrawn when the guest has taken it.
 * The masks of the doorbell do that, if the VM's device tree lets us set them;
 * if not, the interrupt is an edge and the guest has to do with it.
 */
#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/eventfd.h>
#include <linux/file.h>
#include <linux/gunyah_doorbell.h>
#include <linux/lockdep.h>
#include <linux/poll.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "trace_vcpu.h"
#include "vm.h"
#include "vm_io.h"

#define ALL_FLAGS	U64_MAX

/**
 * struct irqfd - an eventfd that rings
 * @fn: the function, owns it
 * @file: the eventfd's file until the irqfd is hooked up, NULL from then on
 * @ctx: the eventfd
 * @level: user space says the interrupt is a level one
 * @as_edge: it is, but had to become an edge
 * @table: takes the irqfd to the eventfd's wait queue
 * @entry: in that queue
 * @wqh: that queue, NULL while not hooked up. Its lock protects what follows
 * @source: the doorbell, NULL while there is none
 * @latched: a signal came while there was none
 * @signals: signals so far
 * @errors: of these, how many did not ring
 */
struct irqfd {
	struct gunyah_vm_function fn;
	struct file *file;
	struct eventfd_ctx *ctx;
	bool level;
	bool as_edge;
	poll_table table;
	wait_queue_entry_t entry;
	wait_queue_head_t *wqh;

	struct gunyah_doorbell_source *source;
	bool latched;
	u64 signals;
	u64 errors;
};

static struct irqfd *to_irqfd(const struct gunyah_vm_function *fn)
{
	return container_of(fn, struct irqfd, fn);
}

static void irqfd_ring_locked(struct irqfd *irqfd)
{
	int ret;

	lockdep_assert_held(&irqfd->wqh->lock);

	if (!irqfd->source) {
		irqfd->latched = true;
		return;
	}

	ret = gunyah_doorbell_ring(irqfd->source);
	if (ret)
		irqfd->errors++;
	trace_gunyah_irqfd(irqfd->fn.vm->serial, irqfd->fn.label, ret);
}

/*
 * Called with the lock of the wait queue, interrupts are off. The counter may
 * be 0 already: another irqfd of the same eventfd has been faster.
 */
static int irqfd_wakeup(wait_queue_entry_t *entry, unsigned int mode, int sync, void *key)
{
	struct irqfd *irqfd = container_of(entry, struct irqfd, entry);
	__poll_t flags = key_to_poll(key);
	u64 count;

	if (flags & EPOLLIN) {
		eventfd_ctx_do_read(irqfd->ctx, &count);
		irqfd->signals++;
		irqfd_ring_locked(irqfd);
	}
	/* The last file is closed: nobody can signal any more. */
	if (flags & EPOLLHUP)
		gunyah_vm_function_hangup(&irqfd->fn);

	return 0;
}

static void irqfd_queue(struct file *file, wait_queue_head_t *wqh, poll_table *table)
{
	struct irqfd *irqfd = container_of(table, struct irqfd, table);

	irqfd->wqh = wqh;
	add_wait_queue(wqh, &irqfd->entry);
}

static int irqfd_check(const void *data)
{
	const struct gunyah_fn_irqfd_arg *arg = data;

	return arg->flags & ~GUNYAH_IRQFD_FLAGS_LEVEL ? -EINVAL : 0;
}

/* One client fills in nothing but the label. */
static bool irqfd_is(const struct gunyah_vm_function *fn, const void *data)
{
	const struct gunyah_fn_irqfd_arg *arg = data;

	return fn->label == arg->label;
}

static struct gunyah_vm_function *irqfd_create(struct gunyah_vm *vm, const void *data)
{
	const struct gunyah_fn_irqfd_arg *arg = data;
	struct irqfd *irqfd;
	int ret;

	irqfd = kzalloc(sizeof(*irqfd), GFP_KERNEL_ACCOUNT);
	if (!irqfd)
		return ERR_PTR(-ENOMEM);

	irqfd->file = eventfd_fget(arg->fd);
	if (IS_ERR(irqfd->file)) {
		ret = PTR_ERR(irqfd->file);
		kfree(irqfd);
		return ERR_PTR(ret);
	}

	irqfd->ctx = eventfd_ctx_fileget(irqfd->file);
	if (IS_ERR(irqfd->ctx)) {
		ret = PTR_ERR(irqfd->ctx);
		fput(irqfd->file);
		kfree(irqfd);
		return ERR_PTR(ret);
	}

	irqfd->level = arg->flags & GUNYAH_IRQFD_FLAGS_LEVEL;
	init_waitqueue_func_entry(&irqfd->entry, irqfd_wakeup);
	init_poll_funcptr(&irqfd->table, irqfd_queue);
	irqfd->fn.claims = true;
	irqfd->fn.kind = GUNYAH_RESOURCE_DOORBELL_SOURCE;
	irqfd->fn.label = arg->label;

	return &irqfd->fn;
}

static int irqfd_publish(struct gunyah_vm_function *fn)
{
	struct irqfd *irqfd = to_irqfd(fn);
	u64 count = 0;

	vfs_poll(irqfd->file, &irqfd->table);

	/* Signals from before are signals, if the callback was not faster. */
	scoped_guard(spinlock_irq, &irqfd->wqh->lock) {
		eventfd_ctx_do_read(irqfd->ctx, &count);
		if (count) {
			irqfd->signals++;
			irqfd_ring_locked(irqfd);
		}
	}

	/* The file must be able to go, or nobody will ever hang up. */
	fput(irqfd->file);
	irqfd->file = NULL;

	return 0;
}

static int irqfd_bind(struct gunyah_vm_function *fn, struct auxiliary_device *adev)
{
	struct irqfd *irqfd = to_irqfd(fn);
	struct gunyah_doorbell_source *source = gunyah_doorbell_source_get(adev);

	if (IS_ERR(source))
		return PTR_ERR(source);

	if (irqfd->level)
		irqfd->as_edge = gunyah_doorbell_source_set_masks(source, ALL_FLAGS, ALL_FLAGS);

	/* Before it is hooked up there is nobody else, and nothing latched. */
	if (!irqfd->wqh) {
		irqfd->source = source;
		return 0;
	}

	guard(spinlock_irq)(&irqfd->wqh->lock);
	irqfd->source = source;
	if (irqfd->latched)
		irqfd_ring_locked(irqfd);
	irqfd->latched = false;

	return 0;
}

static void irqfd_remove(struct gunyah_vm_function *fn)
{
	struct irqfd *irqfd = to_irqfd(fn);
	u64 count;

	/* The callback is not running after this, and will not be called. */
	if (irqfd->wqh)
		eventfd_ctx_remove_wait_queue(irqfd->ctx, &irqfd->entry, &count);
	if (irqfd->file)
		fput(irqfd->file);

	gunyah_doorbell_source_put(irqfd->source);
	eventfd_ctx_put(irqfd->ctx);
	kfree(irqfd);
}

static void irqfd_show(const struct gunyah_vm_function *fn, struct seq_file *m)
{
	const struct irqfd *irqfd = to_irqfd(fn);

	seq_printf(m, "irqfd:\tlabel=%u %s signals=%llu errors=%llu%s\n", fn->label,
		   !irqfd->level ? "edge" : irqfd->as_edge ? "level-as-edge" : "level",
		   READ_ONCE(irqfd->signals), READ_ONCE(irqfd->errors),
		   fn->bound ? "" : " unbound");
}

const struct gunyah_vm_function_ops gunyah_irqfd_ops = {
	.type = GUNYAH_FN_IRQFD,
	.name = "irqfd",
	.arg_size = sizeof(struct gunyah_fn_irqfd_arg),
	.check = irqfd_check,
	.conflicts = irqfd_is,
	.matches = irqfd_is,
	.create = irqfd_create,
	.publish = irqfd_publish,
	.bind = irqfd_bind,
	.remove = irqfd_remove,
	.show = irqfd_show,
};
