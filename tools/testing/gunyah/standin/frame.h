/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The registers an exception to EL2 saves, and what assembly needs of struct
 * cpu. ELR and SPSR are part of the frame because EL2 may take an exception
 * of its own while it handles one of the guest's (guestmem.c).
 */
#ifndef STANDIN_FRAME_H
#define STANDIN_FRAME_H

#define FRAME_X(n)		(8 * (n))
#define FRAME_ELR		(8 * 31)
#define FRAME_SPSR		(8 * 32)
#define FRAME_ESR		(8 * 33)
#define FRAME_SIZE		(8 * 34)

#define CPU_STACK_TOP		0

/* What fp_save() writes: 32 registers of 16 bytes, FPSR, FPCR. */
#define FP_SIZE			(32 * 16 + 16)

#ifndef __ASSEMBLER__

#include "types.h"

/**
 * struct frame - registers of the interrupted context
 * @x: X0 to X30
 * @elr: where to return to
 * @spsr: its PSTATE
 * @esr: syndrome of this exception; not restored
 */
struct frame {
	u64 x[31];
	u64 elr;
	u64 spsr;
	u64 esr;
};

static_assert(offsetof(struct frame, elr) == FRAME_ELR);
static_assert(offsetof(struct frame, spsr) == FRAME_SPSR);
static_assert(offsetof(struct frame, esr) == FRAME_ESR);
static_assert(sizeof(struct frame) == FRAME_SIZE);

#endif /* !__ASSEMBLER__ */

#endif /* STANDIN_FRAME_H */
