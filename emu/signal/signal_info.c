/* SPDX-License-Identifier: MIT
 *
 * struct siginfo as the guest sees it (asm-generic/siginfo.h, 32 bits): three words, then the union,
 * whose members all lie as they do in struct signal_info.
 */
#include <errno.h>
#include <string.h>
#include "emu/signal/signal_internal.h"
#include "emu/sys/user.h"

struct guest_siginfo {
	int32_t signo, err, code;
	uint32_t fields[29];
};

_Static_assert(sizeof(struct guest_siginfo) == 128, "struct siginfo");
/* The largest of the union's members: five words. */
#define FIELDS_SIZE (sizeof(struct signal_info) - 3 * sizeof(int))
_Static_assert(FIELDS_SIZE == 20, "no padding in struct signal_info");

void signal_info_bytes(const struct signal_info *info, uint8_t out[128])
{
	struct guest_siginfo g = { .signo = info->signo, .err = info->err, .code = info->code };

	memcpy(g.fields, &info->rt, FIELDS_SIZE);
	memcpy(out, &g, sizeof g);
}

int signal_info_to_guest(struct task *t, uint32_t addr, const struct signal_info *info)
{
	struct guest_siginfo g = { .signo = info->signo, .err = info->err, .code = info->code };

	memcpy(g.fields, &info->rt, FIELDS_SIZE);
	return user_write(t, addr, &g, sizeof g);
}

int signal_info_from_guest(struct task *t, uint32_t addr, struct signal_info *info)
{
	struct guest_siginfo g;
	int err = user_read(t, &g, addr, sizeof g);

	if (err)
		return err;
	info->signo = g.signo;
	info->err = g.err;
	info->code = g.code;
	memcpy(&info->rt, g.fields, FIELDS_SIZE);
	return 0;
}

const char *signal_name(int signo)
{
	static const char *const names[] = {
		"SIG_0", "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL",
		"SIGUSR1", "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT",
		"SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF",
		"SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS",
		"SIGRTMIN", "SIGRT_1", "SIGRT_2", "SIGRT_3", "SIGRT_4", "SIGRT_5", "SIGRT_6", "SIGRT_7", "SIGRT_8",
		"SIGRT_9", "SIGRT_10", "SIGRT_11", "SIGRT_12", "SIGRT_13", "SIGRT_14", "SIGRT_15", "SIGRT_16",
		"SIGRT_17", "SIGRT_18", "SIGRT_19", "SIGRT_20", "SIGRT_21", "SIGRT_22", "SIGRT_23", "SIGRT_24",
		"SIGRT_25", "SIGRT_26", "SIGRT_27", "SIGRT_28", "SIGRT_29", "SIGRT_30", "SIGRT_31", "SIGRT_32",
	};

	_Static_assert(sizeof names / sizeof *names == SIGNALS + 1, "a name for each");
	return signo >= 0 && signo <= SIGNALS ? names[signo] : "SIG_?";
}
