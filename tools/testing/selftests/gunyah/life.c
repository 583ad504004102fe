// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a VM: the orders in which it is made, how it ends, what is told
 * then, and the orders in which it is closed.
 */
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "counters.h"
#include "running.h"

FIXTURE(life)
{
	struct guest guest;
};

FIXTURE_SETUP(life)
{
	int ret;

	self->guest.vm = -1;
	ret = guest_needed();
	if (ret > 0)
		SKIP(return, NO_GUESTS);
	ASSERT_EQ(ret, 0);
}

FIXTURE_TEARDOWN(life)
{
	guest_end(&self->guest);
}

static const struct guest_options lent = { .lend = true };
static const struct guest_options shared = { };

/* PSCI from the guest; returns how the call ended */
static int psci(struct guest *guest, unsigned int function)
{
	return guest_call(guest, 0, PUPPET_HVC, function, 0, 0, NULL);
}

static int polled(const struct guest *guest)
{
	struct pollfd poll_vm = { .fd = guest->vm, .events = POLLIN };

	return poll(&poll_vm, 1, 0) == 1 && poll_vm.revents & POLLHUP;
}

TEST_F_TIMEOUT(life, off, SLOW)
{
	struct gunyah_vcpu_run *run;

	ASSERT_EQ(guest_make(&self->guest, &lent), 0);
	run = self->guest.vcpu[0].run;
	ASSERT_EQ(gunyah_start(self->guest.vm), 0);
	EXPECT_FALSE(polled(&self->guest));
	ASSERT_EQ(psci(&self->guest, PSCI_OFF), GUEST_STATUS);
	EXPECT_EQ(run->status.status, GUNYAH_VM_STATUS_EXITED);
	EXPECT_EQ(run->status.exit_info.type, GUNYAH_VM_EXIT_PSCI_OFF);
	EXPECT_LE(run->status.exit_info.reason_size, 8);
	EXPECT_TRUE(polled(&self->guest));
	/* And again, whatever is in the page */
	memset(run, 0, sizeof(*run));
	EXPECT_EQ(gunyah_vcpu_run(self->guest.vcpu[0].fd), 0);
	EXPECT_EQ(run->exit_reason, GUNYAH_VCPU_EXIT_STATUS);
	EXPECT_EQ(gunyah_start(self->guest.vm), -ENODEV);
}

static void *poll_thread(void *data)
{
	struct pollfd poll_vm = { .fd = *(int *)data, .events = POLLIN };

	return (void *)(long)(poll(&poll_vm, 1, SLOW * 1000) == 1 && poll_vm.revents == POLLHUP);
}

/* Whoever waits for its end is woken. */
TEST_F_TIMEOUT(life, poll_wakes, SLOW)
{
	pthread_t thread;
	void *woken;

	ASSERT_EQ(guest_make(&self->guest, &lent), 0);
	ASSERT_EQ(gunyah_start(self->guest.vm), 0);
	ASSERT_EQ(pthread_create(&thread, NULL, poll_thread, &self->guest.vm), 0);
	usleep(200000);
	ASSERT_EQ(psci(&self->guest, PSCI_OFF), GUEST_STATUS);
	ASSERT_EQ(pthread_join(thread, &woken), 0);
	EXPECT_EQ((long)woken, 1);
}

TEST_F_TIMEOUT(life, reset, SLOW)
{
	ASSERT_EQ(guest_make(&self->guest, &lent), 0);
	ASSERT_EQ(gunyah_start(self->guest.vm), 0);
	ASSERT_EQ(psci(&self->guest, PSCI_RESET), GUEST_STATUS);
	EXPECT_EQ(self->guest.vcpu[0].run->status.status, GUNYAH_VM_STATUS_EXITED);
	EXPECT_EQ(self->guest.vcpu[0].run->status.exit_info.type, GUNYAH_VM_EXIT_PSCI_RESET);
}

/* What clients do before each command of theirs */
TEST_F_TIMEOUT(life, start_again, SLOW)
{
	uint64_t result = 0;
	int i;

	ASSERT_EQ(guest_make(&self->guest, &lent), 0);
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(gunyah_start(self->guest.vm), 0);
		ASSERT_EQ(guest_call(&self->guest, 0, PUPPET_SELF, 0, 0, 0, &result),
			  GUEST_DONE);
		EXPECT_EQ(result, self->guest.dtb);
	}
}

TEST_F_TIMEOUT(life, running_refusals, SLOW)
{
	struct gunyah_address_range range = { GUNYAH_DT_MEMORY, GUEST_RAM };
	struct gunyah_memory more;
	int vm;

	ASSERT_EQ(guest_make(&self->guest, &lent), 0);
	vm = self->guest.vm;
	ASSERT_EQ(gunyah_start(vm), 0);
	ASSERT_EQ(gunyah_memory_alloc(&more, 0x1000, false), 0);
	more.gpa = 0xa0000000;
	more.label = 77;
	EXPECT_EQ(gunyah_memory_share(vm, &more, 3), -EOPNOTSUPP);
	EXPECT_EQ(gunyah_memory_lend(vm, &more, 3), -EOPNOTSUPP);
	EXPECT_EQ(ioctl(vm, GUNYAH_VM_RECLAIM_REGION, &range), -1);
	EXPECT_EQ(errno, EBUSY);
	EXPECT_EQ(gunyah_set_dtb(vm, GUNYAH_DT_MEMORY, 0x1000), -EBUSY);
	EXPECT_EQ(gunyah_set_firmware(vm, GUNYAH_DT_MEMORY, 0x1000), -EBUSY);
	EXPECT_EQ(gunyah_set_boot_context(vm, 0x100, GUNYAH_DT_MEMORY), -EINVAL);
	gunyah_memory_free(&more);
}

/* Nobody has to have a vCPU: it may be somebody else who runs it. */
TEST_F_TIMEOUT(life, no_vcpu, SLOW)
{
	ASSERT_EQ(guest_make(&self->guest, &shared), 0);
	EXPECT_EQ(gunyah_remove_vcpu(self->guest.vm, 0), 0);
	gunyah_vcpu_close(&self->guest.vcpu[0]);
	EXPECT_EQ(gunyah_start(self->guest.vm), 0);
	EXPECT_EQ(gunyah_start(self->guest.vm), 0);
}

/* vCPUs, also one the VM does not have, may come late. */
TEST_F_TIMEOUT(life, late_vcpus, SLOW)
{
	struct guest *guest = &self->guest;
	int fd;

	ASSERT_EQ(guest_make(guest, &lent), 0);
	EXPECT_EQ(gunyah_remove_vcpu(guest->vm, 0), 0);
	gunyah_vcpu_close(&guest->vcpu[0]);
	ASSERT_EQ(gunyah_start(guest->vm), 0);
	ASSERT_EQ(gunyah_vcpu_open(&guest->vcpu[0], guest->vm, 0), 0);
	EXPECT_EQ(guest->vcpu[0].run->exit_reason, 0);
	fd = gunyah_add_vcpu(guest->vm, 1);
	EXPECT_GE(fd, 0);
	EXPECT_EQ(gunyah_vcpu_run(fd), -ENODEV);
	EXPECT_EQ(psci(guest, PSCI_OFF), GUEST_STATUS);
	EXPECT_EQ(gunyah_remove_vcpu(guest->vm, 1), 0);
	EXPECT_EQ(gunyah_remove_vcpu(guest->vm, 0), 0);
	close(fd);
}

/* Where it starts, if that is said: behind the image's first instruction */
TEST_F_TIMEOUT(life, boot_pc, SLOW)
{
	struct guest *guest = &self->guest;
	uint64_t result = 0;
	uint32_t *image;

	ASSERT_EQ(guest_make(guest, &lent), 0);
	image = guest->ram.host;
	/* Whoever begins at the beginning stays there. */
	memmove((char *)guest->ram.host + 0x100000, image, 0x2000);
	image[0] = 0x14000000;
	EXPECT_EQ(gunyah_set_boot_context(guest->vm, 0x100, GUNYAH_DT_MEMORY + 0x100000), 0);
	EXPECT_EQ(gunyah_set_boot_context(guest->vm, 0, guest->dtb), 0);
	ASSERT_EQ(gunyah_start(guest->vm), 0);
	ASSERT_EQ(guest_call(guest, 0, PUPPET_SELF, 0, 0, 0, &result), GUEST_DONE);
	EXPECT_EQ(result, guest->dtb);
}

/* What RM cannot set is told, and the VM can be started without it. */
TEST_F_TIMEOUT(life, boot_context_refused, SLOW)
{
	struct guest *guest = &self->guest;

	ASSERT_EQ(guest_make(guest, &lent), 0);
	if (gunyah_check_extension(guest->vm, GUNYAH_EXT_BOOT_CONTEXT) == 1)
		SKIP(return, "RM sets them all");
	EXPECT_EQ(gunyah_set_boot_context(guest->vm, 0, 4711), 0);
	EXPECT_EQ(gunyah_start(guest->vm), -EOPNOTSUPP);
	EXPECT_EQ(gunyah_set_boot_context(guest->vm, 0, guest->dtb), 0);
	EXPECT_EQ(gunyah_start(guest->vm), 0);
}

/* What it can set it does set, not only where RM would have put it anyway. */
TEST_F_TIMEOUT(life, boot_context_by_rm, SLOW)
{
	struct guest *guest = &self->guest;
	uint64_t result = 0;

	ASSERT_EQ(guest_make(guest, &lent), 0);
	if (gunyah_check_extension(guest->vm, GUNYAH_EXT_BOOT_CONTEXT) != 1)
		SKIP(return, "RM sets none");
	EXPECT_EQ(gunyah_set_boot_context(guest->vm, 0, 4711), 0);
	ASSERT_EQ(gunyah_start(guest->vm), 0);
	ASSERT_EQ(guest_call(guest, 0, PUPPET_SELF, 0, 0, 0, &result), GUEST_DONE);
	EXPECT_EQ(result, 4711);
}

/* A device tree RM does not like ends the VM, and every vCPU is told. */
TEST_F_TIMEOUT(life, load_failed, SLOW)
{
	struct guest *guest = &self->guest;
	int ret;

	ASSERT_EQ(guest_make(guest, &lent), 0);
	memset((char *)guest->ram.host + (guest->dtb - GUNYAH_DT_MEMORY), 0, 64);
	ret = gunyah_start(guest->vm);
	EXPECT_LT(ret, 0);
	EXPECT_EQ(gunyah_start(guest->vm), -ENODEV);
	EXPECT_EQ(gunyah_vcpu_run(guest->vcpu[0].fd), 0);
	EXPECT_EQ(guest->vcpu[0].run->exit_reason, GUNYAH_VCPU_EXIT_STATUS);
	EXPECT_EQ(guest->vcpu[0].run->status.status, GUNYAH_VM_STATUS_LOAD_FAILED);
	EXPECT_TRUE(polled(guest));
}

static int start_with_rights(struct guest *guest, uint32_t rights)
{
	struct gunyah_address_range range = { GUNYAH_DT_MEMORY, GUEST_RAM };
	int ret;

	if (ioctl(guest->vm, GUNYAH_VM_RECLAIM_REGION, &range))
		return -errno;
	ret = gunyah_memory_lend(guest->vm, &guest->ram, rights);
	return ret ? ret : gunyah_start(guest->vm);
}

/* The region of the device tree is the image, which runs and is written to. */
TEST_F_TIMEOUT(life, rights, SLOW)
{
	const uint32_t some = GUNYAH_MEM_ALLOW_READ, w = GUNYAH_MEM_ALLOW_WRITE,
		       x = GUNYAH_MEM_ALLOW_EXEC;
	struct guest *guest = &self->guest;

	ASSERT_EQ(guest_make(guest, &lent), 0);
	EXPECT_EQ(start_with_rights(guest, some), -EINVAL);
	EXPECT_EQ(start_with_rights(guest, some | w), -EINVAL);
	EXPECT_EQ(start_with_rights(guest, some | x), -EINVAL);
	EXPECT_TRUE(fd_says(guest->vm, "the region of the device tree has not all rights"));
	EXPECT_EQ(start_with_rights(guest, some | w | x), 0);
}

/* More vCPUs than this machine has CPUs */
TEST_F_TIMEOUT(life, more_vcpus_than_cpus, SLOW)
{
	const struct guest_options options = {
		.lend = true, .cpus = sysconf(_SC_NPROCESSORS_CONF) + 1,
	};
	struct guest *guest = &self->guest;
	int ret;

	if (options.cpus > GUEST_CPUS)
		SKIP(return, "too many CPUs");
	ASSERT_EQ(guest_make(guest, &options), 0);
	ret = gunyah_start(guest->vm);
	EXPECT_EQ(ret, -EINVAL);
	guest_end(guest);
	EXPECT_EQ(guest_possible(), 0);
}

/* A region that is not where the tree says that the VM's memory is, is there all the same. */
TEST_F_TIMEOUT(life, base_of_the_tree, SLOW)
{
	struct guest *guest = &self->guest;
	struct gunyah_address_range range = { GUNYAH_DT_MEMORY, GUEST_RAM };
	uint64_t result = 0;

	ASSERT_EQ(guest_make(guest, &lent), 0);
	ASSERT_EQ(ioctl(guest->vm, GUNYAH_VM_RECLAIM_REGION, &range), 0);
	guest->ram.gpa += 0x10000000;
	ASSERT_EQ(gunyah_memory_lend(guest->vm, &guest->ram, 7), 0);
	ASSERT_EQ(gunyah_set_dtb(guest->vm, guest->dtb + 0x10000000, 0x10000), 0);
	ASSERT_EQ(gunyah_start(guest->vm), 0);
	ASSERT_EQ(guest_call(guest, 0, PUPPET_SELF, 0, 0, 0, &result), GUEST_DONE);
	EXPECT_EQ(result, guest->dtb);
}

/* What lent memory is to this process when the guest has it, and after */
TEST_F_TIMEOUT(life, memory_comes_back, SLOW)
{
	struct guest *guest = &self->guest;
	uint64_t *word;
	uint64_t value = 0;
	int tries;

	ASSERT_EQ(guest_make(guest, &lent), 0);
	word = guest->ram.host + 0x100000;
	*word = 0x1122334455667788;
	ASSERT_EQ(gunyah_start(guest->vm), 0);
	ASSERT_EQ(guest_call(guest, 0, PUPPET_LOAD, GUNYAH_DT_MEMORY + 0x100000, 8, 0, &value),
		  GUEST_DONE);
	EXPECT_EQ(value, 0x1122334455667788);
	ASSERT_EQ(guest_call(guest, 0, PUPPET_STORE, GUNYAH_DT_MEMORY + 0x100000, 8, 4711, NULL),
		  GUEST_DONE);
	ASSERT_EQ(psci(guest, PSCI_OFF), GUEST_STATUS);
	gunyah_vcpu_close(&guest->vcpu[0]);
	close(guest->vm);
	guest->vm = -1;
	/*
	 * It is given back behind close(). When, nobody is told; but the next VM
	 * waits for it if it has to.
	 */
	for (tries = 0; tries < 100 && guest_possible(); tries++)
		usleep(100000);
	EXPECT_LT(tries, 100);
}

/* The last copy of a VM's file counts, and kill -9 is as good as close(). */
TEST_F_TIMEOUT(life, dup_fork_kill, SLOW)
{
	struct guest *guest = &self->guest;
	uint64_t result;
	int status, copy;
	pid_t child;

	ASSERT_EQ(guest_make(guest, &lent), 0);
	copy = dup(guest->vm);
	close(guest->vm);
	guest->vm = copy;
	ASSERT_EQ(gunyah_start(copy), 0);
	child = fork();
	if (!child)
		_exit(gunyah_vcpu_run(guest->vcpu[0].fd) == -EPERM ? 0 : 1);
	ASSERT_EQ(waitpid(child, &status, 0), child);
	EXPECT_EQ(status, 0);
	EXPECT_EQ(guest_call(guest, 0, PUPPET_SELF, 0, 0, 0, &result), GUEST_DONE);
	guest_end(guest);

	child = fork();
	if (!child) {
		if (!guest_make(guest, &lent) && !gunyah_start(guest->vm))
			raise(SIGKILL);
		_exit(1);
	}
	ASSERT_EQ(waitpid(child, &status, 0), child);
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(guest_possible(), 0);
}

/* Many small VMs in a row: what is not given back runs out. */
TEST_F_TIMEOUT(life, in_a_row, 2 * SLOW)
{
	int i;

	for (i = 0; i < 70; i++)
		ASSERT_EQ(guest_possible(), 0);
}

static int make_protected(struct guest *guest)
{
	return gunyah_set_firmware(guest->vm, GUNYAH_DT_MEMORY + 0x200000, 0x1000);
}

static int make_trusted(struct guest *guest)
{
	struct gunyah_auth_qtvm_arg arg = {
		.vm_id = 31, .guest_phys_addr = GUNYAH_DT_MEMORY, .size = 0x1000,
	};
	struct gunyah_auth_desc desc = {
		.type = GUNYAH_AUTH_QCOM_TRUSTED_VM, .arg_size = sizeof(arg),
		.arg = (uintptr_t)&arg,
	};

	return ioctl(guest->vm, GUNYAH_VM_ANDROID_SET_AUTH_TYPE, &desc) ? -errno : 0;
}

/* What a protected VM had in its memory is wiped before it is given back. */
TEST_F_TIMEOUT(life, contents, SLOW)
{
	static int (*const makes[])(struct guest *guest) = { NULL, make_protected, make_trusted };
	struct guest *guest = &self->guest;
	unsigned int i;
	uint64_t *word;
	bool given;
	int ret;

	for (i = 0; i < ARRAY_SIZE(makes); i++) {
		ASSERT_EQ(guest_make(guest, &lent), 0);
		word = guest->ram.host + 0x100000;
		*word = 0x1122334455667788;
		if (makes[i])
			ASSERT_EQ(makes[i](guest), 0);
		ret = gunyah_start(guest->vm);
		/* Those RM may refuse, when it has the memory or before. */
		given = !ret || polled(guest);
		EXPECT_TRUE(!ret || makes[i]);
		TH_LOG("start %d, %s", ret, given ? "given" : "not given");
		gunyah_vcpu_close(&guest->vcpu[0]);
		close(guest->vm);
		guest->vm = -1;
		EXPECT_EQ(pinned_soon(0), 0);
		EXPECT_EQ(*word, makes[i] && given ? 0 : 0x1122334455667788);
		guest_end(guest);
	}
}

FIXTURE(closing)
{
	struct guest guest;
	int event;
};

FIXTURE_VARIANT(closing)
{
	bool start, end, bad;
};

FIXTURE_VARIANT_ADD(closing, new) { };
FIXTURE_VARIANT_ADD(closing, running) { .start = true };
FIXTURE_VARIANT_ADD(closing, over) { .start = true, .end = true };
FIXTURE_VARIANT_ADD(closing, load_failed) { .bad = true };

FIXTURE_SETUP(closing)
{
	int ret;

	self->guest.vm = -1;
	ret = guest_needed();
	if (ret > 0)
		SKIP(return, NO_GUESTS);
	ASSERT_EQ(ret, 0);
}

FIXTURE_TEARDOWN(closing)
{
	guest_end(&self->guest);
}

/* Files of a VM: its own, a vCPU's, an eventfd of an irqfd, its memory's */
enum { VM, VCPU, EVENT, MEMORY, NR_FILES };

static void close_one(struct guest *guest, int event, unsigned int which)
{
	switch (which) {
	case VM:
		close(guest->vm);
		guest->vm = -1;
		break;
	case VCPU:
		gunyah_vcpu_close(&guest->vcpu[0]);
		break;
	case EVENT:
		close(event);
		break;
	default:
		gunyah_memory_free(&guest->ram);
	}
}

/* The @number-th order of all there are */
static void order_of(unsigned int number, unsigned int order[NR_FILES])
{
	unsigned int left[NR_FILES] = { VM, VCPU, EVENT, MEMORY };
	unsigned int i, at;

	for (i = 0; i < NR_FILES; i++) {
		at = number % (NR_FILES - i);
		number /= NR_FILES - i;
		order[i] = left[at];
		memmove(&left[at], &left[at + 1], (NR_FILES - 1 - at) * sizeof(left[0]));
	}
}

TEST_F_TIMEOUT(closing, each_order, 3 * SLOW)
{
	static const struct gunyah_bell bell = { .label = 1, .spi = 1 };
	const struct guest_options options = { .lend = true, .bells = &bell, .nr_bells = 1 };
	struct guest *guest = &self->guest;
	unsigned int i, j, order[NR_FILES];

	for (i = 0; i < 24; i++) {
		ASSERT_EQ(guest_make(guest, &options), 0);
		self->event = eventfd(0, 0);
		ASSERT_EQ(gunyah_add_irqfd(guest->vm, self->event, 1, false), 0);
		ASSERT_EQ(gunyah_add_ioeventfd(guest->vm, self->event, 0x8000), 0);
		if (variant->bad)
			memset((char *)guest->ram.host + (guest->dtb - GUNYAH_DT_MEMORY), 0, 64);
		if (variant->start || variant->bad)
			ASSERT_EQ(!gunyah_start(guest->vm), variant->start);
		if (variant->end)
			ASSERT_EQ(psci(guest, PSCI_OFF), GUEST_STATUS);
		order_of(i, order);
		for (j = 0; j < NR_FILES; j++)
			close_one(guest, self->event, order[j]);
	}
	EXPECT_EQ(pinned_soon(0), 0);
	EXPECT_EQ(charged_soon(0), 0);
	EXPECT_EQ(guest_possible(), 0);
}

TEST_HARNESS_MAIN
