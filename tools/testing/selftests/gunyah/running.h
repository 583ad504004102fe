/* SPDX-License-Identifier: GPL-2.0-only */
/* For tests that need a VM that runs. */
#ifndef GUNYAH_RUNNING_H
#define GUNYAH_RUNNING_H

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "guest.h"
#include "kselftest_harness.h"

/* One exit takes milliseconds under an emulated debug hypervisor. */
#define SLOW 120

/* In a fixture's setup: a hypervisor that runs no VMs is not a failure. */
#define NO_GUESTS "nothing here runs VMs"

/* 0, 1 to skip, or a negative errno */
static inline int guest_needed(void)
{
	int ret = gunyah_open(NULL);

	if (ret >= 0) {
		close(ret);
		ret = guest_possible();
	}
	return ret == -ENOENT || ret == -EOPNOTSUPP || ret == -ENODEV ? 1 : ret;
}

/* A vCPU that some other thread runs */
struct runner {
	pthread_t thread;
	struct guest *guest;
	unsigned int cpu;
	int ret;
	uint64_t result;
};

static inline void runner_ignore(int signal)
{
	(void)signal;
}

static inline void *runner_main(void *data)
{
	struct runner *runner = data;

	runner->ret = guest_continue(runner->guest, runner->cpu, &runner->result);
	return NULL;
}

/* Go on with the command of guest->command[cpu] elsewhere. */
static inline int runner_start(struct runner *runner, struct guest *guest, unsigned int cpu)
{
	struct sigaction action = { .sa_handler = runner_ignore };

	sigaction(SIGUSR1, &action, NULL);
	*runner = (struct runner){ .guest = guest, .cpu = cpu };
	return -pthread_create(&runner->thread, NULL, runner_main, runner);
}

static inline int runner_join(struct runner *runner)
{
	pthread_join(runner->thread, NULL);
	return runner->ret;
}

static inline void guest_set(struct guest *guest, unsigned int cpu, uint64_t command,
			     uint64_t arg0, uint64_t arg1, uint64_t arg2)
{
	const uint64_t all[4] = { command, arg0, arg1, arg2 };

	memcpy(guest->command[cpu], all, sizeof(all));
}

#endif
