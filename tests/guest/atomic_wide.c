/* SPDX-License-Identifier: MIT
 * Atomic operations that RV32 has no instructions for, and that libc does (libatomic): on 8 bytes, and on structures.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include "tap.h"

#pragma clang diagnostic ignored "-Watomic-alignment"	/* that is what is tested */

enum { THREADS = 8, ROUNDS = 4000 };

struct wide { uint32_t a, b, c, d; };		/* without padding, which would be compared, too */

static _Atomic uint64_t sum, bits, most;
static _Atomic struct wide twins;
static _Atomic uint8_t narrow[4];
static atomic_int torn;

/* Whether the compiler knows the size or not. */
static void halves(void)
{
	static _Atomic uint64_t v = 0x1122334455667788;
	uint64_t want = 1;

	tap_ok(atomic_load(&v) == 0x1122334455667788, "load");
	atomic_store(&v, 0xffffffff);
	tap_ok(atomic_fetch_add(&v, 1) == 0xffffffff && atomic_load(&v) == 0x100000000, "fetch_add carries");
	tap_ok(atomic_fetch_sub(&v, 1) == 0x100000000 && atomic_load(&v) == 0xffffffff, "fetch_sub borrows");
	tap_ok(atomic_fetch_or(&v, 1ull << 63) == 0xffffffff && atomic_fetch_and(&v, ~0xffull) == 0x80000000ffffffff, "fetch_or, fetch_and");
	tap_ok(atomic_fetch_xor(&v, 1ull << 63) == 0x80000000ffffff00 && atomic_load(&v) == 0xffffff00, "fetch_xor");
	tap_ok(atomic_exchange(&v, 5) == 0xffffff00, "exchange");
	tap_ok(!atomic_compare_exchange_strong(&v, &want, 7) && want == 5 && atomic_load(&v) == 5, "compare_exchange: another value");
	tap_ok(atomic_compare_exchange_strong(&v, &want, 1ull << 40) && atomic_load(&v) == 1ull << 40, "and the right one");
	tap_ok(__atomic_nand_fetch((uint64_t *)&v, ~0ull, __ATOMIC_SEQ_CST) == ~(1ull << 40), "nand_fetch");
	tap_ok(!atomic_is_lock_free(&v) && atomic_is_lock_free(&torn), "what is free of locks");
}

static void structures(void)
{
	struct wide one = { 1, 2, 3, 4 }, two = { 5, 6, 7, 8 }, got;

	atomic_store(&twins, one);
	got = atomic_load(&twins);
	tap_ok(!memcmp(&got, &one, sizeof got), "store and load of 16 bytes");
	got = atomic_exchange(&twins, two);
	tap_ok(!memcmp(&got, &one, sizeof got), "exchange");
	got = one;
	tap_ok(!atomic_compare_exchange_strong(&twins, &got, one) && !memcmp(&got, &two, sizeof got), "compare_exchange: another value");
	tap_ok(atomic_compare_exchange_strong(&twins, &got, (struct wide){ 0 }), "and the right one");
}

static void *work(void *arg)
{
	unsigned me = (unsigned)(uintptr_t)arg;

	for (unsigned i = 0; i < ROUNDS; i++) {
		uint64_t seen = atomic_load(&most), mine = ((uint64_t)i << 32 | i) * THREADS + me;
		struct wide w = atomic_load(&twins), next = { w.a + 1, w.b + 1, w.c + 1, 0 };

		atomic_fetch_add(&sum, 0x80000001);
		atomic_fetch_xor(&bits, 1ull << (me + 24));
		while (seen < mine && !atomic_compare_exchange_weak(&most, &seen, mine))
			;
		while (!atomic_compare_exchange_weak(&twins, &w, next))
			next = (struct wide){ w.a + 1, w.b + 1, w.c + 1, 0 };
		if (w.a != w.b || w.b != w.c)
			atomic_fetch_add(&torn, 1);
		atomic_fetch_add(&narrow[me % 4], 1);
		if (i % 64 == 0)
			sched_yield();
	}
	return NULL;
}

static void threads(void)
{
	pthread_t t[THREADS];
	struct wide w;

	for (uintptr_t i = 0; i < THREADS; i++)
		if (pthread_create(&t[i], NULL, work, (void *)i))
			tap_diag("pthread_create");
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	w = atomic_load(&twins);
	tap_ok(atomic_load(&sum) == (uint64_t)THREADS * ROUNDS * 0x80000001, "sums of threads");
	tap_ok(atomic_load(&bits) == 0, "bits of threads");
	tap_ok(atomic_load(&most) == ((uint64_t)(ROUNDS - 1) << 32 | (ROUNDS - 1)) * THREADS + THREADS - 1, "their maximum");
	tap_ok(w.a == THREADS * ROUNDS && w.b == w.a && w.c == w.a && !torn, "structures are never torn");
	tap_ok(narrow[0] == (uint8_t)(2 * ROUNDS) && narrow[3] == narrow[0], "bytes beside each other");
}

int main(void)
{
	tap_plan(0);
	halves();
	structures();
	threads();
	return tap_done();
}
