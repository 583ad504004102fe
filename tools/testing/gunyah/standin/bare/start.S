/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The bare primary VM: an arm64 Image that runs at EL1 with its MMU off. Its
 * other CPUs come in at cpu_up. Interrupts stay masked: tests look at what is
 * pending. A synchronous exception is taken as an answer: it is counted, and
 * the instruction skipped.
 */
#include "../macros.S"

	.section .text.start, "ax"
	b	1f
	nop
	.quad	0x200000		/* text_offset: anything below 2 MiB */
	.quad	0x100000		/* image_size: more than it has */
	.quad	0
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0

1:	adr_l	x1, __bss_start
	adr_l	x2, __end
2:	cmp	x1, x2
	b.hs	3f
	stp	xzr, xzr, [x1], #16
	b	2b
3:	adr_l	x1, vectors
	msr	vbar_el1, x1
	mov	x1, #3 << 20
	msr	cpacr_el1, x1
	isb
	adr_l	x1, stack0
	mov	sp, x1
	bl	bare_main
4:	wfi
	b	4b

/* PSCI CPU_ON: X0 = top of the stack */
func cpu_up
	mov	sp, x0
	adr_l	x1, vectors
	msr	vbar_el1, x1
	mov	x1, #3 << 20
	msr	cpacr_el1, x1
	isb
	bl	bare_second
5:	wfi
	b	5b
endfunc cpu_up

	.text

/* void hypercall(u64 x[18]) */
func hypercall
	stp	x29, x30, [sp, #-32]!
	str	x0, [sp, #16]
	mov	x30, x0
	ldp	x0, x1, [x30]
	ldp	x2, x3, [x30, #16]
	ldp	x4, x5, [x30, #32]
	ldp	x6, x7, [x30, #48]
	hvc	#0
	ldr	x30, [sp, #16]
	stp	x0, x1, [x30]
	stp	x2, x3, [x30, #16]
	stp	x4, x5, [x30, #32]
	ldp	x29, x30, [sp], #32
	ret
endfunc hypercall

	.balign	2048
vectors:
	.rept	16
	.balign	128
	b	.Labort
	.endr
	.balign	128
.Labort:
	stp	x0, x1, [sp, #-16]!
	adr_l	x0, aborts
	ldr	x1, [x0]
	add	x1, x1, #1
	str	x1, [x0]
	mrs	x1, esr_el1
	str	x1, [x0, #8]
	mrs	x1, elr_el1
	add	x1, x1, #4
	msr	elr_el1, x1
	ldp	x0, x1, [sp], #16
	eret

	.bss
	.balign	16
	.globl	aborts
aborts:	.space	16			/* how many, ESR of the last */
	.space	0x4000
stack0:
	.space	0x4000
	.globl	stack1
stack1:
