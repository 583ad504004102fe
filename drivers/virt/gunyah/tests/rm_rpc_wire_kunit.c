// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the client of the resource manager (RM): calls about VMs,
 * memory, interrupts and consoles, byte by byte, and what is never sent.
 *
 * Bytes are written down by hand, after the description of the interface. No
 * two bytes of a field are the same, so that a field in the wrong place, of the
 * wrong size or in the wrong byte order shows.
 */
#include <kunit/test.h>
#include <linux/array_size.h>
#include <linux/bitops.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "rm_rpc_wire.h"

/* 64 bits, and those of whole pages; the last two are also below 2^44. */
#define HOSTILE		0x0102030405060708
#define HOSTILE_PAGE	0x0102030405067000
#define HOSTILE_SIZE	0x0001020304056000
#define SGL_BASE	0x0000010203045000
#define SGL_SIZE	0x0000000607089000

#define BYTES_8		"\x08\x07\x06\x05\x04\x03\x02\x01"
#define BYTES_PAGE	"\x00\x70\x06\x05\x04\x03\x02\x01"
#define BYTES_SIZE	"\x00\x60\x05\x04\x03\x02\x01\x00"
#define BYTES_SGL_BASE	"\x00\x50\x04\x03\x02\x01\x00\x00"
#define BYTES_SGL_SIZE	"\x00\x90\x08\x07\x06\x00\x00\x00"

/* A call, as it has to look. A good reply has exactly the bytes of @reply. */
struct wire_case {
	const char *name;
	int (*call)(struct wire *wire);
	u32 id;
	struct wire_bytes req;
	struct wire_bytes reply;
};

static int call_configure(struct wire *wire)
{
	static const struct gunyah_rm_vm_config config = {
		.auth = GUNYAH_RM_AUTH_ANDROID,
		.handle = WIRE_HANDLE,
		.image_offset = HOSTILE,
		.image_size = 0x1112131415161718,
		.dt_offset = HOSTILE_PAGE,
		.dt_size = HOSTILE_SIZE,
	};

	return gunyah_rm_vm_configure(wire->rm, WIRE_VMID, &config);
}

static int call_auth_image(struct wire *wire)
{
	static const struct gunyah_rm_auth_param params[] = {
		{ .type = 0x01020304, .value = 0x11121314 },
		{ .type = 0x21222324, .value = 0x31323334 },
	};

	return gunyah_rm_vm_auth_image(wire->rm, WIRE_VMID, params, ARRAY_SIZE(params));
}

static int call_auth_image_none(struct wire *wire)
{
	return gunyah_rm_vm_auth_image(wire->rm, WIRE_VMID, NULL, 0);
}

static int call_init(struct wire *wire)
{
	return gunyah_rm_vm_init(wire->rm, WIRE_VMID);
}

static int call_time_base(struct wire *wire)
{
	return gunyah_rm_vm_set_time_base(wire->rm, WIRE_VMID, HOSTILE, 0x1112131415161718);
}

static int call_boot_context(struct wire *wire)
{
	return gunyah_rm_vm_set_boot_context(wire->rm, WIRE_VMID, GUNYAH_RM_REG_SP, 1, HOSTILE);
}

static int call_boot_context_x(struct wire *wire)
{
	return gunyah_rm_vm_set_boot_context(wire->rm, WIRE_VMID, GUNYAH_RM_REG_X, 31, HOSTILE);
}

static int call_firmware_mem(struct wire *wire)
{
	return gunyah_rm_vm_set_firmware_mem(wire->rm, WIRE_VMID, WIRE_HANDLE, HOSTILE_PAGE,
					     HOSTILE_SIZE);
}

static int call_demand_paging(struct wire *wire)
{
	static const struct gunyah_rm_range ranges[] = {
		{ .base = SGL_BASE, .size = SGL_SIZE },
		{ .base = HOSTILE_PAGE, .size = HOSTILE_SIZE },
	};

	return gunyah_rm_vm_set_demand_paging(wire->rm, WIRE_VMID, ranges, ARRAY_SIZE(ranges));
}

static int call_address_layout(struct wire *wire)
{
	static const struct gunyah_rm_range range = { .base = HOSTILE_PAGE, .size = HOSTILE_SIZE };

	return gunyah_rm_vm_set_address_layout(wire->rm, WIRE_VMID, GUNYAH_RM_RANGE_FIRMWARE,
					       &range);
}

static int call_start(struct wire *wire)
{
	return gunyah_rm_vm_start(wire->rm, WIRE_VMID);
}

static int call_stop(struct wire *wire)
{
	return gunyah_rm_vm_stop(wire->rm, WIRE_VMID, true, GUNYAH_RM_STOP_FORCED,
				 GUNYAH_RM_NO_PROMISE);
}

static int call_stop_promise(struct wire *wire)
{
	return gunyah_rm_vm_stop(wire->rm, WIRE_VMID, false, 0x01020304, GUNYAH_RM_HAS_RM_RPC);
}

static int call_reset(struct wire *wire)
{
	set_bit(WIRE_VMID, wire->rm->vmids);
	set_bit(WIRE_VMID, wire->rm->configured);

	return gunyah_rm_vm_reset(wire->rm, WIRE_VMID);
}

static int call_get_crash_msg(struct wire *wire)
{
	struct gunyah_rm_crash_msg msg = {};
	int ret;

	ret = gunyah_rm_vm_get_crash_msg(wire->rm, WIRE_VMID, &msg);
	if (!ret) {
		KUNIT_EXPECT_EQ(wire->test, msg.size, 5);
		KUNIT_EXPECT_MEMEQ(wire->test, msg.data, "Oops\n", 5);
	}

	return ret;
}

static int call_fw_set(struct wire *wire)
{
	return gunyah_rm_fw_set_vm_firmware(wire->rm, GUNYAH_RM_AUTH_ANDROID, WIRE_HANDLE,
					    HOSTILE_SIZE);
}

static int call_fw_milestone(struct wire *wire)
{
	return gunyah_rm_fw_milestone(wire->rm);
}

static int call_set_status(struct wire *wire)
{
	return gunyah_rm_set_status(wire->rm, GUNYAH_RM_OS_RUN, 0x0102);
}

static int call_set_crash_msg(struct wire *wire)
{
	return gunyah_rm_set_crash_msg(wire->rm, "Oops\n", 5);
}

static int call_exit(struct wire *wire)
{
	return gunyah_rm_exit(wire->rm, 0x0102, GUNYAH_RM_EXIT_DEVICE);
}

static const struct gunyah_rm_ipa_constraints constraints = {
	.generic = 0x01020304,
	.platform = 0x11121314,
};

static int call_ipa_reserve(struct wire *wire)
{
	static const struct gunyah_rm_range range = { .base = HOSTILE_PAGE, .size = HOSTILE_SIZE };

	return gunyah_rm_ipa_reserve(wire->rm, &constraints, &range, 1);
}

static int call_ipa_alloc(struct wire *wire)
{
	static const struct gunyah_rm_ipa_request request = {
		.region = { .base = HOSTILE_PAGE, .size = HOSTILE_SIZE },
		.size = SGL_SIZE,
		.align = 0x0000020000000000,
	};
	u64 base = 0;
	int ret;

	ret = gunyah_rm_ipa_alloc(wire->rm, &constraints, &request, 1, &base);
	if (!ret)
		KUNIT_EXPECT_EQ(wire->test, base, HOSTILE);

	return ret;
}

/* Parcels: one of each list. */

static const struct gunyah_rm_mem_acl acl[] = {
	{ .vmid = 0x0102, .rights = GUNYAH_RM_MEM_RWX },
	{ .vmid = 0x1112, .rights = GUNYAH_RM_MEM_R },
};

static const struct gunyah_rm_range sgl[] = {
	{ .base = SGL_BASE, .size = SGL_SIZE },
};

static const struct gunyah_rm_mem_attr attrs[] = {
	{ .vmid = 0x1112, .cache = GUNYAH_RM_MEM_CACHED },
};

static const struct gunyah_rm_mem_desc desc = {
	.label = 0x21222324,
	.nr_acl = 2, .acl = acl, .nr_sgl = 1, .sgl = sgl, .nr_attrs = 1, .attrs = attrs,
};

#define BYTES_ACL	"\x02\x00\x00\x00\x02\x01\x07\x00\x12\x11\x04\x00"
#define BYTES_SGL	"\x01\x00\x00\x00" BYTES_SGL_BASE BYTES_SGL_SIZE
#define BYTES_ATTRS	"\x01\x00\x00\x00\x03\x00\x12\x11"
#define BYTES_LABEL	"\x24\x23\x22\x21"
#define BYTES_HANDLE	"\x04\x03\x02\x01"
#define BYTES_NONE	"\x00\x00\x00\x00"

static int check_parcel(struct wire *wire, int ret, const struct gunyah_rm_parcel *parcel)
{
	KUNIT_EXPECT_EQ(wire->test, parcel->handle, ret ? GUNYAH_RM_NO_HANDLE : WIRE_HANDLE);
	if (!ret || ret == -EBADMSG)
		KUNIT_EXPECT_EQ(wire->test, parcel->unsure, !!ret);

	return ret;
}

static int call_lend(struct wire *wire)
{
	struct gunyah_rm_parcel parcel = { .desc = desc, .sanitize = true };

	return check_parcel(wire, gunyah_rm_mem_lend(wire->rm, &parcel), &parcel);
}

static int call_share(struct wire *wire)
{
	struct gunyah_rm_parcel parcel = { .desc = desc };

	parcel.desc.nr_attrs = 0;

	return check_parcel(wire, gunyah_rm_mem_share(wire->rm, &parcel), &parcel);
}

static int call_donate(struct wire *wire)
{
	static const struct gunyah_rm_mem_acl io = { .vmid = 0x0102, .rights = GUNYAH_RM_MEM_RW };
	struct gunyah_rm_parcel parcel = { .desc = desc };

	parcel.desc.type = GUNYAH_RM_MEM_IO;
	parcel.desc.nr_acl = 1;
	parcel.desc.acl = &io;
	parcel.desc.nr_attrs = 0;

	return check_parcel(wire, gunyah_rm_mem_donate(wire->rm, &parcel), &parcel);
}

static int call_accept_there(struct wire *wire)
{
	struct gunyah_rm_mem_accept accept = {
		.handle = WIRE_HANDLE,
		.trans = GUNYAH_RM_MEM_TRANS_LEND,
		.flags = GUNYAH_RM_MEM_CHECK_LABEL | GUNYAH_RM_MEM_DONE,
		.desc = desc,
	};

	return gunyah_rm_mem_accept(wire->rm, &accept, NULL);
}

static int call_accept_anywhere(struct wire *wire)
{
	struct gunyah_rm_mem_map *map = NULL;
	struct gunyah_rm_mem_accept accept = {
		.handle = WIRE_HANDLE,
		.trans = GUNYAH_RM_MEM_TRANS_SHARE,
		.flags = GUNYAH_RM_MEM_CONTIGUOUS,
		.desc = desc,
	};
	int ret;

	accept.desc.nr_sgl = 0;
	ret = gunyah_rm_mem_accept(wire->rm, &accept, &map);
	if (ret) {
		KUNIT_EXPECT_NULL(wire->test, map);
		return ret;
	}

	KUNIT_EXPECT_EQ(wire->test, map->nr, 2);
	KUNIT_EXPECT_TRUE(wire->test, map->incomplete);
	KUNIT_EXPECT_EQ(wire->test, map->entries[0].base, SGL_BASE);
	KUNIT_EXPECT_EQ(wire->test, map->entries[0].size, SGL_SIZE);
	KUNIT_EXPECT_EQ(wire->test, map->entries[1].base, SGL_SIZE);
	KUNIT_EXPECT_EQ(wire->test, map->entries[1].size, SGL_BASE);
	kvfree(map);

	return 0;
}

static int call_release(struct wire *wire)
{
	return gunyah_rm_mem_release(wire->rm, WIRE_HANDLE, true);
}

static int call_reclaim(struct wire *wire)
{
	return gunyah_rm_mem_reclaim(wire->rm, WIRE_HANDLE, false);
}

static int call_notify(struct wire *wire)
{
	static const u16 vmids[] = { 0x0102, 0x1112 };
	struct gunyah_rm_mem_notify notify = {
		.handle = WIRE_HANDLE,
		.event = GUNYAH_RM_MEM_RECALL,
		.tag = 0x21222324,
		.nr_vmids = 2,
		.vmids = vmids,
	};

	return gunyah_rm_mem_notify(wire->rm, &notify, GUNYAH_RM_HAS_RM_RPC);
}

static int call_notify_owner(struct wire *wire)
{
	struct gunyah_rm_mem_notify notify = {
		.handle = WIRE_HANDLE,
		.event = GUNYAH_RM_MEM_ACCEPTED,
		.tag = 0x21222324,
	};

	return gunyah_rm_mem_notify(wire->rm, &notify, GUNYAH_RM_HAS_RM_RPC);
}

static int check_word(struct wire *wire, int ret, u32 word)
{
	KUNIT_EXPECT_EQ(wire->test, word, ret ? 0 : WIRE_HANDLE);

	return ret;
}

static int call_lookup_sgl(struct wire *wire)
{
	u32 handle = 0;
	int ret;

	ret = gunyah_rm_mem_qcom_lookup_sgl(wire->rm, &desc, &handle);

	return check_word(wire, ret, handle);
}

static int call_irq_lend(struct wire *wire)
{
	u32 handle = 0;
	int ret;

	ret = gunyah_rm_irq_lend(wire->rm, 0x0102, 0x11121314, 0x21222324, &handle);

	return check_word(wire, ret, handle);
}

static int call_irq_accept(struct wire *wire)
{
	u32 virq = 0;
	int ret;

	ret = gunyah_rm_irq_accept(wire->rm, 0x11121314, WIRE_HANDLE, &virq);

	return check_word(wire, ret, virq);
}

static int call_irq_accept_any(struct wire *wire)
{
	u32 virq = 0;
	int ret;

	ret = gunyah_rm_irq_accept(wire->rm, 0x11121314, GUNYAH_RM_VIRQ_ANY, &virq);

	return check_word(wire, ret, virq);
}

static int call_irq_release(struct wire *wire)
{
	return gunyah_rm_irq_release(wire->rm, WIRE_HANDLE);
}

static int call_irq_reclaim(struct wire *wire)
{
	return gunyah_rm_irq_reclaim(wire->rm, WIRE_HANDLE);
}

static int call_irq_notify(struct wire *wire)
{
	return gunyah_rm_irq_notify(wire->rm, WIRE_HANDLE, GUNYAH_RM_IRQ_LENT, 0x1112,
				    GUNYAH_RM_HAS_RM_RPC);
}

static int call_irq_notify_owner(struct wire *wire)
{
	return gunyah_rm_irq_notify(wire->rm, WIRE_HANDLE, GUNYAH_RM_IRQ_ACCEPTED, 0,
				    GUNYAH_RM_HAS_RM_RPC);
}

static int call_console_open(struct wire *wire)
{
	return gunyah_rm_console_open(wire->rm, WIRE_VMID);
}

static int call_console_close(struct wire *wire)
{
	return gunyah_rm_console_close(wire->rm, WIRE_VMID);
}

static int call_console_write(struct wire *wire)
{
	return gunyah_rm_console_write(wire->rm, WIRE_VMID, "hello", 5);
}

static int call_console_flush(struct wire *wire)
{
	return gunyah_rm_console_flush(wire->rm, WIRE_VMID);
}

#define OK		WIRE_BYTES("\x00\x00\x00\x00")
#define OK_HANDLE	WIRE_BYTES("\x00\x00\x00\x00\x04\x03\x02\x01")
#define VMID_ONLY	WIRE_BYTES("\x02\x01\x00\x00")

static const struct wire_case wire_cases[] = {
	{ "VM_CONFIG_IMAGE", call_configure, 0x56000009,
	  WIRE_BYTES("\x02\x01\x02\x00" BYTES_HANDLE BYTES_8
		     "\x18\x17\x16\x15\x14\x13\x12\x11" BYTES_PAGE BYTES_SIZE), OK },
	{ "VM_AUTH_IMAGE", call_auth_image, 0x5600000a,
	  WIRE_BYTES("\x02\x01\x02\x00\x04\x03\x02\x01\x14\x13\x12\x11"
		     "\x24\x23\x22\x21\x34\x33\x32\x31"), OK },
	{ "VM_AUTH_IMAGE, no parameter", call_auth_image_none, 0x5600000a, VMID_ONLY, OK },
	{ "VM_INIT", call_init, 0x5600000b, VMID_ONLY, OK },
	{ "VM_SET_TIME_BASE", call_time_base, 0x56000030,
	  WIRE_BYTES("\x02\x01\x00\x00" BYTES_8
		     "\x18\x17\x16\x15\x14\x13\x12\x11"), OK },
	{ "VM_SET_BOOT_CONTEXT, SP_EL1", call_boot_context, 0x56000031,
	  WIRE_BYTES("\x02\x01\x02\x01" BYTES_NONE BYTES_8), OK },
	{ "VM_SET_BOOT_CONTEXT, X31", call_boot_context_x, 0x56000031,
	  WIRE_BYTES("\x02\x01\x00\x1f" BYTES_NONE BYTES_8), OK },
	{ "VM_SET_FIRMWARE_MEM", call_firmware_mem, 0x56000032,
	  WIRE_BYTES("\x02\x01\x00\x00" BYTES_HANDLE BYTES_PAGE BYTES_SIZE), OK },
	{ "VM_SET_DEMAND_PAGING", call_demand_paging, 0x56000033,
	  WIRE_BYTES("\x02\x01\x00\x00\x02\x00\x00\x00" BYTES_SGL_BASE BYTES_SGL_SIZE
		     BYTES_PAGE BYTES_SIZE), OK },
	{ "VM_SET_ADDRESS_LAYOUT", call_address_layout, 0x56000034,
	  WIRE_BYTES("\x02\x01\x00\x00\x01\x00\x00\x00" BYTES_PAGE BYTES_SIZE), OK },
	{ "VM_START", call_start, 0x56000004, VMID_ONLY, OK },
	{ "VM_STOP, forced", call_stop, 0x56000005,
	  WIRE_BYTES("\x02\x01\x01\x00\x03\x00\x00\x00"), OK },
	{ "VM_STOP, promised", call_stop_promise, 0x56000005,
	  WIRE_BYTES("\x02\x01\x00\x00\x04\x03\x02\x01"), OK },
	{ "VM_RESET", call_reset, 0x56000006, VMID_ONLY, OK },
	{ "VM_GET_CRASH_MSG", call_get_crash_msg, 0x56000019, VMID_ONLY,
	  WIRE_BYTES("\x00\x00\x00\x00\x05\x00\x00\x00Oops\n\x00\x00\x00") },
	{ "FW_SET_VM_FIRMWARE", call_fw_set, 0x51000021,
	  WIRE_BYTES("\x02\x00\x00\x00" BYTES_HANDLE BYTES_NONE BYTES_NONE BYTES_SIZE), OK },
	{ "FW_MILESTONE", call_fw_milestone, 0x51000020, { .size = 0 }, OK },
	{ "VM_SET_STATUS", call_set_status, 0x56000080, WIRE_BYTES("\x00\x04\x02\x01"), OK },
	{ "VM_SET_CRASH_MSG", call_set_crash_msg, 0x56000086,
	  WIRE_BYTES("\x05\x00\x00\x00Oops\n\x00\x00\x00"), OK },
	{ "VM_EXIT", call_exit, 0x56000085, WIRE_BYTES("\x02\x01\x04\x00"), OK },
	{ "IPA_RESERVE, fixed", call_ipa_reserve, 0x560000b0,
	  WIRE_BYTES("\x00\x00\x00\x00\x04\x03\x02\x01\x14\x13\x12\x11\x01\x00\x00\x00"
		     BYTES_PAGE BYTES_SIZE), OK },
	{ "IPA_RESERVE, allocate", call_ipa_alloc, 0x560000b0,
	  WIRE_BYTES("\x01\x00\x00\x00\x04\x03\x02\x01\x14\x13\x12\x11\x01\x00\x00\x00"
		     BYTES_PAGE BYTES_SIZE BYTES_SGL_SIZE "\x00\x00\x00\x00\x00\x02\x00\x00"),
	  WIRE_BYTES("\x00\x00\x00\x00\x01\x00\x00\x00" BYTES_8) },
	{ "MEM_LEND, sanitized", call_lend, 0x51000012,
	  WIRE_BYTES("\x00\x00\x01\x00" BYTES_LABEL BYTES_ACL BYTES_SGL BYTES_ATTRS), OK_HANDLE },
	{ "MEM_SHARE", call_share, 0x51000013,
	  WIRE_BYTES("\x00\x00\x00\x00" BYTES_LABEL BYTES_ACL BYTES_SGL BYTES_NONE), OK_HANDLE },
	{ "MEM_DONATE, I/O", call_donate, 0x51000010,
	  WIRE_BYTES("\x01\x00\x00\x00" BYTES_LABEL "\x01\x00\x00\x00\x02\x01\x06\x00"
		     BYTES_SGL BYTES_NONE), OK_HANDLE },
	{ "MEM_ACCEPT, there", call_accept_there, 0x51000011,
	  WIRE_BYTES(BYTES_HANDLE "\x00\x01\x84\x00" BYTES_LABEL BYTES_ACL BYTES_SGL BYTES_ATTRS),
	  OK },
	{ "MEM_ACCEPT, anywhere", call_accept_anywhere, 0x51000011,
	  WIRE_BYTES(BYTES_HANDLE "\x00\x02\x10\x00" BYTES_LABEL BYTES_ACL BYTES_NONE BYTES_ATTRS),
	  WIRE_BYTES("\x00\x00\x00\x00\x02\x00\x01\x00" BYTES_SGL_BASE BYTES_SGL_SIZE
		     BYTES_SGL_SIZE BYTES_SGL_BASE) },
	{ "MEM_RELEASE", call_release, 0x51000014,
	  WIRE_BYTES(BYTES_HANDLE "\x01\x00\x00\x00"), OK },
	{ "MEM_RECLAIM", call_reclaim, 0x51000015,
	  WIRE_BYTES(BYTES_HANDLE "\x00\x00\x00\x00"), OK },
	{ "MEM_NOTIFY, recall", call_notify, 0x51000017,
	  WIRE_BYTES(BYTES_HANDLE "\x08\x00\x00\x00" BYTES_LABEL "\x02\x00\x00\x00"
		     "\x02\x01\x00\x00\x12\x11\x00\x00"), OK },
	{ "MEM_NOTIFY, accepted", call_notify_owner, 0x51000017,
	  WIRE_BYTES(BYTES_HANDLE "\x04\x00\x00\x00" BYTES_LABEL), OK },
	{ "MEM_QCOM_LOOKUP_SGL", call_lookup_sgl, 0x5100001a,
	  WIRE_BYTES("\x00\x00\x00\x00" BYTES_LABEL BYTES_ACL BYTES_SGL BYTES_ATTRS), OK_HANDLE },
	{ "VM_IRQ_LEND", call_irq_lend, 0x56000051,
	  WIRE_BYTES("\x02\x01\x00\x00\x14\x13\x12\x11" BYTES_LABEL), OK_HANDLE },
	{ "VM_IRQ_ACCEPT", call_irq_accept, 0x56000050,
	  WIRE_BYTES("\x14\x13\x12\x11" BYTES_HANDLE), OK_HANDLE },
	{ "VM_IRQ_ACCEPT, any", call_irq_accept_any, 0x56000050,
	  WIRE_BYTES("\x14\x13\x12\x11\xff\xff\xff\xff"), OK_HANDLE },
	{ "VM_IRQ_RELEASE", call_irq_release, 0x56000052, WIRE_BYTES(BYTES_HANDLE), OK },
	{ "VM_IRQ_RECLAIM", call_irq_reclaim, 0x56000053, WIRE_BYTES(BYTES_HANDLE), OK },
	{ "VM_IRQ_NOTIFY, lent", call_irq_notify, 0x56000054,
	  WIRE_BYTES(BYTES_HANDLE "\x01\x00\x00\x00\x01\x00\x00\x00\x12\x11\x00\x00"), OK },
	{ "VM_IRQ_NOTIFY, accepted", call_irq_notify_owner, 0x56000054,
	  WIRE_BYTES(BYTES_HANDLE "\x04\x00\x00\x00"), OK },
	{ "VM_CONSOLE_OPEN", call_console_open, 0x56000081, VMID_ONLY, OK },
	{ "VM_CONSOLE_CLOSE", call_console_close, 0x56000082, VMID_ONLY, OK },
	{ "VM_CONSOLE_WRITE", call_console_write, 0x56000083,
	  WIRE_BYTES("\x02\x01\x05\x00hello"), OK },
	{ "VM_CONSOLE_FLUSH", call_console_flush, 0x56000084, VMID_ONLY, OK },
};

static void wire_case_desc(const struct wire_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wire, wire_cases, wire_case_desc);

/* The request, byte by byte, and the reply. */
static void wire_bytes_test(struct kunit *test)
{
	const struct wire_case *c = test->param_value;
	struct wire *wire = wire_create(test);

	wire_answer(wire, c->reply.data, c->reply.size);
	KUNIT_EXPECT_EQ(test, c->call(wire), 0);
	KUNIT_EXPECT_EQ(test, wire->nr, 1);
	wire_expect(wire, 0, c->id, c->req.data, c->req.size);
	KUNIT_EXPECT_STRNEQ(test, gunyah_rm_msg_name(c->id), "?");
}

/* A status other than OK, alone and with a word of explanation. */
static void wire_status_test(struct kunit *test)
{
	static const u8 absent[] = { 0xff, 0xff, 0xff, 0xff };
	static const u8 explained[] = { 0x14, 0, 0, 0, 4, 3, 2, 1 };
	static const u8 unknown[] = { 0, 0, 0, 1 };
	const struct wire_case *c = test->param_value;
	struct wire *wire = wire_create(test);
	int ret;

	wire_answer(wire, absent, sizeof(absent));
	KUNIT_EXPECT_EQ(test, c->call(wire), -EOPNOTSUPP);
	wire_answer(wire, wire_nomem, sizeof(wire_nomem));
	KUNIT_EXPECT_EQ(test, c->call(wire), -ENOMEM);
	wire_answer(wire, explained, sizeof(explained));
	KUNIT_EXPECT_EQ(test, c->call(wire), -EINVAL);

	/* The expectations of the call itself are about a damaged answer. */
	if (c->call == call_lend || c->call == call_share || c->call == call_donate)
		return;
	wire_answer(wire, unknown, sizeof(unknown));
	ret = c->call(wire);
	KUNIT_EXPECT_EQ(test, ret, -EBADMSG);
}

/* A reply of any other length. */
static void wire_length_test(struct kunit *test)
{
	const struct wire_case *c = test->param_value;
	u8 *reply = kunit_kzalloc(test, 1024, GFP_KERNEL);
	struct wire *wire = wire_create(test);
	size_t size;

	KUNIT_ASSERT_NOT_NULL(test, reply);
	memcpy(reply, c->reply.data, c->reply.size);

	for (size = 0; size < c->reply.size + 20; size++) {
		if (size == c->reply.size)
			continue;
		wire_answer(wire, reply, size);
		KUNIT_EXPECT_EQ_MSG(test, c->call(wire), -EBADMSG, "%zu bytes", size);
	}

	wire_answer(wire, reply, 1024);
	KUNIT_EXPECT_EQ(test, c->call(wire), -EBADMSG);
}

/* Counts and values in replies that lie. */

static const struct lie {
	const char *name;
	int (*call)(struct wire *wire);
	struct wire_bytes reply;
} lies[] = {
	{ "crash message, shorter", call_get_crash_msg,
	  WIRE_BYTES("\x00\x00\x00\x00\x04\x00\x00\x00\x01\x02\x03\x04\x05\x06\x07\x08") },
	{ "crash message, longer", call_get_crash_msg,
	  WIRE_BYTES("\x00\x00\x00\x00\x09\x00\x00\x00\x01\x02\x03\x04\x05\x06\x07\x08") },
	{ "crash message, byte order", call_get_crash_msg,
	  WIRE_BYTES("\x00\x00\x00\x00\x00\x08\x00\x00\x01\x02\x03\x04\x05\x06\x07\x08") },
	{ "crash message, all ones", call_get_crash_msg,
	  WIRE_BYTES("\x00\x00\x00\x00\xff\xff\x00\x00\x01\x02\x03\x04\x05\x06\x07\x08") },
	{ "addresses, none", call_ipa_alloc,
	  WIRE_BYTES("\x00\x00\x00\x00\x00\x00\x00\x00" BYTES_8) },
	{ "addresses, two", call_ipa_alloc,
	  WIRE_BYTES("\x00\x00\x00\x00\x02\x00\x00\x00" BYTES_8) },
	{ "addresses, byte order", call_ipa_alloc,
	  WIRE_BYTES("\x00\x00\x00\x00\x00\x00\x00\x01" BYTES_8) },
	{ "map, none", call_accept_anywhere,
	  WIRE_BYTES("\x00\x00\x00\x00\x00\x00\x00\x00" BYTES_SGL_BASE BYTES_SGL_SIZE) },
	{ "map, two", call_accept_anywhere,
	  WIRE_BYTES("\x00\x00\x00\x00\x02\x00\x00\x00" BYTES_SGL_BASE BYTES_SGL_SIZE) },
	{ "map, byte order", call_accept_anywhere,
	  WIRE_BYTES("\x00\x00\x00\x00\x00\x01\x00\x00" BYTES_SGL_BASE BYTES_SGL_SIZE) },
	{ "map, all ones", call_accept_anywhere,
	  WIRE_BYTES("\x00\x00\x00\x00\xff\xff\x00\x00" BYTES_SGL_BASE BYTES_SGL_SIZE) },
	{ "map, not a page", call_accept_anywhere,
	  WIRE_BYTES("\x00\x00\x00\x00\x01\x00\x00\x00" BYTES_8 BYTES_SGL_SIZE) },
	{ "map, empty", call_accept_anywhere,
	  WIRE_BYTES("\x00\x00\x00\x00\x01\x00\x00\x00" BYTES_SGL_BASE BYTES_NONE BYTES_NONE) },
	{ "map, overflow", call_accept_anywhere,
	  WIRE_BYTES("\x00\x00\x00\x00\x01\x00\x00\x00" BYTES_SGL_BASE
		     "\x00\xf0\xff\xff\xff\xff\xff\xff") },
	{ "parcel without a handle", call_lend,
	  WIRE_BYTES("\x00\x00\x00\x00\xff\xff\xff\xff") },
	{ "parcel found without a handle", call_lookup_sgl,
	  WIRE_BYTES("\x00\x00\x00\x00\xff\xff\xff\xff") },
	{ "another interrupt", call_irq_accept, WIRE_BYTES("\x00\x00\x00\x00\x05\x03\x02\x01") },
	{ "no interrupt", call_irq_accept_any, WIRE_BYTES("\x00\x00\x00\x00\xff\xff\xff\xff") },
};

static void lie_desc(const struct lie *lie, char *desc)
{
	strscpy(desc, lie->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(lie, lies, lie_desc);

static void wire_lie_test(struct kunit *test)
{
	const struct lie *lie = test->param_value;
	struct wire *wire = wire_create(test);

	wire_answer(wire, lie->reply.data, lie->reply.size);
	KUNIT_EXPECT_EQ(test, lie->call(wire), -EBADMSG);
	KUNIT_EXPECT_EQ(test, wire->nr, 1);
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
	{ "parcels that fill the heap", kill_heap, -E2BIG },
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

static struct kunit_case wire_kunit_cases[] = {
	KUNIT_CASE_PARAM(wire_bytes_test, wire_gen_params),
	KUNIT_CASE_PARAM(wire_status_test, wire_gen_params),
	KUNIT_CASE_PARAM(wire_length_test, wire_gen_params),
	KUNIT_CASE_PARAM(wire_lie_test, lie_gen_params),
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

static struct kunit_suite wire_suite = {
	.name = "gunyah_rm_rpc_wire",
	.test_cases = wire_kunit_cases,
};

kunit_test_suites(&wire_suite, &gunyah_rm_rpc_mem_suite);

MODULE_DESCRIPTION("KUnit tests of the Gunyah resource manager's calls");
MODULE_LICENSE("GPL");
MODULE_INFO(import_ns, "EXPORTED_FOR_KUNIT_TESTING");
