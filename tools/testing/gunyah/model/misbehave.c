// SPDX-License-Identifier: GPL-2.0-only
/*
 * Misbehaviour on request: the next COUNT messages of a KIND are spoiled, each
 * counted. By option ("misbehave=WHAT:KIND:COUNT:ARG") or GM_DBG_MISBEHAVE.
 * The first rule that fits a message is used, in the order they were given. By
 * GM_DBG_MISBEHAVE also only those with a message id, so that it is known whose.
 *
 * Kinds:
 *   single         request of one fragment that is answered by one fragment
 *   multi-request  request of several fragments, whatever the answer is
 *   multi-reply    request of one fragment, answered by several
 *   notification   message RM sends by itself, GM_DBG_NOTIFY included
 *
 * What is done (ARG 0 unless said otherwise):
 *
 * WHAT        single, multi-request              multi-reply          notification
 * ----------  ---------------------------------  -------------------  ---------------
 * refuse      not handled, answered with status  the same             never sent
 *             DENIED (3)
 *   ARG = E   the hypercall msgqueue_send of the  msgqueue_receive of  the same as
 *             message (multi-request: of its     the first fragment   multi-reply
 *             second fragment) gives error E,    gives error E, the
 *             nothing is queued                  message stays
 * delay       handled at once, answered after    the same             it and later
 *             ARG ms (100); RM handles nothing                        ones are sent
 *             for this VM meanwhile                                   after ARG ms
 * drop-irq    no interrupt for the answer        for none of its      the same
 *                                                fragments
 *   ARG = 1   the next interrupt "TX queue not   the same             as ARG 0
 *             full" is lost
 * double-irq  a second interrupt for the answer, the same             the same
 *             ARG ms (1) later
 * reorder     answered only after the next       its first two        sent only after
 *             answer, or after ARG ms (1000)     fragments swapped    the next one, or
 *                                                                     after ARG ms
 * truncate    payload cut to ARG bytes (2)       last fragment never  payload cut to
 *                                                comes; ARG = 1: it   ARG bytes (2)
 *                                                is half as long
 * corrupt     first header byte inverted; ARG =  the same             the same, ARG 0
 *             1: type "continuation"; 2: number                       to 2
 *             of fragments 63; 3: status word
 *             inverted; 4: word after the
 *             status all-ones (a count that
 *             lies)
 * duplicate   answered twice                     the same             sent twice
 * foreign     sequence number is another one;    the same             an id nobody
 *             ARG = 1: message id is another                          knows
 * silent      handled, never answered; ARG = 1:  the same             never sent
 *             ... and RM is dead from now on
 * noheap      not handled, never answered        the same             never sent
 *
 * An answer that is dropped, late or spoiled beyond recognition has changed
 * RM's books all the same, except for refuse and noheap.
 *
 * Below this, GM_DBG_FAIL_CALL lets hypercalls fail by number, before anything
 * of them is done.
 */
#include "state.h"

static const char * const mis_names[GM_MIS_NR] = {
	[GM_MIS_REFUSE] = "refuse",
	[GM_MIS_DELAY] = "delay",
	[GM_MIS_DROP_IRQ] = "drop-irq",
	[GM_MIS_DOUBLE_IRQ] = "double-irq",
	[GM_MIS_REORDER] = "reorder",
	[GM_MIS_TRUNCATE] = "truncate",
	[GM_MIS_CORRUPT] = "corrupt",
	[GM_MIS_DUPLICATE] = "duplicate",
	[GM_MIS_FOREIGN] = "foreign",
	[GM_MIS_SILENT] = "silent",
	[GM_MIS_NOHEAP] = "noheap",
};

static const char * const mis_kinds[GM_KIND_NR] = {
	[GM_KIND_SINGLE] = "single",
	[GM_KIND_MULTI_REQUEST] = "multi-request",
	[GM_KIND_MULTI_REPLY] = "multi-reply",
	[GM_KIND_NOTIFICATION] = "notification",
};

const char *gm_misbehave_name(unsigned int what)
{
	return what < GM_MIS_NR ? mis_names[what] : NULL;
}

const char *gm_kind_name(unsigned int kind)
{
	return kind < GM_KIND_NR ? mis_kinds[kind] : NULL;
}

int gm_misbehave_add(struct gm *m, u64 what, u64 kind, u64 count, u64 arg, u32 id)
{
	struct gm_rule *rule = NULL;
	u32 i;

	if (what >= GM_MIS_NR || kind >= GM_KIND_NR)
		return -1;
	for (i = 0; i < GM_MAX_RULES; i++) {
		struct gm_rule *r = &m->rules[i];

		if (r->used && r->what == what && r->kind == kind) {
			rule = r;
			break;
		}
		if (!r->used && !rule)
			rule = r;
	}
	if (!count) {
		if (rule && rule->used)
			rule->used = 0;
		return 0;
	}
	if (!rule)
		return -1;
	rule->used = 1;
	rule->what = (u8)what;
	rule->kind = (u8)kind;
	rule->count = count;
	rule->arg = arg;
	rule->id = id;
	return 0;
}

void gm_misbehave_clear(struct gm *m)
{
	u32 i;

	memset(m->rules, 0, sizeof(m->rules));
	memset(m->fails, 0, sizeof(m->fails));
	for (i = 0; i < GM_MAX_LINKS; i++) {
		if (!m->links[i].used)
			continue;
		m->links[i].swallow_tx_irq = 0;
		gm_link_release(m, &m->links[i]);
	}
}

u64 gm_misbehave_left(struct gm *m, u64 what, u64 kind)
{
	u32 i;

	for (i = 0; i < GM_MAX_RULES; i++)
		if (m->rules[i].used && m->rules[i].what == what && m->rules[i].kind == kind)
			return m->rules[i].count;
	return 0;
}

static void mis_use(struct gm *m, struct gm_rule *rule)
{
	m->hits[rule->what][rule->kind]++;
	gm_count(m, GM_CTR_MISBEHAVED);
	if (rule->count != ~0ull && !--rule->count)
		rule->used = 0;
}

static bool mis_fits(const struct gm_rule *rule, unsigned int kind, u32 id)
{
	return rule->used && rule->kind == kind && (!rule->id || rule->id == id);
}

/* "refuse" with an argument belongs to the hypercalls, not to RM. */
static bool mis_is_call_rule(const struct gm_rule *rule)
{
	return rule->what == GM_MIS_REFUSE && rule->arg;
}

/* Takes the next rule of RM's for a message of this kind. */
bool gm_misbehave_take(struct gm *m, unsigned int kind, u32 id, u8 *what, u64 *arg)
{
	u32 i;

	for (i = 0; i < GM_MAX_RULES; i++) {
		struct gm_rule *rule = &m->rules[i];

		if (!mis_fits(rule, kind, id) || mis_is_call_rule(rule))
			continue;
		*what = rule->what;
		*arg = rule->arg;
		mis_use(m, rule);
		return true;
	}
	return false;
}

/* Takes a rule of the hypercalls: the error to give. */
bool gm_misbehave_take_call(struct gm *m, unsigned int kind, u32 id, s32 *error)
{
	u32 i;

	for (i = 0; i < GM_MAX_RULES; i++) {
		struct gm_rule *rule = &m->rules[i];

		if (!mis_fits(rule, kind, id) || !mis_is_call_rule(rule))
			continue;
		*error = (s32)rule->arg;
		mis_use(m, rule);
		return true;
	}
	return false;
}

int gm_fail_add(struct gm *m, u64 num, s32 error, u64 count, u64 skip)
{
	u32 i;

	if (num >= GM_NR_CALLS || !error)
		return -1;
	for (i = 0; i < GM_MAX_FAILS; i++) {
		struct gm_fail *f = &m->fails[i];

		if (f->count && f->num != num)
			continue;
		f->num = (u16)num;
		f->error = error;
		f->count = count;
		f->skip = skip;
		return 0;
	}
	return -1;
}

/* The error that call @num shall give now, or 0. */
s32 gm_fail_take(struct gm *m, unsigned int num)
{
	u32 i;

	for (i = 0; i < GM_MAX_FAILS; i++) {
		struct gm_fail *f = &m->fails[i];

		if (!f->count || f->num != num)
			continue;
		if (f->skip) {
			f->skip--;
			return 0;
		}
		if (f->count != ~0ull)
			f->count--;
		gm_count(m, GM_CTR_MISBEHAVED);
		return f->error;
	}
	return 0;
}
