/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests in a table, their results as TAP. */
#ifndef HARNESS_TAP_H
#define HARNESS_TAP_H

#include <stdio.h>

struct tap_test {
	const char *name;
	void (*run)(void);
};

extern const struct tap_test framing_tests[], queue_tests[], doorbell_tests[], call_tests[],
	rpc_tests[], identity_tests[], parcel_tests[], receiver_tests[], state_tests[],
	lending_tests[], vcpu_tests[], dt_tests[], vm_tests[], fw_tests[];

/* The running test has failed; it goes on. */
void tap_fail(const char *file, int line, const char *what, long long got, long long wanted);

#define OK(condition) \
	do { \
		if (!(condition)) \
			tap_fail(__FILE__, __LINE__, #condition, 0, 1); \
	} while (0)
#define EQ(got, wanted) \
	do { \
		long long __got = (long long)(got), __wanted = (long long)(wanted); \
		if (__got != __wanted) \
			tap_fail(__FILE__, __LINE__, #got, __got, __wanted); \
	} while (0)

#endif
