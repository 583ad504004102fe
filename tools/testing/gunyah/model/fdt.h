/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A flattened device tree in memory that nobody else writes to: read it, and
 * add to it. Written for bytes from a guest: gm_fdt_open() looks at each of
 * them that the rest relies on.
 *
 * A node is known by the offset of its first token in the structure block;
 * GM_FDT_NONE is no node. Adding moves all nodes behind the place, so offsets
 * are to be looked up again after that.
 */
#ifndef GM_FDT_H
#define GM_FDT_H

#include "types.h"

#define GM_FDT_NONE		(-1)
#define GM_FDT_MAX_DEPTH	16	/* as RM has it; the root is at 0 */
#define GM_FDT_MAX_PATH		256

/**
 * struct gm_fdt - an open tree
 * @p: header
 * @room: bytes there are for it at @p
 * @size: bytes of it
 * @st: offset of the structure block
 * @st_size: its size
 * @str: offset of the strings block
 * @str_size: its size
 * @full: something did not fit; the tree is to be thrown away
 */
struct gm_fdt {
	u8 *p;
	u32 room;
	u32 size;
	u32 st;
	u32 st_size;
	u32 str;
	u32 str_size;
	bool full;
};

/**
 * struct gm_fdt_iter - a walk over all nodes, parents first
 * @node: current node
 * @depth: its depth
 * @parents: it and those above it
 * @off: where to go on
 */
struct gm_fdt_iter {
	int node;
	u32 depth;
	int parents[GM_FDT_MAX_DEPTH + 1];
	u32 off;
};

/**
 * gm_fdt_open() - look whether there is a well-formed tree
 * @f: filled in
 * @p: where it begins
 * @room: bytes that may be used there, for the tree and what is added
 *
 * Return: 0, or -1: not a tree, or deeper or with longer paths than RM takes.
 */
int gm_fdt_open(struct gm_fdt *f, u8 *p, u32 room);

/** gm_fdt_start() - begin a walk; the first gm_fdt_walk() gives the root */
void gm_fdt_start(struct gm_fdt_iter *it);
/** gm_fdt_walk() - the next node; false after the last */
bool gm_fdt_walk(const struct gm_fdt *f, struct gm_fdt_iter *it);

int gm_fdt_child(const struct gm_fdt *f, int node);
int gm_fdt_sibling(const struct gm_fdt *f, int node);
const char *gm_fdt_name(const struct gm_fdt *f, int node);
/** gm_fdt_path() - node at an absolute path of full names */
int gm_fdt_path(const struct gm_fdt *f, const char *path);
int gm_fdt_by_phandle(const struct gm_fdt *f, u32 phandle);

/** gm_fdt_prop() - value of a property, or NULL; @size may be NULL */
const u8 *gm_fdt_prop(const struct gm_fdt *f, int node, const char *name, u32 *size);
/** gm_fdt_str() - the same if it is a string, the first of a list */
const char *gm_fdt_str(const struct gm_fdt *f, int node, const char *name);
/** gm_fdt_is() - is the string @value in the string list? */
bool gm_fdt_is(const struct gm_fdt *f, int node, const char *name, const char *value);
/** gm_fdt_u32() - one cell; false if it is not exactly that */
bool gm_fdt_u32(const struct gm_fdt *f, int node, const char *name, u32 *value);
/** gm_fdt_cells() - a number of 1 or 2 cells; false if it has another size */
bool gm_fdt_cells(const struct gm_fdt *f, int node, const char *name, u32 cells, u64 *value);

/** gm_fdt_add() - a new last child without properties of its own; its offset */
int gm_fdt_add(struct gm_fdt *f, int parent, const char *name);
/** gm_fdt_set() - set a property, in place of an old one of that name */
void gm_fdt_set(struct gm_fdt *f, int node, const char *name, const void *value, u32 size);
void gm_fdt_set_u32(struct gm_fdt *f, int node, const char *name, u32 value);
void gm_fdt_set_u64(struct gm_fdt *f, int node, const char *name, u64 value);
void gm_fdt_set_str(struct gm_fdt *f, int node, const char *name, const char *value);

static inline u32 gm_fdt_get32(const u8 *p)
{
	return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

static inline u64 gm_fdt_get64(const u8 *p)
{
	return (u64)gm_fdt_get32(p) << 32 | gm_fdt_get32(p + 4);
}

static inline void gm_fdt_put32(u8 *p, u32 v)
{
	p[0] = (u8)(v >> 24);
	p[1] = (u8)(v >> 16 & 0xff);
	p[2] = (u8)(v >> 8 & 0xff);
	p[3] = (u8)(v & 0xff);
}

static inline u32 gm_strlen(const char *s)
{
	u32 n = 0;

	while (s[n])
		n++;
	return n;
}

static inline bool gm_streq(const char *a, const char *b)
{
	u32 n = gm_strlen(a);

	return n == gm_strlen(b) && !memcmp(a, b, n);
}

#endif /* GM_FDT_H */
