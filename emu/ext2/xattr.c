/* SPDX-License-Identifier: MIT
 *
 * Extended attributes, in the inode or in a block of their own: all of it the library's. Names of the kinds that Linux's ext2 and
 * ext4 keep: user., trusted., security.; access control lists are not (EOPNOTSUPP).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "emu/ext2/internal.h"

enum { XATTR_CREATE_ = 1, XATTR_REPLACE_ = 2 };

static bool is_kept(const char *name)
{
	static const char *const prefixes[] = { "user.", "trusted.", "security." };

	for (unsigned i = 0; i < 3; i++)
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
			return name[strlen(prefixes[i])] != 0;
	return false;
}

/*
 * Opens what the inode has; what VFS has changed must be there first, for the library writes the whole inode.  -ENODATA: the file
 * system says that it has no attributes at all, as BusyBox's mke2fs makes it.
 */
static int begin(struct inode *i, struct ext2_xattr_handle **out)
{
	struct ext2_super *e = ext2_of(i);
	int err = ext2_inode_write(i, false);

	if (!err)
		err = ext2_errno(e->lib.xattrs_open(e->fs, (uint32_t)i->ino, out));
	if (err)
		return err;
	err = ext2_error(e, i->ino, "its attributes are damaged", e->lib.xattrs_read(*out));
	if (err)
		e->lib.xattrs_close(out);
	return err;
}

int64_t ext2_getxattr(struct inode *i, const char *name, void *value, size_t size)
{
	struct ext2_super *e = ext2_of(i);
	struct ext2_xattr_handle *h;
	void *found = NULL;
	size_t len = 0;
	int err;

	if (!is_kept(name))
		return -EOPNOTSUPP;
	err = begin(i, &h);
	if (err)
		return err;
	err = ext2_errno(e->lib.xattr_get(h, name, &found, &len));
	e->lib.xattrs_close(&h);
	if (!err && size && len > size)
		err = -ERANGE;
	if (!err && size)
		memcpy(value, found, len);
	free(found);
	return err ? err : (int64_t)len;
}

static int change(struct inode *i, const char *name, const void *value, size_t size, int flags, bool removed)
{
	struct ext2_super *e = ext2_of(i);
	struct ext2_xattr_handle *h;
	void *found = NULL;
	size_t len;
	int err = ext2_may_change(i->super), there, again;

	if (!err)
		err = is_kept(name) ? 0 : -EOPNOTSUPP;
	if (!err && (ext2_immutable(i) || ext2_append_only(i)))
		err = -EPERM;
	if (!err && !removed && !(flags & XATTR_REPLACE_) && !ext2fs_has_feature_xattr(e->fs->super))
		ext2fs_set_feature_xattr(e->fs->super);	/* the first one; ext2_sync() writes it */
	if (!err)
		err = begin(i, &h);
	if (err)
		return err;
	there = ext2_errno(e->lib.xattr_get(h, name, &found, &len));
	free(found);
	if (there && there != -ENODATA)
		err = there;
	else if (there && (removed || (flags & XATTR_REPLACE_)))
		err = -ENODATA;
	else if (!there && (flags & XATTR_CREATE_))
		err = -EEXIST;
	else if (removed)
		err = ext2_error(e, i->ino, "its attributes are damaged", e->lib.xattr_remove(h, name));
	else
		err = ext2_error(e, i->ino, "its attributes are damaged", e->lib.xattr_set(h, name, value, size));
	e->lib.xattrs_close(&h);
	ext2_changed(e);
	again = ext2_inode_reread(i);
	if (!err)
		err = again;
	if (!err)
		inode_touch(i, 4);
	return err;
}

int ext2_setxattr(struct inode *i, const char *name, const void *value, size_t size, int flags)
{
	return change(i, name, value, size, flags, false);
}

int ext2_removexattr(struct inode *i, const char *name)
{
	return change(i, name, NULL, 0, 0, true);
}

struct list { char *out; size_t size, len; };

static int add_name(char *name, char *value, size_t value_len, void *data)
{
	struct list *l = data;
	size_t n = strlen(name) + 1;

	(void)value;
	(void)value_len;
	if (!is_kept(name))
		return 0;
	if (n <= l->size - l->len && l->len < l->size)
		memcpy(l->out + l->len, name, n);
	l->len += n;
	return 0;
}

int64_t ext2_listxattr(struct inode *i, char *list, size_t size)
{
	struct ext2_super *e = ext2_of(i);
	struct list l = { list, size, 0 };
	struct ext2_xattr_handle *h;
	int err = begin(i, &h);

	if (err)
		return err == -ENODATA ? 0 : err;
	err = ext2_errno(e->lib.xattrs_iterate(h, add_name, &l));
	e->lib.xattrs_close(&h);
	if (!err && size && l.len > size)
		err = -ERANGE;
	return err ? err : (int64_t)l.len;
}
