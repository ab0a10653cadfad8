/* SPDX-License-Identifier: MIT
 *
 * A ring of records over a ring of text: 256 KiB and 4096 records, whichever is full first loses its oldest.
 * Sequence numbers are consecutive, so a record is found by subtraction.
 */
#include "emu/kernel/klog.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "emu/host/clock.h"
#include "emu/kernel/log.h"
#include "emu/kernel/machine.h"
#include "emu/kernel/wait.h"

#define TEXT_SIZE (256u << 10)
#define RECORDS 4096u
#define LINE_MAX_ 1024u		/* LOG_LINE_MAX of kernel/printk: longer ones are cut */

struct record {
	uint64_t time_ns;
	uint32_t at, size;	/* in text[], the NUL included */
	enum klog_level level;
};

struct klog {
	struct record record[RECORDS];	/* by sequence number modulo RECORDS */
	uint64_t first, next;		/* sequence numbers */
	uint32_t end;			/* where the next text goes */
	struct wait_queue readers;
	char text[TEXT_SIZE];
};

int klog_new(struct machine *m)
{
	m->klog = calloc(1, sizeof *m->klog);
	return m->klog ? 0 : -ENOMEM;
}

void klog_free(struct machine *m)
{
	if (!m->klog)
		return;
	wait_queue_fini(&m->klog->readers);
	free(m->klog);
	m->klog = NULL;
}

/* Room for size bytes of text: the oldest records in the way are dropped. */
static uint32_t make_room(struct klog *k, uint32_t size)
{
	uint32_t at = k->end + size <= TEXT_SIZE ? k->end : 0;

	if (at != k->end) {
		/* What lies behind the jump is older than anything at the start. */
		while (k->first != k->next && k->record[k->first % RECORDS].at >= k->end)
			k->first++;
	}
	while (k->first != k->next) {
		const struct record *r = &k->record[k->first % RECORDS];

		if (k->next - k->first < RECORDS && (r->at >= at + size || r->at + r->size <= at))
			break;
		k->first++;
	}
	k->end = at + size;
	return at;
}

void klog(struct machine *m, enum klog_level level, const char *fmt, ...)
{
	struct klog *k = m->klog;
	char line[LINE_MAX_];
	struct record *r;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if (((int)level & 7) <= m->options.log_level)
		log_write(m, line);
	if (!k)
		return;
	if ((uint32_t)n >= sizeof line)
		n = sizeof line - 1;
	uint32_t at = make_room(k, (uint32_t)n + 1);

	memcpy(k->text + at, line, (uint32_t)n + 1);
	r = &k->record[k->next % RECORDS];
	*r = (struct record){ clock_monotonic(m), at, (uint32_t)n + 1, level };
	k->next++;
	wake_all(&k->readers);
}

int klog_read(struct machine *m, uint64_t seq, struct klog_record *out)
{
	const struct klog *k = m->klog;
	const struct record *r;

	if (seq < k->first)
		seq = k->first;
	if (seq >= k->next)
		return -EAGAIN;
	r = &k->record[seq % RECORDS];
	*out = (struct klog_record){ seq, r->time_ns, r->level, k->text + r->at };
	return 0;
}

uint64_t klog_next_seq(struct machine *m) { return m->klog->next; }
struct wait_queue *klog_wait(struct machine *m) { return &m->klog->readers; }
