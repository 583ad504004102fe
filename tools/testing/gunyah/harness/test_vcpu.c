// SPDX-License-Identifier: GPL-2.0-only
/*
 * vCPUs as their owner sees them: results, states, wake-ups, and how a VM ends
 * under a vCPU that runs. What happens "meanwhile" is done from inside the run.
 */
#include "rmwire.h"
#include "tap.h"

#define VM		0x80
#define IMAGE		0x200000ull
#define DT		0x100000ull

#define HC_VCPU_RUN	0x65
#define HC_VCPU_KILL	0x3a
#define HC_RUN_CHECK	0x68

#define VM_STATUS	0x56100008
#define VM_EXITED	0x56100001

static struct rm_reply reply;
static struct wire w;

/* What the one vCPU that runs does. */
static struct {
	struct gm_vcpu_exit exit;
	void (*meanwhile)(struct host *h);
	u64 resume[3];
	unsigned int runs, kicks, vcpu;
	u64 entry, x0;
	bool started;
} cpu;

static u64 caps[2];
static u32 virqs[2];

static void vcpu_run(void *host, unsigned int vmid, unsigned int vcpu, const u64 resume[3],
		     struct gm_vcpu_exit *exit)
{
	EQ(vmid, VM);
	cpu.vcpu = vcpu;
	cpu.runs++;
	memcpy(cpu.resume, resume, sizeof(cpu.resume));
	if (cpu.meanwhile)
		cpu.meanwhile(host);
	*exit = cpu.exit;
}

static void vcpu_kick(void *host, unsigned int vmid, unsigned int vcpu)
{
	(void)host;
	(void)vcpu;
	EQ(vmid, VM);
	cpu.kicks++;
}

static void vcpu_start(void *host, unsigned int vmid, unsigned int vcpu, u64 entry, u64 x0)
{
	(void)host;
	EQ(vmid, VM);
	EQ(vcpu, 0);
	cpu.started = true;
	cpu.entry = entry;
	cpu.x0 = x0;
}

static u64 by_vmid(struct host *h, u32 id)
{
	return rm_call(h, &reply, id, "\x80\0\0\0", 4);
}

static u64 stop(struct host *h)
{
	return rm_call(h, &reply, RM_STOP, "\x80\0\1\0\3\0\0", 8);
}

static u8 state_of(struct host *h)
{
	return gm_vm_find(h->m, VM)->state;
}

/* A VM of two vCPUs that has got as far as VM_INIT. */
static void ready(struct host *h)
{
	static struct gm_host_ops ops;
	unsigned int i;

	memset(&cpu, 0, sizeof(cpu));
	EQ(wire_host(h, "debug,vm-vcpus=2"), 0);
	ops = *h->m->ops;
	ops.vcpu_run = vcpu_run;
	ops.vcpu_kick = vcpu_kick;
	ops.vcpu_start = vcpu_start;
	h->m->ops = &ops;
	EQ(wire_allocate(h), VM);
	wire_lend(&w, VM, RAM, IMAGE, 1, 0);
	EQ(wire_call(h, &reply, RM_LEND, &w), RM_OK);
	memset(&w, 0, sizeof(w));
	wire_put32(&w, VM);
	wire_put32(&w, 0);
	wire_put64(&w, 0);
	wire_put64(&w, DT);
	wire_put64(&w, DT);
	wire_put64(&w, 0x10000);
	EQ(wire_call(h, &reply, RM_CONFIG, &w), RM_OK);
	EQ(by_vmid(h, RM_INIT), RM_OK);
	EQ(by_vmid(h, RM_GET_RESOURCES), RM_OK);
	EQ(rm_word(&reply, 1), 2);
	for (i = 0; i < 2; i++) {
		caps[i] = gm_get64(reply.data + 8 + 44 * i + 12);
		virqs[i] = gm_get32(reply.data + 8 + 44 * i + 24);
	}
}

static void running(struct host *h)
{
	ready(h);
	EQ(by_vmid(h, RM_START), RM_OK);
	host_virqs(h, virqs[0]);
	host_virqs(h, virqs[1]);
}

static s64 run(struct host *h, unsigned int vcpu, u64 r0, u64 r1, u64 r2)
{
	return host_call(h, HC_VCPU_RUN, caps[vcpu], r0, r1, r2, 0);
}

static void expect(struct host *h, u64 state, u64 a, u64 b, u64 c)
{
	EQ(h->x[1], state);
	EQ(h->x[2], a);
	EQ(h->x[3], b);
	EQ(h->x[4], c);
}

static void results(void)
{
	struct host h;

	running(&h);
	cpu.exit = (struct gm_vcpu_exit){ GM_VCPU_VMMIO_READ, { 0x9000000, 4 } };
	EQ(run(&h, 1, 1, 2, 3), HE_OK);
	expect(&h, 4, 0x9000000, 4, 0);
	EQ(cpu.vcpu, 1);
	/* Nothing was read before. */
	EQ(cpu.resume[0], 0);
	cpu.exit = (struct gm_vcpu_exit){ GM_VCPU_VMMIO_WRITE, { 0x9000008, 8, ~0ull } };
	EQ(run(&h, 1, 0x1234, 2, 3), HE_OK);
	expect(&h, 5, 0x9000008, 8, ~0ull);
	EQ(cpu.resume[0], 0x1234);
	EQ(cpu.resume[1], 0);
	EQ(run(&h, 1, 5, 0, 0), HE_OK);
	EQ(cpu.resume[0], 0);
	cpu.exit = (struct gm_vcpu_exit){ GM_VCPU_PSCI_RESET, { GM_RESET_64BIT | 7, 9 } };
	EQ(host_native(&h, HC_VCPU_RUN, caps[0], 0, 0, 0, 0), HE_OK);
	expect(&h, 0x100, GM_RESET_64BIT | 7, 9, 0);
	EQ(cpu.vcpu, 0);
	/* The owner has neither of the rights to these. */
	EQ(host_call(&h, HC_RUN_CHECK, caps[0], 0, 0, 0, 0), HE_CAP_RIGHTS);
	EQ(host_call(&h, HC_VCPU_KILL, caps[0], 0, 0, 0, 0), HE_CAP_RIGHTS);
	EQ(cpu.runs, 4);
	host_exit(&h);
}

/* With the rights that RM keeps for itself. */
static void checks(void)
{
	struct gm_cap *cap;
	struct host h;

	running(&h);
	cap = gm_cap_slot(gm_vm_find(h.m, 3), caps[0]);
	cap->rights = ~0u;
	EQ(host_call(&h, HC_RUN_CHECK, caps[0], 0, 0, 0, 0), 31);
	cpu.exit = (struct gm_vcpu_exit){ GM_VCPU_VMMIO_READ, { 0x1000, 8 } };
	EQ(run(&h, 0, 0, 0, 0), HE_OK);
	EQ(host_call(&h, HC_RUN_CHECK, caps[0], 0, 0, 0, 0), HE_OK);
	expect(&h, 4, 0x1000, 8, 0);
	EQ(host_call(&h, HC_VCPU_KILL, caps[0], 0, 0, 0, 0), HE_OK);
	EQ(host_call(&h, HC_RUN_CHECK, caps[0], 0, 0, 0, 0), 31);
	EQ(run(&h, 0, 0, 0, 0), HE_OK);
	expect(&h, 2, 1, 0, 0);
	EQ(host_call(&h, HC_RUN_CHECK, caps[0], 0, 0, 0, 0), HE_OK);
	expect(&h, 2, 1, 0, 0);
	EQ(host_call(&h, HC_VCPU_KILL, caps[0], 0, 0, 0, 0), HE_OK);
	EQ(cpu.runs, 1);
	host_exit(&h);

	ready(&h);
	cap = gm_cap_slot(gm_vm_find(h.m, 3), caps[0]);
	cap->rights = ~0u;
	EQ(host_call(&h, HC_VCPU_KILL, caps[0], 0, 0, 0, 0), HE_OBJECT_STATE);
	host_exit(&h);
}

static void states(void)
{
	struct host h;

	ready(&h);
	EQ(run(&h, 0, 0, 0, 0), HE_OK);
	expect(&h, 2, 0, 0, 0);
	EQ(cpu.started, false);
	EQ(by_vmid(&h, RM_START), RM_OK);
	EQ(cpu.started, true);
	EQ(cpu.entry, 0x28800000);
	EQ(cpu.x0, 0x28800000 + DT);
	EQ(host_virqs(&h, virqs[0]), 1);
	EQ(host_virqs(&h, virqs[1]), 0);
	EQ(cpu.runs, 0);
	EQ(stop(&h), RM_OK);
	EQ(state_of(&h), 9);
	/* Killed: woken, and gone for ever. */
	EQ(host_virqs(&h, virqs[0]), 1);
	EQ(host_virqs(&h, virqs[1]), 1);
	EQ(run(&h, 1, 0, 0, 0), HE_OK);
	expect(&h, 2, 1, 0, 0);
	EQ(cpu.runs, 0);
	EQ(by_vmid(&h, RM_RESET), RM_OK);
	rm_drain(&h, &reply);
	EQ(run(&h, 1, 0, 0, 0), HE_CAP_REVOKED);
	host_exit(&h);
}

static void run_again(struct host *h)
{
	u64 x[GM_NR_SMCCC_REGS] = { GM_SMCCC_HYPERCALL | HC_VCPU_RUN, caps[0] };

	gm_hypercall(h->m, 3, x);
	EQ(x[0], 31);
	x[0] = GM_SMCCC_HYPERCALL | HC_VCPU_RUN;
	x[1] = caps[1];
	cpu.meanwhile = NULL;
	gm_hypercall(h->m, 3, x);
	EQ(x[0], HE_OK);
}

static void wake_both(struct host *h)
{
	gm_vcpu_wake(h->m, VM, 0);
	gm_vcpu_wake(h->m, VM, 1);
	gm_vcpu_wake(h->m, VM, 2);
	gm_vcpu_wake(h->m, 0x99, 0);
	EQ(host_virqs(h, virqs[0]), 0);
	EQ(host_virqs(h, virqs[1]), 1);
}

/* A wake-up before anybody waits is not lost, and not told without need. */
static void wakeups(void)
{
	struct host h;

	running(&h);
	cpu.meanwhile = wake_both;
	cpu.exit = (struct gm_vcpu_exit){ GM_VCPU_EXPECTS_WAKEUP, { 0, GM_WAKEUP_WFI } };
	EQ(run(&h, 0, 0, 0, 0), HE_OK);
	expect(&h, 1, 0, 1, 0);
	EQ(host_virqs(&h, virqs[0]), 1);
	cpu.exit = (struct gm_vcpu_exit){ .state = GM_VCPU_READY };
	EQ(run(&h, 0, 0, 0, 0), HE_OK);
	expect(&h, 0, 0, 0, 0);
	EQ(host_virqs(&h, virqs[0]), 0);
	cpu.meanwhile = NULL;
	cpu.exit.state = GM_VCPU_POWERED_OFF;
	EQ(run(&h, 0, 0, 0, 0), HE_OK);
	EQ(host_virqs(&h, virqs[0]), 0);
	gm_vcpu_wake(h.m, VM, 0);
	EQ(host_virqs(&h, virqs[0]), 1);
	/* One run at a time, but of each vCPU. */
	cpu.meanwhile = run_again;
	EQ(run(&h, 0, 0, 0, 0), HE_OK);
	EQ(cpu.runs, 5);
	host_exit(&h);
}

static void ask_to_stop(struct host *h)
{
	memset(&reply, 0, sizeof(reply));
	rm_send(h, &reply, GUNYAH_RM_REQUEST, RM_STOP, ++h->seq, "\x80\0\1\0\3\0\0", 8);
	rm_send(h, &reply, GUNYAH_RM_REQUEST, 0x56000024, ++h->seq, "", 0);
	rm_drain(h, &reply);
	/* RM waits, and answers nobody. */
	EQ(cpu.kicks, 1);
	EQ(reply.replies, 0);
	EQ(reply.notes, 0);
	EQ(state_of(h), 3);
	cpu.meanwhile = NULL;
	EQ(run(h, 1, 0, 0, 0), 31);
}

/* VM_STOP while a vCPU runs: it is kicked, and the answer waits for it. */
static void stopped_under_it(void)
{
	static const u64 states[][2] = {
		{ GM_VCPU_READY, GM_VCPU_BLOCKED }, { GM_VCPU_VMMIO_WRITE, GM_VCPU_VMMIO_WRITE },
	};
	struct host h;
	size_t i;

	for (i = 0; i < GM_ARRAY_SIZE(states); i++) {
		running(&h);
		cpu.exit.state = states[i][0];
		cpu.meanwhile = ask_to_stop;
		h.kicks = 0;
		EQ(run(&h, 0, 0, 0, 0), HE_OK);
		EQ(h.x[1], states[i][1]);
		EQ(h.kicks > 0, true);
		EQ(state_of(&h), 3);
		rm_drain(&h, &reply);
		EQ(state_of(&h), 9);
		EQ(reply.replies, 2);
		EQ(reply.notes, 2);
		EQ(reply.note_id, VM_EXITED);
		EQ(gm_get16(reply.note + 2), 7);
		EQ(run(&h, 0, 0, 0, 0), HE_OK);
		expect(&h, 2, 1, 0, 0);
		EQ(cpu.runs, 1);
		host_exit(&h);
	}
}

static void turn_off(struct host *h)
{
	gm_vm_exit(h->m, VM, GM_EXIT_OFF, 0, 0);
	/* The first counts. */
	gm_vm_exit(h->m, VM, GM_EXIT_RESET, 0, 0);
	cpu.meanwhile = NULL;
	rm_drain(h, &reply);
	EQ(state_of(h), 3);
}

static void exit_off(void)
{
	struct host h;

	running(&h);
	cpu.exit.state = GM_VCPU_POWERED_OFF;
	cpu.meanwhile = turn_off;
	memset(&reply, 0, sizeof(reply));
	EQ(run(&h, 0, 0, 0, 0), HE_OK);
	expect(&h, 2, 0, 0, 0);
	/* RM has not noticed yet, or it holds the vCPUs. */
	EQ(state_of(&h), 3);
	EQ(run(&h, 0, 0, 0, 0), 31);
	rm_drain(&h, &reply);
	EQ(state_of(&h), 9);
	EQ(reply.notes, 2);
	EQ(reply.note_id, VM_EXITED);
	EQ(reply.note_size, 12);
	EQ(gm_get16(reply.note + 2), 1);
	EQ(host_virqs(&h, virqs[0]), 1);
	EQ(run(&h, 0, 0, 0, 0), HE_OK);
	expect(&h, 2, 1, 0, 0);
	EQ(stop(&h), RM_VM_STATE);
	gm_vm_exit(h.m, VM, GM_EXIT_OFF, 0, 0);
	rm_drain(&h, &reply);
	EQ(state_of(&h), 9);
	host_exit(&h);
}

/* Before RM has noticed, a stop is still in time. */
static void exit_raced(void)
{
	struct host h;

	running(&h);
	gm_vm_exit(h.m, VM, GM_EXIT_OFF, 0, 0);
	EQ(state_of(&h), 3);
	EQ(stop(&h), RM_OK);
	EQ(reply.notes, 2);
	EQ(gm_get16(reply.note + 2), 7);
	host_exit(&h);
}

static void exit_reset2(void)
{
	struct host h;

	running(&h);
	gm_vm_exit(h.m, 3, GM_EXIT_OFF, 0, 0);
	gm_vm_exit(h.m, VM, GM_EXIT_RESET2, GM_RESET_64BIT | 0x80000001, 0x1122334455667788ull);
	memset(&reply, 0, sizeof(reply));
	rm_drain(&h, &reply);
	EQ(reply.note_id, VM_EXITED);
	EQ(reply.note_size, 24);
	EQ(gm_get16(reply.note + 2), 3);
	EQ(gm_get32(reply.note + 4), 16);
	EQ(gm_get16(reply.note + 8), 0x8000);
	EQ(gm_get16(reply.note + 10), 0);
	EQ(gm_get32(reply.note + 12), 0x80000001);
	EQ(gm_get32(reply.note + 16), 0x55667788);
	EQ(gm_get32(reply.note + 20), 0x11223344);
	host_exit(&h);
}

/* One vCPU calls PSCI, the other one is not run or, the second time, runs. */
static void leave_alone(struct host *h)
{
	cpu.meanwhile = NULL;
	gm_vm_exit(h->m, VM, GM_EXIT_OFF, 0, 0);
}

static void exit_unheard(void)
{
	struct host h;
	u32 i;

	for (i = 0; i < 2; i++) {
		running(&h);
		EQ(gm_options_parse(h.m, "deaf", false, false), 0);
		cpu.meanwhile = leave_alone;
		cpu.exit.state = i ? GM_VCPU_READY : GM_VCPU_POWERED_OFF;
		EQ(run(&h, i, 0, 0, 0), HE_OK);
		expect(&h, i ? GM_VCPU_BLOCKED : GM_VCPU_POWERED_OFF, 0, 0, 0);
		EQ(run(&h, 1, 0, 0, 0), HE_OK);
		expect(&h, GM_VCPU_POWERED_OFF, 1, 0, 0);
		EQ(cpu.runs, 1);
		rm_drain(&h, &reply);
		EQ(state_of(&h), 3);
		EQ(stop(&h), RM_OK);
		EQ(state_of(&h), 9);
		EQ(gm_get16(reply.note + 2), 7);
		host_exit(&h);
	}
}

const struct tap_test vcpu_tests[] = {
	{ "results and resume words", results },
	{ "run_check and kill", checks },
	{ "before, in and after the life of the VM", states },
	{ "wake-ups", wakeups },
	{ "stopped under a vCPU that runs", stopped_under_it },
	{ "the VM turns itself off", exit_off },
	{ "... and is stopped before RM notices", exit_raced },
	{ "the VM resets itself, with a reason", exit_reset2 },
	{ "the VM turns itself off, and RM does not hear", exit_unheard },
	{}
};
