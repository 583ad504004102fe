/* SPDX-License-Identifier: GPL-2.0-only */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM gunyah_vm

#if !defined(__GUNYAH_VM_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define __GUNYAH_VM_TRACE_H

#include <linux/tracepoint.h>
#include <linux/types.h>

/* A VM has got to another state. */
TRACE_EVENT(gunyah_vm_state,
	    TP_PROTO(u32 serial, u16 vmid, const char *from, const char *to),
	    TP_ARGS(serial, vmid, from, to),
	    TP_STRUCT__entry(__field(u32, serial)
			     __field(u16, vmid)
			     __string(from, from)
			     __string(to, to)),
	    TP_fast_assign(__entry->serial = serial;
			   __entry->vmid = vmid;
			   __assign_str(from);
			   __assign_str(to);),
	    TP_printk("vm=%u vmid=%u from=%s to=%s", __entry->serial, __entry->vmid,
		      __get_str(from), __get_str(to))
);

/* Why a VM could not be started. */
TRACE_EVENT(gunyah_vm_start_failed,
	    TP_PROTO(u32 serial, u16 vmid, int ret, const char *why),
	    TP_ARGS(serial, vmid, ret, why),
	    TP_STRUCT__entry(__field(u32, serial)
			     __field(u16, vmid)
			     __field(int, ret)
			     __string(why, why)),
	    TP_fast_assign(__entry->serial = serial;
			   __entry->vmid = vmid;
			   __entry->ret = ret;
			   __assign_str(why);),
	    TP_printk("vm=%u vmid=%u ret=%d why=\"%s\"", __entry->serial, __entry->vmid,
		      __entry->ret, __get_str(why))
);

/* A parcel was shared, lent or reclaimed, or should have been. */
TRACE_EVENT(gunyah_vm_parcel,
	    TP_PROTO(u32 serial, const char *what, u32 label, u32 handle, u64 size, size_t runs,
		     int ret),
	    TP_ARGS(serial, what, label, handle, size, runs, ret),
	    TP_STRUCT__entry(__field(u32, serial)
			     __string(what, what)
			     __field(u32, label)
			     __field(u32, handle)
			     __field(u64, size)
			     __field(u64, runs)
			     __field(int, ret)),
	    TP_fast_assign(__entry->serial = serial;
			   __assign_str(what);
			   __entry->label = label;
			   __entry->handle = handle;
			   __entry->size = size;
			   __entry->runs = runs;
			   __entry->ret = ret;),
	    TP_printk("vm=%u %s label=%u handle=%#x size=%llu runs=%llu ret=%d", __entry->serial,
		      __get_str(what), __entry->label, __entry->handle, __entry->size,
		      __entry->runs, __entry->ret)
);

/* A step of taking a VM apart. */
TRACE_EVENT(gunyah_vm_down,
	    TP_PROTO(u32 serial, u16 vmid, const char *step, int ret),
	    TP_ARGS(serial, vmid, step, ret),
	    TP_STRUCT__entry(__field(u32, serial)
			     __field(u16, vmid)
			     __string(step, step)
			     __field(int, ret)),
	    TP_fast_assign(__entry->serial = serial;
			   __entry->vmid = vmid;
			   __assign_str(step);
			   __entry->ret = ret;),
	    TP_printk("vm=%u vmid=%u step=%s ret=%d", __entry->serial, __entry->vmid,
		      __get_str(step), __entry->ret)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE vm_trace
#include <trace/define_trace.h>
