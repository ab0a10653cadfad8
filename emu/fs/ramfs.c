/* SPDX-License-Identifier: MIT
 *
 * The memory file systems: inodes, superblocks, mount options.
 */
#include "emu/fs/ramfs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/fs/internal.h"
#include "emu/kernel/machine.h"

/* --- Inodes --- */

static uint64_t cost(const struct inode *i)
{
	return COST_INODE + (S_ISLNK(i->mode) ? i->size : 0);
}

static void evict(struct inode *i)
{
	struct ramfs_super *rs = i->super->private;

	if (S_ISREG(i->mode) && i->private)
		data_free(i->private);
	vfs_uncharge(i->super->machine, cost(i));
	if (rs)
		rs->inodes--;
	free(i->private);
}

static int readlink_op(struct inode *i, char *buf, size_t size)
{
	if (size > i->size)
		size = i->size;
	memcpy(buf, i->private, size);
	return (int)size;
}

static int create(struct inode *dir, uint32_t mode, uint32_t rdev, const char *target, const struct vfs_cred *cred,
		  struct inode **out)
{
	int err = ramfs_new_inode(dir->super, mode, rdev, target, out);

	if (!err)
		inode_init_owner(*out, dir, cred);
	return err;
}

static uint64_t cached(struct inode *i, uint64_t first, uint64_t last)
{
	return data_held(i->private, first, last);
}

static const struct inode_ops dir_ops = { .create = create, .evict = evict };
static const struct inode_ops file_ops = { .truncate = ramfs_truncate, .cached = cached, .evict = evict };
static const struct inode_ops link_ops = { .readlink = readlink_op, .evict = evict };
static const struct inode_ops node_ops = { .evict = evict };

static const struct inode_ops *ops_for(uint32_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return &dir_ops;
	case S_IFREG:
		return &file_ops;
	case S_IFLNK:
		return &link_ops;
	}
	return &node_ops;
}

int ramfs_new_inode(struct fs_super *s, uint32_t mode, uint32_t rdev, const char *target, struct inode **out)
{
	const struct file_ops *fops = S_ISREG(mode) ? &ramfs_file_ops : S_ISFIFO(mode) ? &fifo_fops : NULL;
	struct ramfs_super *rs = s->private;
	size_t len = S_ISLNK(mode) ? strlen(target) : 0;
	void *private = NULL;
	struct inode *i;
	int err;

	if (rs && rs->max_inodes && rs->inodes >= rs->max_inodes)
		return -ENOSPC;
	err = vfs_charge(s->machine, COST_INODE + len);
	if (err)
		return err;
	err = -ENOMEM;
	if (S_ISREG(mode)) {
		private = malloc(sizeof(struct ramfs_data));
		if (!private)
			goto out_charge;
		data_init(private, s->machine, rs);
	} else if (S_ISLNK(mode)) {
		private = strdup(target);
		if (!private)
			goto out_charge;
	}
	i = inode_new(s, mode, ops_for(mode), fops);
	if (!i)
		goto out_private;
	i->private = private;
	i->size = len;
	if (S_ISCHR(mode) || S_ISBLK(mode))
		i->rdev = rdev;
	if (S_ISREG(mode)) {
		i->source.ops = &ramfs_source_ops;
		i->source.kind = MM_REGULAR;
	}
	if (rs)
		rs->inodes++;
	*out = i;
	return 0;
out_private:
	free(private);
out_charge:
	vfs_uncharge(s->machine, COST_INODE + len);
	return err;
}

int ramfs_memfd(struct machine *m, const char *name, uint32_t flags, struct file **out)
{
	struct vfs *v = m->vfs;
	struct path_ref p = { .mnt = v->anon_mount };
	struct inode *i;
	char label[300];
	int err;

	/* mm/shmem.c gathers pages for a size of 0, and get_order(0) is beyond every limit. */
	if (m->options.compat_linux)
		return -EFBIG;
	err = ramfs_new_inode(v->anon, S_IFREG | 0777, 0, NULL, &i);
	if (err)
		return err;
	i->nlink = 0;
	snprintf(label, sizeof label, "memfd:%s", name);
	p.dentry = dentry_alloc(v->anon->root, label, strlen(label), i);
	inode_put(i);
	if (!p.dentry)
		return -ENOMEM;
	err = vfs_open_path(&p, flags, NULL, out);
	dentry_put(p.dentry);
	return err;
}

/* --- Superblocks --- */

/* Half of RAM. */
static uint64_t default_pages(const struct machine *m)
{
	return m->options.ram_size / FLAT_PAGE_SIZE / 2;
}

static void statfs_op(struct fs_super *s, struct vfs_statfs *out)
{
	const struct ramfs_super *rs = s->private;

	out->bsize = FLAT_PAGE_SIZE;
	if (!rs->limits)
		return;		/* as simple_statfs: ramfs has nothing to tell */
	out->blocks = rs->max_pages;
	out->bfree = out->bavail = rs->max_pages > rs->pages ? rs->max_pages - rs->pages : 0;
	out->files = rs->max_inodes;
	out->ffree = rs->max_inodes > rs->inodes ? rs->max_inodes - rs->inodes : 0;
}

static void kill_op(struct fs_super *s)
{
	free(s->private);
}

/* shmem_show_options(), ramfs_show_options(): what is not as it would be anyway. */
static void show_options(struct fs_super *s, char *buf, size_t size)
{
	const struct ramfs_super *rs = s->private;
	uint64_t usual = default_pages(s->machine);
	char limits[64] = "", mode[16] = "", owner[32] = "";
	int n = 0;

	if (rs->limits && rs->max_pages != usual)
		n = snprintf(limits, sizeof limits, ",size=%lluk", (unsigned long long)rs->max_pages * 4);
	if (rs->limits && rs->max_inodes != usual)
		snprintf(limits + n, sizeof limits - (size_t)n, ",nr_inodes=%llu", (unsigned long long)rs->max_inodes);
	if (rs->mode != (rs->limits ? 01777u : 0755u))
		snprintf(mode, sizeof mode, ",mode=%0*o", rs->limits ? 3 : 1, rs->mode);
	n = rs->limits && rs->uid ? snprintf(owner, sizeof owner, ",uid=%u", rs->uid) : 0;
	if (rs->limits && rs->gid)
		snprintf(owner + n, sizeof owner - (size_t)n, ",gid=%u", rs->gid);
	snprintf(buf, size, "%s%s%s", limits, mode, owner);
}

int ramfs_new_super(struct machine *m, const struct fs_type *type, const struct ramfs_super *limits,
		    struct fs_super **out)
{
	struct fs_super *s = super_new(m, type);
	struct inode *root;
	int err;

	if (!s)
		return -ENOMEM;
	s->private = malloc(sizeof *limits);
	if (!s->private) {
		super_free(s);
		return -ENOMEM;
	}
	*(struct ramfs_super *)s->private = *limits;
	s->statfs = statfs_op;
	s->kill = kill_op;
	s->show_options = show_options;
	err = ramfs_new_inode(s, S_IFDIR | limits->mode, 0, NULL, &root);
	if (!err) {
		root->uid = limits->uid;
		root->gid = limits->gid;
		s->root = dentry_new_root(root);
		err = s->root ? 0 : -ENOMEM;
	}
	if (err) {
		super_free(s);
		return err;
	}
	*out = s;
	return 0;
}

/* --- Mount options --- */

/* "64k", "50%" (of `whole`), "1000". False: not a number. */
static bool parse_size(const char *s, uint64_t whole, uint64_t *out)
{
	char *end;
	uint64_t n;

	if (*s < '0' || *s > '9')
		return false;
	n = strtoull(s, &end, 0);
	switch (*end) {
	case 'k': case 'K': n <<= 10; end++; break;
	case 'm': case 'M': n <<= 20; end++; break;
	case 'g': case 'G': n <<= 30; end++; break;
	case '%': n = n > 10000 ? whole : whole / 100 * n; end++; break;
	}
	*out = n;
	return *end == 0;
}

/* One option of tmpfs. 0 or -EINVAL. */
static int tmpfs_option(struct machine *m, char *name, const char *value, struct ramfs_super *rs)
{
	uint64_t n = 0;
	char *end;

	if (!strcmp(name, "inode64") || !strcmp(name, "inode32") || !strcmp(name, "noswap") || !strcmp(name, "huge"))
		return 0;
	if (!value)
		return -EINVAL;
	if (!strcmp(name, "mode")) {
		rs->mode = (uint32_t)strtoul(value, &end, 8) & 07777;
		return *value && !*end ? 0 : -EINVAL;
	}
	if (!parse_size(value, m->options.ram_size, &n))
		return -EINVAL;
	if (!strcmp(name, "size"))
		rs->max_pages = n / FLAT_PAGE_SIZE + (n % FLAT_PAGE_SIZE != 0);
	else if (!strcmp(name, "nr_blocks"))
		rs->max_pages = n;
	else if (!strcmp(name, "nr_inodes"))
		rs->max_inodes = n;
	else if (!strcmp(name, "uid"))
		rs->uid = (uint32_t)n;
	else if (!strcmp(name, "gid"))
		rs->gid = (uint32_t)n;
	else
		return -EINVAL;
	return 0;
}

/* Knows mode= only and ignores the rest, as in Linux. */
static int limitless(struct machine *m, const char *type, const char *options, struct fs_super **out)
{
	const char *mode = options ? strstr(options, "mode=") : NULL;
	struct ramfs_super rs = { .mode = mode ? (uint32_t)strtoul(mode + 5, NULL, 8) & 07777 : 0755 };

	return ramfs_new_super(m, vfs_find_type(m, type), &rs, out);
}

static int tmpfs_mount(struct machine *m, const char *source, const char *options, struct fs_super **out)
{
	uint64_t usual = default_pages(m);
	struct ramfs_super rs = { .mode = 01777, .limits = true, .max_pages = usual, .max_inodes = usual };
	char *text, *next;
	int err;

	(void)source;
	/* Without an MMU Linux has no other tmpfs than ramfs (mm/shmem.c). */
	if (m->options.compat_linux)
		return limitless(m, "tmpfs", options, out);
	next = text = strdup(options ? options : "");
	err = text ? 0 : -ENOMEM;
	while (!err && next && *next) {
		char *name = strsep(&next, ","), *value = name;

		strsep(&value, "=");
		if (*name)
			err = tmpfs_option(m, name, value, &rs);
	}
	free(text);
	return err ? err : ramfs_new_super(m, vfs_find_type(m, "tmpfs"), &rs, out);
}

static int ramfs_mount(struct machine *m, const char *source, const char *options, struct fs_super **out)
{
	(void)source;
	return limitless(m, "ramfs", options, out);
}

static int rootfs_mount(struct machine *m, const char *source, const char *options, struct fs_super **out)
{
	struct ramfs_super rs = { .mode = 0755 };

	(void)source;
	(void)options;
	return ramfs_new_super(m, vfs_find_type(m, "rootfs"), &rs, out);
}

int ramfs_register(struct machine *m)
{
	static const struct fs_type types[] = {
		{ .name = "rootfs", .magic = 0x858458f6, .nodev = true, .mount = rootfs_mount },
		{ .name = "tmpfs", .magic = 0x01021994, .nodev = true, .mount = tmpfs_mount },
		{ .name = "ramfs", .magic = 0x858458f6, .nodev = true, .mount = ramfs_mount },
	};
	int err = 0;

	for (unsigned i = 0; !err && i < sizeof types / sizeof *types; i++)
		err = vfs_register_fs(m, &types[i]);
	return err;
}
