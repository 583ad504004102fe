/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a VM with a console runs: it opens the console, says hello, and then says
 * whatever it hears. It has neither a stack nor an MMU, and is copied to wherever
 * its first page is.
 *
 * The hypervisor starts it with the address of the device tree in X0. There the
 * node of the resource manager (RM), which life_dt.c asks for, has the
 * capabilities of the queues to and from RM as its first property of 16 bytes.
 *
 * The protocol is that of Documentation/virt/gunyah/resource-manager.rst.
 */
#include <linux/linkage.h>

#define MSGQ_SEND	0xc600801b
#define MSGQ_RECV	0xc600801c
#define PUSH		1

#define RM_REQUEST	0x0121		/* header: version, length, type */
#define CONSOLE_OPEN	0x56000081
#define CONSOLE_WRITE	0x56000083
#define CONSOLE_CHARS	0x56100080
#define MSG_SIZE	240

/* Cells of a flattened device tree, which are big-endian */
#define FDT_BEGIN_NODE	0x01000000
#define FDT_PROP	0x03000000
#define FDT_SIZE_16	0x10000000
#define NAME_0		0x6b2d6d72	/* "rm-k" */
#define NAME_1		0x74696e75	/* "unit" */

	.macro	word	reg, value
	movz	\reg, #((\value) & 0xffff)
	movk	\reg, #((\value) >> 16), lsl #16
	.endm

	/* \reg = the two cells at X0 + \offset */
	.macro	cells	reg, offset
	ldr	w8, [x0, #\offset]
	ldr	w9, [x0, #\offset + 4]
	rev	w8, w8
	rev	w9, w9
	orr	\reg, x9, x8, lsl #32
	.endm

	/* Find two cells in a row, from X0 on. */
	.macro	find	first, second
	word	w8, \first
	word	w9, \second
.Lfind\@:
	add	x0, x0, #4
	ldr	w10, [x0]
	ldr	w11, [x0, #4]
	cmp	w10, w8
	ccmp	w11, w9, #0, eq
	b.ne	.Lfind\@
	.endm

	.section .rodata, "a"
	.balign	8
SYM_DATA_START(console_guest)
.Lagain:
	find	FDT_BEGIN_NODE, NAME_0
	word	w8, NAME_1
	ldr	w9, [x0, #8]
	cmp	w8, w9
	b.ne	.Lagain
	find	FDT_PROP, FDT_SIZE_16
	cells	x19, 12			/* queue to RM */
	cells	x20, 20			/* queue from RM */

	adr	x21, .Lopen
	mov	x22, #12
	bl	.Lsend
	adr	x21, .Lhello
	mov	x22, #.Lhello_end - .Lhello
	bl	.Lsend

.Llisten:
	word	x0, MSGQ_RECV
	mov	x1, x20
	adr	x2, .Lbuffer
	mov	x3, #MSG_SIZE
	mov	x4, xzr
	mov	x5, xzr
	hvc	#0
	cbnz	x0, .Llisten
	mov	x22, x1
	adr	x21, .Lbuffer
	ldr	w9, [x21, #4]
	word	w8, CONSOLE_CHARS
	cmp	w9, w8
	b.ne	.Llisten
	/* A sender, 0 for the owner, and a count: as for a write to oneself. */
	word	w8, RM_REQUEST
	str	w8, [x21]
	word	w8, CONSOLE_WRITE
	str	w8, [x21, #4]
	bl	.Lsend
	b	.Llisten

	/* Send X22 bytes from X21, until it is done. */
.Lsend:
	word	x0, MSGQ_SEND
	mov	x1, x19
	mov	x2, x22
	mov	x3, x21
	mov	x4, #PUSH
	mov	x5, xzr
	hvc	#0
	cbnz	x0, .Lsend
	ret

	.balign	8
.Lopen:
	.word	RM_REQUEST, CONSOLE_OPEN
	.hword	0, 0
	.balign	8
.Lhello:
	.word	RM_REQUEST, CONSOLE_WRITE
	.hword	0, .Lhello_end - .Ltext
.Ltext:
	.ascii	"hello\n"
.Lhello_end:
	.balign	8
.Lbuffer:
	.space	MSG_SIZE
SYM_DATA_END_LABEL(console_guest, SYM_L_GLOBAL, console_guest_end)
