/* SPDX-License-Identifier: MIT
 *
 * The machine: one of everything, passed by pointer; there are no other globals.
 */
#ifndef EMU_KERNEL_MACHINE_H
#define EMU_KERNEL_MACHINE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "cpu/hart.h"
#include "emu/kernel/coredump.h"
#include "mm/futex.h"
#include "mm/mm.h"

struct task;
struct tasks;
struct vfs;
struct console;
struct ipc;
struct clock_events;
struct net;
struct listeners;
struct quotas;
struct tty;
struct strace;
struct fbdev;
struct display;
struct mtds;
struct vts;
struct board;
struct inputs;
struct audio;

/* What --log can say: emu/kernel/log.h. */
enum log_category {
#define LOG(id, name, what) LOG_##id,
#include "emu/kernel/log_categories.def"
#undef LOG
	LOG_CATEGORIES
};

enum crash_reports { CRASH_REPORTS_OFF, CRASH_REPORTS_ON, CRASH_REPORTS_FULL };	/* emu/debug/crash.h */

/* Chosen on the command line; constant afterwards. */
struct machine_options {
	uint32_t ram_size;		/* bytes */
	bool deterministic;
	bool compat_linux;		/* --compat linux-6.12: the kernel's own limits and errnos (docs/differences.md) */
	enum crash_reports crash_reports;
	bool self_check;		/* --self-check: kernel_check() after each slice */
	bool net_host;			/* --net host: sockets may become the host's */
	bool report_allocs;		/* --fail-alloc: the number of page allocations is said at the end */
	const char *core_name;		/* --core: the file there; NULL: core.COMM.PID */
	int core_dir;			/* --core-dir: the host folder's descriptor; -1: none */
	int log_level;			/* 0..7 as syslog: what of the kernel log goes to stderr */
	uint8_t log[LOG_CATEGORIES];	/* of each, the highest level said, plus 1; 0: nothing */
	FILE *log_file;			/* --log-file; NULL: stderr */
	bool dump_devices;		/* --dump-devices: board_dump() at the end */
	FILE *dump_file;		/* where that goes; NULL: stderr */
	uint64_t slice;			/* instructions a task runs before the next one's turn */
};

struct machine {
	struct machine_options options;
	struct flat *flat;
	struct board *board;		/* the devices: emu/board.h */
	struct irqs *irqs;		/* who hears of them: emu/kernel/irq.h */
	struct audio *audio;		/* sound: emu/audio/audio.h; NULL: there is none */
	struct inputs *inputs;		/* keyboard, mouse, touch screen: emu/input/input.h; NULL: there are none */
	struct mm *mm;
	struct mm_futexes *futexes;
	struct hart hart;
	struct tasks *tasks;
	struct vfs *vfs;
	struct ipc *ipc;
	struct net *net;		/* sockets */
	struct uio *uios;		/* devices left to programs: emu/drivers/uio.h; NULL: none */
	struct mtds *mtds;		/* flash memory and its partitions: emu/drivers/mtd.h */
	struct console *console;
	struct fbdev *fbdev;		/* /dev/fb0: emu/drivers/fbdev.h; NULL: there is no display */
	struct vts *vts;		/* terminals on it: emu/vt/vt.h; or NULL */
	struct display *display;	/* who is shown it: emu/display/display.h; NULL: nobody */
	uint64_t frame_due;		/* monotonic ns: when display_frame() wants to be called; UINT64_MAX: never */
	struct tty *terminal;		/* what the guest's jobs are controlled by: the console, or the host's; or NULL */
	unsigned ptys, ptys_max;	/* pseudo-terminals in use; kernel.pty.max */
	struct { uint8_t symlinks, hardlinks, fifos, regular; } fs_protected;	/* sysctls fs.protected_* */
	bool cad_off;			/* reboot(2): Ctrl-Alt-Del is only a signal to init */
	bool dmesg_restrict;		/* sysctl kernel.dmesg_restrict */
	bool legacy_tiocsti;		/* dev.tty.legacy_tiocsti: whoever has a terminal may type on it */
	struct listeners *listeners;	/* emu/host/poll.c */
	struct clock_events *clock_events;
	struct quotas *quotas;		/* emu/event/quota.h; NULL: nobody has anything counted there */
	struct strace *strace;		/* NULL: off */
	struct klog *klog;
	uint64_t missed_calls[8];	/* a bit per number: the log has it that there is no such system call */
	struct clocks *clocks;
	struct entropy *entropy;
	struct uts_ns *uts;		/* what it is called, to who is in no other namespace: emu/kernel/uts.h */
	char core_pattern[CORE_PATTERN_MAX];	/* kernel.core_pattern */
	bool core_uses_pid;
	uint8_t boot_id[16];		/* made when first asked for: all zero before */
	/* syslog(2): where its readers are in the log, and what was cleared. */
	struct { uint64_t seq, clear; uint32_t skip; int level; } syslog;
	uint32_t stack_size;	/* bytes for programs that do not say; 0: the loader's default */
	uint32_t ramdisk_size;	/* bytes of RAM that /dev/ram0 holds; 0: there is none */
	/* Told of the last task of `flat32 run`'s process, while its memory is there: emu/debug/profile.h.  May be NULL. */
	void (*on_end)(void *owner, struct task *t);
	void *on_end_owner;
	/* Set when the machine is to stop; status is the emulator's exit status. */
	bool halted;
	bool restarts;			/* by reboot(2): it is to be started again */
	unsigned crashes;		/* that were to be reported so far */
	int status;
};

#endif
