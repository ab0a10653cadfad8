/* SPDX-License-Identifier: MIT
 *
 * The ioctls of /dev/loopN, with the kernel's order of checks (loop_configure(), loop_set_status(), loop_clr_fd()).
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/drivers/loop_private.h"
#include "emu/kernel/files.h"
#include "emu/kernel/task.h"
#include "emu/sys/user.h"

enum {
	LOOP_SET_FD_ = 0x4c00, LOOP_CLR_FD_, LOOP_SET_STATUS_, LOOP_GET_STATUS_, LOOP_SET_STATUS64_, LOOP_GET_STATUS64_,
	LOOP_CHANGE_FD_, LOOP_SET_CAPACITY_, LOOP_SET_DIRECT_IO_, LOOP_SET_BLOCK_SIZE_, LOOP_CONFIGURE_,
};
#define CAP_SYS_ADMIN_ 21
#define SETTABLE (LOOP_AUTOCLEAR | LOOP_PARTSCAN)	/* by LOOP_SET_STATUS; of these, AUTOCLEAR can be taken back */
#define CONFIGURABLE (SETTABLE | LOOP_READ_ONLY | LOOP_DIRECT_IO)

/* struct loop_info64, and struct loop_config around it. */
struct info64 {
	uint64_t device, inode, rdevice, offset, limit;
	uint32_t number, encrypt_type, key_size, flags;
	char name[64], crypt_name[64], key[32];
	uint64_t init[2];
};
struct config { uint32_t fd, block_size; struct info64 info; uint64_t reserved[8]; };
/* struct loop_info as riscv32 has it. */
struct info {
	uint32_t number, device, inode, rdevice, offset, encrypt_type, key_size, flags;
	char name[64], key[32];
	uint32_t init[2];
	char reserved[4];
};

static bool bound(const struct loop *l)
{
	return l->file && !l->rundown;
}

static bool block_size_valid(uint32_t size)
{
	return size >= BLOCK_SECTOR && size <= FLAT_PAGE_SIZE && !(size & (size - 1));
}

/* loop_set_status_from_info(), without the flags */
static int set_info(struct loop *l, const struct info64 *info)
{
	if (info->key_size > sizeof info->key || info->encrypt_type)
		return -EINVAL;
	if (info->offset > INT64_MAX || info->limit > INT64_MAX)
		return -EOVERFLOW;
	l->offset = info->offset;
	l->limit = info->limit;
	memcpy(l->name, info->name, sizeof l->name);
	l->name[sizeof l->name - 1] = 0;
	return 0;
}

static void set_partscan(struct loop *l)
{
	if (!(l->flags & LOOP_PARTSCAN) || !l->block.undivided)
		return;
	l->block.undivided = false;
	blkdev_rescan(l->node);		/* a disk without them is one all the same */
}

/* loop_validate_file(): regular or a block device, and not this one, however many are in between. */
static int check_file(const struct loop *l, const struct file *f)
{
	const struct blkdev_node *below;
	const struct file *at = f;

	while ((below = blkdev_of(at)) && below->dev.ops == &loop_blkdev_ops) {
		if (loop_of(below) == l)
			return -EBADF;
		if (!bound(loop_of(below)))
			return -EINVAL;
		at = loop_of(below)->file;
	}
	return S_ISREG(f->inode->mode) || S_ISBLK(f->inode->mode) ? 0 : -EINVAL;
}

static int bind(struct loop *l, struct file *f, struct file *file, const struct config *c)
{
	int err;

	if (!file->ops->read || (file_writable(file) && !file->ops->write))
		return -EINVAL;
	if ((l->node->holder && l->node->holder != f) || l->file)
		return -EBUSY;
	err = check_file(l, file);
	if (err)
		return err;
	if ((c->info.flags & ~(uint32_t)CONFIGURABLE) || (c->block_size && !block_size_valid(c->block_size)))
		return -EINVAL;
	err = set_info(l, &c->info);
	if (err)
		return err;
	l->flags = c->info.flags & ~(uint32_t)LOOP_DIRECT_IO;
	if (!file_writable(file) || !file_writable(f))
		l->flags |= LOOP_READ_ONLY;
	l->file = file_get(file);
	l->block.read_only = l->node->dev.read_only = l->flags & LOOP_READ_ONLY;
	l->block.physical = c->block_size;
	loop_resize(l);
	set_partscan(l);
	return 0;
}

static int configure(struct loop *l, struct file *f, struct task *t, const struct config *c)
{
	struct file *file = files_io(t, c->fd);

	return file ? bind(l, f, file, c) : -EBADF;
}

static int set_status(struct loop *l, const struct info64 *info)
{
	bool resized = info->offset != l->offset || info->limit != l->limit;
	int err;

	if (!bound(l))
		return -ENXIO;
	err = set_info(l, info);
	if (err)
		return err;
	l->flags = (info->flags & SETTABLE) | (l->flags & ~(uint32_t)LOOP_AUTOCLEAR);
	if (resized)
		loop_resize(l);
	set_partscan(l);
	return 0;
}

static int get_status(const struct loop *l, struct info64 *out)
{
	const struct inode *i;

	if (!bound(l))
		return -ENXIO;
	i = l->file->inode;
	*out = (struct info64){
		.device = i->super->dev, .inode = i->ino, .rdevice = S_ISBLK(i->mode) ? i->rdev : 0, .offset = l->offset,
		.limit = l->limit, .number = l->number, .flags = l->flags,
	};
	memcpy(out->name, l->name, sizeof out->name);
	return 0;
}

/* --- The old structure --- */

static int get_status_old(const struct loop *l, struct info *out)
{
	struct info64 v;
	int err = get_status(l, &v);

	if (err)
		return err;
	*out = (struct info){
		.number = v.number, .device = (uint32_t)v.device, .inode = (uint32_t)v.inode, .rdevice = (uint32_t)v.rdevice,
		.offset = (uint32_t)v.offset, .flags = v.flags,
	};
	memcpy(out->name, v.name, sizeof out->name);
	return out->offset > INT32_MAX || v.offset > UINT32_MAX || v.inode > UINT32_MAX || v.device > UINT32_MAX ? -EOVERFLOW : 0;
}

static int set_status_old(struct loop *l, const struct info *in)
{
	struct info64 v = { .offset = (uint64_t)(int64_t)(int32_t)in->offset, .encrypt_type = in->encrypt_type,
			    .key_size = in->key_size, .flags = in->flags };

	memcpy(v.name, in->name, sizeof v.name);
	return set_status(l, &v);
}

/* --- All of them --- */

static int64_t status_ioctl(struct loop *l, struct file *f, struct task *t, uint32_t cmd, uint32_t arg)
{
	struct info64 v;
	struct info old;
	int err;

	switch (cmd) {
	case LOOP_SET_STATUS_: case LOOP_SET_STATUS64_:
		if (!file_writable(f) && !task_capable(t, CAP_SYS_ADMIN_))
			return -EPERM;
		if (cmd == LOOP_SET_STATUS_)
			return user_read(t, &old, arg, sizeof old) ? -EFAULT : set_status_old(l, &old);
		return user_read(t, &v, arg, sizeof v) ? -EFAULT : set_status(l, &v);
	case LOOP_GET_STATUS_:
		if (!arg)
			return -EINVAL;
		err = get_status_old(l, &old);
		return err ? err : user_write(t, arg, &old, sizeof old) ? -EFAULT : 0;
	default:
		if (!arg)
			return -EINVAL;
		err = get_status(l, &v);
		return err ? err : user_write(t, arg, &v, sizeof v) ? -EFAULT : 0;
	}
}

static int64_t change_ioctl(struct loop *l, uint32_t cmd, uint32_t arg)
{
	switch (cmd) {
	case LOOP_SET_BLOCK_SIZE_:
		if (!bound(l))
			return -ENXIO;
		if (!block_size_valid(arg))
			return -EINVAL;
		l->block.physical = arg;
		return 0;
	case LOOP_SET_CAPACITY_:
		if (!bound(l))
			return -ENXIO;
		loop_resize(l);
		return 0;
	}
	/* Whatever a file is read by: there is no cache to go around. */
	return !bound(l) ? -ENXIO : arg ? -EINVAL : 0;
}

int64_t loop_ioctl(struct blkdev_node *n, struct file *f, struct task *t, uint32_t cmd, uint32_t arg)
{
	struct loop *l = loop_of(n);
	struct config c = { .fd = arg };

	switch (cmd) {
	case LOOP_CONFIGURE_:
		if (user_read(t, &c, arg, sizeof c))
			return -EFAULT;
		/* fall through */
	case LOOP_SET_FD_:
		return configure(l, f, t, &c);
	case LOOP_CLR_FD_:
		if (!bound(l))
			return -ENXIO;
		/* With the last close: that may be this one's. */
		l->flags |= LOOP_AUTOCLEAR;
		l->rundown = n->users == 1;
		return 0;
	case LOOP_SET_STATUS_: case LOOP_GET_STATUS_: case LOOP_SET_STATUS64_: case LOOP_GET_STATUS64_:
		return status_ioctl(l, f, t, cmd, arg);
	case LOOP_SET_BLOCK_SIZE_: case LOOP_SET_CAPACITY_: case LOOP_SET_DIRECT_IO_:
		if (!file_writable(f) && !task_capable(t, CAP_SYS_ADMIN_))
			return -EPERM;
		return change_ioctl(l, cmd, arg);
	}
	return -EINVAL;
}
