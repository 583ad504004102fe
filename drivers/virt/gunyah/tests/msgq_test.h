/* SPDX-License-Identifier: GPL-2.0-only */
/* A queue device with a client on its channel, for the message-queue suites. */
#ifndef GUNYAH_MSGQ_TEST_H
#define GUNYAH_MSGQ_TEST_H

#include <linux/atomic.h>
#include <linux/gunyah_msgq.h>
#include <linux/mailbox_client.h>

#include "model_host.h"

struct kunit;

/* Hypercall numbers, as the model counts them. */
#define NUM_SEND		0x1b
#define NUM_RECV		0x1c
#define NUM_CONFIGURE_SEND	0x1f
#define NUM_CONFIGURE_RECV	0x20

/* Messages that a test may send. */
#define MQ_NR_MSGS		512

/**
 * struct mq - a queue pair of the model, its device and a client
 * @test: the test
 * @host: the model
 * @queue: capabilities and interrupts
 * @mdev: queue device; NULL once it is gone
 * @chan: channel, NULL if no driver is bound
 * @cl: client
 * @bound: the client has the channel
 * @flush: the client flushes after each message
 * @msgs: messages, used in order
 * @bytes: contents, byte n of message k = k + n
 * @sent: messages handed to the core
 * @flushed: what the last mbox_flush() returned
 * @done: messages returned by tx_done()
 * @done_errors: tx_done() out of order, nested, or result not as in the message
 * @done_in_task: tx_done() calls in task context
 * @done_status: status of the last message
 * @in_done: depth of tx_done() calls
 * @received: messages received
 * @rx_errors: messages out of order, wrong or overlapping
 * @rx_next: first byte of the next message
 * @rx_size: size of the last message
 * @in_rx: rx_callback() calls under way
 * @on_rx: called at the end of rx_callback()
 * @hold: for @on_rx: stay in the callback
 * @on_done: called at the end of tx_done()
 * @live: callbacks are allowed
 * @late: callbacks that came although they were not
 */
struct mq {
	struct kunit *test;
	struct gunyah_model_host *host;
	struct gunyah_model_queue queue;
	struct gunyah_msgq_device *mdev;
	struct mbox_chan *chan;
	struct mbox_client cl;
	bool bound;
	bool flush;

	struct gunyah_msgq_msg msgs[MQ_NR_MSGS];
	u8 bytes[GUNYAH_MSGQ_MAX_MSG_SIZE + 256];
	unsigned int sent;
	int flushed;

	atomic_t done;
	atomic_t done_errors;
	atomic_t done_in_task;
	int done_status;
	int in_done;

	atomic_t received;
	atomic_t rx_errors;
	u8 rx_next;
	size_t rx_size;
	atomic_t in_rx;
	void (*on_rx)(struct mq *mq);
	bool hold;
	void (*on_done)(struct mq *mq);

	bool live;
	atomic_t late;
};

struct mq_queue_info {
	u64 count;
	u64 depth;
	u64 size;
	u64 not_full;
	u64 not_empty;
};

struct mq *mq_new(struct kunit *test, struct gunyah_model_host *host,
		  u64 flags, u32 depth, u32 size);
struct mq *mq_new_bound(struct kunit *test, u64 flags, u32 depth, u32 size);
int mq_add_device(struct mq *mq, const struct gunyah_msgq_device *like);
void mq_remove_device(struct mq *mq);
int mq_bind(struct mq *mq);
void mq_free(struct mq *mq);

int mq_send_sized(struct mq *mq, size_t size);
void mq_send(struct mq *mq, unsigned int count);
void mq_settle(struct mq *mq);
void mq_wait(struct mq *mq, const atomic_t *count, int least);
void mq_peer_send(struct mq *mq, u32 count);

struct mq_queue_info mq_info(struct mq *mq, u64 cap);
u64 mq_calls(struct mq *mq, unsigned int num);

int mq_other_cpu(void);

/* Everything that the callbacks noticed was in order. */
void mq_expect_clean(struct mq *mq);

#endif /* GUNYAH_MSGQ_TEST_H */
