// SPDX-License-Identifier: GPL-2.0-only
/* Protected VMs: where their firmware is, what it is told, what is left of it. */
#include <stdlib.h>

#include "vmhost.h"
#include "tap.h"

#define FW		(RAM + 2 * VM_IMAGE)	/* what the owner has lent for it */
#define FW_SIZE		0x10000ull
#define FW_IPA		0x7fc00000ull
#define IMAGE_SIZE	0x300000ull		/* from 0x1000 on */
#define MEMORY		"/gunyah-vm-config/memory"

static struct vm_host v;
static struct dt dt;
static struct wire w;

/* Image and firmware are lent, the firmware's in @nr parts, and configured. */
static void begin(const char *options, u32 nr)
{
	vm_host_init(&v, options);
	EQ(wire_allocate(&v.h), VM);
	memcpy(v.ram + VM_DT, dt.blob, sizeof(dt.blob));
	memset(v.ram + (FW - RAM), 0x5a, 2 * FW_SIZE);
	wire_lend(&w, VM, RAM, VM_IMAGE, 1, 0);
	EQ(wire_call(&v.h, &vm_reply, RM_LEND, &w), RM_OK);
	wire_lend(&w, VM, FW, FW_SIZE / nr, nr, FW_SIZE);
	EQ(wire_call(&v.h, &vm_reply, RM_LEND, &w), RM_OK);
	memset(&w, 0, sizeof(w));
	wire_put32(&w, VM | 2u << 16);
	wire_put32(&w, 0);
	wire_put64(&w, 0x1000);
	wire_put64(&w, IMAGE_SIZE);
	wire_put64(&w, VM_DT);
	wire_put64(&w, VM_DT_SIZE);
	EQ(wire_call(&v.h, &vm_reply, RM_CONFIG, &w), RM_OK);
}

static u64 set_firmware(u32 handle, u64 offset, u64 size)
{
	memset(&w, 0, sizeof(w));
	wire_put32(&w, VM);
	wire_put32(&w, handle);
	wire_put64(&w, offset);
	wire_put64(&w, size);
	return wire_call(&v.h, &vm_reply, RM_SET_FIRMWARE_MEM, &w);
}

static void tree(u64 firmware)
{
	dt_minimal(&dt, "one");
	if (firmware)
		dt_u64(&dt, MEMORY, "firmware-address", firmware);
}

static void told(u64 entry)
{
	EQ(v.starts, 1);
	EQ(v.entry[0], entry);
	EQ(v.x0[0], VM_BASE + VM_DT);
	EQ(v.nr_regs, 2);
	EQ(v.regs[0], 1);
	EQ(v.values[0], VM_BASE + 0x1000);
	EQ(v.regs[1], 2);
	EQ(v.values[1], IMAGE_SIZE);
}

/* What the tree says about the memory: the firmware is none of it. */
static void described(u64 base, u64 size)
{
	static u8 blob[VM_DT_SIZE];
	char path[64];
	struct gm_fdt f;
	const u8 *p;
	u32 bytes;
	int node;

	memcpy(blob, v.ram + VM_DT, sizeof(blob));
	EQ(gm_fdt_open(&f, blob, sizeof(blob)), 0);
	p = gm_fdt_prop(&f, gm_fdt_path(&f, "/memory"), "reg", &bytes);
	EQ(bytes, 16);
	EQ(gm_fdt_get64(p), VM_BASE);
	EQ(gm_fdt_get64(p + 8), VM_IMAGE);
	snprintf(path, sizeof(path), "/reserved-memory/firmware@%llx", (unsigned long long)base);
	node = gm_fdt_path(&f, path);
	OK(node != GM_FDT_NONE);
	OK(gm_fdt_is(&f, node, "compatible", "qcom,vm-firmware"));
	OK(gm_fdt_prop(&f, node, "no-map", &bytes));
	p = gm_fdt_prop(&f, node, "reg", &bytes);
	EQ(bytes, 16);
	EQ(gm_fdt_get64(p), base);
	EQ(gm_fdt_get64(p + 8), size);
	OK(gm_fdt_sibling(&f, node) == GM_FDT_NONE);
}

/* Is @size all zero? */
static bool is_wiped(u64 pa, u64 size)
{
	const u8 *p = v.ram + (pa - RAM);

	while (size && !p[size - 1])
		size--;
	return !size;
}

/* A parcel of its own, in two parts, with what its owner has put there. */
static void apart(void)
{
	unsigned int rights = 0;

	tree(FW_IPA);
	begin("debug,firmware", 2);
	EQ(set_firmware(1, 0, FW_SIZE), RM_OK);
	EQ(vm_init(&v, VM), RM_OK);
	EQ(vm_start(&v, VM), RM_OK);
	told(FW_IPA);
	described(FW_IPA, FW_SIZE);
	EQ(vm_pa(&v, VM, FW_IPA, &rights), FW);
	EQ(rights, MEM_RWX);
	EQ(vm_pa(&v, VM, FW_IPA + FW_SIZE / 2, &rights), FW + FW_SIZE);
	EQ(v.nr_maps, 3);
	/* RM's own, and nothing of what was there. */
	EQ(gm_get32(v.ram + (FW - RAM)), 0x10000003);
	OK(is_wiped(FW + 0x1000, FW_SIZE / 2 - 0x1000));
	OK(is_wiped(FW + FW_SIZE, FW_SIZE / 2));
	EQ(v.ram[FW - RAM + FW_SIZE / 2], 0x5a);
	v.ram[VM_IMAGE - 1] = 7;
	v.ram[FW - RAM + 0x1001] = 7;
	EQ(vm_stop(&v, VM), RM_OK);
	EQ(vm_by_vmid(&v, RM_RESET, VM), RM_OK);
	rm_drain(&v.h, &vm_reply);
	OK(is_wiped(RAM, VM_IMAGE));
	OK(is_wiped(FW, FW_SIZE / 2));
	EQ(rm_call(&v.h, &vm_reply, RM_RECLAIM, "\0\0\0\0\0\0\0", 8), RM_OK);
	EQ(rm_call(&v.h, &vm_reply, RM_RECLAIM, "\1\0\0\0\0\0\0", 8), RM_OK);
	EQ(vm_lost(&v), 0);
	EQ(v.nr_maps, 0);
	vm_host_exit(&v);
}

/* A part of the image. */
static void inside(void)
{
	tree(0);
	begin("debug,firmware", 1);
	EQ(set_firmware(0, 0x380000, 0x3000), RM_OK);
	v.ram[0x382fff] = 7;
	v.ram[0x383000] = 7;
	EQ(vm_init(&v, VM), RM_OK);
	EQ(vm_start(&v, VM), RM_OK);
	told(VM_BASE + 0x380000);
	EQ(gm_get32(v.ram + 0x380000), 0x10000003);
	EQ(v.ram[0x382fff], 0);
	EQ(v.ram[0x383000], 7);
	EQ(vm_stop(&v, VM), RM_OK);
	EQ(vm_by_vmid(&v, RM_RESET, VM), RM_OK);
	rm_drain(&v.h, &vm_reply);
	OK(is_wiped(RAM, VM_IMAGE));
	vm_host_exit(&v);
}

/* What RM refuses, and when. */
static void refused(void)
{
	static const struct {
		u64 address, room;	/* in the tree; 0: not there */
		u32 handle;
		u64 offset, size;
		u64 init, start;
	} rows[] = {
		{ FW_IPA, 0, 1, 0, FW_SIZE, RM_OK, RM_OK },
		{ 0x7fff0000, FW_SIZE, 1, 0, FW_SIZE, RM_OK, RM_OK },
		/* No page; nowhere; in what may be memory; above all that is */
		{ FW_IPA + 1, 0, 1, 0, FW_SIZE, RM_MEM_INVALID, 0 },
		{ FW_IPA, 0x1001, 1, 0, FW_SIZE, RM_MEM_INVALID, 0 },
		{ FW_IPA, ~0xfffull, 1, 0, FW_SIZE, RM_MEM_INVALID, 0 },
		{ 0, 0, 1, 0, FW_SIZE, RM_ARGUMENT_INVALID, 0 },
		{ 0x7fff0000, 0, 1, 0, FW_SIZE, RM_ARGUMENT_INVALID, 0 },
		{ 0x100000000, 0, 1, 0, FW_SIZE, RM_ARGUMENT_INVALID, 0 },
		{ 0x1000000000, 0, 1, 0, FW_SIZE, RM_ARGUMENT_INVALID, 0 },
		/* A part of its parcel; more than the tree says; too small for RM's */
		{ FW_IPA, 0, 1, 0x1000, FW_SIZE - 0x1000, RM_OK, RM_NORESOURCE },
		{ FW_IPA, 0x8000, 1, 0, FW_SIZE, RM_OK, RM_NORESOURCE },
		{ 0, 0, 0, 0x1000, 0x1000, RM_OK, RM_MEM_INVALID },
		{ 0, 0, 0, 0, 0, RM_OK, RM_MEM_INVALID },
		/* Of the image: elsewhere; beyond its end */
		{ FW_IPA, 0, 0, 0, 0x2000, RM_ARGUMENT_INVALID, 0 },
		{ VM_BASE, 0x500000, 0, 0, 0x2000, RM_OK, RM_NORESOURCE },
		{ VM_BASE, 0, 0, 0, 0x2000, RM_OK, RM_OK },
	};
	size_t i;

	for (i = 0; i < GM_ARRAY_SIZE(rows); i++) {
		tree(rows[i].address);
		if (rows[i].room)
			dt_u64(&dt, MEMORY, "firmware-size-max", rows[i].room);
		begin("debug,firmware", 1);
		EQ(set_firmware(rows[i].handle, rows[i].offset, rows[i].size), RM_OK);
		EQ(vm_init(&v, VM), rows[i].init);
		if (!rows[i].init)
			EQ(vm_start(&v, VM), rows[i].start);
		if (rows[i].init || rows[i].start) {
			EQ(vm_state(&v, VM), 8);
			EQ(v.starts, 0);
		}
		vm_end(&v, VM, 0);
		EQ(rm_call(&v.h, &vm_reply, RM_RECLAIM, "\1\0\0\0\0\0\0", 8), RM_OK);
		EQ(vm_lost(&v), 0);
		vm_host_exit(&v);
	}
}

/* Only one vCPU may begin. */
static void two_begin(void)
{
	tree(FW_IPA);
	dt_add(&dt, "/cpus", "cpu@1");
	dt_str(&dt, "/cpus/cpu@1", "device_type", "cpu");
	dt_str(&dt, "/cpus/cpu@1", "enable-method", "psci");
	dt_str(&dt, "/cpus/cpu@1", "status", "okay");
	begin("debug,firmware", 1);
	EQ(set_firmware(1, 0, FW_SIZE), RM_OK);
	EQ(vm_init(&v, VM), RM_OK);
	EQ(vm_start(&v, VM), RM_DENIED);
	vm_host_exit(&v);
}

/* With the option it is too late for another one; without, what is given counts. */
static void given(void)
{
	u8 set[24] = { 2, 0, 0, 0, 2, [17] = 0x10 };

	tree(FW_IPA);
	begin("debug,firmware", 1);
	EQ(rm_call(&v.h, &vm_reply, RM_FW_SET, set, 24), RM_DENIED);
	EQ(rm_call(&v.h, &vm_reply, RM_FW_MILESTONE, "", 0), RM_DENIED);
	vm_host_exit(&v);

	begin("debug", 1);
	EQ(set_firmware(1, 0, FW_SIZE), RM_DENIED);
	wire_lend(&w, 0xff, RAM + 3 * VM_IMAGE, 0x1000, 1, 0);
	memcpy(v.ram + 3 * VM_IMAGE, "all of it", 10);
	EQ(wire_call(&v.h, &vm_reply, RM_DONATE, &w), RM_OK);
	EQ(rm_call(&v.h, &vm_reply, RM_FW_SET, set, 24), RM_OK);
	EQ(set_firmware(1, 0, FW_SIZE), RM_OK);
	EQ(vm_init(&v, VM), RM_OK);
	EQ(rm_call(&v.h, &vm_reply, RM_FW_MILESTONE, "", 0), RM_OK);
	EQ(vm_start(&v, VM), RM_OK);
	told(FW_IPA);
	OK(!strcmp((char *)v.ram + (FW - RAM), "all of it"));
	OK(is_wiped(FW + 10, FW_SIZE - 10));
	vm_host_exit(&v);
}

const struct tap_test fw_tests[] = {
	{ "in a parcel of its own", apart },
	{ "in the image", inside },
	{ "rooms that are refused", refused },
	{ "two vCPUs that boot", two_begin },
	{ "the option, and what is given", given },
	{}
};
