// SPDX-License-Identifier: GPL-2.0-only
/*
 * Peers: VMs that exist only as the other end of queues and doorbells of the
 * primary VM, made by options or by the debug call, and floods of
 * notifications. They run where RM runs.
 */
#include "state.h"

#define PEER_BATCH	8
#define PEER_STATIC	4
#define PEER_STATIC_END	32
#define PEER_LABEL	0x100

static bool peer_name_is(const struct gm_vm *vm, const char *name)
{
	u32 n = 0;

	while (name[n])
		n++;
	return vm->name_size == n && !memcmp(vm->name, name, n);
}

/* The peer VM of that name, made if there is none. */
struct gm_vm *gm_peer_vm(struct gm *m, const char *name)
{
	struct gm_vm *vm;
	u32 vmid, i;

	for (vmid = PEER_STATIC; vmid < PEER_STATIC_END; vmid++) {
		vm = gm_vm_find(m, vmid);
		if (vm && peer_name_is(vm, name))
			return vm;
	}
	for (vmid = PEER_STATIC; vmid < PEER_STATIC_END; vmid++)
		if (!gm_vm_find(m, vmid))
			break;
	if (vmid == PEER_STATIC_END)
		return NULL;
	vm = gm_vm_new(m, vmid, GM_VMID_PRIMARY, name);
	if (!vm)
		return NULL;
	vm->state = GM_VM_RUNNING;
	vm->has_config = 1;
	vm->unauthorised = 1;
	for (i = 0; i < GM_GUID_SIZE; i++)
		vm->guid[i] = (u8)(vmid << 4 | i);
	return vm;
}

static struct gm_vm *peer_primary(struct gm *m)
{
	return gm_vm_find(m, GM_VMID_PRIMARY);
}

/* Forgets the record whose capability leads to @object. */
static void peer_drop_resource(struct gm *m, unsigned int object)
{
	struct gm_vm *vm = peer_primary(m);
	u32 i;

	for (i = 0; i < GM_MAX_RESOURCES; i++) {
		struct gm_resource *res = &m->resources[i];
		struct gm_cap *cap;

		if (!res->used || res->vmid != vm->vmid)
			continue;
		cap = gm_cap_slot(vm, res->cap);
		if (cap && cap->state == GM_CAP_VALID && cap->object == object)
			res->used = 0;
	}
}

int gm_peer_queue_destroy(struct gm *m, struct gm_msgq *q)
{
	unsigned int index = gm_msgq_index(m, q);
	u32 i;

	/* RM's own queues stay. */
	if (q->tx_end == GM_END_RM || q->rx_end == GM_END_RM)
		return -1;
	for (i = 0; i < GM_MAX_MSGQS; i++)
		if (m->msgqs[i].depth && m->msgqs[i].echo_to == index)
			m->msgqs[i].echo_to = 0xff;
	peer_drop_resource(m, q->object);
	gm_msgq_free(m, q);
	return 0;
}

/* One queue with its interrupt, capability and record. */
static struct gm_msgq *peer_queue_one(struct gm *m, struct gm_vm *peer, struct gm_peer_queue *pq,
				      bool tx)
{
	struct gm_vm *vm = peer_primary(m);
	struct gm_resource *res;
	struct gm_line line;
	struct gm_msgq *q;

	q = tx ? gm_msgq_new(m, pq->tx_depth, pq->tx_size) :
		 gm_msgq_new(m, pq->rx_depth, pq->rx_size);
	if (!q)
		return NULL;
	line.vmid = vm->vmid;
	line.intid = gm_virq_alloc(m);
	if (tx)
		q->tx_line = line;
	else
		q->rx_line = line;
	res = line.intid ? gm_resource_add(m, vm->vmid, peer->vmid,
					   tx ? GM_RES_MSGQ_TX : GM_RES_MSGQ_RX) : NULL;
	if (!res || gm_cap_new(m, vm, q->object, tx ? GM_RIGHT_MSGQ_SEND : GM_RIGHT_MSGQ_RECEIVE,
			       &res->cap)) {
		if (res)
			res->used = 0;
		gm_msgq_free(m, q);
		return NULL;
	}
	res->label = pq->label;
	res->virq = line.intid;
	if (tx) {
		pq->tx_cap = res->cap;
		pq->tx_virq = line.intid;
	} else {
		pq->rx_cap = res->cap;
		pq->rx_virq = line.intid;
	}
	return q;
}

int gm_peer_queue_new(struct gm *m, struct gm_vm *peer, struct gm_peer_queue *pq)
{
	struct gm_msgq *tx = NULL, *rx = NULL;

	if (!(pq->flags & (GM_DBG_QUEUE_TX | GM_DBG_QUEUE_RX)))
		return -1;
	pq->label = PEER_LABEL + m->next_label++;
	if (pq->flags & GM_DBG_QUEUE_TX) {
		tx = peer_queue_one(m, peer, pq, true);
		if (!tx)
			return -1;
		if (pq->flags & GM_DBG_QUEUE_ECHO)
			tx->rx_end = GM_END_ECHO;
		else if (pq->flags & GM_DBG_QUEUE_SINK)
			tx->rx_end = GM_END_SINK;
		else
			tx->rx_end = GM_END_IDLE;
	}
	if (pq->flags & GM_DBG_QUEUE_RX) {
		rx = peer_queue_one(m, peer, pq, false);
		if (!rx) {
			if (tx)
				gm_peer_queue_destroy(m, tx);
			return -1;
		}
		rx->tx_end = GM_END_IDLE;
		if (tx)
			tx->echo_to = (u8)gm_msgq_index(m, rx);
	}
	return 0;
}

int gm_peer_doorbell_new(struct gm *m, struct gm_vm *peer, bool to_peer, u64 *cap, u32 *virq,
			 u32 *label)
{
	struct gm_vm *vm = peer_primary(m);
	struct gm_doorbell *d = gm_doorbell_new(m);
	struct gm_resource *res;
	u32 rights;

	if (!d)
		return -1;
	if (!to_peer) {
		d->line.vmid = vm->vmid;
		d->line.intid = gm_virq_alloc(m);
	}
	rights = to_peer ? GM_RIGHT_DOORBELL_SEND : GM_RIGHT_DOORBELL_RECEIVE;
	res = to_peer || d->line.intid ?
		gm_resource_add(m, vm->vmid, peer->vmid,
				to_peer ? GM_RES_DOORBELL_TX : GM_RES_DOORBELL_RX) : NULL;
	if (!res || gm_cap_new(m, vm, d->object, rights, &res->cap)) {
		if (res)
			res->used = 0;
		gm_doorbell_free(m, d);
		return -1;
	}
	res->label = PEER_LABEL + m->next_label++;
	res->virq = d->line.intid;	/* 0 for the sending end */
	*cap = res->cap;
	*virq = res->virq;
	*label = res->label;
	return 0;
}

/* Option "peer=". */
int gm_peer_add(struct gm *m, const char *kind, unsigned int depth, unsigned int size)
{
	struct gm_peer_queue pq = { 0 };
	struct gm_vm *vm = gm_peer_vm(m, kind);
	u32 pairs = 1, i, virq, label;
	u64 cap;

	if (!vm)
		return -1;
	pq.flags = GM_DBG_QUEUE_TX | GM_DBG_QUEUE_RX;
	pq.tx_depth = depth;
	pq.rx_depth = depth;
	pq.tx_size = size;
	pq.rx_size = size;
	switch (kind[1]) {
	case 'c':	/* echo */
		pq.flags |= GM_DBG_QUEUE_ECHO;
		break;
	case 'i':	/* sink */
		pq.flags |= GM_DBG_QUEUE_SINK;
		break;
	case 't':	/* stuck */
		break;
	case 'o':	/* lone */
		pq.flags = GM_DBG_QUEUE_TX | GM_DBG_QUEUE_SINK;
		if (gm_peer_queue_new(m, vm, &pq))
			return -1;
		pq.flags = GM_DBG_QUEUE_RX;
		break;
	default:	/* many */
		pq.flags |= GM_DBG_QUEUE_ECHO;
		pairs = 9;
		if (gm_peer_doorbell_new(m, vm, true, &cap, &virq, &label) ||
		    gm_peer_doorbell_new(m, vm, false, &cap, &virq, &label))
			return -1;
	}
	for (i = 0; i < pairs; i++)
		if (gm_peer_queue_new(m, vm, &pq))
			return -1;
	return 0;
}

static bool peer_echo(struct gm *m, struct gm_msgq *q)
{
	struct gm_msgq *to = &m->msgqs[q->echo_to];
	bool progress = false;
	const u8 *msg;
	u32 size, n;

	for (n = 0; n < PEER_BATCH && q->count && to->room; n++) {
		size = gm_msgq_peek(m, q, &msg);
		if (!gm_msgq_put(m, to, msg, size, false, true))
			break;
		gm_msgq_drop(m, q, true);
		progress = true;
	}
	return progress;
}

/* The object behind a record of the primary VM about @peer, or NULL. */
static struct gm_object *peer_object(struct gm *m, const struct gm_resource *res,
				     const struct gm_vm *peer)
{
	struct gm_vm *vm = peer_primary(m);
	struct gm_cap *cap;

	if (!res->used || res->vmid != vm->vmid || res->of_vmid != peer->vmid)
		return NULL;
	cap = gm_cap_slot(vm, res->cap);
	return cap && cap->state == GM_CAP_VALID ? &m->objects[cap->object] : NULL;
}

static bool peer_info_of(struct gm *m, const struct gm_resource *res, struct gm_peer_info *info)
{
	struct gm_vm *peer = res->used && res->type <= GM_RES_MSGQ_RX ?
			     gm_vm_find(m, res->of_vmid) : NULL;
	struct gm_object *obj = peer ? peer_object(m, res, peer) : NULL;

	if (!obj)
		return false;
	*info = (struct gm_peer_info){
		.type = res->type,
		.partner = res->partner,
		.label = res->label,
		.virq = res->virq,
		.cap = res->cap,
	};
	if (obj->type == GM_T_MSGQ) {
		info->size = m->msgqs[obj->index].size;
		info->depth = m->msgqs[obj->index].depth;
	}
	return true;
}

bool gm_peer_info(struct gm *m, u32 index, struct gm_peer_info *info)
{
	bool found = false;
	u32 i;

	gm_enter(m);
	for (i = 0; i < GM_MAX_RESOURCES && !found; i++)
		found = peer_info_of(m, &m->resources[i], info) && !index--;
	gm_leave(m);
	return found;
}

/* The VM does not run any more: nobody empties its queues. */
void gm_peer_stop(struct gm *m, struct gm_vm *peer)
{
	u32 i;

	for (i = 0; i < GM_MAX_RESOURCES; i++) {
		struct gm_object *obj = peer_object(m, &m->resources[i], peer);

		if (obj && m->resources[i].type == GM_RES_MSGQ_TX)
			m->msgqs[obj->index].rx_end = GM_END_IDLE;
	}
}

/* Its queues and doorbells go, and with them the owner's capabilities. */
void gm_peer_destroy(struct gm *m, struct gm_vm *peer)
{
	u32 i;

	for (i = 0; i < GM_MAX_RESOURCES; i++) {
		struct gm_resource *res = &m->resources[i];
		struct gm_object *obj = peer_object(m, res, peer);

		if (obj && obj->type == GM_T_MSGQ)
			gm_peer_queue_destroy(m, &m->msgqs[obj->index]);
		else if (obj && obj->type == GM_T_DOORBELL)
			gm_doorbell_free(m, &m->doorbells[obj->index]);
		else if (obj && obj->type == GM_T_THREAD)
			gm_thread_free(m, obj->index);
		if (res->of_vmid != peer->vmid)
			continue;
		if (res->used && res->type == GM_RES_VCPU && res->virq)
			gm_virq_free(m, res->virq);
		res->used = 0;
	}
}

/* Lets the peers work for a while; false if they have nothing to do. */
bool gm_peer_run(struct gm *m)
{
	bool progress = false;
	u32 i;

	for (i = 0; i < GM_MAX_MSGQS; i++) {
		struct gm_msgq *q = &m->msgqs[i];

		if (!q->depth || !q->count ||
		    (q->rx_end != GM_END_ECHO && q->rx_end != GM_END_SINK))
			continue;
		if (q->rx_end == GM_END_ECHO && q->echo_to != 0xff) {
			progress |= peer_echo(m, q);
		} else {
			gm_msgq_drop(m, q, true);
			progress = true;
		}
	}
	return progress;
}

void gm_flood_start(struct gm *m, u32 id, u64 count, u32 size, u64 interval)
{
	struct gm_flood *f = &m->flood;

	f->id = id;
	f->size = size;
	f->count = count;
	f->sent = 0;
	f->interval = interval;
	f->due = interval && interval != ~0ull ? gm_now(m) + interval : 0;
	gm_kick(m);
}

/* Sends what is due of a flood; with interval 0 only while RM keeps up. */
bool gm_flood_run(struct gm *m, u64 now)
{
	struct gm_link *l = gm_link_find(m, GM_VMID_PRIMARY);
	struct gm_flood *f = &m->flood;
	u32 n, i;

	for (n = 0; l && f->count && n < PEER_BATCH; n++) {
		if (f->due && now < f->due)
			break;
		if (!f->interval && l->nr_notes >= PEER_BATCH)
			break;
		for (i = 0; i < f->size; i++)
			m->scratch[i] = (u8)(f->sent + i);
		gm_rpc_notify(m, l, f->id, m->scratch, f->size);
		f->sent++;
		f->count--;
		if (f->due)
			f->due += f->interval;
	}
	return n != 0;
}
