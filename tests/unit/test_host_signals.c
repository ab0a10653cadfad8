/* SPDX-License-Identifier: MIT
 *
 * Signals that the host sends to `flat32 run`, while nobody looks at them.
 */
#include <sys/wait.h>
#include <unistd.h>
#include "emu/host/signals.h"
#include "tests/unit/signal_kit.h"

/* How an emulator ends that gets SIGTERM twice and looks after that: the wait status. */
static int twice(unsigned apart)
{
	pid_t pid = fork();
	int status = -1;

	if (!pid) {
		m->tasks->watched = boss->process;
		if (host_signals_catch(m, true))
			_exit(1);
		raise(SIGTERM);
		for (unsigned left = apart; left; left = sleep(left))
			;
		raise(SIGTERM);
		host_signals_poll(m);
		_exit(boss->process->pending.set & signal_bit(SIGTERM) ? 2 : 3);
	}
	waitpid(pid, &status, 0);
	return status;
}

START_TEST(one_after_another)
{
	int status;

	boss->blocked = signal_bit(SIGTERM);
	status = twice(0);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 2);	/* it is the guest's */
}
END_TEST

START_TEST(not_looked_at)
{
	int status = twice(4);

	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("host_signals");
	TCase *t = tcase_create("all");

	tcase_add_test(t, one_after_another);
	tcase_add_test(t, not_looked_at);
	return kit_run(s, t);
}
