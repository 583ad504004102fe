// SPDX-License-Identifier: GPL-2.0-only
/*
 * pvpanic: one byte by which a guest says that its kernel has panicked. All
 * that the hypervisor sees of a panic is a guest that resets, or hangs.
 */
#include <errno.h>

#include "vmm.h"

#define PANICKED 1

static uint64_t pvpanic_read(struct device *device, uint64_t offset, unsigned int size)
{
	(void)device;
	(void)size;
	/* What it may say */
	return offset ? 0 : PANICKED;
}

static void pvpanic_write(struct device *device, uint64_t offset, unsigned int size,
			  uint64_t value)
{
	(void)size;
	if (!offset && value & PANICKED)
		vmm_decide(device->vmm, VMM_CRASHED);
}

static void pvpanic_describe(struct device *device, struct fdt *fdt)
{
	(void)device;
	fdt_string(fdt, "compatible", "qemu,pvpanic-mmio");
}

int pvpanic_create(struct vmm *vmm)
{
	struct device *device = vmm_device(vmm, "pvpanic", false);

	if (!device)
		return -ENOMEM;
	device->read = pvpanic_read;
	device->write = pvpanic_write;
	device->describe = pvpanic_describe;
	return 0;
}
