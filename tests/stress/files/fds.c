/* SPDX-License-Identifier: MIT
 * Descriptors: opened, made twice, locked, watched; devices that every system has.
 */
#include <fcntl.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/random.h>
#include <sys/stat.h>
#include "../stress.h"

#define MANY 12

enum stress_status stress_open(struct worker *w)
{
	char path[STRESS_PATH];

	stress_path(w, path, "opened");
	while (stress_go(w)) {
		int fds[MANY], n = 0;
		struct stat st;

		for (; n < MANY; n++) {
			fds[n] = open(path, O_RDWR | O_CLOEXEC | O_CREAT | (n ? 0 : O_EXCL), 0600);
			if (fds[n] < 0)
				break;
			for (int i = 0; i < n; i++)
				if (fds[i] == fds[n])
					stress_fail(w, "descriptor %d was given twice", fds[i]);
		}
		if (n < MANY && !stress_short(w))
			stress_fail(w, "open: %s", strerror(errno));
		if (n) {
			if (!(open(path, O_RDWR | O_CLOEXEC | O_CREAT | O_EXCL, 0600) == -1 && (errno == EEXIST || stress_short(w))))
				stress_fail(w, "a file was made that is there");
			if (unlink(path) || fstat(fds[0], &st) || st.st_nlink)
				stress_fail(w, "unlink: %s", strerror(errno));
		}
		/* without its name it is a file like any other */
		if (n > 1 && write(fds[0], &n, sizeof n) == sizeof n) {
			int got = 0;

			if (pread(fds[n - 1], &got, sizeof got, 0) != sizeof got || got != n)
				stress_fail(w, "two descriptors of a file see two files");
		}
		while (n--)
			if (close(fds[n]))
				stress_fail(w, "close: %s", strerror(errno));
		stress_bogo(w);
	}
	return STRESS_PASSED;
}

enum stress_status stress_dup(struct worker *w)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		return stress_errno(w, "pipe2");
	while (stress_go(w)) {
		int a = dup(fds[1]), b = fcntl(fds[1], F_DUPFD_CLOEXEC, 10), c = -1;
		char byte = w->done, got = 0;

		if (a >= 0)
			c = dup3(b >= 0 ? b : fds[1], a, O_CLOEXEC);
		if ((a < 0 || b < 0) && !stress_short(w))
			stress_fail(w, "dup: %s", strerror(errno));
		if (a >= 0 && (c != a || fcntl(a, F_GETFD) != FD_CLOEXEC || write(c, &byte, 1) != 1 || read(fds[0], &got, 1) != 1 || got != byte))
			stress_fail(w, "dup3 of %d to %d: %d", b, a, c);
		if (b >= 0 && (b < 10 || fcntl(b, F_GETFD) != FD_CLOEXEC))
			stress_fail(w, "F_DUPFD_CLOEXEC gives %d", b);
		close(a);
		close(b);
		stress_bogo(w);
	}
	close(fds[0]);
	close(fds[1]);
	return STRESS_PASSED;
}

struct locked {
	struct worker *w;
	const char *path;
	bool range;			/* F_OFD_SETLKW instead of flock() */
	uint32_t inside;
	_Atomic bool end;
	_Atomic uint32_t times;
};

static int lock(struct locked *l, int fd, bool on)
{
	struct flock f = { .l_type = on ? F_WRLCK : F_UNLCK, .l_whence = SEEK_SET, .l_start = 100, .l_len = 50 };
	int r;

	do
		r = l->range ? fcntl(fd, F_OFD_SETLKW, &f) : flock(fd, on ? LOCK_EX : LOCK_UN);
	while (r && errno == EINTR);
	return r;
}

static void use(struct locked *l, int fd)
{
	if (lock(l, fd, true)) {
		if (!stress_short(l->w))
			stress_fail(l->w, "locking: %s", strerror(errno));
		return;
	}
	if (l->inside++)
		stress_fail(l->w, "two have the lock");
	l->inside--;
	l->times++;
	if (lock(l, fd, false) && !stress_short(l->w))
		stress_fail(l->w, "unlocking: %s", strerror(errno));
}

static void *lock_too(void *arg)
{
	struct locked *l = arg;
	int fd = open(l->path, O_RDWR | O_CLOEXEC);

	while (fd >= 0 && !l->end)
		use(l, fd);
	close(fd);
	return NULL;
}

static enum stress_status by_locks(struct worker *w, bool range)
{
	enum stress_status status = STRESS_PASSED;
	char path[STRESS_PATH];
	struct locked l = { .w = w, .range = range, .path = stress_path(w, path, "locked") };
	int fd = open(path, O_RDWR | O_CLOEXEC | O_CREAT, 0600);
	pthread_t t;

	if (fd < 0)
		return stress_errno(w, "open");
	if (stress_thread(&t, lock_too, &l)) {
		while (stress_go(w)) {
			use(&l, fd);
			stress_bogo(w);
		}
		l.end = true;
		pthread_join(t, NULL);
	} else {
		status = stress_errno(w, "pthread_create");
	}
	close(fd);
	unlink(path);
	return status;
}

enum stress_status stress_flock(struct worker *w)
{
	return by_locks(w, false);
}

enum stress_status stress_lockofd(struct worker *w)
{
	return by_locks(w, true);
}

/* What happens in its folder is told, in order. */
enum stress_status stress_inotify(struct worker *w)
{
	static const uint32_t expected[] = { IN_CREATE, IN_OPEN, IN_MODIFY, IN_MOVED_FROM, IN_MOVED_TO, IN_DELETE };
	char a[STRESS_PATH], b[STRESS_PATH], events[1024] __attribute__((aligned(8)));
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	enum stress_status status = STRESS_PASSED;

	if (fd < 0)
		return stress_errno(w, "inotify_init1");
	if (inotify_add_watch(fd, w->dir, IN_CREATE | IN_OPEN | IN_MODIFY | IN_MOVE | IN_DELETE) < 0)
		status = stress_errno(w, "inotify_add_watch");
	stress_path(w, a, "seen");
	stress_path(w, b, "moved");
	while (status == STRESS_PASSED && stress_go(w)) {
		int file = open(a, O_WRONLY | O_CLOEXEC | O_CREAT, 0600), next = 0;
		ssize_t n;
		bool written;

		if (file < 0) {
			if (!stress_short(w))
				stress_fail(w, "open: %s", strerror(errno));
			continue;
		}
		written = write(file, "x", 1) == 1;
		close(file);
		if (rename(a, b) || unlink(b))
			stress_fail(w, "rename or unlink: %s", strerror(errno));
		n = read(fd, events, sizeof events);
		for (char *at = events; at < events + n; ) {
			struct inotify_event *e = (struct inotify_event *)at;

			if (!written && next == 2)
				next++;
			if (e->mask != expected[next % 6] || strcmp(e->name, next < 4 ? "seen" : "moved"))
				stress_fail(w, "event %d is %lx of %s", next, (unsigned long)e->mask, e->len ? e->name : "the folder");
			next++;
			at += sizeof *e + e->len;
		}
		if (next != 6)
			stress_fail(w, "%d events of 6", next);
		stress_bogo(w);
	}
	close(fd);
	return status;
}

/* /dev/zero, /dev/null, /dev/full, random bytes */
enum stress_status stress_dev(struct worker *w)
{
	int zero = open("/dev/zero", O_RDONLY), null = open("/dev/null", O_RDWR), full = open("/dev/full", O_RDWR | O_CLOEXEC);
	char block[256], other[256];
	enum stress_status status = STRESS_PASSED;

	if (zero < 0 || null < 0 || full < 0)
		status = stress_errno(w, "a device");
	while (status == STRESS_PASSED && stress_go(w)) {
		memset(block, 1, sizeof block);
		if (read(zero, block, sizeof block) != sizeof block)
			stress_fail(w, "/dev/zero: %s", strerror(errno));
		for (size_t i = 0; i < sizeof block; i++)
			if (block[i])
				stress_fail(w, "/dev/zero gives %d", block[i]);
		if (write(null, block, sizeof block) != sizeof block || read(null, block, sizeof block))
			stress_fail(w, "/dev/null: %s", strerror(errno));
		if (write(full, block, sizeof block) != -1 || errno != ENOSPC)
			stress_fail(w, "/dev/full is not");
		if (getrandom(block, sizeof block, 0) != sizeof block || getrandom(other, sizeof other, 0) != sizeof other ||
		    !memcmp(block, other, sizeof block))
			stress_fail(w, "random bytes are the same twice");
		stress_bogo(w);
	}
	close(zero);
	close(null);
	close(full);
	return status;
}
