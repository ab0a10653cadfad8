/* SPDX-License-Identifier: MIT
 * Sessions on pseudo-terminals: the controlling terminal, signals from the keyboard, job control, hang-up; and how long a
 * reader waits (VMIN, VTIME).
 */
#define _GNU_SOURCE
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include "pty.h"

extern char **environ;
static const char *self;
static volatile sig_atomic_t got[65];

static void on_signal(int sig) { got[sig]++; }

static void catch(int sig)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sigaction(sig, &sa, NULL);
}

static void nap(void)
{
	nanosleep(&(struct timespec){ 0, 10000000 }, NULL);
}

static long ms_since(const struct timespec *from)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - from->tv_sec) * 1000 + (now.tv_nsec - from->tv_nsec) / 1000000;
}

static void is(const char *have, const char *want, const char *what)
{
	if (!tap_ok(!strcmp(have, want), "%s: %s", what, want))
		tap_diag("got %s", have);
}

/* --- The other process: it says what happens on its standard output, a pipe --- */

static void say(const char *text)
{
	dprintf(1, "%s\n", text);
}

static int play(const char *slave)
{
	char buf[100];
	int fd, other, own, n;
	pid_t pid = getpid();

	say(setsid() == pid ? "a session" : strerror(errno));
	other = open("/dev/tty", O_RDWR);
	say(other < 0 ? strerror(errno) : "a terminal already");
	fd = open(slave, O_RDWR | O_NOCTTY);
	say(tcgetpgrp(fd) < 0 ? strerror(errno) : "O_NOCTTY did not count");
	say(ioctl(fd, TIOCSCTTY, 0) ? strerror(errno) : "TIOCSCTTY");
	say(ioctl(fd, TIOCSCTTY, 0) ? strerror(errno) : "and once more");
	say(tcgetpgrp(fd) == pid && tcgetsid(fd) == pid ? "in front" : "not in front");
	own = open("/dev/tty", O_RDWR);
	say(own < 0 ? strerror(errno) : ttyname(fd) && !strcmp(ttyname(fd), slave) ? "/dev/tty" : "no name");
	say(tcsetpgrp(fd, 99999) ? strerror(errno) : "a group that is none");
	say(tcsetpgrp(fd, getppid()) ? strerror(errno) : "a group of others");
	catch(SIGINT);
	catch(SIGQUIT);
	catch(SIGWINCH);
	catch(SIGHUP);
	catch(SIGCONT);
	say("ready");
	n = (int)read(fd, buf, sizeof buf);		/* ^C */
	say(n < 0 && errno == EINTR && got[SIGINT] == 1 ? "interrupted" : "not interrupted");
	n = (int)read(fd, buf, sizeof buf);		/* ^\ */
	say(n < 0 && errno == EINTR && got[SIGQUIT] == 1 ? "quit" : "not quit");
	n = (int)read(fd, buf, sizeof buf);		/* another size */
	say(n < 0 && errno == EINTR && got[SIGWINCH] == 1 ? "another size" : "the same size");
	n = (int)read(fd, buf, sizeof buf);		/* the master is closed */
	say(n < 0 ? strerror(errno) : n ? "more" : "end of file");
	say(got[SIGHUP] == 1 && got[SIGCONT] == 1 ? "SIGHUP and SIGCONT" : "no SIGHUP");
	n = (int)read(fd, buf, sizeof buf);
	say(n == 0 ? "end of file" : "more");
	say(write(fd, "x", 1) < 0 ? strerror(errno) : "written");
	say(write(own, "x", 1) < 0 ? strerror(errno) : "written");
	other = open("/dev/tty", O_RDWR);
	say(other < 0 ? strerror(errno) : "still a terminal");
	return 0;
}

/* A job in the background: its session's leader keeps the terminal. */
static int play_job(const char *what)
{
	char c;
	int n;

	if (setpgid(0, 0))
		return 99;
	if (!strcmp(what, "ignore"))
		signal(SIGTTIN, SIG_IGN);
	n = (int)read(0, &c, 1);
	return n < 0 ? errno : n;
}

static pid_t start(const char *role, const char *arg, int in)
{
	char *argv[] = { (char *)self, (char *)role, (char *)arg, NULL };
	posix_spawn_file_actions_t fa;
	pid_t pid;
	int err;

	posix_spawn_file_actions_init(&fa);
	if (in >= 0)
		posix_spawn_file_actions_adddup2(&fa, in, 0);
	err = posix_spawn(&pid, self, &fa, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&fa);
	return err ? -1 : pid;
}

/* A leader with jobs of its own. */
static int play_leader(const char *slave)
{
	int fd, status = 0;
	pid_t pid;

	setsid();
	fd = open(slave, O_RDWR);
	say(tcgetsid(fd) == getpid() ? "open() gave the terminal" : "no terminal");
	pid = start("job", "stop", fd);
	waitpid(pid, &status, WUNTRACED);
	say(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTTIN ? "a job that reads stops" : "it does not stop");
	say(tcsetpgrp(fd, pid) ? strerror(errno) : "in front");
	kill(pid, SIGCONT);
	say("type");
	waitpid(pid, &status, 0);
	say(WIFEXITED(status) && WEXITSTATUS(status) == 1 ? "it reads" : "it does not read");
	signal(SIGTTOU, SIG_IGN);
	say(tcsetpgrp(fd, getpgrp()) ? strerror(errno) : "we are in front again");
	pid = start("job", "ignore", fd);
	waitpid(pid, &status, 0);
	say(WIFEXITED(status) && WEXITSTATUS(status) == EIO ? "one that ignores SIGTTIN gets EIO" : "no EIO");
	signal(SIGHUP, SIG_IGN);
	say(ioctl(fd, TIOCNOTTY) ? strerror(errno) : "TIOCNOTTY");
	say(tcgetpgrp(fd) < 0 ? strerror(errno) : "still ours");
	return 0;
}

/* --- This process --- */

/* The next line of the other. */
static const char *line(int fd)
{
	static char text[120];
	size_t n = 0;

	while (n < sizeof text - 1 && read(fd, text + n, 1) == 1 && text[n] != '\n')
		n++;
	text[n] = 0;
	return text;
}

/* Starts it with a pipe for what it says; the end to read from. */
static int listen_to(const char *role, const char *slave, pid_t *pid)
{
	int fds[2], old = dup(1);

	fflush(stdout);
	fcntl(old, F_SETFD, FD_CLOEXEC);
	if (pipe2(fds, O_CLOEXEC))
		tap_bail("no pipe");
	dup2(fds[1], 1);
	*pid = start(role, slave, -1);
	dup2(old, 1);
	close(old);
	close(fds[1]);
	return fds[0];
}

static void new_pty(struct pty *p)
{
	if (pty_open(p))
		tap_bail("no pty: %s", strerror(errno));
	fcntl(p->master, F_SETFD, FD_CLOEXEC);
	fcntl(p->slave, F_SETFD, FD_CLOEXEC);
}

static void expect(int fd, const char *const *lines, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		is(line(fd), lines[i], "it");
}
#define EXPECT(fd, ...) expect(fd, (const char *const[]){ __VA_ARGS__ }, sizeof(const char *[]){ __VA_ARGS__ } / sizeof(char *))

static void test_session(void)
{
	struct winsize w = { 50, 132, 0, 0 };
	struct pty p;
	pid_t pid, front = -1;
	int fd, status;

	new_pty(&p);
	fd = listen_to("session", p.name, &pid);
	EXPECT(fd, "a session", "No such device or address", "Not a tty", "TIOCSCTTY", "and once more", "in front", "/dev/tty",
	       "No such process", "Operation not permitted", "ready");
	tap_ok(!ioctl(p.master, TIOCGPGRP, &front) && front == pid, "the master is told who is in front");
	tap_ok(tcgetsid(p.master) == pid, "and whose session it is");
	tap_errno(ioctl(p.slave, TIOCSCTTY, 0), EPERM, "nobody else can have it");
	nap();
	pty_type(&p, "\3");
	is(line(fd), "interrupted", "INTR");
	pty_reads(p.master, "^C", "shown");
	nap();
	pty_type(&p, "\34");
	is(line(fd), "quit", "QUIT");
	nap();
	ioctl(p.master, TIOCSWINSZ, &w);
	is(line(fd), "another size", "SIGWINCH");
	nap();
	close(p.slave);
	close(p.master);
	EXPECT(fd, "I/O error", "SIGHUP and SIGCONT", "end of file", "I/O error", "I/O error", "No such device or address");
	waitpid(pid, &status, 0);
	tap_is(status, 0, "it ends by itself");
	close(fd);
}

static void test_jobs(void)
{
	struct pty p;
	pid_t pid;
	int fd, status;

	new_pty(&p);
	fd = listen_to("leader", p.name, &pid);
	EXPECT(fd, "open() gave the terminal", "a job that reads stops", "in front", "type");
	pty_type(&p, "\n");
	EXPECT(fd, "it reads", "we are in front again", "one that ignores SIGTTIN gets EIO", "TIOCNOTTY", "Not a tty");
	waitpid(pid, &status, 0);
	tap_is(status, 0, "it ends by itself");
	pty_reads(p.master, "^M$", "what was typed");
	tap_is(tcgetsid(p.master), -1, "nobody's session now");
	close(fd);
	pty_close(&p);
}

/* A read that has to give n bytes, no sooner than after `ms`. */
static void timed(int fd, ssize_t n, long ms, const char *what)
{
	struct timespec from;
	char buf[8];
	ssize_t have;
	long took;

	clock_gettime(CLOCK_MONOTONIC, &from);
	have = read(fd, buf, sizeof buf);
	took = ms_since(&from);
	if (!tap_ok(have == n && took >= ms && (ms || took < 90), "%s", what))
		tap_diag("%d bytes after %ld ms", (int)have, took);
}

static void test_times(void)
{
	static const struct { int min, time; const char *typed; int n; long ms; const char *what; } cases[] = {
		{ 0, 0, "", 0, 0, "MIN 0, TIME 0: whatever there is, nothing" },
		{ 0, 0, "ab", 2, 0, "MIN 0, TIME 0: whatever there is" },
		{ 0, 2, "", 0, 190, "MIN 0, TIME 2: nothing, after that time" },
		{ 0, 2, "a", 1, 0, "MIN 0, TIME 2: something, at once" },
		{ 3, 0, "abc", 3, 0, "MIN 3, TIME 0: so many" },
		{ 3, 0, "abcd", 4, 0, "MIN 3, TIME 0: or more" },
		{ 3, 2, "a", 1, 190, "MIN 3, TIME 2: less, when no more comes" },
		{ 3, 2, "abc", 3, 0, "MIN 3, TIME 2: so many, at once" },
	};
	struct termios t;
	struct pty p;

	new_pty(&p);
	fcntl(p.slave, F_SETFL, O_RDWR);
	tcgetattr(p.slave, &t);
	t.c_lflag &= ~(ICANON | ECHO);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		t.c_cc[VMIN] = (cc_t)cases[i].min;
		t.c_cc[VTIME] = (cc_t)cases[i].time;
		tcsetattr(p.slave, TCSANOW, &t);
		pty_type(&p, cases[i].typed);
		timed(p.slave, cases[i].n, cases[i].ms, cases[i].what);
	}
	t.c_cc[VMIN] = 3;
	t.c_cc[VTIME] = 0;
	tcsetattr(p.slave, TCSANOW, &t);
	pty_type(&p, "ab");
	pty_ready(p.slave, "out", "MIN 3: two are not readable");
	pty_type(&p, "c");
	pty_ready(p.slave, "in out", "three are");
	fcntl(p.slave, F_SETFL, O_RDWR | O_NONBLOCK);
	pty_reads(p.slave, "abc", "they");
	pty_type(&p, "ab");
	pty_reads(p.slave, "ab", "without blocking less is given, too");
	pty_close(&p);
}

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc > 2)
		return !strcmp(argv[1], "session") ? play(argv[2]) : !strcmp(argv[1], "leader") ? play_leader(argv[2]) :
		       play_job(argv[2]);
	tap_plan(0);
	test_session();
	test_jobs();
	test_times();
	return tap_done();
}
