/* SPDX-License-Identifier: MIT
 *
 * devpts: the names of slaves, "0", "1" ..., and "ptmx".  Each mount is an instance of its own, with its own numbers, and
 * a /dev/ptmx outside belongs to the one mounted on "pts" beside it.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/fs/internal.h"
#include "emu/kernel/task.h"
#include "emu/tty/pty.h"

enum { INDEX_LIMIT = 1 << 20 /* NR_UNIX98_PTY_MAX */, INO_ROOT = 1, INO_PTMX = 2, INO_SLAVES = 3 };

struct options {
	bool set_uid, set_gid;
	uint32_t uid, gid, mode, ptmx_mode, max;
};

struct devpts {
	struct options options;
	uint64_t *used;			/* numbers, a bit each */
	unsigned words;
	struct inode *ptmx;		/* the tree has the reference */
};

static const struct fs_type type;

static struct devpts *devpts_in(const struct fs_super *s) { return s->private; }

/* --- Options --- */

enum { BASE_ANY = 0, BASE_OCTAL = 8 };

/* match_int(), match_octal(): all of it has to be a number. */
static int number(const char *value, int base, uint32_t *out)
{
	char *end;
	long long n;

	if (!value || !*value || *value == ' ')
		return -EINVAL;
	n = strtoll(value, &end, base);
	if (*end || n < INT_MIN || n > INT_MAX)
		return -EINVAL;
	*out = (uint32_t)n;
	return 0;
}

static int option(char *name, const char *value, struct options *o)
{
	int err;

	if (!strcmp(name, "newinstance"))
		return value ? -EINVAL : 0;	/* each is one */
	if (!strcmp(name, "uid")) {
		o->set_uid = true;
		err = number(value, BASE_ANY, &o->uid);
		return err || o->uid == UINT32_MAX ? -EINVAL : 0;
	}
	if (!strcmp(name, "gid")) {
		o->set_gid = true;
		err = number(value, BASE_ANY, &o->gid);
		return err || o->gid == UINT32_MAX ? -EINVAL : 0;
	}
	if (!strcmp(name, "mode")) {
		err = number(value, BASE_OCTAL, &o->mode);
		o->mode &= 07777;
		return err;
	}
	if (!strcmp(name, "ptmxmode")) {
		err = number(value, BASE_OCTAL, &o->ptmx_mode);
		o->ptmx_mode &= 07777;
		return err;
	}
	if (!strcmp(name, "max")) {
		err = number(value, BASE_ANY, &o->max);
		return err || o->max > INDEX_LIMIT ? -EINVAL : 0;
	}
	return -EINVAL;
}

/* What is not said is at its default, also when remounting. */
static int parse(const char *options, struct options *o)
{
	char *text = strdup(options ? options : ""), *next = text;
	int err = text ? 0 : -ENOMEM;

	*o = (struct options){ .mode = 0600, .max = INDEX_LIMIT };
	while (!err && next && *next) {
		char *name = strsep(&next, ","), *value = name;

		strsep(&value, "=");
		if (*name)
			err = option(name, value, o);
	}
	free(text);
	return err;
}

static int remount(struct fs_super *s, const char *options)
{
	struct devpts *d = devpts_in(s);
	int err = parse(options, &d->options);

	d->ptmx->mode = S_IFCHR | d->options.ptmx_mode;
	return err;
}

static void show_options(struct fs_super *s, char *buf, size_t size)
{
	const struct options *o = &devpts_in(s)->options;
	char uid[24] = "", gid[24] = "", max[24] = "";

	if (o->set_uid)
		snprintf(uid, sizeof uid, ",uid=%u", o->uid);
	if (o->set_gid)
		snprintf(gid, sizeof gid, ",gid=%u", o->gid);
	if (o->max < INDEX_LIMIT)
		snprintf(max, sizeof max, ",max=%u", o->max);
	snprintf(buf, size, "%s%s,mode=%03o,ptmxmode=%03o%s", uid, gid, o->mode, o->ptmx_mode, max);
}

/* --- Numbers --- */

int devpts_new_index(struct fs_super *s)
{
	struct devpts *d = devpts_in(s);
	struct machine *m = s->machine;
	unsigned word = 0, index;

	if (m->ptys >= m->ptys_max)
		return -ENOSPC;
	while (word < d->words && d->used[word] == UINT64_MAX)
		word++;
	if (word == d->words) {
		unsigned words = d->words ? d->words * 2 : 1;
		uint64_t *used = realloc(d->used, words * sizeof *used);

		if (!used)
			return -ENOMEM;
		memset(used + d->words, 0, (words - d->words) * sizeof *used);
		d->used = used;
		d->words = words;
	}
	index = word * 64 + (unsigned)__builtin_ctzll(~d->used[word]);
	if (index >= d->options.max)
		return -ENOSPC;
	d->used[word] |= UINT64_C(1) << (index % 64);
	return (int)index;
}

void devpts_free_index(struct fs_super *s, unsigned index)
{
	devpts_in(s)->used[index / 64] &= ~(UINT64_C(1) << (index % 64));
}

/* --- Names --- */

static void evict(struct inode *i)
{
	vfs_uncharge(i->super->machine, COST_INODE);
}

static const struct inode_ops node_ops = { .evict = evict };

static int new_inode(struct fs_super *s, uint32_t mode, uint64_t ino, struct inode **out)
{
	int err = vfs_charge(s->machine, COST_INODE);

	if (err)
		return err;
	*out = inode_new(s, mode, &node_ops, NULL);
	if (!*out) {
		vfs_uncharge(s->machine, COST_INODE);
		return -ENOMEM;
	}
	(*out)->ino = ino;
	return 0;
}

struct pty *devpts_pty(const struct inode *i)
{
	return i->super->type == &type && vfs_major(i->rdev) == PTY_SLAVE_MAJOR ? i->private : NULL;
}

int devpts_add(struct pty *pty, const struct task *t)
{
	struct fs_super *s = pty->instance;
	const struct options *o = &devpts_in(s)->options;
	struct inode *i;
	char name[16];
	int err = new_inode(s, S_IFCHR | o->mode, INO_SLAVES + pty->index, &i);

	if (err)
		return err;
	i->rdev = pty->slave.dev;
	i->uid = o->set_uid || !t ? o->uid : t->cred.fsuid;
	i->gid = o->set_gid || !t ? o->gid : t->cred.fsgid;
	snprintf(name, sizeof name, "%u", pty->index);
	err = dentry_add(s->root, name, strlen(name), i, &pty->node);
	if (!err)
		i->private = pty;
	inode_put(i);
	return err;
}

void devpts_remove(struct pty *pty)
{
	struct dentry *node = pty->node;

	pty->node = NULL;
	node->inode->private = NULL;
	node->inode->nlink = 0;
	dentry_drop(node);
	dentry_put(node);
}

static bool is_devpts_root(const struct path_ref *p)
{
	return p->mnt->super->type == &type && p->dentry == p->mnt->super->root;
}

/* devpts_acquire(), path_pts() */
int devpts_of(const struct file *ptmx, struct path_ref *root)
{
	struct path_ref p = ptmx->path;
	struct dentry *pts;
	int err;

	if (!p.dentry)
		return -ENODEV;
	if (p.mnt->super->type == &type) {
		*root = (struct path_ref){ p.mnt, p.mnt->super->root };
		path_get(root);
		return 0;
	}
	err = lookup_one(p.dentry->parent, "pts", 3, &pts);
	if (err)
		return -ENOENT;
	*root = (struct path_ref){ p.mnt, pts };
	mount_get(p.mnt);
	path_follow_mounts(root);
	if (is_devpts_root(root))
		return 0;
	path_put(root);
	return -ENODEV;
}

/* --- The file system --- */

static void statfs_op(struct fs_super *s, struct vfs_statfs *out)
{
	(void)s;
	out->bsize = FLAT_PAGE_SIZE;
}

static void kill_op(struct fs_super *s)
{
	free(devpts_in(s)->used);
	free(s->private);
}

static int make_ptmx(struct fs_super *s)
{
	struct devpts *d = devpts_in(s);
	struct task *t = task_current(s->machine);
	struct inode *i;
	int err = new_inode(s, S_IFCHR | d->options.ptmx_mode, INO_PTMX, &i);

	if (err)
		return err;
	i->rdev = vfs_makedev(5, 2);
	if (t) {
		i->uid = t->cred.fsuid;
		i->gid = t->cred.fsgid;
	}
	err = dentry_add(s->root, "ptmx", 4, i, NULL);
	d->ptmx = i;
	inode_put(i);
	return err;
}

static int mount_op(struct machine *m, const char *source, const char *options, struct fs_super **out)
{
	struct fs_super *s = super_new(m, &type);
	struct devpts *d = calloc(1, sizeof *d);
	struct inode *top;
	int err = -ENOMEM;

	(void)source;
	if (!s || !d)
		goto fail;
	err = parse(options, &d->options);
	if (err)
		goto fail;
	s->private = d;
	s->statfs = statfs_op;
	s->kill = kill_op;
	s->remount = remount;
	s->show_options = show_options;
	err = new_inode(s, S_IFDIR | 0755, INO_ROOT, &top);
	if (!err) {
		s->root = dentry_new_root(top);
		err = s->root ? make_ptmx(s) : -ENOMEM;
	}
	if (err) {
		super_free(s);
		return err;
	}
	*out = s;
	return 0;
fail:
	if (s)
		super_free(s);
	free(d);
	return err;
}

static const struct fs_type type = { .name = "devpts", .magic = 0x1cd1, .nodev = true, .mount = mount_op };

int devpts_register(struct machine *m)
{
	return vfs_register_fs(m, &type);
}
