/* SPDX-License-Identifier: MIT
 *
 * Private to cpu/: the second engine, which translates hot guest code to host code.
 *
 * The interpreter runs everything first and counts; what it finds hot, hart_run() has
 * translated (jit_compile), a region at a time, and from then on enters (jit_run) whenever
 * the pc is that of a translated place.  Translated code goes on from region to region by
 * itself and comes back for whatever is not ordinary: the interpreter then does that and
 * control finds its way back.  So both engines give the same results, and everything that is rare exists once.
 */
#ifndef CPU_JIT_H
#define CPU_JIT_H

#include "cpu/engine.h"

/* Whether this build has one.  Without (another host, or JIT=no), none.c stands in for everything below. */
extern const bool jit_built_in;

struct jit;

/* How often a block is interpreted before jit_compile() is called for it, if nothing else was asked for. */
#define JIT_HOT 64

/* Sets the jit fields of the hart's engine.  0, -ENOMEM or -ENOSYS: this host has no JIT. */
int jit_new(struct hart *h, const struct jit_config *config);
void jit_free(struct jit *j);

/*
 * Translates the region that begins at pc, which has just become hot.  False: not this one; it stays
 * with the interpreter.
 */
bool jit_compile(struct jit *j, struct hart *h, uint32_t pc);

/* Whether there is code for pc. */
static inline bool jit_has(const struct hart_engine *e, uint32_t pc)
{
	return e->jit_table[pc >> 1] != 0;
}

/*
 * Runs translated code from regs.pc, which jit_has() code.  On return regs.pc and instret are as they
 * should be.
 */
enum run_code jit_run(struct jit *j, struct hart *h, int64_t budget);

/* For profilers: the guest block whose code a signal interrupted, 0: none; bytes of the code cache in use. */
uint32_t jit_guest_pc(struct jit *j, const void *context);
uint32_t jit_cache_used(const struct jit *j);

/* Forgets code translated from [addr, addr+len), which has changed, or only what is to be done with it. */
void jit_forget(struct jit *j, uint32_t addr, uint32_t len, bool changed);
void jit_forget_all(struct jit *j);

/*
 * From the handler of host faults.  If the host instruction at *pc is an access by
 * translated code, changes the context so that it leaves for the interpreter; true then.
 */
bool jit_on_fault(void *context, uintptr_t address);

#endif
