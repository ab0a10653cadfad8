/* SPDX-License-Identifier: MIT
 *
 * The machine as a whole: time, load, the hart, drivers, and the headers of what there is none of.
 */
#include <string.h>
#include "devices/block.h"
#include "devices/plic.h"
#include "emu/drivers/mtd.h"
#include "emu/board.h"
#include "emu/host/clock.h"
#include "emu/input/input.h"
#include "emu/kernel/irq.h"
#include "emu/kernel/tasks.h"
#include "emu/kernel/uts.h"
#include "emu/proc/internal.h"

#define TICK 10000000u		/* ns in 1/100 s */
#define SECOND 1000000000u
#define NR_IRQS 64u		/* as many as a kernel without tables of its own for them counts */

/* --- Time and load --- */

int show_uptime(struct proc_out *o, const struct proc_who *w)
{
	uint64_t up = clock_monotonic(w->m) / TICK, idle = task_idle_ns(w->m) / TICK;

	out(o, "%llu.%02u %llu.%02u\n", (unsigned long long)(up / 100), (unsigned)(up % 100),
	    (unsigned long long)(idle / 100), (unsigned)(idle % 100));
	return 0;
}

int show_system_stat(struct proc_out *o, const struct proc_who *w)
{
	const struct tasks *ts = w->m->tasks;
	uint64_t up = sched_account(w->m);
	uint64_t born = (uint64_t)(clock_realtime(w->m) - (int64_t)up) / SECOND;

	for (int i = 0; i < 2; i++)
		out(o, "cpu%s %llu %llu %llu %llu 0 0 0 0 0 0\n", i ? "0" : " ", (unsigned long long)(ts->user_ns / TICK),
		    (unsigned long long)(ts->nice_ns / TICK), (unsigned long long)(ts->system_ns / TICK),
		    (unsigned long long)(ts->idle_ns / TICK));
	out(o, "intr %llu", (unsigned long long)irq_total(w->m));
	for (unsigned irq = 0; irq < NR_IRQS; irq++)
		out(o, " %llu", (unsigned long long)(irq < PLIC_SOURCES ? irq_count(w->m, irq) : 0));
	out(o, "\nctxt %llu\nbtime %llu\nprocesses %llu\nprocs_running %u\nprocs_blocked 0\n"
	       "softirq 0 0 0 0 0 0 0 0 0 0 0\n", (unsigned long long)task_switches(w->m), (unsigned long long)born,
	    (unsigned long long)task_forks(w->m), task_running(w->m));
	return 0;
}

int show_loadavg(struct proc_out *o, const struct proc_who *w)
{
	uint32_t avg[3];

	task_loadavg(w->m, avg);
	for (int i = 0; i < 3; i++) {
		uint32_t v = avg[i] + 2048 / 200;	/* FIXED_1/200: rounded */

		out(o, "%u.%02u ", v >> 11, ((v & 2047) * 100) >> 11);
	}
	out(o, "%u/%u %d\n", task_running(w->m), task_count(w->m), task_last_pid(w->m));
	return 0;
}

/* --- What it is --- */

int show_version(struct proc_out *o, const struct proc_who *w)
{
	(void)w;
	out(o, "%s version %s (flat32@flat32) (%s) %s\n", UTS_SYSNAME, UTS_RELEASE, UTS_MACHINE, UTS_VERSION);
	return 0;
}

int show_kernel_cmdline(struct proc_out *o, const struct proc_who *w)
{
	(void)w;
	out(o, BOARD_BOOTARGS "\n");
	return 0;
}

int show_cpuinfo(struct proc_out *o, const struct proc_who *w)
{
	static const char isa[] = BOARD_ISA;

	(void)w;
	out(o, "processor\t: 0\nhart\t\t: 0\nisa\t\t: %s\nmmu\t\t: none\nmvendorid\t: 0x0\nmarchid\t\t: 0x0\n"
	       "mimpid\t\t: 0x0\nhart isa\t: %s\n\n", isa, isa);
	return 0;
}

static int filesystem_line(void *ctx, const struct fs_type *t)
{
	out(ctx, "%s\t%s\n", t->nodev ? "nodev" : "", t->name);
	return 0;
}

int show_filesystems(struct proc_out *o, const struct proc_who *w)
{
	vfs_walk_types(w->m, filesystem_line, o);
	return 0;
}

/* Majors: one line for the memory devices and others of one driver, one for each serial driver, one for each odd device of 5. */
struct device_list { struct proc_out *o; uint32_t major, said; };

static int device_line(void *ctx, const struct vfs_chrdev *d)
{
	static const char *const shared[] = { [1] = "mem", [10] = "misc", [INPUT_MAJOR] = "input", [14] = "sound" };
	struct device_list *l = ctx;
	uint32_t major = vfs_major(d->dev);

	if (major != l->major)
		return 0;
	if (major < sizeof shared / sizeof *shared && shared[major]) {
		if (l->said != major)
			out(l->o, "%3u %s\n", major, shared[major]);
		l->said = major;
	} else if (major == 5) {
		out(l->o, "%3u /dev/%s\n", major, d->name);
	} else {
		out(l->o, "%3u %.*s\n", major, (int)strcspn(d->name, "0123456789"), d->name);
	}
	return 0;
}

/* By number, one line for each driver; the major of partitions without numbers of their own has a name, too. */
struct driver_list { struct proc_out *o; uint32_t major; };

static int driver_line(void *ctx, const struct vfs_blkdev *d, const struct vfs_blkstat *stat)
{
	struct driver_list *l = ctx;

	(void)stat;
	if (vfs_major(d->dev) != l->major)
		return 0;
	out(l->o, "%3u %s\n", l->major, d->partition && vfs_major(d->whole_dev) != l->major ? "blkext" : d->driver);
	return 1;
}

int show_devices(struct proc_out *o, const struct proc_who *w)
{
	struct device_list l = { .o = o };

	out(o, "Character devices:\n");
	for (; l.major < 512; l.major++)
		vfs_walk_chrdevs(w->m, device_line, &l);
	out(o, "\nBlock devices:\n");
	for (struct driver_list b = { .o = o }; b.major < 512; b.major++)
		vfs_walk_blkdevs(w->m, driver_line, &b);
	return 0;
}

static int misc_line(void *ctx, const struct vfs_chrdev *d)
{
	if (vfs_major(d->dev) == 10)
		out(ctx, "%3u %s\n", vfs_minor(d->dev), d->name);
	return 0;
}

int show_misc(struct proc_out *o, const struct proc_who *w)
{
	vfs_walk_chrdevs(w->m, misc_line, o);
	return 0;
}

static int partition_line(void *ctx, const struct vfs_blkdev *d, const struct vfs_blkstat *stat)
{
	(void)stat;
	if (!d->disk->size)	/* a loop device without a file */
		return 0;
	out(ctx, "%4u  %7u %10llu %s\n", vfs_major(d->dev), vfs_minor(d->dev), (unsigned long long)d->disk->size / 1024,
	    d->name);
	return 0;
}

int show_mtd(struct proc_out *o, const struct proc_who *w)
{
	out(o, "dev:    size   erasesize  name\n");
	for (const struct mtd *d = mtd_from(w->m, 0); d; d = mtd_from(w->m, d->index + 1))
		out(o, "mtd%u: %8.8x %8.8x \"%s\"\n", d->index, d->size, d->erasesize, d->name);
	return 0;
}

int show_partitions(struct proc_out *o, const struct proc_who *w)
{
	out(o, "major minor  #blocks  name\n\n");
	vfs_walk_blkdevs(w->m, partition_line, o);
	return 0;
}

/* Nothing takes time, is merged, discarded or flushed. */
static int diskstats_line(void *ctx, const struct vfs_blkdev *d, const struct vfs_blkstat *s)
{
	out(ctx, "%4u %7u %s %llu 0 %llu 0 %llu 0 %llu 0 0 0 0 0 0 0 0 0 0\n", vfs_major(d->dev), vfs_minor(d->dev),
	    d->name, (unsigned long long)s->reads, (unsigned long long)s->sectors_read, (unsigned long long)s->writes,
	    (unsigned long long)s->sectors_written);
	return 0;
}

int show_diskstats(struct proc_out *o, const struct proc_who *w)
{
	vfs_walk_blkdevs(w->m, diskstats_line, o);
	return 0;
}

/* --- Headers --- */

#define HEADER(name, text) \
	int show_##name(struct proc_out *o, const struct proc_who *w) \
	{ \
		(void)w; \
		out_text(o, text, sizeof text - 1); \
		return 0; \
	}
HEADER(swaps, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n")
