// SPDX-License-Identifier: GPL-2.0-only
/*
 * Consoles at the Gunyah resource manager (RM), as /dev/hvc<n>.
 *
 * A VM can have a console at RM if its device tree asks for one. What the VM
 * writes, its owner is notified of, and the other way round. Here are both ends
 * of it: the own console of this VM, and those of the VMs this one owns.
 * Whether there is one is found out by opening it. It stays open as long as
 * there is a /dev/hvc<n>, so that what is written before somebody reads is kept,
 * and so that the kernel can use it as its console.
 *
 * put_chars() and get_chars() are called with interrupts off and from printk():
 * they fill and empty a fifo each, work items do the rest. What comes while the
 * fifo is full is dropped and counted: RM can not be told to wait. What RM does
 * not take is dropped as well: writing it again could write it twice. When RM
 * does not answer, so is all that waits behind it: who unbinds the driver would
 * have to wait for each line of it to time out.
 *
 * A console is a slot of a fixed table and its number there the vtermno, so
 * that whoever comes late finds an unused slot and never freed memory.
 *
 * Documentation/virt/gunyah/resource-manager.rst has the calls.
 */
#include <linux/array_size.h>
#include <linux/atomic.h>
#include <linux/auxiliary_bus.h>
#include <linux/bitmap.h>
#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/gunyah_console.h>
#include <linux/gunyah_rm.h>
#include <linux/gunyah_rm_vm.h>
#include <linux/kfifo.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/sysfs.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <kunit/visibility.h>

#include "hvc_console.h"

/* As many as hvc_console.c has ttys for. */
#define NR_CONSOLES	8
#define FIFO_SIZE	SZ_8K
/* Bytes of a call. Small, as RM's memory is; a fragment less its headers. */
#define CALL_SIZE	224

/**
 * struct console_hub - the consoles at one RM
 * @dev: the console device
 * @rm: client
 * @status: subscription: VMs come and go
 * @chars: subscription: what consoles bring
 * @work: looks for consoles. Alone it adds and removes them, until the hub goes
 * @retries: how often it has come back to what it could not ask
 * @look_around: @work has to ask who there is
 * @found: VMs to look at; atomic bits
 * @gone: VMs that are gone; atomic bits
 * @rx_dropped: bytes that came when a fifo was full
 * @tx_dropped: bytes that RM did not take
 */
struct console_hub {
	struct device *dev;
	struct gunyah_rm *rm;
	struct gunyah_rm_subscriber status;
	struct gunyah_rm_subscriber chars;
	struct delayed_work work;
	atomic_t retries;
	bool look_around;
	DECLARE_BITMAP(found, GUNYAH_VMID_ANY);
	DECLARE_BITMAP(gone, GUNYAH_VMID_ANY);
	atomic64_t rx_dropped;
	atomic64_t tx_dropped;
};

/**
 * struct console - a slot of the table
 * @lock: Protects @hub, @vmid and the fifos
 * @hub: whose it is, NULL if it is unused
 * @vmid: GUNYAH_VMID_SELF for this VM's own, or the VM at the other end
 * @hp: the tty; set and used in process context, while @hub is set
 * @rx: bytes for get_chars()
 * @tx: bytes from put_chars()
 * @rx_work: tells the tty
 * @tx_work: tells RM
 */
struct console {
	spinlock_t lock; /* see above */
	struct console_hub *hub;
	u16 vmid;
	struct hvc_struct *hp;
	DECLARE_KFIFO_PTR(rx, u8);
	DECLARE_KFIFO_PTR(tx, u8);
	struct work_struct rx_work;
	struct work_struct tx_work;
};

static struct console consoles[NR_CONSOLES];
/* Serialises the allocation of their fifos. */
static DEFINE_MUTEX(consoles_lock);
static struct workqueue_struct *console_wq;

/* Between the tty and the fifos; any context */

static ssize_t console_get_chars(u32 vtermno, u8 *buf, size_t size)
{
	struct console *console = &consoles[vtermno];

	guard(spinlock_irqsave)(&console->lock);

	return console->hub ? kfifo_out(&console->rx, buf, size) : -EPIPE;
}

/* 0 when there is no room: it comes again when the work item says so. */
static ssize_t console_put_chars(u32 vtermno, const u8 *buf, size_t size)
{
	struct console *console = &consoles[vtermno];
	ssize_t ret = -EPIPE;

	scoped_guard(spinlock_irqsave, &console->lock) {
		if (console->hub) {
			ret = kfifo_in(&console->tx, buf, size);
			queue_work(console_wq, &console->tx_work);
		}
	}

	return ret;
}

/* New bytes are told of, there is no need to poll for them. */
static int console_notifier_add(struct hvc_struct *hp, int data)
{
	hp->irq_requested = 1;

	return 0;
}

static void console_notifier_del(struct hvc_struct *hp, int data)
{
	hp->irq_requested = 0;
}

static const struct hv_ops console_ops = {
	.get_chars = console_get_chars,
	.put_chars = console_put_chars,
	.notifier_add = console_notifier_add,
	.notifier_del = console_notifier_del,
	.notifier_hangup = console_notifier_del,
};

/* Between the fifos and RM */

static size_t console_tx_take(struct console *console, u8 *buf, size_t size)
{
	guard(spinlock_irqsave)(&console->lock);

	return console->hub ? kfifo_out(&console->tx, buf, size) : 0;
}

static void console_tx_drop(struct console *console)
{
	guard(spinlock_irqsave)(&console->lock);

	atomic64_add(kfifo_len(&console->tx), &console->hub->tx_dropped);
	kfifo_reset(&console->tx);
}

static void console_tx_work(struct work_struct *work)
{
	struct console *console = container_of(work, struct console, tx_work);
	u8 buf[CALL_SIZE];
	size_t size;
	int ret;

	/* Neither changes while the work item is there. */
	while ((size = console_tx_take(console, buf, sizeof(buf)))) {
		ret = gunyah_rm_console_write(console->hub->rm, console->vmid, buf, size);
		if (ret)
			atomic64_add(size, &console->hub->tx_dropped);
		if (ret == -ETIMEDOUT)
			console_tx_drop(console);
	}

	/* The tty may hold back what there was no room for. */
	hvc_kick();
}

static void console_rx_work(struct work_struct *work)
{
	struct console *console = container_of(work, struct console, rx_work);

	if (hvc_poll(console->hp))
		hvc_kick();
}

static bool console_is(const struct console *console, const struct console_hub *hub, u16 vmid)
{
	lockdep_assert_held(&console->lock);

	return console->hub == hub && console->vmid == vmid;
}

/* Put bytes in the fifo of the console of @vmid. */
static void hub_rx(struct console_hub *hub, u16 vmid, const u8 *data, size_t size)
{
	size_t taken = size;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(consoles); i++) {
		struct console *console = &consoles[i];

		guard(spinlock_irqsave)(&console->lock);
		if (!console_is(console, hub, vmid))
			continue;
		taken = kfifo_in(&console->rx, data, size);
		queue_work(console_wq, &console->rx_work);
	}

	atomic64_add(size - taken, &hub->rx_dropped);
}

static void hub_chars(struct gunyah_rm_subscriber *sub, const struct gunyah_rm_notification *n)
{
	struct console_hub *hub = container_of(sub, struct console_hub, chars);
	const u8 *data;
	size_t size;

	/* The RM driver drops those that say more than they have. */
	data = gunyah_rm_console_chars(n, &size);
	if (!data)
		return;

	/* 0 is the owner, who writes to this VM's own console. */
	hub_rx(hub, n->vmid, data, size);
}

/* Consoles that come and go */

static struct console *console_find(struct console_hub *hub, u16 vmid)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(consoles); i++) {
		guard(spinlock_irqsave)(&consoles[i].lock);
		if (console_is(&consoles[i], hub, vmid))
			return &consoles[i];
	}

	return NULL;
}

/* An unused slot, from now on used: what comes with the opening is not lost. */
static struct console *console_claim(struct console_hub *hub, u16 vmid)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(consoles); i++) {
		struct console *console = &consoles[i];

		guard(spinlock_irqsave)(&console->lock);
		if (console->hub)
			continue;
		kfifo_reset(&console->rx);
		kfifo_reset(&console->tx);
		console->hub = hub;
		console->vmid = vmid;
		return console;
	}

	return NULL;
}

static void console_unclaim(struct console *console)
{
	guard(spinlock_irqsave)(&console->lock);

	console->hub = NULL;
	console->hp = NULL;
}

/* There is a console of @vmid, and it is open. */
static void console_add(struct console_hub *hub, u16 vmid)
{
	struct console *console = console_claim(hub, vmid);
	struct hvc_struct *hp;

	if (!console) {
		dev_warn(hub->dev, "no room for the console of VM %u\n", vmid);
		gunyah_rm_console_close(hub->rm, vmid);
		return;
	}

	hp = hvc_alloc(console - consoles, 0, &console_ops, CALL_SIZE);
	if (IS_ERR(hp)) {
		dev_warn(hub->dev, "no tty for the console of VM %u: %pe\n", vmid, hp);
		console_unclaim(console);
		gunyah_rm_console_close(hub->rm, vmid);
		return;
	}

	console->hp = hp;
	enable_work(&console->tx_work);
	enable_and_queue_work(console_wq, &console->rx_work);
	queue_work(console_wq, &console->tx_work);
	dev_info(hub->dev, "hvc%d is the console of VM %u\n", hp->index, vmid);
}

static void console_remove(struct console *console)
{
	struct console_hub *hub = console->hub;
	u16 vmid = console->vmid;

	disable_work_sync(&console->rx_work);
	hvc_remove(console->hp);
	disable_work_sync(&console->tx_work);
	console_unclaim(console);
	gunyah_rm_console_close(hub->rm, vmid);
}

/*
 * A VM that has been started again may have to be opened again. Most VMs have
 * none, or are not this one's.
 */
static int hub_look_at(struct console_hub *hub, u16 vmid)
{
	int ret = gunyah_rm_console_open(hub->rm, vmid);

	if (ret)
		dev_dbg(hub->dev, "no console of VM %u: %d\n", vmid, ret);
	else if (!console_find(hub, vmid))
		console_add(hub, vmid);

	return ret;
}

static void hub_gone(struct console_hub *hub, u16 vmid)
{
	struct console *console = console_find(hub, vmid);

	if (console)
		console_remove(console);
}

/* Not EXITED: its last words may not have been read. */
static bool state_is_end(u8 vm_state)
{
	return vm_state == GUNYAH_RM_VM_NONE || vm_state == GUNYAH_RM_VM_RESET ||
	       vm_state == GUNYAH_RM_VM_RESET_FAILED;
}

/*
 * The VMs whose end may have been told by a notification that was lost. Return:
 * 0, or an error if one of them is to be asked for again; -ETIMEDOUT if RM would
 * not answer for others either.
 */
static int hub_ask_states(struct console_hub *hub)
{
	struct gunyah_rm_vm_status status;
	int error = 0;
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(consoles); i++) {
		u16 vmid = GUNYAH_VMID_SELF;

		scoped_guard(spinlock_irqsave, &consoles[i].lock)
			if (consoles[i].hub == hub)
				vmid = consoles[i].vmid;
		if (vmid == GUNYAH_VMID_SELF)
			continue;

		ret = gunyah_rm_get_state(hub->rm, vmid, &status);
		if (ret == -ENODEV || (!ret && state_is_end(status.vm_state)))
			set_bit(vmid, hub->gone);
		if (gunyah_rm_error_passes(ret))
			error = ret;
		if (ret == -ETIMEDOUT)
			break;
	}

	return error;
}

/*
 * What there was before somebody told: this VM's own console, and its peers'.
 * Return: true if it is to be asked for again.
 */
static bool hub_ask(struct console_hub *hub)
{
	struct gunyah_rm_vmids *peers __free(kvfree) = NULL;
	int error = hub_ask_states(hub), ret;
	u32 i;

	if (error == -ETIMEDOUT)
		return true;

	set_bit(GUNYAH_VMID_SELF, hub->found);
	ret = gunyah_rm_get_peers(hub->rm, &peers);
	if (ret)
		return error || gunyah_rm_error_passes(ret);

	for (i = 0; i < peers->nr; i++)
		if (peers->vmids[i] != GUNYAH_VMID_ANY)
			set_bit(peers->vmids[i], hub->found);

	return error;
}

/* Return: true if one of those that were found is to be looked at again. */
static bool hub_look(struct console_hub *hub)
{
	bool again = false;
	unsigned int vmid;
	int ret;

	for_each_set_bit(vmid, hub->found, GUNYAH_VMID_ANY) {
		if (!test_and_clear_bit(vmid, hub->found))
			continue;
		ret = hub_look_at(hub, vmid);
		if (!gunyah_rm_error_passes(ret))
			continue;
		set_bit(vmid, hub->found);
		again = true;
		/* Nor would RM answer the others. */
		if (ret == -ETIMEDOUT)
			break;
	}

	return again;
}

static void hub_work(struct work_struct *work)
{
	struct console_hub *hub = container_of(to_delayed_work(work), struct console_hub, work);
	unsigned int vmid;
	bool again = false;

	if (xchg(&hub->look_around, false) && hub_ask(hub)) {
		WRITE_ONCE(hub->look_around, true);
		again = true;
	}

	for_each_set_bit(vmid, hub->gone, GUNYAH_VMID_ANY)
		if (test_and_clear_bit(vmid, hub->gone))
			hub_gone(hub, vmid);

	again |= hub_look(hub);
	if (again)
		queue_delayed_work(console_wq, &hub->work, gunyah_rm_retry_delay(&hub->retries));
	else
		atomic_set(&hub->retries, 0);
}

/* There is news, so how often there was none does not count any more. */
static void hub_work_now(struct console_hub *hub)
{
	atomic_set(&hub->retries, 0);
	mod_delayed_work(console_wq, &hub->work, 0);
}

static void hub_status(struct gunyah_rm_subscriber *sub, const struct gunyah_rm_notification *n)
{
	struct console_hub *hub = container_of(sub, struct console_hub, status);

	if (n->vmid == GUNYAH_VMID_ANY || n->vmid == GUNYAH_VMID_SELF)
		return;

	if (n->status.vm_state == GUNYAH_RM_VM_READY ||
	    n->status.vm_state == GUNYAH_RM_VM_RUNNING) {
		set_bit(n->vmid, hub->found);
	} else if (state_is_end(n->status.vm_state)) {
		clear_bit(n->vmid, hub->found);
		set_bit(n->vmid, hub->gone);
	} else {
		return;
	}

	hub_work_now(hub);
}

static void hub_look_around(struct console_hub *hub)
{
	WRITE_ONCE(hub->look_around, true);
	hub_work_now(hub);
}

static void hub_lost(struct gunyah_rm_subscriber *sub)
{
	hub_look_around(container_of(sub, struct console_hub, status));
}

static ssize_t dropped_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct console_hub *hub = dev_get_drvdata(dev);

	return sysfs_emit(buf, "rx %lld\ntx %lld\n", atomic64_read(&hub->rx_dropped),
			  atomic64_read(&hub->tx_dropped));
}
static DEVICE_ATTR_RO(dropped);

static struct attribute *hub_attrs[] = {
	&dev_attr_dropped.attr,
	NULL
};
ATTRIBUTE_GROUPS(hub);

/*
 * Memory for the fifos, once there is an RM: on most machines there is none.
 * It stays until the module goes.
 */
static int consoles_alloc(void)
{
	unsigned int i;
	int ret = 0;

	guard(mutex)(&consoles_lock);

	for (i = 0; i < ARRAY_SIZE(consoles) && !ret; i++) {
		if (!kfifo_initialized(&consoles[i].rx))
			ret = kfifo_alloc(&consoles[i].rx, FIFO_SIZE, GFP_KERNEL);
		if (!ret && !kfifo_initialized(&consoles[i].tx))
			ret = kfifo_alloc(&consoles[i].tx, FIFO_SIZE, GFP_KERNEL);
	}

	return ret;
}

static int hub_probe(struct auxiliary_device *adev, const struct auxiliary_device_id *id)
{
	struct console_hub *hub;
	int ret;

	ret = consoles_alloc();
	if (ret)
		return ret;

	hub = kvzalloc(sizeof(*hub), GFP_KERNEL);
	if (!hub)
		return -ENOMEM;

	hub->dev = &adev->dev;
	hub->rm = to_gunyah_console_device(adev)->rm;
	INIT_DELAYED_WORK(&hub->work, hub_work);
	hub->status.id = GUNYAH_RM_NOTIF_VM_STATUS;
	hub->status.vmid = GUNYAH_VMID_ANY;
	hub->status.notify = hub_status;
	hub->status.lost = hub_lost;
	hub->chars.id = GUNYAH_RM_NOTIF_CONSOLE_CHARS;
	hub->chars.vmid = GUNYAH_VMID_ANY;
	hub->chars.notify = hub_chars;

	ret = gunyah_rm_subscribe(hub->rm, &hub->chars);
	if (ret)
		goto err_free;

	ret = gunyah_rm_subscribe(hub->rm, &hub->status);
	if (ret)
		goto err_chars;

	auxiliary_set_drvdata(adev, hub);
	hub_look_around(hub);

	return 0;

err_chars:
	gunyah_rm_unsubscribe(hub->rm, &hub->chars);
err_free:
	kvfree(hub);
	return ret;
}

static void hub_remove(struct auxiliary_device *adev)
{
	struct console_hub *hub = auxiliary_get_drvdata(adev);
	unsigned int i;

	gunyah_rm_unsubscribe(hub->rm, &hub->status);
	gunyah_rm_unsubscribe(hub->rm, &hub->chars);
	cancel_delayed_work_sync(&hub->work);

	/* Nobody else adds or removes this hub's consoles any more. */
	for (i = 0; i < ARRAY_SIZE(consoles); i++)
		if (consoles[i].hub == hub)
			console_remove(&consoles[i]);

	kvfree(hub);
}

static const struct auxiliary_device_id hub_ids[] = {
	{ .name = "gunyah_rm.console" },
	{ }
};
MODULE_DEVICE_TABLE(auxiliary, hub_ids);

static struct auxiliary_driver hub_driver = {
	.name = "hvc",
	.probe = hub_probe,
	.remove = hub_remove,
	.id_table = hub_ids,
	.driver = {
		.dev_groups = hub_groups,
	},
};

/**
 * gunyah_hvc_index() - the tty of a console, for tests
 * @vmid: as in gunyah_rm_console_open()
 *
 * Return: n of /dev/hvc<n>, -1 if there is none.
 */
int gunyah_hvc_index(u16 vmid)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(consoles); i++) {
		guard(spinlock_irqsave)(&consoles[i].lock);
		if (consoles[i].hub && consoles[i].vmid == vmid &&
		    READ_ONCE(consoles[i].hp))
			return consoles[i].hp->index;
	}

	return -1;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_hvc_index);

static void consoles_free(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(consoles); i++) {
		kfifo_free(&consoles[i].rx);
		kfifo_free(&consoles[i].tx);
	}
}

static void __init consoles_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(consoles); i++) {
		spin_lock_init(&consoles[i].lock);
		INIT_WORK(&consoles[i].rx_work, console_rx_work);
		INIT_WORK(&consoles[i].tx_work, console_tx_work);
		disable_work(&consoles[i].rx_work);
		disable_work(&consoles[i].tx_work);
	}
}

static int __init hvc_gunyah_init(void)
{
	int ret;

	console_wq = alloc_workqueue("hvc_gunyah", WQ_UNBOUND, 0);
	if (!console_wq)
		return -ENOMEM;

	consoles_init();
	ret = auxiliary_driver_register(&hub_driver);
	if (ret) {
		consoles_free();
		destroy_workqueue(console_wq);
	}

	return ret;
}
module_init(hvc_gunyah_init);

static void __exit hvc_gunyah_exit(void)
{
	auxiliary_driver_unregister(&hub_driver);
	consoles_free();
	destroy_workqueue(console_wq);
}
module_exit(hvc_gunyah_exit);

MODULE_DESCRIPTION("Consoles at the Gunyah resource manager");
MODULE_LICENSE("GPL");
