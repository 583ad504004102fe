// SPDX-License-Identifier: GPL-2.0-only
/* The call interface of the model: both encodings, order of errors, log. */
#include "host.h"
#include "tap.h"

static const u32 uid[] = { 0xcd8fd5c1, 0xdb5f53a4, 0x36ce6592, 0x145f3d67 };

static void services(void)
{
	u64 x[GM_NR_SMCCC_REGS] = { GM_SMCCC_UID };
	struct host h;
	int i;

	EQ(host_init(&h, NULL), 0);
	OK(gm_hypercall(h.m, GM_VMID_PRIMARY, x));
	for (i = 0; i < 4; i++)
		EQ(x[i], uid[i]);
	x[0] = GM_SMCCC_REVISION;
	OK(gm_hypercall(h.m, GM_VMID_PRIMARY, x));
	EQ(x[0], 0x5100000000008001ull);
	x[0] = 0x8600ff00;
	OK(gm_hypercall(h.m, GM_VMID_PRIMARY, x));
	EQ(x[0], HC_ALL_ONES);
	/* PSCI_VERSION is somebody else's. */
	x[0] = 0x84000000;
	OK(!gm_hypercall(h.m, GM_VMID_PRIMARY, x));
	EQ(x[0], 0x84000000);
	host_exit(&h);
}

static void identify(void)
{
	struct host h;
	int native;

	EQ(host_init(&h, NULL), 0);
	for (native = 0; native < 2; native++) {
		if (native)
			host_native(&h, HC_IDENTIFY, 0, 0, 0, 0, 0);
		else
			host_call(&h, HC_IDENTIFY, 0, 0, 0, 0, 0);
		EQ(h.x[0], 0x5100000000008001ull);
		EQ(h.x[1], 0x10000eff);
		EQ(h.x[2], 0);
		EQ(h.x[3], 0);
	}
	host_exit(&h);
}

/* Ids that are no hypercall: 32 bit, yielding, another class, unknown number. */
static void unknown(void)
{
	static const u64 ids[] = {
		0x86008000, 0x46008000, 0xc6004000, 0xc6000000, 0xc6028000, 0xc600bfff,
		0xc6008000 | 0x16, 0xc6008000 | 0x1e, 0xc6008000 | 0x200,
	};
	struct host h;
	size_t i;

	EQ(host_init(&h, NULL), 0);
	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		u64 x[GM_NR_SMCCC_REGS] = { ids[i] };

		OK(gm_hypercall(h.m, GM_VMID_PRIMARY, x));
		EQ(x[0], HC_ALL_ONES);
	}
	EQ(host_native(&h, 0x16, 0, 0, 0, 0, 0), HE_UNIMPLEMENTED);
	EQ(host_native(&h, 0x3fff, 0, 0, 0, 0, 0), HE_UNIMPLEMENTED);
	/* The upper half of X0 is not looked at. */
	h.x[0] = 0xffffffffc6008000ull;
	OK(gm_hypercall(h.m, GM_VMID_PRIMARY, h.x));
	EQ(h.x[0], 0x5100000000008001ull);
	host_exit(&h);
}

/* Reserved arguments are looked at by the native form only. */
static void reserved(void)
{
	struct host h;

	EQ(host_init(&h, "debug"), 0);
	EQ(host_native(&h, HC_MSGQ_SEND, h.info.tx_cap, 1, HOST_BASE, 0, 1), HE_ARGUMENT_INVALID);
	EQ(host_call(&h, HC_MSGQ_SEND, h.info.tx_cap, 1, HOST_BASE, 0, 1), HE_OK);
	EQ(host_native(&h, HC_MSGQ_CONF_RECV, h.info.rx_cap, 1, 0xffffffff, 0, 0),
	   HE_ARGUMENT_INVALID);
	EQ(host_native(&h, HC_MSGQ_CONF_RECV, h.info.rx_cap, 1, 0xffffffff, HC_ALL_ONES, 0),
	   HE_OK);
	EQ(host_call(&h, HC_MSGQ_CONF_RECV, h.info.rx_cap, 1, 0xffffffff, 0, 0), HE_OK);
	host_exit(&h);
}

/* Each test hides the ones behind it. */
static void error_order(void)
{
	u64 tx, rx;
	struct host h;

	EQ(host_init(&h, "debug"), 0);
	tx = h.info.tx_cap;
	rx = h.info.rx_cap;

	EQ(host_call(&h, HC_MSGQ_SEND, tx ^ 1ull << 63, 0, 0, 0, 0), HE_ARGUMENT_INVALID);
	EQ(host_call(&h, HC_MSGQ_SEND, HC_ALL_ONES, 0, 0, 0, 0), HE_ARGUMENT_INVALID);
	EQ(host_call(&h, HC_DOORBELL_SEND, tx, 0, 0, 0, 0), HE_CAP_TYPE);
	EQ(host_call(&h, HC_MSGQ_SEND, rx, 0, 0, 0, 0), HE_CAP_RIGHTS);
	EQ(host_call(&h, HC_MSGQ_RECV, tx, 0, 0, 0, 0), HE_CAP_RIGHTS);
	EQ(host_debug(&h, GM_DBG_CAP, tx, GM_DBG_CAP_INACTIVE, 0, 0), 0);
	EQ(host_call(&h, HC_MSGQ_SEND, tx, 0, 0, 0, 0), HE_OBJECT_STATE);
	EQ(host_debug(&h, GM_DBG_CAP, tx, GM_DBG_CAP_RIGHTS, 0, 0), 0);
	EQ(host_call(&h, HC_MSGQ_SEND, tx, 0, 0, 0, 0), HE_CAP_RIGHTS);
	EQ(host_call(&h, HC_DOORBELL_SEND, tx, 0, 0, 0, 0), HE_CAP_TYPE);
	EQ(host_debug(&h, GM_DBG_CAP, tx, GM_DBG_CAP_REVOKE, 0, 0), 0);
	EQ(host_call(&h, HC_DOORBELL_SEND, tx, 0, 0, 0, 0), HE_CAP_REVOKED);
	EQ(host_debug(&h, GM_DBG_CAP, tx, GM_DBG_CAP_NULL, 0, 0), 0);
	EQ(host_call(&h, HC_DOORBELL_SEND, tx, 0, 0, 0, 0), HE_CAP_NULL);
	host_exit(&h);
}

static void capability_ids(void)
{
	struct host a, b;

	EQ(host_init(&a, "seed=1"), 0);
	EQ(host_init(&b, "seed=1"), 0);
	EQ(a.info.tx_cap, b.info.tx_cap);
	host_exit(&b);
	EQ(host_init(&b, "seed=2"), 0);
	OK(a.info.tx_cap != b.info.tx_cap);
	host_exit(&b);
	EQ(host_init(&b, "caps=plain"), 0);
	EQ(b.info.tx_cap, 0);
	EQ(b.info.rx_cap, 1);
	host_exit(&b);
	host_exit(&a);
}

static void debug_call(void)
{
	struct host h;

	EQ(host_init(&h, NULL), 0);
	EQ(host_call(&h, GM_DBG_NUM, GM_DBG_PRESENT, 0, 0, 0, 0), HE_UNIMPLEMENTED);
	host_exit(&h);
	EQ(host_init(&h, "debug"), 0);
	EQ(host_call(&h, GM_DBG_NUM, GM_DBG_PRESENT, 0, 0, 0, 0), HE_OK);
	EQ(h.x[1], GM_DBG_MAGIC);
	EQ(h.x[2], GM_DBG_VERSION);
	EQ(host_call(&h, GM_DBG_NUM, 0xffff, 0, 0, 0, 0), HE_UNIMPLEMENTED);
	EQ(host_debug(&h, GM_DBG_COUNTER, GM_CTR_NR, 0, 0, 0), 1);
	host_exit(&h);
}

static void failing_call(void)
{
	struct host h;
	u8 msg[240];
	u64 errors;

	EQ(host_init(&h, "debug"), 0);
	EQ(host_debug(&h, GM_DBG_FAIL_CALL, HC_MSGQ_RECV, (u64)-2, 2, 1), 0);
	EQ(host_recv(&h, h.info.rx_cap, msg, sizeof(msg)), HE_EMPTY);
	EQ(host_recv(&h, h.info.rx_cap, msg, sizeof(msg)), -2);
	EQ(host_recv(&h, h.info.rx_cap, msg, sizeof(msg)), -2);
	EQ(host_recv(&h, h.info.rx_cap, msg, sizeof(msg)), HE_EMPTY);
	EQ(gm_call_count(h.m, HC_MSGQ_RECV, &errors), 4);
	EQ(errors, 4);
	host_exit(&h);
}

static void log_ring(void)
{
	struct gm_log_entry e;
	struct host h;
	int i;

	EQ(host_init(&h, NULL), 0);
	h.now = 4711;
	host_send(&h, h.info.tx_cap, "0123456789", 10, 1);
	OK(gm_log_read(h.m, 0, &e));
	EQ(e.call, HC_MSGQ_SEND);
	EQ(e.vmid, GM_VMID_PRIMARY);
	EQ(e.time_ns, 4711);
	EQ(e.native, 0);
	EQ(e.nr_args, 5);
	EQ(e.args[0], h.info.tx_cap);
	EQ(e.args[1], 10);
	EQ(e.results[0], 0);
	OK(!gm_log_read(h.m, 1, &e));
	for (i = 0; i < 5000; i++)
		host_native(&h, HC_IDENTIFY, 0, 0, 0, 0, 0);
	OK(!gm_log_read(h.m, 0, &e));
	OK(gm_log_read(h.m, 5000, &e));
	EQ(e.native, 1);
	host_exit(&h);
}

static void options(void)
{
	static const char * const wrong[] = {
		"debugx", "seed=", "seed=x", "peer=none", "peer=echo:256", "peer=echo:8:1024",
		"misbehave=delay", "misbehave=delay:single:x", "heap=99999999999",
	};
	struct host h;
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		OK(host_init(&h, wrong[i]) != 0);
		OK(*gm_option_error(h.m));
		host_exit(&h);
	}
	EQ(host_init(&h, "debug,seed=0x12,peer=echo,peer=stuck:1:1,misbehave=delay:single:1"), 0);
	host_exit(&h);
}

const struct tap_test call_tests[] = {
	{ "UUID, revision, calls of others", services },
	{ "identify by both encodings", identify },
	{ "what is no hypercall", unknown },
	{ "reserved arguments", reserved },
	{ "order of capability errors", error_order },
	{ "capability ids", capability_ids },
	{ "the debug call is there only if asked for", debug_call },
	{ "a hypercall made to fail", failing_call },
	{ "log ring", log_ring },
	{ "options", options },
	{}
};
