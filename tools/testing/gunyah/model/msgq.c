// SPDX-License-Identifier: GPL-2.0-only
/*
 * Message queues: bytes in, bytes out, in order, each message whole.
 *
 * Interrupts are edges and come only when the count becomes *equal* to a
 * threshold (or with push): a receiver that stops above its threshold gets no
 * further one. A model-side end has no line; it is kicked instead.
 *
 * A send or receive whose copy fails says OK all the same (bug=copy-ok), as the
 * real one does.
 */
#include "state.h"

#define MQ_UNCHANGED	0xffffffffu
#define MQ_MAXIMUM	0xfffffffeu

static int mq_arena_alloc(struct gm *m, u32 pages)
{
	u32 first, n;

	for (first = 0; first + pages <= GM_ARENA_PAGES; first += n + 1) {
		for (n = 0; n < pages; n++)
			if (m->arena_used[first + n])
				break;
		if (n == pages) {
			memset(&m->arena_used[first], 1, pages);
			return (int)first;
		}
	}
	return -1;
}

struct gm_msgq *gm_msgq_new(struct gm *m, unsigned int depth, unsigned int size)
{
	struct gm_msgq *q;
	u32 i, stride;
	int page, obj;

	if (!depth || depth > GM_MSGQ_MAX_DEPTH || !size || size > GM_MSGQ_MAX_SIZE)
		return NULL;
	for (i = 0; i < GM_MAX_MSGQS; i++)
		if (!m->msgqs[i].depth)
			break;
	if (i == GM_MAX_MSGQS)
		return NULL;

	stride = gm_align4(size + 2);
	page = mq_arena_alloc(m, (depth * stride + GM_ARENA_PAGE - 1) / GM_ARENA_PAGE);
	if (page < 0)
		return NULL;
	q = &m->msgqs[i];
	memset(q, 0, sizeof(*q));
	q->arena = (u16)page;
	q->arena_pages = (u16)((depth * stride + GM_ARENA_PAGE - 1) / GM_ARENA_PAGE);
	obj = gm_object_new(m, GM_T_MSGQ, i);
	if (obj < 0) {
		memset(&m->arena_used[q->arena], 0, q->arena_pages);
		return NULL;
	}
	q->object = (u16)obj;
	q->depth = (u16)depth;
	q->size = (u16)size;
	q->stride = stride;
	q->not_full = (u16)(depth - 1);
	q->not_empty = 1;
	q->echo_to = 0xff;
	q->room = 1;
	return q;
}

void gm_msgq_free(struct gm *m, struct gm_msgq *q)
{
	memset(&m->arena_used[q->arena], 0, q->arena_pages);
	gm_object_free(m, q->object);
	gm_line_free(m, &q->tx_line);
	gm_line_free(m, &q->rx_line);
	memset(q, 0, sizeof(*q));
}

unsigned int gm_msgq_index(struct gm *m, const struct gm_msgq *q)
{
	return (unsigned int)(q - m->msgqs);
}

/* Slot @n places behind the oldest message. */
static u8 *mq_slot(struct gm *m, const struct gm_msgq *q, u32 n)
{
	u32 slot = (q->head + n) % q->depth;

	return &m->arena[(u32)q->arena * GM_ARENA_PAGE + slot * q->stride];
}

static void mq_assert_rx(struct gm *m, struct gm_msgq *q)
{
	if (q->rx_end != GM_END_VM)
		gm_kick(m);
	else
		gm_raise(m, &q->rx_line);
}

static void mq_assert_tx(struct gm *m, struct gm_msgq *q)
{
	if (q->tx_end != GM_END_VM) {
		q->room = 1;
		gm_kick(m);
	} else {
		gm_raise(m, &q->tx_line);
	}
}

/* The bytes are in the slot behind the last: make them a message. */
static void mq_commit(struct gm *m, struct gm_msgq *q, u32 size, bool push, bool irq)
{
	gm_put16(mq_slot(m, q, q->count), (u16)size);
	q->count++;
	if (irq && (push || q->count == q->not_empty))
		mq_assert_rx(m, q);
}

/*
 * Puts a message of the model's side into the queue. False if it is full, and
 * then ->room tells when there is room again.
 */
bool gm_msgq_put(struct gm *m, struct gm_msgq *q, const u8 *data, u32 size, bool push, bool irq)
{
	if (q->count == q->depth) {
		q->room = 0;
		return false;
	}
	if (size > q->size)
		size = q->size;
	memcpy(mq_slot(m, q, q->count) + 2, data, size);
	mq_commit(m, q, size, push, irq);
	return true;
}

/* Size and bytes of the oldest message; only if there is one. */
u32 gm_msgq_peek(struct gm *m, const struct gm_msgq *q, const u8 **data)
{
	const u8 *slot = mq_slot(m, q, 0);

	*data = slot + 2;
	return gm_get16(slot);
}

/* Takes the oldest message out. */
void gm_msgq_drop(struct gm *m, struct gm_msgq *q, bool irq)
{
	q->head = (u16)((q->head + 1u) % q->depth);
	q->count--;
	if (irq && q->count == q->not_full)
		mq_assert_tx(m, q);
}

static struct gm_msgq *mq_of(struct gm *m, struct gm_ctx *c)
{
	return &m->msgqs[c->obj[0]->index];
}

/* A copy failed: the real one forgets to say so. */
static s32 mq_copy_failed(struct gm *m, struct gm_ctx *c, s32 doc, unsigned int counter)
{
	if (m->bug_copy == GM_BUG_COPY_DOC)
		return doc;
	c->res[c->nres - 1] = 1;
	gm_count(m, counter);
	return GM_E_OK;
}

s32 gm_call_msgq_send(struct gm *m, struct gm_ctx *c)
{
	struct gm_msgq *q = mq_of(m, c);
	u64 size = c->args[1];
	u8 *slot;

	if (q->count == q->depth)
		return GM_E_MSGQUEUE_FULL;
	if (!size || size > q->size)
		return mq_copy_failed(m, c, GM_E_ARGUMENT_SIZE, GM_CTR_MSGQ_LOST);
	slot = mq_slot(m, q, q->count) + 2;
	if (m->ops->copy_in(m->host, slot, c->args[2], (size_t)size))
		return mq_copy_failed(m, c, GM_E_ADDR_INVALID, GM_CTR_MSGQ_LOST);

	if (q->rx_end == GM_END_RM) {
		int kind = gm_rpc_kind(slot, (u32)size);
		s32 err;

		if ((kind == GM_KIND_SINGLE || kind == GM_KIND_MULTI_REQUEST) &&
		    gm_misbehave_take_call(m, (unsigned int)kind, gm_get32(slot + 4), &err))
			return err;
	}
	mq_commit(m, q, (u32)size, c->args[3] & 1, true);
	gm_count(m, GM_CTR_MSGQ_SENT);
	c->res[1] = q->count < q->depth;
	return GM_E_OK;
}

s32 gm_call_msgq_recv(struct gm *m, struct gm_ctx *c)
{
	struct gm_msgq *q = mq_of(m, c);
	const u8 *data;
	u32 size;

	if (!q->count)
		return GM_E_MSGQUEUE_EMPTY;
	size = gm_msgq_peek(m, q, &data);
	if (q->tx_end == GM_END_RM) {
		int kind = gm_rpc_kind(data, size);
		s32 err;

		if ((kind == GM_KIND_MULTI_REPLY || kind == GM_KIND_NOTIFICATION) &&
		    gm_misbehave_take_call(m, (unsigned int)kind, gm_get32(data + 4), &err))
			return err;
	}
	if (size > c->args[2])
		return mq_copy_failed(m, c, GM_E_ADDR_OVERFLOW, GM_CTR_MSGQ_RECV_STUCK);
	if (m->ops->copy_out(m->host, c->args[1], data, size))
		return mq_copy_failed(m, c, GM_E_ADDR_INVALID, GM_CTR_MSGQ_RECV_STUCK);

	gm_msgq_drop(m, q, true);
	gm_count(m, GM_CTR_MSGQ_RECEIVED);
	c->res[1] = size;
	c->res[2] = q->count != 0;
	return GM_E_OK;
}

s32 gm_call_msgq_flush(struct gm *m, struct gm_ctx *c)
{
	struct gm_msgq *q = mq_of(m, c);
	bool had = q->count != 0;

	q->count = 0;
	q->head = 0;
	if (had)
		mq_assert_tx(m, q);
	return GM_E_OK;
}

/*
 * Unlike what the document says both look at the messages there are. Where the
 * interrupt is not due the real one withdraws it; an edge that was raised here is
 * the GIC's already, and who takes it finds nothing to do, as with any that is
 * late.
 */
s32 gm_call_msgq_configure_send(struct gm *m, struct gm_ctx *c)
{
	struct gm_msgq *q = mq_of(m, c);
	u32 threshold = (u32)c->args[1];

	if ((u32)c->args[2] != MQ_UNCHANGED)
		return GM_E_UNIMPLEMENTED;
	if (threshold == MQ_UNCHANGED)
		return GM_E_OK;
	if (threshold >= q->depth)
		return GM_E_ARGUMENT_INVALID;
	q->not_full = (u16)threshold;
	if (q->count <= q->not_full)
		mq_assert_tx(m, q);
	return GM_E_OK;
}

s32 gm_call_msgq_configure_recv(struct gm *m, struct gm_ctx *c)
{
	struct gm_msgq *q = mq_of(m, c);
	u32 threshold = (u32)c->args[1];

	if ((u32)c->args[2] != MQ_UNCHANGED)
		return GM_E_UNIMPLEMENTED;
	if (threshold == MQ_UNCHANGED)
		return GM_E_OK;
	if (threshold == MQ_MAXIMUM) {
		q->not_empty = q->depth;
		return GM_E_OK;
	}
	if (!threshold || threshold > q->depth)
		return GM_E_ARGUMENT_INVALID;
	q->not_empty = (u16)threshold;
	if (q->count >= q->not_empty)
		mq_assert_rx(m, q);
	return GM_E_OK;
}
