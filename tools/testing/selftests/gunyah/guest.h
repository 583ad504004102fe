/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VM with the puppet in it. The tests pull: guest_call() runs the vCPU until
 * the command is done, or until something else happens that the test has to
 * see, and guest_continue() goes on from there.
 */
#ifndef GUNYAH_GUEST_H
#define GUNYAH_GUEST_H

#include <gunyah_dt.h>
#include <libgunyah.h>

#include "puppet.h"

#define GUEST_CPUS	8
#define GUEST_RAM	0x400000
#define GUEST_SHARED	0x90000000ULL
#define GUEST_LABEL	7		/* of the memory shared beside the image */
#define GUEST_FIRMWARE	0x7fc00000ULL

#define PSCI_VERSION	0x84000000
#define PSCI_CPU_OFF	0x84000002
#define PSCI_CPU_ON	0xc4000003
#define PSCI_OFF	0x84000008
#define PSCI_RESET	0x84000009

/**
 * struct guest_options - what kind of VM
 * @cpus: in the device tree, each with a file; 0 is 1
 * @unscheduled: these run without us, if the hypervisor has a scheduler
 * @lend: the image's memory is lent, else shared
 * @shared: bytes of memory beside it, shared, at GUEST_SHARED
 * @firmware: bytes of memory for a firmware, lent, at GUEST_FIRMWARE
 * @bells: doorbells
 * @nr_bells: how many
 */
struct guest_options {
	unsigned int cpus;
	bool unscheduled;
	bool lend;
	uint64_t shared, firmware;
	const struct gunyah_bell *bells;
	size_t nr_bells;
};

/**
 * struct guest - a VM and all its files
 * @vm: its descriptor, -1 when closed
 * @cpus: vCPUs
 * @vcpu: of those
 * @ram: memory with the puppet and the device tree
 * @shared: the other memory, if there is
 * @firmware: memory for a firmware, if there is
 * @dtb: address of the device tree
 * @command: what each vCPU is doing: command and arguments
 */
struct guest {
	int vm;
	unsigned int cpus;
	struct gunyah_vcpu vcpu[GUEST_CPUS];
	struct gunyah_memory ram, shared, firmware;
	uint64_t dtb;
	uint64_t command[GUEST_CPUS][4];
};

/* How a call ended, if not by a negative errno */
enum guest_end {
	GUEST_DONE,	/* with the result */
	GUEST_FAULT,	/* the puppet took an exception; the result is ESR_EL1 */
	GUEST_MMIO,	/* see the run page, and go on with guest_continue() */
	GUEST_STATUS,	/* see the run page */
	GUEST_OTHER,	/* an exit of any other kind */
};

/* All but the start; returns 0 or a negative errno, with nothing left. */
int guest_make(struct guest *guest, const struct guest_options *options);

/* Close and free all that is still open. */
void guest_end(struct guest *guest);

int guest_call(struct guest *guest, unsigned int cpu, uint64_t command, uint64_t arg0,
	       uint64_t arg1, uint64_t arg2, uint64_t *result);
int guest_continue(struct guest *guest, unsigned int cpu, uint64_t *result);

/* The value that is written, or the answer to a read, as many bytes as count */
uint64_t guest_mmio_value(const struct gunyah_vcpu_run *run);
void guest_mmio_answer(struct gunyah_vcpu_run *run, uint64_t value);

/* Start the puppet on another vCPU, which has to be run, too. */
int guest_cpu_on(struct guest *guest, unsigned int cpu);

/* Let a vCPU see an SPI. */
int guest_spi_on(struct guest *guest, unsigned int cpu, unsigned int spi, bool level);

/* Does this hypervisor run VMs at all? 0, or why not */
int guest_possible(void);

#endif
