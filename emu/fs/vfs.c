/* SPDX-License-Identifier: MIT
 *
 * The machine's file systems as a whole: what types and drivers there are, and the first mount.
 */
#include "emu/fs/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "emu/fs/ramfs.h"

static const struct fs_type anon_type = { .name = "anon_inodefs", .magic = 0x09041934, .nodev = true };

int vfs_charge(struct machine *m, uint64_t bytes)
{
	struct vfs *v = m->vfs;

	if (bytes > v->charge_limit - v->charged)
		return -ENOSPC;
	v->charged += bytes;
	return 0;
}

void vfs_uncharge(struct machine *m, uint64_t bytes)
{
	m->vfs->charged -= bytes;
}

int vfs_register_fs(struct machine *m, const struct fs_type *t)
{
	struct type_node **p, *n;

	for (p = &m->vfs->types; *p; p = &(*p)->next)
		if (!strcmp((*p)->type->name, t->name))
			return -EBUSY;
	n = calloc(1, sizeof *n);
	if (!n)
		return -ENOMEM;
	n->type = t;
	*p = n;
	return 0;
}

const struct fs_type *vfs_find_type(struct machine *m, const char *name)
{
	for (struct type_node *n = m->vfs->types; n; n = n->next)
		if (!strcmp(n->type->name, name))
			return n->type;
	return NULL;
}

const struct vfs_chrdev *vfs_find_chrdev(struct machine *m, uint32_t dev)
{
	for (struct chrdev_node *n = m->vfs->chrdevs; n; n = n->next)
		if (n->dev.dev == dev || (vfs_major(n->dev.dev) == vfs_major(dev) && n->dev.minors &&
					  vfs_minor(dev) - vfs_minor(n->dev.dev) < n->dev.minors))
			return &n->dev;
	return NULL;
}

int vfs_walk_types(struct machine *m, int (*fn)(void *ctx, const struct fs_type *t), void *ctx)
{
	int r = 0;

	for (struct type_node *n = m->vfs->types; n && !r; n = n->next)
		r = fn(ctx, n->type);
	return r;
}

int vfs_walk_chrdevs(struct machine *m, int (*fn)(void *ctx, const struct vfs_chrdev *d), void *ctx)
{
	int r = 0;

	for (struct chrdev_node *n = m->vfs->chrdevs; n && !r; n = n->next)
		r = fn(ctx, &n->dev);
	return r;
}

struct mount *vfs_root_mount(struct machine *m)
{
	struct path_ref p = { m->vfs->root, m->vfs->root->root };
	struct mount *top;

	while ((top = mount_at(&p)))
		p = (struct path_ref){ top, top->root };
	return p.mnt;
}

struct mount *vfs_mounts(struct machine *m)
{
	return m->vfs->root;
}

void fs_context_root(struct machine *m, struct fs_context *c)
{
	struct mount *root = vfs_root_mount(m);

	c->root = c->cwd = (struct path_ref){ root, root->root };
	path_get(&c->root);
	path_get(&c->cwd);
	c->umask = 022;
}

struct inode *vfs_anon_inode(struct machine *m, uint32_t mode)
{
	return inode_new(m->vfs->anon, mode, NULL, NULL);
}

struct file *vfs_anon_file(struct machine *m, const struct file_ops *ops, void *private, uint32_t flags)
{
	struct inode *i = vfs_anon_inode(m, 0600);
	struct file *f;

	if (!i)
		return NULL;
	f = file_new(i, ops, flags);
	inode_put(i);
	if (f)
		f->private = private;
	return f;
}

uint64_t vfs_serial(struct machine *m)
{
	return ++m->vfs->serials;
}

int file_path(struct file *f, struct path_ref *out)
{
	struct dentry *d;

	if (f->path.dentry) {
		*out = f->path;
		path_get(out);
		return 0;
	}
	d = dentry_alloc(NULL, "", 0, f->inode);
	if (!d)
		return -ENOMEM;
	out->dentry = d;
	out->mnt = mount_get(f->inode->super->machine->vfs->anon_mount);
	return 0;
}

static int mount_root(struct machine *m, struct vfs *v)
{
	struct inode *top;
	struct fs_super *s;
	int err;

	v->anon = super_new(m, &anon_type);
	if (!v->anon)
		return -ENOMEM;
	top = inode_new(v->anon, 040700, NULL, NULL);
	v->anon->root = top ? dentry_new_root(top) : NULL;
	if (!v->anon->root) {
		super_free(v->anon);
		return -ENOMEM;
	}
	err = mount_new(m, v->anon, v->anon->root, "none", 0, &v->anon_mount);
	if (err) {
		super_free(v->anon);
		return err;
	}
	err = ramfs_register(m);
	if (!err)
		err = vfs_find_type(m, "rootfs")->mount(m, "none", NULL, &s);
	if (err)
		return err;
	err = mount_new(m, s, s->root, "none", 0, &v->root);
	if (err) {
		super_free(s);
		return err;
	}
	v->last = v->root;
	v->mounts = 1;
	return mount_ns_begin(m);
}

int vfs_new(struct machine *m, struct vfs **out)
{
	struct vfs *v = calloc(1, sizeof *v);
	int err;

	if (!v)
		return -ENOMEM;
	v->machine = m;
	v->next_mount_id = 1;
	v->next_unique_mount = MOUNT_UNIQUE_BASE + 1;
	v->next_dev = 1;
	v->next_ns_ino = NS_FIRST_FREE_INO;
	v->charge_limit = m->options.ram_size < 16u << 20 ? 16u << 20 : m->options.ram_size;
	m->vfs = v;
	err = mount_root(m, v);
	if (err) {
		vfs_free(v);
		m->vfs = NULL;
		return err;
	}
	*out = v;
	return 0;
}

void vfs_prefix(struct machine *m, const struct path_ref *tree)
{
	struct fs_context fs;

	m->vfs->prefix = *tree;
	fs_context_root(m, &fs);
	m->vfs->prefix_root = fs.root.dentry;
	path_put(&fs.root);
	path_put(&fs.cwd);
}

void vfs_free(struct vfs *v)
{
	if (!v)
		return;
	if (v->prefix.dentry)
		path_put(&v->prefix);
	mounts_free(v);
	blkdevs_shut(v);
	if (v->devtmpfs)
		super_put(v->devtmpfs);
	if (v->mqueue)
		mount_put(v->mqueue);
	if (v->nsfs_mount)
		mount_put(v->nsfs_mount);
	if (v->anon_mount)
		mount_put(v->anon_mount);
	while (v->types) {
		struct type_node *n = v->types;

		v->types = n->next;
		free(n);
	}
	while (v->chrdevs) {
		struct chrdev_node *n = v->chrdevs;

		v->chrdevs = n->next;
		free(n);
	}
	blkdevs_free(v);
	host_shares_free(v);
	free(v);
}
