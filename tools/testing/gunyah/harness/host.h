/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A host of the model in user space: a VM that is one window of memory, a
 * clock that only moves when told, and counters where interrupts end.
 */
#ifndef HARNESS_HOST_H
#define HARNESS_HOST_H

#include "../model/model.h"

#define HOST_BASE	0xffff800010000000ull	/* what the VM calls its memory */
#define HOST_MEM	4096
#define HOST_VIRQ_FIRST	80
#define HOST_VIRQ_COUNT	176

/* Hypercall numbers the tests use. */
#define HC_IDENTIFY		0x00
#define HC_DOORBELL_SEND	0x12
#define HC_DOORBELL_RECV	0x13
#define HC_DOORBELL_RESET	0x14
#define HC_DOORBELL_MASK	0x15
#define HC_MSGQ_SEND		0x1b
#define HC_MSGQ_RECV		0x1c
#define HC_MSGQ_FLUSH		0x1d
#define HC_MSGQ_CONF_SEND	0x1f
#define HC_MSGQ_CONF_RECV	0x20

#define HC_ALL_ONES		(~0ull)

/* Hypervisor errors, from the interface and not from the model's own header. */
#define HE_OK			0
#define HE_UNIMPLEMENTED	(-1)
#define HE_ARGUMENT_INVALID	1
#define HE_ARGUMENT_SIZE	2
#define HE_ADDR_OVERFLOW	20
#define HE_ADDR_INVALID		22
#define HE_OBJECT_STATE		33
#define HE_CAP_NULL		50
#define HE_CAP_REVOKED		51
#define HE_CAP_TYPE		52
#define HE_CAP_RIGHTS		53
#define HE_EMPTY		60
#define HE_FULL			61

/**
 * struct host - the host and what it saw
 * @m: the model
 * @info: what the device tree would say
 * @x: registers of the last call
 * @now: clock in ns
 * @mem: memory of the VM, at HOST_BASE
 * @virqs: how often each interrupt was raised
 * @kicks: how often RM was to be run
 * @logs: lines the model logged
 * @last_log: the last one
 * @seq: sequence number of the last request
 */
struct host {
	struct gm *m;
	struct gm_primary_info info;
	u64 x[GM_NR_SMCCC_REGS];
	u64 now;
	u8 mem[HOST_MEM];
	unsigned int virqs[1024];
	unsigned int kicks;
	unsigned int logs;
	char last_log[128];
	u16 seq;
};

int host_init(struct host *h, const char *options);
void host_exit(struct host *h);

/*
 * A hypercall of the primary VM by SMCCC: arguments in X1.. as given, the rest
 * zero. Returns X0 as the signed error; all results are in h->x.
 */
s64 host_call(struct host *h, unsigned int num, u64 a, u64 b, u64 c, u64 d, u64 e);
/* The same by HVC #(0x6000 + num); the arguments are in X0.. */
s64 host_native(struct host *h, unsigned int num, u64 a, u64 b, u64 c, u64 d, u64 e);
s64 host_debug(struct host *h, unsigned int op, u64 a, u64 b, u64 c, u64 d);

/* One message by the calls above, from and to ordinary memory. */
s64 host_send(struct host *h, u64 cap, const void *data, size_t size, u64 flags);
s64 host_recv(struct host *h, u64 cap, void *data, size_t size);

unsigned int host_virqs(struct host *h, u32 intid);

#endif
