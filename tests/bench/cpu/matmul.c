/* SPDX-License-Identifier: MIT
 * Integer matrix multiplication. */
#include "bench.h"

#define N 96

static int32_t a[N][N], b[N][N], c[N][N];

static void multiply(void)
{
	for (int i = 0; i < N; i++) {
		for (int j = 0; j < N; j++) {
			int32_t sum = 0;

			for (int k = 0; k < N; k++)
				sum += a[i][k] * b[k][j];
			c[i][j] = sum;
		}
	}
}

int main(int argc, char **argv)
{
	unsigned rounds = bench_size(argc, argv, 600);
	uint32_t seed = 99, sum = 0;

	for (int i = 0; i < N * N; i++) {
		a[i / N][i % N] = (int32_t)(bench_random(&seed) >> 20);
		b[i / N][i % N] = (int32_t)(bench_random(&seed) >> 20);
	}
	for (unsigned r = 0; r < rounds; r++) {
		multiply();
		for (int i = 0; i < N; i++) {
			sum = bench_mix(sum, (uint32_t)c[i][(i + (int)r) % N]);
			a[i][(int)r % N] += c[i][i] >> 8 & 15;
		}
	}
	return bench_result("matmul", sum);
}
