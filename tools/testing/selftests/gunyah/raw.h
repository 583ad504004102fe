/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests to the resource manager (RM) by hand, through the driver's raw mode. */
#ifndef GUNYAH_RAW_H
#define GUNYAH_RAW_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define RM_FRAGMENT	240
#define RM_HEADER	8
#define RM_REQUEST	1
#define RM_REPLY	2
#define RM_STATUS	4

/* A message only the stand-in knows, and that only with the option "debug" */
#define RM_DEBUG		0x5ff00004
#define RM_DEBUG_MISBEHAVE	2	/* what, kind, count, arg, id */
#define RM_DEBUG_DIGEST		30	/* returns 4 digests: pages, capabilities, VMs, virqs */
#define RM_DEBUG_POOL		31	/* which, limit */
#define RM_DEBUG_WORDS		17
#define RM_NR_DIGESTS		4

/* How long RM has to answer, and how often to look meanwhile */
#define RM_PATIENCE_S	60
#define RM_LOOK_MS	1000

/* The next fragment from RM: 0 or a negative errno */
static inline int rm_receive(int raw, uint8_t message[RM_FRAGMENT], time_t end)
{
	struct pollfd look = { .fd = raw, .events = POLLIN };
	int ret = 0;

	/* Polling finds what RM has sent while an interrupt got lost. */
	while (!ret && time(NULL) < end)
		ret = poll(&look, 1, RM_LOOK_MS);
	if (ret <= 0)
		return ret ? -errno : -ETIMEDOUT;

	return read(raw, message, RM_FRAGMENT) < RM_HEADER + RM_STATUS ? -EPROTO : 0;
}

/* The status RM answers with, or a negative errno; @reply of @room may be NULL. */
static inline int64_t rm_exchange(uint32_t id, const void *payload, size_t size, void *reply,
				  size_t room)
{
	uint8_t message[RM_FRAGMENT] = { 0x21, RM_REQUEST, 0x11, 0x47 };
	time_t end = time(NULL) + RM_PATIENCE_S;
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
		if (!ret)
			ret = rm_receive(raw, message, end);
	} while (!ret && message[1] != RM_REPLY);
	close(raw);
	memcpy(&status, message + RM_HEADER, sizeof(status));
	if (!ret && !status && reply)
		memcpy(reply, message + RM_HEADER + RM_STATUS, room);
	return ret ? ret : status;
}

static inline int64_t rm_request(uint32_t id, const void *payload, size_t size)
{
	return rm_exchange(id, payload, size, NULL, 0);
}

#define RM_VM_STOP		0x56000005
#define RM_VM_GET_STATE		0x56000017
#define RM_STATE_RUNNING	3
#define RM_STATE_EXITED		9

/* RM's VM_STOP, which is not in the interface */
static inline int64_t rm_stop_by_force(uint16_t vmid)
{
	struct {
		uint16_t vmid;
		uint8_t force, reserved;
		uint32_t reason;
	} request = { .vmid = vmid, .force = 1, .reason = 3 };

	return rm_request(RM_VM_STOP, &request, sizeof(request));
}

/* What RM says the state of a VM is, or a negative errno */
static inline int rm_state(uint16_t vmid)
{
	uint16_t request[2] = { vmid };
	uint8_t state[4] = { };
	int64_t ret = rm_exchange(RM_VM_GET_STATE, request, sizeof(request), state,
				  sizeof(state));

	return ret ? -EPROTO : state[0];
}

/*
 * The stand-in is told something; @words: operation and arguments, then its
 * answer. Elsewhere it is no request.
 */
static inline int64_t rm_debug(uint64_t words[RM_DEBUG_WORDS])
{
	const size_t size = RM_DEBUG_WORDS * sizeof(words[0]);

	return rm_exchange(RM_DEBUG, words, size, words, size);
}

/*
 * Digests of what the stand-in has: whose each page is and by which parcel, all
 * capabilities, the VMs with their states, the interrupts that are in use. Asking
 * takes memory of this kernel for a while. Returns false elsewhere.
 */
static inline bool rm_digests(uint64_t digests[RM_NR_DIGESTS])
{
	uint64_t words[RM_DEBUG_WORDS] = { RM_DEBUG_DIGEST };

	if (rm_debug(words))
		return false;
	memcpy(digests, words, RM_NR_DIGESTS * sizeof(digests[0]));
	return true;
}

#endif
