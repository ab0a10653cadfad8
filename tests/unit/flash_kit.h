/* SPDX-License-Identifier: MIT
 *
 * A flash on a table, seen as a hart sees it: a load is one of memory where the command window can be read, and
 * otherwise goes to the device, as every store does.  Time is a number.
 */
#ifndef TESTS_UNIT_FLASH_KIT_H
#define TESTS_UNIT_FLASH_KIT_H

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "devices/flash/flash.h"

#define KIT_COMMAND 0x20000000u
#define KIT_DATA 0x28000000u
#define KIT_ERASE (8u << 10)

/* As ck_assert(), which writes a note each time. */
#define KIT_CHECK(x) do { if (!(x)) ck_abort_msg(#x); } while (0)

/* Both chips get the same. */
#define BOTH(x) ((uint32_t)(x) * 0x10001u)
/* The byte offset of a chip's word. */
#define WORD(w) (4u * (w))

static struct {
	struct flat *flat;
	struct flash *flash;
	struct device *device;
	uint64_t now, alarm;
	unsigned alarms, power_losses, logs, interrupts, hidden;
	uint32_t changed_at, changed_len;	/* in the data window, the last */
	unsigned changes;
	char log[200];
} kit;

static uint64_t kit_now(void *owner)
{
	(void)owner;
	return kit.now;
}

static void kit_alarm(void *owner, uint64_t at)
{
	(void)owner;
	kit.alarm = at;
	kit.alarms++;
}

static void kit_changed(void *owner, uint32_t addr, uint32_t len)
{
	(void)owner;
	if (addr < KIT_DATA) {
		kit.hidden += len == flash_geometry(kit.flash)->size;	/* not a change of bytes */
		return;
	}
	kit.changed_at = addr - KIT_DATA;
	kit.changed_len = len;
	kit.changes++;
}

static void kit_log(void *owner, const char *line)
{
	(void)owner;
	snprintf(kit.log, sizeof(kit.log), "%s", line);
	kit.logs++;
}

static void kit_power_lost(void *owner)
{
	(void)owner;
	kit.power_losses++;
}

static void kit_line(void *owner, unsigned number, bool up)
{
	(void)owner;
	(void)number;
	kit.interrupts += up;
	if (up)
		flash_service(kit.flash);
}

static inline struct flash_config kit_config(enum flash_set set)
{
	return (struct flash_config){
		.name = "flash0", .set = set, .addr = { KIT_COMMAND, KIT_DATA }, .size = FLASH_SIZE_MIN, .erase = KIT_ERASE,
		.host = { .now = kit_now, .alarm = kit_alarm, .changed = kit_changed, .log = kit_log, .power_lost = kit_power_lost },
	};
}

static inline int kit_try(const struct flash_config *c, char why[FLASH_WHY])
{
	int err;

	memset(&kit, 0, sizeof(kit));
	kit.alarm = UINT64_MAX;
	ck_assert_int_eq(flat_new(&kit.flat), 0);
	err = flash_new(kit.flat, c, &kit.flash, why);
	if (!err) {
		kit.device = flash_device(kit.flash);
		kit.device->line.moved = kit_line;
	}
	return err;
}

static inline void kit_down(void)
{
	if (kit.device)
		kit.device->ops->free(kit.device);
	flat_free(kit.flat);
	kit.device = NULL;
	kit.flat = NULL;
}

static inline void kit_up(const struct flash_config *c)
{
	char why[FLASH_WHY] = "";

	ck_assert_msg(kit_try(c, why) == 0, "%s", why);
}

/* Whether a load of the command window asks nobody. */
static inline bool kit_direct(void)
{
	return flat_span(kit.flat, KIT_COMMAND, 4) != NULL;
}

static inline uint64_t kit_load(uint32_t offset, uint32_t size)
{
	uint64_t value = 0;

	if (flat_read(kit.flat, &value, KIT_COMMAND + offset, size) != 0)
		KIT_CHECK(kit.device->ops->load(kit.device, FLASH_COMMAND, offset, size, &value));
	KIT_CHECK(size == 8 || value >> 8 * size == 0);
	return value;
}

static inline void kit_store(uint32_t offset, uint32_t size, uint64_t value)
{
	KIT_CHECK(!flat_span_write(kit.flat, KIT_COMMAND + offset, size));
	KIT_CHECK(kit.device->ops->store(kit.device, FLASH_COMMAND, offset, size, value));
}

static inline uint32_t rd(uint32_t offset) { return (uint32_t)kit_load(offset, 4); }
static inline void wr(uint32_t offset, uint32_t value) { kit_store(offset, 4, value); }
static inline void cmd(uint32_t offset, uint16_t command) { wr(offset, BOTH(command)); }

static inline uint32_t data(uint32_t offset)
{
	uint32_t value;

	KIT_CHECK(flat_read(kit.flat, &value, KIT_DATA + offset, 4) == 0);
	return value;
}

/* Time goes by; what asked to be called is. */
static inline void kit_wait(uint64_t ns)
{
	uint64_t until = kit.now + ns;

	while (kit.alarm <= until) {
		kit.now = kit.alarm > kit.now ? kit.alarm : kit.now;
		flash_run(kit.flash);
		KIT_CHECK(kit.alarm > kit.now || kit.alarm == UINT64_MAX);
	}
	kit.now = until;
}

#endif
