// SPDX-License-Identifier: GPL-2.0-only
/*
 * A test of what the stand-in does at EL2 for secondary VMs, without Linux: a
 * primary VM of a few hundred lines lends memory to VMs that run the payloads
 * of payloads.S, and compares each exit with what abi says it has to be.
 */
#include <stdarg.h>
#include <string.h>

#include "bare.h"
#include "../standin.h"

#define MEMORY		0x50000000UL	/* of the first VM */
#define MMIO		0x1000
#define UART		PLAT_UART_BASE

static unsigned int number, failed;
static bool good;
static struct vm a, b;

static void put(void *arg, char c)
{
	(void)arg;
	if (c == '\n')
		mmio_write32(UART, '\r');
	mmio_write32(UART, (u8)c);
}

/**
 * print() - text on the machine's UART
 * @fmt: format
 */
void print(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	format(put, NULL, fmt, ap);
	va_end(ap);
}

static void __noreturn power_off(unsigned int status)
{
	u64 x[8] = { PSCI_SYSTEM_OFF };

	print("GUNYAH-EXIT: %u\n", status);
	hypercall(x);
	for (;;)
		wfi();
}

/**
 * die() - the test cannot go on
 * @what: what did not work
 */
void die(const char *what)
{
	print("Bail out! %s\n", what);
	power_off(1);
}

static void expect_eq(unsigned int line, u64 got, u64 want)
{
	if (got == want)
		return;
	if (good)
		print("# line %u: %#lx instead of %#lx\n", line, got, want);
	good = false;
}

#define EXPECT(got, want)	expect_eq(__LINE__, got, want)

static void expect_exit(unsigned int line, const struct vm *vm, u64 state, u64 d0, u64 d1, u64 d2)
{
	expect_eq(line, vm->exit[0], 0);
	expect_eq(line, vm->exit[1], state);
	expect_eq(line, vm->exit[2], d0);
	expect_eq(line, vm->exit[3], d1);
	expect_eq(line, vm->exit[4], d2);
}

#define EXIT(vm, state, d0, d1, d2)	expect_exit(__LINE__, vm, state, d0, d1, d2)

static void report(const char *name)
{
	print("%sok %u - %s\n", good ? "" : "not ", ++number, name);
	failed += !good;
	good = true;
}

static void make(struct vm *vm, u64 memory, const char *code, const char *end, u32 nr)
{
	vm_make(vm, memory, 2 * MIB, code, end, nr);
	if (!vm_start(vm))
		die("VM_START");
	/* RM says so, perhaps after its answer. */
	gic_wait(vm->virq[0]);
}

#define MAKE(vm, memory, name, nr)	make(vm, memory, payload_##name, payload_##name##_end, nr)

static void run_write(unsigned int line, struct vm *vm, u64 resume, u64 offset, u64 val)
{
	vm_run(vm, 0, resume);
	expect_exit(line, vm, VMMIO_WRITE, MMIO + offset, 8, val);
}

#define WRITES(vm, resume, offset, val)	run_write(__LINE__, vm, resume, offset, val)

static void run_off(struct vm *vm, u32 type)
{
	vm_run(vm, 0, 0);
	EXIT(vm, OFF, 0, 0, 0);
	EXPECT(rm_exit_type(vm->vmid), type);
	vm_run(vm, 0, 0);
	EXIT(vm, OFF, 1, 0, 0);
	vm_end(vm, false);
}

static u64 touch(u64 addr)
{
	u64 before = aborts[0];

	(void)mmio_read64(addr);
	return aborts[0] - before;
}

static void test_ownership(void)
{
	vm_make(&a, MEMORY, 2 * MIB, payload_spin, payload_spin_end, 1);
	EXPECT(touch(MEMORY), 1);
	EXPECT(aborts[1] >> 26, 0x25);
	EXPECT(aborts[1] & 0x3f, 0x10);
	EXPECT(touch(MEMORY + 2 * MIB - 8), 1);
	EXPECT(touch(MEMORY + 2 * MIB), 0);
	EXPECT(touch(MEMORY - 8), 0);
	if (!vm_start(&a))
		die("VM_START");
	vm_end(&a, true);
	EXPECT(touch(MEMORY), 0);
	EXPECT(mmio_read64(MEMORY) != 0, 1);
	report("what is lent is gone, what is reclaimed is back");

	/* From the middle of a block to the middle of another. */
	vm_make(&a, MEMORY + MIB, 2 * MIB, payload_spin, payload_spin_end, 1);
	EXPECT(touch(MEMORY + MIB - 8), 0);
	EXPECT(touch(MEMORY + MIB), 1);
	EXPECT(touch(MEMORY + 3 * MIB - 8), 1);
	EXPECT(touch(MEMORY + 3 * MIB), 0);
	if (!vm_start(&a))
		die("VM_START");
	vm_end(&a, true);
	EXPECT(touch(MEMORY + MIB), 0);
	report("the same for parts of blocks");
}

static void test_mmio(void)
{
	MAKE(&a, MEMORY, mmio, 1);
	vm_run(&a, 0, 0);
	EXIT(&a, VMMIO_WRITE, MMIO, 1, 0x1122334455667788);
	vm_run(&a, 0, 0);
	EXIT(&a, VMMIO_WRITE, MMIO + 2, 2, 0x1122334455667788);
	vm_run(&a, 0, 0);
	EXIT(&a, VMMIO_WRITE, MMIO + 4, 4, 0x1122334455667788);
	vm_run(&a, 0, 0);
	EXIT(&a, VMMIO_WRITE, MMIO + 8, 8, 0x1122334455667788);
	vm_run(&a, 0, 0);
	EXIT(&a, VMMIO_READ, MMIO, 1, 0);
	WRITES(&a, 0x12345678fedcba98, 16, 0xfedcba98);	/* cut by the register only */
	vm_run(&a, 0, 0);
	EXIT(&a, VMMIO_READ, MMIO, 1, 0);
	WRITES(&a, 0x80, 16, 0xffffffffffffff80);
	vm_run(&a, 0, 0);
	EXIT(&a, VMMIO_READ, MMIO, 1, 0);
	WRITES(&a, 0x80, 16, 0xffffff80);
	vm_run(&a, 0, 0);
	EXIT(&a, VMMIO_READ, MMIO, 8, 0);
	WRITES(&a, 0x8877665544332211, 16, 0x8877665544332211);
	WRITES(&a, 0, 16, 0);
	run_off(&a, 1);
	report("loads and stores come out as they are");
}

static void test_state(void)
{
	unsigned int i;

	MAKE(&a, MEMORY, state, 1);
	MAKE(&b, MEMORY + 4 * MIB, state, 1);
	WRITES(&a, 0, 0, 1);
	for (i = 1; i < 50; i++) {
		WRITES(&b, 0, 0, i);
		WRITES(&b, 0, 8, 0);
		WRITES(&a, 0, 8, 0);
		WRITES(&a, 0, 0, i + 1);
	}
	vm_end(&a, true);
	vm_end(&b, true);
	report("two vCPUs keep their registers");
}

static void test_timer(void)
{
	MAKE(&a, MEMORY, timer, 1);
	/* On a busy host the time is over before it sleeps. */
	while (vm_run(&a, 0, 0) == WAKEUP) {
		EXIT(&a, WAKEUP, 0, 1, 0);
		gic_wait(a.virq[0]);
	}
	EXIT(&a, VMMIO_WRITE, MMIO, 8, 27);
	vm_run(&a, 0, 0);
	EXPECT(a.exit[1], VMMIO_WRITE);
	EXPECT(a.exit[4] < 1000 * ticks_per_ms(), 1);
	WRITES(&a, 0, 0, 1023);
	WRITES(&a, 0, 0, 27);
	WRITES(&a, 0, 0, 27);
	WRITES(&a, 0, 0, 1023);
	run_off(&a, 1);
	report("a timer wakes, interrupts, and comes again");
}

static void test_bell(void)
{
	u64 res[5];
	unsigned int i;

	MAKE(&a, MEMORY, bell, 1);
	EXPECT(call(0x12, a.bell, 1, 0, 0, res), 0);	/* before it listens */
	WRITES(&a, 0, 0, 0);
	for (i = 0; i < 8; i++) {
		WRITES(&a, 0, 8, 40);
		vm_run(&a, 0, 0);
		EXIT(&a, WAKEUP, 0, 1, 0);
		EXPECT(gic_take(a.virq[0]), 0);
		vm_run(&a, 0, 0);
		EXIT(&a, WAKEUP, 0, 1, 0);
		EXPECT(call(0x12, a.bell, 1, 0, 0, res), 0);
		gic_wait(a.virq[0]);
	}
	vm_end(&a, true);
	report("a doorbell interrupts and wakes");
}

/* All vCPUs in turn on this CPU until the first one is off. */
static void run_in_turn(struct vm *vm)
{
	u64 end = now() + 3000 * ticks_per_ms();
	u32 i = 0;

	do {
		vm_run_on(vm, i, 0, vm->exit);
		EXPECT(vm->exit[0], 0);
		if (vm->exit[1] == VMMIO_WRITE && vm->exit[2] == MMIO)
			EXPECT(vm->exit[4], 0);
		if (vm->exit[1] == VMMIO_WRITE && vm->exit[2] == MMIO + 8)
			EXPECT(vm->exit[4] > 0, 1);
		if (!i && vm->exit[1] == OFF)
			return;
		i = (i + 1) % vm->nr_vcpus;
	} while (now() < end);
	EXPECT(0, 1);
}

static void test_smp(u32 nr)
{
	payload_smp_count = nr;
	MAKE(&a, MEMORY, smp, nr);
	run_in_turn(&a);
	EXPECT(rm_exit_type(a.vmid), 1);
	vm_end(&a, false);
	report(nr == 2 ? "two vCPUs" : "eight vCPUs");
}

/* So that no run on this CPU takes longer than a millisecond. */
static void set_alarm(bool on)
{
	write_sysreg(now() + ticks_per_ms(), cntv_cval_el0);
	write_sysreg(on, cntv_ctl_el0);
	mmio_write32(PLAT_GICR_BASE + (on ? 0x10100 : 0x10180), 1U << INTID_CNTV);
}

static void test_preempt(void)
{
	MAKE(&a, MEMORY, spin, 1);
	set_alarm(true);
	EXPECT(vm_run_on(&a, 0, 0, a.exit), READY);
	EXPECT(read_sysreg(cntv_ctl_el0), 5);
	EXPECT(vm_run_on(&a, 0, 0, a.exit), READY);
	set_alarm(false);
	EXPECT(mmio_read32(PLAT_GICR_BASE + 0x10100), 0);
	EXPECT(mmio_read32(PLAT_GICR_BASE + 0x10300), 0);
	vm_end(&a, true);
	report("the primary VM's timer ends a run");
}

static u64 second_exit[5];
static u32 second_state;		/* 1: run a's vCPU 0 there; 2: done */

/**
 * bare_second() - the other CPU
 */
void bare_second(void)
{
	gic_init(1);
	for (;;) {
		while (mmio_read32((u64)&second_state) != 1)
			;
		do {
			vm_run_on(&a, 0, 0, second_exit);
		} while (second_exit[0] == BUSY ||
			 (!second_exit[0] && (second_exit[1] == READY ||
					      second_exit[1] == BLOCKED)));
		mmio_write32((u64)&second_state, 2);
	}
}

static void test_stop(void)
{
	u64 x[8] = { PSCI_CPU_ON64, 1, (u64)cpu_up, (u64)stack1 };

	hypercall(x);
	EXPECT(x[0], 0);
	MAKE(&a, MEMORY, spin, 1);
	mmio_write32((u64)&second_state, 1);
	set_alarm(true);
	do {
		vm_run_on(&a, 0, 0, a.exit);
	} while (a.exit[0] != BUSY);
	set_alarm(false);
	vm_end(&a, true);
	while (mmio_read32((u64)&second_state) != 2)
		;
	/* It saw the end, or came after it, when the capability was gone. */
	if (!second_exit[0]) {
		EXPECT(second_exit[1], OFF);
		EXPECT(second_exit[2], 1);
	}
	report("a guest that spins on another CPU is stopped");
}

static void test_wrong(void)
{
	u64 want = 0x25UL << 26 | 1 << 25;

	MAKE(&a, MEMORY, wrong, 1);
	vm_run(&a, 0, 0);
	EXPECT(a.exit[4] & ~0xffffc0UL, want | 0x10);
	vm_run(&a, 0, 0);
	EXPECT(a.exit[4] & ~0xffffc0UL, want | 0x10);
	vm_run(&a, 0, 0);
	EXPECT(a.exit[4], 1UL << 25);
	WRITES(&a, 0, 0, ~0UL);
	WRITES(&a, 0, 0, ~0UL);
	vm_run(&a, 0, 0);
	EXIT(&a, PSCI_RESET, 1UL << 63, 0, 0);
	EXPECT(rm_exit_type(a.vmid), 2);
	vm_end(&a, false);
	report("what a guest does wrong is its own");

	MAKE(&a, MEMORY, lost, 1);
	vm_run(&a, 0, 0);
	EXIT(&a, FAULT, 0, 0, 0);
	vm_run(&a, 0, 0);
	EXIT(&a, FAULT, 0, 0, 0);
	vm_end(&a, true);
	report("a guest without a handler has a fault");
}

/**
 * bare_main() - all tests, then the machine is switched off
 * @fdt: device tree
 */
void bare_main(void *fdt)
{
	good = true;
	print("TAP version 13\n");
	gic_init(0);
	rm_init(fdt);
	test_ownership();
	test_mmio();
	test_state();
	test_timer();
	test_bell();
	test_smp(2);
	test_smp(8);
	test_preempt();
	test_stop();
	test_wrong();
	print("1..%u\n", number);
	power_off(failed != 0);
}
