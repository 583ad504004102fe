// SPDX-License-Identifier: GPL-2.0-only
/* See queue.h. */
#include <string.h>

#include "queue.h"

#define DESC_NEXT	1
#define DESC_WRITE	2
#define NO_INTERRUPT	1

struct desc {
	uint64_t address;
	uint32_t size;
	uint16_t flags;
	uint16_t next;
};

/* Of the driver's ring: flags, index, entries, and its wish */
#define DRIVER_RING(queue)	(6 + 2 * (uint64_t)(queue)->size)
/* Of the device's: flags, index, entries of 8 bytes, and its wish */
#define DEVICE_RING(queue)	(6 + 8 * (uint64_t)(queue)->size)

void queue_reset(struct queue *queue)
{
	void *(*memory)(void *data, uint64_t address, uint64_t size) = queue->memory;
	void *data = queue->data;

	memset(queue, 0, sizeof(*queue));
	queue->memory = memory;
	queue->data = data;
}

static int broken(struct queue *queue)
{
	queue->broken = true;
	return -1;
}

/* A part of the queue, or NULL: the guest may move it where nothing is. */
static void *part(const struct queue *queue, uint64_t address, uint64_t size, unsigned int align)
{
	return address % align ? NULL : queue->memory(queue->data, address, size);
}

static uint16_t *driver_ring(const struct queue *queue)
{
	return part(queue, queue->driver, DRIVER_RING(queue), 2);
}

static uint16_t *device_ring(const struct queue *queue)
{
	return part(queue, queue->device, DEVICE_RING(queue), 4);
}

static bool usable(struct queue *queue)
{
	if (!queue->ready || queue->broken)
		return false;
	if (queue->size && queue->size <= QUEUE_MAX && !(queue->size & (queue->size - 1)) &&
	    driver_ring(queue) && device_ring(queue) &&
	    part(queue, queue->desc, sizeof(struct desc) * queue->size, 16))
		return true;
	broken(queue);
	return false;
}

/* One buffer more. What the device reads comes first, by the rules. */
static int add(struct queue *queue, struct chain *chain, const struct desc *desc)
{
	unsigned int count = chain->readable + chain->writable;
	void *buffer = queue->memory(queue->data, desc->address, desc->size);

	if (!buffer || !desc->size || count == queue->size)
		return broken(queue);
	if (desc->flags & ~(DESC_NEXT | DESC_WRITE))
		return broken(queue);
	if (!(desc->flags & DESC_WRITE) && chain->writable)
		return broken(queue);
	if (desc->flags & DESC_WRITE)
		chain->writable++;
	else
		chain->readable++;
	chain->iov[count] = (struct iovec){ .iov_base = buffer, .iov_len = desc->size };
	return 0;
}

static int follow(struct queue *queue, struct chain *chain)
{
	const struct desc *descs = part(queue, queue->desc, sizeof(*descs) * queue->size, 16);
	unsigned int next = chain->head;
	struct desc desc;

	chain->readable = 0;
	chain->writable = 0;
	do {
		if (next >= queue->size)
			return broken(queue);
		desc.address = __atomic_load_n(&descs[next].address, __ATOMIC_RELAXED);
		desc.size = __atomic_load_n(&descs[next].size, __ATOMIC_RELAXED);
		desc.flags = __atomic_load_n(&descs[next].flags, __ATOMIC_RELAXED);
		desc.next = __atomic_load_n(&descs[next].next, __ATOMIC_RELAXED);
		if (add(queue, chain, &desc))
			return -1;
		next = desc.next;
	} while (desc.flags & DESC_NEXT);
	return 1;
}

int queue_pop(struct queue *queue, struct chain *chain)
{
	uint16_t *ring, index;

	if (!usable(queue))
		return queue->broken ? -1 : 0;
	ring = driver_ring(queue);
	index = __atomic_load_n(&ring[1], __ATOMIC_ACQUIRE);
	if (index == queue->seen)
		return 0;
	if ((uint16_t)(index - queue->seen) > queue->size)
		return broken(queue);
	chain->head = __atomic_load_n(&ring[2 + queue->seen % queue->size], __ATOMIC_RELAXED);
	queue->seen++;
	return follow(queue, chain);
}

void queue_push(struct queue *queue, const struct chain *chain, uint32_t written)
{
	uint16_t *ring;
	uint32_t *entry;

	if (!usable(queue))
		return;
	ring = device_ring(queue);
	entry = (uint32_t *)(ring + 2) + 2 * (queue->used % queue->size);
	__atomic_store_n(&entry[0], chain->head, __ATOMIC_RELAXED);
	__atomic_store_n(&entry[1], written, __ATOMIC_RELAXED);
	queue->used++;
	__atomic_store_n(&ring[1], queue->used, __ATOMIC_RELEASE);
}

bool queue_tell(struct queue *queue)
{
	uint16_t *ring, wish, told = queue->told;

	if (!usable(queue) || queue->used == told)
		return false;
	/* The driver's wish is read behind the index that it goes by. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	ring = driver_ring(queue);
	queue->told = queue->used;
	if (!queue->event_idx)
		return !(__atomic_load_n(&ring[0], __ATOMIC_RELAXED) & NO_INTERRUPT);
	wish = __atomic_load_n(&ring[2 + queue->size], __ATOMIC_RELAXED);
	return (uint16_t)(queue->used - wish - 1) < (uint16_t)(queue->used - told);
}

bool queue_ask(struct queue *queue)
{
	uint16_t *ring;

	if (!usable(queue))
		return false;
	if (queue->event_idx) {
		ring = device_ring(queue) + 2 + 4 * queue->size;
		__atomic_store_n(ring, queue->seen, __ATOMIC_RELAXED);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
	}
	ring = driver_ring(queue);
	return __atomic_load_n(&ring[1], __ATOMIC_ACQUIRE) != queue->seen;
}

/* Copy between the buffers iov and memory: to the memory if it is "to" */
static size_t copy(const struct iovec *iov, unsigned int count, size_t offset, void *to,
		   const void *from, size_t size)
{
	size_t done = 0, part_size;
	unsigned int i;

	for (i = 0; i < count && done < size; i++) {
		if (offset >= iov[i].iov_len) {
			offset -= iov[i].iov_len;
			continue;
		}
		part_size = iov[i].iov_len - offset;
		if (part_size > size - done)
			part_size = size - done;
		if (to)
			memcpy(to + done, iov[i].iov_base + offset, part_size);
		else
			memcpy(iov[i].iov_base + offset, from + done, part_size);
		done += part_size;
		offset = 0;
	}
	return done;
}

size_t chain_read(const struct chain *chain, size_t offset, void *to, size_t size)
{
	return copy(chain->iov, chain->readable, offset, to, NULL, size);
}

size_t chain_write(const struct chain *chain, size_t offset, const void *from, size_t size)
{
	return copy(chain->iov + chain->readable, chain->writable, offset, NULL, from, size);
}
