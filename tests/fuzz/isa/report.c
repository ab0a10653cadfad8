/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/isa/check.h"

#include "cpu/decode.h"
#include "cpu/disasm.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const char *const stops[] = {
	[HART_BUDGET] = "budget", [HART_ECALL] = "ecall", [HART_EBREAK] = "ebreak", [HART_ILLEGAL] = "illegal",
	[HART_FAULT] = "fault", [HART_MISALIGNED] = "misaligned", [HART_WAIT] = "wait",
	[HART_CALLED] = "called", [HART_BREAKPOINT] = "breakpoint", [HART_WATCHPOINT] = "watchpoint", [HART_HELD] = "held",
};

static const char *const event_names[] = {
	"split", "flush", "patch", "interrupt", "regs", "fcsr", "reserve", "lines", "device", "device-flush",
	"device-interrupt", "carry", "ecall",
};

static void print_code(const struct fuzz_case *c, uint32_t pc, uint32_t stop)
{
	uint8_t code[CODE_SIZE];
	uint32_t addr[MAX_INSNS + 1];

	place_case(c, pc, code, addr);
	for (unsigned i = 0; i < c->count; i++) {
		const struct fuzz_insn *fi = &c->insns[i];
		char text[DISASM_MAX];
		uint32_t bits = 0;

		memcpy(&bits, code + (addr[i] - pc), fi->len);
		disasm(text, sizeof(text), addr[i], bits);
		if (fi->ref == REF_WORD)
			snprintf(text, sizeof(text), ".word\t0x%x", bits);
		/* Not those that shrinking erased. */
		if (bits != 0x0001 && bits != 0x13)
			printf("#  %s %08x:  %0*x%*s  %s\n", addr[i] == stop ? "=>" : "  ", addr[i], fi->len * 2, bits,
			       8 - fi->len * 2, "", text);
	}
}

static void print_setting(const struct engines *e, const struct fuzz_case *c, const struct result *r)
{
	printf("#  %s, %s mode, budgets %u, events:", c->machine ? "takes its own traps" : "traps to the host",
	       c->user ? "U" : "M", c->budgets);
	for (unsigned k = 0; k < sizeof(event_names) / sizeof(event_names[0]); k++) {
		if (c->events >> k & 1)
			printf(" %s", event_names[k]);
	}
	printf("\n#  the last run: from instret %" PRIu64 ", budget %" PRIu64 "; %s: %s, %s: %s\n", r->before, r->budget,
	       e->a.name, stops[r->stop[0]], e->b.name, stops[r->stop[1]]);
}

/* Both sides of a register, and what it was at the start. */
static void print_registers(const struct state *s, const struct context *a, const char *a_name, const struct context *b,
			    const char *b_name)
{
	if (a->pc != b->pc)
		printf("#  pc: %s %08x, %s %08x\n", a_name, a->pc, b_name, b->pc);
	for (unsigned i = 0; i < 31; i++) {
		if (a->x[i] != b->x[i])
			printf("#  %s: start %08x, %s %08x, %s %08x\n", disasm_xreg(i + 1), s->context.x[i], a_name, a->x[i],
			       b_name, b->x[i]);
	}
	for (unsigned i = 0; i < 32; i++) {
		if (a->f[i] != b->f[i])
			printf("#  %s: start %016" PRIx64 ", %s %016" PRIx64 ", %s %016" PRIx64 "\n", disasm_freg(i),
			       s->context.f[i], a_name, a->f[i], b_name, b->f[i]);
	}
	if (a->fcsr != b->fcsr)
		printf("#  fcsr: start %02x, %s %02x, %s %02x\n", s->context.fcsr, a_name, a->fcsr, b_name, b->fcsr);
}

static void print_scratch(const struct state *s, const uint8_t *a, const char *a_name, const uint8_t *b, const char *b_name)
{
	unsigned shown = 0;

	for (unsigned i = 0; i < SCRATCH_SIZE && shown < 16; i++) {
		if (a[i] == b[i])
			continue;
		shown++;
		printf("#  memory %08x: start %02x, %s %02x, %s %02x\n", SCRATCH + i, s->scratch[i], a_name, a[i], b_name, b[i]);
	}
}

/* The registers that the code names: what they are in the first machine. */
static void print_used(const struct machine *m, const struct fuzz_case *c)
{
	uint32_t used = 0;

	for (unsigned i = 0; i < c->count; i++) {
		struct insn in;

		insn_decode(&in, c->insns[i].bits);
		if (in.op != OP_ILLEGAL && c->insns[i].ref != REF_WORD && c->insns[i].bits != 1)
			used |= 1u << in.rd | 1u << in.rs1 | 1u << in.rs2;
	}
	for (unsigned k = 1; k < 32; k++) {
		if (used >> k & 1)
			printf("#  %s: start %08x, end %08x\n", disasm_xreg(k), c->state.context.x[k - 1], m->hart.regs->x[k]);
	}
}

static void print_harts(const struct engines *e, const struct fuzz_case *c, const struct result *r)
{
	struct outcome a, b;
	const struct hart *x = &e->a.hart, *y = &e->b.hart;

	machine_outcome(&e->a, r->stop[0], &a);
	machine_outcome(&e->b, r->stop[1], &b);
	printf("#  differs: %s\n", r->error);
	print_setting(e, c, r);
	if (x->instret != y->instret)
		printf("#  instret: %s %" PRIu64 ", %s %" PRIu64 "\n", e->a.name, x->instret, e->b.name, y->instret);
	if (memcmp(&x->trap, &y->trap, sizeof(x->trap)) != 0)
		printf("#  trap: %s access %d value %08x size %u, %s access %d value %08x size %u\n", e->a.name,
		       (int)x->trap.access, x->trap.value, x->trap.size, e->b.name, (int)y->trap.access, y->trap.value,
		       y->trap.size);
	print_registers(&c->state, &a.context, e->a.name, &b.context, e->b.name);
	print_scratch(&c->state, a.scratch, e->a.name, b.scratch, e->b.name);
}

static void print_qemu(const struct fuzz_case *c, const struct outcome *theirs, const struct outcome *ours)
{
	if (theirs->signal != ours->signal || (ours->signal == SIGSEGV && theirs->address != ours->address))
		printf("#  signal and address: qemu %u %08x, hart %u %08x\n", theirs->signal, theirs->address, ours->signal,
		       ours->address);
	print_registers(&c->state, &theirs->context, "qemu", &ours->context, "hart");
	print_scratch(&c->state, theirs->scratch, "qemu", ours->scratch, "hart");
}

void report(struct engines *e, const struct fuzz_case *c, const struct result *r, const struct outcome *theirs)
{
	static struct fuzz_case small;
	static struct result result;
	static struct outcome outcome;
	bool qemu = theirs != NULL;

	printf("# seed %" PRIu64 ": differs, %s (fuzz-isa -s %" PRIu64 " -n 1)\n", c->seed, qemu ? "qemu" : e->b.name, c->seed);
	if (qemu)
		print_qemu(c, theirs, &r->outcome);
	else
		print_harts(e, c, r);
	small = *c;
	if (!case_fails(e, &small, qemu, &result, &outcome)) {
		printf("# it does not differ when run alone: begin at seed %" PRIu64 "\n", c->seed / GROUP * GROUP);
		return;
	}
	shrink(e, &small, qemu);
	case_fails(e, &small, qemu, &result, &outcome);
	printf("# shrunk:\n");
	print_code(&small, case_pc(&small), qemu ? result.outcome.context.pc : e->a.hart.regs->pc);
	if (result.error)
		print_harts(e, &small, &result);
	else
		print_qemu(&small, &outcome, &result.outcome);
	print_used(&e->a, &small);
}
