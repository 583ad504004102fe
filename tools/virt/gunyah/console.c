// SPDX-License-Identifier: GPL-2.0-only
/* Where a console of the guest is: --console and --virtio-console. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmm.h"

#define PIECE	256	/* what a terminal has room for when poll() says that it has */
#define PATIENCE 200	/* ms for who reads to go on */

/* A terminal of its own, whose name the user is told */
static int open_pty(struct console *console, const char *name)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	char path[64];

	if (master < 0)
		return -errno;
	console->in = master;
	console->out = master;
	if (grantpt(master) || unlockpt(master) || ptsname_r(master, path, sizeof(path)))
		return -errno;
	/* Held open here: else it would hang up with the first who leaves it. */
	console->held = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (console->held < 0)
		return -errno;
	fprintf(stderr, "gunyah-vmm: the %s is %s\n", name, path);
	return 0;
}

int console_open(struct console *console, const char *name, const char *where)
{
	if (!strcmp(where, "pty"))
		return open_pty(console, name);
	if (!strncmp(where, "file:", 5)) {
		/* A guest that resets goes on in the same file. */
		console->out = open(where + 5, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
		return console->out < 0 ? -errno : 0;
	}
	console->in = STDIN_FILENO;
	console->out = STDOUT_FILENO;
	return 0;
}

bool console_known(const char *where)
{
	return !strcmp(where, "stdio") || !strcmp(where, "pty") ||
	       (!strncmp(where, "file:", 5) && where[5]);
}

void console_close(struct console *console)
{
	if (console->held >= 0)
		close(console->held);
	if (console->out > STDERR_FILENO)
		close(console->out);
}

/*
 * Nobody who does not read may hold the guest up: he is waited for once, and
 * from then on loses what he has no room for.
 */
static bool has_room(struct console *console)
{
	struct pollfd out = { .fd = console->out, .events = POLLOUT };

	console->stuck = poll(&out, 1, console->stuck ? 0 : PATIENCE) != 1;
	return !console->stuck;
}

void console_write(struct console *console, const void *data, size_t size)
{
	ssize_t done;

	while (size && has_room(console)) {
		done = write(console->out, data, size < PIECE ? size : PIECE);
		if (done <= 0)
			return;
		data += done;
		size -= done;
	}
}

size_t console_read(struct vmm *vmm, struct console *console, void *data, size_t size)
{
	ssize_t done = read(console->in, data, size);

	if (done > 0)
		return done;
	/* Nobody types any more. */
	if (!done || (errno != EAGAIN && errno != EINTR))
		vmm_event_off(vmm, console->in);
	return 0;
}
