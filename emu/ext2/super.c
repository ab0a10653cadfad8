/* SPDX-License-Identifier: MIT
 *
 * The superblock: what can be mounted and how, what is written when, the end.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/ext2/internal.h"
#include "emu/fs/blkdev.h"
#include "emu/host/clock.h"
#include "emu/host/library.h"
#include "emu/kernel/klog.h"

enum { SUPER_OFFSET = 1024, MAX_LOG_BLOCK = 2 /* 4096 bytes: a page */ };

/* What the kernel's drivers of these names know, and what of it is not done here, neither reading nor writing. */
static const struct features {
	const char *type;
	uint32_t incompat, ro_compat, compat;	/* there may be */
	uint32_t needs;				/* of compat: there must be */
} features[] = {
	{ "ext2", EXT2_FEATURE_INCOMPAT_FILETYPE | EXT2_FEATURE_INCOMPAT_META_BG,
	  EXT2_FEATURE_RO_COMPAT_SPARSE_SUPER | EXT2_FEATURE_RO_COMPAT_LARGE_FILE, UINT32_MAX, 0 },
	{ "ext3", EXT2_FEATURE_INCOMPAT_FILETYPE | EXT2_FEATURE_INCOMPAT_META_BG | EXT3_FEATURE_INCOMPAT_RECOVER,
	  EXT2_FEATURE_RO_COMPAT_SPARSE_SUPER | EXT2_FEATURE_RO_COMPAT_LARGE_FILE, UINT32_MAX, EXT3_FEATURE_COMPAT_HAS_JOURNAL },
	{ "ext4", EXT2_FEATURE_INCOMPAT_FILETYPE | EXT2_FEATURE_INCOMPAT_META_BG | EXT3_FEATURE_INCOMPAT_RECOVER |
	  EXT3_FEATURE_INCOMPAT_EXTENTS | EXT4_FEATURE_INCOMPAT_64BIT | EXT4_FEATURE_INCOMPAT_FLEX_BG |
	  EXT4_FEATURE_INCOMPAT_CSUM_SEED | EXT4_FEATURE_INCOMPAT_LARGEDIR | EXT4_FEATURE_INCOMPAT_MMP,
	  UINT32_MAX, UINT32_MAX, 0 },
};

/* Those of ro_compat with which files can be changed. */
#define WRITABLE_FEATURES \
	(EXT2_FEATURE_RO_COMPAT_SPARSE_SUPER | EXT2_FEATURE_RO_COMPAT_LARGE_FILE | EXT4_FEATURE_RO_COMPAT_HUGE_FILE | \
	 EXT4_FEATURE_RO_COMPAT_GDT_CSUM | EXT4_FEATURE_RO_COMPAT_DIR_NLINK | EXT4_FEATURE_RO_COMPAT_EXTRA_ISIZE | \
	 EXT4_FEATURE_RO_COMPAT_METADATA_CSUM)

static int load_library(struct ext2_super *e)
{
	static const char *const names[] = {
#define EXT2_FUNCTION(name) "ext2fs_" #name,
#include "emu/ext2/functions.def"
#undef EXT2_FUNCTION
		"set_com_err_hook",
	};
	static const struct library library = { "libext2fs.so.2", "libext2fs2", names, sizeof names / sizeof *names };
	char why[LIBRARY_WHY];
	int err = library_load(&library, &e->lib, sizeof e->lib, why);

	if (err)
		klog(e->super->machine, KLOG_ERR, "ext2: %s", why);
	return err ? -ENODEV : 0;
}

/* What the library says about damaged images would be on our stderr; its error codes tell us as much. */
static void say_nothing(const char *who, errcode_t err, const char *format, va_list args)
{
	(void)who, (void)err, (void)format, (void)args;
}

int64_t ext2_now(const struct ext2_super *e)
{
	return vfs_now(e->super->machine).sec;
}

/* --- Mounting --- */

static int refuse(struct fs_super *s, int err, const char *why, uint32_t number)
{
	klog(s->machine, KLOG_ERR, "%s (%s): %s%.0x", s->type->name, disk_name(s), why, number);
	return err;
}

/*
 * The superblock as it lies there, before the library believes what it says: sizes that fit each other and the device, so that
 * nothing is allocated that an image could not fill.
 */
static int check(struct fs_super *s, const struct ext2_super_block *b)
{
	uint64_t blocks = b->s_blocks_count, groups;
	uint32_t size = 1024u << (b->s_log_block_size & 31);

	if (b->s_magic != EXT2_SUPER_MAGIC)
		return -EINVAL;		/* and no word: somebody tries all types in turn */
	if (b->s_log_block_size > MAX_LOG_BLOCK)
		return refuse(s, -EINVAL, "blocks larger than a page: log2 of their KiB is ", b->s_log_block_size);
	if (b->s_feature_incompat & EXT4_FEATURE_INCOMPAT_64BIT)
		blocks |= (uint64_t)b->s_blocks_count_hi << 32;
	if (!blocks || blocks > disk_size(s) / size)
		return refuse(s, -EINVAL, "bad geometry: it is larger than its device", 0);
	if (!b->s_blocks_per_group || b->s_blocks_per_group > 8 * size || !b->s_inodes_per_group ||
	    b->s_inodes_per_group > 8 * size || b->s_blocks_per_group < 8 || b->s_first_data_block > 1)
		return refuse(s, -EINVAL, "bad geometry: groups of no size", 0);
	groups = (blocks - b->s_first_data_block + b->s_blocks_per_group - 1) / b->s_blocks_per_group;
	if (groups * b->s_inodes_per_group != b->s_inodes_count)
		return refuse(s, -EINVAL, "bad geometry: inodes and groups do not agree", 0);
	return 0;
}

static int check_features(struct fs_super *s, const struct ext2_super_block *b)
{
	const struct features *f = features;

	while (strcmp(f->type, s->type->name))
		f++;
	if (b->s_feature_incompat & ~f->incompat)
		return refuse(s, -EINVAL, "couldn't mount because of unsupported optional features 0x",
			      b->s_feature_incompat & ~f->incompat);
	if ((b->s_feature_ro_compat & ~f->ro_compat) && !s->read_only)
		return refuse(s, -EINVAL, "couldn't mount RDWR because of unsupported optional features 0x",
			      b->s_feature_ro_compat & ~f->ro_compat);
	if (f->needs & ~b->s_feature_compat)
		return -EINVAL;
	return 0;
}

/* Can it be written to?  -EROFS: mount(8) then asks for less. */
static int check_writable(struct fs_super *s, const struct ext2_super_block *b)
{
	uint32_t beyond = b->s_feature_ro_compat & ~(uint32_t)WRITABLE_FEATURES;

	if (s->disk->dev->dev.read_only)
		return -EACCES;
	if (b->s_feature_incompat & EXT3_FEATURE_INCOMPAT_RECOVER)
		return refuse(s, -EROFS, "its journal must be replayed first (e2fsck does it); it can be mounted read-only", 0);
	if (b->s_feature_incompat & EXT4_FEATURE_INCOMPAT_MMP)
		return refuse(s, -EROFS, "it is guarded against a second mount (mmp); it can be mounted read-only", 0);
	if (beyond)
		return refuse(s, -EROFS, "it can be mounted read-only, because of features 0x", beyond);
	return 0;
}

/* Options of the kernel's drivers that change nothing here. */
static int parse_options(const char *options)
{
	static const char *const known[] = {
		"acl", "noacl", "user_xattr", "nouser_xattr", "minixdf", "bsddf", "nogrpid", "sysvgroups", "nouid32",
		"errors=continue", "errors=remount-ro", "noload", "norecovery", "data=ordered", "data=writeback", "barrier", "nobarrier",
		"discard", "nodiscard", "check=none", "nocheck", "relatime", "init_itable", "noinit_itable", "delalloc", "nodelalloc",
	};
	size_t len;

	for (; options && *options; options += len + (options[len] == ',')) {
		bool found = false;

		len = strcspn(options, ",");
		for (size_t i = 0; i < sizeof known / sizeof *known; i++)
			found |= strlen(known[i]) == len && !strncmp(options, known[i], len);
		if (!found && len)
			return -EINVAL;
	}
	return 0;
}

/* Nothing is to be written back any more.  Of a machine that ends the clocks are gone already. */
static void disarm(struct ext2_super *e)
{
	if (e->super->machine->clock_events && clock_event_armed(&e->writeback))
		clock_event_remove(e->super->machine, &e->writeback);
}

/* The image is in use from now on: if this is never taken back, e2fsck looks at it. */
static int start_writing(struct ext2_super *e)
{
	struct ext2_super_block *b = e->fs->super;
	int err = check_writable(e->super, b);

	if (err)
		return err;
	err = ext2_bitmaps_load(e);
	if (err)
		return err;
	if (!(b->s_state & EXT2_VALID_FS))
		klog(e->super->machine, KLOG_WARNING, "EXT2-fs (%s): warning: mounting unchecked fs, running e2fsck is recommended",
		     disk_name(e->super));
	else if (b->s_state & EXT2_ERROR_FS)
		klog(e->super->machine, KLOG_WARNING, "EXT2-fs (%s): warning: mounting fs with errors, running e2fsck is recommended",
		     disk_name(e->super));
	e->state = b->s_state;
	e->fs->flags |= EXT2_FLAG_RW | EXT2_FLAG_MASTER_SB_ONLY;
	b->s_state &= (uint16_t)~EXT2_VALID_FS;
	b->s_mnt_count++;
	b->s_mtime = (uint32_t)ext2_now(e);
	e->writable = true;
	ext2_changed(e);
	err = ext2_sync(e->super, true);
	if (err) {
		b->s_state = e->state;
		e->writable = false;
		disarm(e);
		ext2_bitmaps_free(e);
	}
	return err;
}

/* All is written, and the image says so. */
static int stop_writing(struct ext2_super *e)
{
	int err = ext2_sync(e->super, false);

	if (!e->damaged && !err) {
		e->fs->super->s_state = e->state;
		e->changed = true;
	}
	if (!err)
		err = ext2_sync(e->super, true);
	e->writable = false;
	disarm(e);
	return err;
}

static int set_read_only(struct fs_super *s, bool read_only)
{
	struct ext2_super *e = ext2_super(s);

	if (!read_only && e->damaged)
		return -EROFS;
	if (!read_only && !e->writable)
		return start_writing(e);
	if (read_only && e->writable) {
		int err = stop_writing(e);

		ext2_bitmaps_free(e);
		return err;
	}
	return 0;
}

static int remount(struct fs_super *s, const char *options)
{
	(void)s;
	return parse_options(options);
}

static void statfs_op(struct fs_super *s, struct vfs_statfs *out)
{
	const struct ext2_super *e = ext2_super(s);
	struct ext2_super_block *b = e->fs->super;
	uint64_t reserved = e->lib.r_blocks_count(b), overhead = b->s_first_data_block;
	uint64_t itable = e->fs->inode_blocks_per_group + 2;

	/* Bitmaps and tables of inodes; copies of the superblock and the groups, in all of them or in powers of 3, 5, 7. */
	for (uint32_t g = 0; g < e->fs->group_desc_count; g++) {
		uint32_t n = g;

		while (n > 1 && (n % 3 == 0 || n % 5 == 0 || n % 7 == 0))
			n /= n % 3 == 0 ? 3 : n % 5 == 0 ? 5 : 7;
		if (g < 2 || n == 1 || !(b->s_feature_ro_compat & EXT2_FEATURE_RO_COMPAT_SPARSE_SUPER))
			overhead += 1 + e->fs->desc_blocks;
		overhead += itable;
	}
	out->bsize = e->fs->blocksize;
	out->blocks = e->lib.blocks_count(b);
	out->blocks -= overhead < out->blocks ? overhead : 0;
	out->bfree = e->lib.free_blocks_count(b);
	out->bavail = out->bfree > reserved ? out->bfree - reserved : 0;
	out->files = b->s_inodes_count;
	out->ffree = b->s_free_inodes_count;
}

static void kill_op(struct fs_super *s)
{
	struct ext2_super *e = ext2_super(s);

	if (!e)
		return;
	if (e->fs) {
		if (e->writable)
			stop_writing(e);
		ext2_dirs_free(e);
		ext2_bitmaps_free(e);
		e->lib.free(e->fs);
	}
	s->private = NULL;
	free(e);
}

static void write_back(struct clock_event *c)
{
	struct ext2_super *e = (struct ext2_super *)(void *)((char *)c - offsetof(struct ext2_super, writeback));

	clock_event_remove(e->super->machine, c);
	ext2_sync(e->super, false);
}

static int open_image(struct ext2_super *e, const char *options)
{
	struct ext2_super_block b;
	char name[32];
	int err = parse_options(options);

	if (!err)
		err = disk_read(e->super, &b, sizeof b, SUPER_OFFSET);
	if (!err)
		err = check(e->super, &b);
	if (!err)
		err = check_features(e->super, &b);
	if (!err)
		err = load_library(e);
	if (err)
		return err;
	e->lib.set_com_err_hook(say_nothing);
	ext2_io_name(e->super, name);
	err = ext2_errno(e->lib.open2(name, NULL, EXT2_FLAG_64BITS, 0, 0, &ext2_io_manager, &e->fs));
	if (err) {
		e->fs = NULL;
		return refuse(e->super, err == -EUCLEAN ? -EINVAL : err, "its superblock or groups are damaged", 0);
	}
	return 0;
}

static int fill(struct fs_super *s, const char *options)
{
	struct ext2_super *e = calloc(1, sizeof *e);
	struct inode *root;
	int err;

	if (!e)
		return -ENOMEM;
	e->super = s;
	e->writeback.fire = write_back;
	ext2_dirs_init(e);
	s->private = e;
	s->kill = kill_op;
	s->statfs = statfs_op;
	s->remount = remount;
	s->set_read_only = set_read_only;
	s->sync = ext2_sync;
	err = open_image(e, options);
	if (err)
		return err;
	err = ext2_iget(s, EXT2_ROOT_INO, &root);
	if (!err && !S_ISDIR(root->mode)) {
		inode_put(root);
		err = refuse(s, -EINVAL, "corrupt root inode, run e2fsck", 0);
	}
	if (err)
		return err;
	s->coarse_times = e->fs->super->s_inode_size <= EXT2_GOOD_OLD_INODE_SIZE;
	s->root = dentry_new_root(root);
	if (!s->root)
		return -ENOMEM;
	return s->read_only ? 0 : start_writing(e);
}

static const struct fs_type types[] = {
	{ .name = "ext2", .magic = EXT2_SUPER_MAGIC, .fill = fill },
	{ .name = "ext3", .magic = EXT2_SUPER_MAGIC, .fill = fill },
	{ .name = "ext4", .magic = EXT2_SUPER_MAGIC, .fill = fill },
};

int ext2_register(struct machine *m)
{
	int err = 0;

	for (size_t i = 0; i < sizeof types / sizeof *types && !err; i++)
		err = vfs_register_fs(m, &types[i]);
	return err;
}

/* --- Writing --- */

int ext2_may_change(const struct fs_super *s)
{
	const struct ext2_super *e = ext2_super(s);

	if (e->damaged)
		return -EROFS;
	return e->writable ? 0 : -EROFS;
}

void ext2_changed(struct ext2_super *e)
{
	struct machine *m = e->super->machine;

	e->changed = true;
	if (!m->clock_events || clock_event_armed(&e->writeback))
		return;
	e->writeback.expires = (uint64_t)clock_monotonic(m) + EXT2_WRITEBACK;
	/* Without memory for it, it is written when somebody asks. */
	clock_event_add(m, &e->writeback);
}

static int write_inodes(struct fs_super *s)
{
	int first = 0;

	for (struct tree_node *n = tree_first(&s->disk->inodes); n; n = tree_next(n)) {
		int err = ext2_inode_write(tree_entry(n, struct disk_inode, by_ino)->inode, false);

		if (!first)
			first = err;
	}
	return first;
}

int ext2_sync(struct fs_super *s, bool durable)
{
	struct ext2_super *e = ext2_super(s);
	int err, again;

	if (!e->writable)
		return 0;
	if (e->damaged)
		return -EUCLEAN;
	err = write_inodes(s);
	if (e->changed) {
		e->fs->now = (time_t)ext2_now(e);
		e->fs->flags |= EXT2_FLAG_DIRTY | EXT2_FLAG_CHANGED;
		/* Writes the bitmaps as well: fs->write_bitmaps. */
		again = ext2_errno(e->lib.flush2(e->fs, EXT2_FLAG_FLUSH_NO_SYNC));
		if (!again)
			e->changed = false;
		if (!err)
			err = again;
	}
	again = durable ? blkdev_flush(s->disk->dev) : 0;
	return err ? err : again;
}
