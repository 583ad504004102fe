/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Gunyah vCPUs for other kernel code.
 *
 * A vCPU of another VM that this VM schedules: gunyah_vcpu_run() lends it the
 * CPU until it stops for a reason, gunyah_vcpu_wait() sleeps until it has
 * something to do again. What a reason means is the caller's business. One task
 * at a time runs it, or waits for it.
 *
 * A vCPU is a device, see <linux/gunyah_resource.h>. gunyah_vcpu_get() turns it
 * into an object that lives until the last put. The object survives the device
 * and its driver: from their removal on every function returns -ENODEV, and who
 * sleeps is woken.
 */
#ifndef __LINUX_GUNYAH_VCPU_H
#define __LINUX_GUNYAH_VCPU_H

#include <linux/auxiliary_bus.h>
#include <linux/gunyah.h>
#include <linux/types.h>

struct gunyah_vcpu;

/**
 * typedef gunyah_vcpu_stop_fn - is there no reason to wait any more?
 * @data: what was given to gunyah_vcpu_wait()
 *
 * Called often, in the context of the waiter; may not sleep. Whoever makes it
 * become true calls gunyah_vcpu_kick() afterwards.
 */
typedef bool gunyah_vcpu_stop_fn(void *data);

/**
 * struct gunyah_vcpu_stats - what a vCPU has done
 * @runs: times it was run
 * @guest_ns: time that took, hypervisor included
 * @wakeups: wake-up interrupts
 * @sleeps: times somebody slept until it had something to do
 * @polled: times it had something to do before that was necessary
 */
struct gunyah_vcpu_stats {
	u64 runs;
	u64 guest_ns;
	u64 wakeups;
	u64 sleeps;
	u64 polled;
};

struct gunyah_vcpu *gunyah_vcpu_get(struct auxiliary_device *adev);
void gunyah_vcpu_put(struct gunyah_vcpu *vcpu);
bool gunyah_vcpu_is_proxy(const struct gunyah_vcpu *vcpu);
int gunyah_vcpu_entry_work(void);
int gunyah_vcpu_run(struct gunyah_vcpu *vcpu, const struct gunyah_vcpu_resume *resume,
		    struct gunyah_vcpu_exit *exit);
int gunyah_vcpu_wait(struct gunyah_vcpu *vcpu, bool poll, long timeout,
		     gunyah_vcpu_stop_fn *stop, void *data);
void gunyah_vcpu_kick(struct gunyah_vcpu *vcpu);
void gunyah_vcpu_get_stats(const struct gunyah_vcpu *vcpu, struct gunyah_vcpu_stats *stats);

#endif
