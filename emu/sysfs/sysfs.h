/* SPDX-License-Identifier: MIT
 *
 * sysfs: what there is of /sys.  Programs look here for processors, terminals, disks and device numbers (mdev -s); there are
 * no drivers, buses or firmware to speak of.
 *
 * The tree is made when it is mounted, from sysfs_files.def and the devices there are then; nearly all of them register before a
 * guest runs.  There is one, however often it is mounted, and it goes with its last mount.
 */
#ifndef EMU_SYSFS_SYSFS_H
#define EMU_SYSFS_SYSFS_H

#include <stdint.h>

struct machine;
struct vfs_blkdev;

/* Makes "sysfs" known to mount(2).  0 or -errno. */
int sysfs_register(struct machine *m);

/* A device that has come, or is about to go, is told while sysfs is mounted.  0 or -ENOMEM, then it may be there in part. */
int sysfs_add_mtd(struct machine *m, unsigned index);
void sysfs_remove_mtd(struct machine *m, unsigned index);
int sysfs_add_disk(struct machine *m, const struct vfs_blkdev *disk);		/* or a partition */
void sysfs_remove_disk(struct machine *m, const struct vfs_blkdev *disk);

#endif
