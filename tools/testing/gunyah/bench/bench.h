/* SPDX-License-Identifier: GPL-2.0-only */
/* What the rows of the bench share. */
#ifndef GUNYAH_BENCH_H
#define GUNYAH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <guest.h>

/* Loops are made that often, and the shortest counts: interrupts lengthen one. */
#define ROUNDS	8

/* Ends the program: what cannot be measured is a failure. */
void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* One KTAP result. */
void check(bool ok, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Text that lives as long as the program */
const char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* One row of the table, printed at the end */
void row(const char *path, const char *aim, const char *measured, const char *raw);

/* The clock, in ns: instructions of all CPUs */
uint64_t now(void);

/* The same of this process alone */
uint64_t own_ns(void);

/* --- the module gunyah_bench ---------------------------------------------- */

/**
 * struct calls - hypercalls
 * @all: of all kinds
 * @doorbell_send: doorbell_send
 * @msgqueue_send: msgqueue_send
 * @msgqueue_receive: msgqueue_receive
 * @vcpu_run: vcpu_run
 */
struct calls {
	uint64_t all, doorbell_send, msgqueue_send, msgqueue_receive, vcpu_run;
};

/* How many the stand-in has counted since it was started; less those of @before */
struct calls calls_since(const struct calls *before);
struct calls calls_now(void);

/* Have the module do something, and return how long it took. */
uint64_t raw(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same ROUNDS times, and a single one of the N that each round has */
double raw_each(unsigned int n, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* --- tracepoints ---------------------------------------------------------- */

/**
 * struct event - a line of the trace
 * @pid: whose it is; 0: of the idle task
 * @name: the tracepoint
 * @rest: what it says
 */
struct event {
	int pid;
	const char *name, *rest;
};

/* The number behind "word=", in any base; -1 if there is none */
int64_t event_number(const struct event *event, const char *word);

/* Trace these tracepoints, a list that ends with NULL, and nothing else. */
void trace_start(const char * const *names);

/* Stop, and see what there was. */
void trace_stop(void (*see)(const struct event *event, void *data), void *data);

/* --- VMs ------------------------------------------------------------------ */

/* The number behind "line" in a VM's fdinfo, and behind "word=" or "word " there */
uint64_t info(const struct guest *guest, const char *line, const char *word);
unsigned int vmid_of(const struct guest *guest);

/* Close it, and wait until it is taken apart. */
void guest_gone(struct guest *guest);

/* --- the rows ------------------------------------------------------------- */

void bench_rm(void);
void bench_events(void);
void bench_start(void);
void bench_memory(void);
void bench_limit(void);

#endif
