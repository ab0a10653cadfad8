/* SPDX-License-Identifier: MIT
 * Products of matrices of integers, checked by a vector: (A B) v is A (B v).
 */
#include "../stress.h"

#define N 16

struct matrix { uint32_t at[N][N]; };

static void multiply(struct matrix *to, const struct matrix *a, const struct matrix *b)
{
	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++) {
			uint32_t sum = 0;

			for (int k = 0; k < N; k++)
				sum += a->at[i][k] * b->at[k][j];
			to->at[i][j] = sum;
		}
}

static void apply(uint32_t to[N], const struct matrix *a, const uint32_t v[N])
{
	for (int i = 0; i < N; i++) {
		to[i] = 0;
		for (int j = 0; j < N; j++)
			to[i] += a->at[i][j] * v[j];
	}
}

enum stress_status stress_matrix(struct worker *w)
{
	struct matrix a, b, c;
	uint32_t v[N], bv[N], abv[N], cv[N];

	while (stress_go(w)) {
		for (int i = 0; i < N; i++) {
			v[i] = stress_random(w);
			for (int j = 0; j < N; j++)
				a.at[i][j] = stress_random(w), b.at[i][j] = stress_random(w);
		}
		multiply(&c, &a, &b);
		apply(bv, &b, v);
		apply(abv, &a, bv);
		apply(cv, &c, v);
		if (memcmp(abv, cv, sizeof cv))
			stress_fail(w, "a product is wrong");
		stress_bogo(w);
	}
	return STRESS_PASSED;
}
