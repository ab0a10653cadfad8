/* SPDX-License-Identifier: MIT
 * Two threads count, swap and set bits in the same words: nothing of it may get lost.
 */
#include "../stress.h"

#define ROUNDS 224		/* each of 16 bits is turned an even number of times */

struct shared {
	_Atomic uint32_t sum, bits, swapped;
	_Atomic uint16_t half;
	_Atomic uint8_t byte;
	atomic_flag lock;
	uint32_t locked;		/* by lock */
};

static void count(struct shared *s, uint32_t odd)
{
	for (uint32_t i = 0; i < ROUNDS; i++) {
		uint32_t old = s->swapped;

		s->sum += i;
		s->half += 3;
		s->byte += 5;
		s->bits ^= 1u << (2 * (i % 16) + odd);
		while (!atomic_compare_exchange_weak(&s->swapped, &old, old * 3 + 1))
			;
		while (atomic_flag_test_and_set_explicit(&s->lock, memory_order_acquire))
			;
		s->locked++;
		atomic_flag_clear_explicit(&s->lock, memory_order_release);
	}
}

static void *other(void *arg)
{
	count(arg, 1);
	return NULL;
}

static uint32_t chain(uint32_t n)
{
	uint32_t x = 0;

	while (n--)
		x = x * 3 + 1;
	return x;
}

enum stress_status stress_atomic(struct worker *w)
{
	struct shared s;
	pthread_t t;

	while (stress_go(w)) {
		memset(&s, 0, sizeof s);
		if (!stress_thread(&t, other, &s)) {
			if (!w->done || !stress_short(w))
				return stress_errno(w, "pthread_create");
			continue;
		}
		count(&s, 0);
		pthread_join(t, NULL);
		if (s.sum != ROUNDS * (ROUNDS - 1) || s.half != 6 * ROUNDS || s.byte != (uint8_t)(10 * ROUNDS) ||
		    s.swapped != chain(2 * ROUNDS) || s.locked != 2 * ROUNDS ||
		    s.bits)
			stress_fail(w, "a sum is wrong");
		stress_bogo(w);
	}
	return STRESS_PASSED;
}
