/* SPDX-License-Identifier: MIT
 * Mounting step by step, trees of mounts as descriptors, attributes, numbers that are never used twice; and what of the older
 * calls mount_fs leaves open.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include "scratch.h"

enum { NR_open_tree = 428, NR_move_mount, NR_fsopen, NR_fsconfig, NR_fsmount, NR_fspick, NR_mount_setattr = 442,
       NR_statmount = 457, NR_listmount };
enum { SET_FLAG, SET_STRING, SET_BINARY, SET_PATH, SET_PATH_EMPTY, SET_FD, CREATE, RECONFIGURE };
enum { RDONLY = 1, NOSUID = 2, NODEV = 4, NOEXEC = 8, ATIME = 0x70, NOATIME = 0x10, STRICTATIME = 0x20 };

#define fsopen(name, flags) (int)syscall(NR_fsopen, name, flags)
#define fsconfig(fd, cmd, key, value, aux) (int)syscall(NR_fsconfig, fd, cmd, key, value, aux)
#define fsmount(fd, flags, attr) (int)syscall(NR_fsmount, fd, flags, attr)
#define fspick(dir, path, flags) (int)syscall(NR_fspick, dir, path, flags)
#define open_tree(dir, path, flags) (int)syscall(NR_open_tree, dir, path, flags)
#define move_mount(from, a, to, b, flags) (int)syscall(NR_move_mount, from, a, to, b, flags)

/* The rest of this mount point's line in a file of /proc/self, from its name on. */
static const char *line_of(const char *file, const char *point)
{
	static char line[600];
	char path[PATH_MAX + 8], *at;
	FILE *f = fopen(file, "r");

	snprintf(path, sizeof path, "%s/%s ", scratch_dir, point);
	while (f && fgets(line, sizeof line, f))
		if ((at = strstr(line, path))) {
			fclose(f);
			at += strlen(scratch_dir) + 1;
			at[strcspn(at, "\n")] = 0;
			return at;
		}
	if (f)
		fclose(f);
	return "not there";
}

static void is(const char *got, const char *want, const char *what)
{
	if (!tap_ok(!strcmp(got, want), "%s: %s", what, want))
		tap_diag("got %s", got);
}

static void mounts_is(const char *point, const char *want, const char *what)
{
	is(line_of("/proc/self/mounts", point), want, what);
}

static void test_steps(void)
{
	struct stat st;
	int fs, mnt;
	char c;

	mkdir("m", 0755);
	tap_errno(fsopen("nosuchfs", 0), ENODEV, "fsopen: no such type");
	tap_errno(fsopen("ramfs", 2), EINVAL, "fsopen: unknown flags");
	fs = fsopen("ramfs", 1);
	tap_ok(fs >= 0 && fcntl(fs, F_GETFD) == FD_CLOEXEC, "fsopen");
	tap_errno(fsconfig(fs, 9, "a", "b", 0), EOPNOTSUPP, "fsconfig: unknown command");
	tap_errno(fsconfig(-1, SET_FLAG, "ro", NULL, 0), EINVAL, "a negative descriptor");
	tap_errno(fsconfig(999, SET_FLAG, "ro", NULL, 0), EBADF, "none");
	tap_errno(fsconfig(0, SET_FLAG, "ro", NULL, 0), EINVAL, "one of another kind");
	tap_errno(fsconfig(fs, SET_FLAG, "ro", "x", 0), EINVAL, "a flag has no value");
	tap_errno(fsconfig(fs, SET_STRING, "mode", NULL, 0), EINVAL, "a string has one");
	tap_errno(fsconfig(fs, CREATE, "x", NULL, 0), EINVAL, "a command has no key");
	tap_errno(fsmount(fs, 0, 0), EINVAL, "there is nothing to mount yet");
	tap_errno(read(fs, &c, 1), ENODATA, "no messages");
	tap_zero(fsconfig(fs, SET_STRING, "source", "from", 0), "a source");
	tap_errno(fsconfig(fs, SET_STRING, "source", "other", 0), EINVAL, "only one");
	tap_zero(fsconfig(fs, SET_STRING, "mode", "0711", 0), "an option");
	tap_errno(fsconfig(fs, RECONFIGURE, NULL, NULL, 0), EBUSY, "nothing to change yet");
	tap_zero(fsconfig(fs, CREATE, NULL, NULL, 0), "make it");
	tap_errno(fsconfig(fs, CREATE, NULL, NULL, 0), EBUSY, "only once");
	tap_errno(fsconfig(fs, SET_FLAG, "ro", NULL, 0), EBUSY, "no options now");
	tap_errno(fsmount(fs, 2, 0), EINVAL, "fsmount: unknown flags");
	tap_errno(fsmount(fs, 0, 0x100000), EINVAL, "unknown attributes");
	tap_errno(fsmount(fs, 0, 0x30), EINVAL, "no such way with times");
	mnt = fsmount(fs, 1, NODEV | NOATIME);
	tap_ok(mnt >= 0 && fcntl(mnt, F_GETFD) == FD_CLOEXEC, "fsmount");
	tap_errno(fsmount(fs, 0, 0), EBUSY, "only once");
	tap_ok(!fstat(mnt, &st) && st.st_mode == (S_IFDIR | 0711), "it has its options");
	close(openat(mnt, "before", O_CREAT | O_WRONLY, 0644));
	tap_zero(faccessat(mnt, "before", F_OK, 0), "it can be used before it hangs anywhere");
	mounts_is("m", "not there", "in no list");
	tap_errno(move_mount(mnt, "", AT_FDCWD, "m", 0), ENOENT, "an empty path has to be allowed");
	tap_errno(move_mount(mnt, "", AT_FDCWD, "m", 0x1000), EINVAL, "move_mount: unknown flags");
	scratch_file("file", "x");
	tap_errno(move_mount(mnt, "", AT_FDCWD, "file", 4), EINVAL, "a folder on a file");
	tap_zero(move_mount(mnt, "", AT_FDCWD, "m", 4), "move it to its place");
	mounts_is("m", "m ramfs rw,nodev,noatime,mode=711 0 0", "there");
	tap_zero(access("m/before", F_OK), "with what is in it");
	tap_errno(umount("m"), EBUSY, "its descriptor keeps it");
	close(mnt);
	tap_zero(fsconfig(fs, SET_FLAG, "ro", NULL, 0), "the context goes on");
	tap_zero(fsconfig(fs, RECONFIGURE, NULL, NULL, 0), "with a change");
	tap_errno(open("m/new", O_CREAT | O_WRONLY, 0644), EROFS, "it is read-only");
	close(fs);
	fs = fspick(AT_FDCWD, "m", 0);
	tap_ok(fs >= 0, "fspick");
	tap_errno(fspick(AT_FDCWD, "m/before", 0), EINVAL, "of what is no mount");
	tap_errno(fspick(AT_FDCWD, "m", 0x10), EINVAL, "fspick: unknown flags");
	tap_zero(fsconfig(fs, SET_FLAG, "rw", NULL, 0), "writable");
	tap_zero(fsconfig(fs, RECONFIGURE, NULL, NULL, 0), "again");
	close(open("m/new", O_CREAT | O_WRONLY, 0644));
	tap_zero(access("m/new", F_OK), "it is");
	close(fs);
	tap_zero(umount("m"), "away with it");
	fs = fsopen("ramfs", 0);
	fsconfig(fs, CREATE, NULL, NULL, 0);
	mnt = fsmount(fs, 0, 0);
	close(fs);
	tap_zero(close(mnt), "one that never got a place");
	unlink("file");
}

static void test_trees(void)
{
	int tree, plain;

	mkdir("from", 0755);
	mkdir("to", 0755);
	mount("a", "from", "ramfs", 0, NULL);
	mkdir("from/in", 0755);
	mount("b", "from/in", "ramfs", MS_NOEXEC, NULL);
	scratch_file("from/in/file", "x");
	tap_errno(open_tree(AT_FDCWD, "from", 2), EINVAL, "open_tree: unknown flags");
	tap_errno(open_tree(AT_FDCWD, "from", 0x8000), EINVAL, "all of it is only for copies");
	plain = open_tree(AT_FDCWD, "from", 02000000);
	tap_ok(plain >= 0 && fcntl(plain, F_GETFL) & 010000000, "open_tree without a copy is O_PATH");
	close(plain);
	tree = open_tree(AT_FDCWD, "from", 1);
	tap_errno(faccessat(tree, "in/file", F_OK, 0), ENOENT, "a copy of one mount");
	close(tree);
	tree = open_tree(AT_FDCWD, "from", 1 | 0x8000);
	tap_zero(faccessat(tree, "in/file", F_OK, 0), "a copy with what is below");
	tap_zero(move_mount(tree, "", AT_FDCWD, "to", 4), "in its place");
	close(tree);
	mounts_is("to/in", "to/in ramfs rw,noexec,relatime 0 0", "the inner one, too");
	tap_errno(move_mount(AT_FDCWD, "to", AT_FDCWD, "to/in", 0), ELOOP, "not into itself");
	tap_errno(move_mount(AT_FDCWD, "from/in/file", AT_FDCWD, "to", 0), EINVAL, "what is no mount");
	tap_zero(move_mount(AT_FDCWD, "to/in", AT_FDCWD, "from/in", 0), "a move");
	mounts_is("to/in", "not there", "gone here");
	umount("from/in");
	umount("to");
	tree = open_tree(AT_FDCWD, "from", 1 | 0x8000);
	tap_zero(umount2("from", MNT_DETACH), "the original is gone");
	tap_zero(faccessat(tree, "in/file", F_OK, 0), "the copy is not");
	close(tree);
	rmdir("from");
	rmdir("to");
}

struct attr { uint64_t set, clear, propagation, userns; };

static int setattr(const char *path, unsigned flags, uint64_t set, uint64_t clear, uint64_t propagation)
{
	struct attr a = { set, clear, propagation, 0 };

	return (int)syscall(NR_mount_setattr, AT_FDCWD, path, flags, &a, sizeof a);
}

static void test_attributes(void)
{
	int fd;

	mkdir("m", 0755);
	mount("a", "m", "ramfs", 0, NULL);
	mkdir("m/in", 0755);
	mount("b", "m/in", "ramfs", 0, NULL);
	tap_errno(setattr("m", 0x10, RDONLY, 0, 0), EINVAL, "mount_setattr: unknown flags");
	tap_errno(setattr("m", 0, 0x40000000, 0, 0), EINVAL, "unknown attributes");
	tap_errno(setattr("m", 0, NOATIME, 0, 0), EINVAL, "times have to be cleared");
	tap_errno(setattr("m", 0, 0, 0x10, 0), EINVAL, "as a whole");
	tap_errno(setattr("m", 0, 0, 0, 3 << 18), EINVAL, "two kinds of propagation");
	tap_errno(setattr("m/none", 0, RDONLY, 0, 0), ENOENT, "of nothing");
	tap_zero(setattr("m/none", 0, 0, 0, 0), "no change is not looked at");
	tap_errno(syscall(NR_mount_setattr, AT_FDCWD, "m", 0, "", 8), EINVAL, "a structure too small");
	tap_errno(syscall(NR_mount_setattr, AT_FDCWD, "m", 0, "", 5000), E2BIG, "or too large");
	fd = open("m/in/f", O_CREAT | O_WRONLY, 0644);
	tap_errno(setattr("m", 0x8000, RDONLY, 0, 0), EBUSY, "read-only with a writer below");
	tap_zero(setattr("m", 0, RDONLY | NOSUID, 0, 0), "not below");
	close(fd);
	mounts_is("m", "m ramfs ro,nosuid,relatime 0 0", "now");
	is(line_of("/proc/self/mountinfo", "m"), "m ro,nosuid,relatime - ramfs a rw", "the mount, not the file system");
	tap_zero(setattr("m", 0x8000, NOEXEC | STRICTATIME, RDONLY | ATIME, 0), "all of them");
	mounts_is("m", "m ramfs rw,nosuid,noexec 0 0", "this one");
	mounts_is("m/in", "m/in ramfs rw,noexec 0 0", "and the other");
	tap_zero(mount(NULL, "m", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), "the old way, for the mount");
	is(line_of("/proc/self/mountinfo", "m"), "m ro - ramfs a rw", "the same, times as they were");
	mkdir("view", 0755);
	mount("m", "view", NULL, MS_BIND, NULL);
	tap_zero(mount(NULL, "view", NULL, MS_REMOUNT | MS_BIND, NULL), "another view may be written to");
	close(open("view/f", O_CREAT | O_WRONLY, 0644));
	tap_zero(access("m/f", F_OK), "it was");
	tap_zero(mount(NULL, "m", NULL, MS_REMOUNT | MS_RDONLY, NULL), "the file system");
	is(line_of("/proc/self/mountinfo", "view"), "view rw - ramfs a ro", "in all views");
	tap_errno(open("view/g", O_CREAT | O_WRONLY, 0644), EROFS, "cannot be written");
	umount("view");
	umount("m/in");
	umount("m");
	rmdir("view");
	rmdir("m");
}

static void test_umount(void)
{
	int fd;

	mkdir("m", 0755);
	mount("a", "m", "ramfs", 0, NULL);
	symlink("m", "link");
	tap_errno(umount2("link", UMOUNT_NOFOLLOW), EINVAL, "UMOUNT_NOFOLLOW: a link is no mount");
	tap_errno(umount2("m", MNT_EXPIRE | MNT_DETACH), EINVAL, "MNT_EXPIRE goes alone");
	fd = open("m/f", O_CREAT | O_WRONLY, 0644);
	tap_errno(umount2("m", MNT_EXPIRE), EBUSY, "in use");
	close(fd);
	tap_errno(umount2("m", MNT_EXPIRE), EAGAIN, "marked");
	close(open("m/f", O_RDONLY));
	tap_errno(umount2("m", MNT_EXPIRE), EAGAIN, "somebody was here: marked again");
	tap_zero(umount2("m", MNT_EXPIRE), "nobody was: gone");
	unlink("link");
	rmdir("m");
}

struct request { uint32_t size, ns_fd; uint64_t mnt_id, param, ns_id; };
struct answer {
	uint32_t size, mnt_opts;
	uint64_t mask;
	uint32_t dev_major, dev_minor;
	uint64_t magic;
	uint32_t sb_flags, fs_type;
	uint64_t mnt_id, parent_id;
	uint32_t old_id, old_parent;
	uint64_t attr, propagation, peer, master, from;
	uint32_t mnt_root, mnt_point;
	uint64_t ns_id, spare[49];
	char text[1024];
};

static void test_numbers(void)
{
	struct request r = { sizeof r, 0, 1, 0, 0 };
	uint64_t ids[64], last;
	struct answer a;
	int n, seen = 0, in_order = 1;

	tap_errno(syscall(NR_listmount, &r, ids, 64, 0), EINVAL, "a number of the old kind");
	r.mnt_id = UINT64_MAX;
	tap_errno(syscall(NR_listmount, &r, ids, 64, 2), EINVAL, "listmount: unknown flags");
	tap_errno(syscall(NR_listmount, &r, ids, 1000001, 0), EOVERFLOW, "too many");
	r.size = 8;
	tap_errno(syscall(NR_listmount, &r, ids, 64, 0), EINVAL, "a request too small");
	r.size = sizeof r;
	mkdir("m", 0755);
	mount("a", "m", "ramfs", MS_NODEV, "mode=700");
	n = (int)syscall(NR_listmount, &r, ids, 64, 0);
	tap_ok(n > 1, "listmount gives all mounts");
	for (int i = 1; i < n; i++)
		in_order &= ids[i] > ids[i - 1];
	tap_ok(in_order, "by age");
	last = n > 0 ? ids[n - 1] : 0;
	tap_ok(syscall(NR_listmount, &r, ids, 1, 1) == 1 && ids[0] == last, "or the other way round");
	r.param = last;
	tap_is(syscall(NR_listmount, &r, ids, 64, 0), 0, "nothing after the last");
	r = (struct request){ sizeof r, 0, last, 0xfb, 0 };
	memset(&a, 0xee, sizeof a);
	tap_errno(syscall(NR_statmount, &r, &a, sizeof a, 1), EINVAL, "statmount: flags");
	tap_errno(syscall(NR_statmount, &r, &a, 512, 0), EOVERFLOW, "no room for texts");
	tap_zero(syscall(NR_statmount, &r, &a, sizeof a, 0), "statmount");
	tap_is((long long)a.mask, 0xfb, "all that was asked for");
	is(a.text + a.fs_type, "ramfs", "its type");
	is(a.text + a.mnt_root, "/", "what of it is seen");
	tap_ok(strstr(a.text + a.mnt_point, "/m") && a.text[a.mnt_point] == '/', "where");
	is(a.text + a.mnt_opts, "mode=700", "its options");
	tap_ok(a.mnt_id == last && a.parent_id != last, "its number and its parent's");
	tap_ok(a.magic == 0x858458f6 && a.attr == NODEV && a.propagation == 1 << 18, "kind, attributes, propagation");
	r.param = 2;
	tap_zero(syscall(NR_statmount, &r, &a, 512, 0), "without texts it fits");
	r.mnt_id = last;
	for (uint64_t child = a.parent_id; seen < 10 && child; seen++) {
		r.mnt_id = child;
		if (syscall(NR_statmount, &r, &a, 512, 0) || a.parent_id == child)
			break;
		child = a.parent_id;
	}
	tap_ok(seen < 10 && a.parent_id == a.mnt_id, "the root is its own parent");
	umount("m");
	r.mnt_id = last;
	tap_errno(syscall(NR_statmount, &r, &a, 512, 0), ENOENT, "gone");
	mount("a", "m", "ramfs", 0, NULL);
	tap_errno(syscall(NR_statmount, &r, &a, 512, 0), ENOENT, "for ever");
	umount("m");
	rmdir("m");
}

static void test_users(void)
{
	seteuid(1000);
	tap_errno(fsopen("ramfs", 0), EPERM, "fsopen by a user");
	tap_errno(fspick(AT_FDCWD, ".", 0), EPERM, "fspick");
	tap_errno(fsmount(0, 0, 0), EPERM, "fsmount");
	tap_errno(open_tree(AT_FDCWD, ".", 1), EPERM, "open_tree with a copy");
	tap_errno(move_mount(AT_FDCWD, ".", AT_FDCWD, ".", 0), EPERM, "move_mount");
	tap_errno(setattr(".", 0, RDONLY, 0, 0), EPERM, "mount_setattr");
	seteuid(0);
}

int main(void)
{
	if (!tap_own_machine()) {
		printf("1..0 # SKIP not a machine of our own\n");
		return 0;
	}
	unsetenv("SCRATCH");
	tap_plan(0);
	scratch_enter();
	test_steps();
	test_trees();
	test_attributes();
	test_umount();
	test_numbers();
	test_users();
	scratch_leave();
	return tap_done();
}
