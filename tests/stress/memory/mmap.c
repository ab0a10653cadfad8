/* SPDX-License-Identifier: MIT
 * Mappings that come and go: of memory, of a file, whole and in parts; and some that become larger and smaller.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include "../stress.h"

#define SLOTS 16
#define PAGES (stress_sizes.mmap / 4096 / SLOTS * 2 + 1)	/* the most in one slot, so that all together come to about --mmap-bytes */

struct slot {
	uint8_t *p;
	size_t pages, from;		/* the pattern's stream begins at this byte there */
	uint32_t seed;
};

static bool good(struct worker *w, const struct slot *s, const char *what)
{
	ssize_t bad = stress_check(s->p, 4096 * s->pages, s->seed, s->from);

	if (bad < 0)
		return true;
	stress_fail(w, "%s of %zu pages: byte %zd is wrong", what, s->pages, bad);
	return false;
}

static void unmap(struct worker *w, struct slot *s)
{
	if (s->pages && munmap(s->p, 4096 * s->pages))
		stress_fail(w, "munmap: %s", strerror(errno));
	s->pages = 0;
}

static bool map(struct worker *w, struct slot *s)
{
	size_t n = 1 + stress_below(w, PAGES);
	void *p = mmap(NULL, 4096 * n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return false;
	*s = (struct slot){ p, n, 0, stress_random(w) };
	for (size_t i = 0; i < 4096 * n; i += 64)
		if (s->p[i])
			return stress_fail(w, "byte %zu of a new mapping is not 0", i), true;
	stress_fill(p, 4096 * n, s->seed, 0);
	return true;
}

/* Some pages at an end are unmapped. */
static void cut(struct worker *w, struct slot *s)
{
	size_t n = 1 + stress_below(w, s->pages - 1);
	bool front = stress_below(w, 2);

	if (munmap(front ? s->p : s->p + 4096 * (s->pages - n), 4096 * n)) {
		stress_fail(w, "munmap of a part: %s", strerror(errno));
		return;
	}
	if (front)
		s->p += 4096 * n, s->from += 4096 * n;
	s->pages -= n;
}

enum stress_status stress_mmap(struct worker *w)
{
	struct slot slots[SLOTS] = { 0 };

	while (stress_go(w)) {
		struct slot *s = &slots[stress_below(w, SLOTS)];

		if (!s->pages) {
			if (!map(w, s)) {
				if (!stress_short(w))
					return stress_errno(w, "mmap");
				/* Memory is short, which is nobody's fault: make room. */
				for (int i = 0; i < SLOTS; i += 2)
					unmap(w, &slots[i]);
			}
		} else {
			good(w, s, "a mapping");
			if (s->pages > 1 && stress_below(w, 2))
				cut(w, s);
			else
				unmap(w, s);
		}
		stress_bogo(w);
	}
	for (int i = 0; i < SLOTS; i++) {
		if (slots[i].pages)
			good(w, &slots[i], "a mapping");
		unmap(w, &slots[i]);
	}
	return STRESS_PASSED;
}

/* Private mappings of parts of a file: to be read, and to be written to, which the file does not see. */
enum stress_status stress_mmap_file(struct worker *w)
{
	char path[STRESS_PATH], *block = malloc(4096);
	int pages = PAGES < 64 ? (int)PAGES : 64, fd;
	enum stress_status status = STRESS_PASSED;

	if (!block)
		return stress_errno(w, "malloc");
	fd = open(stress_path(w, path, "mapped"), O_RDWR | O_CLOEXEC | O_CREAT | O_TRUNC, 0600);
	if (fd < 0) {
		free(block);
		return stress_errno(w, "open");
	}
	for (int i = 0; i < pages && status == STRESS_PASSED; i++) {
		stress_fill(block, 4096, w->number, 4096 * i);
		if (stress_write(fd, block, 4096) < 0)
			status = stress_errno(w, "write");
	}
	while (status == STRESS_PASSED && stress_go(w)) {
		int first = stress_below(w, pages), n = 1 + stress_below(w, pages - first);
		bool write = stress_below(w, 2);
		struct slot s = { .pages = n, .seed = w->number, .from = 4096 * first };

		s.p = mmap(NULL, 4096 * n, PROT_READ | (write ? PROT_WRITE : 0), MAP_PRIVATE, fd, 4096 * first);
		if (s.p == MAP_FAILED) {
			if (!w->done || !stress_short(w))
				status = stress_errno(w, "mmap");
			continue;
		}
		good(w, &s, "a file's mapping");
		if (write) {
			memset(s.p, 0x55, 4096 * n);
			if (pread(fd, block, 4096, 4096 * first) != 4096 || stress_check(block, 4096, w->number, 4096 * first) >= 0)
				stress_fail(w, "the file has changed with its private mapping");
		}
		unmap(w, &s);
		stress_bogo(w);
	}
	close(fd);
	unlink(path);
	free(block);
	return status;
}

enum stress_status stress_mremap(struct worker *w)
{
	struct slot s = { 0 };

	while (stress_go(w)) {
		size_t n = 1 + stress_below(w, PAGES);
		void *p;

		if (!s.pages && !map(w, &s)) {
			if (!w->done || !stress_short(w))
				return stress_errno(w, "mmap");
			continue;
		}
		p = mremap(s.p, 4096 * s.pages, 4096 * n, MREMAP_MAYMOVE);
		if (p != MAP_FAILED) {
			size_t kept = n < s.pages ? n : s.pages;

			s = (struct slot){ p, kept, 0, s.seed };
			good(w, &s, "a mapping that was moved");
			s.pages = n;
			stress_fill(p, 4096 * n, s.seed, 0);
		} else if (stress_short(w) || n > s.pages) {
			/* Without an MMU one only grows into the room that it has. */
			good(w, &s, "a mapping that could not grow");
			unmap(w, &s);
		} else {
			stress_fail(w, "mremap from %zu to %zu pages: %s", s.pages, n, strerror(errno));
		}
		stress_bogo(w);
	}
	unmap(w, &s);
	return STRESS_PASSED;
}
