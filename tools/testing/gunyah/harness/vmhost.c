// SPDX-License-Identifier: GPL-2.0-only
/* See vmhost.h. */
#include <stdlib.h>

#include "vmhost.h"
#include "tap.h"

struct rm_reply vm_reply;
static struct wire w;

static u8 *ram_at(struct vm_host *v, u64 pa, u64 size)
{
	if (pa < RAM || size > VM_RAM_SIZE || pa - RAM > VM_RAM_SIZE - size)
		abort();	/* not memory of a parcel */
	return v->ram + (pa - RAM);
}

static int mem_read(void *host, void *dst, u64 pa, size_t size)
{
	memcpy(dst, ram_at(host, pa, size), size);
	return 0;
}

static int mem_write(void *host, u64 pa, const void *src, size_t size)
{
	memcpy(ram_at(host, pa, size), src, size);
	return 0;
}

static int mem_zero(void *host, u64 pa, u64 size)
{
	struct vm_host *v = host;
	unsigned int i;

	/* Nobody but RM may have it while it is wiped. */
	for (i = 0; i < v->nr_maps; i++)
		OK(pa >= v->maps[i].pa + v->maps[i].size || v->maps[i].pa >= pa + size);
	memset(ram_at(v, pa, size), 0, size);
	return 0;
}

static int map_primary(struct vm_host *v, u64 ipa, u64 size, unsigned int rights)
{
	u64 page;

	(void)ram_at(v, ipa, size);
	for (page = (ipa - RAM) / 4096; size; page++, size -= 4096)
		v->lost[page] = (u8)(rights ^ MEM_RWX);
	return 0;
}

static int mem_map(void *host, unsigned int vmid, u64 ipa, u64 pa, u64 size, unsigned int rights,
		   bool io)
{
	struct vm_host *v = host;
	unsigned int i;

	OK(!((ipa | pa | size) % 4096) && size && !io);
	if (vmid == GM_VMID_PRIMARY) {
		OK(ipa == pa);
		return map_primary(v, ipa, size, rights);
	}
	OK(v->creates > v->destroys);
	if (rights && v->fail_map && !--v->fail_map)
		return -1;
	for (i = 0; i < v->nr_maps; i++)
		if (v->maps[i].vmid == vmid && ipa < v->maps[i].ipa + v->maps[i].size &&
		    v->maps[i].ipa < ipa + size)
			break;
	if (rights) {
		OK(i == v->nr_maps && i < VM_MAPS);
		v->maps[v->nr_maps++] = (struct vm_map){ vmid, ipa, pa, size, rights };
		return 0;
	}
	OK(i < v->nr_maps && v->maps[i].ipa == ipa && v->maps[i].size == size &&
	   v->maps[i].pa == pa);
	v->maps[i] = v->maps[--v->nr_maps];
	return 0;
}

static int vm_create(void *host, unsigned int vmid, const struct gm_vm_setup *setup)
{
	struct vm_host *v = host;

	OK(vmid == VM || vmid == VM2);
	if (v->fail_create)
		return -1;
	v->creates++;
	v->setup = *setup;
	return 0;
}

static void vm_destroy(void *host, unsigned int vmid)
{
	struct vm_host *v = host;
	unsigned int i;

	v->destroys++;
	for (i = 0; i < v->nr_maps; i++)
		OK(v->maps[i].vmid != vmid);
}

static void vcpu_start(void *host, unsigned int vmid, unsigned int vcpu, u64 entry, u64 x0)
{
	struct vm_host *v = host;

	(void)vmid;
	OK(vcpu < 8);
	v->starts++;
	v->entry[vcpu] = entry;
	v->x0[vcpu] = x0;
}

static void vcpu_set_reg(void *host, unsigned int vmid, unsigned int vcpu, unsigned int set,
			 unsigned int index, u64 value)
{
	struct vm_host *v = host;

	(void)vmid;
	OK(!vcpu && v->nr_regs < 8);
	v->values[v->nr_regs] = value;
	v->regs[v->nr_regs++] = set << 8 | index;
}

static void vcpu_run(void *host, unsigned int vmid, unsigned int vcpu, const u64 resume[3],
		     struct gm_vcpu_exit *exit)
{
	struct vm_host *v = host;

	(void)vmid;
	(void)vcpu;
	(void)resume;
	if (v->meanwhile)
		v->meanwhile(v);
	*exit = v->exit;
}

static void raise_virq(void *host, unsigned int vmid, u32 intid)
{
	struct vm_host *v = host;

	OK(intid >= 32 && intid < 1024);
	if (vmid == GM_VMID_PRIMARY)
		v->h.virqs[intid]++;
	else
		v->virqs[vmid - VM][intid]++;
}

void vm_host_init(struct vm_host *v, const char *options)
{
	static struct gm_host_ops ops;

	memset(v, 0, sizeof(*v));
	EQ(host_init(&v->h, options), 0);
	ops = *v->h.m->ops;
	ops.mem_map = mem_map;
	ops.mem_read = mem_read;
	ops.mem_write = mem_write;
	ops.mem_zero = mem_zero;
	ops.vm_create = vm_create;
	ops.vm_destroy = vm_destroy;
	ops.vcpu_start = vcpu_start;
	ops.vcpu_set_reg = vcpu_set_reg;
	ops.vcpu_run = vcpu_run;
	ops.raise_virq = raise_virq;
	v->h.m->ops = &ops;
	v->h.m->mem_base = RAM;
	v->h.m->mem_size = VM_RAM_SIZE;
	v->ram = calloc(1, VM_RAM_SIZE);
	if (!v->ram)
		abort();
}

void vm_host_exit(struct vm_host *v)
{
	host_exit(&v->h);
	free(v->ram);
}

void dt_empty(struct dt *dt)
{
	static const u32 words[] = {
		0xd00dfeed, 72, 56, 72, 40, 17, 16, 0, 0, 16,	/* header */
		0, 0, 0, 0,					/* no reservations */
		1, 0, 2, 9,					/* the root */
	};
	size_t i;

	memset(dt, 0, sizeof(*dt));
	for (i = 0; i < GM_ARRAY_SIZE(words); i++)
		gm_fdt_put32(dt->blob + 4 * i, words[i]);
	EQ(gm_fdt_open(&dt->f, dt->blob, sizeof(dt->blob)), 0);
}

int dt_add(struct dt *dt, const char *parent, const char *name)
{
	return gm_fdt_add(&dt->f, gm_fdt_path(&dt->f, parent), name);
}

void dt_str(struct dt *dt, const char *path, const char *prop, const char *value)
{
	gm_fdt_set_str(&dt->f, gm_fdt_path(&dt->f, path), prop, value);
}

void dt_u32(struct dt *dt, const char *path, const char *prop, u32 value)
{
	gm_fdt_set_u32(&dt->f, gm_fdt_path(&dt->f, path), prop, value);
}

void dt_u64(struct dt *dt, const char *path, const char *prop, u64 value)
{
	gm_fdt_set_u64(&dt->f, gm_fdt_path(&dt->f, path), prop, value);
}

void dt_flag(struct dt *dt, const char *path, const char *prop)
{
	gm_fdt_set(&dt->f, gm_fdt_path(&dt->f, path), prop, "", 0);
}

/* Turned into another property that nobody looks for. */
void dt_drop(struct dt *dt, const char *path, const char *prop)
{
	int node = gm_fdt_path(&dt->f, path);
	const u8 *p = gm_fdt_prop(&dt->f, node, prop, NULL);

	OK(p);
	dt_flag(dt, path, "dropped");
	p = gm_fdt_prop(&dt->f, gm_fdt_path(&dt->f, path), prop, NULL);
	memcpy((u8 *)p - 4, gm_fdt_prop(&dt->f, gm_fdt_path(&dt->f, path), "dropped", NULL) - 4,
	       4);
}

void dt_spi(struct dt *dt, const char *path, u32 spi, u32 flags)
{
	u8 cells[12];

	gm_fdt_put32(cells, 0);
	gm_fdt_put32(cells + 4, spi);
	gm_fdt_put32(cells + 8, flags);
	gm_fdt_set(&dt->f, gm_fdt_path(&dt->f, path), "interrupts", cells, sizeof(cells));
}

void dt_vdevice(struct dt *dt, const char *name, const char *type, u32 label)
{
	static const char parent[] = "/gunyah-vm-config/vdevices/";
	char path[128] = { 0 };

	memcpy(path, parent, sizeof(parent));
	memcpy(path + sizeof(parent) - 1, name, strlen(name));
	OK(dt_add(dt, "/gunyah-vm-config/vdevices", name) != GM_FDT_NONE);
	dt_str(dt, path, "vdevice-type", type);
	if (label)
		dt_u32(dt, path, "qcom,label", label);
}

void dt_minimal(struct dt *dt, const char *name)
{
	u8 reg[32];

	dt_empty(dt);
	dt_u32(dt, "/", "#address-cells", 2);
	dt_u32(dt, "/", "#size-cells", 2);
	dt_u32(dt, "/", "interrupt-parent", 1);
	dt_add(dt, "/", "chosen");
	dt_add(dt, "/", "cpus");
	dt_u32(dt, "/cpus", "#address-cells", 1);
	dt_u32(dt, "/cpus", "#size-cells", 0);
	dt_add(dt, "/cpus", "cpu@0");
	dt_str(dt, "/cpus/cpu@0", "device_type", "cpu");
	dt_str(dt, "/cpus/cpu@0", "enable-method", "psci");
	dt_add(dt, "/", "psci");
	dt_str(dt, "/psci", "compatible", "arm,psci-1.0");
	dt_add(dt, "/", "interrupt-controller");
	dt_str(dt, "/interrupt-controller", "compatible", "arm,gic-v3");
	dt_flag(dt, "/interrupt-controller", "interrupt-controller");
	dt_u32(dt, "/interrupt-controller", "#interrupt-cells", 3);
	dt_u32(dt, "/interrupt-controller", "phandle", 1);
	memset(reg, 0, sizeof(reg));
	gm_fdt_put32(reg + 4, 0x3fff0000);
	gm_fdt_put32(reg + 12, 0x10000);
	gm_fdt_put32(reg + 20, 0x3ffd0000);
	gm_fdt_put32(reg + 28, 0x20000);
	gm_fdt_set(&dt->f, gm_fdt_path(&dt->f, "/interrupt-controller"), "reg", reg, sizeof(reg));
	dt_add(dt, "/", "gunyah-vm-config");
	dt_str(dt, "/gunyah-vm-config", "image-name", name);
	dt_u32(dt, "/gunyah-vm-config", "#address-cells", 2);
	dt_u32(dt, "/gunyah-vm-config", "#size-cells", 2);
	dt_add(dt, "/gunyah-vm-config", "memory");
	dt_u64(dt, "/gunyah-vm-config/memory", "base-address", VM_BASE);
	dt_add(dt, "/gunyah-vm-config", "interrupts");
	dt_str(dt, "/gunyah-vm-config/interrupts", "config", "/interrupt-controller");
	dt_add(dt, "/gunyah-vm-config", "vcpus");
	dt_str(dt, "/gunyah-vm-config/vcpus", "config", "/cpus");
	dt_str(dt, "/gunyah-vm-config/vcpus", "affinity", "proxy");
	dt_add(dt, "/gunyah-vm-config", "vdevices");
	OK(!dt->f.full);
}

u64 vm_by_vmid(struct vm_host *v, u32 id, u16 vmid)
{
	u8 req[4] = { (u8)vmid };

	return rm_call(&v->h, &vm_reply, id, req, sizeof(req));
}

u64 vm_config(struct vm_host *v, u16 vmid, unsigned int n, const struct dt *dt)
{
	u64 image = RAM + n * VM_IMAGE;
	u32 handle;

	EQ(wire_allocate(&v->h), vmid);
	memcpy(v->ram + n * VM_IMAGE + VM_DT, dt->blob, sizeof(dt->blob));
	wire_lend(&w, vmid, image, VM_IMAGE, 1, 0);
	EQ(wire_call(&v->h, &vm_reply, RM_LEND, &w), RM_OK);
	handle = rm_word(&vm_reply, 1);
	memset(&w, 0, sizeof(w));
	wire_put32(&w, vmid);
	wire_put32(&w, handle);
	wire_put64(&w, 0x1000);
	wire_put64(&w, VM_DT);
	wire_put64(&w, VM_DT);
	wire_put64(&w, VM_DT_SIZE);
	return wire_call(&v->h, &vm_reply, RM_CONFIG, &w);
}

u64 vm_init(struct vm_host *v, u16 vmid)
{
	return vm_by_vmid(v, RM_INIT, vmid);
}

u64 vm_start(struct vm_host *v, u16 vmid)
{
	return vm_by_vmid(v, RM_START, vmid);
}

u64 vm_stop(struct vm_host *v, u16 vmid)
{
	u8 req[8] = { (u8)vmid, 0, 1, 0, 3 };

	return rm_call(&v->h, &vm_reply, RM_STOP, req, sizeof(req));
}

u8 vm_state(struct vm_host *v, u16 vmid)
{
	struct gm_vm *vm = gm_vm_find(v->h.m, vmid);

	return vm ? vm->state : 0;
}

void vm_end(struct vm_host *v, u16 vmid, u32 handle)
{
	u8 req[8] = { (u8)handle, (u8)(handle >> 8) };

	if (vm_state(v, vmid) == GM_VM_RUNNING)
		EQ(vm_stop(v, vmid), RM_OK);
	EQ(vm_by_vmid(v, RM_RESET, vmid), RM_OK);
	rm_drain(&v->h, &vm_reply);
	EQ(vm_state(v, vmid), GM_VM_RESET);
	EQ(rm_call(&v->h, &vm_reply, RM_RECLAIM, req, sizeof(req)), RM_OK);
	EQ(vm_by_vmid(v, RM_DEALLOCATE, vmid), RM_OK);
}

bool vm_resource(struct vm_host *v, u16 vmid, u8 type, u32 label, u64 *cap, u32 *virq)
{
	u32 i;

	EQ(vm_by_vmid(v, RM_GET_RESOURCES, vmid), RM_OK);
	for (i = 0; i < rm_word(&vm_reply, 1); i++) {
		const u8 *p = vm_reply.data + 8 + 44 * i;

		if (p[0] != type || gm_get32(p + 8) != label)
			continue;
		*cap = gm_get64(p + 12);
		*virq = gm_get32(p + 24);
		return true;
	}
	return false;
}

u64 vm_pa(struct vm_host *v, u16 vmid, u64 ipa, unsigned int *rights)
{
	unsigned int i;

	for (i = 0; i < v->nr_maps; i++) {
		const struct vm_map *map = &v->maps[i];

		if (map->vmid != vmid || ipa < map->ipa || ipa - map->ipa >= map->size)
			continue;
		*rights = map->rights;
		return map->pa + (ipa - map->ipa);
	}
	return ~0ull;
}

unsigned int vm_lost(struct vm_host *v)
{
	unsigned int n = 0;
	size_t i;

	for (i = 0; i < sizeof(v->lost); i++)
		n += v->lost[i] != 0;
	return n;
}
