/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel counts: memory that is pinned, and charged to this process. */
#ifndef GUNYAH_COUNTERS_H
#define GUNYAH_COUNTERS_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE	4096
#define FD_INFO	8192

/* The number behind a word at the beginning of a line */
static inline long file_number(const char *path, const char *word)
{
	FILE *file = fopen(path, "r");
	size_t length = strlen(word);
	char line[256];
	long value = 0;

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, word, length) && strchr(": \t", line[length]))
			value = strtol(line + length + 1, NULL, 0);
	if (file)
		fclose(file);
	return value;
}

/* What the kernel says about a descriptor; nothing if it says nothing */
static inline char *fd_info(int fd, char *text, size_t room)
{
	char path[64];
	size_t size = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "r");
	if (file) {
		size = fread(text, 1, room - 1, file);
		fclose(file);
	}
	text[size] = '\0';
	return text;
}

static inline bool fd_says(int fd, const char *what)
{
	char text[FD_INFO];

	return strstr(fd_info(fd, text, sizeof(text)), what);
}

/* The number behind the first of these words, or -1 */
static inline long long fd_number(int fd, const char *word)
{
	char text[FD_INFO], *at = strstr(fd_info(fd, text, sizeof(text)), word);

	return at ? strtoll(at + strlen(word), NULL, 0) : -1;
}

/* Each CPU counts by itself for a while, unless somebody asks for the sum. */
static inline void gather_counters(void)
{
	int fd = open("/proc/sys/vm/stat_refresh", O_WRONLY);

	if (fd < 0)
		return;
	if (write(fd, "1\n", 2) != 2)
		perror("# stat_refresh");
	close(fd);
}

static inline long pinned(void)
{
	gather_counters();
	return file_number("/proc/vmstat", "nr_foll_pin_acquired") -
	       file_number("/proc/vmstat", "nr_foll_pin_released");
}

/* The kernel takes VMs apart at leisure. */
static inline long pinned_soon(long expected)
{
	int i;

	for (i = 0; i < 2000 && pinned() != expected; i++)
		usleep(10000);
	return pinned();
}

static inline long charged(void)
{
	return file_number("/proc/self/status", "VmLck") / (PAGE / 1024);
}

static inline long charged_soon(long expected)
{
	int i;

	for (i = 0; i < 2000 && charged() != expected; i++)
		usleep(10000);
	return charged();
}

#endif
