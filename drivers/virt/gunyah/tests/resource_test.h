/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists of resources that a test writes itself, over the model. */
#ifndef GUNYAH_RESOURCE_TEST_H
#define GUNYAH_RESOURCE_TEST_H

#include <linux/gunyah_resource.h>
#include <linux/gunyah_rm.h>

#include "model_host.h"

struct kunit;

/* Hypercall numbers, as the model counts them. */
#define NUM_BELL_SEND		0x12
#define NUM_BELL_RECV		0x13
#define NUM_BELL_RESET		0x14
#define NUM_BELL_MASK		0x15
#define NUM_CONFIGURE_SEND	0x1f

/* The VM whose resources are listed. */
#define RT_VMID		0x80

#define RT_MAX_ENTRIES	64

/**
 * struct rt_bell - a doorbell each way, made by the model
 * @tx_cap: capability of the one this VM rings
 * @rx_cap: capability of the one that rings here
 * @rx_virq: its INTID
 */
struct rt_bell {
	u64 tx_cap;
	u64 rx_cap;
	u32 rx_virq;
};

/**
 * struct rt - what a test of resources needs
 * @test: the test
 * @host: the model; its resource manager is not asked
 * @dev: parent of the devices
 * @rm: a client that makes no calls
 * @set: the set under test, removed at the end of the test if it is there
 * @list: what the resource manager would say
 * @error: what it says instead, if not 0
 */
struct rt {
	struct kunit *test;
	struct gunyah_model_host *host;
	struct device *dev;
	struct gunyah_rm *rm;
	struct gunyah_rm_resource_set *set;
	struct gunyah_rm_resources *list;
	int error;
};

int rt_init(struct kunit *test, const char *options);
void rt_exit(struct kunit *test);

struct rt_bell rt_bell_new(struct rt *rt);
void rt_bell_info(struct rt *rt, u64 cap, u64 *flags, u64 *enable, u64 *ack);
u64 rt_bell_ring(struct rt *rt, u64 rx_cap, u64 flags);

struct gunyah_rm_resource *rt_entry(struct rt *rt, u8 type, u32 label, u64 capid, u32 virq);
void rt_add(struct rt *rt);
void rt_del(struct rt *rt);
struct auxiliary_device *rt_find(struct rt *rt, enum gunyah_resource_kind kind, u32 label);
bool rt_has(enum gunyah_resource_kind kind, u32 label);
void rt_expect_stats(struct rt *rt, u64 devices, u64 late, u64 doubled, u64 malformed,
		     u64 unknown);

#endif
