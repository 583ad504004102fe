/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Write a flattened device tree, front to back.
 *
 * A VMM only ever writes a new tree, node after node, so this is all it needs:
 * no library for the target architecture, no tree that is read back. Errors
 * stick: look at the result of fdt_finish() alone.
 */
#ifndef GUNYAH_FDT_H
#define GUNYAH_FDT_H

#include <stddef.h>
#include <stdint.h>

#define FDT_STRINGS 2048

/**
 * struct fdt - a tree being written
 * @buf: where it goes; 8-byte aligned
 * @size: room there
 * @used: bytes of header, reservations and nodes so far
 * @depth: nodes that are open
 * @strings: names of properties, each once
 * @strings_used: bytes of those
 * @error: the first thing that went wrong, a negative errno, or 0
 */
struct fdt {
	uint8_t *buf;
	size_t size;
	size_t used;
	unsigned int depth;
	char strings[FDT_STRINGS];
	size_t strings_used;
	int error;
};

void fdt_begin(struct fdt *fdt, void *buf, size_t size);

/* Each fdt_open() has its fdt_close(); the root's name is "". */
void fdt_open(struct fdt *fdt, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void fdt_close(struct fdt *fdt);

/* Properties come before the children of their node. */
void fdt_bytes(struct fdt *fdt, const char *name, const void *value, size_t size);
void fdt_flag(struct fdt *fdt, const char *name);
void fdt_u32(struct fdt *fdt, const char *name, uint32_t value);
void fdt_u64(struct fdt *fdt, const char *name, uint64_t value);
void fdt_string(struct fdt *fdt, const char *name, const char *value);
void fdt_cells(struct fdt *fdt, const char *name, const uint32_t *cells, size_t count);

/* One range of 64-bit address and size */
void fdt_reg(struct fdt *fdt, uint64_t address, uint64_t size);

/* A list of strings, ended by NULL */
void fdt_strings(struct fdt *fdt, const char *name, ...) __attribute__((sentinel));

#define FDT_CELLS(fdt, name, ...) \
	fdt_cells(fdt, name, (const uint32_t[]){ __VA_ARGS__ }, \
		  sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))

/* Returns the size of the tree, or a negative errno. */
long fdt_finish(struct fdt *fdt);

#endif
