/* SPDX-License-Identifier: MIT */
#include "emu/kernel/uts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "emu/kernel/machine.h"

#define FIRST_INO 0xeffffffeu		/* PROC_UTS_INIT_INO */

static void free_ns(struct ns *n)
{
	free(uts_ns_from(n));
}

const struct ns_ops uts_ns_ops = { .name = "uts", .flag = CLONE_NEWUTS_, .free = free_ns };

static int make(struct machine *m, uint32_t ino, struct uts_ns **out)
{
	struct uts_ns *u = malloc(sizeof *u);
	int err = u ? ns_init(&u->ns, m, &uts_ns_ops, ino) : -ENOMEM;

	if (err) {
		free(u);
		return err;
	}
	*out = u;
	return 0;
}

int uts_begin(struct machine *m)
{
	int err = make(m, FIRST_INO, &m->uts);

	if (err)
		return err;
	strcpy(m->uts->hostname, "flat32");
	strcpy(m->uts->domainname, "(none)");
	return 0;
}

int uts_ns_copy(struct uts_ns *from, struct uts_ns **out)
{
	int err = make(from->ns.machine, 0, out);

	if (err)
		return err;
	strcpy((*out)->hostname, from->hostname);
	strcpy((*out)->domainname, from->domainname);
	return 0;
}
