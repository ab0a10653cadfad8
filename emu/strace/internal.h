/* SPDX-License-Identifier: MIT
 *
 * Between the files of strace: what is being written, and what the printers of types get to see.
 */
#ifndef EMU_STRACE_INTERNAL_H
#define EMU_STRACE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "emu/kernel/task.h"

struct strace_config;

/* A piece of a line.  Without memory it is cut, never wrong. config: how to write; NULL: as without any option. */
struct strace_text { char *buf; size_t len, size; const struct strace_config *config; };
void text_put(struct strace_text *o, const char *s, size_t len);
void text_str(struct strace_text *o, const char *s);
void text_printf(struct strace_text *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void text_append(struct strace_text *o, struct strace_text *from);	/* empties *from */
/* A descriptor of t's; with -y what it leads to. */
void text_fd(struct strace_text *o, struct task *t, int fd);
void text_file(struct strace_text *o, struct task *t, const struct path_ref *place);
/* strace's hexdump of what a call read or wrote: the lines below it. */
void text_dump(struct strace_text *o, struct task *t, uint32_t addr, uint32_t len);

/* The call as printers see it. */
struct strace_call {
	struct task *task;
	uint32_t nr;
	uint32_t args[6];
	int64_t result;
	bool over;		/* the result is known */
	bool ok;		/* and it is no error */
	bool filled;		/* the argument being written is one the kernel fills in */
};

/* With its name in it: of pointers the host's loader would have to relocate a thousand, each time we are started. */
struct strace_flag { uint64_t value; char name[56]; };
struct strace_flags {
	const struct strace_flag *list;
	unsigned count;
	uint64_t field;		/* these bits are one number, named by entries in it; ~0: an enumeration */
	const char *unknown;	/* "O_???" */
};

/* A table: LIST(name) { { value, "NAME" }, ... }; DEFINE(name, ENUM or the bits that are one number, "NAME_???") */
#define ENUM (~0ull)
#define LIST(table) static const struct strace_flag table##_list[] =
#define DEFINE(table, bits, none) \
	const struct strace_flags flags_##table = { \
		table##_list, sizeof table##_list / sizeof *table##_list, bits, none \
	};

struct strace_type {
	const char *word;
	/* Writes argument i.  False: there is nothing to show, and no comma either. NULL: by flags. */
	bool (*print)(struct strace_text *o, const struct strace_call *c, int i);
	const struct strace_flags *flags;
	unsigned regs;		/* argument registers it takes, 1 to 6 */
	bool out;		/* only known when the call is over, ... */
	bool (*late)(const struct strace_call *c, int i);	/* ... if this says so; NULL: always */
};
extern const struct strace_type strace_types[];
extern const unsigned strace_type_count;
/* The type called `word` (len characters), or NULL. */
const struct strace_type *strace_type_find(const char *word, size_t len);
/* False: no such result type. */
typedef void (*strace_ret_fn)(struct strace_text *o, const struct strace_call *c);
strace_ret_fn strace_ret_find(const char *word);

/* --- flags.c --- */
void text_flags(struct strace_text *o, const struct strace_flags *f, uint64_t value);
/* The name, or NULL. */
const char *strace_flag_name(const struct strace_flags *f, uint64_t value);
#define STRACE_FLAGS(X) \
	X(openflags) X(openacc) X(atflags) X(statxflags) X(atremove) X(atlink) X(access) X(efdflags) \
	X(fcntlcmd) X(fdflags) X(locktype) X(flockop) X(whence) X(umountflags) X(mountflags) \
	X(renameflags) X(memfdflags) X(closeflags) X(falloc) X(fadvise) X(statxmask) X(statxattr) \
	X(statfsflags) X(fsmagic) X(pollevents) X(sighow) X(saflags) X(ssflags) X(waitopts) X(idtype) \
	X(cloneflags) X(rlimit) X(itimer) X(clock) X(timerflags) X(prot) X(mapflags) X(mremapflags) \
	X(futexop) X(futex2flags) X(grnd) X(prctl) X(priowhich) X(rusagewho) X(ioctls) X(shmflags) \
	X(ipckeys) X(ipcgetflags) X(msgflags) X(msgcmd) X(semcmd) X(semflags) \
	X(shmatflags) X(ipccmd) X(sched) X(membarrier) X(rwf) X(syslogcmd) X(sigevnotify) X(icacheflags) X(rebootcmd) \
	X(pathflags) X(ptraceopts) \
	X(schedflags) X(iopriowho) X(ioprioclass) \
	X(epollflags) X(epollop) X(epollbits) X(timerfdflags) X(timerfdset) X(signalfdflags) \
	X(pidfdflags) X(pidfdsignal) \
	X(af) X(socktype) X(sockflags) X(ipproto) X(netlinkproto) X(shuthow) X(msgflag) X(socklevel) X(scmtype) \
	X(sockopts) X(tcpopts) X(ipopts) X(ipv6opts) \
	X(inotifyflags) X(inotifymask) \
	X(spliceflags) X(seccompop) X(seccompflags) X(seccompmode) X(seccompret) \
	X(fsopenflags) X(fsconfigcmd) X(fsmountflags) X(mountattr) X(fspickflags) X(opentree) X(movemount) X(setattrflags) \
	X(xattrflags) X(resolve) X(syncrange) X(handleflags)
#define X(name) extern const struct strace_flags flags_##name;
STRACE_FLAGS(X)
#undef X

/* --- data.c: strings and buffers --- */
void text_quoted(struct strace_text *o, const void *data, size_t len, bool hex);
void text_pointer(struct strace_text *o, uint32_t addr);
/* A string of the guest's, quoted, cut after `limit` characters. */
void text_guest_string(struct strace_text *o, struct task *t, uint32_t addr, size_t limit);
/* Up to `len` bytes of the guest's, quoted, cut as strace does; or the pointer. */
bool text_buffer(struct strace_text *o, struct task *t, uint32_t addr, uint32_t len, bool hex);
#define PRINTER(name) bool print_##name(struct strace_text *o, const struct strace_call *c, int i);
PRINTER(path) PRINTER(str) PRINTER(outstr) PRINTER(argv) PRINTER(envp) PRINTER(inbuf) PRINTER(outbuf)
PRINTER(outhex) PRINTER(remoteiov) PRINTER(iniov) PRINTER(outiov) PRINTER(dents) PRINTER(outfds) PRINTER(out64)
PRINTER(out32) PRINTER(off64p)

/* --- ipc.c: queues and semaphores --- */
PRINTER(ipckey) PRINTER(ipcget) PRINTER(shmget) PRINTER(msgbuf) PRINTER(msgbuf_received) PRINTER(msgctlbuf)
PRINTER(sembufs) PRINTER(semctlarg) PRINTER(mqattr) PRINTER(mqopenattr)
bool late_msgctlbuf(const struct strace_call *c, int i);
bool late_semctlarg(const struct strace_call *c, int i);

/* --- struct.c --- */
void text_signal(struct strace_text *o, int signo);
void text_siginfo(struct strace_text *o, const struct signal_info *info);
void text_mode(struct strace_text *o, uint32_t mode);
/* "{tv_sec=1, tv_nsec=0}", or the pointer. */
void text_timespec(struct strace_text *o, struct task *t, uint32_t addr);
void text_sigset(struct strace_text *o, uint64_t set);
PRINTER(timespec) PRINTER(remaining) PRINTER(timespec2) PRINTER(sigset) PRINTER(sigaction)
PRINTER(sigaltstack) PRINTER(siginfo) PRINTER(siginfo_wait) PRINTER(rusage) PRINTER(rlimit64)
PRINTER(itimerval) PRINTER(itimerspec) PRINTER(sigevent) PRINTER(statx) PRINTER(statfs) PRINTER(pollfds)
PRINTER(fdset) PRINTER(pselectmask) PRINTER(uname) PRINTER(sysinfo) PRINTER(timer_id) PRINTER(cpuset)
PRINTER(tms) PRINTER(cachestatrange) PRINTER(cachestat)

/* --- variant.c: what depends on another argument --- */
PRINTER(openmode) PRINTER(dev) PRINTER(fcntlarg) PRINTER(ioctlcmd) PRINTER(ioctlarg) PRINTER(prctlargs) PRINTER(seccompargs)
PRINTER(cloneargs) PRINTER(clone3args) PRINTER(mode) PRINTER(sigreturn)
bool late_fcntlarg(const struct strace_call *c, int i);
bool late_ioctlarg(const struct strace_call *c, int i);
bool late_prctlargs(const struct strace_call *c, int i);

/* --- futex.c --- */
PRINTER(futexargs) PRINTER(futexwaitv) PRINTER(futexwaitv2)
void ret_fcntl(struct strace_text *o, const struct strace_call *c);
void ret_poll(struct strace_text *o, const struct strace_call *c);
void ret_select(struct strace_text *o, const struct strace_call *c);

/* --- ptrace.c --- */
PRINTER(ptraceargs)
bool late_ptraceargs(const struct strace_call *c, int i);

/* --- sched.c --- */
PRINTER(schedattr) PRINTER(ioprio)

/* --- event.c: descriptors that are events --- */
PRINTER(epollctlevent) PRINTER(epollevents)

/* --- file.c: openat2, handles --- */
PRINTER(openhow) PRINTER(filehandle)

/* --- socket.c --- */
PRINTER(sockaddr) PRINTER(sockaddr_told) PRINTER(socklen) PRINTER(sockproto) PRINTER(sockopt) PRINTER(sockoptval)
PRINTER(sockoptval_told) PRINTER(msghdr) PRINTER(msghdr_told) PRINTER(mmsghdr) PRINTER(mmsghdr_told)

/* --- errno.c --- */
/* "ENOENT", or NULL; err positive. */
const char *strace_errno_name(int err);

#endif
