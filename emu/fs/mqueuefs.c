/* SPDX-License-Identifier: MIT */
#include "emu/fs/mqueuefs.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/fs/internal.h"
#include "emu/ipc/mqueue.h"

enum { FILE_SIZE = 80, ENTRY_SIZE = 20 };	/* FILENT_SIZE, DIRENT_SIZE: what stat(2) says */

/* --- Files --- */

/* What a program can see of a queue without being its sender or receiver. */
static int64_t read_op(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	struct mqueue *q = f->inode->private;
	const struct mq_notice *n = &q->notice;
	bool told = n->pid, by_signal = told && n->how == 0;
	char text[FILE_SIZE];
	size_t size;

	snprintf(text, sizeof text, "QSIZE:%-10u NOTIFY:%-5d SIGNO:%-5d NOTIFY_PID:%-6d\n", q->bytes,
		 told ? n->how : 0, by_signal ? n->signo : 0, n->pid);
	size = strlen(text);
	if (*pos >= size)
		return 0;
	if (len > size - *pos)
		len = size - *pos;
	memcpy(buf, text + *pos, len);
	*pos += len;
	inode_touch(f->inode, 1 | 4);
	return (int64_t)len;
}

static unsigned poll_op(struct file *f, struct waiter *w)
{
	struct mqueue *q = f->inode->private;

	poll_wait(&q->poll, w);
	return (q->count ? POLLIN | POLLRDNORM : 0) | (q->count < q->maxmsg ? POLLOUT | POLLWRNORM : 0);
}

/* Closing any descriptor of it, a process is no longer told of messages. */
static void flush_op(struct file *f)
{
	struct task *t = task_current(f->inode->super->machine);

	if (t && t->process)
		mqueue_notice_of(f->inode->private, t->process, true);
}

static const struct file_ops file_ops = { .read = read_op, .poll = poll_op, .flush = flush_op };

struct mqueue *mqueuefs_queue(const struct file *f)
{
	return f->ops == &file_ops ? f->inode->private : NULL;
}

/* --- Inodes --- */

static void evict(struct inode *i)
{
	struct machine *m = i->super->machine;

	if (i->private)
		mqueue_free(i->private);
	vfs_uncharge(m, COST_INODE);
}

static void refresh_dir(struct inode *i)
{
	const struct dentry *root = i->super->root;

	i->size = ENTRY_SIZE * (2 + (root && root->children ? root->children->names.count : 0));
}

/* There are no bytes to cut; the number is kept as it would be of any file (simple_setattr()). */
static int truncate_op(struct inode *i, uint64_t size)
{
	i->size = size;
	return 0;
}

static const struct inode_ops queue_ops = { .truncate = truncate_op, .evict = evict };

static int new_queue(struct inode *dir, uint32_t mode, const struct mqueuefs_size *size, const struct vfs_cred *cred,
		     struct inode **out)
{
	struct machine *m = dir->super->machine;
	struct mqueue *q;
	struct inode *i;
	int err = vfs_charge(m, COST_INODE);

	if (err)
		return err;
	err = mqueue_new(m, size, size ? size->maxmsg : 0, size ? size->msgsize : 0, &q);
	if (err)
		goto uncharge;
	i = inode_new(dir->super, mode, &queue_ops, &file_ops);
	if (!i) {
		mqueue_free(q);
		err = -ENOMEM;
		goto uncharge;
	}
	i->private = q;
	i->size = FILE_SIZE;
	i->uid = cred->uid;
	i->gid = cred->gid;
	*out = i;
	return 0;
uncharge:
	vfs_uncharge(m, COST_INODE);
	return err;
}

/* open(2) with O_CREAT and mknod(2) make queues; there is nothing else in it. */
static int create(struct inode *dir, uint32_t mode, uint32_t rdev, const char *target, const struct vfs_cred *cred,
		  struct inode **out)
{
	(void)rdev;
	(void)target;
	return S_ISREG(mode) ? new_queue(dir, mode, NULL, cred, out) : -EPERM;
}

static const struct inode_ops dir_ops = {
	.create = create, .refresh = refresh_dir, .evict = evict, .fixed_names = true,
};

/* --- By name --- */

int mqueuefs_open(struct machine *m, const char *name, uint32_t flags, uint32_t mode, const struct mqueuefs_size *size,
		  const struct vfs_cred *cred, struct file **out)
{
	static const int asked[3] = { 4, 2, 6 };
	struct path_ref top = { .mnt = m->vfs->mqueue, .dentry = m->vfs->mqueue->root }, p = top;
	struct inode *dir = top.dentry->inode, *i;
	size_t len = strlen(name);
	int err;

	/* lookup_one_len() */
	if (!len || !strcmp(name, ".") || !strcmp(name, "..") || strchr(name, '/'))
		return -EACCES;
	err = vfs_permission(dir, 1, cred);
	if (err)
		return err;
	if (len > NAME_LIMIT)
		return -ENAMETOOLONG;
	p.dentry = dentry_find(top.dentry, name, len);
	if (p.dentry) {
		if ((flags & FO_CREAT) && (flags & FO_EXCL))
			return -EEXIST;
		if ((flags & FO_ACCMODE) == FO_ACCMODE)
			return -EINVAL;
		err = vfs_permission(p.dentry->inode, asked[flags & FO_ACCMODE], cred);
		if (err)
			return err;
		dentry_get(p.dentry);
	} else {
		if (!(flags & FO_CREAT))
			return -ENOENT;
		err = may_create(&top, cred);
		if (!err)
			err = new_queue(dir, S_IFREG | (mode & 07777), size, cred, &i);
		if (err)
			return err;
		err = dentry_add(top.dentry, name, len, i, &p.dentry);
		inode_put(i);
		if (err)
			return err;
		inode_touch(dir, 1 | 2 | 4);
	}
	flags &= ~(uint32_t)(FO_CREAT | FO_EXCL | FO_TRUNC | FO_NOCTTY | FO_DIRECTORY);
	err = vfs_open_path(&p, flags, NULL, out);
	dentry_put(p.dentry);
	return err;
}

int mqueuefs_unlink(struct machine *m, struct fs_context *fs, const char *name, const struct vfs_cred *cred)
{
	struct walk w = {
		.fs = fs, .cred = cred, .start = { .mnt = m->vfs->mqueue, .dentry = m->vfs->mqueue->root },
	};

	if (!name[0] || !strcmp(name, ".") || !strcmp(name, "..") || strchr(name, '/'))
		return -EACCES;
	return vfs_unlink(&w, name);
}

/* --- The file system --- */

static void statfs_op(struct fs_super *s, struct vfs_statfs *out)
{
	(void)s;
	out->bsize = FLAT_PAGE_SIZE;	/* simple_statfs() */
}

static int mount_op(struct machine *m, const char *source, const char *options, struct fs_super **out)
{
	(void)source;
	if (options && *options)
		return -EINVAL;		/* it takes none */
	*out = m->vfs->mqueue->super;
	return 0;
}

static const struct fs_type type = { .name = "mqueue", .magic = 0x19800202, .nodev = true, .mount = mount_op };

int mqueuefs_register(struct machine *m)
{
	struct fs_super *s;
	struct inode *top;
	int err = vfs_register_fs(m, &type);

	if (err)
		return err;
	s = super_new(m, &type);
	if (!s)
		return -ENOMEM;
	s->statfs = statfs_op;
	err = vfs_charge(m, COST_INODE);
	if (err)
		goto fail;
	err = -ENOMEM;
	top = inode_new(s, S_IFDIR | S_ISVTX | 0777, &dir_ops, NULL);
	if (!top) {
		vfs_uncharge(m, COST_INODE);
		goto fail;
	}
	s->root = dentry_new_root(top);
	if (!s->root)
		goto fail;
	err = mount_new(m, s, s->root, "mqueue", 0, &m->vfs->mqueue);
	if (!err)
		return 0;
fail:
	super_free(s);
	return err;
}
