/* SPDX-License-Identifier: GPL-2.0-only */
/* What kernels do differently that the VM front end can be built for. */
#ifndef __GUNYAH_VM_COMPAT_H
#define __GUNYAH_VM_COMPAT_H

#include <linux/mm.h>

/* Flags of a shmem file: bits in a structure since 7.0. */
#ifdef mk_vma_flags
#define GUNYAH_VM_NORESERVE	mk_vma_flags(VMA_NORESERVE_BIT)
#else
#define GUNYAH_VM_NORESERVE	VM_NORESERVE
#endif

#endif
