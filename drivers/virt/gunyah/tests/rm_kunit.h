/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef GUNYAH_RM_KUNIT_H
#define GUNYAH_RM_KUNIT_H

struct kunit_suite;

extern struct kunit_suite gunyah_rm_late_suite;
extern struct kunit_suite gunyah_rm_notify_suite;
extern struct kunit_suite gunyah_rm_rpc_suite;

#endif
