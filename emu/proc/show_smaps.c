/* SPDX-License-Identifier: MIT
 *
 * PID/smaps and PID/smaps_rollup, in the format of fs/proc/task_mmu.c.  The kernel has them with an MMU only, where they
 * are made from page tables.  Here the figures follow from the regions:
 *
 *	resident	all that is mapped: nothing is ever paged out, nothing is mapped before it is there
 *	shared		what more than one mapping shows, in whatever process; a Pss is the part of one of them
 *	dirty		what cannot be had again from a file: anonymous memory and what may be written
 *	device memory	counts as nothing resident, as with VM_PFNMAP
 *
 */
#include <errno.h>
#include "emu/proc/internal.h"

struct totals {
	uint64_t rss, pss, pss_dirty, pss_anon, pss_file, pss_shared;
	uint64_t shared_clean, shared_dirty, private_clean, private_dirty, anonymous;
	uint32_t start, end;
};

static void add(struct totals *t, const struct mm_vma_info *v)
{
	uint64_t size = v->device ? 0 : v->end - v->start, pss = size / v->users;
	bool dirty = v->anonymous || (v->prot & 2);
	/* A private copy of a file's bytes is its process's own, as after a copy on write. */
	bool own = v->anonymous || (dirty && !v->may_share);

	t->rss += size;
	t->pss += pss;
	t->pss_dirty += dirty ? pss : 0;
	*(own ? &t->pss_anon : v->shared ? &t->pss_shared : &t->pss_file) += pss;
	if (v->users > 1)
		*(dirty ? &t->shared_dirty : &t->shared_clean) += size;
	else
		*(dirty ? &t->private_dirty : &t->private_clean) += size;
	t->anonymous += own ? size : 0;
	if (!t->start)
		t->start = v->start;
	t->end = v->end;
}

static void line(struct proc_out *o, const char *name, uint64_t bytes)
{
	out(o, "%-15s %8llu kB\n", name, (unsigned long long)(bytes / 1024));
}

/* __show_smap(): what both files have. */
static void show(struct proc_out *o, const struct totals *t, bool rollup)
{
	line(o, "Rss:", t->rss);
	line(o, "Pss:", t->pss);
	line(o, "Pss_Dirty:", t->pss_dirty);
	if (rollup) {
		line(o, "Pss_Anon:", t->pss_anon);
		line(o, "Pss_File:", t->pss_file);
		line(o, "Pss_Shmem:", t->pss_shared);
	}
	line(o, "Shared_Clean:", t->shared_clean);
	line(o, "Shared_Dirty:", t->shared_dirty);
	line(o, "Private_Clean:", t->private_clean);
	line(o, "Private_Dirty:", t->private_dirty);
	line(o, "Referenced:", t->rss);
	line(o, "Anonymous:", t->anonymous);
	line(o, "KSM:", 0);
	line(o, "LazyFree:", 0);
	line(o, "AnonHugePages:", 0);
	line(o, "ShmemPmdMapped:", 0);
	line(o, "FilePmdMapped:", 0);
	line(o, "Shared_Hugetlb:", 0);
	line(o, "Private_Hugetlb:", 0);
	line(o, "Swap:", 0);
	line(o, "SwapPss:", 0);
	line(o, "Locked:", 0);
}

/* show_smap_vma_flags(): what may be done later is everything, since nothing is protected. */
static void show_flags(struct proc_out *o, const struct mm_vma_info *v)
{
	out(o, "VmFlags: %s%s%s%smr mw me %s%s\n", v->prot & 1 ? "rd " : "", v->prot & 2 ? "wr " : "",
	    v->prot & 4 ? "ex " : "", v->shared ? "sh " : "", v->may_share ? "ms " : "", v->device ? "pf io " : "");
}

static int show_one(void *ctx, const struct mm_vma_info *v)
{
	struct totals t = { 0 };

	add(&t, v);
	proc_out_mapping(ctx, v);
	line(ctx, "Size:", v->end - v->start);
	line(ctx, "KernelPageSize:", FLAT_PAGE_SIZE);
	line(ctx, "MMUPageSize:", FLAT_PAGE_SIZE);
	show(ctx, &t, false);
	out(ctx, "THPeligible:    %8u\n", 0);
	show_flags(ctx, v);
	return ((struct proc_out *)ctx)->failed;
}

static int add_one(void *ctx, const struct mm_vma_info *v)
{
	add(ctx, v);
	return 0;
}

static int refused(const struct proc_who *w)
{
	if (!proc_may_look(w))
		return -EACCES;
	return w->t->space ? 0 : -ESRCH;
}

int show_smaps(struct proc_out *o, const struct proc_who *w)
{
	int err = refused(w);

	if (!err)
		mm_space_walk(w->t->space, show_one, o);
	return err;
}

int show_smaps_rollup(struct proc_out *o, const struct proc_who *w)
{
	struct totals t = { 0 };
	struct mm_vma_info all = { .path = "[rollup]" };
	int err = refused(w);

	if (err)
		return err;
	mm_space_walk(w->t->space, add_one, &t);
	all.start = t.start;
	all.end = t.end;
	proc_out_mapping(o, &all);
	show(o, &t, true);
	return 0;
}
