/* SPDX-License-Identifier: MIT
 *
 * The text of an option, from behind: `:ro` or `:rw` if it ends so, then the last part that begins with `:/`, the place in
 * the guest; what is left is the folder of the host, which may have colons.
 *
 * Where no place is named, a booted guest gets /mnt/NAME, made if the image has no such folder.  A program of
 * `flat32 run` has the host's whole tree; its shares lie over that, by default each over itself (to make it
 * read-only), and nothing is made.
 */
#define _GNU_SOURCE
#include "emu/share.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include "emu/fs/hostfs.h"
#include "emu/fs/vfs.h"
#include "emu/machine.h"

#define MOST 64		/* shares; each has descriptors of its own */

struct share {
	char host[PATH_MAX], guest[PATH_MAX], name[NAME_MAX + 1];
	bool read_only;
};

static int complain(const char *spec, const char *why)
{
	fprintf(stderr, "flat32: --share %s: %s\n", spec, why);
	return EXIT_OURS;
}

/* Cuts a suffix off, if it is there. */
static bool cut(char *text, const char *suffix)
{
	size_t n = strlen(text), m = strlen(suffix);

	if (n < m || strcmp(text + n - m, suffix))
		return false;
	text[n - m] = 0;
	return true;
}

static char *last_place(char *text)
{
	char *found = NULL;

	for (char *p = text; (p = strstr(p, ":/")); p++)
		found = p;
	return found;
}

/* What the option says: s->guest is "" if it names no place. 0 or an exit status. */
static int parse(const char *spec, struct share *s)
{
	char text[PATH_MAX * 2], *place;

	if (strlen(spec) >= sizeof text)
		return complain(spec, strerror(ENAMETOOLONG));
	strcpy(text, spec);
	s->read_only = cut(text, ":ro");
	if (!s->read_only)
		cut(text, ":rw");
	place = last_place(text);
	s->guest[0] = 0;
	if (place) {
		if (strlen(place + 1) >= sizeof s->guest)
			return complain(spec, strerror(ENAMETOOLONG));
		strcpy(s->guest, place + 1);
		*place = 0;
	}
	if (!realpath(text, s->host))
		return complain(spec, !*text ? "which folder? Write HOST[:GUEST][:ro]" :
				errno == ENOENT && strchr(text, ':') ? "no such folder; a place in the guest begins with a slash: HOST:/GUEST" :
				strerror(errno));
	return 0;
}

/* Its name for mount(2): the folder's, made different from those before it. */
static void choose_name(struct share *all, int n)
{
	const char *base = strrchr(all[n].host, '/') + 1;
	int number = 1;

	snprintf(all[n].name, sizeof all[n].name, "%s", *base ? base : "host");
	for (int i = 0; i < n; i++)
		if (!strcmp(all[i].name, all[n].name)) {
			snprintf(all[n].name, sizeof all[n].name, "%.200s-%d", *base ? base : "host", ++number);
			i = -1;
		}
}

static int choose_place(struct share *all, int n, bool run)
{
	struct share *s = &all[n];
	int len = run ? snprintf(s->guest, sizeof s->guest, "%s", s->host) :
			snprintf(s->guest, sizeof s->guest, "/mnt/%s", s->name);

	return len < (int)sizeof s->guest ? 0 : EXIT_OURS;
}

/* The folder, and those above it that are missing. */
static int make_folders(const struct walk *w, const char *path)
{
	char part[PATH_MAX];
	int err = 0;

	for (const char *p = path; *p && (!err || err == -EEXIST); ) {
		p += strspn(p, "/");
		p += strcspn(p, "/");
		memcpy(part, path, (size_t)(p - path));
		part[p - path] = 0;
		if (*part)
			err = vfs_mkdir(w, part, 0755);
	}
	return err == -EEXIST ? 0 : err;
}

static int mount_one(struct machine *m, const struct share *s, bool run)
{
	static const struct vfs_cred root = { .caps = VFS_ALL_CAPS };
	struct path_ref p;
	int err = machine_find(m, s->guest, &p);

	if (err == -ENOENT && !run) {
		struct fs_context fs;
		struct walk w = { .fs = &fs, .cred = &root, .flags = WALK_FOLLOW };

		fs_context_root(m, &fs);
		err = make_folders(&w, s->guest);
		path_put(&fs.root);
		path_put(&fs.cwd);
		if (!err)
			err = machine_find(m, s->guest, &p);
	}
	if (err)
		return err;
	err = vfs_mount(m, "share", s->name, &p, MS_NOSUID | MS_NODEV | (s->read_only ? MS_RDONLY : 0), NULL);
	path_put(&p);
	return err;
}

static int add(struct machine *m, const char *spec, struct share *all, int n, bool run)
{
	struct share *s = &all[n];
	int status = parse(spec, s), err;

	if (status)
		return status;
	choose_name(all, n);
	if (!s->guest[0] && choose_place(all, n, run))
		return complain(spec, strerror(ENAMETOOLONG));
	for (int i = 0; i < n; i++)
		if (!strcmp(all[i].guest, s->guest))
			return complain(spec, "there is a share in this place already; name another: HOST:GUEST");
	err = hostfs_share(m, s->host, s->name, s->read_only);
	if (err == -ENOSYS)
		return complain(spec, "the host has no /proc, without which nothing can be shared");
	if (err)
		return complain(spec, err == -EACCES ? "cannot be shared: no permission, or it is a procfs" :
				strerror(-err));
	err = mount_one(m, s, run);
	if (err) {
		fprintf(stderr, "flat32: --share %s: cannot mount it on %s: %s%s\n", spec, s->guest, strerror(-err),
			err == -ENOENT && run ? " (it must be a folder that is there; name one: HOST:GUEST)" : "");
		return EXIT_OURS;
	}
	return 0;
}

/* Where the root cannot be written to (a romfs) places for shares are made in a tmpfs on /mnt. */
static void make_room(struct machine *m)
{
	struct path_ref p;

	if (machine_find(m, "/mnt", &p))
		return;
	if (mount_read_only(p.mnt))
		vfs_mount(m, "tmpfs", "tmpfs", &p, 0, "mode=755");
	path_put(&p);
}

int shares_mount(struct machine *m, const struct options *o)
{
	struct share *all;
	int n = 0, status = 0;

	while (o->shares && o->shares[n])
		n++;
	if (!n)
		return 0;
	if (n > MOST)
		return complain(o->shares[MOST], "more shares than 64");
	all = calloc((size_t)n, sizeof *all);
	if (!all)
		return complain(o->shares[0], strerror(ENOMEM));
	if (o->command == COMMAND_BOOT)
		make_room(m);
	for (int i = 0; i < n && !status; i++)
		status = add(m, o->shares[i], all, i, o->command == COMMAND_RUN);
	free(all);
	return status;
}
