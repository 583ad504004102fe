/* SPDX-License-Identifier: GPL-2.0-only */
/* What every fuzzer has. */
#ifndef HARNESS_FUZZ_H
#define HARNESS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define ASSERT(condition) \
	do { \
		if (!(condition)) \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
