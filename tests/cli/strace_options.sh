#!/bin/sh
# --strace=: strace's own expressions and options; what they choose, and that formats are strace's.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2
plan 42

cat >guest.c <<'C'
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void handler(int sig) { (void)sig; }

int main(int argc, char **argv)
{
	char buf[100];
	int fd, p[2];

	signal(SIGUSR1, handler);
	if (argc > 1 && !strcmp(argv[1], "child")) {
		pid_t pid = vfork();

		if (!pid) {
			execl(argv[0], argv[0], (char *)0);
			_exit(9);
		}
		waitpid(pid, 0, 0);
		return 0;
	}
	fd = open("file", O_RDONLY);
	read(fd, buf, 100);
	write(1, buf, 22);
	struct iovec v[2] = { { "ab", 2 }, { "c\n", 2 } };
	writev(1, v, 2);
	if (open("/none", O_RDONLY) < 0)
		mkdir("made", 0755);
	mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pipe(p);
	kill(getpid(), SIGUSR1);
	nanosleep(&(struct timespec){ 0, 20000000 }, 0);
	_exit(write(99, buf, 1) == 1 ? 1 : 3);
}
C
"$FLAT32_CC" -w -O1 -o guest guest.c || { echo "Bail out! cannot build the guest program"; exit 2; }
printf 'hello\001\002 twenty-two bytes' >file

# trace ARGS [GUEST ARGS...]: the trace, without what the guest writes
trace() {
	args=$1
	shift
	rmdir made 2>/dev/null
	"$FLAT32" run --strace="$args" -o trace ./guest "$@" >out 2>err
	status=$?
	sed 's/^[0-9]*  *//' trace >lines
}
calls() { sed -n 's/^\([a-z_0-9]*\)(.*/\1/p' lines | tr '\n' ' '; }
has() { ok "$1" grep -q -- "^$1\$" "${2:-lines}"; }

trace trace=read; same "a name" "$(calls)" "read "
trace '!/^(set_|rt_|exit|clock|write|kill|getpid|close)'
same "all but those that match" "$(calls)" "execve openat read openat mkdirat mmap2 pipe2 "
trace file,!openat; same "a class without one of it" "$(calls)" "execve mkdirat "
trace mmap,open; same "names as programs say them" "$(calls)" "openat openat mmap2 "
trace %network; same "a class not used" "$(calls)" ""
has '--- SIGUSR1 .* ---'
trace '-e signal=none -e none -e quiet=exit'; same "nothing at all" "$(cat lines)" ""
trace status=failed; same "failed calls" "$(calls)" "openat write "
trace '-z -e openat,write'; same "successful calls" "$(calls)" "openat write "
trace '-P file'; same "what concerns a path" "$(calls)" "openat read "
trace "-P $PWD/file"; same "and a descriptor of it" "$(calls)" "read "

trace inject=openat:error=EIO:when=2; same "the second fails" "$status" 3
has 'openat(AT_FDCWD, "file", .*) = 3'
has 'openat(AT_FDCWD, "/none", O_RDONLY|O_LARGEFILE) = -1 EIO (Input/output error) (INJECTED)'
trace inject=write:retval=1:when=2+; same "a result that is made up" "$status" 1
has 'write(99, "h", 1) *= 1 (INJECTED)'
ok "the first is not touched" grep -q 'twenty-two' out
trace inject=mkdirat:signal=USR1:error=ENOSPC
ok "a call that is not made leaves nothing" test ! -e made
same "a signal with it" "$(grep -c -- '--- SIGUSR1' lines)" 2
trace '-e trace=none -e fault=openat'
ok "what is not shown is injected, too: no file, nothing read" sh -c '! grep -q hello out'

trace '-e read=all -e write=1 -e trace=read,write,writev'
has ' | 00000  68 65 6c 6c 6f 01 02 20  74 77 65 6e 74 79 2d 74  hello.. twenty-t |' trace
has ' | 00010  77 6f 20 62 79 74 65 73                           wo bytes         |' trace
has ' \* 2 bytes in buffer 1' trace
trace '-s 3 -e read'; has 'read(3, "hel"\.\.\., 100) *= 24'
trace '-x -e read'; has 'read(3, "\\x68\\x65\\x6c\\x6c\\x6f\\x01\\x02\\x20.*"\.*, 100) *= 24'
trace '-y -e openat,read,pipe2'
has "openat(AT_FDCWD<$PWD>, \"file\", O_RDONLY|O_LARGEFILE) = 3<$PWD/file>"
has "read(3<$PWD/file>, .*"
has 'pipe2(\[4<pipe:\[[0-9]*\]>, 5<pipe:\[[0-9]*\]>\], 0) = 0'
trace 'raw=openat'; has 'openat(0xffffff9c, 0x[0-9a-f]*, 0x8000, 0) *= 3'
trace '-v -s 4 -e execve'; has 'execve("./guest", \["./gu"\.\.\.\], \["[^"]*".*\]) = 0'

trace '-tt -T -e clock_nanosleep'
has '[0-9]*:[0-9]*:[0-9]*\.[0-9]\{6\} clock_nanosleep_time64(.*) = 0 <0\.02[0-9]*>'
"$FLAT32" run --deterministic --strace='-ttt -r -e clock_nanosleep' -o trace ./guest >out 2>&1
ok "times of a deterministic run" grep -q '^2 *[0-9]*\.[0-9]\{6\} (+     0\.000000) clock_nanosleep_time64(' trace
trace '-n -i -e read'; has '2 *\[  63\] \[[0-9a-f]\{8\}\] read(3, .*' trace

trace -c
same "a summary, and nothing else" "$(head -n 1 trace)" '% time     seconds  usecs/call     calls    errors syscall'
ok "with errors counted" grep -q '^ *[0-9.]* *[0-9.]* *[0-9]* *2 *1 openat$' trace
ok "and a total" grep -q '^100\.00 *[0-9.]* *[0-9]* *[0-9]* *2 total$' trace
trace '-C -e trace=read -S name'
ok "a summary as well" sh -c 'grep -q "^2 *read(3" trace && grep -q " read$" trace'

trace '-e execve' child
same "children are followed" "$(grep -c 'execve(' trace)" 2
trace '--follow-forks=no -e execve' child
same "or not" "$(grep -c 'execve(' trace)" 1
rm -f trace trace.*
trace '-ff -e execve' child
ok "a file for each" sh -c 'grep -q "^execve" trace.2 && grep -q "^execve" trace.3 && ! grep -q "^[0-9]" trace.2'
"$FLAT32" run --strace=trace=no_such_call ./guest 2>err; same "a mistake: 125" $? 125
ok "and which" grep -q "no system call or class of them is called 'no_such_call'" err
finish
