/* SPDX-License-Identifier: MIT
 *
 * The files, links and directories of /sys, whatever they say: made at a path, read, written, dropped.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/fs/internal.h"
#include "emu/sysfs/internal.h"

enum { TEXT_SIZE = 512, ATTRIBUTE_SIZE = 4096 /* what stat(2) says of all files here */ };

/* --- Files --- */

static int64_t read_op(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	const struct attribute *a = f->inode->private;
	const char *text = a->text ? a->text : a->data;
	char made[TEXT_SIZE];
	size_t size = a->text ? strlen(a->text) : a->len;

	if (a->show) {
		int n = a->show(a, made, sizeof made);

		if (n < 0)
			return n;
		size = (size_t)n < sizeof made ? (size_t)n : sizeof made - 1;
		text = made;
	}
	if (*pos >= size)
		return 0;
	if (len > size - *pos)
		len = size - *pos;
	memcpy(buf, text + *pos, len);
	*pos += len;
	return (int64_t)len;
}

/* Each write is one value, wherever the position is (kernfs_fop_write_iter()). */
static int64_t write_op(struct file *f, const void *buf, size_t len, uint64_t *pos)
{
	const struct attribute *a = f->inode->private;
	char text[STORE_SIZE + 1];
	int64_t n;

	if (len > STORE_SIZE)
		len = STORE_SIZE;
	memcpy(text, buf, len);
	text[len] = 0;
	n = a->store(a, text, len);
	if (n > 0)
		*pos += (uint64_t)n;
	return n;
}

static const struct file_ops file_ops = { .read = read_op }, stored_ops = { .read = read_op, .write = write_op };

static int readlink_op(struct inode *i, char *buf, size_t size)
{
	const struct attribute *a = i->private;
	size_t n = strlen(a->target);

	if (n > size)
		n = size;
	memcpy(buf, a->target, n);
	return (int)n;
}

static void evict(struct inode *i)
{
	vfs_uncharge(i->super->machine, COST_INODE);
	free(i->private);
}

/* Shell redirections open with O_TRUNC. */
static int truncate_op(struct inode *i, uint64_t size)
{
	(void)i;
	(void)size;
	return 0;
}

static const struct inode_ops dir_ops = { .evict = evict }, file_inode_ops = { .truncate = truncate_op, .evict = evict };
static const struct inode_ops link_ops = { .readlink = readlink_op, .evict = evict };

/* --- The tree --- */

int sysfs_new_inode(struct fs_super *s, uint32_t mode, struct attribute *a, struct inode **out)
{
	const struct inode_ops *ops = S_ISDIR(mode) ? &dir_ops : S_ISLNK(mode) ? &link_ops : &file_inode_ops;
	int err = vfs_charge(s->machine, COST_INODE);

	if (!err) {
		*out = inode_new(s, mode, ops, S_ISREG(mode) ? a->store ? &stored_ops : &file_ops : NULL);
		if (*out) {
			(*out)->private = a;
			if (S_ISREG(mode))
				(*out)->size = a->show || a->text ? ATTRIBUTE_SIZE : a->len;
			return 0;
		}
		vfs_uncharge(s->machine, COST_INODE);
		err = -ENOMEM;
	}
	free(a);
	return err;
}

static int add(struct dentry *dir, const char *name, size_t len, uint32_t mode, struct attribute *a, struct dentry **out)
{
	struct inode *i;
	int err = sysfs_new_inode(dir->inode->super, mode, a, &i);

	if (err)
		return err;
	err = dentry_add(dir, name, len, i, out);
	inode_put(i);
	if (!err && S_ISDIR(mode))
		dir->inode->nlink++;
	return err;
}

int sysfs_add_path(struct fs_super *s, const char *path, uint32_t mode, struct attribute *a)
{
	struct dentry *dir = dentry_get(s->root), *next;
	int err = 0;

	for (;;) {
		size_t len = strcspn(path, "/");

		if (!path[len]) {
			err = add(dir, path, len, mode, a, NULL);
			break;
		}
		next = dentry_find(dir, path, len);
		if (next)
			dentry_get(next);
		else
			err = add(dir, path, len, S_IFDIR | 0755, NULL, &next);
		if (err) {
			free(a);
			break;
		}
		dentry_put(dir);
		dir = next;
		path += len + 1;
	}
	dentry_put(dir);
	return err;
}

void sysfs_remove_path(struct fs_super *s, const char *path)
{
	struct dentry *dir = s->root, *d = s->root;

	for (; *path; path += strspn(path, "/")) {
		size_t len = strcspn(path, "/");

		dir = d;
		d = dentry_find(dir, path, len);
		if (!d)
			return;
		path += len;
	}
	dentry_get(d);
	if (S_ISDIR(d->inode->mode)) {
		dentry_drop_tree(d);
		dir->inode->nlink--;
	}
	dentry_drop(d);
	dentry_put(d);
}
