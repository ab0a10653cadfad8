/* SPDX-License-Identifier: MIT
 *
 * File descriptors: an array, and two bitmaps for "open" and "close on exec".
 */
#include "emu/fs/vfs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "emu/fs/locks.h"

enum { WORD = 64, FIRST_SIZE = 64, LARGEST = 1 << 20 };

/* Of one descriptor: its file, and two bits. */
#define COST (sizeof(struct file *) + 1)

struct fd_table {
	struct machine *machine;	/* that is charged for what is beyond FIRST_SIZE */
	unsigned refs;
	unsigned size;			/* a multiple of WORD */
	unsigned lowest;		/* no free number below it */
	struct file **files;
	uint64_t *open, *cloexec;
};

static bool bit(const uint64_t *map, unsigned n) { return map[n / WORD] >> n % WORD & 1; }
static void set_bit(uint64_t *map, unsigned n, bool on)
{
	uint64_t b = UINT64_C(1) << n % WORD;

	if (on)
		map[n / WORD] |= b;
	else
		map[n / WORD] &= ~b;
}

static uint64_t charge(unsigned size)
{
	return size > FIRST_SIZE ? (uint64_t)size * COST : 0;
}

/* Room for numbers below `size`. */
static int grow(struct fd_table *t, unsigned size)
{
	struct file **files;
	uint64_t *map;

	if (size <= t->size)
		return 0;
	if (size < 2 * t->size)
		size = 2 * t->size;
	size = (size + WORD - 1) / WORD * WORD;
	if (vfs_charge(t->machine, charge(size) - charge(t->size)))
		return -ENOMEM;
	files = realloc(t->files, size * sizeof *files);
	if (!files)
		goto fail;
	t->files = files;
	map = realloc(t->open, size / 8);
	if (!map)
		goto fail;
	t->open = map;
	map = realloc(t->cloexec, size / 8);
	if (!map)
		goto fail;
	t->cloexec = map;
	memset(t->files + t->size, 0, (size - t->size) * sizeof *files);
	memset(t->open + t->size / WORD, 0, (size - t->size) / 8);
	memset(t->cloexec + t->size / WORD, 0, (size - t->size) / 8);
	t->size = size;
	return 0;
fail:
	vfs_uncharge(t->machine, charge(size) - charge(t->size));
	return -ENOMEM;
}

struct fd_table *fds_new(struct machine *m)
{
	struct fd_table *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	t->machine = m;
	t->refs = 1;
	if (grow(t, FIRST_SIZE)) {
		fds_put(t);
		return NULL;
	}
	return t;
}

struct fd_table *fds_get(struct fd_table *t)
{
	t->refs++;
	return t;
}

bool fds_shared(const struct fd_table *t)
{
	return t->refs > 1;
}

static void closed(struct fd_table *t, struct file *f)
{
	if (f->ops->flush)
		f->ops->flush(f);
	if (f->inode->locks)
		locks_drop_owner(f->inode, t);
	file_put(f);
}

void fds_put(struct fd_table *t)
{
	if (--t->refs)
		return;
	for (int fd = -1; (fd = fds_next(t, (unsigned)fd + 1)) >= 0; ) {
		struct file *f = t->files[fd];

		set_bit(t->open, (unsigned)fd, false);
		closed(t, f);
	}
	vfs_uncharge(t->machine, charge(t->size));
	free(t->files);
	free(t->open);
	free(t->cloexec);
	free(t);
}

/* Up to the last that is open (sane_fdtable_size()): what once was larger need not stay so in all children. */
static unsigned used_size(const struct fd_table *t)
{
	unsigned words = t->size / WORD;

	while (words && !t->open[words - 1])
		words--;
	return words * WORD;
}

struct fd_table *fds_copy(struct fd_table *t)
{
	struct fd_table *c = fds_new(t->machine);
	unsigned size = used_size(t);

	if (!c)
		return NULL;
	if (grow(c, size)) {
		fds_put(c);
		return NULL;
	}
	for (int fd = -1; (fd = fds_next(t, (unsigned)fd + 1)) >= 0; )
		c->files[fd] = file_get(t->files[fd]);
	memcpy(c->open, t->open, size / 8);
	memcpy(c->cloexec, t->cloexec, size / 8);
	c->lowest = t->lowest;
	return c;
}

unsigned fds_lowest(struct fd_table *t, unsigned from)
{
	if (from < t->lowest)
		from = t->lowest;
	while (from < t->size) {
		uint64_t free_bits = ~t->open[from / WORD] >> from % WORD;

		if (free_bits)
			return from + (unsigned)__builtin_ctzll(free_bits);
		from = (from / WORD + 1) * WORD;
	}
	return from;
}

static void put_in(struct fd_table *t, unsigned fd, struct file *f, bool cloexec)
{
	t->files[fd] = f;
	set_bit(t->open, fd, true);
	set_bit(t->cloexec, fd, cloexec);
}

int fds_install(struct fd_table *t, struct file *f, unsigned from, unsigned limit, bool cloexec)
{
	unsigned fd = fds_lowest(t, from);
	int err;

	if (fd >= limit || fd >= LARGEST)
		return -EMFILE;
	err = grow(t, fd + 1);
	if (err)
		return err;
	put_in(t, fd, f, cloexec);
	if (from <= t->lowest)
		t->lowest = fd + 1;
	return (int)fd;
}

int fds_install_at(struct fd_table *t, struct file *f, unsigned fd, unsigned limit, bool cloexec)
{
	struct file *old;
	int err;

	if (fd >= limit || fd >= LARGEST)
		return -EBADF;
	err = grow(t, fd + 1);
	if (err)
		return err;
	old = fds_look(t, fd);
	put_in(t, fd, f, cloexec);
	if (old)
		closed(t, old);
	return (int)fd;
}

struct file *fds_look(struct fd_table *t, unsigned fd)
{
	return fd < t->size && bit(t->open, fd) ? t->files[fd] : NULL;
}

int fds_close(struct fd_table *t, unsigned fd)
{
	struct file *f = fds_look(t, fd);

	if (!f)
		return -EBADF;
	set_bit(t->open, fd, false);
	set_bit(t->cloexec, fd, false);
	t->files[fd] = NULL;
	if (fd < t->lowest)
		t->lowest = fd;
	closed(t, f);
	return 0;
}

void fds_close_on_exec(struct fd_table *t)
{
	for (int fd = -1; (fd = fds_next(t, (unsigned)fd + 1)) >= 0; )
		if (bit(t->cloexec, (unsigned)fd))
			fds_close(t, (unsigned)fd);
}

bool fds_cloexec(struct fd_table *t, unsigned fd)
{
	return fds_look(t, fd) && bit(t->cloexec, fd);
}

void fds_set_cloexec(struct fd_table *t, unsigned fd, bool on)
{
	if (fds_look(t, fd))
		set_bit(t->cloexec, fd, on);
}

int fds_next(struct fd_table *t, unsigned from)
{
	while (from < t->size) {
		uint64_t bits = t->open[from / WORD] >> from % WORD;

		if (bits)
			return (int)(from + (unsigned)__builtin_ctzll(bits));
		from = (from / WORD + 1) * WORD;
	}
	return -1;
}

const char *fds_check(const struct fd_table *t, unsigned holders)
{
	if (t->refs != holders)
		return "a table is held more, or less, often than it is counted";
	for (unsigned fd = 0; fd < t->size; fd++) {
		if (fd < t->lowest && !bit(t->open, fd))
			return "a number below the lowest free one is free";
		if (!bit(t->open, fd))
			continue;
		if (!t->files[fd] || !t->files[fd]->refs || !t->files[fd]->inode)
			return "an open number leads to no file";
	}
	return NULL;
}
