// SPDX-License-Identifier: GPL-2.0-only
/*
 * The devices behind their registers, driven as a guest would and as none
 * should. There is no VM: what the devices ask of it is answered here.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "test.h"
#include "virtio.h"

#define RAM	0x10000
#define DESC	0x0000
#define DRIVER	0x1000
#define DEVICE	0x2000
#define BUFFER	0x4000
#define SIZE	8

#define FEATURES_OK	0x0b
#define NEEDS_RESET	0x40

static struct vmm vmm;

int gunyah_add_ioeventfd_match(int vm, int eventfd, uint64_t gpa, uint32_t size, uint64_t value)
{
	(void)vm;
	(void)eventfd;
	EQ(gpa % VMM_PAGE, 0x50);
	EQ(size, 4);
	OK(value < 2);
	return 0;
}

static void setup(void)
{
	memset(&vmm, 0, sizeof(vmm));
	pthread_mutex_init(&vmm.lock, NULL);
	vmm.memory.host = calloc(1, RAM);
	vmm.memory.size = RAM;
	vmm.memory.gpa = GUNYAH_DT_MEMORY;
	vmm.wake = eventfd(0, EFD_NONBLOCK);
	vmm.serial = (struct console){ .in = -1, .out = -1, .held = -1 };
}

static void teardown(void)
{
	unsigned int i;

	for (i = 0; i < vmm.nr_devices; i++) {
		if (vmm.devices[i].reset)
			vmm.devices[i].reset(&vmm.devices[i]);
		if (vmm.devices[i].irq >= 0)
			close(vmm.devices[i].irq);
	}
	close(vmm.wake);
	free(vmm.memory.host);
	pthread_mutex_destroy(&vmm.lock);
}

static uint64_t get(uint64_t offset, unsigned int size)
{
	uint64_t value;
	bool found;

	value = vmm_read(&vmm, VMM_MMIO + offset, size, &found);
	OK(found);
	return value;
}

static void set(uint64_t offset, uint32_t value)
{
	bool found;

	vmm_write(&vmm, VMM_MMIO + offset, 4, value, &found);
	OK(found);
}

/* Whether an eventfd was written since the last time */
static bool written_to(int fd)
{
	uint64_t count;

	return read(fd, &count, sizeof(count)) == sizeof(count);
}

static bool interrupted(void)
{
	return written_to(vmm.devices[0].irq);
}

/* The main thread finds the only file it waits for ready. */
static void ready(void)
{
	OK(vmm.events[vmm.nr_events - 1].on);
	vmm.events[vmm.nr_events - 1].ready(&vmm, vmm.events[vmm.nr_events - 1].data);
}

/* --- the bus ------------------------------------------------------------- */

static void test_bus(void)
{
	bool found;

	setup();
	EQ(pl011_create(&vmm, &vmm.serial), 0);
	vmm_read(&vmm, VMM_MMIO - 1, 1, &found);
	OK(!found);
	vmm_write(&vmm, VMM_MMIO + VMM_PAGE, 8, 0, &found);
	OK(!found);
	vmm_read(&vmm, ~0ULL, 8, &found);
	OK(!found);
	OK(vmm_memory(&vmm, GUNYAH_DT_MEMORY, RAM));
	OK(vmm_memory(&vmm, GUNYAH_DT_MEMORY + RAM, 0));
	OK(!vmm_memory(&vmm, GUNYAH_DT_MEMORY, RAM + 1));
	OK(!vmm_memory(&vmm, GUNYAH_DT_MEMORY + 1, ~0ULL));
	OK(!vmm_memory(&vmm, GUNYAH_DT_MEMORY - 1, 1));
	/* With a pool, the rest of the memory is lent: never touched. */
	vmm.pool = vmm.memory;
	vmm.pool.gpa = GUNYAH_DT_MEMORY + RAM;
	OK(!vmm_memory(&vmm, GUNYAH_DT_MEMORY, 1));
	OK(vmm_memory(&vmm, GUNYAH_DT_MEMORY + RAM, RAM));
	teardown();
}

/* --- the serial console -------------------------------------------------- */

static void test_serial(void)
{
	static const uint8_t id[] = { 0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };
	int in[2], out[2];
	char text[8] = "";
	unsigned int i;

	setup();
	OK(!pipe(in) && !pipe(out));
	vmm.serial.in = in[0];
	vmm.serial.out = out[1];
	EQ(pl011_create(&vmm, &vmm.serial), 0);
	for (i = 0; i < 8; i++)
		EQ(get(0xfe0 + 4 * i, 4), id[i]);
	EQ(get(0x18, 4), 0x90);
	set(0, 'h');
	set(0, 'i');
	EQ(read(out[0], text, sizeof(text)), 2);
	OK(!strcmp(text, "hi"));
	/* Sent, but nobody wanted to know; then somebody does. */
	OK(!interrupted());
	EQ(get(0x3c, 4), 0x20);
	set(0x38, 0x70);
	OK(interrupted());
	EQ(get(0x40, 4), 0x20);
	set(0x44, 0x20);
	EQ(get(0x40, 4), 0);

	EQ(write(in[1], "ab", 2), 2);
	EQ(vmm.nr_events, 1);
	ready();
	OK(interrupted());
	EQ(get(0x18, 4), 0x80);
	EQ(get(0, 4), 'a');
	/* An acknowledgment before all is read loses nothing. */
	set(0x44, 0x7ff);
	EQ(get(0x40, 4) & 0x40, 0x40);
	EQ(get(0, 4), 'b');
	EQ(get(0x18, 4), 0x90);
	EQ(get(0x40, 4), 0);
	EQ(get(0, 4), 0);
	/* More than there is room for waits until the guest has read some. */
	EQ(write(in[1], "0123456789abcdef0123456789abcdefghi", 35), 35);
	ready();
	EQ(get(0x18, 4) & 0x40, 0x40);
	OK(!vmm.events[0].on && written_to(vmm.wake));
	EQ(get(0, 4), '0');
	OK(vmm.events[0].on && written_to(vmm.wake));
	ready();
	for (i = 0; i < 32; i++)
		get(0, 4);
	ready();
	EQ(get(0, 4), 'h');
	EQ(get(0, 4), 'i');
	/* Nobody types any more. */
	close(in[1]);
	ready();
	EQ(vmm.events[0].fd, -1);
	teardown();
	close(in[0]);
	close(out[0]);
	close(out[1]);
}

/* Who does not read is waited for once, and does not hold the guest up. */
static void test_stuck(void)
{
	char data[4096] = "";
	int out[2];
	unsigned int i;

	setup();
	OK(!pipe(out));
	vmm.serial.out = out[1];
	for (i = 0; i < 64; i++)
		console_write(&vmm.serial, data, sizeof(data));
	OK(vmm.serial.stuck);
	while (vmm.serial.stuck && i--) {
		EQ(read(out[0], data, sizeof(data)), sizeof(data));
		console_write(&vmm.serial, "x", 1);
	}
	OK(!vmm.serial.stuck);
	teardown();
	close(out[0]);
	close(out[1]);
}

static void test_pvpanic(void)
{
	setup();
	EQ(pvpanic_create(&vmm), 0);
	EQ(vmm.devices[0].irq, -1);
	EQ(get(0, 1), 1);
	EQ(get(1, 1), 0);
	set(1, 1);
	set(0, 2);
	OK(!vmm.decided);
	set(0, 1);
	OK(vmm.decided && written_to(vmm.wake));
	EQ(vmm.fate, VMM_CRASHED);
	teardown();
}

/* What the exit status says of a VM that has ended in some way */
static void test_fates(void)
{
	static const struct {
		uint32_t status;
		uint16_t type;
		enum vmm_fate fate;
	} ends[] = {
		{ GUNYAH_VM_STATUS_LOAD_FAILED, 0, VMM_FAILED },
		{ GUNYAH_VM_STATUS_CRASHED, 0, VMM_CRASHED },
		{ GUNYAH_VM_STATUS_EXITED, GUNYAH_VM_EXIT_VM_EXIT, VMM_OFF },
		{ GUNYAH_VM_STATUS_EXITED, GUNYAH_VM_EXIT_PSCI_OFF, VMM_OFF },
		{ GUNYAH_VM_STATUS_EXITED, GUNYAH_VM_EXIT_PSCI_RESET, VMM_RESET },
		{ GUNYAH_VM_STATUS_EXITED, GUNYAH_VM_EXIT_PSCI_RESET2, VMM_RESET },
		{ GUNYAH_VM_STATUS_EXITED, GUNYAH_VM_EXIT_WATCHDOG, VMM_CRASHED },
		{ GUNYAH_VM_STATUS_EXITED, GUNYAH_VM_EXIT_FORCED, VMM_FORCED },
		{ GUNYAH_VM_STATUS_EXITED, 0xffff, VMM_CRASHED },
	};
	struct gunyah_vcpu_run run = {};
	unsigned int i;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		run.status.status = ends[i].status;
		run.status.exit_info.type = ends[i].type;
		EQ(vmm_fate_of(&run), ends[i].fate);
	}
}

/* --- virtio -------------------------------------------------------------- */

struct desc {
	uint64_t address;
	uint32_t size;
	uint16_t flags, next;
};

static void set_desc(unsigned int index, uint32_t offset, uint32_t size, uint16_t flags)
{
	((struct desc *)(vmm.memory.host + DESC))[index] = (struct desc){
		GUNYAH_DT_MEMORY + offset, size, flags, index + 1,
	};
}

static void set_queue(unsigned int index, uint32_t offset)
{
	set(0x30, index);
	set(0x38, SIZE);
	set(0x80, GUNYAH_DT_MEMORY + offset + DESC);
	set(0x84, 0);
	set(0x90, GUNYAH_DT_MEMORY + offset + DRIVER);
	set(0xa0, GUNYAH_DT_MEMORY + offset + DEVICE);
	set(0x44, 1);
	EQ(get(0x44, 4), 1);
}

/* As a driver does it, up to the first queue */
static void negotiate(void)
{
	set(0x70, 0);
	set(0x70, 3);
	set(0x24, 1);
	set(0x20, 1);
	set(0x24, 0);
	set(0x20, 0);
	set(0x70, FEATURES_OK);
	EQ(get(0x70, 4), FEATURES_OK);
	set_queue(0, 0);
	memset(vmm.memory.host, 0, RAM);
}

/* Offer the chain that begins with descriptor 0, and kick. */
static void kick(void)
{
	uint16_t *driver = vmm.memory.host + DRIVER;

	driver[2 + driver[1] % SIZE] = 0;
	driver[1]++;
	set(0x50, 0);
}

static uint32_t written(void)
{
	uint16_t *device = vmm.memory.host + DEVICE;

	return ((uint32_t *)(device + 2))[2 * ((device[1] - 1) % SIZE) + 1];
}

static void test_negotiation(void)
{
	setup();
	EQ(virtio_rng_create(&vmm), 0);
	EQ(get(0, 4), 0x74726976);
	EQ(get(4, 4), 2);
	EQ(get(8, 4), 4);
	set(0x14, 1);
	EQ(get(0x10, 4), 1);		/* VERSION_1 */
	set(0x14, 2);
	EQ(get(0x10, 4), 0);
	/* Without VERSION_1, and with what was not offered, it is not OK. */
	set(0x70, FEATURES_OK);
	EQ(get(0x70, 4), 3);
	set(0x24, 1);
	set(0x20, 5);
	set(0x70, FEATURES_OK);
	EQ(get(0x70, 4), 3);
	negotiate();
	/* A queue that is ready stays where it is, and there is no other. */
	set(0x80, 0);
	set(0x38, 4);
	set(0x30, 1);
	EQ(get(0x34, 4), 0);
	set(0x44, 1);
	set(0x30, ~0u);
	EQ(get(0x34, 4), 0);
	set(0x50, 1);
	set(0x50, ~0u);
	set_desc(0, BUFFER, 64, 2);
	kick();
	EQ(written(), 64);
	OK(interrupted());
	EQ(get(0x60, 4), 1);
	set(0x64, 1);
	EQ(get(0x60, 4), 0);
	set(0x70, 0);
	EQ(get(0x44, 4), 0);
	teardown();
}

static void test_broken(void)
{
	setup();
	EQ(virtio_rng_create(&vmm), 0);
	negotiate();
	set_desc(0, RAM, 64, 2);
	kick();
	EQ(get(0x70, 4) & NEEDS_RESET, NEEDS_RESET);
	EQ(get(0x60, 4), 2);
	OK(interrupted());
	/* It is said once, and ends with a reset alone. */
	kick();
	OK(!interrupted());
	set(0x70, FEATURES_OK);
	EQ(get(0x70, 4) & NEEDS_RESET, NEEDS_RESET);
	negotiate();
	set_desc(0, BUFFER, 8, 2);
	kick();
	EQ(written(), 8);
	teardown();
}

struct request {
	uint32_t type, reserved;
	uint64_t sector;
};

/* One request with one buffer; returns its status. */
static unsigned int disk(uint32_t type, uint64_t sector, uint32_t size)
{
	uint8_t *ram = vmm.memory.host;

	*(struct request *)(ram + BUFFER) = (struct request){ type, 0, sector };
	ram[BUFFER + 0x100] = 0xee;
	set_desc(0, BUFFER, sizeof(struct request), 1);
	set_desc(1, BUFFER + 0x1000, size, type == 1 ? 1 : 3);
	set_desc(2, BUFFER + 0x100, 1, 2);
	kick();
	return ram[BUFFER + 0x100];
}

static int make_disk(char *path, size_t size)
{
	int fd;

	memcpy(path, "/tmp/gunyah-disk-XXXXXX", 24);
	fd = mkstemp(path);
	return fd < 0 || ftruncate(fd, size) || close(fd);
}

static void test_disk(void)
{
	char path[64];
	uint8_t *data;

	setup();
	OK(!make_disk(path, 16 * 512 + 100));
	EQ(virtio_blk_create(&vmm, path, false), 0);
	EQ(get(0x100, 8), 16);
	EQ(get(0x104, 4), 0);
	EQ(get(0x108, 8), (uint64_t)(QUEUE_MAX - 2) << 32);
	EQ(get(0x10e, 8), 0);
	EQ(get(0x110, 8), 0);
	negotiate();
	data = vmm.memory.host + BUFFER + 0x1000;
	memset(data, 0x5a, 1024);
	EQ(disk(1, 3, 1024), 0);
	EQ(written(), 1);
	memset(data, 0, 1024);
	EQ(disk(0, 4, 512), 0);
	EQ(written(), 513);
	EQ(data[0], 0x5a);
	EQ(data[511], 0x5a);
	EQ(data[512], 0);
	EQ(disk(4, 0, 1), 0);
	EQ(disk(8, 0, 20), 0);
	OK(!strcmp((char *)data, "gunyah-vmm"));
	EQ(disk(77, 0, 512), 2);
	/* Not whole, behind the end, across it, and around */
	EQ(disk(0, 0, 511), 1);
	EQ(disk(0, 16, 512), 1);
	EQ(disk(0, 15, 1024), 1);
	EQ(disk(1, ~0ULL, 512), 1);
	EQ(disk(0, ~0ULL / 512 + 1, 512), 1);
	teardown();
	unlink(path);
}

static void test_read_only_disk(void)
{
	char path[64];

	setup();
	OK(!make_disk(path, 4096));
	EQ(virtio_blk_create(&vmm, path, true), 0);
	EQ(get(0x10, 4) >> 5 & 1, 1);
	negotiate();
	EQ(disk(1, 0, 512), 1);
	EQ(disk(0, 0, 512), 0);
	/* A header that is cut off; no room for a status; only a status */
	set_desc(0, BUFFER, 8, 1);
	set_desc(1, BUFFER + 0x100, 1, 2);
	kick();
	EQ(((uint8_t *)vmm.memory.host)[BUFFER + 0x100], 1);
	set_desc(0, BUFFER, 16, 0);
	kick();
	EQ(written(), 0);
	EQ(get(0x70, 4), FEATURES_OK);
	teardown();
	unlink(path);
	setup();
	OK(virtio_blk_create(&vmm, "/nowhere/at/all", false) < 0);
	teardown();
}

/* --- the virtio console: its second queue is half of the memory further --- */

#define SECOND (RAM / 2)

static void setup_console(struct console *console)
{
	setup();
	vmm.terminal = *console;
	EQ(virtio_console_create(&vmm, &vmm.terminal), 0);
	EQ(get(8, 4), 3);
	EQ(get(0x100, 4), 0);
	negotiate();
	set_queue(1, SECOND);
}

/* Offer a chain of the second queue: descriptor 0 of it. */
static void send(uint32_t offset, uint32_t size, uint16_t flags)
{
	uint16_t *driver = vmm.memory.host + SECOND + DRIVER;
	struct desc *desc = vmm.memory.host + SECOND + DESC;

	desc[0] = (struct desc){ GUNYAH_DT_MEMORY + offset, size, flags, 0 };
	driver[2 + driver[1] % SIZE] = 0;
	driver[1]++;
	set(0x50, 1);
}

static uint16_t used(void)
{
	return ((uint16_t *)(vmm.memory.host + DEVICE))[1];
}

static void test_console(void)
{
	char text[16] = "", *ram;
	struct console console;
	int in[2], out[2];

	OK(!pipe(in) && !pipe(out));
	console = (struct console){ .in = in[0], .out = out[1], .held = -1 };
	setup_console(&console);
	ram = vmm.memory.host + BUFFER;

	/* To the outside */
	memcpy(ram + 0x1000, "hello", 5);
	send(BUFFER + 0x1000, 5, 0);
	EQ(read(out[0], text, sizeof(text)), 5);
	OK(!strcmp(text, "hello"));
	OK(interrupted());

	/* A buffer waits, quietly, until something is typed. */
	set_desc(0, BUFFER, 4, 2);
	kick();
	EQ(used(), 0);
	OK(!interrupted() && !written_to(*(int *)vmm.events[0].data));
	EQ(write(in[1], "abcdef", 6), 6);
	ready();
	EQ(used(), 1);
	EQ(written(), 4);
	OK(!memcmp(ram, "abcd", 4));
	OK(interrupted());
	/* What it had no room for waits for the next buffer, and more behind it. */
	EQ(write(in[1], "g", 1), 1);
	OK(!vmm.events[2].on);
	kick();
	EQ(used(), 2);
	EQ(written(), 2);
	OK(!memcmp(ram, "ef", 2));
	OK(vmm.events[2].on);
	kick();
	EQ(used(), 2);
	ready();
	EQ(used(), 3);
	EQ(ram[0], 'g');
	close(in[1]);
	ready();
	EQ(vmm.events[2].fd, -1);
	teardown();
	close(in[0]);
	close(out[0]);
	close(out[1]);
}

/* What a driver should not do */
static void test_console_misuse(void)
{
	struct console console = { .in = -1, .out = open("/dev/null", O_WRONLY), .held = -1 };
	char path[] = "/tmp/gunyah-console-XXXXXX";
	struct desc *desc;
	unsigned int i;

	setup_console(&console);
	/* Buffers the wrong way round: to read what is typed, to write what is said */
	set_desc(0, BUFFER, 4, 0);
	kick();
	EQ(used(), 0);
	send(BUFFER, 64, 2);
	EQ(get(0x70, 4), FEATURES_OK);
	/* Behind the memory */
	send(RAM - 1, 2, 0);
	EQ(get(0x70, 4) & NEEDS_RESET, NEEDS_RESET);
	teardown();
	close(console.out);

	/* All descriptors name all of the memory: no more than is asked for in fact */
	console.out = mkstemp(path);
	setup_console(&console);
	desc = vmm.memory.host + SECOND + DESC;
	for (i = 1; i < SIZE; i++)
		desc[i] = (struct desc){ GUNYAH_DT_MEMORY, RAM, i + 1 < SIZE, i + 1 };
	((uint16_t *)(vmm.memory.host + SECOND + DRIVER))[2] = 1;
	((uint16_t *)(vmm.memory.host + SECOND + DRIVER))[1] = 1;
	set(0x50, 1);
	EQ(lseek(console.out, 0, SEEK_END), 65536);
	teardown();
	close(console.out);
	unlink(path);
}

const struct test device_tests[] = {
	{ "devices: the bus", test_bus },
	{ "devices: the serial console", test_serial },
	{ "devices: nobody reads the console", test_stuck },
	{ "devices: pvpanic", test_pvpanic },
	{ "devices: how a VM ends", test_fates },
	{ "virtio: negotiation", test_negotiation },
	{ "virtio: a queue that is broken", test_broken },
	{ "virtio: a disk", test_disk },
	{ "virtio: a disk that is not written", test_read_only_disk },
	{ "virtio: a console", test_console },
	{ "virtio: a console that is misused", test_console_misuse },
	{ }
};
