/* SPDX-License-Identifier: MIT
 *
 * mount, umount2, pivot_root (fs/namespace.c).
 */
#include "emu/fs/nsfs.h"
#include "emu/kernel/files.h"
#include "emu/sys/mount_attr.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>

enum { MGC_VAL = (int)0xc0ed0000, MGC_MASK = (int)0xffff0000 };
#define PROPAGATION (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE)
/* What of the flags belongs to the mount. */
#define MOUNT_FLAGS \
	(MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_SYNCHRONOUS | MS_NOATIME | MS_NODIRATIME | \
	 MS_RELATIME | MS_STRICTATIME | MS_SILENT | MS_DIRSYNC | MS_LAZYTIME | MS_MANDLOCK)

/* A string of at most a page (copy_mount_string); *out is NULL for address 0. */
static int mount_string(struct task *t, uint32_t addr, char buf[PATH_MAX_GUEST], const char **out)
{
	int64_t n;

	*out = NULL;
	if (!addr)
		return 0;
	n = user_path(t, buf, addr);
	if (n < 0)
		return n == -ENAMETOOLONG ? -EINVAL : (int)n;
	*out = buf;
	return 0;
}

bool mount_is_elsewhere(const struct task *t, const struct path_ref *p)
{
	const struct mount_ns *ns = mount_ns_of(p->mnt);

	return ns && ns != t->mounts;
}

/* MS_BIND and MS_MOVE: the source is a path, too. */
static int from_path(struct task *t, const char *source, const struct at_target *on, uint32_t flags)
{
	struct at_target from;
	int err;

	if (!source || !source[0])
		return -EINVAL;
	err = files_at_cred(t, G_AT_FDCWD, source, 0, NULL, &from);
	if (err)
		return err;
	if (mount_is_elsewhere(t, &from.path))
		err = -EINVAL;
	else if (flags & MS_MOVE)
		err = vfs_move_mount(t->machine, &from.path, &on->path);
	else
		err = vfs_bind(t->machine, &from.path, &on->path, flags & (MOUNT_FLAGS | MS_REC));
	files_at_put(&from);
	return err;
}

int64_t sys_mount(struct task *t, const uint32_t a[6])
{
	char source_buf[PATH_MAX_GUEST], type_buf[PATH_MAX_GUEST], data_buf[PATH_MAX_GUEST];
	const char *source, *type, *data;
	uint32_t flags = a[3];
	struct at_target on;
	int err;

	if ((flags & (uint32_t)MGC_MASK) == (uint32_t)MGC_VAL)
		flags &= ~(uint32_t)MGC_MASK;
	err = mount_string(t, a[2], type_buf, &type);
	if (!err)
		err = mount_string(t, a[0], source_buf, &source);
	if (!err)
		err = mount_string(t, a[4], data_buf, &data);
	if (!err)
		err = files_at(t, G_AT_FDCWD, a[1], 0, &on);
	if (err)
		return err;
	if (!task_capable(t, CAP_SYS_ADMIN_))
		err = -EPERM;
	else if (mount_is_elsewhere(t, &on.path) && (flags & (MS_REMOUNT | MS_BIND) || !(flags & PROPAGATION)))
		err = -EINVAL;		/* what a mount tells others may be said of any */
	else if (flags & MS_REMOUNT)
		err = vfs_remount(t->machine, &on.path, flags & (MOUNT_FLAGS | MS_BIND), data);
	else if (flags & MS_BIND)
		err = from_path(t, source, &on, flags & ~(uint32_t)MS_MOVE);
	else if (flags & PROPAGATION)
		err = vfs_change_propagation(t->machine, &on.path, flags & ~(uint32_t)(MS_REC | MS_SILENT), flags & MS_REC);
	else if (flags & MS_MOVE)
		err = from_path(t, source, &on, flags);
	else if (!type)
		err = -EINVAL;
	else
		err = vfs_mount(t->machine, type, source, &on.path, flags & MOUNT_FLAGS, data);
	files_at_put(&on);
	return err;
}

int64_t sys_umount2(struct task *t, const uint32_t a[6])
{
	enum { FORCE = 1, DETACH = 2, EXPIRE = 4, NOFOLLOW = 8 };
	struct at_target on;
	struct mount *mnt;
	int err;

	if (a[1] & ~(uint32_t)(FORCE | DETACH | EXPIRE | NOFOLLOW))
		return -EINVAL;
	err = files_at(t, G_AT_FDCWD, a[0], a[1] & NOFOLLOW ? G_AT_SYMLINK_NOFOLLOW : 0, &on);
	if (err)
		return err;
	if (on.path.dentry != on.path.mnt->root)
		err = -EINVAL;
	else if (!task_capable(t, CAP_SYS_ADMIN_))
		err = -EPERM;
	else if (mount_is_elsewhere(t, &on.path))
		err = -EINVAL;
	else if ((a[1] & EXPIRE) && (a[1] & (FORCE | DETACH)))
		err = -EINVAL;
	else
		err = vfs_umount(t->machine, &on.path, a[1]);
	mnt = on.path.mnt;
	files_at_put(&on);
	if (err == -EAGAIN)
		mnt->expiring = true;	/* it is still there */
	return err;
}

/* The root of every task that had the old one becomes the new one (chroot_fs_refs). */
static void move_roots(struct machine *m, const struct path_ref *from, const struct path_ref *to)
{
	for (struct process *p = process_first(m); p; p = p->next)
		for (struct task *t = p->threads; t; t = t->thread_next) {
			struct path_ref *where[2];

			if (!t->fs)
				continue;
			where[0] = &t->fs->root;
			where[1] = &t->fs->cwd;
			for (int i = 0; i < 2; i++) {
				struct path_ref next = *to, old = *where[i];

				if (old.mnt != from->mnt || old.dentry != from->dentry)
					continue;
				path_get(&next);
				*where[i] = next;
				path_put(&old);
			}
		}
}

int64_t sys_pivot_root(struct task *t, const uint32_t a[6])
{
	struct at_target new_root, put_old;
	struct path_ref from;
	int err;

	if (!task_capable(t, CAP_SYS_ADMIN_))
		return -EPERM;
	err = files_at(t, G_AT_FDCWD, a[0], 0, &new_root);
	if (err)
		return err;
	err = files_at(t, G_AT_FDCWD, a[1], 0, &put_old);
	if (err)
		goto out_new;
	from = t->fs->root;
	path_get(&from);
	if (mount_is_elsewhere(t, &new_root.path) || mount_is_elsewhere(t, &from))
		err = -EINVAL;
	else
		err = vfs_pivot_root(t->machine, &from, &new_root.path, &put_old.path);
	if (!err)
		move_roots(t->machine, &from, &new_root.path);
	path_put(&from);
	files_at_put(&put_old);
out_new:
	files_at_put(&new_root);
	return err;
}
