// SPDX-License-Identifier: GPL-2.0-only
/*
 * RM's consoles: characters from a VM to its owner and back, each write a
 * notification at once. A VM has one if its configuration says so.
 */
#include "state.h"

#define CON_CHARS	0x56100080
#define CON_HEAD	4	/* bytes before the characters */

static u32 con_open(struct gm_vm *vm, bool self, bool owner, u8 value)
{
	if (self)
		vm->console_self = value;
	else if (owner)
		vm->console_owner = value;
	else
		return GM_ST_DENIED;
	return GM_ST_OK;
}

static u32 con_write(struct gm *m, struct gm_vm *vm, bool self, const u8 *data, u32 size)
{
	u8 *msg = m->note_buf;

	gm_put16(msg, self ? vm->vmid : 0);
	gm_put16(msg + 2, (u16)size);
	memcpy(msg + CON_HEAD, data, size);
	gm_vm_notify(m, self ? vm->owner : vm->vmid, CON_CHARS, msg, CON_HEAD + size);
	return GM_ST_OK;
}

u32 gm_rm_console(struct gm *m, struct gm_rm_req *r)
{
	u16 target = gm_get16(r->data);
	struct gm_vm *vm = target ? gm_vm_find(m, target) : r->vm;
	u32 size = r->size - CON_HEAD;
	bool owner;

	if (r->id == GM_RM_CONSOLE_WRITE ? size != gm_get16(r->data + 2) : size != 0)
		return GM_ST_MSG_INVALID;
	if (!vm || !vm->has_console)
		return GM_ST_ARGUMENT_INVALID;
	owner = vm->owner == r->vm->vmid;
	if (r->id == GM_RM_CONSOLE_OPEN || r->id == GM_RM_CONSOLE_CLOSE)
		return con_open(vm, !target, owner, r->id == GM_RM_CONSOLE_OPEN);
	if (target && !owner)
		return GM_ST_DENIED;
	if (!(owner ? vm->console_owner : vm->console_self))
		return GM_ST_DENIED;
	/* Nobody at the other end: dropped. */
	if (r->id == GM_RM_CONSOLE_FLUSH || !(owner ? vm->console_self : vm->console_owner))
		return GM_ST_OK;
	return con_write(m, vm, !target, r->data + CON_HEAD, size);
}
