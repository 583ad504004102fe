// SPDX-License-Identifier: GPL-2.0-only
/* See virtio.h. */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "virtio.h"

#define MAGIC		0x000
#define VERSION		0x004
#define DEVICE_ID	0x008
#define VENDOR_ID	0x00c
#define FEATURES	0x010
#define FEATURES_SEL	0x014
#define DRIVER		0x020
#define DRIVER_SEL	0x024
#define QUEUE_SEL	0x030
#define QUEUE_NUM_MAX	0x034
#define QUEUE_NUM	0x038
#define QUEUE_READY	0x044
#define QUEUE_NOTIFY	0x050
#define INTERRUPT	0x060
#define INTERRUPT_ACK	0x064
#define STATUS		0x070
#define QUEUE_DESC	0x080
#define QUEUE_DRIVER	0x090
#define QUEUE_DEVICE	0x0a0
#define CONFIG		0x100

#define STATUS_NEEDS_RESET	0x40
#define STATUS_FEATURES_OK	0x08
#define INTERRUPT_QUEUE		1
#define INTERRUPT_CONFIG	2

#define F_EVENT_IDX	(1ULL << 29)
#define F_VERSION_1	(1ULL << 32)
#define F_ACCESS	(1ULL << 33)	/* through the DMA API: by bounce buffers */

static uint64_t offered(const struct virtio *virtio)
{
	return virtio->features | F_EVENT_IDX | F_VERSION_1 |
	       (virtio->vmm->pool.size ? F_ACCESS : 0);
}

static void interrupt(struct virtio *virtio, uint32_t why)
{
	virtio->interrupt |= why;
	vmm_interrupt(virtio->device);
}

/* Tell the driver, if it wants to be told, and if the queue is broken. */
static void tell(struct virtio *virtio, struct queue *queue)
{
	if (queue->broken) {
		if (virtio->status & STATUS_NEEDS_RESET)
			return;
		virtio->status |= STATUS_NEEDS_RESET;
		interrupt(virtio, INTERRUPT_CONFIG);
	} else if (queue_tell(queue)) {
		interrupt(virtio, INTERRUPT_QUEUE);
	}
}

static bool waits(struct virtio *virtio, unsigned int index)
{
	return virtio->waits && virtio->waits(virtio, index);
}

/*
 * Serve what is there, but not for ever: a guest that adds as fast as this
 * takes must not keep the main thread from everything else.
 */
void virtio_serve(struct virtio *virtio, unsigned int index)
{
	struct queue *queue = &virtio->queues[index];
	const uint64_t one = 1;
	struct chain chain;
	unsigned int i;

	for (i = 0; i < QUEUE_MAX && !waits(virtio, index) && queue_pop(queue, &chain) > 0; i++)
		queue_push(queue, &chain, virtio->serve(virtio, index, &chain));
	tell(virtio, queue);
	/* What waits is served when it does not: then nobody has to kick. */
	if (!waits(virtio, index) && queue_ask(queue) &&
	    write(virtio->kicks[index], &one, sizeof(one)) < 0)
		queue->broken = true;
}

static void reset(struct virtio *virtio)
{
	unsigned int i;

	for (i = 0; i < virtio->nr_queues; i++)
		queue_reset(&virtio->queues[i]);
	virtio->accepted = 0;
	virtio->status = 0;
	virtio->interrupt = 0;
}

static void set_status(struct virtio *virtio, uint32_t status)
{
	/* Features that were not offered, or none of this version, are not OK. */
	if (virtio->accepted & ~offered(virtio) || !(virtio->accepted & F_VERSION_1) ||
	    (virtio->vmm->pool.size && !(virtio->accepted & F_ACCESS)))
		status &= ~STATUS_FEATURES_OK;
	virtio->status = status | (virtio->status & STATUS_NEEDS_RESET);
}

static struct queue *selected(struct virtio *virtio)
{
	return virtio->selected < virtio->nr_queues ? &virtio->queues[virtio->selected] : NULL;
}

static uint32_t half(uint64_t value, uint32_t word)
{
	return word < 2 ? value >> (32 * word) : 0;
}

static uint64_t config_read(const struct virtio *virtio, uint64_t offset, unsigned int size)
{
	uint64_t value = 0;

	if (offset < virtio->config_size) {
		if (size > virtio->config_size - offset)
			size = virtio->config_size - offset;
		memcpy(&value, virtio->config + offset, size);
	}
	return value;
}

static uint64_t virtio_read(struct device *device, uint64_t offset, unsigned int size)
{
	struct virtio *virtio = device->data;
	struct queue *queue = selected(virtio);

	if (offset >= CONFIG)
		return config_read(virtio, offset - CONFIG, size);
	switch (offset) {
	case MAGIC:
		return 0x74726976;
	case VERSION:
		return 2;
	case DEVICE_ID:
		return virtio->id;
	case VENDOR_ID:
		return 0x4e554759;
	case FEATURES:
		return half(offered(virtio), virtio->feature_word);
	case QUEUE_NUM_MAX:
		return queue ? QUEUE_MAX : 0;
	case QUEUE_READY:
		return queue && queue->ready;
	case INTERRUPT:
		return virtio->interrupt;
	case STATUS:
		return virtio->status;
	default:
		return 0;
	}
}

static void set_half(uint64_t *value, unsigned int word, uint32_t half)
{
	*value = (*value & ~(0xffffffffULL << (32 * word))) | (uint64_t)half << (32 * word);
}

/* Returns false if that is no register of a queue. */
static bool queue_write(struct virtio *virtio, struct queue *queue, uint64_t offset,
			uint32_t value)
{
	switch (offset) {
	case QUEUE_NUM:
		queue->size = value;
		return true;
	case QUEUE_DESC:
	case QUEUE_DESC + 4:
		set_half(&queue->desc, offset / 4 % 2, value);
		return true;
	case QUEUE_DRIVER:
	case QUEUE_DRIVER + 4:
		set_half(&queue->driver, offset / 4 % 2, value);
		return true;
	case QUEUE_DEVICE:
	case QUEUE_DEVICE + 4:
		set_half(&queue->device, offset / 4 % 2, value);
		return true;
	case QUEUE_READY:
		if (!(value & 1))
			queue_reset(queue);
		queue->ready = value & 1;
		queue->event_idx = virtio->accepted & F_EVENT_IDX;
		return true;
	default:
		return false;
	}
}

static void virtio_write(struct device *device, uint64_t offset, unsigned int size,
			 uint64_t value)
{
	struct virtio *virtio = device->data;
	struct queue *queue = selected(virtio);

	(void)size;
	if (queue && (!queue->ready || offset == QUEUE_READY) &&
	    queue_write(virtio, queue, offset, value))
		return;
	switch (offset) {
	case FEATURES_SEL:
		virtio->feature_word = value;
		break;
	case DRIVER_SEL:
		virtio->driver_word = value;
		break;
	case DRIVER:
		if (virtio->driver_word < 2 && !(virtio->status & STATUS_FEATURES_OK))
			set_half(&virtio->accepted, virtio->driver_word, value);
		break;
	case QUEUE_SEL:
		virtio->selected = value;
		break;
	case QUEUE_NOTIFY:
		/* Only what no ioeventfd took */
		if (value < virtio->nr_queues)
			virtio_serve(virtio, value);
		break;
	case INTERRUPT_ACK:
		virtio->interrupt &= ~value;
		break;
	case STATUS:
		if (value & 0xff)
			set_status(virtio, value & 0xff);
		else
			reset(virtio);
		break;
	}
}

static void virtio_describe(struct device *device, struct fdt *fdt)
{
	struct virtio *virtio = device->data;

	fdt_string(fdt, "compatible", "virtio,mmio");
	if (virtio->vmm->pool.size)
		fdt_u32(fdt, "memory-region", GUNYAH_DT_POOL_PHANDLE);
}

static void virtio_reset(struct device *device)
{
	struct virtio *virtio = device->data;
	unsigned int i;

	for (i = 0; i < virtio->nr_queues; i++)
		if (virtio->kicks[i] >= 0)
			close(virtio->kicks[i]);
	virtio->close(virtio);
}

/* One of the queues' eventfds, found by where it is in the array */
static void kick(struct vmm *vmm, void *data)
{
	const int *event = data;
	struct virtio *virtio;
	uint64_t count;
	unsigned int i, j;

	if (read(*event, &count, sizeof(count)) != sizeof(count))
		return;
	for (i = 0; i < vmm->nr_devices; i++) {
		if (vmm->devices[i].read != virtio_read)
			continue;
		virtio = vmm->devices[i].data;
		for (j = 0; j < virtio->nr_queues; j++)
			if (event == &virtio->kicks[j])
				virtio_serve(virtio, j);
	}
}

static void *queue_memory(void *data, uint64_t address, uint64_t size)
{
	return vmm_memory(data, address, size);
}

int virtio_create(struct virtio *virtio, struct vmm *vmm)
{
	struct device *device = vmm_device(vmm, "virtio", true);
	unsigned int i;
	int ret;

	if (!device)
		return -ENOMEM;
	virtio->vmm = vmm;
	virtio->device = device;
	device->data = virtio;
	device->read = virtio_read;
	device->write = virtio_write;
	device->describe = virtio_describe;
	device->reset = virtio_reset;
	memset(virtio->kicks, 0xff, sizeof(virtio->kicks));
	for (i = 0; i < virtio->nr_queues; i++) {
		virtio->queues[i].memory = queue_memory;
		virtio->queues[i].data = vmm;
		virtio->kicks[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (virtio->kicks[i] < 0)
			return -errno;
		ret = vmm_event(vmm, virtio->kicks[i], kick, &virtio->kicks[i]);
		if (!ret)
			ret = gunyah_add_ioeventfd_match(vmm->vm, virtio->kicks[i],
							 device->base + QUEUE_NOTIFY, 4, i);
		if (ret)
			return ret;
	}
	return 0;
}
