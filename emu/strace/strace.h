/* SPDX-License-Identifier: MIT
 *
 * --strace: system calls, in strace(1)'s own format.  Every one of every task, or what strace_config.h says.
 *
 * A call's arguments are written when it begins, as far as they are the program's to say; what the kernel
 * fills in, and the result, when it ends.  When another task's line comes between, the first one is left
 * " <unfinished ...>" and taken up again as "<... name resumed>".  Each piece is written at once, so the
 * last line shows the call that is blocked, or that the emulator did not survive.
 *
 * To a file, every line begins with the task's number (strace -f -o); to stderr only while there
 * is more than one task (strace -f).  With a filter by status a line is written when the call is over.
 *
 * Injection (-e inject) is done here as well: the call is not made, dispatch goes on as if its handler had answered.
 *
 * Unlike a ptrace(2) tracer this one changes nothing: signals that are ignored are dropped unseen, as
 * without it.
 *
 * The words in the "argument types" column of syscalls.def, one per argument, separated by commas:
 *
 *   numbers	d signed, u unsigned, x hexadecimal, p pointer (NULL for 0), o octal; off64 signed, in two
 *		registers (low first); off64hl the same, high first; pgoff a page offset, shown in bytes
 *   files	fd; dirfd (AT_FDCWD); path; dev (only for device nodes); mode with type; omode permissions;
 *		openmode (only with O_CREAT or O_TMPFILE); outfds two descriptors
 *   text	bytes (but for a NUL at the end), attr, attrvalue; hostname, memfdname; str; outstr, shown when the call is over; argv a list; envp only counted
 *   buffers	inbuf: the next argument is the length; outbuf: the result is; outhex the same in hex;
 *		iniov, outiov vectors, the next argument is their number; remoteiov one of
 *		another process's memory; dents directory entries
 *   flags	a name per table of flags.c: openflags, atflags, prot, ...
 *   structures	one name per kind; with _out when the kernel fills it in
 *   who		groups (the argument before is their number), outid; capheader, capdata; personality
 *   words	outu32, outptr: a word that the kernel writes
 *   ipc		ipckey; ipcget, shmget flags with permissions; msgbuf: the next argument is the length of
 *		its text (msgbuf_out: the result is); sembufs: the next argument is their number; msgctlbuf,
 *		semctlarg by the command before; mqattr; mqopenattr (only with O_CREAT)
 *   files, too	openhow; filehandle, as it is when the call is over
 *   events	epollctlevent (the operation stands two before); epollevents, as many as the result says
 *   sockets	sockaddr: the next argument is the length (sockaddr_out: points at it); socklen; sockproto by the family
 *		two before; sockopt by the level before, sockoptval by both; msghdr; mmsghdr: the next argument
 *		is their number (mmsghdr_out: the result is)
 *   variants	fcntlarg, ioctlarg, prctlargs, syslogargs, fsconfigargs, futexargs, cloneargs, ptraceargs: by the value of an earlier
 *		argument; futexwaitv (the next argument is the length), futexwaitv2 (of two)
 *
 * The "result type" column: d, u, x (address or hexadecimal), o, fd, sig (a signal's number), fcntlret,
 * pollret, selectret, prctlret, personalityret, schedret, ioprioret, none (the call does not come back).
 */
#ifndef EMU_STRACE_H
#define EMU_STRACE_H

#include <stdbool.h>
#include <stdint.h>

struct machine;
struct signal_info;
struct strace_config;
struct strace_text;
struct task;

/*
 * Switches tracing on (m->strace) as *config says, which stays the caller's and as it is.  kept: nothing is written
 * anywhere, but each task's last lines are kept for strace_last().  0 or -errno.
 */
int strace_new(struct machine *m, const struct strace_config *config, bool kept);
/* Appends the last n lines kept of t; none if they were not kept. */
void strace_last(struct task *t, struct strace_text *out, unsigned n);
void strace_free(struct machine *m);		/* prints the summary, too */

/* Called by dispatch and signal delivery, only when m->strace is not NULL. */
/* t->sys holds number and arguments.  True: the call is not to be made, *result is what is injected as its result. */
bool strace_enter(struct task *t, int64_t *result);
/* A try of it ended without a result; the next one begins. */
void strace_blocked(struct task *t);
void strace_retry(struct task *t);
/* result: as the handler returned it, restart codes included. */
void strace_exit(struct task *t, int64_t result);
void strace_signal(struct task *t, const struct signal_info *info);
void strace_exited(struct task *t);			/* t->exit_code says how */

#endif
