// SPDX-License-Identifier: GPL-2.0-only
/*
 * Conservation: VMs of varied size and fate live one after the other, and
 * nothing is left of them: neither in this kernel nor, where it can be asked, in
 * the hypervisor. GUNYAH_LIVES says how many, 40 if it is not set; from 500 on
 * the memory there is has to stay, too.
 */
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "counters.h"
#include "raw.h"
#include "running.h"

#define DEFAULT_LIVES	40
#define TREND_LIVES	500	/* as few say nothing about a trend */
#define SAMPLES		20
#define HOUR		3600
#define STUCK_MS	120000	/* a life has never taken that long */
#define NOWHERE		0x60000000ULL	/* nothing is there, and no exit either */

enum fate {
	NEVER_STARTED,
	CLOSED,		/* while it runs */
	OFF,
	RESET,
	CRASHED,
	STOPPED,	/* by force, behind the driver's back */
	LOAD_FAILED,
	KILLED,		/* its process, at some time */
	NR_FATES,
};

static unsigned int number_of_lives(void)
{
	const char *text = getenv("GUNYAH_LIVES");

	return text ? strtoul(text, NULL, 0) : DEFAULT_LIVES;
}

/* Lines of a file, or entries of a directory: interrupts, devices */
static int lines_of(const char *path)
{
	FILE *file = fopen(path, "r");
	int c, n = 0;

	while (file && (c = fgetc(file)) != EOF)
		n += c == '\n';
	if (file)
		fclose(file);
	return n;
}

static int entries_of(const char *path)
{
	DIR *dir = opendir(path);
	int n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

/* What there must be as much of afterwards */
struct books {
	long pinned;
	long charged;
	int interrupts;
	int devices;
};

static struct books read_books(void)
{
	return (struct books){
		.pinned = pinned(),
		.charged = charged(),
		.interrupts = lines_of("/proc/interrupts"),
		.devices = entries_of("/sys/bus/auxiliary/devices"),
	};
}

/* VMs are taken apart at leisure. */
static struct books read_books_soon(const struct books *expected)
{
	struct books books;
	int i;

	for (i = 0; i < 3000; i++) {
		books = read_books();
		if (!memcmp(&books, expected, sizeof(books)))
			break;
		usleep(10000);
	}
	return books;
}

/* The id RM gives a VM that starts now: the lowest that is free */
static long next_vmid(void)
{
	const struct guest_options options = { .lend = true };
	struct guest guest;
	long vmid = -1;

	if (guest_make(&guest, &options))
		return -1;
	if (!gunyah_start(guest.vm))
		vmid = fd_number(guest.vm, "vmid:\t");
	guest_end(&guest);
	return vmid;
}

/* The end of a VM that runs */
static int come_to_an_end(struct guest *guest, enum fate fate)
{
	const struct gunyah_vcpu_run *run = guest->vcpu[0].run;
	bool crashed = false;
	int ret;

	switch (fate) {
	case OFF:
	case RESET:
		ret = guest_call(guest, 0, PUPPET_HVC, fate == OFF ? PSCI_OFF : PSCI_RESET, 0, 0,
				 NULL);
		break;
	case CRASHED:
		crashed = true;
		ret = guest_call(guest, 0, PUPPET_CRASH, NOWHERE, 0, 0, NULL);
		break;
	case STOPPED:
		if (rm_stop_by_force(fd_number(guest->vm, "vmid:\t")))
			return -EIO;
		ret = guest_call(guest, 0, PUPPET_SPIN, 0, 0, 0, NULL);
		break;
	default:
		return 0;
	}
	if (ret != GUEST_STATUS)
		return -EPROTO;
	/* The public RM hears of a crash, and may be first to say that it has ended. */
	if (run->status.status == GUNYAH_VM_STATUS_EXITED ||
	    (crashed && run->status.status == GUNYAH_VM_STATUS_CRASHED))
		return 0;
	return -EPROTO;
}

static int live(struct guest *guest, const struct guest_options *options, enum fate fate)
{
	int ret = guest_make(guest, options);

	if (ret || fate == NEVER_STARTED)
		return ret;
	if (fate == LOAD_FAILED) {
		memset((char *)guest->ram.host + (guest->dtb - GUNYAH_DT_MEMORY), 0, 64);
		return gunyah_start(guest->vm) ? 0 : -EPROTO;
	}
	ret = gunyah_start(guest->vm);
	return ret ? ret : come_to_an_end(guest, fate);
}

static int live_and_be_killed(const struct guest_options *options, unsigned int us)
{
	struct guest guest;
	int status;
	pid_t pid;

	pid = fork();
	if (!pid) {
		if (live(&guest, options, CLOSED))
			_exit(1);
		for (;;)
			pause();
	}
	usleep(us);
	kill(pid, SIGKILL);
	if (waitpid(pid, &status, 0) != pid)
		return -errno;
	return WIFSIGNALED(status) ? 0 : -EPROTO;
}

static int one_life(unsigned int number)
{
	static const struct gunyah_bell bells[] = {
		{ .label = 1, .spi = 1 }, { .label = 2, .spi = 2, .level = true },
	};
	const struct guest_options options = {
		.lend = true, .cpus = 1 + number / 7 % 2, .bells = bells,
		.nr_bells = number / 5 % 3, .shared = number / 3 % 4 * 0x11000,
	};
	struct guest guest;
	int ret;

	if (number % NR_FATES == KILLED)
		return live_and_be_killed(&options, number * 7919 % 50000);
	ret = live(&guest, &options, number % NR_FATES);
	if (guest.vm >= 0)
		guest_end(&guest);
	return ret;
}

static void ask_back(const char *which)
{
	FILE *file = fopen("/proc/sys/vm/drop_caches", "w");

	if (!file)
		return;
	fputs(which, file);
	fclose(file);
}

/* Free pages that a CPU keeps at hand. MemAvailable does not have them. */
static long pages_at_hand(void)
{
	FILE *file = fopen("/proc/zoneinfo", "r");
	char line[128];
	long n, sum = 0;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, " count: %ld", &n) == 1)
			sum += n;
	if (file)
		fclose(file);
	return sum;
}

/*
 * In pages, when all that can be had back has been asked for. Much of it comes a
 * while later, from tasks that have ended: the most that is seen in a second.
 */
static double available(void)
{
	double most = 0, now;
	int i;

	for (i = 0; i < 20; i++) {
		ask_back("4");	/* from now on without a word in the log */
		ask_back("3");
		now = (double)file_number("/proc/meminfo", "MemAvailable") / (PAGE / 1024) +
		      pages_at_hand();
		if (now > most)
			most = now;
		usleep(50000);
	}
	return most;
}

/* Of the line that fits best: pages per life */
static double slope(const double *y, unsigned int n, unsigned int distance)
{
	double above = 0, below = 0, mean = 0;
	unsigned int i;

	for (i = 0; i < n; i++)
		mean += y[i] / n;
	for (i = 0; i < n; i++) {
		double x = i - (n - 1) / 2.0;

		above += x * (y[i] - mean);
		below += x * x;
	}
	return above / below / distance;
}

/* Who was here before may not have gone yet. */
static struct books read_quiet_books(void)
{
	struct books books = read_books(), last;
	int i;

	for (i = 0; i < 60; i++) {
		last = books;
		usleep(500000);
		books = read_books();
		if (!memcmp(&books, &last, sizeof(books)))
			break;
	}
	return books;
}

/* What everybody is at, and what the driver has counted. */
static const char where_all_are[] =
	"for p in /proc/[0-9]*; do :;"
	"	grep -q . $p/cmdline || grep -q gunyah $p/stat || continue;"
	"	echo \"# $p $(cat $p/comm $p/wchan $p/syscall 2>&1)\";"
	"	grep -h State: $p/status;"
	"	cat $p/stack;"
	"	ls -l $p/fd | grep -o 'gunyah.*\\|gh-.*';"
	"	grep -hs . $p/fdinfo/* | grep '^vm\\|^state\\|^vcpu\\|^why'; done 2>&1;"
	"cd /sys/kernel/debug/gunyah/rm && grep . counters calls; cat /proc/interrupts";

/* One process lives, another one tells where it is if it gets no further. */
FIXTURE(lives)
{
	int beat;
	pid_t watch;
};

static void watch_lives(int beat)
{
	struct pollfd pollfd = { .fd = beat, .events = POLLIN };
	unsigned int life = 0;

	for (;;) {
		if (!poll(&pollfd, 1, STUCK_MS)) {
			printf("# life %u is stuck\n", life);
			fflush(stdout);
			if (system(where_all_are))
				perror("# sh");
		} else if (read(beat, &life, sizeof(life)) != sizeof(life)) {
			_exit(0);
		}
	}
}

FIXTURE_SETUP(lives)
{
	int ends[2];

	ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
	self->watch = fork();
	ASSERT_GE(self->watch, 0);
	if (!self->watch) {
		close(ends[1]);
		watch_lives(ends[0]);
	}
	close(ends[0]);
	self->beat = ends[1];
}

FIXTURE_TEARDOWN(lives)
{
	/* A child that is left may have the other end, too. */
	kill(self->watch, SIGKILL);
	waitpid(self->watch, NULL, 0);
	close(self->beat);
}

TEST_F_TIMEOUT(lives, conserve, HOUR)
{
	const unsigned int lives = number_of_lives(), distance = lives / 2 / SAMPLES;
	double samples[SAMPLES], trend;
	unsigned int i, n = 0;
	uint64_t old[RM_NR_DIGESTS], new[RM_NR_DIGESTS];
	struct books before, after;
	bool shown;
	long vmid;
	int ret;

	ret = guest_needed();
	if (ret > 0)
		SKIP(return, NO_GUESTS);
	ASSERT_EQ(ret, 0);
	before = read_quiet_books();
	shown = rm_digests(old);
	vmid = next_vmid();
	ASSERT_GT(vmid, 0);

	for (i = 0; i < lives; i++) {
		ASSERT_EQ(write(self->beat, &i, sizeof(i)), sizeof(i));
		ASSERT_EQ(one_life(i), 0) {
			TH_LOG("in life %u", i);
		}
		if (i < lives / 2 || !distance || i % distance || n == SAMPLES)
			continue;
		read_books_soon(&before);
		samples[n++] = available();
	}
	after = read_books_soon(&before);
	/* As many pins are released as were acquired, and nothing is locked. */
	EXPECT_EQ(before.pinned, 0);
	EXPECT_EQ(after.pinned, 0);
	EXPECT_EQ(after.charged, 0);
	EXPECT_EQ(after.interrupts, before.interrupts);
	EXPECT_EQ(after.devices, before.devices);
	/* A VM gives its id back behind its memory. */
	for (i = 0; i < 100 && rm_digests(new) && memcmp(new, old, sizeof(new)); i++)
		usleep(100000);
	for (i = 0; shown && i < RM_NR_DIGESTS; i++)
		EXPECT_EQ(new[i], old[i]);
	if (!shown)
		TH_LOG("this hypervisor does not show what it has");
	for (i = 0; i < 100 && next_vmid() != vmid; i++)
		usleep(100000);
	EXPECT_LT(i, 100);
	if (lives < TREND_LIVES)
		return;
	trend = slope(samples, n, distance);
	TH_LOG("%u lives, %.2f pages more per life", lives, trend);
	EXPECT_GT(trend, -1.0) {
		for (i = 0; i < n; i++)
			TH_LOG("available: %.0f pages", samples[i]);
	}
}

TEST_HARNESS_MAIN
