/* SPDX-License-Identifier: MIT
 *
 * The memory devices, major 1 (drivers/char/mem.c, random.c, kernel/printk for kmsg).
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emu/fs/devfs.h"
#include "emu/fs/internal.h"
#include "emu/host/clock.h"
#include "emu/kernel/klog.h"
#include "emu/sys/user.h"

enum { CAP_SYSLOG_ = 34 };

static struct machine *machine_of(const struct file *f)
{
	return f->inode->super->machine;
}

/* --- null, zero, full --- */

static int64_t read_nothing(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	(void)f;
	(void)buf;
	(void)len;
	(void)pos;
	return 0;
}

static int64_t read_zeros(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	(void)f;
	(void)pos;
	memset(buf, 0, len);
	return (int64_t)len;
}

static int64_t write_away(struct file *f, const void *buf, size_t len, uint64_t *pos)
{
	(void)f;
	(void)buf;
	*pos += len;
	return (int64_t)len;
}

static int64_t write_full(struct file *f, const void *buf, size_t len, uint64_t *pos)
{
	(void)f;
	(void)buf;
	(void)len;
	(void)pos;
	return -ENOSPC;
}

static int64_t lseek_nowhere(struct file *f, int64_t offset, int whence)
{
	(void)offset;
	(void)whence;
	f->pos = 0;
	return 0;
}

static const struct file_ops null_fops = { .read = read_nothing, .write = write_away, .lseek = lseek_nowhere };
static const struct file_ops zero_fops = { .read = read_zeros, .write = write_away, .lseek = lseek_nowhere };
static const struct file_ops full_fops = { .read = read_zeros, .write = write_full, .lseek = lseek_nowhere };

/* --- Sources: devices live as long as the machine --- */

static void source_hold(struct mm_source *s)
{
	(void)s;
}

static void identify(struct mm_source *s, uint32_t *major, uint32_t *minor, uint64_t *ino, char *path, size_t size);

/* /dev/zero asks for copies, but the kernel cannot read from it for itself: a private mapping is EINVAL. */
static unsigned zero_capabilities(struct mm_source *s)
{
	(void)s;
	return MM_CAN_COPY;
}

static int64_t zero_source_read(struct mm_source *s, void *dst, uint32_t len, uint64_t offset)
{
	(void)s;
	(void)dst;
	(void)len;
	(void)offset;
	return -EINVAL;
}

/* /dev/mem is the memory itself, at its own addresses. */
static unsigned mem_capabilities(struct mm_source *s)
{
	(void)s;
	return MM_CAN_DIRECT | MM_CAN_READ | MM_CAN_WRITE | MM_CAN_EXEC | MM_CAN_IO;
}

static int mem_direct(struct mm_source *s, uint64_t offset, uint32_t len, int shared, uint32_t *addr)
{
	(void)s;
	(void)shared;
	if (offset + len > UINT64_C(1) << 32)
		return -EINVAL;
	*addr = (uint32_t)offset;
	return 0;
}

static const struct mm_source_ops zero_source_ops = {
	.capabilities = zero_capabilities, .read = zero_source_read, .get = source_hold, .put = source_hold,
	.identify = identify,
};
static const struct mm_source_ops mem_source_ops = {
	.capabilities = mem_capabilities, .direct = mem_direct, .get = source_hold, .put = source_hold,
	.identify = identify,
};

static void identify(struct mm_source *s, uint32_t *major, uint32_t *minor, uint64_t *ino, char *path, size_t size)
{
	bool mem = s->ops == &mem_source_ops;
	struct vfs *v = (struct vfs *)(void *)((char *)s - (mem ? offsetof(struct vfs, dev_mem) :
							    offsetof(struct vfs, dev_zero)));

	devfs_identify(v->machine, mem ? "mem" : "zero", major, minor, ino);
	snprintf(path, size, "/dev/%s", mem ? "mem" : "zero");
}

/* --- mem --- */

static int64_t mem_read(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	struct flat *flat = machine_of(f)->flat;

	if (*pos >> 32)
		return 0;
	if (flat_read(flat, buf, (uint32_t)*pos, len))
		return -EFAULT;
	*pos += len;
	return (int64_t)len;
}

static int64_t mem_write(struct file *f, const void *buf, size_t len, uint64_t *pos)
{
	struct machine *m = machine_of(f);

	if (*pos >> 32)
		return -EFBIG;
	if (flat_write(m->flat, (uint32_t)*pos, buf, len))
		return -EFAULT;
	if (m->hart.engine)
		hart_flush(&m->hart, (uint32_t)*pos, (uint32_t)len);
	*pos += len;
	return (int64_t)len;
}

static int64_t mem_lseek(struct file *f, int64_t offset, int whence)
{
	if (whence == 1)
		offset += (int64_t)f->pos;
	else if (whence != 0)
		return -EINVAL;
	if (offset < 0)
		return -EINVAL;
	f->pos = (uint64_t)offset;
	return offset;
}

static const struct file_ops mem_fops = { .read = mem_read, .write = mem_write, .lseek = mem_lseek };

/* --- random, urandom --- */

static int64_t random_read(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	(void)pos;
	entropy_bytes(machine_of(f), buf, len);
	return (int64_t)len;
}

static int64_t random_write(struct file *f, const void *buf, size_t len, uint64_t *pos)
{
	(void)pos;
	entropy_mix(machine_of(f), buf, len);
	return (int64_t)len;
}

static int64_t random_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg)
{
	enum { GETENTCNT = 0x80045200, ADDTOENTCNT = 0x40045201, ADDENTROPY = 0x40085203, ZAPENTCNT = 0x5204,
	       CLEARPOOL = 0x5206, RESEEDCRNG = 0x5207 };

	(void)f;
	switch (cmd) {
	case (uint32_t)GETENTCNT:
		return user_put32(t, arg, 256);
	case ADDTOENTCNT: case ADDENTROPY: case ZAPENTCNT: case CLEARPOOL: case RESEEDCRNG:
		return task_capable(t, 21 /* CAP_SYS_ADMIN */) ? 0 : -EPERM;
	}
	return -ENOTTY;
}

static int64_t lseek_stay(struct file *f, int64_t offset, int whence)
{
	(void)offset;
	(void)whence;
	return (int64_t)f->pos;
}

static const struct file_ops random_fops = {
	.read = random_read, .write = random_write, .lseek = lseek_stay, .ioctl = random_ioctl,
};

/* --- kmsg: one record for each read; f->version is the sequence number of the next --- */

/* devkmsg_open(): reading is what syslog(2) would allow. */
static int kmsg_open(struct file *f)
{
	struct machine *m = machine_of(f);
	struct task *t = task_current(m);

	if (file_readable(f) && m->dmesg_restrict && t && !task_capable(t, CAP_SYSLOG_))
		return -EPERM;
	f->version = 0;
	return 0;
}

/* "priority,sequence,microseconds,-;text", with what is not printable as \xNN. */
static size_t kmsg_format(const struct klog_record *r, char *buf, size_t size)
{
	int n = snprintf(buf, size, "%d,%llu,%llu,-;", (int)r->level, (unsigned long long)r->seq,
			 (unsigned long long)r->time_ns / 1000);
	size_t at = (size_t)n;

	for (const char *s = r->text; *s && at + 6 < size; s++) {
		unsigned char c = (unsigned char)*s;

		if (c < ' ' || c >= 127 || c == '\\')
			at += (size_t)snprintf(buf + at, size - at, "\\x%02x", c);
		else
			buf[at++] = (char)c;
	}
	buf[at++] = '\n';
	return at;
}

static int64_t kmsg_read(struct file *f, void *buf, size_t len, uint64_t *pos)
{
	struct klog_record r;
	char line[8192];
	size_t n;
	int err = klog_read(machine_of(f), f->version, &r);

	(void)pos;
	if (err)
		return err;
	if (f->version && r.seq > f->version) {	/* what was to come next has been overwritten */
		f->version = r.seq;
		return -EPIPE;
	}
	n = kmsg_format(&r, line, sizeof line);
	if (n > len)
		return -EINVAL;
	memcpy(buf, line, n);
	f->version = r.seq + 1;
	return (int64_t)n;
}

static int64_t kmsg_write(struct file *f, const void *buf, size_t len, uint64_t *pos)
{
	unsigned facility = 1, level = KLOG_WARNING;	/* LOG_USER: nobody is the kernel but the kernel */
	char line[1024];
	const char *s = line;
	size_t n = len;

	(void)pos;
	if (len >= sizeof line)
		return -EINVAL;
	memcpy(line, buf, n);
	line[n] = 0;
	if (n && line[n - 1] == '\n')
		line[n - 1] = 0;
	if (*s == '<') {	/* "<13>text": facility and level */
		char *end;
		unsigned long v = strtoul(s + 1, &end, 10);

		if (*end == '>' && end != s + 1) {
			level = v & 7;
			if (v >> 3 & 255)
				facility = v >> 3 & 255;
			s = end + 1;
		}
	}
	klog(machine_of(f), (enum klog_level)(facility << 3 | level), "%s", s);
	return (int64_t)len;
}

static int64_t kmsg_lseek(struct file *f, int64_t offset, int whence)
{
	if (offset)
		return -ESPIPE;
	switch (whence) {
	case 0: case 3:		/* SEEK_SET, SEEK_DATA: the first one there is */
		f->version = 0;
		return 0;
	case 2:
		f->version = klog_next_seq(machine_of(f));
		return 0;
	}
	return -EINVAL;
}

static unsigned kmsg_poll(struct file *f, struct waiter *w)
{
	struct machine *m = machine_of(f);

	poll_wait(klog_wait(m), w);
	return f->version < klog_next_seq(m) ? POLLIN | POLLRDNORM : 0;
}

static const struct file_ops kmsg_fops = {
	.open = kmsg_open, .read = kmsg_read, .write = kmsg_write, .lseek = kmsg_lseek, .poll = kmsg_poll,
};

/* --- The table --- */

enum device { MEM, NULL_, ZERO, FULL, RANDOM, URANDOM, KMSG, DEVICES };
static const struct { const char *name; unsigned minor; uint32_t mode; const struct file_ops *fops; } table[DEVICES] = {
	[MEM] = { "mem", 1, 0600, &mem_fops },
	[NULL_] = { "null", 3, 0666, &null_fops },
	[ZERO] = { "zero", 5, 0666, &zero_fops },
	[FULL] = { "full", 7, 0666, &full_fops },
	[RANDOM] = { "random", 8, 0666, &random_fops },
	[URANDOM] = { "urandom", 9, 0666, &random_fops },
	[KMSG] = { "kmsg", 11, 0644, &kmsg_fops },
};

int dev_mem_register(struct machine *m)
{
	struct mm_source *zero = &m->vfs->dev_zero, *mem = &m->vfs->dev_mem;
	int err = 0;

	zero->ops = &zero_source_ops;
	mem->ops = &mem_source_ops;
	zero->kind = mem->kind = MM_CHAR;
	for (int i = 0; i < DEVICES && !err; i++) {
		struct vfs_chrdev dev = {
			.dev = vfs_makedev(1, table[i].minor), .name = table[i].name, .mode = table[i].mode,
			.fops = table[i].fops, .source = i == ZERO ? zero : i == MEM ? mem : NULL,
		};

		err = vfs_register_chrdev(m, &dev);
	}
	return err;
}
