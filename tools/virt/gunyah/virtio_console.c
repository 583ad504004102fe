// SPDX-License-Identifier: GPL-2.0-only
/*
 * A console: one port, hvc0 in the guest. What is typed waits here until the
 * guest has a buffer for it, and more waits where it comes from.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "virtio.h"

#define TO_GUEST	0
#define FROM_GUEST	1
#define PIECE		256
/* Of one request: drivers send some bytes, none sends what memory has room for. */
#define MOST		65536

/**
 * struct virtio_console - its state
 * @virtio: the transport
 * @console: the other side
 * @typed: what the guest has not got yet
 * @first: of those
 * @end: behind the last of those
 */
struct virtio_console {
	struct virtio virtio;
	struct console *console;
	uint8_t typed[PIECE];
	size_t first, end;
};

static void out(struct virtio_console *console, const struct chain *chain)
{
	uint8_t piece[PIECE];
	size_t done, size;

	for (done = 0; done < MOST; done += size) {
		size = chain_read(chain, done, piece, sizeof(piece));
		if (!size)
			break;
		console_write(console->console, piece, size);
	}
}

static uint32_t console_serve(struct virtio *virtio, unsigned int queue,
			      const struct chain *chain)
{
	struct virtio_console *console = (struct virtio_console *)virtio;
	size_t size;

	if (queue == FROM_GUEST) {
		out(console, chain);
		return 0;
	}
	size = chain_write(chain, 0, console->typed + console->first,
			   console->end - console->first);
	console->first += size;
	if (console->first == console->end)
		vmm_event_on(virtio->vmm, console->console->in, true);
	return size;
}

/* Buffers for what is typed stay where they are until something is. */
static bool console_waits(struct virtio *virtio, unsigned int queue)
{
	struct virtio_console *console = (struct virtio_console *)virtio;

	return queue == TO_GUEST && console->first == console->end;
}

static void typed(struct vmm *vmm, void *data)
{
	struct virtio_console *console = data;

	console->first = 0;
	console->end = console_read(vmm, console->console, console->typed,
				    sizeof(console->typed));
	if (!console->end)
		return;
	virtio_serve(&console->virtio, TO_GUEST);
	if (console->first != console->end)
		vmm_event_on(vmm, console->console->in, false);
}

static void virtio_console_close(struct virtio *virtio)
{
	free(virtio);
}

int virtio_console_create(struct vmm *vmm, struct console *console)
{
	struct virtio_console *it = calloc(1, sizeof(*it));
	int ret;

	if (!it)
		return -ENOMEM;
	it->console = console;
	it->virtio.id = VIRTIO_CONSOLE;
	it->virtio.nr_queues = 2;
	it->virtio.serve = console_serve;
	it->virtio.waits = console_waits;
	it->virtio.close = virtio_console_close;
	ret = virtio_create(&it->virtio, vmm);
	if (ret)
		return ret;
	return console->in < 0 ? 0 : vmm_event(vmm, console->in, typed, it);
}
