// SPDX-License-Identifier: GPL-2.0-only
/*
 * The debug hypercall: what debug.h lists, each a small function. Objects are
 * always those of the primary VM, whoever calls.
 */
#include "state.h"

#define DBG_NOTE_MAX	1024
#define DBG_FLOOD_MAX	1000000
#define DBG_RM_AS_SIZE	96
#define DBG_RM_AS_REPLY	120
#define DBG_TIME_MAX	1000000000000000ull

static struct gm_vm *dbg_vm(struct gm *m)
{
	return gm_vm_find(m, GM_VMID_PRIMARY);
}

/* The queue or doorbell behind a capability of the primary VM. */
static struct gm_object *dbg_object(struct gm *m, u64 cap, enum gm_type type)
{
	struct gm_cap *slot = gm_cap_slot(dbg_vm(m), cap);

	if (!slot || slot->state != GM_CAP_VALID || slot->type != type)
		return NULL;
	return &m->objects[slot->object];
}

static struct gm_msgq *dbg_msgq(struct gm *m, u64 cap)
{
	struct gm_object *obj = dbg_object(m, cap, GM_T_MSGQ);

	return obj ? &m->msgqs[obj->index] : NULL;
}

static s32 dbg_present(struct gm *m, u64 *x)
{
	(void)m;
	x[1] = GM_DBG_MAGIC;
	x[2] = GM_DBG_VERSION;
	return GM_E_OK;
}

static s32 dbg_info(struct gm *m, u64 *x)
{
	x[1] = m->seed;
	x[2] = m->bug_copy;
	x[3] = m->rm_state;
	x[4] = gm_now(m);
	return GM_E_OK;
}

static s32 dbg_misbehave(struct gm *m, u64 *x)
{
	return gm_misbehave_add(m, x[2], x[3], x[4], x[5], (u32)x[6]) ?
		GM_E_ARGUMENT_INVALID : GM_E_OK;
}

static s32 dbg_misbehave_clear(struct gm *m, u64 *x)
{
	(void)x;
	gm_misbehave_clear(m);
	return GM_E_OK;
}

static s32 dbg_misbehave_hits(struct gm *m, u64 *x)
{
	u64 what = x[2], kind = x[3];

	if (what >= GM_MIS_NR || kind >= GM_KIND_NR)
		return GM_E_ARGUMENT_INVALID;
	x[1] = m->hits[what][kind];
	x[2] = gm_misbehave_left(m, what, kind);
	return GM_E_OK;
}

static s32 dbg_counter(struct gm *m, u64 *x)
{
	if (x[2] >= GM_CTR_NR)
		return GM_E_ARGUMENT_INVALID;
	x[1] = m->counters[x[2]];
	return GM_E_OK;
}

static s32 dbg_call_count(struct gm *m, u64 *x)
{
	u64 num = x[2];

	if (num >= GM_NR_CALLS)
		return GM_E_ARGUMENT_INVALID;
	x[1] = m->calls[num];
	x[2] = m->call_errors[num];
	return GM_E_OK;
}

static s32 dbg_log_range(struct gm *m, u64 *x)
{
	x[1] = m->log_next;
	x[2] = m->log_next > GM_LOG_ENTRIES ? m->log_next - GM_LOG_ENTRIES : 0;
	return GM_E_OK;
}

static s32 dbg_log_read(struct gm *m, u64 *x)
{
	const struct gm_log_entry *e = &m->log[x[2] % GM_LOG_ENTRIES];
	u32 i;

	if (x[2] >= m->log_next || m->log_next - x[2] > GM_LOG_ENTRIES)
		return GM_E_ARGUMENT_INVALID;
	x[1] = e->seq;
	x[2] = e->time_ns;
	x[3] = GM_DBG_LOG_WORD((u64)e->vmid, (u64)e->native, (u64)e->call, (u64)e->nr_args,
			       (u64)e->nr_results);
	for (i = 0; i < 7; i++)
		x[4 + i] = e->args[i];
	for (i = 0; i < 5; i++)
		x[11 + i] = e->results[i];
	return GM_E_OK;
}

static s32 dbg_notify(struct gm *m, u64 *x)
{
	if (x[4] > DBG_NOTE_MAX || x[3] > DBG_FLOOD_MAX)
		return GM_E_ARGUMENT_SIZE;
	if (x[5] > DBG_TIME_MAX && x[5] != ~0ull)
		return GM_E_ARGUMENT_INVALID;
	gm_flood_start(m, (u32)x[2], x[3], (u32)x[4], x[5]);
	return GM_E_OK;
}

static s32 dbg_queue_create(struct gm *m, u64 *x)
{
	struct gm_peer_queue pq = {
		.flags = (u32)x[2],
		.tx_depth = (u32)(x[3] & 0xffff), .tx_size = (u32)(x[3] >> 16 & 0xffff),
		.rx_depth = (u32)(x[4] & 0xffff), .rx_size = (u32)(x[4] >> 16 & 0xffff),
	};
	struct gm_vm *peer = gm_peer_vm(m, "debug");

	if (!peer || gm_peer_queue_new(m, peer, &pq))
		return GM_E_NORESOURCES;
	x[1] = pq.tx_cap;
	x[2] = pq.tx_virq;
	x[3] = pq.rx_cap;
	x[4] = pq.rx_virq;
	x[5] = peer->vmid;
	x[6] = pq.label;
	return GM_E_OK;
}

static s32 dbg_queue_destroy(struct gm *m, u64 *x)
{
	struct gm_msgq *q = dbg_msgq(m, x[2]);

	if (!q || gm_peer_queue_destroy(m, q))
		return GM_E_ARGUMENT_INVALID;
	return GM_E_OK;
}

static s32 dbg_peer_send(struct gm *m, u64 *x)
{
	struct gm_msgq *q = dbg_msgq(m, x[2]);
	u64 size = x[3], count = x[4], first = x[5];
	u64 k;
	u32 i;

	if (!q || q->tx_end != GM_END_IDLE || size > q->size)
		return GM_E_ARGUMENT_INVALID;
	for (k = 0; k < count; k++) {
		for (i = 0; i < size; i++)
			m->scratch[i] = (u8)(first + k + i);
		if (!gm_msgq_put(m, q, m->scratch, (u32)size, false, true))
			break;
	}
	x[1] = k;
	return GM_E_OK;
}

static s32 dbg_peer_recv(struct gm *m, u64 *x)
{
	struct gm_msgq *q = dbg_msgq(m, x[2]);
	u64 count = x[3], bytes = 0, k;
	const u8 *msg;

	if (!q || q->tx_end != GM_END_VM || q->rx_end == GM_END_RM)
		return GM_E_ARGUMENT_INVALID;
	for (k = 0; k < count && q->count; k++) {
		bytes += gm_msgq_peek(m, q, &msg);
		gm_msgq_drop(m, q, true);
	}
	x[1] = k;
	x[2] = bytes;
	return GM_E_OK;
}

static s32 dbg_queue_info(struct gm *m, u64 *x)
{
	struct gm_msgq *q = dbg_msgq(m, x[2]);

	if (!q)
		return GM_E_ARGUMENT_INVALID;
	x[1] = q->count;
	x[2] = q->depth;
	x[3] = q->size;
	x[4] = q->not_full;
	x[5] = q->not_empty;
	return GM_E_OK;
}

static s32 dbg_doorbell_create(struct gm *m, u64 *x)
{
	struct gm_vm *peer = gm_peer_vm(m, "debug");
	u32 virq, label;

	if (!peer || gm_peer_doorbell_new(m, peer, true, &x[1], &virq, &label) ||
	    gm_peer_doorbell_new(m, peer, false, &x[2], &virq, &label))
		return GM_E_NORESOURCES;
	x[3] = virq;
	x[4] = peer->vmid;
	x[5] = label;
	return GM_E_OK;
}

static s32 dbg_doorbell_ring(struct gm *m, u64 *x)
{
	struct gm_object *obj = dbg_object(m, x[2], GM_T_DOORBELL);

	if (!obj)
		return GM_E_ARGUMENT_INVALID;
	x[1] = gm_doorbell_ring(m, &m->doorbells[obj->index], x[3]);
	return GM_E_OK;
}

static s32 dbg_doorbell_info(struct gm *m, u64 *x)
{
	struct gm_object *obj = dbg_object(m, x[2], GM_T_DOORBELL);

	if (!obj)
		return GM_E_ARGUMENT_INVALID;
	x[1] = m->doorbells[obj->index].flags;
	x[2] = m->doorbells[obj->index].enable;
	x[3] = m->doorbells[obj->index].ack;
	return GM_E_OK;
}

static s32 dbg_heap(struct gm *m, u64 *x)
{
	u32 limit = m->heap_limit;

	if (x[2] > 0xffffffff)
		return GM_E_ARGUMENT_INVALID;
	m->heap_limit = x[2] ? (u32)x[2] : GM_HEAP_DEFAULT;
	x[1] = m->heap_used;
	x[2] = limit;
	return GM_E_OK;
}

static s32 dbg_cap(struct gm *m, u64 *x)
{
	struct gm_cap *cap = gm_cap_slot(dbg_vm(m), x[2]);

	if (!cap)
		return GM_E_ARGUMENT_INVALID;
	switch (x[3]) {
	case GM_DBG_CAP_NULL:
		cap->state = GM_CAP_NULL;
		return GM_E_OK;
	case GM_DBG_CAP_REVOKE:
		cap->state = GM_CAP_REVOKED;
		return GM_E_OK;
	case GM_DBG_CAP_RIGHTS:
		cap->rights &= (u32)x[4];
		return GM_E_OK;
	case GM_DBG_CAP_INACTIVE:
	case GM_DBG_CAP_ACTIVE:
		if (cap->state != GM_CAP_VALID)
			return GM_E_ARGUMENT_INVALID;
		m->objects[cap->object].state = x[3] == GM_DBG_CAP_ACTIVE ? GM_OBJ_ACTIVE :
									    GM_OBJ_INIT;
		return GM_E_OK;
	default:
		return GM_E_ARGUMENT_INVALID;
	}
}

static s32 dbg_fail_call(struct gm *m, u64 *x)
{
	return gm_fail_add(m, x[2], (s32)x[3], x[4], x[5]) ? GM_E_ARGUMENT_INVALID : GM_E_OK;
}

static s32 dbg_rm(struct gm *m, u64 *x)
{
	u32 i;

	if (x[2] == GM_RM_DEAD) {
		gm_rm_die(m, "asked to");
		return GM_E_OK;
	}
	if (x[2] != GM_RM_ALIVE)
		return GM_E_ARGUMENT_INVALID;
	m->rm_state = GM_RM_ALIVE;
	m->rm_death[0] = '\0';
	m->later.used = 0;
	for (i = 0; i < GM_MAX_LINKS; i++)
		if (m->links[i].used)
			gm_link_reset(&m->links[i]);
	gm_kick(m);
	return GM_E_OK;
}

static s32 dbg_virq(struct gm *m, u64 *x)
{
	struct gm_line line = { GM_VMID_PRIMARY, (u32)x[2] };

	if (line.intid - m->virq_first >= m->virq_count)
		return GM_E_ARGUMENT_INVALID;
	gm_raise(m, &line);
	return GM_E_OK;
}

static s32 dbg_rm_busy(struct gm *m, u64 *x)
{
	struct gm_link *l = gm_link_find(m, GM_VMID_PRIMARY);

	if (x[2] > DBG_TIME_MAX)
		return GM_E_ARGUMENT_INVALID;
	l->busy_until = x[2] ? gm_now(m) + x[2] : 0;
	gm_kick(m);
	return GM_E_OK;
}

static s32 dbg_rm_as(struct gm *m, u64 *x)
{
	struct gm_vm *vm = gm_vm_find(m, (unsigned int)x[2]);
	u8 data[DBG_RM_AS_SIZE];
	u32 size = 0, status, i;

	if (!vm || x[4] > sizeof(data))
		return GM_E_ARGUMENT_INVALID;
	if (m->rm_state != GM_RM_ALIVE)
		return GM_E_OBJECT_STATE;
	for (i = 0; i < sizeof(data) / 8; i++)
		gm_put64(data + 8 * i, x[5 + i]);
	memset(m->scratch, 0, DBG_RM_AS_REPLY);
	status = gm_rm_handle(m, vm, (u32)x[3], data, (u32)x[4], m->scratch, &size);
	x[1] = status;
	x[2] = size;
	for (i = 0; i < DBG_RM_AS_REPLY / 8; i++)
		x[3 + i] = gm_get64(m->scratch + 8 * i);
	gm_kick(m);
	return GM_E_OK;
}

static s32 dbg_vm_config(struct gm *m, u64 *x)
{
	return gm_vmcfg_set(m, x[2], x[3]) ? GM_E_ARGUMENT_INVALID : GM_E_OK;
}

static s32 dbg_vm_notes(struct gm *m, u64 *x)
{
	struct gm_vm *vm = gm_vm_find(m, (unsigned int)x[2]);
	u32 i;

	if (!vm)
		return GM_E_ARGUMENT_INVALID;
	x[1] = vm->notes;
	x[2] = vm->note_id;
	x[3] = vm->note_size;
	for (i = 0; i < GM_NOTE_KEPT / 8; i++)
		x[4 + i] = gm_get64(vm->note + 8 * i);
	return GM_E_OK;
}

static s32 dbg_vm_exit(struct gm *m, u64 *x)
{
	struct gm_vm *vm = gm_vm_find(m, (unsigned int)x[2]);

	if (!vm || vm->vmid == GM_VMID_PRIMARY || vm->state != GM_VM_RUNNING || x[3] > 0xffff)
		return GM_E_ARGUMENT_INVALID;
	(void)gm_vm_end(m, vm, (u16)x[3], 0, 0);
	gm_kick(m);
	return GM_E_OK;
}

static s32 dbg_pool(struct gm *m, u64 *x)
{
	return gm_pool_set(m, x[2], x[3]) ? GM_E_ARGUMENT_INVALID : GM_E_OK;
}

static s32 (*const dbg_ops[])(struct gm *m, u64 *x) = {
	[GM_DBG_PRESENT] = dbg_present,
	[GM_DBG_INFO] = dbg_info,
	[GM_DBG_MISBEHAVE] = dbg_misbehave,
	[GM_DBG_MISBEHAVE_CLEAR] = dbg_misbehave_clear,
	[GM_DBG_MISBEHAVE_HITS] = dbg_misbehave_hits,
	[GM_DBG_COUNTER] = dbg_counter,
	[GM_DBG_CALL_COUNT] = dbg_call_count,
	[GM_DBG_LOG_RANGE] = dbg_log_range,
	[GM_DBG_LOG_READ] = dbg_log_read,
	[GM_DBG_NOTIFY] = dbg_notify,
	[GM_DBG_QUEUE_CREATE] = dbg_queue_create,
	[GM_DBG_QUEUE_DESTROY] = dbg_queue_destroy,
	[GM_DBG_QUEUE_PEER_SEND] = dbg_peer_send,
	[GM_DBG_QUEUE_PEER_RECV] = dbg_peer_recv,
	[GM_DBG_QUEUE_INFO] = dbg_queue_info,
	[GM_DBG_DOORBELL_CREATE] = dbg_doorbell_create,
	[GM_DBG_DOORBELL_RING] = dbg_doorbell_ring,
	[GM_DBG_DOORBELL_INFO] = dbg_doorbell_info,
	[GM_DBG_HEAP] = dbg_heap,
	[GM_DBG_CAP] = dbg_cap,
	[GM_DBG_FAIL_CALL] = dbg_fail_call,
	[GM_DBG_RM] = dbg_rm,
	[GM_DBG_VIRQ] = dbg_virq,
	[GM_DBG_RM_BUSY] = dbg_rm_busy,
	[GM_DBG_RM_AS] = dbg_rm_as,
	[GM_DBG_VM_CONFIG] = dbg_vm_config,
	[GM_DBG_VM_NOTES] = dbg_vm_notes,
	[GM_DBG_VM_EXIT] = dbg_vm_exit,
	[GM_DBG_BOOKS] = gm_books_count,
	[GM_DBG_OWNER] = gm_books_owner,
	[GM_DBG_DIGEST] = gm_books_digest,
	[GM_DBG_POOL] = dbg_pool,
};

void gm_debug_call(struct gm *m, u64 x[GM_NR_SMCCC_REGS])
{
	s32 err = GM_E_UNIMPLEMENTED;

	if (x[1] < GM_ARRAY_SIZE(dbg_ops))
		err = dbg_ops[x[1]](m, x);
	x[0] = (u64)(s64)err;
}

void gm_debug(struct gm *m, u64 x[GM_NR_SMCCC_REGS])
{
	gm_enter(m);
	gm_debug_call(m, x);
	gm_leave(m);
}
