// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bench: what each path through the drivers costs, in counts, and whether
 * that is what it may cost. Runs on the stand-in under -icount, where a
 * nanosecond is an instruction, of whichever CPU: see
 * Documentation/virt/gunyah/testing.rst.
 *
 * Prints KTAP, one result for each aim, then a table in lines that begin with
 * "BENCH|".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <counters.h>

#include "bench.h"

#define MODULE		"/sys/kernel/debug/gunyah-bench"
#define MAX_ROWS	32
#define MAX_CHECKS	64

static int module = -1;
static const char *checks[MAX_CHECKS];
static unsigned int nr_checks, failed;
static const char *rows[MAX_ROWS][4];
static unsigned int nr_rows;

const char *text(const char *format, ...)
{
	char *result;
	va_list args;

	va_start(args, format);
	if (vasprintf(&result, format, args) < 0)
		die("no memory");
	va_end(args);
	return result;
}

/* The plan comes first, and is how many there have been. */
static void print_checks(void)
{
	unsigned int i;

	printf("1..%u\n", nr_checks);
	for (i = 0; i < nr_checks; i++)
		printf("%s\n", checks[i]);
}

void die(const char *format, ...)
{
	int error = errno;
	va_list args;

	print_checks();
	printf("Bail out! ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf(": %s\n", strerror(error));
	exit(1);
}

void check(bool ok, const char *format, ...)
{
	char what[192];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (nr_checks == MAX_CHECKS)
		die("too many checks");
	nr_checks++;
	checks[nr_checks - 1] = text("%sok %u %s", ok ? "" : "not ", nr_checks, what);
	failed += !ok;
}

void row(const char *path, const char *aim, const char *measured, const char *raw)
{
	if (nr_rows == MAX_ROWS)
		die("too many rows");
	rows[nr_rows][0] = path;
	rows[nr_rows][1] = aim;
	rows[nr_rows][2] = measured;
	rows[nr_rows++][3] = raw;
}

static void print_table(void)
{
	unsigned int i, column;

	for (i = 0; i < nr_rows; i++) {
		printf("BENCH");
		for (column = 0; column < 4; column++)
			printf("| %s ", rows[i][column]);
		printf("|\n");
	}
}

uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

uint64_t own_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

/* --- the module ---------------------------------------------------------- */

static void order(const char *line)
{
	if (write(module, line, strlen(line)) != (ssize_t)strlen(line))
		die("\"%s\"", line);
}

static void read_answer(char *line, size_t size)
{
	ssize_t length = pread(module, line, size - 1, 0);

	if (length < 0)
		die("no answer of the module");
	line[length] = '\0';
}

static uint64_t number_of(const char *line, const char *word)
{
	const char *at = strstr(line, word);

	if (!at)
		die("no %s in \"%s\"", word, line);
	return strtoull(at + strlen(word), NULL, 0);
}

struct calls calls_now(void)
{
	char line[256];

	order("calls");
	read_answer(line, sizeof(line));
	return (struct calls){
		.all = number_of(line, "all="),
		.doorbell_send = number_of(line, "doorbell_send="),
		.msgqueue_send = number_of(line, "msgqueue_send="),
		.msgqueue_receive = number_of(line, "msgqueue_receive="),
		.vcpu_run = number_of(line, "vcpu_run="),
	};
}

struct calls calls_since(const struct calls *before)
{
	struct calls now = calls_now();

	now.all -= before->all;
	now.doorbell_send -= before->doorbell_send;
	now.msgqueue_send -= before->msgqueue_send;
	now.msgqueue_receive -= before->msgqueue_receive;
	now.vcpu_run -= before->vcpu_run;
	return now;
}

static uint64_t raw_line(const char *line)
{
	char result[256];

	order(line);
	read_answer(result, sizeof(result));
	return number_of(result, "ns=");
}

uint64_t raw(const char *format, ...)
{
	char line[128];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	return raw_line(line);
}

double raw_each(unsigned int n, const char *format, ...)
{
	uint64_t best = UINT64_MAX, ns;
	char line[128];
	va_list args;
	int i;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	for (i = 0; i < ROUNDS; i++) {
		ns = raw_line(line);
		best = ns < best ? ns : best;
	}
	return (double)best / n;
}

/* --- VMs ----------------------------------------------------------------- */

uint64_t info(const struct guest *guest, const char *line, const char *word)
{
	char path[64], buf[512];
	const char *at = NULL;
	uint64_t value = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", guest->vm);
	file = fopen(path, "r");
	if (!file)
		die("%s", path);
	while (!at && fgets(buf, sizeof(buf), file)) {
		if (strncmp(buf, line, strlen(line)))
			continue;
		at = strstr(buf, word);
		if (at)
			value = strtoull(at + strlen(word), NULL, 0);
	}
	fclose(file);
	if (!at)
		die("no %s %s in fdinfo", line, word);
	return value;
}

unsigned int vmid_of(const struct guest *guest)
{
	return info(guest, "vmid:", "\t");
}

void guest_gone(struct guest *guest)
{
	guest_end(guest);
	if (charged_soon(0))
		die("memory of a VM is still charged");
	/* Then RM gets its id back. */
	usleep(200000);
}

/* Where interrupts go, so that none has to wake another CPU */
static void stay_on_first_cpu(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		die("cannot stay on a CPU");
}

/* With "start": the start of a VM only */
int main(int argc, char *argv[])
{
	const bool all = argc == 1;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n");
	if (!all && strcmp(argv[1], "start"))
		die("%s", argv[1]);
	module = open(MODULE, O_RDWR | O_CLOEXEC);
	if (module < 0)
		die(MODULE);
	stay_on_first_cpu();

	if (all) {
		bench_rm();
		bench_events();
	}
	bench_start();
	if (all) {
		bench_memory();
		bench_limit();
	}

	print_checks();
	print_table();
	return failed > 0;
}
