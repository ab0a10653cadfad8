/* SPDX-License-Identifier: MIT
 *
 * What /sys/class/uio/uioN/ says (drivers/uio/uio.c).
 */
#include <stdio.h>
#include "emu/drivers/uio.h"
#include "emu/fs/vfs.h"
#include "emu/sysfs/internal.h"

static const struct device *device_of(const struct attribute *a)
{
	return uio_device(a->machine, vfs_minor(a->device.number));
}

int show_uio_name(const struct attribute *a, char *buf, size_t size)
{
	return snprintf(buf, size, "%s\n", device_of(a)->name);
}

int show_uio_event(const struct attribute *a, char *buf, size_t size)
{
	return snprintf(buf, size, "%u\n", uio_events(a->machine, vfs_minor(a->device.number)));
}

int show_uio_map_name(const struct attribute *a, char *buf, size_t size)
{
	return snprintf(buf, size, "%s\n", device_of(a)->window[0].what);
}

int show_uio_map_addr(const struct attribute *a, char *buf, size_t size)
{
	return snprintf(buf, size, "0x%08x\n", device_of(a)->window[0].addr);
}

int show_uio_map_size(const struct attribute *a, char *buf, size_t size)
{
	return snprintf(buf, size, "0x%08x\n", device_of(a)->window[0].size);
}
