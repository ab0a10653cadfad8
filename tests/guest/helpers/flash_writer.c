/* SPDX-License-Identifier: MIT
 * For tests/cli/flash.sh: operations on the flash, one after the other, told on stdout as they begin and are over,
 * until somebody ends it; and, at another start, whether the array is what those left.
 *	flash_writer write SEED			by the command window
 *	flash_writer mtd SEED			the same, by /dev/mtd0
 *	flash_writer check SEED BEGUN OVER	BEGUN is OVER, or the one behind it: any part of that may be done
 *	flash_writer time			how long a program and an erase take, in microseconds
 */
#include <fcntl.h>
#include <mtd/mtd-user.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define BOTH(x) ((uint32_t)(x) * 0x10001u)
#define BLOCK 0x10000u		/* --flash ...:1M:64K */
#define BLOCKS 16u
#define WORDS (BLOCK / 4)

static volatile uint32_t *const chip = (volatile uint32_t *)0x20000000;
static const volatile uint32_t *const array = (const volatile uint32_t *)0x28000000;
static int amd, patient;
static uint32_t seed;

static uint32_t mix(uint32_t n)
{
	n = (n ^ seed * 0x9e3779b9u) * 0x85ebca6bu;
	n = (n ^ n >> 13) * 0xc2b2ae35u;
	return n ^ n >> 16;
}

/* Operation n: its block; whether it erases; else from which word how many are programmed, and with what. */
static uint32_t block_of(uint32_t n) { return mix(n) % BLOCKS; }
static int erases(uint32_t n) { return mix(n) >> 8 & 1; }
static uint32_t first_of(uint32_t n) { return (mix(n) >> 9) % (WORDS / 32) * 32; }
static uint32_t value_of(uint32_t n, uint32_t i) { return mix(n * 64 + i) | mix(i); }
enum { COUNT = 32 };		/* a buffer of the smaller kind */

/* Of both chips: ready if both are, an error if one has it. */
static int status(void)
{
	uint32_t s;

	chip[amd ? 0x555 : 0] = BOTH(0x70);
	s = chip[0];
	return (int)((s & s >> 16 & 0x80) | ((s | s >> 16) & 0x7f));
}

static void wait_for_it(void)
{
	while (!(status() & 0x80))
		if (patient)
			usleep(50);
}

static void unlock_cycles(void)
{
	chip[0x555] = BOTH(0xaa);
	chip[0x2aa] = BOTH(0x55);
}

static void erase(uint32_t block)
{
	if (amd) {
		unlock_cycles();
		chip[0x555] = BOTH(0x80);
		unlock_cycles();
		chip[block * WORDS] = BOTH(0x30);
	} else {
		chip[block * WORDS] = BOTH(0x20);
		chip[block * WORDS] = BOTH(0xd0);
	}
	wait_for_it();
}

static void program(uint32_t n)
{
	volatile uint32_t *at = chip + block_of(n) * WORDS + first_of(n);

	if (amd)
		unlock_cycles();
	*at = BOTH(amd ? 0x25 : 0xe8);
	*at = BOTH(COUNT - 1);
	for (uint32_t i = 0; i < COUNT; i++)
		at[i] = value_of(n, i);
	*at = BOTH(amd ? 0x29 : 0xd0);
	wait_for_it();
}

/* Operation n by the driver. */
static int by_mtd(int fd, uint32_t n)
{
	struct erase_info_user e = { block_of(n) * BLOCK, BLOCK };
	uint32_t words[COUNT];

	if (erases(n))
		return ioctl(fd, MEMERASE, &e);
	for (uint32_t i = 0; i < COUNT; i++)
		words[i] = value_of(n, i);
	return pwrite(fd, words, sizeof words, (off_t)(block_of(n) * BLOCK + first_of(n) * 4)) == sizeof words ? 0 : -1;
}

static void begin(void)
{
	chip[0x55] = BOTH(0x98);
	amd = chip[0x13] == BOTH(2);
	chip[0] = BOTH(amd ? 0xf0 : 0xff);
	for (uint32_t b = 0; !amd && b < BLOCKS; b++) {
		chip[b * WORDS] = BOTH(0x60);
		chip[b * WORDS] = BOTH(0xd0);
	}
}

static void say(const char *what, uint32_t n)
{
	char line[32];
	int len = snprintf(line, sizeof line, "%s %u\n", what, (unsigned)n);

	if (write(1, line, (size_t)len) != len)
		exit(2);
}

static void write_for_ever(int fd)
{
	for (uint32_t n = 1;; n++) {
		int failed;

		say("begun", n);
		if (fd >= 0)
			failed = by_mtd(fd, n);
		else if (erases(n))
			erase(block_of(n));
		else
			program(n);
		if (fd < 0)
			failed = status() & 0x3a;
		if (failed) {
			say("failed", n);
			exit(1);
		}
		say("over", n);
	}
}

static uint32_t should[BLOCKS * WORDS];

/* What is now may be between what was and what was to be; of an erase, which programs first, all may be. */
static int part_done(uint32_t n, uint32_t at)
{
	uint32_t first = block_of(n) * WORDS + first_of(n), to;

	if (erases(n) && at / WORDS == block_of(n))
		return 1;
	if (erases(n) || at < first || at >= first + COUNT)
		return array[at] == should[at];
	to = should[at] & value_of(n, at - first);
	return !(array[at] & ~should[at]) && !(to & ~array[at]);
}

static int check(uint32_t begun, uint32_t over)
{
	memset(should, 0xff, sizeof should);
	for (uint32_t n = 1; n <= over; n++) {
		uint32_t *at = should + block_of(n) * WORDS;

		if (erases(n))
			memset(at, 0xff, BLOCK);
		for (uint32_t i = 0; !erases(n) && i < COUNT; i++)
			at[first_of(n) + i] &= value_of(n, i);
	}
	for (uint32_t i = 0; i < BLOCKS * WORDS; i++)
		if (begun == over ? array[i] != should[i] : !part_done(begun, i)) {
			printf("word %u is %08x, should be %08x\n", (unsigned)i, (unsigned)array[i], (unsigned)should[i]);
			return 1;
		}
	return 0;
}

static unsigned microseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (unsigned)(t.tv_sec * 1000000 + t.tv_nsec / 1000);
}

int main(int argc, char **argv)
{
	begin();
	seed = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;
	if (argc == 3 && !strcmp(argv[1], "write"))
		write_for_ever(-1);
	if (argc == 3 && !strcmp(argv[1], "mtd")) {
		int fd = open("/dev/mtd0", O_RDWR);

		if (fd < 0)
			return 2;
		write_for_ever(fd);
	}
	if (argc == 5 && !strcmp(argv[1], "check"))
		return check((uint32_t)strtoul(argv[3], NULL, 10), (uint32_t)strtoul(argv[4], NULL, 10));
	if (argc == 2 && !strcmp(argv[1], "time")) {
		unsigned t0 = microseconds(), t1, t2;

		patient = 1;
		program(1);
		t1 = microseconds();
		erase(0);
		t2 = microseconds();
		printf("%u %u\n", t1 - t0, t2 - t1);
		return 0;
	}
	return 2;
}
