/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libgunyah: what every user of /dev/gunyah writes again.
 *
 * Each function is one ioctl, or one mmap() with what leads to it. They keep
 * no state beyond what the caller gives them, print nothing, and return a file
 * descriptor, a value or 0, or else a negative errno. Documented once: the
 * ABI is in <linux/gunyah.h>.
 */
#ifndef LIBGUNYAH_H
#define LIBGUNYAH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/gunyah.h>

/**
 * struct gunyah_memory - memory of a guest
 * @host: where it is mapped here
 * @size: bytes, a multiple of the page size
 * @gpa: where the guest has it
 * @label: the name it has for the resource manager; unique in its VM
 * @fd: the memfd behind it, for whoever wants to map it again
 */
struct gunyah_memory {
	void *host;
	uint64_t size;
	uint64_t gpa;
	uint32_t label;
	int fd;
};

/**
 * struct gunyah_vcpu - a vCPU as its thread uses it
 * @fd: from GUNYAH_VM_ADD_FUNCTION
 * @run: the page shared with the kernel
 * @size: bytes mapped there
 */
struct gunyah_vcpu {
	int fd;
	struct gunyah_vcpu_run *run;
	size_t size;
};

/* The device; NULL is /dev/gunyah. */
int gunyah_open(const char *path);

/* A VM of it; the device may be closed then. */
int gunyah_create_vm(int dev);

/* What kernel and hypervisor offer: > 0 is yes. For a device or a VM. */
int gunyah_check_extension(int fd, unsigned long id);

/*
 * Memory from a memfd, mapped, still without an address; in large pieces where
 * the kernel finds some. With huge, of the pages that are reserved for
 * hugetlbfs, and of nothing else.
 */
int gunyah_memory_alloc(struct gunyah_memory *memory, uint64_t size, bool huge);
void gunyah_memory_free(struct gunyah_memory *memory);

/* Share keeps access here; lend takes it away: a touch is then SIGBUS. */
int gunyah_memory_share(int vm, const struct gunyah_memory *memory, uint32_t access);
int gunyah_memory_lend(int vm, const struct gunyah_memory *memory, uint32_t access);

/* Where the device tree is, and the firmware of a protected VM */
int gunyah_set_dtb(int vm, uint64_t gpa, uint64_t size);
int gunyah_set_firmware(int vm, uint64_t gpa, uint64_t size);

/* The first vCPU's registers at its start; see the header for the names. */
int gunyah_set_boot_context(int vm, uint32_t reg, uint64_t value);

int gunyah_start(int vm);

/* Returns a descriptor; gunyah_vcpu_open() maps its page, too. */
int gunyah_add_vcpu(int vm, uint32_t id);
int gunyah_remove_vcpu(int vm, uint32_t id);
int gunyah_vcpu_open(struct gunyah_vcpu *vcpu, int vm, uint32_t id);
void gunyah_vcpu_close(struct gunyah_vcpu *vcpu);
int gunyah_vcpu_run(int vcpu);

/* Ring the guest's doorbell of that label whenever the eventfd is written. */
int gunyah_add_irqfd(int vm, int eventfd, uint32_t label, bool level);
int gunyah_remove_irqfd(int vm, uint32_t label);

/*
 * Write the eventfd instead of leaving VCPU_RUN when the guest writes there:
 * gunyah_add_ioeventfd() at any write, gunyah_add_ioeventfd_match() when size
 * and value agree.
 */
int gunyah_add_ioeventfd(int vm, int eventfd, uint64_t gpa);
int gunyah_remove_ioeventfd(int vm, uint64_t gpa);
int gunyah_add_ioeventfd_match(int vm, int eventfd, uint64_t gpa, uint32_t size,
			       uint64_t value);
int gunyah_remove_ioeventfd_match(int vm, uint64_t gpa, uint32_t size, uint64_t value);

#endif
