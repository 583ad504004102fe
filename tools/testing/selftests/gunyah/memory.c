// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of VMs: what is pinned and charged for it comes back, exactly, however
 * a VM ends; and what guest memory files allow.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kselftest_harness.h>

#include "counters.h"
#include "guest.h"

#define SLOW	120
#define RWX	(GUNYAH_MEM_ALLOW_READ | GUNYAH_MEM_ALLOW_WRITE | GUNYAH_MEM_ALLOW_EXEC)
#define MAP_RWX	(GUNYAH_MAP_MEM_ALLOW_READ | GUNYAH_MAP_MEM_ALLOW_WRITE | GUNYAH_MAP_MEM_ALLOW_EXEC)

FIXTURE(memory)
{
	int dev, vm;
	long before;
};

FIXTURE_SETUP(memory)
{
	self->dev = gunyah_open(NULL);
	if (self->dev < 0)
		SKIP(return, "no /dev/gunyah");
	self->vm = gunyah_create_vm(self->dev);
	ASSERT_GE(self->vm, 0);
	self->before = pinned();
}

FIXTURE_TEARDOWN(memory)
{
	if (self->dev < 0)
		return;
	close(self->vm);
	close(self->dev);
	EXPECT_EQ(pinned_soon(self->before), self->before);
	EXPECT_EQ(charged_soon(0), 0);
}

static int memory_at(struct gunyah_memory *memory, uint64_t size, uint64_t gpa, uint32_t label)
{
	int ret = gunyah_memory_alloc(memory, size, false);

	memory->gpa = gpa;
	memory->label = label;
	return ret;
}

TEST_F(memory, pinned_and_charged)
{
	struct gunyah_address_range range = { 0x80000000, 3 * PAGE };
	struct gunyah_memory a, b, c;

	ASSERT_EQ(memory_at(&a, 4 * PAGE, 0x80000000, 1), 0);
	ASSERT_EQ(memory_at(&b, PAGE, 0x80000000 + 4 * PAGE, 2), 0);
	ASSERT_EQ(memory_at(&c, 2 * PAGE, 0x80000000 + 3 * PAGE, 3), 0);

	EXPECT_EQ(gunyah_memory_lend(self->vm, &a, RWX), 0);
	EXPECT_EQ(charged(), 4);
	EXPECT_EQ(gunyah_memory_share(self->vm, &b, RWX), 0);
	EXPECT_EQ(charged(), 5);
	EXPECT_EQ(pinned_soon(self->before + 5), self->before + 5);

	/* Refused without a trace */
	EXPECT_EQ(gunyah_memory_share(self->vm, &c, RWX), -EEXIST);
	c.gpa += 0x100000;
	c.label = 2;
	EXPECT_EQ(gunyah_memory_share(self->vm, &c, RWX), -EEXIST);
	EXPECT_EQ(charged(), 5);

	EXPECT_EQ(ioctl(self->vm, GUNYAH_VM_RECLAIM_REGION, &range), -1);
	EXPECT_EQ(errno, EINVAL);
	range.size = 4 * PAGE;
	EXPECT_EQ(ioctl(self->vm, GUNYAH_VM_RECLAIM_REGION, &range), 0);
	EXPECT_EQ(charged(), 1);
	EXPECT_EQ(ioctl(self->vm, GUNYAH_VM_RECLAIM_REGION, &range), -1);
	EXPECT_EQ(errno, ENOENT);

	gunyah_memory_free(&a);
	gunyah_memory_free(&b);
	gunyah_memory_free(&c);
}

/* Memory that is not there, or not all of it */
TEST_F(memory, holes)
{
	struct gunyah_userspace_memory_region region = {
		.label = 1, .flags = RWX, .guest_phys_addr = 0x80000000, .memory_size = PAGE,
	};
	char *anon, *hole;

	anon = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(anon, MAP_FAILED);
	hole = anon + PAGE;
	munmap(hole, PAGE);

	region.userspace_addr = (uintptr_t)hole;
	EXPECT_EQ(ioctl(self->vm, GUNYAH_VM_SET_USER_MEM_REGION, &region), -1);
	EXPECT_EQ(errno, EFAULT);
	/* Half of it is there: what was pinned is unpinned. */
	region.userspace_addr = (uintptr_t)anon;
	region.memory_size = 2 * PAGE;
	EXPECT_EQ(ioctl(self->vm, GUNYAH_VM_SET_USER_MEM_REGION, &region), -1);
	EXPECT_EQ(errno, EFAULT);
	EXPECT_EQ(charged(), 0);
	region.memory_size = PAGE;
	EXPECT_EQ(ioctl(self->vm, GUNYAH_VM_SET_USER_MEM_REGION, &region), 0);
	EXPECT_EQ(charged(), 1);
	munmap(anon, PAGE);
}

/* @memory as a region: 0 or -errno */
static int region_of(int vm, void *memory)
{
	struct gunyah_userspace_memory_region region = {
		.label = 1, .flags = RWX, .guest_phys_addr = 0x80000000, .memory_size = PAGE,
		.userspace_addr = (uintptr_t)memory,
	};

	return ioctl(vm, GUNYAH_VM_SET_USER_MEM_REGION, &region) ? -errno : 0;
}

/*
 * Memory that is the kernel's, too, is not given away: of a file that could be
 * written back, or what a vCPU shares. And only what this process may write.
 */
TEST_F(memory, not_ours)
{
	char dir[] = "/tmp/gunyah.XXXXXX", path[64];
	int vcpu, file, memfd;
	void *memory;

	vcpu = gunyah_add_vcpu(self->vm, 0);
	ASSERT_GE(vcpu, 0);
	memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	ASSERT_NE(memory, MAP_FAILED);
	EXPECT_EQ(region_of(self->vm, memory), -EINVAL);
	munmap(memory, PAGE);
	close(vcpu);

	memfd = memfd_create("read-only", 0);
	ASSERT_EQ(ftruncate(memfd, PAGE), 0);
	memory = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, memfd, 0);
	ASSERT_NE(memory, MAP_FAILED);
	EXPECT_EQ(region_of(self->vm, memory), -EFAULT);
	munmap(memory, PAGE);
	close(memfd);

	ASSERT_NE(mkdtemp(dir), NULL);
	if (mount("none", dir, "ramfs", 0, NULL)) {
		rmdir(dir);
		SKIP(return, "no file system to take a file of");
	}
	snprintf(path, sizeof(path), "%s/file", dir);
	file = open(path, O_RDWR | O_CREAT, 0600);
	ASSERT_GE(file, 0);
	EXPECT_EQ(ftruncate(file, PAGE), 0);
	memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	EXPECT_NE(memory, MAP_FAILED);
	EXPECT_EQ(region_of(self->vm, memory), -EFAULT);
	munmap(memory, PAGE);
	EXPECT_EQ(charged(), 0);
	EXPECT_EQ(pinned_soon(self->before), self->before);

	/* A private copy of it is this process's own. */
	memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
	EXPECT_NE(memory, MAP_FAILED);
	EXPECT_EQ(region_of(self->vm, memory), 0);
	EXPECT_EQ(charged(), 1);
	munmap(memory, PAGE);
	close(file);
	EXPECT_EQ(umount(dir), 0);
	rmdir(dir);
}

/* Without the privilege to lock as much as one likes; the VM is this process's. */
static int within_limit(int dev)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { };
	struct rlimit limit = { 4 * PAGE, 4 * PAGE };
	struct gunyah_address_range range = { 0x80000000, 3 * PAGE };
	struct gunyah_memory five, three, two;
	int vm = gunyah_create_vm(dev), other = gunyah_create_vm(dev);

	if (vm < 0 || other < 0 || memory_at(&five, 5 * PAGE, 0x90000000, 1) ||
	    memory_at(&three, 3 * PAGE, 0x80000000, 2) || memory_at(&two, 2 * PAGE, 0xa0000000, 3))
		return 1;
	if (setrlimit(RLIMIT_MEMLOCK, &limit) || syscall(SYS_capset, &header, none))
		return 2;
	if (gunyah_memory_lend(vm, &five, RWX) != -ENOMEM || charged())
		return 3;
	if (gunyah_memory_lend(vm, &three, RWX) || charged() != 3)
		return 4;
	/* The limit is the process's, and not the VM's. */
	if (gunyah_memory_share(other, &two, RWX) != -ENOMEM || charged() != 3)
		return 5;
	if (ioctl(vm, GUNYAH_VM_RECLAIM_REGION, &range) || charged())
		return 6;
	if (gunyah_memory_share(other, &two, RWX) || charged() != 2)
		return 7;
	/* What is on its way back is waited for. */
	close(other);
	return gunyah_memory_lend(vm, &three, RWX) || charged() != 3 ? 8 : 0;
}

TEST_F(memory, limit)
{
	int status;
	pid_t pid;

	pid = fork();
	if (!pid)
		_exit(within_limit(self->dev));
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0) {
		TH_LOG("step %d", WEXITSTATUS(status));
	}
}

TEST_F(memory, why)
{
	EXPECT_EQ(gunyah_start(self->vm), -EINVAL);
	EXPECT_TRUE(fd_says(self->vm, "why:\tno device tree"));
	EXPECT_EQ(gunyah_set_dtb(self->vm, 0x80000000, 5), 0);
	EXPECT_EQ(gunyah_start(self->vm), -EINVAL);
	EXPECT_TRUE(fd_says(self->vm, "the device tree is not in one region"));
	EXPECT_TRUE(fd_says(self->vm, "state:\tnew"));
}

/* A device tree that is none: RM has the memory, and cannot load it. */
TEST_F_TIMEOUT(memory, load_failed, SLOW)
{
	struct pollfd poll_vm = { .fd = self->vm, .events = POLLIN };
	struct gunyah_memory memory;

	ASSERT_EQ(memory_at(&memory, GUEST_RAM, GUNYAH_DT_MEMORY, 0), 0);
	ASSERT_EQ(gunyah_memory_lend(self->vm, &memory, RWX), 0);
	ASSERT_EQ(gunyah_set_dtb(self->vm, GUNYAH_DT_MEMORY, PAGE), 0);
	if (guest_possible())
		SKIP(return, "no VMs here");
	EXPECT_EQ(gunyah_start(self->vm), -EINVAL);
	EXPECT_TRUE(fd_says(self->vm, "state:\tload-failed"));
	EXPECT_EQ(poll(&poll_vm, 1, 0), 1);
	EXPECT_EQ(poll_vm.revents, POLLHUP);
	EXPECT_EQ(gunyah_start(self->vm), -ENODEV);
	EXPECT_EQ(gunyah_set_dtb(self->vm, GUNYAH_DT_MEMORY, PAGE), -ENODEV);
	close(self->vm);
	self->vm = -1;
	EXPECT_EQ(charged_soon(0), 0);
	/* It is ours again. */
	memset(memory.host, 1, GUEST_RAM);
	gunyah_memory_free(&memory);
}

/* RM has 64 parcels for one owner, of all its VMs together, and this is one too many. */
TEST_F_TIMEOUT(memory, parcels, SLOW)
{
	static const struct guest_options options = { .lend = true };
	struct gunyah_memory more, piece;
	struct gunyah_address_range last;
	struct guest guest;
	unsigned int i;

	if (guest_possible())
		SKIP(return, "no VMs here");
	ASSERT_EQ(guest_make(&guest, &options), 0);
	ASSERT_EQ(memory_at(&more, 64 * PAGE, 0xa0000000, 0), 0);
	for (i = 0; i < 64; i++) {
		piece = (struct gunyah_memory){
			.host = (char *)more.host + i * PAGE, .size = PAGE,
			.gpa = more.gpa + i * PAGE, .label = 100 + i,
		};
		ASSERT_EQ(gunyah_memory_share(guest.vm, &piece, RWX), 0);
	}
	last = (struct gunyah_address_range){ piece.gpa, PAGE };
	EXPECT_EQ(gunyah_start(guest.vm), -EPERM);
	EXPECT_TRUE(fd_says(guest.vm, "why:\tregion 163 could not be shared: -1"));
	EXPECT_TRUE(fd_says(guest.vm, "state:\tnew"));
	EXPECT_EQ(charged(), GUEST_RAM / PAGE + 64);
	/* What had been given was taken back: one less, and it starts. */
	EXPECT_EQ(ioctl(guest.vm, GUNYAH_VM_RECLAIM_REGION, &last), 0);
	EXPECT_EQ(gunyah_start(guest.vm), 0);
	guest_end(&guest);
	gunyah_memory_free(&more);
	EXPECT_EQ(charged_soon(0), 0);
}

#define MAX_ENTRIES	"/sys/module/gunyah_rm/parameters/max_parcel_entries"

/* Set how many ranges RM may have lists of; @was becomes what it was. */
static int set_max_entries(const char *max, char was[16])
{
	int fd = open(MAX_ENTRIES, O_RDWR);
	ssize_t nr, written;

	if (fd < 0)
		return -errno;
	nr = pread(fd, was, 15, 0);
	written = pwrite(fd, max, strlen(max), 0);
	close(fd);
	if (nr < 0 || written < 0)
		return -EIO;
	was[nr] = '\0';
	return 0;
}

/* Lists that RM could die of are not sent; it can be tried again with less. */
TEST_F_TIMEOUT(memory, too_scattered, SLOW)
{
	static const struct guest_options two = { .lend = true, .shared = 0x2000 };
	struct guest guest;
	char was[16], one[16];

	if (guest_possible())
		SKIP(return, "no VMs here");
	ASSERT_EQ(guest_make(&guest, &two), 0);
	ASSERT_EQ(set_max_entries("1", was), 0);
	EXPECT_EQ(gunyah_start(guest.vm), -EDQUOT);
	EXPECT_TRUE(fd_says(guest.vm, "max_parcel_entries"));
	EXPECT_TRUE(fd_says(guest.vm, "state:\tnew"));
	EXPECT_EQ(set_max_entries(was, one), 0);
	EXPECT_STREQ(one, "1\n");
	EXPECT_EQ(gunyah_start(guest.vm), 0);
	guest_end(&guest);
}

static sigjmp_buf touched;
static char last_read;

static void no_memory(int signal)
{
	siglongjmp(touched, signal);
}

/* Is there memory to read from, and to write to? */
static bool is_there(char *at, bool write)
{
	struct sigaction action = { .sa_handler = no_memory }, old;
	bool there = false;

	sigaction(SIGBUS, &action, &old);
	if (!sigsetjmp(touched, 1)) {
		/* Accesses that no compiler leaves out */
		if (write)
			__atomic_store_n(at, 1, __ATOMIC_SEQ_CST);
		else
			last_read = __atomic_load_n(at, __ATOMIC_SEQ_CST);
		there = true;
	}
	sigaction(SIGBUS, &old, NULL);
	return there;
}

/* What is lent is gone when the VM starts, and is back when it has ended. */
TEST_F_TIMEOUT(memory, lent_is_gone, SLOW)
{
	static const struct guest_options lent = { .lend = true, .shared = 0x2000 };
	struct guest guest;
	bool gone;
	char *mem;

	if (guest_possible())
		SKIP(return, "no VMs here");
	ASSERT_EQ(guest_make(&guest, &lent), 0);
	mem = guest.ram.host;
	EXPECT_TRUE(is_there(mem + PAGE, true));
	ASSERT_EQ(gunyah_start(guest.vm), 0);
	EXPECT_TRUE(is_there(guest.shared.host, true));
	gone = !is_there(mem + PAGE, false);
	if (gone) {
		EXPECT_FALSE(is_there(mem, true));
		EXPECT_FALSE(is_there(mem + GUEST_RAM - 1, false));
	}
	gunyah_vcpu_close(&guest.vcpu[0]);
	close(guest.vm);
	guest.vm = -1;
	EXPECT_EQ(pinned_soon(self->before), self->before);
	EXPECT_TRUE(is_there(mem, true));
	EXPECT_TRUE(is_there(mem + GUEST_RAM - 1, true));
	guest_end(&guest);
	/* The public one does where it has to split a block for that. */
	if (!gone)
		SKIP(return, "this hypervisor leaves lent memory readable");
}

/* A VM that is started again, at once: its memory is another one's still. */
TEST_F_TIMEOUT(memory, of_the_last_one, SLOW)
{
	static const struct guest_options options = { .lend = true };
	struct gunyah_memory more[2] = { };
	struct guest guest;
	int i;

	if (guest_possible())
		SKIP(return, "no VMs here");
	ASSERT_EQ(memory_at(&more[0], 2 * PAGE, 0xa0000000, 8), 0);
	ASSERT_EQ(memory_at(&more[1], 2 * PAGE, 0xb0000000, 9), 0);
	for (i = 0; i < 10; i++) {
		ASSERT_EQ(guest_make(&guest, &options), 0);
		ASSERT_EQ(gunyah_memory_share(guest.vm, &more[0], RWX), 0);
		ASSERT_EQ(gunyah_memory_lend(guest.vm, &more[1], RWX), 0);
		EXPECT_EQ(gunyah_start(guest.vm), 0);
		guest_end(&guest);
	}
	EXPECT_EQ(pinned_soon(self->before), self->before);
	gunyah_memory_free(&more[0]);
	gunyah_memory_free(&more[1]);
}

/* A process with a VM is killed, at many moments of its life. */
TEST_F_TIMEOUT(memory, killed, SLOW)
{
	static const struct guest_options lent = { .lend = true, .shared = 0x20000 };
	struct guest guest;
	int i, status;
	pid_t pid;

	if (guest_possible())
		SKIP(return, "no VMs here");
	for (i = 0; i < 8; i++) {
		pid = fork();
		if (!pid) {
			if (!guest_make(&guest, &lent))
				gunyah_start(guest.vm);
			for (;;)
				pause();
		}
		usleep(i * 15000);
		kill(pid, SIGKILL);
		ASSERT_EQ(waitpid(pid, &status, 0), pid);
	}
	EXPECT_EQ(pinned_soon(self->before), self->before);
}

/* Guest memory files */

static int gmem_create(int dev, uint64_t flags, uint64_t size)
{
	struct gunyah_create_mem_args args = { .flags = flags, .size = size };

	return ioctl(dev, GUNYAH_CREATE_GUEST_MEM, &args);
}

static int gmem_map(int vm, int fd, uint32_t flags, uint64_t gpa, uint64_t offset, uint64_t size)
{
	struct gunyah_map_mem_args args = {
		.guest_addr = gpa, .flags = flags, .guest_mem_fd = fd, .offset = offset,
		.size = size,
	};

	return ioctl(vm, GUNYAH_VM_MAP_MEM, &args) ? -errno : 0;
}

static int gmem_fallocate(int fd, int mode, off_t offset, off_t size)
{
	return fallocate(fd, mode, offset, size) ? -errno : 0;
}

TEST_F(memory, gmem_file)
{
	int keep = FALLOC_FL_KEEP_SIZE, punch = FALLOC_FL_PUNCH_HOLE | keep;
	int fd = gmem_create(self->dev, GUNYAH_GUEST_MEM_CLOEXEC, 4 * PAGE);
	char *mem, page[8] = "", path[32];

	ASSERT_GE(fd, 0);
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	/* By another name it would be a file like any other. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	EXPECT_EQ(open(path, O_RDWR), -1);
	EXPECT_EQ(errno, ETXTBSY);
	EXPECT_EQ(open(path, O_RDONLY), -1);
	EXPECT_EQ(errno, ENXIO);
	EXPECT_EQ(truncate(path, 0), -1);
	EXPECT_EQ(errno, ETXTBSY);
	EXPECT_EQ(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0), MAP_FAILED);
	EXPECT_EQ(errno, EINVAL);
	mem = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(mem, MAP_FAILED);
	EXPECT_EQ(mem[0], 0);
	memset(mem, 7, 4 * PAGE);
	/* The kernel is not to touch what may be lent. */
	EXPECT_EQ(pread(fd, page, 8, 0), -1);
	EXPECT_EQ(errno, EINVAL);
	EXPECT_EQ(pwrite(fd, page, 8, 0), -1);
	EXPECT_EQ(errno, EINVAL);

	EXPECT_EQ(gmem_fallocate(fd, 0, 0, PAGE), -EOPNOTSUPP);
	EXPECT_EQ(gmem_fallocate(fd, keep, 0, 4 * PAGE), 0);
	EXPECT_EQ(gmem_fallocate(fd, keep, 0, 4 * PAGE), 0);
	EXPECT_EQ(gmem_fallocate(fd, keep, 0, 5 * PAGE), -EINVAL);
	EXPECT_EQ(gmem_fallocate(fd, keep, 1, PAGE), -EINVAL);
	EXPECT_EQ(gmem_fallocate(fd, keep, 0, PAGE + 1), -EINVAL);
	EXPECT_EQ(gmem_fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, 0, PAGE), -EOPNOTSUPP);
	EXPECT_EQ(gmem_fallocate(fd, punch, PAGE, PAGE), 0);
	EXPECT_EQ(gmem_fallocate(fd, punch, 8 * PAGE, PAGE), 0);
	EXPECT_EQ(gmem_fallocate(fd, FALLOC_FL_ZERO_RANGE | keep, 2 * PAGE, PAGE), 0);
	EXPECT_EQ(mem[0], 7);
	EXPECT_EQ(mem[PAGE], 0);
	EXPECT_EQ(mem[2 * PAGE], 0);
	EXPECT_EQ(mem[3 * PAGE], 7);
	EXPECT_EQ(ftruncate(fd, 8 * PAGE), 0);
	EXPECT_EQ(ftruncate(fd, PAGE), 0);
	munmap(mem, 4 * PAGE);
	close(fd);
}

TEST_F(memory, gmem_map)
{
	uint32_t lend = GUNYAH_MAP_MEM_FORCE_LEND | MAP_RWX, unmap = GUNYAH_MAP_MEM_UNMAP;
	int fd = gmem_create(self->dev, 0, 8 * PAGE);
	uint64_t gpa = 0x80000000;
	uint32_t share = GUNYAH_MAP_MEM_FORCE_SHARE | MAP_RWX;
	int vm = self->vm, other = gunyah_create_vm(self->dev);
	struct gunyah_memory top;

	ASSERT_GE(fd, 0);
	EXPECT_EQ(fcntl(fd, F_GETFD), 0);
	EXPECT_EQ(gmem_map(vm, -1, lend, gpa, 0, PAGE), -EINVAL);
	EXPECT_EQ(gmem_map(vm, self->dev, lend, gpa, 0, PAGE), -EINVAL);
	EXPECT_EQ(gmem_map(vm, fd, 3 | MAP_RWX, gpa, 0, PAGE), -EINVAL);
	EXPECT_EQ(gmem_map(vm, fd, 1, gpa, 0, PAGE), -EINVAL);
	EXPECT_EQ(gmem_map(vm, fd, lend | 0x200, gpa, 0, PAGE), -EINVAL);
	EXPECT_EQ(gmem_map(vm, fd, lend, gpa + 1, 0, PAGE), -EINVAL);
	EXPECT_EQ(gmem_map(vm, fd, lend, gpa, 1, PAGE), -EINVAL);
	EXPECT_EQ(gmem_map(vm, fd, lend, gpa, 0, 0), -EINVAL);
	EXPECT_EQ(gmem_map(vm, fd, lend, gpa, 0, 9 * PAGE), -EINVAL);
	EXPECT_EQ(gmem_map(vm, fd, lend, gpa, -PAGE, 2 * PAGE), -EINVAL);

	EXPECT_EQ(gmem_map(vm, fd, lend, gpa, 0, 6 * PAGE), 0);
	EXPECT_EQ(gmem_map(vm, fd, lend, gpa + PAGE, 6 * PAGE, PAGE), -EEXIST);
	EXPECT_EQ(gmem_map(vm, fd, lend, gpa + 8 * PAGE, PAGE, PAGE), -EEXIST);
	EXPECT_EQ(gmem_map(other, fd, lend, gpa, 5 * PAGE, PAGE), -EEXIST);
	EXPECT_EQ(gmem_map(other, fd, lend, gpa, 6 * PAGE, PAGE), 0);

	EXPECT_EQ(gmem_map(vm, fd, MAP_RWX | unmap, gpa, 0, PAGE), -ENOENT);
	EXPECT_EQ(gmem_map(vm, fd, lend | unmap, gpa, PAGE, PAGE), -ENOENT);
	EXPECT_EQ(gmem_map(vm, fd, lend | unmap, gpa + PAGE, 0, PAGE), -ENOENT);
	EXPECT_EQ(gmem_map(vm, fd, lend | unmap, gpa + PAGE, PAGE, PAGE), -EINVAL);
	EXPECT_EQ(gmem_map(vm, fd, lend | unmap, gpa, 0, PAGE), 0);
	EXPECT_EQ(gmem_map(vm, fd, lend | unmap, gpa + 5 * PAGE, 5 * PAGE, PAGE), 0);
	EXPECT_EQ(gmem_map(other, fd, lend, gpa + PAGE, 5 * PAGE, PAGE), 0);
	EXPECT_EQ(gmem_map(vm, fd, lend | unmap, gpa + PAGE, PAGE, 4 * PAGE), 0);
	EXPECT_EQ(gmem_map(vm, fd, lend | unmap, gpa + PAGE, PAGE, 4 * PAGE), -ENOENT);
	EXPECT_EQ(charged(), 0);

	/* A shared part gets the last label that is free. */
	ASSERT_EQ(memory_at(&top, PAGE, 0x90000000, ~0U), 0);
	ASSERT_EQ(gunyah_memory_share(vm, &top, RWX), 0);
	EXPECT_EQ(gmem_map(vm, fd, share, gpa, 0, PAGE), 0);
	EXPECT_TRUE(fd_says(vm, "shared label 4294967294 at"));
	gunyah_memory_free(&top);
	/* And nobody else gets it. */
	EXPECT_EQ(gmem_map(other, fd, share, gpa + 2 * PAGE, 7 * PAGE, PAGE), 0);
	ASSERT_EQ(memory_at(&top, PAGE, 0x90000000, ~0U), 0);
	EXPECT_EQ(gunyah_memory_share(other, &top, RWX), -EEXIST);
	gunyah_memory_free(&top);
	close(other);
	close(fd);
}

/* A file of huge pages is given in huge pages, wherever they are. */
TEST_F(memory, gmem_huge)
{
	const uint32_t lend = GUNYAH_MAP_MEM_FORCE_LEND | MAP_RWX;
	const uint64_t huge = 2 << 20, gpa = 0x80000000;
	int fd = gmem_create(self->dev, GUNYAH_GUEST_MEM_ALLOW_HUGEPAGE, 4 * huge);
	int vm = self->vm;

	ASSERT_GE(fd, 0);
	EXPECT_EQ(fcntl(fd, F_GETFD), 0);
	if (getpagesize() != PAGE)
		SKIP(return, "other pages, and other huge ones");
	EXPECT_EQ(gmem_map(vm, fd, lend, gpa + PAGE, 0, huge), -EINVAL);
	EXPECT_EQ(gmem_map(vm, fd, lend, gpa, PAGE, huge), -EINVAL);
	EXPECT_EQ(gmem_map(vm, fd, lend, gpa, 0, PAGE), -EINVAL);
	EXPECT_EQ(gmem_map(vm, fd, lend, gpa, 0, huge + PAGE), -EINVAL);
	EXPECT_EQ(gmem_map(vm, fd, lend, gpa, 0, 5 * huge), -EINVAL);
	EXPECT_EQ(gmem_map(vm, fd, lend, gpa + huge, 2 * huge, 2 * huge), 0);
	EXPECT_EQ(gmem_map(vm, fd, lend | GUNYAH_MAP_MEM_UNMAP, gpa + huge, 2 * huge, PAGE),
		  -EINVAL);
	EXPECT_EQ(gmem_map(vm, fd, lend | GUNYAH_MAP_MEM_UNMAP, gpa + huge, 2 * huge, huge), 0);
	EXPECT_EQ(gmem_map(vm, fd, lend, gpa + huge, 0, huge), 0);
	close(fd);
}

/* The memory of a VM that starts is a file's; what the guest has stays as it is. */
static void start_gmem(struct __test_metadata *_metadata, int dev, int *vm, uint64_t flags)
{
	int fd = gmem_create(dev, flags, GUEST_RAM);
	int punch = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
	struct gunyah_dt dt = {
		.name = "gmem", .cpus = 1, .base = GUNYAH_DT_MEMORY, .size = GUEST_RAM,
	};
	char *mem;

	ASSERT_GE(fd, 0);
	if (guest_possible())
		SKIP(return, "no VMs here");
	mem = mmap(NULL, GUEST_RAM, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(mem, MAP_FAILED);
	ASSERT_GT(gunyah_dt_write(&dt, mem + GUEST_RAM / 2, 0x10000), 0);
	munmap(mem, GUEST_RAM);

	ASSERT_EQ(gmem_map(*vm, fd, MAP_RWX, GUNYAH_DT_MEMORY, 0, GUEST_RAM), 0);
	ASSERT_EQ(gunyah_set_dtb(*vm, GUNYAH_DT_MEMORY + GUEST_RAM / 2, 0x10000), 0);
	EXPECT_EQ(gmem_fallocate(fd, punch, 0, PAGE), 0);
	ASSERT_EQ(gunyah_start(*vm), 0);
	EXPECT_EQ(charged(), GUEST_RAM / PAGE);
	EXPECT_EQ(gmem_fallocate(fd, punch, 0, PAGE), -EOPNOTSUPP);
	EXPECT_EQ(ftruncate(fd, GUEST_RAM - 1), -1);
	EXPECT_EQ(errno, EPERM);
	EXPECT_EQ(ftruncate(fd, 2 * GUEST_RAM), 0);
	EXPECT_EQ(gmem_map(*vm, fd, MAP_RWX | GUNYAH_MAP_MEM_UNMAP, GUNYAH_DT_MEMORY, 0,
			   GUEST_RAM), -EOPNOTSUPP);
	close(*vm);
	*vm = -1;
	EXPECT_EQ(charged_soon(0), 0);
	EXPECT_EQ(gmem_fallocate(fd, punch, 0, PAGE), 0);
	EXPECT_EQ(ftruncate(fd, PAGE), 0);
	close(fd);
}

TEST_F_TIMEOUT(memory, gmem_start, SLOW)
{
	start_gmem(_metadata, self->dev, &self->vm, 0);
}

TEST_F_TIMEOUT(memory, gmem_start_huge, SLOW)
{
	start_gmem(_metadata, self->dev, &self->vm, GUNYAH_GUEST_MEM_ALLOW_HUGEPAGE);
}

/* A part of a file with numbers in it, and their sum */
static uint64_t gmem_fill(int fd, uint64_t size)
{
	uint64_t *word = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), sum = 0;
	unsigned int i;

	if (word == MAP_FAILED)
		return 0;
	for (i = 0; i < size / 8; i++) {
		word[i] = i * 0x9e3779b97f4a7c15;
		sum += word[i];
	}
	munmap(word, size);
	return sum;
}

/*
 * One VM with memory by the calls of two generations: its image is lent by A's,
 * and a file of B's is behind it, where RM puts what has no label. That the other
 * one has its addresses, or its process's pages, is refused by either.
 */
TEST_F_TIMEOUT(memory, two_generations, SLOW)
{
	static const struct guest_options lent = { .lend = true, .shared = 0x2000 };
	const uint64_t behind = GUNYAH_DT_MEMORY + GUEST_RAM;
	int fd = gmem_create(self->dev, 0, 4 * PAGE);
	struct gunyah_memory more;
	struct guest guest;
	uint64_t sum, result = 0;
	int ret;

	if (guest_possible())
		SKIP(return, "no VMs here");
	sum = gmem_fill(fd, 4 * PAGE);
	ASSERT_NE(sum, 0);
	ASSERT_EQ(guest_make(&guest, &lent), 0);
	EXPECT_EQ(gmem_map(guest.vm, fd, MAP_RWX, behind - PAGE, 0, 4 * PAGE), -EEXIST);
	EXPECT_EQ(gmem_map(guest.vm, fd, MAP_RWX, behind, 0, 4 * PAGE), 0);
	ASSERT_EQ(memory_at(&more, PAGE, behind + PAGE, 99), 0);
	EXPECT_EQ(gunyah_memory_share(guest.vm, &more, RWX), -EEXIST);
	ret = gunyah_start(guest.vm);
	/*
	 * The public RM flushes as much of the image's parcel as there is memory
	 * in all private ones: it wants to start no VM that has another.
	 */
	if (ret == -EPERM) {
		guest_end(&guest);
		gunyah_memory_free(&more);
		close(fd);
		SKIP(return, "this RM starts no VM with memory behind its image");
	}
	ASSERT_EQ(ret, 0);
	EXPECT_EQ(charged(), (GUEST_RAM + 0x2000) / PAGE + 4);
	memset(guest.shared.host, 0, 0x2000);
	*(uint64_t *)guest.shared.host = 4711;
	ASSERT_EQ(guest_call(&guest, 0, PUPPET_SUM, GUEST_SHARED, 0x2000, 0, &result),
		  GUEST_DONE);
	EXPECT_EQ(result, 4711);
	ASSERT_EQ(guest_call(&guest, 0, PUPPET_SUM, behind, 4 * PAGE, 0, &result), GUEST_DONE);
	EXPECT_EQ(result, sum);
	guest_end(&guest);
	gunyah_memory_free(&more);
	close(fd);
	EXPECT_EQ(charged_soon(0), 0);
}

TEST_HARNESS_MAIN
