// SPDX-License-Identifier: GPL-2.0-only
/* Message queues of the model, by hypercalls. */
#include "host.h"
#include "tap.h"

struct queue {
	u64 tx, rx;
	u32 tx_virq, rx_virq;
};

/* A pair to a peer that moves only when told. */
static struct queue pair(struct host *h, u32 flags, u32 depth, u32 size)
{
	struct queue q;

	EQ(host_debug(h, GM_DBG_QUEUE_CREATE, GM_DBG_QUEUE_TX | GM_DBG_QUEUE_RX | flags,
		      depth | size << 16, depth | size << 16, 0), 0);
	q.tx = h->x[1];
	q.tx_virq = (u32)h->x[2];
	q.rx = h->x[3];
	q.rx_virq = (u32)h->x[4];
	return q;
}

static s64 peer_sends(struct host *h, const struct queue *q, u64 size, u64 count)
{
	s64 err = host_debug(h, GM_DBG_QUEUE_PEER_SEND, q->rx, size, count, 0);

	return err ? err : (s64)h->x[1];
}

static void fill_and_drain(void)
{
	static const struct {
		u32 depth, size;
	} sizes[] = { { 1, 1 }, { 1, 1023 }, { 2, 240 }, { 8, 240 }, { 255, 1 }, { 255, 1023 } };
	u8 msg[1023] = { 0x5a };
	struct host h;
	size_t i;
	u32 n;

	EQ(host_init(&h, "debug"), 0);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		u32 depth = sizes[i].depth, size = sizes[i].size;
		struct queue q = pair(&h, 0, depth, size);

		host_virqs(&h, q.tx_virq);
		for (n = 0; n < depth; n++) {
			EQ(host_send(&h, q.tx, msg, size, 0), HE_OK);
			EQ(h.x[1], n + 1 < depth);
		}
		EQ(host_send(&h, q.tx, msg, size, 0), HE_FULL);
		EQ(h.x[1], 0);
		EQ(host_virqs(&h, q.tx_virq), 0);
		EQ(host_debug(&h, GM_DBG_QUEUE_PEER_RECV, q.tx, depth, 0, 0), 0);
		EQ(h.x[1], depth);
		EQ(host_virqs(&h, q.tx_virq), 1);

		EQ(peer_sends(&h, &q, size, depth + 1), depth);
		for (n = 0; n < depth; n++) {
			EQ(host_recv(&h, q.rx, msg, sizeof(msg)), HE_OK);
			EQ(h.x[1], size);
			EQ(h.x[2], n + 1 < depth);
			EQ(msg[0], (u8)n);
		}
		EQ(host_recv(&h, q.rx, msg, sizeof(msg)), HE_EMPTY);
		EQ(host_debug(&h, GM_DBG_QUEUE_DESTROY, q.tx, 0, 0, 0), 0);
		EQ(host_debug(&h, GM_DBG_QUEUE_DESTROY, q.rx, 0, 0, 0), 0);
	}
	host_exit(&h);
}

static void edges(void)
{
	struct host h;
	struct queue q;
	u8 msg[240];

	EQ(host_init(&h, "debug"), 0);
	q = pair(&h, 0, 8, 240);
	host_virqs(&h, q.rx_virq);
	EQ(peer_sends(&h, &q, 4, 3), 3);
	OK(host_virqs(&h, q.rx_virq) >= 1);
	/* Above the threshold no further edge comes on its own... */
	EQ(host_recv(&h, q.rx, msg, sizeof(msg)), HE_OK);
	EQ(host_virqs(&h, q.rx_virq), 0);
	/* ... but setting the threshold looks at the level. */
	EQ(host_call(&h, HC_MSGQ_CONF_RECV, q.rx, 1, 0xffffffff, HC_ALL_ONES, 0), HE_OK);
	EQ(host_virqs(&h, q.rx_virq), 1);
	EQ(host_call(&h, HC_MSGQ_FLUSH, q.rx, 0, 0, 0, 0), HE_OK);
	EQ(host_recv(&h, q.rx, msg, sizeof(msg)), HE_EMPTY);
	host_exit(&h);
}

static void thresholds(void)
{
	struct host h;
	struct queue q;

	EQ(host_init(&h, "debug"), 0);
	q = pair(&h, 0, 8, 240);
	EQ(host_call(&h, HC_MSGQ_CONF_SEND, q.tx, 7, 0xffffffff, HC_ALL_ONES, 0), HE_OK);
	EQ(host_call(&h, HC_MSGQ_CONF_SEND, q.tx, 8, 0xffffffff, HC_ALL_ONES, 0),
	   HE_ARGUMENT_INVALID);
	EQ(host_call(&h, HC_MSGQ_CONF_SEND, q.tx, 0xffffffff, 0xffffffff, HC_ALL_ONES, 0), HE_OK);
	EQ(host_call(&h, HC_MSGQ_CONF_SEND, q.tx, 1, 0, HC_ALL_ONES, 0), HE_UNIMPLEMENTED);
	EQ(host_call(&h, HC_MSGQ_CONF_RECV, q.rx, 0, 0xffffffff, HC_ALL_ONES, 0),
	   HE_ARGUMENT_INVALID);
	EQ(host_call(&h, HC_MSGQ_CONF_RECV, q.rx, 9, 0xffffffff, HC_ALL_ONES, 0),
	   HE_ARGUMENT_INVALID);
	EQ(host_call(&h, HC_MSGQ_CONF_RECV, q.rx, 0xfffffffe, 0xffffffff, HC_ALL_ONES, 0), HE_OK);
	EQ(host_debug(&h, GM_DBG_QUEUE_INFO, q.rx, 0, 0, 0), 0);
	EQ(h.x[5], 8);
	host_exit(&h);
}

/* The real one loses such messages and says OK; the document has errors. */
static void bad_copies(void)
{
	static const char * const options[] = { "debug", "debug,bug=copy-doc" };
	u64 end = HOST_BASE + HOST_MEM;
	struct host h;
	struct queue q;
	int doc;

	for (doc = 0; doc < 2; doc++) {
		EQ(host_init(&h, options[doc]), 0);
		q = pair(&h, 0, 8, 240);
		EQ(host_call(&h, HC_MSGQ_SEND, q.tx, 241, HOST_BASE, 0, 0),
		   doc ? HE_ARGUMENT_SIZE : HE_OK);
		EQ(host_call(&h, HC_MSGQ_SEND, q.tx, 0, HOST_BASE, 0, 0),
		   doc ? HE_ARGUMENT_SIZE : HE_OK);
		EQ(host_call(&h, HC_MSGQ_SEND, q.tx, 9, end - 8, 0, 0),
		   doc ? HE_ADDR_INVALID : HE_OK);
		EQ(gm_counter(h.m, GM_CTR_MSGQ_LOST), doc ? 0 : 3);
		EQ(gm_counter(h.m, GM_CTR_MSGQ_SENT), 0);

		EQ(peer_sends(&h, &q, 16, 1), 1);
		EQ(host_call(&h, HC_MSGQ_RECV, q.rx, HOST_BASE, 15, 0, 0),
		   doc ? HE_ADDR_OVERFLOW : HE_OK);
		EQ(h.x[1], 0);
		EQ(host_call(&h, HC_MSGQ_RECV, q.rx, end - 15, 16, 0, 0),
		   doc ? HE_ADDR_INVALID : HE_OK);
		EQ(h.x[1], 0);
		/* It is still there. */
		EQ(host_call(&h, HC_MSGQ_RECV, q.rx, end - 16, 16, 0, 0), HE_OK);
		EQ(h.x[1], 16);
		host_exit(&h);
	}
}

static void stuck_and_echo(void)
{
	struct queue stuck, echo;
	u8 msg[240];
	struct host h;
	u32 i, n;

	EQ(host_init(&h, "debug"), 0);
	stuck = pair(&h, GM_DBG_QUEUE_STUCK, 4, 64);
	echo = pair(&h, GM_DBG_QUEUE_ECHO, 8, 240);
	for (i = 0; i < 4; i++)
		EQ(host_send(&h, stuck.tx, "stuck", 5, 0), HE_OK);
	for (i = 0; i < 1000; i++) {
		memset(msg, (int)i, sizeof(msg));
		n = i % 240 + 1;
		EQ(host_send(&h, echo.tx, msg, n, 0), HE_OK);
		gm_rm_run_all(h.m);
		memset(msg, 0, sizeof(msg));
		EQ(host_recv(&h, echo.rx, msg, sizeof(msg)), HE_OK);
		EQ(h.x[1], n);
		EQ(msg[n - 1], (u8)i);
		EQ(host_send(&h, stuck.tx, "stuck", 5, 0), HE_FULL);
	}
	host_exit(&h);
}

/* A machine without spare interrupts, capabilities or memory says so. */
static void exhaustion(void)
{
	struct host h;
	u8 msg[240];
	u32 n;

	EQ(host_init(&h, "debug"), 0);
	for (n = 0; n < 1000; n++)
		if (host_debug(&h, GM_DBG_QUEUE_CREATE, GM_DBG_QUEUE_TX | GM_DBG_QUEUE_RX,
			       255 | 1023 << 16, 255 | 1023 << 16, 0))
			break;
	OK(n > 0 && n < 1000);
	EQ(h.x[0], 11);
	/* What is there still works. */
	memset(msg, 0, sizeof(msg));
	EQ(host_send(&h, h.info.tx_cap, msg, sizeof(msg), 0), HE_OK);
	host_exit(&h);
}

static void impossible(void)
{
	static const u32 sizes[] = { 0, 8, 240 << 16, 256 | 240 << 16, 8 | 1024 << 16 };
	struct host h;
	size_t i;

	EQ(host_init(&h, "debug"), 0);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		OK(host_debug(&h, GM_DBG_QUEUE_CREATE, GM_DBG_QUEUE_TX, sizes[i], 0, 0) != 0);
	host_exit(&h);
}

const struct tap_test queue_tests[] = {
	{ "fill, FULL, drain, EMPTY at every size and depth", fill_and_drain },
	{ "interrupts are edges at the threshold", edges },
	{ "thresholds", thresholds },
	{ "bad sizes and addresses", bad_copies },
	{ "a stuck queue does not touch another", stuck_and_echo },
	{ "running out of queues", exhaustion },
	{ "sizes and depths that no queue has", impossible },
	{}
};

struct bell {
	u64 send, recv;
	u32 virq;
};

static struct bell bell(struct host *h)
{
	struct bell b;

	EQ(host_debug(h, GM_DBG_DOORBELL_CREATE, 0, 0, 0, 0), 0);
	b.send = h->x[1];
	b.recv = h->x[2];
	b.virq = (u32)h->x[3];
	host_virqs(h, b.virq);
	return b;
}

static void ring(void)
{
	struct host h;
	struct bell b;

	EQ(host_init(&h, "debug"), 0);
	b = bell(&h);
	EQ(host_debug(&h, GM_DBG_DOORBELL_RING, b.recv, 5, 0, 0), 0);
	EQ(host_virqs(&h, b.virq), 1);
	EQ(host_call(&h, HC_DOORBELL_RECV, b.recv, 0, 0, 0, 0), HE_ARGUMENT_INVALID);
	EQ(host_call(&h, HC_DOORBELL_RECV, b.recv, 4, 0, 0, 0), HE_OK);
	EQ(h.x[1], 5);
	EQ(host_call(&h, HC_DOORBELL_RECV, b.recv, ~0ull, 0, 0, 0), HE_OK);
	EQ(h.x[1], 1);
	EQ(host_call(&h, HC_DOORBELL_SEND, b.send, 1ull << 63, 0, 0, 0), HE_OK);
	EQ(h.x[1], 0);
	EQ(host_call(&h, HC_DOORBELL_SEND, b.send, 2, 0, 0, 0), HE_OK);
	EQ(h.x[1], 1ull << 63);
	EQ(host_debug(&h, GM_DBG_DOORBELL_INFO, b.send, 0, 0, 0), 0);
	EQ(h.x[1], 1ull << 63 | 2);
	host_exit(&h);
}

static void masks(void)
{
	struct host h;
	struct bell b;

	EQ(host_init(&h, "debug"), 0);
	b = bell(&h);
	/* Acknowledged by itself: the flag is gone after the interrupt. */
	EQ(host_call(&h, HC_DOORBELL_MASK, b.recv, 1, 1, 0, 0), HE_OK);
	EQ(host_debug(&h, GM_DBG_DOORBELL_RING, b.recv, 1, 0, 0), 0);
	EQ(host_virqs(&h, b.virq), 1);
	EQ(host_call(&h, HC_DOORBELL_RECV, b.recv, ~0ull, 0, 0, 0), HE_OK);
	EQ(h.x[1], 0);
	/* A flag that is not enabled waits until it is. */
	EQ(host_debug(&h, GM_DBG_DOORBELL_RING, b.recv, 2, 0, 0), 0);
	host_virqs(&h, b.virq);
	EQ(host_call(&h, HC_DOORBELL_MASK, b.recv, 2, 0, 0, 0), HE_OK);
	EQ(host_virqs(&h, b.virq), 1);
	EQ(host_call(&h, HC_DOORBELL_RESET, b.recv, 0, 0, 0, 0), HE_OK);
	EQ(host_call(&h, HC_DOORBELL_RECV, b.recv, 1, 0, 0, 0), HE_OK);
	EQ(h.x[1], 0);
	host_exit(&h);
}

const struct tap_test doorbell_tests[] = {
	{ "send, receive, flags", ring },
	{ "enable and ack masks, reset", masks },
	{}
};
