// SPDX-License-Identifier: GPL-2.0-only
/*
 * The CPUs: a table in the order of their affinity. The last one is the RM
 * core and does not exist for the primary VM; the others start at EL2 in
 * cpu_entry, for PSCI's CPU_ON (and for a CPU_SUSPEND that lost its state),
 * and go on to where the primary VM wants them.
 */
#include "standin.h"

#define RM_CORE_TIMEOUT_NS	10000000000UL

static struct spinlock cpus_lock;	/* Protects state, entry, context of cpus[] */
static struct cpu cpus[PLAT_MAX_CPUS];
static unsigned int nr_cpus;

/**
 * smp_init() - make the table
 * @machine: what the device tree says
 *
 * Context: boot CPU, which is the first of the table.
 */
void smp_init(const struct machine *machine)
{
	unsigned int i;

	nr_cpus = machine->nr_cpus;
	for (i = 0; i < nr_cpus; i++) {
		cpus[i].index = i;
		cpus[i].mpidr = machine->mpidr[i];
		cpus[i].stack_top = (u64)__stacks + (i + 1) * (PLAT_GUARD_SIZE + PLAT_STACK_SIZE);
	}
	if (cpus[0].mpidr != (read_sysreg(mpidr_el1) & MPIDR_AFF))
		panic("the boot CPU is not the first of the device tree");
	cpus[0].state = CPU_ON;
	write_sysreg(&cpus[0], tpidr_el2);
	/* A CPU reads its stack's address with the MMU on: no cleaning. */
}

/**
 * this_cpu() - the CPU that asks
 *
 * Return: its entry of the table.
 */
struct cpu *this_cpu(void)
{
	return (struct cpu *)read_sysreg(tpidr_el2);
}

/**
 * smp_cpu() - a CPU of the table
 * @index: place
 *
 * Return: its entry.
 */
struct cpu *smp_cpu(unsigned int index)
{
	return &cpus[index];
}

/**
 * smp_nr_guest_cpus() - how many CPUs the primary VM has
 *
 * Return: number of CPUs, the RM core not counted.
 */
unsigned int smp_nr_guest_cpus(void)
{
	return nr_cpus - 1;
}

/**
 * smp_is_rm_core() - is it the hidden one?
 * @cpu: CPU
 *
 * Return: true for the last one of the table.
 */
bool smp_is_rm_core(const struct cpu *cpu)
{
	return cpu->index == nr_cpus - 1;
}

static struct cpu *find_guest_cpu(u64 mpidr)
{
	unsigned int i;

	for (i = 0; i < smp_nr_guest_cpus(); i++) {
		if (cpus[i].mpidr == mpidr)
			return &cpus[i];
	}
	return NULL;
}

/**
 * smp_is_guest_cpu() - does it exist for the primary VM?
 * @mpidr: affinity
 *
 * Return: true if so.
 */
bool smp_is_guest_cpu(u64 mpidr)
{
	return find_guest_cpu(mpidr);
}

static u64 set_starting(struct cpu *cpu, u64 entry, u64 context)
{
	u64 ret = 0;

	spin_lock(&cpus_lock);
	if (cpu->state == CPU_STARTING) {
		ret = PSCI_ON_PENDING;
	} else if (cpu->state == CPU_ON) {
		ret = PSCI_ALREADY_ON;
	} else if (!primary_is_ram(entry, 4)) {
		ret = PSCI_INVALID_ADDRESS;
	} else {
		cpu->state = CPU_STARTING;
		cpu->entry = entry;
		cpu->context = context;
	}
	spin_unlock(&cpus_lock);
	return ret;
}

static void set_state(struct cpu *cpu, enum cpu_state state)
{
	spin_lock(&cpus_lock);
	cpu->state = state;
	spin_unlock(&cpus_lock);
}

/**
 * smp_cpu_on() - PSCI CPU_ON for the primary VM
 * @mpidr: which
 * @entry: where to start
 * @context: X0 there
 *
 * Return: PSCI status.
 */
u64 smp_cpu_on(u64 mpidr, u64 entry, u64 context)
{
	struct cpu *cpu = find_guest_cpu(mpidr);
	u64 ret;

	if (!cpu)
		return PSCI_INVALID_PARAMETERS;
	ret = set_starting(cpu, entry, context);
	if (ret)
		return ret;
	ret = smc_call(PSCI_CPU_ON64, mpidr, (u64)cpu_entry, (u64)cpu);
	if (ret)
		set_state(cpu, CPU_OFF);
	return ret;
}

/**
 * smp_cpu_suspend() - PSCI CPU_SUSPEND of the calling CPU
 * @fn: function id, 32 or 64 bit
 * @power_state: what kind
 * @entry: where to go on if the state was lost
 * @context: X0 there
 *
 * Return: PSCI status, if the state was not lost.
 */
u64 smp_cpu_suspend(u64 fn, u64 power_state, u64 entry, u64 context)
{
	struct cpu *cpu = this_cpu();

	spin_lock(&cpus_lock);
	cpu->entry = entry;
	cpu->context = context;
	spin_unlock(&cpus_lock);
	return smc_call(fn, power_state, (u64)cpu_entry, (u64)cpu);
}

/**
 * smp_cpu_off() - PSCI CPU_OFF of the calling CPU
 *
 * Return: PSCI status, if it did not work.
 */
u64 smp_cpu_off(void)
{
	struct cpu *cpu = this_cpu();
	u64 ret;

	/*
	 * From here another CPU's CPU_ON is passed on. The firmware refuses it
	 * until this CPU is really off.
	 */
	set_state(cpu, CPU_OFF);
	ret = smc_call(PSCI_CPU_OFF, 0, 0, 0);
	set_state(cpu, CPU_ON);
	return ret;
}

/**
 * smp_start_rm_core() - start the hidden CPU and wait for it
 */
void smp_start_rm_core(void)
{
	struct cpu *rm = &cpus[nr_cpus - 1];
	u64 end = clock_now_ns() + RM_CORE_TIMEOUT_NS;
	u64 ret;
	bool up;

	ret = smc_call(PSCI_CPU_ON64, rm->mpidr, (u64)cpu_entry, (u64)rm);
	if (ret)
		panic("PSCI does not start the RM core: %ld", (long)ret);
	do {
		spin_lock(&cpus_lock);
		up = rm->state == CPU_ON;
		spin_unlock(&cpus_lock);
		if (clock_now_ns() > end)
			panic("the RM core does not start");
	} while (!up);
}

/**
 * smp_enter_guest() - run the primary VM on this CPU
 * @entry: where
 * @context: X0
 */
void smp_enter_guest(u64 entry, u64 context)
{
	/* entry.S left room for it at the top of the stack. */
	struct frame *frame = (struct frame *)this_cpu()->stack_top - 1;

	features_init();
	primary_enable();
	*frame = (struct frame){
		.x[0] = context,
		.elr = entry,
		.spsr = PSR_DAIF | PSR_MODE_EL1H,
	};
	frame_enter(frame);
}

/**
 * cpu_start() - first C code on every CPU but the boot CPU
 * @cpu: this CPU
 */
void cpu_start(struct cpu *cpu)
{
	u64 entry, context;

	write_sysreg(cpu, tpidr_el2);
	spin_lock(&cpus_lock);
	cpu->state = CPU_ON;
	entry = cpu->entry;
	context = cpu->context;
	spin_unlock(&cpus_lock);

	if (smp_is_rm_core(cpu))
		rmcore_main(cpu);
	smp_enter_guest(entry, context);
}
