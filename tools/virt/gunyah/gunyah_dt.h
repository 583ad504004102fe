/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device tree the resource manager (RM) wants of a VMM.
 *
 * RM reads /gunyah-vm-config and makes the VM by it, then adds what it made
 * (/hypervisor, /memory, /reserved-memory) to the same tree in place. It says
 * nothing about what it does not like but that it does not like it, so this
 * writes one form that is known to be taken.
 */
#ifndef GUNYAH_DT_H
#define GUNYAH_DT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fdt.h"

/* RM maps memory and image at a multiple of this, and rounds what is none. */
#define GUNYAH_DT_ALIGN		0x200000ULL
/* What a guest may have below 1 GiB are devices: exits, and the GIC. */
#define GUNYAH_DT_MEMORY	0x80000000ULL
#define GUNYAH_DT_GICD		0x3fff0000ULL
#define GUNYAH_DT_GICR_STRIDE	0x20000ULL
#define GUNYAH_DT_MAX_CPUS	8
#define GUNYAH_DT_GIC_PHANDLE	1
#define GUNYAH_DT_POOL_PHANDLE	2

/* In the cells of "interrupts" */
#define GUNYAH_DT_SPI		0
#define GUNYAH_DT_PPI		1
#define GUNYAH_DT_EDGE		1
#define GUNYAH_DT_LEVEL		4

/**
 * struct gunyah_bell - a doorbell that interrupts the guest
 * @label: what an irqfd names it by
 * @spi: the guest's interrupt, counted from the first SPI
 * @level: a level, which the guest has to find de-asserted by itself
 */
struct gunyah_bell {
	uint32_t label;
	uint32_t spi;
	bool level;
};

/* A device between the guest and another VM */
enum gunyah_link_kind {
	GUNYAH_LINK_DOORBELL,		/* rings in the guest */
	GUNYAH_LINK_DOORBELL_SOURCE,	/* the guest rings it */
	GUNYAH_LINK_QUEUE_PAIR,		/* messages in both directions */
};

/**
 * struct gunyah_link - a doorbell or a pair of message queues for the guest's kernel
 * @kind: which of them; RM chooses the interrupts
 * @label: the other end has the same
 * @peer: name of the VM at the other end, which has to ask for that end itself
 *	with this VM's name; NULL: the VM this code runs in, which need not
 */
struct gunyah_link {
	enum gunyah_link_kind kind;
	uint32_t label;
	const char *peer;
};

/**
 * struct gunyah_dt - what goes into the tree
 * @name: the VM's name: not empty, less than 80 bytes
 * @cpus: vCPUs, 1 to GUNYAH_DT_MAX_CPUS; the others wait for PSCI CPU_ON
 * @unscheduled: they are the hypervisor's to schedule, each on the physical CPU of
 *	its number, and cannot be run from here
 * @base: first address of the memory the image is in; 2 MiB aligned
 * @size: of that memory
 * @bells: its doorbells
 * @nr_bells: how many
 * @links: what its kernel has to find besides
 * @nr_links: how many
 * @rm: the guest gets a link to RM, for a message queue or a clean stop
 * @bootargs: kernel command line, or NULL
 * @initrd: where the ramdisk is
 * @initrd_size: 0 without one
 * @firmware: address of a protected VM's firmware, or 0
 * @pool: bounce buffers of a VM whose memory is lent: a region of its own
 * @pool_size: 0 without one
 * @pool_label: its label
 * @devices: writes the VMM's own nodes into the root, or NULL
 * @data: for @devices
 */
struct gunyah_dt {
	const char *name;
	unsigned int cpus;
	bool unscheduled;
	uint64_t base, size;
	const struct gunyah_bell *bells;
	size_t nr_bells;
	const struct gunyah_link *links;
	size_t nr_links;
	bool rm;
	const char *bootargs;
	uint64_t initrd, initrd_size;
	uint64_t firmware;
	uint64_t pool, pool_size;
	uint32_t pool_label;
	void (*devices)(struct fdt *fdt, void *data);
	void *data;
};

/* Returns the size of the tree in buf, or a negative errno. */
long gunyah_dt_write(const struct gunyah_dt *dt, void *buf, size_t size);

/*
 * How much room to leave for a tree of that size: RM needs twice the tree and
 * its additions, page-aligned, and copies small trees back unchecked.
 */
uint64_t gunyah_dt_area(uint64_t size);

#endif
