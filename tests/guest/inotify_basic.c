/* SPDX-License-Identifier: MIT
 * inotify: each event, of files and of directories, with names and cookies; watches that end; queues; limits.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include "scratch.h"

#ifndef IN_MASK_CREATE
#define IN_MASK_CREATE 0x10000000
#endif

static void put_mask(char *s, unsigned mask)
{
	static const struct { unsigned bit; const char *name; } names[] = {
		{ IN_ACCESS, "ACCESS" }, { IN_MODIFY, "MODIFY" }, { IN_ATTRIB, "ATTRIB" }, { IN_CLOSE_WRITE, "CLOSE_WRITE" },
		{ IN_CLOSE_NOWRITE, "CLOSE_NOWRITE" }, { IN_OPEN, "OPEN" }, { IN_MOVED_FROM, "MOVED_FROM" },
		{ IN_MOVED_TO, "MOVED_TO" }, { IN_CREATE, "CREATE" }, { IN_DELETE, "DELETE" },
		{ IN_DELETE_SELF, "DELETE_SELF" }, { IN_MOVE_SELF, "MOVE_SELF" }, { IN_UNMOUNT, "UNMOUNT" },
		{ IN_Q_OVERFLOW, "Q_OVERFLOW" }, { IN_IGNORED, "IGNORED" }, { IN_ISDIR, "ISDIR" },
	};
	const char *separator = "";

	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		if (mask & names[i].bit) {
			strcat(s, separator), strcat(s, names[i].name);
			separator = "|";
		}
}

/* All that is queued: "1:CREATE:name" and so on; cookies as #1, #2 in order of their first use. */
static char text[4096];
static const char *events(int fd)
{
	static char buf[65536] __attribute__((aligned(8)));
	unsigned cookies[16];
	int ncookies = 0;
	ssize_t n = read(fd, buf, sizeof buf);

	*text = 0;
	for (char *p = buf; n > 0 && p < buf + n; ) {
		struct inotify_event *e = (void *)p;
		int c = 0;

		if (*text)
			strcat(text, " ");
		sprintf(text + strlen(text), "%d:", e->wd);
		put_mask(text, e->mask);
		if (e->len)
			sprintf(text + strlen(text), ":%s", e->name);
		if (e->cookie) {
			while (c < ncookies && cookies[c] != e->cookie)
				c++;
			if (c == ncookies)
				cookies[ncookies++] = e->cookie;
			sprintf(text + strlen(text), "#%d", c + 1);
		}
		p += sizeof *e + e->len;
	}
	return text;
}

static void is(int fd, const char *want, const char *what)
{
	const char *got = events(fd);

	if (!tap_ok(!strcmp(got, want), "%s: %s", what, got))
		tap_diag("want %s", want);
}

static void touch(const char *name)
{
	close(open(name, O_WRONLY | O_CREAT, 0644));
}

static void errors(void)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), p[2], wd;
	char c[15];

	pipe(p);
	touch("f");
	tap_ok(fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC && fcntl(fd, F_GETFL) == (O_NONBLOCK | O_RDONLY), "inotify_init1");
	tap_errno(inotify_init1(1), EINVAL, "unknown flags");
	tap_errno(inotify_add_watch(99, "f", IN_OPEN), EBADF, "add: not open");
	tap_errno(inotify_add_watch(p[0], "f", IN_OPEN), EINVAL, "add: a pipe");
	tap_errno(inotify_add_watch(fd, "f", 0), EINVAL, "add: no events");
	tap_errno(inotify_add_watch(99, "f", 0x1000), EINVAL, "add: unknown events");
	tap_errno(inotify_add_watch(fd, "f", IN_OPEN | IN_MASK_ADD | IN_MASK_CREATE), EINVAL, "add: to what is not there?");
	tap_errno(inotify_add_watch(fd, "none", IN_OPEN), ENOENT, "add: no such file");
	tap_errno(inotify_add_watch(fd, "", IN_OPEN), ENOENT, "add: no name");
	tap_errno(inotify_add_watch(fd, "f", IN_OPEN | IN_ONLYDIR), ENOTDIR, "add: IN_ONLYDIR");
	wd = inotify_add_watch(fd, "f", IN_OPEN);
	tap_is(wd, 1, "the first watch");
	tap_is(inotify_add_watch(fd, ".", IN_OPEN | IN_ONLYDIR), 2, "the second");
	tap_is(inotify_add_watch(fd, "./f", IN_CLOSE), 1, "the same file again: the same watch");
	tap_errno(inotify_add_watch(fd, "f", IN_OPEN | IN_MASK_CREATE), EEXIST, "add: IN_MASK_CREATE");
	tap_errno(inotify_rm_watch(fd, 3), EINVAL, "rm: no such watch");
	tap_errno(inotify_rm_watch(p[0], 1), EINVAL, "rm: a pipe");
	tap_errno(inotify_rm_watch(99, 1), EBADF, "rm: not open");
	tap_errno(read(fd, c, sizeof c), EAGAIN, "nothing to read");
	tap_zero(inotify_rm_watch(fd, 1), "rm");
	tap_errno(read(fd, c, sizeof c), EINVAL, "no room for an event");
	is(fd, "1:IGNORED", "a watch that is taken off");
	tap_is(inotify_add_watch(fd, "f", IN_OPEN), 3, "its number is not used again soon");
	tap_errno(write(fd, c, 1), EBADF, "it cannot be written");
	tap_is(lseek(fd, 5, SEEK_SET), 0, "seeking does nothing");
	tap_efault(syscall(SYS_inotify_add_watch, fd, (void *)8, IN_OPEN), "add: a bad pointer");
	close(fd), close(p[0]), close(p[1]);
	unlink("f");
}

static void files(void)
{
	int in = inotify_init1(IN_NONBLOCK), f;
	struct timespec ts[2] = { { 1, 0 }, { 2, 0 } };
	char buf[8];

	touch("f");
	inotify_add_watch(in, "f", IN_ALL_EVENTS);
	f = open("f", O_RDWR);
	is(in, "1:OPEN", "open");
	write(f, "hello", 5);
	write(f, "again", 5);
	is(in, "1:MODIFY", "two writes are told as one");
	pread(f, buf, 2, 0);
	pwrite(f, "x", 1, 0);
	pread(f, buf, 2, 0);
	is(in, "1:ACCESS 1:MODIFY 1:ACCESS", "read and write");
	pread(f, buf, 2, 100);
	pread(f, buf, 0, 0);
	write(f, "", 0);
	is(in, "", "nothing read, nothing written");
	ftruncate(f, 3);
	is(in, "1:MODIFY", "ftruncate");
	ftruncate(f, 3);
	is(in, "1:MODIFY", "to the length it has");
	fchmod(f, 0600);
	is(in, "1:ATTRIB", "fchmod");
	fchown(f, 1, 1);
	is(in, "1:ATTRIB", "fchown");
	fchown(f, -1, -1);
	is(in, "", "to nobody");
	utimensat(AT_FDCWD, "f", ts, 0);
	is(in, "1:ATTRIB", "both times");
	ts[0].tv_nsec = UTIME_OMIT;
	utimensat(AT_FDCWD, "f", ts, 0);
	is(in, "1:MODIFY", "the time of change");
	ts[0].tv_nsec = 0, ts[1].tv_nsec = UTIME_OMIT;
	utimensat(AT_FDCWD, "f", ts, 0);
	is(in, "1:ACCESS", "the time of access");
	close(f);
	is(in, "1:CLOSE_WRITE", "close");
	f = open("f", O_RDONLY);
	close(dup(f));
	close(f);
	is(in, "1:OPEN 1:CLOSE_NOWRITE", "the last of two descriptors closes");
	close(open("f", O_WRONLY | O_TRUNC));
	is(in, "1:OPEN 1:MODIFY 1:CLOSE_WRITE", "O_TRUNC");
	close(open("f", O_PATH));
	is(in, "", "O_PATH");
	close(open("f", O_RDONLY | O_DIRECTORY));
	is(in, "", "an open that fails");
	truncate("f", 0);
	is(in, "1:MODIFY", "truncate");
	link("f", "g");
	is(in, "1:ATTRIB", "link");
	unlink("g");
	is(in, "1:ATTRIB", "unlink of one of two names");
	rename("f", "g");
	is(in, "1:MOVE_SELF", "rename");
	unlink("g");
	is(in, "1:ATTRIB 1:DELETE_SELF 1:IGNORED", "unlink of the last name");
	close(in);
}

static void open_and_gone(void)
{
	int in = inotify_init1(IN_NONBLOCK), f;

	f = open("f", O_RDWR | O_CREAT, 0644);
	inotify_add_watch(in, "f", IN_ALL_EVENTS);
	unlink("f");
	is(in, "1:ATTRIB", "unlinked, but open");
	write(f, "x", 1);
	is(in, "1:MODIFY", "it lives on");
	close(f);
	is(in, "1:CLOSE_WRITE 1:DELETE_SELF 1:IGNORED", "until it is closed");
	touch("f"), touch("g");
	inotify_add_watch(in, "f", IN_ALL_EVENTS);
	inotify_add_watch(in, "g", IN_ALL_EVENTS);
	rename("f", "g");
	is(in, "3:ATTRIB 2:MOVE_SELF 3:DELETE_SELF 3:IGNORED", "one is renamed over the other");
	unlink("g");
	is(in, "2:ATTRIB 2:DELETE_SELF 2:IGNORED", "and goes as well");
	close(in);
}

static void directories(void)
{
	int in = inotify_init1(IN_NONBLOCK), f, d;
	char buf[512];

	mkdir("d", 0755);
	mkdir("e", 0755);
	inotify_add_watch(in, "d", IN_ALL_EVENTS);
	touch("d/f");
	is(in, "1:CREATE:f 1:OPEN:f 1:CLOSE_WRITE:f", "a new file");
	mkdir("d/sub", 0755);
	symlink("f", "d/l");
	mknod("d/p", S_IFIFO | 0600, 0);
	link("d/f", "d/h");
	is(in, "1:CREATE|ISDIR:sub 1:CREATE:l 1:CREATE:p 1:CREATE:h", "directory, symbolic link, FIFO, link");
	f = open("d/f", O_RDWR);
	write(f, "x", 1);
	pread(f, buf, 1, 0);
	fchmod(f, 0600);
	close(f);
	is(in, "1:OPEN:f 1:MODIFY:f 1:ACCESS:f 1:ATTRIB:f 1:CLOSE_WRITE:f", "what is done to a file in it");
	f = open("d/p", O_RDWR);
	write(f, "x", 1);
	read(f, buf, 1);
	close(f);
	is(in, "1:OPEN:p 1:CLOSE_WRITE:p", "of a FIFO not what goes through it");
	d = open("d", O_RDONLY | O_DIRECTORY);
	syscall(SYS_getdents64, d, buf, sizeof buf);
	close(d);
	is(in, "1:OPEN|ISDIR 1:ACCESS|ISDIR 1:CLOSE_NOWRITE|ISDIR", "the directory itself");
	chmod("d/sub", 0700);
	chmod("d", 0700);
	is(in, "1:ATTRIB|ISDIR:sub 1:ATTRIB|ISDIR", "modes of directories");
	rename("d/f", "d/f2");
	rename("d/sub", "d/sub2");
	is(in, "1:MOVED_FROM:f#1 1:MOVED_TO:f2#1 1:MOVED_FROM|ISDIR:sub#2 1:MOVED_TO|ISDIR:sub2#2", "renames within it");
	rename("d/f2", "e/f");
	is(in, "1:MOVED_FROM:f2#1", "out of it");
	rename("e/f", "d/l");
	is(in, "1:MOVED_TO:l#1", "into it, over a name that was there");
	unlink("d/p");
	rmdir("d/sub2");
	unlink("d/h");
	is(in, "1:DELETE:p 1:DELETE|ISDIR:sub2 1:DELETE:h", "names removed");
	inotify_add_watch(in, "e", IN_ALL_EVENTS);
	rename("d/l", "e/x");
	is(in, "1:MOVED_FROM:l#1 2:MOVED_TO:x#1", "from one watched directory to another");
	syscall(SYS_renameat2, AT_FDCWD, "d", AT_FDCWD, "e", 2 /* RENAME_EXCHANGE */);
	is(in, "1:MOVE_SELF 2:MOVE_SELF", "both change names");
	touch("d/y");
	mkdir("e/sub", 0755);
	is(in, "2:CREATE:y 2:OPEN:y 2:CLOSE_WRITE:y 1:CREATE|ISDIR:sub", "and are still watched");
	rename("d/y", "e/sub/y");
	is(in, "2:MOVED_FROM:y#1", "down into one that is not watched");
	unlink("e/sub/y");
	unlink("d/x");
	is(in, "2:DELETE:x", "only direct children count");
	rmdir("e/sub"), rmdir("d"), rmdir("e");
	is(in, "1:DELETE|ISDIR:sub 2:DELETE_SELF 2:IGNORED 1:DELETE_SELF 1:IGNORED", "directories removed");
	close(in);
}

static void both(void)
{
	int in = inotify_init1(IN_NONBLOCK), other = inotify_init1(IN_NONBLOCK), f;

	mkdir("d", 0755);
	touch("d/f");
	inotify_add_watch(in, "d", IN_ALL_EVENTS);
	inotify_add_watch(in, "d/f", IN_ALL_EVENTS);
	inotify_add_watch(other, "d/f", IN_MODIFY | IN_CLOSE_WRITE);
	f = open("d/f", O_WRONLY);
	write(f, "x", 1);
	close(f);
	is(in, "1:OPEN:f 2:OPEN 1:MODIFY:f 2:MODIFY 1:CLOSE_WRITE:f 2:CLOSE_WRITE", "file and directory");
	is(other, "1:MODIFY 1:CLOSE_WRITE", "another inotify hears what it asked for");
	unlink("d/f");
	is(in, "2:ATTRIB 2:DELETE_SELF 2:IGNORED 1:DELETE:f", "removed");
	is(other, "1:IGNORED", "a watch that ends says so unasked");
	rmdir("d");
	close(in), close(other);
}

static void flags(void)
{
	int in = inotify_init1(IN_NONBLOCK), f;

	mkdir("d", 0755);
	touch("d/f");
	symlink("d", "l");
	tap_is(inotify_add_watch(in, "l", IN_OPEN), 1, "through a symbolic link");
	tap_is(inotify_add_watch(in, "d", IN_CLOSE | IN_MASK_ADD), 1, "IN_MASK_ADD");
	touch("d/f");
	is(in, "1:OPEN:f 1:CLOSE_WRITE:f", "adds to the mask");
	inotify_add_watch(in, "d", IN_ATTRIB);
	touch("d/f");
	is(in, "", "else it replaces it");
	tap_is(inotify_add_watch(in, "l", IN_OPEN | IN_DONT_FOLLOW), 2, "IN_DONT_FOLLOW: the link itself");
	inotify_rm_watch(in, 2);
	tap_is(inotify_add_watch(in, "d", IN_OPEN | IN_ONESHOT), 1, "IN_ONESHOT");
	events(in);
	touch("d/f");
	is(in, "1:OPEN:f 1:IGNORED", "one event");
	inotify_add_watch(in, "d", IN_MODIFY | IN_CLOSE | IN_EXCL_UNLINK);
	f = open("d/f", O_WRONLY);
	unlink("d/f");
	write(f, "x", 1);
	close(f);
	is(in, "", "IN_EXCL_UNLINK");
	touch("d/f");
	inotify_add_watch(in, "d", IN_MODIFY);
	f = open("d/f", O_WRONLY);
	events(in);
	unlink("d/f");
	write(f, "x", 1);
	close(f);
	is(in, "3:MODIFY:f", "without it the old name is still told");
	unlink("l"), rmdir("d");
	close(in);
}

static void *writer(void *arg)
{
	struct timespec ts = { 0, 30000000 };

	(void)arg;
	nanosleep(&ts, NULL);
	touch("f");
	return NULL;
}

static void on_alarm(int sig)
{
	(void)sig;
}

static void reading(void)
{
	int in = inotify_init1(0), ep = epoll_create1(0), n = -1;
	struct { int wd; unsigned mask, cookie, len; char name[64]; } one;
	struct pollfd p = { in, POLLIN | POLLOUT, 0 };
	struct epoll_event ev = { .events = EPOLLIN };
	struct itimerval soon = { { 0, 0 }, { 0, 20000 } };
	struct sigaction sa = { .sa_handler = on_alarm };
	pthread_t t;

	inotify_add_watch(in, ".", IN_CREATE | IN_DELETE);
	tap_is(poll(&p, 1, 0), 0, "nothing to read");
	pthread_create(&t, NULL, writer, NULL);
	tap_ok(read(in, &one, sizeof one) == 32 && one.len == 16 && !strcmp(one.name, "f"), "a reader waits; names are padded to 16");
	pthread_join(t, NULL);
	unlink("f");
	touch("a-name-of-fifteen"), touch("twenty-one-characters");
	ioctl(in, FIONREAD, &n);
	tap_is(n, 32 + 48 + 48, "FIONREAD");
	tap_ok(poll(&p, 1, 0) == 1 && p.revents == POLLIN, "readable");
	epoll_ctl(ep, EPOLL_CTL_ADD, in, &ev);
	tap_is(epoll_wait(ep, &ev, 1, 0), 1, "epoll: too");
	tap_is(read(in, &one, 40), 32, "as many as fit");
	tap_errno(read(in, &one, 40), EINVAL, "the next does not");
	tap_is(read(in, &one, 48), 48, "with a little more room");
	tap_is(read(in, &one, sizeof one), 48, "the last");
	tap_is(epoll_wait(ep, &ev, 1, 0), 0, "epoll: no more");
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	tap_errno(read(in, &one, sizeof one), EINTR, "a signal ends the wait");
	unlink("a-name-of-fifteen"), unlink("twenty-one-characters");
	close(in), close(ep);
}

static int sysctl_value(const char *name, const char *set)
{
	char path[64], buf[32] = "";
	int fd;

	snprintf(path, sizeof path, "/proc/sys/fs/inotify/%s", name);
	fd = open(path, set ? O_RDWR : O_RDONLY);
	read(fd, buf, sizeof buf - 1);
	if (set)
		pwrite(fd, set, strlen(set), 0);
	close(fd);
	return atoi(buf);
}

static void limits(void)
{
	int in, many[256], n = 0;

	if (!tap_own_machine()) {
		tap_skip(9, "not our machine");
		return;
	}
	tap_is(sysctl_value("max_queued_events", "4"), 16384, "max_queued_events");
	tap_is(sysctl_value("max_user_instances", NULL), 128, "max_user_instances");
	in = inotify_init1(IN_NONBLOCK);
	inotify_add_watch(in, ".", IN_CREATE | IN_DELETE);
	touch("a"), touch("b"), touch("c"), touch("d"), touch("e"), touch("f");
	is(in, "1:CREATE:a 1:CREATE:b 1:CREATE:c 1:CREATE:d -1:Q_OVERFLOW", "a queue of four");
	unlink("a"), unlink("b"), unlink("c"), unlink("d"), unlink("e"), unlink("f");
	is(in, "1:DELETE:a 1:DELETE:b 1:DELETE:c 1:DELETE:d -1:Q_OVERFLOW", "once more");
	close(in);
	sysctl_value("max_queued_events", "16384");
	while (n < 256 && (many[n] = inotify_init1(0)) >= 0)
		n++;
	tap_ok(n == 128 && errno == EMFILE, "128 of them, then EMFILE");
	while (n)
		close(many[--n]);
	int old = sysctl_value("max_user_watches", "2");
	tap_ok(old >= 8192, "max_user_watches is 8192 or more");
	in = inotify_init1(IN_NONBLOCK);
	touch("f");
	tap_ok(inotify_add_watch(in, ".", IN_OPEN) == 1 && inotify_add_watch(in, "f", IN_OPEN) == 2, "two watches");
	tap_errno(inotify_add_watch(in, "/", IN_OPEN), ENOSPC, "no third");
	inotify_rm_watch(in, 1);
	tap_ok(inotify_add_watch(in, "/", IN_OPEN) > 0, "unless one goes");
	char back[16];
	snprintf(back, sizeof back, "%d", old);
	sysctl_value("max_user_watches", back);
	unlink("f");
	close(in);
}

static void unmounted(void)
{
	int in = inotify_init1(IN_NONBLOCK);

	if (!tap_own_machine()) {
		tap_skip(2, "not our machine");
		return;
	}
	mkdir("m", 0755);
	mount("m", "m", "tmpfs", 0, NULL);
	touch("m/f");
	inotify_add_watch(in, "m", IN_CREATE);
	inotify_add_watch(in, "m/f", IN_OPEN);
	tap_zero(umount("m"), "watches do not keep a file system mounted");
	events(in);
	if (!tap_ok(strstr(text, "1:UNMOUNT|ISDIR 1:IGNORED") && strstr(text, "2:UNMOUNT 2:IGNORED"), "IN_UNMOUNT and IN_IGNORED, of each"))
		tap_diag("%s", text);
	rmdir("m");
	close(in);
}

static void shown(void)
{
	int in = inotify_init1(0), n;
	char path[64], info[512] = "", link[64] = "", *own;

	touch("f");
	inotify_add_watch(in, "f", IN_OPEN | IN_EXCL_UNLINK);
	snprintf(path, sizeof path, "/proc/self/fd/%d", in);
	readlink(path, link, sizeof link - 1);
	tap_ok(!strcmp(link, "anon_inode:inotify"), "its link says %s", link);
	snprintf(path, sizeof path, "/proc/self/fdinfo/%d", in);
	n = open(path, O_RDONLY);
	read(n, info, sizeof info - 1);
	close(n);
	own = strstr(info, "inotify wd:1 ino:");
	tap_ok(own && strstr(own, " mask:4000020 ignored_mask:0 fhandle-bytes:c fhandle-type:81 f_handle:"), "fdinfo");
	if (own && tap_failed)
		tap_diag("%s", own);
	unlink("f");
	close(in);
}

int main(void)
{
	tap_plan(0);
	scratch_enter();
	errors();
	files();
	open_and_gone();
	directories();
	both();
	flags();
	reading();
	limits();
	unmounted();
	shown();
	scratch_leave();
	return tap_done();
}
