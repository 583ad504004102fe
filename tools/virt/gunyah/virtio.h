/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * virtio-mmio, version 2. A device gives its numbers and what to do for a
 * queue that was kicked; the transport has the registers. Kicks come by
 * ioeventfd, without an exit to user space; interrupts go by irqfd.
 */
#ifndef GUNYAH_VIRTIO_H
#define GUNYAH_VIRTIO_H

#include "queue.h"
#include "vmm.h"

#define VIRTIO_QUEUES	2

#define VIRTIO_BLK	2
#define VIRTIO_CONSOLE	3
#define VIRTIO_RNG	4

/**
 * struct virtio - a device
 * @vmm: whose
 * @device: where
 * @id: what the driver knows it by
 * @features: those of this kind of device; the transport adds its own
 * @config: its configuration, which the driver may only read
 * @config_size: bytes of it
 * @nr_queues: how many
 * @serve: do a request of a queue; returns how many bytes it wrote into its buffers
 * @waits: there is nothing to do for requests of that queue now; or NULL
 * @close: the VM is over
 * @queues: its queues
 * @kicks: an eventfd for each
 * @accepted: features the driver takes
 * @status: what the driver says about itself
 * @interrupt: why the driver was interrupted
 * @feature_word: which half of the features the driver sees
 * @driver_word: which half it writes
 * @selected: which queue
 */
struct virtio {
	struct vmm *vmm;
	struct device *device;
	uint32_t id;
	uint64_t features;
	const void *config;
	size_t config_size;
	unsigned int nr_queues;
	uint32_t (*serve)(struct virtio *virtio, unsigned int queue, const struct chain *chain);
	bool (*waits)(struct virtio *virtio, unsigned int queue);
	void (*close)(struct virtio *virtio);
	struct queue queues[VIRTIO_QUEUES];
	int kicks[VIRTIO_QUEUES];
	uint64_t accepted;
	uint32_t status, interrupt, feature_word, driver_word, selected;
};

/* All but the fields from @queues on are the caller's. 0 or a negative errno */
int virtio_create(struct virtio *virtio, struct vmm *vmm);

/* Serve a queue that no longer waits. */
void virtio_serve(struct virtio *virtio, unsigned int queue);

#endif
