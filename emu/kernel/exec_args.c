/* SPDX-License-Identifier: MIT */
#include "emu/kernel/exec_args.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "emu/sys/user.h"

/* How many pointers, and how many bytes their strings take. */
static int measure(struct task *t, uint32_t addr, struct exec_args *out, uint32_t limit)
{
	struct flat *flat = t->machine->flat;

	out->count = out->bytes = 0;
	if (!addr)
		return 0;
	for (;; addr += 4) {
		uint32_t p;

		if (user_get32(t, addr, &p))
			return -EFAULT;
		if (!p)
			return 0;
		if (out->bytes >= limit)
			return -E2BIG;
		/* Each string is measured to its own end. */
		for (;;) {
			uint32_t room = FLAT_PAGE_SIZE - (p & (FLAT_PAGE_SIZE - 1));
			const char *s = flat_span(flat, p, room), *end;

			if (!s)
				return -EFAULT;
			end = memchr(s, 0, room);
			out->bytes += end ? (uint32_t)(end - s) + 1 : room;
			if (out->bytes > limit)
				return -E2BIG;
			if (end)
				break;
			p += room;
		}
		out->count++;
	}
}

int exec_args_read(struct task *t, uint32_t addr, struct exec_args *out, uint32_t limit)
{
	uint32_t used = 0;
	int err;

	memset(out, 0, sizeof *out);
	err = measure(t, addr, out, limit);
	if (err)
		return err;
	out->list = calloc(out->count + 2, sizeof *out->list);
	out->strings = malloc(out->bytes + 1);
	if (!out->list || !out->strings) {
		exec_args_free(out);
		return -ENOMEM;
	}
	/* Nothing of the guest runs between the two passes: what was measured is what is copied. */
	for (uint32_t i = 0; i < out->count; i++) {
		uint32_t p;
		int64_t len;

		if (user_get32(t, addr + 4 * i, &p))
			goto fault;
		len = flat_read_string(t->machine->flat, out->strings + used, p, out->bytes + 1 - used);
		if (len < 0)
			goto fault;
		out->list[i] = out->strings + used;
		used += (uint32_t)len + 1;
	}
	return 0;
fault:
	exec_args_free(out);
	return -EFAULT;
}

void exec_args_free(struct exec_args *a)
{
	free(a->list);
	free(a->strings);
	a->list = NULL;
	a->strings = NULL;
}
