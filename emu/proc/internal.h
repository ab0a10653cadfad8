/* SPDX-License-Identifier: MIT
 *
 * Inside /proc: the table's entries, and what their functions get.
 *
 *	proc.c		names: lookup, listings, inodes
 *	proc_text.c	open files: texts made and kept
 *	proc_links.c	links, PID/fd
 *	proc_mem.c	PID/mem
 *	show_*.c	the texts, by subject
 */
#ifndef EMU_PROC_INTERNAL_H
#define EMU_PROC_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "emu/fs/vfs.h"
#include "emu/kernel/task.h"
#include "emu/proc/out.h"
#include "emu/proc/proc.h"

/* One line of a maps file (ctx: struct proc_out); an mm_walk_fn. */
int proc_out_mapping(void *ctx, const struct mm_vma_info *v);

/* Whose file it is. */
struct proc_who {
	struct machine *m;
	struct process *p;	/* NULL outside PID/ */
	struct task *t;		/* the leader (perhaps a zombie), or the thread; NULL outside PID/ */
	bool thread;		/* below PID/task/TID: about this thread only */
	int fd;			/* PID/fd/N, PID/fdinfo/N; else -1 */
};

enum proc_dir {
	PROC_ROOT, PROC_PID, PROC_TID,
#define PROC_DIR(id, where, name, mode, doc) PROC_##id,
#define PROC_TASK_DIR(id, name, mode, doc) PROC_##id,
#define PROC_FILE(where, name, mode, show, store, doc)
#define PROC_LINK(where, name, link, doc)
#define PROC_PLACE(where, name, link, doc)
#define PROC_SPECIAL(where, name, mode, fops, doc)
#define PROC_TASK_FILE(name, mode, show, store, doc)
#define PROC_TASK_LINK(name, link, doc)
#include "emu/proc/proc_files.def"
#undef PROC_DIR
#undef PROC_TASK_DIR
#undef PROC_FILE
#undef PROC_LINK
#undef PROC_PLACE
#undef PROC_SPECIAL
#undef PROC_TASK_FILE
#undef PROC_TASK_LINK
	PROC_NUMBER,		/* entries that are not in the table: links and files named by a descriptor */
};

/* In a mode: the kernel has no such file without an MMU; not there with --compat. */
#define PROC_OURS 0x10000000u

struct proc_entry {
	enum proc_dir where;
	const char *name;
	uint32_t mode;		/* with the type */
	enum proc_dir dir;	/* directories: which */
	/* The text.  0 or -errno, for the reader. */
	int (*show)(struct proc_out *o, const struct proc_who *w);
	/* One write, NUL-terminated; a trailing newline is cut.  0 or -errno. NULL: cannot be written. */
	int (*store)(const struct proc_who *w, char *text);
	/* Text of a link, and for magic ones (follow true) the place itself with references. */
	int (*link)(const struct proc_who *w, char *buf, size_t size, struct path_ref *to);
	bool magic;
	const struct file_ops *fops;
};

/* What hangs on an inode. */
struct proc_node {
	const struct proc_entry *entry;
	int pid, tid;			/* 0: outside PID/, outside TID/ */
	int fd;				/* -1: none */
	uint64_t start_ns;		/* of the process: numbers are used again */
};

extern const struct proc_entry proc_entries[];
extern const unsigned proc_entry_count;
extern const struct file_ops proc_text_ops, proc_kmsg_ops, proc_mem_ops;
extern const struct inode_ops proc_link_ops, proc_magic_ops;
void proc_make_mappable(struct inode *i, const struct proc_entry *e);

/* Who the inode is about; false: gone. */
bool proc_resolve(const struct inode *inode, struct proc_who *w);
/* Parts of inode_ops that all kinds share. */
bool proc_still_valid(struct inode *inode);
void proc_evict(struct inode *inode);
/* Owner and group of what is about w. */
void proc_owner(const struct proc_who *w, struct inode *inode);
/* May the reader look into w's memory (ptrace_may_access)? */
bool proc_may_look(const struct proc_who *w);

/* PID/fd and PID/fdinfo: the entry that stands for all descriptors. */
extern const struct proc_entry proc_fd_entry, proc_fdinfo_entry;
bool proc_fd_open(const struct proc_who *w, int fd);

/* The root directory the reader sees. */
const struct path_ref *proc_reader_root(struct machine *m);

/* The functions that proc_files.def names.  (Entries with "none" have none.) */
#define show_none NULL
#define store_none NULL
#define PROC_DIR(id, where, name, mode, doc)
#define PROC_TASK_DIR(id, name, mode, doc)
#define PROC_LINK(where, name, link, doc) \
	int link_##link(const struct proc_who *w, char *buf, size_t size, struct path_ref *to);
#define PROC_PLACE(where, name, link, doc) \
	int link_##link(const struct proc_who *w, char *buf, size_t size, struct path_ref *to);
#define PROC_TASK_LINK(name, link, doc) \
	int link_##link(const struct proc_who *w, char *buf, size_t size, struct path_ref *to);
#define PROC_FILE(where, name, mode, show, store, doc) \
	int show_##show(struct proc_out *o, const struct proc_who *w);
#define PROC_TASK_FILE(name, mode, show, store, doc) \
	int show_##show(struct proc_out *o, const struct proc_who *w);
#define PROC_SPECIAL(where, name, mode, fops, doc)
#include "emu/proc/proc_files.def"
#undef PROC_DIR
#undef PROC_TASK_DIR
#undef PROC_FILE
#undef PROC_LINK
#undef PROC_PLACE
#undef PROC_SPECIAL
#undef PROC_TASK_FILE
#undef PROC_TASK_LINK
int store_max_epoll_watches(const struct proc_who *w, char *text);
int store_max_queued_events(const struct proc_who *w, char *text);
int store_max_inotify_instances(const struct proc_who *w, char *text);
int store_max_inotify_watches(const struct proc_who *w, char *text);
int store_comm(const struct proc_who *w, char *text);
int store_oom_score_adj(const struct proc_who *w, char *text);
int store_ctrl_alt_del(const struct proc_who *w, char *text);
int store_dmesg_restrict(const struct proc_who *w, char *text);
int store_legacy_tiocsti(const struct proc_who *w, char *text);
int store_protected_fifos(const struct proc_who *w, char *text);
int store_protected_hardlinks(const struct proc_who *w, char *text);
int store_protected_regular(const struct proc_who *w, char *text);
int store_protected_symlinks(const struct proc_who *w, char *text);
int store_pty_max(const struct proc_who *w, char *text);
int store_hostname(const struct proc_who *w, char *text);
int store_domainname(const struct proc_who *w, char *text);
int store_core_pattern(const struct proc_who *w, char *text);
int store_core_uses_pid(const struct proc_who *w, char *text);
int store_msgmax(const struct proc_who *w, char *text);
int store_msgmnb(const struct proc_who *w, char *text);
int store_msgmni(const struct proc_who *w, char *text);
int store_sem_limits(const struct proc_who *w, char *text);
int store_mq_queues_max(const struct proc_who *w, char *text);
int store_mq_msg_max(const struct proc_who *w, char *text);
int store_mq_msgsize_max(const struct proc_who *w, char *text);
int store_mq_msg_default(const struct proc_who *w, char *text);
int store_mq_msgsize_default(const struct proc_who *w, char *text);
int store_ip_local_port_range(const struct proc_who *w, char *text);
int store_drop_caches(const struct proc_who *w, char *text);
int store_nr_trim_pages(const struct proc_who *w, char *text);

/* show_locks.c: the lines in fdinfo of the locks that f has, or the table of descriptors on its inode. */
void show_file_locks(struct proc_out *o, const struct file *f, const struct fd_table *fds);

#endif
