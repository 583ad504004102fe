/* SPDX-License-Identifier: GPL-2.0-only */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM gunyah

#if !defined(__GUNYAH_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define __GUNYAH_TRACE_H

#include <linux/tracepoint.h>
#include <linux/types.h>

/* A call to RM, when its caller has the result or gives up. */
TRACE_EVENT(gunyah_rm_call,
	    TP_PROTO(u32 id, u16 seq, size_t req_size, size_t resp_size, u32 status, int ret,
		     u64 latency_us),
	    TP_ARGS(id, seq, req_size, resp_size, status, ret, latency_us),
	    TP_STRUCT__entry(__field(u32, id)
			     __field(u16, seq)
			     __field(u32, req_size)
			     __field(u32, resp_size)
			     __field(u32, status)
			     __field(int, ret)
			     __field(u64, latency_us)),
	    TP_fast_assign(__entry->id = id;
			   __entry->seq = seq;
			   __entry->req_size = req_size;
			   __entry->resp_size = resp_size;
			   __entry->status = status;
			   __entry->ret = ret;
			   __entry->latency_us = latency_us;),
	    TP_printk("id=%#010x seq=%u req=%u resp=%u status=%#x ret=%d latency_us=%llu",
		      __entry->id, __entry->seq, __entry->req_size, __entry->resp_size,
		      __entry->status, __entry->ret, __entry->latency_us)
);

/* A fragment or a message that was thrown away. */
TRACE_EVENT(gunyah_rm_drop,
	    TP_PROTO(const char *cause, u32 id, u16 seq),
	    TP_ARGS(cause, id, seq),
	    TP_STRUCT__entry(__string(cause, cause)
			     __field(u32, id)
			     __field(u16, seq)),
	    TP_fast_assign(__assign_str(cause);
			   __entry->id = id;
			   __entry->seq = seq;),
	    TP_printk("cause=%s id=%#010x seq=%u", __get_str(cause), __entry->id, __entry->seq)
);

/* A notification that was received. */
TRACE_EVENT(gunyah_rm_notification,
	    TP_PROTO(u32 id, u16 seq, size_t size),
	    TP_ARGS(id, seq, size),
	    TP_STRUCT__entry(__field(u32, id)
			     __field(u16, seq)
			     __field(u32, size)),
	    TP_fast_assign(__entry->id = id;
			   __entry->seq = seq;
			   __entry->size = size;),
	    TP_printk("id=%#010x seq=%u size=%u", __entry->id, __entry->seq, __entry->size)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
