/* SPDX-License-Identifier: MIT
 *
 * Private to the JIT: its state, and the code cache.
 *
 * The cache is one piece of memory that is filled from the front; when it is full everything is forgotten
 * (in steps as large as the cache, so rarely).  It is seen twice: through rw it is
 * written, through rx it runs, and neither view is both.  It lies in the low 2 GiB of the host's
 * addresses, so that addresses of code are 32 bits.
 *
 * table has an entry for each possible guest pc: the address of the code that begins there, or 0.
 * It is 8 GiB of host addresses, of which the host gives memory only for what is used.
 *
 * Returns.  Translated code runs on a stack of its own, and guest calls and returns are host
 * calls and returns on it, so that the host predicts them.  A place that a call comes back
 * to compares the guest's return address with the one it stands for and passes a wrong one on
 * to the next on the stack; at the bottom is code that looks the address up.  So the stack may hold
 * anything old, as long as it leads to code that exists.
 */
#ifndef CPU_JIT_PRIVATE_H
#define CPU_JIT_PRIVATE_H

#include "cpu/jit/code.h"

#include <stdlib.h>
#include <string.h>

/* What generated code and its callers share. */
struct jit_context {
	void *host_sp;		/* of jit_run()'s caller, while translated code runs */
	void *jit_sp;		/* of the translated code, while it does not */
	int64_t left;		/* of the budget, when code left or called */
	uint64_t end;		/* instret when nothing is left */
	uint32_t aux;		/* RUN_LINK: the exit; others: instruction bits */
};

struct jit_region {
	uint32_t pc;
	uint32_t start, end;	/* offsets of its code */
	uint32_t step;		/* offset of where faults with nothing deferred land */
	uint32_t fault, fault_count;
	uint32_t entry, entry_count;	/* in entries */
	uint32_t place, place_count;	/* in places */
	uint32_t source, source_count;	/* in sources */
	uint32_t exits_in;	/* exits linked to it; index + 1 */
	uint64_t made;		/* instret when it was translated */
	bool dead;
};

/* A guest pc whose table entry leads to a region. */
struct jit_entry {
	uint32_t pc, offset;
};

/* Consecutive guest code that went into a region. */
struct jit_source {
	uint32_t pc, bytes;
};

struct jit_page_ref {
	uint32_t page, region;
	uint32_t next;		/* index + 1, 0: none */
};

#define JIT_PAGE_HASH 4096u

/* An array that grows; what is in it is forgotten all at once. */
#define JIT_ARRAY(type, name) type *name; uint32_t name##_count, name##_room

struct jit {
	struct jit_config config;
	struct jit_context context;
	uint8_t *rw, *rx;
	uint32_t size, used, prologue;	/* bytes; prologue: the part that is never forgotten */
	uint32_t *table;
	uint8_t *stack;		/* lowest address, a guard page */
	bool stack_stale;	/* to be emptied once translated code has left */
	uint32_t reserve;	/* instructions held back of a budget */
	uint32_t rand;

	/* Offsets of common code. */
	uint32_t fp_constants, enter, leave, lookup, return_other, return_bottom, ecall;
	uint32_t access, access_fp;	/* of hooks: behind the prologue, while there is HOOK_ACCESS */

	JIT_ARRAY(struct jit_region, regions);
	JIT_ARRAY(struct jit_fault, faults);
	JIT_ARRAY(struct jit_entry, entries);
	JIT_ARRAY(struct jit_entry, places);	/* where the code of each block begins, for profilers */
	JIT_ARRAY(struct jit_exit, exits);
	JIT_ARRAY(struct jit_source, sources);
	JIT_ARRAY(struct jit_page_ref, refs);
	uint32_t page_hash[JIT_PAGE_HASH];
	/* By page, modulo: how often code there was changed, and how often it is still not to be translated. */
	uint8_t page_kills[JIT_PAGE_HASH];
	uint16_t page_patience[JIT_PAGE_HASH];
	uint64_t has_code[(1u << 20) / 64];	/* a bit for each page with code in regions */

	/* Work space of a translation. */
	struct region region;
	struct code code;
};

static inline uint32_t jit_offset(const struct jit *j, const uint8_t *rw)
{
	return (uint32_t)(rw - j->rw);
}

/* The address at which the code at an offset runs. */
static inline uintptr_t jit_address(const struct jit *j, uint32_t offset)
{
	return (uintptr_t)j->rx + offset;
}

/* --- jit_cache.c */

int jit_cache_new(struct jit *j);
/* Only the bottom is left. */
void jit_reset_stack(struct jit *j);
void jit_cache_free(struct jit *j);
/* NULL when there is no memory. */
struct jit_fault *jit_add_fault(struct jit *j);
struct jit_exit *jit_add_exit(struct jit *j);
/* pc is to lead to the code at p when the region under way is published. */
void jit_add_entry(struct jit *j, uint32_t pc, const uint8_t *p);
/* The code of the block at pc begins at p. */
void jit_add_place(struct jit *j, uint32_t pc, const uint8_t *p);
/* Opens the entries of the region just translated and lists it under its pages. False: no memory. */
bool jit_publish(struct jit *j, const struct region *r, const struct jit_region *made);
/* The living region whose code is at the offset; NULL: none. */
struct jit_region *jit_region_at(struct jit *j, uint32_t offset);
/* Links an exit to its target if that has code. */
void jit_link(struct jit *j, uint32_t exit);

/* --- jit.c */

/*
 * Called by translated code for an ecall, with everything but instret in its place.  An enum run_code
 * to leave with, or JIT_GO_ON: behind the ecall.
 */
int jit_ecall(struct jit *j);
#define JIT_GO_ON (-1)
/*
 * The same before an access, for HOOK_ACCESS: regs.pc is that of the instruction; what has the address, the size in
 * bits 32 to 39 and the kinds in 40 and 41.  0: to be made.
 */
int jit_access(struct jit *j, uint64_t what);

/* --- the host: x64_glue.c */

#define JIT_STACK_SIZE (256u * 1024)
#define JIT_STACK_GUARD 4096u

/* Emits the common code at the front of the cache. */
void host_prologue(struct jit *j);
/* The same of code for hooks, behind it, if there are such: moves j->used. */
void host_hooks(struct jit *j);
/* Points the displacement of an exit somewhere else. */
void host_relink(struct jit *j, uint32_t site, uint32_t target_offset);
int host_run(struct jit *j, struct hart_regs *regs, uintptr_t entry, int64_t budget, uint8_t *base);
/* Looks at what this host can do; plain: takes it for one that can do the least. */
bool host_supported(bool plain);

/* In the context of a host fault: where it happened, and how to go on. */
uintptr_t host_context_pc(const void *context);
void host_context_set_sp(void *context, uintptr_t sp);
void host_context_jump(void *context, uintptr_t pc);
/* Counts, and goes on at pc (a region's step), which leaves with regs.pc guest_pc. */
void host_context_step(void *context, uintptr_t pc, uint32_t guest_pc, int32_t count);

#endif
