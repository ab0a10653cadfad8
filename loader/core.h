/* SPDX-License-Identifier: MIT
 *
 * Core files: a process image going out, as the kernel's elf_fdpic loader writes them (fs/binfmt_elf_fdpic.c).
 * An ELF of type ET_CORE: one PT_NOTE with what is known of the process and its threads, and one PT_LOAD with the
 * contents of each VMA, in order of address.
 *
 * Each thread has two NT_PRSTATUS notes: the one of riscv32 (204 bytes), which is all that BFD, and so gdb, reads; and
 * the kernel's for FDPIC (212 bytes) with the addresses of the loadmaps behind the registers, which BFD passes over.
 * NT_PRFPREG is the D extension's state alone, as gdb expects it; the kernel pads it with 264 bytes for a Q extension.
 *
 * Everything is written from front to back straight from guest memory; nothing is copied or allocated.
 */
#ifndef LOADER_CORE_H
#define LOADER_CORE_H

#include <stdint.h>
#include "mm/mm.h"

#define CORE_FP_SIZE 264	/* struct __riscv_d_ext_state */

struct core_thread {
	int signo, code, err;		/* of the signal that ended it all */
	uint32_t pending, blocked;	/* signals 1 to 32 */
	int pid, ppid, pgrp, sid;
	uint64_t utime, stime, cutime, cstime;	/* ns */
	uint32_t general[32];		/* pc, x1..x31 */
	uint8_t fp[CORE_FP_SIZE];
};

struct core_process {
	char state;			/* as in /proc/PID/stat */
	int nice;
	uint32_t uid, gid;
	int pid, ppid, pgrp, sid;
	char comm[16], args[80];	/* terminated */
};

struct core_source {
	void *owner;			/* of the callbacks */
	struct mm_space *space;
	unsigned threads;		/* at least one; number 0 is the one that got the signal */
	void (*thread)(void *owner, unsigned n, struct core_thread *out);
	struct core_process process;
	uint32_t auxv, auxv_size;	/* in guest memory; 0 bytes: the program has none */
	uint8_t siginfo[128];		/* struct siginfo */
	/* Takes the next len bytes; zero: they are all zero, data is NULL.  0 or -errno, which ends it all. */
	int (*write)(void *owner, const void *data, uint32_t len);
};

/* 0, or the -errno of write(). */
int core_write(const struct core_source *c);

#endif
