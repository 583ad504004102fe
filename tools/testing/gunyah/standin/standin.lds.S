/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory image of the stand-in. Each part starts on a page of its own, so
 * that mmu.c can map text read-execute, constants read-only and the rest
 * read-write; all of it fits in the one 2 MiB that has a page table.
 */
#include "platform.h"

OUTPUT_ARCH(aarch64)
ENTRY(_start)

PHDRS
{
	text PT_LOAD FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
}

SECTIONS
{
	. = PLAT_LINK_BASE;
	__text_start = .;
	.text : {
		*(.text.entry)
		*(.text .text.*)
	} :text
	. = ALIGN(4096);
	__rodata_start = .;
	.rodata : { *(.rodata .rodata.*) } :rodata
	. = ALIGN(4096);
	__data_start = .;
	.data : { *(.data .data.*) } :data
	. = ALIGN(4096);
	__bss_start = .;
	.bss (NOLOAD) : {
		*(.bss .bss.*)
		*(COMMON)
		. = ALIGN(4096);
		__stacks = .;
		. += PLAT_MAX_CPUS * (PLAT_STACK_SIZE + PLAT_GUARD_SIZE);
		. = ALIGN(4096);
	} :data
	__bss_end = .;

	/DISCARD/ : {
		*(.comment .note.* .eh_frame*)
	}

	ASSERT(__bss_end <= PLAT_LINK_BASE + PLAT_LINK_SIZE, "image too big for its page table")
}
