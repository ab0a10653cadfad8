/* SPDX-License-Identifier: MIT
 * maps COUNT SIZE LIVE [touch]: pairs of mmap and munmap of SIZE bytes, with LIVE mappings of a page each around, every
 * other page between them free. With touch, a byte of each page is written. */
#include "rate.h"
#include <string.h>
#include <sys/mman.h>

#define PAGE 4096u

static char *get(size_t len)
{
	char *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return p;
}

static void put(char *p, size_t len)
{
	if (munmap(p, len)) {
		perror("munmap");
		exit(1);
	}
}

static void surround(long live)
{
	char **p = malloc(2 * (size_t)live * sizeof(*p));

	if (!p)
		exit(1);
	for (long i = 0; i < 2 * live; i++)
		p[i] = get(PAGE);
	for (long i = 0; i < live; i++)
		put(p[2 * i], PAGE);
	free(p);
}

int main(int argc, char **argv)
{
	size_t size = argc > 2 ? strtoul(argv[2], NULL, 0) : PAGE;
	int touch = argc > 4 && !strcmp(argv[4], "touch");
	long n;

	surround(argc > 3 ? atol(argv[3]) : 10);
	n = rate_begin(argc, argv, 100000);
	for (long i = 0; i < n; i++) {
		char *p = get(size);

		for (size_t at = 0; touch && at < size; at += PAGE)
			p[at] = 1;
		put(p, size);
	}
	return rate_end(n);
}
