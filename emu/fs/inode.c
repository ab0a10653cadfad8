/* SPDX-License-Identifier: MIT
 *
 * Inodes and superblocks: their lives.
 *
 * A superblock lives as long as it is mounted or any of its inodes is alive (an inode outlives its mount when
 * a mapping still shows it).
 */
#include "emu/fs/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/fs/disk.h"
#include "emu/fs/notify.h"
#include "emu/host/clock.h"

static const struct inode_ops no_ops;
static const struct file_ops no_fops;

struct vfs_time vfs_now(struct machine *m)
{
	int64_t ns = clock_realtime(m);
	int64_t sec = ns / 1000000000, rest = ns % 1000000000;

	if (rest < 0) {
		rest += 1000000000;
		sec--;
	}
	return (struct vfs_time){ sec, (uint32_t)rest };
}

struct vfs_time inode_now(const struct inode *i)
{
	struct vfs_time now = vfs_now(i->super->machine);

	if (i->super->coarse_times)
		now.nsec = 0;
	return now;
}

bool time_after(const struct vfs_time *a, const struct vfs_time *b)
{
	return a->sec != b->sec ? a->sec > b->sec : a->nsec > b->nsec;
}

struct fs_super *super_new(struct machine *m, const struct fs_type *type)
{
	struct fs_super *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->type = type;
	s->machine = m;
	s->next_ino = 1;
	s->dev = vfs_makedev(0, m->vfs->next_dev++);
	return s;
}

static void super_gone(struct fs_super *s)
{
	if (s->kill)
		s->kill(s);
	disk_release(s);
	free(s);
}

int vfs_get_super(struct machine *m, const struct fs_type *t, const char *source, bool read_only, const char *options,
		  struct fs_super **out)
{
	int err = t->fill ? disk_mount(m, t, source, read_only, options, out) : t->mount(m, source, options, out);

	if (!err && !(*out)->refs)
		(*out)->read_only = read_only || t->read_only || (*out)->write_protected;
	return err;
}

void super_free(struct fs_super *s)
{
	struct dentry *root = s->root;

	s->dead = true;
	s->root = NULL;
	s->inodes++;		/* so that the last inode's end does not free it under our hands */
	notify_unmount(s);
	if (root) {
		dentry_drop_tree(root);
		dentry_put(root);
	}
	if (--s->inodes == 0)
		super_gone(s);
}

void super_put(struct fs_super *s)
{
	if (--s->refs == 0)
		super_free(s);
}

struct inode *inode_new(struct fs_super *s, uint32_t mode, const struct inode_ops *ops, const struct file_ops *fops)
{
	struct inode *i = calloc(1, sizeof *i);

	if (!i)
		return NULL;
	i->refs = 1;
	i->ino = s->next_ino++;
	i->mode = mode;
	i->nlink = S_ISDIR(mode) ? 2 : 1;
	i->super = s;
	i->ops = ops ? ops : &no_ops;
	i->fops = fops ? fops : &no_fops;
	i->atime = i->mtime = i->ctime = i->btime = vfs_now(s->machine);
	s->inodes++;
	return i;
}

struct inode *inode_get(struct inode *i)
{
	i->refs++;
	return i;
}

void inode_put(struct inode *i)
{
	struct fs_super *s = i->super;

	if (--i->refs)
		return;
	if (i->ops->evict)
		i->ops->evict(i);
	wait_queue_fini(&i->fifo_wait);
	if (i->pipe)
		pipe_free(s->machine, i->pipe);
	free(i);
	if (--s->inodes == 0 && s->dead)
		super_gone(s);
}

void inode_touch(struct inode *i, unsigned which)
{
	struct vfs_time now = inode_now(i);

	if (which & 1)
		i->atime = now;
	if (which & 2)
		i->mtime = now;
	if (which & 4)
		i->ctime = now;
}

void inode_lost_name(struct inode *i)
{
	if (!i->ops->refresh)
		return;		/* its file system has counted */
	i->ops->refresh(i);
	if ((i->mode & 0170000) == 0040000)
		i->nlink = 0;	/* not all hosts say so */
}

/* fs/inode.c inode_init_owner: a set-group-ID directory hands its group down. */
void inode_init_owner(struct inode *i, const struct inode *dir, const struct vfs_cred *cred)
{
	i->uid = cred->uid;
	i->gid = cred->gid;
	if (dir && (dir->mode & S_ISGID)) {
		i->gid = dir->gid;
		if (S_ISDIR(i->mode))
			i->mode |= S_ISGID;
		else if ((i->mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) && !in_group(cred, dir->gid) &&
			 !vfs_capable(cred, VFS_FSETID))
			i->mode &= ~(uint32_t)S_ISGID;	/* mode_strip_sgid() */
	}
}
