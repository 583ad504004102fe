// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer: the driver's own resource-manager client, sources unchanged, on
 * the kernel of kernel/.
 *
 * An input says which calls are made with which arguments, and what RM sends
 * before, during and after them. Besides the sanitizers these watch:
 *
 *  - a reply ends where its last byte was received, and a notification is
 *    decoded from a buffer of just its size, so that ASan sees a byte read
 *    behind either of them
 *  - what a call returns is what was received for it and for nothing else,
 *    by a reassembly of its own that knows of no driver
 *  - all that is reported is read, and addresses do not wrap
 *  - when the client is gone, so are its memory, work and locks
 */
#include "client.h"
#include "fuzz.h"

#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define poison(p, size)		ASAN_POISON_MEMORY_REGION(p, size)
#else
#define poison(p, size)		((void)(p), (void)(size))
#endif

#define NR_SUBSCRIBERS	4

/* The input */

static const u8 *in;
static size_t in_size;
static unsigned int alloc_countdown;
static unsigned int depth;

bool in_left(void)
{
	return in_size;
}

void in_copy(void *dst, size_t size)
{
	size_t nr = min(size, in_size);

	memset(dst, 0, size);
	memcpy(dst, in, nr);
	in += nr;
	in_size -= nr;
}

u64 in_take(unsigned int bytes)
{
	u64 value = 0;

	in_copy(&value, bytes);

	return value;
}

void touch(const void *data, size_t size)
{
	const u8 *p = data;
	u8 sum = 0;

	while (size--)
		sum += *p++;
	/* The sum is wanted, for all the compiler knows. */
	__asm__ volatile ("" : : "r" (sum));
}

/* What the kernel asks */

bool kernel_alloc_fails(void)
{
	return alloc_countdown && !--alloc_countdown;
}

u16 kernel_random(void)
{
	return in_take(2);
}

enum kernel_event kernel_sleep(void)
{
	enum kernel_event event = KERNEL_EVENT_SOME;

	if (!rm_event(&event))
		return KERNEL_EVENT_TIME;

	return event;
}

/* The driver's functions that others of its files call, seen from between */

int __wrap_gunyah_rm_xfer(struct gunyah_rm *rm, struct gunyah_rm_xfer *xfer)
{
	int ret;

	depth++;
	ret = __real_gunyah_rm_xfer(rm, xfer);
	depth--;
	if (ret)
		return ret;

	ASSERT(rm_answered(xfer->id, xfer->resp, xfer->resp_size, xfer->resp_max));
	if (xfer->resp_max > GUNYAH_RM_CONTENT_SIZE)
		poison((u8 *)xfer->resp + xfer->resp_size, xfer->resp_max - xfer->resp_size);

	return 0;
}

int __wrap_gunyah_rm_notif_decode(struct gunyah_rm_notification *n)
{
	static void *copy;

	free(copy);
	copy = malloc(n->size ? n->size : 1);
	memcpy(copy, n->data, n->size);
	n->data = copy;

	return __real_gunyah_rm_notif_decode(n);
}

/* Subscribers */

enum {
	SUB_CALLS	= BIT(0),	/* its callback calls RM */
	SUB_LEAVES	= BIT(1),	/* its callback unsubscribes */
	SUB_NO_LOST	= BIT(2),	/* does not care for losses */
};

static struct subscriber {
	struct gunyah_rm_subscriber sub;
	struct gunyah_rm *rm;
	u8 flags;
} subscribers[NR_SUBSCRIBERS];

static const u32 notif_ids[] = {
	GUNYAH_RM_NOTIF_ANY, GUNYAH_RM_NOTIF_VM_EXITED, GUNYAH_RM_NOTIF_VM_STATUS,
	GUNYAH_RM_NOTIF_MEM_SHARED, GUNYAH_RM_NOTIF_CONSOLE_CHARS, GUNYAH_RM_NOTIF_IRQ_LENT,
};

static void leave(struct subscriber *s)
{
	struct gunyah_rm *rm = s->rm;

	if (rm)
		gunyah_rm_unsubscribe(rm, &s->sub);
	s->rm = NULL;
}

static void on_any(struct subscriber *s)
{
	if (s->flags & SUB_CALLS && !depth && in_left())
		client_call(s->rm);
	if (s->flags & SUB_LEAVES)
		leave(s);
}

static void on_notification(struct gunyah_rm_subscriber *sub,
			    const struct gunyah_rm_notification *n)
{
	struct subscriber *s = container_of(sub, struct subscriber, sub);

	touch(n->data, n->size);
	client_notification(s->rm, n);
	on_any(s);
}

static void on_lost(struct gunyah_rm_subscriber *sub)
{
	on_any(container_of(sub, struct subscriber, sub));
}

static void join(struct gunyah_rm *rm, struct subscriber *s)
{
	leave(s);
	s->sub.id = notif_ids[in_take(1) % ARRAY_SIZE(notif_ids)];
	s->sub.vmid = in_take(1) & 1 ? in_take(2) : GUNYAH_VMID_ANY;
	s->flags = in_take(1);
	s->sub.notify = on_notification;
	s->sub.lost = s->flags & SUB_NO_LOST ? NULL : on_lost;
	s->rm = gunyah_rm_subscribe(rm, &s->sub) ? NULL : rm;
}

/* The script */

enum {
	OP_CALL,
	OP_EVENT,
	OP_JOIN,
	OP_LEAVE,
	OP_WORK,
	OP_NO_MEMORY,
	NR_OPS
};

static void run(struct gunyah_rm *rm)
{
	enum kernel_event event;

	while (in_left()) {
		switch (in_take(1) % NR_OPS) {
		case OP_CALL:
			client_call(rm);
			break;
		case OP_EVENT:
			rm_event(&event);
			break;
		case OP_JOIN:
			join(rm, &subscribers[in_take(1) % NR_SUBSCRIBERS]);
			break;
		case OP_LEAVE:
			leave(&subscribers[in_take(1) % NR_SUBSCRIBERS]);
			break;
		case OP_WORK:
			kernel_work_run();
			break;
		case OP_NO_MEMORY:
			alloc_countdown = in_take(1) % 8;
			break;
		}
	}
}

/* As after many calls without an answer: half of the numbers are left, or none. */
static void give_up(struct gunyah_rm *rm, u8 how)
{
	unsigned int seq;

	if (how & 0x80)
		for (seq = how & 0x40 ? 0 : rm->next_seq; seq < RM_NR_SEQS; seq++)
			set_bit(seq, rm->given_up);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct gunyah_rm_subscriber late = { .notify = on_notification };
	struct device dev = {};
	struct mbox_chan chan = {};
	struct gunyah_rm *rm;
	unsigned int i;
	u8 how;

	in = data;
	in_size = size;
	kernel_reset();
	rm_reset();
	how = in_take(1);
	alloc_countdown = how % 8;

	rm = gunyah_rm_create(&dev, &chan);
	alloc_countdown = 0;
	if (!IS_ERR(rm)) {
		give_up(rm, how);
		/* The address ranges that parcels may have together */
		rm->max_entries = in_take(1) * 16;
		run(rm);
		alloc_countdown = 0;
		gunyah_rm_get(rm);
		gunyah_rm_destroy(rm);
		ASSERT(gunyah_rm_subscribe(rm, &late) == -ENODEV);
		client_call(rm);
		for (i = 0; i < NR_SUBSCRIBERS; i++)
			leave(&subscribers[i]);
		gunyah_rm_put(rm);
	}
	ASSERT(kernel_clean() && !dev.refs && !chan.client);

	return 0;
}
