/* SPDX-License-Identifier: MIT
 *
 * From a region to host code: its blocks in the order they are laid out, how they lead to each
 * other, and the code out of line.  What single instructions become is in jit_insn.c.
 */
#include "cpu/jit/jit_private.h"

/* --- code out of line */

static struct stub *add_stub(struct code *c, uint8_t *site, unsigned code, uint32_t pc, int32_t count)
{
	struct stub *s;

	if (c->stub_count == MAX_STUBS) {
		c->failed = true;
		return &c->stubs[0];
	}
	s = &c->stubs[c->stub_count++];
	*s = (struct stub){ .site = site, .code = (uint8_t)code, .pc = pc, .count = count };
	code_save(c, &s->deferred, &s->deferred_count);
	return s;
}

void code_step_stub(struct code *c, uint8_t *site)
{
	add_stub(c, site, c->asked ? RUN_ASKED : RUN_STEP, c->pc, c->count);
}

void code_asked_stub(struct code *c, uint8_t *site)
{
	c->asked = true;
	code_step_stub(c, site);
}

void code_may_fault(struct code *c)
{
	struct jit_fault *f = jit_add_fault(c->jit);

	if (!f) {
		c->failed = true;
		return;
	}
	*f = (struct jit_fault){ .offset = jit_offset(c->jit, c->e.p), .pc = c->pc, .count = c->count };
	if (c->pending || c->asked)
		add_stub(c, NULL, c->asked ? RUN_ASKED : RUN_STEP, c->pc, c->count)->fault = (uint32_t)(f - c->jit->faults);
}

static void fix_up(struct code *c, uint8_t *site, int16_t block)
{
	if (c->blocks[block].start) {
		host_patch(c, site, c->blocks[block].start);
	} else if (c->fixup_count == MAX_FIXUPS) {
		c->failed = true;
	} else {
		c->fixups[c->fixup_count++] = (struct fixup){ site, block };
	}
}

/* --- counting */

static void count(struct code *c, int32_t n)
{
	if (n)
		host_count(c, n);
	c->count -= n;
}

/*
 * Counts n and leaves if the budget is used up: the guest is then at pc, with all but undone of
 * the instructions so far done.
 */
static void count_and_check(struct code *c, int32_t n, uint32_t pc, int32_t undone)
{
	uint8_t *site = host_count_and_check(c, n);

	c->count -= n;
	add_stub(c, site, RUN_BUDGET, pc, c->count - undone);
}

/* --- hooks */

/* The instruction at pc has retired: as far as the guest can tell it is done, though its result may be deferred. */
static void retired(struct code *c, uint32_t pc)
{
	struct hooks *k = &c->h->engine->hooks;

	if (!(k->mask & HOOK_COUNT))
		return;
	hooks_note(k, pc);
	host_tally(c, hooks_counter(k, pc));
}

/* Before instruction x, if it accesses memory. */
static void before_access(struct code *c, const struct region_insn *x)
{
	struct hooks_access a = hooks_access_of(&x->in);

	if (!a.size)
		return;
	/* Out of the way for a call. */
	if (c->h->engine->hooks.mask & HOOK_ACCESS)
		code_settle_all(c);
	host_before_access(c, code_address(c, x->in.rs1, x->in.imm), a);
}

/* --- edges between blocks */

static bool is_merge(const struct code *c, int16_t block)
{
	const struct region_block *b = &c->r->blocks[block];

	return b->preds > 1 || b->header || block == 0;
}

/* What has to be counted on the way to a block; the first way there decides what it begins with. */
static int32_t count_for(struct code *c, int16_t block)
{
	struct block_state *s = &c->blocks[block];

	if (!s->has_count) {
		s->has_count = true;
		s->count = c->count;
	}
	return c->count - s->count;
}

/* A block with one predecessor begins with what is deferred at the end of that. */
static void hand_over(struct code *c, int16_t block)
{
	struct block_state *s = &c->blocks[block];

	count_for(c, block);
	code_save(c, &s->deferred, &s->deferred_count);
}

/* Leaves the region for pc. */
static void exit_to(struct code *c, uint32_t pc)
{
	code_settle_all(c);
	count_and_check(c, c->count, pc, 0);
	host_leave_homes(c);
	host_exit(c, pc);
}

/* Goes on at target, which is a block of the region or OUTSIDE it; next is the block that follows. */
static void go_to(struct code *c, int16_t block, uint32_t target, int16_t next)
{
	if (block < 0) {
		exit_to(c, target);
		return;
	}
	if (is_merge(c, block)) {
		code_settle_all(c);
		if (c->blocks[block].start)
			count_and_check(c, count_for(c, block), target, 0);
		else
			count(c, count_for(c, block));
	} else {
		hand_over(c, block);
	}
	if (block != next)
		fix_up(c, host_jump(c), block);
}

/* --- ends of blocks */

/* The comparison of a branch; deferred comparisons with 0 are done here. */
static unsigned compare(struct code *c, const struct insn *in)
{
	struct value v = code_value(c, in->rs1);
	struct operand a, b;
	int op = in->op;

	if (in->rs2 == 0 && (op == OP_BEQ || op == OP_BNE) && (v.kind == VALUE_SLT || v.kind == VALUE_SLTU)) {
		a = v.a ? REG_OPERAND(v.a) : CONST_OPERAND(0);
		b = v.b ? REG_OPERAND(v.b) : CONST_OPERAND(v.imm);
		if (v.kind == VALUE_SLT)
			op = op == OP_BNE ? OP_BLT : OP_BGE;
		else
			op = op == OP_BNE ? OP_BLTU : OP_BGEU;
	} else {
		code_operands(c, 0, in->rs1, in->rs2, &a, &b);
	}
	return host_compare(c, op, a, b);
}

/* Before a branch that may jump to a merge: what both of its ways may as well do. */
static void prepare_jump(struct code *c, const struct region_block *b, int16_t block, uint32_t branch_pc)
{
	bool often = c->r->blocks[block].weight >= b->weight / 2;
	int32_t n;

	if (c->blocks[block].start) {
		code_settle_all(c);
		n = count_for(c, block);
		count_and_check(c, n, branch_pc, 1);
		return;
	}
	if (!often)
		return;
	code_settle_all(c);
	count(c, count_for(c, block));
}

static void end_branch(struct code *c, const struct region_block *b, int16_t next)
{
	const struct region_insn *x = region_last(c->r, b);
	bool holds = !(b->succ[0] >= 0 && b->succ[0] == next && b->succ[1] != next);
	int16_t jump = b->succ[holds ? 0 : 1], fall = b->succ[holds ? 1 : 0];
	uint32_t jump_pc = b->target[holds ? 0 : 1], fall_pc = b->target[holds ? 1 : 0];
	unsigned condition;
	uint8_t *site;

	if (jump >= 0 && is_merge(c, jump))
		prepare_jump(c, b, jump, x->pc);
	retired(c, x->pc);
	condition = compare(c, &x->in);
	site = host_jump_if(c, condition, holds);
	if (jump < 0) {
		add_stub(c, site, STUB_EXIT, jump_pc, c->count);
	} else if (!is_merge(c, jump)) {
		hand_over(c, jump);
		fix_up(c, site, jump);
	} else if (c->pending || count_for(c, jump)) {
		add_stub(c, site, STUB_EDGE, jump_pc, count_for(c, jump))->block = jump;
	} else {
		fix_up(c, site, jump);
	}
	go_to(c, fall, fall_pc, next);
}

/* Everything before an exit of any kind: the jump at pc is not yet done if the budget ends here. */
static void prepare_exit(struct code *c, uint32_t pc)
{
	code_settle_all(c);
	count_and_check(c, c->count, pc, 1);
}

static void set_link(struct code *c, const struct region_insn *x)
{
	if (x->in.rd)
		host_set(c, x->in.rd, (struct value){ .kind = VALUE_CONST, .imm = (int32_t)(x->pc + x->in.len) });
}

/* Control came back from a call, with the convention's homes. */
static void after_call(struct code *c, const struct region_block *b, int16_t next)
{
	/* If that is not in the region, whoever looks it up must not find what only goes on to it. */
	if (b->succ[1] >= 0)
		jit_add_entry(c->jit, b->target[1], c->e.p);
	host_enter_homes(c, b->target[1]);
	go_to(c, b->succ[1], b->target[1], next);
}

static void end_indirect(struct code *c, const struct region_block *b, int16_t next)
{
	const struct region_insn *x = region_last(c->r, b);
	struct value address;

	prepare_exit(c, x->pc);
	retired(c, x->pc);
	address = code_address(c, x->in.rs1, x->in.imm);
	host_set_target(c, address, b->end != END_RETURN);
	set_link(c, x);
	host_leave_homes(c);
	switch (b->end) {
	case END_RETURN:
		host_return_target(c);
		break;
	case END_JUMP_INDIRECT:
		host_jump_target(c);
		break;
	default:
		host_call_target(c, b->target[1]);
		after_call(c, b, next);
	}
}

static void end_return_inlined(struct code *c, const struct region_block *b, int16_t next)
{
	uint32_t pc = region_last(c->r, b)->pc;
	struct value v = code_value(c, 1);
	struct operand link;

	if (v.kind == VALUE_CONST) {
		bool expected = (uint32_t)v.imm == b->target[0];

		retired(c, pc);
		go_to(c, expected ? b->succ[0] : OUTSIDE, (uint32_t)v.imm & ~1u, next);
		return;
	}
	link = code_use(c, 1);
	/* Whatever else is settled, link stays valid: it is where the comparison takes it from. */
	add_stub(c, host_jump_unless(c, link.reg, b->target[0]), STUB_INDIRECT, pc, c->count);
	retired(c, pc);
	go_to(c, b->succ[0], b->target[0], next);
}

static enum run_code stop_code(int op)
{
	switch (op) {
	case OP_ILLEGAL:
		return RUN_ILLEGAL;
	case OP_ECALL:
		return RUN_ECALL;
	case OP_EBREAK:
		return RUN_EBREAK;
	case OP_FENCE_I: case OP_MRET: case OP_WFI:
	case OP_CSRRW: case OP_CSRRS: case OP_CSRRC: case OP_CSRRWI: case OP_CSRRSI: case OP_CSRRCI:
		return RUN_SYSTEM;
	}
	return RUN_STEP;
}

static void end_block(struct code *c, const struct region_block *b, int16_t next)
{
	const struct region_insn *x = region_last(c->r, b);

	switch ((enum block_end)b->end) {
	case END_GOTO:
		go_to(c, b->succ[0], b->target[0], next);
		break;
	case END_BRANCH:
		end_branch(c, b, next);
		break;
	case END_CALL:
		prepare_exit(c, x->pc);
		retired(c, x->pc);
		set_link(c, x);
		host_leave_homes(c);
		host_call(c, b->target[0], b->target[1]);
		after_call(c, b, next);
		break;
	case END_CALL_INDIRECT: case END_JUMP_INDIRECT: case END_RETURN:
		end_indirect(c, b, next);
		break;
	case END_RETURN_INLINED:
		end_return_inlined(c, b, next);
		break;
	case END_ECALL:
		code_settle_all(c);
		count(c, c->count);
		host_leave_homes(c);
		host_ecall(c, x->pc);
		after_call(c, b, next);
		break;
	case END_STOP:
		code_settle_all(c);
		count(c, c->count);
		host_leave(c, hooks_want_interpreter(&c->h->engine->hooks, x->pc, &x->in) ? RUN_STEP : stop_code(x->in.op),
			   x->pc, x->in.bits);
		break;
	}
}

static void emit_block(struct code *c, int16_t index, int16_t next)
{
	const struct region_block *b = &c->r->blocks[index];
	struct block_state *s = &c->blocks[index];

	s->start = c->e.p;
	jit_add_place(c->jit, b->pc, c->e.p);
	if (is_merge(c, index))
		code_restore(c, 0, 0);
	else
		code_restore(c, s->deferred, s->deferred_count);
	c->count = s->count;
	c->fboxed = 0;
	for (unsigned k = 0; k < b->count; k++) {
		const struct region_insn *x = &c->r->insns[b->first + k];

		c->pc = x->pc;
		c->asked = false;
		/* Not retired: what does it says how many are. */
		if (k + 1 == b->count && (b->end == END_STOP || b->end == END_ECALL))
			break;
		/* Jumps that leave their link behind and go on within the region are ordinary, too. */
		if (k + 1 < b->count || b->end == END_GOTO) {
			if (c->h->engine->hooks.mask & HOOKS_OF_ACCESSES)
				before_access(c, x);
			code_insn(c, x);
		}
		c->count++;
		if (k + 1 < b->count || b->end == END_GOTO)
			retired(c, x->pc);
	}
	end_block(c, b, next);
}

static void emit_stub(struct code *c, const struct stub *s)
{
	struct stub stub = *s;	/* more may be added */

	if (stub.site)
		host_patch(c, stub.site, c->e.p);
	else
		c->jit->faults[stub.fault].landing = jit_offset(c->jit, c->e.p);
	code_restore(c, stub.deferred, stub.deferred_count);
	c->count = stub.count;
	switch (stub.code) {
	case STUB_EXIT:
		exit_to(c, stub.pc);
		break;
	case STUB_EDGE:
		code_settle_all(c);
		count(c, c->count);
		fix_up(c, host_jump(c), stub.block);
		break;
	case STUB_INDIRECT:
		prepare_exit(c, stub.pc);
		retired(c, stub.pc);
		host_set_target(c, code_address(c, 1, 0), true);
		host_leave_homes(c);
		host_jump_target(c);
		break;
	default:
		code_settle_all(c);
		count(c, c->count);
		host_leave(c, stub.code, stub.pc, stub.bits);
	}
}

bool code_translate(struct code *c)
{
	const struct region *r = c->r;
	uint32_t first_exit = c->jit->exits_count;

	memset(c->blocks, 0, sizeof(c->blocks));
	c->fixup_count = c->stub_count = c->deferred_count = c->late_count = 0;
	c->nan_count = c->fp_count = 0;
	c->blocks[0].has_count = true;
	jit_add_entry(c->jit, r->pc, c->e.p);
	host_enter_homes(c, r->pc);
	for (unsigned i = 0; i < r->order_count; i++)
		emit_block(c, r->order[i], i + 1 < r->order_count ? r->order[i + 1] : OUTSIDE);
	for (uint32_t i = 0; i < c->stub_count && !c->failed && !c->e.overflow; i++)
		emit_stub(c, &c->stubs[i]);
	if (c->failed || c->e.overflow)
		return false;
	for (uint32_t i = 0; i < c->fixup_count; i++)
		host_patch(c, c->fixups[i].site, c->blocks[c->fixups[i].block].start);
	c->step = c->e.p;
	host_leave_step(c);
	host_finish(c, first_exit);
	return !c->e.overflow;
}
