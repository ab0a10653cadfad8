/* SPDX-License-Identifier: MIT */
#include "emu/fs/devfs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/fs/internal.h"
#include "emu/fs/notify.h"
#include "emu/fs/ramfs.h"

static const struct { const char *name, *target; } links[] = {
	{ "fd", "/proc/self/fd" },
	{ "stdin", "/proc/self/fd/0" },
	{ "stdout", "/proc/self/fd/1" },
	{ "stderr", "/proc/self/fd/2" },
};

static int devfs_mount(struct machine *m, const char *source, const char *options, struct fs_super **out)
{
	(void)source;
	(void)options;
	*out = m->vfs->devtmpfs;
	return 0;
}

static const struct fs_type type = { .name = "devtmpfs", .magic = 0x01021994, .nodev = true, .mount = devfs_mount };

static int add_in(struct fs_super *s, struct dentry *dir, const char *name, uint32_t mode, uint32_t rdev, const char *target)
{
	struct inode *i;
	int err = ramfs_new_inode(s, mode, rdev, target, &i);

	if (err)
		return err;
	err = dentry_add(dir, name, strlen(name), i, NULL);
	inode_put(i);
	if (!err && S_ISDIR(mode))
		dir->inode->nlink++;
	return err;
}

static int add(struct fs_super *s, const char *name, uint32_t mode, uint32_t rdev, const char *target)
{
	return add_in(s, s->root, name, mode, rdev, target);
}

/* The node of a device, in its directory, which is made. -EEXIST: there is one of that name. */
static int add_device(struct fs_super *s, const struct vfs_chrdev *d)
{
	struct dentry *dir = s->root;
	int err = d->dir ? add(s, d->dir, S_IFDIR | 0755, 0, NULL) : 0;

	if (err && err != -EEXIST)
		return err;
	if (d->dir)
		dir = dentry_find(s->root, d->dir, strlen(d->dir));
	return add_in(s, dir, d->name, S_IFCHR | (d->mode & 07777), d->dev, NULL);
}

int devfs_add_node(struct machine *m, const char *name, uint32_t mode, uint32_t rdev)
{
	int err = m->vfs->devtmpfs ? add(m->vfs->devtmpfs, name, mode, rdev, NULL) : 0;

	return err == -EEXIST ? 0 : err;
}

void devfs_remove_node(struct machine *m, const char *name)
{
	struct fs_super *s = m->vfs->devtmpfs;
	struct dentry *d = s ? dentry_find(s->root, name, strlen(name)) : NULL;

	if (!d)
		return;
	dentry_get(d);
	d->inode->nlink = 0;
	inode_touch(s->root->inode, 2 | 4);
	dentry_drop(d);
	notify_name(s->root->inode, NOTIFY_DELETE, d->name, d->inode);
	dentry_put(d);
}

void devfs_identify(struct machine *m, const char *name, uint32_t *major, uint32_t *minor, uint64_t *ino)
{
	struct fs_super *s = m->vfs->devtmpfs;
	struct dentry *d = s ? dentry_find(s->root, name, strlen(name)) : NULL;

	*major = d ? vfs_major(s->dev) : 0;
	*minor = d ? vfs_minor(s->dev) : 0;
	*ino = d ? d->inode->ino : 0;
}

int vfs_register_chrdev(struct machine *m, const struct vfs_chrdev *dev)
{
	struct vfs *v = m->vfs;
	struct chrdev_node **p = &v->chrdevs, *n;
	int err;

	for (; *p; p = &(*p)->next)
		if ((*p)->dev.dev == dev->dev)
			return -EBUSY;
	n = calloc(1, sizeof *n);
	if (!n)
		return -ENOMEM;
	n->dev = *dev;
	err = dev->minors || !v->devtmpfs ? 0 : add_device(v->devtmpfs, dev);
	if (err && err != -EEXIST) {
		free(n);
		return err;
	}
	*p = n;
	return 0;
}

int devfs_register(struct machine *m)
{
	struct ramfs_super rs = { .mode = 0755 };
	struct fs_super *s;
	int err = vfs_register_fs(m, &type);

	if (err)
		return err;
	err = ramfs_new_super(m, &type, &rs, &s);
	if (err)
		return err;
	s->refs++;
	m->vfs->devtmpfs = s;
	for (struct chrdev_node *n = m->vfs->chrdevs; n && !err; n = n->next)
		err = n->dev.minors ? 0 : add_device(s, &n->dev);
	for (unsigned i = 0; i < sizeof links / sizeof *links && !err; i++)
		err = add(s, links[i].name, S_IFLNK | 0777, 0, links[i].target);
	if (!err)
		err = add(s, "shm", S_IFDIR | S_ISVTX | 0777, 0, NULL);
	if (!err)
		err = add(s, "pts", S_IFDIR | 0755, 0, NULL);
	return err ? err : dev_mem_register(m);
}
