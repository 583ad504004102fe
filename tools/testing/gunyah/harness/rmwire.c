// SPDX-License-Identifier: GPL-2.0-only
/* See rmwire.h. */
#include <stdlib.h>

#include "rmwire.h"

#define MAX_RANGES	8192

/* What was made different from "all rights", by the address it begins at. */
static struct range {
	u64 ipa;
	u64 size;
	unsigned int rights;
} ranges[MAX_RANGES];
static unsigned int nr_ranges, fail_in;

void wire_put32(struct wire *w, u32 value)
{
	gm_put32(w->data + w->size, value);
	w->size += 4;
}

void wire_put64(struct wire *w, u64 value)
{
	gm_put64(w->data + w->size, value);
	w->size += 8;
}

u32 wire_list(struct wire *w)
{
	wire_put32(w, 0);
	return w->size - 4;
}

void wire_count(struct wire *w, u32 at, u32 count)
{
	gm_put16(w->data + at, (u16)count);
}

void wire_acl(struct wire *w, u16 vmid, u8 rights)
{
	wire_put32(w, vmid | (u32)rights << 16);
}

void wire_sgl(struct wire *w, u64 ipa, u64 size)
{
	wire_put64(w, ipa);
	wire_put64(w, size);
}

void wire_begin_create(struct wire *w, u8 type, u8 flags, u32 label)
{
	memset(w, 0, sizeof(*w));
	w->data[0] = type;
	w->data[2] = flags;
	w->size = 4;
	wire_put32(w, label);
}

void wire_lend(struct wire *w, u16 vmid, u64 ipa, u64 size, u32 nr, u64 step)
{
	u32 at, i;

	wire_begin_create(w, 0, 0, 0);
	at = wire_list(w);
	wire_acl(w, vmid, MEM_RWX);
	wire_count(w, at, 1);
	at = wire_list(w);
	for (i = 0; i < nr; i++)
		wire_sgl(w, ipa + i * step, size);
	wire_count(w, at, nr);
	wire_list(w);
}

void wire_append(struct wire *w, u32 handle, u8 flags, u64 ipa, u32 nr, u64 step)
{
	u32 at, i;

	memset(w, 0, sizeof(*w));
	wire_put32(w, handle);
	wire_put32(w, flags);
	at = wire_list(w);
	for (i = 0; i < nr; i++)
		wire_sgl(w, ipa + i * step, 0x1000);
	wire_count(w, at, nr);
}

u64 wire_call(struct host *h, struct rm_reply *r, u32 id, const struct wire *w)
{
	return rm_call(h, r, id, w->data, w->size);
}

u64 rm_as(struct host *h, u16 vmid, u32 id, const void *data, u32 size)
{
	memset(h->x, 0, sizeof(h->x));
	h->x[1] = GM_DBG_RM_AS;
	h->x[2] = vmid;
	h->x[3] = id;
	h->x[4] = size;
	memcpy(&h->x[5], data, size);
	gm_debug(h->m, h->x);
	return h->x[0] ? HC_ALL_ONES : h->x[1];
}

static int mem_map(void *host, unsigned int vmid, u64 ipa, u64 pa, u64 size, unsigned int rights,
		   bool io)
{
	unsigned int i;

	(void)host;
	if (vmid != GM_VMID_PRIMARY || ipa != pa)
		abort();
	if (fail_in && !--fail_in)
		return -1;
	for (i = 0; i < nr_ranges && ranges[i].ipa != ipa; i++)
		;
	if (rights == (io ? MEM_RW : MEM_RWX)) {
		/* Given back: it has to be what was taken. */
		if (i == nr_ranges || ranges[i].size != size)
			abort();
		ranges[i] = ranges[--nr_ranges];
		return 0;
	}
	if (i < nr_ranges || nr_ranges == MAX_RANGES)
		abort();
	ranges[nr_ranges++] = (struct range){ ipa, size, rights };
	return 0;
}

int wire_host(struct host *h, const char *options)
{
	static struct gm_host_ops ops;
	int ret = host_init(h, options);

	ops = *h->m->ops;
	ops.mem_map = mem_map;
	h->m->ops = &ops;
	h->m->mem_base = RAM;
	h->m->mem_size = RAM_SIZE;
	nr_ranges = 0;
	fail_in = 0;
	return ret;
}

u16 wire_allocate(struct host *h)
{
	static struct rm_reply r;

	if (rm_call(h, &r, RM_ALLOCATE, "\0\0\0", 4))
		return 0;
	return (u16)rm_word(&r, 1);
}

unsigned int wire_mapped(struct host *h, u64 ipa)
{
	unsigned int i;

	(void)h;
	for (i = 0; i < nr_ranges; i++)
		if (ipa >= ranges[i].ipa && ipa - ranges[i].ipa < ranges[i].size)
			return ranges[i].rights;
	return MEM_RWX;
}

unsigned int wire_unmapped(struct host *h)
{
	(void)h;
	return nr_ranges;
}

void wire_fail_map(struct host *h, unsigned int nr)
{
	(void)h;
	fail_in = nr;
}
