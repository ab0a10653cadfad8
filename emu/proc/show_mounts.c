/* SPDX-License-Identifier: MIT
 *
 * Mounts of a process's namespace, as seen from its root (fs/proc_namespace.c).
 */
#include <errno.h>
#include <string.h>
#include "emu/fs/nsfs.h"
#include "emu/proc/internal.h"

static const char blanks[] = " \t\n\\#";

static void out_options(struct proc_out *o, uint32_t flags)
{
	static const struct { uint32_t flag; const char *name; } options[] = {
		{ 16, "sync" }, { 2, "nosuid" }, { 4, "nodev" }, { 8, "noexec" }, { 1024, "noatime" },
		{ 2048, "nodiratime" }, { 1u << 21, "relatime" }, { 256, "nosymfollow" },
	};

	out(o, flags & 1 ? "ro" : "rw");
	for (unsigned i = 0; i < sizeof options / sizeof *options; i++)
		if (flags & options[i].flag)
			out(o, ",%s", options[i].name);
}

/* The file system's own, each with a comma before it. */
static void out_super_options(struct proc_out *o, struct fs_super *s)
{
	char text[200] = "";

	if (s->show_options)
		s->show_options(s, text, sizeof text);
	out(o, "%s", text);
}

/* Where it is mounted, for somebody with that root.  False: out of sight. */
static bool where(const struct mount *mnt, const struct path_ref *root, char *buf, size_t size)
{
	const struct path_ref p = { (struct mount *)mnt, mnt->root };

	return vfs_path_name(&p, root, buf, size) > 0 && buf[0] == '/';
}

typedef void (*line_fn)(struct proc_out *o, const struct mount *m, const char *point);

static int each(struct proc_out *o, const struct proc_who *w, line_fn fn)
{
	char point[4200];

	if (!w->t->fs || !w->t->mounts)
		return -EINVAL;
	for (const struct mount *m = vfs_mounts(w->m); m && !o->failed; m = m->next)
		if (mount_ns_of(m) == w->t->mounts && where(m, &w->t->fs->root, point, sizeof point))
			fn(o, m, point);
	return 0;
}

static const char *source_of(const struct mount *m)
{
	return m->source && *m->source ? m->source : "none";
}

static void mounts_line(struct proc_out *o, const struct mount *m, const char *point)
{
	out_escaped(o, source_of(m), blanks);
	out(o, " ");
	out_escaped(o, point, blanks);
	out(o, " %s ", m->super->type->name);
	out_options(o, m->flags | m->super->read_only);
	out_super_options(o, m->super);
	out(o, " 0 0\n");
}

int show_mounts(struct proc_out *o, const struct proc_who *w)
{
	return each(o, w, mounts_line);
}

/* Which directory of the file system it shows: "/" but for bind mounts. */
static void out_root(struct proc_out *o, const struct mount *m)
{
	const struct dentry *path[64], *d = m->root;
	int n = 0;

	for (; d->parent != d && n < 64; d = d->parent)
		path[n++] = d;
	if (!n)
		out(o, "%s", *m->root->name ? m->root->name : "/");	/* a namespace's file has a name all the same */
	while (n--) {
		out(o, "/");
		out_escaped(o, path[n]->name, blanks);
	}
}

static void mountinfo_line(struct proc_out *o, const struct mount *m, const char *point)
{
	out(o, "%d %d %u:%u ", m->id, m->parent ? m->parent->id : m->id, vfs_major(m->super->dev),
	    vfs_minor(m->super->dev));
	out_root(o, m);
	out(o, " ");
	out_escaped(o, point, blanks);
	out(o, " ");
	out_options(o, m->flags);
	if (m->group)
		out(o, " shared:%d", m->group);
	if (m->master)
		out(o, " master:%d", m->master);
	if (m->unbindable)
		out(o, " unbindable");
	out(o, " - %s ", m->super->type->name);
	out_escaped(o, source_of(m), blanks);
	out(o, " %s", m->super->read_only ? "ro" : "rw");
	out_super_options(o, m->super);
	out(o, "\n");
}

int show_mountinfo(struct proc_out *o, const struct proc_who *w)
{
	return each(o, w, mountinfo_line);
}

static void mountstats_line(struct proc_out *o, const struct mount *m, const char *point)
{
	out(o, "device ");
	out_escaped(o, source_of(m), blanks);
	out(o, " mounted on ");
	out_escaped(o, point, blanks);
	out(o, " with fstype %s\n", m->super->type->name);
}

int show_mountstats(struct proc_out *o, const struct proc_who *w)
{
	return each(o, w, mountstats_line);
}
