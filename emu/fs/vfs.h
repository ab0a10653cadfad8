/* SPDX-License-Identifier: MIT
 *
 * The virtual file system: inodes, dentries, mounts, open files.
 *
 * As in Linux: an inode is a file, a dentry is a name for one (and for memory file
 * systems the tree of dentries *is* the directory), a mount puts a tree's root over a
 * dentry, a path is a dentry in a mount, a file is an open file description.  All are
 * reference-counted; *_get adds a reference, *_put drops one; functions that give one to
 * the caller say so.
 *
 * File operations never block and know no tasks: an operation that cannot go on
 * returns -EAGAIN; the system call layer then asks poll() to put the task on the
 * right wait queue and repeats the call later.
 *
 * Buffers are host memory: the system call layer hands in spans of guest memory.
 */
#ifndef EMU_FS_VFS_H
#define EMU_FS_VFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "emu/kernel/wait.h"
#include "mm/source.h"
#include "mm/tree.h"

struct machine;
struct block_device;
struct epoll_watch;
struct inode_watch;
struct sigio;
struct proc_out;
struct inode;
struct dentry;
struct mount;
struct file;
struct fs_super;
struct disk;

/* Who asks: for permission checks and the owner of what is created. */
struct vfs_cred {
	uint32_t uid, gid;		/* file-system ids */
	uint32_t ngroups;
	const uint32_t *groups;		/* in ascending order */
	uint64_t caps;			/* capabilities in effect */
};
enum vfs_cap {	/* of these: CAP_CHOWN and so on */
	VFS_CHOWN = 0, VFS_DAC_OVERRIDE = 1, VFS_DAC_READ_SEARCH = 2, VFS_FOWNER = 3, VFS_FSETID = 4, VFS_MKNOD = 27,
};
#define VFS_ALL_CAPS UINT64_MAX
static inline bool vfs_capable(const struct vfs_cred *cred, enum vfs_cap cap) { return cred->caps >> cap & 1; }

struct path_ref { struct mount *mnt; struct dentry *dentry; };

struct vfs_time { int64_t sec; uint32_t nsec; };

/* Linux's own mode bits (S_IFREG ...), open flags (O_*, asm-generic numbers) and poll bits are used. */

struct inode_ops {
	/*
	 * Directories of generated file systems: finds `name` (len bytes, not NUL-terminated) and gives a
	 * new inode reference, -ENOENT.  NULL: the dentry tree is complete (ramfs).
	 */
	int (*lookup)(struct inode *dir, const char *name, size_t len, struct inode **out);
	/* True while a cached dentry of this inode is still right (a pid may be gone). NULL: always. */
	bool (*still_valid)(struct inode *inode);
	/*
	 * Makes a new inode in dir for the name: mode has type and permissions, rdev for devices, target for
	 * symbolic links.  NULL: -EROFS/-EPERM as the file system's nature wants.
	 */
	int (*create)(struct inode *dir, uint32_t mode, uint32_t rdev, const char *target,
		      const struct vfs_cred *cred, struct inode **out);
	/* Symbolic links: the target, at most size bytes, not NUL-terminated. Its length or -errno. */
	int (*readlink)(struct inode *inode, char *buf, size_t size);
	/* "Magic" links (/proc/PID/exe, fd/N, cwd): a path with references. NULL: readlink's text is walked. */
	int (*follow)(struct inode *inode, struct path_ref *out_path);
	/* Sets the length in bytes (ftruncate, O_TRUNC). NULL: -EINVAL. */
	int (*truncate)(struct inode *inode, uint64_t size);
	/* How many of the pages first to last, both included, are kept in memory.  NULL: none are. */
	uint64_t (*cached)(struct inode *inode, uint64_t first, uint64_t last);
	/* Refreshes size, times, nlink before they are reported. May be NULL. */
	void (*refresh)(struct inode *inode);
	/* Permissions other than by mode, uid and gid. NULL: generic. mask: 4 read, 2 write, 1 exec. */
	int (*permission)(struct inode *inode, int mask, const struct vfs_cred *cred);
	/* The last reference is gone: free what hangs on `private`. The inode itself is freed by vfs. */
	void (*evict)(struct inode *inode);
	/*
	 * Changes of names.  A directory with a complete dentry tree (lookup NULL) that has `create` needs none of
	 * them: vfs changes the tree and the link counts.  With lookup and without these: -EPERM.
	 */
	int (*create_named)(struct inode *dir, const char *name, uint32_t mode, uint32_t rdev, const char *target,
			    const struct vfs_cred *cred, struct inode **out);	/* instead of create */
	bool create_looks;	/* create_named() itself says -EEXIST: a name need not be looked for before it is made */
	/* A regular file without a name, no links (O_TMPFILE).  NULL: -EOPNOTSUPP, unless the tree is complete. */
	int (*tmpfile)(struct inode *dir, uint32_t mode, const struct vfs_cred *cred, struct inode **out);
	int (*link)(struct inode *dir, const char *name, struct inode *inode);
	int (*remove)(struct inode *dir, const char *name, struct inode *victim);	/* unlink and rmdir */
	int (*rename)(struct inode *from, const char *old, struct inode *to, const char *name, unsigned flags);
	/* Before mode, owner or times change (what: VFS_SET_*; new values in *to). NULL: nothing to ask. */
	int (*setattr)(struct inode *inode, const struct inode *to, unsigned what);
	/*
	 * Extended attributes; who may has been checked.  A size of 0 only asks how large it is; -ERANGE: larger than that; -ENODATA:
	 * not there; flags: XATTR_CREATE, XATTR_REPLACE.  A list is of names with a NUL behind each.  NULL: -EOPNOTSUPP, an empty list.
	 */
	int64_t (*getxattr)(struct inode *inode, const char *name, void *value, size_t size);
	int (*setxattr)(struct inode *inode, const char *name, const void *value, size_t size, int flags);
	int64_t (*listxattr)(struct inode *inode, char *list, size_t size);
	int (*removexattr)(struct inode *inode, const char *name);
	/*
	 * Files of the host change behind our back: whether the name is still that of an inode it had, which gets its
	 * attributes anew.  If not, it is looked up; lookup() gives the same struct inode for the same file as long as that is
	 * alive.  NULL: names change only by these operations.
	 */
	bool (*recheck)(struct inode *dir, const char *name, size_t len, struct inode *known);
	/*
	 * recheck() of several names at once: whether `path` (NUL-terminated, relative to dir, no "." or "..") leads to the
	 * directory it led to.  False: that is not so, or cannot be told; then name by name.  NULL: always.
	 */
	bool (*recheck_path)(struct inode *dir, const char *path, struct inode *known);
	/*
	 * What lookup() and refresh() would say of a name, without an inode: attributes and super, into *seen, which is nobody
	 * else's; its refs are those of the inode that there is, or 0.  -EAGAIN: look it up.  NULL: always.
	 */
	int (*peek)(struct inode *dir, const char *name, size_t len, struct inode *seen);
	bool fixed_names;	/* complete tree: names are made and removed only; no link, rename, O_TMPFILE */
};
enum { VFS_SET_MODE = 1, VFS_SET_UID = 2, VFS_SET_GID = 4, VFS_SET_ATIME = 8, VFS_SET_MTIME = 16 };

typedef int (*vfs_fill_fn)(void *ctx, const char *name, size_t len, uint64_t ino, unsigned d_type, uint64_t next);

struct file_ops {
	/*
	 * Called when a file is opened on the inode (f->flags, f->inode set).  May set f->private and
	 * replace f->ops.  -EAGAIN: not yet (FIFOs); poll() then says on what to wait.
	 */
	int (*open)(struct file *f);
	void (*release)(struct file *f);
	void (*flush)(struct file *f);	/* a descriptor of it is closed; others may be left.  NULL: nothing to do */
	/* Bytes moved, or -errno; *pos is advanced by the operation. NULL: -EINVAL. */
	int64_t (*read)(struct file *f, void *buf, size_t len, uint64_t *pos);
	int64_t (*write)(struct file *f, const void *buf, size_t len, uint64_t *pos);
	int64_t (*lseek)(struct file *f, int64_t offset, int whence);	/* NULL: generic, by inode size */
	/*
	 * Directories: calls fill for each entry from position f->pos on; fill's `next` is the position after it;
	 * stops when fill returns non-zero. NULL for directories with a complete dentry tree: generic.
	 * "." and ".." are the caller's, at positions 0 and 1: f->pos is 2 or more here.
	 */
	int (*readdir)(struct file *f, void *ctx, vfs_fill_fn fill);
	/* POLLIN... now; puts w (if not NULL) on all queues that may change it: poll_wait(). NULL: always ready. */
	unsigned (*poll)(struct file *f, struct waiter *w);
	/* arg is the guest's third argument; guest memory only through emu/sys/user.h. -ENOTTY: unknown. */
	int64_t (*ioctl)(struct file *f, struct task *t, uint32_t cmd, uint32_t arg);
	int (*fsync)(struct file *f);
	/* What /proc/PID/fd/N reads for files without a name: "pipe:[12]". NULL: the path. */
	void (*describe)(struct file *f, char *buf, size_t size);
	/* Its own lines in /proc/PID/fdinfo/N. NULL: none. */
	void (*show)(struct file *f, struct proc_out *o);
	bool async;			/* O_ASYNC works: it can send signals when it is ready */
	/*
	 * Who waits for it waits as for a disk (TASK_KILLABLE): O_NONBLOCK means nothing, and no signal interrupts that but one that
	 * ends the task.
	 */
	bool killable;
};

struct inode {
	unsigned refs;
	uint64_t ino;
	uint32_t mode;			/* type and permissions */
	uint32_t uid, gid, nlink;
	uint32_t rdev;			/* guest device number (major << 8 | minor for small ones; vfs_makedev()) */
	uint64_t size;			/* bytes */
	uint64_t blocks;		/* memory or disk it takes, in units of 512 bytes */
	struct vfs_time atime, mtime, ctime, btime;
	struct fs_super *super;
	const struct inode_ops *ops;
	const struct file_ops *fops;	/* what open() starts with */
	bool no_caps;			/* it is known to have no security.capability: file_caps.h */
	struct mm_source source;	/* for mmap; source.ops NULL: cannot be mapped */
	void *private;			/* the file system's own */
	struct wait_queue fifo_wait;	/* FIFOs: openers */
	struct inode_watch *watches;	/* emu/fs/notify.h */
	struct pipe *pipe;		/* FIFOs */
	uint32_t writers, denied;	/* open for writing; being executed (ETXTBSY both ways) */
	struct file_locks *locks;	/* emu/fs/locks.h; NULL: none */
	bool linkable;			/* O_TMPFILE: may get a name although it has none */
	/* vfs's own: a name of it (not a reference), and while it is mapped that name with a reference. */
	struct dentry *alias, *map_alias;
	unsigned regions;
};

/* Whose source it is: that of an inode. */
static inline struct inode *inode_of_source(struct mm_source *s)
{
	return (struct inode *)(void *)((char *)s - offsetof(struct inode, source));
}

struct dentry {
	unsigned refs;
	struct dentry *parent;		/* itself for a root; a reference */
	struct inode *inode;		/* a reference */
	char *name;			/* owned */
	uint32_t hash, len;		/* of the name */
	bool unlinked;			/* no longer in its directory: " (deleted)" */
	bool pinned;			/* the tree itself has a reference: memory file systems */
	struct dentry_children *children;	/* by name and by cookie, both O(log n); NULL: never had any */
	struct mount *mounted;		/* what covers it, one for each mount it is seen in (next_here) */
	uint64_t cookie;		/* position in its directory, grows: stable readdir under change */
	struct tree_node by_name, by_cookie;
};

struct fs_type {
	const char *name;		/* "tmpfs" */
	uint32_t magic;			/* statfs f_type */
	bool nodev;			/* as in /proc/filesystems: it needs no block device */
	bool on_mtd;			/* mount(2) may name its device "mtd0" or "mtd:NAME" (get_tree_mtd()) */
	bool read_only;			/* always; a remount for writing succeeds and changes nothing (romfs, cramfs) */
	/* Makes a superblock with root inode. options: mount(2)'s data, may be NULL. */
	int (*mount)(struct machine *m, const char *source, const char *options, struct fs_super **out);
	/*
	 * Instead of it, of those on a block device (emu/fs/disk.h): s->disk is there and held, s->read_only what mount(2)
	 * asked for.  Makes s->root.  After an error s is dropped, with what is in it.
	 */
	int (*fill)(struct fs_super *s, const char *options);
};

struct vfs_statfs { uint64_t bsize, blocks, bfree, bavail, files, ffree; uint32_t namelen; /* 0: 255 */ };

struct fs_super {
	const struct fs_type *type;
	struct machine *machine;
	struct dentry *root;
	uint32_t dev;			/* st_dev */
	uint64_t next_ino;
	void *private;
	struct disk *disk;		/* what it lies on: emu/fs/disk.h; NULL: nothing */
	void (*statfs)(struct fs_super *s, struct vfs_statfs *out);	/* NULL: zeros */
	void (*kill)(struct fs_super *s);	/* after the tree is gone */
	int (*remount)(struct fs_super *s, const char *options);	/* NULL: options mean nothing to it */
	/* It is to be read-only, or no longer, from now on: 0, or -errno and it stays as it was.  NULL: nothing to do. */
	int (*set_read_only)(struct fs_super *s, bool read_only);
	/* Writes what is not written yet; durable: so that it outlives the host.  NULL: nothing is kept back. */
	int (*sync)(struct fs_super *s, bool durable);
	/* For /proc/mounts: ",size=64k,mode=755", "" if none.  NULL: none. */
	void (*show_options)(struct fs_super *s, char *buf, size_t size);
	unsigned refs;			/* mounts of it; the rest is vfs's own, too */
	uint64_t inodes;		/* alive */
	uint64_t regions;		/* mappings of its files */
	struct inode_watch *watches;	/* of its inodes */
	bool dead;			/* no mount any more */
	bool read_only;			/* whatever its mounts say */
	bool coarse_times;		/* whole seconds only */
	bool write_protected;		/* read_only for good: no mount option changes it */
};

struct mount {
	unsigned refs;
	struct fs_super *super;
	struct dentry *root;
	struct mount *parent;		/* NULL for the root mount */
	struct dentry *point;		/* in the parent */
	uint32_t flags;			/* MS_RDONLY, MS_NOEXEC ... */
	char *source;			/* "tmpfs", "none", a device */
	struct mount *next, *prev;	/* all mounts, in order of mounting */
	struct mount_ns *ns;		/* whose root it is: emu/fs/nsfs.h; NULL: nobody's */
	struct mount *twin;		/* while a tree is copied: its copy */
	int id;
	uint64_t unique;		/* grows, never used twice: what listmount() calls it */
	bool detached;			/* the top of a tree that hangs nowhere yet: fsmount(), open_tree() */
	int group, master;		/* its peers; whose slave it is: propagate.c.  0: none */
	bool unbindable;		/* MS_UNBINDABLE */
	bool copied;			/* by the propagation that is under way */
	bool expiring;			/* MNT_EXPIRE was here, and nobody since */
	struct mount *next_here;	/* others over the same dentry */
	unsigned children;		/* mounts on it */
	unsigned writers;		/* files of it open for writing */
};
static inline bool mount_read_only(const struct mount *m) { return (m->flags & 1 /* MS_RDONLY */) || m->super->read_only; }

/* Who gets a file's signals: a thread, a process, or a group, as F_OWNER_* says; and who has said so. */
struct file_owner { int type, id, sig; uint32_t uid, euid; };

struct file {
	unsigned refs;
	struct path_ref path;		/* dentry NULL for pipes, anonymous files */
	struct inode *inode;
	const struct file_ops *ops;
	uint32_t flags;			/* O_* as opened, with later F_SETFL changes; O_ACCMODE tells readable, writable */
	uint64_t pos;
	void *private;
	uint64_t version;		/* for the owner's use */
	uint64_t serial;		/* which one it is: vfs_serial() */
	struct epoll_watch *watches;	/* epolls it is in: emu/event/epoll.h */
	struct file_owner owner;	/* F_SETOWN, F_SETSIG */
	struct sigio *sigio;		/* O_ASYNC: emu/event/sigio.h; NULL: off */
	struct mm_source *source;	/* what mmap of it uses; NULL: cannot be mapped */
	bool opening;			/* a FIFO that still waits for its other end */
	bool writer;			/* counted in inode->writers */
	bool privileged;		/* opened with CAP_FSETID: where no task writes, set-user-ID bits are kept */
	bool created;			/* it was made by this open */
	bool opened;			/* who watches has been told, and is told when it is closed */
};

/* --- Working directory, root, umask: shared by CLONE_FS. --- */
struct fs_context { unsigned refs; struct path_ref root, cwd; uint32_t umask; };

/* How a path is walked. */
enum {
	WALK_FOLLOW  = 1,	/* follow a symbolic link in the last component */
	WALK_PARENT  = 2,	/* stop at the parent; `last` gets the last component */
	WALK_DIR     = 4,	/* must be a directory */
	WALK_NO_MAGIC = 8, WALK_NO_SYMLINKS = 16, WALK_BENEATH = 32, WALK_IN_ROOT = 64, WALK_NO_XDEV = 128,
};
struct walk {
	struct fs_context *fs;
	struct path_ref start;		/* where relative paths start; dentry NULL: fs->cwd */
	const struct vfs_cred *cred;
	unsigned flags;
};
/*
 * Walks `path` (host string).  0 and references in *out, or -errno as Linux's namei gives: -ENOENT (also for ""),
 * -ENOTDIR, -EACCES, -ELOOP (more than 40 links), -ENAMETOOLONG.  With WALK_PARENT the last component is copied to
 * last[256] ("." and ".." and "/" included, the caller refuses them) and *out is the directory.
 */
int vfs_walk(const struct walk *w, const char *path, struct path_ref *out, char last[256]);
/*
 * The same for who wants to know what it is and nothing else.  Where the file system can say so in one step, the attributes are
 * in *seen, and out->dentry is NULL: no reference then, out->mnt may be looked at until anything else is done.
 */
int vfs_look(const struct walk *w, const char *path, struct path_ref *out, struct inode *seen);
void path_get(struct path_ref *p);
void path_put(struct path_ref *p);
/* Absolute path of p as seen from root, " (deleted)" appended if so. Length or -ERANGE; always terminated. */
int vfs_path_name(const struct path_ref *p, const struct path_ref *root, char *buf, size_t size);

/* --- The operations of the system calls; creds and fs context in *w; paths host strings. --- */
/*
 * -EAGAIN with *out set: a FIFO without its other end.  The file counts as an end already; the caller waits with
 * file_poll() and calls file_open_again() until that says 0, or drops it with file_put().
 */
int vfs_open(const struct walk *w, const char *path, uint32_t flags, uint32_t mode, struct file **out);
int file_open_again(struct file *f);	/* 0, -EAGAIN, -errno */
/* Opens what a path reference names (no permission checks when cred is NULL). */
int vfs_open_path(const struct path_ref *p, uint32_t flags, const struct vfs_cred *cred, struct file **out);
/* Modes: the umask is applied by the caller. */
int vfs_mknod(const struct walk *w, const char *path, uint32_t mode, uint32_t rdev);
/* The same, and where it is: references. */
int vfs_mknod_at(const struct walk *w, const char *path, uint32_t mode, struct path_ref *out);
int vfs_mkdir(const struct walk *w, const char *path, uint32_t mode);
int vfs_symlink(const struct walk *w, const char *target, const char *path);
int vfs_unlink(const struct walk *w, const char *path);
int vfs_rmdir(const struct walk *w, const char *path);
int vfs_link(const struct walk *from, const char *old, const struct walk *to, const char *new);
int vfs_link_ref(const struct path_ref *from, const struct walk *to, const char *new);	/* AT_EMPTY_PATH */
int vfs_rename(const struct walk *from, const char *old, const struct walk *to, const char *new, unsigned flags);
int vfs_permission(struct inode *inode, int mask, const struct vfs_cred *cred);
/* name: what it goes by, for those who watch; may be NULL.  -ETXTBSY, -EISDIR, -EFBIG, ... */
int vfs_truncate(struct inode *inode, struct dentry *name, uint64_t size);
int vfs_chmod(const struct path_ref *p, uint32_t mode, const struct vfs_cred *cred);
int vfs_chown(const struct path_ref *p, uint32_t uid, uint32_t gid, const struct vfs_cred *cred);	/* -1: unchanged */
/* NULL: leave that one as it is. */
int vfs_utimes(const struct path_ref *p, const struct vfs_time *atime, const struct vfs_time *mtime,
	       bool explicit_times, const struct vfs_cred *cred);
/*
 * Puts the files of a tree before those that have the same absolute path, for all whose root is the root as it is now and who
 * only want to read or execute them (qemu-user's -L): "/lib/x" is tree/lib/x if that exists and is no directory. Takes over the
 * reference; once.
 */
void vfs_prefix(struct machine *m, const struct path_ref *tree);
int vfs_mount(struct machine *m, const char *type, const char *source, const struct path_ref *on,
	      uint32_t flags, const char *options);
int vfs_bind(struct machine *m, const struct path_ref *from, const struct path_ref *on, uint32_t flags);
int vfs_remount(struct machine *m, const struct path_ref *p, uint32_t flags, const char *options);
int vfs_move_mount(struct machine *m, const struct path_ref *from, const struct path_ref *to);
/*
 * Trees that hang nowhere: a new mount of a superblock, a copy of what is at `from` (with what is mounted below, if asked for).
 * *out has references; vfs_move_mount() puts it in its place, vfs_dissolve() gives it up if that has not happened.
 */
int vfs_mount_detached(struct machine *m, struct fs_super *s, const char *source, uint32_t flags, struct path_ref *out);
int vfs_clone_detached(struct machine *m, const struct path_ref *from, bool recurse, struct path_ref *out);
void vfs_dissolve(struct machine *m, struct mount *top);
/* MS_SHARED, _PRIVATE, _SLAVE or _UNBINDABLE for the mount at p, and with `recurse` all below.  0 or -EINVAL. */
int vfs_change_propagation(struct machine *m, const struct path_ref *p, unsigned type, bool recurse);
/* Flags (MS_*) of the mount at p, and with `recurse` of all below: all of them or -errno. */
int vfs_change_flags(struct machine *m, const struct path_ref *p, uint32_t set, uint32_t clear, bool recurse);
/* Options and MS_RDONLY for the file system itself. */
int vfs_reconfigure(struct machine *m, struct fs_super *s, bool read_only, const char *options);
/* flags: MNT_DETACH (2) takes it out of sight at once; else -EBUSY while in use. */
int vfs_umount(struct machine *m, const struct path_ref *p, unsigned flags);
/* sync(2): everything that is kept back, and what disks have in caches.  Errors are in the log. */
void vfs_sync(struct machine *m);
/* root: the caller's, who then moves the root and working directories of tasks that were there. */
int vfs_pivot_root(struct machine *m, const struct path_ref *root, const struct path_ref *new_root, const struct path_ref *put_old);

/* --- Inodes, dentries, files, for those who write file systems --- */
/* A superblock for fs_type.mount to fill and return; vfs frees it when the last mount goes. NULL: no memory. */
struct fs_super *super_new(struct machine *m, const struct fs_type *type);
/*
 * What mount(2) and fsconfig(2) begin with: a superblock of the type, new (refs 0) or mounted elsewhere already.  0 or -errno;
 * whoever cannot use a new one drops it with super_free().
 */
int vfs_get_super(struct machine *m, const struct fs_type *t, const char *source, bool read_only, const char *options,
		  struct fs_super **out);
/* Undoes super_new() when mount fails after all. The root, if set, goes too. */
void super_free(struct fs_super *s);
/* One link (a directory two), all times now. */
struct inode *inode_new(struct fs_super *s, uint32_t mode, const struct inode_ops *ops, const struct file_ops *fops);
struct inode *inode_get(struct inode *i);
void inode_put(struct inode *i);
void inode_touch(struct inode *i, unsigned which);	/* 1 atime, 2 mtime, 4 ctime: now */
void inode_lost_name(struct inode *i);	/* where names are not vfs's own: unlinked, replaced; its links are counted anew */
struct dentry *dentry_new_root(struct inode *i);	/* takes the caller's inode reference */
struct dentry *dentry_get(struct dentry *d);
void dentry_put(struct dentry *d);
/* Adds a name to a complete dentry tree; takes a new reference on inode. 0, -EEXIST, -ENOMEM. */
int dentry_add(struct dentry *dir, const char *name, size_t len, struct inode *inode, struct dentry **out);
struct dentry *dentry_find(struct dentry *dir, const char *name, size_t len);	/* no reference, or NULL */

struct file *file_new(struct inode *i, const struct file_ops *ops, uint32_t flags);	/* takes a new inode reference */
/*
 * A name for what an open file is, for magic links: its path, or a nameless dentry made for it (pipes and
 * the like), which vfs_open_path() opens as a new file.  References. 0 or -ENOMEM.
 */
int file_path(struct file *f, struct path_ref *out);
struct file *file_get(struct file *f);
void file_put(struct file *f);		/* the last one releases */
static inline bool file_readable(const struct file *f) { return (f->flags & 3) != 1; }
static inline bool file_writable(const struct file *f) { return (f->flags & 3) != 0; }
/* With all checks of sys_read/sys_write but blocking; pos NULL: the file's own position. */
int64_t file_read(struct file *f, void *buf, size_t len, uint64_t *pos);
/* Reading or mapping moves atime: always, or (relatime) if it is older than the last change or a day old. */
void file_accessed(struct file *f);
int64_t file_write(struct file *f, const void *buf, size_t len, uint64_t *pos);
unsigned file_poll(struct file *f, struct waiter *w);	/* w NULL: just asks */
/* The new position, by the file's own lseek or the generic one; -ESPIPE for pipes. */
int64_t file_lseek(struct file *f, int64_t offset, int whence);
int64_t file_noop_lseek(struct file *f, int64_t offset, int whence);	/* for file_ops: the position stays */
/* Calls fill for each entry from f->pos on and moves f->pos behind the last one taken. -ENOTDIR, -ENOENT (removed). */
int file_readdir(struct file *f, void *ctx, vfs_fill_fn fill);
/*
 * An inode that belongs to no directory: pipes, eventfd, ... (the kernel's anon_inodefs, pipefs).
 * Without an fops->open it cannot be opened again through /proc/PID/fd: -ENXIO.
 */
struct inode *vfs_anon_inode(struct machine *m, uint32_t mode);
/* A file with such an inode of its own; it takes private. NULL: no memory. */
struct file *vfs_anon_file(struct machine *m, const struct file_ops *ops, void *private, uint32_t flags);
/* A number that was never given before: what is told apart by it is told apart the same way in each run. */
uint64_t vfs_serial(struct machine *m);

/*
 * What is kept in host memory for the guest (names, inodes, watches, events, open files, locks on them, large tables of descriptors,
 * signals, timers, filters), which a kernel would keep in the guest's: so that no guest can eat the host, it may take as much as
 * the guest has RAM.  0 or -ENOSPC.
 */
int vfs_charge(struct machine *m, uint64_t bytes);
void vfs_uncharge(struct machine *m, uint64_t bytes);

/* --- File descriptors: shared by CLONE_FILES. --- */
struct fd_table;
struct fd_table *fds_new(struct machine *m);	/* NULL: no memory */
struct fd_table *fds_get(struct fd_table *t);
bool fds_shared(const struct fd_table *t);	/* somebody else has a reference, too */
void fds_put(struct fd_table *t);		/* the last one closes all */
struct fd_table *fds_copy(struct fd_table *t);	/* for clone without CLONE_FILES; NULL: no memory */
/* Lowest free descriptor >= from and < limit takes f (the caller's reference). The number, -EMFILE, -ENOMEM. */
int fds_install(struct fd_table *t, struct file *f, unsigned from, unsigned limit, bool cloexec);
/* dup2: replaces whatever is at fd; takes the caller's reference. */
int fds_install_at(struct fd_table *t, struct file *f, unsigned fd, unsigned limit, bool cloexec);
unsigned fds_lowest(struct fd_table *t, unsigned from);	/* the number that fds_install() would take */
struct file *fds_look(struct fd_table *t, unsigned fd);	/* no reference, or NULL */
int fds_close(struct fd_table *t, unsigned fd);		/* 0 or -EBADF */
void fds_close_on_exec(struct fd_table *t);
bool fds_cloexec(struct fd_table *t, unsigned fd);
void fds_set_cloexec(struct fd_table *t, unsigned fd, bool on);
int fds_next(struct fd_table *t, unsigned from);	/* next open fd >= from, or -1 */
const char *fds_check(const struct fd_table *t, unsigned holders);	/* NULL, or what is wrong with it */

/* --- Device numbers and drivers --- */
static inline uint32_t vfs_makedev(uint32_t major, uint32_t minor)
{
	return (minor & 0xff) | (major & 0xfff) << 8 | (minor & 0xfff00) << 12;
}
static inline uint32_t vfs_major(uint32_t dev) { return dev >> 8 & 0xfff; }
static inline uint32_t vfs_minor(uint32_t dev) { return (dev & 0xff) | (dev >> 12 & 0xfff00); }
/*
 * A character device's operations; the source, if not NULL, is what mmap of it uses.  One with `minors` has so many from
 * dev on, and no nodes in devfs.  dir: the directory of /dev its node is in; NULL: /dev itself.
 */
struct vfs_chrdev {
	uint32_t dev;
	uint32_t minors;
	const char *name, *dir;
	uint32_t mode;
	const struct file_ops *fops;
	struct mm_source *source;
	void *private;
};
/* Registers a driver: opens of nodes with this number use it, devfs shows it. 0 or -errno. */
int vfs_register_chrdev(struct machine *m, const struct vfs_chrdev *dev);
/* All of them, in order of registration, until fn returns non-zero: for /proc/devices, /proc/filesystems. */
int vfs_walk_chrdevs(struct machine *m, int (*fn)(void *ctx, const struct vfs_chrdev *d), void *ctx);
/*
 * A block device (devices/block.h), the vfs's from a successful registration on.  driver: what /proc/devices calls it.
 * Opens of block nodes with this number use it, devfs shows it.  0 or -errno.
 */
struct blkdev_node;
/* What a driver has beyond reading and writing (each may be NULL).  n is the disk, never a partition of it. */
struct vfs_blkdev_ops {
	int (*opened)(struct blkdev_node *n);		/* somebody opens it: 0, or why not */
	/* One that the block layer does not know. */
	int64_t (*ioctl)(struct blkdev_node *n, struct file *f, struct task *t, uint32_t cmd, uint32_t arg);
	void (*unused)(struct blkdev_node *n);		/* its last user has gone, or the last of a partition */
	void (*shut)(struct blkdev_node *n);		/* the machine ends: whatever it holds of the vfs goes */
};
struct vfs_blkdev {
	uint32_t dev;
	const char *name, *driver;
	uint32_t mode;
	struct block_device *disk;
	unsigned minors;		/* device numbers from dev on that are the disk's and its partitions' */
	/* The vfs's own: BLKROSET; of a partition its number on the disk, and that disk's name and number. */
	bool read_only;
	unsigned partition;
	const char *whole_name;
	uint32_t whole_dev;
	const struct vfs_blkdev_ops *ops;	/* of the disk alone; or NULL */
	struct wait_queue *settled;	/* woken when the disk's flush() has something else to say than -EAGAIN; NULL: it never says that */
};
struct vfs_blkstat { uint64_t reads, sectors_read, writes, sectors_written; };
typedef int (*vfs_blkdev_fn)(void *ctx, const struct vfs_blkdev *d, const struct vfs_blkstat *stat);
int vfs_register_blkdev(struct machine *m, const struct vfs_blkdev *dev);
/* It is there no more: opening it is -ENXIO.  Whoever uses it still does; the disk is freed after the last. */
void vfs_unregister_blkdev(struct machine *m, uint32_t dev);
int vfs_walk_blkdevs(struct machine *m, vfs_blkdev_fn fn, void *ctx);
int vfs_walk_types(struct machine *m, int (*fn)(void *ctx, const struct fs_type *t), void *ctx);

/* The machine's file systems. */
struct vfs;
int vfs_new(struct machine *m, struct vfs **out);	/* an empty ramfs as root */
void vfs_free(struct vfs *v);
int vfs_register_fs(struct machine *m, const struct fs_type *t);
struct mount *vfs_root_mount(struct machine *m);	/* of the first namespace */
struct mount *vfs_mounts(struct machine *m);		/* first of all, of whatever namespace */
void fs_context_root(struct machine *m, struct fs_context *c);	/* at /, umask 022 */

/* Unpacks a newc cpio archive (plain or gzip) into the directory. 0 or -errno; why[] gets a sentence. */
int cpio_unpack(struct machine *m, const struct path_ref *root, const void *data, size_t size, char why[160]);
/* A pipe: two files, each with one reference for the caller. */
int pipe_new(struct machine *m, uint32_t flags, struct file **reader, struct file **writer);
/* F_GETPIPE_SZ, F_SETPIPE_SZ: the capacity in bytes. -EBADF: not a pipe; -EBUSY: more is in it; -EPERM; -EINVAL. */
int64_t pipe_capacity(struct file *f);
int64_t pipe_set_capacity(struct file *f, uint32_t bytes, bool privileged);
/* For splice(2) and its kin: what is in a pipe, and how much would fit. */
bool file_is_pipe(const struct file *f);
struct pipe_state { uint32_t used, room; bool writers, readers; };
struct pipe_state pipe_look(const struct file *f);
/* Copies up to len bytes from offset `skip` on, and leaves them there; how many. */
uint32_t pipe_peek(const struct file *f, uint32_t skip, void *buf, uint32_t len);
void pipe_discard(struct file *f, uint32_t n);	/* takes the first n, which are there */

#endif
