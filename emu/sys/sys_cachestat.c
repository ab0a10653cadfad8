/* SPDX-License-Identifier: MIT
 *
 * cachestat(2): how much of a file is in memory (mm/filemap.c).
 *
 * Files of memory file systems are nowhere else.  Of others no pages are kept, each read goes to the disk or the host: nothing of
 * them is in memory.  No page is ever dirty by Linux's count, which memory files do not take part in.
 */
#include <errno.h>
#include "emu/kernel/files.h"

struct guest_range { uint64_t off, len; };
struct guest_cachestat { uint64_t cached, dirty, writeback, evicted, recently_evicted; };

/* Who could not write to it is not told (can_do_cachestat()). */
static bool may_ask(const struct task *t, const struct file *f)
{
	struct vfs_cred cred;

	task_vfs_cred(t, &cred);
	return file_writable(f) || cred.uid == f->inode->uid || vfs_capable(&cred, VFS_FOWNER) || !vfs_permission(f->inode, 2, &cred);
}

int64_t sys_cachestat(struct task *t, const uint32_t a[6])
{
	struct guest_cachestat out = { 0 };
	struct guest_range range;
	struct file *f = files_io(t, a[0]);
	uint64_t first, last;

	if (!f)
		return -EBADF;
	if (user_read(t, &range, a[1], sizeof range))
		return -EFAULT;
	if (!may_ask(t, f))
		return -EPERM;
	if (a[3])
		return -EINVAL;
	first = range.off / FLAT_PAGE_SIZE;
	last = range.len ? (range.off + range.len - 1) / FLAT_PAGE_SIZE : UINT64_MAX;
	if (f->inode->ops->cached && first <= last)
		out.cached = f->inode->ops->cached(f->inode, first, last);
	return user_write(t, a[2], &out, sizeof out);
}
