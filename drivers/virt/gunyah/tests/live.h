/* SPDX-License-Identifier: GPL-2.0-only */
/* What the suites that need a running hypervisor share. */
#ifndef __GUNYAH_TESTS_LIVE_H
#define __GUNYAH_TESTS_LIVE_H

#include <linux/atomic.h>
#include <linux/mailbox_client.h>
#include <linux/types.h>

#include <kunit/test.h>

#include "../../../../tools/testing/gunyah/model/debug.h"

struct gunyah_msgq_device;
struct gunyah_rm;
struct mbox_chan;

/**
 * struct live - what a test of a live suite finds in test->priv
 * @rm: client of the hypervisor's RM
 * @debug: the stand-in's debug call is there
 */
struct live {
	struct gunyah_rm *rm;
	bool debug;
};

int live_init(struct kunit *test);
void live_exit(struct kunit *test);
void live_need_debug(struct kunit *test);

/**
 * struct live_reply - registers X0..X15 of a debug call
 * @x: the registers
 */
struct live_reply {
	u64 x[16];
};

u64 live_debug_args(struct live_reply *reply, u64 op, u64 a2, u64 a3, u64 a4, u64 a5, u64 a6);

/* Make a debug call; arguments not given are 0. Returns X0. */
#define live_debug(reply, op, ...)	\
	__live_debug(reply, op, ##__VA_ARGS__, 0, 0, 0, 0, 0)
#define __live_debug(reply, op, a2, a3, a4, a5, a6, ...)	\
	live_debug_args(reply, op, a2, a3, a4, a5, a6)

int live_sink(struct live *live, size_t size, u8 first);
int live_blob(struct live *live, size_t size, u8 first);
int live_echo(struct live *live, size_t size, u8 first);
int live_unknown(struct live *live, size_t size);
u64 live_counter(unsigned int id);

/**
 * struct live_queue - a queue pair of the stand-in with a client of our own
 * @msgq: queue device
 * @cl: client
 * @chan: channel, bound to @cl
 * @caps: capabilities, TX and RX
 * @irqs: interrupts, TX and RX
 * @sent: messages that were completed without an error
 * @failed: messages that were completed with one
 * @received: messages received
 */
struct live_queue {
	struct gunyah_msgq_device *msgq;
	struct mbox_client cl;
	struct mbox_chan *chan;
	u64 caps[2];
	unsigned int irqs[2];
	atomic_t sent;
	atomic_t failed;
	atomic_t received;
};

struct live_queue *live_queue_create(struct kunit *test, u64 flags, u16 depth, u16 size);

#endif
