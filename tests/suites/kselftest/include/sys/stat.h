/* SPDX-License-Identifier: MIT
 *
 * stat(2) with the kernel's own statx(), as in glibc. musl's structure is an older one.
 */
#pragma once
#define statx libc_statx
#define statx_timestamp libc_statx_timestamp
#include_next <sys/stat.h>
#undef statx
#undef statx_timestamp
#include <linux/stat.h>

int statx(int directory, const char *__restrict path, int flags, unsigned mask, struct statx *__restrict result);
