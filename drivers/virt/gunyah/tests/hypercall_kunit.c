// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hypercall shim by itself: a recording conduit takes the place of the
 * hypervisor and of the model, so that each call can be held against the
 * numbers of the ABI, written out here once more.
 */
#include <linux/errno.h>
#include <linux/gunyah.h>
#include <linux/irq_work.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include <kunit/test.h>

#define NR_REGS		18
#define ID(num)		(0xc6008000UL | (num))

/* What an unused result register holds: nobody may take it for a result. */
#define JUNK		0xdeadbeefcafef00dUL

static struct recorder {
	unsigned long args[NR_REGS];
	unsigned long res[NR_REGS];
	unsigned int calls;
} rec;

static void record(const struct arm_smccc_1_2_regs *args,
		   struct arm_smccc_1_2_regs *res)
{
	memcpy(rec.args, args, sizeof(rec.args));
	memcpy(res, rec.res, sizeof(rec.res));
	rec.calls++;
}

/* One wrapper: how to call it, what it has to put where. */
struct call_case {
	const char *name;
	enum gunyah_error (*call)(struct kunit *test);
	unsigned long args[9];
	unsigned long results[6];
	/* Checks the results taken apart; NULL for calls without any. */
	void (*check)(struct kunit *test);
};

/* Where wrappers leave their results for check(). */
static union {
	u64 u64s[2];
	u32 u32s[4];
	struct {
		size_t size;
		bool flag;
	};
	struct gunyah_vcpu_exit exit;
	struct gunyah_virtio_queue_info queue;
} out;

#define A1	0x1111111111111111UL
#define A2	0x2222222222222222UL
#define A3	0x3333333333333333UL
#define A4	0x4444444444444444UL
#define A5	0x5555555555555555UL
#define A6	0x6666666666666666UL
#define A7	0x7777777777777777UL
#define W2	0x82222222U
#define W3	0x93333333U

static enum gunyah_error call_doorbell_send(struct kunit *test)
{
	return gunyah_hypercall_doorbell_send(A1, A2, &out.u64s[0]);
}

static enum gunyah_error call_doorbell_recv(struct kunit *test)
{
	return gunyah_hypercall_doorbell_recv(A1, A2, &out.u64s[0]);
}

static enum gunyah_error call_doorbell_reset(struct kunit *test)
{
	return gunyah_hypercall_doorbell_reset(A1);
}

static enum gunyah_error call_doorbell_mask(struct kunit *test)
{
	return gunyah_hypercall_doorbell_mask(A1, A2, A3);
}

static enum gunyah_error call_msgq_send(struct kunit *test)
{
	return gunyah_hypercall_msgq_send(A1, A2, (void *)A3, A4, &out.flag);
}

static enum gunyah_error call_msgq_recv(struct kunit *test)
{
	return gunyah_hypercall_msgq_recv(A1, (void *)A2, A3, &out.size,
					  &out.flag);
}

static enum gunyah_error call_msgq_flush(struct kunit *test)
{
	return gunyah_hypercall_msgq_flush(A1);
}

static enum gunyah_error call_msgq_configure_send(struct kunit *test)
{
	return gunyah_hypercall_msgq_configure_send(A1, 7);
}

static enum gunyah_error call_msgq_configure_recv(struct kunit *test)
{
	return gunyah_hypercall_msgq_configure_recv(A1, GUNYAH_MSGQ_THRESHOLD_FULL);
}

static enum gunyah_error call_vcpu_run(struct kunit *test)
{
	const struct gunyah_vcpu_resume resume = {
		.value = A2,
		.action = GUNYAH_VCPU_ACTION_FAULT,
	};

	return gunyah_hypercall_vcpu_run(A1, &resume, &out.exit);
}

static enum gunyah_error call_vcpu_poweron(struct kunit *test)
{
	return gunyah_hypercall_vcpu_poweron(A1, A2, A3, A4);
}

static enum gunyah_error call_vcpu_poweroff(struct kunit *test)
{
	return gunyah_hypercall_vcpu_poweroff(A1, GUNYAH_VCPU_POWEROFF_LAST);
}

static enum gunyah_error call_vcpu_set_affinity(struct kunit *test)
{
	return gunyah_hypercall_vcpu_set_affinity(A1, GUNYAH_VCPU_AFFINITY_NONE);
}

static enum gunyah_error call_scheduler_yield(struct kunit *test)
{
	return gunyah_hypercall_scheduler_yield(GUNYAH_SCHEDULER_YIELD_TO_THREAD,
						A2);
}

static enum gunyah_error call_vpm_group_get_state(struct kunit *test)
{
	return gunyah_hypercall_vpm_group_get_state(A1, &out.u64s[0]);
}

static enum gunyah_error call_virtio_assert_virq(struct kunit *test)
{
	return gunyah_hypercall_virtio_assert_virq(A1, W2);
}

static enum gunyah_error call_virtio_set_dev_features(struct kunit *test)
{
	return gunyah_hypercall_virtio_set_dev_features(A1, W2, W3);
}

static enum gunyah_error call_virtio_set_queue_num_max(struct kunit *test)
{
	return gunyah_hypercall_virtio_set_queue_num_max(A1, W2, W3);
}

static enum gunyah_error call_virtio_get_drv_features(struct kunit *test)
{
	return gunyah_hypercall_virtio_get_drv_features(A1, W2, &out.u32s[0]);
}

static enum gunyah_error call_virtio_get_queue_info(struct kunit *test)
{
	return gunyah_hypercall_virtio_get_queue_info(A1, W2, &out.queue);
}

static enum gunyah_error call_virtio_get_notification(struct kunit *test)
{
	return gunyah_hypercall_virtio_get_notification(A1, &out.u64s[0],
							&out.u64s[1]);
}

static enum gunyah_error call_virtio_acknowledge_reset(struct kunit *test)
{
	return gunyah_hypercall_virtio_acknowledge_reset(A1);
}

static enum gunyah_error call_virtio_input_configure(struct kunit *test)
{
	return gunyah_hypercall_virtio_input_configure(A1, A2, W3, W2, W3);
}

static enum gunyah_error call_virtio_input_set_data(struct kunit *test)
{
	return gunyah_hypercall_virtio_input_set_data(A1, W2, W3, W2, (void *)A5);
}

static enum gunyah_error call_virtio_update_status(struct kunit *test)
{
	return gunyah_hypercall_virtio_update_status(A1, W2);
}

static enum gunyah_error call_prng_get_entropy(struct kunit *test)
{
	return gunyah_hypercall_prng_get_entropy(12, out.u32s);
}

static enum gunyah_error call_trace_update_class_flags(struct kunit *test)
{
	return gunyah_hypercall_trace_update_class_flags(A1, A2, &out.u64s[0]);
}

static enum gunyah_error call_watchdog_manage(struct kunit *test)
{
	return gunyah_hypercall_watchdog_manage(A1, GUNYAH_WATCHDOG_UNFREEZE);
}

static enum gunyah_error call_memextent_donate(struct kunit *test)
{
	const struct gunyah_memextent_donation donation = {
		.options = GUNYAH_MEMEXTENT_DONATE_FROM_PROTECTED |
			   GUNYAH_MEMEXTENT_NO_SYNC,
		.from = A2,
		.to = A3,
		.offset = A4,
		.size = A5,
	};

	return gunyah_hypercall_memextent_donate(&donation);
}

static const struct gunyah_addrspace_mapping mapping = {
	.addrspace = A1,
	.memextent = A2,
	.gpa = A3,
	.attrs = A4,
	.flags = A5,
	.offset = A6,
	.size = A7,
};

static enum gunyah_error call_addrspace_map(struct kunit *test)
{
	return gunyah_hypercall_addrspace_map(&mapping);
}

static enum gunyah_error call_addrspace_unmap(struct kunit *test)
{
	return gunyah_hypercall_addrspace_unmap(&mapping);
}

static enum gunyah_error call_addrspace_find_info_area(struct kunit *test)
{
	return gunyah_hypercall_addrspace_find_info_area(&out.u64s[0],
							 &out.u64s[1]);
}

static void check_one_u64(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, out.u64s[0], A5);
}

static void check_two_u64(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, out.u64s[0], A5);
	KUNIT_EXPECT_EQ(test, out.u64s[1], A6);
}

static void check_one_u32(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, out.u32s[0], 0x55555555);
}

static void check_send(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, out.flag);
}

static void check_recv(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, out.size, 240);
	KUNIT_EXPECT_TRUE(test, out.flag);
}

static void check_run(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, out.exit.state, GUNYAH_VCPU_STATE_VMMIO_WRITE);
	KUNIT_EXPECT_EQ(test, out.exit.mmio.gpa, A5);
	KUNIT_EXPECT_EQ(test, out.exit.mmio.size, 8);
	KUNIT_EXPECT_EQ(test, out.exit.mmio.value, A6);
	KUNIT_EXPECT_EQ(test, out.exit.wakeup.power_state, A5);
	KUNIT_EXPECT_EQ(test, out.exit.wakeup.source, 8);
	KUNIT_EXPECT_EQ(test, out.exit.off.flags, A5);
	KUNIT_EXPECT_EQ(test, out.exit.fault.gpa, A5);
	KUNIT_EXPECT_EQ(test, out.exit.fault.write, 8);
	KUNIT_EXPECT_EQ(test, out.exit.reset.type, A5);
	KUNIT_EXPECT_EQ(test, out.exit.reset.cookie, 8);
}

static void check_queue_info(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, out.queue.num, 128);
	KUNIT_EXPECT_TRUE(test, out.queue.ready);
	KUNIT_EXPECT_EQ(test, out.queue.desc, A3);
	KUNIT_EXPECT_EQ(test, out.queue.driver, A4);
	KUNIT_EXPECT_EQ(test, out.queue.device, A5);
}

static void check_entropy(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, out.u32s[0], 0x11111111);
	KUNIT_EXPECT_EQ(test, out.u32s[1], 0x22222222);
	KUNIT_EXPECT_EQ(test, out.u32s[2], 0x33333333);
	KUNIT_EXPECT_EQ(test, out.u32s[3], 0);
}

#define CALL(fn) .name = #fn, .call = call_##fn

static const struct call_case call_cases[] = {
	{ CALL(doorbell_send), { ID(0x12), A1, A2 }, { A5 }, check_one_u64 },
	{ CALL(doorbell_recv), { ID(0x13), A1, A2 }, { A5 }, check_one_u64 },
	{ CALL(doorbell_reset), { ID(0x14), A1 } },
	{ CALL(doorbell_mask), { ID(0x15), A1, A2, A3 } },
	{ CALL(msgq_send), { ID(0x1b), A1, A2, A3, A4 }, { 1 }, check_send },
	{ CALL(msgq_recv), { ID(0x1c), A1, A2, A3 }, { 240, 1 }, check_recv },
	{ CALL(msgq_flush), { ID(0x1d), A1 } },
	{ CALL(msgq_configure_send),
	  { ID(0x1f), A1, 7, 0xffffffffUL, ~0UL } },
	{ CALL(msgq_configure_recv),
	  { ID(0x20), A1, 0xfffffffeUL, 0xffffffffUL, ~0UL } },
	{ CALL(vcpu_run), { ID(0x65), A1, A2, 2 }, { 5, A5, 8, A6 }, check_run },
	{ CALL(vcpu_poweron), { ID(0x38), A1, A2, A3, A4 } },
	{ CALL(vcpu_poweroff), { ID(0x39), A1, 1 } },
	{ CALL(vcpu_set_affinity), { ID(0x3d), A1, 0xffffffffUL, ~0UL } },
	{ CALL(scheduler_yield), { ID(0x3b), 1, A2 } },
	{ CALL(vpm_group_get_state), { ID(0x45), A1 }, { A5 }, check_one_u64 },
	{ CALL(virtio_assert_virq), { ID(0x4e), A1, W2 } },
	{ CALL(virtio_set_dev_features), { ID(0x4f), A1, W2, W3 } },
	{ CALL(virtio_set_queue_num_max), { ID(0x50), A1, W2, W3 } },
	{ CALL(virtio_get_drv_features), { ID(0x51), A1, W2 }, { A5 },
	  check_one_u32 },
	{ CALL(virtio_get_queue_info), { ID(0x52), A1, W2 },
	  { 128, 1, A3, A4, A5 }, check_queue_info },
	{ CALL(virtio_get_notification), { ID(0x53), A1 }, { A5, A6 },
	  check_two_u64 },
	{ CALL(virtio_acknowledge_reset), { ID(0x54), A1 } },
	{ CALL(virtio_update_status), { ID(0x55), A1, W2 } },
	{ CALL(virtio_input_configure), { ID(0x5e), A1, A2, W3, W2, W3 } },
	{ CALL(virtio_input_set_data), { ID(0x5f), A1, W2, W3, W2, A5 } },
	{ CALL(prng_get_entropy), { ID(0x57), 12 }, { A1, A2, A3, 0 },
	  check_entropy },
	{ CALL(trace_update_class_flags), { ID(0x3f), A1, A2 }, { A5 },
	  check_one_u64 },
	{ CALL(watchdog_manage), { ID(0x63), A1, 2 } },
	{ CALL(memextent_donate), { ID(0x61), 0x80000004UL, A2, A3, A4, A5 } },
	{ CALL(addrspace_map), { ID(0x2b), A1, A2, A3, A4, A5, A6, A7 } },
	{ CALL(addrspace_unmap), { ID(0x2c), A1, A2, A3, A5, A6, A7 } },
	{ CALL(addrspace_find_info_area), { ID(0x6a) }, { A5, A6 },
	  check_two_u64 },
};

static void call_case_desc(const struct call_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(call, call_cases, call_case_desc);

/* Every argument in its register, all others zero up to X17. */
static void call_test_arguments(struct kunit *test)
{
	const struct call_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, c->call(test), GUNYAH_ERROR_OK);
	KUNIT_EXPECT_EQ(test, rec.calls, 1);
	for (unsigned int n = 0; n < NR_REGS; n++)
		KUNIT_EXPECT_EQ_MSG(test, rec.args[n],
				    n < ARRAY_SIZE(c->args) ? c->args[n] : 0,
				    "X%u", n);
}

/* Every result from its register, and from no other. */
static void call_test_results(struct kunit *test)
{
	const struct call_case *c = test->param_value;

	memset64((u64 *)rec.res, JUNK, NR_REGS);
	rec.res[0] = 0;
	memcpy(&rec.res[1], c->results, sizeof(c->results));
	KUNIT_EXPECT_EQ(test, c->call(test), GUNYAH_ERROR_OK);
	if (c->check)
		c->check(test);
}

/* An error leaves the results alone, whatever the registers hold. */
static void call_test_error(struct kunit *test)
{
	const struct call_case *c = test->param_value;
	static const unsigned long x0[] = {
		~0UL, ~1UL, 1, 31, 60, 61, 200, 777, 0x7fffffff,
	};
	static const u8 canary[sizeof(out)] = { [0 ... sizeof(out) - 1] = 0x5a };

	memset64((u64 *)rec.res, JUNK, NR_REGS);
	for (unsigned int n = 0; n < ARRAY_SIZE(x0); n++) {
		memset(&out, 0x5a, sizeof(out));
		rec.res[0] = x0[n];
		KUNIT_EXPECT_EQ(test, (long)c->call(test), (long)x0[n]);
		KUNIT_EXPECT_MEMEQ(test, &out, canary, sizeof(out));
	}
}

struct error_case {
	long code;
	int err;
	const char *name;
};

/* As the house style has it; every code of the ABI and a few that are none. */
static const struct error_case error_cases[] = {
	{ 0, 0, "OK" },
	{ -1, -EOPNOTSUPP, "UNIMPLEMENTED" },
	{ -2, -EAGAIN, "RETRY" },
	{ 1, -EINVAL, "ARGUMENT_INVALID" },
	{ 2, -EINVAL, "ARGUMENT_SIZE" },
	{ 3, -EINVAL, "ARGUMENT_ALIGNMENT" },
	{ 10, -ENOMEM, "NOMEM" },
	{ 11, -ENODEV, "NORESOURCES" },
	{ 20, -EOVERFLOW, "ADDR_OVERFLOW" },
	{ 21, -EOVERFLOW, "ADDR_UNDERFLOW" },
	{ 22, -EINVAL, "ADDR_INVALID" },
	{ 30, -EPERM, "DENIED" },
	{ 31, -EBUSY, "BUSY" },
	{ 32, -ENODATA, "IDLE" },
	{ 33, -EINVAL, "OBJECT_STATE" },
	{ 34, -EINVAL, "OBJECT_CONFIG" },
	{ 35, -EINVAL, "OBJECT_CONFIGURED" },
	{ 36, -EIO, "FAILURE" },
	{ 40, -EBUSY, "VIRQ_BOUND" },
	{ 41, -EIO, "VIRQ_NOT_BOUND" },
	{ 50, -EACCES, "CSPACE_CAP_NULL" },
	{ 51, -EACCES, "CSPACE_CAP_REVOKED" },
	{ 52, -EACCES, "CSPACE_WRONG_OBJECT_TYPE" },
	{ 53, -EACCES, "CSPACE_INSUFFICIENT_RIGHTS" },
	{ 54, -EACCES, "CSPACE_FULL" },
	{ 60, -ENODATA, "MSGQUEUE_EMPTY" },
	{ 61, -EBUSY, "MSGQUEUE_FULL" },
	{ 111, -EIO, "MEMDB_NOT_OWNER" },
	{ 120, -EIO, "MEMEXTENT_MAPPINGS_FULL" },
	{ 121, -EIO, "MEMEXTENT_TYPE" },
	{ 200, -EIO, "EXISTING_MAPPING" },
	{ 4, -EIO, "unknown" },
	{ -3, -EIO, "unknown" },
	{ 90, -EIO, "unknown" },
	{ 0x7fffffff, -EIO, "unknown" },
	{ -0x7fffffffL - 1, -EIO, "unknown" },
};

static void error_case_desc(const struct error_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%ld %s", c->code, c->name);
}

KUNIT_ARRAY_PARAM(error, error_cases, error_case_desc);

/* From the register to errno and name. */
static void error_test_table(struct kunit *test)
{
	const struct error_case *c = test->param_value;
	enum gunyah_error gh_err;

	rec.res[0] = c->code;
	gh_err = gunyah_hypercall_doorbell_reset(0);
	KUNIT_EXPECT_EQ(test, (long)gh_err, c->code);
	KUNIT_EXPECT_EQ(test, gunyah_error_to_errno(gh_err), c->err);
	KUNIT_EXPECT_STREQ(test, gunyah_error_name(gh_err), c->name);
}

/* The error is 32 bits wide: the upper half of X0 says nothing. */
static void error_test_upper_half(struct kunit *test)
{
	rec.res[0] = 0x00000000ffffffffUL;
	KUNIT_EXPECT_EQ(test, (long)gunyah_hypercall_doorbell_reset(0),
			(long)GUNYAH_ERROR_UNIMPLEMENTED);
	rec.res[0] = 0x123456780000003cUL;
	KUNIT_EXPECT_EQ(test, (long)gunyah_hypercall_doorbell_reset(0),
			(long)GUNYAH_ERROR_MSGQUEUE_EMPTY);
}

/* A hypervisor for detection: answers two calls. */
static struct {
	u32 uuid[4];
	unsigned long upper;
	u64 api_info;
	unsigned int identified;
} hyp;

static void detect_conduit(const struct arm_smccc_1_2_regs *args,
			   struct arm_smccc_1_2_regs *res)
{
	struct arm_smccc_1_2_regs answer = { .a0 = ~0UL };

	if (args->a0 == 0x8600ff01UL) {
		answer.a0 = hyp.uuid[0] | hyp.upper;
		answer.a1 = hyp.uuid[1] | hyp.upper;
		answer.a2 = hyp.uuid[2] | hyp.upper;
		answer.a3 = hyp.uuid[3] | hyp.upper;
	} else if (args->a0 == ID(0)) {
		hyp.identified++;
		answer.a0 = hyp.api_info;
		answer.a1 = 0x10000eff;
		answer.a2 = A2;
		answer.a3 = A3;
	}
	*res = answer;
}

static void detect_set(void)
{
	static const u8 uuid[16] = {
		0xc1, 0xd5, 0x8f, 0xcd, 0xa4, 0x53, 0x5f, 0xdb,
		0x92, 0x65, 0xce, 0x36, 0x67, 0x3d, 0x5f, 0x14,
	};

	memset(&hyp, 0, sizeof(hyp));
	for (unsigned int n = 0; n < sizeof(uuid); n++)
		hyp.uuid[n / 4] |= (u32)uuid[n] << 8 * (n % 4);
	hyp.api_info = 0x5100000000008001ULL;
	gunyah_conduit_set(detect_conduit);
}

static void detect_test_real(struct kunit *test)
{
	struct gunyah_hyp_info info;

	detect_set();
	KUNIT_ASSERT_EQ(test, gunyah_hypervisor_detect(&info), 0);
	KUNIT_EXPECT_EQ(test, info.api_info, 0x5100000000008001ULL);
	KUNIT_EXPECT_EQ(test, info.flags[0], 0x10000eff);
	KUNIT_EXPECT_EQ(test, info.flags[1], A2);
	KUNIT_EXPECT_EQ(test, info.flags[2], A3);
	KUNIT_EXPECT_EQ(test, gunyah_hyp_api_version(&info), 1);
	KUNIT_EXPECT_EQ(test, gunyah_hyp_variant(&info), 0x51);
	KUNIT_EXPECT_TRUE(test, gunyah_hyp_has(&info, GUNYAH_FEATURE_MSGQUEUE |
					       GUNYAH_FEATURE_VCPU_RUN));
	KUNIT_EXPECT_FALSE(test, gunyah_hyp_has(&info, GUNYAH_FEATURE_MSGQUEUE |
						GUNYAH_FEATURE_WATCHDOG));

	/* Any variant will do, and anything above 32 bits of the UUID. */
	hyp.api_info = 0x4800000000008001ULL;
	hyp.upper = 0xffffffff00000000UL;
	KUNIT_EXPECT_EQ(test, gunyah_hypervisor_detect(&info), 0);
	KUNIT_EXPECT_EQ(test, gunyah_hyp_variant(&info), 0x48);
}

static void detect_test_other(struct kunit *test)
{
	struct gunyah_hyp_info info = { .api_info = A1 };

	/* One bit of any word makes it somebody else, who is left alone. */
	for (unsigned int n = 0; n < 4; n++) {
		detect_set();
		hyp.uuid[n] ^= BIT(31);
		KUNIT_EXPECT_EQ(test, gunyah_hypervisor_detect(&info), -ENODEV);
		KUNIT_EXPECT_EQ(test, hyp.identified, 0);
	}

	/* KVM, and a hypervisor that does not know the call. */
	detect_set();
	hyp.uuid[0] = 0xb66fb428;
	KUNIT_EXPECT_EQ(test, gunyah_hypervisor_detect(&info), -ENODEV);
	memset(hyp.uuid, 0xff, sizeof(hyp.uuid));
	KUNIT_EXPECT_EQ(test, gunyah_hypervisor_detect(&info), -ENODEV);
	KUNIT_EXPECT_EQ(test, info.api_info, A1);
}

static void detect_test_version(struct kunit *test)
{
	static const u64 bad[] = { 0x8000, 0x8002, 0xa001, 0x8003, ~0ULL };
	struct gunyah_hyp_info info = { .api_info = A1 };

	detect_set();
	for (unsigned int n = 0; n < ARRAY_SIZE(bad); n++) {
		hyp.api_info = bad[n];
		KUNIT_EXPECT_EQ(test, gunyah_hypervisor_detect(&info), -EPROTO);
	}
	KUNIT_EXPECT_EQ(test, info.api_info, A1);
}

struct conduit_call {
	struct work_struct work;
	struct irq_work irq_work;
	u64 old_flags;
};

static void conduit_work(struct work_struct *work)
{
	struct conduit_call *c = container_of(work, struct conduit_call, work);

	gunyah_hypercall_doorbell_send(A1, A2, &c->old_flags);
}

static void conduit_irq_work(struct irq_work *work)
{
	struct conduit_call *c = container_of(work, struct conduit_call,
					      irq_work);

	gunyah_hypercall_doorbell_send(A1, A3, &c->old_flags);
}

/* Unlike a static stub, the conduit is in place in every context. */
static void conduit_test_context(struct kunit *test)
{
	struct conduit_call c = {};

	rec.res[1] = A5;
	INIT_WORK_ONSTACK(&c.work, conduit_work);
	schedule_work(&c.work);
	flush_work(&c.work);
	destroy_work_on_stack(&c.work);
	KUNIT_EXPECT_EQ(test, c.old_flags, A5);
	KUNIT_EXPECT_EQ(test, rec.args[2], A2);

	rec.res[1] = A6;
	c.irq_work = IRQ_WORK_INIT_HARD(conduit_irq_work);
	irq_work_queue(&c.irq_work);
	irq_work_sync(&c.irq_work);
	KUNIT_EXPECT_EQ(test, c.old_flags, A6);
	KUNIT_EXPECT_EQ(test, rec.args[2], A3);
}

static void conduit_test_raw(struct kunit *test)
{
	struct arm_smccc_1_2_regs args = { .a0 = ID(0x3fff), .a17 = A1 };
	struct arm_smccc_1_2_regs res = {};

	rec.res[17] = A2;
	gunyah_conduit_call(&args, &res);
	KUNIT_EXPECT_EQ(test, rec.args[0], 0xc600bfffUL);
	KUNIT_EXPECT_EQ(test, rec.args[17], A1);
	KUNIT_EXPECT_EQ(test, res.a17, A2);

	KUNIT_EXPECT_PTR_EQ(test, gunyah_conduit_set(detect_conduit), &record);
	KUNIT_EXPECT_PTR_EQ(test, gunyah_conduit_set(record), &detect_conduit);
}

static int hypercall_test_init(struct kunit *test)
{
	struct device_node *np;

	/* A driver may be talking to the hypervisor: leave it its conduit. */
	np = of_find_compatible_node(NULL, NULL, "gunyah-resource-manager");
	of_node_put(np);
	if (np)
		kunit_skip(test, "a real hypervisor is in use");

	memset(&rec, 0, sizeof(rec));
	memset(&out, 0, sizeof(out));
	gunyah_conduit_set(record);
	return 0;
}

static void hypercall_test_exit(struct kunit *test)
{
	gunyah_conduit_set(NULL);
}

static struct kunit_case hypercall_test_cases[] = {
	KUNIT_CASE_PARAM(call_test_arguments, call_gen_params),
	KUNIT_CASE_PARAM(call_test_results, call_gen_params),
	KUNIT_CASE_PARAM(call_test_error, call_gen_params),
	KUNIT_CASE_PARAM(error_test_table, error_gen_params),
	KUNIT_CASE(error_test_upper_half),
	KUNIT_CASE(detect_test_real),
	KUNIT_CASE(detect_test_other),
	KUNIT_CASE(detect_test_version),
	KUNIT_CASE(conduit_test_context),
	KUNIT_CASE(conduit_test_raw),
	{}
};

static struct kunit_suite hypercall_test_suite = {
	.name = "gunyah_hypercall",
	.init = hypercall_test_init,
	.exit = hypercall_test_exit,
	.test_cases = hypercall_test_cases,
};

kunit_test_suite(hypercall_test_suite);

MODULE_DESCRIPTION("KUnit tests for Gunyah hypercalls");
MODULE_LICENSE("GPL");
MODULE_INFO(import_ns, "EXPORTED_FOR_KUNIT_TESTING");
