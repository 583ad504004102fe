// SPDX-License-Identifier: GPL-2.0-only
/*
 * Objects and capability spaces.
 *
 * A capability id is the slot number, made unguessable by a random word of the
 * VM's space: an id decodes only if the rest agrees. With caps=plain the word
 * is 0 and ids are slot numbers, as in debug builds of the real one.
 */
#include "state.h"

struct gm_vm *gm_vm_find(struct gm *m, unsigned int vmid)
{
	u32 i;

	for (i = 0; i < m->nr_vms; i++)
		if (m->vms[i].used && m->vms[i].vmid == vmid)
			return &m->vms[i];
	return NULL;
}

int gm_object_new(struct gm *m, enum gm_type type, unsigned int index)
{
	int i;

	for (i = 0; i < GM_MAX_OBJECTS; i++) {
		struct gm_object *o = &m->objects[i];

		if (o->state != GM_OBJ_FREE)
			continue;
		o->type = (u8)type;
		o->state = GM_OBJ_ACTIVE;
		o->index = (u16)index;
		return i;
	}
	return -1;
}

/* Capabilities to the object, wherever they are, become revoked ones. */
void gm_cap_revoke(struct gm *m, unsigned int object)
{
	u32 v, i;

	for (v = 0; v < m->nr_vms; v++) {
		if (!m->vms[v].used)
			continue;
		for (i = 0; i < GM_MAX_CAPS; i++) {
			struct gm_cap *cap = &m->vms[v].caps[i];

			if (cap->state == GM_CAP_VALID && cap->object == object)
				cap->state = GM_CAP_REVOKED;
		}
	}
}

void gm_object_free(struct gm *m, unsigned int object)
{
	gm_cap_revoke(m, object);
	m->objects[object].state = GM_OBJ_FREE;
}

static struct gm_cap *cs_free_slot(struct gm_vm *vm, u32 *slot)
{
	u32 i;

	/* An id that was revoked should stay recognisable as long as can be. */
	for (i = 0; i < GM_MAX_CAPS; i++) {
		if (vm->caps[i].state == GM_CAP_NULL) {
			*slot = i;
			return &vm->caps[i];
		}
	}
	for (i = 0; i < GM_MAX_CAPS; i++) {
		if (vm->caps[i].state == GM_CAP_REVOKED) {
			*slot = i;
			return &vm->caps[i];
		}
	}
	return NULL;
}

int gm_cap_new(struct gm *m, struct gm_vm *vm, unsigned int object, u32 rights, u64 *id)
{
	struct gm_cap *cap;
	u32 slot;

	cap = cs_free_slot(vm, &slot);
	if (!cap)
		return GM_E_CSPACE_FULL;
	cap->state = GM_CAP_VALID;
	cap->type = m->objects[object].type;
	cap->object = (u16)object;
	cap->rights = rights;
	*id = vm->cap_rand ^ slot;
	return GM_E_OK;
}

struct gm_cap *gm_cap_slot(struct gm_vm *vm, u64 id)
{
	u64 slot = id ^ vm->cap_rand;

	return slot < GM_MAX_CAPS ? &vm->caps[slot] : NULL;
}

static int cs_lookup(struct gm *m, struct gm_vm *vm, u64 id, enum gm_type type, u32 rights,
		     bool any_state, struct gm_object **object)
{
	struct gm_cap *cap = gm_cap_slot(vm, id);

	/* The order of the tests is part of the interface. */
	if (!cap)
		return GM_E_ARGUMENT_INVALID;
	if (cap->state == GM_CAP_NULL)
		return GM_E_CAP_NULL;
	if (cap->state == GM_CAP_REVOKED)
		return GM_E_CAP_REVOKED;
	if (type != GM_T_ANY && cap->type != type)
		return GM_E_CAP_TYPE;
	if ((cap->rights & rights) != rights)
		return GM_E_CAP_RIGHTS;
	*object = &m->objects[cap->object];
	if (!any_state && (*object)->state != GM_OBJ_ACTIVE)
		return GM_E_OBJECT_STATE;
	return GM_E_OK;
}

int gm_cap_lookup(struct gm *m, struct gm_vm *vm, u64 id, enum gm_type type, u32 rights,
		  bool any_state, struct gm_object **object)
{
	int err = cs_lookup(m, vm, id, type, rights, any_state, object);

	if (err)
		gm_count(m, GM_CTR_CAP_ERRORS);
	return err;
}
