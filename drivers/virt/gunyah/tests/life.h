/* SPDX-License-Identifier: GPL-2.0-only */
/* A VM that tests take through its life by calls of the resource manager (RM). */
#ifndef __GUNYAH_TESTS_LIFE_H
#define __GUNYAH_TESTS_LIFE_H

#include <linux/gunyah_rm_vm.h>
#include <linux/sizes.h>
#include <linux/types.h>
#include <linux/wait.h>

#include <kunit/test.h>

struct gunyah_rm_resource_set;
struct live;
struct page;
struct rm_late_call;

/* What its device tree asks for: a vCPU and a doorbell that its owner rings. */
#define LIFE_VCPU	0
#define LIFE_BELL	0x2b

/* Its memory is made of blocks, so large because the page allocator can. */
#define LIFE_BLOCK_SIZE	SZ_4M
#define LIFE_MAX_BLOCKS	16

/* Where in its memory the device tree is. */
#define LIFE_DT_OFFSET	SZ_1M
#define LIFE_DT_SIZE	SZ_64K

/**
 * enum life_step - what is done with a VM, in this order
 * @LIFE_ALLOC: allocate it
 * @LIFE_LEND: lend it its memory
 * @LIFE_CONFIGURE: say where its image is
 * @LIFE_INIT: have RM read its device tree
 * @LIFE_RESOURCES: make devices of what it shares with us
 * @LIFE_START: start it
 * @LIFE_STOP: stop it by force
 * @LIFE_RESET: have RM take it apart
 * @LIFE_GONE: wait until RM has done so; remove the devices
 * @LIFE_RECLAIM: take the memory back
 * @LIFE_DEALLOC: give the VM back
 * @LIFE_NR_STEPS: how many there are
 */
enum life_step {
	LIFE_ALLOC,
	LIFE_LEND,
	LIFE_CONFIGURE,
	LIFE_INIT,
	LIFE_RESOURCES,
	LIFE_START,
	LIFE_STOP,
	LIFE_RESET,
	LIFE_GONE,
	LIFE_RECLAIM,
	LIFE_DEALLOC,
	LIFE_NR_STEPS,
};

/**
 * struct life_shape - what a VM is made of
 * @nr_blocks: blocks of memory, 1..LIFE_MAX_BLOCKS
 * @entry_size: bytes of an entry of the list of addresses for the last block,
 *	a divisor of LIFE_BLOCK_SIZE; the others have an entry each
 * @auth: how it is authenticated
 * @bad_dt: it has no device tree that deserves the name
 * @console: it has a link to RM and a console there
 * @code: what it runs, from the beginning of its first page; NULL: a loop
 * @code_size: bytes of it
 */
struct life_shape {
	unsigned int nr_blocks;
	size_t entry_size;
	enum gunyah_rm_auth auth;
	bool bad_dt;
	bool console;
	const void *code;
	size_t code_size;
};

/**
 * struct life_vm - the VM
 * @rm: client
 * @shape: what it is made of
 * @sub: subscription to VM_STATUS
 * @wq: woken by @sub
 * @states: states that were notified, one bit each
 * @vmid: its id, 0 while it has none
 * @blocks: its memory
 * @sgl: list of addresses
 * @acl: access list
 * @parcel: the parcel it has the memory in
 * @set: devices
 * @virq: wake-up interrupt of its vCPU, as RM numbers it
 */
struct life_vm {
	struct gunyah_rm *rm;
	struct life_shape shape;
	struct gunyah_rm_subscriber sub;
	wait_queue_head_t wq;
	unsigned long states;
	u16 vmid;
	struct page *blocks[LIFE_MAX_BLOCKS];
	struct gunyah_rm_range *sgl;
	struct gunyah_rm_mem_acl acl;
	struct gunyah_rm_parcel parcel;
	struct gunyah_rm_resource_set *set;
	u32 virq;
};

/**
 * struct life_books - what there is of everything
 * @pages: free pages
 * @vmids: VMs of the client
 * @entries: list entries of its parcels
 * @devices: resource devices
 * @model: on the stand-in: parcels, their ranges, lent interrupts, free
 *	interrupts, VMs, objects
 */
struct life_books {
	unsigned long pages;
	unsigned int vmids;
	size_t entries;
	u64 devices;
	u64 model[6];
};

extern const char * const life_step_names[LIFE_NR_STEPS];
extern const struct life_shape life_small;
extern struct kunit_suite life_fault_suite;
extern struct kunit_suite life_late_suite;
extern struct kunit_suite life_matrix_suite;
extern struct kunit_suite life_state_suite;
extern struct kunit_suite life_touch_suite;

size_t life_dt_write(void *buf, size_t size, bool console);

struct life_vm *life_vm_create(struct gunyah_rm *rm, const struct life_shape *shape);
int life_vm_step(struct life_vm *vm, enum life_step step);
int life_vm_end(struct life_vm *vm);
bool life_vm_free(struct life_vm *vm);
void life_vm_forget_devices(struct life_vm *vm);
bool life_vm_wait(struct life_vm *vm, enum gunyah_rm_vm_state state);
int life_vm_settle(struct life_vm *vm);
struct rm_late_call *life_last_late(struct gunyah_rm *rm);
bool life_wait_for_late(const struct rm_late_call *late);

int life_init(struct kunit *test);
void life_books_read(struct live *live, struct life_books *books);
void life_books_expect(struct kunit *test, const struct life_books *before, long pages);

#endif
