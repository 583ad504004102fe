/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A host of VMs that run: memory, a second stage per VM, vCPUs that do what the
 * test says, and a builder of device trees.
 */
#ifndef HARNESS_VMHOST_H
#define HARNESS_VMHOST_H

#include "rmwire.h"

#define VM		0x80
#define VM2		0x81
#define VM_RAM_SIZE	(16ull << 20)
#define VM_BASE		0x80000000ull	/* in the guest, as it happens */
#define VM_IMAGE	0x400000ull
#define VM_DT		0x200000ull	/* offset of the tree in the image */
#define VM_DT_SIZE	0x10000ull
#define VM_MAPS		64

/* What is mapped where, in VMs other than the primary one. */
struct vm_map {
	unsigned int vmid;
	u64 ipa, pa, size;
	unsigned int rights;
};

struct vm_host {
	struct host h;
	u8 *ram;		/* at RAM */
	u8 lost[VM_RAM_SIZE / 4096];	/* the primary VM's rights, inverted */
	struct vm_map maps[VM_MAPS];
	unsigned int nr_maps;
	unsigned int fail_map;	/* let the n-th change fail */
	bool fail_create;
	unsigned int creates, destroys;
	struct gm_vm_setup setup;
	u64 entry[8], x0[8];
	unsigned int starts;
	unsigned int regs[8], nr_regs;	/* set << 8 | index */
	u64 values[8];		/* of those */
	struct gm_vcpu_exit exit;
	void (*meanwhile)(struct vm_host *v);
	unsigned int virqs[2][1024];	/* of VM and VM2 */
};

void vm_host_init(struct vm_host *v, const char *options);
void vm_host_exit(struct vm_host *v);

/* A tree in @blob, as section 3.8 of the interface shows it but without devices. */
struct dt {
	u8 blob[VM_DT_SIZE];
	struct gm_fdt f;
};

void dt_empty(struct dt *dt);
void dt_minimal(struct dt *dt, const char *name);
int dt_add(struct dt *dt, const char *parent, const char *name);
/* By path, as offsets do not last. */
void dt_str(struct dt *dt, const char *path, const char *prop, const char *value);
void dt_u32(struct dt *dt, const char *path, const char *prop, u32 value);
void dt_u64(struct dt *dt, const char *path, const char *prop, u64 value);
void dt_flag(struct dt *dt, const char *path, const char *prop);
void dt_drop(struct dt *dt, const char *path, const char *prop);
/* A vdevice node; label 0: none. */
void dt_vdevice(struct dt *dt, const char *name, const char *type, u32 label);
void dt_spi(struct dt *dt, const char *path, u32 spi, u32 flags);

/* ALLOCATE, LEND and CONFIG_IMAGE of the next VM, its image number @n in RAM. */
u64 vm_config(struct vm_host *v, u16 vmid, unsigned int n, const struct dt *dt);
u64 vm_init(struct vm_host *v, u16 vmid);
u64 vm_start(struct vm_host *v, u16 vmid);
u64 vm_stop(struct vm_host *v, u16 vmid);
u64 vm_by_vmid(struct vm_host *v, u32 id, u16 vmid);
/* STOP if it runs, RESET, RECLAIM and DEALLOCATE. */
void vm_end(struct vm_host *v, u16 vmid, u32 handle);
u8 vm_state(struct vm_host *v, u16 vmid);

/* A record of VM_GET_HYP_RESOURCES as the primary VM gets it. */
bool vm_resource(struct vm_host *v, u16 vmid, u8 type, u32 label, u64 *cap, u32 *virq);
/* Where guest address @ipa leads, ~0: nowhere. */
u64 vm_pa(struct vm_host *v, u16 vmid, u64 ipa, unsigned int *rights);
/* Pages that the primary VM has not all rights to. */
unsigned int vm_lost(struct vm_host *v);

extern struct rm_reply vm_reply;

#endif
