/* SPDX-License-Identifier: MIT
 *
 * What an entry of an archive becomes in the tree: directories on the way, files, links, nodes.
 */
#include "emu/fs/cpio.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/fs/ramfs.h"

enum { LINKS_LIMIT = 1 << 20 };

/* A file with several names: the first one seen, by the archive's own inode number. */
struct hard_link { uint32_t ino, major, minor; struct inode *inode; struct hard_link *next; };
/* A directory whose own time is set when everything is in it. */
struct dir_time { struct inode *inode; uint32_t mtime; struct dir_time *next; };

static const struct vfs_cred root_cred = { .caps = VFS_ALL_CAPS };

int cpio_directory_of(struct cpio_unpack *u, struct path_ref *dir, const char **last)
{
	struct walk w = { .fs = &u->fs, .cred = &root_cred, .flags = WALK_FOLLOW | WALK_DIR };
	char *slash = strrchr(u->name, '/');
	int err;

	*last = slash ? slash + 1 : u->name;
	if (!slash) {
		*dir = *u->root;
		path_get(dir);
		return 0;
	}
	*slash = 0;
	err = vfs_walk(&w, u->name, dir, NULL);
	for (char *s = u->name; err == -ENOENT; ) {
		s = strchr(s, '/');
		if (s)
			*s = 0;
		err = vfs_mkdir(&w, u->name, 0755);
		if (err == -EEXIST)
			err = 0;
		if (!s) {
			if (!err)
				err = vfs_walk(&w, u->name, dir, NULL);
			break;
		}
		*s++ = '/';
		if (!err)
			err = -ENOENT;		/* on to the next component */
	}
	*slash = '/';
	return err;
}

static struct hard_link **link_slot(struct cpio_unpack *u)
{
	struct hard_link **p = &u->links[(u->field[CPIO_INO] * 2654435761u + u->field[CPIO_DEV_MINOR]) >> 24];

	for (; *p; p = &(*p)->next)
		if ((*p)->ino == u->field[CPIO_INO] && (*p)->major == u->field[CPIO_DEV_MAJOR] &&
		    (*p)->minor == u->field[CPIO_DEV_MINOR])
			break;
	return p;
}

void cpio_set_attributes(const struct cpio_unpack *u, struct inode *i)
{
	i->mode = (i->mode & S_IFMT) | (u->field[CPIO_MODE] & 07777);
	i->uid = u->field[CPIO_UID];
	i->gid = u->field[CPIO_GID];
	i->mtime = (struct vfs_time){ .sec = u->field[CPIO_MTIME] };
}

static int fill(struct cpio_unpack *u, struct inode *i)
{
	uint64_t done = 0, size = u->field[CPIO_SIZE], got;
	int err;

	if (!size)
		return 0;
	if (i->size) {		/* the name was there already: another archive's file */
		err = vfs_truncate(i, NULL, 0);
		if (err)
			return cpio_failed(u, err);
	}
	while (done < size) {
		void *p = ramfs_fill(i, done, size - done, &got);

		if (!p)
			return cpio_failed(u, -ENOSPC);
		err = cpio_stream_read(u->in, p, got);
		if (err)
			return cpio_broken(u, err);
		done += got;
	}
	return cpio_pad(u);
}

/* Takes away the name of something that an entry replaces; it may live on by other names. */
static int replace(struct dentry *d)
{
	if (S_ISDIR(d->inode->mode) || d->mounted)
		return -EEXIST;
	d->inode->nlink--;
	dentry_get(d);
	dentry_drop(d);
	dentry_put(d);
	return 0;
}

/* What is in the way of the entry goes; a directory stays a directory. *kept: there is one to be used. */
static int clear_way(const struct path_ref *dir, const char *name, uint32_t mode, struct dentry **kept)
{
	struct dentry *d = dentry_find(dir->dentry, name, strlen(name));

	*kept = NULL;
	if (!d)
		return 0;
	if ((d->inode->mode & S_IFMT) == (mode & S_IFMT) && (S_ISDIR(mode) || S_ISREG(mode))) {
		*kept = dentry_get(d);
		return 0;
	}
	return replace(d);
}

/* A further name of a file that came before. */
static int add_link(struct cpio_unpack *u, const struct path_ref *dir, const char *name, struct hard_link *l)
{
	struct dentry *d = dentry_find(dir->dentry, name, strlen(name));
	int err;

	if (d && d->inode != l->inode) {
		err = replace(d);
		if (err)
			return err;
		d = NULL;
	}
	if (!d) {
		err = dentry_add(dir->dentry, name, strlen(name), l->inode, NULL);
		if (err)
			return err;
		l->inode->nlink++;
	}
	return fill(u, l->inode);	/* the data comes with one of them, mostly the last */
}

static int remember_link(struct cpio_unpack *u, struct hard_link **slot, struct inode *i)
{
	struct hard_link *l;

	if (u->field[CPIO_NLINK] < 2 || S_ISDIR(i->mode) || S_ISLNK(i->mode) || *slot)
		return 0;
	if (u->nlinks == LINKS_LIMIT)
		return -ENOSPC;
	l = calloc(1, sizeof *l);
	if (!l)
		return -ENOMEM;
	*l = (struct hard_link){
		.ino = u->field[CPIO_INO], .major = u->field[CPIO_DEV_MAJOR], .minor = u->field[CPIO_DEV_MINOR],
		.inode = inode_get(i),
	};
	*slot = l;
	u->nlinks++;
	return 0;
}

int cpio_remember_dir(struct cpio_unpack *u, struct inode *i)
{
	struct dir_time *d;

	if (u->ndirs == LINKS_LIMIT)
		return -ENOSPC;
	d = malloc(sizeof *d);
	if (!d)
		return -ENOMEM;
	u->ndirs++;
	*d = (struct dir_time){ inode_get(i), u->field[CPIO_MTIME], u->dirs };
	u->dirs = d;
	return 0;
}

void cpio_set_dir_times(struct cpio_unpack *u)
{
	while (u->dirs) {
		struct dir_time *d = u->dirs;

		d->inode->mtime = (struct vfs_time){ .sec = d->mtime };
		inode_put(d->inode);
		u->dirs = d->next;
		free(d);
	}
}

int cpio_make(struct cpio_unpack *u, const struct path_ref *dir, const char *name)
{
	uint32_t rdev = vfs_makedev(u->field[CPIO_RDEV_MAJOR], u->field[CPIO_RDEV_MINOR]);
	uint32_t mode = u->field[CPIO_MODE] & 0177777;
	struct hard_link **slot = link_slot(u);
	char target[PATH_LIMIT];
	struct dentry *d;
	int err;

	if (!is_tree(dir->dentry->inode))
		return -EXDEV;
	if (u->field[CPIO_NLINK] >= 2 && *slot && ((*slot)->inode->mode & S_IFMT) == (mode & S_IFMT))
		return add_link(u, dir, name, *slot);
	if (S_ISLNK(mode)) {
		if (!u->field[CPIO_SIZE] || u->field[CPIO_SIZE] >= sizeof target)
			return cpio_explain(u, -EINVAL, "a symbolic link of impossible length");
		err = cpio_stream_read(u->in, target, u->field[CPIO_SIZE]);
		if (err)
			return cpio_broken(u, err);
		target[u->field[CPIO_SIZE]] = 0;
		if (strlen(target) != u->field[CPIO_SIZE])
			return cpio_explain(u, -EINVAL, "a symbolic link with a NUL in it");
		err = cpio_pad(u);
		if (err)
			return err;
	}
	err = clear_way(dir, name, mode, &d);
	if (!err && !d)
		err = create_name(dir->dentry, name, strlen(name), mode, rdev, target, &root_cred, &d);
	if (err)
		return err;
	cpio_set_attributes(u, d->inode);
	err = S_ISDIR(mode) ? cpio_remember_dir(u, d->inode) : remember_link(u, slot, d->inode);
	if (!err && S_ISREG(mode)) {
		err = d->inode->fops == &ramfs_file_ops ? fill(u, d->inode) : -EXDEV;
		cpio_set_attributes(u, d->inode);
	}
	dentry_put(d);
	return err;
}

void cpio_forget_links(struct cpio_unpack *u)
{
	for (int i = 0; i < CPIO_BUCKETS; i++)
		while (u->links[i]) {
			struct hard_link *l = u->links[i];

			u->links[i] = l->next;
			inode_put(l->inode);
			free(l);
		}
	u->nlinks = 0;
}
