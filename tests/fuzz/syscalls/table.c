/* SPDX-License-Identifier: MIT
 *
 * Which calls there are and what their arguments are: the emulator's own table (syscalls.def), its words read once.
 */
#include <string.h>
#include "fuzz.h"

static const struct { uint16_t nr; uint8_t served; const char *name, *args; } known[] = {
#define SYSCALL(nr, name, args, ret) { nr, 1, #name, args },
#define SYSCALL_NONE(nr, name, args, ret) { nr, 0, #name, args },
#include "emu/sys/syscalls.def"
};
_Static_assert(sizeof known / sizeof *known <= CALLS, "");

/* Out of 1000, how often a call that was picked is made; others: always, or 100 if they only answer ENOSYS. */
static const struct { const char *name; uint16_t of_1000; } rare[] = {
	{ "exit", 5 }, { "exit_group", 5 }, { "rt_sigreturn", 5 }, { "reboot", 20 }, { "pivot_root", 20 },
	{ "chroot", 50 }, { "umount2", 100 }, { "mount", 200 }, { "setuid", 50 }, { "setresuid", 50 }, { "setreuid", 50 },
	{ "capset", 50 }, { "rt_sigsuspend", 300 }, { "execve", 300 }, { "execveat", 300 }, { "sync", 100 },
	{ "setgroups", 100 }, { "unshare", 300 }, { "close_range", 30 }, { "personality", 50 }, { "prlimit64", 100 },
};

/* What some need beyond their words: the first that fits; "*" stands for any end. */
static const struct { const char *name; enum amend what; } amends[] = {
	{ "futex_time64", A_FUTEX }, { "clone", A_CLONE }, { "clone3", A_CLONE3 }, { "mmap2", A_MMAP }, { "pidfd_open", A_TASK },
	{ "process_vm_*", A_TASK }, { "kill", A_TASK }, { "tkill", A_TASK }, { "tgkill", A_TASKS },
	{ "rt_sigqueueinfo", A_TASK }, { "rt_tgsigqueueinfo", A_TASKS }, { "ptrace", A_PTRACE }, { "munmap", A_MAPPING },
	{ "mremap", A_MAPPING }, { "shmdt", A_MAPPING }, { "brk", A_BREAK }, { "ioctl", A_IOCTL }, { "fcntl64", A_FCNTL },
	{ "prctl", A_PRCTL }, { "clock_*", A_CLOCK }, { "waitid", A_WAIT }, { "prlimit64", A_TASK }, { "setpgid", A_TASK },
	{ "setpriority", A_SECOND_TASK }, { "sched_set*", A_TASK },
	{ "sendfile64", A_COUNT },
};

/* The types of emu/strace/strace.h by what a program gives for them; "*" stands for any beginning. */
static const struct { enum kind kind; const char *words; } kinds[] = {
	{ DESCRIPTOR, "fd dirfd" }, { TEXT, "path str outstr mounttype mountdata memfdname" }, { STRINGS, "argv envp" },
	{ VECTOR, "iniov outiov remoteiov" }, { MOMENT, "timespec timespec2 itimerspec itimerval" },
	{ ADDRESS, "sockaddr sockaddr_out" }, { SIGNAL, "sig" }, { LENGTH, "u" },
	{ NUMBER, "d x o id mode omode openmode dev" }, { OFFSET, "off64" }, { OFFSET_HIGH_LOW, "off64hl" },
	{ POINTER, "epollctlevent epollevents msghdr mmsghdr sockoptval socklen schedattr pidfdsignal msgctlbuf semctlarg "
		   "shmget *_out p inbuf outbuf outhex dents outfds out64 out32 off64p sigset sigaction sigaltstack siginfo "
		   "rusage rlimit64 sigevent timer_id tms statx statfs pollfds fdset pselectmask uname sysinfo cpuset msgbuf "
		   "sembufs mqattr mqopenattr futexwaitv futexwaitv2 sigreturn cachestatrange cachestat sigset2 sigset3 off64p_told bytes attr "
		   "attrvalue outid outu32 outptr groups groups_out capheader capdata schedparam hostname mountattrs" },
};

static int word_is(const char *word, size_t len, const char *pattern, size_t plen)
{
	if (*pattern == '*')
		return len >= --plen && !memcmp(word + len - plen, pattern + 1, plen);
	if (pattern[plen - 1] == '*')
		return len >= --plen && !memcmp(word, pattern, plen);
	return len == plen && !memcmp(word, pattern, len);
}

static enum kind kind_of(const char *word, size_t len)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		for (const char *w = kinds[i].words; *w; w += strcspn(w, " "), w += *w == ' ')
			if (word_is(word, len, w, strcspn(w, " ")))
				return kinds[i].kind;
	return ANYTHING;	/* flags, commands, and what we have not heard of */
}

void make_table(struct table *t)
{
	t->count = sizeof known / sizeof *known;
	read_plausible(t);
	for (uint32_t i = 0; i < t->count; i++) {
		struct call *c = &t->calls[i];
		const char *name = known[i].name;

		c->nr = known[i].nr;
		c->of_1000 = known[i].served ? 1000 : 100;
		for (const char *w = known[i].args; *w && c->words < 6; w += strcspn(w, ","), w += *w == ',')
			c->kinds[c->words++] = (uint8_t)kind_of(w, strcspn(w, ","));
		for (size_t k = 0; k < sizeof rare / sizeof *rare; k++)
			if (!strcmp(rare[k].name, name))
				c->of_1000 = rare[k].of_1000;
		for (size_t k = sizeof amends / sizeof *amends; k--; )
			if (word_is(name, strlen(name), amends[k].name, strlen(amends[k].name)))
				c->amend = (uint8_t)amends[k].what;
		c->like = plausible_for(name);
	}
}
