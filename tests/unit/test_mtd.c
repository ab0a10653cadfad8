/* SPDX-License-Identifier: MIT
 *
 * MTD: partitions by the kernel's rules, numbers that come and go, the disk's write-back on a flash that takes its time, and
 * allocations that fail.
 */
#include "devices/flash/flash.h"
#include "emu/drivers/mtd_private.h"
#include "emu/fs/blkdev.h"
#include "tests/unit/fs_kit.h"
#include "tests/unit/oom_kit.h"

#define SIZE (256u << 10)
#define ERASE (16u << 10)

static struct flash *flash;
static uint64_t clock_ns, alarm_at;
static char why[160];

static uint64_t now(void *owner)
{
	(void)owner;
	return clock_ns;
}

static void set_alarm(void *owner, uint64_t at)
{
	(void)owner;
	alarm_at = at;
}

static void ready(void *owner, unsigned number, bool up)
{
	(void)owner;
	(void)number;
	if (up)
		flash_service(flash);
}

static void up(unsigned time)
{
	const struct flash_config c = {
		.name = "flash0", .set = FLASH_INTEL, .addr = { 0x20000000, 0x28000000 }, .size = SIZE, .erase = ERASE, .time = time,
		.host = { .now = now, .alarm = set_alarm },
	};

	kit_up();
	clock_ns = 1;
	alarm_at = UINT64_MAX;
	ck_assert_int_eq(flash_new(m->flat, &c, &flash, why), 0);
	flash_device(flash)->line.moved = ready;
	flash_device(flash)->ops->reset(flash_device(flash));
	ck_assert_int_eq(mtd_register(m), 0);
}

static void down(void)
{
	/* As the machine ends: files, MTD, the flash, memory. */
	path_put(&fs.root);
	path_put(&fs.cwd);
	vfs_free(m->vfs);
	mtd_free(m);
	flash_device(flash)->ops->free(flash_device(flash));
	mm_free(m->mm);
	board_free(m);
	flat_free(m->flat);
	klog_free(m);
	clocks_free(m);
	free(m);
}

/* Time goes by until the flash has nothing to do. */
static void pass(void)
{
	while (alarm_at != UINT64_MAX) {
		clock_ns = alarm_at > clock_ns ? alarm_at : clock_ns;
		flash_run(flash);
	}
}

/* --- --mtdparts --- */

static char listed[512];

static int list_part(void *ctx, const struct mtd_part *p)
{
	size_t n = strlen(listed);

	(void)ctx;
	snprintf(listed + n, sizeof listed - n, "%x@%x(%s)%s%s ", p->size, p->offset, p->name, p->read_only ? "ro" : "", p->locked ? "lk" : "");
	return 0;
}

static void parts_are(const char *text, const char *wanted)
{
	listed[0] = 0;
	ck_assert_int_ge(mtd_parts(text, "flash0", SIZE, list_part, NULL, why), 0);
	ck_assert_str_eq(listed, wanted);
}

static void parts_are_wrong(const char *text, const char *message)
{
	ck_assert_int_eq(mtd_parts(text, "flash0", SIZE, list_part, NULL, why), -EINVAL);
	ck_assert_msg(strstr(why, message) != NULL, "%s: %s", text, why);
	ck_assert_int_eq(mtd_parts(text, NULL, 0, NULL, NULL, why), -EINVAL);
}

START_TEST(parts_by_the_kernels_rules)
{
	parts_are("flash0:64K(boot)ro,-(root)", "10000@0(boot)ro 30000@10000(root) ");
	parts_are("flash0:0x4000,16k,1M", "4000@0(Partition_000) 4000@4000(Partition_001) 38000@8000(Partition_002) ");
	parts_are("flash0:64K@128K(b),64K@0(a)lk,64K(c)rolk", "10000@20000(b) 10000@0(a)lk 10000@10000(c)rolk ");
	parts_are("flash0:64K@256K(gone),64K@0(a)", "10000@0(a) ");
	parts_are("flash0:-@192K(end)", "10000@30000(end) ");
	parts_are("flash0:64K()", "10000@0() ");
	parts_are("other:64K(x);flash0:64K(y);third:-", "10000@0(y) ");
	parts_are("20000000.flash:odd:64K(x);flash0:64K(a:b)", "10000@0(a:b) ");
	parts_are("other:64K", "");
	parts_are_wrong("", "no name of a flash");
	parts_are_wrong("64K(boot)", "no name of a flash");
	parts_are_wrong("flash0:", "not the size");
	parts_are_wrong("flash0:0(x)", "not the size");
	parts_are_wrong("flash0:64K@", "not the offset");
	parts_are_wrong("flash0:64K(x", "without its ')'");
	parts_are_wrong("flash0:64K(0123456789012345678901234567890123456789012345678901234567890123)", "too long");
	parts_are_wrong("flash0:-(x),64K", "no partition can follow");
	parts_are_wrong("flash0:64Kwhat", "not what can follow");
	parts_are_wrong("flash0:64K;", "no name of a flash");
	parts_are_wrong("flash0:99999999999999999999", "not the size");
	parts_are_wrong("flash0:999999999999999999E", "not the size");
}
END_TEST

/* --- Devices --- */

START_TEST(as_many_as_there_are_numbers)
{
	struct mtd_part part = { .name = "p", .size = ERASE };
	uint64_t charged;
	struct mtd *d;
	int err = 0, n = 0;

	up(0);
	ck_assert_int_eq(mtd_add_flash(m, flash, NULL, why), 0);
	charged = m->vfs->charged;
	while (!(err = mtd_add_part(mtd_at(m, 0), &part)))
		n++;
	ck_assert_int_eq(err, -ENOSPC);
	ck_assert_int_eq(n, MTD_DEVICES_MAX - 1);
	ck_assert_ptr_eq(mtd_by_name(m, "p"), mtd_at(m, 1));
	/* One that is in use keeps its number. */
	d = mtd_get(mtd_at(m, 5));
	ck_assert_int_eq(mtd_del_part(mtd_at(m, 0), 5), 0);
	ck_assert_int_eq(mtd_del_part(mtd_at(m, 0), 5), -EINVAL);
	ck_assert_ptr_eq(mtd_at(m, 5), d);
	ck_assert_ptr_null(blkdev_find(m, vfs_makedev(MTD_BLOCK_MAJOR, 5)));
	ck_assert_int_eq(mtd_add_part(mtd_at(m, 0), &part), -ENOSPC);
	mtd_put(d);
	ck_assert_ptr_null(mtd_at(m, 5));
	ck_assert_int_eq(mtd_add_part(mtd_at(m, 0), &part), 0);
	ck_assert_ptr_nonnull(mtd_at(m, 5));
	for (unsigned i = 1; i < MTD_DEVICES_MAX; i++)
		ck_assert_int_eq(mtd_del_part(mtd_at(m, 0), i), 0);
	ck_assert_uint_eq(m->vfs->charged, charged);
	ck_assert_int_eq(mtd_del_part(mtd_at(m, 0), 0), -EINVAL);
	down();
}
END_TEST

/* --- The disk --- */

static struct block_device *disk(void)
{
	return blkdev_find(m, vfs_makedev(MTD_BLOCK_MAJOR, 0))->dev.disk;
}

static void put(uint32_t at, const char *text)
{
	ck_assert_int_eq(disk()->ops->write(disk(), text, (uint32_t)strlen(text), at), 0);
}

static void reads(uint32_t at, const char *text)
{
	char got[16];

	ck_assert_int_eq(disk()->ops->read(disk(), got, (uint32_t)strlen(text), at), 0);
	ck_assert_mem_eq(got, text, strlen(text));
}

static bool in_flash(uint32_t at, const char *text)
{
	return !memcmp(flash_array(flash) + at, text, strlen(text));
}

START_TEST(writes_back_by_the_block)
{
	up(100);
	ck_assert_int_eq(mtd_add_flash(m, flash, NULL, why), 0);
	put(100, "one");
	reads(100, "one");
	ck_assert(alarm_at == UINT64_MAX && !in_flash(100, "one"));
	/* Another block: the first is on its way. */
	put(ERASE + 5, "two");
	ck_assert(alarm_at != UINT64_MAX);
	/* Written to again in the meantime: both are written back, the later one last. */
	put(100, "ONE");
	reads(100, "ONE");
	reads(ERASE + 5, "two");
	ck_assert_int_eq(disk()->ops->flush(disk()), -EAGAIN);
	pass();
	ck_assert_int_eq(disk()->ops->flush(disk()), 0);
	ck_assert(in_flash(100, "ONE") && in_flash(ERASE + 5, "two"));
	reads(100, "ONE");
	/* Across blocks. */
	put(3 * ERASE - 3, "across");
	reads(3 * ERASE - 3, "across");
	ck_assert_int_eq(disk()->ops->clear(disk(), 0, 512), 0);
	ck_assert_int_eq(disk()->ops->flush(disk()), -EAGAIN);
	pass();
	ck_assert_int_eq(disk()->ops->flush(disk()), 0);
	ck_assert(in_flash(3 * ERASE - 3, "across") && !flash_array(flash)[100]);
	/* What waits when the disk goes is given up with its memory. */
	put(0, "lost");
	put(2 * ERASE, "lost");
	down();
}
END_TEST

START_TEST(a_locked_block_is_an_error_once)
{
	up(100);
	ck_assert_int_eq(mtd_add_flash(m, flash, NULL, why), 0);
	ck_assert_int_eq(flash_lock(flash, 0, ERASE, true), 0);
	put(0, "no");		/* the chip says so at once */
	ck_assert_int_eq(disk()->ops->flush(disk()), -EIO);
	ck_assert_int_eq(disk()->ops->flush(disk()), 0);
	reads(0, "\xff\xff");
	down();
}
END_TEST

START_TEST(what_is_read_only_is_not_written)
{
	const struct mtd_part odd = { .name = "odd", .offset = 2 * ERASE, .size = SIZE - 2 * ERASE - 512 };
	struct block_device *b;

	up(0);
	ck_assert_int_eq(mtd_add_flash(m, flash, NULL, why), 0);
	ck_assert_int_eq(mtd_add_part(mtd_at(m, 0), &odd), 0);
	b = blkdev_find(m, vfs_makedev(MTD_BLOCK_MAJOR, 1))->dev.disk;
	ck_assert(b->read_only);
	ck_assert_int_eq(b->ops->write(b, "no", 2, odd.size - 2), -EROFS);
	ck_assert_int_eq(b->ops->clear(b, odd.size - 512, 512), -EROFS);
	ck_assert_int_eq(b->ops->flush(b), 0);
	ck_assert(in_flash(odd.offset + odd.size - 2, "\xff\xff\xff"));
	down();
}
END_TEST

/* --- Memory --- */

START_TEST(each_allocation_may_fail)
{
	const struct mtd_part part = { .name = "p", .size = ERASE };
	bool failed = true;

	for (long n = 1; failed; n++) {
		uint64_t charged;
		int err;

		up(0);
		ck_assert_int_eq(mtd_add_flash(m, flash, NULL, why), 0);
		charged = m->vfs->charged;
		fail_in = n;
		err = mtd_add_part(mtd_at(m, 0), &part);
		failed = !fail_in;
		fail_in = 0;
		ck_assert_int_eq(err, failed ? -ENOMEM : 0);
		ck_assert_int_eq(mtd_at(m, 1) != NULL, !failed);
		if (failed)
			ck_assert_uint_eq(m->vfs->charged, charged);
		ck_assert_int_eq(!blkdev_find(m, vfs_makedev(MTD_BLOCK_MAJOR, 1)), failed);
		down();
	}
	failed = true;
	for (long n = 1; failed; n++) {
		int err;

		up(0);
		ck_assert_int_eq(mtd_add_flash(m, flash, NULL, why), 0);
		fail_in = n;
		err = disk()->ops->write(disk(), "x", 1, 0);
		failed = !fail_in;
		fail_in = 0;
		ck_assert_int_eq(err, failed ? -ENOMEM : 0);
		reads(0, failed ? "\xff" : "x");
		down();
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("mtd");
	TCase *t = tcase_create("mtd");
	SRunner *r;
	int failed;

	tcase_add_test(t, parts_by_the_kernels_rules);
	tcase_add_test(t, as_many_as_there_are_numbers);
	tcase_add_test(t, writes_back_by_the_block);
	tcase_add_test(t, a_locked_block_is_an_error_once);
	tcase_add_test(t, what_is_read_only_is_not_written);
	tcase_add_test(t, each_allocation_may_fail);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
