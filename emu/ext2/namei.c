/* SPDX-License-Identifier: MIT
 *
 * Names: made, found and taken away (fs/ext2/namei.c). VFS has checked who may and whether it makes sense.
 *
 * In such an order that whenever it stops, as the disk fails, e2fsck repairs it unasked (-p): a name never leads to an inode that is
 * not there. One that leads to an inode without links is taken away, where an inode with links, contents and no name is for somebody
 * to decide on; so links go before names and come after them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/ext2/internal.h"
#include "emu/kernel/klog.h"

enum { NOREPLACE = 1, EXCHANGE = 2, FAST_LINK = 60 };

static uint32_t link_limit(const struct ext2_super *e)
{
	return ext2_has(e, EXT3_FEATURE_INCOMPAT_EXTENTS) ? 65000 : 32000;
}

static void count(struct inode *i, int by)
{
	i->nlink += (uint32_t)by;
	inode_touch(i, 4);
}

static int lookup(struct inode *dir, const char *name, size_t len, struct inode **out)
{
	uint32_t ino;
	int err = ext2_dir_find(dir, name, len, &ino);

	if (!err)
		err = ext2_iget(dir->super, ino, out);
	if (err == -ESTALE)
		return ext2_corrupt(ext2_of(dir), ino, "it was deleted, but has a name");
	if (err)
		return err;
	err = disk_check_loop(dir, *out);
	/* A directory has one name. */
	if (!err && S_ISDIR((*out)->mode) && (*out)->alias && !(*out)->alias->unlinked && (*out)->alias->parent->inode != dir)
		err = -ELOOP;
	if (err) {
		klog(dir->super->machine, KLOG_ERR, "EXT2-fs (%s): a directory is named twice: inode %u", disk_name(dir->super), ino);
		inode_put(*out);
	}
	return err;
}

/* May the directory's names change? */
static int may_change(const struct inode *dir)
{
	int err = ext2_may_change(dir->super);

	return err ? err : ext2_immutable(dir) ? -EPERM : 0;
}

/* A name may be added where that is all that may be done. */
static int may_remove(const struct inode *dir, const struct inode *victim)
{
	int err = may_change(dir);

	if (!err && (ext2_append_only(dir) || ext2_immutable(victim) || ext2_append_only(victim)))
		err = -EPERM;
	return err;
}

/* --- Making --- */

static int write_target(struct inode *i, const char *target)
{
	struct ext2_super *e = ext2_of(i);
	size_t len = strlen(target);
	uint64_t where;
	char *block;
	int err;

	i->size = len;
	if (len < FAST_LINK) {
		memcpy(ext2_info(i)->raw.i_block, target, len);
		return 0;
	}
	block = calloc(1, e->fs->blocksize);
	if (!block)
		return -ENOMEM;
	memcpy(block, target, len);
	err = ext2_map(i, 0, true, &where);
	if (!err)
		err = ext2_errno(ext2_io_manager.write_blk64(e->fs->io, where, 1, block));
	free(block);
	return err;
}

static int create(struct inode *dir, const char *name, uint32_t mode, uint32_t rdev, const char *target,
		  const struct vfs_cred *cred, struct inode **out)
{
	struct ext2_super *e = ext2_of(dir);
	struct inode *i;
	uint32_t nlink;
	int err = may_change(dir);

	if (!err && S_ISDIR(mode) && dir->nlink >= link_limit(e))
		err = -EMLINK;
	if (!err && S_ISLNK(mode) && strlen(target) + 1 > e->fs->blocksize)
		err = -ENAMETOOLONG;
	if (!err)
		err = ext2_inode_make(dir, mode, rdev, cred, &i);
	if (err)
		return err;
	/* What has contents has no links on the device before it has a name. */
	nlink = i->nlink;
	if (!S_ISREG(mode))
		i->nlink = 0;
	if (S_ISLNK(mode))
		err = write_target(i, target);
	else if (S_ISDIR(mode))
		err = ext2_dir_init(i, (uint32_t)dir->ino);
	if (!err)
		err = ext2_inode_write(i, true);
	if (!err)
		err = ext2_dir_add(dir, name, strlen(name), (uint32_t)i->ino, i->mode);
	i->nlink = nlink;
	if (!err && !S_ISREG(mode) && ext2_inode_write(i, true))
		ext2_inconsistent(e);	/* the name is there; it is written again later */
	if (err) {
		ext2_inode_unlink(i);
		inode_put(i);
		return err;
	}
	if (S_ISDIR(mode))
		dir->nlink++;
	inode_touch(dir, 2 | 4);
	ext2_changed(e);
	*out = i;
	return 0;
}

static int tmpfile_op(struct inode *dir, uint32_t mode, const struct vfs_cred *cred, struct inode **out)
{
	int err = ext2_may_change(dir->super);

	if (!err)
		err = ext2_inode_make(dir, mode, 0, cred, out);
	if (err)
		return err;
	ext2_inode_unlink(*out);
	err = ext2_inode_write(*out, true);
	if (err)
		inode_put(*out);
	return err;
}

static int link_op(struct inode *dir, const char *name, struct inode *i)
{
	int err = may_change(dir);

	if (!err && (ext2_immutable(i) || ext2_append_only(i)))
		err = -EPERM;
	if (!err && !i->nlink && !i->linkable)
		err = -ENOENT;
	if (!err && i->nlink >= link_limit(ext2_of(dir)))
		err = -EMLINK;
	if (err)
		return err;
	count(i, 1);
	ext2_info(i)->unlinked = false;
	err = ext2_inode_write(i, true);
	if (!err)
		err = ext2_dir_add(dir, name, strlen(name), (uint32_t)i->ino, i->mode);
	if (err) {
		i->nlink--;
		ext2_info(i)->unlinked = !i->nlink;
		return err;
	}
	i->linkable = false;
	inode_touch(dir, 2 | 4);
	ext2_changed(ext2_of(dir));
	return 0;
}

/* --- Taking away --- */

/* One name less, perhaps the last one: on the device before the name goes. */
static int drop(struct inode *i)
{
	uint32_t nlink = i->nlink;
	int err;

	inode_touch(i, 4);
	if (S_ISDIR(i->mode) || nlink <= 1)
		ext2_inode_unlink(i);
	else
		i->nlink--;
	err = ext2_inode_write(i, true);
	if (err) {
		i->nlink = nlink;
		ext2_info(i)->unlinked = false;
	}
	return err;
}

/* The name has not gone. */
static void keep(struct inode *i, uint32_t nlink)
{
	i->nlink = nlink;
	ext2_info(i)->unlinked = false;
	ext2_inode_write(i, true);	/* if not, it is written later */
}

static int remove_op(struct inode *dir, const char *name, struct inode *victim)
{
	uint32_t nlink = victim->nlink;
	int err = may_remove(dir, victim), empty = 1;

	if (!err && S_ISDIR(victim->mode)) {
		empty = ext2_dir_empty(victim);
		err = empty < 0 ? empty : empty ? 0 : -ENOTEMPTY;
	}
	if (!err)
		err = drop(victim);
	if (err)
		return err;
	err = ext2_dir_remove(dir, name, strlen(name));
	if (err) {
		keep(victim, nlink);
		return err;
	}
	if (S_ISDIR(victim->mode) && dir->nlink > 2)
		dir->nlink--;
	inode_touch(dir, 2 | 4);
	ext2_changed(ext2_of(dir));
	return 0;
}

/* --- Renaming --- */

static int exchange(struct inode *from, const char *old, struct inode *a, struct inode *to, const char *name, struct inode *b)
{
	bool dirs = S_ISDIR(a->mode), other = S_ISDIR(b->mode);
	int err = ext2_dir_set(to, name, strlen(name), (uint32_t)a->ino, a->mode);

	if (err)
		return err;
	err = ext2_dir_set(from, old, strlen(old), (uint32_t)b->ino, b->mode);
	if (err)
		goto undo_name;
	if (dirs && from != to)
		err = ext2_dir_set(a, "..", 2, (uint32_t)to->ino, S_IFDIR);
	if (err)
		goto undo_old;
	if (other && from != to)
		err = ext2_dir_set(b, "..", 2, (uint32_t)from->ino, S_IFDIR);
	if (err)
		goto undo_parent;
	if (dirs != other) {
		from->nlink += other ? 1u : -1u;
		to->nlink += dirs ? 1u : -1u;
	}
	return 0;
undo_parent:
	if (dirs)
		ext2_dir_set(a, "..", 2, (uint32_t)from->ino, S_IFDIR);
undo_old:
	ext2_dir_set(from, old, strlen(old), (uint32_t)a->ino, a->mode);
undo_name:
	ext2_dir_set(to, name, strlen(name), (uint32_t)b->ino, b->mode);
	return err;
}

static int move(struct inode *from, const char *old, struct inode *i, struct inode *to, const char *name, struct inode *victim)
{
	bool is_dir = S_ISDIR(i->mode), moves = is_dir && from != to;
	uint32_t links = victim ? victim->nlink : 0;
	int err, empty;

	if (victim && S_ISDIR(victim->mode)) {
		empty = ext2_dir_empty(victim);
		if (empty <= 0)
			return empty ? empty : -ENOTEMPTY;
	}
	if (!victim && is_dir && from != to && to->nlink >= link_limit(ext2_of(to)))
		return -EMLINK;
	err = victim ? drop(victim) : 0;
	if (err)
		return err;
	err = victim ? ext2_dir_set(to, name, strlen(name), (uint32_t)i->ino, i->mode) :
		       ext2_dir_add(to, name, strlen(name), (uint32_t)i->ino, i->mode);
	if (err)
		goto undo_links;
	if (moves)
		err = ext2_dir_set(i, "..", 2, (uint32_t)to->ino, S_IFDIR);
	if (err)
		goto undo_name;
	err = ext2_dir_remove(from, old, strlen(old));
	if (err)
		goto undo_parent;
	if (is_dir) {
		if (from->nlink > 2)
			from->nlink--;
		if (!victim)
			to->nlink++;
	}
	return 0;
undo_parent:
	if (moves)
		ext2_dir_set(i, "..", 2, (uint32_t)from->ino, S_IFDIR);
undo_name:
	/* A file with two names and a count of one would be gone with the first of them. */
	if (victim)
		ext2_dir_set(to, name, strlen(name), (uint32_t)victim->ino, victim->mode);
	else
		ext2_dir_remove(to, name, strlen(name));
undo_links:
	if (victim)
		keep(victim, links);
	return err;
}

static int rename_op(struct inode *from, const char *old, struct inode *to, const char *name, unsigned flags)
{
	bool ext4 = from->super->type->name[3] == '4';
	struct inode *i, *victim = NULL;
	uint32_t ino;
	int err;

	/* What ext2 knows; ext4 exchanges names as well. */
	if (flags & ~(unsigned)(NOREPLACE | (ext4 ? EXCHANGE : 0)))
		return -EINVAL;
	err = lookup(from, old, strlen(old), &i);
	if (err)
		return err;
	err = ext2_dir_find(to, name, strlen(name), &ino);
	if (!err)
		err = ext2_iget(to->super, ino, &victim);
	else if (err == -ENOENT && !(flags & EXCHANGE))
		err = 0;
	if (!err)
		err = may_remove(from, i);
	if (!err)
		err = victim ? may_remove(to, victim) : may_change(to);
	if (!err)
		err = flags & EXCHANGE ? exchange(from, old, i, to, name, victim) : move(from, old, i, to, name, victim);
	if (!err) {
		inode_touch(i, 4);
		if (flags & EXCHANGE)
			inode_touch(victim, 4);
		inode_touch(from, 2 | 4);
		inode_touch(to, 2 | 4);
		ext2_changed(ext2_of(from));
	}
	if (victim)
		inode_put(victim);
	inode_put(i);
	return err;
}

/* --- Symbolic links --- */

static int readlink_op(struct inode *i, char *buf, size_t size)
{
	struct ext2_super *e = ext2_of(i);
	size_t len = i->size < size ? i->size : size;
	uint64_t where;
	char *block;
	int err;

	if (!e->lib.inode_has_valid_blocks2(e->fs, ext2_raw(i))) {
		if (i->size >= FAST_LINK)
			return ext2_corrupt(e, i->ino, "a symbolic link longer than it is");
		memcpy(buf, ext2_info(i)->raw.i_block, len);
		return (int)len;
	}
	if (i->size > e->fs->blocksize)
		return ext2_corrupt(e, i->ino, "a symbolic link longer than a block");
	block = malloc(e->fs->blocksize);
	err = block ? ext2_map(i, 0, false, &where) : -ENOMEM;
	if (!err)
		err = where ? ext2_read_block(e, where, block) : ext2_corrupt(e, i->ino, "a symbolic link to nowhere");
	if (!err)
		memcpy(buf, block, len);
	free(block);
	return err ? err : (int)len;
}

#define COMMON \
	.permission = ext2_permission, .evict = ext2_evict, .setattr = ext2_setattr, .getxattr = ext2_getxattr, \
	.setxattr = ext2_setxattr, .listxattr = ext2_listxattr, .removexattr = ext2_removexattr

const struct inode_ops ext2_dir_ops = {
	COMMON, .lookup = lookup, .create_named = create, .tmpfile = tmpfile_op, .link = link_op, .remove = remove_op,
	.rename = rename_op,
};
const struct inode_ops ext2_file_ops = { COMMON, .truncate = ext2_truncate };
const struct inode_ops ext2_link_ops = { COMMON, .readlink = readlink_op };
const struct inode_ops ext2_other_ops = { COMMON };
