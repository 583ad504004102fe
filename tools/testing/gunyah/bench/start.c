// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starting a VM and closing it: how many calls to the resource manager (RM) and
 * messages that takes, and what depends on how its memory is laid out.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <counters.h>

#include "bench.h"

#define RWX		(GUNYAH_MEM_ALLOW_READ | GUNYAH_MEM_ALLOW_WRITE | GUNYAH_MEM_ALLOW_EXEC)
#define DT_AREA		0x10000
#define MIB		0x100000UL
#define HUGE_PAGE	(2 * MIB)
#define HUGE_PAGES	"/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"

#define FRAGMENT	232	/* bytes of payload */
#define ENTRIES		512	/* of a list in one message */
#define BASE_CALLS	5	/* of VM_START, whatever the VM has */
#define MEM_LEND	0x51000012
#define MEM_SHARE	0x51000013
#define MEM_APPEND	0x51000018
#define PC		GUNYAH_BOOT_CONTEXT_REG(GUNYAH_BOOT_CONTEXT_REG_SET_PC, 0)
#define LIST_MEMORY	0x10000	/* bytes for the lists of 1 GiB of huge pages */

/* --- memory --------------------------------------------------------------- */

/*
 * Memory no two pages of which are neighbours: first the even ones are touched,
 * then the others.
 */
static int scattered_alloc(struct gunyah_memory *memory, uint64_t size)
{
	uint64_t at;
	char *host;

	host = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (host == MAP_FAILED)
		return -errno;
	for (at = 0; at < size; at += 2 * PAGE)
		host[at] = 1;
	for (at = PAGE; at < size; at += 2 * PAGE)
		host[at] = 1;
	*memory = (struct gunyah_memory){ .host = host, .size = size, .fd = -1 };
	return 0;
}

/* Give the kernel's pool so much memory. Returns false if it cannot have it. */
static bool huge_pool(uint64_t size)
{
	char nr[24] = "";
	FILE *file;

	file = fopen(HUGE_PAGES, "w");
	if (!file)
		return false;
	fprintf(file, "%lu\n", size / HUGE_PAGE);
	fclose(file);
	file = fopen(HUGE_PAGES, "r");
	if (!file || !fgets(nr, sizeof(nr), file))
		die(HUGE_PAGES);
	fclose(file);
	return strtoul(nr, NULL, 0) == size / HUGE_PAGE;
}

/* The puppet in all of this memory, which is lent; not started. */
static void guest_in(struct guest *guest, const struct gunyah_memory *memory)
{
	struct gunyah_dt dt = {
		.name = "bench", .cpus = 1, .base = GUNYAH_DT_MEMORY, .size = memory->size,
	};
	uint64_t at = memory->size - DT_AREA;
	int dev = gunyah_open(NULL);

	*guest = (struct guest){ .cpus = 1, .ram = *memory, .dtb = GUNYAH_DT_MEMORY + at };
	guest->ram.gpa = GUNYAH_DT_MEMORY;
	memcpy(memory->host, puppet_image, puppet_image_end - puppet_image);
	guest->vm = gunyah_create_vm(dev);
	if (guest->vm < 0 || gunyah_dt_write(&dt, (char *)memory->host + at, DT_AREA) < 0)
		die("no VM");
	close(dev);
	if (gunyah_memory_lend(guest->vm, &guest->ram, RWX) ||
	    gunyah_vcpu_open(&guest->vcpu[0], guest->vm, 0) ||
	    gunyah_set_dtb(guest->vm, guest->dtb, DT_AREA))
		die("%lu MiB cannot be lent", memory->size / MIB);
}

/* --- calls of VM_START ---------------------------------------------------- */

/**
 * struct list - what is expected of the list of a region
 * @share: it is shared, else lent
 * @runs: its entries
 */
struct list {
	bool share;
	unsigned int runs;
};

/**
 * struct start - calls that were seen, and what is expected
 * @calls: all of them
 * @messages: that their requests take
 * @wrong: lists with another payload than they have to have
 * @lists: of the regions, in their order
 * @nr_lists: how many
 * @list: the one whose messages are seen
 * @left: entries of that which have not been seen
 */
struct start {
	unsigned int calls, messages, wrong;
	const struct list *lists;
	unsigned int nr_lists, list, left;
};

static unsigned int div_up(unsigned int n, unsigned int by)
{
	return (n + by - 1) / by;
}

static unsigned int take(struct start *start)
{
	unsigned int n = start->left < ENTRIES ? start->left : ENTRIES;

	start->left -= n;
	return 16 * n;
}

static void see_call(const struct event *event, void *data)
{
	struct start *start = data;
	int64_t id = event_number(event, "id"), size = event_number(event, "req"), expected;

	start->calls++;
	start->messages += size ? div_up(size, FRAGMENT) : 1;
	if (id == MEM_APPEND) {
		expected = 12 + take(start);
	} else if (id == MEM_LEND || id == MEM_SHARE) {
		start->wrong += start->left || start->list == start->nr_lists;
		if (start->list == start->nr_lists)
			return;
		start->left = start->lists[start->list].runs;
		start->wrong += (id == MEM_SHARE) != start->lists[start->list++].share;
		expected = (id == MEM_SHARE ? 28 : 24) + take(start);
	} else {
		return;
	}
	start->wrong += size != expected;
}

static struct start count_calls(struct guest *guest, const struct list *lists, unsigned int nr)
{
	static const char * const points[] = { "gunyah/gunyah_rm_call", NULL };
	struct start start = { .lists = lists, .nr_lists = nr };
	struct calls before, calls;
	int ret;

	before = calls_now();
	trace_start(points);
	ret = gunyah_start(guest->vm);
	trace_stop(see_call, &start);
	calls = calls_since(&before);
	if (ret)
		die("the VM does not start: %d", ret);
	start.wrong += start.left || start.list != nr;
	start.wrong += calls.msgqueue_send != start.messages;
	return start;
}

static unsigned int runs_of(const struct guest *guest, bool share, unsigned int label)
{
	return info(guest, text("region:\t%s label %u ", share ? "shared" : "lent", label),
		    " runs ");
}

/* A VM with a list of each kind that does not fit into one call */
static struct start start_one(struct list lists[3])
{
	const struct guest_options options = { .lend = true };
	struct gunyah_memory lent, shared;
	struct start start;
	struct guest guest;

	if (guest_make(&guest, &options) || scattered_alloc(&lent, 1200 * PAGE) ||
	    scattered_alloc(&shared, 600 * PAGE))
		die("no VM");
	lent.gpa = 0xa0000000;
	lent.label = 21;
	shared.gpa = 0xb0000000;
	shared.label = 22;
	if (gunyah_memory_lend(guest.vm, &lent, RWX) ||
	    gunyah_memory_share(guest.vm, &shared, RWX) ||
	    gunyah_set_boot_context(guest.vm, PC, GUNYAH_DT_MEMORY))
		die("no memory");
	lists[0] = (struct list){ false, runs_of(&guest, false, 0) };
	lists[1] = (struct list){ false, runs_of(&guest, false, lent.label) };
	lists[2] = (struct list){ true, runs_of(&guest, true, shared.label) };
	start = count_calls(&guest, lists, 3);
	guest_gone(&guest);
	gunyah_memory_free(&lent);
	gunyah_memory_free(&shared);
	return start;
}

void bench_start(void)
{
	struct start first, second;
	unsigned int bound, i;
	struct list lists[3];
	int dev, offered;

	/* What RM offers is asked for with the first. */
	first = start_one(lists);
	second = start_one(lists);
	dev = gunyah_open(NULL);
	offered = gunyah_check_extension(dev, GUNYAH_EXT_BOOT_CONTEXT);
	close(dev);
	if (offered < 0)
		die("what RM offers");
	for (bound = BASE_CALLS + 3 + offered, i = 0; i < 3; i++)
		bound += div_up(lists[i].runs, ENTRIES);
	check(second.calls <= bound, "start.calls: %u, at most %u", second.calls, bound);
	check(first.calls <= bound + 3, "start.first: %u, three more at most", first.calls);
	check(!first.wrong && !second.wrong, "start.messages: %u lists are wrong",
	      first.wrong + second.wrong);
	row("VM_START, lists of 3 parcels",
	    "5 + parcels + ceil(entries / 512) + optional calls; messages exactly ceil(payload / 232)",
	    text("%u calls, %d optional, of %u; %u + %u + %u entries; %u messages; first: %u calls",
		 second.calls, offered, bound, lists[0].runs, lists[1].runs, lists[2].runs,
		 second.messages, first.calls),
	    text("msgqueue_send %u times", second.messages));
}

/* --- memory by its layout ------------------------------------------------- */

/**
 * struct heap - what a task has allocated and not freed
 * @pieces: its allocations
 * @nr: how many
 * @now: bytes
 * @most: bytes at a time
 */
struct heap {
	struct {
		char at[20];
		uint64_t size;
	} pieces[512];
	unsigned int nr;
	uint64_t now, most;
};

static void see_heap(const struct event *event, void *data)
{
	const char *found = strstr(event->rest, " ptr=");
	struct heap *heap = data;
	char at[20] = "";
	unsigned int i;

	if (event->pid != getpid() || !found || sscanf(found, " ptr=%19s", at) != 1)
		return;
	for (i = 0; i < heap->nr && strcmp(heap->pieces[i].at, at); i++)
		;
	if (strcmp(event->name, "kfree")) {
		/* A large one is told of twice. */
		if (i < heap->nr)
			return;
		if (heap->nr == sizeof(heap->pieces) / sizeof(heap->pieces[0]))
			die("too many allocations");
		memcpy(heap->pieces[i].at, at, sizeof(at));
		heap->pieces[i].size = event_number(event, "bytes_alloc");
		heap->now += heap->pieces[heap->nr++].size;
		heap->most = heap->now > heap->most ? heap->now : heap->most;
	} else if (i < heap->nr) {
		heap->now -= heap->pieces[i].size;
		heap->pieces[i] = heap->pieces[--heap->nr];
	}
}

/* What kernel threads have worked so far: they take VMs apart. */
static uint64_t workers_ns(void)
{
	struct timespec time;
	struct dirent *entry;
	uint64_t sum = 0;
	char name[32];
	clockid_t clock;
	FILE *file;
	DIR *dir;

	dir = opendir("/proc");
	if (!dir)
		die("/proc");
	while ((entry = readdir(dir))) {
		if (!isdigit(entry->d_name[0]))
			continue;
		file = fopen(text("/proc/%s/comm", entry->d_name), "r");
		if (!file)
			continue;
		if (fgets(name, sizeof(name), file) && !strncmp(name, "kworker/u", 9) &&
		    !clock_getcpuclockid(atoi(entry->d_name), &clock) &&
		    !clock_gettime(clock, &time))
			sum += time.tv_sec * 1000000000ULL + time.tv_nsec;
		fclose(file);
	}
	closedir(dir);
	return sum;
}

/**
 * struct life - a VM from its start to its end
 * @size: bytes of memory
 * @huge: of huge pages, else scattered
 * @runs: of its memory
 * @heap: bytes allocated at a time for it and its lists
 * @start: instructions of the caller of VM_START
 * @close: instructions from close to all pages back, RM's not counted
 */
struct life {
	uint64_t size;
	bool huge;
	unsigned int runs;
	uint64_t heap, start, close;
};

static const char *name_of(const struct life *life)
{
	return text("%s-%luM", life->huge ? "huge" : "scattered", life->size / MIB);
}

static struct gunyah_memory memory_of(const struct life *life)
{
	struct gunyah_memory memory;

	if (life->huge && !huge_pool(life->size))
		die("no huge pages");
	if (life->huge ? gunyah_memory_alloc(&memory, life->size, true) :
			 scattered_alloc(&memory, life->size))
		die("no memory");
	return memory;
}

/* Tracepoints cost, too: what is allocated is seen in a life of its own. */
static void live(struct life *life, bool traced)
{
	static const char * const points[] = { "kmem/kmalloc", "kmem/kfree", NULL };
	struct gunyah_memory memory = memory_of(life);
	long before = pinned_soon(0);
	struct heap heap = {};
	struct guest guest;

	if (traced)
		trace_start(points);
	guest_in(&guest, &memory);
	life->start = own_ns();
	if (gunyah_start(guest.vm))
		die("%s does not start", name_of(life));
	life->start = own_ns() - life->start;
	if (traced)
		trace_stop(see_heap, &heap);
	life->heap = traced ? heap.most : life->heap;
	life->runs = runs_of(&guest, false, 0);
	if (guest_call(&guest, 0, PUPPET_NOTHING, 0, 0, 0, NULL) != GUEST_DONE)
		die("%s does not run", name_of(life));
	/* Whoever lets go of a page last has to free it, which is not meant here. */
	guest.ram.host = NULL;
	life->close = workers_ns();
	guest_gone(&guest);
	life->close = workers_ns() - life->close;
	check(pinned_soon(before) == before, "memory.%s: all pages are back", name_of(life));
	gunyah_memory_free(&memory);
}

/* What a run costs beyond what any VM does: from the shortest to the longest list */
static double slope(const struct life *lives, uint64_t least, uint64_t most)
{
	return (double)(most - least) / (lives[2].runs - lives[0].runs);
}

/* Three lists, of which each further entry costs as much as the others */
static bool linear(const struct life *lives, uint64_t least, uint64_t more, uint64_t most)
{
	double each = slope(lives, least, most);
	double half = least + each * (lives[1].runs - lives[0].runs);

	return each > 0 && more > half * 0.9 && more < half * 1.1;
}

static void row_of(const struct life *life, const char *what, const char *aim)
{
	row(text("%s %s", what, name_of(life)), aim,
	    text("%u runs; %lu bytes allocated; VM_START %lu instructions, close %lu",
		 life->runs, life->heap, life->start, life->close),
	    text("msgqueue_send %u times", div_up(24 + 16 * life->runs, FRAGMENT)));
}

void bench_memory(void)
{
	struct life lives[] = {
		{ .size = 4 * MIB }, { .size = 8 * MIB }, { .size = 12 * MIB },
		{ .size = 12 * MIB, .huge = true }, { .size = 1024 * MIB, .huge = true },
	};
	const struct life *small = &lives[3], *large = &lives[4];
	const unsigned int pages = large->size / HUGE_PAGE;
	double start, close;
	unsigned int i;

	for (i = 0; i < sizeof(lives) / sizeof(lives[0]); i++) {
		live(&lives[i], true);
		live(&lives[i], false);
		row_of(&lives[i], "start and close", lives[i].huge ?
		       "one entry per run, lists under 64 KiB; close by runs, not by pages" :
		       "linear in runs");
	}
	huge_pool(0);

	check(large->runs <= pages && large->heap < LIST_MEMORY,
	      "memory.huge.lists: %u runs, %lu bytes", large->runs, large->heap);
	check(linear(lives, lives[0].start, lives[1].start, lives[2].start),
	      "memory.scattered.start: %lu, %lu, %lu instructions", lives[0].start,
	      lives[1].start, lives[2].start);
	check(linear(lives, lives[0].close, lives[1].close, lives[2].close),
	      "memory.scattered.close: %lu, %lu, %lu instructions", lives[0].close,
	      lives[1].close, lives[2].close);
	/* 85 times the memory: what it costs is by runs, and by the pages there are. */
	start = small->start + 1.25 * large->runs * slope(lives, lives[0].start, lives[2].start);
	close = small->close + 1.25 * pages * slope(lives, lives[0].close, lives[2].close);
	check(large->start < start, "memory.huge.start: %lu instructions, at most %.0f",
	      large->start, start);
	check(large->close < close, "memory.huge.close: %lu instructions, at most %.0f",
	      large->close, close);
}

/* More pieces than RM has memory for */
void bench_limit(void)
{
	const struct life life = { .size = 1024 * MIB };
	struct gunyah_memory memory = memory_of(&life);
	long before = pinned_soon(0), after;
	unsigned int runs;
	struct guest guest;
	int ret;

	guest_in(&guest, &memory);
	runs = runs_of(&guest, false, 0);
	ret = gunyah_start(guest.vm);
	guest_gone(&guest);
	after = pinned_soon(before);
	check(ret == -EDQUOT && after == before, "memory.limit: %d, %ld pages are not back", ret,
	      after - before);
	row(text("start %s", name_of(&life)), "where RM's heap ends: an errno, all returned",
	    text("%u runs: errno %d, %ld pages not back", runs, -ret, after - before), "");
}
