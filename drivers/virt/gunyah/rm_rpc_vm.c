// SPDX-License-Identifier: GPL-2.0-only
/*
 * The resource-manager (RM) client: life of a VM.
 *
 * The public RM dies of some requests that come in the wrong state of a VM, and
 * takes the machine with it. So this file knows of each VM that was allocated
 * here whether RM has a configuration of it. As in rm_rpc.c: CPU byte order
 * outside, the layout on the wire only here.
 */
#include <linux/align.h>
#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/cleanup.h>
#include <linux/error-injection.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/gunyah_rm_vm.h>

#include "rm.h"
#include "rm_rpc.h"

/**
 * gunyah_rm_range_ok() - can this be a range of addresses?
 * @range: the range
 *
 * Return: true if it is made of whole pages, not empty, and does not overflow.
 */
bool gunyah_rm_range_ok(const struct gunyah_rm_range *range)
{
	u64 end;

	return range->size && !(range->size % RM_PAGE_SIZE) && !(range->base % RM_PAGE_SIZE) &&
	       !check_add_overflow(range->base, range->size, &end);
}

struct rm_config_req {
	__le16 vmid;
	__le16 auth;
	__le32 handle;
	__le64 image_offset;
	__le64 image_size;
	__le64 dt_offset;
	__le64 dt_size;
} __packed;

static_assert(sizeof(struct rm_config_req) == 40);

static int config_check(const struct gunyah_rm_vm_config *config)
{
	u64 end;

	if ((unsigned int)config->auth > GUNYAH_RM_AUTH_ANDROID ||
	    config->handle == GUNYAH_RM_NO_HANDLE ||
	    check_add_overflow(config->image_offset, config->image_size, &end) ||
	    check_add_overflow(config->dt_offset, config->dt_size, &end))
		return -EINVAL;

	/* RM would find out at VM_INIT only. Platforms have their own rules. */
	if (config->auth != GUNYAH_RM_AUTH_PLATFORM &&
	    (!config->dt_size || config->dt_offset % RM_PAGE_SIZE ||
	     config->dt_size % RM_PAGE_SIZE))
		return -EINVAL;

	return 0;
}

/**
 * gunyah_rm_is_refused() - did RM say no?
 * @xfer: a call that was made
 * @ret: what came of it
 *
 * Otherwise it may have done it, whatever it said or did not say.
 *
 * Context: any.
 * Return: true if it has done nothing.
 */
bool gunyah_rm_is_refused(const struct gunyah_rm_xfer *xfer, int ret)
{
	return ret && !xfer->unsure && ret != -EBADMSG && ret != -EOPNOTSUPP;
}

/**
 * gunyah_rm_vm_configure() - give a VM its image
 * @rm: client
 * @vmid: VM in state LOAD or RESET
 * @config: where the image is
 *
 * The VM is then in state INIT, or AUTH if the platform is to authenticate it.
 * After a failure it may be in INIT_FAILED, and as the public RM dies of a
 * reset then, the VM can not be got rid of. So see to it that the ranges are
 * inside of the parcel and that the parcel is the VM's.
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -EINVAL also for ranges that
 * overflow, an unknown @config->auth, and, where it is not PLATFORM, a device
 * tree that is empty or not made of whole pages of 4 KiB.
 */
noinline int gunyah_rm_vm_configure(struct gunyah_rm *rm, u16 vmid,
				    const struct gunyah_rm_vm_config *config)
{
	struct rm_config_req req = {
		.vmid = cpu_to_le16(vmid),
		.auth = cpu_to_le16(config->auth),
		.handle = cpu_to_le32(config->handle),
		.image_offset = cpu_to_le64(config->image_offset),
		.image_size = cpu_to_le64(config->image_size),
		.dt_offset = cpu_to_le64(config->dt_offset),
		.dt_size = cpu_to_le64(config->dt_size),
	};
	struct gunyah_rm_xfer xfer = { .id = RM_VM_CONFIG_IMAGE };
	int ret;

	ret = config_check(config);
	if (ret)
		return ret;

	xfer.req = &req;
	xfer.req_size = sizeof(req);
	ret = gunyah_rm_call_empty(rm, &xfer);
	if (!ret)
		set_bit(vmid, rm->configured);
	else if (!gunyah_rm_is_refused(&xfer, ret))
		set_bit(vmid, rm->config_unsure);

	return ret;
}
EXPORT_SYMBOL_GPL(gunyah_rm_vm_configure);
ALLOW_ERROR_INJECTION(gunyah_rm_vm_configure, ERRNO);

struct rm_auth_entry {
	__le32 type;
	__le32 value;
} __packed;

struct rm_auth_req {
	__le16 vmid;
	__le16 nr;
	struct rm_auth_entry entries[];
} __packed;

#define MAX_AUTH_PARAMS	((GUNYAH_RM_MAX_REQUEST - sizeof(struct rm_auth_req)) /	\
			 sizeof(struct rm_auth_entry))

/**
 * gunyah_rm_vm_auth_image() - have the platform authenticate a VM's image
 * @rm: client
 * @vmid: VM in state AUTH
 * @params: parameters, which are the platform's business
 * @nr: number of parameters, can be 0
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -E2BIG for more parameters
 * than a message has room for.
 */
noinline int gunyah_rm_vm_auth_image(struct gunyah_rm *rm, u16 vmid,
				     const struct gunyah_rm_auth_param *params, size_t nr)
{
	size_t i;

	if (nr > MAX_AUTH_PARAMS)
		return -E2BIG;

	struct rm_auth_req *req __free(kvfree) =
		kvzalloc(struct_size(req, entries, nr), GFP_KERNEL);
	if (!req)
		return -ENOMEM;

	req->vmid = cpu_to_le16(vmid);
	req->nr = cpu_to_le16(nr);
	for (i = 0; i < nr; i++) {
		req->entries[i].type = cpu_to_le32(params[i].type);
		req->entries[i].value = cpu_to_le32(params[i].value);
	}

	return gunyah_rm_call_status(rm, RM_VM_AUTH_IMAGE, req, struct_size(req, entries, nr));
}
EXPORT_SYMBOL_GPL(gunyah_rm_vm_auth_image);
ALLOW_ERROR_INJECTION(gunyah_rm_vm_auth_image, ERRNO);

/**
 * gunyah_rm_vm_init() - make what a VM's device tree asks for
 * @rm: client
 * @vmid: VM in state INIT
 *
 * The VM is then READY, or after a failure in INIT_FAILED. RM can need seconds.
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -EINVAL for a device tree RM
 * can not read or does not like, -ENODEV if there is not enough of something.
 */
noinline int gunyah_rm_vm_init(struct gunyah_rm *rm, u16 vmid)
{
	return gunyah_rm_call_vmid(rm, RM_VM_INIT, vmid);
}
EXPORT_SYMBOL_GPL(gunyah_rm_vm_init);
ALLOW_ERROR_INJECTION(gunyah_rm_vm_init, ERRNO);

struct rm_time_base_req {
	__le16 vmid;
	__le16 reserved;
	__le64 time_base;
	__le64 timer_ref;
} __packed;

static_assert(sizeof(struct rm_time_base_req) == 20);

/**
 * gunyah_rm_vm_set_time_base() - set a VM's real-time clock
 * @rm: client
 * @vmid: VM in state INIT or READY that has one
 * @time_base: time in ns
 * @timer_ref: value the system counter had at that time
 *
 * Return: 0 or one of the errors in gunyah_rm.h.
 */
noinline int gunyah_rm_vm_set_time_base(struct gunyah_rm *rm, u16 vmid, u64 time_base,
					u64 timer_ref)
{
	struct rm_time_base_req req = {
		.vmid = cpu_to_le16(vmid),
		.time_base = cpu_to_le64(time_base),
		.timer_ref = cpu_to_le64(timer_ref),
	};

	return gunyah_rm_call_status(rm, RM_VM_SET_TIME_BASE, &req, sizeof(req));
}
EXPORT_SYMBOL_GPL(gunyah_rm_vm_set_time_base);
ALLOW_ERROR_INJECTION(gunyah_rm_vm_set_time_base, ERRNO);

struct rm_boot_context_req {
	__le16 vmid;
	u8 set;
	u8 index;
	__le32 reserved;
	__le64 value;
} __packed;

static_assert(sizeof(struct rm_boot_context_req) == 16);

#define MAX_INDEX_X	31
#define MAX_INDEX_PC	0
#define MAX_INDEX_SP	1

static bool reg_ok(enum gunyah_rm_reg_set set, u8 index)
{
	switch (set) {
	case GUNYAH_RM_REG_X:
		return index <= MAX_INDEX_X;
	case GUNYAH_RM_REG_PC:
		return index == MAX_INDEX_PC;
	case GUNYAH_RM_REG_SP:
		return index <= MAX_INDEX_SP;
	default:
		return false;
	}
}

/**
 * gunyah_rm_vm_set_boot_context() - set a register of the boot vCPU
 * @rm: client
 * @vmid: VM in state READY
 * @set: kind of register
 * @index: which of them
 * @value: what it shall be when the VM starts
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -EOPNOTSUPP from the public RM
 * always; -EINVAL also for a register that does not exist.
 */
noinline int gunyah_rm_vm_set_boot_context(struct gunyah_rm *rm, u16 vmid,
					   enum gunyah_rm_reg_set set, u8 index, u64 value)
{
	struct rm_boot_context_req req = {
		.vmid = cpu_to_le16(vmid),
		.set = set,
		.index = index,
		.value = cpu_to_le64(value),
	};

	if (!reg_ok(set, index))
		return -EINVAL;

	return gunyah_rm_call_status(rm, RM_VM_SET_BOOT_CONTEXT, &req, sizeof(req));
}
EXPORT_SYMBOL_GPL(gunyah_rm_vm_set_boot_context);
ALLOW_ERROR_INJECTION(gunyah_rm_vm_set_boot_context, ERRNO);

/* Where firmware is, for a VM and for RM itself. */
struct rm_firmware_req {
	__le16 vmid_or_auth;
	__le16 reserved;
	__le32 handle;
	__le64 offset;
	__le64 size;
} __packed;

static_assert(sizeof(struct rm_firmware_req) == 24);

static int firmware_call(struct gunyah_rm *rm, u32 id, u16 vmid_or_auth, u32 handle,
			 const struct gunyah_rm_range *range)
{
	struct rm_firmware_req req = {
		.vmid_or_auth = cpu_to_le16(vmid_or_auth),
		.handle = cpu_to_le32(handle),
		.offset = cpu_to_le64(range->base),
		.size = cpu_to_le64(range->size),
	};

	if (handle == GUNYAH_RM_NO_HANDLE || !gunyah_rm_range_ok(range))
		return -EINVAL;

	return gunyah_rm_call_status(rm, id, &req, sizeof(req));
}

/**
 * gunyah_rm_vm_set_firmware_mem() - where a VM gets its firmware
 * @rm: client
 * @vmid: VM in state INIT, with GUNYAH_RM_AUTH_ANDROID
 * @handle: parcel the VM gets it in
 * @offset: where in the parcel, a multiple of 4 KiB
 * @size: bytes, a multiple of 4 KiB and not 0
 *
 * Return: 0 or one of the errors in gunyah_rm.h.
 */
noinline int gunyah_rm_vm_set_firmware_mem(struct gunyah_rm *rm, u16 vmid, u32 handle, u64 offset,
					   u64 size)
{
	struct gunyah_rm_range range = { .base = offset, .size = size };

	return firmware_call(rm, RM_VM_SET_FIRMWARE_MEM, vmid, handle, &range);
}
EXPORT_SYMBOL_GPL(gunyah_rm_vm_set_firmware_mem);
ALLOW_ERROR_INJECTION(gunyah_rm_vm_set_firmware_mem, ERRNO);

struct rm_demand_paging_req {
	__le16 vmid;
	__le16 reserved;
	__le32 nr;
	struct rm_range_entry entries[];
} __packed;

#define MAX_RANGES	((GUNYAH_RM_MAX_REQUEST - sizeof(struct rm_demand_paging_req)) /	\
			 sizeof(struct rm_range_entry))

/* Ascending, and none into the next. */
static int ranges_check(const struct gunyah_rm_range *ranges, size_t nr)
{
	size_t i;

	if (!nr)
		return -EINVAL;
	if (nr > MAX_RANGES)
		return -E2BIG;

	for (i = 0; i < nr; i++) {
		if (!gunyah_rm_range_ok(&ranges[i]))
			return -EINVAL;
		if (i && ranges[i].base < ranges[i - 1].base + ranges[i - 1].size)
			return -EINVAL;
	}

	return 0;
}

/**
 * gunyah_rm_vm_set_demand_paging() - name a VM's memory that comes on demand
 * @rm: client
 * @vmid: VM that has been configured and not yet initialised
 * @ranges: addresses in the VM, ascending, without overlap
 * @nr: number of ranges; with none the call is to be left out
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -EOPNOTSUPP from the public RM
 * always; -EINVAL also for ranges that can not be, -E2BIG for more than a
 * message has room for.
 */
noinline int gunyah_rm_vm_set_demand_paging(struct gunyah_rm *rm, u16 vmid,
					    const struct gunyah_rm_range *ranges, size_t nr)
{
	size_t i;
	int ret;

	ret = ranges_check(ranges, nr);
	if (ret)
		return ret;

	struct rm_demand_paging_req *req __free(kvfree) =
		kvzalloc(struct_size(req, entries, nr), GFP_KERNEL);
	if (!req)
		return -ENOMEM;

	req->vmid = cpu_to_le16(vmid);
	req->nr = cpu_to_le32(nr);
	for (i = 0; i < nr; i++) {
		req->entries[i].base = cpu_to_le64(ranges[i].base);
		req->entries[i].size = cpu_to_le64(ranges[i].size);
	}

	return gunyah_rm_call_status(rm, RM_VM_SET_DEMAND_PAGING, req,
				     struct_size(req, entries, nr));
}
EXPORT_SYMBOL_GPL(gunyah_rm_vm_set_demand_paging);
ALLOW_ERROR_INJECTION(gunyah_rm_vm_set_demand_paging, ERRNO);

struct rm_layout_req {
	__le16 vmid;
	__le16 reserved;
	__le32 id;
	__le64 base;
	__le64 size;
} __packed;

static_assert(sizeof(struct rm_layout_req) == 24);

/**
 * gunyah_rm_vm_set_address_layout() - where a VM sees one of its parcels
 * @rm: client
 * @vmid: VM that has been configured and not yet initialised
 * @id: which parcel
 * @range: addresses in the VM
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -EOPNOTSUPP from the public RM
 * always; -EINVAL also for an @id or a @range that can not be.
 */
noinline int gunyah_rm_vm_set_address_layout(struct gunyah_rm *rm, u16 vmid,
					     enum gunyah_rm_range_id id,
					     const struct gunyah_rm_range *range)
{
	struct rm_layout_req req = {
		.vmid = cpu_to_le16(vmid),
		.id = cpu_to_le32(id),
		.base = cpu_to_le64(range->base),
		.size = cpu_to_le64(range->size),
	};

	if ((unsigned int)id > GUNYAH_RM_RANGE_FIRMWARE || !gunyah_rm_range_ok(range))
		return -EINVAL;

	return gunyah_rm_call_status(rm, RM_VM_SET_ADDRESS_LAYOUT, &req, sizeof(req));
}
EXPORT_SYMBOL_GPL(gunyah_rm_vm_set_address_layout);
ALLOW_ERROR_INJECTION(gunyah_rm_vm_set_address_layout, ERRNO);

/**
 * gunyah_rm_vm_start() - start a VM
 * @rm: client
 * @vmid: VM in state READY
 *
 * After a failure it may be in INIT_FAILED. RM can need seconds.
 *
 * Return: 0 or one of the errors in gunyah_rm.h.
 */
noinline int gunyah_rm_vm_start(struct gunyah_rm *rm, u16 vmid)
{
	return gunyah_rm_call_vmid(rm, RM_VM_START, vmid);
}
EXPORT_SYMBOL_GPL(gunyah_rm_vm_start);
ALLOW_ERROR_INJECTION(gunyah_rm_vm_start, ERRNO);

struct rm_stop_req {
	__le16 vmid;
	u8 flags;
	u8 reserved;
	__le32 reason;
} __packed;

static_assert(sizeof(struct rm_stop_req) == 8);

#define STOP_FORCE	BIT(0)

/**
 * gunyah_rm_vm_stop() - stop a VM
 * @rm: client
 * @vmid: VM in state RUNNING
 * @force: end it now; otherwise it is only told, by VM_SHUTDOWN
 * @reason: why
 * @promise: what is known of the VM
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -EOPNOTSUPP with neither
 * @force nor a promise, see enum gunyah_rm_promise.
 */
noinline int gunyah_rm_vm_stop(struct gunyah_rm *rm, u16 vmid, bool force,
			       enum gunyah_rm_stop_reason reason, enum gunyah_rm_promise promise)
{
	struct rm_stop_req req = {
		.vmid = cpu_to_le16(vmid),
		.flags = force ? STOP_FORCE : 0,
		.reason = cpu_to_le32(reason),
	};

	if (!force && promise != GUNYAH_RM_HAS_RM_RPC)
		return -EOPNOTSUPP;

	return gunyah_rm_call_status(rm, RM_VM_STOP, &req, sizeof(req));
}
EXPORT_SYMBOL_GPL(gunyah_rm_vm_stop);
ALLOW_ERROR_INJECTION(gunyah_rm_vm_stop, ERRNO);

/*
 * Nobody heard what became of the last VM_CONFIG_IMAGE or VM_RESET. Only some
 * states say that there is a configuration.
 */
static int reset_check_unsure(struct gunyah_rm *rm, u16 vmid)
{
	struct gunyah_rm_vm_status status;
	int ret;

	ret = gunyah_rm_get_state(rm, vmid, &status);
	if (ret) {
		set_bit(vmid, rm->config_unsure);
		return ret;
	}

	switch (status.vm_state) {
	case GUNYAH_RM_VM_INIT:
	case GUNYAH_RM_VM_READY:
	case GUNYAH_RM_VM_RUNNING:
	case GUNYAH_RM_VM_PAUSED:
	case GUNYAH_RM_VM_AUTH:
	case GUNYAH_RM_VM_EXITED:
		return 0;
	case GUNYAH_RM_VM_INIT_FAILED:
		/* Another attempt may know more, this one can not go on. */
		set_bit(vmid, rm->config_unsure);
		return -EINVAL;
	default:
		return -EINVAL;
	}
}

/* At most one caller gets past this until the VM is configured again. */
static int reset_check(struct gunyah_rm *rm, u16 vmid)
{
	if (!test_bit(vmid, rm->vmids))
		return -EINVAL;
	if (test_and_clear_bit(vmid, rm->configured)) {
		clear_bit(vmid, rm->config_unsure);
		return 0;
	}
	if (test_and_clear_bit(vmid, rm->config_unsure))
		return reset_check_unsure(rm, vmid);

	return -EINVAL;
}

/**
 * gunyah_rm_vm_reset() - take a VM apart
 * @rm: client
 * @vmid: result of gunyah_rm_alloc_vmid(), in state EXITED, READY or INIT_FAILED
 *
 * It is done when VM_STATUS says RESET; memory can be reclaimed only then.
 *
 * The public RM dies of a VM without a configuration, so a VM that was not
 * allocated here, or is known to be in state LOAD or RESET, or whose
 * configuration failed, is not sent to it.
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -EINVAL for a VM that is not
 * sent, or is in another state.
 */
noinline int gunyah_rm_vm_reset(struct gunyah_rm *rm, u16 vmid)
{
	struct rm_vmid_req req = { .vmid = cpu_to_le16(vmid) };
	struct gunyah_rm_xfer xfer = {
		.id = RM_VM_RESET,
		.req = &req,
		.req_size = sizeof(req),
	};
	int ret;

	ret = reset_check(rm, vmid);
	if (ret)
		return ret;

	ret = gunyah_rm_call_empty(rm, &xfer);
	if (gunyah_rm_is_refused(&xfer, ret))
		set_bit(vmid, rm->configured);
	else if (ret)
		set_bit(vmid, rm->config_unsure);

	return ret;
}
EXPORT_SYMBOL_GPL(gunyah_rm_vm_reset);
ALLOW_ERROR_INJECTION(gunyah_rm_vm_reset, ERRNO);

struct rm_crash_msg_resp {
	__le32 status;
	struct rm_crash_msg msg;
} __packed;

/**
 * gunyah_rm_vm_get_crash_msg() - what a VM left behind
 * @rm: client
 * @vmid: VM that this one owns
 * @msg: result; not changed on failure
 *
 * Return: 0 or one of the errors in gunyah_rm.h.
 */
noinline int gunyah_rm_vm_get_crash_msg(struct gunyah_rm *rm, u16 vmid,
					struct gunyah_rm_crash_msg *msg)
{
	struct rm_vmid_req req = { .vmid = cpu_to_le16(vmid) };
	struct rm_crash_msg_resp resp;
	struct gunyah_rm_xfer xfer = {
		.id = RM_VM_GET_CRASH_MSG,
		.req = &req,
		.req_size = sizeof(req),
		.resp = &resp,
		.resp_min = offsetof(struct rm_crash_msg_resp, msg.data),
		.resp_max = sizeof(resp),
	};
	u16 size;
	int ret;

	ret = gunyah_rm_call(rm, &xfer);
	if (ret)
		return ret;

	size = le16_to_cpu(resp.msg.size);
	if (size > sizeof(msg->data) ||
	    xfer.resp_min + ALIGN(size, RM_DATA_ALIGN) != xfer.resp_size)
		return -EBADMSG;

	msg->size = size;
	memcpy(msg->data, resp.msg.data, size);

	return 0;
}
EXPORT_SYMBOL_GPL(gunyah_rm_vm_get_crash_msg);
ALLOW_ERROR_INJECTION(gunyah_rm_vm_get_crash_msg, ERRNO);

/* Firmware of protected VMs */

/**
 * gunyah_rm_fw_set_vm_firmware() - give RM the firmware of protected VMs
 * @rm: client
 * @auth: kind of VM it is for
 * @handle: parcel that was donated to GUNYAH_VMID_RM, from whose start it is
 * @size: bytes, a multiple of 4 KiB and not 0
 *
 * Return: 0 or one of the errors in gunyah_rm.h; -EPERM after
 * gunyah_rm_fw_milestone().
 */
noinline int gunyah_rm_fw_set_vm_firmware(struct gunyah_rm *rm, enum gunyah_rm_auth auth,
					  u32 handle, u64 size)
{
	struct gunyah_rm_range range = { .size = size };

	if ((unsigned int)auth > GUNYAH_RM_AUTH_ANDROID)
		return -EINVAL;

	return firmware_call(rm, RM_FW_SET_VM_FIRMWARE, auth, handle, &range);
}
EXPORT_SYMBOL_GPL(gunyah_rm_fw_set_vm_firmware);
ALLOW_ERROR_INJECTION(gunyah_rm_fw_set_vm_firmware, ERRNO);

/**
 * gunyah_rm_fw_milestone() - no more firmware is to be set
 * @rm: client
 *
 * Return: 0 or one of the errors in gunyah_rm.h.
 */
noinline int gunyah_rm_fw_milestone(struct gunyah_rm *rm)
{
	return gunyah_rm_call_status(rm, RM_FW_MILESTONE, NULL, 0);
}
EXPORT_SYMBOL_GPL(gunyah_rm_fw_milestone);
ALLOW_ERROR_INJECTION(gunyah_rm_fw_milestone, ERRNO);
