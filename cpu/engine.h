/* SPDX-License-Identifier: MIT
 *
 * Private to cpu/: what the interpreter keeps for a hart.
 *
 * Guest code is decoded a block at a time into records (struct rec), one or more per
 * instruction, that are executed by jumping from handler to handler (interp.h).  A block
 * begins where control arrived, runs on through branches that are not taken, and ends at
 * an unconditional jump, a system instruction or BLOCK_MAX instructions.
 *
 * Counting.  Handlers carry the budget: instructions that may still run.  It is reduced
 * only where a block is left, by the number of instructions retired in it, which the
 * record that leaves knows (n).  A block may overrun the budget by less than BLOCK_MAX;
 * hart_run() holds back that many and does them with blocks cut to size, so the budget of
 * its caller is met exactly.
 *
 * Memory.  Records, copies of code and block descriptors come from arrays allocated once, with the engine,
 * and filled from the front; when one is full everything is forgotten.  The host gives memory for what
 * is used, so what a short program needs lies close together: tables are indexed by nearness of code.  A block whose code
 * changed is only made stale: its head then looks the pc up anew, so that jumps into it
 * need not be found.
 */
#ifndef CPU_ENGINE_H
#define CPU_ENGINE_H

#include "cpu/code_pages.h"
#include "cpu/decode.h"
#include "cpu/hart.h"
#include "cpu/hooks.h"

#include <stddef.h>

#define BLOCK_MAX 64			/* instructions in a block */
#define BLOCK_RECORDS (5 * BLOCK_MAX + 5)	/* records it may need, with all hooks */

struct rec;

/* A handler executes the record at ip and what follows; it returns an enum run_code. */
typedef int op_fn(struct hart_regs *regs, struct rec *ip, uint8_t *base, int64_t budget, struct hart *h,
		  uint32_t acc, double dacc, float sacc);

/*
 * One step of a decoded block.
 *
 * The first record of a block is its head.  Whoever enters the block counts down what is there, and begins behind the
 * head, which is executed only if count was 0 (ENTER() in interp_flow.h).
 *
 * A handler that can leave the block through a direct jump is followed by a link record, which leads behind the head of
 * the target; while that is unknown, behind engine->unresolved, a head that finds it.
 */
struct rec {
	op_fn *fn;
	union {
		struct {
			/* Register numbers; a destination x0 is given as REG_DUMMY. */
			uint8_t rd, rs1, rs2;
			/* Instructions of the block retired once this record is done. */
			uint8_t n;
			int32_t imm;
		};
		struct {
			uint32_t pc;	/* of a head: where the block begins */
			int32_t count;	/* of a head: how often the block is yet entered before fn decides */
		};
		struct rec *link;
	};
};

_Static_assert(sizeof(struct rec) == 16, "records are indexed by shifting");

/* Where results for x0 go: the word after x[31] is regs.pc, which is dead while handlers run. */
#define REG_DUMMY 32
_Static_assert(offsetof(struct hart_regs, pc) == 4 * REG_DUMMY, "regs.pc is the dummy register");

/* Why handlers returned to hart_run().  regs.pc and engine->left are set. */
enum run_code {
	RUN_BUDGET,	/* the budget is used up */
	RUN_LOOKUP,	/* find the block at regs.pc and go on */
	RUN_ECALL,
	RUN_EBREAK,
	RUN_ILLEGAL,	/* the instruction's bits are in engine->bits */
	RUN_FAULT,	/* trap is filled in */
	RUN_MISALIGNED,	/* trap is filled in */
	RUN_SYSTEM,	/* an instruction hart_run() executes itself; its bits are in engine->bits */
	RUN_HOT,	/* the block at regs.pc has run so often that it is worth translating */
	RUN_STEP,	/* translated code leaves what is at regs.pc to the interpreter */
	RUN_FP,		/* translated code needs fp_level FP_RNE */
	RUN_CALLED,	/* on_ecall wants hart_run()'s caller to look */
	RUN_LINK,	/* an exit of translated code that has no target yet */
	RUN_BREAKPOINT,
	RUN_WATCHPOINT,	/* hart.access is filled in */
	RUN_ASKED,	/* on_access was asked: what is at regs.pc is for the interpreter, if hooks.held is not set */
};

/* The origin of one instruction of a block. */
struct source {
	uint32_t pc;
	uint32_t bits;
};

struct block {
	uint32_t pc;
	uint32_t rec;		/* index of the head */
	uint32_t code;		/* index of the first halfword of the guest code it was made from */
	uint32_t next;		/* next block with the same hash; index + 1, 0: none */
	uint8_t count;		/* instructions */
	uint8_t halves;		/* halfwords of code */
	bool stale;
};

/* A page of guest memory that a block has code from. */
struct page_ref {
	uint32_t page;		/* address >> 12 */
	uint32_t block;
	uint32_t next;		/* index + 1, 0: none */
};

struct jit;

#define MAX_RECORDS (1u << 20)
#define MAX_CODE (1u << 20)
#define MAX_BLOCKS (1u << 17)
#define MAX_PAGE_REFS (1u << 18)
#define BLOCK_HASH (1u << 14)
#define PAGE_HASH (1u << 12)
#define JUMP_CACHE (1u << 15)
#define PASSED_OVER 16u
#define NO_RECORD 0u			/* index of a head for no pc */

struct hart_engine {
	int64_t left;		/* the budget when handlers returned; negative: overrun */
	uint32_t bits;		/* RUN_SYSTEM, RUN_ILLEGAL: the instruction */
	/* fp.h: what FP instructions may rely on, and the host state to put back. */
	int fp_level;
	uint32_t fp_host_state;
	/* Why a system call made within translated code does not go on there: any of these, looked at together. */
	union {
		uint16_t disturbed;
		struct {
			uint8_t interrupted;	/* atomic; set by hart_interrupt() */
			bool code_killed;	/* since jit_run() was called; so its stack is empty */
		};
	};
	bool running;		/* handlers are on the host stack */
	uint32_t changes;	/* times that code was flushed */
	bool step;		/* interpret what comes next even if it is translated */
	struct jit *jit;	/* NULL: this hart has only the interpreter, so far */
	uint32_t hot;		/* executions after which a block is hot; 0: none is ever */
	hart_hot_fn *on_hot;	/* not yet called; NULL: it was, or nobody wants to be */
	void *hot_owner;
	const uint32_t *jit_table;	/* by pc / 2: nonzero where there is translated code */
	uint32_t jit_reserve;	/* instructions by which translated code may overrun its budget */
	uint32_t short_runs;	/* times in a row that translated code was left at once, for what has no translation */
	uint32_t passed_over[PASSED_OVER];	/* by pc: where that was entered, pc | 1, and is interpreted for a while; 0: nowhere */
	bool reset_wanted;	/* hart_flush(all) came while running */

	bool measure_time;
	hart_translated_fn *on_translation;
	void *translation_owner;
	struct hart_stats stats;
	char *recs_backed, *code_backed;	/* memory of the arrays that the host has been asked for: its end */
	uint32_t rec_count, code_count, block_count, ref_count;
	struct block temp_block;	/* the one block that is not cached: cut to the budget that is left */

	struct hooks hooks;
	struct code_pages code_pages;

	/*
	 * Recently used jump targets, for indirect jumps and for coming back from hart_run()'s caller: by pc the index of a head,
	 * which says whether it is the right one.
	 */
	uint32_t jumps[JUMP_CACHE];
	uint32_t block_hash[BLOCK_HASH];	/* index + 1 */
	uint32_t page_hash[PAGE_HASH];		/* index + 1 */
	uint64_t has_code[(1u << 20) / 64];	/* a bit for each page that may have an entry there */
	struct rec unresolved[2];		/* a head, and what would be behind it */
	struct rec temp_recs[BLOCK_RECORDS];	/* of temp_block */
	uint16_t temp_code[2 * BLOCK_MAX];

	struct rec recs[MAX_RECORDS];	/* the first is NO_RECORD */
	uint16_t code[MAX_CODE];
	struct block blocks[MAX_BLOCKS];
	struct page_ref refs[MAX_PAGE_REFS];
};

/* As hart_flush().  changed false: for a hook, the code is what it was. */
void engine_flush(struct hart *h, uint32_t addr, uint32_t len, bool changed);

/* For hart_measure_time(): nanoseconds. */
uint64_t engine_clock(void);

static inline uint32_t *engine_jump_slot(struct hart_engine *e, uint32_t pc)
{
	return &e->jumps[(pc >> 1) & (JUMP_CACHE - 1)];
}

/* block.c: the block cache. */

/*
 * The head of the block at pc, translated if need be.  NULL when nothing can be
 * fetched at pc: h->trap is filled in.  Must not be called by handlers that go on using
 * records of their own afterwards unless engine_full() is false.
 */
struct rec *engine_find(struct hart *h, uint32_t pc);
/* The same, for indirect jumps: they find it by themselves next time. */
struct rec *engine_find_target(struct hart *h, uint32_t pc);
/* Like engine_find(), but of at most max instructions, and valid until the next call. */
struct rec *engine_find_cut(struct hart *h, uint32_t pc, uint32_t max);
/* The same of one instruction, which passes. */
struct rec *engine_find_passing(struct hart *h, uint32_t pc, enum hart_pass pass);
/* True if translating one more block might forget all others. */
bool engine_full(const struct hart_engine *e);
/* The block that the record belongs to. */
struct block *engine_block_of(struct hart_engine *e, const struct rec *ip);
/* The source of the instruction that record ip ends with, as it was decoded. */
struct source engine_source_of(struct hart_engine *e, const struct rec *ip);
/* For hart_init(): what is not 0 in an engine without code. */
void engine_init(struct hart_engine *e);
void engine_forget_all(struct hart_engine *e);
void engine_forget(struct hart_engine *e, uint32_t addr, uint32_t len);
/* Makes the block's next execution translate it anew. */
void engine_make_stale(struct hart_engine *e, struct block *b);

/* For the JIT: how often the block that begins at pc was interpreted; 0: there is none. */
uint32_t engine_executions(struct hart_engine *e, uint32_t pc);
/* Sets what happens when the block at pc is next interpreted: counting, or leaving for its translation. */
void engine_set_count(struct hart_engine *e, uint32_t pc, uint32_t executions);
void engine_set_translated(struct hart_engine *e, uint32_t pc);

/* translate.c: guest code to records. */

struct translation {
	struct rec *recs;	/* room for BLOCK_RECORDS */
	uint16_t *code;		/* room for 2 * BLOCK_MAX */
	enum hart_pass pass;	/* of what is decoded */
	uint32_t rec_count, count, halves;	/* out: records, instructions, halfwords of code */
};

/*
 * Decodes at most max instructions (1..BLOCK_MAX) from pc on.  False when not even the
 * first can be fetched: h->trap is filled in.
 */
bool translate(struct hart *h, uint32_t pc, uint32_t max, struct translation *t);

/* Fetches the instruction at pc.  False: h->trap is filled in. */
bool fetch(struct hart *h, uint32_t pc, uint32_t *bits);

#endif
