/* SPDX-License-Identifier: MIT
 *
 * What the machine is made of, as far as there is something to say.
 */
#include <string.h>
#include "devices/plic.h"
#include "emu/board.h"
#include "emu/input/input.h"
#include "emu/kernel/irq.h"
#include "emu/proc/internal.h"
#include "emu/drivers/fbdev.h"

enum { CAP_SYS_ADMIN_ = 21 };

int show_consoles(struct proc_out *o, const struct proc_who *w)
{
	if (w->m->console)
		out(o, "%-20s -W- (EC  p  )    4:64\n", "ttyS0");
	return 0;
}

int show_execdomains(struct proc_out *o, const struct proc_who *w)
{
	(void)w;
	out(o, "0-0\tLinux           \t[kernel]\n");
	return 0;
}

/* r_show() of kernel/resource.c */
int show_iomem(struct proc_out *o, const struct proc_who *w)
{
	const struct task *t = task_current(w->m);
	bool told = !t || task_capable(t, CAP_SYS_ADMIN_);
	struct bus_window at;

	for (size_t i = 0; bus_window(board_bus(w->m), i, &at); i++) {
		const struct device_window *win = &at.device->window[at.index];
		bool ram = !strcmp(at.device->name, "ram");

		out(o, "%s%08x-%08x : %s%s%s\n", win->kind == DEVICE_PART ? "  " : "", told ? win->addr : 0,
		    told ? win->addr + win->size - 1 : 0, ram ? "" : at.device->name, ram ? "" : " ", win->what);
	}
	return 0;
}

/*
 * show_interrupts() of kernel/irq/proc.c: those that a driver listens to. That of this controller calls them "Edge", though they are levels,
 * because its device tree says nothing of it. A number is that of the source.
 */
int show_interrupts(struct proc_out *o, const struct proc_who *w)
{
	out(o, "           CPU0       \n");
	for (unsigned irq = 1; irq < PLIC_SOURCES; irq++)
		if (irq_name(w->m, irq))
			out(o, "%3u: %10llu  %8s %3u %-8s  %s\n", irq, (unsigned long long)irq_count(w->m, irq), "SiFive PLIC", irq, "Edge",
			    irq_name(w->m, irq));
	return 0;
}

/* fb_seq_show() */
int show_fb(struct proc_out *o, const struct proc_who *w)
{
	struct fb_fix fix;

	if (w->m->fbdev) {
		fbdev_fix(w->m->fbdev, &fix);
		out(o, "0 %s\n", fix.id);
	}
	return 0;
}

static void driver(struct proc_out *o, const char *name, const char *node, const char *numbers, const char *kind)
{
	out(o, "%-20s /dev/%-8s %s %s\n", name, node, numbers, kind);
}

/* show_tty_driver() of fs/proc/proc_tty.c */
int show_tty_drivers(struct proc_out *o, const struct proc_who *w)
{
	driver(o, "/dev/tty", "tty", "  5       0", "system:/dev/tty");
	if (w->m->console)
		driver(o, "/dev/console", "console", "  5       1", "system:console");
	driver(o, "/dev/ptmx", "ptmx", "  5       2", "system");
	if (w->m->vts)
		driver(o, "/dev/vc/0", "vc/0", "  4       0", "system:vtmaster");
	if (w->m->console)
		driver(o, "serial", "ttyS", "  4      64", "serial");
	driver(o, "pty_slave", "pts", "136 0-1048575", "pty:slave");
	driver(o, "pty_master", "ptm", "128 0-1048575", "pty:master");
	if (w->m->vts)
		driver(o, "unknown", "tty", "  4     1-6", "console");
	return 0;
}

int show_tty_ldiscs(struct proc_out *o, const struct proc_who *w)
{
	(void)w;
	out(o, "n_tty       0\n");
	return 0;
}

int show_input_devices(struct proc_out *o, const struct proc_who *w)
{
	inputs_show(w->m, o);
	return 0;
}

int show_input_handlers(struct proc_out *o, const struct proc_who *w)
{
	inputs_show_handlers(w->m, o);
	return 0;
}

/* --- Of a process --- */

int show_coredump_filter(struct proc_out *o, const struct proc_who *w)
{
	(void)w;
	out(o, "00000023\n");
	return 0;
}

int show_timerslack(struct proc_out *o, const struct proc_who *w)
{
	(void)w;
	out(o, "50000\n");
	return 0;
}

/* proc_pid_syscall(): where it sleeps, or that it does not. */
int show_syscall(struct proc_out *o, const struct proc_who *w)
{
	const struct task *t = w->t;
	const uint32_t *a = t->sys.args;

	if (t == task_current(w->m) || t->state == TASK_RUNNABLE)
		out(o, "running\n");
	else if (t->in_syscall)
		out(o, "%u 0x%x 0x%x 0x%x 0x%x 0x%x 0x%x 0x%x 0x%x\n", t->sys.nr, a[0], a[1], a[2], a[3], a[4], a[5], t->regs.x[2],
		    t->regs.pc);
	else
		out(o, "-1 0x%x 0x%x\n", t->regs.x[2], t->regs.pc);
	return 0;
}
