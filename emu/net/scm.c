/* SPDX-License-Identifier: MIT
 *
 * Control messages (net/core/scm.c): descriptors and credentials.
 *
 * Closing a file can end a socket, whose queue holds files, and so on for as long as somebody cared to build it.  So nothing
 * recurses: lists that are let go while another one is being closed wait for it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "emu/kernel/task.h"
#include "emu/net/net.h"
#include "emu/net/unix.h"

enum { CAP_SETGID_ = 6, CAP_SETUID_ = 7, CAP_SYS_ADMIN_ = 21 };

/* --- Lists of files --- */

struct scm_files *scm_alloc(unsigned count)
{
	return calloc(1, sizeof(struct scm_files) + count * sizeof(struct file *));
}

struct scm_files *scm_copy(const struct scm_files *f)
{
	struct scm_files *c = scm_alloc(f->count);

	if (!c)
		return NULL;
	c->count = f->count;
	c->sockets = f->sockets;
	for (unsigned i = 0; i < f->count; i++)
		c->file[i] = file_get(f->file[i]);
	return c;
}

void scm_free(struct net *n, struct scm_files *f)
{
	if (!f)
		return;
	f->next = n->doomed;
	n->doomed = f;
	if (n->closing)
		return;
	n->closing = true;
	while ((f = n->doomed)) {
		n->doomed = f->next;
		for (unsigned i = 0; i < f->count; i++)
			file_put(f->file[i]);
		free(f);
	}
	n->closing = false;
}

/* --- What a sender says --- */

int scm_next(const struct sock_msg *m, uint32_t *at, struct guest_cmsg *c, const uint8_t **data)
{
	uint32_t left = m->control_len - *at;

	if (*at >= m->control_len || left < sizeof *c)
		return 0;
	memcpy(c, m->control + *at, sizeof *c);
	if (c->len < sizeof *c || c->len > left)
		return -EINVAL;
	*data = m->control + *at + sizeof *c;
	*at += (c->len + 3) & ~3u;
	return 1;
}

static int add_files(struct sock_msg *m, const uint8_t *data, uint32_t len)
{
	uint32_t count = len / 4;

	if (!count)
		return 0;
	if (count > SCM_MAX_FDS)
		return -EINVAL;
	if (!m->files) {
		m->files = scm_alloc(SCM_MAX_FDS);
		if (!m->files)
			return -ENOMEM;
	}
	if (m->files->count + count > SCM_MAX_FDS)
		return -EINVAL;
	for (uint32_t i = 0; i < count; i++) {
		struct file *f;
		uint32_t fd;

		memcpy(&fd, data + 4 * i, 4);
		f = fds_look(m->task->fds, fd);
		if (!f)
			return -EBADF;
		m->files->sockets += unix_of_file(f) != NULL;
		m->files->file[m->files->count++] = file_get(f);
	}
	return 0;
}

/* scm_check_creds(): one's own, or whose one could be. */
static int check_cred(const struct task *t, const struct sock_cred *c)
{
	const struct cred *own = &t->cred;

	if (c->pid != t->process->pid && !task_capable(t, CAP_SYS_ADMIN_))
		return -EPERM;
	if (c->uid != own->uid && c->uid != own->euid && c->uid != own->suid && !task_capable(t, CAP_SETUID_))
		return -EPERM;
	if (c->gid != own->gid && c->gid != own->egid && c->gid != own->sgid && !task_capable(t, CAP_SETGID_))
		return -EPERM;
	return 0;
}

static int add_cred(struct sock_msg *m, const uint8_t *data, uint32_t len)
{
	struct sock_cred c;
	int err;

	if (len != sizeof c)
		return -EINVAL;
	memcpy(&c, data, sizeof c);
	err = check_cred(m->task, &c);
	if (err)
		return err;
	if (c.pid != m->task->process->pid && !process_find(m->task->machine, c.pid) &&
	    !task_find(m->task->machine, c.pid))
		return -ESRCH;
	if (c.uid == UINT32_MAX || c.gid == UINT32_MAX)
		return -EINVAL;
	m->cred = c;
	return 0;
}

int scm_parse(struct sock_msg *m)
{
	const uint8_t *data;
	struct guest_cmsg c;
	uint32_t at = 0;
	int err;

	while ((err = scm_next(m, &at, &c, &data)) > 0) {
		if (c.level != GUEST_SOL_SOCKET)
			continue;
		if (c.type == GUEST_SCM_RIGHTS)
			err = add_files(m, data, c.len - (uint32_t)sizeof c);
		else if (c.type == GUEST_SCM_CREDENTIALS)
			err = add_cred(m, data, c.len - (uint32_t)sizeof c);
		else
			err = -EINVAL;
		if (err)
			return err;
	}
	if (!err && m->files && !m->files->count) {
		free(m->files);
		m->files = NULL;
	}
	return err;
}
