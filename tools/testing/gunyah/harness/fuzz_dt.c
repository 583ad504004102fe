// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer: a device tree from a guest's owner, through VM_INIT and VM_START.
 * RM may refuse it or die of it as the real one would; what it writes must be a
 * tree again, and a reset must give everything back.
 */
#include "fuzz.h"
#include "vmhost.h"
#include "tap.h"

void tap_fail(const char *file, int line, const char *what, long long got, long long wanted)
{
	fprintf(stderr, "%s:%d: %s: %lld, not %lld\n", file, line, what, got, wanted);
	abort();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct vm_host v;
	static struct dt dt;
	const struct gm_vm *vm;
	struct gm_fdt f;

	memset(&dt, 0, sizeof(dt));
	memcpy(dt.blob, data, size < sizeof(dt.blob) ? size : sizeof(dt.blob));
	vm_host_init(&v, "debug");
	ASSERT(!vm_config(&v, VM, 0, &dt));
	if (!vm_init(&v, VM) && !vm_start(&v, VM)) {
		ASSERT(!gm_fdt_open(&f, v.ram + VM_DT, VM_DT_SIZE));
		ASSERT(gm_fdt_path(&f, "/hypervisor/qcom,gunyah-vm") != GM_FDT_NONE);
	}
	vm = gm_vm_find(v.h.m, VM);
	if (v.h.m->rm_state == GM_RM_ALIVE && !vm->no_shutdown && !vm->no_reset) {
		vm_end(&v, VM, 0);
		ASSERT(!v.nr_maps && !vm_lost(&v) && !v.h.m->heap_used);
	}
	vm_host_exit(&v);
	return 0;
}
