/* SPDX-License-Identifier: MIT */
#include "emu/host/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include "emu/host/entropy.h"
#include "emu/kernel/machine.h"

/* Where a deterministic machine's calendar starts: 2026-01-01 00:00:00 UTC. */
#define DETERMINISTIC_EPOCH 1767225600000000000

struct clocks {
	uint64_t start;		/* host CLOCK_MONOTONIC, ns */
	int64_t offset;		/* what the guest set its calendar ahead */
	uint64_t skipped;	/* deterministic: time that passed without instructions, ns */
};

static uint64_t host_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

int clocks_new(struct machine *m)
{
	m->clocks = calloc(1, sizeof *m->clocks);
	if (!m->clocks)
		return -ENOMEM;
	m->clocks->start = host_ns(CLOCK_MONOTONIC);
	if (!entropy_new(m))
		return 0;
	clocks_free(m);
	return -ENOMEM;
}

void clocks_free(struct machine *m)
{
	entropy_free(m);
	free(m->clocks);
	m->clocks = NULL;
}

uint64_t clock_monotonic(struct machine *m)
{
	if (m->options.deterministic)
		return m->hart.instret + m->clocks->skipped;
	return host_ns(CLOCK_MONOTONIC) - m->clocks->start;
}

static int64_t calendar(struct machine *m)
{
	if (m->options.deterministic)
		return DETERMINISTIC_EPOCH + (int64_t)clock_monotonic(m);
	return (int64_t)host_ns(CLOCK_REALTIME);
}

int64_t clock_realtime(struct machine *m)
{
	return (int64_t)((uint64_t)calendar(m) + (uint64_t)m->clocks->offset);
}

void clock_set_realtime(struct machine *m, int64_t ns)
{
	m->clocks->offset = (int64_t)((uint64_t)ns - (uint64_t)calendar(m));
}

void clock_skip(struct machine *m, uint64_t until)
{
	uint64_t now;

	if (!m->options.deterministic)
		return;
	now = clock_monotonic(m);
	if (until > now)
		m->clocks->skipped += until - now;
}
