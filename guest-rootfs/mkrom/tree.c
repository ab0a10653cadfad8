/* SPDX-License-Identifier: MIT
 *
 * The tree of an image: read from a folder, with device nodes added.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "mkrom.h"

static struct node *node_new(struct tree *t, struct node *parent, const char *name, uint32_t mode)
{
	struct node *n = need(calloc(1, sizeof *n));

	n->name = need(strdup(name));
	n->mode = mode;
	n->parent = parent ? parent : n;
	t->nodes++;
	if (!parent)
		return n;
	if (parent->nr == parent->room) {
		parent->room = parent->room ? 2 * parent->room : 8;
		parent->children = need(realloc(parent->children, parent->room * sizeof *parent->children));
	}
	parent->children[parent->nr++] = n;
	return n;
}

static struct node *find(const struct node *dir, const char *name, size_t len)
{
	for (size_t i = 0; i < dir->nr; i++)
		if (strlen(dir->children[i]->name) == len && !memcmp(dir->children[i]->name, name, len))
			return dir->children[i];
	return NULL;
}

static void read_file(struct node *n, int dir, const char *path, off_t size)
{
	int fd = openat(dir, n->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		fail("%s/%s: %s", path, n->name, strerror(errno));
	if (size > INT32_MAX)
		fail("%s/%s: too large", path, n->name);
	n->data = need(malloc((size_t)size + 1));
	while (n->size < size) {
		ssize_t got = read(fd, n->data + n->size, (size_t)size - n->size);

		if (got <= 0)
			fail("%s/%s: %s", path, n->name, got ? strerror(errno) : "it became shorter");
		n->size += (uint32_t)got;
	}
	close(fd);
}

static void read_link(struct node *n, int dir, const char *path)
{
	ssize_t len;

	n->data = need(malloc(PAGE));
	len = readlinkat(dir, n->name, (char *)n->data, PAGE);
	if (len < 0)
		fail("%s/%s: %s", path, n->name, strerror(errno));
	n->size = (uint32_t)len;
}

static void read_dir(struct tree *t, struct node *dir, int fd, const char *path, bool keep, enum in_place in_place);

static void read_one(struct tree *t, struct node *dir, int fd, const char *path, const char *name, bool keep,
		     enum in_place in_place)
{
	struct stat st;
	struct node *n;

	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW))
		fail("%s/%s: %s", path, name, strerror(errno));
	n = node_new(t, dir, name, st.st_mode);
	n->uid = keep ? st.st_uid : 0;
	n->gid = keep ? st.st_gid : 0;
	n->dev = st.st_dev;
	n->ino = st.st_ino;
	if (S_ISREG(st.st_mode)) {
		read_file(n, fd, path, st.st_size);
		n->in_place = in_place == ALL || (in_place == PROGRAMS && (st.st_mode & 0111));
	} else if (S_ISLNK(st.st_mode)) {
		read_link(n, fd, path);
	} else if (S_ISDIR(st.st_mode)) {
		int sub = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		char *below;

		if (sub < 0 || asprintf(&below, "%s/%s", path, name) < 0)
			fail("%s/%s: %s", path, name, strerror(errno));
		read_dir(t, n, sub, below, keep, in_place);
		free(below);
	} else {
		n->major = major(st.st_rdev);
		n->minor = minor(st.st_rdev);
	}
}

/* Takes fd. */
static void read_dir(struct tree *t, struct node *dir, int fd, const char *path, bool keep, enum in_place in_place)
{
	DIR *d = need(fdopendir(fd));
	struct dirent *e;

	while ((errno = 0, e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			read_one(t, dir, fd, path, e->d_name, keep, in_place);
	if (errno)
		fail("%s: %s", path, strerror(errno));
	closedir(d);
}

void tree_read(struct tree *t, const char *dir, bool keep, enum in_place in_place)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		fail("%s: %s", dir, strerror(errno));
	t->root = node_new(t, NULL, "", S_IFDIR | 0755);
	read_dir(t, t->root, fd, dir, keep, in_place);
}

void tree_add_device(struct tree *t, const char *path, uint32_t mode, uint32_t major, uint32_t minor)
{
	struct node *dir = t->root, *n;
	const char *slash;

	while ((slash = strchr(path, '/'))) {
		size_t len = (size_t)(slash - path);
		struct node *sub = find(dir, path, len);

		if (!sub && len) {
			char *name = need(strndup(path, len));

			sub = node_new(t, dir, name, S_IFDIR | 0755);
			free(name);
		}
		if (sub && !S_ISDIR(sub->mode))
			fail("%.*s: not a directory", (int)len, path);
		dir = sub ? sub : dir;
		path = slash + 1;
	}
	n = find(dir, path, strlen(path));
	if (n && S_ISDIR(n->mode))
		fail("%s: is a directory", path);
	if (!n)
		n = node_new(t, dir, path, mode);
	n->mode = mode;
	n->major = major;
	n->minor = minor;
	n->size = 0;
	n->in_place = false;
	n->ino = 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(struct node *const *)a)->name, (*(struct node *const *)b)->name);
}

/* All of a directory, then what is in those below: how cramfs wants its entries. */
static struct node *chain(struct node *dir, struct node *last)
{
	if (dir->nr)
		qsort(dir->children, dir->nr, sizeof *dir->children, by_name);
	for (size_t i = 0; i < dir->nr; i++)
		last = last->next = dir->children[i];
	for (size_t i = 0; i < dir->nr; i++)
		if (S_ISDIR(dir->children[i]->mode))
			last = chain(dir->children[i], last);
	return last;
}

static int by_file(const void *a, const void *b)
{
	const struct node *x = *(struct node *const *)a, *y = *(struct node *const *)b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

void tree_finish(struct tree *t)
{
	struct node **files = need(calloc(t->nodes, sizeof *files));
	uint32_t n = 0, order = 0;

	chain(t->root, t->root);
	for (struct node *f = t->root; f; f = f->next) {
		f->at = order++;
		if (S_ISREG(f->mode) && f->ino)
			files[n++] = f;
	}
	qsort(files, n, sizeof *files, by_file);
	for (uint32_t i = 1; i < n; i++)
		if (files[i]->dev == files[i - 1]->dev && files[i]->ino == files[i - 1]->ino)
			files[i]->same = files[i - 1]->same ? files[i - 1]->same : files[i - 1];
	free(files);
}
