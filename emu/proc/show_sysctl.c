/* SPDX-License-Identifier: MIT
 *
 * sys/: parameters.  Those that change something here can be written; the others are for programs that ask.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "emu/event/quota.h"
#include "emu/host/clock.h"
#include "emu/kernel/tasks.h"
#include "emu/kernel/uts.h"
#include "emu/proc/internal.h"

enum { CAP_SYS_ADMIN_ = 21 };

#define VALUE(name, fmt, ...) \
	int show_##name(struct proc_out *o, const struct proc_who *w) \
	{ \
		(void)w; \
		out(o, fmt "\n", __VA_ARGS__); \
		return 0; \
	}

/* What the machine is called depends on who asks. */
static struct uts_ns *names_of(const struct proc_who *w)
{
	const struct task *reader = task_current(w->m);

	return reader && reader->uts ? reader->uts : w->m->uts;
}

VALUE(zero, "%d", 0)
VALUE(init_pid, "%d", 1)
VALUE(three, "%d", 3)
VALUE(ten, "%d", 10)
VALUE(twenty, "%d", 20)
VALUE(fifty, "%d", 50)
VALUE(sixty, "%d", 60)
VALUE(hundred, "%d", 100)
VALUE(million, "%d", 1048576)
VALUE(nobody, "%d", 65534)
VALUE(deadline_period_max, "%d", 1 << 22)
VALUE(rt_period, "%d", 1000000)
VALUE(rt_runtime, "%d", 950000)
VALUE(cap_last_cap, "%d", 40)
VALUE(core_pattern, "%s", w->m->core_pattern)
VALUE(core_uses_pid, "%d", w->m->core_uses_pid)
VALUE(domainname, "%s", names_of(w)->domainname)
VALUE(hostname, "%s", names_of(w)->hostname)
VALUE(ngroups_max, "%d", 65536)
VALUE(osrelease, "%s", UTS_RELEASE)
VALUE(ostype, "%s", UTS_SYSNAME)
VALUE(uts_version, "%s", UTS_VERSION)
VALUE(pid_max, "%d", PID_LIMIT)
VALUE(printk, "%d\t4\t1\t7", w->m->options.log_level + 1)
VALUE(entropy, "%d", 256)
VALUE(shmall, "%u", UINT32_MAX - (1u << 24))
VALUE(shmmni, "%d", 4096)
VALUE(arch, "%s", UTS_MACHINE)
VALUE(ctrl_alt_del, "%d", !w->m->cad_off)
VALUE(dmesg_restrict, "%d", w->m->dmesg_restrict)
VALUE(dirty_expire, "%d", 3000)
VALUE(dirty_writeback, "%d", 500)
VALUE(mount_max, "%d", 10000)
VALUE(pipe_pages, "%d", 16384)
VALUE(legacy_tiocsti, "%d", w->m->legacy_tiocsti)
VALUE(protected_fifos, "%d", w->m->fs_protected.fifos)
VALUE(protected_hardlinks, "%d", w->m->fs_protected.hardlinks)
VALUE(protected_regular, "%d", w->m->fs_protected.regular)
VALUE(protected_symlinks, "%d", w->m->fs_protected.symlinks)
VALUE(pty_max, "%u", w->m->ptys_max)
VALUE(pty_reserve, "%d", 1024)
VALUE(pty_nr, "%u", w->m->ptys)
VALUE(nr_trim_pages, "%u", mm_trim(w->m->mm))

/* --- Open files --- */

static uint64_t file_max(struct machine *m)
{
	return m->options.ram_size / 1024 / 10;		/* files_maxfiles_init(): a tenth of memory at 1 KiB a file */
}

int show_file_max(struct proc_out *o, const struct proc_who *w)
{
	out(o, "%llu\n", (unsigned long long)file_max(w->m));
	return 0;
}

/* Descriptors of all processes; a table that several share counts once. */
int show_file_nr(struct proc_out *o, const struct proc_who *w)
{
	unsigned n = 0;

	for (const struct process *p = process_first(w->m); p; p = p->next) {
		struct fd_table *fds = p->leader ? p->leader->fds : NULL;
		const struct process *earlier = process_first(w->m);

		while (earlier != p && !(earlier->leader && earlier->leader->fds == fds))
			earlier = earlier->next;
		for (int fd = 0; fds && earlier == p && (fd = fds_next(fds, (unsigned)fd)) >= 0; fd++)
			n++;
	}
	out(o, "%u\t0\t%llu\n", n, (unsigned long long)file_max(w->m));
	return 0;
}

/* --- Names --- */

/* A sysctl string: up to the first newline, cut to what fits. */
static int store_string(char *to, size_t size, const char *text)
{
	size_t n = strcspn(text, "\n");

	if (n > size - 1)
		n = size - 1;
	memcpy(to, text, n);
	to[n] = 0;
	return 0;
}

int store_hostname(const struct proc_who *w, char *text)
{
	struct uts_ns *u = names_of(w);

	return store_string(u->hostname, sizeof u->hostname, text);
}

int store_domainname(const struct proc_who *w, char *text)
{
	struct uts_ns *u = names_of(w);

	return store_string(u->domainname, sizeof u->domainname, text);
}

int store_core_pattern(const struct proc_who *w, char *text)
{
	return store_string(w->m->core_pattern, sizeof w->m->core_pattern, text);
}

/* --- Numbers --- */

/* proc_dointvec_minmax(): one number; what stands behind a blank is not looked at. */
static int parse(const char *text, long long min, long long max, long long *v)
{
	char *end;

	*v = strtoll(text, &end, 0);
	return end == text || (*end && !strchr(" \t\n", *end)) || *v < min || *v > max ? -EINVAL : 0;
}

int store_nr_trim_pages(const struct proc_who *w, char *text)
{
	long long v;
	int err = parse(text, 0, INT_MAX, &v);

	if (!err)
		mm_set_trim(w->m->mm, (uint32_t)v);
	return err;
}

static int store_byte(uint8_t *to, long long max, const char *text)
{
	long long v;
	int err = parse(text, 0, max, &v);

	if (!err)
		*to = (uint8_t)v;
	return err;
}

int store_protected_fifos(const struct proc_who *w, char *text)
{
	return store_byte(&w->m->fs_protected.fifos, 2, text);
}

int store_protected_hardlinks(const struct proc_who *w, char *text)
{
	return store_byte(&w->m->fs_protected.hardlinks, 1, text);
}

int store_protected_regular(const struct proc_who *w, char *text)
{
	return store_byte(&w->m->fs_protected.regular, 2, text);
}

int store_protected_symlinks(const struct proc_who *w, char *text)
{
	return store_byte(&w->m->fs_protected.symlinks, 1, text);
}

int store_ctrl_alt_del(const struct proc_who *w, char *text)
{
	long long v;
	int err = parse(text, INT_MIN, INT_MAX, &v);

	if (!err)
		w->m->cad_off = !v;
	return err;
}

int store_dmesg_restrict(const struct proc_who *w, char *text)
{
	struct task *t = task_current(w->m);
	long long v;
	int err = parse(text, 0, 1, &v);

	if (t && !task_capable(t, CAP_SYS_ADMIN_))
		return -EPERM;
	if (!err)
		w->m->dmesg_restrict = v;
	return err;
}

int store_legacy_tiocsti(const struct proc_who *w, char *text)
{
	long long v;
	int err = parse(text, 0, 1, &v);

	if (!err)
		w->m->legacy_tiocsti = v;
	return err;
}

int store_pty_max(const struct proc_who *w, char *text)
{
	long long v;
	int err = parse(text, 0, 1 << 20, &v);

	if (!err)
		w->m->ptys_max = (unsigned)v;
	return err;
}

/* --- What users may have of epoll and inotify --- */

static int set_quota(const struct proc_who *w, enum quota_kind kind, char *text)
{
	long long v;
	int err = parse(text, 0, INT_MAX, &v);

	return err ? err : quota_set_limit(w->m, kind, (uint32_t)v);
}

#define QUOTA(name, kind) \
	int show_##name(struct proc_out *o, const struct proc_who *w) \
	{ \
		out(o, "%u\n", quota_limit(w->m, kind)); \
		return 0; \
	} \
	int store_##name(const struct proc_who *w, char *text) { return set_quota(w, kind, text); }

QUOTA(max_epoll_watches, QUOTA_EPOLL_WATCHES)
QUOTA(max_queued_events, QUOTA_INOTIFY_EVENTS)
QUOTA(max_inotify_instances, QUOTA_INOTIFY_INSTANCES)
QUOTA(max_inotify_watches, QUOTA_INOTIFY_WATCHES)

int store_core_uses_pid(const struct proc_who *w, char *text)
{
	long long v;
	int err = parse(text, INT_MIN, INT_MAX, &v);

	if (!err)
		w->m->core_uses_pid = v != 0;
	return err;
}

/* Not even root reads it (sysctl_perm()). */
int show_drop_caches(struct proc_out *o, const struct proc_who *w)
{
	(void)o;
	(void)w;
	return -EACCES;
}

/* There is nothing to drop: what is cached here is the only copy (ramfs). */
int store_drop_caches(const struct proc_who *w, char *text)
{
	long long v;

	(void)w;
	return parse(text, 1, 4, &v);
}

/* --- Random numbers --- */

/* RFC 4122, version 4. */
static void out_uuid(struct proc_out *o, uint8_t u[16])
{
	u[6] = (u[6] & 0x0f) | 0x40;
	u[8] = (u[8] & 0x3f) | 0x80;
	for (int i = 0; i < 16; i++)
		out(o, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", u[i]);
	out(o, "\n");
}

int show_uuid(struct proc_out *o, const struct proc_who *w)
{
	uint8_t u[16];

	entropy_bytes(w->m, u, sizeof u);
	out_uuid(o, u);
	return 0;
}

int show_boot_id(struct proc_out *o, const struct proc_who *w)
{
	static const uint8_t none[16];

	if (!memcmp(w->m->boot_id, none, sizeof none))
		entropy_bytes(w->m, w->m->boot_id, sizeof w->m->boot_id);
	out_uuid(o, w->m->boot_id);
	return 0;
}
