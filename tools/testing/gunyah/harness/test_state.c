// SPDX-License-Identifier: GPL-2.0-only
/* VM life cycle: every state with every call, images, resources, 200 lives. */
#include <stdio.h>

#include "rmwire.h"
#include "tap.h"

#define VM		0x80
#define IMAGE		0x200000ull
#define DT		0x100000ull

#define VM_STATUS	0x56100008
#define VM_EXITED	0x56100001
#define MEM_RELEASED	0x51100012

#define DIES		0xdead	/* no answer, RM is gone */

static struct rm_reply reply;
static struct wire w;

/* All requests here are made at once and RM does nothing by itself. */
static u64 call(struct host *h, u32 id, const void *data, u32 size)
{
	u64 deaths = gm_counter(h->m, GM_CTR_RM_DEATHS);
	u64 status = rm_as(h, 3, id, data, size);

	return gm_counter(h->m, GM_CTR_RM_DEATHS) > deaths ? DIES : status;
}

static u64 by_vmid(struct host *h, u32 id)
{
	return call(h, id, "\x80\0\0\0", 4);
}

struct config {
	u16 auth;
	u32 handle;
	u64 image, image_size, dt, dt_size;
};

static u64 config(struct host *h, const struct config *c)
{
	memset(&w, 0, sizeof(w));
	wire_put32(&w, VM | (u32)c->auth << 16);
	wire_put32(&w, c->handle);
	wire_put64(&w, c->image);
	wire_put64(&w, c->image_size);
	wire_put64(&w, c->dt);
	wire_put64(&w, c->dt_size);
	return call(h, RM_CONFIG, w.data, w.size);
}

static const struct config good = { 0, 0, 0, DT, DT, 0x10000 };

static u64 do_config(struct host *h)
{
	return config(h, &good);
}

static u64 do_auth(struct host *h)
{
	return by_vmid(h, RM_AUTH);
}

static u64 do_init(struct host *h)
{
	return by_vmid(h, RM_INIT);
}

static u64 do_start(struct host *h)
{
	return by_vmid(h, RM_START);
}

static u64 do_stop(struct host *h)
{
	return call(h, RM_STOP, "\x80\0\1\0\3\0\0", 8);
}

static u64 do_shutdown(struct host *h)
{
	return call(h, RM_STOP, "\x80\0\0\0\3\0\0", 8);
}

static u64 do_reset(struct host *h)
{
	return by_vmid(h, RM_RESET);
}

static u64 do_deallocate(struct host *h)
{
	return by_vmid(h, RM_DEALLOCATE);
}

static u64 do_firmware_mem(struct host *h)
{
	static const u8 req[24] = { VM };

	return call(h, RM_SET_FIRMWARE_MEM, req, sizeof(req));
}

static u64 do_time_base(struct host *h)
{
	static const u8 req[20] = { VM };

	return call(h, RM_SET_TIME_BASE, req, sizeof(req));
}

static u64 do_resources(struct host *h)
{
	return by_vmid(h, RM_GET_RESOURCES);
}

static u64 do_get_id(struct host *h)
{
	return by_vmid(h, RM_GET_ID);
}

static u64 do_get_state(struct host *h)
{
	return by_vmid(h, RM_GET_STATE);
}

static u64 do_crash_msg(struct host *h)
{
	return by_vmid(h, RM_GET_CRASH_MSG);
}

static u64 do_console(struct host *h)
{
	return by_vmid(h, RM_CONSOLE_OPEN);
}

static const struct {
	const char *name;
	u64 (*fn)(struct host *h);
} calls[] = {
	{ "config", do_config }, { "auth", do_auth }, { "init", do_init }, { "start", do_start },
	{ "stop", do_stop }, { "shutdown", do_shutdown }, { "reset", do_reset },
	{ "deallocate", do_deallocate }, { "firmware mem", do_firmware_mem },
	{ "time base", do_time_base }, { "resources", do_resources }, { "get id", do_get_id },
	{ "get state", do_get_state }, { "crash message", do_crash_msg },
	{ "console", do_console },
};

#define NR_CALLS	GM_ARRAY_SIZE(calls)

enum {
	NONE,
	LOAD,
	AUTH,
	INIT,
	READY,
	RUNNING,
	PAUSED,
	EARLY,
	LATE,
	EXITED,
	RESETTING,
	RESET,
	NR_STATES,
};

#define ST	RM_VM_STATE
#define BAD	RM_VMID_INVALID
#define ARG	RM_ARGUMENT_INVALID
#define NORES	RM_NORESOURCE

/* The states, how VM_GET_STATE calls them, and what each call answers there. */
static const struct {
	const char *name;
	u8 number;
	u32 status[NR_CALLS];
} states[NR_STATES] = {
	[NONE] = { "none", 0, {
		BAD, BAD, BAD, BAD, BAD, BAD, BAD, DIES, NORES, NORES, ARG,
		NORES, NORES, BAD, ARG } },
	[LOAD] = { "load", 5, {
		0, ST, ST, ST, ST, ST, DIES, 0, ST, ST, NORES, ST, 0, 0, ARG } },
	[AUTH] = { "auth", 6, {
		ST, 0, ST, ST, ST, ST, ST, ST, ST, ST, 0, ST, 0, 0, ARG } },
	[INIT] = { "init", 1, {
		ST, ST, 0, ST, ST, ST, ST, ST, ARG, ARG, 0, ST, 0, 0, ARG } },
	[READY] = { "ready", 2, {
		ST, ST, ST, 0, ST, ST, 0, ST, ST, ARG, 0, 0, 0, 0, ARG } },
	[RUNNING] = { "running", 3, {
		ST, ST, ST, ST, 0, DIES, ST, ST, ST, ST, 0, 0, 0, 0, ARG } },
	[PAUSED] = { "paused", 4, {
		ST, ST, ST, ST, 0, DIES, ST, ST, ST, ST, 0, 0, 0, 0, ARG } },
	[EARLY] = { "no image", 8, {
		ST, ST, ST, ST, ST, ST, DIES, ST, ST, ST, NORES, ST, 0, 0, ARG } },
	[LATE] = { "bad image", 8, {
		ST, ST, ST, ST, ST, ST, 0, ST, ST, ST, 0, ST, 0, 0, ARG } },
	[EXITED] = { "exited", 9, {
		ST, ST, ST, ST, ST, ST, 0, ST, ST, ST, 0, ST, 0, 0, ARG } },
	[RESETTING] = { "resetting", 10, {
		ST, ST, ST, ST, ST, ST, ST, ST, ST, ST, 0, ST, 0, 0, ARG } },
	[RESET] = { "reset", 11, {
		0, ST, ST, ST, ST, ST, DIES, 0, ST, ST, NORES, ST, 0, 0, ARG } },
};

/* Which call leads to which state, if it is answered OK. */
static const struct {
	unsigned int call;
	u8 from, to;
} moves[] = {
	{ 0, 5, 1 }, { 0, 11, 1 }, { 1, 6, 1 }, { 2, 1, 2 }, { 3, 2, 3 }, { 4, 3, 9 },
	{ 4, 4, 9 }, { 6, 2, 10 }, { 6, 8, 10 }, { 6, 9, 10 },
};

static u8 state_of(struct host *h)
{
	struct gm_vm *vm = gm_vm_find(h->m, VM);

	return vm ? vm->state : 0;
}

static void lend_image(struct host *h, u32 handle)
{
	wire_lend(&w, VM, RAM, IMAGE, 1, 0);
	EQ(call(h, RM_LEND, w.data, w.size), RM_OK);
	EQ(h->x[3] & 0xffffffff, handle);
}

/* A VM in the state; only by calls, but for PAUSED, which none leads to. */
static void reach(struct host *h, unsigned int state, const char *options)
{
	struct config c = good;

	EQ(wire_host(h, options), 0);
	if (state == NONE)
		return;
	EQ(wire_allocate(h), VM);
	lend_image(h, 0);
	if (state == LOAD)
		return;
	if (state == EARLY)
		c.handle = 7;
	if (state == AUTH)
		c.auth = 1;
	if (state == LATE)
		c.dt += 4;
	EQ(config(h, &c), state == EARLY ? RM_MEM_INVALID : RM_OK);
	if (state == EARLY || state == AUTH || state == INIT)
		return;
	EQ(do_init(h), state == LATE ? RM_MEM_INVALID : RM_OK);
	if (state == LATE || state == READY)
		return;
	EQ(do_start(h), RM_OK);
	if (state == PAUSED)
		gm_vm_find(h->m, VM)->state = GM_VM_PAUSED;
	if (state == RUNNING || state == PAUSED)
		return;
	EQ(do_stop(h), RM_OK);
	if (state == EXITED)
		return;
	EQ(do_reset(h), RM_OK);
	if (state == RESET)
		rm_drain(h, &reply);
}

static u8 expected_state(unsigned int state, unsigned int c, u64 status)
{
	u8 from = states[state].number;
	size_t i;

	if (status)
		return from;
	if (calls[c].fn == do_deallocate)
		return 0;
	for (i = 0; i < GM_ARRAY_SIZE(moves); i++)
		if (moves[i].call == c && moves[i].from == from)
			return moves[i].to;
	return from;
}

static void state_table(void)
{
	unsigned int s, c;
	struct host h;

	for (s = 0; s < NR_STATES; s++) {
		for (c = 0; c < NR_CALLS; c++) {
			u32 want = states[s].status[c];
			u64 status;

			reach(&h, s, "debug");
			EQ(state_of(&h), states[s].number);
			status = calls[c].fn(&h);
			if (status != want)
				printf("# %s in state %s\n", calls[c].name, states[s].name);
			EQ(status, want);
			EQ(state_of(&h), expected_state(s, c, status));
			host_exit(&h);

			/* What kills it, does not with bug=rm-lives. */
			if (want != DIES)
				continue;
			reach(&h, s, "debug,bug=rm-lives");
			EQ(calls[c].fn(&h), s == NONE ? RM_VMID_INVALID : RM_VM_STATE);
			EQ(state_of(&h), states[s].number);
			host_exit(&h);
		}
	}
}

/* Arguments of VM_CONFIG_IMAGE; each fault leaves INIT_FAILED. */
static void images(void)
{
	static const struct {
		struct config c;
		u32 status;
		bool resettable;
	} tries[] = {
		{ { 0, 0, 0, IMAGE, IMAGE, 0 }, RM_OK, true },
		{ { 0, 1, 0, DT, DT, 0x1000 }, RM_MEM_INVALID, false },
		{ { 0, 0, 0, IMAGE + 1, DT, 0x1000 }, RM_ARGUMENT_INVALID, false },
		{ { 0, 0, ~0ull, 2, DT, 0x1000 }, RM_ARGUMENT_INVALID, false },
		{ { 0, 0, 0, DT, DT, IMAGE }, RM_ARGUMENT_INVALID, false },
		{ { 0, 0, 0, DT, ~0ull - 1, 0x1000 }, RM_ARGUMENT_INVALID, false },
		{ { 3, 0, 0, DT, DT, 0x1000 }, RM_ARGUMENT_INVALID, false },
	};
	struct host h;
	size_t i;

	for (i = 0; i < GM_ARRAY_SIZE(tries); i++) {
		reach(&h, LOAD, "debug");
		EQ(config(&h, &tries[i].c), tries[i].status);
		EQ(state_of(&h), tries[i].status ? 8 : 1);
		EQ(do_init(&h), tries[i].status ? RM_VM_STATE : RM_MEM_INVALID);
		EQ(do_reset(&h), tries[i].resettable ? RM_OK : DIES);
		host_exit(&h);
	}
	/* A parcel that is not for this VM; one that went away; a length. */
	reach(&h, LOAD, "debug");
	wire_lend(&w, VM + 1, RAM + IMAGE, IMAGE, 1, 0);
	EQ(call(&h, RM_LEND, w.data, w.size), RM_OK);
	EQ(config(&h, &(struct config){ 0, 1, 0, DT, DT, 0x1000 }), RM_MEM_INVALID);
	host_exit(&h);
	reach(&h, INIT, "debug");
	EQ(call(&h, RM_CONFIG, w.data, 39), RM_MSG_INVALID);
	EQ(call(&h, RM_INIT, "\x80\0\1\0", 4), RM_MSG_INVALID);
	EQ(call(&h, RM_RECLAIM, "\0\0\0\0\0\0\0", 8), RM_OK);
	EQ(do_init(&h), RM_MEM_INVALID);
	EQ(do_reset(&h), RM_OK);
	host_exit(&h);
}

/* Which parcels VM_START takes for the image, and what it accepts besides. */
static void starts(void)
{
	struct host h;
	u32 at;

	/* Shared: only with vm-image=shared. */
	for (at = 0; at < 2; at++) {
		EQ(wire_host(&h, at ? "debug,vm-image=shared" : "debug"), 0);
		wire_allocate(&h);
		wire_lend(&w, VM, RAM, IMAGE, 1, 0);
		w.data[8] = 2;
		memmove(w.data + 20, w.data + 16, w.size - 16);
		gm_put32(w.data + 16, 3 | MEM_RW << 16);
		w.size += 4;
		EQ(call(&h, RM_SHARE, w.data, w.size), RM_OK);
		EQ(do_config(&h), RM_OK);
		EQ(do_init(&h), RM_OK);
		EQ(do_start(&h), at ? RM_OK : RM_NORESOURCE);
		EQ(state_of(&h), at ? 3 : 8);
		host_exit(&h);
	}
	/* A second parcel is accepted too, a third for another VM is not. */
	reach(&h, READY, "debug");
	wire_lend(&w, VM, RAM + IMAGE, 0x1000, 2, 0x2000);
	EQ(call(&h, RM_LEND, w.data, w.size), RM_OK);
	wire_lend(&w, VM + 1, RAM + 2 * IMAGE, 0x1000, 1, 0);
	EQ(call(&h, RM_LEND, w.data, w.size), RM_OK);
	EQ(do_start(&h), RM_OK);
	EQ(call(&h, RM_RECLAIM, "\0\0\0\0\0\0\0", 8), RM_MEM_INUSE);
	EQ(call(&h, RM_RECLAIM, "\1\0\0\0\0\0\0", 8), RM_MEM_INUSE);
	EQ(call(&h, RM_RECLAIM, "\2\0\0\0\0\0\0", 8), RM_OK);
	EQ(do_stop(&h), RM_OK);
	EQ(call(&h, RM_RECLAIM, "\0\0\0\0\0\0\0", 8), RM_MEM_INUSE);
	memset(&reply, 0, sizeof(reply));
	EQ(do_reset(&h), RM_OK);
	EQ(call(&h, RM_RECLAIM, "\0\0\0\0\0\0\0", 8), RM_MEM_INUSE);
	rm_drain(&h, &reply);
	/* READY, RUNNING.. were told before; two MEM_RELEASED; RESET comes last. */
	EQ(reply.note_id, VM_STATUS);
	EQ(reply.note[4], 11);
	EQ(call(&h, RM_RECLAIM, "\0\0\0\0\0\0\0", 8), RM_OK);
	EQ(call(&h, RM_RECLAIM, "\1\0\0\0\0\0\0", 8), RM_OK);
	EQ(wire_unmapped(&h), 0);
	host_exit(&h);
}

static void exits(void)
{
	struct host h;

	reach(&h, RUNNING, "debug,vm-rpc");
	EQ(rm_as(&h, VM, RM_EXIT, "\1\0\2", 4), RM_MSG_INVALID);
	EQ(rm_as(&h, VM, RM_EXIT, "\1\0\0\1", 4), RM_MSG_INVALID);
	EQ(rm_as(&h, VM, RM_EXIT, "\1\0\5", 4), RM_MSG_INVALID);
	EQ(rm_as(&h, VM, RM_EXIT, "\1\0\0", 3), RM_MSG_INVALID);
	EQ(do_shutdown(&h), RM_OK);
	EQ(host_debug(&h, GM_DBG_VM_NOTES, VM, 0, 0, 0), 0);
	EQ(h.x[2], 0x56100002);
	EQ(h.x[4] & 0xffffffff, 3);
	EQ(rm_as(&h, VM, RM_EXIT, "\1\0\4", 4), RM_OK);
	EQ(state_of(&h), 9);
	rm_drain(&h, &reply);
	EQ(reply.note_id, VM_EXITED);
	EQ(reply.note_size, 12);
	EQ(gm_get16(reply.note), VM);
	EQ(gm_get16(reply.note + 2), 0);
	EQ(gm_get16(reply.note + 8), 1);
	EQ(gm_get16(reply.note + 10), 4);
	host_exit(&h);

	reach(&h, RUNNING, "debug");
	EQ(host_debug(&h, GM_DBG_VM_EXIT, VM, 1, 0, 0), 0);
	EQ(host_debug(&h, GM_DBG_VM_EXIT, VM, 1, 0, 0), 1);
	rm_drain(&h, &reply);
	EQ(gm_get16(reply.note + 2), 1);
	EQ(do_stop(&h), RM_VM_STATE);
	host_exit(&h);
}

/* Firmware of protected VMs, from the first call to a start. */
static void firmware(void)
{
	u8 set[24] = { 2 }, mem[24] = { VM };
	struct config c = good;
	struct host h;

	reach(&h, LOAD, "debug");
	c.auth = 2;
	set[18] = 0x10;		/* 1 MiB */
	set[4] = 9;
	EQ(call(&h, RM_FW_SET, set, 23), RM_MSG_INVALID);
	EQ(call(&h, RM_FW_SET, set, 24), RM_HANDLE_INVALID);
	set[0] = 0;
	EQ(call(&h, RM_FW_SET, set, 24), RM_ARGUMENT_INVALID);
	set[2] = 1;
	EQ(call(&h, RM_FW_SET, set, 24), RM_UNIMPLEMENTED);
	EQ(rm_as(&h, VM, RM_FW_SET, set, 24), RM_DENIED);
	set[0] = 2;
	set[2] = 0;
	wire_lend(&w, 0xff, RAM + IMAGE, 0x100000, 1, 0);
	EQ(call(&h, RM_DONATE, w.data, w.size), RM_OK);
	set[4] = 1;
	set[19] = 1;		/* 17 MiB */
	EQ(call(&h, RM_FW_SET, set, 24), RM_ARGUMENT_INVALID);
	set[19] = 0;
	EQ(config(&h, &c), RM_OK);
	EQ(call(&h, RM_SET_FIRMWARE_MEM, mem, 24), RM_DENIED);
	EQ(h.x[2], 4);
	EQ(call(&h, RM_FW_SET, set, 24), RM_OK);
	EQ(call(&h, RM_FW_SET, set, 24), RM_BUSY);
	mem[4] = 5;
	EQ(call(&h, RM_SET_FIRMWARE_MEM, mem, 24), RM_MEM_INVALID);
	mem[4] = 0;
	mem[18] = 0x21;
	EQ(call(&h, RM_SET_FIRMWARE_MEM, mem, 24), RM_ARGUMENT_INVALID);
	EQ(call(&h, RM_SET_FIRMWARE_MEM, mem, 23), RM_MSG_INVALID);
	mem[18] = 0x10;
	EQ(call(&h, RM_SET_FIRMWARE_MEM, mem, 24), RM_OK);
	EQ(h.x[2], 0);
	EQ(call(&h, RM_FW_MILESTONE, "", 1), RM_MSG_INVALID);
	EQ(rm_as(&h, VM, RM_FW_MILESTONE, "", 0), RM_DENIED);
	EQ(call(&h, RM_FW_MILESTONE, "", 0), RM_OK);
	EQ(call(&h, RM_FW_MILESTONE, "", 0), RM_DENIED);
	EQ(call(&h, RM_FW_SET, set, 24), RM_DENIED);
	EQ(do_init(&h), RM_OK);
	EQ(do_start(&h), RM_OK);
	host_exit(&h);

	/* Without the milestone it does not start, and can be reset. */
	reach(&h, LOAD, "debug");
	EQ(config(&h, &c), RM_OK);
	EQ(do_init(&h), RM_OK);
	EQ(do_start(&h), RM_DENIED);
	EQ(state_of(&h), 8);
	EQ(do_reset(&h), RM_OK);
	rm_drain(&h, &reply);
	EQ(call(&h, RM_RECLAIM, "\0\0\0\0\0\0\0", 8), RM_OK);
	host_exit(&h);
}

/* The list after VM_INIT: type, label, interrupt of each. */
static void resources(void)
{
	static const struct {
		u8 type;
		u32 label;
		bool virq;
	} want[] = {
		{ 4, 0, true }, { 4, 1, true }, { 0, 16, false }, { 0, 17, false }, { 1, 18, true },
		{ 2, 19, true }, { 3, 19, true },
	};
	struct host h;
	size_t i;
	u64 cap;

	reach(&h, READY, "debug,vm-vcpus=2,vm-bells=2,vm-bells-rx=1,vm-queues=1,vm-label=16");
	EQ(rm_call(&h, &reply, RM_GET_RESOURCES, "\x80\0\0", 4), RM_OK);
	EQ(rm_word(&reply, 1), GM_ARRAY_SIZE(want));
	for (i = 0; i < GM_ARRAY_SIZE(want); i++) {
		const u8 *p = reply.data + 8 + 44 * i;

		EQ(p[0], want[i].type);
		EQ(gm_get16(p + 2), want[i].type == 4 ? 0 : VM);
		EQ(gm_get32(p + 8), want[i].label);
		EQ(gm_get32(p + 24) != 0, want[i].virq);
	}
	cap = gm_get64(reply.data + 8 + 88 + 12);
	EQ(host_call(&h, HC_DOORBELL_SEND, cap, 1, 0, 0, 0), HE_OK);
	EQ(do_reset(&h), RM_OK);
	rm_drain(&h, &reply);
	EQ(host_call(&h, HC_DOORBELL_SEND, cap, 1, 0, 0, 0), HE_CAP_REVOKED);
	host_exit(&h);

	/* More vCPUs than CPUs, and more doorbells than interrupts. */
	reach(&h, INIT, "debug,vm-vcpus=5");
	EQ(do_init(&h), RM_MEM_INVALID);
	host_exit(&h);
	reach(&h, INIT, "debug,vm-bells-rx=400");
	EQ(host_debug(&h, GM_DBG_BOOKS, 0, 0, 0, 0), 0);
	cap = h.x[4];
	EQ(do_init(&h), RM_NORESOURCE);
	EQ(do_reset(&h), RM_OK);
	rm_drain(&h, &reply);
	EQ(host_debug(&h, GM_DBG_BOOKS, 0, 0, 0, 0), 0);
	EQ(h.x[4], cap);
	host_exit(&h);
	EQ(host_init(&h, "vm-vcpus=x"), -1);
	host_exit(&h);
	EQ(host_init(&h, "vm-queues=100000"), -1);
	host_exit(&h);
}

static void lives(void)
{
	u64 before[7], i, n;
	struct host h;

	EQ(wire_host(&h, "debug,vm-bells=4,vm-bells-rx=4,vm-queues=1"), 0);
	EQ(host_debug(&h, GM_DBG_BOOKS, 0, 0, 0, 0), 0);
	memcpy(before, h.x, sizeof(before));
	for (n = 0; n < 200; n++) {
		u8 handle[8] = { (u8)n };

		EQ(wire_allocate(&h), VM);
		lend_image(&h, (u32)n);
		EQ(config(&h, &(struct config){ 0, (u32)n, 0, DT, DT, 0x1000 }), RM_OK);
		EQ(do_init(&h), RM_OK);
		EQ(do_start(&h), RM_OK);
		EQ(do_stop(&h), RM_OK);
		rm_drain(&h, &reply);
		EQ(reply.note_id, VM_EXITED);
		EQ(gm_get16(reply.note + 2), 7);
		EQ(do_reset(&h), RM_OK);
		EQ(do_deallocate(&h), RM_VM_STATE);
		rm_drain(&h, &reply);
		EQ(reply.note[4], 11);
		EQ(call(&h, RM_RECLAIM, handle, 8), RM_OK);
		EQ(do_deallocate(&h), RM_OK);
		EQ(host_debug(&h, GM_DBG_BOOKS, 0, 0, 0, 0), 0);
		for (i = 1; i < 7; i++)
			EQ(h.x[i], before[i]);
		EQ(h.m->heap_used, 0);
		EQ(wire_unmapped(&h), 0);
	}
	host_exit(&h);
}

const struct tap_test state_tests[] = {
	{ "every state with every call", state_table },
	{ "arguments of CONFIG_IMAGE and INIT", images },
	{ "parcels at START, released by RESET", starts },
	{ "a VM ends", exits },
	{ "firmware", firmware },
	{ "resources", resources },
	{ "200 lives leave nothing behind", lives },
	{}
};
