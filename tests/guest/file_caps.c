/* SPDX-License-Identifier: MIT
 * Capabilities of files: security.capability is set, read, taken away by who writes, and given to programs. Where files have no
 * attributes (in memory) there is little to see: cli/ext2 runs this on a disk.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include "scratch.h"

#define NAME "security.capability"
enum { NET_RAW = 1 << 13, SYS_TIME = 1 << 25 };

struct caps { uint32_t magic, permitted, inheritable, permitted_high, inheritable_high, root; };

/* The effective capabilities of this process, the lower half. */
static uint32_t effective(void)
{
	uint32_t head[2] = { 0x20080522, 0 }, data[6] = { 0 };

	syscall(SYS_capget, head, data);
	return data[0];
}

static void copy(const char *to)
{
	static char buf[65536];
	int in = open("/proc/self/exe", O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	ssize_t n;

	while ((n = read(in, buf, sizeof buf)) > 0)
		if (write(out, buf, (size_t)n) != n)
			tap_bail("cannot copy");
	close(in);
	close(out);
}

/* What a program of that name says of itself as user 1000: its exit code; 99: it could not be executed, 98: for want of permission. */
static int as_user(const char *path, const char *what)
{
	int status;
	pid_t pid = vfork();

	if (!pid) {
		char *argv[] = { (char *)path, (char *)what, NULL }, *envp[] = { NULL };

		if (*what == 'b')
			prctl(PR_CAPBSET_DROP, 13, 0, 0, 0);
		if (syscall(SYS_setgroups, 0, NULL) || syscall(SYS_setresuid, 1000, 1000, 1000))
			_exit(97);
		if (*what == 'n')
			prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		execve(path, argv, envp);
		_exit(errno == EPERM ? 98 : 99);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 96;
}

static int set(const char *path, const struct caps *c, size_t size)
{
	return setxattr(path, NAME, c, size, 0);
}

static int has(const char *path)
{
	char buf[64];

	return (int)getxattr(path, NAME, buf, sizeof buf);
}

static void test_set(void)
{
	struct caps two = { .magic = 0x02000001, .permitted = NET_RAW }, back, three = { .magic = 0x03000000, .permitted = NET_RAW },
		wrong = { .magic = 0x04000000 };

	tap_errno(set("p", &wrong, 20), EINVAL, "of a revision that is not there");
	tap_errno(set("p", &two, 12), EINVAL, "too short");
	tap_errno(set("p", &two, 24), EINVAL, "too long");
	tap_errno(set("p", &three, 20), EINVAL, "revision 3 is longer");
	tap_zero(set("p", &two, 20), "set");
	memset(&back, 0, sizeof back);
	tap_is(getxattr("p", NAME, &back, sizeof back), 20, "read again");
	tap_ok(!memcmp(&two, &back, 20), "the same");
	tap_is(as_user("p", "set"), 1, "without CAP_SETFCAP it cannot be set: EPERM");
	tap_is(as_user("p", "remove"), 1, "nor removed");
}

static void test_given(void)
{
	struct caps c = { .magic = 0x02000001, .permitted = NET_RAW };

	tap_is(as_user("p", "caps"), 1, "a program is given it, in effect");
	tap_is(as_user("p", "no_new_privs"), 0, "not with no_new_privs");
	tap_is(as_user("p", "bounded"), 98, "EPERM if it is to be in effect and is not in the bounding set");
	c.magic = 0x02000000;
	set("p", &c, 20);
	tap_is(as_user("p", "caps"), 2, "permitted, but not in effect");
	tap_is(as_user("p", "bounded"), 0, "not permitted if it is not in the bounding set");
	c.permitted = 0;
	c.inheritable = NET_RAW;
	set("p", &c, 20);
	tap_is(as_user("p", "caps"), 0, "inheritable: only to who has inherited it");
	c = (struct caps){ .magic = 0x03000001, .permitted = NET_RAW, .root = 1000 };
	set("p", &c, 24);
	tap_is(as_user("p", "caps"), 0, "those of another user namespace do not count");
	tap_zero(removexattr("p", NAME), "removed");
	tap_is(as_user("p", "caps"), 0, "nothing is given any more");
}

static void test_lost(void)
{
	struct caps c = { .magic = 0x02000001, .permitted = SYS_TIME };
	int fd;

	set("f", &c, 20);
	fd = open("f", O_WRONLY);
	write(fd, "x", 1);
	close(fd);
	tap_errno(has("f"), ENODATA, "who writes takes it away");
	set("f", &c, 20);
	truncate("f", 0);
	tap_errno(has("f"), ENODATA, "so does truncate()");
	set("f", &c, 20);
	chown("f", 5, 5);
	tap_errno(has("f"), ENODATA, "and chown()");
	set("f", &c, 20);
	chmod("f", 0711);
	tap_is(has("f"), 20, "chmod() does not");
}

static int role(const char *path, const char *what)
{
	struct caps c = { .magic = 0x02000001, .permitted = NET_RAW };
	uint32_t head[2] = { 0x20080522, 0 }, data[6] = { 0 };

	if (!strcmp(what, "set"))
		return set(path, &c, 20) == -1 && errno == EPERM;
	if (!strcmp(what, "remove"))
		return removexattr(path, NAME) == -1 && errno == EPERM;
	syscall(SYS_capget, head, data);
	return effective() == NET_RAW && data[1] == NET_RAW ? 1 : effective() ? 95 : data[1] == NET_RAW ? 2 : data[1] ? 94 : 0;
}

int main(int argc, char **argv)
{
	struct caps c = { .magic = 0x02000001, .permitted = NET_RAW };

	if (argc > 1)
		return role(argv[0], argv[1]);
	tap_plan(0);
	scratch_enter();
	copy("p");
	scratch_file("f", "text");
	tap_errno(set("p", &(struct caps){ .magic = 5 }, 20), EINVAL, "nonsense is refused before anything else");
	if (set("p", &c, 20) && errno == EOPNOTSUPP) {
		tap_ok(1, "files have no attributes here");
	} else {
		test_set();
		test_given();
		test_lost();
	}
	unlink("p");
	unlink("f");
	scratch_leave();
	return tap_done();
}
