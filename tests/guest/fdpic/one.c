/* SPDX-License-Identifier: MIT */
#include "shared.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int one_counter = 5;
__thread int one_tls = 77;
__thread char one_tls_zero[100];
int one_signalled;
static int ctors;
static int hidden_counter = 3;

const char *const one_names[] = { "zero", "one", "two" };

__attribute__((constructor)) static void begin(void) { ctors++; }
__attribute__((constructor)) static void begin_again(void) { ctors++; }
__attribute__((destructor)) static void end(void) { printf("# one ends\n"); }

int one_ctors(void) { return ctors; }
int one_add(int a, int b) { return a + b; }
__attribute__((visibility("hidden"))) int one_hidden(int a, int b) { return a * b + hidden_counter; }
static int subtract(int a, int b) { return a - b + hidden_counter - 3; }

binary *one_table[3] = { one_add, one_hidden, subtract };

binary *one_own_add(void) { return one_add; }
int one_apply(binary *f, int a, int b) { return f(a, b) + one_counter; }

long one_many(int a, int b, int c, int d, int e, int f, int g, int h, int i, double x, long long l, int last)
{
	one_counter++;
	return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + (long)(x * 10) + (long)(l >> 32) + last;
}

long one_call_many(many *f)
{
	return f(1, 2, 3, 4, 5, 6, 7, 8, 9, 1.5, 0x300000001LL, 100) + one_counter;
}

struct big one_grow(struct big s, int n)
{
	s.a += n;
	s.d *= n;
	strcat(s.text, "+");
	return s;
}

int one_call_grow(grow *f)
{
	struct big s = f((struct big){ 1, 2, 3, 4.5, "text" }, 2);

	return s.a + s.b + s.c + (int)s.d + (int)strlen(s.text);
}

int one_vsum(int count, va_list ap)
{
	int total = 0;

	while (count-- > 0)
		total += va_arg(ap, int);
	return total;
}

int one_sum(int count, ...)
{
	va_list ap;

	va_start(ap, count);
	int total = one_vsum(count, ap);
	va_end(ap);
	return total;
}

int one_call_sum(sum *f) { return f(12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12); }

void one_throw(jmp_buf jb, int value) { longjmp(jb, value); }

int one_catch(void (*thrower)(jmp_buf *))
{
	jmp_buf jb;
	volatile int before = one_counter;
	int value = setjmp(jb);

	if (!value)
		thrower(&jb);
	return value * 1000 + before - one_counter;
}

static int sort_calls;

static int compare(const void *a, const void *b)
{
	sort_calls++;
	return *(const int *)a - *(const int *)b;
}

int one_sort_calls(void)
{
	int v[] = { 9, 1, 8, 2, 7, 3, 6, 4, 5 };

	qsort(v, 9, sizeof *v, compare);
	for (int i = 0; i < 9; i++)
		if (v[i] != i + 1)
			return -1;
	return sort_calls;
}

int *one_static_counter(void) { static int counter; return &counter; }
int one_next(int n) { return n > 10 ? n : two_next(n + 1); }

static void *thread(void *arg)
{
	int *n = arg;

	one_tls += *n;
	one_tls_zero[99] = 1;
	*n = one_tls;
	return n;
}

int one_thread(int n)
{
	pthread_t t;
	void *result;

	if (pthread_create(&t, NULL, thread, &n) || pthread_join(t, &result) || result != &n)
		return -1;
	return n;
}

static void handler(int sig) { one_signalled += sig; one_counter++; }

int one_signal(int sig)
{
	struct sigaction sa = { .sa_handler = handler };

	return sigaction(sig, &sa, NULL) || raise(sig);
}

void *one_return_address(void) { return __builtin_return_address(0); }
