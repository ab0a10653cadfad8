/* SPDX-License-Identifier: MIT
 *
 * mmap(2), as mm/nommu.c do_mmap() has it: show a region that is there already, or the source's
 * own memory, or a copy in fresh pages.
 */
#include "mm/internal.h"

#include <errno.h>

#include "mm/postmortem.h"
#include "mm/request.h"

static struct mm_vma *add_vma(struct mm_space *s, struct mm_region *r, const struct request *q,
			      uint32_t start)
{
	struct mm_vma like = {
		.start = start, .end = start + q->len, .pgoff = q->pgoff, .prot = q->prot,
		.shared = q->shared, .overlay = q->overlay,
	};

	return vma_new(s, r, &like);
}

/* Fills a copy from the source; what lies beyond its end is zero. */
static int read_copy(struct mm *mm, const struct request *q, uint32_t addr)
{
	uint8_t *dst = flat_span_write(mm->flat, addr, q->len);
	uint64_t done = 0;

	if (!dst)
		return -EFAULT;
	while (done < q->len) {
		uint32_t want = (uint32_t)(q->len - done);
		int64_t got = q->source->ops->read(q->source, dst + done, want,
						   q->pgoff * FLAT_PAGE_SIZE + done);

		if (got < 0)
			return (int)got;
		if (got == 0)
			break;
		done += got < want ? (uint64_t)got : want;
	}
	return flat_clear(mm->flat, addr + (uint32_t)done, q->len - done);
}

/* Gives r pages of its own, with the contents asked for. */
static int make_copy(struct mm_space *s, struct mm_region *r, const struct request *q)
{
	struct mm *mm = s->mm;
	uint32_t held;
	int err = mm_run_get(mm, (uint32_t)(q->len / FLAT_PAGE_SIZE), &r->start, &held);

	if (err) {
		postmortem_mapping(s, q->len);
		return err;
	}
	r->copy = true;
	r->end = r->start + q->len;
	r->top = r->start + (uint64_t)held * FLAT_PAGE_SIZE;
	if (q->source)
		return read_copy(mm, q, r->start);
	return q->clear ? flat_zero_pages(mm->flat, r->start, q->len) : 0;
}

/* Puts r where the source's bytes lie.  -ENOSYS: the source has no place for them. */
static int make_direct(struct mm *mm, struct mm_region *r, const struct request *q)
{
	const struct mm_source_ops *ops = q->source->ops;
	uint64_t offset = q->pgoff * FLAT_PAGE_SIZE;
	uint32_t addr, len = (uint32_t)q->len;
	int err = ops->direct(q->source, offset, len, q->shared, &addr);

	if (err)
		return err;
	if (addr + q->len > UINT64_C(1) << 32)
		return -EINVAL;
	if (!q->io && !flat_span(mm->flat, addr, len))
		return -ENOSYS;
	if (ops->inaugurate) {
		err = ops->inaugurate(q->source, offset, len, q->shared, addr);
		if (err)
			return err;
		r->told = true;
	}
	r->start = addr;
	r->end = r->top = addr + q->len;
	return 0;
}

/* A new region for the request: direct if that may and can be, else a copy. */
static int make_region(struct mm_space *s, const struct request *q, struct mm_region **out)
{
	struct mm_region *r = region_new(s->mm, q->source, q->pgoff);
	int err = -ENOSYS;

	if (!r)
		return -ENOMEM;
	r->prot = q->prot;
	r->shared = q->shared;
	r->overlay = q->overlay;
	if (q->direct && (q->shared || q->overlay))
		err = make_direct(s->mm, r, q);
	if (err == -ENOSYS)
		err = q->copy ? make_copy(s, r, q) : -ENODEV;
	if (!err)
		err = region_add(s->mm, r);
	if (err) {
		region_put(s->mm, r);
		return err;
	}
	*out = r;
	return 0;
}

/*
 * A region that shows these bytes already, with a reference for the caller; or NULL.  "Compatible permissions": not a
 * direct one if the source does not offer that for what may be done with the mapping.
 */
static struct mm_region *find_shared(const struct request *q)
{
	struct mm_region *r = NULL;

	if (q->source && (q->shared || q->overlay))
		r = region_covering(q->source, q->pgoff, q->pgend, q->direct, q->copy);
	if (r)
		r->refs++;
	return r;
}

int mm_mmap(struct mm_space *s, const struct mm_map *m, uint32_t *addr)
{
	MM_OPERATION(s->mm, "mmap");
	struct request q;
	struct mm_region *r;
	uint32_t start;
	int err = request_check(s->mm, m, &q);

	if (err)
		return err;
	r = find_shared(&q);
	if (!r && s->mm->config.compat_linux && q.source && (q.shared || q.overlay) && !q.direct &&
	    region_overlapping(q.source, q.pgoff, q.pgend)) {
		mm_log(s->mm, "nommu: Attempt to share mismatched mappings");
		return -EINVAL;
	}
	if (!r) {
		err = make_region(s, &q, &r);
		if (err)
			return err;
	}
	start = r->start;
	if (q.source)
		start += (uint32_t)((q.pgoff - r->pgoff) * FLAT_PAGE_SIZE);
	if (!add_vma(s, r, &q, start)) {
		mm_log(s->mm, "nommu: Allocation of vma for %llu byte allocation from process %d failed",
		       (unsigned long long)q.len, s->pid);
		region_put(s->mm, r);
		return -ENOMEM;
	}
	*addr = start;
	return 0;
}
