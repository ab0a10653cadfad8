/* SPDX-License-Identifier: MIT
 *
 * What the files of mm/ share and nobody else sees.
 *
 * A region is a stretch of memory that mappings show (kernel: struct vm_region).  It either owns
 * its pages (a "copy": anonymous memory, or bytes read from a file) or shows memory that belongs
 * to its source ("direct").  VMAs hold references on it; the last one to go frees the pages.
 * A VMA is one space's view of a region, or of a part of it.
 *
 * Ends are 64 bits wide, so that the end of the address space is a number.
 */
#ifndef MM_INTERNAL_H
#define MM_INTERNAL_H

#include "mm/interval.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/tree.h"

struct shm_table;

struct mm {
	struct mm_config config;
	struct flat *flat;
	struct pages pages;
	bool *poisoned;			/* by frame: it was freed, and then filled; NULL without config.poison */
	struct tree regions;		/* all, by what they hold */
	struct mm_space *spaces;	/* all, newest first */
	uint64_t serial;		/* the last one given to a region or VMA */
	uint64_t copy_pages;		/* held by regions */
	uint64_t other_pages;		/* held through mm_pages_get() */
	uint32_t nr_vmas;
	unsigned munmap_warnings;	/* the kernel logs the first five only */
#ifdef FLAT32_DEBUG
	struct tally *tally;		/* what to check with */
	unsigned depth;			/* operations inside one another: a source may call from one */
#endif
	struct shm_table *shm;		/* NULL until the first shmget() */
	struct {
		int64_t since;		/* when the first of them was shown */
		unsigned shown, missed;
	} postmortems;
};

struct mm_region {
	struct interval held;		/* in mm->regions: [start, top); the serial is the region's */
	struct interval pgs;		/* in one of its source's trees if shareable: page offsets */
	uint32_t start;
	uint64_t end, top;		/* end of what is mapped, end of what is held (slack between) */
	uint64_t pgoff;
	struct mm_source *source;	/* NULL: anonymous */
	uint32_t prot;
	uint32_t refs;
	bool copy;			/* it owns its pages */
	bool shared, overlay;		/* VM_SHARED and VM_MAYSHARE; VM_MAYOVERLAY */
	bool added;			/* it is in mm->regions */
	bool listed;			/* it is in its source's tree */
	bool told;			/* its source knows of it, and is to be told of the end (unmapped()) */
	bool holds_pages;		/* direct, with a reference on each page of a memory file */
};

struct mm_vma {
	struct interval all;		/* in the space: [start, end); the serial is the VMA's */
	struct interval anon;		/* the same, among the anonymous ones, which never overlap */
	uint32_t start;
	uint64_t end;
	uint64_t pgoff;
	uint32_t prot;
	bool shared, overlay;		/* as mapped; a private VMA may show a shared region */
	struct mm_region *region;
};

struct mm_space {
	struct mm_space *next, **link;	/* in mm->spaces */
	struct mm *mm;
	uint32_t refs;
	struct tree vmas, anon;
	struct mm_layout layout;
	int pid;
	char comm[16];
};

static inline uint64_t page_up(uint64_t n)
{
	return (n + FLAT_PAGE_SIZE - 1) & ~(uint64_t)(FLAT_PAGE_SIZE - 1);
}

static inline bool page_aligned(uint64_t n)
{
	return n % FLAT_PAGE_SIZE == 0;
}

/* --- mm.c --- */
/* Levels of syslog: what went wrong is a warning, its details are information. */
enum { MM_LOG_ERR = 3, MM_LOG_WARNING = 4, MM_LOG_INFO = 6 };
__attribute__((format(printf, 2, 3)))
void mm_log(struct mm *mm, const char *format, ...);	/* a warning */
__attribute__((format(printf, 3, 4)))
void mm_log_at(struct mm *mm, int level, const char *format, ...);
/* A run of at least `pages` pages in *addr, trimmed by vm.nr_trim_pages to *held pages.  0 or -ENOMEM. */
int mm_run_get(struct mm *mm, uint32_t pages, uint32_t *addr, uint32_t *held);
/* The whole pages [addr, end) of a run go back to the allocator.  They are a region's own: nobody else holds one. */
void mm_run_put(struct mm *mm, uint32_t addr, uint64_t end);
/* What may have been code in [addr, addr+len) is no more (mm_config.code_gone). */
void mm_code_gone(struct mm *mm, uint32_t addr, uint32_t len);
/* Drops a reference on each of these frames. */
void mm_frames_put(struct mm *mm, uint32_t first, uint32_t nr);

/* --- poison.c --- */
/* Has the pages watched for config.poison.  0 or -ENOMEM. */
int poison_init(struct mm *mm);
void poison_fini(struct mm *mm);

/* --- check.c --- */
/*
 * At the top of each operation that changes anything.  In a debug build mm_check() runs when the outermost
 * one returns, and a broken invariant ends the program with a line that names it and the operation.
 */
#ifdef FLAT32_DEBUG
struct operation {
	struct mm *mm;
	const char *name;
};
struct operation operation_begin(struct mm *mm, const char *name);
void operation_end(struct operation *o);
/* Memory to check with is made beforehand: a host that has none must not look like damage.  0 or -ENOMEM. */
int operations_init(struct mm *mm);
void operations_fini(struct mm *mm);
#define MM_OPERATION(mm, name) \
	__attribute__((unused, cleanup(operation_end))) struct operation operation_ = operation_begin(mm, name)
#else
static inline int operations_init(struct mm *mm) { (void)mm; return 0; }
static inline void operations_fini(struct mm *mm) { (void)mm; }
#define MM_OPERATION(mm, name) ((void)(mm))
#endif

/* --- region.c --- */
/* May be shared by later mappings of its source (kernel: is_nommu_shared_mapping()). */
static inline bool region_shareable(const struct mm_region *r)
{
	return r->source && (r->shared || r->overlay);
}
/* A blank region with one reference, which it takes on the source (may be NULL); or NULL. */
struct mm_region *region_new(struct mm *mm, struct mm_source *source, uint64_t pgoff);
/* Puts it among mm's regions and its source's.  0 or -ENOMEM. */
int region_add(struct mm *mm, struct mm_region *r);
/*
 * Drops a reference; the last one takes it out of the trees and frees what it holds.  Then, if no mapping of its
 * source is left, the source is told: it may do with its memory what it likes.
 */
void region_put(struct mm *mm, struct mm_region *r);
/* Moves the bounds of an anonymous region; its pages are the caller's business. */
void region_set(struct mm *mm, struct mm_region *r, uint32_t start, uint64_t end, uint64_t top);
/*
 * A shareable region of the source that has all of the pages [pgoff, end); or NULL.  direct, copy: what it may be;
 * a direct one is preferred.
 */
struct mm_region *region_covering(struct mm_source *source, uint64_t pgoff, uint64_t end, bool direct, bool copy);
/* Some shareable region of the source has one of them. */
bool region_overlapping(struct mm_source *source, uint64_t pgoff, uint64_t end);

/* --- vma.c --- */
/*
 * A VMA of the space that shows r, with the bounds and properties of `like`; or NULL: no host memory, or more mappings
 * than the machine may have.  It takes over a reference on r.
 */
struct mm_vma *vma_new(struct mm_space *s, struct mm_region *r, const struct mm_vma *like);
/* Takes it out of the space, drops its region, and frees it. */
void vma_delete(struct mm_space *s, struct mm_vma *v);
void vma_set(struct mm_space *s, struct mm_vma *v, uint32_t start, uint64_t end);
/* The youngest VMA with exactly these bounds, or NULL. */
struct mm_vma *vma_exact(struct mm_space *s, uint64_t start, uint64_t end);
/* A VMA that has all of [start, end); or NULL.  The second: an anonymous one. */
struct mm_vma *vma_covering(struct mm_space *s, uint64_t start, uint64_t end);
struct mm_vma *vma_covering_anon(struct mm_space *s, uint64_t start, uint64_t end);
/* The first VMA, by address, that has any byte of [start, end); or NULL. */
struct mm_vma *vma_overlapping(struct mm_space *s, uint64_t start, uint64_t end);
/* The first that starts at `start` or above; or NULL. */
struct mm_vma *vma_from(struct mm_space *s, uint64_t start);
struct mm_vma *vma_first(const struct mm_space *s);
struct mm_vma *vma_next(const struct mm_vma *v);

/* --- space.c --- */
void space_destroy(struct mm_space *s);

/* --- shm.c --- */
void shm_fini(struct mm *mm);
const char *shm_check(struct mm *mm);

#endif
