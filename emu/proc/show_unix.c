/* SPDX-License-Identifier: MIT
 *
 * /proc/net/unix.
 */
#include <sys/socket.h>
#include "emu/net/unix.h"
#include "emu/proc/internal.h"

/* SS_CONNECTED, SS_UNCONNECTED; without a file SS_CONNECTING, SS_DISCONNECTING. */
static unsigned unix_state(const struct sock *s)
{
	if (s->file)
		return s->state == SOCK_CONNECTED ? 3 : 1;
	return s->state == SOCK_CONNECTED ? 2 : 4;
}

/* An abstract name with @ for its first NUL, and for others. */
static void unix_name(struct proc_out *o, const struct unix_name *n)
{
	out_text(o, " ", 1);
	for (uint32_t i = 0; i < n->len; i++) {
		bool abstract = !n->bytes[0], last = i == n->len - 1;

		if (!n->bytes[i] && (abstract || !last))
			out_text(o, "@", 1);
		else if (n->bytes[i])
			out_text(o, &n->bytes[i], 1);
	}
}

int show_net_unix(struct proc_out *o, const struct proc_who *w)
{
	out(o, "Num       RefCount Protocol Flags    Type St Inode Path\n");
	for (struct sock *s = w->m->net->first; s; s = s->next) {
		const struct unix_sock *u = unix_sk(s);

		if (s->family != AF_UNIX || s->dead)
			continue;
		out(o, "00000000: %08X %08X %08X %04X %02X %5llu", s->refs + 1, 0,
		    s->state == SOCK_LISTENING ? 0x10000 : 0, s->type, unix_state(s), (unsigned long long)s->ino);
		if (u->name)
			unix_name(o, u->name);
		out_text(o, "\n", 1);
	}
	return 0;
}
