/* SPDX-License-Identifier: MIT
 *
 * Random operations on a flash, each made on a model as well that is no more than an array of bytes, with locks and
 * counts: programs, erases, locks, suspended ones, the driver's requests, cycles without sense, files that somebody
 * cuts, and power that fails.  After each the array must be that of the model, in both windows and, now and then, in
 * the file; what was under way when the power failed may be anything that a real chip could have left, and nothing
 * else may have changed.
 *
 * FLAT32_FLASH_OPS: how many (default 20,000; `make fuzz-flash` makes 10^6).  FLAT32_FLASH_SEED: of the first round;
 * a failure names its round's, which is enough to repeat it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include "tests/unit/flash_driver.h"
#include "tests/unit/run_suite.h"

#define SIZE FLASH_SIZE_MIN
#define BLOCKS (SIZE / KIT_ERASE)
#define ROUND 1000u		/* operations with one flash */
#define MS 1000000ull

static struct {
	uint8_t bytes[SIZE];
	bool locked[BLOCKS];
	uint64_t wear[BLOCKS];
} model;

static struct flash_config config;
static char path[4096];
static uint64_t random_state, seed;
static uint64_t done_ops;

#define FAIL(...) ck_abort_msg(__VA_ARGS__)
#define CHECK(x) do { if (!(x)) FAIL("seed %llu, %llu operations: " #x, (unsigned long long)seed, (unsigned long long)done_ops); } while (0)

static uint32_t rnd(uint32_t n)		/* 0 .. n-1 */
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((random_state >> 33) % n);
}

static uint32_t rnd32(void)
{
	return rnd(0x10000) << 16 | rnd(0x10000);
}

/* Data as it is programmed: of few zeros, of many. */
static uint32_t rnd_data(void)
{
	switch (rnd(4)) {
	case 0: return rnd32() | rnd32() | rnd32();
	case 1: return rnd32() & rnd32();
	case 2: return 0xffffffff;
	}
	return rnd32();
}

static uint32_t rnd_block(void)
{
	return rnd(BLOCKS) * KIT_ERASE;
}

static uint64_t rnd_step(void)
{
	return 1000 + rnd(200) * 100000ull;
}

static void to_model(uint32_t offset, const void *bytes, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		model.bytes[offset + i] &= ((const uint8_t *)bytes)[i];
}

static void erase_model(uint32_t offset)
{
	memset(model.bytes + offset, 0xff, KIT_ERASE);
	model.wear[offset / KIT_ERASE]++;
}

static bool locked(uint32_t offset)
{
	return model.locked[offset / KIT_ERASE];
}

static const uint8_t *array(void)
{
	return flat_span(kit.flat, KIT_DATA, SIZE);
}

static void compare_file(void)
{
	static uint8_t content[SIZE];
	int fd;

	if (!config.file)
		return;
	fd = open(path, O_RDONLY);
	CHECK(fd >= 0 && pread(fd, content, SIZE, 0) == (ssize_t)SIZE);
	close(fd);
	CHECK(memcmp(content, model.bytes, SIZE) == 0);
}

/* Everything is as it should be, and nothing under way. */
static void compare(void)
{
	CHECK(memcmp(array(), model.bytes, SIZE) == 0);
	CHECK(kit_direct());
	CHECK(memcmp(flat_span(kit.flat, KIT_COMMAND, SIZE), model.bytes, SIZE) == 0);
	CHECK(kit.alarm == UINT64_MAX);
	if (rnd(64) == 0)
		compare_file();
	for (uint32_t b = 0; rnd(16) == 0 && b < BLOCKS; b++) {
		CHECK(flash_wear(kit.flash, b) == model.wear[b]);
		CHECK(flash_locked(kit.flash, b * KIT_ERASE) == model.locked[b]);
	}
}

/* --- Operations --- */

static void op_program(void)
{
	uint32_t offset = rnd(SIZE / 4) * 4, value = rnd_data();
	bool good;

	drv_begin_program(offset, value);
	good = drv_wait(rnd_step());
	CHECK(good == !locked(offset));
	if (good)
		to_model(offset, &value, 4);
	drv_read_array();
}

static uint32_t words[256];

/* Some words of one line. */
static uint32_t some_words(uint32_t *count)
{
	uint32_t line = drv_buffer(), first = rnd(line), offset;

	*count = 1 + rnd(line - first);
	offset = rnd(SIZE / 4 / line) * line * 4 + first * 4;
	for (uint32_t i = 0; i < *count; i++)
		words[i] = rnd_data();
	return offset;
}

static void op_buffer(void)
{
	uint32_t count, offset = some_words(&count);
	bool good;

	drv_begin_buffer(offset, words, count);
	good = drv_wait(rnd_step());
	CHECK(good == !locked(offset));
	if (good)
		to_model(offset, words, 4 * count);
	drv_read_array();
}

static void op_erase(void)
{
	uint32_t offset = rnd_block();
	bool good;

	drv_begin_erase(offset + rnd(KIT_ERASE / 4) * 4);
	good = drv_wait(100 * rnd_step());
	CHECK(good == !locked(offset));
	if (good)
		erase_model(offset);
	drv_read_array();
}

/* Suspended some times, with programs elsewhere meanwhile. */
static void op_suspended_erase(void)
{
	uint32_t offset = rnd_block();

	if (locked(offset) || !config.time)
		return;
	drv_begin_erase(offset);
	for (unsigned times = rnd(4); times && !drv_ready(); times--) {
		uint32_t at = rnd(SIZE / 4) * 4, value = rnd_data();
		bool good, inside = at / KIT_ERASE == offset / KIT_ERASE;

		kit_wait(rnd_step());
		if (drv_ready())
			break;
		drv_suspend();
		CHECK(memcmp(array(), model.bytes, SIZE) == 0);
		drv_begin_program(at, value);
		good = drv_wait(rnd_step());
		CHECK(good == (!inside && !locked(at)));
		if (good)
			to_model(at, &value, 4);
		drv_read_array();
		if (!inside)
			CHECK(rd(at) == *(uint32_t *)(void *)(model.bytes + at));
		drv_resume(offset);
	}
	CHECK(drv_wait(100 * rnd_step()));
	erase_model(offset);
	drv_read_array();
}

static void op_lock(void)
{
	uint32_t offset = rnd_block();

	CHECK(drv_locked(offset) == locked(offset));
	if (rnd(3) == 0) {
		drv_lock(offset);
		model.locked[offset / KIT_ERASE] = true;
		return;
	}
	drv_unlock(offset);
	if (config.set == FLASH_AMD)
		memset(model.locked, 0, sizeof(model.locked));
	else
		model.locked[offset / KIT_ERASE] = false;
}

static uint8_t request_data[4 * KIT_ERASE];

static struct flash_request rnd_request(void)
{
	struct flash_request r = { .kind = rnd(2) ? FLASH_PROGRAM : FLASH_ERASE, .data = request_data };

	if (r.kind == FLASH_PROGRAM) {
		r.offset = rnd(SIZE);
		r.len = 1 + rnd(rnd(4) ? 600 : sizeof(request_data));
	} else {
		r.offset = rnd_block();
		r.len = (1 + rnd(3)) * KIT_ERASE;
	}
	if (r.len > SIZE - r.offset)
		r.len = SIZE - r.offset;
	for (uint32_t i = 0; i < r.len && r.kind == FLASH_PROGRAM; i++)
		request_data[i] = (uint8_t)rnd_data();
	return r;
}

/* The first r->moved bytes of it are done. */
static void moved_to_model(const struct flash_request *r)
{
	CHECK(r->moved <= r->len);
	if (r->kind == FLASH_PROGRAM)
		to_model(r->offset, request_data, r->moved);
	else
		for (uint32_t at = 0; at < r->moved; at += KIT_ERASE)
			erase_model(r->offset + at);
}

static void op_request(void)
{
	struct flash_request r = rnd_request();
	uint32_t first_locked = r.offset;

	while (first_locked < r.offset + r.len && !locked(first_locked))
		first_locked = (first_locked / KIT_ERASE + 1) * KIT_ERASE;
	flash_submit(kit.flash, &r);
	while (r.result == -EINPROGRESS) {
		kit_wait(100 * rnd_step());
		if (rnd(4) == 0)
			cmd(rnd(SIZE / 4) * 4, rnd(2) ? 0xb0 : 0x70);	/* somebody at the command window */
	}
	CHECK(r.result == (first_locked < r.offset + r.len ? -EROFS : 0));
	CHECK(r.moved == (r.result ? first_locked - r.offset : r.len));
	moved_to_model(&r);
	drv_read_array();
}

/* --- What goes wrong --- */

/* Somebody cuts the file: nothing can be changed until it is whole again. */
static void op_file_cut(void)
{
	struct flash_request r = rnd_request();
	uint32_t len = rnd(SIZE);
	int fd;

	if (!config.file || locked(r.offset))
		return;
	fd = open(path, O_RDWR);
	CHECK(fd >= 0 && ftruncate(fd, len) == 0);
	flash_submit(kit.flash, &r);
	kit_wait(10000 * MS);
	CHECK(r.result == -EIO && r.moved == 0);
	if (r.kind == FLASH_ERASE)
		model.wear[r.offset / KIT_ERASE]++;
	CHECK(pwrite(fd, model.bytes, SIZE, 0) == (ssize_t)SIZE);
	close(fd);
}

static uint8_t before[SIZE];

/*
 * What was not under way is as it was; of [offset, offset+len) bits may be as before, or as `data`, or for an erase
 * anything.
 */
static void accept(uint32_t offset, uint32_t len, const uint8_t *data)
{
	const uint8_t *now = array();

	CHECK(memcmp(now, model.bytes, offset) == 0);
	CHECK(memcmp(now + offset + len, model.bytes + offset + len, SIZE - offset - len) == 0);
	for (uint32_t i = 0; data && i < len; i++) {
		uint8_t old = model.bytes[offset + i], new = old & data[i];

		CHECK(!(now[offset + i] & ~old) && !(new & ~now[offset + i]));
	}
	memcpy(model.bytes + offset, now + offset, len);
}

static void unlock_all(void)
{
	CHECK(flash_lock(kit.flash, 0, SIZE, false) == 0);
	memset(model.locked, 0, sizeof(model.locked));
}

static void restart(void)
{
	if (config.file) {
		uint64_t now = kit.now;

		kit_down();
		kit_up(&config);
		kit.now = now;
		memset(model.wear, 0, sizeof(model.wear));
	} else {
		kit.device->ops->reset(kit.device);
	}
	CHECK(memcmp(array(), model.bytes, SIZE) == 0);
	compare_file();
	unlock_all();
}

/* In a request, or between two: at any time of it. */
static void op_power_cut(void)
{
	struct flash_request r = rnd_request();
	uint32_t piece, left;

	unlock_all();
	flash_submit(kit.flash, &r);
	kit_wait(r.kind == FLASH_ERASE ? (uint64_t)rnd(3000) * MS : (uint64_t)rnd(3000) * 1000);
	flash_cut_power(kit.flash, rnd32());
	CHECK(r.result == -EIO || r.result == 0);
	moved_to_model(&r);
	left = r.len - r.moved;
	piece = flash_geometry(kit.flash)->buffer;
	if (r.kind == FLASH_ERASE) {
		if (left)
			model.wear[(r.offset + r.moved) / KIT_ERASE]++;
		accept(r.offset + r.moved, left ? KIT_ERASE : 0, NULL);
	} else {
		piece -= (r.offset + r.moved) % piece;
		accept(r.offset + r.moved, left < piece ? left : piece, request_data + r.moved);
	}
	restart();
}

/* In an erase of the command window's that may be suspended. */
static void op_power_cut_suspended(void)
{
	uint32_t offset = rnd_block();

	unlock_all();
	drv_begin_erase(offset);
	kit_wait((uint64_t)rnd(1200) * MS);
	if (rnd(2))
		drv_suspend();
	kit_wait((uint64_t)rnd(2000) * MS);
	flash_cut_power(kit.flash, rnd32());
	model.wear[offset / KIT_ERASE]++;
	accept(offset, KIT_ERASE, NULL);
	restart();
}

/* The next operation of a chip, or one soon after, is cut, as --flash-cut does it. */
static void op_configured_cut(void)
{
	struct flash_config c = config;
	struct flash_request r;

	if (!c.file)
		return;
	c.cut = 1 + rnd(6);
	c.seed = rnd32();
	kit_down();
	kit_up(&c);
	memset(model.wear, 0, sizeof(model.wear));
	unlock_all();
	do {
		r = rnd_request();
		flash_submit(kit.flash, &r);
		kit_wait(10000 * MS);
		moved_to_model(&r);
	} while (r.result == 0);
	CHECK(r.result == -EIO && kit.power_losses == 1);
	if (r.kind == FLASH_ERASE) {
		accept(r.offset + r.moved, KIT_ERASE, NULL);
	} else {
		uint32_t piece = flash_geometry(kit.flash)->buffer - (r.offset + r.moved) % flash_geometry(kit.flash)->buffer;

		accept(r.offset + r.moved, r.len - r.moved < piece ? r.len - r.moved : piece, request_data + r.moved);
	}
	restart();
}

/* --- Cycles without sense --- */

static uint32_t rnd_address(void)
{
	switch (rnd(4)) {
	case 0: return WORD(0x555);
	case 1: return WORD(0x2aa);
	case 2: return rnd_block();
	}
	return rnd(SIZE);
}

static uint16_t rnd_command(bool protection)
{
	static const uint8_t known[] = { 0x00, 0x01, 0x03, 0x10, 0x20, 0x25, 0x29, 0x2f, 0x30, 0x40, 0x50, 0x51, 0x55, 0x60, 0x70, 0x71, 0x80,
					 0x90, 0x98, 0xa0, 0xaa, 0xb0, 0xd0, 0xe8, 0xf0, 0xff, 0xc0, 0xe0 };

	return rnd(8) ? known[rnd(sizeof(known) - (protection ? 0 : 2))] : (uint16_t)rnd(protection ? 0x10000 : 0x80);
}

static void rnd_cycle(bool protection)
{
	static const uint32_t sizes[] = { 1, 2, 4, 4, 4, 4, 4, 8 };
	uint32_t at = rnd_address(), size = sizes[rnd(8)];

	if (at > SIZE - size)
		at = SIZE - size;
	switch (rnd(6)) {
	case 0: kit_load(at, size); break;
	case 1: kit_wait(rnd_step()); break;
	case 2:
		amd_unlock();
		cmd(rnd(2) ? WORD(0x555) : at & ~3u, rnd_command(protection));
		break;
	default:
		kit_store(at, size, rnd_command(protection) * 0x0001000100010001u);
	}
}

/* Nothing gets through to blocks that are locked for good. */
static void op_noise_locked(void)
{
	for (uint32_t b = 0; b < SIZE; b += KIT_ERASE) {
		if (config.set == FLASH_INTEL) {
			cmd(b, 0x60);
			cmd(b, 0x2f);
		} else {
			drv_lock(b);
		}
	}
	for (unsigned i = rnd(100); i; i--)
		rnd_cycle(false);
	kit_wait(100000 * MS);
	CHECK(memcmp(array(), model.bytes, SIZE) == 0);
	restart();
}

/* Whatever gets through only clears bits, or erases a chip's half of a block, which is counted. */
static void op_noise(void)
{
	memcpy(before, array(), SIZE);
	unlock_all();
	for (unsigned i = rnd(100); i; i--)
		rnd_cycle(true);
	kit_wait(100000 * MS);
	kit.device->ops->reset(kit.device);
	for (uint32_t b = 0; b < BLOCKS; b++) {
		bool erased = flash_wear(kit.flash, b) != model.wear[b];

		model.wear[b] = flash_wear(kit.flash, b);
		for (uint32_t i = b * KIT_ERASE; !erased && i < (b + 1) * KIT_ERASE; i++)
			CHECK(!(array()[i] & ~before[i]));
	}
	memcpy(model.bytes, array(), SIZE);
	restart();
	if (config.set == FLASH_AMD) {
		amd_command(0xe0);	/* dynamic bits are gone with the power */
		CHECK(rd(0) == BOTH(1));
		drv_read_array();
	}
}

static const struct { void (*run)(void); unsigned weight; } ops[] = {
	{ op_program, 40 }, { op_buffer, 30 }, { op_erase, 8 }, { op_suspended_erase, 8 }, { op_lock, 10 }, { op_request, 15 }, { op_file_cut, 2 },
	{ op_power_cut, 4 }, { op_power_cut_suspended, 2 }, { op_configured_cut, 1 }, { op_noise_locked, 2 }, { op_noise, 2 },
};
#define OPS (sizeof(ops) / sizeof(*ops))

static void run_op(void)
{
	unsigned all = 0, pick;

	for (unsigned i = 0; i < OPS; i++)
		all += ops[i].weight;
	pick = rnd(all);
	for (unsigned i = 0; i < OPS; i++) {
		if (pick < ops[i].weight) {
			ops[i].run();
			return;
		}
		pick -= ops[i].weight;
	}
}

static void round_of(uint64_t n)
{
	random_state = seed = n;
	rnd(2);
	drv_set = rnd(2) ? FLASH_AMD : FLASH_INTEL;
	config = kit_config(drv_set);
	config.time = rnd(2) ? 0 : 1 + rnd(150);
	config.file = rnd(2) ? path : NULL;
	memset(&model, 0, sizeof(model));
	memset(model.bytes, 0xff, SIZE);
	unlink(path);
	kit_up(&config);
	unlock_all();
	for (unsigned i = 0; i < ROUND; i++, done_ops++) {
		run_op();
		compare();
	}
	compare_file();
	kit_down();
}

static uint64_t number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

START_TEST(random_operations)
{
	uint64_t most = number("FLAT32_FLASH_OPS", 20000), first = number("FLAT32_FLASH_SEED", 1), tell = number("FLAT32_FLASH_PROGRESS", 0);
	const char *dir = getenv("TMPDIR");
	int fd;

	snprintf(path, sizeof(path), "%s/flat32-flash-XXXXXX", dir ? dir : "/tmp");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	close(fd);
	for (uint64_t n = first; done_ops < most; n++) {
		round_of(n);
		if (tell && done_ops % tell == 0)
			fprintf(stderr, "%llu operations\n", (unsigned long long)done_ops);
	}
	unlink(path);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("flash_model");
	TCase *t = tcase_create("model");

	tcase_add_test(t, random_operations);
	tcase_set_timeout(t, 7200);
	suite_add_tcase(s, t);
	return run_suite(s);
}
