/* SPDX-License-Identifier: MIT
 * setjmp() and longjmp(), from some calls deep; sigsetjmp() with the mask.
 */
#include <setjmp.h>
#include "../stress.h"

__attribute__((noinline, noreturn))
static void deep(jmp_buf env, int n)
{
	volatile char frame[48];

	frame[n % 48] = n;
	if (n)
		deep(env, n - 1);
	longjmp(env, 7 + frame[0]);
}

enum stress_status stress_longjmp(struct worker *w)
{
	volatile uint32_t kept, times;
	sigjmp_buf signals;
	sigset_t now;
	jmp_buf env;

	while (stress_go(w)) {
		kept = stress_random(w);
		times = 0;
		if (!setjmp(env)) {
			times++;
			deep(env, 20);
		}
		times += 2;
		if (times != 3 || kept != w->random)
			stress_fail(w, "a jump did not come back as it should");
		if (!sigsetjmp(signals, 1)) {
			stress_let(SIGUSR2, false);
			siglongjmp(signals, 1);
		}
		pthread_sigmask(SIG_BLOCK, NULL, &now);
		if (sigismember(&now, SIGUSR2))
			stress_fail(w, "the mask did not come back");
		stress_bogo(w);
	}
	return STRESS_PASSED;
}
