/* SPDX-License-Identifier: MIT
 *
 * The name of a core file (fs/coredump.c format_corename()).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "emu/host/clock.h"
#include "emu/kernel/uts.h"
#include "emu/kernel/coredump.h"
#include "emu/kernel/task.h"

enum { RLIMIT_CORE_ = 4 };

struct name { char *to; size_t room; int err; };

static void add(struct name *n, const char *text)
{
	size_t len = strlen(text);

	if (len >= n->room) {
		n->err = -ENAMETOOLONG;
		len = n->room - 1;
	}
	memcpy(n->to, text, len);
	n->to += len;
	n->room -= len;
	*n->to = 0;
}

/* What a program says of itself must not lead elsewhere: no slashes, and not "." or ".." (cn_esc_printf). */
static void add_safe(struct name *n, const char *text)
{
	char safe[256];
	size_t len = 0;

	for (; text[len] && len < sizeof safe - 1; len++)
		safe[len] = text[len] == '/' ? '!' : text[len];
	safe[len] = 0;
	if (!strcmp(safe, ".") || !strcmp(safe, ".."))
		safe[0] = '!';
	add(n, len ? safe : "!");
}

static void add_number(struct name *n, long long v)
{
	char text[24];

	snprintf(text, sizeof text, "%lld", v);
	add(n, text);
}

static void add_path(struct name *n, const struct task *t)
{
	char path[256];

	if (t->process->exe.dentry && vfs_path_name(&t->process->exe, NULL, path, sizeof path) >= 0)
		add_safe(n, path);
	else
		add_safe(n, t->comm);
}

static void add_item(struct name *n, const struct task *t, int signo, char what)
{
	struct machine *m = t->machine;
	const struct process *p = t->process;

	switch (what) {
	case '%': add(n, "%"); break;
	case 'p': case 'P': add_number(n, p->pid); break;
	case 'i': case 'I': add_number(n, t->tid); break;
	case 'u': add_number(n, t->cred.uid); break;
	case 'g': add_number(n, t->cred.gid); break;
	case 'd': add_number(n, p->dumpable); break;
	case 's': add_number(n, signo); break;
	case 't': add_number(n, clock_realtime(m) / 1000000000); break;
	case 'h': add_safe(n, (t->uts ? t->uts : m->uts)->hostname); break;
	case 'e': case 'f': add_safe(n, t->comm); break;
	case 'E': add_path(n, t); break;
	case 'c': add_number(n, (long long)task_rlimit(t, RLIMIT_CORE_)); break;
	default: break;		/* unknown ones are left out */
	}
}

int core_name(const struct task *t, int signo, char *name, size_t size)
{
	struct name n = { .to = name, .room = size };
	bool has_pid = false;

	name[0] = 0;
	for (const char *p = t->machine->core_pattern; *p; p++) {
		if (*p != '%') {
			add(&n, (char[2]){ *p, 0 });
			continue;
		}
		if (!*++p)
			break;
		has_pid |= *p == 'p';
		add_item(&n, t, signo, *p);
	}
	if (t->machine->core_uses_pid && !has_pid) {
		add(&n, ".");
		add_number(&n, t->process->pid);
	}
	return n.err;
}
