/* SPDX-License-Identifier: MIT
 *
 * clone(2) and clone3(2).
 */
#include "emu/strace/internal.h"

#include <stddef.h>
#include <string.h>
#include "emu/sys/user.h"

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

/* --- clone3: struct clone_args, of which a program may know only the beginning --- */

enum { PIDFD_ = 0x1000, PARENT_SETTID_ = 0x100000, CHILD_SETTID_ = 0x1000000, CHILD_CLEARTID_ = 0x200000, SETTLS_ = 0x80000 };
static const uint64_t INTO_CGROUP_ = 1ull << 33;

struct clone_args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};
enum { FIRST_SIZE = offsetof(struct clone_args, set_tid) };

LIST(clone3flags) {
	{ 0x80, "CLONE_NEWTIME" }, { 0x100, "CLONE_VM" }, { 0x200, "CLONE_FS" }, { 0x400, "CLONE_FILES" },
	{ 0x800, "CLONE_SIGHAND" }, { 0x1000, "CLONE_PIDFD" }, { 0x2000, "CLONE_PTRACE" }, { 0x4000, "CLONE_VFORK" },
	{ 0x8000, "CLONE_PARENT" }, { 0x10000, "CLONE_THREAD" }, { 0x20000, "CLONE_NEWNS" }, { 0x40000, "CLONE_SYSVSEM" },
	{ 0x80000, "CLONE_SETTLS" }, { 0x100000, "CLONE_PARENT_SETTID" }, { 0x200000, "CLONE_CHILD_CLEARTID" },
	{ 0x400000, "CLONE_DETACHED" }, { 0x800000, "CLONE_UNTRACED" }, { 0x1000000, "CLONE_CHILD_SETTID" },
	{ 0x2000000, "CLONE_NEWCGROUP" }, { 0x4000000, "CLONE_NEWUTS" }, { 0x8000000, "CLONE_NEWIPC" },
	{ 0x10000000, "CLONE_NEWUSER" }, { 0x20000000, "CLONE_NEWPID" }, { 0x40000000, "CLONE_NEWNET" },
	{ 0x80000000, "CLONE_IO" }, { 1ull << 32, "CLONE_CLEAR_SIGHAND" }, { 1ull << 33, "CLONE_INTO_CGROUP" },
};
DEFINE(clone3flags, 0, "CLONE_???")

static void address64(struct strace_text *o, const char *name, uint64_t v)
{
	text_printf(o, v ? ", %s=%#llx" : ", %s=NULL", name, (unsigned long long)v);
}

static void tid_entry(struct strace_text *o, const struct strace_call *c, const void *entry, void *ctx)
{
	int32_t v;

	(void)c, (void)ctx;
	memcpy(&v, entry, sizeof v);
	text_printf(o, "%d", v);
}

static void set_tid(struct strace_text *o, const struct strace_call *c, const struct clone_args *a)
{
	enum { MOST = 32 };

	if (!a->set_tid && !a->set_tid_size)
		return;
	if (!a->set_tid || !a->set_tid_size || a->set_tid_size > MOST || a->set_tid > UINT32_MAX) {
		address64(o, "set_tid", a->set_tid);
	} else {
		text_str(o, ", set_tid=");
		text_array(o, c, (uint32_t)a->set_tid, a->set_tid_size, 4, tid_entry, NULL);
	}
	text_printf(o, ", set_tid_size=%llu", (unsigned long long)a->set_tid_size);
}

static void arguments(struct strace_text *o, const struct strace_call *c, const struct clone_args *a, uint32_t size)
{
	text_str(o, "{flags=");
	text_flags(o, &flags_clone3flags, a->flags);
	if (a->flags & PIDFD_)
		address64(o, "pidfd", a->pidfd);
	if (a->flags & (CHILD_SETTID_ | CHILD_CLEARTID_))
		address64(o, "child_tid", a->child_tid);
	if (a->flags & PARENT_SETTID_)
		address64(o, "parent_tid", a->parent_tid);
	text_str(o, ", exit_signal=");
	if (a->exit_signal < INT32_MAX)
		text_signal(o, (int)a->exit_signal);
	else
		text_printf(o, "%llu", (unsigned long long)a->exit_signal);
	address64(o, "stack", a->stack);
	text_printf(o, ", stack_size=%#llx", (unsigned long long)a->stack_size);
	if (a->flags & SETTLS_)
		text_printf(o, ", tls=%#llx", (unsigned long long)a->tls);
	set_tid(o, c, a);
	if (size > offsetof(struct clone_args, cgroup) && (a->cgroup || a->flags & INTO_CGROUP_))
		text_printf(o, ", cgroup=%llu", (unsigned long long)a->cgroup);
}

bool print_clone3args(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t addr = c->args[i], size = c->args[i + 1];
	uint32_t known = size < sizeof(struct clone_args) ? size : (uint32_t)sizeof(struct clone_args);
	struct clone_args a = { 0 };

	if (known < FIRST_SIZE || !addr || user_read(c->task, &a, addr, known)) {
		text_pointer(o, addr);
	} else {
		arguments(o, c, &a, known);
		text_rest(o, c->task, addr, known, size);
		text_str(o, "}");
	}
	text_printf(o, ", %u", size);
	return true;
}
