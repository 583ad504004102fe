// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shared model of the hypervisor and its resource manager, compiled into
 * the kernel for KUnit. The same files are linked into the stand-in and into
 * the user-space harness; nothing is changed for the kernel.
 */
#include "../../../../tools/testing/gunyah/model/core.c"
#include "../../../../tools/testing/gunyah/model/cspace.c"
#include "../../../../tools/testing/gunyah/model/calls.c"
#include "../../../../tools/testing/gunyah/model/doorbell.c"
#include "../../../../tools/testing/gunyah/model/vcpu.c"
#include "../../../../tools/testing/gunyah/model/books.c"
#include "../../../../tools/testing/gunyah/model/debug.c"
#include "../../../../tools/testing/gunyah/model/msgq.c"
#include "../../../../tools/testing/gunyah/model/peer.c"
#include "../../../../tools/testing/gunyah/model/fdt.c"
#include "../../../../tools/testing/gunyah/model/options.c"
#include "../../../../tools/testing/gunyah/model/misbehave.c"
#include "../../../../tools/testing/gunyah/model/rm.c"
#include "../../../../tools/testing/gunyah/model/rm_rpc.c"
#include "../../../../tools/testing/gunyah/model/rm_query.c"
#include "../../../../tools/testing/gunyah/model/rm_vm.c"
#include "../../../../tools/testing/gunyah/model/rm_res.c"
#include "../../../../tools/testing/gunyah/model/rm_dt.c"
#include "../../../../tools/testing/gunyah/model/rm_vdev.c"
#include "../../../../tools/testing/gunyah/model/rm_overlay.c"
#include "../../../../tools/testing/gunyah/model/rm_mem.c"
#include "../../../../tools/testing/gunyah/model/rm_accept.c"
#include "../../../../tools/testing/gunyah/model/rm_irq.c"
#include "../../../../tools/testing/gunyah/model/rm_console.c"
#include "../../../../tools/testing/gunyah/model/rm_other.c"
#include "../../../../tools/testing/gunyah/model/rm_fw.c"
