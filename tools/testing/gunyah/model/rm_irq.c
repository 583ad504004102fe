// SPDX-License-Identifier: GPL-2.0-only
/*
 * RM's lending of hardware interrupts.
 *
 * The primary VM owns every shared interrupt of the hardware that is not one of
 * the model's own; no other VM owns any. A handle is the number plus a secret.
 * A request without payload kills the real RM.
 */
#include "state.h"

#define IRQ_SPI_FIRST		32
#define IRQ_END			1020
#define IRQ_CHOOSE		0xffffffffu
#define IRQ_NOBODY		0xffff	/* "default peer" */
#define IRQ_NOTIFY_LENT		1
#define IRQ_NOTIFY_RELEASED	2
#define IRQ_NOTIFY_ACCEPTED	4
#define IRQ_NOTE_LENT		0x56100011
#define IRQ_NOTE_RELEASED	0x56100012
#define IRQ_NOTE_ACCEPTED	0x56100013

static bool irq_is_hw(struct gm *m, u32 virq)
{
	return virq >= IRQ_SPI_FIRST && virq < IRQ_END &&
	       (virq < m->virq_first || virq - m->virq_first >= m->virq_count);
}

static struct gm_lending *irq_of_number(struct gm *m, u32 virq)
{
	u32 i;

	for (i = 0; i < GM_MAX_LENDINGS; i++)
		if (m->lendings[i].used && m->lendings[i].virq == virq)
			return &m->lendings[i];
	return NULL;
}

static struct gm_lending *irq_of_handle(struct gm *m, u32 handle)
{
	return irq_of_number(m, handle - m->irq_handle);
}

static u32 irq_handle(struct gm *m, const struct gm_lending *l)
{
	return m->irq_handle + l->virq;
}

/* Has the VM something at this number? */
static bool irq_busy(struct gm *m, unsigned int vmid, u32 virq)
{
	u32 i;

	if (vmid == GM_VMID_PRIMARY)
		return true;
	for (i = 0; i < GM_MAX_LENDINGS; i++)
		if (m->lendings[i].used && m->lendings[i].accepted &&
		    m->lendings[i].borrower == vmid && m->lendings[i].borrower_virq == virq)
			return true;
	return false;
}

static u32 irq_lend(struct gm *m, struct gm_rm_req *r)
{
	struct gm_lending *l = NULL;
	u32 virq, i;

	if (r->size != 12)
		return GM_ST_MSG_INVALID;
	virq = gm_get32(r->data + 4);
	if (r->vm->vmid != GM_VMID_PRIMARY || !irq_is_hw(m, virq))
		return GM_ST_IRQ_INVALID;
	if (irq_of_number(m, virq))
		return GM_ST_IRQ_INUSE;
	for (i = 0; i < GM_MAX_LENDINGS && !l; i++)
		if (!m->lendings[i].used)
			l = &m->lendings[i];
	if (!l)
		return GM_ST_NOMEM;
	if (!m->irq_handle && !m->plain_caps)
		m->irq_handle = (u32)gm_random(m);
	memset(l, 0, sizeof(*l));
	l->used = 1;
	l->owner = r->vm->vmid;
	l->borrower = gm_get16(r->data);	/* not looked at before ACCEPT */
	l->virq = virq;
	l->label = gm_get32(r->data + 8);
	gm_put32(r->out, irq_handle(m, l));
	r->out_size = 4;
	return GM_ST_OK;
}

static u32 irq_accept(struct gm *m, struct gm_rm_req *r)
{
	struct gm_lending *l;
	u32 virq;

	if (r->size != 8)
		return GM_ST_MSG_INVALID;
	l = irq_of_handle(m, gm_get32(r->data));
	if (!l || l->borrower != r->vm->vmid)
		return GM_ST_HANDLE_INVALID;
	if (l->accepted)
		return GM_ST_IN_USE;
	virq = gm_get32(r->data + 4);
	if (virq == IRQ_CHOOSE)
		virq = l->virq;
	if (virq < IRQ_SPI_FIRST || virq >= IRQ_END)
		return GM_ST_ARGUMENT_INVALID;
	if (irq_busy(m, r->vm->vmid, virq))
		return GM_ST_DENIED;
	l->accepted = 1;
	l->borrower_virq = virq;
	gm_put32(r->out, virq);
	r->out_size = 4;
	return GM_ST_OK;
}

static u32 irq_release(struct gm *m, struct gm_rm_req *r)
{
	struct gm_lending *l;

	if (r->size != 4)
		return GM_ST_MSG_INVALID;
	l = irq_of_handle(m, gm_get32(r->data));
	if (!l || l->borrower != r->vm->vmid)
		return GM_ST_HANDLE_INVALID;
	if (!l->accepted)
		return GM_ST_IN_USE;
	l->accepted = 0;
	return GM_ST_OK;
}

static u32 irq_reclaim(struct gm *m, struct gm_rm_req *r)
{
	struct gm_lending *l;

	if (r->size != 4)
		return GM_ST_MSG_INVALID;
	l = irq_of_handle(m, gm_get32(r->data));
	if (!l || l->borrower == r->vm->vmid)
		return GM_ST_HANDLE_INVALID;
	if (l->accepted)
		return GM_ST_IN_USE;
	if (l->owner != r->vm->vmid)
		return GM_ST_IRQ_INVALID;
	l->used = 0;
	return GM_ST_OK;
}

static u32 irq_notify_lent(struct gm *m, struct gm_rm_req *r, const struct gm_lending *l)
{
	u8 msg[12] = { 0 };
	u32 nr = 0;

	if (r->size > 8) {
		if (r->size < 12)
			return GM_ST_MSG_INVALID;
		nr = gm_get16(r->data + 8);
		if (r->size != 12 + 4 * nr)
			return GM_ST_MSG_INVALID;
	}
	if (l->owner != r->vm->vmid)
		return GM_ST_HANDLE_INVALID;
	if (l->accepted)
		return GM_ST_IRQ_INUSE;
	if (nr > 1 || (nr && gm_get16(r->data + 12) != l->borrower))
		return GM_ST_ARGUMENT_INVALID;
	gm_put16(msg, l->owner);
	gm_put32(msg + 4, irq_handle(m, l));
	gm_put32(msg + 8, l->label);
	return gm_vm_notify(m, l->borrower, IRQ_NOTE_LENT, msg, sizeof(msg)) ?
	       GM_ST_OK : GM_ST_VMID_INVALID;
}

static u32 irq_notify_owner(struct gm *m, struct gm_rm_req *r, const struct gm_lending *l,
			    bool accepted)
{
	u8 msg[4];

	if (l->borrower != r->vm->vmid)
		return GM_ST_HANDLE_INVALID;
	if (accepted != !!l->accepted)
		return l->accepted ? GM_ST_IRQ_INUSE : GM_ST_IRQ_RELEASED;
	gm_put32(msg, irq_handle(m, l));
	return gm_vm_notify(m, l->owner, accepted ? IRQ_NOTE_ACCEPTED : IRQ_NOTE_RELEASED, msg,
			    sizeof(msg)) ? GM_ST_OK : GM_ST_VMID_INVALID;
}

static u32 irq_notify(struct gm *m, struct gm_rm_req *r)
{
	const struct gm_lending *l;
	u32 flags;

	if (r->size < 8)
		return GM_ST_MSG_INVALID;
	flags = gm_get32(r->data + 4);
	if (flags != IRQ_NOTIFY_LENT && r->size != 8)
		return GM_ST_MSG_INVALID;
	l = irq_of_handle(m, gm_get32(r->data));
	if (!l)
		return GM_ST_HANDLE_INVALID;
	switch (flags) {
	case IRQ_NOTIFY_LENT:
		return irq_notify_lent(m, r, l);
	case IRQ_NOTIFY_RELEASED:
		return irq_notify_owner(m, r, l, false);
	case IRQ_NOTIFY_ACCEPTED:
		return irq_notify_owner(m, r, l, true);
	default:
		return GM_ST_ARGUMENT_INVALID;
	}
}

u32 gm_rm_irq(struct gm *m, struct gm_rm_req *r)
{
	if (!r->size) {
		if (!m->rm_lives)
			gm_rm_die(m, "empty VM_IRQ request");
		return GM_ST_MSG_INVALID;
	}
	switch (r->id) {
	case GM_RM_IRQ_LEND:
		return irq_lend(m, r);
	case GM_RM_IRQ_ACCEPT:
		return irq_accept(m, r);
	case GM_RM_IRQ_RELEASE:
		return irq_release(m, r);
	case GM_RM_IRQ_RECLAIM:
		return irq_reclaim(m, r);
	default:
		return irq_notify(m, r);
	}
}

/* A VM is reset: what it borrowed is offered to nobody, without a word. */
void gm_irqs_release(struct gm *m, struct gm_vm *vm)
{
	u32 i;

	for (i = 0; i < GM_MAX_LENDINGS; i++) {
		struct gm_lending *l = &m->lendings[i];

		if (!l->used || !l->accepted || l->borrower != vm->vmid)
			continue;
		l->accepted = 0;
		l->borrower = IRQ_NOBODY;
	}
}
