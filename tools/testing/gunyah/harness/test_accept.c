// SPDX-License-Identifier: GPL-2.0-only
/* Parcels on the receiver's side: ACCEPT, RELEASE, RECLAIM, NOTIFY, LOOKUP. */
#include <stdio.h>

#include "rmwire.h"
#include "tap.h"

#define VM		0x80
#define OTHER		0x81
#define LABEL		0x77

#define MEM_SHARED	0x51100011
#define MEM_RELEASED	0x51100012
#define MEM_ACCEPTED	0x51100013
#define MEM_RECALL	0x51100014

#define SANITIZED	0x01
#define ACL_ATTR	0x02
#define CHECK_LABEL	0x04
#define MAP_OTHER	0x08
#define CONTIGUOUS	0x10
#define SANITIZE	0x20
#define DONE		0x80

static struct rm_reply reply;
static struct wire w;

/* The primary VM, two VMs and a parcel of two ranges, handle 0. */
static void start(struct host *h, u32 id, u16 first, u8 rights, u16 second)
{
	u32 at;

	EQ(wire_host(h, "debug"), 0);
	EQ(wire_allocate(h), VM);
	EQ(wire_allocate(h), OTHER);
	wire_begin_create(&w, 0, 0, LABEL);
	at = wire_list(&w);
	wire_acl(&w, first, rights);
	if (second)
		wire_acl(&w, second, MEM_RW);
	wire_count(&w, at, second ? 2 : 1);
	at = wire_list(&w);
	wire_sgl(&w, RAM, 0x1000);
	wire_sgl(&w, RAM + 0x10000, 0x3000);
	wire_count(&w, at, 2);
	EQ(wire_call(h, &reply, id, &w), RM_OK);
	EQ(rm_word(&reply, 1), 0);
}

struct accept {
	const char *name;
	u16 vmid;
	u32 handle;
	u8 trans;
	u8 flags;
	u32 label;
	u16 acl[2][2];		/* vmid, rights */
	u16 map_vmid;
	u64 sgl[3][2];
	u32 status;
};

/* Of a parcel lent to VM (RWX) and OTHER (RW). */
static const struct accept accepts[] = {
	{ "as it is", VM, 0, 1, DONE, 0, {}, 0, {}, RM_OK },
	{ "in one piece", VM, 0, 1, DONE | CONTIGUOUS, 0, {}, 0, {}, RM_OK },
	{ "all validated", VM, 0, 1, DONE | ACL_ATTR | CHECK_LABEL, LABEL,
	  { { VM, 7 }, { OTHER, 6 } }, 0, {}, RM_OK },
	{ "addresses", VM, 0, 1, DONE, 0, {}, 0, { { RAM, 0x1000 }, { RAM + 0x1000, 0x3000 } },
	  RM_OK },
	{ "one address", VM, 0, 1, DONE | CONTIGUOUS, 0, {}, 0, { { RAM, 0x4000 } }, RM_OK },
	{ "sanitize later", OTHER, 0, 1, DONE | SANITIZE, 0, {}, 0, {}, RM_OK },
	{ "first part", VM, 0, 1, 0, 0, {}, 0, { { RAM, 0x1000 } }, RM_OK },
	{ "handle", VM, 1, 1, DONE, 0, {}, 0, {}, RM_HANDLE_INVALID },
	{ "transaction", VM, 0, 2, DONE, 0, {}, 0, {}, RM_ARGUMENT_INVALID },
	{ "not sanitized", VM, 0, 1, DONE | SANITIZED, 0, {}, 0, {}, RM_VALIDATE_FAILED },
	{ "label", VM, 0, 1, DONE | CHECK_LABEL, LABEL + 1, {}, 0, {}, RM_VALIDATE_FAILED },
	{ "acl of one", VM, 0, 1, DONE | ACL_ATTR, 0, { { VM, 7 } }, 0, {}, RM_VALIDATE_FAILED },
	{ "acl rights", VM, 0, 1, DONE | ACL_ATTR, 0, { { VM, 7 }, { OTHER, 7 } }, 0, {},
	  RM_VALIDATE_FAILED },
	{ "acl order", VM, 0, 1, DONE | ACL_ATTR, 0, { { OTHER, 6 }, { VM, 7 } }, 0, {},
	  RM_VALIDATE_FAILED },
	{ "map other", VM, 0, 1, DONE | MAP_OTHER, 0, {}, 0, {}, RM_DENIED },
	{ "map vmid", VM, 0, 1, DONE, 0, {}, OTHER, {}, RM_ARGUMENT_INVALID },
	{ "not in acl", 3, 0, 1, DONE, 0, {}, 0, {}, RM_VMID_INVALID },
	{ "address unaligned", VM, 0, 1, DONE | CONTIGUOUS, 0, {}, 0, { { RAM + 4, 0x4000 } },
	  RM_ARGUMENT_INVALID },
	{ "size", VM, 0, 1, DONE | CONTIGUOUS, 0, {}, 0, { { RAM, 0x3000 } },
	  RM_ARGUMENT_INVALID },
	{ "too many", VM, 0, 1, DONE, 0, {}, 0,
	  { { RAM, 0x1000 }, { RAM + 0x1000, 0x3000 }, { RAM, 0x1000 } }, RM_ARGUMENT_INVALID },
	{ "done too early", VM, 0, 1, DONE, 0, {}, 0, { { RAM, 0x1000 } }, RM_ARGUMENT_INVALID },
};

static u64 accept(struct host *h, const struct accept *a)
{
	u32 at, i;

	memset(&w, 0, sizeof(w));
	wire_put32(&w, a->handle);
	wire_put32(&w, (u32)a->trans << 8 | (u32)a->flags << 16);
	wire_put32(&w, a->label);
	at = wire_list(&w);
	for (i = 0; i < 2 && a->acl[i][0]; i++)
		wire_acl(&w, a->acl[i][0], (u8)a->acl[i][1]);
	wire_count(&w, at, i);
	at = wire_list(&w);
	w.data[at + 2] = (u8)a->map_vmid;
	for (i = 0; i < 3 && a->sgl[i][1]; i++)
		wire_sgl(&w, a->sgl[i][0], a->sgl[i][1]);
	wire_count(&w, at, i);
	wire_list(&w);
	if (a->vmid == 3)
		return wire_call(h, &reply, RM_ACCEPT, &w);
	return rm_as(h, a->vmid, RM_ACCEPT, w.data, w.size);
}

static u64 handle_call(struct host *h, u16 vmid, u32 id, u32 handle, u32 flags)
{
	u32 req[2] = { handle, flags };

	if (vmid == 3)
		return rm_call(h, &reply, id, req, sizeof(req));
	return rm_as(h, vmid, id, req, sizeof(req));
}

static void accept_table(void)
{
	struct host h;
	size_t i;

	for (i = 0; i < GM_ARRAY_SIZE(accepts); i++) {
		const struct accept *a = &accepts[i];
		u64 status;

		start(&h, RM_LEND, VM, MEM_RWX, OTHER);
		status = accept(&h, a);
		if (status != a->status)
			printf("# %s\n", a->name);
		EQ(status, a->status);
		/* In use until it is released, by the one who has it. */
		EQ(handle_call(&h, 3, RM_RECLAIM, 0, 0), status ? RM_OK : RM_MEM_INUSE);
		if (!status) {
			EQ(accept(&h, a), a->flags & DONE ? RM_DENIED : RM_ARGUMENT_INVALID);
			EQ(handle_call(&h, a->vmid, RM_RELEASE, 0, 0), RM_OK);
			EQ(handle_call(&h, a->vmid, RM_RELEASE, 0, 0), RM_MEM_RELEASED);
			EQ(accept(&h, a), RM_OK);
			EQ(handle_call(&h, a->vmid, RM_RELEASE, 0, 0), RM_OK);
			EQ(handle_call(&h, 3, RM_RECLAIM, 0, 0), RM_OK);
		}
		EQ(wire_unmapped(&h), 0);
		host_exit(&h);
	}
}

/* The list of addresses RM chose; lengths; two parts of more than 512. */
static void accept_reply(void)
{
	struct accept a = { "", VM, 0, 1, DONE, 0, {}, 0, {}, 0 };
	struct host h;
	u32 n;

	start(&h, RM_LEND, VM, MEM_RWX, OTHER);
	EQ(accept(&h, &a), RM_OK);
	EQ(h.x[2], 4 + 32);
	EQ(h.x[3] & 0xffffffff, 2);
	for (n = 0; n < 24; n++)
		EQ(rm_as(&h, OTHER, RM_ACCEPT, w.data, n), RM_MSG_INVALID);
	host_exit(&h);

	start(&h, RM_LEND, VM, MEM_RWX, 0);
	wire_lend(&w, VM, RAM + 0x100000, 0x1000, 400, 0x2000);
	w.data[2] = 2;
	EQ(wire_call(&h, &reply, RM_LEND, &w), RM_OK);
	wire_append(&w, 1, 1, RAM + 0x1000000, 400, 0x2000);
	EQ(wire_call(&h, &reply, RM_MEM_APPEND, &w), RM_OK);
	a.handle = 1;
	EQ(accept(&h, &a), RM_ARGUMENT_INVALID);	/* 800 at once: not done */
	a.flags = 0;
	EQ(accept(&h, &a), RM_OK);
	EQ(h.x[2], 4 + 512 * 16);
	EQ(h.x[3] & 0xffffffff, 512 | 1 << 16);		/* incomplete */
	a.flags = DONE;
	EQ(accept(&h, &a), RM_OK);
	EQ(h.x[2], 4 + 288 * 16);
	EQ(h.x[3] & 0xffffffff, 288);
	EQ(accept(&h, &a), RM_DENIED);
	host_exit(&h);
}

static void release_and_reclaim(void)
{
	struct accept a = { "", VM, 0, 1, DONE, 0, {}, 0, {}, 0 };
	struct host h;

	start(&h, RM_LEND, VM, MEM_RWX, 0);
	EQ(handle_call(&h, VM, RM_RELEASE, 0, 0), RM_MEM_RELEASED);
	EQ(handle_call(&h, VM, RM_RELEASE, 1, 0), RM_HANDLE_INVALID);
	EQ(handle_call(&h, OTHER, RM_RELEASE, 0, 0), RM_HANDLE_INVALID);
	EQ(handle_call(&h, VM, RM_RECLAIM, 0, 0), RM_DENIED);
	EQ(handle_call(&h, 3, RM_RECLAIM, 0xffffffff, 0), RM_HANDLE_INVALID);
	EQ(rm_call(&h, &reply, RM_RECLAIM, "\0\0\0\0\0\0", 7), RM_MSG_INVALID);
	EQ(rm_call(&h, &reply, RM_RELEASE, "\0\0\0\0\0\0", 7), RM_MSG_INVALID);
	EQ(accept(&h, &a), RM_OK);
	EQ(handle_call(&h, VM, RM_RELEASE, 0, 1), RM_OK);
	EQ(handle_call(&h, 3, RM_RECLAIM, 0, 1), RM_OK);
	EQ(handle_call(&h, 3, RM_RECLAIM, 0, 0), RM_HANDLE_INVALID);
	host_exit(&h);

	/* The owner of a shared parcel can neither accept nor release it. */
	start(&h, RM_SHARE, VM, MEM_RWX, 3);
	a.trans = 2;
	a.vmid = 3;
	EQ(accept(&h, &a), RM_DENIED);
	EQ(handle_call(&h, 3, RM_RELEASE, 0, 0), RM_DENIED);
	host_exit(&h);

	/* Who may not write cannot have it wiped. */
	start(&h, RM_LEND, VM, 4, 0);
	a = (struct accept){ "", VM, 0, 1, DONE | SANITIZE, 0, {}, 0, {}, 0 };
	EQ(accept(&h, &a), RM_ARGUMENT_INVALID);
	a.flags = DONE;
	EQ(accept(&h, &a), RM_OK);
	EQ(handle_call(&h, VM, RM_RELEASE, 0, 1), RM_ARGUMENT_INVALID);
	EQ(handle_call(&h, VM, RM_RELEASE, 0, 0), RM_OK);
	host_exit(&h);

	/* Donated is donated. */
	start(&h, RM_DONATE, VM, MEM_RWX, 0);
	a.trans = 0;
	EQ(accept(&h, &a), RM_OK);
	EQ(handle_call(&h, 3, RM_RECLAIM, 0, 0), RM_HANDLE_INVALID);
	EQ(wire_unmapped(&h), 2);
	wire_lend(&w, VM, RAM, 0x1000, 1, 0);
	EQ(wire_call(&h, &reply, RM_LEND, &w), RM_MEM_INVALID);
	EQ(h.m->heap_used, 2 * GM_HEAP_VM);
	host_exit(&h);
}

static u64 notify(struct host *h, u16 vmid, u8 flags, u32 tag, u16 target)
{
	memset(&w, 0, sizeof(w));
	wire_put32(&w, 0);
	wire_put32(&w, flags);
	wire_put32(&w, tag);
	if (target) {
		wire_put32(&w, 1);
		wire_put32(&w, target);
	}
	if (vmid == 3)
		return wire_call(h, &reply, RM_MEM_NOTIFY, &w);
	return rm_as(h, vmid, RM_MEM_NOTIFY, w.data, w.size);
}

static void notify_table(void)
{
	struct accept a = { "", VM, 0, 1, DONE, 0, {}, 0, {}, 0 };
	struct host h;

	start(&h, RM_LEND, VM, MEM_RWX, OTHER);
	gm_vm_find(h.m, VM)->has_rpc = 1;
	EQ(notify(&h, 3, 0, 0, 0), RM_ARGUMENT_INVALID);
	EQ(notify(&h, 3, 3, 0, 0), RM_ARGUMENT_INVALID);
	EQ(notify(&h, 3, 1, 0, 0), RM_MSG_INVALID);		/* no list */
	EQ(notify(&h, 3, 1, 0, 0x85), RM_VMID_INVALID);		/* no such VM */
	EQ(notify(&h, 3, 1, 0, 3), RM_ARGUMENT_INVALID);	/* not in the ACL */
	EQ(notify(&h, VM, 1, 0, VM), RM_DENIED);		/* not the owner */
	EQ(notify(&h, VM, 8, 0, VM), RM_DENIED);
	EQ(notify(&h, 3, 2, 0, 0), RM_HANDLE_INVALID);		/* not a receiver */
	EQ(notify(&h, VM, 4, 0, 0), RM_MEM_RELEASED);		/* not accepted */
	w.data[0] = 9;
	EQ(wire_call(&h, &reply, RM_MEM_NOTIFY, &w), RM_HANDLE_INVALID);
	w.size = 11;
	EQ(wire_call(&h, &reply, RM_MEM_NOTIFY, &w), RM_MSG_INVALID);

	EQ(notify(&h, 3, 1, 42, VM), RM_OK);
	EQ(host_debug(&h, GM_DBG_VM_NOTES, VM, 0, 0, 0), 0);
	EQ(h.x[1], 1);
	EQ(h.x[2], MEM_SHARED);
	EQ(h.x[3], 24 + 8 + 4 + 16 + 4);
	EQ(h.x[4] >> 32, 1 << 8);				/* lent */
	EQ(h.x[5] & 0xffff, 3);					/* by whom */
	EQ(h.x[5] >> 32, LABEL);
	EQ(h.x[6] & 0xffffffff, 42);
	/* From now on the tag has to be that. */
	EQ(notify(&h, 3, 1, 43, VM), RM_ARGUMENT_INVALID);
	EQ(accept(&h, &a), RM_OK);
	EQ(notify(&h, VM, 2, 42, 0), RM_MEM_INUSE);
	EQ(notify(&h, VM, 4, 42, 0), RM_OK);
	rm_drain(&h, &reply);
	EQ(reply.note_id, MEM_ACCEPTED);
	EQ(reply.note_size, 12);
	EQ(gm_get16(reply.note + 4), VM);
	EQ(gm_get32(reply.note + 8), 42);
	EQ(notify(&h, 3, 8, 42, VM), RM_OK);
	EQ(host_debug(&h, GM_DBG_VM_NOTES, VM, 0, 0, 0), 0);
	EQ(h.x[1], 2);
	EQ(h.x[2], MEM_RECALL);
	EQ(h.x[3], 8);
	EQ(handle_call(&h, VM, RM_RELEASE, 0, 0), RM_OK);
	EQ(notify(&h, VM, 2, 42, 0), RM_OK);
	rm_drain(&h, &reply);
	EQ(reply.note_id, MEM_RELEASED);
	/* A VM without rm-rpc: the end of RM. */
	EQ(notify(&h, 3, 1, 42, OTHER), ~0ull);
	EQ(gm_counter(h.m, GM_CTR_RM_DEATHS), 1);
	host_exit(&h);
}

static void lookup(void)
{
	struct host h;
	u32 size;

	start(&h, RM_LEND, VM, MEM_RWX, OTHER);
	/* The same bytes but the flags. */
	EQ(wire_call(&h, &reply, RM_LOOKUP_SGL, &w), RM_OK);
	EQ(rm_word(&reply, 1), 0);
	EQ(reply.size, 8);
	size = w.size;
	for (w.size = 0; w.size < size; w.size++)
		if (w.size < 16)
			EQ(wire_call(&h, &reply, RM_LOOKUP_SGL, &w), RM_MSG_INVALID);
	w.size = size;
	w.data[12] = OTHER;
	EQ(wire_call(&h, &reply, RM_LOOKUP_SGL, &w), RM_LOOKUP_FAILED);
	w.data[12] = VM;
	w.data[25] ^= 0x10;		/* an address */
	EQ(wire_call(&h, &reply, RM_LOOKUP_SGL, &w), RM_LOOKUP_FAILED);
	w.data[25] ^= 0x10;
	EQ(rm_as(&h, VM, RM_LOOKUP_SGL, w.data, w.size), RM_LOOKUP_FAILED);
	EQ(wire_call(&h, &reply, RM_LOOKUP_SGL, &w), RM_OK);
	/* The first range alone, and a third one. */
	w.data[20] = 1;
	w.size -= 16;
	EQ(wire_call(&h, &reply, RM_LOOKUP_SGL, &w), RM_LOOKUP_FAILED);
	w.data[20] = 3;
	w.size += 16;
	wire_sgl(&w, RAM + 0x20000, 0x1000);
	EQ(wire_call(&h, &reply, RM_LOOKUP_SGL, &w), RM_LOOKUP_FAILED);
	host_exit(&h);
}

/* Attributes that the receiver insists on. */
static void attributes(void)
{
	struct host h;
	u32 at;

	EQ(wire_host(&h, "debug"), 0);
	EQ(wire_allocate(&h), VM);
	wire_lend(&w, VM, RAM, 0x1000, 1, 0);
	w.data[w.size - 4] = 1;
	wire_put32(&w, 2 | VM << 16);
	EQ(wire_call(&h, &reply, RM_LEND, &w), RM_OK);

	memset(&w, 0, sizeof(w));
	wire_put32(&w, 0);
	wire_put32(&w, 1 << 8 | (DONE | ACL_ATTR) << 16);
	wire_put32(&w, 0);
	at = wire_list(&w);
	wire_acl(&w, VM, MEM_RWX);
	wire_count(&w, at, 1);
	wire_list(&w);
	at = wire_list(&w);
	EQ(rm_as(&h, VM, RM_ACCEPT, w.data, w.size), RM_VALIDATE_FAILED);
	wire_put32(&w, 3 | VM << 16);
	wire_count(&w, at, 1);
	EQ(rm_as(&h, VM, RM_ACCEPT, w.data, w.size), RM_VALIDATE_FAILED);
	w.data[at + 4] = 2;
	EQ(rm_as(&h, VM, RM_ACCEPT, w.data, w.size), RM_OK);
	host_exit(&h);
}

const struct tap_test receiver_tests[] = {
	{ "ACCEPT: each rule", accept_table },
	{ "ACCEPT: addresses, parts, lengths", accept_reply },
	{ "RELEASE, RECLAIM, donated memory", release_and_reclaim },
	{ "NOTIFY", notify_table },
	{ "QCOM_LOOKUP_SGL", lookup },
	{ "attributes", attributes },
	{}
};
