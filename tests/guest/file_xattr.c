/* SPDX-License-Identifier: MIT
 * Extended attributes, which files in memory have none of; file handles, sync_file_range, and calls a kernel without an
 * MMU answers with ENOSYS.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include "scratch.h"

static void attributes(void)
{
	static char long_name[300], value[70000];
	int f = open("f", O_RDWR | O_CREAT, 0644), path = open("f", O_PATH), p[2];
	char buf[16];

	pipe(p);
	symlink("f", "l");
	memset(long_name, 'x', sizeof long_name - 1);
	memcpy(long_name, "user.", 5);
	tap_errno(setxattr("f", "user.a", "1", 1, 4), EINVAL, "set: unknown flags");
	tap_errno(setxattr("none", "user.a", "1", 1, 4), EINVAL, "set: they come first");
	tap_errno(setxattr("none", "", "1", 1, 0), ERANGE, "set: no name");
	tap_errno(setxattr("none", long_name, "1", 1, 0), ERANGE, "set: too long a name");
	tap_errno(setxattr("none", "user.a", value, 65537, 0), E2BIG, "set: too much");
	tap_errno(setxattr("none", "user.a", "1", 1, 0), ENOENT, "set: no such file");
	tap_errno(setxattr("f", "user.a", "1", 1, 0), EOPNOTSUPP, "set: user.a");
	tap_errno(setxattr("f", "user.a", NULL, 0, XATTR_REPLACE), EOPNOTSUPP, "set: an empty one");
	tap_errno(setxattr("f", "trusted.a", "1", 1, 0), EOPNOTSUPP, "set: trusted.a");
	tap_errno(setxattr("f", "nonsense", "1", 1, 0), EOPNOTSUPP, "set: of no kind");
	tap_errno(lsetxattr("l", "user.a", "1", 1, 0), EPERM, "set: user.a of a link");
	tap_errno(lsetxattr("l", "trusted.a", "1", 1, 0), EOPNOTSUPP, "set: trusted.a of a link");
	tap_errno(fsetxattr(f, "user.a", "1", 1, 0), EOPNOTSUPP, "fset");
	tap_errno(fsetxattr(path, "user.a", "1", 1, 0), EBADF, "fset: O_PATH");
	tap_errno(fsetxattr(99, "", "1", 1, 9), EBADF, "fset: not open");
	tap_errno(getxattr("none", "", buf, sizeof buf), ENOENT, "get: no such file, of no name");
	tap_errno(getxattr("f", "", buf, sizeof buf), ERANGE, "get: no name");
	tap_errno(getxattr("f", "user.a", buf, sizeof buf), EOPNOTSUPP, "get: user.a");
	tap_errno(getxattr("f", "user.a", NULL, 0), EOPNOTSUPP, "get: its size");
	tap_errno(lgetxattr("l", "user.a", buf, sizeof buf), ENODATA, "get: user.a of a link");
	tap_errno(getxattr("f", "system.posix_acl_access", buf, sizeof buf), EOPNOTSUPP, "get: an access list");
	tap_errno(getxattr("f", "security.capability", buf, sizeof buf), EOPNOTSUPP, "get: capabilities");
	tap_errno(fgetxattr(f, "user.a", buf, sizeof buf), EOPNOTSUPP, "fget");
	tap_errno(fgetxattr(p[0], "user.a", buf, sizeof buf), ENODATA, "fget: a pipe");
	tap_is(listxattr("f", buf, sizeof buf), 0, "list: none");
	tap_is(llistxattr("l", NULL, 0), 0, "llist");
	tap_is(flistxattr(f, buf, sizeof buf), 0, "flist");
	tap_errno(listxattr("none", buf, sizeof buf), ENOENT, "list: no such file");
	tap_errno(flistxattr(99, buf, sizeof buf), EBADF, "flist: not open");
	tap_errno(removexattr("none", ""), ERANGE, "remove: no name");
	tap_errno(removexattr("none", "user.a"), ENOENT, "remove: no such file");
	tap_errno(removexattr("f", "user.a"), EOPNOTSUPP, "remove");
	tap_errno(lremovexattr("l", "user.a"), EPERM, "lremove: user.a of a link");
	tap_errno(fremovexattr(99, "user.a"), EBADF, "fremove: not open");
	tap_errno(fremovexattr(f, "user.a"), EOPNOTSUPP, "fremove");
	close(f), close(path), close(p[0]), close(p[1]);
	unlink("f"), unlink("l");
}

struct handle { unsigned bytes; int type; unsigned char body[128]; };

static void handles(void)
{
	struct handle h = { 128, 0, { 0 } }, g;
	unsigned mount_id;
	struct stat st;
	int f = open("f", O_RDWR | O_CREAT, 0644), fid = 0x200;

	tap_errno(syscall(SYS_name_to_handle_at, AT_FDCWD, "f", &h, &mount_id, 2), EINVAL, "handle: unknown flags");
	tap_errno(syscall(SYS_name_to_handle_at, AT_FDCWD, "none", &h, &mount_id, 0), ENOENT, "handle: no such file");
	tap_errno(syscall(SYS_name_to_handle_at, AT_FDCWD, "f", &h, &mount_id, 0), EOPNOTSUPP, "handle: none to open by");
	h.bytes = 129;
	tap_errno(syscall(SYS_name_to_handle_at, AT_FDCWD, "f", &h, &mount_id, fid), EINVAL, "handle: too large");
	h.bytes = 0;
	tap_errno(syscall(SYS_name_to_handle_at, AT_FDCWD, "f", &h, &mount_id, fid), EOVERFLOW, "handle: too small");
	tap_is(h.bytes, 12, "then it says how large");
	tap_zero(syscall(SYS_name_to_handle_at, AT_FDCWD, "f", &h, &mount_id, fid), "AT_HANDLE_FID");
	fstat(f, &st);
	tap_ok(h.bytes == 12 && h.type == 0x81 && !memcmp(h.body, &st.st_ino, 4), "number and generation");
	g = (struct handle){ 128, 0, { 0 } };
	syscall(SYS_name_to_handle_at, f, "", &g, &mount_id, fid | AT_EMPTY_PATH);
	tap_ok(!memcmp(&g, &h, 20), "of a descriptor: the same");
	tap_errno(syscall(SYS_open_by_handle_at, 99, &h, O_RDONLY), EBADF, "open: no mount");
	tap_errno(syscall(SYS_open_by_handle_at, AT_FDCWD, &h, O_RDONLY), ESTALE, "open: cannot be");
	g.bytes = 0;
	tap_errno(syscall(SYS_open_by_handle_at, AT_FDCWD, &g, O_RDONLY), EINVAL, "open: an empty handle");
	close(f);
	unlink("f");
}

static void ranges(void)
{
	int f = open("f", O_RDWR | O_CREAT, 0644), p[2], nr = 84;

	pipe(p);
	tap_zero(syscall(nr, f, 0, 0, 0, 0, 7), "sync_file_range");
	tap_errno(syscall(nr, f, 0, 0, 0, 0, 8), EINVAL, "unknown flags");
	tap_errno(syscall(nr, f, 0, -1, 0, 0, 0), EINVAL, "a negative offset");
	tap_errno(syscall(nr, f, 1, 0, -1, 0x7fffffff, 0), EINVAL, "beyond the largest file");
	tap_errno(syscall(nr, p[0], 0, 0, 0, 0, 0), ESPIPE, "a pipe");
	tap_errno(syscall(nr, 99, 0, 0, 0, 0, 8), EBADF, "not open");
	close(f), close(p[0]), close(p[1]);
	unlink("f");
}

static void missing(void)
{
	static const struct { int nr; const char *name; } calls[] = {
		{ 0, "io_setup" }, { 217, "add_key" }, { 219, "keyctl" }, { 224, "swapon" }, { 225, "swapoff" },
		{ 262, "fanotify_init" }, { 263, "fanotify_mark" }, { 272, "kcmp" }, { 280, "bpf" }, { 282, "userfaultfd" },
		{ 425, "io_uring_setup" }, { 426, "io_uring_enter" }, { 427, "io_uring_register" }, { 444, "landlock_create_ruleset" },
		{ 447, "memfd_secret" },
	};

	for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++)
		tap_errno(syscall(calls[i].nr, 0, 0, 0, 0, 0, 0), ENOSYS, "%s", calls[i].name);
}

/* Seals are for shared memory as the kernel with an MMU has it. */
static void seals(void)
{
	int f = open("f", O_RDWR | O_CREAT, 0644);

	tap_errno(fcntl(f, 1034 /* F_GET_SEALS */), EINVAL, "F_GET_SEALS");
	tap_errno(fcntl(f, 1033 /* F_ADD_SEALS */, 0), EINVAL, "F_ADD_SEALS");
	close(f);
	unlink("f");
}

int main(void)
{
	tap_plan(0);
	scratch_enter();
	attributes();
	handles();
	ranges();
	missing();
	seals();
	scratch_leave();
	return tap_done();
}
