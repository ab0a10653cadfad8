/* SPDX-License-Identifier: MIT
 * Included before each program of the POSIX test suite: what its programs use without including the header for it. With
 * glibc, on which they were written, other headers bring it along. */
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>
#include <sys/stat.h>
