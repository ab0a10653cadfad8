/* SPDX-License-Identifier: MIT
 *
 * fcntl(2): by the command, what is given and what comes back.
 */
#include "emu/strace/internal.h"

#include "emu/sys/user.h"

LIST(notify) {
	{ 1, "DN_ACCESS" }, { 2, "DN_MODIFY" }, { 4, "DN_CREATE" }, { 8, "DN_DELETE" }, { 0x10, "DN_RENAME" },
	{ 0x20, "DN_ATTRIB" }, { 0x80000000, "DN_MULTISHOT" },
};
DEFINE(notify, 0, "DN_???")
LIST(seals) {
	{ 1, "F_SEAL_SEAL" }, { 2, "F_SEAL_SHRINK" }, { 4, "F_SEAL_GROW" }, { 8, "F_SEAL_WRITE" }, { 0x10, "F_SEAL_FUTURE_WRITE" },
	{ 0x20, "F_SEAL_EXEC" },
};
DEFINE(seals, 0, "F_SEAL_???")

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
	case 1026:
		text_flags(o, &flags_notify, arg);
		break;
	case 1033:
		text_flags(o, &flags_seals, arg);
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
	case 1025:
		text_printf(o, "%#x (", v);
		text_flags(o, &flags_locktype, v);
		text_str(o, ")");
		break;
	case 1034:
		text_printf(o, v ? "%#x (seals " : "%#x", v);
		if (v)
			text_flags(o, &flags_seals, v), text_str(o, ")");
		break;
	default:
		text_printf(o, "%d", (int32_t)v);
		break;
	}
}
