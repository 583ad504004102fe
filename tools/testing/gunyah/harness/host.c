// SPDX-License-Identifier: GPL-2.0-only
/* The host: see host.h. */
#include <stdlib.h>
#include <stdio.h>

#include "host.h"

static u8 *window(struct host *h, u64 va, size_t size)
{
	if (va < HOST_BASE || size > HOST_MEM || va - HOST_BASE > HOST_MEM - size)
		return NULL;
	return h->mem + (va - HOST_BASE);
}

static int copy_in(void *host, void *dst, u64 va, size_t size)
{
	u8 *src = window(host, va, size);

	if (!src)
		return GM_COPY_STAGE1;
	memcpy(dst, src, size);
	return 0;
}

static int copy_out(void *host, u64 va, const void *src, size_t size)
{
	u8 *dst = window(host, va, size);

	if (!dst)
		return GM_COPY_STAGE1;
	memcpy(dst, src, size);
	return 0;
}

static void raise_virq(void *host, unsigned int vmid, u32 intid)
{
	struct host *h = host;

	if (vmid == GM_VMID_PRIMARY && intid < 1024)
		h->virqs[intid]++;
	else
		abort();	/* an interrupt nobody handed out */
}

static void rm_kick(void *host)
{
	((struct host *)host)->kicks++;
}

static u64 now_ns(void *host)
{
	return ((struct host *)host)->now;
}

static void log_line(void *host, const char *msg)
{
	struct host *h = host;

	h->logs++;
	snprintf(h->last_log, sizeof(h->last_log), "%s", msg);
}

static const struct gm_host_ops ops = {
	.raise_virq = raise_virq,
	.copy_in = copy_in,
	.copy_out = copy_out,
	.rm_kick = rm_kick,
	.now_ns = now_ns,
	.log = log_line,
};

int host_init(struct host *h, const char *options)
{
	struct gm_config cfg = {
		.options = options,
		.entropy = 1,
		.virq_first = HOST_VIRQ_FIRST,
		.virq_count = HOST_VIRQ_COUNT,
		.nr_cpus = 4,
	};

	memset(h, 0, sizeof(*h));
	h->now = 1000000;
	h->m = aligned_alloc(64, (gm_size() + 63) & ~63ul);
	if (!h->m)
		abort();
	memset(h->m, 0, gm_size());
	if (gm_init(h->m, &cfg, &ops, h))
		return -1;
	gm_primary_info(h->m, &h->info);
	return 0;
}

void host_exit(struct host *h)
{
	free(h->m);
	h->m = NULL;
}

s64 host_call(struct host *h, unsigned int num, u64 a, u64 b, u64 c, u64 d, u64 e)
{
	const u64 args[] = { GM_SMCCC_HYPERCALL | num, a, b, c, d, e };

	memset(h->x, 0, sizeof(h->x));
	memcpy(h->x, args, sizeof(args));
	if (!gm_hypercall(h->m, GM_VMID_PRIMARY, h->x))
		abort();
	return (s64)h->x[0];
}

s64 host_native(struct host *h, unsigned int num, u64 a, u64 b, u64 c, u64 d, u64 e)
{
	const u64 args[] = { a, b, c, d, e };

	memset(h->x, 0, sizeof(h->x));
	memcpy(h->x, args, sizeof(args));
	gm_hypercall_native(h->m, GM_VMID_PRIMARY, 0x6000 + num, h->x);
	return (s64)h->x[0];
}

s64 host_debug(struct host *h, unsigned int op, u64 a, u64 b, u64 c, u64 d)
{
	memset(h->x, 0, sizeof(h->x));
	h->x[1] = op;
	h->x[2] = a;
	h->x[3] = b;
	h->x[4] = c;
	h->x[5] = d;
	gm_debug(h->m, h->x);
	return (s64)h->x[0];
}

s64 host_send(struct host *h, u64 cap, const void *data, size_t size, u64 flags)
{
	if (size > sizeof(h->mem))
		abort();
	memcpy(h->mem, data, size);
	return host_call(h, HC_MSGQ_SEND, cap, size, HOST_BASE, flags, 0);
}

s64 host_recv(struct host *h, u64 cap, void *data, size_t size)
{
	s64 err = host_call(h, HC_MSGQ_RECV, cap, HOST_BASE, size, 0, 0);

	if (!err) {
		if (h->x[1] > size || size > sizeof(h->mem))
			abort();
		memcpy(data, h->mem, h->x[1]);
	}
	return err;
}

unsigned int host_virqs(struct host *h, u32 intid)
{
	unsigned int n = h->virqs[intid];

	h->virqs[intid] = 0;
	return n;
}
