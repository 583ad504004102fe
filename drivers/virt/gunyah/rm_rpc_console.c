// SPDX-License-Identifier: GPL-2.0-only
/*
 * The resource-manager (RM) client: consoles.
 *
 * A VM whose device tree asks for one has a console at RM, which it and its
 * owner can open. What one writes, the other gets as notifications; if the
 * other has not opened it, it is thrown away. As in rm_rpc.c: CPU byte order
 * outside, the layout on the wire only here.
 */
#include <linux/build_bug.h>
#include <linux/cleanup.h>
#include <linux/error-injection.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/gunyah_rm_vm.h>

#include "rm.h"
#include "rm_rpc.h"

struct rm_console_req {
	__le16 vmid;
	__le16 size;
	u8 data[];
} __packed;

static_assert(sizeof(struct rm_console_req) + GUNYAH_RM_MAX_CONSOLE == GUNYAH_RM_MAX_REQUEST);

/* What GUNYAH_RM_NOTIF_CONSOLE_CHARS brings. */
struct rm_console_chars {
	__le16 from;
	__le16 size;
	u8 data[];
} __packed;

/**
 * gunyah_rm_console_open() - open a console
 * @rm: client
 * @vmid: GUNYAH_VMID_SELF for this VM's own, or a VM this one owns
 *
 * Subscribe to GUNYAH_RM_NOTIF_CONSOLE_CHARS first.
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -EINVAL if there is none.
 */
noinline int gunyah_rm_console_open(struct gunyah_rm *rm, u16 vmid)
{
	return gunyah_rm_call_vmid(rm, RM_VM_CONSOLE_OPEN, vmid);
}
EXPORT_SYMBOL_GPL(gunyah_rm_console_open);
ALLOW_ERROR_INJECTION(gunyah_rm_console_open, ERRNO);

/**
 * gunyah_rm_console_close() - close a console
 * @rm: client
 * @vmid: as in gunyah_rm_console_open()
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -EPERM if it is not open.
 */
noinline int gunyah_rm_console_close(struct gunyah_rm *rm, u16 vmid)
{
	return gunyah_rm_call_vmid(rm, RM_VM_CONSOLE_CLOSE, vmid);
}
EXPORT_SYMBOL_GPL(gunyah_rm_console_close);
ALLOW_ERROR_INJECTION(gunyah_rm_console_close, ERRNO);

/**
 * gunyah_rm_console_write() - write to a console
 * @rm: client
 * @vmid: as in gunyah_rm_console_open()
 * @data: what to write
 * @size: bytes of it, 1 to GUNYAH_RM_MAX_CONSOLE
 *
 * Return: 0 if all was taken, or one of the errors in gunyah_rm.h; -EPERM if it
 * is not open, -EINVAL for a size of 0, -E2BIG for one above the maximum.
 */
noinline int gunyah_rm_console_write(struct gunyah_rm *rm, u16 vmid, const void *data, size_t size)
{
	if (!size)
		return -EINVAL;
	if (size > GUNYAH_RM_MAX_CONSOLE)
		return -E2BIG;

	struct rm_console_req *req __free(kvfree) =
		kvmalloc(struct_size(req, data, size), GFP_KERNEL);
	if (!req)
		return -ENOMEM;

	req->vmid = cpu_to_le16(vmid);
	req->size = cpu_to_le16(size);
	memcpy(req->data, data, size);

	return gunyah_rm_call_status(rm, RM_VM_CONSOLE_WRITE, req, struct_size(req, data, size));
}
EXPORT_SYMBOL_GPL(gunyah_rm_console_write);
ALLOW_ERROR_INJECTION(gunyah_rm_console_write, ERRNO);

/**
 * gunyah_rm_console_flush() - flush a console
 * @rm: client
 * @vmid: as in gunyah_rm_console_open()
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -EPERM if it is not open.
 */
noinline int gunyah_rm_console_flush(struct gunyah_rm *rm, u16 vmid)
{
	return gunyah_rm_call_vmid(rm, RM_VM_CONSOLE_FLUSH, vmid);
}
EXPORT_SYMBOL_GPL(gunyah_rm_console_flush);
ALLOW_ERROR_INJECTION(gunyah_rm_console_flush, ERRNO);

/**
 * gunyah_rm_console_chars() - what a notification brings
 * @n: a notification with id GUNYAH_RM_NOTIF_CONSOLE_CHARS
 * @size: result: bytes of it
 *
 * The writer is @n->vmid; 0 means the owner of this VM.
 *
 * Context: any; the result is valid as long as @n.
 * Return: the bytes, NULL if the notification says there are more than it has.
 */
const void *gunyah_rm_console_chars(const struct gunyah_rm_notification *n, size_t *size)
{
	const struct rm_console_chars *chars = n->data;

	if (n->size < sizeof(*chars) || le16_to_cpu(chars->size) > n->size - sizeof(*chars))
		return NULL;

	*size = le16_to_cpu(chars->size);

	return chars->data;
}
EXPORT_SYMBOL_GPL(gunyah_rm_console_chars);
