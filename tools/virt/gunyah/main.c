// SPDX-License-Identifier: GPL-2.0-only
/* gunyah-vmm: the command line. The manual is gunyah-vmm.1. */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "vmm.h"

static const char usage[] =
	"usage: gunyah-vmm run --kernel IMAGE [OPTION...]\n"
	"       gunyah-vmm info [--device PATH]\n"
	"\n"
	"Boot an arm64 Linux in a VM of the Gunyah hypervisor.\n"
	"\n"
	"  --kernel IMAGE      arm64 Image, not compressed\n"
	"  --initrd FILE       ramdisk\n"
	"  --append STRING     kernel command line (console=ttyAMA0, or else console=hvc0)\n"
	"  --cpus N            vCPUs, 1 to 8 (1)\n"
	"  --mem SIZE          memory, with K, M or G (256M)\n"
	"  --hugepages         take the memory from the pool of huge pages\n"
	"  --lend, --share     the guest alone has its memory, or both have it (--share)\n"
	"  --disk FILE[,ro]    a disk image\n"
	"  --console stdio|pty|file:FILE\n"
	"                      where the serial console is (stdio)\n"
	"  --virtio-console stdio|pty|file:FILE\n"
	"                      a virtio console as well; on stdio, instead\n"
	"  --protected         a protected VM, started by RM's firmware\n"
	"  --firmware FILE     what is in that one's place before RM puts it there\n"
	"  --name NAME         of the VM (gunyah-vmm)\n"
	"  --doorbell LABEL[:VM], --doorbell-source LABEL[:VM], --queue-pair LABEL[:VM]\n"
	"                      a doorbell the guest hears, one it rings, message queues;\n"
	"                      at the other end is this machine, or the VM of that name\n"
	"  --no-restart        leave when the guest resets, with status 4\n"
	"  --stats             say in the end what the driver has counted\n"
	"  --dtb-out FILE      write the device tree there, too\n"
	"  --device PATH       instead of /dev/gunyah\n"
	"  --help              this\n"
	"\n"
	"Exit status: 0 the guest switched itself off; 1 it could not be run; 2 usage;\n"
	"3 it crashed; 4 it reset, with --no-restart; 128 + N it was stopped by signal N.\n";

enum {
	OPT_KERNEL = 256, OPT_INITRD, OPT_APPEND, OPT_CPUS, OPT_MEM, OPT_HUGEPAGES, OPT_LEND,
	OPT_SHARE, OPT_DISK, OPT_CONSOLE, OPT_VIRTIO_CONSOLE, OPT_PROTECTED, OPT_FIRMWARE, OPT_NAME,
	OPT_DOORBELL, OPT_DOORBELL_SOURCE, OPT_QUEUE_PAIR,
	OPT_NO_RESTART, OPT_STATS, OPT_DTB_OUT, OPT_DEVICE, OPT_HELP,
};

static const struct option options[] = {
	{ "kernel", required_argument, NULL, OPT_KERNEL },
	{ "initrd", required_argument, NULL, OPT_INITRD },
	{ "append", required_argument, NULL, OPT_APPEND },
	{ "cpus", required_argument, NULL, OPT_CPUS },
	{ "mem", required_argument, NULL, OPT_MEM },
	{ "hugepages", no_argument, NULL, OPT_HUGEPAGES },
	{ "lend", no_argument, NULL, OPT_LEND },
	{ "share", no_argument, NULL, OPT_SHARE },
	{ "disk", required_argument, NULL, OPT_DISK },
	{ "console", required_argument, NULL, OPT_CONSOLE },
	{ "virtio-console", required_argument, NULL, OPT_VIRTIO_CONSOLE },
	{ "protected", no_argument, NULL, OPT_PROTECTED },
	{ "firmware", required_argument, NULL, OPT_FIRMWARE },
	{ "name", required_argument, NULL, OPT_NAME },
	{ "doorbell", required_argument, NULL, OPT_DOORBELL },
	{ "doorbell-source", required_argument, NULL, OPT_DOORBELL_SOURCE },
	{ "queue-pair", required_argument, NULL, OPT_QUEUE_PAIR },
	{ "no-restart", no_argument, NULL, OPT_NO_RESTART },
	{ "stats", no_argument, NULL, OPT_STATS },
	{ "dtb-out", required_argument, NULL, OPT_DTB_OUT },
	{ "device", required_argument, NULL, OPT_DEVICE },
	{ "help", no_argument, NULL, OPT_HELP },
	{ }
};

int vmm_error(int error, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "gunyah-vmm: ");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	if (error)
		fprintf(stderr, ": %s", strerror(error));
	fprintf(stderr, "\n");
	return VMM_FAILED;
}

static int wrong(const char *what, const char *value)
{
	vmm_error(0, "%s%s%s; see gunyah-vmm --help", what, value ? ": " : "", value ? value : "");
	return VMM_USAGE;
}

/* A number with K, M or G behind it; 0 if it is none */
static uint64_t size_of(const char *text)
{
	static const char units[] = "KMG";
	const char *unit;
	uint64_t value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno || end == text || *text == '-')
		return 0;
	if (*end) {
		unit = strchr(units, *end);
		if (!unit || end[1] || value > UINT64_MAX >> (10 * (unit - units + 1)))
			return 0;
		value <<= 10 * (unit - units + 1);
	}
	return value;
}

static int set_disk(struct vmm_options *vmm, char *value)
{
	char *comma = strrchr(value, ',');

	if (comma && !strcmp(comma, ",ro")) {
		*comma = '\0';
		vmm->read_only = true;
	}
	vmm->disk = value;
	return 0;
}

/* LABEL[:VM] of something for the guest's kernel */
static int add_link(struct vmm_options *vmm, enum gunyah_link_kind kind, char *value)
{
	struct gunyah_link *link = &vmm->links[vmm->nr_links];
	char *colon = strchr(value, ':'), *end;
	unsigned long label;

	if (vmm->nr_links == VMM_LINKS)
		return wrong("too many doorbells and queues", NULL);
	errno = 0;
	label = strtoul(value, &end, 0);
	if (errno || end == value || (*end && end != colon) || *value == '-' ||
	    label > UINT32_MAX || (colon && !colon[1]))
		return wrong("not LABEL or LABEL:VM", value);
	/* By those the driver finds the interrupts of our own devices. */
	if (label >= VMM_FIRST_SPI && label < VMM_FIRST_SPI + VMM_DEVICES)
		return wrong("the label is a device's", value);
	*link = (struct gunyah_link){ kind, label, colon ? colon + 1 : NULL };
	vmm->nr_links++;
	return 0;
}

static int set_option(struct vmm_options *vmm, int option, char *value)
{
	switch (option) {
	case OPT_KERNEL:
		vmm->kernel = value;
		return 0;
	case OPT_INITRD:
		vmm->initrd = value;
		return 0;
	case OPT_APPEND:
		vmm->append = value;
		return 0;
	case OPT_CPUS:
		vmm->cpus = size_of(value);
		return vmm->cpus && vmm->cpus <= GUNYAH_DT_MAX_CPUS ? 0 : wrong("--cpus", value);
	case OPT_MEM:
		vmm->memory = size_of(value);
		return vmm->memory >= 0x1000000 && vmm->memory % GUNYAH_DT_ALIGN == 0 ?
		       0 : wrong("--mem wants 16M or more, in steps of 2M", value);
	case OPT_HUGEPAGES:
		vmm->hugepages = true;
		return 0;
	case OPT_PROTECTED:
		vmm->protected = true;
		return 0;
	case OPT_LEND:
		vmm->lend = true;
		return 0;
	case OPT_SHARE:
		vmm->lend = false;
		return 0;
	case OPT_DISK:
		return set_disk(vmm, value);
	case OPT_CONSOLE:
		vmm->console = value;
		return console_known(value) ? 0 : wrong("--console", value);
	case OPT_VIRTIO_CONSOLE:
		vmm->virtio_console = value;
		return console_known(value) ? 0 : wrong("--virtio-console", value);
	case OPT_FIRMWARE:
		vmm->firmware = value;
		return 0;
	case OPT_NAME:
		vmm->name = value;
		return *value && strlen(value) < 80 ?
		       0 : wrong("--name wants less than 80 bytes", value);
	case OPT_DOORBELL:
		return add_link(vmm, GUNYAH_LINK_DOORBELL, value);
	case OPT_DOORBELL_SOURCE:
		return add_link(vmm, GUNYAH_LINK_DOORBELL_SOURCE, value);
	case OPT_QUEUE_PAIR:
		return add_link(vmm, GUNYAH_LINK_QUEUE_PAIR, value);
	case OPT_NO_RESTART:
		vmm->restart = false;
		return 0;
	case OPT_STATS:
		vmm->stats = true;
		return 0;
	case OPT_DTB_OUT:
		vmm->dtb_out = value;
		return 0;
	case OPT_DEVICE:
		vmm->device = value;
		return 0;
	default:
		return VMM_USAGE;
	}
}

static struct termios terminal;

static void restore_terminal(void)
{
	tcsetattr(STDIN_FILENO, TCSANOW, &terminal);
}

/* Each key goes to the guest, but not those that make signals. */
static void take_terminal(void)
{
	struct termios raw;

	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &terminal))
		return;
	raw = terminal;
	raw.c_lflag &= ~(ICANON | ECHO);
	raw.c_iflag &= ~ICRNL;
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	atexit(restore_terminal);
}

static bool on_stdio(const char *where)
{
	return where && !strcmp(where, "stdio");
}

/* What is not said, and what can not be said together */
static int complete(struct vmm_options *vmm)
{
	bool taken = on_stdio(vmm->virtio_console);

	if (!vmm->kernel)
		return wrong("--kernel is missing", NULL);
	if (vmm->firmware && !vmm->protected)
		return wrong("--firmware wants --protected", NULL);
	vmm->lend |= vmm->protected;
	if (!vmm->console && !taken)
		vmm->console = "stdio";
	if (taken && on_stdio(vmm->console))
		return wrong("both consoles cannot be on stdio", NULL);
	if (!vmm->append)
		vmm->append = vmm->console ? "console=ttyAMA0" : "console=hvc0";
	return 0;
}

static int run_guest(struct vmm_options *vmm)
{
	struct vmm_kept kept = { .locked = 0 };
	enum vmm_fate fate;
	int ret;

	ret = complete(vmm);
	if (ret)
		return ret;
	if (on_stdio(vmm->console) || on_stdio(vmm->virtio_console))
		take_terminal();
	do {
		fate = vmm_run(vmm, &kept);
		if (fate == VMM_RESET && vmm->restart)
			fprintf(stderr, "gunyah-vmm: the guest resets\n");
	} while (fate == VMM_RESET && vmm->restart);
	vmm_free(&kept);
	if (fate == VMM_CRASHED)
		fprintf(stderr, "gunyah-vmm: the guest crashed\n");
	if (fate == VMM_FORCED)
		fprintf(stderr, "gunyah-vmm: others stopped the VM\n");
	return fate;
}

static int show_info(const struct vmm_options *vmm)
{
	static const struct {
		unsigned long id;
		const char *what;
	} rows[] = {
		{ GUNYAH_EXT_VCPU_RUN, "VMs can be run from here" },
		{ GUNYAH_EXT_MEM_PARCELS, "memory is given when a VM is started" },
		{ GUNYAH_EXT_MEM_DEMAND, "memory is given while a VM runs" },
		{ GUNYAH_EXT_GUEST_MEM, "guest memory files" },
		{ GUNYAH_EXT_BOOT_CONTEXT, "any register can be set for the start" },
		{ GUNYAH_EXT_POLL, "poll() tells that a VM has ended" },
	};
	int dev = gunyah_open(vmm->device), ret;
	unsigned int i;

	if (dev < 0)
		return vmm_error(-dev, "%s", vmm->device ? vmm->device : "/dev/gunyah");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ret = gunyah_check_extension(dev, rows[i].id);
		if (ret < 0)
			return vmm_error(-ret, "GUNYAH_VM_CHECK_EXTENSION");
		printf("%-40s %s\n", rows[i].what, ret ? "yes" : "no");
	}
	close(dev);
	return 0;
}

int main(int argc, char **argv)
{
	struct vmm_options vmm = {
		.name = "gunyah-vmm", .memory = 256 << 20, .cpus = 1, .restart = true,
	};
	int option, ret;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == OPT_HELP || option == 'h') {
			fputs(usage, stdout);
			return 0;
		}
		ret = set_option(&vmm, option, optarg);
		if (ret)
			return ret;
	}
	if (optind + 1 == argc && !strcmp(argv[optind], "run"))
		return run_guest(&vmm);
	if (optind + 1 == argc && !strcmp(argv[optind], "info"))
		return show_info(&vmm);
	fputs(usage, stderr);
	return VMM_USAGE;
}
