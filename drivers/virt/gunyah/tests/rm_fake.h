/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A mailbox controller whose other end is the test: it sees each fragment the
 * client of the resource manager (RM) sends, and sends it whatever it likes.
 */
#ifndef GUNYAH_RM_FAKE_H
#define GUNYAH_RM_FAKE_H

#include <linux/completion.h>
#include <linux/gunyah_msgq.h>
#include <linux/mailbox_controller.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "../rm.h"

struct kunit;

/* Fragments that are kept until somebody has looked at them. */
#define FAKE_NR_FRAGS	256

/* Nothing takes as long; a test that waits for it has failed. */
#define FAKE_PATIENCE	(20 * HZ)

struct fake_frag {
	bool push;
	size_t size;
	u8 data[GUNYAH_RM_FRAG_SIZE];
};

/* A request as it came over the wire. */
struct fake_req {
	u32 id;
	u16 seq;
	unsigned int nr_frags;
	size_t size;
	u8 data[GUNYAH_RM_MAX_PAYLOAD];
};

/**
 * struct fake - the other end
 * @test: the test it belongs to
 * @dev: device of controller and client
 * @mbox: the controller
 * @chan: its channel
 * @rm: the client
 * @lock: protects what follows
 * @room: fragments that are accepted before the queue is full
 * @refused: the core has a fragment that was refused
 * @done: the core has not been told that a fragment was accepted
 * @ticking: somebody tells it
 * @error: with which the next fragment is completed
 * @peeks: how often the client looked for a lost interrupt
 * @lost: a message whose interrupt got lost
 * @lost_size: bytes of it, 0 if there is none
 * @head: fragments sent so far
 * @tail: of these, looked at
 * @frags: ring of those in between
 * @wq: woken with each fragment
 * @recv_lock: one message to the client at a time
 * @serve: if set, answers requests in a work item
 * @work: calls @serve
 * @answer: for fake_serve_canned(): status word and data of each reply
 * @answer_size: bytes of it
 * @last: the request it has answered last
 */
struct fake {
	struct kunit *test;
	struct device *dev;
	struct mbox_controller mbox;
	struct mbox_chan chan;
	struct gunyah_rm *rm;

	spinlock_t lock; /* see above */
	unsigned int room;
	bool refused;
	bool done;
	bool ticking;
	int error;
	unsigned int peeks;
	u8 lost[GUNYAH_RM_FRAG_SIZE];
	size_t lost_size;
	unsigned int head;
	unsigned int tail;
	struct fake_frag frags[FAKE_NR_FRAGS];
	wait_queue_head_t wq;

	struct mutex recv_lock; /* see above */
	void (*serve)(struct fake *fake);
	struct work_struct work;
	const void *answer;
	size_t answer_size;
	struct fake_req last;
};

struct fake *fake_create(struct kunit *test);
void fake_destroy_client(struct fake *fake);

unsigned int fake_pending(struct fake *fake);
bool fake_wait_frags(struct fake *fake, unsigned int nr);
bool fake_frag_get(struct fake *fake, struct fake_frag *frag);
bool fake_req_get(struct fake *fake, struct fake_req *req);
bool fake_req_get_now(struct fake *fake, struct fake_req *req);
bool fake_wait_waiters(struct fake *fake, unsigned int nr);
bool fake_wait_slots(struct fake *fake, unsigned int nr);
void fake_room_set(struct fake *fake, unsigned int room);

void fake_recv(struct fake *fake, const void *data, size_t size);
void fake_recv_later(struct fake *fake, const void *data, size_t size);
void fake_send(struct fake *fake, enum gunyah_rm_msg_type type, u32 id, u16 seq,
	       const void *payload, size_t size);
void fake_reply(struct fake *fake, const struct fake_req *req, u32 status, const void *data,
		size_t size);
void fake_notify(struct fake *fake, u32 id, const void *payload, size_t size);

void fake_serve_canned(struct fake *fake);

u64 fake_counter(struct fake *fake, enum rm_counter counter);
u64 fake_drops(struct fake *fake, enum gunyah_rm_drop drop);

/**
 * struct fake_call - a call made by a task of its own
 * @rm: client
 * @task: the task
 * @xfer: the call
 * @resp: room for the largest reply
 * @ret: its result
 * @done: completed when it has one
 */
struct fake_call {
	struct gunyah_rm *rm;
	struct task_struct *task;
	struct gunyah_rm_xfer xfer;
	u8 *resp;
	int ret;
	struct completion done;
};

struct fake_call *fake_call_alloc(struct fake *fake, u32 id, const void *req, size_t req_size,
				  size_t resp_max);
void fake_call_run(struct fake *fake, struct fake_call *call);
struct fake_call *fake_call_start(struct fake *fake, u32 id, const void *req, size_t req_size,
				  size_t resp_max);
int fake_call_end(struct fake *fake, struct fake_call *call);
void fake_call_kill(struct fake_call *call);

#endif
