/* SPDX-License-Identifier: MIT
 *
 * The bus: the devices of a machine, in the order of their addresses.  It commits the memory of direct windows, and finds for an
 * access of the hart that hit no memory the device whose registers are there, in O(log windows).
 *
 * Nothing is split: an access answers as a whole by one window, or not at all (false, which the hart makes a fault).  What
 * comes to a DEVICE_DIRECT window is refused too: it was memory there, so the access left it on one side.
 */
#ifndef DEVICES_BUS_H
#define DEVICES_BUS_H

#include <stddef.h>
#include "devices/device.h"
#include "mm/flat.h"

struct bus;

/* One with nothing on it. The flat memory must outlive it. 0 or -ENOMEM. */
int bus_new(struct bus **out, struct flat *flat);
/* Frees the devices, the latest first, and gives the memory of their direct windows back. */
void bus_free(struct bus *b);

/*
 * Puts a device on the bus, which owns it from then on. 0, or nothing has happened and it is still the caller's: -EINVAL (a window
 * that is empty, not whole pages, or ends beyond 4 GiB; a part that is in no memory; no name), -EEXIST (a window overlaps
 * another, or memory; the name is taken), -ENOMEM.
 */
int bus_add(struct bus *b, struct device *d);

/* The device number i, in the order in which they were added; NULL: there are no more. */
struct device *bus_device(const struct bus *b, size_t i);
/* By its name; NULL. */
struct device *bus_find(const struct bus *b, const char *name);

/* A window, as it lies in the address space. */
struct bus_window {
	struct device *device;
	unsigned index;		/* in device->window[] */
};
/* The window number i, in the order of addresses, a part behind what it is a part of. False: there are no more. */
bool bus_window(const struct bus *b, size_t i, struct bus_window *out);
/* The window at an address, parts aside. False: there is none. */
bool bus_at(const struct bus *b, uint32_t addr, struct bus_window *out);

/* "registers", "memory", "view", "part". */
const char *bus_kind(enum device_window_kind kind);

/* struct hart_bus, with the bus as owner. What is loaded has no bits beyond its size. */
bool bus_load(void *bus, uint32_t addr, uint32_t size, uint64_t *value);
bool bus_store(void *bus, uint32_t addr, uint32_t size, uint64_t value);

/* Power-on of everything, in the order in which it was added. */
void bus_reset(struct bus *b);
/* All devices with their windows and what they say of themselves, for people. */
void bus_dump(const struct bus *b, FILE *out);

#endif
