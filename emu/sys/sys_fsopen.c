/* SPDX-License-Identifier: MIT
 *
 * Mounting step by step: fsopen, fsconfig, fsmount, fspick (fs/fsopen.c, fs/fs_context.c).
 *
 * A context is a file.  Its parameters are collected as the text that mount(2) would be given, which is what Linux does for
 * file systems without parameters of their own; whether they are right is found out by FSCONFIG_CMD_CREATE.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include "emu/fs/internal.h"
#include "emu/kernel/files.h"
#include "emu/sys/mount_attr.h"

enum { OPTIONS_MAX = FLAT_PAGE_SIZE - 2, STRING_MAX = 256, BLOB_MAX = 1 << 20 };
enum phase { PARAMETERS, AWAITING_MOUNT, AWAITING_CHANGE, CHANGING, FAILED };

struct context {
	const struct fs_type *type;
	struct fs_super *super;		/* a reference; NULL before it is made */
	enum phase phase;
	bool read_only;
	char *source;
	char options[OPTIONS_MAX + 1];
};

/* --- The file --- */

static void context_free(struct context *c)
{
	if (c->super)
		super_put(c->super);
	free(c->source);
	free(c);
}

static void release_op(struct file *f)
{
	context_free(f->private);
}

/* The log of what went wrong: errnos say it all. */
static int64_t read_op(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	(void)f, (void)buf, (void)len, (void)pos;
	return -ENODATA;
}

static void describe_op(struct file *f, char *buf, size_t size)
{
	(void)f;
	snprintf(buf, size, "anon_inode:[fscontext]");
}

static const struct file_ops context_ops = { .release = release_op, .read = read_op, .describe = describe_op };

static int64_t context_file(struct task *t, struct context *c, bool cloexec)
{
	struct inode *i = vfs_anon_inode(t->machine, 0600);
	struct file *f = i ? file_new(i, &context_ops, FO_RDWR) : NULL;

	if (i)
		inode_put(i);
	if (!f) {
		context_free(c);
		return -ENOMEM;
	}
	f->private = c;
	return files_install(t, f, 0, cloexec);
}

static struct context *context_of(struct task *t, uint32_t fd, int64_t *err)
{
	struct file *f = files_io(t, fd);

	*err = !f ? -EBADF : f->ops == &context_ops ? 0 : -EINVAL;
	return *err ? NULL : f->private;
}

int64_t sys_fsopen(struct task *t, const uint32_t a[6])
{
	char name[PATH_MAX_GUEST];
	const struct fs_type *type;
	struct context *c;
	int64_t n;

	if (!task_capable(t, CAP_SYS_ADMIN_))
		return -EPERM;
	if (a[1] & ~1u /* FSOPEN_CLOEXEC */)
		return -EINVAL;
	n = user_path(t, name, a[0]);
	if (n < 0)
		return n == -ENAMETOOLONG ? -EINVAL : n;
	type = vfs_find_type(t->machine, name);
	if (!type)
		return -ENODEV;
	c = calloc(1, sizeof *c);
	if (!c)
		return -ENOMEM;
	c->type = type;
	return context_file(t, c, a[1]);
}

int64_t sys_fspick(struct task *t, const uint32_t a[6])
{
	enum { CLOEXEC = 1, NOFOLLOW = 2, NO_AUTOMOUNT = 4, EMPTY_PATH = 8 };
	struct at_target at;
	struct context *c;
	int err;

	if (!task_capable(t, CAP_SYS_ADMIN_))
		return -EPERM;
	if (a[2] & ~(uint32_t)(CLOEXEC | NOFOLLOW | NO_AUTOMOUNT | EMPTY_PATH))
		return -EINVAL;
	err = files_at(t, (int32_t)a[0], a[1], (a[2] & NOFOLLOW ? G_AT_SYMLINK_NOFOLLOW : 0) |
		       (a[2] & EMPTY_PATH ? G_AT_EMPTY_PATH : 0), &at);
	if (err)
		return err;
	c = at.path.dentry && at.path.dentry == at.path.mnt->root ? calloc(1, sizeof *c) : NULL;
	if (!c) {
		err = at.path.dentry && at.path.dentry == at.path.mnt->root ? -ENOMEM : -EINVAL;
		files_at_put(&at);
		return err;
	}
	c->super = at.path.mnt->super;
	c->super->refs++;
	c->type = c->super->type;
	c->read_only = c->super->read_only;
	c->phase = CHANGING;
	files_at_put(&at);
	return context_file(t, c, a[2] & CLOEXEC);
}

/* --- Parameters --- */

/* vfs_parse_sb_flag(): those that any file system has.  True: it was one. */
static bool common_flag(struct context *c, const char *key)
{
	static const char *const accepted[] = { "async", "sync", "dirsync", "lazytime", "nolazytime", "mand", "nomand" };

	if (!strcmp(key, "ro") || !strcmp(key, "rw")) {
		c->read_only = key[1] == 'o';
		return true;
	}
	for (unsigned i = 0; i < sizeof accepted / sizeof *accepted; i++)
		if (!strcmp(key, accepted[i]))
			return true;
	return false;
}

/* legacy_parse_param(); value NULL: a flag. */
static int64_t parameter(struct context *c, const char *key, const char *value)
{
	size_t have = strlen(c->options), need = strlen(key) + 1 + (value ? strlen(value) + 1 : 0);

	if (c->phase != PARAMETERS && c->phase != CHANGING && c->phase != AWAITING_CHANGE)
		return -EBUSY;
	if (c->phase == AWAITING_CHANGE)
		c->phase = CHANGING;
	if (!*key)
		return -EINVAL;
	if (common_flag(c, key))
		return 0;
	if (!strcmp(key, "source")) {
		if (!value || c->source)
			return -EINVAL;
		c->source = strdup(value);
		return c->source ? 0 : -ENOMEM;
	}
	if (strchr(key, ',') || (value && strchr(value, ',')) || have + need > OPTIONS_MAX)
		return -EINVAL;
	snprintf(c->options + have, sizeof c->options - have, "%s%s%s%s", have ? "," : "", key, value ? "=" : "",
		 value ? value : "");
	return 0;
}

static int64_t create(struct task *t, struct context *c)
{
	struct fs_super *s;
	int err;

	if (c->phase != PARAMETERS)
		return -EBUSY;
	c->phase = FAILED;
	err = vfs_get_super(t->machine, c->type, c->source, c->read_only, c->options[0] ? c->options : NULL, &s);
	if (err)
		return err;
	s->refs++;
	c->super = s;
	c->phase = AWAITING_MOUNT;
	return 0;
}

static int64_t reconfigure(struct task *t, struct context *c)
{
	int err;

	if (c->phase == AWAITING_CHANGE)
		c->phase = CHANGING;
	if (c->phase != CHANGING)
		return -EBUSY;
	err = vfs_reconfigure(t->machine, c->super, c->read_only, c->options[0] ? c->options : NULL);
	if (err) {
		c->phase = FAILED;
		return err;
	}
	c->options[0] = 0;
	c->phase = AWAITING_CHANGE;
	return 0;
}

enum command { SET_FLAG, SET_STRING, SET_BINARY, SET_PATH, SET_PATH_EMPTY, SET_FD, CREATE, RECONFIGURE, CREATE_EXCL };

/* Which of key, value and aux a command has.  0, -EINVAL, -EOPNOTSUPP. */
static int64_t check_shape(uint32_t cmd, bool key, bool value, int32_t aux)
{
	switch (cmd) {
	case SET_FLAG:
		return !key || value || aux ? -EINVAL : 0;
	case SET_STRING:
		return !key || !value || aux ? -EINVAL : 0;
	case SET_BINARY:
		return !key || !value || aux <= 0 || aux > BLOB_MAX ? -EINVAL : 0;
	case SET_PATH: case SET_PATH_EMPTY:
		return !key || !value || (aux != G_AT_FDCWD && aux < 0) ? -EINVAL : 0;
	case SET_FD:
		return !key || value || aux < 0 ? -EINVAL : 0;
	case CREATE: case CREATE_EXCL: case RECONFIGURE:
		return key || value || aux ? -EINVAL : 0;
	}
	return -EOPNOTSUPP;
}

/* strndup_user(): 0, -EFAULT, -EINVAL when it is too long. */
static int64_t string(struct task *t, char buf[STRING_MAX], uint32_t addr)
{
	int64_t n = addr ? flat_read_string(t->machine->flat, buf, addr, STRING_MAX) : 0;

	return n == -ENAMETOOLONG ? -EINVAL : n < 0 ? n : 0;
}

int64_t sys_fsconfig(struct task *t, const uint32_t a[6])
{
	char key[STRING_MAX], value[STRING_MAX];
	struct context *c;
	int64_t r;

	if ((int32_t)a[0] < 0)
		return -EINVAL;
	r = check_shape(a[1], a[2], a[3], (int32_t)a[4]);
	if (r)
		return r;
	c = context_of(t, a[0], &r);
	if (!c)
		return r;
	if (a[1] != SET_FLAG && a[1] != SET_STRING && a[1] != CREATE && a[1] != RECONFIGURE)
		return -EOPNOTSUPP;
	r = string(t, key, a[2]);
	if (!r)
		r = string(t, value, a[3]);
	if (r)
		return r;
	switch (a[1]) {
	case CREATE:
		return create(t, c);
	case RECONFIGURE:
		return reconfigure(t, c);
	}
	return parameter(c, key, a[1] == SET_STRING ? value : NULL);
}

int64_t sys_fsmount(struct task *t, const uint32_t a[6])
{
	struct path_ref made;
	struct context *c;
	uint32_t flags;
	int64_t r;

	if (!task_capable(t, CAP_SYS_ADMIN_))
		return -EPERM;
	if ((a[1] & ~1u /* FSMOUNT_CLOEXEC */) || mount_attr_flags(a[2], &flags))
		return -EINVAL;
	c = context_of(t, a[0], &r);
	if (!c)
		return r;
	if (!c->super)
		return -EINVAL;
	if (c->phase != AWAITING_MOUNT)
		return -EBUSY;
	r = vfs_mount_detached(t->machine, c->super, c->source, flags, &made);
	if (r)
		return r;
	c->options[0] = 0;
	c->phase = AWAITING_CHANGE;
	return mount_tree_file(t, &made, a[1]);
}
