// SPDX-License-Identifier: GPL-2.0-only
/* Tracepoints, as the text tracefs makes of them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

#define TRACING		"/sys/kernel/tracing/"
#define BUFFER_KB	"16384"

static const char * const *enabled;
static int on = -1;

static int put(const char *name, const char *value)
{
	char path[128];
	ssize_t ret;
	int fd;

	snprintf(path, sizeof(path), TRACING "%s", name);
	fd = open(path, O_WRONLY | O_TRUNC);
	if (fd < 0)
		return -errno;
	ret = write(fd, value, strlen(value));
	close(fd);
	return ret < 0 ? -EIO : 0;
}

static void points_set(const char *value)
{
	char path[96];
	int i;

	for (i = 0; enabled[i]; i++) {
		snprintf(path, sizeof(path), "events/%s/enable", enabled[i]);
		if (put(path, value))
			die("no tracepoints %s", enabled[i]);
	}
}

void trace_start(const char * const *names)
{
	enabled = names;
	if (on < 0)
		on = open(TRACING "tracing_on", O_WRONLY | O_CLOEXEC);
	if (write(on, "0", 1) != 1 || put("buffer_size_kb", BUFFER_KB) || put("trace", ""))
		die("no tracing");
	points_set("1");
	/* This itself must not be in it. */
	if (write(on, "1", 1) != 1)
		die("no tracing");
}

/* "        bench-57    [000] d..1.    12.345678: irq_handler_entry: irq=14 name=..." */
static bool parse(char *line, struct event *event)
{
	char *cpu = strstr(line, " ["), *pid, *colon;

	line[strcspn(line, "\n")] = '\0';
	if (line[0] == '#' || !cpu)
		return false;
	*cpu = '\0';
	pid = strrchr(line, '-');
	colon = strstr(cpu + 1, ": ");
	if (!pid || !colon)
		die("a line of the trace without a task");
	event->pid = atoi(pid + 1);
	event->name = colon + 2;
	colon = strchr(event->name, ':');
	if (!colon)
		die("a line of the trace without a name");
	*colon = '\0';
	event->rest = colon + 1;
	return true;
}

void trace_stop(void (*see)(const struct event *event, void *data), void *data)
{
	unsigned long kept, written;
	struct event event;
	char line[512];
	FILE *file;

	if (write(on, "0", 1) != 1)
		die("no tracing");
	points_set("0");
	file = fopen(TRACING "trace", "r");
	if (!file)
		die("no trace");
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "# entries-in-buffer/entries-written: %lu/%lu", &kept,
			   &written) == 2 && kept != written)
			die("the trace has lost %lu lines", written - kept);
		if (parse(line, &event))
			see(&event, data);
	}
	fclose(file);
	put("trace", "");
}

int64_t event_number(const struct event *event, const char *word)
{
	size_t length = strlen(word);
	const char *at = event->rest;

	while ((at = strstr(at, word))) {
		if (at[length] == '=' && (at == event->rest || at[-1] == ' '))
			return strtoll(at + length + 1, NULL, 0);
		at += length;
	}
	return -1;
}
