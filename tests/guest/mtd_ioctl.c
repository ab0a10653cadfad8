/* SPDX-License-Identifier: MIT
 * Flash memory's ioctls, each with its errors.
 * flat32: --flash :1M:64K
 */
#include <linux/blkpg.h>
#include <linux/fs.h>
#include "mtd.h"

static int fd, ro;

static void what_it_is(void)
{
	struct mtd_info_user info;
	struct region_info_user region = { .regionindex = 0 };
	int count = -1;

	memset(&info, 0x55, sizeof info);
	tap_zero(ioctl(ro, MEMGETINFO, &info), "MEMGETINFO");
	tap_is(info.size, MTD_SIZE, "size");
	tap_is(info.erasesize, MTD_BLOCK, "size of a block");
	tap_is(info.writesize, 1, "bytes can be written");
	tap_is(info.oobsize, 0, "no out-of-band data");
	tap_is((long long)info.padding, 0, "nothing else");
	tap_ok((info.flags & (MTD_WRITEABLE | MTD_BIT_WRITEABLE)) == (MTD_WRITEABLE | MTD_BIT_WRITEABLE), "it can be written, bit by bit");
	tap_zero(ioctl(ro, MEMGETREGIONCOUNT, &count), "MEMGETREGIONCOUNT");
	tap_is(count, mtd_nor, "flash has a region");
	mtd_answer(ioctl(ro, MEMGETREGIONINFO, &region), mtd_nor ? 0 : EINVAL, "MEMGETREGIONINFO");
	tap_ok(!mtd_nor || (region.offset == 0 && region.erasesize == MTD_BLOCK && region.numblocks == MTD_SIZE / MTD_BLOCK),
	       "with all of its blocks");
	region.regionindex = 1;
	tap_errno(ioctl(ro, MEMGETREGIONINFO, &region), EINVAL, "and no other");
}

static void erase(void)
{
	struct erase_info_user e;
	struct erase_info_user64 e64 = { MTD_BLOCK, MTD_BLOCK };

	pwrite(fd, "text", 4, MTD_BLOCK);
	tap_zero(ioctl(fd, MEMERASE64, &e64), "MEMERASE64");
	tap_is(mtd_others(fd, MTD_BLOCK, MTD_BLOCK, 0xff), 0, "a block is erased");
	e = (struct erase_info_user){ 100, MTD_BLOCK };
	tap_errno(ioctl(fd, MEMERASE, &e), EINVAL, "not from the middle of a block");
	e = (struct erase_info_user){ 0, 100 };
	tap_errno(ioctl(fd, MEMERASE, &e), EINVAL, "nor a part of one");
	e = (struct erase_info_user){ MTD_SIZE, MTD_BLOCK };
	tap_errno(ioctl(fd, MEMERASE, &e), EINVAL, "nor behind the end");
	e = (struct erase_info_user){ MTD_SIZE - MTD_BLOCK, 2 * MTD_BLOCK };
	tap_errno(ioctl(fd, MEMERASE, &e), EINVAL, "nor beyond it");
	e = (struct erase_info_user){ MTD_BLOCK, 0xffff0000 };
	tap_errno(ioctl(fd, MEMERASE, &e), EINVAL, "nor around the end of 32 bits");
	e = (struct erase_info_user){ 100, 0 };
	tap_zero(ioctl(fd, MEMERASE, &e), "nothing can be erased anywhere");
	e64 = (struct erase_info_user64){ 1ull << 32, MTD_BLOCK };
	tap_errno(ioctl(fd, MEMERASE64, &e64), EINVAL, "64 bits are looked at");
	e = (struct erase_info_user){ 0, MTD_BLOCK };
	tap_errno(ioctl(ro, MEMERASE, &e), EPERM, "a descriptor for reading does not do");
	tap_errno(ioctl(ro, MEMERASE64, &e64), EPERM, "nor for MEMERASE64");
}

static void locks(void)
{
	struct erase_info_user e = { 2 * MTD_BLOCK, 2 * MTD_BLOCK };
	const int none = mtd_nor ? 0 : EOPNOTSUPP;

	pwrite(fd, "text", 4, 2 * MTD_BLOCK);
	mtd_answer(ioctl(fd, MEMLOCK, &e), none, "MEMLOCK");
	mtd_answer(ioctl(fd, MEMISLOCKED, &e), none, "MEMISLOCKED");
	tap_is(ioctl(fd, MEMISLOCKED, &e), mtd_nor ? 1 : -1, "flash is locked");
	mtd_answer(pwrite(fd, "\0", 1, 2 * MTD_BLOCK), mtd_nor ? EROFS : 0, "a locked block is not programmed");
	mtd_answer(mtd_erase_at(fd, 2 * MTD_BLOCK, MTD_BLOCK), mtd_nor ? EROFS : 0, "nor erased");
	mtd_answer(mtd_erase_at(fd, MTD_BLOCK, 2 * MTD_BLOCK), mtd_nor ? EROFS : 0, "with another one before it neither");
	tap_is(mtd_nor ? mtd_others(fd, 2 * MTD_BLOCK, MTD_BLOCK, 0xff) : 4, 4, "it is as it was");
	mtd_answer(ioctl(fd, MEMUNLOCK, &e), none, "MEMUNLOCK");
	mtd_answer(ioctl(ro, MEMISLOCKED, &e), none, "MEMISLOCKED, for reading");
	tap_is(ioctl(fd, MEMISLOCKED, &e), mtd_nor ? 0 : -1, "no longer locked");
	tap_zero(mtd_erase_at(fd, 2 * MTD_BLOCK, MTD_BLOCK), "it can be erased");
	e.start = 100;
	mtd_answer(ioctl(fd, MEMLOCK, &e), mtd_nor ? EINVAL : EOPNOTSUPP, "locks are of whole blocks");
	e.start = MTD_SIZE;
	mtd_answer(ioctl(fd, MEMUNLOCK, &e), mtd_nor ? EINVAL : EOPNOTSUPP, "that are there");
	e = (struct erase_info_user){ 0, 0 };
	mtd_answer(ioctl(fd, MEMLOCK, &e), none, "nothing can be locked");
	tap_errno(ioctl(ro, MEMLOCK, &e), EPERM, "a descriptor for reading does not do");
	tap_errno(ioctl(ro, MEMUNLOCK, &e), EPERM, "nor for MEMUNLOCK");
}

/* What only NAND has. */
static void nand(void)
{
	struct mtd_oob_buf oob = { 0, 16, (unsigned char *)&oob };
	struct mtd_oob_buf64 oob64 = { .length = 16, .usr_ptr = (uintptr_t)&oob };
	struct mtd_write_req w = { .len = 1, .usr_data = (uintptr_t)&oob };
	static struct { struct nand_oobinfo info; struct nand_ecclayout_user layout; } buf;
	struct mtd_ecc_stats stats;
	long long at = 0;

	tap_is(ioctl(ro, MEMGETBADBLOCK, &at), 0, "MEMGETBADBLOCK: a good one");
	at = MTD_SIZE - 1;
	tap_is(ioctl(ro, MEMGETBADBLOCK, &at), 0, "any byte of it");
	at = MTD_SIZE;
	tap_errno(ioctl(ro, MEMGETBADBLOCK, &at), EINVAL, "that is there");
	at = -1;
	tap_errno(ioctl(ro, MEMGETBADBLOCK, &at), EINVAL, "not before the start");
	tap_errno(ioctl(fd, MEMSETBADBLOCK, &at), EOPNOTSUPP, "MEMSETBADBLOCK");
	tap_errno(ioctl(ro, MEMSETBADBLOCK, &at), EPERM, "MEMSETBADBLOCK, for reading");
	tap_errno(ioctl(fd, MEMWRITEOOB, &oob), EOPNOTSUPP, "MEMWRITEOOB");
	tap_errno(ioctl(ro, MEMWRITEOOB, &oob), EPERM, "MEMWRITEOOB, for reading");
	tap_errno(ioctl(fd, MEMWRITEOOB64, &oob64), EOPNOTSUPP, "MEMWRITEOOB64");
	oob.length = 5000;
	tap_errno(ioctl(fd, MEMWRITEOOB, &oob), EINVAL, "MEMWRITEOOB of too much");
	tap_errno(ioctl(ro, MEMREADOOB, &oob), EINVAL, "MEMREADOOB of too much");
	oob = (struct mtd_oob_buf){ 7, 16, (unsigned char *)&oob64 };
	tap_errno(ioctl(ro, MEMREADOOB, &oob), EINVAL, "MEMREADOOB");
	tap_is(oob.start, 0, "nothing was read");
	oob.length = 0;
	tap_errno(ioctl(ro, MEMREADOOB, &oob), EOPNOTSUPP, "MEMREADOOB of nothing");
	tap_errno(ioctl(ro, MEMREADOOB64, &oob64), EINVAL, "MEMREADOOB64");
	tap_is(oob64.length, 0, "nothing was read");
	tap_errno(ioctl(ro, MEMREADOOB64, &oob64), EOPNOTSUPP, "MEMREADOOB64 of nothing");
	tap_errno(ioctl(fd, MEMWRITE, &w), EOPNOTSUPP, "MEMWRITE");
	tap_errno(ioctl(ro, MEMWRITE, &w), EPERM, "MEMWRITE, for reading");
	tap_errno(ioctl(ro, _IOWR('M', 26, char[64]), &buf), EOPNOTSUPP, "MEMREAD");
	tap_errno(ioctl(ro, MEMGETOOBSEL, &buf.info), EOPNOTSUPP, "MEMGETOOBSEL");
	tap_errno(ioctl(ro, ECCGETLAYOUT, &buf.layout), EOPNOTSUPP, "ECCGETLAYOUT");
	memset(&stats, 1, sizeof stats);
	tap_zero(ioctl(ro, ECCGETSTATS, &stats), "ECCGETSTATS");
	tap_ok(!stats.corrected && !stats.failed && !stats.badblocks && !stats.bbtblocks, "no errors");
}

static void once(void)
{
	struct otp_info o = { 0, 16, 0 };
	int mode = MTD_OTP_FACTORY, n;

	lseek(fd, 100, SEEK_SET);
	tap_errno(ioctl(fd, OTPSELECT, &mode), EOPNOTSUPP, "OTPSELECT: the factory's");
	tap_is(lseek(fd, 0, SEEK_CUR), 0, "the position is the start");
	mode = MTD_OTP_USER;
	tap_errno(ioctl(fd, OTPSELECT, &mode), EOPNOTSUPP, "OTPSELECT: the user's");
	mode = 7;
	tap_errno(ioctl(fd, OTPSELECT, &mode), EINVAL, "OTPSELECT: whose?");
	mode = MTD_OTP_OFF;
	tap_zero(ioctl(fd, OTPSELECT, &mode), "OTPSELECT: off");
	tap_errno(ioctl(fd, OTPGETREGIONCOUNT, &n), EINVAL, "OTPGETREGIONCOUNT");
	tap_errno(ioctl(fd, OTPGETREGIONINFO, &o), EINVAL, "OTPGETREGIONINFO");
	tap_errno(ioctl(fd, OTPLOCK, &o), EINVAL, "OTPLOCK");
	tap_errno(ioctl(ro, OTPLOCK, &o), EPERM, "OTPLOCK, for reading");
	tap_errno(ioctl(fd, _IOW('M', 25, struct otp_info), &o), EINVAL, "OTPERASE");
	lseek(fd, 100, SEEK_SET);
	tap_errno(ioctl(fd, MTDFILEMODE, MTD_FILE_MODE_RAW), EOPNOTSUPP, "MTDFILEMODE: raw");
	tap_is(lseek(fd, 0, SEEK_CUR), 100, "the position is where it was");
	tap_errno(ioctl(fd, MTDFILEMODE, MTD_FILE_MODE_OTP_USER), EOPNOTSUPP, "MTDFILEMODE: one-time programmable");
	tap_errno(ioctl(fd, MTDFILEMODE, 9), EINVAL, "MTDFILEMODE: no such mode");
	tap_zero(ioctl(fd, MTDFILEMODE, MTD_FILE_MODE_NORMAL), "MTDFILEMODE: normal");
	tap_is(lseek(fd, 0, SEEK_CUR), 0, "the position is the start");
}

/* --- Partitions --- */

static int blkpg(int f, int op, struct blkpg_partition *p)
{
	struct blkpg_ioctl_arg a = { .op = op, .datalen = sizeof *p, .data = p };

	return ioctl(f, BLKPG, &a);
}

static int proc_mtd(const char *line)
{
	static char text[4096];
	int in = open("/proc/mtd", O_RDONLY);
	ssize_t n = read(in, text, sizeof text - 1);

	close(in);
	text[n > 0 ? n : 0] = 0;
	return strstr(text, line) != NULL;
}

static void partitions(void)
{
	struct blkpg_partition p = { .start = 4 * MTD_BLOCK, .length = 2 * MTD_BLOCK, .devname = "data" }, q;
	struct mtd_info_user info;
	struct stat st;
	char c[4];
	int part, other, count;

	tap_zero(blkpg(ro, BLKPG_ADD_PARTITION, &p), "a partition is added");
	tap_ok(proc_mtd("mtd1: 00020000 00010000 \"data\"\n"), "/proc/mtd has it");
	part = open("/dev/mtd1", O_RDWR);
	tap_ok(part >= 0, "it has a device");
	tap_zero(stat("/dev/mtdblock1", &st), "and a disk");
	tap_ok(!ioctl(part, MEMGETINFO, &info) && info.size == 2 * MTD_BLOCK, "of its size");
	tap_ok(!ioctl(part, MEMGETREGIONCOUNT, &count) && count == 0, "without regions");
	mtd_erase_at(part, 0, 2 * MTD_BLOCK);
	tap_is(pwrite(part, "part", 4, 16), 4, "what is written to it");
	tap_ok(pread(fd, c, 4, 4 * MTD_BLOCK + 16) == 4 && !memcmp(c, "part", 4), "is a part of the whole");
	tap_errno(mtd_erase_at(part, 2 * MTD_BLOCK, MTD_BLOCK), EINVAL, "nothing can be erased outside");
	tap_errno(blkpg(part, BLKPG_ADD_PARTITION, &p), EINVAL, "it has none itself");
	q = (struct blkpg_partition){ .start = 100, .length = MTD_BLOCK, .devname = "odd" };
	tap_zero(blkpg(fd, BLKPG_ADD_PARTITION, &q), "one at an odd place");
	other = open("/dev/mtd2", O_RDWR);
	tap_ok(mtd_nor ? other == -1 && errno == EACCES : other >= 0, "flash can only be read there");
	close(other);
	other = open("/dev/mtd2", O_RDONLY);
	tap_ok(other >= 0, "and that it can");
	q = (struct blkpg_partition){ .pno = 2 };
	tap_zero(blkpg(fd, BLKPG_DEL_PARTITION, &q), "it is taken away");
	tap_errno(blkpg(fd, BLKPG_DEL_PARTITION, &q), EINVAL, "only once");
	tap_ok(proc_mtd("mtd2:"), "it is there as long as it is open");
	tap_is(read(other, c, 4), 4, "and can be read");
	close(other);
	tap_ok(!proc_mtd("mtd2:"), "then it is gone");
	tap_errno(open("/dev/mtdblock2", O_RDONLY), ENOENT, "and its disk was");
	q = (struct blkpg_partition){ .start = MTD_SIZE - MTD_BLOCK, .length = 4 * MTD_BLOCK, .devname = "long" };
	tap_zero(blkpg(fd, BLKPG_ADD_PARTITION, &q), "one that is longer than there is room");
	tap_ok(proc_mtd("mtd2: 00010000 00010000 \"long\"\n"), "is cut");
	q = (struct blkpg_partition){ .start = MTD_SIZE, .length = MTD_BLOCK, .devname = "far" };
	tap_zero(blkpg(fd, BLKPG_ADD_PARTITION, &q), "one that is out of reach");
	tap_ok(proc_mtd("mtd3: 00000000 00010000 \"far\"\n"), "is empty");
	q = (struct blkpg_partition){ .length = -5, .devname = "x" };
	tap_errno(blkpg(fd, BLKPG_ADD_PARTITION, &q), EINVAL, "none of negative size");
	q = (struct blkpg_partition){ .pno = 77 };
	tap_errno(blkpg(fd, BLKPG_DEL_PARTITION, &q), EINVAL, "none that is not there is taken away");
	q.pno = -1;
	tap_errno(blkpg(fd, BLKPG_DEL_PARTITION, &q), EINVAL, "nor a negative one");
	q.pno = 0;
	tap_errno(blkpg(fd, BLKPG_DEL_PARTITION, &q), EINVAL, "nor the whole");
	tap_errno(blkpg(fd, 99, &q), EINVAL, "BLKPG with another operation");
	tap_zero(ioctl(fd, BLKRRPART, 0), "BLKRRPART");
	close(part);
	for (q.pno = 1; q.pno <= 3; q.pno++)
		tap_zero(blkpg(fd, BLKPG_DEL_PARTITION, &q), "partition %d goes", q.pno);
	tap_ok(!proc_mtd("mtd1:") && proc_mtd("mtd0:"), "there is only the whole again");
	tap_errno(ioctl(fd, _IO('M', 99), 0), ENOTTY, "no such ioctl");
}

static void unprivileged(void)
{
	struct blkpg_partition p = { .start = 0, .length = MTD_BLOCK, .devname = "x" };

	if (seteuid(1000))
		tap_bail("seteuid: %s", strerror(errno));
	tap_errno(blkpg(fd, BLKPG_ADD_PARTITION, &p), EPERM, "partitions are the administrator's");
	if (seteuid(0))
		tap_bail("seteuid: %s", strerror(errno));
}

static void bad_pointers(void)
{
	void *bad = (void *)0xf0000000;

	tap_efault(ioctl(fd, MEMGETINFO, bad), "MEMGETINFO to nowhere");
	tap_efault(ioctl(fd, MEMGETREGIONCOUNT, bad), "MEMGETREGIONCOUNT to nowhere");
	tap_efault(ioctl(fd, MEMGETREGIONINFO, bad), "MEMGETREGIONINFO from nowhere");
	tap_efault(ioctl(fd, MEMERASE, bad), "MEMERASE from nowhere");
	tap_efault(ioctl(fd, MEMERASE64, bad), "MEMERASE64 from nowhere");
	tap_efault(ioctl(fd, MEMLOCK, bad), "MEMLOCK from nowhere");
	tap_efault(ioctl(fd, MEMISLOCKED, bad), "MEMISLOCKED from nowhere");
	tap_efault(ioctl(fd, MEMGETBADBLOCK, bad), "MEMGETBADBLOCK from nowhere");
	tap_efault(ioctl(fd, MEMREADOOB, bad), "MEMREADOOB from nowhere");
	tap_efault(ioctl(fd, MEMWRITEOOB64, bad), "MEMWRITEOOB64 from nowhere");
	tap_efault(ioctl(fd, MEMWRITE, bad), "MEMWRITE from nowhere");
	tap_efault(ioctl(fd, ECCGETSTATS, bad), "ECCGETSTATS to nowhere");
	tap_efault(ioctl(fd, OTPSELECT, bad), "OTPSELECT from nowhere");
	tap_efault(ioctl(fd, BLKPG, bad), "BLKPG from nowhere");
	tap_efault(blkpg(fd, BLKPG_ADD_PARTITION, bad), "BLKPG to nowhere");
}

int main(void)
{
	tap_plan(0);
	fd = mtd_open();
	ro = open("/dev/mtd0ro", O_RDONLY);
	if (fd < 0 || ro < 0) {
		tap_skip(1, "no flash memory");
		return tap_done();
	}
	what_it_is();
	erase();
	locks();
	nand();
	once();
	partitions();
	unprivileged();
	bad_pointers();
	close(ro);
	close(fd);
	return tap_done();
}
