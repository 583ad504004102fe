// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer: the model's RM fed with raw messages, each led by its length in two
 * bytes. RM must survive each of them, or die as the real one would and say so;
 * what it sends has to be understood by the driver's framing.
 */
#include "fuzz.h"
#include "fuzz_host.h"
#include "rmlink.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct host *h = fuzz_host("debug,peer=echo,peer=many");
	static struct rm_reply reply;

	reply.replies = 0;
	reply.notes = 0;
	reply.drops = 0;
	while (size > 2) {
		size_t want = data[0] | (size_t)data[1] << 8;

		data += 2;
		size -= 2;
		want %= 256;
		if (want > size)
			want = size;
		(void)host_send(h, h->info.tx_cap, data, want, 1);
		data += want;
		size -= want;
		h->now += 1000000;
		rm_drain(h, &reply);
	}
	ASSERT(!reply.drops);
	ASSERT(h->m->rm_state == GM_RM_DEAD ||
	       reply.replies <= gm_counter(h->m, GM_CTR_RM_REQUESTS));
	return 0;
}
