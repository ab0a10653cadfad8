/* SPDX-License-Identifier: MIT
 *
 * NOR flash: two x16 chips side by side on a bus of 32 bits, as QEMU's virt board has them (cfi-flash, bank-width 4),
 * of either of the two command sets that nearly all have.  docs/flash.md describes them for people.
 *
 * Two windows show one array:
 *	command window	what the chips' pins see.  Stores are commands, always trapped.  Loads are of memory, one host
 *			instruction each, while both chips are in read-array mode; in all other modes they are trapped and give
 *			status, identifiers or the query table.
 *	data window	the array, always; read-only.  It never shows a status.  What an operation changes changes here in
 *			one step, when the operation completes: this is what processes map and what file systems execute from.
 *
 * The line is the chips' RY/BY# (or STS) pins on one wire: up while both are ready.  It going up is an interrupt: an operation has taken
 * its time, or was suspended.  One that takes no time moves nothing.
 *
 * Drivers of the guest use the command window.  Our own (emu/drivers/) use struct flash_request below.  Both may be
 * at work at once; an operation is one program of at most a write buffer, or one erase of a block, and the chips do
 * one at a time.
 *
 * Sizes, offsets and addresses are in bytes and those of the whole bank (both chips), unless something is said.
 */
#ifndef DEVICES_FLASH_FLASH_H
#define DEVICES_FLASH_FLASH_H

#include <stdbool.h>
#include <stdint.h>
#include "devices/device.h"
#include "mm/flat.h"

#define FLASH_SIZE_MIN (64u << 10)
#define FLASH_SIZE_MAX (64u << 20)
#define FLASH_ERASE_MIN 4096u
#define FLASH_ERASE_MAX (16u << 20)		/* what the query table can say */
#define FLASH_ERASE_DEFAULT (256u << 10)	/* two chips of 128 KiB blocks */
#define FLASH_WHY 160u				/* bytes of a message */

enum flash_set {
	FLASH_INTEL = 1,	/* Intel/Sharp extended, CFI 0x0001: as StrataFlash K3 (28F128K3) */
	FLASH_AMD = 2,		/* AMD/Fujitsu standard, CFI 0x0002: as Spansion's S29GL-S */
};

enum flash_window { FLASH_COMMAND, FLASH_DATA };	/* in device.window[] */

/* What the flash needs of the machine it is in.  All but now may be NULL. */
struct flash_host {
	void *owner;
	uint64_t (*now)(void *owner);				/* ns, never going back */
	/* Wants flash_run() to be called at that time (instead of any time asked for before); UINT64_MAX: no more. */
	void (*alarm)(void *owner, uint64_t at);
	/*
	 * Bytes at guest addresses were changed, or can no longer be read: code decoded from there is stale.  Told
	 * for each window.
	 */
	void (*changed)(void *owner, uint32_t addr, uint32_t len);
	void (*log)(void *owner, const char *line);
	/* The power has failed (`cut`, flash_cut_power()): the machine should run no further. */
	void (*power_lost)(void *owner);
	void (*gone)(void *owner);	/* the flash was freed, and asks for nothing any more */
};

struct flash_config {
	const char *name;		/* "flash0" */
	enum flash_set set;
	uint32_t addr[2];		/* where the two windows begin */
	uint32_t size;			/* a power of two; 0: what the file has, rounded up to one */
	uint32_t erase;			/* a power of two; 0: FLASH_ERASE_DEFAULT, or less if the flash is small */
	const char *file;		/* of the host; NULL: the array is memory, all erased.  Not to be written: VPP is low */
	unsigned time;			/* percent of what the real chips take for an operation; 0: none, done at once */
	uint64_t cut;			/* power fails in the midst of the operation with this number, from 1; 0: never */
	uint64_t seed;			/* of what is random then: how far the operation was, which bits are how */
	struct flash_host host;
};

struct flash;

/*
 * Makes one and shows its windows in the flat memory.  0, or -errno with a message in why: -EINVAL (the geometry),
 * -EBUSY (another emulator has the file), -ENOMEM, -EEXIST (memory is there), or what the host says of the file. A
 * file that is shorter than the flash is filled up with 0xff.  device.ops->free() is its end; the windows go with it.
 */
int flash_new(struct flat *flat, const struct flash_config *c, struct flash **out, char why[FLASH_WHY]);
struct device *flash_device(struct flash *f);
const struct flash_host *flash_host(const struct flash *f);	/* as in its configuration */
struct flash *flash_of(struct device *d);	/* NULL: it is none */

struct flash_geometry {
	enum flash_set set;
	uint32_t size, erase, blocks;
	uint32_t buffer;		/* bytes programmed at once; begins at a multiple of itself */
	bool writable;			/* false: VPP is low */
};
const struct flash_geometry *flash_geometry(const struct flash *f);

/* The array, `size` bytes, to be read: the same memory as the windows. */
const uint8_t *flash_array(const struct flash *f);

/* --- What a driver asks for --- */

/*
 * One at a time is under way, the others wait in the order of flash_submit().  Each first waits for what the command
 * window has begun (what is suspended is resumed), and leaves the chips in read-array mode; a command cycle that is
 * in between is forgotten.
 */
struct flash_request {
	enum flash_request_kind { FLASH_PROGRAM, FLASH_ERASE } kind;
	uint32_t offset, len;		/* of any alignment for FLASH_PROGRAM; whole blocks for FLASH_ERASE */
	const uint8_t *data;		/* FLASH_PROGRAM: must stay as it is until all is done */
	/*
	 * -EINPROGRESS; then 0, -EROFS (a block is locked), -EIO (VPP, the host's file, power), -EINVAL (not inside
	 * the flash).  All before `moved` bytes is done then.
	 */
	int result;
	uint32_t moved;
	/* The result has come; r is not looked at any more.  May submit another.  NULL: nobody is told. */
	void (*done)(struct flash_request *r);
	struct flash_request *next;		/* the flash's own, as long as it is in progress */
};

/*
 * r is the caller's, and must be neither moved nor changed before result is something else than -EINPROGRESS: maybe
 * at once.
 */
void flash_submit(struct flash *f, struct flash_request *r);
/*
 * Forgets r: what the chip has begun goes on, nothing else of it is begun, done() is not called.  Nothing happens if
 * it is not in progress.
 */
void flash_cancel(struct flash *f, struct flash_request *r);
/*
 * Goes on with what was submitted, if the chips are ready.  To be called when the line has gone up; a driver that polls may call it at
 * any time.
 */
void flash_service(struct flash *f);
/* Lets happen what is due by now.  Called for flash_host.alarm; does no harm at other times. */
void flash_run(struct flash *f);

/* Locks or unlocks blocks, both chips'.  Whole blocks, or -EINVAL; -EROFS: one is locked down. */
int flash_lock(struct flash *f, uint32_t offset, uint32_t len, bool lock);
/* 1: the block at offset is locked in one of the chips, 0; -EINVAL. */
int flash_locked(const struct flash *f, uint32_t offset);
/* How often a block was erased since the flash was made; a cut erase counts. */
uint64_t flash_wear(const struct flash *f, uint32_t block);
/* The file to the host's disk.  0 or -errno. */
int flash_sync(struct flash *f);

/*
 * The power fails now: an operation under way or suspended leaves of each bit it would have changed the old or the
 * new value, the new one the more likely the further it was.  The flash does nothing any more, all requests fail;
 * until reset() of the device.
 */
void flash_cut_power(struct flash *f, uint64_t seed);

#endif
