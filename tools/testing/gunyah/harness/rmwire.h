/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests of RM put together by hand, and a host that remembers mappings. */
#ifndef HARNESS_RMWIRE_H
#define HARNESS_RMWIRE_H

#include "rmlink.h"
#include "../model/state.h"

#define RAM			0x80000000ull
#define RAM_SIZE		0x40000000ull
#define IO			0x10000000ull

#define RM_DONATE		0x51000010
#define RM_ACCEPT		0x51000011
#define RM_LEND			0x51000012
#define RM_SHARE		0x51000013
#define RM_RELEASE		0x51000014
#define RM_RECLAIM		0x51000015
#define RM_MEM_NOTIFY		0x51000017
#define RM_MEM_APPEND		0x51000018
#define RM_LOOKUP_SGL		0x5100001a
#define RM_FW_MILESTONE		0x51000020
#define RM_FW_SET		0x51000021
#define RM_ALLOCATE		0x56000001
#define RM_DEALLOCATE		0x56000002
#define RM_START		0x56000004
#define RM_STOP			0x56000005
#define RM_RESET		0x56000006
#define RM_CONFIG		0x56000009
#define RM_AUTH			0x5600000a
#define RM_INIT			0x5600000b
#define RM_GET_ID		0x56000010
#define RM_GET_STATE		0x56000017
#define RM_GET_CRASH_MSG	0x56000019
#define RM_GET_RESOURCES	0x56000020
#define RM_SET_TIME_BASE	0x56000030
#define RM_SET_FIRMWARE_MEM	0x56000032
#define RM_IRQ_ACCEPT		0x56000050
#define RM_IRQ_LEND		0x56000051
#define RM_IRQ_RELEASE		0x56000052
#define RM_IRQ_RECLAIM		0x56000053
#define RM_IRQ_NOTIFY		0x56000054
#define RM_CONSOLE_OPEN		0x56000081
#define RM_CONSOLE_CLOSE	0x56000082
#define RM_CONSOLE_WRITE	0x56000083
#define RM_CONSOLE_FLUSH	0x56000084
#define RM_EXIT			0x56000085
#define RM_IPA_RESERVE		0x560000b0

#define MEM_RW			6
#define MEM_RWX			7

/* Status words that rmlink.h does not have. */
#define RM_NOMEM		1
#define RM_BUSY			5
#define RM_HANDLE_INVALID	7
#define RM_VALIDATE_FAILED	8
#define RM_MAP_FAILED		9
#define RM_MEM_INVALID		0xa
#define RM_MEM_INUSE		0xb
#define RM_MEM_RELEASED		0xc
#define RM_VMID_INVALID		0xd
#define RM_LOOKUP_FAILED	0xe
#define RM_IRQ_INVALID		0xf
#define RM_IRQ_INUSE		0x10
#define RM_IRQ_RELEASED		0x11
#define RM_IN_USE		0x12
#define RM_VM_STATE		0x14

/**
 * struct wire - a request
 * @size: of its payload
 * @data: payload
 */
struct wire {
	u32 size;
	u8 data[GUNYAH_RM_MAX_PAYLOAD];
};

void wire_put32(struct wire *w, u32 value);
void wire_put64(struct wire *w, u64 value);
/* An empty list; returns where, for wire_count(). */
u32 wire_list(struct wire *w);
void wire_count(struct wire *w, u32 at, u32 count);
void wire_acl(struct wire *w, u16 vmid, u8 rights);
void wire_sgl(struct wire *w, u64 ipa, u64 size);

void wire_begin_create(struct wire *w, u8 type, u8 flags, u32 label);
/* LEND of @nr ranges, @step apart, to @vmid alone with RWX. */
void wire_lend(struct wire *w, u16 vmid, u64 ipa, u64 size, u32 nr, u64 step);
/* APPEND of @nr pages, @step apart. */
void wire_append(struct wire *w, u32 handle, u8 flags, u64 ipa, u32 nr, u64 step);
u64 wire_call(struct host *h, struct rm_reply *r, u32 id, const struct wire *w);

/* A request of VM @vmid, which has no queues; the reply is in h->x. */
u64 rm_as(struct host *h, u16 vmid, u32 id, const void *data, u32 size);

/* As host_init(), with RAM, and a stage 2 that is only remembered. */
int wire_host(struct host *h, const char *options);
/* The next vmid; the VM is in state LOAD. */
u16 wire_allocate(struct host *h);
/* Rights that the primary VM has to a page. */
unsigned int wire_mapped(struct host *h, u64 ipa);
/* How many ranges it has not all rights to. */
unsigned int wire_unmapped(struct host *h);
/* Let the @nr th change of stage 2 from now fail. */
void wire_fail_map(struct host *h, unsigned int nr);

#endif
