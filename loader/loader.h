/* SPDX-License-Identifier: MIT
 *
 * From a file to a process image: ELF (PIE with constant displacement, FDPIC with
 * split segments), bFLT version 4, and `#!` scripts.  Measured behaviour of Linux
 * 6.12 on RV32 without an MMU decides errnos, registers and the stack's contents.
 *
 * The loader knows memory (mm/) and files only through struct loader_file.
 *
 *	ELF, ET_DYN	one anonymous rwx block at constant displacement, read in; the interpreter
 *			(PT_INTERP) likewise; a stack as large as PT_GNU_STACK says, else 128 KiB;
 *			loadmaps, auxv, argv and envp on it; a break that cannot move (elf_*.c)
 *	ELF, FDPIC	each PT_LOAD a mapping of its own, read-only ones shared between
 *			processes through loader_file.source (elf_file.h has the marks)
 *	bFLT 4		one block, or text from the source and one block for the rest; no auxv (bflt.h)
 *	#!		up to five deep (script.c)
 *
 * What an exec says, besides what opening and reading the files says:
 *
 *	-ENOEXEC	not a program, not for this machine, malformed; an interpreter too short to be one
 *	-ELIBBAD	the interpreter is no ELF program for this machine
 *	-ENOENT		the interpreter's name is empty or not terminated
 *	-ELOOP		more than five scripts run by scripts
 *	-E2BIG		strings above LOADER_ARG_MAX, or a stack too small for arguments and loadmaps
 *	-ENOMEM		no room; program headers of a wrong size or more than 2048 (Linux says so)
 *
 * Where Linux is past its point of no return and kills the program, or panics, there is an errno
 * here: no PT_LOAD, entry point outside of the program, dynamic section without an end (-ENOEXEC);
 * no memory (-ENOMEM); arguments that overflow the stack (-E2BIG); a bad bFLT relocation
 * (-ENOEXEC).  A segment that goes on behind the end of the file is -ENOEXEC too; Linux fills it
 * with zeros.  bFLT with GZDATA works.
 */
#ifndef LOADER_LOADER_H
#define LOADER_LOADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "mm/mm.h"

#define LOADER_ARG_MAX 131072u	/* bytes of strings, a last word included: MAX_ARG_PAGES * 4096 */

/* A file to load from.  Opened by the caller's `open`; closed by `close`. */
struct loader_file {
	void *owner;
	/* Up to len bytes at offset into dst.  Bytes read (0 at EOF) or -errno. */
	int64_t (*read)(void *owner, void *dst, uint32_t len, uint64_t offset);
	uint64_t size;			/* bytes */
	struct mm_source *source;	/* for sharing text; NULL: segments are always read in */
	void (*close)(void *owner);
};

struct loader_env {
	void *owner;
	/*
	 * Opens path for execution (permissions checked: -EACCES, -ENOENT, ...).  Used for
	 * interpreters; the program itself is opened by the caller.
	 */
	int (*open)(void *owner, const char *path, struct loader_file *out);
	/* One line for the log saying why a file will not load (no newline). May be NULL. */
	void (*log)(void *owner, const char *line);
	/* 16 bytes for AT_RANDOM; NULL: no AT_RANDOM entry (as the real kernel has none on no-MMU). */
	const uint8_t *random;
	uint32_t uid, euid, gid, egid;
	bool secure;
	bool traced;			/* by a debugger: text is a copy of its own (struct mm_map) */
	uint32_t hwcap;			/* AT_HWCAP */
	uint32_t stack_size;		/* bytes, used where the file does not say; 0: 128 KiB */
	bool ignore_fdpic;		/* load ELF marked FDPIC as any other, as riscv's Linux 6.12 does */
};

/* What to run. argv and envp are NULL-terminated arrays of host strings. */
struct loader_request {
	const char *path;		/* as given to execve: AT_EXECFN and $0 of scripts */
	struct loader_file *file;	/* the open program; closed by loader_load() in every case */
	char *const *argv, *const *envp;
};

/* Where the new program starts. All other registers: as Linux leaves them (caller decides). */
struct loader_image {
	uint32_t pc, sp;
	uint32_t a1, a2, a3;		/* exec loadmap, interpreter loadmap or 0, PT_DYNAMIC */
	bool flat;			/* bFLT: a1..a3 are not set */
	bool fdpic;			/* split segments with true loadmaps */
	bool descriptors;		/* pointers to functions are descriptors (EF_RISCV_FUNCDESC) */
	char comm[16];			/* base name of request.path, as Linux does: a script's own name */
	char path[4096];		/* what /proc/PID/exe names: the program after `#!` resolution */
	/* Also when it failed: true if Linux would have given up the old program by then, and killed it. */
	bool too_late;
};

/*
 * Builds the image in `space`, a new empty space the caller owns; on error the caller drops
 * it.  0, or -errno before anything was lost: there is no point of no return, since the old
 * space lives until the new one is complete.
 */
int loader_load(const struct loader_env *env, struct mm_space *space,
		const struct loader_request *req, struct loader_image *out);

/* What FDPIC files take as one program, which comes first, and its libraries: bytes. */
struct loader_cost {
	uint64_t each;			/* for each process: what is copied, and the program's stack */
	uint64_t once;			/* shared by all */
	unsigned files;
};

/*
 * `flat32 inspect`: says on `out` (FILE *) what the file is, how it would be laid out, and
 * why it would not load.  0 if it would load, -ENOEXEC or another errno if not.
 * What an FDPIC file takes is added to *sum, which is zero at first; sum may be NULL.
 */
int loader_inspect(const struct loader_file *file, const char *name, void *out, struct loader_cost *sum);

#endif
