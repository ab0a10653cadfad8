/* SPDX-License-Identifier: MIT
 *
 * From guest code to the records of a block.
 */
#include "cpu/engine.h"
#include "cpu/fp.h"
#include "cpu/insn_kind.h"
#include "cpu/interp.h"
#include "cpu/interp_fp.h"
#include "cpu/interp_fused.h"

/* The handlers of instructions that have one of their own. */
static op_fn *const handlers[OP_COUNT][FORMS] = {
#define THREE(id) [OP_##id] = { op_##id, op_##id##_acc1, op_##id##_acc2 },
#define ONE(id) [OP_##id] = { op_##id, op_##id, op_##id },
#define INSN_COMPUTES(id) THREE(id)
#define INSN_ACCESSES(id) THREE(id)
#define INSN_FLOADS(id) ONE(id)
#define INSN_FSTORES(id) [OP_##id] = { op_##id, op_##id, op_##id##_acc2 },
#define INSN_ATOMIC(id) ONE(id)
#define INSN_JUMPS(id) THREE(id)
#define INSN_OTHER(id)
#define I(id, name, match, mask, fmt, ext) INSN_KIND(fmt, id)
#include "cpu/insn.def"
#undef I
};

static op_fn *const returns[FORMS] = { op_ret, op_ret_acc1, op_ret };

bool fetch(struct hart *h, uint32_t pc, uint32_t *bits)
{
	uint32_t low, high;

	if (!guest_load_u16(h->base, pc, &low))
		goto fault;
	*bits = low;
	if (!insn_is_wide((uint16_t)low))
		return true;
	pc += 2;
	if (!guest_load_u16(h->base, pc, &high))
		goto fault;
	*bits |= high << 16;
	return true;
fault:
	h->trap = (struct hart_trap){ .access = HART_FETCH, .value = pc, .size = 2 };
	return false;
}

#define NO_FREG 32

/* The block being made. */
struct maker {
	struct hart *h;
	struct rec *recs;
	uint32_t rec_count;
	enum hart_pass pass;
	struct rec *fp_begin;	/* the record that requires a level, once there is one */
	uint32_t acc_reg;	/* the register whose value acc has; 0: none */
	uint32_t dacc_reg, sacc_reg;	/* the same for dacc and sacc; NO_FREG: none */
	/* The last record, if it may become the first of a fused pair. */
	struct rec *first;
	int first_op;
	enum form first_form;
};

static struct rec *emit(struct maker *m, op_fn *fn, uint32_t n)
{
	struct rec *r = &m->recs[m->rec_count++];

	*r = (struct rec){ .fn = fn };
	r->n = (uint8_t)n;
	return r;
}

static void emit_link(struct maker *m)
{
	emit(m, op_nop, 0)->link = m->h->engine->unresolved + 1;
}

static void emit_head(struct maker *m, uint32_t pc, int32_t count)
{
	struct rec *r = emit(m, op_count, 0);

	r->pc = pc;
	r->count = count;
}

/* Fuses record r, just made for an instruction op in that form, with the one before it. */
static void fuse(struct maker *m, struct rec *r, int op, enum form form)
{
	op_fn *fn = NULL;

	if (m->first && m->first + 1 == r)
		fn = interp_fused(m->first_op, m->first_form, op, form);
	if (fn) {
		m->first->fn = fn;
		m->first = NULL;
	} else {
		m->first = r;
		m->first_op = op;
		m->first_form = form;
	}
}

/* A record with the operands of in, of the form that suits what acc holds. */
static struct rec *emit_operands(struct maker *m, op_fn *const forms[FORMS], uint32_t n, const struct insn *in)
{
	enum form form = FORM_MEM;
	struct rec *r;

	if (m->acc_reg && in->rs1 == m->acc_reg)
		form = FORM_ACC1;
	else if (m->acc_reg && in->rs2 == m->acc_reg)
		form = FORM_ACC2;
	r = emit(m, forms[form], n);
	r->rd = in->rd;
	r->rs1 = in->rs1;
	r->rs2 = in->rs2;
	r->imm = in->imm;
	fuse(m, r, forms == returns ? OP_RET : in->op, form);
	return r;
}

static uint8_t dest(uint32_t rd)
{
	return (uint8_t)(rd ? rd : REG_DUMMY);
}

static void emit_li(struct maker *m, uint32_t n, uint32_t rd, uint32_t value)
{
	struct rec *r;

	if (rd == 0)
		return;
	r = emit(m, op_li, n);
	r->rd = (uint8_t)rd;
	r->imm = (int32_t)value;
	m->acc_reg = rd;
	/* As far as fusing goes, an addition to x0. */
	fuse(m, r, OP_ADDI, FORM_MEM);
}

static void emit_mv(struct maker *m, uint32_t n, uint32_t rd, uint32_t rs)
{
	enum form form;
	struct rec *r;

	if (rd == 0 || rd == rs)
		return;
	form = rs && rs == m->acc_reg ? FORM_ACC1 : FORM_MEM;
	r = emit(m, form == FORM_ACC1 ? op_mv_acc1 : op_mv, n);
	r->rd = (uint8_t)rd;
	r->rs1 = (uint8_t)rs;
	m->acc_reg = rd;
	/* As far as fusing goes, an addition of 0. */
	fuse(m, r, OP_ADDI, form);
}

/* Ends the block at a jump to target without a return address. */
static void emit_goto(struct maker *m, uint32_t n, uint32_t target)
{
	struct rec *r = emit(m, op_goto, n);

	r->imm = (int32_t)target;
	fuse(m, r, OP_GOTO, FORM_MEM);
	emit_link(m);
}

static void emit_system(struct maker *m, uint32_t n, uint32_t pc, uint32_t bits, enum run_code code)
{
	struct rec *r = emit(m, op_system, n);

	r->rs1 = (uint8_t)code;
	r->imm = (int32_t)pc;
	emit(m, op_nop, 0)->imm = (int32_t)bits;
}

static void require_fp(struct maker *m, uint32_t n, int level)
{
	if (!m->fp_begin)
		m->fp_begin = emit(m, op_fp_begin, n);
	if (m->fp_begin->imm < level)
		m->fp_begin->imm = level;
}

static void emit_computation(struct maker *m, uint32_t n, const struct insn *in)
{
	/* Without a destination it is a HINT: counted, but nothing to do. */
	if (in->rd == 0)
		return;
	if (in->op == OP_ADDI && in->rs1 == 0) {
		emit_li(m, n, in->rd, (uint32_t)in->imm);
		return;
	}
	if (in->op == OP_ADDI && in->imm == 0) {
		emit_mv(m, n, in->rd, in->rs1);
		return;
	}
	if (in->op == OP_ADD && (in->rs1 == 0 || in->rs2 == 0)) {
		emit_mv(m, n, in->rd, in->rs1 + in->rs2);
		return;
	}
	emit_operands(m, handlers[in->op], n, in);
	m->acc_reg = in->rd;
}

/* FP register rd gets a double (or a single), which the accumulator has too. */
static void set_freg(struct maker *m, uint32_t rd, bool is_double)
{
	if (m->dacc_reg == rd)
		m->dacc_reg = NO_FREG;
	if (m->sacc_reg == rd)
		m->sacc_reg = NO_FREG;
	if (is_double)
		m->dacc_reg = rd;
	else
		m->sacc_reg = rd;
}

/* Whether an FP instruction takes its operands as doubles. */
static bool takes_doubles(int op)
{
	if (op == OP_FCVT_D_S)
		return false;
	return insn_info[op].ext == EXT_D || op == OP_FCVT_S_D;
}

static enum form fp_form(const struct maker *m, const struct insn *in)
{
	uint32_t have = takes_doubles(in->op) ? m->dacc_reg : m->sacc_reg;
	int fmt = insn_info[in->op].format;

	if (fmt == FMT_FX || fmt == FMT_FX_RM || have == NO_FREG)
		return FORM_MEM;
	if (in->rs1 == have)
		return FORM_ACC1;
	if (in->rs2 == have)
		return FORM_ACC2;
	return in->rs3 == have && fmt == FMT_FFFF_RM ? FORM_ACC3 : FORM_MEM;
}

static void emit_fp(struct maker *m, uint32_t n, const struct insn *in)
{
	enum fp_result result = interp_fp_result(in->op);
	int level;
	op_fn *const *forms = interp_fp_forms(in, m->h->regs->fcsr >> 5 == RM_RNE, &level);
	struct rec *r;

	require_fp(m, n, level);
	r = emit(m, forms[fp_form(m, in)], n);
	r->rd = result == FP_RESULT_X ? dest(in->rd) : in->rd;
	r->rs1 = in->rs1;
	r->rs2 = in->rs2;
	r->imm = FP_IMM(in->op, in->rs3, in->rm);
	if (result == FP_RESULT_X)
		m->acc_reg = in->rd;
	else
		set_freg(m, in->rd, result == FP_RESULT_D);
}

static void emit_fp_access(struct maker *m, uint32_t n, const struct insn *in)
{
	bool is_double = in->op == OP_FLD || in->op == OP_FSD;
	bool store = insn_info[in->op].format == FMT_FSTORE;
	bool in_acc = store && in->rs2 == (is_double ? m->dacc_reg : m->sacc_reg);
	struct rec *r;

	require_fp(m, n, FP_ON);
	r = emit(m, handlers[in->op][in_acc ? FORM_ACC2 : FORM_MEM], n);
	r->rd = in->rd;
	r->rs1 = in->rs1;
	r->rs2 = in->rs2;
	r->imm = in->imm;
	if (!store)
		set_freg(m, in->rd, is_double);
}

/* What op_access needs to know; in a record, so that it need not be looked up. */
static void emit_before_access(struct maker *m, uint32_t n, const struct insn *in, uint32_t pc, struct hooks_access a)
{
	struct rec *r;

	/* First that it is legal. */
	if (insn_info[in->op].format == FMT_FLOAD || insn_info[in->op].format == FMT_FSTORE)
		require_fp(m, n, FP_ON);
	r = emit(m, op_access, n);
	r->rs1 = in->rs1;
	r->imm = in->imm;
	r = emit(m, op_nop, 0);
	r->imm = (int32_t)pc;
	r->rd = (uint8_t)in->op;
	r->rs1 = a.size;
	r->rs2 = a.kinds;
	r->n = m->pass != HART_PASS_ACCESS;
}

/* Hooks of an instruction that has retired when this is executed. */
static void emit_retired(struct maker *m, uint32_t n, uint32_t pc)
{
	if (m->h->engine->hooks.mask & HOOK_COUNT)
		emit(m, op_retired, n)->imm = (int32_t)pc;
}

/* Emits what instruction n of the block does.  False: the block ends with it. */
static bool emit_insn(struct maker *m, uint32_t n, const struct insn *in, uint32_t pc)
{
	struct rec *r;

	if (in->op == OP_ILLEGAL) {
		emit_system(m, n, pc, in->bits, RUN_ILLEGAL);
		return false;
	}
	switch (insn_info[in->op].format) {
	case FMT_R: case FMT_R1: case FMT_I: case FMT_SHAMT:
		emit_computation(m, n, in);
		return true;
	case FMT_U:
		emit_li(m, n, in->rd, (in->op == OP_AUIPC ? pc : 0) + (uint32_t)in->imm);
		return true;
	case FMT_FENCE:
		return true;
	case FMT_FLOAD: case FMT_FSTORE:
		emit_fp_access(m, n, in);
		return true;
	case FMT_STORE:
		emit_operands(m, handlers[in->op], n, in);
		return true;
	case FMT_LOAD: case FMT_LR: case FMT_AMO:
		emit_operands(m, handlers[in->op], n, in)->rd = dest(in->rd);
		m->acc_reg = in->rd;
		return true;
	case FMT_B:
		emit_operands(m, handlers[in->op], n, in)->imm = (int32_t)(pc + (uint32_t)in->imm);
		emit_link(m);
		return true;
	case FMT_J:
		if (in->rd == 0) {
			emit_goto(m, n, pc + (uint32_t)in->imm);
			return false;
		}
		r = emit(m, op_call, n);
		r->rd = in->rd;
		r->imm = (int32_t)(pc + (uint32_t)in->imm);
		emit_link(m);
		emit(m, op_nop, 0)->imm = (int32_t)(pc + in->len);
		return false;
	case FMT_JALR:
		if (in->rd == 0 && in->imm == 0) {
			emit_operands(m, returns, n, in);
			return false;
		}
		r = emit_operands(m, handlers[OP_JALR], n, in);
		r->rd = dest(in->rd);
		emit(m, op_nop, 0)->imm = (int32_t)(pc + in->len);
		return false;
	case FMT_NONE:
		emit_system(m, n, pc, in->bits, in->op == OP_ECALL ? RUN_ECALL :
			    in->op == OP_EBREAK ? RUN_EBREAK : RUN_SYSTEM);
		return false;
	case FMT_CSR: case FMT_CSRI:
		emit_system(m, n, pc, in->bits, RUN_SYSTEM);
		return false;
	default:
		emit_fp(m, n, in);
		return true;
	}
}

/* An instruction that accesses memory, and what is to be done before and after. */
static void emit_watched(struct maker *m, uint32_t n, const struct insn *in, uint32_t pc, struct hooks_access a)
{
	emit_before_access(m, n, in, pc, a);
	emit_insn(m, n, in, pc);
	emit_retired(m, n, pc);
	if (m->h->engine->hooks.mask & HOOK_WATCH)
		emit(m, op_watchpoint, n)->imm = (int32_t)(pc + in->len);
}

static bool is_jump(const struct insn *in)
{
	/* The table has no line for what is no instruction. */
	int format = in->op == OP_ILLEGAL ? FMT_NONE : insn_info[in->op].format;

	return format == FMT_B || format == FMT_J || format == FMT_JALR;
}

bool translate(struct hart *h, uint32_t pc, uint32_t max, struct translation *t)
{
	struct maker m = { .h = h, .recs = t->recs, .pass = t->pass, .dacc_reg = NO_FREG, .sacc_reg = NO_FREG };
	const struct hooks *k = &h->engine->hooks;
	uint32_t accesses = k->mask & (t->pass == HART_PASS_ACCESS ? HOOK_WATCH : HOOKS_OF_ACCESSES);
	struct hooks_access a = { 0 };
	struct insn in;
	uint32_t n = 0;

	/* What is executed once does not become hot. */
	emit_head(&m, pc, h->engine->hot && t->recs != h->engine->temp_recs ? (int32_t)(h->engine->hot - 1) : INT32_MAX);
	while (n < max) {
		uint32_t bits;
		bool jumps;

		/* A breakpoint has a block of its own. */
		if (n && hooks_breakpoint(k, pc))
			break;
		if (!fetch(h, pc, &bits)) {
			if (n == 0)
				return false;
			break;
		}
		insn_decode(&in, bits);
		n++;
		t->code[t->halves++] = (uint16_t)bits;
		if (insn_is_wide((uint16_t)bits))
			t->code[t->halves++] = (uint16_t)(bits >> 16);
		hooks_note(&h->engine->hooks, pc);
		if (hooks_breakpoint(k, pc) && !t->pass) {
			emit_system(&m, n, pc, bits, RUN_BREAKPOINT);
			goto done;
		}
		if (accesses)
			a = hooks_access_of(&in);
		if (a.size) {
			emit_watched(&m, n, &in, pc, a);
			pc += in.len;
			continue;
		}
		jumps = is_jump(&in);
		/* Jumps always retire, and nothing comes behind those that are taken. */
		if (jumps)
			emit_retired(&m, n, pc);
		if (!emit_insn(&m, n, &in, pc))
			goto done;
		if (!jumps)
			emit_retired(&m, n, pc);
		pc += in.len;
	}
	/* Goes on in another block; if nothing can be fetched there, that one will say so. */
	emit_goto(&m, n, pc);
done:
	t->rec_count = m.rec_count;
	t->count = n;
	return true;
}
