/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the resource-manager (RM) client share. */
#ifndef __GUNYAH_RM_INTERNAL_H
#define __GUNYAH_RM_INTERNAL_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/gunyah.h>
#include <linux/gunyah_msgq.h>
#include <linux/gunyah_rm.h>
#include <linux/jiffies.h>
#include <linux/kref.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/mailbox_client.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "rm_msg.h"

struct dentry;
struct gunyah_console_device;
struct gunyah_rm_peers;
struct gunyah_rm_raw;
struct irq_domain;

/* Fragments of ours in the mailbox core, whose ring has 20 slots. */
#define RM_NR_SLOTS	16
/* Calls whose caller has not yet looked at the result, and the one on the wire. */
#define RM_NR_CALLS	8
/* Calls that debugfs shows. */
#define RM_NR_LOG	64
/* Calls given up that are remembered because they may have made something. */
#define RM_NR_LATE	8
/* How often to look for a lost interrupt where no caller does. */
#define RM_PEEK_TIME	HZ
/* Sequence numbers. */
#define RM_NR_SEQS	(U16_MAX + 1)

/* Status word of a reply: 0 is success. */
#define RM_STATUS_SIZE	4
#define RM_STATUS_OK	0

/**
 * struct gunyah_rm_late - what a reply is good for that comes too late
 * @got: told the same as @made if it does not, before its caller is and before
 *	any later reply; or NULL
 * @made: told that RM has done it after all, and the word after the status, 0
 *	if there is none; in any context, with gunyah_rm.lock. NULL: nothing
 * @refused: told that RM has not done it, in the same way; or NULL
 * @arg: passed to all
 */
struct gunyah_rm_late {
	void (*got)(struct gunyah_rm *rm, u32 arg, u32 word);
	void (*made)(struct gunyah_rm *rm, u32 arg, u32 word);
	void (*refused)(struct gunyah_rm *rm, u32 arg);
	u32 arg;
};

/**
 * struct gunyah_rm_xfer - one call, seen by its caller
 * @id: message id
 * @req: payload of the request, NULL if there is none
 * @req_size: bytes of it, 0..GUNYAH_RM_MAX_REQUEST
 * @resp: where the payload of the reply goes, status word first
 * @resp_min: bytes that a reply with status 0 must have, at least 4
 * @resp_max: bytes it can have, at most GUNYAH_RM_MAX_PAYLOAD
 * @late: what is to be done if the reply comes when the caller has gone
 * @resp_size: result: bytes of the reply, 4..@resp_max
 * @status: result: status word
 * @unsure: result: RM may have done it, but there is no answer that says so
 */
struct gunyah_rm_xfer {
	u32 id;
	const void *req;
	size_t req_size;
	void *resp;
	size_t resp_min;
	size_t resp_max;
	struct gunyah_rm_late late;
	size_t resp_size;
	u32 status;
	bool unsure;
};

/**
 * enum rm_call_state - life of a call object
 * @RM_CALL_FREE: in the pool
 * @RM_CALL_WIRE: has the wire: is being sent, or waits for its reply
 * @RM_CALL_ORPHAN: has the wire, was sent, and its caller has been killed: RM
 *	is left alone until it has answered or the call's time is over
 * @RM_CALL_DONE: has a result
 *
 * FREE -> WIRE -> DONE -> FREE, or WIRE -> ORPHAN -> DONE -> FREE.
 */
enum rm_call_state {
	RM_CALL_FREE,
	RM_CALL_WIRE,
	RM_CALL_ORPHAN,
	RM_CALL_DONE,
};

/**
 * struct rm_call - one call, seen by the wire
 * @rm: the client it belongs to
 * @ref: one reference of the caller, one of gunyah_rm.wire
 * @node: in gunyah_rm.pool while FREE
 * @state: see enum rm_call_state
 * @id: message id
 * @seq: sequence number
 * @req: rest of the request's payload is read from here; the caller's memory,
 *	NULL once the caller has gone
 * @req_size: bytes of it
 * @nr_frags: fragments of the request
 * @next_frag: the first one that has not been given to the mailbox
 * @rx_frags: fragments of the reply
 * @resp: destination of the reply: @small, or for a reply that may be larger
 *	the caller's memory; NULL once the caller has gone
 * @resp_cap: bytes there is room for
 * @resp_min: bytes a reply with status 0 must have
 * @resp_max: bytes it can have
 * @late: what is to be done if it comes too late
 * @resp_size: bytes it has
 * @status: its status word
 * @result: 0 or an error, valid when DONE
 * @start: when it got the wire
 * @deadline: when it loses it, in jiffies
 * @done: completed on the way to DONE
 * @small: room for a reply of one fragment
 *
 * All fields are protected by gunyah_rm.lock. A call is completed, detached
 * from its caller's memory and put under that lock, so that a reply can never
 * meet a caller that has left: the last fragment either finds the memory or
 * finds out that there is none.
 */
struct rm_call {
	struct gunyah_rm *rm;
	struct kref ref;
	struct list_head node;
	enum rm_call_state state;

	u32 id;
	u16 seq;
	const u8 *req;
	size_t req_size;
	u8 nr_frags;
	u8 next_frag;
	u8 rx_frags;

	u8 *resp;
	size_t resp_cap;
	size_t resp_min;
	size_t resp_max;
	struct gunyah_rm_late late;
	size_t resp_size;
	u32 status;
	int result;

	ktime_t start;
	unsigned long deadline;
	struct completion done;

	u8 small[GUNYAH_RM_CONTENT_SIZE];
};

/**
 * struct rm_late_call - a call given up whose reply would be of use
 * @id: message id
 * @seq: sequence number
 * @resp_min: bytes that a good reply has
 * @late: what is to be done, nothing in an entry that is free
 */
struct rm_late_call {
	u32 id;
	u16 seq;
	size_t resp_min;
	struct gunyah_rm_late late;
};

/**
 * struct rm_slot - a fragment on its way through the mailbox core
 * @msg: what the mailbox gets
 * @seq: sequence number of its call
 * @data: header and content
 *
 * The fragment is a copy, so that a caller may leave while the mailbox core,
 * which cannot take a message back, still holds it.
 */
struct rm_slot {
	struct gunyah_msgq_msg msg;
	u16 seq;
	u8 data[GUNYAH_RM_FRAG_SIZE];
};

/* What is counted besides the drops. The names are in rm_debugfs.c. */
enum rm_counter {
	RM_CTR_CALLS,			/* that got the wire */
	RM_CTR_REPLIES,			/* that a caller got */
	RM_CTR_TIMEOUTS,
	RM_CTR_KILLED,			/* callers that left */
	RM_CTR_TX_FRAGMENTS,
	RM_CTR_TX_ERRORS,		/* fragments the mailbox refused */
	RM_CTR_TX_RETRIES,		/* fragments that met a full queue */
	RM_CTR_RX_FRAGMENTS,
	RM_CTR_NOTIFICATIONS,		/* that were received */
	RM_CTR_NOTIF_DELIVERED,		/* callbacks made */
	RM_CTR_NOTIF_UNCLAIMED,		/* that nobody had subscribed to */
	RM_CTR_NOTIF_UNKNOWN,		/* with an id that is not known */
	RM_CTR_NOTIF_LOST,		/* that were dropped or damaged */
	RM_NR_CTRS
};

/* One line of debugfs' "calls". */
struct rm_log_entry {
	u32 id;
	u16 seq;
	u8 tx_frags;
	u8 rx_frags;
	u32 status;
	int result;
	u64 latency_us;
};

/**
 * struct rm_notify - notifications between the interrupt and their subscribers
 * @ring: RM_RING_SIZE bytes of records, see rm_notify.c
 * @head: where the next record goes; runs freely
 * @tail: the first record not yet delivered; runs freely
 * @lost: notifications were lost behind the last record
 * @nr_come: notifications that have got into the ring
 * @nr_gone: of these, those before the one at @tail
 * @work: delivers
 * @wq: ordered; nothing that delivery could wait for runs on it
 * @lock: Protects the fields below. Never held in a callback
 * @subs: subscribers, by ascending order
 * @next_order: of the next subscriber
 * @running: subscriber whose callback runs
 * @task: that makes the callbacks
 * @idle: woken when @running changes to NULL
 *
 * @ring to @nr_gone are protected by gunyah_rm.lock.
 */
struct rm_notify {
	u8 *ring;
	u32 head;
	u32 tail;
	bool lost;
	u64 nr_come;
	u64 nr_gone;

	struct work_struct work;
	struct workqueue_struct *wq;

	struct mutex lock; /* see above */
	struct list_head subs;
	u64 next_order;
	struct gunyah_rm_subscriber *running;
	struct task_struct *task;
	wait_queue_head_t idle;
};

/**
 * struct gunyah_rm - the client of one resource manager
 * @ref: one reference of the bound driver, one of each user
 * @dev: client device, for messages
 * @cl: our end of @chan
 * @chan: mailbox channel, valid until gunyah_rm_destroy() has freed it
 * @lock: Protects the fields below up to @nr_logged, but @notify's own
 * @dead: the driver is unbound: nothing is sent any more
 * @silent: the last call got no reply, which has been reported
 * @timeout_ms: time RM has to answer a call, 0 for the module parameter
 * @users: callers inside gunyah_rm_xfer()
 * @gone: woken when @users changes to 0, and when the wire is free without any
 * @raw: who has raw mode, or waits for it: no call is begun
 * @raw_revoked: nobody has it any more, for good
 * @calls: the call objects
 * @pool: those that are free
 * @wire: the call that has the wire. RM keeps one unsent reply only, so there
 *	is never a second one
 * @waiters: callers that wait for the wire, in order (struct rm_waiter)
 * @orphan_work: looks for the reply to an orphan, and takes the wire from one
 *	whose time is over
 * @next_seq: where the search for the next sequence number starts
 * @last_seq: sequence number answered last, to tell a duplicate
 * @last_id: message id answered last
 * @given_up: sequence numbers to which a late reply may still come
 * @late_calls: of these, the last ones whose reply would be of use
 * @nr_late: calls that have been put there so far
 * @slots: fragments in the mailbox
 * @slots_used: which of them
 * @feeding: somebody gives fragments to the mailbox; one at a time, to keep
 *	their order
 * @rx: the message being received
 * @rx_call: the call it answers, if any
 * @notify: notifications
 * @counters: what debugfs shows
 * @drops: the same, by cause
 * @log: the last calls
 * @nr_logged: calls logged so far
 * @vmids: VMs allocated through this client and not deallocated; atomic bits
 * @vmids_unsure: of these, the ones that may be gone; atomic bits
 * @vmids_leaving: VMs that are being deallocated; atomic bits
 * @strays: VMs that were allocated for callers that have gone; atomic bits
 * @stray_work: deallocates them, and reclaims parcels of such callers
 * @stray_retries: how often it has come back to the same VMs
 * @configured: of @vmids, the ones that certainly have a configuration in RM
 * @config_unsure: of these, the ones that may have one or not; atomic bits
 * @parcel_lock: Protects the next three; a leaf, also under @lock
 * @parcels: memory parcels made here and not reclaimed (struct rm_parcel)
 * @nr_parcels: parcels counted so far
 * @nr_entries: list entries of theirs, and of those that are being made
 * @max_entries: how many there may be, 0 for the module parameter
 * @virqs: interrupts that RM names; NULL where there is no device tree. Set
 *	before the client is published, removed when nobody can map one any more
 * @peers: resources shared with other VMs, of the bound driver
 * @console: device of the consoles, of the bound driver
 * @own_vmid: this VM's id once it is known, else GUNYAH_VMID_ANY
 *
 * Lock order: @notify.lock and @lock are never held together, and both are
 * leaves but for what complete(), wake_up() and queue_work() take.
 */
struct gunyah_rm {
	struct kref ref;
	struct device *dev;
	struct mbox_client cl;
	struct mbox_chan *chan;

	spinlock_t lock; /* see above */
	bool dead;
	bool silent;
	unsigned int timeout_ms;
	unsigned int users;
	wait_queue_head_t gone;
	struct gunyah_rm_raw *raw;
	bool raw_revoked;

	struct rm_call calls[RM_NR_CALLS];
	struct list_head pool;
	struct rm_call *wire;
	struct list_head waiters;
	struct delayed_work orphan_work;
	u16 next_seq;
	u16 last_seq;
	u32 last_id;
	DECLARE_BITMAP(given_up, RM_NR_SEQS);
	struct rm_late_call late_calls[RM_NR_LATE];
	unsigned int nr_late;

	struct rm_slot slots[RM_NR_SLOTS];
	unsigned long slots_used;
	bool feeding;

	struct gunyah_rm_rx rx;
	struct rm_call *rx_call;

	struct rm_notify notify;

	u64 counters[RM_NR_CTRS];
	u64 drops[GUNYAH_RM_NR_DROPS];
	struct rm_log_entry log[RM_NR_LOG];
	u64 nr_logged;

	DECLARE_BITMAP(vmids, U16_MAX + 1);
	DECLARE_BITMAP(vmids_unsure, U16_MAX + 1);
	DECLARE_BITMAP(vmids_leaving, U16_MAX + 1);
	DECLARE_BITMAP(strays, U16_MAX + 1);
	struct delayed_work stray_work;
	atomic_t stray_retries;
	DECLARE_BITMAP(configured, U16_MAX + 1);
	DECLARE_BITMAP(config_unsure, U16_MAX + 1);
	spinlock_t parcel_lock; /* see above */
	struct list_head parcels;
	u32 nr_parcels;
	size_t nr_entries;
	size_t max_entries;
	struct irq_domain *virqs;
	struct gunyah_rm_peers *peers;
	struct gunyah_console_device *console;
	u16 own_vmid;
};

/* A client device: what the platform driver tells the client driver. */
struct gunyah_rm_client_device {
	struct auxiliary_device adev;
	struct gunyah_msgq_device *msgq;
};

/* All of it has been given to the mailbox. */
static inline bool gunyah_rm_call_sent(const struct rm_call *call)
{
	return call->next_frag == call->nr_frags;
}

/* rm_core.c */
struct gunyah_rm *gunyah_rm_create(struct device *dev, struct mbox_chan *chan);
void gunyah_rm_destroy(struct gunyah_rm *rm);
int gunyah_rm_xfer(struct gunyah_rm *rm, struct gunyah_rm_xfer *xfer);
void gunyah_rm_drop_locked(struct gunyah_rm *rm, enum gunyah_rm_drop drop, u32 id, u16 seq);
void gunyah_rm_call_complete_locked(struct rm_call *call, int result);

/* rm_late.c; with gunyah_rm.lock. */
u16 gunyah_rm_seq_alloc_locked(struct gunyah_rm *rm);
void gunyah_rm_late_expect_locked(struct gunyah_rm *rm, const struct rm_call *call);
bool gunyah_rm_late_reply_locked(struct gunyah_rm *rm, const struct gunyah_rm_frag *frag);
bool gunyah_rm_late_pending(struct gunyah_rm *rm,
			    void (*made)(struct gunyah_rm *rm, u32 arg, u32 word), u32 arg);
void gunyah_rm_late_begin_locked(struct gunyah_rm *rm, const struct rm_call *call,
				 const struct gunyah_rm_frag *frag);
void gunyah_rm_call_leave_locked(struct rm_call *call, int why);

/* rm_notify.c; the functions with "locked" want gunyah_rm.lock. */
int gunyah_rm_notify_init(struct gunyah_rm *rm);
void gunyah_rm_notify_stop(struct gunyah_rm *rm);
void gunyah_rm_notify_free(struct gunyah_rm *rm);
void *gunyah_rm_notify_reserve_locked(struct gunyah_rm *rm, size_t size);
void gunyah_rm_notify_commit_locked(struct gunyah_rm *rm, u32 id, size_t size);
void gunyah_rm_notify_lost_locked(struct gunyah_rm *rm);

/* rm_late.c */
void gunyah_rm_orphans_init(struct gunyah_rm *rm);
void gunyah_rm_orphans_stop(struct gunyah_rm *rm);
void gunyah_rm_strays_init(struct gunyah_rm *rm);
void gunyah_rm_strays_stop(struct gunyah_rm *rm);
void gunyah_rm_strays_now(struct gunyah_rm *rm);

/* rm_rpc_call.c */
const char *gunyah_rm_msg_name(u32 id);
int gunyah_rm_status_to_errno(u32 status);
bool gunyah_rm_status_is_no_handle(u32 status);
const char *gunyah_rm_status_name(u32 status);

/* rm_rpc_parcel.c */
void gunyah_rm_mem_init(struct gunyah_rm *rm);
void gunyah_rm_mem_free(struct gunyah_rm *rm);

/* rm_rpc_notif.c */
bool gunyah_rm_notif_known(u32 id);
bool gunyah_rm_notif_decode(struct gunyah_rm_notification *n);

/* rm_console.c */
struct gunyah_console_device *gunyah_rm_console_start(struct gunyah_rm *rm);
void gunyah_rm_console_stop(struct gunyah_console_device *console);

/* rm_client.c */
extern struct auxiliary_driver gunyah_rm_client_driver;

/* rm_debugfs.c */
#if IS_ENABLED(CONFIG_DEBUG_FS)
void gunyah_rm_debugfs_init(void);
void gunyah_rm_debugfs_exit(void);
void gunyah_rm_debugfs_hypervisor(const struct gunyah_hyp_info *info);
void gunyah_rm_debugfs_add(struct gunyah_rm *rm);
void gunyah_rm_debugfs_remove(struct gunyah_rm *rm);

/* rm_raw.c */
void gunyah_rm_raw_rx_locked(struct gunyah_rm *rm, const struct gunyah_msgq_msg *msg);
void gunyah_rm_raw_dead_locked(struct gunyah_rm *rm);
#else
static inline void gunyah_rm_debugfs_init(void) {}
static inline void gunyah_rm_debugfs_exit(void) {}
static inline void gunyah_rm_debugfs_hypervisor(const struct gunyah_hyp_info *info) {}
static inline void gunyah_rm_debugfs_add(struct gunyah_rm *rm) {}
static inline void gunyah_rm_debugfs_remove(struct gunyah_rm *rm) {}
static inline void gunyah_rm_raw_rx_locked(struct gunyah_rm *rm,
					   const struct gunyah_msgq_msg *msg) {}
static inline void gunyah_rm_raw_dead_locked(struct gunyah_rm *rm) {}
#endif

#endif
