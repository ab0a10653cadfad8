/* SPDX-License-Identifier: MIT
 *
 * Arguments whose meaning depends on another one, and results that say more than a number.
 */
#include "emu/strace/internal.h"

#include <string.h>
#include "emu/sys/user.h"

/* --- Files --- */

bool print_openmode(struct strace_text *o, const struct strace_call *c, int i)
{
	if (!(c->args[i - 1] & (0100 | 020000000)))
		return false;
	text_printf(o, "%#03o", c->args[i]);
	return true;
}

bool print_mode(struct strace_text *o, const struct strace_call *c, int i)
{
	text_mode(o, c->args[i]);
	return true;
}

bool print_dev(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t type = c->args[i - 1] & 0170000;

	if (type != 0020000 && type != 0060000)
		return false;
	text_printf(o, "makedev(%#x, %#x)", vfs_major(c->args[i]), vfs_minor(c->args[i]));
	return true;
}

/* struct flock64 (riscv32 has no other in use) or struct flock. */
static void lock(struct strace_text *o, const struct strace_call *c, int i, bool wide, bool get)
{
	struct { int16_t type, whence; int32_t pad; int64_t start, len; int32_t pid, pad2; } w;
	struct { int16_t type, whence; int32_t start, len, pid; } n;
	int64_t start, len;
	int32_t pid;
	int type, whence;

	if (c->filled && !c->ok) {
		text_pointer(o, c->args[i]);
		return;
	}
	if (wide) {
		if (user_read(c->task, &w, c->args[i], sizeof w)) {
			text_pointer(o, c->args[i]);
			return;
		}
		type = w.type, whence = w.whence, start = w.start, len = w.len, pid = w.pid;
	} else {
		if (user_read(c->task, &n, c->args[i], sizeof n)) {
			text_pointer(o, c->args[i]);
			return;
		}
		type = n.type, whence = n.whence, start = n.start, len = n.len, pid = n.pid;
	}
	text_str(o, "{l_type=");
	text_flags(o, &flags_locktype, (uint64_t)type);
	text_str(o, ", l_whence=");
	text_flags(o, &flags_whence, (uint64_t)whence);
	text_printf(o, ", l_start=%lld, l_len=%lld", (long long)start, (long long)len);
	if (get)
		text_printf(o, ", l_pid=%d", pid);
	text_str(o, "}");
}

/* struct f_owner_ex. */
static void owner(struct strace_text *o, const struct strace_call *c, int i)
{
	static const char *const types[] = { "F_OWNER_TID", "F_OWNER_PID", "F_OWNER_PGRP" };
	int32_t ex[2];

	if ((c->filled && !c->ok) || user_read(c->task, ex, c->args[i], sizeof ex))
		text_pointer(o, c->args[i]);
	else if (ex[0] >= 0 && ex[0] < 3)
		text_printf(o, "{type=%s, pid=%d}", types[ex[0]], ex[1]);
	else
		text_printf(o, "{type=%#x /* F_OWNER_??? */, pid=%d}", (unsigned)ex[0], ex[1]);
}

bool print_fcntlarg(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t cmd = c->args[i - 1], arg = c->args[i];

	switch (cmd) {
	case 1: case 3: case 9: case 11: case 1025: case 1028: case 1032: case 1034:
		return false;		/* the ones that only ask */
	case 15: case 16:
		owner(o, c, i);
		break;
	case 0: case 8: case 1030: case 1031: case 1027:
		text_printf(o, "%d", (int32_t)arg);
		break;
	case 2:
		text_flags(o, &flags_fdflags, arg);
		break;
	case 4:
		text_flags(o, &flags_openflags, arg);
		break;
	case 5: case 12: case 36:
		lock(o, c, i, cmd != 5, true);
		break;
	case 6: case 7: case 13: case 14: case 37: case 38:
		lock(o, c, i, cmd > 7, false);
		break;
	case 10:
		text_signal(o, (int)arg);
		break;
	case 1024:
		text_flags(o, &flags_locktype, arg);
		break;
	default:
		text_printf(o, "%#x", arg);
		break;
	}
	return true;
}

/* The answers of F_GETLK and F_GETOWN_EX. */
bool late_fcntlarg(const struct strace_call *c, int i)
{
	return c->args[i - 1] == 5 || c->args[i - 1] == 12 || c->args[i - 1] == 36 || c->args[i - 1] == 16;
}

void ret_fcntl(struct strace_text *o, const struct strace_call *c)
{
	uint32_t v = (uint32_t)c->result;

	switch (c->args[1]) {
	case 1:
		text_printf(o, "%#x", v);
		if (v) {
			text_str(o, " (flags ");
			text_flags(o, &flags_fdflags, v);
			text_str(o, ")");
		}
		break;
	case 3:
		text_printf(o, "%#x (flags ", v);
		text_flags(o, &flags_openflags, v);
		text_str(o, ")");
		break;
	case 11:
		text_printf(o, "%u", v);
		if (v) {
			text_str(o, " (");
			text_signal(o, (int)v);
			text_str(o, ")");
		}
		break;
	default:
		text_printf(o, "%d", (int32_t)v);
		break;
	}
}

/* --- ioctl --- */

bool print_ioctlcmd(struct strace_text *o, const struct strace_call *c, int i)
{
	static const char *const dir[] = { "_IOC_NONE", "_IOC_WRITE", "_IOC_READ", "_IOC_READ|_IOC_WRITE" };
	const char *name = strace_flag_name(&flags_ioctls, c->args[i]);
	uint32_t v = c->args[i];

	if (name)
		text_str(o, name);
	else
		text_printf(o, "_IOC(%s, %#x, %#x, %#x)", dir[v >> 30], v >> 8 & 0xff, v & 0xff,
			    v >> 16 & 0x3fff);
	return true;
}

/* The few modes that matter, as strace shows them: "{B38400 opost isig icanon echo ...}", - if off. */
static void termios(struct strace_text *o, const struct strace_call *c, int i)
{
	static const char *const low[16] = {
		"B0", "B50", "B75", "B110", "B134", "B150", "B200", "B300", "B600", "B1200", "B1800", "B2400",
		"B4800", "B9600", "B19200", "B38400",
	};
	static const char *const high[8] = {
		"BOTHER", "B57600", "B115200", "B230400", "B460800", "B500000", "B576000", "B921600",
	};
	uint32_t v[4];		/* c_iflag, c_oflag, c_cflag, c_lflag */

	if ((c->filled && !c->ok) || user_read(c->task, v, c->args[i], sizeof v)) {
		text_pointer(o, c->args[i]);
		return;
	}
	text_printf(o, "{%s %sopost %sisig %sicanon %secho ...}",
		    v[2] & 0x1000 ? high[v[2] & 7] : low[v[2] & 15], v[1] & 1 ? "" : "-", v[3] & 1 ? "" : "-",
		    v[3] & 2 ? "" : "-", v[3] & 8 ? "" : "-");
}

static void winsize(struct strace_text *o, const struct strace_call *c, int i)
{
	uint16_t v[4];

	if ((c->filled && !c->ok) || user_read(c->task, v, c->args[i], sizeof v))
		text_pointer(o, c->args[i]);
	else
		text_printf(o, "{ws_row=%u, ws_col=%u, ws_xpixel=%u, ws_ypixel=%u}", v[0], v[1], v[2], v[3]);
}

bool print_ioctlarg(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t v;

	switch (c->args[i - 1]) {
	case 0x5401: case 0x5402: case 0x5403: case 0x5404:
	case 0x802c542a: case 0x402c542b: case 0x402c542c: case 0x402c542d:
		termios(o, c, i);
		return true;
	case 0x5413: case 0x5414:
		winsize(o, c, i);
		return true;
	case 0x540f: case 0x5410: case 0x5411: case 0x541b: case 0x5421: case 0x5429: case 0x5452:
	case 0x5424: case 0x5423:
		if ((c->filled && !c->ok) || user_get32(c->task, c->args[i], &v))
			text_pointer(o, c->args[i]);
		else
			text_printf(o, "[%d]", (int32_t)v);
		return true;
	case 0x5450: case 0x5451: case 0x540c: case 0x540d: case 0x5422: case 0x5427: case 0x5428:
	case 0x5437:
		return false;
	case 0x540b:
		text_str(o, c->args[i] == 0 ? "TCIFLUSH" : c->args[i] == 1 ? "TCOFLUSH" :
			 c->args[i] == 2 ? "TCIOFLUSH" : "???");
		return true;
	case 0x5409: case 0x540a: case 0x5425: case 0x540e:
		text_printf(o, "%d", (int32_t)c->args[i]);
		return true;
	}
	if (c->args[i])
		text_printf(o, "%#x", c->args[i]);
	else
		text_str(o, "0");
	return true;
}

/* All but what is known to be given to the kernel. */
bool late_ioctlarg(const struct strace_call *c, int i)
{
	static const uint32_t given[] = {
		0x5402, 0x5403, 0x5404, 0x402c542b, 0x402c542c, 0x402c542d, 0x5414, 0x5410, 0x5421, 0x5452,
		0x5423, 0x540b, 0x5409, 0x540a, 0x5425, 0x540e,
	};

	for (size_t n = 0; n < sizeof given / sizeof *given; n++)
		if (c->args[i - 1] == given[n])
			return false;
	return true;
}

/* --- prctl: the first argument says how many follow and what they are --- */

/* PR_GET_PDEATHSIG, PR_GET_NAME, PR_GET_CHILD_SUBREAPER. */
bool late_prctlargs(const struct strace_call *c, int i)
{
	return c->args[i] == 2 || c->args[i] == 16 || c->args[i] == 37;
}

/* struct sock_fprog */
static void filter_program(struct strace_text *o, const struct strace_call *c, uint32_t addr)
{
	struct { uint16_t len, pad; uint32_t filter; } p;

	if (user_read(c->task, &p, addr, sizeof p)) {
		text_pointer(o, addr);
		return;
	}
	text_printf(o, "{len=%u, filter=", p.len);
	text_pointer(o, p.filter);
	text_str(o, "}");
}

bool print_seccompargs(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t action;

	if (c->args[i - 2] == 1) {
		filter_program(o, c, c->args[i]);
	} else if (c->args[i - 2] == 2 && !user_get32(c->task, c->args[i], &action)) {
		text_str(o, "[");
		text_flags(o, &flags_seccompret, action);
		text_str(o, "]");
	} else {
		text_pointer(o, c->args[i]);
	}
	return true;
}

bool print_prctlargs(struct strace_text *o, const struct strace_call *c, int i)
{
	char name[17] = "";
	uint32_t v;

	text_flags(o, &flags_prctl, c->args[i]);
	switch (c->args[i]) {
	case 3: case 7: case 21: case 28: case 30:
		break;
	case 39: case 42:
		text_str(o, ", 0, 0, 0, 0");
		break;
	case 1:
		text_str(o, ", ");
		text_signal(o, (int)c->args[i + 1]);
		break;
	case 2: case 37:
		text_str(o, ", ");
		if (!c->ok || user_get32(c->task, c->args[i + 1], &v))
			text_pointer(o, c->args[i + 1]);
		else if (c->args[i] == 2 && v)
			text_str(o, "["), text_signal(o, (int)v), text_str(o, "]");
		else
			text_printf(o, "[%u]", v);
		break;
	case 15: case 16:
		text_str(o, ", ");
		if ((c->args[i] == 16 && !c->ok) || user_read(c->task, name, c->args[i + 1], 16))
			text_guest_string(o, c->task, c->args[i + 1], 15);
		else
			text_quoted(o, name, strnlen(name, 15), false);
		break;
	case 4: case 8: case 27: case 29: case 36: case 23: case 24:
		text_printf(o, ", %u", c->args[i + 1]);
		break;
	case 38: case 41:
		text_printf(o, ", %u, %u, %u, %u", c->args[i + 1], c->args[i + 2], c->args[i + 3],
			    c->args[i + 4]);
		break;
	case 22:
		text_str(o, ", ");
		text_flags(o, &flags_seccompmode, c->args[i + 1]);
		if (c->args[i + 1] == 2)
			text_str(o, ", "), filter_program(o, c, c->args[i + 2]);
		break;
	default:
		for (int n = 1; n < 5; n++)
			text_printf(o, c->args[i + n] ? ", %#x" : ", %x", c->args[i + n]);
		break;
	}
	return true;
}

/* --- clone: flags, stack, parent_tid, tls, child_tid --- */

static void clone_flags(struct strace_text *o, uint64_t flags, uint32_t signo)
{
	if (flags || !signo)
		text_flags(o, &flags_cloneflags, flags);
	if (signo) {
		if (flags)
			text_str(o, "|");
		text_signal(o, (int)signo);
	}
}

bool print_cloneargs(struct strace_text *o, const struct strace_call *c, int i)
{
	const uint32_t *a = c->args + i;

	text_str(o, "child_stack=");
	text_pointer(o, a[1]);
	text_str(o, ", flags=");
	clone_flags(o, a[0] & ~0xffu, a[0] & 0xff);
	if (a[0] & (0x100000 | 0x1000))
		text_printf(o, ", parent_tid=%#x", a[2]);
	if (a[0] & 0x80000)
		text_printf(o, ", tls=%#x", a[3]);
	if (a[0] & (0x1000000 | 0x200000))
		text_printf(o, ", child_tidptr=%#x", a[4]);
	return true;
}

bool print_clone3args(struct strace_text *o, const struct strace_call *c, int i)
{
	uint64_t v[8];	/* flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls */

	if (c->args[i + 1] < sizeof v || user_read(c->task, v, c->args[i], sizeof v)) {
		text_pointer(o, c->args[i]);
	} else {
		text_str(o, "{flags=");
		text_flags(o, &flags_cloneflags, v[0]);
		if (v[0] & 0x1000)
			text_printf(o, ", pidfd=%#llx", (unsigned long long)v[1]);
		if (v[0] & (0x1000000 | 0x200000))
			text_printf(o, ", child_tid=%#llx", (unsigned long long)v[2]);
		if (v[0] & 0x100000)
			text_printf(o, ", parent_tid=%#llx", (unsigned long long)v[3]);
		text_str(o, ", exit_signal=");
		text_signal(o, (int)v[4]);
		text_str(o, ", stack=");
		text_pointer(o, (uint32_t)v[5]);
		text_printf(o, ", stack_size=%#llx", (unsigned long long)v[6]);
		if (v[0] & 0x80000)
			text_printf(o, ", tls=%#llx", (unsigned long long)v[7]);
		text_str(o, "}");
	}
	text_printf(o, ", %u", c->args[i + 1]);
	return true;
}

/* The frame the handler returns through: siginfo, then ucontext {flags, link, stack[3], mask}. */
bool print_sigreturn(struct strace_text *o, const struct strace_call *c, int i)
{
	uint64_t mask;

	(void)i;
	if (user_read(c->task, &mask, c->task->regs.x[2] + 128 + 20, sizeof mask))
		return false;
	text_str(o, "{mask=");
	text_sigset(o, mask);
	text_str(o, "}");
	return true;
}

/* --- Results --- */

/* "left {...}" after a wait with a timeout: what was written back. */
static void time_left(struct strace_text *o, const struct strace_call *c, int i, const char *separator)
{
	if (!c->args[i])
		return;
	text_printf(o, "%sleft ", separator);
	text_timespec(o, c->task, c->args[i]);
}

void ret_poll(struct strace_text *o, const struct strace_call *c)
{
	struct { int32_t fd; uint16_t events, revents; } p;
	uint32_t addr = c->args[0];
	const char *separator = "";

	text_printf(o, "%lld", (long long)c->result);
	if (!c->result) {
		text_str(o, " (Timeout)");
		return;
	}
	text_str(o, " ([");
	for (uint32_t n = 0; n < c->args[1] && !user_read(c->task, &p, addr, sizeof p);
	     n++, addr += sizeof p) {
		if (!p.revents)
			continue;
		text_printf(o, "%s{fd=", separator);
		text_fd(o, c->task, p.fd);
		text_str(o, ", revents=");
		text_flags(o, &flags_pollevents, p.revents);
		text_str(o, "}");
		separator = ", ";
	}
	text_str(o, "]");
	time_left(o, c, 2, ", ");
	text_str(o, ")");
}

void ret_select(struct strace_text *o, const struct strace_call *c)
{
	static const char *const names[] = { NULL, "in", "out", "except" };
	const char *separator = "";

	text_printf(o, "%lld", (long long)c->result);
	if (!c->result) {
		text_str(o, " (Timeout)");
		return;
	}
	text_str(o, " (");
	for (int i = 1; i <= 3; i++) {
		size_t before = o->len;

		if (!c->args[i])
			continue;
		text_printf(o, "%s%s ", separator, names[i]);
		print_fdset(o, c, i);
		if (o->len >= 2 && !memcmp(o->buf + o->len - 2, "[]", 2))
			o->len = before;	/* nothing of this kind is ready */
		else
			separator = ", ";
	}
	time_left(o, c, 4, separator);
	text_str(o, ")");
}
