/* SPDX-License-Identifier: MIT
 *
 * In a debug build mm_check() runs after each operation and ends the program with the operation's name and
 * what is broken; in a release build nothing runs.
 */
#include "mm/internal.h"
#include "tests/unit/mm_fake.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static struct fake_machine m;

/* One operation on damaged records, in a child: what it says on stderr; *status as of waitpid(). */
static void damaged(void (*operation)(void), char *said, size_t size, int *status)
{
	int pipes[2];
	ssize_t n, got = 0;
	pid_t child;

	ck_assert_int_eq(pipe(pipes), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		signal(SIGABRT, SIG_DFL);
		dup2(pipes[1], 2);
		close(pipes[0]);
		m.mm->nr_vmas++;
		operation();
		_exit(0);
	}
	close(pipes[1]);
	while ((n = read(pipes[0], said + got, size - 1 - (size_t)got)) > 0)
		got += n;
	said[got] = 0;
	close(pipes[0]);
	ck_assert_int_eq(waitpid(child, status, 0), child);
}

static void do_mmap(void)
{
	map_anon(m.s, PG);
}

static void do_munmap(void)
{
	mm_munmap(m.s, RAM, PG);
}

static void do_pages(void)
{
	uint32_t addr;

	mm_pages_get(m.mm, 1, &addr);
}

START_TEST(a_broken_invariant_is_named)
{
	static const struct { void (*operation)(void); const char *name; } ops[] = {
		{ do_mmap, "mmap" }, { do_munmap, "munmap" }, { do_pages, "pages_get" },
	};
	char said[400], want[100];
	int status;

	fake_machine(&m, 1 << 20, NULL);
	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++) {
		damaged(ops[i].operation, said, sizeof(said), &status);
#ifdef FLAT32_DEBUG
		snprintf(want, sizeof(want), "flat32: mm_check after %s: mm: the count of VMAs is wrong\n", ops[i].name);
		ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
#else
		want[0] = 0;
		ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
#endif
		ck_assert_str_eq(said, want);
	}
	fake_machine_end(&m);
}
END_TEST

int main(void)
{
	const TTest *tests[] = { a_broken_invariant_is_named };

	return run_suite("mm_debug", tests, sizeof(tests) / sizeof(*tests));
}
