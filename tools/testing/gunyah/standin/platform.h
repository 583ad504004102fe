/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where things are on QEMU's virt machine (highmem=off, gic-version=3), and
 * how the stand-in divides the memory. Usable from C, assembly and the linker
 * script.
 *
 * The device addresses are fixed by the machine; what varies (memory size,
 * CPUs, interrupts) is read from its device tree and from the GIC.
 */
#ifndef STANDIN_PLATFORM_H
#define STANDIN_PLATFORM_H

#define PLAT_GICD_BASE		0x08000000
#define PLAT_GICR_BASE		0x080a0000
#define PLAT_GICR_END		0x09000000
#define PLAT_UART_BASE		0x09000000
#define PLAT_FWCFG_BASE		0x09020000

/*
 * Everything below is device space and passed through to the primary VM;
 * PLAT_RAM_LIMIT is where 32-bit addresses end, for both translation stages.
 */
#define PLAT_RAM_BASE		0x40000000
#define PLAT_RAM_LIMIT		0x100000000

/*
 * The bottom of the memory is the stand-in's and not mapped at stage 2. QEMU
 * leaves its device tree at the very bottom when the ELF file leaves room.
 */
#define PLAT_OWN_BASE		PLAT_RAM_BASE
#define PLAT_OWN_SIZE		0x04000000
#define PLAT_OWN_END		0x44000000
#define PLAT_DTB_IN		PLAT_RAM_BASE
#define PLAT_LINK_BASE		0x40200000
#define PLAT_LINK_SIZE		0x00200000

/* What the primary VM finds: its device tree, then its kernel. */
#define PLAT_DTB_OUT		PLAT_OWN_END
#define PLAT_DTB_OUT_SIZE	0x00200000
#define PLAT_IMAGE		0x44200000

/* The primary VM has at most eight CPUs, the resource manager has one. */
#define PLAT_MAX_CPUS		9

/*
 * SPIs that no device of the machine uses: above the fixed devices, and clear
 * of GICv2m, SMMU and platform bus, which this machine line does not enable.
 */
#define PLAT_FREE_SPI_FIRST	48
#define PLAT_FREE_SPI_LAST	223

/* A stack and the unmapped page below it. */
#define PLAT_STACK_SIZE		0x4000
#define PLAT_GUARD_SIZE		0x1000

#endif /* STANDIN_PLATFORM_H */
