/* SPDX-License-Identifier: MIT */
/*
 * The canonical descriptors of functions that are in a dynamic symbol table: what &f is, in every module.
 * Made when somebody asks for one, since of libc's thousand functions a process takes the address of a few
 * dozen. One for each address: names of the same function have the same. Included by dynlink.c, behind struct dso and
 * struct funcdesc.
 *
 * dlsym() asks while other threads do, so there is a lock.
 */
#include "lock.h"

static void *dl_mmap(size_t n);

#define FD_CHUNK 64u

static struct fd_chunk {
	struct fd_chunk *next;
	struct funcdesc fd[FD_CHUNK];
} fd_first, *fd_chunks = &fd_first;
static size_t fd_used;			/* of fd_chunks' first */
static struct funcdesc *fd_unused;	/* given back: a module could not be loaded */
static struct funcdesc *fd_first_table[32], **fd_table = fd_first_table;
static size_t fd_size = 32, fd_count;	/* of the table, a power of two; of what is in it */
static volatile int fd_lock[1];

static struct funcdesc **fd_bucket(const void *entry)
{
	return &fd_table[(size_t)entry / 2 & fd_size - 1];
}

static void fd_grow(void)
{
	struct funcdesc **old = fd_table, *d, *next;
	size_t n = fd_size;

	struct funcdesc **table = dl_mmap(4 * n * sizeof *table);
	if (!table)
		return;			/* longer lists, then */
	fd_table = table;
	fd_size = 4 * n;
	for (size_t i = 0; i < n; i++) {
		for (d = old[i]; d; d = next) {
			struct funcdesc **to = fd_bucket(d->addr);

			next = d->next;
			d->next = *to;
			*to = d;
		}
	}
	if (old != fd_first_table)
		__syscall(SYS_munmap, old, n * sizeof *old);
}

static struct funcdesc *fd_new(void)
{
	struct funcdesc *d = fd_unused;

	if (d) {
		fd_unused = d->next;
		return d;
	}
	if (fd_used == FD_CHUNK) {
		struct fd_chunk *c = dl_mmap(sizeof *c);

		if (!c)
			return 0;
		c->next = fd_chunks;
		fd_chunks = c;
		fd_used = 0;
	}
	return &fd_chunks->fd[fd_used++];
}

/* The descriptor of p's function at a link address. NULL: no memory. */
static struct funcdesc *funcdesc(struct dso *p, size_t link)
{
	struct funcdesc *d, **bucket;
	void *entry = laddr(p, link);

	LOCK(fd_lock);
	bucket = fd_bucket(entry);
	for (d = *bucket; d && d->addr != entry; d = d->next);
	if (!d && (d = fd_new())) {
		if (fd_count++ == 2 * fd_size) {
			fd_grow();
			bucket = fd_bucket(entry);
		}
		*d = (struct funcdesc){ entry, p->got, p, *bucket };
		*bucket = d;
	}
	UNLOCK(fd_lock);
	return d;
}

/* The descriptor at that address, or NULL. */
static struct funcdesc *fd_at(size_t address)
{
	for (struct fd_chunk *c = fd_chunks; c; c = c->next) {
		size_t i = (address - (size_t)c->fd) / sizeof *c->fd;

		if (i < FD_CHUNK && (size_t)&c->fd[i] == address && c->fd[i].dso)
			return &c->fd[i];
	}
	return 0;
}

/* p goes: it could not be loaded. */
static void fd_drop(struct dso *p)
{
	for (size_t i = 0; i < fd_size; i++) {
		struct funcdesc *d, **at = &fd_table[i];

		while ((d = *at)) {
			if (d->dso != p) {
				at = &d->next;
				continue;
			}
			*at = d->next;
			*d = (struct funcdesc){ .next = fd_unused };
			fd_unused = d;
			fd_count--;
		}
	}
}
