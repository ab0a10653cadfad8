/* SPDX-License-Identifier: MIT
 *
 * Random calls from many spaces, against a reference that keeps everything in plain arrays and
 * looks through all of them each time.  After each call the answer, the free memory and the
 * contents must be what the reference says; mm_check() runs along; at the end nothing is left.
 *
 * FLAT32_MODEL_OPS and FLAT32_MODEL_SEED ask for a longer or another run.
 */
#include "mm/shm.h"
#include "tests/unit/mm_fake.h"

#define SPACES 6
#define FILES 6
#define SEGMENTS 8
#define MAPPINGS 600
#define RAM_SIZE (16u << 20)

enum kind { ANON, OWN, RO, SHARED, SHM };	/* OWN: a private writable copy of a file */

struct mapping {
	bool live, shareable;
	enum kind kind;
	int space, what;		/* what: index of the file or segment */
	uint32_t start, end;
	int region;
	uint32_t token;			/* ANON: in each page's first word, if it was written */
	uint64_t born;
};

struct region {
	int refs, file;			/* file: -1 if not to be shared */
	bool direct;
	uint32_t start, end, top;	/* start = top for direct ones: nothing held */
	uint32_t lo, hi;		/* pages of the file */
	uint64_t born;
};

struct segment {
	bool live, removed;
	int id, nattch;
	uint32_t pages, addr;
};

static struct fake_machine m;
static struct mm_space *spaces[SPACES];
static struct fake_source files[FILES];
static struct mapping maps[MAPPINGS];
static struct region regions[MAPPINGS];
static struct segment segments[SEGMENTS];
static const struct mm_shm_cred root = { .privileged = true };
static uint64_t seed, births, other_bytes;
static bool compat;
static uint32_t trim;
static bool failing;			/* the next page allocation was told to fail */

#define must_eq(a, b) must((int64_t)(a) == (int64_t)(b))

static uint32_t rnd(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((seed >> 33) % below);
}

static uint32_t page_up(uint32_t n)
{
	return (n + PG - 1) & ~(PG - 1);
}

/* --- The reference's own bookkeeping --- */

static struct mapping *new_mapping(void)
{
	for (int i = 0; i < MAPPINGS; i++)
		if (!maps[i].live)
			return &maps[i];
	return NULL;
}

static int new_region(void)
{
	for (int i = 0; i < MAPPINGS; i++)
		if (regions[i].refs == 0)
			return i;
	ck_abort_msg("the reference is out of regions");
	return -1;
}

static void drop(struct mapping *p)
{
	p->live = false;
	regions[p->region].refs--;
	if (p->kind == SHM) {
		struct segment *g = &segments[p->what];

		if (--g->nattch == 0 && g->removed) {
			g->live = false;
			other_bytes -= (uint64_t)g->pages * PG;
		}
	}
}

static uint64_t expected_free(void)
{
	uint64_t held = other_bytes;

	for (int i = 0; i < MAPPINGS; i++)
		if (regions[i].refs)
			held += regions[i].top - regions[i].start;
	return RAM_SIZE - held;
}

static uint32_t held_by(uint32_t pages)
{
	uint32_t block = 1;

	while (block < pages)
		block *= 2;
	return trim && block - pages >= trim ? pages : block;
}

/* In the order of an address space: by start, end, age. */
static bool before(const struct mapping *a, const struct mapping *b)
{
	if (a->start != b->start)
		return a->start < b->start;
	return a->end != b->end ? a->end < b->end : a->born < b->born;
}

static struct mapping *next_after(int space, const struct mapping *p)
{
	struct mapping *best = NULL;

	for (int i = 0; i < MAPPINGS; i++)
		if (maps[i].live && maps[i].space == space && (!p || before(p, &maps[i])) &&
		    (!best || before(&maps[i], best)))
			best = &maps[i];
	return best;
}

/* --- Contents --- */

static void write_tokens(struct mapping *p)
{
	p->token = (uint32_t)++births;
	for (uint32_t a = p->start; a < p->end; a += PG)
		memcpy(guest(&m, a, 4), &p->token, 4);
}

static void check_contents(const struct mapping *p)
{
	for (uint32_t a = p->start; a < p->end; a += PG) {
		uint8_t *g = guest(&m, a, PG);
		uint64_t offset;

		if (p->kind == ANON && memcmp(g, &p->token, 4))
			ck_abort_msg("a page of an anonymous mapping was overwritten");
		if (p->kind == ANON || p->kind == SHM)
			continue;
		offset = (uint64_t)regions[p->region].lo * PG + (a - regions[p->region].start);
		for (uint32_t i = 0; i < PG; i += 1021)
			if (g[i] != (offset + i < files[p->what].size ? fake_byte(offset + i) : 0))
				ck_abort_msg("a page of a file's mapping shows something else");
	}
}

/* --- mmap --- */

static int sharable_region(int file, uint32_t lo, uint32_t hi, bool direct)
{
	int best = -1;

	for (int want = 1; want >= (direct ? 1 : 0) && best < 0; want--) {
		for (int i = 0; i < MAPPINGS; i++) {
			struct region *r = &regions[i], *b = &regions[best < 0 ? i : best];

			if (!r->refs || r->file != file || r->direct != want || r->lo > lo || r->hi < hi)
				continue;
			if (best < 0 || r->lo < b->lo || (r->lo == b->lo && r->hi < b->hi) ||
			    (r->lo == b->lo && r->hi == b->hi && r->born < b->born))
				best = i;
		}
	}
	return best;
}

static bool overlapping_region(int file, uint32_t lo, uint32_t hi)
{
	for (int i = 0; i < MAPPINGS; i++)
		if (regions[i].refs && regions[i].file == file && regions[i].lo < hi && lo < regions[i].hi)
			return true;
	return false;
}

static void add_mapping(struct mapping *p, int region, uint32_t start, uint32_t len)
{
	p->live = true;
	p->start = start;
	p->end = start + len;
	p->region = region;
	p->born = ++births;
	p->shareable = p->kind != ANON && p->kind != OWN;
	regions[region].refs++;
}

/* A new region with memory of its own must not lie on anybody else's. */
static int own_region(uint32_t start, uint32_t len)
{
	int at = new_region();
	struct region *r = &regions[at];

	*r = (struct region){ .file = -1, .start = start, .end = start + len, .born = ++births };
	r->top = start + held_by(len / PG) * PG;
	for (int i = 0; i < MAPPINGS; i++)
		if (i != at && regions[i].refs && regions[i].start < r->top && r->start < regions[i].top)
			ck_abort_msg("memory was handed out twice");
	return at;
}

static void do_anon(int space)
{
	uint32_t len = 1 + rnd(PG << rnd(8)), whole = page_up(len);
	struct mapping *p = new_mapping();
	int64_t a;

	if (!p)
		return;
	a = map_anon(spaces[space], len);
	if (a == -ENOMEM) {
		struct mm_stats st;

		mm_get_stats(m.mm, &st);
		must(failing || st.largest_free < whole);
		return;
	}
	must(a > 0);
	for (uint32_t i = 0; i < whole; i += 512)
		must_eq(guest(&m, a, whole)[i], 0);
	*p = (struct mapping){ .kind = ANON, .space = space };
	add_mapping(p, own_region((uint32_t)a, whole), (uint32_t)a, whole);
	write_tokens(p);
}

static void do_file(int space)
{
	int file = (int)rnd(FILES);
	uint32_t lo = rnd(6), len = 1 + rnd(6 * PG), whole = page_up(len), hi = lo + whole / PG;
	enum kind kind = (enum kind)(OWN + rnd(3));
	struct fake_source *f = &files[file];
	struct mapping *p = new_mapping();
	bool fits = f->direct && (uint64_t)hi * PG <= page_up(f->size);
	int64_t a;
	int at;

	if (!p)
		return;
	a = map(spaces[space], len, kind == RO ? P_R : P_R | P_W, kind == SHARED ? M_SHARED : M_PRIVATE, f, lo);
	*p = (struct mapping){ .kind = kind, .space = space, .what = file };
	at = kind == OWN ? -1 : sharable_region(file, lo, hi, kind == SHARED);
	if (at >= 0) {
		must_eq(a, regions[at].start + (lo - regions[at].lo) * PG);
		add_mapping(p, at, (uint32_t)a, whole);
		return;
	}
	if (kind == SHARED && !fits) {
		must_eq(a, -ENODEV);
		return;
	}
	if (kind == RO && compat && !f->direct && overlapping_region(file, lo, hi)) {
		must_eq(a, -EINVAL);
		return;
	}
	if (a == -ENOMEM) {
		must(!fits || kind == OWN);
		return;
	}
	must(a > 0);
	if (fits && kind != OWN) {
		must_eq(a, f->direct + lo * PG);
		at = new_region();
		regions[at] = (struct region){ .direct = true, .start = (uint32_t)a, .end = (uint32_t)a + whole,
					       .top = (uint32_t)a, .born = ++births };
	} else {
		at = own_region((uint32_t)a, whole);
	}
	regions[at].file = kind == OWN ? -1 : file;
	regions[at].lo = lo;
	regions[at].hi = hi;
	add_mapping(p, at, (uint32_t)a, whole);
	check_contents(p);
}

/* --- munmap --- */

static struct mapping *exact(int space, uint32_t start, uint32_t end)
{
	struct mapping *best = NULL;

	for (int i = 0; i < MAPPINGS; i++)
		if (maps[i].live && maps[i].space == space && maps[i].start == start && maps[i].end == end &&
		    (!best || best->born < maps[i].born))
			best = &maps[i];
	return best;
}

static struct mapping *anon_over(int space, uint32_t start, uint32_t end)
{
	for (int i = 0; i < MAPPINGS; i++)
		if (maps[i].live && maps[i].space == space && maps[i].kind == ANON && maps[i].start <= start &&
		    maps[i].end >= end)
			return &maps[i];
	return NULL;
}

static int ref_munmap(int space, uint32_t start, uint32_t len)
{
	uint32_t end = start + page_up(len);
	struct mapping *p = exact(space, start, end), *q;
	struct region *r;

	if (len == 0)
		return -EINVAL;
	if (p) {
		drop(p);
		return 0;
	}
	p = anon_over(space, start, end);
	if (!p) {
		/* The first that touches the range, and those behind it, while all are files'. */
		for (p = next_after(space, NULL); p && p->end <= start; p = next_after(space, p))
			;
		for (; p && p->start < end && p->start >= start && p->kind != ANON; p = next_after(space, p)) {
			if (p->end == end) {
				drop(p);
				return 0;
			}
		}
		return -EINVAL;
	}
	if (start % PG)
		return -EINVAL;
	r = &regions[p->region];
	if (start > p->start && end < p->end) {
		int at = new_region();

		q = new_mapping();
		must(q);
		*q = *p;
		q->born = ++births;
		q->start = end;
		q->region = at;
		regions[at] = *r;
		regions[at].start = end;
		p->end = start;
		r->end = r->top = start;
	} else if (start > p->start) {
		p->end = start;
		r->end = r->top = start;
	} else {
		p->start = end;
		r->start = end;
	}
	return 0;
}

static struct mapping *any_of(int space)
{
	int from = (int)rnd(MAPPINGS);

	for (int i = 0; i < MAPPINGS; i++) {
		struct mapping *p = &maps[(from + i) % MAPPINGS];

		if (p->live && p->space == space)
			return p;
	}
	return NULL;
}

static void do_munmap(int space)
{
	struct mapping *p = any_of(space);
	uint32_t start, len;

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
	/* Splitting takes a record; leave it room. */
	if (!new_mapping())
		return;
	must_eq(ref_munmap(space, start, len), mm_munmap(spaces[space], start, len));
}

/* --- mremap --- */

static void do_mremap(int space)
{
	struct mapping *p = any_of(space);
	uint32_t was, want, start, at = 0, room;
	struct region *r;
	int expect = 0, got;

	if (!p)
		return;
	start = p->start;
	was = p->end - p->start - (rnd(8) ? 0 : PG);
	want = rnd(was + 3 * PG);
	p = exact(space, start, start + was);
	got = mm_mremap(spaces[space], start, was, want, rnd(2), 0, &at);
	if (was == 0 || want == 0 || !p) {
		must_eq(got, -EINVAL);
		return;
	}
	r = &regions[p->region];
	room = (compat || p->kind != ANON ? r->end : r->top) - r->start;
	want = page_up(want);
	if (p->shareable)
		expect = -EPERM;
	else if (want > room)
		expect = -ENOMEM;
	must_eq(got, expect);
	if (expect)
		return;
	must_eq(at, p->start);
	p->end = p->start + want;
	if (p->end > r->end)
		r->end = p->end;
	if (p->kind == ANON)
		write_tokens(p);
}

/* --- SysV shm --- */

static void do_shm(int space)
{
	int at = (int)rnd(SEGMENTS);
	struct segment *g = &segments[at];
	struct mapping *p = new_mapping();
	uint32_t a = 0;
	int err;

	if (!g->live) {
		g->pages = 1 + rnd(20);
		err = mm_shm_get(m.mm, 0, g->pages * PG - rnd(PG), 0600, &root);
		if (err == -ENOMEM)
			return;
		must(err >= 0);
		*g = (struct segment){ .live = true, .id = err, .pages = g->pages };
		other_bytes += (uint64_t)g->pages * PG;
	} else if (rnd(6) == 0) {
		must_eq(mm_shm_rmid(m.mm, g->id, &root), 0);
		g->removed = true;
		if (g->nattch == 0) {
			g->live = false;
			other_bytes -= (uint64_t)g->pages * PG;
		}
	} else if (rnd(2) && p) {
		must_eq(mm_shm_at(spaces[space], g->id, 0, 0, &root, &a), 0);
		must(g->addr == 0 || g->addr == a);
		g->addr = a;
		g->nattch++;
		*p = (struct mapping){ .kind = SHM, .space = space, .what = at };
		for (err = 0; err < MAPPINGS; err++)
			if (regions[err].refs && regions[err].file == -2 - at)
				break;
		if (err == MAPPINGS) {
			err = new_region();
			regions[err] = (struct region){ .file = -2 - at, .direct = true, .start = a,
							.end = a + g->pages * PG, .top = a };
		}
		add_mapping(p, err, a, g->pages * PG);
	} else if (g->addr) {
		struct mapping *q = exact(space, g->addr, g->addr + g->pages * PG);
		bool here = q && q->kind == SHM && q->what == at;

		must_eq(mm_shm_dt(spaces[space], g->addr, &root), here ? 0 : -EINVAL);
		if (here) {
			/* Any of the attachments here may be the one that went: they are alike. */
			drop(q);
		}
	}
}

/* What is mapped of a file stays, but is not shared any more. */
static void do_moved(void)
{
	int file = (int)rnd(FILES);

	mm_source_moved(&files[file].source);
	for (int i = 0; i < MAPPINGS; i++)
		if (regions[i].file == file)
			regions[i].file = -1;
}

/* --- Whole spaces --- */

static void do_exit(int space)
{
	for (int i = 0; i < MAPPINGS; i++) {
		if (maps[i].live && maps[i].space == space) {
			check_contents(&maps[i]);
			drop(&maps[i]);
		}
	}
	mm_space_put(spaces[space]);
	must_eq(mm_space_new(m.mm, &spaces[space]), 0);
}

static void step(void)
{
	int space = (int)rnd(SPACES);
	uint32_t what = rnd(1000);

	failing = rnd(50) == 0;
	mm_fail_after(m.mm, failing);
	if (what < 300)
		do_anon(space);
	else if (what < 480)
		do_file(space);
	else if (what < 880)
		do_munmap(space);
	else if (what < 940)
		do_mremap(space);
	else if (what < 993)
		do_shm(space);
	else if (what < 996)
		do_moved();
	else if (what < 998)
		do_exit(space);
	else
		mm_set_trim(m.mm, trim = rnd(3) * rnd(5));
	mm_fail_after(m.mm, 0);
	if (fake_free(&m) != expected_free())
		ck_abort_msg("free memory is %llu, should be %llu", (unsigned long long)fake_free(&m),
			     (unsigned long long)expected_free());
}

static void compare_walk(void);

static void run(uint64_t from, long ops)
{
	seed = from;
	births = other_bytes = 0;
	trim = 1;
	memset(maps, 0, sizeof(maps));
	memset(regions, 0, sizeof(regions));
	memset(segments, 0, sizeof(segments));
	fake_machine(&m, RAM_SIZE, &(struct mm_config){ .nr_trim_pages = 1, .compat_linux = compat });
	for (int i = 0; i < SPACES; i++)
		ck_assert_int_eq(mm_space_new(m.mm, &spaces[i]), 0);
	for (int i = 0; i < FILES; i++) {
		fake_source(&files[i], MM_REGULAR, MM_CAN_COPY, 1 + rnd(10 * PG));
		if (i % 2 == 0)
			continue;
		files[i].caps |= MM_CAN_DIRECT | MM_CAN_READ | MM_CAN_WRITE | MM_CAN_EXEC;
		ck_assert_int_eq(mm_pages_get(m.mm, page_up(files[i].size) / PG, &files[i].direct), 0);
		other_bytes += page_up(files[i].size);
		memset(guest(&m, files[i].direct, page_up(files[i].size)), 0, page_up(files[i].size));
		for (uint32_t b = 0; b < files[i].size; b++)
			guest(&m, files[i].direct, files[i].size)[b] = fake_byte(b);
	}
	for (long n = 0; n < ops; n++) {
		step();
		if (n % 1000 == 0) {
			fake_sound(&m);
			compare_walk();
			m.log[0] = '\0';
		}
	}
	for (int i = 0; i < SPACES; i++) {
		do_exit(i);
		mm_space_put(spaces[i]);
	}
	for (int i = 0; i < SEGMENTS; i++)
		if (segments[i].live)
			ck_assert_int_eq(mm_shm_rmid(m.mm, segments[i].id, &root), 0);
	for (int i = 0; i < FILES; i++) {
		ck_assert_int_eq(files[i].refs, 0);
		ck_assert_uint_eq(files[i].source.mappings, 0);
		if (files[i].direct)
			mm_pages_put(m.mm, files[i].direct, page_up(files[i].size) / PG);
	}
	ck_assert_uint_eq(fake_free(&m), RAM_SIZE);
	fake_machine_end(&m);
}

struct walk {
	int space;
	const struct mapping *last;
};

static int compare_one(void *ctx, const struct mm_vma_info *info)
{
	struct walk *w = ctx;

	w->last = next_after(w->space, w->last);
	must(w->last);
	must_eq(info->start, w->last->start);
	must_eq(info->end, w->last->end);
	must_eq(info->shared, w->last->kind == SHARED || w->last->kind == SHM);
	return 0;
}

/* Each space lists exactly what the reference has, in its order. */
static void compare_walk(void)
{
	for (int i = 0; i < SPACES; i++) {
		struct walk w = { .space = i };

		mm_space_walk(spaces[i], compare_one, &w);
		must(!next_after(i, w.last));
	}
}

static long ops(void)
{
	const char *env = getenv("FLAT32_MODEL_OPS");

	return env ? atol(env) : 100000;
}

static uint64_t first_seed(void)
{
	const char *env = getenv("FLAT32_MODEL_SEED");

	return env ? strtoull(env, NULL, 0) : 1;
}

START_TEST(random_calls_agree_with_the_reference)
{
	compat = false;
	run(first_seed(), ops());
}
END_TEST

START_TEST(random_calls_agree_in_compat)
{
	compat = true;
	run(first_seed() + 1000, ops());
}
END_TEST

int main(void)
{
	const TTest *tests[] = { random_calls_agree_with_the_reference, random_calls_agree_in_compat };

	return run_suite("mm_model", tests, sizeof(tests) / sizeof(*tests));
}
