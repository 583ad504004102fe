/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests to the resource manager (RM) by hand, through the driver's raw mode. */
#ifndef GUNYAH_RAW_H
#define GUNYAH_RAW_H

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define RM_FRAGMENT	240
#define RM_HEADER	8
#define RM_REQUEST	1
#define RM_REPLY	2

/* The status RM answers with, or a negative errno */
static inline int64_t rm_request(uint32_t id, const void *payload, size_t size)
{
	uint8_t message[RM_FRAGMENT] = { 0x21, RM_REQUEST, 0x11, 0x47 };
	int64_t ret = 0;
	uint32_t status;
	int raw;

	raw = open("/sys/kernel/debug/gunyah/rm/raw", O_RDWR);
	if (raw < 0)
		return -errno;
	memcpy(message + 4, &id, sizeof(id));
	memcpy(message + RM_HEADER, payload, size);
	if (write(raw, message, RM_HEADER + size) < 0)
		ret = -errno;
	/* What RM notifies of may come before the reply. */
	do {
		if (!ret && read(raw, message, sizeof(message)) < RM_HEADER + 4)
			ret = -EPROTO;
	} while (!ret && message[1] != RM_REPLY);
	close(raw);
	memcpy(&status, message + RM_HEADER, sizeof(status));
	return ret ? ret : status;
}

#endif
