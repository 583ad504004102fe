/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entry points of the stand-in at EL2: where QEMU starts the boot CPU, where
 * PSCI starts the others, and the way down to the primary VM.
 *
 * With the MMU off all memory is Device memory. Nothing but the boot CPU's
 * making of the page tables runs in that state; a later CPU turns the MMU on
 * before its first load or store.
 */
#include "arm.h"
#include "macros.S"
#include "frame.h"
#include "mmu.h"
#include "platform.h"

	.section .text.entry, "ax"

func _start
	msr	daifset, #15
	mrs	x0, CurrentEL
	cmp	x0, #(2 << 2)
	b.ne	.Lhalt

	adr_l	x0, __bss_start
	adr_l	x1, __bss_end
.Lzero:	cmp	x0, x1
	b.hs	.Lzeroed
	stp	xzr, xzr, [x0], #16
	b	.Lzero
.Lzeroed:
	/* CPU 0 has the lowest stack; an entry frame is kept on its top. */
	adr_l	x0, __stacks + PLAT_GUARD_SIZE + PLAT_STACK_SIZE - FRAME_SIZE
	mov	sp, x0
	bl	set_vectors
	bl	mmu_make_tables
	bl	mmu_enable
	bl	main

	/* Not started at EL2 (virtualization=on is missing): no way to say so. */
.Lhalt:	wfi
	b	.Lhalt
endfunc _start

/* PSCI's CPU_ON: X0 = struct cpu. */
func cpu_entry
	msr	daifset, #15
	mov	x19, x0
	bl	set_vectors
	bl	mmu_enable
	ldr	x1, [x19, #CPU_STACK_TOP]
	sub	sp, x1, #FRAME_SIZE
	mov	x0, x19
	bl	cpu_start
	b	.Lhalt
endfunc cpu_entry

/* Leaf functions of the above; they must not touch memory. */
func set_vectors
	adr_l	x9, vectors
	msr	vbar_el2, x9
	isb
	ret
endfunc set_vectors

func mmu_enable
	mov_imm	x9, MMU_MAIR
	msr	mair_el2, x9
	mov_imm	x9, MMU_TCR_EL2
	msr	tcr_el2, x9
	adr_l	x9, el2_l1
	msr	ttbr0_el2, x9
	isb
	tlbi	alle2
	ic	iallu
	dsb	nsh
	isb
	mov_imm	x9, (SCTLR_EL2_RES1 | SCTLR_M | SCTLR_C | SCTLR_SA | SCTLR_I | SCTLR_WXN)
	msr	sctlr_el2, x9
	isb
	ret
endfunc mmu_enable
