/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests in a table, their results as TAP. */
#ifndef VMM_TEST_H
#define VMM_TEST_H

struct test {
	const char *name;
	void (*run)(void);
};

extern const struct test dt_tests[], queue_tests[], device_tests[];

/* Where a test may leave files */
extern const char *test_dir;

/* The running test has failed; it goes on. */
void test_fail(const char *file, int line, const char *what, long long got, long long wanted);

#define OK(condition) \
	do { \
		if (!(condition)) \
			test_fail(__FILE__, __LINE__, #condition, 0, 1); \
	} while (0)
#define EQ(got, wanted) \
	do { \
		long long __got = (long long)(got), __wanted = (long long)(wanted); \
		if (__got != __wanted) \
			test_fail(__FILE__, __LINE__, #got, __got, __wanted); \
	} while (0)

#endif
