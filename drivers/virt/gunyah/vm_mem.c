// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of a VM: regions, the pages behind them, and the parcels they become.
 *
 * A region is a part of the guest's addresses with memory of the creator behind
 * it. Its pages are pinned when it is added and are kept as runs, that is
 * ranges of consecutive physical addresses: the list the resource manager (RM)
 * wants anyway, and short where the memory is contiguous. When the VM starts,
 * each region becomes one parcel, shared or lent.
 *
 * A page goes back to the kernel only when RM has given its parcel back. A
 * parcel that RM may or may not have made, and that nobody can name, keeps its
 * pages for ever.
 *
 * Nothing here is undone by the closer: pages are charged to, and uncharged
 * from, the memory of the VM's creator.
 */
#include <linux/align.h>
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/pfn.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <kunit/static_stub.h>
#include <kunit/visibility.h>

#include "vm.h"
#include "vm_mem.h"
#include "vm_trace.h"

/* Pages that are pinned in one go: as many pointers as there are in 4 KiB. */
#define PIN_BATCH	512
/* Runs there is room for at first. */
#define MIN_RUNS	16

#define MEM_FLAGS	(GUNYAH_MEM_ALLOW_READ | GUNYAH_MEM_ALLOW_WRITE | GUNYAH_MEM_ALLOW_EXEC)

/* Runs */

static int runs_grow(struct gunyah_vm_runs *runs)
{
	size_t max = runs->max ? 2 * runs->max : MIN_RUNS;
	struct gunyah_rm_range *entries;

	entries = kvrealloc(runs->entries, array_size(max, sizeof(*entries)),
			    GFP_KERNEL_ACCOUNT);
	if (!entries)
		return -ENOMEM;

	runs->entries = entries;
	runs->max = max;

	return 0;
}

/**
 * gunyah_vm_runs_add() - put memory behind what there is
 * @runs: list of runs
 * @base: physical address
 * @size: bytes, not 0
 *
 * It makes the last run longer if it continues it.
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int gunyah_vm_runs_add(struct gunyah_vm_runs *runs, u64 base, u64 size)
{
	struct gunyah_rm_range *last = runs->nr ? &runs->entries[runs->nr - 1] : NULL;
	int ret;

	if (last && last->base + last->size == base) {
		last->size += size;
		return 0;
	}

	if (runs->nr == runs->max) {
		ret = runs_grow(runs);
		if (ret)
			return ret;
	}

	runs->entries[runs->nr++] = (struct gunyah_rm_range) { .base = base, .size = size };

	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_vm_runs_add);

/**
 * gunyah_vm_runs_free() - free a list of runs
 * @runs: the list; empty afterwards
 */
void gunyah_vm_runs_free(struct gunyah_vm_runs *runs)
{
	kvfree(runs->entries);
	*runs = (struct gunyah_vm_runs) { };
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_vm_runs_free);

/* Pages */

/*
 * What a guest may have: memory that belongs to nobody but user space. A file
 * of a real file system could be written back behind the guest's back.
 */
static bool page_ok(struct page *page)
{
	struct folio *folio = page_folio(page);

	return folio_test_anon(folio) || folio_test_swapbacked(folio) || folio_test_hugetlb(folio);
}

/* Each page is in the runs then, or unpinned. */
static int pages_take(struct gunyah_vm_runs *runs, struct page **pages, int nr)
{
	int done = 0, i, ret = 0;

	for (i = 0; i < nr && !ret; i++)
		if (!page_ok(pages[i]))
			ret = -EINVAL;

	while (!ret && done < nr) {
		ret = gunyah_vm_runs_add(runs, page_to_phys(pages[done]), PAGE_SIZE);
		if (!ret)
			done++;
	}

	if (ret)
		unpin_user_pages(pages + done, nr - done);

	return ret;
}

static void runs_unpin(struct gunyah_vm_runs *runs)
{
	size_t i;

	for (i = 0; i < runs->nr; i++) {
		unpin_user_page_range_dirty_lock(phys_to_page(runs->entries[i].base),
						 PFN_DOWN(runs->entries[i].size), true);
		cond_resched();
	}

	gunyah_vm_runs_free(runs);
}

static int runs_pin(struct gunyah_vm_runs *runs, u64 uaddr, unsigned long nr_pages)
{
	struct page **pages __free(kfree) =
		kmalloc_array(PIN_BATCH, sizeof(*pages), GFP_KERNEL_ACCOUNT);
	int nr, ret;

	if (!pages)
		return -ENOMEM;

	while (nr_pages) {
		if (fatal_signal_pending(current))
			return -EINTR;

		nr = pin_user_pages_fast(uaddr, min_t(unsigned long, nr_pages, PIN_BATCH),
					 FOLL_WRITE | FOLL_LONGTERM, pages);
		if (nr <= 0)
			return nr ?: -EFAULT;

		ret = pages_take(runs, pages, nr);
		if (ret)
			return ret;

		uaddr += (u64)nr << PAGE_SHIFT;
		nr_pages -= nr;
		cond_resched();
	}

	return 0;
}

/* Regions */

static void region_uncharge(struct gunyah_vm *vm, struct gunyah_vm_region *region)
{
	if (region->charged)
		account_locked_vm(vm->mm, PFN_DOWN(region->size), false);
	region->charged = false;
}

static void region_unpin(struct gunyah_vm *vm, struct gunyah_vm_region *region)
{
	if (region->pin)
		gunyah_vm_gmem_unpin(region);
	else
		runs_unpin(&region->runs);
	region_uncharge(vm, region);
}

/* Without its pages, which are unpinned or lost. */
static void region_forget(struct gunyah_vm *vm, struct gunyah_vm_region *region)
{
	region_uncharge(vm, region);
	gunyah_vm_runs_free(&region->runs);
	if (region->pin)
		gunyah_vm_gmem_put(region);
	kfree(region);
}

static void region_free(struct gunyah_vm *vm, struct gunyah_vm_region *region)
{
	region_unpin(vm, region);
	region_forget(vm, region);
}

static bool region_overlaps(const struct gunyah_vm_region *region, u64 gpa, u64 size)
{
	return gpa < region->gpa + region->size && region->gpa < gpa + size;
}

/* What is lent from a file has none: it lies behind the image. */
static bool has_label(const struct gunyah_vm_region *region)
{
	return !region->pin || !region->lend;
}

static int region_check_locked(struct gunyah_vm *vm, const struct gunyah_vm_region *new)
{
	struct gunyah_vm_region *region;

	lockdep_assert_held(&vm->lock);

	list_for_each_entry(region, &vm->regions, node) {
		if (region_overlaps(region, new->gpa, new->size))
			return -EEXIST;
		if (has_label(new) && has_label(region) && region->label == new->label)
			return -EEXIST;
	}

	return 0;
}

static u8 rm_rights(u32 flags)
{
	return (flags & GUNYAH_MEM_ALLOW_READ ? GUNYAH_RM_MEM_R : 0) |
	       (flags & GUNYAH_MEM_ALLOW_WRITE ? GUNYAH_RM_MEM_W : 0) |
	       (flags & GUNYAH_MEM_ALLOW_EXEC ? GUNYAH_RM_MEM_X : 0);
}

/* Charge the pages to the VM's creator. */
static int region_charge(struct gunyah_vm *vm, struct gunyah_vm_region *region)
{
	int ret = account_locked_vm(vm->mm, PFN_DOWN(region->size), true);

	region->charged = !ret;

	return ret;
}

/**
 * gunyah_vm_region_pin() - pin the pages of a region from a guest memory file
 * @vm: VM that is starting
 * @region: one of its regions
 * @patience: of the whole start, for VMs of the creator that are on their way out
 *
 * Any other region is pinned from the start: nothing is done.
 *
 * Context: may sleep.
 * Return: 0, -EINVAL if the file is too short by now, -ENOMEM, -EINTR.
 */
int gunyah_vm_region_pin(struct gunyah_vm *vm, struct gunyah_vm_region *region,
			 struct gunyah_vm_patience *patience)
{
	int ret;

	if (!region->pin)
		return 0;

	do {
		ret = region_charge(vm, region);
	} while (ret == -ENOMEM && gunyah_vm_patience_wait(patience));
	if (ret)
		return ret;

	ret = gunyah_vm_gmem_pin(region);
	if (ret)
		region_uncharge(vm, region);

	return ret;
}

/**
 * gunyah_vm_region_add_locked() - add a region, pinned if it is user space's memory
 * @vm: new VM
 * @region: region without pages; the VM's on success, freed on failure
 * @uaddr: where its memory is, unless it comes from a guest memory file
 *
 * Context: may sleep.
 * Return: 0, -EEXIST, -EINVAL, -EFAULT, -ENOMEM, -EINTR.
 */
int gunyah_vm_region_add_locked(struct gunyah_vm *vm, struct gunyah_vm_region *region, u64 uaddr)
{
	int ret;

	lockdep_assert_held(&vm->lock);

	ret = region_check_locked(vm, region);
	if (!ret && !region->pin)
		ret = region_charge(vm, region);
	if (!ret && !region->pin)
		ret = runs_pin(&region->runs, uaddr, PFN_DOWN(region->size));
	if (ret) {
		region_free(vm, region);
		return ret;
	}

	list_add_tail(&region->node, &vm->regions);

	return 0;
}

/**
 * gunyah_vm_region_remove_locked() - remove a region and free it
 * @vm: new VM
 * @region: one of its regions
 *
 * Context: may sleep.
 */
void gunyah_vm_region_remove_locked(struct gunyah_vm *vm, struct gunyah_vm_region *region)
{
	lockdep_assert_held(&vm->lock);

	list_del(&region->node);
	region_free(vm, region);
}

static int region_make(struct gunyah_vm *vm, const struct gunyah_userspace_memory_region *arg,
		       bool lend)
{
	struct gunyah_vm_region *region;
	int ret;

	region = kzalloc(sizeof(*region), GFP_KERNEL_ACCOUNT);
	if (!region)
		return -ENOMEM;

	region->label = arg->label;
	region->lend = lend;
	region->rights = rm_rights(arg->flags);
	region->gpa = arg->guest_phys_addr;
	region->size = arg->memory_size;
	region->handle = GUNYAH_RM_NO_HANDLE;

	ret = gunyah_vm_lock_new(vm, -EOPNOTSUPP);
	if (ret) {
		kfree(region);
		return ret;
	}

	ret = gunyah_vm_region_add_locked(vm, region, arg->userspace_addr);
	mutex_unlock(&vm->lock);

	return ret;
}

/**
 * gunyah_vm_mem_add() - share or lend memory of this process
 * @vm: the VM
 * @arg: argument of the ioctl
 * @lend: GUNYAH_VM_ANDROID_LEND_USER_MEM, else GUNYAH_VM_SET_USER_MEM_REGION
 *
 * Context: may sleep.
 * Return: 0 or one of the errors of the ioctl.
 */
int gunyah_vm_mem_add(struct gunyah_vm *vm, const struct gunyah_userspace_memory_region *arg,
		      bool lend)
{
	struct gunyah_vm_patience patience;
	u64 end;
	int ret;

	if (current->mm != vm->mm)
		return -EPERM;
	if ((arg->flags & ~MEM_FLAGS) || !(arg->flags & GUNYAH_MEM_ALLOW_READ))
		return -EINVAL;
	if (!arg->memory_size ||
	    !PAGE_ALIGNED(arg->guest_phys_addr | arg->memory_size | arg->userspace_addr) ||
	    check_add_overflow(arg->guest_phys_addr, arg->memory_size, &end) ||
	    check_add_overflow(arg->userspace_addr, arg->memory_size, &end))
		return -EINVAL;

	/* Older VMs of this process may be on their way out, with their memory. */
	gunyah_vm_patience_init(&patience, vm, true);
	do {
		ret = region_make(vm, arg, lend);
	} while (ret == -ENOMEM && gunyah_vm_patience_wait(&patience));

	return ret;
}

/* Are there regions in the range, and none that is cut by it? */
static int range_check_locked(struct gunyah_vm *vm, u64 gpa, u64 size)
{
	struct gunyah_vm_region *region;
	int ret = -ENOENT;

	lockdep_assert_held(&vm->lock);

	list_for_each_entry(region, &vm->regions, node) {
		if (!region_overlaps(region, gpa, size))
			continue;
		if (region->pin || region->gpa < gpa || region->gpa + region->size > gpa + size)
			return -EINVAL;
		ret = 0;
	}

	return ret;
}

/**
 * gunyah_vm_mem_remove() - GUNYAH_VM_RECLAIM_REGION
 * @vm: the VM
 * @range: the regions
 *
 * Context: may sleep.
 * Return: 0 or one of the errors of the ioctl.
 */
int gunyah_vm_mem_remove(struct gunyah_vm *vm, const struct gunyah_address_range *range)
{
	struct gunyah_vm_region *region, *next;
	u64 end;
	int ret;

	if (current->mm != vm->mm)
		return -EPERM;
	if (!range->size || !PAGE_ALIGNED(range->guest_phys_addr | range->size) ||
	    check_add_overflow(range->guest_phys_addr, range->size, &end))
		return -EINVAL;

	ret = gunyah_vm_lock_new(vm, -EBUSY);
	if (ret)
		return ret;

	ret = range_check_locked(vm, range->guest_phys_addr, range->size);
	if (!ret) {
		list_for_each_entry_safe(region, next, &vm->regions, node) {
			if (region_overlaps(region, range->guest_phys_addr, range->size))
				gunyah_vm_region_remove_locked(vm, region);
		}
	}
	mutex_unlock(&vm->lock);

	return ret;
}

/**
 * gunyah_vm_mem_find() - the region that holds a range
 * @vm: VM whose regions do not change
 * @range: range of the guest's addresses that does not wrap
 *
 * Context: any.
 * Return: the region, or NULL if it is not in one.
 */
struct gunyah_vm_region *gunyah_vm_mem_find(struct gunyah_vm *vm,
					    const struct gunyah_rm_range *range)
{
	struct gunyah_vm_region *region;

	list_for_each_entry(region, &vm->regions, node)
		if (range->base >= region->gpa &&
		    range->base - region->gpa < region->size &&
		    range->size <= region->size - (range->base - region->gpa))
			return region;

	return NULL;
}

/* Parcels */

/**
 * gunyah_vm_region_give() - make a parcel of a region
 * @vm: VM that is starting, with a vmid
 * @region: one of its regions, without a parcel
 * @self: this VM
 *
 * Context: may sleep, makes RM calls.
 * Return: 0 or one of the errors in gunyah_rm.h; -EDQUOT for more runs than RM
 * may have memory for.
 */
int gunyah_vm_region_give(struct gunyah_vm *vm, struct gunyah_vm_region *region, u16 self)
{
	struct gunyah_rm_mem_acl acl[] = {
		{ .vmid = vm->vmid, .rights = region->rights },
		{ .vmid = self, .rights = GUNYAH_RM_MEM_RWX },
	};
	struct gunyah_rm_parcel parcel = {
		.desc.type = GUNYAH_RM_MEM_NORMAL,
		.desc.label = region->label,
		.desc.nr_acl = region->lend ? 1 : 2,
		.desc.acl = acl,
		.desc.nr_sgl = region->runs.nr,
		.desc.sgl = region->runs.entries,
		.handle = GUNYAH_RM_NO_HANDLE,
	};
	int ret;

	if (region->lend)
		ret = gunyah_rm_mem_lend(vm->rm, &parcel);
	else
		ret = gunyah_rm_mem_share(vm->rm, &parcel);
	trace_gunyah_vm_parcel(vm->serial, region->lend ? "lend" : "share", region->label,
			       parcel.handle, region->size, region->runs.nr, ret);

	region->handle = parcel.handle;
	region->unsure = parcel.unsure;

	return ret;
}

static int region_reclaim(struct gunyah_vm *vm, struct gunyah_vm_region *region)
{
	bool secret = vm->loaded && vm->config.auth.type != GUNYAH_RM_AUTH_NONE;
	int ret;

	if (region->handle == GUNYAH_RM_NO_HANDLE)
		return 0;

	/* Before RM has the image there is no guest: it is what the creator put there. */
	ret = gunyah_rm_mem_reclaim(vm->rm, region->handle, region->lend && secret);
	trace_gunyah_vm_parcel(vm->serial, "reclaim", region->label, region->handle, region->size,
			       region->runs.nr, ret);
	if (!ret)
		region->handle = GUNYAH_RM_NO_HANDLE;

	return ret;
}

/* Is there no parcel either whose handle was not told? */
static int region_settle(struct gunyah_vm *vm, struct gunyah_vm_region *region)
{
	int ret;

	if (!region->unsure)
		return 0;

	ret = gunyah_rm_mem_settle(vm->rm, region->unsure);
	if (!ret)
		region->unsure = 0;

	return ret == -EAGAIN || ret == -EINVAL ? -EBADFD : ret;
}

/**
 * gunyah_vm_mem_reclaim() - take all parcels of a VM back
 * @vm: VM that is starting and could not, or is being taken apart
 *
 * The regions stay as they were before the VM started. To be called again after
 * a failure.
 *
 * Context: may sleep, makes RM calls.
 * Return: 0; -EBADFD if all that is left are parcels of which RM has not said
 * what has become; -EINPROGRESS if it still has time to; or one of the errors in
 * gunyah_rm.h. All that could be taken back is.
 */
int gunyah_vm_mem_reclaim(struct gunyah_vm *vm)
{
	struct gunyah_vm_region *region;
	int ret = 0, err;

	KUNIT_STATIC_STUB_REDIRECT(gunyah_vm_mem_reclaim, vm);

	list_for_each_entry(region, &vm->regions, node) {
		err = region_reclaim(vm, region) ?: region_settle(vm, region);
		if (!err && region->pin)
			region_unpin(vm, region);
		if (!ret || ret == -EBADFD)
			ret = err ?: ret;
	}

	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_vm_mem_reclaim);

/**
 * gunyah_vm_mem_free() - give the pages of a VM back
 * @vm: VM that is being taken apart
 * @last: RM is not going to say any more what has become of parcels
 *
 * All but those of regions with a parcel, or that may have one. To be called
 * again for these.
 *
 * Context: may sleep.
 */
void gunyah_vm_mem_free(struct gunyah_vm *vm, bool last)
{
	struct gunyah_vm_region *region, *next;

	guard(mutex)(&vm->lock);

	list_for_each_entry_safe(region, next, &vm->regions, node) {
		if (region->handle != GUNYAH_RM_NO_HANDLE || (region->unsure && !last))
			continue;

		list_del(&region->node);
		if (!region->unsure) {
			region_free(vm, region);
			continue;
		}

		/* Some guest may have it. Nobody can tell, so nobody gets it. */
		pr_err_ratelimited("gunyah: VM %u: a parcel of %llu bytes is lost, and its pages\n",
				   vm->serial, region->size);
		region_forget(vm, region);
	}
}

/**
 * gunyah_vm_mem_pages() - pages of a VM
 * @vm: the VM
 *
 * Context: whoever owns the regions.
 * Return: number of pages that are pinned for it.
 */
unsigned long gunyah_vm_mem_pages(struct gunyah_vm *vm)
{
	struct gunyah_vm_region *region;
	unsigned long nr = 0;

	list_for_each_entry(region, &vm->regions, node)
		nr += PFN_DOWN(region->size);

	return nr;
}

/**
 * gunyah_vm_mem_show() - memory of a VM, for its fdinfo
 * @vm: the VM, with its lock held
 * @m: where to
 */
void gunyah_vm_mem_show(struct gunyah_vm *vm, struct seq_file *m)
{
	struct gunyah_vm_region *region;

	lockdep_assert_held(&vm->lock);

	seq_printf(m, "pages:\t%lu\n", gunyah_vm_mem_pages(vm));
	list_for_each_entry(region, &vm->regions, node)
		seq_printf(m, "region:\t%s label %u at %#llx size %llu runs %zu%s\n",
			   region->lend ? "lent" : "shared", region->label, region->gpa,
			   region->size, region->runs.nr,
			   region->handle == GUNYAH_RM_NO_HANDLE ? "" : " parcel");
}
