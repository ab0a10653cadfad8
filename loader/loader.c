/* SPDX-License-Identifier: MIT
 *
 * execve() from the open file to the finished image: asks each format in turn and follows `#!`
 * (fs/exec.c exec_binprm(), search_binary_handler()).
 */
#include "loader/internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MAX_SCRIPTS 5		/* a sixth `#!` is -ELOOP, as in the kernel */

int loader_fail(struct loader *l, int err, const char *format, ...)
{
	char line[512];
	va_list args;
	int n;

	l->said |= err != 0;
	if (!l->env->log)
		return err;
	n = snprintf(line, sizeof(line), "exec %.200s: ", l->path);
	va_start(args, format);
	vsnprintf(line + n, sizeof(line) - (size_t)n, format, args);
	va_end(args);
	/* Names come from the file: keep the line a line. */
	for (char *p = line; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 127)
			*p = '?';
	l->env->log(l->env->owner, line);
	return err;
}

static int load_format(struct loader *l, const struct loader_file *file, const struct loader_head *head,
		       struct loader_image *out)
{
	char what[128];

	if (elf_is(head))
		return elf_load(l, file, head, out);
	if (bflt_is(head))
		return bflt_load(l, file, head, out);
	loader_describe(head, what, sizeof(what));
	return loader_fail(l, -ENOEXEC, "not a program: %s", what);
}

/* Opens the interpreter that *line names and puts it before the script in argv. */
static int follow_script(struct loader *l, const struct script_line *line, struct loader_file *file)
{
	int err = args_script(&l->args, line->interp, line->arg, l->path);

	if (err)
		return loader_fail(l, err, "arguments too long with those of the #! line");
	if (!l->env->open)
		return loader_fail(l, -ENOENT, "interpreter %s after #! not found", line->interp);
	err = l->env->open(l->env->owner, line->interp, file);
	if (err)
		return loader_fail(l, err, "interpreter %s after #!: %s", line->interp, strerror(-err));
	l->path = line->interp;
	return 0;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int loader_load(const struct loader_env *env, struct mm_space *space,
		const struct loader_request *req, struct loader_image *out)
{
	struct loader l = {
		.env = env, .space = space, .flat = mm_flat(mm_space_mm(space)), .path = req->path,
	};
	struct script_line lines[MAX_SCRIPTS];	/* argv and l.path point into them */
	struct loader_file file = *req->file;
	struct loader_head head;
	unsigned scripts = 0;
	const char *why;
	int err;

	memset(out, 0, sizeof(*out));
	err = args_init(&l.args, req);
	if (err) {
		loader_fail(&l, err, err == -E2BIG ? "arguments and environment exceed %u bytes" :
			    "out of memory (%u bytes allowed)", LOADER_ARG_MAX - ARGS_TAIL);
		goto out_file;
	}
	for (;;) {
		err = loader_read_head(&file, &head);
		if (err) {
			loader_fail(&l, err, "cannot be read: %s", strerror(-err));
			goto out_args;
		}
		if (!script_is(&head))
			break;
		if (scripts == MAX_SCRIPTS) {
			err = loader_fail(&l, -ELOOP, "more than %u scripts run by scripts", MAX_SCRIPTS);
			goto out_args;
		}
		err = script_parse(&head, &lines[scripts], &why);
		if (err) {
			loader_fail(&l, err, "%s", why);
			goto out_args;
		}
		loader_close(&file);
		err = follow_script(&l, &lines[scripts++], &file);
		if (err)
			goto out_args;
	}

	err = load_format(&l, &file, &head, out);
	if (err && !l.said)
		loader_fail(&l, err, "%s", strerror(-err));
	/* Linux names the task after what was asked for, even if that is a script. */
	snprintf(out->comm, sizeof(out->comm), "%s", base_name(req->path));
	snprintf(out->path, sizeof(out->path), "%s", l.path);
out_args:
	args_free(&l.args);
out_file:
	loader_close(&file);
	req->file->close = NULL;
	return err;
}
