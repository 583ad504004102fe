/* SPDX-License-Identifier: GPL-2.0-only */
/* What kernels do differently that these drivers can be built for. */
#ifndef __GUNYAH_COMPAT_H
#define __GUNYAH_COMPAT_H

#include <linux/mm.h>
#include <linux/thread_info.h>

/* Flags of a shmem file: bits in a structure since 7.0. */
#ifdef mk_vma_flags
#define GUNYAH_VM_NORESERVE	mk_vma_flags(VMA_NORESERVE_BIT)
#else
#define GUNYAH_VM_NORESERVE	VM_NORESERVE
#endif

/*
 * Others want the CPU, and can wait until this task comes back to user space: since
 * 6.13 the scheduler says so by a flag of its own, which cond_resched() ignores.
 */
static inline bool gunyah_resched_lazy(void)
{
#ifdef TIF_NEED_RESCHED_LAZY
	return test_thread_flag(TIF_NEED_RESCHED_LAZY);
#else
	return false;
#endif
}

#endif
