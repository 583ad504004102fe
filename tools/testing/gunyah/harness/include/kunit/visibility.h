/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HARNESS_KUNIT_VISIBILITY_H
#define HARNESS_KUNIT_VISIBILITY_H

/* Everything can be reached from the harness. */
#define VISIBLE_IF_KUNIT
#define EXPORT_SYMBOL_IF_KUNIT(...)

#endif
