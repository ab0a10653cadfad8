/* SPDX-License-Identifier: MIT
 * A mixture of everyday integer code in the proportions of embedded benchmarks: a linked
 * list that is searched, reversed and merge-sorted; small matrices; a state machine that
 * classifies numbers in text; a 16-bit CRC over all results. */
#include "bench.h"

#include <string.h>

#define NODES 200
#define N 12
#define TEXT 600

struct node {
	struct node *next;
	int16_t key, data;
};

static struct node nodes[NODES];
static int16_t ma[N][N], mb[N][N];
static int32_t mc[N][N];
static char text[TEXT + 1];

static uint16_t crc16(uint16_t crc, uint32_t v)
{
	for (int i = 0; i < 16; i++) {
		crc = (uint16_t)((crc ^ v) & 1 ? crc >> 1 ^ 0xa001 : crc >> 1);
		v >>= 1;
	}
	return crc;
}

static struct node *merge(struct node *a, struct node *b)
{
	struct node head = { 0 }, *tail = &head;

	while (a && b) {
		struct node **smaller = a->key <= b->key ? &a : &b;

		tail->next = *smaller;
		tail = tail->next;
		*smaller = (*smaller)->next;
	}
	tail->next = a ? a : b;
	return head.next;
}

static struct node *sort(struct node *list)
{
	struct node *slow = list, *fast, *half;

	if (!list || !list->next)
		return list;
	for (fast = list->next; fast && fast->next; fast = fast->next->next)
		slow = slow->next;
	half = slow->next;
	slow->next = NULL;
	return merge(sort(list), sort(half));
}

static struct node *reverse(struct node *list)
{
	struct node *done = NULL;

	while (list) {
		struct node *next = list->next;

		list->next = done;
		done = list;
		list = next;
	}
	return done;
}

static uint16_t lists(struct node **list, uint16_t crc, unsigned round)
{
	for (int16_t key = 0; key < 10; key++) {
		struct node *n = *list;

		while (n && n->key != key * 19 + (int16_t)(round & 15))
			n = n->next;
		crc = crc16(crc, n ? (uint16_t)n->data : 0x55aa);
	}
	*list = reverse(*list);
	for (struct node *n = *list; n; n = n->next)
		n->key = (int16_t)(n->key ^ (round & 31));
	*list = sort(*list);
	return crc16(crc, (uint16_t)(*list)->key);
}

static uint16_t matrices(uint16_t crc, unsigned round)
{
	int32_t sum = 0;

	for (int i = 0; i < N; i++) {
		for (int j = 0; j < N; j++) {
			int32_t v = 0;

			for (int k = 0; k < N; k++)
				v += ma[i][k] * mb[k][j];
			mc[i][j] = v;
		}
	}
	for (int i = 0; i < N; i++) {
		for (int j = 0; j < N; j++) {
			sum += mc[i][j] > (int32_t)round * 10 ? 10 : mc[i][j] >> 5 & 7;
			ma[i][j] = (int16_t)(ma[i][j] + (mc[j][i] >> 9 & 1));
		}
	}
	return crc16(crc, (uint32_t)sum);
}

enum state { START, SIGN, INTEGER, POINT, FRACTION, EXPONENT, POWER, INVALID, STATES };

static enum state step(enum state s, char c)
{
	int digit = c >= '0' && c <= '9';

	switch (s) {
	case START:
		return digit ? INTEGER : c == '+' || c == '-' ? SIGN : c == '.' ? POINT : INVALID;
	case SIGN:
		return digit ? INTEGER : c == '.' ? POINT : INVALID;
	case INTEGER:
		return digit ? INTEGER : c == '.' ? POINT : c == 'e' ? EXPONENT : INVALID;
	case POINT: case FRACTION:
		return digit ? FRACTION : c == 'e' ? EXPONENT : INVALID;
	case EXPONENT:
		return digit || c == '-' ? POWER : INVALID;
	case POWER:
		return digit ? POWER : INVALID;
	default:
		return INVALID;
	}
}

static uint16_t machine(uint16_t crc)
{
	unsigned ends[STATES] = { 0 };
	enum state s = START;

	for (const char *p = text; *p; p++) {
		if (*p == ',') {
			ends[s]++;
			s = START;
		} else {
			s = step(s, *p);
		}
	}
	for (int i = 0; i < STATES; i++)
		crc = crc16(crc, ends[i]);
	return crc;
}

int main(int argc, char **argv)
{
	static const char *const samples[] = { "5012", "-12.5", "+.5e7", "1.2e-3", "x", "77e", "--4", "123456" };
	unsigned rounds = bench_size(argc, argv, 35000);
	uint32_t seed = 31415;
	struct node *list = nodes;
	uint16_t crc = 0;

	for (int i = 0; i < NODES; i++) {
		nodes[i].key = (int16_t)(bench_random(&seed) & 255);
		nodes[i].data = (int16_t)bench_random(&seed);
		nodes[i].next = i + 1 < NODES ? &nodes[i + 1] : NULL;
	}
	for (int i = 0; i < N * N; i++) {
		ma[i / N][i % N] = (int16_t)(bench_random(&seed) & 63);
		mb[i / N][i % N] = (int16_t)(bench_random(&seed) & 63);
	}
	for (size_t at = 0; at < TEXT - 8;) {
		strcpy(text + at, samples[bench_random(&seed) & 7]);
		at += strlen(text + at);
		text[at++] = ',';
		text[at] = 0;
	}
	for (unsigned r = 0; r < rounds; r++) {
		crc = lists(&list, crc, r);
		crc = matrices(crc, r);
		crc = machine(crc);
	}
	return bench_result("mix", crc);
}
