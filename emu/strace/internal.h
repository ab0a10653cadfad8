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
/* The same, or AT_FDCWD. */
void text_dirfd(struct strace_text *o, struct task *t, int fd);
/* Of a structure that may become longer: what is behind its known end, if it is not all zero. */
void text_rest(struct strace_text *o, struct task *t, uint32_t addr, uint32_t known, uint32_t size);
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
	uint64_t was;		/* a length or an offset that the kernel changes, when the call began (strace_type.before) */
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
	/* What must be known of it as it is when the call begins, for c->was. */
	uint64_t (*before)(const struct strace_call *c, int i);
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
/* Names, whatever -X says. */
void text_plainly(struct strace_text *o, const struct strace_flags *f, uint64_t value);
/* The name of a number that is in no table, as -X wants it: NAME, or the number (format), or both. */
void text_named(struct strace_text *o, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The name, or NULL. */
const char *strace_flag_name(const struct strace_flags *f, uint64_t value);
#define STRACE_FLAGS(X) \
	X(openflags) X(openacc) X(atflags) X(statxflags) X(access) X(efdflags) \
	X(fcntlcmd) X(fdflags) X(locktype) X(flockop) X(whence) X(umountflags)  \
	X(renameflags) X(closeflags) X(falloc) X(fadvise) X(statxmask) X(statxattr) \
	X(statfsflags) X(fsmagic) X(pollevents) X(sighow) X(saflags) X(ssflags) X(waitopts) X(idtype) \
	X(cloneflags) X(rlimit) X(itimer) X(clock) X(timerflags) X(prot) X(maptype) X(mapbits) X(mremapflags) \
	X(futexop) X(futex2flags) X(grnd) X(priowhich) X(rusagewho) X(ioctls) X(shmflags) \
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
	X(fsopenflags) X(fsconfigcmd) X(fsmountflags) X(mountattr) X(fspickflags) X(opentree) X(movemount) X(ms) X(propagation) X(mfd) \
	X(udpopts) X(rawopts) X(packetopts) X(netlinkopts) X(ipcmsg) X(ethproto) X(arphrd) X(pkttype) \
	X(notify) X(seals) X(clone3flags) X(modflags) X(swapflags) X(faccessflags) X(dup3flags) X(capversion) X(cap) X(unshareflags) X(setnsflags) X(pertype) X(perflags) X(loglevel) \
	X(rebootmagic1) X(rebootmagic2) X(dumpable) X(secbits) X(ambient) X(mcekill) X(mcepolicy) X(vma) X(setmm) X(tsc) \
	X(unalign) X(schedpolicy) X(msyncflags) X(mlockallflags) X(mlock2flags) X(madvise) \
	X(xattrflags) X(resolve) X(syncrange) X(handleflags)
#define X(name) extern const struct strace_flags flags_##name;
STRACE_FLAGS(X)
#undef X

/* --- data.c: strings and buffers --- */
/* The escapes of a quoted string; those of `others`, too. */
void text_escaped(struct strace_text *o, const void *data, size_t len, const char *others);
void text_quoted(struct strace_text *o, const void *data, size_t len, bool hex);
void text_pointer(struct strace_text *o, uint32_t addr);
/*
 * A string of the guest's, quoted, cut after `limit` characters; bounded: of which no more than len bytes are looked at, as
 * the kernel does.
 */
void text_bounded_string(struct strace_text *o, struct task *t, uint32_t addr, size_t len);
void text_guest_string(struct strace_text *o, struct task *t, uint32_t addr, size_t limit);
/* Up to `len` bytes of the guest's, quoted, cut as strace does; or the pointer. */
/* True: argument i is a pointer, or NULL, that is written as such: it is not filled in yet, or cannot be read. */
bool text_absent(struct strace_text *o, const struct strace_call *c, int i, void *dst, size_t size);
/* A buffer, without the NUL at its end. */
void text_bytes(struct strace_text *o, struct task *t, uint32_t addr, uint32_t len);
/* How many entries of a list are shown; of strings, how many characters. */
uint32_t text_list_limit(const struct strace_text *o);
uint32_t text_string_limit(const struct strace_text *o);
/*
 * "[one, two, ...]": the guest's array at addr, `size` bytes each, by one() for each entry, of which size bytes are in *entry
 * (64 at most).  NULL and what cannot be read as a pointer.
 */
typedef void (*strace_entry_fn)(struct strace_text *o, const struct strace_call *c, const void *entry, void *ctx);
void text_array(struct strace_text *o, const struct strace_call *c, uint32_t addr, uint64_t count, uint32_t size,
		strace_entry_fn one, void *ctx);
bool text_buffer(struct strace_text *o, struct task *t, uint32_t addr, uint32_t len, bool hex);
#define PRINTER(name) bool print_##name(struct strace_text *o, const struct strace_call *c, int i);
PRINTER(path) PRINTER(str) PRINTER(outstr) PRINTER(argv) PRINTER(envp) PRINTER(inbuf) PRINTER(outbuf)
PRINTER(bytes) PRINTER(attr) PRINTER(attrvalue) PRINTER(outhex) PRINTER(remoteiov) PRINTER(iniov) PRINTER(outiov) PRINTER(dents) PRINTER(outfds) PRINTER(out64)
PRINTER(out32) PRINTER(off64p) PRINTER(off64p_told)
uint64_t before_off64p(const struct strace_call *c, int i);
/* An array of iovec; show: the bytes of its buffers, as far as there are `bytes`. */
void text_vector(struct strace_text *o, const struct strace_call *c, uint32_t addr, uint32_t count, bool show, uint64_t bytes);

/* --- ipc.c: queues and semaphores --- */
PRINTER(ipckey) PRINTER(ipcget) PRINTER(shmget) PRINTER(msgbuf) PRINTER(msgbuf_received) PRINTER(msgctlbuf)
PRINTER(sembufs) PRINTER(semctlarg) PRINTER(mqattr) PRINTER(mqopenattr)
bool late_msgctlbuf(const struct strace_call *c, int i);
bool late_semctlarg(const struct strace_call *c, int i);

/* --- struct.c --- */
void text_signal(struct strace_text *o, int signo);
void text_siginfo(struct strace_text *o, const struct signal_info *info);
void text_mode(struct strace_text *o, uint32_t mode);
/* A time for people, as a comment. */
void text_date(struct strace_text *o, int64_t seconds, uint32_t ns);
/* "{tv_sec=1, tv_nsec=0}", or the pointer. */
void text_timespec(struct strace_text *o, struct task *t, uint32_t addr);
/* Of so many signals; more than two thirds are shown as "all but". */
void text_sigset(struct strace_text *o, uint64_t set, int signals);
PRINTER(timespec) PRINTER(remaining) PRINTER(timespec2) PRINTER(sigset) PRINTER(sigset2) PRINTER(sigset3) PRINTER(sigaction)
PRINTER(sigaltstack) PRINTER(siginfo) PRINTER(siginfo_wait) PRINTER(rusage) PRINTER(rlimit64)
PRINTER(itimerval) PRINTER(itimerspec) PRINTER(sigevent) PRINTER(statx) PRINTER(statfs) PRINTER(pollfds)
PRINTER(fdset) PRINTER(pselectmask) PRINTER(sysinfo) PRINTER(timer_id) PRINTER(cpuset)
PRINTER(tms) PRINTER(cachestatrange) PRINTER(cachestat)

/* --- variant.c: what depends on another argument --- */
PRINTER(openmode) PRINTER(dev) PRINTER(fcntlarg) PRINTER(ioctlcmd) PRINTER(ioctlarg) PRINTER(seccompargs) PRINTER(seccompflagsof)
PRINTER(cloneargs) PRINTER(clone3args) PRINTER(mode) PRINTER(sigreturn)
bool late_seccompargs(const struct strace_call *c, int i);
bool late_fcntlarg(const struct strace_call *c, int i);
bool late_ioctlarg(const struct strace_call *c, int i);

/* --- futex.c --- */
PRINTER(futexargs) PRINTER(futexwaitv) PRINTER(futexwaitv2)
void ret_fcntl(struct strace_text *o, const struct strace_call *c);
void ret_poll(struct strace_text *o, const struct strace_call *c);
void ret_select(struct strace_text *o, const struct strace_call *c);

/* --- ptrace.c --- */
PRINTER(ptraceargs)
bool late_ptraceargs(const struct strace_call *c, int i);

/* --- cred.c --- */
PRINTER(outid) PRINTER(groups) PRINTER(groups_told) PRINTER(capheader) PRINTER(capdata) PRINTER(personality)
void ret_personality(struct strace_text *o, const struct strace_call *c);

/* --- system.c --- */
PRINTER(outu32) PRINTER(outptr) PRINTER(hostname) PRINTER(uname) PRINTER(syslogargs) PRINTER(rebootarg)
bool late_syslogargs(const struct strace_call *c, int i);

/* --- prctl.c --- */
PRINTER(prctlargs)
bool late_prctlargs(const struct strace_call *c, int i);
void ret_prctl(struct strace_text *o, const struct strace_call *c);

/* --- bpf.c: struct sock_fprog at addr; seccomp: whose results are its actions --- */
void text_filter(struct strace_text *o, const struct strace_call *c, uint32_t addr, bool seccomp);

/* --- mm.c --- */
PRINTER(mapflags)

/* --- mount.c --- */
PRINTER(mounttype) PRINTER(mountdata) PRINTER(mountflags) PRINTER(fsconfigargs) PRINTER(mountattrs)

/* --- sched.c --- */
PRINTER(schedattr) PRINTER(schedparam) PRINTER(ioprio)
void ret_sched(struct strace_text *o, const struct strace_call *c);
void ret_ioprio(struct strace_text *o, const struct strace_call *c);

/* --- event.c: descriptors that are events --- */
PRINTER(epollctlevent) PRINTER(epollevents)

/* --- file.c: openat2, handles --- */
PRINTER(openhow) PRINTER(filehandle) PRINTER(memfdname) PRINTER(memfdflags)

/* --- socket.c --- */
uint64_t before_socklen(const struct strace_call *c, int i);
uint64_t before_msghdr(const struct strace_call *c, int i);
PRINTER(sockaddr) PRINTER(sockaddr_told) PRINTER(socklen) PRINTER(sockproto) PRINTER(sockopt) PRINTER(sockoptval)
PRINTER(sockoptval_told) PRINTER(msghdr) PRINTER(msghdr_told) PRINTER(mmsghdr) PRINTER(mmsghdr_told)

/* --- errno.c --- */
/* "ENOENT", or NULL; err positive. */
const char *strace_errno_name(int err);

#endif
