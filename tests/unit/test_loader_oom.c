/* SPDX-License-Identifier: MIT
 *
 * Every host allocation behind an exec is made to fail once, and every read of a file: there must
 * be an errno, a reason, and nothing left behind (the kit looks after that).  rules.mk has the
 * linker put the wrappers below in front of malloc().
 */
#include "tests/unit/loader_kit.h"
#include "tests/unit/oom_kit.h"

static struct kit k;

static void setup(void)
{
	kit_begin(&k);
}

static void teardown(void)
{
	fail_in = 0;
	kit_end(&k);
}

/*
 * loader_load() alone with the n-th allocation failing, since what the kit does must not fail;
 * true if it came to that.
 */
static bool exec_fails(const char *path, long n)
{
	struct loader_file file;
	struct loader_request req = { .path = path, .file = &file, .argv = ARGS("x", "y") };
	struct mm_space *s;
	bool happened;
	int err;

	ck_assert_int_eq(kit_open(&k, path, &file), 0);
	ck_assert_int_eq(mm_space_new(k.m.mm, &s), 0);
	mm_space_put(k.m.s);
	k.m.s = s;
	k.log[0] = '\0';
	fail_in = n;
	err = loader_load(&k.env, s, &req, &k.img);
	happened = fail_in == 0;
	fail_in = 0;
	/* Where there is another way (text that cannot be shared is copied) it may still succeed. */
	ck_assert(err == 0 || err == -ENOMEM);
	ck_assert(happened || err == 0);
	ck_assert_int_eq(err < 0, k.log[0] != '\0');
	fake_sound(&k.m);
	return happened;
}

static long all_fail(const char *path)
{
	long n = 1;

	while (exec_fails(path, n))
		n++;
	return n - 1;
}

static void add_files(void)
{
	/* GOT with one entry and the end mark; one relocation. */
	const uint32_t got[] = { 0x20, 0xffffffff };
	const uint8_t header[48] = {
		'b', 'F', 'L', 'T', 0, 0, 0, 4, 0, 0, 0, 0x48, 0, 0, 1, 0, 0, 0, 1, 0x80, 0, 0, 1, 0xc0,
		0, 0, 0x10, 0, 0, 0, 1, 0x80, 0, 0, 0, 1, 0, 0, 0, 2,
	};
	struct kit_file *f;

	f = kit_pie(&k, "/pie");
	kit_interp(f, "/ld");
	kit_pie(&k, "/ld");
	f = kit_pie(&k, "/fdpic");
	f->shares = true;
	kit_eh(f)->e_ident[EI_OSABI] = 65;
	kit_text(&k, "/script", "#!/pie\n");
	f = kit_file(&k, "/flat", NULL, 0x184);
	memcpy(f->bytes, header, sizeof(header));
	memcpy(f->bytes + 0x100, got, sizeof(got));
	f->bytes[0x183] = 0xd0;
	f->shares = true;
}

START_TEST(each_host_allocation_may_fail)
{
	add_files();
	/* Arguments; program headers, segments; regions and VMAs. */
	ck_assert_int_ge(all_fail("/pie"), 11);
	ck_assert_int_ge(all_fail("/script"), 11);
	mm_scatter(k.m.mm, 99);
	ck_assert_int_ge(all_fail("/fdpic"), 10);
	ck_assert_int_ge(all_fail("/flat"), 6);
}
END_TEST

START_TEST(each_read_may_fail)
{
	static const char *const paths[] = { "/pie", "/fdpic", "/script", "/flat" };

	add_files();
	for (unsigned i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		for (unsigned nr = 0; nr < k.nr_files; nr++) {
			for (int64_t at = 0; at < k.files[nr].size; at += 32) {
				int err;

				k.files[nr].read_error_at = at;
				err = kit_exec(&k, paths[i]);
				ck_assert(err == 0 || err == -EIO);
			}
			k.files[nr].read_error_at = -1;
			ck_assert_int_eq(kit_exec(&k, paths[i]), 0);
		}
	}
}
END_TEST

START_TEST(each_length_of_a_file_is_judged)
{
	static const char *const paths[] = { "/pie", "/fdpic", "/flat" };

	add_files();
	for (unsigned i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		struct kit_file *f = k.files;
		uint32_t size;

		while (strcmp(f->path, paths[i]) != 0)
			f++;
		for (size = f->size; f->size > 0; f->size--) {
			int err = kit_exec(&k, paths[i]);

			ck_assert(f->size == size ? err == 0 : err == -ENOEXEC || err == -ENOMEM ||
				  err == -EIO);
		}
		f->size = size;
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		each_host_allocation_may_fail, each_read_may_fail, each_length_of_a_file_is_judged,
	};

	return kit_suite("loader_oom", tests, sizeof(tests) / sizeof(*tests), setup, teardown);
}
