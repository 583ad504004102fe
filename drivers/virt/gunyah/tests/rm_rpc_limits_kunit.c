// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the client of the resource manager (RM): what is never sent,
 * because it would take RM down or cannot be right, and what is known of a VM.
 */
#include <kunit/test.h>
#include <linux/array_size.h>
#include <linux/bitops.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "rm_rpc_wire.h"

/* Arguments that are right, for the calls that are refused for another reason. */

static const struct gunyah_rm_ipa_constraints constraints = {
	.generic = 4,
};

static const struct gunyah_rm_mem_acl acl[] = {
	{ .vmid = WIRE_VMID, .rights = GUNYAH_RM_MEM_RWX },
};

static const struct gunyah_rm_range sgl[] = {
	{ .base = 0x40000000, .size = 0x1000 },
};

static const struct gunyah_rm_mem_desc desc = {
	.nr_acl = 1, .acl = acl, .nr_sgl = 1, .sgl = sgl,
};

static int call_configure(struct wire *wire)
{
	static const struct gunyah_rm_vm_config config = {
		.auth = GUNYAH_RM_AUTH_ANDROID,
		.handle = WIRE_HANDLE,
		.image_size = 0x1000,
		.dt_offset = 0x1000,
		.dt_size = 0x1000,
	};

	return gunyah_rm_vm_configure(wire->rm, WIRE_VMID, &config);
}

/* What would take the resource manager down, a row each; nothing is sent. */

static int kill_dealloc(struct wire *wire)
{
	return gunyah_rm_dealloc_vmid(wire->rm, WIRE_VMID);
}

static int kill_reset(struct wire *wire)
{
	return gunyah_rm_vm_reset(wire->rm, WIRE_VMID);
}

static int kill_reset_load(struct wire *wire)
{
	set_bit(WIRE_VMID, wire->rm->vmids);

	return gunyah_rm_vm_reset(wire->rm, WIRE_VMID);
}

static int kill_stop(struct wire *wire)
{
	return gunyah_rm_vm_stop(wire->rm, WIRE_VMID, false, GUNYAH_RM_STOP_SHUTDOWN,
				 GUNYAH_RM_NO_PROMISE);
}

static int kill_mem_notify(struct wire *wire)
{
	static const u16 vmid = WIRE_VMID;
	struct gunyah_rm_mem_notify notify = {
		.event = GUNYAH_RM_MEM_SHARED,
		.nr_vmids = 1,
		.vmids = &vmid,
	};

	return gunyah_rm_mem_notify(wire->rm, &notify, GUNYAH_RM_NO_PROMISE);
}

static int kill_mem_notify_owner(struct wire *wire)
{
	struct gunyah_rm_mem_notify notify = { .event = GUNYAH_RM_MEM_RELEASED };

	return gunyah_rm_mem_notify(wire->rm, &notify, GUNYAH_RM_NO_PROMISE);
}

static int kill_irq_notify(struct wire *wire)
{
	return gunyah_rm_irq_notify(wire->rm, 0, GUNYAH_RM_IRQ_LENT, WIRE_VMID,
				    GUNYAH_RM_NO_PROMISE);
}

static int kill_ipa(struct wire *wire)
{
	static const struct gunyah_rm_range ranges[] = {
		{ .base = 0x10000, .size = 0x1000 },
		{ .base = 0x20000, .size = 0x1000 },
	};

	return gunyah_rm_ipa_reserve(wire->rm, &constraints, ranges, ARRAY_SIZE(ranges));
}

static int kill_auth(struct wire *wire)
{
	static const struct gunyah_rm_vm_config config = {
		.auth = 3,
		.image_size = 0x1000,
		.dt_offset = 0x1000,
		.dt_size = 0x1000,
	};

	return gunyah_rm_vm_configure(wire->rm, WIRE_VMID, &config);
}

static int kill_heap(struct wire *wire)
{
	struct gunyah_rm_parcel parcel = { .desc = desc };

	/* One would do; it is not even looked at. */
	wire->rm->nr_entries = 4096;

	return gunyah_rm_mem_lend(wire->rm, &parcel);
}

static const struct killer {
	const char *name;
	int (*call)(struct wire *wire);
	int ret;
} killers[] = {
	{ "VM_DEALLOCATE of a VM that is not there", kill_dealloc, -EINVAL },
	{ "VM_RESET of a VM that is not ours", kill_reset, -EINVAL },
	{ "VM_RESET in LOAD", kill_reset_load, -EINVAL },
	{ "VM_STOP without force", kill_stop, -EOPNOTSUPP },
	{ "MEM_NOTIFY of receivers", kill_mem_notify, -EOPNOTSUPP },
	{ "MEM_NOTIFY of the owner", kill_mem_notify_owner, -EOPNOTSUPP },
	{ "VM_IRQ_NOTIFY", kill_irq_notify, -EOPNOTSUPP },
	{ "IPA_RESERVE of two", kill_ipa, -EINVAL },
	{ "VM_CONFIG_IMAGE with another auth", kill_auth, -EINVAL },
	{ "parcels that fill the heap", kill_heap, -EDQUOT },
};

static void killer_desc(const struct killer *killer, char *desc)
{
	strscpy(desc, killer->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(killer, killers, killer_desc);

static void wire_killer_test(struct kunit *test)
{
	const struct killer *killer = test->param_value;
	struct wire *wire = wire_create(test);

	wire_answer(wire, wire_ok, sizeof(wire_ok));
	KUNIT_EXPECT_EQ(test, killer->call(wire), killer->ret);
	KUNIT_EXPECT_EQ(test, wire->nr, 0);
}

/* What is known of a VM, from its allocation on. */

static struct wire *wire_alloc(struct kunit *test)
{
	static const u8 vmid[] = { 0, 0, 0, 0, 0x02, 0x01, 0, 0 };
	struct wire *wire = wire_create(test);

	wire_answer(wire, vmid, sizeof(vmid));
	KUNIT_EXPECT_EQ(test, gunyah_rm_alloc_vmid(wire->rm, 0), WIRE_VMID);
	wire_answer(wire, wire_ok, sizeof(wire_ok));

	return wire;
}

/* A VM has a configuration from VM_CONFIG_IMAGE to VM_RESET. */
static void wire_reset_test(struct kunit *test)
{
	struct wire *wire = wire_alloc(test);

	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_reset(wire->rm, WIRE_VMID), -EINVAL);
	KUNIT_EXPECT_EQ(test, wire->nr, 0);
	KUNIT_EXPECT_EQ(test, call_configure(wire), 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_reset(wire->rm, WIRE_VMID), 0);
	KUNIT_EXPECT_EQ(test, wire_last(wire)->id, 0x56000006);

	/* A second time. */
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_reset(wire->rm, WIRE_VMID), -EINVAL);
	KUNIT_EXPECT_EQ(test, wire->nr, 2);
	KUNIT_EXPECT_EQ(test, call_configure(wire), 0);

	/* One that is refused changes nothing. */
	wire_answer(wire, wire_state, sizeof(wire_state));
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_reset(wire->rm, WIRE_VMID), -EINVAL);
	KUNIT_EXPECT_EQ(test, call_configure(wire), -EINVAL);
	KUNIT_EXPECT_EQ(test, wire->nr, 2);
	wire_answer(wire, wire_ok, sizeof(wire_ok));
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_reset(wire->rm, WIRE_VMID), 0);

	/* Given back and allocated again it is another VM. */
	KUNIT_EXPECT_EQ(test, call_configure(wire), 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_dealloc_vmid(wire->rm, WIRE_VMID), 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_reset(wire->rm, WIRE_VMID), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_rm_alloc_vmid(wire->rm, WIRE_VMID), WIRE_VMID);
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_reset(wire->rm, WIRE_VMID), -EINVAL);
}

/* Where the configuration failed there may be none. */
static void wire_reset_failed_test(struct kunit *test)
{
	struct wire *wire = wire_alloc(test);

	wire_answer(wire, wire_nomem, sizeof(wire_nomem));
	KUNIT_EXPECT_EQ(test, call_configure(wire), -ENOMEM);
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_reset(wire->rm, WIRE_VMID), -EINVAL);
	KUNIT_EXPECT_EQ(test, wire->nr, 1);
}

/* Each state a VM can be in when the answer to VM_CONFIG_IMAGE got lost. */
static void wire_reset_unsure_test(struct kunit *test)
{
	static const bool has_config[13] = {
		[1] = true, [2] = true, [3] = true, [4] = true, [6] = true, [9] = true,
	};
	struct wire *wire = wire_alloc(test);
	u8 state[] = { 0, 0, 0, 0, 0, 0, 0, 0 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(has_config); i++) {
		clear_bit(WIRE_VMID, wire->rm->config_unsure);
		wire->rm->timeout_ms = 10;
		wire_answer(wire, NULL, 0);
		KUNIT_EXPECT_EQ(test, call_configure(wire), -ETIMEDOUT);

		wire->rm->timeout_ms = 20000;
		state[4] = i;
		wire_answer(wire, state, sizeof(state));
		wire_answer_next(wire, wire_ok, sizeof(wire_ok));
		KUNIT_EXPECT_EQ_MSG(test, gunyah_rm_vm_reset(wire->rm, WIRE_VMID),
				    has_config[i] ? 0 : -EINVAL, "state %u", i);
		KUNIT_EXPECT_EQ(test, wire->nr, has_config[i] ? 2 : 1);
		KUNIT_EXPECT_EQ(test, wire->reqs[0].id, 0x56000017);
	}

	/* RM does not say, and the next one asks again. */
	set_bit(WIRE_VMID, wire->rm->config_unsure);
	wire_answer(wire, wire_nomem, sizeof(wire_nomem));
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_reset(wire->rm, WIRE_VMID), -ENOMEM);
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_reset(wire->rm, WIRE_VMID), -ENOMEM);
	KUNIT_EXPECT_EQ(test, wire->nr, 2);
	KUNIT_EXPECT_EQ(test, wire_last(wire)->id, 0x56000017);
}

/* Arguments that cannot be. */

static void wire_config_limits_test(struct kunit *test)
{
	static const struct gunyah_rm_vm_config bad[] = {
		{ .auth = -1, .dt_size = 0x1000 },
		{ .handle = 0xffffffff, .dt_size = 0x1000 },
		{ .image_offset = 1, .image_size = U64_MAX, .dt_size = 0x1000 },
		{ .dt_offset = U64_MAX - 0xfff, .dt_size = 0x1000 },
		{ .auth = 1, .dt_offset = U64_MAX, .dt_size = 1 },
		{ .dt_offset = 0x800, .dt_size = 0x1000 },
		{ .dt_offset = 0x1000, .dt_size = 0x1800 },
		{ .dt_offset = 0x1000, .dt_size = 0 },
	};
	static const struct gunyah_rm_vm_config good[] = {
		{ .dt_size = 0x1000 },
		{ .auth = 1, .image_size = 0x2000 },
		{ .image_size = U64_MAX, .dt_size = U64_MAX - 0xfff },
	};
	struct wire *wire = wire_create(test);
	unsigned int i;

	wire_answer(wire, wire_ok, sizeof(wire_ok));
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test, gunyah_rm_vm_configure(wire->rm, WIRE_VMID, &bad[i]),
				    -EINVAL, "row %u", i);
	KUNIT_EXPECT_EQ(test, wire->nr, 0);
	for (i = 0; i < ARRAY_SIZE(good); i++)
		KUNIT_EXPECT_EQ_MSG(test, gunyah_rm_vm_configure(wire->rm, WIRE_VMID, &good[i]),
				    0, "row %u", i);
}

static void wire_vm_limits_test(struct kunit *test)
{
	static const struct { u32 set; u8 index; } regs[] = {
		{ 0, 32 }, { 0, 255 }, { 1, 1 }, { 2, 2 }, { 3, 0 }, { -1, 0 },
	};
	struct gunyah_rm_range range = { .base = 0x1000, .size = 0x1000 };
	struct wire *wire = wire_create(test);
	struct gunyah_rm *rm = wire->rm;
	unsigned int i;

	wire_answer(wire, wire_ok, sizeof(wire_ok));
	for (i = 0; i < ARRAY_SIZE(regs); i++)
		KUNIT_EXPECT_EQ_MSG(test, gunyah_rm_vm_set_boot_context(rm, WIRE_VMID, regs[i].set,
									regs[i].index, 0),
				    -EINVAL, "row %u", i);

	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_auth_image(rm, WIRE_VMID, NULL, 1798), -E2BIG);
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_auth_image(rm, WIRE_VMID, NULL, SIZE_MAX), -E2BIG);
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_set_address_layout(rm, WIRE_VMID, 2, &range), -EINVAL);
	range.base = U64_MAX - 0xfff;
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_set_address_layout(rm, WIRE_VMID, 0, &range), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_set_firmware_mem(rm, WIRE_VMID, ~0U, 0, 0x1000),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_set_firmware_mem(rm, WIRE_VMID, 0, 0, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_set_firmware_mem(rm, WIRE_VMID, 0, 1, 0x1000), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_rm_fw_set_vm_firmware(rm, 3, 0, 0x1000), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_rm_fw_set_vm_firmware(rm, 2, 0, 0x1001), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_rm_set_status(rm, 8, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_rm_exit(rm, 0, 5), -EINVAL);
	KUNIT_EXPECT_EQ(test, wire->nr, 0);
}

/* As many ranges as a message can have, and what ranges cannot be. */
static void wire_ranges_test(struct kunit *test)
{
	struct gunyah_rm_range *ranges = kunit_kcalloc(test, 899, sizeof(*ranges), GFP_KERNEL);
	struct wire *wire = wire_create(test);
	struct gunyah_rm *rm = wire->rm;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, ranges);
	for (i = 0; i < 899; i++)
		ranges[i] = (struct gunyah_rm_range){ .base = i * 0x2000, .size = 0x2000 };

	wire_answer(wire, wire_ok, sizeof(wire_ok));
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_set_demand_paging(rm, WIRE_VMID, ranges, 899), -E2BIG);
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_set_demand_paging(rm, WIRE_VMID, ranges, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, wire->nr, 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_set_demand_paging(rm, WIRE_VMID, ranges, 898), 0);
	KUNIT_EXPECT_EQ(test, wire_last(wire)->size, 8 + 898 * 16);
	KUNIT_EXPECT_EQ(test, wire_last(wire)->data[4], 0x82);
	KUNIT_EXPECT_EQ(test, wire_last(wire)->data[5], 0x03);

	wire_answer(wire, wire_ok, sizeof(wire_ok));
	ranges[1].base = 0x1000;
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_set_demand_paging(rm, WIRE_VMID, ranges, 2), -EINVAL);
	ranges[1].base = 0x2800;
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_set_demand_paging(rm, WIRE_VMID, ranges, 2), -EINVAL);
	ranges[1] = (struct gunyah_rm_range){ .base = 0x2000, .size = 0 };
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_set_demand_paging(rm, WIRE_VMID, ranges, 2), -EINVAL);
	ranges[1].size = 0xfffffffffffff000;
	KUNIT_EXPECT_EQ(test, gunyah_rm_vm_set_demand_paging(rm, WIRE_VMID, ranges, 2), -EINVAL);
	KUNIT_EXPECT_EQ(test, wire->nr, 0);
}

static void wire_ipa_limits_test(struct kunit *test)
{
	static const struct gunyah_rm_ipa_request bad[] = {
		{ .region = { 0, 0x1000 }, .size = 0x2000, .align = 0x1000 },
		{ .region = { 0, 0x1000 }, .size = 0, .align = 0x1000 },
		{ .region = { 0, 0x1000 }, .size = 0x800, .align = 0x1000 },
		{ .region = { 0, 0x1000 }, .size = 0x1000, .align = 0x3000 },
		{ .region = { 0, 0x1000 }, .size = 0x1000, .align = 0 },
		{ .region = { 0, 0 }, .size = 0x1000, .align = 0x1000 },
		{ .region = { 1, 0x1000 }, .size = 0x1000, .align = 0x1000 },
		{ .region = { U64_MAX - 0xfff, 0x2000 }, .size = 0x1000, .align = 0x1000 },
	};
	static const struct gunyah_rm_range empty;
	struct wire *wire = wire_create(test);
	struct gunyah_rm *rm = wire->rm;
	unsigned int i;
	u64 base;

	wire_answer(wire, wire_ok, sizeof(wire_ok));
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test, gunyah_rm_ipa_alloc(rm, &constraints, &bad[i], 1, &base),
				    -EINVAL, "row %u", i);
	KUNIT_EXPECT_EQ(test, gunyah_rm_ipa_alloc(rm, &constraints, bad, 0, &base), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_rm_ipa_alloc(rm, &constraints, bad, 31, &base), -E2BIG);
	KUNIT_EXPECT_EQ(test, gunyah_rm_ipa_reserve(rm, &constraints, &empty, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_rm_ipa_reserve(rm, &constraints, &empty, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, wire->nr, 0);
}

static void wire_text_limits_test(struct kunit *test)
{
	u8 *text = kunit_kzalloc(test, GUNYAH_RM_MAX_CONSOLE + 1, GFP_KERNEL);
	struct wire *wire = wire_create(test);
	struct gunyah_rm *rm = wire->rm;

	KUNIT_ASSERT_NOT_NULL(test, text);
	wire_answer(wire, wire_ok, sizeof(wire_ok));
	KUNIT_EXPECT_EQ(test, gunyah_rm_set_crash_msg(rm, text, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_rm_set_crash_msg(rm, text, 193), -E2BIG);
	KUNIT_EXPECT_EQ(test, gunyah_rm_console_write(rm, 0, text, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_rm_console_write(rm, 0, text, 14381), -E2BIG);
	KUNIT_EXPECT_EQ(test, gunyah_rm_console_write(rm, 0, text, SIZE_MAX), -E2BIG);
	KUNIT_EXPECT_EQ(test, wire->nr, 0);

	text[14379] = 0x5a;
	KUNIT_EXPECT_EQ(test, gunyah_rm_set_crash_msg(rm, text, 192), 0);
	KUNIT_EXPECT_EQ(test, wire_last(wire)->size, 196);
	KUNIT_EXPECT_EQ(test, gunyah_rm_console_write(rm, 0, text, 14380), 0);
	KUNIT_EXPECT_EQ(test, wire_last(wire)->size, 14384);
	KUNIT_EXPECT_EQ(test, wire_last(wire)->data[2], 0x2c);
	KUNIT_EXPECT_EQ(test, wire_last(wire)->data[3], 0x38);
	KUNIT_EXPECT_EQ(test, wire_last(wire)->data[14383], 0x5a);
}

static void wire_irq_limits_test(struct kunit *test)
{
	struct wire *wire = wire_create(test);
	struct gunyah_rm *rm = wire->rm;
	u32 word = 0;

	wire_answer(wire, wire_handle, sizeof(wire_handle));
	KUNIT_EXPECT_EQ(test, gunyah_rm_irq_lend(rm, 1, ~0U, 0, &word), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_rm_irq_accept(rm, ~0U, 32, &word), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_rm_irq_release(rm, ~0U), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_rm_irq_reclaim(rm, ~0U), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_rm_irq_notify(rm, ~0U, 1, 1, GUNYAH_RM_HAS_RM_RPC), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_rm_irq_notify(rm, 0, 0, 0, GUNYAH_RM_HAS_RM_RPC), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_rm_irq_notify(rm, 0, 3, 1, GUNYAH_RM_HAS_RM_RPC), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_rm_irq_notify(rm, 0, 2, 1, GUNYAH_RM_HAS_RM_RPC), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_rm_irq_notify(rm, 0, 1, 1, 2), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, wire->nr, 0);
	KUNIT_EXPECT_EQ(test, word, 0);
}

/* Characters from the other end, and a count that lies. */
static void wire_chars_test(struct kunit *test)
{
	static const u8 data[] = { 0x02, 0x01, 3, 0, 'a', 'b', 'c', 0 };
	static const u8 order[] = { 0x02, 0x01, 0, 3, 'a', 'b', 'c', 0 };
	struct gunyah_rm_notification n = {
		.id = GUNYAH_RM_NOTIF_CONSOLE_CHARS, .data = data, .size = sizeof(data),
	};
	size_t size = 0;
	const void *chars;

	chars = gunyah_rm_console_chars(&n, &size);
	KUNIT_EXPECT_PTR_EQ(test, chars, (const void *)(data + 4));
	KUNIT_EXPECT_EQ(test, size, 3);
	for (n.size = 0; n.size < 7; n.size++)
		KUNIT_EXPECT_NULL(test, gunyah_rm_console_chars(&n, &size));
	n.data = order;
	n.size = sizeof(order);
	KUNIT_EXPECT_NULL(test, gunyah_rm_console_chars(&n, &size));
}

static struct kunit_case limits_cases[] = {
	KUNIT_CASE_PARAM(wire_killer_test, killer_gen_params),
	KUNIT_CASE(wire_reset_test),
	KUNIT_CASE(wire_reset_failed_test),
	KUNIT_CASE(wire_reset_unsure_test),
	KUNIT_CASE(wire_config_limits_test),
	KUNIT_CASE(wire_vm_limits_test),
	KUNIT_CASE(wire_ranges_test),
	KUNIT_CASE(wire_ipa_limits_test),
	KUNIT_CASE(wire_text_limits_test),
	KUNIT_CASE(wire_irq_limits_test),
	KUNIT_CASE(wire_chars_test),
	{ }
};

struct kunit_suite gunyah_rm_rpc_limits_suite = {
	.name = "gunyah_rm_rpc_limits",
	.test_cases = limits_cases,
};
