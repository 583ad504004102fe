// SPDX-License-Identifier: GPL-2.0-only
/* Device trees: the reader, and what RM makes of one at VM_INIT. */
#include "vmhost.h"
#include "tap.h"

static struct dt dt;
static struct vm_host v;

static void reads(void)
{
	struct gm_fdt_iter it;
	u32 value, size, n = 0;
	u64 base;
	int node;

	dt_minimal(&dt, "one");
	EQ(gm_fdt_path(&dt.f, "/"), 0);
	EQ(gm_fdt_path(&dt.f, "/cpu"), GM_FDT_NONE);
	EQ(gm_fdt_path(&dt.f, "cpus"), GM_FDT_NONE);
	node = gm_fdt_path(&dt.f, "/cpus/cpu@0");
	OK(node > 0);
	OK(!strcmp(gm_fdt_name(&dt.f, node), "cpu@0"));
	OK(!strcmp(gm_fdt_str(&dt.f, node, "device_type"), "cpu"));
	EQ(gm_fdt_child(&dt.f, node), GM_FDT_NONE);
	EQ(gm_fdt_sibling(&dt.f, node), GM_FDT_NONE);
	OK(!gm_fdt_prop(&dt.f, node, "reg", NULL));
	node = gm_fdt_path(&dt.f, "/gunyah-vm-config/memory");
	OK(gm_fdt_cells(&dt.f, node, "base-address", 2, &base));
	EQ(base, VM_BASE);
	OK(!gm_fdt_u32(&dt.f, node, "base-address", &value));
	EQ(gm_fdt_by_phandle(&dt.f, 1), gm_fdt_path(&dt.f, "/interrupt-controller"));
	EQ(gm_fdt_by_phandle(&dt.f, 2), GM_FDT_NONE);

	/* Set again, in another size; a list; the old ones are gone. */
	dt_str(&dt, "/chosen", "bootargs", "a");
	dt_str(&dt, "/chosen", "bootargs", "quiet");
	gm_fdt_set(&dt.f, gm_fdt_path(&dt.f, "/chosen"), "list", "x\0yz\0", 6);
	node = gm_fdt_path(&dt.f, "/chosen");
	OK(!strcmp(gm_fdt_str(&dt.f, node, "bootargs"), "quiet"));
	OK(gm_fdt_is(&dt.f, node, "list", "yz"));
	OK(!gm_fdt_is(&dt.f, node, "list", "z"));
	OK(gm_fdt_prop(&dt.f, node, "list", &size));
	EQ(size, 6);

	gm_fdt_start(&it);
	while (gm_fdt_walk(&dt.f, &it)) {
		n++;
		if (!strcmp(gm_fdt_name(&dt.f, it.node), "vdevices"))
			EQ(it.depth, 2);
	}
	EQ(n, 11);
	EQ(gm_fdt_open(&dt.f, dt.blob, dt.f.size), 0);
}

/* What is not a tree, or one that RM does not take. */
static void refuses(void)
{
	static const struct {
		u32 at, value;
	} spoils[] = {
		{ 0, 0xd00dfeee }, { 4, 39 }, { 4, 0xfffffff0 }, { 8, 0xfffffffc }, { 8, 57 },
		{ 12, 0xffff }, { 20, 16 }, { 24, 18 }, { 32, 0xffffffff }, { 36, 12 },
		{ 36, 0xffffffff }, { 56, 2 }, { 56, 3 }, { 56, 5 }, { 64, 9 }, { 64, 1 },
		{ 68, 2 },
	};
	char name[] = "a";
	size_t i;

	dt_empty(&dt);
	EQ(gm_fdt_open(&dt.f, dt.blob, 71), -1);
	EQ(gm_fdt_open(&dt.f, dt.blob, 39), -1);
	for (i = 0; i < GM_ARRAY_SIZE(spoils); i++) {
		dt_empty(&dt);
		gm_fdt_put32(dt.blob + spoils[i].at, spoils[i].value);
		if (gm_fdt_open(&dt.f, dt.blob, sizeof(dt.blob)) != -1)
			EQ(i, -1);
	}
	/* A name without an end, a value beyond the block, a name beyond. */
	dt_empty(&dt);
	dt_u32(&dt, "/", "p", 1);
	gm_fdt_put32(dt.blob + 68, 1000);
	EQ(gm_fdt_open(&dt.f, dt.blob, sizeof(dt.blob)), -1);
	gm_fdt_put32(dt.blob + 68, 4);
	gm_fdt_put32(dt.blob + 72, 2);
	EQ(gm_fdt_open(&dt.f, dt.blob, sizeof(dt.blob)), -1);
	gm_fdt_put32(dt.blob + 72, 0);
	EQ(gm_fdt_open(&dt.f, dt.blob, sizeof(dt.blob)), 0);

	/* Depth 16 is the deepest. */
	dt_empty(&dt);
	for (i = 0; i < 17; i++) {
		struct gm_fdt_iter it;
		int deepest = 0;

		EQ(gm_fdt_open(&dt.f, dt.blob, sizeof(dt.blob)), 0);
		gm_fdt_start(&it);
		while (gm_fdt_walk(&dt.f, &it))
			deepest = it.node;
		gm_fdt_add(&dt.f, deepest, name);
	}
	EQ(gm_fdt_open(&dt.f, dt.blob, sizeof(dt.blob)), -1);
}

/* No room: everything stops, nothing is written behind the end. */
static void fills(void)
{
	unsigned int room, n;

	for (room = 72; room < 400; room += 4) {
		dt_empty(&dt);
		memset(dt.blob + room, 0xaa, 64);
		EQ(gm_fdt_open(&dt.f, dt.blob, room), 0);
		for (n = 0; !dt.f.full; n++) {
			dt_add(&dt, "/", "node");
			dt_u64(&dt, "/node", n & 1 ? "value" : "another", n);
		}
		for (n = 0; n < 64; n++)
			EQ(dt.blob[room + n], 0xaa);
	}
}

static u64 init(const char *options)
{
	u64 status;

	vm_host_init(&v, options);
	EQ(vm_config(&v, VM, 0, &dt), RM_OK);
	status = vm_init(&v, VM);
	EQ(vm_state(&v, VM), status == HC_ALL_ONES ? 1 : status ? 8 : 2);
	return status;
}

static void expect(u64 status)
{
	u64 caps;

	EQ(init("debug"), status);
	/* A reset takes everything back. */
	if (v.h.m->rm_state == GM_RM_ALIVE) {
		caps = v.h.m->heap_used;
		EQ(vm_by_vmid(&v, RM_RESET, VM), RM_OK);
		rm_drain(&v.h, &vm_reply);
		EQ(vm_state(&v, VM), 11);
		EQ(v.creates, v.destroys);
		OK(v.h.m->heap_used <= caps);
		EQ(host_debug(&v.h, GM_DBG_BOOKS, 0, 0, 0, 0), 0);
		EQ(v.h.x[4], HOST_VIRQ_COUNT - 2);
		EQ(v.h.x[6], 3);
	}
	vm_host_exit(&v);
}

static void at_config(void)
{
	static const char name80[] =
		"0123456789012345678901234567890123456789012345678901234567890123456789012345678x";

	dt_minimal(&dt, "one");
	dt_str(&dt, "/gunyah-vm-config", "vm-guid", "00112233-4455-6677-8899-aabbccddeeff");
	dt_str(&dt, "/gunyah-vm-config", "vm-uri", "uri");
	EQ(init("debug"), RM_OK);
	EQ(gm_vm_find(v.h.m, VM)->guid[15], 0xff);
	EQ(gm_vm_find(v.h.m, VM)->guid[1], 0x11);
	EQ(gm_vm_find(v.h.m, VM)->name_size, 3);
	EQ(v.setup.nr_vcpus, 1);
	EQ(v.setup.psci, true);
	EQ(v.setup.gicd_base, 0x3fff0000);
	EQ(v.setup.gicr_base, 0x3ffd0000);
	EQ(v.setup.gicr_stride, 0x20000);
	EQ(v.setup.vmmio_size, 0x40000000);
	vm_host_exit(&v);

	dt_minimal(&dt, name80);
	expect(RM_MEM_INVALID);
	dt_minimal(&dt, name80 + 1);
	expect(RM_OK);
	dt_drop(&dt, "/gunyah-vm-config", "image-name");
	expect(RM_MEM_INVALID);
	dt_minimal(&dt, "one");
	dt_str(&dt, "/gunyah-vm-config", "vm-guid", "00112233-4455-6677-8899-aabbccddeefg");
	expect(RM_MEM_INVALID);
	dt_minimal(&dt, "one");
	dt_str(&dt, "/gunyah-vm-config", "vm-attrs", "crash-fatal");
	expect(RM_ARGUMENT_INVALID);
	dt_minimal(&dt, "one");
	dt_str(&dt, "/gunyah-vm-config", "vm-attrs", "no-shutdown");
	EQ(init("debug"), RM_OK);
	EQ(vm_start(&v, VM), RM_OK);
	EQ(vm_stop(&v, VM), RM_VM_STATE);
	EQ(vm_state(&v, VM), 3);
	vm_host_exit(&v);
	dt_str(&dt, "/gunyah-vm-config", "vm-attrs", "no-reset");
	EQ(init("debug"), RM_OK);
	EQ(vm_by_vmid(&v, RM_RESET, VM), RM_DENIED);
	EQ(vm_state(&v, VM), 2);
	vm_host_exit(&v);
	dt_minimal(&dt, "one");
	dt_flag(&dt, "/gunyah-vm-config", "gic-irq-ranges");
	expect(RM_ARGUMENT_INVALID);
	dt_empty(&dt);
	expect(RM_MEM_INVALID);
	memset(&dt, 0, sizeof(dt));
	expect(RM_MEM_INVALID);
}

static void at_memory(void)
{
	dt_minimal(&dt, "one");
	dt_add(&dt, "/", "memory");
	dt_str(&dt, "/memory", "device_type", "memory");
	expect(RM_OK);
	dt_minimal(&dt, "one");
	dt_add(&dt, "/", "memory@80000000");
	dt_str(&dt, "/memory@80000000", "device_type", "memory");
	expect(RM_MEM_INVALID);

	dt_minimal(&dt, "one");
	dt_u64(&dt, "/gunyah-vm-config/memory", "base-address", 0x80001000);
	EQ(init("debug"), RM_OK);
	EQ(gm_vm_find(v.h.m, VM)->base, 0x80200000);
	vm_host_exit(&v);
	dt_u64(&dt, "/gunyah-vm-config/memory", "base-address", 0x80000800);
	expect(RM_MEM_INVALID);
	/* Of the wrong size: not there. */
	dt_u32(&dt, "/gunyah-vm-config/memory", "base-address", 0x80000800);
	EQ(init("debug"), RM_OK);
	EQ(gm_vm_find(v.h.m, VM)->base, GM_BASE_DEFAULT);
	vm_host_exit(&v);
	dt_u32(&dt, "/gunyah-vm-config/memory", "size-max", 1);
	expect(RM_OK);
	dt_u64(&dt, "/gunyah-vm-config/memory", "size-max", 1);
	expect(RM_MEM_INVALID);
	dt_minimal(&dt, "one");
	dt_flag(&dt, "/gunyah-vm-config/memory", "is-direct");
	expect(RM_ARGUMENT_INVALID);
}

static void cpu(const char *path, const char *status, const char *method)
{
	dt_add(&dt, "/cpus", strrchr(path, '/') + 1);
	dt_str(&dt, path, "device_type", "cpu");
	if (status)
		dt_str(&dt, path, "status", status);
	if (method)
		dt_str(&dt, path, "enable-method", method);
}

static void at_vcpus(void)
{
	u8 map[4] = { 0, 0, 0, 2 };
	u32 virq;
	u64 cap;

	/* The second one waits for PSCI, the third is not there. */
	dt_minimal(&dt, "one");
	cpu("/cpus/cpu@1", NULL, "psci");
	cpu("/cpus/cpu@2", "fail-sss", NULL);
	EQ(init("debug"), RM_OK);
	EQ(v.setup.nr_vcpus, 2);
	OK(vm_resource(&v, VM, 4, 1, &cap, &virq));
	OK(virq != 0);
	EQ(vm_start(&v, VM), RM_OK);
	EQ(v.starts, 1);
	EQ(v.entry[0], VM_BASE + 0x1000);
	EQ(v.x0[0], VM_BASE + VM_DT);
	vm_end(&v, VM, 0);
	vm_host_exit(&v);

	cpu("/cpus/cpu@3", NULL, NULL);
	expect(RM_MEM_INVALID);
	dt_minimal(&dt, "one");
	cpu("/cpus/cpu@1", "broken", "psci");
	expect(RM_MEM_INVALID);
	dt_minimal(&dt, "one");
	dt_str(&dt, "/cpus/cpu@0", "status", "disabled");
	expect(RM_MEM_INVALID);
	dt_minimal(&dt, "one");
	cpu("/cpus/cpu@1", NULL, "psci");
	cpu("/cpus/cpu@2", NULL, "psci");
	cpu("/cpus/cpu@3", "okay", NULL);
	expect(RM_OK);
	cpu("/cpus/cpu@4", NULL, "psci");
	expect(RM_MEM_INVALID);		/* 4 CPUs */
	dt_minimal(&dt, "one");
	dt_str(&dt, "/gunyah-vm-config/vcpus", "config", "/nowhere");
	expect(RM_MEM_INVALID);

	/* Misspelt: static, which takes more. */
	dt_minimal(&dt, "one");
	dt_str(&dt, "/gunyah-vm-config/vcpus", "affinity", "proxi");
	expect(RM_MEM_INVALID);
	gm_fdt_set(&dt.f, gm_fdt_path(&dt.f, "/gunyah-vm-config/vcpus"), "affinity-map", map, 4);
	expect(RM_ARGUMENT_INVALID);
	dt_u32(&dt, "/gunyah-vm-config/vcpus", "sched-timeslice", 5000);
	expect(RM_ARGUMENT_INVALID);
	dt_u32(&dt, "/gunyah-vm-config/vcpus", "sched-priority", (u32)-1);
	EQ(init("debug"), RM_OK);
	OK(vm_resource(&v, VM, 4, 2, &cap, &virq));
	EQ(virq, 0xffffffff);
	EQ(vm_start(&v, VM), RM_OK);
	EQ(host_call(&v.h, 0x65, cap, 0, 0, 0, 0), 31);
	vm_end(&v, VM, 0);
	vm_host_exit(&v);
}

static void at_gic(void)
{
	dt_minimal(&dt, "one");
	dt_drop(&dt, "/interrupt-controller", "reg");
	EQ(init("debug"), RM_OK);
	OK(v.setup.gicd_base && !(v.setup.gicd_base % 0x10000));
	EQ(gm_vm_find(v.h.m, VM)->gic_patch, 1);
	vm_host_exit(&v);
	dt_minimal(&dt, "one");
	dt_u32(&dt, "/gunyah-vm-config/interrupts", "config", 1);
	expect(RM_OK);
	dt_u32(&dt, "/gunyah-vm-config/interrupts", "config", 9);
	expect(RM_MEM_INVALID);
	dt_minimal(&dt, "one");
	dt_str(&dt, "/interrupt-controller", "compatible", "arm,gic-400");
	expect(RM_MEM_INVALID);
	dt_minimal(&dt, "one");
	dt_u64(&dt, "/interrupt-controller", "redistributor-stride", 0x10000);
	expect(RM_MEM_INVALID);
	dt_u64(&dt, "/interrupt-controller", "redistributor-stride", 0x40000);
	expect(RM_OK);
	dt_minimal(&dt, "one");
	gm_fdt_set(&dt.f, gm_fdt_path(&dt.f, "/interrupt-controller"), "reg", "abcd", 4);
	expect(RM_MEM_INVALID);
	dt_minimal(&dt, "one");
	dt_u32(&dt, "/interrupt-controller", "#redistributor-regions", 2);
	expect(RM_MEM_INVALID);
}

#define DEV	"/gunyah-vm-config/vdevices/dev"

static void malformed_device(const char *type, const char *flag, u64 status)
{
	dt_minimal(&dt, "one");
	dt_vdevice(&dt, "dev", type, 1);
	if (flag)
		dt_flag(&dt, DEV, flag);
	expect(status);
}

static void at_devices(void)
{
	malformed_device("doorbell", NULL, RM_MEM_INVALID);
	malformed_device("doorbell", "peer-default", RM_OK);
	malformed_device("doorbell-source", "peer-default", RM_OK);
	malformed_device("message-queue", "peer-default", RM_MEM_INVALID);
	dt_flag(&dt, DEV, "is-sender");
	expect(RM_OK);
	dt_flag(&dt, DEV, "is-receiver");
	expect(RM_MEM_INVALID);
	malformed_device("message-queue-pair", "peer-default", RM_OK);
	dt_u32(&dt, DEV, "queue-depth", 256);
	expect(RM_ARGUMENT_INVALID);
	malformed_device("unheard-of", NULL, RM_OK);
	dt_minimal(&dt, "one");
	dt_vdevice(&dt, "dev", "doorbell", 1);
	dt_flag(&dt, DEV, "peer-default");
	gm_fdt_set(&dt.f, gm_fdt_path(&dt.f, DEV), "push-compatible", "a\0b\0c\0d\0e\0f", 12);
	expect(RM_OK);
	gm_fdt_set(&dt.f, gm_fdt_path(&dt.f, DEV), "push-compatible", "a\0b\0c\0d\0e\0f\0g", 14);
	expect(RM_MEM_INVALID);
	/* Two with one interrupt; and one that is no SPI, which is ignored. */
	dt_minimal(&dt, "one");
	dt_vdevice(&dt, "dev", "doorbell", 1);
	dt_flag(&dt, DEV, "peer-default");
	dt_spi(&dt, DEV, 7, 1);
	dt_vdevice(&dt, "dev2", "doorbell", 2);
	dt_flag(&dt, DEV "2", "peer-default");
	dt_spi(&dt, DEV "2", 988, 1);
	expect(RM_OK);
	dt_spi(&dt, DEV "2", 7, 1);
	expect(RM_NORESOURCE);
}

/* RM itself dies of a link without a path. */
static void rm_dies(void)
{
	dt_minimal(&dt, "one");
	dt_vdevice(&dt, "dev", "rm-rpc", 0);
	vm_host_init(&v, "debug");
	EQ(vm_config(&v, VM, 0, &dt), RM_OK);
	EQ(vm_init(&v, VM), HC_ALL_ONES);
	EQ(v.h.m->rm_state, GM_RM_DEAD);
	vm_host_exit(&v);
	vm_host_init(&v, "debug,bug=rm-lives");
	EQ(vm_config(&v, VM, 0, &dt), RM_OK);
	EQ(vm_init(&v, VM), RM_MEM_INVALID);
	vm_host_exit(&v);
	dt_str(&dt, DEV, "generate", "/hypervisor/rm");
	expect(RM_OK);
	dt_u32(&dt, DEV, "message-size", 239);
	expect(RM_MEM_INVALID);
}

const struct tap_test dt_tests[] = {
	{ "reading and adding", reads },
	{ "what is no tree", refuses },
	{ "no room", fills },
	{ "gunyah-vm-config", at_config },
	{ "memory", at_memory },
	{ "vcpus", at_vcpus },
	{ "interrupts", at_gic },
	{ "devices", at_devices },
	{ "a link without a path", rm_dies },
	{}
};
