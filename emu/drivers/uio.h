/* SPDX-License-Identifier: MIT
 *
 * /dev/uioN: a device that is left to a driver among the programs (drivers/uio/uio.c, uio_pdrv_genirq.c of the kernel).
 *
 * mmap(2) at offset 0 is its first window, at its own address: registers answer there as to /dev/mem, and the mapping is never larger than
 * the window. read(2) of four bytes waits for an interrupt and says how many there were; the source is masked then, until four bytes
 * that are not 0 are written; 0 masks it.  The kernel has this with an MMU only.
 */
#ifndef EMU_DRIVERS_UIO_H
#define EMU_DRIVERS_UIO_H

#include "devices/device.h"

#define UIO_MAJOR 252u		/* the third that Linux gives to who asks for any */

struct machine;

/* Instead of its driver. 0 or -errno. */
int uio_drive(struct machine *m, struct device *d);
void uio_free(struct machine *m);	/* no file and no mapping is left */

/* For sysfs: by the N of uioN, which there is. */
const struct device *uio_device(const struct machine *m, unsigned n);
uint32_t uio_events(const struct machine *m, unsigned n);

#endif
