/* SPDX-License-Identifier: MIT
 *
 * The lives of namespaces, and their files.
 */
#include "emu/fs/nsfs.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include "emu/fs/internal.h"
#include "emu/kernel/files.h"

enum { COST_NS = 1024 };

static const struct fs_type nsfs_type = { .name = "nsfs", .magic = 0x6e736673, .nodev = true };
static const struct file_ops ns_fops;

int ns_init(struct ns *n, struct machine *m, const struct ns_ops *ops, uint32_t ino)
{
	int err = vfs_charge(m, COST_NS);

	if (err)
		return err;
	if (!ino)
		ino = m->vfs->next_ns_ino++;
	*n = (struct ns){ .refs = 1, .ops = ops, .machine = m, .ino = ino };
	return 0;
}

struct ns *ns_get(struct ns *n)
{
	n->refs++;
	return n;
}

/* What is mounted in one may be the file of another: that comes next, instead of in the middle of this. */
void ns_put(struct ns *n)
{
	struct vfs *v;

	if (!n || --n->refs)
		return;
	v = n->machine->vfs;
	n->next_gone = v->ns_gone;
	v->ns_gone = n;
	if (v->ns_ending)
		return;
	v->ns_ending = true;
	while ((n = v->ns_gone)) {
		v->ns_gone = n->next_gone;
		vfs_uncharge(n->machine, COST_NS);
		n->ops->free(n);
	}
	v->ns_ending = false;
}

/* --- Files --- */

static void evict(struct inode *i)
{
	struct ns *n = i->private;

	n->inode = NULL;
	ns_put(n);
}

static const struct inode_ops ns_inode_ops = { .evict = evict };

static int begin(struct machine *m)
{
	struct fs_super *s;
	struct inode *top;
	int err;

	if (m->vfs->nsfs_mount)
		return 0;
	s = super_new(m, &nsfs_type);
	if (!s)
		return -ENOMEM;
	top = inode_new(s, 040700, NULL, NULL);
	s->root = top ? dentry_new_root(top) : NULL;
	err = s->root ? mount_new(m, s, s->root, "none", 0, &m->vfs->nsfs_mount) : -ENOMEM;
	if (err)
		super_free(s);
	return err;
}

/* With a reference; NULL: no memory. */
static struct inode *inode_of(struct ns *n)
{
	struct inode *i = n->inode;

	if (i)
		return inode_get(i);
	i = inode_new(n->machine->vfs->nsfs_mount->super, S_IFREG | 0444, &ns_inode_ops, &ns_fops);
	if (!i)
		return NULL;
	i->ino = n->ino;
	i->private = ns_get(n);
	n->inode = i;
	return i;
}

static int name_of(const struct ns *n, char *buf, size_t size)
{
	return snprintf(buf, size, "%s:[%u]", n->ops->name, n->ino);
}

int nsfs_path(struct ns *n, struct path_ref *out)
{
	char name[32];
	struct inode *i;
	int err = begin(n->machine);

	if (err)
		return err;
	i = inode_of(n);
	if (!i)
		return -ENOMEM;
	out->dentry = dentry_alloc(NULL, name, (size_t)name_of(n, name, sizeof name), i);
	inode_put(i);
	if (!out->dentry)
		return -ENOMEM;
	out->mnt = mount_get(n->machine->vfs->nsfs_mount);
	return 0;
}

int64_t nsfs_install(struct task *t, struct ns *n)
{
	struct path_ref p;
	struct file *f;
	int err = nsfs_path(n, &p);

	if (err)
		return err;
	err = vfs_open_path(&p, 0, NULL, &f);
	path_put(&p);
	return err ? err : files_install(t, f, 0, true);
}

struct ns *nsfs_of_file(const struct file *f)
{
	return f->ops == &ns_fops ? f->inode->private : NULL;
}

struct ns *nsfs_of_dentry(const struct dentry *d)
{
	return d->inode->ops == &ns_inode_ops ? d->inode->private : NULL;
}

static void describe(struct file *f, char *buf, size_t size)
{
	name_of(nsfs_of_file(f), buf, size);
}

/* --- ioctl(2) --- */

#define NSIO_READ(nr, size) (0x80000000u | (size) << 16 | 0xb7u << 8 | (nr))
enum { GET_USERNS = 0xb701, GET_PARENT, GET_NSTYPE, GET_OWNER_UID };
#define GET_MNTNS_ID NSIO_READ(5u, 8u)
enum { NR_GET_INFO = 10, NR_GET_NEXT, NR_GET_PREV };

struct guest_mnt_ns_info { uint32_t size, mounts; uint64_t id; };

static int64_t put_info(struct task *t, uint32_t addr, uint32_t room, const struct mount_ns *ns)
{
	struct guest_mnt_ns_info info = { .size = room < sizeof info ? room : sizeof info, .id = ns->id };

	for (const struct mount *n = vfs_mounts(t->machine); n; n = n->next)
		info.mounts += n != ns->root && mount_ns_of(n) == ns;	/* its root is not counted */
	return user_write(t, addr, &info, info.size);
}

/* Those that have the size of a structure in their number. */
static int64_t about_mounts(struct task *t, struct ns *n, uint32_t cmd, uint32_t arg)
{
	uint32_t nr = cmd & 0xff, room = cmd >> 16 & 0x3fff;
	struct mount_ns *ns, *other;

	if (nr < NR_GET_INFO || nr > NR_GET_PREV)
		return -ENOTTY;
	if (n->ops != &mount_ns_ops || room < sizeof(struct guest_mnt_ns_info) || (nr == NR_GET_INFO && !arg))
		return -EINVAL;
	ns = mount_ns_from(n);
	if (nr == NR_GET_INFO)
		return put_info(t, arg, room, ns);
	other = nr == NR_GET_NEXT ? ns->next : ns->prev;
	if (!other)
		return -ENOENT;
	if (arg && put_info(t, arg, room, other))
		return -EFAULT;
	return nsfs_install(t, &other->ns);
}

static int64_t ns_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg)
{
	struct ns *n = nsfs_of_file(f);

	if (((cmd & 0xff) == NR_GET_NEXT || (cmd & 0xff) == NR_GET_PREV) && !task_capable(t, CAP_SYS_ADMIN_))
		return -EPERM;
	switch (cmd) {
	case GET_USERNS:
		return -EPERM;		/* a kernel without user namespaces */
	case GET_PARENT: case GET_OWNER_UID:
		return -EINVAL;
	case GET_NSTYPE:
		return n->ops->flag;
	case GET_MNTNS_ID:
		return n->ops == &mount_ns_ops ? user_write(t, arg, &mount_ns_from(n)->id, 8) : -EINVAL;
	default:
		return about_mounts(t, n, cmd, arg);
	}
}

static const struct file_ops ns_fops = { .ioctl = ns_ioctl, .describe = describe };
