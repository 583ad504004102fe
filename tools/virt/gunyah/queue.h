/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A virtio queue (split), seen by the device. All of it is in the guest's
 * memory, and the guest may write there at any time and anything: each word is
 * read once, checked, and believed after that only as a copy.
 */
#ifndef GUNYAH_QUEUE_H
#define GUNYAH_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define QUEUE_MAX 128

/**
 * struct queue - a queue
 * @memory: where guest memory is here, or NULL if it is not all the guest's
 * @data: for @memory
 * @size: entries, a power of 2, at most QUEUE_MAX
 * @desc: guest addresses of its parts
 * @driver: the same
 * @device: the same
 * @ready: the driver says that all that is set
 * @event_idx: both sides say when they want to be told
 * @broken: what the driver wrote makes no sense; it stays so until a reset
 * @seen: entries of the driver's ring that were taken
 * @used: entries of the device's ring that were written
 * @told: @used when the driver was told the last time
 */
struct queue {
	void *(*memory)(void *data, uint64_t address, uint64_t size);
	void *data;
	uint32_t size;
	uint64_t desc, driver, device;
	bool ready, event_idx, broken;
	uint16_t seen, used, told;
};

/**
 * struct chain - buffers of one request
 * @iov: first what the device reads, then what it writes
 * @readable: how many of the first kind
 * @writable: how many of the second
 * @head: how the driver knows it
 */
struct chain {
	struct iovec iov[QUEUE_MAX];
	unsigned int readable, writable;
	uint16_t head;
};

/* Forget what the driver said. */
void queue_reset(struct queue *queue);

/* The next request: 1 and the chain, 0 if there is none, -1 if it is broken. */
int queue_pop(struct queue *queue, struct chain *chain);

/* Give it back, with so many bytes written. */
void queue_push(struct queue *queue, const struct chain *chain, uint32_t written);

/* Is the driver to be told of what was given back? */
bool queue_tell(struct queue *queue);

/* Ask to be told of the next request. Returns whether it is there already. */
bool queue_ask(struct queue *queue);

/* Copy from or to the buffers of a chain, as far as both reach. */
size_t chain_read(const struct chain *chain, size_t offset, void *to, size_t size);
size_t chain_write(const struct chain *chain, size_t offset, const void *from, size_t size);

#endif
