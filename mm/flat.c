/* SPDX-License-Identifier: MIT
 *
 * The reservation is one PROT_NONE, NORESERVE host mapping: it costs address space and
 * nothing else.  A window is a readable and writable anonymous mapping put over a piece of it, or a mapping of a
 * memory file that others show as well.
 *
 * Of the latter the accessors use the owner's view, which is never protected: what they answered stays good when a chip
 * leaves the mode in which it can be read.
 *
 * Windows are kept sorted by address; they are few (RAM, flash, video memory), and nearly every
 * access is to RAM, so the largest one is looked at first and the rest are found by bisection.
 */
#define _GNU_SOURCE	/* memfd_create */
#include "mm/flat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#define FLAT_SIZE (UINT64_C(1) << 32)
/* Inaccessible on both sides: base + any 32-bit address + a 12-bit displacement stays inside. */
#define FLAT_MARGIN (UINT64_C(64) << 10)
/* The base is aligned so that host huge pages and guest addresses agree. */
#define FLAT_ALIGN (UINT64_C(2) << 20)
/* Below this, clearing is cheaper than giving the pages to the host and faulting them in again. */
#define FLAT_DISCARD_MIN (UINT64_C(256) << 10)

struct flat_bytes {
	uint8_t *view;
	uint64_t len;
	int fd;
	unsigned refs;		/* of the owner, and of each window */
};

struct window {
	uint64_t start, end;	/* guest addresses; end may be 2^32 */
	enum flat_access access;
	struct flat_bytes *bytes;	/* what it shows, with a reference; NULL: memory of its own */
	uint64_t offset;
};

struct flat {
	uint8_t *base;
	uint8_t *reserved;
	size_t reserved_len;
	struct window main;	/* the largest window with memory of its own, or an empty one */
	struct window *windows;
	size_t nr, room;
};

int flat_new(struct flat **out)
{
	struct flat *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->reserved_len = FLAT_SIZE + 2 * FLAT_MARGIN + FLAT_ALIGN;
	f->reserved = mmap(NULL, f->reserved_len, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (f->reserved == MAP_FAILED) {
		free(f);
		return -ENOMEM;
	}
	uintptr_t first = (uintptr_t)f->reserved + FLAT_MARGIN;
	uintptr_t skip = (FLAT_ALIGN - first % FLAT_ALIGN) % FLAT_ALIGN;

	f->base = f->reserved + FLAT_MARGIN + skip;
	*out = f;
	return 0;
}

void flat_free(struct flat *f)
{
	if (!f)
		return;
	munmap(f->reserved, f->reserved_len);
	for (size_t i = 0; i < f->nr; i++)
		flat_bytes_free(f->windows[i].bytes);
	free(f->windows);
	free(f);
}

/* --- Bytes to be shown --- */

/* A memory file that nobody can cut. */
static int open_bytes(uint64_t len, int *out)
{
	struct rlimit most;
	int err, fd;

	/* The host counts it as a file; asked for more it would send SIGXFSZ. */
	if (getrlimit(RLIMIT_FSIZE, &most) == 0 && most.rlim_cur < len)
		return -EFBIG;
	fd = memfd_create("flat32", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -ENOMEM;
	if (ftruncate(fd, (off_t)len) || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW)) {
		err = errno == EFBIG ? -EFBIG : -ENOMEM;
		close(fd);
		return err;
	}
	*out = fd;
	return 0;
}

int flat_bytes_new(uint64_t len, struct flat_bytes **out)
{
	struct flat_bytes *b;
	int err;

	if (!len || len % FLAT_PAGE_SIZE || len > FLAT_SIZE)
		return -EINVAL;
	b = malloc(sizeof(*b));
	if (!b)
		return -ENOMEM;
	err = open_bytes(len, &b->fd);
	if (err)
		goto no_fd;
	b->view = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, b->fd, 0);
	if (b->view == MAP_FAILED) {
		err = -ENOMEM;
		goto no_view;
	}
	b->len = len;
	b->refs = 1;
	*out = b;
	return 0;

no_view:
	close(b->fd);
no_fd:
	free(b);
	return err;
}

void flat_bytes_free(struct flat_bytes *b)
{
	if (!b || --b->refs)
		return;
	munmap(b->view, b->len);
	close(b->fd);
	free(b);
}

uint8_t *flat_bytes_view(const struct flat_bytes *b)
{
	return b->view;
}

/* --- Windows --- */

/* Index of the first window that ends above addr; f->nr if there is none. */
static size_t window_above(const struct flat *f, uint64_t addr)
{
	size_t low = 0, high = f->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (f->windows[mid].end > addr)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

static void find_main(struct flat *f)
{
	f->main = (struct window){ 0 };
	for (size_t i = 0; i < f->nr; i++) {
		const struct window *w = &f->windows[i];

		if (!w->bytes && w->end - w->start > f->main.end - f->main.start)
			f->main = *w;
	}
}

static bool whole_pages(uint32_t addr, uint64_t len)
{
	return addr % FLAT_PAGE_SIZE == 0 && len % FLAT_PAGE_SIZE == 0 && len > 0 &&
	       len <= FLAT_SIZE - addr;
}

static int host_prot(enum flat_access access)
{
	return access == FLAT_NONE ? PROT_NONE : access == FLAT_READ ? PROT_READ : PROT_READ | PROT_WRITE;
}

/* Puts what w shows over its addresses. */
static int map_over(struct flat *f, const struct window *w)
{
	int kind = w->bytes ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS;
	void *p = mmap(f->base + w->start, w->end - w->start, host_prot(w->access), kind | MAP_NORESERVE | MAP_FIXED,
		       w->bytes ? w->bytes->fd : -1, (off_t)w->offset);

	return p == MAP_FAILED ? -ENOMEM : 0;
}

static int add_window(struct flat *f, const struct window *new)
{
	size_t at = window_above(f, new->start);
	int err;

	if (at < f->nr && f->windows[at].start < new->end)
		return -EEXIST;
	if (f->nr == f->room) {
		size_t room = f->room ? 2 * f->room : 8;
		struct window *w = realloc(f->windows, room * sizeof(*w));

		if (!w)
			return -ENOMEM;
		f->windows = w;
		f->room = room;
	}
	err = map_over(f, new);
	if (err)
		return err;
	memmove(f->windows + at + 1, f->windows + at, (f->nr - at) * sizeof(*f->windows));
	f->windows[at] = *new;
	f->nr++;
	find_main(f);
	return 0;
}

int flat_commit(struct flat *f, uint32_t addr, uint64_t len)
{
	struct window w = { .start = addr, .end = addr + len, .access = FLAT_WRITE };

	return whole_pages(addr, len) ? add_window(f, &w) : -EINVAL;
}

int flat_show(struct flat *f, uint32_t addr, uint64_t len, struct flat_bytes *b, uint64_t offset, enum flat_access access)
{
	struct window w = { .start = addr, .end = addr + len, .access = access, .bytes = b, .offset = offset };
	int err;

	if (!whole_pages(addr, len) || offset % FLAT_PAGE_SIZE || offset > b->len || len > b->len - offset)
		return -EINVAL;
	err = add_window(f, &w);
	if (!err)
		b->refs++;
	return err;
}

/* The window that is [addr, addr+len), or NULL. */
static struct window *window_exactly(const struct flat *f, uint32_t addr, uint64_t len)
{
	size_t at = window_above(f, addr);

	if (at == f->nr || f->windows[at].start != addr || f->windows[at].end - addr != len)
		return NULL;
	return &f->windows[at];
}

int flat_protect(struct flat *f, uint32_t addr, uint64_t len, enum flat_access access)
{
	struct window *w = window_exactly(f, addr, len);

	if (!w || !w->bytes)
		return -EINVAL;
	if (w->access == access)
		return 0;
	if (mprotect(f->base + addr, len, host_prot(access)))
		return -ENOMEM;
	w->access = access;
	return 0;
}

int flat_withdraw(struct flat *f, uint32_t addr, uint64_t len)
{
	struct window *w = window_exactly(f, addr, len), nothing = { .start = addr, .end = addr + len };
	struct flat_bytes *bytes;
	int err;

	if (!w)
		return -EINVAL;
	err = map_over(f, &nothing);
	if (err)
		return err;
	bytes = w->bytes;
	memmove(w, w + 1, (size_t)(f->windows + f->nr - (w + 1)) * sizeof(*w));
	f->nr--;
	flat_bytes_free(bytes);
	find_main(f);
	return 0;
}

uint8_t *flat_base(const struct flat *f)
{
	return f->base;
}

/* --- Accessors --- */

static uint8_t *host_address(const struct flat *f, const struct window *w, uint32_t addr)
{
	return w->bytes ? w->bytes->view + w->offset + (addr - w->start) : f->base + addr;
}

/* Host address of [addr, addr+len) inside a window that allows that; len is not 0. */
static uint8_t *span(const struct flat *f, uint32_t addr, uint64_t len, enum flat_access access)
{
	const struct window *w = &f->main;

	if (addr >= w->start && addr < w->end)
		return len <= w->end - addr ? f->base + addr : NULL;
	size_t at = window_above(f, addr);

	if (at == f->nr)
		return NULL;
	w = &f->windows[at];
	if (w->start > addr || len > w->end - addr || w->access < access)
		return NULL;
	return host_address(f, w, addr);
}

const void *flat_span(const struct flat *f, uint32_t addr, uint64_t len)
{
	return len ? span(f, addr, len, FLAT_READ) : f->base + addr;
}

void *flat_span_write(const struct flat *f, uint32_t addr, uint64_t len)
{
	return len ? span(f, addr, len, FLAT_WRITE) : f->base + addr;
}

int flat_read(const struct flat *f, void *dst, uint32_t addr, uint64_t len)
{
	const void *src = flat_span(f, addr, len);

	if (!src)
		return -EFAULT;
	if (len)
		memcpy(dst, src, len);
	return 0;
}

int flat_write(struct flat *f, uint32_t addr, const void *src, uint64_t len)
{
	void *dst = flat_span_write(f, addr, len);

	if (!dst)
		return -EFAULT;
	if (len)
		memcpy(dst, src, len);
	return 0;
}

int flat_clear(struct flat *f, uint32_t addr, uint64_t len)
{
	void *dst = flat_span_write(f, addr, len);

	if (!dst)
		return -EFAULT;
	if (len)
		memset(dst, 0, len);
	return 0;
}

int64_t flat_read_string(const struct flat *f, char *dst, uint32_t addr, size_t size)
{
	size_t at = window_above(f, addr);

	if (size == 0)
		return -ENAMETOOLONG;
	if (at == f->nr)
		return -EFAULT;
	const struct window *w = &f->windows[at];

	if (w->start > addr || w->access < FLAT_READ)
		return -EFAULT;
	const uint8_t *src = host_address(f, w, addr);
	size_t look = w->end - addr < size ? (size_t)(w->end - addr) : size;
	const uint8_t *nul = memchr(src, 0, look);

	if (!nul)
		return look == size ? -ENAMETOOLONG : -EFAULT;
	memcpy(dst, src, (size_t)(nul - src) + 1);
	return nul - src;
}

int flat_zero_pages(struct flat *f, uint32_t addr, uint64_t len)
{
	uint8_t *p = flat_span_write(f, addr, len);

	if (addr % FLAT_PAGE_SIZE || len % FLAT_PAGE_SIZE || !p)
		return -EFAULT;
	/*
	 * Fresh private anonymous memory reads as zero; where the host refuses, clear by hand.  Bytes that others show
	 * would only be mapped anew.
	 */
	if (len >= FLAT_DISCARD_MIN && p == f->base + addr && madvise(p, len, MADV_DONTNEED) == 0)
		return 0;
	if (len)
		memset(p, 0, len);
	return 0;
}
