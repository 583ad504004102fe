/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of the fuzzer of the resource-manager client. */
#ifndef HARNESS_CLIENT_H
#define HARNESS_CLIENT_H

#include "kernel/kernel.h"
#include "../../../../drivers/virt/gunyah/rm.h"
#include "../../../../drivers/virt/gunyah/rm_rpc.h"

/* fuzz_client.c: between the driver's functions and those who call them */
int __real_gunyah_rm_xfer(struct gunyah_rm *rm, struct gunyah_rm_xfer *xfer);
int __wrap_gunyah_rm_xfer(struct gunyah_rm *rm, struct gunyah_rm_xfer *xfer);
int __real_gunyah_rm_notif_decode(struct gunyah_rm_notification *n);
int __wrap_gunyah_rm_notif_decode(struct gunyah_rm_notification *n);

/* fuzz_client.c: the input, which reads as zeroes behind its end */
bool in_left(void);
u64 in_take(unsigned int bytes);
void in_copy(void *dst, size_t size);
void touch(const void *data, size_t size);

/* client_rm.c: the resource manager */
void rm_reset(void);
bool rm_event(enum kernel_event *event);
bool rm_answered(u32 id, const void *resp, size_t size, size_t max);

/* client_calls.c: what is asked of it */
void client_call(struct gunyah_rm *rm);
void client_notification(struct gunyah_rm *rm, const struct gunyah_rm_notification *n);

#endif
