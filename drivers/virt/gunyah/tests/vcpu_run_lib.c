// SPDX-License-Identifier: GPL-2.0-only
/* The vCPU and its VM, for tests of GUNYAH_VCPU_RUN; see vcpu_run_test.h. */
#include <linux/fs.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/gunyah_vcpu.h>
#include <linux/kref.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include <asm/gunyah.h>

#include <kunit/resource.h>
#include <kunit/static_stub.h>
#include <kunit/test.h>

#include "../vm_io.h"
#include "vcpu_run_test.h"

/* The one of the test that runs; its conduit has no argument for it. */
struct xt *xt_running;
static gunyah_conduit_t *model_conduit;

static void xt_conduit(const struct arm_smccc_1_2_regs *args, struct arm_smccc_1_2_regs *res)
{
	struct xt *xt = xt_running;
	const struct step *step;

	if (args->a0 != GUNYAH_HYPERCALL_VCPU_RUN) {
		model_conduit(args, res);
		return;
	}

	step = &xt->steps[min(xt->runs, xt->nr_steps - 1)];
	xt->value = args->a2;
	xt->action = args->a3;
	WRITE_ONCE(xt->runs, xt->runs + 1);
	if (step->act)
		step->act();

	memset(res, 0, sizeof(*res));
	res->a0 = (s64)step->error;
	res->a1 = step->state;
	res->a2 = step->data[0];
	res->a3 = step->data[1];
	res->a4 = step->data[2];
}

/* The VM has ended. */
void xt_end(struct xt *xt, u32 status, u16 type)
{
	xt->vm.exit.status = status;
	xt->vm.exit.info.type = type;
	/* Pairs with gunyah_vm_state(). */
	smp_store_release(&xt->vm.state, GUNYAH_VM_EXITED);
	wake_up_all(&xt->vm.wait);
	gunyah_vcpu_fn_ops.ended(xt->fn);
}

/* In the place of RM, in the test's own thread. */
static bool xt_ask(struct gunyah_vm *vm)
{
	struct xt *xt = container_of(vm, struct xt, vm);

	if (++xt->asked == xt->ends_at)
		xt_end(xt, GUNYAH_VM_STATUS_EXITED, GUNYAH_VM_EXIT_PSCI_OFF);
	else if (xt->at_ask)
		xt->at_ask(xt);

	return xt->asked != xt->ends_at && !xt->mute;
}

static void xt_switch_off(struct gunyah_vm *vm, const struct gunyah_vm_exit *exit)
{
	struct xt *xt = container_of(vm, struct xt, vm);

	xt->switched_off++;
	xt_end(xt, exit->status, exit->info.type);
}

static void xt_crash(struct gunyah_vm *vm)
{
	struct xt *xt = container_of(vm, struct xt, vm);

	xt->crashed++;
	xt_end(xt, GUNYAH_VM_STATUS_CRASHED, 0);
}

static void xt_exit(void *data)
{
	struct xt *xt = data;

	gunyah_vcpu_off_timeout = HZ / 4;
	gunyah_vcpu_busy_timeout = 30 * HZ;
	if (xt->fn)
		gunyah_vcpu_fn_ops.remove(xt->fn);
	/* The file goes in its own time, and the VM's memory is here. */
	while (kref_read(&xt->vm.ref) != 1)
		usleep_range(100, 200);
	gunyah_conduit_set(model_conduit);
}

static void xt_add_vcpu(struct kunit *test, struct xt *xt)
{
	struct gunyah_fn_vcpu_arg arg = { .id = VCPU };

	gunyah_vcpu_off_timeout = 1;
	xt->fn = gunyah_vcpu_fn_ops.create(&xt->vm, &arg);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, xt->fn);
	xt->fn->vm = &xt->vm;
	xt->fn->ops = &gunyah_vcpu_fn_ops;
	xt->page = gunyah_vcpu_page(xt->fn);
}

/* RM lists a vCPU, with this wake-up interrupt, and the VM takes it. */
void xt_bind(struct kunit *test, struct xt *xt, u32 virq)
{
	struct auxiliary_device *adev;

	rt_entry(xt->rt, GUNYAH_RM_RES_VCPU, VCPU, CAPID, virq);
	rt_add(xt->rt);
	adev = rt_find(xt->rt, GUNYAH_RESOURCE_VCPU, VCPU);
	KUNIT_ASSERT_EQ(test, gunyah_vcpu_fn_ops.bind(xt->fn, adev), 0);
}

/* A vCPU of a VM that runs, not bound yet. It goes at the end of the test. */
struct xt *xt_new(struct kunit *test)
{
	struct xt *xt = kunit_kzalloc(test, sizeof(*xt), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, xt);
	xt->rt = test->priv;
	gunyah_vm_init(&xt->vm);
	xt->vm.vmid = RT_VMID;
	xt->vm.state = GUNYAH_VM_RUNNING;
	kunit_activate_static_stub(test, gunyah_vcpu_ask, xt_ask);
	kunit_activate_static_stub(test, gunyah_vcpu_crash, xt_crash);
	kunit_activate_static_stub(test, gunyah_vm_switch_off, xt_switch_off);

	xt_running = xt;
	model_conduit = gunyah_conduit_set(xt_conduit);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, xt_exit, xt), 0);
	xt_add_vcpu(test, xt);

	return xt;
}

/* The same, bound. */
struct xt *xt_new_bound(struct kunit *test)
{
	struct xt *xt = xt_new(test);

	xt_bind(test, xt, VIRQ);

	return xt;
}

/* The next answer of the hypervisor. */
struct step *xt_step(struct xt *xt, u64 state, u64 data0, u64 data1, u64 data2)
{
	struct step *step = &xt->steps[xt->nr_steps++];

	*step = (struct step){ .state = state, .data = { data0, data1, data2 } };

	return step;
}

/* There are other answers from now on. */
void xt_steps_clear(struct xt *xt)
{
	xt->nr_steps = 0;
	xt->runs = 0;
}

/* GUNYAH_VCPU_RUN */
long xt_run(struct xt *xt)
{
	struct file *file = gunyah_vcpu_file(xt->fn);

	return file->f_op->unlocked_ioctl(file, GUNYAH_VCPU_RUN, 0xdeadbeef);
}

/* Each run says how the VM has ended. */
void xt_expect_status(struct kunit *test, struct xt *xt, u32 status, u16 type)
{
	for (unsigned int i = 0; i < 3; i++) {
		memset(xt->page, 0, sizeof(*xt->page));
		KUNIT_EXPECT_EQ(test, xt_run(xt), 0);
		KUNIT_EXPECT_EQ(test, xt->page->exit_reason, GUNYAH_VCPU_EXIT_STATUS);
		KUNIT_EXPECT_EQ(test, xt->page->status.status, status);
		KUNIT_EXPECT_EQ(test, xt->page->status.exit_info.type, type);
	}
}

void act_signal(void)
{
	send_sig(SIGUSR1, current, 1);
}

void act_wake(void)
{
	gunyah_model_raise(xt_running->rt->host, VIRQ);
	gunyah_model_settle(xt_running->rt->host);
}
