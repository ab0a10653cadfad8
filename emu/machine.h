/* SPDX-License-Identifier: MIT
 *
 * Putting a machine together, and giving it its first program.
 */
#ifndef EMU_MACHINE_H
#define EMU_MACHINE_H

#include "devices/flash/flash.h"
#include "devices/framebuffer.h"
#include "emu/input/input.h"
#include "emu/kernel/machine.h"

struct file;
struct path_ref;

enum machine_engine {
	ENGINE_BEST,		/* the JIT, or the interpreter where the host has none or does not let us have it */
	ENGINE_JIT,
	ENGINE_INTERP,
};

struct machine_config {
	struct machine_options options;
	enum machine_engine engine;
	struct input_config input;	/* what a keyboard, a mouse and a touch screen are made for; width 0: there are none */
	struct mm_config mm;		/* what the user may choose; where RAM lies and the callbacks are the machine's */
	uint32_t stack_size;		/* bytes for programs that do not say; 0: the loader's default */
	uint32_t ramdisk;		/* bytes of /dev/ram0, taken from the RAM; 0: there is none */
	const void *rom;		/* an image to boot from, copied into a ROM; NULL: there is none */
	size_t rom_size;		/* bytes */
	struct flash_config flash;	/* what the user may choose; set 0: there is none */
	struct framebuffer_mode display;	/* what it begins with; width 0: there is none */
	char *const *uio;		/* names of devices that are left to programs (--uio), NULL-terminated; NULL: none */
	char *const *disks;		/* FILE[:ro] of each --disk, NULL-terminated; NULL: none */
	const char *mtdparts;		/* its partitions: emu/drivers/mtd.h; NULL: none */
	char *why;			/* BOARD_WHY bytes (emu/board.h) for what the errno does not say; NULL: nobody asks */
};

/* A machine with an empty root file system and no task.  NULL: *err is -errno; -ENOSYS: ENGINE_JIT, and there is none. */
struct machine *machine_new(const struct machine_config *config, int *err);
void machine_free(struct machine *m);

/* Walks an absolute path as root would.  0 and references in *out, or -errno. */
int machine_find(struct machine *m, const char *path, struct path_ref *out);

/*
 * Mounts what a running system has: devtmpfs on /dev, proc on /proc, tmpfs on /dev/shm and /tmp, as `what` says.
 * Mount points that are missing are made where that is possible.  0, or the first -errno (each failure is logged, and
 * the rest is still tried).
 */
enum { MOUNT_DEV = 1, MOUNT_PROC = 2, MOUNT_SHM = 4, MOUNT_TMP = 8, MOUNT_PTS = 16 };
int machine_mount(struct machine *m, unsigned what);

/*
 * The first program.  as_init: it is process 1 itself; else a child of an init that only
 * reaps, with a process group of its own in init's session, as a shell starts its jobs.  stdio: files for descriptors 0 to 2 (references are taken).  The machine halts when the program ends.
 * 0 or -errno; on success tasks_run() may be called.
 */
int machine_start(struct machine *m, const char *path, char *const *argv, char *const *envp, const char *cwd,
		  struct file *const stdio[3], bool as_init);

#endif
