// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each ioctl in each state of a VM: what it says, and that an error changes
 * nothing. Then what does not depend on the state: a process that is not the
 * VM's, and one that has no descriptors left.
 */
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "counters.h"
#include "running.h"

#define ELSEWHERE	0xa0000000ULL
#define LABEL		77
#define RW		3
#define MAP_RW		(GUNYAH_MAP_MEM_ALLOW_READ | GUNYAH_MAP_MEM_ALLOW_WRITE)
#define ID		7		/* of a vCPU no VM has */

enum state { NEW, RUNNING, EXITED, LOAD_FAILED, NR_STATES };

/**
 * struct subject - a VM, and what can be given to it
 * @guest: the VM
 * @more: memory
 * @gmem: a guest memory file
 * @event: an eventfd
 */
struct subject {
	struct guest guest;
	struct gunyah_memory more;
	int gmem, event;
};

static int vm_ioctl(struct subject *s, unsigned long request, void *arg)
{
	int ret = ioctl(s->guest.vm, request, arg);

	return ret < 0 ? -errno : ret;
}

static int do_share(struct subject *s)
{
	return gunyah_memory_share(s->guest.vm, &s->more, RW);
}

static int do_lend(struct subject *s)
{
	return gunyah_memory_lend(s->guest.vm, &s->more, RW);
}

static int do_reclaim(struct subject *s)
{
	struct gunyah_address_range range = { s->more.gpa, s->more.size };

	return vm_ioctl(s, GUNYAH_VM_RECLAIM_REGION, &range);
}

static int map_gmem(struct subject *s, uint32_t flags)
{
	struct gunyah_map_mem_args args = {
		.guest_addr = ELSEWHERE + 0x100000, .flags = MAP_RW | flags,
		.guest_mem_fd = s->gmem, .size = PAGE,
	};

	return vm_ioctl(s, GUNYAH_VM_MAP_MEM, &args);
}

static int do_map(struct subject *s)
{
	return map_gmem(s, 0);
}

static int do_unmap(struct subject *s)
{
	return map_gmem(s, GUNYAH_MAP_MEM_UNMAP);
}

static int do_dtb(struct subject *s)
{
	return gunyah_set_dtb(s->guest.vm, s->guest.dtb, 0x10000);
}

static int do_context(struct subject *s)
{
	return gunyah_set_boot_context(s->guest.vm, 0, s->guest.dtb);
}

static int do_bad_context(struct subject *s)
{
	return gunyah_set_boot_context(s->guest.vm, 0x101, 0);
}

static int do_extension(struct subject *s)
{
	return gunyah_check_extension(s->guest.vm, GUNYAH_EXT_POLL);
}

static int do_add_vcpu(struct subject *s)
{
	int fd = gunyah_add_vcpu(s->guest.vm, ID);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int do_remove_vcpu(struct subject *s)
{
	return gunyah_remove_vcpu(s->guest.vm, ID);
}

static int do_add_irqfd(struct subject *s)
{
	return gunyah_add_irqfd(s->guest.vm, s->event, LABEL, false);
}

static int do_remove_irqfd(struct subject *s)
{
	return gunyah_remove_irqfd(s->guest.vm, LABEL);
}

static int do_add_ioeventfd(struct subject *s)
{
	return gunyah_add_ioeventfd(s->guest.vm, s->event, 0x100);
}

static int do_remove_ioeventfd(struct subject *s)
{
	return gunyah_remove_ioeventfd(s->guest.vm, 0x100);
}

static int do_size(struct subject *s)
{
	int ret = ioctl(s->guest.vcpu[0].fd, GUNYAH_VCPU_MMAP_SIZE);

	return ret > 0 && !(ret % sysconf(_SC_PAGESIZE)) ? 0 : -EPROTO;
}

/* Those that authenticate the VM are the last before it starts: this one would not. */
static int do_firmware(struct subject *s)
{
	return gunyah_set_firmware(s->guest.vm, s->guest.dtb, PAGE);
}

static int do_pvm(struct subject *s)
{
	struct gunyah_auth_desc desc = { .type = GUNYAH_AUTH_ANDROID_PVM };

	return vm_ioctl(s, GUNYAH_VM_ANDROID_SET_AUTH_TYPE, &desc);
}

static int do_qtvm(struct subject *s)
{
	struct gunyah_auth_qtvm_arg arg = {
		.vm_id = 45, .guest_phys_addr = GUNYAH_DT_MEMORY, .size = PAGE,
	};
	struct gunyah_auth_desc desc = {
		.type = GUNYAH_AUTH_QCOM_TRUSTED_VM, .arg_size = sizeof(arg),
		.arg = (uintptr_t)&arg,
	};

	return vm_ioctl(s, GUNYAH_VM_ANDROID_SET_AUTH_TYPE, &desc);
}

static int do_start(struct subject *s)
{
	return gunyah_start(s->guest.vm);
}

/* One after the other: what the first adds the next one removes. */
static const struct row {
	const char *name;
	int (*call)(struct subject *s);
	int errors[NR_STATES];
} rows[] = {
	{ "share", do_share, { 0, -EOPNOTSUPP, -ENODEV, -ENODEV } },
	{ "share again", do_share, { -EEXIST, -EOPNOTSUPP, -ENODEV, -ENODEV } },
	{ "reclaim", do_reclaim, { 0, -EBUSY, -ENODEV, -ENODEV } },
	{ "lend", do_lend, { 0, -EOPNOTSUPP, -ENODEV, -ENODEV } },
	{ "reclaim lent", do_reclaim, { 0, -EBUSY, -ENODEV, -ENODEV } },
	{ "reclaim nothing", do_reclaim, { -ENOENT, -EBUSY, -ENODEV, -ENODEV } },
	{ "map", do_map, { 0, -EOPNOTSUPP, -ENODEV, -ENODEV } },
	{ "unmap", do_unmap, { 0, -EOPNOTSUPP, -ENODEV, -ENODEV } },
	{ "unmap nothing", do_unmap, { -ENOENT, -EOPNOTSUPP, -ENODEV, -ENODEV } },
	{ "device tree", do_dtb, { 0, -EBUSY, -ENODEV, -ENODEV } },
	{ "boot context", do_context, { 0, -EINVAL, -EINVAL, -EINVAL } },
	{ "no register", do_bad_context, { -EINVAL, -EINVAL, -EINVAL, -EINVAL } },
	{ "extension", do_extension, { 1, 1, 1, 1 } },
	{ "add vCPU", do_add_vcpu, { 0, 0, 0, 0 } },
	{ "add vCPU again", do_add_vcpu, { -EEXIST, -EEXIST, -EEXIST, -EEXIST } },
	{ "remove vCPU", do_remove_vcpu, { 0, 0, 0, 0 } },
	{ "remove no vCPU", do_remove_vcpu, { -ENOENT, -ENOENT, -ENOENT, -ENOENT } },
	{ "add irqfd", do_add_irqfd, { 0, 0, 0, 0 } },
	{ "remove irqfd", do_remove_irqfd, { 0, 0, 0, 0 } },
	{ "add ioeventfd", do_add_ioeventfd, { 0, 0, 0, 0 } },
	{ "remove ioeventfd", do_remove_ioeventfd, { 0, 0, 0, 0 } },
	{ "mmap size", do_size, { 0, 0, 0, 0 } },
};

static const struct row last_rows[] = {
	{ "start again", do_start, { 0, 0, -ENODEV, -ENODEV } },
	{ "firmware", do_firmware, { -EBUSY, -EBUSY, -ENODEV, -ENODEV } },
	{ "protected VM", do_pvm, { -EBUSY, -EBUSY, -ENODEV, -ENODEV } },
	{ "trusted VM", do_qtvm, { -EBUSY, -EBUSY, -ENODEV, -ENODEV } },
};

static int take_to(struct guest *guest, enum state state)
{
	int ret;

	if (state == NEW)
		return 0;
	if (state == LOAD_FAILED) {
		memset((char *)guest->ram.host + (guest->dtb - GUNYAH_DT_MEMORY), 0, 64);
		return gunyah_start(guest->vm) ? 0 : -EPROTO;
	}
	ret = gunyah_start(guest->vm);
	if (ret || state == RUNNING)
		return ret;
	ret = guest_call(guest, 0, PUPPET_HVC, PSCI_OFF, 0, 0, NULL);
	return ret == GUEST_STATUS ? 0 : -EPROTO;
}

FIXTURE(states)
{
	struct subject s;
	long before;
};

FIXTURE_VARIANT(states)
{
	enum state state;
};

FIXTURE_VARIANT_ADD(states, new) { .state = NEW };
FIXTURE_VARIANT_ADD(states, running) { .state = RUNNING };
FIXTURE_VARIANT_ADD(states, exited) { .state = EXITED };
FIXTURE_VARIANT_ADD(states, load_failed) { .state = LOAD_FAILED };

FIXTURE_SETUP(states)
{
	const struct guest_options options = { .lend = true };
	struct gunyah_create_mem_args args = { .size = PAGE };
	int dev, ret;

	self->s.guest.vm = -1;
	ret = guest_needed();
	if (ret > 0)
		SKIP(return, NO_GUESTS);
	ASSERT_EQ(ret, 0);
	self->before = pinned_soon(0);
	dev = gunyah_open(NULL);
	self->s.gmem = ioctl(dev, GUNYAH_CREATE_GUEST_MEM, &args);
	close(dev);
	ASSERT_GE(self->s.gmem, 0);
	self->s.event = eventfd(0, EFD_NONBLOCK);
	ASSERT_GE(self->s.event, 0);
	ASSERT_EQ(gunyah_memory_alloc(&self->s.more, 2 * PAGE, false), 0);
	self->s.more.gpa = ELSEWHERE;
	self->s.more.label = LABEL;
	ASSERT_EQ(guest_make(&self->s.guest, &options), 0);
	ASSERT_EQ(take_to(&self->s.guest, variant->state), 0);
}

FIXTURE_TEARDOWN(states)
{
	if (self->s.guest.vm < 0)
		return;
	guest_end(&self->s.guest);
	gunyah_memory_free(&self->s.more);
	close(self->s.event);
	close(self->s.gmem);
	EXPECT_EQ(pinned_soon(self->before), self->before);
	EXPECT_EQ(charged_soon(0), 0);
}

static void go_through(struct __test_metadata *_metadata, struct subject *s,
		       const struct row *some, unsigned int nr, enum state state)
{
	long charge = charged(), pins = pinned();
	unsigned int i;

	for (i = 0; i < nr; i++) {
		EXPECT_EQ(some[i].call(s), some[i].errors[state]) {
			TH_LOG("%s", some[i].name);
		}
	}
	/* What was added is removed, and what was refused is not pinned. */
	EXPECT_EQ(charged(), charge);
	EXPECT_EQ(pinned(), pins);
}

TEST_F_TIMEOUT(states, each_ioctl, SLOW)
{
	struct subject *s = &self->s;
	uint64_t result = 0;

	go_through(_metadata, s, rows, ARRAY_SIZE(rows), variant->state);
	if (variant->state == NEW)
		ASSERT_EQ(gunyah_start(s->guest.vm), 0);
	go_through(_metadata, s, last_rows, ARRAY_SIZE(last_rows), variant->state);
	if (variant->state > RUNNING)
		return;
	/* It is as it was. */
	ASSERT_EQ(guest_call(&s->guest, 0, PUPPET_SELF, 0, 0, 0, &result), GUEST_DONE);
	EXPECT_EQ(result, s->guest.dtb);
}

/* Memory is of the process that made the VM, and so is running a vCPU. */
TEST_F_TIMEOUT(states, other_process, SLOW)
{
	static int (*const calls[])(struct subject *s) = {
		do_share, do_lend, do_reclaim, do_map, do_unmap,
	};
	struct subject *s = &self->s;
	unsigned int i;
	int status;
	pid_t pid;

	pid = fork();
	if (!pid) {
		for (i = 0; i < ARRAY_SIZE(calls); i++)
			if (calls[i](s) != -EPERM)
				_exit(1 + i);
		_exit(gunyah_vcpu_run(s->guest.vcpu[0].fd) == -EPERM ? 0 : 10);
	}
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
}

FIXTURE(limits)
{
	int dev, vm;
};

FIXTURE_SETUP(limits)
{
	self->dev = gunyah_open(NULL);
	if (self->dev < 0)
		SKIP(return, "there is no /dev/gunyah");
	self->vm = gunyah_create_vm(self->dev);
	ASSERT_GE(self->vm, 0);
}

FIXTURE_TEARDOWN(limits)
{
}

/* Three ioctls make descriptors; where there is none left they make nothing else. */
TEST_F(limits, no_descriptors)
{
	struct gunyah_create_mem_args args = { .size = PAGE };
	struct rlimit limit, none;
	int next = dup(self->dev), fd;

	close(next);
	ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = (struct rlimit){ .rlim_cur = next, .rlim_max = limit.rlim_max };
	ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
	EXPECT_EQ(gunyah_create_vm(self->dev), -EMFILE);
	EXPECT_EQ(gunyah_add_vcpu(self->vm, 0), -EMFILE);
	EXPECT_EQ(ioctl(self->dev, GUNYAH_CREATE_GUEST_MEM, &args), -1);
	EXPECT_EQ(errno, EMFILE);
	ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
	fd = gunyah_add_vcpu(self->vm, 0);
	EXPECT_GE(fd, 0);
	close(fd);
}

/* One kind of authentication excludes the other, and says what it lacks. */
TEST_F(limits, authentication)
{
	struct gunyah_auth_qtvm_arg arg = { .vm_id = 45, .size = PAGE };
	struct gunyah_auth_desc qtvm = {
		.type = GUNYAH_AUTH_QCOM_TRUSTED_VM, .arg_size = sizeof(arg),
		.arg = (uintptr_t)&arg,
	};
	struct gunyah_auth_desc pvm = { .type = GUNYAH_AUTH_ANDROID_PVM };
	int other = gunyah_create_vm(self->dev);

	arg.vm_id = 0;
	EXPECT_EQ(ioctl(self->vm, GUNYAH_VM_ANDROID_SET_AUTH_TYPE, &qtvm), -1);
	EXPECT_EQ(errno, EINVAL);
	arg = (struct gunyah_auth_qtvm_arg){ .vm_id = 45 };
	EXPECT_EQ(ioctl(self->vm, GUNYAH_VM_ANDROID_SET_AUTH_TYPE, &qtvm), -1);
	EXPECT_EQ(errno, EINVAL);
	arg = (struct gunyah_auth_qtvm_arg){ .vm_id = 45, .guest_phys_addr = PAGE, .size = -PAGE };
	EXPECT_EQ(ioctl(self->vm, GUNYAH_VM_ANDROID_SET_AUTH_TYPE, &qtvm), -1);
	EXPECT_EQ(errno, EINVAL);

	/* Nothing of it has remained. */
	EXPECT_EQ(ioctl(self->vm, GUNYAH_VM_ANDROID_SET_AUTH_TYPE, &pvm), 0);
	EXPECT_EQ(gunyah_set_firmware(self->vm, GUNYAH_DT_MEMORY, PAGE), 0);
	arg = (struct gunyah_auth_qtvm_arg){ .vm_id = 45, .size = PAGE };
	EXPECT_EQ(ioctl(self->vm, GUNYAH_VM_ANDROID_SET_AUTH_TYPE, &qtvm), -1);
	EXPECT_EQ(errno, EINVAL);
	EXPECT_EQ(ioctl(other, GUNYAH_VM_ANDROID_SET_AUTH_TYPE, &qtvm), 0);
	EXPECT_EQ(gunyah_set_firmware(other, GUNYAH_DT_MEMORY, PAGE), -EINVAL);
	EXPECT_EQ(ioctl(other, GUNYAH_VM_ANDROID_SET_AUTH_TYPE, &pvm), -1);
	EXPECT_EQ(errno, EINVAL);
	close(other);
}

TEST_HARNESS_MAIN
