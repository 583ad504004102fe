// SPDX-License-Identifier: GPL-2.0-only
/*
 * The resource-manager (RM) client: what all calls have in common.
 *
 * RM's status words are an enum of their own and are mapped to errnos once, in
 * the table below. Names of messages and statuses are for whom has to read them.
 * What a certain call means is in rm_rpc.c and its like.
 */
#include <linux/array_size.h>
#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/types.h>
#include <asm/byteorder.h>
#include <kunit/visibility.h>

#include "rm.h"
#include "rm_rpc.h"

/* Status words */

/**
 * enum rm_error - status word of a reply
 * @RM_ERROR_OK: done
 * @RM_ERROR_UNIMPLEMENTED: RM does not have this call
 * @RM_ERROR_NOMEM: RM or the hypervisor is out of memory
 * @RM_ERROR_NORESOURCE: there is none, or none left
 * @RM_ERROR_DENIED: not for this VM
 * @RM_ERROR_MSG_INVALID: length or format of the request
 * @RM_ERROR_BUSY: try later
 * @RM_ERROR_ARGUMENT_INVALID: an argument
 * @RM_ERROR_HANDLE_INVALID: no such handle
 * @RM_ERROR_VALIDATE_FAILED: memory parcel is not what the receiver expects
 * @RM_ERROR_MAP_FAILED: memory could not be mapped
 * @RM_ERROR_MEM_INVALID: memory does not suit
 * @RM_ERROR_MEM_INUSE: memory parcel is accepted somewhere
 * @RM_ERROR_MEM_RELEASED: memory parcel has been released
 * @RM_ERROR_VMID_INVALID: no such VM, or not this VM's
 * @RM_ERROR_LOOKUP_FAILED: nothing found
 * @RM_ERROR_IRQ_INVALID: no such interrupt
 * @RM_ERROR_IRQ_INUSE: interrupt is in use
 * @RM_ERROR_IRQ_RELEASED: interrupt has been released
 * @RM_ERROR_IN_USE: in use
 * @RM_ERROR_IRQ_NOT_MAPPED: interrupt is not mapped
 * @RM_ERROR_VM_STATE: not in this state of the VM
 */
enum rm_error {
	RM_ERROR_OK			= 0,
	RM_ERROR_UNIMPLEMENTED		= 0xffffffff,
	RM_ERROR_NOMEM			= 0x01,
	RM_ERROR_NORESOURCE		= 0x02,
	RM_ERROR_DENIED			= 0x03,
	RM_ERROR_MSG_INVALID		= 0x04,
	RM_ERROR_BUSY			= 0x05,
	RM_ERROR_ARGUMENT_INVALID	= 0x06,
	RM_ERROR_HANDLE_INVALID		= 0x07,
	RM_ERROR_VALIDATE_FAILED	= 0x08,
	RM_ERROR_MAP_FAILED		= 0x09,
	RM_ERROR_MEM_INVALID		= 0x0a,
	RM_ERROR_MEM_INUSE		= 0x0b,
	RM_ERROR_MEM_RELEASED		= 0x0c,
	RM_ERROR_VMID_INVALID		= 0x0d,
	RM_ERROR_LOOKUP_FAILED		= 0x0e,
	RM_ERROR_IRQ_INVALID		= 0x0f,
	RM_ERROR_IRQ_INUSE		= 0x10,
	RM_ERROR_IRQ_RELEASED		= 0x11,
	RM_ERROR_IN_USE			= 0x12,
	RM_ERROR_IRQ_NOT_MAPPED		= 0x13,
	RM_ERROR_VM_STATE		= 0x14,
};

#define RM_ERROR_ROW(error, ret)	{ RM_ERROR_##error, (ret), #error }

static const struct {
	enum rm_error error;
	int ret;
	const char *name;
} rm_errors[] = {
	RM_ERROR_ROW(OK, 0),
	RM_ERROR_ROW(UNIMPLEMENTED, -EOPNOTSUPP),
	RM_ERROR_ROW(NOMEM, -ENOMEM),
	RM_ERROR_ROW(NORESOURCE, -ENODEV),
	RM_ERROR_ROW(DENIED, -EPERM),
	RM_ERROR_ROW(MSG_INVALID, -EINVAL),
	RM_ERROR_ROW(BUSY, -EBUSY),
	RM_ERROR_ROW(ARGUMENT_INVALID, -EINVAL),
	RM_ERROR_ROW(HANDLE_INVALID, -EINVAL),
	RM_ERROR_ROW(VALIDATE_FAILED, -EINVAL),
	RM_ERROR_ROW(MAP_FAILED, -EINVAL),
	RM_ERROR_ROW(MEM_INVALID, -EINVAL),
	RM_ERROR_ROW(MEM_INUSE, -EBUSY),
	RM_ERROR_ROW(MEM_RELEASED, -EINVAL),
	RM_ERROR_ROW(VMID_INVALID, -EINVAL),
	RM_ERROR_ROW(LOOKUP_FAILED, -EINVAL),
	RM_ERROR_ROW(IRQ_INVALID, -EINVAL),
	RM_ERROR_ROW(IRQ_INUSE, -EBUSY),
	RM_ERROR_ROW(IRQ_RELEASED, -EINVAL),
	RM_ERROR_ROW(IN_USE, -EBUSY),
	RM_ERROR_ROW(IRQ_NOT_MAPPED, -EINVAL),
	RM_ERROR_ROW(VM_STATE, -EINVAL),
};

/**
 * gunyah_rm_status_to_errno() - what a status word means to callers
 * @status: status word of a reply
 *
 * Return: 0 or an errno; -EBADMSG for a status that is not known.
 */
int gunyah_rm_status_to_errno(u32 status)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rm_errors); i++)
		if ((u32)rm_errors[i].error == status)
			return rm_errors[i].ret;

	return -EBADMSG;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_status_to_errno);

/**
 * gunyah_rm_status_is_no_handle() - does RM not know the handle?
 * @status: status word of a reply
 *
 * Return: true if it says so.
 */
bool gunyah_rm_status_is_no_handle(u32 status)
{
	return status == RM_ERROR_HANDLE_INVALID;
}

/**
 * gunyah_rm_status_name() - name of a status word
 * @status: status word of a reply
 *
 * Return: its name, "?" for a status that is not known.
 */
const char *gunyah_rm_status_name(u32 status)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rm_errors); i++)
		if ((u32)rm_errors[i].error == status)
			return rm_errors[i].name;

	return "?";
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_status_name);

#define RM_MSG_NAME(name)	{ RM_##name, #name }

static const struct {
	u32 id;
	const char *name;
} msg_names[] = {
	RM_MSG_NAME(MEM_DONATE),
	RM_MSG_NAME(MEM_ACCEPT),
	RM_MSG_NAME(MEM_LEND),
	RM_MSG_NAME(MEM_SHARE),
	RM_MSG_NAME(MEM_RELEASE),
	RM_MSG_NAME(MEM_RECLAIM),
	RM_MSG_NAME(MEM_NOTIFY),
	RM_MSG_NAME(MEM_APPEND),
	RM_MSG_NAME(MEM_QCOM_LOOKUP_SGL),
	RM_MSG_NAME(FW_MILESTONE),
	RM_MSG_NAME(FW_SET_VM_FIRMWARE),
	RM_MSG_NAME(VM_ALLOCATE),
	RM_MSG_NAME(VM_DEALLOCATE),
	RM_MSG_NAME(VM_START),
	RM_MSG_NAME(VM_STOP),
	RM_MSG_NAME(VM_RESET),
	RM_MSG_NAME(VM_CONFIG_IMAGE),
	RM_MSG_NAME(VM_AUTH_IMAGE),
	RM_MSG_NAME(VM_INIT),
	RM_MSG_NAME(VM_GET_ID),
	RM_MSG_NAME(VM_LOOKUP_URI),
	RM_MSG_NAME(VM_LOOKUP_GUID),
	RM_MSG_NAME(VM_LOOKUP_NAME),
	RM_MSG_NAME(VM_GET_OWNER),
	RM_MSG_NAME(VM_GET_STATE),
	RM_MSG_NAME(VM_GET_CRASH_MSG),
	RM_MSG_NAME(VM_GET_HYP_RESOURCES),
	RM_MSG_NAME(VM_GET_VMID),
	RM_MSG_NAME(VM_GET_PEERS),
	RM_MSG_NAME(VM_SET_TIME_BASE),
	RM_MSG_NAME(VM_SET_BOOT_CONTEXT),
	RM_MSG_NAME(VM_SET_FIRMWARE_MEM),
	RM_MSG_NAME(VM_SET_DEMAND_PAGING),
	RM_MSG_NAME(VM_SET_ADDRESS_LAYOUT),
	RM_MSG_NAME(VM_IRQ_ACCEPT),
	RM_MSG_NAME(VM_IRQ_LEND),
	RM_MSG_NAME(VM_IRQ_RELEASE),
	RM_MSG_NAME(VM_IRQ_RECLAIM),
	RM_MSG_NAME(VM_IRQ_NOTIFY),
	RM_MSG_NAME(VM_SET_STATUS),
	RM_MSG_NAME(VM_CONSOLE_OPEN),
	RM_MSG_NAME(VM_CONSOLE_CLOSE),
	RM_MSG_NAME(VM_CONSOLE_WRITE),
	RM_MSG_NAME(VM_CONSOLE_FLUSH),
	RM_MSG_NAME(VM_EXIT),
	RM_MSG_NAME(VM_SET_CRASH_MSG),
	RM_MSG_NAME(VM_HOST_GET_TYPE),
	RM_MSG_NAME(IPA_RESERVE),
};

/**
 * gunyah_rm_msg_name() - name of a call
 * @id: message id of a request
 *
 * Return: its name, "?" for one that is not known.
 */
const char *gunyah_rm_msg_name(u32 id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(msg_names); i++)
		if (msg_names[i].id == id)
			return msg_names[i].name;

	return "?";
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_msg_name);

/* Calls */

struct rm_status_resp {
	__le32 status;
} __packed;

/* A reply of one word. */
struct rm_word_resp {
	__le32 status;
	__le32 word;
} __packed;

/**
 * gunyah_rm_call() - make a call and map its status
 * @rm: client
 * @xfer: the call
 *
 * Context: may sleep, killably.
 * Return: 0 or one of the errors in gunyah_rm.h.
 */
int gunyah_rm_call(struct gunyah_rm *rm, struct gunyah_rm_xfer *xfer)
{
	int ret;

	ret = gunyah_rm_xfer(rm, xfer);
	if (ret)
		return ret;

	return gunyah_rm_status_to_errno(xfer->status);
}

/**
 * gunyah_rm_call_empty() - make a call that is answered by a status alone
 * @rm: client
 * @xfer: the call, without room for the reply
 *
 * Context: may sleep, killably.
 * Return: 0 or one of the errors in gunyah_rm.h.
 */
int gunyah_rm_call_empty(struct gunyah_rm *rm, struct gunyah_rm_xfer *xfer)
{
	struct rm_status_resp resp;

	xfer->resp = &resp;
	xfer->resp_min = sizeof(resp);
	xfer->resp_max = sizeof(resp);

	return gunyah_rm_call(rm, xfer);
}

/**
 * gunyah_rm_call_status() - the same, and what else became of it does not matter
 * @rm: client
 * @id: message id
 * @req: payload of the request
 * @req_size: bytes of it
 *
 * Context: may sleep, killably.
 * Return: 0 or one of the errors in gunyah_rm.h.
 */
int gunyah_rm_call_status(struct gunyah_rm *rm, u32 id, const void *req, size_t req_size)
{
	struct gunyah_rm_xfer xfer = {
		.id = id,
		.req = req,
		.req_size = req_size,
	};

	return gunyah_rm_call_empty(rm, &xfer);
}

/**
 * gunyah_rm_call_vmid() - the same, and all that is said is the VM
 * @rm: client
 * @id: message id
 * @vmid: the VM
 *
 * Context: may sleep, killably.
 * Return: 0 or one of the errors in gunyah_rm.h.
 */
int gunyah_rm_call_vmid(struct gunyah_rm *rm, u32 id, u16 vmid)
{
	struct rm_vmid_req req = { .vmid = cpu_to_le16(vmid) };

	return gunyah_rm_call_status(rm, id, &req, sizeof(req));
}

/**
 * gunyah_rm_call_for_word() - make a call that is answered by one word
 * @rm: client
 * @xfer: the call, without room for the reply
 * @word: result
 *
 * Context: may sleep, killably.
 * Return: 0 or one of the errors in gunyah_rm.h.
 */
int gunyah_rm_call_for_word(struct gunyah_rm *rm, struct gunyah_rm_xfer *xfer, u32 *word)
{
	struct rm_word_resp resp;
	int ret;

	xfer->resp = &resp;
	xfer->resp_min = sizeof(resp);
	xfer->resp_max = sizeof(resp);

	ret = gunyah_rm_call(rm, xfer);
	if (ret)
		return ret;

	*word = le32_to_cpu(resp.word);

	return 0;
}

/**
 * gunyah_rm_call_word() - the same, and what else became of it does not matter
 * @rm: client
 * @id: message id
 * @req: payload of the request
 * @req_size: bytes of it
 * @word: result
 *
 * Context: may sleep, killably.
 * Return: 0 or one of the errors in gunyah_rm.h.
 */
int gunyah_rm_call_word(struct gunyah_rm *rm, u32 id, const void *req, size_t req_size, u32 *word)
{
	struct gunyah_rm_xfer xfer = {
		.id = id,
		.req = req,
		.req_size = req_size,
	};

	return gunyah_rm_call_for_word(rm, &xfer, word);
}

/* Calls that nobody waits for, and that are made again when they fail */

/* The longest delay is 64 s. */
#define MAX_RETRY_SHIFT	6

/**
 * gunyah_rm_error_passes() - can a call succeed later that has failed now?
 * @error: what it returned
 *
 * Context: any.
 * Return: true if it was for want of time, room or memory, here or in RM.
 */
bool gunyah_rm_error_passes(int error)
{
	return error == -ETIMEDOUT || error == -EBUSY || error == -ENOMEM || error == -EIO;
}
EXPORT_SYMBOL_GPL(gunyah_rm_error_passes);

/**
 * gunyah_rm_retry_delay() - when to make such a call again
 * @retries: how often that was done, is counted up. Whoever has news for the one
 *	who makes the call sets it to 0
 *
 * Context: any.
 * Return: jiffies: a second, then twice as long each time, up to a minute.
 */
unsigned long gunyah_rm_retry_delay(atomic_t *retries)
{
	int n = atomic_fetch_inc(retries);

	return HZ << min(n, MAX_RETRY_SHIFT);
}
EXPORT_SYMBOL_GPL(gunyah_rm_retry_delay);
