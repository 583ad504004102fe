// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each ioctl with each of its allocations failing in turn: the answer is
 * ENOMEM, unless there was a way round it, and nothing is left behind. Needs a
 * kernel with fault injection, and root.
 *
 * In VM_START it spares what the interrupt core allocates for its own entries in
 * /proc: without memory it makes some of them, and complains later that it can
 * not remove the others.
 */
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>

#include "counters.h"
#include "running.h"
#include "tracefs.h"

#define FAULTS_MOST	3000	/* no call makes as many allocations */
#define LONG		3600
#define HERE		0x8000ULL
#define BELL		1
#define BEHIND		(GUNYAH_DT_MEMORY + GUEST_RAM)	/* where RM puts what has no label */
#define RWX	(GUNYAH_MEM_ALLOW_READ | GUNYAH_MEM_ALLOW_WRITE | GUNYAH_MEM_ALLOW_EXEC)
#define MAP_RWX	(GUNYAH_MAP_MEM_ALLOW_READ | GUNYAH_MAP_MEM_ALLOW_WRITE | GUNYAH_MAP_MEM_ALLOW_EXEC)

/**
 * struct subject - who is experimented on
 * @dev: the device
 * @event: an eventfd
 * @nth: /proc/self/fail-nth
 * @guest: a VM that has not been started
 * @more: memory it does not have
 * @before: pages that were pinned
 */
struct subject {
	int dev, event, nth;
	struct guest guest;
	struct gunyah_memory more;
	long before;
};

FIXTURE(fail_nth)
{
	struct subject s;
};

/* An attribute of both kinds of faults: of objects, and of pages */
static int set_both(const char *attribute, const char *value)
{
	static const char *const kinds[] = { "failslab", "fail_page_alloc" };
	unsigned int i;
	char path[96];
	int fd, ret = 0;

	for (i = 0; i < 2 && !ret; i++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", kinds[i], attribute);
		fd = open(path, O_WRONLY);
		if (fd < 0)
			return -errno;
		ret = write(fd, value, strlen(value)) < 0 ? -errno : 0;
		close(fd);
	}
	return ret;
}

/* Allocations that may sleep are those of ioctls, and single pages are pages. */
static int allow_faults(void)
{
	FILE *order;

	/* A stack trace for each fault takes longer than all the rest. */
	if (set_both("ignore-gfp-wait", "N") || set_both("verbose", "0"))
		return -ENOENT;
	order = fopen("/sys/kernel/debug/fail_page_alloc/min-order", "w");
	if (!order)
		return -errno;
	fputs("0", order);
	return fclose(order) ? -EIO : 0;
}

/* Spare what a function of the kernel allocates, and whoever it calls. */
static int spare(const char *function)
{
	unsigned long long at, begin = 0, end = ~0ULL;
	FILE *symbols = fopen("/proc/kallsyms", "r");
	char line[256], name[128], text[24];

	while (symbols && fgets(line, sizeof(line), symbols)) {
		if (sscanf(line, "%llx %*c %127s", &at, name) != 2)
			continue;
		if (!strcmp(name, function))
			begin = at;
	}
	if (begin)
		rewind(symbols);
	while (begin && fgets(line, sizeof(line), symbols))
		if (sscanf(line, "%llx %*c %127s", &at, name) == 2 && at > begin && at < end)
			end = at;
	if (symbols)
		fclose(symbols);
	if (!begin)
		return -ENOENT;
	snprintf(text, sizeof(text), "%#llx", begin);
	if (set_both("reject-start", text))
		return -EOPNOTSUPP;
	snprintf(text, sizeof(text), "%#llx", end);
	return set_both("reject-end", text);
}

static int arm(int fd, unsigned int nth)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", nth);
	return pwrite(fd, text, strlen(text), 0) > 0 ? 0 : -errno;
}

/* Was there a fault since? */
static bool disarm(int fd)
{
	char text[16] = "";
	bool fault = pread(fd, text, sizeof(text) - 1, 0) > 0 && !strtoul(text, NULL, 0);

	arm(fd, 0);
	return fault;
}

static const struct gunyah_bell bell = { .label = BELL, .spi = BELL };
static const struct guest_options options = {
	.lend = true, .shared = 0x2000, .bells = &bell, .nr_bells = 1,
};

static int gmem_args(int vm, int fd, uint32_t flags)
{
	struct gunyah_map_mem_args args = {
		.guest_addr = BEHIND, .flags = MAP_RWX | flags, .guest_mem_fd = fd,
		.size = PAGE,
	};

	return ioctl(vm, GUNYAH_VM_MAP_MEM, &args) ? -errno : 0;
}

static int create_gmem(int dev)
{
	struct gunyah_create_mem_args args = { .size = 4 * PAGE };
	int fd = ioctl(dev, GUNYAH_CREATE_GUEST_MEM, &args);

	return fd < 0 ? -errno : fd;
}

static int call_create_vm(struct subject *s)
{
	return gunyah_create_vm(s->dev);
}

static void undo_fd(struct subject *s, int ret)
{
	close(ret);
}

static int call_share(struct subject *s)
{
	return gunyah_memory_share(s->guest.vm, &s->more, RWX);
}

static int call_lend(struct subject *s)
{
	return gunyah_memory_lend(s->guest.vm, &s->more, RWX);
}

static void undo_memory(struct subject *s, int ret)
{
	struct gunyah_address_range range = { s->more.gpa, s->more.size };

	ioctl(s->guest.vm, GUNYAH_VM_RECLAIM_REGION, &range);
}

static int call_reclaim(struct subject *s)
{
	struct gunyah_address_range range = { s->guest.shared.gpa, s->guest.shared.size };

	return ioctl(s->guest.vm, GUNYAH_VM_RECLAIM_REGION, &range) ? -errno : 0;
}

static void undo_reclaim(struct subject *s, int ret)
{
	gunyah_memory_share(s->guest.vm, &s->guest.shared, RWX);
}

static int call_dtb(struct subject *s)
{
	return gunyah_set_dtb(s->guest.vm, s->guest.dtb, 0x10000);
}

static int call_boot_context(struct subject *s)
{
	return gunyah_set_boot_context(s->guest.vm, 0, s->guest.dtb);
}

static int call_extension(struct subject *s)
{
	return gunyah_check_extension(s->guest.vm, GUNYAH_EXT_BOOT_CONTEXT);
}

static int call_vcpu(struct subject *s)
{
	return gunyah_add_vcpu(s->guest.vm, 5);
}

static void undo_vcpu(struct subject *s, int ret)
{
	gunyah_remove_vcpu(s->guest.vm, 5);
	close(ret);
}

static int call_irqfd(struct subject *s)
{
	return gunyah_add_irqfd(s->guest.vm, s->event, BELL, false);
}

static void undo_irqfd(struct subject *s, int ret)
{
	gunyah_remove_irqfd(s->guest.vm, BELL);
}

static int call_ioeventfd(struct subject *s)
{
	return gunyah_add_ioeventfd(s->guest.vm, s->event, HERE);
}

static void undo_ioeventfd(struct subject *s, int ret)
{
	gunyah_remove_ioeventfd(s->guest.vm, HERE);
}

static int call_remove(struct subject *s)
{
	return gunyah_remove_vcpu(s->guest.vm, 0);
}

static int call_create_gmem(struct subject *s)
{
	return create_gmem(s->dev);
}

/* Here @event is a file of guest memory. */
static int call_map_gmem(struct subject *s)
{
	return gmem_args(s->guest.vm, s->event, 0);
}

static void undo_gmem(struct subject *s, int ret)
{
	gmem_args(s->guest.vm, s->event, GUNYAH_MAP_MEM_UNMAP);
}

/* What was changed is not what it was. */
static void renew(struct subject *s, int ret)
{
	guest_end(&s->guest);
	if (guest_make(&s->guest, &options))
		s->guest.vm = -1;
}

static int call_run(struct subject *s)
{
	struct gunyah_vcpu_run *run = s->guest.vcpu[0].run;
	int ret = gunyah_vcpu_run(s->guest.vcpu[0].fd);

	return ret ? ret : run->exit_reason == GUNYAH_VCPU_EXIT_MMIO ? 0 : -EPROTO;
}

static int call_start(struct subject *s)
{
	return gunyah_start(s->guest.vm);
}

/* One that RM has seen the image of has failed to load; any other is new again. */
static void renew_ended(struct subject *s)
{
	struct pollfd poll_vm = { .fd = s->guest.vm };

	if (poll(&poll_vm, 1, 0))
		renew(s, 0);
}

/*
 * As renew() and renew_ended(), of a VM that has a part of @event, too: of a new one, as
 * the last VM has the old one until it is taken apart.
 */
static void renew_gmem(struct subject *s, int ret)
{
	renew(s, ret);
	close(s->event);
	s->event = create_gmem(s->dev);
	if (s->guest.vm >= 0 && gmem_args(s->guest.vm, s->event, 0))
		guest_end(&s->guest);
}

static void renew_gmem_ended(struct subject *s)
{
	struct pollfd poll_vm = { .fd = s->guest.vm };

	if (poll(&poll_vm, 1, 0))
		renew_gmem(s, 0);
}

static int call_firmware(struct subject *s)
{
	return gunyah_set_firmware(s->guest.vm, s->guest.dtb, PAGE);
}

static int call_auth(struct subject *s)
{
	struct gunyah_auth_desc desc = { .type = GUNYAH_AUTH_ANDROID_PVM };

	return ioctl(s->guest.vm, GUNYAH_VM_ANDROID_SET_AUTH_TYPE, &desc) ? -errno : 0;
}

/**
 * struct call - an ioctl that is made to fail
 * @name: of the ioctl
 * @call: does it; negative errno on failure
 * @undo: after it went well, so that it can be done again. May be NULL
 * @failed: after it did not. May be NULL
 */
static const struct call {
	const char *name;
	int (*call)(struct subject *s);
	void (*undo)(struct subject *s, int ret);
	void (*failed)(struct subject *s);
} calls[] = {
	{ .name = "CREATE_VM", .call = call_create_vm, .undo = undo_fd },
	{ .name = "SET_USER_MEM_REGION", .call = call_share, .undo = undo_memory },
	{ .name = "LEND_USER_MEM", .call = call_lend, .undo = undo_memory },
	{ .name = "RECLAIM_REGION", .call = call_reclaim, .undo = undo_reclaim },
	{ .name = "SET_DTB_CONFIG", .call = call_dtb },
	{ .name = "SET_BOOT_CONTEXT", .call = call_boot_context },
	{ .name = "CHECK_EXTENSION", .call = call_extension },
	{ .name = "ADD_FUNCTION, vCPU", .call = call_vcpu, .undo = undo_vcpu },
	{ .name = "ADD_FUNCTION, irqfd", .call = call_irqfd, .undo = undo_irqfd },
	{ .name = "ADD_FUNCTION, ioeventfd", .call = call_ioeventfd, .undo = undo_ioeventfd },
	{ .name = "REMOVE_FUNCTION", .call = call_remove, .undo = renew },
	{ .name = "CREATE_GUEST_MEM", .call = call_create_gmem, .undo = undo_fd },
	{ .name = "SET_FW_CONFIG", .call = call_firmware },
	{ .name = "SET_AUTH_TYPE", .call = call_auth },
};

FIXTURE_SETUP(fail_nth)
{
	int ret;

	self->s.dev = -1;
	self->s.nth = open("/proc/self/fail-nth", O_RDWR);
	if (self->s.nth < 0 || allow_faults())
		SKIP(return, "a kernel without fault injection");
	ret = guest_needed();
	if (ret > 0)
		SKIP(return, NO_GUESTS);
	ASSERT_EQ(ret, 0);
	self->s.before = pinned_soon(0);
	self->s.dev = gunyah_open(NULL);
	self->s.event = eventfd(0, EFD_NONBLOCK);
	ASSERT_EQ(gunyah_memory_alloc(&self->s.more, 16 * PAGE, false), 0);
	self->s.more.gpa = 0xa0000000;
	self->s.more.label = 99;
	ASSERT_EQ(guest_make(&self->s.guest, &options), 0);
}

FIXTURE_TEARDOWN(fail_nth)
{
	if (self->s.dev < 0)
		return;
	guest_end(&self->s.guest);
	gunyah_memory_free(&self->s.more);
	close(self->s.event);
	close(self->s.dev);
	close(self->s.nth);
	EXPECT_EQ(pinned_soon(self->s.before), self->s.before);
	EXPECT_EQ(charged_soon(0), 0);
	EXPECT_EQ(guest_possible(), 0);
}

/* Returns how many faults there were, or -1. */
static int sweep(struct __test_metadata *_metadata, struct subject *s, const struct call *call)
{
	unsigned int nth, faults = 0;
	bool fault = true;
	int ret;

	for (nth = 1; nth < FAULTS_MOST && fault; nth++) {
		EXPECT_EQ(arm(s->nth, nth), 0);
		ret = call->call(s);
		fault = disarm(s->nth);
		faults += fault;
		if (ret < 0) {
			EXPECT_TRUE(fault);
			EXPECT_EQ(ret, -ENOMEM);
		}
		if (ret >= 0 && call->undo)
			call->undo(s, ret);
		else if (ret < 0 && call->failed)
			call->failed(s);
		EXPECT_GE(s->guest.vm, 0);
	}
	EXPECT_FALSE(fault);
	TH_LOG("%s: %u faults", call->name, faults);
	return faults;
}

TEST_F_TIMEOUT(fail_nth, each_ioctl, LONG)
{
	unsigned int i, faults = 0;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		faults += sweep(_metadata, &self->s, &calls[i]);
	EXPECT_GT(faults, 20);
}

TEST_F_TIMEOUT(fail_nth, start, LONG)
{
	static const struct call start = {
		.name = "VM_START", .call = call_start, .undo = renew, .failed = renew_ended,
	};
	uint64_t result;

	if (spare("register_irq_proc"))
		SKIP(return, "no filter for faults (FAULT_INJECTION_STACKTRACE_FILTER)");
	EXPECT_GT(sweep(_metadata, &self->s, &start), 100);
	EXPECT_EQ(set_both("reject-start", "0") | set_both("reject-end", "0"), 0);
	/* The last of them is not started yet. */
	ASSERT_EQ(gunyah_start(self->s.guest.vm), 0);
	EXPECT_EQ(guest_call(&self->s.guest, 0, PUPPET_SELF, 0, 0, 0, &result), GUEST_DONE);
	EXPECT_EQ(result, self->s.guest.dtb);
}

/* No allocation is made on the way into the guest and out again. */
TEST_F_TIMEOUT(fail_nth, run, LONG)
{
	static const struct call run = { .name = "VCPU_RUN", .call = call_run };
	struct subject *s = &self->s;
	int i;

	ASSERT_EQ(gunyah_start(s->guest.vm), 0);
	/* The page is there. */
	ASSERT_EQ(call_run(s), 0);
	guest_set(&s->guest, 0, PUPPET_SELF, 0, 0, 0);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(sweep(_metadata, s, &run), 0);
}

TEST_F_TIMEOUT(fail_nth, map_guest_memory, LONG)
{
	static const struct call map = {
		.name = "MAP_MEM", .call = call_map_gmem, .undo = undo_gmem,
	};
	struct subject *s = &self->s;

	close(s->event);
	s->event = create_gmem(s->dev);
	ASSERT_GE(s->event, 0);
	EXPECT_GT(sweep(_metadata, s, &map), 0);
}

/* What a guest has of a file is pinned and charged by VM_START. */
TEST_F_TIMEOUT(fail_nth, start_guest_memory, LONG)
{
	static const struct call start = {
		.name = "VM_START with guest memory", .call = call_start, .undo = renew_gmem,
		.failed = renew_gmem_ended,
	};
	struct subject *s = &self->s;
	uint64_t result = 1;

	if (spare("register_irq_proc"))
		SKIP(return, "no filter for faults (FAULT_INJECTION_STACKTRACE_FILTER)");
	close(s->event);
	s->event = create_gmem(s->dev);
	ASSERT_GE(s->event, 0);
	ASSERT_EQ(gmem_args(s->guest.vm, s->event, 0), 0);
	EXPECT_GT(sweep(_metadata, s, &start), 100);
	EXPECT_EQ(set_both("reject-start", "0") | set_both("reject-end", "0"), 0);
	ASSERT_EQ(gunyah_start(s->guest.vm), 0);
	EXPECT_EQ(guest_call(&s->guest, 0, PUPPET_SUM, BEHIND, PAGE, 0, &result), GUEST_DONE);
	EXPECT_EQ(result, 0);
}

#define FAIL_FUNCTION	"/sys/kernel/debug/fail_function/"

/* A function of the kernel fails once with -EIO, when it is called next. */
static int inject(const char *function)
{
	char path[128];

	snprintf(path, sizeof(path), FAIL_FUNCTION "%s/retval", function);
	if (write_file(FAIL_FUNCTION "inject", function) ||
	    write_file(path, "0xfffffffffffffffb") ||
	    write_file(FAIL_FUNCTION "probability", "100") ||
	    write_file(FAIL_FUNCTION "verbose", "0") || write_file(FAIL_FUNCTION "times", "1"))
		return -ENOENT;
	return 0;
}

/*
 * Calls of RM that a test suite makes fail by name: VM_START does, and from the image on
 * the VM has ended. Not with ENOMEM: that is a limit, and the last VM may just be giving
 * something back, so that it is tried again.
 */
TEST_F_TIMEOUT(fail_nth, injected, LONG)
{
	static const struct {
		const char *function;
		bool ended;
	} rows[] = {
		{ "gunyah_rm_alloc_vmid" }, { "gunyah_rm_mem_lend" }, { "gunyah_rm_mem_share" },
		{ "gunyah_rm_vm_configure", true }, { "gunyah_rm_vm_init", true },
		{ "gunyah_rm_get_hyp_resources", true }, { "gunyah_rm_vm_start", true },
	};
	struct subject *s = &self->s;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ASSERT_EQ(inject(rows[i].function), 0);
		EXPECT_EQ(gunyah_start(s->guest.vm), -EIO) {
			TH_LOG("%s", rows[i].function);
		}
		EXPECT_EQ(write_file(FAIL_FUNCTION "inject", "\n"), 0);
		EXPECT_EQ(gunyah_start(s->guest.vm), rows[i].ended ? -ENODEV : 0);
		renew(s, 0);
		ASSERT_GE(s->guest.vm, 0);
	}
}

TEST_HARNESS_MAIN
