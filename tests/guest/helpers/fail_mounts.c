/* SPDX-License-Identifier: MIT
 *
 * Each allocation, host call and page allocation of the calls on mounts and pseudo-terminals fails once
 * (tests/guest/nth.h); for tests/cli/fail_calls.sh.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include "nth.h"

enum { NR_open_tree = 428, NR_move_mount, NR_fsopen, NR_fsconfig, NR_fsmount, NR_fspick };
enum { SET_STRING = 1, CREATE = 6, RECONFIGURE };

static void do_mount(const char *type, const char *options)
{
	int fd;

	mkdir("on", 0755);
	if (NTH(mount("what", "on", type, 0, options)) == 0) {
		fd = open("on", O_RDONLY);
		if (fd >= 0)
			close(fd);
		umount("on");
	}
	rmdir("on");
}

static void do_devpts(void) { do_mount("devpts", "mode=620,gid=5,max=4"); }

static void do_sysfs(void) { do_mount("sysfs", NULL); }

static void do_ptmx(void)
{
	int zero = 0, slave, master = NTH(open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK));

	if (master < 0)
		return;
	ioctl(master, TIOCSPTLCK, &zero);
	slave = NTH(ioctl(master, 0x5441 /* TIOCGPTPEER */, O_RDWR | O_NOCTTY));
	if (slave >= 0)
		close(slave);
	close(master);
}

/* More than the slave's own buffer takes. */
static void do_type(void)
{
	static char many[6000];
	int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK);
	struct termios t;

	tcgetattr(master, &t);
	t.c_lflag = 0;
	tcsetattr(master, TCSANOW, &t);
	NTH(write(master, many, sizeof many));
	close(master);
}

static void do_steps(void)
{
	int fs = NTH(syscall(NR_fsopen, "tmpfs", 1)), tree = -1;

	if (fs < 0)
		return;
	NTH(syscall(NR_fsconfig, fs, SET_STRING, "source", "from", 0));
	NTH(syscall(NR_fsconfig, fs, SET_STRING, "mode", "0700", 0));
	if (NTH(syscall(NR_fsconfig, fs, CREATE, NULL, NULL, 0)) == 0)
		tree = NTH(syscall(NR_fsmount, fs, 1, 0));
	close(fs);
	if (tree < 0)
		return;
	mkdir("on", 0755);
	if (NTH(syscall(NR_move_mount, tree, "", AT_FDCWD, "on", 4)) == 0)
		umount2("on", MNT_DETACH);
	close(tree);
	rmdir("on");
}

static void do_pick(void)
{
	int fs;

	mkdir("on", 0755);
	mount("what", "on", "devpts", 0, NULL);
	fs = NTH(syscall(NR_fspick, AT_FDCWD, "on", 1));
	if (fs >= 0) {
		syscall(NR_fsconfig, fs, SET_STRING, "mode", "0600", 0);
		NTH(syscall(NR_fsconfig, fs, RECONFIGURE, NULL, NULL, 0));
		close(fs);
	}
	umount("on");
	rmdir("on");
}

static void do_tree(void)
{
	int tree;

	mkdir("on", 0755);
	mount("what", "on", "tmpfs", 0, NULL);
	mkdir("on/in", 0755);
	mount("what", "on/in", "tmpfs", 0, NULL);
	tree = NTH(syscall(NR_open_tree, AT_FDCWD, "on", 1 | 0x8000));
	if (tree >= 0)
		close(tree);
	umount("on/in");
	umount("on");
	rmdir("on");
}

/* --- Namespaces --- */

static char stack[16384] __attribute__((aligned(16)));
static int ns_fd;

static int just_end(void *arg)
{
	(void)arg;
	return 0;
}

static int leaves(void *arg)
{
	(void)arg;
	NTH(unshare(CLONE_NEWNS | CLONE_NEWUTS));
	return 0;
}

static int goes_there(void *arg)
{
	(void)arg;
	NTH(setns(ns_fd, 0));
	return 0;
}

static void child(int (*fn)(void *), int flags)
{
	pid_t pid = clone(fn, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD | flags, NULL);

	if (pid > 0)
		waitpid(pid, NULL, 0);
}

static void do_namespaces(void)
{
	pid_t pid = NTH(clone(just_end, stack + sizeof stack, CLONE_VM | CLONE_VFORK | CLONE_NEWNS | CLONE_NEWUTS | SIGCHLD, NULL));

	if (pid > 0)
		waitpid(pid, NULL, 0);
	child(leaves, 0);
	child(leaves, CLONE_FS);
	ns_fd = NTH(open("/proc/self/ns/uts", O_RDONLY));
	if (ns_fd < 0)
		return;
	close(open("on", O_WRONLY | O_CREAT, 0644));
	if (NTH(mount("/proc/self/ns/uts", "on", NULL, MS_BIND, NULL)) == 0)
		umount("on");
	unlink("on");
	close(ns_fd);
	ns_fd = open("/proc/self/ns/mnt", O_RDONLY);
	child(goes_there, 0);
	close(ns_fd);
}

/* What is mounted here comes to another namespace as well. */
static int mounts_for_all(void *arg)
{
	(void)arg;
	if (NTH(mount("x", "on", "tmpfs", 0, NULL)) == 0)
		umount("on");
	return 0;
}

static void do_propagation(void)
{
	mkdir("shared", 0755);
	mount("x", "shared", "tmpfs", 0, NULL);
	mount(NULL, "shared", NULL, MS_SHARED, NULL);
	if (chdir("shared") == 0) {
		mkdir("on", 0755);
		child(mounts_for_all, CLONE_NEWNS);
		if (chdir("..") != 0)
			nth.bad = 1;
	}
	umount2("shared", MNT_DETACH);
	rmdir("shared");
}

static const struct nth_case cases[] = {
	{ "devpts", do_devpts }, { "sysfs", do_sysfs }, { "ptmx", do_ptmx }, { "type", do_type }, { "steps", do_steps },
	{ "pick", do_pick }, { "tree", do_tree }, { "namespaces", do_namespaces }, { "propagation", do_propagation },
};

int main(int argc, char **argv)
{
	(void)argc;
	if (mkdir("/tmp/nth", 0755) || chdir("/tmp/nth"))
		tap_bail("cannot work in /tmp/nth: %s", strerror(errno));
	return nth_run(cases, sizeof cases / sizeof cases[0], argv + 1);
}
