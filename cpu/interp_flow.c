/* SPDX-License-Identifier: MIT
 *
 * Handlers of branches and jumps, and of the ways out of a block.
 */
#include "cpu/interp_flow.h"

/* A branch not taken goes on in the same block. */
#define BRANCH(id)                                                              \
OP_FORMS(op_##id, {                                                             \
	if (cond_##id(A, B))                                                    \
		FOLLOW_LINK((uint32_t)ip->imm);                                 \
	NEXT(2);                                                                \
})

BRANCH(BEQ)
BRANCH(BNE)
BRANCH(BLT)
BRANCH(BGE)
BRANCH(BLTU)
BRANCH(BGEU)

OP(op_goto)
{
	FOLLOW_LINK((uint32_t)ip->imm);
}

OP(op_call)
{
	X(ip->rd) = (uint32_t)ip[2].imm;
	FOLLOW_LINK((uint32_t)ip->imm);
}

/* A record with the return address follows. */
OP_FORMS(op_JALR, {
	uint32_t pc = A + (uint32_t)ip->imm;

	X(ip->rd) = (uint32_t)ip[1].imm;
	FOLLOW_PC(pc);
})

OP(op_ret)
{
	FOLLOW_PC(X(ip->rs1));
}

OP(op_ret_acc1)
{
	FOLLOW_PC(acc);
}

__attribute__((noinline)) OP(op_link)
{
	struct hart_engine *e = h->engine;
	/* All records are the engine's, which is less than 4 GiB. */
	struct rec *from = (struct rec *)(void *)((char *)e + (acc - (uint32_t)(uintptr_t)e));
	uint32_t pc = (uint32_t)from->imm;
	struct rec *target;

	ip->count = 0;
	/* Translation might have to empty the cache, this record included. */
	if (engine_full(e))
		return leave(h, pc, budget, 0, RUN_LOOKUP);
	target = engine_find(h, pc);
	if (!target)
		return leave(h, pc, budget, 0, RUN_LOOKUP);
	ip = from[1].link = target + 1;
	ENTER();
}

OP(op_enter)
{
	ip++;
	ENTER();
}

OP(op_count)
{
	ip->count = 0;
	if (h->engine->hot)
		return leave(h, ip->pc, budget, 0, RUN_HOT);
	/* Nothing is ever hot. */
	ip->count = INT32_MAX;
	NEXT(1);
}

OP(op_away)
{
	ip->count = 0;
	return leave(h, ip->pc, budget, 0, RUN_LOOKUP);
}

OP(op_retired)
{
	++*hooks_counter(&h->engine->hooks, (uint32_t)ip->imm);
	NEXT(1);
}

OP(op_access)
{
	struct hart_data_access a = {
		.pc = (uint32_t)ip[1].imm, .addr = X(ip->rs1) + (uint32_t)ip->imm, .size = ip[1].rs1, .kinds = ip[1].rs2,
	};

	if (!hooks_before_access(h, &a, ip[1].rd, ip[1].n))
		return leave(h, a.pc, budget, ip->n - 1u, RUN_ASKED);
	NEXT(2);
}

OP(op_watchpoint)
{
	if (UNLIKELY(h->engine->hooks.hit))
		return leave(h, (uint32_t)ip->imm, budget, ip->n, RUN_WATCHPOINT);
	NEXT(1);
}

OP(op_system)
{
	h->engine->bits = (uint32_t)ip[1].imm;
	return leave(h, (uint32_t)ip->imm, budget, ip->n - 1u, (enum run_code)ip->rs1);
}
