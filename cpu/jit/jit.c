/* SPDX-License-Identifier: MIT */
#include "cpu/jit/jit.h"

#include "cpu/fp.h"
#include "cpu/jit/jit_private.h"

#include <errno.h>

#define DEFAULT_REGION 512
#define DEFAULT_CACHE (32u << 20)
#define LEAST_CACHE (16u << 10)

const bool jit_built_in = true;

int jit_new(struct hart *h, const struct jit_config *config)
{
	struct jit *j;
	int err;

	if (!host_supported(config && config->plain))
		return -ENOSYS;
	j = calloc(1, sizeof(*j));
	if (!j)
		return -ENOMEM;
	if (config)
		j->config = *config;
	if (!j->config.hot)
		j->config.hot = JIT_HOT;
	if (!j->config.region_max)
		j->config.region_max = DEFAULT_REGION;
	if (j->config.region_max > REGION_INSNS)
		j->config.region_max = REGION_INSNS;
	if (!j->config.cache_bytes)
		j->config.cache_bytes = DEFAULT_CACHE;
	if (j->config.cache_bytes < LEAST_CACHE)
		j->config.cache_bytes = LEAST_CACHE;
	j->rand = j->config.shuffle;
	/* Between two looks at the budget: what is not yet counted, and a way through the region. */
	j->reserve = 2 * j->config.region_max + 64;
	j->code.jit = j;
	j->code.h = h;
	err = jit_cache_new(j);
	if (err) {
		jit_free(j);
		return err;
	}
	h->engine->jit = j;
	h->engine->hot = j->config.hot;
	h->engine->jit_table = j->table;
	h->engine->jit_reserve = j->reserve;
	return 0;
}

void jit_free(struct jit *j)
{
	if (!j)
		return;
	jit_cache_free(j);
	free(j);
}

static uint32_t executions(void *owner, uint32_t pc)
{
	return engine_executions(owner, pc);
}

static bool can(void *owner, const struct insn *in)
{
	(void)owner;
	return code_can(in);
}

static bool stops(void *owner, uint32_t pc, const struct insn *in)
{
	const struct hart_engine *e = owner;

	return hooks_want_interpreter(&e->hooks, pc, in);
}

/* Tells a profiler of the region just made, block by block. */
static void tell(struct jit *j, const struct jit_region *r)
{
	const struct hart_engine *e = j->code.h->engine;

	if (!e->on_translation)
		return;
	for (uint32_t i = r->place; i < r->place + r->place_count; i++) {
		uint32_t end = i + 1 < r->place + r->place_count ? j->places[i + 1].offset : r->end;

		e->on_translation(e->translation_owner, j->places[i].pc, jit_address(j, j->places[i].offset),
				  end - j->places[i].offset);
	}
}

/* The region that was formed, at the end of the cache.  False: it does not fit. */
static bool translate_region(struct jit *j)
{
	struct code *c = &j->code;
	struct jit_region made = {
		.pc = j->region.pc, .start = j->used, .fault = j->faults_count, .entry = j->entries_count,
		.place = j->places_count, .made = c->h->instret,
	};
	struct hart_stats *stats = &c->h->engine->stats;
	uint32_t exits = j->exits_count;

	c->r = &j->region;
	c->region = j->regions_count;
	c->failed = false;
	c->e = (struct emitter){ .p = j->rw + j->used, .end = j->rw + j->size, .view = j->rx - j->rw };
	if (j->config.shuffle)
		j->rand = j->rand * 1664525u + 1013904223u;
	code_choose_homes(c, j->rand);
	if (!code_translate(c))
		goto undo;
	made.step = jit_offset(j, c->step);
	made.end = jit_offset(j, c->e.p);
	made.fault_count = j->faults_count - made.fault;
	made.entry_count = j->entries_count - made.entry;
	made.place_count = j->places_count - made.place;
	if (!jit_publish(j, &j->region, &made))
		goto undo;
	j->used = (made.end + 15) & ~15u;
	if (j->used > j->size)
		j->used = j->size;
	stats->regions++;
	stats->region_insns += j->region.insn_count;
	stats->code_bytes += made.end - made.start;
	tell(j, &made);
	return true;
undo:
	j->faults_count = made.fault;
	j->entries_count = made.entry;
	j->places_count = made.place;
	j->exits_count = exits;
	return false;
}

bool jit_compile(struct jit *j, struct hart *h, uint32_t pc)
{
	struct region_source source = { h, executions, can, stops, h->engine };
	struct hart_trap saved = h->trap;
	uint16_t *patience = &j->page_patience[(pc >> 12) % JIT_PAGE_HASH];
	uint64_t from;
	bool done;

	if (jit_has(h->engine, pc))
		return true;
	/* Code that keeps changing is not worth it each time. */
	if (*patience) {
		--*patience;
		h->engine->stats.regions_refused++;
		return false;
	}
	from = engine_clock();
	done = region_form(&j->region, &source, pc, j->config.region_max);
	h->trap = saved;
	if (done && !translate_region(j)) {
		/* Once more with the cache to itself. */
		if (j->regions_count)
			jit_forget_all(j);
		done = translate_region(j);
	}
	h->engine->stats.translating_ns += engine_clock() - from;
	h->engine->stats.regions_refused += !done;
	return done;
}

uint32_t jit_cache_used(const struct jit *j)
{
	return j->used;
}

uint32_t jit_guest_pc(struct jit *j, const void *context)
{
	uintptr_t offset = host_context_pc(context) - (uintptr_t)j->rx;
	const struct jit_region *r;
	uint32_t lo, hi;

	r = offset < j->used ? jit_region_at(j, (uint32_t)offset) : NULL;
	if (!r || !r->place_count)
		return 0;
	lo = r->place;
	hi = r->place + r->place_count;
	while (hi - lo > 1) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (j->places[mid].offset <= offset)
			lo = mid;
		else
			hi = mid;
	}
	return j->places[lo].pc;
}

/* The JIT whose code may be running: for the handler of host faults. */
static __thread struct jit *running;

enum run_code jit_run(struct jit *j, struct hart *h, int64_t budget)
{
	uintptr_t entry = j->table[h->regs->pc >> 1];
	struct jit *before = running;
	int code;

	running = j;
	h->engine->stats.runs++;
	j->context.end = h->instret + (uint64_t)budget;
	h->engine->code_killed = false;
	code = host_run(j, h->regs, entry, budget, h->base);
	running = before;
	if (j->stack_stale)
		jit_reset_stack(j);
	h->instret = j->context.end - (uint64_t)j->context.left;
	h->engine->bits = j->context.aux;
	h->engine->stats.lookups += code == RUN_LINK || code == RUN_LOOKUP;
	if (code == RUN_LINK) {
		jit_link(j, j->context.aux);
		return RUN_LOOKUP;
	}
	return (enum run_code)code;
}

/* The code that made a call does not go on, and must not be taken for a place that returns lead to. */
static int leave_call(struct jit *j, int code)
{
	if (!j->code.h->engine->code_killed)
		j->context.jit_sp = (char *)j->context.jit_sp + 8;
	return code;
}

/* Nothing is kept over the call that can be had again: this is the way of every system call. */
static inline int do_ecall(struct jit *j)
{
	struct hart *h = j->code.h;
	enum hart_call done;

	if (!h->on_ecall || !h->host_traps)
		return leave_call(j, RUN_ECALL);
	h->instret = j->context.end - (uint64_t)j->context.left;
	h->engine->stats.calls++;
	done = h->on_ecall(h->ecall_owner);
	if (done == HART_CALL_DONE && !__atomic_load_n(&j->code.h->engine->disturbed, __ATOMIC_RELAXED))
		return JIT_GO_ON;
	return leave_call(j, done == HART_CALL_NOT ? RUN_ECALL : done == HART_CALL_LOOK ? RUN_CALLED : RUN_LOOKUP);
}

/* The flags of floating point are the host's until the call. */
static __attribute__((noinline)) int do_ecall_fp(struct jit *j)
{
	int code;

	fp_end(j->code.h);
	code = do_ecall(j);
	if (code == JIT_GO_ON)
		fp_begin(j->code.h);	/* code that needs it looks whether this was enough */
	return code;
}

int jit_ecall(struct jit *j)
{
	return j->code.h->engine->fp_level == FP_OFF ? do_ecall(j) : do_ecall_fp(j);
}

int jit_access(struct jit *j, uint64_t what)
{
	struct hart *h = j->code.h;
	struct hart_data_access a = {
		.pc = h->regs->pc, .addr = (uint32_t)what, .size = (uint8_t)(what >> 32), .kinds = (uint8_t)(what >> 40),
	};
	uint32_t changes = h->engine->changes;
	void *sp = j->context.jit_sp;
	bool yes = hooks_ask(h, &a);

	/* The code that called is still needed to leave, and so is its stack. */
	if (j->context.jit_sp != sp) {
		j->context.jit_sp = sp;
		j->stack_stale = true;
	}
	return !yes || changes != h->engine->changes;
}

static const struct jit_fault *fault_at(const struct jit *j, const struct jit_region *r, uint32_t offset)
{
	uint32_t lo = r->fault, hi = r->fault + r->fault_count;

	while (hi - lo > 1) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (j->faults[mid].offset <= offset)
			lo = mid;
		else
			hi = mid;
	}
	return lo < hi && j->faults[lo].offset == offset ? &j->faults[lo] : NULL;
}

bool jit_on_fault(void *context, uintptr_t address)
{
	struct jit *j = running;
	uintptr_t pc = host_context_pc(context);
	const struct jit_fault *f;
	const struct jit_region *r;
	uint32_t offset;

	if (!j || pc - (uintptr_t)j->rx >= j->used)
		return false;
	if (address - (uintptr_t)j->stack < JIT_STACK_GUARD) {
		/* Calls without returns: begin again, and returns will be looked up. */
		host_context_set_sp(context, (uintptr_t)j->stack + JIT_STACK_SIZE - 16);
		return true;
	}
	offset = (uint32_t)(pc - (uintptr_t)j->rx);
	r = jit_region_at(j, offset);
	f = r ? fault_at(j, r, offset) : NULL;
	if (!f)
		return false;
	if (f->landing)
		host_context_jump(context, jit_address(j, f->landing));
	else
		host_context_step(context, jit_address(j, r->step), f->pc, f->count);
	return true;
}
