// SPDX-License-Identifier: GPL-2.0-only
/*
 * Byte streams over message-queue pairs: /dev/ttyGH<n>.
 *
 * Which queue pair is to be a stream is for user space to say. It writes vmid
 * and label to "new_device" of this driver, which makes a device that waits for
 * the pair. When the pair is there the device becomes the client of its mailbox
 * channel, and a tty. Messages have no meaning but their order: how bytes are
 * cut into them is of no concern to either end. What else there is to know is
 * in Documentation/virt/gunyah/message-queue.rst.
 *
 * The hard idea is that nothing is lost for want of room. Sending: a byte leaves
 * the fifo for a message slot and the slot for the mailbox core, which keeps it
 * until the queue has room; write_room() tells the rest. Receiving: a message
 * can not be refused, so the fifo has room for the largest one before the
 * channel may deliver it, and the channel is paused otherwise. Then messages
 * stay in the queue and the other end finds it full. Closed or throttled, the
 * tty takes nothing from the fifo.
 *
 * When the pair goes, or the hypervisor refuses a message, the tty hangs up.
 *
 * Locks: streams_lock is a leaf. tx_lock and rx_lock are never held together;
 * gunyah-msgq's msgq_rx.lock is taken inside rx_lock. No lock is held while a
 * message is given to the mailbox.
 */
#include <linux/auxiliary_bus.h>
#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/gunyah_msgq.h>
#include <linux/gunyah_resource.h>
#include <linux/kfifo.h>
#include <linux/kstrtox.h>
#include <linux/list.h>
#include <linux/mailbox_client.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/serial.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/tty.h>
#include <linux/tty_driver.h>
#include <linux/tty_flip.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <kunit/visibility.h>

#include "msgq_tty.h"

#define NR_STREAMS	64
/* Messages in the mailbox core, which holds 20. */
#define NR_SLOTS	8
#define FIFO_SIZE	SZ_8K
/* Memory of the tty layer, per tty, that another VM can fill. */
#define RX_LIMIT	SZ_64K

/* When the tty layer has no memory or room: try again after so long. */
#define RX_RETRY	(HZ / 50 ?: 1)

/**
 * struct stream_slot - a message on its way through the mailbox core
 * @msg: what the mailbox gets
 * @data: its bytes
 */
struct stream_slot {
	struct gunyah_msgq_msg msg;
	u8 data[GUNYAH_MSGQ_MAX_MSG_SIZE];
};

/**
 * struct stream - one tty
 * @port: its memory is this object's; one reference of the bound device, one of
 *	each tty
 * @dev: the gunyah-tty device, while it is bound
 * @cl: our end of @chan
 * @chan: mailbox channel, while the device is bound
 * @index: number of the tty
 * @tx_size: bytes a message can have
 * @tx_lock: Protects the fields below, down to @tx_bytes
 * @tx_dead: nothing is sent any more
 * @feeding: somebody gives messages to the mailbox; one at a time, to keep
 *	their order
 * @tx: bytes that are in no message yet
 * @slots: messages in the mailbox core
 * @slots_used: which of them
 * @in_slots: bytes in them
 * @tx_bytes: bytes sent since the device was bound
 * @rx_lock: Protects the fields below, but @rx
 * @rx: bytes that the tty has not taken yet. rx_callback() alone puts them in and
 *	@rx_work alone takes them out, so neither needs a lock for that
 * @rx_open: the tty is open
 * @throttled: its reader has to catch up
 * @paused: the channel is paused
 * @rx_bytes: bytes received since the device was bound
 * @rx_work: gives the tty what is in @rx
 */
struct stream {
	struct tty_port port;
	struct device *dev;
	struct mbox_client cl;
	struct mbox_chan *chan;
	unsigned int index;
	size_t tx_size;

	spinlock_t tx_lock; /* see above */
	bool tx_dead;
	bool feeding;
	DECLARE_KFIFO_PTR(tx, u8);
	struct stream_slot slots[NR_SLOTS];
	unsigned long slots_used;
	size_t in_slots;
	u32 tx_bytes;

	spinlock_t rx_lock; /* see above */
	DECLARE_KFIFO_PTR(rx, u8);
	bool rx_open;
	bool throttled;
	bool paused;
	u32 rx_bytes;
	struct delayed_work rx_work;
};

static struct tty_driver *stream_driver;
static struct workqueue_struct *stream_wq;

/* Protects what streams finds until a reference is taken. A leaf. */
static DEFINE_MUTEX(streams_lock);
/* Bound streams by number; a number is free when the last tty has gone. */
static DEFINE_XARRAY_ALLOC(streams);

/* Sending */

/* The next message, or NULL: then nobody is feeding any more. */
static struct stream_slot *tx_next_locked(struct stream *stream)
{
	struct stream_slot *slot;
	unsigned int i;

	lockdep_assert_held(&stream->tx_lock);

	i = find_first_zero_bit(&stream->slots_used, NR_SLOTS);
	if (stream->tx_dead || i >= NR_SLOTS || kfifo_is_empty(&stream->tx)) {
		stream->feeding = false;
		return NULL;
	}

	slot = &stream->slots[i];
	__set_bit(i, &stream->slots_used);
	slot->msg.data = slot->data;
	slot->msg.size = kfifo_out(&stream->tx, slot->data, stream->tx_size);
	slot->msg.status = 0;
	stream->in_slots += slot->msg.size;

	return slot;
}

static bool tx_begin_locked(struct stream *stream)
{
	lockdep_assert_held(&stream->tx_lock);

	if (stream->feeding)
		return false;

	stream->feeding = true;

	return true;
}

/* A stream with a hole in it is none: what comes after is not sent. */
static void tx_slot_end(struct stream *stream, struct stream_slot *slot, int status)
{
	scoped_guard(spinlock_irqsave, &stream->tx_lock) {
		__clear_bit(slot - stream->slots, &stream->slots_used);
		stream->in_slots -= slot->msg.size;
		if (status)
			stream->tx_dead = true;
		else
			stream->tx_bytes += slot->msg.size;
	}

	if (!status)
		return;

	dev_warn_ratelimited(stream->cl.dev, "message refused: %d\n", status);
	tty_port_tty_hangup(&stream->port, false);
}

/*
 * Give messages to the mailbox as long as there are some and it has room.
 * Whoever finds another at it can go: that one looks again before it stops.
 *
 * Context: any, without tx_lock.
 */
static void tx_feed(struct stream *stream)
{
	struct stream_slot *slot = NULL;
	int ret;

	scoped_guard(spinlock_irqsave, &stream->tx_lock) {
		if (tx_begin_locked(stream))
			slot = tx_next_locked(stream);
	}

	while (slot) {
		ret = mbox_send_message(stream->chan, &slot->msg);
		if (ret < 0)
			tx_slot_end(stream, slot, ret);
		scoped_guard(spinlock_irqsave, &stream->tx_lock)
			slot = tx_next_locked(stream);
	}
}

static void stream_tx_done(struct mbox_client *cl, void *mssg, int error)
{
	struct stream *stream = container_of(cl, struct stream, cl);
	struct stream_slot *slot = container_of(mssg, struct stream_slot, msg);

	/* @error may be another message's, see gunyah_msgq.h. */
	tx_slot_end(stream, slot, slot->msg.status);
	tx_feed(stream);
	tty_port_tty_wakeup(&stream->port);
}

/* Receiving */

static bool rx_wanted(struct stream *stream)
{
	guard(spinlock_irqsave)(&stream->rx_lock);

	return stream->rx_open && !stream->throttled && !kfifo_is_empty(&stream->rx);
}

static void rx_resume(struct stream *stream)
{
	guard(spinlock_irqsave)(&stream->rx_lock);

	if (!stream->paused || kfifo_len(&stream->rx) > FIFO_SIZE / 2)
		return;

	stream->paused = false;
	gunyah_msgq_rx_resume(stream->chan);
}

/* Move some bytes to the tty. False if it has no room. */
static bool rx_move(struct stream *stream)
{
	size_t size;
	u8 *room;

	size = tty_prepare_flip_string(&stream->port, &room, kfifo_len(&stream->rx));
	if (!size)
		return false;

	/* As many are there: nobody else takes any. */
	size = kfifo_out(&stream->rx, room, size);
	tty_flip_buffer_push(&stream->port);
	rx_resume(stream);

	return size;
}

static void rx_work_fn(struct work_struct *work)
{
	struct stream *stream = container_of(to_delayed_work(work), struct stream, rx_work);

	while (rx_wanted(stream)) {
		if (!rx_move(stream)) {
			queue_delayed_work(stream_wq, &stream->rx_work, RX_RETRY);
			return;
		}
	}
}

static void rx_kick(struct stream *stream)
{
	mod_delayed_work(stream_wq, &stream->rx_work, 0);
}

static void stream_rx(struct mbox_client *cl, void *mssg)
{
	struct stream *stream = container_of(cl, struct stream, cl);
	const struct gunyah_msgq_msg *msg = mssg;

	scoped_guard(spinlock_irqsave, &stream->rx_lock) {
		/* Room for the largest message was there before it came. */
		stream->rx_bytes += kfifo_in(&stream->rx, (u8 *)msg->data, msg->size);
		if (kfifo_avail(&stream->rx) < GUNYAH_MSGQ_MAX_MSG_SIZE) {
			stream->paused = true;
			gunyah_msgq_rx_pause(stream->chan);
		}
	}

	rx_kick(stream);
}

/* The tty */

static struct stream *to_stream(struct tty_port *port)
{
	return container_of(port, struct stream, port);
}

static int stream_activate(struct tty_port *port, struct tty_struct *tty)
{
	struct stream *stream = to_stream(port);
	bool dead = false;

	scoped_guard(spinlock_irqsave, &stream->tx_lock)
		dead = stream->tx_dead;
	if (dead)
		return -ENODEV;

	scoped_guard(spinlock_irqsave, &stream->rx_lock) {
		stream->rx_open = true;
		stream->throttled = false;
	}
	rx_kick(stream);

	return 0;
}

/* What comes from now on stays in the fifo and then in the queue. */
static void stream_shutdown(struct tty_port *port)
{
	struct stream *stream = to_stream(port);

	scoped_guard(spinlock_irqsave, &stream->rx_lock)
		stream->rx_open = false;
}

static void stream_destruct(struct tty_port *port)
{
	struct stream *stream = to_stream(port);

	scoped_guard(mutex, &streams_lock)
		xa_erase(&streams, stream->index);
	kfifo_free(&stream->tx);
	kfifo_free(&stream->rx);
	kvfree(stream);
}

static const struct tty_port_operations stream_port_ops = {
	.activate = stream_activate,
	.shutdown = stream_shutdown,
	.destruct = stream_destruct,
};

/* A stream that is bound, with a reference, or NULL. */
static struct stream *stream_get(unsigned int index)
{
	struct stream *stream;

	guard(mutex)(&streams_lock);

	stream = xa_load(&streams, index);
	if (!stream || !stream->dev)
		return NULL;
	tty_port_get(&stream->port);

	return stream;
}

static int stream_install(struct tty_driver *driver, struct tty_struct *tty)
{
	struct stream *stream = stream_get(tty->index);
	int ret;

	if (!stream)
		return -ENODEV;

	ret = tty_port_install(&stream->port, driver, tty);
	if (ret)
		tty_port_put(&stream->port);
	else
		tty->driver_data = stream;

	return ret;
}

static void stream_cleanup(struct tty_struct *tty)
{
	tty_port_put(tty->port);
}

static int stream_tty_open(struct tty_struct *tty, struct file *file)
{
	return tty_port_open(tty->port, tty, file);
}

static void stream_close(struct tty_struct *tty, struct file *file)
{
	tty_port_close(tty->port, tty, file);
}

static void stream_hangup(struct tty_struct *tty)
{
	tty_port_hangup(tty->port);
}

static ssize_t stream_write(struct tty_struct *tty, const u8 *buf, size_t size)
{
	struct stream *stream = tty->driver_data;
	bool dead = false;

	scoped_guard(spinlock_irqsave, &stream->tx_lock) {
		dead = stream->tx_dead;
		if (!dead)
			size = kfifo_in(&stream->tx, buf, size);
	}
	if (dead)
		return -EIO;

	tx_feed(stream);

	return size;
}

static unsigned int stream_write_room(struct tty_struct *tty)
{
	struct stream *stream = tty->driver_data;

	guard(spinlock_irqsave)(&stream->tx_lock);

	return stream->tx_dead ? 0 : kfifo_avail(&stream->tx);
}

/* Nothing once it is dead: who waits for it to be sent would wait for ever. */
static unsigned int stream_chars_in_buffer(struct tty_struct *tty)
{
	struct stream *stream = tty->driver_data;

	guard(spinlock_irqsave)(&stream->tx_lock);

	return stream->tx_dead ? 0 : kfifo_len(&stream->tx) + stream->in_slots;
}

static void stream_flush_buffer(struct tty_struct *tty)
{
	struct stream *stream = tty->driver_data;

	scoped_guard(spinlock_irqsave, &stream->tx_lock)
		kfifo_reset(&stream->tx);

	tty_wakeup(tty);
}

static void stream_throttle(struct tty_struct *tty)
{
	struct stream *stream = tty->driver_data;

	guard(spinlock_irqsave)(&stream->rx_lock);

	stream->throttled = true;
}

static void stream_unthrottle(struct tty_struct *tty)
{
	struct stream *stream = tty->driver_data;

	scoped_guard(spinlock_irqsave, &stream->rx_lock)
		stream->throttled = false;

	rx_kick(stream);
}

static int stream_get_icount(struct tty_struct *tty, struct serial_icounter_struct *icount)
{
	struct stream *stream = tty->driver_data;

	scoped_guard(spinlock_irqsave, &stream->tx_lock)
		icount->tx = stream->tx_bytes;
	scoped_guard(spinlock_irqsave, &stream->rx_lock)
		icount->rx = stream->rx_bytes;

	return 0;
}

static const struct tty_operations stream_ops = {
	.install = stream_install,
	.cleanup = stream_cleanup,
	.open = stream_tty_open,
	.close = stream_close,
	.hangup = stream_hangup,
	.write = stream_write,
	.write_room = stream_write_room,
	.chars_in_buffer = stream_chars_in_buffer,
	.flush_buffer = stream_flush_buffer,
	.throttle = stream_throttle,
	.unthrottle = stream_unthrottle,
	.get_icount = stream_get_icount,
};

/* The device */

/* From here on tty_port_put() frees it. */
static struct stream *stream_create(void)
{
	struct stream *stream = kvzalloc(sizeof(*stream), GFP_KERNEL);
	int ret;

	if (!stream)
		return ERR_PTR(-ENOMEM);

	ret = kfifo_alloc(&stream->tx, FIFO_SIZE, GFP_KERNEL);
	if (!ret)
		ret = kfifo_alloc(&stream->rx, FIFO_SIZE, GFP_KERNEL);
	if (!ret)
		ret = xa_alloc(&streams, &stream->index, stream, XA_LIMIT(0, NR_STREAMS - 1),
			       GFP_KERNEL);
	if (ret) {
		kfifo_free(&stream->tx);
		kfifo_free(&stream->rx);
		kvfree(stream);
		return ERR_PTR(ret);
	}

	spin_lock_init(&stream->tx_lock);
	spin_lock_init(&stream->rx_lock);
	INIT_DELAYED_WORK(&stream->rx_work, rx_work_fn);
	tty_port_init(&stream->port);
	stream->port.ops = &stream_port_ops;
	tty_buffer_set_limit(&stream->port, RX_LIMIT);

	return stream;
}

/*
 * Tie @dev to the queue device as its consumer: it is probed when that has its
 * driver, and unbound before it loses it.
 */
static int stream_link(struct device *dev, struct device *msgq)
{
	struct device_link *link = device_link_add(dev, msgq, DL_FLAG_AUTOPROBE_CONSUMER);

	/* There is none to a device that is only about to be added. */
	if (!link)
		return READ_ONCE(msgq->driver) ? -EINVAL : -EPROBE_DEFER;

	return READ_ONCE(link->status) == DL_STATE_CONSUMER_PROBE ? 0 : -EPROBE_DEFER;
}

static int stream_bind(struct stream *stream, struct device *dev, struct gunyah_msgq_device *msgq)
{
	int ret;

	if (!msgq->tx.present || !msgq->rx.present)
		return dev_err_probe(dev, -EINVAL, "the queue is not a pair\n");

	ret = stream_link(dev, &msgq->adev.dev);
	if (ret)
		return dev_err_probe(dev, ret, "no link to the message queues\n");

	stream->chan = gunyah_msgq_chan(msgq);
	if (IS_ERR(stream->chan))
		return PTR_ERR(stream->chan);

	stream->tx_size = msgq->tx.msg_size;
	stream->cl.dev = dev;
	stream->cl.tx_done = stream_tx_done;
	stream->cl.rx_callback = stream_rx;

	ret = mbox_bind_client(stream->chan, &stream->cl);
	if (ret)
		return dev_err_probe(dev, ret, "cannot open the mailbox channel\n");

	return 0;
}

/*
 * The opposite of stream_bind(): nothing is sent or received any more. A tty
 * that was hung up may still be unthrottled.
 */
static void stream_unbind(struct stream *stream)
{
	mbox_free_channel(stream->chan);
	disable_delayed_work_sync(&stream->rx_work);
}

static void stream_publish(struct stream *stream, struct device *dev)
{
	guard(mutex)(&streams_lock);

	stream->dev = dev;
}

static int stream_probe(struct platform_device *pdev)
{
	struct gunyah_tty_pair *pair = dev_get_platdata(&pdev->dev);
	struct device *dev = &pdev->dev, *tty;
	struct auxiliary_device *adev;
	struct stream *stream;
	int ret;

	if (!pair)
		return -EINVAL;

	/* Whatever binds to a driver has this one tried again. */
	adev = gunyah_resource_find(pair->vmid, GUNYAH_RESOURCE_MSGQ, pair->label);
	if (!adev)
		return -EPROBE_DEFER;

	stream = stream_create();
	if (IS_ERR(stream)) {
		put_device(&adev->dev);
		return PTR_ERR(stream);
	}

	/* The link holds the device from here on. */
	ret = stream_bind(stream, dev, to_gunyah_msgq_device(adev));
	put_device(&adev->dev);
	if (ret)
		goto err_put;

	stream_publish(stream, dev);
	tty = tty_port_register_device(&stream->port, stream_driver, stream->index, dev);
	if (IS_ERR(tty)) {
		ret = PTR_ERR(tty);
		goto err_unpublish;
	}

	platform_set_drvdata(pdev, stream);

	return 0;

err_unpublish:
	stream_publish(stream, NULL);
	stream_unbind(stream);
err_put:
	tty_port_put(&stream->port);
	return ret;
}

static void stream_remove(struct platform_device *pdev)
{
	struct stream *stream = platform_get_drvdata(pdev);
	struct tty_struct *tty;

	/* First nobody can open it, then those who have are sent away. */
	stream_publish(stream, NULL);
	tty_unregister_device(stream_driver, stream->index);
	scoped_guard(spinlock_irqsave, &stream->tx_lock)
		stream->tx_dead = true;

	tty = tty_port_tty_get(&stream->port);
	if (tty) {
		tty_wakeup(tty);
		tty_vhangup(tty);
		tty_kref_put(tty);
	}

	stream_unbind(stream);
	tty_port_put(&stream->port);
}

static ssize_t vmid_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	const struct gunyah_tty_pair *pair = dev_get_platdata(dev);

	return sysfs_emit(buf, "%u\n", pair->vmid);
}
static DEVICE_ATTR_RO(vmid);

static ssize_t label_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	const struct gunyah_tty_pair *pair = dev_get_platdata(dev);

	return sysfs_emit(buf, "%u\n", pair->label);
}
static DEVICE_ATTR_RO(label);

static struct attribute *stream_attrs[] = {
	&dev_attr_vmid.attr,
	&dev_attr_label.attr,
	NULL
};
ATTRIBUTE_GROUPS(stream);

/* Devices that user space has asked for */

/**
 * struct stream_device - one of them
 * @node: in the list of them
 * @pair: which pair it is for
 * @pdev: the device
 */
struct stream_device {
	struct list_head node;
	struct gunyah_tty_pair pair;
	struct platform_device *pdev;
};

/* Protects stream_devices; held while a device is added or removed. */
static DEFINE_MUTEX(stream_devices_lock);
static LIST_HEAD(stream_devices);

/* "VMID LABEL", in any base that a prefix tells. */
static int pair_parse(const char *buf, struct gunyah_tty_pair *pair)
{
	char *copy __free(kfree) = kstrdup(buf, GFP_KERNEL);
	char *label, *vmid;
	int ret;

	if (!copy)
		return -ENOMEM;

	label = strim(copy);
	vmid = strsep(&label, " \t");
	if (!label)
		return -EINVAL;

	ret = kstrtou16(vmid, 0, &pair->vmid);

	return ret ?: kstrtou32(skip_spaces(label), 0, &pair->label);
}

static struct stream_device *stream_device_find_locked(const struct gunyah_tty_pair *pair)
{
	struct stream_device *sdev;

	lockdep_assert_held(&stream_devices_lock);

	list_for_each_entry(sdev, &stream_devices, node)
		if (sdev->pair.vmid == pair->vmid && sdev->pair.label == pair->label)
			return sdev;

	return NULL;
}

static void stream_device_remove_locked(struct stream_device *sdev)
{
	lockdep_assert_held(&stream_devices_lock);

	list_del(&sdev->node);
	platform_device_unregister(sdev->pdev);
	kfree(sdev);
}

static ssize_t new_device_store(struct device_driver *drv, const char *buf, size_t count)
{
	struct gunyah_tty_pair pair = {};
	struct stream_device *sdev;
	int ret;

	ret = pair_parse(buf, &pair);
	if (ret)
		return ret;

	guard(mutex)(&stream_devices_lock);

	if (stream_device_find_locked(&pair))
		return -EEXIST;

	sdev = kzalloc(sizeof(*sdev), GFP_KERNEL);
	if (!sdev)
		return -ENOMEM;

	sdev->pair = pair;
	sdev->pdev = platform_device_register_data(NULL, GUNYAH_TTY_DEVICE_NAME,
						   PLATFORM_DEVID_AUTO, &pair, sizeof(pair));
	if (IS_ERR(sdev->pdev)) {
		ret = PTR_ERR(sdev->pdev);
		kfree(sdev);
		return ret;
	}
	list_add_tail(&sdev->node, &stream_devices);

	return count;
}
static DRIVER_ATTR_WO(new_device);

static ssize_t delete_device_store(struct device_driver *drv, const char *buf, size_t count)
{
	struct gunyah_tty_pair pair = {};
	struct stream_device *sdev;
	int ret;

	ret = pair_parse(buf, &pair);
	if (ret)
		return ret;

	guard(mutex)(&stream_devices_lock);

	sdev = stream_device_find_locked(&pair);
	if (!sdev)
		return -ENOENT;
	stream_device_remove_locked(sdev);

	return count;
}
static DRIVER_ATTR_WO(delete_device);

static struct attribute *stream_driver_attrs[] = {
	&driver_attr_new_device.attr,
	&driver_attr_delete_device.attr,
	NULL
};
ATTRIBUTE_GROUPS(stream_driver);

static struct platform_driver stream_platform_driver = {
	.probe = stream_probe,
	.remove = stream_remove,
	.driver = {
		.name = GUNYAH_TTY_DEVICE_NAME,
		.groups = stream_driver_groups,
		.dev_groups = stream_groups,
	},
};

/**
 * gunyah_tty_port() - the tty of a device, for tests
 * @pdev: gunyah-tty device
 * @devt: result: number of the tty device
 *
 * Return: its port, NULL if the device is not bound.
 */
struct tty_port *gunyah_tty_port(struct platform_device *pdev, dev_t *devt)
{
	struct stream *stream = platform_get_drvdata(pdev);

	if (pdev->dev.driver != &stream_platform_driver.driver || !stream)
		return NULL;

	*devt = MKDEV(stream_driver->major, stream_driver->minor_start + stream->index);

	return &stream->port;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_tty_port);

static int __init stream_driver_add(void)
{
	int ret;

	stream_driver = tty_alloc_driver(NR_STREAMS, TTY_DRIVER_REAL_RAW |
					 TTY_DRIVER_DYNAMIC_DEV);
	if (IS_ERR(stream_driver))
		return PTR_ERR(stream_driver);

	stream_driver->driver_name = "gunyah_tty";
	stream_driver->name = "ttyGH";
	stream_driver->type = TTY_DRIVER_TYPE_SERIAL;
	stream_driver->subtype = SERIAL_TYPE_NORMAL;
	stream_driver->init_termios = tty_std_termios;
	/* No line, so no modem to wait for. The other end may talk first. */
	stream_driver->init_termios.c_cflag |= CLOCAL;
	stream_driver->init_termios.c_lflag &= ~(ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE);
	tty_set_operations(stream_driver, &stream_ops);

	ret = tty_register_driver(stream_driver);
	if (ret)
		tty_driver_kref_put(stream_driver);

	return ret;
}

static void stream_driver_remove(void)
{
	tty_unregister_driver(stream_driver);
	tty_driver_kref_put(stream_driver);
}

static int __init stream_init(void)
{
	int ret;

	stream_wq = alloc_workqueue("gunyah_tty", WQ_UNBOUND, 0);
	if (!stream_wq)
		return -ENOMEM;

	ret = stream_driver_add();
	if (ret)
		goto err_wq;

	ret = platform_driver_register(&stream_platform_driver);
	if (ret)
		goto err_driver;

	return 0;

err_driver:
	stream_driver_remove();
err_wq:
	destroy_workqueue(stream_wq);
	return ret;
}
module_init(stream_init);

static void __exit stream_exit(void)
{
	struct stream_device *sdev, *next;

	/* The attributes go with the driver, so that no device is added behind. */
	platform_driver_unregister(&stream_platform_driver);
	scoped_guard(mutex, &stream_devices_lock)
		list_for_each_entry_safe(sdev, next, &stream_devices, node)
			stream_device_remove_locked(sdev);
	stream_driver_remove();
	destroy_workqueue(stream_wq);
	xa_destroy(&streams);
}
module_exit(stream_exit);

MODULE_DESCRIPTION("Byte streams over Gunyah message queues");
MODULE_ALIAS("platform:" GUNYAH_TTY_DEVICE_NAME);
MODULE_LICENSE("GPL");
