// SPDX-License-Identifier: GPL-2.0-only
/* Flattened device trees, see fdt.h. Offsets here count from the structure block. */
#include "fdt.h"

#define FDT_MAGIC	0xd00dfeedu
#define FDT_HEADER	40
#define FDT_VERSION	17
#define FDT_BEGIN	1
#define FDT_END		2
#define FDT_PROP	3
#define FDT_NOP		4
#define FDT_LAST	9
#define FDT_BAD		0

/* Words of the header. */
#define FDT_H_SIZE	4
#define FDT_H_STRUCT	8
#define FDT_H_STRINGS	12
#define FDT_H_RESERVED	16
#define FDT_H_VERSION	20
#define FDT_H_COMPAT	24
#define FDT_H_NSTRINGS	32
#define FDT_H_NSTRUCT	36

static u32 fdt_align(u32 n)
{
	return (n + 3) & ~3u;
}

static const u8 *fdt_at(const struct gm_fdt *f, u32 off)
{
	return f->p + f->st + off;
}

/* Bytes up to and with the NUL, 0 if there is none before @end. */
static u32 fdt_strsize(const u8 *p, u32 max)
{
	u32 n;

	for (n = 0; n < max; n++)
		if (!p[n])
			return n + 1;
	return 0;
}

/* The token at @off and where the next one is. Trusts nothing. */
static u32 fdt_token(const struct gm_fdt *f, u32 off, u32 *next)
{
	u32 left, tag, size;

	if (off % 4 || off > f->st_size || f->st_size - off < 4)
		return FDT_BAD;
	left = f->st_size - off - 4;
	tag = gm_fdt_get32(fdt_at(f, off));
	*next = off + 4;
	switch (tag) {
	case FDT_BEGIN:
		size = fdt_strsize(fdt_at(f, off + 4), left);
		break;
	case FDT_PROP:
		if (left < 8)
			return FDT_BAD;
		size = gm_fdt_get32(fdt_at(f, off + 4));
		if (size > left - 8)
			return FDT_BAD;
		size += 8;
		break;
	case FDT_END:
	case FDT_NOP:
	case FDT_LAST:
		return tag;
	default:
		return FDT_BAD;
	}
	if (!size || fdt_align(size) > left)
		return FDT_BAD;
	*next += fdt_align(size);
	return tag;
}

/* The name of a property whose token was looked at, NULL if it has none. */
static const char *fdt_prop_name(const struct gm_fdt *f, u32 off)
{
	u32 name = gm_fdt_get32(fdt_at(f, off + 8));

	if (name >= f->str_size || !fdt_strsize(f->p + f->str + name, f->str_size - name))
		return NULL;
	return (const char *)f->p + f->str + name;
}

/* Every token, the depth and the length of every path. */
static int fdt_check(const struct gm_fdt *f)
{
	u32 path[GM_FDT_MAX_DEPTH + 2] = { 0 };
	u32 depth = 0, off = 0, next, tag;
	bool root = false;

	while ((tag = fdt_token(f, off, &next)) != FDT_LAST) {
		switch (tag) {
		case FDT_BEGIN:
			if ((!depth && root) || depth > GM_FDT_MAX_DEPTH)
				return -1;
			root = true;
			depth++;
			path[depth] = path[depth - 1] + next - off - 4;
			if (path[depth] > GM_FDT_MAX_PATH)
				return -1;
			break;
		case FDT_END:
			if (!depth--)
				return -1;
			break;
		case FDT_PROP:
			if (!depth || !fdt_prop_name(f, off))
				return -1;
			break;
		case FDT_NOP:
			break;
		default:
			return -1;
		}
		off = next;
	}
	return depth || !root ? -1 : 0;
}

static bool fdt_inside(const struct gm_fdt *f, u32 off, u32 size)
{
	return off <= f->size && size <= f->size - off;
}

int gm_fdt_open(struct gm_fdt *f, u8 *p, u32 room)
{
	memset(f, 0, sizeof(*f));
	if (room < FDT_HEADER || gm_fdt_get32(p) != FDT_MAGIC)
		return -1;
	f->p = p;
	f->room = room;
	f->size = gm_fdt_get32(p + FDT_H_SIZE);
	f->st = gm_fdt_get32(p + FDT_H_STRUCT);
	f->str = gm_fdt_get32(p + FDT_H_STRINGS);
	f->str_size = gm_fdt_get32(p + FDT_H_NSTRINGS);
	f->st_size = gm_fdt_get32(p + FDT_H_NSTRUCT);
	if (f->size > room || f->size < FDT_HEADER || f->st % 4 ||
	    gm_fdt_get32(p + FDT_H_VERSION) < FDT_VERSION ||
	    gm_fdt_get32(p + FDT_H_COMPAT) > FDT_VERSION ||
	    !fdt_inside(f, f->st, f->st_size) || !fdt_inside(f, f->str, f->str_size))
		return -1;
	return fdt_check(f);
}

void gm_fdt_start(struct gm_fdt_iter *it)
{
	memset(it, 0, sizeof(*it));
	it->node = GM_FDT_NONE;
}

bool gm_fdt_walk(const struct gm_fdt *f, struct gm_fdt_iter *it)
{
	/* Depth of what comes next: the first node is the root. */
	u32 depth = it->node == GM_FDT_NONE ? 0 : it->depth + 1;
	u32 next, tag;

	while ((tag = fdt_token(f, it->off, &next)) != FDT_LAST && tag != FDT_BAD) {
		u32 off = it->off;

		it->off = next;
		if (tag == FDT_END)
			depth--;
		if (tag != FDT_BEGIN)
			continue;
		it->node = (int)off;
		it->depth = depth;
		it->parents[depth] = it->node;
		return true;
	}
	return false;
}

/* The first node at or after @off that is not below another; NONE at an end. */
static int fdt_node_from(const struct gm_fdt *f, u32 off)
{
	u32 next, tag;

	while ((tag = fdt_token(f, off, &next)) != FDT_BEGIN) {
		if (tag != FDT_PROP && tag != FDT_NOP)
			return GM_FDT_NONE;
		off = next;
	}
	return (int)off;
}

/* Behind the end of a node. */
static u32 fdt_node_end(const struct gm_fdt *f, u32 off)
{
	u32 depth = 0, next, tag;

	do {
		tag = fdt_token(f, off, &next);
		depth += tag == FDT_BEGIN;
		depth -= tag == FDT_END;
		off = next;
	} while (depth && tag != FDT_BAD);
	return off;
}

int gm_fdt_child(const struct gm_fdt *f, int node)
{
	u32 next;

	fdt_token(f, (u32)node, &next);
	return fdt_node_from(f, next);
}

int gm_fdt_sibling(const struct gm_fdt *f, int node)
{
	return fdt_node_from(f, fdt_node_end(f, (u32)node));
}

const char *gm_fdt_name(const struct gm_fdt *f, int node)
{
	return (const char *)fdt_at(f, (u32)node + 4);
}

static int fdt_child_named(const struct gm_fdt *f, int node, const char *name, u32 size)
{
	int child;

	for (child = gm_fdt_child(f, node); child != GM_FDT_NONE;
	     child = gm_fdt_sibling(f, child)) {
		const char *s = gm_fdt_name(f, child);

		if (gm_strlen(s) == size && !memcmp(s, name, size))
			return child;
	}
	return GM_FDT_NONE;
}

int gm_fdt_path(const struct gm_fdt *f, const char *path)
{
	int node = fdt_node_from(f, 0);

	if (*path != '/')
		return GM_FDT_NONE;
	while (node != GM_FDT_NONE) {
		u32 n = 0;

		while (*path == '/')
			path++;
		if (!*path)
			break;
		while (path[n] && path[n] != '/')
			n++;
		node = fdt_child_named(f, node, path, n);
		path += n;
	}
	return node;
}

int gm_fdt_by_phandle(const struct gm_fdt *f, u32 phandle)
{
	struct gm_fdt_iter it;
	u32 value;

	gm_fdt_start(&it);
	while (gm_fdt_walk(f, &it))
		if (gm_fdt_u32(f, it.node, "phandle", &value) && value == phandle)
			return it.node;
	return GM_FDT_NONE;
}

/* The token of a property, 0 if there is none: the first token is a node's. */
static u32 fdt_find(const struct gm_fdt *f, int node, const char *name)
{
	u32 off, next, tag;

	fdt_token(f, (u32)node, &off);
	while ((tag = fdt_token(f, off, &next)) == FDT_PROP || tag == FDT_NOP) {
		if (tag == FDT_PROP && gm_streq(fdt_prop_name(f, off), name))
			return off;
		off = next;
	}
	return 0;
}

const u8 *gm_fdt_prop(const struct gm_fdt *f, int node, const char *name, u32 *size)
{
	u32 off = node == GM_FDT_NONE ? 0 : fdt_find(f, node, name);

	if (!off)
		return NULL;
	if (size)
		*size = gm_fdt_get32(fdt_at(f, off + 4));
	return fdt_at(f, off + 12);
}

const char *gm_fdt_str(const struct gm_fdt *f, int node, const char *name)
{
	const u8 *p;
	u32 size;

	p = gm_fdt_prop(f, node, name, &size);
	return p && fdt_strsize(p, size) ? (const char *)p : NULL;
}

bool gm_fdt_is(const struct gm_fdt *f, int node, const char *name, const char *value)
{
	const u8 *p;
	u32 size, n;

	p = gm_fdt_prop(f, node, name, &size);
	while (p && (n = fdt_strsize(p, size))) {
		if (gm_streq((const char *)p, value))
			return true;
		p += n;
		size -= n;
	}
	return false;
}

bool gm_fdt_cells(const struct gm_fdt *f, int node, const char *name, u32 cells, u64 *value)
{
	const u8 *p;
	u32 size;

	p = gm_fdt_prop(f, node, name, &size);
	if (!p || size != 4 * cells || !cells || cells > 2)
		return false;
	*value = cells == 1 ? gm_fdt_get32(p) : gm_fdt_get64(p);
	return true;
}

bool gm_fdt_u32(const struct gm_fdt *f, int node, const char *name, u32 *value)
{
	u64 v;

	if (!gm_fdt_cells(f, node, name, 1, &v))
		return false;
	*value = (u32)v;
	return true;
}

/* Makes a hole of @size bytes at absolute offset @at; false if it is full. */
static bool fdt_hole(struct gm_fdt *f, u32 at, u32 size)
{
	u32 i;

	if (f->full || f->str < f->st + f->st_size || size > f->room - f->size) {
		f->full = true;
		return false;
	}
	for (i = f->size; i > at; i--)
		f->p[i - 1 + size] = f->p[i - 1];
	f->size += size;
	gm_fdt_put32(f->p + FDT_H_SIZE, f->size);
	return true;
}

/* A hole in the structure block, in front of the strings. */
static bool fdt_st_hole(struct gm_fdt *f, u32 off, u32 size)
{
	if (!fdt_hole(f, f->st + off, size))
		return false;
	f->st_size += size;
	f->str += size;
	gm_fdt_put32(f->p + FDT_H_NSTRUCT, f->st_size);
	gm_fdt_put32(f->p + FDT_H_STRINGS, f->str);
	/* The reservations usually come first. */
	if (gm_fdt_get32(f->p + FDT_H_RESERVED) > f->st)
		f->full = true;
	return !f->full;
}

/* Turns @size bytes at @off into nothing, one NOP after the other. */
static void fdt_nop(struct gm_fdt *f, u32 off, u32 size)
{
	for (; size; off += 4, size -= 4)
		gm_fdt_put32(f->p + f->st + off, FDT_NOP);
}

/* Where the string is, added if it is not; ~0 if there is no room. */
static u32 fdt_string(struct gm_fdt *f, const char *s)
{
	u32 n = gm_strlen(s) + 1, i;

	for (i = 0; i + n <= f->str_size; i++)
		if (!memcmp(f->p + f->str + i, s, n))
			return i;
	i = f->str_size;
	if (!fdt_hole(f, f->str + i, n))
		return ~0u;
	memcpy(f->p + f->str + i, s, n);
	f->str_size += n;
	gm_fdt_put32(f->p + FDT_H_NSTRINGS, f->str_size);
	return i;
}

int gm_fdt_add(struct gm_fdt *f, int parent, const char *name)
{
	u32 n = gm_strlen(name) + 1;
	u32 off, size = 4 + fdt_align(n) + 4;

	if (parent == GM_FDT_NONE)
		f->full = true;
	if (f->full)
		return GM_FDT_NONE;
	off = fdt_node_end(f, (u32)parent) - 4;
	if (!fdt_st_hole(f, off, size))
		return GM_FDT_NONE;
	memset(f->p + f->st + off, 0, size);
	gm_fdt_put32(f->p + f->st + off, FDT_BEGIN);
	memcpy(f->p + f->st + off + 4, name, n);
	gm_fdt_put32(f->p + f->st + off + size - 4, FDT_END);
	return (int)off;
}

void gm_fdt_set(struct gm_fdt *f, int node, const char *name, const void *value, u32 size)
{
	u32 need = 12 + fdt_align(size), old, off, next, string;

	if (node == GM_FDT_NONE)
		f->full = true;
	string = f->full ? ~0u : fdt_string(f, name);
	if (string == ~0u)
		return;
	old = fdt_find(f, node, name);
	if (old) {
		fdt_token(f, old, &next);
		fdt_nop(f, old, next - old);
	}
	/* Behind its other properties, in front of its children. */
	fdt_token(f, (u32)node, &off);
	while (fdt_token(f, off, &next) == FDT_PROP ||
	       gm_fdt_get32(fdt_at(f, off)) == FDT_NOP)
		off = next;
	if (!fdt_st_hole(f, off, need))
		return;
	memset(f->p + f->st + off, 0, need);
	gm_fdt_put32(f->p + f->st + off, FDT_PROP);
	gm_fdt_put32(f->p + f->st + off + 4, size);
	gm_fdt_put32(f->p + f->st + off + 8, string);
	memcpy(f->p + f->st + off + 12, value, size);
}

void gm_fdt_set_u32(struct gm_fdt *f, int node, const char *name, u32 value)
{
	u8 cell[4];

	gm_fdt_put32(cell, value);
	gm_fdt_set(f, node, name, cell, sizeof(cell));
}

void gm_fdt_set_u64(struct gm_fdt *f, int node, const char *name, u64 value)
{
	u8 cells[8];

	gm_fdt_put32(cells, (u32)(value >> 32));
	gm_fdt_put32(cells + 4, (u32)value);
	gm_fdt_set(f, node, name, cells, sizeof(cells));
}

void gm_fdt_set_str(struct gm_fdt *f, int node, const char *name, const char *value)
{
	gm_fdt_set(f, node, name, value, gm_strlen(value) + 1);
}
