/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A client of RM over the model's queues, on the driver's framing: what the
 * driver encodes the model has to understand, and the other way round.
 */
#ifndef HARNESS_RMLINK_H
#define HARNESS_RMLINK_H

#include "host.h"
#include "../../../../drivers/virt/gunyah/rm_msg.h"

#define RM_OK			0
#define RM_NORESOURCE		2
#define RM_DENIED		3
#define RM_MSG_INVALID		4
#define RM_ARGUMENT_INVALID	6
#define RM_UNIMPLEMENTED	0xffffffffu

/**
 * struct rm_reply - what came back
 * @replies: replies received
 * @notes: notifications received
 * @drops: fragments the driver's framing threw away
 * @drop: why the last one
 * @id: message id of the last reply
 * @seq: sequence number of the last reply
 * @size: its payload, status word included
 * @data: its payload
 * @note_id: message id of the last notification
 * @note_size: its payload
 * @note: its payload
 */
struct rm_reply {
	unsigned int replies;
	unsigned int notes;
	unsigned int drops;
	enum gunyah_rm_drop drop;
	u32 id;
	u16 seq;
	size_t size;
	u8 data[GUNYAH_RM_MAX_PAYLOAD];
	u32 note_id;
	size_t note_size;
	u8 note[GUNYAH_RM_MAX_PAYLOAD];
};

void rm_drain(struct host *h, struct rm_reply *r);
void rm_send(struct host *h, struct rm_reply *r, enum gunyah_rm_msg_type type, u32 id, u16 seq,
	     const void *payload, size_t size);
/* Request and reply; the status word, or ~0ull if there was not one reply. */
u64 rm_call(struct host *h, struct rm_reply *r, u32 id, const void *payload, size_t size);
u32 rm_word(const struct rm_reply *r, size_t index);

#endif
