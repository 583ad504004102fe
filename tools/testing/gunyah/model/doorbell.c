// SPDX-License-Identifier: GPL-2.0-only
/*
 * Doorbells: 64 flags, an enable mask, a mask of flags that clear themselves,
 * one edge interrupt. With no enabled flag the real one still makes an edge.
 */
#include "state.h"

static void db_reset(struct gm_doorbell *d)
{
	d->flags = 0;
	d->enable = ~0ull;
	d->ack = 0;
}

struct gm_doorbell *gm_doorbell_new(struct gm *m)
{
	u32 i;

	for (i = 0; i < GM_MAX_DOORBELLS; i++) {
		struct gm_doorbell *d = &m->doorbells[i];
		int obj;

		/* Object 0 is a queue of the primary VM. */
		if (d->object)
			continue;
		obj = gm_object_new(m, GM_T_DOORBELL, i);
		if (obj < 0)
			return NULL;
		memset(d, 0, sizeof(*d));
		d->object = (u16)obj;
		db_reset(d);
		return d;
	}
	return NULL;
}

void gm_doorbell_free(struct gm *m, struct gm_doorbell *d)
{
	gm_object_free(m, d->object);
	gm_line_free(m, &d->line);
	memset(d, 0, sizeof(*d));
}

/* Returns the flags before. */
u64 gm_doorbell_ring(struct gm *m, struct gm_doorbell *d, u64 flags)
{
	u64 old = d->flags;

	d->flags |= flags;
	gm_raise(m, &d->line);
	if (d->flags & d->enable)
		d->flags &= ~d->ack;
	return old;
}

static struct gm_doorbell *db_of(struct gm *m, struct gm_ctx *c)
{
	return &m->doorbells[c->obj[0]->index];
}

s32 gm_call_doorbell_send(struct gm *m, struct gm_ctx *c)
{
	c->res[1] = gm_doorbell_ring(m, db_of(m, c), c->args[1]);
	return GM_E_OK;
}

s32 gm_call_doorbell_recv(struct gm *m, struct gm_ctx *c)
{
	struct gm_doorbell *d = db_of(m, c);

	if (!c->args[1])
		return GM_E_ARGUMENT_INVALID;
	c->res[1] = d->flags;
	d->flags &= ~c->args[1];
	return GM_E_OK;
}

s32 gm_call_doorbell_reset(struct gm *m, struct gm_ctx *c)
{
	db_reset(db_of(m, c));
	return GM_E_OK;
}

s32 gm_call_doorbell_mask(struct gm *m, struct gm_ctx *c)
{
	struct gm_doorbell *d = db_of(m, c);
	bool was = d->flags & d->enable;

	d->enable = c->args[1];
	d->ack = c->args[2];
	if (d->flags & d->enable) {
		if (!was)
			gm_raise(m, &d->line);
		d->flags &= ~d->ack;
	}
	return GM_E_OK;
}
