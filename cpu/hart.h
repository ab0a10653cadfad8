/* SPDX-License-Identifier: MIT
 *
 * The hart: one RV32IMAFDC core (with Zicsr, Zifencei, Zicntr, Zba, Zbb, Zbs)
 * in M and U mode, without an MMU.
 *
 * A hart knows the host address of guest address 0 and nothing else of the
 * machine.  Guest memory is 4 GiB of host address space of which only some is
 * accessible (mm/flat.h); a load or store is one host access at base + address,
 * and a host fault inside those 4 GiB becomes a guest access fault.
 *
 * hart_run() executes until something happens that the hart cannot decide
 * alone.  Two machines are served by the same hart:
 *
 *  - host_traps true: every trap stops the hart and is reported to the caller,
 *    which plays the privileged world (the built-in Linux personality).
 *  - host_traps false: traps are taken by the guest through mtvec as the
 *    privileged specification says (a real kernel runs in M mode).
 */
#ifndef CPU_HART_H
#define CPU_HART_H

#include <stdbool.h>
#include <stdint.h>

/* Why hart_run() came back. */
enum hart_stop {
	HART_BUDGET,		/* the budget is spent, or hart_interrupt() was called */
	HART_ECALL,		/* ecall; pc is that of the ecall itself */
	HART_EBREAK,		/* ebreak or c.ebreak; pc is its own */
	HART_ILLEGAL,		/* illegal instruction; trap.value holds its bits */
	HART_FAULT,		/* access fault; trap.value holds the address */
	HART_MISALIGNED,	/* misaligned lr/sc/amo; trap.value holds the address */
	HART_WAIT,		/* wfi with nothing pending; pc is after it */
	HART_CALLED,		/* on_ecall did an ecall and wants the caller to look */
	HART_BREAKPOINT,	/* a breakpoint; pc is its own, and the instruction there is not done */
	HART_WATCHPOINT,	/* access was to watched bytes; pc is behind the instruction, which has retired */
	HART_HELD,		/* on_access said no to access; pc is that of the instruction, which is not done */
};

/* What on_ecall made of an ecall. */
enum hart_call {
	HART_CALL_NOT,		/* nothing: hart_run() is to return HART_ECALL */
	HART_CALL_DONE,		/* all of it: a0 and fcsr may have changed, regs.pc is behind it; go on */
	HART_CALL_LOOK,		/* all of it, anything may have changed: hart_run() is to return HART_CALLED */
};

enum hart_access { HART_LOAD, HART_STORE, HART_FETCH };

enum hart_priv { HART_U = 0, HART_M = 3 };

/* A task's registers. */
struct hart_regs {
	uint32_t x[32];		/* x[0] always reads 0 */
	uint32_t pc;
	uint32_t fcsr;		/* frm in bits 7:5, fflags in 4:0 */
	uint64_t f[32];		/* singles are NaN-boxed */
};

/* Detail of HART_FAULT, HART_MISALIGNED and HART_ILLEGAL. */
struct hart_trap {
	enum hart_access access;
	uint32_t value;		/* guest address, or instruction bits */
	uint32_t size;		/* bytes the access wanted: 1, 2, 4, 8 */
};

/* What an access does, as bits. */
#define HART_READS 1u
#define HART_WRITES 2u

/* What is not to stop an instruction once more that it has stopped before. */
enum hart_pass {
	HART_PASS_NOTHING,
	HART_PASS_BREAKPOINT,	/* a breakpoint */
	HART_PASS_ACCESS,	/* nor on_access */
};

/* An access to memory or a device by an instruction: lr.w reads, sc.w writes, amo does both. */
struct hart_data_access {
	uint32_t pc;		/* of the instruction */
	uint32_t addr;
	uint8_t size;		/* bytes: 1, 2, 4, 8; any alignment */
	uint8_t kinds;		/* HART_READS, HART_WRITES */
};

/*
 * Device accesses.  When a load or store hits no memory the hart asks the bus
 * (if there is one) to do it; a bus that returns false has nothing there either
 * and the access becomes a fault.  size is 1, 2, 4 or 8 bytes; addr may be
 * misaligned.
 */
struct hart_bus {
	void *owner;
	bool (*load)(void *owner, uint32_t addr, uint32_t size, uint64_t *value);
	bool (*store)(void *owner, uint32_t addr, uint32_t size, uint64_t value);
};

/*
 * Machine-mode state, as the privileged specification names it.  Interrupt lines are raised and
 * lowered by setting bits 3 (software), 7 (timer) and 11 (external) of mip between runs.  There are
 * no PMP entries: their registers read as 0, and U mode may access all memory.
 */
struct hart_csr {
	uint32_t mstatus, mie, mip, mtvec, mscratch, mepc, mcause, mtval;
	uint32_t mcounteren, mcountinhibit, mhartid;
	/* Subtracted from instret so that guest writes to minstret/mcycle hold. */
	uint64_t mcycle_offset, minstret_offset;
};

struct hart_engine;	/* an engine's private state: block cache and the like */

struct hart {
	/*
	 * The registers in use.  hart_init() points it at own_regs; a scheduler points it at the running
	 * task's, so that a task switch is one store.  Not to be changed inside hart_run().
	 */
	struct hart_regs *regs;
	struct hart_regs own_regs;
	uint8_t *base;		/* host address of guest address 0; not owned */
	uint64_t instret;	/* instructions retired since hart_init() */
	struct hart_trap trap;
	struct hart_data_access access;	/* of HART_WATCHPOINT and HART_HELD; else anything */
	uint8_t pass;		/* enum hart_pass, set by the caller for the first instruction of the next hart_run() */
	uint32_t resv_addr;	/* lr/sc reservation: address and the value seen */
	uint32_t resv_value;
	bool resv_valid;
	bool host_traps;
	uint8_t priv;		/* enum hart_priv */
	struct hart_csr csr;
	struct hart_bus bus;	/* load == NULL: no devices */
	/*
	 * System calls that hart_run() need not return for; NULL: it always does.  Called with everything exact, pc that
	 * of the ecall.  It may call hart_flush() and change these two, but must not change what regs points to.
	 */
	enum hart_call (*on_ecall)(void *owner);
	void *ecall_owner;
	/* The time CSR.  NULL: time equals instret. */
	uint64_t (*read_time)(void *owner);
	void *time_owner;
	struct hart_engine *engine;
};

/*
 * Prepares *h: all registers 0, M mode, host_traps true, mcounteren open to U mode, floating
 * point on (mstatus.FS); a machine with a kernel of its own may clear csr.mstatus first.
 * base is the host address of guest address 0 (4 GiB reserved, see mm/flat.h).
 * 0 or -ENOMEM.
 */
int hart_init(struct hart *h, uint8_t *base);
void hart_fini(struct hart *h);

/* How the JIT goes about it; a 0 means the default. */
struct jit_config {
	uint32_t hot;		/* executions of a block before it is translated */
	uint32_t region_max;	/* guest instructions translated together */
	uint32_t cache_bytes;	/* of the code cache */
	uint32_t shuffle;	/* for tests: a seed for choosing host registers at random */
	bool plain;		/* for tests: as on a host with nothing beyond its baseline instructions */
};

/*
 * Gives the hart a JIT beside its interpreter; results stay the same.  Call it once, after
 * hart_init().  config may be NULL.  0, -ENOMEM, or -ENOSYS where the host has no JIT.
 */
int hart_enable_jit(struct hart *h, const struct jit_config *config);
/*
 * For programs that end before it is worth anything: fn is called within hart_run(), once, when code has first become hot,
 * and may call hart_enable_jit() without a config.  If it does not, or fails, the interpreter goes on.  Call it right after
 * hart_init(), where hart_engines() has a JIT; elsewhere fn is never called.
 */
typedef void hart_hot_fn(void *owner);
void hart_on_hot(struct hart *h, hart_hot_fn *fn, void *owner);
/* The engines this build has for this host, by name: "jit interp" or "interp". */
const char *hart_engines(void);

/* Counters since hart_init(); stats.def says what they are. */
struct hart_stats {
#define STAT(field, text, unit) uint64_t field;
#include "cpu/stats.def"
#undef STAT
};
void hart_get_stats(const struct hart *h, struct hart_stats *out);
/*
 * From now on the time in either engine is measured, which costs a look at the clock at each change, and why translated
 * code leaves for single instructions.
 */
void hart_measure_time(struct hart *h);

/*
 * Calls fn for each piece of code that is translated from now on: the guest block at pc is bytes of
 * host code at address.  For profilers; hart_profile_pc() may need it on the hart's behalf.
 */
typedef void hart_translated_fn(void *owner, uint32_t pc, uintptr_t address, uint32_t bytes);
void hart_on_translation(struct hart *h, hart_translated_fn *fn, void *owner);
/*
 * From a signal handler: the guest pc of the block that the interrupted host code is a translation
 * of.  0: it is none, HART_PC_INTERPRETER: it is the interpreter.
 */
uint32_t hart_profile_pc(const struct hart *h, const void *ucontext);
#define HART_PC_INTERPRETER 1u

/*
 * From now on counts how often each instruction retires, or no longer does; what has been counted stays.  An
 * ecall that traps does not retire, here as in instret.  Code is decoded and translated anew, with the counting in it or
 * without, so not to be called within hart_run().  0 or -ENOMEM.
 */
int hart_count_insns(struct hart *h, bool on);
/* Calls fn for each pc with a count, in their order. */
typedef void hart_count_fn(void *owner, uint32_t pc, uint64_t count);
void hart_each_count(const struct hart *h, hart_count_fn *fn, void *owner);

/*
 * Watching the guest: breakpoints, watched bytes, and a call for each access.  What nobody asked for costs nothing:
 * it is not in the code.  All of this may also be called within hart_run(), by on_ecall, a bus or on_access, and then
 * holds from the next instruction on.  Accesses by the emulator itself, for system calls say, are not seen.
 */

/*
 * hart_run() stops with HART_BREAKPOINT in front of the instruction at pc, each time control arrives there and each
 * time it begins there: to go on from a breakpoint set pass.  One is enough for each pc, however often it was
 * set.  A debugger that asks for many gets no slower code elsewhere.  0 or -ENOMEM.
 */
int hart_break(struct hart *h, uint32_t pc, bool on);
bool hart_has_breakpoint(const struct hart *h, uint32_t pc);

/*
 * From now on hart_run() stops with HART_WATCHPOINT behind an instruction that has accessed a byte of [addr, addr+len)
 * in one of the kinds, and in these only: what was said of these bytes before no longer holds.  kinds 0: none.  So
 * whoever has overlapping watchpoints says again what remains when one goes.  An access that faults does not
 * stop, nor does an sc.w that fails.  len may be up to 4 GiB.  Takes a quarter of the watched bytes of host
 * memory, and time by len where anything is or becomes watched.  0 or -ENOMEM.
 */
int hart_watch(struct hart *h, uint32_t addr, uint64_t len, uint32_t kinds);
/* The kinds in which the byte is watched. */
uint32_t hart_watched(const struct hart *h, uint32_t addr);

/*
 * fn is called before each access (which may still fault); NULL: no longer.  Not before atomics that are misaligned and
 * sc.w that will fail.  False: hart_run() stops with HART_HELD, and the access is not made; with HART_PASS_ACCESS it is
 * made next time, unasked.  Of the hart fn finds regs.pc and access as they should be; instret and other registers only after it said no.
 */
typedef bool hart_access_fn(void *owner, const struct hart_data_access *access);
void hart_on_access(struct hart *h, hart_access_fn *fn, void *owner);

/*
 * Runs at most budget instructions, and exactly that many unless something stops it:
 * HART_BUDGET means budget instructions were retired (or hart_interrupt() was called).
 * With host_traps false each trap taken uses up one instruction of the budget, too.
 * On every return regs, instret and trap are exact: for a trap, regs is the
 * state before the trapping instruction and regs.pc is its address; the trapping
 * instruction is not counted as retired.
 */
enum hart_stop hart_run(struct hart *h, uint64_t budget);

/* Makes a running hart_run() return HART_BUDGET soon.  Async-signal-safe. */
void hart_interrupt(struct hart *h);

/*
 * Forgets decoded code in [addr, addr+len).  The architecture's fence.i is seen
 * by the hart itself; call this when the emulator writes or frees memory that may
 * have held code (execve, munmap, ptrace, icache flush syscalls).  len 0 at addr 0: all.
 */
void hart_flush(struct hart *h, uint32_t addr, uint32_t len);

/* Ends an lr/sc reservation; call at each task switch. */
void hart_drop_reservation(struct hart *h);

/*
 * Host faults.  Installs the process-wide SIGSEGV/SIGBUS handler that turns faults
 * on guest memory into guest faults.  A fault outside any hart's memory is a crash of
 * the emulator: on_crash (may be NULL) is called from the signal handler before the
 * default action, so that a terminal can be restored.  0 or -errno.
 */
int hart_catch_host_faults(void (*on_crash)(int sig));

#endif
