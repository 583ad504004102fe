// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers of the virtual GICv3: distributor, redistributors (trapped
 * accesses to addresses where nothing is mapped), and the SGI registers of the
 * CPU interface (trapped instructions). One security state, affinity routing
 * always on, no LPIs, as the real one shows its guests.
 *
 * A register is handled as 32-bit words; an access of 8 bytes is two of them,
 * one of 1 or 2 bytes a part of one: the mask says which bits are written.
 */
#include "vm.h"

#define GICD_SIZE		0x10000
#define GICR_SIZE		0x20000
#define GICR_SGI_FRAME		0x10000

#define GICD_CTLR		0x0000
#define GICD_TYPER		0x0004
#define GICX_IIDR_D		0x0008
#define GICX_IGROUPR		0x0080	/* GICD, and SGI frame of GICR */
#define GICX_ISENABLER		0x0100
#define GICX_ICENABLER		0x0180
#define GICX_ISPENDR		0x0200
#define GICX_ICPENDR		0x0280
#define GICX_ISACTIVER		0x0300
#define GICX_ICACTIVER		0x0380
#define GICX_IPRIORITYR		0x0400
#define GICX_IPRIORITYR_END	0x0800
#define GICX_ICFGR		0x0c00
#define GICX_ICFGR_END		0x0d00
#define GICD_IROUTER		0x6000
#define GICD_IROUTER_END	0x8000
#define GICX_PIDR2		0xffe8
#define GICR_IIDR		0x0004
#define GICR_TYPER		0x0008
#define GICR_WAKER		0x0014

#define GICD_CTLR_ENABLES	0x3u
#define GICD_CTLR_FIXED		0x50u		/* DS, ARE */
/* 32 * 32 INTIDs, 10 bits of INTID, no "1 of N". */
#define GICD_TYPER_VALUE	(31u | 9u << 19 | 1u << 25)
#define IIDR_VALUE		0x47000000u
#define PIDR2_GICV3		0x30u
#define GICR_TYPER_LAST		0x10u
#define GICR_WAKER_SLEEP	0x2u
#define GICR_WAKER_ASLEEP	0x4u
#define IROUTER_AFF0		0xffu
#define IROUTER_AFF_OTHER	0xffff00u
#define PRIORITY_MASK		0xf8u		/* 5 bits */

/* One access to a word: which VM, of which vCPU what is private, which bits. */
struct access {
	struct vm *vm;
	unsigned int vcpu;	/* VM_MAX_VCPUS: the distributor */
	u32 offset;
	u32 mask;
	bool write;
	u32 val;
};

/* Is there such an interrupt behind this access? */
static struct virq *find_virq(const struct access *a, u32 intid)
{
	if (intid >= VGIC_NR_INTIDS)
		return NULL;
	if (intid < VGIC_NR_PRIVATE ? a->vcpu == VM_MAX_VCPUS : a->vcpu != VM_MAX_VCPUS)
		return NULL;
	return vgic_virq(a->vm, a->vcpu, intid);
}

static bool get_bit(const struct virq *virq, u32 reg)
{
	switch (reg) {
	case GICX_IGROUPR:
		return virq->flags & VIRQ_GROUP1;
	case GICX_ISENABLER:
	case GICX_ICENABLER:
		return virq->flags & VIRQ_ENABLED;
	case GICX_ISPENDR:
	case GICX_ICPENDR:
		return virq->flags & (VIRQ_PENDING | VIRQ_LINE);
	default:
		return virq->flags & VIRQ_ACTIVE;
	}
}

static void set_bit(struct virq *virq, u32 reg, bool set)
{
	u8 bit = reg == GICX_IGROUPR ? VIRQ_GROUP1 :
		 reg < GICX_ISPENDR ? VIRQ_ENABLED :
		 reg < GICX_ISACTIVER ? VIRQ_PENDING : VIRQ_ACTIVE;
	bool clears = reg != GICX_IGROUPR && (reg & 0x80);

	if (reg != GICX_IGROUPR && !set)
		return;
	virq->flags = set && !clears ? virq->flags | bit : virq->flags & ~bit;
	/* Nobody's any more, unless some vCPU has it in a list register now. */
	if (reg == GICX_ICACTIVER && virq->in)
		virq->in = 0;
}

/* Registers with one bit per interrupt. */
static void access_bits(struct access *a)
{
	u32 reg = a->offset & ~0x7fu, base = a->offset % 0x80 * 8;
	u32 ret = 0;
	unsigned int i;

	for (i = 0; i < 32; i++) {
		struct virq *virq = find_virq(a, base + i);

		if (!virq)
			continue;
		if (!a->write) {
			ret |= (u32)get_bit(virq, reg) << i;
		} else if (a->mask & 1U << i) {
			set_bit(virq, reg, a->val & 1U << i);
			vgic_update_busy(a->vm, a->vcpu, base + i);
		}
	}
	a->val = ret;
}

static void access_priority(struct access *a)
{
	u32 base = a->offset - GICX_IPRIORITYR;
	u32 ret = 0;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		struct virq *virq = find_virq(a, base + i);

		if (!virq)
			continue;
		if (!a->write)
			ret |= (u32)virq->priority << 8 * i;
		else if (a->mask & 0xffU << 8 * i)
			virq->priority = a->val >> 8 * i & PRIORITY_MASK;
	}
	a->val = ret;
}

static void access_config(struct access *a)
{
	u32 base = (a->offset - GICX_ICFGR) * 4;
	u32 ret = 0;
	unsigned int i;

	for (i = 0; i < 16; i++) {
		struct virq *virq = find_virq(a, base + i);

		if (!virq)
			continue;
		if (!a->write)
			ret |= (virq->flags & VIRQ_EDGE) ? 2U << 2 * i : 0;
		else if (base + i >= VGIC_NR_SGIS && (a->mask & 2U << 2 * i))
			virq->flags = (a->val & 2U << 2 * i) ? virq->flags | VIRQ_EDGE :
							       virq->flags & ~VIRQ_EDGE;
	}
	a->val = ret;
}

static void access_route(struct access *a)
{
	u32 intid = (a->offset - GICD_IROUTER) / 8;
	struct virq *virq = find_virq(a, intid);
	bool high = a->offset % 8;

	if (!virq || high) {
		a->val = 0;
		return;
	}
	if (!a->write) {
		a->val = virq->target == VM_MAX_VCPUS ? IROUTER_AFF_OTHER : virq->target;
		return;
	}
	if ((a->val & IROUTER_AFF_OTHER) || (a->val & IROUTER_AFF0) >= a->vm->setup.nr_vcpus)
		virq->target = VM_MAX_VCPUS;
	else
		virq->target = a->val & IROUTER_AFF0;
}

/* What distributor and SGI frame have in common. False: no such register. */
static bool access_common(struct access *a)
{
	u32 offset = a->offset;

	if (offset >= GICX_IGROUPR && offset < GICX_IPRIORITYR)
		access_bits(a);
	else if (offset >= GICX_IPRIORITYR && offset < GICX_IPRIORITYR_END)
		access_priority(a);
	else if (offset >= GICX_ICFGR && offset < GICX_ICFGR_END)
		access_config(a);
	else
		return false;
	return true;
}

static void access_gicd(struct access *a)
{
	if (access_common(a))
		return;
	if (a->offset >= GICD_IROUTER && a->offset < GICD_IROUTER_END) {
		access_route(a);
		return;
	}
	switch (a->offset) {
	case GICD_CTLR:
		if (a->write)
			a->vm->gicd_ctlr = a->val & GICD_CTLR_ENABLES;
		a->val = a->vm->gicd_ctlr | GICD_CTLR_FIXED;
		break;
	case GICD_TYPER:
		a->val = GICD_TYPER_VALUE;
		break;
	case GICX_IIDR_D:
		a->val = IIDR_VALUE;
		break;
	case GICX_PIDR2:
		a->val = PIDR2_GICV3;
		break;
	default:
		a->val = 0;
	}
}

static void access_waker(struct access *a)
{
	struct vgic_cpu *vgic = &a->vm->vcpus[a->vcpu]->vgic;

	if (a->write)
		vgic->awake = !(a->val & GICR_WAKER_SLEEP);
	a->val = vgic->awake ? 0 : GICR_WAKER_SLEEP | GICR_WAKER_ASLEEP;
}

static void access_gicr(struct access *a)
{
	switch (a->offset) {
	case GICR_IIDR:
		a->val = IIDR_VALUE;
		break;
	case GICR_TYPER:
		a->val = a->vcpu << 8;
		if (a->vcpu + 1 == a->vm->setup.nr_vcpus)
			a->val |= GICR_TYPER_LAST;
		break;
	case GICR_TYPER + 4:
		a->val = a->vcpu;
		break;
	case GICR_WAKER:
		access_waker(a);
		break;
	case GICX_PIDR2:
		a->val = PIDR2_GICV3;
		break;
	default:
		if (a->offset < GICR_SGI_FRAME) {
			a->val = 0;
			break;
		}
		a->offset -= GICR_SGI_FRAME;
		if (!access_common(a))
			a->val = 0;
	}
}

/* Which GIC register is meant? False: none. */
static bool decode(struct access *a, u64 ipa)
{
	const struct gm_vm_setup *setup = &a->vm->setup;
	u64 offset = ipa - setup->gicd_base;

	if (ipa >= setup->gicd_base && offset < GICD_SIZE) {
		a->vcpu = VM_MAX_VCPUS;
		a->offset = offset;
		return true;
	}
	offset = ipa - setup->gicr_base;
	if (ipa < setup->gicr_base || offset >= setup->nr_vcpus * setup->gicr_stride ||
	    offset % setup->gicr_stride >= GICR_SIZE)
		return false;
	a->vcpu = offset / setup->gicr_stride;
	a->offset = offset % setup->gicr_stride;
	return true;
}

static u32 access_word(struct vm *vm, u64 ipa, u32 mask, bool write, u32 val)
{
	struct access a = { .vm = vm, .mask = mask, .write = write, .val = val };

	decode(&a, ipa);
	if (a.vcpu == VM_MAX_VCPUS)
		access_gicd(&a);
	else
		access_gicr(&a);
	return a.val;
}

/**
 * vgic_mmio() - a vCPU's access to an address that is not mapped
 * @vcpu: the vCPU, its interrupts synced
 * @ipa: address, aligned to @size
 * @size: 1, 2, 4 or 8 bytes
 * @write: direction
 * @val: the value
 *
 * Context: vm_lock.
 * Return: false if there is no GIC register.
 */
bool vgic_mmio(struct vcpu *vcpu, u64 ipa, unsigned int size, bool write, u64 *val)
{
	struct access probe = { .vm = vcpu->vm };
	unsigned int shift = ipa % 4 * 8;
	u32 mask = size >= 4 ? ~0U : ((1U << 8 * size) - 1) << shift;
	u64 ret;

	if (!decode(&probe, ipa))
		return false;
	ret = access_word(vcpu->vm, ipa & ~3UL, mask, write, *val << shift);
	if (size == 8)
		ret |= (u64)access_word(vcpu->vm, ipa + 4, ~0U, write, *val >> 32) << 32;
	if (!write)
		*val = size < 4 ? (ret & mask) >> shift : ret;
	return true;
}

/**
 * vgic_sgi() - a vCPU writes ICC_SGI1R_EL1 (or one of its two relatives)
 * @vcpu: the vCPU, its interrupts synced
 * @val: the value
 *
 * Context: vm_lock.
 */
void vgic_sgi(struct vcpu *vcpu, u64 val)
{
	struct vm *vm = vcpu->vm;
	u32 intid = field(val, 27, 24);
	bool others = field(val, 40, 40);
	bool elsewhere = field(val, 23, 16) || field(val, 39, 32) || field(val, 55, 48) ||
			 field(val, 47, 44);
	unsigned int i;

	for (i = 0; i < vm->setup.nr_vcpus; i++) {
		if (others ? i != vcpu->index : !elsewhere && (val & BIT(i)))
			vgic_latch(vm, i, intid);
	}
}
