/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers of the interface: errors of the hypervisor, status words of RM, rights. */
#ifndef GM_NUMBERS_H
#define GM_NUMBERS_H

/* Error numbers of the hypervisor (those that the model gives). */
#define GM_E_OK			0
#define GM_E_UNIMPLEMENTED	(-1)
#define GM_E_ARGUMENT_INVALID	1
#define GM_E_ARGUMENT_SIZE	2
#define GM_E_ARGUMENT_ALIGNMENT	3
#define GM_E_NORESOURCES	11
#define GM_E_ADDR_OVERFLOW	20
#define GM_E_ADDR_INVALID	22
#define GM_E_DENIED		30
#define GM_E_BUSY		31
#define GM_E_OBJECT_STATE	33
#define GM_E_CAP_NULL		50
#define GM_E_CAP_REVOKED	51
#define GM_E_CAP_TYPE		52
#define GM_E_CAP_RIGHTS		53
#define GM_E_CSPACE_FULL	54
#define GM_E_MSGQUEUE_EMPTY	60
#define GM_E_MSGQUEUE_FULL	61

/* Status words of RM. */
#define GM_ST_OK			0
#define GM_ST_UNIMPLEMENTED		0xffffffffu
#define GM_ST_NOMEM			1
#define GM_ST_NORESOURCE		2
#define GM_ST_DENIED			3
#define GM_ST_MSG_INVALID		4
#define GM_ST_BUSY			5
#define GM_ST_ARGUMENT_INVALID		6
#define GM_ST_HANDLE_INVALID		7
#define GM_ST_VALIDATE_FAILED		8
#define GM_ST_MAP_FAILED		9
#define GM_ST_MEM_INVALID		0xa
#define GM_ST_MEM_INUSE			0xb
#define GM_ST_MEM_RELEASED		0xc
#define GM_ST_VMID_INVALID		0xd
#define GM_ST_LOOKUP_FAILED		0xe
#define GM_ST_IRQ_INVALID		0xf
#define GM_ST_IRQ_INUSE			0x10
#define GM_ST_IRQ_RELEASED		0x11
#define GM_ST_IN_USE			0x12
#define GM_ST_VM_STATE			0x14
#define GM_ST_NO_REPLY			0xfffffffeu	/* not a status: say nothing */
#define GM_ST_LATER			0xfffffffdu	/* nor this: see struct gm_later */

/* Rights. */
#define GM_RIGHT_ACTIVATE		0x80000000u
#define GM_RIGHT_DOORBELL_SEND		0x1
#define GM_RIGHT_DOORBELL_RECEIVE	0x2
#define GM_RIGHT_DOORBELL_BIND		0x4
#define GM_RIGHT_MSGQ_SEND		0x1
#define GM_RIGHT_MSGQ_RECEIVE		0x2
#define GM_RIGHT_MSGQ_BIND_SEND		0x4
#define GM_RIGHT_MSGQ_BIND_RECEIVE	0x8
#define GM_RIGHT_THREAD_POWER		0x1
#define GM_RIGHT_THREAD_AFFINITY	0x2
#define GM_RIGHT_THREAD_PRIORITY	0x4
#define GM_RIGHT_THREAD_TIMESLICE	0x8
#define GM_RIGHT_THREAD_YIELD_TO	0x10
#define GM_RIGHT_THREAD_BIND_VIRQ	0x20
#define GM_RIGHT_THREAD_STATE		0x40
#define GM_RIGHT_THREAD_LIFECYCLE	0x80
#define GM_RIGHT_THREAD_WRITE		0x100
#define GM_RIGHT_THREAD_DISABLE		0x200

#endif /* GM_NUMBERS_H */
