// SPDX-License-Identifier: GPL-2.0-only
/* What a guest that runs costs: exits, and events to it and from it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bench.h"

#define BELL		1
#define MANY		256	/* irqfds */
#define NOWHERE		0x20000000ULL	/* the guest's accesses there are exits */
#define EVENTS		0x30000000ULL	/* its writes there are events */
#define NR_EVENTS	64	/* addresses of events, and writes to the first */
#define LOOP		1000
#define SLACK		400	/* instructions of ours around an exit */

static const struct gunyah_bell bells[] = { { .label = BELL, .spi = BELL } };

static void guest_of(struct guest *guest)
{
	const struct guest_options options = {
		.lend = true, .bells = bells, .nr_bells = 1,
	};

	if (guest_make(guest, &options))
		die("no VM");
}

static void start_vm(struct guest *guest)
{
	if (gunyah_start(guest->vm))
		die("the VM does not start");
}

static void run(struct guest *guest, uint64_t command, uint64_t at, uint64_t times,
		enum guest_end expected)
{
	int ret = guest_call(guest, 0, command, at, times, 0, NULL);

	if (ret != (int)expected)
		die("the guest's command %lu ended with %d", command, ret);
}

/* The shortest of ROUNDS loops of LOOP system calls, and what one of them takes */
static double each(void (*call)(int fd), int fd)
{
	uint64_t best = UINT64_MAX, start, ns;
	int round, i;

	for (round = 0; round < ROUNDS; round++) {
		start = now();
		for (i = 0; i < LOOP; i++)
			call(fd);
		ns = now() - start;
		best = ns < best ? ns : best;
	}
	return (double)best / LOOP;
}

static void signal_event(int fd)
{
	const uint64_t one = 1;

	if (write(fd, &one, sizeof(one)) != sizeof(one))
		die("no event");
}

static void run_vcpu(int fd)
{
	if (ioctl(fd, GUNYAH_VCPU_RUN, 0))
		die("the vCPU does not run");
}

/* An ioctl of the same file that does nothing */
static void ask_vcpu(int fd)
{
	if (ioctl(fd, GUNYAH_VCPU_MMAP_SIZE, 0) <= 0)
		die("no size");
}

/* --- irqfd ---------------------------------------------------------------- */

static void bench_irqfd(void)
{
	struct calls before, calls;
	struct guest guest;
	double plain, rings, bell;
	int other, event;

	event = eventfd(0, EFD_NONBLOCK);
	other = eventfd(0, EFD_NONBLOCK);
	guest_of(&guest);
	if (gunyah_add_irqfd(guest.vm, event, BELL, false))
		die("no irqfd");
	start_vm(&guest);

	before = calls_now();
	rings = each(signal_event, event);
	calls = calls_since(&before);
	plain = each(signal_event, other);
	bell = raw_each(LOOP, "bell %u %u %u", vmid_of(&guest), BELL, LOOP);
	check(calls.all == ROUNDS * LOOP && calls.doorbell_send == calls.all,
	      "irqfd.hypercalls: %lu of %u signals", calls.all, ROUNDS * LOOP);
	row("irqfd: eventfd write to doorbell", "1 hypercall",
	    text("%.2f hypercalls; %.0f instructions, of an eventfd alone %.0f, ours %.0f",
		 (double)calls.all / (ROUNDS * LOOP), rings, plain, rings - plain - bell),
	    text("doorbell_send %.0f", bell));
	guest_gone(&guest);
	close(event);
	close(other);
}

/*
 * What some clients have: an irqfd for each interrupt there might be. Returns the
 * instructions of closing one of @n.
 */
static double many_irqfds(unsigned int n, struct calls *bind, struct calls *fire)
{
	struct gunyah_bell *many = calloc(n, sizeof(*many));
	struct guest_options options = { .lend = true, .bells = many, .nr_bells = n };
	struct calls before;
	struct guest guest;
	int event[MANY];
	unsigned int i;
	uint64_t start;

	for (i = 0; many && i < n; i++)
		many[i] = (struct gunyah_bell){ .label = i, .spi = i };
	if (!many || guest_make(&guest, &options))
		die("no VM with %u doorbells", n);
	start_vm(&guest);

	before = calls_now();
	for (i = 0; i < n; i++) {
		event[i] = eventfd(0, EFD_NONBLOCK);
		if (event[i] < 0 || gunyah_add_irqfd(guest.vm, event[i], i, false))
			die("no irqfd %u", i);
	}
	*bind = calls_since(&before);
	before = calls_now();
	for (i = 0; i < n; i++)
		signal_event(event[i]);
	*fire = calls_since(&before);

	start = now();
	for (i = 0; i < n; i++)
		close(event[i]);
	start = now() - start;
	guest_gone(&guest);
	free(many);
	return (double)start / n;
}

static void bench_many_irqfds(void)
{
	struct calls bind[2], fire[2];
	double few, many;

	few = many_irqfds(MANY / 8, &bind[0], &fire[0]);
	many = many_irqfds(MANY, &bind[1], &fire[1]);
	check(fire[1].all == MANY && fire[1].doorbell_send == MANY,
	      "irqfds.hypercalls: %lu for %u signals", fire[1].all, MANY);
	check(!bind[1].all, "irqfds.bind: %lu hypercalls for %u irqfds", bind[1].all, MANY);
	check(many < few * 1.5, "irqfds.close: %.0f instructions of each of %u, %.0f of %u", many,
	      MANY, few, MANY / 8);
	row(text("irqfds: %u of a VM, signalled once each", MANY),
	    text("%u hypercalls; to close one is as cheap as of few", MANY),
	    text("%lu to bind, %lu to ring; closing %.0f instructions each, of %u %.0f",
		 bind[1].all, fire[1].all, many, MANY / 8, few),
	    "");
}

/* --- ioeventfd ------------------------------------------------------------ */

static void add_events(struct guest *guest, int event)
{
	int i;

	for (i = 0; i < NR_EVENTS; i++)
		if (gunyah_add_ioeventfd(guest->vm, event, EVENTS + 8 * i))
			die("no ioeventfd");
}

/* A command that writes NR_EVENTS times, less the same without writes */
static double a_hit(struct guest *guest)
{
	uint64_t best[2] = { UINT64_MAX, UINT64_MAX }, start, ns;
	int round, writes;

	for (round = 0; round < ROUNDS; round++) {
		for (writes = 0; writes < 2; writes++) {
			start = now();
			run(guest, PUPPET_STORES, EVENTS, writes * NR_EVENTS, GUEST_DONE);
			ns = now() - start;
			best[writes] = ns < best[writes] ? ns : best[writes];
		}
	}
	return (double)(best[1] - best[0]) / NR_EVENTS;
}

static void bench_ioeventfd(double exit)
{
	const uint64_t hits = ROUNDS * NR_EVENTS;
	uint64_t runs, exits, events, count = 0;
	struct guest guest, other;
	double alone, beside;
	struct calls before;
	int event;

	event = eventfd(0, EFD_NONBLOCK);
	guest_of(&guest);
	add_events(&guest, event);
	start_vm(&guest);
	run(&guest, PUPPET_NOTHING, 0, 0, GUEST_DONE);
	exits = info(&guest, "vcpu:", "mmio=");
	runs = info(&guest, "vcpu:", "runs=");

	before = calls_now();
	alone = a_hit(&guest);
	before = calls_since(&before);
	exits = info(&guest, "vcpu:", "mmio=") - exits;
	runs = info(&guest, "vcpu:", "runs=") - runs;
	events = info(&guest, "vcpu:", "events=");
	if (read(event, &count, sizeof(count)) != sizeof(count))
		die("no event");

	/* Five exits are the command's own: four reads and a write. */
	check(exits == 2 * ROUNDS * 5, "ioeventfd.exits: %lu", exits - 2 * ROUNDS * 5);
	check(events == hits && count == hits, "ioeventfd.hits: %lu and %lu of %lu", events, count,
	      hits);
	/* What is left are runs that an interrupt of this machine has ended. */
	check(before.vcpu_run == runs && runs >= hits + exits && runs <= hits + exits + ROUNDS,
	      "ioeventfd.hypercalls: %lu for %lu hits and %lu exits", before.vcpu_run, hits, exits);

	/* As many of another VM */
	guest_of(&other);
	add_events(&other, event);
	beside = a_hit(&guest);
	check(beside < alone * 1.01, "ioeventfd.others: %.0f instructions, without them %.0f",
	      beside, alone);
	row("ioeventfd hit", "no exit to user space, independent of other VMs",
	    text("%lu hits, %lu of them exits; %.0f instructions, with another VM %.0f", hits,
		 exits - 2 * ROUNDS * 5, alone, beside),
	    text("vcpu_run %.0f", exit));
	guest_end(&other);
	guest_gone(&guest);
	close(event);
}

/* --- MMIO ----------------------------------------------------------------- */

/*
 * The guest is in a loop of a few instructions with one access each, for us and
 * for the raw loop alike. Returns the raw loop's exit.
 */
static double bench_mmio(const char *what, uint64_t command)
{
	uint64_t runs, exits, interrupted;
	double ours, empty, bare, over;
	struct calls before, calls;
	struct guest guest;

	guest_of(&guest);
	start_vm(&guest);
	run(&guest, command, NOWHERE, 4ULL * ROUNDS * LOOP, GUEST_MMIO);
	exits = info(&guest, "vcpu:", "mmio=");
	runs = info(&guest, "vcpu:", "runs=");

	before = calls_now();
	ours = each(run_vcpu, guest.vcpu[0].fd);
	calls = calls_since(&before);
	exits = info(&guest, "vcpu:", "mmio=") - exits;
	runs = info(&guest, "vcpu:", "runs=") - runs;
	interrupted = runs - exits;
	empty = each(ask_vcpu, guest.vcpu[0].fd);
	bare = raw_each(LOOP, "vcpu %u 0 %u", vmid_of(&guest), LOOP);
	over = ours - empty - bare;

	check(exits == ROUNDS * LOOP && calls.all == runs && interrupted < exits / 100,
	      "mmio-%s.hypercalls: %lu for %lu exits, interrupted %lu", what, calls.all, exits,
	      interrupted);
	check(over <= SLACK, "mmio-%s.instructions: %.0f more than an empty ioctl and vcpu_run",
	      what, over);
	row(text("MMIO %s to user space and back", what),
	    text("1 hypercall; empty ioctl + vcpu_run + %u instructions", SLACK),
	    text("%.2f hypercalls; %.0f instructions = %.0f + %.0f + %.0f",
		 (double)(calls.all - interrupted) / exits, ours, empty, bare, over),
	    text("vcpu_run %.0f", bare));
	guest_gone(&guest);
	return bare;
}

void bench_events(void)
{
	double exit;

	bench_irqfd();
	bench_many_irqfds();
	exit = bench_mmio("write", PUPPET_STORES);
	bench_mmio("read", PUPPET_LOADS);
	bench_ioeventfd(exit);
}
