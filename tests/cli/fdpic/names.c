/* SPDX-License-Identifier: MIT
 * A function has one address, whatever it is called and whoever takes it; the library's half with -DLIBRARY. */
#include <dlfcn.h>
#include <stdio.h>

typedef int function(void);

int one(void), two(void), three(void);
void ask_library(function *out[5]);

#ifdef LIBRARY
static int counter = 40;

int one(void) { return ++counter; }
int two(void) __attribute__((alias("one")));
int three(void) __attribute__((weak, alias("one")));
int four(void) __attribute__((visibility("hidden"), alias("one")));
static int five(void) __attribute__((alias("one")));

static function *const table[] = { one, two, three, four, five };	/* in data; below in code */

void ask_library(function *out[5])
{
	for (int i = 0; i < 5; i++)
		if (table[i] != out[i])
			printf("in the library's data %d is %p, not %p\n", i, (void *)table[i], (void *)out[i]);
	out[0] = one;
	out[1] = two;
	out[2] = three;
	out[3] = four;
	out[4] = five;
}
#else
int twice(void) { return 2; }
static int second(void) __attribute__((alias("twice")));
int hidden(void) __attribute__((visibility("hidden"), alias("twice")));

int main(void)
{
	/* (Compilers take it that the names of two functions are not equal.) */
	function *volatile first = one, *out[5] = { first, two, three, first, first };
	function *volatile a = second, *volatile b = hidden, *volatile c = twice, *seen = (function *)dlsym(RTLD_DEFAULT, "twice");
	int bad = 0;

	ask_library(out);
	for (int i = 0; i < 5; i++)
		bad += out[i] != first;
	bad += dlsym(RTLD_DEFAULT, "two") != (void *)first;
	/* In this file, with a name that others see (-rdynamic), too. */
	bad += a != c || b != c || (seen && seen != c);
	bad += one() != 41 || out[4]() != 42 || two() != 43 || a() != 2;
	printf("%d bad\n", bad);
	return bad;
}
#endif
