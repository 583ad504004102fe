/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Into a secondary VM and back: guest_enter() looks like a function that
 * returns when the guest is left. While the guest runs, VBAR_EL2 has vectors of
 * its own, and the stack holds what a C function must preserve and, on its
 * top, the address of the guest's frame.
 */
#include "macros.S"
#include "frame.h"

	.text

/* unsigned int guest_enter(struct frame *frame): returns enum guest_left */
func guest_enter
	stp	x29, x30, [sp, #-96]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	str	x0, [sp, #-16]!

	adr_l	x1, guest_vectors
	msr	vbar_el2, x1
	ldp	x30, x1, [x0, #FRAME_X(30)]
	ldr	x2, [x0, #FRAME_SPSR]
	msr	elr_el2, x1
	msr	spsr_el2, x2
	ldp	x2, x3, [x0, #FRAME_X(2)]
	ldp	x4, x5, [x0, #FRAME_X(4)]
	ldp	x6, x7, [x0, #FRAME_X(6)]
	ldp	x8, x9, [x0, #FRAME_X(8)]
	ldp	x10, x11, [x0, #FRAME_X(10)]
	ldp	x12, x13, [x0, #FRAME_X(12)]
	ldp	x14, x15, [x0, #FRAME_X(14)]
	ldp	x16, x17, [x0, #FRAME_X(16)]
	ldp	x18, x19, [x0, #FRAME_X(18)]
	ldp	x20, x21, [x0, #FRAME_X(20)]
	ldp	x22, x23, [x0, #FRAME_X(22)]
	ldp	x24, x25, [x0, #FRAME_X(24)]
	ldp	x26, x27, [x0, #FRAME_X(26)]
	ldp	x28, x29, [x0, #FRAME_X(28)]
	ldp	x0, x1, [x0, #FRAME_X(0)]
	eret
	/* No speculation past the return. */
	dsb	nsh
	isb

	/* X0, X1 are on the stack, X1 = enum guest_left. */
.Lleft:
	ldr	x0, [sp, #16]
	stp	x2, x3, [x0, #FRAME_X(2)]
	stp	x4, x5, [x0, #FRAME_X(4)]
	stp	x6, x7, [x0, #FRAME_X(6)]
	stp	x8, x9, [x0, #FRAME_X(8)]
	stp	x10, x11, [x0, #FRAME_X(10)]
	stp	x12, x13, [x0, #FRAME_X(12)]
	stp	x14, x15, [x0, #FRAME_X(14)]
	stp	x16, x17, [x0, #FRAME_X(16)]
	stp	x18, x19, [x0, #FRAME_X(18)]
	stp	x20, x21, [x0, #FRAME_X(20)]
	stp	x22, x23, [x0, #FRAME_X(22)]
	stp	x24, x25, [x0, #FRAME_X(24)]
	stp	x26, x27, [x0, #FRAME_X(26)]
	stp	x28, x29, [x0, #FRAME_X(28)]
	ldp	x2, x3, [sp], #32
	stp	x2, x3, [x0, #FRAME_X(0)]
	mrs	x2, elr_el2
	mrs	x3, spsr_el2
	mrs	x4, esr_el2
	stp	x30, x2, [x0, #FRAME_X(30)]
	stp	x3, x4, [x0, #FRAME_SPSR]
	adr_l	x2, vectors
	msr	vbar_el2, x2
	isb

	mov	w0, w1
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #96
	ret
endfunc guest_enter

.macro guest_vector why
	.balign	128
	stp	x0, x1, [sp, #-16]!
	mov	x1, #\why
	b	.Lleft
.endm

.macro wrong_vector nr
	.balign	128
	save_frame
	mov	x0, sp
	mov	x1, #\nr
	bl	trap_unexpected
.endm

	.balign	2048
guest_vectors:
	/* From EL2: the few instructions above and below ERET do not fault. */
	.irp	nr, 16, 17, 18, 19, 20, 21, 22, 23
	wrong_vector \nr
	.endr
	/* From a lower EL in AArch64, then in AArch32; as enum guest_left. */
	.rept	2
	guest_vector 0
	guest_vector 1
	guest_vector 1
	guest_vector 2
	.endr
	.balign	128
