// SPDX-License-Identifier: GPL-2.0-only
/*
 * The resource-manager (RM) client: lending interrupts of hardware.
 *
 * The public RM dies of such a call without a payload, which can not be formed
 * here. As in rm_rpc.c: CPU byte order outside, the layout on the wire only
 * here.
 */
#include <linux/build_bug.h>
#include <linux/error-injection.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/stddef.h>
#include <linux/types.h>
#include <linux/gunyah_rm_vm.h>

#include "rm.h"
#include "rm_rpc.h"

struct rm_irq_lend_req {
	__le16 borrower;
	__le16 reserved;
	__le32 virq;
	__le32 label;
} __packed;

struct rm_irq_accept_req {
	__le32 handle;
	__le32 virq;
} __packed;

struct rm_irq_handle_req {
	__le32 handle;
} __packed;

struct rm_irq_notify_req {
	__le32 handle;
	__le32 flags;
	/* LENT only */
	__le16 nr;
	__le16 reserved;
	__le16 borrower;
	__le16 reserved2;
} __packed;

static_assert(sizeof(struct rm_irq_lend_req) == 12);
static_assert(sizeof(struct rm_irq_notify_req) == 16);

/**
 * gunyah_rm_irq_lend() - lend an interrupt of this VM's
 * @rm: client
 * @borrower: VM that gets it
 * @virq: its INTID
 * @label: number the borrower knows it by
 * @handle: result; not changed on failure
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -EBUSY if it is lent already.
 */
noinline int gunyah_rm_irq_lend(struct gunyah_rm *rm, u16 borrower, u32 virq, u32 label,
				u32 *handle)
{
	struct rm_irq_lend_req req = {
		.borrower = cpu_to_le16(borrower),
		.virq = cpu_to_le32(virq),
		.label = cpu_to_le32(label),
	};

	if (virq == GUNYAH_RM_VIRQ_ANY)
		return -EINVAL;

	return gunyah_rm_call_word(rm, RM_VM_IRQ_LEND, &req, sizeof(req), handle);
}
EXPORT_SYMBOL_GPL(gunyah_rm_irq_lend);
ALLOW_ERROR_INJECTION(gunyah_rm_irq_lend, ERRNO);

/**
 * gunyah_rm_irq_accept() - take an interrupt another VM lends
 * @rm: client
 * @handle: handle of the interrupt
 * @wanted: INTID it shall have here, or GUNYAH_RM_VIRQ_ANY
 * @virq: result: INTID it has here; not changed on failure
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -EBADMSG also if RM says it is
 * another one than was wanted.
 */
noinline int gunyah_rm_irq_accept(struct gunyah_rm *rm, u32 handle, u32 wanted, u32 *virq)
{
	struct rm_irq_accept_req req = {
		.handle = cpu_to_le32(handle),
		.virq = cpu_to_le32(wanted),
	};
	u32 word;
	int ret;

	if (handle == GUNYAH_RM_NO_HANDLE)
		return -EINVAL;

	ret = gunyah_rm_call_word(rm, RM_VM_IRQ_ACCEPT, &req, sizeof(req), &word);
	if (ret)
		return ret;

	if (word == GUNYAH_RM_VIRQ_ANY || (wanted != GUNYAH_RM_VIRQ_ANY && word != wanted))
		return -EBADMSG;

	*virq = word;

	return 0;
}
EXPORT_SYMBOL_GPL(gunyah_rm_irq_accept);
ALLOW_ERROR_INJECTION(gunyah_rm_irq_accept, ERRNO);

static int irq_call(struct gunyah_rm *rm, u32 id, u32 handle)
{
	struct rm_irq_handle_req req = { .handle = cpu_to_le32(handle) };

	if (handle == GUNYAH_RM_NO_HANDLE)
		return -EINVAL;

	return gunyah_rm_call_status(rm, id, &req, sizeof(req));
}

/**
 * gunyah_rm_irq_release() - give an accepted interrupt back
 * @rm: client
 * @handle: handle of the interrupt
 *
 * Return: 0 or one of the errors in gunyah_rm.h.
 */
noinline int gunyah_rm_irq_release(struct gunyah_rm *rm, u32 handle)
{
	return irq_call(rm, RM_VM_IRQ_RELEASE, handle);
}
EXPORT_SYMBOL_GPL(gunyah_rm_irq_release);
ALLOW_ERROR_INJECTION(gunyah_rm_irq_release, ERRNO);

/**
 * gunyah_rm_irq_reclaim() - take a lent interrupt back
 * @rm: client
 * @handle: result of gunyah_rm_irq_lend()
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -EBUSY while the borrower has
 * it accepted.
 */
noinline int gunyah_rm_irq_reclaim(struct gunyah_rm *rm, u32 handle)
{
	return irq_call(rm, RM_VM_IRQ_RECLAIM, handle);
}
EXPORT_SYMBOL_GPL(gunyah_rm_irq_reclaim);
ALLOW_ERROR_INJECTION(gunyah_rm_irq_reclaim, ERRNO);

/**
 * gunyah_rm_irq_notify() - tell the other VM about a lent interrupt
 * @rm: client
 * @handle: handle of the interrupt
 * @event: what happened
 * @borrower: LENT: who is told; else 0, as it is the owner
 * @promise: what is known of who is told
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -EOPNOTSUPP without a promise,
 * see enum gunyah_rm_promise.
 */
noinline int gunyah_rm_irq_notify(struct gunyah_rm *rm, u32 handle, enum gunyah_rm_irq_event event,
				  u16 borrower, enum gunyah_rm_promise promise)
{
	struct rm_irq_notify_req req = {
		.handle = cpu_to_le32(handle),
		.flags = cpu_to_le32(event),
	};
	size_t size = offsetof(struct rm_irq_notify_req, nr);

	if (promise != GUNYAH_RM_HAS_RM_RPC)
		return -EOPNOTSUPP;
	if (handle == GUNYAH_RM_NO_HANDLE)
		return -EINVAL;

	switch (event) {
	case GUNYAH_RM_IRQ_LENT:
		req.nr = cpu_to_le16(1);
		req.borrower = cpu_to_le16(borrower);
		size = sizeof(req);
		break;
	case GUNYAH_RM_IRQ_RELEASED:
	case GUNYAH_RM_IRQ_ACCEPTED:
		if (borrower)
			return -EINVAL;
		break;
	default:
		return -EINVAL;
	}

	return gunyah_rm_call_status(rm, RM_VM_IRQ_NOTIFY, &req, size);
}
EXPORT_SYMBOL_GPL(gunyah_rm_irq_notify);
ALLOW_ERROR_INJECTION(gunyah_rm_irq_notify, ERRNO);
