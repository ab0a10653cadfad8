/* SPDX-License-Identifier: MIT
 *
 * Names of flags and commands, with riscv32's (asm-generic) values.  Order is the order they are written in.
 */
#include "emu/strace/internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "emu/strace/config.h"

LIST(openflags) {
	{ 0, "O_RDONLY" }, { 1, "O_WRONLY" }, { 2, "O_RDWR" }, { 3, "O_ACCMODE" }, { 0100, "O_CREAT" },
	{ 0200, "O_EXCL" }, { 0400, "O_NOCTTY" }, { 01000, "O_TRUNC" }, { 02000, "O_APPEND" },
	{ 04000, "O_NONBLOCK" }, { 04010000, "O_SYNC" }, { 04000000, "__O_SYNC" }, { 010000, "O_DSYNC" }, { 040000, "O_DIRECT" },
	{ 0100000, "O_LARGEFILE" }, { 0400000, "O_NOFOLLOW" }, { 01000000, "O_NOATIME" },
	{ 02000000, "O_CLOEXEC" }, { 010000000, "O_PATH" }, { 020200000, "O_TMPFILE" },
	{ 020000000, "__O_TMPFILE" }, { 0200000, "O_DIRECTORY" }, { 020000, "FASYNC" },
};
DEFINE(openflags, 3, "O_???")

/* The same without an access mode: what pipe2 and dup3 take. */
LIST(pathflags) {
	{ 04000, "O_NONBLOCK" }, { 040000, "O_DIRECT" }, { 02000000, "O_CLOEXEC" }, { 0200, "O_EXCL" },
};
DEFINE(pathflags, 0, "O_???")
LIST(openacc) { { 0, "O_RDONLY" }, { 1, "O_WRONLY" }, { 2, "O_RDWR" } };
DEFINE(openacc, ENUM, "O_???")

LIST(dup3flags) {
	{ 0400, "O_NOCTTY" }, { 01000, "O_TRUNC" }, { 02000, "O_APPEND" }, { 04000, "O_NONBLOCK" }, { 040000, "O_DIRECT" },
	{ 02000000, "O_CLOEXEC" },
};
DEFINE(dup3flags, 0, "O_???")
LIST(atflags) {
	{ 0x100, "AT_SYMLINK_NOFOLLOW" }, { 0x200, "AT_REMOVEDIR" }, { 0x400, "AT_SYMLINK_FOLLOW" },
	{ 0x800, "AT_NO_AUTOMOUNT" }, { 0x1000, "AT_EMPTY_PATH" }, { 0x8000, "AT_RECURSIVE" },
};
DEFINE(atflags, 0, "AT_???")
LIST(modflags) {
	{ 1, "MODULE_INIT_IGNORE_MODVERSIONS" }, { 2, "MODULE_INIT_IGNORE_VERMAGIC" }, { 4, "MODULE_INIT_COMPRESSED_FILE" },
};
DEFINE(modflags, 0, "MODULE_INIT_???")
LIST(swapflags) { { 0x10000, "SWAP_FLAG_DISCARD" }, { 0x20000, "SWAP_FLAG_DISCARD_ONCE" }, { 0x40000, "SWAP_FLAG_DISCARD_PAGES" } };
DEFINE(swapflags, 0, "SWAP_FLAG_???")
LIST(faccessflags) { { 0x100, "AT_SYMLINK_NOFOLLOW" }, { 0x200, "AT_EACCESS" }, { 0x1000, "AT_EMPTY_PATH" } };
DEFINE(faccessflags, 0, "AT_???")
LIST(statxflags) {
	{ 0, "AT_STATX_SYNC_AS_STAT" }, { 0x2000, "AT_STATX_FORCE_SYNC" }, { 0x4000, "AT_STATX_DONT_SYNC" },
	{ 0x6000, "AT_STATX_SYNC_TYPE" }, { 0x100, "AT_SYMLINK_NOFOLLOW" }, { 0x800, "AT_NO_AUTOMOUNT" },
	{ 0x1000, "AT_EMPTY_PATH" },
};
DEFINE(statxflags, 0x6000, "AT_???")
LIST(access) { { 0, "F_OK" }, { 4, "R_OK" }, { 2, "W_OK" }, { 1, "X_OK" } };
DEFINE(access, 0, "?_OK")
LIST(efdflags) { { 1, "EFD_SEMAPHORE" }, { 02000000, "EFD_CLOEXEC" }, { 04000, "EFD_NONBLOCK" } };
DEFINE(efdflags, 0, "EFD_???")

LIST(fcntlcmd) {
	{ 0, "F_DUPFD" }, { 1, "F_GETFD" }, { 2, "F_SETFD" }, { 3, "F_GETFL" }, { 4, "F_SETFL" },
	{ 5, "F_GETLK" }, { 6, "F_SETLK" }, { 7, "F_SETLKW" }, { 8, "F_SETOWN" }, { 9, "F_GETOWN" },
	{ 10, "F_SETSIG" }, { 11, "F_GETSIG" }, { 12, "F_GETLK64" }, { 13, "F_SETLK64" },
	{ 14, "F_SETLKW64" }, { 15, "F_SETOWN_EX" }, { 16, "F_GETOWN_EX" }, { 36, "F_OFD_GETLK" },
	{ 37, "F_OFD_SETLK" }, { 38, "F_OFD_SETLKW" }, { 1024, "F_SETLEASE" }, { 1025, "F_GETLEASE" },
	{ 1026, "F_NOTIFY" }, { 1027, "F_DUPFD_QUERY" }, { 1028, "F_CREATED_QUERY" }, { 1030, "F_DUPFD_CLOEXEC" },
	{ 1031, "F_SETPIPE_SZ" }, { 1032, "F_GETPIPE_SZ" }, { 1033, "F_ADD_SEALS" },
	{ 1034, "F_GET_SEALS" },
};
DEFINE(fcntlcmd, ENUM, "F_???")
LIST(fdflags) { { 1, "FD_CLOEXEC" } };
DEFINE(fdflags, 0, "FD_???")
LIST(locktype) { { 0, "F_RDLCK" }, { 1, "F_WRLCK" }, { 2, "F_UNLCK" } };
DEFINE(locktype, ENUM, "F_???")
LIST(flockop) { { 1, "LOCK_SH" }, { 2, "LOCK_EX" }, { 4, "LOCK_NB" }, { 8, "LOCK_UN" } };
DEFINE(flockop, 0, "LOCK_???")
LIST(whence) {
	{ 0, "SEEK_SET" }, { 1, "SEEK_CUR" }, { 2, "SEEK_END" }, { 3, "SEEK_DATA" }, { 4, "SEEK_HOLE" },
};
DEFINE(whence, ENUM, "SEEK_???")

LIST(umountflags) { { 1, "MNT_FORCE" }, { 2, "MNT_DETACH" }, { 4, "MNT_EXPIRE" }, { 8, "UMOUNT_NOFOLLOW" } };
DEFINE(umountflags, 0, "MNT_???")
LIST(renameflags) { { 1, "RENAME_NOREPLACE" }, { 2, "RENAME_EXCHANGE" }, { 4, "RENAME_WHITEOUT" } };
DEFINE(renameflags, 0, "RENAME_??")
LIST(closeflags) { { 2, "CLOSE_RANGE_UNSHARE" }, { 4, "CLOSE_RANGE_CLOEXEC" } };
DEFINE(closeflags, 0, "CLOSE_RANGE_???")
LIST(falloc) {
	{ 1, "FALLOC_FL_KEEP_SIZE" }, { 2, "FALLOC_FL_PUNCH_HOLE" }, { 4, "FALLOC_FL_NO_HIDE_STALE" },
	{ 8, "FALLOC_FL_COLLAPSE_RANGE" }, { 16, "FALLOC_FL_ZERO_RANGE" }, { 32, "FALLOC_FL_INSERT_RANGE" },
	{ 64, "FALLOC_FL_UNSHARE_RANGE" },
};
DEFINE(falloc, 0, "FALLOC_FL_???")
LIST(fadvise) {
	{ 0, "POSIX_FADV_NORMAL" }, { 1, "POSIX_FADV_RANDOM" }, { 2, "POSIX_FADV_SEQUENTIAL" },
	{ 3, "POSIX_FADV_WILLNEED" }, { 4, "POSIX_FADV_DONTNEED" }, { 5, "POSIX_FADV_NOREUSE" },
};
DEFINE(fadvise, ENUM, "POSIX_FADV_???")
LIST(statxmask) {
	{ 0xfff, "STATX_ALL" }, { 0x7ff, "STATX_BASIC_STATS" }, { 1, "STATX_TYPE" }, { 2, "STATX_MODE" },
	{ 4, "STATX_NLINK" }, { 8, "STATX_UID" }, { 0x10, "STATX_GID" }, { 0x20, "STATX_ATIME" },
	{ 0x40, "STATX_MTIME" }, { 0x80, "STATX_CTIME" }, { 0x100, "STATX_INO" }, { 0x200, "STATX_SIZE" },
	{ 0x400, "STATX_BLOCKS" }, { 0x800, "STATX_BTIME" }, { 0x1000, "STATX_MNT_ID" },
	{ 0x2000, "STATX_DIOALIGN" }, { 0x4000, "STATX_MNT_ID_UNIQUE" }, { 0x8000, "STATX_SUBVOL" },
};
DEFINE(statxmask, 0, "STATX_???")
LIST(statxattr) {
	{ 4, "STATX_ATTR_COMPRESSED" }, { 0x10, "STATX_ATTR_IMMUTABLE" }, { 0x20, "STATX_ATTR_APPEND" },
	{ 0x40, "STATX_ATTR_NODUMP" }, { 0x800, "STATX_ATTR_ENCRYPTED" }, { 0x1000, "STATX_ATTR_AUTOMOUNT" },
	{ 0x2000, "STATX_ATTR_MOUNT_ROOT" },
};
DEFINE(statxattr, 0, "STATX_ATTR_???")
LIST(statfsflags) {
	{ 0x20, "ST_VALID" }, { 1, "ST_RDONLY" }, { 2, "ST_NOSUID" }, { 4, "ST_NODEV" }, { 8, "ST_NOEXEC" },
	{ 16, "ST_SYNCHRONOUS" }, { 0x40, "ST_MANDLOCK" }, { 0x400, "ST_NOATIME" },
	{ 0x800, "ST_NODIRATIME" }, { 0x1000, "ST_RELATIME" }, { 0x2000, "ST_NOSYMFOLLOW" },
};
DEFINE(statfsflags, 0, "ST_???")
LIST(fsmagic) {
	{ 0x01021994, "TMPFS_MAGIC" }, { 0x858458f6, "RAMFS_MAGIC" }, { 0x9fa0, "PROC_SUPER_MAGIC" },
	{ 0x62656572, "SYSFS_MAGIC" }, { 0x1cd1, "DEVPTS_SUPER_MAGIC" }, { 0x50495045, "PIPEFS_MAGIC" },
	{ 0x09041934, "ANON_INODE_FS_MAGIC" }, { 0xef53, "EXT2_SUPER_MAGIC" }, { 0x7275, "ROMFS_MAGIC" },
	{ 0x28cd3d45, "CRAMFS_MAGIC" }, { 0x19800202, "MQUEUE_MAGIC" }, { 0x00c0ffee, "HOSTFS_SUPER_MAGIC" },
	{ 0x01021997, "V9FS_MAGIC" }, { 0x534f434b, "SOCKFS_MAGIC" }, { 0x4d44, "MSDOS_SUPER_MAGIC" },
	{ 0x9660, "ISOFS_SUPER_MAGIC" }, { 0x72b6, "JFFS2_SUPER_MAGIC" }, { 0x73717368, "SQUASHFS_MAGIC" },
	{ 0x137f, "MINIX_SUPER_MAGIC" }, { 0x64626720, "DEBUGFS_MAGIC" }, { 0x61756673, "AUFS_SUPER_MAGIC" },
	{ 0x794c7630, "OVERLAYFS_SUPER_MAGIC" }, { 0x6969, "NFS_SUPER_MAGIC" },
};
DEFINE(fsmagic, ENUM, NULL)
LIST(pollevents) {
	{ 1, "POLLIN" }, { 2, "POLLPRI" }, { 4, "POLLOUT" }, { 0x40, "POLLRDNORM" },
	{ 0x100, "POLLWRNORM" }, { 0x80, "POLLRDBAND" }, { 0x200, "POLLWRBAND" }, { 8, "POLLERR" },
	{ 0x10, "POLLHUP" }, { 0x20, "POLLNVAL" }, { 0x400, "POLLMSG" }, { 0x1000, "POLLREMOVE" },
	{ 0x2000, "POLLRDHUP" },
};
DEFINE(pollevents, 0, "POLL???")

LIST(sighow) { { 0, "SIG_BLOCK" }, { 1, "SIG_UNBLOCK" }, { 2, "SIG_SETMASK" } };
DEFINE(sighow, ENUM, "SIG_???")
LIST(saflags) {
	{ 0x04000000, "SA_RESTORER" }, { 0x08000000, "SA_ONSTACK" }, { 0x10000000, "SA_RESTART" },
	{ 1, "SA_NOCLDSTOP" }, { 2, "SA_NOCLDWAIT" }, { 0x40000000, "SA_NODEFER" },
	{ 0x80000000, "SA_RESETHAND" }, { 4, "SA_SIGINFO" }, { 0x400, "SA_UNSUPPORTED" },
	{ 0x800, "SA_EXPOSE_TAGBITS" },
};
DEFINE(saflags, 0, "SA_???")
LIST(ssflags) { { 1, "SS_ONSTACK" }, { 2, "SS_DISABLE" }, { 0x80000000, "SS_AUTODISARM" } };
DEFINE(ssflags, 0, "SS_???")
LIST(waitopts) {
	{ 1, "WNOHANG" }, { 4, "WEXITED" }, { 2, "WSTOPPED" }, { 8, "WCONTINUED" }, { 0x01000000, "WNOWAIT" },
	{ 0x20000000, "__WNOTHREAD" }, { 0x40000000, "__WALL" }, { 0x80000000, "__WCLONE" },
};
DEFINE(waitopts, 0, "W???")
LIST(ptraceopts) {
	{ 1, "PTRACE_O_TRACESYSGOOD" }, { 2, "PTRACE_O_TRACEFORK" }, { 4, "PTRACE_O_TRACEVFORK" },
	{ 8, "PTRACE_O_TRACECLONE" }, { 0x10, "PTRACE_O_TRACEEXEC" }, { 0x20, "PTRACE_O_TRACEVFORKDONE" },
	{ 0x40, "PTRACE_O_TRACEEXIT" }, { 0x80, "PTRACE_O_TRACESECCOMP" }, { 0x100000, "PTRACE_O_EXITKILL" },
	{ 0x200000, "PTRACE_O_SUSPEND_SECCOMP" },
};
DEFINE(ptraceopts, 0, "PTRACE_O_???")
LIST(idtype) { { 0, "P_ALL" }, { 1, "P_PID" }, { 2, "P_PGID" }, { 3, "P_PIDFD" } };
DEFINE(idtype, ENUM, "P_???")
LIST(cloneflags) {
	{ 0x80, "CLONE_NEWTIME" }, { 0x100, "CLONE_VM" }, { 0x200, "CLONE_FS" }, { 0x400, "CLONE_FILES" }, { 0x800, "CLONE_SIGHAND" },
	{ 0x1000, "CLONE_PIDFD" }, { 0x2000, "CLONE_PTRACE" }, { 0x4000, "CLONE_VFORK" },
	{ 0x8000, "CLONE_PARENT" }, { 0x10000, "CLONE_THREAD" }, { 0x20000, "CLONE_NEWNS" },
	{ 0x40000, "CLONE_SYSVSEM" }, { 0x80000, "CLONE_SETTLS" }, { 0x100000, "CLONE_PARENT_SETTID" },
	{ 0x200000, "CLONE_CHILD_CLEARTID" }, { 0x400000, "CLONE_DETACHED" },
	{ 0x800000, "CLONE_UNTRACED" }, { 0x1000000, "CLONE_CHILD_SETTID" },
	{ 0x2000000, "CLONE_NEWCGROUP" }, { 0x4000000, "CLONE_NEWUTS" }, { 0x8000000, "CLONE_NEWIPC" },
	{ 0x10000000, "CLONE_NEWUSER" }, { 0x20000000, "CLONE_NEWPID" }, { 0x40000000, "CLONE_NEWNET" },
	{ 0x80000000, "CLONE_IO" },
};
DEFINE(cloneflags, 0, "CLONE_???")
LIST(rlimit) {
	{ 0, "RLIMIT_CPU" }, { 1, "RLIMIT_FSIZE" }, { 2, "RLIMIT_DATA" }, { 3, "RLIMIT_STACK" },
	{ 4, "RLIMIT_CORE" }, { 5, "RLIMIT_RSS" }, { 6, "RLIMIT_NPROC" }, { 7, "RLIMIT_NOFILE" },
	{ 8, "RLIMIT_MEMLOCK" }, { 9, "RLIMIT_AS" }, { 10, "RLIMIT_LOCKS" }, { 11, "RLIMIT_SIGPENDING" },
	{ 12, "RLIMIT_MSGQUEUE" }, { 13, "RLIMIT_NICE" }, { 14, "RLIMIT_RTPRIO" }, { 15, "RLIMIT_RTTIME" },
};
DEFINE(rlimit, ENUM, "RLIMIT_???")
LIST(itimer) { { 0, "ITIMER_REAL" }, { 1, "ITIMER_VIRTUAL" }, { 2, "ITIMER_PROF" } };
DEFINE(itimer, ENUM, "ITIMER_???")
LIST(clock) {
	{ 0, "CLOCK_REALTIME" }, { 1, "CLOCK_MONOTONIC" }, { 2, "CLOCK_PROCESS_CPUTIME_ID" },
	{ 3, "CLOCK_THREAD_CPUTIME_ID" }, { 4, "CLOCK_MONOTONIC_RAW" }, { 5, "CLOCK_REALTIME_COARSE" },
	{ 6, "CLOCK_MONOTONIC_COARSE" }, { 7, "CLOCK_BOOTTIME" }, { 8, "CLOCK_REALTIME_ALARM" },
	{ 9, "CLOCK_BOOTTIME_ALARM" }, { 11, "CLOCK_TAI" },
};
DEFINE(clock, ENUM, "CLOCK_???")
LIST(timerflags) { { 1, "TIMER_ABSTIME" } };
DEFINE(timerflags, 0, "TIMER_???")
LIST(sigevnotify) {
	{ 0, "SIGEV_SIGNAL" }, { 1, "SIGEV_NONE" }, { 2, "SIGEV_THREAD" }, { 4, "SIGEV_THREAD_ID" },
};
DEFINE(sigevnotify, ENUM, "SIGEV_???")

LIST(prot) {
	{ 0, "PROT_NONE" }, { 1, "PROT_READ" }, { 2, "PROT_WRITE" }, { 4, "PROT_EXEC" }, { 8, "PROT_SEM" },
	{ 0x01000000, "PROT_GROWSDOWN" }, { 0x02000000, "PROT_GROWSUP" },
};
DEFINE(prot, 0, "PROT_???")
LIST(mremapflags) { { 1, "MREMAP_MAYMOVE" }, { 2, "MREMAP_FIXED" }, { 4, "MREMAP_DONTUNMAP" } };
DEFINE(mremapflags, 0, "MREMAP_???")
LIST(msyncflags) { { 1, "MS_ASYNC" }, { 2, "MS_INVALIDATE" }, { 4, "MS_SYNC" } };
DEFINE(msyncflags, 0, "MS_???")
LIST(mlockallflags) { { 1, "MCL_CURRENT" }, { 2, "MCL_FUTURE" }, { 4, "MCL_ONFAULT" } };
DEFINE(mlockallflags, 0, "MCL_???")
LIST(mlock2flags) { { 1, "MLOCK_ONFAULT" } };
DEFINE(mlock2flags, 0, "MLOCK_???")
LIST(madvise) {
	{ 0, "MADV_NORMAL" }, { 1, "MADV_RANDOM" }, { 2, "MADV_SEQUENTIAL" }, { 3, "MADV_WILLNEED" }, { 4, "MADV_DONTNEED" },
	{ 8, "MADV_FREE" }, { 9, "MADV_REMOVE" }, { 10, "MADV_DONTFORK" }, { 11, "MADV_DOFORK" }, { 12, "MADV_MERGEABLE" },
	{ 13, "MADV_UNMERGEABLE" }, { 14, "MADV_HUGEPAGE" }, { 15, "MADV_NOHUGEPAGE" }, { 16, "MADV_DONTDUMP" },
	{ 17, "MADV_DODUMP" }, { 18, "MADV_WIPEONFORK" }, { 19, "MADV_KEEPONFORK" }, { 20, "MADV_COLD" },
	{ 21, "MADV_PAGEOUT" }, { 22, "MADV_POPULATE_READ" }, { 23, "MADV_POPULATE_WRITE" }, { 24, "MADV_DONTNEED_LOCKED" },
	{ 25, "MADV_COLLAPSE" }, { 100, "MADV_HWPOISON" }, { 101, "MADV_SOFT_OFFLINE" },
};
DEFINE(madvise, ENUM, "MADV_???")
LIST(futexop) {
	{ 0, "FUTEX_WAIT" }, { 1, "FUTEX_WAKE" }, { 2, "FUTEX_FD" }, { 3, "FUTEX_REQUEUE" },
	{ 4, "FUTEX_CMP_REQUEUE" }, { 5, "FUTEX_WAKE_OP" }, { 6, "FUTEX_LOCK_PI" },
	{ 7, "FUTEX_UNLOCK_PI" }, { 8, "FUTEX_TRYLOCK_PI" }, { 9, "FUTEX_WAIT_BITSET" },
	{ 10, "FUTEX_WAKE_BITSET" }, { 11, "FUTEX_WAIT_REQUEUE_PI" }, { 12, "FUTEX_CMP_REQUEUE_PI" },
	{ 13, "FUTEX_LOCK_PI2" },
};
DEFINE(futexop, ENUM, "FUTEX_???")
LIST(futex2flags) {
	{ 0, "FUTEX2_SIZE_U8" }, { 1, "FUTEX2_SIZE_U16" }, { 2, "FUTEX2_SIZE_U32" }, { 3, "FUTEX2_SIZE_U64" },
	{ 4, "FUTEX2_NUMA" }, { 128, "FUTEX2_PRIVATE" },
};
DEFINE(futex2flags, 3, "FUTEX2_???")
LIST(grnd) { { 1, "GRND_NONBLOCK" }, { 2, "GRND_RANDOM" }, { 4, "GRND_INSECURE" } };
DEFINE(grnd, 0, "GRND_???")
LIST(seccompop) { { 0, "SECCOMP_SET_MODE_STRICT" }, { 1, "SECCOMP_SET_MODE_FILTER" }, { 2, "SECCOMP_GET_ACTION_AVAIL" },
	{ 3, "SECCOMP_GET_NOTIF_SIZES" } };
DEFINE(seccompop, ENUM, "SECCOMP_SET_MODE_???")
LIST(seccompflags) {
	{ 1, "SECCOMP_FILTER_FLAG_TSYNC" }, { 2, "SECCOMP_FILTER_FLAG_LOG" }, { 4, "SECCOMP_FILTER_FLAG_SPEC_ALLOW" },
	{ 8, "SECCOMP_FILTER_FLAG_NEW_LISTENER" }, { 16, "SECCOMP_FILTER_FLAG_TSYNC_ESRCH" },
	{ 32, "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV" },
};
DEFINE(seccompflags, 0, "SECCOMP_FILTER_FLAG_???")
LIST(seccompmode) { { 0, "SECCOMP_MODE_DISABLED" }, { 1, "SECCOMP_MODE_STRICT" }, { 2, "SECCOMP_MODE_FILTER" } };
DEFINE(seccompmode, ENUM, "SECCOMP_MODE_???")
LIST(seccompret) {
	{ 0x80000000u, "SECCOMP_RET_KILL_PROCESS" }, { 0, "SECCOMP_RET_KILL_THREAD" }, { 0x30000, "SECCOMP_RET_TRAP" },
	{ 0x50000, "SECCOMP_RET_ERRNO" }, { 0x7fc00000, "SECCOMP_RET_USER_NOTIF" }, { 0x7ff00000, "SECCOMP_RET_TRACE" },
	{ 0x7ffc0000, "SECCOMP_RET_LOG" }, { 0x7fff0000, "SECCOMP_RET_ALLOW" },
};
DEFINE(seccompret, ENUM, "SECCOMP_RET_???")
LIST(priowhich) { { 0, "PRIO_PROCESS" }, { 1, "PRIO_PGRP" }, { 2, "PRIO_USER" } };
DEFINE(priowhich, ENUM, "PRIO_???")
LIST(rusagewho) { { 0, "RUSAGE_SELF" }, { 0xffffffff, "RUSAGE_CHILDREN" }, { 1, "RUSAGE_THREAD" } };
DEFINE(rusagewho, ENUM, "RUSAGE_???")
LIST(ioctls) {
	{ 0xc0502100, "SECCOMP_IOCTL_NOTIF_RECV" }, { 0xc0182101, "SECCOMP_IOCTL_NOTIF_SEND" }, { 0x40082102, "SECCOMP_IOCTL_NOTIF_ID_VALID" },
	{ 0x40182103, "SECCOMP_IOCTL_NOTIF_ADDFD" }, { 0x40082104, "SECCOMP_IOCTL_NOTIF_SET_FLAGS" },
	{ 0x5401, "TCGETS" }, { 0x5402, "TCSETS" }, { 0x5403, "TCSETSW" }, { 0x5404, "TCSETSF" },
	{ 0x5405, "TCGETA" }, { 0x5406, "TCSETA" }, { 0x5407, "TCSETAW" }, { 0x5408, "TCSETAF" },
	{ 0x5409, "TCSBRK" }, { 0x540a, "TCXONC" }, { 0x540b, "TCFLSH" }, { 0x540c, "TIOCEXCL" },
	{ 0x540d, "TIOCNXCL" }, { 0x540e, "TIOCSCTTY" }, { 0x540f, "TIOCGPGRP" }, { 0x5410, "TIOCSPGRP" },
	{ 0x5411, "TIOCOUTQ" }, { 0x5412, "TIOCSTI" }, { 0x5413, "TIOCGWINSZ" }, { 0x5414, "TIOCSWINSZ" },
	{ 0x5415, "TIOCMGET" }, { 0x541b, "FIONREAD" }, { 0x541c, "TIOCLINUX" }, { 0x541d, "TIOCCONS" },
	{ 0x541e, "TIOCGSERIAL" }, { 0x541f, "TIOCSSERIAL" }, { 0x5420, "TIOCPKT" }, { 0x5421, "FIONBIO" },
	{ 0x5422, "TIOCNOTTY" }, { 0x5423, "TIOCSETD" }, { 0x5424, "TIOCGETD" }, { 0x5425, "TCSBRKP" },
	{ 0x5427, "TIOCSBRK" }, { 0x5428, "TIOCCBRK" }, { 0x5429, "TIOCGSID" }, { 0x802c542a, "TCGETS2" },
	{ 0x402c542b, "TCSETS2" }, { 0x402c542c, "TCSETSW2" }, { 0x402c542d, "TCSETSF2" },
	{ 0x80045430, "TIOCGPTN" }, { 0x40045431, "TIOCSPTLCK" }, { 0x5437, "TIOCVHANGUP" },
	{ 0x40045436, "TIOCSIG" }, { 0x80045438, "TIOCGPKT" }, { 0x80045439, "TIOCGPTLCK" }, { 0x5441, "TIOCGPTPEER" },
	{ 0x80045432, "TIOCGDEV" }, { 0x80045440, "TIOCGEXCL" },
	{ 0x5450, "FIONCLEX" }, { 0x5451, "FIOCLEX" }, { 0x5452, "FIOASYNC" }, { 0x5460, "FIOQSIZE" },
	{ 2, "FIGETBSZ" }, { 0x4b33, "KDGKBTYPE" }, { 0x4b3a, "KDSETMODE" }, { 0x4b3b, "KDGETMODE" },
	{ 0x5600, "VT_OPENQRY" }, { 0x5603, "VT_GETSTATE" }, { 0x4600, "FBIOGET_VSCREENINFO" },
	{ 0x4601, "FBIOPUT_VSCREENINFO" }, { 0x4602, "FBIOGET_FSCREENINFO" },
	{ 0x4604, "FBIOGETCMAP" }, { 0x4605, "FBIOPUTCMAP" }, { 0x4606, "FBIOPAN_DISPLAY" }, { 0xc0484608, "FBIO_CURSOR" },
	{ 0x460f, "FBIOGET_CON2FBMAP" }, { 0x4610, "FBIOPUT_CON2FBMAP" }, { 0x4611, "FBIOBLANK" },
	{ 0x80204612, "FBIOGET_VBLANK" }, { 0x40044620, "FBIO_WAITFORVSYNC" }, { 0x5309, "CDROMEJECT" },
	{ 0x8004700e, "RTC_EPOCH_READ" }, { 0x80247009, "RTC_RD_TIME" }, { 0x4024700a, "RTC_SET_TIME" },
	{ 0x1260, "BLKGETSIZE" }, { 0x80041272, "BLKGETSIZE64" }, { 0x1268, "BLKSSZGET" },
	{ 0x125f, "BLKRRPART" }, { 0x4c00, "LOOP_SET_FD" }, { 0x4c01, "LOOP_CLR_FD" }, { 0x4c02, "LOOP_SET_STATUS" },
	{ 0x4c03, "LOOP_GET_STATUS" }, { 0x4c04, "LOOP_SET_STATUS64" }, { 0x4c05, "LOOP_GET_STATUS64" }, { 0x4c06, "LOOP_CHANGE_FD" },
	{ 0x4c07, "LOOP_SET_CAPACITY" }, { 0x4c08, "LOOP_SET_DIRECT_IO" }, { 0x4c09, "LOOP_SET_BLOCK_SIZE" },
	{ 0x4c0a, "LOOP_CONFIGURE" }, { 0x4c80, "LOOP_CTL_ADD" }, { 0x4c81, "LOOP_CTL_REMOVE" }, { 0x4c82, "LOOP_CTL_GET_FREE" },
};
DEFINE(ioctls, ENUM, NULL)
LIST(ipckeys) { { 0, "IPC_PRIVATE" } };
DEFINE(ipckeys, ENUM, NULL)
LIST(ipcgetflags) { { 01000, "IPC_CREAT" }, { 02000, "IPC_EXCL" }, { 04000, "IPC_NOWAIT" } };
DEFINE(ipcgetflags, 0, NULL)
LIST(msgflags) {
	{ 010000, "MSG_NOERROR" }, { 020000, "MSG_EXCEPT" }, { 040000, "MSG_COPY" }, { 04000, "IPC_NOWAIT" },
};
DEFINE(msgflags, 0, "MSG_???")
LIST(msgcmd) {
	{ 0, "IPC_RMID" }, { 1, "IPC_SET" }, { 2, "IPC_STAT" }, { 3, "IPC_INFO" }, { 11, "MSG_STAT" },
	{ 12, "MSG_INFO" }, { 13, "MSG_STAT_ANY" },
};
DEFINE(msgcmd, ENUM, "MSG_???")
LIST(semcmd) {
	{ 0, "IPC_RMID" }, { 1, "IPC_SET" }, { 2, "IPC_STAT" }, { 3, "IPC_INFO" }, { 11, "GETPID" },
	{ 12, "GETVAL" }, { 13, "GETALL" }, { 14, "GETNCNT" }, { 15, "GETZCNT" }, { 16, "SETVAL" },
	{ 17, "SETALL" }, { 18, "SEM_STAT" }, { 19, "SEM_INFO" }, { 20, "SEM_STAT_ANY" },
};
DEFINE(semcmd, ENUM, "SEM_???")
LIST(semflags) { { 0x1000, "SEM_UNDO" }, { 04000, "IPC_NOWAIT" } };
DEFINE(semflags, 0, "SEM_???")
LIST(shmflags) {
	{ 01000, "IPC_CREAT" }, { 02000, "IPC_EXCL" }, { 04000, "SHM_HUGETLB" }, { 010000, "SHM_NORESERVE" },
};
DEFINE(shmflags, 0, NULL)
LIST(shmatflags) {
	{ 010000, "SHM_RDONLY" }, { 020000, "SHM_RND" }, { 040000, "SHM_REMAP" }, { 0100000, "SHM_EXEC" },
};
DEFINE(shmatflags, 0, "SHM_???")
LIST(ipccmd) {
	{ 0, "IPC_RMID" }, { 1, "IPC_SET" }, { 2, "IPC_STAT" }, { 3, "IPC_INFO" }, { 11, "SHM_LOCK" },
	{ 12, "SHM_UNLOCK" }, { 13, "SHM_STAT" }, { 14, "SHM_INFO" }, { 15, "SHM_STAT_ANY" },
};
DEFINE(ipccmd, ENUM, "IPC_???")
LIST(sched) {
	{ 0, "SCHED_OTHER" }, { 1, "SCHED_FIFO" }, { 2, "SCHED_RR" }, { 3, "SCHED_BATCH" },
	{ 5, "SCHED_IDLE" }, { 6, "SCHED_DEADLINE" },
};
DEFINE(sched, ENUM, "SCHED_???")
LIST(schedpolicy) {
	{ 0, "SCHED_OTHER" }, { 1, "SCHED_FIFO" }, { 2, "SCHED_RR" }, { 3, "SCHED_BATCH" }, { 5, "SCHED_IDLE" },
	{ 6, "SCHED_DEADLINE" }, { 0x40000000, "SCHED_RESET_ON_FORK" },
};
DEFINE(schedpolicy, 0xfff, "SCHED_???")
LIST(membarrier) {
	{ 0, "MEMBARRIER_CMD_QUERY" }, { 1, "MEMBARRIER_CMD_GLOBAL" },
	{ 2, "MEMBARRIER_CMD_GLOBAL_EXPEDITED" }, { 4, "MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED" },
	{ 8, "MEMBARRIER_CMD_PRIVATE_EXPEDITED" }, { 16, "MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED" },
	{ 32, "MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE" },
	{ 64, "MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE" },
};
DEFINE(membarrier, ENUM, "MEMBARRIER_CMD_???")
LIST(rwf) {
	{ 1, "RWF_HIPRI" }, { 2, "RWF_DSYNC" }, { 4, "RWF_SYNC" }, { 8, "RWF_NOWAIT" }, { 16, "RWF_APPEND" },
	{ 32, "RWF_NOAPPEND" },
};
DEFINE(rwf, 0, "RWF_???")
LIST(syslogcmd) {
	{ 0, "SYSLOG_ACTION_CLOSE" }, { 1, "SYSLOG_ACTION_OPEN" }, { 2, "SYSLOG_ACTION_READ" },
	{ 3, "SYSLOG_ACTION_READ_ALL" }, { 4, "SYSLOG_ACTION_READ_CLEAR" }, { 5, "SYSLOG_ACTION_CLEAR" },
	{ 6, "SYSLOG_ACTION_CONSOLE_OFF" }, { 7, "SYSLOG_ACTION_CONSOLE_ON" },
	{ 8, "SYSLOG_ACTION_CONSOLE_LEVEL" }, { 9, "SYSLOG_ACTION_SIZE_UNREAD" },
	{ 10, "SYSLOG_ACTION_SIZE_BUFFER" },
};
DEFINE(syslogcmd, ENUM, "SYSLOG_ACTION_???")
LIST(icacheflags) { { 1, "SYS_RISCV_FLUSH_ICACHE_LOCAL" } };
DEFINE(icacheflags, 0, "SYS_RISCV_FLUSH_ICACHE_???")

const char *strace_flag_name(const struct strace_flags *f, uint64_t value)
{
	for (unsigned i = 0; i < f->count; i++)
		if (f->list[i].value == value)
			return f->list[i].name;
	return NULL;
}

enum strace_xlat text_xlat(const struct strace_text *o)
{
	return o->config ? o->config->xlat : XLAT_ABBREV;
}

void text_named(struct strace_text *o, const char *name, const char *format, ...)
{
	char number[32];
	va_list ap;

	va_start(ap, format);
	vsnprintf(number, sizeof number, format, ap);
	va_end(ap);
	if (text_xlat(o) == XLAT_ABBREV)
		text_str(o, name);
	else
		text_printf(o, text_xlat(o) == XLAT_RAW ? "%s" : "%s /* %s */", number, name);
}

/* The names of what is known in *left, which is taken out of it.  How many. */
static unsigned names(struct strace_text *o, const struct strace_flags *f, uint64_t *left)
{
	const char *name = strace_flag_name(f, *left & f->field);
	unsigned n = 0;

	/* The part that is a number; without bits it is 0, which may have a name if it is all. */
	if (name && (f->field || !*left)) {
		text_str(o, name);
		n++;
		*left &= ~f->field;
	}
	for (unsigned i = 0; i < f->count && *left && f->field != ENUM; i++) {
		uint64_t bits = f->list[i].value;

		if (!bits || (f->field && !(bits & ~f->field)) || (*left & bits) != bits)
			continue;
		text_printf(o, "%s%s", n++ ? "|" : "", f->list[i].name);
		*left &= ~bits;
	}
	return n;
}

/* As printflags() and printxval() of strace: known names, then what is left in hex. */
static void written(struct strace_text *o, const struct strace_flags *f, uint64_t value, enum strace_xlat how)
{
	size_t start = o->len, number, comment;
	uint64_t left = value;
	unsigned n;

	text_printf(o, "%#llx", (unsigned long long)value);
	if (how == XLAT_RAW)
		return;
	number = o->len;
	text_str(o, " /* ");
	comment = o->len;
	n = names(o, f, &left);
	if (n && left)
		text_printf(o, "|%#llx", (unsigned long long)left);
	if (!n && (value || f->field == ENUM) && f->unknown)
		text_str(o, f->unknown);
	if (o->len == comment) {			/* nothing to say */
		o->len = number;
	} else if (n && how == XLAT_ABBREV) {	/* only the names */
		memmove(o->buf + start, o->buf + comment, o->len - comment);
		o->len -= comment - start;
	} else {
		text_str(o, " */");
	}
}

void text_flags(struct strace_text *o, const struct strace_flags *f, uint64_t value)
{
	written(o, f, value, text_xlat(o));
}

void text_plainly(struct strace_text *o, const struct strace_flags *f, uint64_t value)
{
	written(o, f, value, XLAT_ABBREV);
}
