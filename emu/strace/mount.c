/* SPDX-License-Identifier: MIT
 *
 * mount(2) and the newer calls.
 */
#include "emu/strace/internal.h"

#include "emu/strace/config.h"
#include "emu/sys/user.h"

LIST(fsopenflags) { { 1, "FSOPEN_CLOEXEC" } };
DEFINE(fsopenflags, 0, "FSOPEN_???")
LIST(fsconfigcmd) {
	{ 0, "FSCONFIG_SET_FLAG" }, { 1, "FSCONFIG_SET_STRING" }, { 2, "FSCONFIG_SET_BINARY" }, { 3, "FSCONFIG_SET_PATH" },
	{ 4, "FSCONFIG_SET_PATH_EMPTY" }, { 5, "FSCONFIG_SET_FD" }, { 6, "FSCONFIG_CMD_CREATE" },
	{ 7, "FSCONFIG_CMD_RECONFIGURE" }, { 8, "FSCONFIG_CMD_CREATE_EXCL" },
};
DEFINE(fsconfigcmd, ENUM, "FSCONFIG_???")
LIST(fsmountflags) { { 1, "FSMOUNT_CLOEXEC" } };
DEFINE(fsmountflags, 0, "FSMOUNT_???")
LIST(mountattr) {
	{ 1, "MOUNT_ATTR_RDONLY" }, { 2, "MOUNT_ATTR_NOSUID" }, { 4, "MOUNT_ATTR_NODEV" }, { 8, "MOUNT_ATTR_NOEXEC" },
	{ 0x10, "MOUNT_ATTR_NOATIME" }, { 0x20, "MOUNT_ATTR_STRICTATIME" }, { 0x80, "MOUNT_ATTR_NODIRATIME" },
	{ 0x100000, "MOUNT_ATTR_IDMAP" }, { 0x200000, "MOUNT_ATTR_NOSYMFOLLOW" },
};
DEFINE(mountattr, 0, "MOUNT_ATTR_???")
LIST(fspickflags) {
	{ 1, "FSPICK_CLOEXEC" }, { 2, "FSPICK_SYMLINK_NOFOLLOW" }, { 4, "FSPICK_NO_AUTOMOUNT" }, { 8, "FSPICK_EMPTY_PATH" },
};
DEFINE(fspickflags, 0, "FSPICK_???")
LIST(movemount) {
	{ 1, "MOVE_MOUNT_F_SYMLINKS" }, { 2, "MOVE_MOUNT_F_AUTOMOUNTS" }, { 4, "MOVE_MOUNT_F_EMPTY_PATH" },
	{ 0x10, "MOVE_MOUNT_T_SYMLINKS" }, { 0x20, "MOVE_MOUNT_T_AUTOMOUNTS" }, { 0x40, "MOVE_MOUNT_T_EMPTY_PATH" },
	{ 0x100, "MOVE_MOUNT_SET_GROUP" }, { 0x200, "MOVE_MOUNT_BENEATH" },
};
DEFINE(movemount, 0, "MOVE_MOUNT_???")
LIST(opentree) {
	{ 1, "OPEN_TREE_CLONE" }, { 02000000, "OPEN_TREE_CLOEXEC" }, { 0x100, "AT_SYMLINK_NOFOLLOW" },
	{ 0x200, "AT_REMOVEDIR" }, { 0x400, "AT_SYMLINK_FOLLOW" }, { 0x800, "AT_NO_AUTOMOUNT" }, { 0x1000, "AT_EMPTY_PATH" },
	{ 0x8000, "AT_RECURSIVE" },
};
DEFINE(opentree, 0, "OPEN_TREE_???")

/* --- mount(2) --- */

LIST(ms) {
	{ 1, "MS_RDONLY" }, { 2, "MS_NOSUID" }, { 4, "MS_NODEV" },
	{ 8, "MS_NOEXEC" }, { 16, "MS_SYNCHRONOUS" }, { 32, "MS_REMOUNT" }, { 64, "MS_MANDLOCK" },
	{ 128, "MS_DIRSYNC" }, { 256, "MS_NOSYMFOLLOW" }, { 1024, "MS_NOATIME" }, { 2048, "MS_NODIRATIME" },
	{ 4096, "MS_BIND" }, { 8192, "MS_MOVE" }, { 16384, "MS_REC" }, { 32768, "MS_SILENT" },
	{ 1 << 16, "MS_POSIXACL" }, { 1 << 17, "MS_UNBINDABLE" }, { 1 << 18, "MS_PRIVATE" },
	{ 1 << 19, "MS_SLAVE" }, { 1 << 20, "MS_SHARED" }, { 1 << 21, "MS_RELATIME" },
	{ 1 << 22, "MS_KERNMOUNT" }, { 1 << 23, "MS_I_VERSION" }, { 1 << 24, "MS_STRICTATIME" }, { 1 << 25, "MS_LAZYTIME" },
	{ 1 << 26, "MS_SUBMOUNT" }, { 1 << 27, "MS_NOREMOTELOCK" }, { 1 << 28, "MS_NOSEC" }, { 1 << 29, "MS_BORN" },
	{ 1 << 30, "MS_ACTIVE" }, { 1u << 31, "MS_NOUSER" },
};
DEFINE(ms, 0, "MS_???")

enum { MS_REMOUNT_ = 32, MS_BIND_ = 4096, MS_MOVE_ = 8192, MS_PROPAGATION = 0xf << 17, MS_MAGIC = 0xc0ed0000u };

/* What it was called with before Linux 2.4 in the upper half. */
static uint32_t without_magic(uint32_t flags)
{
	return (flags & 0xffff0000u) == MS_MAGIC ? flags & 0xffff : flags;
}

/* Where the type, and the data, are not looked at they are only pointers. */
static bool looks_at(uint32_t flags, bool type)
{
	flags = without_magic(flags);
	return flags & MS_REMOUNT_ ? !type : !(flags & (MS_BIND_ | MS_MOVE_ | MS_PROPAGATION));
}

static void maybe_string(struct strace_text *o, const struct strace_call *c, int i, bool looked)
{
	if (looked)
		text_guest_string(o, c->task, c->args[i], text_string_limit(o));
	else
		text_pointer(o, c->args[i]);
}

bool print_mounttype(struct strace_text *o, const struct strace_call *c, int i)
{
	maybe_string(o, c, i, looks_at(c->args[i + 1], true));
	return true;
}

bool print_mountdata(struct strace_text *o, const struct strace_call *c, int i)
{
	maybe_string(o, c, i, looks_at(c->args[i - 1], false));
	return true;
}

bool print_mountflags(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t flags = c->args[i], rest = without_magic(flags);

	if (rest != flags) {
		text_named(o, "MS_MGC_VAL", "%#x", MS_MAGIC);
		text_str(o, rest ? "|" : "");
	}
	if (rest || rest == flags)
		text_flags(o, &flags_ms, rest);
	return true;
}

/* --- fsconfig: key, value, a number --- */

bool print_fsconfigargs(struct strace_text *o, const struct strace_call *c, int i)
{
	uint32_t cmd = c->args[i - 1], key = c->args[i], value = c->args[i + 1];
	int32_t number = (int32_t)c->args[i + 2];

	if (cmd <= 5)
		text_bounded_string(o, c->task, key, 256);
	else
		text_pointer(o, key);
	text_str(o, ", ");
	if (cmd == 1)		/* SET_STRING */
		text_bounded_string(o, c->task, value, 256);
	else if (cmd == 3 || cmd == 4)
		text_guest_string(o, c->task, value, PATH_MAX_GUEST - 1);
	else if (cmd == 2 && number >= 0 && number <= 1024 * 1024)
		text_buffer(o, c->task, value, (uint32_t)number, true);
	else
		text_pointer(o, value);
	text_str(o, ", ");
	if (cmd == 3 || cmd == 4)
		text_dirfd(o, c->task, number);
	else if (cmd == 5)
		text_fd(o, c->task, number);
	else
		text_printf(o, "%d", number);
	return true;
}

/* --- mount_setattr: struct mount_attr --- */

LIST(propagation) {
	{ 1 << 17, "MS_UNBINDABLE" }, { 1 << 18, "MS_PRIVATE" }, { 1 << 19, "MS_SLAVE" }, { 1 << 20, "MS_SHARED" },
};
DEFINE(propagation, 0, "MS_???")

bool print_mountattrs(struct strace_text *o, const struct strace_call *c, int i)
{
	uint64_t v[4];		/* attr_set, attr_clr, propagation, userns_fd */
	uint32_t size = c->args[i + 1];

	if (size < sizeof v || user_read(c->task, v, c->args[i], sizeof v)) {
		text_pointer(o, c->args[i]);
		return true;
	}
	text_str(o, "{attr_set=");
	text_flags(o, &flags_mountattr, v[0]);
	text_str(o, ", attr_clr=");
	text_flags(o, &flags_mountattr, v[1]);
	text_str(o, ", propagation=");
	text_flags(o, &flags_propagation, v[2]);
	text_str(o, ", userns_fd=");
	text_fd(o, c->task, (int)v[3]);
	text_rest(o, c->task, c->args[i], sizeof v, size);
	text_str(o, "}");
	return true;
}
