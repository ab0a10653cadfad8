/* SPDX-License-Identifier: MIT
 *
 * What the files of emu/fs share and nobody else sees.
 */
#ifndef EMU_FS_INTERNAL_H
#define EMU_FS_INTERNAL_H

#include "emu/fs/nsfs.h"
#include "emu/fs/vfs.h"
#include "emu/kernel/machine.h"

/* The guest's open flags (asm-generic), whatever the host's are. */
enum {
	FO_ACCMODE = 3, FO_RDONLY = 0, FO_WRONLY = 1, FO_RDWR = 2, FO_CREAT = 0100, FO_EXCL = 0200, FO_NOCTTY = 0400,
	FO_TRUNC = 01000, FO_APPEND = 02000, FO_NONBLOCK = 04000, FO_DIRECTORY = 0200000, FO_NOFOLLOW = 0400000,
	FO_NOATIME = 01000000, FO_CLOEXEC = 02000000, FO_PATH = 010000000, FO_TMPFILE = 020000000,
};
enum { NAME_LIMIT = 255, PATH_LIMIT = 4096, LINK_LIMIT = 40 };
#define FILE_SIZE_LIMIT INT64_MAX
/* As the sysctl fs.mount-max (there 100,000): a recursive bind can double the mounts with every call. */
enum { MOUNT_LIMIT = 10000 };
#define NS_FIRST_FREE_INO 0xf0000002u	/* the first one of mounts has the number before */
#define MOUNT_UNIQUE_BASE (UINT64_C(1) << 31)	/* MNT_UNIQUE_ID_OFFSET: not to be taken for the other kind of number */

/* What a name or an inode of a memory file system costs, in bytes: see vfs_charge(). */
enum { COST_INODE = 512, COST_DENTRY = 256 };
/* And an open file, with an inode that may be its own. */
enum { COST_FILE = 512 };
/* And a lock on a file. */
enum { COST_LOCK = 256 };

struct type_node { const struct fs_type *type; struct type_node *next; };
struct chrdev_node { struct vfs_chrdev dev; struct chrdev_node *next; };
struct blkdev_node;

struct vfs {
	struct machine *machine;
	struct mount *root, *last;	/* all mounts: the first namespace's root is the first */
	struct mount_ns *namespaces;	/* of mounts, by id: emu/fs/nsfs.h */
	uint64_t next_ns_id;
	uint32_t next_ns_ino;		/* of namespaces of all kinds */
	struct ns *ns_gone;		/* to be freed: ns_put() */
	bool ns_ending;
	struct mount *nsfs_mount;	/* in no list; NULL: not needed yet */
	int next_mount_id;
	uint64_t next_unique_mount;
	unsigned mounts;		/* in the list; at most MOUNT_LIMIT */
	uint64_t serials;		/* given so far */
	uint32_t next_dev;		/* minor of the next superblock, major 0 */
	struct fs_super *anon;		/* of inodes without a directory */
	struct mount *anon_mount;	/* in no list */
	struct fs_super *devtmpfs;	/* there is only one; a reference */
	struct fs_super *sysfs;		/* while it is mounted; no reference */
	struct mount *mqueue;		/* of the one mqueue file system; in no list */
	struct type_node *types;
	struct chrdev_node *chrdevs;
	struct blkdev_node *blkdevs;	/* emu/fs/blkdev.h */
	uint32_t next_ext_minor;	/* of partitions for which their disk has no numbers left */
	uint64_t charged, charge_limit;	/* bytes: vfs_charge() */
	struct lock_node *locks;	/* all there are, the newest: locks.c */
	uint32_t moves;			/* renames that somebody was told of */
	uint64_t pipe_bytes;		/* buffers of all pipes */
	struct mm_source dev_zero, dev_mem;
	struct host_share *shares;	/* folders of the host that the guest was lent: hostfs_share.c */
	struct path_ref prefix;		/* vfs_prefix(); dentry NULL: none */
	const struct dentry *prefix_root;	/* of those who see it; only to be compared */
};

struct dentry_children {
	struct tree names, cookies;
	uint64_t next_cookie;
};

/* --- vfs.c --- */
const struct fs_type *vfs_find_type(struct machine *m, const char *name);
const struct vfs_chrdev *vfs_find_chrdev(struct machine *m, uint32_t dev);

/* --- blkdev.c --- */
struct blkdev_node *blkdev_find(struct machine *m, uint32_t dev);	/* by number, or NULL */
/* Makes f, just opened on a block node, a file of its device; exclusive: O_EXCL.  0, -ENXIO, or -EBUSY: it is somebody's. */
int blkdev_attach(struct file *f, bool exclusive);
void blkdevs_flush(struct vfs *v);
void blkdevs_shut(struct vfs *v);		/* before the file systems go */
void blkdevs_free(struct vfs *v);
void blkdev_init_node(struct blkdev_node *n, struct machine *m);	/* n->dev is set, the rest zero */

/* --- inode.c --- */
void super_put(struct fs_super *s);	/* one mount of it went */
void inode_init_owner(struct inode *i, const struct inode *dir, const struct vfs_cred *cred);
bool time_after(const struct vfs_time *a, const struct vfs_time *b);
struct vfs_time vfs_now(struct machine *m);
struct vfs_time inode_now(const struct inode *i);	/* as exact as its file system is */

/* --- dentry.c --- */
/* A dentry that is in no directory yet, one reference; takes new ones on parent (NULL: itself) and inode. */
struct dentry *dentry_alloc(struct dentry *parent, const char *name, size_t len, struct inode *inode);
/* Puts it among its parent's children.  0 or -ENOMEM. */
int dentry_hash(struct dentry *d);
/* Takes it out, and gives back the tree's reference: the caller has one of its own. */
void dentry_drop(struct dentry *d);
/*
 * Gives it another name and place, where victim (NULL: nothing) makes room; the caller has a reference on
 * that.  0 or -ENOMEM, then nothing changed.
 */
int dentry_move(struct dentry *d, struct dentry *dir, const char *name, size_t len, struct dentry *victim);
void dentry_exchange(struct dentry *a, struct dentry *b);
bool dentry_empty(const struct dentry *dir);
/* The child with the lowest cookie >= from, or NULL. */
struct dentry *dentry_from(struct dentry *dir, uint64_t from);
/* Drops the tree's references on everything below. */
void dentry_drop_tree(struct dentry *root);
bool dentry_is_ancestor(const struct dentry *a, const struct dentry *d);	/* or the same */

/* --- namei.c: a walk in progress --- */
enum last_type { LAST_NAME, LAST_DOT, LAST_DOTDOT, LAST_ROOT };
struct nd {
	const struct walk *w;
	struct path_ref path, root;	/* where it is, with references; what it cannot leave */
	const char *rest;
	char *buf;			/* what rest points into, once there was a symbolic link */
	unsigned links;
	char last[NAME_LIMIT + 1];
	size_t last_len;
	enum last_type last_type;
	bool slash;			/* the last component had one behind it */
	uint32_t dir_mode, dir_uid;	/* of the directory it is in */
};
int nd_begin(struct nd *nd, const struct walk *w, const char *path);
/* The same for who wants what is there and will not change it: if it is under vfs_prefix(), the walk goes there. */
int nd_begin_to_read(struct nd *nd, const struct walk *w, const char *path);
/* Goes on until only one component is left: nd->path is its directory. */
int nd_parent(struct nd *nd);
/* Resolves the last component. 0: nd->path is it. 1: it was a link, go on with nd_parent(). */
int nd_step(struct nd *nd, bool follow);
void nd_end(struct nd *nd);
/* The walks for parents only: nd_begin() and nd_parent(); on success end with nd_end(). */
int nd_to_parent(struct nd *nd, const struct walk *w, const char *path);
/* A name in a directory, with a reference; no permission checks. -ENOENT, -errno. */
int lookup_one(struct dentry *dir, const char *name, size_t len, struct dentry **out);
/* Steps onto what is mounted here. */
void path_follow_mounts(struct path_ref *p);

/* --- protected.c: 0, or -EACCES, -EPERM where a sysctl forbids it --- */
int may_follow_link(const struct nd *nd, const struct inode *link);
int may_link(struct inode *i, const struct vfs_cred *cred);
int may_create_in_sticky(const struct nd *nd, const struct inode *i);	/* of an open with O_CREAT: it is there already */

/* --- create.c --- */
bool is_tree(const struct inode *dir);
/* May a name be made in the directory, taken out of it? 0 or -errno. */
int may_create(const struct path_ref *dir, const struct vfs_cred *cred);
/*
 * May the walk's last component be made?  -EEXIST: it is there.  With only_new, whoever makes it may have to be told so by the
 * file system (create_looks): then this has not looked.
 */
int may_make(const struct nd *nd, bool is_dir, bool only_new, const struct vfs_cred *cred);
int may_delete(const struct path_ref *dir, struct dentry *victim, bool is_dir, const struct vfs_cred *cred);
/* Makes name in dir, which does not have it; *out with a reference (NULL: not wanted). */
int create_name(struct dentry *dir, const char *name, size_t len, uint32_t mode, uint32_t rdev, const char *target,
		const struct vfs_cred *cred, struct dentry **out);

/* --- mount.c --- */
struct mount *mount_get(struct mount *m);
void mount_put(struct mount *m);
struct mount *mount_at(const struct path_ref *p);	/* what is mounted exactly there, or NULL */
int mount_new(struct machine *m, struct fs_super *s, struct dentry *root, const char *source, uint32_t flags,
	      struct mount **out);
void mounts_free(struct vfs *v);
bool mount_is_below(const struct mount *m, const struct mount *top);	/* or is it */
/* How a copy stands to what it is one of: both peers if that is shared, and slaves of the same; or its slave. */
enum mount_kinship { MOUNT_PEER, MOUNT_SLAVE, MOUNT_SHARED_SLAVE };
enum copied {
	COPY_TREE = 1,		/* what is mounted below, too */
	COPY_BOUND = 2,		/* and the files of namespaces of mounts that are mounted there */
	COPY_UNBINDABLE = 4,	/* and what is unbindable */
};
/* What lies at `from`, once more at `on`; what: COPY_*.  0, -ENOMEM, -ENOSPC. */
int mount_copy(struct machine *m, const struct path_ref *from, const struct path_ref *on, unsigned what, enum mount_kinship kin,
	       struct mount **out);
bool mount_shows_ns(const struct dentry *root);		/* the file of a namespace of mounts */
void mount_detach_tree(struct vfs *v, struct mount *top);
/*
 * A tree like that on root, all of it, which hangs nowhere; but no files that stand for namespaces of mounts.  Each mount then knows its
 * twin, until mount_forget_twins().  0, -ENOMEM, -ENOSPC.
 */
int mount_copy_all(struct machine *m, struct mount *root, struct mount **out);
void mount_forget_twins(struct vfs *v);

/* --- mount_ns.c --- */
int mount_ns_begin(struct machine *m);		/* the first one, of vfs->root.  0 or -errno */

/* --- propagate.c --- */
/* A tree has been hung somewhere: the same for all peers and slaves of what it hangs on.  On an error they have nothing. */
int propagate_mount(struct machine *m, struct mount *new);
/* n is to be taken down: what peers and slaves have there, too. only_look: -EBUSY if one of them is in use (unless lazy). */
int propagate_umount(struct machine *m, const struct mount *n, bool lazy, bool only_look);
/* It goes: out of its group. */
void propagation_end(struct vfs *v, struct mount *n);
int propagation_new_group(const struct vfs *v);
static inline bool path_read_only(const struct path_ref *p)
{
	return mount_read_only(p->mnt);
}
void host_shares_free(struct vfs *v);	/* hostfs_share.c */

/* --- source.c: for the mm_source_ops of file systems --- */
void inode_source_get(struct mm_source *s);
void inode_source_put(struct mm_source *s);
void inode_source_identify(struct mm_source *s, uint32_t *major, uint32_t *minor, uint64_t *ino, char *path,
			   size_t size);

/* --- attr.c --- */
/* Data was written by somebody unprivileged: set-user-ID and set-group-ID bits go. */
bool inode_remove_privs(struct inode *i);	/* true: there were some */
/* generic_permission(): by mode, uid and gid alone. */
int permission_by_mode(const struct inode *i, int mask, const struct vfs_cred *cred);
bool in_group(const struct vfs_cred *cred, uint32_t gid);

/* --- pipe.c --- */
void pipe_free(struct machine *m, struct pipe *p);
extern const struct file_ops fifo_fops;	/* of FIFO inodes: open makes the pipe */
unsigned fifo_poll_opening(struct file *f, struct waiter *w);
int fifo_open_again(struct file *f);

#endif
