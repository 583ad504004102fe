// SPDX-License-Identifier: GPL-2.0-only
/*
 * An exit for MMIO to user space and back on KVM: what other hypervisors of this
 * kernel do on the machine on which the bench runs. The guest is the same loop.
 *
 * Prints KTAP and a row for the bench's table.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS		8
#define LOOP		1000
#define MEMORY		0x80000000UL
#define NOWHERE		0x20000000UL
#define DISTRIBUTOR	0x08000000UL
#define REDISTRIBUTOR	0x080a0000UL
#define REG(member)	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | \
			 KVM_REG_ARM_CORE_REG(member))

/* As the puppet's PUPPET_STORES and PUPPET_LOADS */
static const uint32_t writes[] = {
	0xb4000001,	/* cbz x1, . */
	0xf9000002,	/* str x2, [x0] */
	0xd1000421,	/* sub x1, x1, #1 */
	0x17fffffd,	/* b writes */
};

static const uint32_t reads[] = {
	0xb4000001,	/* cbz x1, . */
	0xf9400003,	/* ldr x3, [x0] */
	0xd1000421,	/* sub x1, x1, #1 */
	0x17fffffd,	/* b reads */
};

static int vm, vcpu;
static struct kvm_run *run;

static void must(int ret, const char *what)
{
	if (ret >= 0)
		return;
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

static void set_reg(uint64_t id, uint64_t value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)&value };

	must(ioctl(vcpu, KVM_SET_ONE_REG, &reg), "a register");
}

static void set_attr(int device, uint32_t group, uint64_t attr, uint64_t value)
{
	struct kvm_device_attr set = { .group = group, .attr = attr, .addr = (uintptr_t)&value };

	must(ioctl(device, KVM_SET_DEVICE_ATTR, &set), "an attribute of the GIC");
}

/* KVM's own, as all VMs have it */
static void make_gic(void)
{
	struct kvm_create_device gic = { .type = KVM_DEV_TYPE_ARM_VGIC_V3 };

	must(ioctl(vm, KVM_CREATE_DEVICE, &gic), "a GIC");
	set_attr(gic.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, DISTRIBUTOR);
	set_attr(gic.fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST, REDISTRIBUTOR);
	set_attr(gic.fd, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, 0);
	close(gic.fd);
}

static void make_vm(const uint32_t *code, size_t size)
{
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = MEMORY, .memory_size = 0x10000,
	};
	struct kvm_vcpu_init init = {};
	void *memory;
	int kvm, page;

	kvm = open("/dev/kvm", O_RDWR);
	must(kvm, "/dev/kvm");
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	must(vm, "a VM");
	page = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	close(kvm);
	memory = mmap(NULL, region.memory_size, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memcpy(memory, code, size);
	region.userspace_addr = (uintptr_t)memory;
	must(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region), "memory");
	vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	must(vcpu, "a vCPU");
	run = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	must(ioctl(vm, KVM_ARM_PREFERRED_TARGET, &init), "a kind of vCPU");
	must(ioctl(vcpu, KVM_ARM_VCPU_INIT, &init), "a vCPU that runs");
	make_gic();
	set_reg(REG(regs.pc), MEMORY);
	set_reg(REG(regs.regs[0]), NOWHERE);
	set_reg(REG(regs.regs[1]), 2 * ROUNDS * LOOP);
}

static void end_vm(void)
{
	close(vcpu);
	close(vm);
}

static int run_vcpu(void)
{
	must(ioctl(vcpu, KVM_RUN, 0), "KVM_RUN");
	return run->exit_reason == KVM_EXIT_MMIO && run->mmio.len == 8;
}

/* The shortest of ROUNDS loops of LOOP exits, and what one of them takes */
static double each(int *wrong)
{
	uint64_t best = UINT64_MAX, start, ns;
	int round, i;

	for (round = 0; round < ROUNDS; round++) {
		start = now();
		for (i = 0; i < LOOP; i++)
			*wrong += !run_vcpu();
		ns = now() - start;
		best = ns < best ? ns : best;
	}
	return (double)best / LOOP;
}

/* An ioctl that does nothing, of the VM: the vCPU's loads and puts it. */
static double each_empty(void)
{
	uint64_t start = now();
	int i;

	for (i = 0; i < LOOP; i++)
		must(ioctl(vm, KVM_CHECK_EXTENSION, KVM_CAP_USER_MEMORY), "an answer");
	return (double)(now() - start) / LOOP;
}

int main(void)
{
	static const struct {
		const char *what;
		const uint32_t *code;
		size_t size;
	} kinds[] = {
		{ "write", writes, sizeof(writes) }, { "read", reads, sizeof(reads) },
	};
	double each_of[2], empty;
	int i, wrong, failed = 0;

	printf("KTAP version 1\n1..2\n");
	for (i = 0; i < 2; i++) {
		wrong = 0;
		make_vm(kinds[i].code, kinds[i].size);
		each_of[i] = each(&wrong);
		empty = each_empty();
		end_vm();
		printf("%sok %d kvm.%s: %d exits are none\n", wrong ? "not " : "", i + 1,
		       kinds[i].what, wrong);
		failed += wrong;
	}
	for (i = 0; i < 2; i++)
		printf("BENCH| MMIO %s on KVM | for comparison | %.0f instructions | %s %.0f |\n",
		       kinds[i].what, each_of[i], "empty ioctl", empty);
	return failed > 0;
}
