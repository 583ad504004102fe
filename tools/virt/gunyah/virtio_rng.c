// SPDX-License-Identifier: GPL-2.0-only
/* Random numbers from this kernel's generator. */
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "virtio.h"

#define MOST 4096	/* per request: a driver asks for 64 */

static uint32_t rng_serve(struct virtio *virtio, unsigned int queue, const struct chain *chain)
{
	uint8_t random[256];
	uint32_t done = 0;
	size_t size;

	(void)virtio;
	(void)queue;
	while (done < MOST) {
		if (getrandom(random, sizeof(random), 0) != sizeof(random))
			break;
		size = chain_write(chain, done, random, sizeof(random));
		done += size;
		if (size < sizeof(random))
			break;
	}
	return done;
}

static void rng_close(struct virtio *virtio)
{
	free(virtio);
}

int virtio_rng_create(struct vmm *vmm)
{
	struct virtio *virtio = calloc(1, sizeof(*virtio));

	if (!virtio)
		return -ENOMEM;
	virtio->id = VIRTIO_RNG;
	virtio->nr_queues = 1;
	virtio->serve = rng_serve;
	virtio->close = rng_close;
	return virtio_create(virtio, vmm);
}
