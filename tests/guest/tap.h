/* SPDX-License-Identifier: MIT
 *
 * Test Anything Protocol for guest programs: one header, no state but two counters.
 *
 *	tap_plan(3);			// or tap_plan(0) and the plan comes last, from tap_done()
 *	tap_ok(x == 1, "x is %d", x);
 *	tap_is(x, 1, "x");		// says what was there and what should be
 *	tap_errno(call(), EINVAL, "call with rubbish");	// result -1 and errno
 *	tap_skip(1, "no network");
 *	return tap_done();		// 0 if all went well
 *
 * Safe to use from several threads only if they take turns.
 */
#ifndef TAP_H
#define TAP_H

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static int tap_planned, tap_count, tap_failed;

static inline void tap_plan(int n)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	tap_planned = n;
	if (n)
		printf("1..%d\n", n);
}

__attribute__((format(printf, 2, 3)))
static inline int tap_ok(int cond, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("%sok %d - ", cond ? "" : "not ", ++tap_count);
	vprintf(fmt, ap);
	printf("\n");
	va_end(ap);
	if (!cond)
		tap_failed++;
	return cond;
}

__attribute__((format(printf, 1, 2)))
static inline void tap_diag(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("# ");
	vprintf(fmt, ap);
	printf("\n");
	va_end(ap);
}

__attribute__((format(printf, 3, 4)))
static inline int tap_is(long long got, long long want, const char *fmt, ...)
{
	char name[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof name, fmt, ap);
	va_end(ap);
	if (!tap_ok(got == want, "%s", name))
		tap_diag("got %lld (0x%llx), want %lld (0x%llx)", got, got, want, want);
	return got == want;
}

/* The call's result is -1 and errno is `want`. */
#define tap_errno(call, want, ...) do {						\
	errno = 0;								\
	long long tap_r_ = (long long)(call);					\
	int tap_e_ = errno;							\
	if (!tap_ok(tap_r_ == -1 && tap_e_ == (want), __VA_ARGS__))		\
		tap_diag("got %lld, %s; want -1, %s", tap_r_, strerror(tap_e_), strerror(want));	\
} while (0)

/* The call's result is 0. */
#define tap_zero(call, ...) do {						\
	errno = 0;								\
	long long tap_r_ = (long long)(call);					\
	int tap_e_ = errno;							\
	if (!tap_ok(tap_r_ == 0, __VA_ARGS__))					\
		tap_diag("got %lld, errno %s", tap_r_, strerror(tap_e_));	\
} while (0)

__attribute__((format(printf, 2, 3)))
static inline void tap_skip(int n, const char *fmt, ...)
{
	va_list ap;

	while (n-- > 0) {
		printf("ok %d # SKIP ", ++tap_count);
		va_start(ap, fmt);
		vprintf(fmt, ap);
		va_end(ap);
		printf("\n");
	}
}

__attribute__((format(printf, 1, 2), noreturn))
static inline void tap_bail(const char *fmt, ...)
{
	va_list ap;

	printf("Bail out! ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
	_exit(2);
}

/* False on a real no-MMU kernel, which panics where others answer EFAULT: leave such calls out there. */
static inline int tap_bad_pointers(void)
{
	return !getenv("REAL_KERNEL");
}

/* As tap_errno() with EFAULT, for a call that is given a bad pointer: left out where it would be the kernel's end. */
#define tap_efault(call, ...) do {						\
	if (tap_bad_pointers())							\
		tap_errno(call, EFAULT, __VA_ARGS__);				\
	else									\
		tap_left_out(__VA_ARGS__);					\
} while (0)

__attribute__((format(printf, 1, 2)))
static inline void tap_left_out(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("ok %d - ", ++tap_count);
	vprintf(fmt, ap);
	printf(" # SKIP a real no-MMU kernel panics\n");
	va_end(ap);
}

/*
 * True where the whole machine is ours: in flat32 or on the real kernel.  Under qemu-riscv32 a call like
 * clock_settime() or sethostname() would change the host.
 */
static inline int tap_own_machine(void)
{
	struct utsname u;

	return getenv("REAL_KERNEL") || (!uname(&u) && strstr(u.release, "flat32"));
}

/* Ends the test; main() returns what it returns. */
static inline int tap_done(void)
{
	if (!tap_planned)
		printf("1..%d\n", tap_count);
	else if (tap_planned != tap_count)
		tap_diag("planned %d tests, ran %d", tap_planned, tap_count);
	fflush(stdout);
	return tap_failed || (tap_planned && tap_planned != tap_count);
}

#endif
