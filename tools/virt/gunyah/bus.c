// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who is at an address; what the main thread waits for; what becomes of a VM. See
 * vmm.h.
 */
#include <errno.h>
#include <unistd.h>

#include <sys/eventfd.h>

#include "vmm.h"

struct device *vmm_device(struct vmm *vmm, const char *name, bool interrupts)
{
	struct device *device;

	if (vmm->nr_devices == VMM_DEVICES)
		return NULL;
	device = &vmm->devices[vmm->nr_devices];
	*device = (struct device){
		.vmm = vmm,
		.name = name,
		.base = VMM_MMIO + vmm->nr_devices * VMM_PAGE,
		.spi = VMM_FIRST_SPI + vmm->nr_devices,
		.irq = interrupts ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : -1,
	};
	if (interrupts && device->irq < 0)
		return NULL;
	vmm->nr_devices++;
	return device;
}

static struct device *find(struct vmm *vmm, uint64_t address)
{
	uint64_t index = (address - VMM_MMIO) / VMM_PAGE;

	return address >= VMM_MMIO && index < vmm->nr_devices ? &vmm->devices[index] : NULL;
}

uint64_t vmm_read(struct vmm *vmm, uint64_t address, unsigned int size, bool *found)
{
	struct device *device = find(vmm, address);
	uint64_t value = 0;

	*found = device;
	if (!device)
		return 0;
	pthread_mutex_lock(&vmm->lock);
	value = device->read(device, address - device->base, size);
	pthread_mutex_unlock(&vmm->lock);
	return value;
}

void vmm_write(struct vmm *vmm, uint64_t address, unsigned int size, uint64_t value,
	       bool *found)
{
	struct device *device = find(vmm, address);

	*found = device;
	if (!device)
		return;
	pthread_mutex_lock(&vmm->lock);
	device->write(device, address - device->base, size, value);
	pthread_mutex_unlock(&vmm->lock);
}

void vmm_interrupt(struct device *device)
{
	const uint64_t one = 1;

	/* A counter that is full has rung enough. */
	if (write(device->irq, &one, sizeof(one)) < 0)
		return;
}

int vmm_event(struct vmm *vmm, int fd, void (*ready)(struct vmm *vmm, void *data), void *data)
{
	if (vmm->nr_events == VMM_EVENTS)
		return -ENOSPC;
	vmm->events[vmm->nr_events++] = (struct event){
		.fd = fd, .on = true, .ready = ready, .data = data,
	};
	return 0;
}

/* The main thread looks again at what it waits for. */
static void wake(struct vmm *vmm)
{
	const uint64_t one = 1;

	if (write(vmm->wake, &one, sizeof(one)) < 0)
		return;
}

void vmm_event_on(struct vmm *vmm, int fd, bool on)
{
	unsigned int i;

	for (i = 0; i < vmm->nr_events; i++) {
		if (vmm->events[i].fd != fd || vmm->events[i].on == on)
			continue;
		vmm->events[i].on = on;
		wake(vmm);
	}
}

void vmm_decide(struct vmm *vmm, enum vmm_fate fate)
{
	if (!vmm->decided) {
		vmm->decided = true;
		vmm->fate = fate;
	}
	wake(vmm);
}

enum vmm_fate vmm_fate_of(const struct gunyah_vcpu_run *run)
{
	if (run->status.status == GUNYAH_VM_STATUS_LOAD_FAILED)
		return VMM_FAILED;
	if (run->status.status != GUNYAH_VM_STATUS_EXITED)
		return VMM_CRASHED;
	switch (run->status.exit_info.type) {
	case GUNYAH_VM_EXIT_VM_EXIT:
	case GUNYAH_VM_EXIT_PSCI_OFF:
		return VMM_OFF;
	case GUNYAH_VM_EXIT_FORCED:
		return VMM_FORCED;
	case GUNYAH_VM_EXIT_PSCI_RESET:
	case GUNYAH_VM_EXIT_PSCI_RESET2:
		return VMM_RESET;
	default:
		return VMM_CRASHED;
	}
}

void vmm_event_off(struct vmm *vmm, int fd)
{
	unsigned int i;

	for (i = 0; i < vmm->nr_events; i++)
		if (vmm->events[i].fd == fd)
			vmm->events[i].fd = -1;
}

void *vmm_memory(struct vmm *vmm, uint64_t address, uint64_t size)
{
	/* What is lent is the guest's alone: a touch would end this process. */
	const struct gunyah_memory *memory = vmm->pool.size ? &vmm->pool : &vmm->memory;
	uint64_t offset = address - memory->gpa;

	if (!memory->host || address < memory->gpa || offset > memory->size ||
	    size > memory->size - offset)
		return NULL;
	return memory->host + offset;
}
