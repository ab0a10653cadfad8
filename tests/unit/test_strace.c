/* SPDX-License-Identifier: MIT
 *
 * strace: the table of system calls speaks only words that are known; quoting and flags come out as strace's.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include "emu/strace/config.h"
#include "emu/strace/internal.h"
#include "emu/sys/syscall.h"

static char *text(struct strace_text *o)
{
	text_put(o, "", 1);
	return o->buf;
}

START_TEST(every_argument_word_is_known)
{
	for (int nr = 0; nr < SYSCALL_MAX; nr++) {
		unsigned regs = 0;

		for (const char *word = syscall_args(nr); word && *word; ) {
			size_t len = strcspn(word, ",");
			const struct strace_type *type = strace_type_find(word, len);

			ck_assert_msg(type != NULL, "%s: unknown word in \"%s\"", syscall_name(nr), syscall_args(nr));
			ck_assert_msg(type->print || type->flags, "%s: %s prints nothing", syscall_name(nr),
				      type->word);
			regs += type->regs;
			word += len + (word[len] == ',');
		}
		ck_assert_msg(regs <= 6, "%s: \"%s\" takes %u registers", syscall_name(nr), syscall_args(nr), regs);
	}
}
END_TEST

START_TEST(every_result_word_is_known)
{
	for (int nr = 0; nr < SYSCALL_MAX; nr++)
		if (syscall_ret(nr))
			ck_assert_msg(strace_ret_find(syscall_ret(nr)) != NULL,
				      "%s: unknown result \"%s\"", syscall_name(nr),
				      syscall_ret(nr));
}
END_TEST

START_TEST(no_type_has_two_meanings)
{
	for (unsigned i = 0; i < strace_type_count; i++)
		ck_assert_ptr_eq(strace_type_find(strace_types[i].word, strlen(strace_types[i].word)),
				 &strace_types[i]);
	ck_assert_ptr_null(strace_type_find("pat", 3));
	ck_assert_ptr_null(strace_type_find("pathx", 5));
}
END_TEST

START_TEST(quoting)
{
	static const struct { const char *in; size_t len; const char *out; } cases[] = {
		{ "hello", 5, "\"hello\"" },
		{ "a\"b\\c\n\t\r\f\v", 10, "\"a\\\"b\\\\c\\n\\t\\r\\f\\v\"" },
		{ "\0\1\177", 3, "\"\\0\\1\\177\"" },
		{ "\0011", 2, "\"\\0011\"" },		/* a digit follows: three places */
		{ "\1a", 2, "\"\\1a\"" },
		{ "\377", 1, "\"\\377\"" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct strace_text o = { 0 };

		text_quoted(&o, cases[i].in, cases[i].len, false);
		ck_assert_str_eq(text(&o), cases[i].out);
		free(o.buf);
	}
}
END_TEST

static void flags_are(const struct strace_flags *f, uint64_t value, const char *want)
{
	struct strace_text o = { 0 };

	text_flags(&o, f, value);
	ck_assert_str_eq(text(&o), want);
	free(o.buf);
}

START_TEST(flag_names)
{
	flags_are(&flags_openflags, 0, "O_RDONLY");
	flags_are(&flags_openflags, 0102 | 02000000, "O_RDWR|O_CREAT|O_CLOEXEC");
	flags_are(&flags_openflags, 020200000 | 2, "O_RDWR|O_TMPFILE");
	flags_are(&flags_openflags, 0200000, "O_RDONLY|O_DIRECTORY");
	flags_are(&flags_openflags, 0x80000000, "O_RDONLY|0x80000000");
	flags_are(&flags_atflags, 0, "0");
	flags_are(&flags_atflags, 0x80000000, "0x80000000 /* AT_??? */");
	flags_are(&flags_prot, 0, "PROT_NONE");
	flags_are(&flags_prot, 7, "PROT_READ|PROT_WRITE|PROT_EXEC");
	flags_are(&flags_access, 0, "F_OK");
	flags_are(&flags_whence, 9, "0x9 /* SEEK_??? */");
	flags_are(&flags_idtype, 0, "P_ALL");
	flags_are(&flags_tsc, 0, "0 /* PR_TSC_??? */");
	flags_are(&flags_statxmask, 0x17ff, "STATX_BASIC_STATS|STATX_MNT_ID");
	flags_are(&flags_statxmask, 0x1fff, "STATX_ALL|STATX_MNT_ID");
	flags_are(&flags_statxflags, 0x1000, "AT_STATX_SYNC_AS_STAT|AT_EMPTY_PATH");
}
END_TEST

/* -X: names, numbers, or both. */
START_TEST(styles)
{
	static const struct { enum strace_xlat xlat; const char *flags, *none, *unknown, *number, *signal, *mode; } cases[] = {
		{ XLAT_ABBREV, "O_RDWR|O_CREAT", "PROT_NONE", "0x8 /* MS_??? */", "SEEK_END", "SIGINT", "S_IFREG|0644" },
		{ XLAT_RAW, "0x42", "0", "0x8", "0x2", "2", "0100644" },
		{ XLAT_VERBOSE, "0x42 /* O_RDWR|O_CREAT */", "0 /* PROT_NONE */", "0x8 /* MS_??? */", "0x2 /* SEEK_END */",
		  "2 /* SIGINT */", "0100644 /* S_IFREG|0644 */" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct strace_config config = { .xlat = cases[i].xlat };
		struct strace_text o = { .config = &config };

		text_flags(&o, &flags_openflags, 0102);
		ck_assert_str_eq(text(&o), cases[i].flags);
		o.len = 0;
		text_flags(&o, &flags_prot, 0);
		ck_assert_str_eq(text(&o), cases[i].none);
		o.len = 0;
		text_flags(&o, &flags_msyncflags, 8);
		ck_assert_str_eq(text(&o), cases[i].unknown);
		o.len = 0;
		text_flags(&o, &flags_whence, 2);
		ck_assert_str_eq(text(&o), cases[i].number);
		o.len = 0;
		text_signal(&o, 2);
		ck_assert_str_eq(text(&o), cases[i].signal);
		o.len = 0;
		text_mode(&o, 0100644);
		ck_assert_str_eq(text(&o), cases[i].mode);
		free(o.buf);
	}
}
END_TEST

START_TEST(signal_sets)
{
	static const struct { uint64_t set; int signals; const char *out; } cases[] = {
		{ 0, 64, "[]" }, { ~0ull, 64, "~[]" }, { 1ull << 16, 64, "[CHLD]" }, { 2 | 1ull << 39, 64, "[INT RT_8]" },
		{ ~(3ull << 31), 64, "~[RTMIN RT_1]" }, { 0xffffffff, 32, "~[]" }, { 0xfffffdff, 32, "~[USR1]" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct strace_text o = { 0 };

		text_sigset(&o, cases[i].set, cases[i].signals);
		ck_assert_str_eq(text(&o), cases[i].out);
		free(o.buf);
	}
}
END_TEST

START_TEST(modes)
{
	static const struct { uint32_t mode; const char *out;
	} cases[] = {
		{ 0100644, "S_IFREG|0644" },	     { 0040755, "S_IFDIR|0755" },
		{ 0020666, "S_IFCHR|0666" },	     { 0104755, "S_IFREG|S_ISUID|0755" },
		{ 0041777, "S_IFDIR|S_ISVTX|0777" }, { 0100000, "S_IFREG|000" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct strace_text o = { 0 };

		text_mode(&o, cases[i].mode);
		ck_assert_str_eq(text(&o), cases[i].out);
		free(o.buf);
	}
}
END_TEST

START_TEST(error_names)
{
	ck_assert_str_eq(strace_errno_name(1), "EPERM");
	ck_assert_str_eq(strace_errno_name(11), "EAGAIN");
	ck_assert_str_eq(strace_errno_name(40), "ELOOP");
	ck_assert_str_eq(strace_errno_name(59), "EBFONT");
	ck_assert_str_eq(strace_errno_name(75), "EOVERFLOW");
	ck_assert_str_eq(strace_errno_name(110), "ETIMEDOUT");
	ck_assert_str_eq(strace_errno_name(133), "EHWPOISON");
	ck_assert_ptr_null(strace_errno_name(0));
	ck_assert_ptr_null(strace_errno_name(134));
	ck_assert_ptr_null(strace_errno_name(-1));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("strace");
	TCase *tc = tcase_create("core");
	SRunner *r;
	int failed;

	tcase_add_test(tc, every_argument_word_is_known);
	tcase_add_test(tc, every_result_word_is_known);
	tcase_add_test(tc, no_type_has_two_meanings);
	tcase_add_test(tc, quoting);
	tcase_add_test(tc, flag_names);
	tcase_add_test(tc, styles);
	tcase_add_test(tc, signal_sets);
	tcase_add_test(tc, modes);
	tcase_add_test(tc, error_names);
	suite_add_tcase(s, tc);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
