/* SPDX-License-Identifier: MIT
 *
 * statmount, listmount: mounts by a number that is never used twice (fs/namespace.c).
 */
#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include "emu/fs/internal.h"
#include "emu/kernel/files.h"
#include "emu/sys/mount_attr.h"

enum { SB_BASIC = 1, MNT_BASIC = 2, PROPAGATE_FROM = 4, MNT_ROOT = 8, MNT_POINT = 16, FS_TYPE = 32, MNT_NS_ID = 64,
       MNT_OPTS = 128 };
enum { REQUEST_VER0 = 24, REQUEST_VER1 = 32 };
#define LIST_ROOT UINT64_MAX		/* LSMT_ROOT */
#define LIST_MAX 1000000u
#define LIST_REVERSE 1u

struct request { uint32_t size, ns_fd; uint64_t mnt_id, param, ns_id; };
_Static_assert(sizeof(struct request) == REQUEST_VER1, "struct mnt_id_req");

struct guest_statmount {
	uint32_t size, mnt_opts;
	uint64_t mask;
	uint32_t sb_dev_major, sb_dev_minor;
	uint64_t sb_magic;
	uint32_t sb_flags, fs_type;
	uint64_t mnt_id, mnt_parent_id;
	uint32_t mnt_id_old, mnt_parent_id_old;
	uint64_t mnt_attr, mnt_propagation, mnt_peer_group, mnt_master, propagate_from;
	uint32_t mnt_root, mnt_point;
	uint64_t mnt_ns_id, spare[49];
};
_Static_assert(sizeof(struct guest_statmount) == 512, "struct statmount");

/* In which it is looked for: the caller's own, or one named by number or descriptor (grab_requested_mnt_ns()). */
static int requested_ns(struct task *t, const struct request *r, struct mount_ns **out)
{
	struct file *f;
	struct ns *n;

	if (r->ns_fd && r->ns_id)
		return -EINVAL;
	*out = r->ns_id ? mount_ns_by_id(t->machine, r->ns_id) : t->mounts;
	if (r->ns_fd) {
		f = files_io(t, r->ns_fd);
		if (!f)
			return -EBADF;
		n = nsfs_of_file(f);
		if (!n || n->ops != &mount_ns_ops)
			return -EINVAL;
		*out = mount_ns_from(n);
	}
	return *out && (*out == t->mounts || task_capable(t, CAP_SYS_ADMIN_)) ? 0 : -ENOENT;
}

/* copy_mnt_id_req() */
static int read_request(struct task *t, uint32_t addr, struct request *r, struct mount_ns **ns)
{
	uint32_t size;
	const uint8_t *rest;

	if (user_get32(t, addr, &size))
		return -EFAULT;
	if (size > FLAT_PAGE_SIZE)
		return -E2BIG;
	if (size < REQUEST_VER0)
		return -EINVAL;
	rest = user_span(t, addr, size);
	if (!rest)
		return -EFAULT;
	memset(r, 0, sizeof *r);
	memcpy(r, rest, size < sizeof *r ? size : sizeof *r);
	for (uint32_t i = sizeof *r; i < size; i++)
		if (rest[i])
			return -E2BIG;
	if (r->mnt_id <= MOUNT_UNIQUE_BASE)
		return -EINVAL;
	return requested_ns(t, r, ns);
}

static struct mount *find(const struct mount_ns *ns, uint64_t unique)
{
	struct mount *n = vfs_mounts(ns->ns.machine);

	while (n && n->unique != unique)
		n = n->next;
	return n && mount_ns_of(n) == ns ? n : NULL;
}

/* What a request sees as the root: its caller's, or that of the other namespace. */
static void root_of(const struct task *t, const struct mount_ns *ns, struct path_ref *out)
{
	if (ns != t->mounts) {
		mount_ns_root(ns, out);
		return;
	}
	*out = t->fs->root;
	path_get(out);
}

/* Its place, seen from the root; false: out of sight. */
static bool place(const struct path_ref *root, struct mount *n, char *buf, size_t size)
{
	const struct path_ref p = { n, n->root };

	return vfs_path_name(&p, root, buf, size) > 0 && buf[0] == '/';
}

/* --- statmount --- */

/* The strings behind the structure, the first of them empty. */
struct strings { char text[3 * PATH_LIMIT]; uint32_t used, room; };

static int add_string(struct guest_statmount *s, struct strings *all, uint64_t what, const char *text, uint32_t *where)
{
	size_t len = strlen(text) + 1;

	if (!all->used)
		all->text[all->used++] = 0;
	if (sizeof *s + all->used + len - 1 >= all->room || all->used + len > sizeof all->text)
		return -EOVERFLOW;
	memcpy(all->text + all->used, text, len);
	*where = all->used;
	all->used += (uint32_t)len;
	s->mask |= what;
	return 0;
}

/* Which folder of the file system it shows: "/" but for bind mounts. */
static void shown_root(const struct mount *n, char *buf, size_t size)
{
	const struct dentry *d = n->root;
	char *p = buf + size - 1;

	*p = 0;
	for (; d->parent != d && p - buf > (ptrdiff_t)d->len + 1; d = d->parent) {
		p -= d->len;
		memcpy(p, d->name, d->len);
		*--p = '/';
	}
	if (!*p)
		*--p = '/';
	memmove(buf, p, strlen(p) + 1);
}

static int fill_strings(const struct path_ref *root, struct mount *n, uint64_t mask, struct guest_statmount *s, struct strings *all)
{
	char text[PATH_LIMIT + 200] = "";
	int err = 0;

	if (mask & FS_TYPE)
		err = add_string(s, all, FS_TYPE, n->super->type->name, &s->fs_type);
	if (!err && (mask & MNT_ROOT)) {
		shown_root(n, text, sizeof text);
		err = add_string(s, all, MNT_ROOT, text, &s->mnt_root);
	}
	if (!err && (mask & MNT_POINT))
		err = add_string(s, all, MNT_POINT, place(root, n, text, sizeof text) ? text : "", &s->mnt_point);
	if (!err && (mask & MNT_OPTS)) {
		text[0] = 0;
		if (n->super->show_options)
			n->super->show_options(n->super, text, sizeof text);
		err = add_string(s, all, MNT_OPTS, text[0] == ',' ? text + 1 : text, &s->mnt_opts);
	}
	return err;
}

static void fill(const struct mount *n, uint64_t mask, const struct mount_ns *ns, struct guest_statmount *s)
{
	const struct mount *parent = n->parent ? n->parent : n;

	if (mask & SB_BASIC) {
		s->sb_dev_major = vfs_major(n->super->dev);
		s->sb_dev_minor = vfs_minor(n->super->dev);
		s->sb_magic = n->super->type->magic;
		s->sb_flags = n->super->read_only;
	}
	if (mask & MNT_BASIC) {
		s->mnt_id = n->unique;
		s->mnt_parent_id = parent->unique;
		s->mnt_id_old = (uint32_t)n->id;
		s->mnt_parent_id_old = (uint32_t)parent->id;
		s->mnt_attr = mount_flags_attr(n->flags);
		s->mnt_propagation = (n->group ? MS_SHARED : 0u) | (n->master ? MS_SLAVE : 0u) | (n->unbindable ? MS_UNBINDABLE : 0u);
		if (!s->mnt_propagation)
			s->mnt_propagation = MS_PRIVATE;
		s->mnt_peer_group = (uint64_t)n->group;
		s->mnt_master = (uint64_t)n->master;
	}
	if (mask & MNT_NS_ID)
		s->mnt_ns_id = ns->id;
	s->mask = mask & (SB_BASIC | MNT_BASIC | PROPAGATE_FROM | MNT_NS_ID);
}

int64_t sys_statmount(struct task *t, const uint32_t a[6])
{
	struct guest_statmount s = { 0 };
	struct strings all = { .room = a[2] };
	struct request r;
	struct mount_ns *ns;
	struct mount *n;
	struct path_ref root;
	char path[PATH_LIMIT + 200];
	uint32_t len;
	int err;

	if (a[3])
		return -EINVAL;
	err = read_request(t, a[0], &r, &ns);
	if (err)
		return err;
	n = find(ns, r.mnt_id);
	if (!n)
		return -ENOENT;
	root_of(t, ns, &root);
	if (!place(&root, n, path, sizeof path) && !task_capable(t, CAP_SYS_ADMIN_))
		err = -EPERM;
	if (!err) {
		fill(n, r.param, ns, &s);
		err = fill_strings(&root, n, r.param, &s, &all);
	}
	path_put(&root);
	if (err)
		return err;
	s.size = sizeof s + all.used;
	len = a[2] < sizeof s ? a[2] : sizeof s;
	if (all.used && user_write(t, a[1] + (uint32_t)sizeof s, all.text, all.used))
		return -EFAULT;
	return user_write(t, a[1], &s, len);
}

/* --- listmount --- */

/* The next one after `last` (before it, in reverse), by number. */
static struct mount *next_mount(const struct mount_ns *ns, uint64_t last, bool reverse)
{
	struct mount *best = NULL;

	for (struct mount *n = vfs_mounts(ns->ns.machine); n; n = n->next) {
		if (reverse ? n->unique >= last : n->unique <= last)
			continue;
		if ((!best || (reverse ? n->unique > best->unique : n->unique < best->unique)) && mount_ns_of(n) == ns)
			best = n;
	}
	return best;
}

static bool is_under(const struct mount *n, const struct path_ref *top)
{
	for (; n; n = n->parent)
		if (n == top->mnt || (n->parent == top->mnt && dentry_is_ancestor(top->dentry, n->point)))
			return n != top->mnt || top->dentry == n->root;
	return false;
}

int64_t sys_listmount(struct task *t, const uint32_t a[6])
{
	bool reverse = a[3] & LIST_REVERSE;
	struct path_ref top;
	struct mount_ns *ns;
	struct request r;
	struct mount *n;
	uint64_t last;
	uint32_t done = 0;
	int err;

	if (a[3] & ~LIST_REVERSE)
		return -EINVAL;
	if (a[2] > LIST_MAX)
		return -EOVERFLOW;
	err = read_request(t, a[0], &r, &ns);
	if (err)
		return err;
	if (r.param && r.param <= MOUNT_UNIQUE_BASE)
		return -EINVAL;
	if (r.mnt_id == LIST_ROOT) {
		root_of(t, ns, &top);
		path_put(&top);		/* it stays as long as this call */
	} else {
		n = find(ns, r.mnt_id);
		if (!n)
			return -ENOENT;
		top = (struct path_ref){ n, n->root };
	}
	last = r.param ? r.param : reverse ? UINT64_MAX : 0;
	while (done < a[2] && (n = next_mount(ns, last, reverse))) {
		last = n->unique;
		if (last == r.mnt_id || !is_under(n, &top))
			continue;
		if (user_write(t, a[1] + 8 * done, &last, sizeof last))
			return -EFAULT;
		done++;
	}
	return done;
}
