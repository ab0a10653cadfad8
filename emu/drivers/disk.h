/* SPDX-License-Identifier: MIT
 *
 * --disk FILE[:ro]: files of the host as the guest's disks, /dev/vda and so on, as virtio-blk names and numbers them.
 */
#ifndef EMU_DRIVERS_DISK_H
#define EMU_DRIVERS_DISK_H

#include "devices/disk.h"
#include "emu/board.h"

/* The next disk.  0 or -errno, and a sentence in why.  -ENOSPC: there are as many as there are letters. */
int disk_attach(struct machine *m, const char *path, bool read_only, char why[DISK_WHY]);

/* Those of the command line, for the board's list. */
bool disks_wanted(const struct machine_config *c);
int disks_drive(struct machine *m, const struct machine_config *c, const struct board_entry *e, struct device *d, char *why);

#endif
