// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which locks an event takes on its way, as lockdep sees it. Needs a kernel with
 * lockdep, whose trace events tell of each lock by its name; RCU's sections are
 * among them.
 */
#include <sys/eventfd.h>
#include <sys/syscall.h>

#include "running.h"
#include "tracefs.h"

#define ACQUIRE	TRACING "events/lock/lock_acquire/"
#define NOTIFY	0x8000ULL
#define BELL	1
#define TIMES	200	/* an event of each kind */
#define NR_LOCKS 256
#define NAME	64
#define EVENTFD	"&ctx->wqh"	/* the lock of one */

#define IN_INTERRUPT 0x18	/* TRACE_FLAG_HARDIRQ, TRACE_FLAG_SOFTIRQ */

/* The scheduler takes some in this thread, too, but not once for each event. */
#define NOISE	(TIMES / 4)

/* How often each was taken by this thread */
struct locks {
	unsigned int nr;
	struct {
		char name[NAME];
		unsigned int taken;
	} lock[NR_LOCKS];
};

static unsigned int *lock_of(struct locks *locks, const char *name)
{
	unsigned int i;

	for (i = 0; i < locks->nr; i++)
		if (!strcmp(locks->lock[i].name, name))
			return &locks->lock[i].taken;
	if (locks->nr == NR_LOCKS)
		return NULL;
	snprintf(locks->lock[i].name, NAME, "%s", name);
	locks->lock[i].taken = 0;
	locks->nr++;
	return &locks->lock[i].taken;
}

static void locks_start(void)
{
	write_file(TRACING "tracing_on", "0");
	write_file(TRACING "trace", "");
	write_file(ACQUIRE "enable", "1");
	write_file(TRACING "tracing_on", "1");
}

/* "  locks-57  [000] .....  1.25: lock_acquire: 00000000f2a3b4c5 read rcu_read_lock" */
static int locks_stop(struct locks *locks)
{
	static const char event[] = "lock_acquire: ";
	char line[512], *at, *name;
	unsigned int *taken;
	int ret = 0;
	FILE *file;

	write_file(TRACING "tracing_on", "0");
	write_file(ACQUIRE "enable", "0");
	locks->nr = 0;
	file = fopen(TRACING "trace", "r");
	if (!file)
		return -errno;
	while (!ret && fgets(line, sizeof(line), file)) {
		unsigned long kept, written;

		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "# entries-in-buffer/entries-written: %lu/%lu", &kept,
			   &written) == 2 && kept != written)
			ret = -EOVERFLOW;
		at = strstr(line, event);
		if (!at)
			continue;
		/* Address, how, and the name is the last */
		name = strchr(at + strlen(event), ' ');
		while (name && (!strncmp(name, " try ", 5) || !strncmp(name, " read ", 6)))
			name = strchr(name + 1, ' ');
		taken = name ? lock_of(locks, name + 1) : NULL;
		if (taken)
			(*taken)++;
		else
			ret = -ENOSPC;
	}
	fclose(file);
	return ret;
}

FIXTURE(locks)
{
	struct guest guest;
	int event, other;
};

FIXTURE_SETUP(locks)
{
	static const struct gunyah_bell bell = { .label = BELL, .spi = BELL };
	const struct guest_options options = { .lend = true, .bells = &bell, .nr_bells = 1 };
	char filter[80];
	int ret;

	self->guest.vm = -1;
	ret = guest_needed();
	if (ret > 0)
		SKIP(return, NO_GUESTS);
	ASSERT_EQ(ret, 0);
	if (write_file(ACQUIRE "enable", "0"))
		SKIP(return, "a kernel without lockdep");
	/* And not of the interrupts that come meanwhile */
	snprintf(filter, sizeof(filter), "common_pid == %ld && !(common_flags & %u)",
		 syscall(SYS_gettid), IN_INTERRUPT);
	ASSERT_EQ(write_file(ACQUIRE "filter", filter), 0);
	ASSERT_EQ(write_file(TRACING "buffer_size_kb", "4096"), 0);
	self->event = eventfd(0, EFD_NONBLOCK);
	self->other = eventfd(0, EFD_NONBLOCK);
	ASSERT_EQ(guest_make(&self->guest, &options), 0);
	ASSERT_EQ(gunyah_add_irqfd(self->guest.vm, self->event, BELL, false), 0);
	ASSERT_EQ(gunyah_add_ioeventfd(self->guest.vm, self->other, NOTIFY), 0);
	ASSERT_EQ(gunyah_start(self->guest.vm), 0);
	ASSERT_EQ(guest_call(&self->guest, 0, PUPPET_NOTHING, 0, 0, 0, NULL), GUEST_DONE);
}

FIXTURE_TEARDOWN(locks)
{
	if (self->guest.vm < 0)
		return;
	guest_end(&self->guest);
	write_file(ACQUIRE "filter", "0");
	write_file(TRACING "tracing_on", "1");
	close(self->event);
	close(self->other);
}

static int signal_traced(int fd, struct locks *locks)
{
	const uint64_t one = 1;
	int i, ret = 0;

	locks_start();
	for (i = 0; i < TIMES; i++)
		ret |= write(fd, &one, sizeof(one)) != sizeof(one);
	return ret ? -EIO : locks_stop(locks);
}

static int stores_traced(struct guest *guest, unsigned int times, struct locks *locks)
{
	int ret;

	locks_start();
	ret = guest_call(guest, 0, PUPPET_STORES, NOTIFY, times, 1, NULL);
	return ret != GUEST_DONE ? -EIO : locks_stop(locks);
}

/*
 * A lock that the events add, other than the one that they may. A section of RCU
 * is none.
 */
static const char *added(struct locks *with, struct locks *without, const char *may)
{
	unsigned int i, more;

	for (i = 0; i < with->nr; i++) {
		const char *name = with->lock[i].name;

		more = with->lock[i].taken - *lock_of(without, name);
		if ((int)more <= NOISE)
			continue;
		printf("# %u more of %s\n", more, name);
		if (strcmp(name, "rcu_read_lock") && strcmp(name, may))
			return name;
	}
	return "";
}

/* All that is between an eventfd and the guest is the eventfd's own lock. */
TEST_F_TIMEOUT(locks, irqfd, SLOW)
{
	struct locks plain, rings;

	ASSERT_EQ(signal_traced(self->other, &plain), 0);
	ASSERT_EQ(signal_traced(self->event, &rings), 0);
	EXPECT_GE(*lock_of(&plain, EVENTFD), TIMES);
	EXPECT_GE(*lock_of(&rings, EVENTFD), TIMES);
	EXPECT_STREQ(added(&rings, &plain, ""), "");
}

/* A hit takes the eventfd's own. */
TEST_F_TIMEOUT(locks, ioeventfd, SLOW)
{
	struct locks none, hits;

	ASSERT_EQ(stores_traced(&self->guest, 0, &none), 0);
	ASSERT_EQ(stores_traced(&self->guest, TIMES, &hits), 0);
	EXPECT_GE(*lock_of(&hits, EVENTFD), TIMES);
	EXPECT_GE(*lock_of(&hits, "rcu_read_lock"), TIMES);
	EXPECT_STREQ(added(&hits, &none, EVENTFD), "");
}

TEST_HARNESS_MAIN
