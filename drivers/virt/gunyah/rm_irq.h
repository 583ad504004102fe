/* SPDX-License-Identifier: GPL-2.0-only */
/* Interrupts that the resource manager names: Linux interrupts for virqs. */
#ifndef __GUNYAH_RM_IRQ_H
#define __GUNYAH_RM_IRQ_H

#include <linux/types.h>

struct device_node;
struct fwnode_handle;
struct irq_domain;

/* The two numbers that mean "this resource has no interrupt". */
#define GUNYAH_VIRQ_NONE	0
#define GUNYAH_VIRQ_NONE_ALT	U32_MAX

struct irq_domain *gunyah_rm_irq_domain_create(struct device_node *np);
void gunyah_rm_irq_domain_remove(struct irq_domain *domain);
int gunyah_rm_irq_map(struct irq_domain *domain, u32 virq);
void gunyah_rm_irq_unmap(unsigned int irq);

#if IS_ENABLED(CONFIG_KUNIT)
struct irq_domain *gunyah_rm_irq_domain_create_above(struct irq_domain *parent,
						     struct fwnode_handle *fwnode);
#endif

#endif
