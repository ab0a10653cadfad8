/* SPDX-License-Identifier: MIT
 * Names: files made, found, listed, linked, renamed and removed; what is said of them.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include "../stress.h"

#define FILES 24

static bool make(struct worker *w, const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_CREAT | O_EXCL, 0600);

	if (fd < 0) {
		if (!stress_short(w))
			stress_fail(w, "open of a new file: %s", strerror(errno));
		return false;
	}
	close(fd);
	return true;
}

static void drop(struct worker *w, const char *path)
{
	if (unlink(path))
		stress_fail(w, "unlink: %s", strerror(errno));
}

static bool there(const char *path)
{
	struct stat st;

	return !lstat(path, &st);
}

static const char *name(char to[24], const struct worker *w, int i)
{
	snprintf(to, 24, "%lu-%d", w->done, i);
	return to;
}

/* Lists the worker's folder: each of the files 0 to n-1 once, and nothing else. */
static void list(struct worker *w, int n)
{
	DIR *d = opendir(w->dir);
	uint32_t seen = 0;
	struct dirent *e;
	int others = 0;

	if (!d) {
		if (!stress_short(w))
			stress_fail(w, "opendir: %s", strerror(errno));
		return;
	}
	while ((e = readdir(d))) {
		const char *dash = strchr(e->d_name, '-');
		int i = dash ? atoi(dash + 1) : -1;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (strtoul(e->d_name, NULL, 10) != w->done || i < 0 || i >= n || seen >> i & 1)
			others++;
		else
			seen |= 1u << i;
	}
	closedir(d);
	if (others || seen != (1u << n) - 1)
		stress_fail(w, "of %d files %lx were listed, and %d others", n, (unsigned long)seen, others);
}

enum stress_status stress_dentry(struct worker *w)
{
	char path[STRESS_PATH], text[24];

	while (stress_go(w)) {
		int n = 0, step = 1 + 2 * stress_below(w, FILES / 2);

		while (n < FILES && make(w, stress_path(w, path, name(text, w, n))))
			n++;
		list(w, n);
		if (there(stress_path(w, path, name(text, w, FILES))))
			stress_fail(w, "a file is there that nobody has made");
		/* removed in another order, as far as the step goes through all */
		for (int i = 0, at = 0; i < FILES; i++, at = (at + step) % FILES)
			if (at < n && there(stress_path(w, path, name(text, w, at))))
				drop(w, path);
		for (int i = 0; i < n; i++)
			if (there(stress_path(w, path, name(text, w, i))))
				drop(w, path);
		list(w, 0);
		stress_bogo(w);
	}
	return STRESS_PASSED;
}

/* Folders in each other; one that is not empty stays. */
enum stress_status stress_dir(struct worker *w)
{
	char path[STRESS_PATH], text[64];
	struct stat st;

	while (stress_go(w)) {
		int made = 0, n;

		strcpy(text, "d");
		n = 1;
		for (; made < 6; made++) {
			if (mkdir(stress_path(w, path, text), 0700)) {
				if (!stress_short(w))
					stress_fail(w, "mkdir: %s", strerror(errno));
				break;
			}
			if (made == 0 && (!mkdir(path, 0700) || errno != EEXIST))
				stress_fail(w, "a folder was made twice");
			n += snprintf(text + n, sizeof text - n, "/%c", 'a' + made);
		}
		if (made > 1 && (!rmdir(stress_path(w, path, "d")) || (errno != ENOTEMPTY && errno != EEXIST) || stat(path, &st) || !S_ISDIR(st.st_mode)))
			stress_fail(w, "a folder that is not empty was removed");
		while (made--) {
			text[n -= 2] = 0;
			if (rmdir(stress_path(w, path, n < 1 ? "d" : text)))
				stress_fail(w, "rmdir: %s", strerror(errno));
		}
		stress_bogo(w);
	}
	return STRESS_PASSED;
}

enum stress_status stress_rename(struct worker *w)
{
	char a[STRESS_PATH], b[STRESS_PATH];
	struct stat before, after;

	if (!make(w, stress_path(w, a, "a")))
		return stress_errno(w, "open");
	stress_path(w, b, "b");
	while (stress_go(w)) {
		bool over = stress_below(w, 2) && make(w, b);

		if (stat(a, &before) || rename(a, b) || stat(b, &after) || before.st_ino != after.st_ino || there(a))
			stress_fail(w, "renamed%s: %s", over ? " over another" : "", strerror(errno));
		if (rename(b, a) || there(b))
			stress_fail(w, "renamed back: %s", strerror(errno));
		if (!rename(b, a) || errno != ENOENT)
			stress_fail(w, "nothing was renamed");
		stress_bogo(w);
	}
	drop(w, a);
	return STRESS_PASSED;
}

/* Hard links and symbolic ones; the count of the former. */
enum stress_status stress_link(struct worker *w)
{
	char a[STRESS_PATH], b[STRESS_PATH], to[64];
	struct stat st;

	if (!make(w, stress_path(w, a, "linked")))
		return stress_errno(w, "open");
	stress_path(w, b, "link");
	while (stress_go(w)) {
		ssize_t n;

		if (link(a, b)) {
			if (!w->done)
				return drop(w, a), stress_errno(w, "link");
			if (!stress_short(w))
				stress_fail(w, "link: %s", strerror(errno));
		} else {
			if (stat(a, &st) || st.st_nlink != 2)
				stress_fail(w, "%d links, should be 2", (int)st.st_nlink);
			drop(w, b);
		}
		if (stat(a, &st) || st.st_nlink != 1)
			stress_fail(w, "%d links, should be 1", (int)st.st_nlink);
		snprintf(to, sizeof to, "linked%.*s", (int)stress_below(w, 2), "x");
		if (symlink(to, b)) {
			if (!stress_short(w))
				stress_fail(w, "symlink: %s", strerror(errno));
		} else {
			char got[64] = "";

			n = readlink(b, got, sizeof got - 1);
			if (n != (ssize_t)strlen(to) || strcmp(got, to) || lstat(b, &st) || !S_ISLNK(st.st_mode) || st.st_size != n)
				stress_fail(w, "a symbolic link to %s leads to %s", to, got);
			if (!stat(b, &st) != !strcmp(to, "linked"))
				stress_fail(w, "a symbolic link to %s: %s", to, strerror(errno));
			drop(w, b);
		}
		stress_bogo(w);
	}
	drop(w, a);
	return STRESS_PASSED;
}

/* Modes, times, sizes that were set are told. */
enum stress_status stress_attr(struct worker *w)
{
	char path[STRESS_PATH];
	struct stat st;
	int fd;

	if (!make(w, stress_path(w, path, "attributes")))
		return stress_errno(w, "open");
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return drop(w, path), stress_errno(w, "open");
	while (stress_go(w)) {
		mode_t mode = 0400 | stress_below(w, 0400);
		struct timespec times[2] = { { stress_below(w, 0x7fffffff), 0 }, { stress_below(w, 0x7fffffff), 0 } };

		if (w->done % 2 ? fchmod(fd, mode) : chmod(path, mode))
			stress_fail(w, "chmod: %s", strerror(errno));
		if (w->done % 2 ? futimens(fd, times) : utimensat(AT_FDCWD, path, times, 0))
			stress_fail(w, "utimensat: %s", strerror(errno));
		if (w->done % 3 ? fstat(fd, &st) : stat(path, &st))
			stress_fail(w, "stat: %s", strerror(errno));
		if ((st.st_mode & 07777) != mode || st.st_atim.tv_sec != times[0].tv_sec || st.st_mtim.tv_sec != times[1].tv_sec)
			stress_fail(w, "mode %o is %o, times %lld %lld are %lld %lld", (int)mode, (int)st.st_mode & 07777, (long long)times[0].tv_sec,
				(long long)times[1].tv_sec, (long long)st.st_atim.tv_sec, (long long)st.st_mtim.tv_sec);
		stress_bogo(w);
	}
	close(fd);
	drop(w, path);
	return STRESS_PASSED;
}
