/* SPDX-License-Identifier: MIT
 * The Mandelbrot set in fixed point of 32 bits: multiplication, shifts and a loop that ends when it will. */
#include "bench.h"

#define WIDTH 160
#define HEIGHT 100
#define LIMIT 200
#define BITS 12			/* of fraction; |x|, |y| < 2^3, so that a product fits */

static unsigned escape(int32_t cx, int32_t cy)
{
	int32_t x = 0, y = 0;
	unsigned n;

	for (n = 0; n < LIMIT; n++) {
		int32_t xx = x * x >> BITS, yy = y * y >> BITS;

		if (xx + yy > 4 << BITS)
			break;
		y = (x * y >> (BITS - 1)) + cy;
		x = xx - yy + cx;
	}
	return n;
}

int main(int argc, char **argv)
{
	unsigned rounds = bench_size(argc, argv, 120);
	uint32_t sum = 0;

	for (unsigned r = 0; r < rounds; r++) {
		for (int py = 0; py < HEIGHT; py++) {
			for (int px = 0; px < WIDTH; px++) {
				int32_t cx = (px * (3 << BITS)) / WIDTH - (2 << BITS) - (int32_t)(r & 63);
				int32_t cy = (py * (2 << BITS)) / HEIGHT - (1 << BITS);

				sum = bench_mix(sum, escape(cx, cy));
			}
		}
	}
	return bench_result("mandel", sum);
}
