/* SPDX-License-Identifier: MIT
 * Pseudo-terminals: how they come and go, locks and numbers, devpts, packet mode, hang-up.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include "pty.h"

#define AGAIN "(Resource temporarily unavailable)"

static const char *mode_of(const char *path)
{
	static char text[64];
	struct stat st;

	if (stat(path, &st))
		sprintf(text, "(%s)", strerror(errno));
	else
		sprintf(text, "%o %u:%u %u %u,%u ino %u", st.st_mode, st.st_uid, st.st_gid, (unsigned)st.st_nlink,
			major(st.st_rdev), minor(st.st_rdev), (unsigned)st.st_ino);
	return text;
}

static void is_text(const char *got, const char *want, const char *what)
{
	if (!tap_ok(!strcmp(got, want), "%s: %s", what, want))
		tap_diag("got %s", got);
}

static int get(int fd, unsigned long cmd)
{
	int n = -1;

	return ioctl(fd, cmd, &n) ? -errno : n;
}

static int set(int fd, unsigned long cmd, int n) { return ioctl(fd, cmd, &n) ? -errno : 0; }

static void test_open(void)
{
	struct pty p;
	char name[32];
	int fd, other;

	p.master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK);
	tap_ok(p.master >= 0, "/dev/ptmx makes a pty");
	p.number = get(p.master, TIOCGPTN);
	tap_is(p.number, 0, "the first has number 0");
	is_text(mode_of("/dev/pts/0"), "20620 0:5 1 136,0 ino 3", "its slave");
	tap_is(get(p.master, TIOCGPTLCK), 1, "it is locked");
	tap_errno(open("/dev/pts/0", O_RDWR | O_NOCTTY), EIO, "so it cannot be opened");
	tap_zero(set(p.master, TIOCSPTLCK, 0), "TIOCSPTLCK unlocks it");
	tap_is(get(p.master, TIOCGPTLCK), 0, "it is not locked");
	pty_ready(p.master, "out", "nobody has opened it");
	pty_reads(p.master, AGAIN, "nothing to read yet");
	tap_is(write(p.master, "early\n", 6), 6, "typed before it is opened");
	poll(&(struct pollfd){ p.master, POLLIN, 0 }, 1, 1000);		/* nobody's reading at the slave makes it happen */
	pty_reads(p.master, "early^M$", "is echoed");
	p.slave = open("/dev/pts/0", O_RDWR | O_NOCTTY | O_NONBLOCK);
	tap_ok(p.slave >= 0, "now it can be opened");
	pty_reads(p.slave, "early$", "what was typed");
	tap_ok(isatty(p.slave) && isatty(p.master), "both ends are terminals");
	tap_errno(lseek(p.master, 0, SEEK_SET), ESPIPE, "no seeking in a master");
	tap_errno(lseek(p.slave, 0, SEEK_SET), ESPIPE, "nor a slave");
	tap_is(get(p.slave, TIOCGPTN), -ENOTTY, "a slave has no TIOCGPTN");
	tap_is(set(p.slave, TIOCSPTLCK, 0), -ENOTTY, "nor a lock");
	tap_is(set(p.slave, TIOCPKT, 0), -ENOTTY, "nor packet mode");
	tap_is(get(p.slave, TIOCGDEV), 136 << 8, "TIOCGDEV of the slave");
	tap_is(get(p.master, TIOCGDEV), 136 << 8, "TIOCGDEV of the master is the slave's");
	fd = ioctl(p.master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	tap_ok(fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC, "TIOCGPTPEER opens the slave");
	tap_is(write(fd, "x", 1), 1, "which can be written");
	pty_reads(p.master, "x", "and read");
	close(fd);
	tap_errno(ioctl(p.slave, TIOCGPTPEER, O_RDWR), EIO, "TIOCGPTPEER of a slave");
	other = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY);
	tap_is(get(other, TIOCGPTN), 1, "/dev/pts/ptmx makes the next one");
	close(p.slave);
	close(p.master);
	tap_errno(open("/dev/pts/0", O_RDWR | O_NOCTTY), ENOENT, "with its master closed the name is gone");
	p.master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	tap_is(get(p.master, TIOCGPTN), 0, "the lowest free number is used again");
	sprintf(name, "/proc/self/fd/%d", p.master);
	tap_errno(mkdir("/dev/pts/dir", 0755), EPERM, "no directory can be made in devpts");
	tap_errno(open("/dev/pts/file", O_RDWR | O_CREAT, 0644), EACCES, "no file");
	tap_errno(unlink("/dev/pts/0"), EPERM, "no name removed");
	tap_errno(rename("/dev/pts/0", "/dev/pts/x"), EPERM, "or renamed");
	close(p.master);
	close(other);
}

static void test_devpts(void)
{
	struct statfs sf;
	struct pty p;
	char line[400] = "", *at;
	int one, two, fd;
	FILE *f;

	mkdir("/tmp/pts", 0755);
	tap_errno(mount("pts", "/tmp/pts", "devpts", 0, "mode=600,rubbish"), EINVAL, "an option it does not know");
	tap_errno(mount("pts", "/tmp/pts", "devpts", 0, "mode=9"), EINVAL, "a mode that is none");
	tap_errno(mount("pts", "/tmp/pts", "devpts", 0, "max=1048577"), EINVAL, "too many");
	tap_zero(mount("pts", "/tmp/pts", "devpts", 0, "newinstance,ptmxmode=0666,mode=0640,uid=7,gid=8,max=2"),
		 "devpts can be mounted");
	is_text(mode_of("/tmp/pts"), "40755 0:0 2 0,0 ino 1", "its root");
	is_text(mode_of("/tmp/pts/ptmx"), "20666 0:0 1 5,2 ino 2", "its ptmx");
	tap_ok(!statfs("/tmp/pts", &sf) && sf.f_type == 0x1cd1, "its type");
	f = fopen("/proc/mounts", "r");
	while (f && fgets(line, sizeof line, f) && strncmp(line, "pts /tmp/pts", 12))
		;
	if (f)
		fclose(f);
	at = strstr(line, "devpts");
	is_text(at ? at : "", "devpts rw,relatime,uid=7,gid=8,mode=640,ptmxmode=666,max=2 0 0\n", "in /proc/mounts");
	one = open("/tmp/pts/ptmx", O_RDWR | O_NOCTTY);
	tap_is(get(one, TIOCGPTN), 0, "its numbers are its own");
	is_text(mode_of("/tmp/pts/0"), "20640 7:8 1 136,0 ino 3", "options count");
	two = open("/tmp/pts/ptmx", O_RDWR | O_NOCTTY);
	tap_is(get(two, TIOCGPTN), 1, "the second");
	tap_errno(open("/tmp/pts/ptmx", O_RDWR | O_NOCTTY), ENOSPC, "max=2: no third");
	tap_zero(mount("pts", "/tmp/pts", NULL, MS_REMOUNT, "mode=0622"), "other options");
	is_text(mode_of("/tmp/pts/ptmx"), "20000 0:0 1 5,2 ino 2", "what is not said is as at first");
	fd = open("/tmp/pts/ptmx", O_RDWR | O_NOCTTY);
	tap_is(get(fd, TIOCGPTN), 2, "the limit, too");
	is_text(mode_of("/tmp/pts/2"), "20622 0:0 1 136,2 ino 5", "with the new mode");
	close(fd);
	mknod("/tmp/ptmx", S_IFCHR | 0600, makedev(5, 2));
	fd = open("/tmp/ptmx", O_RDWR | O_NOCTTY);
	tap_is(get(fd, TIOCGPTN), 2, "a node beside the mount belongs to it");
	close(fd);
	mknod("/tmp/slave", S_IFCHR | 0600, makedev(136, 0));
	tap_errno(open("/tmp/slave", O_RDWR), EIO, "a slave has no other names");
	unlink("/tmp/slave");
	tap_errno(umount("/tmp/pts"), EBUSY, "masters that were opened in it keep it busy");
	close(one);
	close(two);
	one = open("/tmp/ptmx", O_RDWR | O_NOCTTY);
	tap_zero(umount("/tmp/pts"), "others do not");
	tap_zero(set(one, TIOCSPTLCK, 0), "and go on");
	tap_errno(open("/tmp/ptmx", O_RDWR), ENODEV, "without a devpts there are no new ones");
	rmdir("/tmp/pts");
	tap_errno(open("/tmp/ptmx", O_RDWR), ENOENT, "nor without its folder");
	unlink("/tmp/ptmx");
	close(one);
	if (pty_open(&p))
		tap_bail("no pty");
	tap_is(get(p.master, TIOCGPTN), 0, "of the other ones none was used");
	pty_close(&p);
}

static void test_hangup(void)
{
	struct pollfd pfd;
	struct pty p;
	char name[40];
	int fd;

	if (pty_open(&p))
		tap_bail("no pty");
	fd = open(p.name, O_RDWR | O_NOCTTY | O_NONBLOCK);
	tap_is(write(p.slave, "last words", 10), 10, "something is shown");
	close(p.slave);
	pty_ready(p.master, "in out", "another file of the slave is open");
	close(fd);
	pty_ready(p.master, "in out hup", "the last one is closed");
	pty_reads(p.master, "last words", "what was shown can be read");
	pty_reads(p.master, "(I/O error)", "then there is an error");
	pty_ready(p.master, "out hup", "no more to read");
	tap_is(write(p.master, "typed\n", 6), 6, "typing is possible");
	p.slave = open(p.name, O_RDWR | O_NOCTTY | O_NONBLOCK);
	tap_ok(p.slave >= 0, "it can be opened again");
	pty_reads(p.slave, "typed$", "and has what was typed");
	pty_reads(p.master, "typed^M$", "and shown");
	pty_reads(p.master, AGAIN, "no error any more");
	fd = dup(p.slave);
	pty_type(&p, "not read\n");
	close(p.master);
	pfd = (struct pollfd){ fd, POLLIN | POLLOUT, 0 };
	poll(&pfd, 1, 0);
	tap_is(pfd.revents & 0xff, POLLIN | POLLOUT | POLLERR | POLLHUP, "the master is closed: the slave is hung up");
	pty_reads(fd, "", "which is an end of file");
	tap_errno(write(fd, "x", 1), EIO, "nothing can be shown");
	tap_is(get(fd, TIOCGWINSZ), -EIO, "nothing asked");
	tap_is(get(fd, TIOCSPGRP), -ENOTTY, "but TIOCSPGRP says something else");
	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	tap_errno(open(name, O_RDWR | O_NOCTTY), EIO, "it cannot be opened again");
	close(fd);
	close(p.slave);

	if (pty_open(&p))
		tap_bail("no pty");
	pty_type(&p, "half a li");
	tap_zero(ioctl(p.slave, TIOCVHANGUP, 0), "TIOCVHANGUP");
	pty_reads(p.slave, "", "hung up");
	fd = open(p.name, O_RDWR | O_NOCTTY | O_NONBLOCK);
	tap_ok(fd >= 0, "but a new file is not");
	pty_type(&p, "new\n");
	pty_reads(fd, "new$", "what was typed before is gone");
	close(fd);
	pty_close(&p);
}

static void test_packets(void)
{
	struct termios t;
	struct pty p;

	if (pty_open(&p))
		tap_bail("no pty");
	tap_is(get(p.master, TIOCGPKT), 0, "not in packet mode");
	tap_zero(set(p.master, TIOCPKT, 1), "packet mode");
	tap_is(get(p.master, TIOCGPKT), 1, "it is on");
	tap_is(write(p.slave, "data", 4), 4, "data");
	pty_reads(p.master, "^@data", "comes with a zero");
	tcflush(p.slave, TCIFLUSH);
	pty_ready(p.master, "in out pri", "a flush");
	pty_reads(p.master, "^A", "is FLUSHREAD");
	tcflush(p.slave, TCOFLUSH);
	pty_reads(p.master, "^B", "FLUSHWRITE");
	tcflush(p.slave, TCIOFLUSH);
	pty_reads(p.master, "^C", "both");
	tcflow(p.slave, TCOOFF);
	pty_ready(p.slave, "nothing", "a stopped slave");
	tap_errno(write(p.slave, "x", 1), EAGAIN, "takes nothing");
	pty_reads(p.master, "^D", "STOP");
	tcflow(p.slave, TCOON);
	pty_ready(p.slave, "out", "started");
	pty_reads(p.master, "^H", "START");
	pty_type(&p, "\023");
	pty_ready(p.slave, "nothing", "stopped by ^S");
	pty_reads(p.master, "^D", "STOP");
	pty_type(&p, "\021");
	pty_reads(p.master, "^H", "START");
	tcgetattr(p.slave, &t);
	t.c_iflag &= ~IXON;
	tcsetattr(p.slave, TCSANOW, &t);
	pty_reads(p.master, "^P", "no IXON: NOSTOP");
	t.c_iflag |= IXON;
	tcsetattr(p.slave, TCSANOW, &t);
	pty_reads(p.master, " ", "IXON again: DOSTOP");
	t.c_lflag |= EXTPROC;
	tcsetattr(p.slave, TCSANOW, &t);
	pty_reads(p.master, "@", "EXTPROC: IOCTL");
	t.c_lflag &= ~EXTPROC;
	tcsetattr(p.slave, TCSANOW, &t);
	pty_reads(p.master, "@", "and for the last time");
	pty_type(&p, "a\003");
	pty_ready(p.slave, "out", "INTR");
	pty_reads(p.master, "^C", "flushes both");
	pty_reads(p.master, "^@^C", "and is echoed");
	tap_zero(set(p.master, TIOCPKT, 0), "no packets any more");
	tcflush(p.slave, TCIFLUSH);
	pty_reads(p.master, AGAIN, "so no status");
	pty_close(&p);
}

static void test_settings(void)
{
	struct winsize w = { 24, 80, 1, 2 }, got;
	struct termios t, m;
	struct pty p;

	if (pty_open(&p))
		tap_bail("no pty");
	tcgetattr(p.slave, &t);
	tap_ok(t.c_iflag == (ICRNL | IXON) && t.c_oflag == (OPOST | ONLCR) && t.c_cflag == (B38400 | CS8 | CREAD) &&
	       t.c_lflag == (ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN), "the first settings");
	tap_ok(t.c_cc[VINTR] == 3 && t.c_cc[VQUIT] == 28 && t.c_cc[VERASE] == 127 && t.c_cc[VKILL] == 21 &&
	       t.c_cc[VEOF] == 4 && t.c_cc[VMIN] == 1 && t.c_cc[VTIME] == 0 && t.c_cc[VSTART] == 17 &&
	       t.c_cc[VSTOP] == 19 && t.c_cc[VSUSP] == 26 && t.c_cc[VREPRINT] == 18 && t.c_cc[VDISCARD] == 15 &&
	       t.c_cc[VWERASE] == 23 && t.c_cc[VLNEXT] == 22 && t.c_cc[VEOL] == 0, "the first characters");
	cfmakeraw(&t);
	t.c_cflag = (t.c_cflag & ~CSIZE) | CS7 | PARENB | CSTOPB;
	cfsetospeed(&t, B9600);
	tap_zero(tcsetattr(p.master, TCSAFLUSH, &t), "a master can change them");
	tcgetattr(p.slave, &m);
	tap_ok(m.c_lflag == t.c_lflag && m.c_iflag == t.c_iflag && m.c_oflag == t.c_oflag, "they are the slave's");
	tap_ok(m.c_cflag == (B9600 | CS8 | CREAD | CSTOPB), "a pty always has eight bits and no parity");
	tap_zero(ioctl(p.slave, TIOCGWINSZ, &got), "the window's size");
	tap_ok(!got.ws_row && !got.ws_col, "is nothing at first");
	tap_zero(ioctl(p.master, TIOCSWINSZ, &w), "the master sets it");
	tap_ok(!ioctl(p.slave, TIOCGWINSZ, &got) && !memcmp(&w, &got, sizeof w), "the slave sees it");
	tap_is(get(p.slave, TIOCOUTQ), 0, "nothing waits to be sent");
	tap_is(write(p.slave, "abc", 3), 3, "three bytes");
	tap_is(get(p.slave, TIOCOUTQ), 0, "count as sent");
	pty_ready(p.master, "in out", "at the master");
	tap_is(get(p.master, FIONREAD), 3, "three are there");
	tap_zero(ioctl(p.master, TCFLSH, TCIFLUSH), "flushing its input");
	pty_reads(p.master, AGAIN, "forgets them");
	pty_type(&p, "typed");
	pty_ready(p.slave, "in out", "typed");
	tap_is(get(p.slave, FIONREAD), 5, "FIONREAD");
	tap_errno(ioctl(p.slave, TCFLSH, 3), EINVAL, "TCFLSH 3");
	tap_errno(ioctl(p.slave, TCXONC, 4), EINVAL, "TCXONC 4");
	tap_zero(tcflush(p.slave, TCIFLUSH), "TCIFLUSH");
	pty_reads(p.slave, AGAIN, "forgets that, too");
	tap_zero(tcflow(p.slave, TCIOFF), "TCIOFF");
	pty_reads(p.master, "^S", "sends the STOP character");
	tap_zero(tcflow(p.slave, TCION), "TCION");
	pty_reads(p.master, "^Q", "START");
	tap_zero(ioctl(p.master, TCXONC, TCOOFF), "a master that is stopped");
	tap_errno(write(p.master, "x", 1), EAGAIN, "cannot type");
	pty_ready(p.master, "nothing", "as poll says");
	tap_zero(ioctl(p.master, TCXONC, TCOON), "until it is started");
	tap_zero(tcsendbreak(p.slave, 0), "a break is nothing");
	tap_zero(tcdrain(p.slave), "neither is waiting");
	tap_zero(ioctl(p.slave, TIOCSTI, "i"), "TIOCSTI");
	pty_reads(p.slave, "i", "types");
	tap_is(get(p.slave, TIOCGEXCL), 0, "not exclusive");
	tap_zero(ioctl(p.slave, TIOCEXCL), "TIOCEXCL");
	tap_is(get(p.slave, TIOCGEXCL), 1, "exclusive");
	tap_ok(close(open(p.name, O_RDWR | O_NOCTTY)) == 0, "root may open it all the same");
	tap_zero(ioctl(p.slave, TIOCNXCL), "TIOCNXCL");
	tap_is(get(p.slave, TIOCGETD), 0, "N_TTY");
	tap_is(set(p.slave, TIOCSETD, 99), -EINVAL, "there is no discipline 99");
	tap_is(get(p.slave, TIOCGSOFTCAR), 0, "TIOCGSOFTCAR");
	tap_zero(set(p.slave, TIOCSSOFTCAR, 1), "TIOCSSOFTCAR");
	tap_is(get(p.slave, TIOCGSOFTCAR), 1, "is CLOCAL");
	tap_is(get(p.slave, TIOCMGET), -ENOTTY, "there are no modem lines");
	tap_is(get(p.slave, TIOCGPGRP), -ENOTTY, "it is not our terminal");
	tap_is(get(p.slave, TIOCGSID), -ENOTTY, "nor of our session");
	tap_errno(ioctl(p.slave, TIOCNOTTY), ENOTTY, "so we cannot give it up");
	tap_is(get(p.master, TIOCGPGRP), 0, "a master may ask: nobody is in front");
	tap_is(get(p.master, TIOCGSID), -ENOTTY, "and there is no session");
	tap_errno(ioctl(p.master, TIOCSIG, SIGTERM), EINVAL, "TIOCSIG sends INT, QUIT, TSTP");
	tap_zero(ioctl(p.master, TIOCSIG, SIGINT), "to nobody");
	tap_errno(ioctl(p.slave, 0x5499, 0), ENOTTY, "an unknown ioctl");
	tap_errno(ioctl(p.slave, 0x4b33, 0), ENOTTY, "KDGKBTYPE: no console of a PC");
	tap_efault(ioctl(p.master, TIOCGPTN, 4), "TIOCGPTN to nowhere");
	pty_close(&p);
}

int main(void)
{
	tap_plan(0);
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_open();
	test_devpts();
	test_hangup();
	test_packets();
	test_settings();
	return tap_done();
}
