/* SPDX-License-Identifier: MIT */
#include "emu/fs/cramfs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/fs/internal.h"
#include "emu/kernel/klog.h"

/* A struct cramfs_inode, as it lies there in three words. */
struct entry { uint32_t mode, uid, size, gid, namelen, offset; };

static struct cramfs *of(const struct fs_super *s)
{
	return s->private;
}

static void unpack(const uint8_t raw[CRAMFS_INODE], struct entry *e)
{
	uint32_t a = cramfs_le32(raw), b = cramfs_le32(raw + 4), c = cramfs_le32(raw + 8);

	*e = (struct entry){
		.mode = a & 0xffff, .uid = a >> 16, .size = b & 0xffffff, .gid = b >> 24,
		.namelen = (c & 0x3f) << 2, .offset = (c >> 6) << 2,
	};
}

int cramfs_read(const struct fs_super *s, uint32_t pos, void *dst, uint32_t len)
{
	uint32_t size = of(s)->size;

	return pos >= size || len > size - pos ? -EIO : disk_read(s, dst, len, pos);
}

/* --- Directories: entries one behind the other, each with its name, which is padded with zeros to whole words --- */

/*
 * cramino(): files are where their data is, so that links to one, and files with the same bytes, are one inode; what has
 * no data is where its entry is, and the one more tells them apart.
 */
static uint64_t number_of(const struct entry *e, uint32_t at)
{
	if (e->offset && e->size && (S_ISREG(e->mode) || S_ISDIR(e->mode) || S_ISLNK(e->mode)))
		return e->offset;
	return (uint64_t)at + 1;
}

/* The entry there: itself and the name, without its zeros; *len 0: it has none. */
static int read_entry(const struct fs_super *s, uint32_t at, struct entry *e, char name[CRAMFS_NAME], uint32_t *len)
{
	uint8_t raw[CRAMFS_INODE];
	int err = cramfs_read(s, at, raw, sizeof raw);

	if (err)
		return err;
	unpack(raw, e);
	err = e->namelen ? cramfs_read(s, at + CRAMFS_INODE, name, e->namelen) : -EIO;
	for (*len = e->namelen; !err && *len && !name[*len - 1];)
		--*len;
	return err ? err : *len ? 0 : -EIO;
}

/* Positions are offsets in the directory plus 4: 0 to 2 have a meaning already. */
static int scan(struct inode *dir, uint32_t from, disk_entry_fn fn, void *ctx)
{
	uint32_t offset = from ? from - 4 : 0;
	char name[CRAMFS_NAME];
	struct entry e;

	if (offset % 4)
		return -EINVAL;
	while (offset < dir->size) {
		uint32_t at = (uint32_t)dir->ino + offset;
		struct disk_entry d = { .name = name, .at = offset + 4 };
		int err = read_entry(dir->super, at, &e, name, &d.len);

		if (err)
			return err;
		offset += CRAMFS_INODE + e.namelen;
		d.next = offset + 4;
		d.ino = number_of(&e, at);
		d.type = e.mode >> 12;
		if (fn(ctx, &d))
			return 0;
	}
	return 0;
}

/* --- Inodes --- */

/* get_cramfs_inode() */
static int get_inode(struct fs_super *s, const struct entry *e, uint32_t at, struct inode **out)
{
	uint64_t ino = number_of(e, at);
	struct inode *i = disk_inode_find(s, ino);

	*out = i;
	if (i)
		return 0;
	switch (e->mode & S_IFMT) {
	case S_IFREG: case S_IFDIR: case S_IFLNK: case S_IFCHR: case S_IFBLK: case S_IFIFO: case S_IFSOCK:
		break;
	default:
		return -EIO;
	}
	i = disk_rom_inode(s, ino, e->mode, sizeof(struct disk_inode));
	if (!i)
		return -ENOMEM;
	i->uid = e->uid;
	i->gid = e->gid;
	if (S_ISCHR(e->mode) || S_ISBLK(e->mode))
		i->rdev = vfs_makedev(e->size >> 8 & 0xff, e->size & 0xff);	/* old_decode_dev() */
	if (ino % 4 == 0) {
		i->size = e->size;
		i->blocks = (i->size + 511) / 512;
	}
	*out = i;
	return 0;
}

static int get(struct inode *dir, uint32_t at, struct inode **out)
{
	uint32_t entry = (uint32_t)dir->ino + at - 4;
	char name[CRAMFS_NAME];
	struct entry e;
	int err = read_entry(dir->super, entry, &e, name, &(uint32_t){ 0 });

	return err ? err : get_inode(dir->super, &e, entry, out);
}

/* A link's target lies as a file's bytes do; a page of it counts (page_get_link()). */
static const struct disk_rom format = {
	.name_max = NAME_LIMIT, .link_max = FLAT_PAGE_SIZE - 1, .scan = scan, .get = get, .bytes = cramfs_bytes, .place = cramfs_place,
};

/* --- The file system --- */

static void statfs_op(struct fs_super *s, struct vfs_statfs *out)
{
	out->bsize = FLAT_PAGE_SIZE;
	out->blocks = of(s)->blocks;
	out->files = of(s)->files;
	out->namelen = CRAMFS_NAME;
}

static void kill_op(struct fs_super *s)
{
	cramfs_data_free(of(s));
	free(of(s));
}

static int refuse(const struct fs_super *s, const char *why)
{
	klog(s->machine, KLOG_ERR, "cramfs: %s (%s)", why, disk_name(s));
	return -EINVAL;
}

/* The superblock's bytes, where it lies. */
static int find_super(const struct fs_super *s, uint8_t raw[CRAMFS_SUPER])
{
	static const uint8_t other_end[] = { 0x28, 0xcd, 0x3d, 0x45 };
	bool swapped = false;

	for (uint32_t at = 0; at <= 512; at += 512) {
		int err = disk_read(s, raw, CRAMFS_SUPER, at);

		if (err)
			return err;
		if (cramfs_le32(raw) == CRAMFS_MAGIC)
			return 0;
		swapped |= !memcmp(raw, other_end, sizeof other_end);
	}
	return refuse(s, swapped ? "wrong endianness" : "wrong magic");
}

/* cramfs_read_super() */
static int read_super(struct fs_super *s, struct entry *root)
{
	struct cramfs *c = of(s);
	uint8_t raw[CRAMFS_SUPER];
	int err = find_super(s, raw);

	if (err)
		return err;
	c->flags = cramfs_le32(raw + 8);
	if (c->flags & ~(uint32_t)CRAMFS_FLAGS)
		return refuse(s, "unsupported filesystem features");
	unpack(raw + 64, root);
	if (!S_ISDIR(root->mode))
		return refuse(s, "root is not a directory");
	root->mode |= 0555;	/* mkcramfs gets it from wherever the tree was made */
	c->size = 1u << 28;
	if (c->flags & CRAMFS_FSID_2) {
		c->size = cramfs_le32(raw + 4);
		c->blocks = cramfs_le32(raw + 40);
		c->files = cramfs_le32(raw + 44);
	}
	if (root->offset && !(c->flags & CRAMFS_SHIFTED_ROOT) && root->offset != CRAMFS_SUPER &&
	    root->offset != 512 + CRAMFS_SUPER)
		return refuse(s, "bad root offset");
	return 0;
}

static int fill(struct fs_super *s, const char *options)
{
	struct entry top;
	struct inode *root;
	int err;

	(void)options;		/* none are known, and none refused */
	s->private = calloc(1, sizeof(struct cramfs));
	if (!s->private)
		return -ENOMEM;
	s->kill = kill_op;
	s->statfs = statfs_op;
	err = read_super(s, &top);
	disk_rom_set(s, &format, of(s)->flags & CRAMFS_EXT_POINTERS);
	if (!err)
		err = get_inode(s, &top, 0, &root);
	if (err)
		return err;
	s->root = dentry_new_root(root);
	return s->root ? 0 : -ENOMEM;
}

static const struct fs_type type = { .name = "cramfs", .magic = CRAMFS_MAGIC, .on_mtd = true, .read_only = true, .fill = fill };

int cramfs_register(struct machine *m)
{
	return vfs_register_fs(m, &type);
}
