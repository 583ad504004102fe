/* SPDX-License-Identifier: GPL-2.0-only */
/* Raw mode of the resource-manager client: what its file and its tests share. */
#ifndef __GUNYAH_RM_RAW_H
#define __GUNYAH_RM_RAW_H

#include <linux/types.h>

struct file_operations;
struct gunyah_rm;
struct gunyah_rm_raw;

struct gunyah_rm_raw *gunyah_rm_raw_begin(struct gunyah_rm *rm);
void gunyah_rm_raw_end(struct gunyah_rm_raw *raw);
int gunyah_rm_raw_send(struct gunyah_rm_raw *raw, const void *data, size_t size);
ssize_t gunyah_rm_raw_recv(struct gunyah_rm_raw *raw, void *buf, size_t size);
int gunyah_rm_raw_wait(struct gunyah_rm_raw *raw);

extern const struct file_operations gunyah_rm_raw_fops;

#endif
