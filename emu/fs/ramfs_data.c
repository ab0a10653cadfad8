/* SPDX-License-Identifier: MIT */
#include "emu/fs/ramfs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "emu/kernel/machine.h"

struct extent {
	struct tree_node node;
	uint32_t page, pages;		/* in the file */
	uint32_t addr;			/* guest address */
};

static struct extent *of(struct tree_node *n)
{
	return n ? tree_entry(n, struct extent, node) : NULL;
}

static int compare(const struct tree_node *a, const struct tree_node *b)
{
	const struct extent *x = tree_entry(a, struct extent, node), *y = tree_entry(b, struct extent, node);

	return x->page < y->page ? -1 : x->page > y->page;
}

static const struct tree_ops ops = { .compare = compare };

void data_init(struct ramfs_data *d, struct machine *m, struct ramfs_super *s)
{
	*d = (struct ramfs_data){ .machine = m, .super = s };
	tree_init(&d->extents, &ops);
}

/* The extent that has the page, or the first one behind it; NULL. */
static struct extent *at_or_after(struct ramfs_data *d, uint32_t page)
{
	struct tree_node *n = d->extents.root;
	struct extent *best = NULL;

	while (n) {
		struct extent *e = of(n);

		if (page < e->page) {
			best = e;
			n = n->left;
		} else if (page - e->page >= e->pages) {
			n = n->right;
		} else {
			return e;
		}
	}
	return best;
}

static uint8_t *host(struct ramfs_data *d, uint32_t addr)
{
	return flat_base(d->machine->flat) + addr;
}

/* --- Taking and giving pages --- */

/* The file system's own limit (size=) forbids n more. */
static bool limited(const struct ramfs_data *d, uint32_t n)
{
	return d->super && d->super->max_pages && n > d->super->max_pages - d->super->pages;
}

static int take(struct ramfs_data *d, uint32_t n, uint32_t *addr)
{
	int err;

	if (limited(d, n))
		return -ENOSPC;
	err = mm_pages_get(d->machine->mm, n, addr);
	if (err)
		return err;
	if (d->super)
		d->super->pages += n;
	d->pages += n;
	return 0;
}

static void give(struct ramfs_data *d, uint32_t addr, uint32_t n)
{
	mm_pages_put(d->machine->mm, addr, n);
	if (d->super)
		d->super->pages -= n;
	d->pages -= n;
}

/* The kernel fills a file page by page, each from wherever there is one. */
static bool page_by_page(const struct ramfs_data *d)
{
	return d->machine->options.compat_linux;
}

/* Adds a run to the file, in a place that is a hole.  False: no memory for the extent. */
static bool add(struct ramfs_data *d, uint32_t page, uint32_t n, uint32_t addr)
{
	struct extent *e = malloc(sizeof *e), *x;

	if (!e)
		return false;
	*e = (struct extent){ .page = page, .pages = n, .addr = addr };
	tree_insert(&d->extents, &e->node);
	if (page_by_page(d))
		return true;
	x = of(tree_prev(&e->node));
	if (x && x->page + x->pages == page && x->addr + x->pages * FLAT_PAGE_SIZE == addr) {
		x->pages += n;
		tree_remove(&d->extents, &e->node);
		free(e);
		e = x;
	}
	x = of(tree_next(&e->node));
	if (x && e->page + e->pages == x->page && e->addr + e->pages * FLAT_PAGE_SIZE == x->addr) {
		e->pages += x->pages;
		tree_remove(&d->extents, &x->node);
		free(x);
	}
	return true;
}

uint64_t data_held(struct ramfs_data *d, uint64_t first, uint64_t last)
{
	uint64_t n = 0;

	if (first > UINT32_MAX)
		return 0;
	for (struct extent *e = at_or_after(d, (uint32_t)first); e && e->page <= last; e = of(tree_next(&e->node))) {
		uint64_t from = e->page > first ? e->page : first, to = (uint64_t)e->page + e->pages - 1;

		n += (to < last ? to : last) - from + 1;
	}
	return n;
}

void data_cut(struct ramfs_data *d, uint64_t page)
{
	struct extent *e;

	if (page > UINT32_MAX)
		return;
	while ((e = at_or_after(d, (uint32_t)page))) {
		if (e->page < page) {
			uint32_t kept = (uint32_t)page - e->page;

			give(d, e->addr + kept * FLAT_PAGE_SIZE, e->pages - kept);
			e->pages = kept;
			continue;
		}
		give(d, e->addr, e->pages);
		tree_remove(&d->extents, &e->node);
		free(e);
	}
}

void data_free(struct ramfs_data *d)
{
	data_cut(d, 0);
}

/* --- Finding and making bytes --- */

/* Takes pages for a hole: as many of n in one run as there are.  How many; 0: none. */
static uint32_t fill_hole(struct ramfs_data *d, uint32_t page, uint32_t n, uint32_t *addr)
{
	if (page_by_page(d))
		n = 1;
	while (n && take(d, n, addr))
		n /= 2;
	if (!n && !limited(d, 1))
		mm_pages_missed(d->machine->mm, 1);
	if (n && !add(d, page, n, *addr)) {
		give(d, *addr, n);
		return 0;
	}
	return n;
}

uint8_t *data_span(struct ramfs_data *d, uint64_t off, uint64_t want, bool fill, uint64_t *got)
{
	uint32_t page = (uint32_t)(off / FLAT_PAGE_SIZE), n, addr;
	struct extent *e = at_or_after(d, page);
	uint64_t start = (uint64_t)page * FLAT_PAGE_SIZE, end;

	if (e && e->page <= page) {
		end = ((uint64_t)e->page + e->pages) * FLAT_PAGE_SIZE;
		*got = want < end - off ? want : end - off;
		return host(d, e->addr) + (off - (uint64_t)e->page * FLAT_PAGE_SIZE);
	}
	end = off + want;
	if (e && (uint64_t)e->page * FLAT_PAGE_SIZE < end)
		end = (uint64_t)e->page * FLAT_PAGE_SIZE;
	*got = end - off;
	if (!fill)
		return NULL;
	n = fill_hole(d, page, (uint32_t)((end - start + FLAT_PAGE_SIZE - 1) / FLAT_PAGE_SIZE), &addr);
	*got = 0;
	if (!n)
		return NULL;
	if (end > start + (uint64_t)n * FLAT_PAGE_SIZE)
		end = start + (uint64_t)n * FLAT_PAGE_SIZE;
	memset(host(d, addr), 0, off - start);
	memset(host(d, addr) + (end - start), 0, start + (uint64_t)n * FLAT_PAGE_SIZE - end);
	*got = end - off;
	return host(d, addr) + (off - start);
}

uint32_t data_run(struct ramfs_data *d, uint32_t page, uint32_t n)
{
	struct extent *e = at_or_after(d, page);

	if (!e || e->page > page || e->pages - (page - e->page) < n)
		return 0;
	return e->addr + (page - e->page) * FLAT_PAGE_SIZE;
}

/* Gives back the pages in [page, page+n), which is to be replaced. Needs `spare` when it cuts a hole. */
static void punch(struct ramfs_data *d, uint32_t page, uint32_t n, struct extent **spare)
{
	struct extent *e;

	while ((e = at_or_after(d, page)) && (e->page < page || e->page - page < n)) {
		uint32_t from = e->page < page ? page - e->page : 0;	/* in the extent */
		uint64_t left = (uint64_t)page + n - e->page;
		uint32_t to = left < e->pages ? (uint32_t)left : e->pages;

		give(d, e->addr + from * FLAT_PAGE_SIZE, to - from);
		if (from && to < e->pages) {
			struct extent *tail = *spare;

			*spare = NULL;
			*tail = (struct extent){ .page = e->page + to, .pages = e->pages - to,
						 .addr = e->addr + to * FLAT_PAGE_SIZE };
			e->pages = from;
			tree_insert(&d->extents, &tail->node);
		} else if (from) {
			e->pages = from;
		} else if (to < e->pages) {
			e->page += to;		/* its place in the order stays */
			e->addr += to * FLAT_PAGE_SIZE;
			e->pages -= to;
		} else {
			tree_remove(&d->extents, &e->node);
			free(e);
		}
	}
}

int data_gather(struct ramfs_data *d, uint32_t page, uint32_t n)
{
	struct extent *spare = malloc(sizeof *spare), *whole = malloc(sizeof *whole);
	uint64_t off = (uint64_t)page * FLAT_PAGE_SIZE, len = (uint64_t)n * FLAT_PAGE_SIZE, got;
	uint32_t addr;
	int err = spare && whole ? take(d, n, &addr) : -ENOMEM;

	if (err) {
		free(spare);
		free(whole);
		return err;
	}
	if (d->extents.root) {
		for (uint64_t at = 0; at < len; at += got) {
			uint8_t *from = data_span(d, off + at, len - at, false, &got);

			if (from)
				memcpy(host(d, addr) + at, from, got);
			else
				memset(host(d, addr) + at, 0, got);
		}
	} else {
		flat_zero_pages(d->machine->flat, addr, len);
	}
	punch(d, page, n, &spare);
	*whole = (struct extent){ .page = page, .pages = n, .addr = addr };
	tree_insert(&d->extents, &whole->node);
	free(spare);
	return 0;
}
