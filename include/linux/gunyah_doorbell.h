/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Gunyah doorbells for other kernel code.
 *
 * A doorbell has two ends. The source rings, which raises an interrupt at the
 * other end. A ring carries up to 64 flags, which the doorbell gathers until
 * the receiver takes them; rings do not queue, those of the same flag collapse.
 * The receiver chooses which flags raise the interrupt (enable mask) and which
 * clear themselves when they do (ack mask).
 *
 * Plain mode, where only "it rang" matters: gunyah_doorbell_ring() on one side,
 * gunyah_doorbell_start_plain() on the other. Flags mode:
 * gunyah_doorbell_send(), and gunyah_doorbell_start_flags() with
 * gunyah_doorbell_recv() in the handler. The sides need not agree: a plain ring
 * is flag 0.
 *
 * Both ends are devices, see <linux/gunyah_resource.h>. gunyah_doorbell_get()
 * and gunyah_doorbell_source_get() turn a device into an object that lives
 * until the last put. The object survives the device and its driver: from their
 * removal on, no handler is called and every function returns -ENODEV.
 *
 * Errors of all functions that make a hypercall:
 *
 *  -ENODEV	the device is gone, or has lost its driver
 *  -EACCES	this VM does not have the right: a source may only use the masks
 *		if the doorbell was made so ("source-can-clear")
 *  -EINVAL	the hypervisor refuses the arguments
 *  others	see gunyah_error_to_errno()
 */
#ifndef __LINUX_GUNYAH_DOORBELL_H
#define __LINUX_GUNYAH_DOORBELL_H

#include <linux/auxiliary_bus.h>
#include <linux/types.h>

struct gunyah_doorbell;
struct gunyah_doorbell_source;

/* What gunyah_doorbell_ring() sends. */
#define GUNYAH_DOORBELL_PLAIN_FLAG	1ULL

/**
 * typedef gunyah_doorbell_fn - the receiver's handler
 * @data: what it was started with
 *
 * Plain mode: called in hard interrupt context. Flags mode: called from a
 * thread, may sleep, takes the flags with gunyah_doorbell_recv(); a ring during
 * the handler makes it run once more. Never called by two contexts at a time.
 * It must not stop the doorbell. It may be called without a ring.
 */
typedef void gunyah_doorbell_fn(void *data);

/* The end that rings */
struct gunyah_doorbell_source *gunyah_doorbell_source_get(struct auxiliary_device *adev);
void gunyah_doorbell_source_put(struct gunyah_doorbell_source *source);
int gunyah_doorbell_ring(struct gunyah_doorbell_source *source);
int gunyah_doorbell_send(struct gunyah_doorbell_source *source, u64 flags, u64 *old_flags);
int gunyah_doorbell_source_set_masks(struct gunyah_doorbell_source *source, u64 enable, u64 ack);

/* The end where it rings */
struct gunyah_doorbell *gunyah_doorbell_get(struct auxiliary_device *adev);
void gunyah_doorbell_put(struct gunyah_doorbell *doorbell);
int gunyah_doorbell_start_plain(struct gunyah_doorbell *doorbell, gunyah_doorbell_fn *rang,
				void *data);
int gunyah_doorbell_start_flags(struct gunyah_doorbell *doorbell, gunyah_doorbell_fn *rang,
				void *data, u64 enable, u64 ack);
void gunyah_doorbell_stop(struct gunyah_doorbell *doorbell);
int gunyah_doorbell_recv(struct gunyah_doorbell *doorbell, u64 clear, u64 *old_flags);
int gunyah_doorbell_set_masks(struct gunyah_doorbell *doorbell, u64 enable, u64 ack);
int gunyah_doorbell_reset(struct gunyah_doorbell *doorbell);
int gunyah_doorbell_set_wake(struct gunyah_doorbell *doorbell, bool wake);

#endif
