/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The architecture: system registers, barriers, device accesses, field values
 * (names and numbers of the Arm Architecture Reference Manual).
 *
 * Registers the assembler does not know at -march=armv8-a are given by their
 * encoding.
 */
#ifndef STANDIN_ARM_H
#define STANDIN_ARM_H

#ifdef __ASSEMBLER__
#define BIT(n)			(1 << (n))
#else
#define BIT(n)			(1UL << (n))
#endif

#define ID_AA64PFR2_EL1		S3_0_C0_C4_2
#define ID_AA64SMFR0_EL1	S3_0_C0_C4_5
#define ID_AA64ISAR2_EL1	S3_0_C0_C6_2
#define ID_AA64MMFR2_EL1	S3_0_C0_C7_2
#define ID_AA64MMFR3_EL1	S3_0_C0_C7_3
#define ZCR_EL2			S3_4_C1_C2_0
#define HCRX_EL2		S3_4_C1_C2_2
#define SMCR_EL2		S3_4_C1_C2_6
#define HFGRTR_EL2		S3_4_C1_C1_4
#define HFGWTR_EL2		S3_4_C1_C1_5
#define HFGITR_EL2		S3_4_C1_C1_6
#define HDFGRTR_EL2		S3_4_C3_C1_4
#define HDFGWTR_EL2		S3_4_C3_C1_5
#define HAFGRTR_EL2		S3_4_C3_C1_6
#define HDFGRTR2_EL2		S3_4_C3_C1_0
#define HDFGWTR2_EL2		S3_4_C3_C1_1
#define HFGRTR2_EL2		S3_4_C3_C1_2
#define HFGWTR2_EL2		S3_4_C3_C1_3
#define HFGITR2_EL2		S3_4_C3_C1_7
#define MPAMHCR_EL2		S3_4_C10_C4_0
#define MPAM2_EL2		S3_4_C10_C5_0
#define ICC_PMR_EL1		S3_0_C4_C6_0
#define ICC_SGI1R_EL1		S3_0_C12_C11_5
#define ICC_IAR1_EL1		S3_0_C12_C12_0
#define ICC_EOIR1_EL1		S3_0_C12_C12_1
#define ICC_CTLR_EL1		S3_0_C12_C12_4
#define ICC_IGRPEN1_EL1		S3_0_C12_C12_7
#define ICC_SRE_EL2		S3_4_C12_C9_5
#define ICC_HPPIR1_EL1		S3_0_C12_C12_2
#define ICH_HCR_EL2		S3_4_C12_C11_0
#define ICH_VTR_EL2		S3_4_C12_C11_1
#define ICH_VMCR_EL2		S3_4_C12_C11_7
#define ICH_AP0R0_EL2		S3_4_C12_C8_0
#define ICH_AP0R1_EL2		S3_4_C12_C8_1
#define ICH_AP0R2_EL2		S3_4_C12_C8_2
#define ICH_AP0R3_EL2		S3_4_C12_C8_3
#define ICH_AP1R0_EL2		S3_4_C12_C9_0
#define ICH_AP1R1_EL2		S3_4_C12_C9_1
#define ICH_AP1R2_EL2		S3_4_C12_C9_2
#define ICH_AP1R3_EL2		S3_4_C12_C9_3
#define ICH_LR0_EL2		S3_4_C12_C12_0
#define ICH_LR1_EL2		S3_4_C12_C12_1
#define ICH_LR2_EL2		S3_4_C12_C12_2
#define ICH_LR3_EL2		S3_4_C12_C12_3
#define ICH_LR4_EL2		S3_4_C12_C12_4
#define ICH_LR5_EL2		S3_4_C12_C12_5
#define ICH_LR6_EL2		S3_4_C12_C12_6
#define ICH_LR7_EL2		S3_4_C12_C12_7
#define SVCR			S3_3_C4_C2_2

/* HCR_EL2 */
#define HCR_VM			BIT(0)
#define HCR_FMO			BIT(3)
#define HCR_IMO			BIT(4)
#define HCR_AMO			BIT(5)
#define HCR_FB			BIT(9)
#define HCR_BSU_IS		BIT(10)
#define HCR_TWI			BIT(13)
#define HCR_TID3		BIT(18)
#define HCR_TSC			BIT(19)
#define HCR_TIDCP		BIT(20)
#define HCR_TACR		BIT(21)
#define HCR_RW			BIT(31)
#define HCR_TLOR		BIT(35)
#define HCR_TERR		BIT(36)
#define HCR_APK			BIT(40)
#define HCR_API			BIT(41)
#define HCR_ENSCXT		BIT(53)
#define HCR_ATA			BIT(56)

/* SCTLR_EL2, SCTLR_EL1 */
#define SCTLR_EL2_RES1		0x30c50830
#define SCTLR_M			BIT(0)
#define SCTLR_C			BIT(2)
#define SCTLR_SA		BIT(3)
#define SCTLR_I			BIT(12)
#define SCTLR_WXN		BIT(19)
#define SCTLR_EL1_SPAN		BIT(23)
#define SCTLR_EL1_DSSBS		BIT(44)
#define SCTLR_EL1_RESET		0x30d00800

/* SPSR_ELx, PSTATE */
#define PSR_MODE_MASK		0x1f
#define PSR_MODE_EL0T		0x00
#define PSR_MODE_EL1T		0x04
#define PSR_MODE_EL1H		0x05
#define PSR_MODE_32		BIT(4)
#define PSR_DAIF		(BIT(6) | BIT(7) | BIT(8) | BIT(9))
#define PSR_SSBS		BIT(12)
#define PSR_PAN			BIT(22)
#define PSR_DIT			BIT(24)
#define PSR_TCO			BIT(25)
#define PSR_NZCV		0xf0000000

/* ESR_ELx */
#define ESR_EC(esr)		field(esr, 31, 26)
#define ESR_EC_SHIFT		26
#define ESR_IL			BIT(25)
#define ESR_IMM16(esr)		field(esr, 15, 0)
#define EC_UNKNOWN		0x00
#define EC_WFX			0x01
#define EC_HVC64		0x16
#define EC_SMC64		0x17
#define EC_SYS64		0x18
#define EC_IABT_LOW		0x20
#define EC_IABT_CUR		0x21
#define EC_DABT_LOW		0x24
#define EC_DABT_CUR		0x25
#define ESR_FNV			BIT(10)
#define ESR_FSC_EXTERNAL	0x10
#define ESR_FSC_TRANSLATION(esr) (((esr) & 0x3c) == 0x04)
#define HPFAR_IPA(hpfar)	(field(hpfar, 43, 4) << 12)

/* ISS of a data abort */
#define ISS_ISV			BIT(24)
#define ISS_SAS(esr)		field(esr, 23, 22)
#define ISS_SSE			BIT(21)
#define ISS_SRT(esr)		field(esr, 20, 16)
#define ISS_SF			BIT(15)
#define ISS_S1PTW		BIT(7)
#define ISS_WNR			BIT(6)

/* ISS of a trapped MRS or MSR */
#define ISS_SYS_RT(esr)		field(esr, 9, 5)
#define ISS_SYS_READ		BIT(0)
#define ISS_SYS_REG(op0, op1, crn, crm, op2) \
	((op0) << 20 | (op2) << 17 | (op1) << 14 | (crn) << 10 | (crm) << 1)
#define ISS_SYS_REG_MASK	ISS_SYS_REG(3, 7, 15, 15, 7)

/* PAR_EL1 */
#define PAR_F			BIT(0)
#define PAR_S			BIT(9)
#define PAR_FST(par)		field(par, 6, 1)
#define PAR_PA			0x0000fffffffff000UL
#define FST_PERMISSION(fst)	(((fst) & 0x3c) == 0x0c)

/* TCR_EL1 */
#define TCR_EL1_TBI0		BIT(37)
#define TCR_EL1_TBI1		BIT(38)

/* Affinity fields of MPIDR_EL1 */
#define MPIDR_AFF		0xff00ffffffUL

/* CNTHP_CTL_EL2 */
#define CNTHP_ENABLE		BIT(0)

#ifndef __ASSEMBLER__

#include "types.h"

#define __stringify_1(x)	#x
#define __stringify(x)		__stringify_1(x)

/* Bits @hi to @lo of @val. */
static inline u64 field(u64 val, unsigned int hi, unsigned int lo)
{
	return val << (63 - hi) >> (63 - hi + lo);
}

#define read_sysreg(reg)						\
({									\
	u64 __read;							\
	asm volatile("mrs %0, " __stringify(reg) : "=r"(__read));	\
	__read;								\
})

#define write_sysreg(val, reg)						\
	do {								\
		u64 __val = (u64)(val);					\
									\
		asm volatile("msr " __stringify(reg) ", %x0" : : "rZ"(__val)); \
	} while (0)

#define isb()			({ asm volatile("isb" : : : "memory"); })
#define dsb(type)		({ asm volatile("dsb " #type : : : "memory"); })
#define wfi()			({ asm volatile("dsb sy\n\twfi" : : : "memory"); })
#define wfe()			({ asm volatile("wfe" : : : "memory"); })
#define sev()			({ asm volatile("dsb ishst\n\tsev" : : : "memory"); })

/* One access of exactly this width each: devices, and flags between CPUs. */
static inline u8 mmio_read8(u64 addr)
{
	u32 val;

	asm volatile("ldrb %w0, [%1]" : "=r"(val) : "r"(addr) : "memory");
	return val;
}

static inline u32 mmio_read32(u64 addr)
{
	u32 val;

	asm volatile("ldr %w0, [%1]" : "=r"(val) : "r"(addr) : "memory");
	return val;
}

static inline u64 mmio_read64(u64 addr)
{
	u64 val;

	asm volatile("ldr %0, [%1]" : "=r"(val) : "r"(addr) : "memory");
	return val;
}

static inline void mmio_write8(u64 addr, u8 val)
{
	asm volatile("strb %w1, [%0]" : : "r"(addr), "r"(val) : "memory");
}

static inline void mmio_write16(u64 addr, u16 val)
{
	asm volatile("strh %w1, [%0]" : : "r"(addr), "r"(val) : "memory");
}

static inline void mmio_write64(u64 addr, u64 val)
{
	asm volatile("str %1, [%0]" : : "r"(addr), "r"(val) : "memory");
}

static inline void mmio_write32(u64 addr, u32 val)
{
	asm volatile("str %w1, [%0]" : : "r"(addr), "r"(val) : "memory");
}

#endif /* !__ASSEMBLER__ */

#endif /* STANDIN_ARM_H */
