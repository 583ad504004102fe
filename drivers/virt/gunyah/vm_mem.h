/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory of a VM: what vm_mem.c, vm_gmem.c and vm_start.c share. */
#ifndef __GUNYAH_VM_MEM_H
#define __GUNYAH_VM_MEM_H

#include <linux/gunyah_rm_vm.h>
#include <linux/list.h>
#include <linux/types.h>

struct file;
struct gunyah_vm;
struct gunyah_vm_gmem_pin;

/**
 * struct gunyah_vm_runs - physical memory, in the order of the guest's addresses
 * @entries: ranges, none of which continues the one before it
 * @nr: number of ranges
 * @max: how many there is room for
 */
struct gunyah_vm_runs {
	struct gunyah_rm_range *entries;
	size_t nr;
	size_t max;
};

/**
 * struct gunyah_vm_region - memory of a guest
 * @node: in &gunyah_vm.regions
 * @label: number RM and the guest know it by
 * @lend: it is lent, else shared
 * @rights: of the guest, GUNYAH_RM_MEM_*
 * @gpa: the guest's address
 * @size: bytes
 * @runs: its pages
 * @handle: parcel, or GUNYAH_RM_NO_HANDLE
 * @unsure: number of a parcel that RM may have made, else 0
 * @charged: its pages are charged to the creator
 * @pin: where it comes from, if that is a guest memory file; else NULL
 */
struct gunyah_vm_region {
	struct list_head node;
	u32 label;
	bool lend;
	u8 rights;
	u64 gpa;
	u64 size;
	struct gunyah_vm_runs runs;
	u32 handle;
	u32 unsure;
	bool charged;
	struct gunyah_vm_gmem_pin *pin;
};

/* vm_mem.c */
int gunyah_vm_region_add_locked(struct gunyah_vm *vm, struct gunyah_vm_region *region, u64 uaddr);
void gunyah_vm_region_remove_locked(struct gunyah_vm *vm, struct gunyah_vm_region *region);
int gunyah_vm_region_pin(struct gunyah_vm *vm, struct gunyah_vm_region *region,
			 struct gunyah_vm_patience *patience);
struct gunyah_vm_region *gunyah_vm_mem_find(struct gunyah_vm *vm,
					    const struct gunyah_rm_range *range);
int gunyah_vm_region_give(struct gunyah_vm *vm, struct gunyah_vm_region *region, u16 self);

int gunyah_vm_runs_add(struct gunyah_vm_runs *runs, u64 base, u64 size);
void gunyah_vm_runs_free(struct gunyah_vm_runs *runs);

/* vm_gmem.c */
int gunyah_vm_gmem_pin(struct gunyah_vm_region *region);
void gunyah_vm_gmem_unpin(struct gunyah_vm_region *region);
void gunyah_vm_gmem_put(struct gunyah_vm_region *region);

#endif
