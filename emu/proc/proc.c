/* SPDX-License-Identifier: MIT
 *
 * Names.  Directories are searched in the table (and among processes, threads and descriptors) anew each
 * time: nothing is kept but the inodes that are in use.
 */
#include <errno.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/ptrace/ptrace.h"
#include "emu/proc/internal.h"

#define PROC_MAGIC 0x9fa0

/* --- The table --- */

#define DIR_ENTRY(in, text, bits, id) \
	{ .where = PROC_##in, .name = text, .mode = S_IFDIR | bits, .dir = PROC_##id },
#define FILE_ENTRY(in, text, bits, shower, storer) \
	{ .where = PROC_##in, .name = text, .mode = S_IFREG | bits, .show = show_##shower, \
	  .store = store_##storer, .fops = &proc_text_ops },
#define LINK_ENTRY(in, text, linker, is_magic) \
	{ .where = PROC_##in, .name = text, .mode = S_IFLNK | 0777, .link = link_##linker, .magic = is_magic },

const struct proc_entry proc_entries[] = {
#define PROC_DIR(id, where, name, mode, doc) DIR_ENTRY(where, name, mode, id)
#define PROC_TASK_DIR(id, name, mode, doc) \
	DIR_ENTRY(PID, name, mode, id) DIR_ENTRY(TID, name, mode, id)
#define PROC_FILE(where, name, mode, show, store, doc) FILE_ENTRY(where, name, mode, show, store)
#define PROC_TASK_FILE(name, mode, show, store, doc) \
	FILE_ENTRY(PID, name, mode, show, store) FILE_ENTRY(TID, name, mode, show, store)
#define PROC_LINK(where, name, link, doc) LINK_ENTRY(where, name, link, false)
#define PROC_PLACE(where, name, link, doc) LINK_ENTRY(where, name, link, true)
#define PROC_TASK_LINK(name, link, doc) \
	LINK_ENTRY(PID, name, link, true) LINK_ENTRY(TID, name, link, true)
#define PROC_SPECIAL(in, text, bits, operations, what) \
	{ .where = PROC_##in, .name = text, .mode = S_IFREG | bits, .fops = &operations },
#include "emu/proc/proc_files.def"
};
const unsigned proc_entry_count = sizeof proc_entries / sizeof *proc_entries;

static const struct proc_entry root_entry = { .dir = PROC_ROOT, .mode = S_IFDIR | 0555 };
static const struct proc_entry pid_entry = { .dir = PROC_PID, .mode = S_IFDIR | 0555 };
static const struct proc_entry tid_entry = { .dir = PROC_TID, .mode = S_IFDIR | 0555 };

/* --- Whose it is --- */

bool proc_resolve(const struct inode *inode, struct proc_who *w)
{
	const struct proc_node *n = inode->private;

	*w = (struct proc_who){ .m = inode->super->machine, .fd = n->fd, .thread = n->tid != 0 };
	if (!n->pid)
		return true;
	w->p = process_find(w->m, n->pid);
	if (!w->p || w->p->start_ns != n->start_ns)
		return false;
	w->t = n->tid ? task_find(w->m, n->tid) : w->p->leader;
	return w->t && w->t->process == w->p && (n->fd < 0 || proc_fd_open(w, n->fd));
}

/*
 * task_dump_owner(): the effective user, but what is in the folders of zombies and of who changed what it may do (see
 * PR_SET_DUMPABLE) is root's.
 */
void proc_owner(const struct proc_who *w, struct inode *inode)
{
	bool guarded = inode->mode != (S_IFDIR | 0555) && w->t && (!w->t->space || w->p->dumpable != 1);

	if (!w->t)
		return;
	inode->uid = guarded ? 0 : w->t->cred.euid;
	inode->gid = guarded ? 0 : w->t->cred.egid;
}

bool proc_may_look(const struct proc_who *w)
{
	const struct task *reader = task_current(w->m);

	return !reader || !w->t || !ptrace_may_access(reader, w->t, PTRACE_FSCREDS);
}

static void refresh(struct inode *inode)
{
	struct proc_who w;

	if (proc_resolve(inode, &w)) {
		proc_owner(&w, inode);
		inode->atime = inode->mtime = inode->ctime;
	}
}

bool proc_still_valid(struct inode *inode)
{
	struct proc_who w;

	return proc_resolve(inode, &w);
}

void proc_evict(struct inode *inode)
{
	free(inode->private);
}

/* --- Inodes --- */

static const struct inode_ops dir_ops, file_ops;
static const struct file_ops dir_fops;

/* One number for one name: by the process (or thread), and the place in the table or the descriptor. */
static uint64_t number_of(const struct proc_entry *e, int id, int fd)
{
	uint64_t index = e >= proc_entries && e < proc_entries + proc_entry_count ? (uint64_t)(e - proc_entries) + 8 :
			 e == &proc_fdinfo_entry ? 3 : e == &proc_fd_entry ? 2 : 1;

	return (uint64_t)(fd + 1) << 40 | (uint64_t)id << 16 | index << 4 | 1;
}

static int make(struct fs_super *s, const struct proc_entry *e, const struct proc_who *w, int pid, int tid, int fd,
		struct inode **out)
{
	struct proc_node *n = calloc(1, sizeof *n);
	struct inode *i;

	if (!n)
		return -ENOMEM;
	*n = (struct proc_node){ e, pid, tid, fd, w->p ? w->p->start_ns : 0 };
	if (S_ISLNK(e->mode))
		i = inode_new(s, e->mode, e->magic ? &proc_magic_ops : &proc_link_ops, NULL);
	else if (S_ISDIR(e->mode))
		i = inode_new(s, e->mode, &dir_ops, &dir_fops);
	else
		i = inode_new(s, e->mode & ~PROC_OURS, &file_ops, e->fops);
	if (!i) {
		free(n);
		return -ENOMEM;
	}
	i->private = n;
	proc_make_mappable(i, e);
	i->ino = number_of(e, tid ? tid : pid, fd);
	proc_owner(w, i);
	*out = i;
	return 0;
}

/* --- Lookup --- */

/* A decimal number without leading zeros, or -1. */
static int number(const char *name, size_t len)
{
	int n = 0;

	if (!len || len > 9 || (name[0] == '0' && len > 1))
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (name[i] < '0' || name[i] > '9')
			return -1;
		n = 10 * n + (name[i] - '0');
	}
	return n;
}

static bool is_here(const struct machine *m, const struct proc_entry *e)
{
	return !(e->mode & PROC_OURS) || !m->options.compat_linux;
}

static const struct proc_entry *find(const struct machine *m, enum proc_dir where, const char *name, size_t len)
{
	for (unsigned i = 0; i < proc_entry_count; i++) {
		const struct proc_entry *e = &proc_entries[i];

		if (e->where == where && strlen(e->name) == len && !memcmp(e->name, name, len) && is_here(m, e))
			return e;
	}
	return NULL;
}

static int lookup(struct inode *dir, const char *name, size_t len, struct inode **out)
{
	const struct proc_node *n = dir->private;
	enum proc_dir where = n->entry->dir;
	const struct proc_entry *e;
	struct proc_who w;
	struct task *t;
	int id;

	if (!proc_resolve(dir, &w))
		return -ENOENT;
	e = find(w.m, where, name, len);
	if (e)
		return make(dir->super, e, &w, n->pid, n->tid, -1, out);
	id = number(name, len);
	if (id < 0)
		return -ENOENT;
	switch (where) {
	case PROC_ROOT:
		/* Threads can be named too, although only processes are listed. */
		t = task_find(w.m, id);
		w.p = t ? t->process : process_find(w.m, id);
		if (!w.p)
			return -ENOENT;
		w.t = w.p->leader;
		return make(dir->super, &pid_entry, &w, w.p->pid, 0, -1, out);
	case PROC_TASK:
		w.t = task_find(w.m, id);
		if (!w.t || w.t->process != w.p)
			return -ENOENT;
		return make(dir->super, &tid_entry, &w, n->pid, id, -1, out);
	case PROC_FD: case PROC_FDINFO:
		if (!proc_fd_open(&w, id))
			return -ENOENT;
		return make(dir->super, where == PROC_FD ? &proc_fd_entry : &proc_fdinfo_entry, &w, n->pid, n->tid, id,
			    out);
	default:
		return -ENOENT;
	}
}

/* --- Listings --- */

/*
 * Positions: the table's index behind 2 for its names, then the number itself behind NUMBERS: what comes and goes
 * meanwhile moves nobody else.
 */
#define NUMBERS 0x1000u

static int list_number(void *ctx, vfs_fill_fn fill, uint64_t ino, int id, unsigned type)
{
	char name[16];
	int len = snprintf(name, sizeof name, "%d", id);

	return fill(ctx, name, (size_t)len, ino, type, NUMBERS + (uint64_t)id + 1);
}

/* The process with the lowest number >= id. */
static struct process *next_process(struct machine *m, int id)
{
	struct process *best = NULL;

	for (struct process *p = process_first(m); p; p = p->next)
		if (p->pid >= id && (!best || p->pid < best->pid))
			best = p;
	return best;
}

static struct task *next_thread(struct process *p, int id)
{
	struct task *best = NULL;

	for (struct task *t = p->threads; t; t = t->thread_next)
		if (t->tid >= id && (!best || t->tid < best->tid))
			best = t;
	return best;
}

static int list_numbers(const struct proc_node *n, struct proc_who *w, int from, void *ctx, vfs_fill_fn fill)
{
	enum proc_dir where = n->entry->dir;
	const struct process *p;
	const struct task *t;

	switch (where) {
	case PROC_ROOT:
		for (; (p = next_process(w->m, from)); from = p->pid + 1)
			if (list_number(ctx, fill, number_of(&pid_entry, p->pid, -1), p->pid, S_IFDIR >> 12))
				return 0;
		break;
	case PROC_TASK:
		for (; (t = next_thread(w->p, from)); from = t->tid + 1)
			if (list_number(ctx, fill, number_of(&tid_entry, t->tid, -1), t->tid, S_IFDIR >> 12))
				return 0;
		break;
	case PROC_FD: case PROC_FDINFO:
		if (!w->t->fds)
			return 0;
		for (int fd = from; (fd = fds_next(w->t->fds, (unsigned)fd)) >= 0; fd++) {
			const struct proc_entry *e = where == PROC_FD ? &proc_fd_entry : &proc_fdinfo_entry;

			if (list_number(ctx, fill, number_of(e, n->tid ? n->tid : n->pid, fd), fd, e->mode >> 12))
				return 0;
		}
		break;
	default:
		break;
	}
	return 0;
}

static int readdir(struct file *f, void *ctx, vfs_fill_fn fill)
{
	const struct proc_node *n = f->inode->private;
	int id = n->tid ? n->tid : n->pid;
	struct proc_who w;

	if (!proc_resolve(f->inode, &w))
		return -ENOENT;
	for (uint64_t i = f->pos - 2; f->pos < NUMBERS && i < proc_entry_count; i++) {
		const struct proc_entry *e = &proc_entries[i];

		if (e->where == n->entry->dir && is_here(w.m, e) &&
		    fill(ctx, e->name, strlen(e->name), number_of(e, id, -1), e->mode >> 12 & 15, i + 3))
			return 0;
	}
	return list_numbers(n, &w, f->pos > NUMBERS ? (int)(f->pos - NUMBERS) : 0, ctx, fill);
}

/* --- What may be done --- */

static enum proc_dir parent_of(enum proc_dir dir)
{
	for (unsigned i = 0; i < proc_entry_count; i++)
		if (S_ISDIR(proc_entries[i].mode) && proc_entries[i].dir == dir)
			return proc_entries[i].where;
	return PROC_ROOT;
}

/* Below /proc/sys? */
static bool is_sysctl(const struct proc_entry *e)
{
	enum proc_dir in = e->where;

	while (in != PROC_ROOT && in != PROC_SYS)
		in = parent_of(in);
	return in == PROC_SYS;
}

/* Root may do everything, but with sysctls it obeys the mode (sysctl_perm). */
static int permission(struct inode *inode, int mask, const struct vfs_cred *cred)
{
	const struct proc_node *n = inode->private;
	uint32_t bits = inode->mode & 7;
	struct proc_who w;

	if (n->entry->dir == PROC_PID && S_ISDIR(inode->mode) && !proc_resolve(inode, &w))
		return -ESRCH;		/* proc_pid_permission() looks for the process first */
	if (cred->uid == inode->uid)
		bits = inode->mode >> 6 & 7;
	else if (cred->gid == inode->gid)
		bits = inode->mode >> 3 & 7;
	if (S_ISREG(inode->mode) && (mask & 2) && !n->entry->store && is_sysctl(n->entry))
		return -EACCES;
	if (vfs_capable(cred, VFS_DAC_OVERRIDE) || !(mask & ~(int)bits))
		return 0;
	/* One's own descriptors are there whatever one has become (proc_fd_permission()). */
	return n->entry->dir == PROC_FD && proc_resolve(inode, &w) && task_current(w.m) &&
	       task_current(w.m)->process == w.p ? 0 : -EACCES;
}

static int setattr(struct inode *inode, const struct inode *to, unsigned what)
{
	(void)inode, (void)to;
	return what & (VFS_SET_MODE | VFS_SET_UID | VFS_SET_GID) ? -EPERM : 0;
}

/* O_TRUNC: what is written is taken as a whole anyway. */
static int truncate_text(struct inode *inode, uint64_t size)
{
	(void)inode, (void)size;
	return 0;
}

static const struct inode_ops dir_ops = {
	.lookup = lookup, .still_valid = proc_still_valid, .refresh = refresh, .permission = permission,
	.setattr = setattr, .evict = proc_evict,
};
static const struct inode_ops file_ops = {
	.truncate = truncate_text, .still_valid = proc_still_valid, .refresh = refresh, .permission = permission,
	.setattr = setattr, .evict = proc_evict,
};
static const struct file_ops dir_fops = { .readdir = readdir };

/* --- The file system --- */

static int mount(struct machine *m, const char *source, const char *options, struct fs_super **out);

static const struct fs_type proc_type = { .name = "proc", .magic = PROC_MAGIC, .nodev = true, .mount = mount };

static int mount(struct machine *m, const char *source, const char *options, struct fs_super **out)
{
	const struct proc_who nobody = { .m = m, .fd = -1 };
	struct fs_super *s = super_new(m, &proc_type);
	struct inode *root;
	int err;

	(void)source, (void)options;
	if (!s)
		return -ENOMEM;
	err = make(s, &root_entry, &nobody, 0, 0, -1, &root);
	if (!err) {
		root->ino = 1;
		s->root = dentry_new_root(root);
		err = s->root ? 0 : -ENOMEM;
	}
	if (err) {
		super_free(s);
		return err;
	}
	*out = s;
	return 0;
}

int proc_register(struct machine *m)
{
	return vfs_register_fs(m, &proc_type);
}

int proc_process_of(const struct file *f, struct task **leader)
{
	const struct inode *i = f->inode;
	const struct proc_node *n = i->private;
	struct proc_who w;

	if (i->super->type != &proc_type || n->entry != &pid_entry)
		return -EBADF;
	if (!proc_resolve(i, &w))
		return -ESRCH;
	*leader = w.p->leader;
	return 0;
}
