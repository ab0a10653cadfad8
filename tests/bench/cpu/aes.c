/* SPDX-License-Identifier: MIT
 * AES-128 (FIPS 197) in counter mode, with one table of words and rotations. The tables are computed; the standard's own
 * example is checked first. */
#include "bench.h"

#include <string.h>

#define SIZE 4096

static uint8_t sbox[256];
static uint32_t table[256], keys[44];

static uint32_t rotl(uint32_t v, int n)
{
	return v << n | v >> (32 - n);
}

static uint8_t twice(uint8_t v)
{
	return (uint8_t)(v << 1 ^ (v & 0x80 ? 0x1b : 0));
}

/* The S-box by walking the field: p is multiplied by 3, q divided by 3, so q is p's inverse. */
static void make_tables(void)
{
	uint8_t p = 1, q = 1;

	do {
		p = (uint8_t)(p ^ twice(p));
		q ^= (uint8_t)(q << 1);
		q ^= (uint8_t)(q << 2);
		q ^= (uint8_t)(q << 4);
		if (q & 0x80)
			q ^= 0x09;
		sbox[p] = (uint8_t)(0x63 ^ q ^ (uint8_t)(q << 1 | q >> 7) ^ (uint8_t)(q << 2 | q >> 6) ^
				    (uint8_t)(q << 3 | q >> 5) ^ (uint8_t)(q << 4 | q >> 4));
	} while (p != 1);
	sbox[0] = 0x63;
	for (int i = 0; i < 256; i++) {
		uint8_t s = sbox[i], s2 = twice(s);

		table[i] = (uint32_t)s2 << 24 | (uint32_t)s << 16 | (uint32_t)s << 8 | (uint8_t)(s2 ^ s);
	}
}

static uint32_t substitute(uint32_t v)
{
	return (uint32_t)sbox[v >> 24] << 24 | (uint32_t)sbox[v >> 16 & 255] << 16 | (uint32_t)sbox[v >> 8 & 255] << 8 |
	       sbox[v & 255];
}

static void expand_key(const uint32_t key[4])
{
	uint8_t round = 1;

	memcpy(keys, key, 16);
	for (int i = 4; i < 44; i++) {
		uint32_t t = keys[i - 1];

		if (i % 4 == 0) {
			t = substitute(rotl(t, 8)) ^ (uint32_t)round << 24;
			round = twice(round);
		}
		keys[i] = keys[i - 4] ^ t;
	}
}

static uint32_t mix(const uint32_t s[4], int at, uint32_t key)
{
	return table[s[at] >> 24] ^ rotl(table[s[(at + 1) & 3] >> 16 & 255], 24) ^
	       rotl(table[s[(at + 2) & 3] >> 8 & 255], 16) ^ rotl(table[s[(at + 3) & 3] & 255], 8) ^ key;
}

static uint32_t last(const uint32_t s[4], int at, uint32_t key)
{
	return substitute((s[at] & 0xff000000) | (s[(at + 1) & 3] & 0xff0000) | (s[(at + 2) & 3] & 0xff00) |
			  (s[(at + 3) & 3] & 0xff)) ^ key;
}

static void encrypt(const uint32_t in[4], uint32_t out[4])
{
	const uint32_t *k = keys + 4;
	uint32_t s[4], t[4];

	for (int i = 0; i < 4; i++)
		s[i] = in[i] ^ keys[i];
	for (int round = 1; round < 10; round++, k += 4) {
		for (int i = 0; i < 4; i++)
			t[i] = mix(s, i, k[i]);
		memcpy(s, t, sizeof(s));
	}
	for (int i = 0; i < 4; i++)
		out[i] = last(s, i, k[i]);
}

int main(int argc, char **argv)
{
	/* FIPS 197, appendix B */
	static const uint32_t key[4] = { 0x2b7e1516, 0x28aed2a6, 0xabf71588, 0x09cf4f3c };
	static const uint32_t plain[4] = { 0x3243f6a8, 0x885a308d, 0x313198a2, 0xe0370734 };
	static const uint32_t cipher[4] = { 0x3925841d, 0x02dc09fb, 0xdc118597, 0x196a0b32 };
	static uint32_t data[SIZE / 4];
	unsigned rounds = bench_size(argc, argv, 20000);
	uint32_t counter[4] = { 0x01020304 }, stream[4], seed = 7, sum = 0;

	make_tables();
	expand_key(key);
	encrypt(plain, stream);
	if (memcmp(stream, cipher, sizeof(cipher)))
		return 1;
	for (int i = 0; i < SIZE / 4; i++)
		data[i] = bench_random(&seed);
	for (unsigned r = 0; r < rounds; r++) {
		for (int i = 0; i < SIZE / 4; i += 4) {
			counter[3]++;
			encrypt(counter, stream);
			for (int k = 0; k < 4; k++)
				data[i + k] ^= stream[k];
		}
	}
	for (int i = 0; i < SIZE / 4; i++)
		sum = bench_mix(sum, data[i]);
	return bench_result("aes", sum);
}
