/* SPDX-License-Identifier: MIT
 *
 * argv and envp: counted before anything is done (fs/exec.c), copied to the very top of the new
 * stack (transfer_args_to_stack()), and pointed to from the table that sp points at.
 */
#include "loader/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SCRIPT_PLACES 16u	/* what six `#!` lines can put before argv */

/* The kernel's copy area of MAX_ARG_PAGES ends in one zero word. */
static int add_bytes(struct loader_args *a, const char *s)
{
	uint64_t bytes = a->bytes + (uint64_t)strlen(s) + 1;

	if (bytes > LOADER_ARG_MAX - ARGS_TAIL)
		return -E2BIG;
	a->bytes = (uint32_t)bytes;
	return 0;
}

int args_init(struct loader_args *a, const struct loader_request *req)
{
	static char *const none[] = { NULL };
	char *const *argv = req->argv ? req->argv : none;
	int err;

	memset(a, 0, sizeof(*a));
	a->envp = req->envp ? req->envp : none;
	a->execfn = req->path;
	err = add_bytes(a, req->path);
	for (; !err && a->envp[a->envc]; a->envc++)
		err = add_bytes(a, a->envp[a->envc]);
	for (; !err && argv[a->argc]; a->argc++)
		err = add_bytes(a, argv[a->argc]);
	if (!err && a->argc == 0)
		err = add_bytes(a, "");
	if (err)
		return err;

	a->room = malloc((SCRIPT_PLACES + a->argc + 1) * sizeof(*a->room));
	if (!a->room)
		return -ENOMEM;
	a->argv = a->room + SCRIPT_PLACES;
	for (uint32_t i = 0; i < a->argc; i++)
		a->argv[i] = argv[i];
	if (a->argc == 0)
		a->argv[a->argc++] = "";
	return 0;
}

void args_free(struct loader_args *a)
{
	free(a->room);
	a->room = NULL;
}

static int push(struct loader_args *a, const char *s)
{
	if (a->argv == a->room)
		return -E2BIG;
	*--a->argv = s;
	a->argc++;
	return add_bytes(a, s);
}

int args_script(struct loader_args *a, const char *interp, const char *arg, const char *script)
{
	int err;

	a->bytes -= (uint32_t)strlen(a->argv[0]) + 1;
	a->argv++;
	a->argc--;
	err = push(a, script);
	if (!err && arg)
		err = push(a, arg);
	if (!err)
		err = push(a, interp);
	return err;
}

uint32_t args_table_size(const struct loader_args *a)
{
	/* At most LOADER_ARG_MAX strings of one byte: this cannot overflow. */
	return (1 + a->argc + 1 + a->envc + 1) * 4;
}

int args_put_strings(const struct loader *l, uint32_t top, uint32_t *first)
{
	const struct loader_args *a = &l->args;
	uint32_t size = a->bytes + ARGS_TAIL;
	uint8_t *p = top < size ? NULL : flat_span_write(l->flat, top - size, size);

	if (!p)
		return -EFAULT;
	*first = top - size;
	for (uint32_t i = 0; i < a->argc; i++)
		p = (uint8_t *)stpcpy((char *)p, a->argv[i]) + 1;
	for (uint32_t i = 0; i < a->envc; i++)
		p = (uint8_t *)stpcpy((char *)p, a->envp[i]) + 1;
	p = (uint8_t *)stpcpy((char *)p, a->execfn) + 1;
	memset(p, 0, ARGS_TAIL);
	return 0;
}

int args_put_table(const struct loader *l, uint32_t sp, uint32_t first, struct mm_layout *lay)
{
	const struct loader_args *a = &l->args;
	uint32_t *p = flat_span_write(l->flat, sp, args_table_size(a));
	uint32_t at = first;

	if (!p)
		return -EFAULT;
	*p++ = a->argc;
	lay->arg_start = at;
	for (uint32_t i = 0; i < a->argc; i++) {
		*p++ = at;
		at += (uint32_t)strlen(a->argv[i]) + 1;
	}
	*p++ = 0;
	lay->arg_end = lay->env_start = at;
	for (uint32_t i = 0; i < a->envc; i++) {
		*p++ = at;
		at += (uint32_t)strlen(a->envp[i]) + 1;
	}
	*p = 0;
	lay->env_end = at;
	return 0;
}

uint32_t args_execfn(const struct loader_args *a, uint32_t first)
{
	return first + a->bytes - (uint32_t)strlen(a->execfn) - 1;
}
