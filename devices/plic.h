/* SPDX-License-Identifier: MIT
 *
 * The interrupt controller: RISC-V's PLIC (RISC-V Platform-Level Interrupt Controller Specification 1.0.0), as SiFive's, for one
 * context, that of the hart. Linux drives it as "sifive,plic-1.0.0".
 *
 * Each source is a device's line, by level or by edge, as its gateway was made. A line that is up is *pending*, and stays so if it goes down
 * again; claiming it takes that back and keeps the source silent until it is completed, when a line that is still up is pending
 * again; one by edge is so only if it has gone up meanwhile. The controller's
 * own line, which leads to the hart, is up while there is one that is pending, enabled, and of a priority above the threshold.
 *
 *	000000	PRIORITY	a word for each source, 0 to 7; 0: never
 *	001000	PENDING		a bit for each source; only tells
 *	002000	ENABLE		a bit for each source
 *	200000	THRESHOLD	0 to 7
 *	200004	CLAIM		loaded: the pending and enabled source with the highest priority, of equals the lowest number; 0: there
 *				is none. The threshold does not matter. Stored: that source is completed, if it is enabled
 *
 * All are words, and loaded and stored as such; anything else is a bus error. What lies between them is 0.
 */
#ifndef DEVICES_PLIC_H
#define DEVICES_PLIC_H

#include "devices/device.h"

#define PLIC_SOURCES 32u	/* 1 to 31; 0 means none */
#define PLIC_PRIORITIES 7u
#define PLIC_SIZE 0x201000u	/* bytes of its window */
enum { PLIC_PRIORITY = 0, PLIC_PENDING = 0x1000, PLIC_ENABLE = 0x2000, PLIC_THRESHOLD = 0x200000, PLIC_CLAIM = 0x200004 };

struct plic;

/* NULL: no memory. Its device's ops->free() frees it. */
struct plic *plic_new(const char *name, uint32_t addr);
struct device *plic_device(struct plic *p);

/* Of what kind the source's gateway is; by level, if nothing is said. */
void plic_by_edge(struct plic *p, unsigned source);
/* What a device_line.moved is to be for a line that leads here; source must be one. */
void plic_line(void *plic, unsigned source, bool up);

/* --- For a driver: what loads and stores of the registers would do --- */

void plic_set_priority(struct plic *p, unsigned source, uint32_t priority);
void plic_enable(struct plic *p, unsigned source, bool on);
unsigned plic_claim(struct plic *p);
void plic_complete(struct plic *p, unsigned source);

#endif
