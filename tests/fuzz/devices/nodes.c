/* SPDX-License-Identifier: MIT
 *
 * The nodes of /dev: opened, asked with every ioctl that somebody might know and many that nobody does, read, written, mapped,
 * and closed with the mapping still there.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <linux/vt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "fuzz.h"

enum { NODES = 96, HELD = 16 };

static char nodes[NODES][64];
static unsigned nr;

static void find(const char *where)
{
	DIR *d = opendir(where);
	struct dirent *e;

	while (d && (e = readdir(d)) && nr < NODES) {
		char path[64];
		struct stat st;

		if (e->d_name[0] == '.' || snprintf(path, sizeof path, "%s/%s", where, e->d_name) >= (int)sizeof path || lstat(path, &st))
			continue;
		if (S_ISDIR(st.st_mode))
			find(path);
		else if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
			strcpy(nodes[nr++], path);
	}
	if (d)
		closedir(d);
}

/* --- ioctls --- */

/* No address of a number that chance chose is in the RAM: there is nobody there but us. */
static uintptr_t argument(void)
{
	switch (below(8)) {
	case 0:
		return below(4);
	case 1:
		return number() & 0x7fffffff;
	case 2:
		return below(2) ? 0xffffffffu - below(16) : 0x10000000u + below(4096);
	case 3:
		return (uintptr_t)arena + ARENA - 16448 + below(64);
	default:
		for (unsigned n = 1 + below(8); n; n--) {
			uint32_t word = below(3) ? number() : (uint32_t)(uintptr_t)arena + below(8192);

			memcpy(arena + below(64) * 4, &word, 4);
		}
		return (uintptr_t)arena + below(4) * (below(2) ? 64 : 1);
	}
}

/* --- What a descriptor may live through --- */

static struct { char *at; size_t len; bool ours; } held[HELD];

/* ours: stores there are no matter. */
static void map(int fd, bool ours)
{
	unsigned i = below(HELD);
	size_t len = 1 + (below(2) ? below(3 * 4096) : below(1u << 20));
	off_t offset = below(2) ? 0 : (off_t)below(4096) << 12;
	void *p;

	if (held[i].at)
		munmap(held[i].at, held[i].len);
	p = mmap(NULL, len, (int)below(8), below(2) ? MAP_SHARED : MAP_PRIVATE, fd, offset);
	held[i].at = p == MAP_FAILED ? NULL : p;
	held[i].len = len;
	held[i].ours = ours;
}

static void touch(void)
{
	unsigned i = below(HELD);
	enum access a = below(ACCESSES);

	if (held[i].at && (held[i].ours || !is_store(a)))
		access_do(a, (uintptr_t)held[i].at + below(held[i].len), number());
}

/* A copy of the argument, if that is in our arena. */
static void *given(uintptr_t arg, void *to, size_t size)
{
	if (arg < (uintptr_t)arena || arg > (uintptr_t)arena + ARENA - size)
		return NULL;
	return memcpy(to, (void *)arg, size);
}

/* What would be our own fault: signals that end us, when terminals are switched, and an answer of any size, to clear with. */
static void tame(uint32_t cmd, uintptr_t arg)
{
	struct input_mask mask;
	struct vt_mode mode;

	if (cmd == VT_SETMODE && given(arg, &mode, sizeof mode)) {
		mode.relsig = mode.acqsig = mode.frsig = SIGUSR1;
		memcpy((void *)arg, &mode, sizeof mode);
	}
	if (cmd == EVIOCGMASK && given(arg, &mask, sizeof mask)) {
		mask.codes_size &= 4095;
		memcpy((void *)arg, &mask, sizeof mask);
	}
}

static void ask(int fd, const char *path)
{
	uint32_t cmd = request(path);
	uintptr_t arg = argument();

	tame(cmd, arg);
	syscall(SYS_ioctl, fd, cmd, arg);	/* the C library's looks at what some requests of the kernel's past point to */
}

static void use(int fd, const char *path, bool memory)
{
	struct pollfd p = { .fd = fd, .events = (short)rnd() };
	uint8_t *buf = arena + 8192 + below(64);

	switch (below(12)) {
	case 0:
		if (read(fd, buf, below(2) ? below(300) : below(20000)) < 0 && errno == ENOSYS)
			wrong("read: ENOSYS");
		break;
	case 1:
		fill(buf, path);
		if (!memory && write(fd, buf, below(2) ? below(300) : below(20000)) < 0 && errno == ENOSYS)
			wrong("write: ENOSYS");
		break;
	case 2: lseek(fd, (off_t)(int32_t)number(), (int)below(5)); break;
	case 3: poll(&p, 1, 0); break;
	case 4: map(fd, !memory); break;
	case 5: fsync(fd); break;
	case 6: touch(); break;
	default: ask(fd, path);
	}
}

static void one_life(void)
{
	static const int flags[] = { O_RDONLY, O_WRONLY, O_RDWR, O_RDWR, O_RDWR | O_APPEND, O_RDWR | O_EXCL, O_RDWR | O_TRUNC };
	const char *path = nodes[below(nr)];
	bool memory = !strcmp(path, "/dev/mem"), dog = strstr(path, "watchdog");
	int fd = open(path, flags[below(sizeof flags / sizeof *flags)] | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return;
	for (unsigned n = 1 + below(20); n; n--)
		use(fd, path, memory);
	/* The last word to a watchdog: that it need not wait for the next. */
	if (dog && write(fd, "V", 1) < 0 && errno == ENOSYS)
		wrong("watchdog: ENOSYS");
	close(fd);
	touch();
}

void nodes_run(unsigned long n)
{
	find("/dev");
	printf("%u nodes\n", nr);
	while (n--)
		one_life();
	/* The mappings are held to the end. */
}
