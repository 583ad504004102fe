// SPDX-License-Identifier: GPL-2.0-only
/* See guest.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "guest.h"

#define RWX	(GUNYAH_MEM_ALLOW_READ | GUNYAH_MEM_ALLOW_WRITE | GUNYAH_MEM_ALLOW_EXEC)
#define DT_AREA	0x10000
#define DT_AREA_MANY 0x20000	/* with a node for each of many doorbells */

static int give_firmware(struct guest *guest, uint64_t size)
{
	int ret;

	if (!size)
		return 0;
	ret = gunyah_memory_alloc(&guest->firmware, size, false);
	if (ret)
		return ret;
	guest->firmware.gpa = GUEST_FIRMWARE;
	guest->firmware.label = GUEST_LABEL + 1;
	return gunyah_memory_lend(guest->vm, &guest->firmware, RWX);
}

static size_t dt_area(const struct guest_options *options)
{
	return options->nr_bells > 64 ? DT_AREA_MANY : DT_AREA;
}

static int give_memory(struct guest *guest, const struct guest_options *options)
{
	struct gunyah_dt dt = {
		.name = "puppet", .cpus = guest->cpus, .unscheduled = options->unscheduled,
		.base = GUNYAH_DT_MEMORY, .size = GUEST_RAM,
		.firmware = options->firmware ? GUEST_FIRMWARE : 0,
		.bells = options->bells, .nr_bells = options->nr_bells,
		.pool = GUEST_SHARED, .pool_size = options->shared, .pool_label = GUEST_LABEL,
	};
	const size_t area = dt_area(options), image = puppet_image_end - puppet_image;
	int ret;
	long size;

	ret = gunyah_memory_alloc(&guest->ram, GUEST_RAM, false);
	if (ret)
		return ret;
	guest->ram.gpa = GUNYAH_DT_MEMORY;
	guest->dtb = GUNYAH_DT_MEMORY + GUEST_RAM - area;
	memcpy(guest->ram.host, puppet_image, image);
	size = gunyah_dt_write(&dt, (char *)guest->ram.host + GUEST_RAM - area, area);
	if (size < 0)
		return size;
	if (options->lend)
		ret = gunyah_memory_lend(guest->vm, &guest->ram, RWX);
	else
		ret = gunyah_memory_share(guest->vm, &guest->ram, RWX);
	if (!ret)
		ret = give_firmware(guest, options->firmware);
	if (ret || !options->shared)
		return ret;

	ret = gunyah_memory_alloc(&guest->shared, options->shared, false);
	if (ret)
		return ret;
	guest->shared.gpa = GUEST_SHARED;
	guest->shared.label = GUEST_LABEL;
	return gunyah_memory_share(guest->vm, &guest->shared,
				   GUNYAH_MEM_ALLOW_READ | GUNYAH_MEM_ALLOW_WRITE);
}

static int open_all(struct guest *guest, const struct guest_options *options)
{
	unsigned int i;
	int dev, ret;

	dev = gunyah_open(NULL);
	if (dev < 0)
		return dev;
	guest->vm = gunyah_create_vm(dev);
	close(dev);
	if (guest->vm < 0)
		return guest->vm;
	ret = give_memory(guest, options);
	for (i = 0; i < guest->cpus && !ret; i++)
		ret = gunyah_vcpu_open(&guest->vcpu[i], guest->vm, i);
	return ret ? ret : gunyah_set_dtb(guest->vm, guest->dtb, dt_area(options));
}

int guest_make(struct guest *guest, const struct guest_options *options)
{
	int ret;

	memset(guest, 0, sizeof(*guest));
	guest->vm = -1;
	guest->cpus = options->cpus ? options->cpus : 1;
	ret = open_all(guest, options);
	if (ret)
		guest_end(guest);
	return ret;
}

void guest_end(struct guest *guest)
{
	unsigned int i;

	for (i = 0; i < GUEST_CPUS; i++)
		gunyah_vcpu_close(&guest->vcpu[i]);
	if (guest->vm >= 0)
		close(guest->vm);
	guest->vm = -1;
	gunyah_memory_free(&guest->firmware);
	gunyah_memory_free(&guest->shared);
	gunyah_memory_free(&guest->ram);
}

uint64_t guest_mmio_value(const struct gunyah_vcpu_run *run)
{
	uint64_t value = 0;

	memcpy(&value, run->mmio.data, run->mmio.len > 8 ? 8 : run->mmio.len);
	return value;
}

void guest_mmio_answer(struct gunyah_vcpu_run *run, uint64_t value)
{
	memcpy(run->mmio.data, &value, sizeof(value));
}

/* An exit to the puppet's own page. Returns whether the command is over. */
static bool strings(struct guest *guest, unsigned int cpu, uint64_t offset, uint64_t *result,
		    int *end)
{
	struct gunyah_vcpu_run *run = guest->vcpu[cpu].run;

	if (!run->mmio.is_write) {
		guest_mmio_answer(run, offset < 32 ? guest->command[cpu][offset / 8] : 0);
		return false;
	}
	if (result)
		*result = guest_mmio_value(run);
	*end = offset == PUPPET_RESULT ? GUEST_DONE : GUEST_FAULT;
	return true;
}

int guest_continue(struct guest *guest, unsigned int cpu, uint64_t *result)
{
	const uint64_t page = PUPPET_MMIO + 0x1000 * cpu;
	struct gunyah_vcpu_run *run = guest->vcpu[cpu].run;
	int ret;

	for (;;) {
		ret = gunyah_vcpu_run(guest->vcpu[cpu].fd);
		if (ret)
			return ret;
		if (run->exit_reason == GUNYAH_VCPU_EXIT_STATUS)
			return GUEST_STATUS;
		if (run->exit_reason != GUNYAH_VCPU_EXIT_MMIO)
			return GUEST_OTHER;
		if (run->mmio.phys_addr < page || run->mmio.phys_addr >= page + 0x1000)
			return GUEST_MMIO;
		if (strings(guest, cpu, run->mmio.phys_addr - page, result, &ret))
			return ret;
	}
}

int guest_call(struct guest *guest, unsigned int cpu, uint64_t command, uint64_t arg0,
	       uint64_t arg1, uint64_t arg2, uint64_t *result)
{
	const uint64_t all[4] = { command, arg0, arg1, arg2 };

	memcpy(guest->command[cpu], all, sizeof(all));
	return guest_continue(guest, cpu, result);
}

int guest_cpu_on(struct guest *guest, unsigned int cpu)
{
	uint64_t result = 0;
	int ret;

	ret = guest_call(guest, 0, PUPPET_HVC, PSCI_CPU_ON, cpu, GUNYAH_DT_MEMORY, &result);
	return ret ? ret : (int)result;
}

int guest_spi_on(struct guest *guest, unsigned int cpu, unsigned int spi, bool level)
{
	const unsigned int intid = spi + 32;
	const uint64_t bit = 1U << intid % 32, word = intid / 32 * 4;
	const uint64_t gicd = GUNYAH_DT_GICD;
	const uint64_t writes[][2] = {
		{ 0, 0x12 },					/* ARE, group 1 */
		{ 0x80 + word, bit },				/* group 1 */
		{ 0xc00 + intid / 16 * 4, level ? 0 : 2U << intid % 16 * 2 },
		{ 0x100 + word, bit },				/* enabled */
	};
	unsigned int i;
	int ret;

	ret = guest_call(guest, cpu, PUPPET_GIC, 0, 0, 0, NULL);
	for (i = 0; i < sizeof(writes) / sizeof(writes[0]) && !ret; i++)
		ret = guest_call(guest, cpu, PUPPET_STORE, gicd + writes[i][0], 4,
				 writes[i][1], NULL);
	if (!ret)
		ret = guest_call(guest, cpu, PUPPET_STORE, gicd + 0x400 + intid, 1, 0, NULL);
	return ret ? ret : guest_call(guest, cpu, PUPPET_STORE, gicd + 0x6000 + 8 * intid, 8,
				      cpu, NULL);
}

/* What the kernel says about a VM that did not start, for the reader of the log */
static void print_why(int vm)
{
	char path[64], line[256];
	FILE *info;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", vm);
	info = fopen(path, "r");
	while (info && fgets(line, sizeof(line), info))
		if (!strncmp(line, "why:", 4))
			printf("# %s", line);
	if (info)
		fclose(info);
}

int guest_possible(void)
{
	struct guest guest;
	/* There are resource managers that take no image but a lent one. */
	struct guest_options options = { .cpus = 1, .lend = true };
	int ret = guest_make(&guest, &options);

	if (ret)
		return ret;
	ret = gunyah_start(guest.vm);
	if (ret)
		print_why(guest.vm);
	guest_end(&guest);
	return ret;
}
