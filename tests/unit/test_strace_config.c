/* SPDX-License-Identifier: MIT
 *
 * strace's options and expressions: what they choose, and that what is wrong is said to be.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "emu/strace/config.h"
#include "emu/strace/internal.h"
#include "emu/strace/summary.h"

enum { NR_OPENAT = 56, NR_CLOSE = 57, NR_READ = 63, NR_WRITE = 64, NR_MMAP2 = 222, NR_SOCKET = 198, NR_FCNTL = 25,
       NR_EXECVE = 221, NR_KILL = 129, NR_MSGGET = 186, NR_CLOCK_GETTIME = 403, NR_GETUID = 174, NR_SENDTO = 206 };

static struct strace_config config;
static char why[STRACE_WHY];

static void begin(void) { strace_config_init(&config); }
static void end(void) { strace_config_free(&config); }

static int parse(const char *text)
{
	strace_config_free(&config);
	strace_config_init(&config);
	return strace_config_parse(&config, text, why);
}

/* chooses(text, nr...): these are in the set; a negative number: it is not.  Ended by 0. */
static void chooses(const char *text, const int *nr)
{
	ck_assert_msg(parse(text) == 0, "%s: %s", text, why);
	for (; *nr; nr++)
		ck_assert_msg(strace_calls_has(&config.trace, (uint32_t)abs(*nr)) == (*nr > 0), "%s: %d", text, *nr);
}
#define CHOOSES(text, ...) chooses(text, (const int[]){ __VA_ARGS__, 0 })

START_TEST(sets_of_calls)
{
	CHOOSES("trace=read", NR_READ, -NR_WRITE, -999);
	CHOOSES("read,write", NR_READ, NR_WRITE, -NR_OPENAT);
	CHOOSES("!read", -NR_READ, NR_WRITE, 999);
	CHOOSES("!read,write", -NR_READ, -NR_WRITE, NR_OPENAT);
	CHOOSES("t=all", NR_READ, 999);
	CHOOSES("trace=none", -NR_READ, -999);
	CHOOSES("trace=!all", -NR_READ, -999);
	CHOOSES("63,64", NR_READ, NR_WRITE, -NR_CLOSE);
	CHOOSES("/^(read|write)$", NR_READ, NR_WRITE, -65);
	CHOOSES("file,!openat", -NR_OPENAT, NR_EXECVE, -NR_READ);
	CHOOSES("mmap,fcntl,open", NR_MMAP2, NR_FCNTL, NR_OPENAT, -NR_READ);
	CHOOSES("?no_such_call,read", NR_READ, -NR_WRITE);
}
END_TEST

START_TEST(classes_of_calls)
{
	CHOOSES("%file", NR_OPENAT, NR_EXECVE, 291, -NR_READ, -180);
	CHOOSES("%desc", NR_READ, NR_OPENAT, NR_MMAP2, 59, 19, -NR_EXECVE, -NR_SENDTO);
	CHOOSES("%process", NR_EXECVE, NR_KILL, 220, 93, 94, 95, -172);
	CHOOSES("%network", NR_SOCKET, NR_SENDTO, -NR_READ);
	CHOOSES("%signal", NR_KILL, 134, 139, -NR_READ);
	CHOOSES("%ipc", NR_MSGGET, 194, 193, -180);
	CHOOSES("%memory", NR_MMAP2, 214, 215, -NR_READ);
	CHOOSES("%clock", NR_CLOCK_GETTIME, -407);
	CHOOSES("%creds", NR_GETUID, 90, -172);
	CHOOSES("%stat,%statfs", 291, 43, 44, -NR_READ);
}
END_TEST

/* Each name in a list of a class that is in the table is found; a class is not empty. */
START_TEST(no_class_is_empty)
{
	static const char *const names[] = { "%file", "%desc", "%process", "%network", "%signal", "%ipc", "%memory",
					     "%clock", "%creds", "%pure", "%stat", "%statfs", "%sigreturn" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		bool any = false;

		ck_assert_int_eq(parse(names[i]), 0);
		for (unsigned nr = 0; nr < SYSCALL_MAX; nr++)
			any |= syscall_name(nr) && strace_calls_has(&config.trace, nr);
		ck_assert_msg(any, "%s", names[i]);
	}
}
END_TEST

START_TEST(other_keys)
{
	ck_assert_int_eq(parse("status=failed"), 0);
	ck_assert_uint_eq(config.status, STRACE_FAILED);
	ck_assert_int_eq(parse("status=!failed"), 0);
	ck_assert_uint_eq(config.status, STRACE_ANY_STATUS & ~STRACE_FAILED);
	ck_assert_int_eq(parse("status=successful,unfinished"), 0);
	ck_assert_uint_eq(config.status, STRACE_SUCCESSFUL | STRACE_UNFINISHED);
	ck_assert_int_eq(parse("signal=INT,SIGTERM,9"), 0);
	ck_assert_uint_eq(config.signals, 1 << 1 | 1 << 14 | 1 << 8);
	ck_assert_int_eq(parse("signal=!SIGCHLD"), 0);
	ck_assert_uint_eq(config.signals, ~(1ull << 16));
	ck_assert_int_eq(parse("signal=none"), 0);
	ck_assert_uint_eq(config.signals, 0);
	ck_assert_int_eq(parse("read=3,5"), 0);
	ck_assert(strace_fds_has(&config.dump_read, 3) && strace_fds_has(&config.dump_read, 5));
	ck_assert(!strace_fds_has(&config.dump_read, 4) && !strace_fds_has(&config.dump_write, 3));
	ck_assert_int_eq(parse("write=!1"), 0);
	ck_assert(strace_fds_has(&config.dump_write, 2) && !strace_fds_has(&config.dump_write, 1));
	ck_assert_int_eq(parse("read=all"), 0);
	ck_assert(strace_fds_has(&config.dump_read, 1000));
	ck_assert_int_eq(parse("abbrev=none"), 0);
	ck_assert(config.verbose);
	ck_assert_int_eq(parse("quiet=attach,exit"), 0);
	ck_assert(config.quiet_attach && config.quiet_exit);
}
END_TEST

static void when_is(const char *text, unsigned first, unsigned last, unsigned step)
{
	const struct strace_injection *j;

	ck_assert_msg(parse(text) == 0, "%s: %s", text, why);
	j = config.injection[NR_READ];
	ck_assert_ptr_nonnull(j);
	ck_assert_uint_eq(j->first, first);
	ck_assert_uint_eq(j->last, last);
	ck_assert_uint_eq(j->step, step);
}

START_TEST(injections)
{
	ck_assert_int_eq(parse("inject=read,write:error=EIO:signal=SIGUSR1"), 0);
	ck_assert_int_eq(config.injection[NR_READ]->result, -EIO);
	ck_assert_int_eq(config.injection[NR_READ]->signo, 10);
	ck_assert_ptr_eq(config.injection[NR_READ], config.injection[NR_WRITE]);
	ck_assert_ptr_null(config.injection[NR_CLOSE]);
	ck_assert_int_eq(parse("fault=read"), 0);
	ck_assert_int_eq(config.injection[NR_READ]->result, -ENOSYS);
	ck_assert_int_eq(parse("inject=read:retval=0xfff"), 0);
	ck_assert_int_eq(config.injection[NR_READ]->result, 0xfff);
	ck_assert_int_eq(parse("inject=read:signal=2"), 0);
	ck_assert(!config.injection[NR_READ]->answered);
	when_is("fault=read", 1, UINT32_MAX, 1);
	when_is("fault=read:when=3", 3, 3, 1);
	when_is("fault=read:when=3+", 3, 65535, 1);
	when_is("fault=read:when=3+2", 3, 65535, 2);
	when_is("fault=read:when=3..9", 3, 9, 1);
	when_is("fault=read:when=3..9+4:error=12", 3, 9, 4);
}
END_TEST

START_TEST(options_are_strace_s)
{
	ck_assert_int_eq(parse("-fttTr -s 100 -xx -v -y -e trace=read -o 'a b' -ff"), 0);
	ck_assert(config.follow && config.separate && config.relative && config.duration && config.verbose);
	ck_assert(config.decode_fds == DECODE_PATH && config.stamp == STAMP_TIME && config.stamp_digits == 6);
	ck_assert_uint_eq(config.string_limit, 100);
	ck_assert_uint_eq(config.hex, 2);
	ck_assert_str_eq(config.output, "a b");
	ck_assert(strace_calls_has(&config.trace, NR_READ) && !strace_calls_has(&config.trace, NR_WRITE));
	ck_assert_int_eq(parse("-ttt"), 0);
	ck_assert(config.stamp == STAMP_UNIX && config.stamp_digits == 6);
	ck_assert_int_eq(parse("-t"), 0);
	ck_assert(config.stamp == STAMP_TIME && config.stamp_digits == 0);
	ck_assert_int_eq(parse("--timestamps=unix,ns --syscall-times=ms --summary-sort-by=name -c"), 0);
	ck_assert(config.stamp == STAMP_UNIX && config.stamp_digits == 9 && config.duration_digits == 3);
	ck_assert(config.summary == SUMMARY_ONLY && config.order == ORDER_NAME);
	ck_assert_int_eq(parse("--follow-forks=no --trace=%file --status=failed"), 0);
	ck_assert(!config.follow && config.status == STRACE_FAILED);
	ck_assert_int_eq(parse("-z -P /a -P \"/b c\" -qq -a 60"), 0);
	ck_assert_uint_eq(config.paths, 2);
	ck_assert_str_eq(config.path[1], "/b c");
	ck_assert(config.status == STRACE_SUCCESSFUL && config.column == 60 && config.quiet_exit);
}
END_TEST

START_TEST(mistakes_are_told)
{
	static const char *const wrong[] = {
		"trace=no_such_call", "no_such_call", "%no_such_class", "trace=", "read,", "600", "/(", "x",
		"status=foo", "signal=foo", "signal=65", "read=x", "read=", "write=1,,2", "nokey=1", "abbrev=read",
		"quiet=foo", "inject=read", "inject=read:foo", "inject=read:error=EFOO", "inject=read:error=0",
		"inject=read:error=4096", "inject=read:when=0:error=1", "inject=read:when=2..1:error=1",
		"inject=read:when=1+0:error=1", "inject=read:when=1x:error=1", "inject=read:error=1:retval=2",
		"inject=read:signal=foo", "inject=nope:error=1", "fault=read:delay_exit=3", "-e", "-e x=", "-s x", "-s -1",
		"-k", "-S foo", "-a x", "--timestamps=foo", "--syscall-times=1", "-Q", "--no-such", "-f program", "-o 'open",
		"--follow-forks=maybe",
	};

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		ck_assert_msg(parse(wrong[i]) == -EINVAL, "'%s' is taken", wrong[i]);
		ck_assert_msg(*why, "'%s': no reason given", wrong[i]);
	}
}
END_TEST

START_TEST(summary_table)
{
	static struct strace_counts counts;
	struct strace_text o = { 0 };

	strace_summary(&o, &counts, ORDER_TIME);
	ck_assert_uint_eq(o.len, 0);
	for (int i = 0; i < 3; i++)
		strace_count(&counts, NR_READ, i == 0, 100000);
	strace_count(&counts, NR_WRITE, false, 700000);
	strace_count(&counts, 999, true, 0);
	strace_summary(&o, &counts, ORDER_TIME);
	text_put(&o, "", 1);
	ck_assert_str_eq(o.buf,
		"% time     seconds  usecs/call     calls    errors syscall\n"
		"------ ----------- ----------- --------- --------- ----------------\n"
		" 70.00    0.000700         700         1           write\n"
		" 30.00    0.000300         100         3         1 read\n"
		"  0.00    0.000000           0         1         1 (unknown)\n"
		"------ ----------- ----------- --------- --------- ----------------\n"
		"100.00    0.001000         200         5         2 total\n");
	o.len = 0;
	strace_summary(&o, &counts, ORDER_CALLS);
	text_put(&o, "", 1);
	ck_assert_ptr_nonnull(strstr(o.buf, "read\n  0.00"));
	free(o.buf);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("strace_config");
	TCase *tc = tcase_create("strace_config");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, sets_of_calls);
	tcase_add_test(tc, classes_of_calls);
	tcase_add_test(tc, no_class_is_empty);
	tcase_add_test(tc, other_keys);
	tcase_add_test(tc, injections);
	tcase_add_test(tc, options_are_strace_s);
	tcase_add_test(tc, mistakes_are_told);
	tcase_add_test(tc, summary_table);
	suite_add_tcase(s, tc);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
