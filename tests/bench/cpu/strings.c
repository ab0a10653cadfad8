/* SPDX-License-Identifier: MIT
 * String handling: words are split, compared, hashed, counted in a table and searched for. */
#include "bench.h"

#include <string.h>

#define TEXT 60000
#define BUCKETS 512

struct word {
	struct word *next;
	unsigned count;
	char text[12];
};

static char text[TEXT + 1];
static struct word *buckets[BUCKETS];
static struct word words[8192];
static unsigned word_count;

static void make_text(void)
{
	uint32_t seed = 4242;
	int at = 0;

	while (at < TEXT - 12) {
		uint32_t r = bench_random(&seed);
		int len = 2 + (int)(r % 7);

		for (int i = 0; i < len; i++)
			text[at++] = (char)('a' + (r >> (3 * i) & 7));
		text[at++] = r >> 28 ? ' ' : '\n';
	}
	text[at] = 0;
}

static void count_word(const char *start, size_t len)
{
	char word[12];
	uint32_t hash = 5381;
	struct word *w;

	memcpy(word, start, len);
	word[len] = 0;
	for (const char *p = word; *p; p++)
		hash = hash * 33 + (unsigned char)*p;
	for (w = buckets[hash % BUCKETS]; w; w = w->next) {
		if (strcmp(w->text, word) == 0) {
			w->count++;
			return;
		}
	}
	if (word_count == sizeof(words) / sizeof(words[0]))
		return;
	w = &words[word_count++];
	strcpy(w->text, word);
	w->count = 1;
	w->next = buckets[hash % BUCKETS];
	buckets[hash % BUCKETS] = w;
}

int main(int argc, char **argv)
{
	unsigned rounds = bench_size(argc, argv, 180);
	uint32_t sum = 0;

	make_text();
	for (unsigned r = 0; r < rounds; r++) {
		static const char *const needles[] = { "abcabc", "hgfe", "dead", "faced" };
		const char *p = text;

		while (*p) {
			size_t len = strcspn(p, " \n");

			if (len)
				count_word(p, len);
			p += len;
			p += strspn(p, " \n");
		}
		for (int i = 0; i < 4; i++) {
			for (p = text; (p = strstr(p, needles[i])); p++)
				sum++;
		}
		sum = bench_mix(sum, words[r % word_count].count + (uint32_t)strlen(text));
	}
	return bench_result("strings", sum);
}
