/* SPDX-License-Identifier: MIT */
#include "emu/sysfs/sysfs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "emu/drivers/mtd.h"
#include "emu/drivers/uio.h"
#include "emu/fs/internal.h"
#include "emu/input/input.h"
#include "emu/net/inet.h"
#include "emu/net/net.h"
#include "emu/sysfs/internal.h"

/* --- What files say that are no single subject's --- */

static int show_nothing(const struct attribute *a, char *buf, size_t size)
{
	(void)a;
	return snprintf(buf, size, "%s", "");
}

static int show_dev(const struct attribute *a, char *buf, size_t size)
{
	return snprintf(buf, size, "%u:%u\n", vfs_major(a->device.number), vfs_minor(a->device.number));
}

struct find { uint32_t number; uint32_t mode; const char *dir; };

static int find_char(void *ctx, const struct vfs_chrdev *d)
{
	struct find *f = ctx;

	if (d->dev == f->number) {
		f->mode = d->mode;
		f->dir = d->dir;
	}
	return d->dev == f->number;
}

/* What devtmpfs would be told: dev_uevent(). */
static int show_uevent(const struct attribute *a, char *buf, size_t size)
{
	const struct sys_device *d = &a->device;
	struct find f = { .number = d->number, .mode = 0600 };
	char mode[24] = "";

	vfs_walk_chrdevs(a->machine, find_char, &f);
	if (f.mode != 0600)
		snprintf(mode, sizeof mode, "DEVMODE=%#o\n", f.mode);
	return snprintf(buf, size, "MAJOR=%u\nMINOR=%u\nDEVNAME=%s%s%s\n%s", vfs_major(d->number), vfs_minor(d->number),
			f.dir ? f.dir : "", f.dir ? "/" : "", d->name,
			!strcmp(d->class, "tty") && vfs_major(d->number) == 4 ? "" : mode);
}

static int show_active_console(const struct attribute *a, char *buf, size_t size)
{
	return snprintf(buf, size, "%s", a->machine->console ? "ttyS0\n" : "\n");
}

/* One for each device that has come. */
static int count_char(void *ctx, const struct vfs_chrdev *d)
{
	*(unsigned *)ctx += !d->minors;
	return 0;
}

static int count_disk(void *ctx, const struct vfs_blkdev *d, const struct vfs_blkstat *stat)
{
	(void)d;
	(void)stat;
	++*(unsigned *)ctx;
	return 0;
}

static int show_uevent_seqnum(const struct attribute *a, char *buf, size_t size)
{
	unsigned n = 0;

	vfs_walk_chrdevs(a->machine, count_char, &n);
	vfs_walk_blkdevs(a->machine, count_disk, &n);
	return snprintf(buf, size, "%u\n", n);
}

/* Says once more that the device is there, to nobody (kobject_synth_uevent()). */
static int64_t store_uevent(const struct attribute *a, const char *text, size_t len)
{
	static const char *const actions[] = { "add", "remove", "change", "move", "online", "offline", "bind", "unbind" };
	size_t n = 0;

	(void)a;
	while (n < len && text[n] != '\n' && text[n] != ' ' && text[n])
		n++;
	for (unsigned i = 0; i < sizeof actions / sizeof *actions; i++)
		if (n == strlen(actions[i]) && !memcmp(text, actions[i], n))
			return (int64_t)len;
	return -EINVAL;
}

/* --- The table --- */

/* The braces of the table replaced. */
static void expand(const char *pattern, const struct sys_device *d, char out[SYS_PATH])
{
	size_t n = 0;

	while (*pattern && n < SYS_PATH - 1) {
		size_t room = SYS_PATH - n;
		int len;

		if (*pattern != '{') {
			out[n++] = *pattern++;
			continue;
		}
		if (pattern[1] == 'D')
			len = snprintf(out + n, room, "%u:%u", vfs_major(d->number), vfs_minor(d->number));
		else
			len = snprintf(out + n, room, "%s", pattern[1] == 'C' ? d->class : pattern[1] == 'W' ? d->whole : d->name);
		n += (size_t)len < room ? (size_t)len : room - 1;
		pattern += 3;
	}
	out[n] = 0;
}

enum set { ONCE = 1, CHAR = 2, BLOCK = 4, CONSOLE = 8, FRAMEBUFFER = 16, PART = 32, NET = 64, MTD = 128, MTD_PART = 256,
	   INPUT = 512, NODE = 1024, UIO = 2048 };

static const struct entry {
	enum set set;
	const char *path;
	uint32_t mode;
	int (*show)(const struct attribute *a, char *buf, size_t size);
	const char *text;
	int64_t (*store)(const struct attribute *a, const char *text, size_t len);
} entries[] = {
#define SYS_DIR(set, path) { set, path, S_IFDIR | 0755, NULL, NULL, NULL },
#define SYS_TEXT(set, path, text) { set, path, S_IFREG | 0444, NULL, text, NULL },
#define SYS_FILE(set, path, mode, name) { set, path, S_IFREG | (mode), show_##name, NULL, NULL },
#define SYS_STORED(set, path, mode, show, store) { set, path, S_IFREG | (mode), show_##show, NULL, store_##store },
#define SYS_LINK(set, path, target) { set, path, S_IFLNK | 0777, NULL, target, NULL },
#include "emu/sysfs/sysfs_files.def"
};

static int add_entry(struct fs_super *s, const struct entry *e, const struct sys_device *d)
{
	struct attribute *a = NULL;
	char path[SYS_PATH];
	int err;

	if (!S_ISDIR(e->mode)) {
		a = calloc(1, sizeof *a);
		if (!a)
			return -ENOMEM;
		a->machine = s->machine;
		a->device = *d;
		a->show = e->show;
		a->text = e->text;
		a->store = e->store;
		if (S_ISLNK(e->mode))
			expand(e->text, d, a->target);
	}
	expand(e->path, d, path);
	err = sysfs_add_path(s, path, e->mode, a);
	return err == -EEXIST && S_ISDIR(e->mode) ? 0 : err;
}

static int add_set(struct fs_super *s, enum set set, const struct sys_device *d)
{
	int err = 0;

	for (unsigned i = 0; !err && i < sizeof entries / sizeof *entries; i++)
		if (entries[i].set == set)
			err = add_entry(s, &entries[i], d);
	return err;
}

static struct sys_device device_of(const char *class, const char *name, uint32_t number)
{
	struct sys_device d = { .class = class, .number = number };

	snprintf(d.name, sizeof d.name, "%s", name);
	return d;
}

static int add_char(void *ctx, const struct vfs_chrdev *c)
{
	static const char *const classes[256] = { [1] = "mem", [4] = "tty", [5] = "tty", [10] = "misc", [INPUT_MAJOR] = "input",
						  [29] = "graphics", [UIO_MAJOR] = "uio", [253] = "watchdog", [254] = "rtc" };
	uint32_t major = vfs_major(c->dev);
	struct sys_device d;
	const char *input;
	int err;

	if (c->minors || major >= sizeof classes / sizeof *classes || !classes[major])
		return 0;
	d = device_of(classes[major], c->name, c->dev);
	input = major == INPUT_MAJOR ? sysfs_input_of(((struct fs_super *)ctx)->machine, c->name) : NULL;
	if (input)
		snprintf(d.whole, sizeof d.whole, "%s", input);
	err = add_set(ctx, input ? NODE : CHAR, &d);
	if (!err && c->dev == vfs_makedev(5, 1))
		err = add_set(ctx, CONSOLE, &d);
	if (!err && major == 29)
		err = add_set(ctx, FRAMEBUFFER, &d);
	if (!err && major == UIO_MAJOR)
		err = add_set(ctx, UIO, &d);
	return err;
}

static struct sys_device disk_device(const struct vfs_blkdev *b)
{
	struct sys_device d = device_of("block", b->name, b->dev);

	if (b->partition)
		snprintf(d.whole, sizeof d.whole, "%s", b->whole_name);
	return d;
}

static int add_disk(void *ctx, const struct vfs_blkdev *b, const struct vfs_blkstat *stat)
{
	struct sys_device d = disk_device(b);

	(void)stat;
	return add_set(ctx, b->partition ? PART : BLOCK, &d);
}

/* Its two devices, the one that can be written and the other. */
static void mtd_devices(const struct mtd *m, struct sys_device out[2])
{
	char name[24];

	for (unsigned ro = 0; ro < 2; ro++) {
		snprintf(name, sizeof name, "mtd%u%s", m->index, ro ? "ro" : "");
		out[ro] = device_of("mtd", name, vfs_makedev(MTD_CHAR_MAJOR, 2 * m->index + ro));
	}
}

static int add_mtd(struct fs_super *s, const struct mtd *m)
{
	struct sys_device d[2];
	int err;

	mtd_devices(m, d);
	err = add_set(s, MTD, &d[0]);
	if (!err && m != m->master)
		err = add_set(s, MTD_PART, &d[0]);
	return err ? err : add_set(s, CHAR, &d[1]);
}

int sysfs_add_data(struct fs_super *s, const char *path, uint32_t mode, const void *data, size_t len)
{
	struct attribute *a = NULL;

	if (!S_ISDIR(mode)) {
		a = calloc(1, sizeof *a + len);
		if (!a)
			return -ENOMEM;
		a->machine = s->machine;
		a->len = len;
		if (len)
			memcpy(a->data, data, len);
	}
	return sysfs_add_path(s, path, mode, a);
}

static int make_tree(struct fs_super *s)
{
	static const struct sys_device none = { .class = "" };
	const struct netdev *dev;
	int err = add_set(s, ONCE, &none);

	for (int i = 1; !err && (dev = netdev_at(s->machine->net, i)) != NULL; i++) {
		struct sys_device d = { .class = "net" };

		snprintf(d.name, sizeof d.name, "%s", dev->name);
		err = add_set(s, NET, &d);
	}
	for (unsigned i = 0; !err && s->machine->inputs && i < INPUT_DEVICES; i++) {
		struct sys_device d = { .class = "input" };

		snprintf(d.name, sizeof d.name, "input%u", i);
		err = add_set(s, INPUT, &d);
	}
	if (!err)
		err = vfs_walk_chrdevs(s->machine, add_char, s);
	if (!err)
		err = vfs_walk_blkdevs(s->machine, add_disk, s);
	for (const struct mtd *d = mtd_from(s->machine, 0); d && !err; d = mtd_from(s->machine, d->index + 1))
		err = add_mtd(s, d);
	return err ? err : sysfs_add_device_tree(s);
}

/* --- Devices that come and go while it is mounted --- */

/* The tree that is mounted, or NULL. */
static struct fs_super *tree(struct machine *m)
{
	return m->vfs->sysfs && !m->vfs->sysfs->dead ? m->vfs->sysfs : NULL;
}

/* What was made for a device: each path up to where its name or number is. */
static void remove_set(struct fs_super *s, enum set set, const struct sys_device *d)
{
	char pattern[SYS_PATH], path[SYS_PATH];

	for (unsigned i = 0; i < sizeof entries / sizeof *entries; i++) {
		const char *name, *number, *own;

		if (entries[i].set != set)
			continue;
		name = strstr(entries[i].path, "{N}");
		number = strstr(entries[i].path, "{D}");
		own = name ? name : number;
		if (!own)
			continue;
		snprintf(pattern, sizeof pattern, "%.*s", (int)(own - entries[i].path) + 3, entries[i].path);
		expand(pattern, d, path);
		sysfs_remove_path(s, path);
	}
}

int sysfs_add_mtd(struct machine *m, unsigned index)
{
	return tree(m) ? add_mtd(tree(m), mtd_at(m, index)) : 0;
}

void sysfs_remove_mtd(struct machine *m, unsigned index)
{
	struct sys_device d[2];

	if (!tree(m))
		return;
	mtd_devices(mtd_at(m, index), d);
	remove_set(tree(m), MTD, &d[0]);
	remove_set(tree(m), CHAR, &d[1]);
}

int sysfs_add_disk(struct machine *m, const struct vfs_blkdev *b)
{
	return tree(m) ? add_disk(tree(m), b, NULL) : 0;
}

void sysfs_remove_disk(struct machine *m, const struct vfs_blkdev *b)
{
	struct sys_device d = disk_device(b);

	if (tree(m))
		remove_set(tree(m), b->partition ? PART : BLOCK, &d);
}

/* --- The file system --- */

static void statfs_op(struct fs_super *s, struct vfs_statfs *out)
{
	(void)s;
	out->bsize = FLAT_PAGE_SIZE;
}

static void kill_op(struct fs_super *s)
{
	if (s->machine->vfs->sysfs == s)
		s->machine->vfs->sysfs = NULL;
}

static int mount_op(struct machine *m, const char *source, const char *options, struct fs_super **out);

static const struct fs_type type = { .name = "sysfs", .magic = 0x62656572, .nodev = true, .mount = mount_op };

static int mount_op(struct machine *m, const char *source, const char *options, struct fs_super **out)
{
	struct fs_super *s = m->vfs->sysfs;
	struct inode *top;
	int err;

	(void)source;
	(void)options;
	if (s && !s->dead) {
		*out = s;
		return 0;
	}
	s = super_new(m, &type);
	if (!s)
		return -ENOMEM;
	s->statfs = statfs_op;
	s->kill = kill_op;
	err = sysfs_new_inode(s, S_IFDIR | 0555, NULL, &top);
	if (!err) {
		s->root = dentry_new_root(top);
		err = s->root ? make_tree(s) : -ENOMEM;
	}
	if (err) {
		super_free(s);
		return err;
	}
	m->vfs->sysfs = *out = s;
	return 0;
}

int sysfs_register(struct machine *m)
{
	return vfs_register_fs(m, &type);
}
