/* SPDX-License-Identifier: MIT
 *
 * Unpacking an initial image: cpio "newc" (070701) and "crc" (070702), Documentation/driver-api/early-userspace/
 * buffer-format.rst.  A header is 110 bytes of text: a magic and thirteen numbers of eight hex digits; then
 * the name and the data, each padded to four bytes.
 *
 * The archive is untrusted.  Memory: one header and one name at a time; file data goes straight into guest pages, so
 * the guest's RAM is the limit.  Names with ".." are refused; what is a symbolic link on the way is walked as the
 * guest would walk it, inside the root.
 */
#include "emu/fs/cpio.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/fs/internal.h"
#include "emu/fs/ramfs.h"

enum { HEADER = 110, MAGIC = 6 };
enum field { INO, MODE, UID, GID, NLINK, MTIME, SIZE, DEV_MAJOR, DEV_MINOR, RDEV_MAJOR, RDEV_MINOR, NAME_SIZE, CHECK,
	     FIELDS };

/* A file with several names: the first one seen, by the archive's own inode number. */
struct hard_link { uint32_t ino, major, minor; struct inode *inode; struct hard_link *next; };
enum { BUCKETS = 256, LINKS_LIMIT = 1 << 20 };

/* A directory whose own time is set when everything is in it. */
struct dir_time { struct inode *inode; uint32_t mtime; struct dir_time *next; };

struct unpack {
	struct dir_time *dirs;
	unsigned ndirs;
	const struct path_ref *root;
	struct cpio_stream *in;
	struct fs_context fs;
	uint32_t field[FIELDS];
	char name[PATH_LIMIT];
	struct hard_link *links[BUCKETS];
	unsigned nlinks;
	char *why;
};

static const struct vfs_cred root_cred = { .dac_override = true };

static int explain(struct unpack *u, int err, const char *what)
{
	int keep = (int)sizeof "..." + 60;

	if (!*u->why) {
		size_t len = strlen(u->name);

		if (!len)
			snprintf(u->why, 160, "%s at byte %llu", what, (unsigned long long)cpio_stream_at(u->in));
		else
			snprintf(u->why, 160, "%s: %s%.*s", what, len > (size_t)keep ? "..." : "", keep,
				 len > (size_t)keep ? u->name + len - keep : u->name);
		for (char *s = u->why; *s; s++)
			if ((unsigned char)*s < ' ' || *s == 127)
				*s = '?';
	}
	return err;
}

static int broken(struct unpack *u, int err)
{
	if (err == -ENODATA)
		return explain(u, -EINVAL, "the archive ends in the middle of an entry");
	if (err == -ENOMEM)
		return explain(u, err, "no memory");
	return explain(u, -EINVAL, "the compressed data is damaged");
}

/* The first error that is about the guest's tree, in words. */
static int failed(struct unpack *u, int err)
{
	char what[64];

	if (err == -ENOSPC || err == -ENOMEM)
		return explain(u, err, "no room left for");
	snprintf(what, sizeof what, "cannot make (%.40s)", strerror(-err));
	return explain(u, err, what);
}

static int pad(struct unpack *u)
{
	int err = cpio_stream_read(u->in, NULL, -cpio_stream_at(u->in) & 3);

	/* Some writers leave the padding behind the trailer out. */
	return err == -ENODATA ? 0 : err ? broken(u, err) : 0;
}

/* --- Making things --- */

/* Walks to the directory of u->name, making what is missing on the way. References in *dir. */
static int directory_of(struct unpack *u, struct path_ref *dir, const char **last)
{
	struct walk w = { .fs = &u->fs, .cred = &root_cred, .flags = WALK_FOLLOW | WALK_DIR };
	char *slash = strrchr(u->name, '/');
	int err;

	*last = slash ? slash + 1 : u->name;
	if (!slash) {
		*dir = *u->root;
		path_get(dir);
		return 0;
	}
	*slash = 0;
	err = vfs_walk(&w, u->name, dir, NULL);
	for (char *s = u->name; err == -ENOENT; ) {
		s = strchr(s, '/');
		if (s)
			*s = 0;
		err = vfs_mkdir(&w, u->name, 0755);
		if (err == -EEXIST)
			err = 0;
		if (!s) {
			if (!err)
				err = vfs_walk(&w, u->name, dir, NULL);
			break;
		}
		*s++ = '/';
		if (!err)
			err = -ENOENT;		/* on to the next component */
	}
	*slash = '/';
	return err;
}

static struct hard_link **link_slot(struct unpack *u)
{
	struct hard_link **p = &u->links[(u->field[INO] * 2654435761u + u->field[DEV_MINOR]) >> 24];

	for (; *p; p = &(*p)->next)
		if ((*p)->ino == u->field[INO] && (*p)->major == u->field[DEV_MAJOR] &&
		    (*p)->minor == u->field[DEV_MINOR])
			break;
	return p;
}

static void set_attributes(const struct unpack *u, struct inode *i)
{
	i->mode = (i->mode & S_IFMT) | (u->field[MODE] & 07777);
	i->uid = u->field[UID];
	i->gid = u->field[GID];
	i->mtime = (struct vfs_time){ .sec = u->field[MTIME] };
}

static int fill(struct unpack *u, struct inode *i)
{
	uint64_t done = 0, size = u->field[SIZE], got;
	int err;

	if (!size)
		return 0;
	if (i->size) {		/* the name was there already: another archive's file */
		err = vfs_truncate(i, 0);
		if (err)
			return failed(u, err);
	}
	while (done < size) {
		void *p = ramfs_fill(i, done, size - done, &got);

		if (!p)
			return failed(u, -ENOSPC);
		err = cpio_stream_read(u->in, p, got);
		if (err)
			return broken(u, err);
		done += got;
	}
	return pad(u);
}

/* What is in the way of the entry goes; a directory stays a directory. *kept: there is one to be used. */
static int clear_way(const struct path_ref *dir, const char *name, uint32_t mode, struct dentry **kept)
{
	struct dentry *d = dentry_find(dir->dentry, name, strlen(name));

	*kept = NULL;
	if (!d)
		return 0;
	if ((d->inode->mode & S_IFMT) == (mode & S_IFMT) && (S_ISDIR(mode) || S_ISREG(mode))) {
		*kept = dentry_get(d);
		return 0;
	}
	if (S_ISDIR(d->inode->mode) || d->mounted)
		return -EEXIST;
	d->inode->nlink--;
	dentry_get(d);
	dentry_drop(d);
	dentry_put(d);
	return 0;
}

/* A further name of a file that came before. */
static int add_link(struct unpack *u, const struct path_ref *dir, const char *name, struct hard_link *l)
{
	struct dentry *d = dentry_find(dir->dentry, name, strlen(name));
	int err;

	if (d && d->inode != l->inode) {
		if (S_ISDIR(d->inode->mode) || d->mounted)
			return -EEXIST;
		d->inode->nlink--;
		dentry_get(d);
		dentry_drop(d);
		dentry_put(d);
		d = NULL;
	}
	if (!d) {
		err = dentry_add(dir->dentry, name, strlen(name), l->inode, NULL);
		if (err)
			return err;
		l->inode->nlink++;
	}
	return fill(u, l->inode);	/* the data comes with one of them, mostly the last */
}

static int remember_link(struct unpack *u, struct hard_link **slot, struct inode *i)
{
	struct hard_link *l;

	if (u->field[NLINK] < 2 || S_ISDIR(i->mode) || S_ISLNK(i->mode) || *slot)
		return 0;
	if (u->nlinks == LINKS_LIMIT)
		return -ENOSPC;
	l = calloc(1, sizeof *l);
	if (!l)
		return -ENOMEM;
	*l = (struct hard_link){ u->field[INO], u->field[DEV_MAJOR], u->field[DEV_MINOR], inode_get(i), NULL };
	*slot = l;
	u->nlinks++;
	return 0;
}

static int remember_dir(struct unpack *u, struct inode *i)
{
	struct dir_time *d;

	if (u->ndirs == LINKS_LIMIT)
		return -ENOSPC;
	d = malloc(sizeof *d);
	if (!d)
		return -ENOMEM;
	u->ndirs++;
	*d = (struct dir_time){ inode_get(i), u->field[MTIME], u->dirs };
	u->dirs = d;
	return 0;
}

static void set_dir_times(struct unpack *u)
{
	while (u->dirs) {
		struct dir_time *d = u->dirs;

		d->inode->mtime = (struct vfs_time){ .sec = d->mtime };
		inode_put(d->inode);
		u->dirs = d->next;
		free(d);
	}
}

static int make(struct unpack *u, const struct path_ref *dir, const char *name)
{
	uint32_t mode = u->field[MODE] & 0177777, rdev = vfs_makedev(u->field[RDEV_MAJOR], u->field[RDEV_MINOR]);
	struct hard_link **slot = link_slot(u);
	char target[PATH_LIMIT];
	struct dentry *d;
	int err;

	if (!is_tree(dir->dentry->inode))
		return -EXDEV;
	if (u->field[NLINK] >= 2 && *slot && ((*slot)->inode->mode & S_IFMT) == (mode & S_IFMT))
		return add_link(u, dir, name, *slot);
	if (S_ISLNK(mode)) {
		if (!u->field[SIZE] || u->field[SIZE] >= sizeof target)
			return explain(u, -EINVAL, "a symbolic link of impossible length");
		err = cpio_stream_read(u->in, target, u->field[SIZE]);
		if (err)
			return broken(u, err);
		target[u->field[SIZE]] = 0;
		if (strlen(target) != u->field[SIZE])
			return explain(u, -EINVAL, "a symbolic link with a NUL in it");
		err = pad(u);
		if (err)
			return err;
	}
	err = clear_way(dir, name, mode, &d);
	if (!err && !d)
		err = create_name(dir->dentry, name, strlen(name), mode, rdev, target, &root_cred, &d);
	if (err)
		return err;
	set_attributes(u, d->inode);
	err = S_ISDIR(mode) ? remember_dir(u, d->inode) : remember_link(u, slot, d->inode);
	if (!err && S_ISREG(mode)) {
		err = d->inode->fops == &ramfs_file_ops ? fill(u, d->inode) : -EXDEV;
		set_attributes(u, d->inode);
	}
	dentry_put(d);
	return err;
}

/* --- Entries --- */

/* Strips what leads nowhere. False: the name climbs out. */
static bool clean_name(char *name)
{
	char *from = name, *to = name;

	while (*from) {
		size_t len = strcspn(from, "/");

		if (len == 2 && from[0] == '.' && from[1] == '.')
			return false;
		if (len && !(len == 1 && from[0] == '.')) {
			if (to != name)
				*to++ = '/';
			memmove(to, from, len);
			to += len;
		}
		from += len;
		from += strspn(from, "/");
	}
	*to = 0;
	return true;
}

static int entry(struct unpack *u)
{
	uint32_t mode = u->field[MODE];
	struct path_ref dir;
	const char *last;
	int err;

	switch (mode & S_IFMT) {
	case S_IFREG: case S_IFDIR: case S_IFLNK: case S_IFCHR: case S_IFBLK: case S_IFIFO: case S_IFSOCK:
		break;
	default:
		return explain(u, -EINVAL, "an entry of unknown type");
	}
	if (!S_ISREG(mode) && !S_ISLNK(mode) && u->field[SIZE]) {	/* data of what has none */
		err = cpio_stream_read(u->in, NULL, u->field[SIZE]);
		if (err)
			return broken(u, err);
		err = pad(u);
		if (err)
			return err;
		u->field[SIZE] = 0;
	}
	if (!*u->name) {	/* "." */
		if (S_ISDIR(mode))
			set_attributes(u, u->root->dentry->inode);
		return S_ISDIR(mode) ? remember_dir(u, u->root->dentry->inode) : explain(u, -EINVAL, "the root is not a directory");
	}
	err = directory_of(u, &dir, &last);
	if (err)
		return failed(u, err);
	if (strlen(last) > NAME_LIMIT)
		err = -ENAMETOOLONG;
	else
		err = make(u, &dir, last);
	path_put(&dir);
	return err ? failed(u, err) : 0;
}

static int check_magic(struct unpack *u, const char *h)
{
	if (!memcmp(h, "070701", MAGIC) || !memcmp(h, "070702", MAGIC))
		return 0;
	if (!memcmp(h, "070707", MAGIC))
		return explain(u, -EINVAL, "an old cpio format; use cpio -H newc");
	return explain(u, -EINVAL, "not a cpio archive (newc)");
}

static int parse_header(struct unpack *u, const char *h)
{
	for (int i = 0; i < FIELDS; i++) {
		uint32_t v = 0;

		for (int k = 0; k < 8; k++) {
			unsigned char c = (unsigned char)h[6 + i * 8 + k];

			if (!isxdigit(c))
				return explain(u, -EINVAL, "a cpio header that is not hexadecimal");
			v = v << 4 | (uint32_t)(isdigit(c) ? c - '0' : (c | 32) - 'a' + 10);
		}
		u->field[i] = v;
	}
	return 0;
}

static void forget_links(struct unpack *u)
{
	for (int i = 0; i < BUCKETS; i++)
		while (u->links[i]) {
			struct hard_link *l = u->links[i];

			u->links[i] = l->next;
			inode_put(l->inode);
			free(l);
		}
	u->nlinks = 0;
}

/* One header with what belongs to it.  1: it was a trailer. */
static int next_entry(struct unpack *u)
{
	char header[HEADER];
	int err;

	*u->name = 0;
	err = cpio_stream_read(u->in, header, MAGIC);
	if (err)
		return broken(u, err);
	err = check_magic(u, header);
	if (err)
		return err;
	err = cpio_stream_read(u->in, header + MAGIC, HEADER - MAGIC);
	if (err)
		return broken(u, err);
	err = parse_header(u, header);
	if (err)
		return err;
	if (!u->field[NAME_SIZE] || u->field[NAME_SIZE] > sizeof u->name)
		return explain(u, -EINVAL, "a name of impossible length");
	err = cpio_stream_read(u->in, u->name, u->field[NAME_SIZE]);
	if (err) {
		*u->name = 0;
		return broken(u, err);
	}
	if (u->name[u->field[NAME_SIZE] - 1]) {
		*u->name = 0;
		return explain(u, -EINVAL, "a name without an end");
	}
	err = pad(u);
	if (err)
		return err;
	if (!strcmp(u->name, "TRAILER!!!")) {
		forget_links(u);
		return 1;
	}
	if (!clean_name(u->name))
		return explain(u, -EINVAL, "a name with \"..\" in it");
	return entry(u);
}

static const char *foreign_format(const uint8_t *p, size_t size)
{
	static const struct { const char *magic; size_t len; const char *text; } formats[] = {
		{ "\xfd" "7zXZ", 5, "compressed with xz; only gzip and plain cpio are read" },
		{ "\x28\xb5\x2f\xfd", 4, "compressed with zstd; only gzip and plain cpio are read" },
		{ "BZh", 3, "compressed with bzip2; only gzip and plain cpio are read" },
		{ "\x5d\0\0", 3, "compressed with lzma; only gzip and plain cpio are read" },
		{ "\x89LZO", 4, "compressed with lzo; only gzip and plain cpio are read" },
		{ "\x02\x21\x4c\x18", 4, "compressed with lz4; only gzip and plain cpio are read" },
		{ "\x7f" "ELF", 4, "an ELF program, not an image; 'flat32 run' runs it" },
	};

	for (unsigned i = 0; i < sizeof formats / sizeof *formats; i++)
		if (size >= formats[i].len && !memcmp(p, formats[i].magic, formats[i].len))
			return formats[i].text;
	return NULL;
}

int cpio_unpack(struct machine *m, const struct path_ref *root, const void *data, size_t size, char why[160])
{
	struct unpack *u = calloc(1, sizeof *u);
	const char *foreign = foreign_format(data, size);
	bool any = false;
	int err = -ENOMEM;

	(void)m;
	*why = 0;
	if (foreign) {
		snprintf(why, 160, "%s", foreign);
		free(u);
		return -EINVAL;
	}
	if (!u || !(u->in = cpio_stream_new(data, size)))
		goto out;
	u->root = root;
	u->why = why;
	u->fs = (struct fs_context){ .root = *root, .cwd = *root };
	for (;;) {
		/* Zeros lie between archives, and behind the last one. */
		err = cpio_stream_skip_zeros(u->in);
		if (err <= 0) {
			err = err ? broken(u, err) : 0;
			break;
		}
		err = next_entry(u);
		if (err < 0)
			break;
		any = true;
	}
	if (!err && !any)
		err = explain(u, -EINVAL, "an empty archive");
	forget_links(u);
	set_dir_times(u);
	cpio_stream_free(u->in);
out:
	if (err == -ENOMEM && !*why)
		snprintf(why, 160, "no memory");
	free(u);
	return err;
}
