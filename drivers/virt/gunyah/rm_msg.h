/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Framing of messages to and from the Gunyah resource manager (RM).
 *
 * Pure code: no locks, no I/O, no device, no allocation. rm_msg.c and this
 * header also build in user space, where they are fuzzed; what they include is
 * all that the shim there has to offer.
 */
#ifndef __GUNYAH_RM_MSG_H
#define __GUNYAH_RM_MSG_H

#include <linux/types.h>

/* One fragment: a header of 8 bytes and up to 232 bytes of the payload. */
#define GUNYAH_RM_FRAG_SIZE	240
#define GUNYAH_RM_HDR_SIZE	8
#define GUNYAH_RM_CONTENT_SIZE	(GUNYAH_RM_FRAG_SIZE - GUNYAH_RM_HDR_SIZE)

/* RM counts the fragments after the first one, up to 62 of them. */
#define GUNYAH_RM_MAX_FOLLOW	62
#define GUNYAH_RM_MAX_PAYLOAD	((GUNYAH_RM_MAX_FOLLOW + 1) * GUNYAH_RM_CONTENT_SIZE)

/* Requests stay one fragment below that, as every shipped client does. */
#define GUNYAH_RM_MAX_REQUEST	(GUNYAH_RM_MAX_FOLLOW * GUNYAH_RM_CONTENT_SIZE)

/**
 * enum gunyah_rm_msg_type - type of a fragment, as on the wire
 * @GUNYAH_RM_CONTINUATION: any fragment of a message but the first
 * @GUNYAH_RM_REQUEST: first fragment from a VM to RM
 * @GUNYAH_RM_REPLY: first fragment of RM's answer
 * @GUNYAH_RM_NOTIFICATION: first fragment of what RM sends unasked
 */
enum gunyah_rm_msg_type {
	GUNYAH_RM_CONTINUATION	= 0,
	GUNYAH_RM_REQUEST	= 1,
	GUNYAH_RM_REPLY		= 2,
	GUNYAH_RM_NOTIFICATION	= 3,
};

/**
 * enum gunyah_rm_drop - why a fragment or a message was thrown away
 * @GUNYAH_RM_DROP_NONE: it was not
 * @GUNYAH_RM_DROP_SHORT: fewer bytes than a header
 * @GUNYAH_RM_DROP_LONG: more bytes than a fragment can have
 * @GUNYAH_RM_DROP_VERSION: version of the interface is not 1
 * @GUNYAH_RM_DROP_HDR_SIZE: header length is not two words
 * @GUNYAH_RM_DROP_FRAGMENTS: more than 62 following fragments announced
 * @GUNYAH_RM_DROP_TYPE: a first fragment that RM never sends (a request)
 * @GUNYAH_RM_DROP_STRAY: continuation of nothing
 * @GUNYAH_RM_DROP_CONT_ID: continuation with another message id
 * @GUNYAH_RM_DROP_CONT_SEQ: continuation with another sequence number
 * @GUNYAH_RM_DROP_CONT_COUNT: continuation with another fragment count
 * @GUNYAH_RM_DROP_SUM: more content than the message may have
 * @GUNYAH_RM_DROP_CUT: a new message began before this one was complete
 * @GUNYAH_RM_DROP_REPLY_LATE: reply to a call that has been given up
 * @GUNYAH_RM_DROP_REPLY_TWICE: second reply to the call answered last
 * @GUNYAH_RM_DROP_REPLY_FOREIGN: reply to something never asked
 * @GUNYAH_RM_DROP_REPLY_ID: reply with the number of the pending call and
 *	another message id
 * @GUNYAH_RM_DROP_REPLY_SHORT: reply without what the call must get
 * @GUNYAH_RM_DROP_REPLY_LONG: reply with more than the call can get
 * @GUNYAH_RM_DROP_NOTIF_FULL: no room left for this notification
 * @GUNYAH_RM_DROP_NOTIF_SHORT: notification without what its id needs
 * @GUNYAH_RM_NR_DROPS: number of causes
 *
 * The causes up to CUT are found here, the others by the receiver.
 */
enum gunyah_rm_drop {
	GUNYAH_RM_DROP_NONE,
	GUNYAH_RM_DROP_SHORT,
	GUNYAH_RM_DROP_LONG,
	GUNYAH_RM_DROP_VERSION,
	GUNYAH_RM_DROP_HDR_SIZE,
	GUNYAH_RM_DROP_FRAGMENTS,
	GUNYAH_RM_DROP_TYPE,
	GUNYAH_RM_DROP_STRAY,
	GUNYAH_RM_DROP_CONT_ID,
	GUNYAH_RM_DROP_CONT_SEQ,
	GUNYAH_RM_DROP_CONT_COUNT,
	GUNYAH_RM_DROP_SUM,
	GUNYAH_RM_DROP_CUT,
	GUNYAH_RM_DROP_REPLY_LATE,
	GUNYAH_RM_DROP_REPLY_TWICE,
	GUNYAH_RM_DROP_REPLY_FOREIGN,
	GUNYAH_RM_DROP_REPLY_ID,
	GUNYAH_RM_DROP_REPLY_SHORT,
	GUNYAH_RM_DROP_REPLY_LONG,
	GUNYAH_RM_DROP_NOTIF_FULL,
	GUNYAH_RM_DROP_NOTIF_SHORT,
	GUNYAH_RM_NR_DROPS
};

/**
 * struct gunyah_rm_frag - one decoded fragment
 * @type: what it is
 * @follow: fragments that follow the first one of its message, 0..62
 * @seq: sequence number
 * @id: message id
 * @data: content, inside the decoded buffer
 * @size: bytes of it, 0..232
 */
struct gunyah_rm_frag {
	enum gunyah_rm_msg_type type;
	u8 follow;
	u16 seq;
	u32 id;
	const u8 *data;
	size_t size;
};

/**
 * struct gunyah_rm_rx - one message being put together
 * @active: there is one; the other fields mean something only then
 * @type: type of its first fragment
 * @follow: fragment count all its fragments have to carry
 * @left: fragments still to come
 * @seq: sequence number all its fragments have to carry
 * @id: message id all its fragments have to carry
 * @dst: where the content goes; NULL to follow the message without keeping it
 * @cap: bytes there is room for
 * @size: bytes of content so far
 *
 * RM never interleaves two messages, so one of these serves a direction. It
 * begins as zeroes. The memory at @dst belongs to the user of this struct, who
 * must call gunyah_rm_rx_forget() or set @dst to NULL before it goes away.
 */
struct gunyah_rm_rx {
	bool active;
	enum gunyah_rm_msg_type type;
	u8 follow;
	u8 left;
	u16 seq;
	u32 id;
	u8 *dst;
	size_t cap;
	size_t size;
};

unsigned int gunyah_rm_msg_nr_frags(size_t size);
size_t gunyah_rm_msg_encode(u8 *buf, enum gunyah_rm_msg_type type, u32 id, u16 seq,
			    const void *payload, size_t size, unsigned int index);
enum gunyah_rm_drop gunyah_rm_msg_decode(const void *buf, size_t size,
					 struct gunyah_rm_frag *frag);
u32 gunyah_rm_msg_status(const void *payload);

enum gunyah_rm_drop gunyah_rm_rx_first(struct gunyah_rm_rx *rx,
				       const struct gunyah_rm_frag *frag, void *dst, size_t cap);
enum gunyah_rm_drop gunyah_rm_rx_next(struct gunyah_rm_rx *rx, const struct gunyah_rm_frag *frag);
void gunyah_rm_rx_forget(struct gunyah_rm_rx *rx);

/**
 * gunyah_rm_rx_complete() - is the message all there?
 * @rx: a message
 *
 * Return: true if @rx holds a message and its last fragment has come.
 */
static inline bool gunyah_rm_rx_complete(const struct gunyah_rm_rx *rx)
{
	return rx->active && !rx->left;
}

const char *gunyah_rm_drop_name(enum gunyah_rm_drop drop);

#endif
