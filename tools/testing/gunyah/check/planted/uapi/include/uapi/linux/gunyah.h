/* SPDX-License-Identifier: GPL-2.0-only */
/* Planted fault: the exception for system calls is missing from the licence. */
