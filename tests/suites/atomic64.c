/* SPDX-License-Identifier: MIT
 * Atomic operations on 64 bits, which RV32 has no instructions for and compilers leave to a library (libatomic); the SDK has
 * none. One lock for all, as in there. */
#include <stdbool.h>
#include <stdint.h>

static volatile char lock;

static void enter(void)
{
	while (__atomic_test_and_set(&lock, __ATOMIC_ACQUIRE))
		;
}

static void leave(void)
{
	__atomic_clear(&lock, __ATOMIC_RELEASE);
}

#define FETCH(name, op)								\
uint64_t fetch_##name(volatile void *p, uint64_t v, int order) __asm__("__atomic_fetch_" #name "_8");	\
uint64_t fetch_##name(volatile void *p, uint64_t v, int order)			\
{										\
	uint64_t old;								\
										\
	(void)order;								\
	enter();								\
	old = *(volatile uint64_t *)p;						\
	*(volatile uint64_t *)p = op;						\
	leave();								\
	return old;								\
}

FETCH(add, old + v)
FETCH(sub, old - v)
FETCH(and, old & v)
FETCH(or, old | v)
FETCH(xor, old ^ v)

uint64_t load(const volatile void *p, int order) __asm__("__atomic_load_8");
uint64_t load(const volatile void *p, int order)
{
	uint64_t v;

	(void)order;
	enter();
	v = *(const volatile uint64_t *)p;
	leave();
	return v;
}

void store(volatile void *p, uint64_t v, int order) __asm__("__atomic_store_8");
void store(volatile void *p, uint64_t v, int order)
{
	(void)order;
	enter();
	*(volatile uint64_t *)p = v;
	leave();
}

uint64_t exchange(volatile void *p, uint64_t v, int order) __asm__("__atomic_exchange_8");
uint64_t exchange(volatile void *p, uint64_t v, int order)
{
	uint64_t old;

	(void)order;
	enter();
	old = *(volatile uint64_t *)p;
	*(volatile uint64_t *)p = v;
	leave();
	return old;
}

bool compare(volatile void *p, void *expected, uint64_t v, int yes, int no) __asm__("__atomic_compare_exchange_8");
bool compare(volatile void *p, void *expected, uint64_t v, int yes, int no)
{
	uint64_t old;
	bool same;

	(void)yes, (void)no;
	enter();
	old = *(volatile uint64_t *)p;
	same = old == *(uint64_t *)expected;
	if (same)
		*(volatile uint64_t *)p = v;
	else
		*(uint64_t *)expected = old;
	leave();
	return same;
}
