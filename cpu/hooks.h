/* SPDX-License-Identifier: MIT
 *
 * Private to cpu/: what the engines do beside executing, for whoever watches the guest.
 *
 * A hook is a bit of the mask.  Both engines look at it only when they decode or translate code, and then put what the
 * hook needs into that code; when a bit changes everything is decoded and translated anew.  So a hook that is
 * not wanted costs nothing.
 *
 * Breakpoints need no bit: code ends in front of one, in either engine, and the interpreter's block there does nothing
 * but leave.  When one is set or cleared the code at its pc is forgotten, and no other.
 *
 * An access is asked for before it is made (HOOK_ACCESS) and looked up in the table of watched bytes (HOOK_WATCH).
 * Translated code does both itself; of the table it looks at whole words, and what may be watched is done again by
 * the interpreter, which knows exactly.  So are all atomics, while one of these hooks is there.
 */
#ifndef CPU_HOOKS_H
#define CPU_HOOKS_H

#include "cpu/decode.h"
#include "cpu/hart.h"

#include <stddef.h>

#define HOOK_COUNT 1u	/* count each instruction when it has retired */
#define HOOK_ACCESS 2u	/* ask on_access before each access */
#define HOOK_WATCH 4u	/* stop behind accesses to watched bytes */
#define HOOKS_OF_ACCESSES (HOOK_ACCESS | HOOK_WATCH)

struct hooks {
	uint32_t mask;
	/* By pc / 2: 16 GiB of addresses, of which the host gives memory for what is used; NULL: not yet wanted. */
	uint64_t *counts;

	/* A bit by pc / 2, in 256 MiB of addresses; NULL: there has never been a breakpoint. */
	uint64_t *breakpoints;

	/*
	 * By address / 4, in 1 GiB of addresses: which kinds of accesses to each of the word's bytes are watched; bits 0
	 * to 3: reads, 4 to 7: writes.  NULL: not yet wanted.
	 */
	uint8_t *watched;
	uint32_t *chunks;	/* watched bits, in each WATCH_CHUNK of the table */
	uint64_t watched_count;	/* in all of it */
	bool hit;		/* the access that is being made is to watched bytes; hart.access says which */

	hart_access_fn *on_access;
	void *access_owner;
	bool held;		/* it said no */

	uint64_t pages[(1u << 20) / 64];	/* a bit for each page that may have counts */
};

void hooks_free(struct hooks *k);
void hooks_free_watched(struct hooks *k);
/* Sets or clears a bit of the mask, and forgets all code if that is a change. */
void hooks_change(struct hart *h, uint32_t bit, bool on);
/* Addresses for a table, of which the host gives memory for what is used.  NULL: none. */
void *hooks_reserve(uint64_t bytes);

/* --- counts */

static inline uint64_t *hooks_counter(struct hooks *k, uint32_t pc)
{
	return &k->counts[pc >> 1];
}

/* The instruction at pc is going to be counted, if any is. */
static inline void hooks_note(struct hooks *k, uint32_t pc)
{
	if (k->mask & HOOK_COUNT)
		k->pages[pc >> 18] |= UINT64_C(1) << (pc >> 12) % 64;
}

/* An instruction that no engine's code does has retired. */
static inline void hooks_retired(struct hooks *k, uint32_t pc)
{
	if (k->mask & HOOK_COUNT)
		++*hooks_counter(k, pc);
}

/* --- breakpoints */

static inline bool hooks_breakpoint(const struct hooks *k, uint32_t pc)
{
	return k->breakpoints && (k->breakpoints[pc >> 7] >> (pc >> 1) % 64 & 1);
}

/* --- accesses: hooks_access.c */

#define WATCH_CHUNK (1u << 16)	/* bytes of the table, for 256 KiB of memory; no less than a page of any host */

/* What an instruction does to memory. */
struct hooks_access {
	uint8_t size;		/* bytes; 0: it does not access memory */
	uint8_t kinds;		/* HART_READS, HART_WRITES */
	bool atomic;
};
struct hooks_access hooks_access_of(const struct insn *in);

/* Whether [addr, addr+size) has bytes that are watched for one of the kinds.  Only with HOOK_WATCH. */
bool hooks_watched(const struct hooks *k, uint32_t addr, uint32_t size, uint32_t kinds);
/* Asks on_access.  False: it says no, held is set.  Anything may have been flushed. */
bool hooks_ask(struct hart *h, const struct hart_data_access *a);
/*
 * For the interpreter, before an access by the instruction op: asks, if that is wanted, and sets hit.  False: the access
 * is not to be made, or code was flushed while asking.
 */
bool hooks_before_access(struct hart *h, const struct hart_data_access *a, int op, bool ask);
/* At the beginning of hart_run(): what is no longer wanted. */
void hooks_settle(struct hart *h);

/* --- for the JIT */

/* Whether the instruction is for the interpreter, because of a hook. */
bool hooks_want_interpreter(const struct hooks *k, uint32_t pc, const struct insn *in);

#endif
