/* SPDX-License-Identifier: MIT */
#include "emu/drivers/watchdog.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "emu/fs/vfs.h"
#include "emu/host/clock.h"
#include "emu/kernel/clock_event.h"
#include "emu/kernel/klog.h"
#include "emu/kernel/task.h"
#include "emu/machine.h"
#include "emu/sys/user.h"

#define SECOND UINT64_C(1000000000)
#define MAJOR 253u		/* of watchdog0: the second that Linux gives to who asks for any */
#define MISC_MINOR 130u		/* of watchdog, among the miscellaneous devices */

enum { TIMEOUT_DEFAULT = 60, TIMEOUT_MAX = 65535 };	/* seconds */
enum { WDIOF_SETTIMEOUT_ = 0x80, WDIOF_MAGICCLOSE_ = 0x100, WDIOF_KEEPALIVEPING_ = 0x8000 };

struct watchdog {
	struct device dev;
	struct machine *machine;
	uint32_t timeout;		/* seconds */
	bool open, may_close, kept_alive;
	struct clock_event bite;	/* armed: it is running */
};

/* --- The dog --- */

static void bite(struct clock_event *e)
{
	struct watchdog *w = (struct watchdog *)(void *)((char *)e - offsetof(struct watchdog, bite));
	struct machine *m = w->machine;

	clock_event_remove(m, e);
	klog(m, KLOG_CRIT, "watchdog: %s: nobody has written for %u s: reset", w->dev.name, w->timeout);
	m->status = WATCHDOG_STATUS;
	m->halted = true;
}

static bool running(const struct watchdog *w)
{
	return clock_event_armed(&w->bite);
}

static int start(struct watchdog *w)
{
	w->kept_alive = true;
	w->bite.expires = clock_monotonic(w->machine) + w->timeout * SECOND;
	return clock_event_add(w->machine, &w->bite);
}

static int ping(struct watchdog *w)
{
	return running(w) ? start(w) : 0;
}

static void stop(struct watchdog *w)
{
	clock_event_remove(w->machine, &w->bite);
}

static uint32_t seconds_left(const struct watchdog *w)
{
	uint64_t now = clock_monotonic(w->machine);

	return running(w) && w->bite.expires > now ? (uint32_t)((w->bite.expires - now) / SECOND) : 0;
}

/* --- ioctl --- */

/* struct watchdog_info */
struct info { uint32_t options, firmware; char identity[32]; };

#define GETSUPPORT 0x80285700u
#define GETSTATUS 0x80045701u
#define GETBOOTSTATUS 0x80045702u
#define SETOPTIONS 0x80045704u
#define KEEPALIVE 0x80045705u
#define SETTIMEOUT 0xc0045706u
#define GETTIMEOUT 0x80045707u
#define SETPRETIMEOUT 0xc0045708u
#define GETPRETIMEOUT 0x80045709u
#define GETTIMELEFT 0x8004570au
enum { WDIOS_DISABLECARD_ = 1, WDIOS_ENABLECARD_ = 2 };

static int get_support(struct task *t, uint32_t arg)
{
	const struct info info = { .options = WDIOF_SETTIMEOUT_ | WDIOF_MAGICCLOSE_ | WDIOF_KEEPALIVEPING_, .identity = "flat32 watchdog" };

	return user_write(t, arg, &info, sizeof info);
}

/* watchdog_get_status(): that it was written to is told once. */
static int get_status(struct watchdog *w, struct task *t, uint32_t arg)
{
	uint32_t status = (w->may_close ? WDIOF_MAGICCLOSE_ : 0) | (w->kept_alive ? WDIOF_KEEPALIVEPING_ : 0);

	w->kept_alive = false;
	return user_put32(t, arg, status);
}

static int set_options(struct watchdog *w, struct task *t, uint32_t arg)
{
	uint32_t options;

	if (user_get32(t, arg, &options))
		return -EFAULT;
	if (options & WDIOS_DISABLECARD_)
		stop(w);
	return options & WDIOS_ENABLECARD_ && !running(w) ? start(w) : 0;
}

static int set_timeout(struct watchdog *w, struct task *t, uint32_t arg)
{
	uint32_t seconds;
	int err;

	if (user_get32(t, arg, &seconds))
		return -EFAULT;
	if (seconds < 1 || seconds > TIMEOUT_MAX)
		return -EINVAL;
	w->timeout = seconds;
	err = ping(w);
	return err ? err : user_put32(t, arg, seconds);
}

static int64_t watchdog_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg)
{
	struct watchdog *w = f->private;
	uint32_t word;

	switch (cmd) {
	case GETSUPPORT:
		return get_support(t, arg);
	case GETSTATUS:
		return get_status(w, t, arg);
	case GETBOOTSTATUS: case GETPRETIMEOUT:
		return user_put32(t, arg, 0);
	case SETOPTIONS:
		return set_options(w, t, arg);
	case KEEPALIVE:
		return ping(w);
	case SETTIMEOUT:
		return set_timeout(w, t, arg);
	case GETTIMEOUT:
		return user_put32(t, arg, w->timeout);
	case GETTIMELEFT:
		return user_put32(t, arg, seconds_left(w));
	case SETPRETIMEOUT:
		return user_get32(t, arg, &word) ? -EFAULT : -EOPNOTSUPP;
	}
	return -ENOTTY;
}

/* --- The file --- */

static int watchdog_open(struct file *f)
{
	struct watchdog *w = f->private;
	int err;

	if (w->open)
		return -EBUSY;
	err = running(w) ? 0 : start(w);
	w->open = !err;
	return err;
}

/* Who closes it without having said so ('V') has died: it goes on, unless the machine has come to its end. */
static void watchdog_release(struct file *f)
{
	struct watchdog *w = f->private;

	if (running(w) && (w->may_close || w->machine->halted)) {
		stop(w);
	} else if (running(w)) {
		klog(w->machine, KLOG_CRIT, "watchdog: %s: watchdog did not stop!", w->dev.name);
		(void)ping(w);		/* cannot fail: it is running */
	}
	w->may_close = w->open = false;
}

static int64_t watchdog_write(struct file *f, const void *buf, size_t len, uint64_t *pos)
{
	struct watchdog *w = f->private;
	int err;

	(void)pos;
	if (!len)
		return 0;
	w->may_close = memchr(buf, 'V', len);
	err = ping(w);
	return err ? err : (int64_t)len;
}

static int64_t no_lseek(struct file *f, int64_t offset, int whence)
{
	(void)f;
	(void)offset;
	(void)whence;
	return -ESPIPE;
}

static const struct file_ops watchdog_fops = {
	.open = watchdog_open, .release = watchdog_release, .write = watchdog_write, .lseek = no_lseek, .ioctl = watchdog_ioctl,
};

/* --- The device --- */

static void watchdog_dump(struct device *d, FILE *out)
{
	const struct watchdog *w = (struct watchdog *)(void *)d;

	fprintf(out, "%s, timeout %u s", running(w) ? "running" : "stopped", w->timeout);
	if (running(w))
		fprintf(out, ", %u s left", seconds_left(w));
	fprintf(out, "\n");
}

static void watchdog_free(struct device *d)
{
	free(d);
}

static const struct device_ops watchdog_ops = { .compatible = "flat32,watchdog", .dump = watchdog_dump, .free = watchdog_free };

int watchdog_drive(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device *d, char *why)
{
	struct watchdog *w = calloc(1, sizeof *w);
	struct vfs_chrdev dev = { .dev = vfs_makedev(10, MISC_MINOR), .name = "watchdog", .mode = 0600, .fops = &watchdog_fops, .private = w };
	int err;

	(void)c;
	(void)d;
	(void)why;
	if (!w)
		return -ENOMEM;
	w->dev.ops = &watchdog_ops;
	snprintf(w->dev.name, sizeof w->dev.name, "%s", e->name);
	w->machine = m;
	w->timeout = TIMEOUT_DEFAULT;
	w->bite.fire = bite;
	err = bus_add(board_bus(m), &w->dev);
	if (err) {
		free(w);
		return err;
	}
	err = vfs_register_chrdev(m, &dev);
	dev.dev = vfs_makedev(MAJOR, 0);
	dev.name = e->name;
	return err ? err : vfs_register_chrdev(m, &dev);
}
