/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What secondary VMs run in the bare test: each payload is position-independent
 * and starts with its MMU off, X0 = address of the device tree. They report by
 * stores to 0x1000 and up, which come out of vcpu_run.
 */
#include "../macros.S"

#define MMIO		0x1000
#define GICD		0x3fff0000
#define GICR		0x3ffb0000
#define MEMORY		0x80000000	/* base-address */
#define PSCI_CPU_OFF	0x84000002
#define PSCI_CPU_ON	0xc4000003
#define PSCI_SYSTEM_OFF	0x84000008
#define PSCI_RESET	0x84000009
#define ICC_PMR		S3_0_C4_C6_0
#define ICC_IAR1	S3_0_C12_C12_0
#define ICC_EOIR1	S3_0_C12_C12_1
#define ICC_SGI1R	S3_0_C12_C11_5
#define ICC_IGRPEN1	S3_0_C12_C12_7

.macro payload name
	.balign	2048
	.globl	payload_\name, payload_\name\()_end
payload_\name:
.endm

.macro payload_end name
payload_\name\()_end:
.endm

.macro psci fn
	mov_imm	x0, \fn
	hvc	#0
.endm

/* Enable the GIC's group 1 for this CPU, and INTID \ppi (of the private ones). */
.macro gic_cpu ppi
	mov_imm	x10, GICR
	mrs	x11, mpidr_el1
	and	x11, x11, #0xff
	add	x10, x10, x11, lsl #17
	str	wzr, [x10, #0x14]		/* GICR_WAKER */
	add	x10, x10, #0x10000
	mov	w11, #-1
	str	w11, [x10, #0x80]		/* all group 1 */
	mov	w11, #(1 << \ppi)
	str	w11, [x10, #0x100]
	mov	x11, #0xff
	msr	ICC_PMR, x11
	mov	x11, #1
	msr	ICC_IGRPEN1, x11
	isb
.endm

.macro gic_dist
	mov_imm	x10, GICD
	mov	w11, #2
	str	w11, [x10]			/* EnableGrp1 */
.endm

	.section .payloads, "ax"

/* Stores and loads of all sizes, sign extension, then off. */
payload mmio
	mov	x9, #MMIO
	mov_imm	x1, 0x1122334455667788
	strb	w1, [x9]
	strh	w1, [x9, #2]
	str	w1, [x9, #4]
	str	x1, [x9, #8]
	ldrb	w2, [x9]
	str	x2, [x9, #16]
	ldrsb	x2, [x9]
	str	x2, [x9, #16]
	ldrsb	w2, [x9]
	str	x2, [x9, #16]
	ldr	x2, [x9]
	str	x2, [x9, #16]
	str	xzr, [x9, #16]
	psci	PSCI_SYSTEM_OFF
	b	.
payload_end mmio

/*
 * X registers, vectors and EL1's registers survive what other vCPUs do: counts
 * to X0's low bits for ever, checks, and reports each round.
 */
payload state
	mov	x1, #3 << 20
	msr	cpacr_el1, x1
	isb
	mov	x20, #0
	mov	x9, #MMIO
1:	add	x20, x20, #1
	dup	v0.2d, x20
	dup	v31.2d, x20
	msr	tpidr_el1, x20
	msr	tpidr_el0, x20
	msr	contextidr_el1, x20
	str	x20, [x9]			/* another vCPU runs now */
	mov	x2, v0.d[1]
	mov	x3, v31.d[0]
	mrs	x4, tpidr_el1
	mrs	x5, tpidr_el0
	mrs	x6, contextidr_el1
	eor	x2, x2, x20
	eor	x3, x3, x20
	eor	x4, x4, x20
	eor	x5, x5, x20
	eor	x6, x6, x20
	orr	x2, x2, x3
	orr	x2, x2, x4
	orr	x2, x2, x5
	orr	x2, x2, x6
	str	x2, [x9, #8]			/* 0: nothing got lost */
	b	1b
payload_end state

/* Sleeps for a millisecond by each timer; reports what it took. */
payload timer
	gic_dist
	gic_cpu	27
	mov	x9, #MMIO
	mrs	x20, cntvct_el0
	mrs	x1, cntfrq_el0
	mov	x2, #1000
	udiv	x1, x1, x2
	add	x21, x20, x1
	msr	cntv_cval_el0, x21
	mov	x1, #1
	msr	cntv_ctl_el0, x1
	isb
	wfi
	mrs	x1, ICC_IAR1
	str	x1, [x9]			/* 27 */
	mrs	x2, cntvct_el0
	sub	x2, x2, x21
	str	x2, [x9, #8]			/* how late */
	msr	cntv_ctl_el0, xzr
	isb
	msr	ICC_EOIR1, x1
	isb
	mrs	x1, ICC_IAR1
	str	x1, [x9]			/* 1023 */
	/* Again without WFI: it has to come while running. */
	mrs	x2, cntvct_el0
	mrs	x1, cntfrq_el0
	mov	x3, #1000
	udiv	x1, x1, x3
	add	x2, x2, x1
	msr	cntv_cval_el0, x2
	mov	x1, #1
	msr	cntv_ctl_el0, x1
	isb
1:	mrs	x1, ICC_IAR1
	cmp	w1, #1023
	b.eq	1b
	str	x1, [x9]			/* 27 */
	/* Not silenced: it comes again after its end. */
	msr	ICC_EOIR1, x1
	isb
2:	mrs	x1, ICC_IAR1
	cmp	w1, #1023
	b.eq	2b
	str	x1, [x9]			/* 27 */
	msr	cntv_ctl_el0, xzr
	isb
	msr	ICC_EOIR1, x1
	isb
	mrs	x1, ICC_IAR1
	str	x1, [x9]			/* 1023 */
	psci	PSCI_SYSTEM_OFF
	b	.
payload_end timer

/* Waits for SPIs in WFI, reports each; 8 rounds. */
payload bell
	gic_dist
	gic_cpu	27
	mov_imm	x10, GICD
	mov	w11, #-1
	str	w11, [x10, #0x84]		/* 32 to 63: group 1 */
	mov	w11, #0xaaaaaaaa
	str	w11, [x10, #0xc08]		/* edges */
	str	w11, [x10, #0xc0c]
	mov	w11, #-1
	str	w11, [x10, #0x104]		/* enabled */
	mov	x9, #MMIO
	str	xzr, [x9]			/* ready */
1:	mrs	x1, ICC_IAR1
	cmp	w1, #1023
	b.ne	2f
	wfi
	b	1b
2:	str	x1, [x9, #8]
	msr	ICC_EOIR1, x1
	isb
	b	1b
payload_end bell

/*
 * vCPU 0 starts all others at "second" with X0 = its number + 100; each sends
 * SGI 5 to vCPU 0 and switches itself off; vCPU 0 reports when all have.
 * The test stores the number of vCPUs at payload_smp_count.
 */
payload smp
	gic_dist
	gic_cpu	5
	adr	x19, 9f
	ldr	x19, [x19]
	mov	x20, #1
1:	cmp	x20, x19
	b.hs	2f
	mov_imm	x0, PSCI_CPU_ON
	mov	x1, x20
	adr	x2, 5f
	add	x3, x20, #100
	hvc	#0
	mov	x9, #MMIO
	str	x0, [x9]			/* 0 */
	add	x20, x20, #1
	b	1b
2:	adr	x21, 8f
	mov	x22, #0				/* SGIs taken */
3:	ldr	x1, [x21]
	sub	x2, x19, #1
	cmp	x1, x2
	ccmp	x22, #0, #4, eq			/* and one SGI was taken */
	b.ne	4f
	wfi
	mrs	x1, ICC_IAR1
	cmp	w1, #5
	b.ne	3b
	msr	ICC_EOIR1, x1
	isb
	add	x22, x22, #1
	b	3b
4:	mov	x9, #MMIO
	str	x22, [x9, #8]			/* at least one */
	psci	PSCI_SYSTEM_OFF
	b	.
5:	mrs	x1, mpidr_el1
	and	x1, x1, #0xff
	add	x1, x1, #100
	cmp	x0, x1
	b.ne	.
	adr	x21, 8f
6:	ldxr	x1, [x21]
	add	x1, x1, #1
	stxr	w2, x1, [x21]
	cbnz	w2, 6b
	dsb	sy
	mov_imm	x1, 0x05000001			/* SGI 5 to vCPU 0 */
	msr	ICC_SGI1R, x1
	isb
	psci	PSCI_CPU_OFF
	b	.
	.balign	8
8:	.quad	0
	.globl	payload_smp_count
payload_smp_count:
9:	.quad	0
payload_end smp

/* Runs until it is stopped. */
payload spin
1:	b	1b
payload_end spin

/* A store where nothing is, an unknown call, an undefined register. */
payload wrong
	adr	x1, 5f
	msr	vbar_el1, x1
	isb
	mov	x9, #MMIO
	mov	x20, #0
	mov_imm	x1, 0xf00000000
	str	x1, [x1]			/* external abort */
	str	x20, [x9]			/* 0x25, 0x10 */
	mov	x20, #0
	stp	x1, x1, [x9, #16]		/* no syndrome */
	str	x20, [x9]			/* 0x25, 0x10 */
	mov	x20, #0
	mrs	x1, S3_0_C15_C0_0
	str	x20, [x9]			/* 0 */
	mov	x0, #0x7777
	hvc	#0
	str	x0, [x9]			/* -1 */
	hvc	#0x6fff
	str	x0, [x9]			/* -1 */
	psci	PSCI_RESET
	b	.
	.balign	2048
5:	.rept	16
	.balign	128
	b	6f
	.endr
	.balign	128
6:	mrs	x20, esr_el1
	mrs	x2, elr_el1
	add	x2, x2, #4
	msr	elr_el1, x2
	eret
payload_end wrong

/* Jumps to nowhere without a handler. */
payload lost
	mov_imm	x1, 0xf00000000
	msr	vbar_el1, x1
	br	x1
payload_end lost
