// SPDX-License-Identifier: GPL-2.0-only
/* See libgunyah.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "libgunyah.h"

#ifndef MFD_HUGETLB
#define MFD_HUGETLB 4U
#endif

/* Linux 5.14 and 6.1 */
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

#define PAGE 0x1000UL
#define HUGE_PAGE 0x200000UL

static int result(int value)
{
	return value < 0 ? -errno : value;
}

int gunyah_open(const char *path)
{
	return result(open(path ? path : "/dev/gunyah", O_RDWR | O_CLOEXEC));
}

int gunyah_create_vm(int dev)
{
	return result(ioctl(dev, GUNYAH_CREATE_VM, 0));
}

int gunyah_check_extension(int fd, unsigned long id)
{
	return result(ioctl(fd, GUNYAH_VM_CHECK_EXTENSION, id));
}

/* --- memory -------------------------------------------------------------- */

/* Maps it where huge pages fit in, and takes them where there are some. */
static void *memory_map(int fd, uint64_t size)
{
	char *room, *host;
	uint64_t at;

	size = (size + PAGE - 1) & ~(PAGE - 1);
	room = mmap(NULL, size + HUGE_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (room == MAP_FAILED)
		return MAP_FAILED;

	host = room + (-(uintptr_t)room & (HUGE_PAGE - 1));
	if (mmap(host, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED) {
		munmap(room, size + HUGE_PAGE);
		return MAP_FAILED;
	}
	if (host != room)
		munmap(room, host - room);
	munmap(host + size, room + HUGE_PAGE - host);

	/*
	 * All of it is going to be pinned, and the fewer pieces it is in the
	 * better. Pages that the kernel gives one by one may be in any order: what
	 * was freed last comes first. It collapses what has a page already.
	 */
	for (at = 0; at + HUGE_PAGE <= size; at += HUGE_PAGE)
		if (madvise(host + at, PAGE, MADV_POPULATE_WRITE))
			return host;
	madvise(host, size, MADV_COLLAPSE);
	return host;
}

int gunyah_memory_alloc(struct gunyah_memory *memory, uint64_t size, bool huge)
{
	int fd, ret;
	void *host;

	fd = memfd_create("gunyah", MFD_CLOEXEC | (huge ? MFD_HUGETLB : 0));
	if (fd < 0)
		return -errno;
	if (ftruncate(fd, size)) {
		ret = -errno;
		close(fd);
		return ret;
	}
	host = huge ? mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) :
		memory_map(fd, size);
	if (host == MAP_FAILED) {
		ret = -errno;
		close(fd);
		return ret;
	}
	*memory = (struct gunyah_memory){ .host = host, .size = size, .fd = fd };
	return 0;
}

void gunyah_memory_free(struct gunyah_memory *memory)
{
	if (!memory->host)
		return;
	munmap(memory->host, memory->size);
	close(memory->fd);
	memset(memory, 0, sizeof(*memory));
}

static int memory_give(int vm, unsigned long request, const struct gunyah_memory *memory,
		       uint32_t access)
{
	struct gunyah_userspace_memory_region region = {
		.label = memory->label,
		.flags = access,
		.guest_phys_addr = memory->gpa,
		.memory_size = memory->size,
		.userspace_addr = (uintptr_t)memory->host,
	};

	return result(ioctl(vm, request, &region));
}

int gunyah_memory_share(int vm, const struct gunyah_memory *memory, uint32_t access)
{
	return memory_give(vm, GUNYAH_VM_SET_USER_MEM_REGION, memory, access);
}

int gunyah_memory_lend(int vm, const struct gunyah_memory *memory, uint32_t access)
{
	return memory_give(vm, GUNYAH_VM_ANDROID_LEND_USER_MEM, memory, access);
}

/* --- the VM -------------------------------------------------------------- */

int gunyah_set_dtb(int vm, uint64_t gpa, uint64_t size)
{
	struct gunyah_vm_dtb_config config = { .guest_phys_addr = gpa, .size = size };

	return result(ioctl(vm, GUNYAH_VM_SET_DTB_CONFIG, &config));
}

int gunyah_set_firmware(int vm, uint64_t gpa, uint64_t size)
{
	struct gunyah_vm_firmware_config config = { .guest_phys_addr = gpa, .size = size };

	return result(ioctl(vm, GUNYAH_VM_ANDROID_SET_FW_CONFIG, &config));
}

int gunyah_set_boot_context(int vm, uint32_t reg, uint64_t value)
{
	struct gunyah_vm_boot_context context = { .reg = reg, .value = value };

	return result(ioctl(vm, GUNYAH_VM_SET_BOOT_CONTEXT, &context));
}

int gunyah_start(int vm)
{
	return result(ioctl(vm, GUNYAH_VM_START));
}

/* --- functions ----------------------------------------------------------- */

static int function(int vm, unsigned long request, uint32_t type, void *arg, uint32_t size)
{
	struct gunyah_fn_desc desc = {
		.type = type,
		.arg_size = size,
		.arg = (uintptr_t)arg,
	};

	return result(ioctl(vm, request, &desc));
}

static int vcpu_function(int vm, unsigned long request, uint32_t id)
{
	struct gunyah_fn_vcpu_arg arg = { .id = id };

	return function(vm, request, GUNYAH_FN_VCPU, &arg, sizeof(arg));
}

int gunyah_add_vcpu(int vm, uint32_t id)
{
	return vcpu_function(vm, GUNYAH_VM_ADD_FUNCTION, id);
}

int gunyah_remove_vcpu(int vm, uint32_t id)
{
	return vcpu_function(vm, GUNYAH_VM_REMOVE_FUNCTION, id);
}

int gunyah_vcpu_open(struct gunyah_vcpu *vcpu, int vm, uint32_t id)
{
	int fd, size;
	void *run;

	fd = gunyah_add_vcpu(vm, id);
	if (fd < 0)
		return fd;
	size = ioctl(fd, GUNYAH_VCPU_MMAP_SIZE);
	if (size < (int)sizeof(*vcpu->run)) {
		size = size < 0 ? -errno : -EPROTO;
		close(fd);
		return size;
	}
	run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (run == MAP_FAILED) {
		size = -errno;
		close(fd);
		return size;
	}
	*vcpu = (struct gunyah_vcpu){ .fd = fd, .run = run, .size = size };
	return 0;
}

void gunyah_vcpu_close(struct gunyah_vcpu *vcpu)
{
	if (!vcpu->run)
		return;
	munmap(vcpu->run, vcpu->size);
	close(vcpu->fd);
	memset(vcpu, 0, sizeof(*vcpu));
}

int gunyah_vcpu_run(int vcpu)
{
	return result(ioctl(vcpu, GUNYAH_VCPU_RUN));
}

static int irqfd_function(int vm, unsigned long request, int fd, uint32_t label, uint32_t flags)
{
	struct gunyah_fn_irqfd_arg arg = { .fd = fd, .label = label, .flags = flags };

	return function(vm, request, GUNYAH_FN_IRQFD, &arg, sizeof(arg));
}

int gunyah_add_irqfd(int vm, int eventfd, uint32_t label, bool level)
{
	return irqfd_function(vm, GUNYAH_VM_ADD_FUNCTION, eventfd, label,
			      level ? GUNYAH_IRQFD_FLAGS_LEVEL : 0);
}

int gunyah_remove_irqfd(int vm, uint32_t label)
{
	return irqfd_function(vm, GUNYAH_VM_REMOVE_FUNCTION, 0, label, 0);
}

static int ioeventfd_function(int vm, unsigned long request, struct gunyah_fn_ioeventfd_arg arg)
{
	return function(vm, request, GUNYAH_FN_IOEVENTFD, &arg, sizeof(arg));
}

int gunyah_add_ioeventfd(int vm, int eventfd, uint64_t gpa)
{
	return ioeventfd_function(vm, GUNYAH_VM_ADD_FUNCTION,
		(struct gunyah_fn_ioeventfd_arg){ .addr = gpa, .fd = eventfd });
}

int gunyah_remove_ioeventfd(int vm, uint64_t gpa)
{
	return ioeventfd_function(vm, GUNYAH_VM_REMOVE_FUNCTION,
		(struct gunyah_fn_ioeventfd_arg){ .addr = gpa });
}

int gunyah_add_ioeventfd_match(int vm, int eventfd, uint64_t gpa, uint32_t size, uint64_t value)
{
	return ioeventfd_function(vm, GUNYAH_VM_ADD_FUNCTION,
		(struct gunyah_fn_ioeventfd_arg){
			.datamatch = value, .addr = gpa, .len = size, .fd = eventfd,
			.flags = GUNYAH_IOEVENTFD_FLAGS_DATAMATCH,
		});
}

int gunyah_remove_ioeventfd_match(int vm, uint64_t gpa, uint32_t size, uint64_t value)
{
	return ioeventfd_function(vm, GUNYAH_VM_REMOVE_FUNCTION,
		(struct gunyah_fn_ioeventfd_arg){
			.datamatch = value, .addr = gpa, .len = size,
			.flags = GUNYAH_IOEVENTFD_FLAGS_DATAMATCH,
		});
}
