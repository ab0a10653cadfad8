/* SPDX-License-Identifier: MIT */
#include "emu/fs/partition.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "mm/flat.h"

/* --- A part of a disk --- */

struct part {
	struct block_device block;
	struct block_device *disk;
	uint64_t start;
};

static const struct part *of(const struct block_device *b)
{
	return (const struct part *)(const void *)b;
}

static int part_read(struct block_device *b, void *dst, uint32_t len, uint64_t offset)
{
	struct block_device *disk = of(b)->disk;

	return disk->ops->read(disk, dst, len, of(b)->start + offset);
}

static int part_write(struct block_device *b, const void *src, uint32_t len, uint64_t offset)
{
	struct block_device *disk = of(b)->disk;

	return disk->ops->write(disk, src, len, of(b)->start + offset);
}

static int part_clear(struct block_device *b, uint64_t offset, uint64_t len)
{
	struct block_device *disk = of(b)->disk;

	return disk->ops->clear(disk, of(b)->start + offset, len);
}

static int part_flush(struct block_device *b)
{
	struct block_device *disk = of(b)->disk;

	return disk->ops->flush ? disk->ops->flush(disk) : 0;
}

static void part_free(struct block_device *b)
{
	free(b);
}

static const struct block_ops part_ops = {
	.read = part_read, .write = part_write, .clear = part_clear, .flush = part_flush, .free = part_free,
};

struct block_device *partition_new(struct block_device *disk, uint64_t start, uint64_t size)
{
	struct part *p = malloc(sizeof *p);

	if (!p)
		return NULL;
	p->block = *disk;
	p->block.ops = &part_ops;
	p->block.size = size;
	/* Pages of a file can only be pages of memory. */
	p->block.memory = disk->memory && start % FLAT_PAGE_SIZE == 0 ? disk->memory + (uint32_t)start : 0;
	p->disk = disk;
	p->start = start;
	return &p->block;
}

uint64_t partition_start(const struct block_device *partition)
{
	return of(partition)->start;
}

/* --- Tables; numbers in them are little-endian, places in sectors --- */

struct list { struct block_device *disk; struct partition *out; int n; };

static uint32_t get32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint64_t get64(const uint8_t *p)
{
	return get32(p) | (uint64_t)get32(p + 4) << 32;
}

static void add(struct list *l, unsigned number, uint64_t start, uint64_t sectors)
{
	uint64_t disk = l->disk->size / BLOCK_SECTOR;

	if (!sectors || start >= disk || number < 1 || number > PARTITIONS_MAX || l->n == PARTITIONS_MAX)
		return;
	if (sectors > disk - start)
		sectors = disk - start;
	l->out[l->n++] = (struct partition){ number, start * BLOCK_SECTOR, sectors * BLOCK_SECTOR };
}

static int read_sector(struct block_device *disk, uint64_t sector, uint8_t buf[BLOCK_SECTOR])
{
	if (sector >= disk->size / BLOCK_SECTOR)
		return -EINVAL;
	return disk->ops->read(disk, buf, BLOCK_SECTOR, sector * BLOCK_SECTOR) ? -EIO : 0;
}

/* The four entries of a boot record: 16 bytes each from 446 on. */
enum { ENTRIES = 446, ENTRY = 16, ACTIVE = 0, TYPE = 4, START = 8, SECTORS = 12 };

static const uint8_t *entry(const uint8_t *sector, unsigned i)
{
	return sector + ENTRIES + i * ENTRY;
}

static bool is_extended(const uint8_t *e)
{
	return e[TYPE] == 0x05 || e[TYPE] == 0x0f || e[TYPE] == 0x85;
}

/*
 * A chain of boot records: the first entry is a partition, as seen from its record, the second one the next record, as seen
 * from the first of the chain (block/partitions/msdos.c parse_extended()).  The chain may be a ring: it ends with the numbers.
 */
static int read_extended(struct list *l, uint64_t first, uint64_t size)
{
	uint64_t at = first;
	uint8_t buf[BLOCK_SECTOR];

	for (unsigned number = 5; number <= PARTITIONS_MAX; ) {
		const uint8_t *next = NULL;
		int err = read_sector(l->disk, at, buf);

		if (err)
			return err == -EIO ? err : 0;
		if (buf[510] != 0x55 || buf[511] != 0xaa)
			return 0;
		for (unsigned i = 0; i < 4; i++) {
			const uint8_t *e = entry(buf, i);

			if (!get32(e + SECTORS))
				continue;
			if (is_extended(e))
				next = next ? next : e;
			else if (i < 2 || (get32(e + START) + (uint64_t)get32(e + SECTORS) <= size &&
					   at + get32(e + START) >= first))
				add(l, number++, at + get32(e + START), get32(e + SECTORS));
		}
		if (!next)
			return 0;
		if (first + get32(next + START) == at)
			return 0;
		at = first + get32(next + START);
		/* An empty record counts too, or a ring of them would be endless. */
		if (!get32(entry(buf, 0) + SECTORS) || is_extended(entry(buf, 0)))
			number++;
	}
	return 0;
}

/* A file system's boot sector ends like a table, but has code where that says "active" or not. */
static bool is_table(const uint8_t *sector)
{
	if (sector[510] != 0x55 || sector[511] != 0xaa)
		return false;
	for (unsigned i = 0; i < 4; i++)
		if (entry(sector, i)[ACTIVE] & 0x7f)
			return false;
	return true;
}

static int read_mbr(struct list *l, const uint8_t *sector)
{
	int err = 0;

	for (unsigned i = 0; i < 4 && !err; i++) {
		const uint8_t *e = entry(sector, i);
		uint64_t start = get32(e + START), sectors = get32(e + SECTORS);

		if (!sectors)
			continue;
		if (!is_extended(e)) {
			add(l, i + 1, start, sectors);
			continue;
		}
		/* Of the whole only the first record: a boot loader may be there. */
		add(l, i + 1, start, sectors < 2 ? sectors : 2);
		err = read_extended(l, start, sectors);
	}
	return err;
}

/* The fields of a GPT header, and of its entries. */
enum {
	G_SIZE = 12, G_CRC = 16, G_SELF = 24, G_FIRST = 40, G_LAST = 48, G_TABLE = 72, G_COUNT = 80, G_ENTRY = 84, G_TABLE_CRC = 88,
	E_FIRST = 32, E_LAST = 40, E_SIZE = 128, TABLE_MOST = 1 << 20,
};

static void add_gpt(struct list *l, const uint8_t *header, const uint8_t *table, uint32_t count, uint32_t size)
{
	static const uint8_t unused[16];

	for (uint32_t i = 0; i < count && i < PARTITIONS_MAX; i++) {
		const uint8_t *e = table + (size_t)i * size;
		uint64_t first = get64(e + E_FIRST), last = get64(e + E_LAST);

		if (memcmp(e, unused, sizeof unused) && first <= last && first >= get64(header + G_FIRST) &&
		    last <= get64(header + G_LAST))
			add(l, i + 1, first, last - first + 1);
	}
}

/* The header in that sector: 1 if it is one, and its entries are read; 0: none; -EIO. */
static int read_gpt_at(struct list *l, uint64_t sector)
{
	uint8_t header[BLOCK_SECTOR], *table;
	uint64_t offset, bytes;
	uint32_t size, crc, count, length;
	int err = read_sector(l->disk, sector, header);

	if (err)
		return err == -EIO ? err : 0;
	size = get32(header + G_SIZE);
	if (memcmp(header, "EFI PART", 8) || size < 92 || size > BLOCK_SECTOR || get64(header + G_SELF) != sector)
		return 0;
	crc = get32(header + G_CRC);
	memset(header + G_CRC, 0, 4);
	if (crc32(0, header, size) != crc)
		return 0;
	count = get32(header + G_COUNT);
	length = get32(header + G_ENTRY);
	bytes = (uint64_t)count * length;
	offset = get64(header + G_TABLE);
	if (length < E_SIZE || length % 8 || !bytes || bytes > TABLE_MOST || offset > l->disk->size / BLOCK_SECTOR ||
	    bytes > l->disk->size - offset * BLOCK_SECTOR)
		return 0;
	table = malloc(bytes);
	if (!table)
		return -ENOMEM;
	err = l->disk->ops->read(l->disk, table, (uint32_t)bytes, offset * BLOCK_SECTOR) ? -EIO : 0;
	if (!err && crc32(0, table, (uInt)bytes) == get32(header + G_TABLE_CRC)) {
		add_gpt(l, header, table, count, length);
		err = 1;
	}
	free(table);
	return err;
}

static bool is_protective(const uint8_t *sector)
{
	for (unsigned i = 0; i < 4; i++)
		if (entry(sector, i)[TYPE] == 0xee)
			return true;
	return false;
}

int partitions_read(struct block_device *disk, struct partition out[PARTITIONS_MAX])
{
	struct list l = { .disk = disk, .out = out };
	uint8_t sector[BLOCK_SECTOR];
	int err = read_sector(disk, 0, sector);

	if (err)
		return err == -EIO ? err : 0;
	if (!is_table(sector))
		return 0;
	if (!is_protective(sector)) {
		err = read_mbr(&l, sector);
	} else {
		err = read_gpt_at(&l, 1);
		if (!err)	/* damaged: there is a second one at the end */
			err = read_gpt_at(&l, disk->size / BLOCK_SECTOR - 1);
	}
	return err < 0 ? err : l.n;
}
