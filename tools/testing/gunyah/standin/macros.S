/* SPDX-License-Identifier: GPL-2.0-only */
/* Macros for the assembly files, which include this one. */

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
