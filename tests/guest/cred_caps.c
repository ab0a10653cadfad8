/* SPDX-License-Identifier: MIT
 * Capabilities: the five sets, what user ids and execve() do to them, securebits.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <grp.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "scratch.h"

enum { CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER, FSETID, KILL, SETGID, SETUID, SETPCAP, SYS_ADMIN = 21 };
#define BIT(n) (1ull << (n))
#define ALL (BIT(41) - 1)

extern char **environ;

struct caps { unsigned long long effective, permitted, inheritable; };

static int capset_of(unsigned version, const struct caps *c)
{
	unsigned header[2] = { version, 0 };
	unsigned data[6] = { (unsigned)c->effective, (unsigned)c->permitted, (unsigned)c->inheritable,
			     (unsigned)(c->effective >> 32), (unsigned)(c->permitted >> 32), (unsigned)(c->inheritable >> 32) };

	return (int)syscall(SYS_capset, header, data);
}

static int set(unsigned long long e, unsigned long long p, unsigned long long i)
{
	return capset_of(0x20080522, &(struct caps){ e, p, i });
}

static int get(struct caps *c)
{
	unsigned header[2] = { 0x20080522, 0 }, d[6];

	if (syscall(SYS_capget, header, d))
		return -1;
	*c = (struct caps){ (unsigned long long)d[3] << 32 | d[0], (unsigned long long)d[4] << 32 | d[1],
			    (unsigned long long)d[5] << 32 | d[2] };
	return 0;
}

static unsigned long long ambient_set(void)
{
	unsigned long long set_now = 0;

	for (int i = 0; i <= 40; i++)
		set_now |= (unsigned long long)(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, i, 0, 0) == 1) << i;
	return set_now;
}

static const char *now(void)
{
	static char text[200];
	struct caps c;

	get(&c);
	sprintf(text, "uid %d,%d gid %d,%d e=%llx p=%llx i=%llx a=%llx bits=%x", getuid(), geteuid(), getgid(), getegid(),
		c.effective, c.permitted, c.inheritable, ambient_set(), (unsigned)prctl(PR_GET_SECUREBITS));
	return text;
}

static void is(const char *got, const char *want, const char *what)
{
	if (!tap_ok(!strcmp(got, want), "%s: %s", what, want))
		tap_diag("got %s", got);
}

/* What a program started now says of itself. */
static const char *child(const char *program)
{
	static char text[300];
	char *argv[] = { (char *)program, (char *)"tell", NULL };
	posix_spawn_file_actions_t fa;
	int fds[2], n;
	pid_t pid;

	if (pipe(fds))
		return "no pipe";
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, fds[1], 1);
	n = posix_spawn(&pid, program, &fa, NULL, argv, environ);
	close(fds[1]);
	if (n) {
		snprintf(text, sizeof text, "(%s)", strerror(n));
	} else {
		n = (int)read(fds[0], text, sizeof text - 1);
		text[n > 0 ? n : 0] = 0;
		waitpid(pid, NULL, 0);
	}
	close(fds[0]);
	posix_spawn_file_actions_destroy(&fa);
	return text;
}

static void copy_self(const char *self, const char *name)
{
	int from = open(self, O_RDONLY), to = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	static char buf[65536];
	ssize_t n;

	while ((n = read(from, buf, sizeof buf)) > 0)
		if (write(to, buf, (size_t)n) != n)
			tap_bail("cannot copy");
	close(from);
	close(to);
}

static void test_calls(void)
{
	unsigned header[2] = { 1, 0 }, data[6];

	is(now(), "uid 0,0 gid 0,0 e=1ffffffffff p=1ffffffffff i=0 a=0 bits=0", "root");
	tap_errno(syscall(SYS_capget, header, data), EINVAL, "a version it does not know");
	tap_is(header[0], 0x20080522, "it says which it does");
	header[0] = 1;
	tap_zero(syscall(SYS_capget, header, NULL), "as a question that is no error");
	header[1] = 99999;
	tap_errno(syscall(SYS_capget, header, data), ESRCH, "of nobody");
	header[1] = (unsigned)-1;
	tap_errno(syscall(SYS_capget, header, data), EINVAL, "of process -1");
	tap_zero(syscall(SYS_capget, header, NULL), "not looked at without data");
	header[1] = 1;
	tap_errno(syscall(SYS_capset, header, data), EPERM, "capset of somebody else");
	header[0] = 0x19980330;
	header[1] = 0;
	memset(data, 0xee, sizeof data);
	tap_ok(!syscall(SYS_capget, header, data) && data[2] == 0 && data[3] == 0xeeeeeeee, "version 1 has one word each");
	tap_zero(set(ALL, ALL, BIT(KILL)), "an inheritable one");
	tap_errno(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CHOWN, 0, 0), EPERM, "ambient ones are inheritable, too");
	tap_zero(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, KILL, 0, 0), "an ambient one");
	tap_errno(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 41, 0, 0), EINVAL, "there is no 41");
	tap_errno(prctl(PR_CAP_AMBIENT, 9, KILL, 0, 0), EINVAL, "an operation it does not know");
	tap_errno(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 1, 0, 0), EINVAL, "what has to be zero");
	is(now(), "uid 0,0 gid 0,0 e=1ffffffffff p=1ffffffffff i=20 a=20 bits=0", "now");
	tap_zero(set(ALL, ALL, 0), "not inheritable any more");
	tap_is((long long)ambient_set(), 0, "so not ambient either");
	tap_is(prctl(PR_CAPBSET_READ, KILL), 1, "in the bounding set");
	tap_errno(prctl(PR_CAPBSET_READ, 41), EINVAL, "41 is in no set");
	tap_errno(prctl(PR_SET_KEEPCAPS, 2), EINVAL, "PR_SET_KEEPCAPS 2");
	tap_is(prctl(PR_GET_KEEPCAPS), 0, "not kept");
	tap_errno(prctl(PR_SET_SECUREBITS, 0x100), EPERM, "securebits it does not know");
}

static void test_ids(void)
{
	tap_zero(seteuid(1000), "another effective user");
	is(now(), "uid 0,1000 gid 0,0 e=0 p=1ffffffffff i=0 a=0 bits=0", "nothing in effect");
	tap_errno(set(ALL, BIT(KILL), 0), EPERM, "what is in effect has to be permitted");
	tap_zero(set(0, ALL, ALL), "what is permitted can be inheritable");
	tap_zero(set(BIT(KILL), ALL, 0), "something permitted is put into effect");
	is(now(), "uid 0,1000 gid 0,0 e=20 p=1ffffffffff i=0 a=0 bits=0", "that");
	tap_zero(seteuid(0), "root again");
	is(now(), "uid 0,0 gid 0,0 e=1ffffffffff p=1ffffffffff i=0 a=0 bits=0", "all in effect");
	setfsuid(1000);
	is(now(), "uid 0,0 gid 0,0 e=1fef7fffde0 p=1ffffffffff i=0 a=0 bits=0", "another user for files");
	setfsuid(0);
	is(now(), "uid 0,0 gid 0,0 e=1ffffffffff p=1ffffffffff i=0 a=0 bits=0", "and back");
	tap_zero(prctl(PR_SET_SECUREBITS, 4), "SECBIT_NO_SETUID_FIXUP");
	tap_zero(seteuid(1000), "another effective user");
	is(now(), "uid 0,1000 gid 0,0 e=1ffffffffff p=1ffffffffff i=0 a=0 bits=4", "changes nothing");
	tap_zero(seteuid(0) || prctl(PR_SET_SECUREBITS, 0), "as it was");
}

static void test_exec(const char *self)
{
	chown("set", 1000, 1000);
	chmod("set", 06755);
	is(child(self), "uid 0,0 gid 0,0 e=1ffffffffff p=1ffffffffff i=0 a=0 bits=0", "root's program");
	is(child("./set"), "uid 0,1000 gid 0,1000 e=0 p=1ffffffffff i=0 a=0 bits=0", "a set-user-ID program of user 1000");
	tap_zero(seteuid(1000), "as user 1000, for now");
	is(child(self), "uid 0,1000 gid 0,0 e=0 p=1ffffffffff i=0 a=0 bits=0", "the real user is root");
	seteuid(0);
	set(ALL, ALL, BIT(KILL));
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, KILL, 0, 0);
	prctl(PR_SET_KEEPCAPS, 1);
	tap_zero(prctl(PR_CAPBSET_DROP, SYS_ADMIN), "one less in the bounding set");
	is(child(self), "uid 0,0 gid 0,0 e=1ffffdfffff p=1ffffdfffff i=20 a=20 bits=0", "root's program has it no more");
	is(now(), "uid 0,0 gid 0,0 e=1ffffffffff p=1ffffffffff i=20 a=20 bits=10", "we have it still");
	tap_errno(set(ALL, ALL, BIT(SYS_ADMIN) | BIT(KILL)), EPERM, "but it cannot be inheritable");
	tap_zero(setgid(1000) || setuid(1000), "user 1000, capabilities kept");
	is(now(), "uid 1000,1000 gid 1000,1000 e=0 p=1ffffffffff i=20 a=0 bits=10", "permitted ones only");
	tap_zero(set(BIT(SETPCAP) | BIT(KILL), BIT(SETPCAP) | BIT(KILL) | BIT(SETUID), BIT(KILL)), "some of them");
	is(child(self), "uid 1000,1000 gid 1000,1000 e=0 p=0 i=20 a=0 bits=0", "a program has none");
	tap_zero(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, KILL, 0, 0), "ambient again");
	is(child(self), "uid 1000,1000 gid 1000,1000 e=20 p=20 i=20 a=20 bits=0", "a program has that");
	chmod("root", 04755);
	tap_zero(prctl(PR_SET_SECUREBITS, 0x2f), "SECBIT_NOROOT and locks");
	tap_errno(prctl(PR_SET_SECUREBITS, 0), EPERM, "which cannot be taken back");
	tap_errno(prctl(PR_SET_KEEPCAPS, 1), EPERM, "nor can that be changed any more");
	is(child("./root"), "uid 1000,0 gid 1000,1000 e=0 p=0 i=20 a=0 bits=2f", "a set-user-ID program of root has nothing");
	tap_zero(prctl(PR_SET_SECUREBITS, 0x6f), "no ambient ones any more");
	tap_errno(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, KILL, 0, 0), EPERM, "none");
	tap_zero(set(0, 0, 0), "give up the rest");
	tap_errno(set(BIT(KILL), BIT(KILL), 0), EPERM, "for good");
	tap_errno(prctl(PR_CAPBSET_DROP, KILL), EPERM, "CAPBSET_DROP without CAP_SETPCAP");
	tap_errno(setuid(0), EPERM, "setuid(0)");
	tap_errno(setgid(0), EPERM, "setgid(0)");
	tap_errno(setgroups(0, NULL), EPERM, "setgroups()");
}

/* In a process of its own: what a user without anything gains by set-user-ID programs. */
#define USER_TESTS 8
static int as_user(int before)
{
	tap_count = before;
	is(now(), "uid 1000,1000 gid 1000,1000 e=0 p=0 i=0 a=0 bits=0", "user 1000");
	is(child("./root"), "uid 1000,0 gid 1000,1000 e=1ffffffffff p=1ffffffffff i=0 a=0 bits=0", "root's set-user-ID program");
	is(child("./group"), "uid 1000,1000 gid 1000,7 e=0 p=0 i=0 a=0 bits=0", "a set-group-ID program");
	is(child("./lock"), "uid 1000,1000 gid 1000,1000 e=0 p=0 i=0 a=0 bits=0", "the bit without execution by the group");
	is(child("nosuid/root"), "uid 1000,1000 gid 1000,1000 e=0 p=0 i=0 a=0 bits=0", "on a file system mounted nosuid");
	tap_errno(prctl(PR_SET_NO_NEW_PRIVS, 2, 0, 0, 0), EINVAL, "PR_SET_NO_NEW_PRIVS 2");
	tap_zero(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges");
	is(child("./root"), "uid 1000,1000 gid 1000,1000 e=0 p=0 i=0 a=0 bits=0", "so it gains nothing");
	return tap_failed || tap_count != before + USER_TESTS;
}

int main(int argc, char **argv)
{
	char self[PATH_MAX], number[12], *user[] = { self, (char *)"user", number, NULL };
	int status;
	pid_t pid;

	if (argc > 1 && !strcmp(argv[1], "tell")) {
		fputs(now(), stdout);
		return 0;
	}
	if (argc > 1) {
		setvbuf(stdout, NULL, _IOLBF, 0);
		if (setgroups(0, NULL) || setgid(1000) || setuid(1000))
			return 99;
		return as_user(atoi(argv[2]));
	}
	if (!realpath(argv[0], self))
		tap_bail("where are we?");
	tap_plan(0);
	scratch_enter();
	copy_self(self, "set");
	copy_self(self, "root");
	copy_self(self, "group");
	copy_self(self, "lock");
	chmod("root", 04755);
	chown("group", 0, 7);
	chmod("group", 02755);
	chown("lock", 0, 7);
	chmod("lock", 02745);
	mkdir("nosuid", 0755);
	tap_zero(mount(".", "nosuid", NULL, MS_BIND, NULL) || mount(NULL, "nosuid", NULL, MS_BIND | MS_REMOUNT | MS_NOSUID, NULL),
		 "a second sight without set-user-ID");
	snprintf(number, sizeof number, "%d", tap_count);
	if (posix_spawn(&pid, self, NULL, NULL, user, environ))
		tap_bail("cannot start ourselves");
	waitpid(pid, &status, 0);
	tap_count += USER_TESTS;
	tap_is(status, 0, "that all went well there");
	umount("nosuid");
	test_calls();
	test_ids();
	test_exec(self);
	return tap_done();
}
