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
 *    called on any CPU at any time, but never from one of the ops. Exception:
 *    from raise_virq and vcpu_run, which are called without the lock, the host
 *    may call gm_vcpu_wake() and gm_vm_exit(), and from vcpu_run also
 *    gm_hypercall() and gm_hypercall_native() for the VM that runs.
 *  - copy_in, copy_out, the mem_ ops, vm_create, vm_destroy, vcpu_start and
 *    vcpu_kick are called with the lock held.
 *  - raise_virq, rm_kick, log and vcpu_run are called without it, before the
 *    function that caused them returns. They may be called on several CPUs at
 *    once.
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

/* What ended a run of a vCPU: the state words of vcpu_run. */
#define GM_VCPU_READY		0	/* pre-empted */
#define GM_VCPU_EXPECTS_WAKEUP	1	/* power state or 0 for WFI, GM_WAKEUP_* */
#define GM_VCPU_POWERED_OFF	2	/* bit 0: for ever (only the model says so) */
#define GM_VCPU_BLOCKED		3
#define GM_VCPU_VMMIO_READ	4	/* guest IPA, size; resumed with the value */
#define GM_VCPU_VMMIO_WRITE	5	/* guest IPA, size, source register */
#define GM_VCPU_FAULT		6
#define GM_VCPU_PSCI_RESET	0x100	/* GM_RESET_*, cookie of SYSTEM_RESET2 */

#define GM_WAKEUP_UNSPECIFIED	0
#define GM_WAKEUP_WFI		1
#define GM_WAKEUP_CPU_SUSPEND	2

/* First word of GM_VCPU_PSCI_RESET; without the first flag: SYSTEM_RESET2. */
#define GM_RESET_SYSTEM		(1ull << 63)
#define GM_RESET_64BIT		(1ull << 62)	/* [31:0] is the reset type */

/* Register sets of vcpu_set_reg, as vcpu_register_write and RM number them. */
#define GM_REG_X		0	/* X0..X30 */
#define GM_REG_PC		1
#define GM_REG_SP		2	/* SP_EL0, SP_EL1 */

/**
 * struct gm_vcpu_exit - why a vCPU came back
 * @state: GM_VCPU_*
 * @data: what the state needs; the rest is 0. The model hands the four words
 *	to the caller of vcpu_run as X1..X4.
 */
struct gm_vcpu_exit {
	u64 state;
	u64 data[3];
};

/**
 * struct gm_vm_setup - what a host has to know of a VM before it can run
 * @nr_vcpus: their number; affinity 0 (MPIDR_EL1.Aff0) of vCPU n is n
 * @psci: the VM has PSCI by HVC. If not, PSCI calls answer "not supported" and
 *	a vCPU that was not booted never runs.
 * @gicd_base: guest IPA of the 64 KiB distributor of its GICv3
 * @gicr_base: guest IPA of the redistributor of vCPU 0
 * @gicr_stride: distance of redistributors, at least 0x20000
 * @vmmio_base: data aborts with a syndrome in this range of the guest's IPA,
 *	where nothing is mapped and no GIC register is, come out as
 *	GM_VCPU_VMMIO_READ and _WRITE; all others go back as an abort
 * @vmmio_size: size of the range, 0: there is none
 */
struct gm_vm_setup {
	u32 nr_vcpus;
	bool psci;
	u64 gicd_base;
	u64 gicr_base;
	u64 gicr_stride;
	u64 vmmio_base;
	u64 vmmio_size;
};

/**
 * struct gm_host_ops - what a host does for the model
 * @raise_virq: make edge interrupt @intid of VM @vmid pending; for a secondary
 *	VM in its virtual distributor, whose rules (enabled, target) decide which
 *	vCPU has it. If that vCPU runs, it leaves the guest far enough to see the
 *	interrupt; if not, the host calls gm_vcpu_wake(). A VM that is not there
 *	(any more) is ignored. Called without the lock.
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
 * @mem_map: from now on VM @vmid may use @size bytes at its address @ipa, which
 *	are those at physical address @pa, with @rights (of GM_MEM_*, 0: not at
 *	all); @io: device memory. All but @rights are multiples of 4 KiB. For the
 *	primary VM @ipa equals @pa. When it returns, no CPU uses an old
 *	translation any more. Called for memory that is lent, donated, shared,
 *	accepted, released and reclaimed, with the lock held, from gm_rm_run() or
 *	a debug call. Returns 0, else the request fails; a call that takes rights
 *	away again (rights 0 of a secondary VM, or all rights of the primary VM)
 *	must not fail. May be NULL. A secondary VM is given memory only between
 *	@vm_create and @vm_destroy.
 * @mem_read: copy @size bytes at physical address @pa to @dst. The model asks
 *	only for memory in parcels, which the primary VM may be writing to (when
 *	shared). Called with the lock held, from gm_rm_run() or a debug call.
 *	Returns 0, else the request fails. May be NULL: then RM reads no device
 *	trees, and the options "vm-..." say what VMs have.
 * @mem_write: the same in the other direction, and the caches are cleaned so
 *	that the guest sees it with its MMU off. May be NULL: no overlay.
 * @mem_zero: write zeroes to @size bytes at physical address @pa. May be NULL:
 *	nothing is wiped.
 * @vm_create: make an empty second stage, a vGIC and @setup->nr_vcpus vCPUs that
 *	are powered off, for VM @vmid. @setup is not kept. Called at VM_INIT, with
 *	the lock held. Returns 0, else VM_INIT fails. May be NULL.
 * @vm_destroy: forget the VM. No vCPU of it is in vcpu_run any more, and none
 *	will be. Called with the lock held, in the course of VM_RESET. May be
 *	NULL.
 * @vcpu_start: vCPU @vcpu, powered off, starts at @entry (an IPA, MMU off) with
 *	X0 = @x0 when it is run next. Called at VM_START for the vCPUs that boot
 *	with the VM, with the lock held; what PSCI CPU_ON does is the host's. May
 *	be NULL.
 * @vcpu_set_reg: give a register of set GM_REG_X or GM_REG_SP a value, right after
 *	@vcpu_start, with the lock held; only with profile=boot-context, and for
 *	protected VMs. May be NULL: only PC and X0 can be chosen.
 * @vcpu_run: run vCPU @vcpu of VM @vmid on this CPU until something in
 *	struct gm_vcpu_exit is to be said, and fill in @exit. @resume are the three
 *	words of the caller; they belong to the exit before. Called without the
 *	lock, on the CPU that made the hypercall, for one vCPU at a time from one
 *	CPU only. A vCPU that is powered off gives GM_VCPU_POWERED_OFF at once; a
 *	pending interrupt of the primary VM gives GM_VCPU_READY. May be NULL: then
 *	every vCPU waits for a wake-up that does not come.
 * @vcpu_kick: let vcpu_run of that vCPU return soon (GM_VCPU_READY when nothing
 *	else is to be said), wherever it runs. If it does not run (yet), its next
 *	vcpu_run returns at once; a kick in vain does no harm. Called with the
 *	lock held; must not wait. May be NULL.
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
	int (*mem_map)(void *host, unsigned int vmid, u64 ipa, u64 pa, u64 size,
		       unsigned int rights, bool io);
	int (*mem_read)(void *host, void *dst, u64 pa, size_t size);
	int (*mem_write)(void *host, u64 pa, const void *src, size_t size);
	int (*mem_zero)(void *host, u64 pa, u64 size);
	int (*vm_create)(void *host, unsigned int vmid, const struct gm_vm_setup *setup);
	void (*vm_destroy)(void *host, unsigned int vmid);
	void (*vcpu_start)(void *host, unsigned int vmid, unsigned int vcpu, u64 entry, u64 x0);
	void (*vcpu_set_reg)(void *host, unsigned int vmid, unsigned int vcpu, unsigned int set,
			     unsigned int index, u64 value);
	void (*vcpu_run)(void *host, unsigned int vmid, unsigned int vcpu, const u64 resume[3],
			 struct gm_vcpu_exit *exit);
	void (*vcpu_kick)(void *host, unsigned int vmid, unsigned int vcpu);
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
 * The call vcpu_run leaves the lock while ops->vcpu_run runs the vCPU.
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

/* Why a VM ended: exit types of RM. */
#define GM_EXIT_RPC		0	/* the VM told RM */
#define GM_EXIT_OFF		1	/* PSCI SYSTEM_OFF */
#define GM_EXIT_RESET		2	/* PSCI SYSTEM_RESET */
#define GM_EXIT_RESET2		3	/* PSCI SYSTEM_RESET2 */
#define GM_EXIT_WATCHDOG	4
#define GM_EXIT_SOFTWARE	5
#define GM_EXIT_HARDWARE	6
#define GM_EXIT_FORCED		7	/* VM_STOP */

/**
 * gm_vm_exit() - a secondary VM has come to its end by itself
 * @m: instance
 * @vmid: the VM
 * @type: GM_EXIT_OFF, _RESET, _RESET2, or _WATCHDOG to _HARDWARE
 * @data0: for GM_EXIT_RESET2: as the first word of GM_VCPU_PSCI_RESET, else 0
 * @data1: for GM_EXIT_RESET2: the cookie, else 0
 *
 * Only notes it and wakes RM, which later kills the vCPUs, waits until they have
 * left and tells the owner. The vCPU that asked for it is the host's to stop: it
 * gives GM_VCPU_POWERED_OFF (after SYSTEM_OFF) or once GM_VCPU_PSCI_RESET and
 * then GM_VCPU_POWERED_OFF. Ignored if the VM does not run; only the first exit
 * counts.
 *
 * Context: any CPU, also from vcpu_run; takes the lock.
 */
void gm_vm_exit(struct gm *m, unsigned int vmid, unsigned int type, u64 data0, u64 data1);

/**
 * gm_vcpu_wake() - a vCPU may have something to do again
 * @m: instance
 * @vmid: a secondary VM
 * @vcpu: the vCPU
 *
 * For every event that ends WFI, CPU_SUSPEND or powered-off: an interrupt that
 * became pending for it, its timer, PSCI CPU_ON. Raises the wake-up interrupt of
 * the vCPU in its owner. While the vCPU is in vcpu_run the interrupt is kept
 * back and raised when it leaves in a state that waits for it; so a host that
 * calls this after it made the event visible loses no wake-up, and need not know
 * whether the vCPU is running. Spurious calls cost a spurious interrupt.
 *
 * Context: any CPU, also from raise_virq and vcpu_run; takes the lock.
 */
void gm_vcpu_wake(struct gm *m, unsigned int vmid, unsigned int vcpu);

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

/* What a peer's record is about, as in RM's lists. */
#define GM_PEER_DOORBELL_TX	0
#define GM_PEER_DOORBELL_RX	1
#define GM_PEER_MSGQ_TX		2
#define GM_PEER_MSGQ_RX		3

/**
 * struct gm_peer_info - something the primary VM shares with a peer
 * @type: GM_PEER_*
 * @partner: the peer
 * @label: of both ends; the two queues of a pair have the same
 * @virq: INTID, 0 where it has none
 * @cap: the primary VM's capability
 * @size: message size of a queue
 * @depth: depth of a queue
 */
struct gm_peer_info {
	u32 type;
	u32 partner;
	u32 label;
	u32 virq;
	u64 cap;
	u32 size;
	u32 depth;
};

/**
 * gm_peer_info() - what the primary VM shares with its peers, one by one
 * @m: instance
 * @index: running number
 * @info: filled in
 *
 * Return: false when there is no further one.
 */
bool gm_peer_info(struct gm *m, u32 index, struct gm_peer_info *info);

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
