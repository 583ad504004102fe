/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * EL2 exception vectors.
 *
 * The primary VM's interrupts and SErrors do not come here (HCR_EL2.IMO, FMO
 * and AMO are 0): what comes from it is synchronous. EL2's own exceptions are
 * fatal but for one, a failed address translation (el2_sync()). If the stack
 * itself is the cause, the frame pushed here faults again until it is past the
 * guard page; then the panic is printed.
 */
#include "macros.S"
#include "frame.h"

.macro vector target
	.balign	128
	b	\target
.endm

	.text
	.balign	2048
	.globl	vectors
vectors:
	/* From EL2 with SP_EL0: never used. */
	vector	.Lbad_0
	vector	.Lbad_1
	vector	.Lbad_2
	vector	.Lbad_3
	/* From EL2. */
	vector	.Lel2_sync
	vector	.Lbad_5
	vector	.Lbad_6
	vector	.Lbad_7
	/* From a lower EL in AArch64. */
	vector	.Lguest_sync
	vector	.Lbad_9
	vector	.Lbad_10
	vector	.Lbad_11
	/* From a lower EL in AArch32: EL0 has no way to trap to EL2 on purpose. */
	vector	.Lguest_sync
	vector	.Lbad_13
	vector	.Lbad_14
	vector	.Lbad_15
	.balign	128

.Lguest_sync:
	save_frame
	mov	x0, sp
	bl	trap_guest
	b	frame_restore

.Lel2_sync:
	save_frame
	mov	x0, sp
	bl	trap_el2
	b	frame_restore

/* frame_enter(frame): leave the current C context for good. */
func frame_enter
	mov	sp, x0
	/* fall through */

frame_restore:
	ldp	x30, x1, [sp, #FRAME_X(30)]
	ldr	x2, [sp, #FRAME_SPSR]
	msr	elr_el2, x1
	msr	spsr_el2, x2
	ldp	x0, x1, [sp, #FRAME_X(0)]
	ldp	x2, x3, [sp, #FRAME_X(2)]
	ldp	x4, x5, [sp, #FRAME_X(4)]
	ldp	x6, x7, [sp, #FRAME_X(6)]
	ldp	x8, x9, [sp, #FRAME_X(8)]
	ldp	x10, x11, [sp, #FRAME_X(10)]
	ldp	x12, x13, [sp, #FRAME_X(12)]
	ldp	x14, x15, [sp, #FRAME_X(14)]
	ldp	x16, x17, [sp, #FRAME_X(16)]
	ldp	x18, x19, [sp, #FRAME_X(18)]
	ldp	x20, x21, [sp, #FRAME_X(20)]
	ldp	x22, x23, [sp, #FRAME_X(22)]
	ldp	x24, x25, [sp, #FRAME_X(24)]
	ldp	x26, x27, [sp, #FRAME_X(26)]
	ldp	x28, x29, [sp, #FRAME_X(28)]
	add	sp, sp, #FRAME_SIZE
	eret
	/* No speculation past the return. */
	dsb	nsh
	isb
endfunc frame_enter

.macro bad_vector nr
.Lbad_\nr:
	save_frame
	mov	x0, sp
	mov	x1, #\nr
	bl	trap_unexpected
.endm

	.irp	nr, 0, 1, 2, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15
	bad_vector \nr
	.endr
