// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hypercall table and its two entries.
 *
 * A row says which arguments are capabilities and which are reserved; lookups
 * and reserved checks are done from it, so that a call whose object the caller
 * cannot have (fn is NULL) still fails as the real one does. Reserved arguments
 * are looked at only by the native entry.
 */
#include "state.h"

#define HC_API_INFO	0x5100000000008001ull	/* version 1, 64 bit, variant 'Q' */
#define HC_FLAGS0	0x10000effull		/* all but the watchdog; scheduler 1 */
#define HC_UNKNOWN	(~0ull)
#define HC_NATIVE	0x6000
#define HC_PRNG_WINDOW	33000000ull

#define HC_UID0		0xcd8fd5c1u
#define HC_UID1		0xdb5f53a4u
#define HC_UID2		0x36ce6592u
#define HC_UID3		0x145f3d67u

/* Argument masks: BIT(n) = argument n. */
#define HC_A(n)		(1u << (n))
#define HC_ACT		GM_RIGHT_ACTIVATE

#define HC_CREATE(n, what) \
	[n] = { what, 3, 2, HC_A(2), 0, 0, 0, { { GM_T_PARTITION, 1 }, { GM_T_CSPACE, 1 } }, NULL }
#define HC_BIND(n, what, t, r) \
	[n] = { what, 4, 1, HC_A(3), 0, 0, 0, { { t, r }, { GM_T_VIC, 1 } }, NULL }
#define HC_ONE(n, what, args, results, res0, t, r, handler) \
	[n] = { what, args, results, res0, 0, 0, 0, { { t, r }, { 0, 0 } }, handler }
#define HC_CONF(n, what, args, res0, t) \
	[n] = { what, args, 1, res0, 0, 1, 0, { { t, HC_ACT }, { 0, 0 } }, NULL }
#define HC_TWO(n, what, args, results, res0, t0, r0, t1, r1) \
	[n] = { what, args, results, res0, 0, 0, 0, { { t0, r0 }, { t1, r1 } }, NULL }
#define HC_FREE(n, what, args, results, res0, handler) \
	[n] = { what, args, results, res0, 0, 0, 0, { { 0, 0 }, { 0, 0 } }, handler }

/* Indexed by number; a row without a name is no call. */
static const struct gm_call hc_calls[GM_NR_CALLS] = {
	[0x00] = { "hyp_identify", 0, 4, 0, 0, 0, 1, { { 0, 0 }, { 0, 0 } }, gm_call_identify },
	HC_CREATE(0x01, "partition_create_partition"),
	HC_CREATE(0x02, "partition_create_cspace"),
	HC_CREATE(0x03, "partition_create_addrspace"),
	HC_CREATE(0x04, "partition_create_memextent"),
	HC_CREATE(0x05, "partition_create_thread"),
	HC_CREATE(0x06, "partition_create_doorbell"),
	HC_CREATE(0x07, "partition_create_msgqueue"),
	HC_CREATE(0x0a, "partition_create_vic"),
	HC_CREATE(0x0b, "partition_create_vpm_group"),
	HC_CONF(0x0c, "object_activate", 2, HC_A(1), GM_T_ANY),
	HC_ONE(0x0d, "object_activate_from", 3, 1, HC_A(2), GM_T_CSPACE, 0, NULL),
	HC_CONF(0x0e, "object_reset", 2, HC_A(1), GM_T_ANY),
	HC_ONE(0x0f, "object_reset_from", 3, 1, HC_A(2), GM_T_CSPACE, 0, NULL),

	HC_BIND(0x10, "doorbell_bind_virq", GM_T_DOORBELL, GM_RIGHT_DOORBELL_BIND),
	HC_ONE(0x11, "doorbell_unbind_virq", 2, 1, HC_A(1), GM_T_DOORBELL,
	       GM_RIGHT_DOORBELL_BIND, NULL),
	HC_ONE(0x12, "doorbell_send", 3, 2, HC_A(2), GM_T_DOORBELL,
	       GM_RIGHT_DOORBELL_SEND, gm_call_doorbell_send),
	HC_ONE(0x13, "doorbell_receive", 3, 2, HC_A(2), GM_T_DOORBELL,
	       GM_RIGHT_DOORBELL_RECEIVE, gm_call_doorbell_recv),
	HC_ONE(0x14, "doorbell_reset", 2, 1, HC_A(1), GM_T_DOORBELL,
	       GM_RIGHT_DOORBELL_RECEIVE, gm_call_doorbell_reset),
	HC_ONE(0x15, "doorbell_mask", 4, 1, HC_A(3), GM_T_DOORBELL,
	       GM_RIGHT_DOORBELL_RECEIVE, gm_call_doorbell_mask),

	HC_BIND(0x17, "msgqueue_bind_send_virq", GM_T_MSGQ, GM_RIGHT_MSGQ_BIND_SEND),
	HC_BIND(0x18, "msgqueue_bind_receive_virq", GM_T_MSGQ, GM_RIGHT_MSGQ_BIND_RECEIVE),
	HC_ONE(0x19, "msgqueue_unbind_send_virq", 2, 1, HC_A(1), GM_T_MSGQ,
	       GM_RIGHT_MSGQ_BIND_SEND, NULL),
	HC_ONE(0x1a, "msgqueue_unbind_receive_virq", 2, 1, HC_A(1), GM_T_MSGQ,
	       GM_RIGHT_MSGQ_BIND_RECEIVE, NULL),
	HC_ONE(0x1b, "msgqueue_send", 5, 2, HC_A(4), GM_T_MSGQ,
	       GM_RIGHT_MSGQ_SEND, gm_call_msgq_send),
	HC_ONE(0x1c, "msgqueue_receive", 4, 3, HC_A(3), GM_T_MSGQ,
	       GM_RIGHT_MSGQ_RECEIVE, gm_call_msgq_recv),
	HC_ONE(0x1d, "msgqueue_flush", 2, 1, HC_A(1), GM_T_MSGQ,
	       GM_RIGHT_MSGQ_RECEIVE, gm_call_msgq_flush),
	[0x1f] = { "msgqueue_configure_send", 4, 1, 0, HC_A(3), 0, 0,
		   { { GM_T_MSGQ, GM_RIGHT_MSGQ_SEND }, { 0, 0 } }, gm_call_msgq_configure_send },
	[0x20] = { "msgqueue_configure_receive", 4, 1, 0, HC_A(3), 0, 0,
		   { { GM_T_MSGQ, GM_RIGHT_MSGQ_RECEIVE }, { 0, 0 } },
		   gm_call_msgq_configure_recv },
	HC_CONF(0x21, "msgqueue_configure", 3, HC_A(2), GM_T_MSGQ),

	HC_ONE(0x22, "cspace_delete_cap_from", 3, 1, HC_A(2), GM_T_CSPACE, 2, NULL),
	HC_ONE(0x23, "cspace_copy_cap_from", 5, 2, HC_A(4), GM_T_CSPACE, 4, NULL),
	HC_ONE(0x24, "cspace_revoke_cap_from", 3, 1, HC_A(2), GM_T_CSPACE, 0x10, NULL),
	HC_CONF(0x25, "cspace_configure", 3, HC_A(2), GM_T_CSPACE),
	HC_TWO(0x26, "hwirq_bind_virq", 4, 1, HC_A(3), GM_T_HWIRQ, 2, GM_T_VIC, 1),
	HC_ONE(0x27, "hwirq_unbind_virq", 2, 1, HC_A(1), GM_T_HWIRQ, 2, NULL),
	HC_CONF(0x28, "vic_configure", 5, 0, GM_T_VIC),
	HC_ONE(0x29, "vic_attach_vcpu", 4, 1, HC_A(3), GM_T_VIC, 2, NULL),
	HC_TWO(0x2a, "addrspace_attach_thread", 3, 1, HC_A(2), GM_T_ADDRSPACE, 1,
	       GM_T_THREAD, HC_ACT),
	HC_TWO(0x2b, "addrspace_map", 7, 1, 0, GM_T_ADDRSPACE, 2, GM_T_MEMEXTENT, 1),
	HC_TWO(0x2c, "addrspace_unmap", 6, 1, 0, GM_T_ADDRSPACE, 2, GM_T_MEMEXTENT, 1),
	HC_TWO(0x2d, "addrspace_update_access", 7, 1, 0, GM_T_ADDRSPACE, 2, GM_T_MEMEXTENT, 1),
	HC_CONF(0x2e, "addrspace_configure", 3, HC_A(2), GM_T_ADDRSPACE),
	HC_ONE(0x2f, "addrspace_attach_vdma", 4, 1, HC_A(3), GM_T_ADDRSPACE, 1, NULL),
	HC_ONE(0x30, "memextent_modify", 4, 1, 0, GM_T_MEMEXTENT, 1, NULL),
	HC_CONF(0x31, "memextent_configure", 5, HC_A(4), GM_T_MEMEXTENT),
	HC_CONF(0x32, "memextent_configure_derive", 6, HC_A(5), GM_T_MEMEXTENT),

	HC_CONF(0x34, "vcpu_configure", 3, HC_A(2), GM_T_THREAD),
	HC_ONE(0x38, "vcpu_poweron", 4, 1, 0, GM_T_THREAD, GM_RIGHT_THREAD_POWER, NULL),
	HC_ONE(0x39, "vcpu_poweroff", 2, 1, 0, GM_T_THREAD, GM_RIGHT_THREAD_POWER, NULL),
	HC_ONE(0x3a, "vcpu_kill", 2, 1, HC_A(1), GM_T_THREAD, GM_RIGHT_THREAD_LIFECYCLE,
	       gm_call_vcpu_kill),
	HC_FREE(0x3b, "scheduler_yield", 3, 1, HC_A(2), gm_call_yield),
	HC_TWO(0x3c, "vpm_group_attach_vcpu", 4, 1, HC_A(3), GM_T_VPM, 1, GM_T_THREAD, HC_ACT),
	[0x3d] = { "vcpu_set_affinity", 3, 1, 0, HC_A(2), 1, 0, { { 0, 0 }, { 0, 0 } },
		   gm_call_vcpu_set_affinity },
	HC_TWO(0x3e, "cspace_attach_thread", 3, 1, HC_A(2), GM_T_CSPACE, 8, GM_T_THREAD, HC_ACT),
	HC_FREE(0x3f, "trace_update_class_flags", 3, 2, HC_A(2), gm_call_trace),
	HC_BIND(0x43, "vpm_group_bind_virq", GM_T_VPM, 2),
	HC_ONE(0x44, "vpm_group_unbind_virq", 2, 1, HC_A(1), GM_T_VPM, 2, NULL),
	HC_ONE(0x45, "vpm_group_get_state", 2, 2, HC_A(1), GM_T_VPM, 4, NULL),
	HC_ONE(0x46, "vcpu_set_priority", 3, 1, HC_A(2), GM_T_THREAD,
	       GM_RIGHT_THREAD_PRIORITY, NULL),
	HC_ONE(0x47, "vcpu_set_timeslice", 3, 1, HC_A(2), GM_T_THREAD,
	       GM_RIGHT_THREAD_TIMESLICE, NULL),

	HC_CREATE(0x48, "partition_create_virtio_mmio"),
	HC_CONF(0x49, "virtio_mmio_configure", 5, 0, GM_T_VIRTIO),
	HC_BIND(0x4a, "virtio_mmio_backend_bind_virq", GM_T_VIRTIO, 1),
	HC_ONE(0x4b, "virtio_mmio_backend_unbind_virq", 2, 1, HC_A(1), GM_T_VIRTIO, 1, NULL),
	HC_BIND(0x4c, "virtio_mmio_frontend_bind_virq", GM_T_VIRTIO, 2),
	HC_ONE(0x4d, "virtio_mmio_frontend_unbind_virq", 2, 1, HC_A(1), GM_T_VIRTIO, 2, NULL),
	HC_ONE(0x4e, "virtio_mmio_backend_assert_virq", 3, 1, HC_A(2), GM_T_VIRTIO, 4, NULL),
	HC_ONE(0x4f, "virtio_mmio_backend_set_dev_features", 4, 1, HC_A(3), GM_T_VIRTIO, 8, NULL),
	HC_ONE(0x50, "virtio_mmio_backend_set_queue_num_max", 4, 1, HC_A(3), GM_T_VIRTIO, 8, NULL),
	HC_ONE(0x51, "virtio_mmio_backend_get_drv_features", 3, 2, HC_A(2), GM_T_VIRTIO, 8, NULL),
	HC_ONE(0x52, "virtio_mmio_backend_get_queue_info", 3, 6, HC_A(2), GM_T_VIRTIO, 8, NULL),
	HC_ONE(0x53, "virtio_mmio_backend_get_notification", 2, 3, HC_A(1), GM_T_VIRTIO, 8, NULL),
	HC_ONE(0x54, "virtio_mmio_backend_acknowledge_reset", 2, 1, HC_A(1), GM_T_VIRTIO, 8, NULL),
	HC_ONE(0x55, "virtio_mmio_backend_update_status", 3, 1, HC_A(2), GM_T_VIRTIO, 8, NULL),
	HC_ONE(0x56, "vic_bind_msi_source", 3, 1, HC_A(2), GM_T_VIC, 1, NULL),
	HC_FREE(0x57, "prng_get_entropy", 2, 5, HC_A(1), gm_call_prng),
	HC_ONE(0x59, "cspace_revoke_caps_from", 3, 1, HC_A(2), GM_T_CSPACE, 0x10, NULL),
	HC_TWO(0x5a, "addrspace_lookup", 5, 4, HC_A(4), GM_T_ADDRSPACE, 4, GM_T_MEMEXTENT, 8),
	HC_CONF(0x5b, "addrspace_configure_info_area", 4, HC_A(3), GM_T_ADDRSPACE),
	HC_TWO(0x5c, "vcpu_bind_virq", 5, 1, HC_A(4), GM_T_THREAD, GM_RIGHT_THREAD_BIND_VIRQ,
	       GM_T_VIC, 1),
	HC_ONE(0x5d, "vcpu_unbind_virq", 3, 1, HC_A(2), GM_T_THREAD,
	       GM_RIGHT_THREAD_BIND_VIRQ, NULL),
	HC_ONE(0x5e, "virtio_input_configure", 6, 1, HC_A(5), GM_T_VIRTIO, 8, NULL),
	HC_ONE(0x5f, "virtio_input_set_data", 6, 1, HC_A(5), GM_T_VIRTIO, 8, NULL),
	HC_ONE(0x60, "addrspace_configure_vmmio", 5, 1, HC_A(4), GM_T_ADDRSPACE, 8, NULL),
	HC_TWO(0x61, "memextent_donate", 6, 1, HC_A(5), GM_T_NONE, 0, GM_T_MEMEXTENT, 0x10),
	HC_ONE(0x62, "addrspace_attach_vdevice", 6, 1, 0, GM_T_ADDRSPACE, 2, NULL),
	HC_ONE(0x64, "vcpu_register_write", 5, 1, HC_A(4), GM_T_THREAD,
	       GM_RIGHT_THREAD_WRITE, NULL),
	HC_ONE(0x65, "vcpu_run", 5, 5, HC_A(4), GM_T_THREAD,
	       GM_RIGHT_THREAD_AFFINITY | GM_RIGHT_THREAD_YIELD_TO, gm_call_vcpu_run),
	HC_CONF(0x66, "vpm_group_configure", 3, HC_A(2), GM_T_VPM),
	HC_CONF(0x67, "vgic_set_mpidr_mapping", 7, 0, GM_T_VIC),
	HC_ONE(0x68, "vcpu_run_check", 2, 5, HC_A(1), GM_T_THREAD,
	       GM_RIGHT_THREAD_BIND_VIRQ | GM_RIGHT_THREAD_STATE, gm_call_vcpu_run_check),
};

static const struct gm_call *hc_find(unsigned int num)
{
	return num < GM_NR_CALLS && hc_calls[num].name ? &hc_calls[num] : NULL;
}

const char *gm_call_name(unsigned int num)
{
	const struct gm_call *call = hc_find(num);

	return call ? call->name : NULL;
}

s32 gm_call_identify(struct gm *m, struct gm_ctx *c)
{
	(void)m;
	c->res[0] = HC_API_INFO;
	c->res[1] = HC_FLAGS0;
	return GM_E_OK;
}

/*
 * The real limit is four calls per vCPU and window; the model does not know
 * vCPUs and counts for the VM.
 */
s32 gm_call_prng(struct gm *m, struct gm_ctx *c)
{
	u32 n = (u32)c->args[0], i;
	u64 now = gm_now(m);

	if (!n || n > 16)
		return GM_E_ARGUMENT_SIZE;
	if (n % 4)
		return GM_E_ARGUMENT_ALIGNMENT;
	if (m->ops->now_ns && c->vm->prng_count && now - c->vm->prng_time < HC_PRNG_WINDOW) {
		if (c->vm->prng_count == 4)
			return GM_E_BUSY;
		c->vm->prng_count++;
	} else {
		c->vm->prng_time = now;
		c->vm->prng_count = 1;
	}
	for (i = 0; i < n / 4; i++)
		c->res[1 + i] = (u32)gm_random(m);
	return GM_E_OK;
}

s32 gm_call_yield(struct gm *m, struct gm_ctx *c)
{
	u32 control = (u32)c->args[0];
	struct gm_object *obj;

	if (control & 0x80000000u)
		return GM_E_ARGUMENT_INVALID;
	switch (control & 0xffff) {
	case 0:
		return GM_E_OK;
	case 1:
		return gm_cap_lookup(m, c->vm, c->args[1], GM_T_THREAD,
				     GM_RIGHT_THREAD_YIELD_TO, false, &obj);
	default:
		return GM_E_ARGUMENT_INVALID;
	}
}

s32 gm_call_trace(struct gm *m, struct gm_ctx *c)
{
	m->trace_flags |= (u32)c->args[0];
	m->trace_flags &= ~(u32)c->args[1];
	c->res[1] = m->trace_flags;
	return GM_E_OK;
}

/* The CPU is judged before the capability: no table row can say that. */
s32 gm_call_vcpu_set_affinity(struct gm *m, struct gm_ctx *c)
{
	u32 rights = GM_RIGHT_THREAD_AFFINITY;
	struct gm_object *obj;
	u16 cpu = (u16)c->args[1];
	int err;

	if (cpu == 0xffff)
		rights |= GM_RIGHT_THREAD_DISABLE;
	else if (cpu >= m->nr_cpus)
		return GM_E_ARGUMENT_INVALID;
	err = gm_cap_lookup(m, c->vm, c->args[0], GM_T_THREAD, rights, true, &obj);
	if (err)
		return err;
	m->threads[obj->index].cpu = cpu;
	return GM_E_OK;
}

static struct gm_log_entry *hc_log(struct gm *m, struct gm_ctx *c, bool native)
{
	struct gm_log_entry *e = &m->log[m->log_next % GM_LOG_ENTRIES];
	u32 i;

	memset(e, 0, sizeof(*e));
	e->seq = m->log_next++;
	e->time_ns = gm_now(m);
	e->vmid = c->vm ? c->vm->vmid : 0;
	e->native = native;
	e->call = c->num;
	e->nr_args = c->nargs > 7 ? 7 : c->nargs;
	for (i = 0; i < e->nr_args; i++)
		e->args[i] = c->args[i];
	return e;
}

/* The entry may be another call's by now: vcpu_run lets go of the lock. */
static void hc_log_end(struct gm_log_entry *e, u64 seq, const struct gm_ctx *c)
{
	u32 i;

	if (e->seq != seq)
		return;
	e->nr_results = c->nres > 5 ? 5 : c->nres;
	for (i = 0; i < e->nr_results; i++)
		e->results[i] = c->res[i];
}

static s32 hc_check_reserved(const struct gm_call *call, const struct gm_ctx *c)
{
	u32 i;

	for (i = 0; i < call->nargs; i++) {
		if ((call->res0 & HC_A(i)) && c->args[i])
			return GM_E_ARGUMENT_INVALID;
		if ((call->res1 & HC_A(i)) && c->args[i] != ~0ull)
			return GM_E_ARGUMENT_INVALID;
	}
	return GM_E_OK;
}

static s32 hc_run(struct gm *m, const struct gm_call *call, struct gm_ctx *c, bool native)
{
	s32 err = GM_E_OK;
	u32 i;

	if (native)
		err = hc_check_reserved(call, c);
	if (!err && !call->no_error)
		err = gm_fail_take(m, c->num);
	for (i = 0; !err && i < 2; i++)
		if (call->cap[i].type)
			err = gm_cap_lookup(m, c->vm, c->args[i], call->cap[i].type,
					    call->cap[i].rights, call->any_state, &c->obj[i]);
	if (err)
		return err;
	return call->fn ? call->fn(m, c) : GM_E_UNIMPLEMENTED;
}

/*
 * Does the call; c->args and c->nargs come from the registers. Returns false if
 * there is no such call.
 */
static bool hc_call(struct gm *m, struct gm_ctx *c, bool native)
{
	const struct gm_call *call = hc_find(c->num);
	struct gm_log_entry *e;
	u64 seq = m->log_next;
	s32 err;

	gm_count(m, GM_CTR_CALLS);
	c->nres = 1;
	if (call) {
		c->nargs = call->nargs;
		c->nres = call->nres;
	}
	e = hc_log(m, c, native);
	if (!call || !c->vm) {
		gm_count(m, GM_CTR_CALLS_UNKNOWN);
		c->nres = 1;
		c->res[0] = HC_UNKNOWN;
		hc_log_end(e, seq, c);
		return false;
	}
	m->calls[c->num]++;
	err = hc_run(m, call, c, native);
	if (!call->no_error) {
		c->res[0] = (u64)(s64)err;
		if (err) {
			gm_count(m, GM_CTR_CALL_ERRORS);
			m->call_errors[c->num]++;
		}
	}
	hc_log_end(e, seq, c);
	return true;
}

static void hc_log_service(struct gm *m, unsigned int vmid, u32 id, u64 res)
{
	struct gm_ctx c = { .num = GM_LOG_SERVICE, .nargs = 1, .nres = 1 };
	struct gm_log_entry *e;

	c.vm = gm_vm_find(m, vmid);
	c.args[0] = id;
	c.res[0] = res;
	gm_count(m, GM_CTR_CALLS);
	e = hc_log(m, &c, false);
	hc_log_end(e, e->seq, &c);
}

static void hc_uid(u64 *x)
{
	x[0] = HC_UID0;
	x[1] = HC_UID1;
	x[2] = HC_UID2;
	x[3] = HC_UID3;
}

/* Owner 5: only fast 32-bit calls, whose four results are 32 bits wide. */
static void hc_standard(u32 id, u64 *x)
{
	bool fast32 = (id & 0xc0000000u) == 0x80000000u && !(id & 0x00fe0000u);

	if (fast32 && (id & 0xffff) == 0xff01) {
		hc_uid(x);
	} else if (fast32 && (id & 0xffff) == 0xff03) {
		x[0] = 1;
		x[1] = 0;
		x[2] = (u32)x[2];
		x[3] = (u32)x[3];
	} else {
		x[0] = HC_UNKNOWN;
	}
}

static void hc_service(u32 id, u64 *x)
{
	bool fast32 = (id & 0xc0000000u) == 0x80000000u;

	if (fast32 && (id & 0x3fff) == 0x3f01)
		hc_uid(x);
	else if (fast32 && (id & 0x3fff) == 0x3f03)
		x[0] = HC_API_INFO;
	else
		x[0] = HC_UNKNOWN;
}

static void hc_smccc_call(struct gm *m, unsigned int vmid, u32 num, u64 *x)
{
	struct gm_ctx c = { .num = (u16)num, .nargs = 7 };
	u32 i;

	c.vm = gm_vm_find(m, vmid);
	for (i = 0; i < 7; i++)
		c.args[i] = x[i + 1];
	hc_call(m, &c, false);
	for (i = 0; i < c.nres; i++)
		x[i] = c.res[i];
}

bool gm_hypercall(struct gm *m, unsigned int vmid, u64 x[GM_NR_SMCCC_REGS])
{
	u32 id = (u32)x[0];
	u32 owner = (id >> 24) & 0x3f;
	u32 class = (id >> 14) & 3;

	if (owner != 5 && owner != 6)
		return false;

	gm_enter(m);
	if (owner == 6 && class == 2 && (id & 0xc0fe0000u) == 0xc0000000u) {
		if ((id & 0x3fff) == GM_DBG_NUM && m->debug)
			gm_debug_call(m, x);
		else
			hc_smccc_call(m, vmid, id & 0x3fff, x);
	} else {
		if (owner == 5)
			hc_standard(id, x);
		else if (class == 3 && !(id & 0x00fe0000u))
			hc_service(id, x);
		else
			x[0] = HC_UNKNOWN;
		if (x[0] == HC_UNKNOWN)
			gm_count(m, GM_CTR_CALLS_UNKNOWN);
		hc_log_service(m, vmid, id, x[0]);
	}
	gm_leave(m);
	return true;
}

void gm_hypercall_native(struct gm *m, unsigned int vmid, unsigned int imm16,
			 u64 x[GM_NR_NATIVE_REGS])
{
	struct gm_ctx c = { .nargs = GM_NR_NATIVE_REGS };
	u32 i;

	gm_enter(m);
	c.vm = gm_vm_find(m, vmid);
	c.num = (u16)(imm16 - HC_NATIVE);
	if (imm16 < HC_NATIVE || c.num >= GM_NR_CALLS)
		c.num = GM_LOG_SERVICE - 1;
	for (i = 0; i < GM_NR_NATIVE_REGS; i++)
		c.args[i] = x[i];
	if (hc_call(m, &c, true)) {
		for (i = 0; i < GM_NR_NATIVE_REGS; i++)
			x[i] = c.res[i];
	} else {
		x[0] = HC_UNKNOWN;
	}
	gm_leave(m);
}
