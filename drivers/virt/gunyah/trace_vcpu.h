/* SPDX-License-Identifier: GPL-2.0-only */
/* What guests do: vCPUs, and the events to and from them. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM gunyah

#if !defined(__GUNYAH_TRACE_VCPU_H) || defined(TRACE_HEADER_MULTI_READ)
#define __GUNYAH_TRACE_VCPU_H

#include <linux/tracepoint.h>
#include <linux/types.h>

/* A vCPU is about to be run; value and action answer its last exit. */
TRACE_EVENT(gunyah_vcpu_entry,
	    TP_PROTO(u32 vm, u32 vcpu, u64 value, u32 action),
	    TP_ARGS(vm, vcpu, value, action),
	    TP_STRUCT__entry(__field(u32, vm)
			     __field(u32, vcpu)
			     __field(u64, value)
			     __field(u32, action)),
	    TP_fast_assign(__entry->vm = vm;
			   __entry->vcpu = vcpu;
			   __entry->value = value;
			   __entry->action = action;),
	    TP_printk("vm=%u vcpu=%u value=%#llx action=%u", __entry->vm, __entry->vcpu,
		      __entry->value, __entry->action)
);

/* A vCPU came back: ret 0 and why, or the hypervisor refused to run it. */
TRACE_EVENT(gunyah_vcpu_exit,
	    TP_PROTO(u32 vm, u32 vcpu, int ret, u64 state, const u64 *data),
	    TP_ARGS(vm, vcpu, ret, state, data),
	    TP_STRUCT__entry(__field(u32, vm)
			     __field(u32, vcpu)
			     __field(int, ret)
			     __field(u64, state)
			     __array(u64, data, 3)),
	    TP_fast_assign(__entry->vm = vm;
			   __entry->vcpu = vcpu;
			   __entry->ret = ret;
			   __entry->state = state;
			   memcpy(__entry->data, data, sizeof(__entry->data));),
	    TP_printk("vm=%u vcpu=%u ret=%d state=%s data=%#llx,%#llx,%#llx", __entry->vm,
		      __entry->vcpu, __entry->ret,
		      __print_symbolic(__entry->state, { 0, "ready" }, { 1, "wakeup" },
				       { 2, "off" }, { 3, "blocked" }, { 4, "read" },
				       { 5, "write" }, { 6, "fault" }, { 7, "page-fault" },
				       { 0x100, "reset" }),
		      __entry->data[0], __entry->data[1], __entry->data[2])
);

/* An access goes to user space; the value of a write, cut to its length. */
TRACE_EVENT(gunyah_vcpu_mmio,
	    TP_PROTO(u32 vm, u32 vcpu, bool is_write, u64 addr, u32 len, u64 value),
	    TP_ARGS(vm, vcpu, is_write, addr, len, value),
	    TP_STRUCT__entry(__field(u32, vm)
			     __field(u32, vcpu)
			     __field(bool, is_write)
			     __field(u64, addr)
			     __field(u32, len)
			     __field(u64, value)),
	    TP_fast_assign(__entry->vm = vm;
			   __entry->vcpu = vcpu;
			   __entry->is_write = is_write;
			   __entry->addr = addr;
			   __entry->len = len;
			   __entry->value = value;),
	    TP_printk("vm=%u vcpu=%u %s addr=%#llx len=%u value=%#llx", __entry->vm,
		      __entry->vcpu, __entry->is_write ? "write" : "read", __entry->addr,
		      __entry->len, __entry->value)
);

/* A doorbell was rung for an eventfd. */
TRACE_EVENT(gunyah_irqfd,
	    TP_PROTO(u32 vm, u32 label, int ret),
	    TP_ARGS(vm, label, ret),
	    TP_STRUCT__entry(__field(u32, vm)
			     __field(u32, label)
			     __field(int, ret)),
	    TP_fast_assign(__entry->vm = vm;
			   __entry->label = label;
			   __entry->ret = ret;),
	    TP_printk("vm=%u label=%u ret=%d", __entry->vm, __entry->label, __entry->ret)
);

/* An eventfd was signalled for a write. */
TRACE_EVENT(gunyah_ioeventfd,
	    TP_PROTO(u32 vm, u64 addr, u32 len, u64 value),
	    TP_ARGS(vm, addr, len, value),
	    TP_STRUCT__entry(__field(u32, vm)
			     __field(u64, addr)
			     __field(u32, len)
			     __field(u64, value)),
	    TP_fast_assign(__entry->vm = vm;
			   __entry->addr = addr;
			   __entry->len = len;
			   __entry->value = value;),
	    TP_printk("vm=%u addr=%#llx len=%u value=%#llx", __entry->vm, __entry->addr,
		      __entry->len, __entry->value)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace_vcpu
#include <trace/define_trace.h>
