// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VM that tests take through its life by calls of the resource manager (RM),
 * one step after the other, and get rid of from wherever it got stuck.
 *
 * Its memory is the kernel's own. Nothing may touch a page while it is lent,
 * so a block goes back to the page allocator only when RM has said that the
 * parcel is reclaimed, or that there never was one; otherwise it is kept.
 */
#include <linux/bitmap.h>
#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/gunyah_resource.h>
#include <linux/gunyah_rm_vm.h>
#include <linux/irqdomain.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/module.h>
#include <linux/nodemask.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/vmstat.h>
#include <linux/workqueue.h>

#include <kunit/test.h>
#include <kunit/visibility.h>

#include "../rm.h"
#include "../rm_resource.h"
#include "life.h"
#include "live.h"

/* RM takes a VM apart in less; a test that waits for it has failed. */
#define LIFE_PATIENCE	(20 * HZ)
/* How often the state is read while a notification is waited for. */
#define LIFE_LOOK	(HZ / 5)
/* An answer that is late has to come within this. */
#define LIFE_LATE_PATIENCE	(60 * HZ)
/* Steps of the end that may fail before it is given up. */
#define LIFE_NR_TRIES	20

/* "b .", should somebody run it. */
#define LIFE_CODE	0x14000000

const char * const life_step_names[LIFE_NR_STEPS] = {
	"alloc", "lend", "configure", "init", "resources", "start", "stop", "reset",
	"gone", "reclaim", "dealloc",
};
EXPORT_SYMBOL_IF_KUNIT(life_step_names);

/* Enough for all that is not about memory. */
const struct life_shape life_small = { .nr_blocks = 1, .entry_size = LIFE_BLOCK_SIZE };
EXPORT_SYMBOL_IF_KUNIT(life_small);

static void vm_status(struct gunyah_rm_subscriber *sub, const struct gunyah_rm_notification *n)
{
	struct life_vm *vm = container_of(sub, struct life_vm, sub);

	if (n->vmid != READ_ONCE(vm->vmid) || n->status.vm_state >= BITS_PER_LONG)
		return;
	set_bit(n->status.vm_state, &vm->states);
	wake_up_all(&vm->wq);
}

/* What will be there again when the memory is reclaimed. */
static void vm_memory_write(struct life_vm *vm)
{
	u32 *code = page_address(vm->blocks[0]);
	unsigned int i;

	for (i = 0; i < vm->shape.nr_blocks; i++)
		memset(page_address(vm->blocks[i]), i + 1, PAGE_SIZE);
	*code = LIFE_CODE;
	if (vm->shape.code)
		memcpy(code, vm->shape.code, vm->shape.code_size);
}

static bool vm_memory_is_there(struct life_vm *vm)
{
	const u8 *data;
	unsigned int i;

	for (i = 0; i < vm->shape.nr_blocks; i++) {
		data = page_address(vm->blocks[i]);
		if (data[PAGE_SIZE - 1] != i + 1)
			return false;
	}

	return true;
}

static struct gunyah_rm_range block_range(struct page *block, size_t offset, size_t size)
{
	return (struct gunyah_rm_range) { .base = page_to_phys(block) + offset, .size = size };
}

static int vm_memory_alloc(struct life_vm *vm)
{
	unsigned int i, last = vm->shape.nr_blocks - 1;
	size_t at, size = vm->shape.entry_size;
	struct gunyah_rm_range *range;

	vm->sgl = kvcalloc(last + LIFE_BLOCK_SIZE / size, sizeof(*vm->sgl), GFP_KERNEL);
	if (!vm->sgl)
		return -ENOMEM;

	for (i = 0; i <= last; i++) {
		vm->blocks[i] = alloc_pages(GFP_KERNEL | __GFP_NOWARN,
					    get_order(LIFE_BLOCK_SIZE));
		if (!vm->blocks[i])
			return -ENOMEM;
	}

	range = vm->sgl;
	for (i = 0; i < last; i++)
		*range++ = block_range(vm->blocks[i], 0, LIFE_BLOCK_SIZE);
	for (at = 0; at < LIFE_BLOCK_SIZE; at += size)
		*range++ = block_range(vm->blocks[last], at, size);
	vm->parcel.desc.sgl = vm->sgl;
	vm->parcel.desc.nr_sgl = range - vm->sgl;

	return 0;
}

/* A VM that has its memory and nothing else, or an ERR_PTR. */
struct life_vm *life_vm_create(struct gunyah_rm *rm, const struct life_shape *shape)
{
	struct life_vm *vm = kzalloc(sizeof(*vm), GFP_KERNEL);
	int ret;

	if (!vm)
		return ERR_PTR(-ENOMEM);

	vm->rm = rm;
	vm->shape = *shape;
	init_waitqueue_head(&vm->wq);
	vm->parcel.handle = GUNYAH_RM_NO_HANDLE;
	vm->sub.id = GUNYAH_RM_NOTIF_VM_STATUS;
	vm->sub.vmid = GUNYAH_VMID_ANY;
	vm->sub.notify = vm_status;

	ret = gunyah_rm_subscribe(rm, &vm->sub);
	if (ret) {
		kfree(vm);
		return ERR_PTR(ret);
	}

	ret = vm_memory_alloc(vm);
	if (ret) {
		life_vm_free(vm);
		return ERR_PTR(ret);
	}

	return vm;
}
EXPORT_SYMBOL_IF_KUNIT(life_vm_create);

/*
 * Free a VM that is not RM's any more. Returns false if it had to be left, its
 * memory that is: somebody may have it.
 */
bool life_vm_free(struct life_vm *vm)
{
	bool ours = vm->parcel.handle == GUNYAH_RM_NO_HANDLE && !vm->parcel.unsure;
	unsigned int i;

	gunyah_rm_unsubscribe(vm->rm, &vm->sub);
	for (i = 0; i < vm->shape.nr_blocks && ours; i++)
		if (vm->blocks[i])
			__free_pages(vm->blocks[i], get_order(LIFE_BLOCK_SIZE));
	kvfree(vm->sgl);
	kfree(vm);

	return ours;
}
EXPORT_SYMBOL_IF_KUNIT(life_vm_free);

/* Wait for a state, of which a notification tells; if it is lost, RM does. */
bool life_vm_wait(struct life_vm *vm, enum gunyah_rm_vm_state state)
{
	unsigned long end = jiffies + LIFE_PATIENCE;
	struct gunyah_rm_vm_status status = {};

	while (time_before(jiffies, end)) {
		if (wait_event_timeout(vm->wq, test_bit(state, &vm->states), LIFE_LOOK))
			return true;
		if (!gunyah_rm_get_state(vm->rm, vm->vmid, &status) && status.vm_state == state)
			return true;
	}

	return false;
}
EXPORT_SYMBOL_IF_KUNIT(life_vm_wait);

/* The steps */

static int step_alloc(struct life_vm *vm)
{
	int ret = gunyah_rm_alloc_vmid(vm->rm, 0);

	if (ret < 0)
		return ret;
	vm->states = 0;
	WRITE_ONCE(vm->vmid, ret);

	return 0;
}

static int step_lend(struct life_vm *vm)
{
	void *dt = page_address(vm->blocks[0]) + LIFE_DT_OFFSET;

	vm_memory_write(vm);
	if (!life_dt_write(dt, LIFE_DT_SIZE, vm->shape.console))
		return -ENOSPC;
	if (vm->shape.bad_dt)
		memset(dt, 0, LIFE_DT_SIZE);

	vm->acl.vmid = vm->vmid;
	vm->acl.rights = GUNYAH_RM_MEM_RWX;
	vm->parcel.desc.acl = &vm->acl;
	vm->parcel.desc.nr_acl = 1;

	return gunyah_rm_mem_lend(vm->rm, &vm->parcel);
}

static int step_configure(struct life_vm *vm)
{
	struct gunyah_rm_vm_config config = {
		.auth = vm->shape.auth,
		.handle = vm->parcel.handle,
		.image_size = PAGE_SIZE,
		.dt_offset = LIFE_DT_OFFSET,
		.dt_size = LIFE_DT_SIZE,
	};

	return gunyah_rm_vm_configure(vm->rm, vm->vmid, &config);
}

static int step_init(struct life_vm *vm)
{
	return gunyah_rm_vm_init(vm->rm, vm->vmid);
}

static int device_check(struct life_vm *vm, enum gunyah_resource_kind kind, u32 label)
{
	struct auxiliary_device *adev = gunyah_resource_find(vm->vmid, kind, label);
	int ret = 0;

	if (!adev)
		return -ENOENT;
	if (!adev->dev.bus || strcmp(adev->dev.bus->name, "auxiliary"))
		ret = -ENOENT;
	if (kind == GUNYAH_RESOURCE_VCPU && !to_gunyah_resource_device(adev)->irq)
		ret = -ENXIO;
	put_device(&adev->dev);

	return ret;
}

static int step_resources(struct life_vm *vm)
{
	struct gunyah_rm_resources *list __free(kvfree) = NULL;
	struct gunyah_rm_resource_set *set;
	int ret;

	ret = gunyah_rm_get_hyp_resources(vm->rm, vm->vmid, &list);
	if (ret)
		return ret;
	for (u32 i = 0; i < list->nr; i++)
		if (list->entries[i].type == GUNYAH_RM_RES_VCPU)
			vm->virq = list->entries[i].virq;

	set = gunyah_rm_resources_add(vm->rm, vm->vmid);
	if (IS_ERR(set))
		return PTR_ERR(set);
	vm->set = set;

	ret = device_check(vm, GUNYAH_RESOURCE_VCPU, LIFE_VCPU);

	return ret ?: device_check(vm, GUNYAH_RESOURCE_DOORBELL_SOURCE, LIFE_BELL);
}

static int step_start(struct life_vm *vm)
{
	return gunyah_rm_vm_start(vm->rm, vm->vmid);
}

static int step_stop(struct life_vm *vm)
{
	return gunyah_rm_vm_stop(vm->rm, vm->vmid, true, GUNYAH_RM_STOP_FORCED,
				 GUNYAH_RM_NO_PROMISE);
}

static int step_reset(struct life_vm *vm)
{
	return gunyah_rm_vm_reset(vm->rm, vm->vmid);
}

/* Remove the devices of a VM, if there are any. */
void life_vm_forget_devices(struct life_vm *vm)
{
	if (vm->set)
		gunyah_rm_resources_del(vm->set);
	vm->set = NULL;
}
EXPORT_SYMBOL_IF_KUNIT(life_vm_forget_devices);

static int step_gone(struct life_vm *vm)
{
	bool gone = life_vm_wait(vm, GUNYAH_RM_VM_RESET);

	life_vm_forget_devices(vm);
	if (vm->virq && irq_find_mapping(vm->rm->virqs, vm->virq))
		return -EBUSY;

	return gone ? 0 : -ETIME;
}

static int step_reclaim(struct life_vm *vm)
{
	int ret = gunyah_rm_mem_reclaim(vm->rm, vm->parcel.handle, false);

	if (ret)
		return ret;
	vm->parcel.handle = GUNYAH_RM_NO_HANDLE;

	return vm_memory_is_there(vm) ? 0 : -EBADE;
}

static int step_dealloc(struct life_vm *vm)
{
	int ret = gunyah_rm_dealloc_vmid(vm->rm, vm->vmid);

	if (!ret)
		vm->vmid = 0;

	return ret;
}

static int (* const steps[LIFE_NR_STEPS])(struct life_vm *vm) = {
	[LIFE_ALLOC] = step_alloc,
	[LIFE_LEND] = step_lend,
	[LIFE_CONFIGURE] = step_configure,
	[LIFE_INIT] = step_init,
	[LIFE_RESOURCES] = step_resources,
	[LIFE_START] = step_start,
	[LIFE_STOP] = step_stop,
	[LIFE_RESET] = step_reset,
	[LIFE_GONE] = step_gone,
	[LIFE_RECLAIM] = step_reclaim,
	[LIFE_DEALLOC] = step_dealloc,
};

/* Take a step. Returns 0 or the error of its call. */
int life_vm_step(struct life_vm *vm, enum life_step step)
{
	return steps[step](vm);
}
EXPORT_SYMBOL_IF_KUNIT(life_vm_step);

/*
 * The end, from wherever the VM is. A VM in AUTH or INIT can neither be reset
 * nor given back: it has to go on until it can.
 */
static int vm_end_step(struct life_vm *vm)
{
	struct gunyah_rm_vm_status status;
	int ret;

	ret = gunyah_rm_get_state(vm->rm, vm->vmid, &status);
	/* It was given back already, and nobody said so. */
	if (ret == -ENODEV)
		return 0;
	if (ret)
		return ret;

	switch (status.vm_state) {
	case GUNYAH_RM_VM_AUTH:
		gunyah_rm_vm_auth_image(vm->rm, vm->vmid, NULL, 0);
		return -EAGAIN;
	case GUNYAH_RM_VM_INIT:
		step_init(vm);
		return -EAGAIN;
	case GUNYAH_RM_VM_RUNNING:
		step_stop(vm);
		return -EAGAIN;
	case GUNYAH_RM_VM_READY:
	case GUNYAH_RM_VM_INIT_FAILED:
	case GUNYAH_RM_VM_EXITED:
		step_reset(vm);
		return -EAGAIN;
	case GUNYAH_RM_VM_RESETTING:
		step_gone(vm);
		return -EAGAIN;
	default:
		return 0;
	}
}

/*
 * Get rid of a VM, whatever its state. A call of it may fail, so each is made
 * again a few times. Returns 0 if RM has nothing of it any more.
 */
int life_vm_end(struct life_vm *vm)
{
	bool stopped = !vm->vmid;
	int ret = 0;

	for (int i = 0; i < LIFE_NR_TRIES; i++) {
		if (ret && ret != -EAGAIN)
			msleep(20);
		if (!stopped) {
			ret = vm_end_step(vm);
			stopped = !ret;
			continue;
		}
		life_vm_forget_devices(vm);
		if (vm->parcel.handle != GUNYAH_RM_NO_HANDLE)
			ret = step_reclaim(vm);
		else if (vm->vmid)
			ret = step_dealloc(vm);
		else
			return 0;
	}
	life_vm_forget_devices(vm);

	return ret ?: -ETIME;
}
EXPORT_SYMBOL_IF_KUNIT(life_vm_end);

/**
 * life_vm_settle() - wait until a parcel nobody knows of is none
 * @vm: VM whose parcel is unsure
 *
 * The client reclaims it by itself once it has heard of it.
 *
 * Return: 0 if the memory is there again.
 */
int life_vm_settle(struct life_vm *vm)
{
	unsigned long end = jiffies + LIFE_LATE_PATIENCE;
	int ret;

	do {
		flush_delayed_work(&vm->rm->stray_work);
		ret = gunyah_rm_mem_settle(vm->rm, vm->parcel.unsure);
		if (ret)
			msleep(20);
	} while (ret && ret != -EINVAL && time_before(jiffies, end));
	vm->parcel.unsure = 0;

	return ret ?: vm_memory_is_there(vm) ? 0 : -EBADE;
}
EXPORT_SYMBOL_IF_KUNIT(life_vm_settle);

/* The last call given up whose answer still matters: it has just been given up. */
struct rm_late_call *life_last_late(struct gunyah_rm *rm)
{
	return &rm->late_calls[(rm->nr_late - 1) % RM_NR_LATE];
}
EXPORT_SYMBOL_IF_KUNIT(life_last_late);

/* Wait for that answer. */
bool life_wait_for_late(const struct rm_late_call *late)
{
	unsigned long end = jiffies + LIFE_LATE_PATIENCE;

	while (READ_ONCE(late->late.made) && time_before(jiffies, end))
		msleep(20);

	return !READ_ONCE(late->late.made);
}
EXPORT_SYMBOL_IF_KUNIT(life_wait_for_late);

/* What a suite starts with: the client, and a stand-in that knows the VM. */
int life_init(struct kunit *test)
{
	int ret = live_init(test);
	struct live *live = test->priv;
	struct live_reply reply;

	if (ret || !live || !live->debug)
		return ret;

	/* For a stand-in that does not read device trees. */
	live_debug(&reply, GM_DBG_VM_CONFIG, GM_DBG_VMCFG_VCPUS, 1);
	live_debug(&reply, GM_DBG_VM_CONFIG, GM_DBG_VMCFG_BELLS, 1);
	live_debug(&reply, GM_DBG_VM_CONFIG, GM_DBG_VMCFG_LABEL, LIFE_BELL);
	live_debug(&reply, GM_DBG_VM_CONFIG, GM_DBG_VMCFG_CONSOLE, 1);

	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(life_init);

/*
 * All of them: si_meminfo() leaves those out that are on the lists of a CPU, some
 * 60 at a time, and what a CPU has not yet added to the sum.
 */
static unsigned long free_pages_there_are(void)
{
	unsigned long pages = 0;
	unsigned int cpu;
	struct zone *zone;
	int nid;

	for_each_online_node(nid) {
		for (unsigned int i = 0; i < MAX_NR_ZONES; i++) {
			zone = &NODE_DATA(nid)->node_zones[i];
			if (!populated_zone(zone))
				continue;
			pages += zone_page_state_snapshot(zone, NR_FREE_PAGES);
			for_each_online_cpu(cpu)
				pages += per_cpu_ptr(zone->per_cpu_pageset, cpu)->count;
		}
	}

	return pages;
}

/* Count what there is. */
void life_books_read(struct live *live, struct life_books *books)
{
	struct gunyah_rm_resource_stats stats;
	struct gunyah_rm *rm = live->rm;
	struct live_reply reply;

	books->pages = free_pages_there_are();
	books->vmids = bitmap_weight(rm->vmids, U16_MAX + 1);
	scoped_guard(spinlock_irqsave, &rm->parcel_lock)
		books->entries = rm->nr_entries;
	gunyah_rm_resources_total(&stats);
	books->devices = stats.devices;

	memset(books->model, 0, sizeof(books->model));
	if (live->debug && !live_debug(&reply, GM_DBG_BOOKS))
		memcpy(books->model, &reply.x[1], sizeof(books->model));
}
EXPORT_SYMBOL_IF_KUNIT(life_books_read);

/*
 * All has to be as it was @before, but for @pages free ones: the kernel needs
 * some for itself. KASAN keeps what was freed for a while, thousands of pages of
 * it.
 */
void life_books_expect(struct kunit *test, const struct life_books *before, long pages)
{
	static const char * const names[] = {
		"parcels", "ranges", "lent interrupts", "free interrupts", "VMs", "objects",
	};
	struct life_books now;

	life_books_read(test->priv, &now);
	KUNIT_EXPECT_EQ(test, now.vmids, before->vmids);
	KUNIT_EXPECT_EQ(test, now.entries, before->entries);
	KUNIT_EXPECT_EQ(test, now.devices, before->devices);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		KUNIT_EXPECT_EQ_MSG(test, now.model[i], before->model[i], "%s", names[i]);
	if (!IS_ENABLED(CONFIG_KASAN))
		KUNIT_EXPECT_GE_MSG(test, (long)(now.pages - before->pages), -pages,
				    "free pages");
	kunit_info(test, "%ld free pages more\n", (long)(now.pages - before->pages));
}
EXPORT_SYMBOL_IF_KUNIT(life_books_expect);

MODULE_INFO(import_ns, "EXPORTED_FOR_KUNIT_TESTING");
MODULE_DESCRIPTION("Gunyah tests of a VM's life: what they share");
MODULE_LICENSE("GPL");
