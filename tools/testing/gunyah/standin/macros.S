/* SPDX-License-Identifier: GPL-2.0-only */
/* Macros for the assembly files, which include this one. */
#include "frame.h"

.macro func name
	.globl	\name
	.type	\name, %function
	.balign	4
\name:
.endm

.macro endfunc name
	.size	\name, . - \name
.endm

/* A 64-bit constant without a load: the MMU may be off. */
.macro mov_imm reg, val
	movz	\reg, :abs_g3:\val
	movk	\reg, :abs_g2_nc:\val
	movk	\reg, :abs_g1_nc:\val
	movk	\reg, :abs_g0_nc:\val
.endm

.macro adr_l reg, sym
	adrp	\reg, \sym
	add	\reg, \reg, :lo12:\sym
.endm

/* Push the registers of an exception to EL2. */
.macro save_frame
	sub	sp, sp, #FRAME_SIZE
	stp	x0, x1, [sp, #FRAME_X(0)]
	stp	x2, x3, [sp, #FRAME_X(2)]
	stp	x4, x5, [sp, #FRAME_X(4)]
	stp	x6, x7, [sp, #FRAME_X(6)]
	stp	x8, x9, [sp, #FRAME_X(8)]
	stp	x10, x11, [sp, #FRAME_X(10)]
	stp	x12, x13, [sp, #FRAME_X(12)]
	stp	x14, x15, [sp, #FRAME_X(14)]
	stp	x16, x17, [sp, #FRAME_X(16)]
	stp	x18, x19, [sp, #FRAME_X(18)]
	stp	x20, x21, [sp, #FRAME_X(20)]
	stp	x22, x23, [sp, #FRAME_X(22)]
	stp	x24, x25, [sp, #FRAME_X(24)]
	stp	x26, x27, [sp, #FRAME_X(26)]
	stp	x28, x29, [sp, #FRAME_X(28)]
	mrs	x1, elr_el2
	mrs	x2, spsr_el2
	mrs	x3, esr_el2
	stp	x30, x1, [sp, #FRAME_X(30)]
	stp	x2, x3, [sp, #FRAME_SPSR]
.endm
