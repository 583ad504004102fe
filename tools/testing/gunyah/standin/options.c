// SPDX-License-Identifier: GPL-2.0-only
/*
 * The option string: comma-separated. These are the host's, the rest is handed
 * to the model, which refuses what it does not know.
 *
 *   image=<address>		where QEMU's loader put the kernel Image
 *   initrd=<address>,<size>	the same of the initial RAM disk
 *   latency=<microseconds>	how long RM sleeps on after it was kicked
 *   guest-nodes=<0 or 1>	write what the primary VM shares with peers in its
 *				device tree, as a secondary VM's would have it,
 *				and a queue that no driver may take
 *   node=<0 to 2>		0: no /hypervisor; 2: one as the binding has it, no bus
 *   pages=<number>		4 KiB pages for tables, VMs and vCPUs (default: all
 *				there are)
 */
#include <string.h>

#include "standin.h"

#define DEFAULT_LATENCY_US	100
#define MAX_LATENCY_US		1000000

static unsigned int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/* A number that ends at a comma or at the end; returns where. */
static const char *parse_number(const char *text, u64 *val)
{
	const char *start = text, *p = text;
	unsigned int base = 10;

	if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
		base = 16;
		p += 2;
	}
	start = p;
	for (*val = 0; digit(*p) < base; p++)
		*val = *val * base + digit(*p);
	if (p == start || (*p && *p != ','))
		panic("option string: number expected at \"%s\"", text);
	return p;
}

/* Returns the end of the option if it is the host's, else NULL. */
static const char *parse_host_option(struct options *opt, const char *text)
{
	if (!strncmp(text, "image=", 6))
		return parse_number(text + 6, &opt->image);
	if (!strncmp(text, "pages=", 6))
		return parse_number(text + 6, &opt->pages);
	if (!strncmp(text, "latency=", 8))
		return parse_number(text + 8, &opt->latency_us);
	if (!strncmp(text, "node=", 5))
		return parse_number(text + 5, &opt->node);
	if (!strncmp(text, "guest-nodes=", 12))
		return parse_number(text + 12, &opt->guest_nodes);
	if (!strncmp(text, "initrd=", 7)) {
		text = parse_number(text + 7, &opt->initrd_start);
		if (*text != ',')
			panic("option initrd= has no size");
		return parse_number(text + 1, &opt->initrd_size);
	}
	return NULL;
}

static const char *copy_model_option(struct options *opt, size_t *len, const char *text)
{
	if (*len)
		opt->model[(*len)++] = ',';
	while (*text && *text != ',')
		opt->model[(*len)++] = *text++;
	return text;
}

/**
 * options_parse() - take the option string apart
 * @opt: filled in
 * @text: the string, shorter than opt->model
 */
void options_parse(struct options *opt, const char *text)
{
	const char *end;
	size_t len = 0;

	memset(opt, 0, sizeof(*opt));
	opt->image = PLAT_IMAGE;
	opt->latency_us = DEFAULT_LATENCY_US;
	opt->node = 1;
	opt->pages = ~0UL;
	while (*text) {
		end = parse_host_option(opt, text);
		text = end ? end : copy_model_option(opt, &len, text);
		if (*text == ',')
			text++;
	}
	if (opt->latency_us > MAX_LATENCY_US)
		panic("option latency= is more than %u", MAX_LATENCY_US);
}
