/* SPDX-License-Identifier: MIT */
#include "programs.h"

int o_data = 41, o_zero[64];
const int o_constant[8] = {1, 1, 2, 3, 5, 8, 13, 21};
const char *const o_names[3] = {"ape", "bee", "cat"};
int *const o_pointers[3] = {&o_data, o_zero + 5, 0};
struct deep o_deep = {1, {{{2, 3, 4}, 5}, {{6, 7, 8}, 9}, {{10, 11, 12}, 13}, {{14, 15, 16}, 17}}};
__thread int o_local = 7;
__thread int o_local_zero[4];
volatile int o_order[8], o_orders;

static int counter = 100;
static int add(int a, int b) { counter++; return a + b + 1000; }
static int mul(int a, int b) { counter += 2; return a * b; }
static const binary table[] = {add, mul, m_sub, o_add};

int o_add(int a, int b) { return a + b; }
int o_alias(int a, int b) __attribute__((alias("o_add")));
extern int o_data_alias __attribute__((alias("o_data")));
int o_counter(void) { return counter; }
binary o_pick(int n) { return table[n & 3]; }

__attribute__((constructor(201))) static void second(void) { o_order[o_orders++] = 2; }
__attribute__((constructor)) static void late(void) { o_order[o_orders++] = 5; }

int o_call_many(int (*f)(int, int, int, int, int, int, int, int, int, int, int))
{
	return f(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) + f(11, 10, 9, 8, 7, 6, 5, 4, 3, 2, *m_where());
}

int o_many(int a, int b, int c, int d, int e, int f, int g, int h, int i, int j, int k)
{
	return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j + 11 * k;
}

double o_vsum(int n, va_list list)
{
	double sum = 0;

	while (n--)
		sum = sum * 1.5 + va_arg(list, int) + va_arg(list, double) + (double)va_arg(list, long long);
	return sum;
}

double o_sum(int n, ...)
{
	va_list list;
	double sum;

	va_start(list, n);
	sum = o_vsum(n, list);
	va_end(list);
	return sum;
}

long long o_long(int a, long long b, int c, long long d, double e, float f, long long g, int h)
{
	return a + 3 * b - c + 5 * d + (long long)e + (long long)f - 7 * g + h;
}

struct big o_big(struct big x, struct pair y, int n)
{
	for (int i = 0; i < 12; i++)
		x.v[i] += i * y.a - y.b + n;
	return x;
}

struct mixed o_mixed(struct mixed x, double d, struct pair p)
{
	return (struct mixed){(char)(x.c + p.a), x.d * d, (short)(x.s - p.b)};
}

float o_floats(float a, float b, float c, float d, float e, float f, float g, float h, float i, float j, double k)
{
	return a - b + c - d + e - f + g - h + i - j + (float)k;
}

__attribute__((weak)) int o_weak(int n) { return -n; }
