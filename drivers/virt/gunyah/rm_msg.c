// SPDX-License-Identifier: GPL-2.0-only
/*
 * Framing of messages to and from the Gunyah resource manager (RM).
 *
 * A message is a payload and, for each 232 bytes of it, a fragment with a
 * header of 8 bytes. The first fragment says what the message is (request,
 * reply, notification) and how many fragments follow; these are called
 * continuations and repeat the message id, the sequence number and the count.
 *
 * This file knows the header and the rules by which fragments form a message.
 * It does not know what a payload means, who waits for a reply or where a
 * fragment comes from. What RM sends is never trusted: each way to be wrong has
 * its own cause in enum gunyah_rm_drop.
 *
 * No locks, no I/O, no device, no allocation, and it builds in user space (for
 * sanitizers and the fuzzer). All that a shim has to offer there is in the
 * headers below: __packed, static_assert(), min_t(), memcpy(), memset(), the
 * types, four byte-order conversions and an empty EXPORT_SYMBOL_IF_KUNIT().
 */
#include <linux/build_bug.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/byteorder.h>
#include <kunit/visibility.h>

#include "rm_msg.h"

#define HDR_API_VERSION		0x01	/* byte 0, bits 3:0 */
#define HDR_API_MASK		0x0f
#define HDR_WORDS		0x20	/* byte 0, bits 7:4: header length in words */
#define HDR_WORDS_MASK		0xf0
#define HDR_TYPE_MASK		0x03	/* byte 1, bits 1:0 */
#define HDR_FOLLOW_SHIFT	2	/* byte 1, bits 7:2 */

/* The header as it is on the wire. */
struct rm_msg_hdr {
	u8 api;
	u8 type;
	__le16 seq;
	__le32 id;
} __packed;

static_assert(sizeof(struct rm_msg_hdr) == GUNYAH_RM_HDR_SIZE);

/**
 * gunyah_rm_msg_nr_frags() - fragments needed for a payload
 * @size: bytes of payload, 0..GUNYAH_RM_MAX_PAYLOAD
 *
 * Return: at least 1, since a message without payload is a header.
 */
unsigned int gunyah_rm_msg_nr_frags(size_t size)
{
	if (!size)
		return 1;

	return (size - 1) / GUNYAH_RM_CONTENT_SIZE + 1;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_msg_nr_frags);

/**
 * gunyah_rm_msg_encode() - write one fragment of a message
 * @buf: GUNYAH_RM_FRAG_SIZE bytes
 * @type: type of the message
 * @id: message id
 * @seq: sequence number
 * @payload: the whole payload; may be NULL if @size is 0
 * @size: bytes of it, 0..GUNYAH_RM_MAX_PAYLOAD
 * @index: which fragment, 0..gunyah_rm_msg_nr_frags(@size) - 1
 *
 * Return: bytes to send, or 0 if there is no such fragment.
 */
size_t gunyah_rm_msg_encode(u8 *buf, enum gunyah_rm_msg_type type, u32 id, u16 seq,
			    const void *payload, size_t size, unsigned int index)
{
	unsigned int nr = gunyah_rm_msg_nr_frags(size);
	struct rm_msg_hdr *hdr = (struct rm_msg_hdr *)buf;
	size_t offset, len;

	if (size > GUNYAH_RM_MAX_PAYLOAD || index >= nr)
		return 0;

	hdr->api = HDR_API_VERSION | HDR_WORDS;
	hdr->type = (nr - 1) << HDR_FOLLOW_SHIFT;
	if (!index)
		hdr->type |= type & HDR_TYPE_MASK;
	hdr->seq = cpu_to_le16(seq);
	hdr->id = cpu_to_le32(id);

	offset = (size_t)index * GUNYAH_RM_CONTENT_SIZE;
	len = min_t(size_t, size - offset, GUNYAH_RM_CONTENT_SIZE);
	if (len)
		memcpy(buf + sizeof(*hdr), (const u8 *)payload + offset, len);

	return sizeof(*hdr) + len;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_msg_encode);

/**
 * gunyah_rm_msg_decode() - read one fragment
 * @buf: what was received
 * @size: bytes of it
 * @frag: filled in if the header is one that can be understood
 *
 * Return: GUNYAH_RM_DROP_NONE, or why the fragment has to be dropped.
 */
enum gunyah_rm_drop gunyah_rm_msg_decode(const void *buf, size_t size,
					 struct gunyah_rm_frag *frag)
{
	const struct rm_msg_hdr *hdr = buf;
	u8 follow;

	if (size < sizeof(*hdr))
		return GUNYAH_RM_DROP_SHORT;
	if (size > GUNYAH_RM_FRAG_SIZE)
		return GUNYAH_RM_DROP_LONG;
	if ((hdr->api & HDR_API_MASK) != HDR_API_VERSION)
		return GUNYAH_RM_DROP_VERSION;
	if ((hdr->api & HDR_WORDS_MASK) != HDR_WORDS)
		return GUNYAH_RM_DROP_HDR_SIZE;

	follow = hdr->type >> HDR_FOLLOW_SHIFT;
	if (follow > GUNYAH_RM_MAX_FOLLOW)
		return GUNYAH_RM_DROP_FRAGMENTS;

	frag->type = (enum gunyah_rm_msg_type)(hdr->type & HDR_TYPE_MASK);
	frag->follow = follow;
	frag->seq = le16_to_cpu(hdr->seq);
	frag->id = le32_to_cpu(hdr->id);
	frag->data = (const u8 *)buf + sizeof(*hdr);
	frag->size = size - sizeof(*hdr);

	return GUNYAH_RM_DROP_NONE;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_msg_decode);

/**
 * gunyah_rm_msg_status() - status word of a reply
 * @payload: the reply's payload, at least 4 bytes
 *
 * Return: the status.
 */
u32 gunyah_rm_msg_status(const void *payload)
{
	__le32 status;

	memcpy(&status, payload, sizeof(status));

	return le32_to_cpu(status);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_msg_status);

/* Take the content of @frag, which is known to belong to @rx. */
static enum gunyah_rm_drop rx_append(struct gunyah_rm_rx *rx, const struct gunyah_rm_frag *frag)
{
	if (!rx->dst)
		return GUNYAH_RM_DROP_NONE;

	if (frag->size > rx->cap - rx->size)
		return GUNYAH_RM_DROP_SUM;

	if (frag->size)
		memcpy(rx->dst + rx->size, frag->data, frag->size);
	rx->size += frag->size;

	return GUNYAH_RM_DROP_NONE;
}

/**
 * gunyah_rm_rx_first() - begin a message
 * @rx: where it is put together; whatever was there before is forgotten
 * @frag: its first fragment
 * @dst: where the content goes, or NULL if nobody wants it
 * @cap: bytes there is room for at @dst
 *
 * Return: GUNYAH_RM_DROP_NONE; GUNYAH_RM_DROP_TYPE for a continuation or a
 * request, which do not begin a message of RM, or GUNYAH_RM_DROP_SUM. If it is
 * not NONE, the caller has to call gunyah_rm_rx_forget().
 */
enum gunyah_rm_drop gunyah_rm_rx_first(struct gunyah_rm_rx *rx,
				       const struct gunyah_rm_frag *frag, void *dst, size_t cap)
{
	gunyah_rm_rx_forget(rx);

	if (frag->type != GUNYAH_RM_REPLY && frag->type != GUNYAH_RM_NOTIFICATION)
		return GUNYAH_RM_DROP_TYPE;

	rx->active = true;
	rx->type = frag->type;
	rx->follow = frag->follow;
	rx->left = frag->follow;
	rx->seq = frag->seq;
	rx->id = frag->id;
	rx->dst = dst;
	rx->cap = cap;

	return rx_append(rx, frag);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_rx_first);

/**
 * gunyah_rm_rx_next() - add a continuation
 * @rx: the message being put together
 * @frag: a fragment of type GUNYAH_RM_CONTINUATION
 *
 * RM never interleaves messages. A continuation that does not fit means that
 * one of this message's own was damaged or lost, so the whole message is given
 * up instead of waiting for a fragment that cannot come.
 *
 * Return: GUNYAH_RM_DROP_NONE, or why the fragment was dropped. If it is not
 * NONE, @rx is as it was, and the caller has to call gunyah_rm_rx_forget().
 */
enum gunyah_rm_drop gunyah_rm_rx_next(struct gunyah_rm_rx *rx, const struct gunyah_rm_frag *frag)
{
	if (!rx->active || !rx->left)
		return GUNYAH_RM_DROP_STRAY;
	if (frag->id != rx->id)
		return GUNYAH_RM_DROP_CONT_ID;
	if (frag->seq != rx->seq)
		return GUNYAH_RM_DROP_CONT_SEQ;
	if (frag->follow != rx->follow)
		return GUNYAH_RM_DROP_CONT_COUNT;

	rx->left--;

	return rx_append(rx, frag);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_rx_next);

/**
 * gunyah_rm_rx_forget() - give up the message, or make room for the next one
 * @rx: message
 */
void gunyah_rm_rx_forget(struct gunyah_rm_rx *rx)
{
	memset(rx, 0, sizeof(*rx));
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_rx_forget);

static const char * const drop_names[GUNYAH_RM_NR_DROPS] = {
	[GUNYAH_RM_DROP_NONE]		= "none",
	[GUNYAH_RM_DROP_SHORT]		= "short",
	[GUNYAH_RM_DROP_LONG]		= "long",
	[GUNYAH_RM_DROP_VERSION]	= "version",
	[GUNYAH_RM_DROP_HDR_SIZE]	= "header-size",
	[GUNYAH_RM_DROP_FRAGMENTS]	= "fragment-count",
	[GUNYAH_RM_DROP_TYPE]		= "type",
	[GUNYAH_RM_DROP_STRAY]		= "stray-continuation",
	[GUNYAH_RM_DROP_CONT_ID]	= "continuation-id",
	[GUNYAH_RM_DROP_CONT_SEQ]	= "continuation-seq",
	[GUNYAH_RM_DROP_CONT_COUNT]	= "continuation-count",
	[GUNYAH_RM_DROP_SUM]		= "sum",
	[GUNYAH_RM_DROP_CUT]		= "cut",
	[GUNYAH_RM_DROP_REPLY_LATE]	= "reply-late",
	[GUNYAH_RM_DROP_REPLY_TWICE]	= "reply-twice",
	[GUNYAH_RM_DROP_REPLY_FOREIGN]	= "reply-foreign",
	[GUNYAH_RM_DROP_REPLY_ID]	= "reply-id",
	[GUNYAH_RM_DROP_REPLY_SHORT]	= "reply-short",
	[GUNYAH_RM_DROP_REPLY_LONG]	= "reply-long",
	[GUNYAH_RM_DROP_NOTIF_FULL]	= "notification-full",
	[GUNYAH_RM_DROP_NOTIF_SHORT]	= "notification-short",
};

/**
 * gunyah_rm_drop_name() - name of a cause, for counters and traces
 * @drop: cause
 *
 * Return: name, "unknown" for a number that is no cause.
 */
const char *gunyah_rm_drop_name(enum gunyah_rm_drop drop)
{
	if ((unsigned int)drop >= GUNYAH_RM_NR_DROPS)
		return "unknown";

	return drop_names[drop];
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_drop_name);
