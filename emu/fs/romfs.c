/* SPDX-License-Identifier: MIT */
#include "emu/fs/romfs.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/fs/disk.h"
#include "emu/fs/internal.h"
#include "emu/kernel/klog.h"
#include "emu/kernel/log.h"

enum {
	ALIGN = 16, HEADER = 16, NAME_MAX_ = 128, BLOCK = 1024, CHECKED = 512, HARD_LINKS = 64,
	TYPE = 7, EXEC = 8, HARD_LINK = 0, DIRECTORY = 1, REGULAR = 2, SYMLINK = 3, BLOCK_DEVICE = 4, CHAR_DEVICE = 5,
};

/* By the type in a header. */
static const uint32_t modes[8] = {
	0, S_IFDIR | 0644, S_IFREG | 0644, S_IFLNK | 0777, S_IFBLK | 0600, S_IFCHR | 0600, S_IFSOCK | 0644, S_IFIFO | 0644,
};
static const uint8_t dirent_types[8] = { DT_UNKNOWN, DT_DIR, DT_REG, DT_LNK, DT_BLK, DT_CHR, DT_SOCK, DT_FIFO };

struct romfs_inode {
	struct disk_inode disk;
	uint32_t data;		/* where its bytes begin */
};

struct romfs { uint32_t size; };	/* bytes, as the image says */

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t up(uint32_t n)
{
	return (n + ALIGN - 1) & ~(uint32_t)(ALIGN - 1);
}

static uint32_t size_of(const struct fs_super *s)
{
	return ((const struct romfs *)s->private)->size;
}

static int read_at(const struct fs_super *s, uint32_t pos, void *dst, uint32_t len)
{
	uint32_t size = size_of(s);

	return pos >= size || len > size - pos ? -EIO : disk_read(s, dst, len, pos);
}

/* --- Headers --- */

struct header {
	uint32_t next;		/* offset of the next one; 0: the last */
	unsigned type, exec;
	uint32_t spec, size;
	char name[NAME_MAX_];
	uint32_t len;		/* of the name; NAME_MAX_: it may go on */
};

static int read_header(const struct fs_super *s, uint32_t pos, struct header *h)
{
	uint8_t raw[HEADER];
	uint32_t room;
	int err = read_at(s, pos, raw, HEADER);

	if (err)
		return err;
	h->next = be32(raw) & ~(uint32_t)(ALIGN - 1);
	h->type = raw[3] & TYPE;
	h->exec = raw[3] & EXEC;
	h->spec = be32(raw + 4);
	h->size = be32(raw + 8);
	room = size_of(s) - pos - HEADER;
	if (!room)
		return -EIO;
	if (room > NAME_MAX_)
		room = NAME_MAX_;
	err = read_at(s, pos + HEADER, h->name, room);
	if (!err)
		h->len = (uint32_t)strnlen(h->name, room);
	return err;
}

/*
 * The list of a directory.  That it comes to its end is not to be taken for granted: each entry is compared with one that was
 * remembered, which is replaced whenever twice as many have gone by (Brent).
 */
static int scan(struct inode *dir, uint32_t from, disk_entry_fn fn, void *ctx)
{
	uint32_t size = size_of(dir->super), pos = from & ~(uint32_t)(ALIGN - 1), mark, steps = 0, limit = 2;
	struct header h;
	int err;

	if (!from) {
		err = read_header(dir->super, (uint32_t)dir->ino, &h);
		if (err)
			return err;
		pos = h.spec & ~(uint32_t)(ALIGN - 1);
	}
	for (mark = pos; pos && pos < size; pos = h.next) {
		struct disk_entry e = { .name = h.name, .at = pos };

		err = read_header(dir->super, pos, &h);
		if (err)
			return err;
		e.len = h.len;
		e.next = h.next && h.next < size ? h.next : size;
		e.ino = h.type == HARD_LINK ? h.spec & ~(uint32_t)(ALIGN - 1) : pos;
		e.type = dirent_types[h.type];
		if (fn(ctx, &e))
			return 0;
		if (h.next == mark) {
			log_info(dir->super->machine, FS, "romfs on %s: the directory at 0x%x goes round at 0x%x",
				 disk_name(dir->super), (uint32_t)dir->ino, pos);
			return -ELOOP;
		}
		if (++steps == limit) {
			mark = h.next;
			limit *= 2;
			steps = 0;
		}
	}
	return 0;
}

/* --- Inodes --- */

static struct romfs_inode *of(const struct inode *i)
{
	return i->private;
}

/* Follows hard links to the header of the file itself. */
static int find_header(const struct fs_super *s, uint32_t *pos, struct header *h)
{
	for (unsigned depth = 0;; depth++) {
		int err = read_header(s, *pos, h);

		if (err || h->type != HARD_LINK)
			return err;
		if (depth == HARD_LINKS)
			return -ELOOP;
		*pos = h->spec & ~(uint32_t)(ALIGN - 1);
	}
}

/* romfs_iget(): the inode whose header, or a hard link to it, is there. */
static int get_inode(struct fs_super *s, uint32_t pos, struct inode **out)
{
	struct header h;
	struct inode *i;
	uint32_t mode;
	int err = find_header(s, &pos, &h);

	if (err)
		return err;
	*out = disk_inode_find(s, pos);
	if (*out)
		return 0;
	mode = modes[h.type] | (h.exec && (h.type == DIRECTORY || h.type == REGULAR) ? 0111 : 0);
	i = disk_rom_inode(s, pos, mode, sizeof(struct romfs_inode));
	if (!i)
		return -ENOMEM;
	of(i)->data = pos + up(HEADER + h.len + 1);
	i->size = h.type == DIRECTORY ? up(HEADER + h.len + 1) : h.size;
	i->blocks = (i->size + 511) / 512;
	if (h.type == BLOCK_DEVICE || h.type == CHAR_DEVICE)
		i->rdev = vfs_makedev(h.spec >> 16, h.spec & 0xffff);
	*out = i;
	return 0;
}

static int get(struct inode *dir, uint32_t at, struct inode **out)
{
	return get_inode(dir->super, at, out);
}

/* Bytes of a file: how many, or -errno. */
static int64_t read_bytes(struct inode *i, void *dst, size_t len, uint64_t pos)
{
	uint64_t left = pos < i->size ? i->size - pos : 0, there = size_of(i->super), at = of(i)->data + pos;
	int err;

	if (len > left)
		len = (size_t)left;
	if (len > INT32_MAX)
		len = INT32_MAX;
	if (!len)
		return 0;
	if (at >= there)
		return -EIO;
	if (len > there - at)
		len = (size_t)(there - at);
	err = read_at(i->super, (uint32_t)at, dst, (uint32_t)len);
	return err ? err : (int64_t)len;
}

/* Where it is mapped from: every byte of a file lies behind the one before. */
static int place(struct inode *i, uint64_t offset, uint32_t len, uint64_t *at)
{
	(void)len;
	*at = of(i)->data + offset;
	return 0;
}

static const struct disk_rom format = {
	.name_max = NAME_MAX_, .link_max = UINT32_MAX, .scan = scan, .get = get, .bytes = read_bytes, .place = place,
};

/* --- The file system --- */

static void statfs_op(struct fs_super *s, struct vfs_statfs *out)
{
	out->bsize = BLOCK;
	out->blocks = (size_of(s) + (uint64_t)BLOCK - 1) / BLOCK;
	out->namelen = NAME_MAX_;
}

static void kill_op(struct fs_super *s)
{
	free(s->private);
}

/* romfs_checksum() of the first bytes, as words: it is made so that they add up to 0. */
static bool checksum_good(const uint8_t *raw, uint32_t size)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i + 4 <= size && i < CHECKED; i += 4)
		sum += be32(raw + i);
	return !sum;
}

/* romfs_fill_super() */
static int fill(struct fs_super *s, const char *options)
{
	struct romfs *r = calloc(1, sizeof *r);
	uint8_t raw[CHECKED];
	struct inode *root;
	int err;

	(void)options;		/* none are known, and none refused */
	if (!r)
		return -ENOMEM;
	s->private = r;
	s->kill = kill_op;
	s->statfs = statfs_op;
	disk_rom_set(s, &format, true);
	err = disk_read(s, raw, sizeof raw, 0);
	if (err)
		return err;
	r->size = be32(raw + 8);
	if (memcmp(raw, "-rom1fs-", 8) || r->size < HEADER) {
		klog(s->machine, KLOG_ERR, "VFS: Can't find a romfs filesystem on dev %s.", disk_name(s));
		return -EINVAL;
	}
	if (!checksum_good(raw, r->size)) {
		klog(s->machine, KLOG_ERR, "romfs: bad initial checksum on dev %s.", disk_name(s));
		return -EINVAL;
	}
	err = get_inode(s, up(HEADER + (uint32_t)strnlen((char *)raw + HEADER, NAME_MAX_) + 1), &root);
	if (err)
		return err;
	s->root = dentry_new_root(root);
	return s->root ? 0 : -ENOMEM;
}

static const struct fs_type type = { .name = "romfs", .magic = 0x7275, .on_mtd = true, .read_only = true, .fill = fill };

int romfs_register(struct machine *m)
{
	return vfs_register_fs(m, &type);
}
