/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instructions that need fixed registers: SMC to the firmware (QEMU's PSCI),
 * and the translation of a guest address.
 */
#include "macros.S"

	.text

/* u64 smc_call(fn, arg1, arg2, arg3) */
func smc_call
	smc	#0
	ret
endfunc smc_call

/*
 * u64 guest_translate(va, write): the guest's PAR_EL1 is preserved, what the
 * translation put there is returned.
 *
 * An external abort on the guest's own translation tables is not reported in
 * PAR_EL1 but taken as an exception to EL2. trap_el2() recognises it by the
 * address and goes on at guest_translate_abort, with the registers as here.
 */
func guest_translate
	mrs	x2, par_el1
	cbnz	w1, 1f
	at	s12e1r, x0
	b	2f
1:	at	s12e1w, x0
2:	isb
	mrs	x0, par_el1
	msr	par_el1, x2
	ret
endfunc guest_translate

func guest_translate_abort
	mov	x0, #1			/* PAR_F, stage 1 */
	msr	par_el1, x2
	ret
endfunc guest_translate_abort
