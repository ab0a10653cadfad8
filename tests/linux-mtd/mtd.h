/* SPDX-License-Identifier: MIT
 *
 * In place of the kernel's linux/mtd/mtd.h: of a struct mtd_info what NOR drivers fill in.
 */
#ifndef TESTS_LINUX_MTD_MTD_H
#define TESTS_LINUX_MTD_MTD_H

#include <linux/kernel.h>

struct mtd_info;
struct erase_info { uint64_t addr, len, fail_addr; };
struct mtd_erase_region_info { uint64_t offset; uint32_t erasesize, numblocks; unsigned long *lockmap; };
struct otp_info { uint32_t start, length, locked; };
struct kvec { void *iov_base; size_t iov_len; };

#define MTD_FAIL_ADDR_UNKNOWN (-1LL)
#define MTD_NORFLASH 3
#define MTD_POWERUP_LOCK 0x2000
#define MTD_WRITEABLE 0x400
#define MTD_BIT_WRITEABLE 0x800
#define MTD_CAP_NORFLASH (MTD_WRITEABLE | MTD_BIT_WRITEABLE)

struct mtd_info {
	uint8_t type;
	uint32_t flags;
	uint64_t size;
	uint32_t erasesize, writesize, writebufsize;
	const char *name;
	int numeraseregions;
	struct mtd_erase_region_info *eraseregions;
	int (*_erase)(struct mtd_info *m, struct erase_info *e);
	int (*_point)(struct mtd_info *m, loff_t from, size_t len, size_t *done, void **virt, resource_size_t *phys);
	int (*_unpoint)(struct mtd_info *m, loff_t from, size_t len);
	int (*_read)(struct mtd_info *m, loff_t from, size_t len, size_t *done, u_char *buf);
	int (*_write)(struct mtd_info *m, loff_t to, size_t len, size_t *done, const u_char *buf);
	int (*_panic_write)(struct mtd_info *m, loff_t to, size_t len, size_t *done, const u_char *buf);
	int (*_get_fact_prot_info)(struct mtd_info *m, size_t len, size_t *done, struct otp_info *buf);
	int (*_read_fact_prot_reg)(struct mtd_info *m, loff_t from, size_t len, size_t *done, u_char *buf);
	int (*_get_user_prot_info)(struct mtd_info *m, size_t len, size_t *done, struct otp_info *buf);
	int (*_read_user_prot_reg)(struct mtd_info *m, loff_t from, size_t len, size_t *done, u_char *buf);
	int (*_write_user_prot_reg)(struct mtd_info *m, loff_t to, size_t len, size_t *done, const u_char *buf);
	int (*_lock_user_prot_reg)(struct mtd_info *m, loff_t from, size_t len);
	int (*_writev)(struct mtd_info *m, const struct kvec *vec, unsigned long n, loff_t to, size_t *done);
	void (*_sync)(struct mtd_info *m);
	int (*_lock)(struct mtd_info *m, loff_t at, uint64_t len);
	int (*_unlock)(struct mtd_info *m, loff_t at, uint64_t len);
	int (*_is_locked)(struct mtd_info *m, loff_t at, uint64_t len);
	int (*_suspend)(struct mtd_info *m);
	void (*_resume)(struct mtd_info *m);
	struct notifier_block reboot_notifier;
	void *priv;
};

#endif
