/* SPDX-License-Identifier: MIT
 * mount, umount, bind, move, remount; what mount flags forbid; chroot and pivot_root.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include "scratch.h"

/* Is there a line for this mount point in /proc/mounts that has this text in it? */
static int listed(const char *point, const char *text)
{
	char line[512], path[PATH_MAX + 8];
	FILE *f = fopen("/proc/mounts", "r");
	int found = 0;

	snprintf(path, sizeof path, "%s/%s ", scratch_dir, point);
	while (f && fgets(line, sizeof line, f))
		if (strstr(line, path) && strstr(line, text))
			found = 1;
	if (f)
		fclose(f);
	return found;
}

static void mounting(void)
{
	struct stat st, under;
	struct statfs fs;

	mkdir("m", 0755);
	scratch_file("m/below", "");
	stat("m", &under);
	tap_zero(mount("none", "m", "tmpfs", 0, NULL), "mount");
	tap_errno(access("m/below", F_OK), ENOENT, "covers what is below");
	tap_ok(!stat("m", &st) && (st.st_dev != under.st_dev || st.st_ino != under.st_ino),
	       "with another file system");
	scratch_file("m/above", "x");
	tap_ok(listed("m", "tmpfs"), "/proc/mounts lists it");
	tap_errno(rmdir("m"), EBUSY, "a mount point cannot be removed");
	tap_errno(rename("m", "n"), EBUSY, "nor renamed");
	tap_errno(link("m/above", "x"), EXDEV, "link across mounts");
	tap_errno(rename("m/above", "x"), EXDEV, "rename across mounts");
	tap_ok(!stat("m/..", &st) && !stat(".", &under) && st.st_ino == under.st_ino, ".. leads out");
	int fd = open("m/above", O_RDONLY);
	tap_errno(umount("m"), EBUSY, "umount with an open file");
	close(fd);
	chdir("m");
	tap_errno(umount("."), EBUSY, "umount from inside");
	chdir(scratch_dir);
	tap_zero(umount("m"), "umount");
	tap_zero(access("m/below", F_OK), "shows what was below again");
	tap_errno(umount("m"), EINVAL, "umount of what is none");
	tap_errno(umount("none"), ENOENT, "umount of nothing");
	tap_errno(umount2("m", 0x100), EINVAL, "umount2: unknown flags");
	tap_errno(mount("none", "m", "nosuchfs", 0, NULL), ENODEV, "mount: no such type");
	tap_errno(mount("none", "none", "tmpfs", 0, NULL), ENOENT, "mount on nothing");
	tap_errno(mount("none", "m/below", "tmpfs", 0, NULL), ENOTDIR, "mount on a file");
	tap_errno(mount("none", "m", NULL, 0, NULL), EINVAL, "mount without a type");
	/* One over the other: the last one counts. */
	mount("none", "m", "tmpfs", 0, NULL);
	scratch_file("m/first", "");
	mount("none", "m", "tmpfs", 0, NULL);
	tap_errno(access("m/first", F_OK), ENOENT, "a second mount covers the first");
	umount("m");
	tap_zero(access("m/first", F_OK), "and uncovers it");
	umount("m");
	tap_ok(!mount("none", "m", "tmpfs", 0, "size=64k") && !statfs("m", &fs) &&
		       fs.f_blocks * fs.f_bsize == 65536,
	       "tmpfs: size=64k");
	char *buf = calloc(1, 70000);
	fd = open("m/big", O_RDWR | O_CREAT, 0644);
	ssize_t n = write(fd, buf, 70000);
	tap_ok(n > 0 && n <= 65536, "what does not fit is cut");
	tap_errno(write(fd, buf, 70000), ENOSPC, "and then refused");
	close(fd);
	unlink("m/big");
	fd = open("m/big", O_RDWR | O_CREAT, 0644);
	tap_is(write(fd, buf, 60000), 60000, "removing gives the room back");
	free(buf);
	/* Out of sight at once, gone when nobody uses it. */
	tap_zero(umount2("m", MNT_DETACH), "umount2: MNT_DETACH with an open file");
	tap_zero(access("m/below", F_OK), "it is out of sight");
	tap_is(pwrite(fd, "x", 1, 0), 1, "but the open file works");
	close(fd);
	unlink("m/below"), rmdir("m");
}

static void flags(void)
{
	struct stat st;
	struct statfs fs;

	mkdir("m", 0755);
	mount("none", "m", "tmpfs", 0, NULL);
	scratch_file("m/f", "x");
	chmod("m/f", 0755);
	mknod("m/null", S_IFCHR | 0666, makedev(1, 3));
	int fd = open("m/f", O_RDWR);
	tap_errno(mount(NULL, "m", NULL, MS_REMOUNT | MS_RDONLY, NULL), EBUSY, "read-only with a writer");
	close(fd);
	tap_zero(mount(NULL, "m", NULL, MS_REMOUNT | MS_RDONLY, NULL), "remount read-only");
	tap_ok(listed("m", "ro"), "/proc/mounts says so");
	tap_ok(!statfs("m", &fs) && (fs.f_flags & 1), "statfs, too");
	tap_errno(open("m/f", O_RDWR), EROFS, "open for writing");
	tap_errno(open("m/g", O_RDWR | O_CREAT, 0644), EROFS, "open with O_CREAT");
	fd = open("m/f", O_RDONLY);
	tap_ok(fd >= 0, "open for reading works");
	tap_errno(fchmod(fd, 0600), EROFS, "fchmod");
	close(fd);
	tap_errno(unlink("m/f"), EROFS, "unlink");
	tap_errno(mkdir("m/d", 0755), EROFS, "mkdir");
	tap_errno(mkdir("m/f", 0755), EEXIST, "mkdir of what is there");
	tap_errno(symlink("x", "m/s"), EROFS, "symlink");
	tap_errno(rename("m/f", "m/g"), EROFS, "rename");
	tap_errno(link("m/f", "m/g"), EROFS, "link");
	tap_errno(chmod("m/f", 0600), EROFS, "chmod");
	tap_errno(chown("m/f", 1, 1), EROFS, "chown");
	tap_errno(utimensat(AT_FDCWD, "m/f", NULL, 0), EROFS, "utimensat");
	tap_errno(truncate("m/f", 0), EROFS, "truncate");
	tap_errno(access("m/f", W_OK), EROFS, "access: W_OK");
	tap_zero(access("m/f", R_OK | X_OK), "access: R_OK|X_OK");
	fd = open("m/null", O_RDWR);
	tap_ok(fd >= 0, "devices can be written");
	close(fd);
	tap_zero(mount(NULL, "m", NULL, MS_REMOUNT | MS_NODEV | MS_NOEXEC | MS_NOSUID, NULL),
		 "remount without rights");
	tap_errno(open("m/null", O_RDWR), EACCES, "MS_NODEV: no devices");
	tap_errno(access("m/f", X_OK), EACCES, "MS_NOEXEC: access says no");
	char *argv[] = { "f", NULL };
	tap_errno(execv("m/f", argv), EACCES, "MS_NOEXEC: execve, too");
	tap_ok(!stat("m/f", &st) && !chmod("m/f", 0700), "files can be changed again");
	umount("m");
	tap_errno(mount(NULL, "m", NULL, MS_REMOUNT, NULL), EINVAL, "remount of what is none");
	rmdir("m");
}

static void moving(void)
{
	mkdir("a", 0755), mkdir("b", 0755), mkdir("a/in", 0755);
	scratch_file("a/in/f", "");
	tap_zero(mount("a", "b", NULL, MS_BIND, NULL), "bind");
	tap_zero(access("b/in/f", F_OK), "shows the same tree");
	scratch_file("b/new", "");
	tap_zero(access("a/new", F_OK), "both ways");
	tap_errno(rename("b/new", "a/new2"), EXDEV, "but is another mount");
	umount("b");
	tap_errno(access("b/new", F_OK), ENOENT, "unbind");
	scratch_file("file", "content"), scratch_file("over", "");
	tap_zero(mount("file", "over", NULL, MS_BIND, NULL), "bind of a file");
	struct stat st;
	tap_ok(!stat("over", &st) && st.st_size == 7, "on a file");
	umount("over");
	tap_errno(mount("file", "b", NULL, MS_BIND, NULL), ENOTDIR, "a file on a directory");
	tap_errno(mount("none", "b", NULL, MS_BIND, NULL), ENOENT, "bind of nothing");
	mount("none", "a", "tmpfs", 0, NULL);
	scratch_file("a/moved", "");
	tap_zero(mount("a", "b", NULL, MS_MOVE, NULL), "move");
	tap_ok(!access("b/moved", F_OK) && access("a/moved", F_OK), "is there and not here");
	tap_ok(!access("a/in/f", F_OK), "where the old tree shows again");
	tap_errno(mount("a", "b", NULL, MS_MOVE, NULL), EINVAL, "move of what is no mount");
	umount("b");
	tap_zero(mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL), "propagation flags change nothing");
	unlink("file"), unlink("over"), unlink("a/new"), unlink("a/in/f");
	rmdir("a/in"), rmdir("a"), rmdir("b");
}

static void users(void)
{
	mkdir("m", 0755);
	mkdir("open", 0755);
	chmod("open", 01777);
	seteuid(1000);
	tap_errno(mount("none", "m", "tmpfs", 0, NULL), EPERM, "mount by a user");
	tap_errno(umount(scratch_dir), EPERM, "umount by a user");
	tap_errno(chroot("."), EPERM, "chroot by a user");
	tap_errno(syscall(SYS_pivot_root, ".", "."), EPERM, "pivot_root by a user");
	tap_errno(mknod("m/dev", S_IFCHR | 0666, makedev(1, 3)), EACCES,
		  "mknod of a device by a user, no write access");
	tap_errno(mknod("open/dev", S_IFCHR | 0666, makedev(1, 3)), EPERM, "with it");
	seteuid(0);
	rmdir("m"), rmdir("open");
}

/* In a thread without CLONE_FS the new root is its own. */
static char stack[32768] __attribute__((aligned(16)));
static int failed_inside;

static int inside(void *arg)
{
	char buf[PATH_MAX];

	(void)arg;
	if (chroot("jail") || chdir("/"))
		return 1;
	failed_inside += !getcwd(buf, sizeof buf) || strcmp(buf, "/");
	failed_inside += access("/f", F_OK) != 0;
	failed_inside += access("/../../../f", F_OK) != 0;	/* .. stops there */
	failed_inside += access("/link", F_OK) != 0;		/* to /f, inside */
	failed_inside += access("/proc", F_OK) == 0;
	return 0;
}

static void roots(void)
{
	mkdir("jail", 0755);
	scratch_file("jail/f", "");
	symlink("/f", "jail/link");
	tap_errno(access("jail/link", F_OK), ENOENT, "from outside the link leads elsewhere");
	/* CLONE_VFORK: we wait; CLONE_VM: it sees our variables; no CLONE_FS: its root is its own. */
	pid_t pid = clone(inside, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
	int status = -1;
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	tap_ok(pid > 0 && status == 0, "chroot in a child");
	tap_is(failed_inside, 0, "it is shut in");
	tap_zero(access("/proc", F_OK), "we are not");
	unlink("jail/f"), unlink("jail/link"), rmdir("jail");
}

/* A recursive bind takes along what is mounted below; doubling it again and again comes to an end. */
static void recursion(void)
{
	char name[16];
	int made = 0, err = 0;

	mkdir("tree", 0755);
	mkdir("copy", 0755);
	tap_zero(mount("none", "tree", "tmpfs", 0, NULL), "a tree to copy");
	mkdir("tree/in", 0755);
	tap_zero(mount("none", "tree/in", "tmpfs", 0, NULL), "with a mount in it");
	close(open("tree/in/file", O_CREAT | O_WRONLY, 0644));
	tap_zero(mount("tree", "copy", NULL, MS_BIND | MS_REC, NULL), "recursive bind");
	tap_zero(access("copy/in/file", F_OK), "shows what is mounted below");
	tap_zero(umount2("copy", MNT_DETACH), "away with it");
	for (int i = 0; i < 30 && !err; i++) {
		snprintf(name, sizeof name, "tree/%d", i);
		mkdir(name, 0755);
		err = mount("tree", name, NULL, MS_BIND | MS_REC, NULL) ? errno : 0;
		made += !err;
	}
	tap_diag("errno %d after %d doublings", err, made);
	tap_ok(err == ENOSPC && made > 5, "there is an end to mounts");
	tap_zero(umount2("tree", MNT_DETACH), "all gone at once");
	tap_zero(mount("none", "tree", "tmpfs", 0, NULL), "and there is room again");
	tap_zero(umount2("tree", 0), "away with that, too");
}

int main(void)
{
	if (!tap_own_machine()) {
		printf("1..0 # SKIP not a machine of our own\n");
		return 0;
	}
	unsetenv("SCRATCH");		/* this one needs mounts of its own */
	tap_plan(0);
	scratch_enter();
	mounting();
	flags();
	moving();
	recursion();
	users();
	roots();
	scratch_leave();
	return tap_done();
}
