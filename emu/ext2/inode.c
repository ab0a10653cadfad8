/* SPDX-License-Identifier: MIT
 *
 * Inodes: from the device and back.
 *
 * VFS changes what it has (times, mode, owner, size, links) and tells nobody; so what lies there is made from it, and
 * written if it is another, when it must be: ext2_inode_write().
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/ext2/internal.h"

enum { OLD_SIZE = EXT2_GOOD_OLD_INODE_SIZE };

/* --- Times: 32 bits of seconds; behind the first 128 bytes nanoseconds and two bits more of the seconds --- */

#define EXTRA(raw, field) ((size_t)OLD_SIZE + (raw)->i_extra_isize >= offsetof(struct ext2_inode_large, field) + 4)

static struct vfs_time time_from(uint32_t sec, uint32_t extra)
{
	uint32_t ns = extra >> EXT4_EPOCH_BITS;

	return (struct vfs_time){ (int64_t)(int32_t)sec + ((int64_t)(extra & EXT4_EPOCH_MASK) << 32), ns < 1000000000 ? ns : 0 };
}

static void time_to(const struct vfs_time *t, uint32_t *sec, uint32_t *extra)
{
	int64_t most = INT32_MAX + (extra ? INT64_C(3) << 32 : 0), s = t->sec > most ? most : t->sec < INT32_MIN ? INT32_MIN : t->sec;

	*sec = (uint32_t)s;
	if (extra)
		*extra = (t->nsec << EXT4_EPOCH_BITS) | (uint32_t)((s - (int32_t)s) >> 32 & EXT4_EPOCH_MASK);
}

static void take_times(struct inode *i, const struct ext2_inode_large *r)
{
	bool c = EXTRA(r, i_ctime_extra), m = EXTRA(r, i_mtime_extra), a = EXTRA(r, i_atime_extra);

	i->ctime = time_from(r->i_ctime, c ? r->i_ctime_extra : 0);
	i->mtime = time_from(r->i_mtime, m ? r->i_mtime_extra : 0);
	i->atime = time_from(r->i_atime, a ? r->i_atime_extra : 0);
	if (EXTRA(r, i_crtime_extra))
		i->btime = time_from(r->i_crtime, r->i_crtime_extra);
}

static void put_times(const struct inode *i, struct ext2_inode_large *r)
{
	time_to(&i->ctime, &r->i_ctime, EXTRA(r, i_ctime_extra) ? &r->i_ctime_extra : NULL);
	time_to(&i->mtime, &r->i_mtime, EXTRA(r, i_mtime_extra) ? &r->i_mtime_extra : NULL);
	time_to(&i->atime, &r->i_atime, EXTRA(r, i_atime_extra) ? &r->i_atime_extra : NULL);
}

/* --- Reading --- */

/* In units of 512 bytes, unless the file is so huge that they are blocks. */
void ext2_inode_set_blocks(struct inode *i)
{
	const struct ext2_inode_large *r = &ext2_info(i)->raw;
	uint64_t n = r->i_blocks | (uint64_t)r->osd2.linux2.l_i_blocks_hi << 32;

	i->blocks = r->i_flags & EXT4_HUGE_FILE_FL ? n * (ext2_block_size(i) / 512) : n;
}

static uint64_t size_of(const struct ext2_inode_large *r)
{
	return r->i_size | (S_ISREG(r->i_mode) || S_ISDIR(r->i_mode) ? (uint64_t)r->i_size_high << 32 : 0);
}

static const struct inode_ops *ops_of(uint32_t mode)
{
	return S_ISDIR(mode) ? &ext2_dir_ops : S_ISREG(mode) ? &ext2_file_ops : S_ISLNK(mode) ? &ext2_link_ops : &ext2_other_ops;
}

static const struct file_ops *fops_of(uint32_t mode)
{
	return S_ISDIR(mode) ? &ext2_dir_fops : S_ISREG(mode) ? &ext2_file_fops : S_ISFIFO(mode) ? &fifo_fops : NULL;
}

static bool known_type(uint32_t mode)
{
	return S_ISDIR(mode) || S_ISREG(mode) || S_ISLNK(mode) || S_ISFIFO(mode) || S_ISSOCK(mode) || S_ISCHR(mode) || S_ISBLK(mode);
}

/* What VFS shows, from raw. */
static void take(struct inode *i)
{
	const struct ext2_inode_large *r = &ext2_info(i)->raw;

	i->mode = r->i_mode;
	i->uid = r->i_uid | (uint32_t)r->osd2.linux2.l_i_uid_high << 16;
	i->gid = r->i_gid | (uint32_t)r->osd2.linux2.l_i_gid_high << 16;
	i->nlink = r->i_links_count;
	i->size = size_of(r);
	if (S_ISCHR(i->mode) || S_ISBLK(i->mode))
		i->rdev = r->i_block[0] ? vfs_makedev(r->i_block[0] >> 8 & 0xff, r->i_block[0] & 0xff) : r->i_block[1];
	take_times(i, r);
	ext2_inode_set_blocks(i);
}

static int check(const struct ext2_super *e, uint32_t ino, const struct ext2_inode_large *r)
{
	if (!r->i_links_count && (!r->i_mode || r->i_dtime))
		return -ESTALE;		/* it was deleted */
	if (!known_type(r->i_mode) || !r->i_links_count)
		return -EUCLEAN;
	if (e->fs->super->s_inode_size > OLD_SIZE && ((r->i_extra_isize & 3) ||
	    r->i_extra_isize > e->fs->super->s_inode_size - OLD_SIZE))
		return -EUCLEAN;
	if (r->i_flags & (EXT4_INLINE_DATA_FL | EXT4_ENCRYPT_FL | EXT2_COMPRBLK_FL | EXT4_EA_INODE_FL))
		return -EOPNOTSUPP;
	/* Of a tree of extents the root says how deep it is: five levels hold all that a number of 32 bits can name. */
	if ((r->i_flags & EXT4_EXTENTS_FL) && !S_ISCHR(r->i_mode) && !S_ISBLK(r->i_mode)) {
		const uint8_t *h = (const uint8_t *)r->i_block;

		if ((h[0] | h[1] << 8) != 0xf30a || (h[6] | h[7] << 8) > 5)
			return -EUCLEAN;
	}
	if (size_of(r) > INT64_MAX || (S_ISDIR(r->i_mode) && (!r->i_size || size_of(r) % e->fs->blocksize || r->i_size_high)))
		return -EUCLEAN;
	(void)ino;
	return 0;
}

static int read_raw(struct ext2_super *e, uint32_t ino, struct ext2_inode_large *r)
{
	errcode_t err;

	memset(r, 0, sizeof *r);
	err = e->lib.read_inode_full(e->fs, ino, (struct ext2_inode *)(void *)r, sizeof *r);
	if (e->fs->super->s_inode_size <= OLD_SIZE)
		memset((char *)r + OLD_SIZE, 0, sizeof *r - OLD_SIZE);
	return ext2_error(e, ino, "it cannot be read", err);
}

static int make(struct fs_super *s, uint32_t ino, const struct ext2_inode_large *r, struct inode **out)
{
	struct inode *i = disk_inode_new(s, ino, r->i_mode, ops_of(r->i_mode), fops_of(r->i_mode), sizeof(struct ext2_inode_info));

	if (!i)
		return -ENOMEM;
	ext2_info(i)->raw = *r;
	take(i);
	if (S_ISREG(i->mode)) {
		i->source.ops = &ext2_source_ops;
		i->source.kind = MM_REGULAR;
	}
	*out = i;
	return 0;
}

int ext2_iget(struct fs_super *s, uint32_t ino, struct inode **out)
{
	struct ext2_super *e = ext2_super(s);
	struct ext2_inode_large r;
	int err;

	if ((ino != EXT2_ROOT_INO && ino < EXT2_FIRST_INO(e->fs->super)) || ino > e->fs->super->s_inodes_count)
		return ext2_corrupt(e, ino, "a name has a number that is no file's");
	*out = disk_inode_find(s, ino);
	if (*out)
		return 0;
	err = read_raw(e, ino, &r);
	if (!err)
		err = check(e, ino, &r);
	if (err == -EUCLEAN && !e->damaged)
		return ext2_corrupt(e, ino, "it is damaged");
	return err ? err : make(s, ino, &r, out);
}

int ext2_inode_reread(struct inode *i)
{
	struct ext2_inode_large r;
	int err = read_raw(ext2_of(i), (uint32_t)i->ino, &r);

	if (err)
		return err;
	ext2_info(i)->raw = r;
	ext2_inode_set_blocks(i);
	return 0;
}

/* --- Writing --- */

int ext2_inode_write(struct inode *i, bool always)
{
	struct ext2_super *e = ext2_of(i);
	struct ext2_inode_large *r = &ext2_info(i)->raw, before = *r;
	int err;

	if (!e->writable)
		return 0;
	r->i_mode = (uint16_t)i->mode;
	r->i_uid = (uint16_t)i->uid;
	r->i_gid = (uint16_t)i->gid;
	r->osd2.linux2.l_i_uid_high = (uint16_t)(i->uid >> 16);
	r->osd2.linux2.l_i_gid_high = (uint16_t)(i->gid >> 16);
	r->i_links_count = (uint16_t)i->nlink;
	if (S_ISREG(i->mode) || S_ISDIR(i->mode) || S_ISLNK(i->mode))
		e->lib.inode_size_set(e->fs, (struct ext2_inode *)(void *)r, (ext2_off64_t)i->size);
	put_times(i, r);
	if (!always && !ext2_info(i)->unwritten && !memcmp(r, &before, sizeof *r))
		return 0;
	err = ext2_error(e, i->ino, "it cannot be written", e->lib.write_inode_full(e->fs, (uint32_t)i->ino,
			 (struct ext2_inode *)(void *)r, sizeof *r));
	if (err) {
		*r = before;	/* the next try writes it */
		ext2_info(i)->unwritten |= always;
	} else {
		ext2_info(i)->unwritten = false;
		ext2_changed(e);
	}
	return err;
}

int ext2_inode_make(struct inode *dir, uint32_t mode, uint32_t rdev, const struct vfs_cred *cred, struct inode **out)
{
	struct fs_super *s = dir->super;
	struct ext2_super *e = ext2_super(s);
	struct ext2_inode_large r = { .i_mode = (uint16_t)mode, .i_links_count = S_ISDIR(mode) ? 2 : 1 };
	bool extents = ext2_has(e, EXT3_FEATURE_INCOMPAT_EXTENTS) && (S_ISREG(mode) || S_ISDIR(mode));
	struct vfs_time now = vfs_now(s->machine);
	ext2_ino_t ino;
	int err;

	if (!e->fs->super->s_free_inodes_count)
		return -ENOSPC;
	err = ext2_error(e, dir->ino, "no inode is found", e->lib.new_inode(e->fs, (uint32_t)dir->ino, (int)mode, NULL, &ino));
	if (err)
		return err;
	/* Linux: what a file inherits of its directory, of the flags that a program can set. */
	r.i_flags = ext2_info(dir)->raw.i_flags & (EXT2_SECRM_FL | EXT2_UNRM_FL | EXT2_SYNC_FL | EXT2_NODUMP_FL | EXT2_NOATIME_FL);
	r.i_generation = ++e->generation;
	if (e->fs->super->s_inode_size > OLD_SIZE) {
		r.i_extra_isize = sizeof r - OLD_SIZE;
		time_to(&now, &r.i_crtime, &r.i_crtime_extra);
	}
	if (extents) {
		static const uint8_t root[12] = { 0x0a, 0xf3, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0 };	/* no extents, room for four */

		memcpy(r.i_block, root, sizeof root);
		r.i_flags |= EXT4_EXTENTS_FL;
	}
	if (S_ISCHR(mode) || S_ISBLK(mode)) {
		bool old = vfs_major(rdev) < 256 && vfs_minor(rdev) < 256;

		r.i_block[!old] = rdev;
	}
	err = make(s, ino, &r, out);
	if (err)
		return err;
	e->lib.inode_alloc_stats2(e->fs, ino, 1, S_ISDIR(mode));
	ext2_inode_dirty(e, ino);
	/* No links: ext2's create() says when it has some. A regular file without a name has no contents, and is no matter. */
	if (!S_ISREG(mode))
		(*out)->nlink = ext2_info(*out)->raw.i_links_count = 0;
	(*out)->atime = (*out)->mtime = (*out)->ctime = (*out)->btime = now;
	inode_init_owner(*out, dir, cred);
	/* The library's own way to write a new one clears what was there. */
	e->fs->now = (time_t)now.sec;
	err = ext2_error(e, ino, "it cannot be written",
			 e->lib.write_new_inode(e->fs, ino, (struct ext2_inode *)(void *)&ext2_info(*out)->raw));
	if (!err)
		err = ext2_inode_write(*out, true);
	(*out)->nlink = S_ISDIR(mode) ? 2 : 1;
	if (err) {
		ext2_inode_unlink(*out);
		inode_put(*out);
	}
	return err;
}

void ext2_inode_unlink(struct inode *i)
{
	i->nlink = 0;
	ext2_info(i)->unlinked = true;
}

/* Its blocks, its attributes, its number. */
static void release(struct inode *i)
{
	struct ext2_super *e = ext2_of(i);
	struct ext2_inode_large *r = &ext2_info(i)->raw;
	bool blocks, attributes;
	int err;

	if (!e->writable || e->damaged)
		return;
	blocks = e->lib.inode_has_valid_blocks2(e->fs, ext2_raw(i));
	attributes = e->lib.file_acl_block(e->fs, ext2_raw(i));
	/* First of all it is nobody's: then its blocks can be given to others, however far this comes. */
	r->i_dtime = (uint32_t)ext2_now(e);
	err = ext2_inode_write(i, true);
	if (!err && blocks)
		err = ext2_cut(i, 0);
	if (!err && attributes)
		err = ext2_error(e, i->ino, "its attributes are damaged", e->lib.free_ext_attr(e->fs, (uint32_t)i->ino, r));
	i->size = S_ISREG(i->mode) || S_ISDIR(i->mode) ? 0 : i->size;
	if (!err && (blocks || attributes))
		err = ext2_inode_write(i, true);
	if (err) {
		ext2_inconsistent(e);	/* e2fsck frees what is left */
		return;
	}
	e->lib.inode_alloc_stats2(e->fs, (uint32_t)i->ino, -1, S_ISDIR(i->mode));
	ext2_inode_dirty(e, (uint32_t)i->ino);
	if (S_ISDIR(i->mode))
		ext2_dir_forget(e, (uint32_t)i->ino);
}

void ext2_evict(struct inode *i)
{
	if (ext2_info(i)->unlinked)
		release(i);
	else if (ext2_inode_write(i, false))
		ext2_inconsistent(ext2_of(i));
	disk_inode_evict(i);
}

/* --- Attributes --- */

int ext2_permission(struct inode *i, int mask, const struct vfs_cred *cred)
{
	if ((mask & 2) && ext2_immutable(i))
		return -EPERM;
	return permission_by_mode(i, mask, cred);
}

int ext2_setattr(struct inode *i, const struct inode *to, unsigned what)
{
	int err = ext2_may_change(i->super);

	(void)to;
	(void)what;
	if (err)
		return err;
	if (ext2_immutable(i) || ext2_append_only(i))
		return -EPERM;
	ext2_changed(ext2_of(i));	/* VFS does it, and it is found when all is written */
	return 0;
}
