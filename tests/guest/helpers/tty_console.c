/* SPDX-License-Identifier: MIT
 * The console from inside: run as init by tests/cli/console_tty.sh, which types what a "#type TEXT" line asks for
 * (TEXT as for printf(1)).  Job control, settings, timeouts, hang-up.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include "../tap.h"

extern char **environ;
static const char *self;
static struct termios cooked;
static volatile int winches, hups;

static pid_t spawn(const char *role, int group)
{
	char *argv[] = { (char *)self, (char *)role, NULL };
	posix_spawnattr_t a;
	pid_t pid;

	posix_spawnattr_init(&a);
	if (group)
		posix_spawnattr_setflags(&a, POSIX_SPAWN_SETPGROUP);
	if (posix_spawn(&pid, self, NULL, &a, argv, environ))
		tap_bail("cannot spawn %s", role);
	return pid;
}

static int wait_for(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, WUNTRACED);
	return status;
}

static void on_signal(int sig)
{
	winches += sig == SIGWINCH;
	hups += sig == SIGHUP;
}

static void catch(int sig, void (*fn)(int))
{
	struct sigaction sa = { .sa_handler = fn };

	sigaction(sig, &sa, NULL);
}

static void type(const char *text)
{
	printf("#type %s\n", text);
	fflush(stdout);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void raw(int min, int time)
{
	struct termios t = cooked;

	cfmakeraw(&t);
	t.c_oflag = cooked.c_oflag;
	t.c_cc[VMIN] = (cc_t)min;
	t.c_cc[VTIME] = (cc_t)time;
	tcsetattr(0, TCSANOW, &t);
}

static void no_echo(void)
{
	struct termios t = cooked;

	t.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(0, TCSANOW, &t);
}

/* --- Before there is a controlling terminal --- */

static void acquiring(void)
{
	struct stat st;
	int fd;

	tap_ok(isatty(0) && isatty(1) && isatty(2), "the console is a terminal");
	tap_ok(!stat("/dev/console", &st) && S_ISCHR(st.st_mode) && st.st_rdev == 0x501, "/dev/console is 5:1");
	tap_errno(open("/dev/tty", O_RDWR), ENXIO, "nobody's controlling terminal");
	tap_errno(tcgetpgrp(0), ENOTTY, "so no foreground group");
	tap_errno(tcsetpgrp(0, getpgrp()), ENOTTY, "to set either");
	fd = open("/dev/ttyS0", O_RDWR | O_NOCTTY);
	tap_ok(fd >= 0, "/dev/ttyS0 opens");
	tap_errno(tcgetpgrp(fd), ENOTTY, "with O_NOCTTY it stays nobody's");
	close(fd);
	tap_zero(ioctl(0, TIOCSCTTY, 0), "TIOCSCTTY");
	tap_zero(ioctl(0, TIOCSCTTY, 0), "once more changes nothing");
	tap_is(tcgetpgrp(0), getpgrp(), "we are in front");
	tap_is(tcgetsid(0), getsid(0), "it is our session's");
	fd = open("/dev/tty", O_RDWR);
	tap_ok(fd >= 0 && isatty(fd) && tcgetpgrp(fd) == getpgrp(), "/dev/tty is it now");
	close(fd);
}

static void settings(void)
{
	struct termios t, u;
	struct winsize w = { 50, 132, 0, 0 }, v;
	int n = -1;

	tcgetattr(0, &cooked);
	tap_ok((cooked.c_lflag & (ICANON | ECHO | ISIG)) == (ICANON | ECHO | ISIG) && (cooked.c_iflag & ICRNL) &&
	       (cooked.c_oflag & (OPOST | ONLCR)) == (OPOST | ONLCR) && cooked.c_cc[VINTR] == 3 && cooked.c_cc[VMIN] == 1,
	       "the usual settings");
	t = cooked;
	t.c_lflag &= ~(tcflag_t)ECHO;
	t.c_cc[VINTR] = 7;
	cfsetspeed(&t, B9600);
	tap_zero(tcsetattr(0, TCSADRAIN, &t), "tcsetattr");
	tcgetattr(0, &u);
	tap_ok(u.c_lflag == t.c_lflag && u.c_cc[VINTR] == 7 && cfgetospeed(&u) == B9600, "what was set is read");
	tap_zero(tcsetattr(0, TCSAFLUSH, &cooked), "and set back");
	if (tap_bad_pointers())
		tap_errno(ioctl(0, TCGETS, (void *)8), EFAULT, "a bad pointer");
	else
		tap_skip(1, "a bad pointer");
	tap_errno(ioctl(0, 0x5499, 0), ENOTTY, "an ioctl nobody knows");
	tap_errno(lseek(0, 0, SEEK_CUR), ESPIPE, "terminals do not seek");
	tap_zero(tcflush(0, TCIOFLUSH), "tcflush");
	tap_errno(tcflush(0, 9), EINVAL, "flushing what?");
	tap_zero(tcdrain(1), "tcdrain");
	tap_zero(tcsendbreak(1, 0), "tcsendbreak");
	tap_ok(!ioctl(0, FIONREAD, &n) && n == 0, "nothing typed yet");
	tap_ok(!ioctl(0, TIOCOUTQ, &n) && n == 0, "nothing left to show");
	catch(SIGWINCH, on_signal);
	tap_zero(ioctl(0, TIOCSWINSZ, &w), "a window size");
	tap_ok(!ioctl(1, TIOCGWINSZ, &v) && v.ws_row == 50 && v.ws_col == 132, "is that of all its descriptors");
	tap_is(winches, 1, "and SIGWINCH says so");
	ioctl(0, TIOCSWINSZ, &w);
	tap_is(winches, 1, "but not when nothing changes");
}

/* --- Typing --- */

static void reading(void)
{
	char buf[100];
	struct pollfd p = { 0, POLLIN, 0 };
	double t;
	int n;

	no_echo();
	tap_is(poll(&p, 1, 0), 0, "nothing to read");
	fcntl(0, F_SETFL, O_NONBLOCK);
	tap_errno(read(0, buf, 10), EAGAIN, "non-blocking: EAGAIN");
	fcntl(0, F_SETFL, 0);
	type("one line\\nand another\\n");
	n = (int)read(0, buf, sizeof buf);
	tap_ok(n == 9 && !memcmp(buf, "one line\n", 9), "one line at a time");
	n = (int)read(0, buf, 3);
	tap_ok(n == 3 && !memcmp(buf, "and", 3), "part of the next");
	tap_ok(!ioctl(0, FIONREAD, &n) && n == 9, "FIONREAD: the rest of it");
	tap_is(poll(&p, 1, 0), 1, "poll sees it");
	tap_zero(tcflush(0, TCIFLUSH), "thrown away");
	tap_is(poll(&p, 1, 0), 0, "it is gone");
	type("abc\\004");
	tap_is(read(0, buf, sizeof buf), 3, "EOF ends a line without a newline");
	type("\\004");
	tap_is(read(0, buf, sizeof buf), 0, "and alone is an end of file");

	raw(0, 0);
	tap_is(read(0, buf, 10), 0, "MIN 0, TIME 0: what there is, nothing");
	raw(0, 2);
	t = now();
	tap_ok(read(0, buf, 10) == 0 && now() - t > 0.19 && now() - t < 5, "MIN 0, TIME 2: two tenths of a second");
	raw(0, 100);
	type("x\\n");
	t = now();
	tap_ok(read(0, buf, 10) > 0 && now() - t < 5, "unless something comes");
	raw(5, 3);
	tcflush(0, TCIFLUSH);
	type("ab\\n");
	t = now();
	n = (int)read(0, buf, 10);
	tap_ok(n == 3 && now() - t > 0.29, "MIN 5, TIME 3: the three that came, after a pause");
	raw(3, 0);
	type("abc");
	tap_is(read(0, buf, 10), 3, "MIN 3: all three");
	tcsetattr(0, TCSAFLUSH, &cooked);
}

static void *volatile interrupted;

static void on_int(int sig)
{
	interrupted = (void *)(long)sig;
}

static void interrupts(void)
{
	char buf[10];
	pid_t pid;

	no_echo();
	catch(SIGINT, on_int);
	type("\\003");
	tap_errno(read(0, buf, 10), EINTR, "Ctrl-C interrupts a read");
	tap_is((long)interrupted, SIGINT, "by SIGINT");
	catch(SIGQUIT, on_int);
	type("\\034");
	tap_errno(read(0, buf, 10), EINTR, "Ctrl-\\ too");
	tap_is((long)interrupted, SIGQUIT, "by SIGQUIT");

	pid = spawn("sleep", 1);
	catch(SIGTTOU, SIG_IGN);
	tap_zero(tcsetpgrp(0, pid), "another group in front");
	tap_is(tcgetpgrp(0), pid, "is in front");
	interrupted = NULL;
	type("\\003");
	int status = wait_for(pid);

	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT && !interrupted, "Ctrl-C ends it, and leaves us alone");
	pid = spawn("sleep", 1);
	tcsetpgrp(0, pid);
	type("\\032");
	status = wait_for(pid);
	tap_ok(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTSTP, "Ctrl-Z stops it");
	tap_zero(tcsetpgrp(0, getpgrp()), "we are back in front");
	kill(pid, SIGKILL);
	kill(pid, SIGCONT);
	wait_for(pid);
	tcsetattr(0, TCSAFLUSH, &cooked);
}

/* --- Background --- */

/* Descendants that are nobody's to wait for report through descriptor 50. */
static int report(int value)
{
	char c = (char)value;

	return write(50, &c, 1) != 1;
}

static int report_of(const char *role)
{
	int p[2];
	char c = -1;

	if (pipe(p))
		tap_bail("no pipe");
	dup2(p[1], 50);
	close(p[1]);
	wait_for(spawn(role, 0));
	close(50);
	if (read(p[0], &c, 1) != 1)
		c = -1;
	close(p[0]);
	return c;
}

static void background(void)
{
	struct termios t = cooked;
	pid_t pid;
	int status;

	tap_errno(tcsetpgrp(0, 30000), ESRCH, "a group that is not there cannot be in front");
	tap_errno(tcsetpgrp(0, -2), EINVAL, "nor a negative one");
	pid = spawn("read", 1);
	status = wait_for(pid);
	tap_ok(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTTIN, "a background read stops by SIGTTIN");
	tcsetpgrp(0, pid);
	no_echo();
	kill(pid, SIGCONT);
	type("yes\\n");
	status = wait_for(pid);
	tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 'y', "in front and continued it reads on");
	tcsetpgrp(0, getpgrp());
	tcflush(0, TCIFLUSH);
	type("any\\n");
	status = wait_for(spawn("read-console", 1));
	tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 'a', "/dev/console is read from behind, too");
	tcflush(0, TCIFLUSH);
	status = wait_for(spawn("read-ignoring", 1));
	tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == EIO, "with SIGTTIN ignored: EIO");
	status = wait_for(spawn("write", 1));
	tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "background output is shown");
	t.c_lflag |= TOSTOP;
	t.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(0, TCSANOW, &t);
	pid = spawn("write", 1);
	status = wait_for(pid);
	tap_ok(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTTOU, "but not with TOSTOP: SIGTTOU");
	kill(pid, SIGKILL);
	wait_for(pid);
	status = wait_for(spawn("write-ignoring", 1));
	tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "unless that is ignored");
	tcsetattr(0, TCSANOW, &cooked);
	pid = spawn("set", 1);
	status = wait_for(pid);
	tap_ok(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTTOU, "changing settings from behind: SIGTTOU");
	kill(pid, SIGKILL);
	wait_for(pid);
	tap_is(report_of("orphan"), EIO, "a member of an orphaned group reads EIO");
}

/* --- Sessions --- */

static void sessions(void)
{
	int status = wait_for(spawn("session", 0));

	tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "another session cannot have it, unless it steals it");
	if (WEXITSTATUS(status))
		tap_diag("step %d", WEXITSTATUS(status));
	tap_errno(open("/dev/tty", O_RDWR), ENXIO, "stolen from us");

	catch(SIGHUP, on_signal);
	tap_is(report_of("leader"), 0, "when a session's leader ends, those in front are hung up");
	tap_is(hups, 0, "and nobody else");
	tap_zero(ioctl(0, TIOCSCTTY, 0), "the terminal is free again");
	tap_zero(ioctl(0, TIOCNOTTY, 0), "and can be given up");
	tap_errno(open("/dev/tty", O_RDWR), ENXIO, "then there is none");
	tap_is(hups, 1, "those in front are told so by SIGHUP");
}

static int check(int step, int cond) { return cond ? 0 : step; }

static int play(const char *role)
{
	char c = 0;
	struct termios t;
	int e, fd;

	if (!strcmp(role, "sleep"))
		return (int)sleep(20);
	if (strstr(role, "-ignoring")) {
		catch(SIGTTIN, SIG_IGN);
		catch(SIGTTOU, SIG_IGN);
	} else {
		catch(SIGTTOU, SIG_DFL);
	}
	if (!strcmp(role, "read-console"))
		return read(0, &c, 1) == 1 ? c : errno;
	if (!strncmp(role, "read", 4) || !strcmp(role, "orphaned"))
		dup2(open("/dev/ttyS0", O_RDWR | O_NOCTTY), 0);
	if (!strncmp(role, "read", 4))
		return read(0, &c, 1) == 1 ? c : errno;
	if (!strncmp(role, "write", 5)) {
		/* /dev/console is never stopped; the line itself is. */
		fd = open("/dev/tty", O_WRONLY);
		return write(fd, "# from behind\n", 14) == 14 ? 0 : errno;
	}
	if (!strcmp(role, "set")) {
		tcgetattr(0, &t);
		return tcsetattr(0, TCSANOW, &t) ? errno : 0;
	}
	if (!strcmp(role, "orphan")) {		/* leaves one behind in a group of its own */
		spawn("orphaned", 1);
		return 0;
	}
	if (!strcmp(role, "orphaned")) {
		while (getppid() != 1)
			usleep(1000);
		return report(read(0, &c, 1) == -1 ? errno : 0);
	}
	if (!strcmp(role, "session")) {
		if ((e = check(1, ioctl(0, TIOCSCTTY, 0) == -1 && errno == EPERM)))
			return e;	/* not a leader */
		if ((e = check(2, setsid() > 0)))
			return e;
		if ((e = check(3, ioctl(0, TIOCSCTTY, 0) == -1 && errno == EPERM)))
			return e;	/* it is taken */
		if ((e = check(4, tcgetpgrp(0) == -1 && errno == ENOTTY)))
			return e;
		if ((e = check(5, ioctl(0, TIOCSCTTY, 1) == 0)))
			return e;	/* root steals */
		return check(6, tcgetpgrp(0) == getpid());
	}
	if (!strcmp(role, "leader")) {
		int ready[2];

		setsid();
		if (ioctl(0, TIOCSCTTY, 1) || pipe(ready))
			return report(1);
		dup2(ready[1], 51);
		catch(SIGTTOU, SIG_IGN);
		tcsetpgrp(0, spawn("led", 1));
		return read(ready[0], &c, 1) == 1 ? 0 : report(2);
	}
	if (!strcmp(role, "led")) {
		catch(SIGHUP, on_signal);
		catch(SIGCONT, on_signal);
		while (tcgetpgrp(0) != getpid())
			usleep(1000);
		fd = open("/dev/tty", O_RDWR);
		if (write(51, "r", 1) != 1 || fd < 0)
			return report(3);
		for (int i = 0; i < 2000 && !hups; i++)
			usleep(1000);
		if (hups != 1)
			return report(4);
		if (read(fd, &c, 1) != 0)
			return report(5);
		if (write(fd, "x", 1) != -1 || errno != EIO)
			return report(6);
		if (tcgetattr(fd, &t) != -1 || errno != EIO)
			return report(7);
		return report(open("/dev/tty", O_RDWR) == -1 && errno == ENXIO ? 0 : 8);
	}
	return 99;
}

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc > 1 && strcmp(argv[1], "test"))
		return play(argv[1]);
	if (argc == 1) {
		/* Process 1 is too special: its children's groups count as orphaned. */
		pid_t pid = spawn("test", 0), gone;
		int status;

		while ((gone = wait(&status)) > 0)
			if (gone == pid)
				return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
		return 99;
	}
	tap_plan(0);
	setsid();
	acquiring();
	settings();
	reading();
	interrupts();
	background();
	sessions();
	return tap_done();
}
