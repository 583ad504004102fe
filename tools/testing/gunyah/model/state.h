/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * State of the model and what its files tell each other. Hosts include it only
 * to allocate struct gm; they touch none of it.
 *
 * The kernel compiles all .c files of this directory as one translation unit:
 * static names start with a prefix of their file (cs_, mq_, ...), all others
 * with gm_.
 *
 * Everything declared here that takes a struct gm is called with its lock held,
 * unless it says otherwise.
 */
#ifndef GM_STATE_H
#define GM_STATE_H

#include "model.h"
#include "bytes.h"
#include "fdt.h"
#include "numbers.h"

enum gm_type {
	GM_T_NONE,
	GM_T_PARTITION,
	GM_T_CSPACE,
	GM_T_ADDRSPACE,
	GM_T_MEMEXTENT,
	GM_T_THREAD,
	GM_T_DOORBELL,
	GM_T_MSGQ,
	GM_T_VIC,
	GM_T_HWIRQ,
	GM_T_VPM,
	GM_T_VIRTIO,
	GM_T_ANY,
};

enum gm_object_state {
	GM_OBJ_FREE,
	GM_OBJ_INIT,
	GM_OBJ_ACTIVE,
};

/* Sizes of the pools. */
#define GM_MAX_VMS		80
#define GM_MAX_CAPS		512		/* per capability space */
#define GM_MAX_OBJECTS		1024
#define GM_MAX_MSGQS		64
#define GM_MAX_DOORBELLS	512
#define GM_MAX_THREADS		256
#define GM_MAX_RESOURCES	1024
#define GM_MAX_LINKS		16
#define GM_MAX_VDEVS		1024	/* of all VMs */
#define GM_MAX_MAPS		16384	/* ranges of parcels mapped to VMs */
#define GM_MAX_VIRQS		1024
#define GM_MAX_RULES		16
#define GM_MAX_FAILS		8
#define GM_MAX_LATE		16
#define GM_MAX_OUT		64
#define GM_MAX_PARCELS		72	/* of all owners */
#define GM_MAX_PARCELS_OF_VM	64
#define GM_MAX_ACL		128	/* there are fewer valid vmids */
#define GM_MAX_REGIONS		8192
#define GM_MAX_LIST		512	/* entries of a list in a message */
#define GM_MAX_LENDINGS		64
#define GM_NOTE_KEPT		96
#define GM_LOG_ENTRIES		1024
#define GM_ARENA_PAGE		4096
#define GM_ARENA_PAGES		512
#define GM_NR_CALLS		0x80

#define GM_MSGQ_MAX_DEPTH	255
#define GM_MSGQ_MAX_SIZE	1023

/* RM's transport. */
#define GM_RPC_SIZE		240
#define GM_RPC_DEPTH		8
#define GM_RPC_HEADER		8
#define GM_RPC_CONTENT		(GM_RPC_SIZE - GM_RPC_HEADER)
#define GM_RPC_MAX_FRAGMENTS	62
#define GM_RPC_MAX_MSG		((GM_RPC_MAX_FRAGMENTS + 1) * GM_RPC_CONTENT)
#define GM_RPC_CONTINUATION	0
#define GM_RPC_REQUEST		1
#define GM_RPC_REPLY		2
#define GM_RPC_NOTIFICATION	3
#define GM_RPC_MAX_NOTES	256
#define GM_RPC_NOTE_BYTES	32768

#define GM_NAME_MAX		79
#define GM_GUID_SIZE		16
#define GM_CRASH_MAX		192
#define GM_HEAP_DEFAULT		(200 * 1024)
#define GM_HEAP_LIST_ENTRY	32
#define GM_HEAP_VM		512
#define GM_HEAP_PARCEL		256
#define GM_HEAP_VDEV		512

/* A secondary VM. */
#define GM_VM_SPIS		988
#define GM_VM_VCPUS		64
#define GM_IPA_LIMIT		0x1000000000ull	/* 36 bits */
#define GM_VMMIO_SIZE		0x40000000ull	/* from 0 */
#define GM_DT_MAX		0x20000
#define GM_FW_KEPT		4096		/* of a firmware */

#define GM_MIS_NONE		0xff

/* Where an image goes if the device tree says nothing. */
#define GM_BASE_DEFAULT		0x28800000ull

#define GM_VMID_STATIC_FIRST	4
#define GM_VMID_STATIC_LAST	31
#define GM_VMID_DYNAMIC_FIRST	0x80
#define GM_VMID_DYNAMIC_LAST	0xbe

/* Ids of calls that share a handler. */
#define GM_RM_MEM_DONATE	0x51000010
#define GM_RM_MEM_LEND		0x51000012
#define GM_RM_MEM_SHARE		0x51000013
#define GM_RM_IRQ_ACCEPT	0x56000050
#define GM_RM_IRQ_LEND		0x56000051
#define GM_RM_IRQ_RELEASE	0x56000052
#define GM_RM_IRQ_RECLAIM	0x56000053
#define GM_RM_IRQ_NOTIFY	0x56000054
#define GM_RM_CONSOLE_OPEN	0x56000081
#define GM_RM_CONSOLE_CLOSE	0x56000082
#define GM_RM_CONSOLE_WRITE	0x56000083
#define GM_RM_CONSOLE_FLUSH	0x56000084

struct gm_object {
	u8 type;
	u8 state;
	u16 index;		/* in the array of its type */
};

enum gm_cap_state {
	GM_CAP_NULL,
	GM_CAP_VALID,
	GM_CAP_REVOKED,
};

struct gm_cap {
	u8 state;
	u8 type;
	u16 object;
	u32 rights;
};

/* An interrupt line: bound to nothing if @intid is 0. */
struct gm_line {
	u16 vmid;
	u32 intid;
};

/* Who is at an end of a queue or doorbell. */
enum gm_end {
	GM_END_VM,		/* a VM, by hypercalls */
	GM_END_RM,		/* RM, by link */
	GM_END_ECHO,		/* model peer: sends back what it receives */
	GM_END_SINK,		/* model peer: receives and drops */
	GM_END_IDLE,		/* model peer: moves only by debug calls */
};

struct gm_msgq {
	u16 object;
	u16 depth;
	u16 size;
	u16 count;
	u16 head;
	u16 not_full;		/* thresholds */
	u16 not_empty;
	u16 arena;		/* first page */
	u16 arena_pages;
	u8 tx_end;
	u8 rx_end;
	u8 link;		/* GM_END_RM */
	u8 echo_to;		/* GM_END_ECHO: queue back, 0xff none */
	u8 room;		/* model-side sender may try again */
	u32 stride;
	struct gm_line tx_line;
	struct gm_line rx_line;
};

struct gm_doorbell {
	u16 object;
	u64 flags;
	u64 enable;
	u64 ack;
	struct gm_line line;
};

/* A vCPU: see vcpu.c. */
struct gm_thread {
	u16 object;
	u16 vmid;
	u16 index;		/* in its VM */
	u8 proxy;		/* its owner runs it */
	u8 boot;		/* started by VM_START */
	u8 running;
	u8 woken;
	u8 killed;
	u8 exited;
	u8 by_rm;
	u32 cpu;
	struct gm_line wake;
	struct gm_vcpu_exit last;
};

/* One record of VM_GET_HYP_RESOURCES. */
struct gm_resource {
	u8 used;
	u8 type;
	u16 vmid;		/* who may use it */
	u16 of_vmid;		/* listed when asked for this VM */
	u16 partner;
	u32 label;
	u64 cap;
	u32 virq;
	u64 base;
	u64 size;
};

#define GM_RES_DOORBELL_TX	0
#define GM_RES_DOORBELL_RX	1
#define GM_RES_MSGQ_TX		2
#define GM_RES_MSGQ_RX		3
#define GM_RES_VCPU		4

/* VM states as RM reports them. */
#define GM_VM_NONE		0
#define GM_VM_INIT		1
#define GM_VM_READY		2
#define GM_VM_RUNNING		3
#define GM_VM_PAUSED		4
#define GM_VM_LOAD		5
#define GM_VM_AUTH		6
#define GM_VM_INIT_FAILED	8
#define GM_VM_EXITED		9
#define GM_VM_RESETTING		10
#define GM_VM_RESET		11

/* How a VM's image is authenticated. */
#define GM_AUTH_NONE		0
#define GM_AUTH_PLATFORM	1
#define GM_AUTH_ANDROID		2

/* Memory parcels. */
#define GM_MEM_NORMAL		0
#define GM_MEM_IO		1
#define GM_MEM_DONATE		0
#define GM_MEM_LEND		1
#define GM_MEM_SHARE		2

enum gm_parcel_state {
	GM_PARCEL_OPEN,		/* list not complete */
	GM_PARCEL_READY,
	GM_PARCEL_ACCEPTED,	/* by one VM or more */
};

/* One VM of a parcel's ACL, and what it did with it. */
struct gm_share {
	u16 vmid;
	u8 rights;
	u8 shared;		/* accepted, perhaps not all of it */
	u8 mapped;
	u8 contiguous;
	u8 sanitize;		/* when it is released */
	u32 nr_ipas;		/* ranges that have an address */
	u64 base;
};

struct gm_attr {
	u16 attr;
	u16 vmid;
};

#define GM_REGION_GONE		0xffff

/* A range of an owner's address space that is in a parcel. */
struct gm_region {
	u64 ipa;
	u64 size;
	u16 parcel;		/* index + 1; 0: free; GM_REGION_GONE: donated */
	u16 next;		/* index + 1 in the parcel or the free list */
	u16 first_map;		/* index + 1 */
};

/* Where a VM that accepted a parcel has one of its ranges. */
struct gm_map {
	u64 ipa;
	u16 vmid;
	u16 next;		/* index + 1, of the region or the free list */
};

struct gm_parcel {
	u8 used;
	u8 state;
	u8 mem_type;
	u8 trans;
	u8 sanitized;
	u8 tag_set;
	u16 owner;
	u16 nr_shares;
	u16 nr_attrs;
	u16 first_region;	/* index + 1 */
	u16 last_region;
	u32 handle;
	u32 label;
	u32 tag;
	u32 nr_regions;
	u32 nr_accepted;
	u64 size;
	struct gm_share shares[GM_MAX_ACL];
	struct gm_attr attrs[GM_MAX_ACL];
};

/* A lent interrupt. */
struct gm_lending {
	u8 used;
	u8 accepted;
	u16 owner;
	u16 borrower;
	u32 virq;		/* the owner's number, also the hardware's */
	u32 label;
	u32 borrower_virq;
};

/* What a VM gets at VM_INIT when its device tree is not read. */
struct gm_vmcfg {
	u8 given;		/* by an option or debug call: no tree is read */
	u32 vcpus;
	u32 bells_tx;		/* doorbells that the owner rings */
	u32 bells_rx;		/* doorbells that the VM rings */
	u32 queues;		/* pairs */
	u32 label;		/* of the first doorbell or queue; then rising */
	u8 rpc;
	u8 console;
	u8 image_shared;
};

/* Virtual devices that a device tree asks for. */
enum gm_vdev_type {
	GM_VDEV_RPC,
	GM_VDEV_BELL,		/* the VM receives */
	GM_VDEV_BELL_SOURCE,
	GM_VDEV_MSGQ,
	GM_VDEV_PAIR,
};

struct gm_vdev {
	u8 used;
	u8 type;
	u8 sender;		/* GM_VDEV_MSGQ */
	u8 can_clear;
	u8 console;
	u8 level[2];		/* what the VM is told of virq */
	u16 vmid;
	u16 peer_vmid;		/* the other VM, once it is there */
	u16 order;		/* among the vdevice nodes of the tree */
	u16 depth;
	u16 size;
	u16 obj[2];		/* objects; of a pair the one to send to first */
	u32 label;
	u32 virq[2];		/* of the VM: wanted (0: any), then given */
	u64 cap[2];
	char peer[GM_NAME_MAX + 1];	/* name of the other VM; "": the owner */
};

/* How a VM comes to its end. */
struct gm_end_of_vm {
	u8 due;			/* RM has not dealt with it yet */
	u8 nr_words;
	u16 type;
	u16 flags;
	u16 code;
	u32 words[3];
};

/* A request whose answer has to wait for a vCPU that is running. */
struct gm_later {
	u8 used;
	u8 link;
	u8 mis;
	u16 vmid;
	u16 seq;
	u32 id;
	u64 arg;
};

/* Registers that the VM's owner set, for the vCPUs that VM_START starts. */
struct gm_boot {
	u64 x_set;		/* bit n: x[n] is given */
	u8 pc_set;
	u8 sp_set;		/* bit n: sp[n] is given */
	u64 pc;
	u64 sp[2];
	u64 x[31];
};

struct gm_vm {
	u8 used;
	u8 state;
	u8 os_state;
	u8 has_config;		/* resources may be asked for */
	u8 broken_config;	/* left behind by a wrong authentication type */
	u8 auth;
	u8 has_rpc;		/* rm-rpc node: may be notified even without link */
	u8 has_console;
	u8 console_self;	/* opened by the VM */
	u8 console_owner;	/* opened by its owner */
	u8 agent;		/* acts on notifications by itself (rm_agent.c) */
	u8 unauthorised;	/* signing authority "None" */
	u8 reset_stage;
	u8 link;		/* 0xff: no RM link */
	u8 nr_peers;
	u8 name_size;
	u8 uri_size;
	u16 vmid;
	u16 owner;
	u16 app_status;
	u16 crash_size;
	struct gm_end_of_vm end;
	struct gm_boot boot;
	u8 has_dt;		/* its tree was read */
	u8 created;		/* the host knows it */
	u8 over;		/* it has switched itself off, and RM has not heard */
	u8 psci;
	u8 proxy;
	u8 no_shutdown;
	u8 no_reset;
	u8 gic_known;		/* there is a node */
	u8 gic_patch;		/* ... to which reg is to be added */
	u32 nr_vcpus;
	u64 boot_vcpus;		/* bit n: vCPU n is started */
	u64 size_max;
	u64 gicd;
	u64 gicr;
	u64 gicr_stride;
	u8 affinity[GM_VM_VCPUS];
	u8 virqs[(32 + GM_VM_SPIS + 7) / 8];	/* in use */
	u32 image_handle;
	u64 base;		/* IPA of the image */
	u64 image_offset;
	u64 image_size;
	u64 dt_offset;
	u64 dt_size;
	u32 fw_handle;		/* room for its firmware */
	u64 fw_offset;
	u64 fw_size;		/* 0: there is none */
	u64 fw_base;		/* IPA of the parcel, ~0: not in the tree */
	u64 fw_size_max;
	u32 notes;		/* notifications to a VM without link */
	u32 note_id;		/* the last one */
	u32 note_size;
	u8 note[GM_NOTE_KEPT];
	u16 peers[GM_MAX_VMS];
	char name[GM_NAME_MAX + 1];
	char uri[GM_NAME_MAX + 1];
	u8 guid[GM_GUID_SIZE];
	u8 crash[GM_CRASH_MAX];
	u64 cap_rand;
	u64 prng_time;
	u32 prng_count;
	struct gm_cap caps[GM_MAX_CAPS];
};

/* A message on its way from RM to a VM. */
struct gm_tx {
	u8 left;		/* fragments still to send, 0 = nothing */
	u8 frags;		/* after the first */
	u8 type;
	u8 mis;			/* misbehaviour on the way, or GM_MIS_NONE */
	u16 seq;
	u32 id;
	u32 size;
	u64 arg;
	u8 data[GM_RPC_MAX_MSG];
};

struct gm_note {
	u32 id;
	u32 size;
	u32 pos;		/* in note_data, modulo its size */
	u8 mis;
	u64 arg;
	u64 due;		/* not before */
};

/* RM's end of the queue pair of one VM. */
struct gm_link {
	u8 used;
	u8 in_q;		/* queues, by index */
	u8 out_q;
	u8 partial;
	u8 frags;
	u8 left;
	u8 type;
	u8 swallow_tx_irq;	/* misbehaviour */
	u16 vmid;
	u16 seq;
	u32 id;
	u32 rx_size;
	u32 nr_notes;
	u32 first_note;
	u32 note_head;		/* free-running byte positions */
	u32 note_tail;
	u64 busy_until;
	u64 held_due;		/* 0: nothing held */
	struct gm_tx tx;
	struct gm_tx reply;	/* the one unsent reply */
	struct gm_tx held;	/* misbehaviour: delayed or overtaken reply */
	struct gm_tx held_note;	/* misbehaviour: overtaken notification */
	u64 held_note_due;
	struct gm_note notes[GM_RPC_MAX_NOTES];
	u8 note_data[GM_RPC_NOTE_BYTES];
	u8 rx[GM_RPC_MAX_MSG];
};

struct gm_rule {
	u8 used;
	u8 what;
	u8 kind;
	u32 id;		/* of a message, 0: any */
	u64 count;
	u64 arg;
};

struct gm_fail {
	u16 num;
	s32 error;
	u64 count;
	u64 skip;
};

struct gm_late {
	u64 due;		/* 0: free */
	struct gm_line line;
};

struct gm_flood {
	u32 id;
	u32 size;
	u64 count;
	u64 sent;
	u64 interval;
	u64 due;
};

struct gm {
	const struct gm_host_ops *ops;
	void *host;
	u64 seed;
	u64 rand;
	u32 virq_first;
	u32 virq_count;
	u32 nr_cpus;
	u8 debug;
	u8 plain_caps;
	u8 bug_copy;
	u8 rm_lives;		/* survives what kills the real one */
	u8 alloc_notify;
	u8 deaf;		/* to guests that switch themselves off */
	u8 rm_state;
	u8 kick;
	u8 nr_options_peers;
	char option_error[64];
	char rm_death[64];
	u8 death_told;

	u8 virq_used[GM_MAX_VIRQS / 8];
	u8 arena_used[GM_ARENA_PAGES];
	u32 nr_out;
	struct gm_line out[GM_MAX_OUT];
	struct gm_late late[GM_MAX_LATE];
	struct gm_rule rules[GM_MAX_RULES];
	u64 hits[GM_MIS_NR][GM_KIND_NR];
	struct gm_fail fails[GM_MAX_FAILS];
	struct gm_flood flood;

	u64 counters[GM_CTR_NR];
	u64 calls[GM_NR_CALLS];
	u64 call_errors[GM_NR_CALLS];
	u64 log_next;
	struct gm_log_entry log[GM_LOG_ENTRIES];

	struct gm_later later;
	u8 staged;		/* RM lets others go on before the next step */

	u32 pools[GM_DBG_POOL_NR];	/* at most so many */
	u8 boot_context;	/* profile: RM has the call */
	u32 heap_limit;
	u32 heap_used;
	u32 trace_flags;
	u64 mem_base;
	u64 mem_size;
	u32 next_handle;
	u32 nr_regions;		/* ever used */
	u16 free_region;	/* index + 1 */
	u8 fw_closed;		/* FW_MILESTONE was called */
	u8 fw[GM_FW_KEPT];
	u64 fw_size;		/* of RM's firmware, 0: FW_SET_VM_FIRMWARE is missing */
	u32 irq_handle;		/* handle of interrupt 0 */
	struct gm_vmcfg vmcfg;
	u16 note_seq;
	u32 next_label;
	struct gm_primary_info primary;

	u32 nr_vms;
	struct gm_vm vms[GM_MAX_VMS];
	struct gm_object objects[GM_MAX_OBJECTS];
	struct gm_msgq msgqs[GM_MAX_MSGQS];
	struct gm_doorbell doorbells[GM_MAX_DOORBELLS];
	struct gm_thread threads[GM_MAX_THREADS];
	struct gm_resource resources[GM_MAX_RESOURCES];
	struct gm_link links[GM_MAX_LINKS];
	struct gm_parcel parcels[GM_MAX_PARCELS];
	struct gm_region regions[GM_MAX_REGIONS];
	struct gm_map maps[GM_MAX_MAPS];
	u32 nr_maps;		/* ever used */
	u16 free_map;		/* index + 1 */
	struct gm_vdev vdevs[GM_MAX_VDEVS];
	u8 dt[GM_DT_MAX];
	struct gm_lending lendings[GM_MAX_LENDINGS];
	u8 scratch[GM_RPC_MAX_MSG];
	u8 note_buf[GM_RPC_MAX_MSG];
	u8 arena[GM_ARENA_PAGES * GM_ARENA_PAGE];
};

#define GM_ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static inline u32 gm_align4(u32 n)
{
	return (n + 3) & ~3u;
}

/* core.c */
u64 gm_now(struct gm *m);
u64 gm_random(struct gm *m);
void gm_count(struct gm *m, unsigned int id);
void gm_raise(struct gm *m, const struct gm_line *line);
void gm_raise_later(struct gm *m, const struct gm_line *line, u64 due);
u64 gm_late_run(struct gm *m, u64 now);
u32 gm_virq_alloc(struct gm *m);
void gm_virq_free(struct gm *m, u32 intid);
void gm_kick(struct gm *m);
/* Without the lock: take it, or release it and deliver what is due. */
void gm_enter(struct gm *m);
void gm_leave(struct gm *m);

/* options.c */
int gm_options_parse(struct gm *m, const char *s, bool skip_unknown, bool peers);

/* cspace.c */
struct gm_vm *gm_vm_find(struct gm *m, unsigned int vmid);
int gm_object_new(struct gm *m, enum gm_type type, unsigned int index);
void gm_object_free(struct gm *m, unsigned int object);
int gm_cap_new(struct gm *m, struct gm_vm *vm, unsigned int object, u32 rights, u64 *id);
void gm_cap_revoke(struct gm *m, unsigned int object);
struct gm_cap *gm_cap_slot(struct gm_vm *vm, u64 id);
int gm_cap_lookup(struct gm *m, struct gm_vm *vm, u64 id, enum gm_type type, u32 rights,
		  bool any_state, struct gm_object **object);

/* msgq.c */
struct gm_msgq *gm_msgq_new(struct gm *m, unsigned int depth, unsigned int size);
void gm_msgq_free(struct gm *m, struct gm_msgq *q);
unsigned int gm_msgq_index(struct gm *m, const struct gm_msgq *q);
u32 gm_msgq_peek(struct gm *m, const struct gm_msgq *q, const u8 **data);
bool gm_msgq_put(struct gm *m, struct gm_msgq *q, const u8 *data, u32 size, bool push,
		 bool irq);
void gm_msgq_drop(struct gm *m, struct gm_msgq *q, bool irq);

/* doorbell.c */
struct gm_doorbell *gm_doorbell_new(struct gm *m);
void gm_doorbell_free(struct gm *m, struct gm_doorbell *d);
u64 gm_doorbell_ring(struct gm *m, struct gm_doorbell *d, u64 flags);

/* calls.c */
#define GM_MAX_ARGS	8
#define GM_MAX_RESULTS	8

/**
 * struct gm_ctx - a hypercall being handled
 * @vm: caller
 * @num: number
 * @nargs: arguments given
 * @nres: results that go back to the registers
 * @args: in call order
 * @res: results; res[0] is the error
 * @obj: objects behind the capability arguments, in call order
 */
struct gm_ctx {
	struct gm_vm *vm;
	u16 num;
	u8 nargs;
	u8 nres;
	u64 args[GM_MAX_ARGS];
	u64 res[GM_MAX_RESULTS];
	struct gm_object *obj[2];
};

typedef s32 gm_call_fn(struct gm *m, struct gm_ctx *c);

struct gm_call {
	const char *name;
	u8 nargs;		/* reserved ones included */
	u8 nres;
	u8 res0;		/* mask of arguments that have to be 0 */
	u8 res1;		/* mask of arguments that have to be all-ones */
	u8 any_state;		/* does not ask for ACTIVE objects */
	u8 no_error;		/* res[0] is not an error code */
	struct {
		u8 type;	/* argument n is such a capability */
		u32 rights;
	} cap[2];
	gm_call_fn *fn;		/* NULL: only the lookups are modelled */
};

/* Handlers of calls.c's table. */
gm_call_fn gm_call_msgq_send, gm_call_msgq_recv, gm_call_msgq_flush;
gm_call_fn gm_call_msgq_configure_send, gm_call_msgq_configure_recv;
gm_call_fn gm_call_doorbell_send, gm_call_doorbell_recv, gm_call_doorbell_reset;
gm_call_fn gm_call_doorbell_mask;
gm_call_fn gm_call_identify, gm_call_prng, gm_call_yield, gm_call_trace;
gm_call_fn gm_call_vcpu_set_affinity;
gm_call_fn gm_call_vcpu_run, gm_call_vcpu_run_check, gm_call_vcpu_kill;

/* vcpu.c */
struct gm_thread *gm_vcpu_find(struct gm *m, const struct gm_vm *vm, unsigned int vcpu);
void gm_vcpus_start(struct gm *m, const struct gm_vm *vm);
bool gm_vcpus_running(struct gm *m, const struct gm_vm *vm);
void gm_vcpus_leave(struct gm *m, struct gm_vm *vm);
bool gm_vcpus_end(struct gm *m, const struct gm_vm *vm);

/* rm_rpc.c */
struct gm_link *gm_link_new(struct gm *m, struct gm_vm *vm, struct gm_msgq *in,
			    struct gm_msgq *out);
struct gm_link *gm_link_find(struct gm *m, unsigned int vmid);
void gm_link_reset(struct gm_link *l);
void gm_link_release(struct gm *m, struct gm_link *l);
bool gm_link_recv(struct gm *m, struct gm_link *l);
bool gm_link_send(struct gm *m, struct gm_link *l);
u64 gm_link_deadline(struct gm *m, struct gm_link *l);
void gm_rpc_reply(struct gm *m, struct gm_link *l, u32 id, u16 seq, const u8 *data, u32 size,
		  u8 mis, u64 arg);
void gm_rpc_notify(struct gm *m, struct gm_link *l, u32 id, const u8 *data, u32 size);
void gm_rpc_post(struct gm *m, struct gm_link *l, u32 id, const u8 *data, u32 size,
		 u8 mis, u64 arg);
int gm_rpc_kind(const u8 *msg, u32 size);

/* rm.c */
void gm_rm_die(struct gm *m, const char *why);
bool gm_heap_take(struct gm *m, u32 size);
void gm_heap_give(struct gm *m, u32 size);
void gm_rm_request(struct gm *m, struct gm_link *l, u32 id, u16 seq, const u8 *data, u32 size);

/**
 * struct gm_rm_req - a request that RM handles
 * @vm: who asks
 * @id: message id
 * @data: payload
 * @size: its size
 * @out: reply payload after the status word
 * @out_size: its size, set by the handler
 * @out_max: room for it
 */
struct gm_rm_req {
	struct gm_vm *vm;
	u32 id;
	const u8 *data;
	u32 size;
	u8 *out;
	u32 out_size;
	u32 out_max;
};

typedef u32 gm_rm_fn(struct gm *m, struct gm_rm_req *r);

#define GM_RM_ONLY_DEBUG	1	/* there with the option "debug" */
#define GM_RM_ONLY_BOOT		2	/* ... with profile=boot-context */

/*
 * One RM call: the handler runs when the length fits, else the answer is
 * MSG_INVALID. Payload after the status may accompany any status.
 */
struct gm_rm_call {
	u32 id;
	const char *name;
	u32 min;
	u32 max;
	u8 pure;		/* changes nothing, may answer in several fragments */
	u8 only;		/* GM_RM_ONLY_* */
	gm_rm_fn *fn;
};

/* rm_query.c, rm_vm.c: handlers of rm.c's table. */
gm_rm_fn gm_rm_get_id, gm_rm_lookup_uri, gm_rm_lookup_guid, gm_rm_lookup_name;
gm_rm_fn gm_rm_get_owner, gm_rm_get_state, gm_rm_get_crash_msg, gm_rm_get_resources;
gm_rm_fn gm_rm_get_vmid, gm_rm_get_peers, gm_rm_get_type;
gm_rm_fn gm_rm_set_status, gm_rm_set_crash_msg;
gm_rm_fn gm_rm_vm_allocate, gm_rm_vm_deallocate, gm_rm_vm_config, gm_rm_vm_auth;
gm_rm_fn gm_rm_set_boot_context;
gm_rm_fn gm_rm_vm_init, gm_rm_vm_start, gm_rm_vm_stop, gm_rm_vm_reset, gm_rm_vm_exit;
/* rm_mem.c, rm_accept.c, rm_irq.c, rm_console.c, rm_other.c */
gm_rm_fn gm_rm_mem_create, gm_rm_mem_append, gm_rm_mem_reclaim;
gm_rm_fn gm_rm_mem_accept, gm_rm_mem_release, gm_rm_mem_notify, gm_rm_mem_lookup_sgl;
gm_rm_fn gm_rm_irq, gm_rm_console, gm_rm_ipa_reserve;
gm_rm_fn gm_rm_fw_milestone, gm_rm_fw_set, gm_rm_set_firmware_mem, gm_rm_set_time_base;

/* Runs a request for @vm at once, without transport. */
u32 gm_rm_handle(struct gm *m, struct gm_vm *vm, u32 id, const u8 *data, u32 size, u8 *out,
		 u32 *out_size);

/**
 * struct gm_list - a list inside a message
 * @head: its count and the word after
 * @p: first element
 * @nr: how many
 * @there: the message has it, even if it is empty
 */
struct gm_list {
	const u8 *head;
	const u8 *p;
	u32 nr;
	u32 there;
};

struct gm_lists {
	struct gm_list acl;
	struct gm_list sgl;
	struct gm_list attr;
};

/* rm_mem.c */
u32 gm_list_read(const u8 **p, u32 *left, u32 elem, u32 max, struct gm_list *l);
u32 gm_lists_read(const u8 *p, u32 left, struct gm_lists *l);
struct gm_parcel *gm_parcel_find(struct gm *m, u32 handle);
struct gm_share *gm_parcel_share(struct gm_parcel *mp, unsigned int vmid);
void gm_parcel_donated(struct gm *m, struct gm_parcel *mp);
u64 gm_parcel_ipa(struct gm *m, const struct gm_parcel *mp, u64 offset, u64 *left);
int gm_parcel_copy(struct gm *m, const struct gm_parcel *mp, u64 offset, u8 *data, u64 size,
		   bool write);
u32 gm_map_add(struct gm *m, const struct gm_parcel *mp, struct gm_region *r,
	       const struct gm_share *s, u64 ipa);
void gm_map_drop(struct gm *m, const struct gm_parcel *mp, struct gm_region *r,
		 const struct gm_share *s);
void gm_parcel_zero(struct gm *m, const struct gm_parcel *mp);

/* rm_accept.c */
u32 gm_parcel_accept_by_rm(struct gm *m, struct gm_parcel *mp);
bool gm_parcel_private(const struct gm_parcel *mp, const struct gm_share *s);
u32 gm_parcels_start(struct gm *m, struct gm_vm *vm, const struct gm_fdt *f);
bool gm_parcel_release_one(struct gm *m, struct gm_vm *vm);

/* rm_irq.c */
void gm_irqs_release(struct gm *m, struct gm_vm *vm);

/* rm_fw.c */
void gm_fw_by_option(struct gm *m);
u32 gm_fw_start(struct gm *m, struct gm_vm *vm);
bool gm_fw_apart(const struct gm_vm *vm, const struct gm_parcel *mp);

/* rm_vm.c */
bool gm_vm_notify(struct gm *m, unsigned int vmid, u32 id, const u8 *data, u32 size);
bool gm_vm_end(struct gm *m, struct gm_vm *vm, u16 type, u16 flags, u16 code);
bool gm_vm_end_run(struct gm *m, struct gm_vm *vm);
bool gm_vms_end_run(struct gm *m);
struct gm_vm *gm_vm_new(struct gm *m, unsigned int vmid, unsigned int owner, const char *name);
void gm_vm_free(struct gm *m, struct gm_vm *vm);
void gm_vm_add_peers(struct gm_vm *a, struct gm_vm *b);
bool gm_vm_is_peer(const struct gm_vm *vm, unsigned int vmid);
void gm_vm_send_state(struct gm *m, struct gm_vm *vm);
bool gm_vm_reset_run(struct gm *m);
struct gm_resource *gm_resource_add(struct gm *m, unsigned int vmid, unsigned int of_vmid,
				    unsigned int type);

/* rm_res.c */
u32 gm_vm_resources_new(struct gm *m, struct gm_vm *vm);
int gm_vmcfg_set(struct gm *m, u64 what, u64 value);
void gm_thread_free(struct gm *m, unsigned int index);

/* rm_dt.c */
u32 gm_dt_load(struct gm *m, struct gm_vm *vm, struct gm_fdt *f);
u32 gm_dt_read(struct gm *m, struct gm_vm *vm);

/* rm_overlay.c */
u32 gm_dt_overlay(struct gm *m, struct gm_vm *vm, struct gm_fdt *f);
int gm_dt_reserved(const struct gm_fdt *f, u32 label);
bool gm_dt_shm(const struct gm_fdt *f, u32 label, u64 *base);

/* rm_vdev.c */
struct gm_vdev *gm_vdev_new(struct gm *m, struct gm_vm *vm);
struct gm_vdev *gm_vdev_next(struct gm *m, const struct gm_vm *vm, u32 *i);
u32 gm_vdevs_make(struct gm *m, struct gm_vm *vm);
void gm_vdevs_destroy(struct gm *m, struct gm_vm *vm);
void gm_line_free(struct gm *m, struct gm_line *line);

/* peer.c */

/**
 * struct gm_peer_queue - a queue (pair) to a model-side peer
 * @flags: GM_DBG_QUEUE_*
 * @tx_depth: depth of the queue to the peer
 * @tx_size: its message size
 * @rx_depth: depth of the queue from the peer
 * @rx_size: its message size
 * @tx_cap: out
 * @rx_cap: out
 * @tx_virq: out
 * @rx_virq: out
 * @label: out
 */
struct gm_peer_queue {
	u32 flags;
	u32 tx_depth;
	u32 tx_size;
	u32 rx_depth;
	u32 rx_size;
	u64 tx_cap;
	u64 rx_cap;
	u32 tx_virq;
	u32 rx_virq;
	u32 label;
};

int gm_peer_add(struct gm *m, const char *kind, unsigned int depth, unsigned int size);
struct gm_vm *gm_peer_vm(struct gm *m, const char *name);
int gm_peer_queue_new(struct gm *m, struct gm_vm *peer, struct gm_peer_queue *pq);
int gm_peer_queue_destroy(struct gm *m, struct gm_msgq *q);
int gm_peer_doorbell_new(struct gm *m, struct gm_vm *peer, bool to_peer, u64 *cap, u32 *virq,
			 u32 *label);
void gm_peer_stop(struct gm *m, struct gm_vm *peer);
void gm_peer_destroy(struct gm *m, struct gm_vm *peer);
bool gm_peer_run(struct gm *m);
void gm_flood_start(struct gm *m, u32 id, u64 count, u32 size, u64 interval);
bool gm_flood_run(struct gm *m, u64 now);

/* misbehave.c */
int gm_misbehave_add(struct gm *m, u64 what, u64 kind, u64 count, u64 arg, u32 id);
void gm_misbehave_clear(struct gm *m);
u64 gm_misbehave_left(struct gm *m, u64 what, u64 kind);
int gm_misbehave_parse(struct gm *m, const char *s, size_t n);
bool gm_misbehave_take(struct gm *m, unsigned int kind, u32 id, u8 *what, u64 *arg);
bool gm_misbehave_take_call(struct gm *m, unsigned int kind, u32 id, s32 *error);
s32 gm_fail_take(struct gm *m, unsigned int num);
int gm_fail_add(struct gm *m, u64 num, s32 error, u64 count, u64 skip);

/* books.c */
s32 gm_books_owner(struct gm *m, u64 *x);
s32 gm_books_digest(struct gm *m, u64 *x);
s32 gm_books_count(struct gm *m, u64 *x);
int gm_pool_set(struct gm *m, u64 what, u64 limit);

/* debug.c */
void gm_debug_call(struct gm *m, u64 x[GM_NR_SMCCC_REGS]);

#endif /* GM_STATE_H */
