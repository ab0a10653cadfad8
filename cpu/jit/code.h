/* SPDX-License-Identifier: MIT
 *
 * Private to the JIT: a translation under way, and what a host backend provides for it.
 *
 * Homes.  Throughout a region each guest register has one home: a host register, or its
 * place in struct hart_regs.  Between regions, and when translated code is entered and left,
 * the homes are those of the host's convention; a region that prefers others moves values at its ends.
 *
 * Deferred values.  An instruction whose result is cheap to compute (a constant, a sum, a shift,
 * a comparison) is not emitted when it is met: its result is kept as a struct value, in terms
 * of homes, until it is used.  Then it may become part of an address, of a compare-and-branch
 * or of a rotate; or never be computed, if the register is written again first.  Host faults
 * and exits in between emit what is deferred out of line, where they leave.
 *
 * Counting.  Retired instructions are subtracted from the budget, in a host register, once per
 * way round a loop and when the region is left.  Between, the translator knows
 * how many are not yet counted: the same number on all paths to a place, which
 * edges into a merge correct.
 */
#ifndef CPU_JIT_CODE_H
#define CPU_JIT_CODE_H

#include "cpu/access.h"
#include "cpu/jit/jit.h"
#include "cpu/jit/region.h"
#include "cpu/jit/x64_emit.h"

enum value_kind {
	VALUE_HOME,	/* not deferred: what the home holds */
	VALUE_CONST,	/* imm */
	VALUE_SUM,	/* a + (b << shift) + imm; a or b 0: not there */
	VALUE_SRL,	/* a >> imm */
	VALUE_SLT,	/* a < b, signed; b 0: imm instead */
	VALUE_SLTU,	/* a < b, unsigned; b 0: imm instead */
};

struct value {
	uint8_t kind;
	uint8_t a, b;	/* guest registers, meaning the contents of their homes */
	uint8_t shift;
	int32_t imm;
};

/* What an operation takes: a constant, or a register's home. */
struct operand {
	bool is_const;
	uint8_t reg;
	int32_t imm;
};

#define CONST_OPERAND(v) ((struct operand){ .is_const = true, .imm = (int32_t)(v) })
#define REG_OPERAND(r) ((struct operand){ .reg = (uint8_t)(r) })

/* Deferred values at some place: one entry per register that has one. */
struct deferred {
	uint8_t reg;
	struct value value;
};

/* Code out of line: an exit that is rarely taken. */
struct stub {
	uint8_t *site;		/* the jump that leads here; NULL: the fault at code offset fault */
	uint32_t fault;		/* index in faults */
	uint8_t code;		/* enum run_code to leave with; STUB_... */
	uint32_t pc;		/* where the guest goes on */
	uint32_t bits;		/* of a system instruction */
	int32_t count;		/* instructions to count */
	uint32_t deferred, deferred_count;
	int16_t block;		/* STUB_EDGE: goes on at this block of the region */
};

enum {
	STUB_EXIT = 100,	/* to another region at pc */
	STUB_INDIRECT,		/* to the address in the link register (an inlined return that went elsewhere) */
	STUB_EDGE,		/* to another block of this region, having emitted what is deferred and counted */
};

/* A host instruction that may fault, and what the guest was about to do. */
struct jit_fault {
	uint32_t offset;	/* of the host instruction in the code cache */
	uint32_t landing;	/* of code that emits what is deferred; 0: nothing is */
	uint32_t pc;
	int32_t count;		/* to count when it happens */
};

/* A direct jump to another region, which is linked to it when that exists. */
struct jit_exit {
	uint32_t site;		/* offset of its displacement */
	uint32_t unlinked;	/* offset of where it goes otherwise */
	uint32_t pc;
	uint32_t region;	/* its own */
	uint32_t next;		/* next exit linked to the same region; index + 1, 0: none */
	bool linked;
};

#define MAX_STUBS (4 * REGION_INSNS)
#define MAX_DEFERRED (16 * REGION_INSNS)
#define MAX_FIXUPS (4 * REGION_BLOCKS)

/* What is known of a block of the region while code is emitted. */
struct block_state {
	uint8_t *start;		/* its code; NULL: not yet emitted */
	int32_t count;		/* instructions not yet counted when it begins */
	bool has_count;
	uint32_t deferred, deferred_count;	/* valid if it has one predecessor only */
};

/* A jump to a block that is not yet emitted. */
struct fixup {
	uint8_t *site;
	int16_t block;
};

/* An indirect call that finds no code: where it goes then, and where it comes back to. */
struct late_call {
	uint8_t *miss, *back;
};

/* An FP result that may be a NaN: where it goes then, and where it comes back to. */
struct late_nan {
	uint8_t *site, *back;
	uint8_t xmm;
	bool single;
};

/* The same for an entry that finds another fp_level than it needs. */
struct late_fp {
	uint8_t *site;
	uint32_t pc;
};

#define MAX_NANS REGION_INSNS

struct code {
	struct emitter e;
	struct jit *jit;
	struct hart *h;
	const struct region *r;
	uint32_t region;	/* its index */

	int8_t home[33];	/* host register, or NO_REG: in struct hart_regs; REG_DUMMY too */
	uint32_t dirty;		/* registers the region may write */
	int8_t fhome[32];	/* the same for FP registers */
	uint32_t fdirty;
	uint32_t fboxed;	/* FP registers known to hold a boxed single, in this block */
	bool has_fp;		/* some instruction relies on fp_level FP_RNE */

	struct value value[32];
	uint32_t pending;	/* registers whose value is deferred */
	uint32_t readers[32];	/* deferred values that read the home of this register */
	int32_t count;		/* instructions done and not yet counted */
	uint32_t pc;		/* of the instruction being translated */
	bool asked;		/* on_access has been asked about it, and is not to be asked again */
	uint8_t *step;		/* leaves for the interpreter to go on at regs.pc */

	struct block_state blocks[REGION_BLOCKS];
	struct fixup fixups[MAX_FIXUPS];
	struct stub stubs[MAX_STUBS];
	struct deferred deferred[MAX_DEFERRED];
	struct late_call late[REGION_BLOCKS];
	uint32_t late_count;
	struct late_nan nans[MAX_NANS];
	uint32_t nan_count;
	struct late_fp fps[REGION_BLOCKS + 1];
	uint32_t fp_count;
	uint32_t fixup_count, stub_count, deferred_count;
	bool failed;		/* some table is full: give up */
};

/* --- jit_values.c: deferred values */

/* Emits what register r is deferred to, and first what reads its home. */
void code_settle(struct code *c, unsigned r);
void code_settle_all(struct code *c);
/* The value of r for an operation: a constant, or its home, which is made valid. */
struct operand code_use(struct code *c, unsigned r);
/*
 * The same for two operands of an instruction with the destination rd (0: none), whose home can be
 * written from then on.
 */
void code_operands(struct code *c, unsigned rd, unsigned rs1, unsigned rs2, struct operand *a, struct operand *b);
/* The address of a load to rd, which must be told to code_define() once the load is emitted; of a store. */
struct value code_load_address(struct code *c, unsigned rd, unsigned rs1, int32_t imm);
struct value code_store_address(struct code *c, unsigned rs1, int32_t imm, unsigned rs2, struct operand *data);
/* Settles what reads the home of r. */
void code_settle_readers(struct code *c, unsigned r);
/* Makes sure that the home of rd can be written. */
void code_define(struct code *c, unsigned rd);
/* Defers rd to v, which may be a VALUE_HOME of a register for a copy. */
void code_defer(struct code *c, unsigned rd, struct value v);
/* r + imm as a VALUE_CONST or VALUE_SUM, in terms of homes. */
struct value code_address(struct code *c, unsigned r, int32_t imm);
/* Whether x + y can be one VALUE_SUM; both in terms of homes. */
bool code_sum(struct value x, struct value y, struct value *sum);
struct value code_value(const struct code *c, unsigned r);
/* Remembers what is deferred now; restores it. */
void code_save(struct code *c, uint32_t *first, uint32_t *count);
void code_restore(struct code *c, uint32_t first, uint32_t count);

/* --- jit_alloc.c */

/* Whether it is known which registers the instruction reads and writes. */
bool code_knows_operands(const struct insn *in);
/* Chooses homes for the region's registers and finds those it writes. */
void code_choose_homes(struct code *c, uint32_t shuffle);

/* --- jit_insn.c */

/* Whether there is code for the instruction, or it can be deferred; others end a block, and are the interpreter's. */
bool code_can(const struct insn *in);
/* Emits or defers an instruction that does not end a block. */
void code_insn(struct code *c, const struct region_insn *x);

/* --- jit_translate.c */

/*
 * Emits the region at c->e, entry first: code that expects the convention's homes.  False: it does
 * not fit, or is too complicated.
 */
bool code_translate(struct code *c);

/* --- the host: x64_*.c on x86-64 */

#define HOST_MAX_REGS 16

struct host_convention {
	int8_t home[32];	/* by guest register */
	uint8_t count;		/* of registers a region may use as homes: */
	int8_t regs[HOST_MAX_REGS];
	uint8_t fcount;		/* the same for FP registers, of which none has one by convention */
	int8_t fregs[HOST_MAX_REGS];
};
extern const struct host_convention host_convention;

/*
 * Whether this host has code for the instruction: a computation in the form with registers, a load or store, a branch, an
 * atomic, floating point.
 */
bool host_can(const struct insn *in);

/* rd = value; rd = a op b, op a register-register instruction. rd is never 0. */
void host_set(struct code *c, unsigned rd, struct value v);
void host_alu(struct code *c, int op, unsigned rd, struct operand a, struct operand b);
void host_rotate_right(struct code *c, unsigned rd, unsigned a, unsigned n);
/* rd = a shifted left by n, then right arithmetically. */
void host_shift_pair(struct code *c, unsigned rd, unsigned a, unsigned n);

/* Loads and stores; the address is a VALUE_HOME, VALUE_CONST or VALUE_SUM.  rd 0: only the access. */
void host_load(struct code *c, int op, unsigned rd, struct value address);
void host_store(struct code *c, int op, struct operand data, struct value address);
/* Stores of FP registers, atomics and the like, all operands in homes. */
void host_other(struct code *c, const struct insn *in);

/* Compares as the branch op does; then a jump if it holds (or not), to a place to be patched. */
unsigned host_compare(struct code *c, int op, struct operand a, struct operand b);
uint8_t *host_jump_if(struct code *c, unsigned condition, bool holds);
uint8_t *host_jump(struct code *c);
void host_patch(struct code *c, uint8_t *site, uint8_t *target);

/*
 * The hooks of an access, before the instruction that makes it: asks on_access, and has the interpreter do what
 * may be to watched bytes.
 */
void host_before_access(struct code *c, struct value address, struct hooks_access a);

/* Adds 1 to a counter of the emulator's.  Between instructions only: what is set aside within one may be lost. */
void host_tally(struct code *c, const uint64_t *counter);

/* Subtracts n from the budget.  With a check: a jump taken when it is used up. */
void host_count(struct code *c, int32_t n);
uint8_t *host_count_and_check(struct code *c, int32_t n);

/*
 * Moves registers from the convention's homes to the region's, and back; no other effect, but that
 * entering at pc leaves with RUN_FP if the region has FP instructions and they may not run.
 */
void host_enter_homes(struct code *c, uint32_t pc);
void host_leave_homes(struct code *c);

/* From the convention's homes: a jump that is linked to pc's code, leaving with RUN_LINK until then. */
void host_exit(struct code *c, uint32_t pc);
/* The same as a call, and the place it comes back to, with homes as the convention says. */
void host_call(struct code *c, uint32_t pc, uint32_t return_pc);
/* Has the system call at pc done; comes back with homes as the convention says, or leaves. */
void host_ecall(struct code *c, uint32_t pc);
/* Sets aside the address of an indirect jump: nothing but host_leave_homes() and constants and counting may follow. */
void host_set_target(struct code *c, struct value address, bool even);
void host_jump_target(struct code *c);
void host_call_target(struct code *c, uint32_t return_pc);
void host_return_target(struct code *c);
/* Leaves for hart_run() with a run_code; homes are the region's. */
void host_leave(struct code *c, unsigned run_code, uint32_t pc, uint32_t bits);
/* At the end of the region: what calls and exits, the first of them first_exit, do for want of a target. */
void host_finish(struct code *c, uint32_t first_exit);
/* Jumps to a place to be patched unless register a's home holds value. */
uint8_t *host_jump_unless(struct code *c, unsigned a, uint32_t value);

/* The same at regs.pc, for the interpreter to do an instruction. */
void host_leave_step(struct code *c);

/* For the host, in jit_translate.c: the next host instruction may be a guest access that faults. */
void code_may_fault(struct code *c);
/* A jump at site has the interpreter do the current instruction. */
void code_step_stub(struct code *c, uint8_t *site);
/* The same where on_access has just been asked, from here to the end of the instruction. */
void code_asked_stub(struct code *c, uint8_t *site);

#endif
