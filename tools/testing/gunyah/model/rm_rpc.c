// SPDX-License-Identifier: GPL-2.0-only
/*
 * RM's transport: fragments in and out of the queue pair of one VM.
 *
 * In: what is malformed is dropped without a word, as RM does it. Out: one
 * message is on its way; beyond it RM keeps one unsent reply (a second throws
 * the first away) and 256 notifications (then the oldest goes). Sending goes on
 * when the queue's "not full" edge comes, so only after the VM has received.
 *
 * Glossary: link = RM's end of one VM's queue pair; tx = the message on its
 * way; held = an answer that a misbehaviour keeps back.
 */
#include "state.h"

#define RPC_HEADER0	0x21	/* header of 2 words, version 1 */
#define RPC_MS		1000000ull
#define RPC_DELAY_MS	100
#define RPC_REORDER_MS	1000
#define RPC_MAX_MS	1000000000ull

struct gm_link *gm_link_find(struct gm *m, unsigned int vmid)
{
	u32 i;

	for (i = 0; i < GM_MAX_LINKS; i++)
		if (m->links[i].used && m->links[i].vmid == vmid)
			return &m->links[i];
	return NULL;
}

struct gm_link *gm_link_new(struct gm *m, struct gm_vm *vm, struct gm_msgq *in,
			    struct gm_msgq *out)
{
	u32 i;

	for (i = 0; i < GM_MAX_LINKS; i++) {
		struct gm_link *l = &m->links[i];

		if (l->used)
			continue;
		l->used = 1;
		l->vmid = vm->vmid;
		l->in_q = (u8)gm_msgq_index(m, in);
		l->out_q = (u8)gm_msgq_index(m, out);
		gm_link_reset(l);
		in->link = (u8)i;
		out->link = (u8)i;
		vm->link = (u8)i;
		return l;
	}
	return NULL;
}

/* Forgets everything that is on its way. */
void gm_link_reset(struct gm_link *l)
{
	l->partial = 0;
	l->nr_notes = 0;
	l->note_head = 0;
	l->note_tail = 0;
	l->busy_until = 0;
	l->held_due = 0;
	l->held_note_due = 0;
	l->tx.left = 0;
	l->reply.left = 0;
	l->swallow_tx_irq = 0;
}

/* Which kind a fragment in a queue belongs to; -1: none a rule can name. */
int gm_rpc_kind(const u8 *msg, u32 size)
{
	u32 frags;

	if (size < GM_RPC_HEADER || msg[0] != RPC_HEADER0)
		return -1;
	frags = msg[1] >> 2;
	switch (msg[1] & 3) {
	case GM_RPC_REQUEST:
		return frags ? -1 : GM_KIND_SINGLE;
	case GM_RPC_REPLY:
		return frags ? GM_KIND_MULTI_REPLY : GM_KIND_SINGLE;
	case GM_RPC_NOTIFICATION:
		return GM_KIND_NOTIFICATION;
	default:
		return frags ? GM_KIND_MULTI_REQUEST : -1;
	}
}

/* A first fragment: begins a message, whatever was there before. */
static bool rpc_begin(struct gm *m, struct gm_link *l, const u8 *msg)
{
	if (l->partial)
		gm_count(m, GM_CTR_RM_PARTIAL);
	l->type = msg[1] & 3;
	l->frags = msg[1] >> 2;
	l->left = l->frags;
	l->seq = gm_get16(msg + 2);
	l->id = gm_get32(msg + 4);
	l->rx_size = 0;
	l->partial = l->frags != 0;
	return true;
}

static bool rpc_continues(struct gm *m, struct gm_link *l, const u8 *msg)
{
	if (!l->partial || l->frags != msg[1] >> 2 || l->seq != gm_get16(msg + 2) ||
	    l->id != gm_get32(msg + 4)) {
		gm_count(m, GM_CTR_RM_BAD_FRAGMENT);
		return false;
	}
	l->left--;
	l->partial = l->left != 0;
	return true;
}

/* Removes the fragment; a misbehaviour may lose the edge "not full". */
static void rpc_drop(struct gm *m, struct gm_link *l, struct gm_msgq *q)
{
	bool irq = true;

	if (l->swallow_tx_irq && q->count - 1 == q->not_full) {
		l->swallow_tx_irq = 0;
		irq = false;
	}
	gm_msgq_drop(m, q, irq);
}

/*
 * Takes one fragment from the VM; with the last one of a request RM handles it.
 * Returns false if there was none or RM is busy.
 */
bool gm_link_recv(struct gm *m, struct gm_link *l)
{
	struct gm_msgq *q = &m->msgqs[l->in_q];
	const u8 *msg;
	u32 size;
	bool ok;

	if (!q->count || (l->busy_until && gm_now(m) < l->busy_until))
		return false;
	l->busy_until = 0;
	gm_count(m, GM_CTR_FRAGMENTS_IN);
	size = gm_msgq_peek(m, q, &msg);
	if (size < GM_RPC_HEADER || size > GM_RPC_SIZE || msg[0] != RPC_HEADER0 ||
	    msg[1] >> 2 > GM_RPC_MAX_FRAGMENTS) {
		gm_count(m, GM_CTR_RM_BAD_HEADER);
		rpc_drop(m, l, q);
		return true;
	}
	if ((msg[1] & 3) == GM_RPC_CONTINUATION)
		ok = rpc_continues(m, l, msg);
	else
		ok = rpc_begin(m, l, msg);
	if (ok) {
		/* Fits: at most 63 fragments of at most 232 bytes. */
		memcpy(l->rx + l->rx_size, msg + GM_RPC_HEADER, size - GM_RPC_HEADER);
		l->rx_size += size - GM_RPC_HEADER;
	}
	rpc_drop(m, l, q);
	if (!ok || l->partial)
		return true;
	if (l->type == GM_RPC_REQUEST)
		gm_rm_request(m, l, l->id, l->seq, l->rx, l->rx_size);
	else
		gm_count(m, GM_CTR_RM_IGNORED);
	return true;
}

/* All of a message but its payload. */
static void rpc_head(struct gm_tx *tx, u8 type, u32 id, u16 seq, u32 size)
{
	tx->type = type;
	tx->id = id;
	tx->seq = seq;
	tx->size = size;
	tx->frags = size ? (u8)((size - 1) / GM_RPC_CONTENT) : 0;
	tx->left = (u8)(tx->frags + 1);
	tx->mis = GM_MIS_NONE;
	tx->arg = 0;
}

static void rpc_fill(struct gm_tx *tx, u8 type, u32 id, u16 seq, const u8 *data, u32 size)
{
	if (size > GM_RPC_MAX_MSG)
		size = GM_RPC_MAX_MSG;
	rpc_head(tx, type, id, seq, size);
	memcpy(tx->data, data, size);
}

static void rpc_copy(struct gm_tx *to, const struct gm_tx *from)
{
	rpc_fill(to, from->type, from->id, from->seq, from->data, from->size);
	to->mis = from->mis;
	to->arg = from->arg;
}

/* Builds fragment number @index into @msg; returns its size. */
static u32 rpc_fragment(const struct gm_tx *tx, u32 index, u8 *msg)
{
	u32 start = index * GM_RPC_CONTENT;
	u32 size = tx->size - start;

	if (size > GM_RPC_CONTENT)
		size = GM_RPC_CONTENT;
	msg[0] = RPC_HEADER0;
	msg[1] = (u8)((index ? GM_RPC_CONTINUATION : tx->type) | tx->frags << 2);
	gm_put16(msg + 2, tx->seq);
	gm_put32(msg + 4, tx->id);
	memcpy(msg + GM_RPC_HEADER, tx->data + start, size);

	if (tx->mis == GM_MIS_TRUNCATE && index == tx->frags)
		size /= 2;
	if (tx->mis == GM_MIS_CORRUPT && !index) {
		if (tx->arg == 0)
			msg[0] ^= 0xff;
		else if (tx->arg == 1)
			msg[1] &= 0xfc;
		else
			msg[1] |= 0xfc;
	}
	return GM_RPC_HEADER + size;
}

/* The time @ms (or @normal, if that is 0) from now; never 0. */
static u64 rpc_due(struct gm *m, u64 ms, u64 normal)
{
	if (!ms)
		ms = normal;
	if (ms > RPC_MAX_MS)
		ms = RPC_MAX_MS;
	return gm_now(m) + ms * RPC_MS;
}

static void rpc_sent(struct gm *m, struct gm_link *l, struct gm_msgq *q)
{
	struct gm_tx *tx = &l->tx;

	gm_count(m, tx->type == GM_RPC_REPLY ? GM_CTR_RM_REPLIES : GM_CTR_RM_NOTES);
	if (tx->mis == GM_MIS_DOUBLE_IRQ)
		gm_raise_later(m, &q->rx_line, rpc_due(m, tx->arg, 1));
}

/* Sends what the queue takes of the message on its way. */
static bool rpc_xmit(struct gm *m, struct gm_link *l)
{
	struct gm_msgq *q = &m->msgqs[l->out_q];
	struct gm_tx *tx = &l->tx;
	u8 msg[GM_RPC_SIZE];
	bool progress = false;

	while (tx->left) {
		u32 index = tx->frags + 1u - tx->left;
		bool irq = tx->mis != GM_MIS_DROP_IRQ;
		u32 size;

		if (tx->mis == GM_MIS_REORDER && tx->frags && index < 2)
			index = 1 - index;
		if (tx->mis == GM_MIS_TRUNCATE && !tx->arg && index == tx->frags) {
			tx->left--;	/* the last one never comes */
			progress = true;
			continue;
		}
		size = rpc_fragment(tx, index, msg);
		if (!q->room || !gm_msgq_put(m, q, msg, size, false, irq))
			return progress;
		gm_count(m, GM_CTR_FRAGMENTS_OUT);
		progress = true;
		if (!--tx->left)
			rpc_sent(m, l, q);
	}
	return progress;
}

/* l->tx was just filled: RM tries at once, whether or not there was an edge. */
static void rpc_start(struct gm *m, struct gm_link *l)
{
	m->msgqs[l->out_q].room = 1;
	rpc_xmit(m, l);
}

static void rpc_start_pending_reply(struct gm *m, struct gm_link *l)
{
	rpc_copy(&l->tx, &l->reply);
	l->reply.left = 0;
	rpc_start(m, l);
}

/* RM's rule: one on its way, one unsent, and a further one replaces that. */
static void rpc_fifo_reply(struct gm *m, struct gm_link *l, u32 id, u16 seq, const u8 *data,
			   u32 size, u8 mis, u64 arg)
{
	struct gm_tx *tx;

	if (l->reply.left && !l->tx.left)
		rpc_start_pending_reply(m, l);
	if (l->reply.left) {
		gm_count(m, GM_CTR_RM_REPLIES_LOST);
		l->reply.left = 0;
	}
	tx = l->tx.left ? &l->reply : &l->tx;
	rpc_fill(tx, GM_RPC_REPLY, id, seq, data, size);
	tx->mis = mis;
	tx->arg = arg;
	if (tx == &l->tx)
		rpc_start(m, l);
}

static void rpc_release_reply(struct gm *m, struct gm_link *l)
{
	if (!l->held_due)
		return;
	l->held_due = 0;
	rpc_fifo_reply(m, l, l->held.id, l->held.seq, l->held.data, l->held.size,
		       GM_MIS_NONE, 0);
}

/* Answers a request, or spoils the answer as @mis says. */
void gm_rpc_reply(struct gm *m, struct gm_link *l, u32 id, u16 seq, const u8 *data, u32 size,
		  u8 mis, u64 arg)
{
	if (mis == GM_MIS_DELAY || (mis == GM_MIS_REORDER && size <= GM_RPC_CONTENT)) {
		rpc_release_reply(m, l);
		l->held_due = rpc_due(m, arg, mis == GM_MIS_DELAY ? RPC_DELAY_MS : RPC_REORDER_MS);
		if (mis == GM_MIS_DELAY)
			l->busy_until = l->held_due;
		rpc_fill(&l->held, GM_RPC_REPLY, id, seq, data, size);
		return;
	}
	rpc_fifo_reply(m, l, id, seq, data, size, mis, arg);
	if (mis == GM_MIS_DUPLICATE)
		rpc_fifo_reply(m, l, id, seq, data, size, GM_MIS_NONE, 0);
	rpc_release_reply(m, l);
}

static void rpc_note_pop(struct gm_link *l)
{
	struct gm_note *n = &l->notes[l->first_note];

	l->note_head = n->pos + n->size;
	l->first_note = (l->first_note + 1) % GM_RPC_MAX_NOTES;
	l->nr_notes--;
}

static void rpc_note_push(struct gm *m, struct gm_link *l, u32 id, const u8 *data, u32 size,
			  u8 mis, u64 arg)
{
	struct gm_note *n;
	u32 i;

	if (!l->nr_notes)
		l->note_head = l->note_tail;
	while (l->nr_notes == GM_RPC_MAX_NOTES ||
	       (l->nr_notes && l->note_tail + size - l->note_head > GM_RPC_NOTE_BYTES)) {
		rpc_note_pop(l);
		gm_count(m, GM_CTR_RM_NOTES_LOST);
	}
	n = &l->notes[(l->first_note + l->nr_notes++) % GM_RPC_MAX_NOTES];
	n->id = id;
	n->size = size;
	n->pos = l->note_tail;
	n->mis = mis;
	n->arg = arg;
	n->due = mis == GM_MIS_DELAY ? rpc_due(m, arg, RPC_DELAY_MS) : 0;
	for (i = 0; i < size; i++)
		l->note_data[l->note_tail++ % GM_RPC_NOTE_BYTES] = data[i];
}

/* Starts the oldest notification if nothing is on its way and it is due. */
static bool rpc_start_note(struct gm *m, struct gm_link *l)
{
	struct gm_note *n = &l->notes[l->first_note];
	u8 *to = l->tx.data;
	u32 i;

	if (l->tx.left || !l->nr_notes || (n->due && gm_now(m) < n->due))
		return false;
	for (i = 0; i < n->size; i++)
		to[i] = l->note_data[(n->pos + i) % GM_RPC_NOTE_BYTES];
	rpc_head(&l->tx, GM_RPC_NOTIFICATION, n->id, m->note_seq++, n->size);
	l->tx.mis = n->mis;
	l->tx.arg = n->arg;
	rpc_note_pop(l);
	rpc_start(m, l);
	return true;
}

static void rpc_fifo_note(struct gm *m, struct gm_link *l, u32 id, const u8 *data, u32 size,
			  u8 mis, u64 arg)
{
	while (rpc_start_note(m, l))
		;
	if (l->tx.left || l->nr_notes || mis == GM_MIS_DELAY) {
		/* The attempt costs RM a sequence number all the same. */
		m->note_seq++;
		rpc_note_push(m, l, id, data, size, mis, arg);
		return;
	}
	rpc_fill(&l->tx, GM_RPC_NOTIFICATION, id, m->note_seq++, data, size);
	l->tx.mis = mis;
	l->tx.arg = arg;
	rpc_start(m, l);
}

static void rpc_release_note(struct gm *m, struct gm_link *l)
{
	if (!l->held_note_due)
		return;
	l->held_note_due = 0;
	rpc_fifo_note(m, l, l->held_note.id, l->held_note.data, l->held_note.size,
		      GM_MIS_NONE, 0);
}

/* Sends a notification, spoiled as @mis says. */
void gm_rpc_post(struct gm *m, struct gm_link *l, u32 id, const u8 *data, u32 size,
		 u8 mis, u64 arg)
{
	if (size > GM_RPC_MAX_MSG)
		size = GM_RPC_MAX_MSG;
	if (mis == GM_MIS_REORDER) {
		rpc_release_note(m, l);
		l->held_note_due = rpc_due(m, arg, RPC_REORDER_MS);
		rpc_fill(&l->held_note, GM_RPC_NOTIFICATION, id, 0, data, size);
		return;
	}
	rpc_fifo_note(m, l, id, data, size, mis, arg);
	if (mis == GM_MIS_DUPLICATE)
		rpc_fifo_note(m, l, id, data, size, GM_MIS_NONE, 0);
	rpc_release_note(m, l);
}

/* Sends a notification, or what the rules for notifications make of it. */
void gm_rpc_notify(struct gm *m, struct gm_link *l, u32 id, const u8 *data, u32 size)
{
	u8 mis = GM_MIS_NONE;
	u32 max;
	u64 arg = 0;

	gm_misbehave_take(m, GM_KIND_NOTIFICATION, id, &mis, &arg);
	switch (mis) {
	case GM_MIS_REFUSE:
	case GM_MIS_SILENT:
	case GM_MIS_NOHEAP:
		return;
	case GM_MIS_TRUNCATE:
		max = arg && arg < size ? (u32)arg : 2;
		size = size < max ? size : max;
		mis = GM_MIS_NONE;
		break;
	case GM_MIS_FOREIGN:
		id ^= 0x8000;
		mis = GM_MIS_NONE;
		break;
	default:
		break;
	}
	gm_rpc_post(m, l, id, data, size, mis, arg);
}

/* Lets go what a misbehaviour keeps back, due or not. */
void gm_link_release(struct gm *m, struct gm_link *l)
{
	u32 i;

	l->busy_until = 0;
	rpc_release_reply(m, l);
	rpc_release_note(m, l);
	for (i = 0; i < l->nr_notes; i++)
		l->notes[(l->first_note + i) % GM_RPC_MAX_NOTES].due = 0;
	gm_kick(m);
}

/* Goes on sending; false if there was nothing to send or no room. */
bool gm_link_send(struct gm *m, struct gm_link *l)
{
	u64 now = gm_now(m);
	bool progress;

	if (l->held_due && now >= l->held_due)
		rpc_release_reply(m, l);
	if (l->held_note_due && now >= l->held_note_due)
		rpc_release_note(m, l);

	progress = rpc_xmit(m, l);
	if (!l->tx.left && l->reply.left) {
		rpc_start_pending_reply(m, l);
		progress = true;
	}
	while (rpc_start_note(m, l))
		progress = true;
	return progress;
}

/* When the link has to be looked at even if nobody kicks. */
u64 gm_link_deadline(struct gm *m, struct gm_link *l)
{
	u64 next = GM_RUN_IDLE;

	if (l->held_due)
		next = l->held_due;
	if (l->held_note_due && l->held_note_due < next)
		next = l->held_note_due;
	if (l->nr_notes && !l->tx.left && l->notes[l->first_note].due &&
	    l->notes[l->first_note].due < next)
		next = l->notes[l->first_note].due;
	if (m->msgqs[l->in_q].count && l->busy_until && l->busy_until < next)
		next = l->busy_until;
	return next;
}
