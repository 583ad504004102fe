// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual devices of a VM: the queues, doorbells and the RM link that its
 * device tree asks for, and both of their ends.
 *
 * The VM's own end is in its capability space and its virtual GIC; the other
 * one is the owner's (with a record for VM_GET_HYP_RESOURCES), RM's, or, for a
 * queue pair, that of a second VM: whoever comes first makes the queues, and a
 * device of the same label that names the other VM is given their far ends.
 */
#include "state.h"

#define VD_OWN_VIRQ	960	/* where RM begins to look for a free one */
#define VD_VIRQ_END	(32 + GM_VM_SPIS)

struct gm_vdev *gm_vdev_new(struct gm *m, struct gm_vm *vm)
{
	u32 i;

	for (i = 0; i < GM_MAX_VDEVS && m->vdevs[i].used; i++)
		;
	if (i == GM_MAX_VDEVS || !gm_heap_take(m, GM_HEAP_VDEV)) {
		gm_count(m, GM_CTR_RM_NOHEAP);
		return NULL;
	}
	memset(&m->vdevs[i], 0, sizeof(m->vdevs[i]));
	m->vdevs[i].used = 1;
	m->vdevs[i].vmid = vm->vmid;
	return &m->vdevs[i];
}

/* The next device of a VM from @i on. */
struct gm_vdev *gm_vdev_next(struct gm *m, const struct gm_vm *vm, u32 *i)
{
	while (*i < GM_MAX_VDEVS) {
		struct gm_vdev *vd = &m->vdevs[(*i)++];

		if (vd->used && vd->vmid == vm->vmid)
			return vd;
	}
	return NULL;
}

/* An interrupt of a VM: the one wanted, or a free one. */
static u32 vd_virq(struct gm *m, struct gm_vm *vm, u32 want)
{
	u32 i = want ? want : VD_OWN_VIRQ, end = want ? want + 1 : VD_VIRQ_END;

	if (vm->vmid == GM_VMID_PRIMARY)
		return gm_virq_alloc(m);
	for (; i < end; i++) {
		if (vm->virqs[i / 8] & 1u << i % 8)
			continue;
		vm->virqs[i / 8] |= (u8)(1u << i % 8);
		return i;
	}
	return 0;
}

/* Gives an interrupt back, whoever's it is. */
void gm_line_free(struct gm *m, struct gm_line *line)
{
	struct gm_vm *vm = gm_vm_find(m, line->vmid);

	if (line->intid && line->vmid == GM_VMID_PRIMARY)
		gm_virq_free(m, line->intid);
	else if (line->intid && vm)
		vm->virqs[line->intid / 8] &= (u8)~(1u << line->intid % 8);
	line->intid = 0;
}

/* An end of an object: interrupt and capability of @vm. */
struct vd_end {
	struct gm_vm *vm;
	u16 object;
	u32 rights;
	struct gm_line *line;	/* NULL: this end has none */
	u32 want;
	u64 cap;
	u32 virq;
};

static int vd_attach(struct gm *m, struct vd_end *e)
{
	if (e->line) {
		e->virq = vd_virq(m, e->vm, e->want);
		if (!e->virq)
			return -1;
		*e->line = (struct gm_line){ e->vm->vmid, e->virq };
	}
	return gm_cap_new(m, e->vm, e->object, e->rights, &e->cap) ? -1 : 0;
}

static int vd_record(struct gm *m, const struct vd_end *e, unsigned int of_vmid, u8 type,
		     u32 label)
{
	struct gm_resource *res = gm_resource_add(m, e->vm->vmid, of_vmid, type);

	if (!res)
		return -1;
	res->label = label;
	res->cap = e->cap;
	res->virq = e->virq;
	return 0;
}

static struct gm_msgq *vd_queue(struct gm *m, struct gm_vdev *vd, u32 i)
{
	struct gm_msgq *q = gm_msgq_new(m, vd->depth, vd->size);

	if (q)
		vd->obj[i] = q->object;
	return q;
}

/* An end of a queue, with its record if the other VM is one that lists it. */
static int vd_queue_end(struct gm *m, struct gm_vm *vm, struct gm_msgq *q, bool tx, u32 want,
			struct gm_vdev *vd, struct gm_vm *of)
{
	struct vd_end e = {
		.vm = vm, .object = q->object, .want = want,
		.rights = tx ? GM_RIGHT_MSGQ_SEND : GM_RIGHT_MSGQ_RECEIVE,
		.line = tx ? &q->tx_line : &q->rx_line,
	};

	if (vd_attach(m, &e))
		return -1;
	if (tx)
		q->tx_end = GM_END_VM;
	else
		q->rx_end = GM_END_VM;
	/* What was sent before anybody could be told. */
	if (!tx && q->count >= q->not_empty)
		gm_raise(m, &q->rx_line);
	if (vm->vmid == vd->vmid) {
		u32 i = q->object == vd->obj[1];

		vd->cap[i] = e.cap;
		vd->virq[i] = e.virq;
	}
	return of ? vd_record(m, &e, of->vmid, tx ? GM_RES_MSGQ_TX : GM_RES_MSGQ_RX,
			      vd->label) : 0;
}

static int vd_make_rpc(struct gm *m, struct gm_vm *vm, struct gm_vdev *vd)
{
	struct gm_msgq *in = vd_queue(m, vd, 0), *out = vd_queue(m, vd, 1);

	if (!in || !out || gm_link_find(m, vm->vmid) || !gm_link_new(m, vm, in, out))
		return -1;
	if (vd_queue_end(m, vm, in, true, vd->virq[0], vd, NULL) ||
	    vd_queue_end(m, vm, out, false, vd->virq[1], vd, NULL))
		return -1;
	in->rx_end = GM_END_RM;
	out->tx_end = GM_END_RM;
	vm->has_rpc = 1;
	vm->has_console = vd->console;
	return 0;
}

/* The VM receives ("doorbell") or rings ("doorbell-source"). */
static int vd_make_bell(struct gm *m, struct gm_vm *vm, struct gm_vm *peer, struct gm_vdev *vd)
{
	u32 send = GM_RIGHT_DOORBELL_SEND | (vd->can_clear ? GM_RIGHT_DOORBELL_RECEIVE : 0);
	bool receiver = vd->type == GM_VDEV_BELL;
	struct gm_doorbell *d = gm_doorbell_new(m);
	struct vd_end own = { .vm = vm }, other = { .vm = peer };

	if (!d)
		return -1;
	vd->obj[0] = d->object;
	own.object = d->object;
	own.rights = receiver ? GM_RIGHT_DOORBELL_RECEIVE : send;
	own.line = receiver ? &d->line : NULL;
	own.want = vd->virq[0];
	if (vd_attach(m, &own))
		return -1;
	vd->cap[0] = own.cap;
	vd->virq[0] = own.virq;
	if (!peer)
		return 0;
	other.object = d->object;
	other.rights = receiver ? send : GM_RIGHT_DOORBELL_RECEIVE;
	other.line = receiver ? NULL : &d->line;
	if (vd_attach(m, &other))
		return -1;
	return vd_record(m, &other, vm->vmid,
			 receiver ? GM_RES_DOORBELL_TX : GM_RES_DOORBELL_RX, vd->label) ||
	       vd_record(m, &own, peer->vmid,
			 receiver ? GM_RES_DOORBELL_RX : GM_RES_DOORBELL_TX, vd->label);
}

static int vd_make_msgq(struct gm *m, struct gm_vm *vm, struct gm_vm *peer, struct gm_vdev *vd)
{
	struct gm_msgq *q = vd_queue(m, vd, 0);

	if (!q)
		return -1;
	return vd_queue_end(m, vm, q, vd->sender, vd->virq[0], vd, peer) ||
	       vd_queue_end(m, peer, q, !vd->sender, 0, vd, vm);
}

static bool vd_named(const struct gm_vm *vm, const char *name)
{
	return vm->name_size == gm_strlen(name) && !memcmp(vm->name, name, vm->name_size);
}

/* The device at the other end of a pair, in a VM of that name. */
static struct gm_vdev *vd_match(struct gm *m, const struct gm_vm *vm, const struct gm_vdev *vd)
{
	u32 i;

	for (i = 0; i < GM_MAX_VDEVS; i++) {
		struct gm_vdev *other = &m->vdevs[i];
		const struct gm_vm *peer = other->used ? gm_vm_find(m, other->vmid) : NULL;

		if (peer && peer != vm && other->type == GM_VDEV_PAIR && !other->peer_vmid &&
		    other->obj[1] && other->label == vd->label && other->peer[0] &&
		    vd_named(peer, vd->peer) && vd_named(vm, other->peer))
			return other;
	}
	return NULL;
}

/* Queue 0 is the one this VM sends to. */
static int vd_make_pair(struct gm *m, struct gm_vm *vm, struct gm_vm *peer, struct gm_vdev *vd)
{
	struct gm_vdev *other = vd->peer[0] ? vd_match(m, vm, vd) : NULL;
	struct gm_msgq *tx, *rx;

	if (other) {
		vd->obj[0] = other->obj[1];
		vd->obj[1] = other->obj[0];
		vd->peer_vmid = other->vmid;
		other->peer_vmid = vm->vmid;
		gm_vm_add_peers(vm, gm_vm_find(m, other->vmid));
	} else {
		if (!vd_queue(m, vd, 0) || !vd_queue(m, vd, 1))
			return -1;
		if (vd->peer[0]) {
			m->msgqs[m->objects[vd->obj[0]].index].rx_end = GM_END_IDLE;
			m->msgqs[m->objects[vd->obj[1]].index].tx_end = GM_END_IDLE;
		}
	}
	tx = &m->msgqs[m->objects[vd->obj[0]].index];
	rx = &m->msgqs[m->objects[vd->obj[1]].index];
	if (vd_queue_end(m, vm, tx, true, vd->virq[0], vd, peer) ||
	    vd_queue_end(m, vm, rx, false, vd->virq[1], vd, peer))
		return -1;
	if (!peer)
		return 0;
	return vd_queue_end(m, peer, rx, true, 0, vd, vm) ||
	       vd_queue_end(m, peer, tx, false, 0, vd, vm);
}

/* The owner, if it is meant; NULL for any other VM, there or not. */
static struct gm_vm *vd_owner(struct gm *m, const struct gm_vm *vm, const struct gm_vdev *vd)
{
	struct gm_vm *owner = gm_vm_find(m, vm->owner);

	return !vd->peer[0] || (owner && vd_named(owner, vd->peer)) ? owner : NULL;
}

/* Partly made ones are destroyed by the reset that has to follow. */
u32 gm_vdevs_make(struct gm *m, struct gm_vm *vm)
{
	struct gm_vdev *vd;
	u32 i = 0;
	int ret;

	while ((vd = gm_vdev_next(m, vm, &i))) {
		struct gm_vm *peer = vd_owner(m, vm, vd);

		switch (vd->type) {
		case GM_VDEV_RPC:
			ret = vd_make_rpc(m, vm, vd);
			break;
		case GM_VDEV_MSGQ:
			ret = peer ? vd_make_msgq(m, vm, peer, vd) : -1;
			break;
		case GM_VDEV_PAIR:
			ret = vd_make_pair(m, vm, peer, vd);
			break;
		default:
			ret = vd_make_bell(m, vm, peer, vd);
		}
		if (ret)
			return GM_ST_NORESOURCE;
	}
	return GM_ST_OK;
}

/* The far ends stay with the other VM; nobody sends or receives at ours. */
static void vd_leave(struct gm *m, struct gm_vdev *vd, struct gm_vdev *other)
{
	struct gm_msgq *tx = &m->msgqs[m->objects[vd->obj[0]].index];
	struct gm_msgq *rx = &m->msgqs[m->objects[vd->obj[1]].index];

	other->peer_vmid = 0;
	gm_line_free(m, &tx->tx_line);
	gm_line_free(m, &rx->rx_line);
	tx->tx_end = GM_END_IDLE;
	rx->rx_end = GM_END_IDLE;
}

static struct gm_vdev *vd_other(struct gm *m, const struct gm_vdev *vd)
{
	u32 i;

	for (i = 0; vd->peer_vmid && i < GM_MAX_VDEVS; i++)
		if (m->vdevs[i].used && &m->vdevs[i] != vd &&
		    m->vdevs[i].type == GM_VDEV_PAIR && m->vdevs[i].obj[0] == vd->obj[1] &&
		    m->vdevs[i].obj[1] == vd->obj[0])
			return &m->vdevs[i];
	return NULL;
}

static void vd_destroy(struct gm *m, struct gm_vdev *vd)
{
	struct gm_vdev *other = vd_other(m, vd);
	u32 i;

	if (other)
		vd_leave(m, vd, other);
	for (i = 0; i < 2 && !other; i++) {
		const struct gm_object *obj = &m->objects[vd->obj[i]];

		/* Object 0 is a queue of the primary VM. */
		if (!vd->obj[i])
			continue;
		if (obj->type == GM_T_MSGQ)
			gm_msgq_free(m, &m->msgqs[obj->index]);
		else
			gm_doorbell_free(m, &m->doorbells[obj->index]);
	}
	vd->used = 0;
	gm_heap_give(m, GM_HEAP_VDEV);
}

/* All devices of a VM, and everything in its capability space. */
void gm_vdevs_destroy(struct gm *m, struct gm_vm *vm)
{
	struct gm_link *l = gm_link_find(m, vm->vmid);
	struct gm_vdev *vd;
	u32 i = 0;

	if (l)
		l->used = 0;
	vm->link = 0xff;
	while ((vd = gm_vdev_next(m, vm, &i)))
		vd_destroy(m, vd);
	for (i = 0; i < GM_MAX_RESOURCES; i++)
		if (m->resources[i].vmid == vm->vmid)
			m->resources[i].used = 0;
	memset(vm->caps, 0, sizeof(vm->caps));
	memset(vm->virqs, 0, sizeof(vm->virqs));
}
