/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Gunyah message queues as mailbox channels: what a creator of queue devices
 * and a client of one need to know.
 *
 * A queue device is an auxiliary device that carries the capabilities, sizes
 * and interrupts of one hypervisor queue or of a pair of them. The gunyah-msgq
 * driver binds to it by its name, gunyah_rm.msgq, and registers a mailbox
 * controller with one channel on it. The client (the resource-manager driver, or
 * any other) is a sibling device, never a child and never the queue device
 * itself, and is linked to the queue device as its consumer, so that it unbinds
 * first.
 *
 * Rules for a client, which gets the channel from gunyah_msgq_chan() and binds
 * with mbox_bind_client():
 *
 * - A message is complete when the hypervisor has copied it: tx_done() does not
 *   mean that the peer has read it.
 * - A client that calls mbox_flush() after a mbox_send_message() does so after
 *   each one, from then on until it frees the channel. It saves a softirq per
 *   message: tx_done() is called from within mbox_flush(). Other clients get
 *   tx_done() from softirq context. Either may get it from the queue's
 *   interrupt handler as well. mbox_flush() never waits, whatever its timeout,
 *   never aborts a message, and returns 1 while messages are held back because
 *   the queue is full, else 0.
 * - tx_done() and rx_callback() are called without locks, in interrupt,
 *   softirq or, from mbox_flush(), the caller's own context, and must not sleep.
 *   rx_callback() calls never overlap.
 * - tx_block is not supported: its wait cannot be killed.
 * - The core queues MBOX_TX_QUEUE_LEN messages and complains beyond that. Keep
 *   to 16 and feed the rest from tx_done().
 * - A client without room for another message calls gunyah_msgq_rx_pause(), at
 *   best from rx_callback(). Messages stay in the queue until it calls
 *   gunyah_msgq_rx_resume(), and the sender meets a full queue: no message is
 *   lost for want of room.
 * - mbox_free_channel() drops messages without tx_done(). The client completes
 *   those it still waits for with -ECANCELED after it returns.
 * - mbox_client_peek_data() has the queue looked at although no interrupt came,
 *   in both directions. It returns at once, true if the channel is started. For
 *   a client whose peer has been silent for too long.
 */
#ifndef __LINUX_GUNYAH_MSGQ_H
#define __LINUX_GUNYAH_MSGQ_H

#include <linux/auxiliary_bus.h>
#include <linux/container_of.h>
#include <linux/types.h>

struct mbox_chan;

/* Limits of the hypervisor: sizes 1..1023 bytes, depths 1..255 messages. */
#define GUNYAH_MSGQ_MAX_MSG_SIZE	1023
#define GUNYAH_MSGQ_MAX_DEPTH		255

/**
 * struct gunyah_msgq_end - one direction of a queue device
 * @present: this direction exists (a queue device may be TX-only or RX-only)
 * @capid: capability id in this VM's capability space; 0 is a valid id
 * @irq: Linux interrupt number (edge), 0 where the queue has none: the client then
 *   has to look by mbox_client_peek_data() for messages and for room
 * @msg_size: largest message in bytes, 1..GUNYAH_MSGQ_MAX_MSG_SIZE
 * @depth: messages the queue holds, 1..GUNYAH_MSGQ_MAX_DEPTH
 */
struct gunyah_msgq_end {
	bool present;
	u64 capid;
	unsigned int irq;
	u16 msg_size;
	u16 depth;
};

/**
 * struct gunyah_msgq_device - a queue or pair of queues on the auxiliary bus
 * @adev: the auxiliary device, named "<creator module>.msgq.<id>"
 * @tx: the queue this VM sends to
 * @rx: the queue this VM receives from
 *
 * The creator fills in @tx and @rx before auxiliary_device_add() and does not
 * change them afterwards. It owns the memory and frees it in the release
 * function of @adev.
 */
struct gunyah_msgq_device {
	struct auxiliary_device adev;
	struct gunyah_msgq_end tx;
	struct gunyah_msgq_end rx;
};

static inline struct gunyah_msgq_device *
to_gunyah_msgq_device(struct auxiliary_device *adev)
{
	return container_of(adev, struct gunyah_msgq_device, adev);
}

/**
 * struct gunyah_msgq_msg - one message, the mailbox "mssg" of a gunyah-msgq channel
 * @data: the bytes; kernel virtual address mapped for the whole call
 * @size: number of bytes, 1..the queue's message size
 * @push: sending only: raise the receiver's interrupt whatever its threshold
 * @status: sending only, written before tx_done() is called: 0 if the
 *	    hypervisor took the message, -EMSGSIZE if @size does not suit the
 *	    queue, or the errno of the hypervisor's refusal
 *
 * To send, a client passes a pointer to one of these to mbox_send_message()
 * and leaves it and the bytes alone until tx_done() gets the pointer back. On
 * receive, rx_callback() gets one that is valid only during the callback.
 *
 * A full queue is not a refusal: the core holds the message back. @status is
 * to be trusted rather than the result tx_done() is called with, which is the
 * same except where a failure coincides with the end of a full queue.
 */
struct gunyah_msgq_msg {
	void *data;
	size_t size;
	bool push;
	int status;
};

struct mbox_chan *gunyah_msgq_chan(struct gunyah_msgq_device *msgq);
void gunyah_msgq_rx_pause(struct mbox_chan *chan);
void gunyah_msgq_rx_resume(struct mbox_chan *chan);

#endif
