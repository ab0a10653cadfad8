/* SPDX-License-Identifier: MIT
 *
 * What the kernel's tests take for granted because glibc has it. Included before all else in each of them.
 */
#include <asm/unistd.h>
#include <sys/syscall.h>

/* riscv32 has these calls only with times of 64 bits, which are musl's as well. */
#define SYS_clock_adjtime	__NR_clock_adjtime64
#define SYS_clock_getres	__NR_clock_getres_time64
#define SYS_clock_gettime	__NR_clock_gettime64
#define SYS_clock_nanosleep	__NR_clock_nanosleep_time64
#define SYS_clock_settime	__NR_clock_settime64
#define SYS_futex		__NR_futex_time64
#define SYS_timerfd_gettime	__NR_timerfd_gettime64
#define SYS_timerfd_settime	__NR_timerfd_settime64
#define SYS_timer_gettime	__NR_timer_gettime64
#define SYS_timer_settime	__NR_timer_settime64
#define SYS_utimensat		__NR_utimensat_time64
#define __NR_clock_adjtime	__NR_clock_adjtime64
#define __NR_clock_getres	__NR_clock_getres_time64
#define __NR_clock_gettime	__NR_clock_gettime64
#define __NR_clock_nanosleep	__NR_clock_nanosleep_time64
#define __NR_futex		__NR_futex_time64
#define __NR_ppoll		__NR_ppoll_time64
#define __NR_rt_sigtimedwait	__NR_rt_sigtimedwait_time64
#define __NR_timer_settime	__NR_timer_settime64

#ifndef __ASSEMBLER__
/* headers that glibc's include */
#include <endian.h>
#include <fcntl.h>
#include <features.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/types.h>
#include <unistd.h>

#define __GLIBC_PREREQ(major, minor)	1
#define GLOB_ONLYDIR	0
#define DEFFILEMODE	0666
#define MSG_COPY	040000
#define SO_PASSPIDFD	76
#define SO_PEERPIDFD	77

/* GNU's answers with the text. */
static inline char *compat_strerror(int number, char *buffer, size_t size)
{
	return strerror_r(number, buffer, size) ? (char *)"unknown error" : buffer;
}
#define strerror_r compat_strerror
#endif
