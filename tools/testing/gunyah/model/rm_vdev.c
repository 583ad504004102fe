// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual devices of a VM: the queues, doorbells and the RM link that its
 * device tree asks for, and both of their ends.
 *
 * The VM's own end is in its capability space and its virtual GIC; the other
 * one is the owner's (with a record for VM_GET_HYP_RESOURCES), RM's, or, for
 * doorbells and queue pairs, that of a second VM: whoever comes first makes what
 * is between them, and a device of the same label that names the other VM is
 * given the far end.
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

static bool vd_named(const struct gm_vm *vm, const char *name)
{
	return vm->name_size == gm_strlen(name) && !memcmp(vm->name, name, vm->name_size);
}

static bool vd_is_far_end(const struct gm_vdev *a, const struct gm_vdev *b)
{
	if (a->type == GM_VDEV_BELL)
		return b->type == GM_VDEV_BELL_SOURCE;
	if (a->type == GM_VDEV_BELL_SOURCE)
		return b->type == GM_VDEV_BELL;
	return b->type == a->type && b->size == a->size && b->depth == a->depth;
}

/*
 * The device at the other end, in a VM of that name, which has to name this one.
 * Result in @other, NULL if there is no such VM. As with the real RM, one that is
 * there and has no such device is an error, and so is one whose device somebody
 * else is at already.
 */
static u32 vd_match(struct gm *m, const struct gm_vm *vm, const struct gm_vdev *vd,
		    struct gm_vdev **other)
{
	bool there = false, taken = false;
	u32 i;

	*other = NULL;
	for (i = 0; i < GM_MAX_VDEVS; i++) {
		struct gm_vdev *far = &m->vdevs[i];
		const struct gm_vm *peer = far->used ? gm_vm_find(m, far->vmid) : NULL;

		if (!peer || peer == vm || !vd_named(peer, vd->peer))
			continue;
		there = true;
		taken = taken || (vd_is_far_end(vd, far) && far->peer_vmid &&
				  far->label == vd->label);
		if (vd_is_far_end(vd, far) && !far->peer_vmid && far->obj[0] &&
		    far->label == vd->label && far->peer[0] && vd_named(vm, far->peer)) {
			*other = far;
			return GM_ST_OK;
		}
	}
	if (taken)
		return GM_ST_NORESOURCE;
	return there ? GM_ST_ARGUMENT_INVALID : GM_ST_OK;
}

/* What each of two VMs is told of its end when it asks for the other VM's. */
static int vd_record_ends(struct gm *m, struct gm_vdev *vd, unsigned int of_vmid)
{
	static const u8 types[][2] = {
		[GM_VDEV_BELL] = { GM_RES_DOORBELL_RX },
		[GM_VDEV_BELL_SOURCE] = { GM_RES_DOORBELL_TX },
		[GM_VDEV_PAIR] = { GM_RES_MSGQ_TX, GM_RES_MSGQ_RX },
	};
	u32 i;

	for (i = 0; i < (vd->type == GM_VDEV_PAIR ? 2 : 1); i++) {
		struct vd_end e = {
			.vm = gm_vm_find(m, vd->vmid), .cap = vd->cap[i], .virq = vd->virq[i],
		};

		if (vd_record(m, &e, of_vmid, types[vd->type][i], vd->label))
			return -1;
	}
	return 0;
}

/* Both ends are there: they know each other, and the VMs are peers. */
static int vd_join(struct gm *m, struct gm_vdev *vd, struct gm_vdev *other)
{
	vd->peer_vmid = other->vmid;
	other->peer_vmid = vd->vmid;
	gm_vm_add_peers(gm_vm_find(m, vd->vmid), gm_vm_find(m, other->vmid));
	return vd_record_ends(m, vd, other->vmid) || vd_record_ends(m, other, vd->vmid);
}

/*
 * The VM receives ("doorbell") or rings ("doorbell-source"). Its other end is the
 * owner's, @peer, or a device of another VM, @far, which may come later.
 */
static int vd_make_bell(struct gm *m, struct gm_vm *vm, struct gm_vm *peer, struct gm_vdev *vd,
			struct gm_vdev *far)
{
	u32 send = GM_RIGHT_DOORBELL_SEND | (vd->can_clear ? GM_RIGHT_DOORBELL_RECEIVE : 0);
	bool receiver = vd->type == GM_VDEV_BELL;
	struct gm_doorbell *d = far ? &m->doorbells[m->objects[far->obj[0]].index] :
				      gm_doorbell_new(m);
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
	/* It rang before anybody could hear it. */
	if (receiver && d->flags & d->enable)
		gm_raise(m, &d->line);
	if (!peer)
		return far ? vd_join(m, vd, far) : 0;
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

/* Queue 0 is the one this VM sends to. */
static int vd_make_pair(struct gm *m, struct gm_vm *vm, struct gm_vm *peer, struct gm_vdev *vd,
			struct gm_vdev *far)
{
	struct gm_msgq *tx, *rx;

	if (far) {
		vd->obj[0] = far->obj[1];
		vd->obj[1] = far->obj[0];
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
		return far ? vd_join(m, vd, far) : 0;
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
	struct gm_vdev *vd, *far;
	u32 i = 0, status;
	int ret;

	while ((vd = gm_vdev_next(m, vm, &i))) {
		struct gm_vm *peer = vd_owner(m, vm, vd);

		far = NULL;
		status = peer || vd->type == GM_VDEV_RPC ? GM_ST_OK : vd_match(m, vm, vd, &far);
		if (status)
			return status;
		switch (vd->type) {
		case GM_VDEV_RPC:
			ret = vd_make_rpc(m, vm, vd);
			break;
		case GM_VDEV_MSGQ:
			ret = peer ? vd_make_msgq(m, vm, peer, vd) : -1;
			break;
		case GM_VDEV_PAIR:
			ret = vd_make_pair(m, vm, peer, vd, far);
			break;
		default:
			ret = vd_make_bell(m, vm, peer, vd, far);
		}
		if (ret)
			return GM_ST_NORESOURCE;
	}
	return GM_ST_OK;
}

/* The far end stays with the other VM; nobody is at ours. */
static void vd_leave(struct gm *m, struct gm_vdev *vd, struct gm_vdev *other)
{
	struct gm_msgq *tx, *rx;

	other->peer_vmid = 0;
	if (vd->type != GM_VDEV_PAIR) {
		if (vd->type == GM_VDEV_BELL)
			gm_line_free(m, &m->doorbells[m->objects[vd->obj[0]].index].line);
		return;
	}
	tx = &m->msgqs[m->objects[vd->obj[0]].index];
	rx = &m->msgqs[m->objects[vd->obj[1]].index];
	gm_line_free(m, &tx->tx_line);
	gm_line_free(m, &rx->rx_line);
	tx->tx_end = GM_END_IDLE;
	rx->rx_end = GM_END_IDLE;
}

/* The device of the other VM that has the same objects. */
static struct gm_vdev *vd_other(struct gm *m, const struct gm_vdev *vd)
{
	bool pair = vd->type == GM_VDEV_PAIR;
	u32 i;

	for (i = 0; vd->peer_vmid && i < GM_MAX_VDEVS; i++)
		if (m->vdevs[i].used && m->vdevs[i].vmid == vd->peer_vmid &&
		    vd_is_far_end(vd, &m->vdevs[i]) && m->vdevs[i].obj[pair] == vd->obj[0])
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
