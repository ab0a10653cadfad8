/* SPDX-License-Identifier: MIT
 * Namespaces of mounts and of names: clone, unshare, setns, their files, what is seen of whom, and what goes from one to another.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include "tap.h"

#ifndef NS_GET_NSTYPE
#define NS_GET_USERNS 0xb701
#define NS_GET_PARENT 0xb702
#define NS_GET_NSTYPE 0xb703
#endif
#define NS_GET_MNTNS_ID_ 0x8008b705ul
#define NS_MNT_GET_INFO_ 0x8010b70aul
#define NS_MNT_GET_NEXT_ 0x8010b70bul
#define NS_MNT_GET_PREV_ 0x8010b70cul
#define PIDFD_GET_UTS_NAMESPACE_ 0xff0au
#define PIDFD_GET_MNT_NAMESPACE_ 0xff03u

static char top[] = "/tmp/namespace.XXXXXX";
static const char *self;

static const char *at(const char *name)
{
	static char paths[4][64];
	static int n;
	char *p = paths[n++ % 4];

	snprintf(p, sizeof *paths, "%s%s%s", top, *name ? "/" : "", name);
	return p;
}

/* How many mounts of a process (0: our own) lie at this place or below. */
static int mounted(int pid, const char *path)
{
	char file[64], line[512], point[256];
	size_t len = strlen(path);
	int n = 0;
	FILE *f;

	snprintf(file, sizeof file, pid ? "/proc/%d/mountinfo" : "/proc/self/mountinfo", pid);
	f = fopen(file, "r");
	while (f && fgets(line, sizeof line, f))
		n += sscanf(line, "%*d %*d %*s %*s %255s", point) == 1 && !strncmp(point, path, len) &&
		     (!point[len] || point[len] == '/');
	if (f)
		fclose(f);
	return n;
}

static int tmpfs(const char *name)
{
	return mount("x", at(name), "tmpfs", 0, NULL);
}

static unsigned long ino(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : (unsigned long)st.st_ino;
}

/* --- A child in our memory: what it returns is its status --- */

static char stack[32768] __attribute__((aligned(16)));

static int child(int (*fn)(void *), unsigned flags)
{
	int status;
	pid_t pid = clone(fn, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD | (int)flags, NULL);

	if (pid < 0)
		return -errno;
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1000;
}

/* --- Another process: it has mounted something in a namespace of its own, and stays until it is told to go --- */

static int holder_in = -1, holder_out = -1;

static int holder(void)
{
	char c = 'r';

	if (unshare(CLONE_NEWNS | CLONE_NEWUTS) || sethostname("held", 4) || tmpfs("held") || mkdir(at("held/in"), 0755))
		c = 'e';
	if (write(4, &c, 1) != 1)
		return 1;
	return read(3, &c, 1) != 1;
}

static pid_t start_holder(void)
{
	char *argv[] = { (char *)self, "holder", top, NULL };
	posix_spawn_file_actions_t fa;
	int a[2], b[2];
	pid_t pid;
	char c = 0;

	if (pipe2(a, O_CLOEXEC) || pipe2(b, O_CLOEXEC))
		return -1;
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, a[0], 23);
	posix_spawn_file_actions_adddup2(&fa, b[1], 4);
	posix_spawn_file_actions_adddup2(&fa, 23, 3);
	posix_spawn_file_actions_addclose(&fa, 23);
	if (posix_spawn(&pid, self, &fa, NULL, argv, NULL))
		return -1;
	posix_spawn_file_actions_destroy(&fa);
	close(a[0]), close(b[1]);
	holder_in = a[1], holder_out = b[0];
	if (read(holder_out, &c, 1) != 1 || c != 'r')
		return -1;
	return pid;
}

static void end_holder(pid_t pid)
{
	int status = -1;

	if (write(holder_in, "x", 1) == 1)
		waitpid(pid, &status, 0);
	close(holder_in), close(holder_out);
	tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the other process ends");
}

/* --- Links and files --- */

static void test_files(void)
{
	char text[64] = "", want[64], path[64];
	struct statfs sf;
	struct stat st, other;
	int fd, uts, dir_entries = 0;
	DIR *d = opendir("/proc/self/ns");
	const struct dirent *e;

	while (d && (e = readdir(d)))
		dir_entries += !strcmp(e->d_name, "mnt") || !strcmp(e->d_name, "uts");
	if (d)
		closedir(d);
	tap_is(dir_entries, 2, "/proc/self/ns has mnt and uts");
	fd = open("/proc/self/ns/mnt", O_RDONLY);
	uts = open("/proc/self/ns/uts", O_RDONLY);
	tap_ok(fd >= 0 && uts >= 0, "they can be opened");
	fstat(fd, &st);
	fstat(uts, &other);
	snprintf(want, sizeof want, "mnt:[%lu]", (unsigned long)st.st_ino);
	readlink("/proc/self/ns/mnt", text, sizeof text - 1);
	tap_ok(!strcmp(text, want), "the link says the file's number");
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	memset(text, 0, sizeof text);
	readlink(path, text, sizeof text - 1);
	tap_ok(!strcmp(text, want), "as does that of the descriptor");
	tap_ok(st.st_dev == other.st_dev && st.st_ino != other.st_ino, "both kinds are files of one file system");
	tap_ok(S_ISREG(st.st_mode) && (st.st_mode & 0777) == 0444, "to be read by all");
	tap_ok(!fstatfs(fd, &sf) && sf.f_type == 0x6e736673, "which is nsfs");
	tap_is(ino("/proc/1/ns/mnt"), (long long)st.st_ino, "the same as that of process 1");
	tap_errno(read(fd, text, 1), EINVAL, "it cannot be read");
	tap_is(ioctl(fd, NS_GET_NSTYPE), CLONE_NEWNS, "NS_GET_NSTYPE");
	tap_is(ioctl(uts, NS_GET_NSTYPE), CLONE_NEWUTS, "NS_GET_NSTYPE of the names");
	tap_errno(ioctl(fd, NS_GET_PARENT), EINVAL, "NS_GET_PARENT");
	tap_errno(ioctl(fd, NS_GET_USERNS), EPERM, "NS_GET_USERNS");
	tap_errno(ioctl(fd, 0xb77f), ENOTTY, "no such ioctl");
	tap_errno(ioctl(uts, NS_GET_MNTNS_ID_, text), EINVAL, "names have no NS_GET_MNTNS_ID");
	close(fd), close(uts);
}

/* --- Arguments --- */

static int just_return(void *arg)
{
	(void)arg;
	return 7;
}

static int without_rights(void *arg)
{
	int fd = open("/proc/self/ns/mnt", O_RDONLY), bad = 0;

	(void)arg;
	if (setresuid(1000, 1000, 1000))
		return 1;
	bad |= unshare(CLONE_NEWNS) != -1 || errno != EPERM;
	bad |= (unshare(CLONE_NEWUTS) != -1 || errno != EPERM) << 1;
	bad |= (setns(fd, 0) != -1 || errno != EPERM) << 2;
	bad |= (unshare(0) != 0) << 3;
	close(fd);
	return bad;
}

static int shares_paths(void *arg)
{
	int fd = open("/proc/self/ns/mnt", O_RDONLY), bad;

	(void)arg;
	bad = setns(fd, 0) != -1 || errno != EINVAL;
	close(fd);
	return bad;
}

static void test_arguments(void)
{
	int fd = open("/proc/self/ns/mnt", O_RDONLY), file = open("/dev/null", O_RDONLY);

	tap_is(child(just_return, CLONE_NEWNS | CLONE_FS), -EINVAL, "clone: a namespace and shared paths do not go together");
	tap_is(child(just_return, CLONE_NEWNS), 7, "clone: CLONE_NEWNS");
	tap_is(child(just_return, CLONE_NEWUTS | CLONE_FS), 7, "clone: CLONE_NEWUTS");
	tap_is(child(just_return, CLONE_NEWPID), -EINVAL, "clone: a kind that there is not");
	tap_errno(unshare(CLONE_NEWPID), EINVAL, "unshare: a kind that there is not");
	tap_errno(unshare(0x80000000), EINVAL, "unshare: no such flag");
	tap_errno(unshare(CLONE_PARENT_SETTID), EINVAL, "unshare: not a thing to be parted");
	tap_zero(unshare(CLONE_THREAD | CLONE_SIGHAND), "unshare: threads, if there are none");
	tap_zero(unshare(CLONE_SYSVSEM), "unshare: CLONE_SYSVSEM");
	tap_is(child(without_rights, 0), 0, "who has no rights can have none of them");
	tap_is(child(shares_paths, CLONE_FS), 0, "setns: not while others share its paths");
	tap_errno(setns(-1, 0), EBADF, "setns: no descriptor");
	tap_errno(setns(file, 0), EINVAL, "setns: not a namespace's");
	tap_errno(setns(fd, CLONE_NEWUTS), EINVAL, "setns: one of another kind");
	tap_zero(setns(fd, CLONE_NEWNS), "setns: into one's own");
	close(fd), close(file);
}

/* --- What is mounted --- */

static unsigned long mine;		/* the number of our namespace of mounts */

static int mounts_and_looks(void *arg)
{
	char cwd[64];
	int bad = 0;

	(void)arg;
	bad |= ino("/proc/self/ns/mnt") == mine;
	bad |= (!getcwd(cwd, sizeof cwd) || strcmp(cwd, at("a"))) << 1;	/* as it was, in the copy */
	bad |= (tmpfs("b") != 0) << 2;
	bad |= (mounted(0, top) != 3) << 3;
	bad |= (umount(at("b")) != 0) << 4;
	bad |= (tmpfs("b") != 0) << 5;		/* this one stays */
	bad |= (mount("x", at("a"), NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) != 0) << 6;
	return bad;
}

static int unshares(void *arg)
{
	if (unshare(CLONE_NEWNS))
		return 100;
	return mounts_and_looks(arg);
}

static void test_mounts(void)
{
	int fd;

	mine = ino("/proc/self/ns/mnt");
	tap_zero(tmpfs("a"), "a mount of ours");
	if (chdir(at("a")))
		tap_diag("cannot go to a: %s", strerror(errno));
	tap_is(child(mounts_and_looks, CLONE_NEWNS), 0, "a child in a namespace of its own has ours, and mounts more");
	tap_is(mounted(0, top), 2, "which we do not see");
	tap_is(child(unshares, 0), 0, "the same by unshare");
	tap_is(mounted(0, top), 2, "not either");
	fd = open("f", O_WRONLY | O_CREAT, 0644);
	tap_ok(fd >= 0, "a mount that was made read-only there is not here");
	close(fd);
	if (chdir("/"))
		tap_diag("cannot leave a: %s", strerror(errno));
	tap_zero(umount(at("a")), "nothing of a namespace that is gone keeps a mount");
	tap_is((long long)ino("/proc/self/ns/mnt"), (long long)mine, "we are where we were");
}

/* --- From one to another --- */

static int mounts_shared(void *arg)
{
	int bad = 0;

	(void)arg;
	bad |= tmpfs("s/x") != 0;
	bad |= (mount(NULL, at("s"), NULL, MS_SLAVE, NULL) != 0) << 1;
	bad |= (tmpfs("s/y") != 0) << 2;
	bad |= (mounted(0, at("s")) != 3) << 3;
	return bad;
}

static int umounts_shared(void *arg)
{
	(void)arg;
	return umount(at("s/x")) ? 1 : 0;
}

static void test_propagation(void)
{
	tap_zero(tmpfs("s"), "a mount");
	tap_zero(mount(NULL, at("s"), NULL, MS_SHARED, NULL), "is shared");
	mkdir(at("s/x"), 0755);
	mkdir(at("s/y"), 0755);
	tap_is(child(mounts_shared, CLONE_NEWNS), 0, "a child's copy of it is a peer, and then a slave");
	tap_is(mounted(0, at("s/x")), 1, "what is mounted on the peer is mounted here");
	tap_is(mounted(0, at("s/y")), 0, "what is mounted on the slave is not");
	tap_is(child(umounts_shared, CLONE_NEWNS), 0, "another child unmounts it");
	tap_is(mounted(0, at("s/x")), 0, "here, too");
	tap_zero(umount(at("s")), "the rest goes");
}

/* --- Into that of somebody else --- */

static int go_fd, go_flags;

static int goes_there(void *arg)
{
	char cwd[64], name[8];
	struct utsname u;
	int bad = 0, fd;

	(void)arg;
	if (setns(go_fd, go_flags))
		return 100;
	bad |= mounted(0, top) != 2;
	bad |= (!getcwd(cwd, sizeof cwd) || strcmp(cwd, "/")) << 1;
	bad |= (access(at("held/in"), F_OK) != 0) << 2;
	uname(&u);
	bad |= (strcmp(u.nodename, go_flags & CLONE_NEWUTS ? "held" : "mine") != 0) << 3;
	fd = open("/proc/sys/kernel/hostname", O_RDONLY);
	bad |= (read(fd, name, 4) != 4 || memcmp(name, u.nodename, 4)) << 4;
	close(fd);
	return bad;
}

static uint64_t id_of(int fd)
{
	uint64_t id = 0;

	ioctl(fd, NS_GET_MNTNS_ID_, &id);
	return id;
}

static void test_ids(int ours, int theirs)
{
	struct { uint32_t size, mounts; uint64_t id; } info = { 0 }, next = { 0 };
	struct { uint32_t size, spare; uint64_t id, param, ns; } request = { 32, 0, UINT64_MAX, 0, id_of(theirs) };
	uint64_t list[64];
	long here, there;
	int fd;

	tap_ok(id_of(ours) && id_of(theirs) > id_of(ours), "NS_GET_MNTNS_ID: what is younger has a higher number");
	tap_zero(ioctl(theirs, NS_MNT_GET_INFO_, &info), "NS_MNT_GET_INFO");
	tap_ok(info.size == 16 && info.id == id_of(theirs), "says the number");
	fd = ioctl(ours, NS_MNT_GET_NEXT_, &next);
	tap_ok(fd >= 0 && next.id > id_of(ours), "NS_MNT_GET_NEXT: the next younger one");
	close(fd);
	fd = ioctl(theirs, NS_MNT_GET_PREV_, NULL);
	tap_ok(fd >= 0 && id_of(fd) < id_of(theirs), "NS_MNT_GET_PREV: the next older one");
	close(fd);
	there = syscall(458, &request, list, 64ul, 0);
	request.ns = 0;
	here = syscall(458, &request, list, 64ul, 0);
	tap_ok(here > 0 && there == here + 1, "listmount of the other: one more than here");
	tap_ok(info.mounts >= (uint32_t)there, "as NS_MNT_GET_INFO counts");
	request.ns = 1ull << 60;
	tap_errno(syscall(458, &request, list, 64ul, 0), ENOENT, "listmount: no such namespace");
}

static void test_setns(void)
{
	char path[64];
	int fd, pidfd, foreign;
	pid_t pid;

	sethostname("mine", 4);
	pid = start_holder();
	tap_ok(pid > 0, "a process has namespaces of its own");
	tap_is(mounted(0, top), 1, "what it has mounted is not here");
	tap_is(mounted(pid, top), 2, "/proc/PID/mountinfo is that of its namespace");
	snprintf(path, sizeof path, "/proc/%d/ns/mnt", pid);
	tap_ok(ino(path) && ino(path) != ino("/proc/self/ns/mnt"), "its link has another number");
	go_fd = open(path, O_RDONLY);
	go_flags = CLONE_NEWNS;
	fd = dup(go_fd);
	tap_is(child(goes_there, 0), 0, "setns by the link: there, at its root");
	pidfd = (int)syscall(434, pid, 0);
	tap_errno(setns(pidfd, 0), EINVAL, "setns by a pidfd: into which?");
	tap_errno(setns(pidfd, CLONE_NEWNS | CLONE_NEWPID), EINVAL, "setns by a pidfd: a kind that there is not");
	go_fd = pidfd;
	go_flags = CLONE_NEWNS | CLONE_NEWUTS;
	tap_is(child(goes_there, 0), 0, "setns by a pidfd: both at once");
	go_fd = ioctl(pidfd, PIDFD_GET_MNT_NAMESPACE_, 0);
	tap_ok(go_fd >= 0 && id_of(go_fd) == id_of(fd), "ioctl of the pidfd: a descriptor");
	close(go_fd);
	tap_errno(ioctl(pidfd, 0xff05u, 0), EOPNOTSUPP, "of a kind that there is not");
	go_fd = open("/proc/self/ns/mnt", O_RDONLY);
	test_ids(go_fd, fd);
	close(go_fd);

	/* A folder of the other, reached through /proc. */
	snprintf(path, sizeof path, "/proc/%d/root%s/held", pid, top);
	foreign = open(path, O_RDONLY | O_DIRECTORY);
	tap_ok(foreign >= 0 && faccessat(foreign, "in", F_OK, 0) == 0, "its files can be reached by /proc/PID/root");
	snprintf(path, sizeof path, "/proc/self/fd/%d", foreign);
	tap_errno(umount(path), EINVAL, "but not unmounted");
	strcat(path, "/in");
	tap_errno(mount("x", path, "tmpfs", 0, NULL), EINVAL, "nor mounted on");
	tap_errno(mount(path, top, NULL, MS_BIND, NULL), EINVAL, "nor bound here");
	close(foreign);

	end_holder(pid);
	tap_errno(setns(pidfd, CLONE_NEWNS), ESRCH, "setns by a pidfd of who has ended");
	close(pidfd);
	go_fd = fd;
	go_flags = CLONE_NEWNS;
	tap_is(child(goes_there, 0), 0, "a namespace lives as long as a file of it is open");

	/* And as long as that is mounted. */
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	close(open(at("ns"), O_WRONLY | O_CREAT, 0644));
	tap_zero(mount(path, at("ns"), NULL, MS_BIND, NULL), "its file can be mounted on another");
	close(fd);
	go_fd = open(at("ns"), O_RDONLY);
	tap_is(child(goes_there, 0), 0, "and leads there");
	close(go_fd);
	tap_errno(mount("/proc/self/ns/mnt", at("held"), NULL, MS_BIND, NULL), EINVAL, "one's own cannot, nor on a folder");
	tap_zero(umount(at("ns")), "unmounted it is gone");
	close(open(at("ns"), O_WRONLY | O_CREAT, 0644));
	tap_errno(mount("/proc/self/ns/mnt", at("ns"), NULL, MS_BIND, NULL), EINVAL, "one's own cannot");
	tap_zero(mount("/proc/self/ns/uts", at("ns"), NULL, MS_BIND, NULL), "one of names can");
	tap_zero(umount(at("ns")), "and be unmounted");
	unlink(at("ns"));
}

/* --- Names --- */

static int renames(void *arg)
{
	struct utsname u;
	int bad = 0;

	(void)arg;
	uname(&u);
	bad |= strcmp(u.nodename, "mine") != 0;
	bad |= (sethostname("child", 5) || setdomainname("domain", 6)) << 1;
	uname(&u);
	bad |= (strcmp(u.nodename, "child") || strcmp(u.domainname, "domain")) << 2;
	return bad;
}

static void test_names(const struct utsname *before)
{
	struct utsname u;

	tap_is(child(renames, CLONE_NEWUTS), 0, "a child in a namespace of its own is called something else");
	uname(&u);
	tap_ok(!strcmp(u.nodename, "mine") && !strcmp(u.domainname, before->domainname), "we are not");
	sethostname(before->nodename, strlen(before->nodename));
}

/* --- pivot_root --- */

static int pivots(void *arg)
{
	int bad = 0;

	(void)arg;
	bad |= tmpfs("root") || mkdir(at("root/new"), 0755) || chroot(at("root")) || chdir("/");
	bad |= (mount("x", "/new", "tmpfs", 0, NULL) || mkdir("/new/old", 0755) || mkdir("/new/here", 0755)) << 1;
	bad |= (syscall(SYS_pivot_root, "/", "/") != -1 || errno != EBUSY) << 2;
	bad |= (syscall(SYS_pivot_root, "/new", "/new/old") != 0) << 3;
	bad |= (access("/here", F_OK) || access("/old/new", F_OK)) << 4;
	return bad;
}

static void test_pivot(void)
{
	tap_is(child(pivots, CLONE_NEWNS), 0, "pivot_root in a namespace");
	tap_ok(!access(at("held"), F_OK) && mounted(0, top) == 1, "nothing of it is seen here");
}

int main(int argc, char **argv)
{
	static const char *const folders[] = { "a", "b", "s", "held", "root" };
	struct utsname before;

	self = argv[0][0] == '/' ? argv[0] : "/proc/self/exe";
	if (argc > 2) {
		memcpy(top, argv[2], sizeof top);
		return holder();
	}
	tap_plan(0);
	mkdir("/tmp", 0777);
	if (!mkdtemp(top) || mount("top", top, "tmpfs", 0, NULL) || mount(NULL, top, NULL, MS_PRIVATE, NULL))
		tap_bail("cannot make %s: %s", top, strerror(errno));
	for (unsigned i = 0; i < sizeof folders / sizeof *folders; i++)
		mkdir(at(folders[i]), 0755);
	uname(&before);
	test_files();
	test_arguments();
	test_mounts();
	test_propagation();
	test_setns();
	test_names(&before);
	test_pivot();
	tap_zero(umount(top), "nothing is left mounted");
	rmdir(top);
	return tap_done();
}
