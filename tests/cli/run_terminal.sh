#!/bin/sh
# flat32 run on the host's terminal and pipes: it behaves as the program itself would.
. "${0%/*}/lib/tap.sh"
lib=$(cd "${0%/*}/lib" && pwd)
cd "$TMPDIR" || exit 2
. "$lib/tmux.sh"
plan 29

cat >guest.c <<'C'
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
static volatile int winch;
static void caught(int sig)
{
	winch |= sig == SIGWINCH;
	if (sig != SIGWINCH)
		printf("caught %d\n", sig);
	fflush(stdout);
}
/* Opens a terminal that nobody has, and says whether it is ours now. */
static int opening_takes(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;

	if (master < 0 || grantpt(master) || unlockpt(master)) return -2;
	slave = open(ptsname(master), O_RDWR);
	return slave < 0 ? -3 : tcgetsid(slave) == getpid();
}
int main(int argc, char **argv)
{
	struct winsize w;
	struct termios t;
	struct stat st;
	char c, big[65536];

	if (argc < 2) return 2;
	if (!strcmp(argv[1], "sleep")) { puts("sleeping"); return sleep(30); }
	if (!strcmp(argv[1], "catch")) {
		signal(SIGINT, caught);
		signal(SIGTERM, caught);
		signal(SIGUSR1, caught);
		puts("ready");
		fflush(stdout);
		pause();
		return 7;
	}
	if (!strcmp(argv[1], "winch")) {
		signal(SIGWINCH, caught);
		puts("ready");
		while (!winch) pause();
		ioctl(0, TIOCGWINSZ, &w);
		printf("now %d %d\n", w.ws_row, w.ws_col);
	}
	if (!strcmp(argv[1], "raw")) {
		tcgetattr(0, &t);
		t.c_lflag &= ~(ICANON | ECHO);
		tcsetattr(0, TCSANOW, &t);
		puts("ready");
		if (read(0, &c, 1) != 1) return 3;
		printf("key %c\n", c);
		t.c_lflag |= ICANON | ECHO;
		tcsetattr(0, TCSANOW, &t);
	}
	if (!strcmp(argv[1], "tty")) {
		printf("%d%d%d %d %d", isatty(0), isatty(1), isatty(2), tcgetpgrp(0) == getpgrp(), tcgetsid(0) == getsid(0));
		printf(" %d\n", (int)(open("/dev/tty", O_RDWR) >= 0));
	}
	if (!strcmp(argv[1], "session")) {	/* started by a shell, as it were: a job, and no session of its own */
		printf("group %d leads %d", getpgrp() == getpid(), getsid(0) == getpid());
		printf(" setsid %d", setsid() == -1 && errno == EPERM);
		printf(" takes %d", opening_takes());
		puts("");
	}
	if (!strcmp(argv[1], "notty")) {
		int r = ioctl(0, TIOCNOTTY), err = errno, tty = open("/dev/tty", O_RDWR) == -1 && errno == ENXIO;
		printf("notty %d tty %d again %d\n", r ? err : 0, tty, ioctl(0, TIOCNOTTY) == -1 && errno == ENOTTY);
		fflush(stdout);
		sleep(30);
	}
	if (!strcmp(argv[1], "leader")) {
		printf("leads %d takes %d\n", getsid(0) == getpid() && getpgrp() == getpid(), opening_takes());
	}
	if (!strcmp(argv[1], "child")) {	/* in a session of its own */
		char *child[] = { argv[0], "leader", NULL };
		posix_spawnattr_t a;
		pid_t pid;
		int status;
		posix_spawnattr_init(&a);
		posix_spawnattr_setflags(&a, POSIX_SPAWN_SETSID);
		if (posix_spawn(&pid, argv[0], NULL, &a, child, NULL)) return 3;
		waitpid(pid, &status, 0);
	}
	if (!strcmp(argv[1], "fstat")) {
		fstat(1, &st);
		printf("%o %d\n", st.st_mode & S_IFMT, (int)(lseek(1, 0, SEEK_CUR) == -1));
	}
	if (!strcmp(argv[1], "closeout")) { close(1); sleep(4); }
	if (!strcmp(argv[1], "epipe")) {
		signal(SIGPIPE, SIG_IGN);
		memset(big, 'x', sizeof big);
		while (write(1, big, sizeof big) > 0) ;
		return errno == EPIPE ? 9 : 1;
	}
	if (!strcmp(argv[1], "big")) {
		memset(big, 'x', sizeof big);
		for (int i = 0; i < 16; i++) if (write(1, big, sizeof big) != sizeof big) return 1;
	}
	if (!strcmp(argv[1], "both")) {	/* waits for input while a timer runs: the machine goes on */
		struct pollfd p = { 0, POLLIN, 0 };
		printf("%d\n", poll(&p, 1, 100));
		fflush(stdout);
		printf("%d\n", poll(&p, 1, 5000));
	}
	return 0;
}
C
"$FLAT32_CC" -O1 -o guest guest.c || { echo "Bail out! cannot build the guest program"; exit 2; }

start() { keys clear Enter; sleep 0.3; keys "clear; $FLAT32 run ./guest $1; echo status \$?" Enter; }

start tty
ok "a terminal, ours, in front, with /dev/tty" until_line '111 1 1 1'
start session
ok "a job of its own, in a session that is another's" until_line 'group 1 leads 0 setsid 1 takes 0'
start child
ok "what it starts may lead one" until_line 'leads 1 takes 1'
start notty
ok "it may give the terminal up and lives on" until_line 'notty 0 tty 1 again 1'
keys C-c
ok "and is still in front" until_line '.*status 130'
start sleep; until_line sleeping; keys C-c
ok "Ctrl-C ends it as it would any program" until_line '.*status 130'
start sleep; until_line sleeping; keys C-\\
ok "Ctrl-\\ too" until_line '.*status 131'
start catch; until_line ready; keys C-c
ok "a program can catch it" until_line '.*caught 2'
ok "and go on" until_line 'status 7'
for signal in USR1:10 TERM:15; do
	start catch; until_line ready; kill -${signal%:*} "$(emulator)"
	ok "kill -${signal%:*} of flat32 reaches it" until_line "caught ${signal#*:}"
	until_line 'status 7'
done
start sleep; until_line sleeping; keys C-z
ok "Ctrl-Z stops the emulator" until_line '.*Stopped .*guest sleep.*'
keys 'clear; fg' Enter; sleep 0.5; keys C-c
keys 'echo rc $?' Enter
ok "fg continues it" until_line '.*rc 130'
start winch; until_line ready; t resize-window -t s -x 90 -y 25
ok "SIGWINCH, and the new size" until_line 'now 25 90'
start raw; until_line ready; keys x
ok "the terminal's settings can be changed" until_line 'key x'
ok "it ends" until_line 'status 0'
keys 'clear; ./flat32 2>/dev/null; stty -a | grep -o " icanon"' Enter
ok "and what the program leaves stays" until_line ' icanon'

# pipes and files
same "a pipe is a pipe" "$("$FLAT32" run ./guest fstat | cat)" "10000 1"
"$FLAT32" run ./guest fstat >file; same "a file is a file" "$(cat file)" "100000 0"
(echo first; "$FLAT32" run ./guest fstat; "$FLAT32" run ./guest tty; echo last) >file </dev/null 2>&1
same "writers of one file follow each other" "$(tr '\n' ' ' <file)" "first 100000 0 000 0 0 0 last "
"$FLAT32" run ./guest fstat >>file; same "appending too" "$(wc -l <file)" 5
same "without a terminal it has no session either" "$("$FLAT32" run ./guest session </dev/null | cat)" \
	"group 1 leads 0 setsid 1 takes 0"
"$FLAT32" run ./guest epipe | head -c 10 >out; same "a closed pipe" "$(cat out)" xxxxxxxxxx
(exec 3>&1; ("$FLAT32" run ./guest epipe; echo $? >&3) | true) >out; same "EPIPE, not death" "$(cat out)" 9
same "a slow reader gets all" "$("$FLAT32" run ./guest big | (sleep 1; wc -c))" 1048576
start=$(date +%s)
seen=$("$FLAT32" run ./guest closeout | (cat; date +%s))
ok "closing standard output is seen at the other end" [ $((seen - start)) -le 2 ]
same "waiting for input and time at once" "$( (sleep 1; echo x) | "$FLAT32" run ./guest both | tr '\n' ' ')" "0 1 "
"$FLAT32" run ./guest fstat <&- >out; same "standard input may be closed" "$(cat out)" "100000 0"
(trap '' INT; "$FLAT32" run ./guest sleep >out & sleep 0.5; kill -INT $!; sleep 0.3; kill -0 $! && echo alive; kill $!; wait $!) >out2 2>&1
ok "what the parent ignores stays ignored" grep -q alive out2
finish
