/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Secondary VMs: what a VM and a vCPU consist of, and what the files that run
 * them offer each other. Each of the three structures is one page of the pool.
 *
 * vm_lock protects the table of VMs, all of the virtual GICs, and who runs,
 * waits and is switched on. The register contexts belong to the CPU that runs
 * the vCPU (the model lets only one), and to nobody else until it has left.
 * Order: the model's lock, vm_lock, leaf locks.
 */
#ifndef STANDIN_VM_H
#define STANDIN_VM_H

#include "frame.h"
#include "mmu.h"
#include "model.h"
#include "standin.h"

#define VM_MAX_VCPUS		8
#define VM_NR_TIMERS		2

/* INTIDs of a virtual GIC */
#define VGIC_NR_SGIS		16
#define VGIC_NR_PRIVATE		32
#define VGIC_NR_INTIDS		1020
#define VGIC_MAX_LRS		8

/* struct virq, flags */
#define VIRQ_ENABLED		0x01
#define VIRQ_GROUP1		0x02
#define VIRQ_EDGE		0x04
#define VIRQ_PENDING		0x08	/* latched */
#define VIRQ_ACTIVE		0x10
#define VIRQ_LINE		0x20	/* a level that is high: the timers' */

/**
 * struct virq - an interrupt of a VM, or of a vCPU (SGIs and PPIs)
 * @flags: VIRQ_*
 * @priority: 0 is the highest
 * @target: vCPU, VM_MAX_VCPUS for none
 * @in: vCPU + 1 in whose list registers it is, or where it is active; 0: none
 */
struct virq {
	u8 flags;
	u8 priority;
	u8 target;
	u8 in;
};

/**
 * struct vgic_cpu - the interface of a vCPU to its GIC
 * @virqs: SGIs and PPIs
 * @busy: bit per one of them: it is pending, active, or its line is high
 * @awake: what GICR_WAKER says
 * @hcr: ICH_HCR_EL2 while it runs
 * @vmcr: ICH_VMCR_EL2
 * @ap0r: ICH_AP0R<n>_EL2
 * @ap1r: ICH_AP1R<n>_EL2
 * @lr: list registers as they were or will be loaded
 * @nr_lrs: how many of them are in use
 */
struct vgic_cpu {
	struct virq virqs[VGIC_NR_PRIVATE];
	u32 busy;
	bool awake;
	u64 hcr;
	u64 vmcr;
	u64 ap0r[4];
	u64 ap1r[4];
	u64 lr[VGIC_MAX_LRS];
	unsigned int nr_lrs;
};

/* The registers of EL1 and EL0 that are switched. */
#define EL1_REGISTERS(_) \
	_(sctlr_el1) _(actlr_el1) _(cpacr_el1) _(ttbr0_el1) _(ttbr1_el1) _(tcr_el1) \
	_(mair_el1) _(amair_el1) _(vbar_el1) _(esr_el1) _(far_el1) _(afsr0_el1) \
	_(afsr1_el1) _(elr_el1) _(spsr_el1) _(sp_el0) _(sp_el1) _(tpidr_el0) \
	_(tpidrro_el0) _(tpidr_el1) _(contextidr_el1) _(cntkctl_el1) _(csselr_el1) \
	_(par_el1) _(mdscr_el1)

struct el1_context {
#define FIELD(reg) u64 reg;
	EL1_REGISTERS(FIELD)
#undef FIELD
};

/**
 * struct timer - one of the two timers EL1 has
 * @ctl: CNTx_CTL_EL0
 * @cval: CNTx_CVAL_EL0
 */
struct timer {
	u64 ctl;
	u64 cval;
};

/* What a vCPU that does not run waits for. */
enum vcpu_wait {
	WAIT_NOTHING,
	WAIT_WFI,
	WAIT_SUSPEND,
	WAIT_POWER,
};

/* What its next run has to do first. */
enum vcpu_resume {
	RESUME_PLAIN,
	RESUME_START,	/* from the entry point */
	RESUME_READ,	/* the MMIO load gets its value */
};

/**
 * struct vcpu - a virtual CPU
 * @frame: its X registers, PC and PSTATE; first, as switch.S has its address
 * @fp: see fpsimd.S
 * @el1: other registers
 * @timers: virtual, physical
 * @vm: of which it is
 * @index: which
 * @cpu: physical CPU that runs it, NULL: none; vm_lock
 * @wait: what it waits for; vm_lock
 * @power_state: argument of the CPU_SUSPEND it waits in
 * @woken: the model was told that the wait is over; vm_lock
 * @wake_at: counter value at which its timer ends the wait, ~0: never; vm_lock
 * @kicked: its run has to end; vm_lock
 * @dead: it had a fault nothing can be done about
 * @resume: what its next run does first; vm_lock
 * @entry: where RESUME_START starts
 * @x: X0 to X30 there
 * @sp: SP_EL0 and SP_EL1 there
 * @last_vector: where its last abort was sent to, to see that it gets nowhere
 */
struct vcpu {
	struct frame frame;
	u8 fp[FP_SIZE] __aligned(16);
	struct el1_context el1;
	struct timer timers[VM_NR_TIMERS];
	struct vgic_cpu vgic;
	struct vm *vm;
	unsigned int index;
	struct cpu *cpu;
	enum vcpu_wait wait;
	u64 power_state;
	bool woken;
	u64 wake_at;
	bool kicked;
	bool dead;
	enum vcpu_resume resume;
	u64 entry;
	u64 x[31];
	u64 sp[2];
	u64 last_vector;
};

/**
 * struct vm - a secondary VM
 * @next: in the list of all
 * @vmid: the model's name for it
 * @setup: what the model said about it
 * @stage2: its memory
 * @vcpus: its vCPUs
 * @spis: its shared interrupts; the first 32 are not used
 * @busy: bit per SPI: pending or active
 * @gicd_ctlr: GICD_CTLR
 * @last_vcpu: per physical CPU the vCPU + 1 that ran there last
 */
struct vm {
	struct vm *next;
	unsigned int vmid;
	struct gm_vm_setup setup;
	struct stage2 stage2;
	struct vcpu *vcpus[VM_MAX_VCPUS];
	struct virq *spis;
	u64 busy[16];
	u32 gicd_ctlr;
	u8 last_vcpu[PLAT_MAX_CPUS];
};

static_assert(sizeof(struct vm) <= MMU_PAGE_SIZE);
static_assert(sizeof(struct vcpu) <= MMU_PAGE_SIZE);

/* switch.S */
enum guest_left {
	LEFT_SYNC,
	LEFT_INTERRUPT,
	LEFT_SERROR,
};

unsigned int guest_enter(struct frame *frame);

/* fpsimd.S */
void fp_save(void *fp);
void fp_load(const void *fp);
void sve_save(void *buf, bool ffr);
void sve_load(const void *buf, bool ffr);
u64 sve_vector_bytes(void);
void sme_stop_streaming(void);
void sme_start_streaming(void);

/* vm.c */
extern struct spinlock vm_lock;

struct vm *vm_find(unsigned int vmid);
struct vm *vm_first(void);
u32 vm_notify(struct vm *vm);
void vm_wake(unsigned int vmid, u32 mask);
int host_mem_map(void *host, unsigned int vmid, u64 ipa, u64 pa, u64 size,
		 unsigned int rights, bool io);
int host_vm_create(void *host, unsigned int vmid, const struct gm_vm_setup *setup);
void host_vm_destroy(void *host, unsigned int vmid);
void host_vcpu_start(void *host, unsigned int vmid, unsigned int vcpu, u64 entry, u64 x0);
void host_vcpu_set_reg(void *host, unsigned int vmid, unsigned int vcpu, unsigned int set,
		       unsigned int index, u64 value);
void host_vcpu_kick(void *host, unsigned int vmid, unsigned int vcpu);
void vm_raise_virq(unsigned int vmid, u32 intid);

/* vcpu.c */
void host_vcpu_run(void *host, unsigned int vmid, unsigned int vcpu, const u64 resume[3],
		   struct gm_vcpu_exit *exit);
void vcpu_power_on(struct vcpu *vcpu, u64 entry, u64 context);

/* world.c */
void world_to_guest(struct vcpu *vcpu);
void world_to_primary(struct vcpu *vcpu);
void world_reset_vcpu(struct vcpu *vcpu);

/* vtimer.c */
void vtimer_enter_guest(struct vcpu *vcpu);
void vtimer_leave_guest(struct vcpu *vcpu);
void vtimer_update_loaded(struct vcpu *vcpu);
void vtimer_update_saved(struct vcpu *vcpu);
u64 vtimer_next(const struct vcpu *vcpu);

/* vgic.c */
void vgic_reset_vcpu(struct vcpu *vcpu);
void vgic_reset_interface(struct vcpu *vcpu);
struct virq *vgic_virq(struct vm *vm, unsigned int vcpu, u32 intid);
void vgic_update_busy(struct vm *vm, unsigned int vcpu, u32 intid);
void vgic_set_line(struct vcpu *vcpu, u32 intid, bool high);
void vgic_latch(struct vm *vm, unsigned int vcpu, u32 intid);
bool vgic_wants(struct vcpu *vcpu);
bool vgic_has_interrupt(struct vcpu *vcpu);
void vgic_flush(struct vcpu *vcpu);
u32 vgic_enter(struct vcpu *vcpu);
void vgic_sync(struct vcpu *vcpu);
void vgic_load(struct vcpu *vcpu);
void vgic_put(struct vcpu *vcpu);

/* vgic_mmio.c */
bool vgic_mmio(struct vcpu *vcpu, u64 ipa, unsigned int size, bool write, u64 *val);
void vgic_sgi(struct vcpu *vcpu, u64 val);

/* guest.c */
bool guest_trap(struct vcpu *vcpu, struct gm_vcpu_exit *exit);
void guest_dies(struct vcpu *vcpu, struct gm_vcpu_exit *exit);
void guest_finish_read(struct vcpu *vcpu, u64 val);

/* vpsci.c */
bool vpsci_call(struct vcpu *vcpu, struct gm_vcpu_exit *exit, bool *leave);

/* idregs.c */
bool guest_id_register(u32 iss, u64 *val);

#endif /* STANDIN_VM_H */
