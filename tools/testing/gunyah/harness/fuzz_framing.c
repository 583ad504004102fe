// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer: the driver's framing fed with a stream of fragments, each led by
 * its length in two bytes (little-endian; 240 at most are taken). The message is
 * put together in a buffer that ends where it says, so that ASan sees a byte
 * written behind it; the invariants that the driver relies on are asserted.
 */
#include <string.h>

#include "../../../../drivers/virt/gunyah/rm_msg.h"
#include "fuzz.h"

static void check(struct gunyah_rm_rx *rx, enum gunyah_rm_drop drop)
{
	ASSERT(drop < GUNYAH_RM_DROP_CUT);
	ASSERT(!rx->dst || rx->size <= rx->cap);
	if (drop) {
		gunyah_rm_rx_forget(rx);
		ASSERT(!rx->active && !rx->dst && !gunyah_rm_rx_complete(rx));
		return;
	}
	ASSERT(rx->active);
	ASSERT(rx->left <= rx->follow);
	ASSERT(rx->follow <= GUNYAH_RM_MAX_FOLLOW);
	ASSERT(rx->type == GUNYAH_RM_REPLY || rx->type == GUNYAH_RM_NOTIFICATION);
}

/* What was understood is what encoding it again gives. */
static void encode_again(const struct gunyah_rm_rx *rx)
{
	u8 buf[GUNYAH_RM_FRAG_SIZE];
	struct gunyah_rm_frag frag;
	size_t n;

	n = gunyah_rm_msg_encode(buf, rx->type, rx->id, rx->seq, rx->dst, rx->size, 0);
	ASSERT(n >= GUNYAH_RM_HDR_SIZE && n <= GUNYAH_RM_FRAG_SIZE);
	ASSERT(!gunyah_rm_msg_decode(buf, n, &frag));
	ASSERT(frag.id == rx->id && frag.seq == rx->seq && frag.type == rx->type);
	ASSERT(frag.follow <= rx->follow);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct gunyah_rm_rx rx = {};
	struct gunyah_rm_frag frag;
	u8 *dst = NULL;

	while (size > 2) {
		size_t want = data[0] | (size_t)data[1] << 8, cap;
		enum gunyah_rm_drop drop;
		u8 *wire;

		data += 2;
		size -= 2;
		want %= 256;
		if (want > size)
			want = size;
		wire = malloc(want ? want : 1);
		memcpy(wire, data, want);
		data += want;
		size -= want;

		drop = gunyah_rm_msg_decode(wire, want, &frag);
		ASSERT(gunyah_rm_drop_name(drop));
		if (!drop && frag.type == GUNYAH_RM_CONTINUATION) {
			check(&rx, gunyah_rm_rx_next(&rx, &frag));
		} else if (!drop) {
			/* An odd sequence number: too small, even zero. */
			cap = (frag.seq & 1) ? frag.seq % 600 :
			      (frag.follow + 1u) * GUNYAH_RM_CONTENT_SIZE;
			gunyah_rm_rx_forget(&rx);
			free(dst);
			dst = (frag.id & 1) ? NULL : malloc(cap ? cap : 1);
			check(&rx, gunyah_rm_rx_first(&rx, &frag, dst, cap));
		}
		if (gunyah_rm_rx_complete(&rx)) {
			if (rx.dst)
				encode_again(&rx);
			gunyah_rm_rx_forget(&rx);
		}
		free(wire);
	}
	free(dst);
	return 0;
}
