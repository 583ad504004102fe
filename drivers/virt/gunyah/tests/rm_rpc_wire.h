/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A resource manager (RM) that keeps the requests it gets, and answers with
 * bytes of the test. How messages travel is tested elsewhere.
 */
#ifndef GUNYAH_RM_RPC_WIRE_H
#define GUNYAH_RM_RPC_WIRE_H

#include <linux/gunyah_rm_vm.h>
#include <linux/mailbox_controller.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "../rm.h"

struct kunit;
struct kunit_suite;

/* A good VM id to be seen in bytes. */
#define WIRE_VMID	0x0102

/* Requests that are kept, and answers that can be given. */
#define WIRE_NR		16

struct wire_bytes {
	size_t size;
	u8 data[80];
};

/* Bytes that are written as a string. */
#define WIRE_BYTES(bytes)	{ .size = sizeof(bytes) - 1, .data = (bytes) }

struct wire_req {
	u32 id;
	u16 seq;
	unsigned int ms; /* the time it has */
	unsigned int nr_frags;
	size_t size;
	u8 data[GUNYAH_RM_MAX_PAYLOAD];
};

/**
 * struct wire - the other end
 * @test: the test it belongs to
 * @mbox: the controller
 * @chan: its channel
 * @rm: the client
 * @done: a fragment was taken, of which the core has not been told
 * @work: answers
 * @nr: requests so far
 * @reqs: the first ones of these, complete
 * @answers: answer to each request, NULL data for none; the last one is
 *	repeated
 * @nr_answers: number of answers
 */
struct wire {
	struct kunit *test;
	struct mbox_controller mbox;
	struct mbox_chan chan;
	struct gunyah_rm *rm;
	bool done;
	struct work_struct work;
	unsigned int nr;
	struct wire_req reqs[WIRE_NR];
	struct {
		const void *data;
		size_t size;
	} answers[WIRE_NR];
	unsigned int nr_answers;
};

struct wire *wire_create(struct kunit *test);
void wire_answer(struct wire *wire, const void *data, size_t size);
void wire_answer_next(struct wire *wire, const void *data, size_t size);
const struct wire_req *wire_last(struct wire *wire);
void wire_expect(struct wire *wire, unsigned int i, u32 id, const u8 *bytes, size_t size);

/* Answers: a status, and a status with a handle. */
extern const u8 wire_ok[4];
extern const u8 wire_state[4];
extern const u8 wire_nomem[4];
extern const u8 wire_handle[8];
#define WIRE_HANDLE	0x01020304

extern struct kunit_suite gunyah_rm_notif_suite;
extern struct kunit_suite gunyah_rm_rpc_limits_suite;
extern struct kunit_suite gunyah_rm_rpc_mem_suite;

#endif
