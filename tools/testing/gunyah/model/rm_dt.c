// SPDX-License-Identifier: GPL-2.0-only
/*
 * What RM reads in a VM's device tree at VM_INIT.
 *
 * Nodes are told apart as RM does it, whatever their place: device_type
 * "memory", /gunyah-vm-config and below, vdevice-type, PSCI. What RM calls a
 * parse error ends VM_INIT with MEM_INVALID, what it will not do for a VM it
 * does not trust with ARGUMENT_INVALID.
 *
 * Not modelled: shm-doorbell, virtio-mmio, iomem, vsmmu-v2 and vrtc-pl031
 * devices. Their nodes are counted and have no effect. Of a shm device, what it
 * does to the memory; no node is generated for it.
 */
#include "state.h"

#define DT_PAGE		4096
#define DT_2M		(2ull << 20)
#define DT_64K		0x10000ull
#define DT_FW_MAX	0x400000ull	/* room for a firmware */
#define DT_STRIDE	0x20000ull
#define DT_GICD		0x20000000ull	/* where RM puts a GIC without reg */
#define DT_GICR		0x20100000ull

#define DT_GUID_TEXT	36
#define DT_SLICE_MIN	100
#define DT_SLICE_MAX	100000

/**
 * struct dt_ctx - a tree being read
 * @m: instance
 * @vm: whose it is
 * @f: the tree
 * @it: walk over it
 * @config: node gunyah-vm-config, and its children
 * @memory: "memory"
 * @vcpus: "vcpus"
 * @interrupts: "interrupts"
 * @order: vdevice nodes so far
 * @psci: there is a PSCI node
 */
struct dt_ctx {
	struct gm *m;
	struct gm_vm *vm;
	struct gm_fdt f;
	struct gm_fdt_iter it;
	int config;
	int memory;
	int vcpus;
	int interrupts;
	u16 order;
	bool psci;
};

static bool dt_has(const struct dt_ctx *c, int node, const char *name)
{
	return gm_fdt_prop(&c->f, node, name, NULL);
}

/* How many cells addresses and sizes of the children of a node have. */
static void dt_cells(const struct dt_ctx *c, int parent, u32 *address, u32 *size)
{
	*address = 2;
	*size = 1;
	gm_fdt_u32(&c->f, parent, "#address-cells", address);
	gm_fdt_u32(&c->f, parent, "#size-cells", size);
}

/*
 * Interrupts of a vdevice, as INTIDs. A property that is not as it should be is
 * not there: RM then chooses.
 */
static void dt_virqs(const struct dt_ctx *c, int node, struct gm_vdev *vd, u32 nr)
{
	const u8 *p;
	u32 size, i;

	p = gm_fdt_prop(&c->f, node, "interrupts", &size);
	if (!p || size != 12 * nr)
		return;
	for (i = 0; i < nr; i++, p += 12) {
		u32 num = gm_fdt_get32(p + 4), flags = gm_fdt_get32(p + 8) & 0xf;

		if (gm_fdt_get32(p) || num >= GM_VM_SPIS || (flags != 1 && flags != 4))
			continue;
		vd->virq[i] = 32 + num;
		vd->level[i] = flags == 4;
	}
}

/* The VM at the other end. */
static u32 dt_peer(const struct dt_ctx *c, int node, struct gm_vdev *vd, bool other)
{
	static const char kind[] = "vm-name:";
	const char *peer = gm_fdt_str(&c->f, node, "peer");
	u32 n = sizeof(kind) - 1;

	if (dt_has(c, node, "peer-default"))
		return GM_ST_OK;
	if (!other || !peer)
		return GM_ST_MEM_INVALID;
	/* By URI or GUID: never found here. */
	vd->peer[0] = '?';
	if (gm_strlen(peer) <= n || memcmp(peer, kind, n))
		return GM_ST_OK;
	if (gm_strlen(peer) - n > GM_NAME_MAX)
		return GM_ST_MEM_INVALID;
	memcpy(vd->peer, peer + n, gm_strlen(peer) - n + 1);
	return GM_ST_OK;
}

static u32 dt_queue(const struct dt_ctx *c, int node, struct gm_vdev *vd)
{
	u32 size = GM_RPC_SIZE, depth = GM_RPC_DEPTH;

	gm_fdt_u32(&c->f, node, "message-size", &size);
	gm_fdt_u32(&c->f, node, "queue-depth", &depth);
	if (vd->type == GM_VDEV_RPC && size < GM_RPC_SIZE)
		return GM_ST_MEM_INVALID;
	if (!size || size > GM_MSGQ_MAX_SIZE || !depth || depth > GM_MSGQ_MAX_DEPTH)
		return GM_ST_ARGUMENT_INVALID;
	vd->size = (u16)size;
	vd->depth = (u16)depth;
	return GM_ST_OK;
}

static u32 dt_rpc(const struct dt_ctx *c, int node, struct gm_vdev *vd)
{
	if (!gm_fdt_str(&c->f, node, "generate")) {
		if (!c->m->rm_lives)
			gm_rm_die(c->m, "rm-rpc node without generate");
		return GM_ST_MEM_INVALID;
	}
	vd->console = dt_has(c, node, "console-dev");
	dt_virqs(c, node, vd, 2);
	return dt_queue(c, node, vd);
}

static u32 dt_doorbell(const struct dt_ctx *c, int node, struct gm_vdev *vd)
{
	vd->can_clear = dt_has(c, node, "source-can-clear");
	if (vd->type == GM_VDEV_BELL)
		dt_virqs(c, node, vd, 1);
	return dt_peer(c, node, vd, true);
}

static u32 dt_msgq(const struct dt_ctx *c, int node, struct gm_vdev *vd)
{
	bool pair = vd->type == GM_VDEV_PAIR;
	u32 status;

	vd->sender = dt_has(c, node, "is-sender");
	if (!pair && vd->sender == dt_has(c, node, "is-receiver"))
		return GM_ST_MEM_INVALID;
	status = dt_peer(c, node, vd, pair);
	if (status)
		return status;
	dt_virqs(c, node, vd, pair ? 2 : 1);
	return dt_queue(c, node, vd);
}

/* One child, the memory, with a label and one way to find an address. */
static u32 dt_shm(const struct dt_ctx *c, int node)
{
	int memory = gm_fdt_child(&c->f, node);
	u32 label;

	if (!dt_has(c, node, "peer-default") || memory == GM_FDT_NONE ||
	    !gm_streq(gm_fdt_name(&c->f, memory), "memory") ||
	    gm_fdt_sibling(&c->f, memory) != GM_FDT_NONE ||
	    !gm_fdt_u32(&c->f, memory, "label", &label) ||
	    dt_has(c, memory, "base") == dt_has(c, memory, "allocate-base"))
		return GM_ST_MEM_INVALID;
	return GM_ST_OK;
}

static u32 dt_vdevice(struct dt_ctx *c, const char *type)
{
	static const struct {
		const char *name;
		u8 type;
		u32 (*fn)(const struct dt_ctx *c, int node, struct gm_vdev *vd);
		u32 compatibles;
	} types[] = {
		{ "rm-rpc", GM_VDEV_RPC, dt_rpc, 3 },
		{ "doorbell-source", GM_VDEV_BELL_SOURCE, dt_doorbell, 6 },
		{ "doorbell", GM_VDEV_BELL, dt_doorbell, 6 },
		{ "message-queue", GM_VDEV_MSGQ, dt_msgq, 6 },
		{ "message-queue-pair", GM_VDEV_PAIR, dt_msgq, 6 },
	};
	int node = c->it.node;
	u16 order = c->order++;
	struct gm_vdev *vd;
	u32 i, n, size = 0;
	const u8 *p;

	for (i = 0; i < GM_ARRAY_SIZE(types) && !gm_streq(types[i].name, type); i++)
		;
	if (i == GM_ARRAY_SIZE(types))
		return gm_streq(type, "shm") ? dt_shm(c, node) : GM_ST_OK;
	p = gm_fdt_prop(&c->f, node, "push-compatible", &size);
	for (n = 0; size; size--)
		n += !p[size - 1];
	if (n > types[i].compatibles)
		return GM_ST_MEM_INVALID;
	vd = gm_vdev_new(c->m, c->vm);
	if (!vd)
		return GM_ST_NO_REPLY;
	vd->type = types[i].type;
	vd->order = order;
	if (!gm_fdt_u32(&c->f, node, "qcom,label", &vd->label))
		gm_fdt_u32(&c->f, node, "label", &vd->label);
	return types[i].fn(c, node, vd);
}

static bool dt_is_config(const char *name)
{
	return gm_streq(name, "gunyah-vm-config") || gm_streq(name, "qcom,vm-config");
}

/* A node goes to the first that wants it. */
static u32 dt_node(struct dt_ctx *c)
{
	const char *name = gm_fdt_name(&c->f, c->it.node);
	const char *type = gm_fdt_str(&c->f, c->it.node, "device_type");
	u32 depth = c->it.depth;

	if (type && gm_streq(type, "memory"))
		return depth == 1 && gm_streq(name, "memory") ? GM_ST_OK : GM_ST_MEM_INVALID;
	if (depth == 1 && dt_is_config(name)) {
		c->config = c->it.node;
		return GM_ST_OK;
	}
	if (depth == 2 && c->it.parents[1] == c->config) {
		if (gm_streq(name, "memory"))
			c->memory = c->it.node;
		else if (gm_streq(name, "vcpus"))
			c->vcpus = c->it.node;
		else if (gm_streq(name, "interrupts"))
			c->interrupts = c->it.node;
	}
	type = gm_fdt_str(&c->f, c->it.node, "vdevice-type");
	if (type)
		return dt_vdevice(c, type);
	if (gm_fdt_is(&c->f, c->it.node, "compatible", "arm,psci-1.0") ||
	    gm_fdt_is(&c->f, c->it.node, "compatible", "arm,psci-0.2"))
		c->psci = true;
	return GM_ST_OK;
}

static int dt_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static u32 dt_guid(const char *s, u8 *guid)
{
	u32 i, n = 0;

	if (gm_strlen(s) != DT_GUID_TEXT)
		return GM_ST_MEM_INVALID;
	for (i = 0; i < DT_GUID_TEXT; i++) {
		int digit = dt_hex(s[i]);

		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (s[i] != '-')
				return GM_ST_MEM_INVALID;
			continue;
		}
		if (digit < 0)
			return GM_ST_MEM_INVALID;
		guid[n / 2] = (u8)(guid[n / 2] << 4 | digit);
		n++;
	}
	return GM_ST_OK;
}

static u32 dt_config(struct dt_ctx *c)
{
	const char *name = gm_fdt_str(&c->f, c->config, "image-name");
	const char *uri = gm_fdt_str(&c->f, c->config, "vm-uri");
	const char *guid = gm_fdt_str(&c->f, c->config, "vm-guid");
	struct gm_vm *vm = c->vm;

	if (!name || gm_strlen(name) > GM_NAME_MAX)
		return GM_ST_MEM_INVALID;
	vm->name_size = (u8)gm_strlen(name);
	memcpy(vm->name, name, vm->name_size);
	if (uri && gm_strlen(uri) <= GM_NAME_MAX) {
		vm->uri_size = (u8)gm_strlen(uri);
		memcpy(vm->uri, uri, vm->uri_size);
	}
	vm->no_shutdown = gm_fdt_is(&c->f, c->config, "vm-attrs", "no-shutdown");
	vm->no_reset = gm_fdt_is(&c->f, c->config, "vm-attrs", "no-reset");
	return guid ? dt_guid(guid, vm->guid) : GM_ST_OK;
}

/* Only for VMs that RM trusts; there are none. */
static u32 dt_trusted(const struct dt_ctx *c)
{
	if (gm_fdt_is(&c->f, c->config, "vm-attrs", "crash-fatal") ||
	    dt_has(c, c->config, "iomemory-ranges") || dt_has(c, c->config, "gic-irq-ranges") ||
	    dt_has(c, c->memory, "is-direct"))
		return GM_ST_ARGUMENT_INVALID;
	return GM_ST_OK;
}

static u32 dt_firmware_room(struct dt_ctx *c, u32 address, u32 size)
{
	u64 base = ~0ull, max = DT_FW_MAX;

	if (c->memory != GM_FDT_NONE) {
		if (gm_fdt_cells(&c->f, c->memory, "firmware-address", address, &base) &&
		    base % DT_PAGE)
			return GM_ST_MEM_INVALID;
		if (gm_fdt_cells(&c->f, c->memory, "firmware-size-max", size, &max) &&
		    (max % DT_PAGE || base + max < base))
			return GM_ST_MEM_INVALID;
	}
	c->vm->fw_base = base;
	c->vm->fw_size_max = max;
	return GM_ST_OK;
}

/*
 * Where the firmware goes. A part of the image is where that is; a parcel of its
 * own has to have an address, away from all that may ever become memory.
 */
static u32 dt_firmware(const struct dt_ctx *c)
{
	struct gm_vm *vm = c->vm;
	u64 end;

	if (!vm->fw_size)
		return GM_ST_OK;
	if (vm->fw_handle == vm->image_handle) {
		if (vm->fw_base == ~0ull)
			vm->fw_base = vm->base;
		return vm->fw_base == vm->base ? GM_ST_OK : GM_ST_ARGUMENT_INVALID;
	}
	if (vm->fw_base >= GM_IPA_LIMIT)
		return GM_ST_ARGUMENT_INVALID;
	if (vm->fw_size_max > GM_IPA_LIMIT - vm->fw_base)
		vm->fw_size_max = GM_IPA_LIMIT - vm->fw_base;
	end = vm->size_max > GM_IPA_LIMIT - vm->base ? GM_IPA_LIMIT : vm->base + vm->size_max;
	return vm->fw_base + vm->fw_size_max <= vm->base || vm->fw_base >= end ?
	       GM_ST_OK : GM_ST_ARGUMENT_INVALID;
}

static u32 dt_memory(struct dt_ctx *c)
{
	u64 base = GM_BASE_DEFAULT, min = 0, max = ~0ull;
	u32 address, size;

	dt_cells(c, c->config, &address, &size);
	if (c->memory != GM_FDT_NONE) {
		gm_fdt_cells(&c->f, c->memory, "base-address", address, &base);
		gm_fdt_cells(&c->f, c->memory, "size-min", size, &min);
		if (gm_fdt_cells(&c->f, c->memory, "size-max", size, &max) && max % DT_PAGE)
			return GM_ST_MEM_INVALID;
	}
	if (base % DT_PAGE || min % DT_PAGE || base > GM_IPA_LIMIT)
		return GM_ST_MEM_INVALID;
	c->vm->base = (base + DT_2M - 1) & ~(DT_2M - 1);
	c->vm->size_max = max;
	return dt_firmware_room(c, address, size);
}

/* One cpu node: is it started with the VM? */
static u32 dt_cpu(struct dt_ctx *c, int cpus, int cpu, bool *boot, bool *counts, bool first)
{
	const char *status = gm_fdt_str(&c->f, cpu, "status");
	const char *method = gm_fdt_str(&c->f, cpu, "enable-method");

	*counts = true;
	if (!status)
		*boot = first;
	else if (gm_streq(status, "okay"))
		*boot = true;
	else if (gm_streq(status, "disabled"))
		*boot = false;
	else if (gm_strlen(status) >= 4 && !memcmp(status, "fail", 4))
		*counts = false;
	else
		return GM_ST_MEM_INVALID;
	if (!*counts)
		return GM_ST_OK;
	if (dt_has(c, cpu, "cpu-idle-states"))
		c->psci = true;
	if (*boot)
		return GM_ST_OK;
	if (!method)
		method = gm_fdt_str(&c->f, cpus, "enable-method");
	if (!method || (!gm_streq(method, "psci") && !gm_streq(method, "qcom,gunyah-hvc")))
		return GM_ST_MEM_INVALID;
	if (gm_streq(method, "psci"))
		c->psci = true;
	return GM_ST_OK;
}

static u32 dt_cpus(struct dt_ctx *c)
{
	const char *path = gm_fdt_str(&c->f, c->vcpus, "config");
	int cpus = gm_fdt_path(&c->f, path ? path : "/cpus"), cpu;
	bool any = false, boot, counts;
	struct gm_vm *vm = c->vm;
	const char *type;
	u32 status;

	if (cpus == GM_FDT_NONE)
		return GM_ST_MEM_INVALID;
	vm->nr_vcpus = 0;
	vm->boot_vcpus = 0;
	for (cpu = gm_fdt_child(&c->f, cpus); cpu != GM_FDT_NONE;
	     cpu = gm_fdt_sibling(&c->f, cpu)) {
		type = gm_fdt_str(&c->f, cpu, "device_type");
		if (!type || !gm_streq(type, "cpu"))
			continue;
		status = dt_cpu(c, cpus, cpu, &boot, &counts, !any);
		if (status)
			return status;
		if (!counts)
			continue;
		if (vm->nr_vcpus == c->m->nr_cpus || vm->nr_vcpus == GM_VM_VCPUS)
			return GM_ST_MEM_INVALID;
		if (boot)
			vm->boot_vcpus |= 1ull << vm->nr_vcpus;
		any = any || boot;
		vm->nr_vcpus++;
	}
	return any ? GM_ST_OK : GM_ST_MEM_INVALID;
}

/* Everything but "proxy" needs a map, a time slice and a lower priority. */
static u32 dt_vcpus(struct dt_ctx *c)
{
	const char *affinity = gm_fdt_str(&c->f, c->vcpus, "affinity");
	struct gm_vm *vm = c->vm;
	u32 status, size, slice = 0, priority = 0, i;
	const u8 *map;

	if (c->vcpus == GM_FDT_NONE)
		return GM_ST_MEM_INVALID;
	status = dt_cpus(c);
	if (status)
		return status;
	vm->proxy = affinity && gm_streq(affinity, "proxy");
	if (vm->proxy)
		return GM_ST_OK;
	map = gm_fdt_prop(&c->f, c->vcpus, "affinity-map", &size);
	if (!map || size != 4 * vm->nr_vcpus)
		return GM_ST_MEM_INVALID;
	for (i = 0; i < vm->nr_vcpus; i++)
		vm->affinity[i] = (u8)gm_fdt_get32(map + 4 * i);
	gm_fdt_u32(&c->f, c->vcpus, "sched-timeslice", &slice);
	gm_fdt_u32(&c->f, c->vcpus, "sched-priority", &priority);
	if (slice < DT_SLICE_MIN || slice > DT_SLICE_MAX || !(priority & 0x80000000u))
		return GM_ST_ARGUMENT_INVALID;
	return GM_ST_OK;
}

/* Node and parent of the GIC, if the tree says which it is. */
static u32 dt_find_gic(struct dt_ctx *c, int *gic)
{
	const char *path = gm_fdt_str(&c->f, c->interrupts, "config");
	int root = gm_fdt_path(&c->f, "/");
	u32 phandle;

	*gic = GM_FDT_NONE;
	if (c->interrupts != GM_FDT_NONE) {
		if (gm_fdt_u32(&c->f, c->interrupts, "config", &phandle))
			*gic = gm_fdt_by_phandle(&c->f, phandle);
		else if (path)
			*gic = gm_fdt_path(&c->f, path);
		return *gic == GM_FDT_NONE ? GM_ST_MEM_INVALID : GM_ST_OK;
	}
	if (gm_fdt_u32(&c->f, root, "interrupt-parent", &phandle))
		*gic = gm_fdt_by_phandle(&c->f, phandle);
	return GM_ST_OK;
}

static u32 dt_gic_reg(struct dt_ctx *c, int gic)
{
	int parent = GM_FDT_NONE;
	struct gm_fdt_iter it;
	u32 address, cells, size, step;
	const u8 *reg;

	gm_fdt_start(&it);
	while (gm_fdt_walk(&c->f, &it))
		if (it.node == gic && it.depth)
			parent = it.parents[it.depth - 1];
	reg = gm_fdt_prop(&c->f, gic, "reg", &size);
	if (!reg) {
		c->vm->gic_patch = 1;
		return GM_ST_OK;
	}
	dt_cells(c, parent, &address, &cells);
	if (address < 1 || address > 2 || cells > 2)
		return GM_ST_MEM_INVALID;
	step = 4 * (address + cells);
	if (size < 2 * step || size % step)
		return GM_ST_MEM_INVALID;
	c->vm->gicd = address == 1 ? gm_fdt_get32(reg) : gm_fdt_get64(reg);
	c->vm->gicr = address == 1 ? gm_fdt_get32(reg + step) : gm_fdt_get64(reg + step);
	return (c->vm->gicd | c->vm->gicr) % DT_64K ? GM_ST_MEM_INVALID : GM_ST_OK;
}

static u32 dt_gic(struct dt_ctx *c)
{
	u32 status, cells = 0, regions = 1;
	struct gm_vm *vm = c->vm;
	int gic;

	vm->gicd = DT_GICD;
	vm->gicr = DT_GICR;
	vm->gicr_stride = DT_STRIDE;
	vm->gic_known = 0;
	vm->gic_patch = 0;
	status = dt_find_gic(c, &gic);
	if (status || gic == GM_FDT_NONE)
		return status;
	gm_fdt_u32(&c->f, gic, "#interrupt-cells", &cells);
	gm_fdt_u32(&c->f, gic, "#redistributor-regions", &regions);
	if (!gm_fdt_is(&c->f, gic, "compatible", "arm,gic-v3") ||
	    !dt_has(c, gic, "interrupt-controller") || !dt_has(c, gic, "phandle") ||
	    cells != 3 || regions != 1)
		return GM_ST_MEM_INVALID;
	if (dt_has(c, gic, "redistributor-stride") &&
	    !gm_fdt_cells(&c->f, gic, "redistributor-stride", 2, &vm->gicr_stride))
		return GM_ST_MEM_INVALID;
	if (vm->gicr_stride < DT_STRIDE || vm->gicr_stride % DT_64K)
		return GM_ST_MEM_INVALID;
	vm->gic_known = 1;
	return dt_gic_reg(c, gic);
}

/* Brings the tree of a VM into m->dt; it is in the image parcel. */
u32 gm_dt_load(struct gm *m, struct gm_vm *vm, struct gm_fdt *f)
{
	struct gm_parcel *mp = gm_parcel_find(m, vm->image_handle);
	u32 size = vm->dt_size < GM_DT_MAX ? (u32)vm->dt_size : GM_DT_MAX;

	/* What an earlier VM left behind the tree's end is not this VM's. */
	memset(m->dt + size, 0, sizeof(m->dt) - size);
	if (gm_parcel_copy(m, mp, vm->dt_offset, m->dt, size, false) ||
	    gm_fdt_open(f, m->dt, size))
		return GM_ST_MEM_INVALID;
	return GM_ST_OK;
}

/* Reads it all; what it says is in the VM and its vdevs. */
u32 gm_dt_read(struct gm *m, struct gm_vm *vm)
{
	struct dt_ctx c = {
		.m = m, .vm = vm, .config = GM_FDT_NONE, .memory = GM_FDT_NONE,
		.vcpus = GM_FDT_NONE, .interrupts = GM_FDT_NONE,
	};
	static u32 (*const steps[])(struct dt_ctx *c) = {
		dt_config, dt_memory, dt_vcpus, dt_gic,
	};
	u32 status, i;

	status = gm_dt_load(m, vm, &c.f);
	gm_fdt_start(&c.it);
	while (!status && gm_fdt_walk(&c.f, &c.it))
		status = dt_node(&c);
	if (!status && c.config == GM_FDT_NONE)
		status = GM_ST_MEM_INVALID;
	for (i = 0; !status && i < GM_ARRAY_SIZE(steps); i++)
		status = steps[i](&c);
	vm->psci = c.psci;
	if (!status)
		status = dt_trusted(&c);
	return status ? status : dt_firmware(&c);
}
