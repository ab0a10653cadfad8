/* SPDX-License-Identifier: MIT
 *
 * execve(2).  The new image is built in a space of its own before anything of the old one is touched: a file that
 * will not load is an errno to the caller, never the end of the process.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include "emu/host/clock.h"
#include "emu/kernel/cred.h"
#include "emu/kernel/exec_args.h"
#include "emu/kernel/log.h"
#include "emu/ptrace/ptrace.h"
#include "emu/signal/signal.h"
#include "emu/sys/syscall.h"
#include "emu/kernel/tasks.h"
#include "emu/kernel/timers.h"
#include "emu/sys/user.h"
#include "loader/loader.h"

#define CAP_SYS_PTRACE_ 19
#define HWCAP_IMAFDC 0x112du	/* bits I, M, A, F, D, C: what the real kernel reports */

/* --- Files as the loader sees them --- */

static int64_t read_file(void *owner, void *dst, uint32_t len, uint64_t offset)
{
	return file_read(owner, dst, len, &offset);
}

static void close_file(void *owner)
{
	file_put(owner);
}

static struct loader_file loader_file_of(struct file *f)
{
	return (struct loader_file){
		.owner = f, .read = read_file, .close = close_file, .size = f->inode->size,
		.source = f->inode->source.ops ? &f->inode->source : NULL,
	};
}

/* Opens for execution: regular, executable, not being written (fs/exec.c do_open_execat). */
int task_open_program(struct task *t, int32_t dirfd, const char *path, unsigned walk_flags, struct file **out)
{
	struct walk w;
	struct vfs_cred cred;
	struct path_ref p;
	struct inode *inode;
	int err;

	err = task_walk(t, dirfd, path, walk_flags, &w, &cred);
	if (err)
		return err;
	err = vfs_walk(&w, path, &p, NULL);
	if (err)
		return err;
	inode = p.dentry->inode;
	if (S_ISLNK(inode->mode))
		err = -ELOOP;
	else if (!S_ISREG(inode->mode) || (p.mnt->flags & MS_NOEXEC))
		err = -EACCES;
	else
		err = vfs_permission(inode, 1, &cred);
	if (!err && inode->writers)
		err = -ETXTBSY;
	if (!err)
		err = vfs_open_path(&p, O_RDONLY, NULL, out);
	path_put(&p);
	return err;
}

static int open_interpreter(void *owner, const char *path, struct loader_file *out)
{
	struct file *f;
	int err = task_open_program(owner, AT_FDCWD, path, WALK_FOLLOW, &f);

	if (err)
		return err;
	*out = loader_file_of(f);
	return 0;
}

static void log_line(void *owner, const char *line)
{
	struct task *t = owner;

	/* Shells try files that are no programs as a matter of course; the first program is what the user asked for. */
	klog(t->machine, task_current(t->machine) ? KLOG_NOTICE : KLOG_WARNING, "%s", line);
}

/* --- The change-over --- */

/* A shared table or set of actions becomes our own copy (NULL: it is ours alone).  Done before the point of no return. */
static int unshare(struct task *t, struct fd_table **fds, struct sighand **sighand)
{
	bool shared = fds_shared(t->fds);

	*fds = shared ? fds_copy(t->fds) : NULL;
	*sighand = t->sighand->refs > 1 ? sighand_copy(t->sighand) : NULL;
	if ((shared && !*fds) || (t->sighand->refs > 1 && !*sighand)) {
		if (*fds)
			fds_put(*fds);
		sighand_put(*sighand);
		return -ENOMEM;
	}
	return 0;
}

/*
 * The table to go on with.  If only our own threads, now gone, shared it, it is the old one: record locks
 * belong to the table, and stay over an execve.
 */
static void change_fds(struct task *t, struct fd_table *copy)
{
	if (copy && fds_shared(t->fds)) {
		fds_put(t->fds);
		t->fds = copy;
	} else if (copy) {
		fds_put(copy);
	}
	fds_close_on_exec(t->fds);
}

static bool is_unreadable(const struct task *t, const struct file *program)
{
	struct vfs_cred cred;

	task_vfs_cred(t, &cred);
	return vfs_permission(program->inode, 4, &cred) != 0;
}

/* What /proc/PID/exe names: for a script its interpreter. */
static void remember_program(struct task *t, const struct loader_image *image, const struct path_ref *opened)
{
	struct path_ref p;
	struct walk w;
	struct vfs_cred cred;

	if (opened->dentry && !task_walk(t, AT_FDCWD, image->path, WALK_FOLLOW, &w, &cred) &&
	    !vfs_walk(&w, image->path, &p, NULL)) {
		process_set_exe(t->process, &p);
		path_put(&p);
		return;
	}
	process_set_exe(t->process, opened->dentry ? opened : NULL);
}

static void start(struct task *t, const struct loader_image *image)
{
	struct hart_regs *r = &t->regs;

	memset(r, 0, sizeof *r);
	r->pc = image->pc;
	r->x[2] = image->sp;
	if (!image->flat) {
		r->x[11] = image->a1;
		r->x[12] = image->a2;
		r->x[13] = image->a3;
	}
	memcpy(t->comm, image->comm, sizeof t->comm);
	t->comm[sizeof t->comm - 1] = 0;
}

/*
 * Signal handlers are descriptors if the file says so.  Linux never takes the bit away again: a PIE that an FDPIC
 * program executes would have its handlers read as descriptors.
 */
static void set_personality(struct task *t, const struct loader_image *image)
{
	t->personality &= ~(PER_MASK_ | PER_FDPIC_FUNCPTRS);
	if (image->descriptors)
		t->personality |= PER_FDPIC_FUNCPTRS;
}

static void log_exec(struct task *t, const char *path)
{
	const struct mm_layout *l = mm_layout(t->space);

	log_info(t->machine, EXEC, "%s[%d]: %s, pc %08x sp %08x", t->comm, t->tid, path, t->regs.pc, t->regs.x[2]);
	log_debug(t->machine, EXEC, "%s[%d]: code %08x-%08x data %08x-%08x brk %08x-%08x stack %08x-%08x", t->comm, t->tid,
		  l->start_code, l->end_code, l->start_data, l->end_data, l->start_brk, l->end_brk, l->stack_bottom,
		  l->stack_top);
}

/*
 * Linux finds out behind its point of no return that there is no memory, or nothing to load: nobody is left to be told,
 * and the process ends.  (For arguments that overflow the stack it has no answer at all: E2BIG stays.)
 */
static void end_as_linux(struct task *t)
{
	process_kill_other_threads(t);
	signal_force_segv(t, 11 /* SIGSEGV */);
}

int task_exec(struct task *t, const char *path, struct file *program, char *const *argv, char *const *envp)
{
	struct machine *m = t->machine;
	struct loader_file lf = loader_file_of(program);
	struct loader_request req = { .path = path, .file = &lf, .argv = argv, .envp = envp };
	struct loader_env env = { .owner = t, .open = open_interpreter, .log = log_line, .hwcap = HWCAP_IMAFDC,
				  .stack_size = m->stack_size, .ignore_fdpic = m->options.compat_linux };
	bool compat = m->options.compat_linux;
	struct path_ref opened = program->path;
	struct loader_image image;
	struct mm_space *space, *old;
	struct fd_table *fds;
	struct sighand *sighand;
	struct cred cred;
	uint8_t random[16];
	int err, old_tid = t->tid;
	bool unreadable;

	err = cred_exec(t, program, &cred);
	if (err < 0) {
		file_put(program);
		return err;
	}
	env.secure = err;
	unreadable = is_unreadable(t, program);
	if (opened.dentry)
		path_get(&opened);
	entropy_bytes(m, random, sizeof random);
	env.random = compat ? NULL : random;
	env.uid = cred.uid;
	env.euid = cred.euid;
	env.gid = cred.gid;
	env.egid = cred.egid;
	env.traced = task_is_traced(t);
	err = mm_space_new(m->mm, &space);
	if (err) {
		file_put(program);
		goto out_path;
	}
	mm_space_owner(space, t->process->pid, t->comm);
	err = loader_load(&env, space, &req, &image);	/* closes the program */
	if (err)
		log_debug(m, EXEC, "%s[%d]: %s is refused: %s", t->comm, t->tid, path, strerror(-err));
	if (err && compat && image.too_late && err != -E2BIG)
		end_as_linux(t);
	if (err)
		goto out_space;
	err = unshare(t, &fds, &sighand);
	if (err)
		goto out_space;

	/* The point of no return. */
	process_kill_other_threads(t);
	if (t->space)
		task_release_memory(t);
	old = t->space;
	t->space = space;
	change_fds(t, fds);
	if (sighand) {
		sighand_put(t->sighand);
		t->sighand = sighand;
	}
	signal_exec(t);
	timers_exec(t->process);
	t->cred = cred;
	t->clear_tid = t->robust_list = 0;
	t->rseq = (struct task_rseq){ 0 };
	t->restart.resumable = false;
	start(t, &image);
	set_personality(t, &image);
	mm_space_owner(space, t->process->pid, t->comm);
	/* fs/exec.c begin_new_exec(): what its user may not read nobody but the privileged may look at while it runs. */
	t->process->dumpable = !unreadable && cred.euid == cred.uid && cred.egid == cred.gid;
	t->process->exec_done = true;
	t->process->execs++;
	t->process->membarrier = 0;
	t->process->exit_signal = 17;
	remember_program(t, &image, &opened);
	log_exec(t, path);
	if (old)
		mm_space_put(old);
	/* The caller returns 0, at once or when it has gone on. */
	err = t->ptrace && ptrace_exec(t, old_tid) ? TASK_EXEC_STOPPED : 0;
	goto out_path;
out_space:
	mm_space_put(space);
out_path:
	if (opened.dentry)
		path_put(&opened);
	return err;
}

/* --- The calls --- */

static int64_t execve_at(struct task *t, int32_t dirfd, uint32_t path_addr, uint32_t argv_addr, uint32_t envp_addr,
			 uint32_t flags)
{
	char path[PATH_MAX_GUEST], name[32 + PATH_MAX_GUEST];
	const char *shown = path;
	struct exec_args argv, envp;
	struct file *program;
	int64_t len;
	int err;

	if (t->sys.restarted)
		return 0;	/* it was done, and stopped for its tracer */
	if (flags & ~(uint32_t)(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
		return -EINVAL;
	len = user_path(t, path, path_addr);
	if (len < 0)
		return len;
	if (len == 0 && (flags & AT_EMPTY_PATH)) {
		struct file *f = task_file(t, (uint32_t)dirfd);

		if (!f)
			return -EBADF;
		if (!f->path.dentry || !S_ISREG(f->inode->mode))
			return -EACCES;
		struct vfs_cred cred;

		task_vfs_cred(t, &cred);
		err = vfs_permission(f->inode, 1, &cred);
		if (!err)
			err = vfs_open_path(&f->path, O_RDONLY, NULL, &program);
		snprintf(name, sizeof name, "/dev/fd/%d", dirfd);
		shown = name;
	} else {
		err = task_open_program(t, dirfd, path, (flags & AT_SYMLINK_NOFOLLOW) ? 0 : WALK_FOLLOW, &program);
		if (dirfd != AT_FDCWD && path[0] != '/') {
			snprintf(name, sizeof name, "/dev/fd/%d/%s", dirfd, path);
			shown = name;
		}
	}
	if (err)
		return err;
	err = exec_args_read(t, argv_addr, &argv, LOADER_ARG_MAX);
	if (err)
		goto fail_program;
	err = exec_args_read(t, envp_addr, &envp, LOADER_ARG_MAX - argv.bytes);
	if (err)
		goto fail_argv;
	if (!argv.count) {
		/* fs/exec.c: an empty argv becomes { "" }. */
		argv.list[0] = (char *)"";
		argv.list[1] = NULL;
	}
	err = task_exec(t, shown, program, argv.list, envp.list);
	exec_args_free(&envp);
	exec_args_free(&argv);
	return err == TASK_EXEC_STOPPED ? SYS_BLOCK : err;
fail_argv:
	exec_args_free(&argv);
fail_program:
	file_put(program);
	return err;
}

int64_t sys_execve(struct task *t, const uint32_t a[6])
{
	return execve_at(t, AT_FDCWD, a[0], a[1], a[2], 0);
}

int64_t sys_execveat(struct task *t, const uint32_t a[6])
{
	return execve_at(t, (int32_t)a[0], a[1], a[2], a[3], a[4]);
}
