/* SPDX-License-Identifier: GPL-2.0-only */
/* libfdt_env.h includes it; nothing of it is used here. */
