// SPDX-License-Identifier: GPL-2.0-only
/* Runs the tables; prints TAP; exits with 1 if a test failed. */
#include <stdbool.h>
#include <string.h>

#include "tap.h"

static bool failed;

void tap_fail(const char *file, int line, const char *what, long long got, long long wanted)
{
	failed = true;
	printf("# %s:%d: %s is %lld (0x%llx), wanted %lld (0x%llx)\n", file, line, what, got, got,
	       wanted, wanted);
}

int main(int argc, char **argv)
{
	const struct {
		const char *name;
		const struct tap_test *tests;
	} suites[] = {
		{ "framing", framing_tests }, { "queue", queue_tests },
		{ "doorbell", doorbell_tests }, { "calls", call_tests },
		{ "rpc", rpc_tests }, { "identity", identity_tests },
		{ "parcel", parcel_tests }, { "receiver", receiver_tests },
		{ "state", state_tests }, { "lending", lending_tests },
		{ "vcpu", vcpu_tests },
		{ "dt", dt_tests }, { "vm", vm_tests }, { "firmware", fw_tests },
	};
	unsigned int i, nr = 0, nr_failed = 0;
	const struct tap_test *test;

	printf("TAP version 13\n");
	for (i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
		if (argc > 1 && strcmp(argv[1], suites[i].name))
			continue;
		for (test = suites[i].tests; test->name; test++) {
			failed = false;
			test->run();
			nr++;
			nr_failed += failed;
			printf("%sok %u - %s: %s\n", failed ? "not " : "", nr, suites[i].name,
			       test->name);
			fflush(stdout);
		}
	}
	printf("1..%u\n%u passed, %u failed\n", nr, nr - nr_failed, nr_failed);
	return nr_failed || !nr;
}
