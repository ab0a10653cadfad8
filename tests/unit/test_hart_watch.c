/* SPDX-License-Identifier: MIT
 *
 * Breakpoints, watched bytes and asking before accesses, all at once and at random, on both engines.  What has to happen
 * is found by running one instruction at a time without hooks, and looking at each before it runs.  Then the program runs with
 * hooks, which change at stops and while it runs, and each stop and each question must be the one that is due.
 */
#include "tests/unit/hook_kit.h"

#include <errno.h>

#define DATA (RAM + 0x1000)
#define BODY 60
#define MOST 100000

struct step {
	uint32_t pc, next;	/* before and after */
	uint64_t instret;	/* before */
	struct hart_data_access access;	/* size 0: none, or none that is asked about */
	bool retired, called;	/* by a device or a system call */
};

static struct step steps[MOST];
static uint32_t count;
static uint64_t state;

static uint32_t any(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 20) % below;
}

/* --- programs at random */

static uint32_t random_insn(unsigned left)
{
	static const uint8_t loads[] = { 0, 1, 2, 4, 5 };
	uint32_t rd = (uint32_t[]){ ZERO, A2, A3, A4, A5, T0 }[any(6)], rs = A2 + any(4), imm = any(96);

	switch (any(16)) {
	case 0: case 1: case 2:
		return I_TYPE(0x03, loads[any(5)], rd, any(3) ? S0 : T1, imm);
	case 3: case 4:
		return S_TYPE(0x23, any(3), rs, imm, any(3) ? S0 : T1);
	case 5:
		return any(2) ? I_TYPE(0x07, 2 + any(2), any(8), S0, imm) : S_TYPE(0x27, 2 + any(2), any(8), imm, S0);
	case 6:
		return any(2) ? AMOADD_W(rd, rs, S1) : R_TYPE(0x2f, 0x04, 2, rd, S1, rs);
	case 7:
		return any(2) ? LR_W(rd, S1) : SC_W(rd, rs, S1);
	case 8:
		return ANDI(T2, rs, 63);
	case 9: case 10:
		/* The data, or a device. */
		return ADD(T1, T2, any(4) ? S0 : ZERO);
	case 11:
		return any(2) ? LW(rd, imm, ZERO) : SW(rs, imm, ZERO);
	case 12:
		return left > 4 ? B_TYPE(any(2), rs, A2 + any(4), 4 * (2 + (int)any(3))) : ADDI(A2, A2, 1);
	case 13:
		return any(4) ? ADDI(A3, S0, imm) : ECALL;
	}
	return any(2) ? ADDI(A2 + any(4), rs, imm) : R_TYPE(0x33, 0, any(8), A2 + any(4), rs, A2 + any(4));
}

static void random_program(void)
{
	uint32_t code[BODY + 6];

	for (unsigned k = 0; k < BODY; k++)
		code[k] = random_insn(BODY - k);
	code[BODY / 2] = JAL(RA, 0x200 - 4 * BODY / 2);
	code[BODY] = ADDI(T1, S0, 8);
	code[BODY + 1] = ADDI(A1, A1, -1);
	code[BODY + 2] = BNE(A1, ZERO, -4 * (BODY + 2));
	code[BODY + 3] = any(2) ? LW(A0, 0, A7) : EBREAK;
	code[BODY + 4] = EBREAK;
	memcpy(kit_base + RAM, code, sizeof(code));
	CODE(RAM + 0x200, LW(A2, 4, S0), SW(A2, 40, S0), ADDI(A3, S0, 61), LW(A3, 0, A3), RET);
	X(A1) = 8 * (20 + any(60));
	X(S1) = DATA + 64 + (any(8) ? 0 : 2);
	X(T1) = DATA + 8;
	X(A7) = 0x40000000;
}

static uint64_t program_seed;

static void seeded_program(void)
{
	state = program_seed;
	random_program();
}

static void begin(int n)
{
	program_seed = (uint64_t)n * UINT64_C(0x9e3779b97f4a7c15) | 1;
	kit_begin(n < PROGRAMS ? programs[n] : seeded_program);
	/* Rounds of their loops; each step is looked at. */
	X(A1) = X(A1) / 8 + 1;
}

/* --- what has to happen */

static uint32_t word_at(uint32_t addr)
{
	uint32_t v;

	memcpy(&v, kit_base + addr, 4);
	return v;
}

/* The access that the instruction at the pc is going to make. */
static struct hart_data_access find_access(void)
{
	uint32_t bits = word_at(PC), addr;
	struct hart_data_access a = { .pc = PC };
	struct insn in;

	insn_decode(&in, bits);
	addr = X(in.rs1) + (uint32_t)in.imm;
	switch (in.op) {
	case OP_LB: case OP_LBU: a.size = 1, a.kinds = HART_READS; break;
	case OP_LH: case OP_LHU: a.size = 2, a.kinds = HART_READS; break;
	case OP_LW: case OP_FLW: a.size = 4, a.kinds = HART_READS; break;
	case OP_FLD: a.size = 8, a.kinds = HART_READS; break;
	case OP_SB: a.size = 1, a.kinds = HART_WRITES; break;
	case OP_SH: a.size = 2, a.kinds = HART_WRITES; break;
	case OP_SW: case OP_FSW: a.size = 4, a.kinds = HART_WRITES; break;
	case OP_FSD: a.size = 8, a.kinds = HART_WRITES; break;
	case OP_LR_W: a.size = addr & 3 ? 0 : 4, a.kinds = HART_READS; break;
	case OP_SC_W:
		if (!(addr & 3) && hart.resv_valid && hart.resv_addr == addr && hart.resv_value == word_at(addr))
			a.size = 4;
		a.kinds = HART_WRITES;
		break;
	case OP_AMOADD_W: case OP_AMOSWAP_W:
		a.size = addr & 3 ? 0 : 4, a.kinds = HART_READS | HART_WRITES;
		break;
	}
	a.addr = addr;
	return a;
}

static bool called;

static void note_call(void)
{
	called = true;
}

static struct hart_regs last_regs;
static uint8_t last_ram[RAM_SIZE];

static void find_steps(int program)
{
	enum hart_stop stop;

	count = 0;
	begin(program);
	kit_called = note_call;
	do {
		struct step *s = &steps[count];

		ck_assert_uint_lt(++count, MOST);
		*s = (struct step){ .pc = PC, .instret = hart.instret, .access = find_access() };
		called = false;
		stop = hart_run(&hart, 1);
		if (stop == HART_ECALL)
			on_ecall(NULL);
		s->called = called;
		s->retired = hart.instret != s->instret;
		s->next = PC;
	} while (stop == HART_BUDGET || stop == HART_ECALL);
	last_regs = *hart.regs;
	memcpy(last_ram, kit_base + RAM, RAM_SIZE);
	kit_teardown();
}

/* --- the hooks of the moment, and where we are */

#define WATCHES 3

static struct watch {
	uint32_t addr, len, kinds;
} watches[WATCHES];
static bool breaks[CODE_SIZE / 4];
static bool asks;
static uint32_t at;		/* steps before this one are done */
static bool asked, passed;	/* what has happened of it: on_access was asked, its breakpoint is passed */
static uint32_t stops_seen, questions;
static uint64_t entered;	/* times that translated code was */

static bool same(const struct hart_data_access *a, const struct hart_data_access *b)
{
	return a->pc == b->pc && a->addr == b->addr && a->size == b->size && a->kinds == b->kinds;
}

static bool is_watched(const struct hart_data_access *a)
{
	for (unsigned k = 0; a->size && k < WATCHES; k++) {
		const struct watch *w = &watches[k];

		if ((w->kinds & a->kinds) && (w->addr - a->addr < a->size || a->addr - w->addr < w->len))
			return true;
	}
	return false;
}

/* What is due next, of steps before end; at goes there. */
static enum hart_stop next_event(uint32_t end)
{
	for (; at < end; at++, asked = passed = false) {
		const struct step *s = &steps[at];

		if (!passed && breaks[(s->pc - RAM) / 4])
			return HART_BREAKPOINT;
		passed = true;
		if (!asked && asks && s->access.size)
			return HART_HELD;
		asked = true;
		if (s->retired && is_watched(&s->access))
			return HART_WATCHPOINT;
	}
	return HART_BUDGET;
}

static void watch(struct watch *w)
{
	/* What remains is said again. */
	ck_assert_int_eq(hart_watch(&hart, w->addr, w->len, 0), 0);
	w->addr = DATA + any(120);
	w->len = 1 + any(any(4) ? 9 : 64);
	w->kinds = any(4);
	/* On a device, at the end of memory. */
	if (any(16) == 0)
		w->addr = any(2) ? any(80) : RAM + RAM_SIZE - 8;
	for (unsigned k = 0; k < WATCHES; k++) {
		for (uint32_t b = 0; b < watches[k].len; b++) {
			uint32_t addr = watches[k].addr + b, kinds = 0;

			for (unsigned n = 0; n < WATCHES; n++)
				kinds |= addr - watches[n].addr < watches[n].len ? watches[n].kinds : 0;
			ck_assert_int_eq(hart_watch(&hart, addr, 1, kinds), 0);
			ck_assert_uint_eq(hart_watched(&hart, addr), kinds);
		}
	}
}

static bool on_access(void *owner, const struct hart_data_access *a);

static void change_hooks(void)
{
	uint32_t n = any(BODY + 10);

	switch (any(6)) {
	case 0: case 1:
		breaks[n] = !breaks[n] && any(8) == 0;
		ck_assert_int_eq(hart_break(&hart, RAM + 4 * n, breaks[n]), 0);
		ck_assert(hart_has_breakpoint(&hart, RAM + 4 * n) == breaks[n]);
		break;
	case 2: case 3:
		watch(&watches[any(WATCHES)]);
		break;
	case 4:
		asks = any(2);
		hart_on_access(&hart, asks ? on_access : NULL, &at);
		break;
	}
}

static bool on_access(void *owner, const struct hart_data_access *a)
{
	bool yes = any(100) != 0;

	ck_assert_ptr_eq(owner, &at);
	ck_assert_int_eq(next_event(count), HART_HELD);
	ck_assert_uint_eq(a->pc, steps[at].pc);
	ck_assert_uint_eq(PC, a->pc);
	ck_assert_msg(same(a, &steps[at].access), "step %u at %x: asked for %x, %u bytes, kind %u, not %x, %u, %u",
		      at, a->pc, a->addr, a->size, a->kinds, steps[at].access.addr, steps[at].access.size, steps[at].access.kinds);
	questions++;
	asked = yes;
	/* Floating point of ours is not the guest's. */
	*(volatile double *)&(double){ 1 } = 1.0 / (3.0 + any(2));
	if (yes && any(300) == 0)
		change_hooks();
	if (any(600) == 0)
		hart_flush(&hart, any(2) ? RAM : 0, any(2) ? CODE_SIZE : 0);
	return yes;
}

static uint32_t calls_seen;	/* steps before this one have made their calls */

/* A device or the system is at work: all that was due before has happened. */
static void change_when_called(void)
{
	uint32_t n = calls_seen;
	const struct step *s;

	while (!steps[n].called)
		n++;
	calls_seen = n + 1;
	ck_assert_int_eq(next_event(n), HART_BUDGET);
	ck_assert_uint_eq(at, n);
	s = &steps[n];
	ck_assert(passed || !breaks[(s->pc - RAM) / 4]);
	ck_assert(asked || !asks || !s->access.size);
	passed = asked = true;
	/* What is changed now holds from the next step on. */
	if (s->retired && is_watched(&s->access))
		return;
	at = n + 1;
	passed = asked = false;
	if (any(20) == 0)
		change_hooks();
}

/* --- the run */

static void check_stop(enum hart_stop stop)
{
	enum hart_stop due = next_event(count);
	const struct step *s = &steps[at];
	bool behind = stop == HART_WATCHPOINT;

	ck_assert_msg(stop == due, "stop %d at %x after %llu, not %d at %x after %llu", stop, PC,
		      (unsigned long long)hart.instret, due, s->pc, (unsigned long long)s->instret);
	ck_assert_uint_eq(PC, behind ? s->next : s->pc);
	ck_assert_uint_eq(hart.instret, s->instret + behind);
	if (stop != HART_BREAKPOINT)
		ck_assert(same(&hart.access, &s->access));
	stops_seen++;
	if (behind) {
		at++;
		asked = passed = false;
	} else if (stop == HART_BREAKPOINT) {
		if (any(8)) {
			hart.pass = HART_PASS_BREAKPOINT;
			passed = true;
		}
	} else if (any(8)) {
		hart.pass = HART_PASS_ACCESS;
		asked = true;
	} else {
		passed = false;
	}
}

static void play(int program, const struct jit_config *config, uint64_t budget, uint64_t seed)
{
	struct hart_stats stats;
	enum hart_stop stop;

	begin(program);
	if (config && jit_built_in)
		ck_assert_int_eq(hart_enable_jit(&hart, config), 0);
	memset(breaks, 0, sizeof(breaks));
	memset(watches, 0, sizeof(watches));
	state = seed;
	asks = asked = passed = false;
	at = calls_seen = 0;
	stops_seen = questions = 0;
	kit_called = change_when_called;
	for (unsigned k = 0; k < 4; k++)
		change_hooks();
	for (;;) {
		stop = hart_run(&hart, 1 + any((uint32_t)budget));
		if (stop == HART_ECALL) {
			on_ecall(NULL);
		} else if (stop >= HART_BREAKPOINT) {
			check_stop(stop);
			if (any(10) == 0)
				change_hooks();
		} else if (stop != HART_BUDGET) {
			break;
		}
	}
	ck_assert_int_eq(next_event(count), HART_BUDGET);
	ck_assert_uint_eq(hart.instret, steps[count - 1].instret);
	ck_assert_mem_eq(hart.regs->x, last_regs.x, sizeof(last_regs.x));
	ck_assert_mem_eq(hart.regs->f, last_regs.f, sizeof(last_regs.f));
	ck_assert_uint_eq(hart.regs->fcsr, last_regs.fcsr);
	ck_assert_uint_eq(PC, last_regs.pc);
	ck_assert(memcmp(kit_base + RAM, last_ram, RAM_SIZE) == 0);
	hart_get_stats(&hart, &stats);
	entered += stats.runs;
	kit_teardown();
}

/* --- tests */

#define SEEDS 16

static const uint64_t budgets[] = { 7, 600, 100000 };
static uint32_t all_stops, all_questions;

static void play_all(const struct jit_config *config)
{
	all_stops = all_questions = 0;
	entered = 0;
	for (int n = 0; n < PROGRAMS + SEEDS; n++) {
		find_steps(n);
		for (unsigned k = 0; k < 3; k++) {
			play(n, config, budgets[k], 1000u * (unsigned)n + k + 1);
			all_stops += stops_seen;
			all_questions += questions;
		}
	}
	ck_assert_uint_gt(all_stops, 5000);
	ck_assert_uint_gt(all_questions, 10000);
	if (config && jit_built_in)
		ck_assert_uint_gt(entered, 2000);
}

START_TEST(the_interpreter)
{
	play_all(NULL);
}
END_TEST

START_TEST(the_jit)
{
	static const struct jit_config configs[] = {
		{ .hot = 1, .region_max = 90 }, { .hot = 2, .region_max = 4 }, { .hot = 3, .cache_bytes = 16u << 10 },
		{ .hot = 1, .region_max = 90, .shuffle = 7 }, { .hot = 5, .region_max = 40, .shuffle = 300 },
	};

	play_all(&configs[_i]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("hart watch");
	TCase *t = tcase_create("watch");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, the_interpreter);
	if (jit_built_in)
		tcase_add_loop_test(t, the_jit, 0, 5);
	suite_add_tcase(s, t);
	return kit_main(s);
}
