// SPDX-License-Identifier: GPL-2.0-only
/*
 * A sequential writer of flattened device trees (version 17): the header, an
 * empty list of reservations, the nodes, and behind them the names.
 */
#include <endian.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "fdt.h"

#define FDT_MAGIC	0xd00dfeed
#define FDT_BEGIN_NODE	1
#define FDT_END_NODE	2
#define FDT_PROP	3
#define FDT_END		9
#define FDT_HEADER	40
#define FDT_RESERVE	16	/* the entry that ends the list */
#define FDT_DEPTH	16	/* what the resource manager reads */

static void fail(struct fdt *fdt, int error)
{
	if (!fdt->error)
		fdt->error = error;
}

/* Append bytes and pad to the next cell. */
static void put(struct fdt *fdt, const void *value, size_t size)
{
	size_t padded = (size + 3) & ~(size_t)3;

	if (fdt->error)
		return;
	if (padded < size || padded > fdt->size - fdt->used) {
		fail(fdt, -ENOSPC);
		return;
	}
	memset(fdt->buf + fdt->used, 0, padded);
	if (size)
		memcpy(fdt->buf + fdt->used, value, size);
	fdt->used += padded;
}

static void put_u32(struct fdt *fdt, uint32_t value)
{
	uint32_t cell = htobe32(value);

	put(fdt, &cell, sizeof(cell));
}

/* Where a property's name is in the list of names; it is added if new. */
static uint32_t name_offset(struct fdt *fdt, const char *name)
{
	size_t length = strlen(name) + 1, at;

	for (at = 0; at < fdt->strings_used; at += strlen(fdt->strings + at) + 1)
		if (!strcmp(fdt->strings + at, name))
			return at;
	if (length > sizeof(fdt->strings) - fdt->strings_used) {
		fail(fdt, -ENOSPC);
		return 0;
	}
	memcpy(fdt->strings + at, name, length);
	fdt->strings_used += length;
	return at;
}

void fdt_begin(struct fdt *fdt, void *buf, size_t size)
{
	memset(fdt, 0, sizeof(*fdt));
	fdt->buf = buf;
	fdt->size = size;
	if (size < FDT_HEADER + FDT_RESERVE) {
		fail(fdt, -ENOSPC);
		return;
	}
	memset(buf, 0, FDT_HEADER + FDT_RESERVE);
	fdt->used = FDT_HEADER + FDT_RESERVE;
}

void fdt_open(struct fdt *fdt, const char *format, ...)
{
	char name[64];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(name, sizeof(name), format, args);
	va_end(args);
	if (length < 0 || length >= (int)sizeof(name))
		fail(fdt, -ENAMETOOLONG);
	if (fdt->depth == FDT_DEPTH)
		fail(fdt, -ELOOP);
	fdt->depth++;
	put_u32(fdt, FDT_BEGIN_NODE);
	put(fdt, name, fdt->error ? 0 : length + 1);
}

void fdt_close(struct fdt *fdt)
{
	if (!fdt->depth) {
		fail(fdt, -EINVAL);
		return;
	}
	fdt->depth--;
	put_u32(fdt, FDT_END_NODE);
}

void fdt_bytes(struct fdt *fdt, const char *name, const void *value, size_t size)
{
	if (!fdt->depth)
		fail(fdt, -EINVAL);
	put_u32(fdt, FDT_PROP);
	put_u32(fdt, size);
	put_u32(fdt, name_offset(fdt, name));
	put(fdt, value, size);
}

void fdt_flag(struct fdt *fdt, const char *name)
{
	fdt_bytes(fdt, name, NULL, 0);
}

void fdt_u32(struct fdt *fdt, const char *name, uint32_t value)
{
	fdt_cells(fdt, name, &value, 1);
}

void fdt_u64(struct fdt *fdt, const char *name, uint64_t value)
{
	FDT_CELLS(fdt, name, value >> 32, value);
}

void fdt_string(struct fdt *fdt, const char *name, const char *value)
{
	fdt_bytes(fdt, name, value, strlen(value) + 1);
}

void fdt_cells(struct fdt *fdt, const char *name, const uint32_t *cells, size_t count)
{
	uint32_t value[32];
	size_t i;

	if (count > sizeof(value) / sizeof(value[0])) {
		fail(fdt, -E2BIG);
		return;
	}
	for (i = 0; i < count; i++)
		value[i] = htobe32(cells[i]);
	fdt_bytes(fdt, name, value, count * sizeof(value[0]));
}

void fdt_reg(struct fdt *fdt, uint64_t address, uint64_t size)
{
	FDT_CELLS(fdt, "reg", address >> 32, address, size >> 32, size);
}

void fdt_strings(struct fdt *fdt, const char *name, ...)
{
	char value[256];
	const char *next;
	size_t size = 0, length;
	va_list args;

	va_start(args, name);
	while ((next = va_arg(args, const char *))) {
		length = strlen(next) + 1;
		if (length > sizeof(value) - size) {
			fail(fdt, -ENAMETOOLONG);
			break;
		}
		memcpy(value + size, next, length);
		size += length;
	}
	va_end(args);
	fdt_bytes(fdt, name, value, size);
}

long fdt_finish(struct fdt *fdt)
{
	const size_t nodes = FDT_HEADER + FDT_RESERVE;
	size_t strings, header;

	if (fdt->depth)
		fail(fdt, -EINVAL);
	put_u32(fdt, FDT_END);
	strings = fdt->used;
	put(fdt, fdt->strings, fdt->strings_used);
	if (fdt->error)
		return fdt->error;

	header = fdt->used;
	fdt->used = 0;
	put_u32(fdt, FDT_MAGIC);
	put_u32(fdt, header);
	put_u32(fdt, nodes);
	put_u32(fdt, strings);
	put_u32(fdt, FDT_HEADER);
	put_u32(fdt, 17);
	put_u32(fdt, 16);
	put_u32(fdt, 0);
	put_u32(fdt, fdt->strings_used);
	put_u32(fdt, strings - nodes);
	fdt->used = header;
	return header;
}
