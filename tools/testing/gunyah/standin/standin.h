/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the stand-in offer each other, one block per file.
 *
 * Locks: console_lock and cpus_lock are leaves. The model's lock (rmcore.c) is
 * taken by the model only; the host functions it calls under the lock copy
 * guest memory and do nothing else.
 */
#ifndef STANDIN_H
#define STANDIN_H

#include "arm.h"
#include "frame.h"
#include "platform.h"
#include "types.h"

struct gm;

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* entry.S, vectors.S, calls.S */
void cpu_entry(void);
void frame_enter(struct frame *frame) __noreturn;
u64 smc_call(u64 fn, u64 arg1, u64 arg2, u64 arg3);
u64 guest_translate(u64 va, bool write);
void guest_translate_abort(void);

/* standin.lds.S */
extern char __text_start[], __rodata_start[], __data_start[], __bss_end[], __stacks[];

/* lock.c */
struct spinlock {
	u32 locked;
};

void spin_lock(struct spinlock *lock);
bool spin_trylock(struct spinlock *lock);
void spin_unlock(struct spinlock *lock);

/* console.c */
void console_init(void);
void console_begin(void);
void console_add(const char *fmt, ...) __printf(1, 2);
void console_end(void);
void say(const char *fmt, ...) __printf(1, 2);
void panic(const char *fmt, ...) __printf(1, 2) __noreturn;
void panic_frame(const struct frame *frame, const char *fmt, ...) __printf(2, 3) __noreturn;

/* format.c */
#include <stdarg.h>
void format(void (*put)(void *arg, char c), void *arg, const char *fmt, va_list ap);
size_t format_buf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

/* clock.c */
u64 clock_ticks_to_ns(u64 ticks);
u64 clock_ns_to_ticks(u64 ns);
u64 clock_now_ns(void);

/* mmu.c */
void mmu_make_tables(void);
void mmu_map_ram(u64 ram_end);
void cache_clean(u64 start, size_t size);

/* pages.c */
void pages_init(u64 start, u64 end, u64 limit);
void *page_alloc(void);
void page_free(void *page);
u64 pages_left(void);

/* stage2.c */
struct stage2;

bool stage2_init(struct stage2 *s2, unsigned int vmid);
void stage2_free(struct stage2 *s2);
bool stage2_set(struct stage2 *s2, u64 ipa, u64 pa, u64 size, unsigned int rights, bool io);
bool stage2_maps(struct stage2 *s2, u64 ipa);

/* primary.c */
struct machine;

void primary_init(const struct machine *machine, u64 hidden_gicr, size_t hidden_size);
void primary_enable(void);
void primary_load(void);
bool primary_set(u64 pa, u64 size, unsigned int rights, bool io);
bool primary_maps(u64 ipa);
bool primary_is_ram(u64 pa, u64 size);
bool primary_may_give(u64 pa, u64 size, bool io);

/* features.c */
void features_init(void);

/* fwcfg.c */
size_t fwcfg_read_file(const char *name, char *buf, size_t size);

/* options.c */
struct options {
	u64 image;
	u64 initrd_start;
	u64 initrd_size;
	u64 latency_us;
	u64 node;
	u64 guest_nodes;
	u64 pages;
	char model[1024];	/* what is left is for the model */
};

void options_parse(struct options *opt, const char *text);

/* dt.c */
struct machine {
	u64 ram_end;
	u64 entropy;
	unsigned int nr_cpus;
	u64 mpidr[PLAT_MAX_CPUS];	/* ascending */
};

struct gm_primary_info;

void dt_read(struct machine *machine);
void dt_write(const struct machine *machine, const struct options *opt,
	      const struct gm_primary_info *info);

/* smp.c */
enum cpu_state {
	CPU_OFF,
	CPU_STARTING,
	CPU_ON,
};

/**
 * struct cpu - one physical CPU
 * @stack_top: read by entry.S
 * @mpidr: affinity
 * @index: place in the table; the last one is the RM core
 * @state: what PSCI was asked for last; protected by cpus_lock
 * @entry: where the primary VM wants it to start; protected by cpus_lock until
 *	the CPU runs
 * @context: its X0 there
 * @kick: a call being handled on this CPU left work for RM; own CPU only
 * @in_wake: the RM core tells the model about a wake-up: it looks at no queue
 * @gicr: its redistributor, 0: not looked for yet
 * @leaving: the call may have queued a message and has not returned; written
 *	by the own CPU under the model's lock, read by the RM core
 */
struct cpu {
	u64 stack_top;
	u64 mpidr;
	unsigned int index;
	enum cpu_state state;
	u64 entry;
	u64 context;
	bool kick;
	bool in_wake;
	u64 gicr;
	u32 leaving;
};

void smp_init(const struct machine *machine);
struct cpu *this_cpu(void);
struct cpu *smp_cpu(unsigned int index);
unsigned int smp_nr_guest_cpus(void);
bool smp_is_rm_core(const struct cpu *cpu);
u64 smp_cpu_on(u64 mpidr, u64 entry, u64 context);
u64 smp_cpu_suspend(u64 fn, u64 power_state, u64 entry, u64 context);
u64 smp_cpu_off(void);
bool smp_is_guest_cpu(u64 mpidr);
void smp_start_rm_core(void);
void smp_enter_guest(u64 entry, u64 context) __noreturn;
void cpu_start(struct cpu *cpu) __noreturn;

/* psci.c */
#define SMCCC_NOT_SUPPORTED	(~0UL)
#define PSCI_INVALID_PARAMETERS	(-2UL)
#define PSCI_ALREADY_ON		(-4UL)
#define PSCI_ON_PENDING		(-5UL)
#define PSCI_INVALID_ADDRESS	(-9UL)

#define PSCI_CPU_SUSPEND64	0xc4000001
#define PSCI_CPU_OFF		0x84000002
#define PSCI_CPU_ON64		0xc4000003
#define PSCI_SYSTEM_OFF		0x84000008
#define PSCI_SYSTEM_RESET	0x84000009

bool psci_call(u64 *x);

/* gic.c */
#define INTID_KICK		14	/* SGI: look what is new */
#define INTID_MAINTENANCE	25	/* PPI: of the list registers */
#define INTID_CNTHP		26	/* PPI: EL2's timer */
#define INTID_CNTV		27	/* PPI: EL1's virtual timer */
#define INTID_CNTP		30	/* PPI: EL1's physical timer */
#define INTID_NONE		1023

unsigned int gic_nr_intids(void);
void gic_raise_spi(u32 intid);
u64 gic_find_gicr(u64 mpidr, size_t *size);
void gic_wake_init(u64 gicr);
void gic_wake(u64 mpidr);
void gic_wake_ack(void);
u32 gic_pending(void);
void gic_forget_kick(struct cpu *cpu);
u32 gic_enabled(struct cpu *cpu);
u32 gic_active(struct cpu *cpu);
void gic_set_enabled(struct cpu *cpu, u32 mask, bool set);
void gic_set_active(struct cpu *cpu, u32 mask, bool set);

/* guestmem.c */
int guest_copy_in(void *dst, u64 va, size_t size);
int guest_copy_out(u64 va, const void *src, size_t size);

/* inject.c */
void inject_external_abort(struct frame *frame);
void inject_undefined(struct frame *frame);

/* rmcore.c */
extern struct gm *model;
void *rmcore_model_place(void);
void rmcore_init(const struct options *opt, const struct machine *machine,
		 struct gm_primary_info *info);
void rmcore_main(struct cpu *cpu) __noreturn;
void rmcore_call_done(void);
void rmcore_wake(void);
void rmcore_print_counters(void);

/* vcpu.c */
u64 vcpu_run_timers(void);

/* main.c */
void main(void);

/* traps.c */
void trap_guest(struct frame *frame);
void trap_el2(struct frame *frame);
void trap_unexpected(struct frame *frame, unsigned int vector) __noreturn;

#endif /* STANDIN_H */
