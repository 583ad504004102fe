/* SPDX-License-Identifier: GPL-2.0-only */
/* The bare test: a primary VM without an operating system. */
#ifndef STANDIN_BARE_H
#define STANDIN_BARE_H

#include "../arm.h"
#include "../platform.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define MAX_VCPUS	8
#define MIB		0x100000UL
#define GUEST_BASE	0x80000000UL
#define GUEST_GICD	0x3fff0000UL
#define GUEST_GICR	0x3ffb0000UL
#define DT_OFFSET	(1 * MIB)
#define DT_SIZE		0x10000UL

#define BUSY		31		/* error */

/* States of vcpu_run */
#define READY		0
#define WAKEUP		1
#define OFF		2
#define BLOCKED		3
#define VMMIO_READ	4
#define VMMIO_WRITE	5
#define FAULT		6
#define PSCI_RESET	0x100

/* start.S */
extern u64 aborts[2];
extern char stack1[];
void hypercall(u64 *x);
void cpu_up(void);
void bare_main(void *fdt);
void bare_second(void);

/**
 * struct vm - a secondary VM
 * @vmid: RM's name for it
 * @memory: its memory in the primary VM
 * @size: its size
 * @handle: of the parcel
 * @nr_vcpus: how many
 * @cap: per vCPU
 * @virq: wake-up interrupt per vCPU
 * @bell: capability of its doorbell
 * @exit: result registers of the last run: error, state, data
 */
struct vm {
	u32 vmid;
	u64 memory;
	u64 size;
	u32 handle;
	u32 nr_vcpus;
	u64 cap[MAX_VCPUS];
	u32 virq[MAX_VCPUS];
	u64 bell;
	u64 exit[5];
};

/* rm.c */
void rm_init(const void *fdt);
u64 call(u32 num, u64 a, u64 b, u64 c, u64 d, u64 *res);
u32 rm_call(u32 id, const void *data, u32 size, void *reply, u32 *reply_size);
u32 rm_exit_type(u32 vmid);
bool vm_make(struct vm *vm, u64 memory, u64 size, const char *code, const char *end, u32 nr_vcpus);
void vm_lend(struct vm *vm);
bool vm_start(struct vm *vm);
u64 vm_run(struct vm *vm, u32 vcpu, u64 resume);
u64 vm_run_on(struct vm *vm, u32 vcpu, u64 resume, u64 *exit);
void vm_end(struct vm *vm, bool stop);

/* gic.c */
void gic_init(unsigned int cpu);
bool gic_take(u32 intid);
void gic_wait(u32 intid);
u64 now(void);
u64 ticks_per_ms(void);

/* bare.c */
void print(const char *fmt, ...) __printf(1, 2);
void die(const char *what) __noreturn;

/* Guests of payloads.S, each from payload_NAME to payload_NAME_end */
#define PAYLOAD(name)	extern char payload_##name[], payload_##name##_end[]
PAYLOAD(mmio);
PAYLOAD(state);
PAYLOAD(timer);
PAYLOAD(bell);
PAYLOAD(smp);
PAYLOAD(spin);
PAYLOAD(wrong);
PAYLOAD(lost);
extern u64 payload_smp_count;

#endif /* STANDIN_BARE_H */
