/* SPDX-License-Identifier: MIT */
#include "cpu/disasm.h"

#include "cpu/decode.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char x_names[32][5] = {
	"zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5",
	"a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
};

static const char f_names[32][5] = {
	"ft0", "ft1", "ft2", "ft3", "ft4", "ft5", "ft6", "ft7", "fs0", "fs1", "fa0", "fa1", "fa2", "fa3",
	"fa4", "fa5", "fa6", "fa7", "fs2", "fs3", "fs4", "fs5", "fs6", "fs7", "fs8", "fs9", "fs10", "fs11",
	"ft8", "ft9", "ft10", "ft11",
};

static const char rm_names[8][4] = { "rne", "rtz", "rdn", "rup", "rmm", "5", "6", "dyn" };

const char *disasm_xreg(unsigned n)
{
	return x_names[n & 31];
}

const char *disasm_freg(unsigned n)
{
	return f_names[n & 31];
}

/*
 * Operand letters of the templates below:
 *	d s t	rd, rs1, rs2		D S T R	fd, fs1, fs2, fs3
 *	i	immediate		u	upper immediate
 *	x	immediate in hexadecimal
 *	b	branch or jump target	o	immediate(rs1)
 *	a	(rs1)			c	CSR
 *	z	CSR immediate		p P	fence sets
 *	m	,rounding mode unless dynamic
 * Anything else stands for itself.
 */
struct pseudo {
	int op;
	/* Operands that must have these values; -1: any. */
	int rd, rs1, rs2;
	int32_t imm;
	char name[12], operands[8];
};

#define ANY (-1)
#define ANY_IMM INT32_MIN

/* Pseudo-instructions of register operands and immediates; the first that fits is used. */
static const struct pseudo pseudos[] = {
	{ OP_ADDI, 0, 0, ANY, 0, "nop", "" },
	{ OP_ADDI, ANY, 0, ANY, ANY_IMM, "li", "d,i" },
	{ OP_ADDI, ANY, ANY, ANY, 0, "mv", "d,s" },
	{ OP_ADD, ANY, 0, ANY, ANY_IMM, "mv", "d,t" },
	{ OP_XORI, ANY, ANY, ANY, -1, "not", "d,s" },
	{ OP_ANDI, ANY, ANY, ANY, 255, "zext.b", "d,s" },
	{ OP_SLTIU, ANY, ANY, ANY, 1, "seqz", "d,s" },
	{ OP_SUB, ANY, 0, ANY, ANY_IMM, "neg", "d,t" },
	{ OP_SLTU, ANY, 0, ANY, ANY_IMM, "snez", "d,t" },
	{ OP_SLT, ANY, ANY, 0, ANY_IMM, "sltz", "d,s" },
	{ OP_SLT, ANY, 0, ANY, ANY_IMM, "sgtz", "d,t" },
	{ OP_BEQ, ANY, ANY, 0, ANY_IMM, "beqz", "s,b" },
	{ OP_BNE, ANY, ANY, 0, ANY_IMM, "bnez", "s,b" },
	{ OP_BGE, ANY, 0, ANY, ANY_IMM, "blez", "t,b" },
	{ OP_BGE, ANY, ANY, 0, ANY_IMM, "bgez", "s,b" },
	{ OP_BLT, ANY, ANY, 0, ANY_IMM, "bltz", "s,b" },
	{ OP_BLT, ANY, 0, ANY, ANY_IMM, "bgtz", "t,b" },
	{ OP_JAL, 0, ANY, ANY, ANY_IMM, "j", "b" },
	{ OP_JAL, 1, ANY, ANY, ANY_IMM, "jal", "b" },
	{ OP_JALR, 0, 1, ANY, 0, "ret", "" },
	{ OP_JALR, 0, ANY, ANY, 0, "jr", "s" },
	{ OP_JALR, 0, ANY, ANY, ANY_IMM, "jr", "o" },
	{ OP_JALR, 1, ANY, ANY, 0, "jalr", "s" },
	{ OP_JALR, 1, ANY, ANY, ANY_IMM, "jalr", "o" },
	{ OP_JALR, ANY, ANY, ANY, 0, "jalr", "d,s" },
	{ OP_FENCE, ANY, ANY, ANY, 0xff, "fence", "" },
	{ OP_CSRRW, 0, 0, ANY, 0xc00, "unimp", "" },
	{ OP_CSRRS, ANY, 0, ANY, 0x001, "frflags", "d" },
	{ OP_CSRRS, ANY, 0, ANY, 0x002, "frrm", "d" },
	{ OP_CSRRS, ANY, 0, ANY, 0x003, "frcsr", "d" },
	{ OP_CSRRS, ANY, 0, ANY, 0xc00, "rdcycle", "d" },
	{ OP_CSRRS, ANY, 0, ANY, 0xc01, "rdtime", "d" },
	{ OP_CSRRS, ANY, 0, ANY, 0xc02, "rdinstret", "d" },
	{ OP_CSRRS, ANY, 0, ANY, 0xc80, "rdcycleh", "d" },
	{ OP_CSRRS, ANY, 0, ANY, 0xc81, "rdtimeh", "d" },
	{ OP_CSRRS, ANY, 0, ANY, 0xc82, "rdinstreth", "d" },
	{ OP_CSRRW, 0, ANY, ANY, 0x001, "fsflags", "s" },
	{ OP_CSRRW, ANY, ANY, ANY, 0x001, "fsflags", "d,s" },
	{ OP_CSRRW, 0, ANY, ANY, 0x002, "fsrm", "s" },
	{ OP_CSRRW, ANY, ANY, ANY, 0x002, "fsrm", "d,s" },
	{ OP_CSRRW, 0, ANY, ANY, 0x003, "fscsr", "s" },
	{ OP_CSRRW, ANY, ANY, ANY, 0x003, "fscsr", "d,s" },
	{ OP_CSRRWI, 0, ANY, ANY, 0x001, "fsflagsi", "z" },
	{ OP_CSRRWI, ANY, ANY, ANY, 0x001, "fsflagsi", "d,z" },
	{ OP_CSRRWI, 0, ANY, ANY, 0x002, "fsrmi", "z" },
	{ OP_CSRRWI, ANY, ANY, ANY, 0x002, "fsrmi", "d,z" },
	{ OP_CSRRW, 0, ANY, ANY, ANY_IMM, "csrw", "c,s" },
	{ OP_CSRRS, ANY, 0, ANY, ANY_IMM, "csrr", "d,c" },
	{ OP_CSRRS, 0, ANY, ANY, ANY_IMM, "csrs", "c,s" },
	{ OP_CSRRC, 0, ANY, ANY, ANY_IMM, "csrc", "c,s" },
	{ OP_CSRRWI, 0, ANY, ANY, ANY_IMM, "csrwi", "c,z" },
	{ OP_CSRRSI, 0, ANY, ANY, ANY_IMM, "csrsi", "c,z" },
	{ OP_CSRRCI, 0, ANY, ANY, ANY_IMM, "csrci", "c,z" },
};

/* Floating-point moves: sign injection with both sources the same register. */
static const struct {
	int op;
	char name[8];
} moves[] = {
	{ OP_FSGNJ_S, "fmv.s" }, { OP_FSGNJN_S, "fneg.s" }, { OP_FSGNJX_S, "fabs.s" },
	{ OP_FSGNJ_D, "fmv.d" }, { OP_FSGNJN_D, "fneg.d" }, { OP_FSGNJX_D, "fabs.d" },
};

static const char format_operands[][12] = {
	[FMT_NONE] = "",
	[FMT_R] = "d,s,t",
	[FMT_R1] = "d,s",
	[FMT_I] = "d,s,i",
	[FMT_SHAMT] = "d,s,x",
	[FMT_LOAD] = "d,o",
	[FMT_STORE] = "t,o",
	[FMT_B] = "s,t,b",
	[FMT_U] = "d,u",
	[FMT_J] = "d,b",
	[FMT_JALR] = "d,o",
	[FMT_FENCE] = "p,P",
	[FMT_CSR] = "d,c,s",
	[FMT_CSRI] = "d,c,z",
	[FMT_LR] = "d,a",
	[FMT_AMO] = "d,t,a",
	[FMT_FLOAD] = "D,o",
	[FMT_FSTORE] = "T,o",
	[FMT_FFF] = "D,S,T",
	[FMT_FFF_RM] = "D,S,Tm",
	[FMT_FF_RM] = "D,Sm",
	[FMT_FFFF_RM] = "D,S,T,Rm",
	[FMT_XFF] = "d,S,T",
	[FMT_XF] = "d,S",
	[FMT_XF_RM] = "d,Sm",
	[FMT_FX] = "D,s",
	[FMT_FX_RM] = "D,sm",
};

static const struct {
	uint16_t number;
	char name[14];
} csr_names[] = {
#define CSR(number, name) { number, #name },
#include "cpu/csr.def"
#undef CSR
};

/* Registers that come in numbered families. */
static const struct {
	uint16_t first, last, number;
	const char *name, *suffix;
} csr_families[] = {
	{ 0xc03, 0xc1f, 3, "hpmcounter", "" },
	{ 0xc83, 0xc9f, 3, "hpmcounter", "h" },
	{ 0xb03, 0xb1f, 3, "mhpmcounter", "" },
	{ 0xb83, 0xb9f, 3, "mhpmcounter", "h" },
	{ 0x323, 0x33f, 3, "mhpmevent", "" },
	{ 0x3a0, 0x3af, 0, "pmpcfg", "" },
	{ 0x3b0, 0x3ef, 0, "pmpaddr", "" },
};

/* Text being appended to a buffer of fixed size. */
struct text {
	char *out;
	size_t size, len;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (t->len >= t->size)
		return;
	va_start(ap, fmt);
	n = vsnprintf(t->out + t->len, t->size - t->len, fmt, ap);
	va_end(ap);
	if (n > 0)
		t->len += (size_t)n;
}

static void add_csr(struct text *t, uint32_t n)
{
	for (size_t i = 0; i < sizeof(csr_names) / sizeof(csr_names[0]); i++) {
		if (csr_names[i].number == n) {
			add(t, "%s", csr_names[i].name);
			return;
		}
	}
	for (size_t i = 0; i < sizeof(csr_families) / sizeof(csr_families[0]); i++) {
		if (n >= csr_families[i].first && n <= csr_families[i].last) {
			add(t, "%s%u%s", csr_families[i].name,
			    n - csr_families[i].first + csr_families[i].number, csr_families[i].suffix);
			return;
		}
	}
	add(t, "0x%x", n);
}

static void add_fence_set(struct text *t, uint32_t set)
{
	add(t, "%s%s%s%s%s", set & 8 ? "i" : "", set & 4 ? "o" : "", set & 2 ? "r" : "", set & 1 ? "w" : "",
	    set ? "" : "unknown");
}

/* Conversions that are always exact take no rounding mode; encoders leave it 0. */
static bool rm_is_silent(const struct insn *in)
{
	if (in->rm == RM_DYN)
		return true;
	return in->rm == RM_RNE && (in->op == OP_FCVT_D_S || in->op == OP_FCVT_D_W || in->op == OP_FCVT_D_WU);
}

static void add_operand(struct text *t, const struct insn *in, uint32_t pc, char letter)
{
	uint32_t imm = (uint32_t)in->imm;

	switch (letter) {
	case 'd':
		add(t, "%s", x_names[in->rd]);
		break;
	case 's':
		add(t, "%s", x_names[in->rs1]);
		break;
	case 't':
		add(t, "%s", x_names[in->rs2]);
		break;
	case 'D':
		add(t, "%s", f_names[in->rd]);
		break;
	case 'S':
		add(t, "%s", f_names[in->rs1]);
		break;
	case 'T':
		add(t, "%s", f_names[in->rs2]);
		break;
	case 'R':
		add(t, "%s", f_names[in->rs3]);
		break;
	case 'i':
		add(t, "%d", in->imm);
		break;
	case 'x':
		add(t, "0x%x", imm);
		break;
	case 'u':
		add(t, "0x%x", imm >> 12);
		break;
	case 'b':
		add(t, "0x%x", pc + imm);
		break;
	case 'o':
		add(t, "%d(%s)", in->imm, x_names[in->rs1]);
		break;
	case 'a':
		add(t, "(%s)", x_names[in->rs1]);
		break;
	case 'c':
		add_csr(t, imm);
		break;
	case 'z':
		add(t, "%u", in->rs1);
		break;
	case 'p':
		add_fence_set(t, imm >> 4);
		break;
	case 'P':
		add_fence_set(t, imm & 15);
		break;
	case 'm':
		if (!rm_is_silent(in))
			add(t, ",%s", rm_names[in->rm]);
		break;
	default:
		add(t, "%c", letter);
	}
}

static const struct pseudo *find_pseudo(const struct insn *in)
{
	for (size_t i = 0; i < sizeof(pseudos) / sizeof(pseudos[0]); i++) {
		const struct pseudo *p = &pseudos[i];

		if (p->op == in->op && (p->rd == ANY || p->rd == in->rd) &&
		    (p->rs1 == ANY || p->rs1 == in->rs1) && (p->rs2 == ANY || p->rs2 == in->rs2) &&
		    (p->imm == ANY_IMM || p->imm == in->imm))
			return p;
	}
	return NULL;
}

static const char *find_move(const struct insn *in)
{
	if (in->rs1 != in->rs2)
		return NULL;
	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
		if (moves[i].op == in->op)
			return moves[i].name;
	}
	return NULL;
}

unsigned disasm(char *out, size_t size, uint32_t pc, uint32_t bits)
{
	struct text t = { out, size, 0 };
	const char *name, *operands, *move;
	const struct pseudo *p;
	struct insn in;
	int fmt;

	if (size)
		out[0] = 0;
	insn_decode(&in, bits);
	if (in.op == OP_ILLEGAL) {
		if (in.bits == 0)
			add(&t, "unimp");
		else
			add(&t, in.len == 2 ? ".2byte\t0x%x" : ".4byte\t0x%x", in.bits);
		return in.len;
	}
	fmt = insn_info[in.op].format;
	name = insn_info[in.op].name;
	operands = format_operands[fmt];
	p = find_pseudo(&in);
	move = find_move(&in);
	if (p) {
		name = p->name;
		operands = p->operands;
	} else if (move) {
		name = move;
		operands = "D,S";
	} else if (in.op == OP_FENCE && in.bits >> 20 == 0x833) {
		name = "fence.tso";
		operands = "";
	}
	add(&t, "%s", name);
	if (fmt == FMT_LR || fmt == FMT_AMO)
		add(&t, "%s%s%s", in.bits >> 25 & 3 ? "." : "", in.bits >> 26 & 1 ? "aq" : "",
		    in.bits >> 25 & 1 ? "rl" : "");
	if (*operands)
		add(&t, "\t");
	for (; *operands; operands++)
		add_operand(&t, &in, pc, *operands);
	return in.len;
}
