/* SPDX-License-Identifier: MIT */
#include "emu/fs/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include "emu/drivers/mtd.h"
#include "emu/fs/blkdev.h"
#include "emu/fs/internal.h"
#include "emu/kernel/log.h"
#include "emu/kernel/task.h"

/* --- The device --- */

/* As the task whose call this is; before there are tasks as root. */
static int walk_source(struct machine *m, const char *path, struct path_ref *out)
{
	static const struct vfs_cred root = { .caps = VFS_ALL_CAPS };
	struct task *t = task_current(m);
	struct fs_context fs;
	struct vfs_cred cred;
	struct walk w;
	int err;

	if (t && t->fs) {
		err = task_walk(t, AT_FDCWD, path, WALK_FOLLOW, &w, &cred);
		return err ? err : vfs_walk(&w, path, out, NULL);
	}
	fs_context_root(m, &fs);
	w = (struct walk){ .fs = &fs, .cred = &root, .flags = WALK_FOLLOW };
	err = vfs_walk(&w, path, out, NULL);
	path_put(&fs.root);
	path_put(&fs.cwd);
	return err;
}

/* "mtd0" or "mtd:NAME": the disk of that flash memory, or NULL. */
static struct blkdev_node *find_mtd(struct machine *m, const char *source)
{
	const struct mtd *d = NULL;
	unsigned long n;
	char *end;

	if (!strncmp(source, "mtd:", 4)) {
		d = mtd_by_name(m, source + 4);
	} else if (!strncmp(source, "mtd", 3) && source[3] >= '0' && source[3] <= '9') {
		n = strtoul(source + 3, &end, 0);
		d = *end || n >= MTD_DEVICES_MAX ? NULL : mtd_at(m, (unsigned)n);
	}
	return d ? blkdev_find(m, vfs_makedev(MTD_BLOCK_MAJOR, d->index)) : NULL;
}

/* lookup_bdev() */
static int find_device(struct machine *m, const struct fs_type *t, const char *source, struct blkdev_node **out)
{
	struct path_ref p;
	int err;

	if (!source || !*source)
		return -EINVAL;
	if (t->on_mtd && (*out = find_mtd(m, source)))
		return 0;
	err = walk_source(m, source, &p);
	if (err)
		return err;
	if (!S_ISBLK(p.dentry->inode->mode))
		err = -ENOTBLK;
	else if (p.mnt->flags & MS_NODEV)
		err = -EACCES;
	else if (!p.dentry->inode->rdev)
		err = -ENODEV;
	else if (!(*out = blkdev_find(m, p.dentry->inode->rdev)))
		err = -ENXIO;
	path_put(&p);
	return err;
}

/* What of this type is mounted from it already. */
static struct fs_super *mounted(const struct vfs *v, const struct fs_type *t, const struct blkdev_node *n)
{
	for (const struct mount *m = v->root; m; m = m->next)
		if (m->super == n->holder && m->super->type == t)
			return m->super;
	return NULL;
}

static int compare_ino(const struct tree_node *a, const struct tree_node *b)
{
	uint64_t x = tree_entry(a, struct disk_inode, by_ino)->inode->ino;
	uint64_t y = tree_entry(b, struct disk_inode, by_ino)->inode->ino;

	return x < y ? -1 : x > y;
}

static const struct tree_ops by_ino = { .compare = compare_ino };

/* A superblock that holds the device. */
static struct fs_super *hold(struct machine *m, const struct fs_type *t, struct blkdev_node *n)
{
	struct fs_super *s = super_new(m, t);
	struct disk *d = s ? calloc(1, sizeof *d) : NULL;

	if (!d) {
		if (s)
			super_free(s);
		return NULL;
	}
	d->dev = n;
	tree_init(&d->inodes, &by_ino);
	s->dev = n->dev.dev;
	s->disk = d;
	n->holder = s;
	blkdev_hold(n);
	return s;
}

int disk_mount(struct machine *m, const struct fs_type *t, const char *source, bool read_only, const char *options,
	       struct fs_super **out)
{
	struct blkdev_node *n;
	struct fs_super *s;
	int err = find_device(m, t, source, &n);

	if (err)
		return err;
	s = n->holder ? mounted(m->vfs, t, n) : NULL;
	if (s) {
		*out = s;
		return s->read_only != read_only ? -EBUSY : 0;
	}
	if (n->holder)
		return -EBUSY;
	if (n->dev.read_only && !read_only)
		return -EACCES;
	s = hold(m, t, n);
	if (!s)
		return -ENOMEM;
	s->read_only = read_only;
	err = t->fill(s, options);
	if (err) {
		log_info(m, FS, "%s on %s: %s", t->name, n->dev.name, strerror(-err));
		super_free(s);
		return err;
	}
	*out = s;
	return 0;
}

void disk_release(struct fs_super *s)
{
	if (!s->disk)
		return;
	disk_dirs_free(s);
	s->disk->dev->holder = NULL;
	blkdev_release(s->disk->dev);
	free(s->disk);
}

uint64_t disk_size(const struct fs_super *s)
{
	return s->disk->dev->dev.disk->size;
}

int disk_read(const struct fs_super *s, void *dst, uint32_t len, uint64_t offset)
{
	return blkdev_read(s->disk->dev, dst, len, offset);
}

/* Linux asks its MTDs for it, and its RAM disk has no memory of one piece. */
uint32_t disk_memory(const struct fs_super *s)
{
	const struct block_device *b = s->disk->dev->dev.disk;

	/* The kernel's romfs and cramfs know flash (mtd_point()), and no other memory. */
	return s->machine->options.compat_linux && !b->rom ? 0 : b->memory;
}

const char *disk_name(const struct fs_super *s)
{
	return s->disk->dev->dev.name;
}

/* --- Inodes --- */

struct inode *disk_inode_find(struct fs_super *s, uint64_t ino)
{
	struct tree_node *n = s->disk->inodes.root;

	while (n) {
		struct inode *i = tree_entry(n, struct disk_inode, by_ino)->inode;

		if (i->ino == ino)
			return inode_get(i);
		n = ino < i->ino ? n->left : n->right;
	}
	return NULL;
}

struct inode *disk_inode_new(struct fs_super *s, uint64_t ino, uint32_t mode, const struct inode_ops *ops,
			     const struct file_ops *fops, size_t size)
{
	struct disk_inode *d = calloc(1, size);
	struct inode *i = d ? inode_new(s, mode, ops, fops) : NULL;

	if (!i) {
		free(d);
		return NULL;
	}
	i->ino = ino;
	i->nlink = 1;
	i->atime = i->mtime = i->ctime = i->btime = (struct vfs_time){ 0, 0 };
	i->private = d;
	d->inode = i;
	tree_insert(&s->disk->inodes, &d->by_ino);
	return i;
}

void disk_inode_evict(struct inode *i)
{
	struct disk_inode *d = i->private;

	tree_remove(&i->super->disk->inodes, &d->by_ino);
	free(d);
}

int disk_check_loop(const struct inode *dir, const struct inode *found)
{
	if (!S_ISDIR(found->mode))
		return 0;
	if (found == dir)
		return -ELOOP;
	for (const struct dentry *d = dir->alias; d && d != d->parent; d = d->parent)
		if (d->parent->inode == found)
			return -ELOOP;
	return 0;
}
