// SPDX-License-Identifier: GPL-2.0-only
/*
 * What RM writes into a VM's device tree at VM_START: /hypervisor, a node per
 * virtual device, the memory it was given, a seed, the GIC it chose.
 *
 * The real one makes an overlay and applies it in place; only the result is the
 * same here. When it does not fit in the area of the tree VM_START fails; the
 * real one may then write behind it.
 */
#include "state.h"

#define OV_PATH		(GM_FDT_MAX_PATH + 24)
#define OV_COMPAT	256
#define OV_GICD_SIZE	0x10000ull
#define OV_RANGES	32

/* A path or name being put together. */
struct ov_text {
	u32 n;
	char s[OV_PATH];
};

static void ov_add(struct ov_text *t, const char *s)
{
	while (*s && t->n < OV_PATH - 1)
		t->s[t->n++] = *s++;
	t->s[t->n] = '\0';
}

/* "@" and the number without leading zeroes. */
static void ov_unit(struct ov_text *t, u64 value)
{
	static const char digits[] = "0123456789abcdef";
	char s[2] = { 0 };
	int shift = 60;

	ov_add(t, "@");
	while (shift && !(value >> shift & 0xf))
		shift -= 4;
	for (; shift >= 0; shift -= 4) {
		s[0] = digits[value >> shift & 0xf];
		ov_add(t, s);
	}
}

/* The node of that path, made with all above it. */
static int ov_make(struct gm_fdt *f, const char *path)
{
	struct ov_text at = { 0 }, name;
	int node = gm_fdt_path(f, "/"), next;

	while (!f->full && *path) {
		name.n = 0;
		while (*path == '/')
			path++;
		for (; *path && *path != '/'; path++) {
			char c[2] = { *path, '\0' };

			ov_add(&name, c);
		}
		if (!name.n)
			break;
		name.s[name.n] = '\0';
		ov_add(&at, "/");
		ov_add(&at, name.s);
		next = gm_fdt_path(f, at.s);
		node = next == GM_FDT_NONE ? gm_fdt_add(f, node, name.s) : next;
	}
	return node;
}

static void ov_list(struct gm_fdt *f, int node, const char *name, const char *list, u32 size)
{
	gm_fdt_set(f, node, name, list, size - 1);
}

/* A list of strings as a literal has one NUL too many. */
#define OV_LIST(f, node, name, list)	ov_list(f, node, name, list, sizeof(list))

static void ov_hypervisor(struct gm_fdt *f, const struct gm_vm *vm)
{
	struct ov_text text = { 0 };
	int node = ov_make(f, "/hypervisor");
	u32 i;

	gm_fdt_set_u32(f, node, "#address-cells", 2);
	gm_fdt_set_u32(f, node, "#size-cells", 0);
	OV_LIST(f, node, "compatible", "gunyah-hypervisor\0qcom,gunyah-hypervisor-1.0\0"
		"qcom,gunyah-hypervisor\0simple-bus\0");
	node = ov_make(f, "/hypervisor/qcom,gunyah-vm");
	OV_LIST(f, node, "compatible", "qcom,gunyah-vm-id-1.0\0qcom,gunyah-vm-id\0");
	gm_fdt_set_u32(f, node, "qcom,vmid", vm->vmid);
	gm_fdt_set_u32(f, node, "qcom,owner-vmid", vm->owner);
	gm_fdt_set_str(f, node, "qcom,vendor", "Qualcomm");
	for (i = 0; i < vm->name_size; i++)
		text.s[i] = vm->name[i];
	gm_fdt_set(f, node, "qcom,image-name", text.s, vm->name_size + 1u);
	if (!vm->uri_size)
		return;
	memset(&text, 0, sizeof(text));
	memcpy(text.s, vm->uri, vm->uri_size);
	gm_fdt_set(f, node, "qcom,vm-uri", text.s, vm->uri_size + 1u);
}

/* The node in the VM's own tree that asked for the device. */
static int ov_source(const struct gm_fdt *f, const struct gm_vdev *vd)
{
	struct gm_fdt_iter it;
	u32 order = 0;

	gm_fdt_start(&it);
	while (gm_fdt_walk(f, &it))
		if (gm_fdt_str(f, it.node, "vdevice-type") && order++ == vd->order)
			return it.node;
	return GM_FDT_NONE;
}

static const char *ov_default(const struct gm_vdev *vd)
{
	switch (vd->type) {
	case GM_VDEV_BELL:
		return "/hypervisor/qcom,doorbell";
	case GM_VDEV_BELL_SOURCE:
		return "/hypervisor/qcom,doorbell-source";
	case GM_VDEV_MSGQ:
		return "/hypervisor/qcom,message-queue";
	default:
		return "/hypervisor/qcom,message-queue-pair";
	}
}

/* compatible: what the VM asked for first, then the generic ones. */
static void ov_compatible(struct gm_fdt *f, const struct gm_vdev *vd, int node)
{
	static const char bell[] = "qcom,gunyah-doorbell\0qcom,gunyah-capability";
	static const char source[] = "qcom,gunyah-doorbell-source\0qcom,gunyah-capability";
	static const char queue[] = "qcom,gunyah-message-queue\0qcom,gunyah-capability";
	static const char rpc[] = "gunyah-resource-manager\0qcom,resource-manager\0"
		"qcom,resource-manager-1-0\0qcom,gunyah-message-queue\0qcom,gunyah-capability";
	const char *generic = vd->type == GM_VDEV_BELL ? bell :
			      vd->type == GM_VDEV_BELL_SOURCE ? source :
			      vd->type == GM_VDEV_RPC ? rpc : queue;
	u32 size = vd->type == GM_VDEV_BELL ? sizeof(bell) :
		   vd->type == GM_VDEV_BELL_SOURCE ? sizeof(source) :
		   vd->type == GM_VDEV_RPC ? sizeof(rpc) : sizeof(queue);
	u8 list[OV_COMPAT + sizeof(rpc)];
	const u8 *own;
	u32 n = 0;

	own = gm_fdt_prop(f, ov_source(f, vd), "push-compatible", &n);
	if (!own || n > OV_COMPAT)
		n = 0;
	else
		memcpy(list, own, n);
	memcpy(list + n, generic, size);
	gm_fdt_set(f, node, "compatible", list, n + size);
}

static void ov_interrupts(struct gm_fdt *f, const struct gm_vdev *vd, int node, u32 nr)
{
	u8 cells[24] = { 0 };
	u32 i;

	for (i = 0; i < nr; i++) {
		gm_fdt_put32(cells + 12 * i + 4, vd->virq[i] - 32);
		gm_fdt_put32(cells + 12 * i + 8, vd->level[i] ? 4 : 1);
	}
	gm_fdt_set(f, node, "interrupts", cells, 12 * nr);
}

static void ov_queue(struct gm_fdt *f, const struct gm_vdev *vd, int node)
{
	if (vd->type == GM_VDEV_MSGQ) {
		gm_fdt_set(f, node, vd->sender ? "is-sender" : "is-receiver", "", 0);
		gm_fdt_set_u32(f, node, "tx_message_size", vd->size);
		gm_fdt_set_u32(f, node, "tx_queue_depth", vd->depth);
		return;
	}
	if (vd->peer_vmid)
		gm_fdt_set_u32(f, node, "qcom,peer-vmid", vd->peer_vmid);
	gm_fdt_set_u32(f, node, "qcom,free-irq-start", 0);
	gm_fdt_set(f, node, "qcom,is-full-duplex", "", 0);
	gm_fdt_set_u32(f, node, "qcom,tx-message-size", vd->size);
	gm_fdt_set_u32(f, node, "qcom,rx-message-size", vd->size);
	gm_fdt_set_u32(f, node, "qcom,tx-queue-depth", vd->depth);
	gm_fdt_set_u32(f, node, "qcom,rx-queue-depth", vd->depth);
	gm_fdt_set_u32(f, node, "qcom,vdevice-handle", vd->order);
}

static void ov_device(struct gm_fdt *f, const struct gm_vdev *vd)
{
	bool pair = vd->type == GM_VDEV_PAIR || vd->type == GM_VDEV_RPC;
	const char *generate = gm_fdt_str(f, ov_source(f, vd), "generate");
	struct ov_text path = { 0 };
	u8 reg[16];
	int node;
	u32 i;

	ov_add(&path, generate && *generate == '/' ? generate : ov_default(vd));
	ov_unit(&path, vd->cap[pair]);
	node = ov_make(f, path.s);
	for (i = 0; i < 2; i++) {
		gm_fdt_put32(reg + 8 * i, (u32)(vd->cap[i] >> 32));
		gm_fdt_put32(reg + 8 * i + 4, (u32)vd->cap[i]);
	}
	ov_compatible(f, vd, node);
	node = gm_fdt_path(f, path.s);
	gm_fdt_set(f, node, "reg", reg, pair ? 16 : 8);
	if (vd->type != GM_VDEV_BELL_SOURCE)
		ov_interrupts(f, vd, node, pair ? 2 : 1);
	if (vd->type != GM_VDEV_BELL && vd->type != GM_VDEV_BELL_SOURCE)
		ov_queue(f, vd, node);
	if (vd->type == GM_VDEV_RPC)
		return;
	gm_fdt_set_u32(f, node, "qcom,label", vd->label);
	gm_fdt_set_u32(f, node, "label", vd->label);
}

/* Ranges of guest memory, in the cells of the root. */
struct ov_reg {
	u32 address;
	u32 size;
	u32 n;
	u8 value[OV_RANGES * 16];
};

static void ov_reg_begin(const struct gm_fdt *f, struct ov_reg *r)
{
	int root = gm_fdt_path(f, "/");

	r->address = 2;
	r->size = 1;
	r->n = 0;
	gm_fdt_u32(f, root, "#address-cells", &r->address);
	gm_fdt_u32(f, root, "#size-cells", &r->size);
}

static void ov_cell(struct ov_reg *r, u32 cells, u64 value)
{
	if (cells == 2) {
		gm_fdt_put32(r->value + r->n, (u32)(value >> 32));
		r->n += 4;
	}
	gm_fdt_put32(r->value + r->n, (u32)value);
	r->n += 4;
}

static bool ov_reg_add(struct ov_reg *r, u64 base, u64 size)
{
	if (r->n + 16 > sizeof(r->value) || r->address - 1 > 1 || r->size - 1 > 1)
		return false;
	ov_cell(r, r->address, base);
	ov_cell(r, r->size, size);
	return true;
}

/* The lowest memory of the VM at or above @base, whoever else has it. */
static const struct gm_parcel *ov_mapped(struct gm *m, const struct gm_vm *vm, u64 base,
					 u64 *start)
{
	const struct gm_parcel *best = NULL;
	u32 i;

	for (i = 0; i < GM_MAX_PARCELS; i++) {
		struct gm_parcel *mp = &m->parcels[i];
		const struct gm_share *s = mp->used ? gm_parcel_share(mp, vm->vmid) : NULL;

		if (!s || !s->mapped || s->base < base || mp->owner == vm->vmid ||
		    mp->mem_type != GM_MEM_NORMAL || gm_fw_apart(vm, mp))
			continue;
		if (best && s->base >= *start)
			continue;
		best = mp;
		*start = s->base;
	}
	return best;
}

static bool ov_memory(struct gm *m, struct gm_fdt *f, const struct gm_vm *vm)
{
	u64 start = 0, base = 0, size = 0;
	const struct gm_parcel *mp;
	struct ov_reg reg;
	bool ok = true;
	int node;

	ov_reg_begin(f, &reg);
	while ((mp = ov_mapped(m, vm, base + size, &start))) {
		if (size && start == base + size) {
			size += mp->size;
			continue;
		}
		ok = ok && (!size || ov_reg_add(&reg, base, size));
		base = start;
		size = mp->size;
	}
	ok = ok && ov_reg_add(&reg, base, size);
	node = ov_make(f, "/memory");
	gm_fdt_set_str(f, node, "device_type", "memory");
	gm_fdt_set(f, node, "reg", reg.value, reg.n);
	return ok;
}

static u32 ov_new_phandle(const struct gm_fdt *f)
{
	struct gm_fdt_iter it;
	u32 value, max = 0;

	gm_fdt_start(&it);
	while (gm_fdt_walk(f, &it))
		if (gm_fdt_u32(f, it.node, "phandle", &value) && value > max && value + 1)
			max = value;
	return max + 1;
}

/* The child of /reserved-memory that waits for a parcel of that label. */
int gm_dt_reserved(const struct gm_fdt *f, u32 label)
{
	int parent = gm_fdt_path(f, "/reserved-memory"), node = GM_FDT_NONE;
	u32 value;

	if (parent != GM_FDT_NONE)
		node = gm_fdt_child(f, parent);
	for (; node != GM_FDT_NONE; node = gm_fdt_sibling(f, node))
		if (gm_fdt_u32(f, node, "qcom,label", &value) && value == label)
			return node;
	return GM_FDT_NONE;
}

/* Where a device wants the memory of that label; its own label comes first. */
bool gm_dt_shm(const struct gm_fdt *f, u32 label, u64 *base)
{
	struct gm_fdt_iter it;
	u32 cells, value;
	const char *type;
	int memory;

	gm_fdt_start(&it);
	while (gm_fdt_walk(f, &it)) {
		type = gm_fdt_str(f, it.node, "vdevice-type");
		if (!type || !gm_streq(type, "shm"))
			continue;
		memory = gm_fdt_child(f, it.node);
		cells = 2;
		gm_fdt_u32(f, it.node, "#address-cells", &cells);
		if (!gm_fdt_u32(f, it.node, "qcom,label", &value) &&
		    !gm_fdt_u32(f, it.node, "label", &value) &&
		    !gm_fdt_u32(f, memory, "label", &value))
			continue;
		if (value == label && gm_fdt_cells(f, memory, "base", cells, base))
			return true;
	}
	return false;
}

/* A child of /reserved-memory, which is made if need be. */
static int ov_reserve(struct gm_fdt *f, const char *name, u64 base, u64 size)
{
	int parent = gm_fdt_path(f, "/reserved-memory"), node;
	struct ov_text path = { 0 };
	struct ov_reg reg;

	ov_reg_begin(f, &reg);
	if (parent == GM_FDT_NONE) {
		parent = ov_make(f, "/reserved-memory");
		gm_fdt_set_u32(f, parent, "#address-cells", reg.address);
		gm_fdt_set_u32(f, parent, "#size-cells", reg.size);
		gm_fdt_set(f, parent, "ranges", "", 0);
	}
	ov_add(&path, "/reserved-memory/");
	ov_add(&path, name);
	ov_unit(&path, base);
	node = ov_make(f, path.s);
	if (!ov_reg_add(&reg, base, size))
		return GM_FDT_NONE;
	gm_fdt_set(f, node, "reg", reg.value, reg.n);
	gm_fdt_set(f, node, "no-map", "", 0);
	return node;
}

/* Only where it is used: there may be more room for it in its parcel. */
static bool ov_firmware(struct gm_fdt *f, const struct gm_vm *vm)
{
	int node;

	if (!vm->fw_size)
		return true;
	node = ov_reserve(f, "firmware", vm->fw_base + vm->fw_offset, vm->fw_size);
	if (node == GM_FDT_NONE)
		return false;
	gm_fdt_set_str(f, node, "compatible", "qcom,vm-firmware");
	return true;
}

/* A parcel that is not private memory. */
static bool ov_shared(struct gm_fdt *f, const struct gm_parcel *mp, const struct gm_share *s)
{
	int node = gm_dt_reserved(f, mp->label);

	if (node != GM_FDT_NONE && mp->label) {
		gm_fdt_set_u32(f, node, "qcom,rm-mem-handle", mp->handle);
		return true;
	}
	node = ov_reserve(f, "buffer", s->base, mp->size);
	if (node == GM_FDT_NONE)
		return false;
	gm_fdt_set(f, node, "qcom,shared-memory", "", 0);
	gm_fdt_set_u32(f, node, "qcom,rm-mem-handle", mp->handle);
	gm_fdt_set_u32(f, node, "phandle", ov_new_phandle(f));
	gm_fdt_set_u32(f, node, "qcom,label", mp->label);
	return true;
}

static bool ov_gic(struct gm_fdt *f, const struct gm_vm *vm)
{
	struct gm_fdt_iter it;
	struct ov_reg reg;

	if (!vm->gic_known)
		return false;
	if (!vm->gic_patch)
		return true;
	gm_fdt_start(&it);
	while (gm_fdt_walk(f, &it))
		if (gm_fdt_is(f, it.node, "compatible", "arm,gic-v3"))
			break;
	ov_reg_begin(f, &reg);
	if (!ov_reg_add(&reg, vm->gicd, OV_GICD_SIZE) ||
	    !ov_reg_add(&reg, vm->gicr, vm->gicr_stride * vm->nr_vcpus))
		return false;
	gm_fdt_set_u32(f, it.node, "#redistributor-regions", 1);
	gm_fdt_set_u64(f, it.node, "redistributor-stride", vm->gicr_stride);
	gm_fdt_set(f, it.node, "reg", reg.value, reg.n);
	return true;
}

/* The tree is in m->dt; it goes back to the parcel when all of it fits. */
u32 gm_dt_overlay(struct gm *m, struct gm_vm *vm, struct gm_fdt *f)
{
	struct gm_vdev *vd;
	bool ok = true;
	u32 i = 0;

	if (gm_fdt_path(f, "/hypervisor") != GM_FDT_NONE ||
	    gm_fdt_path(f, "/chosen") == GM_FDT_NONE || !ov_gic(f, vm))
		return GM_ST_NORESOURCE;
	ov_hypervisor(f, vm);
	while ((vd = gm_vdev_next(m, vm, &i)))
		ov_device(f, vd);
	ok = ov_memory(m, f, vm);
	for (i = 0; i < GM_MAX_PARCELS; i++) {
		struct gm_parcel *mp = &m->parcels[i];
		const struct gm_share *s = mp->used ? gm_parcel_share(mp, vm->vmid) : NULL;

		if (s && s->mapped && !gm_parcel_private(mp, s) && !gm_fw_apart(vm, mp) &&
		    mp->handle != vm->image_handle && mp->owner != vm->vmid)
			ok = ok && ov_shared(f, mp, s);
	}
	ok = ok && ov_firmware(f, vm);
	gm_fdt_set_u64(f, gm_fdt_path(f, "/chosen"), "kaslr-seed", gm_random(m));
	if (f->full || !ok)
		return GM_ST_NORESOURCE;
	return gm_parcel_copy(m, gm_parcel_find(m, vm->image_handle), vm->dt_offset, f->p, f->size,
			      true) ? GM_ST_NORESOURCE : GM_ST_OK;
}
