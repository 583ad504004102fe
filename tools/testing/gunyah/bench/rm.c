// SPDX-License-Identifier: GPL-2.0-only
/* Calls to the resource manager (RM). */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

#define CALLS		200
#define LONG_CALLS	20
#define NOTES		50
#define FRAGMENT	232	/* bytes of payload */
#define STATUS		4	/* of these in a reply */
#define LOOP		1024
#define REMARKS		10

/*
 * What happened during CALLS calls. @rest is what nobody of ours does: the
 * kernel's tick comes whoever works or waits, and has softirqs and now and then
 * an IPI come with it. What a call did there would be CALLS more.
 */
struct seen {
	unsigned int irqs, others, rest, allocations, armed, fired;
	char timer[32];
};

/* The one timer a call may have is that of the wait: the address names it. */
static void see_timer(const struct event *event, struct seen *seen)
{
	char timer[32] = "";

	if (sscanf(event->rest, " timer=%31s", timer) != 1)
		die("a timer without an address");
	if (!strcmp(event->name, "timer_start") && event->pid == getpid()) {
		seen->armed += !!strstr(event->rest, "function=process_timeout");
		memcpy(seen->timer, timer, sizeof(timer));
	} else if (!strcmp(event->name, "timer_expire_entry") && !strcmp(timer, seen->timer)) {
		seen->fired++;
	}
}

static void see_rest(const struct event *event, struct seen *seen)
{
	/* It is started and stopped as the CPU gets busy and idle. */
	if (strstr(event->rest, "function=tick_") || strstr(event->rest, "name=arch_timer"))
		return;
	/* Work of ours would be done in these. */
	if (strstr(event->rest, "[action=HI]") || strstr(event->rest, "[action=TASKLET]"))
		seen->others++;
	else
		seen->rest++;
	if (seen->rest <= REMARKS)
		printf("# of the machine: %s:%s\n", event->name, event->rest);
}

static void see(const struct event *event, void *data)
{
	bool ours = !event->pid || event->pid == getpid();
	struct seen *seen = data;

	if (!strncmp(event->name, "timer_", 6))
		see_timer(event, seen);
	else if (strstr(event->name, "alloc"))
		seen->allocations += ours;
	else if (strstr(event->rest, "name=gunyah_rm.msgq"))
		seen->irqs++;
	else
		see_rest(event, seen);
}

static void bench_short(void)
{
	static const char * const points[] = {
		"irq/irq_handler_entry", "irq/softirq_entry", "timer/hrtimer_start",
		"timer/timer_start", "timer/timer_expire_entry", "ipi/ipi_entry",
		"kmem/kmalloc", "kmem/kmem_cache_alloc", "kmem/mm_page_alloc", NULL
	};
	struct calls before, calls;
	struct seen seen = {};
	double send, receive, all;
	uint64_t own;

	raw("call %u", CALLS);
	before = calls_now();
	trace_start(points);
	raw("call %u", CALLS);
	trace_stop(see, &seen);
	calls = calls_since(&before);

	check(calls.all == 2 * CALLS && calls.msgqueue_send == CALLS,
	      "rm.hypercalls: %lu of %u calls", calls.all, CALLS);
	check(seen.irqs == CALLS, "rm.interrupts: %u of %u calls", seen.irqs, CALLS);
	check(!seen.others && seen.rest < CALLS / 10,
	      "rm.others: %u softirqs, and %u hrtimers, softirqs and IPIs of the machine",
	      seen.others, seen.rest);
	check(!seen.allocations, "rm.allocations: %u", seen.allocations);
	check(seen.armed == CALLS && !seen.fired, "rm.timer: armed %u, fired %u", seen.armed,
	      seen.fired);

	send = raw_each(LOOP, "send %u", LOOP);
	receive = raw_each(LOOP, "receive %u", LOOP);
	own = own_ns();
	all = raw_each(CALLS, "call %u", CALLS);
	own = own_ns() - own;
	row("RM round trip, one fragment each way",
	    "2 hypercalls, 1 interrupt, nothing else, 0 allocations; 1 timer, never fires",
	    text("%.2f; %.2f interrupts, %u others, %u allocations; %.2f timers, %u fired",
		 (double)calls.all / CALLS, (double)seen.irqs / CALLS, seen.others,
		 seen.allocations, (double)seen.armed / CALLS, seen.fired),
	    text("msgqueue_send %.0f, msgqueue_receive %.0f", send, receive));
	row("the same in instructions", "-",
	    text("%.0f of the caller; with the interrupt and RM's own time %.0f ns",
		 (double)own / (ROUNDS * CALLS), all), "");
}

/* How many hypercalls there are too many in @n calls of one kind and size */
static long excess(const char *what, unsigned int n, unsigned int size, unsigned int fragments)
{
	struct calls before = calls_now(), calls;

	raw("%s %u %u", what, n, size);
	calls = calls_since(&before);
	return (long)calls.all - (long)n * fragments;
}

static void bench_long(void)
{
	long requests = 0, replies = 0, notes = 0;
	unsigned int fragments;

	for (fragments = 2; fragments <= 36; fragments += fragments < 4 ? 1 : 8) {
		requests += excess("sink", LONG_CALLS, fragments * FRAGMENT, fragments + 1);
		replies += excess("blob", LONG_CALLS, fragments * FRAGMENT - STATUS,
				  fragments + 1);
	}
	for (fragments = 1; fragments <= 3; fragments++)
		notes += excess("notify", NOTES, fragments * FRAGMENT, fragments);
	check(!requests, "rm.request-fragments: %ld hypercalls too many", requests);
	check(!replies, "rm.reply-fragments: %ld hypercalls too many", replies);
	check(!notes, "rm.notifications: %ld hypercalls too many", notes);
	row("RM, each further fragment or notification", "1 hypercall",
	    text("%ld too many for requests, %ld for replies, %ld for notifications", requests,
		 replies, notes), "the same");
}

void bench_rm(void)
{
	bench_short();
	bench_long();
}
