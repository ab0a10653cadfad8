/* SPDX-License-Identifier: MIT
 *
 * Names of AF_UNIX sockets.
 *
 * A path is a node in a file system; which socket it means is known by its inode.  Abstract names are bytes behind a NUL,
 * all that the length says.  Names are separate for each type of socket.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/host/clock.h"
#include "emu/kernel/task.h"
#include "emu/net/unix.h"

enum { AF_UNIX_ = 1, FAMILY_SIZE = 2, AUTO_NAMES = 0x100000 };

static struct unix_sock *of_node(const struct tree_node *n) { return tree_entry(n, struct unix_sock, by_name); }

/* --- Who has which: two trees --- */

static int compare_key(unsigned type, const char *bytes, uint32_t len, const struct unix_sock *u)
{
	if (type != u->s.type)
		return type < u->s.type ? -1 : 1;
	if (len != u->name->len)
		return len < u->name->len ? -1 : 1;
	return memcmp(bytes, u->name->bytes, len);
}

static int compare_names(const struct tree_node *a, const struct tree_node *b)
{
	const struct unix_sock *u = of_node(a);

	return compare_key(u->s.type, u->name->bytes, u->name->len, of_node(b));
}

static int compare_inodes(const struct tree_node *a, const struct tree_node *b)
{
	uintptr_t x = (uintptr_t)of_node(a)->path.dentry->inode, y = (uintptr_t)of_node(b)->path.dentry->inode;

	return x < y ? -1 : x > y;
}

static const struct tree_ops name_ops = { .compare = compare_names };
static const struct tree_ops inode_ops = { .compare = compare_inodes };

int unix_net_new(struct net *n)
{
	n->unix_ = calloc(1, sizeof *n->unix_);
	if (!n->unix_)
		return -ENOMEM;
	tree_init(&n->unix_->names, &name_ops);
	tree_init(&n->unix_->inodes, &inode_ops);
	unix_users_init(n->unix_);
	return 0;
}

void unix_net_free(struct net *n)
{
	free(n->unix_);
	n->unix_ = NULL;
}

static struct unix_sock *by_name(struct net *n, unsigned type, const char *bytes, uint32_t len)
{
	struct tree_node *t = n->unix_->names.root;

	while (t) {
		int c = compare_key(type, bytes, len, of_node(t));

		if (!c)
			return of_node(t);
		t = c < 0 ? t->left : t->right;
	}
	return NULL;
}

static struct unix_sock *by_inode(struct net *n, const struct inode *i)
{
	struct tree_node *t = n->unix_->inodes.root;

	while (t) {
		const struct inode *here = of_node(t)->path.dentry->inode;

		if (i == here)
			return of_node(t);
		t = (uintptr_t)i < (uintptr_t)here ? t->left : t->right;
	}
	return NULL;
}

/* --- Addresses --- */

int unix_check_name(const struct sock_addr *a)
{
	return a->len <= FAMILY_SIZE || a->len > FAMILY_SIZE + UNIX_PATH || a->family != AF_UNIX_ ? -EINVAL : 0;
}

/* The path in an address, which need not be terminated there. */
static void path_in(const struct sock_addr *a, char path[UNIX_PATH + 1])
{
	uint32_t len = a->len - FAMILY_SIZE;

	memcpy(path, a->bytes + FAMILY_SIZE, len);
	path[len] = 0;
}

static struct unix_name *name_new(const char *bytes, uint32_t len)
{
	struct unix_name *n = malloc(sizeof *n + len);

	if (!n)
		return NULL;
	n->refs = 1;
	n->len = len;
	memcpy(n->bytes, bytes, len);
	return n;
}

void unix_name_put(struct unix_name *n)
{
	if (n && --n->refs == 0)
		free(n);
}

void unix_tell_name(const struct unix_sock *u, struct sock_addr *out)
{
	out->family = AF_UNIX_;
	out->len = FAMILY_SIZE;
	if (!u->name)
		return;
	memcpy(out->bytes + FAMILY_SIZE, u->name->bytes, u->name->len);
	out->len += u->name->len;
}

/* --- Binding --- */

static int bind_path(struct unix_sock *u, struct task *t, const struct sock_addr *a)
{
	struct net *n = u->s.net;
	char path[UNIX_PATH + 1];
	struct unix_name *name;
	struct vfs_cred cred;
	struct path_ref made;
	struct walk w;
	int err;

	path_in(a, path);
	name = name_new(path, (uint32_t)strlen(path) + 1);
	if (!name)
		return -ENOMEM;
	err = task_walk(t, -100 /* AT_FDCWD */, path, 0, &w, &cred);
	if (!err)
		err = vfs_mknod_at(&w, path, S_IFSOCK | (0777 & ~t->fs->umask), &made);
	if (!err && u->name) {
		/* The kernel makes the node before it looks, and takes it away again. */
		path_put(&made);
		vfs_unlink(&w, path);
		err = -EINVAL;
	}
	if (err) {
		unix_name_put(name);
		return err == -EEXIST ? -EADDRINUSE : err;
	}
	u->name = name;
	u->path = made;
	u->hashed = true;
	tree_insert(&n->unix_->inodes, &u->by_name);
	return 0;
}

static int bind_abstract(struct unix_sock *u, const char *bytes, uint32_t len)
{
	struct net *n = u->s.net;
	struct unix_name *name = name_new(bytes, len);

	if (!name)
		return -ENOMEM;
	if (u->name || by_name(n, u->s.type, bytes, len)) {
		unix_name_put(name);
		return u->name ? -EINVAL : -EADDRINUSE;
	}
	u->name = name;
	u->hashed = true;
	tree_insert(&n->unix_->names, &u->by_name);
	return 0;
}

/* Five hexadecimal digits that nobody has. */
int unix_autobind(struct unix_sock *u)
{
	uint32_t random;
	int err;

	if (u->name)
		return 0;
	entropy_bytes(u->s.net->machine, &random, sizeof random);
	for (uint32_t tries = 0; tries < AUTO_NAMES; tries++) {
		char name[8] = "";

		snprintf(name + 1, sizeof name - 1, "%05x", (random + tries) & (AUTO_NAMES - 1));
		err = bind_abstract(u, name, 6);
		if (err != -EADDRINUSE)
			return err;
	}
	return -ENOSPC;
}

int unix_bind(struct sock *s, struct task *t, const struct sock_addr *a)
{
	struct unix_sock *u = unix_sk(s);
	int err;

	if (a->len == FAMILY_SIZE && a->family == AF_UNIX_)
		return unix_autobind(u);
	err = unix_check_name(a);
	if (err)
		return err;
	if (a->bytes[FAMILY_SIZE])
		return bind_path(u, t, a);
	return bind_abstract(u, (const char *)a->bytes + FAMILY_SIZE, a->len - FAMILY_SIZE);
}

void unix_unbind(struct unix_sock *u)
{
	struct unix_net *n = u->s.net->unix_;

	if (u->hashed) {
		tree_remove(u->path.dentry ? &n->inodes : &n->names, &u->by_name);
		u->hashed = false;
	}
	if (u->path.dentry)
		path_put(&u->path);
	u->path = (struct path_ref){ 0 };
}

/* --- Finding --- */

static int find_path(struct sock *asking, struct task *t, const struct sock_addr *a, struct unix_sock **out)
{
	char path[UNIX_PATH + 1];
	struct vfs_cred cred;
	struct path_ref p;
	struct unix_sock *u;
	struct walk w;
	int err;

	path_in(a, path);
	err = task_walk(t, -100 /* AT_FDCWD */, path, WALK_FOLLOW, &w, &cred);
	if (!err)
		err = vfs_walk(&w, path, &p, NULL);
	if (err)
		return err;
	err = vfs_permission(p.dentry->inode, 2, &cred);
	if (!err) {
		u = S_ISSOCK(p.dentry->inode->mode) ? by_inode(asking->net, p.dentry->inode) : NULL;
		err = !u ? -ECONNREFUSED : u->s.type != asking->type ? -EPROTOTYPE : 0;
		*out = u;
	}
	path_put(&p);
	return err;
}

int unix_find(struct sock *asking, struct task *t, const struct sock_addr *a, struct unix_sock **out)
{
	if (a->bytes[FAMILY_SIZE])
		return find_path(asking, t, a, out);
	*out = by_name(asking->net, asking->type, (const char *)a->bytes + FAMILY_SIZE, a->len - FAMILY_SIZE);
	return *out ? 0 : -ECONNREFUSED;
}
