// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the client of the resource manager (RM): calls about VMs,
 * memory, interrupts and consoles, byte by byte.
 *
 * Bytes are written down by hand, after the description of the interface. No
 * two bytes of a field are the same, so that a field in the wrong place, of the
 * wrong size or in the wrong byte order shows.
 */
#include <kunit/test.h>
#include <linux/array_size.h>
#include <linux/bitops.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "fault.h"
#include "rm_rpc_wire.h"

/* The bound of a call that is not answered, and how much later it may end. */
#define SILENCE_MS	50
#define SLACK_MS	5000

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
		KUNIT_EXPECT_EQ(wire->test, !!parcel->unsure, !!ret);

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

/* No reply: the caller is told within its bound, and the next call works. */
static void wire_silent_test(struct kunit *test)
{
	const struct wire_case *c = test->param_value;
	struct wire *wire = wire_create(test);
	unsigned int patience_ms = wire->rm->timeout_ms;
	ktime_t start = ktime_get();

	wire_answer(wire, NULL, 0);
	wire->rm->timeout_ms = SILENCE_MS;
	KUNIT_EXPECT_EQ(test, c->call(wire), -ETIMEDOUT);
	KUNIT_EXPECT_GE(test, ktime_ms_delta(ktime_get(), start),
			SILENCE_MS - jiffies_to_msecs(2));
	KUNIT_EXPECT_LE(test, ktime_ms_delta(ktime_get(), start), SILENCE_MS + SLACK_MS);
	KUNIT_EXPECT_TRUE(test, wire->rm->silent);

	wire->rm->timeout_ms = patience_ms;
	wire_answer(wire, c->reply.data, c->reply.size);
	KUNIT_EXPECT_EQ(test, c->call(wire), 0);
	KUNIT_EXPECT_FALSE(test, wire->rm->silent);
}

/* One allocation fails after the other; the call does, and can be made again. */
static void wire_fault_test(struct kunit *test)
{
	const struct wire_case *c = test->param_value;
	struct wire *wire;
	unsigned int nth = 0;
	bool fault;
	int ret;

	if (!fault_possible())
		kunit_skip(test, "allocations that may wait do not fail here");

	wire = wire_create(test);
	do {
		wire_answer(wire, c->reply.data, c->reply.size);
		fault_arm(++nth);
		ret = c->call(wire);
		fault = fault_disarm(nth);
		KUNIT_EXPECT_TRUE_MSG(test, !ret || (fault && ret == -ENOMEM), "fault %u: %d",
				      nth, ret);
	} while (fault && nth < MAX_FAULTS);
	KUNIT_EXPECT_EQ(test, ret, 0);
	kunit_info(test, "%u faults\n", nth - 1);
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

	/* A parcel that is accepted nobody knows where is given back. */
	if (wire->reqs[0].id == 0x51000011) {
		KUNIT_EXPECT_EQ(test, wire->nr, 2);
		KUNIT_EXPECT_EQ(test, wire_last(wire)->id, 0x51000014);
	} else {
		KUNIT_EXPECT_EQ(test, wire->nr, 1);
	}
}

static struct kunit_case wire_kunit_cases[] = {
	KUNIT_CASE_PARAM(wire_bytes_test, wire_gen_params),
	KUNIT_CASE_PARAM(wire_status_test, wire_gen_params),
	KUNIT_CASE_PARAM(wire_length_test, wire_gen_params),
	KUNIT_CASE_PARAM(wire_silent_test, wire_gen_params),
	KUNIT_CASE_PARAM(wire_fault_test, wire_gen_params),
	KUNIT_CASE_PARAM(wire_lie_test, lie_gen_params),
	{ }
};

static struct kunit_suite wire_suite = {
	.name = "gunyah_rm_rpc_wire",
	.test_cases = wire_kunit_cases,
};

kunit_test_suites(&wire_suite, &gunyah_rm_notif_suite, &gunyah_rm_rpc_limits_suite,
		  &gunyah_rm_rpc_mem_suite);

MODULE_DESCRIPTION("KUnit tests of the Gunyah resource manager's calls");
MODULE_LICENSE("GPL");
MODULE_INFO(import_ns, "EXPORTED_FOR_KUNIT_TESTING");
