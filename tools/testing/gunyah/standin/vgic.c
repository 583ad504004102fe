// SPDX-License-Identifier: GPL-2.0-only
/*
 * The virtual GICv3 of secondary VMs: what is pending for whom, and the list
 * registers of the CPU interface.
 *
 * Truth is in struct virq. vgic_flush() moves what is pending or active for a
 * vCPU into its list registers before each entry of the guest, the most urgent
 * first, and vgic_sync() moves it back after each exit. What becomes pending
 * meanwhile is latched in struct virq and added by the next flush, for which
 * the CPU is kicked. If the list registers are too few, the maintenance
 * interrupt tells when they are nearly empty.
 *
 * A timer's interrupt is a level: it is pending while VIRQ_LINE is set. Its
 * list register is bound to the physical interrupt, see vtimer.c.
 */
#include <string.h>

#include "vm.h"

#define LR_PENDING		BIT(62)
#define LR_ACTIVE		BIT(63)
#define LR_HW			BIT(61)
#define LR_GROUP1		BIT(60)
#define LR_PRIORITY(p)		((u64)(p) << 48)
#define LR_PINTID(i)		((u64)(i) << 32)
#define LR_VINTID(lr)		((u32)(lr))

#define HCR_EN			BIT(0)
#define HCR_UIE			BIT(1)
#define VTR_LISTREGS(vtr)	(field(vtr, 4, 0) + 1)
#define VTR_PREBITS(vtr)	(field(vtr, 28, 26) + 1)
#define VMCR_ENG1		BIT(1)
#define VMCR_ENG0		BIT(0)
#define VMCR_PMR(vmcr)		field(vmcr, 31, 24)

#define GICD_ENABLE_GROUP0	BIT(0)
#define GICD_ENABLE_GROUP1	BIT(1)

static bool is_timer(u32 intid)
{
	return intid == INTID_CNTV || intid == INTID_CNTP;
}

/**
 * vgic_virq() - an interrupt's state
 * @vm: the VM
 * @vcpu: whose, for a private interrupt
 * @intid: number, less than VGIC_NR_INTIDS
 *
 * Context: vm_lock, for all functions of this file.
 * Return: its state.
 */
struct virq *vgic_virq(struct vm *vm, unsigned int vcpu, u32 intid)
{
	return intid < VGIC_NR_PRIVATE ? &vm->vcpus[vcpu]->vgic.virqs[intid] : &vm->spis[intid];
}

/**
 * vgic_update_busy() - note that an interrupt's state has changed
 * @vm: the VM
 * @vcpu: whose, for a private interrupt
 * @intid: number
 */
void vgic_update_busy(struct vm *vm, unsigned int vcpu, u32 intid)
{
	bool busy = vgic_virq(vm, vcpu, intid)->flags & (VIRQ_PENDING | VIRQ_ACTIVE | VIRQ_LINE);

	if (intid < VGIC_NR_PRIVATE) {
		u32 *word = &vm->vcpus[vcpu]->vgic.busy;

		*word = busy ? *word | 1U << intid : *word & ~(1U << intid);
	} else {
		u64 *word = &vm->busy[intid / 64];

		*word = busy ? *word | BIT(intid % 64) : *word & ~BIT(intid % 64);
	}
}

/**
 * vgic_set_line() - a level of a vCPU's private interrupt
 * @vcpu: the vCPU
 * @intid: number
 * @high: the level
 */
void vgic_set_line(struct vcpu *vcpu, u32 intid, bool high)
{
	struct virq *virq = &vcpu->vgic.virqs[intid];

	virq->flags = high ? virq->flags | VIRQ_LINE : virq->flags & ~VIRQ_LINE;
	vgic_update_busy(vcpu->vm, vcpu->index, intid);
}

/**
 * vgic_latch() - make an interrupt pending
 * @vm: the VM
 * @vcpu: whose, for a private interrupt
 * @intid: number
 */
void vgic_latch(struct vm *vm, unsigned int vcpu, u32 intid)
{
	vgic_virq(vm, vcpu, intid)->flags |= VIRQ_PENDING;
	vgic_update_busy(vm, vcpu, intid);
}

/* Does the distributor forward it? */
static bool is_forwarded(const struct vm *vm, const struct virq *virq)
{
	u32 group = (virq->flags & VIRQ_GROUP1) ? GICD_ENABLE_GROUP1 : GICD_ENABLE_GROUP0;

	return (virq->flags & VIRQ_ENABLED) && (vm->gicd_ctlr & group) &&
	       (virq->flags & (VIRQ_PENDING | VIRQ_LINE)) && !(virq->flags & VIRQ_ACTIVE);
}

/* Is it in the hands of this vCPU: a target, and not active elsewhere? */
static bool is_of(const struct vcpu *vcpu, const struct virq *virq, u32 intid)
{
	if (virq->in)
		return virq->in == vcpu->index + 1;
	return intid < VGIC_NR_PRIVATE || virq->target == vcpu->index;
}

/* The next interrupt from @intid on that has some state, VGIC_NR_INTIDS if none. */
static u32 next_busy(const struct vcpu *vcpu, u32 intid)
{
	u64 word;

	while (intid < VGIC_NR_INTIDS) {
		word = vcpu->vm->busy[intid / 64];
		if (intid < 64)
			word |= vcpu->vgic.busy;
		word = word >> intid % 64 << intid % 64;
		if (word)
			return (intid & ~63U) + __builtin_ctzl(word);
		intid = (intid & ~63U) + 64;
	}
	return VGIC_NR_INTIDS;
}

#define for_each_busy(vcpu, intid)					\
	for (intid = next_busy(vcpu, 0); intid < VGIC_NR_INTIDS;	\
	     intid = next_busy(vcpu, intid + 1))

/**
 * vgic_wants() - is there something for a vCPU that it has not yet got?
 * @vcpu: the vCPU
 *
 * Return: true if an interrupt is forwarded to it and in no list register.
 */
bool vgic_wants(struct vcpu *vcpu)
{
	u32 intid;

	for_each_busy(vcpu, intid) {
		const struct virq *virq = vgic_virq(vcpu->vm, vcpu->index, intid);

		/* Latched again after it went into a list register? */
		if (virq->in == vcpu->index + 1 && (virq->flags & VIRQ_PENDING))
			return true;
		if (!virq->in && is_forwarded(vcpu->vm, virq) && is_of(vcpu, virq, intid))
			return true;
	}
	return false;
}

/* Would its CPU interface signal it? */
static bool is_signalled(const struct vcpu *vcpu, const struct virq *virq)
{
	u64 vmcr = vcpu->vgic.vmcr;

	return (vmcr & ((virq->flags & VIRQ_GROUP1) ? VMCR_ENG1 : VMCR_ENG0)) &&
	       virq->priority < VMCR_PMR(vmcr);
}

/**
 * vgic_has_interrupt() - does an interrupt end the WFI of a vCPU?
 * @vcpu: the vCPU, after vgic_sync()
 *
 * Return: true if so.
 */
bool vgic_has_interrupt(struct vcpu *vcpu)
{
	u32 intid;

	for_each_busy(vcpu, intid) {
		const struct virq *virq = vgic_virq(vcpu->vm, vcpu->index, intid);

		if (is_forwarded(vcpu->vm, virq) && is_of(vcpu, virq, intid) &&
		    is_signalled(vcpu, virq))
			return true;
	}
	return false;
}

static u64 make_lr(const struct virq *virq, u32 intid)
{
	u64 lr = intid | LR_PRIORITY(virq->priority);

	if (virq->flags & VIRQ_GROUP1)
		lr |= LR_GROUP1;
	if (is_timer(intid))
		lr |= LR_HW | LR_PINTID(intid);
	if (virq->flags & VIRQ_ACTIVE) {
		lr |= LR_ACTIVE;
		/* With both bits the interrupt would come again after its end. */
		if (!is_timer(intid) && (virq->flags & VIRQ_PENDING))
			lr |= LR_PENDING;
	} else {
		lr |= LR_PENDING;
	}
	return lr;
}

/* Active ones first, as their end needs the register; then by priority. */
static bool goes_before(u64 a, u64 b)
{
	if ((a & LR_ACTIVE) != (b & LR_ACTIVE))
		return a & LR_ACTIVE;
	return field(a, 55, 48) < field(b, 55, 48);
}

/* Returns false if one had to be left out. */
static bool insert_lr(struct vgic_cpu *vgic, u64 lr, unsigned int max)
{
	bool full = vgic->nr_lrs == max;
	unsigned int i;

	if (full && !goes_before(lr, vgic->lr[max - 1]))
		return false;
	i = full ? max - 1 : vgic->nr_lrs++;
	for (; i && goes_before(lr, vgic->lr[i - 1]); i--)
		vgic->lr[i] = vgic->lr[i - 1];
	vgic->lr[i] = lr;
	return !full;
}

static unsigned int nr_lrs(void)
{
	unsigned int nr = VTR_LISTREGS(read_sysreg(ICH_VTR_EL2));

	return nr < VGIC_MAX_LRS ? nr : VGIC_MAX_LRS;
}

/* What is in list registers is not in struct virq; lines and enables are. */
static void take_into_lr(struct vcpu *vcpu, u64 lr)
{
	u32 intid = LR_VINTID(lr);
	struct virq *virq = vgic_virq(vcpu->vm, vcpu->index, intid);

	virq->in = vcpu->index + 1;
	if (lr & LR_PENDING)
		virq->flags &= ~VIRQ_PENDING;
}

/**
 * vgic_flush() - fill the list registers of a vCPU that is about to be entered
 * @vcpu: the vCPU
 */
void vgic_flush(struct vcpu *vcpu)
{
	struct vgic_cpu *vgic = &vcpu->vgic;
	unsigned int max = nr_lrs(), i;
	bool all = true;
	u32 intid;

	vgic->nr_lrs = 0;
	for_each_busy(vcpu, intid) {
		const struct virq *virq = vgic_virq(vcpu->vm, vcpu->index, intid);

		if (is_of(vcpu, virq, intid) &&
		    ((virq->flags & VIRQ_ACTIVE) || is_forwarded(vcpu->vm, virq)))
			all = insert_lr(vgic, make_lr(virq, intid), max) && all;
	}
	for (i = 0; i < vgic->nr_lrs; i++)
		take_into_lr(vcpu, vgic->lr[i]);
	vgic->hcr = HCR_EN | (all ? 0 : HCR_UIE);
}

static void sync_lr(struct vcpu *vcpu, u64 lr)
{
	u32 intid = LR_VINTID(lr);
	struct virq *virq = vgic_virq(vcpu->vm, vcpu->index, intid);

	virq->flags &= ~VIRQ_ACTIVE;
	if (lr & LR_ACTIVE)
		virq->flags |= VIRQ_ACTIVE;
	if ((lr & LR_PENDING) && !is_timer(intid))
		virq->flags |= VIRQ_PENDING;
	/* An active one stays this vCPU's, whatever its route becomes. */
	virq->in = (lr & LR_ACTIVE) ? vcpu->index + 1 : 0;
	vgic_update_busy(vcpu->vm, vcpu->index, intid);
}

#define LR_CASE_READ(n)		case n: return read_sysreg(ICH_LR##n##_EL2)
#define LR_CASE_WRITE(n, val)	case n: write_sysreg(val, ICH_LR##n##_EL2); break

static u64 read_lr(unsigned int n)
{
	switch (n) {
	LR_CASE_READ(0);
	LR_CASE_READ(1);
	LR_CASE_READ(2);
	LR_CASE_READ(3);
	LR_CASE_READ(4);
	LR_CASE_READ(5);
	LR_CASE_READ(6);
	LR_CASE_READ(7);
	}
	return 0;
}

static void write_lr(unsigned int n, u64 val)
{
	switch (n) {
	LR_CASE_WRITE(0, val);
	LR_CASE_WRITE(1, val);
	LR_CASE_WRITE(2, val);
	LR_CASE_WRITE(3, val);
	LR_CASE_WRITE(4, val);
	LR_CASE_WRITE(5, val);
	LR_CASE_WRITE(6, val);
	LR_CASE_WRITE(7, val);
	}
}

/**
 * vgic_sync() - take back what is in the list registers
 * @vcpu: the vCPU that was left
 */
void vgic_sync(struct vcpu *vcpu)
{
	struct vgic_cpu *vgic = &vcpu->vgic;
	unsigned int i;

	for (i = 0; i < vgic->nr_lrs; i++) {
		/* The hardware may have changed the state, not the number. */
		sync_lr(vcpu, (read_lr(i) & (LR_PENDING | LR_ACTIVE)) | LR_VINTID(vgic->lr[i]));
		write_lr(i, 0);
	}
	vgic->nr_lrs = 0;
	vgic->vmcr = read_sysreg(ICH_VMCR_EL2);
	write_sysreg(0, ICH_HCR_EL2);
	isb();
}

/**
 * vgic_enter() - list registers into this CPU, right before the guest
 * @vcpu: the vCPU
 *
 * Return: bits of the timers' physical interrupts that have to be active.
 */
u32 vgic_enter(struct vcpu *vcpu)
{
	const u8 silent = VIRQ_LINE | VIRQ_ACTIVE;
	struct vgic_cpu *vgic = &vcpu->vgic;
	u32 ret = 0;
	unsigned int i;

	for (i = 0; i < vgic->nr_lrs; i++)
		write_lr(i, vgic->lr[i]);
	write_sysreg(vgic->hcr, ICH_HCR_EL2);
	isb();
	if (vgic->virqs[INTID_CNTV].flags & silent)
		ret |= 1U << INTID_CNTV;
	if (vgic->virqs[INTID_CNTP].flags & silent)
		ret |= 1U << INTID_CNTP;
	return ret;
}

/* How many registers of active priorities there are of each group. */
static unsigned int nr_aprs(void)
{
	unsigned int bits = VTR_PREBITS(read_sysreg(ICH_VTR_EL2));

	return bits < 6 ? 1 : 1U << (bits - 5);
}

/**
 * vgic_load() - the CPU interface of a vCPU into this CPU
 * @vcpu: the vCPU
 */
void vgic_load(struct vcpu *vcpu)
{
	const struct vgic_cpu *vgic = &vcpu->vgic;
	unsigned int nr = nr_aprs();

	write_sysreg(vgic->vmcr, ICH_VMCR_EL2);
	write_sysreg(vgic->ap0r[0], ICH_AP0R0_EL2);
	write_sysreg(vgic->ap1r[0], ICH_AP1R0_EL2);
	if (nr > 1) {
		write_sysreg(vgic->ap0r[1], ICH_AP0R1_EL2);
		write_sysreg(vgic->ap1r[1], ICH_AP1R1_EL2);
	}
	if (nr > 2) {
		write_sysreg(vgic->ap0r[2], ICH_AP0R2_EL2);
		write_sysreg(vgic->ap1r[2], ICH_AP1R2_EL2);
		write_sysreg(vgic->ap0r[3], ICH_AP0R3_EL2);
		write_sysreg(vgic->ap1r[3], ICH_AP1R3_EL2);
	}
}

/**
 * vgic_put() - and out again
 * @vcpu: the vCPU
 */
void vgic_put(struct vcpu *vcpu)
{
	struct vgic_cpu *vgic = &vcpu->vgic;
	unsigned int nr = nr_aprs();

	vgic->vmcr = read_sysreg(ICH_VMCR_EL2);
	vgic->ap0r[0] = read_sysreg(ICH_AP0R0_EL2);
	vgic->ap1r[0] = read_sysreg(ICH_AP1R0_EL2);
	if (nr > 1) {
		vgic->ap0r[1] = read_sysreg(ICH_AP0R1_EL2);
		vgic->ap1r[1] = read_sysreg(ICH_AP1R1_EL2);
	}
	if (nr > 2) {
		vgic->ap0r[2] = read_sysreg(ICH_AP0R2_EL2);
		vgic->ap1r[2] = read_sysreg(ICH_AP1R2_EL2);
		vgic->ap0r[3] = read_sysreg(ICH_AP0R3_EL2);
		vgic->ap1r[3] = read_sysreg(ICH_AP1R3_EL2);
	}
}

/**
 * vgic_reset_interface() - the CPU interface of a vCPU that is switched on
 * @vcpu: the vCPU
 *
 * What was active when it was switched off nobody would end any more.
 */
void vgic_reset_interface(struct vcpu *vcpu)
{
	struct vgic_cpu *vgic = &vcpu->vgic;
	u32 intid;

	for_each_busy(vcpu, intid) {
		struct virq *virq = vgic_virq(vcpu->vm, vcpu->index, intid);

		if (virq->in != vcpu->index + 1)
			continue;
		virq->in = 0;
		virq->flags &= ~VIRQ_ACTIVE;
		vgic_update_busy(vcpu->vm, vcpu->index, intid);
	}
	vgic->vmcr = 0;
	memset(vgic->ap0r, 0, sizeof(vgic->ap0r));
	memset(vgic->ap1r, 0, sizeof(vgic->ap1r));
}

/**
 * vgic_reset_vcpu() - the CPU interface and redistributor after reset
 * @vcpu: the vCPU
 *
 * SGIs are always edges; the other private ones are levels until the guest says
 * otherwise.
 */
void vgic_reset_vcpu(struct vcpu *vcpu)
{
	unsigned int i;

	vcpu->vgic = (struct vgic_cpu){ 0 };
	for (i = 0; i < VGIC_NR_SGIS; i++)
		vcpu->vgic.virqs[i].flags = VIRQ_EDGE;
}
