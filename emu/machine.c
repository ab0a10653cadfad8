/* SPDX-License-Identifier: MIT */
#include "emu/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include "emu/strace/strace.h"
#include "emu/audio/audio.h"
#include "emu/board.h"
#include "emu/display/display.h"
#include "emu/drivers/fbdev.h"
#include "emu/drivers/mtd.h"
#include "emu/event/quota.h"
#include "emu/ext2/ext2.h"
#include "emu/fs/cramfs.h"
#include "emu/fs/devfs.h"
#include "emu/fs/mqueuefs.h"
#include "emu/fs/romfs.h"
#include "emu/host/clock.h"
#include "emu/host/poll.h"
#include "emu/host/signals.h"
#include "emu/input/input.h"
#include "emu/ipc/ipc.h"
#include "emu/kernel/clock_event.h"
#include "emu/kernel/log.h"
#include "emu/kernel/mm_caller.h"
#include "emu/kernel/tasks.h"
#include "emu/kernel/uts.h"
#include "emu/net/net.h"
#include "emu/proc/proc.h"
#include "emu/sysfs/sysfs.h"
#include "emu/tty/console.h"
#include "emu/tty/hoststream.h"
#include "emu/tty/pty.h"
#include "emu/vt/vt.h"

static void code_gone(void *owner, uint32_t addr, uint32_t len)
{
	struct machine *m = owner;

	log_debug(m, JIT, "code at %08x, %u bytes, is stale", addr, len);
	hart_flush(&m->hart, addr, len);
}

static void mm_log(void *owner, int level, const char *line)
{
	klog(owner, (enum klog_level)level, "%s", line);
}

static int64_t mm_now(void *owner)
{
	return clock_realtime(owner) / 1000000000;
}

static uint64_t read_time(void *owner)
{
	/* The time CSR counts at 10 MHz, as QEMU's virt board does. */
	return clock_monotonic(owner) / 100;
}

/* The JIT takes some GiB of addresses, and the host counts its code cache as a file: ulimit -f would be SIGXFSZ. */
static int enable_jit(struct machine *m)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction before;
	int err;

	sigaction(SIGXFSZ, &ignore, &before);
	err = hart_enable_jit(&m->hart, NULL);
	sigaction(SIGXFSZ, &before, NULL);
	return err;
}

/* A machine that was not told which engine has a JIT from when there is something for it, or does without. */
static void code_is_hot(void *owner)
{
	struct machine *m = owner;
	int err = enable_jit(m);

	if (err && err != -ENOSYS)
		klog(m, KLOG_NOTICE, "the JIT cannot be set up, interpreting: %s", strerror(-err));
}

static int make_hart(struct machine *m, const struct machine_config *c)
{
	int err = hart_init(&m->hart, flat_base(m->flat));

	if (err)
		return err;
	if (c->engine == ENGINE_BEST)
		hart_on_hot(&m->hart, code_is_hot, m);
	else if (c->engine == ENGINE_JIT)
		err = enable_jit(m);
	if (err)
		return err;
	log_info(m, JIT, "engines there are: %s; asked for: %s", hart_engines(), c->engine == ENGINE_INTERP ? "interp" :
		 c->engine == ENGINE_JIT ? "jit" : "the best");
	m->hart.priv = HART_U;
	if (c->options.compat_linux)
		m->hart.csr.mcounteren = 0;	/* a kernel in M mode keeps the counters to itself */
	m->hart.read_time = read_time;
	m->hart.time_owner = m;
	return 0;
}

static int make_memory(struct machine *m, const struct machine_config *c, char *why)
{
	struct mm_config mc = c->mm;
	const struct device_window *ram;
	int err;

	mc.compat_linux = c->options.compat_linux;
	mc.code_gone = code_gone;
	mc.log = mm_log;
	mc.caller = mm_caller_of;
	mc.now = mm_now;
	mc.owner = m;
	err = flat_new(&m->flat);
	if (err)
		return err;
	err = board_new(m, c, why);
	if (err)
		return err;
	err = make_hart(m, c);
	if (err)
		return err;
	board_wire(m);
	ram = &bus_find(board_bus(m), "ram")->window[0];
	mc.ram_base = ram->addr;
	mc.ram_size = ram->size;
	err = mm_new(&m->mm, m->flat, &mc);
	if (err)
		return err;
	return mm_futexes_new(&m->futexes);
}

static int make_kernel(struct machine *m)
{
	int err;

	err = tasks_new(m);
	if (!err)
		err = clock_events_new(m);
	if (!err)
		err = ipc_new(m);
	if (!err)
		err = vfs_new(m, &m->vfs);
	if (!err)
		err = uts_begin(m);
	if (!err)
		err = net_new(m);
	if (!err)
		err = devfs_register(m);
	if (!err)
		err = proc_register(m);
	if (!err)
		err = mqueuefs_register(m);
	if (!err)
		err = sysfs_register(m);
	if (!err)
		err = romfs_register(m);
	if (!err)
		err = cramfs_register(m);
	if (!err)
		err = ext2_register(m);
	if (!err)
		err = pty_register(m);
	if (!err)
		err = mtd_register(m);
	return err;
}

struct machine *machine_new(const struct machine_config *config, int *err)
{
	struct machine *m = calloc(1, sizeof *m);
	char unasked[BOARD_WHY], *why = config->why ? config->why : unasked;

	*why = 0;
	if (!m) {
		*err = -ENOMEM;
		return NULL;
	}
	m->options = config->options;
	m->stack_size = config->stack_size;
	m->frame_due = UINT64_MAX;
	strcpy(m->core_pattern, "core");
	m->legacy_tiocsti = true;
	m->fs_protected.symlinks = m->fs_protected.hardlinks = 1;
	*err = clocks_new(m);
	if (!*err)
		*err = klog_new(m);
	if (!*err)
		*err = make_memory(m, config, why);
	if (!*err)
		*err = make_kernel(m);
	if (!*err)
		*err = board_drive(m, config, why);
	if (!*err && config->input.width)
		*err = inputs_new(m, &config->input);
	if (!*err && m->fbdev)
		*err = vts_new(m);
	if (*err) {
		machine_free(m);
		return NULL;
	}
	return m;
}

void machine_free(struct machine *m)
{
	if (!m)
		return;
	host_signals_release(m);
	display_free(m);
	tasks_free(m);
	mtd_settle(m);
	console_free(m);
	hoststream_terminal_free(m);
	net_free(m);
	if (m->uts)
		ns_put(&m->uts->ns);
	if (m->vfs)
		vfs_free(m->vfs);
	fbdev_free(m);
	inputs_free(m);
	vts_free(m);
	audio_free(m);
	clock_events_free(m);	/* of which the console, the keyboard and the sound may have one */
	quotas_free(m);
	ipc_free(m);
	strace_free(m);
	mm_futexes_free(m->futexes);
	mm_free(m->mm);
	mtd_free(m);
	if (m->hart.engine)
		hart_fini(&m->hart);
	board_free(m);
	flat_free(m->flat);
	klog_free(m);
	clocks_free(m);
	if (m->options.log_file)
		fclose(m->options.log_file);
	if (m->options.dump_file)
		fclose(m->options.dump_file);
	host_poll_free(m);
	free(m);
}

/* --- Mounting --- */

/* A walk by root from the root directory; fs is the caller's, to be dropped with walk_end(). */
static struct walk walk_begin(struct machine *m, struct fs_context *fs)
{
	static const struct vfs_cred root = { .caps = VFS_ALL_CAPS };

	fs_context_root(m, fs);
	return (struct walk){ .fs = fs, .cred = &root, .flags = WALK_FOLLOW };
}

static void walk_end(struct fs_context *fs)
{
	path_put(&fs->root);
	path_put(&fs->cwd);
}

int machine_find(struct machine *m, const char *path, struct path_ref *out)
{
	struct fs_context fs;
	struct walk w = walk_begin(m, &fs);
	int err = vfs_walk(&w, path, out, NULL);

	walk_end(&fs);
	return err;
}

static const char *options_of(const char *type)
{
	return !strcmp(type, "tmpfs") ? "mode=1777" : !strcmp(type, "devpts") ? "gid=5,mode=620,ptmxmode=666" : NULL;
}

static int mount_on(struct machine *m, const char *type, const char *where)
{
	struct fs_context fs;
	struct walk w = walk_begin(m, &fs);
	struct path_ref p;
	int err;

	err = vfs_walk(&w, where, &p, NULL);
	if (err == -ENOENT) {
		err = vfs_mkdir(&w, where, strcmp(type, "tmpfs") ? 0755 : 01777);
		if (!err)
			err = vfs_walk(&w, where, &p, NULL);
	}
	if (!err) {
		err = vfs_mount(m, type, type, &p, 0, options_of(type));
		path_put(&p);
	}
	walk_end(&fs);
	if (err)
		klog(m, KLOG_NOTICE, "cannot mount %s on %s: %s", type, where, strerror(-err));
	return err;
}

int machine_mount(struct machine *m, unsigned what)
{
	static const char *const mounts[][2] = {
		{ "devtmpfs", "/dev" }, { "proc", "/proc" }, { "tmpfs", "/dev/shm" }, { "tmpfs", "/tmp" },
		{ "devpts", "/dev/pts" },
	};
	int first = 0;

	for (unsigned i = 0; i < sizeof mounts / sizeof *mounts; i++) {
		int err = what >> i & 1 ? mount_on(m, mounts[i][0], mounts[i][1]) : 0;

		if (!first)
			first = err;
	}
	return first;
}

/* --- The first program --- */

/* What a task needs before it can execute anything. */
static int furnish(struct machine *m, struct task *t, struct file *const stdio[3])
{
	t->fs = calloc(1, sizeof *t->fs);
	t->fds = fds_new(m);
	if (!t->fs || !t->fds) {
		free(t->fs);
		t->fs = NULL;
		return -ENOMEM;
	}
	fs_context_root(m, t->fs);
	t->fs->refs = 1;
	for (unsigned i = 0; i < 3; i++) {
		int fd;

		if (!stdio[i])
			continue;
		fd = fds_install(t->fds, file_get(stdio[i]), i, 1024, false);
		if (fd < 0) {
			file_put(stdio[i]);
			return fd;
		}
	}
	return 0;
}

static int enter(struct task *t, const char *path, char *const *argv, char *const *envp, const char *cwd)
{
	struct file *program;
	struct walk w;
	struct vfs_cred cred;
	int err;

	if (cwd) {
		struct path_ref p;

		err = task_walk(t, AT_FDCWD, cwd, WALK_FOLLOW | WALK_DIR, &w, &cred);
		if (!err)
			err = vfs_walk(&w, cwd, &p, NULL);
		if (err)
			return err;
		path_put(&t->fs->cwd);
		t->fs->cwd = p;
	}
	err = task_open_program(t, AT_FDCWD, path, WALK_FOLLOW, &program);
	if (err)
		return err;
	return task_exec(t, path, program, argv, envp);
}

int machine_start(struct machine *m, const char *path, char *const *argv, char *const *envp, const char *cwd,
		  struct file *const stdio[3], bool as_init)
{
	struct tasks *ts = m->tasks;
	struct task *t = tasks_make_init(m);
	int err;

	if (!t)
		return -ENOMEM;
	strcpy(t->comm, "init");
	if (!as_init) {
		struct process *init = t->process;

		t = task_alloc(m, &err);
		if (!t)
			return err;
		t->cred = init->leader->cred;
		t->sighand = sighand_copy(NULL);
		if (!t->sighand || !process_alloc(m, t, init)) {
			task_free(t);
			return -ENOMEM;
		}
		t->process->exit_signal = 17;
		/* Init stands for the shell: the session is its, this is a job. */
		process_set_group(t->process, t->process->pid, init->sid);
	}
	ts->watched = t->process;
	err = furnish(m, t, stdio);
	if (!err)
		err = enter(t, path, argv, envp, cwd);
	if (err)
		return err;
	t->state = TASK_RUNNABLE;
	sched_enqueue(t);
	return 0;
}
