/* SPDX-License-Identifier: MIT
 *
 * `#!`: how the line is read, what becomes of argv, how deep it goes.
 */
#include "tests/unit/loader_kit.h"

static struct kit k;

static void setup(void)
{
	kit_begin(&k);
	kit_pie(&k, "/bin/sh");
}

static void teardown(void)
{
	kit_end(&k);
}

/* Runs a script of this text; argv as the interpreter gets it, joined by '|', or "" and k's errno. */
static int err;

static const char *runs(const char *text, uint32_t size)
{
	static char joined[1024];
	struct kit_file *f = k.nr_files > 1 ? &k.files[1] : kit_file(&k, "/s", NULL, 0);
	uint32_t argc;

	memset(f->bytes, 0, sizeof(f->bytes));
	memcpy(f->bytes, text, size);
	f->size = size;
	joined[0] = '\0';
	err = kit_exec_env(&k, "/s", ARGS("zero", "one", "two"), NO_ARGS);
	if (err)
		return joined;
	argc = kit_word(&k, k.img.sp);
	for (uint32_t i = 0; i < argc; i++)
		snprintf(joined + strlen(joined), sizeof(joined) - strlen(joined), "%s%s", i ? "|" : "",
			 kit_string(&k, kit_word(&k, k.img.sp + 4 + i * 4)));
	ck_assert_uint_eq(kit_word(&k, k.img.sp + 4 + argc * 4), 0);
	return joined;
}

#define RUNS(text) runs(text, sizeof(text) - 1)

START_TEST(argv_becomes_interpreter_argument_script_rest)
{
	uint32_t at;

	ck_assert_str_eq(RUNS("#!/bin/sh\nrest"), "/bin/sh|/s|one|two");
	ck_assert_str_eq(RUNS("#!/bin/sh -x\n"), "/bin/sh|-x|/s|one|two");
	ck_assert_str_eq(RUNS("#!/bin/sh -x  -y z\n"), "/bin/sh|-x  -y z|/s|one|two");
	ck_assert_str_eq(RUNS("#! \t /bin/sh\t -x \t\n"), "/bin/sh|-x|/s|one|two");
	ck_assert_str_eq(RUNS("#!/bin/sh  \t\n"), "/bin/sh|/s|one|two");
	ck_assert_str_eq(RUNS("#!/bin/sh"), "/bin/sh|/s|one|two");
	ck_assert_str_eq(RUNS("#!/bin/sh -x"), "/bin/sh|-x|/s|one|two");
	/* The task is named after the script, /proc/PID/exe after what runs; AT_EXECFN is the script. */
	ck_assert_str_eq(k.img.comm, "s");
	ck_assert_str_eq(k.img.path, "/bin/sh");
	for (at = k.img.sp + 4 + 6 * 4 + 4; kit_word(&k, at) != AT_EXECFN; at += 8)
		ck_assert_uint_ne(kit_word(&k, at), 0);
	ck_assert_str_eq(kit_string(&k, kit_word(&k, at + 4)), "/s");
	/* An empty argv got one argument, which the script's name replaces. */
	ck_assert_int_eq(kit_exec_env(&k, "/s", NO_ARGS, NO_ARGS), 0);
	ck_assert_uint_eq(kit_word(&k, k.img.sp), 3);
}
END_TEST

START_TEST(a_line_without_a_name_is_no_script)
{
	RUNS("#!\n/bin/sh\n");
	ck_assert_int_eq(err, -ENOEXEC);
	RUNS("#! \t\n");
	ck_assert_int_eq(err, -ENOEXEC);
	RUNS("#!");
	ck_assert_int_eq(err, -ENOEXEC);
	RUNS("#! ");
	ck_assert_int_eq(err, -ENOEXEC);
	RUNS("#!\0/bin/sh\n");
	ck_assert_int_eq(err, -ENOEXEC);
}
END_TEST

START_TEST(only_256_bytes_are_seen)
{
	char text[600];

	/* Blanks up to the end of what is seen. */
	memset(text, ' ', sizeof(text));
	memcpy(text, "#!", 2);
	memcpy(text + 300, "/bin/sh\n", 8);
	runs(text, sizeof(text));
	ck_assert_int_eq(err, -ENOEXEC);
	/* A name that may go on behind it. */
	memset(text, 'x', sizeof(text));
	memcpy(text, "#!/", 3);
	runs(text, sizeof(text));
	ck_assert_int_eq(err, -ENOEXEC);
	ck_assert_ptr_nonnull(strstr(k.log, "256"));
	/* A name that ends at the last byte but one; the newline is the last byte. */
	memset(text + 2, ' ', 253);
	memcpy(text + 248, "/bin/sh\n", 8);
	ck_assert_str_eq(runs(text, sizeof(text)), "/bin/sh|/s|one|two");
	memcpy(text + 249, "/bin/sh\n", 8);
	memset(text + 2, ' ', 247);
	runs(text, sizeof(text));
	ck_assert_int_eq(err, -ENOEXEC);
	/* A long argument is cut. */
	memset(text, 'a', sizeof(text));
	memcpy(text, "#!/bin/sh ", 10);
	runs(text, sizeof(text));
	ck_assert_int_eq(err, 0);
	ck_assert_uint_eq(strlen(kit_string(&k, kit_word(&k, k.img.sp + 8))), 245);
}
END_TEST

START_TEST(the_interpreter_must_be_runnable)
{
	RUNS("#!/no/such\n");
	ck_assert_int_eq(err, -ENOENT);
	ck_assert_str_eq(k.log, "exec /s: interpreter /no/such after #!: No such file or directory\n");
	k.files[0].open_error = -EACCES;
	RUNS("#!/bin/sh\n");
	ck_assert_int_eq(err, -EACCES);
	k.files[0].open_error = 0;
	kit_text(&k, "/text", "plain");
	RUNS("#!/text\n");
	ck_assert_int_eq(err, -ENOEXEC);
	ck_assert_str_eq(k.log, "exec /text: not a program: text without #!\n");
	k.files[0].read_error_at = 0;
	RUNS("#!/bin/sh\n");
	ck_assert_int_eq(err, -EIO);
	k.env.open = NULL;
	RUNS("#!/bin/sh\n");
	ck_assert_int_eq(err, -ENOENT);
}
END_TEST

START_TEST(scripts_run_scripts_five_deep)
{
	static const char *const want[] = { "/bin/sh", "-5", "/s5", "-4", "/s4", "-3", "/s3", "-2", "/s2",
		"-1",
					    "/s1", "arg" };

	kit_text(&k, "/s1", "#!/s2 -1\n");
	kit_text(&k, "/s2", "#!/s3 -2\n");
	kit_text(&k, "/s3", "#!/s4 -3\n");
	kit_text(&k, "/s4", "#!/s5 -4\n");
	kit_text(&k, "/s5", "#!/bin/sh -5\n");
	kit_text(&k, "/s0", "#!/s1\n");
	kit_text(&k, "/self", "#!/self\n");
	ck_assert_int_eq(kit_exec_env(&k, "/s1", ARGS("s1", "arg"), NO_ARGS), 0);
	ck_assert_uint_eq(kit_word(&k, k.img.sp), 12);
	for (uint32_t i = 0; i < 12; i++)
		ck_assert_str_eq(kit_string(&k, kit_word(&k, k.img.sp + 4 + i * 4)), want[i]);
	ck_assert_str_eq(k.img.comm, "s1");
	ck_assert_int_eq(kit_exec_env(&k, "/s0", ARGS("s0"), NO_ARGS), -ELOOP);
	ck_assert_int_eq(kit_exec_env(&k, "/self", ARGS("self"), NO_ARGS), -ELOOP);
}
END_TEST

START_TEST(what_the_line_adds_counts_too)
{
	static char fill[131072];

	/* "/s" and this fill the area exactly; replacing argv[0] by "/bin/sh" and "/s" does not fit. */
	kit_text(&k, "/s", "#!/bin/sh\n");
	memset(fill, 'x', 131063);
	ck_assert_int_eq(kit_exec_env(&k, "/s", ARGS("", fill), NO_ARGS), -E2BIG);
	ck_assert_ptr_nonnull(strstr(k.log, "#!"));
}
END_TEST

START_TEST(long_names_are_cut_in_comm)
{
	kit_text(&k, "/a/name-of-twenty-chars", "#!/bin/sh\n");
	ck_assert_int_eq(kit_exec(&k, "/a/name-of-twenty-chars"), 0);
	ck_assert_str_eq(k.img.comm, "name-of-twenty-");
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		argv_becomes_interpreter_argument_script_rest, a_line_without_a_name_is_no_script,
		only_256_bytes_are_seen, the_interpreter_must_be_runnable, scripts_run_scripts_five_deep,
		what_the_line_adds_counts_too, long_names_are_cut_in_comm,
	};

	return kit_suite("loader_script", tests, sizeof(tests) / sizeof(*tests), setup, teardown);
}
