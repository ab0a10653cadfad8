/* SPDX-License-Identifier: MIT
 *
 * Both machines get the same budgets and the same events between them, and must be alike at
 * every stop.  Only after hart_interrupt() they may stop at different places: the one that
 * is behind goes on until it is where the other is.
 */
#include "tests/fuzz/isa/lockstep.h"

#include "tests/fuzz/isa/watch.h"

#include <stddef.h>
#include <string.h>

/* A case for QEMU is run on up to its first trap, but not longer than this. */
#define PATIENCE 200000

/* Traps that are skipped before it gets dull. */
#define MAX_TRAPS 300

struct pair {
	struct machine *m[2];
	const struct fuzz_case *c;
	struct rng r;
	struct result *result;
	uint64_t end;		/* instret */
	uint64_t spent;		/* of all budgets */
	unsigned traps, stops;
};

static uint64_t random_budget(struct pair *p)
{
	static const struct {
		uint32_t least, more;
	} ranges[] = {
		[BUDGET_TINY] = { 1, 10 }, [BUDGET_SMALL] = { 1, 200 }, [BUDGET_MIDDLE] = { 100, 3000 },
		[BUDGET_LARGE] = { 2000, 60000 },
	};
	uint32_t kind = p->c->budgets;

	if (kind == BUDGET_MIXED)
		kind = rng_below(&p->r, BUDGET_MIXED);
	return ranges[kind].least + rng_below(&p->r, ranges[kind].more);
}

/* Runs for budget, in pieces if wanted.  Whether all of it was used is for the caller to see. */
static enum hart_stop run_one(struct machine *m, uint64_t budget, struct rng *pieces)
{
	while (pieces && budget > 1) {
		uint64_t piece = 1 + rng_below(pieces, (uint32_t)budget), before = m->hart.instret;
		enum hart_stop stop;

		if (piece >= budget)
			break;
		stop = machine_run(m, piece);
		/* Interrupted: the caller knows what to do. */
		if (stop != HART_BUDGET || (m->hart.host_traps && m->hart.instret - before != piece))
			return stop;
		budget -= piece;
	}
	return machine_run(m, budget);
}

/* Interrupted at different places: lets the one that is behind go on.  False: it does not get there. */
static bool catch_up(struct pair *p)
{
	enum hart_stop *stop = p->result->stop;

	for (int turns = 0; turns < 10000; turns++) {
		uint64_t x = p->m[0]->hart.instret, y = p->m[1]->hart.instret;
		int behind = x > y || (x == y && stop[1] == HART_BUDGET && stop[0] != HART_BUDGET);
		uint64_t missing = behind ? x - y : y - x;

		if (x == y && (stop[0] == HART_BUDGET) == (stop[1] == HART_BUDGET))
			return true;
		/* What is behind a trap can be seen only with one instruction more. */
		if (stop[behind] != HART_BUDGET)
			return false;
		stop[behind] = machine_run(p->m[behind], missing + (stop[!behind] != HART_BUDGET));
	}
	return false;
}

static bool interruptible(const struct pair *p)
{
	return (p->c->events & (EVENT_INTERRUPT | EVENT_DEVICE_INTERRUPT)) != 0;
}

static const char *budget_kept(const struct pair *p, const struct machine *m, enum hart_stop stop)
{
	uint64_t used = m->hart.instret - p->result->before;

	if (used > p->result->budget)
		return "more than the budget was used";
	/* A trap that the guest takes uses budget without being counted. */
	if (stop == HART_BUDGET && used != p->result->budget && !interruptible(p) && m->hart.host_traps)
		return "the budget was not used up";
	return NULL;
}

static const char *run_both(struct pair *p)
{
	struct result *res = p->result;
	struct rng pieces = { p->r.s };
	bool split = (p->c->events & EVENT_SPLIT) || !p->m[1]->jit;
	const char *error;

	res->before = p->m[0]->hart.instret;
	res->budget = random_budget(p);
	for (int k = 0; k < 2; k++) {
		res->stop[k] = run_one(p->m[k], res->budget, k == 1 && split ? &pieces : NULL);
		error = budget_kept(p, p->m[k], res->stop[k]);
		if (error)
			return error;
	}
	if (interruptible(p) && !catch_up(p))
		return "reached after an interrupt";
	if (res->stop[0] != res->stop[1])
		return "reason to stop";
	error = machine_compare(p->m[0], p->m[1], res->stop[0]);
	/* With small budgets memory is looked at now and then. */
	if (!error && (res->budget > 200 || ++p->stops % 16 == 0))
		error = machine_compare_memory(p->m[0], p->m[1]);
	return error;
}

static void flush_some(struct pair *p)
{
	uint32_t len = 1u << rng_below(&p->r, 12), at = p->m[0]->addr[0] + rng_below(&p->r, CODE_SIZE);
	bool all = rng_chance(&p->r, 10);

	for (int k = 0; k < 2; k++)
		hart_flush(&p->m[k]->hart, all ? 0 : at, all ? 0 : len);
}

/* Another instruction in the place of one that is made for it. */
static void patch_some(struct pair *p)
{
	static const uint32_t wide[] = { 0x00000013, 0x0080006f, 0x00100073, 0x00000463 };
	const struct fuzz_case *c = p->c;
	uint32_t first = rng_below(&p->r, c->count), choice = rng_below(&p->r, 5);

	for (unsigned k = 0; k < c->count; k++) {
		const struct fuzz_insn *fi = &c->insns[(first + k) % c->count];
		uint32_t addr = p->m[0]->addr[fi - c->insns], bits = fi->bits;

		if (!fi->victim || (c->cliff && addr + 4 > CLIFF))
			continue;
		if (choice < 4)
			bits = fi->victim == 4 ? wide[choice] : choice < 3 ? 0x0001 : 0x9002;
		for (int i = 0; i < 2; i++) {
			memcpy(p->m[i]->base + addr, &bits, fi->victim);
			hart_flush(&p->m[i]->hart, addr, fi->victim);
		}
		return;
	}
}

static void move_regs(struct machine *m)
{
	struct hart_regs *to = m->hart.regs == &m->places[0] ? &m->places[1] : &m->places[0];

	*to = *m->hart.regs;
	memset(m->hart.regs, 0x5a, sizeof(*m->hart.regs));
	m->hart.regs = to;
}

static void set_lines(struct hart *h, uint32_t v)
{
	h->csr.mip = v & 0x888;
	h->csr.mie = v >> 12 & 0x888;
}

static bool happens(struct pair *p, uint16_t event, uint32_t percent)
{
	return rng_chance(&p->r, percent) && (p->c->events & event);
}

static void events(struct pair *p)
{
	uint32_t v = (uint32_t)rng_next(&p->r);

	if (happens(p, EVENT_FLUSH, 15))
		flush_some(p);
	if (happens(p, EVENT_PATCH, 20))
		patch_some(p);
	for (int k = 0, n = happens(p, EVENT_REGS, 20) ? 2 : 0; k < n; k++)
		move_regs(p->m[k]);
	for (int k = 0, n = happens(p, EVENT_FCSR, 10) ? 2 : 0; k < n; k++)
		p->m[k]->hart.regs->fcsr = (v % 5) << 5 | (v >> 8 & 31);
	for (int k = 0, n = happens(p, EVENT_RESERVE, 20) ? 2 : 0; k < n; k++)
		hart_drop_reservation(&p->m[k]->hart);
	for (int k = 0, n = happens(p, EVENT_LINES, 30) ? 2 : 0; k < n; k++)
		set_lines(&p->m[k]->hart, v);
	for (int k = 0, n = happens(p, EVENT_INTERRUPT, 10) ? 2 : 0; k < n; k++)
		hart_interrupt(&p->m[k]->hart);
}

/* A stop other than for the budget.  False: the case is over. */
static bool after_trap(struct pair *p)
{
	struct result *res = p->result;
	enum hart_stop stop = res->stop[0];

	/* Who ran into the data is lost: what it does next need not be defined. */
	if (p->m[0]->hart.regs->pc - SCRATCH_PAGE < 4096)
		return false;
	if (!res->ended) {
		res->ended = true;
		machine_outcome(p->m[0], stop, &res->outcome);
	}
	for (int k = 0; k < 2; k++)
		machine_continue(p->m[k], stop);
	return ++p->traps < MAX_TRAPS;
}

void lockstep(struct machine *a, struct machine *b, const struct fuzz_case *c, struct result *r)
{
	struct pair p = { .m = { a, b }, .c = c, .r = { c->seed ^ 0x5eed }, .result = r };
	uint64_t start, patience;

	watch(c->seed);
	memset(r, 0, offsetof(struct result, outcome));
	machine_load(a, c);
	machine_load(b, c);
	start = a->hart.instret;
	p.end = start + (c->budgets == BUDGET_TINY ? c->limit / 8 : c->limit);
	patience = c->alone ? p.end : start + PATIENCE;
	while (!r->error && (a->hart.instret < p.end || (!r->ended && a->hart.instret < patience))) {
		/* What happens around a case is not QEMU's. */
		if (c->alone || r->ended)
			events(&p);
		r->error = run_both(&p);
		if (r->error)
			break;
		if (r->stop[0] != HART_BUDGET && !after_trap(&p))
			break;
		/* A guest that takes its own traps may do so for ever without an instruction between. */
		p.spent += r->budget;
		if (c->machine && p.spent > PATIENCE)
			break;
		if (a->hart.instret == r->before && ++p.traps > MAX_TRAPS)
			break;
	}
	r->retired = a->hart.instret - start;
	if (!r->error)
		r->error = machine_compare_memory(a, b);
}
