// SPDX-License-Identifier: GPL-2.0-only
/*
 * virtio queues against a driver that does it right, and one that does not.
 * The guest's memory is a heap block of its own: a byte too far is seen.
 */
#include <stdlib.h>
#include <string.h>

#include "queue.h"
#include "test.h"

#define BASE	0x80000000ULL
#define MEMORY	0x4000
#define SIZE	8
#define DESC	0x000
#define DRIVER	0x100
#define DEVICE	0x200
#define BUFFER	0x1000

struct desc {
	uint64_t address;
	uint32_t size;
	uint16_t flags, next;
};

static uint8_t *memory;
static struct queue queue;
static struct chain chain;

static void *guest_memory(void *data, uint64_t address, uint64_t size)
{
	uint64_t offset = address - BASE;

	(void)data;
	if (address < BASE || offset > MEMORY || size > MEMORY - offset)
		return NULL;
	return memory + offset;
}

static void setup(void)
{
	free(memory);
	memory = calloc(1, MEMORY);
	memset(&queue, 0, sizeof(queue));
	queue.memory = guest_memory;
	queue.size = SIZE;
	queue.desc = BASE + DESC;
	queue.driver = BASE + DRIVER;
	queue.device = BASE + DEVICE;
	queue.ready = true;
}

static void set_desc(unsigned int index, uint64_t address, uint32_t size, uint16_t flags,
		     uint16_t next)
{
	((struct desc *)(memory + DESC))[index] = (struct desc){ address, size, flags, next };
}

static uint16_t *driver(void)
{
	return (uint16_t *)(memory + DRIVER);
}

static uint16_t *device(void)
{
	return (uint16_t *)(memory + DEVICE);
}

static void offer(uint16_t head)
{
	driver()[2 + driver()[1] % SIZE] = head;
	driver()[1]++;
}

/* --- a driver that does it right ----------------------------------------- */

static void test_request(void)
{
	char text[16] = "";

	setup();
	EQ(queue_pop(&queue, &chain), 0);
	memcpy(memory + BUFFER, "hello", 5);
	memcpy(memory + BUFFER + 0x100, " world", 7);
	set_desc(3, BASE + BUFFER, 5, 1, 5);
	set_desc(5, BASE + BUFFER + 0x100, 7, 1, 1);
	set_desc(1, BASE + BUFFER + 0x200, 4, 2, 0);
	offer(3);
	EQ(queue_pop(&queue, &chain), 1);
	EQ(chain.readable, 2);
	EQ(chain.writable, 1);
	EQ(chain_read(&chain, 0, text, sizeof(text)), 12);
	OK(!strcmp(text, "hello world"));
	EQ(chain_read(&chain, 4, text, 3), 3);
	OK(!memcmp(text, "o w", 3));
	EQ(chain_read(&chain, 12, text, 3), 0);
	EQ(chain_write(&chain, 1, "abcdef", 6), 3);
	OK(!memcmp(memory + BUFFER + 0x200, "\0abc\0", 5));
	queue_push(&queue, &chain, 4);
	EQ(device()[1], 1);
	EQ(device()[2], 3);
	EQ(device()[4], 4);
	OK(queue_tell(&queue));
	OK(!queue_tell(&queue));
	EQ(queue_pop(&queue, &chain), 0);
}

static void test_wrap(void)
{
	unsigned int i;

	setup();
	set_desc(2, BASE + BUFFER, 1, 0, 0);
	/* More than the index has numbers */
	for (i = 0; i < 70000; i++) {
		offer(2);
		if (queue_pop(&queue, &chain) != 1)
			break;
		queue_push(&queue, &chain, 0);
	}
	EQ(i, 70000);
	EQ(device()[1], 70000 % 65536);
}

static void test_no_interrupt(void)
{
	setup();
	set_desc(0, BASE + BUFFER, 1, 0, 0);
	driver()[0] = 1;
	offer(0);
	EQ(queue_pop(&queue, &chain), 1);
	queue_push(&queue, &chain, 0);
	OK(!queue_tell(&queue));
}

/* Told when the wish is passed, and only then; the index may wrap. */
static void test_event_idx(void)
{
	static const struct {
		uint16_t told, used, wish;
		bool tell;
	} rows[] = {
		{ 0, 1, 0, true }, { 0, 1, 1, false }, { 0, 4, 3, true }, { 0, 4, 4, false },
		{ 5, 6, 4, false }, { 65535, 1, 65535, true }, { 65534, 2, 0, true },
		{ 65534, 2, 2, false },
	};
	unsigned int i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		setup();
		queue.event_idx = true;
		queue.told = rows[i].told;
		queue.used = rows[i].used;
		driver()[2 + SIZE] = rows[i].wish;
		EQ(queue_tell(&queue), rows[i].tell);
	}
}

static void test_ask(void)
{
	setup();
	queue.event_idx = true;
	queue.seen = 5;
	driver()[1] = 5;
	OK(!queue_ask(&queue));
	EQ(device()[2 + 4 * SIZE], 5);
	driver()[1] = 6;
	OK(queue_ask(&queue));
}

/* --- and one that does not ----------------------------------------------- */

static void test_loop(void)
{
	setup();
	set_desc(0, BASE + BUFFER, 1, 1, 1);
	set_desc(1, BASE + BUFFER, 1, 1, 0);
	offer(0);
	EQ(queue_pop(&queue, &chain), -1);
	OK(queue.broken);
	/* It stays so, and nothing is written any more. */
	EQ(queue_pop(&queue, &chain), -1);
	queue_push(&queue, &chain, 1);
	EQ(device()[1], 0);
	OK(!queue_tell(&queue));
	queue_reset(&queue);
	OK(!queue.broken && !queue.ready && queue.memory == guest_memory);
}

static void test_wrong_descs(void)
{
	static const struct desc wrong[] = {
		{ BASE + BUFFER, 0, 0, 0 },		/* nothing */
		{ BASE - 1, 2, 0, 0 },			/* before the memory */
		{ BASE + MEMORY, 1, 0, 0 },		/* behind it */
		{ BASE + MEMORY - 1, 2, 0, 0 },		/* across its end */
		{ ~0ULL, 2, 0, 0 },			/* around */
		{ BASE, ~0U, 0, 0 },			/* too large */
		{ BASE + BUFFER, 1, 1, SIZE },		/* no such descriptor */
		{ BASE + BUFFER, 1, 1, 0xffff },
		{ BASE + BUFFER, 16, 4, 0 },		/* indirect was not offered */
		{ BASE + BUFFER, 1, 0x8000, 0 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		setup();
		set_desc(7, wrong[i].address, wrong[i].size, wrong[i].flags, wrong[i].next);
		offer(7);
		EQ(queue_pop(&queue, &chain), -1);
	}
	/* A buffer to read behind one to write */
	setup();
	set_desc(0, BASE + BUFFER, 1, 3, 1);
	set_desc(1, BASE + BUFFER, 1, 0, 0);
	offer(0);
	EQ(queue_pop(&queue, &chain), -1);
	/* No such head */
	setup();
	offer(SIZE);
	EQ(queue_pop(&queue, &chain), -1);
	/* More requests than there is room for */
	setup();
	driver()[1] = SIZE + 1;
	EQ(queue_pop(&queue, &chain), -1);
}

static void test_wrong_queues(void)
{
	static const uint64_t places[] = {
		0, BASE - 16, BASE + MEMORY, BASE + MEMORY - 16, ~0ULL & ~15ULL, BASE + 1,
	};
	static const uint32_t sizes[] = { 0, 3, QUEUE_MAX + 1, 2 * QUEUE_MAX, ~0U };
	uint64_t *const parts[] = { &queue.desc, &queue.driver, &queue.device };
	unsigned int i, j;

	for (i = 0; i < 3; i++) {
		for (j = 0; j < sizeof(places) / sizeof(places[0]); j++) {
			setup();
			*parts[i] = places[j];
			EQ(queue_pop(&queue, &chain), -1);
			OK(!queue_ask(&queue));
		}
	}
	for (j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
		setup();
		queue.size = sizes[j];
		EQ(queue_pop(&queue, &chain), -1);
	}
	setup();
	queue.ready = false;
	driver()[1] = 1;
	EQ(queue_pop(&queue, &chain), 0);
}

/* Whatever is in memory, only memory is touched: ASan watches. */
static void test_noise(void)
{
	unsigned int round, i;
	char text[64];

	srand(1);
	for (round = 0; round < 20000; round++) {
		setup();
		for (i = 0; i < DEVICE + 0x100; i++)
			memory[i] = rand();
		for (i = 0; i < SIZE; i++)
			if (rand() % 4)
				set_desc(i, BASE + rand() % (MEMORY + 64), rand() % 512,
					 rand() % 4, rand() % (SIZE + 1));
		driver()[1] = rand() % (SIZE + 2);
		queue.event_idx = round & 1;
		for (i = 0; i < SIZE && queue_pop(&queue, &chain) > 0; i++) {
			chain_read(&chain, rand() % 64, text, sizeof(text));
			chain_write(&chain, rand() % 64, text, sizeof(text));
			queue_push(&queue, &chain, 1);
		}
		queue_tell(&queue);
		queue_ask(&queue);
	}
	free(memory);
	memory = NULL;
}

const struct test queue_tests[] = {
	{ "queue: a request", test_request },
	{ "queue: indices wrap", test_wrap },
	{ "queue: no interrupt wanted", test_no_interrupt },
	{ "queue: told when wished", test_event_idx },
	{ "queue: asks to be told", test_ask },
	{ "queue: a loop", test_loop },
	{ "queue: descriptors that make no sense", test_wrong_descs },
	{ "queue: queues that make no sense", test_wrong_queues },
	{ "queue: noise", test_noise },
	{ }
};
