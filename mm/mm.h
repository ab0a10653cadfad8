/* SPDX-License-Identifier: MIT
 *
 * Memory management in the no-MMU manner (nommu-mmap.txt; Linux mm/nommu.c).
 *
 * struct mm is the machine's: pages (mm/page.h), and the regions made of them.
 * struct mm_space is one process's (the kernel's mm_struct): its VMAs, brk and stack.
 * Regions are global, shared by reference and known by their source; VMAs belong to
 * one space.  Everything is in guest memory at its physical address: mapping is
 * finding, never translating.
 *
 * Flags and protections are Linux's own numbers (MAP_*, PROT_*), as the guest passes them.
 */
#ifndef MM_MM_H
#define MM_MM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "mm/flat.h"
#include "mm/source.h"

struct mm;
struct mm_space;

/* What only the owner of the machine knows of a request.  Blank where it knows nothing. */
struct mm_caller {
	int pid;
	char comm[16];
	char call[32];		/* "mmap2", "execve": the system call, or what else is going on */
	char where[192];	/* the caller's place, in words */
	uint32_t pc;		/* of the instruction that asked; 0: none did */
};

struct mm_config {
	uint32_t ram_base;	/* guest address of the first page handed out */
	uint32_t ram_size;	/* bytes; a multiple of the page size */
	uint32_t nr_trim_pages;	/* vm.nr_trim_pages: 0 off, 1 aggressive, N a watermark */
	unsigned max_order;	/* largest buddy block: 2^max_order pages; 0: as large as RAM allows */
	/*
	 * Linux 6.12's own limits and answers where they differ from nommu-mmap.txt: blocks up to
	 * order 10, no growing into slack, mismatched sharing refused, address hints ignored, no
	 * shmat(), futexes not checked against the mappings.  docs/differences.md has them all.
	 */
	bool compat_linux;
	bool ignore_uninitialized;	/* clear anonymous memory even for MAP_UNINITIALIZED */
	const char *strategy;	/* a page strategy's name (mm/page.h); NULL: the buddy allocator */
	/* The fail_alloc-th page allocation fails, and then each fail_every-th; 0: none. */
	uint64_t fail_alloc, fail_every;
	/*
	 * Not 0: each mapping that takes pages comes to lie a pseudo-random number of pages (1 to 61, by this seed)
	 * from where it would; an FDPIC program's text and data then have another distance each time.
	 */
	uint32_t scatter;
	bool poison;		/* free pages are filled with a pattern, and checked when handed out */
	/* Memory that may have held code was freed or changed, or lost the mapping that showed it. May be NULL. */
	void (*code_gone)(void *owner, uint32_t addr, uint32_t len);
	/* One line for the kernel log (no newline, no other control character), at a level of syslog's, 0 to 7. May be NULL. */
	void (*log)(void *owner, int level, const char *line);
	/* Who is asking for memory just now, for mm/postmortem.h. May be NULL. */
	void (*caller)(void *owner, struct mm_caller *out);
	/* Seconds since the epoch, for what must be stamped when a mapping goes. May be NULL (0). */
	int64_t (*now)(void *owner);
	void *owner;
};

/* flat must have [ram_base, ram_base+ram_size) committed; it is borrowed.  0 or -errno. */
int mm_new(struct mm **out, struct flat *flat, const struct mm_config *config);
void mm_free(struct mm *mm);
struct flat *mm_flat(struct mm *mm);
/* vm.nr_trim_pages, readable and writable at run time. */
uint32_t mm_trim(const struct mm *mm);
void mm_set_trim(struct mm *mm, uint32_t nr_trim_pages);

struct mm_stats {
	uint64_t total, free, largest_free;	/* bytes of RAM */
	uint64_t mmap_copy;			/* bytes held by regions (meminfo MmapCopy), slack included */
	uint64_t shmem;				/* bytes held by memory files and SysV shm */
	unsigned max_order;			/* the largest block a rounding strategy may form */
	uint32_t regions, vmas;
	uint64_t allocations, refused;		/* page allocations so far; of these, failed ones */
	uint64_t visited;			/* free blocks the strategy looked at for all of them (mm/page.h) */
	uint32_t free_blocks[32];		/* by order, as /proc/buddyinfo */
};
void mm_get_stats(const struct mm *mm, struct mm_stats *out);
/* Verifies every invariant; NULL, or a sentence that says what is broken. */
const char *mm_check(struct mm *mm);
/* The n-th page allocation from now fails as if there were no memory; 0: none does. */
void mm_fail_after(struct mm *mm, uint64_t n);
/* mm_config.scatter from now on; 0: no more. */
void mm_scatter(struct mm *mm, uint32_t seed);

/* --- Contiguous pages for others (memory files, SysV shm): not tied to a space. --- */
/*
 * Exactly `pages` contiguous pages (power-of-two block, excess given back).  Not cleared.  0, -ENOMEM, or
 * with compat_linux -EFBIG: more than the largest block (fs/ramfs/file-nommu.c has it from there).
 * Any part may be put on its own.  A page that a direct mapping of a MM_REGULAR source shows stays
 * in use until the mapping is gone, even if it is put earlier (a file removed or cut).
 */
int mm_pages_get(struct mm *mm, uint32_t pages, uint32_t *addr);
void mm_pages_put(struct mm *mm, uint32_t addr, uint32_t pages);
/* For callers of mm_pages_get() that cannot make do with less: why there was no run, into the log. */
void mm_pages_missed(struct mm *mm, uint32_t pages);

/* --- Spaces --- */
int mm_space_new(struct mm *mm, struct mm_space **out);	/* one reference */
struct mm_space *mm_space_get(struct mm_space *s);
bool mm_space_shared(const struct mm_space *s);		/* there is more than one reference */
void mm_space_put(struct mm_space *s);			/* the last one unmaps everything */
/* The machine's memory that the space is in. */
struct mm *mm_space_mm(struct mm_space *s);
/* Who the space belongs to, for log lines and post-mortems. */
void mm_space_owner(struct mm_space *s, int pid, const char *comm);

struct mm_map {
	uint32_t addr;			/* a place asked for: an error, ignored with compat_linux */
	uint32_t len;			/* bytes */
	uint32_t prot, flags;		/* PROT_*, MAP_* */
	uint64_t pgoff;			/* offset in pages */
	struct mm_source *source;	/* NULL: MAP_ANONYMOUS, or a descriptor that cannot be mapped (-ENODEV) */
	bool readable, writable;	/* how the descriptor was opened */
	bool append;			/* the inode is append-only (chattr +a; O_APPEND does not count) */
	bool traced;			/* the task is being traced: a private copy, for breakpoints */
	bool noexec;			/* the mount forbids PROT_EXEC */
};
/*
 * mmap(2).  0 and *addr, or -errno as kernel mm/nommu.c do_mmap gives.  -ENOMEM also when the records of all mappings,
 * which are the host's, would take more than the guest has RAM.
 */
int mm_mmap(struct mm_space *s, const struct mm_map *m, uint32_t *addr);
int mm_munmap(struct mm_space *s, uint32_t addr, uint32_t len);
/* mremap(2): 0 and *new_addr, or -errno. */
int mm_mremap(struct mm_space *s, uint32_t addr, uint32_t old_len, uint32_t new_len,
	      uint32_t flags, uint32_t fixed, uint32_t *new_addr);
/* brk(2): the resulting break. */
uint32_t mm_brk(struct mm_space *s, uint32_t brk);

/* Set by the loader once the image is in place; also what /proc and brk(2) report. */
struct mm_layout {
	uint32_t start_code, end_code, start_data, end_data;
	uint32_t start_brk, brk, end_brk;
	uint32_t start_stack;		/* sp at entry */
	uint32_t stack_bottom, stack_top;	/* the VMA labelled [stack] */
	uint32_t arg_start, arg_end, env_start, env_end;
	uint32_t exec_loadmap, interp_loadmap;	/* PTRACE_GETFDPIC */
};
struct mm_layout *mm_layout(struct mm_space *s);

/* True if [addr, addr+len) lies in one VMA of the space. */
bool mm_mapped(struct mm_space *s, uint32_t addr, uint32_t len);
/*
 * How many of the `len` bytes from addr lie in VMAs side by side, each of which has all bits of prot (of several that lie
 * over one another it is enough if one has).  O(log n) for each VMA on the way that lies alone.
 */
uint32_t mm_reach(struct mm_space *s, uint32_t addr, uint32_t len, uint32_t prot);

/* --- What can be seen --- */
struct mm_vma_info {
	uint32_t start, end;		/* guest addresses; end is page-rounded */
	uint32_t prot;			/* PROT_* */
	bool may_share, shared;		/* VM_MAYSHARE, VM_SHARED */
	bool anonymous;			/* no source behind it */
	bool device;			/* it shows a character device's own memory, not RAM */
	uint32_t users;			/* mappings, of all spaces, that show the same region */
	uint64_t offset;		/* bytes in the source; anonymous: 0, a region that was split off: see munmap.c */
	uint32_t major, minor;
	uint64_t inode;
	char path[256];			/* "" if none; "[stack]" for the stack */
};
typedef int (*mm_walk_fn)(void *ctx, const struct mm_vma_info *info);
/* VMAs of a space, or all regions, by address; stops when fn returns non-zero and returns that. */
int mm_space_walk(struct mm_space *s, mm_walk_fn fn, void *ctx);
int mm_region_walk(struct mm *mm, mm_walk_fn fn, void *ctx);
struct mm_usage { uint64_t bytes, slack, shared; uint32_t vmas; };	/* /proc/PID/status: Mem, Slack, Shared */
void mm_space_usage(struct mm_space *s, struct mm_usage *out);

/* --- SysV shared memory: mm/shm.h.  Futexes: mm/futex.h. --- */

#endif
