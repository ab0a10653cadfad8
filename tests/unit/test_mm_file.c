/* SPDX-License-Identifier: MIT
 *
 * Mappings of files and devices: each case of nommu-mmap.txt.
 */
#include "tests/unit/mm_fake.h"

#define DISK (MM_CAN_COPY)
#define MEMORY (MM_CAN_COPY | MM_CAN_DIRECT | MM_CAN_READ | MM_CAN_WRITE | MM_CAN_EXEC)
#define DEVICE (MM_CAN_DIRECT | MM_CAN_READ | MM_CAN_WRITE)

static struct fake_machine m;

/* The bytes of the source from offset on, zero behind its end. */
static bool shows(int64_t addr, uint32_t len, uint64_t offset, uint32_t size)
{
	const uint8_t *p = guest(&m, addr, len);

	for (uint32_t i = 0; i < len; i++)
		if (p[i] != (offset + i < size ? fake_byte(offset + i) : 0))
			return false;
	return true;
}

/* A file in memory: its pages are taken from mm and filled. */
static void memory_file(struct fake_source *f, uint32_t size)
{
	fake_source(f, MM_REGULAR, MEMORY, size);
	ck_assert_int_eq(mm_pages_get(m.mm, (size + PG - 1) / PG, &f->direct), 0);
	for (uint32_t i = 0; i < size; i++)
		guest(&m, f->direct, size)[i] = fake_byte(i);
	memset(guest(&m, f->direct, (size + PG - 1) & ~(PG - 1)) + size, 0, -size % PG);
}

static void start(void)
{
	fake_machine(&m, 16 << 20, NULL);
}

static void end(struct fake_source *f)
{
	mm_space_put(m.s);
	ck_assert_int_eq(mm_space_new(m.mm, &m.s), 0);
	ck_assert_uint_eq(f->source.mappings, 0);
	ck_assert_uint_eq(f->source.shared_mappings, 0);
	ck_assert_ptr_null(f->source.regions);
	ck_assert_int_eq(f->refs, 0);
	ck_assert_int_eq(f->opened, f->closed);
	fake_machine_end(&m);
}

START_TEST(private_read_only_is_one_copy_for_all)
{
	struct fake_source f;
	struct mm_space *other;
	int64_t a, b;

	start();
	fake_source(&f, MM_REGULAR, DISK, 9000);
	a = map(m.s, 9000, P_R, M_PRIVATE, &f, 0);
	ck_assert_int_gt(a, 0);
	ck_assert(shows(a, 3 * PG, 0, 9000));
	ck_assert_uint_eq(fake_copied(&m), 3 * PG);
	ck_assert_int_eq(map(m.s, 3 * PG, P_R | P_X, M_PRIVATE, &f, 0), a);
	ck_assert_int_eq(mm_space_new(m.mm, &other), 0);
	ck_assert_int_eq(map(other, PG, P_R, M_PRIVATE, &f, 1), a + PG);
	ck_assert_uint_eq(fake_copied(&m), 3 * PG);
	ck_assert_int_eq(f.refs, 1);
	ck_assert_uint_eq(f.source.mappings, 3);
	fake_sound(&m);
	/* The first one gone, the others still show it. */
	ck_assert_int_eq(mm_munmap(m.s, (uint32_t)a, 3 * PG), 0);
	ck_assert_int_eq(mm_munmap(m.s, (uint32_t)a, 3 * PG), 0);
	ck_assert_int_eq(mm_munmap(m.s, (uint32_t)a, 3 * PG), -EINVAL);
	ck_assert(shows(a + PG, PG, PG, 9000));
	ck_assert_int_eq(f.unmapped, 0);
	ck_assert_int_eq(mm_munmap(other, (uint32_t)a + PG, PG), 0);
	ck_assert_int_eq(f.unmapped, 1);
	ck_assert_uint_eq(fake_copied(&m), 0);
	/* With nothing mapped, it is read anew, past the end as zeros. */
	b = map(other, 2 * PG, P_R, M_PRIVATE, &f, 16);
	ck_assert(shows(b, 2 * PG, 16 * PG, 9000));
	mm_space_put(other);
	end(&f);
}
END_TEST

START_TEST(private_writable_is_always_a_copy_of_its_own)
{
	struct fake_source f;
	int64_t a, b, c;

	start();
	memory_file(&f, 3 * PG);
	a = map(m.s, 3 * PG, P_R | P_W, M_PRIVATE, &f, 0);
	b = map(m.s, 3 * PG, P_R | P_W, M_PRIVATE, &f, 0);
	c = map(m.s, 3 * PG, P_R, M_PRIVATE, &f, 0);
	ck_assert_int_ne(a, b);
	ck_assert_int_eq(c, f.direct);
	guest(&m, a, 1)[0] = 99;
	ck_assert(shows(b, 3 * PG, 0, 3 * PG));
	ck_assert(shows(c, 3 * PG, 0, 3 * PG));
	ck_assert_uint_eq(fake_copied(&m), 6 * PG);
	mm_space_put(m.s);
	ck_assert_int_eq(mm_space_new(m.mm, &m.s), 0);
	mm_pages_put(m.mm, f.direct, 3);
	end(&f);
}
END_TEST

START_TEST(a_traced_task_gets_its_own_copy)
{
	struct fake_source f;
	struct mm_map q = { .len = PG, .prot = P_R | P_X, .flags = M_PRIVATE, .readable = true };
	uint32_t a, b;

	start();
	memory_file(&f, PG);
	q.source = &f.source;
	q.traced = true;
	ck_assert_int_eq(mm_mmap(m.s, &q, &a), 0);
	ck_assert_int_eq(mm_mmap(m.s, &q, &b), 0);
	ck_assert_uint_ne(a, f.direct);
	ck_assert_uint_ne(a, b);
	mm_pages_put(m.mm, f.direct, 1);
	end(&f);
}
END_TEST

START_TEST(shared_needs_memory_behind_it)
{
	struct fake_source f;
	int64_t a;

	start();
	fake_source(&f, MM_REGULAR, DISK, 3 * PG);
	ck_assert_int_eq(map(m.s, PG, P_R, M_SHARED, &f, 0), -ENODEV);
	fake_source(&f, MM_BLOCK, DISK, 3 * PG);
	ck_assert_int_eq(map(m.s, PG, P_R, M_SHARED, &f, 0), -ENODEV);
	/* A memory file whose pages do not lie in one piece. */
	fake_source(&f, MM_REGULAR, MEMORY, 3 * PG);
	ck_assert_int_eq(map(m.s, 3 * PG, P_R, M_SHARED, &f, 0), -ENODEV);
	ck_assert_int_gt(a = map(m.s, 3 * PG, P_R, M_PRIVATE, &f, 0), 0);
	/* A private copy is no memory to share, even if it is there. */
	ck_assert_int_eq(map(m.s, 3 * PG, P_R, M_SHARED, &f, 0), -ENODEV);
	ck_assert_int_eq(mm_munmap(m.s, (uint32_t)a, 3 * PG), 0);
	memory_file(&f, 3 * PG);
	ck_assert_int_eq(map(m.s, 3 * PG, P_R | P_W, M_SHARED, &f, 0), f.direct);
	ck_assert_int_eq(map(m.s, PG, P_R | P_W, M_SHARED, &f, 2), f.direct + 2 * PG);
	ck_assert_int_eq(map(m.s, 4 * PG, P_R | P_W, M_SHARED, &f, 0), -ENODEV);
	ck_assert_int_eq(map(m.s, PG, P_R | P_W, M_SHARED, &f, 3), -ENODEV);
	ck_assert_uint_eq(f.source.shared_mappings, 2);
	ck_assert_uint_eq(fake_copied(&m), 0);
	fake_sound(&m);
	mm_pages_put(m.mm, f.direct, 3);
	end(&f);
}
END_TEST

START_TEST(two_mappings_may_start_at_one_place)
{
	struct fake_source f;

	start();
	memory_file(&f, 4 * PG);
	for (uint32_t n = 1; n <= 4; n++)
		ck_assert_int_eq(map(m.s, n * PG, P_R, M_SHARED, &f, 0), f.direct);
	ck_assert_int_eq(map(m.s, 2 * PG, P_R, M_SHARED, &f, 0), f.direct);
	fake_sound(&m);
	ck_assert_int_eq(mm_munmap(m.s, f.direct, 4 * PG), 0);
	ck_assert_int_eq(mm_munmap(m.s, f.direct, 2 * PG), 0);
	ck_assert_int_eq(mm_munmap(m.s, f.direct, 2 * PG), 0);
	ck_assert_int_eq(mm_munmap(m.s, f.direct, 2 * PG), -EINVAL);
	fake_sound(&m);
	ck_assert(mm_mapped(m.s, f.direct, 3 * PG));
	ck_assert(!mm_mapped(m.s, f.direct, 4 * PG));
	mm_pages_put(m.mm, f.direct, 4);
	end(&f);
}
END_TEST

START_TEST(pages_of_a_removed_file_live_while_they_are_mapped)
{
	struct fake_source f;
	uint64_t before;

	start();
	before = fake_free(&m);
	memory_file(&f, 4 * PG);
	ck_assert_int_eq(map(m.s, 2 * PG, P_R, M_PRIVATE, &f, 1), f.direct + PG);
	mm_pages_put(m.mm, f.direct, 4);
	fake_sound(&m);
	ck_assert_uint_eq(fake_free(&m), before - 2 * PG);
	ck_assert(shows(f.direct + PG, 2 * PG, PG, 4 * PG));
	ck_assert_int_eq(mm_munmap(m.s, f.direct + PG, 2 * PG), 0);
	ck_assert_uint_eq(fake_free(&m), before);
	end(&f);
}
END_TEST

START_TEST(what_was_mapped_before_a_file_moved_is_not_shared)
{
	struct fake_source f;
	uint32_t old;
	int64_t copy;

	start();
	memory_file(&f, 2 * PG);
	old = f.direct;
	ck_assert_int_eq(map(m.s, 2 * PG, P_R, M_PRIVATE, &f, 0), old);
	f.direct = 0;
	mm_source_moved(&f.source);
	copy = map(m.s, 2 * PG, P_R, M_PRIVATE, &f, 0);
	ck_assert_int_ne(copy, old);
	mm_source_moved(&f.source);
	mm_source_moved(&f.source);
	ck_assert_int_eq(mm_pages_get(m.mm, 2, &f.direct), 0);
	mm_pages_put(m.mm, old, 2);
	fake_sound(&m);
	ck_assert_int_eq(map(m.s, 2 * PG, P_R | P_W, M_SHARED, &f, 0), f.direct);
	ck_assert(shows(old, 2 * PG, 0, 2 * PG));
	fake_sound(&m);
	ck_assert_int_eq(mm_munmap(m.s, old, 2 * PG), 0);
	ck_assert_int_eq(mm_munmap(m.s, (uint32_t)copy, 2 * PG), 0);
	ck_assert_int_eq(map(m.s, PG, P_R, M_PRIVATE, &f, 1), f.direct + PG);
	fake_sound(&m);
	mm_pages_put(m.mm, f.direct, 2);
	end(&f);
}
END_TEST

START_TEST(partial_overlaps_are_apart_or_refused)
{
	struct fake_source f;
	int64_t a, b;

	for (int compat = 0; compat < 2; compat++) {
		fake_machine(&m, 16 << 20, &(struct mm_config){ .nr_trim_pages = 1, .compat_linux = compat });
		fake_source(&f, MM_REGULAR, DISK, 8 * PG);
		a = map(m.s, 4 * PG, P_R, M_PRIVATE, &f, 0);
		b = map(m.s, 4 * PG, P_R, M_PRIVATE, &f, 2);
		if (compat) {
			ck_assert_int_eq(b, -EINVAL);
			ck_assert_str_eq(m.log, "nommu: Attempt to share mismatched mappings\n");
		} else {
			ck_assert(b > 0 && b != a);
			ck_assert(shows(b, 4 * PG, 2 * PG, 8 * PG));
			ck_assert_str_eq(m.log, "");
		}
		ck_assert_int_gt(map(m.s, 2 * PG, P_R, M_PRIVATE, &f, 6), 0);
		fake_sound(&m);
		end(&f);
		/* What lies in memory is shown there, whatever else shows a part of it. */
		fake_machine(&m, 16 << 20, &(struct mm_config){ .nr_trim_pages = 1, .compat_linux = compat });
		memory_file(&f, 8 * PG);
		ck_assert_int_eq(map(m.s, 4 * PG, P_R, M_PRIVATE, &f, 0), f.direct);
		ck_assert_int_eq(map(m.s, 4 * PG, P_R, M_PRIVATE, &f, 2), f.direct + 2 * PG);
		mm_pages_put(m.mm, f.direct, 8);
		end(&f);
	}
}
END_TEST

START_TEST(permissions_are_those_of_the_descriptor)
{
	struct fake_source f;
	struct mm_map q = { .len = PG, .prot = P_R, .flags = M_SHARED };
	uint32_t a;

	start();
	memory_file(&f, PG);
	q.source = &f.source;
	q.writable = true;
	ck_assert_int_eq(mm_mmap(m.s, &q, &a), -EACCES);
	q.writable = false;
	q.readable = true;
	q.prot = P_R | P_W;
	ck_assert_int_eq(mm_mmap(m.s, &q, &a), -EACCES);
	q.flags = M_PRIVATE;
	ck_assert_int_eq(mm_mmap(m.s, &q, &a), 0);
	q.flags = M_SHARED;
	q.writable = true;
	q.append = true;
	ck_assert_int_eq(mm_mmap(m.s, &q, &a), -EACCES);
	q.append = false;
	q.noexec = true;
	ck_assert_int_eq(mm_mmap(m.s, &q, &a), 0);
	q.prot = P_R | P_X;
	ck_assert_int_eq(mm_mmap(m.s, &q, &a), -EPERM);
	mm_pages_put(m.mm, f.direct, 1);
	end(&f);
}
END_TEST

START_TEST(devices_by_their_capabilities)
{
	struct fake_source f;
	struct mm_source_ops plain = fake_ops;

	start();
	ck_assert_int_eq(flat_commit(m.flat, 0x10000000u, 8 * PG), 0);
	/* The default of a character device: read, write, direct only. */
	plain.capabilities = NULL;
	fake_source(&f, MM_CHAR, 0, 8 * PG);
	f.source.ops = &plain;
	f.direct = 0x10000000u;
	ck_assert_int_eq(map(m.s, PG, P_R | P_W, M_SHARED, &f, 3), 0x10003000);
	ck_assert_int_eq(map(m.s, PG, P_R, M_PRIVATE, &f, 3), -ENODEV);
	ck_assert_int_eq(map(m.s, PG, P_R | P_X, M_SHARED, &f, 3), -EINVAL);
	ck_assert_str_eq(m.log, "nommu: MAP_SHARED not completely supported on !MMU\n");
	/* It may refuse, or not want to say. */
	f.direct_error = -EINVAL;
	ck_assert_int_eq(map(m.s, PG, P_R, M_SHARED, &f, 5), -EINVAL);
	f.direct_error = -ENOSYS;
	ck_assert_int_eq(map(m.s, PG, P_R, M_SHARED, &f, 5), -ENODEV);
	f.source.ops = &fake_ops;
	f.caps = DEVICE | MM_CAN_COPY;
	ck_assert_int_eq(map(m.s, PG, P_R, M_SHARED, &f, 5), -ENODEV);
	ck_assert_int_gt(map(m.s, PG, P_R, M_PRIVATE, &f, 5), RAM - 1);
	f.direct_error = -ENXIO;
	ck_assert_int_eq(map(m.s, PG, P_R, M_PRIVATE, &f, 6), -ENXIO);
	f.direct_error = 0;
	/* Execution is not offered directly: a copy, whoever has the same bytes mapped directly without it. */
	ck_assert_int_eq(map(m.s, PG, P_R, M_PRIVATE, &f, 7), 0x10007000);
	ck_assert_int_gt(map(m.s, PG, P_R | P_X, M_PRIVATE, &f, 7), RAM - 1);
	ck_assert_int_eq(map(m.s, PG, P_R, M_PRIVATE, &f, 7), 0x10007000);
	/* Nothing to ask where it lies. */
	plain.direct = NULL;
	f.source.ops = &plain;
	ck_assert_int_eq(map(m.s, PG, P_R, M_SHARED, &f, 7), -ENODEV);
	f.source.ops = &fake_ops;
	fake_sound(&m);
	end(&f);
}
END_TEST

/* Mappings of what is mapped already take no page: only their number can end it. */
START_TEST(mappings_without_pages_come_to_an_end)
{
	struct fake_source f;
	uint64_t nr = 0, pages;
	int64_t a = 0, got;

	start();
	fake_source(&f, MM_REGULAR, MM_CAN_COPY, PG);
	while ((got = map(m.s, PG, P_R, M_PRIVATE, &f, 0)) > 0 && nr < 16 << 20) {
		a = got;
		nr++;
	}
	ck_assert_int_eq(got, -ENOMEM);
	ck_assert_uint_gt(nr, 16 * 1024);		/* of the machine's 16 MiB, for about as many pages */
	ck_assert_uint_lt(nr, (16 << 20) / 64);
	ck_assert_int_eq(map_anon(m.s, PG), -ENOMEM);
	ck_assert_int_eq(mm_munmap(m.s, (uint32_t)a, PG), 0);
	ck_assert_int_eq(map(m.s, PG, P_R, M_PRIVATE, &f, 0), a);
	mm_space_put(m.s);
	ck_assert_int_eq(mm_space_new(m.mm, &m.s), 0);
	/* It is never in the way of those that do: each page of RAM may be a mapping. */
	for (pages = 0; map_anon(m.s, PG) > 0; pages++)
		;
	ck_assert_uint_eq(pages, (16 << 20) / PG);
	end(&f);
}
END_TEST

/* How far a file must not be cut. */
START_TEST(what_shared_mappings_show_has_an_end)
{
	struct fake_source f;
	uint32_t a;

	start();
	memory_file(&f, 8 * PG);
	a = f.direct;
	ck_assert_int_eq(map(m.s, 8 * PG, P_R, M_PRIVATE, &f, 0), a);
	ck_assert_uint_eq(f.source.shared_mappings, 0);
	ck_assert_int_eq(map(m.s, PG, P_R, M_SHARED, &f, 2), a + 2 * PG);
	ck_assert_uint_eq(f.source.shared_end, 3);
	ck_assert_int_eq(map(m.s, 2 * PG, P_R, M_SHARED, &f, 4), a + 4 * PG);
	ck_assert_int_eq(map(m.s, PG, P_R, M_SHARED, &f, 0), a);
	ck_assert_uint_eq(f.source.shared_end, 6);
	ck_assert_uint_eq(f.source.shared_mappings, 3);
	ck_assert_int_eq(mm_munmap(m.s, a, PG), 0);
	ck_assert_int_eq(mm_munmap(m.s, a + 2 * PG, PG), 0);
	ck_assert_int_eq(mm_munmap(m.s, a + 4 * PG, 2 * PG), 0);
	ck_assert_uint_eq(f.source.shared_mappings, 0);
	ck_assert_int_eq(map(m.s, PG, P_R, M_SHARED, &f, 1), a + PG);
	ck_assert_uint_eq(f.source.shared_end, 2);
	mm_pages_put(m.mm, a, 8);
	end(&f);
}
END_TEST

START_TEST(kinds_without_mappings)
{
	struct fake_source f;
	struct mm_source_ops plain = fake_ops;

	start();
	plain.capabilities = NULL;
	fake_source(&f, MM_OTHER, 0, PG);
	f.source.ops = &plain;
	ck_assert_int_eq(map(m.s, PG, P_R, M_PRIVATE, &f, 0), -EINVAL);
	plain.read = NULL;
	f.source.kind = MM_REGULAR;
	ck_assert_int_eq(map(m.s, PG, P_R, M_PRIVATE, &f, 0), -ENODEV);
	end(&f);
}
END_TEST

START_TEST(what_lies_off_the_page_is_shown_where_it_lies)
{
	struct fake_source f;
	uint32_t a;

	start();
	fake_source(&f, MM_REGULAR, MEMORY, 2 * PG);
	ck_assert_int_eq(flat_commit(m.flat, 0x20000000u, 4 * PG), 0);
	f.direct = 0x20000320u;
	a = (uint32_t)map(m.s, 100, P_R, M_PRIVATE, &f, 0);
	ck_assert_uint_eq(a, 0x20000320u);
	fake_sound(&m);
	ck_assert_int_eq(mm_munmap(m.s, a + PG, PG), -EINVAL);
	ck_assert_int_eq(mm_munmap(m.s, a, 100), 0);
	f.direct = 0xfffff800u;
	ck_assert_int_eq(map(m.s, PG, P_R, M_SHARED, &f, 0), -EINVAL);
	end(&f);
}
END_TEST

START_TEST(file_mappings_go_as_a_whole)
{
	struct fake_source f;
	uint32_t a, b;

	start();
	fake_source(&f, MM_REGULAR, DISK, 4 * PG);
	a = (uint32_t)map(m.s, 4 * PG, P_R | P_W, M_PRIVATE, &f, 0);
	ck_assert_int_eq(mm_munmap(m.s, a, PG), -EINVAL);
	ck_assert_int_eq(mm_munmap(m.s, a + PG, PG), -EINVAL);
	ck_assert_int_eq(mm_munmap(m.s, a + PG, 3 * PG), -EINVAL);
	ck_assert_int_eq(mm_munmap(m.s, a, 3 * PG + 1), 0);
	/* From an anonymous one into a file's: two mappings, refused. */
	a = (uint32_t)map_anon(m.s, 4 * PG);
	b = (uint32_t)map(m.s, 4 * PG, P_R | P_W, M_PRIVATE, &f, 0);
	ck_assert_uint_eq(b, a + 4 * PG);
	ck_assert_int_eq(mm_munmap(m.s, a, 8 * PG), -EINVAL);
	ck_assert_int_eq(mm_munmap(m.s, a, 4 * PG), 0);
	/* With nothing before it, where it ends is enough. */
	ck_assert_int_eq(mm_munmap(m.s, a, 8 * PG), 0);
	fake_sound(&m);
	end(&f);
}
END_TEST

START_TEST(mremap_leaves_shareable_mappings_alone)
{
	struct fake_source f, g;
	uint32_t a, at;

	start();
	memory_file(&f, 4 * PG);
	fake_source(&g, MM_REGULAR, DISK, 4 * PG);
	ck_assert_int_gt(map(m.s, 4 * PG, P_R | P_W, M_SHARED, &f, 0), 0);
	ck_assert_int_eq(mm_mremap(m.s, f.direct, 4 * PG, 2 * PG, 0, 0, &at), -EPERM);
	a = (uint32_t)map(m.s, 4 * PG, P_R, M_PRIVATE, &g, 0);
	ck_assert_int_eq(mm_mremap(m.s, a, 4 * PG, 2 * PG, 0, 0, &at), -EPERM);
	/* A copy of its own may be changed, but not grow over the slack: the file's bytes are not there. */
	mm_set_trim(m.mm, 0);
	a = (uint32_t)map(m.s, 3 * PG, P_R | P_W, M_PRIVATE, &g, 0);
	ck_assert_int_eq(mm_mremap(m.s, a, 3 * PG, 2 * PG, 0, 0, &at), 0);
	ck_assert_int_eq(mm_mremap(m.s, a, 2 * PG, 3 * PG, 0, 0, &at), 0);
	ck_assert(shows(a, 3 * PG, 0, 4 * PG));
	ck_assert_int_eq(mm_mremap(m.s, a, 3 * PG, 4 * PG, 1, 0, &at), -ENOMEM);
	mm_pages_put(m.mm, f.direct, 4);
	mm_space_put(m.s);
	ck_assert_int_eq(mm_space_new(m.mm, &m.s), 0);
	ck_assert_int_eq(g.refs, 0);
	end(&f);
}
END_TEST

START_TEST(a_failed_read_leaves_nothing)
{
	struct fake_source f;

	start();
	fake_source(&f, MM_REGULAR, DISK, 4 * PG);
	f.read_error = -EIO;
	ck_assert_int_eq(map(m.s, 4 * PG, P_R, M_PRIVATE, &f, 0), -EIO);
	f.read_error = 0;
	mm_fail_after(m.mm, 1);
	ck_assert_int_eq(map(m.s, 4 * PG, P_R, M_PRIVATE, &f, 0), -ENOMEM);
	ck_assert_int_eq(f.refs, 0);
	ck_assert_uint_eq(fake_free(&m), 16 << 20);
	end(&f);
}
END_TEST

static int list(void *ctx, const struct mm_vma_info *i)
{
	char *out = ctx, line[400];

	snprintf(line, sizeof(line), "%x+%x %u%s %llx %u:%u %llu %s;", i->start, i->end - i->start, i->prot,
		 i->shared ? "S" : "p", (unsigned long long)i->offset, i->major, i->minor,
		 (unsigned long long)i->inode, i->path);
	strcat(out, line);
	return 0;
}

START_TEST(listings_say_what_is_mapped)
{
	struct fake_source f;
	struct mm_usage u;
	char text[1024] = "";

	start();
	memory_file(&f, 4 * PG);
	ck_assert_int_gt(map(m.s, 2 * PG, P_R | P_W, M_SHARED, &f, 1), 0);
	ck_assert_int_gt(map(m.s, PG, P_R, M_PRIVATE, &f, 2), 0);
	mm_space_walk(m.s, list, text);
	ck_assert_str_eq(text, "80001000+2000 3S 1000 8:3 42 /fake;80002000+1000 1p 2000 8:3 42 /fake;");
	text[0] = '\0';
	mm_region_walk(m.mm, list, text);
	ck_assert_str_eq(text, "80001000+2000 3S 1000 8:3 42 /fake;");
	mm_space_usage(m.s, &u);
	ck_assert_uint_eq(u.vmas, 2);
	ck_assert_uint_eq(u.bytes, 0);
	ck_assert_uint_eq(u.shared, 4 * PG);
	mm_pages_put(m.mm, f.direct, 4);
	end(&f);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		private_read_only_is_one_copy_for_all, private_writable_is_always_a_copy_of_its_own,
		a_traced_task_gets_its_own_copy, shared_needs_memory_behind_it,
		two_mappings_may_start_at_one_place, pages_of_a_removed_file_live_while_they_are_mapped,
		what_was_mapped_before_a_file_moved_is_not_shared,
		partial_overlaps_are_apart_or_refused, permissions_are_those_of_the_descriptor,
		devices_by_their_capabilities, kinds_without_mappings,
		what_shared_mappings_show_has_an_end, mappings_without_pages_come_to_an_end,
		what_lies_off_the_page_is_shown_where_it_lies, file_mappings_go_as_a_whole,
		mremap_leaves_shareable_mappings_alone, a_failed_read_leaves_nothing,
		listings_say_what_is_mapped,
	};

	return run_suite("mm_file", tests, sizeof(tests) / sizeof(*tests));
}
