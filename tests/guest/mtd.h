/* SPDX-License-Identifier: MIT
 *
 * What the mtd_* tests share.  They run on a NOR flash, and on the real kernel's mtdram, of the same size and blocks: RAM that
 * is called flash, so that bits can be set by writing, too, nothing can be locked, and a mapping can be written to.
 */
#ifndef MTD_TEST_H
#define MTD_TEST_H

#include <fcntl.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <mtd/mtd-user.h>
#include "tap.h"

#define MTD_SIZE (1u << 20)
#define MTD_BLOCK (64u << 10)
#define PAGE 4096u
#define RW (PROT_READ | PROT_WRITE)

static int mtd_nor;	/* it is flash */

/* Opens mtd0; says what it is. -1: there is none. */
static inline int mtd_open(void)
{
	int fd = tap_own_machine() ? open("/dev/mtd0", O_RDWR) : -1;
	struct mtd_info_user info;

	if (fd >= 0 && !ioctl(fd, MEMGETINFO, &info))
		mtd_nor = info.type == MTD_NORFLASH;
	return fd;
}

static inline int mtd_erase_at(int fd, uint32_t start, uint32_t length)
{
	struct erase_info_user e = { start, length };

	return ioctl(fd, MEMERASE, &e);
}

/* How many of the bytes there are not `value`; -1: they cannot be read. */
static inline long mtd_others(int fd, uint32_t at, uint32_t len, unsigned char value)
{
	static unsigned char buf[4096];
	long n = 0;

	for (uint32_t end = at + len; at < end; at += sizeof buf) {
		if (pread(fd, buf, sizeof buf, at) != (ssize_t)sizeof buf)
			return -1;
		for (unsigned i = 0; i < sizeof buf; i++)
			n += buf[i] != value;
	}
	return n;
}

/* Answers differ by what it is; the line is the same. */
#define mtd_answer(call, error, ...) do {					\
	int mtd_want_ = (error), mtd_e_;					\
	errno = 0;								\
	long long mtd_r_ = (long long)(call);					\
	mtd_e_ = errno;								\
	if (!tap_ok(mtd_want_ ? mtd_r_ == -1 && mtd_e_ == mtd_want_ : mtd_r_ >= 0, __VA_ARGS__))	\
		tap_diag("got %lld, %s", mtd_r_, strerror(mtd_e_));		\
} while (0)

#endif
