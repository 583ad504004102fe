/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Register values and descriptor bits of the two translations the stand-in
 * makes: its own (EL2, stage 1, 32 bit addresses) and the VMs' (stage 2, 36 bit
 * addresses). Both have 4 KiB pages and start at level 1.
 */
#ifndef STANDIN_MMU_H
#define STANDIN_MMU_H

#include "arm.h"

/* Attribute 0: Normal write-back; 1: Device-nGnRE. */
#define MMU_MAIR		0x00000000000004ff

/* RES1, 32-bit PA, 4 KiB, inner shareable, write-back walks, T0SZ 32. */
#define MMU_TCR_EL2		(0x80800000 | 0 << 16 | 0 << 14 | 3 << 12 | 1 << 10 | 1 << 8 | 32)

/* RES1, 36-bit PA, 4 KiB, as above, start at level 1, T0SZ 28: 36-bit IPA. */
#define MMU_VTCR_EL2		(0x80000000 | 1 << 16 | 0 << 14 | 3 << 12 | 1 << 10 | 1 << 8 | \
				 1 << 6 | 28)

#define MMU_BLOCK_SIZE		0x200000UL
#define MMU_PAGE_SIZE		0x1000UL

#define STAGE2_IPA_END		(1UL << 36)

#ifndef __ASSEMBLER__

#include "types.h"

#define PTE_BLOCK		BIT(0)
#define PTE_TABLE		(BIT(1) | BIT(0))
#define PTE_PAGE		(BIT(1) | BIT(0))
#define PTE_AF			BIT(10)
#define PTE_SH_INNER		(BIT(9) | BIT(8))

/* EL2 stage 1 */
#define PTE_NORMAL		(0x0UL << 2 | PTE_SH_INNER | PTE_AF)
#define PTE_DEVICE		(0x1UL << 2 | PTE_AF)
#define PTE_RW			(BIT(6))		/* AP[1] is RES1 at EL2 */
#define PTE_RO			(BIT(7) | BIT(6))
#define PTE_XN			BIT(54)

/* Stage 2 */
#define S2_NORMAL		(0xfUL << 2 | PTE_SH_INNER | PTE_AF)
#define S2_DEVICE		(0x1UL << 2 | PTE_AF)
#define S2_RO			BIT(6)
#define S2_RW			(BIT(7) | BIT(6))
#define S2_XN			BIT(54)

#define PTES_PER_TABLE		512

struct pt {
	u64 pte[PTES_PER_TABLE];
} __aligned(4096);

/**
 * struct stage2 - a second translation stage
 * @vttbr: VMID and root for VTTBR_EL2
 * @l1: the root
 * @merges: tables of pages become blocks again: the primary VM's
 * @changed: since stage2_set() began; protected by the lock in stage2.c
 */
struct stage2 {
	u64 vttbr;
	struct pt *l1;
	bool merges;
	bool changed;
};

#endif /* !__ASSEMBLER__ */

#endif /* STANDIN_MMU_H */
