// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts of resources that appear at run time.
 *
 * The resource manager (RM) binds the interrupt of a doorbell, queue or vCPU
 * to a line of this VM's virtual interrupt controller and reports its INTID
 * ("virq"). This file turns such a number into a Linux interrupt: a domain in
 * the hierarchy above the one that the RM node's interrupts belong to. It
 * knows nothing of what the interrupt is for.
 *
 * INTIDs: 32..1019 are shared peripheral interrupts (SPI), 4096..5119 are
 * extended ones (ESPI). The hypervisor raises wake-ups and doorbells as edges,
 * and an edge is lost on a line configured as level, so every line is set up
 * as rising edge, whatever was there before.
 */
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/of.h>
#include <linux/of_irq.h>

#include <kunit/visibility.h>

#include "rm_irq.h"

#define VIRQ_SPI_FIRST	32
#define VIRQ_SPI_LAST	1019
#define VIRQ_ESPI_FIRST	4096
#define VIRQ_ESPI_LAST	5119

/* First cell of a GICv3 interrupt specifier. */
#define GIC_CELL_SPI	0
#define GIC_CELL_ESPI	2

static struct irq_chip virq_chip = {
	.name			= "gunyah-virq",
	.irq_enable		= irq_chip_enable_parent,
	.irq_disable		= irq_chip_disable_parent,
	.irq_mask		= irq_chip_mask_parent,
	.irq_unmask		= irq_chip_unmask_parent,
	.irq_eoi		= irq_chip_eoi_parent,
	.irq_set_affinity	= irq_chip_set_affinity_parent,
	.irq_set_type		= irq_chip_set_type_parent,
	.irq_set_wake		= irq_chip_set_wake_parent,
	.irq_set_vcpu_affinity	= irq_chip_set_vcpu_affinity_parent,
	.irq_retrigger		= irq_chip_retrigger_hierarchy,
	.irq_get_irqchip_state	= irq_chip_get_parent_state,
	.irq_set_irqchip_state	= irq_chip_set_parent_state,
	.flags			= IRQCHIP_SET_TYPE_MASKED | IRQCHIP_MASK_ON_SUSPEND,
};

/* Fill in the parent's three-cell specifier of @virq. */
static int virq_to_fwspec(u32 virq, struct irq_fwspec *fwspec)
{
	fwspec->param_count = 3;
	fwspec->param[2] = IRQ_TYPE_EDGE_RISING;

	if (virq >= VIRQ_SPI_FIRST && virq <= VIRQ_SPI_LAST) {
		fwspec->param[0] = GIC_CELL_SPI;
		fwspec->param[1] = virq - VIRQ_SPI_FIRST;
		return 0;
	}

	if (virq >= VIRQ_ESPI_FIRST && virq <= VIRQ_ESPI_LAST) {
		fwspec->param[0] = GIC_CELL_ESPI;
		fwspec->param[1] = virq - VIRQ_ESPI_FIRST;
		return 0;
	}

	return -ERANGE;
}

static int virq_domain_alloc(struct irq_domain *domain, unsigned int irq,
			     unsigned int nr_irqs, void *arg)
{
	u32 virq = *(u32 *)arg;
	struct irq_fwspec fwspec = { .fwnode = domain->parent->fwnode };
	int ret;

	if (nr_irqs != 1)
		return -EINVAL;

	ret = virq_to_fwspec(virq, &fwspec);
	if (ret)
		return ret;

	ret = irq_domain_set_hwirq_and_chip(domain, irq, virq, &virq_chip, NULL);
	if (ret)
		return ret;

	return irq_domain_alloc_irqs_parent(domain, irq, 1, &fwspec);
}

static const struct irq_domain_ops virq_domain_ops = {
	.alloc	= virq_domain_alloc,
	.free	= irq_domain_free_irqs_common,
};

/**
 * gunyah_rm_irq_domain_create_above() - create the domain of RM's virqs
 * @parent: the domain below it
 * @fwnode: its own firmware node
 *
 * Context: may sleep.
 * Return: the domain, or an ERR_PTR: -EINVAL when @parent cannot have one above
 * it, -ENOMEM.
 */
VISIBLE_IF_KUNIT struct irq_domain *
gunyah_rm_irq_domain_create_above(struct irq_domain *parent, struct fwnode_handle *fwnode)
{
	struct irq_domain *domain;

	if (!irq_domain_is_hierarchy(parent))
		return ERR_PTR(-EINVAL);

	domain = irq_domain_create_hierarchy(parent, 0, 0, fwnode, &virq_domain_ops, NULL);

	return domain ?: ERR_PTR(-ENOMEM);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_irq_domain_create_above);

/**
 * gunyah_rm_irq_domain_create() - create the domain of RM's virqs
 * @np: device-tree node of the RM; its interrupt parent becomes the parent
 *
 * Context: may sleep.
 * Return: the domain, or an ERR_PTR: -ENXIO when there is no interrupt parent
 * or it has no domain, -EINVAL when that cannot have one above it, -ENOMEM.
 */
struct irq_domain *gunyah_rm_irq_domain_create(struct device_node *np)
{
	struct device_node *parent_np __free(device_node) = of_irq_find_parent(np);
	struct irq_domain *parent;

	parent = parent_np ? irq_find_host(parent_np) : NULL;
	if (!parent)
		return ERR_PTR(-ENXIO);

	return gunyah_rm_irq_domain_create_above(parent, of_fwnode_handle(np));
}

/**
 * gunyah_rm_irq_domain_remove() - remove the domain of RM's virqs
 * @domain: result of gunyah_rm_irq_domain_create() without a mapping left, or
 *	    NULL
 *
 * Context: may sleep.
 */
void gunyah_rm_irq_domain_remove(struct irq_domain *domain)
{
	if (domain)
		irq_domain_remove(domain);
}

/**
 * gunyah_rm_irq_map() - Linux interrupt for a virq that RM reported
 * @domain: domain of gunyah_rm_irq_domain_create(), or NULL
 * @virq: INTID in this VM, as it stands in a resource entry
 *
 * The line is configured as rising edge and left disabled.
 *
 * Context: may sleep; the caller serialises its calls for one @domain.
 * Return: the interrupt (positive), 0 where @virq says that there is none,
 * -ENXIO without a @domain, -ERANGE for a number that is no SPI or ESPI, -EBUSY
 * when the line is mapped already (RM named it twice), or another error of the
 * interrupt core.
 */
int gunyah_rm_irq_map(struct irq_domain *domain, u32 virq)
{
	int irq, ret;

	if (virq == GUNYAH_VIRQ_NONE || virq == GUNYAH_VIRQ_NONE_ALT)
		return 0;

	if (!domain)
		return -ENXIO;

	/*
	 * Also what the device tree has given to somebody: the parent's number
	 * is the INTID, and two interrupts on one line would end both.
	 */
	if (irq_find_mapping(domain, virq) || irq_find_mapping(domain->parent, virq))
		return -EBUSY;

	irq = irq_domain_alloc_irqs(domain, 1, NUMA_NO_NODE, &virq);
	if (irq <= 0)
		return irq ?: -ENOSPC;

	ret = irq_set_irq_type(irq, IRQ_TYPE_EDGE_RISING);
	if (ret) {
		irq_dispose_mapping(irq);
		return ret;
	}

	return irq;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_irq_map);

/**
 * gunyah_rm_irq_unmap() - give back a result of gunyah_rm_irq_map()
 * @irq: the interrupt, without a handler; 0 is ignored
 *
 * Context: may sleep.
 */
void gunyah_rm_irq_unmap(unsigned int irq)
{
	if (irq)
		irq_dispose_mapping(irq);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_irq_unmap);
