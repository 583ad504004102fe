// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls that read or write lent memory, by the kernel that is: the
 * hypervisor answers with an external abort, which is an oops of the process.
 * It dies of it, its VM is taken apart, and nobody else notices. Not what one
 * wants of a machine by chance, so GUNYAH_TOUCH has to be set.
 */
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "counters.h"
#include "running.h"

FIXTURE(touch)
{
	long before;
};

/* Nothing is locked where these three copy: what is stays so after an oops. */
FIXTURE_VARIANT(touch)
{
	long number;
	bool memory_first;
};

FIXTURE_VARIANT_ADD(touch, copy_from_user) { .number = SYS_nanosleep, .memory_first = true };
FIXTURE_VARIANT_ADD(touch, copy_to_user) { .number = SYS_clock_gettime };
FIXTURE_VARIANT_ADD(touch, write) { .number = SYS_write };

FIXTURE_SETUP(touch)
{
	int ret;

	if (!getenv("GUNYAH_TOUCH"))
		SKIP(return, "an oops; only if GUNYAH_TOUCH is set");
	ret = guest_needed();
	if (ret > 0)
		SKIP(return, NO_GUESTS);
	ASSERT_EQ(ret, 0);
	self->before = pinned_soon(0);
}

FIXTURE_TEARDOWN(touch)
{
}

static long touch_by(long number, bool memory_first, void *memory)
{
	long first = CLOCK_MONOTONIC;

	if (memory_first)
		return syscall(number, memory, NULL);
	if (number == SYS_write)
		first = eventfd(0, 0);
	return syscall(number, first, memory, 8);
}

TEST_F_TIMEOUT(touch, dies, SLOW)
{
	static const struct guest_options options = { .lend = true };
	struct guest guest;
	void *memory;
	int status;
	pid_t pid;

	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		if (guest_make(&guest, &options))
			_exit(1);
		memory = (char *)guest.ram.host + GUEST_RAM / 2;
		/* Zeros, which all of them take while the memory is there. */
		if (touch_by(variant->number, variant->memory_first, memory) < 0)
			_exit(2);
		if (gunyah_start(guest.vm))
			_exit(3);
		touch_by(variant->number, variant->memory_first, memory);
		_exit(4);
	}
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, SIGSEGV) {
		TH_LOG("exit status %d", WEXITSTATUS(status));
	}
	EXPECT_EQ(pinned_soon(self->before), self->before);
	EXPECT_EQ(guest_possible(), 0);
}

TEST_HARNESS_MAIN
