// SPDX-License-Identifier: GPL-2.0-only
/*
 * Start, lock, clock, interrupts, log and counters of the model.
 *
 * The one idea here: an entry (gm_enter .. gm_leave) only notes which
 * interrupts are to be raised; gm_leave() raises them after the lock was
 * released. So a host may run an interrupt handler, and with it the next
 * hypercall, right from raise_virq().
 */
#include "state.h"

#define CORE_DELIVER	8

static const char * const core_counter_names[GM_CTR_NR] = {
	[GM_CTR_CALLS] = "calls",
	[GM_CTR_CALLS_UNKNOWN] = "calls_unknown",
	[GM_CTR_CALL_ERRORS] = "call_errors",
	[GM_CTR_CAP_ERRORS] = "cap_errors",
	[GM_CTR_MSGQ_SENT] = "msgq_sent",
	[GM_CTR_MSGQ_RECEIVED] = "msgq_received",
	[GM_CTR_MSGQ_LOST] = "msgq_lost",
	[GM_CTR_MSGQ_RECV_STUCK] = "msgq_recv_stuck",
	[GM_CTR_VIRQS] = "virqs",
	[GM_CTR_RM_REQUESTS] = "rm_requests",
	[GM_CTR_RM_REPLIES] = "rm_replies",
	[GM_CTR_RM_REPLIES_LOST] = "rm_replies_lost",
	[GM_CTR_RM_NOTES] = "rm_notifications",
	[GM_CTR_RM_NOTES_LOST] = "rm_notifications_lost",
	[GM_CTR_RM_BAD_HEADER] = "rm_bad_header",
	[GM_CTR_RM_BAD_FRAGMENT] = "rm_bad_fragment",
	[GM_CTR_RM_PARTIAL] = "rm_partial",
	[GM_CTR_RM_IGNORED] = "rm_ignored",
	[GM_CTR_RM_UNIMPLEMENTED] = "rm_unimplemented",
	[GM_CTR_RM_NOHEAP] = "rm_noheap",
	[GM_CTR_RM_DEATHS] = "rm_deaths",
	[GM_CTR_MISBEHAVED] = "misbehaved",
	[GM_CTR_FRAGMENTS_IN] = "fragments_in",
	[GM_CTR_FRAGMENTS_OUT] = "fragments_out",
};

size_t gm_size(void)
{
	return sizeof(struct gm);
}

const char *gm_counter_name(unsigned int id)
{
	return id < GM_CTR_NR ? core_counter_names[id] : NULL;
}

const char *gm_option_error(const struct gm *m)
{
	return m->option_error;
}

u64 gm_now(struct gm *m)
{
	return m->ops->now_ns ? m->ops->now_ns(m->host) : 0;
}

/* splitmix64: good enough to make ids that nobody can guess by accident. */
u64 gm_random(struct gm *m)
{
	u64 z;

	m->rand += 0x9e3779b97f4a7c15ull;
	z = m->rand;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

void gm_count(struct gm *m, unsigned int id)
{
	m->counters[id]++;
}

void gm_kick(struct gm *m)
{
	m->kick = 1;
}

void gm_raise(struct gm *m, const struct gm_line *line)
{
	if (!line->intid)
		return;
	if (m->nr_out == GM_MAX_OUT)
		return;		/* cannot happen: every entry is bounded */
	m->out[m->nr_out++] = *line;
	gm_count(m, GM_CTR_VIRQS);
}

void gm_raise_later(struct gm *m, const struct gm_line *line, u64 due)
{
	u32 i;

	for (i = 0; i < GM_MAX_LATE; i++) {
		if (m->late[i].due)
			continue;
		m->late[i].due = due ? due : 1;
		m->late[i].line = *line;
		gm_kick(m);
		return;
	}
	gm_raise(m, line);
}

/* Raises what is due. Returns the time of the next, or GM_RUN_IDLE. */
u64 gm_late_run(struct gm *m, u64 now)
{
	u64 next = GM_RUN_IDLE;
	u32 i;

	for (i = 0; i < GM_MAX_LATE; i++) {
		struct gm_late *late = &m->late[i];

		if (!late->due)
			continue;
		if (late->due <= now) {
			late->due = 0;
			gm_raise(m, &late->line);
		} else if (late->due < next) {
			next = late->due;
		}
	}
	return next;
}

static u32 core_virqs_used(const struct gm *m)
{
	u32 i, n = 0;

	for (i = 0; i < m->virq_count && i < GM_MAX_VIRQS; i++)
		n += m->virq_used[i / 8] >> i % 8 & 1;
	return n;
}

u32 gm_virq_alloc(struct gm *m)
{
	u32 i;

	if (core_virqs_used(m) >= m->pools[GM_DBG_POOL_VIRQS])
		return 0;
	for (i = 0; i < m->virq_count && i < GM_MAX_VIRQS; i++) {
		if (m->virq_used[i / 8] & (1u << (i % 8)))
			continue;
		m->virq_used[i / 8] |= (u8)(1u << (i % 8));
		return m->virq_first + i;
	}
	return 0;
}

void gm_virq_free(struct gm *m, u32 intid)
{
	u32 i = intid - m->virq_first;

	if (i < GM_MAX_VIRQS)
		m->virq_used[i / 8] &= (u8)~(1u << (i % 8));
}

void gm_enter(struct gm *m)
{
	if (m->ops->lock)
		m->ops->lock(m->host);
}

/* Takes up to CORE_DELIVER interrupts off the list. */
static u32 core_take_lines(struct gm *m, struct gm_line *lines)
{
	u32 n = m->nr_out < CORE_DELIVER ? m->nr_out : CORE_DELIVER;
	u32 i;

	for (i = 0; i < n; i++)
		lines[i] = m->out[i];
	m->nr_out -= n;
	for (i = 0; i < m->nr_out; i++)
		m->out[i] = m->out[i + n];
	return n;
}

void gm_leave(struct gm *m)
{
	struct gm_line lines[CORE_DELIVER];
	const char *text = NULL;
	bool kick, more;
	u32 i, n;

	do {
		n = core_take_lines(m, lines);
		more = m->nr_out != 0;
		kick = m->kick;
		m->kick = 0;
		if (m->rm_death[0] && !m->death_told) {
			m->death_told = 1;
			text = m->rm_death;
		}
		if (m->ops->unlock)
			m->ops->unlock(m->host);

		for (i = 0; i < n; i++)
			if (m->ops->raise_virq)
				m->ops->raise_virq(m->host, lines[i].vmid, lines[i].intid);
		if (kick && m->ops->rm_kick)
			m->ops->rm_kick(m->host);
		if (text && m->ops->log)
			m->ops->log(m->host, text);
		text = NULL;
		if (more)
			gm_enter(m);
	} while (more);
}

/* RM, the primary VM, their two queues and RM's vCPU, as at boot. */
static int core_build(struct gm *m)
{
	struct gm_primary_info *p = &m->primary;
	struct gm_msgq *tx, *rx;
	struct gm_resource *res;
	struct gm_vm *vm, *rm;
	int vcpu;

	rm = gm_vm_new(m, GM_VMID_RM, GM_VMID_RM, "RM");
	vm = gm_vm_new(m, GM_VMID_PRIMARY, GM_VMID_RM, "HLOS");
	tx = gm_msgq_new(m, GM_RPC_DEPTH, GM_RPC_SIZE);
	rx = gm_msgq_new(m, GM_RPC_DEPTH, GM_RPC_SIZE);
	vcpu = gm_object_new(m, GM_T_THREAD, 0);
	p->tx_virq = gm_virq_alloc(m);
	p->rx_virq = gm_virq_alloc(m);
	if (!rm || !vm || !tx || !rx || vcpu < 0 || !p->rx_virq)
		return -1;

	rm->has_config = 1;
	vm->has_config = 1;
	vm->state = GM_VM_RUNNING;
	m->threads[0].object = (u16)vcpu;
	m->threads[0].vmid = GM_VMID_RM;

	tx->rx_end = GM_END_RM;
	rx->tx_end = GM_END_RM;
	if (!gm_link_new(m, vm, tx, rx))
		return -1;
	tx->tx_line = (struct gm_line){ GM_VMID_PRIMARY, p->tx_virq };
	rx->rx_line = (struct gm_line){ GM_VMID_PRIMARY, p->rx_virq };

	res = gm_resource_add(m, GM_VMID_PRIMARY, GM_VMID_RM, GM_RES_VCPU);
	if (!res ||
	    gm_cap_new(m, vm, tx->object, GM_RIGHT_MSGQ_SEND, &p->tx_cap) ||
	    gm_cap_new(m, vm, rx->object, GM_RIGHT_MSGQ_RECEIVE, &p->rx_cap) ||
	    gm_cap_new(m, vm, (unsigned int)vcpu, GM_RIGHT_THREAD_AFFINITY, &res->cap))
		return -1;
	/* No interrupt: 0, as the real one was seen to answer. */
	res->partner = 0;

	p->vmid = GM_VMID_PRIMARY;
	p->free_irq_start = m->virq_first;
	p->tx_size = GM_RPC_SIZE;
	p->rx_size = GM_RPC_SIZE;
	p->tx_depth = GM_RPC_DEPTH;
	p->rx_depth = GM_RPC_DEPTH;
	return 0;
}

int gm_init(struct gm *m, const struct gm_config *cfg, const struct gm_host_ops *ops, void *host)
{
	int ret;

	m->ops = ops;
	m->host = host;
	m->seed = cfg->entropy;
	m->virq_first = cfg->virq_first;
	m->virq_count = cfg->virq_count;
	m->nr_cpus = cfg->nr_cpus ? cfg->nr_cpus : 1;
	m->heap_limit = GM_HEAP_DEFAULT;
	memset(m->pools, 0xff, sizeof(m->pools));
	m->mem_base = cfg->mem_base;
	m->mem_size = cfg->mem_size;
	m->vmcfg.vcpus = 1;
	m->vmcfg.label = 1;

	/* Settings first; what needs objects afterwards. */
	ret = gm_options_parse(m, cfg->options, cfg->skip_unknown, false);
	if (ret)
		return ret;
	m->rand = m->seed;
	ret = core_build(m);
	if (ret)
		return ret;
	return gm_options_parse(m, cfg->options, cfg->skip_unknown, true);
}

void gm_primary_info(struct gm *m, struct gm_primary_info *info)
{
	gm_enter(m);
	*info = m->primary;
	gm_leave(m);
}

u64 gm_counter(struct gm *m, unsigned int id)
{
	u64 value;

	if (id >= GM_CTR_NR)
		return 0;
	gm_enter(m);
	value = m->counters[id];
	gm_leave(m);
	return value;
}

u64 gm_call_count(struct gm *m, unsigned int num, u64 *errors)
{
	u64 value;

	if (num >= GM_NR_CALLS) {
		if (errors)
			*errors = 0;
		return 0;
	}
	gm_enter(m);
	value = m->calls[num];
	if (errors)
		*errors = m->call_errors[num];
	gm_leave(m);
	return value;
}

bool gm_log_read(struct gm *m, u64 seq, struct gm_log_entry *entry)
{
	bool there;

	gm_enter(m);
	there = seq < m->log_next && m->log_next - seq <= GM_LOG_ENTRIES;
	if (there)
		*entry = m->log[seq % GM_LOG_ENTRIES];
	gm_leave(m);
	return there;
}
