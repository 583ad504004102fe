// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of states: every call about a VM in every state that a VM can be
 * in for long, what the resource manager (RM) answers, and the state it has then.
 * On the real hypervisor and on the stand-in, whose model is right if both answer
 * alike.
 *
 * A request that RM would die of is among them: the driver refuses it. The states
 * that no call leads to or that do not last, and the one of a VM that was refused
 * its image, which cannot be got rid of, are in the model's own table, in
 * tools/testing/gunyah/harness/test_state.c.
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
	CALL_GET_STATE,
	CALL_CRASH_MSG,
	CALL_RESOURCES,
	CALL_RECLAIM,
	CALL_FIRMWARE,
	CALL_TIME_BASE,
	CALL_SHUTDOWN,
	CALL_CONSOLE,
	CALL_BOOT_CONTEXT,
	CALL_DEMAND_PAGING,
	CALL_LAYOUT,
	NR_CALLS,
};

static const char * const call_names[NR_CALLS] = {
	"configure", "auth", "init", "start", "stop", "reset", "dealloc", "get-id",
	"get-state", "crash-msg", "resources", "reclaim", "firmware", "time-base",
	"shutdown", "console", "boot-context", "demand-paging", "layout",
};

/* What RM answers, see the table of statuses in rm_rpc_call.c; or it is not asked. */
#define NORES	2
#define ARG	6
#define INUSE	0xb
#define ST	0x14
#define NONE	U32_MAX
#define UNSENT	(U32_MAX - 1)

/**
 * struct row - a state and what calls make of it
 * @name: name of the state
 * @state: the state
 * @status: answer to each call
 */
struct row {
	const char *name;
	enum gunyah_rm_vm_state state;
	u32 status[NR_CALLS];
};

#define LOAD		GUNYAH_RM_VM_LOAD
#define AUTH		GUNYAH_RM_VM_AUTH
#define INIT		GUNYAH_RM_VM_INIT
#define READY		GUNYAH_RM_VM_READY
#define RUNNING		GUNYAH_RM_VM_RUNNING
#define INIT_FAILED	GUNYAH_RM_VM_INIT_FAILED
#define EXITED		GUNYAH_RM_VM_EXITED
#define RESET		GUNYAH_RM_VM_RESET
#define GONE		GUNYAH_RM_VM_NONE

static const struct row rows[] = {
	/*
	 * configure, auth, init, start, stop, reset, dealloc,
	 * get-id, get-state, crash-msg, resources, reclaim,
	 * firmware, time-base, shutdown, console, and what the public RM has not
	 */
	{ "LOAD", LOAD,
		{ 0, ST, ST, ST, ST, UNSENT, 0,
		  ST, 0, 0, NORES, 0,
		  ST, ST, ST, ARG, NONE, NONE, NONE } },
	{ "AUTH", AUTH,
		{ ST, 0, ST, ST, ST, ST, ST,
		  ST, 0, 0, 0, 0,
		  ST, ST, ST, ARG, NONE, NONE, NONE } },
	{ "INIT", INIT,
		{ ST, ST, 0, ST, ST, ST, ST,
		  ST, 0, 0, 0, 0,
		  ARG, ARG, ST, ARG, NONE, NONE, NONE } },
	{ "READY", READY,
		{ ST, ST, ST, 0, ST, 0, ST,
		  0, 0, 0, 0, 0,
		  ST, ARG, ST, 0, NONE, NONE, NONE } },
	{ "RUNNING", RUNNING,
		{ ST, ST, ST, ST, 0, ST, ST,
		  0, 0, 0, 0, INUSE,
		  ST, ST, 0, 0, NONE, NONE, NONE } },
	{ "INIT_FAILED", INIT_FAILED,
		{ ST, ST, ST, ST, ST, 0, ST,
		  ST, 0, 0, 0, 0,
		  ST, ST, ST, ARG, NONE, NONE, NONE } },
	{ "EXITED", EXITED,
		{ ST, ST, ST, ST, ST, 0, ST,
		  ST, 0, 0, 0, INUSE,
		  ST, ST, ST, 0, NONE, NONE, NONE } },
	{ "RESET", RESET,
		{ 0, ST, ST, ST, ST, UNSENT, 0,
		  ST, 0, 0, NORES, 0,
		  ST, ST, ST, ARG, NONE, NONE, NONE } },
};

/* Which call leads to which state, if it is answered OK. */
static const struct {
	enum row_call call;
	enum gunyah_rm_vm_state from, to;
} moves[] = {
	{ CALL_CONFIGURE, LOAD, INIT }, { CALL_CONFIGURE, RESET, INIT },
	{ CALL_AUTH, AUTH, INIT }, { CALL_INIT, INIT, READY }, { CALL_START, READY, RUNNING },
	{ CALL_STOP, RUNNING, EXITED }, { CALL_RESET, READY, RESET },
	{ CALL_RESET, INIT_FAILED, RESET }, { CALL_RESET, EXITED, RESET },
	{ CALL_DEALLOC, LOAD, GONE }, { CALL_DEALLOC, RESET, GONE },
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

static const struct gunyah_rm_range somewhere = { .base = SZ_1G, .size = SZ_1M };

static int call_of_life(struct life_vm *vm, enum row_call call)
{
	static const enum life_step steps[] = {
		[CALL_CONFIGURE] = LIFE_CONFIGURE,
		[CALL_INIT] = LIFE_INIT,
		[CALL_START] = LIFE_START,
		[CALL_STOP] = LIFE_STOP,
		[CALL_RESET] = LIFE_RESET,
		[CALL_RECLAIM] = LIFE_RECLAIM,
	};

	switch (call) {
	case CALL_AUTH:
		return gunyah_rm_vm_auth_image(vm->rm, vm->vmid, NULL, 0);
	case CALL_DEALLOC:
		return gunyah_rm_dealloc_vmid(vm->rm, vm->vmid);
	case CALL_SHUTDOWN:
		return gunyah_rm_vm_stop(vm->rm, vm->vmid, false, GUNYAH_RM_STOP_SHUTDOWN,
					 GUNYAH_RM_HAS_RM_RPC);
	default:
		return life_vm_step(vm, steps[call]);
	}
}

static int call_of_query(struct life_vm *vm, enum row_call call)
{
	struct gunyah_rm_resources *list __free(kvfree) = NULL;
	struct gunyah_rm_crash_msg *msg __free(kfree) = NULL;
	struct gunyah_rm_vm_id *id __free(kfree) = NULL;
	struct gunyah_rm_vm_status status;

	switch (call) {
	case CALL_GET_ID:
		id = kzalloc(sizeof(*id), GFP_KERNEL);
		return id ? gunyah_rm_get_id(vm->rm, vm->vmid, id) : -ENOMEM;
	case CALL_GET_STATE:
		return gunyah_rm_get_state(vm->rm, vm->vmid, &status);
	case CALL_CRASH_MSG:
		msg = kzalloc(sizeof(*msg), GFP_KERNEL);
		return msg ? gunyah_rm_vm_get_crash_msg(vm->rm, vm->vmid, msg) : -ENOMEM;
	default:
		return gunyah_rm_get_hyp_resources(vm->rm, vm->vmid, &list);
	}
}

static int row_call(struct life_vm *vm, enum row_call call)
{
	switch (call) {
	case CALL_GET_ID:
	case CALL_GET_STATE:
	case CALL_CRASH_MSG:
	case CALL_RESOURCES:
		return call_of_query(vm, call);
	case CALL_FIRMWARE:
		return gunyah_rm_vm_set_firmware_mem(vm->rm, vm->vmid, vm->parcel.handle, 0,
						     SZ_1M);
	case CALL_TIME_BASE:
		return gunyah_rm_vm_set_time_base(vm->rm, vm->vmid, 1, 1);
	case CALL_CONSOLE:
		return gunyah_rm_console_open(vm->rm, vm->vmid);
	case CALL_BOOT_CONTEXT:
		return gunyah_rm_vm_set_boot_context(vm->rm, vm->vmid, GUNYAH_RM_REG_X, 0, 0);
	case CALL_DEMAND_PAGING:
		return gunyah_rm_vm_set_demand_paging(vm->rm, vm->vmid, &somewhere, 1);
	case CALL_LAYOUT:
		return gunyah_rm_vm_set_address_layout(vm->rm, vm->vmid, GUNYAH_RM_RANGE_IMAGE,
						       &somewhere);
	default:
		return call_of_life(vm, call);
	}
}

/* The answer to the last call, or that there was none. */
static u32 last_status(struct gunyah_rm *rm, u64 nr_before)
{
	if (rm->nr_logged == nr_before)
		return UNSENT;

	return rm->log[(rm->nr_logged - 1) % RM_NR_LOG].status;
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

static enum gunyah_rm_vm_state state_after(const struct row *row, enum row_call call)
{
	if (!row->status[call])
		for (size_t i = 0; i < ARRAY_SIZE(moves); i++)
			if (moves[i].call == call && moves[i].from == row->state)
				return moves[i].to;

	return row->state;
}

static void check_state(struct kunit *test, struct life_vm *vm, const struct row *row,
			enum row_call call)
{
	enum gunyah_rm_vm_state want = state_after(row, call);
	struct gunyah_rm_vm_status status = {};
	int ret;

	if (call == CALL_RESET && !row->status[call])
		KUNIT_EXPECT_EQ(test, life_vm_step(vm, LIFE_GONE), 0);
	ret = gunyah_rm_get_state(vm->rm, vm->vmid, &status);
	if (want == GONE) {
		KUNIT_EXPECT_EQ_MSG(test, ret, -ENODEV, "%s", call_names[call]);
		vm->vmid = 0;
		return;
	}
	KUNIT_EXPECT_EQ_MSG(test, ret, 0, "%s", call_names[call]);
	KUNIT_EXPECT_EQ_MSG(test, status.vm_state, want, "%s", call_names[call]);
}

/* The call, what RM says to it, and what the driver makes of that. */
static void check_call(struct kunit *test, struct life_vm *vm, const struct row *row,
		       enum row_call call)
{
	u32 status = row->status[call];
	u64 nr_before = vm->rm->nr_logged;
	int ret = row_call(vm, call);

	KUNIT_EXPECT_EQ_MSG(test, last_status(vm->rm, nr_before), status, "%s",
			    call_names[call]);
	KUNIT_EXPECT_EQ_MSG(test, ret,
			    status == UNSENT ? -EINVAL : gunyah_rm_status_to_errno(status),
			    "%s", call_names[call]);
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
	/* Not forced, STOP kills an RM that has no link to the VM. */
	shape.console = true;

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
		check_call(test, vm, row, call);
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
