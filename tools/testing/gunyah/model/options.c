// SPDX-License-Identifier: GPL-2.0-only
/*
 * The option string: items separated by commas.
 *
 *  debug               the debug hypercall and the four GM_RM_* test messages
 *  seed=N              capability ids and other random values from this seed
 *  caps=plain          capability ids 0, 1, 2.. as in debug builds of the real
 *                      one (default: caps=random)
 *  peer=KIND[:D[:S]]   a static VM with a queue pair of depth D and size S (8
 *                      and 240) to the primary VM: echo returns each message,
 *                      stuck never receives, sink drops; many has one doorbell
 *                      each way and 9 queue pairs, so that its list needs
 *                      several fragments; lone has a queue each way that are no
 *                      pair
 *  bug=copy-ok         msgqueue_send/_receive with a bad address or size: OK,
 *                      as the real one (default)
 *  bug=copy-doc        ... the documented errors
 *  bug=rm-dies         requests that kill the real RM kill this one (default)
 *  bug=rm-lives        ... are answered with VMID_INVALID or VM_STATE
 *  deaf                RM does not hear of a guest that switches itself off or
 *                      resets, which happens to the real one when the vCPU that
 *                      does so is pre-empted meanwhile: it says that the VM
 *                      runs until it is stopped. Its other vCPUs are killed
 *  alloc-notify        VM_ALLOCATE sends VM_STATUS (state LOAD); the real one
 *                      does not
 *  heap=N              size of RM's heap in bytes (204800)
 *  vm-vcpus=N          what a VM gets at VM_INIT instead of what its device
 *                      tree says, see rm_res.c: vCPUs (1),
 *  vm-bells=N          doorbells that its owner rings,
 *  vm-bells-rx=N       doorbells that it rings,
 *  vm-queues=N         message-queue pairs, all 0 by default,
 *  vm-label=N          label of the first doorbell or queue (1),
 *  vm-rpc              an rm-rpc node: it may be notified,
 *  vm-console          and a console
 *  vm-image=shared     VM_START takes a shared image too, as debug builds of
 *                      the real RM do
 *  firmware            whoever booted before Linux has given RM a firmware for
 *                      protected VMs and called FW_MILESTONE, as on phones;
 *                      see rm_fw.c
 *  profile=open-2023   RM's calls are those of the open-source one (default)
 *  profile=boot-context ... and VM_SET_BOOT_CONTEXT
 *  pool-vcpus=N        pools that run dry early: vCPUs of all VMs,
 *  pool-virqs=N        interrupts of the primary VM (RM's two included),
 *  pool-parcels=N      memory parcels,
 *  pool-vms=N          VMs
 *  misbehave=WHAT:KIND[:COUNT[:ARG]]
 *                      see misbehave.c; COUNT is 1 by default, "all" for ever
 *
 * Numbers are decimal, or hexadecimal with 0x.
 */
#include "state.h"

static size_t opt_strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

/* Is the item of @n bytes at @s the word @word? */
static bool opt_is(const char *s, size_t n, const char *word)
{
	return opt_strlen(word) == n && !memcmp(s, word, n);
}

/* If the item begins with @prefix: the rest and its size. */
static const char *opt_value(const char *s, size_t *n, const char *prefix)
{
	size_t len = opt_strlen(prefix);

	if (*n < len || memcmp(s, prefix, len))
		return NULL;
	*n -= len;
	return s + len;
}

static bool opt_number(const char *s, size_t n, u64 *value)
{
	u64 base = 10, v = 0;
	size_t i = 0;

	if (n > 2 && s[0] == '0' && s[1] == 'x') {
		base = 16;
		i = 2;
	}
	if (i >= n)
		return false;
	for (; i < n; i++) {
		u64 digit;

		if (s[i] >= '0' && s[i] <= '9')
			digit = (u64)(s[i] - '0');
		else if (s[i] >= 'a' && s[i] <= 'f')
			digit = (u64)(s[i] - 'a' + 10);
		else
			return false;
		if (digit >= base)
			return false;
		v = v * base + digit;
	}
	*value = v;
	return true;
}

/* Cuts the next field off a list separated by colons. */
static const char *opt_field(const char **s, size_t *left, size_t *n)
{
	const char *field = *s;

	*n = 0;
	while (*n < *left && field[*n] != ':')
		(*n)++;
	*left -= *n;
	*s += *n;
	if (*left) {
		(*left)--;
		(*s)++;
	}
	return field;
}

int gm_misbehave_parse(struct gm *m, const char *s, size_t left)
{
	u64 what, kind, count = 1, arg = 0;
	const char *f;
	size_t n;

	f = opt_field(&s, &left, &n);
	for (what = 0; what < GM_MIS_NR; what++)
		if (opt_is(f, n, gm_misbehave_name((unsigned int)what)))
			break;
	f = opt_field(&s, &left, &n);
	for (kind = 0; kind < GM_KIND_NR; kind++)
		if (opt_is(f, n, gm_kind_name((unsigned int)kind)))
			break;
	f = opt_field(&s, &left, &n);
	if (opt_is(f, n, "all"))
		count = ~0ull;
	else if (n && !opt_number(f, n, &count))
		return -1;
	f = opt_field(&s, &left, &n);
	if (n && !opt_number(f, n, &arg))
		return -1;
	if (left)
		return -1;
	return gm_misbehave_add(m, what, kind, count, arg, 0);
}

static int opt_peer(struct gm *m, const char *s, size_t left)
{
	static const char * const kinds[] = { "echo", "stuck", "sink", "many", "lone" };
	u64 depth = GM_RPC_DEPTH, size = GM_RPC_SIZE;
	const char *kind = NULL, *f;
	size_t i, n;

	f = opt_field(&s, &left, &n);
	for (i = 0; i < GM_ARRAY_SIZE(kinds); i++)
		if (opt_is(f, n, kinds[i]))
			kind = kinds[i];
	f = opt_field(&s, &left, &n);
	if (n && !opt_number(f, n, &depth))
		return -1;
	f = opt_field(&s, &left, &n);
	if (n && !opt_number(f, n, &size))
		return -1;
	if (!kind || left || depth > GM_MSGQ_MAX_DEPTH || size > GM_MSGQ_MAX_SIZE)
		return -1;
	return gm_peer_add(m, kind, (unsigned int)depth, (unsigned int)size);
}

/* Words without a value. Returns false if it is none of them. */
static bool opt_word(struct gm *m, const char *s, size_t n)
{
	if (opt_is(s, n, "debug"))
		m->debug = 1;
	else if (opt_is(s, n, "alloc-notify"))
		m->alloc_notify = 1;
	else if (opt_is(s, n, "deaf"))
		m->deaf = 1;
	else if (opt_is(s, n, "caps=plain"))
		m->plain_caps = 1;
	else if (opt_is(s, n, "caps=random"))
		m->plain_caps = 0;
	else if (opt_is(s, n, "bug=copy-ok"))
		m->bug_copy = GM_BUG_COPY_OK;
	else if (opt_is(s, n, "bug=copy-doc"))
		m->bug_copy = GM_BUG_COPY_DOC;
	else if (opt_is(s, n, "bug=rm-dies"))
		m->rm_lives = 0;
	else if (opt_is(s, n, "bug=rm-lives"))
		m->rm_lives = 1;
	else if (opt_is(s, n, "vm-rpc"))
		(void)gm_vmcfg_set(m, GM_DBG_VMCFG_RPC, 1);
	else if (opt_is(s, n, "vm-console"))
		(void)gm_vmcfg_set(m, GM_DBG_VMCFG_CONSOLE, 1);
	else if (opt_is(s, n, "profile=open-2023"))
		m->boot_context = 0;
	else if (opt_is(s, n, "profile=boot-context"))
		m->boot_context = 1;
	else if (opt_is(s, n, "vm-image=shared"))
		m->vmcfg.image_shared = 1;
	else if (opt_is(s, n, "firmware"))
		gm_fw_by_option(m);
	else
		return false;
	return true;
}

/* "vm-...=N". Returns 0, -1 for a wrong value, 1 if it is none of them. */
static int opt_vm(struct gm *m, const char *s, size_t n)
{
	static const char * const names[GM_DBG_VMCFG_NR] = {
		[GM_DBG_VMCFG_VCPUS] = "vm-vcpus=",
		[GM_DBG_VMCFG_BELLS] = "vm-bells=",
		[GM_DBG_VMCFG_BELLS_RX] = "vm-bells-rx=",
		[GM_DBG_VMCFG_QUEUES] = "vm-queues=",
		[GM_DBG_VMCFG_LABEL] = "vm-label=",
	};
	unsigned int what;
	u64 value;

	for (what = 0; what <= GM_DBG_VMCFG_LABEL; what++) {
		size_t left = n;
		const char *v = opt_value(s, &left, names[what]);

		if (v)
			return opt_number(v, left, &value) ? gm_vmcfg_set(m, what, value) : -1;
	}
	return 1;
}

/* "pool-...=N", in the same way. */
static int opt_pool(struct gm *m, const char *s, size_t n)
{
	static const char * const names[GM_DBG_POOL_NR] = {
		[GM_DBG_POOL_VCPUS] = "pool-vcpus=",
		[GM_DBG_POOL_VIRQS] = "pool-virqs=",
		[GM_DBG_POOL_PARCELS] = "pool-parcels=",
		[GM_DBG_POOL_VMS] = "pool-vms=",
	};
	unsigned int what;
	u64 value;

	for (what = 0; what < GM_DBG_POOL_NR; what++) {
		size_t left = n;
		const char *v = opt_value(s, &left, names[what]);

		if (v)
			return opt_number(v, left, &value) ? gm_pool_set(m, what, value) : -1;
	}
	return 1;
}

/* Returns 0, -1 for a wrong value, 1 for an unknown option. */
static int opt_item(struct gm *m, const char *s, size_t n, bool peers)
{
	const char *v;
	size_t left;
	u64 value;
	int ret;

	if (opt_word(m, s, n))
		return 0;
	left = n;
	v = opt_value(s, &left, "seed=");
	if (v)
		return opt_number(v, left, &m->seed) ? 0 : -1;
	v = opt_value(s, &left, "heap=");
	if (v) {
		if (!opt_number(v, left, &value) || value > 0xffffffffu)
			return -1;
		m->heap_limit = (u32)value;
		return 0;
	}
	v = opt_value(s, &left, "peer=");
	if (v)
		return peers ? opt_peer(m, v, left) : 0;
	v = opt_value(s, &left, "misbehave=");
	if (v)
		return peers ? gm_misbehave_parse(m, v, left) : 0;
	ret = opt_pool(m, s, n);
	return ret > 0 ? opt_vm(m, s, n) : ret;
}

int gm_options_parse(struct gm *m, const char *s, bool skip_unknown, bool peers)
{
	while (s && *s) {
		size_t n = 0;
		int ret;

		while (s[n] && s[n] != ',')
			n++;
		ret = n ? opt_item(m, s, n, peers) : 0;
		if (ret < 0 || (ret && !skip_unknown)) {
			if (n >= sizeof(m->option_error))
				n = sizeof(m->option_error) - 1;
			memcpy(m->option_error, s, n);
			m->option_error[n] = '\0';
			return -1;
		}
		s += n;
		if (*s)
			s++;
	}
	return 0;
}
