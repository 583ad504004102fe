/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The vector registers. Guests have those of Advanced SIMD; the primary VM may
 * also have SVE's, whose upper halves are lost when a guest's are loaded.
 */
#include "macros.S"
#include "frame.h"

	.arch	armv8-a+fp+simd+sve

	.text

/* void fp_save(void *fp) */
func fp_save
	stp	q0, q1, [x0, #32 * 0]
	stp	q2, q3, [x0, #32 * 1]
	stp	q4, q5, [x0, #32 * 2]
	stp	q6, q7, [x0, #32 * 3]
	stp	q8, q9, [x0, #32 * 4]
	stp	q10, q11, [x0, #32 * 5]
	stp	q12, q13, [x0, #32 * 6]
	stp	q14, q15, [x0, #32 * 7]
	stp	q16, q17, [x0, #32 * 8]
	stp	q18, q19, [x0, #32 * 9]
	stp	q20, q21, [x0, #32 * 10]
	stp	q22, q23, [x0, #32 * 11]
	stp	q24, q25, [x0, #32 * 12]
	stp	q26, q27, [x0, #32 * 13]
	stp	q28, q29, [x0, #32 * 14]
	stp	q30, q31, [x0, #32 * 15]!
	mrs	x1, fpsr
	mrs	x2, fpcr
	stp	x1, x2, [x0, #32]
	ret
endfunc fp_save

/* void fp_load(const void *fp) */
func fp_load
	ldp	q0, q1, [x0, #32 * 0]
	ldp	q2, q3, [x0, #32 * 1]
	ldp	q4, q5, [x0, #32 * 2]
	ldp	q6, q7, [x0, #32 * 3]
	ldp	q8, q9, [x0, #32 * 4]
	ldp	q10, q11, [x0, #32 * 5]
	ldp	q12, q13, [x0, #32 * 6]
	ldp	q14, q15, [x0, #32 * 7]
	ldp	q16, q17, [x0, #32 * 8]
	ldp	q18, q19, [x0, #32 * 9]
	ldp	q20, q21, [x0, #32 * 10]
	ldp	q22, q23, [x0, #32 * 11]
	ldp	q24, q25, [x0, #32 * 12]
	ldp	q26, q27, [x0, #32 * 13]
	ldp	q28, q29, [x0, #32 * 14]
	ldp	q30, q31, [x0, #32 * 15]!
	ldp	x1, x2, [x0, #32]
	msr	fpsr, x1
	msr	fpcr, x2
	ret
endfunc fp_load

/*
 * void sve_save(void *buf, bool ffr): 32 vectors, 16 predicates, FFR. The
 * last is not there in streaming mode (without FEAT_SME_FA64).
 */
func sve_save
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, \
		21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	str	z\n, [x0, #\n, mul vl]
	.endr
	addvl	x0, x0, #16
	addvl	x0, x0, #16
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	str	p\n, [x0, #\n, mul vl]
	.endr
	cbz	w1, 1f
	rdffr	p0.b
	str	p0, [x0, #16, mul vl]
	ldr	p0, [x0]
1:	mrs	x2, fpsr
	mrs	x3, fpcr
	addvl	x0, x0, #4
	stp	x2, x3, [x0]
	ret
endfunc sve_save

/* void sve_load(const void *buf, bool ffr) */
func sve_load
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, \
		21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	ldr	z\n, [x0, #\n, mul vl]
	.endr
	addvl	x0, x0, #16
	addvl	x0, x0, #16
	cbz	w1, 1f
	ldr	p0, [x0, #16, mul vl]
	wrffr	p0.b
1:	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	ldr	p\n, [x0, #\n, mul vl]
	.endr
	addvl	x0, x0, #4
	ldp	x2, x3, [x0]
	msr	fpsr, x2
	msr	fpcr, x3
	ret
endfunc sve_load

/* u64 sve_vector_bytes(void) */
func sve_vector_bytes
	rdvl	x0, #1
	ret
endfunc sve_vector_bytes

/* PSTATE.SM by MSR SVCRSM, #imm: the assembler needs not know SME. */
func sme_stop_streaming
	.inst	0xd503427f
	ret
endfunc sme_stop_streaming

func sme_start_streaming
	.inst	0xd503437f
	ret
endfunc sme_start_streaming
