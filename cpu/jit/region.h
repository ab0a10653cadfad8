/* SPDX-License-Identifier: MIT
 *
 * Private to the JIT: regions, its unit of translation.
 *
 * A region is a piece of one guest function's control flow that begins at one hot pc: blocks
 * reached from there by branches and jumps, the often executed ones first, through loops and
 * through calls of small functions, which become part of it (inlining).  Forming it decodes the
 * guest code and decides what belongs together; it emits nothing and knows no host.
 *
 * How often code ran comes from the interpreter, which counts the executions of its blocks.
 */
#ifndef CPU_JIT_REGION_H
#define CPU_JIT_REGION_H

#include "cpu/decode.h"
#include "cpu/hart.h"

#define REGION_INSNS 1024	/* most instructions in a region, and the default */
#define REGION_BLOCKS 256
#define REGION_FRAMES 24	/* inlined calls */

struct region_insn {
	struct insn in;
	uint32_t pc;
};

enum block_end {
	END_GOTO,	/* goes on at target[0]; the jump, if there is one, is the last instruction */
	END_BRANCH,	/* the last instruction branches to target[0] or goes on at target[1] */
	END_CALL,	/* jal to target[0], which comes back to target[1] */
	END_CALL_INDIRECT,	/* jalr that comes back to target[1] */
	END_JUMP_INDIRECT,	/* jalr without coming back */
	END_RETURN,	/* jalr x0, 0(ra), out of the region */
	END_RETURN_INLINED,	/* the same, most likely to target[0] */
	END_ECALL,	/* the last instruction is an ecall, which goes on at target[1] */
	END_STOP,	/* the last instruction is not for translated code: system, illegal, ... */
};

#define OUTSIDE (-1)		/* a successor that is not part of the region */

struct region_block {
	uint32_t pc;
	int16_t frame;		/* the inlined call it belongs to, OUTSIDE: none */
	uint16_t first, count;	/* its instructions; none: not decoded, so not part of the region */
	uint8_t end;		/* enum block_end */
	bool header;		/* an edge from further down leads here: each way round a loop has one */
	int16_t succ[2];	/* by target: index of a block, or OUTSIDE */
	uint32_t target[2];
	uint32_t weight;	/* executions, estimated */
	uint16_t preds;		/* edges from within the region */
	int16_t chain;		/* next block with the same hash */
};

/* An inlined call; what is inlined calls nothing itself. */
struct region_frame {
	uint32_t callee, return_pc;
};

struct region {
	uint32_t pc;
	uint16_t insn_count, block_count, frame_count;
	bool has_fp;		/* some instruction has an FP register */
	uint16_t order_count;
	uint32_t max_insns;
	struct region_insn insns[REGION_INSNS];
	struct region_block blocks[REGION_BLOCKS];
	struct region_frame frames[REGION_FRAMES];
	int16_t order[REGION_BLOCKS];	/* blocks as the code is to be laid out: hot paths in a row */
	int16_t hash[256];		/* first block with a pc's hash */
};

/* What the interpreter knows: executions of the block that begins at pc, 0: never seen. */
typedef uint32_t region_count_fn(void *owner, uint32_t pc);
/* Whether the host has code for the instruction; others end a block. */
typedef bool region_can_fn(void *owner, const struct insn *in);
/* Whether the instruction at pc is for the interpreter nevertheless. */
typedef bool region_stops_fn(void *owner, uint32_t pc, const struct insn *in);

struct region_source {
	struct hart *h;		/* instructions are fetched from its memory */
	region_count_fn *executions;
	region_can_fn *can;
	region_stops_fn *stops;
	void *owner;
};

/*
 * Forms the region that begins at pc, of at most max_insns instructions.  False: there is
 * nothing to translate (the first instruction cannot be fetched, or is for the interpreter).
 */
bool region_form(struct region *r, const struct region_source *s, uint32_t pc, uint32_t max_insns);

static inline const struct region_insn *region_last(const struct region *r, const struct region_block *b)
{
	return &r->insns[b->first + b->count - 1];
}

#endif
