/* SPDX-License-Identifier: MIT */
#include "programs.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int counter = 1;
static int add(int a, int b) { counter += 10; return a + b; }
int m_sub(int a, int b) { return a - b; }
int *m_where(void) { return &counter; }
int o_weak(int n) { return n * 3; }

__attribute__((constructor(200))) static void first(void) { o_order[o_orders++] = 1; }
__attribute__((constructor(202))) static void third(void) { o_order[o_orders++] = 3; }
static void at_end(void) { printf("at exit: %d\n", counter); }
__attribute__((destructor)) static void last(void) { puts("destructor"); }

static void data(void)
{
	int *p = o_zero + 3;

	o_data++;
	*p = o_data;
	o_zero[5] = 55;
	o_deep.in[2].y[1] += o_deep.in[3].z;
	printf("data: %d %d %d %s %d %d %d %td\n", o_data, o_zero[3], o_constant[6], o_names[2], *o_pointers[0], *o_pointers[1],
	       o_deep.in[2].y[1], (char *)&o_deep.in[1].z - (char *)&o_deep);
}

static void functions(void)
{
	int sum = 0;

	for (int i = 0; i < 8; i++)
		sum = sum * 3 + o_pick(i)(i + 5, 3);
	printf("alias: %d\n", o_data_alias);
	printf("functions: %d %d %d equal %d %d %d %d\n", sum, o_counter(), counter, o_pick(2) == m_sub, o_pick(3) == o_add,
	       o_alias == o_add, o_pick(0) == add);
	printf("weak: %d %d %d\n", o_weak(5), o_missing ? o_missing(1) : -1, &o_missing_data ? o_missing_data : -2);
}

/* the same programs of three kinds of interpreter */
enum { PUSH, ADD, MUL, DUP, DEC, JNZ, SWAP, POP, HALT };
static unsigned stack[32], *top;
static const int *pc;
static void op_push(void) { *++top = (unsigned)*pc++; }
static void op_add(void) { top[-1] += top[0]; top--; }
static void op_mul(void) { top[-1] *= top[0]; top--; }
static void op_dup(void) { top[1] = top[0]; top++; }
static void op_dec(void) { --*top; }
static void op_jnz(void) { pc = *top-- ? pc + *pc : pc + 1; }
static void op_swap(void) { unsigned t = top[0]; top[0] = top[-1]; top[-1] = t; }
static void op_pop(void) { top--; }
static void (*const operations[])(void) = {op_push, op_add, op_mul, op_dup, op_dec, op_jnz, op_swap, op_pop};
static const int code[] = {PUSH, 1, PUSH, 12, /* 4: */ DUP, PUSH, 3, ADD, POP, SWAP, PUSH, 7, MUL, PUSH, 5, ADD, SWAP, DEC, DUP, JNZ, -16, POP, HALT};

static unsigned by_pointer(void)
{
	pc = code;
	top = stack;
	while (*pc != HALT)
		operations[*pc++]();
	return *top;
}

static unsigned by_switch(const int *at)
{
	unsigned s[32], *t = s;

	for (;;)
		switch (*at++) {
		case PUSH: *++t = (unsigned)*at++; break;
		case ADD: t[-1] += t[0]; t--; break;
		case MUL: t[-1] *= t[0]; t--; break;
		case DUP: t[1] = t[0]; t++; break;
		case DEC: --*t; break;
		case JNZ: at = *t-- ? at + *at : at + 1; break;
		case SWAP: { unsigned x = t[0]; t[0] = t[-1]; t[-1] = x; break; }
		case POP: t--; break;
		default: return *t;
		}
}

static unsigned by_goto(const int *at)
{
	static const void *const labels[] = {&&push, &&plus, &&times, &&dup, &&dec, &&jnz, &&swap, &&pop, &&halt};
	unsigned s[32], *t = s;

#define NEXT goto *labels[*at++]
	NEXT;
push:	*++t = (unsigned)*at++; NEXT;
plus:	t[-1] += t[0]; t--; NEXT;
times:	t[-1] *= t[0]; t--; NEXT;
dup:	t[1] = t[0]; t++; NEXT;
dec:	--*t; NEXT;
jnz:	at = *t-- ? at + *at : at + 1; NEXT;
swap:	{ unsigned x = t[0]; t[0] = t[-1]; t[-1] = x; } NEXT;
pop:	t--; NEXT;
halt:	return *t;
}

static int up(const void *a, const void *b) { return (*(const int *)a > *(const int *)b) - (*(const int *)a < *(const int *)b); }
static int down(const void *a, const void *b) { return up(b, a); }

static void sorting(void)
{
	int v[50], key = 0;
	unsigned x = 12345;
	int (*volatile compare[])(const void *, const void *) = {up, down};

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 50; i++)
			v[i] = (int)((x = x * 1103515245 + 12345) >> 16 & 0x3ff);
		qsort(v, 50, sizeof *v, compare[round]);
		key = v[17];
		printf("sorted: %d %d %d %d %d\n", v[0], v[1], v[25], v[49], (int)((int *)bsearch(&key, v, 50, sizeof *v, compare[round]) - v) / 5);
	}
}

static void arguments(void)
{
	int (*volatile many)(int, int, int, int, int, int, int, int, int, int, int) = o_many;
	double (*volatile sum)(int, ...) = o_sum;
	long long (*volatile longs)(int, long long, int, long long, double, float, long long, int) = o_long;
	struct big (*volatile big)(struct big, struct pair, int) = o_big;
	struct mixed (*volatile mixed)(struct mixed, double, struct pair) = o_mixed;
	float (*volatile floats)(float, float, float, float, float, float, float, float, float, float, double) = o_floats;
	int (*volatile print)(const char *, ...) = printf;
	struct big b = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}};
	struct mixed m = {3, 1.25, 400};

	print("many: %d %d %d\n", many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), o_call_many(o_many), o_call_many(many));
	print("variadic: %.6f %.6f\n", sum(3, 1, 2.5, 3LL, 4, 5.5, 6LL, 7, 8.5, 9LL), o_sum(2, 10, 0.125, -3LL, 11, 0.25, 1LL << 40));
	print("long: %lld %lld\n", longs(1, 1LL << 33, 3, -5, 1e9, 2.5f, 7, 8), o_long(1, 2, 3, 4, 5, 6, 7, 8));
	b = big(b, (struct pair){4, 9}, 100);
	m = mixed(m, 3.5, (struct pair){1, 2});
	print("structs: %d %d %d %.4f %d\n", b.v[0], b.v[11], m.c, m.d, m.s);
	print("floats: %.3f %s %d %d %d %d %d %d %d %d\n", floats(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0.5), "x", 1, 2, 3, 4, 5, 6, 7, 8);
}

static jmp_buf place;
static int depth;
static void fall(int n, void (*next)(int, void *)) { depth = n; if (n == 0) longjmp(place, 42); next(n - 1, (void *)next); }
static void falling(int n, void *self) { fall(n, (void (*)(int, void *))self); }

static void jumps(void)
{
	volatile int before = o_data;
	int got = setjmp(place);

	if (!got)
		fall(20, falling);
	printf("setjmp: %d %d %d\n", got, depth, before == o_data);
	if (got == 42)
		longjmp(place, 43);
}

static __thread int own_local = 5;
static __thread char own_local_zero[100];
static void *in_thread(void *p)
{
	o_local += 10;
	own_local += *(int *)p;
	o_local_zero[2] = own_local;
	own_local_zero[50]++;
	printf("thread: %d %d %d %d\n", o_local, own_local, o_local_zero[2], own_local_zero[50]);
	return &o_data;
}

static void threads(void)
{
	pthread_t t;
	void *result;
	int n = 3;

	in_thread(&n);
	if (pthread_create(&t, NULL, in_thread, &n) || pthread_join(t, &result))
		puts("no thread");
	else
		printf("joined: %d\n", result == &o_data);
}

struct tree { struct tree *left, *right; int key; };
static struct tree *insert(struct tree *t, int key)
{
	if (!t) {
		t = calloc(1, sizeof *t);
		if (t)
			t->key = key;
	} else if (key < t->key) {
		t->left = insert(t->left, key);
	} else {
		t->right = insert(t->right, key);
	}
	return t;
}
static int walk(struct tree *t, void (*visit)(int))
{
	int n;

	if (!t)
		return 0;
	n = walk(t->left, visit);
	visit(t->key);
	n += 1 + walk(t->right, visit);
	free(t);
	return n;
}
static uint32_t sum;
static void visit(int key) { sum = sum * 31 + (uint32_t)key; }

static void trees(void)
{
	struct tree *t = NULL;
	int n;

	for (int i = 0; i < 500; i++)
		t = insert(t, i * 7919 % 1009);
	n = walk(t, visit);
	printf("tree: %d %u\n", n, sum);
}

static int queens(int n, unsigned columns, unsigned left, unsigned right)
{
	unsigned all = (1u << n) - 1, free_ones = all & ~(columns | left | right);
	int found = columns == all;

	while (free_ones) {
		unsigned bit = free_ones & -free_ones;

		free_ones -= bit;
		found += queens(n, columns | bit, (left | bit) << 1, (right | bit) >> 1);
	}
	return found;
}

static const char *name(int n)
{
	switch (n) {
	case 0: return "zero"; case 1: return "one"; case 2: return "two"; case 3: return "three"; case 4: return "four"; case 5: return "five";
	default: return o_names[n % 3];
	}
}

static void strings(void)
{
	char text[200] = "", word[20], *rest = text;

	for (int i = 0; i < 9; i++)
		strcat(strcat(text, name(i)), " ");
	for (char *w; (w = strsep(&rest, " ")) && *w;) {
		snprintf(word, sizeof word, "<%s:%zu>", w, strlen(w));
		fputs(word, stdout);
	}
	printf(" %d %.3f %s\n", (int)strtol("0x7f", NULL, 0), strtod("2.5e3", NULL), strchr("path/name", '/') + 1);
}

int main(int argc, char **argv)
{
	atexit(at_end);
	data();
	functions();
	printf("interpreters: %u %u %u\n", by_pointer(), by_switch(code), by_goto(code));
	sorting();
	arguments();
	jumps();
	threads();
	trees();
	strings();
	printf("queens: %d, constructors:", queens(7, 0, 0, 0));
	for (int i = 0; i < o_orders; i++)
		printf(" %d", o_order[i]);
	printf(", %d %s\n", argc, argv[1]);
	return 7;
}
