// SPDX-License-Identifier: GPL-2.0-only
/*
 * RM's smaller calls: firmware of protected VMs (see rm_fw.c), reserved addresses, the boot
 * context, the time base. What they answer when they succeed is modelled only as far as their
 * errors need it; there is no clock device, as on the real platform.
 */
#include "state.h"

/* The window of the primary VM's allocator, for pages of virtio devices. */
#define OTH_IPA_BASE		0x0b000000ull
#define OTH_IPA_SIZE		0x00100000ull
#define OTH_IPA_LIST		30
#define OTH_IPA_HEAD		12
#define OTH_FIXED		0
#define OTH_ALLOC		1
#define OTH_ECC			0x01
#define OTH_TAGGED		0x02
#define OTH_NORMAL		0x04
#define OTH_LIKE_BASE		0x40

u32 gm_rm_fw_milestone(struct gm *m, struct gm_rm_req *r)
{
	if (m->fw_closed || r->vm->vmid != GM_VMID_PRIMARY)
		return GM_ST_DENIED;
	if (r->size)
		return GM_ST_MSG_INVALID;
	m->fw_closed = 1;
	return GM_ST_OK;
}

u32 gm_rm_fw_set(struct gm *m, struct gm_rm_req *r)
{
	struct gm_parcel *mp;
	u64 size;
	u32 status;

	if (m->fw_closed || r->vm->vmid != GM_VMID_PRIMARY)
		return GM_ST_DENIED;
	if (r->size != 24)
		return GM_ST_MSG_INVALID;
	if (gm_get16(r->data + 2))
		return GM_ST_UNIMPLEMENTED;
	if (gm_get16(r->data) != GM_AUTH_ANDROID)
		return GM_ST_ARGUMENT_INVALID;
	if (m->fw_size)
		return GM_ST_BUSY;
	mp = gm_parcel_find(m, gm_get32(r->data + 4));
	if (!mp || !gm_parcel_share(mp, GM_VMID_RM))
		return GM_ST_HANDLE_INVALID;
	size = gm_get64(r->data + 16);
	if (!size || gm_get64(r->data + 8) || size > mp->size)
		return GM_ST_ARGUMENT_INVALID;
	/* From here on it is the whole parcel, of which nothing is left after. */
	size = mp->size;
	if (m->ops->mem_read &&
	    gm_parcel_copy(m, mp, 0, m->fw, size < GM_FW_KEPT ? size : GM_FW_KEPT, false))
		return GM_ST_NORESOURCE;
	status = gm_parcel_accept_by_rm(m, mp);
	if (!status)
		m->fw_size = size;
	return status;
}

/* Errors of these two carry the hypervisor's error as well. */
static u32 oth_error(struct gm_rm_req *r, u32 status)
{
	gm_put32(r->out, GM_E_ARGUMENT_INVALID);
	r->out_size = 4;
	return status;
}

static u32 oth_firmware_mem(struct gm *m, struct gm_rm_req *r)
{
	struct gm_parcel *mp;
	struct gm_vm *vm;
	u64 offset, size;

	if (r->size != 24 || gm_get16(r->data + 2))
		return GM_ST_MSG_INVALID;
	vm = gm_vm_find(m, gm_get16(r->data));
	if (!vm)
		return GM_ST_NORESOURCE;
	if (!gm_vm_is_peer(vm, r->vm->vmid))
		return GM_ST_DENIED;
	if (vm->state != GM_VM_INIT)
		return GM_ST_VM_STATE;
	if (vm->auth != GM_AUTH_ANDROID)
		return GM_ST_ARGUMENT_INVALID;
	if (!m->fw_size)
		return GM_ST_DENIED;
	mp = gm_parcel_find(m, gm_get32(r->data + 4));
	if (!mp || !gm_parcel_share(mp, vm->vmid))
		return GM_ST_MEM_INVALID;
	offset = gm_get64(r->data + 8);
	size = gm_get64(r->data + 16);
	if (offset + size < offset || offset + size > mp->size)
		return GM_ST_ARGUMENT_INVALID;
	vm->fw_handle = mp->handle;
	vm->fw_offset = offset;
	vm->fw_size = size;
	return GM_ST_OK;
}

u32 gm_rm_set_firmware_mem(struct gm *m, struct gm_rm_req *r)
{
	u32 status = oth_firmware_mem(m, r);

	return status ? oth_error(r, status) : GM_ST_OK;
}

/*
 * One register of the vCPUs that VM_START starts. The open RM does not have it;
 * that it is taken between VM_INIT and VM_START, and its layout, are known from
 * those who call it, the errors are not.
 */
u32 gm_rm_set_boot_context(struct gm *m, struct gm_rm_req *r)
{
	struct gm_vm *vm = gm_vm_find(m, gm_get16(r->data));
	u8 set = r->data[2], index = r->data[3];
	u64 value = gm_get64(r->data + 8);
	struct gm_boot *b;

	if (!vm)
		return GM_ST_VMID_INVALID;
	if (vm->owner != r->vm->vmid)
		return GM_ST_DENIED;
	if (vm->state != GM_VM_READY)
		return GM_ST_VM_STATE;
	b = &vm->boot;
	if (set == GM_REG_X && index < GM_ARRAY_SIZE(b->x)) {
		b->x[index] = value;
		b->x_set |= 1ull << index;
	} else if (set == GM_REG_PC && !index && !(value % 4)) {
		b->pc = value;
		b->pc_set = 1;
	} else if (set == GM_REG_SP && index < 2 && !(value % 16)) {
		b->sp[index] = value;
		b->sp_set |= (u8)(1 << index);
	} else {
		return GM_ST_ARGUMENT_INVALID;
	}
	return GM_ST_OK;
}

u32 gm_rm_set_time_base(struct gm *m, struct gm_rm_req *r)
{
	struct gm_vm *vm;
	u16 vmid;

	if (r->size != 20)
		return oth_error(r, GM_ST_MSG_INVALID);
	vmid = gm_get16(r->data);
	vm = vmid ? gm_vm_find(m, vmid) : r->vm;
	if (!vm)
		return oth_error(r, GM_ST_NORESOURCE);
	if (!gm_vm_is_peer(vm, r->vm->vmid))
		return oth_error(r, GM_ST_DENIED);
	if (vm->state != GM_VM_INIT && vm->state != GM_VM_READY)
		return oth_error(r, GM_ST_VM_STATE);
	return oth_error(r, GM_ST_ARGUMENT_INVALID);
}

static bool oth_constraints(u32 generic, u32 platform)
{
	if (platform)
		return false;
	if (!generic || generic == OTH_LIKE_BASE)
		return true;
	return (generic & OTH_NORMAL) && !(generic & ~(OTH_ECC | OTH_TAGGED | OTH_NORMAL));
}

static bool oth_in_window(u64 base, u64 size)
{
	return size && base >= OTH_IPA_BASE && size <= OTH_IPA_SIZE &&
	       base - OTH_IPA_BASE <= OTH_IPA_SIZE - size;
}

/* What follows the first entry must not fail: RM would loop for ever. */
static u32 oth_reserve_fixed(struct gm *m, const struct gm_list *l)
{
	u32 i;

	for (i = 0; i < l->nr; i++) {
		if (oth_in_window(gm_get64(l->p + 16 * i), gm_get64(l->p + 16 * i + 8)))
			continue;
		if (i && !m->rm_lives)
			gm_rm_die(m, "IPA_RESERVE with a bad later entry");
		return GM_ST_DENIED;
	}
	return GM_ST_OK;
}

/* Reserving only marks addresses, so that the same ones may come again. */
static u32 oth_reserve_any(struct gm_rm_req *r, const struct gm_list *l)
{
	u32 i;

	for (i = 0; i < l->nr; i++) {
		const u8 *e = l->p + 32 * i;
		u64 base = gm_get64(e), space = gm_get64(e + 8);
		u64 size = gm_get64(e + 16), align = gm_get64(e + 24);

		if (base < OTH_IPA_BASE)
			base = OTH_IPA_BASE;
		if (align > 1)
			base = (base + align - 1) / align * align;
		if (!oth_in_window(base, size) || base - gm_get64(e) > space ||
		    size > space - (base - gm_get64(e)))
			return GM_ST_DENIED;
		gm_put64(r->out + 4 + 8 * i, base);
	}
	gm_put32(r->out, l->nr);
	r->out_size = 4 + 8 * l->nr;
	return GM_ST_OK;
}

u32 gm_rm_ipa_reserve(struct gm *m, struct gm_rm_req *r)
{
	const u8 *p = r->data + OTH_IPA_HEAD;
	u32 left = r->size - OTH_IPA_HEAD, status;
	struct gm_list l;

	if (r->vm->vmid != GM_VMID_PRIMARY && !r->vm->has_config)
		return GM_ST_DENIED;
	if (r->size < OTH_IPA_HEAD + 4 || r->data[0] > OTH_ALLOC)
		return GM_ST_MSG_INVALID;
	if (!oth_constraints(gm_get32(r->data + 4), gm_get32(r->data + 8)))
		return GM_ST_ARGUMENT_INVALID;
	status = gm_list_read(&p, &left, r->data[0] == OTH_FIXED ? 16 : 32, OTH_IPA_LIST, &l);
	if (status || left)
		return status ? status : GM_ST_MSG_INVALID;
	return r->data[0] == OTH_FIXED ? oth_reserve_fixed(m, &l) : oth_reserve_any(r, &l);
}
