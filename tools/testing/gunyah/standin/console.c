// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines on the machine's PL011, each beginning with "[STANDIN] ", and the
 * panic. The UART is Linux' own once it runs: the stand-in then prints only
 * at the end and when something is wrong, and never changes its settings.
 */
#include <stdarg.h>

#include "standin.h"

#define UART_DR			(PLAT_UART_BASE + 0x00)
#define UART_FR			(PLAT_UART_BASE + 0x18)
#define UART_FR_TXFF		BIT(5)
#define UART_CR			(PLAT_UART_BASE + 0x30)
#define UART_CR_ENABLE		BIT(0)
#define UART_CR_TXE		BIT(8)

/* How long a panic waits for a holder that may never let go. */
#define PANIC_LOCK_TRIES	1000000

static struct spinlock console_lock;	/* Protects the line being printed. */

static void put_uart(void *arg, char c)
{
	(void)arg;
	while (mmio_read32(UART_FR) & UART_FR_TXFF)
		;
	mmio_write32(UART_DR, (u8)c);
}

static void put(void *arg, char c)
{
	if (c == '\n')
		put_uart(arg, '\r');
	put_uart(arg, c);
}

/**
 * console_init() - switch the transmitter on if nobody has
 */
void console_init(void)
{
	u32 cr = mmio_read32(UART_CR);

	if ((cr & (UART_CR_ENABLE | UART_CR_TXE)) != (UART_CR_ENABLE | UART_CR_TXE))
		mmio_write32(UART_CR, cr | UART_CR_ENABLE | UART_CR_TXE);
}

/**
 * console_add() - print a piece of the line begun with console_begin()
 * @fmt: format
 */
void console_add(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	format(put, NULL, fmt, ap);
	va_end(ap);
}

/**
 * console_begin() - begin a line
 */
void console_begin(void)
{
	spin_lock(&console_lock);
	console_add("[STANDIN] ");
}

/**
 * console_end() - end it
 */
void console_end(void)
{
	console_add("\n");
	spin_unlock(&console_lock);
}

/**
 * say() - print one line
 * @fmt: format, without newline
 */
void say(const char *fmt, ...)
{
	va_list ap;

	console_begin();
	va_start(ap, fmt);
	format(put, NULL, fmt, ap);
	va_end(ap);
	console_end();
}

static void panic_lock(void)
{
	unsigned int i;

	for (i = 0; i < PANIC_LOCK_TRIES && !spin_trylock(&console_lock); i++)
		;
}

static void panic_message(const char *fmt, va_list ap)
{
	panic_lock();
	console_add("\n[STANDIN] Panic: ");
	format(put, NULL, fmt, ap);
	console_add("\n");
}

/* The whole machine stops here, whatever the other CPUs do. */
static void __noreturn power_off(void)
{
	smc_call(PSCI_SYSTEM_OFF, 0, 0, 0);
	for (;;)
		wfi();
}

/**
 * panic() - print why and power off
 * @fmt: format
 */
void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	panic_message(fmt, ap);
	va_end(ap);
	power_off();
}

/**
 * panic_frame() - print why, and the registers, and power off
 * @frame: registers
 * @fmt: format
 */
void panic_frame(const struct frame *frame, const char *fmt, ...)
{
	unsigned int i;
	va_list ap;

	va_start(ap, fmt);
	panic_message(fmt, ap);
	va_end(ap);

	console_add("[STANDIN] ESR %016lx FAR %016lx HPFAR %016lx MPIDR %010lx\n", frame->esr,
		    read_sysreg(far_el2), read_sysreg(hpfar_el2), read_sysreg(mpidr_el1));
	console_add("[STANDIN] ELR %016lx SPSR %08lx SP %016lx HCR %016lx\n", frame->elr,
		    frame->spsr, (u64)(frame + 1), read_sysreg(hcr_el2));
	for (i = 0; i < 31; i++)
		console_add("%sX%02u %016lx%s", i % 4 ? " " : "[STANDIN] ", i, frame->x[i],
			    i % 4 == 3 || i == 30 ? "\n" : "");
	power_off();
}
