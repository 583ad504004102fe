// SPDX-License-Identifier: GPL-2.0-only
/*
 * The resource manager: from a complete request to its answer, and the loop
 * that drives it. What a call does is in the other files rm_*.c.
 *
 * RM handles the requests of one VM one after the other and answers each with
 * the request's id and sequence number, unless its heap is out (no answer at
 * all) or a misbehaviour says otherwise.
 */
#include "state.h"

#define RMC_BATCH	16
#define RMC_STATUS	4	/* bytes of the status word */

#define RMC_CALL(i, n, lo, hi, p, f)	{ i, n, lo, hi, p, 0, f }

static u32 rmc_echo(struct gm *m, struct gm_rm_req *r)
{
	u32 size = r->size < r->out_max ? r->size : r->out_max;

	(void)m;
	memcpy(r->out, r->data, size);
	r->out_size = size;
	return GM_ST_OK;
}

static u32 rmc_blob(struct gm *m, struct gm_rm_req *r)
{
	u32 size = gm_get32(r->data), first = gm_get32(r->data + 4), i;

	(void)m;
	if (size > r->out_max)
		return GM_ST_ARGUMENT_INVALID;
	for (i = 0; i < size; i++)
		r->out[i] = (u8)(first + i);
	r->out_size = size;
	return GM_ST_OK;
}

static u32 rmc_sink(struct gm *m, struct gm_rm_req *r)
{
	u32 sum = 0, i;

	(void)m;
	for (i = 0; i < r->size; i++)
		sum += r->data[i];
	gm_put32(r->out, r->size);
	gm_put32(r->out + 4, sum);
	r->out_size = 8;
	return GM_ST_OK;
}

/* What can be done while RM handles a request. */
static bool rmc_debug_ok(u64 operation)
{
	return operation == GM_DBG_MISBEHAVE || operation == GM_DBG_BOOKS ||
	       operation == GM_DBG_DIGEST || operation == GM_DBG_POOL;
}

static u32 rmc_debug(struct gm *m, struct gm_rm_req *r)
{
	u64 x[GM_NR_SMCCC_REGS] = { 0 };
	u32 i;

	for (i = 0; i < r->size / 8 && i + 1 < GM_NR_SMCCC_REGS; i++)
		x[i + 1] = gm_get64(r->data + 8 * i);
	if (!rmc_debug_ok(x[1]))
		return GM_ST_DENIED;
	gm_debug_call(m, x);
	if (x[0])
		return GM_ST_ARGUMENT_INVALID;
	for (i = 1; i < GM_NR_SMCCC_REGS; i++)
		gm_put64(r->out + 8 * (i - 1), x[i]);
	r->out_size = 8 * (GM_NR_SMCCC_REGS - 1);
	return GM_ST_OK;
}

static const struct gm_rm_call rmc_calls[] = {
	RMC_CALL(GM_RM_MEM_DONATE, "MEM_DONATE", 0, ~0u, 0, gm_rm_mem_create),
	RMC_CALL(0x51000011, "MEM_ACCEPT", 0, ~0u, 0, gm_rm_mem_accept),
	RMC_CALL(GM_RM_MEM_LEND, "MEM_LEND", 0, ~0u, 0, gm_rm_mem_create),
	RMC_CALL(GM_RM_MEM_SHARE, "MEM_SHARE", 0, ~0u, 0, gm_rm_mem_create),
	RMC_CALL(0x51000014, "MEM_RELEASE", 0, ~0u, 0, gm_rm_mem_release),
	RMC_CALL(0x51000015, "MEM_RECLAIM", 0, ~0u, 0, gm_rm_mem_reclaim),
	RMC_CALL(0x51000017, "MEM_NOTIFY", 0, ~0u, 0, gm_rm_mem_notify),
	RMC_CALL(0x51000018, "MEM_APPEND", 0, ~0u, 0, gm_rm_mem_append),
	RMC_CALL(0x5100001a, "MEM_QCOM_LOOKUP_SGL", 0, ~0u, 0, gm_rm_mem_lookup_sgl),
	RMC_CALL(0x51000020, "FW_MILESTONE", 0, ~0u, 0, gm_rm_fw_milestone),
	RMC_CALL(0x51000021, "FW_SET_VM_FIRMWARE", 0, ~0u, 0, gm_rm_fw_set),
	RMC_CALL(0x56000001, "VM_ALLOCATE", 4, 4, 0, gm_rm_vm_allocate),
	RMC_CALL(0x56000002, "VM_DEALLOCATE", 4, 4, 0, gm_rm_vm_deallocate),
	RMC_CALL(0x56000004, "VM_START", 4, 4, 0, gm_rm_vm_start),
	RMC_CALL(0x56000005, "VM_STOP", 8, 8, 0, gm_rm_vm_stop),
	RMC_CALL(0x56000006, "VM_RESET", 4, 4, 0, gm_rm_vm_reset),
	RMC_CALL(0x56000009, "VM_CONFIG_IMAGE", 40, 40, 0, gm_rm_vm_config),
	RMC_CALL(0x5600000a, "VM_AUTH_IMAGE", 4, ~0u, 0, gm_rm_vm_auth),
	RMC_CALL(0x5600000b, "VM_INIT", 4, 4, 0, gm_rm_vm_init),
	RMC_CALL(0x56000010, "VM_GET_ID", 4, 4, 1, gm_rm_get_id),
	RMC_CALL(0x56000011, "VM_LOOKUP_URI", 0, ~0u, 1, gm_rm_lookup_uri),
	RMC_CALL(0x56000012, "VM_LOOKUP_GUID", 0, ~0u, 1, gm_rm_lookup_guid),
	RMC_CALL(0x56000013, "VM_LOOKUP_NAME", 0, ~0u, 1, gm_rm_lookup_name),
	RMC_CALL(0x56000015, "VM_GET_OWNER", 0, 0, 1, gm_rm_get_owner),
	RMC_CALL(0x56000017, "VM_GET_STATE", 4, 4, 1, gm_rm_get_state),
	RMC_CALL(0x56000019, "VM_GET_CRASH_MSG", 4, 4, 1, gm_rm_get_crash_msg),
	RMC_CALL(0x56000020, "VM_GET_HYP_RESOURCES", 4, 4, 1, gm_rm_get_resources),
	RMC_CALL(0x56000024, "VM_GET_VMID", 0, 0, 1, gm_rm_get_vmid),
	RMC_CALL(0x56000025, "VM_GET_PEERS", 0, 0, 1, gm_rm_get_peers),
	RMC_CALL(0x56000030, "VM_SET_TIME_BASE", 0, ~0u, 0, gm_rm_set_time_base),
	RMC_CALL(0x56000032, "VM_SET_FIRMWARE_MEM", 0, ~0u, 0, gm_rm_set_firmware_mem),
	RMC_CALL(GM_RM_IRQ_ACCEPT, "VM_IRQ_ACCEPT", 0, ~0u, 0, gm_rm_irq),
	RMC_CALL(GM_RM_IRQ_LEND, "VM_IRQ_LEND", 0, ~0u, 0, gm_rm_irq),
	RMC_CALL(GM_RM_IRQ_RELEASE, "VM_IRQ_RELEASE", 0, ~0u, 0, gm_rm_irq),
	RMC_CALL(GM_RM_IRQ_RECLAIM, "VM_IRQ_RECLAIM", 0, ~0u, 0, gm_rm_irq),
	RMC_CALL(GM_RM_IRQ_NOTIFY, "VM_IRQ_NOTIFY", 0, ~0u, 0, gm_rm_irq),
	RMC_CALL(0x56000080, "VM_SET_STATUS", 0, ~0u, 0, gm_rm_set_status),
	RMC_CALL(GM_RM_CONSOLE_OPEN, "VM_CONSOLE_OPEN", 4, ~0u, 0, gm_rm_console),
	RMC_CALL(GM_RM_CONSOLE_CLOSE, "VM_CONSOLE_CLOSE", 4, ~0u, 0, gm_rm_console),
	RMC_CALL(GM_RM_CONSOLE_WRITE, "VM_CONSOLE_WRITE", 4, ~0u, 0, gm_rm_console),
	RMC_CALL(GM_RM_CONSOLE_FLUSH, "VM_CONSOLE_FLUSH", 4, ~0u, 0, gm_rm_console),
	RMC_CALL(0x56000085, "VM_EXIT", 4, 4, 0, gm_rm_vm_exit),
	RMC_CALL(0x56000086, "VM_SET_CRASH_MSG", 4, ~0u, 0, gm_rm_set_crash_msg),
	RMC_CALL(0x560000a0, "VM_HOST_GET_TYPE", 0, 0, 1, gm_rm_get_type),
	RMC_CALL(0x560000b0, "IPA_RESERVE", 0, ~0u, 0, gm_rm_ipa_reserve),
	{ 0x56000031, "VM_SET_BOOT_CONTEXT", 16, 16, 0, GM_RM_ONLY_BOOT, gm_rm_set_boot_context },
	{ GM_RM_ECHO, "ECHO", 0, ~0u, 1, 1, rmc_echo },
	{ GM_RM_BLOB, "BLOB", 8, 8, 1, 1, rmc_blob },
	{ GM_RM_SINK, "SINK", 0, ~0u, 1, 1, rmc_sink },
	{ GM_RM_DEBUG, "DEBUG", 8, ~0u, 0, 1, rmc_debug },
};

static const struct gm_rm_call *rmc_find(struct gm *m, u32 id)
{
	size_t i;

	for (i = 0; i < GM_ARRAY_SIZE(rmc_calls); i++) {
		u8 only = rmc_calls[i].only;

		if (rmc_calls[i].id == id && (!only || (only == GM_RM_ONLY_DEBUG && m->debug) ||
					      (only == GM_RM_ONLY_BOOT && m->boot_context)))
			return &rmc_calls[i];
	}
	return NULL;
}

/* Something the real RM would not survive. It answers nothing any more. */
void gm_rm_die(struct gm *m, const char *why)
{
	static const char head[] = "RM died: ";
	size_t n = sizeof(head) - 1, i;

	memcpy(m->rm_death, head, n);
	for (i = 0; why[i] && n < sizeof(m->rm_death) - 1; i++)
		m->rm_death[n++] = why[i];
	m->rm_death[n] = '\0';
	m->death_told = 0;
	m->rm_state = GM_RM_DEAD;
	gm_count(m, GM_CTR_RM_DEATHS);
}

bool gm_heap_take(struct gm *m, u32 size)
{
	if (m->heap_used >= m->heap_limit || size > m->heap_limit - m->heap_used)
		return false;
	m->heap_used += size;
	return true;
}

void gm_heap_give(struct gm *m, u32 size)
{
	m->heap_used = size < m->heap_used ? m->heap_used - size : 0;
}

static u32 rmc_run(struct gm *m, const struct gm_rm_call *call, struct gm_rm_req *r)
{
	u32 status;

	if (!call) {
		gm_count(m, GM_CTR_RM_UNIMPLEMENTED);
		return GM_ST_UNIMPLEMENTED;
	}
	if (r->size < call->min || r->size > call->max)
		return GM_ST_MSG_INVALID;
	status = call->fn(m, r);
	if (status == GM_ST_NO_REPLY || status == GM_ST_LATER)
		r->out_size = 0;
	return status;
}

u32 gm_rm_handle(struct gm *m, struct gm_vm *vm, u32 id, const u8 *data, u32 size, u8 *out,
		 u32 *out_size)
{
	struct gm_rm_req r = {
		.vm = vm, .id = id, .data = data, .size = size,
		.out = out, .out_max = GM_RPC_MAX_MSG - RMC_STATUS,
	};
	u32 status = rmc_run(m, rmc_find(m, id), &r);

	*out_size = r.out_size;
	return status;
}

/* Sends the answer in m->scratch, or what @mis makes of it. */
static void rmc_answer(struct gm *m, struct gm_link *l, u32 id, u16 seq, u32 size,
		       u8 mis, u64 arg)
{
	u8 *msg = m->scratch;

	switch (mis) {
	case GM_MIS_TRUNCATE:
		if (size > GM_RPC_CONTENT)
			break;
		if (!arg)
			arg = 2;
		if (arg < size)
			size = (u32)arg;
		mis = GM_MIS_NONE;
		break;
	case GM_MIS_CORRUPT:
		if (arg < 3)
			break;
		if (arg == 3)
			gm_put32(msg, ~gm_get32(msg));
		else if (size >= 2 * RMC_STATUS)
			gm_put32(msg + RMC_STATUS, 0xffffffff);
		mis = GM_MIS_NONE;
		break;
	case GM_MIS_FOREIGN:
		if (arg)
			id ^= 1;
		else
			seq ^= 0x5555;
		mis = GM_MIS_NONE;
		break;
	case GM_MIS_DROP_IRQ:
		if (!arg)
			break;
		l->swallow_tx_irq = 1;
		mis = GM_MIS_NONE;
		break;
	case GM_MIS_SILENT:
		if (arg)
			gm_rm_die(m, "asked to");
		return;
	default:
		break;
	}
	gm_rpc_reply(m, l, id, seq, msg, size, mis, arg);
}

/* Misbehaviours that keep a request from being handled. True: nothing to do. */
static bool rmc_unhandled(struct gm *m, struct gm_link *l, u32 id, u16 seq, u8 mis)
{
	if (mis == GM_MIS_NOHEAP)
		return true;
	if (mis != GM_MIS_REFUSE)
		return false;
	gm_put32(m->scratch, GM_ST_DENIED);
	gm_rpc_reply(m, l, id, seq, m->scratch, RMC_STATUS, GM_MIS_NONE, 0);
	return true;
}

/*
 * Handles one request. A call that changes nothing is run before its kind is
 * known (it may turn out a multi-reply); any other is judged before it is run,
 * so that a refused one has changed nothing.
 */
void gm_rm_request(struct gm *m, struct gm_link *l, u32 id, u16 seq, const u8 *data, u32 size)
{
	const struct gm_rm_call *call = rmc_find(m, id);
	struct gm_rm_req r = {
		.vm = gm_vm_find(m, l->vmid), .id = id, .data = data, .size = size,
		.out = m->scratch + RMC_STATUS, .out_max = GM_RPC_MAX_MSG - RMC_STATUS,
	};
	unsigned int kind = l->frags ? GM_KIND_MULTI_REQUEST : GM_KIND_SINGLE;
	bool early = l->frags || (call && !call->pure);
	u8 mis = GM_MIS_NONE;
	u64 arg = 0;
	u32 status;

	gm_count(m, GM_CTR_RM_REQUESTS);
	if (!gm_heap_take(m, size + 64)) {
		gm_count(m, GM_CTR_RM_NOHEAP);
		return;
	}
	gm_heap_give(m, size + 64);

	if (early)
		gm_misbehave_take(m, kind, id, &mis, &arg);
	if (rmc_unhandled(m, l, id, seq, mis))
		return;
	status = rmc_run(m, call, &r);
	if (status == GM_ST_LATER)
		m->later = (struct gm_later){
			.used = 1, .link = r.vm->link, .mis = mis, .vmid = gm_get16(data),
			.seq = seq, .id = id, .arg = arg,
		};
	if (m->rm_state != GM_RM_ALIVE || status == GM_ST_NO_REPLY || status == GM_ST_LATER)
		return;
	gm_put32(m->scratch, status);
	if (!early) {
		if (r.out_size + RMC_STATUS > GM_RPC_CONTENT)
			kind = GM_KIND_MULTI_REPLY;
		gm_misbehave_take(m, kind, id, &mis, &arg);
		if (rmc_unhandled(m, l, id, seq, mis))
			return;
	}
	rmc_answer(m, l, id, seq, r.out_size + RMC_STATUS, mis, arg);
}

/* VM_STOP waits until the VM has ended; false if it still does. */
static bool rmc_later(struct gm *m)
{
	struct gm_vm *vm = gm_vm_find(m, m->later.vmid);
	struct gm_later l = m->later;

	if (vm && !gm_vm_end_run(m, vm))
		return false;
	m->later.used = 0;
	gm_put32(m->scratch, GM_ST_OK);
	rmc_answer(m, &m->links[l.link], l.id, l.seq, RMC_STATUS, l.mis, l.arg);
	return true;
}

/* What RM does by itself or is asked to, one thing of each sort. */
static bool rmc_work(struct gm *m)
{
	bool progress = false;
	u32 i;

	if (m->later.used)
		return rmc_later(m);
	for (i = 0; i < GM_MAX_LINKS && m->rm_state == GM_RM_ALIVE && !m->later.used; i++)
		if (m->links[i].used)
			progress |= gm_link_recv(m, &m->links[i]);
	if (m->rm_state != GM_RM_ALIVE || m->later.used)
		return progress;
	progress |= gm_vms_end_run(m);
	progress |= gm_vm_reset_run(m);
	return progress;
}

/* One turn of everything that works by itself. False: nothing to do. */
static bool rmc_step(struct gm *m, u64 now)
{
	bool progress = false;
	u32 i;

	for (i = 0; i < GM_MAX_LINKS && m->rm_state == GM_RM_ALIVE; i++) {
		if (!m->links[i].used)
			continue;
		progress |= gm_link_send(m, &m->links[i]);
	}
	if (m->rm_state == GM_RM_ALIVE)
		progress |= rmc_work(m);
	if (m->rm_state == GM_RM_ALIVE)
		progress |= gm_flood_run(m, now);
	progress |= gm_peer_run(m);
	return progress;
}

static u64 rmc_deadline(struct gm *m, u64 next)
{
	u32 i;

	for (i = 0; i < GM_MAX_LINKS && m->rm_state == GM_RM_ALIVE; i++) {
		u64 due;

		if (!m->links[i].used)
			continue;
		due = gm_link_deadline(m, &m->links[i]);
		if (due < next)
			next = due;
	}
	if (m->rm_state == GM_RM_ALIVE && m->flood.count && m->flood.due &&
	    m->flood.due < next)
		next = m->flood.due;
	return next;
}

u64 gm_rm_run(struct gm *m)
{
	u64 next, now;
	bool progress;
	u32 n = 0;

	gm_enter(m);
	now = gm_now(m);
	m->staged = 0;
	do {
		progress = rmc_step(m, now);
	} while (progress && !m->staged && ++n < RMC_BATCH && m->nr_out < GM_MAX_OUT / 4);

	next = gm_late_run(m, now);
	next = progress ? GM_RUN_AGAIN : rmc_deadline(m, next);
	/* Every kick so far was RM's own: it has seen what there is. */
	m->kick = 0;
	gm_leave(m);
	return next;
}

u64 gm_rm_run_all(struct gm *m)
{
	u64 next;

	do {
		next = gm_rm_run(m);
	} while (next == GM_RUN_AGAIN);
	return next;
}
