/* SPDX-License-Identifier: MIT
 *
 * Each call is made on mm/ and on the reference, and the answers must be the same.
 */
#include "tests/model/model.h"

#define P_READ 1u
#define P_WRITE 2u
#define M_SHARED 1u
#define M_PRIVATE 2u
#define M_ANON 0x20u
#define M_UNINIT 0x4000000u

static const struct mm_shm_cred root = { .privileged = true };

static uint8_t *guest(uint32_t addr)
{
	uint8_t *g = flat_span_write(model.flat, addr, PG);

	if (!g)
		model_fail("no memory at %#x", addr);
	return g;
}

/* --- Contents: the first and the last word of each page --- */

static uint32_t word(uint32_t addr, uint32_t at)
{
	uint32_t w;

	memcpy(&w, guest(addr) + at, sizeof(w));
	return w;
}

static void write_tokens(struct mapping *p)
{
	p->token = (uint32_t)++model.births;
	for (uint32_t a = p->start; a < p->end; a += PG) {
		memcpy(guest(a), &p->token, 4);
		memcpy(guest(a) + PG - 4, &p->token, 4);
	}
}

static void must_be_clear(uint32_t start, uint32_t end)
{
	uint32_t between = 4 * rnd(PG / 4);

	for (uint32_t a = start; a < end; a += PG)
		if (word(a, 0) || word(a, PG - 4) || word(a, between))
			model_fail("the fresh page at %#x is not clear", a);
}

/* Memory that was not cleared shows what free pages are filled with, if they are, and were used before. */
static void must_be_poison(uint32_t start, uint32_t end)
{
	uint32_t at = 4 * rnd(PG / 4);

	for (uint32_t a = start; a < end; a += PG)
		if (word(a, at) != 0x6b6b6b6b && word(a, at) != 0)
			model_fail("the uninitialized page at %#x shows %#x", a, word(a, at));
}

/* Byte `at` of a file that holds its text-th text. */
static uint8_t file_byte(const struct region *r, uint32_t at)
{
	return at < r->bytes ? (uint8_t)(at * 7 + (at >> 12) + r->text + 1) : 0;
}

void check_contents(const struct mapping *p)
{
	const struct region *r = &model.regions[p->region];

	for (uint32_t a = p->start; a < p->end && p->kind != SHM; a += PG) {
		uint32_t offset = r->lo * PG + (a - r->start), at = rnd(PG);

		if (p->kind == ANON) {
			if (word(a, 0) != p->token || word(a, PG - 4) != p->token)
				model_fail("the anonymous page at %#x was overwritten", a);
		} else if (guest(a)[0] != file_byte(r, offset) ||
			   guest(a)[PG - 1] != file_byte(r, offset + PG - 1) ||
			   guest(a)[at] != file_byte(r, offset + at)) {
			model_fail("the page at %#x shows something else than its file", a);
		}
	}
}

/* --- mmap --- */

static int64_t map(int space, const struct mm_map *m)
{
	uint32_t addr = 0;
	int err = mm_mmap(model.spaces[space].s, m, &addr);

	return err ? err : (int64_t)addr;
}

bool call_anon(int space, uint32_t len, bool uninitialized)
{
	struct mm_map m = {
		.len = len, .prot = P_READ | P_WRITE,
		.flags = (rnd(4) ? M_PRIVATE : M_SHARED) | M_ANON | (uninitialized ? M_UNINIT : 0),
	};
	struct mapping *p = ref_blank();
	uint32_t whole = page_up(len);
	int64_t a;

	if (!p)
		return false;
	a = map(space, &m);
	trace("mmap(space %d, anonymous, %#x) = %#llx\n", space, len, (long long)a);
	if (a == -ENOMEM) {
		ref_refused(whole / PG);
		return false;
	}
	must(a > 0);
	*p = (struct mapping){ .kind = ANON, .space = space, .source = NOTHING };
	ref_map(p, ref_own((uint32_t)a, whole), (uint32_t)a, whole);
	if (!uninitialized || !model.uncleared)
		must_be_clear(p->start, p->end);
	else if (model.poison)
		must_be_poison(p->start, p->end);
	write_tokens(p);
	return true;
}

bool call_file(int space, int file, uint32_t lo, uint32_t len, enum kind kind)
{
	struct model_file *f = &model.files[file];
	struct mm_map m = {
		.len = len, .prot = kind == RO ? P_READ : P_READ | P_WRITE, .pgoff = lo, .source = &f->source,
		.flags = kind == SHARED ? M_SHARED : M_PRIVATE, .readable = true, .writable = true,
	};
	struct mapping *p = ref_blank();
	uint32_t whole = page_up(len), hi = lo + whole / PG;
	bool fits = f->memory && hi * PG <= page_up(f->bytes);
	int64_t a;
	int at;

	if (!p)
		return false;
	a = map(space, &m);
	trace("mmap(space %d, file %d, page %u, %#x, kind %d) = %#llx\n", space, file, lo, len, kind, (long long)a);
	*p = (struct mapping){ .kind = kind, .space = space, .source = file };
	at = kind == OWN ? NOTHING : ref_shareable(file, lo, hi, kind == SHARED);
	if (at != NOTHING) {
		must_eq(a, model.regions[at].start + (lo - model.regions[at].lo) * PG);
		ref_map(p, at, (uint32_t)a, whole);
		return true;
	}
	if (kind == SHARED && !fits) {
		must_eq(a, -ENODEV);
		return false;
	}
	if (kind == RO && model.compat && !f->memory && ref_overlapping(file, lo, hi)) {
		must_eq(a, -EINVAL);
		return false;
	}
	if (fits && kind != OWN) {
		must_eq(a, f->addr + lo * PG);
		at = ref_region();
		model.regions[at] = (struct region){ .direct = true, .start = (uint32_t)a, .end = (uint32_t)a + whole,
						     .top = (uint32_t)a + whole, .born = ++model.births };
		ref_show((uint32_t)a, (uint32_t)a + whole, 1);
	} else if (a == -ENOMEM) {
		ref_refused(whole / PG);
		return false;
	} else {
		must(a > 0);
		at = ref_own((uint32_t)a, whole);
	}
	model.regions[at].source = kind == OWN ? NOTHING : file;
	model.regions[at].lo = lo;
	model.regions[at].hi = hi;
	model.regions[at].bytes = f->bytes;
	model.regions[at].text = f->text;
	ref_map(p, at, (uint32_t)a, whole);
	check_contents(p);
	return true;
}

/* --- munmap, mremap, brk --- */

void call_munmap(int space)
{
	struct mapping *p = ref_any(space);
	uint32_t start, len;
	int got;

	if (!p)
		return;
	check_contents(p);
	start = p->start;
	len = p->end - p->start;
	if (rnd(2)) {
		start += rnd(len / PG + 1) * PG - (rnd(6) ? 0 : PG);
		len = rnd(8) ? rnd(len + 2 * PG) : 0;
		start += rnd(10) ? 0 : rnd(PG);
	}
	/* A hole takes one more record. */
	if (!ref_blank())
		return;
	got = mm_munmap(model.spaces[space].s, start, len);
	trace("munmap(space %d, %#x, %#x) = %d\n", space, start, len, got);
	must_eq(got, ref_munmap(space, start, len));
}

void call_mremap(int space)
{
	struct mapping *p = ref_any(space);
	uint32_t was, want, start, at = 0, room;
	struct region *r;
	int expect = 0, got;

	if (!p)
		return;
	start = p->start;
	was = p->end - p->start - (rnd(8) ? 0 : PG);
	want = rnd(was + 3 * PG);
	p = ref_exact(space, start, start + was);
	got = mm_mremap(model.spaces[space].s, start, was, want, rnd(2), 0, &at);
	trace("mremap(space %d, %#x, %#x, %#x) = %d\n", space, start, was, want, got);
	if (was == 0 || want == 0 || !p) {
		must_eq(got, -EINVAL);
		return;
	}
	r = &model.regions[p->region];
	room = (model.compat || p->kind != ANON ? r->end : r->top) - r->start;
	want = page_up(want);
	if (p->kind != ANON && p->kind != OWN)
		expect = -EPERM;
	else if (want > room)
		expect = -ENOMEM;
	must_eq(got, expect);
	if (expect)
		return;
	must_eq(at, p->start);
	/* The kernel shows in what is regained what was there. */
	if (p->kind == ANON && want > was && !model.compat)
		must_be_clear(p->start + was, p->start + want);
	p->end = p->start + want;
	if (p->end > r->end)
		r->end = p->end;
	if (p->kind == ANON)
		write_tokens(p);
}

void call_brk(int space)
{
	struct space *sp = &model.spaces[space];
	uint32_t to = rnd(4) ? sp->start_brk + rnd(6 * PG) - PG : sp->end_brk + rnd(2);

	if (to >= sp->start_brk && to <= sp->end_brk)
		sp->brk = to;
	trace("brk(space %d, %#x)\n", space, to);
	must_eq(mm_brk(sp->s, to), sp->brk);
}

/* --- SysV shm --- */

static void make_segment(struct segment *g, int at)
{
	uint32_t pages = 1 + rnd(20);
	struct mm_shm_info info;
	int id = mm_shm_get(model.mm, 0, pages * PG - rnd(PG), 0600, &root);

	trace("shmget(%u pages) = %d\n", pages, id);
	if (ref_too_large(pages)) {
		must_eq(id, -EFBIG);
		return;
	}
	if (id == -ENOMEM) {
		ref_refused(pages);
		return;
	}
	must(id >= 0);
	must_eq(mm_shm_stat(model.mm, id, false, &root, &info), 0);
	*g = (struct segment){ .live = true, .id = id, .pages = pages, .addr = info.addr };
	ref_hold(g->addr, g->addr + pages * PG, SOURCE + FILES + at);
}

static void attach(struct segment *g, int at, int space)
{
	uint32_t end = g->addr + g->pages * PG, a = 0;
	struct mapping *p = ref_blank();
	int region, got;

	if (!p)
		return;
	got = mm_shm_at(model.spaces[space].s, g->id, 0, 0, &root, &a);
	trace("shmat(space %d, %d) = %d, %#x\n", space, g->id, got, a);
	must_eq(got, model.compat ? -ENODEV : 0);
	if (got)
		return;
	must_eq(a, g->addr);
	g->nattch++;
	region = ref_shareable(FILES + at, 0, g->pages, true);
	if (region == NOTHING) {
		region = ref_region();
		model.regions[region] = (struct region){ .source = FILES + at, .direct = true, .start = a, .end = end,
							 .top = end, .hi = g->pages, .born = ++model.births };
		ref_show(a, end, 1);
	}
	*p = (struct mapping){ .kind = SHM, .space = space, .source = FILES + at };
	ref_map(p, region, a, g->pages * PG);
}

static void detach(struct segment *g, int at, int space)
{
	struct mapping *p = ref_exact(space, g->addr, g->addr + g->pages * PG);
	bool here = p && p->kind == SHM && p->source == FILES + at;
	int got = mm_shm_dt(model.spaces[space].s, g->addr, &root);

	trace("shmdt(space %d, %#x) = %d\n", space, g->addr, got);
	must_eq(got, here ? 0 : -EINVAL);
	/* All the attachments of a space are alike: it does not matter which one goes. */
	if (here)
		ref_unmap(p);
}

void call_shm(int space)
{
	int at = (int)rnd(SEGMENTS);
	struct segment *g = &model.segments[at];

	if (!g->live) {
		make_segment(g, at);
	} else if (rnd(6) == 0) {
		trace("shmctl(%d, IPC_RMID)\n", g->id);
		must_eq(mm_shm_rmid(model.mm, g->id, &root), 0);
		g->removed = true;
		if (g->nattch == 0) {
			g->live = false;
			ref_release(g->addr, g->addr + g->pages * PG);
		}
	} else if (rnd(2)) {
		attach(g, at, space);
	} else {
		detach(g, at, space);
	}
}
