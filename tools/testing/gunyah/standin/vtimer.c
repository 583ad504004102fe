// SPDX-License-Identifier: GPL-2.0-only
/*
 * Timers. While a vCPU runs, EL1's two timers of the CPU are its own, and the
 * primary VM's are replaced by EL2's (CNTHP), set to the earlier of theirs:
 * its interrupt ends the run, and then the primary VM's own timer fires. While
 * a vCPU waits, the RM core keeps its time (rmcore.c). The counter is the same
 * for all: CNTVOFF_EL2 is 0.
 *
 * The timers' outputs are levels. The physical interrupt of one that has fired
 * is made active so that it is not taken again and again; the list register is
 * bound to it, and so the guest's end of interrupt makes it inactive, upon
 * which a timer that still (or again) fires is taken anew (vgic.c).
 */
#include "vm.h"

#define CTL_ENABLE	BIT(0)
#define CTL_MASK	BIT(1)
#define CTL_STATUS	BIT(2)
#define NEVER		(~0UL)

static const u32 timer_intid[VM_NR_TIMERS] = { INTID_CNTV, INTID_CNTP };

/* Those of the primary VM while a guest runs. */
static struct timer saved[PLAT_MAX_CPUS][VM_NR_TIMERS];

static void save_timers(struct timer *timers)
{
	timers[0].ctl = read_sysreg(cntv_ctl_el0);
	timers[0].cval = read_sysreg(cntv_cval_el0);
	timers[1].ctl = read_sysreg(cntp_ctl_el0);
	timers[1].cval = read_sysreg(cntp_cval_el0);
}

static void load_timers(const struct timer *timers)
{
	write_sysreg(0, cntv_ctl_el0);
	write_sysreg(0, cntp_ctl_el0);
	isb();
	write_sysreg(timers[0].cval, cntv_cval_el0);
	write_sysreg(timers[1].cval, cntp_cval_el0);
	isb();
	write_sysreg(timers[0].ctl & (CTL_ENABLE | CTL_MASK), cntv_ctl_el0);
	write_sysreg(timers[1].ctl & (CTL_ENABLE | CTL_MASK), cntp_ctl_el0);
	isb();
}

static bool armed(const struct timer *t)
{
	return (t->ctl & (CTL_ENABLE | CTL_MASK)) == CTL_ENABLE;
}

static u64 earliest(const struct timer *timers)
{
	u64 ret = NEVER;
	unsigned int i;

	for (i = 0; i < VM_NR_TIMERS; i++) {
		if (armed(&timers[i]) && timers[i].cval < ret)
			ret = timers[i].cval;
	}
	return ret;
}

/**
 * vtimer_enter_guest() - EL1's timers become the vCPU's
 * @vcpu: the vCPU
 */
void vtimer_enter_guest(struct vcpu *vcpu)
{
	struct timer *timers = saved[this_cpu()->index];
	u64 end;

	save_timers(timers);
	end = earliest(timers);
	if (end != NEVER) {
		write_sysreg(end, cnthp_cval_el2);
		write_sysreg(CNTHP_ENABLE, cnthp_ctl_el2);
	}
	load_timers(vcpu->timers);
}

/**
 * vtimer_leave_guest() - and the primary VM's again
 * @vcpu: the vCPU
 */
void vtimer_leave_guest(struct vcpu *vcpu)
{
	save_timers(vcpu->timers);
	write_sysreg(0, cnthp_ctl_el2);
	load_timers(saved[this_cpu()->index]);
}

/**
 * vtimer_update_loaded() - tell the vGIC whether the timers fire
 * @vcpu: the vCPU whose timers this CPU has
 *
 * Context: vm_lock.
 */
void vtimer_update_loaded(struct vcpu *vcpu)
{
	const u64 fires = CTL_ENABLE | CTL_STATUS;

	isb();
	vgic_set_line(vcpu, INTID_CNTV,
		      (read_sysreg(cntv_ctl_el0) & (fires | CTL_MASK)) == fires);
	vgic_set_line(vcpu, INTID_CNTP,
		      (read_sysreg(cntp_ctl_el0) & (fires | CTL_MASK)) == fires);
}

/**
 * vtimer_update_saved() - the same for a vCPU that does not run
 * @vcpu: the vCPU
 *
 * Context: vm_lock.
 */
void vtimer_update_saved(struct vcpu *vcpu)
{
	u64 now;
	unsigned int i;

	isb();
	now = read_sysreg(cntpct_el0);
	for (i = 0; i < VM_NR_TIMERS; i++)
		vgic_set_line(vcpu, timer_intid[i],
			      armed(&vcpu->timers[i]) && vcpu->timers[i].cval <= now);
}

/**
 * vtimer_next() - when will a timer of a vCPU that does not run fire?
 * @vcpu: the vCPU
 *
 * Context: vm_lock.
 * Return: value of the counter, ~0: never, or nobody would notice.
 */
u64 vtimer_next(const struct vcpu *vcpu)
{
	u64 ret = NEVER;
	unsigned int i;

	for (i = 0; i < VM_NR_TIMERS; i++) {
		const struct timer *t = &vcpu->timers[i];
		u8 flags = vcpu->vgic.virqs[timer_intid[i]].flags;

		if (armed(t) && (flags & VIRQ_ENABLED) && t->cval < ret)
			ret = t->cval;
	}
	return ret;
}
