// SPDX-License-Identifier: GPL-2.0-only
/*
 * RM's memory parcels, the owner's side: DONATE, LEND, SHARE, APPEND, RECLAIM
 * and whose each page is.
 *
 * What a VM owns at the start is the host's (gm_config.mem_base, mem_size; with
 * size 0 everything below 2^44): the primary VM has it all, no other VM has
 * any. A range in a parcel is a struct gm_region; it cannot be in a second one.
 * Ranges of a parcel that was donated and accepted stay taken for ever.
 *
 * A VM that accepted a parcel has each range somewhere in its own address space:
 * a struct gm_map per range and VM.
 *
 * The order of the tests is the real RM's. Not modelled: ranges that are not
 * contiguous in physical memory (RM makes several of one entry), attributes
 * beyond their syntax, and memory a VM got by donation being given on.
 */
#include "state.h"

#define MEM_PAGE		4096
#define MEM_LIMIT		0x100000000000ull
#define MEM_CREATE_SIZE		20
#define MEM_APPEND_SIZE		12
#define MEM_RECLAIM_SIZE	8
#define MEM_SANITIZE		1	/* flag of creation, release and reclaim */
#define MEM_APPEND		2	/* flag of creation */
#define MEM_LAST		1	/* flag of APPEND */
#define MEM_ATTR_NORMAL		0
#define MEM_ATTR_DEVICE		1
#define MEM_ATTR_LAST		3
#define MEM_INVALID_HANDLE	0xffffffffu

/*
 * Cuts a list off the rest of a message. A list that would begin at the very
 * end is empty.
 */
u32 gm_list_read(const u8 **p, u32 *left, u32 elem, u32 max, struct gm_list *l)
{
	u32 size;

	l->head = *p;
	l->p = *p;
	l->nr = 0;
	l->there = 0;
	if (!*left)
		return GM_ST_OK;
	if (*left < 4)
		return GM_ST_MSG_INVALID;
	l->there = 1;
	l->nr = gm_get16(*p);
	l->p = *p + 4;
	if (l->nr > max)
		return GM_ST_NORESOURCE;
	size = 4 + l->nr * elem;
	if (*left < size)
		return GM_ST_MSG_INVALID;
	*p += size;
	*left -= size;
	return GM_ST_OK;
}

/* ACL, SGL and attributes, to the end of the message. */
u32 gm_lists_read(const u8 *p, u32 left, struct gm_lists *l)
{
	u32 status;

	status = gm_list_read(&p, &left, 4, GM_MAX_LIST, &l->acl);
	if (!status)
		status = gm_list_read(&p, &left, 16, GM_MAX_LIST, &l->sgl);
	if (!status)
		status = gm_list_read(&p, &left, 4, GM_MAX_LIST, &l->attr);
	if (!status && left)
		status = GM_ST_MSG_INVALID;
	return status;
}

struct gm_parcel *gm_parcel_find(struct gm *m, u32 handle)
{
	u32 i;

	for (i = 0; i < GM_MAX_PARCELS; i++)
		if (m->parcels[i].used && m->parcels[i].handle == handle)
			return &m->parcels[i];
	return NULL;
}

struct gm_share *gm_parcel_share(struct gm_parcel *mp, unsigned int vmid)
{
	u32 i;

	for (i = 0; i < mp->nr_shares; i++)
		if (mp->shares[i].vmid == vmid)
			return &mp->shares[i];
	return NULL;
}

static u32 mem_owned_by(struct gm *m, unsigned int vmid)
{
	u32 i, n = 0;

	for (i = 0; i < GM_MAX_PARCELS; i++)
		n += m->parcels[i].used && m->parcels[i].owner == vmid;
	return n;
}

static struct gm_parcel *mem_free_parcel(struct gm *m)
{
	struct gm_parcel *mp = NULL;
	u32 i, used = 0;

	for (i = 0; i < GM_MAX_PARCELS; i++) {
		used += m->parcels[i].used;
		if (!m->parcels[i].used && !mp)
			mp = &m->parcels[i];
	}
	return used < m->pools[GM_DBG_POOL_PARCELS] ? mp : NULL;
}

static u32 mem_new_handle(struct gm *m)
{
	u32 handle;

	do {
		handle = m->next_handle++;
	} while (handle == MEM_INVALID_HANDLE || gm_parcel_find(m, handle));
	return handle;
}

static bool mem_taken(struct gm *m, u64 ipa, u64 size)
{
	u32 i;

	for (i = 0; i < m->nr_regions; i++) {
		const struct gm_region *r = &m->regions[i];

		if (r->parcel && ipa < r->ipa + r->size && r->ipa < ipa + size)
			return true;
	}
	return false;
}

/* Is all of it the owner's, and none in a parcel? */
static bool mem_owns(struct gm *m, const struct gm_parcel *mp, u64 ipa, u64 size)
{
	bool ram;

	if (mp->owner != GM_VMID_PRIMARY || !size || size > MEM_LIMIT - ipa)
		return false;
	if (m->mem_size) {
		ram = ipa >= m->mem_base && ipa - m->mem_base <= m->mem_size &&
		      size <= m->mem_size - (ipa - m->mem_base);
		if (mp->mem_type != GM_MEM_IO && !ram)
			return false;
		if (mp->mem_type == GM_MEM_IO && ipa < m->mem_base + m->mem_size &&
		    m->mem_base < ipa + size)
			return false;
	}
	return !mem_taken(m, ipa, size);
}

/* What the owner may do with a range from now on. */
static int mem_map(struct gm *m, const struct gm_parcel *mp, const struct gm_region *r, u8 rights)
{
	if (!m->ops->mem_map)
		return 0;
	return m->ops->mem_map(m->host, mp->owner, r->ipa, r->ipa, r->size, rights,
			       mp->mem_type == GM_MEM_IO);
}

static struct gm_region *mem_new_region(struct gm *m)
{
	struct gm_region *r;

	if (m->free_region) {
		r = &m->regions[m->free_region - 1];
		m->free_region = r->next;
		return r;
	}
	return m->nr_regions < GM_MAX_REGIONS ? &m->regions[m->nr_regions++] : NULL;
}

static void mem_free_region(struct gm *m, struct gm_region *r)
{
	r->parcel = 0;
	r->next = m->free_region;
	m->free_region = (u16)(r - m->regions + 1);
}

/* Gives back the ranges behind the first @keep. */
static void mem_drop_regions(struct gm *m, struct gm_parcel *mp, u32 keep)
{
	u8 rights = mp->mem_type == GM_MEM_IO ? GM_MEM_RW : GM_MEM_RWX;
	u16 *link = &mp->first_region;
	u16 last = 0, next;
	u32 i;

	for (i = 0; i < keep; i++) {
		last = *link;
		link = &m->regions[last - 1].next;
	}
	for (next = *link; next;) {
		struct gm_region *r = &m->regions[next - 1];

		next = r->next;
		(void)mem_map(m, mp, r, rights);
		mp->size -= r->size;
		mem_free_region(m, r);
		gm_heap_give(m, GM_HEAP_LIST_ENTRY);
	}
	*link = 0;
	mp->last_region = last;
	mp->nr_regions = keep;
}

static u32 mem_add_region(struct gm *m, struct gm_parcel *mp, u64 ipa, u64 size)
{
	const struct gm_share *owner = gm_parcel_share(mp, mp->owner);
	struct gm_region *r;

	if (ipa >= MEM_LIMIT || size >= MEM_LIMIT || (ipa | size) % MEM_PAGE)
		return GM_ST_ARGUMENT_INVALID;
	if (!mem_owns(m, mp, ipa, size))
		return GM_ST_MEM_INVALID;
	if (!gm_heap_take(m, GM_HEAP_LIST_ENTRY)) {
		gm_count(m, GM_CTR_RM_NOHEAP);
		return GM_ST_NO_REPLY;
	}
	r = mem_new_region(m);
	if (!r) {
		gm_heap_give(m, GM_HEAP_LIST_ENTRY);
		return GM_ST_NOMEM;
	}
	r->ipa = ipa;
	r->size = size;
	r->parcel = (u16)(mp - m->parcels + 1);
	r->next = 0;
	r->first_map = 0;
	if (mem_map(m, mp, r, mp->trans == GM_MEM_SHARE ? owner->rights : 0)) {
		gm_heap_give(m, GM_HEAP_LIST_ENTRY);
		mem_free_region(m, r);
		return mp->trans == GM_MEM_SHARE ? GM_ST_MAP_FAILED : GM_ST_MEM_INVALID;
	}
	if (mp->last_region)
		m->regions[mp->last_region - 1].next = (u16)(r - m->regions + 1);
	else
		mp->first_region = (u16)(r - m->regions + 1);
	mp->last_region = (u16)(r - m->regions + 1);
	mp->nr_regions++;
	mp->size += size;
	return GM_ST_OK;
}

/* All of the list, or nothing of it. */
static u32 mem_add_list(struct gm *m, struct gm_parcel *mp, const struct gm_list *sgl, bool last)
{
	u32 before = mp->nr_regions, status, i;

	for (i = 0; i < sgl->nr; i++) {
		status = mem_add_region(m, mp, gm_get64(sgl->p + 16 * i),
					gm_get64(sgl->p + 16 * i + 8));
		if (status) {
			mem_drop_regions(m, mp, before);
			return status;
		}
	}
	if (last)
		mp->state = GM_PARCEL_READY;
	return GM_ST_OK;
}

static bool mem_vmid_valid(u32 vmid)
{
	return vmid == GM_VMID_PRIMARY || vmid == GM_VMID_RM ||
	       (vmid >= GM_VMID_STATIC_FIRST && vmid <= GM_VMID_STATIC_LAST) ||
	       (vmid >= GM_VMID_DYNAMIC_FIRST && vmid <= GM_VMID_DYNAMIC_LAST);
}

static bool mem_rights_valid(u8 rights)
{
	return rights == GM_MEM_R || rights == GM_MEM_RX || rights == GM_MEM_RW ||
	       rights == GM_MEM_RWX;
}

static u32 mem_take_acl(struct gm_parcel *mp, const struct gm_list *acl)
{
	u8 max = mp->mem_type == GM_MEM_IO ? GM_MEM_RW : GM_MEM_RWX;
	bool shared = mp->trans == GM_MEM_SHARE;
	u32 i;

	for (i = 0; i < acl->nr; i++) {
		u32 vmid = gm_get16(acl->p + 4 * i);
		u8 rights = acl->p[4 * i + 2];
		struct gm_share *s;

		if (gm_parcel_share(mp, vmid))
			return GM_ST_ARGUMENT_INVALID;
		if (!mem_vmid_valid(vmid) || !mem_rights_valid(rights))
			return GM_ST_ARGUMENT_INVALID;
		if (mp->mem_type == GM_MEM_IO && (rights & GM_MEM_X))
			return GM_ST_ARGUMENT_INVALID;
		if (mp->trans == GM_MEM_DONATE && rights != max)
			return GM_ST_DENIED;
		/* Fits: there are not more valid vmids than room. */
		s = &mp->shares[mp->nr_shares++];
		memset(s, 0, sizeof(*s));
		s->vmid = (u16)vmid;
		s->rights = rights;
	}
	if (shared != !!gm_parcel_share(mp, mp->owner))
		return GM_ST_ARGUMENT_INVALID;
	return GM_ST_OK;
}

static u32 mem_take_attrs(struct gm_parcel *mp, const struct gm_list *attr)
{
	bool io = mp->mem_type == GM_MEM_IO;
	u32 normal = io ? MEM_ATTR_DEVICE : MEM_ATTR_NORMAL;
	u32 i, k;

	for (i = 0; i < attr->nr; i++) {
		u32 value = gm_get16(attr->p + 4 * i);
		u32 vmid = gm_get16(attr->p + 4 * i + 2);
		bool device = value == MEM_ATTR_DEVICE;

		for (k = 0; k < i; k++)
			if (mp->attrs[k].vmid == vmid)
				return GM_ST_ARGUMENT_INVALID;
		if (value > MEM_ATTR_LAST)
			return GM_ST_ARGUMENT_INVALID;
		if (io != device)
			return GM_ST_ARGUMENT_INVALID;
		if (mp->trans == GM_MEM_DONATE && value != normal)
			return GM_ST_ARGUMENT_INVALID;
		if (!gm_parcel_share(mp, vmid))
			return GM_ST_VMID_INVALID;
		mp->attrs[i].attr = (u16)value;
		mp->attrs[i].vmid = (u16)vmid;
		mp->nr_attrs++;
	}
	return GM_ST_OK;
}

/* Takes the parcel out of the books; its ranges are seen to before. */
static void mem_delete(struct gm *m, struct gm_parcel *mp)
{
	mp->used = 0;
	gm_heap_give(m, GM_HEAP_PARCEL);
}

/* Nobody gives back what was donated: the ranges stay taken. */
void gm_parcel_donated(struct gm *m, struct gm_parcel *mp)
{
	u16 i = mp->first_region;

	while (i) {
		struct gm_region *r = &m->regions[i - 1];

		i = r->next;
		r->parcel = GM_REGION_GONE;
		gm_heap_give(m, GM_HEAP_LIST_ENTRY);
	}
	mem_delete(m, mp);
}

static u32 mem_create_checks(struct gm *m, struct gm_rm_req *r, const struct gm_lists *l, u8 trans)
{
	if (!l->acl.nr || !l->sgl.nr)
		return GM_ST_ARGUMENT_INVALID;
	if (trans == GM_MEM_DONATE && l->acl.nr > 1)
		return GM_ST_ARGUMENT_INVALID;
	if (mem_owned_by(m, r->vm->vmid) >= GM_MAX_PARCELS_OF_VM)
		return GM_ST_DENIED;
	if ((r->data[2] & MEM_SANITIZE) && r->data[0] == GM_MEM_IO)
		return GM_ST_ARGUMENT_INVALID;
	return GM_ST_OK;
}

u32 gm_rm_mem_create(struct gm *m, struct gm_rm_req *r)
{
	struct gm_parcel *mp = mem_free_parcel(m);
	struct gm_lists l;
	u32 status;
	u8 trans;

	if (r->size < MEM_CREATE_SIZE)
		return GM_ST_MSG_INVALID;
	trans = r->id == GM_RM_MEM_LEND ? GM_MEM_LEND :
		r->id == GM_RM_MEM_SHARE ? GM_MEM_SHARE : GM_MEM_DONATE;
	status = gm_lists_read(r->data + 8, r->size - 8, &l);
	if (!status)
		status = mem_create_checks(m, r, &l, trans);
	if (status)
		return status;
	if (!mp)
		return GM_ST_NOMEM;
	if (!gm_heap_take(m, GM_HEAP_PARCEL)) {
		gm_count(m, GM_CTR_RM_NOHEAP);
		return GM_ST_NO_REPLY;
	}
	memset(mp, 0, sizeof(*mp));
	/* A number that is used up even if the rest fails. */
	mp->handle = mem_new_handle(m);
	mp->mem_type = r->data[0];
	mp->trans = trans;
	mp->sanitized = r->data[2] & MEM_SANITIZE;
	mp->label = gm_get32(r->data + 4);
	mp->owner = r->vm->vmid;
	mp->used = 1;
	status = mem_take_acl(mp, &l.acl);
	if (!status)
		status = mem_take_attrs(mp, &l.attr);
	if (!status)
		status = mem_add_list(m, mp, &l.sgl, !(r->data[2] & MEM_APPEND));
	if (status) {
		mem_delete(m, mp);
		return status;
	}
	if (mp->sanitized)
		gm_parcel_zero(m, mp);
	gm_put32(r->out, mp->handle);
	r->out_size = 4;
	return GM_ST_OK;
}

u32 gm_rm_mem_append(struct gm *m, struct gm_rm_req *r)
{
	const u8 *p = r->data + 8;
	struct gm_parcel *mp;
	struct gm_list sgl;
	u32 status, left;

	if (r->size < MEM_APPEND_SIZE)
		return GM_ST_MSG_INVALID;
	left = r->size - 8;
	status = gm_list_read(&p, &left, 16, GM_MAX_LIST, &sgl);
	if (status || left)
		return status ? status : GM_ST_MSG_INVALID;
	if (!sgl.nr)
		return GM_ST_ARGUMENT_INVALID;
	mp = gm_parcel_find(m, gm_get32(r->data));
	if (!mp)
		return GM_ST_HANDLE_INVALID;
	if (mp->owner != r->vm->vmid || mp->state != GM_PARCEL_OPEN)
		return GM_ST_DENIED;
	return mem_add_list(m, mp, &sgl, r->data[4] & MEM_LAST);
}

u32 gm_rm_mem_reclaim(struct gm *m, struct gm_rm_req *r)
{
	struct gm_parcel *mp;

	if (r->size < MEM_RECLAIM_SIZE)
		return GM_ST_MSG_INVALID;
	mp = gm_parcel_find(m, gm_get32(r->data));
	if (!mp)
		return GM_ST_HANDLE_INVALID;
	if (mp->owner != r->vm->vmid)
		return GM_ST_DENIED;
	if (mp->state == GM_PARCEL_ACCEPTED)
		return GM_ST_MEM_INUSE;
	if ((r->data[4] & MEM_SANITIZE) && mp->mem_type == GM_MEM_IO)
		return GM_ST_ARGUMENT_INVALID;
	if (r->data[4] & MEM_SANITIZE)
		gm_parcel_zero(m, mp);
	mem_drop_regions(m, mp, 0);
	mem_delete(m, mp);
	return GM_ST_OK;
}

/* The owner's address of byte @offset of a parcel; ~0 beyond its end. */
u64 gm_parcel_ipa(struct gm *m, const struct gm_parcel *mp, u64 offset, u64 *left)
{
	u16 i = mp->first_region;

	while (i) {
		const struct gm_region *r = &m->regions[i - 1];

		if (offset < r->size) {
			*left = r->size - offset;
			return r->ipa + offset;
		}
		offset -= r->size;
		i = r->next;
	}
	*left = 0;
	return ~0ull;
}

/* Copies from or to a parcel, whoever has it. */
int gm_parcel_copy(struct gm *m, const struct gm_parcel *mp, u64 offset, u8 *data, u64 size,
		   bool write)
{
	u64 left, pa;
	int ret;

	if (!mp || (write ? !m->ops->mem_write : !m->ops->mem_read))
		return -1;
	for (; size; size -= left, offset += left, data += left) {
		pa = gm_parcel_ipa(m, mp, offset, &left);
		if (!left)
			return -1;
		if (left > size)
			left = size;
		ret = write ? m->ops->mem_write(m->host, pa, data, (size_t)left) :
			      m->ops->mem_read(m->host, data, pa, (size_t)left);
		if (ret)
			return ret;
	}
	return 0;
}

/* Nobody but RM has it at this time. */
void gm_parcel_zero(struct gm *m, const struct gm_parcel *mp)
{
	u16 i = mp->first_region;

	while (i && m->ops->mem_zero) {
		const struct gm_region *r = &m->regions[i - 1];

		(void)m->ops->mem_zero(m->host, r->ipa, r->size);
		i = r->next;
	}
}

/* Only a VM that the host knows has an address space. */
static bool mem_mappable(struct gm *m, const struct gm_share *s)
{
	const struct gm_vm *vm = gm_vm_find(m, s->vmid);

	return vm && vm->created;
}

static struct gm_map *mem_new_map(struct gm *m)
{
	struct gm_map *map;

	if (m->free_map) {
		map = &m->maps[m->free_map - 1];
		m->free_map = map->next;
		return map;
	}
	return m->nr_maps < GM_MAX_MAPS ? &m->maps[m->nr_maps++] : NULL;
}

/* Gives a range to a VM that accepted the parcel. */
u32 gm_map_add(struct gm *m, const struct gm_parcel *mp, struct gm_region *r,
	       const struct gm_share *s, u64 ipa)
{
	struct gm_map *map;

	if (!mem_mappable(m, s))
		return GM_ST_OK;
	map = mem_new_map(m);
	if (!map)
		return GM_ST_NOMEM;
	map->ipa = ipa;
	map->vmid = s->vmid;
	map->next = r->first_map;
	r->first_map = (u16)(map - m->maps + 1);
	if (!m->ops->mem_map || !m->ops->mem_map(m->host, s->vmid, ipa, r->ipa, r->size, s->rights,
						 mp->mem_type == GM_MEM_IO))
		return GM_ST_OK;
	r->first_map = map->next;
	map->next = m->free_map;
	m->free_map = (u16)(map - m->maps + 1);
	return GM_ST_MAP_FAILED;
}

/* Takes it away again, if the VM has it. */
void gm_map_drop(struct gm *m, const struct gm_parcel *mp, struct gm_region *r,
		 const struct gm_share *s)
{
	u16 *link = &r->first_map, index;
	struct gm_map *map;

	while (*link && m->maps[*link - 1].vmid != s->vmid)
		link = &m->maps[*link - 1].next;
	index = *link;
	if (!index)
		return;
	map = &m->maps[index - 1];
	if (m->ops->mem_map)
		(void)m->ops->mem_map(m->host, s->vmid, map->ipa, r->ipa, r->size, 0,
				      mp->mem_type == GM_MEM_IO);
	*link = map->next;
	map->next = m->free_map;
	m->free_map = index;
}
