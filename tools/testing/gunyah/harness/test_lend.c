// SPDX-License-Identifier: GPL-2.0-only
/* Lent interrupts, consoles, reserved addresses, requests that kill RM. */
#include <stdio.h>

#include "rmwire.h"
#include "tap.h"

#define VM		0x80
#define OTHER		0x81
#define SPI		300

static struct rm_reply reply;
static struct wire w;

static void start(struct host *h, const char *options)
{
	EQ(wire_host(h, options), 0);
	EQ(wire_allocate(h), VM);
	EQ(wire_allocate(h), OTHER);
}

static u64 words(struct host *h, u16 vmid, u32 id, u32 nr, u32 a, u32 b, u32 c, u32 d)
{
	u32 req[4] = { a, b, c, d };

	if (vmid == 3)
		return rm_call(h, &reply, id, req, 4 * nr);
	return rm_as(h, vmid, id, req, 4 * nr);
}

static void irq_table(void)
{
	struct host h;
	u32 handle;

	start(&h, "debug");
	gm_vm_find(h.m, VM)->has_rpc = 1;
	EQ(words(&h, 3, RM_IRQ_LEND, 2, VM, SPI, 0, 0), RM_MSG_INVALID);
	EQ(words(&h, 3, RM_IRQ_LEND, 3, VM, 31, 0, 0), RM_IRQ_INVALID);
	EQ(words(&h, 3, RM_IRQ_LEND, 3, VM, 1020, 0, 0), RM_IRQ_INVALID);
	EQ(words(&h, 3, RM_IRQ_LEND, 3, VM, HOST_VIRQ_FIRST, 0, 0), RM_IRQ_INVALID);
	EQ(words(&h, VM, RM_IRQ_LEND, 3, OTHER, SPI, 0, 0), RM_IRQ_INVALID);
	EQ(words(&h, 3, RM_IRQ_LEND, 3, VM, SPI, 5, 0), RM_OK);
	handle = rm_word(&reply, 1);
	EQ(words(&h, 3, RM_IRQ_LEND, 3, VM, SPI, 5, 0), RM_IRQ_INUSE);

	EQ(words(&h, VM, RM_IRQ_ACCEPT, 1, handle, 0, 0, 0), RM_MSG_INVALID);
	EQ(words(&h, VM, RM_IRQ_ACCEPT, 2, handle + 1, ~0u, 0, 0), RM_HANDLE_INVALID);
	EQ(words(&h, OTHER, RM_IRQ_ACCEPT, 2, handle, ~0u, 0, 0), RM_HANDLE_INVALID);
	EQ(words(&h, VM, RM_IRQ_ACCEPT, 2, handle, 31, 0, 0), RM_ARGUMENT_INVALID);
	EQ(words(&h, VM, RM_IRQ_RELEASE, 1, handle, 0, 0, 0), RM_IN_USE);
	EQ(words(&h, VM, RM_IRQ_NOTIFY, 2, handle, 4, 0, 0), RM_IRQ_RELEASED);
	EQ(words(&h, VM, RM_IRQ_ACCEPT, 2, handle, ~0u, 0, 0), RM_OK);
	EQ(h.x[3] & 0xffffffff, SPI);
	EQ(words(&h, VM, RM_IRQ_ACCEPT, 2, handle, ~0u, 0, 0), RM_IN_USE);
	EQ(words(&h, 3, RM_IRQ_RECLAIM, 1, handle, 0, 0, 0), RM_IN_USE);
	EQ(words(&h, VM, RM_IRQ_RECLAIM, 1, handle, 0, 0, 0), RM_HANDLE_INVALID);
	EQ(words(&h, 3, RM_IRQ_NOTIFY, 2, handle, 1, 0, 0), RM_IRQ_INUSE);
	EQ(words(&h, VM, RM_IRQ_NOTIFY, 2, handle, 2, 0, 0), RM_IRQ_INUSE);
	EQ(words(&h, VM, RM_IRQ_NOTIFY, 2, handle, 4, 0, 0), RM_OK);
	rm_drain(&h, &reply);
	EQ(reply.note_id, 0x56100013);
	EQ(gm_get32(reply.note), handle);

	/* A second one to the same number. */
	EQ(words(&h, 3, RM_IRQ_LEND, 3, VM, SPI + 1, 6, 0), RM_OK);
	EQ(words(&h, VM, RM_IRQ_ACCEPT, 2, handle + 1, SPI, 0, 0), RM_DENIED);
	EQ(words(&h, 3, RM_IRQ_RECLAIM, 1, handle + 1, 0, 0, 0), RM_OK);

	EQ(words(&h, VM, RM_IRQ_RELEASE, 2, handle, 0, 0, 0), RM_MSG_INVALID);
	EQ(words(&h, 3, RM_IRQ_RELEASE, 1, handle, 0, 0, 0), RM_HANDLE_INVALID);
	EQ(words(&h, VM, RM_IRQ_RELEASE, 1, handle, 0, 0, 0), RM_OK);
	EQ(words(&h, VM, RM_IRQ_NOTIFY, 2, handle, 2, 0, 0), RM_OK);
	rm_drain(&h, &reply);
	EQ(reply.note_id, 0x56100012);

	EQ(words(&h, 3, RM_IRQ_NOTIFY, 1, handle, 0, 0, 0), RM_MSG_INVALID);
	EQ(words(&h, 3, RM_IRQ_NOTIFY, 3, handle, 2, 0, 0), RM_MSG_INVALID);
	EQ(words(&h, 3, RM_IRQ_NOTIFY, 2, handle + 9, 1, 0, 0), RM_HANDLE_INVALID);
	EQ(words(&h, 3, RM_IRQ_NOTIFY, 2, handle, 3, 0, 0), RM_ARGUMENT_INVALID);
	EQ(words(&h, 3, RM_IRQ_NOTIFY, 2, handle, 2, 0, 0), RM_HANDLE_INVALID);
	EQ(words(&h, VM, RM_IRQ_NOTIFY, 2, handle, 1, 0, 0), RM_HANDLE_INVALID);
	EQ(words(&h, 3, RM_IRQ_NOTIFY, 4, handle, 1, 1, OTHER), RM_ARGUMENT_INVALID);
	EQ(words(&h, 3, RM_IRQ_NOTIFY, 3, handle, 1, 1, 0), RM_MSG_INVALID);
	EQ(words(&h, 3, RM_IRQ_NOTIFY, 4, handle, 1, 1, VM), RM_OK);
	EQ(host_debug(&h, GM_DBG_VM_NOTES, VM, 0, 0, 0), 0);
	EQ(h.x[2], 0x56100011);
	EQ(h.x[4], 3 | (u64)handle << 32);
	EQ(h.x[5], 5);
	EQ(words(&h, 3, RM_IRQ_RECLAIM, 2, handle, 0, 0, 0), RM_MSG_INVALID);
	EQ(words(&h, OTHER, RM_IRQ_RECLAIM, 1, handle, 0, 0, 0), RM_IRQ_INVALID);
	EQ(words(&h, 3, RM_IRQ_RECLAIM, 1, handle, 0, 0, 0), RM_OK);
	EQ(words(&h, 3, RM_IRQ_RECLAIM, 1, handle, 0, 0, 0), RM_HANDLE_INVALID);
	EQ(host_debug(&h, GM_DBG_BOOKS, 0, 0, 0, 0), 0);
	EQ(h.x[3], 0);
	host_exit(&h);
}

static u64 console(struct host *h, u16 vmid, u32 id, u16 target, const char *text)
{
	u32 n = (u32)strlen(text);

	memset(&w, 0, sizeof(w));
	wire_put32(&w, target | n << 16);
	memcpy(w.data + 4, text, n);
	w.size += n;
	if (vmid == 3)
		return wire_call(h, &reply, id, &w);
	return rm_as(h, vmid, id, w.data, w.size);
}

static void console_table(void)
{
	static const u32 ids[] = {
		RM_CONSOLE_OPEN, RM_CONSOLE_CLOSE, RM_CONSOLE_WRITE, RM_CONSOLE_FLUSH,
	};
	struct host h;
	size_t i;

	start(&h, "debug");
	for (i = 0; i < 4; i++) {
		EQ(console(&h, 3, ids[i], VM, ""), RM_ARGUMENT_INVALID);	/* none */
		EQ(console(&h, 3, ids[i], 0, ""), RM_ARGUMENT_INVALID);
		EQ(console(&h, 3, ids[i], 0x99, ""), RM_ARGUMENT_INVALID);
		EQ(rm_call(&h, &reply, ids[i], "\x80\0\0", 3), RM_MSG_INVALID);
		EQ(rm_call(&h, &reply, ids[i], "\x80\0\0\0\0", 5), RM_MSG_INVALID);
	}
	gm_vm_find(h.m, VM)->has_rpc = 1;
	gm_vm_find(h.m, VM)->has_console = 1;
	for (i = 0; i < 4; i++)
		EQ(console(&h, OTHER, ids[i], VM, ""), RM_DENIED);
	EQ(console(&h, 3, RM_CONSOLE_WRITE, VM, "x"), RM_DENIED);	/* not opened */
	EQ(console(&h, 3, RM_CONSOLE_FLUSH, VM, ""), RM_DENIED);
	EQ(console(&h, VM, RM_CONSOLE_WRITE, 0, "x"), RM_DENIED);
	EQ(console(&h, 3, RM_CONSOLE_OPEN, VM, ""), RM_OK);
	EQ(console(&h, 3, RM_CONSOLE_WRITE, VM, "lost"), RM_OK);
	EQ(host_debug(&h, GM_DBG_VM_NOTES, VM, 0, 0, 0), 0);
	EQ(h.x[1], 0);
	EQ(console(&h, VM, RM_CONSOLE_OPEN, 0, ""), RM_OK);
	EQ(console(&h, OTHER, RM_CONSOLE_WRITE, VM, "x"), RM_DENIED);
	EQ(console(&h, 3, RM_CONSOLE_WRITE, VM, "hello"), RM_OK);
	EQ(host_debug(&h, GM_DBG_VM_NOTES, VM, 0, 0, 0), 0);
	EQ(h.x[1], 1);
	EQ(h.x[2], 0x56100080);
	EQ(h.x[3], 9);
	EQ(h.x[4] & 0xffffffff, 5 << 16);		/* from the owner: 0 */
	EQ(console(&h, VM, RM_CONSOLE_WRITE, 0, "welcome"), RM_OK);
	rm_drain(&h, &reply);
	EQ(reply.note_id, 0x56100080);
	EQ(reply.note_size, 11);
	EQ(gm_get16(reply.note), VM);
	OK(!memcmp(reply.note + 4, "welcome", 7));
	EQ(console(&h, 3, RM_CONSOLE_FLUSH, VM, ""), RM_OK);
	EQ(console(&h, 3, RM_CONSOLE_CLOSE, VM, ""), RM_OK);
	EQ(console(&h, VM, RM_CONSOLE_WRITE, 0, "lost"), RM_OK);
	host_exit(&h);
}

/* Requests of IPA_RESERVE: kind, constraints, list. */
static u64 reserve(struct host *h, u8 kind, u32 generic, u32 platform, u32 nr, u64 base, u64 step)
{
	u32 i;

	memset(&w, 0, sizeof(w));
	wire_put32(&w, kind);
	wire_put32(&w, generic);
	wire_put32(&w, platform);
	wire_put32(&w, nr);
	for (i = 0; i < nr && i < 40; i++) {
		wire_put64(&w, base + i * step);
		wire_put64(&w, kind ? 0x100000 : 0x1000);
		if (kind)
			wire_sgl(&w, 0x1000, 0x1000);
	}
	return wire_call(h, &reply, RM_IPA_RESERVE, &w);
}

static void ipa_table(void)
{
	const u64 base = 0x0b000000;
	struct host h;

	EQ(wire_host(&h, "debug"), 0);
	EQ(reserve(&h, 0, 0, 0, 2, base, 0x1000), RM_OK);
	EQ(reply.size, 4);
	EQ(reserve(&h, 1, 0x45, 0, 1, base, 0), RM_ARGUMENT_INVALID);
	EQ(reserve(&h, 1, 5, 0, 2, base, 0), RM_OK);
	EQ(reply.size, 4 + 4 + 16);
	EQ(rm_word(&reply, 1), 2);
	EQ(reserve(&h, 2, 0, 0, 1, base, 0), RM_MSG_INVALID);
	EQ(reserve(&h, 0, 1, 0, 1, base, 0), RM_ARGUMENT_INVALID);
	EQ(reserve(&h, 0, 0, 1, 1, base, 0), RM_ARGUMENT_INVALID);
	EQ(reserve(&h, 0, 0, 0, 31, base, 0x1000), RM_NORESOURCE);
	EQ(reserve(&h, 0, 0, 0, 1, RAM, 0), RM_DENIED);
	EQ(reserve(&h, 1, 0, 0, 1, RAM, 0), RM_DENIED);
	w.size = 15;
	EQ(wire_call(&h, &reply, RM_IPA_RESERVE, &w), RM_MSG_INVALID);
	w.size = 0;
	EQ(wire_call(&h, &reply, RM_IPA_RESERVE, &w), RM_MSG_INVALID);
	EQ(words(&h, 3, RM_IPA_RESERVE + 1, 0, 0, 0, 0, 0), RM_UNIMPLEMENTED);
	host_exit(&h);
}

/* What must never be sent; with bug=rm-lives it is only refused. */
static void deadly(void)
{
	static const u32 empty[] = {
		RM_IRQ_ACCEPT, RM_IRQ_LEND, RM_IRQ_RELEASE, RM_IRQ_RECLAIM, RM_IRQ_NOTIFY,
	};
	unsigned int lives, i;
	struct host h;

	for (lives = 0; lives < 2; lives++) {
		const char *options = lives ? "debug,bug=rm-lives" : "debug";

		for (i = 0; i < 5; i++) {
			start(&h, options);
			EQ(words(&h, 3, empty[i], 0, 0, 0, 0, 0), lives ? RM_MSG_INVALID : ~0ull);
			EQ(gm_counter(h.m, GM_CTR_RM_DEATHS), !lives);
			EQ(h.logs, !lives);
			host_exit(&h);
		}
		start(&h, options);
		EQ(reserve(&h, 0, 0, 0, 2, 0x0b000000, RAM), lives ? RM_DENIED : ~0ull);
		EQ(gm_counter(h.m, GM_CTR_RM_DEATHS), !lives);
		host_exit(&h);

		start(&h, options);
		wire_lend(&w, VM, RAM, 0x1000, 1, 0);
		EQ(wire_call(&h, &reply, RM_LEND, &w), RM_OK);
		memset(&w, 0, sizeof(w));
		wire_put64(&w, 8ull << 32);
		wire_put32(&w, 0);
		wire_put32(&w, 1);
		wire_put32(&w, VM);
		EQ(wire_call(&h, &reply, RM_MEM_NOTIFY, &w), lives ? RM_VMID_INVALID : ~0ull);
		EQ(gm_counter(h.m, GM_CTR_RM_DEATHS), !lives);
		host_exit(&h);

		start(&h, options);
		EQ(words(&h, 3, RM_IRQ_LEND, 3, VM, SPI, 0, 0), RM_OK);
		EQ(words(&h, 3, RM_IRQ_NOTIFY, 2, rm_word(&reply, 1), 1, 0, 0),
		   lives ? RM_VMID_INVALID : ~0ull);
		EQ(gm_counter(h.m, GM_CTR_RM_DEATHS), !lives);
		host_exit(&h);

		start(&h, options);
		EQ(words(&h, 3, RM_EXIT, 1, 0, 0, 0, 0), lives ? RM_VM_STATE : ~0ull);
		EQ(gm_counter(h.m, GM_CTR_RM_DEATHS), !lives);
		host_exit(&h);
	}
}

/* A VM is reset while it has an interrupt and a console. */
static void reset_gives_back(void)
{
	struct host h;
	u32 handle;

	start(&h, "debug,vm-console");
	wire_lend(&w, VM, RAM, 0x100000, 1, 0);
	EQ(wire_call(&h, &reply, RM_LEND, &w), RM_OK);
	memset(&w, 0, sizeof(w));
	wire_put64(&w, VM);
	wire_put64(&w, 0);
	wire_put64(&w, 0x1000);
	wire_put64(&w, 0x1000);
	wire_put64(&w, 0x1000);
	EQ(wire_call(&h, &reply, RM_CONFIG, &w), RM_OK);
	EQ(words(&h, 3, RM_INIT, 1, VM, 0, 0, 0), RM_OK);
	EQ(words(&h, 3, RM_START, 1, VM, 0, 0, 0), RM_OK);
	EQ(console(&h, 3, RM_CONSOLE_OPEN, VM, ""), RM_OK);
	EQ(words(&h, 3, RM_IRQ_LEND, 3, VM, SPI, 0, 0), RM_OK);
	handle = rm_word(&reply, 1);
	EQ(words(&h, VM, RM_IRQ_ACCEPT, 2, handle, ~0u, 0, 0), RM_OK);
	EQ(words(&h, 3, RM_STOP, 2, VM | 1 << 16, 3, 0, 0), RM_OK);
	EQ(words(&h, 3, RM_IRQ_RECLAIM, 1, handle, 0, 0, 0), RM_IN_USE);
	EQ(words(&h, 3, RM_RESET, 1, VM, 0, 0, 0), RM_OK);
	EQ(words(&h, 3, RM_IRQ_RECLAIM, 1, handle, 0, 0, 0), RM_OK);
	EQ(console(&h, 3, RM_CONSOLE_OPEN, VM, ""), RM_ARGUMENT_INVALID);
	EQ(words(&h, 3, RM_RECLAIM, 2, 0, 0, 0, 0), RM_OK);
	EQ(words(&h, 3, RM_DEALLOCATE, 1, VM, 0, 0, 0), RM_OK);
	EQ(wire_unmapped(&h), 0);
	host_exit(&h);
}

const struct tap_test lending_tests[] = {
	{ "interrupts: each rule", irq_table },
	{ "console: each rule", console_table },
	{ "reserved addresses", ipa_table },
	{ "requests that kill RM", deadly },
	{ "a reset gives all back", reset_gives_back },
	{}
};
