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

enum { HEADER = 110, MAGIC = 6 };

int cpio_explain(struct cpio_unpack *u, int err, const char *what)
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

int cpio_broken(struct cpio_unpack *u, int err)
{
	if (err == -ENODATA)
		return cpio_explain(u, -EINVAL, "the archive ends in the middle of an entry");
	if (err == -ENOMEM)
		return cpio_explain(u, err, "no memory");
	return cpio_explain(u, -EINVAL, "the compressed data is damaged");
}

/* The first error that is about the guest's tree, in words. */
int cpio_failed(struct cpio_unpack *u, int err)
{
	char what[64];

	if (err == -ENOSPC || err == -ENOMEM)
		return cpio_explain(u, err, "no room left for");
	snprintf(what, sizeof what, "cannot make (%.40s)", strerror(-err));
	return cpio_explain(u, err, what);
}

int cpio_pad(struct cpio_unpack *u)
{
	int err = cpio_stream_read(u->in, NULL, -cpio_stream_at(u->in) & 3);

	/* Some writers leave the padding behind the trailer out. */
	return err == -ENODATA ? 0 : err ? cpio_broken(u, err) : 0;
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

static int entry(struct cpio_unpack *u)
{
	uint32_t mode = u->field[CPIO_MODE];
	struct path_ref dir;
	const char *last;
	int err;

	switch (mode & S_IFMT) {
	case S_IFREG: case S_IFDIR: case S_IFLNK: case S_IFCHR: case S_IFBLK: case S_IFIFO: case S_IFSOCK:
		break;
	default:
		return cpio_explain(u, -EINVAL, "an entry of unknown type");
	}
	if (!S_ISREG(mode) && !S_ISLNK(mode) && u->field[CPIO_SIZE]) {	/* data of what has none */
		err = cpio_stream_read(u->in, NULL, u->field[CPIO_SIZE]);
		if (err)
			return cpio_broken(u, err);
		err = cpio_pad(u);
		if (err)
			return err;
		u->field[CPIO_SIZE] = 0;
	}
	if (!*u->name) {	/* "." */
		if (S_ISDIR(mode))
			cpio_set_attributes(u, u->root->dentry->inode);
		return S_ISDIR(mode) ? cpio_remember_dir(u, u->root->dentry->inode) :
				       cpio_explain(u, -EINVAL, "the root is not a directory");
	}
	err = cpio_directory_of(u, &dir, &last);
	if (err)
		return cpio_failed(u, err);
	if (strlen(last) > NAME_LIMIT)
		err = -ENAMETOOLONG;
	else
		err = cpio_make(u, &dir, last);
	path_put(&dir);
	return err ? cpio_failed(u, err) : 0;
}

static int check_magic(struct cpio_unpack *u, const char *h)
{
	if (!memcmp(h, "070701", MAGIC) || !memcmp(h, "070702", MAGIC))
		return 0;
	if (!memcmp(h, "070707", MAGIC))
		return cpio_explain(u, -EINVAL, "an old cpio format; use cpio -H newc");
	return cpio_explain(u, -EINVAL, "not a cpio archive (newc)");
}

static int parse_header(struct cpio_unpack *u, const char *h)
{
	for (int i = 0; i < CPIO_FIELDS; i++) {
		uint32_t v = 0;

		for (int k = 0; k < 8; k++) {
			unsigned char c = (unsigned char)h[6 + i * 8 + k];

			if (!isxdigit(c))
				return cpio_explain(u, -EINVAL, "a cpio header that is not hexadecimal");
			v = v << 4 | (uint32_t)(isdigit(c) ? c - '0' : (c | 32) - 'a' + 10);
		}
		u->field[i] = v;
	}
	return 0;
}

/* One header with what belongs to it.  1: it was a trailer. */
static int next_entry(struct cpio_unpack *u)
{
	char header[HEADER];
	int err;

	*u->name = 0;
	err = cpio_stream_read(u->in, header, MAGIC);
	if (err)
		return cpio_broken(u, err);
	err = check_magic(u, header);
	if (err)
		return err;
	err = cpio_stream_read(u->in, header + MAGIC, HEADER - MAGIC);
	if (err)
		return cpio_broken(u, err);
	err = parse_header(u, header);
	if (err)
		return err;
	if (!u->field[CPIO_NAME_SIZE] || u->field[CPIO_NAME_SIZE] > sizeof u->name)
		return cpio_explain(u, -EINVAL, "a name of impossible length");
	err = cpio_stream_read(u->in, u->name, u->field[CPIO_NAME_SIZE]);
	if (err) {
		*u->name = 0;
		return cpio_broken(u, err);
	}
	if (u->name[u->field[CPIO_NAME_SIZE] - 1]) {
		*u->name = 0;
		return cpio_explain(u, -EINVAL, "a name without an end");
	}
	err = cpio_pad(u);
	if (err)
		return err;
	if (!strcmp(u->name, "TRAILER!!!")) {
		cpio_forget_links(u);
		return 1;
	}
	if (!clean_name(u->name))
		return cpio_explain(u, -EINVAL, "a name with \"..\" in it");
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
	struct cpio_unpack *u = calloc(1, sizeof *u);
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
			err = err ? cpio_broken(u, err) : 0;
			break;
		}
		err = next_entry(u);
		if (err < 0)
			break;
		any = true;
	}
	if (!err && !any)
		err = cpio_explain(u, -EINVAL, "an empty archive");
	cpio_forget_links(u);
	cpio_set_dir_times(u);
	cpio_stream_free(u->in);
out:
	if (err == -ENOMEM && !*why)
		snprintf(why, 160, "no memory");
	free(u);
	return err;
}
