/* SPDX-License-Identifier: GPL-2.0-only */
/* What kernels do differently that these drivers can be built for. */
#ifndef __GUNYAH_COMPAT_H
#define __GUNYAH_COMPAT_H

#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/thread_info.h>

/* Flags of a shmem file: bits in a structure since 7.0. */
#ifdef mk_vma_flags
#define GUNYAH_VM_NORESERVE	mk_vma_flags(VMA_NORESERVE_BIT)
#else
#define GUNYAH_VM_NORESERVE	VM_NORESERVE
#endif

/* Where a file is mapped: one that may have huge pages so that these fit. */
static inline unsigned long gunyah_get_unmapped_area(struct file *file, unsigned long addr,
						     unsigned long len, unsigned long pgoff,
						     unsigned long flags)
{
#if defined(CONFIG_TRANSPARENT_HUGEPAGE)
	return thp_get_unmapped_area(file, addr, len, pgoff, flags);
#elif defined(mk_vma_flags)
	return mm_get_unmapped_area(file, addr, len, pgoff, flags);
#else
	return mm_get_unmapped_area(current->mm, file, addr, len, pgoff, flags);
#endif
}

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
