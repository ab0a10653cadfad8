/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "emu/fs/hostfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "emu/fs/hostfs_internal.h"

/* --- Inodes --- */

static struct host_inode *of(const struct tree_node *n)
{
	return tree_entry(n, struct host_inode, node);
}

static int order(const struct host_inode *a, uint64_t dev, uint64_t ino)
{
	if (a->dev != dev)
		return a->dev < dev ? -1 : 1;
	return a->ino < ino ? -1 : a->ino > ino;
}

static int compare(const struct tree_node *a, const struct tree_node *b)
{
	return order(of(a), of(b)->dev, of(b)->ino);
}

static const struct tree_ops by_number = { .compare = compare };

/* The guest sees one file system, the host may have many: what is on another one gets other numbers. */
uint64_t host_ino(const struct fs_super *s, uint64_t dev, uint64_t ino)
{
	const struct host_super *hs = s->private;

	return dev == hs->root_dev ? ino : ino ^ ((dev * UINT64_C(0x9e3779b97f4a7c15)) & ~UINT64_C(0xffffffff)) >> 1;
}

static struct vfs_time time_of(const struct timespec *t)
{
	return (struct vfs_time){ t->tv_sec, (uint32_t)t->tv_nsec };
}

void host_take_stat(struct inode *i, const struct stat *st)
{
	/* Somebody on the host wrote to it: what is mapped already is no longer what is in it. */
	if (i->source.mappings && ((uint64_t)st->st_size != i->size || st->st_mtim.tv_sec != i->mtime.sec ||
				   (uint32_t)st->st_mtim.tv_nsec != i->mtime.nsec))
		mm_source_moved(&i->source);
	i->mode = st->st_mode;
	i->uid = host_uid(host_super(i), st->st_uid);
	i->gid = host_gid(host_super(i), st->st_gid);
	i->nlink = (uint32_t)st->st_nlink;
	i->size = (uint64_t)st->st_size;
	i->blocks = (uint64_t)st->st_blocks;
	i->rdev = vfs_makedev(major(st->st_rdev), minor(st->st_rdev));
	i->atime = time_of(&st->st_atim);
	i->mtime = time_of(&st->st_mtim);
	i->ctime = time_of(&st->st_ctim);
}

void host_refresh(struct inode *i)
{
	struct stat st;

	if (!fstat(host_of(i)->fd, &st))
		host_take_stat(i, &st);
}

void host_evict(struct inode *i)
{
	struct host_super *hs = i->super->private;
	struct host_inode *h = host_of(i);

	tree_remove(&hs->inodes, &h->node);
	close(h->fd);
	if (h->read_fd >= 0)
		close(h->read_fd);
	free(h);
}

static int readlink_op(struct inode *i, char *buf, size_t size)
{
	int err = confine_check(&host_super(i)->folder, host_of(i)->fd);
	ssize_t n;

	if (err)
		return err;
	n = readlinkat(host_of(i)->fd, "", buf, size);
	return n < 0 ? -errno : (int)n;
}

static const struct inode_ops file_ops = {
	.truncate = host_truncate, .refresh = host_refresh, .permission = host_permission, .evict = host_evict,
	.setattr = host_setattr,
};
static const struct inode_ops link_ops = {
	.readlink = readlink_op, .refresh = host_refresh, .permission = host_permission, .evict = host_evict,
	.setattr = host_setattr,
};

static struct inode *find(struct host_super *hs, const struct stat *st)
{
	struct tree_node *n = hs->inodes.root;

	while (n) {
		int o = order(of(n), st->st_dev, st->st_ino);

		if (!o)
			return of(n)->inode;
		n = o > 0 ? n->left : n->right;
	}
	return NULL;
}

void host_tell(struct fs_super *s, const struct stat *st, struct inode *seen)
{
	struct inode *known = find(s->private, st);

	if (known)
		host_take_stat(known, st);
	*seen = (struct inode){ .super = s, .ino = host_ino(s, st->st_dev, st->st_ino), .refs = known ? known->refs : 0 };
	host_take_stat(seen, st);
}

int host_inode_get(struct fs_super *s, int fd, struct inode **out)
{
	struct host_super *hs = s->private;
	const struct inode_ops *ops = &file_ops;
	const struct file_ops *fops = &host_other_fops;
	struct host_inode *h;
	struct inode *i;
	struct stat st;

	if (fstat(fd, &st)) {
		int err = -errno;

		close(fd);
		return err;
	}
	if (hs->share && st.st_dev != hs->root_dev && confine_is_proc(fd)) {
		close(fd);
		return -EACCES;
	}
	i = find(hs, &st);
	if (i) {
		close(fd);
		host_take_stat(i, &st);
		*out = inode_get(i);
		return 0;
	}
	if (S_ISDIR(st.st_mode)) {
		ops = &host_dir_ops;
		fops = &host_dir_fops;
	} else if (S_ISLNK(st.st_mode)) {
		ops = &link_ops;
	} else if (S_ISREG(st.st_mode)) {
		fops = &host_file_fops;
	} else if (S_ISFIFO(st.st_mode) && hs->share) {
		fops = &fifo_fops;	/* a pipe among the guest's tasks */
	}
	h = malloc(sizeof *h);
	i = h ? inode_new(s, st.st_mode, ops, fops) : NULL;
	if (!i) {
		free(h);
		close(fd);
		return -ENOMEM;
	}
	*h = (struct host_inode){ .inode = i, .dev = st.st_dev, .ino = st.st_ino, .fd = fd, .read_fd = -1 };
	i->private = h;
	i->ino = host_ino(s, st.st_dev, st.st_ino);
	i->btime = (struct vfs_time){ 0, 0 };
	host_take_stat(i, &st);
	if (S_ISREG(st.st_mode)) {
		i->source.ops = &host_source_ops;
		i->source.kind = MM_REGULAR;
	}
	tree_insert(&hs->inodes, &h->node);
	*out = i;
	return 0;
}

/*
 * By its name.  Where nothing is confined, which is where it may be another file's by now: that of a device would be opened for
 * nothing, which whoever runs us could as well.
 */
static int reopen_by_name(struct inode *i, int flags)
{
	struct dentry *d = i->alias;
	struct stat st;
	int fd;

	if (!d || d->parent == d)
		fd = open("/", flags | O_CLOEXEC);
	else
		fd = openat(host_of(d->parent->inode)->fd, d->name, flags | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || st.st_dev != host_of(i)->dev || st.st_ino != host_of(i)->ino) {
		close(fd);
		return -ESTALE;
	}
	return fd;
}

int host_reopen(struct inode *i, int flags)
{
	bool writes = (flags & O_ACCMODE) != O_RDONLY;
	char path[40];
	int fd, err;

	if (!S_ISREG(i->mode) && !S_ISDIR(i->mode))
		return -ENXIO;
	err = writes ? host_may_change(i) : confine_check(&host_super(i)->folder, host_of(i)->fd);
	if (err)
		return err;
	/* To read it the name will do: less than half of what a walk through /proc costs. */
	fd = !writes && !(flags & O_TRUNC) && !host_super(i)->share ? reopen_by_name(i, flags) : -1;
	if (fd < 0) {
		snprintf(path, sizeof path, "/proc/self/fd/%d", host_of(i)->fd);
		fd = open(path, flags | O_CLOEXEC);
	}
	if (fd < 0)
		fd = errno == ENOENT && !host_super(i)->share ? reopen_by_name(i, flags) : -errno;
	err = fd >= 0 && writes ? host_drop_privs(i, fd) : 0;
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

/* --- Attributes --- */

int host_permission(struct inode *i, int mask, const struct vfs_cred *cred)
{
	int fd = host_of(i)->fd, err;

	/* The guest's users are not the host's: both must agree. */
	err = host_super(i)->share ? permission_by_mode(i, mask, cred) : 0;
	if (err)
		return err;
	/* Searching a directory: the lookup itself will tell. */
	if (S_ISDIR(i->mode) && mask == 1)
		return 0;
	if (S_ISLNK(i->mode))
		return 0;
#ifdef SYS_faccessat2
	if (!syscall(SYS_faccessat2, fd, "", mask & 7, AT_EMPTY_PATH | AT_EACCESS))
		return 0;
	if (errno != ENOSYS)
		return -errno;
#endif
	{
		char path[40];

		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		return faccessat(AT_FDCWD, path, mask & 7, AT_EACCESS) ? -errno : 0;
	}
}

static int set_owner(struct inode *i, const struct inode *to, unsigned what)
{
	uid_t uid = what & VFS_SET_UID ? to->uid : (uid_t)-1;
	gid_t gid = what & VFS_SET_GID ? to->gid : (gid_t)-1;

	if (host_super(i)->one_user) {
		/* It has one owner, whom it can be given to again. */
		if ((what & VFS_SET_UID && uid != i->uid) || (what & VFS_SET_GID && gid != i->gid))
			return -EPERM;
		return 0;
	}
	return fchownat(host_of(i)->fd, "", uid, gid, AT_EMPTY_PATH) ? -errno : 0;
}

int host_setattr(struct inode *i, const struct inode *to, unsigned what)
{
	struct timespec ts[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_nsec = UTIME_OMIT } };
	int fd = host_of(i)->fd;
	char path[40];
	int err = host_may_change(i);

	if (err)
		return err;
	if (host_super(i)->share && (S_ISCHR(i->mode) || S_ISBLK(i->mode)))
		return -EPERM;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (what & (VFS_SET_UID | VFS_SET_GID)) {
		err = set_owner(i, to, what);
		if (err)
			return err;
	}
	if ((what & VFS_SET_MODE) && chmod(path, host_mode(host_super(i), to->mode)))
		return -errno;
	if (what & VFS_SET_ATIME)
		ts[0] = (struct timespec){ to->atime.sec, (long)to->atime.nsec };
	if (what & VFS_SET_MTIME)
		ts[1] = (struct timespec){ to->mtime.sec, (long)to->mtime.nsec };
	if (what & (VFS_SET_ATIME | VFS_SET_MTIME)) {
		if (!utimensat(fd, "", ts, AT_EMPTY_PATH))
			return 0;
		if (errno != EINVAL && errno != ENOENT)
			return -errno;
		if (utimensat(AT_FDCWD, path, ts, 0))	/* before Linux 5.8 */
			return -errno;
	}
	return 0;
}

/* --- The superblock --- */

static void statfs_op(struct fs_super *s, struct vfs_statfs *out)
{
	struct statfs st;

	if (fstatfs(host_of(s->root->inode)->fd, &st))
		return;
	out->bsize = (uint64_t)st.f_bsize;
	out->blocks = st.f_blocks;
	out->bfree = st.f_bfree;
	out->bavail = st.f_bavail;
	out->files = st.f_files;
	out->ffree = st.f_ffree;
}

static void kill_op(struct fs_super *s)
{
	struct host_super *hs = s->private;

	confine_fini(&hs->folder);
	free(hs);
}

/* Each inode in use has a descriptor of ours. */
static void raise_limit(void)
{
	struct rlimit r;

	if (!getrlimit(RLIMIT_NOFILE, &r) && r.rlim_cur < r.rlim_max) {
		r.rlim_cur = r.rlim_max;
		setrlimit(RLIMIT_NOFILE, &r);
	}
}

/* The root's own descriptor: the folder's, or the host's root. */
static int open_root(struct host_super *hs)
{
	struct stat st;
	int fd = hs->share ? fcntl(hs->folder.root, F_DUPFD_CLOEXEC, 3) : open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st)) {
		int err = -errno;

		close(fd);
		return err;
	}
	hs->root_dev = st.st_dev;
	return fd;
}

int host_super_new(struct machine *m, const struct fs_type *t, const struct host_super *like, struct fs_super **out)
{
	struct fs_super *s = super_new(m, t);
	struct host_super *hs = malloc(sizeof *hs);
	struct inode *root;
	int fd, err = -ENOMEM;

	if (!s || !hs)
		goto fail;
	raise_limit();
	*hs = *like;
	hs->umask = 0777;
	tree_init(&hs->inodes, &by_number);
	if (hs->share)
		hs->folder.root = fcntl(like->folder.root, F_DUPFD_CLOEXEC, 3);
	if (hs->share && hs->folder.root < 0) {
		err = -errno;
		goto fail;
	}
	s->private = hs;
	s->kill = kill_op;
	s->statfs = statfs_op;
	s->read_only = s->write_protected = hs->read_only;
	hs = NULL;
	fd = open_root(s->private);
	err = fd < 0 ? fd : host_inode_get(s, fd, &root);
	if (err)
		goto fail;
	s->root = dentry_new_root(root);
	err = -ENOMEM;
	if (!s->root)
		goto fail;
	*out = s;
	return 0;
fail:
	free(hs);
	if (s)
		super_free(s);
	return err;
}

static int hostfs_mount(struct machine *m, const char *source, const char *options, struct fs_super **out)
{
	static const struct host_super all = { .folder.root = -1 };

	(void)source;
	(void)options;
	return host_super_new(m, vfs_find_type(m, "hostfs"), &all, out);
}

static const struct fs_type type = { .name = "hostfs", .magic = 0x00c0ffee, .nodev = true, .mount = hostfs_mount };

int hostfs_register(struct machine *m)
{
	return vfs_register_fs(m, &type);
}

int hostfs_mount_root(struct machine *m)
{
	struct fs_context c;
	int err;

	fs_context_root(m, &c);
	err = vfs_mount(m, "hostfs", "/", &c.root, 0, NULL);
	path_put(&c.root);
	path_put(&c.cwd);
	return err;
}
