/* SPDX-License-Identifier: MIT
 *
 * mmap(2) of a device that is busy: the call waits until the device shows its data again (mm/source.h, the flash rule).
 */
#include "tests/unit/signal_kit.h"

#include <fcntl.h>
#include <poll.h>
#include "emu/fs/vfs.h"

#define WINDOW 0x20000000u
#define PAGE 4096u

static struct wait_queue ready;
static bool busy;
static int asked;

static unsigned chip_poll(struct file *f, struct waiter *w)
{
	(void)f;
	poll_wait(&ready, w);
	return busy ? 0 : POLLIN;
}

static int chip_direct(struct mm_source *s, uint64_t offset, uint32_t len, int shared, uint32_t *addr)
{
	(void)s;
	(void)shared;
	asked++;
	if (offset + len > 2 * PAGE)
		return -EINVAL;
	*addr = WINDOW + (uint32_t)offset;
	return busy ? -EAGAIN : 0;
}

static void hold(struct mm_source *s)
{
	(void)s;
}

static const struct mm_source_ops chip_source_ops = { .direct = chip_direct, .get = hold, .put = hold };
static const struct file_ops chip_fops = { .poll = chip_poll };
static struct mm_source chip_source;

/* A descriptor of the chip, in boss. */
static uint32_t open_chip(uint32_t flags)
{
	const struct vfs_chrdev dev = { .dev = vfs_makedev(60, 0), .name = "chip", .mode = 0600, .fops = &chip_fops,
					.source = &chip_source };
	static const struct vfs_cred root = { .caps = VFS_ALL_CAPS };
	struct fs_context fs;
	struct walk w = { .fs = &fs, .cred = &root, .flags = WALK_FOLLOW };
	struct file *f;
	int fd;

	chip_source = (struct mm_source){ .ops = &chip_source_ops, .kind = MM_CHAR };
	busy = false;
	asked = 0;
	ck_assert_int_eq(flat_commit(m->flat, WINDOW, 2 * PAGE), 0);
	ck_assert_int_eq(vfs_register_chrdev(m, &dev), 0);
	fs_context_root(m, &fs);
	ck_assert_int_eq(vfs_mknod(&w, "/chip", S_IFCHR | 0600, dev.dev), 0);
	ck_assert_int_eq(vfs_open(&w, "/chip", flags, 0, &f), 0);
	path_put(&fs.root);
	path_put(&fs.cwd);
	boss->fds = fds_new(m);
	ck_assert_ptr_nonnull(boss->fds);
	fd = fds_install(boss->fds, f, 0, 16, false);
	ck_assert_int_ge(fd, 0);
	return (uint32_t)fd;
}

START_TEST(it_waits_until_the_device_is_ready)
{
	uint32_t a[6] = { 0, PAGE, PROT_READ, MAP_SHARED, open_chip(O_RDWR), 1 };

	busy = true;
	ck_assert_int_eq(sys_mmap2(boss, a), SYS_BLOCK);
	ck_assert_ptr_nonnull(ready.first);
	ck_assert(!mm_mapped(boss->space, WINDOW + PAGE, 1));
	/* Woken too early, it waits on. */
	wake_all(&ready);
	ck_assert_int_eq(sys_mmap2(boss, a), SYS_BLOCK);
	busy = false;
	wake_all(&ready);
	ck_assert_int_eq(sys_mmap2(boss, a), WINDOW + PAGE);
	ck_assert_int_eq(asked, 3);
	/* What is mapped already is shared without asking. */
	busy = true;
	ck_assert_int_eq(sys_mmap2(boss, a), WINDOW + PAGE);
	ck_assert_int_eq(asked, 3);
	a[5] = 2;
	ck_assert_int_eq(sys_mmap2(boss, a), -EINVAL);
}
END_TEST

START_TEST(without_waiting_it_says_so)
{
	uint32_t a[6] = { 0, PAGE, PROT_READ, MAP_SHARED, open_chip(O_RDWR | O_NONBLOCK), 0 };

	busy = true;
	ck_assert_int_eq(sys_mmap2(boss, a), -EAGAIN);
	ck_assert_ptr_null(ready.first);
	busy = false;
	ck_assert_int_eq(sys_mmap2(boss, a), WINDOW);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sys_mmap");
	TCase *t = tcase_create("sys_mmap");

	tcase_add_test(t, it_waits_until_the_device_is_ready);
	tcase_add_test(t, without_waiting_it_says_so);
	return kit_run(s, t);
}
