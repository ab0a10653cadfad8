/* SPDX-License-Identifier: MIT
 *
 * Random bytes: the host kernel's, drawn in batches; or, in a deterministic machine, those of xoshiro256**
 * (Blackman and Vigna) with its state filled by splitmix64 from a fixed seed.
 */
#include "emu/host/entropy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include "emu/host/clock.h"
#include "emu/kernel/machine.h"

struct entropy {
	uint64_t s[4];
	uint8_t batch[256];	/* the host's; used from the end */
	size_t left;
	bool generated;		/* by xoshiro: deterministic, or the host gives none */
};

static uint64_t splitmix(uint64_t *x)
{
	uint64_t z = *x += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static uint64_t rotl(uint64_t x, int k) { return x << k | x >> (64 - k); }

static uint64_t xoshiro(uint64_t s[4])
{
	uint64_t result = rotl(s[1] * 5, 7) * 9, t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotl(s[3], 45);
	return result;
}

static void seed(struct entropy *e, uint64_t x)
{
	for (int i = 0; i < 4; i++)
		e->s[i] = splitmix(&x);
	e->generated = true;
}

int entropy_new(struct machine *m)
{
	m->entropy = calloc(1, sizeof *m->entropy);
	if (!m->entropy)
		return -ENOMEM;
	if (m->options.deterministic)
		seed(m->entropy, 0x666c61743332);	/* "flat32" */
	return 0;
}

void entropy_free(struct machine *m)
{
	free(m->entropy);
	m->entropy = NULL;
}

/* The host's bytes.  False: it gives none (a kernel without the call). */
static bool host_bytes(void *dst, size_t len)
{
	uint8_t *p = dst;

	while (len) {
		ssize_t n = getrandom(p, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

static void generate(struct entropy *e, void *dst, size_t len)
{
	uint8_t *p = dst;

	while (len) {
		uint64_t x = xoshiro(e->s);
		size_t n = len < sizeof x ? len : sizeof x;

		memcpy(p, &x, n);
		p += n;
		len -= n;
	}
}

void entropy_bytes(struct machine *m, void *dst, size_t len)
{
	struct entropy *e = m->entropy;
	uint8_t *p = dst;

	while (len && !e->generated) {
		size_t n;

		if (len >= sizeof e->batch) {
			if (host_bytes(p, len))
				return;
		} else if (e->left || host_bytes(e->batch, sizeof e->batch)) {
			if (!e->left)
				e->left = sizeof e->batch;
			n = len < e->left ? len : e->left;
			e->left -= n;
			memcpy(p, e->batch + e->left, n);
			memset(e->batch + e->left, 0, n);
			p += n;
			len -= n;
			continue;
		}
		struct timespec ts;

		clock_gettime(CLOCK_MONOTONIC, &ts);
		seed(e, (uint64_t)ts.tv_sec << 32 ^ (uint64_t)ts.tv_nsec ^ (uintptr_t)e);
	}
	generate(e, p, len);
}

/* The host's generator needs nothing from us; ours takes it into its state. */
void entropy_mix(struct machine *m, const void *src, size_t len)
{
	struct entropy *e = m->entropy;
	const uint8_t *p = src;

	if (!e->generated)
		return;
	for (size_t i = 0; i < len; i++) {
		e->s[i % 4] ^= (uint64_t)p[i] << (i / 4 % 8 * 8);
		if (i % 32 == 31)
			xoshiro(e->s);
	}
	if (!(e->s[0] | e->s[1] | e->s[2] | e->s[3]))
		seed(e, len);	/* all zero is the one state it cannot leave */
	xoshiro(e->s);
}
