/* SPDX-License-Identifier: MIT
 *
 * Memory: mappings and regions (fs/proc/task_nommu.c, nommu.c), meminfo, free blocks, System V segments.
 */
#include <errno.h>
#include <string.h>
#include "emu/proc/internal.h"
#include "mm/shm.h"

/* --- maps --- */

#define PATH_COLUMN 49	/* seq_setwidth(25 + 6 * sizeof(void *) - 1), and a blank */

int proc_out_mapping(void *ctx, const struct mm_vma_info *v)
{
	struct proc_out *o = ctx;
	size_t start = o->len;

	out(o, "%08x-%08x %c%c%c%c %08llx %02x:%02x %llu ", v->start, v->end, v->prot & 1 ? 'r' : '-',
	    v->prot & 2 ? 'w' : '-', v->prot & 4 ? 'x' : '-', v->may_share ? v->shared ? 'S' : 's' : 'p',
	    (unsigned long long)v->offset, v->major, v->minor, (unsigned long long)v->inode);
	if (v->path[0]) {
		if (o->len - start < PATH_COLUMN)
			out_pad(o, start, PATH_COLUMN);
		out_escaped(o, v->path, "");
	}
	out(o, "\n");
	return o->failed;
}

int show_maps(struct proc_out *o, const struct proc_who *w)
{
	if (!proc_may_look(w))
		return -EACCES;
	if (!w->t->space)
		return -ESRCH;
	mm_space_walk(w->t->space, proc_out_mapping, o);
	return 0;
}

int show_region_maps(struct proc_out *o, const struct proc_who *w)
{
	mm_region_walk(w->m->mm, proc_out_mapping, o);
	return 0;
}

/* --- The whole machine's --- */

static void line(struct proc_out *o, const char *name, uint64_t bytes)
{
	out(o, "%-15s %8llu kB\n", name, (unsigned long long)(bytes / 1024));
}

/*
 * The kernel's lines in its order.  What flat32 keeps on the host (slabs, kernel stacks, page tables) takes nothing of
 * the guest's RAM: 0.  Buffers is the RAM disk, Cached what memory files and segments hold.  None of that can be
 * dropped, so it is Shmem too, and not available; the kernel has no Shmem without an MMU, since tmpfs is ramfs there.
 */
int show_meminfo(struct proc_out *o, const struct proc_who *w)
{
	struct mm_stats s;
	uint64_t files;

	mm_get_stats(w->m->mm, &s);
	files = s.shmem - w->m->ramdisk_size;
	line(o, "MemTotal:", s.total);
	line(o, "MemFree:", s.free);
	line(o, "MemAvailable:", s.free);
	line(o, "Buffers:", w->m->ramdisk_size);
	line(o, "Cached:", files);
	line(o, "SwapCached:", 0);
	line(o, "Active:", 0);
	line(o, "Inactive:", 0);
	line(o, "Active(anon):", 0);
	line(o, "Inactive(anon):", 0);
	line(o, "Active(file):", 0);
	line(o, "Inactive(file):", 0);
	line(o, "Unevictable:", s.shmem);
	line(o, "Mlocked:", 0);
	line(o, "MmapCopy:", s.mmap_copy);
	line(o, "SwapTotal:", 0);
	line(o, "SwapFree:", 0);
	line(o, "Dirty:", 0);
	line(o, "Writeback:", 0);
	line(o, "AnonPages:", 0);
	line(o, "Mapped:", 0);
	line(o, "Shmem:", w->m->options.compat_linux ? 0 : files);
	line(o, "KReclaimable:", 0);
	line(o, "Slab:", 0);
	line(o, "SReclaimable:", 0);
	line(o, "SUnreclaim:", 0);
	line(o, "KernelStack:", 0);
	line(o, "PageTables:", 0);
	line(o, "SecPageTables:", 0);
	line(o, "NFS_Unstable:", 0);
	line(o, "Bounce:", 0);
	line(o, "WritebackTmp:", 0);
	line(o, "CommitLimit:", s.total / 2);
	line(o, "Committed_AS:", 0);
	line(o, "VmallocTotal:", 0);
	line(o, "VmallocUsed:", 0);
	line(o, "VmallocChunk:", 0);
	line(o, "Percpu:", 0);
	return 0;
}

/* --- System V shared memory (ipc/shm.c sysvipc_shm_proc_show) --- */

static int out_segment(void *ctx, const struct mm_shm_info *i)
{
	struct proc_out *o = ctx;

	out(o, "%10d %10d  %4o %10u %5d %5d  %5u %5u %5u %5u %5u %10lld %10lld %10lld %10llu %10u\n", i->key, i->id,
	    i->mode, i->size, i->cpid, i->lpid, i->nattch, i->uid, i->gid, i->cuid, i->cgid, (long long)i->atime,
	    (long long)i->dtime, (long long)i->ctime, (unsigned long long)i->pages * FLAT_PAGE_SIZE, 0);
	return o->failed;
}

int show_sysvipc_shm(struct proc_out *o, const struct proc_who *w)
{
	out(o, "       key      shmid perms       size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime"
	       "      ctime        rss       swap\n");
	mm_shm_walk(w->m->mm, out_segment, o);
	return 0;
}
