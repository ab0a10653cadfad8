/* SPDX-License-Identifier: MIT
 *
 * Structures, by fields; long ones shortened as strace does without -v.
 */
#include "emu/strace/internal.h"

#include <string.h>
#include <time.h>
#include "emu/strace/config.h"
#include "emu/sys/user.h"

/* --- Signals --- */

/* Without SIG: as in sets. */
static void bare_signal(struct strace_text *o, int signo)
{
	const char *name;

	if (signo == 32)
		text_str(o, "RTMIN");
	else if (signo > 32 && signo <= SIGNALS)
		text_printf(o, "RT_%d", signo - 32);
	else if (signo > 0 && signo < 32 && (name = signal_name(signo)))
		text_str(o, name + (strncmp(name, "SIG", 3) ? 0 : 3));
	else
		text_printf(o, "%d", signo);
}

void text_signal(struct strace_text *o, int signo)
{
	char buf[32] = "SIG";
	struct strace_text name = { .buf = buf, .len = 3, .size = sizeof buf };

	if (signo <= 0 || signo > SIGNALS) {
		text_printf(o, "%d", signo);
		return;
	}
	bare_signal(&name, signo);
	buf[name.len] = 0;
	text_named(o, buf, "%d", signo);
}

void text_sigset(struct strace_text *o, uint64_t set, int signals)
{
	const char *separator = "";

	if (__builtin_popcountll(set) >= signals * 2 / 3) {
		text_str(o, "~");
		set = ~set;
	}
	text_str(o, "[");
	for (int n = 1; n <= signals; n++)
		if (set >> (n - 1) & 1) {
			text_str(o, separator);
			bare_signal(o, n);
			separator = " ";
		}
	text_str(o, "]");
}

/* Of `size` bytes, as the program says; rt_sigpending alone may be asked for a part of a word. */
static bool sized_sigset(struct strace_text *o, const struct strace_call *c, int i, uint32_t size)
{
	uint64_t set = 0;

	if (size < (c->nr == 136 ? 1 : 4) || size > sizeof set)
		text_pointer(o, c->args[i]);
	else if (!text_absent(o, c, i, &set, size))
		text_sigset(o, set, 8 * (int)size);
	return true;
}

bool print_sigset(struct strace_text *o, const struct strace_call *c, int i)
{
	return sized_sigset(o, c, i, c->args[i + 1]);
}

bool print_sigset2(struct strace_text *o, const struct strace_call *c, int i)
{
	return sized_sigset(o, c, i, c->args[i + 2]);
}

bool print_sigset3(struct strace_text *o, const struct strace_call *c, int i)
{
	return sized_sigset(o, c, i, c->args[i + 3]);
}

bool print_sigaction(struct strace_text *o, const struct strace_call *c, int i)
{
	struct { uint32_t handler, flags, mask[2]; } a;

	if (text_absent(o, c, i, &a, sizeof a))
		return true;
	text_str(o, a.flags & 4 && a.handler > 1 ? "{sa_sigaction=" : "{sa_handler=");
	if (a.handler == 0)
		text_str(o, "SIG_DFL");
	else if (a.handler == 1)
		text_str(o, "SIG_IGN");
	else
		text_printf(o, "%#x", a.handler);
	text_str(o, ", sa_mask=");
	text_sigset(o, (uint64_t)a.mask[1] << 32 | a.mask[0], SIGNALS);
	text_str(o, ", sa_flags=");
	text_flags(o, &flags_saflags, a.flags);
	text_str(o, "}");
	return true;
}

bool print_sigaltstack(struct strace_text *o, const struct strace_call *c, int i)
{
	struct { uint32_t sp, flags, size; } s;

	if (text_absent(o, c, i, &s, sizeof s))
		return true;
	text_str(o, "{ss_sp=");
	text_pointer(o, s.sp);
	text_str(o, ", ss_flags=");
	text_flags(o, &flags_ssflags, s.flags);
	text_printf(o, ", ss_size=%u}", s.size);
	return true;
}

static const char *code_name(int signo, int code)
{
	static const char *const child[] = { NULL, "CLD_EXITED", "CLD_KILLED", "CLD_DUMPED", "CLD_TRAPPED",
					     "CLD_STOPPED", "CLD_CONTINUED" };
	static const char *const ill[] = { NULL, "ILL_ILLOPC", "ILL_ILLOPN", "ILL_ILLADR", "ILL_ILLTRP",
					   "ILL_PRVOPC",
					   "ILL_PRVREG", "ILL_COPROC", "ILL_BADSTK" };
	static const char *const segv[] = { NULL, "SEGV_MAPERR", "SEGV_ACCERR" };
	static const char *const bus[] = { NULL, "BUS_ADRALN", "BUS_ADRERR", "BUS_OBJERR" };
	static const char *const fpe[] = { NULL, "FPE_INTDIV", "FPE_INTOVF", "FPE_FLTDIV", "FPE_FLTOVF",
					   "FPE_FLTUND",
					   "FPE_FLTRES", "FPE_FLTINV", "FPE_FLTSUB" };
	static const char *const trap[] = { NULL, "TRAP_BRKPT", "TRAP_TRACE", "TRAP_BRANCH", "TRAP_HWBKPT" };
	static const struct { int signo, count; const char *const *names; } by_signal[] = {
		{ 17, 7, child }, { 4, 9, ill }, { 11, 3, segv }, { 7, 4, bus }, { 8, 9, fpe },
		{ 5, 5, trap },
	};

	switch (code) {
	case 0: return "SI_USER";
	case 0x80: return "SI_KERNEL";
	case -1: return "SI_QUEUE";
	case -2: return "SI_TIMER";
	case -3: return "SI_MESGQ";
	case -4: return "SI_ASYNCIO";
	case -5: return "SI_SIGIO";
	case -6: return "SI_TKILL";
	}
	for (size_t i = 0; i < sizeof by_signal / sizeof *by_signal; i++)
		if (by_signal[i].signo == signo && code > 0 && code < by_signal[i].count)
			return by_signal[i].names[code];
	return NULL;
}

/* si_int and si_ptr show the same word twice. */
static void si_value(struct strace_text *o, uint32_t v)
{
	text_printf(o, ", si_int=%d, si_ptr=", (int32_t)v);
	text_pointer(o, v);
}

void text_siginfo(struct strace_text *o, const struct signal_info *s)
{
	const char *code = code_name(s->signo, s->code);

	text_str(o, "{si_signo=");
	text_signal(o, s->signo);
	text_str(o, ", si_code=");
	if (code)
		text_str(o, code);
	else
		text_printf(o, "%#x", (unsigned)s->code);
	if (s->err && strace_errno_name(s->err))
		text_printf(o, ", si_errno=%s", strace_errno_name(s->err));
	else if (s->err)
		text_printf(o, ", si_errno=%u", (unsigned)s->err);
	if (s->code == -2) {
		text_printf(o, ", si_timerid=%#x, si_overrun=%d", (unsigned)s->timer.timer_id,
			    s->timer.overrun);
		si_value(o, s->timer.value);
	} else if (s->code > 0 && s->code < 0x80 && s->signo == 17) {
		text_printf(o, ", si_pid=%d, si_uid=%u, si_status=", s->child.pid, s->child.uid);
		if (s->code == 1)
			text_printf(o, "%d", s->child.status);
		else
			text_signal(o, s->child.status);
		text_printf(o, ", si_utime=%u", s->child.utime);
		if (s->child.utime)
			text_printf(o, " /* %u.%02u s */", s->child.utime / 100, s->child.utime % 100);
		text_printf(o, ", si_stime=%u", s->child.stime);
		if (s->child.stime)
			text_printf(o, " /* %u.%02u s */", s->child.stime / 100, s->child.stime % 100);
	} else if (s->code > 0 && s->code < 0x80) {
		if (s->signo == 31) {
			text_printf(o, ", si_call_addr=%#x, si_syscall=%d, si_arch=%#x", s->sys.call_addr,
				    s->sys.nr, s->sys.arch);
		} else if (s->signo == 29) {
			text_printf(o, ", si_band=%d, si_fd=%d", s->poll.band, s->poll.fd);
		} else {
			text_str(o, ", si_addr=");
			text_pointer(o, s->fault.addr);
		}
	} else if (s->code != 0x80) {
		text_printf(o, ", si_pid=%d, si_uid=%u", s->rt.pid, s->rt.uid);
		if (s->code < 0 && s->code != -6)
			si_value(o, s->rt.value);
	}
	text_str(o, "}");
}

bool print_siginfo(struct strace_text *o, const struct strace_call *c, int i)
{
	struct signal_info info;
	uint32_t probe;

	if (text_absent(o, c, i, &probe, sizeof probe))
		return true;
	if (signal_info_from_guest(c->task, c->args[i], &info))
		text_pointer(o, c->args[i]);
	else
		text_siginfo(o, &info);
	return true;
}

/* waitid with nothing to tell writes zeros. */
bool print_siginfo_wait(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t signo;

	if (text_absent(o, c, i, &signo, sizeof signo))
		return true;
	if (!signo) {
		text_str(o, "{}");
		return true;
	}
	return print_siginfo(o, c, i);
}

/* --- Time --- */

void text_timespec(struct strace_text *o, struct task *t, uint32_t addr)
{
	struct user_timespec ts;

	if (!addr || user_read(t, &ts, addr, sizeof ts))
		text_pointer(o, addr);
	else
		text_printf(o, "{tv_sec=%lld, tv_nsec=%llu}", (long long)ts.sec, (unsigned long long)ts.nsec);
}

bool print_timespec(struct strace_text *o, const struct strace_call *c, int i)
{
	if (c->filled && !c->ok)
		text_pointer(o, c->args[i]);
	else
		text_timespec(o, c->task, c->args[i]);
	return true;
}

/* What clock_nanosleep leaves when it is interrupted, and only then. */
bool print_remaining(struct strace_text *o, const struct strace_call *c, int i)
{
	if (c->ok || (-c->result != ERESTART_RESTARTBLOCK && -c->result != 4 /* EINTR */))
		text_pointer(o, c->args[i]);
	else
		text_timespec(o, c->task, c->args[i]);
	return true;
}

/* The same for people, as a comment. */
void text_date(struct strace_text *o, int64_t seconds, uint32_t ns)
{
	time_t sec = (time_t)seconds;
	struct tm tm;
	char buf[40];

	if (!gmtime_r(&sec, &tm) || !strftime(buf, sizeof buf, "%Y-%m-%dT%H:%M:%S", &tm))
		return;
	text_printf(o, " /* %s", buf);
	if (ns)
		text_printf(o, ".%09u", ns);
	text_str(o, "+0000 */");
}

bool print_timespec2(struct strace_text *o, const struct strace_call *c, int i)
{
	struct user_timespec ts[2];

	if (text_absent(o, c, i, ts, sizeof ts))
		return true;
	for (int n = 0; n < 2; n++) {
		text_str(o, n ? ", " : "[");
		if (ts[n].nsec == 0x3fffffff)
			text_str(o, "UTIME_NOW");
		else if (ts[n].nsec == 0x3ffffffe)
			text_str(o, "UTIME_OMIT");
		else {
			text_timespec(o, c->task, c->args[i] + (uint32_t)n * (uint32_t)sizeof *ts);
			text_date(o, ts[n].sec, (uint32_t)ts[n].nsec);
		}
	}
	text_str(o, "]");
	return true;
}

/* Pairs of 32-bit seconds and microseconds: the old struct timeval. */
static void pair(struct strace_text *o, const char *name, const int32_t v[2])
{
	text_printf(o, "%s={tv_sec=%d, tv_usec=%u}", name, v[0], (uint32_t)v[1]);
}

bool print_itimerval(struct strace_text *o, const struct strace_call *c, int i)
{
	int32_t v[4];

	if (text_absent(o, c, i, v, sizeof v))
		return true;
	text_str(o, "{");
	pair(o, "it_interval", v);
	text_str(o, ", ");
	pair(o, "it_value", v + 2);
	text_str(o, "}");
	return true;
}

bool print_itimerspec(struct strace_text *o, const struct strace_call *c, int i)
{
	struct user_timespec v[2];

	if (text_absent(o, c, i, v, sizeof v))
		return true;
	text_str(o, "{it_interval=");
	text_timespec(o, c->task, c->args[i]);
	text_str(o, ", it_value=");
	text_timespec(o, c->task, c->args[i] + (uint32_t)sizeof *v);
	text_str(o, "}");
	return true;
}

bool print_timer_id(struct strace_text *o, const struct strace_call *c, int i)
{
	return print_out32(o, c, i);
}

bool print_sigevent(struct strace_text *o, const struct strace_call *c, int i)
{
	struct { uint32_t value; int32_t signo, notify, tid; uint32_t attributes; } e;	/* tid: or a function */

	if (text_absent(o, c, i, &e, sizeof e))
		return true;
	text_str(o, "{");
	if (e.value) {
		text_printf(o, "sigev_value={sival_int=%d, sival_ptr=%#x}, ", (int32_t)e.value, e.value);
	}
	text_str(o, "sigev_signo=");
	if (e.notify == 0 || e.notify == 2 || e.notify == 4)
		text_signal(o, e.signo);
	else
		text_printf(o, "%u", (uint32_t)e.signo);
	text_str(o, ", sigev_notify=");
	text_flags(o, &flags_sigevnotify, (uint32_t)e.notify);
	if (e.notify == 4)
		text_printf(o, ", sigev_notify_thread_id=%d", e.tid);
	if (e.notify == 2) {
		text_str(o, ", sigev_notify_function=");
		text_pointer(o, (uint32_t)e.tid);
		text_str(o, ", sigev_notify_attributes=");
		text_pointer(o, e.attributes);
	}
	text_str(o, "}");
	return true;
}

bool print_tms(struct strace_text *o, const struct strace_call *c, int i)
{
	int32_t v[4];

	if (!text_absent(o, c, i, v, sizeof v))
		text_printf(o, "{tms_utime=%d, tms_stime=%d, tms_cutime=%d, tms_cstime=%d}", v[0], v[1], v[2],
			    v[3]);
	return true;
}

bool print_rusage(struct strace_text *o, const struct strace_call *c, int i)
{
	static const char *const names[] = {
		"maxrss", "ixrss", "idrss", "isrss", "minflt", "majflt", "nswap", "inblock", "oublock", "msgsnd", "msgrcv",
		"nsignals", "nvcsw", "nivcsw",
	};
	int32_t v[18];

	if (text_absent(o, c, i, v, sizeof v))
		return true;
	text_str(o, "{");
	pair(o, "ru_utime", v);
	text_str(o, ", ");
	pair(o, "ru_stime", v + 2);
	if (!o->config || !o->config->verbose)
		text_str(o, ", ...");
	else
		for (int n = 0; n < 14; n++)
			text_printf(o, ", ru_%s=%u", names[n], (uint32_t)v[4 + n]);
	text_str(o, "}");
	return true;
}

/* RLIM64_INFINITY, multiples of 1024 as such (print_rlim64_t). */
static void limit(struct strace_text *o, uint64_t v)
{
	if (v == UINT64_MAX)
		text_str(o, "RLIM64_INFINITY");
	else if (v > 1024 && v % 1024 == 0)
		text_printf(o, "%llu*1024", (unsigned long long)v / 1024);
	else
		text_printf(o, "%llu", (unsigned long long)v);
}

bool print_rlimit64(struct strace_text *o, const struct strace_call *c, int i)
{
	uint64_t v[2];

	if (text_absent(o, c, i, v, sizeof v))
		return true;
	text_str(o, "{rlim_cur=");
	limit(o, v[0]);
	text_str(o, ", rlim_max=");
	limit(o, v[1]);
	text_str(o, "}");
	return true;
}

/* --- Files --- */

void text_mode(struct strace_text *o, uint32_t mode)
{
	static const char *const types[16] = {
		"", [1] = "S_IFIFO|", [2] = "S_IFCHR|", [4] = "S_IFDIR|", [6] = "S_IFBLK|", [8] = "S_IFREG|",
		[10] = "S_IFLNK|", [12] = "S_IFSOCK|",
	};
	const char *type = types[mode >> 12 & 15];
	enum strace_xlat style = text_xlat(o);

	if (!type || style != XLAT_ABBREV)
		text_printf(o, "%#03o", mode);
	if (!type || style == XLAT_RAW)
		return;
	text_printf(o, "%s%s%s%s%s%#03o%s", style == XLAT_VERBOSE ? " /* " : "", type, mode & 04000 ? "S_ISUID|" : "",
		    mode & 02000 ? "S_ISGID|" : "", mode & 01000 ? "S_ISVTX|" : "", mode & 0777,
		    style == XLAT_VERBOSE ? " */" : "");
}

bool print_statfs(struct strace_text *o, const struct strace_call *c, int i)
{
	struct {
		uint32_t type, bsize; uint64_t blocks, bfree, bavail, files, ffree;
		uint32_t fsid[2], namelen, frsize, flags, spare[4];
	} s;

	if (text_absent(o, c, i, &s, sizeof s))
		return true;
	text_str(o, "{f_type=");
	text_flags(o, &flags_fsmagic, s.type);
	text_printf(o, ", f_bsize=%u, f_blocks=%llu, f_bfree=%llu, f_bavail=%llu, f_files=%llu, f_ffree=%llu",
		    s.bsize, (unsigned long long)s.blocks, (unsigned long long)s.bfree,
		    (unsigned long long)s.bavail, (unsigned long long)s.files, (unsigned long long)s.ffree);
	text_printf(o, ", f_fsid={val=[%#x, %#x]}, f_namelen=%u, f_frsize=%u, f_flags=", s.fsid[0], s.fsid[1],
		    s.namelen, s.frsize);
	text_flags(o, &flags_statfsflags, s.flags);
	text_str(o, "}");
	return true;
}

bool print_cachestatrange(struct strace_text *o, const struct strace_call *c, int i)
{
	uint64_t r[2];

	if (!text_absent(o, c, i, r, sizeof r))
		text_printf(o, "{off=%llu, len=%llu}", (unsigned long long)r[0], (unsigned long long)r[1]);
	return true;
}

bool print_cachestat(struct strace_text *o, const struct strace_call *c, int i)
{
	static const char *const names[] = { "nr_cache", "nr_dirty", "nr_writeback", "nr_evicted", "nr_recently_evicted" };
	uint64_t s[5];

	if (text_absent(o, c, i, s, sizeof s))
		return true;
	for (int k = 0; k < 5; k++)
		text_printf(o, "%s%s=%llu", k ? ", " : "{", names[k], (unsigned long long)s[k]);
	text_str(o, "}");
	return true;
}

/* Before the call what is asked for; what came is with the result. */
bool print_pollfds(struct strace_text *o, const struct strace_call *c, int i)
{
	struct { int32_t fd; uint16_t events, revents; } p;
	uint32_t addr = c->args[i];

	if (!addr || !c->args[i + 1] || user_read(c->task, &p, addr, sizeof p)) {
		if (addr && !c->args[i + 1])
			text_str(o, "[]");
		else
			text_pointer(o, addr);
		return true;
	}
	text_str(o, "[");
	for (uint32_t n = 0; n < c->args[i + 1]; n++, addr += sizeof p) {
		if (n)
			text_str(o, ", ");
		if (n == 32 || user_read(c->task, &p, addr, sizeof p)) {
			text_str(o, "...");
			break;
		}
		text_str(o, "{fd=");
		text_fd(o, c->task, p.fd);
		if (p.fd >= 0) {
			text_str(o, ", events=");
			text_flags(o, &flags_pollevents, p.events);
		}
		text_str(o, "}");
	}
	text_str(o, "]");
	return true;
}

bool print_fdset(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t set[32] = { 0 }, n = c->args[0] < 1024 ? c->args[0] : 1024;
	const char *separator = "";

	if (!c->args[i] || (int32_t)c->args[0] < 0 || user_read(c->task, set, c->args[i], (n + 31) / 32 * 4)) {
		text_pointer(o, c->args[i]);
		return true;
	}
	text_str(o, "[");
	for (uint32_t fd = 0; fd < n; fd++)
		if (set[fd / 32] >> (fd % 32) & 1) {
			text_printf(o, "%s%u", separator, fd);
			separator = " ";
		}
	text_str(o, "]");
	return true;
}

bool print_pselectmask(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t v[2];
	uint64_t set;

	if (text_absent(o, c, i, v, sizeof v))
		return true;
	text_str(o, "{sigmask=");
	if (!v[0] || user_read(c->task, &set, v[0], sizeof set))
		text_pointer(o, v[0]);
	else
		text_sigset(o, set, SIGNALS);
	text_printf(o, ", sigsetsize=%u}", v[1]);
	return true;
}

/* --- The machine --- */

bool print_sysinfo(struct strace_text *o, const struct strace_call *c, int i)
{
	struct {
		int32_t uptime;
		uint32_t loads[3], totalram, freeram, sharedram, bufferram, totalswap, freeswap;
		uint16_t procs, pad; uint32_t totalhigh, freehigh, mem_unit;
	} s;

	if (text_absent(o, c, i, &s, sizeof s))
		return true;
	text_printf(o,
		    "{uptime=%d, loads=[%u, %u, %u], totalram=%u, freeram=%u, sharedram=%u, bufferram=%u, ",
		    s.uptime, s.loads[0], s.loads[1], s.loads[2], s.totalram, s.freeram, s.sharedram,
		    s.bufferram);
	text_printf(o, "totalswap=%u, freeswap=%u, procs=%u, totalhigh=%u, freehigh=%u, mem_unit=%u}",
		    s.totalswap, s.freeswap, s.procs, s.totalhigh, s.freehigh, s.mem_unit);
	return true;
}

/* Processor numbers; the argument before is the size in bytes. */
bool print_cpuset(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t word = 0;	/* no guest has more than 32 harts */

	if (text_absent(o, c, i, &word, c->args[i - 1] < sizeof word ? c->args[i - 1] : sizeof word))
		return true;
	text_str(o, "[");
	for (int n = 0, first = 1; n < 32; n++)
		if (word >> n & 1) {
			text_printf(o, first ? "%d" : " %d", n);
			first = 0;
		}
	text_str(o, "]");
	return true;
}
