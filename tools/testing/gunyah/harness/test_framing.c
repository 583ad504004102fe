// SPDX-License-Identifier: GPL-2.0-only
/* The driver's framing by itself: every size, every way to be malformed. */
#include <stdlib.h>
#include <string.h>

#include "../../../../drivers/virt/gunyah/rm_msg.h"
#include "tap.h"

#define ID	0x56000020
#define SEQ	0xa55a

static u8 payload[GUNYAH_RM_MAX_PAYLOAD + 1];

static void fill(void)
{
	size_t i;

	for (i = 0; i < sizeof(payload); i++)
		payload[i] = (u8)(i * 7 + (i >> 8));
}

/* A well-formed fragment of 240 bytes, to be spoilt. */
static size_t fragment(u8 *buf, enum gunyah_rm_msg_type type, unsigned int index, size_t size)
{
	fill();
	return gunyah_rm_msg_encode(buf, type, ID, SEQ, payload, size, index);
}

/* Encode, decode and reassemble; in buffers that end where the bytes do. */
static void round_trip(enum gunyah_rm_msg_type type, size_t size)
{
	unsigned int nr = gunyah_rm_msg_nr_frags(size), i;
	u8 *dst = malloc(size ? size : 1);
	struct gunyah_rm_rx rx = {};

	for (i = 0; i < nr; i++) {
		struct gunyah_rm_frag frag;
		u8 buf[GUNYAH_RM_FRAG_SIZE], *wire;
		size_t n = fragment(buf, type, i, size);

		wire = malloc(n);
		memcpy(wire, buf, n);
		EQ(gunyah_rm_msg_decode(wire, n, &frag), GUNYAH_RM_DROP_NONE);
		EQ(frag.type, i ? GUNYAH_RM_CONTINUATION : type);
		EQ(frag.follow, nr - 1);
		EQ(gunyah_rm_rx_complete(&rx), 0);
		if (i)
			EQ(gunyah_rm_rx_next(&rx, &frag), GUNYAH_RM_DROP_NONE);
		else
			EQ(gunyah_rm_rx_first(&rx, &frag, dst, size), GUNYAH_RM_DROP_NONE);
		free(wire);
	}
	OK(gunyah_rm_rx_complete(&rx));
	EQ(rx.size, size);
	EQ(rx.id, ID);
	EQ(rx.seq, SEQ);
	OK(!memcmp(dst, payload, size));
	free(dst);
}

static void every_size(void)
{
	size_t size;

	for (size = 0; size <= 3 * GUNYAH_RM_CONTENT_SIZE + 1; size++)
		round_trip(GUNYAH_RM_REPLY, size);
	for (size = GUNYAH_RM_MAX_PAYLOAD - GUNYAH_RM_CONTENT_SIZE - 1;
	     size <= GUNYAH_RM_MAX_PAYLOAD; size++)
		round_trip(GUNYAH_RM_NOTIFICATION, size);
}

static void largest(void)
{
	u8 buf[GUNYAH_RM_FRAG_SIZE];

	EQ(GUNYAH_RM_MAX_PAYLOAD, 14616);
	EQ(gunyah_rm_msg_nr_frags(14616), 63);
	EQ(fragment(buf, GUNYAH_RM_REQUEST, 62, 14616), 240);
	EQ(fragment(buf, GUNYAH_RM_REQUEST, 63, 14616), 0);
	EQ(fragment(buf, GUNYAH_RM_REQUEST, 0, 14617), 0);
	round_trip(GUNYAH_RM_REPLY, 14616);
}

/* The bytes, written down by hand from the description of the interface. */
static void header_bytes(void)
{
	static const u8 first[] = { 0x21, 0x05, 0x5a, 0xa5, 0x20, 0x00, 0x00, 0x56 };
	static const u8 second[] = { 0x21, 0x04, 0x5a, 0xa5, 0x20, 0x00, 0x00, 0x56 };
	u8 buf[GUNYAH_RM_FRAG_SIZE];

	EQ(fragment(buf, GUNYAH_RM_REQUEST, 0, 233), 240);
	OK(!memcmp(buf, first, sizeof(first)));
	EQ(fragment(buf, GUNYAH_RM_REQUEST, 1, 233), 9);
	OK(!memcmp(buf, second, sizeof(second)));
	EQ(buf[8], payload[232]);
}

static void bad_headers(void)
{
	static const struct {
		unsigned int at;
		u8 value;
		enum gunyah_rm_drop drop;
	} cases[] = {
		{ 0, 0x20, GUNYAH_RM_DROP_VERSION },
		{ 0, 0x22, GUNYAH_RM_DROP_VERSION },
		{ 0, 0x2f, GUNYAH_RM_DROP_VERSION },
		{ 0, 0x01, GUNYAH_RM_DROP_HDR_SIZE },
		{ 0, 0x11, GUNYAH_RM_DROP_HDR_SIZE },
		{ 0, 0x31, GUNYAH_RM_DROP_HDR_SIZE },
		{ 0, 0xf1, GUNYAH_RM_DROP_HDR_SIZE },
		{ 1, 63 << 2 | 2, GUNYAH_RM_DROP_FRAGMENTS },
		{ 1, 62 << 2 | 2, GUNYAH_RM_DROP_NONE },
	};
	u8 buf[GUNYAH_RM_FRAG_SIZE + 1] = {};
	struct gunyah_rm_frag frag;
	size_t i, n;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		n = fragment(buf, GUNYAH_RM_REPLY, 0, 4);
		buf[cases[i].at] = cases[i].value;
		EQ(gunyah_rm_msg_decode(buf, n, &frag), cases[i].drop);
	}
	n = fragment(buf, GUNYAH_RM_REPLY, 0, 4);
	for (i = 0; i < GUNYAH_RM_HDR_SIZE; i++) {
		u8 *cut = malloc(i ? i : 1);

		memcpy(cut, buf, i);
		EQ(gunyah_rm_msg_decode(cut, i, &frag), GUNYAH_RM_DROP_SHORT);
		free(cut);
	}
	EQ(gunyah_rm_msg_decode(buf, 8, &frag), GUNYAH_RM_DROP_NONE);
	EQ(frag.size, 0);
	EQ(gunyah_rm_msg_decode(buf, 241, &frag), GUNYAH_RM_DROP_LONG);
}

/* A message of three fragments whose second one is wrong in one way. */
static void bad_continuations(void)
{
	static const struct {
		unsigned int at;
		u8 flip;
		enum gunyah_rm_drop drop;
	} cases[] = {
		{ 1, 1 << 2, GUNYAH_RM_DROP_CONT_COUNT },
		{ 2, 1, GUNYAH_RM_DROP_CONT_SEQ },
		{ 3, 0x80, GUNYAH_RM_DROP_CONT_SEQ },
		{ 4, 1, GUNYAH_RM_DROP_CONT_ID },
		{ 7, 0x80, GUNYAH_RM_DROP_CONT_ID },
	};
	u8 buf[GUNYAH_RM_FRAG_SIZE], dst[600];
	struct gunyah_rm_frag frag;
	struct gunyah_rm_rx rx = {};
	size_t i, n;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		n = fragment(buf, GUNYAH_RM_REPLY, 0, sizeof(dst));
		EQ(gunyah_rm_msg_decode(buf, n, &frag), GUNYAH_RM_DROP_NONE);
		EQ(gunyah_rm_rx_first(&rx, &frag, dst, sizeof(dst)), GUNYAH_RM_DROP_NONE);
		n = fragment(buf, GUNYAH_RM_REPLY, 1, sizeof(dst));
		buf[cases[i].at] ^= cases[i].flip;
		EQ(gunyah_rm_msg_decode(buf, n, &frag), GUNYAH_RM_DROP_NONE);
		EQ(gunyah_rm_rx_next(&rx, &frag), cases[i].drop);
		EQ(rx.left, 2);
		gunyah_rm_rx_forget(&rx);
		/* The rest of it is a continuation of nothing. */
		n = fragment(buf, GUNYAH_RM_REPLY, 2, sizeof(dst));
		EQ(gunyah_rm_msg_decode(buf, n, &frag), GUNYAH_RM_DROP_NONE);
		EQ(gunyah_rm_rx_next(&rx, &frag), GUNYAH_RM_DROP_STRAY);
	}
}

/* What begins no message, and more content than there is room for. */
static void bad_sums(void)
{
	u8 buf[GUNYAH_RM_FRAG_SIZE], *dst = malloc(300);
	struct gunyah_rm_frag frag;
	struct gunyah_rm_rx rx = {};
	size_t n;

	n = fragment(buf, GUNYAH_RM_REQUEST, 0, 300);
	EQ(gunyah_rm_msg_decode(buf, n, &frag), GUNYAH_RM_DROP_NONE);
	EQ(gunyah_rm_rx_first(&rx, &frag, dst, 300), GUNYAH_RM_DROP_TYPE);
	n = fragment(buf, GUNYAH_RM_REPLY, 1, 300);
	EQ(gunyah_rm_msg_decode(buf, n, &frag), GUNYAH_RM_DROP_NONE);
	EQ(gunyah_rm_rx_first(&rx, &frag, dst, 300), GUNYAH_RM_DROP_TYPE);
	EQ(gunyah_rm_rx_next(&rx, &frag), GUNYAH_RM_DROP_STRAY);

	n = fragment(buf, GUNYAH_RM_REPLY, 0, 301);
	EQ(gunyah_rm_msg_decode(buf, n, &frag), GUNYAH_RM_DROP_NONE);
	EQ(gunyah_rm_rx_first(&rx, &frag, dst, 231), GUNYAH_RM_DROP_SUM);
	EQ(rx.size, 0);
	EQ(gunyah_rm_rx_first(&rx, &frag, dst, 300), GUNYAH_RM_DROP_NONE);
	n = fragment(buf, GUNYAH_RM_REPLY, 1, 301);
	EQ(gunyah_rm_msg_decode(buf, n, &frag), GUNYAH_RM_DROP_NONE);
	EQ(gunyah_rm_rx_next(&rx, &frag), GUNYAH_RM_DROP_SUM);
	EQ(rx.size, GUNYAH_RM_CONTENT_SIZE);
	gunyah_rm_rx_forget(&rx);
	EQ(gunyah_rm_rx_next(&rx, &frag), GUNYAH_RM_DROP_STRAY);
	free(dst);
}

/* Followed without being kept: the fragments are told apart, nothing is written. */
static void nobody_wants_it(void)
{
	struct gunyah_rm_rx rx = {};
	struct gunyah_rm_frag frag;
	u8 buf[GUNYAH_RM_FRAG_SIZE];
	unsigned int i;

	for (i = 0; i < 63; i++) {
		size_t n = fragment(buf, GUNYAH_RM_REPLY, i, 14616);

		EQ(gunyah_rm_msg_decode(buf, n, &frag), GUNYAH_RM_DROP_NONE);
		EQ(i ? gunyah_rm_rx_next(&rx, &frag) : gunyah_rm_rx_first(&rx, &frag, NULL, 0),
		   GUNYAH_RM_DROP_NONE);
	}
	OK(gunyah_rm_rx_complete(&rx));
}

static void names(void)
{
	unsigned int i, j;

	for (i = 0; i < GUNYAH_RM_NR_DROPS; i++) {
		OK(gunyah_rm_drop_name(i) && *gunyah_rm_drop_name(i));
		for (j = 0; j < i; j++)
			OK(strcmp(gunyah_rm_drop_name(i), gunyah_rm_drop_name(j)));
	}
	OK(!strcmp(gunyah_rm_drop_name(GUNYAH_RM_NR_DROPS), "unknown"));
}

const struct tap_test framing_tests[] = {
	{ "every size up to three fragments, and the largest", every_size },
	{ "14616 bytes in 63 fragments, and not one more", largest },
	{ "the bytes of the header", header_bytes },
	{ "malformed headers", bad_headers },
	{ "continuations of another message", bad_continuations },
	{ "wrong first fragments and sums", bad_sums },
	{ "a message that nobody wants", nobody_wants_it },
	{ "every cause has a name of its own", names },
	{}
};
