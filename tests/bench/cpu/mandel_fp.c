/* SPDX-License-Identifier: MIT
 * The Mandelbrot set in double and in single precision. */
#include "bench.h"

#define WIDTH 160
#define HEIGHT 100
#define LIMIT 200

static unsigned escape_double(double cx, double cy)
{
	double x = 0, y = 0;
	unsigned n;

	for (n = 0; n < LIMIT; n++) {
		double xx = x * x, yy = y * y;

		if (xx + yy > 4.0)
			break;
		y = 2 * x * y + cy;
		x = xx - yy + cx;
	}
	return n;
}

static unsigned escape_single(float cx, float cy)
{
	float x = 0, y = 0;
	unsigned n;

	for (n = 0; n < LIMIT; n++) {
		float xx = x * x, yy = y * y;

		if (xx + yy > 4.0f)
			break;
		y = 2 * x * y + cy;
		x = xx - yy + cx;
	}
	return n;
}

int main(int argc, char **argv)
{
	unsigned rounds = bench_size(argc, argv, 8);
	uint32_t sum = 0;

	for (unsigned r = 0; r < rounds; r++) {
		for (int py = 0; py < HEIGHT; py++) {
			for (int px = 0; px < WIDTH; px++) {
				double cx = px * 3.0 / WIDTH - 2.0 - r * 0.001, cy = py * 2.0 / HEIGHT - 1.0;

				sum = bench_mix(sum, escape_double(cx, cy));
				sum += escape_single((float)px * 0.015625f - 2.0f, (float)py * 0.015625f - 0.75f);
			}
		}
	}
	return bench_result("mandel_fp", sum);
}
