// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions of VMs that are never started: what may be added twice, what
 * removes what, and that a vCPU's file outlives everything.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libgunyah.h>

#include "counters.h"
#include "kselftest_harness.h"

FIXTURE(functions)
{
	int vm, event;
};

FIXTURE_SETUP(functions)
{
	int dev = gunyah_open(NULL);

	self->vm = -1;
	self->event = -1;
	if (dev == -ENOENT)
		SKIP(return, "there is no /dev/gunyah");
	ASSERT_GE(dev, 0);
	self->vm = gunyah_create_vm(dev);
	/* A VM outlives the file it was made by. */
	close(dev);
	ASSERT_GE(self->vm, 0);
	self->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ASSERT_GE(self->event, 0);
}

FIXTURE_TEARDOWN(functions)
{
	close(self->event);
	close(self->vm);
}

TEST_F(functions, vcpu_ids)
{
	uint32_t round, id;
	int fds[8];

	for (round = 0; round < 4; round++) {
		for (id = 0; id < 8; id++) {
			fds[id] = gunyah_add_vcpu(self->vm, id);
			ASSERT_GE(fds[id], 0);
			EXPECT_EQ(fcntl(fds[id], F_GETFD), FD_CLOEXEC);
			EXPECT_EQ(gunyah_add_vcpu(self->vm, id), -EEXIST);
		}
		for (id = 0; id < 8; id++) {
			EXPECT_EQ(gunyah_remove_vcpu(self->vm, id), 0);
			EXPECT_EQ(gunyah_remove_vcpu(self->vm, id), -ENOENT);
			EXPECT_EQ(gunyah_vcpu_run(fds[id]), -ENODEV);
			close(fds[id]);
		}
	}
	EXPECT_EQ(gunyah_remove_vcpu(self->vm, 4711), -ENOENT);
}

TEST_F(functions, vcpu_before_start)
{
	struct gunyah_vcpu vcpu;

	ASSERT_EQ(gunyah_vcpu_open(&vcpu, self->vm, 0), 0);
	EXPECT_GE(vcpu.size, 40);
	EXPECT_EQ(vcpu.size % sysconf(_SC_PAGESIZE), 0);
	EXPECT_EQ(vcpu.run->exit_reason, GUNYAH_VCPU_EXIT_UNKNOWN);
	EXPECT_EQ(gunyah_vcpu_run(vcpu.fd), -ENODEV);
	EXPECT_LT(ioctl(vcpu.fd, GUNYAH_VM_START), 0);
	EXPECT_EQ(errno, ENOTTY);
	gunyah_vcpu_close(&vcpu);
}

/* Its id can be had again while the old file is there. */
TEST_F(functions, vcpu_outlives_removal)
{
	struct gunyah_vcpu old, new;

	ASSERT_EQ(gunyah_vcpu_open(&old, self->vm, 3), 0);
	EXPECT_EQ(gunyah_remove_vcpu(self->vm, 3), 0);
	ASSERT_EQ(gunyah_vcpu_open(&new, self->vm, 3), 0);
	old.run->immediate_exit = 1;
	EXPECT_EQ(new.run->immediate_exit, 0);
	EXPECT_EQ(gunyah_vcpu_run(old.fd), -ENODEV);
	gunyah_vcpu_close(&old);
	gunyah_vcpu_close(&new);
}

TEST_F(functions, vcpu_outlives_vm)
{
	struct gunyah_vcpu vcpu;

	ASSERT_EQ(gunyah_vcpu_open(&vcpu, self->vm, 0), 0);
	close(self->vm);
	EXPECT_EQ(vcpu.run->exit_reason, 0);
	EXPECT_EQ(gunyah_vcpu_run(vcpu.fd), -ENODEV);
	gunyah_vcpu_close(&vcpu);
}

/* A copy of the descriptor is the same vCPU; the VM is the last one's to keep. */
TEST_F(functions, vcpu_copied)
{
	int fd = gunyah_add_vcpu(self->vm, 0), vm = dup(self->vm), copy;
	struct gunyah_vcpu_run *run;

	ASSERT_GE(fd, 0);
	ASSERT_GE(vm, 0);
	close(self->vm);
	copy = dup(fd);
	close(fd);
	run = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, copy, 0);
	ASSERT_NE(run, MAP_FAILED);
	EXPECT_EQ(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, copy, 0), MAP_FAILED);
	EXPECT_EQ(errno, EINVAL);
	EXPECT_EQ(gunyah_add_vcpu(vm, 0), -EEXIST);
	EXPECT_EQ(gunyah_remove_vcpu(vm, 0), 0);
	EXPECT_EQ(gunyah_vcpu_run(copy), -ENODEV);
	close(copy);
	/* The mapping keeps the page, whoever else is gone. */
	run->immediate_exit = 1;
	munmap(run, 4096);
	self->vm = vm;
}

/* What a client touches behind the page is its own SIGBUS, not an oops. */
TEST_F(functions, vcpu_mapped_too_large)
{
	int fd = gunyah_add_vcpu(self->vm, 0), status;
	long page = sysconf(_SC_PAGESIZE);
	char *two;
	pid_t child;

	ASSERT_GE(fd, 0);
	two = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (two == MAP_FAILED) {
		EXPECT_EQ(errno, EINVAL);
	} else {
		child = fork();
		if (!child) {
			signal(SIGBUS, SIG_DFL);
			two[page] = 1;
			_exit(0);
		}
		ASSERT_EQ(waitpid(child, &status, 0), child);
		EXPECT_TRUE(WIFSIGNALED(status));
		EXPECT_EQ(WTERMSIG(status), SIGBUS);
	}
	close(fd);
}

TEST_F(functions, irqfd_labels)
{
	uint32_t label;

	/* As QEMU does it, with whatever its stack has in the padding */
	for (label = 0; label < 256; label++) {
		struct gunyah_fn_irqfd_arg arg = {
			.fd = self->event, .label = label, .flags = GUNYAH_IRQFD_FLAGS_LEVEL,
			.padding = 0xdeadbeef,
		};
		struct gunyah_fn_desc desc = {
			.type = GUNYAH_FN_IRQFD, .arg_size = sizeof(arg),
			.arg = (uintptr_t)&arg,
		};

		ASSERT_EQ(ioctl(self->vm, GUNYAH_VM_ADD_FUNCTION, &desc), 0);
	}
	EXPECT_EQ(gunyah_add_irqfd(self->vm, self->event, 3, false), -EEXIST);
	EXPECT_EQ(gunyah_add_irqfd(self->vm, self->event, 3, true), -EEXIST);
	EXPECT_EQ(gunyah_remove_irqfd(self->vm, 256), -ENOENT);
	/* By the label alone; the rest are left to the end of the VM. */
	EXPECT_EQ(gunyah_remove_irqfd(self->vm, 3), 0);
	EXPECT_EQ(gunyah_remove_irqfd(self->vm, 3), -ENOENT);
	EXPECT_EQ(gunyah_add_irqfd(self->vm, self->event, 3, false), 0);
}

TEST_F(functions, irqfd_files)
{
	struct gunyah_fn_irqfd_arg arg = { .fd = self->event, .flags = 2 };
	struct gunyah_fn_desc desc = {
		.type = GUNYAH_FN_IRQFD, .arg_size = sizeof(arg), .arg = (uintptr_t)&arg,
	};

	EXPECT_LT(ioctl(self->vm, GUNYAH_VM_ADD_FUNCTION, &desc), 0);
	EXPECT_EQ(errno, EINVAL);
	EXPECT_EQ(gunyah_add_irqfd(self->vm, 1000, 0, false), -EBADF);
	EXPECT_EQ(gunyah_add_irqfd(self->vm, -1, 0, false), -EBADF);
	EXPECT_EQ(gunyah_add_irqfd(self->vm, self->vm, 0, false), -EINVAL);
}

/* A signal from before counts, each is taken, and none is lost for want of a bell. */
TEST_F(functions, irqfd_signals)
{
	uint64_t three = 3, value;

	ASSERT_EQ(write(self->event, &three, 8), 8);
	ASSERT_EQ(gunyah_add_irqfd(self->vm, self->event, 4, false), 0);
	EXPECT_EQ(read(self->event, &value, 8), -1);
	EXPECT_EQ(errno, EAGAIN);
	EXPECT_EQ(fd_number(self->vm, "signals="), 1);
	EXPECT_EQ(write(self->event, &three, 8), 8);
	EXPECT_EQ(read(self->event, &value, 8), -1);
	EXPECT_EQ(fd_number(self->vm, "signals="), 2);
	EXPECT_EQ(fd_number(self->vm, "errors="), 0);
	EXPECT_EQ(gunyah_remove_irqfd(self->vm, 4), 0);
	EXPECT_EQ(write(self->event, &three, 8), 8);
	EXPECT_EQ(read(self->event, &value, 8), 8);
	EXPECT_EQ(value, 3);
}

/* Neither the descriptor nor the padding is looked at, nor what does not count. */
TEST_F(functions, removed_by_what_counts)
{
	struct gunyah_fn_ioeventfd_arg io = {
		.addr = 0x100, .len = 99, .datamatch = 7, .fd = -1, .padding = 0xdeadbeef,
	};
	struct gunyah_fn_irqfd_arg irq = {
		.fd = ~0U, .label = 6, .flags = ~0U, .padding = 0xdeadbeef,
	};
	struct gunyah_fn_desc desc = {
		.type = GUNYAH_FN_IOEVENTFD, .arg_size = sizeof(io), .arg = (uintptr_t)&io,
	};

	ASSERT_EQ(gunyah_add_ioeventfd(self->vm, self->event, 0x100), 0);
	EXPECT_EQ(ioctl(self->vm, GUNYAH_VM_REMOVE_FUNCTION, &desc), 0);
	ASSERT_EQ(gunyah_add_irqfd(self->vm, self->event, 6, true), 0);
	desc = (struct gunyah_fn_desc){
		.type = GUNYAH_FN_IRQFD, .arg_size = sizeof(irq), .arg = (uintptr_t)&irq,
	};
	EXPECT_EQ(ioctl(self->vm, GUNYAH_VM_REMOVE_FUNCTION, &desc), 0);
	EXPECT_EQ(ioctl(self->vm, GUNYAH_VM_REMOVE_FUNCTION, &desc), -1);
	EXPECT_EQ(errno, ENOENT);
}

/* A VM that has not ended has nothing to say. */
TEST_F(functions, poll_before_end)
{
	struct pollfd pollfd = { .fd = self->vm, .events = POLLIN };

	EXPECT_EQ(poll(&pollfd, 1, 0), 0);
	EXPECT_EQ(fd_number(self->vm, "vmid:"), -1);
	EXPECT_EQ(fd_number(self->vm, "pages:"), 0);
}

/* Closing the eventfd takes the function off, sooner or later. */
TEST_F(functions, irqfd_hangup)
{
	uint64_t one = 1;
	int event = eventfd(0, 0), tries, ret = -EEXIST;

	ASSERT_GE(event, 0);
	ASSERT_EQ(gunyah_add_irqfd(self->vm, event, 9, false), 0);
	EXPECT_EQ(write(event, &one, 8), 8);
	close(event);
	for (tries = 0; tries < 500 && ret == -EEXIST; tries++) {
		ret = gunyah_add_irqfd(self->vm, self->event, 9, false);
		usleep(10000);
	}
	EXPECT_EQ(ret, 0);
}

/* An eventfd outlives the VM it was given to; it is its owner's again then. */
TEST_F(functions, irqfd_then_close_vm)
{
	uint64_t one = 1, value = 0;
	int tries;

	ASSERT_EQ(gunyah_add_irqfd(self->vm, self->event, 1, true), 0);
	close(self->vm);
	for (tries = 0; tries < 500; tries++) {
		ASSERT_EQ(write(self->event, &one, 8), 8);
		if (read(self->event, &value, 8) == 8)
			break;
		usleep(10000);
	}
	EXPECT_GE(value, 1);
}

TEST_F(functions, ioeventfd_addresses)
{
	static const uint64_t addresses[] = { 0x8000, 0x8008, 0x800a, 0x100, 0 };
	unsigned int i;

	/* They overlap and are not aligned; only the same address collides. */
	for (i = 0; i < ARRAY_SIZE(addresses); i++)
		EXPECT_EQ(gunyah_add_ioeventfd(self->vm, self->event, addresses[i]), 0);
	EXPECT_EQ(gunyah_add_ioeventfd(self->vm, self->event, 0x8000), -EEXIST);
	EXPECT_EQ(gunyah_add_ioeventfd_match(self->vm, self->event, 0x8000, 4, 0), -EEXIST);
	EXPECT_EQ(gunyah_add_ioeventfd_match(self->vm, self->event, 0x8000, 8, 0), -EEXIST);
	/* By the address alone, as crosvm does */
	for (i = 0; i < ARRAY_SIZE(addresses); i++)
		EXPECT_EQ(gunyah_remove_ioeventfd(self->vm, addresses[i]), 0);
	EXPECT_EQ(gunyah_remove_ioeventfd(self->vm, 0x8000), -ENOENT);
}

TEST_F(functions, ioeventfd_matches)
{
	uint64_t value;

	/* One address and many values, as virtio-mmio has it */
	for (value = 0; value < 8; value++) {
		EXPECT_EQ(gunyah_add_ioeventfd_match(self->vm, self->event, 0x50, 4, value), 0);
		EXPECT_EQ(gunyah_add_ioeventfd_match(self->vm, self->event, 0x50, 4, value),
			  -EEXIST);
	}
	EXPECT_EQ(gunyah_add_ioeventfd_match(self->vm, self->event, 0x50, 8, 0), 0);
	EXPECT_EQ(gunyah_add_ioeventfd(self->vm, self->event, 0x50), -EEXIST);
	/* What has to match is not removed without. */
	EXPECT_EQ(gunyah_remove_ioeventfd(self->vm, 0x50), -ENOENT);
	EXPECT_EQ(gunyah_remove_ioeventfd_match(self->vm, 0x50, 4, 8), -ENOENT);
	EXPECT_EQ(gunyah_remove_ioeventfd_match(self->vm, 0x50, 2, 0), -ENOENT);
	for (value = 0; value < 8; value++)
		EXPECT_EQ(gunyah_remove_ioeventfd_match(self->vm, 0x50, 4, value), 0);
	EXPECT_EQ(gunyah_remove_ioeventfd_match(self->vm, 0x50, 8, 0), 0);
	EXPECT_EQ(gunyah_add_ioeventfd(self->vm, self->event, 0x50), 0);
}

TEST_F(functions, ioeventfd_values)
{
	static const struct gunyah_fn_ioeventfd_arg wrong[] = {
		{ .addr = 0x100, .len = 3 },
		{ .addr = 0x100, .len = 16 },
		{ .addr = 0x100, .len = 0, .flags = 1 },
		/* crosvm's mistake; taking it would not mean what it wants */
		{ .addr = 0x100, .len = 4, .flags = 2 },
		{ .addr = ~0ULL, .len = 8 },
		{ .addr = -(uint64_t)4, .len = 8, .flags = 1 },
	};
	struct gunyah_fn_ioeventfd_arg arg;
	struct gunyah_fn_desc desc = {
		.type = GUNYAH_FN_IOEVENTFD, .arg_size = sizeof(arg), .arg = (uintptr_t)&arg,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		arg = wrong[i];
		arg.fd = self->event;
		EXPECT_LT(ioctl(self->vm, GUNYAH_VM_ADD_FUNCTION, &desc), 0);
		EXPECT_EQ(errno, EINVAL);
	}
	arg = (struct gunyah_fn_ioeventfd_arg){ .addr = 0x100, .len = 4, .fd = -1 };
	EXPECT_LT(ioctl(self->vm, GUNYAH_VM_ADD_FUNCTION, &desc), 0);
	EXPECT_TRUE(errno == EBADF || errno == EINVAL);
	arg.fd = self->event;
	arg.padding = 0xdeadbeef;
	EXPECT_EQ(ioctl(self->vm, GUNYAH_VM_ADD_FUNCTION, &desc), 0);
}

/* All of it left to kill -9 and to whoever closes last */
TEST_F(functions, killed)
{
	int status;
	uint32_t i;
	pid_t child = fork();

	if (!child) {
		for (i = 0; i < 8; i++) {
			gunyah_add_vcpu(self->vm, i);
			gunyah_add_irqfd(self->vm, self->event, i, i & 1);
			gunyah_add_ioeventfd(self->vm, self->event, 8 * i);
		}
		raise(SIGKILL);
	}
	ASSERT_EQ(waitpid(child, &status, 0), child);
	EXPECT_TRUE(WIFSIGNALED(status));
	/* This process has the VM still, and all the functions are in it. */
	EXPECT_EQ(gunyah_remove_irqfd(self->vm, 5), 0);
	EXPECT_EQ(gunyah_remove_vcpu(self->vm, 5), 0);
	EXPECT_EQ(gunyah_remove_ioeventfd(self->vm, 40), 0);
}

TEST_HARNESS_MAIN
