/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The shared model as the hypervisor of a KUnit test: what suites use.
 *
 * gunyah_model_start() puts a fresh instance of the model behind the hypercall
 * conduit. From then on every hypercall of the kernel, in any context, goes to
 * it; interrupts it raises come through an irq domain of its own, in hard
 * interrupt context; its resource manager runs in a work item, or in the test.
 *
 * Suites import the namespace EXPORTED_FOR_KUNIT_TESTING.
 */
#ifndef GUNYAH_MODEL_HOST_H
#define GUNYAH_MODEL_HOST_H

#include <linux/bitmap.h>
#include <linux/irq_work.h>
#include <linux/irqdomain.h>
#include <linux/mutex.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "../../../../tools/testing/gunyah/model/model.h"

struct kunit;

/* INTIDs of the primary VM that the model may use: SPIs 0 to 223. */
#define GUNYAH_MODEL_VIRQ_FIRST		32
#define GUNYAH_MODEL_VIRQ_END		256

/**
 * struct gunyah_model_host - an instance of the model in the kernel
 * @gm: the model; its gm_*() functions are reached by those below only
 * @test: the test it belongs to
 * @domain: parent irq domain; hwirq = INTID, fwspec {0 = SPI, INTID - 32, type}
 * @fwnode: firmware node of @domain
 * @before: if set, called with X0..X17 before each hypercall reaches the model,
 *	    in the context of the call; may be changed between calls only
 * @after: the same when the model has answered, before the caller sees it
 * @priv: the test's own, for @before and @after
 * @irq_cpu: deliver interrupts on this CPU; -1 (default): on the one that
 *	     raised them
 * @fail_copies: so many copies from and to the caller fail, as if its address
 *		 were not mapped
 * @raised: interrupts raised by the model, per INTID
 * @dropped: of these, how many gunyah_model_drop_irqs() took away
 * @wake: balance of irq_set_wake(), per INTID
 *
 * All further fields are private to model_host.c.
 */
struct gunyah_model_host {
	struct gm *gm;
	struct kunit *test;
	struct irq_domain *domain;
	struct fwnode_handle *fwnode;
	void (*before)(struct gunyah_model_host *host, u64 *x);
	void (*after)(struct gunyah_model_host *host, u64 *x);
	void *priv;
	int irq_cpu;
	atomic_t fail_copies;
	atomic_t raised[GUNYAH_MODEL_VIRQ_END];
	atomic_t dropped[GUNYAH_MODEL_VIRQ_END];
	atomic_t wake[GUNYAH_MODEL_VIRQ_END];

	/* private: */
	raw_spinlock_t lock; /* the model's one lock: a hypercall never sleeps */
	unsigned long lock_flags;
	struct irq_work irq_work;
	call_single_data_t csd;
	atomic_t csd_busy;
	atomic_t moves; /* hypercalls and interrupts, to see them stop */
	DECLARE_BITMAP(pending, GUNYAH_MODEL_VIRQ_END);
	DECLARE_BITMAP(masked, GUNYAH_MODEL_VIRQ_END);
	DECLARE_BITMAP(active, GUNYAH_MODEL_VIRQ_END);
	atomic_t drop[GUNYAH_MODEL_VIRQ_END];
	unsigned int irqs[GUNYAH_MODEL_VIRQ_END];
	struct workqueue_struct *wq;
	struct delayed_work rm_work;
	struct mutex rm_lock; /* one gm_rm_run() at a time */
	bool manual;
};

/**
 * struct gunyah_model_queue - a message queue pair made by the model
 * @tx_cap: capability id of the queue that is sent to
 * @rx_cap: capability id of the queue that is received from
 * @tx_virq: INTID "there is room again"
 * @rx_virq: INTID "there is a message"
 * @vmid: the peer
 * @label: label of the pair
 */
struct gunyah_model_queue {
	u64 tx_cap;
	u64 rx_cap;
	u32 tx_virq;
	u32 rx_virq;
	u32 vmid;
	u32 label;
};

struct gunyah_model_host *gunyah_model_start(struct kunit *test,
					     const char *options);
void gunyah_model_stop(struct gunyah_model_host *host);

void gunyah_model_set_manual(struct gunyah_model_host *host, bool manual);
u64 gunyah_model_run(struct gunyah_model_host *host);
void gunyah_model_settle(struct gunyah_model_host *host);

int gunyah_model_irq(struct gunyah_model_host *host, u32 intid);
void gunyah_model_raise(struct gunyah_model_host *host, u32 intid);
void gunyah_model_drop_irqs(struct gunyah_model_host *host, u32 intid,
			    unsigned int nr);

long gunyah_model_debug(struct gunyah_model_host *host, u64 op, u64 a2, u64 a3,
			u64 a4, u64 a5, u64 *results);
int gunyah_model_queue_create(struct gunyah_model_host *host, u64 flags,
			      u32 depth, u32 size,
			      struct gunyah_model_queue *queue);
unsigned int gunyah_model_peer_send(struct gunyah_model_host *host, u64 rx_cap,
				    u32 size, u32 count, u8 first);
unsigned int gunyah_model_peer_recv(struct gunyah_model_host *host, u64 tx_cap,
				    u32 count);

void gunyah_model_primary_info(struct gunyah_model_host *host,
			       struct gm_primary_info *info);
u64 gunyah_model_counter(struct gunyah_model_host *host, unsigned int id);
u64 gunyah_model_calls(struct gunyah_model_host *host, unsigned int num);
bool gunyah_model_log_read(struct gunyah_model_host *host, u64 seq,
			   struct gm_log_entry *entry);

#endif /* GUNYAH_MODEL_HOST_H */
