// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device tree of the VM that tests make: the smallest one that the resource
 * manager (RM) takes. Written as a table because libfdt is not exported to
 * modules; the format is that of the Devicetree Specification, version 17.
 */
#include <linux/align.h>
#include <linux/array_size.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/unaligned.h>

#include "life.h"

#define FDT_MAGIC	0xd00dfeed
#define FDT_BEGIN_NODE	1
#define FDT_END_NODE	2
#define FDT_PROP	3
#define FDT_END		9
#define FDT_VERSION	17
#define FDT_COMPATIBLE	16

#define FDT_CELL	sizeof(u32)
#define FDT_HEADER_SIZE	40
/* An empty list of reserved memory: its end. */
#define FDT_RSV_SIZE	16

/* Where the names of properties are collected. */
#define DT_MAX_STRINGS	512
#define DT_MAX_CELLS	4

enum dt_op { DT_NODE, DT_END, DT_TEXT, DT_CELLS, DT_CONSOLE };

/**
 * struct dt_row - a step of the way through the tree
 * @op: begin or end of a node, a property, or where the link to RM goes
 * @name: of the node or property
 * @text: DT_TEXT: value
 * @nr: DT_CELLS: cells of the value, 0 for a property without one
 * @cells: DT_CELLS: value
 */
struct dt_row {
	enum dt_op op;
	const char *name;
	const char *text;
	u8 nr;
	u32 cells[DT_MAX_CELLS];
};

#define NODE(_name)		{ .op = DT_NODE, .name = (_name) }
#define END			{ .op = DT_END }
#define TEXT(_name, _text)	{ .op = DT_TEXT, .name = (_name), .text = (_text) }
#define FLAG(_name)		{ .op = DT_CELLS, .name = (_name) }
#define CELLS(_name, _nr, ...)					\
	{ .op = DT_CELLS, .name = (_name), .nr = (_nr), .cells = { __VA_ARGS__ } }

#define GIC_PHANDLE	1

/* RM takes the addresses of the interrupt controller, if they are below 1 GiB. */
static const struct dt_row rows[] = {
	NODE(""),
	CELLS("#address-cells", 1, 2),
	CELLS("#size-cells", 1, 2),
	CELLS("interrupt-parent", 1, GIC_PHANDLE),
	NODE("chosen"),
	END,
	NODE("cpus"),
	CELLS("#address-cells", 1, 1),
	CELLS("#size-cells", 1, 0),
	NODE("cpu@0"),
	TEXT("device_type", "cpu"),
	TEXT("compatible", "arm,armv8"),
	CELLS("reg", 1, 0),
	TEXT("enable-method", "psci"),
	END,
	END,
	NODE("psci"),
	TEXT("compatible", "arm,psci-1.0"),
	TEXT("method", "hvc"),
	END,
	NODE("interrupt-controller"),
	TEXT("compatible", "arm,gic-v3"),
	FLAG("interrupt-controller"),
	CELLS("#interrupt-cells", 1, 3),
	CELLS("#address-cells", 1, 2),
	CELLS("#size-cells", 1, 2),
	CELLS("phandle", 1, GIC_PHANDLE),
	END,
	NODE("gunyah-vm-config"),
	TEXT("image-name", "kunit"),
	TEXT("os-type", "linux"),
	TEXT("vm-type", "aarch64-guest"),
	CELLS("#address-cells", 1, 2),
	CELLS("#size-cells", 1, 2),
	NODE("memory"),
	CELLS("base-address", 2, 0, 0x80000000),
	END,
	NODE("interrupts"),
	TEXT("config", "/interrupt-controller"),
	END,
	NODE("vcpus"),
	TEXT("config", "/cpus"),
	TEXT("affinity", "proxy"),
	END,
	NODE("vdevices"),
	NODE("bell"),
	TEXT("vdevice-type", "doorbell"),
	TEXT("generate", "/hypervisor/bell"),
	CELLS("label", 1, LIFE_BELL),
	FLAG("peer-default"),
	CELLS("interrupts", 3, 0, LIFE_BELL, 1),
	END,
	{ .op = DT_CONSOLE },
	END,
	END,
	END,
};

/* The link to RM, with a console. console_guest.S looks for the last part of the path. */
static const struct dt_row console_rows[] = {
	NODE("rm"),
	TEXT("vdevice-type", "rm-rpc"),
	TEXT("generate", "/hypervisor/rm-kunit"),
	FLAG("console-dev"),
	CELLS("message-size", 1, 240),
	CELLS("queue-depth", 1, 8),
	END,
};

/**
 * struct dt - a tree that is being written
 * @buf: where it goes; header and reserved memory first
 * @size: bytes there are
 * @pos: bytes used; more than @size if it does not fit
 * @strings: names of properties
 * @nr_strings: bytes of them
 */
struct dt {
	u8 *buf;
	size_t size;
	size_t pos;
	char strings[DT_MAX_STRINGS];
	size_t nr_strings;
};

static void dt_bytes(struct dt *dt, const void *data, size_t size)
{
	size_t padded = ALIGN(size, FDT_CELL);

	if (dt->pos + padded <= dt->size) {
		memset(dt->buf + dt->pos, 0, padded);
		memcpy(dt->buf + dt->pos, data, size);
	}
	dt->pos += padded;
}

static void dt_cell(struct dt *dt, u32 value)
{
	u8 cell[FDT_CELL];

	put_unaligned_be32(value, cell);
	dt_bytes(dt, cell, sizeof(cell));
}

/* Offset of a property's name, which is added if it is not there yet. */
static u32 dt_string(struct dt *dt, const char *name)
{
	size_t at = 0, size = strlen(name) + 1;

	while (at < dt->nr_strings && strcmp(dt->strings + at, name))
		at += strlen(dt->strings + at) + 1;
	if (at == dt->nr_strings && at + size <= sizeof(dt->strings)) {
		memcpy(dt->strings + at, name, size);
		dt->nr_strings += size;
	}

	return at;
}

static void dt_row(struct dt *dt, const struct dt_row *row)
{
	switch (row->op) {
	case DT_NODE:
		dt_cell(dt, FDT_BEGIN_NODE);
		dt_bytes(dt, row->name, strlen(row->name) + 1);
		break;
	case DT_END:
		dt_cell(dt, FDT_END_NODE);
		break;
	case DT_TEXT:
		dt_cell(dt, FDT_PROP);
		dt_cell(dt, strlen(row->text) + 1);
		dt_cell(dt, dt_string(dt, row->name));
		dt_bytes(dt, row->text, strlen(row->text) + 1);
		break;
	case DT_CELLS:
		dt_cell(dt, FDT_PROP);
		dt_cell(dt, row->nr * FDT_CELL);
		dt_cell(dt, dt_string(dt, row->name));
		for (u8 i = 0; i < row->nr; i++)
			dt_cell(dt, row->cells[i]);
		break;
	case DT_CONSOLE:
		break;
	}
}

/* Write the tree to @buf. Returns its size, 0 if there is no room. */
size_t life_dt_write(void *buf, size_t size, bool console)
{
	struct dt dt = { .buf = buf, .size = size, .pos = FDT_HEADER_SIZE + FDT_RSV_SIZE };
	size_t begin = dt.pos, strings;
	u32 header[FDT_HEADER_SIZE / FDT_CELL];

	if (size < begin)
		return 0;
	memset(buf, 0, begin);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		dt_row(&dt, &rows[i]);
		for (size_t k = 0; rows[i].op == DT_CONSOLE && console &&
		     k < ARRAY_SIZE(console_rows); k++)
			dt_row(&dt, &console_rows[k]);
	}
	dt_cell(&dt, FDT_END);
	strings = dt.pos;
	dt_bytes(&dt, dt.strings, dt.nr_strings);
	if (dt.pos > size)
		return 0;

	header[0] = FDT_MAGIC;
	header[1] = dt.pos;
	header[2] = begin;
	header[3] = strings;
	header[4] = FDT_HEADER_SIZE;
	header[5] = FDT_VERSION;
	header[6] = FDT_COMPATIBLE;
	header[7] = 0;
	header[8] = dt.nr_strings;
	header[9] = strings - begin;
	for (size_t i = 0; i < ARRAY_SIZE(header); i++)
		put_unaligned_be32(header[i], dt.buf + i * FDT_CELL);

	return dt.pos;
}
