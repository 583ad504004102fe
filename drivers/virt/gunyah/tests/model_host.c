// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel as a host of the shared model, for KUnit.
 *
 * Responsible for what the model cannot do itself: it is called through the
 * hypercall conduit, its interrupts become interrupts of an irq domain that
 * behaves like a GIC with edges (one is latched while masked or active), and
 * its resource manager gets a context to run in. Not for any behaviour of the
 * hypervisor.
 *
 * Interrupts are delivered by irq_work, that is by an IPI to the CPU itself,
 * so that handlers run in hard interrupt context as soon as the raising code
 * has interrupts enabled. With irq_cpu they are delivered on another CPU,
 * which may be at once, while the hypercall that raised them is under way.
 */
#include <linux/cleanup.h>
#include <linux/cpu.h>
#include <linux/err.h>
#include <linux/gunyah.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/vmalloc.h>

#include <kunit/resource.h>
#include <kunit/test.h>
#include <kunit/visibility.h>

#include "model_host.h"

/* Turns until a host that does not come to rest is called restless */
#define SETTLE_ROUNDS	100

/* The host behind the conduit; there is at most one. */
static struct gunyah_model_host *active;

static void model_conduit(const struct arm_smccc_1_2_regs *args,
			  struct arm_smccc_1_2_regs *res)
{
	struct gunyah_model_host *host = READ_ONCE(active);
	u64 x[GM_NR_SMCCC_REGS];

	BUILD_BUG_ON(sizeof(*args) != sizeof(x));
	memcpy(x, args, sizeof(x));
	atomic_inc(&host->moves);
	if (host->before)
		host->before(host, x);
	if (!gm_hypercall(host->gm, GM_VMID_PRIMARY, x))
		x[0] = U64_MAX;
	if (host->after)
		host->after(host, x);
	memcpy(res, x, sizeof(x));
}

/* Interrupts */

static void host_deliver(struct gunyah_model_host *host)
{
	unsigned int intid;

	for_each_set_bit(intid, host->pending, GUNYAH_MODEL_VIRQ_END) {
		if (test_bit(intid, host->masked) ||
		    test_and_set_bit(intid, host->active))
			continue;
		if (!test_and_clear_bit(intid, host->pending) ||
		    generic_handle_domain_irq(host->domain, intid))
			clear_bit(intid, host->active);
	}
}

static void host_irq_work(struct irq_work *work)
{
	host_deliver(container_of(work, struct gunyah_model_host, irq_work));
}

static void host_csd(void *data)
{
	struct gunyah_model_host *host = data;

	atomic_set_release(&host->csd_busy, 0);
	host_deliver(host);
}

/* A function call to the CPU itself would be made here and now: irq_work. */
static void host_kick_irq(struct gunyah_model_host *host)
{
	int cpu = READ_ONCE(host->irq_cpu);

	atomic_inc(&host->moves);
	guard(preempt)();
	if (cpu < 0 || cpu == smp_processor_id())
		irq_work_queue(&host->irq_work);
	else if (!atomic_xchg(&host->csd_busy, 1))
		smp_call_function_single_async(cpu, &host->csd);
}

static void chip_mask(struct irq_data *d)
{
	struct gunyah_model_host *host = irq_data_get_irq_chip_data(d);

	set_bit(d->hwirq, host->masked);
}

static void chip_unmask(struct irq_data *d)
{
	struct gunyah_model_host *host = irq_data_get_irq_chip_data(d);

	clear_bit(d->hwirq, host->masked);
	/* Pairs with op_raise_virq(): one of the two sees the other. */
	smp_mb__after_atomic();
	if (test_bit(d->hwirq, host->pending))
		host_kick_irq(host);
}

/* As on a GIC, an edge that came while the interrupt was active is next. */
static void chip_eoi(struct irq_data *d)
{
	struct gunyah_model_host *host = irq_data_get_irq_chip_data(d);

	clear_bit(d->hwirq, host->active);
	/* Pairs with op_raise_virq(): one of the two sees the other. */
	smp_mb__after_atomic();
	if (test_bit(d->hwirq, host->pending))
		host_kick_irq(host);
}

static int chip_retrigger(struct irq_data *d)
{
	struct gunyah_model_host *host = irq_data_get_irq_chip_data(d);

	set_bit(d->hwirq, host->pending);
	host_kick_irq(host);
	return 1;
}

static int chip_set_type(struct irq_data *d, unsigned int type)
{
	return type == IRQ_TYPE_EDGE_RISING ? 0 : -EINVAL;
}

static int chip_set_wake(struct irq_data *d, unsigned int on)
{
	struct gunyah_model_host *host = irq_data_get_irq_chip_data(d);

	atomic_add(on ? 1 : -1, &host->wake[d->hwirq]);
	return 0;
}

static struct irq_chip host_chip = {
	.name = "gunyah-model",
	.irq_mask = chip_mask,
	.irq_unmask = chip_unmask,
	.irq_eoi = chip_eoi,
	.irq_retrigger = chip_retrigger,
	.irq_set_type = chip_set_type,
	.irq_set_wake = chip_set_wake,
};

/* As the GIC's: {type, number, flags}, of which only SPIs are there. */
static int domain_translate(struct irq_domain *domain,
			    struct irq_fwspec *fwspec, unsigned long *hwirq,
			    unsigned int *type)
{
	if (fwspec->param_count != 3 || fwspec->param[0] ||
	    fwspec->param[1] >= GUNYAH_MODEL_VIRQ_END - 32)
		return -EINVAL;

	*hwirq = fwspec->param[1] + 32;
	*type = fwspec->param[2] & IRQ_TYPE_SENSE_MASK;
	return 0;
}

static int domain_alloc(struct irq_domain *domain, unsigned int virq,
			unsigned int nr_irqs, void *arg)
{
	struct gunyah_model_host *host = domain->host_data;
	unsigned long hwirq;
	unsigned int type;
	int ret;

	ret = domain_translate(domain, arg, &hwirq, &type);
	if (ret)
		return ret;
	if (nr_irqs != 1)
		return -EINVAL;

	irq_domain_set_info(domain, virq, hwirq, &host_chip, host,
			    handle_fasteoi_irq, NULL, NULL);
	irqd_set_trigger_type(irq_get_irq_data(virq), IRQ_TYPE_EDGE_RISING);
	return 0;
}

static const struct irq_domain_ops host_domain_ops = {
	.translate = domain_translate,
	.alloc = domain_alloc,
	.free = irq_domain_free_irqs_common,
};

/* What the model asks of its host */

static void op_raise_virq(void *data, unsigned int vmid, u32 intid)
{
	struct gunyah_model_host *host = data;

	if (vmid != GM_VMID_PRIMARY || intid >= GUNYAH_MODEL_VIRQ_END)
		return;

	atomic_inc(&host->raised[intid]);
	if (atomic_add_unless(&host->drop[intid], -1, 0)) {
		atomic_inc(&host->dropped[intid]);
		return;
	}
	set_bit(intid, host->pending);
	/* Pairs with chip_unmask() and chip_eoi(). */
	smp_mb__after_atomic();
	host_kick_irq(host);
}

static int op_copy_in(void *data, void *dst, u64 va, size_t size)
{
	struct gunyah_model_host *host = data;

	if (atomic_add_unless(&host->fail_copies, -1, 0))
		return GM_COPY_STAGE1;

	memcpy(dst, (const void *)(uintptr_t)va, size);
	return 0;
}

static int op_copy_out(void *data, u64 va, const void *src, size_t size)
{
	struct gunyah_model_host *host = data;

	if (atomic_add_unless(&host->fail_copies, -1, 0))
		return GM_COPY_STAGE1;

	memcpy((void *)(uintptr_t)va, src, size);
	return 0;
}

static void op_lock(void *data)
	__acquires(&((struct gunyah_model_host *)data)->lock)
{
	struct gunyah_model_host *host = data;
	unsigned long flags;

	raw_spin_lock_irqsave(&host->lock, flags);
	host->lock_flags = flags;
}

static void op_unlock(void *data)
	__releases(&((struct gunyah_model_host *)data)->lock)
{
	struct gunyah_model_host *host = data;

	raw_spin_unlock_irqrestore(&host->lock, host->lock_flags);
}

static void op_rm_kick(void *data)
{
	struct gunyah_model_host *host = data;

	if (!READ_ONCE(host->manual))
		mod_delayed_work(host->wq, &host->rm_work, 0);
}

static u64 op_now_ns(void *data)
{
	return ktime_get_ns();
}

static void op_log(void *data, const char *msg)
{
	pr_debug("gunyah_model: %s\n", msg);
}

static const struct gm_host_ops host_ops = {
	.raise_virq = op_raise_virq,
	.copy_in = op_copy_in,
	.copy_out = op_copy_out,
	.lock = op_lock,
	.unlock = op_unlock,
	.rm_kick = op_rm_kick,
	.now_ns = op_now_ns,
	.log = op_log,
};

static void rm_work(struct work_struct *work)
{
	struct gunyah_model_host *host =
		container_of(to_delayed_work(work), struct gunyah_model_host,
			     rm_work);
	u64 next = gunyah_model_run(host);
	u64 now = ktime_get_ns();

	if (next == GM_RUN_IDLE || READ_ONCE(host->manual))
		return;

	/* A kick that came meanwhile must not be put off. */
	queue_delayed_work(host->wq, &host->rm_work,
			   next > now ? nsecs_to_jiffies(next - now) + 1 : 0);
}

/* The instance */

static void host_free_irqs(struct gunyah_model_host *host)
{
	for (unsigned int intid = 0; intid < GUNYAH_MODEL_VIRQ_END; intid++) {
		if (host->irqs[intid])
			irq_dispose_mapping(host->irqs[intid]);
		host->irqs[intid] = 0;
	}
}

/**
 * gunyah_model_stop() - take the model away
 * @host: instance, or one that has been stopped already
 *
 * Nothing may make hypercalls or hold one of its interrupts any more. Done at
 * the end of the test by itself, after what the test registered later.
 *
 * Context: Process context.
 */
void gunyah_model_stop(struct gunyah_model_host *host)
{
	if (READ_ONCE(active) != host)
		return;

	WRITE_ONCE(host->manual, true);
	gunyah_conduit_set(NULL);
	cancel_delayed_work_sync(&host->rm_work);
	destroy_workqueue(host->wq);
	irq_work_sync(&host->irq_work);
	while (atomic_read_acquire(&host->csd_busy))
		cpu_relax();

	host_free_irqs(host);
	irq_domain_remove(host->domain);
	irq_domain_free_fwnode(host->fwnode);
	WRITE_ONCE(active, NULL);
	vfree(host->gm);
	host->gm = NULL;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_model_stop);

static void host_stop_action(void *host)
{
	gunyah_model_stop(host);
}

/* A driver that talks to a real hypervisor must not find a model instead. */
static bool real_hypervisor(void)
{
	struct device_node *np;

	np = of_find_compatible_node(NULL, NULL, "gunyah-resource-manager");
	of_node_put(np);
	return np;
}

static int host_init_gm(struct gunyah_model_host *host, const char *options)
{
	struct gm_config cfg = {
		.options = options,
		.entropy = 1,
		.virq_first = GUNYAH_MODEL_VIRQ_FIRST,
		.virq_count = GUNYAH_MODEL_VIRQ_END - GUNYAH_MODEL_VIRQ_FIRST,
		.nr_cpus = 8,
	};

	host->gm = vzalloc(gm_size());
	if (!host->gm)
		return -ENOMEM;

	if (gm_init(host->gm, &cfg, &host_ops, host)) {
		kunit_err(host->test, "model option: %s",
			  gm_option_error(host->gm));
		return -EINVAL;
	}

	return 0;
}

static int host_init(struct gunyah_model_host *host)
{
	raw_spin_lock_init(&host->lock);
	mutex_init(&host->rm_lock);
	/* As an interrupt comes, also on PREEMPT_RT. */
	host->irq_work = IRQ_WORK_INIT_HARD(host_irq_work);
	INIT_CSD(&host->csd, host_csd, host);
	INIT_DELAYED_WORK(&host->rm_work, rm_work);
	bitmap_fill(host->masked, GUNYAH_MODEL_VIRQ_END);
	host->irq_cpu = -1;

	host->wq = alloc_ordered_workqueue("gunyah_model", 0);
	if (!host->wq)
		return -ENOMEM;

	host->fwnode = irq_domain_alloc_named_fwnode("gunyah-model");
	if (!host->fwnode)
		return -ENOMEM;

	host->domain = irq_domain_create_linear(host->fwnode,
						GUNYAH_MODEL_VIRQ_END,
						&host_domain_ops, host);
	return host->domain ? 0 : -ENOMEM;
}

/**
 * gunyah_model_start() - put a fresh model behind the hypercalls
 * @test: the test; it fails if the model cannot be started, and is skipped on
 *	  a machine that runs under a real Gunyah
 * @options: option string of the model, or NULL
 *
 * Capability ids are the same in each run unless @options has a seed.
 *
 * Context: Process context of the test.
 * Return: the instance, stopped when the test ends.
 */
struct gunyah_model_host *gunyah_model_start(struct kunit *test,
					     const char *options)
{
	struct gunyah_model_host *host;

	if (real_hypervisor())
		kunit_skip(test, "a real hypervisor is in use");

	KUNIT_ASSERT_NULL(test, READ_ONCE(active));
	host = kunit_kzalloc(test, sizeof(*host), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, host);
	host->test = test;

	/* A failure here leaks what was set up; the kernel is not for use. */
	KUNIT_ASSERT_EQ(test, host_init(host), 0);
	KUNIT_ASSERT_EQ(test, host_init_gm(host, options), 0);

	WRITE_ONCE(active, host);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, host_stop_action,
							host), 0);
	gunyah_conduit_set(model_conduit);
	return host;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_model_start);

/**
 * gunyah_model_set_manual() - choose who runs the resource manager
 * @host: instance
 * @manual: true: only gunyah_model_run(); false (default): a work item, soon
 *	    after a message came
 *
 * Context: Process context.
 */
void gunyah_model_set_manual(struct gunyah_model_host *host, bool manual)
{
	WRITE_ONCE(host->manual, manual);
	if (manual)
		cancel_delayed_work_sync(&host->rm_work);
	else
		mod_delayed_work(host->wq, &host->rm_work, 0);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_model_set_manual);

/**
 * gunyah_model_run() - let the resource manager and the peers work
 * @host: instance
 *
 * Context: Process context.
 * Return: GM_RUN_IDLE, or the time in ns at which there is more to do.
 */
u64 gunyah_model_run(struct gunyah_model_host *host)
{
	u64 next;

	mutex_lock(&host->rm_lock);
	next = gm_rm_run_all(host->gm);
	mutex_unlock(&host->rm_lock);

	return next;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_model_run);

static void settle_work(struct work_struct *work)
{
}

/* BH work of a CPU runs in order: what was queued before has run after this. */
static void settle_bh(unsigned int cpu)
{
	struct work_struct work;

	INIT_WORK_ONSTACK(&work, settle_work);
	queue_work_on(cpu, system_bh_wq, &work);
	flush_work(&work);
	destroy_work_on_stack(&work);
}

/* What is due now: the resource manager, interrupts, BH work of this CPU. */
static void settle_here(struct gunyah_model_host *host)
{
	flush_delayed_work(&host->rm_work);
	irq_work_sync(&host->irq_work);
	while (atomic_read_acquire(&host->csd_busy))
		cpu_relax();
	settle_bh(raw_smp_processor_id());
}

/**
 * gunyah_model_settle() - wait until nothing moves any more
 * @host: instance
 *
 * Lets the resource manager, interrupts and BH work that are due now run, over
 * and over as each may cause the others, until nobody has made a hypercall or
 * had an interrupt. A flood that never ends is left to itself after a while.
 *
 * Context: Process context.
 */
void gunyah_model_settle(struct gunyah_model_host *host)
{
	unsigned int cpu;
	int before;

	guard(cpus_read_lock)();
	for (unsigned int n = 0; n < SETTLE_ROUNDS; n++) {
		before = atomic_read(&host->moves);
		settle_here(host);
		if (atomic_read(&host->moves) != before)
			continue;
		/* Little happens elsewhere, and asking is slow: last. */
		for_each_online_cpu(cpu)
			settle_bh(cpu);
		settle_here(host);
		if (atomic_read(&host->moves) == before)
			return;
	}
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_model_settle);

/**
 * gunyah_model_irq() - the Linux interrupt of an INTID
 * @host: instance
 * @intid: GUNYAH_MODEL_VIRQ_FIRST to GUNYAH_MODEL_VIRQ_END - 1
 *
 * The mapping lasts as long as the instance. Not for INTIDs that a child of
 * the irq domain maps.
 *
 * Context: Process context.
 * Return: interrupt number, or a negative errno.
 */
int gunyah_model_irq(struct gunyah_model_host *host, u32 intid)
{
	struct irq_fwspec fwspec = {
		.fwnode = host->fwnode,
		.param_count = 3,
		.param = { 0, intid - 32, IRQ_TYPE_EDGE_RISING },
	};
	int irq;

	if (intid < GUNYAH_MODEL_VIRQ_FIRST || intid >= GUNYAH_MODEL_VIRQ_END)
		return -EINVAL;
	if (host->irqs[intid])
		return host->irqs[intid];

	irq = irq_domain_alloc_irqs(host->domain, 1, NUMA_NO_NODE, &fwspec);
	if (irq > 0)
		host->irqs[intid] = irq;

	return irq;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_model_irq);

/**
 * gunyah_model_raise() - raise an interrupt out of the blue
 * @host: instance
 * @intid: which
 *
 * Context: Any.
 */
void gunyah_model_raise(struct gunyah_model_host *host, u32 intid)
{
	op_raise_virq(host, GM_VMID_PRIMARY, intid);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_model_raise);

/**
 * gunyah_model_drop_irqs() - lose interrupts
 * @host: instance
 * @intid: which
 * @nr: how many of the next ones; 0: none any more
 *
 * Context: Any.
 */
void gunyah_model_drop_irqs(struct gunyah_model_host *host, u32 intid,
			    unsigned int nr)
{
	atomic_set(&host->drop[intid], nr);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_model_drop_irqs);

/**
 * gunyah_model_debug() - a debug operation of the model
 * @host: instance
 * @op: GM_DBG_*
 * @a2: argument in X2
 * @a3: argument in X3
 * @a4: argument in X4
 * @a5: argument in X5
 * @results: X1..X6 of the answer, or NULL
 *
 * Context: Any.
 * Return: X0 of the answer, 0 for OK.
 */
long gunyah_model_debug(struct gunyah_model_host *host, u64 op, u64 a2, u64 a3,
			u64 a4, u64 a5, u64 *results)
{
	u64 x[GM_NR_SMCCC_REGS] = { GM_DBG_CALL, op, a2, a3, a4, a5 };

	gm_debug(host->gm, x);
	if (results)
		memcpy(results, &x[1], 6 * sizeof(x[0]));

	return x[0];
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_model_debug);

/**
 * gunyah_model_queue_create() - a queue pair to a peer of the model
 * @host: instance
 * @flags: GM_DBG_QUEUE_*; GM_DBG_QUEUE_TX, _RX or both, and what the peer does
 * @depth: depth of both
 * @size: message size of both
 * @queue: filled in
 *
 * Context: Any.
 * Return: 0 or -EINVAL.
 */
int gunyah_model_queue_create(struct gunyah_model_host *host, u64 flags,
			      u32 depth, u32 size,
			      struct gunyah_model_queue *queue)
{
	u64 r[6];

	if (gunyah_model_debug(host, GM_DBG_QUEUE_CREATE, flags,
			       depth | (u64)size << 16,
			       depth | (u64)size << 16, 0, r))
		return -EINVAL;

	queue->tx_cap = r[0];
	queue->tx_virq = r[1];
	queue->rx_cap = r[2];
	queue->rx_virq = r[3];
	queue->vmid = r[4];
	queue->label = r[5];
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_model_queue_create);

/**
 * gunyah_model_peer_send() - let the peer send
 * @host: instance
 * @rx_cap: queue, as its receiver names it
 * @size: bytes of each message
 * @count: messages
 * @first: byte n of message k is first + k + n
 *
 * Context: Any.
 * Return: how many the queue took.
 */
unsigned int gunyah_model_peer_send(struct gunyah_model_host *host, u64 rx_cap,
				    u32 size, u32 count, u8 first)
{
	u64 r[6];

	if (gunyah_model_debug(host, GM_DBG_QUEUE_PEER_SEND, rx_cap, size,
			       count, first, r))
		return 0;

	return r[0];
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_model_peer_send);

/**
 * gunyah_model_peer_recv() - let the peer receive and drop
 * @host: instance
 * @tx_cap: queue, as its sender names it
 * @count: messages at most
 *
 * Context: Any.
 * Return: how many there were.
 */
unsigned int gunyah_model_peer_recv(struct gunyah_model_host *host, u64 tx_cap,
				    u32 count)
{
	u64 r[6];

	if (gunyah_model_debug(host, GM_DBG_QUEUE_PEER_RECV, tx_cap, count, 0,
			       0, r))
		return 0;

	return r[0];
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_model_peer_recv);

/**
 * gunyah_model_primary_info() - what the device tree would say of the RM queues
 * @host: instance
 * @info: filled in
 *
 * Context: Any.
 */
void gunyah_model_primary_info(struct gunyah_model_host *host,
			       struct gm_primary_info *info)
{
	gm_primary_info(host->gm, info);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_model_primary_info);

/**
 * gunyah_model_counter() - read a counter of the model
 * @host: instance
 * @id: GM_CTR_*
 *
 * Context: Any.
 * Return: its value.
 */
u64 gunyah_model_counter(struct gunyah_model_host *host, unsigned int id)
{
	return gm_counter(host->gm, id);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_model_counter);

/**
 * gunyah_model_calls() - how often a hypercall was made
 * @host: instance
 * @num: its number, without the SMCCC part
 *
 * Context: Any.
 * Return: number of calls, failed ones included.
 */
u64 gunyah_model_calls(struct gunyah_model_host *host, unsigned int num)
{
	return gm_call_count(host->gm, num, NULL);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_model_calls);

/**
 * gunyah_model_log_read() - read the log of hypercalls
 * @host: instance
 * @seq: number of the entry
 * @entry: filled in
 *
 * Context: Any.
 * Return: false if the entry is not, or no longer, there.
 */
bool gunyah_model_log_read(struct gunyah_model_host *host, u64 seq,
			   struct gm_log_entry *entry)
{
	return gm_log_read(host->gm, seq, entry);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_model_log_read);

MODULE_DESCRIPTION("Model of the Gunyah hypervisor for KUnit");
MODULE_LICENSE("GPL");
MODULE_INFO(import_ns, "EXPORTED_FOR_KUNIT_TESTING");
