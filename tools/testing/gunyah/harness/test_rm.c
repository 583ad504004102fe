// SPDX-License-Identifier: GPL-2.0-only
/* RM's transport and its identity calls, over queues and on real framing. */
#include <stdlib.h>

#include "rmlink.h"
#include "tap.h"

#define CALL_GET_ID		0x56000010
#define CALL_LOOKUP_URI		0x56000011
#define CALL_LOOKUP_GUID	0x56000012
#define CALL_LOOKUP_NAME	0x56000013
#define CALL_GET_OWNER		0x56000015
#define CALL_GET_STATE		0x56000017
#define CALL_GET_CRASH_MSG	0x56000019
#define CALL_GET_RESOURCES	0x56000020
#define CALL_GET_VMID		0x56000024
#define CALL_GET_PEERS		0x56000025
#define CALL_HOST_GET_TYPE	0x560000a0

static struct rm_reply reply;

/* Echo of @size bytes: both framings in both directions. */
static void echo(struct host *h, size_t size)
{
	u8 *data = malloc(size ? size : 1);
	size_t i;

	for (i = 0; i < size; i++)
		data[i] = (u8)(i * 13 + (i >> 8));
	EQ(rm_call(h, &reply, GM_RM_ECHO, data, size), RM_OK);
	EQ(reply.size, 4 + size);
	OK(!memcmp(reply.data + 4, data, size));
	free(data);
}

static void echoes(void)
{
	struct host h;
	size_t size;

	EQ(host_init(&h, "debug"), 0);
	for (size = 0; size <= 700; size++)
		echo(&h, size);
	for (size = 14380; size <= 14612; size += 4)
		echo(&h, size);
	EQ(gm_counter(h.m, GM_CTR_RM_BAD_HEADER), 0);
	EQ(gm_counter(h.m, GM_CTR_RM_BAD_FRAGMENT), 0);
	EQ(gm_counter(h.m, GM_CTR_RM_REPLIES_LOST), 0);
	host_exit(&h);
}

static void largest(void)
{
	static u8 data[GUNYAH_RM_MAX_PAYLOAD];
	static const u8 blob[] = { 0x14, 0x39, 0, 0, 3, 0, 0, 0 };	/* 14612 bytes from 3 */
	struct host h;
	size_t i;
	u32 sum = 0;

	EQ(host_init(&h, "debug"), 0);
	for (i = 0; i < sizeof(data); i++) {
		data[i] = (u8)i;
		sum += (u8)i;
	}
	/* To RM: 14616 bytes, which take 63 fragments through a queue of 8. */
	EQ(rm_call(&h, &reply, GM_RM_SINK, data, sizeof(data)), RM_OK);
	EQ(rm_word(&reply, 1), 14616);
	EQ(rm_word(&reply, 2), sum);
	/* From RM: as many, status word included. */
	EQ(rm_call(&h, &reply, GM_RM_BLOB, blob, sizeof(blob)), RM_OK);
	EQ(reply.size, 14616);
	for (i = 4; i < reply.size; i++)
		OK(reply.data[i] == (u8)(3 + i - 4));
	host_exit(&h);
}

/* One fragment, with the header as given. */
static void raw(struct host *h, u8 api, u8 type, u16 seq, u32 id, size_t content)
{
	u8 buf[256] = { api, type, (u8)seq, (u8)(seq >> 8), (u8)id, (u8)(id >> 8),
			(u8)(id >> 16), (u8)(id >> 24) };

	EQ(host_send(h, h->info.tx_cap, buf, 8 + content, 0), HE_OK);
	rm_drain(h, &reply);
}

/* What RM drops in silence; the next request is answered. */
static void malformed(void)
{
	static const struct {
		u8 api, type;
		size_t content;
		unsigned int counter;
	} cases[] = {
		{ 0x20, 1, 0, GM_CTR_RM_BAD_HEADER },
		{ 0x22, 1, 0, GM_CTR_RM_BAD_HEADER },
		{ 0x11, 1, 0, GM_CTR_RM_BAD_HEADER },
		{ 0x31, 1, 0, GM_CTR_RM_BAD_HEADER },
		{ 0x21, 63 << 2 | 1, 0, GM_CTR_RM_BAD_HEADER },
		{ 0x21, 0, 4, GM_CTR_RM_BAD_FRAGMENT },
		{ 0x21, 2, 4, GM_CTR_RM_IGNORED },
		{ 0x21, 3, 4, GM_CTR_RM_IGNORED },
	};
	struct host h;
	size_t i;

	EQ(host_init(&h, "debug"), 0);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		u64 before = gm_counter(h.m, cases[i].counter);

		memset(&reply, 0, sizeof(reply));
		raw(&h, cases[i].api, cases[i].type, 7, CALL_GET_VMID, cases[i].content);
		EQ(reply.replies, 0);
		EQ(gm_counter(h.m, cases[i].counter), before + 1);
		EQ(rm_call(&h, &reply, CALL_GET_VMID, NULL, 0), RM_OK);
	}
	/* Shorter than a header. */
	memset(&reply, 0, sizeof(reply));
	EQ(host_send(&h, h.info.tx_cap, "\x21\x01\x00", 3, 0), HE_OK);
	rm_drain(&h, &reply);
	EQ(reply.replies, 0);
	EQ(rm_call(&h, &reply, CALL_GET_VMID, NULL, 0), RM_OK);
	host_exit(&h);
}

/* A message cut off by the next one, and continuations that do not fit. */
static void partial(void)
{
	struct host h;

	EQ(host_init(&h, "debug"), 0);
	memset(&reply, 0, sizeof(reply));
	raw(&h, 0x21, 1 << 2 | 1, 1, GM_RM_ECHO, 232);
	EQ(reply.replies, 0);
	EQ(rm_call(&h, &reply, CALL_GET_VMID, NULL, 0), RM_OK);
	EQ(gm_counter(h.m, GM_CTR_RM_PARTIAL), 1);

	memset(&reply, 0, sizeof(reply));
	raw(&h, 0x21, 1 << 2 | 1, 2, GM_RM_SINK, 8);
	raw(&h, 0x21, 1 << 2, 3, GM_RM_SINK, 8);	/* another sequence number */
	raw(&h, 0x21, 2 << 2, 2, GM_RM_SINK, 8);	/* another count */
	raw(&h, 0x21, 1 << 2, 2, GM_RM_ECHO, 8);	/* another id */
	EQ(reply.replies, 0);
	EQ(gm_counter(h.m, GM_CTR_RM_BAD_FRAGMENT), 3);
	/* Dropped in silence, so the right one still completes it. */
	raw(&h, 0x21, 1 << 2, 2, GM_RM_SINK, 8);
	EQ(reply.replies, 1);
	EQ(rm_word(&reply, 1), 16);
	host_exit(&h);
}

/* RM does not ask the receiver to hurry: eight fragments fill the queue. */
static void flow(void)
{
	static const u8 blob[] = { 0xd0, 0x07, 0, 0, 0, 0, 0, 0 };	/* 2000 bytes */
	struct host h;

	EQ(host_init(&h, "debug"), 0);
	memset(&reply, 0, sizeof(reply));
	rm_send(&h, &reply, GUNYAH_RM_REQUEST, GM_RM_BLOB, 1, blob, sizeof(blob));
	gm_rm_run_all(h.m);
	EQ(host_debug(&h, GM_DBG_QUEUE_INFO, h.info.rx_cap, 0, 0, 0), 0);
	EQ(h.x[1], 8);
	OK(host_virqs(&h, h.info.rx_virq) >= 1);
	rm_drain(&h, &reply);
	EQ(reply.replies, 1);
	EQ(reply.size, 2004);
	host_exit(&h);
}

/* A send comes back before its reply can be read. */
static void asynchronous(void)
{
	struct host h;
	u8 buf[240];
	int i;

	EQ(host_init(&h, NULL), 0);
	for (i = 0; i < 100; i++) {
		memset(&reply, 0, sizeof(reply));
		rm_send(&h, &reply, GUNYAH_RM_REQUEST, CALL_GET_VMID, (u16)i, NULL, 0);
		EQ(host_recv(&h, h.info.rx_cap, buf, sizeof(buf)), HE_EMPTY);
		rm_drain(&h, &reply);
		EQ(reply.replies, 1);
		EQ(reply.seq, i);
	}
	host_exit(&h);
}

static void notifications(void)
{
	struct host h;
	size_t i;

	EQ(host_init(&h, "debug"), 0);
	memset(&reply, 0, sizeof(reply));
	EQ(host_debug(&h, GM_DBG_NOTIFY, 0x56100123, 20, 1000, 0), 0);
	rm_drain(&h, &reply);
	EQ(reply.notes, 20);
	EQ(reply.drops, 0);
	EQ(reply.note_id, 0x56100123);
	EQ(reply.note_size, 1000);
	for (i = 0; i < reply.note_size; i++)
		OK(reply.note[i] == (u8)(19 + i));
	host_exit(&h);
}

/* Each misbehaviour on each kind of message, then a call that works again. */
static void misbehaviour(void)
{
	static u8 data[1000];
	unsigned int what, kind;
	struct host h;

	for (what = 0; what < GM_MIS_NR; what++) {
		OK(gm_misbehave_name(what));
		for (kind = 0; kind < GM_KIND_NR; kind++) {
			EQ(host_init(&h, "debug"), 0);
			EQ(host_debug(&h, GM_DBG_MISBEHAVE, what, kind, 1, 1000000), 0);
			memset(&reply, 0, sizeof(reply));
			if (kind == GM_KIND_NOTIFICATION)
				host_debug(&h, GM_DBG_NOTIFY, 0x56100123, 2, 100, 0);
			if (kind != GM_KIND_NOTIFICATION)
				(void)rm_call(&h, &reply, kind ? GM_RM_ECHO : CALL_GET_VMID, data,
					      kind ? sizeof(data) : 0);
			rm_drain(&h, &reply);
			h.now += 1000000000;
			host_debug(&h, GM_DBG_MISBEHAVE_CLEAR, 0, 0, 0, 0);
			rm_drain(&h, &reply);
			if (host_debug(&h, GM_DBG_INFO, 0, 0, 0, 0) || h.x[3] != GM_RM_ALIVE)
				host_debug(&h, GM_DBG_RM, GM_RM_ALIVE, 0, 0, 0);
			EQ(rm_call(&h, &reply, CALL_GET_VMID, NULL, 0), RM_OK);
			host_exit(&h);
		}
	}
	OK(!gm_misbehave_name(GM_MIS_NR));
	OK(!gm_kind_name(GM_KIND_NR));
}

/* The debug operations that a message can ask for say what the hypercall says. */
static void debug_by_message(void)
{
	u8 words[16] = { GM_DBG_DIGEST };
	struct host h;
	size_t i;

	EQ(host_init(&h, "debug"), 0);
	EQ(rm_call(&h, &reply, GM_RM_DEBUG, words, 8), RM_OK);
	EQ(reply.size, 4 + 8 * (GM_NR_SMCCC_REGS - 1));
	EQ(host_debug(&h, GM_DBG_DIGEST, 0, 0, 0, 0), 0);
	for (i = 0; i < 4; i++)
		EQ(rm_word(&reply, 1 + 2 * i) | (u64)rm_word(&reply, 2 + 2 * i) << 32, h.x[1 + i]);
	words[0] = GM_DBG_POOL;
	words[8] = GM_DBG_POOL_NR;
	EQ(rm_call(&h, &reply, GM_RM_DEBUG, words, 16), RM_ARGUMENT_INVALID);
	words[0] = GM_DBG_RM;
	EQ(rm_call(&h, &reply, GM_RM_DEBUG, words, 16), RM_DENIED);
	words[0] = 0xff;
	EQ(rm_call(&h, &reply, GM_RM_DEBUG, words, 8), RM_DENIED);
	EQ(rm_call(&h, &reply, GM_RM_DEBUG, words, 7), RM_MSG_INVALID);
	host_exit(&h);
	EQ(host_init(&h, NULL), 0);
	EQ(rm_call(&h, &reply, GM_RM_DEBUG, words, 8), RM_UNIMPLEMENTED);
	host_exit(&h);
}

const struct tap_test rpc_tests[] = {
	{ "driver and model agree on every length", echoes },
	{ "14616 bytes each way", largest },
	{ "malformed fragments are dropped in silence", malformed },
	{ "partial messages", partial },
	{ "a reply that fills the queue", flow },
	{ "100 of 100 replies come after the send", asynchronous },
	{ "notifications of several fragments", notifications },
	{ "each misbehaviour ends, the next call works", misbehaviour },
	{ "debug operations by message", debug_by_message },
	{}
};

static u64 by_vmid(struct host *h, u32 id, u16 vmid)
{
	const u8 req[4] = { (u8)vmid, (u8)(vmid >> 8), 0, 0 };

	return rm_call(h, &reply, id, req, sizeof(req));
}

/* Calls without a request; each refuses a request that is not empty. */
static void empty_requests(void)
{
	static const struct {
		u32 id, word;
		size_t size;
	} calls[] = {
		{ CALL_GET_VMID, 3, 8 },
		{ CALL_GET_OWNER, 0xff, 8 },
		{ CALL_HOST_GET_TYPE, 0x01000164, 8 },
	};
	struct host h;
	size_t i;

	EQ(host_init(&h, NULL), 0);
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		EQ(rm_call(&h, &reply, calls[i].id, NULL, 0), RM_OK);
		EQ(reply.size, calls[i].size);
		EQ(rm_word(&reply, 1), calls[i].word);
		EQ(by_vmid(&h, calls[i].id, 0), RM_MSG_INVALID);
		EQ(reply.size, 4);
	}
	EQ(by_vmid(&h, CALL_GET_PEERS, 0), RM_MSG_INVALID);
	host_exit(&h);
}

static void peers_and_states(void)
{
	struct host h;
	u32 i, nr;

	EQ(host_init(&h, "peer=echo,peer=stuck"), 0);
	EQ(rm_call(&h, &reply, CALL_GET_PEERS, NULL, 0), RM_OK);
	nr = rm_word(&reply, 1);
	OK(nr >= 2);
	EQ(reply.size, 8 + 4 * nr);
	for (i = 0; i < nr; i++) {
		static struct rm_reply peers;

		peers = reply;
		EQ(by_vmid(&h, CALL_GET_STATE, (u16)rm_word(&peers, 2 + i)), RM_OK);
		EQ(reply.size, 8);
		reply = peers;
	}
	EQ(by_vmid(&h, CALL_GET_STATE, 0), RM_OK);
	EQ(rm_word(&reply, 1) & 0xff, 3);
	EQ(by_vmid(&h, CALL_GET_STATE, 3), RM_OK);
	EQ(by_vmid(&h, CALL_GET_STATE, 0x85), RM_NORESOURCE);
	host_exit(&h);
}

static void resources(void)
{
	struct host h;
	u32 nr;

	EQ(host_init(&h, "peer=echo,peer=many"), 0);
	EQ(by_vmid(&h, CALL_GET_RESOURCES, 0xff), RM_OK);
	EQ(reply.size, 8 + 44);
	EQ(rm_word(&reply, 1), 1);
	EQ(rm_word(&reply, 2) & 0xff, 4);	/* a vCPU */
	EQ(rm_word(&reply, 8), 0);	/* without interrupt */
	EQ(by_vmid(&h, CALL_GET_RESOURCES, 3), RM_OK);
	EQ(reply.size, 8);
	EQ(rm_word(&reply, 1), 0);
	EQ(by_vmid(&h, CALL_GET_RESOURCES, 0), RM_ARGUMENT_INVALID);
	EQ(by_vmid(&h, CALL_GET_RESOURCES, 0x85), RM_ARGUMENT_INVALID);
	EQ(rm_call(&h, &reply, CALL_GET_RESOURCES, "\x03", 1), RM_MSG_INVALID);
	EQ(rm_call(&h, &reply, CALL_GET_RESOURCES, "\x03\0\0\0\0\0\0", 8), RM_MSG_INVALID);

	/* Of the peer with many: several fragments. */
	EQ(rm_call(&h, &reply, CALL_LOOKUP_NAME, "\x04\0\0\0many", 8), RM_OK);
	EQ(rm_word(&reply, 1), 1);
	EQ(by_vmid(&h, CALL_GET_RESOURCES, (u16)rm_word(&reply, 2)), RM_OK);
	nr = rm_word(&reply, 1);
	EQ(reply.size, 8 + nr * 44);
	OK(reply.size > GUNYAH_RM_CONTENT_SIZE);
	host_exit(&h);
}

/* Walks the list of VM_GET_ID; returns how many records it has. */
static u32 id_records(struct host *h, u16 vmid, u8 *guid, bool *has_name)
{
	u32 nr, i;
	size_t at = 8;

	EQ(by_vmid(h, CALL_GET_ID, vmid), RM_OK);
	nr = rm_word(&reply, 1);
	for (i = 0; i < nr && at + 4 <= reply.size; i++) {
		u8 type = reply.data[at];
		u32 size = reply.data[at + 2] | (u32)reply.data[at + 3] << 8;

		if (!i) {
			EQ(type, 0);
			EQ(size, 16);
			memcpy(guid, reply.data + at + 4, 16);
		}
		if (type == 2)
			*has_name = true;
		at += 4 + ((size + 3) & ~3u);
	}
	EQ(at, reply.size);
	return nr;
}

static void ids_and_lookups(void)
{
	bool has_name = false;
	u8 guid[16];
	struct host h;
	u32 vmid;

	EQ(host_init(&h, "peer=echo"), 0);
	EQ(rm_call(&h, &reply, CALL_LOOKUP_NAME, "\x04\0\0\0echo", 8), RM_OK);
	EQ(reply.size, 12);
	vmid = rm_word(&reply, 2);
	OK(id_records(&h, (u16)vmid, guid, &has_name) >= 2);
	OK(has_name);
	EQ(rm_call(&h, &reply, CALL_LOOKUP_GUID, guid, 16), RM_OK);
	EQ(rm_word(&reply, 2), vmid);
	EQ(rm_call(&h, &reply, CALL_LOOKUP_GUID, guid, 12), RM_MSG_INVALID);
	/* Nobody of that name: an empty list, no error. */
	EQ(rm_call(&h, &reply, CALL_LOOKUP_NAME, "\x05\0\0\0nobod\0\0", 12), RM_OK);
	EQ(reply.size, 8);
	EQ(rm_word(&reply, 1), 0);
	EQ(rm_call(&h, &reply, CALL_LOOKUP_URI, "\x05\0\0\0nobod\0\0", 12), RM_OK);
	EQ(rm_word(&reply, 1), 0);
	/* The padding has to be zeroes, and no more than needed. */
	EQ(rm_call(&h, &reply, CALL_LOOKUP_NAME, "\x05\0\0\0nobody\0", 12), RM_MSG_INVALID);
	EQ(rm_call(&h, &reply, CALL_LOOKUP_NAME, "\x04\0\0\0echo\0\0\0", 12), RM_MSG_INVALID);
	EQ(rm_call(&h, &reply, CALL_LOOKUP_NAME, "\x09\0\0\0echo", 8), RM_MSG_INVALID);
	EQ(rm_call(&h, &reply, CALL_LOOKUP_NAME, "\x04", 1), RM_MSG_INVALID);
	EQ(by_vmid(&h, CALL_GET_ID, 0x85), RM_NORESOURCE);
	host_exit(&h);
}

static void unknown_calls(void)
{
	static const u32 ids[] = {
		0x56000003, 0x56000007, 0x56000021, 0x56000022, 0x56000031, 0x560000b1, 0,
		0xffffffff, GM_RM_ECHO,
	};
	struct host h;
	size_t i;

	EQ(host_init(&h, NULL), 0);
	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		EQ(rm_call(&h, &reply, ids[i], NULL, 0), RM_UNIMPLEMENTED);
		EQ(reply.size, 4);
	}
	host_exit(&h);
}

const struct tap_test identity_tests[] = {
	{ "own vmid, owner, type", empty_requests },
	{ "peers and states", peers_and_states },
	{ "resource lists", resources },
	{ "ids and lookups", ids_and_lookups },
	{ "calls that are not there", unknown_calls },
	{}
};
