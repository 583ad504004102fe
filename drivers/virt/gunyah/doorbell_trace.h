/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints of the doorbell driver. A doorbell is known by the number in its
 * device's name; an end that rings is a "doorbell-source", the other a
 * "doorbell".
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM gunyah

#if !defined(__GUNYAH_DOORBELL_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define __GUNYAH_DOORBELL_TRACE_H

#include <linux/tracepoint.h>
#include <linux/types.h>

DECLARE_EVENT_CLASS(gunyah_doorbell_flags,
		    TP_PROTO(u32 id, u64 flags, u64 old, int ret),
		    TP_ARGS(id, flags, old, ret),
		    TP_STRUCT__entry(__field(u32, id)
				     __field(u64, flags)
				     __field(u64, old)
				     __field(int, ret)),
		    TP_fast_assign(__entry->id = id;
				   __entry->flags = flags;
				   __entry->old = old;
				   __entry->ret = ret;),
		    TP_printk("id=%u flags=%#llx old=%#llx ret=%d", __entry->id,
			      __entry->flags, __entry->old, __entry->ret)
);

/* A source has set flags; what was set before. */
DEFINE_EVENT(gunyah_doorbell_flags, gunyah_doorbell_send,
	     TP_PROTO(u32 id, u64 flags, u64 old, int ret),
	     TP_ARGS(id, flags, old, ret)
);

/* A doorbell's flags have been cleared; what was set before. */
DEFINE_EVENT(gunyah_doorbell_flags, gunyah_doorbell_recv,
	     TP_PROTO(u32 id, u64 flags, u64 old, int ret),
	     TP_ARGS(id, flags, old, ret)
);

DECLARE_EVENT_CLASS(gunyah_doorbell_masks,
		    TP_PROTO(u32 id, u64 enable, u64 ack, int ret),
		    TP_ARGS(id, enable, ack, ret),
		    TP_STRUCT__entry(__field(u32, id)
				     __field(u64, enable)
				     __field(u64, ack)
				     __field(int, ret)),
		    TP_fast_assign(__entry->id = id;
				   __entry->enable = enable;
				   __entry->ack = ack;
				   __entry->ret = ret;),
		    TP_printk("id=%u enable=%#llx ack=%#llx ret=%d", __entry->id,
			      __entry->enable, __entry->ack, __entry->ret)
);

/* A source has chosen flags in the receiver's stead. */
DEFINE_EVENT(gunyah_doorbell_masks, gunyah_doorbell_source_set_masks,
	     TP_PROTO(u32 id, u64 enable, u64 ack, int ret),
	     TP_ARGS(id, enable, ack, ret)
);

/* The receiver has chosen flags. */
DEFINE_EVENT(gunyah_doorbell_masks, gunyah_doorbell_set_masks,
	     TP_PROTO(u32 id, u64 enable, u64 ack, int ret),
	     TP_ARGS(id, enable, ack, ret)
);

/* A doorbell has been reset. */
TRACE_EVENT(gunyah_doorbell_reset,
	    TP_PROTO(u32 id, int ret),
	    TP_ARGS(id, ret),
	    TP_STRUCT__entry(__field(u32, id)
			     __field(int, ret)),
	    TP_fast_assign(__entry->id = id;
			   __entry->ret = ret;),
	    TP_printk("id=%u ret=%d", __entry->id, __entry->ret)
);

/* It rings: the interrupt has come, and the handler is about to be called. */
TRACE_EVENT(gunyah_doorbell_rang,
	    TP_PROTO(u32 id, bool threaded),
	    TP_ARGS(id, threaded),
	    TP_STRUCT__entry(__field(u32, id)
			     __field(bool, threaded)),
	    TP_fast_assign(__entry->id = id;
			   __entry->threaded = threaded;),
	    TP_printk("id=%u threaded=%d", __entry->id, __entry->threaded)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE doorbell_trace
#include <trace/define_trace.h>
