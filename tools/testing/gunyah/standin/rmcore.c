// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model's host: its lock, clock, interrupts and copies, and the RM core,
 * the hidden CPU on which the resource manager runs.
 *
 * The RM core sleeps in WFI. What wakes it is an SGI from a CPU whose call left
 * work (the model's rm_kick), or its own EL2 timer, set to the time the model
 * asked for. It never polls: a polling CPU would eat the virtual time of an
 * -icount run.
 *
 * The one hard idea: RM is asynchronous, and a message sent is never answered
 * before the send has returned, nor for LATENCY after that. This holds by
 * construction and not because some CPU happens to be faster:
 *
 *   calling CPU                          RM core
 *   wait while rm_turn                   sleep until not_before
 *   lock                                 rm_turn = 1
 *     the message enters the queue       wait until no CPU leaves
 *     leaving = 1                        lock
 *   unlock                                 from "wait" again if somebody is
 *   ...                                    not_before moved: unlock, rm_turn = 0
 *   last thing before ERET:                and sleep on
 *     not_before = now + LATENCY           rm_turn = 0
 *     leaving = 0                          now it may look at the queues
 *     SGI                                unlock
 *
 * RM looks at queues under the model's lock only. A CPU that may have queued a
 * message is either seen as leaving, or its not_before is seen. So a guest that
 * sends and then receives finds the queue empty, unless LATENCY has passed on
 * the counter in between (its CPU may be an interrupted thread of QEMU): a test
 * that demands "empty" has to look at the counter too. LATENCY stands for what
 * it takes the real one to schedule RM's vCPU.
 *
 * RM is not starved: rm_turn keeps new calls out while it waits for those that
 * are leaving, however busily the guest polls. Each accepted message can move
 * not_before, but the queues are finite: when they are full nothing is
 * accepted any more.
 */
#include <string.h>

#include "model.h"
#include "standin.h"
#include "vm.h"

#define CNTHP_OFF	0

struct gm *model;

static struct spinlock model_lock;	/* Protects *model */

/*
 * Time in ns before which RM does nothing. Written by any CPU that leaves a
 * call, only ever increased; protected by kick_lock.
 */
static u64 not_before;
static bool kicked;			/* Protected by kick_lock */
static u32 rm_turn;			/* Written by the RM core only */
static struct spinlock kick_lock;	/* Leaf */

static u64 latency_ns;
static u64 rm_mpidr;

/* Sleep until @time, or shorter: any interrupt of this CPU ends it. */
static void sleep_until(u64 time)
{
	if (time != GM_RUN_IDLE) {
		write_sysreg(clock_ns_to_ticks(time), cnthp_cval_el2);
		write_sysreg(CNTHP_ENABLE, cnthp_ctl_el2);
		isb();
	}
	wfi();
	write_sysreg(CNTHP_OFF, cnthp_ctl_el2);
	isb();
	gic_wake_ack();
}

/* Is there a CPU that has released the model's lock in a call still going on? */
static bool somebody_leaving(void)
{
	unsigned int i;

	for (i = 0; i < smp_nr_guest_cpus(); i++) {
		if (__atomic_load_n(&smp_cpu(i)->leaving, __ATOMIC_ACQUIRE))
			return true;
	}
	return false;
}

/* New calls wait while it is set; those going on finish. */
static void set_rm_turn(bool set)
{
	__atomic_store_n(&rm_turn, set, __ATOMIC_SEQ_CST);
	if (!set)
		sev();
}

/* Returns with the lock held, or false: not_before was moved meanwhile. */
static bool take_turn(void)
{
	bool wait;

	set_rm_turn(true);
	do {
		/* They have a few instructions to go, then send an event. */
		while (somebody_leaving())
			wfe();
		spin_lock(&model_lock);
		wait = somebody_leaving();
		if (wait)
			spin_unlock(&model_lock);
	} while (wait);

	wait = clock_now_ns() < __atomic_load_n(&not_before, __ATOMIC_ACQUIRE);
	if (wait)
		spin_unlock(&model_lock);
	set_rm_turn(false);
	return !wait;
}

static void lock_on_rm_core(void)
{
	u64 start;

	do {
		start = __atomic_load_n(&not_before, __ATOMIC_ACQUIRE);
		while (clock_now_ns() < start)
			sleep_until(start);
	} while (!take_turn());
}

static void host_lock(void *host)
{
	struct cpu *cpu = this_cpu();

	(void)host;
	if (smp_is_rm_core(cpu)) {
		if (cpu->in_wake)
			spin_lock(&model_lock);
		else
			lock_on_rm_core();
		return;
	}
	/* The RM core waits for a CPU that is leaving: that one must go on. */
	while (!cpu->leaving && __atomic_load_n(&rm_turn, __ATOMIC_SEQ_CST))
		wfe();
	spin_lock(&model_lock);
}

static void host_unlock(void *host)
{
	struct cpu *cpu = this_cpu();

	(void)host;
	if (!smp_is_rm_core(cpu))
		__atomic_store_n(&cpu->leaving, 1, __ATOMIC_RELAXED);
	spin_unlock(&model_lock);
}

static void host_raise_virq(void *host, unsigned int vmid, u32 intid)
{
	(void)host;
	if (vmid != GM_VMID_PRIMARY)
		vm_raise_virq(vmid, intid);
	else if (intid < gic_nr_intids())
		gic_raise_spi(intid);
}

static int host_copy_in(void *host, void *dst, u64 va, size_t size)
{
	(void)host;
	return guest_copy_in(dst, va, size);
}

static int host_copy_out(void *host, u64 va, const void *src, size_t size)
{
	(void)host;
	return guest_copy_out(va, src, size);
}

static int host_mem_read(void *host, void *dst, u64 pa, size_t size)
{
	(void)host;
	if (!primary_is_ram(pa, size))
		return -1;
	memcpy(dst, (const void *)pa, size);
	return 0;
}

static int host_mem_write(void *host, u64 pa, const void *src, size_t size)
{
	(void)host;
	if (!primary_is_ram(pa, size))
		return -1;
	memcpy((void *)pa, src, size);
	cache_clean(pa, size);
	return 0;
}

static int host_mem_zero(void *host, u64 pa, u64 size)
{
	(void)host;
	if (!primary_is_ram(pa, size))
		return -1;
	memset((void *)pa, 0, size);
	return 0;
}

static void host_rm_kick(void *host)
{
	(void)host;
	this_cpu()->kick = true;
}

static u64 host_now_ns(void *host)
{
	(void)host;
	return clock_now_ns();
}

static void host_log(void *host, const char *msg)
{
	(void)host;
	say("%s", msg);
}

static const struct gm_host_ops host_ops = {
	.raise_virq = host_raise_virq,
	.copy_in = host_copy_in,
	.copy_out = host_copy_out,
	.lock = host_lock,
	.unlock = host_unlock,
	.rm_kick = host_rm_kick,
	.now_ns = host_now_ns,
	.mem_map = host_mem_map,
	.mem_read = host_mem_read,
	.mem_write = host_mem_write,
	.mem_zero = host_mem_zero,
	.vm_create = host_vm_create,
	.vm_destroy = host_vm_destroy,
	.vcpu_start = host_vcpu_start,
	.vcpu_set_reg = host_vcpu_set_reg,
	.vcpu_run = host_vcpu_run,
	.vcpu_kick = host_vcpu_kick,
	.log = host_log,
};

/**
 * rmcore_call_done() - the current call is about to return to the guest
 *
 * Tells the RM core if the call left it work; see the top of this file.
 */
void rmcore_call_done(void)
{
	struct cpu *cpu = this_cpu();
	bool kick = cpu->kick;

	if (kick) {
		cpu->kick = false;
		spin_lock(&kick_lock);
		kicked = true;
		__atomic_store_n(&not_before, clock_now_ns() + latency_ns, __ATOMIC_RELEASE);
		spin_unlock(&kick_lock);
	}
	if (cpu->leaving) {
		__atomic_store_n(&cpu->leaving, 0, __ATOMIC_RELEASE);
		sev();
	}
	if (kick)
		gic_wake(rm_mpidr);
}

/**
 * rmcore_wake() - the RM core has to look at the timers
 */
void rmcore_wake(void)
{
	gic_wake(rm_mpidr);
}

/* Since the last time: has there been a kick, by a CPU or by RM itself? */
static bool take_kick(void)
{
	struct cpu *cpu = this_cpu();
	bool ret;

	spin_lock(&kick_lock);
	ret = kicked || cpu->kick;
	kicked = false;
	spin_unlock(&kick_lock);
	cpu->kick = false;
	return ret;
}

/**
 * rmcore_main() - the life of the hidden CPU
 * @cpu: this CPU
 */
void rmcore_main(struct cpu *cpu)
{
	u64 next = GM_RUN_IDLE, timers;
	size_t size;

	write_sysreg(HCR_RW | HCR_IMO, hcr_el2);	/* interrupts are EL2's here */
	write_sysreg(CNTHP_OFF, cnthp_ctl_el2);
	isb();
	gic_wake_init(gic_find_gicr(cpu->mpidr, &size));

	for (;;) {
		/* An SGI that comes after the look at the flag ends the WFI. */
		cpu->in_wake = true;
		timers = vcpu_run_timers();
		cpu->in_wake = false;
		if (take_kick() || clock_now_ns() >= next)
			next = gm_rm_run(model);
		else
			sleep_until(timers < next ? timers : next);
	}
}

/**
 * rmcore_model_place() - where the model's state is
 *
 * Return: its first byte; the pool of pages comes behind it.
 */
void *rmcore_model_place(void)
{
	return (void *)(PLAT_LINK_BASE + PLAT_LINK_SIZE);
}

/**
 * rmcore_init() - make the model
 * @opt: options
 * @machine: memory, and where capability ids come from
 * @info: filled with what the device tree has to say
 */
void rmcore_init(const struct options *opt, const struct machine *machine,
		 struct gm_primary_info *info)
{
	u32 first = 32 + PLAT_FREE_SPI_FIRST;
	u32 end = 32 + PLAT_FREE_SPI_LAST + 1;
	struct gm_config config = {
		.options = opt->model,
		.entropy = machine->entropy,
		.mem_base = PLAT_OWN_END,
		.mem_size = machine->ram_end - PLAT_OWN_END,
		.virq_first = first,
		.nr_cpus = smp_nr_guest_cpus(),
	};

	if (end > gic_nr_intids())
		end = gic_nr_intids();
	if (end < first + 2)
		panic("the GIC has %u interrupts, no free ones", gic_nr_intids());
	config.virq_count = end - first;

	latency_ns = opt->latency_us * 1000;
	rm_mpidr = smp_cpu(smp_nr_guest_cpus())->mpidr;

	model = rmcore_model_place();
	if (gm_size() > PLAT_OWN_END - (u64)model)
		panic("the model needs %#lx bytes", gm_size());
	memset(model, 0, gm_size());
	if (gm_init(model, &config, &host_ops, NULL))
		panic("option string: \"%s\"", gm_option_error(model));
	gm_primary_info(model, info);
	rmcore_call_done();
}

static void print_call(unsigned int num)
{
	u64 count = gm_call_count(model, num, NULL);

	if (gm_call_name(num) && count)
		console_add(" %s=%lu", gm_call_name(num), count);
}

/**
 * rmcore_print_counters() - what went through the stand-in, at the end
 *
 * Two lines in a fixed order: hypercalls by number, then the model's counters.
 */
void rmcore_print_counters(void)
{
	unsigned long hypercalls = 0;
	unsigned int i;

	/* The rest are service calls, which Linux makes itself to look for KVM. */
	for (i = 0; i < GM_DBG_NUM; i++)
		hypercalls += gm_call_count(model, i, NULL);

	console_begin();
	console_add("calls total=%lu hypercalls=%lu", gm_counter(model, GM_CTR_CALLS), hypercalls);
	for (i = 0; i < GM_DBG_NUM; i++)
		print_call(i);
	console_end();

	console_begin();
	console_add("counters");
	for (i = 0; gm_counter_name(i); i++)
		console_add(" %s=%lu", gm_counter_name(i), gm_counter(model, i));
	console_end();
}
