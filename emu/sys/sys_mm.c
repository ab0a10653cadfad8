/* SPDX-License-Identifier: MIT
 *
 * mmap and its kin: from descriptors to mapping sources; all rules are mm/'s (mm/mm.h).
 */
#include <errno.h>
#include <sys/stat.h>
#include "emu/kernel/files.h"
#include "emu/kernel/log.h"
#include "emu/ptrace/ptrace.h"
#include "emu/sys/syscall.h"
#include "emu/sys/user.h"

#define MAP_ANONYMOUS_ 0x20u
#define MS_NOEXEC_ 8u

static void log_mapping(struct task *t, const char *what, uint32_t len, int err, uint32_t addr)
{
	if (err)
		log_info(t->machine, MM, "%s[%d]: %s of %u bytes: errno %d", t->comm, t->tid, what, len, -err);
	else
		log_info(t->machine, MM, "%s[%d]: %s of %u bytes: %08x", t->comm, t->tid, what, len, addr);
}

int64_t sys_mmap2(struct task *t, const uint32_t a[6])
{
	struct mm_map map = { .addr = a[0], .len = a[1], .prot = a[2], .flags = a[3], .pgoff = a[5],
			      .traced = task_is_traced(t) };
	struct file *f = NULL;
	uint32_t addr = 0;
	int err;

	/* ksys_mmap_pgoff() of mm/nommu.c: the descriptor first. */
	if (!(map.flags & MAP_ANONYMOUS_)) {
		f = files_io(t, a[4]);
		if (!f)
			return -EBADF;
		map.source = f->source;
		map.readable = file_readable(f);
		map.writable = file_writable(f);
		map.noexec = f->path.mnt && (f->path.mnt->flags & MS_NOEXEC_);
	}
	err = mm_mmap(t->space, &map, &addr);
	if (!err && f && S_ISREG(f->inode->mode))
		file_accessed(f);	/* ramfs_nommu_mmap(), or what reads a private copy */
	/* A device that shows something else than its data just now (mm/source.h, the flash rule). */
	if (err == -EAGAIN && f)
		return files_wait(t, f);
	log_mapping(t, "mmap", map.len, err, addr);
	return err ? err : (int64_t)addr;
}

int64_t sys_munmap(struct task *t, const uint32_t a[6])
{
	int err = mm_munmap(t->space, a[0], a[1]);

	log_mapping(t, "munmap", a[1], err, a[0]);
	return err;
}

int64_t sys_mremap(struct task *t, const uint32_t a[6])
{
	uint32_t addr = 0;
	int err = mm_mremap(t->space, a[0], a[1], a[2], a[3], a[4], &addr);

	log_mapping(t, "mremap", a[2], err, addr);
	return err ? err : (int64_t)addr;
}

int64_t sys_brk(struct task *t, const uint32_t a[6])
{
	uint32_t brk = mm_brk(t->space, a[0]);

	log_debug(t->machine, MM, "%s[%d]: brk %08x: %08x", t->comm, t->tid, a[0], brk);
	return brk;
}
