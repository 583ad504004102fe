/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest that does as it is told. Each vCPU asks for a command by reading
 * from an address that nothing is at, does it, writes the result there, and
 * asks again: see puppet.h. It runs wherever it is put, at EL1 with the MMU
 * off, and never takes an interrupt but looks for one when told to.
 */
#include "puppet.h"

	.section .rodata, "a"
	.balign	4096
	.globl	puppet_image
	.globl	puppet_image_end
puppet_image:
	mov	x19, x0
	mrs	x20, mpidr_el1
	and	x20, x20, #0xff
	movz	x21, #(PUPPET_MMIO >> 16), lsl #16
	add	x21, x21, x20, lsl #12
	adr	x0, vectors
	msr	vbar_el1, x0
	isb
next:
	ldr	x3, [x21, #PUPPET_COMMAND]
	ldr	x0, [x21, #PUPPET_ARG0]
	ldr	x1, [x21, #PUPPET_ARG1]
	ldr	x2, [x21, #PUPPET_ARG2]
	cmp	x3, #PUPPET_COMMANDS
	b.hs	next
	adr	x4, table
	add	x4, x4, x3, lsl #2
	br	x4
table:
	b	done
	b	load
	b	store
	b	call
	b	wait
	b	gic
	b	fill
	b	sum
	b	spin
	b	timer
	b	self
	b	stores
	b	loads
	b	crash
done:
	str	x0, [x21, #PUPPET_RESULT]
	b	next

load:
	cmp	x1, #2
	b.lo	1f
	b.eq	2f
	cmp	x1, #4
	b.eq	4f
	ldr	x0, [x0]
	b	done
1:	ldrb	w0, [x0]
	b	done
2:	ldrh	w0, [x0]
	b	done
4:	ldr	w0, [x0]
	b	done

store:
	cmp	x1, #2
	b.lo	1f
	b.eq	2f
	cmp	x1, #4
	b.eq	4f
	str	x2, [x0]
	b	done
1:	strb	w2, [x0]
	b	done
2:	strh	w2, [x0]
	b	done
4:	str	w2, [x0]
	b	done

call:
	movz	x3, #0
	hvc	#0
	b	done

/* Until there is an interrupt; it is acknowledged and ended here. */
wait:
	mrs	x0, s3_0_c12_c12_0		/* ICC_IAR1_EL1 */
	and	x1, x0, #0xffffff
	cmp	x1, #1020
	b.lo	1f
	dsb	sy
	wfi
	b	wait
1:	msr	s3_0_c12_c12_1, x0		/* ICC_EOIR1_EL1 */
	isb
	/* A timer that has fired would fire on. */
	cmp	x1, #27
	b.ne	2f
	msr	cntv_ctl_el0, xzr
	isb
2:	mov	x0, x1
	b	done

/* This CPU's side of the controller; the rest is memory. */
gic:
	mrs	x0, s3_0_c12_c12_5		/* ICC_SRE_EL1 */
	orr	x0, x0, #1
	msr	s3_0_c12_c12_5, x0
	isb
	mov	x0, #0xff
	msr	s3_0_c4_c6_0, x0		/* ICC_PMR_EL1 */
	mov	x0, #1
	msr	s3_0_c12_c12_7, x0		/* ICC_IGRPEN1_EL1 */
	isb
	b	done

fill:
	cbz	x1, done
	eor	x3, x0, x2
	str	x3, [x0], #8
	sub	x1, x1, #8
	b	fill

sum:
	mov	x3, x0
	mov	x0, #0
1:	cbz	x1, done
	ldr	x4, [x3], #8
	add	x0, x0, x4
	sub	x1, x1, #8
	b	1b

spin:
	cbz	x0, .
	sub	x0, x0, #1
	cbnz	x0, spin
	b	done

timer:
	mrs	x1, cntvct_el0
	add	x0, x0, x1
	msr	cntv_cval_el0, x0
	mov	x0, #1
	msr	cntv_ctl_el0, x0
	isb
	b	done

self:
	cmp	x0, #1
	mrs	x1, mpidr_el1
	csel	x0, x19, x1, lo
	b	done

stores:
	cbz	x1, done
	str	x2, [x0]
	sub	x1, x1, #1
	b	stores

loads:
	cbz	x1, done
	ldr	x3, [x0]
	sub	x1, x1, #1
	b	loads

/* Where nothing is, no handler is either. */
crash:
	msr	vbar_el1, x0
	isb
	br	x0

/* What went wrong, instead of a result. The command is over. */
fault:
	mrs	x0, esr_el1
	str	x0, [x21, #PUPPET_FAULT]
	b	next

	.balign	2048
vectors:
	.rept	16
	b	fault
	.balign	128
	.endr
puppet_image_end:
	.byte	0
