/* SPDX-License-Identifier: MIT
 * System programming in the mixture Dhrystone made known: small procedures, records that are copied and linked,
 * enumerations, strings of thirty characters. */
#include "bench.h"

#include <string.h>

enum kind { PART, TOOL, FLUID, KINDS };

struct record {
	struct record *next;
	enum kind kind;
	int32_t price, stock;
	char title[31];
};

static struct record pool[2];
static int32_t shelf[50], ledger[50][50];
static int32_t total;
static char mark;
static int busy;

/* Procedures of their own, as in a program of many files. */
#define PROCEDURE __attribute__((noinline)) static

PROCEDURE enum kind other_kind(enum kind k, int32_t stock)
{
	switch (k) {
	case PART:
		return stock > 100 ? TOOL : FLUID;
	case TOOL:
		return FLUID;
	default:
		return PART;
	}
}

PROCEDURE int32_t add_fee(int32_t price, int32_t fee)
{
	return price + fee + 2;
}

PROCEDURE int same_letter(char a, char b)
{
	char copy = a;

	if (copy != b)
		return 0;
	mark = copy;
	return 1;
}

PROCEDURE int later(const char *a, const char *b)
{
	int at = 2;

	while (at < 20 && !same_letter(a[at], b[at + 1]))
		at++;
	if (mark >= 'W' && mark < 'Z')
		at = 7;
	if (strcmp(a, b) > 0) {
		total += at;
		return 1;
	}
	return 0;
}

PROCEDURE void book(int32_t row, int32_t value)
{
	int32_t at = row + 5;

	shelf[at] = value;
	shelf[at + 1] = shelf[at];
	shelf[at + 30 - row % 8] = at;
	for (int32_t i = at; i <= at + 1; i++)
		ledger[at][i] = at;
	ledger[at][at - 1]++;
	ledger[at + 4][at] = shelf[at];
	total = total / 2 + 5;
}

PROCEDURE void successor(struct record *r)
{
	struct record *n = r->next;

	*n = *r;
	r->price = 5;
	n->price = r->price;
	n->next = r->next;
	if (n->kind == PART) {
		n->stock = add_fee(r->stock, n->price);
		n->kind = other_kind(r->kind, n->stock);
	} else {
		*r = *n;
	}
}

int main(int argc, char **argv)
{
	unsigned rounds = bench_size(argc, argv, 3500000);
	char first[31] = "DHRY CLASS, THE FIRST STRING..", second[31];
	int32_t a = 1, b = 2, c = 0;
	uint32_t sum = 0;

	pool[0].next = &pool[1];
	pool[0].price = 40;
	strcpy(pool[0].title, "DHRY CLASS, A RECORD'S TITLE..");
	for (unsigned r = 0; r < rounds; r++) {
		pool[0].kind = (enum kind)(r % KINDS);
		pool[0].next = &pool[1];
		pool[0].stock = (int32_t)(r & 255);
		a = 2;
		b = 3;
		strcpy(second, r & 1 ? "DHRY CLASS, ANOTHER STRING...." : "DHRY CLASS, THE OTHER STRING..");
		busy = !later(first, second);
		while (a < b) {
			c = 5 * a - b;
			c = add_fee(a, c);
			a++;
		}
		book((int32_t)(r % 10), c);
		successor(&pool[0]);
		for (char ch = 'A'; ch <= (char)('B' + busy); ch++) {
			if (same_letter(ch, 'C'))
				pool[1].kind = other_kind(PART, pool[1].stock);
		}
		b = b * a;
		a = b / (c | 1);
		b = 7 * (b - c) - a;
		sum = bench_mix(sum, (uint32_t)(a ^ b ^ total ^ pool[1].stock ^ (int32_t)pool[1].kind));
	}
	return bench_result("dhry", sum ^ (uint32_t)ledger[8][7]);
}
