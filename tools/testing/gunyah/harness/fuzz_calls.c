// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer: registers of hypercalls, debug calls among them, in any order.
 *
 * A call is a byte of flags, a number and up to six arguments, each of which is
 * led by a byte that says what it is: one of the capabilities known so far, an
 * address inside or at the end of the caller's memory, a small or a big number.
 * The fuzzer can not guess a random capability, so it may name one.
 */
#include "fuzz.h"
#include "fuzz_host.h"

#define MAX_CAPS	32

struct input {
	const u8 *data;
	size_t size;
	u64 caps[MAX_CAPS];
	unsigned int nr_caps;
};

static u64 take(struct input *in, unsigned int bytes)
{
	u64 value = 0;

	while (bytes-- && in->size) {
		value = value << 8 | *in->data++;
		in->size--;
	}
	return value;
}

static u64 argument(struct input *in)
{
	u64 how = take(in, 1);

	switch (how & 7) {
	case 0:
	case 1:
		return in->caps[(how >> 3) % in->nr_caps];
	case 2:
		return HOST_BASE + take(in, 2) % HOST_MEM;
	case 3:
		return HOST_BASE + HOST_MEM - take(in, 1);
	case 4:
		return HC_ALL_ONES;
	case 5:
		return take(in, 8);
	case 6:
		return take(in, 2);
	default:
		return how >> 3;
	}
}

/* Capabilities that a debug call created can be named from now on. */
static void learn(struct input *in, const struct host *h, u64 op)
{
	if (h->x[0] || in->nr_caps + 2 > MAX_CAPS)
		return;
	if (op == GM_DBG_QUEUE_CREATE) {
		in->caps[in->nr_caps++] = h->x[1];
		in->caps[in->nr_caps++] = h->x[3];
	} else if (op == GM_DBG_DOORBELL_CREATE) {
		in->caps[in->nr_caps++] = h->x[1];
		in->caps[in->nr_caps++] = h->x[2];
	}
}

static void one_call(struct host *h, struct input *in)
{
	u64 flags = take(in, 1), num = take(in, 1), op = 0;
	unsigned int i, nr = (flags >> 2) & 7;

	memset(h->x, 0, sizeof(h->x));
	if (flags & 1) {
		for (i = 0; i < nr; i++)
			h->x[i] = argument(in);
		gm_hypercall_native(h->m, GM_VMID_PRIMARY, (unsigned int)(0x6000 + num), h->x);
		return;
	}
	h->x[0] = (flags & 2) ? GM_DBG_CALL : GM_SMCCC_HYPERCALL | num;
	if (flags & 0x80)
		h->x[0] = take(in, 4) | 0x06000000;
	for (i = 1; i <= nr; i++)
		h->x[i] = argument(in);
	if ((flags & 0x82) == 2) {
		op = num;
		h->x[1] = op;
		/* A flood of 2^64 is no bug, but takes its time. */
		if (op == GM_DBG_NOTIFY)
			h->x[3] %= 64;
		if (op == GM_DBG_QUEUE_PEER_SEND || op == GM_DBG_QUEUE_PEER_RECV)
			h->x[4] %= 64;
	}
	gm_hypercall(h->m, GM_VMID_PRIMARY, h->x);
	if (op)
		learn(in, h, op);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct host *h = fuzz_host("debug,peer=echo");
	struct input in = { .data = data, .size = size };
	unsigned int i;

	in.caps[in.nr_caps++] = h->info.tx_cap;
	in.caps[in.nr_caps++] = h->info.rx_cap;
	while (in.size) {
		one_call(h, &in);
		h->now += 1000;
		/* Not run_all: a misbehaviour for ever may keep it busy. */
		for (i = 0; i < 4; i++)
			if (gm_rm_run(h->m) != GM_RUN_AGAIN)
				break;
	}
	return 0;
}
