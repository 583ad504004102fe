/* SPDX-License-Identifier: GPL-2.0-only */
/* A model that is the same at the beginning of each fuzzer input. */
#ifndef HARNESS_FUZZ_HOST_H
#define HARNESS_FUZZ_HOST_H

#include <stdlib.h>

#include "host.h"
#include "../model/state.h"

static inline struct host *fuzz_host(const char *options)
{
	static struct host fresh, used;
	static struct gm *state;

	if (!state) {
		if (host_init(&fresh, options))
			abort();
		state = fresh.m;
		used.m = aligned_alloc(64, (gm_size() + 63) & ~63ul);
		if (!used.m)
			abort();
	}
	/* The arena behind the state keeps old bytes: nobody may depend on it. */
	memcpy(used.m, state, offsetof(struct gm, arena));
	fresh.m = used.m;
	used = fresh;
	used.m->host = &used;
	return &used;
}

#endif
