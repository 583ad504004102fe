// SPDX-License-Identifier: GPL-2.0-only
/*
 * The firmware in which protected VMs (authentication ANDROID) start.
 *
 * RM has one for all of them, from whoever booted before Linux; with the option
 * "firmware" there was somebody. At VM_START each VM gets a copy, over whatever
 * its owner has put there, and its first vCPU starts in it: X0 is the device
 * tree, X1 and X2 are the image and its size. (vm_firmware.c of the real RM)
 *
 * Of what RM is given by a call only the first page is kept; the rest reads 0.
 */
#include "state.h"

#define FW_SIZE		0x2000u

/*
 * A real one verifies the image. This one notes in its second page what it was
 * started with, X0 to X2 and where it is, and starts the image as a boot loader
 * would.
 */
static const u32 fw_code[] = {
	0x10000003,	/* adr	x3, .			*/
	0x91400464,	/* add	x4, x3, #0x1000		*/
	0xa9000480,	/* stp	x0, x1, [x4]		*/
	0xa9010c82,	/* stp	x2, x3, [x4, #16]	*/
	0xaa0103e4,	/* mov	x4, x1			*/
	0xd2800001,	/* mov	x1, #0			*/
	0xd2800002,	/* mov	x2, #0			*/
	0xd2800003,	/* mov	x3, #0			*/
	0xd61f0080,	/* br	x4			*/
};

/* The option: RM was given a firmware, and the milestone has been passed. */
void gm_fw_by_option(struct gm *m)
{
	u32 i;

	for (i = 0; i < GM_ARRAY_SIZE(fw_code); i++)
		gm_put32(m->fw + 4 * i, fw_code[i]);
	m->fw_size = FW_SIZE;
	m->fw_closed = 1;
}

/* Is the parcel one for the firmware alone? */
bool gm_fw_apart(const struct gm_vm *vm, const struct gm_parcel *mp)
{
	return vm->fw_size && mp->handle == vm->fw_handle && mp->handle != vm->image_handle;
}

/* Over all that the VM has for it; what the firmware does not fill is zeroed. */
static int fw_copy(struct gm *m, const struct gm_vm *vm)
{
	const struct gm_parcel *mp = gm_parcel_find(m, vm->fw_handle);
	static const u8 zeroes[GM_FW_KEPT];
	u64 done = 0, size;

	for (; done < vm->fw_size; done += size) {
		size = vm->fw_size - done;
		if (size > GM_FW_KEPT)
			size = GM_FW_KEPT;
		if (gm_parcel_copy(m, mp, vm->fw_offset + done,
				   (u8 *)(done ? zeroes : m->fw), size, true))
			return -1;
	}
	return 0;
}

/* The last step of VM_START. */
u32 gm_fw_start(struct gm *m, struct gm_vm *vm)
{
	if (vm->auth != GM_AUTH_ANDROID)
		return GM_ST_OK;
	if (!m->fw_closed)
		return GM_ST_DENIED;
	if (!m->fw_size)
		return GM_ST_NORESOURCE;
	if (m->fw_size > vm->fw_size)
		return GM_ST_MEM_INVALID;
	if (m->ops->mem_write && fw_copy(m, vm))
		return GM_ST_NORESOURCE;
	/* There is one image, and so one vCPU to start it. */
	return vm->boot_vcpus & (vm->boot_vcpus - 1) ? GM_ST_DENIED : GM_ST_OK;
}
