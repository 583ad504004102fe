/* SPDX-License-Identifier: GPL-2.0-only */
/* Byte streams over message-queue pairs: what who asks for one has to say. */
#ifndef __GUNYAH_MSGQ_TTY_H
#define __GUNYAH_MSGQ_TTY_H

#include <linux/types.h>

struct platform_device;
struct tty_port;

#define GUNYAH_TTY_DEVICE_NAME	"gunyah-tty"

/**
 * struct gunyah_tty_pair - platform data of a gunyah-tty device: which pair
 * @vmid: VM the pair was listed for, as struct gunyah_resource_info says
 * @label: its label
 */
struct gunyah_tty_pair {
	u16 vmid;
	u32 label;
};

struct tty_port *gunyah_tty_port(struct platform_device *pdev, dev_t *devt);

#endif
