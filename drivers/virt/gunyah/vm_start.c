// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starting a VM: what user space has configured is judged as a whole, and
 * turned into calls of the resource manager (RM).
 *
 * There are two halves. Up to the first call that names the image RM has
 * nothing but a vmid and parcels, which can be given back: a VM that fails here
 * is as new as before. From there on RM has a VM that only a reset takes away:
 * one that fails here has failed to load, and is taken apart when it is closed.
 *
 * The boot context. RM starts the boot vCPU at the beginning of the image, with
 * the address of the device tree in X0. The image of a VM that is not
 * authenticated is whatever we say, so that a program counter inside the region
 * needs no more than this. Other registers need a call that not every RM has.
 */
#include <linux/array_size.h>
#include <linux/bitops.h>
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>

#include "vm.h"
#include "vm_mem.h"
#include "vm_trace.h"

/**
 * struct start_plan - how a VM is to be started
 * @image: region that holds the device tree
 * @fw: region that holds the firmware, NULL if there is none
 * @config: where things are in the image; the handle is filled in later
 * @by_rm: registers that RM has to set
 * @for_ids: the wait for other VMs of this user, which have what RM has few of
 * @for_pages: the wait for those of this process, which have locked memory
 */
struct start_plan {
	struct gunyah_vm_region *image;
	struct gunyah_vm_region *fw;
	struct gunyah_rm_vm_config config;
	u64 by_rm;
	struct gunyah_vm_patience for_ids;
	struct gunyah_vm_patience for_pages;
};

/* What is asked of RM only once. Protects what follows; held across RM calls. */
static DEFINE_MUTEX(once_lock);
/* For whom the rest is; not a reference, only compared. */
static struct gunyah_rm *once_rm;
static u16 self_vmid;
static bool boot_context_known;
static bool boot_context_there;

static void once_reset_locked(struct gunyah_rm *rm)
{
	lockdep_assert_held(&once_lock);

	if (once_rm == rm)
		return;

	once_rm = rm;
	self_vmid = 0;
	boot_context_known = false;
}

static int self_read(struct gunyah_rm *rm, u16 *vmid)
{
	int ret = 0;

	if (mutex_lock_killable(&once_lock))
		return -EINTR;

	once_reset_locked(rm);
	if (!self_vmid)
		ret = gunyah_rm_get_vmid(rm, &self_vmid);
	*vmid = self_vmid;
	mutex_unlock(&once_lock);

	return ret;
}

/*
 * The public RM refuses a call it does not have before it looks at anything
 * else, so that it can be tried on a VM without an image. What another one says
 * to that does not matter, nor what becomes of the VM.
 */
static int boot_context_probe_locked(struct gunyah_rm *rm)
{
	int vmid, ret;

	lockdep_assert_held(&once_lock);

	vmid = gunyah_rm_alloc_vmid(rm, 0);
	if (vmid < 0)
		return vmid;

	ret = gunyah_rm_vm_set_boot_context(rm, vmid, GUNYAH_RM_REG_X, 0, 0);
	/* Who is being killed cannot make another call. */
	if (gunyah_rm_dealloc_vmid(rm, vmid))
		gunyah_rm_abandon_vmid(rm, vmid);

	switch (ret) {
	case -EINTR:
	case -ETIMEDOUT:
	case -ECANCELED:
	case -EIO:
	case -ENOMEM:
		return ret;
	default:
		boot_context_there = ret != -EOPNOTSUPP;
		boot_context_known = true;
		return 0;
	}
}

/**
 * gunyah_vm_has_boot_context() - can RM set registers?
 * @rm: client
 *
 * Context: may sleep, killably; makes RM calls the first time.
 * Return: 0 or 1, or one of the errors in gunyah_rm.h if that is not known yet.
 */
int gunyah_vm_has_boot_context(struct gunyah_rm *rm)
{
	int ret = 0;

	if (mutex_lock_killable(&once_lock))
		return -EINTR;

	once_reset_locked(rm);
	if (!boot_context_known)
		ret = boot_context_probe_locked(rm);
	if (!ret)
		ret = boot_context_there;
	mutex_unlock(&once_lock);

	return ret;
}

/* Where the image of an authenticated VM is in its region. */
static int plan_auth(struct gunyah_vm *vm, struct start_plan *plan)
{
	const struct gunyah_vm_config *config = &vm->config;
	struct gunyah_rm_range image = {
		.base = config->auth.qtvm.guest_phys_addr,
		.size = config->auth.qtvm.size,
	};

	if (config->auth.type == GUNYAH_RM_AUTH_PLATFORM) {
		if (gunyah_vm_mem_find(vm, &image) != plan->image) {
			gunyah_vm_why(vm, "image and device tree are not in one region");
			return -EINVAL;
		}
		plan->config.image_offset = image.base - plan->image->gpa;
		plan->config.image_size = image.size;
		return 0;
	}

	if (!config->fw.size) {
		gunyah_vm_why(vm, "protected VM without firmware");
		return -EINVAL;
	}
	plan->fw = gunyah_vm_mem_find(vm, &config->fw);
	if (!plan->fw) {
		gunyah_vm_why(vm, "the firmware is not in one region");
		return -EINVAL;
	}
	plan->config.image_size = plan->image->size;

	return 0;
}

/* A program counter and X0 that RM's own choice can be made to match. */
static void plan_entry(struct gunyah_vm *vm, struct start_plan *plan)
{
	const struct gunyah_vm_config *config = &vm->config;
	u64 offset = config->regs[GUNYAH_VM_REG_PC] - plan->image->gpa;

	if ((config->regs_set & BIT_ULL(GUNYAH_VM_REG_PC)) && offset < plan->image->size) {
		plan->config.image_offset = offset;
		plan->by_rm &= ~BIT_ULL(GUNYAH_VM_REG_PC);
	}
	if (config->regs[0] == config->dtb.base)
		plan->by_rm &= ~BIT_ULL(0);
}

/* Something of RM's that others of the same user may be about to give back. */
static bool is_limit(int ret)
{
	return ret == -ENODEV || ret == -ENOMEM || ret == -EPERM || ret == -EDQUOT;
}

static int plan_boot_context(struct gunyah_vm *vm, struct start_plan *plan)
{
	int ret;

	plan->by_rm = vm->config.regs_set;
	if (!plan->by_rm)
		return 0;

	do {
		ret = gunyah_vm_has_boot_context(vm->rm);
	} while (is_limit(ret) && gunyah_vm_patience_wait(&plan->for_ids));

	if (ret < 0) {
		gunyah_vm_why(vm, "RM does not say whether it sets registers: %d", ret);
		return ret;
	}
	if (ret)
		return 0;

	plan_entry(vm, plan);
	if (!plan->by_rm)
		return 0;

	gunyah_vm_why(vm, "the resource manager cannot set registers of the boot context");

	return -EOPNOTSUPP;
}

static int plan_make(struct gunyah_vm *vm, struct start_plan *plan)
{
	const struct gunyah_vm_config *config = &vm->config;

	if (!config->dtb.size) {
		gunyah_vm_why(vm, "no device tree");
		return -EINVAL;
	}

	plan->image = gunyah_vm_mem_find(vm, &config->dtb);
	if (!plan->image) {
		gunyah_vm_why(vm, "the device tree is not in one region");
		return -EINVAL;
	}

	/* Some RMs start it and some do not; the guest would not get far. */
	if (plan->image->rights != GUNYAH_RM_MEM_RWX) {
		gunyah_vm_why(vm, "the region of the device tree has not all rights");
		return -EINVAL;
	}

	plan->config.auth = config->auth.type;
	plan->config.dt_offset = config->dtb.base - plan->image->gpa;
	plan->config.dt_size = config->dtb.size;

	if (config->auth.type != GUNYAH_RM_AUTH_NONE)
		return plan_auth(vm, plan);

	return plan_boot_context(vm, plan);
}

static int vmid_alloc(struct gunyah_vm *vm, struct start_plan *plan)
{
	u16 wanted = vm->config.auth.qtvm.vm_id;
	int ret;

	do {
		ret = gunyah_rm_alloc_vmid(vm->rm, wanted);
	} while (is_limit(ret) && gunyah_vm_patience_wait(&plan->for_ids));

	if (ret < 0) {
		gunyah_vm_why(vm, "no VM id: %d", ret);
		return ret;
	}

	WRITE_ONCE(vm->vmid, ret);

	ret = gunyah_vm_subscribe(vm);
	if (ret)
		gunyah_vm_why(vm, "the driver of RM is gone: %d", ret);

	return ret;
}

static const char *give_hint(const struct gunyah_vm_region *region, int ret)
{
	if (ret == -EDQUOT)
		return "; more pieces than max_parcel_entries";

	return region->lend ? "" : "; RM may want it lent";
}

/* Where a parcel could not be made and may yet be there, that is final. */
static int region_give(struct gunyah_vm *vm, struct gunyah_vm_region *region, u16 self,
		       struct start_plan *plan)
{
	int ret;

	ret = gunyah_vm_region_pin(vm, region, &plan->for_pages);
	if (ret) {
		gunyah_vm_why(vm, "region %u could not be pinned: %d", region->label, ret);
		return ret;
	}

	/* It may be of a VM that is being taken apart: RM says EPERM if it is to be lent. */
	do {
		ret = gunyah_vm_region_give(vm, region, self);
	} while ((is_limit(ret) || ret == -EINVAL) && region->handle == GUNYAH_RM_NO_HANDLE &&
		 !region->unsure && gunyah_vm_patience_wait(&plan->for_ids));

	if (ret)
		gunyah_vm_why(vm, "region %u could not be %s: %d%s", region->label,
			      region->lend ? "lent" : "shared", ret,
			      give_hint(region, ret));

	return ret;
}

/* The first half: whatever it does, start_undo() can take back. */
static int start_prepare(struct gunyah_vm *vm, struct start_plan *plan)
{
	struct gunyah_vm_region *region;
	u16 self;
	int ret;

	ret = self_read(vm->rm, &self);
	if (ret) {
		gunyah_vm_why(vm, "RM does not say who we are: %d", ret);
		return ret;
	}

	ret = vmid_alloc(vm, plan);
	if (ret)
		return ret;

	list_for_each_entry(region, &vm->regions, node) {
		ret = region_give(vm, region, self, plan);
		if (ret)
			return ret;
	}

	return 0;
}

/* RM says no more than a number. This is what often makes it. */
static const char *image_hint(const struct gunyah_vm_region *image)
{
	return image->lend ? "" : "; lend the region of the device tree";
}

static int start_configure(struct gunyah_vm *vm, struct start_plan *plan)
{
	struct gunyah_rm_auth_param pas = { .value = vm->config.auth.qtvm.peripheral_id };
	int ret;

	plan->config.handle = plan->image->handle;
	vm->loaded = true;
	ret = gunyah_rm_vm_configure(vm->rm, vm->vmid, &plan->config);
	if (ret) {
		gunyah_vm_why(vm, "RM does not take the image: %d%s", ret,
			      image_hint(plan->image));
		return ret;
	}

	if (plan->config.auth == GUNYAH_RM_AUTH_PLATFORM) {
		ret = gunyah_rm_vm_auth_image(vm->rm, vm->vmid, &pas, 1);
		if (ret)
			gunyah_vm_why(vm, "the image is not authentic: %d", ret);
	} else if (plan->fw) {
		ret = gunyah_rm_vm_set_firmware_mem(vm->rm, vm->vmid, plan->fw->handle,
						    vm->config.fw.base - plan->fw->gpa,
						    vm->config.fw.size);
		if (ret)
			gunyah_vm_why(vm, "RM does not take the firmware: %d", ret);
	}

	return ret;
}

static int reg_set(struct gunyah_vm *vm, unsigned int index)
{
	u64 value = vm->config.regs[index];

	if (index >= GUNYAH_VM_REG_SP)
		return gunyah_rm_vm_set_boot_context(vm->rm, vm->vmid, GUNYAH_RM_REG_SP,
						     index - GUNYAH_VM_REG_SP, value);
	if (index == GUNYAH_VM_REG_PC)
		return gunyah_rm_vm_set_boot_context(vm->rm, vm->vmid, GUNYAH_RM_REG_PC, 0, value);

	return gunyah_rm_vm_set_boot_context(vm->rm, vm->vmid, GUNYAH_RM_REG_X, index, value);
}

static int start_init(struct gunyah_vm *vm, struct start_plan *plan)
{
	unsigned int index;
	int ret;

	ret = gunyah_rm_vm_init(vm->rm, vm->vmid);
	if (ret) {
		gunyah_vm_why(vm, "RM does not like the device tree, or its base-address: %d", ret);
		return ret;
	}

	for (index = 0; index < GUNYAH_VM_NR_REGS; index++) {
		if (!(plan->by_rm & BIT_ULL(index)))
			continue;
		ret = reg_set(vm, index);
		if (ret) {
			gunyah_vm_why(vm, "RM does not set the boot context: %d", ret);
			return ret;
		}
	}

	return 0;
}

static int start_run(struct gunyah_vm *vm, struct start_plan *plan)
{
	struct gunyah_rm_resource_set *set;
	int ret;

	set = gunyah_rm_resources_add(vm->rm, vm->vmid);
	if (IS_ERR(set)) {
		gunyah_vm_why(vm, "no list of resources: %ld", PTR_ERR(set));
		return PTR_ERR(set);
	}

	vm->set = set;
	ret = gunyah_vm_functions_bind(vm);
	if (ret) {
		gunyah_vm_why(vm, "no memory for a resource");
		return ret;
	}

	WRITE_ONCE(vm->started, true);
	ret = gunyah_rm_vm_start(vm->rm, vm->vmid);
	if (ret)
		gunyah_vm_why(vm, "RM does not start it: %d%s", ret, image_hint(plan->image));

	return ret;
}

/* Return: true if it is new again. */
static bool start_undo(struct gunyah_vm *vm)
{
	return !vm->loaded && !gunyah_vm_mem_reclaim(vm) && !gunyah_vm_give_up_vmid(vm);
}

static int start_new(struct gunyah_vm *vm)
{
	struct start_plan plan = { };
	int ret;

	gunyah_vm_why(vm, "%s", "");
	gunyah_vm_patience_init(&plan.for_ids, vm, false);
	gunyah_vm_patience_init(&plan.for_pages, vm, true);
	ret = plan_make(vm, &plan);
	if (!ret)
		ret = start_prepare(vm, &plan);
	if (!ret)
		ret = start_configure(vm, &plan);
	if (!ret)
		ret = start_init(vm, &plan);
	if (!ret)
		ret = start_run(vm, &plan);
	if (!ret) {
		gunyah_vm_set_started(vm);
		return 0;
	}

	/* The driver of RM was unbound while RM was asked. */
	if (ret == -ECANCELED)
		ret = -ENODEV;
	trace_gunyah_vm_start_failed(vm->serial, vm->vmid, ret, vm->why);
	if (start_undo(vm))
		gunyah_vm_set_state(vm, GUNYAH_VM_NEW);
	else
		gunyah_vm_set_load_failed(vm);

	return ret;
}

static int start_forbidden(struct gunyah_vm *vm)
{
	gunyah_vm_why(vm, "the system goes down or hibernates");
	trace_gunyah_vm_start_failed(vm->serial, 0, -ENODEV, vm->why);

	return -ENODEV;
}

/* Return: 1 for who is to start it, 0 if it runs, or an error. */
static int start_begin(struct gunyah_vm *vm)
{
	bool mine;
	int ret;

	for (;;) {
		ret = gunyah_vm_lock_new(vm, -EBUSY);
		if (!ret) {
			mine = gunyah_vm_set_state(vm, GUNYAH_VM_STARTING);
			mutex_unlock(&vm->lock);
			return mine ? 1 : start_forbidden(vm);
		}
		if (ret != -EBUSY)
			return ret;
		if (gunyah_vm_state(vm) == GUNYAH_VM_RUNNING)
			return 0;

		ret = wait_event_killable(vm->wait, gunyah_vm_state(vm) != GUNYAH_VM_STARTING);
		if (ret)
			return -EINTR;
	}
}

/**
 * gunyah_vm_start() - GUNYAH_VM_START
 * @vm: the VM; the caller has a reference
 *
 * Context: may sleep, killably; makes RM calls.
 * Return: 0 or one of the errors of the ioctl.
 */
int gunyah_vm_start(struct gunyah_vm *vm)
{
	int ret;

	if (gunyah_vm_state(vm) == GUNYAH_VM_RUNNING)
		return 0;

	ret = start_begin(vm);

	return ret > 0 ? start_new(vm) : ret;
}
