/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the puppet and who pulls its strings. */
#ifndef GUNYAH_PUPPET_H
#define GUNYAH_PUPPET_H

/* The page of vCPU n is the n-th from here. All registers have 64 bits. */
#define PUPPET_MMIO	0x10000000
#define PUPPET_COMMAND	0	/* read: what to do */
#define PUPPET_ARG0	8	/* read: with what */
#define PUPPET_ARG1	16
#define PUPPET_ARG2	24
#define PUPPET_RESULT	32	/* write: done, and the result */
#define PUPPET_FAULT	40	/* write: it took an exception, and ESR_EL1 */

#define PUPPET_NOTHING	0
#define PUPPET_LOAD	1	/* address, size: returns what was there */
#define PUPPET_STORE	2	/* address, size, value */
#define PUPPET_HVC	3	/* x0, x1, x2: returns x0 */
#define PUPPET_WAIT	4	/* returns the next interrupt */
#define PUPPET_GIC	5	/* enables this vCPU's interface */
#define PUPPET_FILL	6	/* address, bytes, seed: each word address ^ seed */
#define PUPPET_SUM	7	/* address, bytes: returns the sum of the words */
#define PUPPET_SPIN	8	/* rounds: 0 is for ever */
#define PUPPET_TIMER	9	/* ticks: sets the virtual timer */
#define PUPPET_SELF	10	/* 0: x0 at its start; 1: MPIDR_EL1 */
#define PUPPET_STORES	11	/* address, times, value: 8 bytes */
#define PUPPET_LOADS	12	/* address, times */
#define PUPPET_CRASH	13	/* address: goes there, and so do its exceptions */
#define PUPPET_COMMANDS	14

#ifndef __ASSEMBLER__
extern const unsigned char puppet_image[], puppet_image_end[];
#endif

#endif
