#!/bin/sh
# --strace: lines as strace(1) writes them, to stderr and to a file, for one task and for several.
# engines: all
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 60

cat >guest.c <<'C'
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void handler(int sig) { (void)sig; }
static int p[2];
static void *thread(void *arg) { char c; read(p[0], &c, 1); return arg; }

int main(int argc, char **argv)
{
	char buf[200];
	struct stat st;

	if (argc > 1 && !strcmp(argv[1], "killed")) {
		raise(SIGTERM);
	}
	if (argc > 1 && !strcmp(argv[1], "fault")) {
		*(volatile int *)16 = 1;
	}
	if (argc > 1 && !strcmp(argv[1], "child")) {
		signal(SIGCHLD, handler);
		pid_t pid = vfork();

		if (!pid) {
			execl(argv[0], argv[0], "three", (char *)0);
			_exit(9);
		}
		siginfo_t info;
		return waitid(P_PID, pid, &info, WEXITED);
	}
	if (argc > 1 && !strcmp(argv[1], "three"))
		return 3;
	if (argc > 1 && !strcmp(argv[1], "threads")) {
		pthread_t t;

		pipe(p);
		pthread_create(&t, 0, thread, 0);
		nanosleep(&(struct timespec){ 0, 50000000 }, 0);
		write(p[1], "x", 1);
		pthread_join(t, 0);
		return 0;
	}
	if (argc > 1)
		return 1;

	int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0640);
	write(fd, "hello\n\t\"\1\0012\377", 12);
	write(fd, "abcdefghijklmnopqrstuvwxyz0123456789", 36);
	pread(fd, buf, 5, 0);
	read(fd, buf, 5);
	lseek(fd, 7, SEEK_SET);
	fstat(fd, &st);
	struct iovec v[2] = { { "one", 3 }, { "two", 3 } };
	writev(fd, v, 2);
	fcntl(fd, F_GETFL);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	struct flock l = { .l_type = F_WRLCK, .l_start = 5, .l_len = 10 };
	fcntl(fd, F_SETLK, &l);
	open("none", O_RDONLY);
	open((char *)8, O_RDONLY | O_CLOEXEC);
	close(fd);
	close(77);
	mkdir("d", 0755);
	unlinkat(AT_FDCWD, "d", AT_REMOVEDIR);
	unlink("file");
	pipe(p);
	struct pollfd f = { p[0], POLLIN, 0 };
	poll(&f, 1, 0);
	write(p[1], "x", 1);
	poll(&f, 1, -1);
	int n;
	ioctl(p[0], FIONREAD, &n);
	ioctl(0, 0x4321, 0);
	struct sigaction sa = { .sa_handler = handler, .sa_flags = SA_RESTART };
	sigaddset(&sa.sa_mask, SIGINT);
	syscall(SYS_rt_sigaction, SIGUSR1, 0, 0, 8);
	sigaction(SIGUSR1, &sa, 0);
	kill(getpid(), SIGUSR1);
	setitimer(ITIMER_REAL, &(struct itimerval){ { 0, 0 }, { 0, 30000 } }, 0);
	sa.sa_flags = 0;
	sigaction(SIGALRM, &sa, 0);
	poll(0, 0, -1);
	void *m = mmap(0, 5000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(m, 5000);
	struct rlimit r;
	getrlimit(RLIMIT_NOFILE, &r);
	umask(022);
	syscall(999, 1, 2, 0, 0, 0, 0);
	nanosleep(&(struct timespec){ 0, 1000 }, 0);
	_exit(7);
}
C
"$FLAT32_CC" -w -O1 -o guest guest.c || { echo "Bail out! cannot build the guest program"; exit 2; }

# has PATTERN: a line of the trace is exactly that (basic regular expression)
has() { ok "$1" grep -q -- "^$1\$" trace; }

"$FLAT32" run --strace ./guest 2>trace </dev/null; same "the exit status passes through" $? 7
has 'execve("./guest", \["./guest"\], 0x[0-9a-f]* /\* [0-9]* vars \*/) = 0'
has 'openat(AT_FDCWD, "file", O_RDWR|O_CREAT|O_TRUNC|O_LARGEFILE, 0640) = 3'
has 'write(3, "hello\\n\\t\\"\\1\\0012\\377", 12) *= 12'
has 'write(3, "abcdefghijklmnopqrstuvwxyz012345"..., 36) = 36'
has 'pread64(3, "hello", 5, 0)               = 5'
has 'read(3, "", 5)                          = 0'
has '_llseek(3, 7, \[7\], SEEK_SET)            = 0'
has 'statx(3, "", AT_STATX_SYNC_AS_STAT|AT_NO_AUTOMOUNT|AT_EMPTY_PATH, STATX_[A-Z_|]*, {stx_mask=STATX_[A-Z_|]*, stx_attributes=0, stx_mode=S_IFREG|0640, stx_size=48, ...}) = 0'
has 'writev(3, \[{iov_base="one", iov_len=3}, {iov_base="two", iov_len=3}\], 2) = 6'
has 'fcntl64(3, F_GETFL)                     = 0x8002 (flags O_RDWR|O_LARGEFILE)'
has 'fcntl64(3, F_SETFD, FD_CLOEXEC)         = 0'
has 'fcntl64(3, F_SETLK64, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=5, l_len=10}) = 0'
has 'openat(AT_FDCWD, "none", O_RDONLY|O_LARGEFILE) = -1 ENOENT (No such file or directory)'
has 'openat(AT_FDCWD, 0x8, O_RDONLY|O_LARGEFILE|O_CLOEXEC) = -1 EFAULT (Bad address)'
has 'close(3)                                = 0'
has 'close(77)                               = -1 EBADF (Bad file descriptor)'
has 'mkdirat(AT_FDCWD, "d", 0755)            = 0'
has 'unlinkat(AT_FDCWD, "d", AT_REMOVEDIR)   = 0'
has 'unlinkat(AT_FDCWD, "file", 0)           = 0'
has 'pipe2(\[3, 4\], 0)                        = 0'
has 'ppoll_time64(\[{fd=3, events=POLLIN}\], 1, {tv_sec=0, tv_nsec=0}, NULL, 8) = 0 (Timeout)'
has 'ppoll_time64(\[{fd=3, events=POLLIN}\], 1, NULL, NULL, 8) = 1 (\[{fd=3, revents=POLLIN}\])'
has 'ioctl(3, FIONREAD, \[1\])                 = 0'
has 'ioctl(0, _IOC(_IOC_NONE, 0x43, 0x21, 0), 0) = -1 ENOTTY (.*)'
has 'rt_sigaction(SIGUSR1, NULL, NULL, 8)    = 0'
has 'rt_sigaction(SIGUSR1, {sa_handler=0x[0-9a-f]*, sa_mask=\[INT\], sa_flags=SA_RESTART}, NULL, 8) = 0'
has 'kill([0-9]*, SIGUSR1) *= 0'
has '--- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_USER, si_pid=[0-9]*, si_uid=[0-9]*} ---'
has 'rt_sigreturn({mask=\[\]})                 = 0'
has 'setitimer(ITIMER_REAL, {it_interval={tv_sec=0, tv_usec=0}, it_value={tv_sec=0, tv_usec=30000}}, .*) = 0'
has 'ppoll_time64(.*, 0, NULL, NULL, 8) *= ? ERESTARTNOHAND (To be restarted if no handler)'
has '--- SIGALRM {si_signo=SIGALRM, si_code=SI_KERNEL} ---'
has 'rt_sigreturn({mask=\[\]})                 = -1 EINTR (Interrupted system call)'
has 'mmap2(NULL, 5000, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x[0-9a-f]*'
has 'munmap(0x[0-9a-f]*, 5000) *= 0'
has 'prlimit64(0, RLIMIT_NOFILE, NULL, {rlim_cur=[0-9*]*, rlim_max=[0-9*]*}) = 0'
has 'umask(022)                              = 0[0-7]*'
has 'syscall_0x3e7(0x1, 0x2, 0, 0, 0, 0)     = -1 ENOSYS (Function not implemented)'
has 'clock_nanosleep_time64(CLOCK_REALTIME, 0, {tv_sec=0, tv_nsec=1000}, NULL) = 0'
has 'exit_group(7)                           = ?'
same "the last line" "$(tail -n 1 trace)" '+++ exited with 7 +++'
ok "no line is left unfinished" sh -c '! grep -q unfinished trace'

"$FLAT32" run --strace ./guest killed 2>trace; same "death by signal passes through" $? 143
has '--- SIGTERM {si_signo=SIGTERM, si_code=SI_TKILL, si_pid=[0-9]*, si_uid=[0-9]*} ---'
same "and is said" "$(tail -n 1 trace)" '+++ killed by SIGTERM +++'
"$FLAT32" run --log 0 --strace ./guest fault 2>trace
has '--- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_[A-Z]*, si_addr=0x10} ---'

"$FLAT32" run --strace ./guest child 2>trace; same "with a child" $? 0
has 'clone(child_stack=NULL, flags=CLONE_VM|CLONE_VFORK|SIGCHLD <unfinished ...>'
has 'strace: Process [0-9]* attached'
has '\[pid  *[0-9]*\] execve("./guest", \["./guest", "three"\], 0x[0-9a-f]* /\* [0-9]* vars \*/.*'
has '.*<... clone resumed>) *= [0-9]*'
has '.*--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=[0-9]*, si_uid=[0-9]*, si_status=3, si_utime=[0-9].*} ---'

"$FLAT32" run --strace-output trace ./guest threads 2>err; same "with threads, to a file" $? 0
same "stderr stays free" "$(cat err)" ""
ok "every line begins with a number" sh -c '! grep -qv "^[0-9][0-9]* " trace'
ok "a reader waits, unfinished" grep -q '^[0-9]* *read(3,  <unfinished ...>$' trace
ok "and is resumed" grep -q '^[0-9]* *<... read resumed>"x", 1) *= 1$' trace
ok "clone says what is shared" grep -q 'clone(child_stack=0x[0-9a-f]*, flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD|CLONE_SYSVSEM|CLONE_SETTLS|CLONE_PARENT_SETTID|CLONE_CHILD_CLEARTID' trace
"$FLAT32" run --strace-output /nonexistent/x ./guest three 2>err; same "a file that cannot be written: 125" $? 125

finish
