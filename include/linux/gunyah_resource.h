/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Gunyah resources as devices: what their drivers and their users share.
 *
 * A doorbell, vCPU or message queue that the resource manager (RM) reports, or
 * that a node in this VM's device tree describes, is a device on the auxiliary
 * bus. Its name is "gunyah_rm.<kind>.<id>", where the id is nothing but a
 * running number. What tells one from the other is in attributes that user
 * space sees as well: kind, label, vmid, partner and irq (of a queue: tx_irq
 * and rx_irq). The capability id is nobody's business but the driver's.
 *
 * A queue is a struct gunyah_msgq_device, all other kinds are a struct
 * gunyah_resource_device.
 *
 * Who wants to use a resource finds the device with gunyah_resource_find() and
 * asks its driver for what it needs, for example gunyah_doorbell_get(). The
 * driver sees to it that its user survives the device.
 */
#ifndef __LINUX_GUNYAH_RESOURCE_H
#define __LINUX_GUNYAH_RESOURCE_H

#include <linux/auxiliary_bus.h>
#include <linux/container_of.h>
#include <linux/types.h>

struct gunyah_rm;
struct gunyah_rm_resource_set;

/**
 * enum gunyah_resource_kind - what a resource is
 * @GUNYAH_RESOURCE_DOORBELL_SOURCE: "doorbell-source", rung by this VM
 * @GUNYAH_RESOURCE_DOORBELL: "doorbell", rings in this VM
 * @GUNYAH_RESOURCE_MSGQ: "msgq", a message queue or a pair of them
 * @GUNYAH_RESOURCE_VCPU: "vcpu", a virtual CPU that this VM runs
 * @GUNYAH_RESOURCE_NR_KINDS: how many there are
 */
enum gunyah_resource_kind {
	GUNYAH_RESOURCE_DOORBELL_SOURCE,
	GUNYAH_RESOURCE_DOORBELL,
	GUNYAH_RESOURCE_MSGQ,
	GUNYAH_RESOURCE_VCPU,
	GUNYAH_RESOURCE_NR_KINDS,
};

/**
 * struct gunyah_resource_info - which resource it is
 * @kind: what it is
 * @vmid: the VM it was listed for; GUNYAH_VMID_SELF: described by this VM's own
 *	device tree
 * @partner: the VM at the other end, GUNYAH_VMID_ANY if that is not known. Of a
 *	vCPU, RM says 0
 * @label: label of both ends; of a vCPU: its index
 */
struct gunyah_resource_info {
	enum gunyah_resource_kind kind;
	u16 vmid;
	u16 partner;
	u32 label;
};

/**
 * struct gunyah_resource_device - a doorbell source, doorbell or vCPU
 * @adev: the auxiliary device
 * @capid: capability id in this VM's capability space; 0 is a valid id
 * @irq: Linux interrupt number, 0 where there is none: a doorbell's ring (never
 *	0), a vCPU's wake-up
 *
 * Constant from auxiliary_device_add() on. The creator owns the memory and
 * frees it in the release function of @adev; the interrupt is unmapped once the
 * driver is unbound.
 */
struct gunyah_resource_device {
	struct auxiliary_device adev;
	u64 capid;
	unsigned int irq;
};

static inline struct gunyah_resource_device *
to_gunyah_resource_device(struct auxiliary_device *adev)
{
	return container_of(adev, struct gunyah_resource_device, adev);
}

/**
 * struct gunyah_rm_resource_stats - what became of the entries of RM's lists
 * @devices: devices there are
 * @late: entries that were not in the first list
 * @doubled: skipped: same kind, label and partner as one before it, or one
 *	interrupt for two
 * @malformed: skipped: no capability, or an interrupt that cannot be one
 * @unknown: skipped: a type there is no device for
 */
struct gunyah_rm_resource_stats {
	u64 devices;
	u64 late;
	u64 doubled;
	u64 malformed;
	u64 unknown;
};

/**
 * struct gunyah_rm_queue_size - message size of a queue
 * @label: label of the queue or pair
 * @msg_size: largest message in bytes, 1..GUNYAH_MSGQ_MAX_MSG_SIZE
 *
 * RM does not say it, and the hypervisor loses a message that is too large
 * without a word. It is in the device tree of the VM at the other end.
 */
struct gunyah_rm_queue_size {
	u32 label;
	u16 msg_size;
};

struct gunyah_rm_resource_set *gunyah_rm_resources_add(struct gunyah_rm *rm, u16 vmid);
struct gunyah_rm_resource_set *
gunyah_rm_resources_add_sized(struct gunyah_rm *rm, u16 vmid,
			      const struct gunyah_rm_queue_size *sizes, unsigned int nr_sizes);
int gunyah_rm_resources_refresh(struct gunyah_rm_resource_set *set);
void gunyah_rm_resources_stats(struct gunyah_rm_resource_set *set,
			       struct gunyah_rm_resource_stats *stats);
void gunyah_rm_resources_del(struct gunyah_rm_resource_set *set);

struct auxiliary_device *gunyah_resource_find(u16 vmid, enum gunyah_resource_kind kind,
					      u32 label);
const struct gunyah_resource_info *gunyah_resource_info(struct auxiliary_device *adev);

#endif
