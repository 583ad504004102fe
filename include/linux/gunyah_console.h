/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Consoles at the Gunyah resource manager (RM): what the RM driver and the
 * driver of the consoles share.
 *
 * A VM whose device tree asks for one has a console at RM, between it and its
 * owner. The RM driver makes one device "gunyah_rm.console.<n>" for all of
 * them; which there are is for the driver of that device to find out.
 */
#ifndef __LINUX_GUNYAH_CONSOLE_H
#define __LINUX_GUNYAH_CONSOLE_H

#include <linux/auxiliary_bus.h>
#include <linux/container_of.h>
#include <linux/types.h>

struct gunyah_rm;

/**
 * struct gunyah_console_device - the consoles at one RM
 * @adev: the auxiliary device
 * @rm: client; makes calls as long as the device is bound
 */
struct gunyah_console_device {
	struct auxiliary_device adev;
	struct gunyah_rm *rm;
};

static inline struct gunyah_console_device *
to_gunyah_console_device(struct auxiliary_device *adev)
{
	return container_of(adev, struct gunyah_console_device, adev);
}

int gunyah_hvc_index(u16 vmid);

#endif
