/* SPDX-License-Identifier: MIT
 *
 * Each allocation and host call of the calls on files and folders fails once (tests/guest/nth.h); for tests/cli/fail_calls.sh.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include "nth.h"

static char block[20000];

/* A file of that name with n bytes. */
static void make(const char *name, size_t n)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (write(fd, block, n) != (ssize_t)n)
		nth.bad = 1;
	close(fd);
}

/* A call that gives a descriptor. */
static void fd_of(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void do_create(void)
{
	fd_of(NTH(open("new", O_RDWR | O_CREAT, 0600)));
	unlink("new");
}

static void do_open(void)
{
	make("f", 10);
	fd_of(NTH(open("f", O_RDWR | O_TRUNC)));
	unlink("f");
}

static void do_open_folder(void) { fd_of(NTH(open(".", O_RDONLY | O_DIRECTORY))); }
static void do_open_null(void) { fd_of(NTH(open("/dev/null", O_RDWR))); }
static void do_open_mem(void) { fd_of(NTH(open("/dev/mem", O_RDWR))); }
static void do_memfd(void) { fd_of(NTH(memfd_create("name", MFD_CLOEXEC))); }
static void do_eventfd(void) { fd_of(NTH(eventfd(1, EFD_NONBLOCK))); }
static void do_path(void) { fd_of(NTH(open("/dev", O_PATH))); }

static void do_mkdir(void)
{
	NTH(mkdir("folder", 0755));
	rmdir("folder");
}

static void do_mkfifo(void)
{
	NTH(mkfifo("fifo", 0644));
	unlink("fifo");
}

static void do_open_fifo(void)
{
	mkfifo("fifo", 0644);
	fd_of(NTH(open("fifo", O_RDWR)));
	unlink("fifo");
}

static void do_symlink(void)
{
	NTH(symlink("somewhere/far/away", "link"));
	unlink("link");
}

static void do_readlink(void)
{
	char to[100];

	symlink("somewhere", "link");
	NTH(readlink("link", to, sizeof to));
	unlink("link");
}

static void do_follow(void)
{
	make("f", 1);
	symlink("f", "link");
	fd_of(NTH(open("link", O_RDONLY)));
	unlink("link");
	unlink("f");
}

static void do_link(void)
{
	make("f", 1);
	NTH(link("f", "g"));
	unlink("g");
	unlink("f");
}

static void do_rename(void)
{
	make("f", 1);
	make("g", 1);
	NTH(rename("f", "g"));
	unlink("f");
	unlink("g");
}

static void do_exchange(void)
{
	make("f", 1);
	mkdir("folder", 0755);
	NTH(syscall(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, "folder", 2));
	if (unlink("f"))
		rmdir("f");
	if (unlink("folder"))
		rmdir("folder");
}

static void do_unlink(void)
{
	make("f", 10);
	NTH(unlink("f"));
	unlink("f");
}

static void do_rmdir(void)
{
	mkdir("folder", 0755);
	NTH(rmdir("folder"));
	rmdir("folder");
}

static void do_chdir(void)
{
	mkdir("folder", 0755);
	if (NTH(chdir("folder")) == 0)
		chdir("..");
	rmdir("folder");
}

static void do_getcwd(void)
{
	char name[100];

	nth_done((nth_arm(), getcwd(name, sizeof name) ? 0 : -1));
}

static void do_stat(void)
{
	struct stat st;
	struct statfs fs;

	NTH(stat("/bin/busybox", &st));
	NTH(statfs("/", &fs));
	NTH(access("/bin/sh", X_OK));
}

static void do_attributes(void)
{
	make("f", 1);
	NTH(chmod("f", 0600));
	NTH(chown("f", 1, 1));
	NTH(utimensat(AT_FDCWD, "f", NULL, 0));
	unlink("f");
}

static void do_readdir(void)
{
	char entries[2000];
	int fd = open("/bin", O_RDONLY | O_DIRECTORY);

	NTH(syscall(SYS_getdents64, fd, entries, sizeof entries));
	close(fd);
}

static void do_write(void)
{
	int fd = open("f", O_RDWR | O_CREAT, 0644);

	NTH(write(fd, block, 5000));
	NTH(pwrite(fd, block, sizeof block, 30000));
	close(fd);
	unlink("f");
}

static void do_writev(void)
{
	struct iovec v[3] = { { block, 4000 }, { block, 1 }, { block, 9000 } };
	int fd = open("f", O_RDWR | O_CREAT, 0644);

	NTH(writev(fd, v, 3));
	NTH(preadv(fd, v, 3, 0));
	close(fd);
	unlink("f");
}

static void do_truncate(void)
{
	int fd = open("f", O_RDWR | O_CREAT, 0644);

	NTH(ftruncate(fd, 40000));
	NTH(ftruncate(fd, 100));
	NTH(fallocate(fd, 0, 0, 50000));
	close(fd);
	unlink("f");
}

static void do_copy(void)
{
	int from, to;

	make("f", 10000);
	from = open("f", O_RDONLY);
	to = open("g", O_RDWR | O_CREAT, 0644);
	NTH(sendfile(to, from, NULL, 5000));
	NTH(copy_file_range(from, NULL, to, NULL, 5000, 0));
	close(from);
	close(to);
	unlink("f");
	unlink("g");
}

static void do_dup(void)
{
	fd_of(NTH(dup(0)));
	fd_of(NTH(dup3(0, 290, O_CLOEXEC)));
	fd_of(NTH(fcntl(0, F_DUPFD_CLOEXEC, 270)));
}

static void do_locks(void)
{
	struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET }, middle = { .l_type = F_UNLCK, .l_start = 10, .l_len = 10 };
	int fd = open("f", O_RDWR | O_CREAT, 0644);

	NTH(fcntl(fd, F_SETLK, &all));
	NTH(fcntl(fd, F_SETLK, &middle));
	close(fd);
	fd = open("f", O_RDWR);
	NTH(fcntl(fd, F_OFD_SETLK, &all));
	NTH(flock(fd, LOCK_EX));
	close(fd);
	unlink("f");
}

static void do_pipe(void)
{
	int p[2];

	if (NTH(pipe2(p, O_CLOEXEC | O_NONBLOCK)) == 0) {
		NTH(write(p[1], block, 9000));
		NTH(read(p[0], block, 5000));
		NTH(fcntl(p[0], F_SETPIPE_SZ, 1 << 17));
		close(p[0]);
		close(p[1]);
	}
}

static void do_splice(void)
{
	int p[2], q[2], fd;

	make("f", 10000);
	fd = open("f", O_RDONLY);
	if (pipe2(p, O_NONBLOCK) || pipe2(q, O_NONBLOCK)) {
		nth.bad = 1;
		return;
	}
	NTH(splice(fd, NULL, p[1], NULL, 6000, SPLICE_F_NONBLOCK));
	NTH(tee(p[0], q[1], 3000, SPLICE_F_NONBLOCK));
	for (int i = 0; i < 2; i++) {
		close(p[i]);
		close(q[i]);
	}
	close(fd);
	unlink("f");
}

static void do_epoll(void)
{
	struct epoll_event ev = { .events = EPOLLIN }, out;
	int e = NTH(epoll_create1(0)), fd = eventfd(1, 0);

	if (e >= 0) {
		NTH(epoll_ctl(e, EPOLL_CTL_ADD, fd, &ev));
		NTH(epoll_wait(e, &out, 1, 0));
		close(e);
	}
	close(fd);
}

static void do_timerfd(void)
{
	struct itimerspec at = { .it_value.tv_sec = 100 };
	int fd = NTH(timerfd_create(CLOCK_MONOTONIC, 0));

	if (fd >= 0) {
		NTH(timerfd_settime(fd, 0, &at, NULL));
		close(fd);
	}
}

static void do_signalfd(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	fd_of(NTH(signalfd(-1, &set, SFD_CLOEXEC)));
}

static void do_inotify(void)
{
	int fd = NTH(inotify_init1(IN_NONBLOCK)), w, seen;
	struct stat st;

	if (fd < 0)
		return;
	w = NTH(inotify_add_watch(fd, ".", IN_ALL_EVENTS));
	seen = NTH(open("seen", O_WRONLY | O_CREAT, 0600));
	fd_of(seen);
	if (seen >= 0)
		NTH(rename("seen", "seen as well"));
	unlink("seen");
	unlink("seen as well");
	if (w >= 0)
		NTH(inotify_rm_watch(fd, w));
	if (fstat(fd, &st))
		nth.bad = 1;
	close(fd);
}

static void do_poll(void)
{
	struct pollfd many[250];
	fd_set in;
	struct timeval none = { 0, 0 };

	for (int i = 0; i < 250; i++)
		many[i] = (struct pollfd) { .fd = i % 3, .events = POLLOUT };
	NTH(poll(many, 250, 0));
	FD_ZERO(&in);
	FD_SET(0, &in);
	NTH(select(1, &in, NULL, NULL, &none));
}

static void do_mount(void)
{
	mkdir("on", 0755);
	if (NTH(mount("what", "on", "tmpfs", 0, "size=1m")) == 0)
		NTH(umount("on"));
	umount("on");
	if (NTH(mount("what", "on", "proc", 0, NULL)) == 0)
		umount("on");
	if (NTH(mount(".", "on", NULL, MS_BIND, NULL)) == 0)
		umount("on");
	rmdir("on");
}

static void do_mqueue(void)
{
	struct mq_attr attr = { .mq_maxmsg = 4, .mq_msgsize = 100 };
	mqd_t q = NTH(mq_open("/queue", O_RDWR | O_CREAT | O_NONBLOCK, 0600, &attr));
	struct sigevent none = { .sigev_notify = SIGEV_NONE };
	unsigned priority;

	if (q >= 0) {
		NTH(mq_notify(q, &none));
		if (NTH(mq_send(q, "text", 4, 1)) == 0)
			NTH(mq_receive(q, block, 100, &priority));
		mq_close(q);
	}
	mq_unlink("/queue");
}

static void do_proc(void)
{
	static const char *const names[] = { "meminfo", "mounts", "stat", "self/maps", "self/status", "self/mountinfo", "self/smaps",
		"slabinfo", "buddyinfo", "self/cmdline", "self/environ", "1/stat", "sys/kernel/hostname", "locks", "sysvipc/shm" };

	for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
		char name[100];
		int fd;

		snprintf(name, sizeof name, "/proc/%s", names[i]);
		fd = NTH(open(name, O_RDONLY));
		if (fd < 0) {
			if (errno == ENOENT)		/* not every kernel has slabinfo */
				nth.error = 0;
			continue;
		}
		NTH(read(fd, block, sizeof block));
		close(fd);
	}
}

static void do_proc_folder(void)
{
	int fd = NTH(open("/proc", O_RDONLY | O_DIRECTORY));

	if (fd >= 0) {
		NTH(syscall(SYS_getdents64, fd, block, sizeof block));
		close(fd);
	}
	fd_of(NTH(open("/proc/self/fd/0", O_RDONLY)));
	fd_of(NTH(open("/proc/self/cwd", O_RDONLY | O_DIRECTORY)));
}

static void do_cachestat(void)
{
	unsigned long long range[2] = { 0, 0 }, out[5];
	int f = open("f", O_RDWR | O_CREAT, 0644);

	NTH(syscall(451, f, range, out, 0));
	close(f);
	unlink("f");
}

static const struct nth_case cases[] = {
	{ "create", do_create }, { "open", do_open }, { "open_folder", do_open_folder }, { "open_null", do_open_null },
	{ "open_mem", do_open_mem }, { "memfd_create", do_memfd }, { "eventfd", do_eventfd }, { "open_path", do_path },
	{ "mkdir", do_mkdir }, { "mkfifo", do_mkfifo }, { "open_fifo", do_open_fifo }, { "symlink", do_symlink },
	{ "readlink", do_readlink }, { "follow", do_follow }, { "link", do_link }, { "rename", do_rename },
	{ "exchange", do_exchange }, { "unlink", do_unlink }, { "rmdir", do_rmdir }, { "chdir", do_chdir },
	{ "getcwd", do_getcwd }, { "stat", do_stat }, { "attributes", do_attributes }, { "readdir", do_readdir },
	{ "write", do_write }, { "writev", do_writev }, { "truncate", do_truncate }, { "copy", do_copy }, { "dup", do_dup },
	{ "locks", do_locks }, { "pipe", do_pipe }, { "splice", do_splice }, { "epoll", do_epoll }, { "timerfd", do_timerfd },
	{ "signalfd", do_signalfd }, { "inotify", do_inotify }, { "poll", do_poll }, { "mount", do_mount },
	{ "mqueue", do_mqueue }, { "proc", do_proc }, { "proc_folder", do_proc_folder },
	{ "cachestat", do_cachestat },
};

int main(int argc, char **argv)
{
	(void)argc;
	if (mkdir("/tmp/nth", 0755) || chdir("/tmp/nth"))
		tap_bail("cannot work in /tmp/nth: %s", strerror(errno));
	return nth_run(cases, sizeof cases / sizeof cases[0], argv + 1);
}
