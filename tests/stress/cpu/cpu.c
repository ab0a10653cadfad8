/* SPDX-License-Identifier: MIT
 * Work whose result is known, one kind after the other.
 */
#include "../stress.h"

/* 32-bit products and quotients in a chain */
static uint32_t divide(void)
{
	uint32_t x = 12345, sum = 0;

	for (uint32_t i = 1; i <= 2000; i++) {
		x = x * 1664525 + 1013904223;
		sum += x / i + x % i + (uint32_t)((int32_t)x / -(int32_t)i);
	}
	return sum;
}

static uint32_t divide64(void)
{
	uint64_t x = 1, sum = 0;

	for (uint32_t i = 1; i <= 500; i++) {
		x = x * 6364136223846793005ull + 1442695040888963407ull;
		sum += x / (i * 65537ull) + x % (i * 40503ull) + (x << i % 64) + (x >> i % 63);
	}
	return sum ^ sum >> 32;
}

static uint32_t gcd(void)
{
	uint32_t sum = 0;

	for (uint32_t i = 1; i < 40; i++)
		for (uint32_t j = 1; j < 40; j++) {
			uint32_t a = i * 7919, b = j * 6841;

			while (b) {
				uint32_t t = a % b;

				a = b, b = t;
			}
			sum += a;
		}
	return sum;
}

static uint32_t primes(void)
{
	uint8_t composite[4000] = { 0 };
	uint32_t n = 0;

	for (uint32_t i = 2; i < sizeof composite; i++) {
		if (composite[i])
			continue;
		n++;
		for (uint32_t j = i * i; j < sizeof composite; j += i)
			composite[j] = 1;
	}
	return n;
}

static uint32_t fibonacci(uint32_t n)
{
	return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static uint32_t fib(void)
{
	return fibonacci(16);
}

static uint32_t ackermann(uint32_t m, uint32_t n)
{
	return !m ? n + 1 : !n ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

static uint32_t ack(void)
{
	return ackermann(2, 30);
}

static uint32_t move(uint32_t n, uint32_t from, uint32_t to, uint32_t *peg)
{
	uint32_t over = 3 - from - to, moves;

	if (!n)
		return 0;
	moves = move(n - 1, from, over, peg);
	peg[from] -= n, peg[to] += n;
	return moves + 1 + move(n - 1, over, to, peg);
}

static uint32_t hanoi(void)
{
	uint32_t peg[3] = { 55, 0, 0 }, moves = move(10, 0, 2, peg);

	return moves + peg[2] * 65536;
}

static uint32_t place(uint32_t all, uint32_t columns, uint32_t left, uint32_t right)
{
	uint32_t n = 0;

	if (columns == all)
		return 1;
	for (uint32_t free = all & ~(columns | left | right); free; free &= free - 1) {
		uint32_t bit = free & -free;

		n += place(all, columns | bit, (left | bit) << 1, (right | bit) >> 1);
	}
	return n;
}

static uint32_t queens(void)
{
	return place(0x7f, 0, 0, 0);
}

static uint32_t collatz(void)
{
	uint32_t steps = 0;

	for (uint32_t i = 1; i < 300; i++)
		for (uint32_t x = i; x != 1; steps++)
			x = x & 1 ? 3 * x + 1 : x / 2;
	return steps;
}

static uint32_t crc(void)
{
	uint32_t c = ~0u;

	for (uint32_t i = 0; i < 1000; i++) {
		c ^= i & 0xff;
		for (int bit = 0; bit < 8; bit++)
			c = c >> 1 ^ (0xedb88320 & -(c & 1));
	}
	return ~c;
}

/* Counting, reversing, finding bits, in two ways each: they must agree, and the sum is known. */
static uint32_t bits(void)
{
	uint32_t x = 1, sum = 0;

	for (int i = 0; i < 500; i++) {
		uint32_t n = 0, reversed = 0;

		x = x * 1103515245 + 12345;
		for (int b = 0; b < 32; b++) {
			n += x >> b & 1;
			reversed |= (x >> b & 1) << (31 - b);
		}
		sum += n * reversed + (n == (uint32_t)__builtin_popcount(x)) + __builtin_clz(x | 1) + __builtin_ctz(x | 1u << 31) +
			(x << i % 32 | x >> (32 - i % 32) % 32) + __builtin_bswap32(x);
	}
	return sum;
}

/* Narrow types wrap as they must. */
static uint32_t narrow(void)
{
	uint8_t a = 1;
	int8_t b = 1;
	uint16_t c = 1;
	int16_t d = 1;
	uint32_t sum = 0;

	for (int i = 0; i < 1000; i++) {
		a = a * 13 + 7;
		b = (int8_t)(b * 5 + 3);
		c = c * 25173 + 13849;
		d = (int16_t)(d * 181 + 359);
		sum += a + (uint32_t)b + (c >> 3) + (uint32_t)(d >> 2);
	}
	return sum;
}

static const struct {
	const char *name;
	uint32_t (*run)(void);
	uint32_t result;
} methods[] = {
	{ "division", divide, 3315487740 },
	{ "division of 64 bits", divide64, 496804039 },
	{ "common divisors", gcd, 3832 },
	{ "primes", primes, 550 },
	{ "fibonacci", fib, 987 },
	{ "ackermann", ack, 63 },
	{ "hanoi", hanoi, 1023 + 55 * 65536 },
	{ "queens", queens, 40 },
	{ "collatz", collatz, 14151 },
	{ "crc", crc, 1961098049 },
	{ "bits", bits, 1451918382 },
	{ "narrow types", narrow, 4279564 },
};
#define METHODS (sizeof methods / sizeof *methods)

enum stress_status stress_cpu(struct worker *w)
{
	for (size_t i = w->number; stress_go(w); i++) {
		uint32_t got = methods[i % METHODS].run();

		if (got != methods[i % METHODS].result)
			stress_fail(w, "%s: %lu, should be %lu", methods[i % METHODS].name, (unsigned long)got,
				(unsigned long)methods[i % METHODS].result);
		stress_bogo(w);
	}
	return STRESS_PASSED;
}
