#!/bin/sh
# --strace of descriptors that are events, and of the newer file calls: lines as strace(1) writes them.
. "${0%/*}/lib/tap.sh"
cd "$TMPDIR" || exit 2

cat >guest.c <<'C'
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

int main(void)
{
	struct epoll_event e = { EPOLLIN | EPOLLET, { .u64 = 7 } }, got[4];
	struct itimerspec s = { { 1, 2 }, { 3, 4 } }, old;
	struct f_owner_ex ex = { F_OWNER_PID, 1 };
	struct { unsigned long long flags, mode, resolve; } how = { O_RDWR | O_CREAT, 0644, 8 };
	struct { unsigned bytes; int type; unsigned char body[16]; } h = { 16, 0, { 0 } };
	unsigned long long one = 1;
	sigset_t set;
	int ep = epoll_create1(EPOLL_CLOEXEC), ev = eventfd(0, EFD_NONBLOCK), tf, id, f;

	epoll_ctl(ep, EPOLL_CTL_ADD, ev, &e);
	epoll_wait(ep, got, 4, 0);
	write(ev, &one, 8);
	epoll_wait(ep, got, 4, -1);
	epoll_ctl(ep, EPOLL_CTL_DEL, ev, 0);
	epoll_ctl(ep, EPOLL_CTL_MOD, ev, &e);
	tf = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK);
	timerfd_settime(tf, TFD_TIMER_CANCEL_ON_SET, &s, &old);
	sigemptyset(&set), sigaddset(&set, SIGUSR1);
	signalfd(-1, &set, SFD_CLOEXEC);
	inotify_add_watch(inotify_init1(IN_NONBLOCK), ".", IN_CLOSE | IN_ONLYDIR);
	syscall(434, 1, O_NONBLOCK);
	syscall(424, ep, SIGTERM, 0, 2);
	syscall(438, 77, 1, 0);
	fcntl(ep, F_SETOWN_EX, &ex);
	f = (int)syscall(437, AT_FDCWD, "file", &how, sizeof how);
	syscall(SYS_splice, f, 0, f, 0, 5, SPLICE_F_NONBLOCK);
	syscall(SYS_tee, f, f, 5, 0);
	syscall(84, f, 0, 0, 1, 0, 4);
	syscall(SYS_name_to_handle_at, AT_FDCWD, "none", &h, &id, 0x200);
	syscall(SYS_setxattr, "file", "user.a", "1", 1, 2);
	return 0;
}
C
"$FLAT32_CC" -O2 -o guest guest.c || exit 2
timeout 20 "$FLAT32" run --strace -o trace guest || exit 2
sed 's/^[0-9]* *//; s/  */ /g' trace >lines

while IFS= read -r want; do
	tap_all="$tap_all
$want"
done <<'END'
epoll_create1(EPOLL_CLOEXEC)
eventfd2(0, EFD_NONBLOCK)
epoll_ctl(3, EPOLL_CTL_ADD, 4, {events=EPOLLIN|EPOLLET, data={u32=7, u64=7}}) = 0
epoll_pwait(3, [], 4, 0, NULL, 8) = 0
epoll_pwait(3, [{events=EPOLLIN, data={u32=7, u64=7}}], 4, -1, NULL, 8) = 1
epoll_ctl(3, EPOLL_CTL_DEL, 4, NULL) = 0
epoll_ctl(3, EPOLL_CTL_MOD, 4, {events=EPOLLIN|EPOLLET, data={u32=7, u64=7}}) = -1 ENOENT (No such file or directory)
timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK) = 5
timerfd_settime64(5, TFD_TIMER_CANCEL_ON_SET, {it_interval={tv_sec=1, tv_nsec=2}, it_value={tv_sec=3, tv_nsec=4}}, {it_interval={tv_sec=0, tv_nsec=0}, it_value={tv_sec=0, tv_nsec=0}}) = 0
signalfd4(-1, [USR1], 8, SFD_CLOEXEC) = 6
inotify_init1(IN_NONBLOCK) = 7
inotify_add_watch(7, ".", IN_CLOSE_WRITE|IN_CLOSE_NOWRITE|IN_ONLYDIR) = 1
pidfd_open(1, PIDFD_NONBLOCK) = 8
pidfd_send_signal(3, SIGTERM, NULL, PIDFD_SIGNAL_THREAD_GROUP) = -1 EBADF (Bad file descriptor)
pidfd_getfd(77, 1, 0) = -1 EBADF (Bad file descriptor)
fcntl64(3, F_SETOWN_EX, {type=F_OWNER_PID, pid=1}) = 0
openat2(AT_FDCWD, "file", {flags=O_RDWR|O_CREAT, mode=0644, resolve=RESOLVE_BENEATH}, 24) = 9
splice(9, NULL, 9, NULL, 5, SPLICE_F_NONBLOCK) = -1 EINVAL (Invalid argument)
tee(9, 9, 5, 0) = -1 EINVAL (Invalid argument)
sync_file_range(9, 0, 1, SYNC_FILE_RANGE_WAIT_AFTER) = 0
setxattr("file", "user.a", "1", 1, XATTR_REPLACE) = -1 EOPNOTSUPP (Operation not supported)
END
plan "$(echo "$tap_all" | grep -c .)"
echo "$tap_all" | grep . >wanted
while IFS= read -r want; do
	ok "$want" grep -qF -- "$want" lines
done <wanted
finish
