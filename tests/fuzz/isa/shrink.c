/* SPDX-License-Identifier: MIT
 *
 * Making a failing case small.  Instructions are erased by replacing them with c.nop, so that
 * nothing else has to be known; first many at once, then fewer, then single ones.  Patterns
 * go as a whole, or their pointers would point anywhere.
 */
#include "tests/fuzz/isa/check.h"

static struct fuzz_case trial;

static void erase(struct fuzz_insn *fi)
{
	fi->bits = fi->len == 2 ? 0x0001 : 0x13;
	fi->ref = REF_NONE;
	fi->victim = 0;
}

static bool erased(const struct fuzz_insn *fi)
{
	return fi->ref == REF_NONE && (fi->bits == 0x0001 || fi->bits == 0x13);
}

static const char *error;	/* what it failed with: it should go on to fail with that */

static bool fails(struct engines *e, bool with_qemu)
{
	static struct result r;
	static struct outcome theirs;

	return case_fails(e, &trial, with_qemu, &r, &theirs) && r.error == error;
}

/* The end of the pattern that begins at i. */
static unsigned pattern_end(const struct fuzz_case *c, unsigned i)
{
	for (i++; i < c->count && c->insns[i].part; i++)
		;
	return i;
}

/* Without the patterns that begin in [from, to).  False: there was nothing left to erase. */
static bool erase_patterns(struct fuzz_case *c, unsigned from, unsigned to)
{
	bool any = false;

	for (unsigned i = from; i < to; ) {
		unsigned end = pattern_end(c, i);

		for (; i < end; i++) {
			/* The end of the main part must be there, and a guest's trap handler. */
			if (i == c->end || (c->machine && (i == c->end + 1u || i >= c->handler)) || erased(&c->insns[i]))
				continue;
			erase(&c->insns[i]);
			any = true;
		}
	}
	return any;
}

static bool without_patterns(struct engines *e, struct fuzz_case *c, bool with_qemu, unsigned size)
{
	bool changed = false;

	for (unsigned i = 0, next; i < c->count; i = next) {
		for (next = i; next < c->count && next < i + size; )
			next = pattern_end(c, next);
		trial = *c;
		if (!erase_patterns(&trial, i, next) || !fails(e, with_qemu))
			continue;
		*c = trial;
		changed = true;
	}
	return changed;
}

static bool without_single(struct engines *e, struct fuzz_case *c, bool with_qemu)
{
	bool changed = false;

	for (unsigned i = 0; i < c->count; i++) {
		if (c->insns[i].fixed || i == c->end || erased(&c->insns[i]))
			continue;
		trial = *c;
		erase(&trial.insns[i]);
		if (!fails(e, with_qemu))
			continue;
		*c = trial;
		changed = true;
	}
	return changed;
}

static void without_events(struct engines *e, struct fuzz_case *c)
{
	for (unsigned bit = 1; bit <= c->events; bit <<= 1) {
		trial = *c;
		trial.events &= (uint16_t)~bit;
		if ((c->events & bit) && fails(e, false))
			c->events = trial.events;
	}
	/* Large budgets are the simplest. */
	trial = *c;
	trial.budgets = BUDGET_LARGE;
	if (c->budgets != BUDGET_LARGE && fails(e, false))
		c->budgets = BUDGET_LARGE;
}

void shrink(struct engines *e, struct fuzz_case *c, bool with_qemu)
{
	static struct result r;
	static struct outcome theirs;
	bool changed = case_fails(e, c, with_qemu, &r, &theirs);

	error = r.error;
	if (!with_qemu)
		without_events(e, c);
	for (unsigned size = c->count / 2; size > 1; size /= 2)
		without_patterns(e, c, with_qemu, size);
	while (changed) {
		changed = without_patterns(e, c, with_qemu, 1);
		changed |= without_single(e, c, with_qemu);
	}
}
