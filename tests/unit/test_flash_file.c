/* SPDX-License-Identifier: MIT
 *
 * The file behind a flash: what it may be, what is in it when; hosts that fail in the nth call, and emulators that
 * are killed.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/unit/flash_kit.h"
#include "tests/unit/run_suite.h"

#define MS 1000000ull
#define BLOCK(n) ((n) * KIT_ERASE)

/* --- Calls of the host that fail --- */

static long fail_in;		/* 1: the next one fails; 0: none does */
static int fail_errno;
static long short_by;		/* pwrite() takes so much less, once */
static bool read_only;		/* open() for writing is EACCES */
static bool fail_memory;	/* allocations count, too; Check itself makes some */

static bool fails(void)
{
	if (!fail_in || --fail_in)
		return false;
	errno = fail_errno;
	return true;
}

#define WRAP(type, name, params, args, failed) \
	type __real_##name params; \
	type __wrap_##name params; \
	type __wrap_##name params { return fails() ? failed : __real_##name args; }

#define WRAP_MEMORY(name, params, args) \
	void *__real_##name params; \
	void *__wrap_##name params; \
	void *__wrap_##name params { return fail_memory && fails() ? NULL : __real_##name args; }

WRAP_MEMORY(malloc, (size_t n), (n))
WRAP_MEMORY(calloc, (size_t n, size_t size), (n, size))
WRAP_MEMORY(realloc, (void *p, size_t n), (p, n))

WRAP(void *, mmap, (void *p, size_t n, int prot, int flags, int fd, off_t at), (p, n, prot, flags, fd, at), MAP_FAILED)
WRAP(int, memfd_create, (const char *name, unsigned flags), (name, flags), -1)
WRAP(int, ftruncate, (int fd, off_t len), (fd, len), -1)
WRAP(int, fstat, (int fd, struct stat *st), (fd, st), -1)
WRAP(int, flock, (int fd, int what), (fd, what), -1)
WRAP(ssize_t, pread, (int fd, void *p, size_t n, off_t at), (fd, p, n, at), -1)
WRAP(int, fdatasync, (int fd), (fd), -1)
WRAP(int, mprotect, (void *p, size_t n, int prot), (p, n, prot), -1)

ssize_t __real_pwrite(int fd, const void *p, size_t n, off_t at);
ssize_t __wrap_pwrite(int fd, const void *p, size_t n, off_t at);
ssize_t __wrap_pwrite(int fd, const void *p, size_t n, off_t at)
{
	if (fails())
		return -1;
	if (short_by) {
		n -= (size_t)short_by < n ? (size_t)short_by : n - 1;
		short_by = 0;
	}
	return __real_pwrite(fd, p, n, at);
}

int __real_open(const char *path, int flags, mode_t mode);
int __wrap_open(const char *path, int flags, mode_t mode);
int __wrap_open(const char *path, int flags, mode_t mode)
{
	if (read_only && (flags & O_ACCMODE) != O_RDONLY) {
		errno = EACCES;
		return -1;
	}
	return fails() ? -1 : __real_open(path, flags, mode);
}

static void fail_nth(long n, int err)
{
	fail_in = n;
	fail_errno = err;
}

static unsigned descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

/* --- A file --- */

static char path[4096];
static uint8_t content[FLASH_SIZE_MIN], pattern[FLASH_SIZE_MIN];

static struct flash_config config(void)
{
	struct flash_config c = kit_config(FLASH_INTEL);

	c.file = path;
	return c;
}

static void file_up(void)
{
	const char *dir = getenv("TMPDIR");
	int fd;

	snprintf(path, sizeof(path), "%s/flat32-flash-XXXXXX", dir ? dir : "/tmp");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	close(fd);
	for (uint32_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = (uint8_t)(i * 11 + (i >> 9));
	kit.flat = NULL;
	kit.device = NULL;
}

static void file_down(void)
{
	fail_in = 0;
	if (kit.flat)
		kit_down();
	unlink(path);
}

/* A file of so many bytes, all zero. */
static void make_file(off_t size)
{
	ck_assert_int_eq(truncate(path, 0), 0);
	ck_assert_int_eq(truncate(path, size), 0);
}

static off_t size_of_file(void)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	return st.st_size;
}

static const uint8_t *file(void)
{
	int fd = __real_open(path, O_RDONLY, 0);

	ck_assert_int_eq(__real_pread(fd, content, sizeof(content), 0), (ssize_t)sizeof(content));
	close(fd);
	return content;
}

static int try(const struct flash_config *c, const char *says)
{
	char why[FLASH_WHY] = "";
	int err = kit_try(c, why);

	if (err)
		ck_assert_msg(says && strstr(why, says), "%s", why);
	else
		ck_assert_ptr_null(says);
	kit_down();
	return err;
}

static void unlocked_up(const struct flash_config *c)
{
	kit_up(c);
	ck_assert_int_eq(flash_lock(kit.flash, 0, flash_geometry(kit.flash)->size, false), 0);
}

static int program(uint32_t offset, uint32_t len)
{
	struct flash_request r = { .kind = FLASH_PROGRAM, .offset = offset, .len = len, .data = pattern + offset };

	flash_submit(kit.flash, &r);
	kit_wait(100000 * MS);
	return r.result;
}

static int erase(uint32_t offset, uint32_t len)
{
	struct flash_request r = { .kind = FLASH_ERASE, .offset = offset, .len = len };

	flash_submit(kit.flash, &r);
	kit_wait(100000 * MS);
	return r.result;
}

START_TEST(what_it_may_be)
{
	struct flash_config c = config();

	/* A new one. */
	unlink(path);
	c.size = 0;
	ck_assert_int_eq(try(&c, "SIZE makes one"), -ENOENT);
	c.size = FLASH_SIZE_MIN;
	ck_assert_int_eq(try(&c, NULL), 0);
	ck_assert_int_eq(size_of_file(), FLASH_SIZE_MIN);
	memset(pattern, 0xff, sizeof(pattern));
	ck_assert_mem_eq(file(), pattern, FLASH_SIZE_MIN);
	/* Empty, without a size. */
	make_file(0);
	c.size = 0;
	ck_assert_int_eq(try(&c, "empty"), -EINVAL);
	/* Shorter: filled up; the size is rounded up. */
	make_file(FLASH_SIZE_MIN + 1);
	kit_up(&c);
	ck_assert_uint_eq(flash_geometry(kit.flash)->size, 2 * FLASH_SIZE_MIN);
	ck_assert_uint_eq(data(FLASH_SIZE_MIN), 0xffffff00);
	ck_assert_uint_eq(data(2 * FLASH_SIZE_MIN - 4), 0xffffffff);
	kit_down();
	ck_assert_int_eq(size_of_file(), 2 * FLASH_SIZE_MIN);
	/* Larger than the flash, or than any. */
	c.size = FLASH_SIZE_MIN;
	ck_assert_int_eq(try(&c, "larger than the flash"), -EFBIG);
	make_file((off_t)FLASH_SIZE_MAX + 1);
	c.size = 0;
	ck_assert_int_eq(try(&c, "larger than a flash can be"), -EFBIG);
	make_file(1);
	ck_assert_int_eq(try(&c, NULL), 0);
	ck_assert_int_eq(size_of_file(), FLASH_SIZE_MIN);
	c.erase = 2 * FLASH_SIZE_MIN;
	ck_assert_int_eq(try(&c, "larger than the flash"), -EINVAL);
}
END_TEST

START_TEST(what_it_must_not_be)
{
	struct flash_config c = config();
	struct rlimit old, one = { 1, RLIM_INFINITY };
	char why[FLASH_WHY];
	int err;

	c.file = "/dev/null";
	ck_assert_int_eq(try(&c, "not a regular file"), -EINVAL);
	c.file = "/tmp";
	ck_assert_int_eq(try(&c, "directory"), -EISDIR);
	unlink(path);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	c.file = path;
	ck_assert_int_eq(try(&c, "not a regular file"), -EINVAL);
	unlink(path);
	c.file = "/nonexistent/file";
	ck_assert_int_eq(try(&c, "SIZE makes one"), -ENOENT);
	c.file = path;
	memset(&kit, 0, sizeof(kit));
	ck_assert_int_eq(flat_new(&kit.flat), 0);
	getrlimit(RLIMIT_FSIZE, &old);
	setrlimit(RLIMIT_FSIZE, &one);
	err = flash_new(kit.flat, &c, &kit.flash, why);
	setrlimit(RLIMIT_FSIZE, &old);
	ck_assert_int_eq(err, -EFBIG);
	ck_assert_msg(strstr(why, "File too large"), "%s", why);
}
END_TEST

START_TEST(what_a_geometry_must_not_be)
{
	static const struct { uint32_t size, erase; } bad[] = {
		{ FLASH_SIZE_MIN / 2, 0 }, { FLASH_SIZE_MIN * 3, 0 }, { FLASH_SIZE_MAX * 2u, 0 }, { FLASH_SIZE_MIN, 2048 },
		{ FLASH_SIZE_MIN, 12288 }, { FLASH_SIZE_MIN, FLASH_SIZE_MIN * 2 }, { FLASH_SIZE_MAX, FLASH_ERASE_MAX * 2 }, { 0, 4096 },
	};
	struct flash_config c = kit_config(FLASH_INTEL);
	char why[FLASH_WHY];

	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		c.size = bad[i].size;
		c.erase = bad[i].erase;
		ck_assert_int_eq(kit_try(&c, why), -EINVAL);
		kit_down();
	}
	/* The largest there is, with blocks of both extremes; and where memory is already. */
	c.size = FLASH_SIZE_MAX;
	for (unsigned i = 0; i < 2; i++) {
		c.erase = i ? FLASH_ERASE_MAX : FLASH_ERASE_MIN;
		kit_up(&c);
		cmd(0, 0x98);
		uint32_t blocks = (rd(WORD(0x2d)) & 0xff) + ((rd(WORD(0x2e)) & 0xff) << 8) + 1;
		uint32_t block = ((rd(WORD(0x2f)) & 0xff) + ((rd(WORD(0x30)) & 0xff) << 8)) * 256 * 2;

		ck_assert_uint_eq(blocks * block, FLASH_SIZE_MAX);
		ck_assert_uint_eq(block, c.erase);
		kit_down();
	}
	c = kit_config(FLASH_INTEL);
	c.addr[FLASH_DATA] = c.addr[FLASH_COMMAND];
	ck_assert_int_eq(kit_try(&c, why), -EEXIST);
	ck_assert_ptr_null(flat_span(kit.flat, KIT_COMMAND, 4));
	kit_down();
}
END_TEST

START_TEST(one_emulator_at_a_time)
{
	struct flash_config c = config();
	struct flash *second;
	char why[FLASH_WHY];

	kit_up(&c);
	c.addr[0] += 0x1000000;
	c.addr[1] += 0x1000000;
	ck_assert_int_eq(flash_new(kit.flat, &c, &second, why), -EBUSY);
	ck_assert_ptr_nonnull(strstr(why, "in use by another emulator"));
	/* Readers can share it with each other, not with one who writes. */
	read_only = true;
	ck_assert_int_eq(flash_new(kit.flat, &c, &second, why), -EBUSY);
	kit_down();
	kit_up(&c);
	c.addr[0] += 0x1000000;
	c.addr[1] += 0x1000000;
	ck_assert_int_eq(flash_new(kit.flat, &c, &second, why), 0);
	flash_device(second)->ops->free(flash_device(second));
	read_only = false;
}
END_TEST

START_TEST(what_is_done_is_there)
{
	struct flash_config c = config();

	c.time = 100;
	unlocked_up(&c);
	cmd(8, 0x40);
	cmd(8, 0x1234);
	ck_assert_uint_eq(((const uint32_t *)(const void *)file())[2], 0xffffffff);
	kit_wait(MS);
	ck_assert_uint_eq(((const uint32_t *)(const void *)file())[2], 0x12341234);
	ck_assert_int_eq(erase(0, KIT_ERASE), 0);
	ck_assert_int_eq(program(3, 3000), 0);
	ck_assert_mem_eq(file(), flash_array(kit.flash), FLASH_SIZE_MIN);
	ck_assert_int_eq(flash_sync(kit.flash), 0);
	fail_nth(1, EIO);
	ck_assert_int_eq(flash_sync(kit.flash), -EIO);
	/* And again at the next start. */
	kit_down();
	unlocked_up(&c);
	ck_assert_mem_eq(flash_array(kit.flash) + 3, pattern + 3, 3000);
	ck_assert_uint_eq(flash_array(kit.flash)[2], 0xff);
}
END_TEST

START_TEST(read_only_is_without_vpp)
{
	struct flash_config c = config();

	make_file(FLASH_SIZE_MIN / 2);
	read_only = true;
	c.set = _i ? FLASH_AMD : FLASH_INTEL;
	unlocked_up(&c);
	ck_assert(!flash_geometry(kit.flash)->writable);
	ck_assert_uint_eq(data(FLASH_SIZE_MIN / 2 - 4), 0);
	ck_assert_uint_eq(data(FLASH_SIZE_MIN / 2), 0xffffffff);
	ck_assert_int_eq(program(FLASH_SIZE_MIN / 2, 4), -EIO);
	ck_assert_int_eq(erase(0, KIT_ERASE), -EIO);
	ck_assert_int_eq(flash_sync(kit.flash), 0);
	if (!_i) {
		cmd(0, 0x20);
		cmd(0, 0xd0);
		ck_assert_uint_eq(rd(0), BOTH(0xa8));
		cmd(0, 0x50);
		cmd(0, 0x40);
		cmd(0, 0);
		ck_assert_uint_eq(rd(0), BOTH(0x98));
	}
	flash_cut_power(kit.flash, 1);
	kit_down();
	ck_assert_int_eq(size_of_file(), FLASH_SIZE_MIN / 2);
	read_only = false;
}
END_TEST

/* What the host says becomes bits of the status, and a line in the log; the array is what the file is. */
START_TEST(the_host_fails)
{
	static const int errors[] = { ENOSPC, EIO, EDQUOT };
	struct flash_config c = config();

	unlocked_up(&c);
	cmd(4, 0x40);
	fail_nth(2, errors[_i]);	/* fstat(), pwrite() */
	wr(4, 0x12345678);
	ck_assert_uint_eq(rd(0), 0x00800090);		/* of chip 0 alone */
	ck_assert_uint_eq(kit.logs, 1);
	ck_assert_ptr_nonnull(strstr(kit.log, strerror(errors[_i])));
	ck_assert_uint_eq(data(4), 0x1234ffff);
	cmd(0, 0x50);
	fail_nth(1, errors[_i]);
	cmd(0, 0x20);
	cmd(0, 0xd0);
	ck_assert_uint_eq(rd(0), 0x008000a0);
	ck_assert_uint_eq(kit.logs, 2);
	ck_assert_mem_eq(file(), flash_array(kit.flash), FLASH_SIZE_MIN);
	cmd(0, 0x50);
	fail_nth(2, errors[_i]);
	ck_assert_int_eq(program(0x100, 512), -EIO);
	ck_assert_int_eq(erase(0, KIT_ERASE), 0);
	ck_assert_int_eq(program(0x100, 512), 0);
}
END_TEST

START_TEST(the_host_takes_less)
{
	struct flash_config c = config();

	unlocked_up(&c);
	/* Once less: the rest at the second try. */
	short_by = 100;
	ck_assert_int_eq(program(0, 128), 0);
	ck_assert_mem_eq(file(), pattern, 128);
	/* Less, and then no more: what the file has is what the array has. */
	short_by = KIT_ERASE - 50;
	fail_nth(3, ENOSPC);
	ck_assert_int_eq(erase(0, KIT_ERASE), -EIO);
	ck_assert_mem_eq(file(), flash_array(kit.flash), FLASH_SIZE_MIN);
	ck_assert_uint_eq(data(0) & 0xffff, 0xffff);
	ck_assert_int_eq(memcmp(file() + 52, pattern + 52, 2), 0);
	/* A call that a signal interrupts is made again. */
	fail_nth(2, EINTR);
	ck_assert_int_eq(erase(0, KIT_ERASE), 0);
}
END_TEST

/* AMD's chip says so in DQ5, until it is reset. */
START_TEST(the_host_fails_amd)
{
	struct flash_config c = config();

	c.set = FLASH_AMD;
	unlocked_up(&c);
	cmd(WORD(0x555), 0xaa);
	cmd(WORD(0x2aa), 0x55);
	cmd(WORD(0x555), 0xa0);
	fail_nth(2, EIO);
	cmd(8, 0);
	ck_assert_uint_eq(rd(8) & 0xffff & ~0x40u, 0xa0);
	ck_assert_uint_eq(rd(8) >> 16, 0);
	ck_assert_uint_ne(rd(8), rd(8));
	cmd(WORD(0x555), 0xaa);		/* not taken */
	cmd(WORD(0x555), 0x70);
	ck_assert_uint_eq(rd(0), 0x00800090);
	cmd(0, 0xf0);
	ck_assert(kit_direct());
	ck_assert_uint_eq(rd(8), 0x0000ffff);
}
END_TEST

START_TEST(others_cut_the_file)
{
	struct flash_config c = config();

	unlocked_up(&c);
	ck_assert_int_eq(program(0, FLASH_SIZE_MIN), 0);
	ck_assert_int_eq(truncate(path, 100), 0);
	ck_assert_int_eq(erase(0, KIT_ERASE), -EIO);
	ck_assert_uint_eq(size_of_file(), 100);
	ck_assert_ptr_nonnull(strstr(kit.log, "Input/output error"));
	ck_assert_mem_eq(flash_array(kit.flash), pattern, FLASH_SIZE_MIN);
	/* They put it back. */
	ck_assert_int_eq(truncate(path, FLASH_SIZE_MIN), 0);
	ck_assert_int_eq(erase(BLOCK(1), KIT_ERASE), 0);
	ck_assert_uint_eq(file()[BLOCK(1)], 0xff);
}
END_TEST

START_TEST(a_limit_of_the_process)
{
	struct flash_request r = { .kind = FLASH_PROGRAM, .len = 4, .data = pattern };
	struct rlimit old, one = { 1, RLIM_INFINITY };
	struct flash_config c = config();

	unlocked_up(&c);
	getrlimit(RLIMIT_FSIZE, &old);
	one.rlim_max = old.rlim_max;
	signal(SIGXFSZ, SIG_IGN);	/* as emu/host/signals.c does */
	setrlimit(RLIMIT_FSIZE, &one);
	flash_submit(kit.flash, &r);
	setrlimit(RLIMIT_FSIZE, &old);
	ck_assert_int_eq(r.result, -EIO);
	ck_assert_int_eq(program(0, 4), 0);
}
END_TEST

/* If the window cannot be hidden there is a line in the log; if it cannot be shown, loads are trapped. */
START_TEST(no_protection)
{
	struct flash_config c = config();

	unlocked_up(&c);
	fail_nth(1, ENOMEM);
	cmd(0, 0x70);
	ck_assert(kit_direct());
	ck_assert_ptr_nonnull(strstr(kit.log, "no status can be read"));
	cmd(0, 0x70);
	ck_assert(!kit_direct());
	fail_nth(1, ENOMEM);
	cmd(0, 0xff);
	ck_assert(!kit_direct());
	fail_in = 0;
	ck_assert_uint_eq(rd(0), 0xffffffff);
	ck_assert(kit_direct());
}
END_TEST

/* Every call of a start fails once: an error with a message, and nothing is left. */
START_TEST(a_start_that_fails)
{
	struct flash_config c = config();
	unsigned before = descriptors(), n;

	for (n = 1; n < 100; n++) {
		char why[FLASH_WHY] = "";
		struct flash *f;
		int err;

		make_file(100);
		ck_assert_int_eq(flat_new(&kit.flat), 0);
		fail_nth((long)n, EIO);
		fail_memory = true;
		err = flash_new(kit.flat, &c, &f, why);
		fail_memory = false;
		if (!err) {
			bool over = fail_in != 0;

			fail_in = 0;
			flash_device(f)->ops->free(flash_device(f));
			flat_free(kit.flat);
			kit.flat = NULL;
			if (over)
				break;
			continue;
		}
		ck_assert_int_lt(err, 0);
		ck_assert_msg(*why, "call %u", n);
		ck_assert_ptr_null(flat_span(kit.flat, KIT_COMMAND, 4));
		ck_assert_ptr_null(flat_span(kit.flat, KIT_DATA, 4));
		flat_free(kit.flat);
		kit.flat = NULL;
		ck_assert_uint_eq(descriptors(), before);
	}
	ck_assert_uint_gt(n, 12);
	ck_assert_uint_eq(descriptors(), before);
}
END_TEST

/* --- Killed --- */

/* What the child tells: the operation it has begun, and whether it is over. */
struct told {
	volatile uint32_t begun, over;
};

/* The same operations for who makes them and who checks: number n. */
static uint32_t op_block(uint32_t n) { return n * 2654435761u >> 16 & 7; }
static bool op_is_erase(uint32_t n) { return n % 3 == 0; }
static uint8_t op_byte(uint32_t n) { return (uint8_t)(n * 40503u >> 8); }

static void make_ops(struct told *told)
{
	struct flash_config c = config();
	uint8_t bytes[KIT_ERASE];

	unlocked_up(&c);
	for (uint32_t n = 1;; n++) {
		struct flash_request r = { .kind = op_is_erase(n) ? FLASH_ERASE : FLASH_PROGRAM, .offset = BLOCK(op_block(n)), .len = KIT_ERASE,
					   .data = bytes };

		memset(bytes, op_byte(n), sizeof(bytes));
		told->begun = n;
		flash_submit(kit.flash, &r);
		told->over = n;
	}
}

static uint8_t after(uint32_t n, uint8_t old)
{
	return op_is_erase(n) ? 0xff : old & op_byte(n);
}

/* All that was over is in the file; of what had begun any part, and nothing else. */
static void check_killed(const struct told *told)
{
	uint8_t blocks[8];
	const uint8_t *now = file();

	memset(blocks, 0xff, sizeof(blocks));
	for (uint32_t n = 1; n <= told->over; n++)
		blocks[op_block(n)] = after(n, blocks[op_block(n)]);
	for (uint32_t i = 0; i < FLASH_SIZE_MIN; i++) {
		uint8_t old = blocks[i / KIT_ERASE], new = old;

		if (told->begun > told->over && i / KIT_ERASE == op_block(told->begun))
			new = after(told->begun, old);
		if (now[i] != old && now[i] != new)
			ck_abort_msg("byte %u is %02x, not %02x or %02x; %u begun, %u over", i, now[i], old, new, told->begun, told->over);
	}
}

START_TEST(killed)
{
	struct told *told = __real_mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t all = 0;

	for (unsigned i = 0; i < 60; i++) {
		pid_t child;

		make_file(0);
		*told = (struct told){ 0 };
		child = fork();
		if (child == 0) {
			make_ops(told);
			_exit(0);
		}
		usleep(2000 + i * 137 % 5000);
		kill(child, SIGKILL);
		ck_assert_int_eq(waitpid(child, NULL, 0), child);
		if (!told->begun)
			continue;
		check_killed(told);
		all += told->over;
	}
	ck_assert_uint_gt(all, 100);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("flash_file");
	TCase *t = tcase_create("file");

	tcase_add_checked_fixture(t, file_up, file_down);
	tcase_add_test(t, what_it_may_be);
	tcase_add_test(t, what_it_must_not_be);
	tcase_add_test(t, what_a_geometry_must_not_be);
	tcase_add_test(t, one_emulator_at_a_time);
	tcase_add_test(t, what_is_done_is_there);
	tcase_add_loop_test(t, read_only_is_without_vpp, 0, 2);
	tcase_add_loop_test(t, the_host_fails, 0, 3);
	tcase_add_test(t, the_host_takes_less);
	tcase_add_test(t, the_host_fails_amd);
	tcase_add_test(t, others_cut_the_file);
	tcase_add_test(t, a_limit_of_the_process);
	tcase_add_test(t, no_protection);
	tcase_add_test(t, a_start_that_fails);
	tcase_add_test(t, killed);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return run_suite(s);
}
