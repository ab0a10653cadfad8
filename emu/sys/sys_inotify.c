/* SPDX-License-Identifier: MIT
 *
 * inotify_init1, inotify_add_watch, inotify_rm_watch.
 */
#include "emu/kernel/files.h"

#include <errno.h>
#include "emu/event/inotify.h"
#include "emu/fs/notify.h"

#define ALL_BITS \
	(NOTIFY_EVENTS | INOTIFY_UNMOUNT | INOTIFY_Q_OVERFLOW | INOTIFY_IGNORED | INOTIFY_ONLYDIR | INOTIFY_DONT_FOLLOW | \
	 INOTIFY_EXCL_UNLINK | INOTIFY_MASK_CREATE | INOTIFY_MASK_ADD | INOTIFY_ISDIR | INOTIFY_ONESHOT)

int64_t sys_inotify_init1(struct task *t, const uint32_t a[6])
{
	struct file *f;
	int err;

	if (a[0] & ~(uint32_t)(G_O_CLOEXEC | G_O_NONBLOCK))
		return -EINVAL;
	err = inotify_new(t->machine, t->cred.euid, a[0] & G_O_NONBLOCK, &f);
	return err ? err : files_install(t, f, 0, a[0] & G_O_CLOEXEC);
}

static int find(struct task *t, const char *path, uint32_t mask, struct path_ref *out)
{
	unsigned flags = (mask & INOTIFY_DONT_FOLLOW ? 0 : WALK_FOLLOW) | (mask & INOTIFY_ONLYDIR ? WALK_DIR : 0);
	struct vfs_cred cred;
	struct walk w;
	int err = task_walk(t, G_AT_FDCWD, path, flags, &w, &cred);

	if (!err)
		err = vfs_walk(&w, path, out, NULL);
	if (err)
		return err;
	err = vfs_permission(out->dentry->inode, 4, &cred);
	if (err)
		path_put(out);
	return err;
}

int64_t sys_inotify_add_watch(struct task *t, const uint32_t a[6])
{
	const uint32_t both = INOTIFY_MASK_ADD | INOTIFY_MASK_CREATE;
	char path[PATH_MAX_GUEST];
	struct path_ref p;
	struct file *f;
	int64_t r;

	if ((a[2] & ~ALL_BITS) || !a[2])
		return -EINVAL;
	f = files_io(t, a[0]);
	if (!f)
		return -EBADF;
	if ((a[2] & both) == both || !inotify_of(f))
		return -EINVAL;
	r = user_path(t, path, a[1]);
	if (r < 0)
		return r;
	r = find(t, path, a[2], &p);
	if (r)
		return r;
	r = inotify_watch(inotify_of(f), p.dentry->inode, a[2]);
	path_put(&p);
	return r;
}

int64_t sys_inotify_rm_watch(struct task *t, const uint32_t a[6])
{
	struct file *f = files_io(t, a[0]);

	if (!f)
		return -EBADF;
	return inotify_of(f) ? inotify_unwatch(inotify_of(f), (int)a[1]) : -EINVAL;
}
