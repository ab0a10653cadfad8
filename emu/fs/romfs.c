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

static const struct inode_ops dir_ops, file_ops, link_ops, node_ops;
static const struct file_ops dir_fops, file_fops;
static const struct mm_source_ops source_ops;

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

static const struct inode_ops *ops_of(unsigned type)
{
	return type == DIRECTORY ? &dir_ops : type == REGULAR ? &file_ops : type == SYMLINK ? &link_ops : &node_ops;
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
	i = disk_inode_new(s, pos, mode, ops_of(h.type), S_ISDIR(mode) ? &dir_fops : S_ISREG(mode) ? &file_fops :
			   S_ISFIFO(mode) ? &fifo_fops : NULL, sizeof(struct romfs_inode));
	if (!i)
		return -ENOMEM;
	of(i)->data = pos + up(HEADER + h.len + 1);
	i->size = h.type == DIRECTORY ? up(HEADER + h.len + 1) : h.size;
	i->blocks = (i->size + 511) / 512;
	if (h.type == BLOCK_DEVICE || h.type == CHAR_DEVICE)
		i->rdev = vfs_makedev(h.spec >> 16, h.spec & 0xffff);
	if (h.type == REGULAR) {
		i->source.ops = &source_ops;
		i->source.kind = MM_REGULAR;
	}
	*out = i;
	return 0;
}

static int lookup(struct inode *dir, const char *name, size_t len, struct inode **out)
{
	uint32_t at;
	int err = len > NAME_MAX_ ? -ENAMETOOLONG : disk_dir_find(dir, scan, name, len, &at);

	if (!err)
		err = get_inode(dir->super, at, out);
	if (err)
		return err;
	err = disk_check_loop(dir, *out);
	if (err)
		inode_put(*out);
	return err;
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

static int readlink_op(struct inode *i, char *buf, size_t size)
{
	int64_t n = read_bytes(i, buf, size, 0);

	if (n >= 0 && (uint64_t)n < i->size && (size_t)n < size)
		return -EIO;
	return n < 0 ? (int)n : (int)strnlen(buf, (size_t)n);
}

static int64_t read_op(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	int64_t n = read_bytes(f->inode, buf, len, *pos);

	if (n > 0)
		*pos += (uint64_t)n;
	return n;
}

static int readdir_op(struct file *f, void *ctx, vfs_fill_fn fill)
{
	return disk_dir_read(f, scan, ctx, fill);
}

static const struct inode_ops dir_ops = { .lookup = lookup, .evict = disk_inode_evict };
static const struct inode_ops file_ops = { .evict = disk_inode_evict };
static const struct inode_ops link_ops = { .readlink = readlink_op, .evict = disk_inode_evict };
static const struct inode_ops node_ops = { .evict = disk_inode_evict };
static const struct file_ops dir_fops = { .readdir = readdir_op };
static const struct file_ops file_fops = { .read = read_op };

/* --- As mapping sources --- */

static struct inode *inode_of(struct mm_source *s)
{
	return (struct inode *)(void *)((char *)s - offsetof(struct inode, source));
}

static unsigned capabilities(struct mm_source *s)
{
	return MM_CAN_COPY | (disk_memory(inode_of(s)->super) ? MM_CAN_DIRECT | MM_CAN_READ | MM_CAN_EXEC : 0);
}

/* romfs_get_unmapped_area(); what a private mapping shows behind the end is zero in a copy, where Linux refuses. */
static int direct(struct mm_source *s, uint64_t offset, uint32_t len, int shared, uint32_t *addr)
{
	const struct inode *i = inode_of(s);
	uint64_t pages = (i->size + FLAT_PAGE_SIZE - 1) / FLAT_PAGE_SIZE, at = of(i)->data + offset;

	if (offset + len > pages * FLAT_PAGE_SIZE)
		return shared || i->super->machine->options.compat_linux ? -EINVAL : -ENOSYS;
	if (at + len > disk_size(i->super))
		return -ENOSYS;
	*addr = disk_memory(i->super) + (uint32_t)at;
	return 0;
}

static int64_t source_read(struct mm_source *s, void *dst, uint32_t len, uint64_t offset)
{
	return read_bytes(inode_of(s), dst, len, offset);
}

static const struct mm_source_ops source_ops = {
	.capabilities = capabilities, .direct = direct, .read = source_read,
	.get = inode_source_get, .put = inode_source_put, .identify = inode_source_identify,
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
