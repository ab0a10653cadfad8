/* SPDX-License-Identifier: MIT
 *
 * Who a process is: groups, numbers that are told, capabilities; namespaces and personality.
 */
#include "emu/strace/internal.h"

#include <string.h>
#include "emu/strace/config.h"
#include "emu/sys/user.h"

static void id(struct strace_text *o, uint32_t v)
{
	text_printf(o, v == UINT32_MAX ? "-1" : "%u", v);
}

bool print_outid(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t v;

	if (text_absent(o, c, i, &v, sizeof v))
		return true;
	text_str(o, "[");
	id(o, v);
	text_str(o, "]");
	return true;
}

/* --- Groups: the argument before says how many, or the result --- */

static void group_entry(struct strace_text *o, const struct strace_call *c, const void *entry, void *ctx)
{
	uint32_t v;

	(void)c, (void)ctx;
	memcpy(&v, entry, sizeof v);
	id(o, v);
}

bool print_groups(struct strace_text *o, const struct strace_call *c, int i)
{
	/* More than there can be: strace does not look. */
	if (c->args[i - 1] > 65536)
		text_pointer(o, c->args[i]);
	else
		text_array(o, c, c->args[i], c->args[i - 1], 4, group_entry, NULL);
	return true;
}

bool print_groups_told(struct strace_text *o, const struct strace_call *c, int i)
{
	if (!c->ok || (int32_t)c->args[i - 1] < 0)
		text_pointer(o, c->args[i]);
	else if (!c->args[i - 1] && c->args[i])
		text_str(o, c->result ? "[...]" : "[]");	/* only asked how many there are */
	else
		text_array(o, c, c->args[i], (uint64_t)c->result, 4, group_entry, NULL);
	return true;
}

/* --- Capabilities --- */

LIST(capversion) {
	{ 0x19980330, "_LINUX_CAPABILITY_VERSION_1" }, { 0x20071026, "_LINUX_CAPABILITY_VERSION_2" },
	{ 0x20080522, "_LINUX_CAPABILITY_VERSION_3" },
};
DEFINE(capversion, ENUM, "_LINUX_CAPABILITY_VERSION_???")
LIST(cap) {
	{ 0, "CAP_CHOWN" }, { 1, "CAP_DAC_OVERRIDE" }, { 2, "CAP_DAC_READ_SEARCH" }, { 3, "CAP_FOWNER" }, { 4, "CAP_FSETID" },
	{ 5, "CAP_KILL" }, { 6, "CAP_SETGID" }, { 7, "CAP_SETUID" }, { 8, "CAP_SETPCAP" }, { 9, "CAP_LINUX_IMMUTABLE" },
	{ 10, "CAP_NET_BIND_SERVICE" }, { 11, "CAP_NET_BROADCAST" }, { 12, "CAP_NET_ADMIN" }, { 13, "CAP_NET_RAW" },
	{ 14, "CAP_IPC_LOCK" }, { 15, "CAP_IPC_OWNER" }, { 16, "CAP_SYS_MODULE" }, { 17, "CAP_SYS_RAWIO" },
	{ 18, "CAP_SYS_CHROOT" }, { 19, "CAP_SYS_PTRACE" }, { 20, "CAP_SYS_PACCT" }, { 21, "CAP_SYS_ADMIN" },
	{ 22, "CAP_SYS_BOOT" }, { 23, "CAP_SYS_NICE" }, { 24, "CAP_SYS_RESOURCE" }, { 25, "CAP_SYS_TIME" },
	{ 26, "CAP_SYS_TTY_CONFIG" }, { 27, "CAP_MKNOD" }, { 28, "CAP_LEASE" }, { 29, "CAP_AUDIT_WRITE" },
	{ 30, "CAP_AUDIT_CONTROL" }, { 31, "CAP_SETFCAP" }, { 32, "CAP_MAC_OVERRIDE" }, { 33, "CAP_MAC_ADMIN" },
	{ 34, "CAP_SYSLOG" }, { 35, "CAP_WAKE_ALARM" }, { 36, "CAP_BLOCK_SUSPEND" }, { 37, "CAP_AUDIT_READ" },
	{ 38, "CAP_PERFMON" }, { 39, "CAP_BPF" }, { 40, "CAP_CHECKPOINT_RESTORE" },
};
DEFINE(cap, ENUM, "CAP_???")

bool print_capheader(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t v[2];

	if (!c->args[i] || user_read(c->task, v, c->args[i], sizeof v)) {
		text_pointer(o, c->args[i]);
		return true;
	}
	text_str(o, "{version=");
	text_flags(o, &flags_capversion, v[0]);
	text_printf(o, ", pid=%d}", (int32_t)v[1]);
	return true;
}

/* One word of 32 capabilities, as strace writes them: "1<<CAP_CHOWN|1<<CAP_KILL". */
static void cap_word(struct strace_text *o, uint32_t bits, unsigned first)
{
	struct strace_flag list[32];
	struct strace_flags f = { list, 0, 0, "CAP_???" };

	for (unsigned i = 0; i < 32; i++) {
		const char *name = strace_flag_name(&flags_cap, first + i);

		if (!name)
			continue;
		list[f.count].value = 1u << i;
		memcpy(list[f.count].name, "1<<", 3);
		memcpy(list[f.count++].name + 3, name, strlen(name) + 1);
	}
	text_flags(o, &f, bits);
}

static void cap_bits(struct strace_text *o, const char *name, uint32_t low, uint32_t high)
{
	text_str(o, name);
	if (low || !high)
		cap_word(o, low, 0);
	if (low && high)
		text_str(o, "|");
	if (high)
		cap_word(o, high, 32);
}

bool print_capdata(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t v[6] = { 0 }, version;		/* effective, permitted, inheritable; twice */

	if (user_get32(c->task, c->args[i - 1], &version) || !c->args[i] || (c->filled && !c->ok) ||
	    user_read(c->task, v, c->args[i], version == 0x20071026 || version == 0x20080522 ? 24 : 12)) {
		text_pointer(o, c->args[i]);
		return true;
	}
	cap_bits(o, "{effective=", v[0], v[3]);
	cap_bits(o, ", permitted=", v[1], v[4]);
	cap_bits(o, ", inheritable=", v[2], v[5]);
	text_str(o, "}");
	return true;
}

/* --- Namespaces --- */

LIST(unshareflags) {
	{ 0x80, "CLONE_NEWTIME" }, { 0x100, "CLONE_VM" }, { 0x200, "CLONE_FS" }, { 0x400, "CLONE_FILES" },
	{ 0x800, "CLONE_SIGHAND" }, { 0x10000, "CLONE_THREAD" }, { 0x20000, "CLONE_NEWNS" }, { 0x40000, "CLONE_SYSVSEM" },
	{ 0x2000000, "CLONE_NEWCGROUP" }, { 0x4000000, "CLONE_NEWUTS" }, { 0x8000000, "CLONE_NEWIPC" },
	{ 0x10000000, "CLONE_NEWUSER" }, { 0x20000000, "CLONE_NEWPID" }, { 0x40000000, "CLONE_NEWNET" },
};
DEFINE(unshareflags, 0, "CLONE_???")
LIST(setnsflags) {
	{ 0x80, "CLONE_NEWTIME" }, { 0x20000, "CLONE_NEWNS" }, { 0x2000000, "CLONE_NEWCGROUP" }, { 0x4000000, "CLONE_NEWUTS" },
	{ 0x8000000, "CLONE_NEWIPC" }, { 0x10000000, "CLONE_NEWUSER" }, { 0x20000000, "CLONE_NEWPID" },
	{ 0x40000000, "CLONE_NEWNET" },
};
DEFINE(setnsflags, 0, "CLONE_NEW???")

/* --- personality --- */

LIST(pertype) {
	{ 0, "PER_LINUX" }, { 1, "PER_SVR4" }, { 2, "PER_SVR3" }, { 3, "PER_SCOSVR3" }, { 4, "PER_WYSEV386" }, { 5, "PER_ISCR4" },
	{ 6, "PER_BSD" }, { 7, "PER_XENIX" }, { 8, "PER_LINUX32" }, { 9, "PER_IRIX32" }, { 10, "PER_IRIXN32" },
	{ 11, "PER_IRIX64" }, { 12, "PER_RISCOS" }, { 13, "PER_SOLARIS" }, { 14, "PER_UW7" }, { 15, "PER_OSF4" },
	{ 16, "PER_HPUX" },
};
DEFINE(pertype, ENUM, "PER_???")
LIST(perflags) {
	{ 0x0020000, "UNAME26" }, { 0x0040000, "ADDR_NO_RANDOMIZE" }, { 0x0080000, "FDPIC_FUNCPTRS" },
	{ 0x0100000, "MMAP_PAGE_ZERO" }, { 0x0200000, "ADDR_COMPAT_LAYOUT" }, { 0x0400000, "READ_IMPLIES_EXEC" },
	{ 0x0800000, "ADDR_LIMIT_32BIT" }, { 0x1000000, "SHORT_INODE" }, { 0x2000000, "WHOLE_SECONDS" },
	{ 0x4000000, "STICKY_TIMEOUTS" }, { 0x8000000, "ADDR_LIMIT_3GB" },
};
DEFINE(perflags, 0, NULL)

static void personality(struct strace_text *o, uint32_t v)
{
	text_flags(o, &flags_pertype, v & 0xff);
	if (v & ~0xffu) {
		text_str(o, "|");
		text_flags(o, &flags_perflags, v & ~0xffu);
	}
}

bool print_personality(struct strace_text *o, const struct strace_call *c, int i)
{
	if (c->args[i] == UINT32_MAX)
		text_str(o, "0xffffffff");
	else
		personality(o, c->args[i]);
	return true;
}

void ret_personality(struct strace_text *o, const struct strace_call *c)
{
	text_printf(o, "%#x (", (uint32_t)c->result);
	personality(o, (uint32_t)c->result);
	text_str(o, ")");
}
