/* SPDX-License-Identifier: GPL-2.0-only */
/* The driver of vCPUs: what its tests see besides <linux/gunyah_vcpu.h>. */
#ifndef __GUNYAH_VCPU_DEV_H
#define __GUNYAH_VCPU_DEV_H

#include <linux/kconfig.h>
#include <linux/types.h>

#if IS_ENABLED(CONFIG_KUNIT)
unsigned int gunyah_vcpu_poll_next(unsigned int poll_ns, u64 waited_ns, unsigned int max_ns);
#endif

#endif
