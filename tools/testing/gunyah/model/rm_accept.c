// SPDX-License-Identifier: GPL-2.0-only
/*
 * RM's memory parcels, the receiver's side: ACCEPT, RELEASE, NOTIFY and
 * QCOM_LOOKUP_SGL, and what RM itself accepts for a VM at VM_START.
 *
 * What RM chooses is one range per parcel and VM, from ACC_BASE up; at VM_START
 * the image goes to the address in the device tree and private memory behind it.
 * What a VM asks for piecewise is tested for its form and not for collisions.
 */
#include "state.h"

#define ACC_PAGE		4096
#define ACC_2M			(2ull << 20)
#define ACC_LIMIT		0x100000000000ull
#define ACC_BASE		0x100000000ull
#define ACC_SIZE		24	/* least request */
#define ACC_LOOKUP_SIZE		16
#define ACC_NOTIFY_SIZE		12
#define ACC_RELEASE_SIZE	8
#define ACC_SANITIZED		0x01
#define ACC_ACL_ATTR		0x02
#define ACC_LABEL		0x04
#define ACC_MAP_OTHER		0x08
#define ACC_CONTIGUOUS		0x10
#define ACC_SANITIZE		0x20
#define ACC_DONE		0x80
#define ACC_INCOMPLETE		1	/* in the reply */
#define ACC_NOTIFY_SHARED	1
#define ACC_NOTIFY_RELEASED	2
#define ACC_NOTIFY_ACCEPTED	4
#define ACC_NOTIFY_RECALL	8
#define ACC_MEM_SHARED		0x51100011
#define ACC_MEM_RELEASED	0x51100012
#define ACC_MEM_ACCEPTED	0x51100013
#define ACC_MEM_RECALL		0x51100014

/* An ACCEPT being handled. */
struct acc_req {
	struct gm_parcel *mp;
	struct gm_share *s;
	struct gm_lists l;
	u8 mem_type;
	u8 trans;
	u8 flags;
	u32 label;
	u32 map_vmid;
	u32 nr;			/* ranges that get an address now */
	u64 base;		/* where RM wants it, 0: anywhere */
};

static bool acc_lists_equal(const struct gm_parcel *mp, const struct gm_lists *l)
{
	u32 i;

	for (i = 0; i < l->acl.nr; i++)
		if (mp->shares[i].vmid != gm_get16(l->acl.p + 4 * i) ||
		    mp->shares[i].rights != l->acl.p[4 * i + 2])
			return false;
	for (i = 0; i < l->attr.nr; i++)
		if (mp->attrs[i].attr != gm_get16(l->attr.p + 4 * i) ||
		    mp->attrs[i].vmid != gm_get16(l->attr.p + 4 * i + 2))
			return false;
	return true;
}

/* Is the parcel what the receiver believes it is? */
static u32 acc_validate(const struct acc_req *a)
{
	const struct gm_parcel *mp = a->mp;

	if (a->mem_type != mp->mem_type || a->trans != mp->trans)
		return GM_ST_ARGUMENT_INVALID;
	if ((a->flags & ACC_SANITIZED) && !mp->sanitized)
		return GM_ST_VALIDATE_FAILED;
	if ((a->flags & ACC_LABEL) && a->label != mp->label)
		return GM_ST_VALIDATE_FAILED;
	if (!(a->flags & ACC_ACL_ATTR))
		return GM_ST_OK;
	if (a->l.acl.nr != mp->nr_shares || a->l.attr.nr != mp->nr_attrs ||
	    !acc_lists_equal(mp, &a->l))
		return GM_ST_VALIDATE_FAILED;
	return GM_ST_OK;
}

/* May this VM accept it, in this way? */
static u32 acc_allowed(struct acc_req *a, unsigned int vmid)
{
	const struct gm_parcel *mp = a->mp;

	if (a->flags & ACC_MAP_OTHER)
		return GM_ST_DENIED;
	if (a->map_vmid)
		return GM_ST_ARGUMENT_INVALID;
	a->s = gm_parcel_share(a->mp, vmid);
	if (!a->s)
		return GM_ST_VMID_INVALID;
	if (mp->owner == vmid || a->s->mapped)
		return GM_ST_DENIED;
	if ((a->flags & ACC_CONTIGUOUS) &&
	    (mp->mem_type == GM_MEM_IO || (a->s->nr_ipas && !a->s->contiguous)))
		return GM_ST_ARGUMENT_INVALID;
	if ((a->flags & ACC_SANITIZE) &&
	    (mp->mem_type == GM_MEM_IO || !(a->s->rights & GM_MEM_W)))
		return GM_ST_ARGUMENT_INVALID;
	return GM_ST_OK;
}

/* Is the range free of parcels that the VM has accepted in one piece? */
static bool acc_range_free(struct gm *m, unsigned int vmid, u64 base, u64 size)
{
	u32 i;

	for (i = 0; i < GM_MAX_PARCELS; i++) {
		const struct gm_share *s;

		if (!m->parcels[i].used)
			continue;
		s = gm_parcel_share(&m->parcels[i], vmid);
		if (s && s->shared && s->contiguous && base < s->base + m->parcels[i].size &&
		    s->base < base + size)
			return false;
	}
	return true;
}

/* The lowest free range above all that RM chose before. */
static u64 acc_choose(struct gm *m, unsigned int vmid, u64 size)
{
	u64 align = size >= ACC_2M ? ACC_2M : ACC_PAGE, base = ACC_BASE;
	u32 i;

	for (i = 0; i < GM_MAX_PARCELS; i++) {
		const struct gm_parcel *mp = &m->parcels[i];
		const struct gm_share *s;

		if (!mp->used)
			continue;
		s = gm_parcel_share(&m->parcels[i], vmid);
		if (s && s->nr_ipas && s->base + mp->size > base)
			base = s->base + mp->size;
	}
	return (base + align - 1) & ~(align - 1);
}

/* The addresses of a request with a list. */
static u32 acc_requested(struct gm *m, struct acc_req *a, unsigned int vmid)
{
	const struct gm_parcel *mp = a->mp;
	u16 reg = mp->first_region;
	u32 i;

	for (i = 0; i < a->s->nr_ipas; i++)
		reg = m->regions[reg - 1].next;
	for (i = 0; i < a->nr; i++) {
		u64 ipa = gm_get64(a->l.sgl.p + 16 * i);
		u64 size = gm_get64(a->l.sgl.p + 16 * i + 8);
		u64 want = a->flags & ACC_CONTIGUOUS ? mp->size : m->regions[reg - 1].size;

		if (ipa >= ACC_LIMIT || ipa % ACC_PAGE || size != want)
			return GM_ST_ARGUMENT_INVALID;
		if ((a->flags & ACC_CONTIGUOUS) && !acc_range_free(m, vmid, ipa, size))
			return GM_ST_NORESOURCE;
		if (!i && !a->s->nr_ipas)
			a->s->base = ipa;
		reg = m->regions[reg - 1].next;
	}
	return GM_ST_OK;
}

/* The addresses RM chose, into the reply if there is one. */
static void acc_chosen(struct gm *m, struct acc_req *a, unsigned int vmid, struct gm_rm_req *r)
{
	struct gm_parcel *mp = a->mp;
	u16 reg = mp->first_region;
	u64 ipa;
	u32 i;

	if (!a->s->nr_ipas)
		a->s->base = a->base ? a->base : acc_choose(m, vmid, mp->size);
	if (!r)
		return;
	ipa = a->s->base;
	for (i = 0; i < a->s->nr_ipas; i++) {
		ipa += m->regions[reg - 1].size;
		reg = m->regions[reg - 1].next;
	}
	gm_put32(r->out, a->nr);
	for (i = 0; i < a->nr; i++) {
		u64 size = a->flags & ACC_CONTIGUOUS ? mp->size : m->regions[reg - 1].size;

		gm_put64(r->out + 4 + 16 * i, ipa);
		gm_put64(r->out + 4 + 16 * i + 8, size);
		ipa += size;
		reg = m->regions[reg - 1].next;
	}
	r->out_size = 4 + 16 * a->nr;
}

static void acc_unmap(struct gm *m, const struct gm_parcel *mp, const struct gm_share *s,
		      struct gm_region *r, u32 nr)
{
	for (; nr; nr--) {
		gm_map_drop(m, mp, r, s);
		if (r->next)
			r = &m->regions[r->next - 1];
	}
}

/* The VM gets what it has just been given addresses for; all or nothing. */
static u32 acc_map(struct gm *m, const struct acc_req *a)
{
	u32 first = a->s->nr_ipas, nr = a->flags & ACC_CONTIGUOUS ? a->mp->nr_regions : a->nr;
	bool listed = a->l.sgl.nr && !(a->flags & ACC_CONTIGUOUS);
	struct gm_region *r = &m->regions[a->mp->first_region - 1], *start;
	u64 ipa = a->s->base;
	u32 i, status;

	for (i = 0; i < first; i++) {
		ipa += r->size;
		r = &m->regions[r->next - 1];
	}
	start = r;
	for (i = 0; i < nr; i++) {
		if (listed)
			ipa = gm_get64(a->l.sgl.p + 16 * i);
		status = gm_map_add(m, a->mp, r, a->s, ipa);
		if (status) {
			acc_unmap(m, a->mp, a->s, start, i);
			return status;
		}
		ipa += r->size;
		if (r->next)
			r = &m->regions[r->next - 1];
	}
	return GM_ST_OK;
}

static u32 acc_do(struct gm *m, struct acc_req *a, unsigned int vmid, struct gm_rm_req *r)
{
	struct gm_parcel *mp = a->mp;
	u32 total, max, status;

	status = acc_validate(a);
	if (!status)
		status = acc_allowed(a, vmid);
	if (status)
		return status;
	total = a->flags & ACC_CONTIGUOUS ? 1 : mp->nr_regions;
	if (a->s->nr_ipas > total)
		return GM_ST_ARGUMENT_INVALID;	/* first part not contiguous */
	max = total - a->s->nr_ipas;
	if (max > GM_MAX_LIST)
		max = GM_MAX_LIST;
	if (a->l.sgl.nr > max)
		return GM_ST_ARGUMENT_INVALID;
	a->nr = a->l.sgl.nr ? a->l.sgl.nr : max;
	if (a->l.sgl.nr) {
		status = acc_requested(m, a, vmid);
		if (status)
			return status;
	}
	if ((a->flags & ACC_DONE) && a->s->nr_ipas + a->nr != total)
		return GM_ST_ARGUMENT_INVALID;
	if (!a->l.sgl.nr) {
		acc_chosen(m, a, vmid, r);
		if (r && a->s->nr_ipas + a->nr < total)
			r->out[2] |= ACC_INCOMPLETE;
	}
	status = acc_map(m, a);
	if (status)
		return status;
	if ((a->flags & ACC_DONE) && mp->trans == GM_MEM_DONATE) {
		gm_parcel_donated(m, mp);
		return GM_ST_OK;
	}
	a->s->contiguous = a->flags & ACC_CONTIGUOUS ? 1 : 0;
	a->s->mapped = a->flags & ACC_DONE ? 1 : 0;
	a->s->sanitize |= a->flags & ACC_SANITIZE ? 1 : 0;
	a->s->nr_ipas += a->nr;
	if (!a->s->shared) {
		a->s->shared = 1;
		mp->nr_accepted++;
		mp->state = GM_PARCEL_ACCEPTED;
	}
	return GM_ST_OK;
}

u32 gm_rm_mem_accept(struct gm *m, struct gm_rm_req *r)
{
	struct acc_req a = { 0 };
	u32 status;

	if (r->size < ACC_SIZE)
		return GM_ST_MSG_INVALID;
	status = gm_lists_read(r->data + 12, r->size - 12, &a.l);
	if (status)
		return status;
	a.mem_type = r->data[4];
	a.trans = r->data[5];
	a.flags = r->data[6];
	a.label = gm_get32(r->data + 8);
	if (a.l.sgl.there)
		a.map_vmid = gm_get16(a.l.sgl.head + 2);
	a.mp = gm_parcel_find(m, gm_get32(r->data));
	if (!a.mp)
		return GM_ST_HANDLE_INVALID;
	return acc_do(m, &a, r->vm->vmid, r);
}

/* RM accepts for a VM, or for itself, in one piece. */
static u32 acc_by_rm(struct gm *m, struct gm_parcel *mp, unsigned int vmid, u8 flags, u64 base)
{
	struct acc_req a = { .mp = mp, .mem_type = mp->mem_type, .trans = mp->trans };

	if (base && (base % ACC_PAGE || !acc_range_free(m, vmid, base, mp->size)))
		return GM_ST_NORESOURCE;
	a.base = base;
	a.flags = flags | ACC_DONE;
	if (mp->mem_type != GM_MEM_IO)
		a.flags |= ACC_CONTIGUOUS;
	return acc_do(m, &a, vmid, NULL);
}

u32 gm_parcel_accept_by_rm(struct gm *m, struct gm_parcel *mp)
{
	struct gm_share *s = gm_parcel_share(mp, GM_VMID_RM);

	if (mp->trans != GM_MEM_DONATE || mp->mem_type != GM_MEM_NORMAL)
		return GM_ST_ARGUMENT_INVALID;
	if (mp->nr_shares != 1 || mp->nr_attrs || s->rights != GM_MEM_RWX)
		return GM_ST_VALIDATE_FAILED;
	return acc_by_rm(m, mp, GM_VMID_RM, 0, 0);
}

/* Private memory: RM puts it behind the image, as long as it fits. */
bool gm_parcel_private(const struct gm_parcel *mp, const struct gm_share *s)
{
	return mp->trans == GM_MEM_LEND && !mp->label && mp->nr_shares == 1 &&
	       mp->mem_type == GM_MEM_NORMAL && s->rights == GM_MEM_RWX;
}

/* Where a child of /reserved-memory is, and how big. */
static bool acc_reg(const struct gm_fdt *f, int node, u64 *base, u64 *size)
{
	const u8 *reg;
	u32 bytes;

	reg = gm_fdt_prop(f, node, "reg", &bytes);
	if (!reg || (bytes != 8 && bytes != 16))
		return false;
	*base = bytes == 8 ? gm_fdt_get32(reg) : gm_fdt_get64(reg);
	*size = bytes == 8 ? gm_fdt_get32(reg + 4) : gm_fdt_get64(reg + 8);
	return true;
}

/*
 * Where the VM's tree wants a labelled parcel, 0: anywhere. A device gets it in
 * one piece. For a child of /reserved-memory RM maps each piece of physical
 * memory by itself, and asks for one address: that is good for one piece.
 */
static u64 acc_wanted(const struct gm_fdt *f, const struct gm_parcel *mp)
{
	u64 base = 0, size;

	if (!f || !mp->label || gm_dt_shm(f, mp->label, &base))
		return base;
	if (!acc_reg(f, gm_dt_reserved(f, mp->label), &base, &size))
		return 0;
	return mp->nr_regions == 1 && mp->size == size ? base : 0;
}

/* Each labelled child of /reserved-memory must have its parcel by now. */
static bool acc_reserved(struct gm *m, const struct gm_vm *vm, const struct gm_fdt *f)
{
	int node = f ? gm_fdt_path(f, "/reserved-memory") : GM_FDT_NONE;
	u64 base, size;
	u32 label, i;

	if (node != GM_FDT_NONE)
		node = gm_fdt_child(f, node);
	for (; node != GM_FDT_NONE; node = gm_fdt_sibling(f, node)) {
		if (!gm_fdt_u32(f, node, "qcom,label", &label))
			continue;
		if (!acc_reg(f, node, &base, &size))
			return false;
		for (i = 0; i < GM_MAX_PARCELS; i++) {
			struct gm_parcel *mp = &m->parcels[i];
			const struct gm_share *s = mp->used && mp->label == label ?
						   gm_parcel_share(mp, vm->vmid) : NULL;

			if (s && s->mapped && s->base == base && mp->size == size &&
			    acc_wanted(f, mp) == base)
				break;
		}
		if (i == GM_MAX_PARCELS)
			return false;
	}
	return true;
}

/* Private memory and what has a place of its own, then the rest anywhere. */
static void acc_others(struct gm *m, struct gm_vm *vm, u64 next, u8 flags, const struct gm_fdt *f)
{
	u32 i;

	for (i = 0; i < 2 * GM_MAX_PARCELS; i++) {
		struct gm_parcel *mp = &m->parcels[i % GM_MAX_PARCELS];
		struct gm_share *s = mp->used ? gm_parcel_share(mp, vm->vmid) : NULL;
		u64 align = mp->size >= ACC_2M ? ACC_2M : ACC_PAGE;
		u64 wanted = acc_wanted(f, mp);

		if (!s || s->shared || mp->owner == vm->vmid || mp->trans == GM_MEM_DONATE)
			continue;
		if (!vm->created || !gm_parcel_private(mp, s)) {
			if (wanted || i >= GM_MAX_PARCELS)
				(void)acc_by_rm(m, mp, vm->vmid, 0, wanted);
			continue;
		}
		if (i >= GM_MAX_PARCELS)
			continue;
		next = (next + align - 1) & ~(align - 1);
		if (next - vm->base + mp->size > vm->size_max ||
		    acc_by_rm(m, mp, vm->vmid, flags, next))
			continue;
		next += mp->size;
	}
}

/*
 * Room for the firmware: a part of the image, or a parcel of its own, which has
 * to be lent like the image, and as a whole.
 */
static bool acc_firmware(struct gm *m, const struct gm_vm *vm, const struct gm_parcel *image)
{
	struct gm_parcel *mp = gm_parcel_find(m, vm->fw_handle);
	struct gm_share *s = mp ? gm_parcel_share(mp, vm->vmid) : NULL;

	if (!vm->fw_size || !vm->created)
		return true;
	if (vm->fw_offset > vm->fw_size_max || vm->fw_size > vm->fw_size_max - vm->fw_offset)
		return false;
	if (mp == image)
		return vm->fw_size_max <= image->size;
	if (!s || s->shared || mp->owner == vm->vmid || mp->mem_type != GM_MEM_NORMAL ||
	    mp->trans != GM_MEM_LEND || mp->nr_shares != 1 || mp->nr_attrs ||
	    s->rights != GM_MEM_RWX || mp->size != vm->fw_size)
		return false;
	/* 0 would be anywhere. */
	return vm->fw_base && !acc_by_rm(m, mp, vm->vmid, ACC_SANITIZE, vm->fw_base);
}

/*
 * VM_START: the image, which has to be lent to this VM alone (with the option
 * vm-image=shared it may also be shared), the firmware's room, then every other
 * parcel for the VM.
 */
u32 gm_parcels_start(struct gm *m, struct gm_vm *vm, const struct gm_fdt *f)
{
	struct gm_parcel *mp = gm_parcel_find(m, vm->image_handle);
	struct gm_share *s = mp ? gm_parcel_share(mp, vm->vmid) : NULL;
	u8 flags = vm->auth ? ACC_SANITIZE : 0;

	if (!s || s->shared || mp->owner == vm->vmid || mp->mem_type != GM_MEM_NORMAL)
		return GM_ST_NORESOURCE;
	if (mp->trans == GM_MEM_DONATE)
		return GM_ST_NORESOURCE;
	if (!m->vmcfg.image_shared && (mp->trans != GM_MEM_LEND || mp->nr_shares != 1 ||
				       mp->nr_attrs || s->rights != GM_MEM_RWX))
		return GM_ST_NORESOURCE;
	/* RM wipes it in the end, which takes the right to write. */
	if (vm->created && mp->size > vm->size_max)
		return GM_ST_NORESOURCE;
	if (acc_by_rm(m, mp, vm->vmid, flags, vm->created ? vm->base : 0))
		return GM_ST_NORESOURCE;
	if (!acc_firmware(m, vm, mp))
		return GM_ST_NORESOURCE;
	acc_others(m, vm, vm->base + mp->size, flags, f);
	return acc_reserved(m, vm, f) ? GM_ST_OK : GM_ST_NORESOURCE;
}

static void acc_release(struct gm *m, struct gm_parcel *mp, struct gm_share *s, bool sanitize)
{
	acc_unmap(m, mp, s, &m->regions[mp->first_region - 1], mp->nr_regions);
	if (sanitize || s->sanitize)
		gm_parcel_zero(m, mp);
	s->sanitize = 0;
	s->shared = 0;
	s->mapped = 0;
	s->contiguous = 0;
	s->nr_ipas = 0;
	if (!--mp->nr_accepted)
		mp->state = GM_PARCEL_READY;
}

u32 gm_rm_mem_release(struct gm *m, struct gm_rm_req *r)
{
	struct gm_parcel *mp;
	struct gm_share *s;

	if (r->size < ACC_RELEASE_SIZE)
		return GM_ST_MSG_INVALID;
	mp = gm_parcel_find(m, gm_get32(r->data));
	s = mp ? gm_parcel_share(mp, r->vm->vmid) : NULL;
	if (!s)
		return GM_ST_HANDLE_INVALID;
	if (mp->owner == r->vm->vmid)
		return GM_ST_DENIED;
	if (!s->shared)
		return GM_ST_MEM_RELEASED;
	if ((r->data[4] & 1) && (mp->mem_type == GM_MEM_IO || !(s->rights & GM_MEM_W)))
		return GM_ST_ARGUMENT_INVALID;
	acc_release(m, mp, s, r->data[4] & 1);
	return GM_ST_OK;
}

static u32 acc_notify_owner(struct gm *m, struct gm_parcel *mp, unsigned int vmid, bool accepted)
{
	struct gm_share *s = gm_parcel_share(mp, vmid);
	u8 msg[12] = { 0 };

	if (!s)
		return GM_ST_HANDLE_INVALID;
	if (accepted != !!s->shared)
		return s->shared ? GM_ST_MEM_INUSE : GM_ST_MEM_RELEASED;
	gm_put32(msg, mp->handle);
	gm_put16(msg + 4, (u16)vmid);
	gm_put32(msg + 8, mp->tag);
	if (!gm_vm_notify(m, mp->owner, accepted ? ACC_MEM_ACCEPTED : ACC_MEM_RELEASED, msg,
			  sizeof(msg)))
		return GM_ST_VMID_INVALID;
	return GM_ST_OK;
}

/* One stage of a reset: a parcel is released; false if there was none. */
bool gm_parcel_release_one(struct gm *m, struct gm_vm *vm)
{
	u32 i;

	for (i = GM_MAX_PARCELS; i--;) {
		struct gm_parcel *mp = &m->parcels[i];
		struct gm_share *s = mp->used ? gm_parcel_share(mp, vm->vmid) : NULL;

		if (!s || !s->shared)
			continue;
		acc_release(m, mp, s, false);
		(void)acc_notify_owner(m, mp, vm->vmid, false);
		return true;
	}
	return false;
}

/* The list of receivers in NOTIFY: of VMs that exist and may accept. */
static u32 acc_targets(struct gm *m, struct gm_parcel *mp, struct gm_rm_req *r, u32 *nr)
{
	u32 i;

	if (mp->owner != r->vm->vmid)
		return GM_ST_DENIED;
	if (r->size < ACC_NOTIFY_SIZE + 4)
		return GM_ST_MSG_INVALID;
	*nr = gm_get16(r->data + ACC_NOTIFY_SIZE);
	if (!*nr)
		return GM_ST_ARGUMENT_INVALID;
	if (r->size < ACC_NOTIFY_SIZE + 4 + 4 * *nr)
		return GM_ST_MSG_INVALID;
	if (*nr > mp->nr_shares)
		return GM_ST_ARGUMENT_INVALID;
	for (i = 0; i < *nr; i++) {
		u32 vmid = gm_get16(r->data + ACC_NOTIFY_SIZE + 4 + 4 * i);

		if (!gm_vm_find(m, vmid))
			return GM_ST_VMID_INVALID;
		if (!gm_parcel_share(mp, vmid))
			return GM_ST_ARGUMENT_INVALID;
	}
	return GM_ST_OK;
}

/* The notification MEM_SHARED, built in the reply's buffer. */
static u32 acc_shared_note(struct gm *m, const struct gm_parcel *mp, u8 *p)
{
	u32 nr = mp->nr_regions < GM_MAX_LIST ? mp->nr_regions : GM_MAX_LIST, n = 24, i;
	u16 reg = mp->first_region;

	memset(p, 0, 24);
	gm_put32(p, mp->handle);
	p[4] = mp->mem_type;
	p[5] = mp->trans;
	p[6] = mp->sanitized;
	gm_put16(p + 8, mp->owner);
	gm_put32(p + 12, mp->label);
	gm_put32(p + 16, mp->tag);
	gm_put32(p + 20, mp->nr_shares);
	for (i = 0; i < mp->nr_shares; i++, n += 4)
		gm_put32(p + n, mp->shares[i].vmid | (u32)mp->shares[i].rights << 16);
	gm_put32(p + n, nr);
	n += 4;
	for (i = 0; i < nr; i++, n += 8) {
		gm_put64(p + n, m->regions[reg - 1].size);
		reg = m->regions[reg - 1].next;
	}
	gm_put32(p + n, mp->nr_attrs);
	n += 4;
	for (i = 0; i < mp->nr_attrs; i++, n += 4)
		gm_put32(p + n, mp->attrs[i].attr | (u32)mp->attrs[i].vmid << 16);
	return n;
}

/* SHARED and RECALL. RM accepts for a VM that is READY, so nobody is told. */
static u32 acc_notify_targets(struct gm *m, struct gm_parcel *mp, struct gm_rm_req *r, bool recall)
{
	u32 nr, i, size, status;

	status = acc_targets(m, mp, r, &nr);
	if (status)
		return status;
	if (!recall && !mp->tag_set) {
		mp->tag_set = 1;
		mp->tag = gm_get32(r->data + 8);
	}
	for (i = 0; i < nr; i++) {
		struct gm_vm *vm = gm_vm_find(m, gm_get16(r->data + ACC_NOTIFY_SIZE + 4 + 4 * i));

		if (recall) {
			gm_put32(r->out, mp->handle);
			gm_put32(r->out + 4, mp->tag);
			size = 8;
		} else if (vm->state == GM_VM_READY) {
			status = acc_notify_owner(m, mp, vm->vmid, true);
			continue;
		} else {
			size = acc_shared_note(m, mp, r->out);
		}
		if (!gm_vm_notify(m, vm->vmid, recall ? ACC_MEM_RECALL : ACC_MEM_SHARED, r->out,
				  size))
			return GM_ST_VMID_INVALID;
	}
	return status;
}

u32 gm_rm_mem_notify(struct gm *m, struct gm_rm_req *r)
{
	struct gm_parcel *mp;

	if (r->size < ACC_NOTIFY_SIZE)
		return GM_ST_MSG_INVALID;
	mp = gm_parcel_find(m, gm_get32(r->data));
	if (!mp)
		return GM_ST_HANDLE_INVALID;
	if (mp->tag_set && mp->tag != gm_get32(r->data + 8))
		return GM_ST_ARGUMENT_INVALID;
	switch (r->data[4]) {
	case ACC_NOTIFY_SHARED:
		return acc_notify_targets(m, mp, r, false);
	case ACC_NOTIFY_RELEASED:
		return acc_notify_owner(m, mp, r->vm->vmid, false);
	case ACC_NOTIFY_ACCEPTED:
		return acc_notify_owner(m, mp, r->vm->vmid, true);
	case ACC_NOTIFY_RECALL:
		return acc_notify_targets(m, mp, r, true);
	default:
		return GM_ST_ARGUMENT_INVALID;
	}
}

static bool acc_matches(struct gm *m, const struct gm_parcel *mp, struct gm_rm_req *r,
			const struct gm_lists *l)
{
	u16 reg = mp->first_region;
	u32 i;

	if (mp->owner != r->vm->vmid || mp->state != GM_PARCEL_READY ||
	    mp->mem_type != r->data[0] || mp->nr_shares != l->acl.nr ||
	    mp->nr_regions != l->sgl.nr || mp->nr_attrs != l->attr.nr ||
	    !acc_lists_equal(mp, l))
		return false;
	for (i = 0; i < l->sgl.nr; i++) {
		if (m->regions[reg - 1].ipa != gm_get64(l->sgl.p + 16 * i) ||
		    m->regions[reg - 1].size != gm_get64(l->sgl.p + 16 * i + 8))
			return false;
		reg = m->regions[reg - 1].next;
	}
	return true;
}

u32 gm_rm_mem_lookup_sgl(struct gm *m, struct gm_rm_req *r)
{
	struct gm_lists l;
	u32 status, i;

	if (r->size < ACC_LOOKUP_SIZE)
		return GM_ST_MSG_INVALID;
	status = gm_lists_read(r->data + 8, r->size - 8, &l);
	if (status)
		return status;
	for (i = 0; i < GM_MAX_PARCELS; i++) {
		if (!m->parcels[i].used || !acc_matches(m, &m->parcels[i], r, &l))
			continue;
		gm_put32(r->out, m->parcels[i].handle);
		r->out_size = 4;
		return GM_ST_OK;
	}
	return GM_ST_LOOKUP_FAILED;
}
