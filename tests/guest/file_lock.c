/* SPDX-License-Identifier: MIT
 * Record locks, OFD locks, flock: between processes and open files; waiting and deadlock.
 *
 * The other process is this program again: "file_lock COMMAND..." with descriptor 3 (command in) and 4
 * (answer out).
 */
#define _GNU_SOURCE
#include <signal.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/wait.h>
#include "scratch.h"

extern char **environ;
static const char *self;

static int lock(int fd, int cmd, int type, long long start, long long len)
{
	struct flock l = { .l_type = (short)type, .l_whence = SEEK_SET, .l_start = start, .l_len = len };

	return fcntl(fd, cmd, &l);
}

/* --- The other process: obeys one line after the other --- */

static int peer(void)
{
	char line[128], op[16], type;
	long long start, len;
	int fd = open("f", O_RDWR), other = open("g", O_RDWR);
	FILE *in = fdopen(3, "r");

	while (in && fgets(line, sizeof line, in)) {
		int r = -1, n = sscanf(line, "%15s %c %lld %lld", op, &type, &start, &len);
		int t = n > 1 && type == 'r' ? F_RDLCK : n > 1 && type == 'u' ? F_UNLCK : F_WRLCK;

		errno = 0;
		if (!strcmp(op, "set"))
			r = lock(fd, F_SETLK, t, start, len);
		else if (!strcmp(op, "wait"))
			r = lock(fd, F_SETLKW, t, start, len);
		else if (!strcmp(op, "setg"))
			r = lock(other, F_SETLK, t, start, len);
		else if (!strcmp(op, "flock"))
			r = flock(fd, (type == 's' ? LOCK_SH : type == 'u' ? LOCK_UN : LOCK_EX) | LOCK_NB);
		else if (!strcmp(op, "reopen"))
			r = close(open("f", O_RDONLY));	/* drops all record locks */
		dprintf(4, "%d %d\n", r, errno);
	}
	return 0;
}

static int to_peer = -1, from_peer = -1;
static pid_t peer_pid;

static void start_peer(void)
{
	char *argv[] = { (char *)self, "peer", NULL };
	posix_spawn_file_actions_t fa;
	int a[2], b[2], err;

	pipe2(a, O_CLOEXEC), pipe2(b, O_CLOEXEC);
	/* Out of the way of 3 and 4. */
	int in = fcntl(a[0], F_DUPFD_CLOEXEC, 20), out = fcntl(b[1], F_DUPFD_CLOEXEC, 20);
	to_peer = fcntl(a[1], F_DUPFD_CLOEXEC, 20), from_peer = fcntl(b[0], F_DUPFD_CLOEXEC, 20);
	close(a[0]), close(a[1]), close(b[0]), close(b[1]);
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, in, 3);
	posix_spawn_file_actions_adddup2(&fa, out, 4);
	err = posix_spawn(&peer_pid, self, &fa, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&fa);
	close(in), close(out);
	if (err)
		tap_bail("cannot start %s: %s", self, strerror(err));
}

static void tell(const char *line)
{
	dprintf(to_peer, "%s\n", line);
}

/* The peer's errno for its last command, 0 if it worked, -1 when there is no answer. */
static int answer(void)
{
	char c, line[32];
	size_t n = 0;
	int r, err;

	while (n < sizeof line - 1 && read(from_peer, &c, 1) == 1 && c != '\n')
		line[n++] = c;
	line[n] = 0;
	if (sscanf(line, "%d %d", &r, &err) != 2)
		return -1;
	return r < 0 ? err : 0;
}

static int ask(const char *line) { tell(line); return answer(); }

static void stop_peer(void)
{
	int status;

	close(to_peer), close(from_peer);
	waitpid(peer_pid, &status, 0);
}

/* --- Tests --- */

static void between_processes(void)
{
	struct flock l;
	int fd = open("f", O_RDWR);

	tap_zero(lock(fd, F_SETLK, F_WRLCK, 10, 10), "F_SETLK: 10 bytes from 10");
	tap_is(ask("set w 15 1"), EAGAIN, "another process cannot write-lock inside");
	tap_is(ask("set r 0 11"), EAGAIN, "nor read-lock over its beginning");
	tap_is(ask("set w 0 10"), 0, "but up to it");
	tap_is(ask("set w 20 0"), 0, "and from its end to the file's end");
	l = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 100 };
	tap_ok(!fcntl(fd, F_GETLK, &l) && l.l_type == F_WRLCK && l.l_start == 0 && l.l_len == 10 &&
		       l.l_pid == peer_pid,
	       "F_GETLK names the first in the way and its owner");
	l = (struct flock){ .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 500, .l_len = 1 };
	tap_ok(!fcntl(fd, F_GETLK, &l) && l.l_type == F_WRLCK && l.l_start == 20 && l.l_len == 0,
	       "l_len 0: to the end");
	l = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 12, .l_len = 3 };
	tap_ok(!fcntl(fd, F_GETLK, &l) && l.l_type == F_UNLCK, "one's own are not in the way");
	tap_is(ask("set u 0 0"), 0, "the other unlocks all");

	/* Split, merge, change. */
	tap_zero(lock(fd, F_SETLK, F_UNLCK, 13, 2), "unlocking the middle");
	tap_is(ask("set w 13 2"), 0, "frees just that");
	tap_is(ask("set w 12 1"), EAGAIN, "not what is before");
	tap_is(ask("set w 15 1"), EAGAIN, "nor behind");
	tap_is(ask("set u 0 0"), 0, "");
	tap_zero(lock(fd, F_SETLK, F_RDLCK, 10, 10), "write to read, over the hole");
	tap_is(ask("set r 5 20"), 0, "readers share");
	tap_is(ask("set w 12 1"), EAGAIN, "writers do not");
	tap_errno(lock(fd, F_SETLK, F_WRLCK, 10, 1), EAGAIN,
		  "nor can one of several readers become a writer");
	tap_is(ask("set u 0 0"), 0, "");
	tap_zero(lock(fd, F_SETLK, F_WRLCK, 10, 1), "the only one can");
	tap_zero(lock(fd, F_SETLK, F_UNLCK, 0, 0), "unlock all");

	/* Where ranges start. */
	ftruncate(fd, 100);
	lseek(fd, 50, SEEK_SET);
	l = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_CUR, .l_start = 5, .l_len = 5 };
	fcntl(fd, F_SETLK, &l);
	tap_ok(ask("set w 54 1") == 0 && ask("set w 55 1") == EAGAIN && ask("set w 59 1") == EAGAIN &&
	       ask("set w 60 1") == 0, "SEEK_CUR");
	ask("set u 0 0"), lock(fd, F_SETLK, F_UNLCK, 0, 0);
	l = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_END, .l_start = 0, .l_len = -10 };
	fcntl(fd, F_SETLK, &l);
	tap_ok(ask("set w 89 1") == 0 && ask("set w 90 1") == EAGAIN && ask("set w 99 1") == EAGAIN &&
	       ask("set w 100 1") == 0, "SEEK_END, backwards");
	ask("set u 0 0"), lock(fd, F_SETLK, F_UNLCK, 0, 0);
	tap_errno(lock(fd, F_SETLK, F_WRLCK, -1, 1), EINVAL, "from -1");
	tap_errno(lock(fd, F_SETLK, F_WRLCK, 5, -6), EINVAL, "backwards beyond the start");
	tap_errno(lock(fd, F_SETLK, 9, 0, 1), EINVAL, "no such type");
	l = (struct flock){ .l_type = F_WRLCK, .l_whence = 9 };
	tap_errno(fcntl(fd, F_SETLK, &l), EINVAL, "no such whence");
	l = (struct flock){ .l_type = F_UNLCK };
	tap_errno(fcntl(fd, F_GETLK, &l), EINVAL, "F_GETLK of no lock");
	int r = open("f", O_RDONLY), w = open("f", O_WRONLY);
	tap_errno(lock(r, F_SETLK, F_WRLCK, 0, 1), EBADF, "a write lock needs a writable descriptor");
	tap_errno(lock(w, F_SETLK, F_RDLCK, 0, 1), EBADF, "a read lock a readable one");
	close(r), close(w);

	/* Closing any descriptor of the file drops all of the process's locks on it. */
	lock(fd, F_SETLK, F_WRLCK, 0, 10);
	r = open("f", O_RDONLY);
	close(r);
	tap_is(ask("set w 0 10"), 0, "closing another descriptor of the file drops the locks");
	lock(fd, F_SETLK, F_UNLCK, 0, 0);
	tap_is(ask("reopen w 0 0"), 0, "the other does the same");
	tap_zero(lock(fd, F_SETLK, F_WRLCK, 0, 10), "and its locks are gone");
	lock(fd, F_SETLK, F_UNLCK, 0, 0);
	close(fd);
}

static void on_alarm(int sig) { (void)sig; }

static void waiting(void)
{
	int fd = open("f", O_RDWR), g = open("g", O_RDWR);
	struct sigaction sa = { .sa_handler = on_alarm };

	lock(fd, F_SETLK, F_WRLCK, 0, 10);
	tell("wait w 5 1");
	usleep(30000);
	fcntl(from_peer, F_SETFL, O_NONBLOCK);
	tap_is(answer(), -1, "F_SETLKW waits");
	fcntl(from_peer, F_SETFL, 0);
	lock(fd, F_SETLK, F_UNLCK, 0, 10);
	tap_is(answer(), 0, "until the lock goes");
	sigaction(SIGALRM, &sa, NULL);
	alarm(1);
	tap_errno(lock(fd, F_SETLKW, F_WRLCK, 0, 10), EINTR, "a signal ends the waiting");

	/* I have g and want f; the other has f and wants g. */
	ask("set u 0 0");
	lock(g, F_SETLK, F_WRLCK, 0, 1);
	ask("set w 0 1");
	lock(g, F_SETLK, F_UNLCK, 0, 1);
	lock(fd, F_SETLK, F_WRLCK, 50, 1);
	tell("wait w 50 1");
	usleep(30000);
	tap_errno(lock(fd, F_SETLKW, F_WRLCK, 0, 1), EDEADLK, "each waits for the other: EDEADLK");
	lock(fd, F_SETLK, F_UNLCK, 50, 1);
	tap_is(answer(), 0, "the other gets what it waited for");
	ask("set u 0 0");
	close(fd), close(g);
}

static void of_open_files(void)
{
	struct flock l;
	int a = open("f", O_RDWR), b = open("f", O_RDWR), c = dup(a);

	tap_zero(lock(a, F_OFD_SETLK, F_WRLCK, 0, 10), "F_OFD_SETLK");
	tap_errno(lock(b, F_OFD_SETLK, F_WRLCK, 5, 1), EAGAIN,
		  "is in the way of another open file, same process");
	tap_zero(lock(c, F_OFD_SETLK, F_WRLCK, 5, 1), "not of a copy of the descriptor");
	tap_errno(lock(b, F_SETLK, F_WRLCK, 5, 1), EAGAIN, "but of the process's own record locks");
	l = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1 };
	tap_ok(!fcntl(b, F_OFD_GETLK, &l) && l.l_type == F_WRLCK && l.l_pid == -1,
	       "F_OFD_GETLK: nobody's process");
	l = (struct flock){ .l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = 5, .l_len = 1 };
	tap_ok(!fcntl(a, F_OFD_GETLK, &l) && l.l_type == F_WRLCK && l.l_start == 0 && l.l_len == 10 && l.l_pid == -1,
	       "F_OFD_GETLK with F_UNLCK: what the open file itself has");
	l = (struct flock){ .l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = 10 };
	tap_ok(!fcntl(a, F_OFD_GETLK, &l) && l.l_type == F_UNLCK, "not there");
	l = (struct flock){ .l_type = F_UNLCK, .l_whence = SEEK_SET };
	tap_ok(!fcntl(b, F_OFD_GETLK, &l) && l.l_type == F_UNLCK, "nor another open file");
	tap_errno(fcntl(a, F_GETLK, &l), EINVAL, "F_GETLK cannot be asked so");
	l = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1, .l_pid = 5 };
	tap_errno(fcntl(b, F_OFD_SETLK, &l), EINVAL, "l_pid must be 0");
	tap_is(ask("set w 0 1"), EAGAIN, "another process sees it");
	close(a);
	tap_errno(lock(b, F_OFD_SETLK, F_WRLCK, 5, 1), EAGAIN, "closing one copy leaves it");
	close(c);
	tap_zero(lock(b, F_OFD_SETLK, F_WRLCK, 5, 1), "closing the last one drops it");
	close(b);
	tap_is(ask("set w 0 0"), 0, "nothing is left");
	ask("set u 0 0");
}

static void whole_files(void)
{
	int a = open("f", O_RDWR), b = open("f", O_RDONLY), c = dup(a);

	tap_zero(flock(a, LOCK_EX), "flock: LOCK_EX");
	tap_errno(flock(b, LOCK_SH | LOCK_NB), EWOULDBLOCK, "is in the way of another open file");
	tap_zero(flock(c, LOCK_EX | LOCK_NB), "not of a copy");
	tap_is(ask("flock e 0 0"), EAGAIN, "nor does another process get it");
	tap_zero(flock(c, LOCK_SH), "exclusive to shared");
	tap_is(ask("flock s 0 0"), 0, "now both have it");
	tap_errno(flock(a, LOCK_EX | LOCK_NB), EWOULDBLOCK, "shared to exclusive, while another has it");
	tap_is(ask("flock u 0 0"), 0, "the other lets go");
	tap_zero(flock(b, LOCK_EX | LOCK_NB), "the failed change has lost the lock");
	tap_zero(flock(b, LOCK_UN), "LOCK_UN");
	tap_zero(lock(a, F_SETLK, F_WRLCK, 0, 0), "record locks and flock are two worlds: one");
	tap_is(ask("flock e 0 0"), 0, "and the other");
	tap_errno(flock(a, 16), EINVAL, "flock: no such operation");
	tap_errno(flock(99, LOCK_SH), EBADF, "flock of nothing");
	close(a), close(b), close(c);
	ask("flock u 0 0");
}

static void ends(void)
{
	int fd = open("f", O_RDWR);

	ask("set w 0 10");
	tap_errno(lock(fd, F_SETLK, F_WRLCK, 0, 10), EAGAIN, "the other process has it");
	stop_peer();
	tap_zero(lock(fd, F_SETLK, F_WRLCK, 0, 10), "its end drops its locks");
	close(fd);
}

/* "file_lock keep FD": what is locked is still locked when it has been executed. */
static int keeper(const char *fd)
{
	int status;
	char *look[] = { (char *)self, "look", (char *)fd, NULL };
	pid_t pid;

	if (posix_spawn(&pid, self, NULL, NULL, look, environ) || waitpid(pid, &status, 0) != pid)
		return 2;
	return WEXITSTATUS(status);
}

/* "file_lock look FD": status 1 if somebody else has a lock, 0 if nobody. */
static int looker(const char *fd)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(atoi(fd), F_GETLK, &l) ? 3 : l.l_type != F_UNLCK;
}

static void over_execve(void)
{
	int fd = open("f", O_RDWR), status = -1;
	char number[12];
	char *keep[] = { (char *)self, "keep", number, NULL };
	pid_t pid;

	snprintf(number, sizeof number, "%d", fd);
	pid = vfork();
	if (pid == 0) {
		lock(fd, F_SETLK, F_WRLCK, 0, 0);
		execve(self, keep, environ);
		_exit(4);
	}
	tap_ok(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 1,
	       "record locks stay over execve: status %x", status);
	close(fd);
}

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc == 3 && !strcmp(argv[1], "keep"))
		return keeper(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "look"))
		return looker(argv[2]);
	if (argc > 1)
		return peer();
	tap_plan(0);
	scratch_enter();
	scratch_file("f", "");
	scratch_file("g", "");
	/* We are somewhere else now: find ourselves again. */
	static char exe[PATH_MAX];
	if (self[0] != '/' && readlink("/proc/self/exe", exe, sizeof exe - 1) > 0)
		self = exe;
	start_peer();
	between_processes();
	waiting();
	of_open_files();
	whole_files();
	over_execve();
	ends();
	unlink("f"), unlink("g");
	scratch_leave();
	return tap_done();
}
