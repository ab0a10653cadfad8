/* SPDX-License-Identifier: MIT
 *
 * libatomic, which compilers call for atomic operations that RV32 has no instructions for: those on 8 bytes and on structures.
 * The names and arguments are those of GCC's documented library interface.  It is in libc, as the other libraries are whose archives
 * musl leaves empty: so all modules of a program that has shared libraries have the same locks.
 *
 * Each operation holds a lock that its address chooses, unless the size has instructions after all.  As anywhere, what needs a lock
 * is not atomic between processes, nor to be used by a signal handler on what the interrupted program uses.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "lock.h"

enum { LOCKS = 32, SEQ = __ATOMIC_SEQ_CST };

static volatile int locks[LOCKS];

static volatile int *lock_of(const volatile void *p)
{
	return &locks[((uintptr_t)p >> 3) % LOCKS];
}

static int needs_lock(size_t size, const volatile void *p)
{
	return (size != 1 && size != 2 && size != 4) || (uintptr_t)p % size;
}

/* Clang knows these names, and wants no definitions of them. */
#define NAMED(name) __asm__("__atomic_" #name)

/* What a size without a lock does: do_this(type), which returns. */
#define WITHOUT_LOCK(do_this)			\
	if (!needs_lock(size, p))		\
		switch (size) {			\
		case 1: do_this(uint8_t)	\
		case 2: do_this(uint16_t)	\
		default: do_this(uint32_t)	\
		}

/* --- Objects of a size that the call says --- */

_Bool is_lock_free(size_t size, const volatile void *p) NAMED(is_lock_free);
void load(size_t size, const volatile void *p, void *out, int order) NAMED(load);
void store(size_t size, volatile void *p, const void *value, int order) NAMED(store);
void exchange(size_t size, volatile void *p, const void *value, void *out, int order) NAMED(exchange);
_Bool compare_exchange(size_t size, volatile void *p, void *expected, const void *value, int yes, int no) NAMED(compare_exchange);

_Bool is_lock_free(size_t size, const volatile void *p)
{
	return !needs_lock(size, p);
}

void load(size_t size, const volatile void *p, void *out, int order)
{
#define LOAD(type) *(type *)out = __atomic_load_n((const volatile type *)p, SEQ); return;
	WITHOUT_LOCK(LOAD)
	LOCK(lock_of(p));
	memcpy(out, (const void *)p, size);
	UNLOCK(lock_of(p));
}

void store(size_t size, volatile void *p, const void *value, int order)
{
#define STORE(type) __atomic_store_n((volatile type *)p, *(const type *)value, SEQ); return;
	WITHOUT_LOCK(STORE)
	LOCK(lock_of(p));
	memcpy((void *)p, value, size);
	UNLOCK(lock_of(p));
}

void exchange(size_t size, volatile void *p, const void *value, void *out, int order)
{
#define EXCHANGE(type) *(type *)out = __atomic_exchange_n((volatile type *)p, *(const type *)value, SEQ); return;
	WITHOUT_LOCK(EXCHANGE)
	LOCK(lock_of(p));
	memcpy(out, (const void *)p, size);
	memcpy((void *)p, value, size);
	UNLOCK(lock_of(p));
}

_Bool compare_exchange(size_t size, volatile void *p, void *expected, const void *value, int yes, int no)
{
	_Bool same;

#define COMPARE(type) return __atomic_compare_exchange_n((volatile type *)p, (type *)expected, *(const type *)value, 0, SEQ, SEQ);
	WITHOUT_LOCK(COMPARE)
	LOCK(lock_of(p));
	same = !memcmp((const void *)p, expected, size);
	if (same)
		memcpy((void *)p, value, size);
	else
		memcpy(expected, (const void *)p, size);
	UNLOCK(lock_of(p));
	return same;
}

/* --- 8 bytes --- */

uint64_t load_8(const volatile void *p, int order) NAMED(load_8);
void store_8(volatile void *p, uint64_t value, int order) NAMED(store_8);
uint64_t exchange_8(volatile void *p, uint64_t value, int order) NAMED(exchange_8);
_Bool compare_exchange_8(volatile void *p, void *expected, uint64_t value, int yes, int no) NAMED(compare_exchange_8);

uint64_t load_8(const volatile void *p, int order)
{
	uint64_t value;

	load(8, p, &value, order);
	return value;
}

void store_8(volatile void *p, uint64_t value, int order)
{
	store(8, p, &value, order);
}

uint64_t exchange_8(volatile void *p, uint64_t value, int order)
{
	uint64_t old;

	exchange(8, p, &value, &old, order);
	return old;
}

_Bool compare_exchange_8(volatile void *p, void *expected, uint64_t value, int yes, int no)
{
	return compare_exchange(8, p, expected, &value, yes, no);
}

/* The value before, and the value after. */
#define FETCH(name, result)								\
uint64_t fetch_##name(volatile void *p, uint64_t v, int order) NAMED(fetch_##name##_8);	\
uint64_t name##_fetch(volatile void *p, uint64_t v, int order) NAMED(name##_fetch_8);	\
uint64_t fetch_##name(volatile void *p, uint64_t v, int order)				\
{											\
	uint64_t old;									\
											\
	LOCK(lock_of(p));								\
	old = *(volatile uint64_t *)p;							\
	*(volatile uint64_t *)p = result;						\
	UNLOCK(lock_of(p));								\
	return old;									\
}											\
uint64_t name##_fetch(volatile void *p, uint64_t v, int order)				\
{											\
	uint64_t old = fetch_##name(p, v, order);					\
											\
	return result;									\
}

FETCH(add, old + v)
FETCH(sub, old - v)
FETCH(and, old & v)
FETCH(or, old | v)
FETCH(xor, old ^ v)
FETCH(nand, ~(old & v))
