/* SPDX-License-Identifier: MIT
 *
 * Tries to get out of a share; tests/cli/share_escape.sh runs it in a booted guest and knows what is outside.
 *
 *	share_escape still DIR OUTSIDE	all ways there are, once.  DIR: where the share is; OUTSIDE: a folder of the host's, by the
 *					host's name, with the files canary and victim
 *	share_escape race SECONDS	in the current folder, while a process of the host exchanges
 *					d and f with links to the folder OUTSIDE and to OUTSIDE/victim, t with a FIFO, and
 *					moves the folder m away
 *
 * A leak is a read that gives the canary's text: "LEAK what".  What is changed or made outside, the script sees.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CANARY "CANARY-TEXT"

static unsigned long tries, opened;
static const char *dir, *outside;

/* What was opened is read: it must not be the canary. */
static void look(int fd, const char *what)
{
	char buf[64] = "";

	tries++;
	if (fd < 0)
		return;
	opened++;
	if (read(fd, buf, sizeof buf - 1) > 0 && strstr(buf, CANARY))
		printf("LEAK %s\n", what);
	close(fd);
}

static void look_at(int at, const char *path)
{
	struct { uint64_t flags, mode, resolve; } how = { .flags = O_RDONLY };
	int fd;

	look(openat(at, path, O_RDONLY | O_NONBLOCK), path);
	look((int)syscall(437 /* openat2 */, at, path, &how, sizeof how), path);
	/* By a reference, opened again. */
	fd = openat(at, path, O_PATH);
	if (fd >= 0) {
		char again[40];

		snprintf(again, sizeof again, "/proc/self/fd/%d", fd);
		look(open(again, O_RDONLY | O_NONBLOCK), path);
		close(fd);
	}
}

/* Everything that would leave a trace at a path. */
static void touch_at(int at, const char *path, const char *victim)
{
	char name[PATH_MAX];
	struct timespec now[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
	int fd;

	fd = openat(at, victim, O_WRONLY | O_TRUNC | O_NONBLOCK);
	if (fd >= 0) {
		if (write(fd, "touched", 7) < 0)
			tries++;
		close(fd);
	}
	fchmodat(at, victim, 0777, 0);
	fchownat(at, victim, 7, 7, 0);
	utimensat(at, victim, now, 0);
	snprintf(name, sizeof name, "%s/made-file", path);
	fd = openat(at, name, O_WRONLY | O_CREAT, 0644);
	if (fd >= 0)
		close(fd);
	snprintf(name, sizeof name, "%s/made-folder", path);
	mkdirat(at, name, 0755);
	snprintf(name, sizeof name, "%s/made-link", path);
	symlinkat("x", at, name);
	snprintf(name, sizeof name, "%s/made-fifo", path);
	mknodat(at, name, S_IFIFO | 0644, 0);
	snprintf(name, sizeof name, "%s/made-hard", path);
	linkat(at, "share-file", at, name, 0);
	snprintf(name, sizeof name, "%s/moved", path);
	renameat(at, "spare", at, name);
	tries += 10;
}

/* A symbolic link of the guest's own, and what lies behind it. */
static void through_link(const char *target)
{
	char path[PATH_MAX];

	if (symlink(target, "own"))
		return;
	look_at(AT_FDCWD, "own");
	look_at(AT_FDCWD, "own/canary");
	touch_at(AT_FDCWD, "own", "own/victim");
	/* A hard link to a link, and to what it leads to. */
	if (!link("own", "own-hard")) {
		look_at(AT_FDCWD, "own-hard");
		unlink("own-hard");
	}
	snprintf(path, sizeof path, "%s/canary", target);
	if (!linkat(AT_FDCWD, path, AT_FDCWD, "linked", AT_SYMLINK_FOLLOW)) {
		look_at(AT_FDCWD, "linked");
		unlink("linked");
	}
	unlink("own");
}

static void by_names(void)
{
	char path[PATH_MAX], up[PATH_MAX] = "";

	look_at(AT_FDCWD, outside);
	snprintf(path, sizeof path, "%s/canary", outside);
	look_at(AT_FDCWD, path);
	through_link(outside);
	for (int i = 0; i < 20; i++) {
		strcat(up, "../");
		snprintf(path, sizeof path, "%s%s/canary", up, outside + 1);
		look_at(AT_FDCWD, path);
		snprintf(path, sizeof path, "%soutside/canary", up);
		look_at(AT_FDCWD, path);
		snprintf(path, sizeof path, "sub/../sub/%soutside/canary", up);
		look_at(AT_FDCWD, path);
		snprintf(path, sizeof path, "%soutside", up);
		touch_at(AT_FDCWD, path, "x");
		through_link(path);
	}
}

/* Links that the host made, whose names begin with "out". */
static void by_links_of_the_host(void)
{
	static const char *const names[] = {
		"out-absolute", "out-relative", "out-file", "out-chain", "out-proc-self", "out-proc-1", "out-proc-fd", "out-cwd",
		"out-loop", "out-dev-fd",
	};
	char path[PATH_MAX], victim[PATH_MAX];

	for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
		look_at(AT_FDCWD, names[i]);
		snprintf(path, sizeof path, "%s/canary", names[i]);
		look_at(AT_FDCWD, path);
		snprintf(path, sizeof path, "%s/../canary", names[i]);
		look_at(AT_FDCWD, path);
		snprintf(path, sizeof path, "%s%s/canary", names[i], outside);
		look_at(AT_FDCWD, path);
		snprintf(victim, sizeof victim, "%s/victim", names[i]);
		touch_at(AT_FDCWD, names[i], victim);
		snprintf(path, sizeof path, "moved-%s", names[i]);
		if (!rename(names[i], path)) {
			look_at(AT_FDCWD, path);
			rename(path, names[i]);
		}
	}
}

/* The links of /proc: the guest's processes, not the host's. */
static void by_proc(void)
{
	char path[PATH_MAX];

	for (int fd = 0; fd < 64; fd++) {
		snprintf(path, sizeof path, "/proc/self/fd/%d/../outside/canary", fd);
		look_at(AT_FDCWD, path);
		snprintf(path, sizeof path, "/proc/1/fd/%d%s/canary", fd, outside);
		look_at(AT_FDCWD, path);
	}
	for (int i = 0; i < 3; i++) {
		static const char *const who[] = { "self", "1", "2" };

		snprintf(path, sizeof path, "/proc/%s/root%s/canary", who[i], outside);
		look_at(AT_FDCWD, path);
		snprintf(path, sizeof path, "/proc/%s/cwd/../outside/canary", who[i]);
		look_at(AT_FDCWD, path);
	}
}

/* A directory that is held open while the root is changed: the classic way out of a chroot. */
static void by_chroot(void)
{
	char path[PATH_MAX] = "";
	int here = open(".", O_RDONLY | O_DIRECTORY), i;

	if (chroot("sub") || fchdir(here))
		printf("no chroot: %s\n", strerror(errno));
	for (i = 0; i < 40; i++) {
		strcat(path, "../");
		look_at(AT_FDCWD, path);
		snprintf(path + 3 * (i + 1), sizeof path - (size_t)(3 * (i + 1)), "outside/canary");
		look_at(AT_FDCWD, path);
		look_at(here, path);
		snprintf(path + 3 * (i + 1), sizeof path - (size_t)(3 * (i + 1)), "%s/canary", outside + 1);
		look_at(AT_FDCWD, path);
		path[3 * (i + 1)] = 0;
	}
	for (i = 0; i < 40; i++)
		if (chdir(".."))
			break;
	if (chroot("."))
		printf("no way back: %s\n", strerror(errno));
	if (chdir(dir))
		printf("the share is gone: %s\n", strerror(errno));
	close(here);
}

static void by_mounts(void)
{
	static const char *const sources[] = {
		"out-absolute", "out-relative", "out-proc-self", "../outside", "sub/../../outside", "out-chain",
	};
	char path[PATH_MAX];

	mkdir("/target", 0755);
	for (unsigned i = 0; i < sizeof sources / sizeof *sources; i++) {
		static const char *const types[] = { "share", "hostfs", "9p", "virtiofs", "bind", "none" };

		if (!mount(sources[i], "/target", NULL, MS_BIND | MS_REC, NULL)) {
			look_at(AT_FDCWD, "/target/canary");
			touch_at(AT_FDCWD, "/target", "/target/victim");
			umount("/target");
		}
		for (unsigned k = 0; k < sizeof types / sizeof *types; k++)
			if (!mount(sources[i], "/target", types[k], 0, NULL)) {
				printf("mounted %s %s\n", sources[i], types[k]);
				umount("/target");
			}
	}
	if (!mount(outside, "/target", "share", 0, NULL))
		printf("mounted %s\n", outside);
	/* The share as a root of its own. */
	if (!mount(dir, "/target", NULL, MS_BIND, NULL)) {
		mkdir("/target/old", 0755);
		syscall(SYS_pivot_root, "/target", "/target/old");
		snprintf(path, sizeof path, "/..%s/canary", outside);
		look_at(AT_FDCWD, path);
		look_at(AT_FDCWD, "/../outside/canary");
		snprintf(path, sizeof path, "/target/..%s/canary", outside);
		look_at(AT_FDCWD, path);
		look_at(AT_FDCWD, "/target/../outside/canary");
		umount2("/target", MNT_DETACH);
	}
}

/* Across the border, by names that are on both sides of it. */
static void across(void)
{
	static const char *const inside[] = { "share-file", "sub", "out-absolute", "." };
	int fd = open("/tmp/mine", O_WRONLY | O_CREAT, 0644);

	if (fd >= 0)
		close(fd);
	for (unsigned i = 0; i < sizeof inside / sizeof *inside; i++) {
		if (!rename(inside[i], "/tmp/taken") || !rename("/tmp/mine", inside[i]) ||
		    !syscall(SYS_renameat2, AT_FDCWD, inside[i], AT_FDCWD, "/tmp/mine", 2) ||
		    !link(inside[i], "/tmp/linked") || !link("/tmp/mine", "in-link"))
			printf("across the border: %s\n", inside[i]);
		if (!rename(inside[i], "../taken") || !link(inside[i], "../linked"))
			printf("up: %s\n", inside[i]);
	}
	if (!rename("..", "up") || !rename("sub/..", "up") || !rmdir("..") || !rmdir(".") || !unlink("../canary"))
		printf("dots are names\n");
}

/* Things that are no files. */
static void by_nodes(void)
{
	static const char *const nodes[] = { "host-fifo", "host-socket", "host-null", "host-disk", "host-kmsg" };

	for (unsigned i = 0; i < sizeof nodes / sizeof *nodes; i++) {
		int fd = open(nodes[i], O_RDWR | O_NONBLOCK);

		/* A FIFO is a pipe of the guest's. */
		if (fd >= 0 && i)
			printf("opened %s\n", nodes[i]);
		if (fd >= 0)
			close(fd);
		if (i > 1 && (!chmod(nodes[i], 0666) || !chown(nodes[i], 7, 7)))
			printf("changed %s\n", nodes[i]);
	}
	if (!mknod("node", S_IFCHR | 0666, 0x103) || !mknod("node", S_IFBLK | 0666, 0x800) || !mknod("node", S_IFCHR, 0))
		printf("made a node\n");
	if (!syscall(SYS_renameat2, AT_FDCWD, "spare", AT_FDCWD, "spare2", 4 /* RENAME_WHITEOUT */))
		printf("made a whiteout\n");
}

static int still(void)
{
	if (chdir(dir)) {
		perror(dir);
		return 1;
	}
	by_names();
	by_links_of_the_host();
	by_proc();
	across();
	by_nodes();
	by_chroot();
	by_mounts();
	printf("%lu tries, some of which opened something: %s\n", tries, opened ? "yes" : "no");
	return 0;
}

/* --- While the host moves things --- */

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

static void race_folder(void)
{
	int at;

	look_at(AT_FDCWD, "d/canary");
	touch_at(AT_FDCWD, "d", "d/victim");
	at = open("d", O_RDONLY | O_DIRECTORY);
	if (at >= 0) {
		look_at(at, "canary");
		look_at(at, "../outside/canary");
		close(at);
	}
	unlink("d/made-file");
	rmdir("d/made-folder");
	unlink("d/made-link");
	unlink("d/made-fifo");
	unlink("d/made-hard");
	rename("d/moved", "spare");
	unlink("d/victim2");
}

static void race_file(void)
{
	int fd;

	look_at(AT_FDCWD, "f");
	touch_at(AT_FDCWD, ".", "f");
	unlink("made-file");
	rmdir("made-folder");
	unlink("made-link");
	unlink("made-fifo");
	unlink("made-hard");
	rename("moved", "spare");
	if (truncate("f", 3))
		tries++;
	if (!link("f", "f2")) {
		look_at(AT_FDCWD, "f2");
		unlink("f2");
	}
	fd = open("t", O_RDONLY | O_NONBLOCK);
	if (fd >= 0)
		close(fd);
}

/* at: the folder m, opened when it was in the share. */
static void race_moved(int at)
{
	int fd = openat(at, "secret", O_PATH);

	look_at(at, "secret");
	if (fd >= 0) {
		char again[40];

		snprintf(again, sizeof again, "/proc/self/fd/%d", fd);
		look(open(again, O_RDONLY), "secret, by reference");
		close(fd);
	}
	look_at(at, "../outside/canary");
	look_at(at, "../canary");
	fd = openat(at, "../made-beside", O_WRONLY | O_CREAT, 0644);
	if (fd >= 0)
		close(fd);
	unlink("made-beside");
	mkdirat(at, "../made-beside", 0755);
	rmdir("made-beside");
}

static int race(int seconds)
{
	time_t end = now() + seconds;
	unsigned long rounds = 0;
	int at = -1;

	while (now() < end) {
		if (at < 0)
			at = open("m", O_RDONLY | O_DIRECTORY);
		race_folder();
		race_file();
		if (at >= 0)
			race_moved(at);
		if (++rounds % 16 == 0 && at >= 0) {
			close(at);
			at = -1;
		}
	}
	printf("%lu rounds\n", rounds);
	printf("enough: %s; opened something: %s\n", rounds > 20 ? "yes" : "no", opened ? "yes" : "no");
	return 0;
}

int main(int argc, char **argv)
{
	umask(0);
	if (argc > 3 && !strcmp(argv[1], "still")) {
		dir = argv[2];
		outside = argv[3];
		return still();
	}
	if (argc > 2 && !strcmp(argv[1], "race"))
		return race(atoi(argv[2]));
	return 2;
}
