/* SPDX-License-Identifier: MIT
 *
 * What the tests of mm/ share: a machine of flat memory with an mm on it, and a mapping source
 * that can be a file on a disk, a file in memory or a device, and counts what it is asked.
 */
#ifndef MM_FAKE_H
#define MM_FAKE_H

#include <check.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mm/mm.h"

#define PG FLAT_PAGE_SIZE
#define RAM FLAT_RAM_BASE
#define P_R 1u
#define P_W 2u
#define P_X 4u
#define M_SHARED 1u
#define M_PRIVATE 2u
#define M_FIXED 0x10u
#define M_ANON 0x20u
#define M_NOREPLACE 0x100000u
#define M_UNINIT 0x4000000u

/* For hot loops: an assertion of Check's writes a note to its parent each time. */
#define must(what) do { if (!(what)) ck_abort_msg("%s:%d: %s", __FILE__, __LINE__, #what); } while (0)

struct fake_machine {
	struct flat *flat;
	struct mm *mm;
	struct mm_space *s;
	char log[16384];			/* all lines, each with its newline */
	uint64_t code_gone;		/* bytes reported */
};

struct fake_source {
	struct mm_source source;
	const struct mm *mm;
	unsigned caps;
	uint32_t size;			/* of the bytes read: byte n is fake_byte(n) */
	uint32_t direct;		/* where it lies; 0: nowhere */
	int direct_error;		/* what direct() answers if not 0 */
	int read_error;
	int refs, unmapped, opened, closed;
	bool live;			/* inaugurated, and not told of the end */
};

static inline uint8_t fake_byte(uint64_t offset)
{
	return (uint8_t)(offset * 7 + (offset >> 12) + 1);
}

static inline struct fake_source *fake_of(struct mm_source *s)
{
	return (struct fake_source *)(void *)((char *)s - offsetof(struct fake_source, source));
}

static inline unsigned fake_caps(struct mm_source *s)
{
	return fake_of(s)->caps;
}

static inline int fake_direct(struct mm_source *s, uint64_t offset, uint32_t len, int shared, uint32_t *addr)
{
	struct fake_source *f = fake_of(s);

	(void)shared;
	if (f->direct_error)
		return f->direct_error;
	if (!f->direct || offset + len > ((f->size + PG - 1) & ~(PG - 1)))
		return -ENOSYS;
	*addr = f->direct + (uint32_t)offset;
	return 0;
}

/* In bites, so that callers must go on asking. */
static inline int64_t fake_read(struct mm_source *s, void *dst, uint32_t len, uint64_t offset)
{
	struct fake_source *f = fake_of(s);
	uint8_t *out = dst;
	uint32_t n = 0;

	if (f->read_error)
		return f->read_error;
	for (; n < len && n < 3000 && offset + n < f->size; n++)
		out[n] = fake_byte(offset + n);
	return n;
}

static inline void fake_get(struct mm_source *s)
{
	fake_of(s)->refs++;
}

static inline void fake_put(struct mm_source *s)
{
	fake_of(s)->refs--;
}

static inline void fake_opened(struct mm_source *s, int pid)
{
	(void)pid;
	fake_of(s)->opened++;
}

static inline void fake_closed(struct mm_source *s, int pid)
{
	(void)pid;
	fake_of(s)->closed++;
}

static inline int fake_inaugurate(struct mm_source *s, uint64_t offset, uint32_t len, int shared, uint32_t addr)
{
	(void)offset;
	(void)len;
	(void)shared;
	(void)addr;
	fake_of(s)->live = true;
	return 0;
}

static inline void fake_unmapped(struct mm_source *s)
{
	must(s->mappings == 0 && s->direct_regions == 0);
	fake_of(s)->live = false;
	fake_of(s)->unmapped++;
}

static inline void fake_identify(struct mm_source *s, uint32_t *major, uint32_t *minor, uint64_t *inode,
				 char *path, size_t size)
{
	(void)s;
	*major = 8;
	*minor = 3;
	*inode = 42;
	snprintf(path, size, "/fake");
}

static const struct mm_source_ops fake_ops = {
	.capabilities = fake_caps, .direct = fake_direct, .inaugurate = fake_inaugurate, .read = fake_read, .get = fake_get,
	.put = fake_put, .opened = fake_opened, .closed = fake_closed, .unmapped = fake_unmapped,
	.identify = fake_identify,
};

static inline void fake_source(struct fake_source *f, enum mm_source_kind kind, unsigned caps, uint32_t size)
{
	memset(f, 0, sizeof(*f));
	f->source.ops = &fake_ops;
	f->source.kind = kind;
	f->caps = caps;
	f->size = size;
}

static inline void fake_log(void *owner, int level, const char *line)
{
	struct fake_machine *m = owner;
	size_t used = strlen(m->log);

	(void)level;
	snprintf(m->log + used, sizeof(m->log) - used, "%s\n", line);
}

static inline void fake_code_gone(void *owner, uint32_t addr, uint32_t len)
{
	struct fake_machine *m = owner;

	(void)addr;
	m->code_gone += len;
}

static inline int64_t fake_now(void *owner)
{
	(void)owner;
	return 1000;
}

/* config: what differs from the usual; may be NULL. */
static inline void fake_machine(struct fake_machine *m, uint32_t ram_size, const struct mm_config *config)
{
	struct mm_config c = config ? *config : (struct mm_config){ .nr_trim_pages = 1 };

	memset(m, 0, sizeof(*m));
	c.ram_base = RAM;
	c.ram_size = ram_size;
	c.log = fake_log;
	c.code_gone = fake_code_gone;
	c.now = fake_now;
	c.owner = m;
	ck_assert_int_eq(flat_new(&m->flat), 0);
	ck_assert_int_eq(flat_commit(m->flat, RAM, ram_size), 0);
	ck_assert_int_eq(mm_new(&m->mm, m->flat, &c), 0);
	ck_assert_int_eq(mm_space_new(m->mm, &m->s), 0);
	mm_space_owner(m->s, 7, "tester");
}

static inline void fake_sound(struct fake_machine *m)
{
	const char *broken = mm_check(m->mm);

	if (broken)
		ck_abort_msg("mm_check: %s", broken);
}

static inline uint64_t fake_free(struct fake_machine *m)
{
	struct mm_stats st;

	mm_get_stats(m->mm, &st);
	return st.free;
}

static inline uint64_t fake_copied(struct fake_machine *m)
{
	struct mm_stats st;

	mm_get_stats(m->mm, &st);
	return st.mmap_copy;
}

static inline bool fake_full(const uint8_t *p, size_t len, uint8_t value)
{
	return len == 0 || (p[0] == value && memcmp(p, p + 1, len - 1) == 0);
}

/* Ends it; everything must have come back. */
static inline void fake_machine_end(struct fake_machine *m)
{
	struct mm_stats st;

	fake_sound(m);
	mm_space_put(m->s);
	fake_sound(m);
	mm_get_stats(m->mm, &st);
	ck_assert_uint_eq(st.mmap_copy, 0);
	ck_assert_uint_eq(st.regions, 0);
	ck_assert_uint_eq(st.vmas, 0);
	ck_assert_uint_eq(st.free + st.shmem, st.total);
	mm_free(m->mm);
	flat_free(m->flat);
}

/* mmap: the address, or -errno. */
static inline int64_t map(struct mm_space *s, uint32_t len, uint32_t prot, uint32_t flags,
			  struct fake_source *f, uint64_t pgoff)
{
	struct mm_map m = {
		.len = len, .prot = prot, .flags = flags, .pgoff = pgoff,
		.source = f ? &f->source : NULL, .readable = true, .writable = true,
	};
	uint32_t addr = 0;
	int err = mm_mmap(s, &m, &addr);

	return err ? err : (int64_t)addr;
}

static inline int64_t map_anon(struct mm_space *s, uint32_t len)
{
	return map(s, len, P_R | P_W, M_PRIVATE | M_ANON, NULL, 0);
}

static inline uint8_t *guest(struct fake_machine *m, int64_t addr, uint64_t len)
{
	uint8_t *p = flat_span_write(m->flat, (uint32_t)addr, len);

	if (!p)
		ck_abort_msg("no memory at %llx", (unsigned long long)addr);
	return p;
}

/* The suite's main, as TAP or text. */
static inline int run_suite(const char *name, const TTest *const *tests, size_t nr)
{
	Suite *s = suite_create(name);
	TCase *t = tcase_create(name);
	SRunner *r;
	int failed;

	tcase_set_timeout(t, 120);
	for (size_t i = 0; i < nr; i++)
		tcase_add_test(t, tests[i]);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}

#endif
