// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of states: every call about a VM in every state that a VM can be
 * in for long, and the state it has then. On the real hypervisor and on the
 * stand-in, whose model is right if both answer alike.
 *
 * A request that the resource manager (RM) would die of is among them: the
 * driver refuses it.
 */
#include <linux/array_size.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/gunyah_rm_vm.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <kunit/test.h>

#include "../rm.h"
#include "life.h"
#include "live.h"

enum row_call {
	CALL_CONFIGURE,
	CALL_AUTH,
	CALL_INIT,
	CALL_START,
	CALL_STOP,
	CALL_RESET,
	CALL_DEALLOC,
	CALL_GET_ID,
	CALL_RESOURCES,
	CALL_RECLAIM,
	NR_CALLS,
};

static const char * const call_names[NR_CALLS] = {
	"configure", "auth", "init", "start", "stop", "reset", "dealloc", "get-id",
	"resources", "reclaim",
};

/**
 * struct row - a state and what calls make of it
 * @name: name of the state
 * @state: the state
 * @ret: result of each call
 * @next: state after it; NONE: the VM is gone. Only where the result is 0
 */
struct row {
	const char *name;
	enum gunyah_rm_vm_state state;
	int ret[NR_CALLS];
	enum gunyah_rm_vm_state next[NR_CALLS];
};

#define LOAD		GUNYAH_RM_VM_LOAD
#define AUTH		GUNYAH_RM_VM_AUTH
#define INIT		GUNYAH_RM_VM_INIT
#define READY		GUNYAH_RM_VM_READY
#define RUNNING		GUNYAH_RM_VM_RUNNING
#define INIT_FAILED	GUNYAH_RM_VM_INIT_FAILED
#define EXITED		GUNYAH_RM_VM_EXITED
#define RESET		GUNYAH_RM_VM_RESET
#define NONE		GUNYAH_RM_VM_NONE

static const struct row rows[] = {
	/*	configure auth	init	start	stop	reset	dealloc	get-id	resources reclaim */
	{ "LOAD", LOAD,
		{ 0, -EINVAL, -EINVAL, -EINVAL, -EINVAL, -EINVAL, 0, -EINVAL, -ENODEV, 0 },
		{ INIT, LOAD, LOAD, LOAD, LOAD, LOAD, NONE, LOAD, LOAD, LOAD } },
	{ "AUTH", AUTH,
		{ -EINVAL, 0, -EINVAL, -EINVAL, -EINVAL, -EINVAL, -EINVAL, -EINVAL, 0, 0 },
		{ AUTH, INIT, AUTH, AUTH, AUTH, AUTH, AUTH, AUTH, AUTH, AUTH } },
	{ "INIT", INIT,
		{ -EINVAL, -EINVAL, 0, -EINVAL, -EINVAL, -EINVAL, -EINVAL, -EINVAL, 0, 0 },
		{ INIT, INIT, READY, INIT, INIT, INIT, INIT, INIT, INIT, INIT } },
	{ "READY", READY,
		{ -EINVAL, -EINVAL, -EINVAL, 0, -EINVAL, 0, -EINVAL, 0, 0, 0 },
		{ READY, READY, READY, RUNNING, READY, RESET, READY, READY, READY, READY } },
	{ "RUNNING", RUNNING,
		{ -EINVAL, -EINVAL, -EINVAL, -EINVAL, 0, -EINVAL, -EINVAL, 0, 0, -EBUSY },
		{ RUNNING, RUNNING, RUNNING, RUNNING, EXITED, RUNNING, RUNNING, RUNNING,
		  RUNNING, RUNNING } },
	{ "INIT_FAILED", INIT_FAILED,
		{ -EINVAL, -EINVAL, -EINVAL, -EINVAL, -EINVAL, 0, -EINVAL, -EINVAL, 0, 0 },
		{ INIT_FAILED, INIT_FAILED, INIT_FAILED, INIT_FAILED, INIT_FAILED, RESET,
		  INIT_FAILED, INIT_FAILED, INIT_FAILED, INIT_FAILED } },
	{ "EXITED", EXITED,
		{ -EINVAL, -EINVAL, -EINVAL, -EINVAL, -EINVAL, 0, -EINVAL, -EINVAL, 0, -EBUSY },
		{ EXITED, EXITED, EXITED, EXITED, EXITED, RESET, EXITED, EXITED, EXITED,
		  EXITED } },
	{ "RESET", RESET,
		{ 0, -EINVAL, -EINVAL, -EINVAL, -EINVAL, -EINVAL, 0, -EINVAL, -ENODEV, 0 },
		{ INIT, RESET, RESET, RESET, RESET, RESET, NONE, RESET, RESET, RESET } },
};

/* The last step on the way to a state. */
static enum life_step last_step(enum gunyah_rm_vm_state state)
{
	switch (state) {
	case LOAD:
		return LIFE_LEND;
	case AUTH:
	case INIT:
		return LIFE_CONFIGURE;
	case READY:
	case INIT_FAILED:
		return LIFE_INIT;
	case RUNNING:
		return LIFE_START;
	case EXITED:
		return LIFE_STOP;
	default:
		return LIFE_GONE;
	}
}

static int row_call(struct life_vm *vm, enum row_call call)
{
	struct gunyah_rm_resources *list __free(kvfree) = NULL;
	struct gunyah_rm_vm_id *id __free(kfree) = NULL;

	switch (call) {
	case CALL_CONFIGURE:
		return life_vm_step(vm, LIFE_CONFIGURE);
	case CALL_AUTH:
		return gunyah_rm_vm_auth_image(vm->rm, vm->vmid, NULL, 0);
	case CALL_INIT:
		return life_vm_step(vm, LIFE_INIT);
	case CALL_START:
		return life_vm_step(vm, LIFE_START);
	case CALL_STOP:
		return life_vm_step(vm, LIFE_STOP);
	case CALL_RESET:
		return life_vm_step(vm, LIFE_RESET) ?: life_vm_step(vm, LIFE_GONE);
	case CALL_DEALLOC:
		return gunyah_rm_dealloc_vmid(vm->rm, vm->vmid);
	case CALL_GET_ID:
		id = kzalloc(sizeof(*id), GFP_KERNEL);
		return id ? gunyah_rm_get_id(vm->rm, vm->vmid, id) : -ENOMEM;
	case CALL_RESOURCES:
		return gunyah_rm_get_hyp_resources(vm->rm, vm->vmid, &list);
	default:
		return life_vm_step(vm, LIFE_RECLAIM);
	}
}

/* Into a state. A device tree that is none makes VM_INIT fail. */
static int go_to(struct live *live, struct life_vm *vm, enum gunyah_rm_vm_state state)
{
	bool fail = state == INIT_FAILED;
	struct live_reply reply;
	int ret = 0;

	for (enum life_step step = 0; step <= last_step(state) && !ret; step++) {
		if (step != LIFE_RESOURCES)
			ret = life_vm_step(vm, step);
		if (fail && step == LIFE_CONFIGURE && live->debug)
			live_debug(&reply, GM_DBG_VM_CONFIG, GM_DBG_VMCFG_VCPUS, 0);
	}
	if (fail && live->debug)
		live_debug(&reply, GM_DBG_VM_CONFIG, GM_DBG_VMCFG_VCPUS, 1);

	return fail ? !ret : ret;
}

static void check_state(struct kunit *test, struct life_vm *vm, const struct row *row,
			enum row_call call)
{
	struct gunyah_rm_vm_status status = {};
	int ret = gunyah_rm_get_state(vm->rm, vm->vmid, &status);

	if (row->next[call] == NONE) {
		KUNIT_EXPECT_EQ_MSG(test, ret, -ENODEV, "%s", call_names[call]);
		vm->vmid = 0;
		return;
	}
	KUNIT_EXPECT_EQ_MSG(test, ret, 0, "%s", call_names[call]);
	KUNIT_EXPECT_EQ_MSG(test, status.vm_state, row->next[call], "%s", call_names[call]);
}

static void row_desc(const struct row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(row, rows, row_desc);

static void life_states(struct kunit *test)
{
	const struct row *row = test->param_value;
	struct live *live = test->priv;
	struct life_shape shape = life_small;
	struct life_books before;
	struct life_vm *vm;

	if (row->state == AUTH)
		shape.auth = GUNYAH_RM_AUTH_PLATFORM;
	shape.bad_dt = row->state == INIT_FAILED;

	for (enum row_call call = 0; call < NR_CALLS; call++) {
		/*
		 * The public one takes this, and from then on refuses VM_INIT
		 * of every VM for want of a vCPU.
		 */
		if (row->state == RESET && call == CALL_CONFIGURE && !live->debug)
			continue;

		life_books_read(live, &before);
		vm = life_vm_create(live->rm, &shape);
		KUNIT_ASSERT_FALSE(test, IS_ERR(vm));
		KUNIT_EXPECT_EQ(test, go_to(live, vm, row->state), 0);
		KUNIT_EXPECT_EQ_MSG(test, row_call(vm, call), row->ret[call], "%s",
				    call_names[call]);
		check_state(test, vm, row, call);
		KUNIT_EXPECT_EQ_MSG(test, life_vm_end(vm), 0, "after %s", call_names[call]);
		KUNIT_EXPECT_TRUE(test, life_vm_free(vm));
		life_books_expect(test, &before, LONG_MAX);
	}
}

static struct kunit_case life_state_cases[] = {
	KUNIT_CASE_PARAM(life_states, row_gen_params),
	{}
};

struct kunit_suite life_state_suite = {
	.name = "gunyah-life-state",
	.init = life_init,
	.exit = live_exit,
	.test_cases = life_state_cases,
};
