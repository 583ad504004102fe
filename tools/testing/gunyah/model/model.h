/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model: what a VM sees of the Gunyah hypervisor and its resource manager
 * (RM), in plain C without a host under it.
 *
 * The same files are linked into the EL2 stand-in, into the KUnit suites and
 * into a user-space harness. A host hands in memory, a lock, copies from and
 * to the caller's addresses, a clock and a way to raise interrupts; the model
 * owns the objects (capabilities, queues, doorbells, VMs, RM's books).
 *
 * Who may call what:
 *
 *  - Every function below takes the model's lock (ops->lock) itself and may be
 *    called on any CPU at any time, but never from one of the ops.
 *  - copy_in and copy_out are called with the lock held.
 *  - raise_virq, rm_kick and log are called without it, before the function
 *    that caused them returns. They may be called on several CPUs at once.
 *  - RM is asynchronous: a hypercall never answers an RM message. It queues the
 *    message and calls rm_kick; the host then calls gm_rm_run() from its own
 *    context (the RM core, a work item, the test itself).
 *
 * gm_rm_run() is the only place from which messages to the VMs appear.
 */
#ifndef GM_MODEL_H
#define GM_MODEL_H

#include "types.h"
#include "debug.h"

/* VM identifiers with a fixed meaning. */
#define GM_VMID_HYP		0x00
#define GM_VMID_PRIMARY		0x03
#define GM_VMID_RM		0xff

/* SMCCC: owners 5 (standard hypervisor) and 6 (vendor hypervisor). */
#define GM_SMCCC_UID		0x8600ff01u
#define GM_SMCCC_REVISION	0x8600ff03u
#define GM_SMCCC_HYPERCALL	0xc6008000u	/* | number */

#define GM_NR_SMCCC_REGS	18		/* X0..X17 */
#define GM_NR_NATIVE_REGS	8		/* X0..X7 */

struct gm;

/**
 * struct gm_host_ops - what a host does for the model
 * @raise_virq: make edge interrupt @intid of VM @vmid pending. In this version
 *	only interrupts of the primary VM are raised. Called without the lock.
 * @copy_in: copy @size bytes from caller address @va (an EL1 virtual address of
 *	the VM whose hypercall is being handled) to @dst. Called with the lock
 *	held, only from gm_hypercall() and gm_hypercall_native(). Returns 0, or
 *	GM_COPY_STAGE1 / GM_COPY_PERMISSION / GM_COPY_STAGE2.
 * @copy_out: the same in the other direction.
 * @lock: take the model's one lock. May be NULL for a host with one thread.
 * @unlock: release it.
 * @rm_kick: gm_rm_run() has something to do. May be called spuriously and while
 *	gm_rm_run() runs elsewhere: then it has to be run once more. May be NULL.
 * @now_ns: a monotonic clock. May be NULL (the time then stands still).
 * @mem_map: from now on VM @vmid may use @size bytes at @ipa with @rights (of
 *	GM_MEM_*, 0: not at all); @io: device memory. Called for memory that is
 *	lent, donated, shared and reclaimed, with the lock held, from
 *	gm_rm_run() or a debug call. Returns 0, else the request fails. May be
 *	NULL.
 * @log: one line of text without newline, about things that should not happen
 *	to a careful guest (RM died, request dropped). May be NULL.
 */
struct gm_host_ops {
	void (*raise_virq)(void *host, unsigned int vmid, u32 intid);
	int (*copy_in)(void *host, void *dst, u64 va, size_t size);
	int (*copy_out)(void *host, u64 va, const void *src, size_t size);
	void (*lock)(void *host);
	void (*unlock)(void *host);
	void (*rm_kick)(void *host);
	u64 (*now_ns)(void *host);
	int (*mem_map)(void *host, unsigned int vmid, u64 ipa, u64 size, unsigned int rights,
		       bool io);
	void (*log)(void *host, const char *msg);
};

/* Rights to memory. */
#define GM_MEM_X		1
#define GM_MEM_W		2
#define GM_MEM_R		4
#define GM_MEM_RX		(GM_MEM_R | GM_MEM_X)
#define GM_MEM_RW		(GM_MEM_R | GM_MEM_W)
#define GM_MEM_RWX		(GM_MEM_R | GM_MEM_W | GM_MEM_X)

/* Failures of copy_in and copy_out: the hypervisor's own error numbers. */
#define GM_COPY_STAGE1		1	/* not mapped by the caller */
#define GM_COPY_STAGE2		22	/* not mapped by the hypervisor */
#define GM_COPY_PERMISSION	30	/* no permission at stage 2 */

/**
 * struct gm_config - what differs between two instances
 * @options: comma-separated options (see options.c for the list), or NULL. The
 *	string is not kept.
 * @entropy: seed of the capability ids when there is no option "seed=".
 * @virq_first: first interrupt number (INTID) of the primary VM that the model
 *	may use.
 * @virq_count: how many of them. The first two are those of the RM queues;
 *	when the rest runs out, calls that need one answer NORESOURCE.
 * @mem_base: memory that the primary VM owns at the start
 * @mem_size: its size; 0: RM takes every address for memory
 * @nr_cpus: physical CPUs (limit of vcpu_set_affinity and of vCPUs of a VM).
 * @skip_unknown: options the model does not know are the host's: skip them. If
 *	false they make gm_init() fail.
 */
struct gm_config {
	const char *options;
	u64 entropy;
	u32 virq_first;
	u32 virq_count;
	u64 mem_base;
	u64 mem_size;
	u32 nr_cpus;
	bool skip_unknown;
};

/**
 * struct gm_primary_info - what the primary VM's device tree has to tell
 * @vmid: the primary VM's id
 * @free_irq_start: property "qcom,free-irq-start"
 * @tx_cap: capability of the queue to RM (first of "reg")
 * @rx_cap: capability of the queue from RM (second of "reg")
 * @tx_virq: INTID "queue to RM has room again" (first of "interrupts")
 * @rx_virq: INTID "queue from RM has a message"
 * @tx_size: message size of the queue to RM
 * @rx_size: message size of the queue from RM
 * @tx_depth: depth of the queue to RM
 * @rx_depth: depth of the queue from RM
 */
struct gm_primary_info {
	u32 vmid;
	u32 free_irq_start;
	u64 tx_cap;
	u64 rx_cap;
	u32 tx_virq;
	u32 rx_virq;
	u32 tx_size;
	u32 rx_size;
	u32 tx_depth;
	u32 rx_depth;
};

/**
 * struct gm_log_entry - one hypercall in the log ring
 * @seq: running number, starting at 0
 * @time_ns: when it was made
 * @vmid: caller
 * @native: made by HVC #0x6000 + number
 * @call: hypercall number (GM_LOG_SERVICE: an SMCCC service call)
 * @nr_args: valid words of @args
 * @nr_results: valid words of @results
 * @reserved: 0
 * @args: arguments in call order, from X1 (SMCCC) or X0 (native)
 * @results: X0..
 */
struct gm_log_entry {
	u64 seq;
	u64 time_ns;
	u16 vmid;
	u8 native;
	u8 nr_args;
	u16 call;
	u8 nr_results;
	u8 reserved;
	u64 args[7];
	u64 results[5];
};

#define GM_LOG_SERVICE		0xffff

/* What gm_rm_run() returns besides a time. */
#define GM_RUN_AGAIN		0ull	/* more to do at once */
#define GM_RUN_IDLE		(~0ull)	/* nothing until the next rm_kick */

/**
 * gm_size() - size of the state
 *
 * For hosts that allocate it; others include state.h and use struct gm.
 *
 * Return: sizeof(struct gm), some MiB of which little is touched.
 */
size_t gm_size(void);

/**
 * gm_init() - start an instance
 * @m: gm_size() bytes, zeroed by the caller, aligned to 16
 * @cfg: configuration, not kept
 * @ops: host functions, kept
 * @host: handed to each of @ops
 *
 * There is nothing to free: to end an instance, stop calling it.
 *
 * Return: 0, or -1 if an option is wrong (gm_option_error() has it) or a
 * resource asked for by an option cannot be had.
 */
int gm_init(struct gm *m, const struct gm_config *cfg, const struct gm_host_ops *ops, void *host);

/**
 * gm_option_error() - the option gm_init() failed on
 * @m: instance
 *
 * Return: text, "" if there was no error.
 */
const char *gm_option_error(const struct gm *m);

/**
 * gm_hypercall() - an SMCCC call (HVC #0 or SMC #0) of a VM
 * @m: instance
 * @vmid: caller
 * @x: X0..X17, changed as the real one does
 *
 * Context: any CPU; takes the lock, copies from and to caller memory.
 * Return: true if the function id belongs to owner 5 or 6 (@x then holds the
 * result, which may be "unknown"), false if it is somebody else's (@x is
 * untouched).
 */
bool gm_hypercall(struct gm *m, unsigned int vmid, u64 x[GM_NR_SMCCC_REGS]);

/**
 * gm_hypercall_native() - HVC #imm16 with imm16 not 0
 * @m: instance
 * @vmid: caller
 * @imm16: immediate of the instruction, 0x6000 + number for a hypercall
 * @x: X0..X7, changed as the real one does
 *
 * An immediate that is no hypercall gives X0 = -1, never a fault.
 */
void gm_hypercall_native(struct gm *m, unsigned int vmid, unsigned int imm16,
			 u64 x[GM_NR_NATIVE_REGS]);

/**
 * gm_rm_run() - let RM and the peers work for a bounded while
 * @m: instance
 *
 * Context: one at a time per instance; concurrent with hypercalls.
 * Return: GM_RUN_AGAIN, GM_RUN_IDLE, or the time in ns (on the clock of
 * ops->now_ns) at which it has to be called again even without a kick.
 */
u64 gm_rm_run(struct gm *m);

/**
 * gm_rm_run_all() - run RM until it has nothing to do at this time
 * @m: instance
 *
 * For tests that are their own RM core.
 *
 * Return: as gm_rm_run(), never GM_RUN_AGAIN.
 */
u64 gm_rm_run_all(struct gm *m);

/**
 * gm_primary_info() - what the host writes in the device tree
 * @m: instance
 * @info: filled in
 */
void gm_primary_info(struct gm *m, struct gm_primary_info *info);

/**
 * gm_debug() - the debug hypercall for hosts
 * @m: instance
 * @x: X0 is ignored, X1 = operation (GM_DBG_*), X2.. = arguments; results in
 *	X0.. as described in debug.h
 *
 * Works without the option "debug", which guards only the hypercall.
 */
void gm_debug(struct gm *m, u64 x[GM_NR_SMCCC_REGS]);

/**
 * gm_counter() - read one counter
 * @m: instance
 * @id: GM_CTR_*
 *
 * Return: its value, 0 for an unknown id.
 */
u64 gm_counter(struct gm *m, unsigned int id);

/**
 * gm_counter_name() - name of a counter
 * @id: GM_CTR_*
 *
 * Return: name, NULL beyond the last.
 */
const char *gm_counter_name(unsigned int id);

/**
 * gm_call_count() - how often a hypercall was made
 * @m: instance
 * @num: hypercall number
 * @errors: if not NULL: how many of them gave an error
 *
 * Return: number of calls.
 */
u64 gm_call_count(struct gm *m, unsigned int num, u64 *errors);

/**
 * gm_call_name() - name of a hypercall
 * @num: hypercall number
 *
 * Return: name, NULL if there is no such call.
 */
const char *gm_call_name(unsigned int num);

/**
 * gm_log_read() - read the log ring
 * @m: instance
 * @seq: number of the entry
 * @entry: filled in
 *
 * Return: true, false if it is not there (overwritten, or not yet made).
 */
bool gm_log_read(struct gm *m, u64 seq, struct gm_log_entry *entry);

/**
 * gm_misbehave_name() - name of a misbehaviour, as in the option string
 * @what: GM_MIS_*
 *
 * Return: name, NULL beyond the last.
 */
const char *gm_misbehave_name(unsigned int what);

/**
 * gm_kind_name() - name of a message kind, as in the option string
 * @kind: GM_KIND_*
 *
 * Return: name, NULL beyond the last.
 */
const char *gm_kind_name(unsigned int kind);

#endif /* GM_MODEL_H */
