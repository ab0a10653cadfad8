/* SPDX-License-Identifier: MIT
 *
 * Inside /sys: what it is made of (tree.c), which files there are (sysfs.c), and what they say.
 */
#ifndef EMU_SYSFS_INTERNAL_H
#define EMU_SYSFS_INTERNAL_H

#include <stddef.h>
#include <stdint.h>
#include "emu/kernel/machine.h"

struct fs_super;

/* --- tree.c --- */

struct attribute;
struct inode;

/* A new inode; takes a (NULL for directories) over, also when it fails. 0 or -errno. */
int sysfs_new_inode(struct fs_super *s, uint32_t mode, struct attribute *a, struct inode **out);
/* Adds a name at a path below the root, and the directories on its way. a as above. 0 or -errno. */
int sysfs_add_path(struct fs_super *s, const char *path, uint32_t mode, struct attribute *a);
/* Drops a path, and what is below. Nothing happens if it is not there. */
void sysfs_remove_path(struct fs_super *s, const char *path);

/* --- What files say --- */

/*
 * A file that always says these bytes (a copy of them), or a directory (S_IFDIR in mode, len 0), at a path below the root; what is
 * on the way to it is made. 0 or -errno.
 */
int sysfs_add_data(struct fs_super *s, const char *path, uint32_t mode, const void *data, size_t len);

/* device_tree.c: firmware/fdt and firmware/devicetree, which is the same as files. 0 or -errno. */
int sysfs_add_device_tree(struct fs_super *s);

enum { SYS_PATH = 160, STORE_SIZE = 4095 /* of what is written, the rest waits for another write */ };

struct sys_device {
	const char *class;
	char name[32], whole[32];	/* whole: the disk a partition is on */
	uint32_t number;
};

/* A file or link: what it says. */
struct attribute {
	struct machine *machine;
	struct sys_device device;
	int (*show)(const struct attribute *a, char *buf, size_t size);	/* as snprintf(), or -errno; NULL: text */
	/* Takes text, which ends in a NUL: how much of it, or -errno. NULL: it cannot be written. */
	int64_t (*store)(const struct attribute *a, const char *text, size_t len);
	const char *text;
	char target[SYS_PATH];		/* of links */
	size_t len;
	char data[];			/* if there is neither show nor text: len bytes */
};

/* block.c: a disk's, and a partition's */
int show_disk_uevent(const struct attribute *a, char *buf, size_t size);
int show_read_only(const struct attribute *a, char *buf, size_t size);
int show_partition(const struct attribute *a, char *buf, size_t size);
int show_start(const struct attribute *a, char *buf, size_t size);
int show_part_uevent(const struct attribute *a, char *buf, size_t size);
int show_minors(const struct attribute *a, char *buf, size_t size);
int show_physical(const struct attribute *a, char *buf, size_t size);
int show_rotational(const struct attribute *a, char *buf, size_t size);
int show_sectors(const struct attribute *a, char *buf, size_t size);
int show_disk_stat(const struct attribute *a, char *buf, size_t size);

/* sysfs_mtd.c: flash memory's */
int show_mtd_uevent(const struct attribute *a, char *buf, size_t size);
int show_mtd_flags(const struct attribute *a, char *buf, size_t size);
int show_mtd_size(const struct attribute *a, char *buf, size_t size);
int show_mtd_erasesize(const struct attribute *a, char *buf, size_t size);
int show_mtd_regions(const struct attribute *a, char *buf, size_t size);
int show_mtd_name(const struct attribute *a, char *buf, size_t size);
int show_mtd_offset(const struct attribute *a, char *buf, size_t size);

/* input.c */
const char *sysfs_input_of(const struct machine *m, const char *node);	/* "input0" of "event0"; NULL: of no one device */
#define SYSFS_SHOW(name) int show_input_##name(const struct attribute *a, char *buf, size_t size);
SYSFS_SHOW(name) SYSFS_SHOW(phys) SYSFS_SHOW(uniq) SYSFS_SHOW(modalias) SYSFS_SHOW(prop) SYSFS_SHOW(uevent) SYSFS_SHOW(bus)
SYSFS_SHOW(vendor) SYSFS_SHOW(product) SYSFS_SHOW(version) SYSFS_SHOW(ev) SYSFS_SHOW(key) SYSFS_SHOW(rel) SYSFS_SHOW(abs)
SYSFS_SHOW(msc) SYSFS_SHOW(led) SYSFS_SHOW(snd) SYSFS_SHOW(ff) SYSFS_SHOW(sw)
#undef SYSFS_SHOW

/* uio.c */
int show_uio_name(const struct attribute *a, char *buf, size_t size);
int show_uio_event(const struct attribute *a, char *buf, size_t size);
int show_uio_map_name(const struct attribute *a, char *buf, size_t size);
int show_uio_map_addr(const struct attribute *a, char *buf, size_t size);
int show_uio_map_size(const struct attribute *a, char *buf, size_t size);

/* graphics.c: the framebuffer's, by the names of sysfs_files.def */
int show_fb_bpp(const struct attribute *a, char *buf, size_t size);
int show_fb_mode(const struct attribute *a, char *buf, size_t size);
int show_fb_modes(const struct attribute *a, char *buf, size_t size);
int show_fb_name(const struct attribute *a, char *buf, size_t size);
int show_fb_pan(const struct attribute *a, char *buf, size_t size);
int show_fb_rotate(const struct attribute *a, char *buf, size_t size);
int show_fb_state(const struct attribute *a, char *buf, size_t size);
int show_fb_stride(const struct attribute *a, char *buf, size_t size);
int show_fb_virtual_size(const struct attribute *a, char *buf, size_t size);
int64_t store_fb_blank(const struct attribute *a, const char *text, size_t len);
int64_t store_fb_bpp(const struct attribute *a, const char *text, size_t len);
int64_t store_fb_mode(const struct attribute *a, const char *text, size_t len);
int64_t store_fb_pan(const struct attribute *a, const char *text, size_t len);
int64_t store_fb_rotate(const struct attribute *a, const char *text, size_t len);
int64_t store_fb_state(const struct attribute *a, const char *text, size_t len);
int64_t store_fb_virtual_size(const struct attribute *a, const char *text, size_t len);

/* net.c: an interface's */
int show_net_address(const struct attribute *a, char *buf, size_t size);
int show_net_broadcast(const struct attribute *a, char *buf, size_t size);
int show_net_carrier(const struct attribute *a, char *buf, size_t size);
int show_net_flags(const struct attribute *a, char *buf, size_t size);
int show_net_ifindex(const struct attribute *a, char *buf, size_t size);
int show_net_mtu(const struct attribute *a, char *buf, size_t size);
int show_net_operstate(const struct attribute *a, char *buf, size_t size);
int show_net_queue(const struct attribute *a, char *buf, size_t size);
int show_net_rx_bytes(const struct attribute *a, char *buf, size_t size);
int show_net_rx_packets(const struct attribute *a, char *buf, size_t size);
int show_net_tx_bytes(const struct attribute *a, char *buf, size_t size);
int show_net_tx_packets(const struct attribute *a, char *buf, size_t size);
int show_net_type(const struct attribute *a, char *buf, size_t size);
int show_net_uevent(const struct attribute *a, char *buf, size_t size);

#endif
