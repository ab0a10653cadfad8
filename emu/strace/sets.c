/* SPDX-License-Identifier: MIT
 *
 * Sets of system calls, signals and descriptors, as strace's -e writes them: names separated by commas; `!` before the
 * first turns the whole set round, `!` before another one takes it out again.
 *
 * Which calls concern files and descriptors follows from the types of their arguments in syscalls.def. The other
 * classes are listed here (strace's TP, TN, TS, ... flags).
 */
#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emu/strace/config.h"
#include "emu/signal/signal.h"

static const struct { const char *name, *calls; } classes[] = {
	{ "process", " clone clone3 execve execveat exit exit_group waitid wait4 kill tkill tgkill rt_sigqueueinfo "
		     "rt_tgsigqueueinfo pidfd_send_signal unshare setns " },
	{ "network", " socket socketpair bind listen accept accept4 connect getsockname getpeername sendto recvfrom "
		     "setsockopt getsockopt shutdown sendmsg recvmsg sendmmsg recvmmsg_time64 " },
	{ "signal", " kill tkill tgkill sigaltstack rt_sigsuspend rt_sigaction rt_sigprocmask rt_sigpending "
		    "rt_sigtimedwait_time64 rt_sigqueueinfo rt_sigreturn rt_tgsigqueueinfo signalfd4 pidfd_send_signal " },
	{ "ipc", " shmget shmctl shmat shmdt msgget msgctl msgrcv msgsnd semget semctl semop semtimedop_time64 " },
	{ "memory", " brk munmap mremap mmap2 mprotect msync mlock mlock2 munlock mlockall munlockall mincore madvise "
		    "remap_file_pages mbind get_mempolicy set_mempolicy migrate_pages move_pages pkey_mprotect "
		    "shmat shmdt io_uring_register process_madvise process_mrelease " },
	{ "clock", " clock_gettime64 clock_settime64 clock_adjtime64 clock_getres_time64 " },
	{ "creds", " setregid setgid setreuid setuid setresuid getresuid setresgid getresgid setfsuid setfsgid "
		   "getuid geteuid getgid getegid getgroups setgroups capget capset prctl " },
	{ "pure", " getpid getppid gettid getuid geteuid getgid getegid getpgid getsid " },
	{ "stat", " statx " }, { "lstat", " statx " }, { "fstat", " statx " },
	{ "statfs", " statfs64 fstatfs64 " }, { "fstatfs", " fstatfs64 " }, { "sigreturn", " rt_sigreturn " },
};

/* Has the call an argument or a result of one of these types ("fd", "dirfd", ...)? */
static bool has_type(unsigned nr, const char *const *words)
{
	for (; *words; words++) {
		size_t len = strlen(*words);

		if (syscall_ret(nr) && !strcmp(syscall_ret(nr), *words))
			return true;
		for (const char *p = syscall_args(nr); p && *p; p += strcspn(p, ","), p += *p == ',')
			if (!strncmp(p, *words, len) && (!p[len] || p[len] == ','))
				return true;
	}
	return false;
}

static bool listed(const char *list, const char *name)
{
	char word[40];

	snprintf(word, sizeof word, " %s ", name);
	return strstr(list, word) != NULL;
}

static bool in_class(const char *class, unsigned nr, bool *known)
{
	static const char *const file[] = { "path", "dirfd", NULL }, *const desc[] = { "fd", "dirfd", "outfds", NULL };
	static const char network[] = "network";

	*known = true;
	if (!strcmp(class, "file"))
		return has_type(nr, file) && strncmp(syscall_name(nr), "mq_", 3);
	if (!strcmp(class, "desc")) {
		bool dummy;

		return has_type(nr, desc) && !in_class(network, nr, &dummy);
	}
	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
		if (!strcmp(classes[i].name, class))
			return listed(classes[i].calls, syscall_name(nr));
	*known = false;
	return false;
}

static void put(struct strace_calls *set, unsigned nr, bool in)
{
	uint64_t bit = 1ull << (nr % 64);

	set->bit[nr / 64] = in ? set->bit[nr / 64] | bit : set->bit[nr / 64] & ~bit;
}

static void put_all(struct strace_calls *set, bool in)
{
	memset(set->bit, in ? 0xff : 0, sizeof set->bit);
	set->unknown = in;
}

/* The name, or what programs call it where riscv32 has a variant only: mmap is mmap2, fcntl fcntl64, open openat, futex futex_time64, llseek _llseek. */
static bool named(const char *name, const char *text, bool loosely)
{
	static const char *const variants[] = { "64", "2", "3", "4", "at", "at2", "_time64" };
	size_t len = strlen(text);

	if (!loosely)
		return !strcmp(name, text);
	if (*name == '_' && !strcmp(name + 1, text))
		return true;
	for (size_t i = 0; i < sizeof variants / sizeof *variants; i++)
		if (!strncmp(name, text, len) && !strcmp(name + len, variants[i]))
			return true;
	return false;
}

static bool put_named(struct strace_calls *set, const char *text, bool loosely, bool in)
{
	bool found = false;

	for (unsigned nr = 0; nr < SYSCALL_MAX; nr++)
		if (syscall_name(nr) && named(syscall_name(nr), text, loosely)) {
			put(set, nr, in);
			found = true;
		}
	return found;
}

static bool put_class(struct strace_calls *set, const char *class, bool in)
{
	bool known = false;

	for (unsigned nr = 0; nr < SYSCALL_MAX; nr++)
		if (syscall_name(nr) && in_class(class, nr, &known))
			put(set, nr, in);
	return known;
}

static bool put_matching(struct strace_calls *set, const char *pattern, bool in)
{
	regex_t re;

	if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB))
		return false;
	for (unsigned nr = 0; nr < SYSCALL_MAX; nr++)
		if (syscall_name(nr) && !regexec(&re, syscall_name(nr), 0, NULL, 0))
			put(set, nr, in);
	regfree(&re);
	return true;
}

static bool put_token(struct strace_calls *set, const char *token, bool in)
{
	char *end;
	unsigned long nr = strtoul(token, &end, 10);
	bool unless = *token == '?';	/* "if there is such a call" */

	token += unless;
	if (!strcmp(token, "all")) {
		put_all(set, in);
		return true;
	}
	if (!strcmp(token, "none")) {
		put_all(set, !in);
		return true;
	}
	if (end != token && !*end) {
		if (nr < SYSCALL_MAX)
			put(set, (unsigned)nr, in);
		return nr < SYSCALL_MAX;
	}
	if (*token == '%')
		return put_class(set, token + 1, in) || unless;
	if (*token == '/')
		return put_matching(set, token + 1, in);
	return *token && (put_named(set, token, false, in) || put_class(set, token, in) ||
			  put_named(set, token, true, in) || unless);
}

int strace_calls_parse(struct strace_calls *set, const char *text, char why[STRACE_WHY])
{
	bool inverse = *text == '!', first = true;
	char token[64];

	put_all(set, false);
	text += inverse;
	for (;; first = false) {
		size_t len = strcspn(text, ",");
		bool out = !first && *text == '!';

		snprintf(token, sizeof token, "%.*s", (int)(len - out), text + out);
		if (!put_token(set, token, !out)) {
			snprintf(why, STRACE_WHY, "no system call or class of them is called '%s'", token);
			return -EINVAL;
		}
		if (!text[len])
			break;
		text += len + 1;
	}
	for (size_t i = 0; inverse && i < SYSCALL_MAX / 64; i++)
		set->bit[i] = ~set->bit[i];
	set->unknown ^= inverse;
	return 0;
}

int strace_signal_number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (end != text && !*end)
		return n >= 1 && n <= SIGNALS ? (int)n : 0;
	for (int signo = 1; signo <= SIGNALS; signo++) {
		const char *name = signal_name(signo);

		if (!strcasecmp(text, name) || !strcasecmp(text, name + 3))
			return signo;
	}
	return 0;
}

int strace_signals_parse(uint64_t *set, const char *text, char why[STRACE_WHY])
{
	bool inverse = *text == '!';
	char token[32];

	*set = 0;
	for (text += inverse; *text; text += *text == ',') {
		size_t len = strcspn(text, ",");
		int signo;

		snprintf(token, sizeof token, "%.*s", (int)len, text);
		text += len;
		signo = strace_signal_number(token);
		if (!strcmp(token, "all"))
			*set = ~0ull;
		else if (signo)
			*set |= 1ull << (signo - 1);
		else if (strcmp(token, "none")) {
			snprintf(why, STRACE_WHY, "no signal is called '%s'", token);
			return -EINVAL;
		}
	}
	if (inverse)
		*set = ~*set;
	return 0;
}

int strace_fds_parse(struct strace_fds *set, const char *text, char why[STRACE_WHY])
{
	bool inverse = *text == '!';

	*set = (struct strace_fds){ .others = inverse };
	text += inverse;
	if (!strcmp(text, "all") || !strcmp(text, "none")) {
		set->others = !strcmp(text, "all") != inverse;
		return 0;
	}
	for (;;) {
		char *end;
		unsigned long fd = strtoul(text, &end, 10);

		if (end == text || (*end && *end != ',') || fd > INT32_MAX ||
		    set->count == sizeof set->fd / sizeof *set->fd) {
			snprintf(why, STRACE_WHY, "'%s' should be numbers of descriptors, at most 32", text);
			return -EINVAL;
		}
		set->fd[set->count++] = (int)fd;
		if (!*end)
			return 0;
		text = end + 1;
	}
}

bool strace_fds_has(const struct strace_fds *s, int fd)
{
	for (unsigned i = 0; i < s->count; i++)
		if (s->fd[i] == fd)
			return !s->others;
	return s->others;
}
