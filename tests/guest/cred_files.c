/* SPDX-License-Identifier: MIT
 * Who may do what with files: owner, group and others, sticky and set-group-ID folders, what takes set-ID bits away, and
 * which capability stands in for what.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include "scratch.h"

enum { CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER, FSETID, MKNOD = 27, NONE = 63 };

/* Files are looked at as this user, with this one capability.  The ids are changed by effective ones only. */
static void become(unsigned uid, unsigned gid, int cap)
{
	unsigned header[2] = { 0x20080522, 0 }, d[6] = { 0 };

	if (seteuid(0) || setegid(gid) || seteuid(uid))
		tap_bail("cannot become %u", uid);
	if (!uid && cap == NONE)
		return;
	syscall(SYS_capget, header, d);
	d[0] = cap < 32 ? 1u << cap : 0;
	d[3] = 0;
	syscall(SYS_capset, header, d);
}

static void root(void)
{
	if (seteuid(0) || setegid(0))
		tap_bail("cannot be root again");
}

static unsigned mode_of(const char *path)
{
	struct stat st;

	return lstat(path, &st) ? 0 : st.st_mode & 07777;
}

/* Which of reading, writing and executing (searching) are allowed: "rwx". */
static const char *may(const char *path)
{
	static char text[4];

	text[0] = faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) ? '-' : 'r';
	text[1] = faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) ? '-' : 'w';
	text[2] = faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) ? '-' : 'x';
	return text;
}

static void is(const char *got, const char *want, const char *what)
{
	if (!tap_ok(!strcmp(got, want), "%s: %s", what, want))
		tap_diag("got %s", got);
}

static void test_classes(void)
{
	static const gid_t groups[] = { 50, 60 };

	scratch_file("f", "text");
	mkdir("d", 0);
	chown("f", 1000, 60);
	chown("d", 1000, 60);
	chmod("f", 0421);
	chmod("d", 0421);
	become(1000, 1000, NONE);
	is(may("f"), "r--", "the owner, even if others may more");
	become(1001, 60, NONE);
	is(may("f"), "-w-", "the group");
	become(1001, 1001, NONE);
	is(may("f"), "--x", "others");
	root();
	tap_zero(setgroups(2, groups), "supplementary groups");
	become(1001, 1001, NONE);
	is(may("f"), "-w-", "one of them is the file's");
	root();
	setgroups(0, NULL);
	become(0, 0, NONE);
	is(may("f"), "rwx", "root");
	chmod("f", 0600);
	is(may("f"), "rw-", "executes only what somebody may");
	is(may("d"), "rwx", "but searches any folder");
	chmod("d", 0);
	is(may("d"), "rwx", "really any");
	become(1001, 1001, DAC_READ_SEARCH);
	is(may("f"), "r--", "CAP_DAC_READ_SEARCH reads");
	is(may("d"), "r-x", "and searches");
	become(1001, 1001, DAC_OVERRIDE);
	is(may("f"), "rw-", "CAP_DAC_OVERRIDE");
	is(may("d"), "rwx", "all of a folder");
	become(1001, 1001, FOWNER);
	is(may("f"), "---", "CAP_FOWNER is no owner's right to read");
	root();
	chmod("f", 0644);
	chmod("d", 0755);
	tap_ok(access("f", W_OK) == 0, "access() as root");
	become(1001, 1001, NONE);
	tap_ok(access("f", W_OK) == 0, "goes by the real user, who is root");
	root();
	unlink("f");
	rmdir("d");
}

static void test_owner(void)
{
	struct timeval tv[2] = { { 1, 0 }, { 2, 0 } };

	scratch_file("f", "text");
	chown("f", 1000, 1000);
	chmod("f", 0666);
	become(1001, 1001, NONE);
	tap_errno(chmod("f", 0777), EPERM, "chmod of another's file");
	tap_errno(chown("f", 1001, -1), EPERM, "chown of another's file");
	tap_errno(utimes("f", tv), EPERM, "times of another's file");
	tap_zero(utimes("f", NULL), "now, if it can be written");
	tap_errno(open("f", O_RDONLY | O_NOATIME), EPERM, "O_NOATIME on another's file");
	become(1001, 1001, FOWNER);
	tap_zero(chmod("f", 0777), "CAP_FOWNER: chmod");
	tap_zero(utimes("f", tv), "CAP_FOWNER: times");
	tap_errno(chown("f", 1001, -1), EPERM, "CAP_FOWNER: not chown");
	become(1001, 1001, CHOWN);
	tap_zero(chown("f", 1001, 7), "CAP_CHOWN: chown");
	become(1001, 1001, NONE);
	tap_errno(chown("f", 1000, -1), EPERM, "giving one's own away");
	tap_zero(chown("f", 1001, 1001), "its group to one's own");
	tap_errno(chown("f", -1, 7), EPERM, "to another");
	tap_zero(chown("f", -1, -1), "nothing changed");
	root();
	unlink("f");
}

static void test_set_ids(void)
{
	int fd;

	scratch_file("f", "text");
	chmod("f", 06777);
	tap_zero(chown("f", 1000, 1000), "root's chown");
	tap_is(mode_of("f"), 0777, "takes both bits");
	chmod("f", 06767);
	tap_zero(chown("f", 1000, 7), "without execution by the group");
	tap_is(mode_of("f"), 02767, "set-group-ID stays");
	become(1000, 1000, NONE);
	tap_zero(chmod("f", 02777), "the owner, not of the group");
	tap_is(mode_of("f"), 0777, "cannot give it");
	become(1000, 1000, FSETID);
	tap_zero(chmod("f", 02777), "with CAP_FSETID");
	tap_is(mode_of("f"), 02777, "it can");
	root();
	chmod("f", 06777);
	fd = open("f", O_WRONLY);
	become(1001, 1001, NONE);
	tap_is(write(fd, "x", 1), 1, "written by a user, opened by root");
	tap_is(mode_of("f"), 0777, "takes both");
	root();
	chmod("f", 06777);
	tap_is(write(fd, "x", 1), 1, "written by root");
	tap_is(mode_of("f"), 06777, "takes none");
	close(fd);
	become(1001, 1001, NONE);
	tap_zero(truncate("f", 1), "cut by a user");
	tap_is(mode_of("f"), 0777, "takes both");
	root();
	chmod("f", 06777);
	become(1001, 1001, NONE);
	close(open("f", O_WRONLY | O_TRUNC));
	tap_is(mode_of("f"), 0777, "O_TRUNC as well");
	root();
	unlink("f");
	mkdir("d", 0755);
	chown("d", 0, 7);
	chmod("d", 02777);
	become(1001, 1001, NONE);
	mkdir("d/sub", 0755);
	tap_is(mode_of("d/sub"), 02755, "a folder in a set-group-ID folder is one, too");
	close(open("d/f", O_CREAT | O_WRONLY, 02755));
	tap_is(mode_of("d/f"), 0755, "a file of a group one is not in gets no set-group-ID");
	close(open("d/g", O_CREAT | O_WRONLY, 02745));
	tap_is(mode_of("d/g"), 02745, "unless the group cannot execute it");
	root();
	close(open("d/h", O_CREAT | O_WRONLY, 02755));
	tap_is(mode_of("d/h"), 02755, "root may");
	unlink("d/f");
	unlink("d/g");
	unlink("d/h");
	rmdir("d/sub");
	rmdir("d");
}

static void test_folders(void)
{
	mkdir("t", 01777);
	chmod("t", 01777);
	become(1000, 1000, NONE);
	scratch_file("t/mine", "x");
	chmod("t/mine", 0666);
	mkdir("t/dir", 0777);
	become(1001, 1001, NONE);
	tap_errno(unlink("t/mine"), EPERM, "another's file in a sticky folder");
	tap_errno(rmdir("t/dir"), EPERM, "another's folder");
	tap_errno(rename("t/mine", "t/x"), EPERM, "renaming it");
	scratch_file("t/other", "y");
	tap_errno(rename("t/other", "t/mine"), EPERM, "renaming over it");
	tap_zero(link("t/mine", "t/link"), "a link to it");
	become(1000, 1000, NONE);
	tap_zero(unlink("t/mine"), "one's own");
	become(1001, 1001, FOWNER);
	tap_zero(rmdir("t/dir"), "CAP_FOWNER");
	root();
	chown("t", 1002, 1002);
	become(1002, 1002, NONE);
	tap_zero(unlink("t/link"), "the folder's owner");
	become(1001, 1001, NONE);
	symlink("t/other", "sym");
	tap_errno(mkdir("no", 0755), EACCES, "a folder of root's");
	tap_errno(open("no", O_CREAT | O_WRONLY, 0644), EACCES, "no file in it");
	tap_errno(mknod("t/dev", S_IFCHR | 0666, makedev(1, 3)), EPERM, "a device");
	tap_zero(mknod("t/null", S_IFCHR, 0), "but a whiteout");
	tap_zero(mknod("t/fifo", S_IFIFO | 0666, 0), "and a FIFO");
	become(1001, 1001, MKNOD);
	tap_zero(mknod("t/dev", S_IFCHR | 0666, makedev(1, 3)), "CAP_MKNOD: a device");
	tap_errno(chroot("t"), EPERM, "chroot");
	root();
	unlink("t/null");
	unlink("t/fifo");
	unlink("t/dev");
	unlink("t/other");
	rmdir("t");
}

/* /proc/sys/fs/protected_* */
static int protect(const char *what, const char *value)
{
	char path[64];
	int fd, r;

	snprintf(path, sizeof path, "/proc/sys/fs/protected_%s", what);
	fd = open(path, O_WRONLY);
	r = write(fd, value, strlen(value)) == (ssize_t)strlen(value) ? 0 : -1;
	close(fd);
	return r;
}

static void test_protected(void)
{
	int fd;

	char hard[2] = "", sym[2] = "";

	mkdir("t", 01777);
	chmod("t", 01777);
	fd = open("/proc/sys/fs/protected_hardlinks", O_RDONLY);
	tap_ok(read(fd, hard, 1) == 1 && *hard == '1', "protected_hardlinks is 1 at first");
	close(fd);
	fd = open("/proc/sys/fs/protected_symlinks", O_RDONLY);
	tap_ok(read(fd, sym, 1) == 1 && *sym == '1', "and protected_symlinks");
	close(fd);
	tap_zero(protect("hardlinks", "0") || protect("symlinks", "0"), "they can be switched off");
	scratch_file("secret", "x");
	chmod("secret", 0640);
	become(1000, 1000, NONE);
	tap_zero(symlink("../secret", "t/sym"), "a symbolic link in a sticky folder");
	scratch_file("t/file", "x");
	chmod("t/file", 0666);
	mkfifo("t/fifo", 0666);
	chmod("t/fifo", 0666);
	become(1001, 1001, NONE);
	tap_zero(link("secret", "t/hard"), "a hard link to what cannot be read");
	root();
	unlink("t/hard");
	tap_zero(protect("hardlinks", "1"), "protected_hardlinks");
	tap_zero(protect("symlinks", "1"), "protected_symlinks");
	tap_zero(protect("regular", "1"), "protected_regular");
	tap_zero(protect("fifos", "1"), "protected_fifos");
	tap_errno(protect("fifos", "3"), EINVAL, "there is no 3");
	become(1001, 1001, NONE);
	tap_errno(link("secret", "t/hard"), EPERM, "no hard link to what cannot be read and written");
	tap_zero(link("t/file", "t/hard"), "but to what can");
	tap_errno(open("t/sym", O_RDONLY), EACCES, "another's link is not followed");
	tap_errno(open("t/file", O_RDWR | O_CREAT, 0644), EACCES, "another's file is not opened with O_CREAT");
	fd = open("t/file", O_RDWR);
	tap_ok(fd >= 0, "without it is");
	close(fd);
	tap_errno(open("t/fifo", O_RDWR | O_CREAT, 0644), EACCES, "nor another's FIFO");
	become(1000, 1000, FOWNER);
	tap_errno(open("t/sym", O_RDONLY), EACCES, "one's own link is: the file says no");
	fd = open("t/file", O_RDWR | O_CREAT, 0644);
	tap_ok(fd >= 0, "one's own file");
	close(fd);
	root();
	tap_errno(open("t/sym", O_RDONLY), EACCES, "not even root follows");
	tap_zero(link("secret", "t/hard2"), "but links");
	tap_zero(protect("symlinks", "0"), "switched off");
	fd = open("t/sym", O_RDONLY);
	tap_ok(fd >= 0, "now it does");
	close(fd);
	tap_zero(protect("symlinks", "1") || protect("regular", "0") || protect("fifos", "0"), "as it was");
	unlink("t/sym");
	unlink("t/hard");
	unlink("t/hard2");
	unlink("t/file");
	unlink("t/fifo");
	rmdir("t");
	unlink("secret");
}

int main(void)
{
	tap_plan(0);
	scratch_enter();
	umask(0);
	chmod(".", 0755);	/* a tmpfs's own may be another */
	test_classes();
	test_owner();
	test_set_ids();
	test_folders();
	test_protected();
	scratch_leave();
	return tap_done();
}
