/* SPDX-License-Identifier: MIT
 *
 * Linux's own drivers, cfi_probe.c, cfi_cmdset_0001.c and cfi_cmdset_0002.c, at work on our flash: they have to find
 * it, and then random erases, writes, reads and locks by them must do to the array what they do to an array of bytes.
 * While an erase waits for the chip another task reads, for which the drivers suspend it.
 *
 *	drive intel|amd TIME SIZE ERASE OPERATIONS
 */
#include <errno.h>
#include <linux/mtd/mtd.h>
#include <linux/mtd/map.h>
#include <linux/mtd/cfi.h>
#include <stdarg.h>
#include "tests/linux-mtd/chip.h"

#define MOST 8192u		/* bytes at once */

int kernel_module_init(void);

static struct mtd_chip_driver *prober;
static struct mtd_info *mtd;
static uint8_t *model, buffer[MOST];
static uint32_t size, erase_size;
static uint32_t erasing = UINT32_MAX;	/* the block */
static unsigned long reads_beside;

#define CHECK(x) do { if (!(x)) { printf("not ok - line %d: %s\n", __LINE__, #x); exit(1); } } while (0)

static uint32_t rnd(uint32_t n)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((state >> 33) % n);
}

/* --- The kernel --- */

void kernel_log(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("# ");
	vprintf(fmt, ap);
	va_end(ap);
}

void register_mtd_chip_driver(struct mtd_chip_driver *driver)
{
	prober = driver;
}

void unregister_mtd_chip_driver(struct mtd_chip_driver *driver)
{
	(void)driver;
}

long kernel_jiffies(void)
{
	chip_wait(1);
	return (long)chip_ms();
}

void kernel_sleep(void)
{
	printf("not ok - a driver sleeps until somebody lets go of the chip\n");
	exit(1);
}

static void read_beside(void)
{
	uint32_t at = rnd(size - 64), block = erasing;
	uint8_t bytes[64];
	size_t done = 0;

	if (at / erase_size == block || (at + 63) / erase_size == block)
		return;
	erasing = UINT32_MAX;
	CHECK(mtd->_read(mtd, at, sizeof(bytes), &done, bytes) == 0 && done == sizeof(bytes));
	CHECK(memcmp(bytes, model + at, sizeof(bytes)) == 0);
	erasing = block;
	reads_beside++;
}

void kernel_delay(long us)
{
	if (erasing != UINT32_MAX && rnd(3) == 0)
		read_beside();
	chip_wait(us > 0 ? (uint64_t)us : 1);
}

/* --- The map --- */

static map_word load(struct map_info *map, unsigned long offset)
{
	map_word w = { { chip_load((uint32_t)offset) } };

	(void)map;
	return w;
}

static void store(struct map_info *map, const map_word value, unsigned long offset)
{
	(void)map;
	chip_store((uint32_t)offset, (uint32_t)value.x[0]);
}

static void copy_from(struct map_info *map, void *to, unsigned long from, ssize_t len)
{
	(void)map;
	for (ssize_t i = 0; i < len; i++)
		((uint8_t *)to)[i] = chip_load_byte((uint32_t)from + (uint32_t)i);
}

/* --- Operations --- */

static int erase(uint32_t at)
{
	struct erase_info e = { .addr = at, .len = erase_size };
	int err;

	erasing = at / erase_size;
	err = mtd->_erase(mtd, &e);
	erasing = UINT32_MAX;
	return err;
}

static void op_erase(void)
{
	uint32_t at = rnd(size / erase_size) * erase_size;

	CHECK(erase(at) == 0);
	memset(model + at, 0xff, erase_size);
}

static void op_write(void)
{
	uint32_t len = 1 + rnd(rnd(2) ? 40 : MOST), at = rnd(size - MOST);
	size_t done = 0;

	/* AMD's driver wants to see what it wrote: only bits that can be cleared. */
	for (uint32_t i = 0; i < len; i++)
		buffer[i] = (uint8_t)rnd(256) & model[at + i];
	CHECK(mtd->_write(mtd, at, len, &done, buffer) == 0 && done == len);
	memcpy(model + at, buffer, len);
}

static void op_read(void)
{
	uint32_t len = 1 + rnd(MOST), at = rnd(size - MOST);
	size_t done = 0;

	CHECK(mtd->_read(mtd, at, len, &done, buffer) == 0 && done == len);
	CHECK(memcmp(buffer, model + at, len) == 0);
}

static void op_lock(void)
{
	uint32_t at = rnd(size / erase_size) * erase_size;

	CHECK(mtd->_lock(mtd, at, erase_size) == 0);
	CHECK(chip_locked(at) && mtd->_is_locked(mtd, at, erase_size) == 1);
	CHECK(mtd->_unlock(mtd, at, erase_size) == 0);
	CHECK(!chip_locked(at) && mtd->_is_locked(mtd, at, erase_size) == 0);
}

/* Intel's: all blocks are locked at first. */
static void unlock_all(void)
{
	size_t done = 0;

	if (!(mtd->flags & MTD_POWERUP_LOCK))
		return;
	CHECK(mtd->_write(mtd, 0, 16, &done, buffer) == -EROFS);
	CHECK(erase(0) == -EROFS);
	CHECK(mtd->_unlock(mtd, 0, size) == 0);
}

int main(int argc, char **argv)
{
	static void (*const ops[])(void) = { op_erase, op_write, op_write, op_read, op_lock };
	static struct device_node node;
	struct map_info map = { .name = "flash", .bankwidth = 4, .read = load, .write = store, .copy_from = copy_from, .device_node = &node };
	unsigned n;

	if (argc != 6)
		return 2;
	size = (uint32_t)strtoul(argv[3], NULL, 0);
	erase_size = (uint32_t)strtoul(argv[4], NULL, 0);
	n = (unsigned)strtoul(argv[5], NULL, 0);
	chip_up(!strcmp(argv[1], "amd"), (unsigned)strtoul(argv[2], NULL, 0), size, erase_size);
	map.size = size;
	model = malloc(size);
	CHECK(model);
	memset(model, 0xff, size);
	CHECK(kernel_module_init() == 0 && prober);
	mtd = prober->probe(&map);
	CHECK(mtd && mtd->size == size && mtd->erasesize == erase_size && mtd->numeraseregions == 1);
	CHECK(mtd->_lock && mtd->_unlock && mtd->_is_locked && mtd->writebufsize >= 128);
	unlock_all();
	for (unsigned i = 0; i < n; i++) {
		ops[rnd(sizeof(ops) / sizeof(*ops))]();
		CHECK(memcmp(model, chip_array(), size) == 0);
	}
	CHECK(reads_beside || !strtoul(argv[2], NULL, 0));
	printf("ok - %s, %s%% of the time, %u bytes in blocks of %u: %u operations, %lu reads beside erases\n", argv[1], argv[2],
	       size, erase_size, n, reads_beside);
	return 0;
}
