// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of resource devices: which entries of the resource manager's list
 * become a device, and what happens to the others.
 */
#include <linux/array_size.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/device/bus.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/mailbox_client.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include <kunit/resource.h>
#include <kunit/static_stub.h>
#include <kunit/test.h>

#include "../rm.h"
#include "../rm_resource.h"
#include "resource_test.h"

/* A queue pair of the model whose interrupts nobody has mapped. */
static struct gunyah_model_queue queue_new(struct rt *rt, u32 depth)
{
	struct gunyah_model_queue queue;

	KUNIT_ASSERT_EQ(rt->test,
			gunyah_model_queue_create(rt->host, GM_DBG_QUEUE_TX | GM_DBG_QUEUE_RX,
						  depth, 64, &queue), 0);

	return queue;
}

static void resource_kinds_test(struct kunit *test)
{
	struct rt *rt = test->priv;
	struct rt_bell bell = rt_bell_new(rt);
	struct gunyah_model_queue queue = queue_new(rt, 5);
	const struct gunyah_resource_info *info;
	struct gunyah_msgq_device *msgq;
	struct auxiliary_device *adev;

	rt_entry(rt, GUNYAH_RM_RES_BELL_TX, 1, bell.tx_cap, 0);
	rt_entry(rt, GUNYAH_RM_RES_BELL_RX, 1, bell.rx_cap, bell.rx_virq);
	rt_entry(rt, GUNYAH_RM_RES_MSGQ_TX, 7, queue.tx_cap, queue.tx_virq);
	rt_entry(rt, GUNYAH_RM_RES_VCPU, 0, 77, U32_MAX)->partner = 0;
	rt_entry(rt, GUNYAH_RM_RES_MSGQ_RX, 7, queue.rx_cap, queue.rx_virq);
	rt_add(rt);
	rt_expect_stats(rt, 4, 0, 0, 0, 0);

	adev = rt_find(rt, GUNYAH_RESOURCE_DOORBELL_SOURCE, 1);
	KUNIT_EXPECT_EQ(test, to_gunyah_resource_device(adev)->capid, bell.tx_cap);
	KUNIT_EXPECT_EQ(test, to_gunyah_resource_device(adev)->irq, 0);
	KUNIT_EXPECT_NOT_NULL(test, strstr(dev_name(&adev->dev), "gunyah_rm.doorbell-source."));

	adev = rt_find(rt, GUNYAH_RESOURCE_DOORBELL, 1);
	KUNIT_EXPECT_EQ(test, to_gunyah_resource_device(adev)->capid, bell.rx_cap);
	KUNIT_EXPECT_NE(test, to_gunyah_resource_device(adev)->irq, 0);
	info = gunyah_resource_info(adev);
	KUNIT_ASSERT_NOT_NULL(test, info);
	KUNIT_EXPECT_EQ(test, info->partner, RT_VMID);

	adev = rt_find(rt, GUNYAH_RESOURCE_VCPU, 0);
	KUNIT_EXPECT_EQ(test, to_gunyah_resource_device(adev)->irq, 0);
	KUNIT_EXPECT_EQ(test, gunyah_resource_info(adev)->partner, 0);

	msgq = to_gunyah_msgq_device(rt_find(rt, GUNYAH_RESOURCE_MSGQ, 7));
	KUNIT_EXPECT_TRUE(test, msgq->tx.present);
	KUNIT_EXPECT_TRUE(test, msgq->rx.present);
	KUNIT_EXPECT_EQ(test, msgq->tx.depth, 5);
	KUNIT_EXPECT_EQ(test, msgq->rx.depth, 5);
	KUNIT_EXPECT_EQ(test, msgq->tx.msg_size, 240);

	KUNIT_EXPECT_FALSE(test, rt_has(GUNYAH_RESOURCE_MSGQ, 8));
	KUNIT_EXPECT_NULL(test, gunyah_resource_find(RT_VMID + 1, GUNYAH_RESOURCE_MSGQ, 7));
}

/* The depth is found for every depth there can be. */
static void resource_depth_test(struct kunit *test)
{
	static const u32 depths[] = { 1, 2, 3, 4, 127, 128, 129, 254, 255 };
	struct rt *rt = test->priv;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(depths); i++) {
		struct gunyah_model_queue queue = queue_new(rt, depths[i]);
		struct gunyah_msgq_device *msgq;

		rt->list->nr = 0;
		rt_entry(rt, GUNYAH_RM_RES_MSGQ_TX, i, queue.tx_cap, queue.tx_virq);
		rt_entry(rt, GUNYAH_RM_RES_MSGQ_RX, i, queue.rx_cap, queue.rx_virq);
		rt_add(rt);
		msgq = to_gunyah_msgq_device(rt_find(rt, GUNYAH_RESOURCE_MSGQ, i));
		KUNIT_EXPECT_EQ(test, msgq->tx.depth, depths[i]);
		KUNIT_EXPECT_EQ(test, msgq->rx.depth, depths[i]);
		rt_del(rt);
		gunyah_model_debug(rt->host, GM_DBG_QUEUE_DESTROY, queue.tx_cap, 0, 0, 0, NULL);
		gunyah_model_debug(rt->host, GM_DBG_QUEUE_DESTROY, queue.rx_cap, 0, 0, 0, NULL);
	}
}

static void resource_size_test(struct kunit *test)
{
	static const struct gunyah_rm_queue_size sizes[] = { { 3, 64 }, { 4, 1023 } };
	static const struct gunyah_rm_queue_size bad[] = { { 3, 1024 } };
	static const struct gunyah_rm_queue_size zero[] = { { 3, 0 } };
	struct rt *rt = test->priv;
	struct gunyah_model_queue queue = queue_new(rt, 8);
	struct gunyah_rm_resource_set *set;
	struct gunyah_msgq_device *msgq;

	set = gunyah_rm_resources_add_sized(rt->rm, RT_VMID, bad, ARRAY_SIZE(bad));
	KUNIT_EXPECT_PTR_EQ(test, set, ERR_PTR(-EINVAL));
	set = gunyah_rm_resources_add_sized(rt->rm, RT_VMID, zero, ARRAY_SIZE(zero));
	KUNIT_EXPECT_PTR_EQ(test, set, ERR_PTR(-EINVAL));

	rt_entry(rt, GUNYAH_RM_RES_MSGQ_TX, 3, queue.tx_cap, queue.tx_virq);
	rt_entry(rt, GUNYAH_RM_RES_MSGQ_RX, 4, queue.rx_cap, queue.rx_virq);
	rt->set = gunyah_rm_resources_add_sized(rt->rm, RT_VMID, sizes, ARRAY_SIZE(sizes));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, rt->set);
	rt_expect_stats(rt, 2, 0, 0, 0, 0);

	msgq = to_gunyah_msgq_device(rt_find(rt, GUNYAH_RESOURCE_MSGQ, 3));
	KUNIT_EXPECT_EQ(test, msgq->tx.msg_size, 64);
	KUNIT_EXPECT_FALSE(test, msgq->rx.present);
	msgq = to_gunyah_msgq_device(rt_find(rt, GUNYAH_RESOURCE_MSGQ, 4));
	KUNIT_EXPECT_EQ(test, msgq->rx.msg_size, 1023);
	KUNIT_EXPECT_FALSE(test, msgq->tx.present);
}

static void resource_doubled_test(struct kunit *test)
{
	struct rt *rt = test->priv;
	struct rt_bell bell = rt_bell_new(rt), other = rt_bell_new(rt);
	struct gunyah_model_queue queue = queue_new(rt, 8);
	struct auxiliary_device *adev;

	rt_entry(rt, GUNYAH_RM_RES_BELL_RX, 1, bell.rx_cap, bell.rx_virq);
	/* The same once more, and with another capability and interrupt. */
	rt_entry(rt, GUNYAH_RM_RES_BELL_RX, 1, bell.rx_cap, bell.rx_virq);
	rt_entry(rt, GUNYAH_RM_RES_BELL_RX, 1, other.rx_cap, other.rx_virq);
	/* Another label, but an interrupt that is taken. */
	rt_entry(rt, GUNYAH_RM_RES_BELL_RX, 2, other.rx_cap, bell.rx_virq);
	/* Not doubled: another partner. */
	rt_entry(rt, GUNYAH_RM_RES_BELL_RX, 1, other.rx_cap, other.rx_virq)->partner++;
	rt_entry(rt, GUNYAH_RM_RES_MSGQ_TX, 1, queue.tx_cap, queue.tx_virq);
	rt_entry(rt, GUNYAH_RM_RES_MSGQ_TX, 1, queue.tx_cap, queue.tx_virq);
	rt_entry(rt, GUNYAH_RM_RES_MSGQ_RX, 1, queue.rx_cap, queue.rx_virq);
	rt_entry(rt, GUNYAH_RM_RES_MSGQ_RX, 1, queue.rx_cap, queue.rx_virq);
	rt_add(rt);
	rt_expect_stats(rt, 3, 0, 5, 0, 0);

	adev = rt_find(rt, GUNYAH_RESOURCE_DOORBELL, 1);
	KUNIT_EXPECT_EQ(test, to_gunyah_resource_device(adev)->capid, bell.rx_cap);

	/* Again, the old ones are known and the doubled ones doubled. */
	KUNIT_EXPECT_EQ(test, gunyah_rm_resources_refresh(rt->set), 0);
	rt_expect_stats(rt, 3, 0, 7, 0, 0);
}

static void resource_malformed_test(struct kunit *test)
{
	static const u32 virqs[] = { 1, 16, 31, 1020, 1023, 4095, 5120, 8192, 0x7fffffff,
				     0x80000000, 0xfffffffe };
	struct rt *rt = test->priv;
	struct rt_bell bell = rt_bell_new(rt);
	struct gunyah_model_queue queue = queue_new(rt, 8);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(virqs); i++)
		rt_entry(rt, GUNYAH_RM_RES_BELL_RX, 100 + i, bell.rx_cap, virqs[i]);
	/* Without an interrupt they are of no use. */
	rt_entry(rt, GUNYAH_RM_RES_BELL_RX, 120, bell.rx_cap, 0);
	rt_entry(rt, GUNYAH_RM_RES_BELL_RX, 121, bell.rx_cap, U32_MAX);
	rt_entry(rt, GUNYAH_RM_RES_MSGQ_RX, 122, queue.rx_cap, 0);
	/* No capability, or one of another object. */
	rt_entry(rt, GUNYAH_RM_RES_BELL_TX, 123, U64_MAX, 0);
	rt_entry(rt, GUNYAH_RM_RES_MSGQ_TX, 124, bell.tx_cap, queue.tx_virq);
	/* A vCPU may be without, but not have a wrong one. */
	rt_entry(rt, GUNYAH_RM_RES_VCPU, 125, 5, 3);
	/* A source has none, whatever the field says. */
	rt_entry(rt, GUNYAH_RM_RES_BELL_TX, 1, bell.tx_cap, 7);
	rt_entry(rt, GUNYAH_RM_RES_BELL_RX, 1, bell.rx_cap, bell.rx_virq);
	/* The bad half of a pair leaves the other half. */
	rt_entry(rt, GUNYAH_RM_RES_MSGQ_TX, 1, queue.tx_cap, 31);
	rt_entry(rt, GUNYAH_RM_RES_MSGQ_RX, 1, queue.rx_cap, queue.rx_virq);
	rt_add(rt);
	rt_expect_stats(rt, 3, 0, 0, ARRAY_SIZE(virqs) + 7, 0);
	KUNIT_EXPECT_TRUE(test, rt_has(GUNYAH_RESOURCE_DOORBELL, 1));
	KUNIT_EXPECT_TRUE(test, rt_has(GUNYAH_RESOURCE_DOORBELL_SOURCE, 1));
	KUNIT_EXPECT_TRUE(test, rt_has(GUNYAH_RESOURCE_MSGQ, 1));
}

static void resource_unknown_test(struct kunit *test)
{
	static const u8 types[] = { 5, 6, 7, 8, 9, 10, 11, 127, 128, 255 };
	struct rt *rt = test->priv;
	struct rt_bell bell = rt_bell_new(rt);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		rt_entry(rt, types[i], i, 1 + i, 40 + i);
	rt_entry(rt, GUNYAH_RM_RES_BELL_TX, 0, bell.tx_cap, 0);
	rt_add(rt);
	rt_expect_stats(rt, 1, 0, 0, 0, ARRAY_SIZE(types));
}

static void resource_late_test(struct kunit *test)
{
	struct rt *rt = test->priv;
	struct rt_bell bell = rt_bell_new(rt);
	struct gunyah_model_queue queue = queue_new(rt, 8);
	struct gunyah_msgq_device *first;

	rt_add(rt);
	rt_expect_stats(rt, 0, 0, 0, 0, 0);

	rt_entry(rt, GUNYAH_RM_RES_MSGQ_TX, 1, queue.tx_cap, queue.tx_virq);
	KUNIT_EXPECT_EQ(test, gunyah_rm_resources_refresh(rt->set), 0);
	rt_expect_stats(rt, 1, 1, 0, 0, 0);
	first = to_gunyah_msgq_device(rt_find(rt, GUNYAH_RESOURCE_MSGQ, 1));

	/* What is bound stays as it is: the second half gets its own device. */
	rt_entry(rt, GUNYAH_RM_RES_BELL_RX, 2, bell.rx_cap, bell.rx_virq);
	rt_entry(rt, GUNYAH_RM_RES_MSGQ_RX, 1, queue.rx_cap, queue.rx_virq);
	KUNIT_EXPECT_EQ(test, gunyah_rm_resources_refresh(rt->set), 0);
	rt_expect_stats(rt, 3, 3, 0, 0, 0);
	KUNIT_EXPECT_FALSE(test, first->rx.present);

	/* A failure changes nothing, and neither does the same list. */
	rt->error = -ETIMEDOUT;
	KUNIT_EXPECT_EQ(test, gunyah_rm_resources_refresh(rt->set), -ETIMEDOUT);
	rt->error = 0;
	KUNIT_EXPECT_EQ(test, gunyah_rm_resources_refresh(rt->set), 0);
	rt_expect_stats(rt, 3, 3, 0, 0, 0);
	KUNIT_EXPECT_TRUE(test, rt_has(GUNYAH_RESOURCE_DOORBELL, 2));
}

/* Nothing is left after a failure, and everything works after it. */
static void resource_error_test(struct kunit *test)
{
	static const int errors[] = { -ENODEV, -ETIMEDOUT, -EBADMSG, -EINTR, -ENOMEM };
	struct rt *rt = test->priv;
	struct rt_bell bell = rt_bell_new(rt);
	struct gunyah_rm_resource_set *set;
	unsigned int i;

	rt_entry(rt, GUNYAH_RM_RES_BELL_RX, 1, bell.rx_cap, bell.rx_virq);
	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		rt->error = errors[i];
		set = gunyah_rm_resources_add(rt->rm, RT_VMID);
		KUNIT_EXPECT_PTR_EQ(test, set, ERR_PTR(errors[i]));
		KUNIT_EXPECT_FALSE(test, rt_has(GUNYAH_RESOURCE_DOORBELL, 1));
		KUNIT_EXPECT_EQ(test, kref_read(&rt->rm->ref), 1);
	}
	rt->error = 0;

	/* The interrupt is free again each time. */
	for (i = 0; i < 10; i++) {
		rt_add(rt);
		rt_expect_stats(rt, 1, 0, 0, 0, 0);
		rt_del(rt);
		KUNIT_EXPECT_FALSE(test, rt_has(GUNYAH_RESOURCE_DOORBELL, 1));
	}
}

/* The RM driver is unbound while somebody has a set and devices. */
static void resource_stop_test(struct kunit *test)
{
	struct rt *rt = test->priv;
	struct rt_bell bell = rt_bell_new(rt);
	struct auxiliary_device *adev;

	rt_entry(rt, GUNYAH_RM_RES_BELL_RX, 1, bell.rx_cap, bell.rx_virq);
	rt_add(rt);
	adev = rt_find(rt, GUNYAH_RESOURCE_DOORBELL, 1);
	gunyah_rm_resources_stop(rt->rm);
	KUNIT_EXPECT_FALSE(test, rt_has(GUNYAH_RESOURCE_DOORBELL, 1));
	KUNIT_EXPECT_NULL(test, adev->dev.driver);
	KUNIT_EXPECT_EQ(test, gunyah_resource_info(adev)->label, 1);
	rt_expect_stats(rt, 0, 0, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_resources_refresh(rt->set), -ENODEV);
	gunyah_rm_resources_stop(rt->rm);
}

/**
 * struct removal - two who remove the same device
 * @nb: holds up the one who has begun
 * @dev: the device
 * @begun: somebody is removing it
 * @go_on: it is not held up any more
 * @set: what is given to gunyah_rm_resources_del()
 * @del: does so
 * @rm: what is given to gunyah_rm_resources_stop()
 * @stop: does so
 * @stopped: it has returned
 */
struct removal {
	struct notifier_block nb;
	struct device *dev;
	struct completion begun;
	struct completion go_on;
	struct gunyah_rm_resource_set *set;
	struct work_struct del;
	struct gunyah_rm *rm;
	struct work_struct stop;
	struct completion stopped;
};

static int removal_notify(struct notifier_block *nb, unsigned long action, void *data)
{
	struct removal *removal = container_of(nb, struct removal, nb);

	if (action == BUS_NOTIFY_DEL_DEVICE && data == removal->dev) {
		complete(&removal->begun);
		wait_for_completion(&removal->go_on);
	}

	return NOTIFY_DONE;
}

static void removal_del(struct work_struct *work)
{
	gunyah_rm_resources_del(container_of(work, struct removal, del)->set);
}

static void removal_stop(struct work_struct *work)
{
	struct removal *removal = container_of(work, struct removal, stop);

	gunyah_rm_resources_stop(removal->rm);
	complete(&removal->stopped);
}

/*
 * The owner of a set removes its devices while the RM driver is unbound, which
 * must not go on and remove the interrupts' domain before they are gone.
 */
static void resource_stop_del_test(struct kunit *test)
{
	struct removal *removal = kunit_kzalloc(test, sizeof(*removal), GFP_KERNEL);
	struct rt *rt = test->priv;
	struct rt_bell bell = rt_bell_new(rt);
	const struct bus_type *bus;

	KUNIT_ASSERT_NOT_NULL(test, removal);
	rt_entry(rt, GUNYAH_RM_RES_BELL_RX, 1, bell.rx_cap, bell.rx_virq);
	rt_add(rt);

	removal->nb.notifier_call = removal_notify;
	removal->dev = &rt_find(rt, GUNYAH_RESOURCE_DOORBELL, 1)->dev;
	removal->set = rt->set;
	removal->rm = rt->rm;
	rt->set = NULL;
	init_completion(&removal->begun);
	init_completion(&removal->go_on);
	init_completion(&removal->stopped);
	INIT_WORK(&removal->del, removal_del);
	INIT_WORK(&removal->stop, removal_stop);
	bus = removal->dev->bus;
	KUNIT_EXPECT_EQ(test, bus_register_notifier(bus, &removal->nb), 0);

	queue_work(system_long_wq, &removal->del);
	wait_for_completion(&removal->begun);
	queue_work(system_long_wq, &removal->stop);
	KUNIT_EXPECT_EQ(test, wait_for_completion_timeout(&removal->stopped, HZ / 5), 0);

	complete_all(&removal->go_on);
	flush_work(&removal->del);
	flush_work(&removal->stop);
	bus_unregister_notifier(bus, &removal->nb);
	KUNIT_EXPECT_FALSE(test, rt_has(GUNYAH_RESOURCE_DOORBELL, 1));
}

static void rm_end(void *data)
{
	gunyah_rm_destroy(data);
}

/* A client that does make calls, on the model's own queues. */
static struct gunyah_rm *rm_new(struct kunit *test, struct rt *rt)
{
	struct gm_primary_info primary;
	struct auxiliary_device *adev;
	struct mbox_chan *chan;
	struct gunyah_rm *rm;

	gunyah_model_primary_info(rt->host, &primary);
	rt_entry(rt, GUNYAH_RM_RES_MSGQ_TX, 0, primary.tx_cap, primary.tx_virq);
	rt_entry(rt, GUNYAH_RM_RES_MSGQ_RX, 0, primary.rx_cap, primary.rx_virq);
	rt_add(rt);
	adev = rt_find(rt, GUNYAH_RESOURCE_MSGQ, 0);
	chan = gunyah_msgq_chan(to_gunyah_msgq_device(adev));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, chan);

	rm = gunyah_rm_create(rt->dev, chan);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, rm);
	rm->virqs = rt->rm->virqs;
	gunyah_model_set_manual(rt->host, false);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, rm_end, rm), 0);

	return rm;
}

/* 20 entries, in a reply of several fragments, from the model's own RM. */
static void resource_many_test(struct kunit *test)
{
	struct rt *rt = test->priv;
	struct gunyah_rm_resource_set *set;
	struct gunyah_rm_resource_stats stats;
	struct gunyah_rm_vmids *vmids;
	struct gunyah_rm *rm;

	rm = rm_new(test, rt);
	kunit_deactivate_static_stub(test, gunyah_rm_resources_list);
	KUNIT_ASSERT_EQ(test, gunyah_rm_lookup_name(rm, "many", &vmids), 0);
	KUNIT_ASSERT_EQ(test, vmids->nr, 1);

	set = gunyah_rm_resources_add(rm, vmids->vmids[0]);
	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, set);
	if (!IS_ERR_OR_NULL(set)) {
		gunyah_rm_resources_stats(set, &stats);
		KUNIT_EXPECT_EQ(test, stats.devices, 11);
		KUNIT_EXPECT_EQ(test, stats.doubled + stats.malformed + stats.unknown, 0);
		gunyah_rm_resources_del(set);
	}
	kvfree(vmids);

	/* It is a consumer of rt's queue, which goes first otherwise. */
	kunit_release_action(test, rm_end, rm);
}

static bool devices_become(u64 nr, unsigned long patience)
{
	unsigned long end = jiffies + patience;
	struct gunyah_rm_resource_stats stats;

	do {
		gunyah_rm_resources_total(&stats);
		if (stats.devices == nr)
			return true;
		usleep_range(200, 500);
	} while (time_before(jiffies, end));

	return false;
}

/* A notification that is too short is as good as lost. */
static void peers_lose(struct rt *rt)
{
	gunyah_model_debug(rt->host, GM_DBG_NOTIFY, GUNYAH_RM_NOTIF_VM_STATUS, 1, 2, 0, NULL);
}

/*
 * What is shared with a VM goes when the VM ends, whether that is heard or not,
 * and does not come again although RM goes on listing it.
 */
static void peers_end(struct kunit *test, bool heard)
{
	struct rt *rt = test->priv;
	struct gunyah_rm_resource_stats stats;
	struct gunyah_rm_vmids *vmids;
	struct gunyah_rm_peers *peers;
	struct gunyah_rm *rm;

	rm = rm_new(test, rt);
	KUNIT_ASSERT_EQ(test, gunyah_rm_lookup_name(rm, "many", &vmids), 0);
	KUNIT_ASSERT_EQ(test, vmids->nr, 1);
	gunyah_rm_resources_total(&stats);
	peers = gunyah_rm_peers_start(rm);
	KUNIT_ASSERT_NOT_NULL(test, peers);
	KUNIT_EXPECT_TRUE(test, devices_become(stats.devices + 11, 20 * HZ));

	if (!heard)
		gunyah_model_debug(rt->host, GM_DBG_MISBEHAVE, GM_MIS_SILENT,
				   GM_KIND_NOTIFICATION, 2, 0, NULL);
	KUNIT_EXPECT_EQ(test, gunyah_model_debug(rt->host, GM_DBG_VM_EXIT, vmids->vmids[0], 1, 0, 0,
						 NULL), 0);
	if (!heard)
		peers_lose(rt);
	KUNIT_EXPECT_TRUE(test, devices_become(stats.devices, 20 * HZ));

	peers_lose(rt);
	KUNIT_EXPECT_FALSE(test, devices_become(stats.devices + 11, HZ / 2));
	gunyah_rm_peers_stop(peers);
	kvfree(vmids);
	kunit_release_action(test, rm_end, rm);
}

/*
 * RM says nothing when it is asked for the first time, and sends nothing by which
 * one could tell that it does again.
 */
static void peers_silence(struct kunit *test, u64 kind)
{
	struct rt *rt = test->priv;
	struct gunyah_rm_resource_stats stats;
	struct gunyah_rm_peers *peers;
	struct gunyah_rm *rm;

	rm = rm_new(test, rt);
	rm->timeout_ms = 500;
	gunyah_rm_resources_total(&stats);
	gunyah_model_debug(rt->host, GM_DBG_MISBEHAVE, GM_MIS_SILENT, kind, 1, 0, NULL);
	peers = gunyah_rm_peers_start(rm);
	KUNIT_ASSERT_NOT_NULL(test, peers);
	KUNIT_EXPECT_TRUE(test, devices_become(stats.devices + 11, 20 * HZ));
	gunyah_rm_peers_stop(peers);
	kunit_release_action(test, rm_end, rm);
}

/* Which peers there are */
static void resource_peers_silence_test(struct kunit *test)
{
	peers_silence(test, GM_KIND_SINGLE);
}

/* What one shares */
static void resource_peers_silence_list_test(struct kunit *test)
{
	peers_silence(test, GM_KIND_MULTI_REPLY);
}

static void resource_peers_heard_test(struct kunit *test)
{
	peers_end(test, true);
}

static void resource_peers_lost_test(struct kunit *test)
{
	peers_end(test, false);
}

/**
 * struct echo - a client of a queue whose other end returns each message
 * @cl: mailbox client
 * @sent: the last message
 * @got: its size when it was back, 0 before
 * @wrong: messages that were not what was sent
 */
struct echo {
	struct mbox_client cl;
	u8 sent[GUNYAH_MSGQ_MAX_MSG_SIZE];
	size_t got;
	unsigned int wrong;
};

static void echo_received(struct mbox_client *cl, void *mssg)
{
	struct echo *echo = container_of(cl, struct echo, cl);
	const struct gunyah_msgq_msg *msg = mssg;

	if (memcmp(msg->data, echo->sent, msg->size))
		echo->wrong++;
	WRITE_ONCE(echo->got, msg->size);
}

/* Sends a message and waits for it. */
static size_t echo_once(struct rt *rt, struct echo *echo, struct mbox_chan *chan, size_t size)
{
	struct gunyah_msgq_msg msg = { .data = echo->sent, .size = size };
	unsigned int i;

	for (i = 0; i < size; i++)
		echo->sent[i] = size + i * 3;
	echo->got = 0;
	if (mbox_send_message(chan, &msg) < 0)
		return 0;
	mbox_flush(chan, 0);
	gunyah_model_run(rt->host);
	if (!READ_ONCE(echo->got))
		gunyah_model_settle(rt->host);

	return msg.status ? 0 : READ_ONCE(echo->got);
}

/* A queue found at run time is a mailbox channel: every size there can be. */
static void resource_echo_test(struct kunit *test)
{
	static const struct gunyah_rm_queue_size sizes[] = { { 9, GUNYAH_MSGQ_MAX_MSG_SIZE } };
	struct echo *echo = kunit_kzalloc(test, sizeof(*echo), GFP_KERNEL);
	struct rt *rt = test->priv;
	struct gunyah_model_queue queue;
	struct mbox_chan *chan;
	size_t size;

	KUNIT_ASSERT_NOT_NULL(test, echo);
	KUNIT_ASSERT_EQ(test, gunyah_model_queue_create(rt->host, GM_DBG_QUEUE_TX |
							GM_DBG_QUEUE_RX | GM_DBG_QUEUE_ECHO, 4,
							GUNYAH_MSGQ_MAX_MSG_SIZE, &queue), 0);
	rt_entry(rt, GUNYAH_RM_RES_MSGQ_TX, 9, queue.tx_cap, queue.tx_virq);
	rt_entry(rt, GUNYAH_RM_RES_MSGQ_RX, 9, queue.rx_cap, queue.rx_virq);
	rt->set = gunyah_rm_resources_add_sized(rt->rm, RT_VMID, sizes, ARRAY_SIZE(sizes));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, rt->set);
	chan = gunyah_msgq_chan(to_gunyah_msgq_device(rt_find(rt, GUNYAH_RESOURCE_MSGQ, 9)));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, chan);

	echo->cl.dev = rt->dev;
	echo->cl.rx_callback = echo_received;
	KUNIT_ASSERT_EQ(test, mbox_bind_client(chan, &echo->cl), 0);
	for (size = 1; size <= GUNYAH_MSGQ_MAX_MSG_SIZE; size++)
		KUNIT_EXPECT_EQ(test, echo_once(rt, echo, chan, size), size);
	KUNIT_EXPECT_EQ(test, echo->wrong, 0);
	KUNIT_EXPECT_EQ(test, echo_once(rt, echo, chan, 1), 1);
	mbox_free_channel(chan);
}

/* What the device tree has, a list does not bring again, nor touch. */
static void resource_in_tree_test(struct kunit *test)
{
	struct gunyah_rm_resource_set *tree;
	struct gunyah_model_queue queue;
	struct rt *rt = test->priv;
	struct rt_bell bell = rt_bell_new(rt);
	u64 calls;

	KUNIT_ASSERT_EQ(test, gunyah_model_queue_create(rt->host, GM_DBG_QUEUE_TX |
							GM_DBG_QUEUE_RX | GM_DBG_QUEUE_ECHO, 4,
							64, &queue), 0);
	rt_entry(rt, GUNYAH_RM_RES_BELL_TX, 1, bell.tx_cap, 0);
	rt_entry(rt, GUNYAH_RM_RES_BELL_RX, 2, bell.rx_cap, bell.rx_virq);
	rt_entry(rt, GUNYAH_RM_RES_MSGQ_TX, 3, queue.tx_cap, queue.tx_virq);
	rt_entry(rt, GUNYAH_RM_RES_MSGQ_RX, 3, queue.rx_cap, queue.rx_virq);
	tree = gunyah_rm_resources_add(rt->rm, GUNYAH_VMID_SELF);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, tree);
	calls = gunyah_model_calls(rt->host, NUM_CONFIGURE_SEND);
	KUNIT_EXPECT_GT(test, calls, 0);

	rt_add(rt);
	rt_expect_stats(rt, 0, 0, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, gunyah_rm_resources_refresh(rt->set), 0);
	rt_expect_stats(rt, 0, 0, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, gunyah_model_calls(rt->host, NUM_CONFIGURE_SEND), calls);

	gunyah_rm_resources_del(tree);
	KUNIT_EXPECT_EQ(test, gunyah_rm_resources_refresh(rt->set), 0);
	rt_expect_stats(rt, 3, 4, 0, 0, 0);
}

static int resource_init(struct kunit *test)
{
	return rt_init(test, "peer=many");
}

static struct kunit_case resource_cases[] = {
	KUNIT_CASE(resource_kinds_test),
	KUNIT_CASE(resource_depth_test),
	KUNIT_CASE(resource_size_test),
	KUNIT_CASE(resource_doubled_test),
	KUNIT_CASE(resource_malformed_test),
	KUNIT_CASE(resource_unknown_test),
	KUNIT_CASE(resource_late_test),
	KUNIT_CASE(resource_in_tree_test),
	KUNIT_CASE(resource_error_test),
	KUNIT_CASE(resource_stop_test),
	KUNIT_CASE(resource_stop_del_test),
	KUNIT_CASE(resource_many_test),
	KUNIT_CASE_SLOW(resource_peers_silence_test),
	KUNIT_CASE_SLOW(resource_peers_silence_list_test),
	KUNIT_CASE(resource_peers_heard_test),
	KUNIT_CASE(resource_peers_lost_test),
	KUNIT_CASE_SLOW(resource_echo_test),
	{ }
};

static struct kunit_suite resource_suite = {
	.name = "gunyah-resource",
	.init = resource_init,
	.exit = rt_exit,
	.test_cases = resource_cases,
};

kunit_test_suite(resource_suite);

MODULE_DESCRIPTION("KUnit tests of Gunyah resource devices and doorbells");
MODULE_LICENSE("GPL");
MODULE_INFO(import_ns, "EXPORTED_FOR_KUNIT_TESTING");
