// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device tree writer, read back by a reader that shares nothing with it,
 * and what the resource manager (RM) trips over in a tree.
 */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "test.h"
#include "vmm.h"

#define SIZE 0x8000

static _Alignas(8) uint8_t tree[SIZE];

static const struct gunyah_bell bells[] = {
	{ .label = 1, .spi = 1 },
	{ .label = 0x2f, .spi = 0x2f, .level = true },
	{ .label = 0xdeadbeef, .spi = 900 },
};

static const struct gunyah_dt usual = {
	.name = "guest", .cpus = 2, .base = GUNYAH_DT_MEMORY, .size = 64 << 20,
	.bells = bells, .nr_bells = 3, .rm = true, .bootargs = "quiet",
	.initrd = GUNYAH_DT_MEMORY + (32 << 20), .initrd_size = 4711,
};

/* --- the reader ---------------------------------------------------------- */

static uint32_t cell(const void *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return be32toh(value);
}

static uint32_t header(unsigned int word)
{
	return cell(tree + 4 * word);
}

/* Strings that a property of that name is, all over the tree */
static unsigned int count(const char *name, const char *value)
{
	const uint8_t *at = tree + header(2), *end = at + header(9);
	const char *strings = (const char *)tree + header(3);
	unsigned int found = 0;
	uint32_t size;

	while (at < end) {
		uint32_t token = cell(at);

		at += 4;
		if (token == 1)
			at += (strlen((const char *)at) + 4) & ~(size_t)3;
		if (token != 3)
			continue;
		size = cell(at);
		found += !strcmp(strings + cell(at + 4), name) &&
			 (!value || (size == strlen(value) + 1 && !memcmp(at + 8, value, size)));
		at += 8 + ((size + 3) & ~3u);
	}
	return found;
}

/* Where a property of the node with that path is, and its size; or NULL */
static const uint8_t *find(const char *path, const char *name, uint32_t *size)
{
	const uint8_t *at = tree + header(2), *end = at + header(9);
	const char *strings = (const char *)tree + header(3);
	char here[256] = "";
	size_t length;

	while (at < end) {
		uint32_t token = cell(at);

		at += 4;
		if (token == 1) {
			length = strlen((const char *)at);
			if (strlen(here) + length + 2 > sizeof(here))
				return NULL;
			if (strcmp(here, "/"))
				strcat(here, "/");
			strcat(here, (const char *)at);
			at += (length + 4) & ~(size_t)3;
		} else if (token == 2) {
			*strrchr(here, '/') = '\0';
			if (!here[0])
				memcpy(here, "/", 2);
		} else if (token == 3) {
			*size = cell(at);
			if (!strcmp(here, path) && (!name || !strcmp(strings + cell(at + 4), name)))
				return at + 8;
			at += 8 + ((*size + 3) & ~3u);
		} else {
			return NULL;
		}
	}
	return NULL;
}

static int is_string(const char *path, const char *name, const char *value)
{
	uint32_t size;
	const uint8_t *at = find(path, name, &size);

	return at && size == strlen(value) + 1 && !memcmp(at, value, size);
}

static int is_flag(const char *path, const char *name)
{
	uint32_t size;

	return find(path, name, &size) && !size;
}

/* The property's cell, counted from 0; all bits when it is not there */
static uint32_t value(const char *path, const char *name, unsigned int index)
{
	uint32_t size;
	const uint8_t *at = find(path, name, &size);

	return at && 4 * index + 4 <= size ? cell(at + 4 * index) : ~0u;
}

static uint32_t size_of(const char *path, const char *name)
{
	uint32_t size;

	return find(path, name, &size) ? size : ~0u;
}

static long write_tree(const struct gunyah_dt *dt)
{
	memset(tree, 0xa5, sizeof(tree));
	return gunyah_dt_write(dt, tree, sizeof(tree));
}

static void keep(const char *name, long size)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/test-%s.dtb", test_dir, name);
	file = fopen(path, "wb");
	OK(file && size > 0 && fwrite(tree, size, 1, file) == 1);
	if (file)
		fclose(file);
}

/* --- tests --------------------------------------------------------------- */

static void test_header(void)
{
	long size = write_tree(&usual);

	EQ(header(0), 0xd00dfeed);
	EQ(header(1), size);
	EQ(header(5), 17);
	EQ(header(6), 16);
	EQ(header(4) % 8, 0);
	EQ(header(3) + header(8) <= (uint32_t)size, 1);
	EQ(tree[size], 0xa5);
	keep("usual", size);
}

static void test_config(void)
{
	write_tree(&usual);
	OK(is_string("/gunyah-vm-config", "image-name", "guest"));
	OK(is_string("/gunyah-vm-config/vcpus", "affinity", "proxy"));
	OK(is_string("/gunyah-vm-config/interrupts", "config", "/interrupt-controller"));
	/* Numbers of the memory node count by the cells of its parent. */
	EQ(value("/gunyah-vm-config", "#size-cells", 0), 2);
	EQ(value("/gunyah-vm-config", "#address-cells", 0), 2);
	EQ(value("/gunyah-vm-config/memory", "base-address", 0), 0);
	EQ(value("/gunyah-vm-config/memory", "base-address", 1), GUNYAH_DT_MEMORY);
	EQ(size_of("/gunyah-vm-config/memory", "firmware-address"), ~0u);
	/* RM dies of an rm-rpc without this. */
	OK(is_string("/gunyah-vm-config/vdevices/rm-rpc", "generate",
		     "/hypervisor/gunyah-resource-mgr"));
	OK(is_string("/chosen", "bootargs", "quiet"));
	EQ(value("/chosen", "linux,initrd-start", 1), usual.initrd);
	EQ(value("/chosen", "linux,initrd-end", 1), usual.initrd + 4711);
}

static void test_traps(void)
{
	uint32_t size;

	write_tree(&usual);
	/* RM makes this one and gives up if it is there. */
	OK(!find("/hypervisor", NULL, &size));
	/* Only under that name it may say that it is memory. */
	OK(is_string("/memory", "device_type", "memory"));
	/* RM needs it to put its additions in, even when there is nothing to say. */
	OK(find("/chosen", NULL, &size));
	EQ(value("/interrupt-controller", "#interrupt-cells", 0), 3);
	EQ(value("/interrupt-controller", "phandle", 0), value("/", "interrupt-parent", 0));
	/* The distributor, and 128 KiB of redistributor for each vCPU below it */
	EQ(value("/interrupt-controller", "reg", 1), GUNYAH_DT_GICD);
	EQ(value("/interrupt-controller", "reg", 5), GUNYAH_DT_GICD - 2 * 0x20000);
	EQ(value("/interrupt-controller", "reg", 7), 2 * 0x20000);
}

/* What RM takes another way than it is meant, or nobody but it may say */
static void test_silent_traps(void)
{
	static const char *const refused[] = {
		/* for VMs that RM trusts */
		"iomemory-ranges", "gic-irq-ranges", "is-direct", "vm-attrs",
		/* GICs of another kind; numbers with cells of their own */
		"#redistributor-regions", "size-max", "size-min",
	};
	uint64_t gicr = GUNYAH_DT_GICD - GUNYAH_DT_MAX_CPUS * GUNYAH_DT_GICR_STRIDE;
	struct gunyah_dt dt = usual;
	uint32_t size;
	unsigned int i;

	dt.pool = 0x84000000;
	dt.pool_size = 1 << 20;
	dt.pool_label = 9;
	write_tree(&dt);
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		EQ(count(refused[i], NULL), 0);
	EQ(count("device_type", "memory"), 1);
	/* One link to RM, not longer and not shorter than it has them */
	EQ(count("vdevice-type", "rm-rpc"), 1);
	EQ(value("/gunyah-vm-config/vdevices/rm-rpc", "message-size", 0), 240);
	EQ(value("/gunyah-vm-config/vdevices/rm-rpc", "queue-depth", 0), 8);
	/* A label of the device's own would be taken instead of its memory's. */
	OK(!find("/gunyah-vm-config/vdevices/shm-9", "label", &size));
	OK(!find("/gunyah-vm-config/vdevices/shm-9", "qcom,label", &size));
	OK(is_flag("/gunyah-vm-config/vdevices/shm-9", "peer-default"));
	OK(!find("/gunyah-vm-config/vdevices/shm-9/memory", "allocate-base", &size));
	OK(is_string("/interrupt-controller", "compatible", "arm,gic-v3"));
	OK(is_flag("/interrupt-controller", "interrupt-controller"));
	EQ(GUNYAH_DT_GICD % 0x10000, 0);
	EQ(GUNYAH_DT_GICR_STRIDE, 0x20000);
	/* RM looks up its own devices first: the VMM's have to be elsewhere. */
	OK(gicr >= VMM_MMIO + VMM_DEVICES * VMM_PAGE);
	OK(GUNYAH_DT_GICD + 0x10000 <= GUNYAH_DT_MEMORY);
	EQ(value("/", "#address-cells", 0), 2);
	EQ(value("/", "#size-cells", 0), 2);
}

/* Not proxy: then these are not optional. */
static void test_unscheduled(void)
{
	const char *path = "/gunyah-vm-config/vcpus";
	struct gunyah_dt dt = usual;

	dt.unscheduled = true;
	write_tree(&dt);
	OK(is_string(path, "affinity", "static"));
	EQ(size_of(path, "affinity-map"), 4 * dt.cpus);
	OK(value(path, "sched-timeslice", 0) >= 100 && value(path, "sched-timeslice", 0) <= 100000);
	OK((int32_t)value(path, "sched-priority", 0) < 0);
}

static void test_bells(void)
{
	const char *one = "/gunyah-vm-config/vdevices/bell-1";
	const char *level = "/gunyah-vm-config/vdevices/bell-2f";
	const char *large = "/gunyah-vm-config/vdevices/bell-deadbeef";

	write_tree(&usual);
	OK(is_string(one, "vdevice-type", "doorbell"));
	OK(is_string(one, "generate", "/hypervisor/bell-1"));
	OK(is_flag(one, "peer-default"));
	/* Three cells, or RM takes an interrupt of its own choice in silence. */
	EQ(size_of(one, "interrupts"), 12);
	EQ(value(one, "interrupts", 0), 0);
	EQ(value(one, "interrupts", 1), 1);
	EQ(value(one, "interrupts", 2), 1);
	EQ(value(level, "interrupts", 2), 4);
	EQ(value(level, "label", 0), 0x2f);
	/* Not source-can-clean, as one VMM writes */
	OK(is_flag(level, "source-can-clear"));
	OK(is_string(large, "generate", "/hypervisor/bell-deadbeef"));
	EQ(value(large, "interrupts", 1), 900);
}

static void test_links(void)
{
	static const struct gunyah_link links[] = {
		{ GUNYAH_LINK_DOORBELL, 0x20, NULL },
		{ GUNYAH_LINK_DOORBELL_SOURCE, 0x20, NULL },
		{ GUNYAH_LINK_QUEUE_PAIR, 0xfedcba98, "other" },
	};
	const char *bell = "/gunyah-vm-config/vdevices/doorbell-20";
	const char *source = "/gunyah-vm-config/vdevices/doorbell-source-20";
	const char *pair = "/gunyah-vm-config/vdevices/queues-fedcba98";
	struct gunyah_dt dt = usual;
	struct gunyah_link link = links[2];
	char name[81];

	dt.links = links;
	dt.nr_links = 3;
	keep("links", write_tree(&dt));
	OK(is_string(bell, "vdevice-type", "doorbell"));
	OK(is_string(bell, "generate", "/hypervisor/doorbell-20"));
	OK(is_flag(bell, "peer-default"));
	EQ(value(bell, "label", 0), 0x20);
	/* RM has to choose one that is none of the devices'. */
	EQ(size_of(bell, "interrupts"), ~0u);
	OK(is_string(source, "vdevice-type", "doorbell-source"));
	OK(is_string(source, "generate", "/hypervisor/doorbell-source-20"));
	OK(is_flag(source, "peer-default"));
	OK(is_string(pair, "vdevice-type", "message-queue-pair"));
	OK(is_string(pair, "generate", "/hypervisor/queues-fedcba98"));
	OK(is_string(pair, "peer", "vm-name:other"));
	EQ(size_of(pair, "peer-default"), ~0u);
	EQ(value(pair, "label", 0), 0xfedcba98);

	memset(name, 'n', 80);
	name[80] = '\0';
	link.peer = name;
	dt.links = &link;
	dt.nr_links = 1;
	EQ(write_tree(&dt), -EINVAL);
	name[79] = '\0';
	OK(write_tree(&dt) > 0);
	link.peer = "";
	EQ(write_tree(&dt), -EINVAL);
}

static void test_cpus(void)
{
	struct gunyah_dt dt = usual;
	uint32_t size;

	for (dt.cpus = 1; dt.cpus <= GUNYAH_DT_MAX_CPUS; dt.cpus++)
		OK(write_tree(&dt) > 0);
	OK(is_string("/cpus/cpu@7", "enable-method", "psci"));
	OK(is_string("/psci", "method", "hvc"));
	/* A status would have RM start all of them at one address. */
	OK(!find("/cpus/cpu@7", "status", &size));
	dt.cpus = 0;
	EQ(write_tree(&dt), -EINVAL);
	dt.cpus = GUNYAH_DT_MAX_CPUS + 1;
	EQ(write_tree(&dt), -EINVAL);
}

static void test_refusals(void)
{
	struct gunyah_dt dt = usual;
	char name[81];

	memset(name, 'n', 80);
	name[80] = '\0';
	dt.name = name;
	EQ(write_tree(&dt), -EINVAL);
	name[79] = '\0';
	OK(write_tree(&dt) > 0);
	dt.name = "";
	EQ(write_tree(&dt), -EINVAL);
	dt = usual;
	dt.base += 0x1000;	/* RM would map the image elsewhere. */
	EQ(write_tree(&dt), -EINVAL);
	dt = usual;
	dt.size += 1;
	EQ(write_tree(&dt), -EINVAL);
}

static void test_pool(void)
{
	struct gunyah_dt dt = usual;
	const char *path = "/reserved-memory/bounce@84000000";

	dt.pool = 0x84000000;
	dt.pool_size = 1 << 20;
	dt.pool_label = 9;
	dt.firmware = 0x7fc00000;
	keep("pool", write_tree(&dt));
	OK(is_string(path, "compatible", "restricted-dma-pool"));
	EQ(value(path, "reg", 1), 0x84000000);
	EQ(value(path, "reg", 3), 1 << 20);
	EQ(value(path, "qcom,label", 0), 9);
	path = "/gunyah-vm-config/vdevices/shm-9";
	OK(is_string(path, "vdevice-type", "shm"));
	OK(is_string(path, "generate", "/hypervisor/shm-9"));
	path = "/gunyah-vm-config/vdevices/shm-9/memory";
	EQ(value(path, "label", 0), 9);
	EQ(value(path, "base", 0), 0);
	EQ(value(path, "base", 1), 0x84000000);
	EQ(value("/gunyah-vm-config/memory", "firmware-address", 1), 0x7fc00000);
}

/* Each length that is too short is told, and nothing behind it is written. */
static void test_room(void)
{
	long whole = write_tree(&usual), size;

	for (size = 0; size < whole; size++) {
		memset(tree, 0x5a, sizeof(tree));
		EQ(gunyah_dt_write(&usual, tree, size), -ENOSPC);
		EQ(tree[size], 0x5a);
	}
	EQ(gunyah_dt_write(&usual, tree, whole), whole);
}

static void test_area(void)
{
	EQ(gunyah_dt_area(1), 0x10000);
	EQ(gunyah_dt_area(0x4000), 0x10000);
	EQ(gunyah_dt_area(0x4001), 0x11000);
	EQ(gunyah_dt_area(0x12345) % 0x1000, 0);
}

static void test_writer(void)
{
	struct fdt fdt;
	int i;

	fdt_begin(&fdt, tree, sizeof(tree));
	fdt_open(&fdt, "%s", "");
	EQ(fdt_finish(&fdt), -EINVAL);		/* a node is open */

	fdt_begin(&fdt, tree, sizeof(tree));
	fdt_close(&fdt);
	EQ(fdt_finish(&fdt), -EINVAL);		/* none is */

	fdt_begin(&fdt, tree, sizeof(tree));
	fdt_flag(&fdt, "nowhere");
	EQ(fdt_finish(&fdt), -EINVAL);

	fdt_begin(&fdt, tree, sizeof(tree));
	for (i = 0; i < 17; i++)
		fdt_open(&fdt, "deep");
	for (i = 0; i < 17; i++)
		fdt_close(&fdt);
	EQ(fdt_finish(&fdt), -ELOOP);		/* RM reads 16 */

	fdt_begin(&fdt, tree, sizeof(tree));
	fdt_open(&fdt, "%070d", 1);
	fdt_close(&fdt);
	EQ(fdt_finish(&fdt), -ENAMETOOLONG);
}

const struct test dt_tests[] = {
	{ "dt: header", test_header },
	{ "dt: what RM reads", test_config },
	{ "dt: what RM trips over", test_traps },
	{ "dt: what RM takes in silence", test_silent_traps },
	{ "dt: vCPUs that RM schedules", test_unscheduled },
	{ "dt: doorbells", test_bells },
	{ "dt: links", test_links },
	{ "dt: cpus", test_cpus },
	{ "dt: what is refused", test_refusals },
	{ "dt: bounce buffers and firmware", test_pool },
	{ "dt: too little room", test_room },
	{ "dt: room for RM", test_area },
	{ "dt: misuse of the writer", test_writer },
	{ }
};
