/* SPDX-License-Identifier: MIT
 *
 * The reservation is one PROT_NONE, NORESERVE host mapping: it costs address space and
 * nothing else.  A window is a readable and writable anonymous mapping put over a piece of it.
 *
 * Windows are kept sorted by address; they are few (RAM, flash, video memory), and nearly every
 * access is to RAM, so the largest one is looked at first and the rest are found by bisection.
 */
#include "mm/flat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define FLAT_SIZE (UINT64_C(1) << 32)
/* Inaccessible on both sides: base + any 32-bit address + a 12-bit displacement stays inside. */
#define FLAT_MARGIN (UINT64_C(64) << 10)
/* The base is aligned so that host huge pages and guest addresses agree. */
#define FLAT_ALIGN (UINT64_C(2) << 20)
/* Below this, clearing is cheaper than giving the pages to the host and faulting them in again. */
#define FLAT_DISCARD_MIN (UINT64_C(256) << 10)

struct window {
	uint64_t start, end;	/* guest addresses; end may be 2^32 */
};

struct flat {
	uint8_t *base;
	uint8_t *reserved;
	size_t reserved_len;
	struct window main;	/* the largest window, or an empty one */
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
	free(f->windows);
	free(f);
}

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
	f->main = (struct window){ 0, 0 };
	for (size_t i = 0; i < f->nr; i++) {
		const struct window *w = &f->windows[i];

		if (w->end - w->start > f->main.end - f->main.start)
			f->main = *w;
	}
}

static bool whole_pages(uint32_t addr, uint64_t len)
{
	return addr % FLAT_PAGE_SIZE == 0 && len % FLAT_PAGE_SIZE == 0 && len > 0 &&
	       len <= FLAT_SIZE - addr;
}

static int map_over(struct flat *f, uint32_t addr, uint64_t len, int prot)
{
	void *p = mmap(f->base + addr, len, prot,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);

	return p == MAP_FAILED ? -ENOMEM : 0;
}

int flat_commit(struct flat *f, uint32_t addr, uint64_t len)
{
	int err;

	if (!whole_pages(addr, len))
		return -EINVAL;
	size_t at = window_above(f, addr);

	if (at < f->nr && f->windows[at].start < addr + len)
		return -EEXIST;
	if (f->nr == f->room) {
		size_t room = f->room ? 2 * f->room : 8;
		struct window *w = realloc(f->windows, room * sizeof(*w));

		if (!w)
			return -ENOMEM;
		f->windows = w;
		f->room = room;
	}
	err = map_over(f, addr, len, PROT_READ | PROT_WRITE);
	if (err)
		return err;
	memmove(f->windows + at + 1, f->windows + at, (f->nr - at) * sizeof(*f->windows));
	f->windows[at] = (struct window){ addr, addr + len };
	f->nr++;
	find_main(f);
	return 0;
}

int flat_withdraw(struct flat *f, uint32_t addr, uint64_t len)
{
	int err;

	if (!whole_pages(addr, len))
		return -EINVAL;
	size_t at = window_above(f, addr);

	if (at == f->nr || f->windows[at].start != addr || f->windows[at].end != addr + len)
		return -EINVAL;
	err = map_over(f, addr, len, PROT_NONE);
	if (err)
		return err;
	f->nr--;
	memmove(f->windows + at, f->windows + at + 1, (f->nr - at) * sizeof(*f->windows));
	find_main(f);
	return 0;
}

uint8_t *flat_base(const struct flat *f)
{
	return f->base;
}

void *flat_span(const struct flat *f, uint32_t addr, uint64_t len)
{
	const struct window *w = &f->main;

	if (len == 0)
		return f->base + addr;
	if (addr < w->start || addr >= w->end) {
		size_t at = window_above(f, addr);

		if (at == f->nr || f->windows[at].start > addr)
			return NULL;
		w = &f->windows[at];
	}
	return len <= w->end - addr ? f->base + addr : NULL;
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
	void *dst = flat_span(f, addr, len);

	if (!dst)
		return -EFAULT;
	if (len)
		memcpy(dst, src, len);
	return 0;
}

int flat_clear(struct flat *f, uint32_t addr, uint64_t len)
{
	void *dst = flat_span(f, addr, len);

	if (!dst)
		return -EFAULT;
	if (len)
		memset(dst, 0, len);
	return 0;
}

/* Bytes from addr to the end of the window it lies in; 0 if it lies in none. */
static uint64_t room_from(const struct flat *f, uint32_t addr)
{
	size_t at = window_above(f, addr);

	if (at == f->nr || f->windows[at].start > addr)
		return 0;
	return f->windows[at].end - addr;
}

int64_t flat_read_string(const struct flat *f, char *dst, uint32_t addr, size_t size)
{
	uint64_t room = room_from(f, addr);
	size_t look = room < size ? (size_t)room : size;

	if (size == 0)
		return -ENAMETOOLONG;
	if (room == 0)
		return -EFAULT;
	const uint8_t *src = f->base + addr;
	const uint8_t *nul = memchr(src, 0, look);

	if (!nul)
		return look == size ? -ENAMETOOLONG : -EFAULT;
	memcpy(dst, src, (size_t)(nul - src) + 1);
	return nul - src;
}

int flat_zero_pages(struct flat *f, uint32_t addr, uint64_t len)
{
	if (addr % FLAT_PAGE_SIZE || len % FLAT_PAGE_SIZE || !flat_span(f, addr, len))
		return -EFAULT;
	/* Fresh private anonymous memory reads as zero; where the host refuses, clear by hand. */
	if (len >= FLAT_DISCARD_MIN && madvise(f->base + addr, len, MADV_DONTNEED) == 0)
		return 0;
	if (len)
		memset(f->base + addr, 0, len);
	return 0;
}
