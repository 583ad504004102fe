// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the known clients do, call by call and in their order, with what they leave
 * uninitialised, leave out or get wrong: of each generation of the ABI those that
 * exist. Which they are is in Documentation/virt/gunyah/uapi-tests.rst.
 */
#define _GNU_SOURCE
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "counters.h"
#include "running.h"

#define RWX		7
#define GARBAGE		0xdeadbeefUL
#define DT_AT		0x300000	/* in the memory */
#define DT_AREA		0x10000
#define NOTIFY		0x0a003e50ULL	/* where virtio drivers write to, one each */
#define BELL		1
#define NR_VCPUS	2

/* How the guest gets its memory */
enum kind {
	SHARED,		/* GUNYAH_VM_SET_USER_MEM_REGION */
	LENT,		/* GUNYAH_VM_ANDROID_LEND_USER_MEM */
	LENT_FILE,	/* GUNYAH_CREATE_GUEST_MEM and GUNYAH_VM_MAP_MEM */
	SHARED_FILE,
};

/**
 * struct client - how a client makes its VM
 * @order: what it does one after the other: (v)CPUs, (i)rqfds, (m)emory, (d)evice
 *	tree, (b)oot context, (w)riting image and device tree to the memory
 * @kind: of memory
 * @label: of the memory
 * @irqfds: how many, with labels from 0
 * @flags: of those
 * @exact: the device tree's size is what it is, else whole pages
 * @x0: the boot context has this register, too
 * @threads: the thread that is to run it adds a vCPU
 * @page: maps 4096 bytes without asking how many there are
 * @copies: uses copies of its descriptors
 * @removes: removes functions before it closes files
 */
struct client {
	const char *order;
	enum kind kind;
	uint32_t label, irqfds, flags;
	bool exact, x0, threads, page, copies, removes;
};

/**
 * struct subject - a client while it lives
 * @client: what it does
 * @guest: its VM
 * @file: of guest memory, or -1
 * @event: an eventfd
 * @tree: the device tree
 * @tree_size: of it
 */
struct subject {
	const struct client *client;
	struct guest guest;
	int file, event;
	char tree[DT_AREA];
	long tree_size;
};

FIXTURE(clients)
{
	struct subject s;
	long before;
};

FIXTURE_VARIANT(clients)
{
	struct client client;
};

/* Generation A */
FIXTURE_VARIANT_ADD(clients, sample) {
	.client = { .order = "mwd", .kind = SHARED, .exact = true },
};

FIXTURE_VARIANT_ADD(clients, qemu_share) {
	.client = {
		.order = "vimwd", .kind = SHARED, .irqfds = 256, .flags = 1, .threads = true,
		.page = true,
	},
};

FIXTURE_VARIANT_ADD(clients, qemu_lend) {
	.client = {
		.order = "vimwd", .kind = LENT, .irqfds = 256, .flags = 1, .threads = true,
		.page = true,
	},
};

/* Generation B */
FIXTURE_VARIANT_ADD(clients, test_vmm_lend) {
	.client = {
		.order = "vimdbw", .kind = LENT_FILE, .irqfds = 2, .copies = true, .removes = true,
	},
};

FIXTURE_VARIANT_ADD(clients, test_vmm_share) {
	.client = {
		.order = "vimdbw", .kind = SHARED_FILE, .irqfds = 2, .copies = true,
		.removes = true,
	},
};

/* Generation C */
FIXTURE_VARIANT_ADD(clients, test_vmm_ack) {
	.client = {
		.order = "vimdbw", .kind = LENT, .label = 1, .irqfds = 2, .copies = true,
		.removes = true,
	},
};

FIXTURE_VARIANT_ADD(clients, crosvm) {
	.client = { .order = "mvwidb", .kind = LENT, .irqfds = 6 },
};

FIXTURE_VARIANT_ADD(clients, qemu_fork) {
	.client = { .order = "mwvidb", .kind = LENT, .irqfds = 40, .flags = 1, .x0 = true },
};

FIXTURE_SETUP(clients)
{
	static const struct gunyah_bell bell = { .label = BELL, .spi = BELL };
	struct gunyah_dt dt = {
		.name = "client", .cpus = NR_VCPUS, .bells = &bell, .nr_bells = 1,
		.base = GUNYAH_DT_MEMORY, .size = GUEST_RAM,
	};
	int ret;

	self->s.guest.vm = -1;
	self->s.file = -1;
	self->s.event = -1;
	ret = guest_needed();
	if (ret > 0)
		SKIP(return, NO_GUESTS);
	ASSERT_EQ(ret, 0);
	self->before = pinned_soon(0);
	self->s.client = &variant->client;
	self->s.tree_size = gunyah_dt_write(&dt, self->s.tree, DT_AREA);
	ASSERT_GT(self->s.tree_size, 0);
	self->s.event = eventfd(0, EFD_NONBLOCK);
	ASSERT_GE(self->s.event, 0);
}

FIXTURE_TEARDOWN(clients)
{
	guest_end(&self->s.guest);
	close(self->s.event);
	EXPECT_EQ(pinned_soon(self->before), self->before);
	EXPECT_EQ(charged_soon(0), 0);
}

static int function(int vm, unsigned long request, uint32_t type, void *arg, uint32_t size)
{
	struct gunyah_fn_desc desc = { .type = type, .arg_size = size, .arg = (uintptr_t)arg };
	int ret = ioctl(vm, request, &desc);

	return ret < 0 ? -errno : ret;
}

static int vcpu_function(int vm, unsigned long request, uint32_t id)
{
	return function(vm, request, GUNYAH_FN_VCPU, &id, sizeof(id));
}

/* One vCPU, by the thread that is going to run it or by the first one */
struct maker {
	const struct client *client;
	struct guest *guest;
	unsigned int cpu;
	int ret;
};

static void *make_vcpu(void *data)
{
	struct maker *maker = data;
	struct gunyah_vcpu *vcpu = &maker->guest->vcpu[maker->cpu];
	int vm = maker->client->copies ? dup(maker->guest->vm) : maker->guest->vm;

	vcpu->fd = vcpu_function(vm, GUNYAH_VM_ADD_FUNCTION, maker->cpu);
	if (vm != maker->guest->vm)
		close(vm);
	maker->ret = vcpu->fd;
	if (vcpu->fd < 0)
		return NULL;
	vcpu->size = maker->client->page ? 4096 : ioctl(vcpu->fd, GUNYAH_VCPU_MMAP_SIZE);
	vcpu->run = mmap(NULL, vcpu->size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	maker->ret = vcpu->run == MAP_FAILED ? -errno : (int)vcpu->run->exit_reason;
	return NULL;
}

static int step_vcpus(struct subject *s)
{
	struct maker maker = { .client = s->client, .guest = &s->guest };
	pthread_t thread;

	for (; maker.cpu < NR_VCPUS && !maker.ret; maker.cpu++) {
		if (!s->client->threads) {
			make_vcpu(&maker);
			continue;
		}
		if (pthread_create(&thread, NULL, make_vcpu, &maker))
			return -EAGAIN;
		pthread_join(thread, NULL);
	}
	return maker.ret;
}

static int irqfd_function(struct subject *s, unsigned long request, uint32_t label)
{
	struct gunyah_fn_irqfd_arg arg = {
		.fd = s->event, .label = label, .flags = s->client->flags, .padding = GARBAGE,
	};

	return function(s->guest.vm, request, GUNYAH_FN_IRQFD, &arg, sizeof(arg));
}

/* Of most labels there is no doorbell. */
static int step_irqfds(struct subject *s)
{
	uint32_t label;
	int ret = 0;

	for (label = 0; label < s->client->irqfds && !ret; label++)
		ret = irqfd_function(s, GUNYAH_VM_ADD_FUNCTION, label);
	return ret;
}

static int map_file(struct subject *s)
{
	struct gunyah_create_mem_args create = { .size = GUEST_RAM };
	struct gunyah_map_mem_args map = {
		.guest_addr = GUNYAH_DT_MEMORY, .size = GUEST_RAM,
		/* The bytes of this generation, whatever the header says */
		.flags = s->client->kind == LENT_FILE ? 0x71 : 0x72,
	};
	int dev = gunyah_open(NULL), ret;

	s->file = ioctl(dev, GUNYAH_CREATE_GUEST_MEM, &create);
	close(dev);
	if (s->file < 0)
		return -errno;
	map.guest_mem_fd = dup(s->file);
	ret = ioctl(s->guest.vm, GUNYAH_VM_MAP_MEM, &map) ? -errno : 0;
	close(map.guest_mem_fd);
	return ret;
}

static int step_memory(struct subject *s)
{
	struct gunyah_memory *ram = &s->guest.ram;
	int ret;

	if (s->client->kind >= LENT_FILE)
		return map_file(s);
	ret = gunyah_memory_alloc(ram, GUEST_RAM, false);
	ram->gpa = GUNYAH_DT_MEMORY;
	ram->label = s->client->label;
	if (ret)
		return ret;
	return s->client->kind == LENT ? gunyah_memory_lend(s->guest.vm, ram, RWX) :
					 gunyah_memory_share(s->guest.vm, ram, RWX);
}

/* A file is mapped for as long as it is written, and as many bytes as that. */
static int write_at(struct subject *s, const void *data, size_t size, uint64_t at)
{
	void *host;

	if (s->file < 0) {
		memcpy((char *)s->guest.ram.host + at, data, size);
		return 0;
	}
	host = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, s->file, at);
	if (host == MAP_FAILED)
		return -errno;
	memcpy(host, data, size);
	return munmap(host, size) ? -errno : 0;
}

static int step_write(struct subject *s)
{
	return write_at(s, s->tree, s->tree_size, DT_AT) ?:
	       write_at(s, puppet_image, puppet_image_end - puppet_image, 0);
}

static int step_tree(struct subject *s)
{
	s->guest.dtb = GUNYAH_DT_MEMORY + DT_AT;
	return gunyah_set_dtb(s->guest.vm, s->guest.dtb,
			      s->client->exact ? s->tree_size : DT_AREA);
}

static int step_context(struct subject *s)
{
	int ret = gunyah_set_boot_context(s->guest.vm, 0x100, GUNYAH_DT_MEMORY);

	return ret || !s->client->x0 ? ret : gunyah_set_boot_context(s->guest.vm, 0, s->guest.dtb);
}

static int take_step(struct subject *s, char step)
{
	switch (step) {
	case 'v':
		return step_vcpus(s);
	case 'i':
		return step_irqfds(s);
	case 'm':
		return step_memory(s);
	case 'w':
		return step_write(s);
	case 'd':
		return step_tree(s);
	default:
		return step_context(s);
	}
}

/* All events of a virtio device have one address, and are told by the value. */
static void use_ioeventfds(struct __test_metadata *_metadata, struct subject *s)
{
	struct gunyah_fn_ioeventfd_arg arg = {
		.addr = NOTIFY, .len = 4, .flags = 1, .padding = GARBAGE,
	};
	int event[2], i, j;
	uint64_t count;

	for (i = 0; i < 2; i++) {
		event[i] = eventfd(0, EFD_NONBLOCK);
		arg.fd = event[i];
		arg.datamatch = i;
		EXPECT_EQ(function(s->guest.vm, GUNYAH_VM_ADD_FUNCTION, GUNYAH_FN_IOEVENTFD, &arg,
				   sizeof(arg)), 0);
	}
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(guest_call(&s->guest, 0, PUPPET_STORE, NOTIFY, 4, i, NULL), GUEST_DONE);
		for (j = 0; j < 2; j++)
			EXPECT_EQ(read(event[j], &count, 8) == 8, i == j);
	}
	for (i = 0; i < 2; i++) {
		arg.fd = event[i];
		arg.datamatch = i;
		EXPECT_EQ(function(s->guest.vm, GUNYAH_VM_REMOVE_FUNCTION, GUNYAH_FN_IOEVENTFD,
				   &arg, sizeof(arg)), 0);
		close(event[i]);
	}
	/* Any length; removed with nothing but the address. */
	event[0] = eventfd(0, EFD_NONBLOCK);
	arg = (struct gunyah_fn_ioeventfd_arg){ .addr = NOTIFY, .fd = event[0] };
	EXPECT_EQ(function(s->guest.vm, GUNYAH_VM_ADD_FUNCTION, GUNYAH_FN_IOEVENTFD, &arg,
			   sizeof(arg)), 0);
	EXPECT_EQ(guest_call(&s->guest, 0, PUPPET_STORE, NOTIFY, 2, 77, NULL), GUEST_DONE);
	EXPECT_EQ(read(event[0], &count, 8), 8);
	close(event[0]);
	arg.fd = 0;
	EXPECT_EQ(function(s->guest.vm, GUNYAH_VM_REMOVE_FUNCTION, GUNYAH_FN_IOEVENTFD, &arg,
			   sizeof(arg)), 0);
}

/* Each vCPU is run from the beginning, though the guest has not switched it on. */
static void run_all(struct __test_metadata *_metadata, struct subject *s)
{
	struct guest *guest = &s->guest;
	struct gunyah_vcpu_run *run = guest->vcpu[0].run;
	struct runner second;
	uint64_t result = 0;

	guest_set(guest, 1, PUPPET_SELF, 1, 0, 0);
	ASSERT_EQ(runner_start(&second, guest, 1), 0);
	run->immediate_exit = 1;
	EXPECT_EQ(ioctl(guest->vcpu[0].fd, GUNYAH_VCPU_RUN, GARBAGE), -1);
	EXPECT_EQ(errno, EINTR);
	run->immediate_exit = 0;
	ASSERT_EQ(guest_call(guest, 0, PUPPET_SELF, 0, 0, 0, &result), GUEST_DONE);
	EXPECT_EQ(result, guest->dtb);
	EXPECT_EQ(guest_cpu_on(guest, 1), 0);
	EXPECT_EQ(runner_join(&second), GUEST_DONE);
	EXPECT_EQ(second.result & 0xff, 1);
	use_ioeventfds(_metadata, s);

	/* It is switched off, and each thread is told. */
	guest_set(guest, 1, PUPPET_SPIN, 0, 0, 0);
	ASSERT_EQ(runner_start(&second, guest, 1), 0);
	EXPECT_EQ(guest_call(guest, 0, PUPPET_HVC, PSCI_OFF, 0, 0, NULL), GUEST_STATUS);
	EXPECT_EQ(run->status.status, GUNYAH_VM_STATUS_EXITED);
	EXPECT_EQ(run->status.exit_info.type, GUNYAH_VM_EXIT_PSCI_OFF);
	EXPECT_EQ(runner_join(&second), GUEST_STATUS);
}

TEST_F_TIMEOUT(clients, life, SLOW)
{
	struct subject *s = &self->s;
	const struct client *client = s->client;
	const char *step;
	uint32_t i;
	int dev;

	dev = gunyah_open(NULL);
	ASSERT_GE(dev, 0);
	s->guest.vm = ioctl(dev, GUNYAH_CREATE_VM, 0);
	ASSERT_GE(s->guest.vm, 0);
	if (client->copies)
		close(dev);
	for (step = client->order; *step; step++) {
		ASSERT_EQ(take_step(s, *step), 0) {
			TH_LOG("step %c", *step);
		}
	}
	/* Before each command, some do that. */
	for (i = 0; i < 2; i++)
		ASSERT_EQ(ioctl(s->guest.vm, GUNYAH_VM_START, GARBAGE), 0);
	if (s->guest.vcpu[0].run)
		run_all(_metadata, s);

	for (i = 0; client->removes && i < NR_VCPUS; i++)
		EXPECT_EQ(vcpu_function(s->guest.vm, GUNYAH_VM_REMOVE_FUNCTION, i), 0);
	for (i = 0; client->removes && i < client->irqfds; i++)
		EXPECT_EQ(irqfd_function(s, GUNYAH_VM_REMOVE_FUNCTION, i), 0);
	if (!client->copies)
		close(dev);
	if (s->file >= 0)
		close(s->file);
}

FIXTURE(kick)
{
	struct guest guest;
};

FIXTURE_SETUP(kick)
{
	const struct guest_options options = { .lend = true };
	int ret;

	self->guest.vm = -1;
	ret = guest_needed();
	if (ret > 0)
		SKIP(return, NO_GUESTS);
	ASSERT_EQ(ret, 0);
	ASSERT_EQ(guest_make(&self->guest, &options), 0);
	ASSERT_EQ(gunyah_start(self->guest.vm), 0);
}

FIXTURE_TEARDOWN(kick)
{
	guest_end(&self->guest);
}

static struct gunyah_vcpu_run *kicked;
static bool kick_for_real;

static void kick_handler(int signal)
{
	if (kick_for_real)
		kicked->immediate_exit = 1;
}

/*
 * crosvm's and QEMU's way to have a vCPU's thread back: what the handler of a
 * signal writes counts, whether system calls are restarted behind it or not.
 */
TEST_F_TIMEOUT(kick, by_handler, SLOW)
{
	struct sigaction action = { .sa_handler = kick_handler };
	struct guest *guest = &self->guest;
	struct runner runner;
	int restart;

	kicked = guest->vcpu[0].run;
	for (restart = 0; restart < 2; restart++) {
		kick_for_real = false;
		guest_set(guest, 0, PUPPET_SPIN, 0, 0, 0);
		ASSERT_EQ(runner_start(&runner, guest, 0), 0);
		action.sa_flags = restart ? SA_RESTART : 0;
		ASSERT_EQ(sigaction(SIGUSR1, &action, NULL), 0);
		usleep(200000);
		if (restart) {
			/* Restarted, it goes on as if nothing had been. */
			pthread_kill(runner.thread, SIGUSR1);
			usleep(200000);
			EXPECT_NE(pthread_tryjoin_np(runner.thread, NULL), 0);
		}
		kick_for_real = true;
		pthread_kill(runner.thread, SIGUSR1);
		EXPECT_EQ(runner_join(&runner), -EINTR);
		EXPECT_EQ(kicked->immediate_exit, 1);
		kicked->immediate_exit = 0;
	}
}

TEST_HARNESS_MAIN
