/* SPDX-License-Identifier: MIT
 *
 * Private to the generator: a case under construction.
 */
#ifndef FUZZ_GEN_H
#define FUZZ_GEN_H

#include "cpu/decode.h"
#include "tests/fuzz/isa/isa.h"

#define MAX_LABELS	(2 * MAX_INSNS)	/* none is made without an instruction or two */
#define MAX_SCOPES	120
#define MAX_FUNCTIONS	6
#define MAX_VICTIMS	8
#define MAX_TABLES	12
#define TABLE_WORDS	4
#define COUNTERS	5

/* What a case is made of varies from case to case, in per cent. */
struct taste {
	uint32_t raw, compressed, fp, near;	/* of plain instructions; near: registers of the palette */
	uint32_t idioms, jumps, flow;		/* of statements; flow: loops, diamonds, calls, tables */
	uint32_t faults;
	bool patches;
};

struct function {
	int label;
	uint8_t link;		/* the register that gets the return address */
	uint8_t level;		/* functions call those of a higher level */
	bool recursive;
	bool skips;		/* returns behind the instruction after the call, now and then */
};

struct table {
	int label;
	int words[TABLE_WORDS];	/* labels */
	uint8_t addend[TABLE_WORDS];
	uint8_t count;
};

struct gen {
	struct rng r;
	struct fuzz_case *c;
	struct taste t;

	/*
	 * Registers with a role, which are never written but by the patterns that own them.  The
	 * reserved ones may not be written where we are; they include those with a role.
	 */
	uint8_t sp, ptr, odd, edge, nowhere, low, high;	/* low, high: near address 0; 0: no such role */
	uint8_t count[COUNTERS];	/* loops: two of the main part, one of each level; one of recursion */
	uint8_t walk[3];		/* pointers that move with a loop, by level */
	uint8_t trap[2];		/* of the guest's trap handler */
	uint32_t reserved;
	uint8_t palette[6];		/* registers that are used more than others */

	int label_at[MAX_LABELS];	/* index of the instruction; -1: not known yet */
	bool label_soft[MAX_LABELS];	/* moved on to the next instruction that may be jumped to */
	unsigned labels;

	uint8_t scope_parent[MAX_SCOPES];
	unsigned scope_end[MAX_SCOPES];	/* of those without a parent: the instruction that all may jump to */
	unsigned scopes;
	uint8_t scope;

	struct function functions[MAX_FUNCTIONS];
	unsigned function_count;
	struct table tables[MAX_TABLES];
	unsigned table_count;
	int victims[MAX_VICTIMS];	/* labels */
	uint8_t victim_len[MAX_VICTIMS];
	unsigned victim_count, victims_placed;
	uint8_t victim_reg;

	/* Where we are. */
	int level, loops;
	bool walking;			/* in a loop with a moving pointer */
	uint32_t runs;			/* how often this place is run at most, about */
	int32_t locals_end;		/* bytes at sp that may be used; 0: none */
};

/* builder.c */

/* Adds an instruction, wide or compressed by its bits. */
struct fuzz_insn *gen_add(struct gen *g, uint32_t bits);
/* The same, inside of a pattern. */
struct fuzz_insn *gen_part(struct gen *g, uint32_t bits);
/* How many more instructions there is room for, with what must still come left over. */
int gen_room(const struct gen *g);

uint32_t enc_r(int op, uint32_t rd, uint32_t rs1, uint32_t rs2);
uint32_t enc_i(int op, uint32_t rd, uint32_t rs1, int32_t imm);
uint32_t enc_s(int op, uint32_t rs2, uint32_t rs1, int32_t imm);
/* imm: the value of the upper 20 bits, in place */
uint32_t enc_u(int op, uint32_t rd, uint32_t imm);
/* rm: 0..4 or 7 */
uint32_t enc_f(int op, uint32_t rd, uint32_t rs1, uint32_t rs2, uint32_t rs3, uint32_t rm);

int gen_label(struct gen *g);
void gen_place_label(struct gen *g, int label);
/* A new label here. */
int gen_here(struct gen *g);
/* A label some instructions ahead, within the present construct or those around it. */
int gen_ahead(struct gen *g, uint32_t at_most);
/* Lets an instruction just added refer to a label. */
void gen_refer(struct fuzz_insn *fi, enum fuzz_ref ref, int label);
void gen_jump(struct gen *g, uint32_t rd, int label);
/* rd = the label's address; fixed, as what it is used for is not harmless with another. */
void gen_address(struct gen *g, uint32_t rd, int label, bool part);

uint8_t gen_open_scope(struct gen *g);	/* returns the scope around, for closing */
void gen_close_scope(struct gen *g, uint8_t around);
uint8_t gen_open_root(struct gen *g);
/* The next instruction is where jumps out of the innermost function or main part may go. */
void gen_root_end(struct gen *g);
void gen_finish(struct gen *g);

/* A register that may be written here; never 0. */
uint32_t gen_rd(struct gen *g);
/* Another one than a and b. */
uint32_t gen_rd_not(struct gen *g, uint32_t a, uint32_t b);
/* Any register, those near more often. */
uint32_t gen_rs(struct gen *g);
uint32_t gen_freg(struct gen *g);
uint32_t gen_rm(struct gen *g);
/* A pointer into the data, and an offset of a multiple of size that it may be used with. */
uint32_t gen_pointer(struct gen *g, int32_t size, int32_t *offset);

/* plain.c: a single instruction, random among all. */
void gen_plain(struct gen *g);
/* idioms.c, idioms_fp.c, idioms_mem.c: short sequences as a compiler makes them. */
void gen_idiom(struct gen *g);
void gen_idiom_memory(struct gen *g);
void gen_idiom_fp(struct gen *g);
/* tangle.c: values that depend on each other, in few registers. */
void gen_tangle(struct gen *g);
void gen_tangle_pointers(struct gen *g);
/* patch.c: code that rewrites code. */
void gen_patch(struct gen *g);
void gen_victim(struct gen *g);
/* flow.c */
void gen_body(struct gen *g, int size);
/* A branch on something random to the label; may take more instructions than one. */
void gen_branch(struct gen *g, int label);
/* calls.c */
void gen_call(struct gen *g);
void gen_function(struct gen *g, struct function *f);
/* tables.c */
void gen_switch(struct gen *g, int size);
void gen_computed_goto(struct gen *g, int size);
int gen_table(struct gen *g, const int *words, unsigned count);
void gen_tables(struct gen *g);

#endif
