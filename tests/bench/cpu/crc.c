/* SPDX-License-Identifier: MIT
 * CRC-32 by table and CRC-16 bit by bit. */
#include "bench.h"

#define SIZE 16384

static uint32_t table[256];
static uint8_t data[SIZE];

static uint32_t crc32(uint32_t crc)
{
	crc = ~crc;
	for (int i = 0; i < SIZE; i++)
		crc = table[(crc ^ data[i]) & 255] ^ crc >> 8;
	return ~crc;
}

static uint16_t crc16(uint16_t crc)
{
	for (int i = 0; i < SIZE; i += 8) {
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (uint16_t)(crc & 1 ? crc >> 1 ^ 0xa001 : crc >> 1);
	}
	return crc;
}

int main(int argc, char **argv)
{
	unsigned rounds = bench_size(argc, argv, 4000);
	uint32_t seed = 7, crc = 0;
	uint16_t small = 0;

	for (uint32_t i = 0; i < 256; i++) {
		table[i] = i;
		for (int bit = 0; bit < 8; bit++)
			table[i] = table[i] & 1 ? table[i] >> 1 ^ 0xedb88320u : table[i] >> 1;
	}
	for (int i = 0; i < SIZE; i++)
		data[i] = (uint8_t)bench_random(&seed);
	for (unsigned r = 0; r < rounds; r++) {
		crc = crc32(crc);
		small = crc16((uint16_t)(small ^ crc));
	}
	return bench_result("crc", crc ^ small);
}
