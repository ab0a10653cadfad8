/* SPDX-License-Identifier: MIT
 *
 * The device: its windows, what an access of the bus is for the two chips, beginning and end.
 *
 * An access becomes a cycle for each half word it touches, in the order of addresses: chip 0 has those at multiples
 * of 4, chip 1 the others.  Of a half word that is stored only in part the other byte reads as ones, as lines that
 * nobody drives are pulled up: a byte programmed so leaves its neighbour as it is.
 */
#include "devices/flash/internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "devices/tree.h"

uint64_t flash_now(const struct flash *f)
{
	return f->host.now(f->host.owner);
}

void flash_log(const struct flash *f, const char *fmt, ...)
{
	char line[200];
	va_list ap;
	int n = snprintf(line, sizeof(line), "%s: ", f->device.name);

	if (!f->host.log)
		return;
	va_start(ap, fmt);
	vsnprintf(line + n, sizeof(line) - (size_t)n, fmt, ap);
	va_end(ap);
	f->host.log(f->host.owner, line);
}

/* --- What can be seen --- */

static bool readable(const struct flash *f)
{
	for (unsigned i = 0; i < CHIPS; i++)
		if (chip_running(&f->chip[i]) || !f->chip[i].set->reads_array(&f->chip[i]))
			return false;
	return !f->dead;
}

/*
 * If it cannot be protected it is trapped, which costs time and nothing else; if it cannot be trapped, a driver sees
 * no status.
 */
static void show(struct flash *f)
{
	const struct device_window *w = &f->device.window[FLASH_COMMAND];
	bool want = readable(f);

	if (want == f->shown)
		return;
	if (flat_protect(f->flat, w->addr, w->size, want ? FLAT_READ : FLAT_NONE) == 0)
		f->shown = want;
	else if (f->shown)
		flash_log(f, "the host does not let the array be hidden: no status can be read");
	if (!want && f->host.changed)	/* what was executed there is there no more */
		f->host.changed(f->host.owner, w->addr, w->size);
}

static void set_alarm(struct flash *f)
{
	uint64_t next = f->dead ? UINT64_MAX : f->cut_at;

	for (unsigned i = 0; i < CHIPS; i++) {
		uint64_t ends = chip_next(&f->chip[i]);

		next = ends < next ? ends : next;
	}
	if (next == f->alarm)
		return;
	f->alarm = next;
	if (f->host.alarm)
		f->host.alarm(f->host.owner, next);
}

/*
 * The line first: who hears that the chips are ready begins the next operation, and what was to be shown in between, which the host would have
 * to do, never is.
 */
void flash_settle(struct flash *f)
{
	device_set_line(&f->device, !f->dead && !chip_running(&f->chip[0]) && !chip_running(&f->chip[1]));
	show(f);
	set_alarm(f);
}

void flash_run(struct flash *f)
{
	uint64_t now = flash_now(f);

	if (f->dead)
		return;
	for (unsigned i = 0; i < CHIPS; i++)
		chip_advance(&f->chip[i], now < f->cut_at ? now : f->cut_at);
	power_check(f, now);
	flash_settle(f);
}

void flash_service(struct flash *f)
{
	requests_step(f);
	flash_settle(f);
}

/* --- Cycles --- */

static bool flash_load(struct device *d, unsigned window, uint32_t offset, uint32_t size, uint64_t *value)
{
	struct flash *f = (struct flash *)(void *)d;
	uint8_t bytes[8] = { 0 };
	uint32_t at = offset;

	if (window != FLASH_COMMAND)
		return false;
	flash_run(f);
	while (at < offset + size) {
		struct chip *c = &f->chip[at / 2 % CHIPS];
		uint16_t half = f->dead ? 0xffff : c->set->load(c, at / BANK_WIDTH);

		do
			bytes[at - offset] = (uint8_t)(half >> 8 * (at % 2));
		while (++at % 2 && at < offset + size);
	}
	flash_settle(f);
	memcpy(value, bytes, sizeof(bytes));
	return true;
}

static bool flash_store(struct device *d, unsigned window, uint32_t offset, uint32_t size, uint64_t value)
{
	struct flash *f = (struct flash *)(void *)d;
	uint32_t at = offset;

	if (window != FLASH_COMMAND)
		return false;
	flash_run(f);
	while (at < offset + size && !f->dead) {
		struct chip *c = &f->chip[at / 2 % CHIPS];
		uint32_t word = at / BANK_WIDTH;
		uint16_t data = 0xffff;

		do {
			unsigned shift = 8 * (at % 2);
			uint8_t byte = (uint8_t)(value >> 8 * (at - offset));

			data = (uint16_t)((data & ~(0xff << shift)) | byte << shift);
		} while (++at % 2 && at < offset + size);
		c->set->store(c, word, data);
	}
	power_check(f, flash_now(f));
	flash_settle(f);
	return true;
}

/* --- The device --- */

static void flash_reset(struct device *d)
{
	struct flash *f = (struct flash *)(void *)d;

	power_interrupt(f);
	f->dead = true;		/* for those who would ask for more at once */
	requests_fail(f);
	f->dead = f->cut_due = false;
	f->cut_at = UINT64_MAX;
	for (unsigned i = 0; i < CHIPS; i++) {
		struct chip *c = &f->chip[i];

		c->set->reset(c);
		for (uint32_t b = 0; b < f->geometry.blocks; b++)
			c->block[b].locks = (uint8_t)((c->block[b].locks & BLOCK_PPB) | c->set->reset_locks);
	}
	flash_settle(f);
}

static void dump_op(const struct chip *c, enum op_kind kind, FILE *out)
{
	const struct op *op = &c->op[kind];
	uint32_t word = kind == OP_PROGRAM ? op->word : op->block * block_words(c);

	if (op->state != OP_NONE)
		fprintf(out, "chip %u %s 0x%x: %s, %u%% done\n", c->lane, kind == OP_PROGRAM ? "programs" : "erases",
			word * BANK_WIDTH, op->state == OP_RUNNING ? "running" : "suspended",
			op_progress(op, flash_now(c->flash)) * 100 / 256);
}

static void flash_dump(struct device *d, FILE *out)
{
	struct flash *f = (struct flash *)(void *)d;
	const struct flash_geometry *g = &f->geometry;
	uint64_t wear = 0, most = 0;
	uint32_t locked = 0;

	for (uint32_t b = 0; b < g->blocks; b++) {
		uint64_t w = flash_wear(f, b);

		wear += w;
		most = w > most ? w : most;
		locked += flash_locked(f, b * g->erase) == 1;
	}
	fprintf(out, "%s, %u KiB in %u blocks of %u KiB, %s\n", f->chip[0].set->name, g->size >> 10, g->blocks, g->erase >> 10,
		f->store.fd < 0 ? "memory" : g->writable ? "a file" : "a file that cannot be written: no VPP");
	fprintf(out, "%u blocks locked; erases: %llu, of one block at most %llu\n", locked, (unsigned long long)wear,
		(unsigned long long)most);
	if (f->dead)
		fprintf(out, "without power\n");
	for (unsigned i = 0; i < CHIPS; i++) {
		fprintf(out, "chip %u ", i);
		f->chip[i].set->dump(&f->chip[i], out);
		dump_op(&f->chip[i], OP_PROGRAM, out);
		dump_op(&f->chip[i], OP_ERASE, out);
	}
}

static void withdraw(struct flash *f, unsigned windows)
{
	while (windows--)
		flat_withdraw(f->flat, f->device.window[windows].addr, f->device.window[windows].size);
}

static void flash_free(struct device *d)
{
	struct flash *f = (struct flash *)(void *)d;

	withdraw(f, f->device.windows);
	store_close(&f->store);
	array_free(f);
	if (f->host.gone)
		f->host.gone(f->host.owner);
	free(f);
}

/* Documentation/devicetree/bindings/mtd/mtd-physmap.yaml; as QEMU's virt board has it. */
static void flash_describe(struct device *d, struct device_tree *node)
{
	(void)d;
	tree_cell(node, "bank-width", BANK_WIDTH);
}

static const struct device_ops flash_ops = {
	.compatible = "cfi-flash", .describe = flash_describe, .load = flash_load, .store = flash_store, .reset = flash_reset,
	.dump = flash_dump, .free = flash_free,
};

/* --- Making one --- */

static int refuse(char why[FLASH_WHY], int err, const char *what)
{
	snprintf(why, FLASH_WHY, "%s", what);
	return err;
}

static bool power_of_two(uint32_t n)
{
	return n && !(n & (n - 1));
}

/* Before the size is known from the file, size may be 0. */
static int check(const struct flash_config *c, uint32_t size, char why[FLASH_WHY])
{
	if (size && (!power_of_two(size) || size < FLASH_SIZE_MIN || size > FLASH_SIZE_MAX))
		return refuse(why, -EINVAL, "the size must be a power of two, 64K to 64M");
	if (c->erase && (!power_of_two(c->erase) || c->erase < FLASH_ERASE_MIN || c->erase > FLASH_ERASE_MAX))
		return refuse(why, -EINVAL, "the erase blocks must be a power of two, 4K to 16M");
	if (size && c->erase > size)
		return refuse(why, -EINVAL, "the erase blocks are larger than the flash");
	if (!size && !c->file)
		return refuse(why, -EINVAL, "say how large the flash is: without a file, :SIZE");
	return 0;
}

static void set_geometry(struct flash *f, const struct flash_config *c, uint32_t size)
{
	uint32_t erase = c->erase;

	if (!erase)	/* at least 16 blocks */
		erase = size / 16 < FLASH_ERASE_DEFAULT ? size / 16 : FLASH_ERASE_DEFAULT;
	f->geometry = (struct flash_geometry){
		.set = c->set, .size = size, .erase = erase, .blocks = size / erase, .buffer = f->chip[0].set->buffer * BANK_WIDTH,
		.writable = !c->file || f->store.writable,
	};
}

static int show_windows(struct flash *f, const struct flash_config *c)
{
	static const char *const what[] = { [FLASH_COMMAND] = "flash", [FLASH_DATA] = "flash array" };
	int err;

	for (unsigned i = 0; i < 2; i++) {
		f->device.window[i] = (struct device_window){ .what = what[i], .addr = c->addr[i], .size = f->geometry.size,
							     .kind = i == FLASH_DATA ? DEVICE_VIEW : DEVICE_DIRECT_OWN };
		err = flat_show(f->flat, c->addr[i], f->geometry.size, f->bytes, 0, FLAT_READ);
		if (err) {
			withdraw(f, i);
			return err;
		}
	}
	f->device.windows = 2;
	f->shown = true;
	return 0;
}

static void set_up(struct flash *f, struct flat *flat, const struct flash_config *c)
{
	f->device.ops = &flash_ops;
	snprintf(f->device.name, sizeof(f->device.name), "%s", c->name);
	f->flat = flat;
	f->host = c->host;
	f->store.fd = -1;
	f->time = c->time;
	f->cut = c->cut;
	f->random = c->seed;
	f->alarm = f->cut_at = UINT64_MAX;
	f->last = &f->first;
	for (unsigned i = 0; i < CHIPS; i++) {
		f->chip[i].flash = f;
		f->chip[i].lane = i;
		f->chip[i].set = c->set == FLASH_AMD ? &flash_amd : &flash_intel;
	}
}

int flash_new(struct flat *flat, const struct flash_config *c, struct flash **out, char why[FLASH_WHY])
{
	uint32_t size = c->size;
	struct flash *f;
	int err = check(c, size, why);

	if (err)
		return err;
	f = calloc(1, sizeof(*f));
	if (!f)
		return refuse(why, -ENOMEM, strerror(ENOMEM));
	set_up(f, flat, c);
	if (c->file)
		err = store_open(&f->store, c->file, &size, why);
	if (!err)
		err = check(c, size, why);
	if (err)
		goto no_array;
	set_geometry(f, c, size);
	err = array_new(f);
	if (err) {
		refuse(why, err, strerror(-err));
		goto no_windows;
	}
	if (c->file)
		err = store_load(&f->store, c->file, f->array, why);
	else
		memset(f->array, 0xff, size);
	if (!err && (err = show_windows(f, c)))
		refuse(why, err, strerror(-err));
	if (err)
		goto no_windows;
	cfi_make(f);
	flash_reset(&f->device);
	*out = f;
	return 0;

no_windows:
	array_free(f);
no_array:
	store_close(&f->store);
	free(f);
	return err;
}

struct device *flash_device(struct flash *f)
{
	return &f->device;
}

struct flash *flash_of(struct device *d)
{
	return d->ops == &flash_ops ? (struct flash *)(void *)d : NULL;
}

const struct flash_host *flash_host(const struct flash *f)
{
	return &f->host;
}

const struct flash_geometry *flash_geometry(const struct flash *f)
{
	return &f->geometry;
}

const uint8_t *flash_array(const struct flash *f)
{
	return f->array;
}

int flash_sync(struct flash *f)
{
	return store_sync(&f->store);
}

/* --- Locks and wear --- */

int flash_lock(struct flash *f, uint32_t offset, uint32_t len, bool lock)
{
	const struct flash_geometry *g = &f->geometry;

	if (offset > g->size || len > g->size - offset || offset % g->erase || len % g->erase)
		return -EINVAL;
	for (unsigned i = 0; i < CHIPS; i++) {
		struct chip *c = &f->chip[i];

		for (uint32_t b = offset / g->erase; b < (offset + len) / g->erase; b++) {
			uint8_t *locks = &c->block[b].locks;

			if (*locks & BLOCK_DOWN && !lock)
				return -EROFS;
			*locks = (uint8_t)(lock ? *locks | c->set->lock_bit : *locks & ~c->set->lock_bit);
		}
	}
	return 0;
}

int flash_locked(const struct flash *f, uint32_t offset)
{
	if (offset >= f->geometry.size)
		return -EINVAL;
	return block_locked(&f->chip[0], offset / f->geometry.erase) ||
	       block_locked(&f->chip[1], offset / f->geometry.erase);
}

uint64_t flash_wear(const struct flash *f, uint32_t block)
{
	uint64_t a = f->chip[0].block[block].wear, b = f->chip[1].block[block].wear;

	return a > b ? a : b;
}
