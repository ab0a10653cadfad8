/* SPDX-License-Identifier: MIT
 *
 * The model of mm/: random calls of many tasks, beside a reference so naive that it is plainly right.
 *
 * The reference keeps everything in small arrays and looks through all of them each time: a page's
 * holder in an array by page, mappings and regions in no order.  It never asks mm/ what to expect.
 *
 *	reference.c	who holds each page, what is mapped where, what mm/ must answer
 *	calls.c		mmap, munmap, mremap, brk and shm, made on both
 *	tasks.c		files that change, vfork, exec and exit
 *	compare.c	everything that can be seen of mm/ is what the reference has
 *	tests/unit/test_mm_model.c: rounds, strategies, processes
 *
 * A round is one machine from its start to its end, made from one number, its seed: size of memory,
 * strategy's limits, compat or not, and all calls.  What goes wrong can be seen again from that alone.
 */
#ifndef MODEL_H
#define MODEL_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mm/mm.h"
#include "mm/page.h"
#include "mm/shm.h"

#define PG FLAT_PAGE_SIZE
#define PAGES_MAX 1024u		/* of RAM */
enum { TASKS = 8, SPACES = TASKS + 1, FILES = 5, SEGMENTS = 5, MAPPINGS = 96 };
enum { SOURCES = FILES + SEGMENTS, NOTHING = -1 };

enum kind { ANON, OWN, RO, SHARED, SHM };	/* OWN: a private writable copy of a file */

struct mapping {
	bool live;
	enum kind kind;
	int space, region;
	int source;			/* a file, FILES + a segment, or NOTHING */
	uint32_t start, end;
	uint32_t token;			/* ANON: in the first and the last word of each page */
	uint64_t born;
};

struct region {
	int refs;
	int source;			/* NOTHING: no later mapping can share it */
	bool direct;			/* shows its source's memory; else the pages are its own */
	uint32_t start, end, top;
	uint32_t lo, hi;		/* pages of the source */
	uint32_t bytes, text;		/* the file when it was mapped: its length, and which text it had */
	uint64_t born;
};

struct segment {
	bool live, removed;
	int id, nattch;
	uint32_t pages, addr;		/* addr: 0 until it is attached for the first time */
};

struct model_file {
	struct mm_source source;
	bool memory;			/* its bytes lie in guest pages, and can be mapped there */
	uint32_t bytes, addr, text;
	int refs;			/* taken by mm/ */
};

struct space {
	int tasks;			/* how many live in it; 0: there is none */
	struct mm_space *s;
	uint32_t start_brk, brk, end_brk;
};

struct page {
	int holder;			/* FREE, a region, SOURCE + a source */
	int shown;			/* direct regions that hold it too */
};
enum { FREE = -1, SOURCE = MAPPINGS };

struct model {
	const struct page_ops *strategy;
	struct flat *flat;
	struct mm *mm;
	uint64_t seed, random, step;
	bool compat, uncleared;		/* uncleared: MAP_UNINITIALIZED is honoured */
	bool failing;			/* the next page allocation was told to fail */
	bool poison;			/* free pages are filled with a pattern */
	bool trace;
	unsigned max_order;
	uint32_t base, count, trim;	/* first page and number of pages of RAM; vm.nr_trim_pages */
	uint64_t births;
	int task[TASKS];		/* the space it lives in, or NOTHING */
	struct space spaces[SPACES];	/* one more than tasks: exec builds the new one beside the old */
	struct model_file files[FILES];
	struct segment segments[SEGMENTS];
	struct mapping maps[MAPPINGS];
	struct region regions[MAPPINGS];
	struct page pages[PAGES_MAX];
};

extern struct model model;

/* --- The round and its failures (test_mm_model.c) --- */
__attribute__((format(printf, 1, 2), noreturn))
void model_fail(const char *format, ...);
#define must(what) do { if (!(what)) model_fail("%s:%d: %s", __FILE__, __LINE__, #what); } while (0)
#define must_eq(is, want) do {								\
		int64_t is_ = (int64_t)(is), want_ = (int64_t)(want);			\
		if (is_ != want_)							\
			model_fail("%s:%d: %s is %lld, should be %lld", __FILE__, __LINE__, #is,	\
				   (long long)is_, (long long)want_);			\
	} while (0)
#define trace(...) do { if (model.trace) printf(__VA_ARGS__); } while (0)

static inline uint32_t rnd(uint32_t below)
{
	model.random = model.random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((model.random >> 33) % below);
}

static inline uint32_t page_up(uint32_t n)
{
	return (n + PG - 1) & ~(PG - 1);
}

/* --- reference.c --- */
struct mapping *ref_blank(void);	/* NULL: all are in use, and the call is left out */
int ref_region(void);
/* Pages [start, end) get a holder; they must be free.  And lose it. */
void ref_hold(uint32_t start, uint32_t end, int holder);
void ref_release(uint32_t start, uint32_t end);
/* The same for one more, or one less, direct region that shows them. */
void ref_show(uint32_t start, uint32_t end, int by);
/* What an anonymous run of so many pages holds. */
uint32_t ref_held(uint32_t pages);
/* The largest run that the strategy can give, in pages; and how many pages are free. */
uint32_t ref_largest(void);
uint32_t ref_free(void);
/* The kernel has no run of so many pages, whatever the strategy. */
bool ref_too_large(uint32_t pages);
/* An allocation of so many pages was refused: there must have been a reason. */
void ref_refused(uint32_t pages);
/* Fills in a mapping of [start, start + len) that shows region. */
void ref_map(struct mapping *p, int region, uint32_t start, uint32_t len);
void ref_unmap(struct mapping *p);
/* A region with pages of its own at start. */
int ref_own(uint32_t start, uint32_t len);
/* A region of the source that a mapping of its pages [lo, hi) must share, or NOTHING. */
int ref_shareable(int source, uint32_t lo, uint32_t hi, bool direct);
bool ref_overlapping(int source, uint32_t lo, uint32_t hi);
/* The youngest mapping with these bounds; an anonymous one that has all of them; the next one by address. */
struct mapping *ref_exact(int space, uint32_t start, uint32_t end);
struct mapping *ref_anon_over(int space, uint32_t start, uint32_t end);
struct mapping *ref_next(int space, const struct mapping *p);
struct mapping *ref_any(int space);
/* munmap(2): 0 or -errno, carried out. */
int ref_munmap(int space, uint32_t start, uint32_t len);

/* --- calls.c: on both.  False if mm/ answered, rightly, with an error. --- */
bool call_anon(int space, uint32_t len, bool uninitialized);
bool call_file(int space, int file, uint32_t lo, uint32_t len, enum kind kind);
void call_munmap(int space);
void call_mremap(int space);
void call_brk(int space);
void call_shm(int space);
/* What is mapped holds what it should. */
void check_contents(const struct mapping *p);

/* --- tasks.c --- */
void files_start(void);
void files_end(void);
void file_change(int file);
int model_any(void);
void model_boot(void);			/* a first task, with a space that is empty */
void model_vfork(int task);
void model_exec(int task);
void model_exit(int task);

/* --- compare.c --- */
void compare_counts(void);		/* cheap: after each call */
void compare_all(void);

#endif
