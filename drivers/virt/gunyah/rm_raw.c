// SPDX-License-Identifier: GPL-2.0-only
/*
 * Raw mode of the resource-manager (RM) client: debugfs gunyah/rm/raw.
 *
 * For suites that test RM: what is written goes to RM as it is, one fragment
 * with its header at a time, and each fragment RM sends can be read. Nothing is
 * checked, so what kills RM can be sent as well; CAP_SYS_ADMIN only.
 *
 * One can have it at a time. It begins when the calls under way have ended;
 * until it is closed, or revoked because the system goes down and has to take
 * VMs apart, no other is made: callers get -EBUSY. Notifications reach
 * their subscribers as always and can be read here, too. Replies are nobody's
 * but the reader's; who closes with one to come makes it a foreign one.
 */
#include <linux/bitops.h>
#include <linux/capability.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <kunit/static_stub.h>
#include <kunit/visibility.h>

#include "rm.h"
#include "rm_raw.h"

/* As many as RM keeps for a VM that does not read. */
#define RAW_NR_FRAGS	256

struct raw_frag {
	u16 size;
	u8 data[GUNYAH_RM_FRAG_SIZE];
};

/**
 * struct gunyah_rm_raw - raw mode, while somebody has it
 * @rm: client, with a reference
 * @send_lock: Keeps messages in the order in which they are written. Taken
 *	outside gunyah_rm.lock
 * @wait: woken when there is something to read, or never will be
 * @active: the calls that were under way have ended
 * @lost: there was no room for a fragment behind the last one
 * @head: where the next fragment goes; runs freely
 * @tail: the first one not yet read; runs freely
 * @frags: what RM has sent
 *
 * @active and all behind it are protected by gunyah_rm.lock.
 */
struct gunyah_rm_raw {
	struct gunyah_rm *rm;
	struct mutex send_lock; /* see above */
	wait_queue_head_t wait;
	bool active;
	bool lost;
	unsigned int head;
	unsigned int tail;
	struct raw_frag frags[RAW_NR_FRAGS];
};

/* What the rest of the client tells. */

/**
 * gunyah_rm_raw_rx_locked() - RM has sent a fragment
 * @rm: client
 * @msg: the fragment
 *
 * Context: any, with gunyah_rm.lock.
 */
void gunyah_rm_raw_rx_locked(struct gunyah_rm *rm, const struct gunyah_msgq_msg *msg)
{
	struct gunyah_rm_raw *raw = rm->raw;
	struct raw_frag *frag;

	lockdep_assert_held(&rm->lock);

	if (!raw || !raw->active)
		return;

	if (raw->head - raw->tail == RAW_NR_FRAGS) {
		raw->lost = true;
		return;
	}

	frag = &raw->frags[raw->head++ % RAW_NR_FRAGS];
	frag->size = min(msg->size, sizeof(frag->data));
	memcpy(frag->data, msg->data, frag->size);
	wake_up_all(&raw->wait);
}

/**
 * gunyah_rm_raw_dead_locked() - the client is dead
 * @rm: client
 *
 * Context: any, with gunyah_rm.lock.
 */
void gunyah_rm_raw_dead_locked(struct gunyah_rm *rm)
{
	lockdep_assert_held(&rm->lock);

	if (rm->raw)
		wake_up_all(&rm->raw->wait);
}

/**
 * gunyah_rm_raw_held() - was it raw mode that refused a call?
 * @rm: client
 *
 * Context: any.
 * Return: true if somebody has it, or waits for it: until he gives it up, all
 * calls get -EBUSY.
 */
bool gunyah_rm_raw_held(struct gunyah_rm *rm)
{
	KUNIT_STATIC_STUB_REDIRECT(gunyah_rm_raw_held, rm);

	return READ_ONCE(rm->raw);
}
EXPORT_SYMBOL_GPL(gunyah_rm_raw_held);

/**
 * gunyah_rm_raw_revoke() - end raw mode for good
 * @rm: client
 *
 * Who has it, or waits for it, gets -ENODEV, and so does who comes later. Calls
 * can be made on return; a fragment that is just being written may be between
 * theirs.
 *
 * Context: any.
 */
void gunyah_rm_raw_revoke(struct gunyah_rm *rm)
{
	guard(spinlock_irqsave)(&rm->lock);

	WRITE_ONCE(rm->raw_revoked, true);
	gunyah_rm_raw_dead_locked(rm);
	wake_up_all(&rm->gone);
	WRITE_ONCE(rm->raw, NULL);
}
EXPORT_SYMBOL_GPL(gunyah_rm_raw_revoke);

/* Without the lock it is a hint. */
static bool raw_is_over(const struct gunyah_rm *rm)
{
	return READ_ONCE(rm->dead) || READ_ONCE(rm->raw_revoked);
}

/* Beginning and end */

static int raw_claim_locked(struct gunyah_rm_raw *raw)
{
	struct gunyah_rm *rm = raw->rm;

	lockdep_assert_held(&rm->lock);

	if (raw_is_over(rm))
		return -ENODEV;
	if (rm->raw)
		return -EBUSY;
	WRITE_ONCE(rm->raw, raw);

	return 0;
}

/* True when no call is left, or there is nothing to wait for. */
static bool raw_start(struct gunyah_rm_raw *raw)
{
	struct gunyah_rm *rm = raw->rm;

	guard(spinlock_irqsave)(&rm->lock);

	if (raw_is_over(rm))
		return true;

	raw->active = !rm->users && !rm->wire;

	return raw->active;
}

/**
 * gunyah_rm_raw_begin() - enter raw mode
 * @rm: client
 *
 * Waits, killably, for the calls under way, each of which is bounded.
 *
 * Context: may sleep.
 * Return: for gunyah_rm_raw_end(), or an ERR_PTR: -EBUSY if somebody has it,
 * -ENODEV, -ENOMEM or -ERESTARTSYS.
 */
struct gunyah_rm_raw *gunyah_rm_raw_begin(struct gunyah_rm *rm)
{
	struct gunyah_rm_raw *raw = kvzalloc(sizeof(*raw), GFP_KERNEL);
	int ret = 0;

	if (!raw)
		return ERR_PTR(-ENOMEM);

	raw->rm = gunyah_rm_get(rm);
	mutex_init(&raw->send_lock);
	init_waitqueue_head(&raw->wait);

	scoped_guard(spinlock_irqsave, &rm->lock)
		ret = raw_claim_locked(raw);
	if (ret) {
		gunyah_rm_put(rm);
		kvfree(raw);
		return ERR_PTR(ret);
	}

	ret = wait_event_killable(rm->gone, raw_start(raw));
	if (!ret && !raw->active)
		ret = -ENODEV;
	if (ret) {
		gunyah_rm_raw_end(raw);
		return ERR_PTR(ret);
	}

	return raw;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_raw_begin);

/**
 * gunyah_rm_raw_end() - leave raw mode
 * @raw: result of gunyah_rm_raw_begin()
 *
 * Context: may sleep.
 */
void gunyah_rm_raw_end(struct gunyah_rm_raw *raw)
{
	struct gunyah_rm *rm = raw->rm;

	scoped_guard(spinlock_irqsave, &rm->lock)
		WRITE_ONCE(rm->raw, NULL);

	mutex_destroy(&raw->send_lock);
	kvfree(raw);
	gunyah_rm_put(rm);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_raw_end);

/* Sending */

/* A free slot; its user keeps the channel from being freed. */
static struct rm_slot *raw_slot_get_locked(struct gunyah_rm *rm)
{
	unsigned int i = find_first_zero_bit(&rm->slots_used, RM_NR_SLOTS);

	lockdep_assert_held(&rm->lock);

	if (raw_is_over(rm))
		return ERR_PTR(-ENODEV);
	if (i >= RM_NR_SLOTS)
		return ERR_PTR(-EAGAIN);

	__set_bit(i, &rm->slots_used);
	rm->users++;

	return &rm->slots[i];
}

static void raw_user_leave_locked(struct gunyah_rm *rm)
{
	lockdep_assert_held(&rm->lock);

	if (!--rm->users)
		wake_up_all(&rm->gone);
}

static void raw_slot_end_locked(struct gunyah_rm *rm, struct rm_slot *slot, int ret)
{
	lockdep_assert_held(&rm->lock);

	if (ret < 0)
		__clear_bit(slot - rm->slots, &rm->slots_used);
	raw_user_leave_locked(rm);
}

/**
 * gunyah_rm_raw_send() - send a fragment
 * @raw: result of gunyah_rm_raw_begin()
 * @data: its bytes, header included
 * @size: number of bytes
 *
 * Context: may sleep.
 * Return: 0, -EMSGSIZE for no size a fragment can have, -EAGAIN while RM takes
 * none and 16 wait for it, -ENODEV, or -EIO.
 */
int gunyah_rm_raw_send(struct gunyah_rm_raw *raw, const void *data, size_t size)
{
	struct gunyah_rm *rm = raw->rm;
	struct rm_slot *slot = NULL;
	int ret;

	if (!size || size > GUNYAH_RM_FRAG_SIZE)
		return -EMSGSIZE;

	guard(mutex)(&raw->send_lock);

	scoped_guard(spinlock_irqsave, &rm->lock)
		slot = raw_slot_get_locked(rm);
	if (IS_ERR(slot))
		return PTR_ERR(slot);

	memcpy(slot->data, data, size);
	slot->msg = (struct gunyah_msgq_msg){ .data = slot->data, .size = size, .push = true };
	ret = mbox_send_message(rm->chan, &slot->msg);
	if (ret >= 0)
		mbox_flush(rm->chan, 0);

	scoped_guard(spinlock_irqsave, &rm->lock) {
		rm->counters[RM_CTR_TX_FRAGMENTS]++;
		raw_slot_end_locked(rm, slot, ret);
	}

	return ret < 0 ? -EIO : 0;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_raw_send);

/* Receiving */

static ssize_t raw_recv_locked(struct gunyah_rm_raw *raw, void *buf, size_t size)
{
	const struct raw_frag *frag = &raw->frags[raw->tail % RAW_NR_FRAGS];

	lockdep_assert_held(&raw->rm->lock);

	if (raw->head != raw->tail) {
		if (size < frag->size)
			return -EMSGSIZE;
		memcpy(buf, frag->data, frag->size);
		raw->tail++;
		return frag->size;
	}

	if (raw->lost) {
		raw->lost = false;
		return -EOVERFLOW;
	}

	return raw_is_over(raw->rm) ? -ENODEV : -EAGAIN;
}

/**
 * gunyah_rm_raw_recv() - the next fragment RM has sent
 * @raw: result of gunyah_rm_raw_begin()
 * @buf: where it goes
 * @size: bytes there is room for
 *
 * Context: any.
 * Return: bytes, -EAGAIN if there is none, -EMSGSIZE if it is larger (and still
 * there), -EOVERFLOW once where fragments are missing, -ENODEV.
 */
ssize_t gunyah_rm_raw_recv(struct gunyah_rm_raw *raw, void *buf, size_t size)
{
	guard(spinlock_irqsave)(&raw->rm->lock);

	return raw_recv_locked(raw, buf, size);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_raw_recv);

/* Is there an answer other than "nothing yet"? */
static bool raw_readable(struct gunyah_rm_raw *raw)
{
	guard(spinlock_irqsave)(&raw->rm->lock);

	return raw->head != raw->tail || raw->lost || raw_is_over(raw->rm);
}

/* An interrupt that got lost would be missed for ever, see result_wait(). */
static void raw_peek(struct gunyah_rm_raw *raw)
{
	struct gunyah_rm *rm = raw->rm;

	scoped_guard(spinlock_irqsave, &rm->lock) {
		if (raw_is_over(rm))
			return;
		rm->users++;
	}

	mbox_client_peek_data(rm->chan);

	scoped_guard(spinlock_irqsave, &rm->lock)
		raw_user_leave_locked(rm);
}

/**
 * gunyah_rm_raw_wait() - wait until there may be something to receive
 * @raw: result of gunyah_rm_raw_begin()
 *
 * Not for long: gunyah_rm_raw_recv() says whether to wait again.
 *
 * Context: may sleep.
 * Return: 0 or -ERESTARTSYS.
 */
int gunyah_rm_raw_wait(struct gunyah_rm_raw *raw)
{
	long ret = wait_event_interruptible_timeout(raw->wait, raw_readable(raw), RM_PEEK_TIME);

	if (!ret)
		raw_peek(raw);

	return min(ret, 0L);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_raw_wait);

/* The file */

static int raw_open(struct inode *inode, struct file *file)
{
	struct gunyah_rm_raw *raw;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;

	raw = gunyah_rm_raw_begin(inode->i_private);
	if (IS_ERR(raw))
		return PTR_ERR(raw);

	file->private_data = raw;

	return stream_open(inode, file);
}

static int raw_release(struct inode *inode, struct file *file)
{
	gunyah_rm_raw_end(file->private_data);

	return 0;
}

static ssize_t raw_write(struct file *file, const char __user *ubuf, size_t size, loff_t *pos)
{
	u8 data[GUNYAH_RM_FRAG_SIZE];
	int ret;

	if (!size || size > sizeof(data))
		return -EMSGSIZE;
	if (copy_from_user(data, ubuf, size))
		return -EFAULT;

	ret = gunyah_rm_raw_send(file->private_data, data, size);

	return ret ?: size;
}

static ssize_t raw_read(struct file *file, char __user *ubuf, size_t size, loff_t *pos)
{
	struct gunyah_rm_raw *raw = file->private_data;
	u8 data[GUNYAH_RM_FRAG_SIZE];
	ssize_t ret;

	while ((ret = gunyah_rm_raw_recv(raw, data, min(size, sizeof(data)))) == -EAGAIN) {
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		if (gunyah_rm_raw_wait(raw))
			return -ERESTARTSYS;
	}

	if (ret > 0 && copy_to_user(ubuf, data, ret))
		return -EFAULT;

	return ret;
}

static __poll_t raw_poll(struct file *file, poll_table *table)
{
	struct gunyah_rm_raw *raw = file->private_data;
	__poll_t events = EPOLLOUT | EPOLLWRNORM;

	poll_wait(file, &raw->wait, table);
	/* Who polls does so again when its time is over. */
	if (!raw_readable(raw))
		raw_peek(raw);
	if (raw_readable(raw))
		events |= EPOLLIN | EPOLLRDNORM;
	if (raw_is_over(raw->rm))
		events |= EPOLLHUP;

	return events;
}

const struct file_operations gunyah_rm_raw_fops = {
	.owner = THIS_MODULE,
	.open = raw_open,
	.release = raw_release,
	.read = raw_read,
	.write = raw_write,
	.poll = raw_poll,
};
