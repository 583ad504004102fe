// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PL011 UART, as much of it as drivers use: no modem lines, no DMA, and
 * baud rates are as fast as it gets. What is sent is gone at once.
 */
#include <errno.h>
#include <stdlib.h>

#include "vmm.h"

#define DR	0x00
#define FR	0x18
#define IBRD	0x24
#define LCR_H	0x2c
#define IFLS	0x34
#define IMSC	0x38
#define RIS	0x3c
#define MIS	0x40
#define ICR	0x44
#define ID	0xfe0

#define FR_RXFE	0x10
#define FR_RXFF	0x40
#define FR_TXFE	0x80

#define INT_RX	0x10
#define INT_TX	0x20
#define INT_RT	0x40

#define FIFO	32

/**
 * struct pl011 - its state
 * @console: the other side
 * @device: where it is
 * @fifo: what was typed and not read yet
 * @first: of those
 * @count: of those
 * @registers: those that only keep what is written, from IBRD to IFLS
 * @mask: interrupts that may be seen
 * @raw: interrupts there are
 */
struct pl011 {
	struct console *console;
	struct device *device;
	uint8_t fifo[FIFO];
	unsigned int first, count;
	uint32_t registers[(IMSC - IBRD) / 4];
	uint32_t mask, raw;
};

/* An edge for each change that leaves something to be seen */
static void update(struct pl011 *pl011)
{
	if (pl011->raw & pl011->mask)
		vmm_interrupt(pl011->device);
}

static uint32_t receive(struct pl011 *pl011)
{
	uint8_t value;

	if (!pl011->count)
		return 0;
	value = pl011->fifo[pl011->first];
	pl011->first = (pl011->first + 1) % FIFO;
	pl011->count--;
	if (!pl011->count)
		pl011->raw &= ~(INT_RX | INT_RT);
	vmm_event_on(pl011->device->vmm, pl011->console->in, true);
	return value;
}

static void transmit(struct pl011 *pl011, uint8_t value)
{
	console_write(pl011->console, &value, 1);
	pl011->raw |= INT_TX;
	update(pl011);
}

static uint64_t pl011_read(struct device *device, uint64_t offset, unsigned int size)
{
	static const uint8_t id[] = { 0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };
	struct pl011 *pl011 = device->data;

	(void)size;
	switch (offset) {
	case DR:
		return receive(pl011);
	case FR:
		return FR_TXFE | (pl011->count ? 0 : FR_RXFE) |
		       (pl011->count == FIFO ? FR_RXFF : 0);
	case IBRD ... IFLS:
		return pl011->registers[(offset - IBRD) / 4];
	case IMSC:
		return pl011->mask;
	case RIS:
		return pl011->raw;
	case MIS:
		return pl011->raw & pl011->mask;
	case ID ... ID + 0x1f:
		return id[(offset - ID) / 4];
	default:
		return 0;
	}
}

static void pl011_write(struct device *device, uint64_t offset, unsigned int size,
			uint64_t value)
{
	struct pl011 *pl011 = device->data;

	(void)size;
	switch (offset) {
	case DR:
		transmit(pl011, value);
		break;
	case IBRD ... IFLS:
		pl011->registers[(offset - IBRD) / 4] = value;
		break;
	case IMSC:
		pl011->mask = value;
		update(pl011);
		break;
	case ICR:
		pl011->raw &= ~value;
		/* What was typed is still there. */
		if (pl011->count)
			pl011->raw |= INT_RT;
		update(pl011);
		break;
	}
}

static void typed(struct vmm *vmm, void *data)
{
	struct pl011 *pl011 = data;
	uint8_t buf[FIFO];
	size_t size, i;

	size = console_read(vmm, pl011->console, buf, FIFO - pl011->count);
	if (!size)
		return;
	for (i = 0; i < size; i++)
		pl011->fifo[(pl011->first + pl011->count + i) % FIFO] = buf[i];
	pl011->count += size;
	/* As long as the guest does not read, the rest waits where it is. */
	if (pl011->count == FIFO)
		vmm_event_on(vmm, pl011->console->in, false);
	pl011->raw |= INT_RX | INT_RT;
	update(pl011);
}

static void pl011_describe(struct device *device, struct fdt *fdt)
{
	(void)device;
	fdt_strings(fdt, "compatible", "arm,pl011", "arm,primecell", NULL);
	FDT_CELLS(fdt, "clocks", 0x10, 0x10);
	fdt_strings(fdt, "clock-names", "uartclk", "apb_pclk", NULL);
}

static void pl011_reset(struct device *device)
{
	free(device->data);
}

int pl011_create(struct vmm *vmm, struct console *console)
{
	struct device *device = vmm_device(vmm, "serial", true);
	struct pl011 *pl011 = calloc(1, sizeof(*pl011));

	if (!device || !pl011) {
		free(pl011);
		return -ENOMEM;
	}
	pl011->console = console;
	pl011->device = device;
	device->data = pl011;
	device->read = pl011_read;
	device->write = pl011_write;
	device->describe = pl011_describe;
	device->reset = pl011_reset;
	return console->in < 0 ? 0 : vmm_event(vmm, console->in, typed, pl011);
}
