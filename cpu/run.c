/* SPDX-License-Identifier: MIT
 *
 * hart_run(): slices of the budget go to the handlers; what stops them is decided here.
 */
#include "cpu/engine.h"
#include "cpu/fp.h"
#include "cpu/hart_private.h"
#include "cpu/interp.h"
#include "cpu/jit/jit.h"

/* Longest stretch between two looks at hart_interrupt()'s flag: well under a millisecond. */
#ifdef __SANITIZE_ADDRESS__
#define SLICE 10000		/* gcc's ASan makes calls of interp.h's tail calls: each load is a frame of the host's stack until then */
#else
#define SLICE 100000
#endif

/*
 * Going over to translated code and back costs as much as interpreting some fifty instructions.  When SHORT_RUNS times in a row
 * it was left after less than SHORT_RUN, for what has no translation, the place where it was entered is interpreted PASS_OVER times.
 */
#define SHORT_RUN 32
#define SHORT_RUNS 16
#define PASS_OVER 64

static void set_illegal(struct hart *h, uint32_t bits)
{
	h->trap = (struct hart_trap){
		.access = HART_FETCH, .value = bits, .size = insn_is_wide((uint16_t)bits) ? 4 : 2,
	};
}

/* The guest handles its own trap. */
static void take_trap(struct hart *h, enum hart_stop kind)
{
	uint32_t cause = 0, value = h->trap.value;

	switch (kind) {
	case HART_ECALL:
		cause = h->priv == HART_M ? CAUSE_ECALL_M : CAUSE_ECALL_U;
		value = 0;
		break;
	case HART_EBREAK:
		cause = CAUSE_BREAK;
		value = h->regs->pc;
		break;
	case HART_ILLEGAL:
		cause = CAUSE_ILLEGAL;
		break;
	case HART_FAULT:
		cause = h->trap.access == HART_FETCH ? CAUSE_FETCH :
			h->trap.access == HART_LOAD ? CAUSE_LOAD : CAUSE_STORE;
		break;
	case HART_MISALIGNED:
		cause = h->trap.access == HART_LOAD ? CAUSE_LOAD_MISALIGNED : CAUSE_STORE_MISALIGNED;
		break;
	case HART_BUDGET: case HART_WAIT: case HART_CALLED: case HART_BREAKPOINT: case HART_WATCHPOINT: case HART_HELD:
		return;
	}
	trap_enter(h, cause, value);
}

/* Executes the instruction in engine->bits, which is at regs.pc.  HART_BUDGET: done, go on. */
static enum hart_stop execute_system(struct hart *h)
{
	enum hart_stop result = HART_BUDGET;
	struct insn in;

	insn_decode(&in, h->engine->bits);
	switch (in.op) {
	case OP_FENCE_I:
		code_pages_fence(h);
		break;
	case OP_MRET:
		if (h->priv != HART_M)
			goto illegal;
		hooks_retired(&h->engine->hooks, h->regs->pc);
		trap_return(h);
		h->instret++;
		return HART_BUDGET;
	case OP_WFI:
		if (h->priv != HART_M && (h->csr.mstatus & MSTATUS_TW))
			goto illegal;
		if ((h->csr.mip & h->csr.mie) == 0)
			result = HART_WAIT;
		break;
	default:
		if (!csr_execute(h, &in))
			goto illegal;
	}
	hooks_retired(&h->engine->hooks, h->regs->pc);
	h->regs->pc += in.len;
	h->instret++;
	return result;
illegal:
	set_illegal(h, in.bits);
	return HART_ILLEGAL;
}

/* Why translated code left for the instruction at regs.pc, as far as the instruction tells. */
static void count_step(struct hart *h)
{
	struct hart_stats *s = &h->engine->stats;
	struct hart_trap saved = h->trap;
	uint32_t bits = 0;
	struct insn in;

	if (!fetch(h, h->regs->pc, &bits))
		bits = 0;
	h->trap = saved;
	insn_decode(&in, bits);
	switch (in.op == OP_ILLEGAL ? FMT_NONE : insn_info[in.op].format) {
	case FMT_LOAD: case FMT_STORE: case FMT_FLOAD: case FMT_FSTORE:
		s->steps_access++;
		break;
	case FMT_LR: case FMT_AMO:
		s->steps_atomic++;
		break;
	case FMT_FFF: case FMT_FFF_RM: case FMT_FF_RM: case FMT_FFFF_RM: case FMT_XFF: case FMT_XF: case FMT_XF_RM:
	case FMT_FX: case FMT_FX_RM:
		s->steps_fp++;
		break;
	default:
		s->steps_other++;
	}
}

static uint32_t *passed_over_slot(struct hart_engine *e, uint32_t pc)
{
	return &e->passed_over[(pc >> 1) % PASSED_OVER];
}

/* Whether translated code is to go on from here. */
static bool use_jit(struct hart *h, uint64_t budget)
{
	struct hart_engine *e = h->engine;
	uint32_t pc = h->regs->pc;

	return e->jit && !e->step && budget > e->jit_reserve + BLOCK_MAX && jit_has(e, pc) &&
	       *passed_over_slot(e, pc) != (pc | 1);
}

/* Translated code was entered at pc and has retired so many instructions. */
static void note_run(struct hart_engine *e, uint32_t pc, int code, uint64_t retired)
{
	if (code != RUN_LOOKUP || retired >= SHORT_RUN) {
		e->short_runs = 0;
	} else if (++e->short_runs >= SHORT_RUNS) {
		*passed_over_slot(e, pc) = pc | 1;
		engine_set_count(e, pc, PASS_OVER);
	}
}

static int run_jit(struct hart *h, uint64_t budget)
{
	struct hart_engine *e = h->engine;
	int64_t slice = (int64_t)(budget - e->jit_reserve);
	uint64_t before = h->instret;
	uint32_t pc = h->regs->pc;
	int code;

	if (slice > SLICE)
		slice = SLICE;
	if (e->measure_time)
		e->stats.translated_ns -= engine_clock();
	code = jit_run(e->jit, h, slice);
	if (e->measure_time)
		e->stats.translated_ns += engine_clock();
	note_run(e, pc, code, h->instret - before);
	return code;
}

/* Whether a block is to be run in spite of its head, which would leave for its translation. */
static bool skips_head(struct hart *h, const struct rec *head)
{
	struct hart_engine *e = h->engine;

	if (head->fn != op_away)
		return false;
	if (jit_has(e, head->pc))
		return true;
	engine_set_count(e, head->pc, e->hot);
	return false;
}

/* Code has become hot for the first time.  False: there is no JIT, and nothing counts any more. */
static bool begin_jit(struct hart *h)
{
	struct hart_engine *e = h->engine;
	hart_hot_fn *on_hot = e->on_hot;

	e->on_hot = NULL;
	if (on_hot)
		on_hot(e->hot_owner);
	if (e->jit)
		return true;
	e->hot = 0;
	engine_forget_all(e);
	return false;
}

/* The block at regs.pc is hot; it is translated, or counted again. */
static void translate_hot(struct hart *h)
{
	struct hart_engine *e = h->engine;
	uint32_t pc = h->regs->pc;

	if (!e->jit && !begin_jit(h))
		return;
	if (*passed_over_slot(e, pc) == (pc | 1))
		*passed_over_slot(e, pc) = 0;
	if (jit_compile(e->jit, h, pc))
		engine_set_translated(e, pc);
	else
		engine_set_count(e, pc, 16 * e->hot);
}

/*
 * Runs handlers from regs.pc for at most budget instructions; instret and regs.pc follow.  pass: just one, which
 * does.
 */
static int run_slice(struct hart *h, uint64_t budget, enum hart_pass pass)
{
	struct hart_engine *e = h->engine;
	uint32_t pc = h->regs->pc;
	struct rec *rec;
	op_fn *enter;
	int64_t slice = 0;
	int code;

	if (pass) {
		rec = engine_find_passing(h, pc, pass);
	} else if (budget > BLOCK_MAX) {
		slice = budget - BLOCK_MAX > SLICE ? SLICE : (int64_t)(budget - BLOCK_MAX);
		rec = engine_find_target(h, pc);
	} else {
		rec = engine_find_cut(h, pc, (uint32_t)budget);
	}
	if (!rec)
		return RUN_FAULT;
	enter = op_enter;
	if (skips_head(h, rec))
		enter = (++rec)->fn;
	e->step = false;
	if (e->measure_time)
		e->stats.interpreted_ns -= engine_clock();
	e->running = true;
	code = enter(h->regs, rec, h->base, slice, h, 0, 0, 0);
	e->running = false;
	if (e->measure_time)
		e->stats.interpreted_ns += engine_clock();
	h->instret += (uint64_t)(slice - e->left);
	if (e->reset_wanted) {
		e->reset_wanted = false;
		engine_forget_all(e);
	}
	return code;
}

/* Looks at what came from outside.  False: hart_run() is to return. */
static bool may_go_on(struct hart *h)
{
	struct hart_engine *e = h->engine;

	if (__atomic_load_n(&e->interrupted, __ATOMIC_RELAXED)) {
		__atomic_store_n(&e->interrupted, 0, __ATOMIC_RELAXED);
		return false;
	}
	if (!h->host_traps)
		trap_take_interrupt(h);
	return true;
}

/* pass holds once. */
static int run_some(struct hart *h, uint64_t budget, enum hart_pass *pass)
{
	enum hart_pass passing = *pass;

	*pass = HART_PASS_NOTHING;
	return !passing && use_jit(h, budget) ? run_jit(h, budget) : run_slice(h, budget, passing);
}

/* on_access was asked, or code was flushed while it was: goes on here if it did not say no. */
static enum hart_stop was_asked(struct hart *h, enum hart_pass *pass)
{
	struct hooks *k = &h->engine->hooks;

	if (k->held) {
		k->held = false;
		return HART_HELD;
	}
	*pass = HART_PASS_ACCESS;
	return HART_BUDGET;
}

enum hart_stop hart_run(struct hart *h, uint64_t budget)
{
	struct hart_engine *e = h->engine;
	uint64_t end = h->instret + budget;
	enum hart_stop stop;
	enum hart_pass pass = budget ? h->pass : HART_PASS_NOTHING;

	h->regs->x[0] = 0;
	if (e->hooks.mask)
		hooks_settle(h);
	if (budget)
		h->pass = HART_PASS_NOTHING;
	for (;;) {
		stop = HART_BUDGET;
		/* Nothing comes in before an instruction that is to pass. */
		if (!pass && !may_go_on(h))
			break;
		if (h->instret == end)
			break;
		switch (run_some(h, end - h->instret, &pass)) {
		case RUN_BUDGET:
		case RUN_LOOKUP:
		case RUN_LINK:
			continue;
		case RUN_HOT:
			translate_hot(h);
			continue;
		case RUN_FP:
			/* Without it, with another rounding mode, it is for the interpreter. */
			e->stats.fp_raises++;
			if (e->fp_level == FP_OFF)
				fp_begin(h);
			e->step = e->fp_level < FP_RNE;
			continue;
		case RUN_STEP:
			e->stats.steps++;
			if (e->measure_time)
				count_step(h);
			e->step = true;
			continue;
		case RUN_ASKED:
			stop = was_asked(h, &pass);
			break;
		case RUN_BREAKPOINT:
			stop = HART_BREAKPOINT;
			break;
		case RUN_WATCHPOINT:
			stop = HART_WATCHPOINT;
			break;
		case RUN_ECALL:
			stop = HART_ECALL;
			break;
		case RUN_CALLED:
			stop = HART_CALLED;
			break;
		case RUN_EBREAK:
			stop = HART_EBREAK;
			break;
		case RUN_ILLEGAL:
			set_illegal(h, e->bits);
			stop = HART_ILLEGAL;
			break;
		case RUN_FAULT:
			stop = HART_FAULT;
			break;
		case RUN_MISALIGNED:
			stop = HART_MISALIGNED;
			break;
		case RUN_SYSTEM:
			fp_end(h);
			stop = execute_system(h);
			break;
		}
		if (stop == HART_BUDGET)
			continue;
		if (h->host_traps || stop == HART_WAIT || stop >= HART_BREAKPOINT)
			break;
		take_trap(h, stop);
		/* A trap uses up budget, or a handler that cannot even be fetched would hang us. */
		end -= end > h->instret;
	}
	if (e->fp_level != FP_OFF)
		fp_end(h);
	return stop;
}
