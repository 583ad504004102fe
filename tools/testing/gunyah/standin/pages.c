// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pool of 4 KiB pages: translation tables and what VMs and vCPUs consist
 * of. It is what the model leaves of the stand-in's own memory, or fewer pages
 * by the option "pages=": who asks for one has to live without.
 */
#include <string.h>

#include "mmu.h"
#include "standin.h"

struct free_page {
	struct free_page *next;
};

static struct spinlock pages_lock;	/* Leaf; protects all of the below */
static struct free_page *free_pages;	/* given back */
static u64 never_used;			/* first page that was never handed out */
static u64 nr_left;

/**
 * pages_init() - make the pool
 * @start: first byte of its memory
 * @end: end of it
 * @limit: at most so many pages
 */
void pages_init(u64 start, u64 end, u64 limit)
{
	never_used = (start + MMU_PAGE_SIZE - 1) & ~(MMU_PAGE_SIZE - 1);
	nr_left = end > never_used ? (end - never_used) / MMU_PAGE_SIZE : 0;
	if (nr_left > limit)
		nr_left = limit;
}

static void *take_page(void)
{
	void *page;

	if (!nr_left)
		return NULL;
	nr_left--;
	page = free_pages;
	if (page) {
		free_pages = free_pages->next;
		return page;
	}
	page = (void *)never_used;
	never_used += MMU_PAGE_SIZE;
	return page;
}

/**
 * page_alloc() - get a page
 *
 * Return: a page of zeroes, NULL if there is none.
 */
void *page_alloc(void)
{
	void *page;

	spin_lock(&pages_lock);
	page = take_page();
	spin_unlock(&pages_lock);
	if (page)
		memset(page, 0, MMU_PAGE_SIZE);
	return page;
}

/**
 * page_free() - give a page back
 * @page: from page_alloc(); NULL is ignored
 */
void page_free(void *page)
{
	struct free_page *entry = page;

	if (!page)
		return;
	spin_lock(&pages_lock);
	entry->next = free_pages;
	free_pages = entry;
	nr_left++;
	spin_unlock(&pages_lock);
}

/**
 * pages_left() - how many there are
 *
 * Return: number of pages that can be had.
 */
u64 pages_left(void)
{
	u64 ret;

	spin_lock(&pages_lock);
	ret = nr_left;
	spin_unlock(&pages_lock);
	return ret;
}
