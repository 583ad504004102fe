/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The debug hypercall of the stand-in: number 0x3fff, which no hypervisor has.
 *
 * Only there with the option "debug"; otherwise it is an unknown number and
 * answers -1. Shared with the test suites that run in the guest, therefore
 * plain numbers without any other header.
 *
 * X0 = GM_DBG_CALL, X1 = operation, X2.. = arguments. Result: X0 = hypervisor
 * error number (0 OK, 1 bad argument, 11 no resources, -1 unknown operation),
 * X1.. as below. "-> a, b" names X1, X2.
 */
#ifndef GM_DEBUG_H
#define GM_DEBUG_H

#define GM_DBG_NUM			0x3fff
#define GM_DBG_CALL			0xc600bfff

/* () -> magic, interface version */
#define GM_DBG_PRESENT			0
/* () -> seed, bug mode (GM_BUG_*), RM state (GM_RM_*), now in ns */
#define GM_DBG_INFO			1
/*
 * (what, kind, count, arg, id): count ~0 = for ever, 0 = clear this pair; only
 * messages with that id, 0 = with any
 */
#define GM_DBG_MISBEHAVE		2
/* (): no misbehaviour, no failing hypercall; what is held back is sent */
#define GM_DBG_MISBEHAVE_CLEAR		3
/* (what, kind) -> hits since start, how many are left */
#define GM_DBG_MISBEHAVE_HITS		4
/* (GM_CTR_*) -> value; error 1 beyond the last */
#define GM_DBG_COUNTER			5
/* (hypercall number) -> calls, of which errors */
#define GM_DBG_CALL_COUNT		6
/* () -> next number, oldest number */
#define GM_DBG_LOG_RANGE		7
/*
 * (number) -> number, time, GM_DBG_LOG_WORD(), X4..X10 arguments, X11..X15
 * results X0..X4 of the call; error 1 if not (or no longer) there
 */
#define GM_DBG_LOG_READ			8
/*
 * (message id, count, payload size 0..1024, interval in ns): RM sends the
 * primary VM that many notifications (at most 1000000), payload byte n of
 * notification k = (k + n) & 0xff. interval 0: as fast as they are taken, none
 * lost; ~0: all at once, so that the oldest of those that wait are lost. count
 * 0 ends a flood.
 */
#define GM_DBG_NOTIFY			9
/*
 * (GM_DBG_QUEUE_* flags, depth | size << 16 of the queue to the peer, the same
 * of the queue from the peer)
 * -> TX cap, TX INTID, RX cap, RX INTID, peer's vmid, label
 */
#define GM_DBG_QUEUE_CREATE		10
/* (cap): destroys the queue and revokes the caller's capability */
#define GM_DBG_QUEUE_DESTROY		11
/* (RX cap, size, count, first byte): the peer sends; byte n of message k =
 * (first + k + n) & 0xff -> accepted
 */
#define GM_DBG_QUEUE_PEER_SEND		12
/* (TX cap, count): the peer receives and drops -> received, bytes */
#define GM_DBG_QUEUE_PEER_RECV		13
/* (cap) -> messages queued, depth, size, not-full and not-empty threshold */
#define GM_DBG_QUEUE_INFO		14
/* (): a doorbell each way -> send cap, receive cap, receive INTID, vmid, label */
#define GM_DBG_DOORBELL_CREATE		15
/* (receive cap, flags): the peer rings -> old flags */
#define GM_DBG_DOORBELL_RING		16
/* (send cap) -> flags, enable mask, ack mask (of the peer's receive end) */
#define GM_DBG_DOORBELL_INFO		17
/* (bytes, 0 = default): limit of RM's heap -> used, limit before */
#define GM_DBG_HEAP			18
/* (cap, GM_DBG_CAP_*, value): spoil a capability of the caller */
#define GM_DBG_CAP			19
/* (number, error, count, skip): the next calls fail, after skip good ones */
#define GM_DBG_FAIL_CALL		20
/* (GM_RM_*): kill or revive RM. Reviving forgets all partial messages. */
#define GM_DBG_RM			21
/* (interrupt number): raise it out of the blue */
#define GM_DBG_VIRQ			22
/* (ns): let RM be busy: it handles nothing for so long */
#define GM_DBG_RM_BUSY			23
/*
 * (vmid, message id, size 0..96, X5..X16 = payload): RM handles a request as if
 * that VM had sent it, at once and without its queues -> status word, size of
 * what follows it in the reply, X3..X17 = its first 120 bytes
 */
#define GM_DBG_RM_AS			24
/* (GM_DBG_VMCFG_*, value): what VMs get at VM_INIT from now on */
#define GM_DBG_VM_CONFIG		25
/*
 * (vmid): notifications to a VM that has an rm-rpc node but no queues here
 * -> how many, id of the last, its size, X4..X15 = its first 96 bytes
 */
#define GM_DBG_VM_NOTES			26
/* (vmid, exit type): a running VM ends by itself */
#define GM_DBG_VM_EXIT			27
/*
 * () -> parcels, ranges in parcels, lent interrupts, free interrupts, VMs,
 * hypervisor objects, capabilities, mapped ranges, devices of VMs, bytes of
 * RM's heap, all at this moment
 */
#define GM_DBG_BOOKS			28
/*
 * (address) -> the range at or above it with the lowest address that is not
 * simply the primary VM's: address, size, who gave it | transaction << 16 |
 * number of VMs that accepted it << 24 | the first of these << 32, or
 * GM_DBG_OWNER_GONE; error 1 if there is none
 */
#define GM_DBG_OWNER			29
/*
 * () -> digests of what GM_DBG_OWNER tells, of all capabilities, of the VMs with
 * their states, of the interrupts in use
 */
#define GM_DBG_DIGEST			30
/* (GM_DBG_POOL_*, limit): from now on no more than that many at once; ~0: all */
#define GM_DBG_POOL			31

#define GM_DBG_OWNER_GONE		0xffffffffffffffffull	/* donated */

/* GM_DBG_POOL, as the options pool-... */
#define GM_DBG_POOL_VCPUS		0	/* of all VMs */
#define GM_DBG_POOL_VIRQS		1	/* of the primary VM, RM's two included */
#define GM_DBG_POOL_PARCELS		2
#define GM_DBG_POOL_VMS			3	/* secondary, peers included */
#define GM_DBG_POOL_NR			4

#define GM_DBG_MAGIC			0x67756e7961684d31ull	/* "gunyahM1" */
#define GM_DBG_VERSION			1

/* Third word of GM_DBG_LOG_READ; all parameters 64 bit wide. */
#define GM_DBG_LOG_WORD(vmid, native, call, nargs, nres) \
	((vmid) | (native) << 16 | (call) << 20 | (nargs) << 40 | (nres) << 44)

/* GM_DBG_QUEUE_CREATE flags: directions seen by the caller. */
#define GM_DBG_QUEUE_TX			0x01	/* caller sends */
#define GM_DBG_QUEUE_RX			0x02	/* caller receives */
#define GM_DBG_QUEUE_ECHO		0x10	/* peer returns each message */
#define GM_DBG_QUEUE_STUCK		0x20	/* peer never receives */
#define GM_DBG_QUEUE_SINK		0x40	/* peer receives and drops */
						/* none of the three: by hand */

/* GM_DBG_VM_CONFIG, as the options vm-... */
#define GM_DBG_VMCFG_VCPUS		0
#define GM_DBG_VMCFG_BELLS		1
#define GM_DBG_VMCFG_BELLS_RX		2
#define GM_DBG_VMCFG_QUEUES		3
#define GM_DBG_VMCFG_LABEL		4
#define GM_DBG_VMCFG_RPC		5
#define GM_DBG_VMCFG_CONSOLE		6
#define GM_DBG_VMCFG_IMAGE_SHARED	7
#define GM_DBG_VMCFG_NR			8

/* GM_DBG_CAP */
#define GM_DBG_CAP_NULL			0	/* slot empty: error 50 */
#define GM_DBG_CAP_REVOKE		1	/* error 51 */
#define GM_DBG_CAP_RIGHTS		2	/* rights &= value: error 53 */
#define GM_DBG_CAP_INACTIVE		3	/* object not ACTIVE: error 33 */
#define GM_DBG_CAP_ACTIVE		4

/* GM_DBG_INFO, GM_DBG_RM */
#define GM_RM_ALIVE			0
#define GM_RM_DEAD			1	/* answers nothing any more */

/* Failed copies in msgqueue_send and _receive, option "bug=". */
#define GM_BUG_COPY_OK			0	/* as the real one: OK, and lost */
#define GM_BUG_COPY_DOC			1	/* the documented errors */

/* What can be done to a message: the table is at the top of misbehave.c. */
#define GM_MIS_REFUSE			0
#define GM_MIS_DELAY			1
#define GM_MIS_DROP_IRQ			2
#define GM_MIS_DOUBLE_IRQ		3
#define GM_MIS_REORDER			4
#define GM_MIS_TRUNCATE			5
#define GM_MIS_CORRUPT			6
#define GM_MIS_DUPLICATE		7
#define GM_MIS_FOREIGN			8
#define GM_MIS_SILENT			9
#define GM_MIS_NOHEAP			10
#define GM_MIS_NR			11

/* To which messages. */
#define GM_KIND_SINGLE			0	/* one fragment each way */
#define GM_KIND_MULTI_REQUEST		1	/* request of several */
#define GM_KIND_MULTI_REPLY		2	/* reply of several */
#define GM_KIND_NOTIFICATION		3
#define GM_KIND_NR			4

/* Counters. */
#define GM_CTR_CALLS			0	/* hypercalls, services included */
#define GM_CTR_CALLS_UNKNOWN		1	/* answered -1 for the number */
#define GM_CTR_CALL_ERRORS		2
#define GM_CTR_CAP_ERRORS		3	/* failed lookups */
#define GM_CTR_MSGQ_SENT		4	/* queued, by VMs */
#define GM_CTR_MSGQ_RECEIVED		5	/* taken, by VMs */
#define GM_CTR_MSGQ_LOST		6	/* sends answered OK and not queued */
#define GM_CTR_MSGQ_RECV_STUCK		7	/* receives OK with size 0 */
#define GM_CTR_VIRQS			8	/* raised */
#define GM_CTR_RM_REQUESTS		9	/* complete requests */
#define GM_CTR_RM_REPLIES		10	/* replies whose last fragment is queued */
#define GM_CTR_RM_REPLIES_LOST		11	/* overwritten while unsent */
#define GM_CTR_RM_NOTES			12	/* notifications sent */
#define GM_CTR_RM_NOTES_LOST		13	/* oldest of 256 dropped */
#define GM_CTR_RM_BAD_HEADER		14	/* fragments dropped: header */
#define GM_CTR_RM_BAD_FRAGMENT		15	/* continuations dropped */
#define GM_CTR_RM_PARTIAL		16	/* partial messages dropped */
#define GM_CTR_RM_IGNORED		17	/* replies, notifications of a VM */
#define GM_CTR_RM_UNIMPLEMENTED		18
#define GM_CTR_RM_NOHEAP		19	/* requests dropped: heap */
#define GM_CTR_RM_DEATHS		20
#define GM_CTR_MISBEHAVED		21
#define GM_CTR_FRAGMENTS_IN		22	/* VM to RM, taken by RM */
#define GM_CTR_FRAGMENTS_OUT		23	/* RM to VM, queued */
#define GM_CTR_NR			24

/*
 * RM message ids that exist only with the option "debug", for tests of the
 * transport with sizes the real calls never reach.
 */
#define GM_RM_ECHO			0x5ff00001	/* reply = the request's payload */
#define GM_RM_BLOB			0x5ff00002	/* u32 n, u32 first: n bytes, counting up */
#define GM_RM_SINK			0x5ff00003	/* reply: u32 length, u32 sum of bytes */
/*
 * For who cannot make hypercalls: u64 operation, arguments; reply: X1.. as the
 * hypercall's. MISBEHAVE, BOOKS, DIGEST and POOL only
 */
#define GM_RM_DEBUG			0x5ff00004

#endif /* GM_DEBUG_H */
