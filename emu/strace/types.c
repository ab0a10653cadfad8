/* SPDX-License-Identifier: MIT
 *
 * The words of syscalls.def's type columns: see strace.h.
 */
#include <string.h>
#include "emu/strace/internal.h"

PRINTER(d) PRINTER(u) PRINTER(x) PRINTER(o) PRINTER(p) PRINTER(fd) PRINTER(dirfd) PRINTER(off64)
PRINTER(off64hl) PRINTER(pgoff) PRINTER(omode) PRINTER(sig) PRINTER(id)

bool print_d(struct strace_text *o, const struct strace_call *c, int i)
{
	text_printf(o, "%d", (int32_t)c->args[i]);
	return true;
}

bool print_u(struct strace_text *o, const struct strace_call *c, int i)
{
	text_printf(o, "%u", c->args[i]);
	return true;
}

bool print_x(struct strace_text *o, const struct strace_call *c, int i)
{
	text_printf(o, "%#x", c->args[i]);
	return true;
}

bool print_o(struct strace_text *o, const struct strace_call *c, int i)
{
	text_printf(o, "%#o", c->args[i]);
	return true;
}

bool print_p(struct strace_text *o, const struct strace_call *c, int i)
{
	text_pointer(o, c->args[i]);
	return true;
}

bool print_fd(struct strace_text *o, const struct strace_call *c, int i)
{
	text_fd(o, c->task, (int32_t)c->args[i]);
	return true;
}

/* User and group numbers: -1 is "unchanged". */
bool print_id(struct strace_text *o, const struct strace_call *c, int i)
{
	text_printf(o, c->args[i] == UINT32_MAX ? "-1" : "%u", c->args[i]);
	return true;
}

bool print_dirfd(struct strace_text *o, const struct strace_call *c, int i)
{
	text_dirfd(o, c->task, (int32_t)c->args[i]);
	return true;
}

bool print_off64(struct strace_text *o, const struct strace_call *c, int i)
{
	text_printf(o, "%lld", (long long)((uint64_t)c->args[i + 1] << 32 | c->args[i]));
	return true;
}

bool print_off64hl(struct strace_text *o, const struct strace_call *c, int i)
{
	text_printf(o, "%lld", (long long)((uint64_t)c->args[i] << 32 | c->args[i + 1]));
	return true;
}

bool print_pgoff(struct strace_text *o, const struct strace_call *c, int i)
{
	text_printf(o, c->args[i] ? "%#llx" : "%llx", (unsigned long long)c->args[i] << 12);
	return true;
}

bool print_omode(struct strace_text *o, const struct strace_call *c, int i)
{
	text_printf(o, "%#03o", c->args[i] & 0xffff);
	return true;
}

bool print_sig(struct strace_text *o, const struct strace_call *c, int i)
{
	text_signal(o, (int32_t)c->args[i]);
	return true;
}

#define IN_N(word, regs) { #word, print_##word, NULL, regs, false, NULL, NULL }
#define IN(word) IN_N(word, 1)
#define OUT(word) { #word, print_##word, NULL, 1, true, NULL, NULL }
/* What the kernel fills in, by the printer of what a program gives. */
#define OUT_AS(word, printer) { #word "_out", print_##printer, NULL, 1, true, NULL, NULL }
#define X(name) { #name, NULL, &flags_##name, 1, false, NULL, NULL },

const struct strace_type strace_types[] = {
	IN(d), IN(u), IN(x), IN(o), IN(p), IN(fd), IN(id), IN(dirfd), IN_N(off64, 2), IN_N(off64hl, 2),
	IN(pgoff), IN(omode), IN(openmode), IN(mode), IN(dev), IN(sig), IN(path), IN(str),
	OUT(outstr), IN(argv), IN(envp), IN(inbuf), OUT(outbuf), OUT(outhex), IN(iniov), OUT(outiov),
	OUT(dents), OUT(outfds), OUT(out64), OUT(out32), IN(off64p),
	{ "off64p_told", print_off64p_told, NULL, 1, true, NULL, before_off64p }, IN(bytes), IN(attrvalue), OUT(attr), IN(mapflags), IN(timespec),
	OUT_AS(timespec, timespec), OUT(remaining), IN(timespec2), IN(sigset), IN(sigset2), IN(sigset3),
	OUT_AS(sigset, sigset), OUT_AS(sigset2, sigset2),
	IN(sigaction), OUT_AS(sigaction, sigaction), IN(sigaltstack), OUT_AS(sigaltstack, sigaltstack),
	IN(siginfo), OUT_AS(siginfo, siginfo), OUT_AS(waitinfo, siginfo_wait), OUT(rusage),
	IN(rlimit64), OUT_AS(rlimit64, rlimit64), IN(itimerval), OUT_AS(itimerval, itimerval),
	IN(itimerspec), OUT_AS(itimerspec, itimerspec), IN(sigevent), OUT(timer_id), OUT(tms),
	OUT(statx), OUT(statfs), IN(cachestatrange), OUT(cachestat), IN(pollfds), IN(fdset), IN(pselectmask), OUT(uname), OUT(sysinfo),
	IN(cpuset), OUT_AS(cpuset, cpuset), IN(schedattr), OUT_AS(schedattr, schedattr), IN(ioprio),
	{ "fcntlarg", print_fcntlarg, NULL, 1, true, late_fcntlarg, NULL }, IN(ioctlcmd),
	{ "ioctlarg", print_ioctlarg, NULL, 1, true, late_ioctlarg, NULL },
	{ "prctlargs", print_prctlargs, NULL, 5, true, late_prctlargs, NULL }, IN_N(futexargs, 5),
	{ "seccompargs", print_seccompargs, NULL, 1, true, late_seccompargs, NULL }, IN(seccompflagsof),
	IN(futexwaitv), IN(futexwaitv2),
	{ "ptraceargs", print_ptraceargs, NULL, 4, true, late_ptraceargs, NULL }, IN(remoteiov),
	IN_N(cloneargs, 5), IN_N(clone3args, 2), IN(sigreturn),
	IN(ipckey), IN(ipcget), IN(shmget), IN(msgbuf), OUT_AS(msgbuf, msgbuf_received), IN(sembufs),
	{ "msgctlbuf", print_msgctlbuf, NULL, 1, true, late_msgctlbuf, NULL },
	{ "semctlarg", print_semctlarg, NULL, 1, true, late_semctlarg, NULL },
	IN(mqattr), OUT_AS(mqattr, mqattr), IN(mqopenattr),
	IN(epollctlevent), OUT(epollevents), IN(openhow), OUT(filehandle),
	OUT(outid), IN(groups), OUT_AS(groups, groups_told), IN(capheader), IN(capdata), OUT_AS(capdata, capdata), IN(personality),
	OUT(outu32), OUT(outptr), IN(hostname), { "syslogargs", print_syslogargs, NULL, 3, true, late_syslogargs, NULL },
	IN(rebootarg), IN(mounttype), IN(mountdata), IN(mountflags), IN_N(fsconfigargs, 3), IN(mountattrs),
	IN(schedparam), OUT_AS(schedparam, schedparam), IN(memfdname), IN(memfdflags),
	IN(sockaddr), OUT_AS(sockaddr, sockaddr_told), { "socklen", print_socklen, NULL, 1, true, NULL, before_socklen }, IN(sockproto), IN(sockopt),
	IN(sockoptval), OUT_AS(sockoptval, sockoptval_told), IN(msghdr), { "msghdr_out", print_msghdr_told, NULL, 1, true, NULL, before_msghdr },
	IN(mmsghdr), OUT_AS(mmsghdr, mmsghdr_told),
	STRACE_FLAGS(X)
};
#undef X
const unsigned strace_type_count = sizeof strace_types / sizeof *strace_types;

const struct strace_type *strace_type_find(const char *word, size_t len)
{
	for (unsigned i = 0; i < strace_type_count; i++)
		if (!strncmp(strace_types[i].word, word, len) && !strace_types[i].word[len])
			return &strace_types[i];
	return NULL;
}

/* --- Result types --- */

static void ret_d(struct strace_text *o, const struct strace_call *c)
{
	text_printf(o, "%d", (int32_t)c->result);
}

static void ret_u(struct strace_text *o, const struct strace_call *c)
{
	text_printf(o, "%u", (uint32_t)c->result);
}

static void ret_x(struct strace_text *o, const struct strace_call *c)
{
	text_printf(o, "%#x", (uint32_t)c->result);
}

static void ret_o(struct strace_text *o, const struct strace_call *c)
{
	text_printf(o, "%#03o", (uint32_t)c->result);
}

static void ret_fd(struct strace_text *o, const struct strace_call *c)
{
	text_fd(o, c->task, (int)c->result);
}

static void ret_none(struct strace_text *o, const struct strace_call *c)
{
	(void)c;
	text_str(o, "?");
}

static void ret_sig(struct strace_text *o, const struct strace_call *c)
{
	text_printf(o, "%d (", (int32_t)c->result);
	text_signal(o, (int)c->result);
	text_str(o, ")");
}

strace_ret_fn strace_ret_find(const char *word)
{
	static const struct { const char *word; strace_ret_fn fn; } types[] = {
		{ "d", ret_d }, { "u", ret_u }, { "fd", ret_fd }, { "x", ret_x }, { "o", ret_o }, { "none", ret_none },
		{ "sig", ret_sig }, { "fcntlret", ret_fcntl }, { "pollret", ret_poll },
		{ "selectret", ret_select }, { "prctlret", ret_prctl }, { "personalityret", ret_personality },
		{ "schedret", ret_sched }, { "ioprioret", ret_ioprio },
	};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (!strcmp(types[i].word, word))
			return types[i].fn;
	return NULL;
}
