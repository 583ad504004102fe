// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the suites that need a running hypervisor share: finding the RM client,
 * the stand-in's debug call, and RM calls of any size.
 */
#include <linux/arm-smccc.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/gunyah.h>
#include <linux/gunyah_rm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <kunit/visibility.h>

#include "../rm.h"
#include "live.h"

/* Not a call of any RM there is. */
#define LIVE_UNKNOWN_ID		0x56ffff00

int live_init(struct kunit *test)
{
	struct live *live = kunit_kzalloc(test, sizeof(*live), GFP_KERNEL);
	struct live_reply reply;

	KUNIT_ASSERT_NOT_NULL(test, live);

	live->rm = gunyah_rm_find();
	if (IS_ERR(live->rm)) {
		kunit_skip(test, "no resource manager on this machine");
		return 0;
	}

	live->debug = live_debug(&reply, GM_DBG_PRESENT) == 0 &&
		      reply.x[1] == GM_DBG_MAGIC;
	test->priv = live;

	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(live_init);

void live_exit(struct kunit *test)
{
	struct live *live = test->priv;

	if (live)
		gunyah_rm_put(live->rm);
}
EXPORT_SYMBOL_IF_KUNIT(live_exit);

/* Skip @test unless it runs on the stand-in with its debug call. */
void live_need_debug(struct kunit *test)
{
	struct live *live = test->priv;

	if (!live->debug)
		kunit_skip(test, "needs the stand-in's debug call");
}
EXPORT_SYMBOL_IF_KUNIT(live_need_debug);

u64 live_debug_args(struct live_reply *reply, u64 op, u64 a2, u64 a3, u64 a4, u64 a5, u64 a6)
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = GM_DBG_CALL,
		.a1 = op,
		.a2 = a2,
		.a3 = a3,
		.a4 = a4,
		.a5 = a5,
		.a6 = a6,
	};

	gunyah_conduit_call(&regs, &regs);
	memcpy(reply->x, &regs, sizeof(reply->x));

	return reply->x[0];
}
EXPORT_SYMBOL_IF_KUNIT(live_debug_args);

u64 live_counter(unsigned int id)
{
	struct live_reply reply;

	return live_debug(&reply, GM_DBG_COUNTER, id) ? 0 : reply.x[1];
}
EXPORT_SYMBOL_IF_KUNIT(live_counter);

static void pattern_fill(u8 *buf, size_t size, u8 first)
{
	for (size_t i = 0; i < size; i++)
		buf[i] = first + i;
}

static int pattern_check(const u8 *buf, size_t size, u8 first)
{
	for (size_t i = 0; i < size; i++)
		if (buf[i] != (u8)(first + i))
			return -EBADE;

	return 0;
}

/* Make a call; RM's refusal is an error as well. */
static int live_xfer(struct live *live, struct gunyah_rm_xfer *xfer)
{
	int ret = gunyah_rm_xfer(live->rm, xfer);

	return ret ?: gunyah_rm_status_to_errno(xfer->status);
}

/* Request of @size bytes; RM returns their number and their sum. */
int live_sink(struct live *live, size_t size, u8 first)
{
	u8 *req __free(kvfree) = kvmalloc(size, GFP_KERNEL);
	u8 resp[12];
	struct gunyah_rm_xfer xfer = {
		.id = GM_RM_SINK,
		.req = req,
		.req_size = size,
		.resp = resp,
		.resp_min = sizeof(resp),
		.resp_max = sizeof(resp),
	};
	u32 sum = 0;
	int ret;

	if (!req)
		return -ENOMEM;

	pattern_fill(req, size, first);
	for (size_t i = 0; i < size; i++)
		sum += req[i];

	ret = live_xfer(live, &xfer);
	if (ret)
		return ret;

	if (get_unaligned_le32(resp + 4) != size || get_unaligned_le32(resp + 8) != sum)
		return -EBADE;

	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(live_sink);

/* Reply of 4 + @size bytes. */
int live_blob(struct live *live, size_t size, u8 first)
{
	u8 *resp __free(kvfree) = kvmalloc(size + 4, GFP_KERNEL);
	u8 req[8];
	struct gunyah_rm_xfer xfer = {
		.id = GM_RM_BLOB,
		.req = req,
		.req_size = sizeof(req),
		.resp = resp,
		.resp_min = size + 4,
		.resp_max = size + 4,
	};
	int ret;

	if (!resp)
		return -ENOMEM;

	put_unaligned_le32(size, req);
	put_unaligned_le32(first, req + 4);

	ret = live_xfer(live, &xfer);
	if (ret)
		return ret;

	return pattern_check(resp + 4, size, first);
}
EXPORT_SYMBOL_IF_KUNIT(live_blob);

/* Request and reply with the same @size bytes. */
int live_echo(struct live *live, size_t size, u8 first)
{
	u8 *req __free(kvfree) = kvmalloc(size ?: 1, GFP_KERNEL);
	u8 *resp __free(kvfree) = kvmalloc(size + 4, GFP_KERNEL);
	struct gunyah_rm_xfer xfer = {
		.id = GM_RM_ECHO,
		.req = req,
		.req_size = size,
		.resp = resp,
		.resp_min = size + 4,
		.resp_max = size + 4,
	};
	int ret;

	if (!req || !resp)
		return -ENOMEM;

	pattern_fill(req, size, first);

	ret = live_xfer(live, &xfer);
	if (ret)
		return ret;

	return pattern_check(resp + 4, size, first);
}
EXPORT_SYMBOL_IF_KUNIT(live_echo);

/* A call that no RM has, with @size bytes of request: -EOPNOTSUPP is right. */
int live_unknown(struct live *live, size_t size)
{
	u8 *req __free(kvfree) = kvzalloc(size ?: 1, GFP_KERNEL);
	u8 resp[4];
	struct gunyah_rm_xfer xfer = {
		.id = LIVE_UNKNOWN_ID,
		.req = req,
		.req_size = size,
		.resp = resp,
		.resp_min = sizeof(resp),
		.resp_max = sizeof(resp),
	};

	return req ? live_xfer(live, &xfer) : -ENOMEM;
}
EXPORT_SYMBOL_IF_KUNIT(live_unknown);

MODULE_INFO(import_ns, "EXPORTED_FOR_KUNIT_TESTING");
MODULE_DESCRIPTION("Gunyah tests on a running hypervisor: what they share");
MODULE_LICENSE("GPL");
