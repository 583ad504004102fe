// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mailbox controller for Gunyah message queues.
 *
 * Responsible for bytes in and bytes out of one hypervisor queue, or of a pair
 * of them, as one mailbox channel. Not for what the bytes mean, and not for
 * finding the queues: see Documentation/virt/gunyah/message-queue.rst. What a
 * client has to know is in <linux/gunyah_msgq.h>.
 *
 * Sending. The hypervisor copies a message during the call, so a message is
 * complete when it is accepted. send_data() runs under the channel lock and
 * cannot tell the core so: it sets @done, and whoever comes first ticks the
 * core: flush(), the TX interrupt or a work item. One tick may submit the next
 * message, which may be accepted at once, so ticking is a loop; only one
 * context loops at a time, the others leave word, which also keeps a client
 * that sends and flushes from its tx_done() from recursing.
 *
 * A refused message stays in the core. The TX interrupt comes when the peer
 * has made room, but only after the queue was full. That it is full is
 * remembered under the same lock that is held across the call, because the
 * interrupt can come before the call has returned.
 *
 * Receiving. The RX interrupt comes when the number of messages rises to the
 * threshold, and not above it: every drain has to end with the queue empty, or
 * else come back by itself. A client that has no room pauses it: then messages
 * stay in the queue, and it is the sender who meets a full one.
 *
 * Locks: chan->lock of the core, then tx.lock. rx.lock is a leaf. No lock is
 * held while the client is called.
 */
#include <linux/auxiliary_bus.h>
#include <linux/cleanup.h>
#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/gunyah.h>
#include <linux/gunyah_msgq.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/mailbox_client.h>
#include <linux/mailbox_controller.h>
#include <linux/module.h>
#include <linux/pm.h>
#include <linux/pm_wakeup.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

/* Messages that one interrupt or work item handles before it yields. */
#define RX_BUDGET		16
#define TX_BUDGET		32

/* Failed receives in a row after which a drain gives up, for so long. */
#define RX_MAX_FAULTS		3
#define RX_FAULT_RETRY		(HZ / 10)
/* Other errors do not pass as soon, if at all. */
#define RX_ERROR_RETRY		(10 * HZ)

/* A full queue is tried again after so long, should its interrupt be lost. */
#define TX_FULL_RETRY		HZ

/**
 * struct msgq_tx - the sending end
 * @end: what the creator said about it
 * @lock: protects all that follows and is held across the send hypercall
 * @full: the queue is known to be full; no interrupt has come since
 * @refused: the first message in the core's ring was refused
 * @done: the core has an accepted message that it has not been told about
 * @status: what became of that message
 * @kick: the core has to be ticked even without @done
 * @ticking: some context is in tx_run()
 * @flushes: the client calls mbox_flush() after each message
 * @work: ticks the core for clients that do not, and when a budget is spent
 * @sent: messages accepted
 * @filled: of these, how many filled the queue
 * @refusals: hypercalls answered with "full"
 * @held: messages held back without a hypercall
 * @faults: messages completed with an error
 * @irqs: interrupts
 * @idle_irqs: of these, how many came although the queue was not full
 */
struct msgq_tx {
	const struct gunyah_msgq_end *end;
	spinlock_t lock; /* see above */
	bool full;
	bool refused;
	bool done;
	int status;
	bool kick;
	bool ticking;
	bool flushes;
	struct work_struct work;

	u64 sent;
	u64 filled;
	u64 refusals;
	u64 held;
	u64 faults;
	u64 irqs;
	u64 idle_irqs;
};

/**
 * struct msgq_rx - the receiving end
 * @end: what the creator said about it
 * @lock: protects @draining, @again, @paused, @irqs, @rearms and @pauses
 * @draining: some context is in rx_drain(); it owns what follows
 * @again: an event came meanwhile, look again
 * @paused: the client has no room; nothing is received
 * @work: drains what interrupts left, and when asked
 * @received: messages delivered
 * @empty: receives that found nothing
 * @faults: failed receives
 * @irqs: interrupts
 * @rearms: drains that were continued by @work
 * @pauses: how often the client had no room
 * @buf: one message; as large as any, so that none can be too large
 */
struct msgq_rx {
	const struct gunyah_msgq_end *end;
	spinlock_t lock; /* see above */
	bool draining;
	bool again;
	bool paused;
	struct work_struct work;

	u64 received;
	u64 empty;
	u64 faults;
	u64 irqs;
	u64 rearms;
	u64 pauses;
	u8 buf[GUNYAH_MSGQ_MAX_MSG_SIZE];
};

/**
 * struct gunyah_msgq - a mailbox controller with its one channel
 * @dev: the queue device
 * @mbox: controller
 * @chan: channel
 * @started: between startup() and shutdown()
 * @woken: the RX interrupt was made a wake-up source for this suspend
 * @tx_retry: looks at the sending end, whose interrupt may be lost
 * @rx_retry: looks at the receiving end, where no interrupt is left to come
 * @tx: sending end
 * @rx: receiving end
 */
struct gunyah_msgq {
	struct device *dev;
	struct mbox_controller mbox;
	struct mbox_chan chan;
	bool started;
	bool woken;
	struct delayed_work tx_retry;
	struct delayed_work rx_retry;
	struct msgq_tx tx;
	struct msgq_rx rx;
};

static struct dentry *debugfs_root;

static struct gunyah_msgq *to_msgq(struct mbox_chan *chan)
{
	return container_of(chan, struct gunyah_msgq, chan);
}

/* Sending */

/* What the hypervisor, or the size check before it, says to a message. */
static enum gunyah_error tx_send_locked(struct msgq_tx *tx,
					const struct gunyah_msgq_msg *msg,
					bool *not_full)
{
	lockdep_assert_held(&tx->lock);

	/*
	 * The public hypervisor answers OK to a size it does not like, and
	 * loses the message.
	 */
	if (!msg->size || msg->size > tx->end->msg_size)
		return GUNYAH_ERROR_ARGUMENT_SIZE;

	return gunyah_hypercall_msgq_send(tx->end->capid, msg->size, msg->data,
					  msg->push ? GUNYAH_MSGQ_SEND_PUSH : 0,
					  not_full);
}

/* Hands a message to the core as complete, with what became of it. */
static void tx_accept_locked(struct gunyah_msgq *msgq,
			     struct gunyah_msgq_msg *msg, int status)
{
	struct msgq_tx *tx = &msgq->tx;

	lockdep_assert_held(&tx->lock);

	msg->status = status;
	tx->status = status;
	tx->done = true;
	tx->refused = false;
	if (!tx->flushes && !tx->ticking)
		queue_work(system_bh_wq, &tx->work);
}

/*
 * The queue is full until its interrupt comes, or a retry. One that is pending is
 * left as it is, and stays when there is room: however often a queue is full, it
 * costs one timer in TX_FULL_RETRY.
 */
static void tx_full_locked(struct gunyah_msgq *msgq)
{
	lockdep_assert_held(&msgq->tx.lock);

	msgq->tx.full = true;
	queue_delayed_work(system_bh_wq, &msgq->tx_retry, TX_FULL_RETRY);
}

/* Has the core keep its message. */
static int tx_refuse_locked(struct gunyah_msgq *msgq)
{
	lockdep_assert_held(&msgq->tx.lock);

	msgq->tx.refused = true;
	tx_full_locked(msgq);
	return -EBUSY;
}

static int tx_submit_locked(struct gunyah_msgq *msgq,
			    struct gunyah_msgq_msg *msg)
{
	struct msgq_tx *tx = &msgq->tx;
	enum gunyah_error gh_err;
	bool not_full = true;

	lockdep_assert_held(&tx->lock);

	if (!tx->end->present) {
		tx->faults++;
		tx_accept_locked(msgq, msg, -EOPNOTSUPP);
		return 0;
	}

	if (tx->full) {
		tx->held++;
		return tx_refuse_locked(msgq);
	}

	gh_err = tx_send_locked(tx, msg, &not_full);
	if (gh_err == GUNYAH_ERROR_MSGQUEUE_FULL) {
		tx->refusals++;
		return tx_refuse_locked(msgq);
	}

	if (gh_err == GUNYAH_ERROR_OK) {
		tx->sent++;
		tx->filled += !not_full;
		if (!not_full)
			tx_full_locked(msgq);
		tx_accept_locked(msgq, msg, 0);
	} else {
		tx->faults++;
		tx_accept_locked(msgq, msg,
				 gh_err == GUNYAH_ERROR_ARGUMENT_SIZE ?
				 -EMSGSIZE : gunyah_error_to_errno(gh_err));
	}

	return 0;
}

/*
 * Every error that is returned here makes the core keep the message and try it
 * again: only a full queue may do that. Any other failure is accepted and
 * completed with its errno.
 */
static int msgq_send_data(struct mbox_chan *chan, void *data)
{
	struct gunyah_msgq *msgq = to_msgq(chan);
	int ret = 0;

	scoped_guard(spinlock_irqsave, &msgq->tx.lock)
		ret = tx_submit_locked(msgq, data);

	return ret;
}

/* Is there a reason to tick the core? If so, with which result? */
static bool tx_take_locked(struct msgq_tx *tx, int *status)
{
	lockdep_assert_held(&tx->lock);

	if (!tx->done && !tx->kick) {
		tx->ticking = false;
		return false;
	}

	*status = tx->done ? tx->status : 0;
	tx->done = false;
	tx->kick = false;
	return true;
}

/* Ticks the core until there is nothing to tell it, or for a while. */
static void tx_run(struct gunyah_msgq *msgq)
{
	struct msgq_tx *tx = &msgq->tx;
	bool todo = false;
	int status = 0;

	scoped_guard(spinlock_irqsave, &tx->lock) {
		/* Whoever is ticking looks again before it leaves. */
		if (tx->ticking)
			return;
		tx->ticking = true;
	}

	for (unsigned int n = 0; n < TX_BUDGET; n++) {
		scoped_guard(spinlock_irqsave, &tx->lock)
			todo = tx_take_locked(tx, &status);
		if (!todo)
			return;
		mbox_chan_txdone(&msgq->chan, status);
	}

	scoped_guard(spinlock_irqsave, &tx->lock) {
		tx->ticking = false;
		queue_work(system_bh_wq, &tx->work);
	}
}

static void tx_work(struct work_struct *work)
{
	tx_run(container_of(work, struct gunyah_msgq, tx.work));
}

/*
 * The edge also comes when nobody has met a full queue: one latched before the
 * start, or one each time the count crosses the threshold downwards. There is
 * nothing to do then.
 */
static irqreturn_t tx_interrupt(int irq, void *data)
{
	struct gunyah_msgq *msgq = data;
	struct msgq_tx *tx = &msgq->tx;

	scoped_guard(spinlock_irqsave, &tx->lock) {
		tx->irqs++;
		if (!tx->full) {
			tx->idle_irqs++;
			return IRQ_HANDLED;
		}
		tx->full = false;
		tx->kick = true;
	}

	tx_run(msgq);
	return IRQ_HANDLED;
}

/*
 * Tells the core that what is accepted is complete. Never fails: the core
 * would answer an error by aborting its active message, and that one has been
 * accepted. Never waits either, see <linux/gunyah_msgq.h>.
 */
static int msgq_flush(struct mbox_chan *chan, unsigned long timeout)
{
	struct gunyah_msgq *msgq = to_msgq(chan);
	struct msgq_tx *tx = &msgq->tx;
	int ret = 0;

	scoped_guard(spinlock_irqsave, &tx->lock)
		tx->flushes = true;

	tx_run(msgq);

	scoped_guard(spinlock_irqsave, &tx->lock)
		ret = tx->refused;

	return ret;
}

/* Receiving */

/* Receives and delivers one message. False if the drain is to end. */
static bool rx_recv(struct gunyah_msgq *msgq, unsigned int *nr_faults)
{
	struct msgq_rx *rx = &msgq->rx;
	struct gunyah_msgq_msg msg = { .data = rx->buf };
	enum gunyah_error gh_err;
	bool not_empty = false;

	gh_err = gunyah_hypercall_msgq_recv(rx->end->capid, rx->buf,
					    sizeof(rx->buf), &msg.size,
					    &not_empty);
	if (gh_err == GUNYAH_ERROR_MSGQUEUE_EMPTY) {
		WRITE_ONCE(rx->empty, rx->empty + 1);
		return false;
	}

	/*
	 * Size 0 is how the public hypervisor says that it could not write the
	 * buffer. The message is still there, and so it may be with any other
	 * error, and no edge will come for it: try again, then let time pass.
	 */
	if (gh_err != GUNYAH_ERROR_OK || !msg.size ||
	    msg.size > sizeof(rx->buf)) {
		WRITE_ONCE(rx->faults, rx->faults + 1);
		dev_warn_ratelimited(msgq->dev,
				     "bad receive: %s with %zu bytes\n",
				     gunyah_error_name(gh_err), msg.size);
		if (++*nr_faults < RX_MAX_FAULTS)
			return true;
		mod_delayed_work(system_bh_wq, &msgq->rx_retry,
				 gh_err == GUNYAH_ERROR_OK ? RX_FAULT_RETRY : RX_ERROR_RETRY);
		return false;
	}

	*nr_faults = 0;
	WRITE_ONCE(rx->received, rx->received + 1);
	mbox_chan_received_data(&msgq->chan, &msg);
	return not_empty;
}

/*
 * Only one context drains, so that messages stay in order. An event that comes
 * while it does makes it look once more, because the event may be younger than
 * the last receive.
 */
static bool rx_begin_locked(struct msgq_rx *rx)
{
	lockdep_assert_held(&rx->lock);

	rx->again = rx->draining;
	if (rx->draining || rx->paused)
		return false;

	rx->draining = true;
	return true;
}

static bool rx_end_locked(struct msgq_rx *rx)
{
	lockdep_assert_held(&rx->lock);

	rx->draining = rx->again && !rx->paused;
	rx->again = false;
	return !rx->draining;
}

static void rx_drain(struct gunyah_msgq *msgq)
{
	struct msgq_rx *rx = &msgq->rx;
	unsigned int nr_faults = 0;
	bool mine = false;
	bool over = false;

	scoped_guard(spinlock_irqsave, &rx->lock)
		mine = rx_begin_locked(rx);
	if (!mine)
		return;

	for (unsigned int n = 0; n < RX_BUDGET; n++) {
		if (rx_recv(msgq, &nr_faults) && !READ_ONCE(rx->paused))
			continue;

		scoped_guard(spinlock_irqsave, &rx->lock)
			over = rx_end_locked(rx);
		if (over)
			return;
	}

	/* No new edge comes while there are messages: come back for them. */
	scoped_guard(spinlock_irqsave, &rx->lock) {
		rx->draining = false;
		rx->rearms++;
		queue_work(system_bh_wq, &rx->work);
	}
}

static void rx_work(struct work_struct *work)
{
	rx_drain(container_of(work, struct gunyah_msgq, rx.work));
}

static irqreturn_t rx_interrupt(int irq, void *data)
{
	struct gunyah_msgq *msgq = data;

	scoped_guard(spinlock_irqsave, &msgq->rx.lock)
		msgq->rx.irqs++;

	rx_drain(msgq);
	return IRQ_HANDLED;
}

/* The channel */

/* As if the interrupt had come. */
static void tx_poke(struct gunyah_msgq *msgq)
{
	struct msgq_tx *tx = &msgq->tx;

	guard(spinlock_irqsave)(&tx->lock);

	tx->kick |= tx->full;
	tx->full = false;
	if (tx->kick || tx->done)
		queue_work(system_bh_wq, &tx->work);
}

static void tx_retry_work(struct work_struct *work)
{
	tx_poke(container_of(to_delayed_work(work), struct gunyah_msgq,
			     tx_retry));
}

static void rx_poke(struct gunyah_msgq *msgq)
{
	if (msgq->rx.end->present)
		queue_work(system_bh_wq, &msgq->rx.work);
}

static void rx_retry_work(struct work_struct *work)
{
	rx_poke(container_of(to_delayed_work(work), struct gunyah_msgq,
			     rx_retry));
}

static void msgq_poke(struct gunyah_msgq *msgq)
{
	tx_poke(msgq);
	rx_poke(msgq);
}

static bool msgq_peek_data(struct mbox_chan *chan)
{
	struct gunyah_msgq *msgq = to_msgq(chan);

	if (!READ_ONCE(msgq->started))
		return false;

	msgq_poke(msgq);
	return true;
}

/*
 * Thresholds survive their driver, so both are set each time.
 *
 * The receiver is to be interrupted by the first message. The sender, once the
 * queue is half empty: with the hypervisor's default, one less than full, a
 * sender that refills the queue would be interrupted for each message.
 */
static int msgq_configure(struct gunyah_msgq *msgq)
{
	const struct gunyah_msgq_end *tx = msgq->tx.end;
	const struct gunyah_msgq_end *rx = msgq->rx.end;
	enum gunyah_error gh_err = GUNYAH_ERROR_OK;

	if (tx->present)
		gh_err = gunyah_hypercall_msgq_configure_send(tx->capid,
							      tx->depth / 2);
	if (gh_err == GUNYAH_ERROR_OK && rx->present)
		gh_err = gunyah_hypercall_msgq_configure_recv(rx->capid, 1);

	return gunyah_error_to_errno(gh_err);
}

static void end_enable(const struct gunyah_msgq_end *end)
{
	if (end->present && end->irq)
		enable_irq(end->irq);
}

static void end_disable(const struct gunyah_msgq_end *end)
{
	if (end->present && end->irq)
		disable_irq(end->irq);
}

/* The start state is unknown: an earlier driver may have left anything. */
static int msgq_startup(struct mbox_chan *chan)
{
	struct gunyah_msgq *msgq = to_msgq(chan);
	struct msgq_tx *tx = &msgq->tx;
	struct msgq_rx *rx = &msgq->rx;
	int ret;

	if (chan->cl->tx_block)
		return -EINVAL;

	ret = msgq_configure(msgq);
	if (ret)
		return ret;

	scoped_guard(spinlock_irqsave, &tx->lock) {
		tx->full = false;
		tx->refused = false;
		tx->done = false;
		tx->kick = false;
		tx->flushes = false;
	}

	scoped_guard(spinlock_irqsave, &rx->lock)
		rx->paused = false;

	enable_work(&tx->work);
	enable_work(&rx->work);
	enable_delayed_work(&msgq->tx_retry);
	enable_delayed_work(&msgq->rx_retry);
	WRITE_ONCE(msgq->started, true);
	end_enable(tx->end);
	end_enable(rx->end);

	/* For what was there before the interrupt was enabled. */
	if (rx->end->present)
		queue_work(system_bh_wq, &rx->work);

	return 0;
}

/*
 * When this returns, nothing of the channel runs any more. Also called by the
 * core when startup() has failed, depending on the kernel's version.
 */
static void msgq_shutdown(struct mbox_chan *chan)
{
	struct gunyah_msgq *msgq = to_msgq(chan);

	if (!msgq->started)
		return;

	WRITE_ONCE(msgq->started, false);
	end_disable(msgq->tx.end);
	end_disable(msgq->rx.end);
	disable_delayed_work_sync(&msgq->tx_retry);
	disable_delayed_work_sync(&msgq->rx_retry);
	disable_work_sync(&msgq->tx.work);
	disable_work_sync(&msgq->rx.work);
}

static const struct mbox_chan_ops msgq_ops = {
	.send_data = msgq_send_data,
	.flush = msgq_flush,
	.startup = msgq_startup,
	.shutdown = msgq_shutdown,
	.peek_data = msgq_peek_data,
};

/* What can be seen from outside */

static int counters_show(struct seq_file *s, void *unused)
{
	struct gunyah_msgq *msgq = s->private;
	struct msgq_tx *tx = &msgq->tx;
	struct msgq_rx *rx = &msgq->rx;

	scoped_guard(spinlock_irqsave, &tx->lock) {
		seq_printf(s, "tx_sent %llu\n", tx->sent);
		seq_printf(s, "tx_filled %llu\n", tx->filled);
		seq_printf(s, "tx_refusals %llu\n", tx->refusals);
		seq_printf(s, "tx_held %llu\n", tx->held);
		seq_printf(s, "tx_faults %llu\n", tx->faults);
		seq_printf(s, "tx_irqs %llu\n", tx->irqs);
		seq_printf(s, "tx_idle_irqs %llu\n", tx->idle_irqs);
		seq_printf(s, "tx_full %d\n", tx->full);
	}
	seq_printf(s, "rx_received %llu\n", READ_ONCE(rx->received));
	seq_printf(s, "rx_empty %llu\n", READ_ONCE(rx->empty));
	seq_printf(s, "rx_faults %llu\n", READ_ONCE(rx->faults));
	scoped_guard(spinlock_irqsave, &rx->lock) {
		seq_printf(s, "rx_irqs %llu\n", rx->irqs);
		seq_printf(s, "rx_rearms %llu\n", rx->rearms);
		seq_printf(s, "rx_pauses %llu\n", rx->pauses);
	}

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(counters);

static void msgq_remove_debugfs(void *dir)
{
	debugfs_remove_recursive(dir);
}

static int msgq_add_debugfs(struct gunyah_msgq *msgq)
{
	struct dentry *dir;

	dir = debugfs_create_dir(dev_name(msgq->dev), debugfs_root);
	debugfs_create_file("counters", 0444, dir, msgq, &counters_fops);

	return devm_add_action_or_reset(msgq->dev, msgq_remove_debugfs, dir);
}

/* The device */

static bool end_is_valid(const struct gunyah_msgq_end *end)
{
	if (!end->present)
		return true;

	return end->msg_size && end->msg_size <= GUNYAH_MSGQ_MAX_MSG_SIZE &&
	       end->depth && end->depth <= GUNYAH_MSGQ_MAX_DEPTH;
}

static int end_request_irq(struct gunyah_msgq *msgq,
			   const struct gunyah_msgq_end *end,
			   irq_handler_t handler, const char *what)
{
	const char *name;

	if (!end->present || !end->irq)
		return 0;

	name = devm_kasprintf(msgq->dev, GFP_KERNEL, "%s %s",
			      dev_name(msgq->dev), what);
	if (!name)
		return -ENOMEM;

	return devm_request_irq(msgq->dev, end->irq, handler, IRQF_NO_AUTOEN,
				name, msgq);
}

static int msgq_probe(struct auxiliary_device *adev,
		      const struct auxiliary_device_id *id)
{
	struct gunyah_msgq_device *mdev = to_gunyah_msgq_device(adev);
	struct device *dev = &adev->dev;
	struct gunyah_msgq *msgq;
	int ret;

	if ((!mdev->tx.present && !mdev->rx.present) ||
	    !end_is_valid(&mdev->tx) || !end_is_valid(&mdev->rx))
		return -EINVAL;

	msgq = devm_kzalloc(dev, sizeof(*msgq), GFP_KERNEL);
	if (!msgq)
		return -ENOMEM;

	msgq->dev = dev;
	msgq->tx.end = &mdev->tx;
	msgq->rx.end = &mdev->rx;
	spin_lock_init(&msgq->tx.lock);
	spin_lock_init(&msgq->rx.lock);
	INIT_WORK(&msgq->tx.work, tx_work);
	INIT_WORK(&msgq->rx.work, rx_work);
	INIT_DELAYED_WORK(&msgq->tx_retry, tx_retry_work);
	INIT_DELAYED_WORK(&msgq->rx_retry, rx_retry_work);
	disable_work(&msgq->tx.work);
	disable_work(&msgq->rx.work);
	disable_delayed_work(&msgq->tx_retry);
	disable_delayed_work(&msgq->rx_retry);

	ret = msgq_add_debugfs(msgq);
	if (ret)
		return ret;

	ret = end_request_irq(msgq, msgq->tx.end, tx_interrupt, "tx");
	if (ret)
		return dev_err_probe(dev, ret, "no TX interrupt\n");

	ret = end_request_irq(msgq, msgq->rx.end, rx_interrupt, "rx");
	if (ret)
		return dev_err_probe(dev, ret, "no RX interrupt\n");

	msgq->mbox.dev = dev;
	msgq->mbox.ops = &msgq_ops;
	msgq->mbox.chans = &msgq->chan;
	msgq->mbox.num_chans = 1;
	msgq->mbox.txdone_irq = true;

	ret = devm_mbox_controller_register(dev, &msgq->mbox);
	if (ret)
		return ret;

	/* Whether it does wake the system is user space's choice. */
	if (mdev->rx.present && mdev->rx.irq)
		device_set_wakeup_capable(dev, true);

	auxiliary_set_drvdata(adev, msgq);
	return 0;
}

static void msgq_remove(struct auxiliary_device *adev)
{
	device_init_wakeup(&adev->dev, false);
}

static int msgq_suspend(struct device *dev)
{
	struct gunyah_msgq *msgq = dev_get_drvdata(dev);

	/* Interrupts are about to go off; resume looks. Disabling nests. */
	disable_delayed_work_sync(&msgq->tx_retry);
	disable_delayed_work_sync(&msgq->rx_retry);

	if (!READ_ONCE(msgq->started) || !device_may_wakeup(dev))
		return 0;

	msgq->woken = !enable_irq_wake(msgq->rx.end->irq);
	if (!msgq->woken)
		dev_warn(dev, "interrupt cannot wake the system\n");

	return 0;
}

/*
 * Interrupts that came meanwhile are replayed. Look all the same: a state that
 * was saved may be older than the queues.
 */
static int msgq_resume(struct device *dev)
{
	struct gunyah_msgq *msgq = dev_get_drvdata(dev);

	if (msgq->woken)
		disable_irq_wake(msgq->rx.end->irq);
	msgq->woken = false;

	enable_delayed_work(&msgq->tx_retry);
	enable_delayed_work(&msgq->rx_retry);
	if (READ_ONCE(msgq->started))
		msgq_poke(msgq);

	return 0;
}

static DEFINE_SIMPLE_DEV_PM_OPS(msgq_pm_ops, msgq_suspend, msgq_resume);

static const struct auxiliary_device_id msgq_ids[] = {
	{ .name = "gunyah_rm.msgq" },
	{ }
};
MODULE_DEVICE_TABLE(auxiliary, msgq_ids);

static struct auxiliary_driver msgq_driver = {
	.probe = msgq_probe,
	.remove = msgq_remove,
	.id_table = msgq_ids,
	.driver = {
		.pm = pm_sleep_ptr(&msgq_pm_ops),
	},
};

/**
 * gunyah_msgq_chan() - the mailbox channel of a queue device
 * @mdev: queue device
 *
 * For mbox_bind_client(). The caller is a consumer of the device by a device
 * link, or has another reason to know that it stays bound.
 *
 * Context: Process context.
 * Return: the channel, or ERR_PTR(-EPROBE_DEFER) while no driver is bound.
 */
struct mbox_chan *gunyah_msgq_chan(struct gunyah_msgq_device *mdev)
{
	struct gunyah_msgq *msgq;

	if (READ_ONCE(mdev->adev.dev.driver) != &msgq_driver.driver)
		return ERR_PTR(-EPROBE_DEFER);

	msgq = auxiliary_get_drvdata(&mdev->adev);
	return msgq ? &msgq->chan : ERR_PTR(-EPROBE_DEFER);
}
EXPORT_SYMBOL_GPL(gunyah_msgq_chan);

/**
 * gunyah_msgq_rx_pause() - leave messages in the queue
 * @chan: channel of a queue device, bound to the caller
 *
 * For a client that has no room for another message. From rx_callback() it
 * takes effect at once; called elsewhere, one more may be under way. Ends with
 * gunyah_msgq_rx_resume() or when the channel is freed.
 *
 * Context: any.
 */
void gunyah_msgq_rx_pause(struct mbox_chan *chan)
{
	struct msgq_rx *rx = &to_msgq(chan)->rx;

	scoped_guard(spinlock_irqsave, &rx->lock) {
		rx->pauses += !rx->paused;
		WRITE_ONCE(rx->paused, true);
	}
}
EXPORT_SYMBOL_GPL(gunyah_msgq_rx_pause);

/**
 * gunyah_msgq_rx_resume() - receive again
 * @chan: channel of a queue device, bound to the caller
 *
 * The messages that waited come soon, in softirq context.
 *
 * Context: any.
 */
void gunyah_msgq_rx_resume(struct mbox_chan *chan)
{
	struct gunyah_msgq *msgq = to_msgq(chan);
	struct msgq_rx *rx = &msgq->rx;

	scoped_guard(spinlock_irqsave, &rx->lock)
		WRITE_ONCE(rx->paused, false);

	/* No edge comes for what is there. A channel not started refuses. */
	queue_work(system_bh_wq, &rx->work);
}
EXPORT_SYMBOL_GPL(gunyah_msgq_rx_resume);

static int __init msgq_init(void)
{
	int ret;

	debugfs_root = debugfs_create_dir("gunyah-msgq", NULL);

	ret = auxiliary_driver_register(&msgq_driver);
	if (ret)
		debugfs_remove_recursive(debugfs_root);

	return ret;
}
module_init(msgq_init);

static void __exit msgq_exit(void)
{
	auxiliary_driver_unregister(&msgq_driver);
	debugfs_remove_recursive(debugfs_root);
}
module_exit(msgq_exit);

MODULE_DESCRIPTION("Mailbox controller for Gunyah message queues");
MODULE_LICENSE("GPL");
