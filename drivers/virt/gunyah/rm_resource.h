/* SPDX-License-Identifier: GPL-2.0-only */
/* Resource devices: what their two creators, RM's list and the device tree, share. */
#ifndef __GUNYAH_RM_RESOURCE_H
#define __GUNYAH_RM_RESOURCE_H

#include <linux/build_bug.h>
#include <linux/gunyah_msgq.h>
#include <linux/gunyah_resource.h>
#include <linux/list.h>
#include <linux/stddef.h>

/* Elements of gunyah_resource.virqs. A resource that is no queue uses the first. */
#define RESOURCE_TX	0
#define RESOURCE_RX	1

struct gunyah_rm_peers;
struct gunyah_rm_resources;
struct platform_device;

/**
 * struct gunyah_resource - a resource device with what only its creator needs
 * @adev: the device, whichever of the next two it is
 * @res: doorbell source, doorbell or vCPU
 * @msgq: queue or pair
 * @info: which resource it is
 * @added: the device is on the bus
 * @virqs: interrupts to be unmapped when the device is gone, 0 where none
 * @all_node: in the list of all resources while @added
 * @set_node: for the creator
 */
struct gunyah_resource {
	union {
		struct auxiliary_device adev;
		struct gunyah_resource_device res;
		struct gunyah_msgq_device msgq;
	};
	struct gunyah_resource_info info;
	bool added;
	unsigned int virqs[2];
	struct list_head all_node;
	struct list_head set_node;
};

static_assert(offsetof(struct gunyah_resource_device, adev) == 0);
static_assert(offsetof(struct gunyah_msgq_device, adev) == 0);

/* rm_device.c */
struct gunyah_resource *gunyah_resource_create(const struct gunyah_resource_info *info,
					       struct device *parent);
int gunyah_resource_add(struct gunyah_resource *resource);
void gunyah_resource_remove(struct gunyah_resource *resource);
bool gunyah_resource_in_tree(u64 capid);

/* rm_resource.c */
void gunyah_rm_resources_stop(struct gunyah_rm *rm);
void gunyah_rm_resources_total(struct gunyah_rm_resource_stats *stats);
#if IS_ENABLED(CONFIG_KUNIT)
int gunyah_rm_resources_list(struct gunyah_rm *rm, u16 vmid, struct gunyah_rm_resources **list);
#endif

/* rm_peers.c */
struct gunyah_rm_peers *gunyah_rm_peers_start(struct gunyah_rm *rm);
void gunyah_rm_peers_stop(struct gunyah_rm_peers *p);

/* dt_resource.c */
int gunyah_dt_read_pair(struct platform_device *pdev, const u64 caps[2], u16 min_size,
			struct gunyah_msgq_device *msgq);
int gunyah_dt_resource_init(void);
void gunyah_dt_resource_exit(void);

#endif
