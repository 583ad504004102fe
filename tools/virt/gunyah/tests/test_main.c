// SPDX-License-Identifier: GPL-2.0-only
/* Run all tables; the last line counts, for the runner of the test suite. */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "test.h"

const char *test_dir = ".";

static const struct test *const tables[] = { dt_tests, queue_tests, device_tests };
static bool failed;

void test_fail(const char *file, int line, const char *what, long long got, long long wanted)
{
	printf("# %s:%d: %s is %lld, not %lld\n", file, line, what, got, wanted);
	failed = true;
}

int main(int argc, char **argv)
{
	unsigned int number = 0, failures = 0;
	const struct test *test;
	size_t i;

	if (argc > 1)
		test_dir = argv[1];
	printf("TAP version 13\n");
	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		for (test = tables[i]; test->name; test++) {
			failed = false;
			test->run();
			failures += failed;
			printf("%sok %u %s\n", failed ? "not " : "", ++number, test->name);
		}
	}
	printf("1..%u\n%u passed, %u failed\n", number, number - failures, failures);
	return failures != 0;
}
