/* SPDX-License-Identifier: MIT
 *
 * ptrace(2)'s arguments: which there are and what they are is the request's to say.
 */
#include "emu/strace/internal.h"

#include "emu/sys/user.h"

enum shape {
	ONLY_PID, ADDR_DATA, SIGNAL, WORD, PEEKED, OPTIONS, SEIZE_OPTIONS, MESSAGE, SIGINFO, SET_SIGINFO, PEEK_SIGINFO, SIGMASK,
	SET_SIGMASK, REGSET, CALL_INFO, LOADMAP, NOTHING,
};

static const struct { uint32_t request; char name[32]; enum shape shape; bool late; } requests[] = {
	{ 0, "PTRACE_TRACEME", NOTHING, false }, { 1, "PTRACE_PEEKTEXT", PEEKED, true },
	{ 2, "PTRACE_PEEKDATA", PEEKED, true }, { 3, "PTRACE_PEEKUSER", PEEKED, true },
	{ 4, "PTRACE_POKETEXT", WORD, false }, { 5, "PTRACE_POKEDATA", WORD, false },
	{ 6, "PTRACE_POKEUSER", WORD, false }, { 7, "PTRACE_CONT", SIGNAL, false }, { 8, "PTRACE_KILL", ONLY_PID, false },
	{ 9, "PTRACE_SINGLESTEP", SIGNAL, false }, { 12, "PTRACE_GETREGS", ADDR_DATA, false },
	{ 13, "PTRACE_SETREGS", ADDR_DATA, false }, { 14, "PTRACE_GETFPREGS", ADDR_DATA, false },
	{ 15, "PTRACE_SETFPREGS", ADDR_DATA, false }, { 16, "PTRACE_ATTACH", ONLY_PID, false },
	{ 17, "PTRACE_DETACH", SIGNAL, false }, { 24, "PTRACE_SYSCALL", SIGNAL, false },
	{ 31, "PTRACE_SYSEMU", SIGNAL, false }, { 32, "PTRACE_SYSEMU_SINGLESTEP", SIGNAL, false },
	{ 33, "PTRACE_GETFDPIC", LOADMAP, true }, { 0x4200, "PTRACE_SETOPTIONS", OPTIONS, false },
	{ 0x4201, "PTRACE_GETEVENTMSG", MESSAGE, true }, { 0x4202, "PTRACE_GETSIGINFO", SIGINFO, true },
	{ 0x4203, "PTRACE_SETSIGINFO", SET_SIGINFO, false }, { 0x4204, "PTRACE_GETREGSET", REGSET, true },
	{ 0x4205, "PTRACE_SETREGSET", REGSET, true }, { 0x4206, "PTRACE_SEIZE", SEIZE_OPTIONS, false },
	{ 0x4207, "PTRACE_INTERRUPT", ONLY_PID, false }, { 0x4208, "PTRACE_LISTEN", ONLY_PID, false },
	{ 0x4209, "PTRACE_PEEKSIGINFO", PEEK_SIGINFO, true }, { 0x420a, "PTRACE_GETSIGMASK", SIGMASK, true },
	{ 0x420b, "PTRACE_SETSIGMASK", SET_SIGMASK, false }, { 0x420c, "PTRACE_SECCOMP_GET_FILTER", ADDR_DATA, false },
	{ 0x420d, "PTRACE_SECCOMP_GET_METADATA", ADDR_DATA, false },
	{ 0x420e, "PTRACE_GET_SYSCALL_INFO", CALL_INFO, true },
	{ 0x420f, "PTRACE_GET_RSEQ_CONFIGURATION", ADDR_DATA, false },
};
enum { REQUESTS = sizeof requests / sizeof *requests };

static int find(uint32_t request)
{
	for (int i = 0; i < REQUESTS; i++)
		if (requests[i].request == request)
			return i;
	return -1;
}

bool late_ptraceargs(const struct strace_call *c, int i)
{
	int n = find(c->args[i]);

	return n >= 0 && requests[n].late;
}

/* "[value]" that the kernel has written, or the pointer. */
static void word_at(struct strace_text *o, const struct strace_call *c, uint32_t addr, const char *format)
{
	uint32_t word;

	if (!c->ok || user_get32(c->task, addr, &word))
		text_pointer(o, addr);
	else
		text_printf(o, format, word);
}

static void siginfo_at(struct strace_text *o, const struct strace_call *c, uint32_t addr, bool known)
{
	struct signal_info info;

	if (!known || signal_info_from_guest(c->task, addr, &info))
		text_pointer(o, addr);
	else
		text_siginfo(o, &info);
}

static void sigset_at(struct strace_text *o, const struct strace_call *c, uint32_t addr, bool known)
{
	uint64_t set;

	if (!known || user_read(c->task, &set, addr, sizeof set))
		text_pointer(o, addr);
	else
		text_sigset(o, set, SIGNALS);
}

static void iovec_at(struct strace_text *o, const struct strace_call *c, uint32_t addr)
{
	uint32_t v[2];

	if (user_read(c->task, v, addr, sizeof v)) {
		text_pointer(o, addr);
		return;
	}
	text_str(o, "[{iov_base=");
	text_pointer(o, v[0]);
	text_printf(o, ", iov_len=%u}]", v[1]);
}

/* {off=0, flags=0, nr=1}, [{si_signo=...}, ...] */
static void peek_siginfo(struct strace_text *o, const struct strace_call *c, uint32_t args, uint32_t data)
{
	struct { uint64_t off; uint32_t flags; int32_t nr; } a;

	if (user_read(c->task, &a, args, sizeof a)) {
		text_pointer(o, args);
	} else {
		text_printf(o, "{off=%llu, flags=%s, nr=%d}", (unsigned long long)a.off,
			    a.flags == 1 ? "PTRACE_PEEKSIGINFO_SHARED" : a.flags ? "???" : "0", a.nr);
	}
	text_str(o, ", ");
	if (!c->ok) {
		text_pointer(o, data);
		return;
	}
	text_str(o, "[");
	for (int64_t n = 0; n < c->result; n++) {
		text_str(o, n ? ", " : "");
		siginfo_at(o, c, data + 128 * (uint32_t)n, true);
	}
	text_str(o, "]");
}

static void call_info(struct strace_text *o, const struct strace_call *c, uint32_t size, uint32_t data)
{
	static const char *const ops[] = { "NONE", "ENTRY", "EXIT", "SECCOMP" };
	struct { uint8_t op, pad[3]; uint32_t arch; uint64_t ip, sp; } head;
	uint64_t word[7];
	uint8_t is_error;

	text_printf(o, "%u, ", size);
	if (!c->ok || size < sizeof head || user_read(c->task, &head, data, sizeof head)) {
		text_pointer(o, data);
		return;
	}
	/* What we have written ourselves: there is one architecture. */
	text_printf(o, "{op=PTRACE_SYSCALL_INFO_%s, arch=AUDIT_ARCH_RISCV32, instruction_pointer=%#llx, stack_pointer=%#llx",
		    head.op < 4 ? ops[head.op] : "???", (unsigned long long)head.ip, (unsigned long long)head.sp);
	if (head.op == 1 && size >= sizeof head + sizeof word &&
	    !user_read(c->task, word, data + sizeof head, sizeof word)) {
		text_printf(o, ", entry={nr=%llu, args=[", (unsigned long long)word[0]);
		for (int i = 1; i < 7; i++)
			text_printf(o, "%s%#llx", i > 1 ? ", " : "", (unsigned long long)word[i]);
		text_str(o, "]}");
	} else if (head.op == 2 && size > sizeof head + 8 &&
		   !user_read(c->task, word, data + sizeof head, sizeof *word) &&
		   !user_read(c->task, &is_error, data + sizeof head + 8, 1)) {
		text_printf(o, ", exit={rval=%lld, is_error=%u}", (long long)word[0], is_error);
	}
	text_str(o, "}");
}

static void note(struct strace_text *o, uint32_t type)
{
	if (type == 1 || type == 2)
		text_str(o, type == 1 ? "NT_PRSTATUS" : "NT_FPREGSET");
	else
		text_printf(o, "%#x /* NT_??? */", type);
}

static void signal_or_0(struct strace_text *o, uint32_t signo)
{
	if (signo)
		text_signal(o, (int)signo);
	else
		text_str(o, "0");
}

/* What follows the process's number. */
static void rest(struct strace_text *o, const struct strace_call *c, enum shape shape, uint32_t addr, uint32_t data)
{
	text_str(o, ", ");
	switch (shape) {
	case PEEKED:
		text_pointer(o, addr);
		text_str(o, ", ");
		word_at(o, c, data, "[%#x]");
		break;
	case LOADMAP:
		if (addr < 2)
			text_str(o, addr ? "PTRACE_GETFDPIC_INTERP" : "PTRACE_GETFDPIC_EXEC");
		else
			text_printf(o, "%#x", addr);
		text_str(o, ", ");
		word_at(o, c, data, "[%#x]");
		break;
	case REGSET:
		note(o, addr);
		text_str(o, ", ");
		iovec_at(o, c, data);
		break;
	case SIGMASK:
	case SET_SIGMASK:
		text_printf(o, "%u, ", addr);
		sigset_at(o, c, data, shape == SET_SIGMASK || c->ok);
		break;
	case PEEK_SIGINFO:
		peek_siginfo(o, c, addr, data);
		break;
	case CALL_INFO:
		call_info(o, c, addr, data);
		break;
	default:
		text_pointer(o, addr);
		text_str(o, ", ");
		if (shape == SIGNAL)
			signal_or_0(o, data);
		else if (shape == WORD)
			text_printf(o, "%#x", data);
		else if (shape == OPTIONS || shape == SEIZE_OPTIONS)
			text_flags(o, &flags_ptraceopts, data);
		else if (shape == MESSAGE)
			word_at(o, c, data, "[%u]");
		else if (shape == SIGINFO || shape == SET_SIGINFO)
			siginfo_at(o, c, data, shape == SET_SIGINFO || c->ok);
		else
			text_pointer(o, data);
		break;
	}
}

bool print_ptraceargs(struct strace_text *o, const struct strace_call *c, int i)
{
	int n = find(c->args[i]);
	enum shape shape = n < 0 ? ADDR_DATA : requests[n].shape;

	if (n < 0)
		text_printf(o, "%#x /* PTRACE_??? */", c->args[i]);
	else
		text_str(o, requests[n].name);
	if (shape == NOTHING)
		return true;
	text_printf(o, ", %d", (int32_t)c->args[i + 1]);
	if (shape != ONLY_PID)
		rest(o, c, shape, c->args[i + 2], c->args[i + 3]);
	return true;
}
