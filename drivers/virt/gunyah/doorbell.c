// SPDX-License-Identifier: GPL-2.0-only
/*
 * Drivers of the two ends of a Gunyah doorbell.
 *
 * Responsible for ringing, and for turning a doorbell's interrupt into a call
 * of its user's handler. Not for finding doorbells, nor for what the flags
 * mean. What a user has to know is in <linux/gunyah_doorbell.h>.
 *
 * The idea to know: a user holds an object that outlives the device. Hypercalls
 * are made inside an RCU read section that starts with a look at @gone; removal
 * sets @gone and waits for the readers, so that no hypercall uses a capability
 * id that may by now be another object's. It costs a ring nothing and works in
 * any context.
 *
 * Plain mode and the trigger. With an edge interrupt the flags clear
 * themselves (ack mask), so neither side needs a second hypercall. With a level
 * interrupt, which only a device tree can ask for, the hypervisor withdraws the
 * interrupt with the flags, perhaps before it was taken: there the handler
 * takes them.
 *
 * The interrupt is requested at the start only: a VMM rings doorbells as the
 * interrupts of devices that it emulates, and in the device tree of its guest
 * there are both, with one interrupt that is the device driver's.
 *
 * Rings while stopped are not lost: the flags stay in the hypervisor and raise
 * the interrupt when the masks are set at the next start.
 *
 * Locks: neither is taken inside the other, and none is held while a handler is
 * called, but whoever holds doorbell.lock may wait for one.
 */
#include <linux/auxiliary_bus.h>
#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/gunyah.h>
#include <linux/gunyah_doorbell.h>
#include <linux/gunyah_resource.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/kref.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pm.h>
#include <linux/pm_wakeup.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#define CREATE_TRACE_POINTS
#include "doorbell_trace.h"

#define ALL_FLAGS	U64_MAX
#define NO_FLAGS	0ULL

/**
 * struct gunyah_doorbell_source - the end that rings
 * @ref: one reference of the bound driver, one of each user
 * @capid: capability id
 * @id: number in the device's name
 * @gone: the driver is unbound; read inside RCU
 */
struct gunyah_doorbell_source {
	struct kref ref;
	u64 capid;
	u32 id;
	bool gone;
};

/**
 * struct gunyah_doorbell - the end where it rings
 * @ref: one reference of the bound driver, one of each user
 * @dev: the device, to be used only as long as @gone is not set
 * @capid: capability id
 * @id: number in the device's name
 * @irq: its interrupt, requested while @started
 * @level: the interrupt is a level one
 * @gone: the driver is unbound; read inside RCU
 * @woken: the interrupt was made a wake-up source for this suspend
 * @lock: Protects @started and, while that is not set, what follows it
 * @started: there is a handler
 * @threaded: flags mode
 * @rang: the handler
 * @data: its argument
 */
struct gunyah_doorbell {
	struct kref ref;
	struct device *dev;
	u64 capid;
	u32 id;
	unsigned int irq;
	bool level;
	bool gone;
	bool woken;

	struct mutex lock; /* see above */
	bool started;
	bool threaded;
	gunyah_doorbell_fn *rang;
	void *data;
};

/* Protects the driver data of both drivers' devices. A leaf. */
static DEFINE_MUTEX(bound_lock);

/* The end that rings */

static void source_release(struct kref *ref)
{
	kfree(container_of(ref, struct gunyah_doorbell_source, ref));
}

/**
 * gunyah_doorbell_send() - ring with flags
 * @source: source
 * @flags: flags to set; 0 sets none and makes an edge all the same
 * @old_flags: result: flags that were set before, or NULL
 *
 * Context: any.
 * Return: 0 or one of the errors in gunyah_doorbell.h.
 */
int gunyah_doorbell_send(struct gunyah_doorbell_source *source, u64 flags, u64 *old_flags)
{
	enum gunyah_error gh_err;
	u64 old = 0;
	int ret;

	guard(rcu)();

	if (READ_ONCE(source->gone))
		return -ENODEV;

	gh_err = gunyah_hypercall_doorbell_send(source->capid, flags, &old);
	ret = gunyah_error_to_errno(gh_err);
	trace_gunyah_doorbell_send(source->id, flags, old, ret);

	if (old_flags && !ret)
		*old_flags = old;

	return ret;
}
EXPORT_SYMBOL_GPL(gunyah_doorbell_send);

/**
 * gunyah_doorbell_ring() - ring
 * @source: source
 *
 * Context: any.
 * Return: 0 or one of the errors in gunyah_doorbell.h.
 */
int gunyah_doorbell_ring(struct gunyah_doorbell_source *source)
{
	return gunyah_doorbell_send(source, GUNYAH_DOORBELL_PLAIN_FLAG, NULL);
}
EXPORT_SYMBOL_GPL(gunyah_doorbell_ring);

/**
 * gunyah_doorbell_source_set_masks() - set the masks in the receiver's stead
 * @source: source
 * @enable: flags that raise the interrupt
 * @ack: flags that clear themselves when they do
 *
 * For a receiver that cannot, because it sees nothing but an interrupt.
 *
 * Context: any.
 * Return: 0 or one of the errors in gunyah_doorbell.h; -EACCES is common.
 */
int gunyah_doorbell_source_set_masks(struct gunyah_doorbell_source *source, u64 enable, u64 ack)
{
	enum gunyah_error gh_err;
	int ret;

	guard(rcu)();

	if (READ_ONCE(source->gone))
		return -ENODEV;

	gh_err = gunyah_hypercall_doorbell_mask(source->capid, enable, ack);
	ret = gunyah_error_to_errno(gh_err);
	trace_gunyah_doorbell_source_set_masks(source->id, enable, ack, ret);

	return ret;
}
EXPORT_SYMBOL_GPL(gunyah_doorbell_source_set_masks);

/**
 * gunyah_doorbell_source_put() - give a source back
 * @source: source, or NULL or an ERR_PTR
 *
 * Context: any.
 */
void gunyah_doorbell_source_put(struct gunyah_doorbell_source *source)
{
	if (!IS_ERR_OR_NULL(source))
		kref_put(&source->ref, source_release);
}
EXPORT_SYMBOL_GPL(gunyah_doorbell_source_put);

static int source_probe(struct auxiliary_device *adev, const struct auxiliary_device_id *id)
{
	struct gunyah_doorbell_source *source;

	source = kzalloc(sizeof(*source), GFP_KERNEL_ACCOUNT);
	if (!source)
		return -ENOMEM;

	kref_init(&source->ref);
	source->capid = to_gunyah_resource_device(adev)->capid;
	source->id = adev->id;

	guard(mutex)(&bound_lock);
	auxiliary_set_drvdata(adev, source);

	return 0;
}

static void source_remove(struct auxiliary_device *adev)
{
	struct gunyah_doorbell_source *source = auxiliary_get_drvdata(adev);

	scoped_guard(mutex, &bound_lock)
		auxiliary_set_drvdata(adev, NULL);

	WRITE_ONCE(source->gone, true);
	synchronize_rcu_expedited();
	gunyah_doorbell_source_put(source);
}

static const struct auxiliary_device_id source_ids[] = {
	{ .name = "gunyah_rm.doorbell-source" },
	{ }
};
MODULE_DEVICE_TABLE(auxiliary, source_ids);

static struct auxiliary_driver source_driver = {
	.name = "source",
	.probe = source_probe,
	.remove = source_remove,
	.id_table = source_ids,
};

/**
 * gunyah_doorbell_source_get() - the source behind a device
 * @adev: device; the caller holds a reference
 *
 * Context: may sleep.
 * Return: the source, to be given back with gunyah_doorbell_source_put(), or an
 * ERR_PTR: -EPROBE_DEFER while this driver is not bound to @adev.
 */
struct gunyah_doorbell_source *gunyah_doorbell_source_get(struct auxiliary_device *adev)
{
	struct gunyah_doorbell_source *source;

	guard(mutex)(&bound_lock);

	if (READ_ONCE(adev->dev.driver) != &source_driver.driver)
		return ERR_PTR(-EPROBE_DEFER);

	source = auxiliary_get_drvdata(adev);
	if (!source)
		return ERR_PTR(-EPROBE_DEFER);

	kref_get(&source->ref);

	return source;
}
EXPORT_SYMBOL_GPL(gunyah_doorbell_source_get);

/* The end where it rings */

static void doorbell_release(struct kref *ref)
{
	struct gunyah_doorbell *doorbell = container_of(ref, struct gunyah_doorbell, ref);

	mutex_destroy(&doorbell->lock);
	kfree(doorbell);
}

/**
 * gunyah_doorbell_recv() - take flags
 * @doorbell: doorbell
 * @clear: flags to clear, not 0
 * @old_flags: result: all flags that were set before, or NULL
 *
 * Context: any.
 * Return: 0 or one of the errors in gunyah_doorbell.h; -EINVAL if @clear is 0.
 */
int gunyah_doorbell_recv(struct gunyah_doorbell *doorbell, u64 clear, u64 *old_flags)
{
	enum gunyah_error gh_err;
	u64 old = 0;
	int ret;

	guard(rcu)();

	if (READ_ONCE(doorbell->gone))
		return -ENODEV;

	gh_err = gunyah_hypercall_doorbell_recv(doorbell->capid, clear, &old);
	ret = gunyah_error_to_errno(gh_err);
	trace_gunyah_doorbell_recv(doorbell->id, clear, old, ret);

	if (old_flags && !ret)
		*old_flags = old;

	return ret;
}
EXPORT_SYMBOL_GPL(gunyah_doorbell_recv);

/**
 * gunyah_doorbell_set_masks() - choose flags
 * @doorbell: doorbell
 * @enable: flags that raise the interrupt
 * @ack: flags that clear themselves when they do
 *
 * Raises the interrupt if a flag is set that becomes enabled.
 *
 * Context: any.
 * Return: 0 or one of the errors in gunyah_doorbell.h.
 */
int gunyah_doorbell_set_masks(struct gunyah_doorbell *doorbell, u64 enable, u64 ack)
{
	enum gunyah_error gh_err;
	int ret;

	guard(rcu)();

	if (READ_ONCE(doorbell->gone))
		return -ENODEV;

	gh_err = gunyah_hypercall_doorbell_mask(doorbell->capid, enable, ack);
	ret = gunyah_error_to_errno(gh_err);
	trace_gunyah_doorbell_set_masks(doorbell->id, enable, ack, ret);

	return ret;
}
EXPORT_SYMBOL_GPL(gunyah_doorbell_set_masks);

/**
 * gunyah_doorbell_reset() - forget everything
 * @doorbell: doorbell
 *
 * Clears all flags, enables all of them, lets none clear itself and withdraws
 * the interrupt. A plain doorbell that was started needs to be started again.
 *
 * Context: any.
 * Return: 0 or one of the errors in gunyah_doorbell.h.
 */
int gunyah_doorbell_reset(struct gunyah_doorbell *doorbell)
{
	enum gunyah_error gh_err;
	int ret;

	guard(rcu)();

	if (READ_ONCE(doorbell->gone))
		return -ENODEV;

	gh_err = gunyah_hypercall_doorbell_reset(doorbell->capid);
	ret = gunyah_error_to_errno(gh_err);
	trace_gunyah_doorbell_reset(doorbell->id, ret);

	return ret;
}
EXPORT_SYMBOL_GPL(gunyah_doorbell_reset);

static irqreturn_t doorbell_interrupt(int irq, void *data)
{
	struct gunyah_doorbell *doorbell = data;

	if (doorbell->threaded)
		return IRQ_WAKE_THREAD;

	if (doorbell->level)
		gunyah_doorbell_recv(doorbell, ALL_FLAGS, NULL);
	trace_gunyah_doorbell_rang(doorbell->id, false);
	doorbell->rang(doorbell->data);

	return IRQ_HANDLED;
}

static irqreturn_t doorbell_thread(int irq, void *data)
{
	struct gunyah_doorbell *doorbell = data;

	trace_gunyah_doorbell_rang(doorbell->id, true);
	doorbell->rang(doorbell->data);

	return IRQ_HANDLED;
}

static int doorbell_start(struct gunyah_doorbell *doorbell, gunyah_doorbell_fn *rang, void *data,
			  bool threaded, u64 enable, u64 ack)
{
	int ret;

	guard(mutex)(&doorbell->lock);

	if (doorbell->gone)
		return -ENODEV;
	if (doorbell->started)
		return -EBUSY;

	doorbell->rang = rang;
	doorbell->data = data;
	doorbell->threaded = threaded;
	ret = request_threaded_irq(doorbell->irq, doorbell_interrupt, doorbell_thread,
				   IRQF_ONESHOT, dev_name(doorbell->dev), doorbell);
	if (ret)
		return ret;
	doorbell->started = true;

	/*
	 * What was rung before raises the interrupt now, even if it has raised
	 * one already: that may have been before the line was set up.
	 */
	ret = gunyah_doorbell_set_masks(doorbell, NO_FLAGS, NO_FLAGS);
	if (!ret)
		ret = gunyah_doorbell_set_masks(doorbell, enable, ack);
	if (ret) {
		free_irq(doorbell->irq, doorbell);
		doorbell->started = false;
	}

	return ret;
}

/**
 * gunyah_doorbell_start_plain() - have a handler called for each ring
 * @doorbell: doorbell
 * @rang: called in hard interrupt context; rings that come close together may
 *	be one call
 * @data: argument of @rang
 *
 * If it rang while it was not started, @rang is called soon.
 *
 * Context: may sleep.
 * Return: 0, -EBUSY if it is started already or its interrupt is another
 * driver's, or one of the errors in gunyah_doorbell.h.
 */
int gunyah_doorbell_start_plain(struct gunyah_doorbell *doorbell, gunyah_doorbell_fn *rang,
				void *data)
{
	return doorbell_start(doorbell, rang, data, false, ALL_FLAGS,
			      doorbell->level ? NO_FLAGS : ALL_FLAGS);
}
EXPORT_SYMBOL_GPL(gunyah_doorbell_start_plain);

/**
 * gunyah_doorbell_start_flags() - have a handler called for flags
 * @doorbell: doorbell
 * @rang: called from a thread; takes the flags with gunyah_doorbell_recv()
 * @data: argument of @rang
 * @enable: flags that raise the interrupt
 * @ack: flags that clear themselves when they do. @rang does not see them
 *
 * Flags that are set already are not lost, see gunyah_doorbell_reset().
 *
 * Context: may sleep.
 * Return: 0, -EBUSY if it is started already or its interrupt is another
 * driver's, or one of the errors in gunyah_doorbell.h.
 */
int gunyah_doorbell_start_flags(struct gunyah_doorbell *doorbell, gunyah_doorbell_fn *rang,
				void *data, u64 enable, u64 ack)
{
	return doorbell_start(doorbell, rang, data, true, enable, ack);
}
EXPORT_SYMBOL_GPL(gunyah_doorbell_start_flags);

static void doorbell_stop_locked(struct gunyah_doorbell *doorbell)
{
	lockdep_assert_held(&doorbell->lock);

	if (!doorbell->started)
		return;

	/* An error means that there is nothing left to be quiet. */
	gunyah_doorbell_set_masks(doorbell, NO_FLAGS, NO_FLAGS);
	free_irq(doorbell->irq, doorbell);
	doorbell->started = false;
}

/**
 * gunyah_doorbell_stop() - call the handler no more
 * @doorbell: doorbell, started or not
 *
 * On return the handler does not run and will not be called. Rings are kept for
 * the next start.
 *
 * Context: may sleep; not from the handler.
 */
void gunyah_doorbell_stop(struct gunyah_doorbell *doorbell)
{
	guard(mutex)(&doorbell->lock);

	doorbell_stop_locked(doorbell);
}
EXPORT_SYMBOL_GPL(gunyah_doorbell_stop);

/**
 * gunyah_doorbell_set_wake() - have rings wake the system
 * @doorbell: doorbell
 * @wake: whether they do, while the doorbell is started
 *
 * The same as user space's choice in power/wakeup of the device.
 *
 * Context: may sleep; not from the handler.
 * Return: 0, -ENODEV, or an error of the wake-up framework.
 */
int gunyah_doorbell_set_wake(struct gunyah_doorbell *doorbell, bool wake)
{
	guard(mutex)(&doorbell->lock);

	if (doorbell->gone)
		return -ENODEV;

	return device_set_wakeup_enable(doorbell->dev, wake);
}
EXPORT_SYMBOL_GPL(gunyah_doorbell_set_wake);

/**
 * gunyah_doorbell_put() - give a doorbell back
 * @doorbell: doorbell, or NULL or an ERR_PTR
 *
 * Does not stop it: whoever started it does.
 *
 * Context: may sleep.
 */
void gunyah_doorbell_put(struct gunyah_doorbell *doorbell)
{
	if (!IS_ERR_OR_NULL(doorbell))
		kref_put(&doorbell->ref, doorbell_release);
}
EXPORT_SYMBOL_GPL(gunyah_doorbell_put);

static int doorbell_probe(struct auxiliary_device *adev, const struct auxiliary_device_id *id)
{
	struct gunyah_resource_device *resource = to_gunyah_resource_device(adev);
	struct device *dev = &adev->dev;
	struct gunyah_doorbell *doorbell;

	if (!resource->irq)
		return -EINVAL;

	doorbell = kzalloc(sizeof(*doorbell), GFP_KERNEL_ACCOUNT);
	if (!doorbell)
		return -ENOMEM;

	kref_init(&doorbell->ref);
	mutex_init(&doorbell->lock);
	doorbell->dev = dev;
	doorbell->capid = resource->capid;
	doorbell->id = adev->id;
	doorbell->irq = resource->irq;
	doorbell->level = irq_get_trigger_type(resource->irq) & IRQ_TYPE_LEVEL_MASK;

	/* Whether it does wake the system is its user's and user space's choice. */
	device_set_wakeup_capable(dev, true);

	guard(mutex)(&bound_lock);
	auxiliary_set_drvdata(adev, doorbell);

	return 0;
}

static void doorbell_remove(struct auxiliary_device *adev)
{
	struct gunyah_doorbell *doorbell = auxiliary_get_drvdata(adev);

	scoped_guard(mutex, &bound_lock)
		auxiliary_set_drvdata(adev, NULL);

	scoped_guard(mutex, &doorbell->lock) {
		doorbell_stop_locked(doorbell);
		WRITE_ONCE(doorbell->gone, true);
		device_init_wakeup(&adev->dev, false);
	}

	synchronize_rcu_expedited();
	gunyah_doorbell_put(doorbell);
}

static int doorbell_suspend(struct device *dev)
{
	struct gunyah_doorbell *doorbell = dev_get_drvdata(dev);

	if (!READ_ONCE(doorbell->started) || !device_may_wakeup(dev))
		return 0;

	doorbell->woken = !enable_irq_wake(doorbell->irq);
	if (!doorbell->woken)
		dev_warn(dev, "interrupt cannot wake the system\n");

	return 0;
}

static int doorbell_resume(struct device *dev)
{
	struct gunyah_doorbell *doorbell = dev_get_drvdata(dev);

	if (doorbell->woken)
		disable_irq_wake(doorbell->irq);
	doorbell->woken = false;

	return 0;
}

static DEFINE_SIMPLE_DEV_PM_OPS(doorbell_pm_ops, doorbell_suspend, doorbell_resume);

static const struct auxiliary_device_id doorbell_ids[] = {
	{ .name = "gunyah_rm.doorbell" },
	{ }
};
MODULE_DEVICE_TABLE(auxiliary, doorbell_ids);

static struct auxiliary_driver doorbell_driver = {
	.name = "doorbell",
	.probe = doorbell_probe,
	.remove = doorbell_remove,
	.id_table = doorbell_ids,
	.driver = {
		.pm = pm_sleep_ptr(&doorbell_pm_ops),
	},
};

/**
 * gunyah_doorbell_get() - the doorbell behind a device
 * @adev: device; the caller holds a reference
 *
 * Context: may sleep.
 * Return: the doorbell, to be given back with gunyah_doorbell_put(), or an
 * ERR_PTR: -EPROBE_DEFER while this driver is not bound to @adev.
 */
struct gunyah_doorbell *gunyah_doorbell_get(struct auxiliary_device *adev)
{
	struct gunyah_doorbell *doorbell;

	guard(mutex)(&bound_lock);

	if (READ_ONCE(adev->dev.driver) != &doorbell_driver.driver)
		return ERR_PTR(-EPROBE_DEFER);

	doorbell = auxiliary_get_drvdata(adev);
	if (!doorbell)
		return ERR_PTR(-EPROBE_DEFER);

	kref_get(&doorbell->ref);

	return doorbell;
}
EXPORT_SYMBOL_GPL(gunyah_doorbell_get);

static int __init gunyah_doorbell_init(void)
{
	int ret;

	ret = auxiliary_driver_register(&source_driver);
	if (ret)
		return ret;

	ret = auxiliary_driver_register(&doorbell_driver);
	if (ret)
		auxiliary_driver_unregister(&source_driver);

	return ret;
}
module_init(gunyah_doorbell_init);

static void __exit gunyah_doorbell_exit(void)
{
	auxiliary_driver_unregister(&doorbell_driver);
	auxiliary_driver_unregister(&source_driver);
}
module_exit(gunyah_doorbell_exit);

MODULE_DESCRIPTION("Gunyah doorbells");
MODULE_LICENSE("GPL");
