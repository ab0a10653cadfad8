/* SPDX-License-Identifier: MIT
 *
 * The device file: fb_chrdev.c and fb_sys_fops.c of drivers/video/fbdev/core.
 */
#include "emu/drivers/fbdev.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emu/fs/devfs.h"
#include "emu/kernel/irq.h"
#include "emu/machine.h"

#define FB_MAJOR 29u
#define MEMORY_MIN (4u << 20)
#define MEMORY_MAX (512u << 20)

/* --- read, write, lseek --- */

/* fb_sys_read() */
static int64_t fb_read(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	const struct fbdev *d = f->private;

	if (d->suspended)
		return -EPERM;
	if (*pos >= d->size)
		return 0;
	if (len > d->size - *pos)
		len = d->size - (size_t)*pos;
	memmove(buf, d->memory + *pos, len);
	*pos += len;
	return (int64_t)len;
}

/* fb_sys_write(): why not all of it was written is only said if nothing was. */
static int64_t fb_write(struct file *f, const void *buf, size_t len, uint64_t *pos)
{
	const struct fbdev *d = f->private;
	int err = 0;

	if (d->suspended)
		return -EPERM;
	if (*pos > d->size)
		return -EFBIG;
	if (len > d->size)
		err = -EFBIG;
	if (len > d->size - *pos) {
		err = err ? err : -ENOSPC;
		len = d->size - (size_t)*pos;
	}
	if (!len)
		return err;
	memmove(d->memory + *pos, buf, len);
	if (d->machine->hart.engine)
		hart_flush(&d->machine->hart, d->addr + (uint32_t)*pos, (uint32_t)len);
	*pos += len;
	return (int64_t)len;
}

/* default_llseek() of a file whose inode has size 0: the end is where it begins. */
static int64_t fb_lseek(struct file *f, int64_t offset, int whence)
{
	switch (whence) {
	case 0: case 2: break;		/* SEEK_SET, SEEK_END */
	case 1: offset = (int64_t)(f->pos + (uint64_t)offset); break;
	case 3: case 4: break;		/* SEEK_DATA, SEEK_HOLE */
	default: return -EINVAL;
	}
	if (offset < 0)
		return -EINVAL;
	if (whence >= 3)
		return -ENXIO;
	f->pos = (uint64_t)offset;
	return offset;
}

static const struct file_ops fb_fops = { .read = fb_read, .write = fb_write, .lseek = fb_lseek, .ioctl = fbdev_ioctl };

/* --- As a mapping source; the capabilities are those of any character device: shared, to be read and written --- */

static struct fbdev *of_source(struct mm_source *s)
{
	return (struct fbdev *)(void *)((char *)s - offsetof(struct fbdev, source));
}

/*
 * get_fb_unmapped_area(). That of the kernel takes the page offset for one of bytes, so that fb_io_mmap() then refuses all
 * offsets but 0.
 */
static int fb_direct(struct mm_source *s, uint64_t offset, uint32_t len, int shared, uint32_t *addr)
{
	const struct fbdev *d = of_source(s);

	(void)shared;
	if (offset > d->size || len > d->size - offset)
		return -EINVAL;
	if (offset && d->machine->options.compat_linux)
		return -EINVAL;
	*addr = d->addr + (uint32_t)offset;
	return 0;
}

static void hold(struct mm_source *s)
{
	(void)s;
}

static void identify(struct mm_source *s, uint32_t *major, uint32_t *minor, uint64_t *ino, char *path, size_t size)
{
	devfs_identify(of_source(s)->machine, "fb0", major, minor, ino);
	snprintf(path, size, "/dev/fb0");
}

static const struct mm_source_ops source_ops = { .direct = fb_direct, .get = hold, .put = hold, .identify = identify };

/* --- The device --- */

/* Twice what the first mode takes at 32 bits, so that there are two frames in any depth; and enough for others to change to. */
static uint32_t memory_size(const struct framebuffer_mode *mode)
{
	uint64_t size = 2 * 4 * (uint64_t)mode->virtual_width * mode->virtual_height;

	if (size < MEMORY_MIN)
		size = MEMORY_MIN;
	size = (size + (1u << 20) - 1) & ~UINT64_C(0xfffff);
	return size < MEMORY_MAX ? (uint32_t)size : MEMORY_MAX;
}

static void run(void *chip)
{
	framebuffer_run(chip);
}

/* Who waits asks for it, each time. */
static void interrupt(void *owner)
{
	struct fbdev *d = owner;

	d->frames++;
	framebuffer_acknowledge(d->fb);
	framebuffer_interrupts(d->fb, false);
	wake_all(&d->frame_begins);
}

bool fbdev_wanted(const struct machine_config *c)
{
	return c->display.width;
}

int fbdev_make(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device **out, char *why)
{
	struct fbdev *d = calloc(1, sizeof *d);
	struct framebuffer_config fc = {
		.registers = e->addr[FRAMEBUFFER_REGISTERS], .memory = e->addr[FRAMEBUFFER_MEMORY],
		.memory_size = memory_size(&c->display), .mode = c->display, .now = chip_time_now, .alarm = chip_time_alarm,
	};
	int err;

	if (!d)
		return -ENOMEM;
	d->machine = m;
	d->time = chip_time(m, run);
	fc.owner = &d->time;
	d->fb = d->time.chip = framebuffer_new(m->flat, &fc, &err);
	if (!d->fb) {
		free(d);
		snprintf(why, BOARD_WHY, "%ux%ux%u: %s", c->display.width, c->display.height, c->display.bpp,
			 err == -EINVAL ? "there is no such display" : strerror(-err));
		return err;
	}
	m->fbdev = d;
	*out = framebuffer_device(d->fb);
	return 0;
}

int fbdev_drive(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device *device, char *why)
{
	struct vfs_chrdev node = { .dev = vfs_makedev(FB_MAJOR, 0), .name = "fb0", .mode = 0600, .fops = &fb_fops };
	struct fbdev *d = m->fbdev;
	int err;

	(void)c;
	(void)e;
	(void)why;
	d->addr = framebuffer_memory(d->fb, &d->size);
	d->memory = flat_span_write(m->flat, d->addr, d->size);
	d->source.ops = &source_ops;
	d->source.kind = MM_CHAR;
	fbdev_default_colours(d);
	fbdev_first_mode(d);
	node.private = d;
	node.source = &d->source;
	err = chip_time_start(&d->time);
	if (!err)
		err = irq_request(m, device, device->name, interrupt, d);
	return err ? err : vfs_register_chrdev(m, &node);
}

void fbdev_free(struct machine *m)
{
	if (m->fbdev)
		chip_time_stop(&m->fbdev->time);
	free(m->fbdev);
	m->fbdev = NULL;
}
