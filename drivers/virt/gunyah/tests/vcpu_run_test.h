/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests of GUNYAH_VCPU_RUN: a vCPU whose VM is a bare object. What the
 * hypervisor answers is the test's.
 */
#ifndef GUNYAH_VCPU_RUN_TEST_H
#define GUNYAH_VCPU_RUN_TEST_H

#include <linux/gunyah.h>
#include <linux/types.h>

#include "../vm.h"
#include "resource_test.h"

struct kunit;
struct kunit_suite;

#define VCPU		1
#define CAPID		0x5eed00000001ULL
#define VIRQ		200
#define MAX_STEPS	16
#define GPA		0x9000018ULL

/**
 * struct step - an answer of the hypervisor
 * @error: X0
 * @state: X1
 * @data: X2 to X4
 * @act: what happens in the meantime
 */
struct step {
	enum gunyah_error error;
	u64 state;
	u64 data[3];
	void (*act)(void);
};

/**
 * struct xt - a vCPU of a VM
 * @rt: what is below
 * @vm: the VM
 * @fn: the vCPU
 * @page: its page
 * @steps: answers of the hypervisor, the last one as often as needed
 * @nr_steps: how many
 * @runs: hypercalls so far
 * @value: what the last one was told
 * @action: the same
 * @asked: how often RM was asked
 * @ends_at: at which of them it says that the VM has ended, 0: never
 * @mute: it does not answer
 * @at_ask: what happens at each of them
 * @switched_off: how often the VM was switched off
 * @crashed: how often the VM was declared dead
 */
struct xt {
	struct rt *rt;
	struct gunyah_vm vm;
	struct gunyah_vm_function *fn;
	struct gunyah_vcpu_run *page;
	struct step steps[MAX_STEPS];
	unsigned int nr_steps;
	unsigned int runs;
	u64 value;
	u64 action;
	unsigned int asked;
	unsigned int ends_at;
	bool mute;
	void (*at_ask)(struct xt *xt);
	unsigned int switched_off;
	unsigned int crashed;
};

extern struct kunit_suite gunyah_vcpu_off_suite;

/* The one of the test that runs; what the hypervisor does has no argument for it. */
extern struct xt *xt_running;

struct xt *xt_new(struct kunit *test);
struct xt *xt_new_bound(struct kunit *test);
void xt_bind(struct kunit *test, struct xt *xt, u32 virq);
struct step *xt_step(struct xt *xt, u64 state, u64 data0, u64 data1, u64 data2);
void xt_steps_clear(struct xt *xt);
long xt_run(struct xt *xt);
void xt_end(struct xt *xt, u32 status, u16 type);
void xt_expect_status(struct kunit *test, struct xt *xt, u32 status, u16 type);

/* For struct step.act */
void act_signal(void);
void act_wake(void);

#endif
