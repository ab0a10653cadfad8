/* SPDX-License-Identifier: MIT
 *
 * Links.  Plain ones (self) are text; magic ones (exe, cwd, fd/N) lead to the very file, whatever its name is by now.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/kernel/uts.h"
#include "emu/proc/internal.h"

const struct path_ref *proc_reader_root(struct machine *m)
{
	const struct task *t = task_current(m);

	return t && t->fs ? &t->fs->root : NULL;
}

/* --- Plain ones --- */

static int text(char *buf, size_t size, const char *fmt, int a, int b)
{
	char s[48];
	int n = snprintf(s, sizeof s, fmt, a, b);

	if ((size_t)n > size)
		n = (int)size;
	memcpy(buf, s, (size_t)n);
	return n;
}

int link_self(const struct proc_who *w, char *buf, size_t size, struct path_ref *to)
{
	const struct task *t = task_current(w->m);

	(void)to;
	return t ? text(buf, size, "%d", t->process->pid, 0) : -ENOENT;
}

int link_thread_self(const struct proc_who *w, char *buf, size_t size, struct path_ref *to)
{
	const struct task *t = task_current(w->m);

	(void)to;
	return t ? text(buf, size, "%d/task/%d", t->process->pid, t->tid) : -ENOENT;
}

int link_self_mounts(const struct proc_who *w, char *buf, size_t size, struct path_ref *to)
{
	(void)w, (void)to;
	return text(buf, size, "self/mounts", 0, 0);
}

int link_self_net(const struct proc_who *w, char *buf, size_t size, struct path_ref *to)
{
	(void)w, (void)to;
	return text(buf, size, "self/net", 0, 0);
}

int link_device_tree(const struct proc_who *w, char *buf, size_t size, struct path_ref *to)
{
	(void)w, (void)to;
	return text(buf, size, "/sys/firmware/devicetree/base", 0, 0);
}

/* --- Magic ones: with `to` the place, else its name --- */

static int place(const struct proc_who *w, const struct path_ref *p, char *buf, size_t size, struct path_ref *to)
{
	char name[4200];
	int n;

	if (!p->dentry)
		return -ENOENT;
	if (to) {
		*to = *p;
		path_get(to);
		return 0;
	}
	n = vfs_path_name(p, proc_reader_root(w->m), name, sizeof name);
	if (n < 0)
		return -ENAMETOOLONG;
	if ((size_t)n > size)
		n = (int)size;
	memcpy(buf, name, (size_t)n);
	return n;
}

int link_cwd(const struct proc_who *w, char *buf, size_t size, struct path_ref *to)
{
	if (!proc_may_look(w))
		return -EACCES;
	return w->t->fs ? place(w, &w->t->fs->cwd, buf, size, to) : -ENOENT;
}

int link_root(const struct proc_who *w, char *buf, size_t size, struct path_ref *to)
{
	if (!proc_may_look(w))
		return -EACCES;
	return w->t->fs ? place(w, &w->t->fs->root, buf, size, to) : -ENOENT;
}

int link_exe(const struct proc_who *w, char *buf, size_t size, struct path_ref *to)
{
	if (!proc_may_look(w))
		return -EACCES;
	return w->t->space ? place(w, &w->p->exe, buf, size, to) : -ENOENT;
}

/* --- PID/ns --- */

static int namespace(const struct proc_who *w, struct ns *n, char *buf, size_t size, struct path_ref *to)
{
	char name[32];
	int len;

	if (!proc_may_look(w))
		return -EACCES;
	if (to)
		return nsfs_path(n, to);
	len = snprintf(name, sizeof name, "%s:[%u]", n->ops->name, n->ino);
	if ((size_t)len > size)
		len = (int)size;
	memcpy(buf, name, (size_t)len);
	return len;
}

int link_ns_mounts(const struct proc_who *w, char *buf, size_t size, struct path_ref *to)
{
	return w->t->mounts ? namespace(w, &w->t->mounts->ns, buf, size, to) : -ENOENT;
}

int link_ns_uts(const struct proc_who *w, char *buf, size_t size, struct path_ref *to)
{
	return w->t->uts ? namespace(w, &w->t->uts->ns, buf, size, to) : -ENOENT;
}

/* --- PID/fd/N --- */

static struct file *file_of(const struct proc_who *w)
{
	return w->t->fds && w->fd >= 0 ? fds_look(w->t->fds, (unsigned)w->fd) : NULL;
}

bool proc_fd_open(const struct proc_who *w, int fd)
{
	return w->t->fds && fds_look(w->t->fds, (unsigned)fd);
}

static int link_fd(const struct proc_who *w, char *buf, size_t size, struct path_ref *to)
{
	struct file *f = file_of(w);
	char name[4200] = "";
	size_t n;

	if (!proc_may_look(w))
		return -EACCES;
	if (!f)
		return -ENOENT;
	if (to)
		return file_path(f, to);
	if (!f->ops->describe && f->path.dentry)
		return place(w, &f->path, buf, size, NULL);
	if (f->ops->describe)
		f->ops->describe(f, name, sizeof name);
	else
		snprintf(name, sizeof name, "anon_inode:[%llu]", (unsigned long long)f->inode->ino);
	n = strlen(name) < size ? strlen(name) : size;
	memcpy(buf, name, n);
	return (int)n;
}

static int show_fdinfo(struct proc_out *o, const struct proc_who *w)
{
	struct file *f = file_of(w);

	if (!f)
		return -ENOENT;
	out(o, "pos:\t%lld\nflags:\t0%o\nmnt_id:\t%d\nino:\t%llu\n", (long long)f->pos,
	    f->flags | (fds_cloexec(w->t->fds, (unsigned)w->fd) ? 02000000u : 0),
	    f->path.mnt ? f->path.mnt->id : 0, (unsigned long long)f->inode->ino);
	show_file_locks(o, f, w->t->fds);
	if (f->ops->show)
		f->ops->show(f, o);
	return 0;
}

const struct proc_entry proc_fd_entry = {
	.where = PROC_NUMBER, .mode = S_IFLNK | 0700, .link = link_fd, .magic = true,
};
const struct proc_entry proc_fdinfo_entry = {
	.where = PROC_NUMBER, .mode = S_IFREG | 0444, .show = show_fdinfo, .fops = &proc_text_ops,
};

/* --- As inodes --- */

static int readlink_link(struct inode *inode, char *buf, size_t size)
{
	const struct proc_node *n = inode->private;
	struct proc_who w;

	return proc_resolve(inode, &w) ? n->entry->link(&w, buf, size, NULL) : -ENOENT;
}

static int follow_link(struct inode *inode, struct path_ref *to)
{
	const struct proc_node *n = inode->private;
	struct proc_who w;

	return proc_resolve(inode, &w) ? n->entry->link(&w, NULL, 0, to) : -ENOENT;
}

/* Links to descriptors have the modes these are open in. */
static void refresh_link(struct inode *inode)
{
	const struct file *f;
	struct proc_who w;

	if (!proc_resolve(inode, &w) || !w.t)
		return;
	proc_owner(&w, inode);
	f = w.fd >= 0 ? file_of(&w) : NULL;
	if (f)
		inode->mode = S_IFLNK | (file_readable(f) ? 0500 : 0) | (file_writable(f) ? 0300 : 0);
	inode->size = w.fd >= 0 ? 64 : 0;
}

const struct inode_ops proc_link_ops = {
	.readlink = readlink_link, .still_valid = proc_still_valid, .evict = proc_evict,
};
const struct inode_ops proc_magic_ops = {
	.readlink = readlink_link, .follow = follow_link, .refresh = refresh_link,
	.still_valid = proc_still_valid, .evict = proc_evict,
};
