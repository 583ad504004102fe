// SPDX-License-Identifier: GPL-2.0-only
/*
 * One run of a vCPU, from the primary VM's hypercall to the result it gets:
 *
 *   world switch; until there is something to say:
 *     fill list registers, enter the guest, take them back,
 *     handle what ended it (guest.c) - most traps end here
 *   world switch back; if the vCPU waits: is that still so?
 *
 * A physical interrupt that is the primary VM's ends the run and stays pending:
 * it is taken when the primary VM is back. Four interrupts of the CPU are EL2's
 * while a guest runs and enabled only then: the SGI that makes it look, the
 * maintenance interrupt, and EL1's two timers, which are the guest's.
 *
 * Whether a vCPU waits is decided last, under vm_lock, in the same moment in
 * which it ceases to run. Before, whoever has an interrupt for it kicks its
 * CPU; after, the model is told. So none is lost.
 */
#include <string.h>

#include "vm.h"

#define NEVER			(~0UL)
#define EL2_INTERRUPTS		(1U << INTID_KICK | 1U << INTID_MAINTENANCE | \
				 1U << INTID_CNTHP | 1U << INTID_CNTV | 1U << INTID_CNTP)
#define GUEST_TIMERS		(1U << INTID_CNTV | 1U << INTID_CNTP)

/* When the RM core looks at the timers next; protected by vm_lock. */
static u64 timers_due = NEVER;

static void say_state(struct gm_vcpu_exit *exit, u64 state, u64 data0, u64 data1)
{
	*exit = (struct gm_vcpu_exit){ .state = state, .data = { data0, data1 } };
}

static void say_wait(const struct vcpu *vcpu, struct gm_vcpu_exit *exit)
{
	if (vcpu->wait == WAIT_POWER)
		say_state(exit, GM_VCPU_POWERED_OFF, 0, 0);
	else if (vcpu->wait == WAIT_WFI)
		say_state(exit, GM_VCPU_EXPECTS_WAKEUP, 0, GM_WAKEUP_WFI);
	else
		say_state(exit, GM_VCPU_EXPECTS_WAKEUP, vcpu->power_state,
			  GM_WAKEUP_CPU_SUSPEND);
}

/**
 * vcpu_power_on() - a vCPU that is off starts when it is run next
 * @vcpu: the vCPU
 * @entry: where
 * @context: its X0
 *
 * Context: vm_lock.
 */
void vcpu_power_on(struct vcpu *vcpu, u64 entry, u64 context)
{
	vcpu->wait = WAIT_NOTHING;
	vcpu->resume = RESUME_START;
	vcpu->entry = entry;
	memset(vcpu->x, 0, sizeof(vcpu->x));
	memset(vcpu->sp, 0, sizeof(vcpu->sp));
	vcpu->x[0] = context;
}

/*
 * A vCPU that does not run and waits: is it over, or when will its timer end
 * it? Called with vm_lock held.
 */
static bool still_waits(struct vcpu *vcpu)
{
	if (vcpu->wait == WAIT_NOTHING || vcpu->wait == WAIT_POWER)
		return vcpu->wait == WAIT_POWER;
	vtimer_update_saved(vcpu);
	vcpu->woken = false;
	vcpu->wake_at = NEVER;
	if (vgic_has_interrupt(vcpu)) {
		vcpu->wait = WAIT_NOTHING;
		return false;
	}
	vcpu->wake_at = vtimer_next(vcpu);
	if (vcpu->wake_at < timers_due) {
		timers_due = vcpu->wake_at;
		rmcore_wake();
	}
	return true;
}

/* Returns false if it does not run now: @exit says why. */
static bool begin_run(struct vcpu *vcpu, struct gm_vcpu_exit *exit)
{
	if (vcpu->dead) {
		say_state(exit, GM_VCPU_FAULT, 0, 0);
		return false;
	}
	if (still_waits(vcpu)) {
		vcpu->kicked = false;
		say_wait(vcpu, exit);
		return false;
	}
	vcpu->cpu = this_cpu();
	vcpu->wake_at = NEVER;
	return true;
}

static void end_run(struct vcpu *vcpu, struct gm_vcpu_exit *exit)
{
	bool waited = vcpu->wait == WAIT_WFI || vcpu->wait == WAIT_SUSPEND;

	vcpu->cpu = NULL;
	if (!waited)
		return;
	if (still_waits(vcpu))
		say_wait(vcpu, exit);
	else
		say_state(exit, GM_VCPU_READY, 0, 0);
}

/* Before and after all else that touches the guest's state. */
static void prepare(struct vcpu *vcpu, u64 value)
{
	enum vcpu_resume resume = vcpu->resume;

	vcpu->resume = RESUME_PLAIN;
	if (resume == RESUME_START) {
		world_reset_vcpu(vcpu);
		vgic_reset_interface(vcpu);
	}
	if (resume == RESUME_READ)
		guest_finish_read(vcpu, value);
}

/* One entry of the guest. Returns false if the run was to end before. */
static bool enter(struct vcpu *vcpu, u32 *silent, unsigned int *left)
{
	struct cpu *cpu = this_cpu();
	bool kicked;

	spin_lock(&vm_lock);
	kicked = vcpu->kicked;
	vcpu->kicked = false;
	if (!kicked) {
		vtimer_update_loaded(vcpu);
		vgic_flush(vcpu);
	}
	spin_unlock(&vm_lock);
	if (kicked)
		return false;

	if (*silent)
		gic_set_active(cpu, *silent, false);
	*silent = vgic_enter(vcpu);
	if (*silent)
		gic_set_active(cpu, *silent, true);
	*left = guest_enter(&vcpu->frame);

	spin_lock(&vm_lock);
	vgic_sync(vcpu);
	vtimer_update_loaded(vcpu);
	spin_unlock(&vm_lock);
	return true;
}

/* Returns true if it is the primary VM's. */
static bool physical_interrupt(void)
{
	u32 intid = gic_pending();

	switch (intid) {
	case INTID_KICK:
		gic_forget_kick(this_cpu());
		return false;
	case INTID_MAINTENANCE:
	case INTID_CNTV:
	case INTID_CNTP:
	case INTID_NONE:
		return false;
	default:
		return true;
	}
}

static void run_guest(struct vcpu *vcpu, struct gm_vcpu_exit *exit)
{
	unsigned int left = LEFT_SYNC;
	u32 silent = 0;
	bool leave;

	do {
		if (!enter(vcpu, &silent, &left)) {
			say_state(exit, GM_VCPU_READY, 0, 0);
			break;
		}
		if (left == LEFT_SYNC) {
			leave = guest_trap(vcpu, exit);
		} else if (left == LEFT_INTERRUPT) {
			leave = physical_interrupt();
			say_state(exit, GM_VCPU_READY, 0, 0);
		} else {
			leave = true;
			guest_dies(vcpu, exit);
		}
	} while (!leave);
	if (silent)
		gic_set_active(this_cpu(), silent, false);
}

static void run(struct vcpu *vcpu, u64 value, struct gm_vcpu_exit *exit)
{
	struct cpu *cpu = this_cpu();
	u32 mine = EL2_INTERRUPTS & ~gic_enabled(cpu);
	u32 active = gic_active(cpu) & GUEST_TIMERS;

	prepare(vcpu, value);
	gic_set_enabled(cpu, mine, true);
	if (active)
		gic_set_active(cpu, active, false);
	world_to_guest(vcpu);
	vgic_load(vcpu);
	vtimer_enter_guest(vcpu);

	run_guest(vcpu, exit);

	vtimer_leave_guest(vcpu);
	vgic_put(vcpu);
	world_to_primary(vcpu);
	if (active)
		gic_set_active(cpu, active, true);
	gic_set_enabled(cpu, mine, false);
}

/**
 * host_vcpu_run() - run a vCPU on this CPU
 * @host: not used
 * @vmid: VM
 * @index: vCPU
 * @resume: the caller's words; the first is the value of a load
 * @exit: what ended the run
 *
 * Context: no locks; the model lets nobody else run this vCPU.
 */
void host_vcpu_run(void *host, unsigned int vmid, unsigned int index, const u64 resume[3],
		   struct gm_vcpu_exit *exit)
{
	struct vcpu *vcpu = NULL;
	bool runs = false;
	struct vm *vm;

	(void)host;
	/* The RM core does not wait for calls that take as long as a guest likes. */
	rmcore_call_done();
	/* What the model made no VM for has nothing to do. */
	say_state(exit, GM_VCPU_EXPECTS_WAKEUP, 0, GM_WAKEUP_WFI);
	spin_lock(&vm_lock);
	vm = vm_find(vmid);
	if (vm && index < vm->setup.nr_vcpus) {
		vcpu = vm->vcpus[index];
		runs = begin_run(vcpu, exit);
	}
	spin_unlock(&vm_lock);
	if (!runs)
		return;

	run(vcpu, resume[0], exit);

	spin_lock(&vm_lock);
	end_run(vcpu, exit);
	spin_unlock(&vm_lock);
}

/* A vCPU of @vm whose timer is due; else *next is made the earliest. */
static struct vcpu *find_due(struct vm *vm, u64 now, u64 *next)
{
	unsigned int i;

	for (i = 0; i < vm->setup.nr_vcpus; i++) {
		struct vcpu *vcpu = vm->vcpus[i];

		if (vcpu->cpu || vcpu->wake_at == NEVER)
			continue;
		if (vcpu->wake_at <= now)
			return vcpu;
		if (vcpu->wake_at < *next)
			*next = vcpu->wake_at;
	}
	return NULL;
}

/* Takes one vCPU whose timer is due off the books. */
static bool take_due(unsigned int *vmid, unsigned int *index)
{
	struct vcpu *vcpu = NULL;
	u64 next = NEVER;
	struct vm *vm;

	spin_lock(&vm_lock);
	isb();
	for (vm = vm_first(); vm && !vcpu; vm = vm->next)
		vcpu = find_due(vm, read_sysreg(cntpct_el0), &next);
	if (vcpu) {
		vcpu->wake_at = NEVER;
		vcpu->woken = true;
		*vmid = vcpu->vm->vmid;
		*index = vcpu->index;
	} else {
		timers_due = next;
	}
	spin_unlock(&vm_lock);
	return vcpu;
}

/**
 * vcpu_run_timers() - wake the vCPUs whose timers are due
 *
 * Context: the RM core.
 * Return: time in ns when the next one is due, ~0: none.
 */
u64 vcpu_run_timers(void)
{
	unsigned int vmid, index;

	while (take_due(&vmid, &index))
		gm_vcpu_wake(model, vmid, index);
	/* Only this CPU makes it later; if it was made earlier, it was woken. */
	return timers_due == NEVER ? NEVER : clock_ticks_to_ns(timers_due) + 1;
}
