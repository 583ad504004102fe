// SPDX-License-Identifier: GPL-2.0-only
/*
 * The resource manager of the client's fuzzer: takes requests, and sends what
 * the input says, as fragments right or wrong.
 */
#include "client.h"

#define NR_HELD		16
#define MAX_PAYLOAD	((GUNYAH_RM_MAX_FOLLOW + 2) * GUNYAH_RM_CONTENT_SIZE)

/* A message in fragments, and what has been sent of it */
static struct message {
	enum gunyah_rm_msg_type type;
	u32 id;
	u16 seq;
	u8 payload[MAX_PAYLOAD];
	size_t size;
	unsigned int next, nr;
} out;

/* The request that has come last, complete or not */
static struct {
	u32 id;
	u16 seq;
	bool complete;
} asked;

/* What came for it, put together as resource-manager.md says and no other way */
static struct {
	bool active, damaged, wanted;
	u8 type, follow, left;
	u16 seq;
	u32 id;
	size_t size;
	u8 payload[MAX_PAYLOAD];
} got;

static struct {
	bool there;
	u32 id;
	size_t size;
	u8 payload[MAX_PAYLOAD];
} answer;

/* The VMs that a VM_ALLOCATE was about, by sequence number, and those made */
static u16 wanted[U16_MAX + 1];
static DECLARE_BITMAP(vms, U16_MAX + 1);

static struct mbox_chan *channel;
static struct gunyah_msgq_msg *held[NR_HELD];
static unsigned int nr_held;

static enum {
	TX_TAKE,	/* and complete at once */
	TX_HOLD,	/* the queue is full */
	TX_REFUSE,	/* the mailbox does */
	TX_FAIL,	/* the hypervisor does */
} tx_mode;

void rm_reset(void)
{
	memset(&asked, 0, sizeof(asked));
	out.next = 0;
	out.nr = 0;
	got.active = false;
	answer.there = false;
	memset(wanted, 0, sizeof(wanted));
	bitmap_zero(vms, U16_MAX + 1);
	channel = NULL;
	nr_held = 0;
	tx_mode = TX_TAKE;
}

/* The mailbox */

int mbox_bind_client(struct mbox_chan *chan, struct mbox_client *client)
{
	/* As when the queue's driver is gone */
	if (in_take(1) == 0xff)
		return -ENODEV;

	chan->client = client;
	channel = chan;

	return 0;
}

void mbox_free_channel(struct mbox_chan *chan)
{
	chan->client = NULL;
	nr_held = 0;
}

/* What an assertion or a missing check in the public RM would die of */
static void request_check(const struct gunyah_rm_frag *frag, size_t sum)
{
	bool irq = asked.id >= RM_VM_IRQ_ACCEPT && asked.id <= RM_VM_IRQ_NOTIFY;

	KERNEL_ASSERT(!irq || sum);
	KERNEL_ASSERT(sum <= (frag->follow + 1u) * GUNYAH_RM_CONTENT_SIZE);
	/* A list of fixed addresses, with its count */
	if (asked.id == RM_IPA_RESERVE && frag->type == GUNYAH_RM_REQUEST && !frag->data[0])
		KERNEL_ASSERT(get_unaligned_le16(frag->data + 12) == 1);
	if (asked.id == RM_VM_DEALLOCATE)
		KERNEL_ASSERT(test_bit(get_unaligned_le16(frag->data), vms));
}

static void request_take(const struct gunyah_msgq_msg *msg)
{
	static unsigned int left;
	struct gunyah_rm_frag frag;
	static size_t sum;

	KERNEL_ASSERT(!gunyah_rm_msg_decode(msg->data, msg->size, &frag));
	if (frag.type == GUNYAH_RM_CONTINUATION) {
		KERNEL_ASSERT(frag.id == asked.id && frag.seq == asked.seq && left);
		left--;
		sum += frag.size;
	} else {
		KERNEL_ASSERT(frag.type == GUNYAH_RM_REQUEST);
		asked.id = frag.id;
		asked.seq = frag.seq;
		left = frag.follow;
		sum = frag.size;
		answer.there = false;
		/* What has begun before is the answer to another, whatever its number. */
		got.wanted = false;
		if (asked.id == RM_VM_ALLOCATE)
			wanted[asked.seq] = get_unaligned_le16(frag.data);
	}
	request_check(&frag, sum);
	asked.complete = !left;
	KERNEL_ASSERT(msg->push == asked.complete);
}

int mbox_send_message(struct mbox_chan *chan, void *mssg)
{
	struct gunyah_msgq_msg *msg = mssg;

	KERNEL_ASSERT(chan->client && nr_held < NR_HELD);
	if (tx_mode == TX_REFUSE) {
		tx_mode = TX_TAKE;
		return -ENOBUFS;
	}
	request_take(msg);
	held[nr_held++] = msg;

	return 0;
}

static void release(int status)
{
	struct gunyah_msgq_msg *msg = held[0];

	nr_held--;
	memmove(held, held + 1, nr_held * sizeof(held[0]));
	msg->status = status;
	channel->client->tx_done(channel->client, msg, status);
}

int mbox_flush(struct mbox_chan *chan, unsigned long timeout)
{
	if (tx_mode == TX_HOLD)
		return 1;

	while (nr_held) {
		release(tx_mode == TX_FAIL ? -EIO : 0);
		tx_mode = TX_TAKE;
	}

	return 0;
}

bool mbox_client_peek_data(struct mbox_chan *chan)
{
	KERNEL_ASSERT(chan->client);

	return true;
}

/* What is sent */

/* A VM is made if the client is told so, in time or not. */
static void vm_made(void)
{
	u32 vmid = wanted[got.seq];

	if (got.size < 4 || get_unaligned_le32(got.payload))
		return;
	if (!vmid && got.size >= 8)
		vmid = get_unaligned_le32(got.payload + 4);
	if (vmid <= U16_MAX)
		set_bit(vmid, vms);
}

static void got_end(void)
{
	got.active = false;
	if (got.type == GUNYAH_RM_REPLY && got.id == RM_VM_ALLOCATE && !got.damaged)
		vm_made();
	if (!got.wanted || got.damaged || got.seq != asked.seq || answer.there)
		return;

	answer.there = true;
	answer.id = got.id;
	answer.size = got.size;
	memcpy(answer.payload, got.payload, got.size);
}

static void got_append(const u8 *data, size_t size)
{
	if (size > sizeof(got.payload) - got.size)
		got.damaged = true;
	if (!got.damaged) {
		memcpy(got.payload + got.size, data, size);
		got.size += size;
	}
	if (!got.left)
		got_end();
}

static void got_fragment(const u8 *wire, size_t size)
{
	u16 seq;
	u32 id;

	if (size < 8 || size > 240 || wire[0] != 0x21 || wire[1] >> 2 > 62) {
		got.active = false;
		return;
	}
	seq = get_unaligned_le16(wire + 2);
	id = get_unaligned_le32(wire + 4);

	if (wire[1] & 3) {
		got.type = wire[1] & 3;
		got.follow = wire[1] >> 2;
		got.left = got.follow;
		got.seq = seq;
		got.id = id;
		got.size = 0;
		got.damaged = false;
		got.active = true;
		got.wanted = got.type == GUNYAH_RM_REPLY && id == asked.id &&
			     seq == asked.seq && asked.complete;
		got_append(wire + 8, size - 8);
	} else if (got.active && got.id == id && got.seq == seq && got.follow == wire[1] >> 2) {
		got.left--;
		got_append(wire + 8, size - 8);
	} else {
		got.active = false;
	}
}

/* A fragment in memory of just its size, which is gone afterwards */
static void deliver(const u8 *wire, size_t size)
{
	struct gunyah_msgq_msg msg = { .data = malloc(size ? size : 1), .size = size };

	memcpy(msg.data, wire, size);
	got_fragment(wire, size);
	channel->client->rx_callback(channel->client, &msg);
	free(msg.data);
}

static void send_next(void)
{
	u8 wire[GUNYAH_RM_FRAG_SIZE];
	size_t size;

	if (out.next >= out.nr)
		return;

	size = gunyah_rm_msg_encode(wire, out.type, out.id, out.seq, out.payload, out.size,
				    out.next++);
	deliver(wire, size);
}

static void send(unsigned int nr)
{
	while (nr-- && out.next < out.nr)
		send_next();
}

/* Bytes that are given, and then always the same */
static void payload(size_t head)
{
	size_t size = in_take(2) % (GUNYAH_RM_MAX_PAYLOAD + 1);
	size_t given = min_t(size_t, in_take(1), size);

	if (size < head)
		size = head;
	memset(out.payload + head, in_take(1), sizeof(out.payload) - head);
	in_copy(out.payload + head, min(given, size - head));
	out.size = size;
}

static void message(enum gunyah_rm_msg_type type, u32 id, u16 seq)
{
	out.type = type;
	out.id = id;
	out.seq = seq;
	out.next = 0;
	out.nr = gunyah_rm_msg_nr_frags(out.size);
}

/* Bytes of an entry in the list that a call is answered with */
static size_t entry_size(u32 id)
{
	switch (id) {
	case RM_VM_GET_HYP_RESOURCES:
		return 44;
	case RM_MEM_ACCEPT:
		return 16;
	case RM_IPA_RESERVE:
		return 8;
	default:
		return 4;
	}
}

/* A reply of a success with a list, whose count is right or wrong by a bit */
static void list_reply(void)
{
	s8 wrong = (s8)in_take(1);
	size_t entry = entry_size(asked.id);
	u32 nr;

	payload(8);
	nr = (out.size - 8) / entry + wrong;
	out.size = 8 + (out.size - 8) / entry * entry;
	memset(out.payload, 0, 4);
	out.payload[4] = nr;
	out.payload[5] = nr >> 8;
	if (asked.id != RM_MEM_ACCEPT) {
		out.payload[6] = nr >> 16;
		out.payload[7] = nr >> 24;
	}
}

static void any_reply(void)
{
	u8 status = in_take(1);

	payload(4);
	memset(out.payload, status == 0xff ? 0xff : 0, 4);
	out.payload[0] = status;
}

static const u32 notifications[] = {
	GUNYAH_RM_NOTIF_VM_EXITED, GUNYAH_RM_NOTIF_VM_SHUTDOWN, GUNYAH_RM_NOTIF_VM_STATUS,
	GUNYAH_RM_NOTIF_IRQ_LENT, GUNYAH_RM_NOTIF_IRQ_RELEASED, GUNYAH_RM_NOTIF_IRQ_ACCEPTED,
	GUNYAH_RM_NOTIF_CONSOLE_CHARS, GUNYAH_RM_NOTIF_MEM_SHARED,
	GUNYAH_RM_NOTIF_MEM_RELEASED, GUNYAH_RM_NOTIF_MEM_ACCEPTED, GUNYAH_RM_NOTIF_MEM_RECALL,
};

static void notification(void)
{
	u8 which = in_take(1);
	u32 id = which < ARRAY_SIZE(notifications) ? notifications[which] : in_take(4);

	payload(0);
	message(GUNYAH_RM_NOTIFICATION, id, in_take(1));
}

static void raw(void)
{
	u8 wire[256];
	size_t size = in_take(1);

	in_copy(wire, size);
	deliver(wire, size);
}

/* The next fragment with one of its fields changed */
static void spoilt(void)
{
	u8 wire[GUNYAH_RM_FRAG_SIZE + 1] = {};
	u8 at = in_take(1) % GUNYAH_RM_HDR_SIZE, bits = in_take(1);
	size_t size;

	if (out.next >= out.nr)
		return;

	size = gunyah_rm_msg_encode(wire, out.type, out.id, out.seq, out.payload, out.size,
				    out.next);
	wire[at] ^= bits;
	deliver(wire, size);
}

enum {
	EV_LIST,
	EV_REPLY,
	EV_PART_LIST,
	EV_PART_REPLY,
	EV_NEXT,
	EV_REST,
	EV_AGAIN,
	EV_SPOILT,
	EV_RAW,
	EV_NOTIFICATION,
	EV_PART_NOTIFICATION,
	EV_FLOOD,
	EV_TX_MODE,
	EV_RELEASE,
	EV_KILL,
	EV_TIME,
	EV_WORK,
	NR_EVENTS
};

static void reply(bool list, unsigned int nr)
{
	if (list)
		list_reply();
	else
		any_reply();
	message(GUNYAH_RM_REPLY, asked.id, asked.seq);
	send(nr);
}

static void again(unsigned int nr)
{
	out.next = out.next > nr ? out.next - nr : 0;
	send(nr);
}

static void flood(void)
{
	unsigned int nr = in_take(1) * 4;

	notification();
	while (nr--) {
		out.next = 0;
		send(out.nr);
	}
}

/*
 * One thing happens.
 * Return: false if nothing is left that could.
 */
bool rm_event(enum kernel_event *event)
{
	*event = KERNEL_EVENT_SOME;
	if (!in_left())
		return false;

	switch (in_take(1) % NR_EVENTS) {
	case EV_LIST:
		reply(true, UINT32_MAX);
		break;
	case EV_REPLY:
		reply(false, UINT32_MAX);
		break;
	case EV_PART_LIST:
		reply(true, in_take(1) % 64);
		break;
	case EV_PART_REPLY:
		reply(false, in_take(1) % 64);
		break;
	case EV_NEXT:
		send_next();
		break;
	case EV_REST:
		send(UINT32_MAX);
		break;
	case EV_AGAIN:
		again(in_take(1) % 64);
		break;
	case EV_SPOILT:
		spoilt();
		break;
	case EV_RAW:
		raw();
		break;
	case EV_NOTIFICATION:
		notification();
		send(UINT32_MAX);
		break;
	case EV_PART_NOTIFICATION:
		notification();
		send(in_take(1) % 64);
		break;
	case EV_FLOOD:
		flood();
		break;
	case EV_TX_MODE:
		tx_mode = in_take(1) % 4;
		break;
	case EV_RELEASE:
		if (nr_held)
			release(in_take(1) & 1 ? -EIO : 0);
		break;
	case EV_KILL:
		*event = KERNEL_EVENT_KILL;
		break;
	case EV_TIME:
		*event = KERNEL_EVENT_TIME;
		break;
	case EV_WORK:
		kernel_work_run();
		break;
	}

	return true;
}

/* Is this what was sent in answer to the call? */
bool rm_answered(u32 id, const void *resp, size_t size, size_t max)
{
	return answer.there && answer.id == id && size == min(answer.size, max) &&
	       !memcmp(answer.payload, resp, size);
}
