// SPDX-License-Identifier: GPL-2.0-only
/* The RM client of the harness: see rmlink.h. */
#include "rmlink.h"

static void take(struct rm_reply *r, struct gunyah_rm_rx *rx, const u8 *buf, size_t size)
{
	struct gunyah_rm_frag frag;

	r->drop = gunyah_rm_msg_decode(buf, size, &frag);
	if (!r->drop) {
		if (frag.type == GUNYAH_RM_CONTINUATION)
			r->drop = gunyah_rm_rx_next(rx, &frag);
		else if (frag.type == GUNYAH_RM_NOTIFICATION)
			r->drop = gunyah_rm_rx_first(rx, &frag, r->note, sizeof(r->note));
		else
			r->drop = gunyah_rm_rx_first(rx, &frag, r->data, sizeof(r->data));
	}
	if (r->drop) {
		gunyah_rm_rx_forget(rx);
		r->drops++;
		return;
	}
	if (!gunyah_rm_rx_complete(rx))
		return;
	if (rx->type == GUNYAH_RM_NOTIFICATION) {
		r->notes++;
		r->note_id = rx->id;
		r->note_size = rx->size;
	} else {
		r->replies++;
		r->id = rx->id;
		r->seq = rx->seq;
		r->size = rx->size;
	}
	gunyah_rm_rx_forget(rx);
}

/* Run RM and receive until neither has anything to do at this time. */
void rm_drain(struct host *h, struct rm_reply *r)
{
	struct gunyah_rm_rx rx = {};
	u8 buf[GUNYAH_RM_FRAG_SIZE];
	bool any;

	do {
		any = false;
		gm_rm_run_all(h->m);
		while (!host_recv(h, h->info.rx_cap, buf, sizeof(buf))) {
			any = true;
			take(r, &rx, buf, h->x[1]);
		}
	} while (any);
}

void rm_send(struct host *h, struct rm_reply *r, enum gunyah_rm_msg_type type, u32 id, u16 seq,
	     const void *payload, size_t size)
{
	u8 buf[GUNYAH_RM_FRAG_SIZE];
	unsigned int i, nr = gunyah_rm_msg_nr_frags(size);

	for (i = 0; i < nr; i++) {
		size_t n = gunyah_rm_msg_encode(buf, type, id, seq, payload, size, i);

		while (host_send(h, h->info.tx_cap, buf, n, i == nr - 1) == HE_FULL)
			rm_drain(h, r);
	}
}

u64 rm_call(struct host *h, struct rm_reply *r, u32 id, const void *payload, size_t size)
{
	memset(r, 0, sizeof(*r));
	rm_send(h, r, GUNYAH_RM_REQUEST, id, ++h->seq, payload, size);
	rm_drain(h, r);
	if (r->replies != 1 || r->drops || r->id != id || r->seq != h->seq || r->size < 4)
		return HC_ALL_ONES;
	return gunyah_rm_msg_status(r->data);
}

/* Word @index of the payload; word 0 is the status. */
u32 rm_word(const struct rm_reply *r, size_t index)
{
	const u8 *p = r->data + index * 4;

	if (index * 4 + 4 > r->size)
		return 0xdeadbeef;
	return (u32)p[0] | (u32)p[1] << 8 | (u32)p[2] << 16 | (u32)p[3] << 24;
}
