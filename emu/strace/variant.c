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
	text_mode(o, c->args[i] & 0xffff);
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

/* --- seccomp --- */

bool print_seccompargs(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t action;
	uint16_t sizes[3];

	if (c->args[i - 2] == 1) {
		text_filter(o, c, c->args[i], true);
	} else if (c->args[i - 2] == 2 && !user_get32(c->task, c->args[i], &action)) {
		text_str(o, "[");
		text_flags(o, &flags_seccompret, action);
		text_str(o, "]");
	} else if (c->args[i - 2] == 3 && c->ok && !user_read(c->task, sizes, c->args[i], sizeof sizes)) {
		text_printf(o, "{seccomp_notif=%u, seccomp_notif_resp=%u, seccomp_data=%u}", sizes[0], sizes[1], sizes[2]);
	} else {
		text_pointer(o, c->args[i]);
	}
	return true;
}

/* Those of a filter have names. */
bool print_seccompflagsof(struct strace_text *o, const struct strace_call *c, int i)
{
	if (c->args[i - 1] == 1)
		text_flags(o, &flags_seccompflags, c->args[i]);
	else
		text_printf(o, "%#x", c->args[i]);
	return true;
}

bool late_seccompargs(const struct strace_call *c, int i) { return c->args[i - 2] == 3; }

/* The frame the handler returns through: siginfo, then ucontext {flags, link, stack[3], mask}. */
bool print_sigreturn(struct strace_text *o, const struct strace_call *c, int i)
{
	uint64_t mask;

	(void)i;
	if (user_read(c->task, &mask, c->task->regs.x[2] + 128 + 20, sizeof mask))
		return false;
	text_str(o, "{mask=");
	text_sigset(o, mask, SIGNALS);
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
