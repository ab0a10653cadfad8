/* SPDX-License-Identifier: MIT
 *
 * Directories of the host: lookups, changes of names, listings.
 *
 * A listing is read whole when a reader begins at its start, and kept until it begins again: positions
 * are places in it, whatever the host's file system has for positions.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "emu/fs/hostfs_internal.h"

static int lookup_name(struct inode *dir, const char *name, struct inode **out)
{
	int fd = confine_openat(&host_super(dir)->folder, host_of(dir)->fd, name, O_PATH, 0);

	return fd < 0 ? fd : host_inode_get(dir->super, fd, out);
}

static int lookup(struct inode *dir, const char *name, size_t len, struct inode **out)
{
	char z[NAME_LIMIT + 1];

	memcpy(z, name, len);
	z[len] = 0;
	return lookup_name(dir, z, out);
}

/* One call of the host where a lookup takes three: a path is checked part by part each time it is walked. */
static bool recheck(struct inode *dir, const char *name, size_t len, struct inode *known)
{
	char z[NAME_LIMIT + 1];
	struct stat st;

	memcpy(z, name, len);
	z[len] = 0;
	if (confine_stat(&host_super(dir)->folder, host_of(dir)->fd, z, &st) ||
	    st.st_dev != host_of(known)->dev || st.st_ino != host_of(known)->ino)
		return false;
	host_take_stat(known, &st);
	return true;
}

/*
 * Of the whole host, of which nothing is kept from whoever runs us, the host may walk: a part of the path may have become a
 * symbolic link meanwhile, but if it leads to the same directory, then so it does.
 */
static bool recheck_path(struct inode *dir, const char *path, struct inode *known)
{
	struct stat st;

	if (host_super(dir)->share || fstatat(host_of(dir)->fd, path, &st, AT_SYMLINK_NOFOLLOW) ||
	    st.st_dev != host_of(known)->dev || st.st_ino != host_of(known)->ino)
		return false;
	host_take_stat(known, &st);
	return true;
}

static int peek(struct inode *dir, const char *name, size_t len, struct inode *seen)
{
	const struct host_super *hs = host_super(dir);
	char z[NAME_LIMIT + 1];
	struct stat st;
	int err;

	memcpy(z, name, len);
	z[len] = 0;
	err = confine_stat(&hs->folder, host_of(dir)->fd, z, &st);
	if (err)
		return err;
	/* It may be procfs, which a share does not show. */
	if (hs->share && st.st_dev != hs->root_dev)
		return -EAGAIN;
	host_tell(dir->super, &st, seen);
	return 0;
}

/* A regular file's descriptor, or 0; -errno. */
static int make(struct inode *dir, const char *name, uint32_t type, uint32_t bits, uint32_t rdev, const char *target)
{
	const struct host_super *hs = host_super(dir);
	int at = host_of(dir)->fd, r;

	switch (type) {
	case S_IFREG:
		return confine_openat(&hs->folder, at, name, O_CREAT | O_EXCL | O_RDWR, bits);
	case S_IFDIR:
		r = mkdirat(at, name, bits);
		break;
	case S_IFLNK:
		r = symlinkat(target, at, name);
		break;
	case S_IFCHR: case S_IFBLK:
		if (hs->share)
			return -EPERM;
		/* fall through */
	default:
		r = mknodat(at, name, type | bits, makedev(vfs_major(rdev), vfs_minor(rdev)));
	}
	return r ? -errno : 0;
}

/* The inode of what was made, by its descriptor or by its name: somebody on the host may have been quicker there. */
static int find_made(struct inode *dir, const char *name, uint32_t type, int fd, struct inode **out)
{
	int err;

	if (type == S_IFREG) {
		err = host_inode_get(dir->super, fd, out);
		if (!err)
			host_of(*out)->just_made = host_of(*out)->fd == fd;
		return err;
	}
	err = lookup_name(dir, name, out);
	if (err || ((*out)->mode & S_IFMT) == type)
		return err;
	inode_put(*out);
	return -ESTALE;
}

static int create(struct inode *dir, const char *name, uint32_t mode, uint32_t rdev, const char *target,
		  const struct vfs_cred *cred, struct inode **out)
{
	struct host_super *hs = dir->super->private;
	uint32_t type = mode & S_IFMT, bits = host_mode(hs, mode);
	bool masked = bits & hs->umask;		/* the guest has a umask of its own */
	int err = host_may_change(dir), fd;

	if (err)
		return err;
	if (masked)
		hs->umask = umask(0);
	fd = make(dir, name, type, bits, rdev, target);
	if (masked)
		umask(hs->umask);
	if (fd < 0)
		return fd;
	err = find_made(dir, name, type, fd, out);
	if (err)
		return err;
	err = host_give(dir, name, *out, cred);
	if (err)
		inode_put(*out);
	return err;
}

static int link_op(struct inode *dir, const char *name, struct inode *i)
{
	char path[40];
	int err = host_may_change(dir);

	if (!err)
		err = host_may_change(i);
	if (err)
		return err;
	if (!linkat(host_of(i)->fd, "", host_of(dir)->fd, name, AT_EMPTY_PATH))
		return 0;
	if (errno != ENOENT)
		return -errno;
	/* AT_EMPTY_PATH wants a capability; this way does not. */
	snprintf(path, sizeof path, "/proc/self/fd/%d", host_of(i)->fd);
	return linkat(AT_FDCWD, path, host_of(dir)->fd, name, AT_SYMLINK_FOLLOW) ? -errno : 0;
}

static int remove_op(struct inode *dir, const char *name, struct inode *victim)
{
	int err = host_may_change(dir);

	if (err)
		return err;
	return unlinkat(host_of(dir)->fd, name, S_ISDIR(victim->mode) ? AT_REMOVEDIR : 0) ? -errno : 0;
}

static int rename_op(struct inode *from, const char *old, struct inode *to, const char *name, unsigned flags)
{
	int a = host_of(from)->fd, b = host_of(to)->fd, err = host_may_change(from);

	if (!err)
		err = host_may_change(to);
	if (!err && (flags & ~(unsigned)(RENAME_NOREPLACE | RENAME_EXCHANGE)))
		err = -EINVAL;	/* RENAME_WHITEOUT makes a device node */
	if (err)
		return err;
	if (!flags)
		return renameat(a, old, b, name) ? -errno : 0;
	return syscall(SYS_renameat2, a, old, b, name, flags) ? -errno : 0;
}

const struct inode_ops host_dir_ops = {
	.lookup = lookup, .create_named = create, .create_looks = true, .link = link_op, .remove = remove_op, .rename = rename_op,
	.refresh = host_refresh, .permission = host_permission, .evict = host_evict, .setattr = host_setattr,
	.recheck = recheck, .recheck_path = recheck_path, .peek = peek,
};

/* --- Listings --- */

struct listing {
	struct entry { uint64_t ino; char *name; unsigned char type; } *entries;
	size_t n, room;
	struct machine *machine;
	uint64_t cost;		/* what is charged to the machine for it */
};

static void listing_free(struct listing *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->n; i++)
		free(l->entries[i].name);
	vfs_uncharge(l->machine, l->cost);
	free(l->entries);
	free(l);
}

static int listing_add(struct listing *l, uint64_t ino, const struct dirent *e)
{
	uint64_t cost = 2 * sizeof(struct entry) + strlen(e->d_name) + 1;

	if (vfs_charge(l->machine, cost))
		return -ENOMEM;
	l->cost += cost;
	if (l->n == l->room) {
		size_t room = l->room ? 2 * l->room : 32;
		struct entry *grown = realloc(l->entries, room * sizeof *grown);

		if (!grown)
			return -ENOMEM;
		l->entries = grown;
		l->room = room;
	}
	l->entries[l->n] = (struct entry){ ino, strdup(e->d_name), e->d_type };
	if (!l->entries[l->n].name)
		return -ENOMEM;
	l->n++;
	return 0;
}

static int listing_read(struct inode *dir, struct listing **out)
{
	struct listing *l = calloc(1, sizeof *l);
	int fd = host_reopen(dir, O_RDONLY | O_DIRECTORY), err = 0;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!l || !d) {
		err = fd < 0 ? fd : -ENOMEM;
		if (d)
			closedir(d);
		else if (fd >= 0)
			close(fd);
		free(l);
		return err;
	}
	l->machine = dir->super->machine;
	while (!err && (errno = 0, e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		err = listing_add(l, host_ino(dir->super, host_of(dir)->dev, e->d_ino), e);
	}
	if (!err)
		err = -errno;
	closedir(d);
	if (err) {
		listing_free(l);
		return err;
	}
	*out = l;
	return 0;
}

static int dir_open(struct file *f)
{
	/* The right to read it is asked for now; the descriptor is not needed. */
	int fd = host_reopen(f->inode, O_RDONLY | O_DIRECTORY);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static void dir_release(struct file *f)
{
	listing_free(f->private);
}

static int dir_readdir(struct file *f, void *ctx, vfs_fill_fn fill)
{
	struct listing *l = f->private;
	int err;

	if (!l || f->pos == 2) {
		struct listing *fresh = NULL;

		err = listing_read(f->inode, &fresh);
		if (err)
			return err;
		listing_free(l);
		f->private = l = fresh;
	}
	for (uint64_t i = f->pos - 2; i < l->n; i++) {
		const struct entry *e = &l->entries[i];

		if (fill(ctx, e->name, strlen(e->name), e->ino, e->type, i + 3))
			break;
	}
	return 0;
}

static int dir_fsync(struct file *f)
{
	(void)f;
	return 0;
}

const struct file_ops host_dir_fops = {
	.open = dir_open, .release = dir_release, .readdir = dir_readdir, .fsync = dir_fsync,
};
