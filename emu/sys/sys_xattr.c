/* SPDX-License-Identifier: MIT
 *
 * Extended attributes (fs/xattr.c): the checks, in order; file systems that lie on disks have some. Where there are none, as in
 * memory, it is EOPNOTSUPP, and the list of a file's attributes is empty.
 */
#include "emu/kernel/files.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/fs/file_caps.h"
#include "emu/fs/notify.h"

enum { CAP_SETFCAP_ = 31 };
enum { NAME_SIZE = 256, VALUE_LIMIT = 65536, XATTR_FLAGS = 3 /* CREATE, REPLACE */ };
enum access { GET, SET, REMOVE };

static int get_name(struct task *t, uint32_t addr, char name[NAME_SIZE])
{
	int64_t n = flat_read_string(t->machine->flat, name, addr, NAME_SIZE);

	return n == -ENAMETOOLONG || !n ? -ERANGE : n < 0 ? (int)n : 0;
}

static bool begins(const char *name, const char *prefix)
{
	return !strncmp(name, prefix, strlen(prefix));
}

static bool is_acl(const char *name)
{
	return !strcmp(name, "system.posix_acl_access") || !strcmp(name, "system.posix_acl_default");
}

/* xattr_permission(), and cap_inode_setxattr(): who may have or give this one, if there were any. */
static int permission(struct task *t, const struct inode *i, const char *name, enum access access)
{
	bool write = access != GET;
	struct vfs_cred cred;

	if (is_acl(name))
		return 0;
	if (begins(name, "security."))
		return write && strcmp(name, "security.capability") && !task_capable(t, CAP_SYS_ADMIN_) ? -EPERM : 0;
	if (begins(name, "system."))
		return 0;
	if (begins(name, "trusted."))
		return task_capable(t, CAP_SYS_ADMIN_) ? 0 : write ? -EPERM : -ENODATA;
	task_vfs_cred(t, &cred);
	if (begins(name, "user.")) {
		if (!S_ISREG(i->mode) && !S_ISDIR(i->mode))
			return write ? -EPERM : -ENODATA;
		if (write && S_ISDIR(i->mode) && (i->mode & S_ISVTX) && cred.uid != i->uid && !vfs_capable(&cred, VFS_FOWNER))
			return -EPERM;
	}
	return vfs_permission((struct inode *)i, write ? 2 : 4, &cred);
}

/* May it be done?  With the file system's operation that would do it. */
static int may(struct task *t, const struct at_target *what, const char *name, enum access access, bool there_is)
{
	int err = access == GET ? 0 : files_check_writable(what);

	if (!err)
		err = permission(t, what->inode, name, access);
	return err ? err : there_is ? 0 : -EOPNOTSUPP;
}

/* How a call names its file. */
enum by { PATH, LINK, FD };

static int find(struct task *t, uint32_t arg, enum by by, struct at_target *out)
{
	struct file *f;

	if (by != FD)
		return files_at(t, G_AT_FDCWD, arg, by == LINK ? G_AT_SYMLINK_NOFOLLOW : 0, out);
	f = files_io(t, arg);
	if (!f)
		return -EBADF;
	files_of(f, out);
	if (out->path.dentry)
		path_get(&out->path);
	return 0;
}

/* cap_convert_nscap(): what a file may be given. */
static int check_caps(struct task *t, const char *name, const void *value, size_t size)
{
	if (!size || strcmp(name, FILE_CAPS_NAME))
		return 0;
	return !file_caps_valid(value, size) ? -EINVAL : task_capable(t, CAP_SETFCAP_) ? 0 : -EPERM;
}

static int64_t set(struct task *t, const uint32_t a[6], enum by by)
{
	struct at_target what;
	char name[NAME_SIZE];
	int err;

	if (by == FD && !files_io(t, a[0]))
		return -EBADF;
	if (a[4] & ~(uint32_t)XATTR_FLAGS)
		return -EINVAL;
	err = get_name(t, a[1], name);
	if (err)
		return err;
	if (a[3] > VALUE_LIMIT)
		return -E2BIG;
	if (a[3] && !user_span(t, a[2], a[3]))
		return -EFAULT;
	err = find(t, a[0], by, &what);
	if (err)
		return err;
	err = files_check_writable(&what);
	if (!err)
		err = check_caps(t, name, user_span(t, a[2], a[3]), a[3]);
	if (!err)
		err = may(t, &what, name, SET, what.inode->ops->setxattr);
	if (!err)
		err = what.inode->ops->setxattr(what.inode, name, user_span(t, a[2], a[3]), a[3], (int)a[4]);
	file_caps_changed(what.inode);
	if (!err && what.path.dentry)
		notify_dentry(what.path.dentry, NOTIFY_ATTRIB);
	files_at_put(&what);
	return err;
}

static int64_t get(struct task *t, const uint32_t a[6], enum by by)
{
	uint32_t size = a[3] > VALUE_LIMIT ? VALUE_LIMIT : a[3];
	struct at_target what;
	char name[NAME_SIZE];
	int64_t n;
	int err = find(t, a[0], by, &what);

	if (err)
		return err;
	err = get_name(t, a[1], name);
	if (!err)
		err = may(t, &what, name, GET, what.inode->ops->getxattr);
	n = err;
	if (!err && a[3] && !user_span_write(t, a[2], size))
		n = -EFAULT;
	else if (!err)
		n = what.inode->ops->getxattr(what.inode, name, a[3] ? user_span_write(t, a[2], size) : NULL, size);
	files_at_put(&what);
	return n;
}

static int64_t list(struct task *t, const uint32_t a[6], enum by by)
{
	uint32_t size = a[2] > VALUE_LIMIT ? VALUE_LIMIT : a[2];
	struct at_target what;
	int64_t n = find(t, a[0], by, &what);

	if (n)
		return n;
	if (a[2] && !user_span_write(t, a[1], size))
		n = what.inode->ops->listxattr ? -EFAULT : 0;
	else if (what.inode->ops->listxattr)
		n = what.inode->ops->listxattr(what.inode, a[2] ? user_span_write(t, a[1], size) : NULL, size);
	files_at_put(&what);
	return n;
}

static int64_t remove_one(struct task *t, const uint32_t a[6], enum by by)
{
	struct at_target what;
	char name[NAME_SIZE];
	int err;

	if (by == FD && !files_io(t, a[0]))
		return -EBADF;
	err = get_name(t, a[1], name);
	if (!err)
		err = find(t, a[0], by, &what);
	if (err)
		return err;
	err = may(t, &what, name, REMOVE, what.inode->ops->removexattr);
	if (!err && !strcmp(name, FILE_CAPS_NAME) && !task_capable(t, CAP_SETFCAP_))
		err = -EPERM;
	if (!err)
		err = what.inode->ops->removexattr(what.inode, name);
	if (!err && what.path.dentry)
		notify_dentry(what.path.dentry, NOTIFY_ATTRIB);
	files_at_put(&what);
	return err;
}

int64_t sys_setxattr(struct task *t, const uint32_t a[6]) { return set(t, a, PATH); }
int64_t sys_lsetxattr(struct task *t, const uint32_t a[6]) { return set(t, a, LINK); }
int64_t sys_fsetxattr(struct task *t, const uint32_t a[6]) { return set(t, a, FD); }
int64_t sys_getxattr(struct task *t, const uint32_t a[6]) { return get(t, a, PATH); }
int64_t sys_lgetxattr(struct task *t, const uint32_t a[6]) { return get(t, a, LINK); }
int64_t sys_fgetxattr(struct task *t, const uint32_t a[6]) { return get(t, a, FD); }
int64_t sys_listxattr(struct task *t, const uint32_t a[6]) { return list(t, a, PATH); }
int64_t sys_llistxattr(struct task *t, const uint32_t a[6]) { return list(t, a, LINK); }
int64_t sys_flistxattr(struct task *t, const uint32_t a[6]) { return list(t, a, FD); }
int64_t sys_removexattr(struct task *t, const uint32_t a[6]) { return remove_one(t, a, PATH); }
int64_t sys_lremovexattr(struct task *t, const uint32_t a[6]) { return remove_one(t, a, LINK); }
int64_t sys_fremovexattr(struct task *t, const uint32_t a[6]) { return remove_one(t, a, FD); }
