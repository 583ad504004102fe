// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the client of the resource manager: what messages mean.
 *
 * Requests and replies are written down byte by byte here, with different
 * values in each byte, so that a field in the wrong place or order shows.
 */
#include <kunit/test.h>
#include <linux/array_size.h>
#include <linux/cleanup.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "rm_fake.h"
#include "rm_kunit.h"

#define VMID	0x0180

static u8 *copy(struct kunit *test, const u8 *bytes, size_t size)
{
	u8 *buf = kunit_kzalloc(test, size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, buf);

	return memcpy(buf, bytes, size);
}

static struct fake *canned_create(struct kunit *test, const void *answer, size_t size)
{
	struct fake *fake = fake_create(test);

	fake->answer = answer;
	fake->answer_size = size;
	fake->serve = fake_serve_canned;

	return fake;
}

/* The bytes of a request, and how many they are. */
struct bytes {
	size_t size;
	u8 data[16];
};

#define BYTES(...) \
	((struct bytes){ .size = sizeof((u8 []){ __VA_ARGS__ }), .data = { __VA_ARGS__ } })

static void expect_request(struct kunit *test, struct fake *fake, u32 id, struct bytes bytes)
{
	KUNIT_EXPECT_EQ(test, fake->last.id, id);
	KUNIT_ASSERT_EQ(test, fake->last.size, bytes.size);
	KUNIT_EXPECT_MEMEQ(test, fake->last.data, bytes.data, bytes.size);
}

/* Each status word, with its errno, as the resource manager's users know them. */
static const struct {
	u32 status;
	int ret;
} status_cases[] = {
	{ 0, 0 }, { 0xffffffff, -EOPNOTSUPP }, { 1, -ENOMEM }, { 2, -ENODEV }, { 3, -EPERM },
	{ 4, -EINVAL }, { 5, -EBUSY }, { 6, -EINVAL }, { 7, -EINVAL }, { 8, -EINVAL },
	{ 9, -EINVAL }, { 10, -EINVAL }, { 11, -EBUSY }, { 12, -EINVAL }, { 13, -EINVAL },
	{ 14, -EINVAL }, { 15, -EINVAL }, { 16, -EBUSY }, { 17, -EINVAL }, { 18, -EBUSY },
	{ 19, -EINVAL }, { 20, -EINVAL }, { 21, -EBADMSG }, { 0xfffffffe, -EBADMSG },
	{ 0x01000000, -EBADMSG }, { 0x80000000, -EBADMSG },
};

static void rpc_status_test(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(status_cases); i++) {
		KUNIT_EXPECT_EQ_MSG(test, gunyah_rm_status_to_errno(status_cases[i].status),
				    status_cases[i].ret, "status %#x", status_cases[i].status);
		if (status_cases[i].ret != -EBADMSG)
			KUNIT_EXPECT_STRNEQ(test, gunyah_rm_status_name(status_cases[i].status),
					    "?");
	}
}

/* A refusal becomes its errno, and the result is not touched. */
static void rpc_refusal_test(struct kunit *test)
{
	static const u8 answer[] = { 3, 0, 0, 0 };
	struct fake *fake = canned_create(test, answer, sizeof(answer));
	struct gunyah_rm_resources *resources = (void *)-1;
	struct gunyah_rm_vmids *vms = (void *)-1;
	u16 vmid = 0x5a5a;

	KUNIT_EXPECT_EQ(test, gunyah_rm_get_owner(fake->rm, &vmid), -EPERM);
	KUNIT_EXPECT_EQ(test, vmid, 0x5a5a);
	KUNIT_EXPECT_EQ(test, gunyah_rm_get_hyp_resources(fake->rm, VMID, &resources), -EPERM);
	KUNIT_EXPECT_PTR_EQ(test, resources, (void *)-1);
	KUNIT_EXPECT_EQ(test, gunyah_rm_get_peers(fake->rm, &vms), -EPERM);
	KUNIT_EXPECT_PTR_EQ(test, vms, (void *)-1);
}

static void rpc_words_test(struct kunit *test)
{
	static const u8 answer[] = { 0, 0, 0, 0, 0x80, 0x01, 0, 0 };
	struct fake *fake = canned_create(test, answer, sizeof(answer));
	u16 vmid = 0;
	u32 type = 0;

	KUNIT_EXPECT_EQ(test, gunyah_rm_get_vmid(fake->rm, &vmid), 0);
	KUNIT_EXPECT_EQ(test, vmid, VMID);
	KUNIT_EXPECT_EQ(test, fake->last.id, 0x56000024);
	KUNIT_EXPECT_EQ(test, fake->last.size, 0);

	/* Asked once. */
	KUNIT_EXPECT_EQ(test, gunyah_rm_get_vmid(fake->rm, &vmid), 0);
	KUNIT_EXPECT_EQ(test, fake_counter(fake, RM_CTR_CALLS), 1);

	KUNIT_EXPECT_EQ(test, gunyah_rm_get_owner(fake->rm, &vmid), 0);
	KUNIT_EXPECT_EQ(test, vmid, VMID);
	KUNIT_EXPECT_EQ(test, fake->last.id, 0x56000015);
	KUNIT_EXPECT_EQ(test, fake->last.size, 0);

	KUNIT_EXPECT_EQ(test, gunyah_rm_get_host_type(fake->rm, &type), 0);
	KUNIT_EXPECT_EQ(test, type, VMID);
	KUNIT_EXPECT_EQ(test, fake->last.id, 0x560000a0);
	KUNIT_EXPECT_EQ(test, fake->last.size, 0);
}

/* 32 bits for a VM id of 16. */
static void rpc_wide_vmid_test(struct kunit *test)
{
	static const u8 answer[] = { 0, 0, 0, 0, 0x80, 0x00, 1, 0 };
	struct fake *fake = canned_create(test, answer, sizeof(answer));
	u16 vmid;

	KUNIT_EXPECT_EQ(test, gunyah_rm_get_vmid(fake->rm, &vmid), -EBADMSG);
	KUNIT_EXPECT_EQ(test, gunyah_rm_get_owner(fake->rm, &vmid), -EBADMSG);
	KUNIT_EXPECT_EQ(test, gunyah_rm_alloc_vmid(fake->rm, 0), -EBADMSG);
}

static void rpc_state_test(struct kunit *test)
{
	static const u8 answer[] = { 0, 0, 0, 0, 0x0b, 0x22, 0x33, 0x44 };
	struct fake *fake = canned_create(test, answer, sizeof(answer));
	struct gunyah_rm_vm_status status = {};

	KUNIT_EXPECT_EQ(test, gunyah_rm_get_state(fake->rm, VMID, &status), 0);
	expect_request(test, fake, 0x56000017, BYTES(0x80, 0x01, 0, 0));
	KUNIT_EXPECT_EQ(test, status.vm_state, GUNYAH_RM_VM_RESET);
	KUNIT_EXPECT_EQ(test, status.os_state, 0x22);
	KUNIT_EXPECT_EQ(test, status.app_status, 0x4433);
}

static void rpc_alloc_test(struct kunit *test)
{
	static const u8 picked[] = { 0, 0, 0, 0, 0x80, 0x01, 0, 0 };
	static const u8 ok[] = { 0, 0, 0, 0 };
	static const u8 state[] = { 20, 0, 0, 0 };
	struct fake *fake = canned_create(test, picked, sizeof(picked));
	u64 calls;

	/* RM gives a VM id that is free, whoever has abandoned it before. */
	set_bit(VMID, fake->rm->strays);
	KUNIT_EXPECT_EQ(test, gunyah_rm_alloc_vmid(fake->rm, 0), VMID);
	KUNIT_EXPECT_FALSE(test, test_bit(VMID, fake->rm->strays));
	expect_request(test, fake, 0x56000001, BYTES(0, 0, 0, 0));

	/* Asked for one, RM answers with a status alone. */
	KUNIT_EXPECT_EQ(test, gunyah_rm_alloc_vmid(fake->rm, 0x23), -EBADMSG);
	fake->answer = ok;
	fake->answer_size = sizeof(ok);
	KUNIT_EXPECT_EQ(test, gunyah_rm_alloc_vmid(fake->rm, 0x23), 0x23);
	expect_request(test, fake, 0x56000001, BYTES(0x23, 0, 0, 0));

	/* A VM in use stays ours; one given back or never had is not sent. */
	fake->answer = state;
	KUNIT_EXPECT_EQ(test, gunyah_rm_dealloc_vmid(fake->rm, VMID), -EINVAL);
	expect_request(test, fake, 0x56000002, BYTES(0x80, 0x01, 0, 0));
	fake->answer = ok;
	KUNIT_EXPECT_EQ(test, gunyah_rm_dealloc_vmid(fake->rm, VMID), 0);
	calls = fake_counter(fake, RM_CTR_CALLS);
	KUNIT_EXPECT_EQ(test, gunyah_rm_dealloc_vmid(fake->rm, VMID), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_rm_dealloc_vmid(fake->rm, 0x24), -EINVAL);
	KUNIT_EXPECT_EQ(test, fake_counter(fake, RM_CTR_CALLS), calls);
}

/* Lists of VMs: the right length, and counts that lie. */
struct list_case {
	const char *name;
	size_t size;
	u32 nr;
	int ret;
};

static const struct list_case list_cases[] = {
	{ "no count", 4, 0, -EBADMSG },
	{ "part of a count", 6, 0, -EBADMSG },
	{ "none", 8, 0, 0 },
	{ "two", 16, 2, 0 },
	{ "none, and two there", 16, 0, -EBADMSG },
	{ "one, and two there", 16, 1, -EBADMSG },
	{ "three, and two there", 16, 3, -EBADMSG },
	{ "two, and half of one there", 14, 2, -EBADMSG },
	{ "more than 32 bits of bytes", 16, 0x40000002, -EBADMSG },
	{ "all ones", 16, 0xffffffff, -EBADMSG },
	{ "byte order", 16, 0x02000000, -EBADMSG },
	{ "as many as there can be", GUNYAH_RM_MAX_PAYLOAD, (GUNYAH_RM_MAX_PAYLOAD - 8) / 4, 0 },
};

static void list_case_desc(const struct list_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(list, list_cases, list_case_desc);

static void rpc_list_test(struct kunit *test)
{
	const struct list_case *c = test->param_value;
	u32 *answer = kunit_kzalloc(test, c->size, GFP_KERNEL);
	struct gunyah_rm_vmids *vms = NULL;
	struct fake *fake;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, answer);
	if (c->size >= 8)
		answer[1] = c->nr;
	for (i = 2; i < c->size / 4; i++)
		answer[i] = i + 0x100;
	fake = canned_create(test, answer, c->size);

	KUNIT_EXPECT_EQ(test, gunyah_rm_get_peers(fake->rm, &vms), c->ret);
	KUNIT_EXPECT_EQ(test, fake->last.id, 0x56000025);
	KUNIT_EXPECT_EQ(test, fake->last.size, 0);
	if (c->ret) {
		KUNIT_EXPECT_NULL(test, vms);
		return;
	}

	KUNIT_ASSERT_NOT_NULL(test, vms);
	KUNIT_EXPECT_EQ(test, vms->nr, c->nr);
	for (i = 0; i < vms->nr; i++)
		KUNIT_EXPECT_EQ(test, vms->vmids[i], i + 0x102);
	kvfree(vms);
}

/* The same for resources, and every field of one. */
static const u8 resource_bytes[] = {
	0, 0, 0, 0, 1, 0, 0, 0,
	0x04, 0x00, 0x02, 0x03,			/* type, reserved, partner */
	0x11, 0x12, 0x13, 0x14,			/* handle */
	0x21, 0x22, 0x23, 0x24,			/* label */
	0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38,
	0x41, 0x42, 0x43, 0x44,			/* virq handle */
	0x51, 0x52, 0x53, 0x54,			/* virq */
	0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68,
	0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78,
};

static void rpc_resources_test(struct kunit *test)
{
	struct fake *fake = canned_create(test, resource_bytes, sizeof(resource_bytes));
	struct gunyah_rm_resources *resources __free(kvfree) = NULL;
	const struct gunyah_rm_resource *res;

	KUNIT_ASSERT_EQ(test, gunyah_rm_get_hyp_resources(fake->rm, VMID, &resources), 0);
	expect_request(test, fake, 0x56000020, BYTES(0x80, 0x01, 0, 0));
	KUNIT_ASSERT_EQ(test, resources->nr, 1);
	res = &resources->entries[0];
	KUNIT_EXPECT_EQ(test, res->type, GUNYAH_RM_RES_VCPU);
	KUNIT_EXPECT_EQ(test, res->partner, 0x0302);
	KUNIT_EXPECT_EQ(test, res->handle, 0x14131211);
	KUNIT_EXPECT_EQ(test, res->label, 0x24232221);
	KUNIT_EXPECT_EQ(test, res->capid, 0x3837363534333231);
	KUNIT_EXPECT_EQ(test, res->virq_handle, 0x44434241);
	KUNIT_EXPECT_EQ(test, res->virq, 0x54535251);
	KUNIT_EXPECT_EQ(test, res->base, 0x6867666564636261);
	KUNIT_EXPECT_EQ(test, res->size, 0x7877767574737271);
}

static void rpc_resources_lie_test(struct kunit *test)
{
	static const u32 lies[] = { 0, 2, 0x01000000, 0x05d1745e, 0xffffffff };
	u8 *answer = copy(test, resource_bytes, sizeof(resource_bytes));
	struct gunyah_rm_resources *resources = NULL;
	struct fake *fake;
	unsigned int i;

	fake = canned_create(test, answer, sizeof(resource_bytes));

	for (i = 0; i < ARRAY_SIZE(lies); i++) {
		memcpy(answer + 4, &lies[i], 4);
		KUNIT_EXPECT_EQ(test, gunyah_rm_get_hyp_resources(fake->rm, VMID, &resources),
				-EBADMSG);
	}

	memcpy(answer, resource_bytes, sizeof(resource_bytes));
	for (i = 4; i < sizeof(resource_bytes); i++) {
		fake->answer_size = i;
		KUNIT_EXPECT_EQ(test, gunyah_rm_get_hyp_resources(fake->rm, VMID, &resources),
				-EBADMSG);
	}
	KUNIT_EXPECT_NULL(test, resources);
}

static const u8 id_bytes[] = {
	0, 0, 0, 0, 5, 0, 0, 0,
	0, 0, 16, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
	2, 0, 5, 0, 'l', 'i', 'n', 'u', 'x', 0, 0, 0,
	1, 0, 4, 0, 'u', ':', 'r', 'i',
	3, 0, 2, 0, 7, 7, 0, 0,
	9, 0, 1, 0, 7, 0, 0, 0,			/* a type from the future */
};

static void rpc_id_test(struct kunit *test)
{
	struct fake *fake = canned_create(test, id_bytes, sizeof(id_bytes));
	struct gunyah_rm_vm_id *id = kunit_kzalloc(test, sizeof(*id), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, id);
	KUNIT_EXPECT_EQ(test, gunyah_rm_get_id(fake->rm, VMID, id), 0);
	expect_request(test, fake, 0x56000010, BYTES(0x80, 0x01, 0, 0));
	KUNIT_EXPECT_TRUE(test, id->has_guid);
	KUNIT_EXPECT_MEMEQ(test, id->guid, id_bytes + 12, 16);
	KUNIT_EXPECT_STREQ(test, id->name, "linux");
	KUNIT_EXPECT_STREQ(test, id->uri, "u:ri");
	KUNIT_EXPECT_EQ(test, id->sign_auth_size, 2);
}

/* A reply that ends at each byte before the last, and sizes inside that lie. */
static void rpc_id_lie_test(struct kunit *test)
{
	static const size_t sizes[] = { 10, 11, 30, 31, 42, 43, 50, 51, 58, 59 };
	u8 *answer = copy(test, id_bytes, sizeof(id_bytes));
	struct gunyah_rm_vm_id *id = kunit_kzalloc(test, sizeof(*id), GFP_KERNEL);
	struct fake *fake;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, id);
	fake = canned_create(test, answer, sizeof(id_bytes));

	for (i = 4; i < sizeof(id_bytes); i++) {
		fake->answer_size = i;
		KUNIT_EXPECT_EQ(test, gunyah_rm_get_id(fake->rm, VMID, id), -EBADMSG);
	}

	fake->answer_size = sizeof(id_bytes);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		answer[sizes[i]] ^= 0x10;
		KUNIT_EXPECT_EQ_MSG(test, gunyah_rm_get_id(fake->rm, VMID, id), -EBADMSG,
				    "byte %zu", sizes[i]);
		answer[sizes[i]] ^= 0x10;
	}
	KUNIT_EXPECT_EQ(test, gunyah_rm_get_id(fake->rm, VMID, id), 0);
}

static void rpc_lookup_test(struct kunit *test)
{
	static const u8 answer[] = { 0, 0, 0, 0, 1, 0, 0, 0, 0x80, 0x01, 0, 0 };
	static const u8 guid[GUNYAH_RM_GUID_SIZE] = {
		1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
	};
	struct fake *fake = canned_create(test, answer, sizeof(answer));
	struct gunyah_rm_vmids *a __free(kvfree) = NULL;
	struct gunyah_rm_vmids *b __free(kvfree) = NULL;
	struct gunyah_rm_vmids *c __free(kvfree) = NULL;

	KUNIT_ASSERT_EQ(test, gunyah_rm_lookup_name(fake->rm, "linux", &a), 0);
	expect_request(test, fake, 0x56000013,
		       BYTES(5, 0, 0, 0, 'l', 'i', 'n', 'u', 'x', 0, 0, 0));
	KUNIT_EXPECT_EQ(test, a->nr, 1);
	KUNIT_EXPECT_EQ(test, a->vmids[0], VMID);

	KUNIT_ASSERT_EQ(test, gunyah_rm_lookup_uri(fake->rm, "u:ri", &b), 0);
	expect_request(test, fake, 0x56000011, BYTES(4, 0, 0, 0, 'u', ':', 'r', 'i'));

	KUNIT_ASSERT_EQ(test, gunyah_rm_lookup_guid(fake->rm, guid, &c), 0);
	expect_request(test, fake, 0x56000012,
		       BYTES(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16));
}

/* Names RM cannot have are not sent. */
static void rpc_lookup_limits_test(struct kunit *test)
{
	static const u8 answer[] = { 2, 0, 0, 0 };
	struct fake *fake = canned_create(test, answer, sizeof(answer));
	struct gunyah_rm_vmids *vms = NULL;
	char name[GUNYAH_RM_MAX_NAME + 2];

	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	KUNIT_EXPECT_EQ(test, gunyah_rm_lookup_name(fake->rm, name, &vms), -EINVAL);
	KUNIT_EXPECT_EQ(test, gunyah_rm_lookup_uri(fake->rm, "", &vms), -EINVAL);
	KUNIT_EXPECT_EQ(test, fake_counter(fake, RM_CTR_CALLS), 0);

	name[GUNYAH_RM_MAX_NAME] = '\0';
	KUNIT_EXPECT_EQ(test, gunyah_rm_lookup_name(fake->rm, name, &vms), -ENODEV);
	KUNIT_EXPECT_EQ(test, fake->last.size, 4 + 80);
	KUNIT_EXPECT_EQ(test, fake->last.data[0], GUNYAH_RM_MAX_NAME);
	KUNIT_EXPECT_EQ(test, fake->last.data[83], 0);
}

static struct kunit_case rpc_cases[] = {
	KUNIT_CASE(rpc_status_test),
	KUNIT_CASE(rpc_refusal_test),
	KUNIT_CASE(rpc_words_test),
	KUNIT_CASE(rpc_wide_vmid_test),
	KUNIT_CASE(rpc_state_test),
	KUNIT_CASE(rpc_alloc_test),
	KUNIT_CASE_PARAM(rpc_list_test, list_gen_params),
	KUNIT_CASE(rpc_resources_test),
	KUNIT_CASE(rpc_resources_lie_test),
	KUNIT_CASE(rpc_id_test),
	KUNIT_CASE(rpc_id_lie_test),
	KUNIT_CASE(rpc_lookup_test),
	KUNIT_CASE(rpc_lookup_limits_test),
	{ }
};

struct kunit_suite gunyah_rm_rpc_suite = {
	.name = "gunyah_rm_rpc",
	.test_cases = rpc_cases,
};
