/* SPDX-License-Identifier: MIT
 *
 * What the files of loader/ share and nobody else sees.
 *
 * One struct loader is one execve() on its way.  Each format has a file that turns an open
 * program into an image, or says -ENOEXEC; loader.c asks them in turn and follows `#!`.
 */
#ifndef LOADER_INTERNAL_H
#define LOADER_INTERNAL_H

#include "loader/loader.h"

#define LOADER_PREP 256u	/* the kernel's BINPRM_BUF_SIZE: what is seen of a script or interpreter */
#define LOADER_HEAD 1024u	/* what is read at first: holds any usual program header table too */
#define ARGS_TAIL 4u		/* the zero word between the last string and the top of the stack */

/* The first bytes of a file; zeros behind its end. */
struct loader_head {
	uint8_t bytes[LOADER_HEAD];
	uint32_t have;
};

/*
 * argv and envp on their way to the new stack.  The strings are borrowed: from the request, or
 * from the `#!` lines, which live as long as the load.
 */
struct loader_args {
	const char **room;		/* owned; argv points into it, with free places before it */
	const char **argv;
	uint32_t argc, envc;
	char *const *envp;
	const char *execfn;
	uint32_t bytes;			/* of all strings and their NULs */
};

struct loader {
	const struct loader_env *env;
	struct mm_space *space;
	struct flat *flat;
	const char *path;		/* of the file that is being loaded, for the log and /proc/PID/exe */
	struct loader_args args;
	bool said;			/* the log has a reason */
};

/* --- loader.c --- */
/* One line for the log, "exec PATH: ...", and the errno back: return loader_fail(l, -ENOEXEC, ...). */
__attribute__((format(printf, 3, 4)))
int loader_fail(struct loader *l, int err, const char *format, ...);

/* --- io.c --- */
/* Reads exactly len bytes of the file; -EIO when it is shorter than it said. */
int loader_read(const struct loader_file *file, void *dst, uint32_t len, uint64_t offset);
/* The same into guest memory; -EFAULT. */
int loader_read_guest(const struct loader *l, const struct loader_file *file, uint32_t addr,
		      uint32_t len, uint64_t offset);
/* Fills *head; -errno of the read. */
int loader_read_head(const struct loader_file *file, struct loader_head *head);
void loader_close(struct loader_file *file);
/* Zeros in guest memory, whole pages lazily.  -EFAULT. */
int loader_clear(const struct loader *l, uint32_t addr, uint32_t len);
/* An anonymous private mapping of len bytes, contents undefined.  0 or -ENOMEM. */
int loader_map(const struct loader *l, uint64_t len, uint32_t prot, uint32_t *addr);

/* --- args.c --- */
/* 0, -E2BIG when the strings exceed LOADER_ARG_MAX, -ENOMEM.  An empty argv becomes { "" }, as in Linux. */
int args_init(struct loader_args *a, const struct loader_request *req);
void args_free(struct loader_args *a);
/* What a `#!` line does to argv: { interp, [arg], script, rest }.  arg may be NULL.  0 or -E2BIG. */
int args_script(struct loader_args *a, const char *interp, const char *arg, const char *script);
/* Bytes that argc, argv, envp and their NULLs take. */
uint32_t args_table_size(const struct loader_args *a);
/* Copies the strings to just below top; *first is the lowest: argv, envp, execfn lie in ascending order. */
int args_put_strings(const struct loader *l, uint32_t top, uint32_t *first);
/* Writes argc, argv, NULL, envp, NULL at sp, for strings that begin at first; notes their place in *lay. */
int args_put_table(const struct loader *l, uint32_t sp, uint32_t first, struct mm_layout *lay);
/* Where the execfn string lies. */
uint32_t args_execfn(const struct loader_args *a, uint32_t first);

/* --- script.c --- */
struct script_line {
	char text[LOADER_PREP + 1];	/* what interp and arg point into */
	const char *interp, *arg;	/* arg: NULL if there is none */
};
bool script_is(const struct loader_head *head);
/* 0, or -ENOEXEC with the reason in *why. */
int script_parse(const struct loader_head *head, struct script_line *out, const char **why);

/* --- describe.c --- */
/* What a file seems to be, in a few words, by its first bytes; and what to do with it, or "". */
const char *loader_describe(const struct loader_head *head, char *out, size_t size);

/* --- elf_load.c, bflt_load.c: -ENOEXEC, or the image is in place. --- */
int elf_load(struct loader *l, const struct loader_file *file, const struct loader_head *head,
	     struct loader_image *out);
bool elf_is(const struct loader_head *head);
int bflt_load(struct loader *l, const struct loader_file *file, const struct loader_head *head,
	      struct loader_image *out);
bool bflt_is(const struct loader_head *head);

#endif
