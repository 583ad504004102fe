/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * gunyah-vmm: what its files share.
 *
 * main.c	options, and what the exit status says
 * vm.c		one life of a VM: memory, device tree, threads, the loop
 * bus.c	who is at an address, and what becomes of the VM
 * console.c	where the consoles go
 * pl011.c	the serial console
 * pvpanic.c	how a guest says that it panicked
 * queue.c	virtio queues, as the guest has them in its memory
 * virtio.c	the virtio-mmio transport
 * virtio_*.c	the devices behind it
 *
 * One lock, vmm->lock, is held while a device works: by the thread of a vCPU
 * that accesses a register, or by the main thread for an event. What the guest
 * writes, queues included, is hostile: it is copied once, then checked.
 */
#ifndef GUNYAH_VMM_H
#define GUNYAH_VMM_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gunyah_dt.h"
#include "libgunyah.h"

#define VMM_DEVICES	8
#define VMM_EVENTS	32
#define VMM_LINKS	16
#define VMM_MMIO	0x10000000ULL	/* of the first device; each has a page */
#define VMM_PAGE	0x1000ULL
#define VMM_FIRST_SPI	8		/* and label of the first device */

/* What became of the guest; also the exit status of gunyah-vmm */
enum vmm_fate {
	VMM_OFF = 0,		/* it switched itself off */
	VMM_FAILED = 1,		/* it could not be made or run */
	VMM_USAGE = 2,
	VMM_CRASHED = 3,	/* it ended in another way */
	VMM_RESET = 4,		/* it wants to be started again */
	VMM_FORCED = 5,		/* others stopped it */
	VMM_STOPPED = 128,	/* a signal stopped it: plus the signal */
};

struct vmm;

/**
 * struct device - what is at a page of guest addresses
 * @vmm: whose
 * @name: its node in the device tree, before the @
 * @base: the first address
 * @irq: eventfd that rings its doorbell, or -1 without one
 * @spi: the guest's interrupt, and the doorbell's label
 * @read: a register, by offset, of 1, 2, 4 or 8 bytes
 * @write: the same
 * @describe: its properties in the device tree, besides reg and interrupts
 * @reset: the VM is over
 * @data: of the device
 */
struct device {
	struct vmm *vmm;
	const char *name;
	uint64_t base;
	int irq;
	uint32_t spi;
	uint64_t (*read)(struct device *device, uint64_t offset, unsigned int size);
	void (*write)(struct device *device, uint64_t offset, unsigned int size, uint64_t value);
	void (*describe)(struct device *device, struct fdt *fdt);
	void (*reset)(struct device *device);
	void *data;
};

/* A file the main thread waits for, if it is on */
struct event {
	int fd;
	bool on;
	void (*ready)(struct vmm *vmm, void *data);
	void *data;
};

/**
 * struct console - the outer side of a console
 * @in: what the user types, or -1
 * @out: where it goes
 * @held: the other side of a pty, or -1
 * @stuck: nobody took what was written last
 */
struct console {
	int in, out, held;
	bool stuck;
};

/**
 * struct vmm_options - the command line
 * @device: path of /dev/gunyah
 * @kernel: path of an arm64 Image
 * @initrd: path, or NULL
 * @append: kernel command line
 * @disk: path, or NULL
 * @console: "stdio", "pty" or "file:PATH"; NULL without a serial console
 * @virtio_console: the same for the other one
 * @dtb_out: path for the device tree, or NULL
 * @firmware: path of what is in the place of a protected VM's firmware, or NULL
 * @name: of the VM
 * @links: doorbells and queues for the guest's kernel
 * @nr_links: how many
 * @memory: bytes
 * @cpus: vCPUs
 * @hugepages: memory is of huge pages
 * @lend: memory is lent, not shared
 * @protected: a firmware is to start it
 * @read_only: of the disk
 * @restart: start it again when it resets
 * @stats: print what the driver says about the VM before it is closed
 */
struct vmm_options {
	const char *device, *kernel, *initrd, *append, *disk, *dtb_out, *firmware;
	const char *name, *console, *virtio_console;
	struct gunyah_link links[VMM_LINKS];
	unsigned int nr_links;
	uint64_t memory;
	unsigned int cpus;
	bool hugepages, lend, protected, read_only, restart, stats;
};

/**
 * struct vmm_kept - what a VM that resets leaves to its next life
 * @memory: the guest's
 * @pool: bounce buffers of a VM whose memory is lent
 * @locked: kB charged to this process before the guest had the memory
 *
 * Taken anew, the memory would be more each time: the last life's is not back
 * yet, and what can be had then is in ever smaller pieces.
 */
struct vmm_kept {
	struct gunyah_memory memory, pool;
	long locked;
};

/**
 * struct vmm - one life of a VM
 * @options: the command line
 * @lock: of the devices
 * @devices: on the bus
 * @nr_devices: how many
 * @events: what the main thread waits for
 * @nr_events: how many
 * @memory: the guest's; with @pool, only that can be reached from here
 * @pool: bounce buffers of a VM whose memory is lent
 * @vm: its descriptor
 * @vcpus: files and pages
 * @threads: one for each
 * @wake: eventfd that ends the wait of the main thread: the VM is over, or it is
 *	to wait for something else
 * @stopping: threads return from now on
 * @fate: what became of it; valid once @decided
 * @decided: the first to know has said so
 * @serial: what is behind the serial console
 * @terminal: what is behind the virtio console
 */
struct vmm {
	const struct vmm_options *options;
	pthread_mutex_t lock;
	struct device devices[VMM_DEVICES];
	unsigned int nr_devices;
	struct event events[VMM_EVENTS];
	unsigned int nr_events;
	struct gunyah_memory memory, pool;
	int vm;
	struct gunyah_vcpu vcpus[GUNYAH_DT_MAX_CPUS];
	pthread_t threads[GUNYAH_DT_MAX_CPUS];
	unsigned int nr_threads;
	int wake;
	bool stopping;
	enum vmm_fate fate;
	bool decided;
	struct console serial, terminal;
};

/* Print what failed and why, to the standard error. Returns VMM_FAILED. */
int vmm_error(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* bus.c: the next free device with its address and, if it has interrupts, one; or NULL */
struct device *vmm_device(struct vmm *vmm, const char *name, bool interrupts);
uint64_t vmm_read(struct vmm *vmm, uint64_t address, unsigned int size, bool *found);
void vmm_write(struct vmm *vmm, uint64_t address, unsigned int size, uint64_t value,
	       bool *found);
void vmm_interrupt(struct device *device);
int vmm_event(struct vmm *vmm, int fd, void (*ready)(struct vmm *vmm, void *data), void *data);
void vmm_event_off(struct vmm *vmm, int fd);

/* Wait for it, or not as long as nobody takes what is there. */
void vmm_event_on(struct vmm *vmm, int fd, bool on);

/* With the lock: the VM is over. The first to know says what becomes of it. */
void vmm_decide(struct vmm *vmm, enum vmm_fate fate);

/* What has become of a VM by an exit GUNYAH_VCPU_EXIT_STATUS */
enum vmm_fate vmm_fate_of(const struct gunyah_vcpu_run *run);

/* Where guest memory is here if all of it is and can be touched; or NULL */
void *vmm_memory(struct vmm *vmm, uint64_t address, uint64_t size);

/* console.c: by what --console says; 0 or a negative errno */
int console_open(struct console *console, const char *name, const char *where);
bool console_known(const char *where);
void console_close(struct console *console);

/* Write what there is room for; read what there is, and wait no more at its end. */
void console_write(struct console *console, const void *data, size_t size);
size_t console_read(struct vmm *vmm, struct console *console, void *data, size_t size);

/* Devices of their own: 0 or a negative errno */
int pl011_create(struct vmm *vmm, struct console *console);
int pvpanic_create(struct vmm *vmm);

/* The devices behind virtio: 0 or a negative errno */
int virtio_blk_create(struct vmm *vmm, const char *path, bool read_only);
int virtio_rng_create(struct vmm *vmm);
int virtio_console_create(struct vmm *vmm, struct console *console);

/* vm.c: from open() to close(); what is kept has to be freed after the last one */
enum vmm_fate vmm_run(const struct vmm_options *options, struct vmm_kept *kept);
void vmm_free(struct vmm_kept *kept);

#endif
