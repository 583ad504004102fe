// SPDX-License-Identifier: GPL-2.0-only
/* See gunyah_dt.h. */
#include <errno.h>
#include <string.h>

#include "gunyah_dt.h"

#define NAME_MAX_LENGTH	79
#define AREA_LEAST	0x10000
#define PAGE		0x1000

static bool is_name(const char *name)
{
	return name && name[0] && strlen(name) <= NAME_MAX_LENGTH;
}

static int check(const struct gunyah_dt *dt)
{
	size_t i;

	if (!is_name(dt->name))
		return -EINVAL;
	for (i = 0; i < dt->nr_links; i++)
		if (dt->links[i].peer && !is_name(dt->links[i].peer))
			return -EINVAL;
	if (!dt->cpus || dt->cpus > GUNYAH_DT_MAX_CPUS)
		return -EINVAL;
	if (!dt->base || dt->base % GUNYAH_DT_ALIGN || !dt->size || dt->size % PAGE)
		return -EINVAL;
	return 0;
}

static void cpus(struct fdt *fdt, const struct gunyah_dt *dt)
{
	unsigned int i;

	fdt_open(fdt, "cpus");
	fdt_u32(fdt, "#address-cells", 1);
	fdt_u32(fdt, "#size-cells", 0);
	for (i = 0; i < dt->cpus; i++) {
		fdt_open(fdt, "cpu@%x", i);
		fdt_string(fdt, "device_type", "cpu");
		fdt_string(fdt, "compatible", "arm,armv8");
		fdt_u32(fdt, "reg", i);
		fdt_string(fdt, "enable-method", "psci");
		fdt_close(fdt);
	}
	fdt_close(fdt);

	fdt_open(fdt, "psci");
	fdt_strings(fdt, "compatible", "arm,psci-1.0", "arm,psci-0.2", NULL);
	fdt_string(fdt, "method", "hvc");
	fdt_close(fdt);
}

static void interrupts(struct fdt *fdt, const struct gunyah_dt *dt)
{
	uint64_t gicr_size = dt->cpus * GUNYAH_DT_GICR_STRIDE;
	uint64_t gicr = GUNYAH_DT_GICD - gicr_size;

	fdt_open(fdt, "interrupt-controller");
	fdt_string(fdt, "compatible", "arm,gic-v3");
	fdt_flag(fdt, "interrupt-controller");
	fdt_u32(fdt, "#interrupt-cells", 3);
	fdt_u32(fdt, "#address-cells", 0);
	FDT_CELLS(fdt, "reg", 0, GUNYAH_DT_GICD, 0, 0x10000, gicr >> 32, gicr, 0, gicr_size);
	fdt_u32(fdt, "phandle", GUNYAH_DT_GIC_PHANDLE);
	fdt_close(fdt);

	fdt_open(fdt, "timer");
	fdt_string(fdt, "compatible", "arm,armv8-timer");
	FDT_CELLS(fdt, "interrupts", GUNYAH_DT_PPI, 13, GUNYAH_DT_LEVEL,
		  GUNYAH_DT_PPI, 14, GUNYAH_DT_LEVEL, GUNYAH_DT_PPI, 11, GUNYAH_DT_LEVEL,
		  GUNYAH_DT_PPI, 10, GUNYAH_DT_LEVEL);
	fdt_flag(fdt, "always-on");
	fdt_close(fdt);
}

static void write_memory(struct fdt *fdt, const struct gunyah_dt *dt)
{
	/* With a unit address in its name RM refuses the whole tree. */
	fdt_open(fdt, "memory");
	fdt_string(fdt, "device_type", "memory");
	fdt_reg(fdt, dt->base, dt->size);
	fdt_close(fdt);

	if (!dt->pool_size)
		return;
	/* RM maps the parcel of that label here. */
	fdt_open(fdt, "reserved-memory");
	fdt_u32(fdt, "#address-cells", 2);
	fdt_u32(fdt, "#size-cells", 2);
	fdt_flag(fdt, "ranges");
	fdt_open(fdt, "bounce@%llx", (unsigned long long)dt->pool);
	fdt_string(fdt, "compatible", "restricted-dma-pool");
	fdt_reg(fdt, dt->pool, dt->pool_size);
	fdt_u32(fdt, "qcom,label", dt->pool_label);
	fdt_u32(fdt, "phandle", GUNYAH_DT_POOL_PHANDLE);
	fdt_close(fdt);
	fdt_close(fdt);
}

static void chosen(struct fdt *fdt, const struct gunyah_dt *dt)
{
	/* RM's additions do not apply to a tree without this node. */
	fdt_open(fdt, "chosen");
	if (dt->bootargs)
		fdt_string(fdt, "bootargs", dt->bootargs);
	if (dt->initrd_size) {
		fdt_u64(fdt, "linux,initrd-start", dt->initrd);
		fdt_u64(fdt, "linux,initrd-end", dt->initrd + dt->initrd_size);
	}
	fdt_close(fdt);
}

/* Where RM is to put what it generates for a device: /hypervisor/KIND-LABEL */
static void generate(struct fdt *fdt, const char *kind, uint32_t label)
{
	char path[48] = "/hypervisor/";
	static const char digits[] = "0123456789abcdef";
	size_t at;
	int shift;

	strcat(path, kind);
	strcat(path, "-");
	at = strlen(path);
	for (shift = 28; shift > 0 && !(label >> shift); shift -= 4)
		;
	for (; shift >= 0; shift -= 4)
		path[at++] = digits[label >> shift & 15];
	path[at] = '\0';
	fdt_string(fdt, "generate", path);
}

static void write_bell(struct fdt *fdt, const struct gunyah_bell *bell)
{
	fdt_open(fdt, "bell-%x", bell->label);
	fdt_string(fdt, "vdevice-type", "doorbell");
	generate(fdt, "bell", bell->label);
	fdt_u32(fdt, "label", bell->label);
	fdt_flag(fdt, "peer-default");
	/* Without the right this gives, nobody can lower a level. */
	fdt_flag(fdt, "source-can-clear");
	FDT_CELLS(fdt, "interrupts", GUNYAH_DT_SPI, bell->spi,
		  bell->level ? GUNYAH_DT_LEVEL : GUNYAH_DT_EDGE);
	fdt_close(fdt);
}

static void write_link(struct fdt *fdt, const struct gunyah_link *link)
{
	/* Where RM looks for what, and the names of our nodes and of RM's */
	static const struct {
		const char *type, *name;
	} kinds[] = {
		[GUNYAH_LINK_DOORBELL] = { "doorbell", "doorbell" },
		[GUNYAH_LINK_DOORBELL_SOURCE] = { "doorbell-source", "doorbell-source" },
		[GUNYAH_LINK_QUEUE_PAIR] = { "message-queue-pair", "queues" },
	};
	char peer[sizeof("vm-name:") + NAME_MAX_LENGTH] = "vm-name:";

	fdt_open(fdt, "%s-%x", kinds[link->kind].name, link->label);
	fdt_string(fdt, "vdevice-type", kinds[link->kind].type);
	generate(fdt, kinds[link->kind].name, link->label);
	fdt_u32(fdt, "label", link->label);
	if (link->peer)
		fdt_string(fdt, "peer", strcat(peer, link->peer));
	else
		fdt_flag(fdt, "peer-default");
	fdt_close(fdt);
}

/*
 * The node in /reserved-memory alone is not enough: for that RM maps each piece
 * of physical memory at an address of its own, and refuses the VM if there is
 * more than one. What a device asks for it maps in one piece.
 */
static void write_pool(struct fdt *fdt, const struct gunyah_dt *dt)
{
	fdt_open(fdt, "shm-%x", dt->pool_label);
	fdt_string(fdt, "vdevice-type", "shm");
	generate(fdt, "shm", dt->pool_label);
	fdt_flag(fdt, "peer-default");
	fdt_u64(fdt, "dma_base", 0);
	fdt_open(fdt, "memory");
	fdt_u32(fdt, "#address-cells", 2);
	fdt_u32(fdt, "label", dt->pool_label);
	fdt_u64(fdt, "base", dt->pool);
	fdt_close(fdt);
	fdt_close(fdt);
}

static void vdevices(struct fdt *fdt, const struct gunyah_dt *dt)
{
	size_t i;

	fdt_open(fdt, "vdevices");
	fdt_string(fdt, "generate", "/hypervisor");
	if (dt->rm) {
		fdt_open(fdt, "rm-rpc");
		fdt_string(fdt, "vdevice-type", "rm-rpc");
		/* RM dies of a tree without this one. */
		fdt_string(fdt, "generate", "/hypervisor/gunyah-resource-mgr");
		fdt_u32(fdt, "message-size", 240);
		fdt_u32(fdt, "queue-depth", 8);
		fdt_close(fdt);
	}
	for (i = 0; i < dt->nr_bells; i++)
		write_bell(fdt, &dt->bells[i]);
	for (i = 0; i < dt->nr_links; i++)
		write_link(fdt, &dt->links[i]);
	if (dt->pool_size)
		write_pool(fdt, dt);
	fdt_close(fdt);
}

/* Any other spelling of "proxy" makes vCPUs nobody can run from here. */
static void vcpus(struct fdt *fdt, const struct gunyah_dt *dt)
{
	uint32_t map[GUNYAH_DT_MAX_CPUS], i;

	fdt_open(fdt, "vcpus");
	fdt_string(fdt, "config", "/cpus");
	fdt_string(fdt, "affinity", dt->unscheduled ? "static" : "proxy");
	for (i = 0; i < dt->cpus; i++)
		map[i] = i;
	if (dt->unscheduled) {
		fdt_cells(fdt, "affinity-map", map, dt->cpus);
		fdt_u32(fdt, "sched-timeslice", 5000);
		fdt_u32(fdt, "sched-priority", -1);
	}
	fdt_close(fdt);
}

static void vm_config(struct fdt *fdt, const struct gunyah_dt *dt)
{
	fdt_open(fdt, "gunyah-vm-config");
	fdt_string(fdt, "image-name", dt->name);
	fdt_string(fdt, "os-type", "linux");
	fdt_string(fdt, "vm-type", "aarch64-guest");
	/* RM reads a node's numbers by the cells its parent sets: here. */
	fdt_u32(fdt, "#address-cells", 2);
	fdt_u32(fdt, "#size-cells", 2);

	fdt_open(fdt, "memory");
	fdt_u32(fdt, "#address-cells", 2);
	fdt_u32(fdt, "#size-cells", 2);
	fdt_u64(fdt, "base-address", dt->base);
	if (dt->firmware)
		fdt_u64(fdt, "firmware-address", dt->firmware);
	fdt_close(fdt);

	fdt_open(fdt, "interrupts");
	fdt_string(fdt, "config", "/interrupt-controller");
	fdt_close(fdt);

	vcpus(fdt, dt);
	vdevices(fdt, dt);
	fdt_close(fdt);
}

long gunyah_dt_write(const struct gunyah_dt *dt, void *buf, size_t size)
{
	struct fdt fdt;
	int ret = check(dt);

	if (ret)
		return ret;
	fdt_begin(&fdt, buf, size);
	fdt_open(&fdt, "%s", "");
	fdt_u32(&fdt, "#address-cells", 2);
	fdt_u32(&fdt, "#size-cells", 2);
	fdt_string(&fdt, "compatible", "linux,dummy-virt");
	fdt_string(&fdt, "model", dt->name);
	fdt_u32(&fdt, "interrupt-parent", GUNYAH_DT_GIC_PHANDLE);
	chosen(&fdt, dt);
	write_memory(&fdt, dt);
	cpus(&fdt, dt);
	interrupts(&fdt, dt);
	if (dt->devices)
		dt->devices(&fdt, dt->data);
	vm_config(&fdt, dt);
	fdt_close(&fdt);
	return fdt_finish(&fdt);
}

uint64_t gunyah_dt_area(uint64_t size)
{
	uint64_t area = 4 * size;

	if (area < AREA_LEAST)
		area = AREA_LEAST;
	return (area + PAGE - 1) & ~(uint64_t)(PAGE - 1);
}
