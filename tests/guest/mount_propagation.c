/* SPDX-License-Identifier: MIT
 * Propagation of mounts: shared, private, slave and unbindable ones, and what /proc/self/mountinfo says of them.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include "tap.h"

static char top[] = "/tmp/propagation.XXXXXX";

static const char *at(const char *name)
{
	static char paths[4][64];
	static int n;
	char *p = paths[n++ % 4];

	snprintf(p, sizeof *paths, "%s%s%s", top, *name ? "/" : "", name);
	return p;
}

/* The optional fields of what is mounted there, the newest. NULL: nothing is. */
static const char *fields(const char *name)
{
	static char out[256];
	char line[512], point[256], rest[256];
	const char *path = at(name), *found = NULL;
	FILE *f = fopen("/proc/self/mountinfo", "r");

	while (f && fgets(line, sizeof line, f)) {
		char *end;

		if (sscanf(line, "%*d %*d %*s %*s %255s %*s %255[^\n]", point, rest) != 2 || strcmp(point, path))
			continue;
		end = rest[0] == '-' ? rest : strstr(rest, " - ");
		if (end)
			*end = 0;
		strcpy(out, rest);
		found = out;
	}
	if (f)
		fclose(f);
	return found;
}

static void is(const char *name, const char *want, const char *what)
{
	const char *got = fields(name);

	if (!tap_ok(got && want ? !strcmp(got, want) : got == want, "%s", what))
		tap_diag("got '%s', want '%s'", got ? got : "nothing", want ? want : "nothing");
}

static int tmpfs(const char *name)
{
	return mount("x", at(name), "tmpfs", 0, NULL);
}

static int bind(const char *from, const char *to, unsigned long flags)
{
	return mount(at(from), at(to), NULL, MS_BIND | flags, NULL);
}

static int change(const char *name, unsigned long type)
{
	return mount("none", at(name), NULL, type, NULL);
}

static void test_kinds(void)
{
	is("a", "", "a new mount is private");
	tap_errno(change("a", MS_SHARED | MS_PRIVATE), EINVAL, "of two kinds at once");
	tap_errno(change("a", MS_SHARED | MS_NOSUID), EINVAL, "with other flags");
	mkdir(at("a/d"), 0755);
	tap_errno(change("a/d", MS_SHARED), EINVAL, "a place that is no mount");
	tap_zero(change("a", MS_SLAVE), "a private one as a slave");
	is("a", "", "is nobody's");
	tap_zero(change("a", MS_UNBINDABLE), "unbindable");
	is("a", "unbindable", "mountinfo says so");
	tap_errno(bind("a", "b", 0), EINVAL, "it cannot be bound");
	tap_zero(change("a", MS_SHARED), "shared");
	is("a", "shared:1", "mountinfo says so, and is bindable");
	tap_zero(change("a", MS_SHARED), "once more");
	is("a", "shared:1", "changes nothing");
	tap_zero(change("a", MS_PRIVATE), "private again");
	is("a", "", "no group");
	rmdir(at("a/d"));
}

static void test_peers(void)
{
	mkdir(at("a/d"), 0755);
	mkdir(at("a/e"), 0755);
	change("a", MS_SHARED);
	tap_zero(bind("a", "b", 0), "a copy of a shared mount");
	is("b", "shared:1", "is its peer");
	tap_zero(bind("a", "c", 0), "another one");
	tap_zero(change("c", MS_SLAVE), "is made a slave");
	is("c", "master:1", "of the group");
	tap_zero(tmpfs("a/d"), "something is mounted on the first");
	is("a/d", "shared:2", "it is shared, too");
	is("b/d", "shared:2", "the peer has it");
	is("c/d", "master:2", "and the slave");
	close(open(at("b/d/file"), O_CREAT, 0644));
	tap_ok(!access(at("a/d/file"), F_OK) && !access(at("c/d/file"), F_OK), "it is the same file system");
	tap_zero(tmpfs("c/e"), "something is mounted on the slave");
	is("a/e", NULL, "nobody else has it");
	is("c/e", "", "it is private");
	tap_zero(tmpfs("b/e"), "something is mounted there on the peer");
	is("a/e", "shared:3", "the first has it");
	tap_zero(umount(at("b/d")), "unmounted on the peer");
	is("a/d", NULL, "is unmounted on the first");
	is("c/d", NULL, "and on the slave");
	tap_zero(umount(at("a/e")), "and the other, on the first");
	is("b/e", NULL, "is on the peer");
}

/* Whether nobody uses it is asked of all. */
static void test_busy(void)
{
	int fd;

	tmpfs("a/d");
	fd = open(at("b/d/open"), O_CREAT | O_RDWR, 0644);
	tap_errno(umount(at("a/d")), EBUSY, "a file is open on the peer's");
	close(fd);
	tap_zero(umount(at("a/d")), "and closed");
	tmpfs("a/d");
	fd = open(at("b/d/open"), O_CREAT | O_RDWR, 0644);
	tap_zero(umount2(at("a/d"), MNT_DETACH), "lazily it goes from all, open or not");
	is("b/d", NULL, "the peer has none");
	close(fd);
}

/* A slave may be shared itself: what comes from its master goes on to its own peers and slaves. */
static void test_chain(void)
{
	umount2(at("c"), MNT_DETACH);
	bind("a", "c", 0);
	change("c", MS_SLAVE);
	change("c", MS_SHARED);
	is("c", "shared:2 master:1", "a slave that is shared");
	bind("c", "d", 0);
	is("d", "shared:2 master:1", "its peer is a slave of the same");
	bind("d", "e", 0);
	change("e", MS_SLAVE);
	is("e", "master:2", "and has a slave");
	tmpfs("b/d");
	is("c/d", "shared:4 master:3", "what its master's peer gets comes to it");
	is("d/d", "shared:4 master:3", "to its peer");
	is("e/d", "master:4", "and to the slave's slave");
	tap_zero(umount(at("b/d")), "unmounted there");
	is("c/d", NULL, "is gone here");
	is("e/d", NULL, "and there");
	tmpfs("d/d");
	is("c/d", "shared:3", "what is mounted on it goes to its peer");
	is("a/d", NULL, "and not up to its master");
	umount(at("d/d"));
	tap_zero(change("c", MS_PRIVATE), "one of two leaves");
	is("d", "shared:2 master:1", "the other stays what it was");
	tap_zero(change("d", MS_PRIVATE), "the last one leaves");
	is("e", "master:1", "its slave is the master's now");
	for (const char *p = "edc"; *p; p++)
		umount2(at((char[]){ *p, 0 }), MNT_DETACH);
	/* Of two peers that are slaves only the second shows the place. */
	mkdir(at("a/sub"), 0755);
	mkdir(at("a/sub/d"), 0755);
	bind("a/sub", "c", 0);
	change("c", MS_SLAVE);
	change("c", MS_SHARED);
	mkdir(at("c/other"), 0755);
	bind("c/other", "e", 0);
	bind("c", "d", 0);
	is("e", "shared:2 master:1", "a peer that shows a part only");
	umount(at("c"));
	tmpfs("a/sub/d");
	is("d/d", "shared:4 master:3", "who shows the place gets what is mounted there");
	is("e/d", NULL, "who does not gets nothing");
	umount(at("a/sub/d"));
	for (const char *p = "ed"; *p; p++)
		umount2(at((char[]){ *p, 0 }), MNT_DETACH);
}

static void test_trees(void)
{
	mkdir(at("a/d"), 0755);
	change("b", MS_PRIVATE);
	umount(at("b"));
	tmpfs("b");
	mkdir(at("b/one"), 0755);
	mkdir(at("b/two"), 0755);
	tmpfs("b/one");
	tmpfs("b/two");
	change("b/two", MS_UNBINDABLE);
	tap_errno(mount(at("b"), at("a/d"), NULL, MS_MOVE, NULL), EINVAL, "a tree with something unbindable is not moved where it is copied");
	bind("a", "c", 0);
	tap_zero(bind("b", "a/d", MS_REC), "a tree is bound");
	is("a/d", "shared:2", "its top is shared");
	is("a/d/one", "shared:3", "and what is below");
	is("a/d/two", NULL, "without the unbindable one");
	is("c/d", "shared:2", "the peer has it");
	is("c/d/one", "shared:3", "with all that is below");
	tap_errno(mount(at("a/d"), at("d"), NULL, MS_MOVE, NULL), EINVAL, "what lies on a shared mount is not moved");
	tap_zero(change("a", MS_PRIVATE | MS_REC), "all of a tree private");
	is("a/d/one", "", "what is below, too");
	is("c/d/one", "shared:3", "its peer is what it was");
}

/* What is mounted on a mount that shows itself is mounted as often as it shows itself, and no oftener. */
static void test_itself(void)
{
	char line[512];
	FILE *f;
	int n = 0;

	tmpfs("e");
	change("e", MS_SHARED);
	mkdir(at("e/0"), 0755);
	mkdir(at("e/1"), 0755);
	mkdir(at("e/2"), 0755);
	tap_zero(bind("e", "e/0", MS_REC), "a tree on itself");
	tap_zero(bind("e", "e/1", MS_REC), "again");
	tap_zero(bind("e", "e/2", MS_REC), "and again");
	f = fopen("/proc/self/mountinfo", "r");
	while (f && fgets(line, sizeof line, f))
		n += strstr(line, at("e")) != NULL;
	if (f)
		fclose(f);
	tap_is(n, 42, "so many mounts: 6 before, and each of them in 6 places");
	umount2(at("e"), MNT_DETACH);
}

int main(void)
{
	if (!tap_own_machine()) {
		tap_plan(1);
		tap_skip(1, "not on a machine of our own");
		return tap_done();
	}
	tap_plan(0);
	mkdir("/tmp", 0777);
	if (!mkdtemp(top) || mount("top", top, "tmpfs", 0, NULL))
		tap_bail("cannot begin: %s", strerror(errno));
	for (const char *p = "abcde"; *p; p++)
		mkdir(at((char[]){ *p, 0 }), 0755);
	tmpfs("a");
	test_kinds();
	test_peers();
	test_busy();
	test_chain();
	test_trees();
	test_itself();
	tap_zero(umount2(top, MNT_DETACH), "all of it goes");
	is("a", NULL, "nothing is left");
	rmdir(top);
	return tap_done();
}
