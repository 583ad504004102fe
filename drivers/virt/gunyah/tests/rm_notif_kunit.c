// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of what notifications mean: each field at its place and in its
 * byte order, each length that is too short by a byte, each count that lies.
 */
#include <kunit/test.h>
#include <linux/array_size.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/gunyah_rm_vm.h>

#include "../rm.h"
#include "rm_rpc_wire.h"

/**
 * struct notif_row - a notification whose bytes are all different
 * @name: what it is
 * @id: message id
 * @size: bytes it needs
 * @data: the bytes, and more up to ROW_SIZE
 * @vmid: VM it is about
 * @handle: handle it names
 * @check: compares the rest
 */
struct notif_row {
	const char *name;
	u32 id;
	size_t size;
	const u8 *data;
	u16 vmid;
	u32 handle;
	void (*check)(struct kunit *test, const struct gunyah_rm_notification *n);
};

static void check_nothing(struct kunit *test, const struct gunyah_rm_notification *n)
{
	KUNIT_EXPECT_PTR_NE(test, n->data, NULL);
}

static void check_exited(struct kunit *test, const struct gunyah_rm_notification *n)
{
	KUNIT_EXPECT_EQ(test, n->exit.type, 0x1413);
	KUNIT_EXPECT_EQ(test, n->exit.flags, 0x2221);
	KUNIT_EXPECT_EQ(test, n->exit.code, 0x2423);
	KUNIT_EXPECT_EQ(test, n->exit.reason_size, 6);
	KUNIT_EXPECT_PTR_EQ(test, n->exit.reason, (const u8 *)n->data + 8);
}

static void check_status(struct kunit *test, const struct gunyah_rm_notification *n)
{
	KUNIT_EXPECT_EQ(test, n->status.vm_state, 0x15);
	KUNIT_EXPECT_EQ(test, n->status.os_state, 0x16);
	KUNIT_EXPECT_EQ(test, n->status.app_status, 0x1817);
}

static void check_shutdown(struct kunit *test, const struct gunyah_rm_notification *n)
{
	KUNIT_EXPECT_EQ(test, n->reason, 0x14131211);
}

static void check_irq_lent(struct kunit *test, const struct gunyah_rm_notification *n)
{
	KUNIT_EXPECT_EQ(test, n->label, 0x1c1b1a19);
}

static void check_mem_done(struct kunit *test, const struct gunyah_rm_notification *n)
{
	KUNIT_EXPECT_EQ(test, n->tag, 0x1c1b1a19);
}

static void check_mem_recall(struct kunit *test, const struct gunyah_rm_notification *n)
{
	KUNIT_EXPECT_EQ(test, n->tag, 0x18171615);
}

static void check_chars(struct kunit *test, const struct gunyah_rm_notification *n)
{
	size_t size = 0;
	const void *text = gunyah_rm_console_chars(n, &size);

	KUNIT_EXPECT_PTR_EQ(test, text, n->data + 4);
	KUNIT_EXPECT_EQ(test, size, 3);
}

#define ROW_SIZE	16

static const u8 from_0x11[ROW_SIZE] = {
	0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c,
};

static const u8 exited[ROW_SIZE] = {
	0x11, 0x12, 0x13, 0x14, 6, 0, 0, 0, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26,
};

static const u8 chars[ROW_SIZE] = { 0x11, 0x12, 3, 0, 'a', 'b', 'c' };

static const struct notif_row notif_rows[] = {
	{ "VM_EXITED", GUNYAH_RM_NOTIF_VM_EXITED, 14, exited, 0x1211, 0, check_exited },
	{ "VM_SHUTDOWN", GUNYAH_RM_NOTIF_VM_SHUTDOWN, 4, from_0x11,
	  GUNYAH_VMID_ANY, 0, check_shutdown },
	{ "VM_STATUS", GUNYAH_RM_NOTIF_VM_STATUS, 8, from_0x11, 0x1211, 0, check_status },
	{ "IRQ_LENT", GUNYAH_RM_NOTIF_IRQ_LENT, 12, from_0x11,
	  0x1211, 0x18171615, check_irq_lent },
	{ "IRQ_RELEASED", GUNYAH_RM_NOTIF_IRQ_RELEASED, 4, from_0x11,
	  GUNYAH_VMID_ANY, 0x14131211, check_nothing },
	{ "IRQ_ACCEPTED", GUNYAH_RM_NOTIF_IRQ_ACCEPTED, 4, from_0x11,
	  GUNYAH_VMID_ANY, 0x14131211, check_nothing },
	{ "CONSOLE_CHARS", GUNYAH_RM_NOTIF_CONSOLE_CHARS, 7, chars, 0x1211, 0, check_chars },
	{ "MEM_RELEASED", GUNYAH_RM_NOTIF_MEM_RELEASED, 12, from_0x11,
	  0x1615, 0x14131211, check_mem_done },
	{ "MEM_ACCEPTED", GUNYAH_RM_NOTIF_MEM_ACCEPTED, 12, from_0x11,
	  0x1615, 0x14131211, check_mem_done },
	{ "MEM_RECALL", GUNYAH_RM_NOTIF_MEM_RECALL, 8, from_0x11,
	  GUNYAH_VMID_ANY, 0x14131211, check_mem_recall },
	{ "unknown", 0x56100099, 0, from_0x11, GUNYAH_VMID_ANY, 0, check_nothing },
};

KUNIT_ARRAY_PARAM_DESC(notif_row, notif_rows, name);

static struct gunyah_rm_notification notif(struct kunit *test, u32 id, const void *data,
					   size_t size)
{
	struct gunyah_rm_notification n = { .id = id, .size = size };

	/* In memory of just that size, for KASAN. */
	n.data = kunit_kmalloc(test, size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, n.data);
	memcpy((void *)n.data, data, size);

	return n;
}

/* As long as it has to be, longer, and shorter by each number of bytes. */
static void notif_decode_test(struct kunit *test)
{
	const struct notif_row *row = test->param_value;
	struct gunyah_rm_notification n;
	size_t size;

	for (size = 0; size <= ROW_SIZE; size++) {
		n = notif(test, row->id, row->data, size);
		KUNIT_EXPECT_EQ(test, gunyah_rm_notif_decode(&n), size >= row->size);
		if (size < row->size)
			continue;
		KUNIT_EXPECT_EQ(test, n.vmid, row->vmid);
		KUNIT_EXPECT_EQ(test, n.handle, row->handle);
		row->check(test, &n);
	}
}

/* Two VMs, three ranges, two attributes. */
static const u8 shared[] = {
	0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x00,
	0x18, 0x19, 0x00, 0x00, 0x1a, 0x1b, 0x1c, 0x1d,
	0x1e, 0x1f, 0x20, 0x21,
	0x02, 0x00, 0xee, 0xee, 0x31, 0x32, 0x06, 0x00, 0x33, 0x34, 0x04, 0x00,
	0x03, 0x00, 0xee, 0xee,
	0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48,
	0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58,
	0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68,
	0x02, 0x00, 0xee, 0xee, 0x02, 0x00, 0x31, 0x32, 0x03, 0x00, 0x33, 0x34,
};

/* Where each of its lists begins, and where it ends. */
#define SHARED_ACL	20
#define SHARED_SIZES	32
#define SHARED_ATTRS	60

static void shared_check(struct kunit *test, const struct gunyah_rm_mem_offer *offer)
{
	KUNIT_EXPECT_EQ(test, offer->owner, 0x1918);
	KUNIT_EXPECT_EQ(test, offer->handle, 0x14131211);
	KUNIT_EXPECT_EQ(test, offer->shared.type, 0x15);
	KUNIT_EXPECT_EQ(test, offer->shared.trans, 0x16);
	KUNIT_EXPECT_EQ(test, offer->shared.flags, 0x17);
	KUNIT_EXPECT_EQ(test, offer->shared.label, 0x1d1c1b1a);
	KUNIT_EXPECT_EQ(test, offer->shared.tag, 0x21201f1e);
	KUNIT_ASSERT_EQ(test, offer->shared.nr_acl, 2);
	KUNIT_EXPECT_EQ(test, offer->acl[0].vmid, 0x3231);
	KUNIT_EXPECT_EQ(test, offer->acl[0].rights, GUNYAH_RM_MEM_RW);
	KUNIT_EXPECT_EQ(test, offer->acl[1].vmid, 0x3433);
	KUNIT_EXPECT_EQ(test, offer->acl[1].rights, GUNYAH_RM_MEM_R);
	KUNIT_ASSERT_EQ(test, offer->shared.nr_sizes, 3);
	KUNIT_EXPECT_EQ(test, offer->sizes[0], 0x4847464544434241);
	KUNIT_EXPECT_EQ(test, offer->sizes[1], 0x5857565554535251);
	KUNIT_EXPECT_EQ(test, offer->sizes[2], 0x6867666564636261);
	KUNIT_ASSERT_EQ(test, offer->shared.nr_attrs, 2);
	KUNIT_EXPECT_EQ(test, offer->attrs[0].cache, GUNYAH_RM_MEM_UNCACHED);
	KUNIT_EXPECT_EQ(test, offer->attrs[0].vmid, 0x3231);
	KUNIT_EXPECT_EQ(test, offer->attrs[1].cache, GUNYAH_RM_MEM_CACHED);
	KUNIT_EXPECT_EQ(test, offer->attrs[1].vmid, 0x3433);
}

static void shared_decode_test(struct kunit *test)
{
	struct gunyah_rm_notification n = notif(test, GUNYAH_RM_NOTIF_MEM_SHARED, shared,
						sizeof(shared));
	struct gunyah_rm_mem_offer *offer = NULL;

	KUNIT_ASSERT_TRUE(test, gunyah_rm_notif_decode(&n));
	KUNIT_EXPECT_EQ(test, n.vmid, 0x1918);
	KUNIT_EXPECT_EQ(test, n.handle, 0x14131211);
	KUNIT_ASSERT_EQ(test, gunyah_rm_mem_offer(&n, &offer), 0);
	shared_check(test, offer);
	kvfree(offer);
}

/* A message may end where a list would begin, and nowhere else. */
static void shared_length_test(struct kunit *test)
{
	struct gunyah_rm_notification n;
	size_t size;

	for (size = 0; size <= sizeof(shared); size++) {
		bool whole = size == SHARED_ACL || size == SHARED_SIZES ||
			     size == SHARED_ATTRS || size == sizeof(shared);
		struct gunyah_rm_mem_offer *offer = NULL;

		n = notif(test, GUNYAH_RM_NOTIF_MEM_SHARED, shared, size);
		KUNIT_ASSERT_EQ_MSG(test, gunyah_rm_notif_decode(&n), whole, "%zu bytes", size);
		if (!whole)
			continue;
		KUNIT_ASSERT_EQ(test, gunyah_rm_mem_offer(&n, &offer), 0);
		KUNIT_EXPECT_EQ(test, offer->shared.nr_acl, size > SHARED_ACL ? 2 : 0);
		KUNIT_EXPECT_EQ(test, offer->shared.nr_sizes, size > SHARED_SIZES ? 3 : 0);
		KUNIT_EXPECT_EQ(test, offer->shared.nr_attrs, size > SHARED_ATTRS ? 2 : 0);
		kvfree(offer);
	}
}

/* A count that is too large by one, by a byte order, by all there is. */
static void shared_count_test(struct kunit *test)
{
	static const size_t places[] = { SHARED_ACL, SHARED_SIZES, SHARED_ATTRS };
	static const u16 more[] = { 1, 0x0100, 0xfff0 };
	struct gunyah_rm_mem_offer *offer = NULL;
	struct gunyah_rm_notification n;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		for (j = 0; j < ARRAY_SIZE(more); j++) {
			u8 data[sizeof(shared)];

			memcpy(data, shared, sizeof(data));
			data[places[i]] += more[j];
			data[places[i] + 1] += more[j] >> 8;
			n = notif(test, GUNYAH_RM_NOTIF_MEM_SHARED, data, sizeof(data));
			KUNIT_EXPECT_FALSE_MSG(test, gunyah_rm_notif_decode(&n), "%zu, %zu", i, j);
			KUNIT_EXPECT_EQ(test, gunyah_rm_mem_offer(&n, &offer), -EINVAL);
		}
	}
	KUNIT_EXPECT_NULL(test, offer);
}

/* Other notifications offer nothing. */
static void shared_other_test(struct kunit *test)
{
	struct gunyah_rm_notification n = notif(test, GUNYAH_RM_NOTIF_MEM_RECALL, shared,
						sizeof(shared));
	struct gunyah_rm_mem_offer *offer = NULL;

	KUNIT_ASSERT_TRUE(test, gunyah_rm_notif_decode(&n));
	KUNIT_EXPECT_EQ(test, gunyah_rm_mem_offer(&n, &offer), -EINVAL);
	KUNIT_EXPECT_NULL(test, offer);
}

static struct kunit_case notif_cases[] = {
	KUNIT_CASE_PARAM(notif_decode_test, notif_row_gen_params),
	KUNIT_CASE(shared_decode_test),
	KUNIT_CASE(shared_length_test),
	KUNIT_CASE(shared_count_test),
	KUNIT_CASE(shared_other_test),
	{ }
};

struct kunit_suite gunyah_rm_notif_suite = {
	.name = "gunyah_rm_notif",
	.test_cases = notif_cases,
};
