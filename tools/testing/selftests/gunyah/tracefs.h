/* SPDX-License-Identifier: GPL-2.0-only */
/* For tests that look at trace events, in the text that tracefs makes of them. */
#ifndef GUNYAH_TRACEFS_H
#define GUNYAH_TRACEFS_H

#include <errno.h>
#include <stdio.h>

#define TRACING	"/sys/kernel/tracing/"

static inline int write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	if (!file)
		return -errno;
	fputs(text, file);
	return fclose(file) ? -errno : 0;
}

#endif
