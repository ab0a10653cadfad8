/* SPDX-License-Identifier: MIT
 * Names: directories, links, renames, reading directories, where we are.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <sys/syscall.h>
#include "scratch.h"

enum { NOREPLACE = 1, EXCHANGE = 2 };

static long renameat2_(const char *a, const char *b, unsigned flags)
{
	return syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, flags);
}

static ino_t inode_of(const char *name)
{
	struct stat st;

	return lstat(name, &st) ? 0 : st.st_ino;
}

static void directories(void)
{
	struct stat st;

	tap_zero(mkdir("d", 0777), "mkdir");
	tap_ok(!stat("d", &st) && (st.st_mode & 07777) == 0755, "the umask applies");
	tap_errno(mkdir("d", 0777), EEXIST, "mkdir again");
	tap_zero(mkdir("d/e/", 0777), "mkdir with a slash behind");
	tap_errno(mkdir("x/y", 0777), ENOENT, "mkdir in nothing");
	tap_errno(mkdir("", 0777), ENOENT, "mkdir of the empty name");
	tap_errno(mkdir(".", 0777), EEXIST, "mkdir .");
	tap_errno(rmdir("d"), ENOTEMPTY, "rmdir of one that is not empty");
	tap_errno(unlink("d"), EISDIR, "unlink of a directory");
	tap_errno(rmdir("d/e/."), EINVAL, "rmdir of .");
	tap_errno(rmdir("d/e/.."), ENOTEMPTY, "rmdir of ..");
	tap_zero(rmdir("d/e/"), "rmdir with a slash behind");
	tap_zero(rmdir("d"), "rmdir");
	tap_errno(rmdir("d"), ENOENT, "rmdir again");
	scratch_file("f", "");
	tap_errno(rmdir("f"), ENOTDIR, "rmdir of a file");
	tap_errno(mkdir("f/d", 0777), ENOTDIR, "mkdir in a file");
	tap_errno(unlink("f/"), ENOTDIR, "unlink of a file with a slash behind");
	tap_zero(unlink("f"), "unlink");
	tap_errno(unlink("f"), ENOENT, "unlink again");
	tap_errno(unlinkat(AT_FDCWD, "f", 0x10), EINVAL, "unlinkat: wrong flags");
	tap_ok(rmdir("/") == -1 && (errno == EBUSY || errno == ENOTEMPTY), "rmdir of the root");
}

static void links(void)
{
	char buf[PATH_MAX];
	struct stat st;

	scratch_file("f", "one");
	mkdir("d", 0755);
	tap_zero(link("f", "g"), "link");
	tap_ok(inode_of("f") == inode_of("g") && !stat("g", &st) && st.st_nlink == 2,
	       "two names for one file");
	tap_errno(link("f", "g"), EEXIST, "link onto a name");
	tap_errno(link("none", "h"), ENOENT, "link of nothing");
	tap_errno(link("d", "h"), EPERM, "link of a directory");
	tap_errno(link("f", "none/h"), ENOENT, "link into nothing");
	unlink("f");
	tap_ok(!stat("g", &st) && st.st_nlink == 1, "one of them goes, the file stays");
	tap_zero(symlink("g", "s"), "symlink");
	tap_errno(symlink("g", "s"), EEXIST, "symlink onto a name");
	tap_errno(symlink("", "t"), ENOENT, "symlink to the empty name");
	tap_ok(readlink("s", buf, sizeof buf) == 1 && buf[0] == 'g', "readlink");
	tap_errno(readlink("g", buf, sizeof buf), EINVAL, "readlink of a file");
	tap_errno(readlink("none", buf, sizeof buf), ENOENT, "readlink of nothing");
	tap_errno(syscall(SYS_readlinkat, AT_FDCWD, "s", buf, 0), EINVAL, "readlink into no buffer");
	memset(buf, 'x', 3900);
	buf[3900] = 0;
	tap_zero(symlink(buf, "long"), "a target of 3900 bytes");
	tap_is(readlink("long", buf, 10), 10, "readlink is cut at the buffer's size");
	tap_is(readlink("long", buf, sizeof buf), 3900, "or gives all");
	tap_errno(open("long", O_RDONLY), ENAMETOOLONG, "which is too long a name");
	tap_zero(linkat(AT_FDCWD, "s", AT_FDCWD, "s2", 0), "linkat links the link itself");
	tap_ok(!lstat("s2", &st) && S_ISLNK(st.st_mode), "which is one, too");
	tap_ok(!linkat(AT_FDCWD, "s", AT_FDCWD, "g2", AT_SYMLINK_FOLLOW) && inode_of("g") == inode_of("g2"),
	       "or, with AT_SYMLINK_FOLLOW, its target");
	symlink("d", "sd");
	tap_ok(!mkdir("sd/in", 0755) && !access("d/in", F_OK), "a link to a directory is one, on the way");
	tap_errno(rmdir("sd"), ENOTDIR, "but not at its end");
	tap_ok(!rmdir("sd/in"), "rmdir through it");
	/* A chain of 40 links is followed, of 41 not. */
	symlink("g", "c0");
	for (int i = 1; i <= 40; i++) {
		char a[8], b[8];

		snprintf(a, sizeof a, "c%d", i - 1);
		snprintf(b, sizeof b, "c%d", i);
		symlink(a, b);
	}
	tap_zero(access("c39", F_OK), "40 links one after the other");
	tap_errno(access("c40", F_OK), ELOOP, "41 are too many");
	for (int i = 0; i <= 40; i++) {
		snprintf(buf, sizeof buf, "c%d", i);
		unlink(buf);
	}
	unlink("s"), unlink("s2"), unlink("g"), unlink("g2"), unlink("sd"), unlink("long"), rmdir("d");
}

static void renames(void)
{
	ino_t a, b;

	scratch_file("a", "A"), scratch_file("b", "B");
	mkdir("d", 0755), mkdir("e", 0755);
	a = inode_of("a"), b = inode_of("b");
	tap_ok(!rename("a", "c") && inode_of("c") == a && !inode_of("a"), "rename");
	tap_ok(!rename("c", "b") && inode_of("b") == a, "rename over a file");
	tap_errno(rename("none", "x"), ENOENT, "rename of nothing");
	tap_zero(rename("b", "b"), "rename onto itself");
	tap_errno(rename("b", "d"), EISDIR, "a file over a directory");
	tap_errno(rename("d", "b"), ENOTDIR, "a directory over a file");
	tap_zero(rename("d", "e"), "a directory over an empty one");
	scratch_file("e/f", "");
	mkdir("d", 0755);
	tap_errno(rename("d", "e"), ENOTEMPTY, "but not over a full one");
	tap_errno(rename("e", "e/g"), EINVAL, "a directory into itself");
	mkdir("e/sub", 0755);
	tap_errno(rename("e", "e/sub/g"), EINVAL, "or below itself");
	tap_errno(rename("e/sub", "e"), ENOTEMPTY, "or over its parent");
	tap_errno(rename(".", "x"), EBUSY, "rename of .");
	tap_errno(rename("d/..", "x"), EBUSY, "rename of ..");
	tap_errno(rename("b/", "x"), ENOTDIR, "a file with a slash behind");
	tap_zero(rename("e/sub/", "d/moved/"), "directories may have slashes behind");
	tap_ok(inode_of("d/moved") && !rmdir("d/moved"), "and move");
	link("b", "b2");
	tap_ok(!rename("b", "b2") && inode_of("b") == inode_of("b2"),
	       "two names of one file: nothing happens");
	unlink("b2");
	scratch_file("c", "C");
	b = inode_of("c");
	a = inode_of("b");
	tap_errno(renameat2_("b", "c", NOREPLACE), EEXIST, "RENAME_NOREPLACE");
	tap_zero(renameat2_("b", "n", NOREPLACE), "and when there is nothing");
	tap_ok(!renameat2_("n", "c", EXCHANGE) && inode_of("n") == b && inode_of("c") == a,
	       "RENAME_EXCHANGE");
	tap_ok(!renameat2_("c", "e", EXCHANGE) && inode_of("e") == a && !access("c/f", F_OK),
	       "a file and a directory exchanged");
	tap_errno(renameat2_("n", "none", EXCHANGE), ENOENT, "RENAME_EXCHANGE with nothing");
	tap_errno(renameat2_("n", "e", NOREPLACE | EXCHANGE), EINVAL, "both flags");
	tap_errno(renameat2_("n", "e", 0x100), EINVAL, "unknown flags");
	int fd = open("n", O_RDONLY);
	unlink("n");
	tap_ok(fd >= 0 && inode_of("n") == 0, "gone");
	close(fd);
	unlink("c/f"), rmdir("c"), unlink("e"), rmdir("d");
}

/* Counts names; each must come once. */
static int count(const char *dir, int want)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	static unsigned char seen[3000];
	int n = 0, dots = 0, twice = 0;

	memset(seen, 0, sizeof seen);
	while (d && (e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")) {
			dots++;
			continue;
		}
		int i = atoi(e->d_name + 1);

		if (i >= 0 && i < 3000)
			twice += seen[i]++;
		n++;
	}
	if (d)
		closedir(d);
	return dots == 2 && !twice && n == want;
}

static void reading(void)
{
	char name[32], buf[64];
	struct dirent *e;
	int fd, ok = 1, types = 0, n;
	DIR *d;

	mkdir("d", 0755);
	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof name, "d/f%d", i);
		fd = open(name, O_WRONLY | O_CREAT, 0644);
		ok &= fd >= 0;
		close(fd);
	}
	tap_ok(ok && count("d", 500), "500 names, each once, and two dots");
	/* Names that come and go while it is read: those that stay come exactly once. */
	d = opendir("d");
	for (n = 0; n < 100 && readdir(d); n++)
		;
	for (int i = 0; i < 500; i += 2) {
		snprintf(name, sizeof name, "d/f%d", i);
		unlink(name);
	}
	int odd[500] = { 0 };
	rewinddir(d);
	while ((e = readdir(d)))
		if (e->d_name[0] == 'f')
			odd[atoi(e->d_name + 1)]++;
	ok = 1;
	for (int i = 0; i < 500; i++)
		ok &= odd[i] == i % 2;
	tap_ok(ok, "rewinddir sees what is there now");
	rewinddir(d);
	memset(odd, 0, sizeof odd);
	while ((e = readdir(d)))
		if (e->d_name[0] == 'f') {
			int i = atoi(e->d_name + 1);

			odd[i]++;
			snprintf(name, sizeof name, "d/f%d", i);
			unlink(name);
		}
	closedir(d);
	ok = 1;
	for (int i = 1; i < 500; i += 2)
		ok &= odd[i] == 1;
	tap_ok(ok && count("d", 0), "removing each name as it is read removes all");

	/* Places can be come back to. */
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof name, "d/f%d", i);
		scratch_file(name, "");
	}
	d = opendir("d");
	for (n = 0; n < 9; n++)
		readdir(d);
	long at = telldir(d);
	strcpy(name, readdir(d)->d_name);
	while (readdir(d))
		;
	seekdir(d, at);
	e = readdir(d);
	tap_ok(e && !strcmp(name, e->d_name), "telldir and seekdir");
	closedir(d);

	fd = open("d", O_RDONLY | O_DIRECTORY);
	tap_errno(syscall(SYS_getdents64, fd, buf, 10), EINVAL, "getdents64 into too small a buffer");
	n = (int)syscall(SYS_getdents64, fd, buf, sizeof buf);
	tap_ok(n > 0 && n <= 64 && !strcmp(buf + 19, "."), "getdents64: . comes first");
	close(fd);
	fd = open("d/f0", O_RDONLY);
	tap_errno(syscall(SYS_getdents64, fd, buf, sizeof buf), ENOTDIR, "getdents64 of a file");
	close(fd);
	tap_errno(syscall(SYS_getdents64, 99, buf, sizeof buf), EBADF, "getdents64 of nothing");
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof name, "d/f%d", i);
		unlink(name);
	}
	fd = open("d", O_RDONLY | O_DIRECTORY);
	rmdir("d");
	tap_errno(syscall(SYS_getdents64, fd, buf, sizeof buf), ENOENT, "getdents64 of a removed directory");
	tap_errno(openat(fd, "f", O_RDWR | O_CREAT, 0644), ENOENT, "nothing can be made in it");
	close(fd);

	mkdir("t", 0755), mkdir("t/d", 0755), symlink("x", "t/l"), mkfifo("t/p", 0600),
		scratch_file("t/f", "");
	d = opendir("t");
	while ((e = readdir(d)))
		types += (e->d_name[0] == 'd' && e->d_type == DT_DIR) +
			 (e->d_name[0] == 'l' && e->d_type == DT_LNK) +
			 (e->d_name[0] == 'p' && e->d_type == DT_FIFO) +
			 (e->d_name[0] == 'f' && e->d_type == DT_REG);
	closedir(d);
	tap_is(types, 4, "d_type says what each name is");
	unlink("t/f"), unlink("t/p"), unlink("t/l"), rmdir("t/d"), rmdir("t");
}

static void where(void)
{
	char here[PATH_MAX], buf[PATH_MAX];
	int fd;

	getcwd(here, sizeof here);
	tap_ok(!strcmp(here, scratch_dir), "getcwd");
	mkdir("d", 0755), mkdir("d/e", 0755);
	symlink("d/e", "s");
	tap_ok(!chdir("s") && getcwd(buf, sizeof buf) && !strcmp(buf + strlen(here), "/d/e"),
	       "chdir through a link");
	tap_ok(!chdir("..") && getcwd(buf, sizeof buf) && !strcmp(buf + strlen(here), "/d"),
	       ".. is the real parent");
	tap_ok(!getcwd(buf, 3) && errno == ERANGE, "getcwd into too small a buffer");
	tap_errno(chdir("none"), ENOENT, "chdir to nothing");
	scratch_file("f", "");
	tap_errno(chdir("f"), ENOTDIR, "chdir to a file");
	fd = open("f", O_RDONLY);
	tap_errno(fchdir(fd), ENOTDIR, "fchdir to a file");
	close(fd);
	tap_errno(fchdir(99), EBADF, "fchdir to nothing");
	unlink("f");
	fd = open("e", O_RDONLY);
	tap_ok(!fchdir(fd) && getcwd(buf, sizeof buf) && !strcmp(buf + strlen(here), "/d/e"), "fchdir");
	tap_zero(rmdir("../e"), "the directory we are in can be removed");
	tap_ok(!getcwd(buf, sizeof buf) && errno == ENOENT, "then there is no name for it");
	tap_errno(open("x", O_RDWR | O_CREAT, 0644), ENOENT, "and nothing can be made");
	tap_zero(chdir("/"), "but left");
	close(fd);
	chdir(here);
	rename("d", "d2");
	chdir("d2");
	tap_ok(getcwd(buf, sizeof buf) && !strcmp(buf + strlen(here), "/d2"),
	       "a renamed directory has its new name");
	chdir(here);
	tap_ok(!access("././d2/.././d2//", F_OK), "dots and slashes on the way");
	tap_ok(!access("/../../..", F_OK), ".. of the root is the root");
	rmdir("d2"), unlink("s");
	tap_errno(chroot("none"), ENOENT, "chroot to nothing");
}

static void nodes(void)
{
	struct stat st;

	tap_zero(mknod("p", S_IFIFO | 0666, 0), "mknod of a FIFO");
	tap_ok(!stat("p", &st) && (st.st_mode & S_IFMT) == S_IFIFO && (st.st_mode & 0777) == 0644,
	       "the umask applies");
	tap_errno(mknod("p", S_IFIFO | 0666, 0), EEXIST, "mknod again");
	tap_ok(!mknod("r", 0640, 0) && !stat("r", &st) && S_ISREG(st.st_mode),
	       "mknod without a type makes a file");
	tap_errno(mknod("d", S_IFDIR | 0777, 0), EPERM, "mknod of a directory");
	tap_errno(mknod("d", 0150000, 0), EINVAL, "mknod of no known type");
	if (scratch_mounted) {
		char c = 1;

		tap_zero(mknod("null", S_IFCHR | 0666, 0x103), "mknod of a device");
		int fd = open("null", O_RDWR);
		tap_ok(fd >= 0 && write(fd, "x", 1) == 1 && read(fd, &c, 1) == 0, "which works");
		close(fd);
		mknod("nodev", S_IFCHR | 0666, 0xfe01);
		tap_errno(open("nodev", O_RDONLY), ENXIO, "a device nobody drives");
		unlink("null"), unlink("nodev");
	} else {
		tap_skip(3, "not on a tmpfs of our own");
	}
	unlink("p"), unlink("r");
}

int main(void)
{
	tap_plan(0);
	scratch_enter();
	directories();
	links();
	renames();
	reading();
	where();
	nodes();
	scratch_leave();
	return tap_done();
}
