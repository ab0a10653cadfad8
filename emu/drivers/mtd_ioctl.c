/* SPDX-License-Identifier: MIT
 *
 * ioctl(2) of /dev/mtdN (drivers/mtd/mtdchar.c mtdchar_ioctl(), include/uapi/mtd/mtd-abi.h), with the answers of a NOR flash: it has no
 * out-of-band data, no bad blocks, no ECC, and these chips have nothing that can be programmed only once.
 */
#include "emu/drivers/mtd_private.h"

#include <errno.h>
#include <string.h>
#include "devices/flash/flash.h"
#include "emu/sys/user.h"

#define CAP_SYS_ADMIN_ 21
#define OOB_MAX 4096u

/* Numbers with the sizes of riscv32 in them. */
#define MEMGETINFO_		0x80204d01u
#define MEMERASE_		0x40084d02u
#define MEMWRITEOOB_		0xc00c4d03u
#define MEMREADOOB_		0xc00c4d04u
#define MEMLOCK_		0x40084d05u
#define MEMUNLOCK_		0x40084d06u
#define MEMGETREGIONCOUNT_	0x80044d07u
#define MEMGETREGIONINFO_	0xc0104d08u
#define MEMGETOOBSEL_		0x80c84d0au
#define MEMGETBADBLOCK_		0x40084d0bu
#define MEMSETBADBLOCK_		0x40084d0cu
#define OTPSELECT_		0x80044d0du
#define OTPGETREGIONCOUNT_	0x40044d0eu
#define OTPGETREGIONINFO_	0x400c4d0fu
#define OTPLOCK_		0x800c4d10u
#define ECCGETLAYOUT_		0x81484d11u
#define ECCGETSTATS_		0x80104d12u
#define MTDFILEMODE_		0x00004d13u
#define MEMERASE64_		0x40104d14u
#define MEMWRITEOOB64_		0xc0184d15u
#define MEMREADOOB64_		0xc0184d16u
#define MEMISLOCKED_		0x80084d17u
#define MEMWRITE_		0xc0304d18u
#define OTPERASE_		0x400c4d19u
#define MEMREAD_		0xc0404d1au	/* struct mtd_read_req ends in padding */
#define BLKPG_			0x1269u
#define BLKRRPART_		0x125fu

struct guest_info {
	uint8_t type, pad[3];
	uint32_t flags, size, erasesize, writesize, oobsize;
	uint64_t padding;
};
_Static_assert(sizeof(struct guest_info) == 32, "struct mtd_info_user");

struct guest_range { uint32_t start, length; };
struct guest_range64 { uint64_t start, length; };
struct guest_oob { uint32_t start, length, ptr; };
struct guest_oob64 { uint64_t start; uint32_t pad, length; uint64_t ptr; };

/* include/uapi/linux/blkpg.h */
struct guest_blkpg { int32_t op, flags, datalen; uint32_t data; };
struct guest_partition { int64_t start, length; int32_t pno; char devname[64], volname[64]; uint32_t pad; };
_Static_assert(sizeof(struct guest_partition) == 152, "struct blkpg_partition");
enum { BLKPG_ADD_PARTITION_ = 1, BLKPG_DEL_PARTITION_ = 2 };

static int64_t put(struct task *t, uint32_t arg, const void *what, uint32_t size)
{
	return user_write(t, arg, what, size) ? -EFAULT : 0;
}

/* --- What it is --- */

static int64_t get_info(const struct mtd *d, struct task *t, uint32_t arg)
{
	const struct guest_info info = {
		.type = MTD_NORFLASH_, .flags = d->flags, .size = d->size, .erasesize = d->erasesize, .writesize = 1,
	};

	return put(t, arg, &info, sizeof info);
}

/* A master has one region with blocks of one size; what regions a partition has nobody says. */
static int64_t get_region_count(const struct mtd *d, struct task *t, uint32_t arg)
{
	return user_put32(t, arg, d == d->master) ? -EFAULT : 0;
}

/* struct region_info_user: the fields before the index are the answer. */
static int64_t get_region_info(const struct mtd *d, struct task *t, uint32_t arg)
{
	const uint32_t region[3] = { 0, d->erasesize, d->size / d->erasesize };
	uint32_t index;

	if (user_get32(t, arg + sizeof region, &index))
		return -EFAULT;
	if (index >= (d == d->master))
		return -EINVAL;
	return put(t, arg, region, sizeof region);
}

/* mtd_block_isbad(): flash that is not NAND has no bad blocks, but the offset is looked at. */
static int64_t get_bad_block(const struct mtd *d, struct task *t, uint32_t arg)
{
	int64_t offset;

	if (user_read(t, &offset, arg, sizeof offset))
		return -EFAULT;
	return offset < 0 || offset >= d->size ? -EINVAL : 0;
}

/* --- Erasing and locking --- */

/* cfi_varsize_frob() looks at the bounds of blocks; they are the chip's. */
static bool whole_blocks(const struct mtd *d, uint64_t start, uint64_t len)
{
	return (d->offset + start) % d->erasesize == 0 && len % d->erasesize == 0;
}

static int64_t erase(struct mtd *d, struct task *t, uint64_t start, uint64_t len)
{
	if (start >= d->size || len > d->size - start)
		return -EINVAL;
	if (!(d->flags & MTD_WRITEABLE_))
		return -EROFS;
	if (!len)
		return 0;
	if (!whole_blocks(d, start, len))
		return -EINVAL;
	return mtd_erase(d, t, (uint32_t)start, (uint32_t)len);
}

static int64_t erase32(struct mtd *d, struct task *t, uint32_t arg)
{
	struct guest_range r;

	return user_read(t, &r, arg, sizeof r) ? -EFAULT : erase(d, t, r.start, r.length);
}

static int64_t erase64(struct mtd *d, struct task *t, uint32_t arg)
{
	struct guest_range64 r;

	return user_read(t, &r, arg, sizeof r) ? -EFAULT : erase(d, t, r.start, r.length);
}

/* A range for MEMLOCK and its kin: 1, 0 if there is nothing to do, or -errno. */
static int64_t lock_range(struct mtd *d, struct task *t, uint32_t arg, struct guest_range *r)
{
	if (user_read(t, r, arg, sizeof *r))
		return -EFAULT;
	if (r->start >= d->size || r->length > d->size - r->start)
		return -EINVAL;
	if (!r->length)
		return 0;
	return whole_blocks(d, r->start, r->length) ? 1 : -EINVAL;
}

static int64_t lock(struct mtd *d, struct task *t, uint32_t arg, bool on)
{
	struct guest_range r;
	int64_t n = lock_range(d, t, arg, &r);

	return n > 0 ? flash_lock(d->flash, d->offset + r.start, r.length, on) : n;
}

static int64_t is_locked(struct mtd *d, struct task *t, uint32_t arg)
{
	struct guest_range r;
	int64_t n = lock_range(d, t, arg, &r);

	/* The first block that is locked, or cannot be asked, is the answer. */
	for (uint32_t at = 0; n > 0 && at < r.length; at += d->erasesize) {
		int locked = flash_locked(d->flash, d->offset + r.start + at);

		if (locked)
			return locked;
	}
	return n > 0 ? 0 : n;
}

/* --- Out-of-band data, of which there are none --- */

/* mtdchar_readoob(): the length that was read is told whatever else happens. */
static int64_t read_oob(const struct mtd *d, struct task *t, uint64_t start, uint32_t length, uint32_t told)
{
	int64_t r;

	if (length > OOB_MAX)
		return -EINVAL;
	r = start > d->size || length ? -EINVAL : -EOPNOTSUPP;
	return user_put32(t, told, 0) ? -EFAULT : r;
}

static int64_t read_oob32(const struct mtd *d, struct task *t, uint32_t arg)
{
	struct guest_oob o;

	if (user_read(t, &o, arg, sizeof o))
		return -EFAULT;
	return read_oob(d, t, o.start, o.length, arg + offsetof(struct guest_oob, start));
}

static int64_t read_oob64(const struct mtd *d, struct task *t, uint32_t arg)
{
	struct guest_oob64 o;

	if (user_read(t, &o, arg, sizeof o))
		return -EFAULT;
	return read_oob(d, t, o.start, o.length, arg + offsetof(struct guest_oob64, length));
}

static int64_t write_oob(struct task *t, uint32_t arg, bool is_64)
{
	struct guest_oob o;
	struct guest_oob64 o64;

	if (is_64 ? user_read(t, &o64, arg, sizeof o64) : user_read(t, &o, arg, sizeof o))
		return -EFAULT;
	return (is_64 ? o64.length : o.length) > OOB_MAX ? -EINVAL : -EOPNOTSUPP;
}

/* MEMWRITE, MEMREAD: for devices with out-of-band data only.  The request is copied first. */
static int64_t request(struct task *t, uint32_t arg, uint32_t size)
{
	return user_span(t, arg, size) ? -EOPNOTSUPP : -EFAULT;
}

/* --- One-time programmable areas, and modes of the file --- */

/* otp_select_filemode(): none of the two areas is there. */
static int64_t otp_mode(uint32_t mode)
{
	return mode == MTD_FILE_MODE_NORMAL_ ? 0 :
	       mode == MTD_FILE_MODE_OTP_FACTORY_ || mode == MTD_FILE_MODE_OTP_USER_ ? -EOPNOTSUPP : -EINVAL;
}

static int64_t otp_select(struct file *f, struct task *t, uint32_t arg)
{
	uint32_t mode;

	if (user_get32(t, arg, &mode))
		return -EFAULT;
	f->pos = 0;
	return otp_mode(mode);
}

static int64_t file_mode(struct file *f, uint32_t mode)
{
	if (mode == MTD_FILE_MODE_RAW_)
		return -EOPNOTSUPP;
	f->pos = 0;
	return otp_mode(mode);
}

/* --- Partitions --- */

/* What was written to its disk comes into the flash first. */
static int64_t del_part(struct mtd *master, struct task *t, uint32_t index)
{
	const struct mtd *d = mtd_at(t->machine, index);

	if (d && d->master == master && d != master && !mtd_block_settled(d, t))
		return t->killed ? -EINTR : SYS_BLOCK;
	return mtd_del_part(master, index);
}

static int64_t blkpg(struct mtd *d, struct task *t, uint32_t arg)
{
	struct mtd_part part = { 0 };
	struct guest_partition p;
	struct guest_blkpg a;

	if (user_read(t, &a, arg, sizeof a))
		return -EFAULT;
	if (!task_capable(t, CAP_SYS_ADMIN_))
		return -EPERM;
	if (user_read(t, &p, a.data, sizeof p))
		return -EFAULT;
	switch (a.op) {
	case BLKPG_ADD_PARTITION_:
		if (d != d->master)
			return -EINVAL;
		p.devname[sizeof p.devname - 1] = 0;
		/* MTDPART_OFS_RETAIN and its like are for drivers; a length of 0, MTDPART_SIZ_FULL, is all the rest. */
		if (p.start < 0)
			return -EINVAL;
		if (!p.length)
			p.length = d->size - p.start;
		if (p.length <= 0)
			return -EINVAL;
		part.offset = p.start > UINT32_MAX ? UINT32_MAX : (uint32_t)p.start;
		part.size = p.length > UINT32_MAX ? UINT32_MAX : (uint32_t)p.length;
		memcpy(part.name, p.devname, sizeof part.name);
		return mtd_add_part(d, &part);
	case BLKPG_DEL_PARTITION_:
		return p.pno < 0 ? -EINVAL : del_part(d, t, (uint32_t)p.pno);
	}
	return -EINVAL;
}

/* --- The table --- */

/* "dangerous" ones need a descriptor for writing. */
static bool changes(uint32_t cmd)
{
	switch (cmd) {
	case MEMERASE_: case MEMERASE64_: case MEMLOCK_: case MEMUNLOCK_: case MEMSETBADBLOCK_: case MEMWRITEOOB_:
	case MEMWRITEOOB64_: case MEMWRITE_: case OTPLOCK_: case OTPERASE_:
		return true;
	}
	return false;
}

int64_t mtd_ioctl(struct file *f, struct task *t, uint32_t cmd, uint32_t arg)
{
	static const uint32_t no_errors[4];
	struct mtd *d = f->private;

	if (changes(cmd) && !file_writable(f))
		return -EPERM;
	switch (cmd) {
	case MEMGETINFO_:
		return get_info(d, t, arg);
	case MEMGETREGIONCOUNT_:
		return get_region_count(d, t, arg);
	case MEMGETREGIONINFO_:
		return get_region_info(d, t, arg);
	case MEMERASE_:
		return erase32(d, t, arg);
	case MEMERASE64_:
		return erase64(d, t, arg);
	case MEMLOCK_: case MEMUNLOCK_:
		return lock(d, t, arg, cmd == MEMLOCK_);
	case MEMISLOCKED_:
		return is_locked(d, t, arg);
	case MEMGETBADBLOCK_:
		return get_bad_block(d, t, arg);
	case MEMSETBADBLOCK_:
		return user_span(t, arg, 8) ? -EOPNOTSUPP : -EFAULT;
	case MEMREADOOB_:
		return read_oob32(d, t, arg);
	case MEMREADOOB64_:
		return read_oob64(d, t, arg);
	case MEMWRITEOOB_: case MEMWRITEOOB64_:
		return write_oob(t, arg, cmd == MEMWRITEOOB64_);
	case MEMWRITE_:
		return request(t, arg, 48);
	case MEMREAD_:
		return request(t, arg, 64);
	case MEMGETOOBSEL_: case ECCGETLAYOUT_:
		return -EOPNOTSUPP;
	case ECCGETSTATS_:
		return put(t, arg, no_errors, sizeof no_errors);
	case OTPSELECT_:
		return otp_select(f, t, arg);
	case OTPGETREGIONCOUNT_: case OTPGETREGIONINFO_: case OTPLOCK_: case OTPERASE_:
		return -EINVAL;		/* the file is in no such mode */
	case MTDFILEMODE_:
		return file_mode(f, arg);
	case BLKPG_:
		return blkpg(d, t, arg);
	case BLKRRPART_:
		return 0;
	}
	return -ENOTTY;
}
