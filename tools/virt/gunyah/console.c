// SPDX-License-Identifier: GPL-2.0-only
/* Where the serial console is: --console. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmm.h"

/* A terminal of its own, whose name the user is told */
static int open_pty(struct vmm *vmm)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	char name[64];

	if (master < 0)
		return -errno;
	vmm->console_in = master;
	vmm->console_out = master;
	if (grantpt(master) || unlockpt(master) || ptsname_r(master, name, sizeof(name)))
		return -errno;
	/* Held open here: else it would hang up with the first who leaves it. */
	vmm->console_held = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (vmm->console_held < 0)
		return -errno;
	fprintf(stderr, "gunyah-vmm: the console is %s\n", name);
	return 0;
}

int console_open(struct vmm *vmm, const char *where)
{
	vmm->console_in = -1;
	vmm->console_out = -1;
	vmm->console_held = -1;
	if (!strcmp(where, "pty"))
		return open_pty(vmm);
	if (!strncmp(where, "file:", 5)) {
		/* A guest that resets goes on in the same file. */
		vmm->console_out = open(where + 5, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
		return vmm->console_out < 0 ? -errno : 0;
	}
	vmm->console_in = STDIN_FILENO;
	vmm->console_out = STDOUT_FILENO;
	return 0;
}

bool console_known(const char *where)
{
	return !strcmp(where, "stdio") || !strcmp(where, "pty") ||
	       (!strncmp(where, "file:", 5) && where[5]);
}

void console_close(struct vmm *vmm)
{
	if (vmm->console_held >= 0)
		close(vmm->console_held);
	if (vmm->console_out > STDERR_FILENO)
		close(vmm->console_out);
}
