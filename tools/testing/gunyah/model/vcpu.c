// SPDX-License-Identifier: GPL-2.0-only
/*
 * vCPUs: vcpu_run, wake-ups, and how they come to their end.
 *
 * A vCPU is run by its owner's hypercall, on the owner's CPU and without the
 * lock. Three flags under the lock say the rest: running (somebody is in
 * ops->vcpu_run), killed (RM wants it to end), exited (it has). RM ends a VM in
 * steps: all vCPUs are killed and those that run are kicked; until the last has
 * left, RM holds the others (vcpu_run answers BUSY); then all have exited.
 *
 * A wake-up that comes while the vCPU runs is kept in "woken", because only the
 * result tells whether somebody is going to wait for it. It is raised under the
 * same lock that ends the run, so none is lost between the two.
 */
#include "state.h"

static bool vc_waits(u64 state)
{
	return state == GM_VCPU_EXPECTS_WAKEUP || state == GM_VCPU_POWERED_OFF ||
	       state == GM_VCPU_PSCI_RESET;
}

static struct gm_thread *vc_next(struct gm *m, const struct gm_vm *vm, u32 *i)
{
	while (*i < GM_MAX_THREADS) {
		struct gm_thread *t = &m->threads[(*i)++];

		if (t->object && t->vmid == vm->vmid)
			return t;
	}
	return NULL;
}

struct gm_thread *gm_vcpu_find(struct gm *m, const struct gm_vm *vm, unsigned int vcpu)
{
	struct gm_thread *t;
	u32 i = 0;

	while ((t = vc_next(m, vm, &i)))
		if (t->index == vcpu)
			return t;
	return NULL;
}

/* In the owner; kept back while somebody runs the vCPU. */
static void vc_wake(struct gm *m, struct gm_thread *t)
{
	if (t->running)
		t->woken = 1;
	else
		gm_raise(m, &t->wake);
}

/* Registers besides PC and X0. */
static void vc_set_regs(struct gm *m, const struct gm_vm *vm, const struct gm_thread *t)
{
	const struct gm_boot *b = &vm->boot;
	u32 i;

	if (!m->ops->vcpu_set_reg)
		return;
	for (i = 1; i < GM_ARRAY_SIZE(b->x); i++)
		if (b->x_set >> i & 1)
			m->ops->vcpu_set_reg(m->host, t->vmid, t->index, GM_REG_X, i, b->x[i]);
	for (i = 0; i < 2; i++)
		if (b->sp_set >> i & 1)
			m->ops->vcpu_set_reg(m->host, t->vmid, t->index, GM_REG_SP, i, b->sp[i]);
}

/* What a firmware is told besides: where the image is, and how big. */
static void vc_set_image(struct gm *m, const struct gm_vm *vm, const struct gm_thread *t)
{
	if (!m->ops->vcpu_set_reg)
		return;
	m->ops->vcpu_set_reg(m->host, t->vmid, t->index, GM_REG_X, 1,
			     vm->base + vm->image_offset);
	m->ops->vcpu_set_reg(m->host, t->vmid, t->index, GM_REG_X, 2, vm->image_size);
}

/* VM_START powers on those that boot with the VM. */
void gm_vcpus_start(struct gm *m, const struct gm_vm *vm)
{
	u64 entry = vm->base + vm->image_offset, x0 = vm->base + vm->dt_offset;
	bool firmware = vm->auth == GM_AUTH_ANDROID;
	struct gm_thread *t;
	u32 i = 0;

	if (firmware)
		entry = vm->fw_base + vm->fw_offset;
	else if (vm->boot.pc_set)
		entry = vm->boot.pc;
	if (!firmware && (vm->boot.x_set & 1))
		x0 = vm->boot.x[0];

	while ((t = vc_next(m, vm, &i))) {
		if (!t->boot)
			continue;
		if (m->ops->vcpu_start)
			m->ops->vcpu_start(m->host, t->vmid, t->index, entry, x0);
		if (firmware)
			vc_set_image(m, vm, t);
		else
			vc_set_regs(m, vm, t);
		vc_wake(m, t);
	}
}

static void vc_kill(struct gm *m, struct gm_thread *t)
{
	if (t->killed)
		return;
	t->killed = 1;
	if (t->running && m->ops->vcpu_kick)
		m->ops->vcpu_kick(m->host, t->vmid, t->index);
	vc_wake(m, t);
}

/* They have to end, but for one that is going off. */
void gm_vcpus_leave(struct gm *m, struct gm_vm *vm)
{
	struct gm_thread *t;
	u32 i = 0;

	vm->over = 1;
	while ((t = vc_next(m, vm, &i))) {
		if (!t->running)
			vc_kill(m, t);
		else if (m->ops->vcpu_kick)
			m->ops->vcpu_kick(m->host, t->vmid, t->index);
	}
}

/* Does somebody run a vCPU of it? Those that do are told to leave. */
bool gm_vcpus_running(struct gm *m, const struct gm_vm *vm)
{
	struct gm_thread *t;
	bool any = false;
	u32 i = 0;

	while ((t = vc_next(m, vm, &i))) {
		if (!t->running)
			continue;
		any = true;
		if (m->ops->vcpu_kick)
			m->ops->vcpu_kick(m->host, t->vmid, t->index);
	}
	return any;
}

/* One step of ending all of them; true when they have ended. */
bool gm_vcpus_end(struct gm *m, const struct gm_vm *vm)
{
	struct gm_thread *t;
	bool left = true;
	u32 i = 0;

	while ((t = vc_next(m, vm, &i))) {
		vc_kill(m, t);
		t->by_rm = 1;
		left = left && !t->running;
	}
	if (!left)
		return false;
	for (i = 0; (t = vc_next(m, vm, &i));) {
		t->exited = 1;
		t->by_rm = 0;
	}
	return true;
}

static struct gm_thread *vc_of(struct gm *m, struct gm_ctx *c)
{
	return &m->threads[c->obj[0]->index];
}

static void vc_result(struct gm_thread *t, struct gm_ctx *c, const struct gm_vcpu_exit *exit)
{
	u32 i;

	t->last = *exit;
	c->res[1] = exit->state;
	for (i = 0; i < 3; i++)
		c->res[2 + i] = exit->data[i];
}

/* The run itself. The lock is not held meanwhile: t stays, as RM waits for it. */
static void vc_enter(struct gm *m, struct gm_thread *t, const u64 *resume,
		     struct gm_vcpu_exit *exit)
{
	const struct gm_vm *vm;
	u64 words[3] = { 0 };

	/* Only a read takes a word; others are not looked at. */
	if (t->last.state == GM_VCPU_VMMIO_READ)
		words[0] = resume[0];
	t->running = 1;
	t->woken = 0;
	gm_leave(m);
	m->ops->vcpu_run(m->host, t->vmid, t->index, words, exit);
	gm_enter(m);
	t->running = 0;
	vm = gm_vm_find(m, t->vmid);
	if (vm && vm->over && exit->state != GM_VCPU_POWERED_OFF &&
	    exit->state != GM_VCPU_PSCI_RESET)
		t->killed = 1;
	if (t->killed && !exit->state)
		exit->state = GM_VCPU_BLOCKED;
	if (t->woken && vc_waits(exit->state))
		gm_raise(m, &t->wake);
	/* RM may be waiting for it. */
	if (t->killed)
		gm_kick(m);
}

s32 gm_call_vcpu_run(struct gm *m, struct gm_ctx *c)
{
	struct gm_vcpu_exit exit = { 0 };
	struct gm_thread *t = vc_of(m, c);
	const struct gm_vm *vm = gm_vm_find(m, t->vmid);

	if (!t->proxy || t->running || t->by_rm)
		return GM_E_BUSY;
	if (t->killed) {
		t->exited = 1;
		exit.state = GM_VCPU_POWERED_OFF;
		exit.data[0] = 1;
	} else if (!vm || vm->state != GM_VM_RUNNING) {
		exit.state = GM_VCPU_POWERED_OFF;
	} else if (!m->ops->vcpu_run) {
		exit.state = GM_VCPU_EXPECTS_WAKEUP;
		exit.data[1] = GM_WAKEUP_WFI;
	} else {
		vc_enter(m, t, &c->args[1], &exit);
	}
	vc_result(t, c, &exit);
	return GM_E_OK;
}

s32 gm_call_vcpu_run_check(struct gm *m, struct gm_ctx *c)
{
	struct gm_thread *t = vc_of(m, c);

	if (t->exited) {
		t->last = (struct gm_vcpu_exit){ GM_VCPU_POWERED_OFF, { 1 } };
	} else if (!t->proxy || t->running || t->killed || t->last.state == GM_VCPU_READY ||
		   t->last.state == GM_VCPU_BLOCKED) {
		return GM_E_BUSY;
	}
	vc_result(t, c, &t->last);
	return GM_E_OK;
}

/* Killing twice is no error, killing what never ran is. */
s32 gm_call_vcpu_kill(struct gm *m, struct gm_ctx *c)
{
	struct gm_thread *t = vc_of(m, c);
	const struct gm_vm *vm = gm_vm_find(m, t->vmid);

	if (!t->killed && (!vm || vm->state != GM_VM_RUNNING))
		return GM_E_OBJECT_STATE;
	vc_kill(m, t);
	return GM_E_OK;
}

void gm_vcpu_wake(struct gm *m, unsigned int vmid, unsigned int vcpu)
{
	const struct gm_vm *vm;
	struct gm_thread *t;

	gm_enter(m);
	vm = gm_vm_find(m, vmid);
	t = vm ? gm_vcpu_find(m, vm, vcpu) : NULL;
	if (t)
		vc_wake(m, t);
	gm_leave(m);
}
