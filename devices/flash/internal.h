/* SPDX-License-Identifier: MIT
 *
 * What the files of this folder know of each other.
 *
 *	flash.c		the device: windows, cycles of the bus, the beginning and the end of everything
 *	intel.c, amd.c	a command set each: what a chip makes of the cycles it sees, behind struct chip_set
 *	cfi.c		the query table
 *	operation.c	programs and erases: begin, take their time, are suspended, end
 *	array.c		what they do to the array and the file: bits only clear, blocks are set; wear, locks
 *	store.c		the file of the host
 *	power.c		what is left when the power fails
 *	request.c	the driver's requests
 *
 * A chip is 16 bits wide and sees addresses in words of its own ("word"): word w of chip c lies at byte 4 * w + 2 * c
 * of the bank.
 */
#ifndef DEVICES_FLASH_INTERNAL_H
#define DEVICES_FLASH_INTERNAL_H

#include "devices/flash/flash.h"

#define CHIPS 2u
#define BANK_WIDTH 4u
#define BUFFER_MAX 256u			/* words */
#define QUERY_END 0x60u			/* words of the query table, from 0 */

struct chip;

/* The status register, of both command sets; bit 3 has another meaning in each. */
enum {
	SR_LOCKED = 0x02, SR_PROGRAM_SUSPENDED = 0x04, SR_PROGRAM = 0x10, SR_ERASE = 0x20, SR_ERASE_SUSPENDED = 0x40, SR_READY = 0x80,
};

enum op_kind { OP_PROGRAM, OP_ERASE, OP_KINDS };
enum op_state { OP_NONE, OP_RUNNING, OP_SUSPENDED };
enum op_result {
	OP_DONE,
	OP_FAILED,	/* the host would not have it */
	OP_LOCKED,
	OP_NO_VPP,
	OP_CUT,		/* power is gone */
};

struct op {
	enum op_state state;
	uint64_t length;		/* ns, of this block */
	uint64_t ends;			/* OP_RUNNING: when; UINT64_MAX: the power fails before */
	uint64_t left;			/* OP_SUSPENDED: ns it would have gone on */
	uint32_t word, words;		/* OP_PROGRAM: these, with chip->buffer */
	uint32_t block, more;		/* OP_ERASE: this one, and so many behind it (chip erase) */
	enum op_result result;		/* OP_ERASE of several: the worst so far */
	bool request;			/* the driver's: the command set is not told */
};

enum {
	BLOCK_LOCKED = 1,	/* Intel's lock, AMD's dynamic protection bit: gone with the power */
	BLOCK_DOWN = 2,		/* Intel's lock-down */
	BLOCK_PPB = 4,		/* AMD's persistent protection bit */
};

struct block {
	uint64_t wear;		/* erases */
	uint8_t locks;
};

/* Where a chip is in a sequence of cycles; each command set has its own meaning of these. */
struct interface {
	uint8_t state, mode;
	uint8_t status;			/* error bits of the status register */
	uint32_t block, line;		/* buffer load: the block, and the first word that may be loaded */
	uint32_t low, high;		/* buffer load: the words loaded so far */
	uint32_t count;			/* cycles still to come */
	uint16_t config;		/* Intel's read configuration register */
	uint16_t toggle;		/* AMD: DQ6 and DQ2 */
	uint16_t last;			/* AMD: the last word to be programmed, of which DQ7 is the complement */
	bool status_next;		/* AMD: the next load gives the status register */
	bool aborted, failed;		/* AMD: DQ1, DQ5 */
	uint8_t failed_kind;
	uint32_t failed_block;
};

/* A command set. */
struct chip_set {
	enum flash_set id;
	const char *name, *compatible;
	uint16_t buffer;		/* words */
	uint8_t word_us, buffer_us, block_ms;	/* typical times: 2 to the power of this, as the query table has them */
	uint8_t lock_bit;		/* what flash_lock() sets */
	uint8_t reset_locks;		/* of each block after power-on */
	void (*describe)(const struct flash *f, uint8_t query[QUERY_END]);	/* its part of the query table */
	/* Power-on, of the interface. */
	void (*reset)(struct chip *c);
	/* The driver has taken over: read-array mode, no sequence under way. */
	void (*settle)(struct chip *c);
	uint16_t (*load)(struct chip *c, uint32_t word);
	void (*store)(struct chip *c, uint32_t word, uint16_t data);
	/* Every load is one of the array's words and has no effect.  Only asked while no operation runs. */
	bool (*reads_array)(const struct chip *c);
	/* An operation the command set has begun is over. */
	void (*ended)(struct chip *c, enum op_kind kind, enum op_result result);
	void (*dump)(const struct chip *c, FILE *out);
};

extern const struct chip_set flash_intel, flash_amd;

struct chip {
	struct flash *flash;
	const struct chip_set *set;
	unsigned lane;			/* 0: bits 15 to 0 of the bus; 1: 31 to 16 */
	struct op op[OP_KINDS];
	struct block *block;
	struct interface io;
	uint16_t buffer[BUFFER_MAX];	/* what is loaded, or programmed: [word % set->buffer] */
};

struct store {
	int fd;				/* -1: memory only */
	bool writable;
	uint32_t size;			/* bytes the file must have */
};

struct flash {
	struct device device;
	struct flat *flat;
	struct flat_bytes *bytes;
	uint8_t *array;			/* the view of bytes */
	uint8_t *stage;			/* what a range will be, before the file has it; stage_size bytes */
	struct flash_geometry geometry;
	struct flash_host host;
	struct store store;
	struct chip chip[CHIPS];
	unsigned time;			/* percent */
	uint8_t query[QUERY_END];
	uint64_t alarm;			/* asked for; UINT64_MAX: none */
	bool shown;			/* the command window is readable */
	/* power.c */
	bool dead;
	uint64_t begun, cut, cut_at;	/* operations so far; the one that is cut, and when, UINT64_MAX: not known yet */
	bool cut_due;			/* it is the end of this cycle */
	uint64_t random;
	/* request.c */
	struct flash_request *first, **last;
	bool stepping, piece;		/* in requests_step(); a piece of the first request is under way */
	uint32_t piece_len;
	enum op_result piece_result;
};

/* --- flash.c --- */

uint64_t flash_now(const struct flash *f);
void flash_log(const struct flash *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* After any change of mode: whether the command window can be read, when to be called again, and whether the line moves. */
void flash_settle(struct flash *f);

/* --- cfi.c --- */

void cfi_make(struct flash *f);

/* --- operation.c --- */

bool chip_running(const struct chip *c);
/*
 * Programs words [word, word+words) of chip->buffer, all in one buffer's line.  OP_DONE: begun, and maybe over; or
 * why it was not.
 */
enum op_result chip_program(struct chip *c, uint32_t word, uint32_t words, bool request);
/* Erases blocks, one after the other; the locked ones of several are left out. */
enum op_result chip_erase(struct chip *c, uint32_t block, uint32_t blocks, bool request);
bool chip_suspended(const struct chip *c, enum op_kind kind);
/* The status register: the errors in io.status, and what the chip is doing. */
uint16_t chip_status(const struct chip *c);
/* Whatever runs is suspended; false: nothing does. */
bool chip_suspend(struct chip *c);
/* The one suspended last goes on; false: there is none. */
bool chip_resume(struct chip *c);
/* Ends what is due. */
void chip_advance(struct chip *c, uint64_t now);
/* When something ends; UINT64_MAX. */
uint64_t chip_next(const struct chip *c);
/* How much of a running or suspended operation is done, 0 to 256. */
unsigned op_progress(const struct op *op, uint64_t now);

/* --- array.c --- */

static inline uint32_t bank_byte(const struct chip *c, uint32_t word)
{
	return word * BANK_WIDTH + 2 * c->lane;
}

uint16_t array_word(const struct chip *c, uint32_t word);
uint32_t block_of(const struct chip *c, uint32_t word);
uint32_t block_words(const struct chip *c);
uint32_t chip_words(const struct chip *c);
bool block_locked(const struct chip *c, uint32_t block);
/* What a completed operation does.  0 or -errno of the host. */
int array_program(struct chip *c, uint32_t word, uint32_t words);
int array_erase(struct chip *c, uint32_t block);
/*
 * Bytes [offset, offset+len) become what is in flash->stage: in the file first, then in memory.  Changes as far as
 * the file does.
 */
int array_commit(struct flash *f, uint32_t offset, uint32_t len);
int array_new(struct flash *f);
void array_free(struct flash *f);

/* --- store.c --- */

/* *size 0: what the file asks for.  0 or -errno and why. */
int store_open(struct store *s, const char *file, uint32_t *size, char why[FLASH_WHY]);
int store_load(const struct store *s, const char *file, uint8_t *to, char why[FLASH_WHY]);
/* *done: bytes that are in the file now.  0 or -errno. */
int store_write(const struct store *s, const uint8_t *from, uint32_t len, uint32_t offset, uint32_t *done);
int store_sync(const struct store *s);
void store_close(struct store *s);

/* --- power.c --- */

/*
 * An operation of c begins at `from`: is it the one that is cut?  True: it is not ended by its time, but at the end
 * of this cycle.
 */
bool power_begins(struct chip *c, enum op_kind kind, uint64_t from);
/* At the end of a cycle: cuts the power if its time has come. */
void power_check(struct flash *f, uint64_t now);
/* What is under way or suspended is left in the midst, and forgotten. */
void power_interrupt(struct flash *f);

/* --- request.c --- */

/* A piece's operation of this chip is over. */
void requests_ended(struct chip *c, enum op_result result);
/* Goes on with requests as far as possible. */
void requests_step(struct flash *f);
/* All fail. */
void requests_fail(struct flash *f);

#endif
