/* SPDX-License-Identifier: MIT
 * Calls twenty deep, whose frames keep their contents while others come and go above them.
 */
#include "../stress.h"

__attribute__((noinline))
static uint32_t down(struct worker *w, uint32_t depth, uint32_t seed)
{
	volatile uint32_t frame[40];
	uint32_t sum = depth;

	for (int i = 0; i < 40; i++)
		frame[i] = seed + i * depth;
	if (depth)
		sum += down(w, depth - 1, seed * 3 + 1) + down(w, depth / 2, seed + 7) * (depth == 20);
	for (int i = 0; i < 40; i++)
		if (frame[i] != seed + i * depth)
			stress_fail(w, "a frame %lu deep has changed", (unsigned long)depth);
	return sum;
}

enum stress_status stress_stack(struct worker *w)
{
	while (stress_go(w)) {
		if (down(w, 20, stress_random(w)) != 210 + 55)
			stress_fail(w, "calls came back with a wrong sum");
		stress_bogo(w);
	}
	return STRESS_PASSED;
}
