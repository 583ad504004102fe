/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the VM front end, /dev/gunyah, share. */
#ifndef __GUNYAH_VM_INTERNAL_H
#define __GUNYAH_VM_INTERNAL_H

#include <linux/atomic.h>
#include <linux/auxiliary_bus.h>
#include <linux/gunyah_resource.h>
#include <linux/gunyah_rm.h>
#include <linux/gunyah_rm_vm.h>
#include <linux/hashtable.h>
#include <linux/kconfig.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <uapi/linux/gunyah.h>

struct file;
struct mm_struct;
struct seq_file;
struct gunyah_vm;

/**
 * enum gunyah_vm_state - life of a VM
 * @GUNYAH_VM_NEW: being configured; RM knows nothing of it
 * @GUNYAH_VM_STARTING: a thread is inside GUNYAH_VM_START
 * @GUNYAH_VM_RUNNING: started
 * @GUNYAH_VM_EXITED: has ended, &gunyah_vm.exit says how
 * @GUNYAH_VM_LOAD_FAILED: RM could not load it, it can only be closed
 * @GUNYAH_VM_CLOSING: the last file is closed, it is being taken apart
 * @GUNYAH_VM_CLOSED: everything is given back
 * @GUNYAH_VM_NR_STATES: how many there are
 *
 * NEW -> STARTING -> RUNNING -> EXITED, STARTING -> NEW or LOAD_FAILED; all but
 * STARTING and CLOSED -> CLOSING -> CLOSED. gunyah_vm_set_state() is the only
 * one who changes it and refuses everything else.
 */
enum gunyah_vm_state {
	GUNYAH_VM_NEW,
	GUNYAH_VM_STARTING,
	GUNYAH_VM_RUNNING,
	GUNYAH_VM_EXITED,
	GUNYAH_VM_LOAD_FAILED,
	GUNYAH_VM_CLOSING,
	GUNYAH_VM_CLOSED,
	GUNYAH_VM_NR_STATES,
};

/**
 * struct gunyah_vm_exit - how a VM has ended, as the run page says it
 * @status: enum gunyah_vm_status
 * @info: more of it, zeros unless @status is GUNYAH_VM_STATUS_EXITED
 */
struct gunyah_vm_exit {
	u32 status;
	struct gunyah_vm_exit_info info;
};

/**
 * struct gunyah_vm_function - a vCPU, irqfd or ioeventfd of a VM
 * @ops: what kind it is
 * @vm: the VM, which outlives it
 * @node: in &gunyah_vm.functions
 * @hangup: it is to be removed, see gunyah_vm_function_hangup()
 * @claims: it uses a resource of RM, whose kind and label follow
 * @kind: kind of the resource
 * @label: label of the resource; of a vCPU: its index
 * @bound: the resource has been found, and ops->bind() has taken it
 *
 * Embedded in an object of its kind. All but @hangup is protected by
 * &gunyah_vm.fn_lock, or constant from ops->create() on.
 */
struct gunyah_vm_function {
	const struct gunyah_vm_function_ops *ops;
	struct gunyah_vm *vm;
	struct list_head node;
	bool hangup;

	bool claims;
	enum gunyah_resource_kind kind;
	u32 label;
	bool bound;
};

/**
 * struct gunyah_vm_function_ops - a kind of functions
 * @type: enum gunyah_fn_type
 * @name: for traces and fdinfo
 * @arg_size: exact size of its argument
 * @check: judge an argument by itself; 0 or an errno. May be NULL
 * @conflicts: both cannot be: the new one is refused with -EEXIST
 * @matches: the function is the one that an argument of
 *	GUNYAH_VM_REMOVE_FUNCTION means. No @check came before
 * @create: make it, hooked to nothing that could call back. Sets the claim;
 *	the rest of the function is filled in by the caller. An ERR_PTR on
 *	failure
 * @publish: last step of adding it, which cannot fail: hook it up, install its
 *	file. Returns what the ioctl returns: 0 or a file descriptor. It is in the
 *	list, and bound if its resource is known
 * @bind: its resource is there. The device has its driver most likely, and is
 *	held for the time of the call only; keep what the driver gives, which
 *	outlives the device. May come before @publish. An errno leaves it
 *	unbound. May be NULL if it claims nothing
 * @remove: take it out of the list's hands: unhook it, wait for those who are
 *	using it, then free or put it. Also called instead of @publish when
 *	adding it fails after @create
 * @ended: the VM has exited: whoever sleeps in it has to look at the state. May
 *	be NULL
 * @show: add lines to the VM's fdinfo. May be NULL
 *
 * All are called with &gunyah_vm.fn_lock held, may sleep, and make no RM call.
 */
struct gunyah_vm_function_ops {
	u32 type;
	const char *name;
	size_t arg_size;
	int (*check)(const void *arg);
	bool (*conflicts)(const struct gunyah_vm_function *fn, const void *arg);
	bool (*matches)(const struct gunyah_vm_function *fn, const void *arg);
	struct gunyah_vm_function *(*create)(struct gunyah_vm *vm, const void *arg);
	int (*publish)(struct gunyah_vm_function *fn);
	int (*bind)(struct gunyah_vm_function *fn, struct auxiliary_device *adev);
	void (*remove)(struct gunyah_vm_function *fn);
	void (*ended)(struct gunyah_vm_function *fn);
	void (*show)(const struct gunyah_vm_function *fn, struct seq_file *m);
};

/* Kinds of authentication, ordered as RM's. */
struct gunyah_vm_auth {
	enum gunyah_rm_auth type;
	struct gunyah_auth_qtvm_arg qtvm;
};

/* Registers of the boot context: X0 to X31, PC, SP_EL0, SP_EL1. */
#define GUNYAH_VM_REG_PC	32
#define GUNYAH_VM_REG_SP	33
#define GUNYAH_VM_NR_REGS	35

/**
 * struct gunyah_vm_config - what user space has configured
 * @dtb: the device tree; size 0: none. Multiples of 4 KiB
 * @fw: firmware of a protected VM; size 0: none
 * @auth: how it is authenticated
 * @regs_set: which of @regs are set
 * @regs: boot context
 */
struct gunyah_vm_config {
	struct gunyah_rm_range dtb;
	struct gunyah_rm_range fw;
	struct gunyah_vm_auth auth;
	u64 regs_set;
	u64 regs[GUNYAH_VM_NR_REGS];
};

/**
 * enum gunyah_vm_down_step - how far a VM has been taken apart
 * @GUNYAH_VM_DOWN_FUNCTIONS: functions are to be removed
 * @GUNYAH_VM_DOWN_STOP: RM is to stop it
 * @GUNYAH_VM_DOWN_RESOURCES: its devices are to be removed
 * @GUNYAH_VM_DOWN_RESET: RM is to take it apart
 * @GUNYAH_VM_DOWN_RESETTING: RM is at it
 * @GUNYAH_VM_DOWN_RECLAIM: memory is to be taken back
 * @GUNYAH_VM_DOWN_VMID: the vmid is to be given back
 * @GUNYAH_VM_DOWN_DONE: nothing is left
 */
enum gunyah_vm_down_step {
	GUNYAH_VM_DOWN_FUNCTIONS,
	GUNYAH_VM_DOWN_STOP,
	GUNYAH_VM_DOWN_RESOURCES,
	GUNYAH_VM_DOWN_RESET,
	GUNYAH_VM_DOWN_RESETTING,
	GUNYAH_VM_DOWN_RECLAIM,
	GUNYAH_VM_DOWN_VMID,
	GUNYAH_VM_DOWN_DONE,
};

/* Longest reason, see &gunyah_vm.why. */
#define GUNYAH_VM_MAX_WHY	96

/**
 * struct gunyah_vm - a virtual machine
 * @ref: one reference of the VM's file, one of each vCPU's file. The last put
 *	starts @down_work, which frees the VM
 * @all_node: in the list of all VMs
 * @rm: the client it was made with
 * @mm: memory of its creator, held by mmgrab(); memory is charged to it
 * @uid: user who made it
 * @serial: running number, for messages and traces
 * @vmid: its id while RM knows it, 0 while not. Constant while RUNNING
 * @wait: woken at each change of @state
 * @state_lock: Protects the next four; a leaf, taken in any context
 * @state: see enum gunyah_vm_state. Read without the lock by gunyah_vm_state()
 * @exit: valid from EXITED and LOAD_FAILED on
 * @exit_pending: RM said EXITED but not yet how, and @exit_work is waiting
 * @looking: how many are looking for resources, and use @set, or stop it in RM,
 *	and use @vmid
 * @exit_work: ends a VM whose VM_EXITED does not come
 * @offs: how often one of its vCPUs went off, see vcpu.c
 * @fn_lock: Protects @functions, @ioeventfds, @set's users. Held across
 *	the functions' ops, never across an RM call
 * @functions: struct gunyah_vm_function
 * @ioeventfds: those of the functions that are ioeventfds, by address; read
 *	under RCU by vCPUs
 * @fn_work: removes functions that hung up, tells the others of the end
 * @set: devices of RM's resources, from READY on; NULL where there are none.
 *	Changed while STARTING and by @down_work only
 * @lock: Protects @config, @regions and @why; killable, not held across RM calls.
 *	While STARTING, @config and @regions belong to the starter
 * @config: what user space has configured
 * @regions: struct gunyah_vm_region, in vm_mem.c
 * @why: why it could not be started, "" if nobody tried
 * @status_sub: to RM's VM_STATUS
 * @exited_sub: to RM's VM_EXITED
 * @subscribed: both are active
 * @loaded: RM has had VM_CONFIG_IMAGE, so that only a reset helps
 * @started: RM has had VM_START; read by those who are told by RM
 * @vmid_unsure: RM was asked to deallocate @vmid and has not said whether it did
 * @rm_state: last enum gunyah_rm_vm_state RM told, or GUNYAH_RM_VM_NONE
 * @step: how far it has been taken apart; @down_work's own
 * @attempts: failed attempts of that step; @down_work's own
 * @reported: it was said that it hangs; @down_work's own
 * @haunted: RM may have a parcel lent to the vmid that nobody can take back;
 *	@down_work's own
 * @going_down: it is taken apart as the system goes down, with files open; then
 *	it has a reference more, and is not freed. Constant from CLOSING on
 * @down_work: takes it apart
 *
 * Lock order: @lock before @fn_lock before @state_lock. mmap_lock is taken
 * inside @lock and must not be held when it is taken.
 */
struct gunyah_vm {
	struct kref ref;
	struct list_head all_node;
	struct gunyah_rm *rm;
	struct mm_struct *mm;
	kuid_t uid;
	u32 serial;
	u16 vmid;

	wait_queue_head_t wait;
	spinlock_t state_lock; /* see above */
	enum gunyah_vm_state state;
	struct gunyah_vm_exit exit;
	bool exit_pending;
	unsigned int looking;
	struct delayed_work exit_work;
	atomic_long_t offs;

	struct mutex fn_lock; /* see above */
	struct list_head functions;
	DECLARE_HASHTABLE(ioeventfds, 6);
	struct work_struct fn_work;
	struct gunyah_rm_resource_set *set;

	struct mutex lock; /* see above */
	struct gunyah_vm_config config;
	struct list_head regions;
	char why[GUNYAH_VM_MAX_WHY];

	struct gunyah_rm_subscriber status_sub;
	struct gunyah_rm_subscriber exited_sub;
	bool subscribed;
	bool loaded;
	bool started;
	bool vmid_unsure;
	u8 rm_state;

	enum gunyah_vm_down_step step;
	unsigned int attempts;
	bool reported;
	bool haunted;
	bool going_down;
	struct delayed_work down_work;
};

/**
 * gunyah_vm_state() - state of a VM
 * @vm: the VM
 *
 * What was written before the VM got there can be read by who sees it there:
 * @vm->vmid from RUNNING on, @vm->exit from EXITED on.
 *
 * Context: any.
 * Return: the state, which may be another one by now unless it is a last one
 */
static inline enum gunyah_vm_state gunyah_vm_state(const struct gunyah_vm *vm)
{
	/* Pairs with the release in gunyah_vm_set_state(). */
	return smp_load_acquire(&vm->state);
}

/**
 * gunyah_vm_ended() - will a VM never run again?
 * @vm: the VM
 *
 * Context: any.
 * Return: true from EXITED and LOAD_FAILED on; @vm->exit is valid then.
 */
static inline bool gunyah_vm_ended(const struct gunyah_vm *vm)
{
	return gunyah_vm_state(vm) >= GUNYAH_VM_EXITED;
}

/**
 * struct gunyah_vm_patience - a wait for other VMs to be taken apart
 * @uid: the user whose VMs are waited for
 * @mm: unless NULL, only VMs of this process are waited for; only compared
 * @seen: teardowns that had ended when the caller last failed
 * @left: how long the wait may still be, in jiffies
 *
 * Who meets a limit tries again whenever such a teardown has ended, as long as
 * there are others and the time is not over.
 */
struct gunyah_vm_patience {
	kuid_t uid;
	const struct mm_struct *mm;
	unsigned long seen;
	long left;
};

/* main.c */
extern struct workqueue_struct *gunyah_vm_wq;
extern bool gunyah_vm_no_start;

/* vm.c: the object, its states and its exit */
void gunyah_vm_init(struct gunyah_vm *vm);
struct gunyah_vm *gunyah_vm_create(void);
struct gunyah_vm *gunyah_vm_get(struct gunyah_vm *vm);
void gunyah_vm_put(struct gunyah_vm *vm);
bool gunyah_vm_set_state(struct gunyah_vm *vm, enum gunyah_vm_state state);
void gunyah_vm_set_started(struct gunyah_vm *vm);
void gunyah_vm_set_load_failed(struct gunyah_vm *vm);
const char *gunyah_vm_state_name(enum gunyah_vm_state state);
int gunyah_vm_wait_started(struct gunyah_vm *vm);
void gunyah_vm_end(struct gunyah_vm *vm, const struct gunyah_vm_exit *exit);
int gunyah_vm_query_exit(struct gunyah_vm *vm);
void gunyah_vm_rm_status(struct gunyah_vm *vm, u8 rm_state);
void gunyah_vm_rm_told(struct gunyah_vm *vm, u8 rm_state);
void gunyah_vm_rm_exited(struct gunyah_vm *vm, const struct gunyah_vm_exit_info *info);
int gunyah_vm_subscribe(struct gunyah_vm *vm);
void gunyah_vm_unsubscribe(struct gunyah_vm *vm);

/* vm_config.c: what user space says of it, and sees of it */
int gunyah_vm_lock_new(struct gunyah_vm *vm, int running);
void gunyah_vm_why(struct gunyah_vm *vm, const char *fmt, ...) __printf(2, 3);
int gunyah_vm_set_dtb(struct gunyah_vm *vm, const struct gunyah_vm_dtb_config *dtb);
int gunyah_vm_set_firmware(struct gunyah_vm *vm, const struct gunyah_vm_firmware_config *fw);
int gunyah_vm_set_auth(struct gunyah_vm *vm, const struct gunyah_auth_desc *desc);
int gunyah_vm_set_boot_context(struct gunyah_vm *vm, const struct gunyah_vm_boot_context *context);
void gunyah_vm_show(struct gunyah_vm *vm, struct seq_file *m);

/* vm_start.c: having RM load and start it */
int gunyah_vm_start(struct gunyah_vm *vm);
int gunyah_vm_has_boot_context(struct gunyah_rm *rm);

/* vm_down.c: taking it apart */
void gunyah_vm_down_init(struct gunyah_vm *vm);
void gunyah_vm_down_track(struct gunyah_vm *vm);
void gunyah_vm_down_all(void);
void gunyah_vm_switch_off(struct gunyah_vm *vm, const struct gunyah_vm_exit *exit);
bool gunyah_vm_any_known(void);
#if IS_ENABLED(CONFIG_KUNIT)
extern bool gunyah_vm_memory_lost;
#endif
int gunyah_vm_give_up_vmid(struct gunyah_vm *vm);
void gunyah_vm_patience_init(struct gunyah_vm_patience *patience, const struct gunyah_vm *vm,
			     bool locked);
bool gunyah_vm_patience_wait(struct gunyah_vm_patience *patience);

/* vm_mem.c: its memory */
int gunyah_vm_mem_add(struct gunyah_vm *vm, const struct gunyah_userspace_memory_region *arg,
		      bool lend);
int gunyah_vm_mem_remove(struct gunyah_vm *vm, const struct gunyah_address_range *range);
int gunyah_vm_mem_reclaim(struct gunyah_vm *vm);
void gunyah_vm_mem_free(struct gunyah_vm *vm, bool last);
unsigned long gunyah_vm_mem_pages(struct gunyah_vm *vm);
void gunyah_vm_mem_show(struct gunyah_vm *vm, struct seq_file *m);

/* vm_gmem.c: guest memory files */
int gunyah_vm_gmem_create(const struct gunyah_create_mem_args *args);
int gunyah_vm_gmem_map(struct gunyah_vm *vm, const struct gunyah_map_mem_args *args);

/* vm_fn.c: functions and their resources */
int gunyah_vm_function_add(struct gunyah_vm *vm, const struct gunyah_fn_desc *desc);
int gunyah_vm_function_remove(struct gunyah_vm *vm, const struct gunyah_fn_desc *desc);
void gunyah_vm_function_hangup(struct gunyah_vm_function *fn);
void gunyah_vm_functions_init(struct gunyah_vm *vm);
int gunyah_vm_functions_bind(struct gunyah_vm *vm);
void gunyah_vm_functions_remove(struct gunyah_vm *vm);
void gunyah_vm_functions_show(struct gunyah_vm *vm, struct seq_file *m);

#endif
