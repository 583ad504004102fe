/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/**
 * DOC: /dev/gunyah
 *
 * Virtual machines of the Gunyah hypervisor.
 *
 * Files: opening /dev/gunyah gives the device; GUNYAH_CREATE_VM on it gives a
 * VM, GUNYAH_CREATE_GUEST_MEM a guest memory file; GUNYAH_VM_ADD_FUNCTION on a
 * VM gives a vCPU, which is also mapped (struct gunyah_vcpu_run). All of them
 * can be duplicated, inherited and closed in any order; a VM ends when its file
 * and those of its vCPUs are closed.
 *
 * A VM is new, then running, then ended. GUNYAH_VM_START makes it running. One
 * that fails before the resource manager (RM) was told of the image leaves it
 * new, if RM gives back what it was given; after any other it has ended. "Legal:"
 * below says in which of the three an ioctl can be used. poll() of the VM file
 * says POLLHUP once it has ended. /proc/self/fdinfo of the VM file says why a VM
 * could not be started.
 *
 * Errors that every ioctl can have, in addition to those it lists:
 *
 *  EFAULT	the argument cannot be read
 *  ENOTTY	no such ioctl on this file
 *  ENOMEM	no kernel memory
 *
 * Unknown flags are EINVAL. Padding need not be 0 and is not looked at.
 * After an error nothing has changed, unless said otherwise.
 *
 * All layouts are the same for 32-bit callers.
 */
#ifndef _UAPI_LINUX_GUNYAH_H
#define _UAPI_LINUX_GUNYAH_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define GUNYAH_IOCTL_TYPE		'G'
#define GUNYAH_ANDROID_IOCTL_TYPE	'A'

/**
 * DOC: GUNYAH_CREATE_VM - make a virtual machine; on the device
 *
 * The argument is 0. Nothing is asked of RM before the VM is started.
 *
 * Return: a file descriptor, close-on-exec, or -1 with errno
 *  EINVAL	the argument is not 0
 *  ENODEV	there is no RM
 *  EMFILE	too many open files
 */
#define GUNYAH_CREATE_VM		_IO(GUNYAH_IOCTL_TYPE, 0x0)

/* Rights of the guest to its memory. */
#define GUNYAH_MEM_ALLOW_READ		(1U << 0)
#define GUNYAH_MEM_ALLOW_WRITE		(1U << 1)
#define GUNYAH_MEM_ALLOW_EXEC		(1U << 2)

/**
 * struct gunyah_userspace_memory_region - memory of this process for a guest
 * @label: number the region is known by, different for each region of a VM
 * @flags: GUNYAH_MEM_ALLOW_*; READ must be among them
 * @guest_phys_addr: where the guest shall have it, a multiple of the page size
 * @memory_size: bytes, a multiple of the page size and not 0
 * @userspace_addr: where this process has it, a multiple of the page size. It has
 *	to be mapped for writing, and be anonymous, shared (shmem, memfd) or huge
 *	(hugetlbfs) memory
 *
 * GUNYAH_VM_SET_USER_MEM_REGION shares the region, that is both have it;
 * GUNYAH_VM_ANDROID_LEND_USER_MEM lends it, that is only the guest has it while
 * the VM is running. A touch of lent memory is a SIGBUS in user space.
 *
 * The memory is pinned and charged to RLIMIT_MEMLOCK at once, and given to the
 * guest at GUNYAH_VM_START. The region that holds the device tree is the image
 * of the VM: its address must be the base-address in the device tree. RM wants
 * it lent with all rights. RM puts other regions where the device tree has a
 * node with their label, or where it likes. If the memory cannot be had because
 * older VMs of this process are still being taken apart, they are waited for, up
 * to 5 seconds.
 *
 * Legal: new. Return: 0, or -1 with errno
 *  EINVAL	size 0; size or an address not a multiple; the range wraps;
 *		unknown flags or rights without READ; memory that can not
 *		be given away
 *  EEXIST	the label is in use, or the guest's addresses are
 *  EFAULT	the memory is not mapped, or not for writing, or is of a file
 *		that the kernel does not let be pinned
 *  ENOMEM	more than RLIMIT_MEMLOCK allows
 *  EPERM	not the process that made the VM
 *  EOPNOTSUPP	running: only the guest could accept the memory; or memory of a
 *		device, which can not be pinned
 *  EHWPOISON	a page of the memory is broken
 *  ENODEV	ended
 *  EINTR	a fatal signal came
 */
struct gunyah_userspace_memory_region {
	__u32 label;
	__u32 flags;
	__u64 guest_phys_addr;
	__u64 memory_size;
	__u64 userspace_addr;
};

#define GUNYAH_VM_SET_USER_MEM_REGION	_IOW(GUNYAH_IOCTL_TYPE, 0x1, \
					     struct gunyah_userspace_memory_region)
#define GUNYAH_VM_ANDROID_LEND_USER_MEM	_IOW(GUNYAH_ANDROID_IOCTL_TYPE, 0x11, \
					     struct gunyah_userspace_memory_region)

/**
 * struct gunyah_vm_dtb_config - where the guest's device tree is
 * @guest_phys_addr: its address in the guest, a multiple of 4096
 * @size: bytes there are for it, rounded up to a multiple of 4096. RM adds to
 *	the tree, so there should be room behind it
 *
 * Needed before GUNYAH_VM_START, which wants it to lie in one region. It can be
 * given before that region; the last call counts.
 *
 * Legal: new. Return: 0, or -1 with errno
 *  EINVAL	the address is not a multiple of 4096, the size is 0
 *  EOVERFLOW	the range wraps
 *  EBUSY	running
 *  ENODEV	ended
 */
struct gunyah_vm_dtb_config {
	__u64 guest_phys_addr;
	__u64 size;
};

#define GUNYAH_VM_SET_DTB_CONFIG	_IOW(GUNYAH_IOCTL_TYPE, 0x2, \
					     struct gunyah_vm_dtb_config)

/**
 * DOC: GUNYAH_VM_START - load and start the VM
 *
 * There is no argument. The VM needs a device tree in one of its regions, and
 * not even a vCPU: the device tree may want vCPUs that are scheduled elsewhere.
 * If the VM cannot have what it needs (a VM id, parcels, locked memory) because
 * others of the same user are still being taken apart, it waits for them for up
 * to 5 seconds. Interrupts are not waited for: RM finds out too late that there
 * are none, and the VM has ended then. The wait for RM ends with a fatal signal
 * only.
 *
 * Legal: new; running (does nothing). Return: 0, or -1 with errno
 *  EINVAL	no device tree, or not in one region, or the guest has not all
 *		rights to that; the firmware or image is not in one; or RM does
 *		not accept what it was given
 *  EOPNOTSUPP	RM cannot set a register of the boot context, or lacks another
 *		call that is needed. The boot context can be changed
 *  EPERM	RM does not allow it
 *  EBUSY	RM needs something that is in use
 *  ENODEV	ended, RM or its driver is gone, or has no resources left; or
 *		the system goes down or hibernates
 *  ENOMEM	no memory, here or in RM
 *  EDQUOT	memory in so many pieces, together with that of other VMs, that RM
 *		might die of the list; parameter max_parcel_entries of gunyah_rm
 *		says how many it may have. Huge pages are fewer
 *  EBADMSG	RM's answer cannot be understood
 *  EIO		RM's message queue refuses a message
 *  ETIMEDOUT	RM does not answer
 *  EINTR	a fatal signal came
 */
#define GUNYAH_VM_START			_IO(GUNYAH_IOCTL_TYPE, 0x3)

/**
 * enum gunyah_fn_type - kinds of functions
 * @GUNYAH_FN_VCPU: a vCPU, struct gunyah_fn_vcpu_arg
 * @GUNYAH_FN_IRQFD: an interrupt for the guest, struct gunyah_fn_irqfd_arg
 * @GUNYAH_FN_IOEVENTFD: an event for each write of the guest to an address,
 *	struct gunyah_fn_ioeventfd_arg
 */
enum gunyah_fn_type {
	GUNYAH_FN_VCPU		= 1,
	GUNYAH_FN_IRQFD		= 2,
	GUNYAH_FN_IOEVENTFD	= 3,
};

#define GUNYAH_FN_MAX_ARG_SIZE		256

/**
 * struct gunyah_fn_desc - a function of a VM
 * @type: enum gunyah_fn_type
 * @arg_size: bytes at @arg, exactly the size of its structure
 * @arg: pointer to the structure of this type
 *
 * GUNYAH_VM_ADD_FUNCTION adds it, GUNYAH_VM_REMOVE_FUNCTION removes what @arg
 * describes; what is compared is said with each structure. A function whose
 * resource RM has not reported yet gets it when RM is asked next: when the VM
 * starts, or when a function is added to a running VM.
 *
 * Legal: always. Return: of a vCPU that is added, a file descriptor,
 * close-on-exec; else 0; or -1 with errno
 *  EINVAL	@arg_size is wrong; what is said with the structure
 *  ENOENT	no such type, or nothing to remove
 *  EEXIST	already added
 *  EBADF	not a file descriptor
 *  EMFILE	too many open files
 *  ENODEV	adding, and the system goes down
 */
struct gunyah_fn_desc {
	__u32 type;
	__u32 arg_size;
	__u64 arg;
};

#define GUNYAH_VM_ADD_FUNCTION		_IOW(GUNYAH_IOCTL_TYPE, 0x4, struct gunyah_fn_desc)
#define GUNYAH_VM_REMOVE_FUNCTION	_IOW(GUNYAH_IOCTL_TYPE, 0x7, struct gunyah_fn_desc)

/**
 * struct gunyah_fn_vcpu_arg - a vCPU
 * @id: index of the vCPU in the guest's device tree
 *
 * Adding it gives the vCPU's file. Each id once (EEXIST). Removing compares
 * @id; the file stays open, but GUNYAH_VCPU_RUN on it says ENODEV.
 */
struct gunyah_fn_vcpu_arg {
	__u32 id;
};

/* The guest's device tree says that the interrupt is level-triggered. */
#define GUNYAH_IRQFD_FLAGS_LEVEL	(1U << 0)

/**
 * struct gunyah_fn_irqfd_arg - an eventfd that interrupts the guest
 * @fd: an eventfd; each signal rings the doorbell
 * @label: label of the doorbell in the guest's device tree
 * @flags: GUNYAH_IRQFD_FLAGS_*
 * @padding: not looked at
 *
 * Each label once (EEXIST). EINVAL if @fd is not an eventfd. Signals that come
 * before there is a doorbell are kept. Closing all copies of the eventfd
 * removes the function. Removing compares @label.
 */
struct gunyah_fn_irqfd_arg {
	__u32 fd;
	__u32 label;
	__u32 flags;
	__u32 padding;
};

/* Only writes of @len bytes with the value @datamatch. */
#define GUNYAH_IOEVENTFD_FLAGS_DATAMATCH	(1U << 0)

/**
 * struct gunyah_fn_ioeventfd_arg - an eventfd that is signalled by the guest
 * @datamatch: with the flag: the value
 * @addr: address the guest writes to
 * @len: 0, 1, 2, 4 or 8. With the flag: bytes of the write, not 0
 * @fd: an eventfd
 * @flags: GUNYAH_IOEVENTFD_FLAGS_*
 * @padding: not looked at
 *
 * A write that matches signals the eventfd and does not leave
 * GUNYAH_VCPU_RUN. An address has either one event for all writes, or one for
 * each pair of length and value; all else is EEXIST. EINVAL: a length that is
 * not listed, an address that wraps, @fd is not an eventfd.
 * Removing compares @addr, @len and @datamatch with the flag, and @addr without.
 */
struct gunyah_fn_ioeventfd_arg {
	__u64 datamatch;
	__u64 addr;
	__u32 len;
	__s32 fd;
	__u32 flags;
	__u32 padding;
};

/**
 * enum gunyah_vcpu_exit_reason - why GUNYAH_VCPU_RUN came back
 * @GUNYAH_VCPU_EXIT_UNKNOWN: it has not yet
 * @GUNYAH_VCPU_EXIT_MMIO: the guest accessed an address without memory
 * @GUNYAH_VCPU_EXIT_STATUS: the VM has ended
 * @GUNYAH_VCPU_EXIT_PAGE_FAULT: the guest accessed memory it does not have
 */
enum gunyah_vcpu_exit_reason {
	GUNYAH_VCPU_EXIT_UNKNOWN	= 0,
	GUNYAH_VCPU_EXIT_MMIO		= 1,
	GUNYAH_VCPU_EXIT_STATUS		= 2,
	GUNYAH_VCPU_EXIT_PAGE_FAULT	= 3,
};

/**
 * enum gunyah_vcpu_resume_action - how a vCPU goes on after an exit
 * @GUNYAH_VCPU_RESUME_HANDLED: behind the access
 * @GUNYAH_VCPU_RESUME_FAULT: with an external abort
 * @GUNYAH_VCPU_RESUME_RETRY: with the access, once more
 */
enum gunyah_vcpu_resume_action {
	GUNYAH_VCPU_RESUME_HANDLED	= 0,
	GUNYAH_VCPU_RESUME_FAULT	= 1,
	GUNYAH_VCPU_RESUME_RETRY	= 2,
};

/**
 * enum gunyah_vm_status - how a VM has ended
 * @GUNYAH_VM_STATUS_LOAD_FAILED: RM could not load it
 * @GUNYAH_VM_STATUS_EXITED: it has exited, see struct gunyah_vm_exit_info
 * @GUNYAH_VM_STATUS_CRASHED: it has ended without saying how, or a vCPU can not
 *	be run any more: it stays busy, or went with the driver of RM
 */
enum gunyah_vm_status {
	GUNYAH_VM_STATUS_LOAD_FAILED	= 1,
	GUNYAH_VM_STATUS_EXITED		= 2,
	GUNYAH_VM_STATUS_CRASHED	= 3,
};

/**
 * enum gunyah_vm_exit_type - how a VM has exited
 * @GUNYAH_VM_EXIT_VM_EXIT: it told RM so
 * @GUNYAH_VM_EXIT_PSCI_OFF: PSCI SYSTEM_OFF
 * @GUNYAH_VM_EXIT_PSCI_RESET: PSCI SYSTEM_RESET
 * @GUNYAH_VM_EXIT_PSCI_RESET2: PSCI SYSTEM_RESET2
 * @GUNYAH_VM_EXIT_WATCHDOG: its watchdog bit
 * @GUNYAH_VM_EXIT_SOFTWARE_ERROR: software error
 * @GUNYAH_VM_EXIT_ASYNC_HW_ERROR: asynchronous hardware error
 * @GUNYAH_VM_EXIT_FORCED: it was stopped
 */
enum gunyah_vm_exit_type {
	GUNYAH_VM_EXIT_VM_EXIT		= 0,
	GUNYAH_VM_EXIT_PSCI_OFF		= 1,
	GUNYAH_VM_EXIT_PSCI_RESET	= 2,
	GUNYAH_VM_EXIT_PSCI_RESET2	= 3,
	GUNYAH_VM_EXIT_WATCHDOG		= 4,
	GUNYAH_VM_EXIT_SOFTWARE_ERROR	= 5,
	GUNYAH_VM_EXIT_ASYNC_HW_ERROR	= 6,
	GUNYAH_VM_EXIT_FORCED		= 7,
};

#define GUNYAH_VM_MAX_EXIT_REASON_SIZE	8

/**
 * struct gunyah_vm_exit_info - how a VM has exited
 * @type: enum gunyah_vm_exit_type, or a number that is newer
 * @padding: 0
 * @reason_size: bytes of @reason that are valid
 * @reason: the beginning of what RM says about it
 */
struct gunyah_vm_exit_info {
	__u16 type;
	__u16 padding;
	__u32 reason_size;
	__u8 reason[GUNYAH_VM_MAX_EXIT_REASON_SIZE];
};

/**
 * struct gunyah_vcpu_run - the page a vCPU shares with user space
 * @immediate_exit: user space: if not 0, GUNYAH_VCPU_RUN says EINTR instead of
 *	entering the guest. User space clears it
 * @padding: not looked at
 * @exit_reason: kernel: enum gunyah_vcpu_exit_reason
 * @padding2: 0
 * @mmio: GUNYAH_VCPU_EXIT_MMIO
 * @mmio.phys_addr: kernel: address in the guest
 * @mmio.data: kernel: what is written; user space: what is read. Lowest byte
 *	first, the first @mmio.len bytes count
 * @mmio.len: kernel: bytes, 1, 2, 4 or 8
 * @mmio.is_write: kernel: 1 if the guest writes, 0 if it reads
 * @mmio.resume_action: user space: enum gunyah_vcpu_resume_action; the kernel
 *	presets GUNYAH_VCPU_RESUME_HANDLED
 * @status: GUNYAH_VCPU_EXIT_STATUS
 * @status.status: kernel: enum gunyah_vm_status
 * @status.exit_info: kernel: more of it
 * @page_fault: GUNYAH_VCPU_EXIT_PAGE_FAULT
 * @page_fault.phys_addr: kernel: address in the guest
 * @page_fault.attempt: kernel: 0, or the negative errno of its own attempt to
 *	give the guest that memory
 * @page_fault.resume_action: user space: enum gunyah_vcpu_resume_action; the
 *	kernel presets GUNYAH_VCPU_RESUME_FAULT. Whatever it is, the guest makes
 *	the access once more: no hypervisor is known to take another answer
 *
 * It is all zeros at first. The vCPU's file is mapped at offset 0, shared, with
 * GUNYAH_VCPU_MMAP_SIZE bytes. What the kernel writes here it does not read
 * back, so that user space may scribble over it.
 */
struct gunyah_vcpu_run {
	__u8 immediate_exit;
	__u8 padding[7];
	__u32 exit_reason;
	__u32 padding2;
	union {
		struct {
			__u64 phys_addr;
			__u8 data[8];
			__u32 len;
			__u8 is_write;
			__u8 resume_action;
		} mmio;
		struct {
			__u32 status;
			struct gunyah_vm_exit_info exit_info;
		} status;
		struct {
			__u64 phys_addr;
			__s32 attempt;
			__u8 resume_action;
		} page_fault;
	};
};

/**
 * DOC: GUNYAH_VCPU_RUN - run a vCPU until user space is needed; on the vCPU
 *
 * The argument is not looked at. One thread at a time; a second one waits. Once
 * the VM has ended, every call says so (GUNYAH_VCPU_EXIT_STATUS). A vCPU that
 * the guest has not powered on, or that is scheduled elsewhere, waits.
 *
 * Legal: running, ended. Return: 0 with an exit in the page, or -1 with errno
 *  EINTR	a signal came, or immediate_exit was set. If the last exit was an
 *		MMIO read, its answer has been taken from the page
 *  EINVAL	unknown resume_action; it can be corrected
 *  ENODEV	new, the VM has no such vCPU, or the function was removed
 *  EPERM	not the process that made the VM
 */
#define GUNYAH_VCPU_RUN			_IO(GUNYAH_IOCTL_TYPE, 0x5)

/**
 * DOC: GUNYAH_VCPU_MMAP_SIZE - size of the page a vCPU shares; on the vCPU
 *
 * There is no argument. Legal: always. Return: bytes, a multiple of the page
 * size.
 */
#define GUNYAH_VCPU_MMAP_SIZE		_IO(GUNYAH_IOCTL_TYPE, 0x6)

/* The file is closed on exec. */
#define GUNYAH_GUEST_MEM_CLOEXEC	(1ULL << 0)
/* The file may use huge pages. */
#define GUNYAH_GUEST_MEM_ALLOW_HUGEPAGE	(1ULL << 1)

/**
 * struct gunyah_create_mem_args - a guest memory file
 * @flags: GUNYAH_GUEST_MEM_*
 * @size: bytes, a multiple of the page size; 0 for a file to be grown
 * @reserved: 0
 *
 * GUNYAH_CREATE_GUEST_MEM, on the device. The file can be mapped (MAP_SHARED),
 * truncated, and allocated and punched with fallocate(); it can not be read or
 * written (EINVAL), nor opened once more, in /proc (ETXTBSY for writing, else
 * ENXIO). While a guest has a part of it, the file does not get shorter (EPERM),
 * nor can that part be punched (EOPNOTSUPP).
 *
 * Return: a file descriptor, or -1 with errno
 *  EINVAL	unknown flags, @size is not a multiple of the page size,
 *		@reserved is not 0
 *  EMFILE	too many open files
 */
struct gunyah_create_mem_args {
	__u64 flags;
	__u64 size;
	__u64 reserved[6];
};

#define GUNYAH_CREATE_GUEST_MEM		_IOW(GUNYAH_IOCTL_TYPE, 0x8, \
					     struct gunyah_create_mem_args)

/* How a guest gets a guest memory file; 0 is lent. */
#define GUNYAH_MAP_MEM_FORCE_LEND	(1U << 0)
#define GUNYAH_MAP_MEM_FORCE_SHARE	(1U << 1)
#define GUNYAH_MAP_MEM_ALLOW_READ	(1U << 4)
#define GUNYAH_MAP_MEM_ALLOW_WRITE	(1U << 5)
#define GUNYAH_MAP_MEM_ALLOW_EXEC	(1U << 6)
#define GUNYAH_MAP_MEM_UNMAP		(1U << 8)

/**
 * struct gunyah_map_mem_args - a part of a guest memory file for a guest
 * @guest_addr: where the guest shall have it, a multiple of the page size
 * @flags: GUNYAH_MAP_MEM_*; READ must be among them, and only one FORCE
 * @guest_mem_fd: the guest memory file
 * @offset: where in it the part begins, a multiple of the page size
 * @size: bytes, a multiple of the page size and not 0
 *
 * GUNYAH_VM_MAP_MEM. Where the file may use huge pages, @guest_addr, @offset
 * and @size are multiples of a huge page's size. The memory is pinned, charged
 * to RLIMIT_MEMLOCK and given to the guest at GUNYAH_VM_START. With
 * GUNYAH_MAP_MEM_UNMAP the beginning, the end or all of what was mapped with
 * the same flags and offset is unmapped.
 *
 * Legal: new. Return: 0, or -1 with errno
 *  EINVAL	unknown flags, both FORCE flags, rights without READ; not a
 *		multiple; size 0; not a guest memory file; behind its end;
 *		unmapping from the middle
 *  EEXIST	the guest's addresses are in use, or that part of the file is,
 *		in this VM or another
 *  ENOENT	unmapping what was not mapped so
 *  EPERM	not the process that made the VM
 *  EOPNOTSUPP	running
 *  ENODEV	ended
 */
struct gunyah_map_mem_args {
	__u64 guest_addr;
	__u32 flags;
	__u32 guest_mem_fd;
	__u64 offset;
	__u64 size;
};

#define GUNYAH_VM_MAP_MEM		_IOW(GUNYAH_IOCTL_TYPE, 0x9, \
					     struct gunyah_map_mem_args)

/* Registers: the set in bits 15..8, the index in bits 7..0. */
#define GUNYAH_BOOT_CONTEXT_REG_SET_X	0
#define GUNYAH_BOOT_CONTEXT_REG_SET_PC	1
#define GUNYAH_BOOT_CONTEXT_REG_SET_SP	2
#define GUNYAH_BOOT_CONTEXT_REG(set, idx)	(((set) << 8) | (idx))

/**
 * struct gunyah_vm_boot_context - a register of vCPU 0 when the VM starts
 * @reg: GUNYAH_BOOT_CONTEXT_REG(): X 0 to 31, PC 0, SP 0 (SP_EL0) or 1 (SP_EL1)
 * @reserved: not looked at
 * @value: its value
 *
 * GUNYAH_VM_SET_BOOT_CONTEXT. One register per call, the last value counts. A
 * register that RM cannot set makes GUNYAH_VM_START fail; see
 * GUNYAH_EXT_BOOT_CONTEXT. A VM that is authenticated starts where its
 * firmware likes: there, nothing is set. Without a PC the VM starts at the
 * beginning of the region that holds the device tree; X0 is the address of the
 * device tree.
 *
 * Legal: new. Return: 0, or -1 with errno
 *  EINVAL	no such register; running or ended
 */
struct gunyah_vm_boot_context {
	__u32 reg;
	__u32 reserved;
	__u64 value;
};

#define GUNYAH_VM_SET_BOOT_CONTEXT	_IOW(GUNYAH_IOCTL_TYPE, 0xa, \
					     struct gunyah_vm_boot_context)

/**
 * struct gunyah_vm_firmware_config - where the firmware of a protected VM is
 * @guest_phys_addr: its address in the guest, a multiple of 4096
 * @size: bytes, a multiple of 4096 and not 0
 *
 * GUNYAH_VM_ANDROID_SET_FW_CONFIG. The VM is authenticated by this firmware,
 * as if GUNYAH_VM_ANDROID_SET_AUTH_TYPE had said GUNYAH_AUTH_ANDROID_PVM. The
 * firmware has to lie in one region, which is lent. The last call counts.
 *
 * It is room for the firmware: the public RM copies its own there, whatever has
 * been there before, and zeroes the rest. In the region of the device tree that
 * can be anywhere. A region apart is taken only as a whole, and goes to the
 * address "firmware-address" in the device tree.
 *
 * Legal: new. Return: 0, or -1 with errno
 *  EINVAL	not a multiple, size 0, or the VM has another authentication
 *  EOVERFLOW	the range wraps
 *  EBUSY	running
 *  ENODEV	ended
 */
struct gunyah_vm_firmware_config {
	__u64 guest_phys_addr;
	__u64 size;
};

#define GUNYAH_VM_ANDROID_SET_FW_CONFIG	_IOW(GUNYAH_ANDROID_IOCTL_TYPE, 0x12, \
					     struct gunyah_vm_firmware_config)

/**
 * struct gunyah_address_range - a range of the guest's addresses
 * @guest_phys_addr: the first, a multiple of the page size
 * @size: bytes, a multiple of the page size and not 0
 *
 * GUNYAH_VM_RECLAIM_REGION: take back the regions in this range, which were
 * given with GUNYAH_VM_SET_USER_MEM_REGION or GUNYAH_VM_ANDROID_LEND_USER_MEM.
 * Regions are taken back as a whole. What belongs to a running guest can not be
 * taken back where memory is given by parcels.
 *
 * Legal: new. Return: 0, or -1 with errno
 *  EINVAL	not a multiple, size 0, the range wraps or cuts a region, or has
 *		one of GUNYAH_VM_MAP_MEM
 *  ENOENT	there is no region
 *  EPERM	not the process that made the VM
 *  EBUSY	running
 *  ENODEV	ended: all its memory is taken back anyway
 */
struct gunyah_address_range {
	__u64 guest_phys_addr;
	__u64 size;
};

#define GUNYAH_VM_RECLAIM_REGION	_IOW(GUNYAH_ANDROID_IOCTL_TYPE, 0x13, \
					     struct gunyah_address_range)

/**
 * enum gunyah_auth_type - how a VM is authenticated
 * @GUNYAH_AUTH_ANDROID_PVM: by Android's firmware for protected VMs, without an
 *	argument; see struct gunyah_vm_firmware_config
 * @GUNYAH_AUTH_QCOM_TRUSTED_VM: by the platform, struct gunyah_auth_qtvm_arg
 */
enum gunyah_auth_type {
	GUNYAH_AUTH_ANDROID_PVM		= 0,
	GUNYAH_AUTH_QCOM_TRUSTED_VM	= 1,
};

/**
 * struct gunyah_auth_desc - how a VM is authenticated
 * @type: enum gunyah_auth_type
 * @arg_size: bytes at @arg, exactly the size of its structure
 * @arg: pointer to the structure of this type
 *
 * GUNYAH_VM_ANDROID_SET_AUTH_TYPE. Without it, a VM is not authenticated.
 *
 * Legal: new. Return: 0, or -1 with errno
 *  EINVAL	no such type, @arg_size is wrong; what is said with the
 *		structure; or the VM has another authentication
 *  EBUSY	running
 *  ENODEV	ended
 */
struct gunyah_auth_desc {
	__u32 type;
	__u32 arg_size;
	__u64 arg;
};

/**
 * struct gunyah_auth_qtvm_arg - a trusted VM
 * @vm_id: the VM id it has to have, not 0
 * @padding: not looked at
 * @peripheral_id: by which the platform knows the image
 * @guest_phys_addr: where in the guest the image is. It has to lie in the region
 *	that holds the device tree
 * @size: bytes of the image, not 0
 */
struct gunyah_auth_qtvm_arg {
	__u16 vm_id;
	__u16 padding;
	__u32 peripheral_id;
	__u64 guest_phys_addr;
	__u64 size;
};

#define GUNYAH_VM_ANDROID_SET_AUTH_TYPE	_IOW(GUNYAH_ANDROID_IOCTL_TYPE, 0x16, \
					     struct gunyah_auth_desc)

/**
 * enum gunyah_extension - what can be asked of GUNYAH_VM_CHECK_EXTENSION
 * @GUNYAH_EXT_VCPU_TIMER_WAKEUP: user space must wake a vCPU that waits for its
 *	timer. Never: the hypervisor does
 * @GUNYAH_EXT_POLL: poll() of the VM's file tells that it has ended
 * @GUNYAH_EXT_MEM_PARCELS: memory is given at GUNYAH_VM_START and stays
 * @GUNYAH_EXT_MEM_DEMAND: memory is given and taken while the VM runs
 * @GUNYAH_EXT_GUEST_MEM: GUNYAH_CREATE_GUEST_MEM and GUNYAH_VM_MAP_MEM
 * @GUNYAH_EXT_BOOT_CONTEXT: RM sets any register of the boot context. Without
 *	it, only a PC in the region of the device tree, and X0 as it is anyway
 * @GUNYAH_EXT_VCPU_RUN: the hypervisor lets this VM schedule vCPUs
 */
enum gunyah_extension {
	GUNYAH_EXT_VCPU_TIMER_WAKEUP	= 0,
	GUNYAH_EXT_POLL			= 0x8000,
	GUNYAH_EXT_MEM_PARCELS		= 0x8001,
	GUNYAH_EXT_MEM_DEMAND		= 0x8002,
	GUNYAH_EXT_GUEST_MEM		= 0x8003,
	GUNYAH_EXT_BOOT_CONTEXT		= 0x8004,
	GUNYAH_EXT_VCPU_RUN		= 0x8005,
};

/**
 * DOC: GUNYAH_VM_CHECK_EXTENSION - what is there; on the device and on the VM
 *
 * The argument is an enum gunyah_extension. Legal: always.
 *
 * Return: 1 if it is there, 0 if it is not, or is not known; or -1 with errno
 *  EINTR	a fatal signal came while RM was asked
 */
#define GUNYAH_VM_CHECK_EXTENSION	_IO(GUNYAH_ANDROID_IOCTL_TYPE, 0x17)

#endif
